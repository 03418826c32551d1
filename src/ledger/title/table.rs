//! Registrations that stand, one row each. Most pictures are registered and never sold, so this is what bounds the memory
//! of an audit: about a dozen bytes a registration stay in memory, the rows go where there is room.
//!
//! What is kept in memory is a part of a keyed hash of the asset id and the number of the row; the row itself decides.

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::asset::Mark;
use super::keys::{KeyNo, Keys};
use crate::base::statement::Mining;
use crate::ledger::hash::LeafHash;
use crate::ledger::spill::{Room, Spill};
use crate::ledger::tree::LeafIndex;

/// A registration by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowNo(u32);

/// One registration that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Row {
    pub(super) leaf: LeafHash,
    pub(super) asset_id: [u8; 16],
    pub(super) index: LeafIndex,
    pub(super) key: KeyNo,
    pub(super) mining: Option<Mining>,
}

impl Row {
    pub(super) fn mark(&self, keys: &Keys) -> Mark {
        Mark {
            index: self.index,
            leaf: self.leaf,
            key: self.key,
            by: keys.identity(self.key),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.leaf.as_bytes());
        out.extend_from_slice(&self.asset_id);
        out.extend_from_slice(&self.index.0.to_le_bytes());
        out.extend_from_slice(&self.key.number().to_le_bytes());
        out.extend_from_slice(&[self.mining.map_or(0, Mining::code), 0, 0, 0]);
    }

    fn read(bytes: &[u8; ROW_LEN]) -> Option<Self> {
        let (leaf, rest) = bytes.split_first_chunk()?;
        let (asset_id, rest) = rest.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_first_chunk()?;
        Some(Self {
            leaf: LeafHash::from_bytes(*leaf),
            asset_id: *asset_id,
            index: LeafIndex(u64::from_le_bytes(*index)),
            key: KeyNo::from_number(u32::from_le_bytes(*key)),
            mining: Mining::from_code(*rest.first()?),
        })
    }
}

/// All registrations that stand, in the order of the log.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Rows,
    assets: Slots,
}

impl Table {
    /// A table whose rows go where there is room.
    pub(super) fn in_room(room: Arc<dyn Room>) -> Self {
        let rows = Rows {
            room: Some(room),
            ..Rows::default()
        };
        Self {
            rows,
            assets: Slots::default(),
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.rows.len()
    }

    /// Why rows could not be kept or read again, once: what was answered since is not to be relied on.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        let mut failure = self.rows.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }

    /// The first registration of an asset id.
    pub(super) fn find(&self, asset_id: &[u8; 16]) -> Option<Row> {
        self.assets.find(asset_id, |no| {
            self.rows.get(no).filter(|row| row.asset_id == *asset_id)
        })
    }

    /// The registration that stands at an index.
    pub(super) fn at(&self, index: LeafIndex) -> Option<Row> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            let row = self.rows.get(RowNo(middle))?;
            match row.index.cmp(&index) {
                std::cmp::Ordering::Equal => return Some(row),
                std::cmp::Ordering::Less => from = middle.saturating_add(1),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// Some rows from this one on; none after the last, nor when they cannot be read, which [`Table::take_failure`] tells.
    pub(super) fn some(&self, from: u32, most: u32) -> Vec<Row> {
        self.rows.some(from, most)
    }

    /// Adds a registration that stands; whether it is the first of its asset id is known.
    pub(super) fn add(&mut self, row: Row, is_first: bool) {
        let no = RowNo(self.len());
        self.rows.push(row);
        if is_first {
            self.assets.insert(&row.asset_id, no);
        }
    }
}

/// Rows in their order: the latest ones in memory, those before where there is room.
#[derive(Debug, Default)]
struct Rows {
    /// Without it, all of them stay in memory.
    room: Option<Arc<dyn Room>>,
    outside: Option<Box<dyn Spill>>,
    outside_len: u32,
    latest: Vec<Row>,
    failure: Mutex<Option<io::Error>>,
}

impl Rows {
    fn len(&self) -> u32 {
        let latest = u32::try_from(self.latest.len()).unwrap_or(u32::MAX);
        self.outside_len.saturating_add(latest)
    }

    fn get(&self, no: RowNo) -> Option<Row> {
        match (no.0.checked_sub(self.outside_len), &self.outside) {
            (Some(at), _) => self.latest.get(usize::try_from(at).ok()?).copied(),
            (None, outside) => {
                let mut bytes = [0; ROW_LEN];
                let at = u64::from(no.0).saturating_mul(ROW_BYTES);
                match outside.as_ref()?.read(at, &mut bytes) {
                    Ok(()) => Row::read(&bytes),
                    Err(error) => {
                        self.fail(error);
                        None
                    }
                }
            }
        }
    }

    /// Rows that lie together: some of those outside, or of the latest.
    fn some(&self, from: u32, most: u32) -> Vec<Row> {
        let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let outside = self.outside_len.saturating_sub(from).min(most);
        let Some(room) = self.outside.as_ref().filter(|_| outside > 0) else {
            let before = from.saturating_sub(self.outside_len);
            return self
                .latest
                .iter()
                .skip(at(before))
                .take(at(most))
                .copied()
                .collect();
        };
        let mut bytes = vec![0; at(outside).saturating_mul(ROW_LEN)];
        match room.read(u64::from(from).saturating_mul(ROW_BYTES), &mut bytes) {
            Ok(()) => bytes.as_chunks().0.iter().filter_map(Row::read).collect(),
            Err(error) => {
                self.fail(error);
                Vec::new()
            }
        }
    }

    fn push(&mut self, row: Row) {
        self.latest.push(row);
        if self.latest.len() >= LATEST_MAX
            && let Some(room) = self.room.clone()
            && let Err(error) = self.move_out(room.as_ref())
        {
            self.fail(error);
            // No second try: what is said from here on is void.
            self.room = None;
        }
    }

    fn move_out(&mut self, room: &dyn Room) -> io::Result<()> {
        let outside = match self.outside.take() {
            Some(outside) => self.outside.insert(outside),
            None => self.outside.insert(room.open()?),
        };
        let mut bytes = Vec::with_capacity(self.latest.len().saturating_mul(ROW_LEN));
        for row in &self.latest {
            row.write(&mut bytes);
        }
        outside.append(&bytes)?;
        self.outside_len = self.len();
        self.latest.clear();
        Ok(())
    }

    fn fail(&self, error: io::Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }
}

/// Row numbers by the asset id of their row, in many small tables of open addressing: each grows by a quarter when it is
/// full, so memory never doubles at once. The ids may be chosen by an attacker, so their places are drawn by a keyed hash.
#[derive(Debug, Default)]
struct Slots {
    /// None yet, or [`PARTS`].
    parts: Vec<Part>,
    hasher: RandomState,
}

#[derive(Clone, Debug, Default)]
struct Part {
    /// Tags in the order of their places, where the next one is taken when one is not free.
    slots: Vec<Slot>,
    used: usize,
}

/// A tag and a row; [`Slot::FREE`] where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    tag: u32,
    row: u32,
}

impl Slot {
    const FREE: Self = Self {
        tag: 0,
        row: u32::MAX,
    };
}

impl Slots {
    /// The part and the tag of a key: bits of its hash that do not overlap.
    fn place(&self, key: &[u8; 16]) -> (usize, u32) {
        let hash = self.hasher.hash_one(u128::from_le_bytes(*key)).to_le_bytes();
        let [a, b, c, d, part, ..] = hash;
        (usize::from(part), u32::from_le_bytes([a, b, c, d]))
    }

