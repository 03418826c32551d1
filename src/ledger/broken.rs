//! The rules of the log by name: which one an entry breaks, and what would satisfy it.

use super::body::{Outcome, Share};
use super::tree::{LeafIndex, TreeSize};
use crate::base::Timestamp;

/// Which rule an entry breaks. What it names is named by index, so that a reader can look there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The entry says it was signed after the log recorded it.
    #[error("its time, {time}, is more than five minutes after the log's clock, {clock}")]
    Ahead {
        /// The entry's time.
        time: Timestamp,
        /// The log's clock.
        clock: Timestamp,
    },
    /// The same asset id by the same identity.
    #[error("the signer has registered this asset id before, as entry {earlier}")]
    AssetTwice {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// The entry says it was signed long before the entries before it.
    #[error("its time, {time}, is more than ten minutes before {latest}, the time of an earlier entry")]
    Behind {
        /// The entry's time.
        time: Timestamp,
        /// The latest time so far.
        latest: Timestamp,
    },
    /// An arbiter's outcome by someone else.
    #[error("the outcome `{}` is an arbiter's to find, and its signer is none of this ledger", outcome.word())]
    Arbiter {
        /// The outcome.
        outcome: Outcome,
    },
    /// A state map of fewer entries than come before it.
    #[error("it is the state of {covers} entries, but {index} come before it")]
    CoversLess {
        /// The size it names.
        covers: TreeSize,
        /// Where it stands.
        index: LeafIndex,
    },
    /// A statement of the log about entries that come after it.
    #[error("it speaks of {covers} entries, but stands at index {index}")]
    CoversMore {
        /// The size it names.
        covers: TreeSize,
        /// Where it stands.
        index: LeafIndex,
    },
    /// The dispute is over.
    #[error("the dispute was closed by entry {by}")]
    DisputeClosed {
        /// The dispute.close.
        by: LeafIndex,
    },
    /// The same bytes again.
    #[error("the same entry stands in the log already, as entry {earlier}")]
    Duplicate {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// Two exclusive licences for one time and place.
    #[error("the exclusive licence of entry {with} covers a part of the same time and place")]
    ExclusiveOverlap {
        /// The grant that completed the other one.
        with: LeafIndex,
    },
    /// More exclusive licences than one title may carry.
    #[error("the title carries {limit} exclusive licences that have not been ended")]
    ExclusivesFull {
        /// How many it may carry.
        limit: usize,
    },
    /// A key enters the log twice.
    #[error("its key entered the log before, as entry {earlier}")]
    InceptTwice {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// Its key has ended.
    #[error("its signer's key was {} by entry {by}", how.word())]
    KeyEnded {
        /// The key.rotate or key.revoke.
        by: LeafIndex,
        /// How.
        how: KeyEnd,
    },
    /// The offer, or a part of its time, is over.
    #[error("the offer could be accepted only {limit}")]
    Late {
        /// Until when.
        limit: Deadline,
    },
    /// The licence is over.
    #[error("the licence was ended by entry {by}")]
    LicenceEnded {
        /// The licence.end.
        by: LeafIndex,
    },
    /// The reservation is gone, or this holder has lifted it before.
    #[error("the reservation was lifted, as far as the signer is concerned, by entry {by}")]
    Lifted {
        /// The rights.lift.
        by: LeafIndex,
    },
    /// The log's key as a creator's.
    #[error("its key is the log's own, which is no creator's")]
    LogKeyEnters,
    /// Plain digests in a private ledger, or keyed ones in a public one.
    #[error("its digests are not made as this ledger's look-up mode wants")]
    Mode,
    /// The identity committed to no next key.
    #[error("its identity committed to no next key, at entry {event}")]
    NoNextKey {
        /// The identity's latest key event.
        event: LeafIndex,
    },
    /// Not the key that the identity committed to.
    #[error("its key is not the one that the identity committed to at entry {event}")]
    NotCommitted {
        /// The identity's latest key event.
        event: LeafIndex,
    },
    /// The signer holds no share.
    #[error("its signer holds no share of this title{}", since(*moved))]
    NotHolder {
        /// The title.accept by which the signer's last share moved, if there was one.
        moved: Option<LeafIndex>,
    },
    /// A kind of the log by another key.
    #[error("only the log's own key signs this kind")]
    NotLogKey,
    /// Closed by someone who did not open it.
    #[error("its signer did not open the dispute of entry {dispute}")]
    NotOpener {
        /// The dispute.open.
        dispute: LeafIndex,
    },
    /// Said by someone whom it does not concern.
    #[error("its signer is no party to entry {of}")]
    NotParty {
        /// The grant or the dispute.
        of: LeafIndex,
    },
    /// Accepted by a third person.
    #[error("the offer of entry {offer} is made to someone else")]
    NotRecipient {
        /// The title.offer.
        offer: LeafIndex,
    },
    /// Not the recovery key of the identity it is privileged by.
    #[error("its key is not the recovery key of the identity it names")]
    NotRecovery,
    /// Revoked by a key that may not.
    #[error("its key is neither the next nor the recovery key of the identity")]
    NotRevoker,
    /// More than the holder has.
    #[error("it offers {offered} of the title, and its signer holds {held}")]
    OfferTooMuch {
        /// What is offered.
        offered: Share,
        /// What the signer holds.
        held: Share,
    },
    /// The offer was accepted before, or the holder's share moved since it was made.
    #[error("the share that entry {offer} offers moved with entry {by}")]
    OfferSpent {
        /// The title.offer.
        offer: LeafIndex,
        /// The title.accept.
        by: LeafIndex,
    },
    /// The offer was made with a key that has since been declared stolen.
    #[error("the key that signed the offer was declared compromised by entry {revocation}")]
    OfferSuspect {
        /// The key.revoke.
        revocation: LeafIndex,
    },
    /// A privileged dispute closed by a key that may be in other hands.
    #[error(
        "the dispute of entry {dispute} was opened with a recovery key; the key that the identity had then cannot close it"
    )]
    Privileged {
        /// The dispute.open.
        dispute: LeafIndex,
    },
    /// Another entry stands where it says.
    #[error("entry {index} is not the one whose leaf hash it names")]
    RedactsOther {
        /// The index it names.
        index: LeafIndex,
    },
    /// A revocation that says no more than an earlier one.
    #[error("the key was revoked by entry {earlier}, which says as much")]
    RevokedTwice {
        /// The earlier key.revoke.
        earlier: LeafIndex,
    },
    /// A key that speaks for its own end.
    #[error("a key cannot revoke itself")]
    RevokesItself,
    /// The signature is not the signer's.
    #[error("its signature does not match its signer's key")]
    Signature,
    /// A compromise that would begin after it is declared.
    #[error("it says that the key is compromised since entry {since}, but stands at index {index}")]
    SinceLater {
        /// The index it names.
        since: LeafIndex,
        /// Where it stands.
        index: LeafIndex,
    },
    /// It leans on an earlier state of the signer's share.
    #[error("the title entry it names is not its signer's current one, which is entry {current}")]
    StaleTitle {
        /// The signer's current title entry.
        current: LeafIndex,
    },
    /// A key event that is not the identity's latest.
    #[error("the key event it names is not the identity's latest, which is entry {latest}")]
    StaleKeyEvent {
        /// The latest.
        latest: LeafIndex,
    },
    /// It names an entry that does not stand there.
    #[error("no entry about the same subject has the leaf hash that it names as its {field}")]
    UnknownEntry {
        /// What it names the entry as.
        field: &'static str,
    },
    /// The identity never entered the log.
    #[error("the identity it names has no key.incept before it")]
    UnknownIdentity,
    /// The signer has no key.incept before this entry.
    #[error("its signer has no key.incept before it")]
    UnknownKey,
    /// The entry that it names is of another kind.
    #[error("entry {named}, which it names as its {field}, is of another kind")]
    WrongKind {
        /// The entry.
        named: LeafIndex,
        /// What it names the entry as.
        field: &'static str,
    },
}

