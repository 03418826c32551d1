use super::super::samples_for_tests::{drawn, exif_block, parse, xmp_packet};
use super::*;
use crate::asset::{Asset, jumbf};

fn jpeg() -> Vec<u8> {
    drawn(image::ImageFormat::Jpeg)
}

/// The JPEG with a segment behind its first one.
fn with_segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let bytes = jpeg();
    let Next::Segment(first) = next(&bytes, 2) else {
        panic!("no segment")
    };
    let len = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    let segment = [&[0xFF, marker], &len[..], payload].concat();
    crate::asset::insert(&bytes, first.range.end, &segment)
}

fn signed(size: usize) -> Asset {
    parse(&jpeg()).embed_store(&jumbf::sample(size)).unwrap().asset
}

#[test]
fn segments_out_of_sequence_are_damage() {
    let signed = signed(150_000);
    let second = signed.store_ranges()[1].clone();
    let mut bytes = signed.into_bytes();
    // The packet number of the second segment.
    bytes[second.start + 11] = 3;
    let StorePlace::Damaged { why, ranges } = parse(&bytes).layout().store.clone() else {
        panic!("not damaged")
    };
    assert_eq!(why, Damage::Sequence);
    assert_eq!(ranges.len(), 3);
}

#[test]
fn pieces_may_be_numbered_from_anywhere_and_it_is_told() {
    for first in [0_u32, 1, 7] {
        for (size, pieces) in [(500, 1), (150_000, 3)] {
            let signed = signed(size);
            let ranges = signed.store_ranges().to_vec();
            assert_eq!(ranges.len(), pieces);
            let mut bytes = signed.into_bytes();
            for (number, range) in (first..).zip(&ranges) {
                bytes[range.start + 8..range.start + 12].copy_from_slice(&number.to_be_bytes());
            }
            let read = parse(&bytes);
            let StorePlace::Found { jumbf, .. } = read.layout().store.clone() else {
                panic!("from {first}: {:?}", read.layout().store)
            };
            assert_eq!(jumbf, jumbf::sample(size));
            let told = read
                .layout()
                .oddities
                .contains(&Oddity::PiecesFrom { number: first });
            assert_eq!(told, first != 1);
            // One piece less, or one number left out.
            if let [_, second, ..] = ranges.as_slice() {
                bytes[second.start + 11] += 1;
                assert!(matches!(parse(&bytes).layout().store, StorePlace::Damaged { .. }));
            }
        }
    }
}

#[test]
fn bytes_that_belong_to_no_segment_are_passed_over_and_told() {
    let plain = jpeg();
    let Next::Segment(first) = next(&plain, 2) else {
        panic!("no segment")
    };
    let offset = first.range.end;
    let stray = crate::asset::insert(&plain, offset, b"\x00?>");
    let read = parse(&stray);
    assert_eq!(read.layout().oddities, [Oddity::Stray { offset, len: 3 }]);
    assert_eq!(read.layout().size, parse(&plain).layout().size);
    // No marker at all behind it.
    assert!(Asset::parse([&stray[..offset], &[0; 50][..]].concat()).is_err());
}

#[test]
fn a_repeated_box_header_that_differs_is_damage() {
    let signed = signed(150_000);
    let second = signed.store_ranges()[1].clone();
    let mut bytes = signed.into_bytes();
    bytes[second.start + 12] ^= 1;
    assert!(matches!(
        parse(&bytes).layout().store,
        StorePlace::Damaged {
            why: Damage::Sequence,
            ..
        }
    ));
}

#[test]
fn a_segment_between_two_of_the_store_is_reported() {
    let signed = signed(150_000);
    let gap = signed.store_ranges()[0].end;
    let bytes = crate::asset::insert(signed.bytes(), gap, b"\xFF\xFE\x00\x04hi");
    let asset = parse(&bytes);
    assert!(
        asset
            .layout()
            .oddities
            .contains(&Oddity::StoreNotContiguous { offset: gap })
    );
    assert_eq!(asset.without_store().unwrap().bytes().len(), jpeg().len() + 6);
}

#[test]
fn a_missing_last_segment_is_damage() {
    let signed = signed(150_000);
    let last = signed.store_ranges()[2].clone();
    let bytes = crate::asset::bytes::without(signed.bytes(), &[last]);
    assert!(matches!(
        parse(&bytes).layout().store,
        StorePlace::Damaged {
            why: Damage::Length,
            ..
        }
    ));
}

#[test]
fn other_jumbf_in_app11_is_no_store() {
    let mut other = jumbf::sample(20);
    other[16..20].copy_from_slice(b"json");
    other[33..37].copy_from_slice(b"else");
    let bytes = with_segment(APP11, &[b"JP\0\x01\0\0\0\x01", &other[..]].concat());
    assert_eq!(parse(&bytes).layout().store, StorePlace::Absent);
    let both = parse(&bytes).embed_store(&jumbf::sample(9)).unwrap().asset;
    assert!(matches!(both.layout().store, StorePlace::Found { .. }));
    assert_eq!(both.without_store().unwrap().bytes(), bytes);
}

