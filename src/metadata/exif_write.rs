//! EXIF out: adds text tags to a TIFF block by appending, or makes a small new block.
//!
//! Nothing that a block holds moves: the old bytes stay as they are, in place, so that maker notes with offsets of their own,
//! thumbnails and the picture data of TIFF files keep their meaning. Appended are the new texts and new copies of the two
//! directories concerned; only the header's offset of the first directory changes. A replaced text stays in the block as
//! dead bytes.
//!
//! A new block is laid out so that exiftool (12.51 to 13.59 at least, its issue 452) reads it and the manifest store of one
//! PNG: it keeps the byte order of the last TIFF block when it goes on to the big-endian boxes of `caBX`, and of two
//! directories at one offset, each counted from its own chunk, it passes over the second. So the block is big-endian, and
//! its directories begin where no box of a store can: the first description box ends at 38, the second, with a label of at
//! least 45 characters, spans 54 to 117.
//!
//! ```text
//! 0 "MM" 002A 0000000A | 8 padding | 10 IFD0 .. | Exif IFD, at most at 116 | texts
//! ```

use super::tiff::{self, Directory, EXIF_POINTER, Order, RawEntry, TiffFault};

/// A text for a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextTag<'a> {
    /// The tag.
    pub(super) tag: u16,
    /// The text, without its final NUL. ASCII where it is; else UTF-8 in the ASCII type (MWG 2.0).
    pub(super) text: &'a str,
}

/// What is written into which directory. A tag that the directory has already is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Additions<'a> {
    /// Of the picture's own directory.
    pub(super) primary: Vec<TextTag<'a>>,
    /// Of the Exif directory.
    pub(super) exif: Vec<TextTag<'a>>,
}

/// Why a block cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExifWriteError {
    /// The block found is damaged where it would have to be rewritten.
    #[error("the file's EXIF block is damaged and left as it is: {0}")]
    Damaged(#[from] TiffFault),
    /// Offsets or counts outgrow the format.
    #[error("the EXIF block would outgrow its 32-bit offsets")]
    TooLarge,
}

/// A block of these texts alone, to be merged into a TIFF file's own directories.
///
/// Says its EXIF version only for a file that has no Exif directory to say it.
pub(super) fn fragment(additions: &Additions<'_>, has_exif: bool) -> Result<Vec<u8>, ExifWriteError> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0".to_vec();
    let mut primary = Directory {
        entries: Vec::new(),
        next: 0,
    };
    if has_exif {
        // An empty Exif directory to add to, at the offset of the empty IFD0.
        primary.entries.push(RawEntry {
            tag: EXIF_POINTER,
            kind: 4,
            count: 1,
            slot: Order::Big.u32_bytes(8),
        });
    }
    if additions.exif.is_empty() {
        primary.entries.clear();
        block.truncate(8);
    }
    append(&block, Order::Big, primary, additions)
}

/// Adds texts to a block, or makes a new block for `None`.
pub(super) fn write(block: Option<&[u8]>, additions: &Additions<'_>) -> Result<Vec<u8>, ExifWriteError> {
    let Some(block) = block else {
        return fresh(additions);
    };
    let (order, first) = tiff::header(block)?;
    let primary = tiff::directory(block, order, first)?;
    append(block, order, primary, additions)
}

/// Offset of IFD0 in a new block; even, and within a store's first description box.
const FRESH_AT: usize = 10;

fn fresh(additions: &Additions<'_>) -> Result<Vec<u8>, ExifWriteError> {
    let with_exif = !additions.exif.is_empty();
    let room = |entries: usize| entries.saturating_mul(12).saturating_add(6);
    let exif_at = FRESH_AT.saturating_add(room(
        additions.primary.len().saturating_add(usize::from(with_exif)),
    ));
    let texts_at = if with_exif {
        exif_at.saturating_add(room(additions.exif.len().saturating_add(1)))
    } else {
        exif_at
    };
    let mut out = Out {
        bytes: b"MM\0\x2a\0\0\0\x0a".to_vec(),
        order: Order::Big,
    };
    out.bytes.resize(texts_at, 0);
    let mut primary = Directory {
        entries: Vec::new(),
        next: 0,
    };
    out.texts(&mut primary, &additions.primary)?;
    if with_exif {
        let mut exif = Directory {
            entries: vec![EXIF_VERSION],
            next: 0,
        };
        out.texts(&mut exif, &additions.exif)?;
        let slot = Order::Big.u32_bytes(u32::try_from(exif_at).map_err(|_| ExifWriteError::TooLarge)?);
        set(
            &mut primary,
            RawEntry {
                tag: EXIF_POINTER,
                kind: 4,
                count: 1,
                slot,
            },
        );
        out.put(exif_at, &exif)?;
    }
    out.put(FRESH_AT, &primary)?;
    Ok(out.bytes)
}

