//! The tiles of a growing log: leaves go in, full tiles come out, the partial ones at the right edge stay.
//!
//! The edge alone decides the root, so whoever has compared the root has checked every hash of the edge.

use super::hash::{LeafHash, NodeHash, RootHash};
use super::tile::{Tile, TileKind, low_byte};
use super::tree::{Subtrees, TreeSize, fold_right};

/// The partial tiles of a log, one a level: at most 8 levels of at most 255 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileStack {
    size: u64,
    levels: Vec<Vec<NodeHash>>,
}

/// A tile with its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledTile {
    /// Its place.
    pub tile: Tile,
    /// Its hashes, as many as its width.
    pub hashes: Vec<NodeHash>,
}

impl TileStack {
    /// The edge of an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of a log of `size` entries, each tile of it got from `partial`. Compare [`TileStack::root`] before trusting it.
    ///
    /// # Errors
    /// What `partial` gives; it is handed each tile of the edge that is not empty, lowest first, and must give as many
    /// hashes as the tile is wide.
    pub fn of_edge<E>(
        size: TreeSize,
        mut partial: impl FnMut(Tile) -> Result<Vec<NodeHash>, E>,
    ) -> Result<Self, E> {
        let mut levels = Vec::new();
        for level in 0..8u8 {
            let count = size.0 >> (u32::from(level) * 8);
            if count == 0 {
                break;
            }
            let tile = Tile::try_new(TileKind::Hashes(level), count >> 8, u16::from(low_byte(count)));
            levels.push(tile.map(&mut partial).transpose()?.unwrap_or_default());
        }
        Ok(Self { size: size.0, levels })
    }

    /// The edge of the first `size` entries of a log; `None` where the log lacks a hash.
    #[must_use]
    pub fn of_log(trees: &dyn Subtrees, size: TreeSize) -> Option<Self> {
        Self::of_edge(size, |tile| {
            let TileKind::Hashes(level) = tile.kind() else {
                return Err(());
            };
            let start = tile.index() << 8;
            (0..u64::from(tile.width()))
                .map(|at| trees.subtree(u32::from(level) * 8, start + at).ok_or(()))
                .collect()
        })
        .ok()
    }

    /// Adds one leaf; tiles that this fills are given to `full`, lowest first.
    pub fn push(&mut self, leaf: LeafHash, full: &mut dyn FnMut(FilledTile)) {
        let mut node = leaf.node();
        let mut count = self.size;
        self.size = self.size.saturating_add(1);
        for level in 0..8u8 {
            let place = usize::from(level);
            if self.levels.len() <= place {
                self.levels.push(Vec::with_capacity(256));
            }
            let Some(hashes) = self.levels.get_mut(place) else {
                return;
            };
            hashes.push(node);
            if hashes.len() < 256 {
                return;
            }
            let hashes = std::mem::take(hashes);
            node = subtree_root(&hashes);
            count >>= 8;
            let tile = Tile::full(TileKind::Hashes(level), count);
            full(FilledTile { tile, hashes });
        }
    }

    /// How many leaves the log has.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// The partial tiles, lowest first.
    pub fn partials(&self) -> impl Iterator<Item = FilledTile> {
        (0u8..).zip(&self.levels).filter_map(|(level, hashes)| {
            let index = self.size >> (u32::from(level) * 8) >> 8;
            let width = u16::try_from(hashes.len()).ok()?;
            let tile = Tile::try_new(TileKind::Hashes(level), index, width)?;
            let hashes = hashes.clone();
            Some(FilledTile { tile, hashes })
        })
    }

    /// The hashes of the partial tile of a level; empty where there is none.
    #[must_use]
    pub fn edge(&self, level: u8) -> &[NodeHash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// The root of the log.
    #[must_use]
    pub fn root(&self) -> RootHash {
        let nodes: Vec<NodeHash> = self
            .levels
            .iter()
            .rev()
            .flat_map(|hashes| complete_subtrees(hashes))
            .collect();
        fold_right(&nodes).map_or_else(RootHash::empty, NodeHash::root)
    }
}

/// The root of a complete subtree over hashes whose number is a power of two.
pub(super) fn subtree_root(hashes: &[NodeHash]) -> NodeHash {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks_exact(2)
            .map(|pair| NodeHash::parent(pair[0], pair[1]))
            .collect();
    }
    level.first().copied().unwrap_or(NodeHash::from_bytes([0; 32]))
}

/// The complete subtrees over hashes, largest first.
fn complete_subtrees(hashes: &[NodeHash]) -> Vec<NodeHash> {
    let mut nodes = Vec::new();
    let mut rest = hashes;
    while let Some(log) = rest.len().checked_ilog2() {
        let (left, right) = rest.split_at(1 << log);
        nodes.push(subtree_root(left));
        rest = right;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::super::tile::new_tiles;
    use super::super::tree::{CompactRange, MemoryTree};
    use super::*;

    fn leaf(n: u64) -> LeafHash {
        LeafHash::of(&n.to_be_bytes())
    }

    #[test]
    fn roots_and_tiles_are_those_of_the_plain_tree() {
        let (mut stack, mut range) = (TileStack::new(), CompactRange::new());
        let mut filled = Vec::new();
        let end = 66_000u64;
        let all = MemoryTree::of((0..end).map(leaf));
        assert_eq!(stack.root(), range.root());
        for n in 0..end {
            stack.push(leaf(n), &mut |tile| filled.push(tile));
            range.push(leaf(n));
            if n < 1030 || n % 997 == 0 || n + 1 == end {
                assert_eq!(stack.root(), range.root(), "{n}");
                let again = TileStack::of_log(&all, TreeSize(n + 1)).unwrap();
                assert_eq!(again.root(), stack.root());
                assert_eq!(
                    again.partials().collect::<Vec<_>>(),
                    stack.partials().collect::<Vec<_>>()
                );
            }
        }
        filled.extend(stack.partials());
        let mut wanted: Vec<Tile> = new_tiles(TreeSize(0), TreeSize(end))
            .unwrap()
            .filter(|tile| tile.kind() != TileKind::Entries)
            .collect();
        let mut found: Vec<Tile> = filled.iter().map(|filled| filled.tile).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted);
        for FilledTile { tile, hashes } in filled {
            assert_eq!(hashes.len(), usize::from(tile.width()));
            let TileKind::Hashes(level) = tile.kind() else {
                panic!("{tile}")
            };
            for (at, hash) in hashes.iter().enumerate() {
                let index = tile.index() * 256 + at as u64;
                assert_eq!(all.subtree(u32::from(level) * 8, index), Some(*hash), "{tile}");
            }
        }
    }

    #[test]
    fn an_edge_with_one_changed_hash_has_another_root() {
        let mut stack = TileStack::new();
        for n in 0..65_536 + 512 + 3 {
            stack.push(leaf(n), &mut |_| ());
        }
        let root = stack.root();
        let edge: Vec<FilledTile> = stack.partials().collect();
        assert_eq!(edge.len(), 3);
        for (level, filled) in edge.iter().enumerate() {
            for at in 0..filled.hashes.len() {
                let mut changed = stack.clone();
                changed.levels[level][at] = NodeHash::from_bytes([9; 32]);
                assert_ne!(changed.root(), root, "level {level}, {at}");
            }
        }
    }
}
