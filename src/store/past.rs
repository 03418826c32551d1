//! What the rules read of a ledger's past: few entries, found by the index and proved by the tree.

use super::error::StoreError;
use super::index::{RecordKey, Topic};
use super::journal::Journal;
use super::ledger_file::LedgerFile;
use crate::base::{Digest, Timestamp};
use crate::keys::{KeyId, PublicKey};
use crate::ledger::rules::{Memory, Unreadable};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Subject};

/// The past of a ledger as its last commit covers it.
#[derive(Clone, Copy)]
pub(super) struct Past<'a>(pub(super) &'a Journal);

impl Past<'_> {
    /// Entries under a key of the index for which `is_it` holds.
    fn entries(
        self,
        key: RecordKey,
        is_it: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let mut found = Vec::new();
        for index in self.0.candidates(key) {
            let entry = self.read(index)?;
            if is_it(&entry) {
                found.push((index, entry));
            }
        }
        Ok(found)
    }

    fn read(self, index: LeafIndex) -> Result<Entry, Unreadable> {
        self.0.entry(index).map_err(|_| Unreadable { index })
    }
}

impl LedgerFile {
    /// Every key event of the identity of a key, in the order of the log.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn key_events(&self, key: &KeyId) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        let mut identity = *key;
        if let Some(standing) = self.identity(key)? {
            identity = standing.identity;
        }
        Ok(Past(self.journal()).key_events(&identity)?)
    }

    /// Where the entry of a leaf hash stands.
    #[must_use]
    pub fn find_entry(&self, leaf: &LeafHash) -> Option<LeafIndex> {
        Past(self.journal()).entry(leaf)
    }

    /// Where the log says that the body of an entry may be dropped; `None` where it does not.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn redaction(&self, leaf: &LeafHash) -> Result<Option<LeafIndex>, StoreError> {
        let found = Past(self.journal()).entries(
            RecordKey::entry(leaf),
            |entry| matches!(entry.body(), EntryBody::Redact(body) if body.leaf == *leaf),
        )?;
        Ok(found.first().map(|(index, _)| *index))
    }

    /// Every registration of a content, by its digest as this ledger records it; earliest first.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn find_recorded_content(&self, content: Digest) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        let key = RecordKey::new(Topic::Content, content.as_bytes());
        let found = Past(self.journal()).entries(
            key,
            |entry| matches!(entry.body(), EntryBody::AssetRegister(body) if body.content == content),
        );
        Ok(found?)
    }

    /// An entry signed with the log's own key; it is not recorded yet.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] without that key, [`StoreError::Unmade`] for a body that no entry can have.
    pub fn sign_as_log(&self, body: EntryBody, now: Timestamp) -> Result<Entry, StoreError> {
        let key = self.log_key().ok_or(StoreError::ReadOnly)?;
        Ok(Entry::sign_as_log(body, key, now)?)
    }
}

impl Memory for Past<'_> {
    fn entry(&self, id: &LeafHash) -> Option<LeafIndex> {
        // The index is believed only when the entry it names says the same.
        let is_it = |index: &LeafIndex| self.0.entry(*index).is_ok_and(|entry| entry.id() == *id);
        self.0.candidates(RecordKey::entry(id)).into_iter().find(is_it)
    }

    fn key_events(&self, key: &KeyId) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let subject = Subject::Identity(*key);
        self.entries(RecordKey::key(key), |entry| match entry.body() {
            EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_) if entry.signer() == *key => true,
            body => body.subject() == subject,
        })
    }

    fn about(&self, asset_id: &[u8; 16]) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let subject = Subject::Asset(*asset_id);
        self.entries(RecordKey::asset(asset_id), |entry| {
            entry.body().subject() == subject
        })
    }

    fn is_signed(&self, entry: &Entry, key: &PublicKey) -> bool {
        self.0.is_signed(entry, key)
    }
}
