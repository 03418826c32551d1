//! The manifest: what a creator claims about a picture, signed into it, and what a stranger's file claims. DOOR to `c2pa`.
//!
//! The SDK's types stop here. What leaves this room is plain data: facts, each answering one question, and text marked
//! [`crate::base::Untrusted`]. Nothing here touches the network, the disk, the clock or a thread-local setting.

mod claim;
mod jsonld;
mod jumbf;
mod plan;
pub mod status;

pub use claim::{Basis, Claim, Parent};
pub use jumbf::JumbfError;
pub use plan::{PlannedAssertion, PlannedInput, SPEC_VERSION, iscc_image_body, iscc_seq};
pub use status::{Code, Concern};
