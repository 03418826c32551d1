//! PNG text chunks: Latin-1 `tEXt`, deflated `zTXt`, UTF-8 `iTXt` with the XMP packet (PNG, third edition, 11.3.3).

use std::io::Read as _;

use super::layout::{Oddity, TextChunk, Walk};
use crate::base::Untrusted;
use crate::base::limits::{INFLATE_BYTES_FREE, INFLATE_BYTES_MAX, INFLATE_RATIO_MAX};

/// The keyword of the XMP packet (XMP Part 3, 1.1.5).
pub(super) const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";

/// Whether a text chunk of any kind holds XMP.
pub(super) fn is_xmp(kind: [u8; 4], data: &[u8]) -> bool {
    matches!(&kind, b"iTXt" | b"zTXt" | b"tEXt")
        && split(data).is_some_and(|(keyword, _)| keyword == XMP_KEYWORD)
}

/// Takes one text chunk; one that cannot be read is an oddity.
pub(super) fn see(walk: &mut Walk<'_>, kind: [u8; 4], data: &[u8], offset: usize) {
    let Some((keyword, rest)) = split(data) else {
        return walk.odd(Oddity::Unreadable {
            what: "text chunk",
            offset,
        });
    };
    let (place, bytes) = match &kind {
        b"tEXt" => ("tEXt", Some(rest.to_vec())),
        b"zTXt" => (
            "zTXt",
            rest.strip_prefix(&[0])
                .and_then(|packed| inflate(packed, &mut walk.inflate_left)),
        ),
        _ => ("iTXt", international(rest, &mut walk.inflate_left)),
    };
    let Some(bytes) = bytes else {
        return walk.odd(Oddity::Unreadable {
            what: "text chunk",
            offset,
        });
    };
    if keyword == XMP_KEYWORD {
        return walk.xmp(&bytes, offset);
    }
    let text = if place == "iTXt" {
        Untrusted::from_utf8_lossy(&bytes)
    } else {
        Untrusted::new(latin1(&bytes))
    };
    walk.layout.texts.push(TextChunk {
        keyword: Untrusted::new(latin1(keyword)),
        text,
        place,
        offset,
    });
}

/// Keyword and what follows its NUL.
fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let nul = memchr::memchr(0, data.get(..80).unwrap_or(data))?;
    Some((data.get(..nul)?, data.get(nul.checked_add(1)?..)?))
}

/// Compression flag, method, language tag NUL, translated keyword NUL, text.
fn international(rest: &[u8], left: &mut usize) -> Option<Vec<u8>> {
    let (flag, rest) = rest.split_first()?;
    let (_, rest) = rest.split_first()?;
    let language_end = memchr::memchr(0, rest)?;
    let rest = rest.get(language_end.checked_add(1)?..)?;
    let keyword_end = memchr::memchr(0, rest)?;
    let text = rest.get(keyword_end.checked_add(1)?..)?;
    if *flag == 0 {
        Some(text.to_vec())
    } else {
        inflate(text, left)
    }
}

/// Inflates up to what is left of the file's budget and what the ratio allows; more than that, or a broken stream, gives
/// nothing.
fn inflate(deflated: &[u8], left: &mut usize) -> Option<Vec<u8>> {
    let limit = inflate_limit(deflated.len()).min(*left);
    let mut out = Vec::new();
    let read = flate2::read::ZlibDecoder::new(deflated)
        .take(u64::try_from(limit).ok()?.checked_add(1)?)
        .read_to_end(&mut out);
    *left = left.saturating_sub(out.len());
    (read.is_ok() && out.len() <= limit).then_some(out)
}

/// Most bytes that so many deflated bytes may unfold to.
pub(crate) fn inflate_limit(deflated_bytes: usize) -> usize {
    deflated_bytes
        .saturating_mul(INFLATE_RATIO_MAX)
        .clamp(INFLATE_BYTES_FREE, INFLATE_BYTES_MAX)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
