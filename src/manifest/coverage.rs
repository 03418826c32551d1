//! No silent byte: what the manifest's exclusions leave out, what padding and headers hide, what lies behind the image.
//!
//! Stands beside the SDK's validation; the worse of the two decides (threats V1 to V5, V8, V11).

use std::ops::Range;

use c2pa::crypto::cose::Verifier;
use c2pa::status_tracker::StatusTracker;

use super::headers;
use super::shape;
use super::sign::{hash_around, hole};
use super::store::{Active, StoreError};
use crate::asset::{Asset, Format, Oddity, StorePlace};
use crate::base::{Digest, Hasher, Untrusted};

/// What binds the active manifest to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HardBinding {
    /// `c2pa.hash.bmff` and its versions.
    Bmff {
        /// Bytes other than the file type box's that it leaves out, where they are not all zero.
        padding: usize,
    },
    /// `c2pa.hash.boxes`.
    Boxes,
    /// `c2pa.hash.data`.
    Data {
        /// Whether its exclusions are exactly the store's container parts.
        exact: bool,
        /// Its hash, where that is SHA-256.
        sha256: Option<Digest>,
    },
    /// None of the known kinds.
    None,
}

/// Where the manifest store that is judged lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Beside the file.
    Beside,
    /// In the file.
    Inside,
}

/// One fact about bytes that no hash covers, or about a structure that no honest tool writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Bytes follow the store inside its container part.
    AfterStore {
        /// How many.
        len: usize,
        /// How many of them are not zero.
        not_zero: usize,
    },
    /// Padding of the hard binding is not zero.
    BindingPadNotZero {
        /// How many bytes.
        len: usize,
    },
    /// Picture data lies where the hard binding by boxes covers nothing.
    DataUnbound {
        /// Where it begins.
        offset: usize,
    },
    /// Two manifests have the same label.
    DuplicateLabel {
        /// The label.
        label: Untrusted,
    },
    /// What the hard binding leaves out is not exactly the manifest store.
    ExclusionsDiffer {
        /// First byte and length of each exclusion, as stated.
        stated: Vec<(u64, u64)>,
        /// Where the store lies.
        store: Range<usize>,
    },
    /// The container parts around a store that byline wrote are not as byline writes them.
    FramingDiffers,
    /// The signature has an unprotected header that C2PA does not name.
    HeaderUnknown {
        /// Its key.
        key: Untrusted,
    },
    /// The signature has a short unprotected header of a known name that nobody decides anything by.
    HeaderUnused {
        /// Its key.
        key: Untrusted,
    },
    /// The active manifest's label is no C2PA URN.
    LabelNotCanonical {
        /// The label.
        label: Untrusted,
    },
    /// The structural check could not be made.
    NotChecked {
        /// Why.
        why: StoreError,
    },
    /// The file holds a store of its own, which the hash of the one beside it leaves out.
    OwnStore,
    /// The signature carries a payload of its own.
    PayloadAttached,
    /// There are several manifest stores.
    SeveralStores {
        /// Where the second begins.
        offset: usize,
    },
    /// Padding of the signature is not zero.
    SignaturePadNotZero {
        /// How many bytes.
        len: usize,
    },
    /// A store that byline wrote does not have the one form that byline writes.
    StoreDiffers,
    /// The parts of the store do not follow each other.
    StoreNotContiguous {
        /// Where the first gap begins.
        offset: usize,
    },
    /// Bytes follow the image; a hash may cover them, most viewers do not show them.
    TrailingBytes {
        /// Where they begin.
        from: usize,
        /// How many.
        len: usize,
    },
}

