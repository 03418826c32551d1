//! Positions in the log and the tree over it: sizes, indexes, the compact right edge, and the stored subtrees.
//!
//! Source: RFC 6962, section 2.1.

use std::fmt;

use super::hash::{LeafHash, NodeHash, RootHash};

/// How many entries a log has. Never mixed with an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeSize(pub u64);

/// Where an entry stands in the log, counted from 0. Never mixed with a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(pub u64);

impl LeafIndex {
    /// The index again where a log of `size` entries has it; `None` beyond.
    #[must_use]
    pub const fn within(self, size: TreeSize) -> Option<Self> {
        if self.0 < size.0 { Some(self) } else { None }
    }
}

impl fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TreeSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The right edge of a tree: the complete subtrees, largest first, that its size in binary names. At most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    nodes: Vec<NodeHash>,
}

impl CompactRange {
    /// The edge of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            nodes: Vec::new(),
        }
    }

    /// Takes an edge that was stored; `None` unless it has one hash for each 1 bit of `size`.
    #[must_use]
    pub fn from_parts(size: TreeSize, nodes: Vec<NodeHash>) -> Option<Self> {
        let wanted = usize::try_from(size.0.count_ones()).ok()?;
        (nodes.len() == wanted).then_some(Self { size: size.0, nodes })
    }

    /// Adds one leaf; nodes that this completes are merged.
    pub fn push(&mut self, leaf: LeafHash) {
        self.push_with(leaf, |_| ());
    }

    /// As [`CompactRange::push`]; `made` is told each complete subtree that ends with this leaf, the leaf itself first,
    /// then the pair, the four and so on.
    pub fn push_with(&mut self, leaf: LeafHash, mut made: impl FnMut(&NodeHash)) {
        let mut node = leaf.node();
        made(&node);
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = NodeHash::parent(left, node);
                made(&node);
            }
        }
        self.nodes.push(node);
        self.size = self.size.saturating_add(1);
    }

    /// How many leaves were added.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// The complete subtrees, largest first.
    #[must_use]
    pub fn nodes(&self) -> &[NodeHash] {
        &self.nodes
    }

    /// The root of the tree so far.
    #[must_use]
    pub fn root(&self) -> RootHash {
        fold_right(&self.nodes).map_or_else(RootHash::empty, NodeHash::root)
    }
}

/// What a proof is made from: the complete subtrees of a log.
pub trait Subtrees {
    /// The hash of the complete subtree over leaves `index << level` up to `(index + 1) << level`; `None` where the log has not that many.
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash>;
}

/// The root of the first `size` leaves; `None` where the subtrees are not there.
#[must_use]
pub fn root_at(trees: &dyn Subtrees, size: TreeSize) -> Option<RootHash> {
    if size.0 == 0 {
        return Some(RootHash::empty());
    }
    range_hash(trees, 0, size.0).map(NodeHash::root)
}

/// Every complete subtree of a log, in memory: 64 bytes an entry.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<NodeHash>>,
}

impl MemoryTree {
    /// Builds the subtrees over `leaves`.
    #[must_use]
    pub fn of(leaves: impl IntoIterator<Item = LeafHash>) -> Self {
        let mut tree = Self::default();
        let mut level: Vec<NodeHash> = leaves.into_iter().map(LeafHash::node).collect();
        while level.len() > 1 {
            let next = level
                .chunks_exact(2)
                .map(|pair| NodeHash::parent(pair[0], pair[1]))
                .collect();
            tree.levels.push(std::mem::replace(&mut level, next));
        }
        tree.levels.push(level);
        tree
    }
}

impl MemoryTree {
    /// The complete subtrees of one leaf each, of two, of four and so on.
    #[must_use]
    pub fn levels(&self) -> &[Vec<NodeHash>] {
        &self.levels
    }
}

impl Subtrees for MemoryTree {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        let level = self.levels.get(usize::try_from(level).ok()?)?;
        level.get(usize::try_from(index).ok()?).copied()
    }
}

/// The hash of leaves `start..end`, where `start` is a multiple of the smallest power of two not below the length.
/// `None` when the range is empty or the subtrees are not there.
pub(super) fn range_hash(trees: &dyn Subtrees, start: u64, end: u64) -> Option<NodeHash> {
    let mut nodes = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        nodes.push(trees.subtree(level, at >> level)?);
        at = at.checked_add(1u64.checked_shl(level)?)?;
    }
    fold_right(&nodes)
}

pub(super) fn fold_right(nodes: &[NodeHash]) -> Option<NodeHash> {
    let (last, rest) = nodes.split_last()?;
    Some(
        rest.iter()
            .rev()
            .fold(*last, |right, left| NodeHash::parent(*left, right)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The eight leaves and roots of certificate-transparency's reference tests (RFC 6962 known answers).
    pub(crate) const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_the_published_ones() {
        let mut range = CompactRange::new();
        assert_eq!(range.root(), RootHash::empty());
        for (leaf, root) in LEAVES.iter().zip(ROOTS) {
            range.push(LeafHash::of(leaf));
            assert_eq!(range.root().hex(), root);
        }
    }

    #[test]
    fn an_edge_needs_one_hash_for_each_bit_of_its_size() {
        let mut range = CompactRange::new();
        LEAVES
            .iter()
            .take(7)
            .for_each(|leaf| range.push(LeafHash::of(leaf)));
        let again = CompactRange::from_parts(range.size(), range.nodes().to_vec());
        assert_eq!(again, Some(range.clone()));
        assert_eq!(
            CompactRange::from_parts(TreeSize(8), range.nodes().to_vec()),
            None
        );
    }

    #[test]
    fn an_index_is_within_a_size_only_below_it() {
        assert_eq!(LeafIndex(3).within(TreeSize(4)), Some(LeafIndex(3)));
        assert_eq!(LeafIndex(4).within(TreeSize(4)), None);
    }
}
