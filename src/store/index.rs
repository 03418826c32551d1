//! Where things stand in a ledger: derived from its entries, never trusted. A wrong index can only cause a miss, as
//! every hit is confirmed by reading the entry and every entry is checked against the signed tree.

use std::collections::HashMap;

use crate::base::{Digest, Hasher};
use crate::keys::{KeyId, PublicKey};
use crate::ledger::rules::Memory;
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex};

/// What a record of the index is about; its number is the first byte of the record's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Asset = 1,
    AssetOfSigner = 2,
    Content = 3,
    Entry = 4,
    File = 5,
    Manifest = 6,
    Pixel = 7,
}

/// A topic and 120 bits of a hash: enough that a chance hit never happens and a forged one costs 2^120 tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RecordKey(pub(super) [u8; 16]);

impl RecordKey {
    pub(super) fn new(topic: Topic, hash: &[u8; 32]) -> Self {
        let mut key = [0; 16];
        key[0] = match topic {
            Topic::Asset => 1,
            Topic::AssetOfSigner => 2,
            Topic::Content => 3,
            Topic::Entry => 4,
            Topic::File => 5,
            Topic::Manifest => 6,
            Topic::Pixel => 7,
        };
        key[1..].copy_from_slice(&hash[..15]);
        Self(key)
    }

    pub(super) fn asset(asset_id: &[u8; 16]) -> Self {
        Self::new(Topic::Asset, Digest::of(asset_id).as_bytes())
    }

    fn asset_of_signer(signer: &KeyId, asset_id: &[u8; 16]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(signer.as_bytes());
        hasher.update(asset_id);
        Self::new(Topic::AssetOfSigner, hasher.finish().as_bytes())
    }
}

/// The index of a ledger, in memory.
#[derive(Debug, Default)]
pub(super) struct Index {
    offsets: Vec<u64>,
    leaves: Vec<LeafHash>,
    sorted: Vec<(RecordKey, u64)>,
    recent: HashMap<RecordKey, Vec<u64>>,
    keys: HashMap<KeyId, (PublicKey, LeafIndex)>,
}

impl Index {
    /// Adds the next entry, during the scan.
    pub(super) fn scanned(&mut self, offset: u64, id: LeafHash, entry: Option<&Entry>) {
        let index = self.place(offset, id);
        let Some(entry) = entry else { return };
        self.key_of(index, entry);
        let sorted = &mut self.sorted;
        records(&id, entry, |key| sorted.push((key, index)));
    }

    /// Adds the next entry, after an append.
    pub(super) fn appended(&mut self, offset: u64, id: LeafHash, entry: &Entry) {
        let index = self.place(offset, id);
        self.key_of(index, entry);
        let recent = &mut self.recent;
        records(&id, entry, |key| recent.entry(key).or_default().push(index));
    }

    /// Forgets what lies at or beyond `size` and sorts.
    pub(super) fn settle(&mut self, size: u64) {
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        self.offsets.truncate(len);
        self.leaves.truncate(len);
        self.sorted.retain(|(_, index)| *index < size);
        self.keys.retain(|_, (_, index)| index.0 < size);
        self.sorted.sort_unstable();
    }

    /// Indexes that may hold what is looked for, ascending.
    pub(super) fn candidates(&self, key: RecordKey) -> Vec<LeafIndex> {
        let from = self.sorted.partition_point(|(known, _)| *known < key);
        let old = self
            .sorted
            .iter()
            .skip(from)
            .take_while(|(known, _)| *known == key)
            .map(|(_, index)| *index);
        let new = self.recent.get(&key).into_iter().flatten().copied();
        old.chain(new).map(LeafIndex).collect()
    }

    pub(super) fn offset(&self, index: LeafIndex) -> Option<u64> {
        self.offsets.get(usize::try_from(index.0).ok()?).copied()
    }

    pub(super) fn leaf(&self, index: LeafIndex) -> Option<LeafHash> {
        self.leaves.get(usize::try_from(index.0).ok()?).copied()
    }

    pub(super) fn leaves(&self) -> &[LeafHash] {
        &self.leaves
    }

    pub(super) fn public_key(&self, id: &KeyId) -> Option<PublicKey> {
        self.keys.get(id).map(|(key, _)| *key)
    }

    fn place(&mut self, offset: u64, id: LeafHash) -> u64 {
        let index = u64::try_from(self.offsets.len()).unwrap_or(u64::MAX);
        self.offsets.push(offset);
        self.leaves.push(id);
        index
    }

    fn key_of(&mut self, index: u64, entry: &Entry) {
        if let EntryBody::KeyIncept(incept) = entry.body() {
            self.keys
                .entry(entry.signer())
                .or_insert((incept.key, LeafIndex(index)));
        }
    }
}

impl Memory for Index {
    fn key(&self, id: &KeyId) -> Option<(PublicKey, LeafIndex)> {
        self.keys.get(id).copied()
    }

    fn entry(&self, id: &LeafHash) -> Option<LeafIndex> {
        self.candidates(RecordKey::new(Topic::Entry, id.as_bytes()))
            .first()
            .copied()
    }

    fn asset(&self, signer: &KeyId, asset_id: &[u8; 16]) -> Option<LeafIndex> {
        self.candidates(RecordKey::asset_of_signer(signer, asset_id))
            .first()
            .copied()
    }
}

fn records(id: &LeafHash, entry: &Entry, mut add: impl FnMut(RecordKey)) {
    add(RecordKey::new(Topic::Entry, id.as_bytes()));
    let EntryBody::AssetRegister(body) = entry.body() else {
        return;
    };
    add(RecordKey::asset(&body.asset_id));
    add(RecordKey::asset_of_signer(&entry.signer(), &body.asset_id));
    add(RecordKey::new(Topic::File, body.file.as_bytes()));
    add(RecordKey::new(Topic::Content, body.content.as_bytes()));
    add(RecordKey::new(Topic::Manifest, body.manifest.as_bytes()));
    if let Some((_, digest)) = &body.pixel {
        add(RecordKey::new(Topic::Pixel, digest.as_bytes()));
    }
}
