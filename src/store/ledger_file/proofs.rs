//! What a ledger file gives to others: proofs of any of its sizes, and its entries in order.

use super::{LedgerFile, Places};
use crate::keys::CreatorKey;
use crate::ledger::proof;
use crate::ledger::receipt::Receipt;
use crate::ledger::scan::{Item, Scan};
use crate::ledger::tile_stack::TileStack;
use crate::ledger::tree::root_at;
use crate::ledger::{Entry, LeafIndex, LogKey, NodeHash, RootHash, TreeSize};
use crate::store::error::StoreError;
use crate::store::recover::ReadFrom;
use crate::store::secrets;

impl LedgerFile {
    /// Offset of the last commit frame, bytes.
    pub(in crate::store) const fn last_commit_offset(&self) -> u64 {
        self.edge.commit
    }

    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// [`ProofError::Unknown`](proof::ProofError::Unknown) for more entries than the ledger has.
    pub fn root_at(&self, size: TreeSize) -> Result<RootHash, StoreError> {
        root_at(&self.index, size).ok_or(proof::ProofError::Unknown.into())
    }

    /// The hashes that lead from an entry to the root over the first `size` entries.
    pub fn inclusion_at(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<NodeHash>, StoreError> {
        Ok(proof::inclusion(&self.index, index, size)?)
    }

    /// That the first `old` entries are the beginning of the first `new` entries.
    pub fn consistency(&self, old: TreeSize, new: TreeSize) -> Result<Vec<NodeHash>, StoreError> {
        Ok(proof::consistency(&self.index, old, new)?)
    }

    /// A COSE receipt of an entry under the last checkpoint, signed by the log's key, which lies where `places` says.
    pub fn sign_receipt(
        &self,
        places: &Places,
        index: LeafIndex,
        entry: &Entry,
    ) -> Result<Receipt, StoreError> {
        let seed = secrets::read(&places.log_key, secrets::Kind::LogKey)?;
        let key = LogKey::new(self.header.origin().clone(), CreatorKey::from_seed(&seed));
        if *key.verifier() != self.header.verifier {
            let path = places.log_key.clone();
            return Err(StoreError::WrongLogKey { path });
        }
        let size = self.size();
        let hashes = self.inclusion_at(index, size)?;
        Ok(Receipt::sign(
            entry,
            (index, size),
            hashes,
            self.checkpoint.root(),
            &key,
        )?)
    }

    /// The partial tiles of the first `size` entries; `None` for more than there are. Derived: compare their root.
    pub(in crate::store) fn edge_at(&self, size: TreeSize) -> Option<TileStack> {
        TileStack::of_log(&self.index, size)
    }

    /// Gives the bytes of the entries from `from` up to the last committed one to `each`, in order, as they stand in the
    /// file: nothing is compared with the tree.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the file ends or cannot be read before; what `each` gives.
    pub(in crate::store) fn each_entry<E: From<StoreError>>(
        &self,
        from: LeafIndex,
        mut each: impl FnMut(LeafIndex, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let size = self.size();
        if from.0 >= size.0 {
            return Ok(());
        }
        let damaged = |offset| StoreError::Damaged {
            offset,
            commit: self.edge.commit,
            size,
        };
        let offset = self.index.offset(from).ok_or_else(|| damaged(0))?;
        let source = ReadFrom {
            file: &self.file,
            offset,
        };
        let mut scan = Scan::resume(source, offset);
        let mut index = from.0;
        while index < size.0 {
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
