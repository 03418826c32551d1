//! EXIF out: adds text tags to a TIFF block by appending, or makes a small new block.
//!
//! Nothing that a block holds moves: the old bytes stay as they are, in place, so that maker notes with offsets of their own,
//! thumbnails and the picture data of TIFF files keep their meaning. Appended are the new texts and new copies of the two
//! directories concerned; only the header's offset of the first directory changes. A replaced text stays in the block as
//! dead bytes. New blocks are big-endian: exiftool 12.57 keeps the byte order of the last TIFF block it read when it
//! goes on to a PNG's `caBX`, whose boxes are big-endian.

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
    append(&block, Order::Big, Some(primary), additions)
}

/// Adds texts to a block, or makes a new block for `None`.
pub(super) fn write(block: Option<&[u8]>, additions: &Additions<'_>) -> Result<Vec<u8>, ExifWriteError> {
    let Some(block) = block else {
        return append(b"MM\0\x2a\0\0\0\0", Order::Big, None, additions);
    };
    let (order, first) = tiff::header(block)?;
    let primary = tiff::directory(block, order, first)?;
    append(block, order, Some(primary), additions)
}

fn append(
    block: &[u8],
    order: Order,
    primary: Option<Directory>,
    additions: &Additions<'_>,
) -> Result<Vec<u8>, ExifWriteError> {
    let mut out = Out {
        bytes: block.to_vec(),
        order,
    };
    let mut primary = primary.unwrap_or(Directory {
        entries: Vec::new(),
        next: 0,
    });
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

    fn directory(&mut self, directory: &Directory) -> Result<u32, ExifWriteError> {
        let at = self.place()?;
        let count = u16::try_from(directory.entries.len()).map_err(|_| ExifWriteError::TooLarge)?;
        self.bytes.extend_from_slice(&self.order.u16_bytes(count));
        for entry in &directory.entries {
            self.bytes.extend_from_slice(&self.order.u16_bytes(entry.tag));
            self.bytes.extend_from_slice(&self.order.u16_bytes(entry.kind));
            self.bytes.extend_from_slice(&self.order.u32_bytes(entry.count));
            self.bytes.extend_from_slice(&entry.slot);
        }
        self.bytes
            .extend_from_slice(&self.order.u32_bytes(directory.next));
        Ok(at)
    }
}
