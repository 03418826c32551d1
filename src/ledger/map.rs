//! The state map: what stands in a log about each topic at one size, under one hash. An inclusion proof shows that an
//! entry is in the log, never that no later one undoes it; a path through this map shows the latest one, or that there is
//! none. Its root goes into the log as a `state.root` entry: the log vouches for the map, and who replays the log
//! catches a false root. Witnesses do not.
//!
//! # Bytes
//!
//! Every hash is SHA-256. The first byte says of what, so that none passes for another, nor for a leaf (0x00) or a node
//! (0x01) of the log.
//!
//! ```text
//! key      0x04 || kind u8 || topic
//!            kind 1  an asset: the 16 bytes of its id
//!            kind 2  a content digest (the file without its manifest store): 32 bytes
//!            kind 3  a pixel digest: the number of its rule u8, 32 bytes
//! leaf     0x02 || key, 32 bytes || state, 32 bytes || status u16, big-endian
//! branch   0x03 || bit u8 || hash of the 0 side, 32 bytes || hash of the 1 side, 32 bytes
//! empty    0x05, the root of a map without keys
//! ```
//!
//! The state of a content or pixel digest is the leaf hash of the first registration with that digest. The state of an
//! asset is the hash of its titles, one for each identity that registered the id:
//!
//! ```text
//! state    0x06 || for each registration, in the order of the log:
//!            its leaf hash, 32 bytes || how many holders u16, big-endian || for each, in the order of identities:
//!              identity, 32 bytes || share u16, big-endian, basis points || title, 32 bytes
//! ```
//!
//! The status is the sum of what holds. Of a digest: 1 registered again after the first time. Of an asset: 1 a dispute is
//! open; 2 a title leans on an entry signed with a key that was declared compromised before it; 4 a licence took effect
//! and was not ended; 8 such a one is exclusive; 16 uses are reserved.
//!
//! A holder's title is the leaf hash of the entry by which the share is held: the registration, or the last acceptance
//! that touched it. In a private ledger the digests are the keyed ones: a
//! stranger cannot tell whether a keyed digest is that of the picture in his hands, so a path about a digest convinces
//! only who has the ledger's secret, and that secret opens the look-up of everything. Paths about an asset id convince anyone.
//!
//! # Tree
//!
//! Sort the keys, bit 0 being the highest bit of the first byte. One key is its leaf. More are a branch at the first bit
//! in which they differ: on its 0 side the keys that have 0 there, on its 1 side the others. So the root depends on the
//! keys and values alone, never on the order they came in; a map of n keys has n - 1 branches, and the way to a key
//! about log2 n of them (the keys are hashes), at most 256.
//!
//! A proof is that way: the bits and the hashes beside it, from the root down, and the leaf where it ends. The way is
//! given by the key that is asked for, as the bits are hashed into the branches. So *one root gives one answer about
//! each key, however the root was made*: either the leaf at the end is the key's, or the key is not there.
//!
//! ```text
//! found (state, base64) (status)              the key is there
//! other (key, base64) (state) (status)        the key is absent: the way to it ends at another
//! empty                                       the key is absent: the map has none
//! step (bit) (hash beside the way, base64)    as often as needed, bits ascending
//! ```
//!
//! A true example, in which the content digest of 32 bytes 0x07 is proved absent from the map of `content` digests of
//! 32 bytes 0x01, 0x02 and 0x03 (states of the same bytes, status 0), root
//! `368337232ac58796726530b48df0f94ec12dc3086e681240210795069e04207a`:
//!
//! ```text
//! other qxk6xLtUxXzG2HnW1cqPm1dDX5hfaRV633E/bJkwOyo= AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= 0
//! step 1 eurJvZZizeufSlK5bWEC6yXAhnjNjZodwqFfssKxV+s=
//! ```
//!
//! # Why this tree
//!
//! A sparse tree of 256 levels needs a list of empty hashes and proofs with a bitmap. Tries that hash each node's whole
//! prefix (the AKD library, torchwood's `mpt`, on which transparency-dev's vindex stands) hash two to three times as
//! much for each step; the prefix adds nothing that the bit does not bind already. vindex keeps lists of
//! indexes under a key; here a key has one value, and what it was before is in the log.

