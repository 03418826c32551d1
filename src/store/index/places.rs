//! Where entries begin and the tree over them, as one file that only grows: `NAME.ledger.d/places-N`.
//!
//! ```text
//! 0    16   "byline-places/v2"
//! 16   ...  for each entry: u64 offset of its frame, its leaf hash (32), and each complete subtree of two leaves and
//!           more that ends with it, smallest first (32 each)
//! ```
//!
//! After n entries there are 2n - (ones of n in binary) hashes, so each thing's place is computed, and adding an entry
//! writes at the end alone. What is not written yet is held in memory in the same form. Nothing here is trusted: the
//! subtrees must lead to a signed root.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::ledger::tree::{CompactRange, Subtrees};
use crate::ledger::{LeafHash, NodeHash, TreeSize};

/// First bytes of the file.
pub(super) const MAGIC: &[u8; 16] = b"byline-places/v2";

/// Offsets and subtrees of a log: the older ones in a file, the newer ones in memory.
#[derive(Debug, Default)]
pub(super) struct Places {
    file: Option<File>,
    /// Entries whose places the file has.
    written: u64,
    /// The file's continuation.
    late: Vec<u8>,
    range: CompactRange,
}

impl Places {
    /// The first `size` entries of a file; `None` when it has not that many.
    pub(super) fn open(file: File, size: TreeSize) -> Option<Self> {
        let mut magic = [0; 16];
        file.read_exact_at(&mut magic, 0).ok()?;
        if magic != *MAGIC || file.metadata().ok()?.len() < place(size.0)? {
            return None;
        }
        let mut places = Self {
            file: Some(file),
            written: size.0,
            ..Self::default()
        };
        places.range = places.edge(size)?;
        Some(places)
    }

    /// How many entries.
    pub(super) const fn size(&self) -> TreeSize {
        self.range.size()
    }

    /// The right edge of the tree over them.
    pub(super) const fn range(&self) -> &CompactRange {
        &self.range
    }

    /// Adds the next entry.
    pub(super) fn push(&mut self, offset: u64, leaf: LeafHash) {
        let late = &mut self.late;
        late.extend_from_slice(&offset.to_le_bytes());
        self.range
            .push_with(leaf, |node| late.extend_from_slice(node.as_bytes()));
    }

    /// Forgets what lies at or beyond `size` and is not written; false when that cannot be done.
    pub(super) fn truncate(&mut self, size: TreeSize) -> bool {
        if size == self.size() {
            return true;
        }
        let (Some(range), Some(len)) = (self.edge(size), self.late_len(size.0)) else {
            return false;
        };
        self.range = range;
        self.late.truncate(len);
        true
    }

    pub(super) fn offset(&self, index: u64) -> Option<u64> {
        let at = (index < self.size().0).then(|| place(index))??;
        self.read(at).map(u64::from_le_bytes)
    }

    pub(super) fn leaf(&self, index: u64) -> Option<LeafHash> {
        self.subtree(0, index)
            .map(|node| LeafHash::from_bytes(*node.as_bytes()))
    }

    /// Whether the place of this entry was found in this process, and not read from the file.
    pub(super) const fn is_late(&self, index: u64) -> bool {
        index >= self.written && index < self.size().0
    }

    /// The right edge of the tree of the first `size` entries.
    pub(super) fn edge(&self, size: TreeSize) -> Option<CompactRange> {
        let (mut nodes, mut start) = (Vec::new(), 0u64);
        for level in (0..64u32).rev().filter(|level| size.0 >> level & 1 == 1) {
            nodes.push(self.node(level, start >> level, size.0.max(self.size().0))?);
            start = start.checked_add(1 << level)?;
        }
        CompactRange::from_parts(size, nodes)
    }

    /// Writes what the file lacks of the first `size` entries, and syncs it.
    pub(super) fn write(&mut self, size: u64) -> io::Result<()> {
        let (Some(file), Some(at), Some(len)) = (&self.file, place(self.written), self.late_len(size)) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        file.write_all_at(self.late.get(..len).unwrap_or_default(), at)?;
        file.sync_data()?;
        self.late.drain(..len);
        self.written = size;
        Ok(())
    }

