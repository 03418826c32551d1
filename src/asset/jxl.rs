//! JPEG XL: the walk over the boxes of its container, or a bare codestream (ISO/IEC 18181-2, 9; 18181-1, C.2).
//!
//! ```text
//! 0000000C "JXL " 0D0A870A | "ftyp" "jxl " | "jumb" .. | "Exif" offset:u32 TIFF | "xml " packet | "jxlc" codestream
//! ```
//! `jumb`: C2PA 2.4 appendix A.3.5. `brob` boxes hold Brotli-compressed metadata, which byline does not read.

use super::bytes::{be32, index, without};
use super::isobox::{self, IsoBox};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::{AssetError, Format, jumbf};

/// Walks a JPEG XL once.
pub(super) fn walk(bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::Jxl, bytes);
    if bytes.starts_with(BARE) {
        walk.layout.size = size(bytes);
        return Ok(walk.finish(bytes.len()));
    }
    let (boxes, end) = isobox::all(bytes, 0..bytes.len());
    let mut seen_pixels = false;
    for found in &boxes {
        walk.part()?;
        see(&mut walk, found, &mut seen_pixels);
    }
    let rest = bytes.get(end..).unwrap_or_default();
    let kind = rest.get(4..8).unwrap_or_default();
    let known = [&b"jxlc"[..], b"jxlp", b"jumb", b"Exif", b"xml ", b"brob"].contains(&kind);
    if known || jumbf::resembles(rest) {
        if kind == b"jumb" || jumbf::resembles(rest) {
            walk.store(end..bytes.len(), Err(Damage::Length));
        }
        if !seen_pixels && !matches!(kind, b"jxlc" | b"jxlp") {
            return Err(walk.malformed("a box is cut", end));
        }
        walk.odd(Oddity::Truncated { offset: end });
        return Ok(walk.finish(bytes.len()));
    }
    if !seen_pixels {
        return Err(walk.malformed("there is no codestream box", end));
    }
    Ok(walk.finish(end))
}

fn see(walk: &mut Walk<'_>, found: &IsoBox, seen_pixels: &mut bool) {
    let offset = found.start;
    let payload = found.payload(walk.bytes);
    match &found.kind {
        b"jxlc" | b"jxlp" => {
            let codestream = if &found.kind == b"jxlp" {
                payload.get(4..).unwrap_or_default()
            } else {
                payload
            };
            if !*seen_pixels {
                walk.layout.size = size(codestream);
            }
            *seen_pixels = true;
        }
        b"Exif" => match exif(payload) {
            Some(block) => walk.exif(block, offset),
            None => walk.odd(Oddity::Unreadable { what: "EXIF", offset }),
        },
        b"xml " => walk.xmp(payload, offset),
        b"brob" => walk.odd(Oddity::Unreadable {
            what: "Brotli-compressed metadata",
            offset,
        }),
        // Other JUMBF boxes may stand beside the store.
        kind => {
            let whole = walk.bytes.get(found.range()).unwrap_or_default();
            if jumbf::resembles(whole) {
                let jumbf = if kind == b"jumb" && !found.open {
                    Ok(whole.to_vec())
                } else {
                    Err(Damage::NotJumbf)
                };
                walk.store(found.range(), jumbf);
            }
        }
    }
}

/// The TIFF block behind its offset field; HEIF has the same form.
pub(super) fn exif(payload: &[u8]) -> Option<&[u8]> {
    payload.get(4_usize.checked_add(index(be32(payload, 0)?))?..)
}

/// Replaces the EXIF and XMP boxes; `None` leaves them as they are. A bare codestream gets a container.
pub(super) fn with_metadata(
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    let too_large = |found| AssetError::PartTooLarge {
        format: Format::Jxl,
        what: "a box",
        found,
        limit: index(u32::MAX),
    };
    let wrapped = if bytes.starts_with(BARE) {
        let mut out = [SIGNATURE, FTYP].concat();
        isobox::push(&mut out, *b"jxlc", &[bytes]).ok_or_else(|| too_large(bytes.len()))?;
        Some(out)
    } else {
        None
    };
    let bytes = wrapped.as_deref().unwrap_or(bytes);
    let mut drop = Vec::new();
    for found in isobox::all(bytes, 0..bytes.len()).0 {
        let packed = if &found.kind == b"brob" {
            found.payload(bytes).get(..4).unwrap_or_default()
        } else {
            &found.kind
        };
        if (exif.is_some() && packed == b"Exif") || (xmp.is_some() && packed == b"xml ") {
            if &found.kind == b"brob" {
                let what =
                    "its metadata is Brotli-compressed, which byline cannot read and so will not replace";
                return Err(AssetError::Unsupported {
                    format: Format::Jxl,
                    what,
                });
            }
            drop.push(found.range());
        }
    }
    let bare = without(bytes, &drop);
    let mut new = Vec::new();
    if let Some(block) = exif {
        isobox::push(&mut new, *b"Exif", &[&[0; 4], block]).ok_or_else(|| too_large(block.len()))?;
    }
    if let Some(packet) = xmp {
        isobox::push(&mut new, *b"xml ", &[packet.as_bytes()]).ok_or_else(|| too_large(packet.len()))?;
    }
    let boxes = isobox::all(&bare, 0..bare.len()).0;
    let codestream = boxes
        .iter()
        .find(|found| matches!(&found.kind, b"jxlc" | b"jxlp"));
    Ok(super::insert(
        &bare,
        codestream.map_or(bare.len(), |found| found.start),
        &new,
    ))
}

