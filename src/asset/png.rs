//! PNG: the walk over its chunks, text chunks, and putting parts in (PNG, third edition, 5 and 11).
//!
//! ```text
//! 89 "PNG" 0D0A1A0A | len:u32 "IHDR" .. crc:u32 | "eXIf" TIFF | "iTXt" XML:com.adobe.xmp | "caBX" JUMBF | "IDAT" .. | "IEND"
//! ```
//! `caBX`: C2PA 2.4 appendix A.3.2.

use std::ops::Range;

use super::bytes::{be32, index, take, without};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::{AssetError, Format, jumbf, png_text};

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
    Ok(walk.finish(at))
}

fn see(walk: &mut Walk<'_>, chunk: &Chunk<'_>) {
    let offset = chunk.range.start;
    match &chunk.kind {
        b"eXIf" => walk.exif(chunk.data, offset),
        b"tEXt" | b"zTXt" | b"iTXt" => png_text::see(walk, &chunk.kind, chunk.data, offset),
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
    let mut drop = Vec::new();
    let mut at = SIGNATURE.len();
    while let Some(chunk) = next(bytes, at) {
        at = chunk.range.end;
        let old_exif = exif.is_some() && &chunk.kind == b"eXIf";
        let old_xmp = xmp.is_some() && png_text::is_xmp(&chunk.kind, chunk.data);
        if old_exif || old_xmp {
            drop.push(chunk.range);
        } else if &chunk.kind == b"IEND" {
            break;
        }
    }
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
    let mut new = Vec::with_capacity(jumbf.len().saturating_add(12));
    push(&mut new, *b"caBX", &[jumbf], "manifest store")?;
    let at = pixels_at(bytes);
    let range = at..at.saturating_add(new.len());
    Ok((super::insert(bytes, at, &new), vec![range]))
}

/// Where the first IDAT chunk begins.
fn pixels_at(bytes: &[u8]) -> usize {
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
