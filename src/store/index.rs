//! Where things stand in a ledger: derived from its entries, never trusted. What the index file covers is read from it
//! page by page; what came later is held in memory.

use std::collections::HashMap;
use std::path::Path;

use super::durable::DurableError;
use super::index_file::{self, IndexFile, Parts};
use crate::base::{Digest, Timestamp};
use crate::keys::{KeyId, PublicKey};
use crate::ledger::tree::{CompactRange, Subtrees};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, NodeHash, Subject, TreeSize};

/// What a record of the index is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Asset,
    Content,
    Entry,
    File,
    Key,
    Manifest,
    Pixel,
}

/// A topic and 80 bits of a hash, in the upper 11 bytes; the lower five are zero and make room for an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RecordKey(u128);

impl RecordKey {
    pub(super) fn new(topic: Topic, hash: &[u8; 32]) -> Self {
        let mut key = [0; 16];
        key[0] = match topic {
            Topic::Asset => 1,
            Topic::Content => 3,
            Topic::Entry => 4,
            Topic::File => 5,
            Topic::Manifest => 6,
            Topic::Pixel => 7,
            Topic::Key => 8,
        };
        key[1..11].copy_from_slice(&hash[..10]);
        Self(u128::from_be_bytes(key))
    }

    pub(super) fn asset(asset_id: &[u8; 16]) -> Self {
        Self::new(Topic::Asset, Digest::of(asset_id).as_bytes())
    }

    pub(super) fn key(id: &KeyId) -> Self {
        Self::new(Topic::Key, id.as_bytes())
    }

    const fn last(self) -> u128 {
        self.0 | INDEX_MAX
    }
}

/// The index of a ledger.
#[derive(Debug, Default)]
pub(super) struct Index {
    base: Option<IndexFile>,
    /// Offsets and leaves of what the base does not cover.
    offsets: Vec<u64>,
    leaves: Vec<LeafHash>,
    /// Records found while opening, sorted by `settle`.
    sorted: Vec<u128>,
    recent: HashMap<RecordKey, Vec<u64>>,
    keys: HashMap<KeyId, (PublicKey, LeafIndex)>,
}

impl Index {
    /// Begins with what an index file covers.
    pub(super) fn over(base: IndexFile) -> Self {
        let keys = base
            .keys()
            .iter()
            .map(|(key, index)| (key.key_id(), (*key, *index)))
            .collect();
        Self {
            base: Some(base),
            keys,
            ..Self::default()
        }
    }

    /// Adds the next entry, during the scan.
    pub(super) fn scanned(&mut self, offset: u64, id: LeafHash, entry: Option<&Entry>) {
        let index = self.place(offset, id);
        let Some(entry) = entry else { return };
        self.key_of(index, entry);
        let sorted = &mut self.sorted;
        records(&id, entry, |key| sorted.push(record(key, index)));
    }

    /// Adds the next entry, after an append.
    pub(super) fn appended(&mut self, offset: u64, id: LeafHash, entry: &Entry) {
        let index = self.place(offset, id);
        self.key_of(index, entry);
        let recent = &mut self.recent;
        records(&id, entry, |key| recent.entry(key).or_default().push(index));
    }

    /// Forgets what lies at or beyond `size`, and sorts.
    pub(super) fn settle(&mut self, size: u64) {
        let len = usize::try_from(size.saturating_sub(self.covered())).unwrap_or(usize::MAX);
        self.offsets.truncate(len);
        self.leaves.truncate(len);
        self.sorted.retain(|record| index_of(*record) < size);
        self.keys.retain(|_, (_, index)| index.0 < size);
        self.sorted.sort_unstable();
    }

    /// Indexes that may hold what is looked for, ascending.
    pub(super) fn candidates(&self, key: RecordKey) -> Vec<LeafIndex> {
        let mut found = self
            .base
            .as_ref()
            .map_or_else(Vec::new, |base| base.records(key.0, key.last()));
        let from = self.sorted.partition_point(|record| *record < key.0);
        found.extend(
            self.sorted
                .iter()
                .skip(from)
                .take_while(|record| **record <= key.last()),
        );
        let old = found.into_iter().map(index_of);
        let new = self.recent.get(&key).into_iter().flatten().copied();
        old.chain(new).map(LeafIndex).collect()
    }

    pub(super) fn offset(&self, index: LeafIndex) -> Option<u64> {
        match index.0.checked_sub(self.covered()) {
            Some(late) => self.offsets.get(usize::try_from(late).ok()?).copied(),
            None => self.base.as_ref()?.offset(index.0),
        }
    }

    /// The leaf of an entry that was hashed on the way to a commit that verified, so that it needs no further proof.
    pub(super) fn scanned_leaf(&self, index: LeafIndex) -> Option<LeafHash> {
        let late = index.0.checked_sub(self.covered())?;
        self.leaves.get(usize::try_from(late).ok()?).copied()
    }

    fn leaf(&self, index: LeafIndex) -> Option<LeafHash> {
        if index.0 < self.covered() {
            self.base.as_ref()?.leaf(index.0)
        } else {
            self.scanned_leaf(index)
        }
    }

