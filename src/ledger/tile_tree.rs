//! A log read from its tiles, wherever they come from: each tile is checked against the root before one hash of it counts.
//!
//! The partial tiles at the right edge are compared with the root as a whole when the log is opened; a full tile is compared
//! with its hash in the tile above, and so up to the edge. Entries are compared with their leaf hashes.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::hash::{LeafHash, NodeHash, RootHash};
use super::tile::{self, TILE_WIDTH, Tile, TileError, TileKind};
use super::tile_stack::{TileStack, subtree_root};
use super::tree::{LeafIndex, Subtrees, TreeSize};

/// Where tiles come from: a directory, a web server, memory.
pub trait TileSource {
    /// The bytes of a tile or bundle; `None` when it is not there.
    fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>>;
}

/// Why a tile is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileTreeError {
    /// It is not there.
    #[error("`{tile}` is missing")]
    Absent {
        /// Which.
        tile: Tile,
    },
    /// A hash or an entry in it is not the one that the root covers.
    #[error("`{tile}` does not lead to the signed root hash")]
    Changed {
        /// Which.
        tile: Tile,
    },
    /// The tiles at the right edge do not make the root.
    #[error("the tiles at the end of a log of {size} entries do not make the signed root hash")]
    Edge {
        /// The size.
        size: TreeSize,
    },
    /// It could not be read.
    #[error("`{tile}` cannot be read: {source}")]
    Io {
        /// Which.
        tile: Tile,
        /// What the system said.
        source: io::Error,
    },
    /// Its bytes are not in its format.
    #[error("`{tile}`: {why}")]
    Malformed {
        /// Which.
        tile: Tile,
        /// Why.
        why: TileError,
    },
}

impl TileTreeError {
    /// Whether a tile was not read, which says nothing about the log; one that is too long was.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() != io::ErrorKind::InvalidData)
    }
}

/// Full tiles that were checked, by level and index.
type Seen = HashMap<(u8, u64), Arc<[NodeHash]>>;

/// A log of one size, read from its tiles.
#[derive(Debug)]
pub struct TileTree<S> {
    source: S,
    size: TreeSize,
    edge: TileStack,
    seen: Mutex<Seen>,
}

impl<S: TileSource> TileTree<S> {
    /// Opens a log: reads the tiles at its right edge and compares them with the root.
    pub fn open(source: S, size: TreeSize, root: RootHash) -> Result<Self, TileTreeError> {
        let edge = TileStack::of_edge(size, |tile| hashes_of(&source, tile))?;
        if edge.root() != root {
            return Err(TileTreeError::Edge { size });
        }
        Ok(Self {
            source,
            size,
            edge,
            seen: Mutex::default(),
        })
    }

    /// How many entries it has.
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// How many bundles hold them.
    pub const fn bundles(&self) -> u64 {
        self.size.0.div_ceil(256)
    }

    /// The entries of one bundle, each compared with its leaf hash; with the last bundle of a log that grew since, the
    /// later entries are cut off.
    ///
    /// # Errors
    /// [`TileTreeError::Absent`] also for an index beyond the log.
    pub fn bundle(&self, index: u64) -> Result<Vec<Vec<u8>>, TileTreeError> {
        let absent = TileTreeError::Absent {
            tile: Tile::full(TileKind::Entries, index),
        };
        let tile = Tile::of_log(TileKind::Entries, index, self.size).ok_or(absent)?;
        let leaves = self.hashes(0, index)?;
        let (found, bytes) = read(&self.source, tile)?;
        let entries = tile::read_bundle(&bytes, found.width());
        let entries = entries.map_err(|why| TileTreeError::Malformed { tile: found, why })?;
        let wanted = entries.iter().zip(leaves.iter());
        for (entry, leaf) in wanted {
            if LeafHash::of(entry).node() != *leaf {
                return Err(TileTreeError::Changed { tile: found });
            }
        }
        Ok(entries
            .into_iter()
            .take(leaves.len())
            .map(<[u8]>::to_vec)
            .collect())
    }

    /// One entry, compared with its leaf hash.
    pub fn entry(&self, index: LeafIndex) -> Result<Vec<u8>, TileTreeError> {
        let bundle = index.0 >> 8;
        let place = usize::from(tile::low_byte(index.0));
        let absent = TileTreeError::Absent {
            tile: Tile::full(TileKind::Entries, bundle),
        };
        let mut entries = self.bundle(bundle)?;
        if place < entries.len() {
            Ok(entries.swap_remove(place))
        } else {
            Err(absent)
        }
    }

