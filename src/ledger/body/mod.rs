//! What an entry says: kinds and fields, and their place in the payload's CBOR map. No free text anywhere: hashes,
//! codes, thumbprints and numbers.
//!
//! The schema for others is `schemas/entry.cddl`; the numbers of kinds and fields never change their meaning. What an
//! entry is about stands in its header, as the subject: an asset, an identity, or the log itself. Everything else that an
//! entry leans on, it names by leaf hash, so that no signature can be moved under another history.

mod asset;
mod codes;
mod dispute;
mod fields;
mod key;
mod licence;
mod log;
mod rights;
mod terms;
mod title;

pub use asset::{DigestForm, PARENTS_MAX, Registration, v4};
pub use dispute::{DisputeAnswer, DisputeClose, DisputeOpen, Ground, Outcome, Privilege, Stance};
pub use key::{KeyIncept, KeyRevoke, KeyRotate, RevokeReason};
pub use licence::{LicenceEnd, LicenceGrant, Scope, Term, Terms};
pub use log::{Anchor, AnchorKind, Redact, RedactGround, StateRoot};
pub use rights::{RightsLift, RightsReserve, Use, Uses};
pub use terms::Rights;
pub(super) use title::SECONDS_MAX;
pub use title::{Share, TitleAccept, TitleOffer};

use self::fields::{FIELD_KIND, Fields, Payload};
use super::cbor::CborError;
use crate::keys::{KeyId, PublicKey};

/// What an entry says. In the order of the kinds' numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryBody {
    /// A key enters the log; its first entry.
    KeyIncept(KeyIncept),
    /// An identity hands over to its next key.
    KeyRotate(KeyRotate),
    /// A key ends.
    KeyRevoke(KeyRevoke),
    /// A picture is recorded.
    AssetRegister(Registration),
    /// A holder offers a share of the title.
    TitleOffer(TitleOffer),
    /// The recipient accepts it.
    TitleAccept(TitleAccept),
    /// A holder grants a licence.
    LicenceGrant(LicenceGrant),
    /// A licence ends.
    LicenceEnd(LicenceEnd),
    /// Uses are reserved.
    RightsReserve(RightsReserve),
    /// An entry is contested.
    DisputeOpen(DisputeOpen),
    /// The other side answers.
    DisputeAnswer(DisputeAnswer),
    /// A dispute ends.
    DisputeClose(DisputeClose),
    /// A reservation is lifted.
    RightsLift(RightsLift),
    /// The body of an earlier entry may be dropped.
    Redact(Redact),
    /// The root of the state map.
    StateRoot(StateRoot),
    /// Evidence that a checkpoint existed.
    Anchor(Anchor),
}

/// What an entry is about: the subject in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An asset, by its id.
    Asset([u8; 16]),
    /// An identity, by the thumbprint of its first key.
    Identity(KeyId),
    /// The log itself, by the thumbprint of its key.
    Log,
}

/// Why a payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Not the encoding.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A code that has no meaning here.
    #[error("unknown {field} code {found}")]
    Code {
        /// Which field.
        field: &'static str,
        /// The code.
        found: u64,
    },
    /// Fields that cannot stand together.
    #[error("{why}")]
    Contradiction {
        /// Which.
        why: &'static str,
    },
    /// A field that the kind does not have, or out of order, or twice.
    #[error("field {found} is unknown here, out of order or given twice")]
    Field {
        /// Number of the field.
        found: u64,
    },
    /// A kind that this version does not know, or that is not about such a subject.
    #[error("unknown kind {found}")]
    Kind {
        /// Number of the kind.
        found: u64,
    },
    /// A list that is empty where absent is meant, too long, or not in its order.
    #[error("the list of {field} is empty, too long, unsorted or repeats itself")]
    List {
        /// Which field.
        field: &'static str,
    },
    /// A key that is no usable Ed25519 key.
    #[error("the key is no Ed25519 public key")]
    PublicKey,
    /// A number beyond what it may be.
    #[error("{found} is out of range for {field}")]
    Range {
        /// Which field.
        field: &'static str,
        /// The number.
        found: u64,
    },
    /// Fingerprints of a keyed registration would tell what its keyed digests hide.
    #[error("a keyed registration carries fingerprints")]
    Revealing,
}

