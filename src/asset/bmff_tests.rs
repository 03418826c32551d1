//! Tests of AVIF, HEIC and HEIF.

use super::bmff_meta::Meta;
use super::samples_for_tests::{every_format, exif_block, parse, xmp_packet};
use super::*;

fn sample(name: &str) -> Vec<u8> {
    every_format()
        .into_iter()
        .find(|sample| sample.0 == name)
        .unwrap()
        .1
}

fn meta(bytes: &[u8]) -> Meta {
    let boxes = isobox::all(bytes, 0..bytes.len()).0;
    Meta::parse(bytes, boxes.iter().find(|top| &top.kind == b"meta").unwrap()).unwrap()
}

/// The data of every item that is no metadata.
fn pictures(bytes: &[u8]) -> Vec<Vec<u8>> {
    let meta = meta(bytes);
    let items = meta
        .items
        .iter()
        .filter(|item| !matches!(&item.kind, b"Exif" | b"mime"));
    items
        .map(|item| {
            let place = meta.places.iter().find(|place| place.id == item.id).unwrap();
            meta.data(bytes, place)
                .unwrap()
                .into_iter()
                .flat_map(|range| bytes[range].to_vec())
                .collect()
        })
        .collect()
}

#[test]
fn items_keep_their_data_through_metadata_and_signing() {
    for name in ["gradient.avif", "animated.avif", "gradient.heic"] {
        let bytes = sample(name);
        let patched = parse(&bytes)
            .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
            .unwrap();
        assert_eq!(pictures(patched.bytes()), pictures(&bytes), "{name}");
        let signed = bmff_write::with_store(patched.bytes(), &jumbf::sample(999));
        assert_eq!(pictures(&signed), pictures(&bytes), "{name}");
        assert_eq!(parse(&signed).layout().exif, patched.layout().exif, "{name}");
    }
}

/// The SDK moves 4-byte bases of value 0 twice and so loses the picture.
#[test]
fn no_item_keeps_a_base_offset() {
    for name in ["gradient.avif", "gradient.heic"] {
        let bytes = parse(&sample(name))
            .with_metadata(None, None)
            .unwrap()
            .into_bytes();
        assert!(
            meta(&bytes).places.iter().all(|place| place.base.width == 0),
            "{name}"
        );
        assert_eq!(pictures(&bytes), pictures(&sample(name)), "{name}");
    }
}

#[test]
fn chunk_tables_of_a_sequence_follow_their_samples() {
    let bytes = sample("animated.avif");
    let is = |odd: &Oddity| matches!(odd, Oddity::PictureAndSequence { .. });
    assert!(parse(&bytes).layout().oddities.iter().any(is));
    assert!(!parse(&sample("gradient.avif")).layout().oddities.iter().any(is));
    let first = |bytes: &[u8]| {
        let moov = isobox::all(bytes, 0..bytes.len())
            .0
            .into_iter()
            .find(|top| &top.kind == b"moov")
            .unwrap();
        let field = bmff::offsets(bytes)
            .into_iter()
            .find(|field| (moov.body..moov.end).contains(&field.at))
            .unwrap();
        let at = bytes::index64(field.value);
        bytes[at..at + 32].to_vec()
    };
    let patched = parse(&bytes)
        .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
        .unwrap();
    assert_eq!(first(patched.bytes()), first(&bytes));
    assert_eq!(
        first(&bmff_write::with_store(patched.bytes(), &jumbf::sample(99))),
        first(&bytes)
    );
}

#[test]
fn replaced_metadata_leaves_nothing_behind() {
    let bytes = sample("gradient.avif");
    let first = parse(&bytes)
        .with_metadata(Some(&exif_block("Alice")), Some(&xmp_packet("Alice")))
        .unwrap();
    let second = first
        .with_metadata(Some(&exif_block("Bobby")), Some(&xmp_packet("Bobby")))
        .unwrap();
    assert_eq!(second.bytes().len(), first.bytes().len());
    assert_eq!(bytes::find(second.bytes(), b"Alice"), None);
    assert_eq!(meta(second.bytes()).items.len(), 3);
}

#[test]
fn brands_name_the_format() {
    for (major, compatible, format) in [
        (b"avif", b"mif1", Some(Format::Avif)),
        (b"mif1", b"avif", Some(Format::Avif)),
        (b"mif1", b"heic", Some(Format::Heic)),
        (b"heix", b"mif1", Some(Format::Heic)),
        (b"mif1", b"miaf", Some(Format::Heif)),
        (b"isom", b"mp42", None),
    ] {
        let bytes = [&b"\0\0\0\x14ftyp"[..], major, b"\0\0\0\0", compatible].concat();
        assert_eq!(Format::detect(&bytes), format);
    }
}