impl Finding {
    /// The name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AfterStore { .. } => "coverage.afterStore",
            Self::BindingPadNotZero { .. } => "coverage.bindingPad.notZero",
            Self::DataUnbound { .. } => "coverage.data.unbound",
            Self::DuplicateLabel { .. } => "coverage.label.duplicate",
            Self::ExclusionsDiffer { .. } => "coverage.exclusions.mismatch",
            Self::FramingDiffers => "coverage.framing.mismatch",
            Self::HeaderUnknown { .. } => "coverage.signatureHeader.unknown",
            Self::HeaderUnused { .. } => "coverage.signatureHeader.unused",
            Self::LabelNotCanonical { .. } => "coverage.label.notCanonical",
            Self::NotChecked { .. } => "coverage.notChecked",
            Self::OwnStore => "coverage.store.own",
            Self::PayloadAttached => "coverage.signaturePayload.attached",
            Self::SeveralStores { .. } => "coverage.store.several",
            Self::SignaturePadNotZero { .. } => "coverage.signaturePad.notZero",
            Self::StoreDiffers => "coverage.store.mismatch",
            Self::StoreNotContiguous { .. } => "coverage.store.notContiguous",
            Self::TrailingBytes { .. } => "coverage.trailingBytes",
        }
    }

    /// Whether bytes that no signature covers can differ without any hash noticing.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        match self {
            Self::AfterStore { not_zero, .. } => *not_zero > 0,
            // Of wide exclusions the binding itself says so: [`super::facts::Binding::Incomplete`], or a mismatch.
            Self::BindingPadNotZero { .. }
            | Self::DuplicateLabel { .. }
            | Self::ExclusionsDiffer { .. }
            | Self::HeaderUnused { .. }
            | Self::LabelNotCanonical { .. }
            | Self::NotChecked { .. }
            | Self::OwnStore
            | Self::TrailingBytes { .. } => false,
            Self::DataUnbound { .. }
            | Self::FramingDiffers
            | Self::HeaderUnknown { .. }
            | Self::PayloadAttached
            | Self::SeveralStores { .. }
            | Self::SignaturePadNotZero { .. }
            | Self::StoreDiffers
            | Self::StoreNotContiguous { .. } => true,
        }
    }
}

/// What the structural check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The hard binding of the active manifest.
    pub binding: HardBinding,
    /// Facts, in the order found.
    pub findings: Vec<Finding>,
}

/// Checks the active manifest of a store in or beside an asset; `below` is the one whose hard binding counts, where the active one is an
/// update by the same signer. `named_byline` says whether the SDK found byline named as its maker, for a store that cannot be taken apart here.
pub(super) fn check(
    (asset, held): (&Asset, Held),
    active: Result<&Active<'_>, &StoreError>,
    below: Option<&Active<'_>>,
    named_byline: bool,
) -> Coverage {
    let mut findings = oddities(asset, held);
    let active = match active {
        Ok(active) => active,
        Err(why) => {
            // What byline wrote can always be taken apart.
            findings.push(if named_byline {
                Finding::StoreDiffers
            } else {
                Finding::NotChecked { why: why.clone() }
            });
            return Coverage {
                binding: HardBinding::None,
                findings,
            };
        }
    };
    // No hash covers the headers of boxes, segments and chunks; of our own files we know every byte of them.
    if active.is_by_byline() {
        if held == Held::Inside && !asset.is_framed_as_ours() {
            findings.push(Finding::FramingDiffers);
        }
        if shape::is_ours(active) != Ok(true) {
            findings.push(Finding::StoreDiffers);
        }
    }
    let store = match held {
        Held::Beside => 0..0,
        Held::Inside => hole(asset, asset.store_ranges()),
    };
    let bound = match (held, below) {
        (Held::Inside, Some(below)) => grown(below, &store),
        (_, below) => binding(below.unwrap_or(active), (&store, held), asset, &mut findings),
    };
    let binding = match bound {
        Ok(binding) => binding,
        Err(why) => {
            findings.push(Finding::NotChecked { why });
            HardBinding::None
        }
    };
    if let Some(rest) = active
        .store()
        .get(active.tree.end()..)
        .filter(|rest| !rest.is_empty())
    {
        let not_zero = rest.iter().filter(|byte| **byte != 0).count();
        findings.push(Finding::AfterStore {
            len: rest.len(),
            not_zero,
        });
    }
    labels(active, &mut findings);
    match active.cose() {
        Ok(cose) => findings.extend(headers::findings(cose)),
        Err(why) => findings.push(Finding::NotChecked { why }),
    }
    let is_whole = matches!(binding, HardBinding::Data { .. });
    if held == Held::Beside && !is_whole && !asset.store_ranges().is_empty() {
        findings.push(Finding::OwnStore);
    }
    Coverage { binding, findings }
}

