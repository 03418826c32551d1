//! GIF: the walk over its blocks and putting XMP in (GIF89a specification, 17 to 27).
//!
//! ```text
//! "GIF89a" width:u16le height:u16le flags 0 0 [colours] | 21 FF 0B "XMP DataXMP" packet 01 FF FE .. 00 00
//!   | 21 FF 0B "C2PA_GIF" 01 00 00 sub-blocks 00 | 21 F9 .. | 2C .. sub-blocks 00 | 3B
//! ```
//! XMP: XMP Specification Part 3, 1.1.2. `C2PA_GIF`: C2PA 2.4 appendix A.3.4.

use std::ops::Range;

use super::bytes::{array, le16, take, without};
use super::layout::{Damage, Layout, Oddity, TextChunk, Walk};
use super::{AssetError, Format, jumbf};
use crate::base::limits::FIELD_BYTES_MAX;
use crate::base::{Digest, Hasher, Untrusted};

/// Walks a GIF once.
pub(super) fn walk(bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::Gif, bytes);
    let start = blocks_start(bytes).ok_or_else(|| walk.malformed("the header is cut", 0))?;
    walk.layout.size = le16(bytes, 6)
        .zip(le16(bytes, 8))
        .map(|(w, h)| (u32::from(w), u32::from(h)));
    let mut at = start;
    let mut seen_pixels = false;
    loop {
        let block = match next(bytes, at) {
            Some(block) => block,
            None if seen_pixels || bytes.get(at) == Some(&IMAGE) => {
                walk.odd(Oddity::Truncated { offset: at });
                return Ok(walk.finish(bytes.len()));
            }
            None => return Err(walk.malformed("a block is cut or unknown", at)),
        };
        walk.part()?;
        at = block.range.end;
        match block.kind {
            Kind::Trailer => break,
            Kind::Image => seen_pixels = true,
            Kind::Comment | Kind::Other if jumbf::mentions(block.data.get(..80).unwrap_or(block.data)) => {
                walk.store(block.range.clone(), Err(Damage::NotJumbf));
            }
            Kind::Application(identifier) => application(&mut walk, identifier, &block),
            Kind::Comment => walk.layout.texts.push(TextChunk {
                keyword: Untrusted::from("Comment"),
                text: Untrusted::from_utf8_lossy(&joined(block.data, FIELD_BYTES_MAX).0),
                place: "comment extension",
                offset: block.range.start,
            }),
            Kind::Other => {}
        }
    }
    if !seen_pixels {
        return Err(walk.malformed("there is no picture", at));
    }
    Ok(walk.finish(at))
}

/// How many pictures there are, as far as the blocks can be read.
pub(super) fn frames(bytes: &[u8]) -> usize {
    let mut at = blocks_start(bytes).unwrap_or(bytes.len());
    let mut frames: usize = 0;
    while let Some(block) = next(bytes, at) {
        at = block.range.end;
        match block.kind {
            Kind::Trailer => break,
            Kind::Image => frames = frames.saturating_add(1),
            _ => {}
        }
    }
    frames
}

fn application(walk: &mut Walk<'_>, identifier: [u8; 11], block: &Block<'_>) {
    let offset = block.range.start;
    if &identifier == XMP_ID {
        return match packet(block.data) {
            Some(packet) => walk.xmp(packet, offset),
            None => walk.odd(Oddity::Unreadable { what: "XMP", offset }),
        };
    }
    let ours = &identifier == C2PA_ID;
    let head = joined(block.data, 64).0;
    if ours || identifier.starts_with(b"C2PA_GIF") || jumbf::resembles(&head) {
        let (bytes, canonical) = joined(
            block.data,
            crate::base::limits::MANIFEST_BYTES_MAX.saturating_add(1),
        );
        let jumbf = match (ours, canonical) {
            (false, _) => Err(Damage::NotJumbf),
            (true, false) => Err(Damage::Padding),
            (true, true) => Ok(bytes),
        };
        walk.store(block.range.clone(), jumbf);
    }
}

