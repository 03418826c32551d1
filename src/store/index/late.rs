//! Records that no run has yet, in memory: a few sorted lists, each at least four times as long as the next, so that
//! adding costs a few moves a record and a look-up asks a few lists.

use super::{Record, RecordKey};

#[derive(Debug, Default)]
pub(super) struct Late {
    lists: Vec<Vec<Record>>,
    /// Added since the last [`Late::sort`].
    new: Vec<Record>,
}

impl Late {
    /// Adds a record. It is found only after [`Late::sort`].
    pub(super) fn add(&mut self, record: Record) {
        self.new.push(record);
    }

    pub(super) fn sort(&mut self) {
        if self.new.is_empty() {
            return;
        }
        let mut list = std::mem::take(&mut self.new);
        list.sort_unstable();
        while let Some(longer) = self
            .lists
            .pop_if(|longer| longer.len() < list.len().saturating_mul(4))
        {
            list.extend(longer);
            // Two lists in order: the stable sort sees that and merges them.
            list.sort();
        }
        self.lists.push(list);
    }

    /// Adds all records of a key.
    pub(super) fn find(&self, key: RecordKey, found: &mut Vec<Record>) {
        for list in &self.lists {
            let from = list.partition_point(|record| *record < key.first());
            let rest = list.get(from..).unwrap_or_default();
            found.extend(rest.iter().take_while(|record| **record <= key.last()));
        }
    }

    /// Forgets the records of entries at or beyond `size`.
    pub(super) fn truncate(&mut self, size: u64) {
        self.sort();
        for list in &mut self.lists {
            list.retain(|record| record.index() < size);
        }
    }

    /// The records of entries below `size`, sorted.
    pub(super) fn below(&mut self, size: u64) -> Vec<Record> {
        self.sort();
        let all = self.lists.iter().flatten();
        let mut below: Vec<Record> = all.copied().filter(|record| record.index() < size).collect();
        below.sort();
        below
    }

    /// Forgets the records of entries below `size`: a run has them now.
    pub(super) fn forget_below(&mut self, size: u64) {
        for list in &mut self.lists {
            list.retain(|record| record.index() >= size);
        }
        self.lists.retain(|list| !list.is_empty());
    }
}