/// Width and height from the codestream's SizeHeader (ISO/IEC 18181-1, D.2).
fn size(codestream: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits {
        bytes: codestream.strip_prefix(BARE)?,
        at: 0,
    };
    let small = bits.take(1)? == 1;
    let side = |bits: &mut Bits<'_>| {
        if small {
            return Some((bits.take(5)? + 1) * 8);
        }
        let width = [9, 13, 18, 30]
            .get(usize::try_from(bits.take(2)?).ok()?)
            .copied()?;
        bits.take(width)?.checked_add(1)
    };
    let height = side(&mut bits)?;
    let ratio = bits.take(3)?;
    let (over, under) = match ratio {
        0 => return Some((side(&mut bits)?, height)),
        1 => (1, 1),
        2 => (12, 10),
        3 => (4, 3),
        4 => (3, 2),
        5 => (16, 9),
        6 => (5, 4),
        _ => (2, 1),
    };
    let width = u64::from(height) * over / under;
    Some((u32::try_from(width).ok()?, height))
}

/// Bits, the least significant of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut out = 0;
        for place in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            out |= u32::from(byte >> (self.at % 8) & 1) << place;
            self.at = self.at.checked_add(1)?;
        }
        Some(out)
    }
}

/// The first bytes of a container.
pub(super) const SIGNATURE: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n";
/// The first bytes of a bare codestream.
pub(super) const BARE: &[u8] = b"\xFF\x0A";
const FTYP: &[u8] = b"\0\0\0\x14ftypjxl \0\0\0\0jxl ";

#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    super::insert(bytes, SIGNATURE.len() + FTYP.len(), jumbf)
}

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{every_format, exif_block, parse, xmp_packet};
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        every_format()
            .into_iter()
            .find(|sample| sample.0 == name)
            .unwrap()
            .1
    }

    #[test]
    fn a_bare_codestream_gets_a_container_around_it() {
        let bare = sample("bare.jxl");
        let asset = parse(&bare)
            .with_metadata(Some(&exif_block("A")), Some(&xmp_packet("A")))
            .unwrap();
        let kinds: Vec<_> = isobox::all(asset.bytes(), 0..asset.bytes().len())
            .0
            .iter()
            .map(|found| found.kind)
            .collect();
        assert_eq!(kinds, [*b"JXL ", *b"ftyp", *b"Exif", *b"xml ", *b"jxlc"]);
        assert!(asset.bytes().ends_with(&bare));
    }

    #[test]
    fn compressed_metadata_is_said_and_not_replaced() {
        let mut brob = Vec::new();
        isobox::push(&mut brob, *b"brob", &[b"xml ", b"\x0B\x02\x80abcde\x03"]).unwrap();
        let asset = parse(&with_store(&sample("container.jxl"), &brob));
        assert!(matches!(asset.layout().oddities[..], [Oddity::Unreadable { .. }]));
        assert!(matches!(
            asset.with_metadata(None, Some("<x/>")),
            Err(AssetError::Unsupported { .. })
        ));
        assert!(asset.with_metadata(Some(&exif_block("A")), None).is_ok());
    }

    #[test]
    fn sizes_of_every_form_are_read() {
        // Small: 48/8-1 = 5, ratio 4:3. Large: 9-bit height 99, no ratio, 13-bit width 299.
        assert_eq!(size(&[0xFF, 0x0A, 1 | 5 << 1 | 3 << 6, 0]), Some((64, 48)));
        let bits: u64 = 99 << 3 | 1 << 15 | 299 << 17;
        assert_eq!(size(&[BARE, &bits.to_le_bytes()].concat()), Some((300, 100)));
        assert_eq!(size(BARE), None);
    }
}
