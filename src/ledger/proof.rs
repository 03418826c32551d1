//! Inclusion and consistency proofs: made from a log's subtrees, verified without them.
//!
//! Source: RFC 9162, sections 2.1.3 and 2.1.4 (the hashes are those of RFC 6962).

use super::hash::{LeafHash, NodeHash, RootHash};
use super::tree::{LeafIndex, Subtrees, TreeSize, range_hash};

/// Most hashes a proof can need: one for each level of a tree of 2^63 entries.
pub const PROOF_HASHES_MAX: usize = 63;

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The index is not below the size.
    #[error("entry {index} is not in a log of {size} entries")]
    Beyond {
        /// The index asked for.
        index: LeafIndex,
        /// The size of the log.
        size: TreeSize,
    },
    /// The older tree is empty: it is the beginning of every log, and a proof of that proves nothing.
    #[error("the older log is empty, which is the beginning of every log")]
    Empty,
    /// The proof has too few or too many hashes for the sizes it speaks of.
    #[error("the proof has {found} hashes, which does not fit its sizes")]
    Length {
        /// How many hashes the proof has.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root hash")]
    Root,
    /// The newer tree is smaller than the older one.
    #[error("a log of {old} entries cannot have become one of {new}")]
    Shrinks {
        /// Size of the older tree.
        old: TreeSize,
        /// Size of the newer tree.
        new: TreeSize,
    },
    /// The log's subtrees are not all there.
    #[error("the log lacks hashes that the proof needs")]
    Unknown,
}

/// Returns the hashes that lead from leaf `index` to the root of the first `size` leaves, lowest first.
///
/// # Errors
/// [`ProofError::Beyond`] if the log has no such entry, [`ProofError::Unknown`] if `trees` lacks a hash.
pub fn inclusion(
    trees: &dyn Subtrees,
    index: LeafIndex,
    size: TreeSize,
) -> Result<Vec<NodeHash>, ProofError> {
    let leaf = index.within(size).ok_or(ProofError::Beyond { index, size })?.0;
    let (mut start, mut end) = (0, size.0);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if leaf < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    hashes(trees, &ranges)
}

/// Returns the hashes that show the first `old` leaves to be the beginning of the first `new` leaves.
/// Empty when the sizes are equal or `old` is 0.
///
/// # Errors
/// [`ProofError::Shrinks`] if `new < old`, [`ProofError::Unknown`] if `trees` lacks a hash.
pub fn consistency(trees: &dyn Subtrees, old: TreeSize, new: TreeSize) -> Result<Vec<NodeHash>, ProofError> {
    if new < old {
        return Err(ProofError::Shrinks { old, new });
    }
    if old.0 == 0 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new.0);
    let mut ranges = Vec::new();
    while end != old.0 {
        let middle = start + split(end - start);
        if old.0 <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // The verifier holds the old root already, so the old tree as one left subtree needs no hash.
    if start != 0 {
        ranges.push((start, end));
    }
    hashes(trees, &ranges)
}

