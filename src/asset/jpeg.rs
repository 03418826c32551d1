//! JPEG: the walk over its markers (ITU-T T.81, B.1), and what APP1, APP11 and APP13 segments hold.
//!
//! ```text
//! FFD8 | FFE0 len "JFIF" | FFE1 len "Exif\0\0" TIFF | FFE1 len "http://ns.adobe.com/xap/1.0/\0" packet
//!      | FFEB len "JP" En:u16 Z:u32 LBox:u32 "jumb" ... | FFE2 ... | FFDB FFC0 FFC4 FFDA scan ... FFD9
//! ```
//! Source for APP11: ISO 19566-5, C2PA 2.4 appendix A.3.1.

use std::ops::Range;

use super::bytes::{be16, be32, take};
use super::layout::{Damage, EXIF_PREFIX, Layout, Oddity, StorePlace, TextChunk, Walk};
use super::{AssetError, Format, jpeg_xmp, jumbf};
use crate::base::Untrusted;
use crate::base::limits::FIELD_BYTES_MAX;

/// Walks a JPEG once.
///
/// `known` are data of a first scan that were looked through elsewhere, and are here byte for byte.
pub(super) fn walk(bytes: &[u8], known: Option<&Range<usize>>) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::Jpeg, bytes);
    let mut gather = Gather::default();
    let mut seen_scan = false;
    let mut at = 2;
    let end = loop {
        let segment = match next(bytes, at) {
            Next::Segment(segment) => segment,
            Next::End(end) => break Some(end),
            // Viewers show what came before the break; before the first scan there is nothing to show.
            Next::Cut(_) | Next::NoMarker(_) if seen_scan => break None,
            Next::Cut(offset) => return Err(walk.malformed("a marker segment is cut", offset)),
            // A length that is some bytes short: decoders go on at the next marker.
            Next::NoMarker(offset) => match marker_in(bytes, offset..bytes.len()) {
                Some(marker) => {
                    let len = marker.saturating_sub(offset);
                    walk.part()?;
                    walk.odd(Oddity::Stray { offset, len });
                    at = marker;
                    continue;
                }
                None => return Err(walk.malformed("a marker was expected", offset)),
            },
        };
        walk.part()?;
        at = segment.range.end;
        gather.segment(&mut walk, &segment);
        if segment.marker == SOS {
            let found = match known.filter(|known| known.start == at) {
                Some(known) => Some(known.end),
                None => scan_end(bytes, at),
            };
            let Some(marker) = found else { break None };
            if !seen_scan {
                walk.layout.first_scan_data = Some(at..marker);
            }
            seen_scan = true;
            at = marker;
        }
    };
    gather.finish(&mut walk);
    let Some(end) = end else {
        walk.odd(Oddity::Truncated { offset: bytes.len() });
        return Ok(close(walk, bytes.len(), gather));
    };
    Ok(close(walk, end, gather))
}

fn close(mut walk: Walk<'_>, end: usize, gather: Gather) -> Layout {
    let place = gather.store_place(&mut walk);
    let is_stray = |odd: &Oddity| matches!(odd, Oddity::Stray { .. });
    if place == StorePlace::Absent && walk.layout.oddities.iter().any(is_stray) {
        walk.search_for_store();
    }
    let mut layout = walk.finish(end);
    if place != StorePlace::Absent {
        layout.store = place;
    }
    layout
}

/// One marker segment.
pub(super) struct Segment<'a> {
    /// The marker's second byte.
    pub(super) marker: u8,
    /// The whole segment, from its last `FF` byte.
    pub(super) range: Range<usize>,
    /// What follows the length field.
    pub(super) payload: &'a [u8],
}

/// The next thing between segments.
pub(super) enum Next<'a> {
    /// A segment with a length, or a marker that has none.
    Segment(Segment<'a>),
    /// The end of the image, behind its EOI marker.
    End(usize),
    /// The segment at this offset is not all there.
    Cut(usize),
    /// There is no marker at this offset.
    NoMarker(usize),
}

