//! The part of the state that an entry needs, made from the few entries that it depends on: those about its asset, and
//! the key events of whoever signed them. So an append costs what its asset's own history costs, however long the log.

use std::collections::BTreeMap;

use super::keys::{Compromised, KeyStanding, Keys};
use super::{Did, State};
use crate::keys::{KeyId, PublicKey, verify_batch};
use crate::ledger::body::{DisputeOpen, EntryBody, Subject};
use crate::ledger::broken::Broken;
use crate::ledger::entry::Entry;
use crate::ledger::rules::{Memory, Unreadable};
use crate::ledger::tree::{LeafIndex, TreeSize};

/// An entry of the past, replayed.
pub(super) struct Replayed {
    pub(super) index: LeafIndex,
    pub(super) entry: Entry,
    pub(super) judged: Result<Did, Broken>,
}

impl State {
    /// Makes sure that everything is known that the rules ask about an entry; what is known already is not read again.
    ///
    /// # Errors
    /// When an entry of the past cannot be read.
    pub fn prepare(&mut self, entry: &Entry, memory: &dyn Memory) -> Result<(), Unreadable> {
        let all = TreeSize(u64::MAX);
        self.load_keys_of(entry, memory, all)?;
        if let Subject::Asset(asset_id) = entry.body().subject()
            && !self.assets.is_known(&asset_id)
        {
            self.replay(&asset_id, memory, all)?;
        }
        Ok(())
    }

    /// Takes every entry about an asset that stands below `size`, as it was judged when it was recorded.
    pub(super) fn replay(
        &mut self,
        asset_id: &[u8; 16],
        memory: &dyn Memory,
        size: TreeSize,
    ) -> Result<Vec<Replayed>, Unreadable> {
        let mut past = memory.about(asset_id)?;
        past.retain(|(index, _)| index.within(size).is_some());
        for (_, entry) in &past {
            self.load_keys_of(entry, memory, size)?;
        }
        let keys = past
            .iter()
            .map(|(_, entry)| self.key_of(entry))
            .collect::<Vec<_>>();
        let good = are_signed(&past, &keys, memory);
        let mut replayed = Vec::with_capacity(past.len());
        for ((index, entry), is_signed) in past.into_iter().zip(good) {
            let judged = match is_signed {
                Some(false) => Err(Broken::Signature),
                _ => self.step(index, &entry.id(), &entry),
            };
            replayed.push(Replayed { index, entry, judged });
        }
        Ok(replayed)
    }

    fn load_keys_of(&mut self, entry: &Entry, memory: &dyn Memory, size: TreeSize) -> Result<(), Unreadable> {
        if entry.signer() != self.log {
            self.keys.load(&entry.signer(), memory, size)?;
        }
        if let Subject::Identity(identity) = entry.body().subject() {
            self.keys.load(&identity, memory, size)?;
        }
        if let EntryBody::DisputeOpen(DisputeOpen {
            privilege: Some(privilege),
            ..
        }) = entry.body()
        {
            self.keys.load(&privilege.identity, memory, size)?;
        }
        Ok(())
    }
}

/// Where the identity of a key stands over the first `size` entries; `None` when that key never entered the log.
///
/// # Errors
/// When an entry of the past cannot be read.
pub fn identity(memory: &dyn Memory, key: &KeyId, size: TreeSize) -> Result<Option<KeyStanding>, Unreadable> {
    let mut keys = Keys::default();
    keys.load(key, memory, size)?;
    let identity = keys.number(key).map(|no| keys.id(keys.identity(no)));
    Ok(identity.and_then(|identity| keys.standing(&identity)))
}

/// The revocation below `size` that declares a key compromised, and the first entry that is suspect; `None` where none does.
///
/// # Errors
/// When an entry of the past cannot be read.
pub fn compromised(
    memory: &dyn Memory,
    key: &KeyId,
    size: TreeSize,
) -> Result<Option<Compromised>, Unreadable> {
    let mut keys = Keys::default();
    keys.load(key, memory, size)?;
    Ok(keys.number(key).and_then(|no| keys.compromised(no)))
}

impl Keys {
    /// Takes every key event below `size` that bears on a key: those of its identity, and, as a key enters only once,
    /// those of every identity that one of these keys was ever said to enter. In an honest log that is one identity.
    fn load(&mut self, key: &KeyId, memory: &dyn Memory, size: TreeSize) -> Result<(), Unreadable> {
        if self.is_loaded(key) {
            return Ok(());
        }
        let mut events = BTreeMap::new();
        let mut waiting = vec![*key];
        while let Some(key) = waiting.pop() {
            if !self.note_loaded(key) {
                continue;
            }
            for (index, entry) in memory.key_events(&key)? {
                if index.within(size).is_none() || events.contains_key(&index) {
                    continue;
                }
                if let Subject::Identity(identity) = entry.body().subject() {
                    waiting.push(identity);
                }
                if let EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_) = entry.body() {
                    waiting.push(entry.signer());
                }
                events.insert(index, entry);
            }
        }
        let events: Vec<_> = events.into_iter().collect();
        let keys: Vec<_> = events.iter().map(|(_, entry)| entry.body().own_key()).collect();
        let good = are_signed(&events, &keys, memory);
        for ((index, entry), is_signed) in events.iter().zip(good) {
            if is_signed == Some(true) {
                // A broken event is void here as it was when it was recorded.
                let _ = self.step(*index, &entry.id(), entry);
            }
        }
        Ok(())
    }
}

/// Whether each entry's signature is its key's; `None` where there is no key.
fn are_signed(
    entries: &[(LeafIndex, Entry)],
    keys: &[Option<PublicKey>],
    memory: &dyn Memory,
) -> Vec<Option<bool>> {
    let pairs = || entries.iter().map(|(_, entry)| entry).zip(keys);
    let items: Vec<_> = pairs()
        .filter_map(|(entry, key)| Some(((*key)?, entry.message(), *entry.signature())))
        .collect();
    let all_good = items.len() >= BATCH_MIN && verify_batch(&items);
    pairs()
        .map(|(entry, key)| Some(all_good || memory.is_signed(entry, &(*key)?)).filter(|_| key.is_some()))
        .collect()
}

/// A batch below this is as quick by the strict rule.
const BATCH_MIN: usize = 4;
