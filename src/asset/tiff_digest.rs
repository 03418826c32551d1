//! The content digest of TIFF and DNG: SHA-256 over what the directories say, not over where it stands.
//!
//! The hash takes, in this order: the text `byline tiff 1\0`, the byte order mark, the version, and for each directory
//! of the main chain, sub-IFDs in the order met: `0x49`, its entries sorted by tag, each as tag u16, type u16, count
//! u64 and length u64 of what follows (all little-endian), then its value's bytes. For offsets of strips, tiles, JPEG
//! thumbnails and DNG big tables the pointed bytes take the place of the value, each with its length u64 before it. For
//! pointers to directories (sub-IFDs, EXIF, GPS, interoperability) only the count is taken, and the directories are
//! hashed later. Left out: tag 0xCD41, a directory that holds nothing else, and free space.
//!
//! Bytes that no directory points to do not count: no reader shows them. Where a directory does not say how long its data is, or
//! says less than the picture takes, readers work it out and show what stands there: such a file has no digest of this kind.

use std::collections::{BTreeSet, VecDeque};

use super::bytes::index64;
use super::tiff_read::{Entry, Ifd, Tiff, tags};
use crate::base::limits::PARTS_MAX;
use crate::base::{Digest, Hasher};

/// The digest; `None` where the structure is broken or points to the same bytes over and over.
pub(super) fn digest(bytes: &[u8]) -> Option<Digest> {
    let tiff = Tiff::parse(bytes)?;
    let mut feed = Feed {
        tiff,
        hasher: Hasher::new(),
        // Each byte counts once as a value and once as a picture, and thumbnails may share their data; not more, or
        // a small file costs hours.
        left: bytes.len().checked_mul(4)?,
        waiting: VecDeque::new(),
        seen: BTreeSet::new(),
    };
    feed.hasher.update(b"byline tiff 1\0");
    feed.hasher.update(bytes.get(..4)?);
    for page in tiff.pages().ok()? {
        feed.directory(&page)?;
    }
    while let Some(at) = feed.waiting.pop_front() {
        match tiff.ifd(index64(at)) {
            Some(child) => feed.directory(&child)?,
            // A pointer into the blue counts as a value, so that it is not silent.
            None => feed.hasher.update(&at.to_le_bytes()),
        }
    }
    Some(feed.hasher.finish())
}

struct Feed<'a> {
    tiff: Tiff<'a>,
    hasher: Hasher,
    /// How many bytes may still be hashed.
    left: usize,
    /// Where directories stand that are still to be hashed; they are read when their turn comes.
    waiting: VecDeque<u64>,
    seen: BTreeSet<u64>,
}

impl Feed<'_> {
    fn directory(&mut self, ifd: &Ifd) -> Option<()> {
        let mut entries: Vec<&Entry> = ifd
            .entries
            .iter()
            .filter(|entry| entry.tag != tags::C2PA)
            .collect();
        if entries.is_empty() {
            return Some(());
        }
        entries.sort_by_key(|entry| entry.tag);
        self.hasher.update(&[0x49]);
        for entry in entries {
            self.entry(ifd, entry)?;
        }
        Some(())
    }

    fn entry(&mut self, ifd: &Ifd, entry: &Entry) -> Option<()> {
        // Entries of many directories may share one long value.
        let len = self.tiff.value(entry).map_or(0, <[u8]>::len);
        self.left = self.left.checked_sub(len.saturating_add(1))?;
        if tags::FREE.contains(&entry.tag) {
            return Some(());
        }
        self.hasher.update(&entry.tag.to_le_bytes());
        self.hasher.update(&entry.kind.to_le_bytes());
        self.hasher.update(&entry.count.to_le_bytes());
        if matches!(
            entry.tag,
            tags::SUB_IFDS | tags::EXIF | tags::GPS | tags::INTEROPERABILITY
        ) {
            for at in self.tiff.numbers(entry) {
                if self.seen.insert(at) {
                    self.waiting.push_back(at);
                }
                // More directories than any file has: named by all of its bytes rather than by some of them.
                (self.seen.len() <= PARTS_MAX).then_some(())?;
            }
            return Some(());
        }
        let Some((_, lengths)) = tags::POINTERS.iter().find(|pair| pair.0 == entry.tag) else {
            let value = self.tiff.value(entry).unwrap_or_default();
            return self.piece(value);
        };
        let tiff = self.tiff;
        let (offsets, lengths) = (tiff.numbers(entry), tiff.numbers(ifd.entry(*lengths)?));
        if index64(entry.count) != offsets.len() || offsets.len() != lengths.len() {
            return None;
        }
        let least = Least::of(tiff, ifd, entry.tag);
        for (number, (offset, len)) in (0_u64..).zip(offsets.into_iter().zip(lengths)) {
            if len < least.of_piece(number)? {
                return None;
            }
            // A cut picture counts with what is there.
            let from = index64(offset).min(tiff.bytes.len());
            let to = from.saturating_add(index64(len)).min(tiff.bytes.len());
            self.piece(tiff.bytes.get(from..to)?)?;
        }
        Some(())
    }

    fn piece(&mut self, bytes: &[u8]) -> Option<()> {
        self.left = self.left.checked_sub(bytes.len())?;
        self.hasher
            .update(&u64::try_from(bytes.len()).ok()?.to_le_bytes());
        self.hasher.update(bytes);
        Some(())
    }
}

