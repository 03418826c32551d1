//! The TIFF structure of an EXIF block: header, directories, entries, walked in place with bounds.
//!
//! Knows no tag by meaning except the pointers to other directories. Source: TIFF 6.0 section 2; Exif 3.0 (CIPA DC-008) 4.6.
//!
//! ```text
//! "MM" 00 2A <IFD0 offset u32>   "II" 2A 00 <IFD0 offset u32>
//! IFD: <count u16> count x { <tag u16> <type u16> <count u32> <value or offset, 4 bytes> } <next IFD offset u32>
//! ```

use std::collections::BTreeSet;

/// Tag of the pointer to the Exif directory.
pub(super) const EXIF_POINTER: u16 = 0x8769;
/// Tag of the pointer to the GPS directory.
pub(super) const GPS_POINTER: u16 = 0x8825;
/// Tag of the pointer to the interoperability directory.
pub(super) const INTEROP_POINTER: u16 = 0xA005;

/// Most entries read of one block; cameras write about 100, raw formats some hundred.
pub(super) const ENTRIES_MAX: usize = 8192;
/// Most directories in the chain IFD0, IFD1, ...
const CHAIN_MAX: u8 = 16;

/// Byte order of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// `MM`.
    Big,
    /// `II`.
    Little,
}

impl Order {
    /// Reads 16 bits at an offset.
    pub(super) fn u16_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            Self::Big => u16::from_be_bytes(raw),
            Self::Little => u16::from_le_bytes(raw),
        })
    }

    /// Reads 32 bits at an offset.
    pub(super) fn u32_at(self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(self.u32_of(raw))
    }

    /// Reads 32 bits.
    pub(super) const fn u32_of(self, raw: [u8; 4]) -> u32 {
        match self {
            Self::Big => u32::from_be_bytes(raw),
            Self::Little => u32::from_le_bytes(raw),
        }
    }

    /// Writes 16 bits.
    pub(super) const fn u16_bytes(self, value: u16) -> [u8; 2] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }

    /// Writes 32 bits.
    pub(super) const fn u32_bytes(self, value: u32) -> [u8; 4] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }
}

/// What a block's structure does not hold to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TiffFault {
    /// The block does not begin with `MM` 42 or `II` 42; BigTIFF is among these.
    #[error("the EXIF block has no TIFF header")]
    Header,
    /// A directory lies outside the block, or its entries do.
    #[error("an EXIF directory at offset {at} lies outside the block")]
    Directory {
        /// Where the directory was said to be, bytes from the start of the block.
        at: u32,
    },
    /// A directory is named twice: a loop.
    #[error("an EXIF directory at offset {at} is named twice")]
    Loop {
        /// The directory, bytes from the start of the block.
        at: u32,
    },
    /// An entry's value lies outside the block.
    #[error("the value of EXIF tag 0x{tag:04x} lies outside the block")]
    Value {
        /// The tag.
        tag: u16,
    },
    /// More entries or directories than are read.
    #[error("the EXIF block has too many entries; the rest was not read")]
    TooMany,
}

/// A directory by its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// One of the chain: 0 is the picture, 1 the thumbnail.
    Chain(u8),
    /// The Exif directory.
    Exif,
    /// The GPS directory.
    Gps,
    /// The interoperability directory.
    Interop,
}

/// One entry as it lies in the directory, its value not yet looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawEntry {
    /// Tag number.
    pub(super) tag: u16,
    /// TIFF type.
    pub(super) kind: u16,
    /// How many values of that type.
    pub(super) count: u32,
    /// The value itself when it fits, else its offset.
    pub(super) slot: [u8; 4],
}

impl RawEntry {
    /// The bytes of the value; `None` when they lie outside the block or the type is unknown.
    pub(super) fn value<'a>(&'a self, block: &'a [u8], order: Order) -> Option<&'a [u8]> {
        let len = type_bytes(self.kind)?.checked_mul(usize::try_from(self.count).ok()?)?;
        if len <= 4 {
            return self.slot.get(..len);
        }
        let at = usize::try_from(order.u32_of(self.slot)).ok()?;
        block.get(at..at.checked_add(len)?)
    }
}

/// One directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// The entries in file order.
    pub(super) entries: Vec<RawEntry>,
    /// Offset of the next directory of the chain, 0 at the end.
    pub(super) next: u32,
}

