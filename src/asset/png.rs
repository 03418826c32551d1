//! PNG: the walk over its chunks, text chunks, and putting parts in (PNG, third edition, 5 and 11).
//!
//! ```text
//! 89 "PNG" 0D0A1A0A | len:u32 "IHDR" .. crc:u32 | "eXIf" TIFF | "iTXt" XML:com.adobe.xmp | "caBX" JUMBF | "IDAT" .. | "IEND"
//! ```
//! `caBX`: C2PA 2.4 appendix A.3.2.

use std::ops::Range;

use super::bytes::{be32, index, take, without};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::png_text::{self, RawProfile};
use super::{AssetError, Format, jumbf};

/// Walks a PNG once.
pub(super) fn walk(bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::Png, bytes);
    let mut at = SIGNATURE.len();
    let mut seen_pixels = false;
    loop {
        let Some(chunk) = next(bytes, at) else {
            let cut = bytes.get(at..).unwrap_or_default();
            if cut.get(4..8) == Some(b"caBX") || jumbf::resembles(cut.get(8..).unwrap_or_default()) {
                walk.store(at..bytes.len(), Err(Damage::Length));
            }
            if seen_pixels || cut.get(4..8) == Some(b"IDAT") {
                walk.odd(Oddity::Truncated { offset: at });
                return Ok(walk.finish(bytes.len()));
            }
            return Err(walk.malformed("a chunk is cut", at));
        };
        walk.part()?;
        if at == SIGNATURE.len() {
            let size = (be32(chunk.data, 0), be32(chunk.data, 4));
            let (b"IHDR", 13, (Some(width), Some(height))) = (&chunk.kind, chunk.data.len(), size) else {
                return Err(walk.malformed("the first chunk is not IHDR", at));
            };
            walk.layout.size = Some((width, height));
        }
        at = chunk.range.end;
        match &chunk.kind {
            b"IEND" => break,
            b"IDAT" => seen_pixels = true,
            _ => see(&mut walk, &chunk),
        }
    }
    if let Some(after) = next(bytes, at) {
        walk.odd(Oddity::AfterEnd {
            offset: after.range.start,
        });
    }
    if !seen_pixels {
        return Err(walk.malformed("there is no IDAT chunk", at));
    }
    png_text::take_raw(&mut walk);
    Ok(walk.finish(at))
}

/// How many pictures an animated PNG has, its still one counted where it is no frame; 0 for any other (PNG, third edition, 11.3.4).
pub(super) fn frames(bytes: &[u8]) -> usize {
    let mut at = SIGNATURE.len();
    let (mut frames, mut animated, mut seen_pixels): (usize, bool, bool) = (0, false, false);
    while let Some(chunk) = next(bytes, at) {
        at = chunk.range.end;
        match &chunk.kind {
            b"IEND" => break,
            b"acTL" => animated |= !seen_pixels,
            b"fcTL" => frames = frames.saturating_add(1),
            b"IDAT" if !seen_pixels => {
                seen_pixels = true;
                frames = frames.max(1);
            }
            _ => {}
        }
    }
    if animated { frames } else { 0 }
}

fn see(walk: &mut Walk<'_>, chunk: &Chunk<'_>) {
    let offset = chunk.range.start;
    match &chunk.kind {
        b"eXIf" => walk.exif(chunk.data, offset),
        b"tEXt" | b"zTXt" | b"iTXt" => png_text::see(walk, chunk.kind, chunk.data, offset),
        kind if kind == b"caBX" || jumbf::resembles(chunk.data) => {
            let jumbf = if kind != b"caBX" {
                Err(Damage::NotJumbf)
            } else if chunk.crc == crc(&chunk.kind, chunk.data) {
                Ok(chunk.data.to_vec())
            } else {
                Err(Damage::Checksum)
            };
            walk.store(chunk.range.clone(), jumbf);
        }
        _ => {}
    }
}

/// One chunk.
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    pub(super) crc: u32,
    /// The whole chunk: length, type, data, checksum.
    pub(super) range: Range<usize>,
}

/// The chunk at `at`; `None` where it is not all there.
pub(super) fn next(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let len = index(be32(bytes, at)?);
    let kind = super::bytes::array(bytes, at.checked_add(4)?)?;
    let start = at.checked_add(8)?;
    let data = take(bytes, start, len)?;
    let crc_at = start.checked_add(len)?;
    let crc = be32(bytes, crc_at)?;
    Some(Chunk {
        kind,
        data,
        crc,
        range: at..crc_at.checked_add(4)?,
    })
}

