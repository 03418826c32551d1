//! Putting metadata into a TIFF or DNG, and taking the manifest store out.
//!
//! New directories are appended and the header's pointer is set to the new first one, so picture data and every other
//! value stay where they are and offsets inside maker notes stay right. What is merged:
//!
//! - entries of the EXIF block's IFD0, except those that describe the picture's own structure (size, strips, tiles,
//!   compression, sub-IFDs, DNG tags and the like), into the file's IFD0;
//! - its Exif directory into the file's Exif directory, its GPS directory into the file's GPS directory;
//! - the XMP packet as tag 700.
//!
//! An entry of the same tag is replaced, every other one is kept. BigTIFF is refused.

use std::collections::BTreeMap;

use super::bytes::{index, index64};
use super::tiff_read::{Ifd, Tiff, tags, unit};
use super::{AssetError, Format};

/// Merges the entries of an EXIF block and sets the XMP packet; `None` leaves one as it is.
pub(super) fn with_metadata(
    format: Format,
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    if exif.is_none() && xmp.is_none() {
        return Ok(bytes.to_vec());
    }
    let broken = |what| AssetError::Malformed {
        format,
        what,
        offset: 0,
    };
    let file = Tiff::parse(bytes).ok_or_else(|| broken("the header is cut"))?;
    if file.big {
        return Err(AssetError::Unsupported {
            format,
            what: "metadata is not written into BigTIFF",
        });
    }
    let mut first = first(&file).ok_or_else(|| broken("there is no image file directory"))?;
    let mut out = Appender {
        bytes: bytes.to_vec(),
        little: file.little,
        format,
    };
    if let Some(block) = exif {
        let block = Tiff::parse(block).filter(|block| !block.big);
        let block = block.ok_or(AssetError::Unsupported {
            format,
            what: "the EXIF block is no TIFF structure",
        })?;
        let theirs = block.u32(4).and_then(|at| block.ifd(index(at)));
        let theirs = theirs.ok_or(AssetError::Unsupported {
            format,
            what: "the EXIF block has no directory",
        })?;
        merge(&mut first.entries, &block, &theirs, file.little, is_structure);
        for tag in [tags::EXIF, tags::GPS] {
            let Some(new) = child(&block, &theirs, tag) else {
                continue;
            };
            let old = first.old.as_ref().and_then(|old| child(&file, old, tag));
            let mut entries = old.map(|old| kept(&file, &old)).unwrap_or_default();
            merge(&mut entries, &block, &new, file.little, |tag| {
                tag == tags::INTEROPERABILITY
            });
            let at = out.directory(&entries, 0)?;
            first.entries.insert(
                tag,
                Value {
                    kind: 4,
                    count: 1,
                    place: Place::Inline(out.word(at)),
                },
            );
        }
    }
    if let Some(packet) = xmp {
        let count = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        let place = Place::New(packet.as_bytes().to_vec());
        first.entries.insert(
            tags::XMP,
            Value {
                kind: 1,
                count,
                place,
            },
        );
    }
    let at = out.directory(&first.entries, first.next)?;
    let pointer = out.word(at);
    out.set(4, pointer);
    Ok(out.bytes)
}

