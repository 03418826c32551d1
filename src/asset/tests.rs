//! What holds for every format alike.

use proptest::prelude::*;

use super::samples_for_tests::{drawn, every_format, exif_block, parse, pixels, xmp_packet};
use super::*;

fn is_tiff(format: Format) -> bool {
    matches!(format, Format::Tiff | Format::Dng)
}

/// The file with a store as a signer puts it in: by ourselves, or as the C2PA SDK does.
fn with_store(asset: &Asset, jumbf: &[u8]) -> Vec<u8> {
    match asset.format() {
        Format::Avif | Format::Heic | Format::Heif => bmff_write::with_store(asset.bytes(), jumbf),
        Format::Gif => gif::with_store(asset.bytes(), jumbf),
        Format::Jxl => jxl::with_store(asset.bytes(), jumbf),
        Format::Svg => svg::with_store(asset.bytes(), jumbf),
        Format::Dng | Format::Tiff => tiff_write::with_store(asset.bytes(), jumbf),
        _ => asset.embed_store(jumbf).unwrap().asset.into_bytes(),
    }
}

/// The sample with metadata, as it is before it is signed; BigTIFF and animations without.
fn ready(name: &str, bytes: &[u8]) -> Asset {
    let asset = parse(bytes);
    let exif = exif_block("Alice");
    let exif = asset.format().carries_exif().then_some(exif.as_slice());
    match asset.with_metadata(exif, Some(&xmp_packet("Alice"))) {
        Ok(ready) => ready,
        Err(AssetError::Unsupported { .. }) if name == "bigtiff.tif" => asset,
        Err(other) => panic!("{name}: {other}"),
    }
}

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
    assert_eq!(
        Asset::parse(b"hello, world".to_vec()).unwrap_err(),
        AssetError::NotAnImage
    );
    assert_eq!(Asset::parse(vec![0; 4096]).unwrap_err(), AssetError::NotAnImage);
}

/// Whether nothing is odd, but that a sequence has a still picture too.
fn is_clean(asset: &Asset) -> bool {
    let mut odd = asset.layout().oddities.iter();
    odd.all(|one| matches!(one, Oddity::PictureAndSequence { .. }))
}

#[test]
fn samples_of_every_format_are_clean() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        assert_eq!(asset.layout().size, Some((64, 48)), "{name}");
        assert_eq!(asset.layout().store, StorePlace::Absent, "{name}");
        assert_eq!(asset.layout().image_end, bytes.len(), "{name}");
        assert!(is_clean(&asset), "{name}");
    }
}

#[test]
fn metadata_written_is_metadata_read() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        let format = asset.format();
        if is_tiff(format) {
            continue; // EXIF is merged there; `tiff_write` has its own tests.
        }
        let exif = exif_block("Alice");
        let exif = format.carries_exif().then_some(exif.as_slice());
        let first = asset.with_metadata(exif, Some(&xmp_packet("Alice"))).unwrap();
        assert_eq!(first.layout().exif.as_deref(), exif, "{name}");
        assert_eq!(
            first.layout().xmp.as_deref(),
            Some(xmp_packet("Alice").as_bytes()),
            "{name}"
        );
        assert!(is_clean(&first), "{name}");
        assert_eq!(first.layout().size, asset.layout().size, "{name}");

        let second = first.with_metadata(None, Some(&xmp_packet("Bob"))).unwrap();
        assert_eq!(second.layout().exif.as_deref(), exif, "{name}");
        assert_eq!(
            second.layout().xmp.as_deref(),
            Some(xmp_packet("Bob").as_bytes()),
            "{name}"
        );
        assert!(is_clean(&second), "{name}");
        if let Some(block) = exif {
            let third = asset.with_metadata(Some(block), None).unwrap();
            assert_eq!(third.layout().exif.as_deref(), exif, "{name}");
            assert_eq!(third.layout().xmp, asset.layout().xmp, "{name}");
            let again = third
                .with_metadata(Some(block), Some(&xmp_packet("Alice")))
                .unwrap();
            assert!(is_clean(&again), "{name}");
        }
    }
}

