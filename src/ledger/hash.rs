//! The hashes of the Merkle tree: three types, two prefixes, so that a leaf can never pass for a node.
//!
//! Source: RFC 6962, section 2.1 (the same in RFC 9162, section 2.1.1).

use std::fmt;

use crate::base::digest::{Digest, Hasher, hex};

/// The hash of one entry's bytes: SHA-256 of 0x00 and the bytes. It is also the entry's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafHash([u8; 32]);

/// The hash of a complete or partial subtree of one leaf or more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeHash([u8; 32]);

/// The hash of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootHash([u8; 32]);

/// 32 bytes in and out, and 64 hexadecimal digits, for a type over such a hash.
macro_rules! plain_bytes {
    ($name:ident) => {
        impl $name {
            /// Takes 32 bytes that are already such a hash.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// 64 lower-case hexadecimal digits.
            #[must_use]
            pub fn hex(&self) -> String {
                hex(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.hex())
            }
        }
    };
}

pub(super) use plain_bytes;

plain_bytes!(LeafHash);
plain_bytes!(NodeHash);
plain_bytes!(RootHash);

impl LeafHash {
    /// Hashes the bytes of one entry.
    #[must_use]
    pub fn of(entry: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(&[0x00]);
        hasher.update(entry);
        Self(*hasher.finish().as_bytes())
    }

    /// The subtree that holds this leaf alone.
    #[must_use]
    pub const fn node(self) -> NodeHash {
        NodeHash(self.0)
    }
}

impl NodeHash {
    /// Hashes two neighbouring subtrees into their parent: SHA-256 of 0x01 and both.
    #[must_use]
    pub fn parent(left: Self, right: Self) -> Self {
        Self(sha256_of_two_blocks::<65>(|bytes| {
            bytes[0] = 0x01;
            bytes[1..33].copy_from_slice(&left.0);
            bytes[33..].copy_from_slice(&right.0);
        }))
    }

    /// This subtree taken as the whole tree.
    #[must_use]
    pub const fn root(self) -> RootHash {
        RootHash(self.0)
    }
}

impl RootHash {
    /// The form in checkpoints: base64 with padding (c2sp.org/tlog-checkpoint).
    #[must_use]
    pub fn base64(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(self.0)
    }

    /// The root of the tree without leaves: SHA-256 of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(*Digest::of(b"").as_bytes())
    }
}

/// SHA-256 of the `LEN` bytes, 56 to 119, that `write` leaves in a place of zeros.
///
/// A message of known length that fills two padded blocks: laid out here, a third quicker than the general way.
pub(super) fn sha256_of_two_blocks<const LEN: usize>(write: impl FnOnce(&mut [u8; LEN])) -> [u8; 32] {
    const { assert!(LEN >= 56 && LEN < 120) };
    let mut blocks = [[0; 64]; 2];
    let bytes = blocks.as_flattened_mut();
    if let Some(message) = bytes.first_chunk_mut() {
        write(message);
    }
    bytes[LEN] = 0x80;
    let bits = u64::try_from(LEN).unwrap_or(0).saturating_mul(8);
    bytes[120..].copy_from_slice(&bits.to_be_bytes());
    let mut state = SHA256_START;
    sha2::block_api::compress256(&mut state, &blocks);
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// The first state of SHA-256 (FIPS 180-4, 5.3.3).
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_the_hash_of_one_and_both_children() {
        let mut left = [0; 32];
        for n in 0..200u8 {
            let right = *Digest::of(&[n]).as_bytes();
            let parent = NodeHash::parent(NodeHash(left), NodeHash(right));
            let whole = Digest::of(&[&[0x01][..], &left, &right].concat());
            assert_eq!(parent.0, *whole.as_bytes());
            left = parent.0;
        }
    }

    #[test]
    fn messages_of_two_blocks_have_the_general_hash() {
        fn same<const LEN: usize>() {
            let message: [u8; LEN] = std::array::from_fn(|n| n as u8);
            let quick = sha256_of_two_blocks::<LEN>(|bytes| *bytes = message);
            assert_eq!(quick, *Digest::of(&message).as_bytes());
        }
        same::<56>();
        same::<63>();
        same::<64>();
        same::<65>();
        same::<66>();
        same::<67>();
        same::<118>();
        same::<119>();
    }

    #[test]
    fn a_leaf_and_a_node_of_the_same_bytes_differ() {
        let two = [7u8; 64];
        let left = NodeHash::from_bytes([7; 32]);
        assert_ne!(LeafHash::of(&two).node(), NodeHash::parent(left, left));
    }

    #[test]
    fn the_empty_leaf_has_the_published_hash() {
        assert_eq!(
            LeafHash::of(b"").hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }
}
