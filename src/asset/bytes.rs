//! Reading integers and slices out of untrusted bytes: every access is bounds-checked and says `None` beyond the end.

use std::ops::Range;

/// A 32-bit length as an index; lengths beyond the address space become `usize::MAX`, which no slice reaches.
pub(super) fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A 64-bit length as an index; lengths beyond the address space become `usize::MAX`.
pub(super) fn index64(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// `len` bytes from `at`; `None` where they are not all there.
pub(super) fn take(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

/// An array of `N` bytes from `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    take(bytes, at, N)?.try_into().ok()
}

/// A big-endian 16-bit integer.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// A big-endian 32-bit integer.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// A big-endian 64-bit integer.
pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

/// A little-endian 16-bit integer.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// A little-endian 32-bit integer.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// Where `needle` first stands in `bytes`.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, needle)
}

/// The bytes without the given ranges, which must be sorted and disjoint.
pub(super) fn without(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for piece in kept(bytes, ranges) {
        out.extend_from_slice(piece);
    }
    out
}

/// The pieces of `bytes` between the given ranges, which must be sorted and disjoint.
pub(super) fn kept<'a>(bytes: &'a [u8], ranges: &[Range<usize>]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
    let ends = ranges
        .iter()
        .map(|range| range.start)
        .chain(std::iter::once(bytes.len()));
    let pieces: Vec<_> = starts.zip(ends).collect();
    pieces
        .into_iter()
        .filter_map(|(start, end)| bytes.get(start..end))
}

/// How much is taken out in front of a place, for many places and many ranges.
pub(super) struct Gaps {
    ends: Vec<usize>,
    totals: Vec<usize>,
}

impl Gaps {
    /// Takes ranges that are sorted and disjoint.
    pub(super) fn new(ranges: &[Range<usize>]) -> Self {
        let mut total: usize = 0;
        let totals = ranges.iter().map(|range| {
            total = total.saturating_add(range.len());
            total
        });
        let totals = totals.collect();
        Self {
            ends: ranges.iter().map(|range| range.end).collect(),
            totals,
        }
    }

    /// The length of all ranges that end at `at` or before.
    pub(super) fn before(&self, at: usize) -> usize {
        let count = self.ends.partition_point(|end| *end <= at);
        count
            .checked_sub(1)
            .and_then(|last| self.totals.get(last))
            .copied()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_past_the_end_says_none() {
        assert_eq!(be16(&[1], 0), None);
        assert_eq!(be32(&[0, 0, 1, 2], 0), Some(258));
        assert_eq!(be32(&[0; 8], usize::MAX), None);
        assert_eq!(take(&[0; 8], 4, usize::MAX), None);
    }

    #[test]
    fn gaps_are_summed_up_to_a_place() {
        let gaps = Gaps::new(&[2..5, 7..8]);
        assert_eq!([0, 4, 5, 7, 8, 99].map(|at| gaps.before(at)), [0, 0, 3, 3, 4, 4]);
    }

    #[test]
    fn ranges_are_cut_out() {
        assert_eq!(without(b"abcdef", &[1..2, 4..6]), b"acd");
        assert_eq!(without(b"abc", &[]), b"abc");
        assert_eq!(without(b"abc", &[0..3]), b"");
    }
}
