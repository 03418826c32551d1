//! Manifests beside a picture: taken out of it, made for it, of another one, damaged, and over bytes that their hash leaves out.

use image::ImageFormat;

use super::coverage::{HardBinding, Held};
use super::facts::{Binding, Chain, Links, Signature};
use super::finding::Finding;
use super::samples::{by_other_tool, claim, drawn, identity, now, reader, signer};
use super::{ManifestEvidence, ManifestFacts, ManifestReader};
use crate::asset::{Asset, StorePlace};
use crate::base::SourceType;

/// A picture without its manifest, and that.
fn apart(asset: &Asset) -> (Asset, Vec<u8>) {
    let StorePlace::Found { jumbf, .. } = &asset.layout().store else {
        panic!("no store");
    };
    (asset.without_store().unwrap(), jumbf.clone())
}

fn signed(format: ImageFormat) -> Asset {
    let claim = claim(SourceType::DigitalCapture);
    signer(&identity(1)).sign(&drawn(format), &claim).unwrap().asset
}

/// Another picture of the same size.
fn other(format: ImageFormat) -> Asset {
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([9, 90, 200]));
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    Asset::parse(out.into_inner()).unwrap()
}

fn read(evidence: ManifestEvidence) -> Option<ManifestFacts> {
    match evidence {
        ManifestEvidence::Read(facts) => Some(*facts),
        ManifestEvidence::Unreadable { .. } => None,
        other => panic!("{other:?}"),
    }
}

fn passes(facts: &ManifestFacts) -> bool {
    facts.binding == Binding::Match
        && facts.links == Links::Hold
        && facts.signature == Signature::Good
        && matches!(facts.chain, Chain::Anchored { .. })
        && !facts.coverage.findings.iter().any(Finding::is_silent)
}

fn known() -> ManifestReader {
    reader(Some(&identity(1)))
}

#[test]
fn a_manifest_taken_out_of_a_picture_is_judged_in_its_place() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let whole = signed(format);
        let (bare, store) = apart(&whole);
        let facts = read(known().read_beside(&bare, &store, now())).unwrap();
        assert!(
            passes(&facts),
            "{format:?} {:?} {:?}",
            facts.binding,
            facts.coverage
        );
        assert!(facts.coverage.findings.is_empty(), "{format:?}");
        // Given beside the picture that holds it, it is that one.
        let facts = read(known().read_beside(&whole, &store, now())).unwrap();
        assert!(passes(&facts) && facts.held == Held::Inside, "{format:?}");
        assert!(known().crjson(&bare, Some(&store)).is_some());
    }
}

#[test]
fn a_changed_picture_and_the_manifest_of_another_do_not_pass() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let (bare, store) = apart(&signed(format));
        for at in [bare.bytes().len() / 2, bare.bytes().len() - 20] {
            let mut bytes = bare.bytes().to_vec();
            bytes[at] ^= 1;
            let Ok(changed) = Asset::parse(bytes) else {
                continue;
            };
            let facts = read(known().read_beside(&changed, &store, now())).unwrap();
            assert_eq!(facts.binding, Binding::Mismatch, "{format:?} {at}");
        }
        let facts = read(known().read_beside(&other(format), &store, now())).unwrap();
        assert_eq!(facts.binding, Binding::Mismatch, "{format:?}");
    }
}

#[test]
fn a_damaged_manifest_passes_nowhere_and_never_panics() {
    let (bare, store) = apart(&signed(ImageFormat::Jpeg));
    for cut in [0, 1, 7, 8, 40, store.len() / 2, store.len() - 1] {
        let facts = read(known().read_beside(&bare, &store[..cut], now()));
        assert!(!facts.is_some_and(|facts| passes(&facts)), "cut at {cut}");
    }
    for at in (0..store.len()).step_by(97) {
        let mut changed = store.clone();
        changed[at] ^= 4;
        let facts = read(known().read_beside(&bare, &changed, now()));
        assert!(!facts.is_some_and(|facts| passes(&facts)), "flipped at {at}");
    }
    let facts = read(known().read_beside(&bare, &[store, b"more".to_vec()].concat(), now()));
    assert!(!facts.is_some_and(|facts| passes(&facts)), "bytes behind it");
}