fn oddities(asset: &Asset, held: Held) -> Vec<Finding> {
    let told = |oddity: &Oddity| match *oddity {
        // Of stores in the file that are not judged.
        Oddity::SeveralStores { .. } | Oddity::StoreNotContiguous { .. } if held == Held::Beside => None,
        Oddity::SeveralStores { offset } => Some(Finding::SeveralStores { offset }),
        Oddity::StoreNotContiguous { offset } => Some(Finding::StoreNotContiguous { offset }),
        Oddity::DataInPadding { offset } => Some(Finding::DataUnbound { offset }),
        Oddity::TrailingBytes { from, len } => Some(Finding::TrailingBytes { from, len }),
        _ => None,
    };
    asset.layout().oddities.iter().filter_map(told).collect()
}

fn binding(
    active: &Active<'_>,
    (store, held): (&Range<usize>, Held),
    asset: &Asset,
    findings: &mut Vec<Finding>,
) -> Result<HardBinding, StoreError> {
    let Some(data) = active.data_hash()? else {
        let has = |prefix: &str| active.find(|label| label.starts_with(prefix)).is_some();
        return Ok(match (has("c2pa.hash.bmff"), has("c2pa.hash.boxes")) {
            (true, _) => HardBinding::Bmff {
                padding: padding(asset),
            },
            (false, true) => HardBinding::Boxes,
            (false, false) => HardBinding::None,
        });
    };
    let exact = match held {
        // What a manifest beside the file leaves out, anybody can replace: it may leave out nothing (threats V1).
        Held::Beside => data.exclusions.iter().all(|(_, length)| *length == 0),
        Held::Inside => excludes_exactly(&data.exclusions, store),
    };
    // TIFF: the tag that points to the store moves with it, so the SDK must leave out its directory entry too.
    let may_differ = held == Held::Inside && matches!(asset.format(), Format::Tiff | Format::Dng);
    if !exact && !may_differ {
        findings.push(Finding::ExclusionsDiffer {
            stated: data.exclusions,
            store: store.clone(),
        });
    }
    if data.pad_not_zero > 0 {
        findings.push(Finding::BindingPadNotZero {
            len: data.pad_not_zero,
        });
    }
    let sha256 = matches!(data.alg.as_deref(), None | Some("sha256"))
        .then(|| Digest::from_slice(&data.hash))
        .flatten();
    Ok(HardBinding::Data { exact, sha256 })
}

/// How many bytes stand in boxes that a hash of the boxes leaves out.
fn padding(asset: &Asset) -> usize {
    let mut oddities = asset.layout().oddities.iter();
    let len = oddities.find_map(|odd| match *odd {
        Oddity::Padding { len, .. } => Some(len),
        _ => None,
    });
    len.unwrap_or(0)
}

/// The hard binding below an update: what it leaves out begins where the store does and ended where the store did before.
fn grown(below: &Active<'_>, store: &Range<usize>) -> Result<HardBinding, StoreError> {
    let Some(data) = below.data_hash()? else {
        return Ok(HardBinding::None);
    };
    let is_store = |(start, length): &(u64, u64)| {
        usize::try_from(*start) == Ok(store.start)
            && usize::try_from(*length).is_ok_and(|len| len <= store.len())
    };
    let exact = matches!(data.exclusions.as_slice(), [one] if is_store(one)) && data.pad_not_zero == 0;
    let is_sha256 = matches!(data.alg.as_deref(), None | Some("sha256"));
    if !exact {
        return Ok(HardBinding::None);
    }
    let sha256 = is_sha256.then(|| Digest::from_slice(&data.hash)).flatten();
    Ok(HardBinding::Data { exact, sha256 })
}

