//! What a ledger file gives to others: proofs of any of its sizes, and its entries in order.

use std::ops::Range;

use super::{LedgerFile, Places};
use crate::keys::CreatorKey;
use crate::ledger::audit::{Replay, is_state_root};
use crate::ledger::proof;
use crate::ledger::receipt::Receipt;
use crate::ledger::scan::{Item, Scan};
use crate::ledger::tile_stack::TileStack;
use crate::ledger::tree::root_at;
use crate::ledger::{Entry, LeafIndex, LogKey, NodeHash, RootHash, TreeSize};
use crate::store::disk::ReadFrom;
use crate::store::error::StoreError;
use crate::store::secrets;

impl LedgerFile {
    /// Offset of the last commit frame, bytes.
    pub(in crate::store) const fn last_commit_offset(&self) -> u64 {
        self.journal.last_commit_offset()
    }

    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// [`ProofError::Unknown`](proof::ProofError::Unknown) for more entries than the ledger has.
    pub fn root_at(&self, size: TreeSize) -> Result<RootHash, StoreError> {
        root_at(self.journal.index(), size).ok_or(proof::ProofError::Unknown.into())
    }

    /// The hashes that lead from an entry to the root over the first `size` entries.
    pub fn inclusion_at(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<NodeHash>, StoreError> {
        Ok(proof::inclusion(self.journal.index(), index, size)?)
    }

    /// That the first `old` entries are the beginning of the first `new` entries.
    pub fn consistency(&self, old: TreeSize, new: TreeSize) -> Result<Vec<NodeHash>, StoreError> {
        Ok(proof::consistency(self.journal.index(), old, new)?)
    }

    /// A COSE receipt of an entry under the last checkpoint, signed by the log's key, which lies where `places` says.
    pub fn sign_receipt(
        &self,
        places: &Places,
        index: LeafIndex,
        entry: &Entry,
    ) -> Result<Receipt, StoreError> {
        let seed = secrets::read(&places.log_key, secrets::Kind::LogKey)?;
        let key = LogKey::new(self.header().origin().clone(), CreatorKey::from_seed(&seed));
        if *key.verifier() != self.header().verifier {
            let path = places.log_key.clone();
            return Err(StoreError::WrongLogKey { path });
        }
        let size = self.size();
        let hashes = self.inclusion_at(index, size)?;
        Ok(Receipt::sign(
            entry,
            (index, size),
            hashes,
            self.checkpoint().root(),
            &key,
        )?)
    }

    /// The partial tiles of the first `size` entries; `None` for more than there are. Derived: compare their root.
    pub(in crate::store) fn edge_at(&self, size: TreeSize) -> Option<TileStack> {
        TileStack::of_log(self.journal.index(), size)
    }

    /// The last state.root entry among the first `size` entries.
    ///
    /// # Errors
    /// When an entry cannot be read.
    pub fn last_state_root(&self, size: TreeSize) -> Result<Option<(LeafIndex, Entry)>, StoreError> {
        let log = self.header().verifier.key().key_id();
        let mut end = size.0.min(self.size().0);
        while end > 0 {
            let from = end.saturating_sub(LOOK_BACK);
            let mut last = None;
            self.each_entry(from..end, |index, bytes| {
                if is_state_root(bytes, &log) {
                    last = Some(index);
                }
                Ok::<(), StoreError>(())
            })?;
            if let Some(index) = last {
                return Ok(Some((index, self.entry(index)?)));
            }
            end = from;
        }
        Ok(None)
    }

    /// Gives a replay the entries that it lacks of the first `size`; they must be those of the signed tree, and hold.
    /// `progress` hears how many it has.
    ///
    /// # Errors
    /// [`StoreError::Contradicted`] with the first thing that does not hold.
    pub fn replay(
        &self,
        replay: &mut Replay,
        size: TreeSize,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        self.each_entry(replay.size().0..size.0, |index, bytes| {
            progress(index.0);
            replay.push(bytes).map_err(StoreError::io("replay"))
        })?;
        let (root, fault) = replay.settle().map_err(StoreError::io("replay"))?;
        if let Some(finding) = fault {
            return Err(StoreError::Contradicted { finding });
        }
        if root != self.root_at(size)? {
            return Err(self.damaged(0, size));
        }
        Ok(())
    }

    const fn damaged(&self, offset: u64, size: TreeSize) -> StoreError {
        let commit = self.last_commit_offset();
        StoreError::Damaged { offset, commit, size }
    }

    /// Gives the bytes of these entries, as far as they are committed, to `each`, in order, as they stand in the file: nothing is
    /// compared with the tree.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the file ends or cannot be read before; what `each` gives.
    pub(in crate::store) fn each_entry<E: From<StoreError>>(
        &self,
        entries: Range<u64>,
        mut each: impl FnMut(LeafIndex, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let size = self.size();
        let end = entries.end.min(size.0);
        if entries.start >= end {
            return Ok(());
        }
        let damaged = |offset| self.damaged(offset, size);
        let first = LeafIndex(entries.start);
        let offset = self.journal.index().offset(first).ok_or_else(|| damaged(0))?;
        let source = ReadFrom {
            disk: self.journal.disk(),
            offset,
        };
        let mut scan = Scan::resume(source, offset);
        let mut index = entries.start;
        while index < end {
            let at = scan.offset();
            match scan.next_item().map_err(StoreError::io("read"))? {
                Ok(Item::Entry { bytes, .. }) => {
                    each(LeafIndex(index), bytes)?;
                    index = index.saturating_add(1);
                }
                Ok(Item::Commit { .. }) => {}
                Err(_) => return Err(damaged(at).into()),
            }
        }
        Ok(())
    }
}

/// Entries looked through at once on the way back to the last state.root entry.
const LOOK_BACK: u64 = 4096;
