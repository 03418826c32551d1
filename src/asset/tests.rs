//! What holds for every format alike.

use proptest::prelude::*;

use super::samples::{drawn, every_format, exif_block, parse, pixels, xmp_packet};
use super::*;

fn can_embed(format: Format) -> bool {
    matches!(format, Format::Jpeg | Format::Png | Format::WebP)
}

#[test]
fn no_cut_of_any_format_panics() {
    for (_, bytes) in every_format() {
        for len in (0..bytes.len()).step_by(10) {
            let _ = Asset::parse(bytes[..len].to_vec());
        }
    }
}

#[test]
fn empty_and_foreign_bytes_have_errors_of_their_own() {
    assert_eq!(Asset::parse(Vec::new()).unwrap_err(), AssetError::Empty);
    assert_eq!(Asset::parse(b"hello, world".to_vec()).unwrap_err(), AssetError::NotAnImage);
    assert_eq!(Asset::parse(vec![0; 4096]).unwrap_err(), AssetError::NotAnImage);
}

#[test]
fn samples_of_every_format_are_clean() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        assert_eq!(asset.layout().size, Some((64, 48)), "{name}");
        assert_eq!(asset.layout().store, StorePlace::Absent, "{name}");
        assert_eq!(asset.layout().image_end, bytes.len(), "{name}");
        assert_eq!(asset.layout().oddities, [], "{name}");
    }
}

#[test]
fn metadata_written_is_metadata_read() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        let format = asset.format();
        if matches!(format, Format::Tiff | Format::Dng) {
            continue; // EXIF is merged there; `tiff_write` has its own tests.
        }
        let exif = exif_block("Alice");
        let exif = format.carries_exif().then_some(exif.as_slice());
        let first = asset.with_metadata(exif, Some(&xmp_packet("Alice"))).unwrap();
        assert_eq!(first.layout().exif.as_deref(), exif, "{name}");
        assert_eq!(first.layout().xmp.as_deref(), Some(xmp_packet("Alice").as_bytes()), "{name}");
        assert_eq!(first.layout().oddities, [], "{name}");
        assert_eq!(first.layout().size, asset.layout().size, "{name}");

        let second = first.with_metadata(None, Some(&xmp_packet("Bob"))).unwrap();
        assert_eq!(second.layout().exif.as_deref(), exif, "{name}");
        assert_eq!(second.layout().xmp.as_deref(), Some(xmp_packet("Bob").as_bytes()), "{name}");
        assert_eq!(second.layout().oddities, [], "{name}");
        if let Some(block) = exif {
            let third = asset.with_metadata(Some(block), None).unwrap();
            assert_eq!(third.layout().exif.as_deref(), exif, "{name}");
            assert_eq!(third.layout().xmp, asset.layout().xmp, "{name}");
            let again = third.with_metadata(Some(block), Some(&xmp_packet("Alice"))).unwrap();
            assert_eq!(again.layout().oddities, [], "{name}");
        }
    }
}

#[test]
fn metadata_leaves_the_pixels_alone() {
    for format in [image::ImageFormat::Jpeg, image::ImageFormat::Png, image::ImageFormat::WebP, image::ImageFormat::Gif] {
        let bytes = drawn(format);
        let Ok(asset) = Asset::parse(bytes.clone()) else { continue };
        let exif = exif_block("Alice");
        let exif = asset.format().carries_exif().then_some(exif.as_slice());
        let patched = asset.with_metadata(exif, Some(&xmp_packet("Alice"))).unwrap();
        assert_eq!(pixels(patched.bytes()), pixels(&bytes));
    }
}