    /// Takes a file to write to, where there was none. It begins with [`MAGIC`].
    pub(super) fn adopt(&mut self, file: File) {
        self.file = Some(file);
    }

    pub(super) const fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// The bytes in memory that belong to entries below `size`.
    fn late_len(&self, size: u64) -> Option<usize> {
        usize::try_from(place(size)?.checked_sub(place(self.written)?)?).ok()
    }

    /// The complete subtree over leaves `index << level` up to `(index + 1) << level`, all below `size`.
    fn node(&self, level: u32, index: u64, size: u64) -> Option<NodeHash> {
        let end = index.checked_add(1)?.checked_mul(1u64.checked_shl(level)?)?;
        if end > size {
            return None;
        }
        let at = place(end.checked_sub(1)?)?.checked_add(8 + 32 * u64::from(level))?;
        self.read(at).map(NodeHash::from_bytes)
    }

    fn read<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        if let Some(late) = at.checked_sub(place(self.written)?) {
            let from = usize::try_from(late).ok()?;
            bytes.copy_from_slice(self.late.get(from..from.checked_add(N)?)?);
        } else {
            self.file.as_ref()?.read_exact_at(&mut bytes, at).ok()?;
        }
        Some(bytes)
    }
}

impl Subtrees for Places {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        self.node(level, index, self.size().0)
    }
}

/// Where the place of an entry stands: after the magic, the offsets and the hashes of those before it.
fn place(index: u64) -> Option<u64> {
    let hashes = index.checked_mul(2)?.checked_sub(u64::from(index.count_ones()))?;
    16u64
        .checked_add(index.checked_mul(8)?)?
        .checked_add(hashes.checked_mul(32)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tree::{MemoryTree, root_at};

    fn leaf(n: u64) -> LeafHash {
        LeafHash::of(&n.to_le_bytes())
    }

    #[test]
    fn offsets_and_subtrees_are_the_same_before_and_after_they_are_written() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, MAGIC).unwrap();
        let mut places = Places::default();
        places.adopt(file.try_clone().unwrap());
        for n in 0..300 {
            places.push(n * 7, leaf(n));
            if n % 37 == 5 {
                places.write(n - n % 3).unwrap();
            }
        }
        places.write(300).unwrap();
        let again = Places::open(file, TreeSize(300)).unwrap();
        let memory = MemoryTree::of((0..300).map(leaf));
        for level in 0..9 {
            for index in 0..301 {
                assert_eq!(
                    places.subtree(level, index),
                    memory.subtree(level, index),
                    "{level} {index}"
                );
                assert_eq!(again.subtree(level, index), places.subtree(level, index));
            }
        }
        for n in 0..300 {
            assert_eq!((again.offset(n), again.leaf(n)), (Some(n * 7), Some(leaf(n))));
        }
        assert_eq!(
            (again.offset(300), again.leaf(300), again.leaf(u64::MAX)),
            (None, None, None)
        );
        assert_eq!(again.range(), places.range());
    }

    #[test]
    fn what_is_forgotten_can_be_added_anew() {
        let mut places = Places::default();
        (0..100).for_each(|n| places.push(n, leaf(n)));
        let before = places.range().clone();
        (100..140).for_each(|n| places.push(n, leaf(n + 1)));
        assert!(places.truncate(TreeSize(100)));
        assert_eq!(*places.range(), before);
        (100..140).for_each(|n| places.push(n, leaf(n)));
        let memory = MemoryTree::of((0..140).map(leaf));
        assert_eq!(Some(places.range().root()), root_at(&memory, TreeSize(140)));
        assert!(!places.truncate(TreeSize(141)));
    }

    #[test]
    fn a_file_that_is_shorter_than_it_should_be_is_not_opened() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, MAGIC).unwrap();
        let mut places = Places::default();
        places.adopt(file.try_clone().unwrap());
        (0..10).for_each(|n| places.push(n, leaf(n)));
        places.write(10).unwrap();
        let len = file.metadata().unwrap().len();
        file.set_len(len - 1).unwrap();
        assert!(Places::open(file.try_clone().unwrap(), TreeSize(10)).is_none());
        assert!(Places::open(file, TreeSize(9)).is_some());
    }
}