/// Whether the file, without what the hard binding itself leaves out, has the hash it states. Overlaps and bytes beyond the end
/// do not hold.
pub(super) fn holds_as_stated(asset: &Asset, active: &Active<'_>) -> bool {
    let Ok(Some(data)) = active.data_hash() else {
        return false;
    };
    if !matches!(data.alg.as_deref(), None | Some("sha256")) {
        return false;
    }
    let bytes = asset.bytes();
    let mut holes = data.exclusions;
    holes.sort_unstable();
    let mut hasher = Hasher::new();
    let mut at = 0_usize;
    for (start, length) in holes {
        let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(length)) else {
            return false;
        };
        let (Some(piece), Some(end)) = (bytes.get(at..start), start.checked_add(length)) else {
            return false;
        };
        hasher.update(piece);
        at = end;
    }
    let Some(rest) = bytes.get(at..) else { return false };
    hasher.update(rest);
    hasher.finish().as_bytes().as_slice() == data.hash
}

/// Whether the exclusions, taken together, are the store and nothing else.
fn excludes_exactly(stated: &[(u64, u64)], store: &Range<usize>) -> bool {
    let mut at = store.start;
    for (start, length) in stated {
        if usize::try_from(*start) != Ok(at) {
            return false;
        }
        match usize::try_from(*length)
            .ok()
            .and_then(|length| at.checked_add(length))
        {
            Some(next) => at = next,
            None => return false,
        }
    }
    at == store.end && !store.is_empty()
}

fn labels(active: &Active<'_>, findings: &mut Vec<Finding>) {
    if !is_urn(&active.label) {
        findings.push(Finding::LabelNotCanonical {
            label: Untrusted::from(active.label.as_str()),
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    for label in &active.manifest_labels {
        if !seen.insert(label) {
            findings.push(Finding::DuplicateLabel {
                label: Untrusted::from(label.as_str()),
            });
        }
    }
}

/// `urn:c2pa:UUID[:...]`, or the older `[vendor:]urn:uuid:UUID` (C2PA 2.4, 8.2).
fn is_urn(label: &str) -> bool {
    let uuid = |text: &str| {
        let head = text.as_bytes().get(..36);
        head.is_some_and(|head| {
            head.iter().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        })
    };
    match (label.strip_prefix("urn:c2pa:"), label.split_once("urn:uuid:")) {
        (Some(rest), _) | (None, Some((_, rest))) => uuid(rest),
        (None, None) => false,
    }
}

/// Why a file just signed is not given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The hard binding does not hash the file.
    #[error("the hard binding does not match the file")]
    BindingDiffers,
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

/// Reads a file back that was just signed: binding, assertions, signature, coverage. Returns the active manifest's label.
///
/// `bound` is the hash the claim was signed over and the file without store it was taken of; the rest of the file is compared with
/// that byte for byte, which says the same as hashing it again.
pub(super) fn check_signed(asset: &Asset, bare: &Asset) -> Result<String, Fault> {
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
    if !signature_holds(&active) {
        return Err(Fault::SignatureBad);
    }
    Ok(active.label)
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
    Verifier::IgnoreProfileAndTrustPolicy
        .verify_signature(
            active.signature,
            active.claim,
            b"",
            None,
            &mut StatusTracker::default(),
        )
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusions_must_be_the_store_and_nothing_else() {
        assert!(excludes_exactly(&[(2, 100)], &(2..102)));
        assert!(excludes_exactly(&[(2, 60), (62, 40)], &(2..102)));
        for wrong in [
            &[][..],
            &[(2, 99)],
            &[(2, 101)],
            &[(1, 101)],
            &[(2, 100), (200, 1)],
            &[(2, u64::MAX)],
        ] {
            assert!(!excludes_exactly(wrong, &(2..102)), "{wrong:?}");
        }
    }

    #[test]
    fn labels_old_and_new_are_told_from_invented_ones() {
        assert!(is_urn("urn:c2pa:3fa85f64-5717-4562-b3fc-2c963f66afa6"));
        assert!(is_urn("urn:c2pa:3fa85f64-5717-4562-b3fc-2c963f66afa6:byline:1_1"));
        assert!(is_urn(
            "contentauth:urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6"
        ));
        assert!(!is_urn("urn:c2pa:hello"));
        assert!(!is_urn("c2pa.manifest"));
    }
}
