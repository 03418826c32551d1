//! TIFF and DNG: the walk over the image file directories (TIFF 6.0, section 2; DNG 1.7).
//!
//! ```text
//! "II" 2A 00 ifd:u32 | .. strips .. | count:u16 (tag:u16 type:u16 count:u32 value-or-offset:u32).. next:u32
//! ```
//! EXIF lies in the file's own directories, so [`super::Asset::exif_block`] gives the whole file. The manifest store is
//! tag 0xCD41 (C2PA 2.4 appendix A.3.6), its ranges are the value's bytes. TIFF states no length: the image ends with
//! the file.

use std::collections::{BTreeMap, BTreeSet};

use std::ops::Range;

use super::layout::{Damage, Layout, Oddity, Walk};
use super::tiff_read::{Entry, Ifd, PIECES_MAX, Tiff, tags};
use super::{AssetError, Format, jumbf};

/// The directories in the file's own chain.
pub(super) fn pages(bytes: &[u8]) -> usize {
    let pages = Tiff::parse(bytes).and_then(|tiff| tiff.pages().ok());
    pages.map_or(1, |pages| pages.len())
}

/// The directories in the file's own chain that are no smaller version and no mask of another page (TIFF 6.0, `NewSubfileType`).
pub(super) fn whole_pages(bytes: &[u8]) -> usize {
    let Some(tiff) = Tiff::parse(bytes) else {
        return 1;
    };
    let is_whole = |page: &&Ifd| {
        let kind = page.entry(tags::NEW_SUBFILE_TYPE);
        let kind = kind.and_then(|entry| tiff.numbers(entry).first().copied());
        kind.unwrap_or(0) & 0b101 == 0
    };
    let pages = tiff.pages().unwrap_or_default();
    pages.iter().filter(is_whole).count()
}

/// Walks a TIFF or DNG once.
pub(super) fn walk(format: Format, bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(format, bytes);
    let tiff = Tiff::parse(bytes).ok_or_else(|| walk.malformed("the header is cut", 0))?;
    let pages = tiff
        .pages()
        .map_err(|at| walk.malformed("an image file directory is broken", at))?;
    let Some(first) = pages.first() else {
        return Err(walk.malformed("there is no image file directory", 4));
    };
    for _ in pages.iter().flat_map(|page| &page.entries) {
        walk.part()?;
    }
    if let Some(xmp) = first.entry(tags::XMP).and_then(|entry| tiff.value(entry)) {
        walk.xmp(xmp, first.at);
    }
    if let Some(iptc) = first.entry(tags::IPTC).and_then(|entry| tiff.value(entry)) {
        walk.layout.iptc = Some(iptc.to_vec());
    }
    walk.layout.size = size(&tiff, first);
    let mut budget = PIECES_MAX;
    for page in &pages {
        let mut seen: BTreeMap<u16, &Entry> = BTreeMap::new();
        let mut again = page.entries.iter().filter(|entry| {
            let first = *seen.entry(entry.tag).or_insert(*entry);
            !is_same(&tiff, first, entry)
        });
        if let Some(twice) = again.next() {
            walk.odd(Oddity::TagTwice {
                tag: twice.tag,
                offset: page.at,
            });
        }
        for entry in page.entries.iter().filter(|entry| entry.tag == tags::C2PA) {
            store(&mut walk, &tiff, entry);
        }
        if tiff.pictures(page, &mut budget).is_none() {
            walk.odd(Oddity::Truncated { offset: page.at });
        }
    }
    walk.search_for_store();
    Ok(walk.finish(bytes.len()))
}

/// Whether two entries have one value: in one place, or short and equal. Long ones are not compared, for many entries may share one.
fn is_same(tiff: &Tiff<'_>, one: &Entry, other: &Entry) -> bool {
    let is_short = |value: &[u8]| value.len() <= SHORT_BYTES_MAX;
    one.value == other.value || tiff.value(one).is_some_and(is_short) && tiff.value(one) == tiff.value(other)
}

/// Longest value that is compared byte by byte.
const SHORT_BYTES_MAX: usize = 1024;

/// Where the length and the place of the manifest store stand in its directory entry.
pub(super) fn store_pointer(bytes: &[u8]) -> Option<Range<usize>> {
    let tiff = Tiff::parse(bytes)?;
    let pages = tiff.pages().ok()?;
    let mut entries = pages.iter().flat_map(|page| &page.entries);
    let at = entries.find(|entry| entry.tag == tags::C2PA)?.at;
    let fields = if tiff.big { 4..20 } else { 4..12 };
    Some(at.checked_add(fields.start)?..at.checked_add(fields.end)?)
}

/// Whether it is a BigTIFF.
pub(super) fn is_big(bytes: &[u8]) -> bool {
    Tiff::parse(bytes).is_some_and(|tiff| tiff.big)
}

fn store(walk: &mut Walk<'_>, tiff: &Tiff<'_>, entry: &Entry) {
    match entry.value.clone().filter(|range| range.end <= walk.bytes.len()) {
        None => walk.store(entry.at..entry.at.saturating_add(12), Err(Damage::Length)),
        Some(range) => {
            let value = tiff.bytes.get(range.clone()).unwrap_or_default();
            // A longer value is padded with zeros by signers that reserve room.
            let stated = jumbf::stated_len(value).filter(|len| *len >= 8 && *len <= value.len());
            let (jumbf, rest) = value.split_at(stated.unwrap_or(value.len()));
            let jumbf = match (entry.kind, rest.iter().all(|byte| *byte == 0)) {
                (7, true) => Ok(jumbf.to_vec()),
                (7, false) => Err(Damage::Padding),
                _ => Err(Damage::NotJumbf),
            };
            walk.store(range, jumbf);
        }
    }
}

/// The largest picture of the first page and its sub-IFDs: IFD0 of a DNG is its thumbnail.
fn size(tiff: &Tiff<'_>, first: &Ifd) -> Option<(u32, u32)> {
    let of = |ifd: &Ifd| {
        let side = |tag| {
            tiff.numbers(ifd.entry(tag)?)
                .first()
                .and_then(|side| u32::try_from(*side).ok())
        };
        side(tags::WIDTH).zip(side(tags::LENGTH))
    };
    let mut seen = BTreeSet::new();
    let children = first
        .entry(tags::SUB_IFDS)
        .map(|entry| tiff.numbers(entry))
        .unwrap_or_default();
    let children = children.into_iter().take(64).filter(|at| seen.insert(*at));
    let children: Vec<_> = children
        .filter_map(|at| tiff.ifd(super::bytes::index64(at)))
        .collect();
    children
        .iter()
        .chain([first])
        .filter_map(of)
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}