/// The XMP packet in front of the magic trailer that lets readers skip it as sub-blocks.
fn packet(data: &[u8]) -> Option<&[u8]> {
    let packet = data.get(..data.len().checked_sub(MAGIC)?)?;
    (data.get(packet.len()..)? == magic()).then_some(packet)
}

/// `01 FF FE .. 01 00 00`: wherever a reader that knows no XMP comes out, it is led to the terminator.
fn magic() -> Vec<u8> {
    let mut out = vec![1];
    out.extend((0..=u8::MAX).rev());
    out.push(0);
    out
}

/// The data of sub-blocks, at most `limit` bytes, and whether all but the last sub-block are full.
fn joined(data: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut at: usize = 0;
    let mut canonical = true;
    while let Some(len) = data.get(at).copied().map(usize::from).filter(|len| *len > 0) {
        let Some(piece) = take(data, at.saturating_add(1), len) else {
            break;
        };
        at = at.saturating_add(1).saturating_add(len);
        let last = data.get(at).is_none_or(|next| *next == 0);
        canonical &= len == 255 || last;
        if out.len().saturating_add(len) > limit {
            out.extend_from_slice(piece.get(..limit.saturating_sub(out.len())).unwrap_or_default());
            break;
        }
        out.extend_from_slice(piece);
    }
    (out, canonical)
}

enum Kind {
    Application([u8; 11]),
    Comment,
    Image,
    Other,
    Trailer,
}

struct Block<'a> {
    kind: Kind,
    /// Sub-blocks with their terminator.
    data: &'a [u8],
    range: Range<usize>,
}

fn next(bytes: &[u8], at: usize) -> Option<Block<'_>> {
    let whole = |kind, start: usize| {
        let end = sub_blocks_end(bytes, start)?;
        Some(Block {
            kind,
            data: bytes.get(start..end)?,
            range: at..end,
        })
    };
    match *bytes.get(at)? {
        TRAILER => Some(Block {
            kind: Kind::Trailer,
            data: &[],
            range: at..at.checked_add(1)?,
        }),
        IMAGE => {
            let flags = *bytes.get(at.checked_add(9)?)?;
            // Descriptor, local colours, minimum code size.
            let start = at
                .checked_add(10)?
                .checked_add(colours_len(flags))?
                .checked_add(1)?;
            whole(Kind::Image, start)
        }
        EXTENSION => match *bytes.get(at.checked_add(1)?)? {
            0xFF if bytes.get(at.checked_add(2)?) == Some(&11) => whole(
                Kind::Application(array(bytes, at.checked_add(3)?)?),
                at.checked_add(14)?,
            ),
            0xFE => whole(Kind::Comment, at.checked_add(2)?),
            _ => whole(Kind::Other, at.checked_add(2)?),
        },
        _ => None,
    }
}

fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let len = usize::from(*bytes.get(at)?);
        at = at.checked_add(1)?.checked_add(len)?;
        if len == 0 {
            return Some(at);
        }
    }
}

fn blocks_start(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(10)?;
    let start = 13_usize.checked_add(colours_len(flags))?;
    (start <= bytes.len()).then_some(start)
}

fn colours_len(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3_usize << ((flags & 7) + 1)
    }
}

/// Replaces the XMP packet. It stands behind the application extensions that open the file, for some readers want the
/// loop count first.
pub(super) fn with_metadata(bytes: &[u8], xmp: Option<&str>) -> Result<Vec<u8>, AssetError> {
    let Some(packet) = xmp else {
        return Ok(bytes.to_vec());
    };
    let start = blocks_start(bytes).unwrap_or(bytes.len());
    let mut drop = Vec::new();
    let mut at = start;
    while let Some(block) = next(bytes, at) {
        at = block.range.end;
        match block.kind {
            Kind::Trailer => break,
            Kind::Application(identifier) if &identifier == XMP_ID => drop.push(block.range),
            _ => {}
        }
    }
    let mut out = without(bytes, &drop);
    let mut at = start;
    while let Some(Block {
        kind: Kind::Application(_),
        range,
        ..
    }) = next(&out, at)
    {
        at = range.end;
    }
    // The packet must not end the skipping of sub-blocks early.
    if packet.as_bytes().contains(&0) {
        return Err(AssetError::Unsupported {
            format: Format::Gif,
            what: "an XMP packet cannot hold a NUL byte",
        });
    }
    let new = [&[EXTENSION, 0xFF, 11][..], XMP_ID, packet.as_bytes(), &magic()].concat();
    out = super::insert(&out, at, &new);
    set_version(&mut out);
    Ok(out)
}