#[test]
fn a_store_goes_in_and_comes_out_without_a_trace() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        if !can_embed(asset.format()) {
            assert!(matches!(asset.embed_store(b""), Err(AssetError::Unsupported { .. })), "{name}");
            continue;
        }
        let exif = exif_block("Alice");
        let asset = asset.with_metadata(Some(&exif), Some(&xmp_packet("Alice"))).unwrap();
        for size in [1, 2, 70_000, 200_001] {
            let store = jumbf::sample(size);
            let Embedded { asset: signed, ranges } = asset.embed_store(&store).unwrap();
            assert_eq!(signed.layout().store, StorePlace::Found { ranges: ranges.clone(), jumbf: store.clone() }, "{name}");
            assert_eq!(signed.store_ranges(), ranges, "{name}");
            assert_eq!(signed.layout().oddities, [], "{name}");
            assert_eq!(signed.content_digest(), asset.digest(), "{name}");
            assert_eq!(signed.without_store().unwrap().bytes(), asset.bytes(), "{name}");
            let again = signed.embed_store(&jumbf::sample(9)).unwrap().asset;
            assert_eq!(again.without_store().unwrap().bytes(), asset.bytes(), "{name}");
            assert!(matches!(signed.with_metadata(None, None), Err(AssetError::HoldsStore { .. })), "{name}");
        }
    }
}

#[test]
fn every_byte_outside_the_store_counts_for_the_content_digest() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        let exif = exif_block("Alice");
        let exif = asset.format().carries_exif().then_some(exif.as_slice());
        let asset = asset.with_metadata(exif, Some(&xmp_packet("Alice"))).unwrap();
        let digest = asset.content_digest();
        for at in (0..asset.bytes().len()).step_by(3) {
            let mut changed = asset.bytes().to_vec();
            changed[at] ^= 1;
            if let Ok(changed) = Asset::parse(changed) {
                assert_ne!(changed.content_digest(), digest, "{name}, byte {at}");
            }
        }
    }
}

#[test]
fn a_damaged_store_never_reads_as_absent() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        if !can_embed(asset.format()) {
            continue;
        }
        let signed = asset.embed_store(&jumbf::sample(100)).unwrap();
        let range = signed.ranges[0].clone();
        for at in range {
            let mut changed = signed.asset.bytes().to_vec();
            changed[at] ^= 0x20;
            // A cut structure is an error, which is loud enough.
            if let Ok(changed) = Asset::parse(changed) {
                assert_ne!(changed.layout().store, StorePlace::Absent, "{name}, byte {at}");
            }
        }
    }
}

#[test]
fn a_cut_in_the_picture_data_is_truncation_not_an_error() {
    for (name, bytes) in every_format() {
        let cut = bytes.len() - 3;
        if matches!(Format::detect(&bytes), Some(Format::Jpeg | Format::Png | Format::WebP | Format::Gif)) {
            let asset = Asset::parse(bytes[..cut].to_vec()).unwrap();
            assert!(
                asset.layout().oddities.iter().any(|odd| matches!(odd, Oddity::Truncated { .. })),
                "{name}: {:?}",
                asset.layout().oddities
            );
        }
    }
}

#[test]
fn bytes_behind_the_image_are_reported() {
    for (name, mut bytes) in every_format() {
        if matches!(Format::detect(&bytes), Some(Format::Tiff | Format::Dng)) {
            continue; // TIFF has no end of its own.
        }
        let from = bytes.len();
        bytes.extend_from_slice(b"<!--appended-->");
        let asset = match Asset::parse(bytes) {
            Ok(asset) => asset,
            Err(AssetError::Malformed { .. }) => panic!("{name} with bytes behind it is still an image"),
            Err(other) => panic!("{name}: {other}"),
        };
        assert_eq!(asset.layout().image_end, from, "{name}");
        assert!(asset.layout().oddities.contains(&Oddity::TrailingBytes { from, len: 15 }), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_panics(seed in any::<[u8; 32]>(), spots in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
        for (_, bytes) in every_format() {
            let asset = parse(&bytes);
            let mut bytes = match asset.embed_store(&jumbf::sample(64)) {
                Ok(embedded) => embedded.asset.into_bytes(),
                Err(_) => bytes,
            };
            for (at, value) in &spots {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *value;
            }
            let _ = seed;
            if let Ok(asset) = Asset::parse(bytes) {
                let _ = asset.content_digest();
                let _ = asset.without_store();
                let _ = asset.with_metadata(None, Some("<x/>"));
                let _ = asset.with_metadata(Some(&exif_block("x")), None);
            }
        }
    }
}
