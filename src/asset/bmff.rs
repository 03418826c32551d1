//! AVIF, HEIC and HEIF: the walk over the boxes and the items of the meta box (ISO/IEC 14496-12; ISO/IEC 23008-12).
//!
//! ```text
//! "ftyp" brands | "uuid" D8FEC3D6-1B0E-483C-9297-5828877EC481 0:u32 "manifest\0" 0:u64 JUMBF
//!   | "meta" 0:u32 ("hdlr" "pitm" "iinf" "iref" "iprp" "iloc" "idat") | "mdat" item data
//! ```
//! The C2PA box: C2PA 2.4 appendix A.5.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bmff_chunks;
use super::bmff_meta::{Meta, Place};
use super::bytes::{be32, be64, find};
use super::isobox::{self, IsoBox};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::{AssetError, Format, jumbf, jxl};
use crate::base::limits::BMFF_BOXES_MAX;

/// Walks an ISO BMFF image once.
pub(super) fn walk(format: Format, bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(format, bytes);
    if !has_few_boxes(bytes) {
        return Err(AssetError::TooManyParts {
            format,
            limit: BMFF_BOXES_MAX,
        });
    }
    let (boxes, end) = isobox::all(bytes, 0..bytes.len());
    let mut meta = None;
    for found in &boxes {
        walk.part()?;
        match &found.kind {
            b"meta" if meta.is_none() => meta = Some(found),
            _ => top(&mut walk, found),
        }
    }
    let rest = bytes.get(end..).unwrap_or_default();
    let kind = rest.get(4..8).unwrap_or_default();
    let cut = [&b"mdat"[..], b"uuid", b"moov", b"moof", b"meta", b"free", b"skip"].contains(&kind);
    let Some(meta) = meta else {
        let what = if cut {
            "a box is cut"
        } else {
            "there is no meta box"
        };
        return Err(walk.malformed(what, end));
    };
    if cut {
        if jumbf::resembles(rest.get(JUMBF_AT..).unwrap_or_default()) || rest.get(8..24) == Some(C2PA_UUID) {
            walk.store(end..bytes.len(), Err(Damage::Length));
        }
        walk.odd(Oddity::Truncated { offset: end });
    }
    let meta = Meta::parse(bytes, meta).map_err(|offset| walk.malformed("the meta box is broken", offset))?;
    // Items may lie in the meta box itself; a file without a place for any is none.
    let has_data = boxes.iter().any(|found| &found.kind == b"mdat") || kind == b"mdat" || meta.idat.is_some();
    if !has_data {
        return Err(walk.malformed(
            if cut {
                "a box is cut"
            } else {
                "there is no picture data"
            },
            end,
        ));
    }
    if let Some(offset) = unmoved(bytes, &boxes) {
        walk.odd(Oddity::PlacesInTracks { offset });
    }
    if let Some(movie) = boxes.iter().find(|found| &found.kind == b"moov") {
        walk.odd(Oddity::PictureAndSequence { offset: movie.start });
    }
    items(&mut walk, &meta)?;
    unhashed(&mut walk, &boxes, &meta);
    Ok(walk.finish(if cut { bytes.len() } else { end }))
}

/// Where the first box of a track stands that holds offsets which the C2PA library does not move: items of the track itself, and
/// auxiliary information.
fn unmoved(bytes: &[u8], boxes: &[IsoBox]) -> Option<usize> {
    let mut open: Vec<IsoBox> = boxes.iter().filter(|top| &top.kind == b"moov").cloned().collect();
    while let Some(parent) = open.pop() {
        for child in isobox::all(bytes, parent.body..parent.end).0 {
            match &child.kind {
                b"saio" => return Some(child.start),
                b"meta" => {
                    let parts = isobox::all(bytes, child.body.saturating_add(4)..child.end).0;
                    if parts.iter().any(|part| &part.kind == b"iloc") {
                        return Some(child.start);
                    }
                }
                kind if CONTAINERS.contains(&kind) => open.push(child),
                _ => {}
            }
        }
    }
    None
}

/// Whether the boxes, those in boxes counted, are as few as the limit says.
fn has_few_boxes(bytes: &[u8]) -> bool {
    let mut left = BMFF_BOXES_MAX;
    let whole = 0..bytes.len();
    let mut open = vec![whole];
    while let Some(range) = open.pop() {
        let mut at = range.start;
        while let Some(found) = isobox::next(bytes, at, range.end) {
            let Some(fewer) = left.checked_sub(1) else {
                return false;
            };
            left = fewer;
            at = found.end.max(at.saturating_add(1));
            if CONTAINERS.contains(&&found.kind) {
                open.push(found.body..found.end);
            }
            // With version and flags in front, and without, as QuickTime has it.
            if &found.kind == b"meta" {
                open.push(found.body.saturating_add(4)..found.end);
            }
        }
    }
    true
}