/// The application extension of a store: full sub-blocks, then the rest, then the terminator.
pub(super) fn frame(jumbf: &[u8]) -> Vec<u8> {
    let mut new = [&[EXTENSION, 0xFF, 11][..], C2PA_ID].concat();
    for piece in jumbf.chunks(255) {
        new.push(u8::try_from(piece.len()).unwrap_or(u8::MAX));
        new.extend_from_slice(piece);
    }
    new.push(0);
    new
}

/// SHA-256 of the file without the store, with the version as it is where extensions are used.
pub(super) fn digest(bytes: &[u8], store: &[Range<usize>]) -> Digest {
    let mut hasher = Hasher::new();
    let mut version = true;
    for piece in super::bytes::kept(bytes, store) {
        // The header is in front of any block, so in the first piece.
        let rest = if version {
            piece.get(6..).unwrap_or_default()
        } else {
            piece
        };
        if version {
            hasher.update(b"GIF89a");
        }
        version = false;
        hasher.update(rest);
    }
    hasher.finish()
}

fn set_version(bytes: &mut [u8]) {
    if let Some(version) = bytes.get_mut(3..6) {
        version.copy_from_slice(b"89a");
    }
}

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;
const XMP_ID: &[u8; 11] = b"XMP DataXMP";
const C2PA_ID: &[u8; 11] = b"C2PA_GIF\x01\x00\x00";
const MAGIC: usize = 258;

#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    let mut out = super::insert(bytes, blocks_start(bytes).unwrap(), &frame(jumbf));
    set_version(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{every_format, parse, xmp_packet};
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        every_format()
            .into_iter()
            .find(|sample| sample.0 == name)
            .unwrap()
            .1
    }

    #[test]
    fn the_packet_stands_behind_the_loop_count() {
        let bytes = sample("animated.gif");
        let asset = parse(&bytes).with_metadata(None, Some(&xmp_packet("A"))).unwrap();
        let looping = super::super::bytes::find(asset.bytes(), b"NETSCAPE2.0").unwrap();
        assert!(looping < super::super::bytes::find(asset.bytes(), XMP_ID).unwrap());
        assert_eq!(asset.layout().texts[0].text.raw(), "two frames");
    }

    #[test]
    fn the_version_is_raised_without_a_change_of_the_content_digest() {
        let mut old = sample("gradient.gif");
        old[..6].copy_from_slice(b"GIF87a");
        let asset = parse(&old);
        let signed = parse(&with_store(&old, &super::super::jumbf::sample(9)));
        assert_eq!(signed.bytes()[..6], *b"GIF89a");
        assert_eq!(signed.content_digest(), asset.content_digest());
    }

    #[test]
    fn a_packet_without_its_trailer_is_unreadable() {
        let mut bytes = parse(&sample("gradient.gif"))
            .with_metadata(None, Some("<x/>"))
            .unwrap()
            .into_bytes();
        let at = super::super::bytes::find(&bytes, b"\x01\xFF\xFE").unwrap();
        bytes[at + 3] ^= 1;
        let asset = parse(&bytes);
        assert_eq!(asset.layout().xmp, None);
        assert!(matches!(
            asset.layout().oddities[..],
            [Oddity::Unreadable { what: "XMP", .. }]
        ));
    }

    #[test]
    fn exif_has_no_place() {
        let refused = parse(&sample("gradient.gif"))
            .with_metadata(Some(b"II*\0"), None)
            .unwrap_err();
        assert!(matches!(refused, AssetError::Unsupported { .. }));
    }
}