#[test]
fn iptc_and_comment_are_read() {
    let block =
        [&b"Photoshop 3.0\x008BIM\x04\x25\0\0\0\0\0\x01x\08BIM\x04\x04\x03abc\0\0\0\x05hello\0"[..]].concat();
    assert_eq!(
        parse(&with_segment(APP13, &block)).layout().iptc.as_deref(),
        Some(&b"hello"[..])
    );
    let text = parse(&with_segment(COM, b"made by hand")).layout().texts[0].clone();
    assert_eq!(
        (text.keyword.raw(), text.text.raw(), text.place),
        ("Comment", "made by hand", "COM")
    );
}

#[test]
fn extended_xmp_is_joined_only_under_its_guid() {
    let guid = "0123456789ABCDEF0123456789ABCDEF";
    let main = xmp_packet("Alice").replace(
        "rdf:about=\"\"",
        &format!(
            "rdf:about=\"\" xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" xmpNote:HasExtendedXMP=\"{guid}\""
        ),
    );
    let extension = xmp_packet("Bob").replace("dc:creator", "dc:contributor");
    let (one, two) = extension.as_bytes().split_at(40);
    let full = u32::try_from(extension.len()).unwrap().to_be_bytes();
    for (named, joined) in [(guid, true), ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", false)] {
        let portion = |from: u32, bytes: &[u8]| {
            [
                jpeg_xmp::EXTENSION,
                named.as_bytes(),
                &full,
                &from.to_be_bytes(),
                bytes,
            ]
            .concat()
        };
        let mut bytes = with_segment(APP1, &portion(40, two));
        let new = portion(0, one);
        let len = u16::try_from(new.len() + 2).unwrap().to_be_bytes();
        bytes = crate::asset::insert(&bytes, 2, &[&[0xFF, APP1], &len[..], &new].concat());
        let asset = parse(&bytes).with_metadata(None, None).unwrap();
        let mut bytes = asset.into_bytes();
        let new = [jpeg_xmp::STANDARD, main.as_bytes()].concat();
        let len = u16::try_from(new.len() + 2).unwrap().to_be_bytes();
        bytes = crate::asset::insert(&bytes, 2, &[&[0xFF, APP1], &len[..], &new].concat());
        let asset = parse(&bytes);
        let packet = String::from_utf8(asset.layout().xmp.clone().unwrap()).unwrap();
        assert_eq!(packet.contains("Bob"), joined);
        assert_eq!(
            asset.layout().oddities.is_empty(),
            joined,
            "{:?}",
            asset.layout().oddities
        );
        // A new packet replaces both.
        let patched = asset.with_metadata(None, Some(&xmp_packet("Carol"))).unwrap();
        assert_eq!(
            patched.bytes().len(),
            jpeg().len() + 33 + xmp_packet("Carol").len()
        );
    }
}

#[test]
fn metadata_and_store_stand_behind_jfif_and_before_a_multi_picture_index() {
    let bytes = with_segment(0xE2, b"MPF\0II*\0");
    let asset = parse(&bytes)
        .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
        .unwrap();
    let signed = asset.embed_store(&jumbf::sample(9)).unwrap().asset;
    let mut markers = Vec::new();
    let mut at = 2;
    while let Next::Segment(segment) = next(signed.bytes(), at) {
        at = segment.range.end;
        markers.push(segment.marker);
        if segment.marker == SOS {
            break;
        }
    }
    assert_eq!(markers[..5], [APP0, APP1, APP1, APP11, 0xE2]);
}

#[test]
fn metadata_that_no_segment_holds_is_refused() {
    let asset = parse(&jpeg());
    let packet = "x".repeat(70_000);
    let refused = asset.with_metadata(None, Some(&packet)).unwrap_err();
    assert!(matches!(refused, AssetError::PartTooLarge { what: "XMP", .. }));
}

#[test]
fn fill_bytes_before_a_marker_are_no_part_of_it() {
    let bytes = crate::asset::insert(&jpeg(), 2, &[0xFF, 0xFF]);
    assert_eq!(parse(&bytes).layout().size, Some((64, 48)));
}

#[test]
fn a_segment_longer_than_the_file_is_malformed() {
    let refused = Asset::parse(b"\xFF\xD8\xFF\xE1\xFF\xFFExif\0\0".to_vec()).unwrap_err();
    assert_eq!(
        refused,
        AssetError::Malformed {
            format: Format::Jpeg,
            what: "a marker segment is cut",
            offset: 2
        }
    );
}

/// The data of the first scan are looked through once, before; what is said of the file is the same.
#[test]
fn a_file_with_a_store_put_in_reads_as_it_does_anew() {
    let images = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
    let read = |name: &str| std::fs::read(images.join(name)).unwrap();
    let trailing = [jpeg(), b"behind the end".to_vec()].concat();
    let cut = jpeg()[..jpeg().len() - 40].to_vec();
    for bytes in [
        jpeg(),
        read("progressive.jpg"),
        read("lighthouse.jpg"),
        trailing,
        cut,
    ] {
        for size in [500, 150_000] {
            let put_in = parse(&bytes).embed_store(&jumbf::sample(size)).unwrap().asset;
            assert_eq!(put_in.layout(), parse(put_in.bytes()).layout());
        }
    }
}
