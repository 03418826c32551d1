//! EXIF blocks of strangers: every tag kept where it was, hostile blocks read without panic.

use proptest::prelude::*;

use super::exif_write::{Additions, ExifWriteError, TextTag, write};
use super::plan::{self, Told};
use super::samples::full;
use super::tiff::{self, Order, Place, walk};
use super::{PatchOptions, exif, wanted};

/// A block as cameras write: IFD0, IFD1 with thumbnail, Exif with maker note and unknown tag, GPS, interoperability.
fn camera(order: Order) -> Vec<u8> {
    let mut block = match order {
        Order::Big => b"MM\0\x2a".to_vec(),
        Order::Little => b"II\x2a\0".to_vec(),
    };
    block.extend(order.u32_bytes(8));
    let entry = |tag: u16, kind: u16, count: u32, slot: u32| {
        let mut out = order.u16_bytes(tag).to_vec();
        out.extend(order.u16_bytes(kind));
        out.extend(order.u32_bytes(count));
        // Shorts are at the start of the slot in either order.
        match kind {
            3 => out.extend([order.u16_bytes(u16::try_from(slot).unwrap()), [0, 0]].concat()),
            _ => out.extend(order.u32_bytes(slot)),
        }
        out
    };
    let directory = |entries: Vec<Vec<u8>>, next: u32| {
        let count = u16::try_from(entries.len()).unwrap();
        [
            order.u16_bytes(count).to_vec(),
            entries.concat(),
            order.u32_bytes(next).to_vec(),
        ]
        .concat()
    };
    // Offsets: IFD0 8..74, values from 200.
    block.extend(directory(
        vec![
            entry(0x010F, 2, 6, 200),
            entry(0x0112, 3, 1, 6),
            entry(0x8769, 4, 1, 80),
            entry(0x8825, 4, 1, 140),
            entry(0xC4A5, 7, 8, 208),
        ],
        160,
    ));
    block.resize(80, 0);
    block.extend(directory(
        vec![
            entry(0x927C, 7, 24, 220),
            entry(0x9286, 7, 20, 250),
            entry(0xA005, 4, 1, 180),
            entry(0xFEFE, 3, 1, 7),
        ],
        0,
    ));
    block.resize(140, 0);
    block.extend(directory(
        vec![entry(0x0012, 2, 4, u32::from_be_bytes(*b"WGS\0"))],
        0,
    ));
    block.resize(160, 0);
    block.extend(directory(vec![entry(0x0103, 3, 1, 6)], 0));
    block.resize(180, 0);
    block.extend(directory(
        vec![entry(0x0001, 2, 4, u32::from_be_bytes(*b"R98\0"))],
        0,
    ));
    block.resize(200, 0);
    block.extend(b"Maker\0\0\0PrintIM\0\0\0\0\0");
    block.resize(220, 0);
    block.extend(b"maker note, with offsets\0");
    block.resize(250, 0);
    block.extend(b"ASCII\0\0\0hello there!");
    block
}

fn additions() -> Additions<'static> {
    Additions {
        primary: vec![
            TextTag {
                tag: 0x013B,
                text: "Alice",
            },
            TextTag {
                tag: 0x8298,
                text: "\u{a9} Alice",
            },
        ],
        exif: vec![
            TextTag {
                tag: 0x9003,
                text: "2026:05:01 10:00:00",
            },
            TextTag {
                tag: 0x0001,
                text: "ab",
            },
        ],
    }
}