impl EntryBody {
    /// The kind's name in reports, `asset.register`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::KeyIncept(_) => "key.incept",
            Self::KeyRotate(_) => "key.rotate",
            Self::KeyRevoke(_) => "key.revoke",
            Self::AssetRegister(_) => "asset.register",
            Self::TitleOffer(_) => "title.offer",
            Self::TitleAccept(_) => "title.accept",
            Self::LicenceGrant(_) => "licence.grant",
            Self::LicenceEnd(_) => "licence.end",
            Self::RightsReserve(_) => "rights.reserve",
            Self::DisputeOpen(_) => "dispute.open",
            Self::DisputeAnswer(_) => "dispute.answer",
            Self::DisputeClose(_) => "dispute.close",
            Self::RightsLift(_) => "rights.lift",
            Self::Redact(_) => "redact",
            Self::StateRoot(_) => "state.root",
            Self::Anchor(_) => "anchor",
        }
    }

    /// What the entry is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::KeyIncept(body) => Subject::Identity(body.key.key_id()),
            Self::KeyRotate(body) => Subject::Identity(body.identity),
            Self::KeyRevoke(body) => Subject::Identity(body.identity),
            Self::AssetRegister(body) => Subject::Asset(body.asset_id),
            Self::TitleOffer(body) => Subject::Asset(body.asset_id),
            Self::TitleAccept(body) => Subject::Asset(body.asset_id),
            Self::LicenceGrant(body) => Subject::Asset(body.asset_id),
            Self::LicenceEnd(body) => Subject::Asset(body.asset_id),
            Self::RightsReserve(body) => Subject::Asset(body.asset_id),
            Self::DisputeOpen(body) => Subject::Asset(body.asset_id),
            Self::DisputeAnswer(body) => Subject::Asset(body.asset_id),
            Self::DisputeClose(body) => Subject::Asset(body.asset_id),
            Self::RightsLift(body) => Subject::Asset(body.asset_id),
            Self::Redact(_) | Self::StateRoot(_) | Self::Anchor(_) => Subject::Log,
        }
    }

    /// The key that the entry carries and must be signed by, for the kinds whose signer the log need not know yet.
    #[must_use]
    pub const fn own_key(&self) -> Option<PublicKey> {
        match self {
            Self::KeyIncept(body) => Some(body.key),
            Self::KeyRotate(body) => Some(body.key),
            Self::KeyRevoke(body) => Some(body.key),
            Self::DisputeOpen(DisputeOpen {
                privilege: Some(privilege),
                ..
            }) => Some(privilege.key),
            _ => None,
        }
    }

    /// Brings lists into their order, cuts times to whole seconds and sets the version bits of ids, so that one value has
    /// one encoding.
    pub(super) fn settle(&mut self) -> Result<(), BodyError> {
        if let Some(id) = self.asset_id_mut() {
            *id = v4(*id);
        }
        match self {
            Self::AssetRegister(body) => body.settle(),
            Self::LicenceGrant(body) => body.settle(),
            Self::RightsReserve(body) => body.check(),
            Self::TitleOffer(body) => {
                body.settle();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn asset_id_mut(&mut self) -> Option<&mut [u8; 16]> {
        match self {
            Self::AssetRegister(body) => Some(&mut body.asset_id),
            Self::TitleOffer(body) => Some(&mut body.asset_id),
            Self::TitleAccept(body) => Some(&mut body.asset_id),
            Self::LicenceGrant(body) => Some(&mut body.asset_id),
            Self::LicenceEnd(body) => Some(&mut body.asset_id),
            Self::RightsReserve(body) => Some(&mut body.asset_id),
            Self::DisputeOpen(body) => Some(&mut body.asset_id),
            Self::DisputeAnswer(body) => Some(&mut body.asset_id),
            Self::DisputeClose(body) => Some(&mut body.asset_id),
            Self::RightsLift(body) => Some(&mut body.asset_id),
            _ => None,
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        match self {
            Self::KeyIncept(body) => payload(KIND_KEY_INCEPT, |out| body.write(out)),
            Self::KeyRotate(body) => payload(KIND_KEY_ROTATE, |out| body.write(out)),
            Self::KeyRevoke(body) => payload(KIND_KEY_REVOKE, |out| body.write(out)),
            Self::AssetRegister(body) => payload(KIND_ASSET_REGISTER, |out| body.write(out)),
            Self::TitleOffer(body) => payload(KIND_TITLE_OFFER, |out| body.write(out)),
            Self::TitleAccept(body) => payload(KIND_TITLE_ACCEPT, |out| body.write(out)),
            Self::LicenceGrant(body) => payload(KIND_LICENCE_GRANT, |out| body.write(out)),
            Self::LicenceEnd(body) => payload(KIND_LICENCE_END, |out| body.write(out)),
            Self::RightsReserve(body) => payload(KIND_RIGHTS_RESERVE, |out| body.write(out)),
            Self::DisputeOpen(body) => payload(KIND_DISPUTE_OPEN, |out| body.write(out)),
            Self::DisputeAnswer(body) => payload(KIND_DISPUTE_ANSWER, |out| body.write(out)),
            Self::DisputeClose(body) => payload(KIND_DISPUTE_CLOSE, |out| body.write(out)),
            Self::RightsLift(body) => payload(KIND_RIGHTS_LIFT, |out| body.write(out)),
            Self::Redact(body) => payload(KIND_REDACT, |out| body.write(out)),
            Self::StateRoot(body) => payload(KIND_STATE_ROOT, |out| body.write(out)),
            Self::Anchor(body) => payload(KIND_ANCHOR, |out| body.write(out)),
        }
    }

    /// Reads a payload under a header that names an asset or a thumbprint as its subject. For kinds about a key or the
    /// log whose subject must be the signer, the caller compares it with [`EntryBody::subject`].
    pub(super) fn read(payload: &[u8], named: Named) -> Result<Self, BodyError> {
        let mut fields = Fields::open(payload)?;
        let kind = fields.uint(FIELD_KIND)?;
        let body = match named {
            Named::Asset(id) => Self::read_about_asset(kind, &mut fields, id)?,
            Named::Key(id) => Self::read_about_key(kind, &mut fields, id)?,
        };
        fields.close()?;
        Ok(body)
    }

    fn read_about_asset(kind: u64, fields: &mut Fields<'_>, id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(match kind {
            KIND_ASSET_REGISTER => Self::AssetRegister(Registration::read(fields, id)?),
            KIND_TITLE_OFFER => Self::TitleOffer(TitleOffer::read(fields, id)?),
            KIND_TITLE_ACCEPT => Self::TitleAccept(TitleAccept::read(fields, id)?),
            KIND_LICENCE_GRANT => Self::LicenceGrant(LicenceGrant::read(fields, id)?),
            KIND_LICENCE_END => Self::LicenceEnd(LicenceEnd::read(fields, id)?),
            KIND_RIGHTS_RESERVE => Self::RightsReserve(RightsReserve::read(fields, id)?),
            KIND_DISPUTE_OPEN => Self::DisputeOpen(DisputeOpen::read(fields, id)?),
            KIND_DISPUTE_ANSWER => Self::DisputeAnswer(DisputeAnswer::read(fields, id)?),
            KIND_DISPUTE_CLOSE => Self::DisputeClose(DisputeClose::read(fields, id)?),
            KIND_RIGHTS_LIFT => Self::RightsLift(RightsLift::read(fields, id)?),
            found => return Err(BodyError::Kind { found }),
        })
    }

    fn read_about_key(kind: u64, fields: &mut Fields<'_>, id: KeyId) -> Result<Self, BodyError> {
        Ok(match kind {
            KIND_KEY_INCEPT => Self::KeyIncept(KeyIncept::read(fields)?),
            KIND_KEY_ROTATE => Self::KeyRotate(KeyRotate::read(fields, id)?),
            KIND_KEY_REVOKE => Self::KeyRevoke(KeyRevoke::read(fields, id)?),
            KIND_REDACT => Self::Redact(Redact::read(fields)?),
            KIND_STATE_ROOT => Self::StateRoot(StateRoot::read(fields)?),
            KIND_ANCHOR => Self::Anchor(Anchor::read(fields)?),
            found => return Err(BodyError::Kind { found }),
        })
    }
}

/// The two forms of a subject in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Asset([u8; 16]),
    Key(KeyId),
}

fn payload(kind: u64, write: impl FnOnce(&mut Payload)) -> Vec<u8> {
    let mut out = Payload::new(kind);
    write(&mut out);
    out.finish()
}

const KIND_KEY_INCEPT: u64 = 1;
const KIND_KEY_ROTATE: u64 = 2;
const KIND_KEY_REVOKE: u64 = 3;
const KIND_ASSET_REGISTER: u64 = 16;
const KIND_TITLE_OFFER: u64 = 17;
const KIND_TITLE_ACCEPT: u64 = 18;
const KIND_LICENCE_GRANT: u64 = 19;
const KIND_LICENCE_END: u64 = 20;
const KIND_RIGHTS_RESERVE: u64 = 21;
const KIND_DISPUTE_OPEN: u64 = 22;
const KIND_DISPUTE_ANSWER: u64 = 23;
const KIND_DISPUTE_CLOSE: u64 = 24;
const KIND_RIGHTS_LIFT: u64 = 25;
const KIND_REDACT: u64 = 32;
const KIND_STATE_ROOT: u64 = 33;
const KIND_ANCHOR: u64 = 34;
