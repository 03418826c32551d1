//! The assets of the log: packed while only their registration stands, in full once another entry is about them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::asset::{Around, Asset, Did};
use super::keys::Keys;
use super::table::{Row, Table};
use crate::ledger::body::EntryBody;
use crate::ledger::broken::Broken;
use crate::ledger::entry::Meaning;
use crate::ledger::hash::LeafHash;
use crate::ledger::spill::Room;
use crate::ledger::tree::LeafIndex;

/// Every asset of the log.
#[derive(Debug, Default)]
pub(super) struct Assets {
    pub(super) table: Table,
    full: HashMap<[u8; 16], Asset>,
}

impl Assets {
    pub(super) fn in_room(room: Arc<dyn Room>) -> Self {
        Self {
            table: Table::in_room(room),
            full: HashMap::new(),
        }
    }

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
        entry: &Meaning,
    ) -> Result<Did, Broken> {
        let (did, is_first) = match self.full.get_mut(&asset_id) {
            Some(asset) => (asset.step(around, index, leaf, entry)?, false),
            None => match (self.table.find(&asset_id), entry.body()) {
                // Whether the key is live is asked below, for every registration.
                (None, EntryBody::AssetRegister(_)) => (Did::Registered, true),
                // Whatever it names is not there, and the rules say so.
                (None, _) => (Asset::default().step(around, index, leaf, entry)?, true),
                (Some(row), _) => {
                    let mut asset = unpacked(&row, around.keys);
                    let did = asset.step(around, index, leaf, entry)?;
                    self.full.insert(asset_id, asset);
                    (did, false)
                }
            },
        };
        if let EntryBody::AssetRegister(body) = entry.body() {
            let row = Row {
                leaf: *leaf,
                asset_id,
                index,
                key: around.keys.live(&entry.signer(), index)?,
                mining: body.mining,
            };
            self.table.add(row, is_first);
        }
        Ok(did)
    }

    /// The state of one asset, unpacked if need be.
    pub(super) fn get(&self, asset_id: &[u8; 16], keys: &Keys) -> Option<Cow<'_, Asset>> {
        let full = self.full.get(asset_id).map(Cow::Borrowed);
        full.or_else(|| Some(Cow::Owned(unpacked(&self.table.find(asset_id)?, keys))))
    }

    /// The asset that a registration is of.
    pub(super) fn of_row(&self, row: &Row, keys: &Keys) -> Cow<'_, Asset> {
        // Who is not here in full has this one registration.
        let full = self.full.get(&row.asset_id).map(Cow::Borrowed);
        full.unwrap_or_else(|| Cow::Owned(unpacked(row, keys)))
    }

    /// Assets that more than their registration is about, in no order.
    pub(super) fn touched(&self) -> impl Iterator<Item = (&[u8; 16], &Asset)> {
        self.full.iter()
    }

    pub(super) fn is_known(&self, asset_id: &[u8; 16]) -> bool {
        self.full.contains_key(asset_id) || self.table.find(asset_id).is_some()
    }
}

fn unpacked(row: &Row, keys: &Keys) -> Asset {
    Asset::of(row.mark(keys), row.mining)
}