/// Checks that `leaf` stands at `index` in the tree of `size` leaves with root `root`.
pub fn verify_inclusion(
    leaf: LeafHash,
    index: LeafIndex,
    size: TreeSize,
    root: RootHash,
    proof: &[NodeHash],
) -> Result<(), ProofError> {
    if root_from_inclusion(leaf, index, size, proof)? == root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The root of the tree of `size` leaves that has `leaf` at `index`, if the proof is of such a tree.
///
/// # Errors
/// [`ProofError::Beyond`] and [`ProofError::Length`] when the proof has not the form that size and index ask for.
pub fn root_from_inclusion(
    leaf: LeafHash,
    index: LeafIndex,
    size: TreeSize,
    proof: &[NodeHash],
) -> Result<RootHash, ProofError> {
    let length = ProofError::Length { found: proof.len() };
    let mut at = index.within(size).ok_or(ProofError::Beyond { index, size })?.0;
    let mut last = size.0 - 1;
    let mut node = leaf.node();
    for hash in proof {
        if last == 0 {
            return Err(length);
        }
        if at & 1 == 1 || at == last {
            node = NodeHash::parent(*hash, node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node = NodeHash::parent(node, *hash);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(node.root()) } else { Err(length) }
}

/// Checks that the tree of `old` leaves with root `old_root` is the beginning of the one of `new` leaves with root `new_root`.
///
/// # Errors
/// [`ProofError::Empty`] for a proof from the empty tree to another one: who has seen nothing must say so himself.
pub fn verify_consistency(
    (old, old_root): (TreeSize, RootHash),
    (new, new_root): (TreeSize, RootHash),
    proof: &[NodeHash],
) -> Result<(), ProofError> {
    let length = ProofError::Length { found: proof.len() };
    if new < old {
        return Err(ProofError::Shrinks { old, new });
    }
    if old == new {
        let same = old_root == new_root && (old.0 > 0 || old_root == RootHash::empty());
        return match (proof.is_empty(), same) {
            (false, _) => Err(length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    if old.0 == 0 {
        return Err(ProofError::Empty);
    }
    let mut hashes = proof.iter().copied();
    let first = if old.0.is_power_of_two() {
        Some(NodeHash::from_bytes(*old_root.as_bytes()))
    } else {
        hashes.next()
    };
    let first = first.ok_or(length)?;
    let (mut at, mut last) = (old.0 - 1, new.0 - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (first, first);
    for hash in hashes {
        if last == 0 {
            return Err(length);
        }
        if at & 1 == 1 || at == last {
            from_old = NodeHash::parent(hash, from_old);
            from_new = NodeHash::parent(hash, from_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            from_new = NodeHash::parent(from_new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    match (
        last == 0,
        from_old.root() == old_root && from_new.root() == new_root,
    ) {
        (false, _) => Err(length),
        (true, false) => Err(ProofError::Root),
        (true, true) => Ok(()),
    }
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn hashes(trees: &dyn Subtrees, ranges: &[(u64, u64)]) -> Result<Vec<NodeHash>, ProofError> {
    let hash = |&(start, end)| range_hash(trees, start, end).ok_or(ProofError::Unknown);
    ranges.iter().rev().map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::{CompactRange, MemoryTree};
    use super::*;

    fn leaves(count: u64) -> Vec<LeafHash> {
        (0..count).map(|n| LeafHash::of(&n.to_be_bytes())).collect()
    }

    fn root(leaves: &[LeafHash]) -> RootHash {
        let mut range = CompactRange::new();
        for leaf in leaves {
            range.push(*leaf);
        }
        range.root()
    }

    #[test]
    fn every_leaf_of_every_size_is_proved_and_no_other() {
        let all = leaves(300);
        for size in (1..=300u64).filter(|n| *n < 40 || n % 17 == 0 || *n > 298) {
            let here = &all[..size as usize];
            let (tree, root) = (MemoryTree::of(here.iter().copied()), root(here));
            for index in (0..size).filter(|n| size < 40 || n % 7 == 0 || n + 1 == size) {
                let proof = inclusion(&tree, LeafIndex(index), TreeSize(size)).unwrap();
                let leaf = here[index as usize];
                let check = |leaf, index, size, proof: &[NodeHash]| {
                    verify_inclusion(leaf, LeafIndex(index), TreeSize(size), root, proof)
                };
                assert_eq!(check(leaf, index, size, &proof), Ok(()));
                assert!(check(all[(index as usize + 1) % 300], index, size, &proof).is_err());
                assert!(check(leaf, index + 1, size, &proof).is_err());
                let mut longer = proof.clone();
                longer.push(NodeHash::from_bytes([0; 32]));
                assert!(check(leaf, index, size, &longer).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(check(leaf, index, size, shorter).is_err());
                }
            }
        }
    }

    #[test]
    fn every_beginning_of_a_log_is_proved_and_no_other() {
        let all = leaves(130);
        let tree = MemoryTree::of(all.iter().copied());
        for new in 1..=130u64 {
            let new_root = root(&all[..new as usize]);
            for old in (1..=new).filter(|n| new < 40 || n % 5 == 0 || n + 2 > new) {
                let old_root = root(&all[..old as usize]);
                let proof = consistency(&tree, TreeSize(old), TreeSize(new)).unwrap();
                let check = |old_root, proof: &[NodeHash]| {
                    verify_consistency((TreeSize(old), old_root), (TreeSize(new), new_root), proof)
                };
                assert_eq!(check(old_root, &proof), Ok(()), "{old} to {new}");
                assert!(check(RootHash::from_bytes([9; 32]), &proof).is_err());
                let mut longer = proof.clone();
                longer.push(NodeHash::from_bytes([0; 32]));
                assert!(check(old_root, &longer).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(check(old_root, shorter).is_err());
                }
            }
        }
    }

    #[test]
    fn nothing_is_proved_from_the_empty_tree() {
        let (empty, other) = (RootHash::empty(), RootHash::from_bytes([1; 32]));
        let check = |old: u64, old_root, new: u64, new_root| {
            verify_consistency((TreeSize(old), old_root), (TreeSize(new), new_root), &[])
        };
        assert_eq!(check(0, empty, 0, empty), Ok(()));
        assert_eq!(check(0, empty, 0, other), Err(ProofError::Root));
        assert_eq!(check(0, other, 0, other), Err(ProofError::Root));
        assert_eq!(check(0, empty, 1, other), Err(ProofError::Empty));
        assert_eq!(check(1, other, 1, empty), Err(ProofError::Root));
    }

    #[test]
    fn a_log_that_shrinks_is_refused() {
        let sizes = (TreeSize(3), TreeSize(2));
        let empty = RootHash::empty();
        let shrinks = ProofError::Shrinks {
            old: sizes.0,
            new: sizes.1,
        };
        assert_eq!(
            verify_consistency((sizes.0, empty), (sizes.1, empty), &[]),
            Err(shrinks)
        );
    }

    /// RFC 6962, 2.1.3: the proofs drawn for the tree of seven leaves.
    #[test]
    fn proofs_have_the_shape_drawn_in_the_rfc() {
        let all = leaves(7);
        let tree = MemoryTree::of(all.iter().copied());
        let lengths: Vec<usize> = [0, 3, 4, 6]
            .into_iter()
            .map(|index| inclusion(&tree, LeafIndex(index), TreeSize(7)).unwrap().len())
            .collect();
        assert_eq!(lengths, [3, 3, 3, 2]);
        let lengths: Vec<usize> = [3, 4, 6]
            .into_iter()
            .map(|old| consistency(&tree, TreeSize(old), TreeSize(7)).unwrap().len())
            .collect();
        assert_eq!(lengths, [4, 1, 3]);
    }
}