/// How long the pieces of a picture are at least.
struct Least {
    /// Bytes of a row; 0 where the data is compressed.
    row: u64,
    rows: u64,
    rows_of_piece: u64,
    /// Whether a piece is filled up to its rows where the picture ends before.
    is_tile: bool,
}

impl Least {
    fn of(tiff: Tiff<'_>, ifd: &Ifd, tag: u16) -> Self {
        let number = |tag: u16, default: u64| {
            let found = ifd
                .entry(tag)
                .and_then(|entry| tiff.numbers(entry).first().copied());
            found.unwrap_or(default)
        };
        let is_tile = tag == tags::TILES;
        let rows = number(tags::LENGTH, 0);
        let is_plain = (is_tile || tag == tags::STRIPS) && number(tags::COMPRESSION, 1) == 1;
        let bits = ifd
            .entry(tags::BITS)
            .map(|entry| tiff.numbers(entry))
            .unwrap_or_default();
        let first = bits.first().copied().unwrap_or(1);
        let samples = number(tags::SAMPLES, 1);
        // Of colour that is stored with fewer samples than brightness the latter alone is sure, and of planes one.
        let is_one = number(tags::PLANES, 1) != 1 || number(tags::PHOTOMETRIC, 0) == YCBCR;
        let bits = match bits.len() {
            _ if is_one => first,
            0 | 1 => first.saturating_mul(samples),
            _ => bits.iter().fold(0_u64, |sum, bits| sum.saturating_add(*bits)),
        };
        let (columns, rows_of_piece) = if is_tile {
            (number(tags::TILE_WIDTH, 0), number(tags::TILE_LENGTH, 0))
        } else {
            (
                number(tags::WIDTH, 0),
                number(tags::ROWS_PER_STRIP, rows).min(rows),
            )
        };
        Self {
            row: if is_plain {
                columns.saturating_mul(bits).div_ceil(8)
            } else {
                0
            },
            rows,
            rows_of_piece,
            is_tile,
        }
    }

    /// The least of one strip or tile; `None` where the directory has room for none. Data that is there has a byte.
    fn of_piece(&self, number: u64) -> Option<u64> {
        if self.row == 0 {
            return Some(1);
        }
        let rows = if self.is_tile {
            self.rows_of_piece
        } else {
            // Planes follow each other.
            let pieces = self.rows.div_ceil(self.rows_of_piece.max(1));
            let before = number.checked_rem(pieces)?.saturating_mul(self.rows_of_piece);
            self.rows.saturating_sub(before).min(self.rows_of_piece)
        };
        Some(self.row.saturating_mul(rows).max(1))
    }
}

