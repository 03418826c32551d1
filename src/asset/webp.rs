//! WebP: the walk over its RIFF chunks and putting parts in (RFC 9649, 2).
//!
//! ```text
//! "RIFF" size:u32le "WEBP" | "VP8X" | "ICCP" | "ANIM" | "VP8 " or "VP8L" or "ANMF".. | "EXIF" | "XMP " | "C2PA"
//! ```
//! `C2PA` is the last chunk (C2PA 2.4 appendix A.3.7).

use std::borrow::Cow;
use std::ops::Range;

use super::bytes::{array, index, le16, le32, take, without};
use super::layout::{Damage, EXIF_PREFIX, Layout, Oddity, Walk};
use super::{AssetError, Format, jumbf};

/// Walks a WebP once.
pub(super) fn walk(bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::WebP, bytes);
    let stated = riff_end(bytes).ok_or_else(|| walk.malformed("the RIFF header is cut", 0))?;
    let end = stated.min(bytes.len());
    if stated > bytes.len() {
        walk.odd(Oddity::Truncated { offset: bytes.len() });
    }
    let inside = bytes.get(..end).unwrap_or(bytes);
    let mut at = FIRST;
    let mut seen_pixels = false;
    while at < inside.len() {
        let Some(chunk) = next(inside, at) else {
            let cut = inside.get(at..).unwrap_or_default();
            if cut.starts_with(b"C2PA") || jumbf::resembles(cut.get(8..).unwrap_or_default()) {
                walk.store(at..end, Err(Damage::Length));
            }
            if seen_pixels || PIXELS.iter().any(|kind| cut.starts_with(*kind)) {
                walk.odd(Oddity::Truncated { offset: at });
                seen_pixels = true;
                break;
            }
            return Err(walk.malformed("a chunk is cut", at));
        };
        walk.part()?;
        at = chunk.range.end;
        seen_pixels |= chunk.is_pixels();
        see(&mut walk, &chunk);
    }
    if !seen_pixels {
        return Err(walk.malformed("there is no picture chunk", at));
    }
    walk.search_for_store();
    Ok(walk.finish(end))
}

/// How many frames an animation has; 0 where there is none.
pub(super) fn frames(bytes: &[u8]) -> usize {
    let end = riff_end(bytes).unwrap_or(0).min(bytes.len());
    let inside = bytes.get(..end).unwrap_or_default();
    let mut at = FIRST;
    let mut frames: usize = 0;
    while let Some(chunk) = next(inside, at) {
        at = chunk.range.end;
        frames = frames.saturating_add(usize::from(&chunk.kind == b"ANMF"));
    }
    frames
}

fn see(walk: &mut Walk<'_>, chunk: &Chunk<'_>) {
    let offset = chunk.range.start;
    match &chunk.kind {
        b"VP8X" | b"VP8 " | b"VP8L" if walk.layout.size.is_none() => walk.layout.size = chunk.size(),
        b"EXIF" => walk.exif(chunk.data, offset),
        b"XMP " => walk.xmp(chunk.data, offset),
        kind if kind == b"C2PA" || jumbf::resembles(chunk.data) => {
            let jumbf = match (kind == b"C2PA", chunk.padding) {
                (false, _) => Err(Damage::NotJumbf),
                (true, Some(1..)) => Err(Damage::Padding),
                (true, _) => Ok(chunk.data.to_vec()),
            };
            walk.store(chunk.range.clone(), jumbf);
        }
        _ => {}
    }
}

/// Where the RIFF form ends by its own size field.
fn riff_end(bytes: &[u8]) -> Option<usize> {
    index(le32(bytes, 4)?).checked_add(8)
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// The byte that makes the length even, where there is one.
    padding: Option<u8>,
    /// The whole chunk: type, length, data, padding.
    range: Range<usize>,
}