/// A top-level box that is neither picture data nor the item table.
fn top(walk: &mut Walk<'_>, found: &IsoBox) {
    let payload = found.payload(walk.bytes);
    if &found.kind == b"uuid" && payload.get(..16) == Some(XMP_UUID) {
        return walk.xmp(payload.get(16..).unwrap_or_default(), found.start);
    }
    if is_store(walk.bytes, found) {
        walk.store(
            found.range(),
            if &found.kind == b"uuid" {
                store(payload)
            } else {
                Err(Damage::NotJumbf)
            },
        );
    }
}

/// Whether a top-level box holds, or by its looks should hold, a C2PA manifest store.
pub(super) fn is_store(bytes: &[u8], found: &IsoBox) -> bool {
    let payload = found.payload(bytes);
    (&found.kind == b"uuid" && payload.get(..16) == Some(C2PA_UUID))
        || (&found.kind != b"mdat"
            && jumbf::resembles(payload.get(JUMBF_AT.saturating_sub(8)..).unwrap_or_default()))
}

/// The JUMBF bytes of a C2PA box: version and flags, purpose, offset of the first auxiliary box, store.
fn store(payload: &[u8]) -> Result<Vec<u8>, Damage> {
    if payload.get(..16) != Some(C2PA_UUID) || be32(payload, 16) != Some(0) {
        return Err(Damage::NotJumbf);
    }
    let rest = payload.get(20..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(b"manifest\0") else {
        return Err(Damage::NotJumbf);
    };
    if be64(rest, 0) != Some(0) {
        return Err(Damage::Padding);
    }
    Ok(rest.get(8..).unwrap_or_default().to_vec())
}

/// What the items tell: size, EXIF, XMP, and whether their data is all there.
fn items(walk: &mut Walk<'_>, meta: &Meta) -> Result<(), AssetError> {
    walk.layout.size = meta.size;
    let places: BTreeMap<u32, &Place> = meta.places.iter().rev().map(|place| (place.id, place)).collect();
    let mut total: usize = 0;
    for item in &meta.items {
        walk.part()?;
        let Some(place) = places.get(&item.id) else {
            continue;
        };
        let exif = &item.kind == b"Exif";
        let xmp = &item.kind == b"mime" && item.content == b"application/rdf+xml";
        let offset = place.extents.first().map_or(0, |extent| extent.from(place));
        let ranges = meta.data(walk.bytes, place);
        let Some(ranges) = ranges else {
            if exif || xmp {
                walk.odd(Oddity::Unreadable {
                    what: if exif { "EXIF" } else { "XMP" },
                    offset,
                });
            } else if place.method < 2 {
                walk.odd(Oddity::Truncated { offset });
            }
            continue;
        };
        if !exif && !xmp {
            continue;
        }
        // Extents may point to the same bytes over and over.
        total = ranges
            .iter()
            .fold(total, |sum, range| sum.saturating_add(range.len()));
        if total > crate::base::limits::XMP_BYTES_MAX {
            walk.odd(Oddity::Unreadable {
                what: "metadata items",
                offset,
            });
            break;
        }
        let data: Vec<u8> = ranges
            .iter()
            .filter_map(|range| walk.bytes.get(range.clone()))
            .flatten()
            .copied()
            .collect();
        if xmp {
            walk.xmp(&data, offset);
        } else if let Some(block) = jxl::exif(&data) {
            walk.exif(block, offset);
        } else {
            walk.odd(Oddity::Unreadable { what: "EXIF", offset });
        }
    }
    Ok(())
}

/// What lies in the top-level boxes that a hash of the boxes leaves out (C2PA 2.4, 18.8 and A.5): another picture could stand there
/// under the same hash. Boxes that mean nothing are left out of some such hashes, the others of all.
fn unhashed(walk: &mut Walk<'_>, boxes: &[IsoBox], meta: &Meta) {
    let odd: Vec<&IsoBox> = boxes
        .iter()
        // A file begins with its file type box: that is how it is recognised.
        .filter(|found| {
            found.start > 0 && (found.means_nothing() || matches!(&found.kind, b"ftyp" | b"mfra"))
        })
        .filter(|found| found.payload(walk.bytes).iter().any(|byte| *byte != 0))
        .collect();
    if let Some(first) = odd.first() {
        let len = |found: &&IsoBox| found.payload(walk.bytes).len();
        walk.odd(Oddity::Padding {
            offset: first.start,
            len: odd.iter().map(len).sum(),
            hashed: odd.iter().filter(|found| found.means_nothing()).map(len).sum(),
        });
    }
    let is_always = |found: &&IsoBox| matches!(&found.kind, b"ftyp" | b"mfra") || is_store(walk.bytes, found);
    let always: Vec<&IsoBox> = boxes.iter().filter(is_always).collect();
    let padding: Vec<&IsoBox> = boxes.iter().filter(|found| found.means_nothing()).collect();
    let outside = pieces(walk.bytes, boxes, meta).filter_map(|piece| {
        let in_padding = !touches(&always, &piece);
        (!in_padding || touches(&padding, &piece)).then_some((in_padding, piece.start))
    });
    // One that no hash covers is told rather than one that some do.
    if let Some((in_padding, offset)) = outside.min() {
        walk.odd(Oddity::DataInPadding { offset, in_padding });
    }
}

/// Whether data of items or chunks of sequences lies in one of these ranges.
pub(super) fn lies_in(bytes: &[u8], ranges: &[Range<usize>]) -> bool {
    let boxes = isobox::all(bytes, 0..bytes.len()).0;
    let meta = boxes.iter().find(|found| &found.kind == b"meta");
    // Without items nothing is shown.
    let Some(meta) = meta.and_then(|found| Meta::parse(bytes, found).ok()) else {
        return true;
    };
    pieces(bytes, &boxes, &meta).any(|piece| {
        ranges
            .iter()
            .any(|range| piece.start < range.end && range.start < piece.end)
    })
}

/// Where the data of items and the chunks of sequences lies.
fn pieces<'a>(
    bytes: &'a [u8],
    boxes: &'a [IsoBox],
    meta: &'a Meta,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let in_file = meta
        .places
        .iter()
        .filter(|place| (place.method, place.source) == (0, 0));
    let items = in_file.flat_map(|place| {
        place.extents.iter().map(|extent| {
            let start = extent.from(place);
            match super::bytes::index64(extent.len) {
                // Length 0 means "all of it" (8.11.3.3).
                0 => start..bytes.len().max(start),
                len => start..start.saturating_add(len),
            }
        })
    });
    let movies = boxes.iter().filter(|found| &found.kind == b"moov");
    items.chain(movies.flat_map(|movie| bmff_chunks::chunks(bytes, movie)))
}