#[test]
fn metadata_leaves_the_pixels_alone() {
    for format in [
        image::ImageFormat::Jpeg,
        image::ImageFormat::Png,
        image::ImageFormat::WebP,
        image::ImageFormat::Gif,
    ] {
        let bytes = drawn(format);
        let Ok(asset) = Asset::parse(bytes.clone()) else {
            continue;
        };
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
            assert!(
                matches!(asset.embed_store(b""), Err(AssetError::Unsupported { .. })),
                "{name}"
            );
            continue;
        }
        let exif = exif_block("Alice");
        let asset = asset
            .with_metadata(Some(&exif), Some(&xmp_packet("Alice")))
            .unwrap();
        for size in [1, 2, 70_000, 200_001] {
            let store = jumbf::sample(size);
            let Embedded {
                asset: signed,
                ranges,
            } = asset.embed_store(&store).unwrap();
            assert_eq!(
                signed.layout().store,
                StorePlace::Found {
                    ranges: ranges.clone(),
                    jumbf: store.clone()
                },
                "{name}"
            );
            assert_eq!(signed.store_ranges(), ranges, "{name}");
            assert!(is_clean(&signed), "{name}");
            assert_eq!(signed.content_digest(), asset.digest(), "{name}");
            assert_eq!(signed.without_store().unwrap().bytes(), asset.bytes(), "{name}");
            let again = signed.embed_store(&jumbf::sample(9)).unwrap().asset;
            assert_eq!(again.without_store().unwrap().bytes(), asset.bytes(), "{name}");
            assert!(
                matches!(
                    signed.with_metadata(None, None),
                    Err(AssetError::HoldsStore { .. })
                ),
                "{name}"
            );
        }
    }
}

#[test]
fn a_store_of_the_sdk_s_making_is_found_and_leaves_the_content_digest_alone() {
    for (name, bytes) in every_format() {
        let asset = ready(name, &bytes);
        for size in [3, 1000, 70_000] {
            let store = jumbf::sample(size);
            let signed = parse(&with_store(&asset, &store));
            let StorePlace::Found { ranges, jumbf } = &signed.layout().store else {
                panic!("{name}: {:?}", signed.layout().store);
            };
            assert_eq!(*jumbf, store, "{name}");
            assert!(is_clean(&signed), "{name}");
            assert_eq!(signed.layout().exif, asset.layout().exif, "{name}");
            assert_eq!(signed.layout().xmp, asset.layout().xmp, "{name}");
            assert_eq!(signed.content_digest(), asset.content_digest(), "{name}");
            let bare = signed.without_store().unwrap();
            assert_eq!(bare.layout().store, StorePlace::Absent, "{name}");
            assert_eq!(bare.content_digest(), asset.content_digest(), "{name}");
            if !is_tiff(asset.format()) {
                assert_eq!(bare.bytes(), asset.bytes(), "{name}");
            }
            assert!(
                ranges.windows(2).all(|pair| pair[0].end == pair[1].start),
                "{name}"
            );
        }
    }
}

#[test]
fn two_stores_are_damage_with_both_ranges() {
    for (name, bytes) in every_format() {
        let asset = ready(name, &bytes);
        let once = parse(&with_store(&asset, &jumbf::sample(50)));
        let mut twice = once.bytes().to_vec();
        let range = once.store_ranges()[0].clone();
        match asset.format() {
            Format::WebP => {
                let chunk = twice[range.clone()].to_vec();
                twice.extend_from_slice(&chunk);
                let size = u32::try_from(twice.len() - 8).unwrap();
                twice[4..8].copy_from_slice(&size.to_le_bytes());
            }
            Format::Tiff | Format::Dng | Format::Svg => continue, // There the range is the value, not the part.
            _ => {
                let chunk = twice[range.clone()].to_vec();
                twice.splice(range.end..range.end, chunk);
            }
        }
        let twice = parse(&twice);
        let StorePlace::Damaged {
            why: Damage::Several,
            ranges,
        } = &twice.layout().store
        else {
            panic!("{name}: {:?}", twice.layout().store);
        };
        assert_eq!(ranges.len(), 2, "{name}");
        assert!(
            twice
                .layout()
                .oddities
                .iter()
                .any(|odd| matches!(odd, Oddity::SeveralStores { .. })),
            "{name}"
        );
    }
}

