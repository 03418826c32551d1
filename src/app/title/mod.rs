//! The grammar of the ledger in people's hands: titles offered, accepted and taken; licences, reservations, disputes.
//!
//! Each deed makes one entry, signed with the user's key, and lets the ledger judge it: whether a move is legal is said by
//! the reducer alone, at append as at audit. A refused move is an [`Error`](super::Error) of kind
//! [`Refused`](super::Kind::Refused) with the id of the rule, what it found, and what would satisfy it.
//!
//! "Holder" means recorded holder. Nothing here says who made a picture or whose it is by law.

mod accept;
mod anchor;
pub(super) mod desk;
mod dispute;
mod drift;
mod drift_words;
mod export;
pub(super) mod fields;
mod history;
mod licence;
pub(super) mod line;
mod offer;
mod redact;
mod rights;
mod stats;
pub(super) mod view;
mod what;
pub(super) mod who;

pub use self::accept::{AcceptOffer, accept, look, take};
pub use self::anchor::{AnchorCheckpoint, anchor};
pub use self::dispute::{AnswerDispute, CloseDispute, OpenDispute, answer, close, open};
pub use self::drift::{DriftRequest, drift};
pub use self::export::export;
pub use self::history::{AsOf, history};
pub use self::licence::{EndLicence, GrantLicence, GrantWith, TermsChoice, end, grant, grant_with};
pub use self::offer::{OfferAgain, OfferTitle, offer, offer_again};
pub use self::redact::{RedactEntry, redact};
pub use self::rights::{LiftReservation, ReserveUses, lift, reserve};
pub use self::stats::stats;