/// Takes the manifest store out: its entry goes, its bytes are cut off or zeroed.
pub(super) fn without_store(format: Format, bytes: &[u8]) -> Result<Vec<u8>, AssetError> {
    let broken = |offset| AssetError::Malformed {
        format,
        what: "an image file directory is broken",
        offset,
    };
    let tiff = Tiff::parse(bytes).ok_or_else(|| broken(0))?;
    let pages = tiff.pages().map_err(broken)?;
    let (head, width, pointer) = if tiff.big { (8, 20, 8) } else { (2, 12, 4) };
    let mut out = bytes.to_vec();
    let mut values = Vec::new();
    // Where the pointer to the page at hand stands.
    let mut pointer_at = tiff.first_at();
    for page in &pages {
        let left: Vec<_> = page
            .entries
            .iter()
            .filter(|entry| entry.tag != tags::C2PA)
            .map(|entry| entry.at)
            .collect();
        values.extend(
            page.entries
                .iter()
                .filter(|entry| entry.tag == tags::C2PA)
                .filter_map(|entry| entry.value.clone()),
        );
        if left.len() == page.entries.len() {
            pointer_at = page.next_at;
            continue;
        }
        let next = bytes
            .get(page.next_at..page.next_at.saturating_add(pointer))
            .unwrap_or_default();
        if left.is_empty() {
            set(&mut out, pointer_at, next);
            continue;
        }
        let count = left.len();
        let start = page.at.saturating_add(head);
        let mut table: Vec<u8> = left
            .iter()
            .filter_map(|at| bytes.get(*at..at.checked_add(width)?))
            .flatten()
            .copied()
            .collect();
        table.extend_from_slice(next);
        let gone = page.entries.len().saturating_sub(count).saturating_mul(width);
        table.resize(table.len().saturating_add(gone), 0);
        set(&mut out, start, &table);
        let count64 = u64::try_from(count).unwrap_or(u64::MAX);
        let count16 = u16::try_from(count).unwrap_or(u16::MAX);
        match (tiff.big, tiff.little) {
            (true, true) => set(&mut out, page.at, &count64.to_le_bytes()),
            (true, false) => set(&mut out, page.at, &count64.to_be_bytes()),
            (false, true) => set(&mut out, page.at, &count16.to_le_bytes()),
            (false, false) => set(&mut out, page.at, &count16.to_be_bytes()),
        }
        pointer_at = start.saturating_add(count.saturating_mul(width));
    }
    for value in values {
        let in_entry = pages
            .iter()
            .flat_map(|page| &page.entries)
            .any(|entry| value.start.wrapping_sub(entry.at) < width);
        if in_entry {
            continue;
        }
        if value.end == out.len() {
            out.truncate(value.start);
        } else if let Some(hole) = out.get_mut(value) {
            hole.fill(0);
        }
    }
    Ok(out)
}

/// The first directory on its way to a new one.
struct First {
    old: Option<Ifd>,
    entries: Entries,
    next: u32,
}

type Entries = BTreeMap<u16, Value>;

/// A value on its way into a new directory.
struct Value {
    kind: u16,
    count: u32,
    place: Place,
}

/// Where the value is.
enum Place {
    /// The four bytes of the entry, as they are in the file: a short value, or a pointer that stays.
    Inline([u8; 4]),
    /// Bytes in the file's order, to be appended where they do not fit into the entry.
    New(Vec<u8>),
}

fn first(file: &Tiff<'_>) -> Option<First> {
    let old = file.ifd(index(file.u32(4)?))?;
    let next = u32::try_from(old.next).ok()?;
    Some(First {
        entries: kept(file, &old),
        old: Some(old),
        next,
    })
}

/// The entries of a directory as they stand.
fn kept(file: &Tiff<'_>, ifd: &Ifd) -> Entries {
    let entries = ifd.entries.iter().filter_map(|entry| {
        let inline = super::bytes::array(file.bytes, entry.at.checked_add(8)?)?;
        let count = u32::try_from(entry.count).ok()?;
        Some((
            entry.tag,
            Value {
                kind: entry.kind,
                count,
                place: Place::Inline(inline),
            },
        ))
    });
    entries.collect()
}

fn child(tiff: &Tiff<'_>, ifd: &Ifd, tag: u16) -> Option<Ifd> {
    tiff.ifd(index64(*tiff.numbers(ifd.entry(tag)?).first()?))
}

/// Takes over the entries of `theirs` that `skip` does not name, in the byte order of the file.
fn merge(entries: &mut Entries, block: &Tiff<'_>, theirs: &Ifd, little: bool, skip: impl Fn(u16) -> bool) {
    for entry in theirs.entries.iter().filter(|entry| !skip(entry.tag)) {
        let (Some(value), Ok(count)) = (block.value(entry), u32::try_from(entry.count)) else {
            continue;
        };
        let mut value = value.to_vec();
        if block.little != little {
            swap(&mut value, entry.kind);
        }
        entries.insert(
            entry.tag,
            Value {
                kind: entry.kind,
                count,
                place: Place::New(value),
            },
        );
    }
}

/// Turns the byte order of every number of a value; a rational is two numbers.
fn swap(value: &mut [u8], kind: u16) {
    let width = match kind {
        5 | 10 => 4,
        _ => unit(kind).unwrap_or(1),
    };
    for number in value.chunks_exact_mut(width) {
        number.reverse();
    }
}

