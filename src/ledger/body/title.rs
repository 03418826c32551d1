//! Titles: how a recorded share goes from one identity to another. Offered by the holder, moved by the acceptance.

use super::BodyError;
use super::fields::{Fields, Payload};
use crate::base::{Digest, Timestamp};
use crate::keys::KeyId;
use crate::ledger::cbor::Reader;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// A part of the title in basis points of the whole: 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self(10_000);

    /// A share of so many basis points; `None` for nothing and for more than the whole.
    #[must_use]
    pub fn basis_points(points: u16) -> Option<Self> {
        (1..=Self::WHOLE.0).contains(&points).then_some(Self(points))
    }

    /// The basis points.
    #[must_use]
    pub const fn points(self) -> u16 {
        self.0
    }
}

/// Percent with two places, `33.34 %`.
impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole} %"),
            _ => write!(f, "{whole}.{part:02} %"),
        }
    }
}

/// A holder offers a share. Nothing moves until the recipient accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TitleOffer {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The holder's current title entry: the registration, or the last title.accept that touched the holder's share.
    pub prev: LeafHash,
    /// Thumbprint of a key of the recipient's identity.
    pub to: KeyId,
    /// How much of the whole, not of what the holder has.
    pub share: Share,
    /// The first index at which the offer can no longer be accepted.
    pub until_index: Option<LeafIndex>,
    /// The last second in which an acceptance may be signed and recorded.
    pub until: Option<Timestamp>,
    /// Digest of the terms, salted by whoever made them.
    pub terms: Option<Digest>,
}

/// The recipient accepts; the title moves here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TitleAccept {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The offer.
    pub offer: LeafHash,
}

impl TitleOffer {
    pub(super) fn settle(&mut self) {
        self.until = self.until.map(whole_seconds);
    }

    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.prev.as_bytes());
        out.bytes(2, self.to.as_bytes());
        out.uint(3, u64::from(self.share.0));
        out.maybe_uint(4, self.until_index.map(|index| index.0));
        out.maybe_uint(5, self.until.map(seconds_of));
        out.maybe_bytes(6, self.terms.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            prev: fields.leaf(1)?,
            to: fields.thumbprint(2)?,
            share: fields.required(3, share)?,
            until_index: fields.optional(4, Reader::uint)?.map(LeafIndex),
            until: fields.optional(5, seconds)?,
            terms: fields.maybe_digest(6)?,
        })
    }
}

impl TitleAccept {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.offer.as_bytes());
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            offer: fields.leaf(1)?,
        })
    }
}

fn share(read: &mut Reader<'_>) -> Result<Share, BodyError> {
    let found = read.uint()?;
    u16::try_from(found)
        .ok()
        .and_then(Share::basis_points)
        .ok_or(BodyError::Range {
            field: "share",
            found,
        })
}

/// Seconds since 1970, up to 9999-12-31T23:59:59Z.
pub(super) fn seconds(read: &mut Reader<'_>) -> Result<Timestamp, BodyError> {
    let found = read.uint()?;
    i64::try_from(found)
        .ok()
        .filter(|seconds| *seconds <= SECONDS_MAX)
        .map(Timestamp::from_unix_s)
        .ok_or(BodyError::Range { field: "time", found })
}

pub(super) fn seconds_of(time: Timestamp) -> u64 {
    u64::try_from(time.unix_s()).unwrap_or(0)
}

/// The time as entries hold it.
pub(super) fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_unix_s(time.unix_s().clamp(0, SECONDS_MAX))
}

/// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
pub(in crate::ledger) const SECONDS_MAX: i64 = 253_402_300_799;