/// Replaces the EXIF and XMP chunks; `None` leaves them as they are. New ones stand right before the picture data.
pub(super) fn with_metadata(
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    let (mut drop, mut raw_exif, mut raw_xmp) = (Vec::new(), None, None);
    let (mut has_exif, mut has_xmp) = (false, false);
    let mut at = SIGNATURE.len();
    while let Some(chunk) = next(bytes, at) {
        at = chunk.range.end;
        let is_exif = &chunk.kind == b"eXIf";
        let is_xmp = png_text::is_xmp(chunk.kind, chunk.data);
        has_exif |= is_exif;
        has_xmp |= is_xmp;
        if (exif.is_some() && is_exif) || (xmp.is_some() && is_xmp) {
            drop.push(chunk.range);
        } else if &chunk.kind == b"IEND" {
            break;
        } else {
            match RawProfile::of_chunk(chunk.kind, chunk.data) {
                Some(RawProfile::Exif(_)) if exif.is_some() => raw_exif = raw_exif.or(Some(chunk.range)),
                Some(RawProfile::Xmp(_)) if xmp.is_some() => raw_xmp = raw_xmp.or(Some(chunk.range)),
                _ => {}
            }
        }
    }
    // What was read as the file's metadata goes into the new chunks, whichever way it stood there.
    drop.extend(raw_exif.filter(|_| !has_exif));
    drop.extend(raw_xmp.filter(|_| !has_xmp));
    drop.sort_by_key(|range| range.start);
    let bare = without(bytes, &drop);
    let mut new = Vec::new();
    if let Some(block) = exif {
        push(&mut new, *b"eXIf", &[block], "EXIF")?;
    }
    if let Some(packet) = xmp {
        // Not compressed, no language, no translated keyword (XMP Part 3, 1.1.5).
        push(
            &mut new,
            *b"iTXt",
            &[png_text::XMP_KEYWORD, b"\0\0\0\0\0", packet.as_bytes()],
            "XMP",
        )?;
    }
    let at = pixels_at(&bare);
    Ok(super::insert(&bare, at, &new))
}

/// Puts the store in as one `caBX` chunk right before the picture data, where readers have seen EXIF and XMP already.
pub(super) fn embed(bytes: &[u8], jumbf: &[u8]) -> Result<(Vec<u8>, Vec<Range<usize>>), AssetError> {
    let new = frame(jumbf)?;
    let at = pixels_at(bytes);
    let range = at..at.saturating_add(new.len());
    Ok((super::insert(bytes, at, &new), vec![range]))
}

/// The `caBX` chunk of a store.
pub(super) fn frame(jumbf: &[u8]) -> Result<Vec<u8>, AssetError> {
    let mut new = Vec::with_capacity(jumbf.len().saturating_add(12));
    push(&mut new, *b"caBX", &[jumbf], "manifest store")?;
    Ok(new)
}

/// Where the first IDAT chunk begins.
pub(super) fn pixels_at(bytes: &[u8]) -> usize {
    let mut at = SIGNATURE.len();
    while let Some(chunk) = next(bytes, at) {
        if matches!(&chunk.kind, b"IDAT" | b"IEND") {
            break;
        }
        at = chunk.range.end;
    }
    at
}

fn push(out: &mut Vec<u8>, kind: [u8; 4], parts: &[&[u8]], what: &'static str) -> Result<(), AssetError> {
    let found: usize = parts.iter().map(|part| part.len()).sum();
    // Lengths keep to 31 bits (5.3).
    let len = u32::try_from(found)
        .ok()
        .filter(|len| *len <= LEN_MAX)
        .ok_or(AssetError::PartTooLarge {
            format: Format::Png,
            what,
            found,
            limit: index(LEN_MAX),
        })?;
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(&kind);
    let mut crc = flate2::Crc::new();
    crc.update(&kind);
    for part in parts {
        out.extend_from_slice(part);
        crc.update(part);
    }
    out.extend_from_slice(&crc.sum().to_be_bytes());
    Ok(())
}

fn crc(kind: &[u8], data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    crc.sum()
}

