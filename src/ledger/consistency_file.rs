//! Consistency proofs as files: that one state of a log is the beginning of another, for whoever holds both checkpoints.
//!
//! ```text
//! byline-consistency-proof/v1
//! old (tree size)
//! new (tree size)
//! (base64 of a hash, one a line: RFC 9162, 2.1.4)
//! ```
//!
//! Nothing in it is taken on trust: the two checkpoints hold the roots, signed by the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::hash::{NodeHash, RootHash};
use super::proof::{ProofError, verify_consistency};
use super::tree::TreeSize;

/// Longest file read, bytes: 64 levels on either side of 44 characters each, and its head.
pub const CONSISTENCY_FILE_BYTES_MAX: usize = 8 << 10;
/// More than any proof has: two a level of the largest tree.
const HASHES_MAX: usize = 128;
const VERSION_LINE: &str = "byline-consistency-proof/v1";

/// A consistency proof, read or made; not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyFile {
    /// Size of the older state.
    pub old: TreeSize,
    /// Size of the newer one.
    pub new: TreeSize,
    /// The proof.
    pub hashes: Vec<NodeHash>,
}

/// Why a file is no consistency proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a consistency proof: {why}")]
pub struct NoConsistencyFile {
    /// Which rule is broken.
    pub why: &'static str,
}

impl ConsistencyFile {
    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{VERSION_LINE}\nold {}\nnew {}\n", self.old, self.new);
        for hash in &self.hashes {
            text.push_str(&BASE64.encode(hash.as_bytes()));
            text.push('\n');
        }
        text
    }

    /// Reads a file; one spelling only. Verifies nothing.
    pub fn parse(text: &str) -> Result<Self, NoConsistencyFile> {
        let wrong = |why| NoConsistencyFile { why };
        if text.len() > CONSISTENCY_FILE_BYTES_MAX {
            return Err(wrong("it is longer than 8 KiB"));
        }
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        if lines.next() != Some(VERSION_LINE) {
            return Err(wrong("its first line is not byline-consistency-proof/v1"));
        }
        let mut size = |word| {
            let number = lines.next().and_then(|line| line.strip_prefix(word));
            number.and_then(|number| number.parse().ok()).map(TreeSize)
        };
        let old = size("old ").ok_or(wrong("no size of the older state"))?;
        let new = size("new ").ok_or(wrong("no size of the newer state"))?;
        let hashes: Option<Vec<NodeHash>> = lines.take(HASHES_MAX).map(hash).collect();
        let hashes = hashes.ok_or(wrong("a line is no hash in base64"))?;
        let read = Self { old, new, hashes };
        if read.text() == text {
            Ok(read)
        } else {
            Err(wrong("it is not spelled as such files are"))
        }
    }

    /// Whether it proves that the tree of this root and its older size is the beginning of the other.
    ///
    /// # Errors
    /// Why it does not.
    pub fn verify(&self, old: RootHash, new: RootHash) -> Result<(), ProofError> {
        verify_consistency((self.old, old), (self.new, new), &self.hashes)
    }
}

fn hash(line: &str) -> Option<NodeHash> {
    let bytes: [u8; 32] = BASE64.decode(line).ok()?.try_into().ok()?;
    Some(NodeHash::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::hash::LeafHash;
    use crate::ledger::tree::{MemoryTree, root_at};

    #[test]
    fn what_was_written_is_read_and_verified_and_nothing_else_is() {
        let leaves: Vec<LeafHash> = (0..7u8).map(|n| LeafHash::of(&[n])).collect();
        let tree = MemoryTree::of(leaves);
        let root = |size| root_at(&tree, TreeSize(size)).unwrap();
        let file = ConsistencyFile {
            old: TreeSize(3),
            new: TreeSize(7),
            hashes: crate::ledger::proof::consistency(&tree, TreeSize(3), TreeSize(7)).unwrap(),
        };
        let text = file.text();
        assert_eq!(ConsistencyFile::parse(&text), Ok(file.clone()));
        assert_eq!(file.verify(root(3), root(7)), Ok(()));
        assert!(file.verify(root(4), root(7)).is_err());
        assert!(file.verify(root(3), root(6)).is_err());
        let long = format!("{text}{}", "x".repeat(CONSISTENCY_FILE_BYTES_MAX));
        for bad in [
            String::new(),
            text.replace("/v1", "/v2"),
            text.replace("old 3", "old 03"),
            text.replace("new 7", "new -7"),
            text.trim_end().to_owned(),
            format!("{text}\n"),
            format!("{text}AAAA\n"),
            long,
        ] {
            assert!(ConsistencyFile::parse(&bad).is_err(), "{bad}");
        }
        // One hash more or less is a file, but no proof.
        let fewer = ConsistencyFile {
            hashes: file.hashes[1..].to_vec(),
            ..file
        };
        assert!(fewer.verify(root(3), root(7)).is_err());
    }
}
