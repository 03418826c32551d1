//! Reading image file directories, classic and BigTIFF, in either byte order.

use std::collections::BTreeSet;
use std::ops::Range;

use super::bytes::{array, index64, take};
use crate::base::limits::PARTS_MAX;

/// A TIFF structure: a file, or an EXIF block.
#[derive(Clone, Copy)]
pub(super) struct Tiff<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) little: bool,
    pub(super) big: bool,
}

/// One image file directory.
pub(super) struct Ifd {
    pub(super) at: usize,
    pub(super) entries: Vec<Entry>,
    pub(super) next: u64,
    /// Where the pointer to the next directory stands.
    pub(super) next_at: usize,
}

impl Ifd {
    pub(super) fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// One entry of a directory.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u64,
    /// Where the entry itself stands.
    pub(super) at: usize,
    /// Where its value stands, which may lie beyond the end; `None` for an unknown type or an impossible length.
    pub(super) value: Option<Range<usize>>,
}

impl<'a> Tiff<'a> {
    /// Reads the header.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut tiff = Self {
            bytes,
            little,
            big: false,
        };
        match tiff.u16(2)? {
            42 => Some(tiff),
            43 => {
                tiff.big = true;
                (tiff.u16(4)? == 8).then_some(tiff)
            }
            _ => None,
        }
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        array(self.bytes, at).map(if self.little {
            u16::from_le_bytes
        } else {
            u16::from_be_bytes
        })
    }

    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        array(self.bytes, at).map(if self.little {
            u32::from_le_bytes
        } else {
            u32::from_be_bytes
        })
    }

    fn u64(&self, at: usize) -> Option<u64> {
        array(self.bytes, at).map(if self.little {
            u64::from_le_bytes
        } else {
            u64::from_be_bytes
        })
    }

    /// An offset or count as wide as this kind of TIFF has them.
    fn word(&self, at: usize) -> Option<u64> {
        if self.big {
            self.u64(at)
        } else {
            self.u32(at).map(u64::from)
        }
    }

    /// Where the pointer to the first directory stands.
    pub(super) fn first_at(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    /// All directories of the main chain; the error is where a broken one stands. A chain that bites its tail is broken.
    pub(super) fn pages(&self) -> Result<Vec<Ifd>, usize> {
        let mut seen = BTreeSet::new();
        let mut pages = Vec::new();
        let mut entries: usize = 0;
        let mut pointer_at = self.first_at();
        loop {
            let at = self.word(pointer_at).map(index64).ok_or(pointer_at)?;
            if at == 0 {
                return Ok(pages);
            }
            if !seen.insert(at) || seen.len() > PAGES_MAX {
                return Err(at);
            }
            let page = self.ifd(at).ok_or(at)?;
            // Directories may overlap, so the file's length does not bound their sum.
            entries = entries.saturating_add(page.entries.len());
            if entries > PARTS_MAX {
                return Err(at);
            }
            pointer_at = page.next_at;
            pages.push(page);
        }
    }

    /// The directory at `at`; its claimed count is compared with the bytes left before anything is allocated.
    pub(super) fn ifd(&self, at: usize) -> Option<Ifd> {
        let (count, head, width) = if self.big {
            (index64(self.u64(at)?), 8, 20)
        } else {
            (usize::from(self.u16(at)?), 2, 12)
        };
        if count > PARTS_MAX {
            return None;
        }
        let start = at.checked_add(head)?;
        let next_at = start.checked_add(count.checked_mul(width)?)?;
        let next = self.word(next_at)?;
        let entries = (0..count).map(|index| self.entry(start.checked_add(index.checked_mul(width)?)?));
        Some(Ifd {
            at,
            entries: entries.collect::<Option<_>>()?,
            next,
            next_at,
        })
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let kind = self.u16(at.checked_add(2)?)?;
        let count = self.word(at.checked_add(4)?)?;
        let (value_at, room) = if self.big {
            (at.checked_add(12)?, 8)
        } else {
            (at.checked_add(8)?, 4)
        };
        let pointed = self.word(value_at)?;
        let value = unit(kind)
            .and_then(|unit| index64(count).checked_mul(unit))
            .and_then(|len| {
                let start = if len <= room { value_at } else { index64(pointed) };
                Some(start..start.checked_add(len)?)
            });
        Some(Entry {
            tag: self.u16(at)?,
            kind,
            count,
            at,
            value,
        })
    }

    /// The value's bytes; `None` where they are not all there.
    pub(super) fn value(&self, entry: &Entry) -> Option<&'a [u8]> {
        let range = entry.value.clone()?;
        self.bytes.get(range)
    }

    /// The value as unsigned integers; empty for other types.
    pub(super) fn numbers(&self, entry: &Entry) -> Vec<u64> {
        let Some(range) = entry.value.clone().filter(|range| range.end <= self.bytes.len()) else {
            return Vec::new();
        };
        let Some(unit) = unit(entry.kind) else {
            return Vec::new();
        };
        range
            .step_by(unit)
            .filter_map(|at| match entry.kind {
                1 => self.bytes.get(at).copied().map(u64::from),
                3 => self.u16(at).map(u64::from),
                4 | 13 => self.u32(at).map(u64::from),
                16 | 18 => self.u64(at),
                _ => None,
            })
            .collect()
    }

    /// Where the picture data of a directory lies; `None` where some of it lies beyond the end.
    ///
    /// Pages may share their tables: `budget` bounds how many pieces are looked at in all.
    pub(super) fn pictures(&self, ifd: &Ifd, budget: &mut usize) -> Option<Vec<Range<usize>>> {
        let mut out = Vec::new();
        for (offsets, lengths) in tags::POINTERS {
            let (Some(offsets), Some(lengths)) = (ifd.entry(offsets), ifd.entry(lengths)) else {
                continue;
            };
            let count = [offsets, lengths]
                .map(|entry| index64(entry.count))
                .into_iter()
                .fold(0, usize::max);
            *budget = budget.saturating_sub(count);
            if *budget == 0 {
                return Some(out);
            }
            if self.value(offsets).is_none() || self.value(lengths).is_none() {
                return None;
            }
            for (offset, len) in self.numbers(offsets).into_iter().zip(self.numbers(lengths)) {
                let offset = index64(offset);
                take(self.bytes, offset, index64(len))?;
                out.push(offset..offset.saturating_add(index64(len)));
            }
        }
        Some(out)
    }
}

