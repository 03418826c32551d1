//! Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2), as AVIF, HEIC and JPEG XL use them.
//!
//! ```text
//! size:u32 type:4 [size:u64 where size is 1] payload      size 0: to the end
//! ```

use std::ops::Range;

use super::bytes::{array, be32, be64, index, index64};

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IsoBox {
    pub(super) kind: [u8; 4],
    pub(super) start: usize,
    /// Where the payload begins.
    pub(super) body: usize,
    pub(super) end: usize,
    /// Whether its size field says "to the end".
    pub(super) open: bool,
}

impl IsoBox {
    pub(super) fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.body..self.end).unwrap_or_default()
    }

    /// Whether it is free space (ISO/IEC 14496-12, 8.1.2).
    pub(super) fn means_nothing(&self) -> bool {
        matches!(&self.kind, b"free" | b"skip")
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The box at `at` within bytes that end at `limit`; `None` where it is not all there.
pub(super) fn next(bytes: &[u8], at: usize, limit: usize) -> Option<IsoBox> {
    let kind = array(bytes, at.checked_add(4)?)?;
    let (size, head) = match be32(bytes, at)? {
        0 => (limit.checked_sub(at)?, 8),
        1 => (index64(be64(bytes, at.checked_add(8)?)?), 16),
        size => (index(size), 8),
    };
    let body = at.checked_add(head)?;
    let end = at.checked_add(size)?;
    (body <= end && end <= limit).then_some(IsoBox {
        kind,
        start: at,
        body,
        end,
        open: be32(bytes, at) == Some(0),
    })
}

/// All boxes of a range, up to the first broken one, and where the last whole one ends.
pub(super) fn all(bytes: &[u8], range: Range<usize>) -> (Vec<IsoBox>, usize) {
    let mut out = Vec::new();
    let mut at = range.start;
    while at < range.end && out.len() <= crate::base::limits::PARTS_MAX {
        let Some(found) = next(bytes, at, range.end) else {
            break;
        };
        at = found.end;
        out.push(found);
    }
    (out, at)
}

/// Appends a box made of `parts`; `None` where it exceeds 32 bits.
pub(super) fn push(out: &mut Vec<u8>, kind: [u8; 4], parts: &[&[u8]]) -> Option<()> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    out.extend_from_slice(&u32::try_from(len.checked_add(8)?).ok()?.to_be_bytes());
    out.extend_from_slice(&kind);
    for part in parts {
        out.extend_from_slice(part);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_zero_and_one_are_read() {
        let open = next(b"\0\0\0\0mdatabc", 0, 11).unwrap();
        assert_eq!((open.body, open.end, open.open), (8, 11, true));
        let large = next(b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x12ab", 0, 18).unwrap();
        assert_eq!((large.body, large.end), (16, 18));
    }

    #[test]
    fn a_box_longer_than_its_room_or_shorter_than_its_head_is_none() {
        assert_eq!(next(b"\0\0\0\x0Cmdatabc", 0, 11), None);
        assert_eq!(next(b"\0\0\0\x04mdatabc", 0, 11), None);
        assert_eq!(
            next(b"\0\0\0\x01mdat\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFab", 0, 18),
            None
        );
    }
}
