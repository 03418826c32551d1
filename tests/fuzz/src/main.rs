//! Every parser of byline under libFuzzer. `FUZZ_TARGET` names one; run.sh goes through them.
//!
//! A target must come back from any bytes: a panic, a wrapped sum (overflow checks are on), two seconds or half a gigabyte is a find.
#![no_main]
#![allow(dead_code, unused_imports, unreachable_pub, missing_docs, reason = "rooms are taken whole, and used in part")]

#[path = "../../../src/asset/mod.rs"]
pub mod asset;
#[path = "../../../src/base/mod.rs"]
pub mod base;
#[path = "../../../src/keys/mod.rs"]
pub mod keys;
#[path = "../../../src/ledger/mod.rs"]
pub mod ledger;
#[path = "../../../src/metadata/mod.rs"]
pub mod metadata;

/// The part of the room that reads stores without the SDK.
#[path = "../../../src/manifest"]
pub mod manifest {
    mod claim;
    mod cost;
    pub mod full;
    mod items;
    mod jsonld;
    mod jumbf;
    mod plan;
    mod store;

    pub use claim::{Basis, Claim, Parent, Run};

    use crate::asset::Asset;

    /// Takes a store apart as verify and inspect do.
    pub fn read(store: &[u8]) {
        let _ = full::full(store);
        let _ = cost::check_store(store);
        if let Ok(active) = store::Active::parse(store) {
            let _ = (active.is_by_byline(), active.run(), active.links(), active.data_hash(), active.cose());
        }
    }

    /// As above, where the file says the store is.
    pub fn of(asset: &Asset) {
        let _ = cost::check(asset);
    }
}

use std::sync::OnceLock;

use asset::{Asset, Format, StorePlace, pixels};
use base::Timestamp;
use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 21] = [
    ("bmff", |data| picture(data, &[Format::Avif, Format::Heic, Format::Heif])),
    ("gif", |data| picture(data, &[Format::Gif])),
    ("jpeg", |data| picture(data, &[Format::Jpeg])),
    ("jxl", |data| picture(data, &[Format::Jxl])),
    ("png", |data| picture(data, &[Format::Png])),
    ("svg", |data| picture(data, &[Format::Svg])),
    ("tiff", |data| picture(data, &[Format::Tiff, Format::Dng])),
    ("webp", |data| picture(data, &[Format::WebP])),
    ("pixels", decode),
    ("exif", |data| in_png(b"eXIf", b"", data)),
    ("xmp", |data| in_png(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", data)),
    ("iptc", iptc),
    ("text", text),
    ("jumbf", manifest::read),
    ("certificate", certificate),
    ("keytexts", key_texts),
    ("ocsp", ocsp),
    ("entry", entry),
    ("receipt", receipt),
    ("prooftexts", proof_texts),
    ("frames", frames),
];

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|(name, _)| *name == wanted);
        let Some((_, target)) = found else {
            let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            println!("{}", names.join(" "));
            std::process::exit(if wanted == "list" { 0 } else { 2 });
        };
        TARGET.set(*target).unwrap();
    },
    |data: &[u8]| {
        TARGET.get().unwrap()(data);
    }
);

/// Everything that is read of a file, and the writers that put parts in and out.
fn picture(data: &[u8], formats: &[Format]) {
    if !Format::detect(data).is_some_and(|found| formats.contains(&found)) {
        return;
    }
    if let Ok(asset) = Asset::parse(data.to_vec()) {
        look(&asset);
        let _ = asset.is_framed_as_ours();
        if let Ok(bare) = asset.without_store() {
            assert!(bare.store_ranges().is_empty() || bare.bytes() != asset.bytes() || asset.store_ranges().is_empty());
            let _ = bare.with_metadata(None, Some("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>"));
            let _ = bare.with_metadata(Some(b"II*\0\x08\0\0\0\0\0\0\0\0\0"), None);
            let _ = bare.embed_store(b"\0\0\0\x08jumb");
        }
    }
}

fn look(asset: &Asset) {
    let _ = (asset.content_digest(), asset.pages(), asset.first_scan());
    let found = metadata::read(asset);
    let _ = metadata::generator::read(asset, &found, None);
    manifest::of(asset);
    if let StorePlace::Found { jumbf, .. } = &asset.layout().store {
        manifest::read(jumbf);
    }
}

