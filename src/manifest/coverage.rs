//! No silent byte: what the manifest's exclusions leave out, what padding and headers hide, what lies behind the image.
//!
//! Stands beside the SDK's validation; the worse of the two decides (threats V1 to V5, V8, V11).

use std::ops::Range;

use super::finding::Finding;
use super::headers;
use super::left_out;
use super::shape;
use super::sign::hole;
use super::store::{Active, DataHash, StoreError};
use crate::asset::{Asset, Oddity};
use crate::base::{Digest, Hasher, Untrusted};

/// What binds the active manifest to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HardBinding {
    /// `c2pa.hash.bmff` and its versions.
    Bmff {
        /// Whether it leaves out no more than C2PA does or once did.
        exact: bool,
        /// Bytes other than the file type box's that it leaves out, where they are not all zero.
        padding: usize,
        /// Whether it leaves out the tables of where the picture's data lies.
        places: bool,
    },
    /// `c2pa.hash.boxes`.
    Boxes {
        /// Whether it leaves out nothing but the store.
        exact: bool,
    },
    /// `c2pa.hash.data`.
    Data {
        /// Whether its exclusions are exactly the store's container parts.
        exact: bool,
        /// Its hash, where that is SHA-256 of all that is not the store.
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

/// What the structural check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The hard binding of the active manifest.
    pub binding: HardBinding,
    /// Facts, in the order found.
    pub findings: Vec<Finding>,
}

/// Checks the active manifest of a store in or beside an asset; `below` is the one whose hard binding counts, where the active one is an
/// update, whoever signed either. `named_byline` says whether the SDK found byline named as its maker, for a store that cannot be taken apart here.
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
        (Held::Inside, Some(below)) => grown(below, &store, asset, &mut findings),
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
        return by_boxes(active, asset, findings);
    };
    let sha256 = of_the_rest(&data, asset);
    let exact = match held {
        // What a manifest beside the file leaves out, anybody can replace: it may leave out nothing (threats V1).
        Held::Beside => data.exclusions.iter().all(|(_, length)| *length == 0),
        Held::Inside => excludes_exactly(&beside_pointer(&data.exclusions, asset), store),
    };
    if !exact {
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
    Ok(HardBinding::Data { exact, sha256 })
}

/// The hash that a binding states, where it is SHA-256 of all that is not the store; of a TIFF it is not.
fn of_the_rest(data: &DataHash, asset: &Asset) -> Option<Digest> {
    let is_whole = matches!(data.alg.as_deref(), None | Some("sha256")) && asset.store_pointer().is_empty();
    is_whole.then(|| Digest::from_slice(&data.hash)).flatten()
}

/// A hash of the boxes, and what another picture could stand in under it.
fn by_boxes(
    active: &Active<'_>,
    asset: &Asset,
    findings: &mut Vec<Finding>,
) -> Result<HardBinding, StoreError> {
    let (left, is_bmff) = match left_out::of_bmff(active)? {
        Some(left) => (left, true),
        None => match left_out::of_boxes(active, asset)? {
            Some(left) => (left, false),
            None => return Ok(HardBinding::None),
        },
    };
    let exact = left.more.is_empty();
    if !exact {
        findings.push(Finding::BoxesLeftOut { names: left.more });
    }
    if !is_bmff {
        return Ok(HardBinding::Boxes { exact });
    }
    let mut padding = 0;
    for odd in &asset.layout().oddities {
        match *odd {
            Oddity::DataInPadding { offset, in_padding } if left.padding || !in_padding => {
                findings.push(Finding::DataUnbound { offset });
            }
            Oddity::Padding { len, hashed, .. } => {
                padding = if left.padding {
                    len
                } else {
                    len.saturating_sub(hashed)
                };
            }
            _ => {}
        }
    }
    Ok(HardBinding::Bmff {
        exact,
        padding,
        places: left.places,
    })
}

/// The hard binding below an update: what it leaves out begins where the store does and ended where the store did before.
fn grown(
    below: &Active<'_>,
    store: &Range<usize>,
    asset: &Asset,
    findings: &mut Vec<Finding>,
) -> Result<HardBinding, StoreError> {
    let Some(data) = below.data_hash()? else {
        return by_boxes(below, asset, findings);
    };
    let is_store = |(start, length): &(u64, u64)| {
        usize::try_from(*start) == Ok(store.start)
            && usize::try_from(*length).is_ok_and(|len| len <= store.len())
    };
    let exclusions = beside_pointer(&data.exclusions, asset);
    let exact = matches!(exclusions.as_slice(), [one] if is_store(one)) && data.pad_not_zero == 0;
    let sha256 = of_the_rest(&data, asset);
    if !exact {
        findings.push(Finding::ExclusionsDiffer {
            stated: data.exclusions,
            store: store.clone(),
        });
    }
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

/// The exclusions without those where a TIFF says how long the store is and where it lies.
fn beside_pointer(stated: &[(u64, u64)], asset: &Asset) -> Vec<(u64, u64)> {
    let pointer = asset.store_pointer();
    let is_in_it = |(start, length): &(u64, u64)| {
        let start = usize::try_from(*start).ok();
        let end = start.and_then(|start| start.checked_add(usize::try_from(*length).ok()?));
        start.is_some_and(|start| pointer.contains(&start)) && end.is_some_and(|end| end <= pointer.end)
    };
    let beside = stated.iter().filter(|one| !is_in_it(one));
    beside.copied().collect()
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

    /// Of a TIFF the SDK leaves out how long the store is; what else is left out may be the picture.
    #[test]
    fn of_a_tiff_no_more_is_left_out_than_what_is_said_of_the_store() {
        use super::super::samples::{claim, drawn, identity, signer};
        let sign = |format| {
            let signed =
                signer(&identity(1)).sign(&drawn(format), &claim(crate::base::SourceType::DigitalCapture));
            signed.unwrap().asset
        };
        let signed = sign(image::ImageFormat::Tiff);
        let pointer = signed.store_pointer();
        assert_eq!(pointer.len(), 8);
        let [store] = signed.store_ranges() else { panic!() };
        let store = (
            u64::try_from(store.start).unwrap(),
            u64::try_from(store.len()).unwrap(),
        );
        let at = u64::try_from(pointer.start).unwrap();
        for whole in [vec![(at, 4), store], vec![store, (at, 8)], vec![store]] {
            assert_eq!(beside_pointer(&whole, &signed), [store], "{whole:?}");
        }
        for wide in [(at - 1, 4), (at, 9), (at + 8, 1), (at, u64::MAX), (8, 4)] {
            assert_eq!(beside_pointer(&[wide, store], &signed), [wide, store]);
        }
        assert_eq!(sign(image::ImageFormat::Jpeg).store_pointer(), 0..0);
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