impl Chunk<'_> {
    fn is_pixels(&self) -> bool {
        PIXELS.contains(&&self.kind)
    }

    /// Width and height from VP8X, VP8 (RFC 6386, 9.1) or VP8L.
    fn size(&self) -> Option<(u32, u32)> {
        match &self.kind {
            b"VP8X" => Some((
                le24(self.data, 4)?.checked_add(1)?,
                le24(self.data, 7)?.checked_add(1)?,
            )),
            b"VP8 " => {
                let side = |at| Some(u32::from(le16(self.data, at)? & 0x3FFF));
                Some((side(6)?, side(8)?))
            }
            _ => {
                let bits = le32(self.data, 1)?;
                Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
            }
        }
    }

    fn has_alpha(&self) -> bool {
        match &self.kind {
            b"VP8X" => self.data.first().is_some_and(|flags| flags & ALPHA != 0),
            b"VP8L" => le32(self.data, 1).is_some_and(|bits| bits & (1 << 28) != 0),
            _ => false,
        }
    }
}

fn next(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let kind = array(bytes, at)?;
    let len = index(le32(bytes, at.checked_add(4)?)?);
    let start = at.checked_add(8)?;
    let data = take(bytes, start, len)?;
    let data_end = start.checked_add(len)?;
    let padding = if len % 2 == 1 {
        bytes.get(data_end).copied()
    } else {
        None
    };
    let range = at..data_end.checked_add(usize::from(padding.is_some()))?;
    Some(Chunk {
        kind,
        data,
        padding,
        range,
    })
}

/// Replaces the EXIF and XMP chunks; `None` leaves them as they are. A simple file becomes an extended one; one that begins as
/// neither is shown by nobody, and would be with a header put before it (RFC 9649, 2.5 to 2.7).
pub(super) fn with_metadata(
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    let (body, tail) = parts(bytes);
    let body = &*even(body);
    let mut drop = Vec::new();
    let chunks = body.get(FIRST..).unwrap_or_default();
    let extended = chunks.starts_with(b"VP8X");
    if !extended && !SIMPLE.iter().any(|kind| chunks.starts_with(*kind)) {
        return Err(AssetError::Malformed {
            format: Format::WebP,
            what: "the first chunk is none that a picture begins with",
            offset: FIRST,
        });
    }
    let mut first = None;
    let (mut flags, mut exif_end) = (0, None);
    let mut at = FIRST;
    while let Some(chunk) = next(body, at) {
        at = chunk.range.end;
        if first.is_none() && matches!(&chunk.kind, b"VP8X" | b"VP8 " | b"VP8L") {
            flags = if chunk.has_alpha() { ALPHA } else { 0 };
            first = chunk.size();
        }
        match &chunk.kind {
            b"EXIF" if exif.is_some() => drop.push(chunk.range),
            b"XMP " if xmp.is_some() => drop.push(chunk.range),
            b"EXIF" => exif_end = Some(chunk.range.end),
            b"XMP " => exif_end = exif_end.or(Some(chunk.range.start)),
            _ => {}
        }
    }
    // EXIF comes before XMP; what stays keeps its place and the new one goes to the right side of it.
    let end = exif_end.unwrap_or(at);
    let shift: usize = drop
        .iter()
        .filter(|range| range.end <= end)
        .map(ExactSizeIterator::len)
        .sum();
    let mut out = without(body, &drop);
    let mut new = Vec::new();
    if let Some(block) = exif {
        push(
            &mut new,
            *b"EXIF",
            &[block.strip_prefix(EXIF_PREFIX).unwrap_or(block)],
            "EXIF",
        )?;
    }
    if let Some(packet) = xmp {
        push(&mut new, *b"XMP ", &[packet.as_bytes()], "XMP")?;
    }
    out = super::insert(&out, end.saturating_sub(shift), &new);
    let wanted = (if exif.is_some() { EXIF } else { 0 }) | (if xmp.is_some() { XMP } else { 0 });
    if extended {
        if let Some(byte) = out.get_mut(FIRST.saturating_add(8)) {
            *byte |= wanted;
        }
    } else {
        let header = vp8x(flags | wanted, first.unwrap_or((1, 1)));
        out = super::insert(&out, FIRST, &header);
    }
    close(out, tail)
}