#[test]
fn every_byte_outside_the_store_counts_for_the_content_digest() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        if is_tiff(asset.format()) {
            continue; // Bytes that no directory points to do not count there; `tiff_digest` has its own tests.
        }
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
        let asset = ready(name, &bytes);
        let signed = parse(&with_store(&asset, &jumbf::sample(100)));
        let range = signed.store_ranges()[0].clone();
        for at in range {
            let mut changed = signed.bytes().to_vec();
            changed[at] ^= 0x20;
            // A cut structure is an error, which is loud enough.
            if let Ok(changed) = Asset::parse(changed) {
                assert_ne!(changed.layout().store, StorePlace::Absent, "{name}, byte {at}");
            }
        }
    }
}

/// A byte put in or taken out before the store makes lengths wrong; the credentials are still there, and never "none".
#[test]
fn a_store_behind_a_wrong_length_never_reads_as_absent() {
    for (name, bytes) in every_format() {
        let asset = parse(&with_store(&ready(name, &bytes), &jumbf::sample(50)));
        let bytes = asset.bytes();
        // An SVG's elements have no lengths, and text around the store may be cut anywhere.
        if asset.format() == Format::Svg {
            continue;
        }
        for at in 0..asset.store_ranges()[0].start {
            let (mut more, mut less, mut other) = (bytes.to_vec(), bytes.to_vec(), bytes.to_vec());
            more.insert(at, 0x41);
            less.remove(at);
            other[at] ^= 2;
            for changed in [more, less, other] {
                if let Ok(read) = Asset::parse(changed) {
                    let store = &read.layout().store;
                    assert!(!matches!(store, StorePlace::Absent), "{name} at {at}: {store:?}");
                }
            }
        }
    }
}

#[test]
fn a_cut_in_the_picture_data_is_truncation_not_an_error() {
    for (name, bytes) in every_format() {
        let cut = bytes.len() - 3;
        if matches!(
            Format::detect(&bytes),
            Some(Format::Jpeg | Format::Png | Format::WebP | Format::Gif)
        ) {
            let asset = Asset::parse(bytes[..cut].to_vec()).unwrap();
            assert!(
                asset
                    .layout()
                    .oddities
                    .iter()
                    .any(|odd| matches!(odd, Oddity::Truncated { .. })),
                "{name}: {:?}",
                asset.layout().oddities
            );
        }
    }
}

#[test]
fn bytes_behind_the_image_are_reported() {
    for (name, mut bytes) in every_format() {
        if name == "bare.jxl" || is_tiff(Format::detect(&bytes).unwrap()) {
            continue; // They have no end of their own.
        }
        let from = bytes.len();
        bytes.extend_from_slice(b"<!--appended-->");
        let asset = match Asset::parse(bytes) {
            Ok(asset) => asset,
            Err(AssetError::Malformed { .. }) => panic!("{name} with bytes behind it is still an image"),
            Err(other) => panic!("{name}: {other}"),
        };
        assert_eq!(asset.layout().image_end, from, "{name}");
        assert!(
            asset
                .layout()
                .oddities
                .contains(&Oddity::TrailingBytes { from, len: 15 }),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_panics(spots in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
        for (_, bytes) in every_format() {
            let asset = parse(&bytes);
            let mut bytes = with_store(&asset, &jumbf::sample(64));
            for (at, value) in &spots {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *value;
            }
            if let Ok(asset) = Asset::parse(bytes) {
                let _ = asset.content_digest();
                let _ = asset.without_store();
                let _ = asset.with_metadata(None, Some("<x/>"));
                let _ = asset.with_metadata(Some(&exif_block("x")), None);
            }
        }
    }
}

/// A PNG with as many `zTXt` chunks of the same text.
fn deflated_texts(text: &[u8], times: usize) -> Asset {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    let data = [b"bomb\0\0", &encoder.finish().unwrap()[..]].concat();
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(b"zTXt");
    chunk.extend_from_slice(&data);
    chunk.extend_from_slice(&[0; 4]);
    parse(&insert(&drawn(image::ImageFormat::Png), 33, &chunk.repeat(times)))
}

#[test]
fn inflating_has_one_budget_for_all_chunks() {
    let mut seed = 1u32;
    let text: Vec<u8> = (0..9 << 20)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if seed >> 31 == 0 { b'a' } else { b'b' }
        })
        .collect();
    let asset = deflated_texts(&text, 4);
    assert_eq!(asset.layout().texts.len(), 1);
    assert_eq!(asset.layout().oddities.len(), 3);
}

