//! What other keys registered before and looks like a registered picture: by its codes, and where deep records are kept as a part of it.

use super::{ALIKE_MAX, ALIKE_SHOWN, Hashes, Opened};
use crate::app::find::{
    self,
    alike::{Alike, Near, Wanted},
    deep::{DeepNear, DeepRecords},
};
use crate::ledger::{Entry, EntryBody, LeafIndex};
use crate::report::find::NearLine;
use crate::similar::chance::Likeness;
use crate::store::ledger_file::StoreError;

impl Opened {
    /// Those of the picture of an entry, nearest first.
    pub(super) fn earlier_alike(
        &self,
        alike: &Alike,
        index: LeafIndex,
        hashes: &Hashes<'_>,
    ) -> Result<Vec<NearLine>, StoreError> {
        let entry = self.ledger.entry(index)?;
        let EntryBody::AssetRegister(body) = entry.body() else {
            return Ok(Vec::new());
        };
        let Some(mut wanted) = Wanted::recorded(body) else {
            return Ok(Vec::new());
        };
        if self.may_be_turned(alike, &wanted, (index, &entry))?
            && let Ok(seen) = find::wanted(hashes)
        {
            wanted = seen;
        }
        let found = alike.near(&self.ledger, &wanted, Likeness::Edited, ALIKE_MAX)?;
        let is_earlier = |near: &&Near| near.index < index && near.entry.signer() != entry.signer();
        let mut lines = Vec::new();
        for near in found.shown.iter().filter(is_earlier).take(ALIKE_SHOWN) {
            lines.extend(find::near_line(&self.ledger, &self.names, alike, near)?);
        }
        if lines.is_empty() {
            lines = self.earlier_by_points((index, &entry), hashes)?;
        }
        Ok(lines)
    }

    /// The earlier pictures by other keys of which this one may be a part, or that it holds; none where there are no deep records.
    fn earlier_by_points(
        &self,
        (index, entry): (LeafIndex, &Entry),
        hashes: &Hashes<'_>,
    ) -> Result<Vec<NearLine>, StoreError> {
        let deep = self.deep.get_or_init(|| DeepRecords::open(&self.ledger));
        let mut lines = Vec::new();
        if deep.pictures() == 0 {
            return Ok(lines);
        }
        let Ok(picture) = hashes.picture() else {
            return Ok(lines);
        };
        let Some((found, _)) = deep.near(&self.ledger, picture, ALIKE_MAX)? else {
            return Ok(lines);
        };
        let is_earlier = |near: &&DeepNear| near.index < index && near.entry.signer() != entry.signer();
        for near in found.iter().filter(is_earlier).take(ALIKE_SHOWN) {
            lines.extend(find::deep_line(&self.ledger, &self.names, deep, picture, near)?);
        }
        Ok(lines)
    }

    /// Whether the picture of an entry may be a mirrored or turned copy of one that another key registered before.
    fn may_be_turned(
        &self,
        alike: &Alike,
        wanted: &Wanted,
        (index, entry): (LeafIndex, &Entry),
    ) -> Result<bool, StoreError> {
        let Some(code) = wanted.plain() else {
            return Ok(false);
        };
        for other in alike.may_be_turned(code) {
            if other < index && self.ledger.entry(other)?.signer() != entry.signer() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