/// How a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// By a key.revoke.
    Revoked,
    /// By a key.rotate to the next one.
    Rotated,
}

impl KeyEnd {
    /// The word in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Rotated => "rotated away",
        }
    }
}

/// Until when an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Below an index.
    Below(LeafIndex),
    /// Up to a second.
    Until(Timestamp),
}

impl std::fmt::Display for Deadline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Below(index) => write!(f, "before index {index} of the log"),
            Self::Until(time) => write!(f, "until {time}"),
        }
    }
}

fn since(moved: Option<LeafIndex>) -> String {
    moved.map_or_else(String::new, |index| {
        format!("; the last one moved with entry {index}")
    })
}

impl Broken {
    /// The id in reports; stable.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Ahead { .. } => "ledger.entry.timeAhead",
            Self::Arbiter { .. } => "ledger.dispute.arbiter",
            Self::AssetTwice { .. } => "ledger.entry.assetTwice",
            Self::Behind { .. } => "ledger.entry.timeBehind",
            Self::CoversLess { .. } => "ledger.log.coversLess",
            Self::CoversMore { .. } => "ledger.log.coversMore",
            Self::DisputeClosed { .. } => "ledger.dispute.closed",
            Self::Duplicate { .. } => "ledger.entry.duplicate",
            Self::ExclusiveOverlap { .. } => "ledger.licence.overlap",
            Self::ExclusivesFull { .. } => "ledger.licence.full",
            Self::InceptTwice { .. } => "ledger.key.inceptTwice",
            Self::KeyEnded { .. } => "ledger.key.ended",
            Self::Late { .. } => "ledger.title.late",
            Self::LicenceEnded { .. } => "ledger.licence.ended",
            Self::Lifted { .. } => "ledger.rights.lifted",
            Self::LogKeyEnters => "ledger.key.logKeyEnters",
            Self::Mode => "ledger.entry.lookupMode",
            Self::NoNextKey { .. } => "ledger.key.noNext",
            Self::NotCommitted { .. } => "ledger.key.notCommitted",
            Self::NotHolder { .. } => "ledger.title.notHolder",
            Self::NotLogKey => "ledger.log.notLogKey",
            Self::NotOpener { .. } => "ledger.dispute.notOpener",
            Self::NotParty { .. } => "ledger.entry.notParty",
            Self::NotRecipient { .. } => "ledger.title.notRecipient",
            Self::NotRecovery => "ledger.key.notRecovery",
            Self::NotRevoker => "ledger.key.notRevoker",
            Self::OfferTooMuch { .. } => "ledger.title.offerTooMuch",
            Self::OfferSpent { .. } => "ledger.title.offerSpent",
            Self::OfferSuspect { .. } => "ledger.title.offerSuspect",
            Self::Privileged { .. } => "ledger.dispute.privileged",
            Self::RedactsOther { .. } => "ledger.log.redactsOther",
            Self::RevokedTwice { .. } => "ledger.key.revokedTwice",
            Self::RevokesItself => "ledger.key.revokesItself",
            Self::Signature => "ledger.entry.signature",
            Self::SinceLater { .. } => "ledger.key.sinceLater",
            Self::StaleKeyEvent { .. } => "ledger.key.stale",
            Self::StaleTitle { .. } => "ledger.title.stale",
            Self::UnknownEntry { .. } => "ledger.entry.unknownName",
            Self::UnknownIdentity => "ledger.key.unknownIdentity",
            Self::UnknownKey => "ledger.key.unknown",
            Self::WrongKind { .. } => "ledger.entry.wrongKind",
        }
    }

    /// One sentence for people: what would satisfy the rule. No full stop.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Ahead { .. } | Self::Behind { .. } => "set the signer's clock right and sign again".into(),
            Self::Arbiter { .. } => {
                "ask an arbiter, if the ledger's header names one (`byline ledger show`); the opener may withdraw or settle".into()
            }
            Self::AssetTwice { .. } => "give the new registration an asset id of its own".into(),
            Self::CoversLess { .. } => "sign the state of all entries before it".into(),
            Self::CoversMore { .. } => "name a size at or below its own index".into(),
            Self::DisputeClosed { .. } => "open a new dispute".into(),
            Self::Duplicate { earlier } => format!("rely on entry {earlier}; nothing needs to be recorded"),
            Self::ExclusiveOverlap { with } => {
                format!("end the licence of entry {with} first, or choose another time or territory")
            }
            Self::ExclusivesFull { .. } => "end a licence that is over".into(),
            Self::InceptTwice { earlier } => format!("use the key as it is; it entered with entry {earlier}"),
            Self::KeyEnded { .. } => "sign with the identity's current key; of one that was revoked that is its next: byline key rotate NAME".into(),
            Self::Late { .. } => "ask the holder for a new offer".into(),
            Self::LicenceEnded { .. } | Self::Lifted { .. } => "nothing needs to be recorded".into(),
            Self::LogKeyEnters => "make a creator's key apart from the log's".into(),
            Self::Mode => {
                "make the digests with this ledger's secret if it is private, plain if it is not".into()
            }
            Self::NoNextKey { .. } => "enter the log as a new identity, with a next key this time".into(),
            Self::NotCommitted { event } => {
                format!("sign with the key whose SHA-256 stands in entry {event}")
            }
            Self::NotHolder { .. } => "have a holder of the title sign".into(),
            Self::NotLogKey => "have the log sign it with its own key".into(),
            Self::NotOpener { .. } => {
                "have the identity that opened the dispute close it, or an arbiter".into()
            }
            Self::NotParty { .. } => "have a holder of the title or the other party sign".into(),
            Self::NotRecipient { .. } => {
                "have the recipient accept, or ask for an offer to the signer".into()
            }
            Self::NotRecovery => "sign with the recovery key that the identity committed to".into(),
            Self::NotRevoker | Self::RevokesItself => {
                "sign with the next or the recovery key that the identity committed to".into()
            }
            Self::OfferTooMuch { held, .. } => format!("offer at most {held}"),
            Self::OfferSpent { .. } | Self::OfferSuspect { .. } => {
                "ask the present holder for a new offer".into()
            }
            Self::Privileged { .. } => {
                "rotate the identity's key, then close it with the new one; or ask an arbiter".into()
            }
            Self::RedactsOther { .. } => "name the entry by its own index and leaf hash".into(),
            Self::RevokedTwice { .. } => {
                "nothing needs to be recorded, unless the key was compromised earlier than said".into()
            }
            Self::Signature => "sign again with the signer's key".into(),
            Self::SinceLater { .. } => "name an index at or below the revocation's own".into(),
            Self::StaleKeyEvent { latest } => format!("name entry {latest} and sign again"),
            Self::StaleTitle { current } => {
                format!("name entry {current} as the current title and sign again")
            }
            Self::UnknownEntry { field } => {
                format!("name as its {field} an entry of this ledger about the same subject")
            }
            Self::UnknownIdentity | Self::UnknownKey => "record the key.incept first".into(),
            Self::WrongKind { field, .. } => format!("name an entry that can be its {field}"),
        }
    }
}