impl Directory {
    /// The first entry of a tag.
    pub(super) fn find(&self, tag: u16) -> Option<&RawEntry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// Reads the header: byte order and offset of the first directory.
pub(super) fn header(block: &[u8]) -> Result<(Order, u32), TiffFault> {
    let order = match block.get(..4) {
        Some(b"MM\0\x2a") => Order::Big,
        Some(b"II\x2a\0") => Order::Little,
        _ => return Err(TiffFault::Header),
    };
    order
        .u32_at(block, 4)
        .map(|first| (order, first))
        .ok_or(TiffFault::Header)
}

/// Reads one directory whole.
pub(super) fn directory(block: &[u8], order: Order, at: u32) -> Result<Directory, TiffFault> {
    let fault = TiffFault::Directory { at };
    let start = usize::try_from(at).map_err(|_| fault)?;
    let count = order.u16_at(block, start).ok_or(fault)?;
    let mut pos = start.checked_add(2).ok_or(fault)?;
    let bytes = usize::from(count).saturating_mul(12);
    // A directory without room for the `next` field is read by others too; a cut-off entry is not.
    let end = pos
        .checked_add(bytes)
        .filter(|end| *end <= block.len())
        .ok_or(fault)?;
    let mut entries = Vec::with_capacity(usize::from(count));
    while pos < end {
        let raw = block.get(pos..pos.saturating_add(12)).ok_or(fault)?;
        let slot: [u8; 4] = raw
            .get(8..12)
            .and_then(|slot| slot.try_into().ok())
            .ok_or(fault)?;
        entries.push(RawEntry {
            tag: order.u16_at(raw, 0).ok_or(fault)?,
            kind: order.u16_at(raw, 2).ok_or(fault)?,
            count: order.u32_at(raw, 4).ok_or(fault)?,
            slot,
        });
        pos = pos.saturating_add(12);
    }
    Ok(Directory {
        entries,
        next: order.u32_at(block, end).unwrap_or(0),
    })
}

/// Everything a block holds, in the order found, and what was wrong with it.
pub(super) struct Walk {
    /// Byte order.
    pub(super) order: Order,
    /// Entries with the directory they stand in; pointers to directories are followed and left out.
    pub(super) entries: Vec<(Place, RawEntry)>,
    /// Faults met; the rest is still read.
    pub(super) faults: Vec<TiffFault>,
}

/// Walks all directories that Exif defines, each once: of several pointers of one kind the first counts.
pub(super) fn walk(block: &[u8]) -> Result<Walk, TiffFault> {
    let (order, first) = header(block)?;
    let mut found = Walk {
        order,
        entries: Vec::new(),
        faults: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    let mut followed = Vec::new();
    let mut read = 0_usize;
    let mut todo = vec![(Place::Chain(0), first)];
    while let Some((place, at)) = todo.pop() {
        if at == 0 {
            continue;
        }
        if !seen.insert(at) {
            found.faults.push(TiffFault::Loop { at });
            continue;
        }
        let dir = match directory(block, order, at) {
            Ok(dir) => dir,
            Err(fault) => {
                found.faults.push(fault);
                continue;
            }
        };
        if let Place::Chain(index) = place {
            if index < CHAIN_MAX {
                todo.push((Place::Chain(index.saturating_add(1)), dir.next));
            } else {
                found.faults.push(TiffFault::TooMany);
            }
        }
        for entry in dir.entries {
            read = read.saturating_add(1);
            if read > ENTRIES_MAX {
                found.faults.push(TiffFault::TooMany);
                return Ok(found);
            }
            match child(place, entry.tag) {
                Some(below) if followed.contains(&below) => {}
                Some(below) => {
                    followed.push(below);
                    todo.push((below, order.u32_of(entry.slot)));
                }
                None => found.entries.push((place, entry)),
            }
        }
    }
    Ok(found)
}

/// The directory that a tag points to, when it stands in a directory where it means that.
const fn child(place: Place, tag: u16) -> Option<Place> {
    match (place, tag) {
        (Place::Chain(0), EXIF_POINTER) => Some(Place::Exif),
        (Place::Chain(0), GPS_POINTER) => Some(Place::Gps),
        (Place::Exif, INTEROP_POINTER) => Some(Place::Interop),
        _ => None,
    }
}

/// Bytes of one value of a TIFF type; `None` for types unknown here. 129 is the UTF-8 of Exif 3.0.
pub(super) const fn type_bytes(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 | 129 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IFD0 with one ASCII entry whose value lies at 26.
    const ONE: &[u8] = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x06\0\0\0\x1a\0\0\0\0Alice\0";

    #[test]
    fn entry_and_value_are_found() {
        let walk = walk(ONE).unwrap();
        assert_eq!(walk.order, Order::Big);
        assert!(walk.faults.is_empty());
        assert_eq!(walk.entries.len(), 1);
        assert_eq!(walk.entries[0].1.value(ONE, walk.order), Some(&b"Alice\0"[..]));
    }

    #[test]
    fn loop_of_directories_ends() {
        let mut block = ONE.to_vec();
        block[25] = 8;
        let walk = walk(&block).unwrap();
        assert_eq!(walk.faults, [TiffFault::Loop { at: 8 }]);
        assert_eq!(walk.entries.len(), 1);
    }

    #[test]
    fn of_many_pointers_of_one_kind_the_first_is_followed() {
        // Each pointer of the first directory leads to a directory of its own, which overlap.
        let count = 4000_u16;
        let mut block = b"MM\0\x2a\0\0\0\x08".to_vec();
        block.extend(count.to_be_bytes());
        for at in 0..u32::from(count) {
            block.extend([0x87, 0x69, 0, 4, 0, 0, 0, 1]);
            block.extend((10 + 2 * at).to_be_bytes());
        }
        block.extend([0; 4]);
        let walk = walk(&block).unwrap();
        assert!(walk.entries.len() + walk.faults.len() <= ENTRIES_MAX);
        assert!(walk.faults.len() < 20, "{}", walk.faults.len());
    }

    #[test]
    fn every_truncation_is_a_fault_or_shorter_and_never_a_panic() {
        for len in 0..ONE.len() {
            if let Ok(walk) = walk(&ONE[..len]) {
                for (_, entry) in &walk.entries {
                    assert_eq!(entry.value(&ONE[..len], walk.order), None);
                }
            }
        }
    }

    #[test]
    fn big_tiff_is_not_taken_for_tiff() {
        assert_eq!(header(b"II\x2b\0\x08\0\0\0").unwrap_err(), TiffFault::Header);
    }
}