/// Reads the marker segment at `at`; fill bytes before it are skipped (T.81, B.1.1.2).
pub(super) fn next(bytes: &[u8], at: usize) -> Next<'_> {
    if at >= bytes.len() {
        return Next::Cut(at);
    }
    if bytes.get(at) != Some(&0xFF) {
        return Next::NoMarker(at);
    }
    let fill = bytes
        .get(at..)
        .map_or(0, |rest| rest.iter().take_while(|byte| **byte == 0xFF).count());
    let marker_at = at.saturating_add(fill);
    let Some(marker) = bytes.get(marker_at).copied() else {
        return Next::Cut(at);
    };
    let start = marker_at.saturating_sub(1);
    let body = marker_at.saturating_add(1);
    match marker {
        0 => Next::NoMarker(at),
        EOI => Next::End(body),
        0x01 | 0xD0..=0xD8 => Next::Segment(Segment {
            marker,
            range: start..body,
            payload: &[],
        }),
        _ => {
            let len = be16(bytes, body).map(usize::from);
            let payload = len
                .and_then(|len| len.checked_sub(2))
                .and_then(|len| take(bytes, body.saturating_add(2), len));
            let Some(payload) = payload else {
                return Next::Cut(start);
            };
            let end = body.saturating_add(2).saturating_add(payload.len());
            Next::Segment(Segment {
                marker,
                range: start..end,
                payload,
            })
        }
    }
}

/// Offset of the first scan: what stands before it is header.
pub(super) fn first_scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match next(bytes, at) {
            Next::Segment(segment) if segment.marker == SOS => return Some(segment.range.start),
            Next::Segment(segment) => at = segment.range.end,
            _ => return None,
        }
    }
}

/// Where the entropy-coded data from `at` ends: the next marker that is neither a stuffed zero nor a restart.
fn scan_end(bytes: &[u8], at: usize) -> Option<usize> {
    let scan = bytes.get(at..)?;
    let mut start = 0usize;
    // Most blocks hold `FF 00` alone, which a loop without branches passes over many bytes at a time.
    while let Some(block) = scan.get(start..start.saturating_add(BLOCK + 1)) {
        let pairs = block.iter().zip(block.get(1..).unwrap_or_default());
        // What follows an `FF`, or nothing.
        let markers = pairs.fold(0u8, |any, (first, second)| {
            any | if *first == 0xFF { *second } else { 0 }
        });
        if markers != 0
            && let Some(found) = marker_in(scan, start..start.saturating_add(BLOCK))
        {
            return Some(at.saturating_add(found));
        }
        start = start.saturating_add(BLOCK);
    }
    marker_in(scan, start..scan.len()).map(|found| at.saturating_add(found))
}

/// The first marker in a part of a scan that is neither a stuffed zero, nor a restart, nor a fill byte.
fn marker_in(scan: &[u8], part: Range<usize>) -> Option<usize> {
    let start = part.start;
    memchr::memchr_iter(0xFF, scan.get(part)?)
        .map(|found| start.saturating_add(found))
        .find(|found| match scan.get(found.saturating_add(1)) {
            Some(0 | 0xD0..=0xD7 | 0xFF) | None => false,
            Some(_) => true,
        })
}

/// Bytes of a scan looked at in one go.
const BLOCK: usize = 1024;

/// What the segments tell, piece by piece.
#[derive(Default)]
struct Gather {
    extended: jpeg_xmp::Extended,
    boxes: Vec<StoreBox>,
}

/// The APP11 segments of one C2PA box.
struct StoreBox {
    instance: u16,
    /// Number of the first piece.
    first: u32,
    header: [u8; 8],
    ranges: Vec<Range<usize>>,
    jumbf: Vec<u8>,
    damage: Option<Damage>,
}