#[test]
fn a_c2pa_box_of_another_purpose_is_damage() {
    let bytes = sample("gradient.avif");
    for (from, to) in [
        (&b"manifest\0"[..], &b"manifesT\0"[..]),
        (b"\x87\x7E\xC4\x81", b"\x87\x7E\xC4\x80"),
    ] {
        let mut signed = bmff_write::with_store(&bytes, &jumbf::sample(9));
        let at = bytes::find(&signed, from).unwrap();
        signed[at..at + to.len()].copy_from_slice(to);
        assert!(matches!(
            parse(&signed).layout().store,
            StorePlace::Damaged {
                why: Damage::NotJumbf,
                ..
            }
        ));
    }
}

#[test]
fn items_beyond_the_end_are_truncation() {
    let bytes = sample("gradient.heic");
    let asset = parse(&bytes[..bytes.len() - 20]);
    assert!(
        asset
            .layout()
            .oddities
            .iter()
            .any(|odd| matches!(odd, Oddity::Truncated { .. }))
    );
}

#[test]
fn a_broken_item_table_is_malformed() {
    let bytes = sample("gradient.avif");
    let at = bytes::find(&bytes, b"iloc").unwrap();
    for (offset, value) in [(8, 0x33), (10, 0xFF), (16, 0xFF)] {
        let mut broken = bytes.clone();
        broken[at + offset] = value;
        broken[at + offset + 1] = value;
        if let Ok(asset) = Asset::parse(broken) {
            assert_ne!(asset.layout().oddities, [], "{offset}");
        }
    }
}

#[test]
fn extents_that_repeat_are_bounded() {
    // One XMP item of 65,535 extents over the same 60 KB: 4 GB if it were joined.
    let bytes = sample("gradient.avif");
    let mut patched = parse(&bytes)
        .with_metadata(None, Some(&"x".repeat(60_000)))
        .unwrap()
        .into_bytes();
    let old = isobox::all(&patched, 0..patched.len())
        .0
        .into_iter()
        .find(|top| &top.kind == b"meta")
        .unwrap();
    let mut table = vec![0, 0, 0, 0, 0x44, 0, 0, 1, 0, 2, 0, 0, 0xFF, 0xFF];
    let from = u32::try_from(patched.len() - 60_000).unwrap().to_be_bytes();
    table.extend([&from[..], &60_000_u32.to_be_bytes()].concat().repeat(0xFFFF));
    let mut inner = vec![0; 4];
    for child in meta(&patched).children {
        if &child.kind == b"iloc" {
            isobox::push(&mut inner, *b"iloc", &[&table]).unwrap();
        } else {
            inner.extend_from_slice(&patched[child.range()]);
        }
    }
    let mut new = Vec::new();
    isobox::push(&mut new, *b"meta", &[&inner]).unwrap();
    patched.splice(old.range(), new);
    let asset = Asset::parse(patched).unwrap();
    assert_eq!(asset.layout().xmp, None);
}

/// The picture's box renamed to one that hashes of boxes leave out, and an empty one put behind it.
fn in_padding(name: &str, kind: [u8; 4]) -> Vec<u8> {
    let mut bytes = sample(name);
    let boxes = isobox::all(&bytes, 0..bytes.len()).0;
    let data = boxes.iter().find(|top| &top.kind == b"mdat").unwrap().start;
    bytes[data + 4..data + 8].copy_from_slice(&kind);
    bytes.extend_from_slice(b"\0\0\0\x09mdat\0");
    bytes
}

#[test]
fn picture_data_in_boxes_that_hold_none_is_told() {
    let is_told = |bytes: &[u8]| {
        let asset = parse(bytes);
        let mut oddities = asset.layout().oddities.iter();
        oddities.any(|odd| matches!(odd, Oddity::DataInPadding { .. }))
    };
    for name in ["gradient.avif", "animated.avif", "gradient.heic"] {
        assert!(!is_told(&sample(name)), "{name}");
        for kind in [*b"free", *b"skip", *b"mfra"] {
            assert!(is_told(&in_padding(name, kind)), "{name}");
        }
    }
}

#[test]
fn bytes_in_boxes_that_mean_nothing_are_counted() {
    let padding = |more: &[u8]| {
        let bytes = [&sample("gradient.avif")[..], more].concat();
        let asset = parse(&bytes);
        let mut oddities = asset.layout().oddities.iter();
        oddities.find_map(|odd| match *odd {
            Oddity::Padding { len, .. } => Some(len),
            _ => None,
        })
    };
    assert_eq!(padding(b"\0\0\0\x0cfree\0\0\0\0"), None);
    assert_eq!(padding(b"\0\0\0\x0cfree\0\0\0\x01\0\0\0\x0cskipabcd"), Some(8));
    assert_eq!(
        padding(b"\0\0\0\x0cftypavif"),
        Some(4),
        "a second one says nothing"
    );
}
