//! What the rules read of a ledger's past: few entries, found by the index and proved by the tree.

use super::error::StoreError;
use super::index::RecordKey;
use super::ledger_file::LedgerFile;
use crate::keys::KeyId;
use crate::ledger::body::v4;
use crate::ledger::rules::{Memory, Unreadable};
use crate::ledger::title::{self, History, KeyStanding};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Subject, TreeSize};

/// The past of a ledger as its last commit covers it.
#[derive(Clone, Copy)]
pub(super) struct Past<'a>(pub(super) &'a LedgerFile);

impl Past<'_> {
    /// Entries under a key of the index for which `is_it` holds.
    fn entries(
        self,
        key: RecordKey,
        is_it: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let mut found = Vec::new();
        for index in self.0.index().candidates(key) {
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
    /// What the first `size` entries say of an asset, entry by entry and in sum.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn history(&self, asset_id: &[u8; 16], size: TreeSize) -> Result<History, StoreError> {
        let size = size.min(self.size());
        let history = title::history(&Past(self), self.policy(), &v4(*asset_id), size)?;
        Ok(history)
    }

    /// Where the identity of a key stands; `None` when that key never entered the log.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn identity(&self, key: &KeyId) -> Result<Option<KeyStanding>, StoreError> {
        Ok(title::identity(&Past(self), key, self.size())?)
    }
}

impl Memory for Past<'_> {
    fn entry(&self, id: &LeafHash) -> Option<LeafIndex> {
        self.0.index().find(id)
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
}