    /// The hashes of a tile, checked. Goes up at most eight levels, down again once each.
    pub fn hashes(&self, level: u8, index: u64) -> Result<Arc<[NodeHash]>, TileTreeError> {
        let mut above = Vec::new();
        let (mut level, mut index) = (level, index);
        let mut known = loop {
            let kind = TileKind::Hashes(level);
            let absent = TileTreeError::Absent {
                tile: Tile::full(kind, index),
            };
            let tile = Tile::of_log(kind, index, self.size).ok_or(absent)?;
            if !tile.is_full() {
                break self.edge.edge(level).into();
            }
            if let Some(known) = self.lock().get(&(level, index)) {
                break Arc::clone(known);
            }
            above.push((level, index));
            level += 1;
            index >>= 8;
        };
        while let Some((level, index)) = above.pop() {
            let tile = Tile::full(TileKind::Hashes(level), index);
            let hashes: Arc<[NodeHash]> = hashes_of(&self.source, tile)?.into();
            let wanted = known.get(usize::from(tile::low_byte(index)));
            if wanted != Some(&subtree_root(&hashes)) {
                return Err(TileTreeError::Changed { tile });
            }
            let mut seen = self.lock();
            // A tile costs one read and 255 hashes again: forgetting them all is simple and rare.
            if seen.len() >= SEEN_MAX {
                seen.clear();
            }
            seen.insert((level, index), Arc::clone(&hashes));
            known = hashes;
        }
        Ok(known)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: TileSource> Subtrees for TileTree<S> {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        let height = level % 8;
        let tile_level = u8::try_from(level / 8).ok()?;
        let start = index.checked_mul(1 << height)?;
        let hashes = self.hashes(tile_level, start >> 8).ok()?;
        let from = usize::from(tile::low_byte(start));
        hashes.get(from..from + (1 << height)).map(subtree_root)
    }
}

fn hashes_of(source: &impl TileSource, tile: Tile) -> Result<Vec<NodeHash>, TileTreeError> {
    let (found, bytes) = read(source, tile)?;
    let hashes = tile::read_hashes(&bytes, found.width());
    let mut hashes = hashes.map_err(|why| TileTreeError::Malformed { tile: found, why })?;
    hashes.truncate(usize::from(tile.width()));
    Ok(hashes)
}

/// A tile, or the full one that has taken its place since.
fn read(source: &impl TileSource, tile: Tile) -> Result<(Tile, Vec<u8>), TileTreeError> {
    let one = |tile: Tile| {
        source
            .read(tile)
            .map_err(|source| TileTreeError::Io { tile, source })
    };
    if let Some(bytes) = one(tile)? {
        return Ok((tile, bytes));
    }
    if tile.width() < TILE_WIDTH
        && let Some(bytes) = one(tile.filled())?
    {
        return Ok((tile.filled(), bytes));
    }
    Err(TileTreeError::Absent { tile })
}

/// Tiles kept in memory, 8 KiB each.
const SEEN_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::super::proof;
    use super::super::tile_stack::FilledTile;
    use super::super::tree::{MemoryTree, root_at};
    use super::*;

    /// Tiles in memory, as a log of `size` entries publishes them.
    #[derive(Debug, Default)]
    struct Shelf(RefCell<BTreeMap<Tile, Vec<u8>>>);

    impl TileSource for &Shelf {
        fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>> {
            Ok(self.0.borrow().get(&tile).cloned())
        }
    }

    fn entry(n: u64) -> Vec<u8> {
        format!("entry {n}").into_bytes()
    }

    fn publish(size: u64) -> (Shelf, RootHash) {
        let shelf = Shelf::default();
        let mut stack = TileStack::new();
        let mut bundle = Vec::new();
        let put = |filled: FilledTile| {
            let bytes = tile::write_hashes(&filled.hashes);
            shelf.0.borrow_mut().insert(filled.tile, bytes);
        };
        for n in 0..size {
            tile::write_entry(&entry(n), &mut bundle).unwrap();
            stack.push(LeafHash::of(&entry(n)), &mut |filled| put(filled));
            if n % 256 == 255 || n + 1 == size {
                let tile = Tile::of_log(TileKind::Entries, n / 256, TreeSize(n + 1))
                    .unwrap_or(Tile::full(TileKind::Entries, n / 256));
                shelf.0.borrow_mut().insert(tile, std::mem::take(&mut bundle));
            }
        }
        stack.partials().for_each(put);
        (shelf, stack.root())
    }