impl Gather {
    fn segment(&mut self, walk: &mut Walk<'_>, segment: &Segment<'_>) {
        let offset = segment.range.start;
        let payload = segment.payload;
        match segment.marker {
            // Start of frame, any process: precision, height, width (T.81, B.2.2).
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                if let (None, Some(height), Some(width)) =
                    (walk.layout.size, be16(payload, 1), be16(payload, 3))
                {
                    walk.layout.size = Some((u32::from(width), u32::from(height)));
                }
            }
            APP1 => {
                if let Some(block) = payload.strip_prefix(EXIF_PREFIX) {
                    walk.exif(block, offset);
                } else if let Some(packet) = payload.strip_prefix(jpeg_xmp::STANDARD) {
                    walk.xmp(packet, offset);
                } else if let Some(piece) = payload.strip_prefix(jpeg_xmp::EXTENSION) {
                    self.extended.add(piece, offset);
                }
            }
            APP13 => match iim(payload) {
                Some(_) if walk.layout.iptc.is_some() => walk.odd(Oddity::Several { what: "IPTC", offset }),
                Some(datasets) => walk.layout.iptc = Some(datasets.to_vec()),
                None => {}
            },
            COM => walk.layout.texts.push(TextChunk {
                keyword: Untrusted::from("Comment"),
                text: Untrusted::from_utf8_lossy(payload.get(..FIELD_BYTES_MAX).unwrap_or(payload)),
                place: "COM",
                offset,
            }),
            _ => {}
        }
        self.store_segment(walk, segment);
    }

    /// Takes a segment that begins or continues a C2PA box; other JUMBF boxes are left alone.
    fn store_segment(&mut self, walk: &mut Walk<'_>, segment: &Segment<'_>) {
        let payload = segment.payload;
        let (Some(instance), Some(packet)) = (be16(payload, 2), be32(payload, 4)) else {
            return;
        };
        let Some(header) = super::bytes::array::<8>(payload, 8) else {
            return;
        };
        let whole = segment.marker == APP11 && payload.starts_with(b"JP");
        if payload.get(8..).is_some_and(jumbf::resembles) {
            // Microsoft numbers pieces from 0, others from anywhere; ISO 19566-5, D.2 wants 1. What counts is that none is missing.
            if packet != 1 {
                walk.odd(Oddity::PiecesFrom { number: packet });
            }
            let damage = (!whole).then_some(Damage::NotJumbf);
            // Several stores are damage whatever they hold, so a few are enough to keep apart.
            if let Some(last) = self.boxes.get_mut(BOXES_MAX) {
                return last.ranges.push(segment.range.clone());
            }
            let jumbf = payload.get(8..).unwrap_or_default().to_vec();
            return self.boxes.push(StoreBox {
                instance,
                first: packet,
                header,
                ranges: vec![segment.range.clone()],
                jumbf,
                damage,
            });
        }
        if !whole {
            return;
        }
        let Some(open) = self.boxes.iter_mut().find(|open| open.instance == instance) else {
            return;
        };
        // A box of another kind that shares the instance number is told apart by its type (ISO 19566-5, D.2).
        if packet == 1 && open.first != 0 {
            return;
        }
        let wanted = u32::try_from(open.ranges.len())
            .ok()
            .and_then(|seen| seen.checked_add(open.first));
        if wanted != Some(packet) || open.header != header {
            open.damage = Some(Damage::Sequence);
        }
        open.ranges.push(segment.range.clone());
        open.jumbf
            .extend_from_slice(payload.get(16..).unwrap_or_default());
    }

    fn finish(&mut self, walk: &mut Walk<'_>) {
        self.extended.join(walk);
    }

    /// The verdict over all C2PA boxes of the file.
    fn store_place(self, walk: &mut Walk<'_>) -> StorePlace {
        let mut ranges: Vec<_> = self
            .boxes
            .iter()
            .flat_map(|one| one.ranges.iter().cloned())
            .collect();
        ranges.sort_by_key(|range| range.start);
        if let Some(second) = self.boxes.get(1) {
            let offset = second.ranges.first().map_or(0, |range| range.start);
            walk.odd(Oddity::SeveralStores { offset });
            return StorePlace::Damaged {
                why: Damage::Several,
                ranges,
            };
        }
        let Some(only) = self.boxes.into_iter().next() else {
            return StorePlace::Absent;
        };
        let gap = ranges.windows(2).find_map(|pair| match pair {
            [first, second] if first.end != second.start => Some(first.end),
            _ => None,
        });
        if let Some(offset) = gap {
            walk.odd(Oddity::StoreNotContiguous { offset });
        }
        match only.damage.map_or_else(|| jumbf::checked(only.jumbf), Err) {
            Ok(jumbf) => StorePlace::Found { ranges, jumbf },
            Err(why) => StorePlace::Damaged { why, ranges },
        }
    }
}

/// The IPTC IIM datasets in a Photoshop image resource block (`8BIM`, resource 0x0404).
fn iim(payload: &[u8]) -> Option<&[u8]> {
    let mut rest = payload.strip_prefix(b"Photoshop 3.0\0")?;
    // Each turn takes at least 12 bytes, so 64 KiB bound the loop.
    while let Some(block) = rest.strip_prefix(b"8BIM") {
        let id = be16(block, 0)?;
        // A Pascal string, padded to an even length with its length byte.
        let name_len = usize::from(*block.get(2)?);
        let name_end = name_len
            .checked_add(1)?
            .checked_next_multiple_of(2)?
            .checked_add(2)?;
        let len = super::bytes::index(be32(block, name_end)?);
        let at = name_end.checked_add(4)?;
        let value = take(block, at, len)?;
        if id == 0x0404 {
            return Some(value);
        }
        rest = block.get(at.checked_add(len)?.checked_next_multiple_of(2)?..)?;
    }
    None
}

pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP2: u8 = 0xE2;
pub(super) const APP11: u8 = 0xEB;
const APP13: u8 = 0xED;
/// Most C2PA boxes that are told apart.
const BOXES_MAX: usize = 8;
const COM: u8 = 0xFE;
const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;

#[cfg(test)]
#[path = "jpeg_tests.rs"]
mod tests;
