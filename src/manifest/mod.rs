//! The manifest: what a creator claims about a picture, signed into it, and what a stranger's file claims. DOOR to `c2pa`.
//!
//! The SDK's types stop here. What leaves this room is plain data: facts, each answering one question, and text marked
//! [`crate::base::Untrusted`]. Nothing here touches the network, the disk, the clock or a thread-local setting.

mod claim;
mod contents;
mod contexts;
mod cost;
pub mod coverage;
mod creative_work;
mod envelope;
pub mod facts;
pub mod finding;
pub mod full;
mod generative;
mod head_first;
mod headers;
mod ingredients;
mod items;
mod jsonld;
mod judge;
mod jumbf;
mod left_out;
mod listed;
mod parent;
mod path;
mod plan;
mod preview;
mod read;
pub mod read_back;
mod revocation;
mod roles;
mod shape;
mod sign;
mod signer;
mod stamp;
pub mod status;
mod store;
mod store_size;
mod trust;
mod update;

pub use claim::{Basis, Claim, Parent, Run};
pub use cost::TooCostly;
pub use coverage::{Coverage, HardBinding, Held};
pub use facts::{
    ActionFacts, Binding, Chain, IngredientFacts, Links, ManifestEvidence, ManifestFacts, MiningFacts,
    OpenWhy, Revocation, Signature, SigningTime, State, StatusKind, Validity,
};
pub use finding::Finding;
pub use jumbf::JumbfError;
pub use plan::{
    CAME_WITH, PlannedAssertion, PlannedInput, SPEC_VERSION, TAKEN_OVER, iscc_image_body, iscc_seq,
};
pub use preview::{Preview, preview};
pub use read::{ManifestReader, Question, TrustError};
pub use sign::{ManifestSigner, SignError, SignedAsset};
pub use signer::{TimestampError, TimestampSource};
pub use stamp::stated as stamped;
pub use status::{Code, Concern};
pub use store::StoreError;
pub use trust::{AnchorList, AnchorSet, Purpose, TrustAnchors};
pub use update::Receipt;

/// The registered algorithm name of ISCC soft bindings (C2PA soft binding algorithm list, entry 3).
pub const SOFT_BINDING_ALG: &str = "io.iscc.v0";

use std::sync::Arc;

use crate::asset::{Asset, StorePlace};
use crate::base::Timestamp;
use crate::keys::Identity;

/// Signs one claim into one asset. For many, make a [`ManifestSigner`] once.
pub fn sign(
    asset: &Asset,
    claim: &Claim,
    identity: Arc<Identity>,
    timestamp: Option<Arc<dyn TimestampSource>>,
) -> Result<SignedAsset, SignError> {
    ManifestSigner::new(identity, &TrustAnchors::default(), timestamp)?.sign(asset, claim)
}

/// Reads the manifest of one asset as of `at`. For many, make a [`ManifestReader`] once.
pub fn read(asset: &Asset, trust: &TrustAnchors, at: Timestamp) -> Result<ManifestEvidence, TrustError> {
    Ok(ManifestReader::new(trust)?.read(asset, at))
}

/// From what the active manifest says byline made it. Nothing is checked: it is for files whose very bytes one knows.
#[must_use]
pub fn run(asset: &Asset) -> Option<Run> {
    match &asset.layout().store {
        StorePlace::Found { jumbf, .. } => store::Active::parse(jumbf).ok()?.run(),
        _ => None,
    }
}

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod path_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod silent_tests;
#[cfg(test)]
mod tests;