/// The first eight bytes of every PNG.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";
const LEN_MAX: u32 = 0x7FFF_FFFF;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::samples_for_tests::{drawn, exif_block, parse, xmp_packet};
    use super::*;
    use crate::asset::layout::StorePlace;
    use crate::asset::{Asset, jumbf};

    fn png() -> Vec<u8> {
        drawn(image::ImageFormat::Png)
    }

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, kind, &[data], "test").unwrap();
        out
    }

    fn with_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let bytes = png();
        crate::asset::insert(&bytes, pixels_at(&bytes), &chunk(kind, data))
    }

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn text_chunks_of_all_kinds_are_read() {
        let zipped = [b"prompt\0\0", &deflated("caf\u{e9}".as_bytes())[..]].concat();
        let international = ["Title\0\0\0de\0Titel\0".as_bytes(), "\u{304b}".as_bytes()].concat();
        for (kind, data, keyword, text) in [
            (*b"tEXt", &b"parameters\0caf\xE9"[..], "parameters", "caf\u{e9}"),
            (*b"zTXt", &zipped[..], "prompt", "caf\u{c3}\u{a9}"),
            (*b"iTXt", &international[..], "Title", "\u{304b}"),
        ] {
            let found = parse(&with_chunk(kind, data)).layout().texts[0].clone();
            assert_eq!((found.keyword.raw(), found.text.raw()), (keyword, text));
        }
    }

    #[test]
    fn a_compressed_packet_is_read_and_a_bomb_is_not() {
        let packet = xmp_packet("Alice");
        let data = [
            &b"XML:com.adobe.xmp\0\x01\0\0\0"[..],
            &deflated(packet.as_bytes()),
        ]
        .concat();
        assert_eq!(
            parse(&with_chunk(*b"iTXt", &data)).layout().xmp.as_deref(),
            Some(packet.as_bytes())
        );
        let bomb = [b"bomb\0\0", &deflated(&vec![0; (16 << 20) + 1])[..]].concat();
        let asset = parse(&with_chunk(*b"zTXt", &bomb));
        assert!(asset.layout().texts.is_empty());
        assert!(matches!(
            asset.layout().oddities[0],
            Oddity::Unreadable {
                what: "text chunk",
                ..
            }
        ));
    }

    #[test]
    fn duplicate_packets_are_reported_and_replaced_by_one() {
        let data = [&b"XML:com.adobe.xmp\0\0\0\0\0"[..], b"<x/>"].concat();
        let twice = crate::asset::insert(&with_chunk(*b"iTXt", &data), 33, &chunk(*b"iTXt", &data));
        let asset = parse(&twice);
        assert!(matches!(
            asset.layout().oddities[..],
            [Oddity::Several { what: "XMP", .. }]
        ));
        let patched = asset.with_metadata(None, Some(&xmp_packet("Alice"))).unwrap();
        assert_eq!(patched.layout().oddities, []);
    }

    #[test]
    fn the_store_stands_behind_exif_and_xmp_and_before_the_pixels() {
        let asset = parse(&png())
            .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
            .unwrap();
        let signed = asset.embed_store(&jumbf::sample(9)).unwrap().asset;
        let mut kinds = Vec::new();
        let mut at = SIGNATURE.len();
        while let Some(chunk) = next(signed.bytes(), at) {
            at = chunk.range.end;
            kinds.push(chunk.kind);
        }
        assert_eq!(
            kinds,
            [*b"IHDR", *b"eXIf", *b"iTXt", *b"caBX", *b"IDAT", *b"IEND"]
        );
    }

    #[test]
    fn a_store_with_a_wrong_checksum_is_damaged() {
        let signed = parse(&png()).embed_store(&jumbf::sample(9)).unwrap();
        let mut bytes = signed.asset.into_bytes();
        bytes[signed.ranges[0].end - 1] ^= 1;
        assert!(matches!(
            parse(&bytes).layout().store,
            StorePlace::Damaged {
                why: Damage::Checksum,
                ..
            }
        ));
    }

    #[test]
    fn chunks_behind_the_end_are_reported() {
        let mut bytes = png();
        let offset = bytes.len();
        bytes.extend_from_slice(&chunk(*b"tEXt", b"late\0words"));
        let asset = parse(&bytes);
        assert!(asset.layout().oddities.contains(&Oddity::AfterEnd { offset }));
        assert!(asset.layout().texts.is_empty());
    }

    #[test]
    fn a_huge_picture_parses_by_its_header() {
        let mut bytes = SIGNATURE.to_vec();
        let side = 60_000_u32.to_be_bytes();
        bytes.extend(chunk(*b"IHDR", &[&side[..], &side, &[8, 2, 0, 0, 0]].concat()));
        bytes.extend(chunk(*b"IDAT", b""));
        bytes.extend(chunk(*b"IEND", b""));
        assert_eq!(parse(&bytes).layout().size, Some((60_000, 60_000)));
    }

    #[test]
    fn a_gigabyte_claimed_is_truncation_not_allocation() {
        let bytes = png();
        let at = pixels_at(&bytes);
        let mut claimed = bytes.clone();
        claimed[at..at + 4].copy_from_slice(&(1_u32 << 30).to_be_bytes());
        assert_eq!(
            parse(&claimed).layout().oddities,
            [Oddity::Truncated { offset: at }]
        );
        let mut header = bytes;
        header[8..12].copy_from_slice(&(1_u32 << 30).to_be_bytes());
        assert!(matches!(
            Asset::parse(header),
            Err(AssetError::Malformed { offset: 8, .. })
        ));
    }

    #[test]
    fn too_many_chunks_are_refused() {
        let many = chunk(*b"tEXt", b"a\0b").repeat(crate::base::limits::PARTS_MAX);
        let refused = Asset::parse(crate::asset::insert(&png(), 33, &many)).unwrap_err();
        assert!(matches!(refused, AssetError::TooManyParts { .. }));
    }
}
