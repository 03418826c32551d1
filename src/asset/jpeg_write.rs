//! Putting EXIF, XMP and the manifest store into a JPEG.
//!
//! New segments stand in front: `SOI, APP0.., Exif, XMP, store, the rest`. Everything before APP2 leaves the offsets of
//! a Multi-Picture Format index right, for they count from that index; of old metadata behind one the place stays, emptied.

use std::ops::Range;

use super::bytes::without;
use super::jpeg::{APP0, APP1, APP2, APP11, Next, SOS, Segment, next};
use super::layout::EXIF_PREFIX;
use super::{AssetError, Format, jpeg_xmp};

/// Replaces the EXIF block and the XMP packet; `None` leaves one as it is.
pub(super) fn with_metadata(
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    let (mut drop, mut empty) = (Vec::new(), Vec::new());
    let mut is_indexed = false;
    each(bytes, |segment| {
        is_indexed |= segment.marker == APP2 && segment.payload.starts_with(MPF);
        let old_exif = exif.is_some() && is_exif(segment);
        let old_xmp = xmp.is_some() && is_xmp(segment);
        if old_exif || old_xmp {
            let old = if is_indexed { &mut empty } else { &mut drop };
            old.push(segment.range.clone());
        }
    });
    let mut bare = bytes.to_vec();
    for range in empty {
        if let Some([_, marker, _, _, payload @ ..]) = bare.get_mut(range) {
            *marker = APP15;
            payload.fill(0);
        }
    }
    let bare = without(&bare, &drop);
    let mut new = Vec::new();
    if let Some(block) = exif {
        push(&mut new, APP1, &[EXIF_PREFIX, block], "EXIF")?;
    }
    // EXIF that stays must still come before XMP.
    let stays = |segment: &Segment<'_>| segment.marker == APP0 || (exif.is_none() && is_exif(segment));
    let at = lead_end(&bare, stays);
    if let Some(packet) = xmp {
        push(&mut new, APP1, &[jpeg_xmp::STANDARD, packet.as_bytes()], "XMP")?;
    }
    Ok(super::insert(&bare, at, &new))
}

/// Puts the store in as APP11 segments behind the leading APP0 and APP1 segments (ISO 19566-5, D.2).
pub(super) fn embed(bytes: &[u8], jumbf: &[u8]) -> Result<(Vec<u8>, Vec<Range<usize>>), AssetError> {
    let at = store_at(bytes);
    let new = frame(jumbf)?;
    // One range for each segment, as the walk finds them.
    let mut ranges = Vec::new();
    let mut from = at;
    while let Next::Segment(segment) = next(&new, from.saturating_sub(at)) {
        let end = at.saturating_add(segment.range.end);
        ranges.push(from..end);
        from = end;
    }
    Ok((super::insert(bytes, at, &new), ranges))
}

/// Where a store goes: behind the leading APP0 and APP1 segments.
pub(super) fn store_at(bytes: &[u8]) -> usize {
    lead_end(bytes, |segment| matches!(segment.marker, APP0 | APP1))
}

/// The APP11 segments of a store.
pub(super) fn frame(jumbf: &[u8]) -> Result<Vec<u8>, AssetError> {
    let header = jumbf.get(..8).unwrap_or(jumbf);
    let mut new = Vec::with_capacity(jumbf.len().saturating_add(64));
    for (index, piece) in jumbf.chunks(PIECE).enumerate() {
        let packet = u32::try_from(index)
            .unwrap_or(u32::MAX)
            .saturating_add(1)
            .to_be_bytes();
        let repeated = if index == 0 { &[][..] } else { header };
        push(
            &mut new,
            APP11,
            &[b"JP", &INSTANCE, &packet, repeated, piece],
            "manifest store",
        )?;
    }
    Ok(new)
}

/// Calls `see` for every segment before the picture data.
fn each(bytes: &[u8], mut see: impl FnMut(&Segment<'_>)) {
    let mut at = 2;
    while let Next::Segment(segment) = next(bytes, at) {
        if segment.marker == SOS {
            return;
        }
        at = segment.range.end;
        see(&segment);
    }
}

/// The end of the run of leading segments that `belongs` names.
fn lead_end(bytes: &[u8], belongs: impl Fn(&Segment<'_>) -> bool) -> usize {
    let mut at = 2;
    while let Next::Segment(segment) = next(bytes, at) {
        if !belongs(&segment) {
            break;
        }
        at = segment.range.end;
    }
    at
}

/// What a Multi-Picture Format index begins with (CIPA DC-007, 5.1).
const MPF: &[u8] = b"MPF\0";
/// A segment that no standard gives a meaning.
const APP15: u8 = 0xEF;

fn is_exif(segment: &Segment<'_>) -> bool {
    segment.marker == APP1 && segment.payload.starts_with(EXIF_PREFIX)
}

fn is_xmp(segment: &Segment<'_>) -> bool {
    segment.marker == APP1
        && (segment.payload.starts_with(jpeg_xmp::STANDARD)
            || segment.payload.starts_with(jpeg_xmp::EXTENSION))
}

/// Appends one segment made of `parts`.
fn push(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]], what: &'static str) -> Result<(), AssetError> {
    let found: usize = parts.iter().map(|part| part.len()).sum();
    let too_large = AssetError::PartTooLarge {
        format: Format::Jpeg,
        what,
        found,
        limit: PAYLOAD_MAX,
    };
    let len = found
        .checked_add(2)
        .and_then(|len| u16::try_from(len).ok())
        .ok_or(too_large)?;
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&len.to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// The box instance number of the store; any number that no other box of the file uses would do.
const INSTANCE: [u8; 2] = [0x02, 0x11];
/// Most bytes of the store in one segment.
const PIECE: usize = 64_000;
/// Most bytes that a segment holds besides its length field.
const PAYLOAD_MAX: usize = 65_533;
