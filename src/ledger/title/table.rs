//! Registrations that nothing else has touched, packed: about 100 bytes each. Most pictures are registered and never
//! sold, so this is what bounds the memory of an audit.

use std::hash::{BuildHasher as _, RandomState};

use super::asset::Mark;
use super::keys::{KeyNo, Keys};
use crate::base::statement::{Mining, Role};
use crate::base::{Digest, SourceType};
use crate::ledger::body::Registration;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// A registration by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowNo(u32);

/// One registration that stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    leaf: LeafHash,
    asset_id: [u8; 16],
    /// Half of the content digest. Who finds another file with the same half contests nothing but his own claim.
    content: [u8; 16],
    index: LeafIndex,
    key: KeyNo,
    /// Of the first registration of a content the latest one; of the others the one before.
    link: RowNo,
    source: u8,
    role: u8,
    mining: u8,
    flags: u8,
}

/// Another entry is about the same asset: its state is kept elsewhere.
const TOUCHED: u8 = 1;
/// Another identity registered the same content before.
const CONTESTED: u8 = 2;
/// Some identity beside the first one has registered this content; set on the first row of a content.
const BY_OTHERS: u8 = 4;

/// All registrations that stand, in the order of the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    chunks: Vec<Vec<Row>>,
    assets: Slots,
    contents: Slots,
    contested: u64,
}

impl Row {
    pub(super) const fn index(&self) -> LeafIndex {
        self.index
    }

    pub(super) const fn leaf(&self) -> &LeafHash {
        &self.leaf
    }

    pub(super) const fn asset_id(&self) -> &[u8; 16] {
        &self.asset_id
    }

    pub(super) const fn is_touched(&self) -> bool {
        self.flags & TOUCHED != 0
    }

    pub(super) const fn is_contested(&self) -> bool {
        self.flags & CONTESTED != 0
    }

    pub(super) fn mining(&self) -> Option<Mining> {
        Mining::from_code(self.mining)
    }

    pub(super) fn role(&self) -> Option<Role> {
        Role::from_code(self.role)
    }

    pub(super) fn source(&self) -> Option<SourceType> {
        SourceType::from_code(self.source)
    }

    pub(super) fn mark(&self, keys: &Keys) -> Mark {
        Mark {
            index: self.index,
            leaf: self.leaf,
            key: self.key,
            by: keys.identity(self.key),
        }
    }
}

impl Table {
    pub(super) fn len(&self) -> usize {
        match self.chunks.split_last() {
            None => 0,
            Some((last, full)) => full.len().saturating_mul(CHUNK).saturating_add(last.len()),
        }
    }

    /// Registrations of content that another identity had registered before.
    pub(super) const fn contested(&self) -> u64 {
        self.contested
    }

    /// The first registration of an asset id.
    pub(super) fn find(&self, asset_id: &[u8; 16]) -> Option<RowNo> {
        self.assets.find(asset_id, |no| {
            self.row(no).is_some_and(|row| row.asset_id == *asset_id)
        })
    }

    /// The registration that stands at an index.
    pub(super) fn at(&self, index: LeafIndex) -> Option<&Row> {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.first().is_some_and(|row| row.index <= index));
        let chunk = self.chunks.get(chunk.checked_sub(1)?)?;
        let at = chunk.binary_search_by_key(&index, |row| row.index).ok()?;
        chunk.get(at)
    }

    pub(super) fn row(&self, no: RowNo) -> Option<&Row> {
        row_in(&self.chunks, no)
    }

    pub(super) fn touch(&mut self, no: RowNo) {
        if let Some(row) = self.row_mut(no) {
            row.flags |= TOUCHED;
        }
    }

    /// Adds a registration that stands.
    pub(super) fn add(&mut self, mark: Mark, body: &Registration, keys: &Keys) -> RowNo {
        let no = RowNo(u32::try_from(self.len()).unwrap_or(u32::MAX));
        let mut row = Row {
            leaf: mark.leaf,
            asset_id: body.asset_id,
            content: half(&body.content),
            index: mark.index,
            key: mark.key,
            link: no,
            source: body.source.code(),
            role: body.role.map_or(0, Role::code),
            mining: body.mining.map_or(0, Mining::code),
            flags: 0,
        };
        let first = self.first_of(&row.content);
        if let Some(first) = first.and_then(|first| self.row_mut(first)) {
            row.link = std::mem::replace(&mut first.link, no);
            if keys.identity(first.key) != mark.by {
                first.flags |= BY_OTHERS;
            }
            if first.flags & BY_OTHERS != 0 {
                row.flags = CONTESTED;
                self.contested = self.contested.saturating_add(1);
            }
        }
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(row),
            // The first chunk grows, for small logs; the others are made whole.
            last => {
                let capacity = if last.is_none() { 0 } else { CHUNK };
                let mut chunk = Vec::with_capacity(capacity);
                chunk.push(row);
                self.chunks.push(chunk);
            }
        }
        let chunks = &self.chunks;
        if first.is_none() {
            self.contents
                .insert(no, |no| row_in(chunks, no).map_or([0; 16], |row| row.content));
        }
        if self.find(&row.asset_id).is_none() {
            self.assets
                .insert(no, |no| row_in(chunks, no).map_or([0; 16], |row| row.asset_id));
        }
        no
    }

    /// Registrations of a content, earliest first.
    pub(super) fn of_content(&self, content: &Digest) -> Vec<&Row> {
        let mut found = Vec::new();
        let Some(first) = self.first_of(&half(content)) else {
            return found;
        };
        let mut next = self.row(first).map_or(first, |row| row.link);
        while next != first {
            let Some(row) = self.row(next) else { break };
            found.push(row);
            next = row.link;
        }
        found.extend(self.row(first));
        found.reverse();
        found
    }

    fn first_of(&self, content: &[u8; 16]) -> Option<RowNo> {
        self.contents.find(content, |no| {
            self.row(no).is_some_and(|row| row.content == *content)
        })
    }

    fn row_mut(&mut self, no: RowNo) -> Option<&mut Row> {
        let no = usize::try_from(no.0).ok()?;
        self.chunks.get_mut(no / CHUNK)?.get_mut(no % CHUNK)
    }
}