fn vp8x(flags: u8, (width, height): (u32, u32)) -> Vec<u8> {
    let mut out = b"VP8X\x0A\0\0\0".to_vec();
    out.extend_from_slice(&[flags, 0, 0, 0]);
    for side in [width, height] {
        out.extend_from_slice(side.saturating_sub(1).to_le_bytes().get(..3).unwrap_or_default());
    }
    out
}

/// Puts the store in as the last chunk.
pub(super) fn embed(bytes: &[u8], jumbf: &[u8]) -> Result<(Vec<u8>, Vec<Range<usize>>), AssetError> {
    let (body, tail) = parts(bytes);
    let mut out = Vec::with_capacity(bytes.len().saturating_add(jumbf.len()).saturating_add(16));
    out.extend_from_slice(&even(body));
    let from = out.len();
    push(&mut out, *b"C2PA", &[jumbf], "manifest store")?;
    let range = from..out.len();
    Ok((close(out, tail)?, vec![range]))
}

/// The chunk of a store, with the byte that makes its length even.
pub(super) fn frame(jumbf: &[u8]) -> Result<Vec<u8>, AssetError> {
    let mut out = Vec::new();
    push(&mut out, *b"C2PA", &[jumbf], "manifest store")?;
    Ok(out)
}

/// Takes the parts out and sets the size field right.
pub(super) fn remove(bytes: &[u8], ranges: &[Range<usize>]) -> Result<Vec<u8>, AssetError> {
    let (body, tail) = parts(bytes);
    close(without(body, ranges), tail)
}

/// The RIFF form with its last chunk padded to an even length, which some writers forget: the next one begins there.
fn even(body: &[u8]) -> Cow<'_, [u8]> {
    match body.len() % 2 {
        0 => Cow::Borrowed(body),
        _ => Cow::Owned([body, &[0]].concat()),
    }
}

/// The RIFF form, and what follows it.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = riff_end(bytes).unwrap_or(bytes.len()).min(bytes.len());
    (
        bytes.get(..end).unwrap_or(bytes),
        bytes.get(end..).unwrap_or_default(),
    )
}

fn close(mut out: Vec<u8>, tail: &[u8]) -> Result<Vec<u8>, AssetError> {
    let found = out.len();
    let size = found
        .checked_sub(8)
        .and_then(|size| u32::try_from(size).ok())
        .ok_or(AssetError::PartTooLarge {
            format: Format::WebP,
            what: "the file",
            found,
            limit: index(u32::MAX),
        })?;
    if let Some(field) = out.get_mut(4..8) {
        field.copy_from_slice(&size.to_le_bytes());
    }
    out.extend_from_slice(tail);
    Ok(out)
}