    /// Where the entry with this id stands.
    pub(super) fn find(&self, id: &LeafHash) -> Option<LeafIndex> {
        let candidates = self.candidates(RecordKey::new(Topic::Entry, id.as_bytes()));
        candidates
            .into_iter()
            .find(|index| self.leaf(*index) == Some(*id))
    }

    pub(super) fn public_key(&self, id: &KeyId) -> Option<PublicKey> {
        self.keys.get(id).map(|(key, _)| *key)
    }

    /// Whether enough came since the index file was written to write it anew.
    pub(super) fn is_worth_writing(&self) -> bool {
        let late = u64::try_from(self.leaves.len()).unwrap_or(u64::MAX);
        late >= LATE_MIN.max(self.covered() / 8)
    }

    /// Writes the index file anew.
    pub(super) fn write(&self, ledger: &Path, commit: u64, latest: Timestamp) -> Result<(), DurableError> {
        let base = match &self.base {
            Some(base) => base.all(),
            None => Some((Vec::new(), Vec::new(), Vec::new())),
        };
        // An index file that cannot be read whole is not built upon; it is deleted, and the next opening scans.
        let Some((mut offsets, mut leaves, mut all)) = base else {
            let _ = std::fs::remove_file(index_file::path(ledger));
            return Ok(());
        };
        offsets.extend_from_slice(&self.offsets);
        leaves.extend_from_slice(&self.leaves);
        all.extend_from_slice(&self.sorted);
        for (key, indexes) in &self.recent {
            all.extend(indexes.iter().map(|index| record(*key, *index)));
        }
        all.sort_unstable();
        let mut keys: Vec<_> = self.keys.values().copied().collect();
        keys.sort_unstable_by_key(|(_, index)| *index);
        let parts = Parts {
            commit,
            latest,
            keys: &keys,
            offsets: &offsets,
            leaves: &leaves,
            records: &all,
        };
        index_file::write(ledger, &parts)
    }

    fn covered(&self) -> u64 {
        self.base.as_ref().map_or(0, |base| base.head().size.0)
    }

    fn place(&mut self, offset: u64, id: LeafHash) -> u64 {
        let late = u64::try_from(self.offsets.len()).unwrap_or(u64::MAX);
        self.offsets.push(offset);
        self.leaves.push(id);
        self.covered().saturating_add(late)
    }

    fn key_of(&mut self, index: u64, entry: &Entry) {
        if let EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_) = entry.body()
            && let Some(key) = entry.body().own_key()
        {
            self.keys.entry(entry.signer()).or_insert((key, LeafIndex(index)));
        }
    }
}

/// The index file's subtrees, and those that what came later completes.
impl Subtrees for Index {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        let covered = self.covered();
        let start = index.checked_mul(1u64.checked_shl(level)?)?;
        let end = start.checked_add(1u64.checked_shl(level)?)?;
        if end <= covered {
            return self.base.as_ref()?.subtree(level, index);
        }
        let mut range = CompactRange::new();
        if let Some(old) = covered.checked_sub(start).filter(|old| *old > 0) {
            let base = self.base.as_ref()?;
            let mut nodes = Vec::new();
            let mut at = start;
            for level in (0..level).rev().filter(|level| old >> level & 1 == 1) {
                nodes.push(base.subtree(level, at >> level)?);
                at = at.checked_add(1 << level)?;
            }
            range = CompactRange::from_parts(TreeSize(old), nodes)?;
        }
        let place = |index: u64| usize::try_from(index.saturating_sub(covered)).ok();
        let late = self.leaves.get(place(start.max(covered))?..place(end)?)?;
        for leaf in late {
            range.push(*leaf);
        }
        Some(NodeHash::from_bytes(*range.root().as_bytes()))
    }
}

fn record(key: RecordKey, index: u64) -> u128 {
    key.0 | (u128::from(index) & INDEX_MAX)
}

fn index_of(record: u128) -> u64 {
    u64::try_from(record & INDEX_MAX).unwrap_or(u64::MAX)
}

fn records(id: &LeafHash, entry: &Entry, mut add: impl FnMut(RecordKey)) {
    add(RecordKey::new(Topic::Entry, id.as_bytes()));
    match entry.body().subject() {
        Subject::Asset(asset_id) => add(RecordKey::asset(&asset_id)),
        Subject::Identity(identity) => {
            add(RecordKey::key(&identity));
            if identity != entry.signer() && matches!(entry.body(), EntryBody::KeyRotate(_)) {
                add(RecordKey::key(&entry.signer()));
            }
        }
        Subject::Log => {}
    }
    let EntryBody::AssetRegister(body) = entry.body() else {
        return;
    };
    add(RecordKey::new(Topic::File, body.file.as_bytes()));
    add(RecordKey::new(Topic::Content, body.content.as_bytes()));
    add(RecordKey::new(Topic::Manifest, body.manifest.as_bytes()));
    if let Some((_, digest)) = &body.pixel {
        add(RecordKey::new(Topic::Pixel, digest.as_bytes()));
    }
}

/// Five bytes of a record: 2^40 entries.
const INDEX_MAX: u128 = 0xff_ffff_ffff;
/// Fewer entries than this are scanned in a millisecond.
const LATE_MIN: u64 = 512;