fn row_in(chunks: &[Vec<Row>], no: RowNo) -> Option<&Row> {
    let no = usize::try_from(no.0).ok()?;
    chunks.get(no / CHUNK)?.get(no % CHUNK)
}

/// Row numbers by a key of their row, in a table of open addressing. The keys may be chosen by an attacker, so their
/// places are drawn by a keyed hash.
#[derive(Clone, Debug, Default)]
struct Slots {
    /// A row number and one; 0 where there is none.
    places: Vec<u32>,
    used: usize,
    hasher: RandomState,
}

impl Slots {
    fn find(&self, key: &[u8; 16], is_it: impl Fn(RowNo) -> bool) -> Option<RowNo> {
        let mut at = self.start(key)?;
        loop {
            let no = RowNo(self.places.get(at)?.checked_sub(1)?);
            if is_it(no) {
                return Some(no);
            }
            at = self.after(at);
        }
    }

    /// Adds a row whose key is not there yet.
    fn insert(&mut self, no: RowNo, key_of: impl Fn(RowNo) -> [u8; 16]) {
        if self.used.saturating_mul(4) >= self.places.len().saturating_mul(3) {
            self.grow(&key_of);
        }
        self.place(no, &key_of(no));
        self.used = self.used.saturating_add(1);
    }

    fn grow(&mut self, key_of: &impl Fn(RowNo) -> [u8; 16]) {
        let len = self.places.len().saturating_mul(2).max(64);
        let old = std::mem::replace(&mut self.places, vec![0; len]);
        for no in old.into_iter().filter_map(|slot| slot.checked_sub(1)) {
            self.place(RowNo(no), &key_of(RowNo(no)));
        }
    }

    fn place(&mut self, no: RowNo, key: &[u8; 16]) {
        let Some(mut at) = self.start(key) else { return };
        while self.places.get(at).is_some_and(|slot| *slot != 0) {
            at = self.after(at);
        }
        if let Some(slot) = self.places.get_mut(at) {
            *slot = no.0.saturating_add(1);
        }
    }

    /// Where a key's place would be; `None` in an empty table. The length is a power of two.
    fn start(&self, key: &[u8; 16]) -> Option<usize> {
        let mask = self.places.len().checked_sub(1)?;
        let hash = self.hasher.hash_one(u128::from_le_bytes(*key));
        usize::try_from(hash & u64::try_from(mask).ok()?).ok()
    }

    fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.places.len().wrapping_sub(1)
    }
}

fn half(digest: &Digest) -> [u8; 16] {
    let (first, _) = digest.as_bytes().split_at(16);
    first.try_into().unwrap_or([0; 16])
}

/// Rows of one allocation: adding one never moves the others.
const CHUNK: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;

    fn row_key(no: RowNo) -> [u8; 16] {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&no.0.to_le_bytes());
        key
    }

    #[test]
    fn slots_find_what_was_inserted_and_nothing_else() {
        let mut slots = Slots::default();
        assert_eq!(slots.find(&[0; 16], |_| true), None);
        for no in 0..5000 {
            slots.insert(RowNo(no), row_key);
        }
        for no in 0..6000 {
            let key = row_key(RowNo(no));
            let found = slots.find(&key, |found| row_key(found) == key);
            assert_eq!(found, (no < 5000).then_some(RowNo(no)), "{no}");
        }
    }

    #[test]
    fn a_row_takes_few_bytes() {
        assert!(size_of::<Row>() <= 88, "{}", size_of::<Row>());
    }
}
