//! JPEG XL: the walk over the boxes of its container, or a bare codestream (ISO/IEC 18181-2, 9; 18181-1, C.2).
//!
//! ```text
//! 0000000C "JXL " 0D0A870A | "ftyp" "jxl " | "jumb" .. | "Exif" offset:u32 TIFF | "xml " packet | "jxlc" codestream
//! ```
//! `jumb`: C2PA 2.4 appendix A.3.5. A `brob` box is another box, packed: `"brob" kind:4 Brotli`. EXIF and XMP are
//! unpacked within the bounds of compressed text; a manifest store never is: C2PA knows it as a plain box, as does its SDK.

use super::bytes::{be32, index, without};
use super::isobox::{self, IsoBox};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::packed::{UnpackFault, unpack_brotli};
use super::png_text::inflate_limit;
use super::{AssetError, Format, jumbf};
use crate::base::limits::{INFLATE_BYTES_FREE, INFLATE_BYTES_MAX};

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
        b"Exif" => see_exif(walk, payload, offset),
        b"xml " => walk.xmp(payload, offset),
        b"brob" => see_packed(walk, payload, offset),
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

fn see_exif(walk: &mut Walk<'_>, payload: &[u8], offset: usize) {
    match exif(payload) {
        Some(block) => walk.exif(block, offset),
        None => walk.odd(Oddity::Unreadable { what: "EXIF", offset }),
    }
}

/// Takes a box out of its `brob`; the first of a kind, as of plain boxes.
fn see_packed(walk: &mut Walk<'_>, payload: &[u8], offset: usize) {
    let (kind, stream) = payload.split_at_checked(4).unwrap_or((payload, &[]));
    let (what, broken, large, is_there) = match kind {
        b"Exif" => (
            "EXIF",
            "Brotli-compressed EXIF (its stream is broken)",
            "Brotli-compressed EXIF (it unpacks to more than the limit)",
            walk.layout.exif.is_some(),
        ),
        b"xml " => (
            "XMP",
            "Brotli-compressed XMP (its stream is broken)",
            "Brotli-compressed XMP (it unpacks to more than the limit)",
            walk.layout.xmp.is_some(),
        ),
        b"jumb" => {
            let what = "Brotli-compressed JUMBF (no place for Content Credentials)";
            return walk.odd(Oddity::Unreadable { what, offset });
        }
        _ => {
            let what = "a Brotli-compressed part that is neither EXIF nor XMP";
            return walk.odd(Oddity::Unreadable { what, offset });
        }
    };
    if is_there {
        return walk.odd(Oddity::Several { what, offset });
    }
    match unpack(stream, &mut walk.inflate_left) {
        Ok(plain) if kind == b"Exif" => see_exif(walk, &plain, offset),
        Ok(plain) => walk.xmp(&plain, offset),
        Err(UnpackFault::Broken) => walk.odd(Oddity::Unreadable { what: broken, offset }),
        Err(UnpackFault::TooLarge) => walk.odd(Oddity::Unreadable { what: large, offset }),
    }
}

