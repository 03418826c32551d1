//! PNG text chunks: Latin-1 `tEXt`, deflated `zTXt`, UTF-8 `iTXt` with the XMP packet (PNG, third edition, 11.3.3).

use std::io::Read as _;

use super::layout::{EXIF_PREFIX, Oddity, TextChunk, Walk};
use crate::base::Untrusted;
use crate::base::limits::{EXIF_BYTES_MAX, INFLATE_BYTES_FREE, INFLATE_BYTES_MAX, INFLATE_RATIO_MAX};

/// The keyword of the XMP packet (XMP Part 3, 1.1.5).
pub(super) const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";

/// Whether a text chunk of any kind holds XMP.
pub(super) fn is_xmp(kind: [u8; 4], data: &[u8]) -> bool {
    matches!(&kind, b"iTXt" | b"zTXt" | b"tEXt")
        && split(data).is_some_and(|(keyword, _)| keyword == XMP_KEYWORD)
}

/// Metadata that ImageMagick and older programs write as hexadecimal text: `Raw profile type exif`, a line with its name, one with
/// its length, then the digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawProfile {
    /// An EXIF block.
    Exif(Vec<u8>),
    /// An XMP packet.
    Xmp(Vec<u8>),
}

impl RawProfile {
    /// Reads the text of a keyword; `None` for every other text, and for one that is not whole.
    pub(super) fn of(keyword: &str, text: &str) -> Option<Self> {
        let kind = keyword.as_bytes().strip_prefix(RAW_KEYWORD)?;
        if ![&b"exif"[..], b"APP1", b"xmp"].contains(&kind) || text.len() > RAW_BYTES_MAX {
            return None;
        }
        let (_, rest) = text.trim_start().split_once('\n')?;
        let (len, digits) = rest.trim_start().split_once('\n')?;
        let bytes = unhexed(digits)?;
        if len.trim().parse() != Ok(bytes.len()) {
            return None;
        }
        if let Some(block) = bytes.strip_prefix(EXIF_PREFIX) {
            return Some(Self::Exif(block.to_vec()));
        }
        match bytes.strip_prefix(super::jpeg_xmp::STANDARD) {
            Some(packet) => Some(Self::Xmp(packet.to_vec())),
            None if kind == b"xmp" => Some(Self::Xmp(bytes)),
            None if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => Some(Self::Exif(bytes)),
            None => None,
        }
    }

    /// As [`RawProfile::of`], from a chunk.
    pub(super) fn of_chunk(kind: [u8; 4], data: &[u8]) -> Option<Self> {
        if !matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt") || !data.starts_with(RAW_KEYWORD) {
            return None;
        }
        let (keyword, rest) = split(data)?;
        let mut left = INFLATE_BYTES_MAX;
        let (_, text) = unpacked(kind, rest, &mut left);
        Self::of(&latin1(keyword), &latin1(&text?))
    }
}

/// What their keywords begin with.
const RAW_KEYWORD: &[u8] = b"Raw profile type ";

/// Longest such text: two digits a byte, and the ends of lines.
const RAW_BYTES_MAX: usize = EXIF_BYTES_MAX * 3;

fn unhexed(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

/// Takes metadata from raw profiles where no chunk of its own holds any.
pub(super) fn take_raw(walk: &mut Walk<'_>) {
    let profiles: Vec<(RawProfile, usize)> = walk
        .layout
        .texts
        .iter()
        .filter_map(|text| Some((RawProfile::of(text.keyword.raw(), text.text.raw())?, text.offset)))
        .collect();
    for (profile, offset) in profiles {
        match profile {
            RawProfile::Exif(block) if walk.layout.exif.is_none() => walk.exif(&block, offset),
            RawProfile::Xmp(packet) if walk.layout.xmp.is_none() => walk.xmp(&packet, offset),
            _ => {}
        }
    }
}

/// Takes one text chunk; one that cannot be read is an oddity.
pub(super) fn see(walk: &mut Walk<'_>, kind: [u8; 4], data: &[u8], offset: usize) {
    let Some((keyword, rest)) = split(data) else {
        return walk.odd(Oddity::Unreadable {
            what: "text chunk",
            offset,
        });
    };
    let (place, bytes) = unpacked(kind, rest, &mut walk.inflate_left);
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

/// The kind of a text chunk, and its text from what follows the keyword; `None` where that cannot be read.
fn unpacked(kind: [u8; 4], rest: &[u8], left: &mut usize) -> (&'static str, Option<Vec<u8>>) {
    match &kind {
        b"tEXt" => ("tEXt", Some(rest.to_vec())),
        b"zTXt" => (
            "zTXt",
            rest.strip_prefix(&[0]).and_then(|packed| inflate(packed, left)),
        ),
        _ => ("iTXt", international(rest, left)),
    }
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
