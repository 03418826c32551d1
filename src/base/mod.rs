//! Words that every room shares: digests, times, text from strangers, bounds, and what a creator states.
//!
//! Knows no other room and does no input or output.

pub mod digest;
pub mod fingerprint;
pub mod limits;
pub mod local;
pub mod source_type;
pub mod statement;
pub mod territory;
pub mod text;
pub mod time;

pub use digest::{Digest, Hasher};
pub use fingerprint::Fingerprint;
pub use source_type::{Authorship, SourceType};
pub use statement::Statement;
pub use text::Untrusted;
pub use time::{Moment, Timestamp};