#[test]
fn a_chunk_that_unfolds_a_hundredfold_is_not_unfolded() {
    let bomb = deflated_texts(&vec![b'a'; 1 << 20], 1);
    assert_eq!((bomb.layout().texts.len(), bomb.layout().oddities.len()), (0, 1));
    // Padding unfolds as well as a bomb does, and is small.
    let padded = deflated_texts(" ".repeat(1 << 16).as_bytes(), 1);
    assert_eq!(
        (padded.layout().texts.len(), padded.layout().oddities.len()),
        (1, 0)
    );
}

#[test]
fn a_changed_byte_of_the_stores_own_framing_is_told() {
    for (name, bytes) in every_format() {
        let asset = parse(&bytes);
        if !matches!(asset.format(), Format::Jpeg | Format::Png) {
            continue;
        }
        let signed = asset.embed_store(&jumbf::sample(70_000)).unwrap();
        assert!(signed.asset.is_framed_as_ours(), "{name}");
        assert!(!asset.is_framed_as_ours(), "{name}");
        if asset.format() == Format::Jpeg {
            // Box instance number: marker, length, `JP`, then two bytes that no rule of the container fixes.
            let at: Vec<usize> = signed.ranges.iter().map(|range| range.start + 7).collect();
            let mut bytes = signed.asset.into_bytes();
            for at in at {
                bytes[at] ^= 1;
            }
            let changed = parse(&bytes);
            assert!(
                matches!(changed.layout().store, StorePlace::Found { .. }),
                "{name}"
            );
            assert!(!changed.is_framed_as_ours(), "{name}");
        }
    }
}

#[test]
fn frames_and_pages_are_counted() {
    for (name, bytes) in every_format() {
        let wanted = match name {
            "animated.gif" | "two-pages.tif" => 2,
            _ => 1,
        };
        assert_eq!(parse(&bytes).frames(), wanted, "{name}");
    }
    let chunk = |kind: &[u8; 4], len: u32| {
        let data = vec![0; usize::try_from(len).unwrap()];
        [&kind[..], &len.to_le_bytes(), &data].concat()
    };
    let mut file = [
        b"RIFF\0\0\0\0WEBP".to_vec(),
        chunk(b"VP8X", 10),
        chunk(b"ANIM", 6),
    ]
    .concat();
    (0..3).for_each(|_| file.extend(chunk(b"ANMF", 24)));
    let size = u32::try_from(file.len() - 8).unwrap();
    file[4..8].copy_from_slice(&size.to_le_bytes());
    // What stands behind the end is no frame.
    file.extend(chunk(b"ANMF", 24));
    assert_eq!(webp::frames(&file), 3);
}

/// A part that looks like a store may be a part that is shown: it counts.
#[test]
fn what_only_looks_like_a_store_is_left_out_of_no_digest() {
    let lookalike = |len: usize| [&[0; 8], &jumbf::sample(len)[..]].concat();
    let segment = |marker: u8| {
        let body = lookalike(40);
        let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &len[..], &body].concat()
    };
    let jpeg = every_format()
        .into_iter()
        .find(|sample| sample.0 == "gradient.jpg")
        .unwrap()
        .1;
    // A table of quantisation, a comment and Exif.
    for marker in [0xDB, 0xFE, 0xE1] {
        let asset = parse(&[&jpeg[..2], &segment(marker), &jpeg[2..]].concat());
        assert!(matches!(asset.layout().store, StorePlace::Damaged { .. }));
        assert_eq!(asset.content_digest(), asset.digest(), "{marker:x}");
    }
}

/// The bytes of an item that lie in a store are not left out with it.
#[test]
fn a_picture_that_lies_in_a_store_is_named_by_all_bytes() {
    let avif = every_format()
        .into_iter()
        .find(|sample| sample.0 == "gradient.avif")
        .unwrap()
        .1;
    let asset = parse(&avif);
    let mut bytes = with_store(&asset, &jumbf::sample(4000));
    let signed = parse(&bytes);
    assert_eq!(signed.content_digest(), asset.content_digest());
    let [store] = signed.store_ranges() else { panic!() };
    let into = u32::try_from(store.start + 100).unwrap().to_be_bytes();
    let mut moved = false;
    for field in bmff::offsets(&bytes).into_iter().filter(|field| field.width == 4) {
        bytes[field.at..field.at + 4].copy_from_slice(&into);
        moved = true;
    }
    let forged = parse(&bytes);
    assert!(moved && matches!(forged.layout().store, StorePlace::Found { .. }));
    assert_eq!(forged.content_digest(), forged.digest());
}
