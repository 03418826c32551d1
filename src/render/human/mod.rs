//! Reports for people: the file first, then the answer in words, the checks in one order, the result word last.
//!
//! Words are chosen with care: byline says what was checked and what a signer states; it never calls anyone the owner or
//! the author, and never calls a picture authentic or compliant.

mod audit;
mod compare;
mod drift;
mod error;
mod explain;
mod find;
mod generator;
mod inspect;
mod key;
mod ledger;
mod proof;
pub(in crate::render) mod rights;
pub(in crate::render) mod shared;
mod sign;
mod title;
mod trust;
mod verify;
mod verify_batch;

pub use audit::audit;
pub use compare::compare;
pub use drift::drift;
pub(in crate::render) use drift::{probability, sight};
pub use error::{error, error_line};
pub use explain::explain;
pub(in crate::render) use find::near_line;
pub use find::{find, find_line, find_summary};
pub use inspect::inspect;
pub use key::key;
pub use ledger::{history, ledger};
pub use proof::{consistency, proof, publish, serving, witness};
pub use sign::{sign, sign_line, sign_summary};
pub use title::{stats, title};
pub use trust::trust;
pub use verify::verify;
pub(in crate::render) use verify::{by_the_rules, fetched, headline, hits, judged, kept, made_word};
pub use verify_batch::{verify_line, verify_summary};