fn append(
    block: &[u8],
    order: Order,
    mut primary: Directory,
    additions: &Additions<'_>,
) -> Result<Vec<u8>, ExifWriteError> {
    let mut out = Out {
        bytes: block.to_vec(),
        order,
    };
    if !additions.exif.is_empty() {
        let mut exif = match primary.find(EXIF_POINTER) {
            Some(pointer) => tiff::directory(block, order, order.u32_of(pointer.slot))?,
            None => Directory {
                entries: vec![EXIF_VERSION],
                next: 0,
            },
        };
        out.texts(&mut exif, &additions.exif)?;
        let at = out.directory(&exif)?;
        set(
            &mut primary,
            RawEntry {
                tag: EXIF_POINTER,
                kind: 4,
                count: 1,
                slot: order.u32_bytes(at),
            },
        );
    }
    out.texts(&mut primary, &additions.primary)?;
    let at = out.directory(&primary)?;
    if let Some(first) = out.bytes.get_mut(4..8) {
        first.copy_from_slice(&order.u32_bytes(at));
    }
    Ok(out.bytes)
}

/// ExifVersion 2.32: the first with offsets of time was 2.31 (Exif 3.0, 4.6.6.1).
const EXIF_VERSION: RawEntry = RawEntry {
    tag: 0x9000,
    kind: 7,
    count: 4,
    slot: *b"0232",
};

/// Puts an entry in its place by tag number, or over the one that is there. Directories are sorted (TIFF 6.0, 2), and one
/// that was not keeps the order of its own entries.
fn set(directory: &mut Directory, entry: RawEntry) {
    if let Some(there) = directory.entries.iter_mut().find(|there| there.tag == entry.tag) {
        *there = entry;
        return;
    }
    let at = directory
        .entries
        .iter()
        .position(|there| there.tag > entry.tag)
        .unwrap_or(directory.entries.len());
    directory.entries.insert(at, entry);
}

struct Out {
    bytes: Vec<u8>,
    order: Order,
}

impl Out {
    /// Where the next part begins: on a word boundary (TIFF 6.0, 2).
    fn place(&mut self) -> Result<u32, ExifWriteError> {
        if !self.bytes.len().is_multiple_of(2) {
            self.bytes.push(0);
        }
        u32::try_from(self.bytes.len()).map_err(|_| ExifWriteError::TooLarge)
    }

    fn texts(&mut self, directory: &mut Directory, texts: &[TextTag<'_>]) -> Result<(), ExifWriteError> {
        for TextTag { tag, text } in texts {
            let mut value = text.as_bytes().to_vec();
            value.push(0);
            let count = u32::try_from(value.len()).map_err(|_| ExifWriteError::TooLarge)?;
            let mut slot = [0; 4];
            if let Some(inline) = slot.get_mut(..value.len()) {
                inline.copy_from_slice(&value);
            } else {
                slot = self.order.u32_bytes(self.place()?);
                self.bytes.extend_from_slice(&value);
            }
            set(
                directory,
                RawEntry {
                    tag: *tag,
                    kind: 2,
                    count,
                    slot,
                },
            );
        }
        Ok(())
    }

    /// Appends a directory and says where it is.
    fn directory(&mut self, directory: &Directory) -> Result<u32, ExifWriteError> {
        let at = self.place()?;
        let table = self.table(directory)?;
        self.bytes.extend_from_slice(&table);
        Ok(at)
    }

    /// Puts a directory where room was left for it.
    fn put(&mut self, at: usize, directory: &Directory) -> Result<(), ExifWriteError> {
        let table = self.table(directory)?;
        let room = self
            .bytes
            .get_mut(at..at.saturating_add(table.len()))
            .ok_or(ExifWriteError::TooLarge)?;
        room.copy_from_slice(&table);
        Ok(())
    }

    fn table(&self, directory: &Directory) -> Result<Vec<u8>, ExifWriteError> {
        let count = u16::try_from(directory.entries.len()).map_err(|_| ExifWriteError::TooLarge)?;
        let mut table = self.order.u16_bytes(count).to_vec();
        for entry in &directory.entries {
            table.extend_from_slice(&self.order.u16_bytes(entry.tag));
            table.extend_from_slice(&self.order.u16_bytes(entry.kind));
            table.extend_from_slice(&self.order.u32_bytes(entry.count));
            table.extend_from_slice(&entry.slot);
        }
        table.extend_from_slice(&self.order.u32_bytes(directory.next));
        Ok(table)
    }
}