#[test]
fn every_old_byte_and_tag_stays_and_the_new_ones_are_read() {
    for order in [Order::Big, Order::Little] {
        let block = camera(order);
        let out = write(Some(&block), &additions()).unwrap();
        assert_eq!(out[..4], block[..4]);
        assert_eq!(out[8..block.len()], block[8..]);
        let (old, new) = (walk(&block).unwrap(), walk(&out).unwrap());
        assert!(old.faults.is_empty() && new.faults.is_empty());
        for (place, entry) in &old.entries {
            assert!(
                new.entries.contains(&(*place, *entry)),
                "{place:?} 0x{:04x}",
                entry.tag
            );
        }
        assert_eq!(new.entries.len(), old.entries.len() + 4);
        let value = |place, tag| {
            let found = new
                .entries
                .iter()
                .find(|one| one.0 == place && one.1.tag == tag)
                .unwrap();
            found.1.value(&out, order).unwrap().to_vec()
        };
        assert_eq!(value(Place::Chain(0), 0x013B), b"Alice\0");
        assert_eq!(value(Place::Chain(0), 0x8298), "\u{a9} Alice\0".as_bytes());
        assert_eq!(value(Place::Exif, 0x0001), b"ab\0");
        assert_eq!(value(Place::Exif, 0x927C), b"maker note, with offsets");
        let (_, first) = tiff::header(&out).unwrap();
        let tags: Vec<u16> = tiff::directory(&out, order, first)
            .unwrap()
            .entries
            .iter()
            .map(|one| one.tag)
            .collect();
        assert!(tags.is_sorted(), "{tags:x?}");
        assert_eq!(first % 2, 0);
    }
}