/// Whether a piece of the file touches one of the boxes, which follow each other.
fn touches(boxes: &[&IsoBox], piece: &Range<usize>) -> bool {
    let next = boxes.partition_point(|found| found.end <= piece.start);
    boxes.get(next).is_some_and(|found| found.start < piece.end)
}

/// Recognises a file by its brands: the major one first, then the compatible ones (ISO/IEC 14496-12, 4.3).
pub(super) fn detect(bytes: &[u8]) -> Option<Format> {
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let size = super::bytes::index(be32(bytes, 0)?);
    // A brand list longer than this serves no reader.
    let brands = bytes.get(8..size.min(bytes.len()).min(1024))?;
    let minor = brands.chunks_exact(4).skip(2);
    let brands = || brands.chunks_exact(4).take(1).chain(minor.clone());
    let any = |known: &[&[u8]]| brands().any(|brand| known.contains(&brand));
    if any(&[b"avif", b"avis"]) {
        return Some(Format::Avif);
    }
    if any(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"]) {
        return Some(Format::Heic);
    }
    any(&[b"mif1", b"mif2", b"msf1", b"miaf"]).then_some(Format::Heif)
}

/// Ranges of the store's boxes and nothing else, for taking them out.
pub(super) fn store_boxes(bytes: &[u8]) -> Vec<Range<usize>> {
    let boxes = isobox::all(bytes, 0..bytes.len()).0;
    boxes
        .iter()
        .filter(|found| is_store(bytes, found))
        .map(IsoBox::range)
        .collect()
}

/// Whether a top-level box holds XMP.
pub(super) fn is_xmp(bytes: &[u8], found: &IsoBox) -> bool {
    &found.kind == b"uuid" && found.payload(bytes).get(..16) == Some(XMP_UUID)
}

/// Every absolute file offset that stands in the file, with where and how wide it stands: `iloc` items without another
/// origin, and the chunk tables of image sequences.
pub(super) fn offsets(bytes: &[u8]) -> Vec<Offset> {
    let mut out = Vec::new();
    for top in isobox::all(bytes, 0..bytes.len()).0 {
        match &top.kind {
            b"meta" => {
                if let Ok(meta) = Meta::parse(bytes, &top) {
                    out.extend(meta.places.iter().flat_map(super::bmff_meta::Place::offsets));
                }
            }
            b"moov" => bmff_chunks::offsets(bytes, &top, &mut out),
            _ => {}
        }
    }
    out
}

/// A file offset and the field that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// Where the field stands.
    pub(super) at: usize,
    /// Its width in bytes, 4 or 8.
    pub(super) width: usize,
    pub(super) value: u64,
}

/// Whether the file mentions the box of a movie, so an image sequence.
pub(super) fn has_fragments(bytes: &[u8]) -> bool {
    find(bytes, b"moof").is_some()
        && isobox::all(bytes, 0..bytes.len())
            .0
            .iter()
            .any(|found| &found.kind == b"moof")
}

/// Boxes that hold boxes and nothing else.
const CONTAINERS: [&[u8; 4]; 15] = [
    b"dinf", b"edts", b"mdia", b"mfra", b"minf", b"moof", b"moov", b"mvex", b"schi", b"stbl", b"traf",
    b"trak", b"tref", b"treg", b"udta",
];
/// The extended type of the `uuid` box that holds a manifest store (C2PA 2.4, A.5.1).
pub const C2PA_UUID: &[u8] = b"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";
const XMP_UUID: &[u8] = b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
/// Where the store begins in a C2PA box with a 32-bit size: header, UUID, version and flags, purpose, offset.
const JUMBF_AT: usize = 8 + 16 + 4 + 9 + 8;
