//! No silent byte: one bit of every byte of a file signed here is flipped, and each flip must show in the facts that decide.

use std::ops::Range;

use super::facts::{Binding, Chain, Links, Signature};
use super::jumbf::Tree;
use super::samples::{by_older_byline, claim, drawn, identity, now, reader, signer};
use super::store::Active;
use super::{
    HardBinding, ManifestEvidence, ManifestFacts, ManifestReader, Parent, Receipt, coverage, read_back,
};
use crate::asset::{Asset, StorePlace};
use crate::base::SourceType;

/// Signs an asset and returns the file with the anchors that know its signer.
fn signed(asset: &Asset) -> (Vec<u8>, ManifestReader) {
    let alice = identity(1);
    let mut claim = claim(SourceType::DigitalCapture);
    claim.thumbnail = Some(vec![0xff, 0xd8, 0xff, 0xd9]);
    claim.parent = Parent::None;
    let signed = signer(&alice).sign(asset, &claim).unwrap();
    (signed.asset.into_bytes(), reader(Some(&alice)))
}

/// Whether the four questions would still all be answered with yes.
fn passes(facts: &ManifestFacts) -> bool {
    facts.binding == Binding::Match
        && facts.links == Links::Hold
        && facts.signature == Signature::Good
        && matches!(facts.chain, Chain::Anchored { .. })
        && facts.credential_fit
        && !facts.coverage.findings.iter().any(super::Finding::is_silent)
        && facts.ingredient_faults.iter().all(|fault| fault.recorded)
}

/// Whether one of our own judges refuses the file: they decide beside the SDK, and asking them first spares most of its time.
fn is_found_here(asset: &Asset) -> bool {
    let StorePlace::Found { jumbf, .. } = &asset.layout().store else {
        return false;
    };
    let Ok(active) = Active::parse(jumbf) else {
        return false;
    };
    let coverage = coverage::check((asset, super::Held::Inside), Ok(&active), None, false);
    let hashed = matches!(coverage.binding, HardBinding::Data { .. });
    coverage.findings.iter().any(super::Finding::is_silent)
        || hashed && !coverage::holds_as_stated(asset, &active)
        || !read_back::signature_holds(&active)
}

/// The bytes whose flipped bit nothing shows.
fn silent(bytes: &[u8], reader: &ManifestReader, places: impl Iterator<Item = usize>, bit: u8) -> Vec<usize> {
    let mut out = Vec::new();
    for at in places {
        let mut changed = bytes.to_vec();
        changed[at] ^= bit;
        let Ok(asset) = Asset::parse(changed) else {
            continue;
        };
        if is_found_here(&asset) {
            continue;
        }
        if let ManifestEvidence::Read(facts) = reader.read(&asset, now())
            && passes(&facts)
        {
            out.push(at);
        }
    }
    out
}

/// Runs of places, each with the part of the store it lies in, for the message of a failure.
fn told(bytes: &[u8], places: &[usize]) -> Vec<String> {
    let asset = Asset::parse(bytes.to_vec()).unwrap();
    let StorePlace::Found { jumbf, ranges } = &asset.layout().store else {
        panic!("no store")
    };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in places {
        match runs.last_mut() {
            Some(run) if run.end == *at => run.end += 1,
            _ => runs.push(*at..at + 1),
        }
    }
    let tree = Tree::parse(jumbf).unwrap();
    let begin = bytes
        .windows(64.min(jumbf.len()))
        .position(|window| window == &jumbf[..64.min(jumbf.len())]);
    runs.iter()
        .map(|run| {
            let inside = begin.and_then(|begin| run.start.checked_sub(begin));
            let label = inside.and_then(|at| tree.label_at(at)).unwrap_or_default();
            format!("{run:?} store+{inside:?} of {ranges:?} in {label}")
        })
        .collect()
}

fn fixture(name: &str) -> Asset {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
    Asset::parse(std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Flips one bit of every byte; the silent ones must be those allowed and no others.
fn silent_are(asset: &Asset, allowed: &Range<usize>) {
    let (bytes, reader) = signed(asset);
    let found = silent(&bytes, &reader, 0..bytes.len(), 0x01);
    assert_eq!(
        found,
        allowed.clone().collect::<Vec<_>>(),
        "{:?} of {} bytes:\n{}",
        asset.format(),
        bytes.len(),
        told(&bytes, &found).join("\n")
    );
}

fn none_is_silent(asset: &Asset) {
    silent_are(asset, &(0..0));
}

#[test]
fn no_byte_of_a_jpeg_is_silent() {
    none_is_silent(&drawn(image::ImageFormat::Jpeg));
}

#[test]
fn no_byte_of_a_png_is_silent() {
    none_is_silent(&drawn(image::ImageFormat::Png));
}

#[test]
fn no_byte_of_a_webp_is_silent() {
    none_is_silent(&drawn(image::ImageFormat::WebP));
}

#[test]
fn no_byte_of_a_gif_is_silent() {
    none_is_silent(&fixture("gradient.gif"));
}

#[test]
fn no_byte_of_a_tiff_is_silent() {
    none_is_silent(&fixture("deflate.tif"));
}

#[test]
fn no_byte_of_an_svg_is_silent() {
    none_is_silent(&fixture("gradient.svg"));
}

/// C2PA leaves the file type box out of its hash (2.4, A.5), and nothing else says what its brands were: they are named as not
/// checked. Its header and its place are looked at.
#[test]
fn of_a_heic_only_the_brands_are_silent() {
    silent_are(&fixture("gradient.heic"), &(8..28));
}

#[test]
fn of_an_avif_only_the_brands_are_silent() {
    silent_are(&fixture("gradient.avif"), &(8..32));
}

/// CBOR of another type can say the same zeros: `0x59` (bytes) becomes `0x99` (array).
#[test]
fn padding_of_another_type_is_found() {
    let alice = identity(1);
    let (bytes, reader) = (
        by_older_byline(&alice, &drawn(image::ImageFormat::Jpeg)),
        reader(Some(&alice)),
    );
    let at = bytes.windows(5).position(|window| window == b"cpad\x59").unwrap() + 4;
    assert_eq!(silent(&bytes, &reader, at..=at, 0xC0), Vec::<usize>::new());
}

#[test]
fn no_byte_of_a_jxl_is_silent() {
    none_is_silent(&fixture("container.jxl"));
}

/// An update on top: the SDK reads past what frames the manifest below, so that is looked at here.
#[test]
fn no_byte_of_an_updated_jpeg_is_silent() {
    let (bytes, reader) = signed(&drawn(image::ImageFormat::Jpeg));
    let receipt = Receipt {
        origin: "studio.example",
        statement: &[7; 90],
    };
    let asset = Asset::parse(bytes).unwrap();
    let bytes = signer(&identity(1))
        .add_receipt(&asset, &receipt)
        .unwrap()
        .asset
        .into_bytes();
    let ManifestEvidence::Read(facts) = reader.read(&Asset::parse(bytes.clone()).unwrap(), now()) else {
        panic!("unread")
    };
    assert!(passes(&facts));
    let asset = Asset::parse(bytes.clone()).unwrap();
    let store = asset.store_ranges().first().unwrap().start..asset.store_ranges().last().unwrap().end;
    let found = silent(&bytes, &reader, store, 0x01);
    assert_eq!(found, Vec::<usize>::new(), "{}", told(&bytes, &found).join("\n"));
}
