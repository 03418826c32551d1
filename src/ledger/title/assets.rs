//! The assets of the log: packed while only their registration stands, in full once another entry is about them.

use std::collections::HashMap;

use super::asset::{Around, Asset, Did, Mark};
use super::keys::Keys;
use super::table::{Row, Table};
use crate::base::Digest;
use crate::ledger::body::EntryBody;
use crate::ledger::broken::Broken;
use crate::ledger::entry::Entry;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// Every asset of the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Assets {
    pub(super) table: Table,
    full: HashMap<[u8; 16], Asset>,
}

impl Assets {
    /// Takes an entry about an asset.
    ///
    /// # Errors
    /// The rule it breaks; nothing is changed then.
    pub(super) fn step(
        &mut self,
        around: Around<'_>,
        asset_id: [u8; 16],
        index: LeafIndex,
        leaf: &LeafHash,
        entry: &Entry,
    ) -> Result<Did, Broken> {
        let known = self.table.find(&asset_id);
        let row = known.and_then(|no| self.table.row(no)).copied();
        let did = match (row, entry.body()) {
            (None, EntryBody::AssetRegister(_)) => {
                around.keys.live(&entry.signer(), index)?;
                Did::Registered
            }
            // Whatever it names is not there, and the rules say so.
            (None, _) => Asset::default().step(around, index, leaf, entry)?,
            (Some(row), _) if row.is_touched() => match self.full.get_mut(&asset_id) {
                Some(asset) => asset.step(around, index, leaf, entry)?,
                None => return Err(Broken::UnknownEntry { field: "subject" }),
            },
            (Some(row), _) => {
                let mut asset = unpacked(&row, around.keys);
                let did = asset.step(around, index, leaf, entry)?;
                self.full.insert(asset_id, asset);
                did
            }
        };
        if let EntryBody::AssetRegister(body) = entry.body() {
            let key = around.keys.live(&entry.signer(), index)?;
            let by = around.keys.identity(key);
            let leaf = *leaf;
            self.table.add(Mark { index, leaf, key, by }, body, around.keys);
        }
        if let Some(no) = known {
            self.table.touch(no);
        }
        Ok(did)
    }

    /// The state of one asset, unpacked if need be.
    pub(super) fn get(&self, asset_id: &[u8; 16], keys: &Keys) -> Option<std::borrow::Cow<'_, Asset>> {
        use std::borrow::Cow;
        let row = self.table.row(self.table.find(asset_id)?)?;
        if row.is_touched() {
            self.full.get(asset_id).map(Cow::Borrowed)
        } else {
            Some(Cow::Owned(unpacked(row, keys)))
        }
    }

    /// The index of a registration that stands.
    pub(super) fn registration(&self, asset_id: &[u8; 16], leaf: &LeafHash) -> Option<LeafIndex> {
        let row = self.table.row(self.table.find(asset_id)?)?;
        if row.leaf() == leaf {
            return Some(row.index());
        }
        let asset = self.full.get(asset_id).filter(|_| row.is_touched())?;
        asset.stood.get(leaf).map(|stood| stood.mark.index)
    }

    /// Assets that more than their registration is about, in no order.
    pub(super) fn touched(&self) -> impl Iterator<Item = (&[u8; 16], &Asset)> {
        self.full.iter()
    }

    pub(super) fn is_known(&self, asset_id: &[u8; 16]) -> bool {
        self.table.find(asset_id).is_some()
    }

    pub(super) fn of_content(&self, content: &Digest) -> Vec<&Row> {
        self.table.of_content(content)
    }
}

fn unpacked(row: &Row, keys: &Keys) -> Asset {
    Asset::of(row.mark(keys), row.mining())
}