/// Bytes of one value of a field type (TIFF 6.0, section 2; BigTIFF).
pub(super) fn unit(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

/// Most strips and tiles of a file that are looked at: 4 KB each in a file of the largest size.
pub(super) const PIECES_MAX: usize = 1 << 18;
/// Most directories of a file.
const PAGES_MAX: usize = 2_000;

/// The tags that this room knows by name.
pub(super) mod tags {
    pub(in crate::asset) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in crate::asset) const WIDTH: u16 = 256;
    pub(in crate::asset) const LENGTH: u16 = 257;
    pub(in crate::asset) const BITS: u16 = 258;
    pub(in crate::asset) const COMPRESSION: u16 = 259;
    pub(in crate::asset) const PHOTOMETRIC: u16 = 262;
    pub(in crate::asset) const STRIPS: u16 = 273;
    pub(in crate::asset) const SAMPLES: u16 = 277;
    pub(in crate::asset) const ROWS_PER_STRIP: u16 = 278;
    pub(in crate::asset) const PLANES: u16 = 284;
    pub(in crate::asset) const TILE_WIDTH: u16 = 322;
    pub(in crate::asset) const TILE_LENGTH: u16 = 323;
    pub(in crate::asset) const TILES: u16 = 324;
    pub(in crate::asset) const SUB_IFDS: u16 = 330;
    pub(in crate::asset) const XMP: u16 = 700;
    pub(in crate::asset) const IPTC: u16 = 0x83BB;
    pub(in crate::asset) const EXIF: u16 = 34665;
    pub(in crate::asset) const GPS: u16 = 34853;
    pub(in crate::asset) const INTEROPERABILITY: u16 = 40965;
    pub(in crate::asset) const DNG_VERSION: u16 = 50706;
    pub(in crate::asset) const C2PA: u16 = 0xCD41;
    /// Pairs of tags: where data lies, and how long it is. Strips, tiles, JPEG thumbnails, DNG big tables.
    pub(in crate::asset) const POINTERS: [(u16, u16); 4] =
        [(STRIPS, 279), (TILES, 325), (513, 514), (52541, 52542)];
    /// Free space: where, and how long.
    pub(in crate::asset) const FREE: [u16; 2] = [288, 289];
}