/// Photometric interpretation YCbCr (TIFF 6.0, section 21).
const YCBCR: u64 = 6;

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{every_format, exif_block, parse, xmp_packet};
    use super::*;

    #[test]
    fn every_byte_of_pictures_and_values_counts() {
        for (name, bytes) in every_format()
            .into_iter()
            .filter(|sample| sample.1.starts_with(b"II") || sample.1.starts_with(b"MM"))
        {
            let asset = parse(&bytes);
            let asset = asset
                .with_metadata(Some(&exif_block("Alice")), Some(&xmp_packet("A")))
                .unwrap_or(asset);
            let bytes = asset.bytes();
            let before = digest(bytes).unwrap();
            let tiff = Tiff::parse(bytes).unwrap();
            for page in tiff.pages().unwrap() {
                let values = page.entries.iter().filter(|entry| {
                    !tags::POINTERS
                        .iter()
                        .any(|pair| pair.0 == entry.tag || pair.1 == entry.tag)
                });
                let values = values.filter_map(|entry| entry.value.clone());
                for range in values.chain(tiff.pictures(&page, &mut 1000).unwrap()) {
                    for at in range.step_by(7) {
                        let mut changed = bytes.to_vec();
                        changed[at] ^= 1;
                        assert_ne!(digest(&changed), Some(before), "{name}, byte {at}");
                    }
                }
            }
        }
    }

    /// A grey picture of 8 by 8 in two strips, each entry as type, count and value.
    fn grey(lengths: Option<[u16; 2]>, compression: u16) -> Vec<u8> {
        let mut entries = vec![
            (256_u16, 1_u32, [8, 0]),
            (257, 1, [8, 0]),
            (258, 1, [8, 0]),
            (259, 1, [compression, 0]),
            (273, 2, [200, 240]),
            (278, 1, [5, 0]),
        ];
        entries.extend(lengths.map(|lengths| (279, 2, lengths)));
        entries.sort_unstable();
        let mut bytes = b"II\x2A\0\x08\0\0\0".to_vec();
        bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
        for (tag, count, values) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend([3, 0]);
            bytes.extend(count.to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes.resize(264, 0);
        bytes
    }

    /// Readers show such pictures all the same, and would show another one under the same digest.
    #[test]
    fn a_picture_whose_length_is_not_told_has_no_digest() {
        for whole in [[40, 24], [41, 99]] {
            assert!(digest(&grey(Some(whole), 1)).is_some(), "{whole:?}");
        }
        assert!(digest(&grey(Some([3, 4]), 5)).is_some());
        for short in [[39, 24], [40, 23], [0, 0], [1, 1]] {
            assert_eq!(digest(&grey(Some(short), 1)), None, "{short:?}");
        }
        assert_eq!(digest(&grey(Some([3, 0]), 5)), None);
        assert_eq!(digest(&grey(None, 1)), None);
        // Signed numbers are read by others and not here.
        let mut signed = grey(Some([40, 24]), 1);
        let at = signed.windows(4).position(|two| two == [17, 1, 3, 0]).unwrap();
        signed[at + 2] = 8;
        assert_eq!(digest(&signed), None);
    }

    #[test]
    fn the_same_words_elsewhere_in_the_file_have_the_same_digest() {
        let bytes = every_format()
            .into_iter()
            .find(|sample| sample.0 == "deflate.tif")
            .unwrap()
            .1;
        let tiff = Tiff::parse(&bytes).unwrap();
        let page = tiff.pages().unwrap().remove(0);
        let mut moved = bytes.clone();
        moved.push(0);
        moved.resize(moved.len().next_multiple_of(2), 0);
        let at = moved.len();
        moved.extend_from_slice(&bytes[page.at..page.next_at + 4]);
        moved[4..8].copy_from_slice(&u32::try_from(at).unwrap().to_le_bytes());
        assert_eq!(digest(&moved), digest(&bytes));
    }

    #[test]
    fn strips_that_share_their_bytes_over_and_over_have_no_digest() {
        // 100 strips of 8 KB that all lie at the same place.
        let mut bytes = b"II\x2A\0\x08\0\0\0\x02\0".to_vec();
        for (tag, at) in [(273_u16, 38_u32), (279, 438)] {
            bytes.extend_from_slice(&tag.to_le_bytes());
            bytes.extend_from_slice(&[4, 0, 100, 0, 0, 0]);
            bytes.extend_from_slice(&at.to_le_bytes());
        }
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend(838_u32.to_le_bytes().repeat(100));
        bytes.extend(8192_u32.to_le_bytes().repeat(100));
        bytes.extend([7; 8192]);
        assert_eq!(digest(&bytes), None);
        assert_eq!(parse(&bytes).content_digest(), Digest::of(&bytes));
    }
}