    #[test]
    fn every_subtree_and_entry_of_a_published_log_is_read() {
        for size in [1u64, 2, 255, 256, 257, 300, 512, 1000, 66_000] {
            let (shelf, root) = publish(size);
            let plain = MemoryTree::of((0..size).map(|n| LeafHash::of(&entry(n))));
            let tree = TileTree::open(&shelf, TreeSize(size), root).unwrap();
            for level in 0..18u32 {
                let count = size >> level;
                for index in (0..count + 2).filter(|n| count < 2000 || n % 331 == 0 || *n + 2 >= count) {
                    assert_eq!(
                        tree.subtree(level, index),
                        plain.subtree(level, index),
                        "{size}: {level}/{index}"
                    );
                }
            }
            assert_eq!(root_at(&tree, TreeSize(size)), Some(root));
            let indexes = [0, size / 2, size - 1];
            for index in indexes {
                assert_eq!(tree.entry(LeafIndex(index)).unwrap(), entry(index));
                let proof = proof::inclusion(&tree, LeafIndex(index), TreeSize(size)).unwrap();
                let leaf = LeafHash::of(&entry(index));
                proof::verify_inclusion(leaf, LeafIndex(index), TreeSize(size), root, &proof).unwrap();
            }
            assert!(tree.entry(LeafIndex(size)).is_err());
            assert!(matches!(
                tree.bundle(tree.bundles()),
                Err(TileTreeError::Absent { .. })
            ));
        }
    }

    #[test]
    fn an_empty_log_has_no_tiles() {
        let (shelf, root) = publish(0);
        let tree = TileTree::open(&shelf, TreeSize(0), root).unwrap();
        assert_eq!((tree.bundles(), tree.subtree(0, 0)), (0, None));
        assert!(matches!(
            TileTree::open(&shelf, TreeSize(0), RootHash::from_bytes([1; 32])),
            Err(TileTreeError::Edge { .. })
        ));
    }

    /// A log that grew: the partial tiles are gone, the full ones stand in for them.
    #[test]
    fn a_full_tile_stands_in_for_its_partial_one() {
        let (old, old_root) = publish(700);
        let (new, _) = publish(1024);
        drop(old);
        let tree = TileTree::open(&new, TreeSize(700), old_root);
        // Level 1 has no full tile yet, so the old edge is there only as far as level 0 goes.
        assert!(matches!(tree, Err(TileTreeError::Absent { .. })));
        let (old, old_root) = publish(700);
        let level_1 = Tile::try_new(TileKind::Hashes(1), 0, 2).unwrap();
        new.0
            .borrow_mut()
            .insert(level_1, old.0.borrow()[&level_1].clone());
        let tree = TileTree::open(&new, TreeSize(700), old_root).unwrap();
        assert_eq!(tree.bundle(2).unwrap().len(), 700 - 512);
        assert_eq!(tree.entry(LeafIndex(699)).unwrap(), entry(699));
        assert!(tree.entry(LeafIndex(700)).is_err());
    }

    #[test]
    fn every_changed_byte_of_every_tile_is_noticed() {
        let size = 66_000u64;
        let (shelf, root) = publish(size);
        let tiles: Vec<Tile> = shelf.0.borrow().keys().copied().collect();
        let some = tiles
            .iter()
            .filter(|tile| tile.index() % 40 == 0 || !tile.is_full() || tile.kind() > TileKind::Hashes(0));
        for tile in some {
            let good = shelf.0.borrow()[tile].clone();
            for at in (0..good.len()).step_by(977) {
                let mut bad = good.clone();
                bad[at] ^= 1;
                shelf.0.borrow_mut().insert(*tile, bad);
                let read = TileTree::open(&shelf, TreeSize(size), root).and_then(|tree| match tile.kind() {
                    TileKind::Entries => tree.bundle(tile.index()).map(|_| ()),
                    TileKind::Hashes(level) => tree.hashes(level, tile.index()).map(|_| ()),
                });
                assert!(read.is_err(), "{tile}, byte {at}");
            }
            shelf
                .0
                .borrow_mut()
                .insert(*tile, good[..good.len() - 1].to_vec());
            let read = TileTree::open(&shelf, TreeSize(size), root).and_then(|tree| match tile.kind() {
                TileKind::Entries => tree.bundle(tile.index()).map(|_| ()),
                TileKind::Hashes(level) => tree.hashes(level, tile.index()).map(|_| ()),
            });
            assert!(matches!(read, Err(TileTreeError::Malformed { .. })), "{tile}");
            shelf.0.borrow_mut().insert(*tile, good);
        }
    }
}
