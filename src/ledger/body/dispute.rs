//! Disputes: anyone with a key in the log may contest an entry; it is displayed, never blocked.

use super::BodyError;
use super::codes::codes;
use super::fields::{Fields, Payload, public_key};
use crate::base::Digest;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::hash::LeafHash;

codes! {
    /// What is contested.
    Ground {
        /// Someone else had the picture before it was recorded here.
        FirstRegistration = 1 "first-registration",
        /// Someone else made the picture.
        Authorship = 2 "authorship",
        /// The title did not move, or moved to someone else.
        Title = 3 "title",
        /// The licence was not granted, or not so.
        Licence = 4 "licence",
        /// How the picture is said to have been made: by a person or by a model.
        AiOrHuman = 5 "ai-or-human",
        /// Something else.
        Other = 6 "other",
    }
}

codes! {
    /// What the other side says.
    Stance {
        /// The entry stands.
        Denied = 1 "denied",
        /// The opener is right.
        Conceded = 2 "conceded",
    }
}

codes! {
    /// How a dispute ended.
    Outcome {
        /// The opener takes it back.
        Withdrawn = 1 "withdrawn",
        /// The sides agreed.
        Settled = 2 "settled",
        /// The arbiter finds for the opener.
        Upheld = 3 "upheld",
        /// The arbiter finds against the opener.
        Rejected = 4 "rejected",
    }
}

impl Outcome {
    /// Whether only an arbiter may say so.
    #[must_use]
    pub const fn needs_arbiter(self) -> bool {
        matches!(self, Self::Upheld | Self::Rejected)
    }
}

/// An entry about an asset is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeOpen {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The contested entry, which is about the same asset.
    pub entry: LeafHash,
    /// What is contested.
    pub ground: Ground,
    /// Digest of the evidence, salted by whoever made it.
    pub evidence: Option<Digest>,
    /// Present when the recovery key of an identity opens it; that key signs.
    pub privilege: Option<Privilege>,
}

/// That a dispute is opened with the recovery key of an identity whose current key may be in other hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// The recovery key, revealed.
    pub key: PublicKey,
    /// The identity that committed to it.
    pub identity: KeyId,
}

/// The other side answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeAnswer {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The dispute.open.
    pub dispute: LeafHash,
    /// What it says.
    pub stance: Stance,
    /// Digest of the evidence, salted by whoever made it.
    pub evidence: Option<Digest>,
}

/// A dispute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeClose {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The dispute.open.
    pub dispute: LeafHash,
    /// How.
    pub outcome: Outcome,
    /// Digest of the settlement or decision, salted by whoever made it.
    pub evidence: Option<Digest>,
}

impl DisputeOpen {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.entry.as_bytes());
        out.code(2, self.ground.code());
        out.maybe_bytes(3, self.evidence.as_ref().map(Digest::as_bytes));
        if let Some(privilege) = &self.privilege {
            out.bytes(4, privilege.key.as_bytes());
            out.bytes(5, privilege.identity.as_bytes());
        }
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        let (entry, ground) = (fields.leaf(1)?, fields.code(2, "ground", Ground::from_code)?);
        let evidence = fields.maybe_digest(3)?;
        let privilege = match fields.optional(4, public_key)? {
            Some(key) => Some(Privilege {
                key,
                identity: fields.thumbprint(5)?,
            }),
            None => None,
        };
        Ok(Self {
            asset_id,
            entry,
            ground,
            evidence,
            privilege,
        })
    }
}

impl DisputeAnswer {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.dispute.as_bytes());
        out.code(2, self.stance.code());
        out.maybe_bytes(3, self.evidence.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            dispute: fields.leaf(1)?,
            stance: fields.code(2, "stance", Stance::from_code)?,
            evidence: fields.maybe_digest(3)?,
        })
    }
}

impl DisputeClose {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.dispute.as_bytes());
        out.code(2, self.outcome.code());
        out.maybe_bytes(3, self.evidence.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            dispute: fields.leaf(1)?,
            outcome: fields.code(2, "outcome", Outcome::from_code)?,
            evidence: fields.maybe_digest(3)?,
        })
    }
}