/// The pixels of small pictures; what a large one costs is the limits' business.
fn decode(data: &[u8]) {
    let Ok(asset) = Asset::parse(data.to_vec()) else { return };
    let small = |(width, height): (u32, u32)| u64::from(width) * u64::from(height) <= 1 << 20;
    if asset.layout().size.is_some_and(small) {
        let found = metadata::read(&asset);
        let _ = pixels::look(&asset, found.orientation);
        let _ = metadata::generator::read_with_pixels(&asset, &found);
    }
}

/// A PNG of one chunk besides what it must have; checksums of chunks that hold no store are not looked at.
fn in_png(kind: &[u8; 4], head: &[u8], data: &[u8]) {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\0\0\0\0".to_vec();
    file.extend(u32::try_from(head.len() + data.len()).unwrap().to_be_bytes());
    file.extend(kind);
    file.extend(head);
    file.extend(data);
    file.extend(b"\0\0\0\0\0\0\0\0IDAT\0\0\0\0\0\0\0\0IEND\0\0\0\0");
    look(&Asset::parse(file).unwrap());
}

fn iptc(data: &[u8]) {
    let data = &data[..data.len().min(65_000)];
    let mut file = b"\xff\xd8\xff\xed".to_vec();
    file.extend(u16::try_from(data.len() + 16).unwrap().to_be_bytes());
    file.extend(b"Photoshop 3.0\0");
    file.extend(data);
    file.extend(b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9");
    if let Ok(asset) = Asset::parse(file) {
        look(&asset);
    }
}

/// What generators write: the first byte says under which keyword.
fn text(data: &[u8]) {
    let keywords = ["parameters", "prompt", "workflow", "invokeai_metadata", "sd-metadata", "Dream", "Comment", "Description", "Software", "AIGC", "fooocus_scheme"];
    let Some((first, rest)) = data.split_first() else { return };
    let keyword = keywords[usize::from(*first) % keywords.len()];
    in_png(b"tEXt", format!("{keyword}\0").as_bytes(), rest);
}

fn certificate(data: &[u8]) {
    let _ = keys::x509::LeafInfo::parse(data);
}

/// An answer about a certificate of ours, and what a strange certificate asks to be asked.
fn ocsp(data: &[u8]) {
    static CA: OnceLock<Vec<u8>> = OnceLock::new();
    let ca = CA.get_or_init(|| pem::parse(include_bytes!("../../../fixtures/hostile/ca.pem")).unwrap().into_contents());
    let _ = keys::ocsp::read(data, ca, ca);
    let _ = (keys::ocsp::responders(data), keys::ocsp::question(data, ca));
}

fn key_texts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = keys::public::PublicFile::read(&text);
    let _ = keys::lists::TrustList::parse(&text);
    let _ = keys::trust::TrustEntry::parse(&text);
}

fn entry(data: &[u8]) {
    if let Ok(entry) = ledger::entry::Entry::decode(data) {
        assert_eq!(entry.bytes(), data, "a second encoding was taken");
    }
}

fn receipt(data: &[u8]) {
    let _ = ledger::receipt::TransparentStatement::parse(data);
    let _ = ledger::policy::Policy::parse(data);
}

fn proof_texts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = ledger::note::Note::parse(&text);
    let _ = ledger::checkpoint::Checkpoint::parse(&text);
    let _ = ledger::proof_file::ProofFile::parse(&text);
    let _ = ledger::state_proof::StateProof::parse(&text);
    let _ = ledger::MapProof::parse(&text);
    let _ = ledger::handover::Handover::parse(&text);
    let _ = ledger::witness::AddCheckpoint::parse(data);
    let _ = ledger::tile::Tile::parse(&text);
    let _ = Timestamp::parse_rfc3339(&text);
}

fn frames(data: &[u8]) {
    let _ = ledger::frame::Header::parse(data);
    let _ = ledger::frame::Frame::parse(data);
    let _ = ledger::tile::read_bundle(data, 256);
    let _ = ledger::tile::read_hashes(data, 256);
}