mod feed;
mod merge;
mod proof;
mod run;
mod sweep;
mod title;
mod top;
mod topic;
mod tree;
mod word;

pub use feed::{AGAIN, DISPUTED, EXCLUSIVE, Feed, LICENSED, RESERVED, SUSPECT, Said, titles};
pub use proof::{End, MapProof, MapProofError, STEPS_MAX, Step};
pub use sweep::{NotAscending, Sweep, Swept};
pub use title::{Holding, Title};
pub use topic::Topic;
pub use tree::{Settled, StateMap};

use std::fmt;

use super::hash::{plain_bytes, sha256_of_two_blocks};
use crate::base::Digest;
use crate::base::digest::hex;

/// Where a topic stands in the map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapKey([u8; 32]);

/// What the map says about a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapValue {
    /// Who holds an asset, or which entry first registered a digest, as a hash.
    pub state: Digest,
    /// What else is to be known, as flags.
    pub status: u16,
}

/// How many keys a map has. Neither a size of the log nor an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapSize(pub u64);

/// The hash of a whole map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapRoot([u8; 32]);

/// The hash of a leaf or a branch of the map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapHash([u8; 32]);

plain_bytes!(MapKey);
plain_bytes!(MapRoot);
plain_bytes!(MapHash);

impl MapKey {
    /// The bit with this number; bit 0 is the highest of the first byte.
    #[must_use]
    pub fn bit(&self, bit: u8) -> bool {
        let byte = self.0[usize::from(bit >> 3)];
        byte & (0x80 >> (bit & 7)) != 0
    }

    /// The first 64 bits.
    fn beginning(&self) -> u64 {
        let first = self.0.first_chunk().copied();
        u64::from_be_bytes(first.unwrap_or_default())
    }

    /// The first bit in which two keys differ; `None` when they are the same.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<u8> {
        for (bits_before, (a, b)) in (0..=255).step_by(8).zip(self.0.iter().zip(&other.0)) {
            if a != b {
                return u8::try_from((a ^ b).leading_zeros())
                    .ok()
                    .map(|zeros| bits_before + zeros);
            }
        }
        None
    }
}

impl MapRoot {
    /// The root of a map without keys.
    #[must_use]
    pub fn empty() -> Self {
        Self(sha256(&[OF_EMPTY]))
    }
}

impl MapHash {
    /// The subtree that holds one key alone.
    #[must_use]
    pub fn leaf(key: &MapKey, value: &MapValue) -> Self {
        Self(sha256_of_two_blocks::<67>(|bytes| {
            bytes[0] = OF_LEAF;
            bytes[1..33].copy_from_slice(&key.0);
            bytes[33..65].copy_from_slice(value.state.as_bytes());
            bytes[65..].copy_from_slice(&value.status.to_be_bytes());
        }))
    }

    /// The subtree whose keys first differ in `bit`, of those that have 0 there and those that have 1.
    #[must_use]
    pub fn branch(bit: u8, zeros: Self, ones: Self) -> Self {
        Self(sha256_of_two_blocks::<66>(|bytes| {
            bytes[0] = OF_BRANCH;
            bytes[1] = bit;
            bytes[2..34].copy_from_slice(&zeros.0);
            bytes[34..].copy_from_slice(&ones.0);
        }))
    }

    /// This subtree taken as the whole map.
    #[must_use]
    pub const fn root(self) -> MapRoot {
        MapRoot(self.0)
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    *Digest::of(bytes).as_bytes()
}

const OF_LEAF: u8 = 0x02;
const OF_BRANCH: u8 = 0x03;
const OF_KEY: u8 = 0x04;
const OF_EMPTY: u8 = 0x05;
const OF_TITLES: u8 = 0x06;

#[cfg(test)]
mod tests;