fn push(out: &mut Vec<u8>, kind: [u8; 4], parts: &[&[u8]], what: &'static str) -> Result<(), AssetError> {
    let found: usize = parts.iter().map(|part| part.len()).sum();
    let len = u32::try_from(found).map_err(|_| AssetError::PartTooLarge {
        format: Format::WebP,
        what,
        found,
        limit: index(u32::MAX),
    })?;
    if out.len() % 2 == 1 {
        out.push(0);
    }
    out.extend_from_slice(&kind);
    out.extend_from_slice(&len.to_le_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
    if found % 2 == 1 {
        out.push(0);
    }
    Ok(())
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(|[low, middle, high]: [u8; 3]| u32::from_le_bytes([low, middle, high, 0]))
}

/// The chunks that hold picture data.
const PIXELS: [&[u8; 4]; 3] = [b"VP8 ", b"VP8L", b"ANMF"];
/// What a simple file begins with.
const SIMPLE: [&[u8; 4]; 2] = [b"VP8 ", b"VP8L"];
/// Where the first chunk begins.
const FIRST: usize = 12;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{every_format, exif_block, parse, xmp_packet};
    use super::*;
    use crate::asset::Asset;

    fn sample(name: &str) -> Vec<u8> {
        every_format()
            .into_iter()
            .find(|sample| sample.0 == name)
            .unwrap()
            .1
    }

    fn kinds(bytes: &[u8]) -> Vec<[u8; 4]> {
        let mut out = Vec::new();
        let mut at = FIRST;
        while let Some(chunk) = next(bytes, at) {
            at = chunk.range.end;
            out.push(chunk.kind);
        }
        out
    }

    #[test]
    fn a_simple_file_becomes_an_extended_one_with_its_flags() {
        for (name, picture) in [("lossy.webp", *b"VP8 "), ("lossless.webp", *b"VP8L")] {
            let asset = parse(&sample(name))
                .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
                .unwrap();
            let bytes = asset.bytes();
            assert_eq!(kinds(bytes), [*b"VP8X", picture, *b"EXIF", *b"XMP "]);
            assert_eq!(bytes[20] & (EXIF | XMP), EXIF | XMP);
            assert_eq!(asset.layout().size, Some((64, 48)));
            assert_eq!(le32(bytes, 4), u32::try_from(bytes.len() - 8).ok());
        }
    }

    /// With a header put before it, viewers would show what they do not show now.
    #[test]
    fn a_file_that_begins_with_no_picture_takes_no_metadata() {
        let mut bytes = sample("alpha.webp");
        bytes[FIRST] ^= 0x80;
        let found = parse(&bytes).with_metadata(None, Some(&xmp_packet("A")));
        assert!(
            matches!(found, Err(AssetError::Malformed { offset: FIRST, .. })),
            "{found:?}"
        );
    }

    #[test]
    fn transparency_stays_stated() {
        let asset = parse(&sample("alpha.webp"))
            .with_metadata(None, Some(&xmp_packet("A")))
            .unwrap();
        assert_eq!(asset.bytes()[20], ALPHA | XMP);
        assert_eq!(kinds(asset.bytes()), [*b"VP8X", *b"ALPH", *b"VP8 ", *b"XMP "]);
    }

    #[test]
    fn exif_goes_before_xmp_that_stays() {
        let first = parse(&sample("lossy.webp"))
            .with_metadata(None, Some(&xmp_packet("A")))
            .unwrap();
        let both = first.with_metadata(Some(&exif_block("A")), None).unwrap();
        assert_eq!(kinds(both.bytes()), [*b"VP8X", *b"VP8 ", *b"EXIF", *b"XMP "]);
    }

    #[test]
    fn a_wrong_exif_prefix_is_tolerated_and_said() {
        let block = exif_block("A");
        let asset = parse(&sample("lossy.webp"))
            .with_metadata(Some(&block), None)
            .unwrap();
        let mut bytes = asset.bytes().to_vec();
        let at = bytes.len() - block.len() - block.len() % 2;
        bytes.splice(at..at, EXIF_PREFIX.iter().copied());
        let len = u32::try_from(block.len() + 6).unwrap().to_le_bytes();
        bytes[at - 4..at].copy_from_slice(&len);
        let size = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
        bytes[4..8].copy_from_slice(&size);
        let asset = parse(&bytes);
        assert_eq!(asset.layout().exif.as_deref(), Some(&block[..]));
        assert!(matches!(
            asset.layout().oddities[..],
            [Oddity::WrongExifPrefix { .. }]
        ));
    }

    #[test]
    fn a_size_field_beyond_the_file_is_truncation() {
        let mut bytes = sample("lossy.webp");
        bytes[4..8].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
        assert!(matches!(
            parse(&bytes).layout().oddities[..],
            [Oddity::Truncated { .. }]
        ));
    }

    #[test]
    fn riff_of_another_kind_is_no_image() {
        assert_eq!(
            Asset::parse(b"RIFF\x04\0\0\0WAVE".to_vec()).unwrap_err(),
            AssetError::NotAnImage
        );
    }
}
