//! What a deed found, as plain data: renderers draw it, JSON carries it, the exit code follows from it.
//!
//! Knows only `base`. Text from files stays [`Untrusted`](crate::base::Untrusted) until a renderer escapes it.

pub mod audit;
pub mod check;
pub mod compare;
pub mod credentials;
pub mod drift;
pub mod error;
pub mod explain;
pub mod find;
pub mod inspect;
pub mod key;
pub mod ledger;
pub mod page;
pub mod proof;
pub mod publish;
pub mod schema;
pub mod sign;
pub mod title;
pub mod trust;
pub mod verify;

pub use check::{Check, Outcome};

/// How a deed ended, for the exit code: the worst of a batch wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Done, or the verdict meets what was required. Exit code 0.
    Done,
    /// Not enough evidence. Exit code 3.
    NotEnough,
    /// The evidence contradicts the claim. Exit code 1.
    Contradicted,
    /// The world failed: file, key, lock, disk. Exit code 4.
    Failed,
}
