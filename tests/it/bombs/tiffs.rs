//! Directories of TIFF, as files of their own and as EXIF blocks in others: loops, fans, counts, and values told many times.

use super::Bomb;
use super::carriers::{directory, le32, tiff, with_exif};

pub fn bombs() -> Vec<Bomb> {
    let blocks: Vec<(&str, Vec<u8>)> = vec![
        (
            "loop",
            [b"II*\0\x08\0\0\0", &directory(&[(256, 3, 1, 1)], 8)[..]].concat(),
        ),
        ("ping-pong", ping_pong()),
        ("sub-ifds-to-itself", sub_ifds()),
        (
            "exif-pointer-to-itself",
            [
                b"II*\0\x08\0\0\0",
                &directory(&[(34665, 4, 1, 8), (34853, 4, 1, 8), (40965, 4, 1, 8)], 8)[..],
            ]
            .concat(),
        ),
        (
            "count-4-billion",
            [
                b"II*\0\x08\0\0\0",
                &directory(&[(271, 2, 0xffff_ffff, 8), (306, 5, 0xffff_ffff, 8)], 0)[..],
            ]
            .concat(),
        ),
        ("65000-entries-one-text", shared_text(65_000, 2, 150_000)),
        ("8000-entries-one-text", shared_text(8_000, 2, 800_000)),
        ("8000-entries-one-list", shared_text(8_000, 3, 400_000)),
        ("8000-rationals", shared_text(8_000, 5, 100_000)),
        ("8000-bytes", shared_text(8_000, 7, 800_000)),
        ("chain-of-2000", chain(2_000, 20)),
        ("chain-of-60000", chain(60_000, 1)),
        ("overlapping-chain", overlapping()),
        ("user-comment", user_comment()),
        ("small-1000-entries", shared_text(1_000, 2, 40_000)),
    ];
    let mut out = Vec::new();
    for (name, block) in blocks {
        for (ending, bytes) in with_exif(&block) {
            // Three carriers are enough to see whether the block itself is slow.
            if matches!(ending, "tif" | "png" | "jpg") {
                out.push(Bomb::new(format!("exif-{name}.{ending}"), bytes));
            }
        }
    }
    out.extend(files());
    out
}

fn ping_pong() -> Vec<u8> {
    let first = directory(&[(256, 3, 1, 1)], 26);
    let second = directory(&[(257, 3, 1, 1)], 8);
    [b"II*\0\x08\0\0\0", &first[..], &second].concat()
}

/// What stalled the C2PA SDK for a minute: thousands of pointers to the directory that holds them.
fn sub_ifds() -> Vec<u8> {
    let count = 9_000;
    let own = directory(&[(330, 4, count, 26), (330, 4, count, 26)], 8);
    [b"II*\0\x08\0\0\0", &own[..], &le32(8).repeat(count)].concat()
}

/// Entries of one type that all point to the same long value.
fn shared_text(entries: usize, kind: u16, count: usize) -> Vec<u8> {
    let at = 8 + 2 + entries * 12 + 4;
    let all: Vec<_> = (0..entries)
        .map(|index| (u16::try_from(index + 1).unwrap(), kind, count, at))
        .collect();
    let unit = match kind {
        3 => 2,
        5 => 8,
        _ => 1,
    };
    [
        b"II*\0\x08\0\0\0",
        &directory(&all, 0)[..],
        &vec![b'A'; (count * unit).min(980_000 - at)],
    ]
    .concat()
}

fn chain(pages: usize, entries: usize) -> Vec<u8> {
    let long = 2 + entries * 12 + 4;
    let pages = pages.min(950_000 / long);
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    let all = vec![(270, 2, 900_000, 8); entries];
    for page in 1..=pages {
        let next = if page == pages { 0 } else { 8 + page * long };
        out.extend(directory(&all, next));
    }
    out
}

/// Every byte the beginning of a directory of thousands of entries.
fn overlapping() -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend(le32(0x0000_0010).repeat(200_000));
    out
}

fn user_comment() -> Vec<u8> {
    let text = format!("UNICODE\0{}", "Steps: 1, Steps: ".repeat(30_000));
    let inner = directory(&[(37510, 7, text.len(), 44)], 0);
    let outer = directory(&[(34665, 4, 1, 26)], 0);
    let mut out = [b"II*\0\x08\0\0\0", &outer[..], &inner].concat();
    out.extend(text.as_bytes());
    out
}

fn files() -> Vec<Bomb> {
    let strips = |count: usize, offset: usize, length: usize| {
        // The offsets and lengths of all strips are the same ones.
        let data = [le32(offset).repeat(count), le32(length).repeat(count)].concat();
        let mut bytes = tiff(&[], &data);
        for (tag, at) in [(273_u16, 1000), (279, 1000 + count * 4)] {
            let entry = (10..500)
                .step_by(12)
                .find(|at| bytes[*at..*at + 2] == tag.to_le_bytes())
                .unwrap();
            bytes[entry + 4..entry + 8].copy_from_slice(&le32(count));
            bytes[entry + 8..entry + 12].copy_from_slice(&le32(at));
        }
        bytes
    };
    let mut big = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
    big.extend(u64::MAX.to_le_bytes());
    big.extend([0xff; 64]);
    vec![
        Bomb::new("tiff-110000-strips-of-all.tif", strips(110_000, 0, 800_000)),
        Bomb::new("tiff-110000-strips-of-half.tif", strips(110_000, 8, 440_000)),
        Bomb::new("tiff-110000-strips.tif", strips(110_000, 8, 1)),
        Bomb::new("tiff-bigtiff-count.tif", big),
        Bomb::new(
            "tiff-store-says-4-billion.tif",
            tiff(&[(0xcd41, 7, 0xffff_ffff, 1000)], &[0; 64]),
        ),
        Bomb::new("tiff-pages-share-strips.tif", pages_share(2_000, 20_000)),
    ]
}

/// Pages with the same table of strips.
fn pages_share(pages: usize, strips: usize) -> Vec<u8> {
    let long = 2 + 4 * 12 + 4;
    let table = 8 + pages * long;
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    for page in 1..=pages {
        let next = if page == pages { 0 } else { 8 + page * long };
        let all = [
            (256, 3, 1, 1),
            (257, 3, 1, 1),
            (273, 4, strips, table),
            (279, 4, strips, table),
        ];
        out.extend(directory(&all, next));
    }
    out.extend(le32(8).repeat(strips));
    out
}
