//! Licences: granted by who holds the title, ended by either side.

use super::BodyError;
use super::fields::{Fields, LIST_MAX, Payload, list, thumbprint};
use super::terms::Rights;
use super::title::{seconds, seconds_of, whole_seconds};
use crate::base::{Digest, Timestamp};
use crate::keys::KeyId;
use crate::ledger::cbor::Reader;
use crate::ledger::hash::LeafHash;

/// A holder grants a licence.
///
/// An exclusive one takes effect when every holder has signed one with the same licensee, terms, territory and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceGrant {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The grantor's current title entry.
    pub title: LeafHash,
    /// What is granted.
    pub scope: Scope,
}

/// What a licence covers. Two grants of one exclusive licence have equal scopes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Thumbprint of a key of the licensee's identity; absent when everyone is licensed.
    pub licensee: Option<KeyId>,
    /// On which terms.
    pub terms: Terms,
    /// ISO 3166-1 numeric codes, ascending; empty for the whole world.
    pub territories: Vec<u16>,
    /// The first second.
    pub from: Timestamp,
    /// The last second; absent when the licence has no end.
    pub until: Option<Timestamp>,
    /// Whether no other exclusive licence may cover the same time and place. Only for a named licensee.
    pub exclusive: bool,
}

/// Whether a moment lies in the time that a licence covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It begins later.
    NotYet,
    /// It is in force.
    Running,
    /// It has run out.
    Over,
}

impl Scope {
    /// Where a moment lies.
    #[must_use]
    pub fn term(&self, at: Timestamp) -> Term {
        if at.unix_s() < self.from.unix_s() {
            Term::NotYet
        } else if self.until.is_some_and(|until| at.unix_s() > until.unix_s()) {
            Term::Over
        } else {
            Term::Running
        }
    }

    /// Whether both cover some second in the same place.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let begins_by = |from: &Self, until: &Self| until.until.is_none_or(|until| from.from <= until);
        let is_world = self.territories.is_empty() || other.territories.is_empty();
        let in_both = |code: &u16| other.territories.contains(code);
        begins_by(self, other) && begins_by(other, self) && (is_world || self.territories.iter().any(in_both))
    }
}

/// On which terms a licence is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Terms {
    /// Terms of a name of their own: CC0 or one of the CC-BY family.
    Code(Rights),
    /// Digest of a text, salted by whoever made it.
    Digest(Digest),
}

/// A licence ends, by a holder's or the licensee's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenceEnd {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The grant, or one of the grants that made up an exclusive licence.
    pub grant: LeafHash,
}

impl LicenceGrant {
    pub(super) fn settle(&mut self) -> Result<(), BodyError> {
        let scope = &mut self.scope;
        scope.territories.sort_unstable();
        scope.from = whole_seconds(scope.from);
        scope.until = scope.until.map(whole_seconds);
        scope.check()
    }

    pub(super) fn write(&self, out: &mut Payload) {
        let scope = &self.scope;
        out.bytes(1, self.title.as_bytes());
        out.maybe_bytes(2, scope.licensee.as_ref().map(KeyId::as_bytes));
        match &scope.terms {
            Terms::Digest(digest) => out.bytes(3, digest.as_bytes()),
            Terms::Code(code) => out.code(4, code.code()),
        }
        if !scope.territories.is_empty() {
            let list = out.field(5).array(scope.territories.len());
            scope.territories.iter().for_each(|code| {
                list.uint(u64::from(*code));
            });
        }
        out.uint(6, seconds_of(scope.from));
        out.maybe_uint(7, scope.until.map(seconds_of));
        if scope.exclusive {
            out.uint(8, 1);
        }
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        let title = fields.leaf(1)?;
        let licensee = fields.optional(2, thumbprint)?;
        let terms = match fields.maybe_digest(3)? {
            Some(digest) => Terms::Digest(digest),
            None => Terms::Code(fields.code(4, "terms", Rights::from_code)?),
        };
        let scope = Scope {
            licensee,
            terms,
            territories: fields
                .optional(5, |read| list("territories", read, territory))?
                .unwrap_or_default(),
            from: fields.required(6, seconds)?,
            until: fields.optional(7, seconds)?,
            exclusive: fields
                .maybe_code(8, "exclusive", |code| (code == 1).then_some(true))?
                .unwrap_or(false),
        };
        scope.check()?;
        Ok(Self {
            asset_id,
            title,
            scope,
        })
    }
}

impl Scope {
    fn check(&self) -> Result<(), BodyError> {
        let list = &self.territories;
        if list.len() > LIST_MAX || !list.is_sorted_by(|a, b| a < b) {
            return Err(BodyError::List { field: "territories" });
        }
        if let Some(code) = list.iter().find(|code| !(1..=TERRITORY_MAX).contains(*code)) {
            let found = u64::from(*code);
            return Err(BodyError::Range {
                field: "territory",
                found,
            });
        }
        if let Terms::Code(code) = self.terms
            && !code.is_public_licence()
        {
            let found = u64::from(code.code());
            return Err(BodyError::Code {
                field: "terms",
                found,
            });
        }
        if self.until.is_some_and(|until| until < self.from) {
            return Err(BodyError::Contradiction {
                why: "the licence ends before it begins",
            });
        }
        if self.exclusive && self.licensee.is_none() {
            return Err(BodyError::Contradiction {
                why: "an exclusive licence names no licensee",
            });
        }
        Ok(())
    }

    /// Whether some second in some place is covered by both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_before = |a: &Self, b: &Self| a.until.is_some_and(|until| until < b.from);
        let in_time = !ends_before(self, other) && !ends_before(other, self);
        let (ours, theirs) = (&self.territories, &other.territories);
        let in_space = ours.is_empty()
            || theirs.is_empty()
            || ours.iter().any(|code| theirs.binary_search(code).is_ok());
        in_time && in_space
    }
}

impl LicenceEnd {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.grant.as_bytes());
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            grant: fields.leaf(1)?,
        })
    }
}

fn territory(read: &mut Reader<'_>) -> Result<u16, BodyError> {
    let found = read.uint()?;
    u16::try_from(found).map_err(|_| BodyError::Range {
        field: "territory",
        found,
    })
}

/// ISO 3166-1 numeric codes have three digits.
const TERRITORY_MAX: u16 = 999;
