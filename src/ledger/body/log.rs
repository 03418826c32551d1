//! What the log says of itself, signed by the log's own key.

use super::BodyError;
use super::codes::codes;
use super::fields::{Fields, Payload};
use crate::base::Digest;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::{LeafIndex, TreeSize};

codes! {
    /// Why the body of an entry is dropped.
    RedactGround {
        /// A person asked for erasure.
        Erasure = 1 "erasure",
        /// A court or an authority ordered it.
        Order = 2 "order",
        /// The log's published policy.
        Policy = 3 "policy",
    }
}

codes! {
    /// What kind of evidence of time an anchor is.
    AnchorKind {
        /// A time-stamp token (RFC 3161).
        Rfc3161 = 1 "rfc3161",
        /// An OpenTimestamps proof.
        OpenTimestamps = 2 "ots",
    }
}

/// The body of an earlier entry may be dropped; its leaf hash stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redact {
    /// Where the entry stands.
    pub index: LeafIndex,
    /// Its leaf hash.
    pub leaf: LeafHash,
    /// Why.
    pub ground: RedactGround,
}

/// The root of the state map over a beginning of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateRoot {
    /// The root of the map.
    pub root: Digest,
    /// How many keys it has.
    pub keys: u64,
    /// How many entries it covers: all before this entry.
    pub covers: TreeSize,
}

/// Evidence from elsewhere that a checkpoint of the log existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Digest of the evidence's bytes.
    pub evidence: Digest,
    /// Its kind.
    pub kind: AnchorKind,
    /// Size of the checkpoint that it is about.
    pub covers: TreeSize,
}

impl Redact {
    pub(super) fn write(&self, out: &mut Payload) {
        out.uint(1, self.index.0);
        out.bytes(2, self.leaf.as_bytes());
        out.code(3, self.ground.code());
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            index: LeafIndex(fields.uint(1)?),
            leaf: fields.leaf(2)?,
            ground: fields.code(3, "redaction", RedactGround::from_code)?,
        })
    }
}

impl StateRoot {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.root.as_bytes());
        out.uint(2, self.keys);
        out.uint(3, self.covers.0);
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            root: fields.digest(1)?,
            keys: fields.uint(2)?,
            covers: TreeSize(fields.uint(3)?),
        })
    }
}

impl Anchor {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.evidence.as_bytes());
        out.code(2, self.kind.code());
        out.uint(3, self.covers.0);
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            evidence: fields.digest(1)?,
            kind: fields.code(2, "anchor", AnchorKind::from_code)?,
            covers: TreeSize(fields.uint(3)?),
        })
    }
}