/// Tags of IFD0 that say how the picture of their own file is stored.
fn is_structure(tag: u16) -> bool {
    matches!(
        tag,
        254..=266 | 273 | 277..=281 | 284 | 288..=293 | 297 | 301 | 317..=330 | 332..=338 | 339..=347 | 512..=532
            | 700 | 33421..=33422 | 34377 | 34665 | 34675 | 34853 | 37724 | 50706..
    ) || tag == tags::IPTC
}

struct Appender {
    bytes: Vec<u8>,
    little: bool,
    format: Format,
}

impl Appender {
    /// Appends a directory with its long values and says where it stands.
    fn directory(&mut self, entries: &Entries, next: u32) -> Result<u32, AssetError> {
        let mut table = Vec::new();
        let count = u16::try_from(entries.len()).map_err(|_| self.too_large(entries.len()))?;
        table.extend_from_slice(&self.half(count));
        for (tag, value) in entries {
            let inline = match &value.place {
                Place::Inline(inline) => *inline,
                Place::New(bytes) if bytes.len() <= 4 => {
                    let mut inline = [0; 4];
                    for (to, from) in inline.iter_mut().zip(bytes) {
                        *to = *from;
                    }
                    inline
                }
                Place::New(bytes) => {
                    let at = self.append(bytes)?;
                    self.word(at)
                }
            };
            table.extend_from_slice(&self.half(*tag));
            table.extend_from_slice(&self.half(value.kind));
            table.extend_from_slice(&self.word(value.count));
            table.extend_from_slice(&inline);
        }
        table.extend_from_slice(&self.word(next));
        self.append(&table)
    }

    /// Appends bytes at an even offset (TIFF 6.0: values begin on a word boundary).
    fn append(&mut self, bytes: &[u8]) -> Result<u32, AssetError> {
        if self.bytes.len() % 2 == 1 {
            self.bytes.push(0);
        }
        let at = u32::try_from(self.bytes.len()).map_err(|_| self.too_large(self.bytes.len()))?;
        self.bytes.extend_from_slice(bytes);
        Ok(at)
    }

    fn too_large(&self, found: usize) -> AssetError {
        AssetError::PartTooLarge {
            format: self.format,
            what: "the file",
            found,
            limit: index(u32::MAX),
        }
    }

    fn half(&self, number: u16) -> [u8; 2] {
        if self.little {
            number.to_le_bytes()
        } else {
            number.to_be_bytes()
        }
    }

    fn word(&self, number: u32) -> [u8; 4] {
        if self.little {
            number.to_le_bytes()
        } else {
            number.to_be_bytes()
        }
    }

    fn set(&mut self, at: usize, new: [u8; 4]) {
        set(&mut self.bytes, at, &new);
    }
}

fn set(bytes: &mut [u8], at: usize, new: &[u8]) {
    if let Some(room) = bytes.get_mut(at..at.saturating_add(new.len())) {
        room.copy_from_slice(new);
    }
}

/// Appends a first directory with the store behind it, as the SDK does for a file of one page.
#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    let file = Tiff::parse(bytes).unwrap();
    let (head, width) = if file.big { (8, 20) } else { (2, 12) };
    let page = file.pages().unwrap().remove(0);
    let mut out = bytes.to_vec();
    out.resize(out.len().next_multiple_of(2), 0);
    let at = out.len();
    let number = |value: usize, width: usize| {
        let wide = u64::try_from(value).unwrap();
        if file.little {
            wide.to_le_bytes()[..width].to_vec()
        } else {
            wide.to_be_bytes()[8 - width..].to_vec()
        }
    };
    let word = if file.big { 8 } else { 4 };
    let count = page.entries.len() + 1;
    out.extend(number(count, head));
    for entry in &page.entries {
        out.extend_from_slice(&bytes[entry.at..entry.at + width]);
    }
    out.extend(number(usize::from(tags::C2PA), 2));
    out.extend(number(7, 2));
    out.extend(number(jumbf.len(), word));
    let value_at = at + head + count * width + word;
    out.extend(number(value_at, word));
    out.extend(number(index64(page.next), word));
    out.extend_from_slice(jumbf);
    let pointer = number(at, word);
    set(&mut out, file.first_at(), &pointer);
    out
}