/// Threats V1: a manifest lifted out of a picture, over a file in which the bytes that its hash leaves out are an attacker's.
#[test]
fn bytes_that_a_lifted_manifest_leaves_out_are_nobodys() {
    let alice = identity(1);
    let (theirs, _) = by_other_tool(&alice, &drawn(ImageFormat::Jpeg), None, false);
    for whole in [signed(ImageFormat::Jpeg), Asset::parse(theirs).unwrap()] {
        let (_, store) = apart(&whole);
        let [range] = whole.store_ranges() else { panic!() };
        // A comment as long as the store's segment stands in its place.
        let mut bytes = whole.bytes().to_vec();
        let hole = &mut bytes[range.clone()];
        hole[1] = 0xfe;
        hole[4..].fill(b'x');
        let forged = Asset::parse(bytes).unwrap();
        assert_eq!(forged.layout().store, StorePlace::Absent);
        let facts = read(known().read_beside(&forged, &store, now())).unwrap();
        assert_eq!(facts.binding, Binding::Mismatch, "{:?}", facts.coverage);
        // Another store of the same length stands there: nothing can be put back, and the hash leaves bytes out.
        let mut bytes = whole.bytes().to_vec();
        let end = range.end - 3;
        bytes[end] ^= 1;
        let forged = Asset::parse(bytes).unwrap();
        let facts = read(known().read_beside(&forged, &store, now())).unwrap();
        assert_eq!(facts.binding, Binding::Mismatch, "{:?}", facts.coverage);
        let is_wide = |one: &Finding| matches!(one, Finding::ExclusionsDiffer { .. });
        assert!(facts.coverage.findings.iter().any(is_wide));
    }
}

#[test]
fn a_manifest_made_beside_a_picture_covers_every_byte_of_it() {
    let alice = identity(1);
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let asset = drawn(format);
        let (file, store) = by_other_tool(&alice, &asset, None, true);
        assert_eq!(file, asset.bytes(), "{format:?}");
        let facts = read(known().read_beside(&asset, &store, now())).unwrap();
        assert!(
            passes(&facts),
            "{format:?} {:?} {:?}",
            facts.statuses,
            facts.coverage
        );
        assert_eq!(facts.held, Held::Beside);
        assert!(matches!(
            facts.coverage.binding,
            HardBinding::Data { exact: true, .. }
        ));
        assert!(facts.coverage.findings.is_empty(), "{:?}", facts.coverage);
        for at in (0..file.len()).step_by(53) {
            let mut changed = file.clone();
            changed[at] ^= 1;
            let Ok(changed) = Asset::parse(changed) else {
                continue;
            };
            let facts = read(known().read_beside(&changed, &store, now()));
            assert!(!facts.is_some_and(|facts| passes(&facts)), "{format:?} {at}");
        }
        let mut longer = file.clone();
        longer.push(0);
        let longer = Asset::parse(longer).unwrap();
        let facts = read(known().read_beside(&longer, &store, now())).unwrap();
        assert_eq!(facts.binding, Binding::Mismatch, "{format:?}");
    }
}

/// A manifest beside a picture is bound to it as it was written, with or without a store of its own.
#[test]
fn a_store_in_the_picture_is_bytes_like_others_to_a_manifest_beside_it() {
    let whole = signed(ImageFormat::Jpeg);
    let (bare, _) = apart(&whole);
    let (file, store) = by_other_tool(&identity(1), &whole, None, true);
    let written = Asset::parse(file).unwrap();
    let facts = read(known().read_beside(&written, &store, now())).unwrap();
    assert!(passes(&facts), "{:?} {:?}", facts.statuses, facts.coverage);
    let others = [whole, bare];
    let mut others = others.iter().filter(|other| other.bytes() != written.bytes());
    let other = others.next().unwrap();
    let facts = read(known().read_beside(other, &store, now())).unwrap();
    assert_eq!(facts.binding, Binding::Mismatch);
}

#[test]
fn formats_whose_other_bytes_depend_on_the_store_take_one_that_was_made_beside_them() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
    for name in ["gradient.avif", "gradient.svg", "container.jxl", "deflate.tif"] {
        let asset = Asset::parse(std::fs::read(folder.join(name)).unwrap()).unwrap();
        let (_, store) = by_other_tool(&identity(1), &asset, None, true);
        let facts = read(known().read_beside(&asset, &store, now())).unwrap();
        assert!(passes(&facts), "{name} {:?} {:?}", facts.statuses, facts.coverage);
        let mut bytes = asset.bytes().to_vec();
        let at = bytes.len() - 30;
        bytes[at] ^= 1;
        let Ok(changed) = Asset::parse(bytes) else {
            continue;
        };
        let facts = read(known().read_beside(&changed, &store, now()));
        assert!(!facts.is_some_and(|facts| passes(&facts)), "{name}");
    }
}
