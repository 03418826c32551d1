//! Keys: how one enters the log, hands over to the next, and ends.
//!
//! An *identity* is named for ever by the thumbprint of the key it entered with; it speaks by one current key at a time.
//! Each key event commits to the next key by its hash alone (pre-rotation): a thief of the current key has nothing to
//! rotate with.

use super::BodyError;
use super::fields::{Fields, Payload, public_key};
use crate::base::Digest;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// A key enters the log, and with it an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyIncept {
    /// The key that signs this entry and later ones. Its thumbprint names the identity.
    pub key: PublicKey,
    /// SHA-256 of the next key's 32 bytes, so that a thief of this key cannot rotate to one of his own.
    pub next: Option<Digest>,
    /// SHA-256 of the recovery key's 32 bytes: a key kept apart that may revoke, and open privileged disputes.
    pub recovery: Option<Digest>,
}

/// An identity hands over to the key it committed to. Signed by that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRotate {
    /// The identity: the thumbprint of its first key.
    pub identity: KeyId,
    /// The new key.
    pub key: PublicKey,
    /// The identity's latest key.incept or key.rotate.
    pub prev: LeafHash,
    /// SHA-256 of the key after this one.
    pub next: Option<Digest>,
    /// SHA-256 of a new recovery key; absent leaves the earlier one in force.
    pub recovery: Option<Digest>,
}

/// A key of an identity ends. Signed by the next or the recovery key that the identity committed to, or, for an earlier
/// key, by the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRevoke {
    /// The identity.
    pub identity: KeyId,
    /// The signer's key, revealed.
    pub key: PublicKey,
    /// The key event by which the revoked key entered.
    pub event: LeafHash,
    /// Why.
    pub reason: RevokeReason,
}

/// Why a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeReason {
    /// Someone else may have signed with it: its entries at or after `since` are suspect.
    Compromised {
        /// The first entry that is suspect if the key signed it.
        since: LeafIndex,
    },
    /// It is no longer used; what it signed stands.
    Retired,
}

impl RevokeReason {
    const COMPROMISED: u8 = 2;
    const RETIRED: u8 = 1;

    /// The word in reports and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compromised { .. } => "compromised",
            Self::Retired => "retired",
        }
    }
}

impl KeyIncept {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.key.as_bytes());
        out.maybe_bytes(2, self.next.as_ref().map(Digest::as_bytes));
        out.maybe_bytes(3, self.recovery.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            key: fields.required(1, public_key)?,
            next: fields.maybe_digest(2)?,
            recovery: fields.maybe_digest(3)?,
        })
    }
}

impl KeyRotate {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.key.as_bytes());
        out.bytes(2, self.prev.as_bytes());
        out.maybe_bytes(3, self.next.as_ref().map(Digest::as_bytes));
        out.maybe_bytes(4, self.recovery.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>, identity: KeyId) -> Result<Self, BodyError> {
        Ok(Self {
            identity,
            key: fields.required(1, public_key)?,
            prev: fields.leaf(2)?,
            next: fields.maybe_digest(3)?,
            recovery: fields.maybe_digest(4)?,
        })
    }
}

impl KeyRevoke {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.key.as_bytes());
        out.bytes(2, self.event.as_bytes());
        match self.reason {
            RevokeReason::Compromised { since } => {
                out.code(3, RevokeReason::COMPROMISED);
                out.uint(4, since.0);
            }
            RevokeReason::Retired => out.code(3, RevokeReason::RETIRED),
        }
    }

    pub(super) fn read(fields: &mut Fields<'_>, identity: KeyId) -> Result<Self, BodyError> {
        let key = fields.required(1, public_key)?;
        let event = fields.leaf(2)?;
        let reason = match fields.uint(3)? {
            found if found == u64::from(RevokeReason::RETIRED) => RevokeReason::Retired,
            found if found == u64::from(RevokeReason::COMPROMISED) => RevokeReason::Compromised {
                since: LeafIndex(fields.uint(4)?),
            },
            found => {
                let field = "revocation reason";
                return Err(BodyError::Code { field, found });
            }
        };
        Ok(Self {
            identity,
            key,
            event,
            reason,
        })
    }
}
