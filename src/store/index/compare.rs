//! The files of an index against the entries they were made from.

use super::run::Reader;
use super::{Index, Record, records};
use crate::base::Digest;
use crate::ledger::{Entry, LeafHash, LeafIndex};

/// A comparison under way: it is told every entry in order. Of each run it keeps one sum, so memory stays small.
pub(in crate::store) struct Comparison<'a> {
    index: &'a Index,
    /// What the records of each run should sum to.
    sums: Vec<u128>,
    are_places_right: bool,
    next: u64,
}

impl<'a> Comparison<'a> {
    pub(in crate::store) fn new(index: &'a Index) -> Self {
        Self {
            index,
            sums: vec![0; index.runs.len()],
            are_places_right: true,
            next: 0,
        }
    }

    pub(in crate::store) fn entry(&mut self, offset: u64, id: LeafHash, entry: Option<&Entry>) {
        let at = LeafIndex(self.next);
        self.next = self.next.saturating_add(1);
        self.are_places_right &=
            self.index.offset(at) == Some(offset) && self.index.places.leaf(at.0) == Some(id);
        let run = self.index.runs.partition_point(|run| run.info().end <= at.0);
        let (Some(sum), Some(entry)) = (self.sums.get_mut(run), entry) else {
            return;
        };
        let mut own = Vec::new();
        records(&id, entry, |key| own.push(Record::new(key, at.0)));
        own.sort_unstable();
        own.dedup();
        *sum = own.into_iter().map(term).fold(*sum, u128::wrapping_add);
    }

    /// Whether the index holds for each entry what it should, and nothing else.
    pub(in crate::store) fn is_right(&self) -> bool {
        let are_runs_right = self.index.runs.iter().zip(&self.sums).all(|(run, wanted)| {
            let mut reader = Reader::new(run);
            let mut sum = 0u128;
            while let Some(record) = reader.peek() {
                sum = sum.wrapping_add(term(record));
                reader.advance();
            }
            reader.is_sound() && sum == *wanted
        });
        self.are_places_right && are_runs_right && self.next == self.index.size().0
    }
}

/// Half a digest of a record: sums of them are equal only for equal sets, but by a chance of one in 2^128.
fn term(record: Record) -> u128 {
    let digest = Digest::of(&record.to_bytes());
    let half = digest.as_bytes().first_chunk::<16>();
    u128::from_be_bytes(*half.unwrap_or(&[0; 16]))
}