#[test]
fn a_camera_block_reads_as_fields() {
    for order in [Order::Big, Order::Little] {
        let facts = exif::read(&camera(order));
        let found: Vec<_> = facts
            .fields
            .iter()
            .map(|one| (one.name.as_str(), one.value.raw()))
            .collect();
        for expected in [
            ("Exif:Make", "Maker"),
            ("Exif:UserComment", "hello there!"),
            ("Exif:MakerNote", "(24 bytes)"),
            (
                "GPS:GPSMapDatum",
                if order == Order::Big { "WGS" } else { "; SGW" },
            ),
            ("Exif:0xfefe", "7"),
            ("Thumbnail:Compression", "JPEG"),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        assert_eq!(facts.orientation, Some(6));
        assert!(facts.notes.is_empty());
    }
}

#[test]
fn a_new_block_is_big_endian_sorted_and_holds_only_what_is_asked() {
    let out = write(None, &additions()).unwrap();
    assert_eq!(&out[..4], b"MM\0\x2a");
    let found = walk(&out).unwrap();
    assert!(found.faults.is_empty());
    let tags: Vec<_> = found.entries.iter().map(|one| (one.0, one.1.tag)).collect();
    assert_eq!(
        tags,
        [
            (Place::Chain(0), 0x013B),
            (Place::Chain(0), 0x8298),
            (Place::Exif, 0x0001),
            (Place::Exif, 0x9000),
            (Place::Exif, 0x9003),
        ]
    );
}

/// Where no box of a manifest store can begin: see the module's head.
#[test]
fn directories_of_the_largest_new_block_begin_within_the_first_descriptions() {
    let wanted = wanted::exif(&full());
    let mut told = Told::default();
    let made = plan::exif(None, &wanted, PatchOptions::default(), &mut told).unwrap();
    assert_eq!((made.primary.len(), made.exif.len()), (4, 3));
    let block = write(None, &made).unwrap();
    let (order, first) = tiff::header(&block).unwrap();
    let primary = tiff::directory(&block, order, first).unwrap();
    let exif = order.u32_of(primary.find(tiff::EXIF_POINTER).unwrap().slot);
    assert_eq!(first, 10);
    assert!((56..=116).contains(&exif), "{exif}");
}

#[test]
fn a_new_block_without_exif_tags_has_no_exif_directory() {
    let block = write(
        None,
        &Additions {
            exif: vec![],
            ..additions()
        },
    )
    .unwrap();
    assert_eq!(walk(&block).unwrap().entries.len(), 2);
}

#[test]
fn a_fragment_for_tiff_leaves_the_version_of_the_file_alone() {
    for (has_exif, entries) in [(true, 4), (false, 5)] {
        let block = super::exif_write::fragment(&additions(), has_exif).unwrap();
        let found = walk(&block).unwrap();
        assert!(found.faults.is_empty());
        assert_eq!(found.entries.len(), entries);
    }
}

#[test]
fn copyright_of_two_parts_latin1_and_bad_orientation_are_read_and_noted() {
    let text = |tag, text| Additions {
        primary: vec![TextTag { tag, text }],
        exif: vec![],
    };
    let block = write(None, &text(0x8298, "photographer\0editor")).unwrap();
    let facts = exif::read(&block);
    let found: Vec<_> = facts
        .fields
        .iter()
        .map(|one| (one.name.as_str(), one.value.raw()))
        .collect();
    assert_eq!(
        found,
        [
            ("Exif:Copyright", "photographer"),
            ("Exif:Copyright/editor", "editor")
        ]
    );
    let mut block = write(None, &text(0x013B, "Rene\u{e9}x")).unwrap();
    let at = block.windows(2).position(|two| two == [0xC3, 0xA9]).unwrap();
    block[at..at + 2].copy_from_slice(&[b' ', 0xE9]);
    let facts = exif::read(&block);
    assert_eq!(facts.fields[0].value.raw(), "Rene \u{e9}x");
    assert_eq!(facts.notes.len(), 1);
}

#[test]
fn a_blank_tag_is_filled_and_a_camera_time_without_zone_is_never_taken_for_another() {
    let texts = Additions {
        primary: vec![TextTag {
            tag: 0x013B,
            text: "      ",
        }],
        exif: vec![TextTag {
            tag: 0x9003,
            text: "2026:05:01 10:00:00",
        }],
    };
    let block = write(None, &texts).unwrap();
    let wanted = wanted::exif(&full());
    let mut told = Told::default();
    let made = plan::exif(Some(&block), &wanted, PatchOptions::default(), &mut told).unwrap();
    assert!(made.primary.iter().any(|one| one.tag == 0x013B));
    // Equal as text: kept, and no offset is put beside a local time of unknown zone.
    assert!(told.kept.iter().any(|one| one.name == "Exif:DateTimeOriginal"));
    assert!(!made.exif.iter().any(|one| one.tag == 0x9011));
    let zoned = Additions {
        primary: vec![],
        exif: vec![
            TextTag {
                tag: 0x9003,
                text: "2026:05:01 12:00:00",
            },
            TextTag {
                tag: 0x9011,
                text: "+02:00",
            },
        ],
    };
    let mut told = Told::default();
    plan::exif(
        Some(&write(None, &zoned).unwrap()),
        &wanted,
        PatchOptions::default(),
        &mut told,
    )
    .unwrap();
    assert!(told.conflicts.is_empty(), "{:?}", told.conflicts);
}

#[test]
fn many_entries_naming_the_same_large_value_do_not_multiply_it() {
    let mut block = b"MM\0\x2a\0\0\0\x08\x1f\x00".to_vec();
    for tag in 0..0x1F00_u16 {
        block.extend([&tag.to_be_bytes()[..], b"\0\x02\0\x10\0\0\0\0\0\0"].concat());
    }
    block.resize(1 << 20, b'a');
    let facts = exif::read(&block);
    let total: usize = facts.fields.iter().map(|one| one.value.raw().len()).sum();
    assert!(
        total <= crate::base::limits::EXIF_BYTES_MAX + crate::base::limits::FIELD_BYTES_MAX,
        "{total}"
    );
    assert!(!facts.notes.is_empty());
}

#[test]
fn a_damaged_exif_directory_is_not_rewritten() {
    let mut block = camera(Order::Big);
    block.truncate(90);
    assert!(matches!(
        write(Some(&block), &additions()),
        Err(ExifWriteError::Damaged(_))
    ));
    assert!(matches!(
        write(Some(b"II"), &additions()),
        Err(ExifWriteError::Damaged(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutated_blocks_never_panic_and_patched_ones_keep_every_tag(
        little in any::<bool>(),
        flips in prop::collection::vec((0_usize..270, any::<u8>()), 0..6),
        len in 0_usize..300,
    ) {
        let mut block = camera(if little { Order::Little } else { Order::Big });
        for (at, with) in flips {
            if let Some(byte) = block.get_mut(at) {
                *byte = with;
            }
        }
        block.truncate(len);
        let _ = exif::read(&block);
        if let Ok(out) = write(Some(&block), &additions()) {
            prop_assert_eq!(&out[8..block.len()], &block[8..]);
            let again = exif::read(&out);
            let artist = again.fields.iter().any(|one| one.name == "Exif:Artist" && one.value.raw() == "Alice");
            prop_assert!(artist);
        }
    }
}