/// Unpacks within what is left of the file's budget and what the ratio allows. A try is never free: a stream that yields nothing
/// costs its window.
fn unpack(stream: &[u8], left: &mut usize) -> Result<Vec<u8>, UnpackFault> {
    let limit = inflate_limit(stream.len()).min(*left);
    if limit == 0 {
        return Err(UnpackFault::TooLarge);
    }
    let out = unpack_brotli(stream, limit);
    let used = match &out {
        Ok(plain) => plain.len().max(INFLATE_BYTES_FREE),
        Err(_) => limit,
    };
    *left = left.saturating_sub(used);
    out
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
    let mut left = INFLATE_BYTES_MAX;
    for found in isobox::all(bytes, 0..bytes.len()).0 {
        let is_packed = &found.kind == b"brob";
        let (kind, stream) = match found.payload(bytes).split_at_checked(4) {
            Some((kind, stream)) if is_packed => (kind, stream),
            _ => (found.kind.as_slice(), &[][..]),
        };
        if (exif.is_some() && kind == b"Exif") || (xmp.is_some() && kind == b"xml ") {
            if is_packed && unpack(stream, &mut left).is_err() {
                let what = "its Brotli-compressed metadata cannot be read, and so is not replaced";
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
    use super::super::bytes::find;
    use super::super::packed::pack_brotli;
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

    /// A container with these packed boxes: kind and stream.
    fn with_brob(boxes: &[(&[u8; 4], &[u8])]) -> crate::asset::Asset {
        let mut all = Vec::new();
        for (kind, stream) in boxes {
            isobox::push(&mut all, *b"brob", &[*kind, stream]).unwrap();
        }
        parse(&with_store(&sample("container.jxl"), &all))
    }

    #[test]
    fn packed_exif_and_xmp_are_read_and_replaced_as_plain_ones_are() {
        let (block, packet) = (exif_block("Alice"), xmp_packet("Alice"));
        let exif = pack_brotli(&[&[0; 4], block.as_slice()].concat());
        let asset = with_brob(&[(b"xml ", &pack_brotli(packet.as_bytes())), (b"Exif", &exif)]);
        let layout = asset.layout();
        assert_eq!(layout.exif.as_deref(), Some(block.as_slice()));
        assert_eq!(layout.xmp.as_deref(), Some(packet.as_bytes()));
        assert_eq!(layout.oddities, []);
        let new = asset
            .with_metadata(Some(&exif_block("Bob")), Some(&xmp_packet("Bob")))
            .unwrap();
        assert!(find(new.bytes(), b"brob").is_none() && new.layout().oddities.is_empty());
        assert_eq!(new.layout().exif.as_deref(), Some(exif_block("Bob").as_slice()));
    }

    #[test]
    fn packed_metadata_that_is_broken_or_a_bomb_is_said_and_not_replaced() {
        // Sixteen mebibytes of nothing in some bytes, and a little more than what is free whatever the ratio.
        for (stream, why) in [
            (pack_brotli(&vec![b' '; 16 << 20]), "more than the limit"),
            (
                pack_brotli(&vec![b' '; INFLATE_BYTES_FREE + 1]),
                "more than the limit",
            ),
            (b"no brotli".to_vec(), "stream is broken"),
            (Vec::new(), "stream is broken"),
        ] {
            let asset = with_brob(&[(b"xml ", &stream)]);
            let [Oddity::Unreadable { what, .. }] = asset.layout().oddities[..] else {
                panic!("{:?}", asset.layout().oddities)
            };
            assert!(what.contains("XMP") && what.contains(why), "{what}");
            assert_eq!(asset.layout().xmp, None);
            assert!(matches!(
                asset.with_metadata(None, Some("<x/>")),
                Err(AssetError::Unsupported { .. })
            ));
            assert!(asset.with_metadata(Some(&exif_block("A")), None).is_ok());
        }
    }

    #[test]
    fn all_packed_parts_of_a_file_share_one_budget() {
        let bomb = pack_brotli(&vec![b' '; INFLATE_BYTES_FREE + 1]);
        let packet = pack_brotli(xmp_packet("Alice").as_bytes());
        let tries = INFLATE_BYTES_MAX / INFLATE_BYTES_FREE;
        let mut boxes = vec![(b"Exif", bomb.as_slice()); tries - 1];
        boxes.push((b"xml ", &packet));
        assert!(with_brob(&boxes).layout().xmp.is_some());
        boxes.insert(0, (b"Exif", &bomb));
        assert!(with_brob(&boxes).layout().xmp.is_none());
    }

    #[test]
    fn the_first_of_a_kind_counts_packed_or_plain() {
        let packed = |name| pack_brotli(xmp_packet(name).as_bytes());
        let asset = with_brob(&[(b"xml ", &packed("Alice")), (b"xml ", &packed("Bob"))]);
        assert_eq!(
            asset.layout().xmp.as_deref(),
            Some(xmp_packet("Alice").as_bytes())
        );
        assert!(matches!(
            asset.layout().oddities[..],
            [Oddity::Several { what: "XMP", .. }]
        ));
    }

    #[test]
    fn a_packed_manifest_store_is_none() {
        let store = super::jumbf::sample(50);
        let asset = with_brob(&[(b"jumb", &pack_brotli(&store[8..])), (b"what", b"x")]);
        assert_eq!(asset.layout().store, crate::asset::StorePlace::Absent);
        let [Oddity::Unreadable { what, .. }, Oddity::Unreadable { .. }] = asset.layout().oddities[..] else {
            panic!("{:?}", asset.layout().oddities)
        };
        assert!(what.contains("JUMBF"), "{what}");
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
