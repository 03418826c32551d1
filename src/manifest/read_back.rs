//! A file just signed, read back before it is given out.

use std::ops::Range;

use c2pa::crypto::cose::Verifier;
use c2pa::status_tracker::StatusTracker;

use super::coverage::{HardBinding, Held, check};
use super::finding::Finding;
use super::sign::{hash_around, hole};
use super::signer::Keys;
use super::store::{Active, StoreError};
use crate::asset::{Asset, Format, Oddity, StorePlace};
use crate::base::Digest;

/// Why a file just signed is not given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The hard binding does not hash the file.
    #[error("the hard binding does not match the file")]
    BindingDiffers,
    /// Without the store the file is not the one that was to be signed: another picture, or other metadata.
    #[error("putting the manifest in would change the picture or what is said of it")]
    ContentDiffers,
    /// The structural check found something that must not be.
    #[error("{0}")]
    Finding(&'static str),
    /// The SDK calls the file invalid.
    #[error("the C2PA library calls the file invalid")]
    Invalid,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    SignatureBad,
    /// The active manifest cannot be taken apart.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no store in the file.
    #[error("the manifest store is not in the file")]
    StoreMissing,
    /// The store is not where it was put.
    #[error("the manifest store is not where it was put")]
    StoreMoved,
}

/// Reads a file back that was just signed: binding, assertions, signature, coverage. Returns the active manifest.
///
/// `bare` is the file without store that the claim's hash was taken of; the rest of the file is compared with that byte for byte, which
/// says the same as hashing it again. `keys` signed.
pub(super) fn check_signed<'a>(asset: &'a Asset, bare: &Asset, keys: &Keys) -> Result<Active<'a>, Fault> {
    let StorePlace::Found { jumbf, .. } = &asset.layout().store else {
        return Err(Fault::StoreMissing);
    };
    let active = Active::parse(jumbf)?;
    let coverage = check((asset, Held::Inside), Ok(&active), None, true);
    let was = check_trailing(bare);
    if let Some(found) = coverage
        .findings
        .iter()
        .find(|one| !matches!(one, Finding::TrailingBytes { .. }) || !was)
    {
        return Err(Fault::Finding(found.name()));
    }
    if let HardBinding::Data {
        exact: true,
        sha256: Some(stated),
    } = coverage.binding
    {
        let store = hole(asset, asset.store_ranges());
        if stated != rehash(asset, bare, &store) {
            return Err(Fault::BindingDiffers);
        }
    }
    // Of the others our own writer's bytes were compared.
    let is_written_by_us = matches!(asset.format(), Format::Jpeg | Format::Png | Format::WebP);
    if !is_written_by_us && asset.content_digest() != bare.content_digest() {
        return Err(Fault::ContentDiffers);
    }
    if !keys.made(&active) {
        return Err(Fault::SignatureBad);
    }
    Ok(active)
}

fn check_trailing(bare: &Asset) -> bool {
    bare.layout()
        .oddities
        .iter()
        .any(|one| matches!(one, Oddity::TrailingBytes { .. }))
}

/// The hash of the file around its store.
fn rehash(asset: &Asset, bare: &Asset, store: &Range<usize>) -> Digest {
    let (out, input) = (asset.bytes(), bare.bytes());
    let independent = matches!(asset.format(), Format::Jpeg | Format::Png);
    if independent
        && out.get(..store.start) == input.get(..store.start)
        && out.get(store.end..) == input.get(store.start..)
    {
        return bare.content_digest();
    }
    hash_around(out, store)
}

/// Whether the claim's signature verifies with the leaf certificate's key.
pub(super) fn signature_holds(active: &Active<'_>) -> bool {
    holds(active.signature, active.claim)
}

/// Whether a COSE_Sign1 over a payload verifies with the leaf certificate's key, by the SDK.
pub(super) fn holds(signature: &[u8], payload: &[u8]) -> bool {
    let verifier = Verifier::IgnoreProfileAndTrustPolicy;
    let found = verifier.verify_signature(signature, payload, b"", None, &mut StatusTracker::default());
    found.is_ok()
}