    /// The first answer of `is_it` about a row that may be the key's.
    fn find<T>(&self, key: &[u8; 16], is_it: impl Fn(RowNo) -> Option<T>) -> Option<T> {
        let (part, tag) = self.place(key);
        self.parts.get(part)?.of(tag).find_map(is_it)
    }

    /// Adds a row whose key is not there yet.
    fn insert(&mut self, key: &[u8; 16], no: RowNo) {
        if self.parts.is_empty() {
            self.parts.resize(PARTS, Part::default());
        }
        let (part, tag) = self.place(key);
        if let Some(part) = self.parts.get_mut(part) {
            part.insert(Slot { tag, row: no.0 });
        }
    }
}

impl Part {
    /// Where a tag would be: places ascend with tags.
    fn start(&self, tag: u32) -> usize {
        let len = u64::try_from(self.slots.len()).unwrap_or(0);
        let at = u64::from(tag).saturating_mul(len) >> 32;
        usize::try_from(at).unwrap_or(0)
    }

    /// The rows under a tag.
    fn of(&self, tag: u32) -> impl Iterator<Item = RowNo> {
        let (before, after) = self.slots.split_at(self.start(tag).min(self.slots.len()));
        let around = after.iter().chain(before);
        let taken = around.take_while(|slot| **slot != Slot::FREE);
        taken
            .filter(move |slot| slot.tag == tag)
            .map(|slot| RowNo(slot.row))
    }

    fn insert(&mut self, slot: Slot) {
        if self.used.saturating_mul(5) >= self.slots.len().saturating_mul(4) {
            let len = self.slots.len();
            let longer = len.saturating_add(len / 4).saturating_add(8);
            let old = std::mem::replace(&mut self.slots, vec![Slot::FREE; longer]);
            for slot in old.into_iter().filter(|slot| *slot != Slot::FREE) {
                self.put(slot);
            }
        }
        self.put(slot);
        self.used = self.used.saturating_add(1);
    }

    fn put(&mut self, slot: Slot) {
        let start = self.start(slot.tag).min(self.slots.len());
        let (before, after) = self.slots.split_at_mut(start);
        if let Some(free) = after.iter_mut().chain(before).find(|slot| **slot == Slot::FREE) {
            *free = slot;
        }
    }
}

const PARTS: usize = 256;
const ROW_LEN: usize = 64;
const ROW_BYTES: u64 = 64;
/// Rows that stay in memory at most where there is room for others: 8 MiB.
const LATEST_MAX: usize = 1 << 17;

#[cfg(test)]
mod tests;
