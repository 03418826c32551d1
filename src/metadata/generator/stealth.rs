//! Text in the lowest bits of a picture's alpha channel, as NovelAI and an extension of A1111 hide it.
//!
//! Columns from the left, within each the rows from the top, one bit a pixel, the highest bit of each byte first:
//!
//! ```text
//! "stealth_pngcomp" (15 bytes) <bits of what follows, u32 big-endian> <gzip of UTF-8>
//! "stealth_pnginfo" (15 bytes) <bits of what follows, u32 big-endian> <UTF-8>
//! ```

use std::borrow::Cow;
use std::io::Read as _;

use super::FoundIn;
use super::texts::Text;
use crate::asset::inflate_limit;
use crate::asset::pixels::Alpha;
use crate::base::limits::GENERATOR_BYTES_MAX;

/// What is wrong with a hidden text that announces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StealthFault {
    /// The gzip stream is broken, or unfolds to more than is read.
    #[error("the text hidden in the alpha channel does not inflate within the limits")]
    Inflate,
    /// It is longer than the picture has pixels for, or than is read.
    #[error("the text hidden in the alpha channel is said to be longer than it can be")]
    Length,
    /// It is not UTF-8.
    #[error("the text hidden in the alpha channel is not UTF-8")]
    Utf8,
}

const MARK_BYTES: usize = 15;

/// Rows that hold the mark where the picture has as many: the bits go down the first column.
pub(super) const MARK_ROWS: u32 = 120;

/// Whether an alpha channel, or its first [`MARK_ROWS`] rows where it has more, announces a text.
pub(super) fn is_announced(top: &Alpha) -> bool {
    let mark: Vec<u8> = Bytes::new(top).take(MARK_BYTES).collect();
    matches!(mark.as_slice(), b"stealth_pngcomp" | b"stealth_pnginfo")
}

/// Reads the hidden text; a channel without the mark has none.
pub(super) fn text(alpha: &Alpha) -> Result<Option<Text<'static>>, StealthFault> {
    let mut bytes = Bytes::new(alpha);
    let mark: Vec<u8> = bytes.by_ref().take(MARK_BYTES).collect();
    let packed = match mark.as_slice() {
        b"stealth_pngcomp" => true,
        b"stealth_pnginfo" => false,
        _ => return Ok(None),
    };
    let length: Vec<u8> = bytes.by_ref().take(4).collect();
    let length: [u8; 4] = length.try_into().map_err(|_| StealthFault::Length)?;
    let wanted = usize::try_from(u32::from_be_bytes(length) / 8).map_err(|_| StealthFault::Length)?;
    if wanted > GENERATOR_BYTES_MAX || wanted > alpha.samples.len() / 8 {
        return Err(StealthFault::Length);
    }
    let hidden: Vec<u8> = bytes.take(wanted).collect();
    if hidden.len() < wanted {
        return Err(StealthFault::Length);
    }
    let plain = if packed { inflate(&hidden)? } else { hidden };
    let text = String::from_utf8(plain).map_err(|_| StealthFault::Utf8)?;
    let name = if packed {
        "stealth_pngcomp"
    } else {
        "stealth_pnginfo"
    };
    Ok(Some(Text {
        found_in: FoundIn {
            place: "stealth alpha",
            name: name.to_owned(),
        },
        text: Cow::Owned(text),
    }))
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>, StealthFault> {
    let limit = inflate_limit(packed.len());
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    let read = flate2::read::GzDecoder::new(packed)
        .take(bound)
        .read_to_end(&mut out);
    if read.is_err() || out.len() > limit {
        return Err(StealthFault::Inflate);
    }
    Ok(out)
}

/// The bytes that the lowest bits make, in the order of the columns.
struct Bytes<'a> {
    alpha: &'a Alpha,
    column: usize,
    row: usize,
}

impl<'a> Bytes<'a> {
    fn new(alpha: &'a Alpha) -> Self {
        Self {
            alpha,
            column: 0,
            row: 0,
        }
    }

    fn bit(&mut self) -> Option<u8> {
        let width = usize::try_from(self.alpha.width).ok()?;
        let height = usize::try_from(self.alpha.height).ok()?;
        if self.column >= width || height == 0 {
            return None;
        }
        let at = self.row.checked_mul(width)?.checked_add(self.column)?;
        let bit = self.alpha.samples.get(at)? & 1;
        self.row = self.row.saturating_add(1);
        if self.row == height {
            self.row = 0;
            self.column = self.column.saturating_add(1);
        }
        Some(bit)
    }
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let mut byte = 0u8;
        for _ in 0..8 {
            byte = (byte << 1) | self.bit()?;
        }
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{gzip, hidden};
    use super::*;

    fn read(alpha: &Alpha) -> Result<Option<String>, StealthFault> {
        Ok(text(alpha)?.map(|text| text.text.into_owned()))
    }

    #[test]
    fn both_marks_are_read_and_a_plain_channel_has_no_text() {
        let words = "a cat \u{732b}";
        let packed = hidden("stealth_pngcomp", &gzip(words.as_bytes()), 7, 400);
        assert_eq!(read(&packed), Ok(Some(words.to_owned())));
        let plain = hidden("stealth_pnginfo", words.as_bytes(), 300, 2);
        assert_eq!(read(&plain), Ok(Some(words.to_owned())));
        let opaque = Alpha {
            height: 2,
            samples: vec![255; 600],
            width: 300,
        };
        assert_eq!(read(&opaque), Ok(None));
    }

    #[test]
    fn hidden_text_that_lies_about_itself_is_a_fault() {
        let bomb = gzip(&vec![b'a'; 20 << 20]);
        assert_eq!(
            read(&hidden("stealth_pngcomp", &bomb, 640, 640)),
            Err(StealthFault::Inflate)
        );
        assert_eq!(
            read(&hidden("stealth_pngcomp", b"no gzip", 20, 20)),
            Err(StealthFault::Inflate)
        );
        assert_eq!(
            read(&hidden("stealth_pnginfo", b"\xff\xfe\xfd", 20, 20)),
            Err(StealthFault::Utf8)
        );
        let mut short = hidden("stealth_pnginfo", b"abc", 10, 20);
        // The highest bits of the length stand in pixels 120 to 127 by columns.
        for at in 120..136 {
            short.samples[(at % 20) * 10 + at / 20] = 255;
        }
        assert_eq!(read(&short), Err(StealthFault::Length));
    }
}
