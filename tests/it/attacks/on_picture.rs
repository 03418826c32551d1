//! Attacks on the file around the store.

use byline::asset::Asset;

use super::container::{crc32, place, store, with_store};

/// What an attack may use: the file, its ending, and another signed file of the same kind.
pub struct Victim<'a> {
    pub bytes: &'a [u8],
    pub ending: &'a str,
    pub other: &'a [u8],
}

/// An attack: the row of the threat table, what is done, the words that are right, and how; `None` where it fits no such file.
pub type Attack = (
    &'static str,
    &'static str,
    &'static [&'static str],
    fn(&Victim<'_>) -> Option<Vec<u8>>,
);

const CHANGED: &[&str] = &["CHANGED"];
const NO_READING: &[&str] = &["CHANGED", "UNREADABLE"];
const TAKEN_OUT: &[&str] = &["NO CREDENTIALS"];
/// Where nothing is left that says that there were credentials (a segment of zeros, an empty box), there are none.
const GONE: &[&str] = &["NO CREDENTIALS", "UNREADABLE", "CHANGED"];

/// Every byte inside the store still verifies, and what its head claims beyond them cannot be looked at.
const LONGER: &[&str] = &["CHANGED", "UNREADABLE", "NOT CONFIRMED"];

pub const ATTACKS: &[Attack] = &[
    ("V11", "byte-appended", NO_READING, |it| {
        Some([it.bytes, b"\0"].concat())
    }),
    ("V11", "archive-appended", NO_READING, |it| {
        Some([it.bytes, b"PK\x05\x06", &[0; 18]].concat())
    }),
    ("V11", "itself-appended", NO_READING, |it| {
        Some([it.bytes, it.bytes].concat())
    }),
    ("V11", "last-byte-cut", NO_READING, |it| {
        Some(it.bytes[..it.bytes.len() - 1].to_vec())
    }),
    ("V11", "half-cut", GONE, |it| {
        Some(it.bytes[..it.bytes.len() / 2].to_vec())
    }),
    ("V11", "picture-byte-flipped", NO_READING, |it| {
        let at = far_from_store(it.bytes);
        let mut out = it.bytes.to_vec();
        out[at] ^= 1;
        Some(out)
    }),
    ("V11", "picture-before-picture", GONE, |it| {
        Some([it.other, it.bytes].concat())
    }),
    ("V11", "metadata-in-front-of-the-store", NO_READING, |it| {
        insert(it, place(it.bytes).start)
    }),
    ("V11", "metadata-behind-the-store", NO_READING, |it| {
        insert(it, place(it.bytes).end)
    }),
    ("V12", "store-of-another-file", CHANGED, |it| {
        let theirs = store(it.other);
        (theirs.len() == store(it.bytes).len() || matches!(it.ending, "jpg" | "png" | "webp"))
            .then(|| with_store(it.bytes, it.ending, &theirs))?
    }),
    ("V5", "store-twice", NO_READING, |it| {
        let place = place(it.bytes);
        matches!(it.ending, "jpg" | "png" | "webp" | "avif" | "heic" | "jxl").then(|| {
            let mut out = it.bytes.to_vec();
            out.splice(place.end..place.end, it.bytes[place].to_vec());
            riff(it.ending, out)
        })
    }),
    ("V5", "another-store-behind", NO_READING, |it| {
        let (here, theirs) = (place(it.bytes), place(it.other));
        matches!(it.ending, "jpg" | "png" | "webp" | "avif" | "heic" | "jxl").then(|| {
            let mut out = it.bytes.to_vec();
            out.splice(here.end..here.end, it.other[theirs].to_vec());
            riff(it.ending, out)
        })
    }),
    ("V5", "segments-interrupted", NO_READING, |it| {
        let second = segments(it)?;
        let mut out = it.bytes.to_vec();
        out.splice(second..second, *b"\xff\xfe\x00\x06hide");
        Some(out)
    }),
    ("V5", "segment-numbered-again", NO_READING, |it| {
        let second = segments(it)?;
        let mut out = it.bytes.to_vec();
        out[second + 11] = 1;
        Some(out)
    }),
    ("V5", "segment-of-another-box", NO_READING, |it| {
        let second = segments(it)?;
        let mut out = it.bytes.to_vec();
        out[second + 7] ^= 1;
        Some(out)
    }),
    ("V6", "store-zeroed", GONE, |it| {
        with_store(it.bytes, it.ending, &vec![0; store(it.bytes).len()])
    }),
    ("V6", "store-of-no-length", GONE, |it| {
        let mut new = store(it.bytes);
        new[..4].copy_from_slice(&8_u32.to_be_bytes());
        with_store(it.bytes, it.ending, &new)
    }),
    ("V6", "store-longer-than-the-file", LONGER, |it| {
        let mut new = store(it.bytes);
        new[..4].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
        with_store(it.bytes, it.ending, &new)
    }),
    ("V6", "store-cut", NO_READING, |it| {
        let mut new = store(it.bytes);
        let half = new.len() / 2;
        new[half..].fill(0);
        with_store(it.bytes, it.ending, &new)
    }),
    ("V19", "store-taken-out", TAKEN_OUT, |it| {
        Asset::parse(it.bytes.to_vec())
            .unwrap()
            .without_store()
            .ok()
            .map(Asset::into_bytes)
    }),
];

/// A byte in the middle of the longer part outside the store.
fn far_from_store(bytes: &[u8]) -> usize {
    let place = place(bytes);
    if place.start > bytes.len() - place.end {
        place.start * 3 / 4
    } else {
        place.end + (bytes.len() - place.end) * 3 / 4
    }
}

/// Where the second segment of a store in several JPEG segments begins.
fn segments(it: &Victim<'_>) -> Option<usize> {
    let asset = Asset::parse(it.bytes.to_vec()).unwrap();
    (it.ending == "jpg" && asset.store_ranges().len() > 1).then(|| asset.store_ranges()[1].start)
}

/// The file with a piece of metadata put in at a place between two parts of its container.
fn insert(it: &Victim<'_>, at: usize) -> Option<Vec<u8>> {
    let piece: Vec<u8> = match it.ending {
        "jpg" => b"\xff\xfe\x00\x0bGPS 48 N!".to_vec(),
        "png" => {
            let body = b"tEXtComment\0GPS 48 N";
            let len = u32::try_from(body.len() - 4).unwrap().to_be_bytes();
            [&len[..], body, &crc32(body).to_be_bytes()].concat()
        }
        "webp" => b"GPSx\x08\0\0\0GPS 48 N".to_vec(),
        "avif" | "heic" | "jxl" => b"\0\0\0\x10freeGPS 48 N".to_vec(),
        "gif" => b"\x21\xfe\x08GPS 48 N\0".to_vec(),
        "svg" => b" ".to_vec(),
        _ => return None,
    };
    let mut out = it.bytes.to_vec();
    out.splice(at..at, piece);
    Some(riff(it.ending, out))
}

/// The size in a RIFF header, made to fit again.
fn riff(ending: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    if ending == "webp" {
        let size = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
        bytes[4..8].copy_from_slice(&size);
    }
    bytes
}
