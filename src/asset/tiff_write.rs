//! Putting metadata into a TIFF or DNG.
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

/// Overwrites bytes where they are all there.
pub(super) fn set(bytes: &mut [u8], at: usize, new: &[u8]) {
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

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{every_format, exif_block, parse, pixels, xmp_packet};
    use super::super::{Asset, Oddity, StorePlace, jumbf};
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        every_format()
            .into_iter()
            .find(|sample| sample.0 == name)
            .unwrap()
            .1
    }

    fn first_value(bytes: &[u8], tag: u16) -> Option<Vec<u8>> {
        let tiff = Tiff::parse(bytes)?;
        let page = tiff.pages().ok()?.remove(0);
        tiff.value(page.entry(tag)?).map(<[u8]>::to_vec)
    }

    /// An EXIF block, big-endian, with a picture structure of its own that must not be taken over.
    fn block_with_exif_directory(lens: u32) -> Vec<u8> {
        let mut out = b"MM\0\x2A\0\0\0\x08\0\x03".to_vec();
        out.extend_from_slice(&[0x01, 0x00, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0]); // ImageWidth 9
        out.extend_from_slice(&[0x01, 0x1A, 0, 5, 0, 0, 0, 1, 0, 0, 0, 50]); // XResolution
        out.extend_from_slice(&[0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 58]); // Exif directory
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&[0, 0, 0, 72, 0, 0, 0, 1]);
        out.extend_from_slice(&[0, 1, 0xA4, 0x05, 0, 3, 0, 0, 0, 1]); // FocalLengthIn35mm
        out.extend_from_slice(&lens.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out
    }

    #[test]
    fn entries_are_merged_and_the_picture_stays() {
        for name in ["deflate.tif", "big-endian.tif", "two-pages.tif", "linear.dng"] {
            let bytes = sample(name);
            let patched = parse(&bytes)
                .with_metadata(Some(&exif_block("Alice")), Some(&xmp_packet("A")))
                .unwrap();
            assert_eq!(
                first_value(patched.bytes(), 315).as_deref(),
                Some(&b"Alice   \0"[..]),
                "{name}"
            );
            assert_eq!(
                patched.layout().xmp.as_deref(),
                Some(xmp_packet("A").as_bytes()),
                "{name}"
            );
            assert_eq!(
                first_value(patched.bytes(), 277),
                first_value(&bytes, 277),
                "{name}"
            );
            assert_eq!(patched.bytes()[8..bytes.len()], bytes[8..], "{name}");
            assert_eq!(patched.format(), parse(&bytes).format(), "{name}");
            assert_eq!(pixels(patched.bytes()), pixels(&bytes), "{name}");
        }
    }

    #[test]
    fn numbers_take_the_byte_order_of_the_file_and_directories_are_merged() {
        let bytes = sample("deflate.tif");
        let once = parse(&bytes)
            .with_metadata(Some(&block_with_exif_directory(35 << 16)), None)
            .unwrap();
        assert_eq!(first_value(once.bytes(), 256), first_value(&bytes, 256));
        assert_eq!(first_value(once.bytes(), 282).unwrap(), [72, 0, 0, 0, 1, 0, 0, 0]);
        let mut other = block_with_exif_directory(50 << 16);
        other[61] = 0x06; // Another tag of the Exif directory.
        let twice = parse(once.bytes()).with_metadata(Some(&other), None).unwrap();
        let tiff = Tiff::parse(twice.bytes()).unwrap();
        let exif = child(&tiff, &tiff.pages().unwrap()[0], tags::EXIF).unwrap();
        let numbers: Vec<_> = exif
            .entries
            .iter()
            .map(|entry| (entry.tag, tiff.numbers(entry)))
            .collect();
        assert_eq!(numbers, [(0xA405, vec![35]), (0xA406, vec![50])]);
    }

    #[test]
    fn bigtiff_is_refused_and_a_foreign_block_too() {
        let refused = parse(&sample("bigtiff.tif"))
            .with_metadata(None, Some("<x/>"))
            .unwrap_err();
        assert!(matches!(refused, AssetError::Unsupported { .. }));
        let refused = parse(&sample("deflate.tif"))
            .with_metadata(Some(b"no block"), None)
            .unwrap_err();
        assert!(matches!(refused, AssetError::Unsupported { .. }));
    }

    #[test]
    fn a_chain_that_bites_its_tail_is_malformed() {
        let mut bytes = sample("deflate.tif");
        let tiff = Tiff::parse(&bytes).unwrap();
        let page = tiff.pages().unwrap().remove(0);
        set(
            &mut bytes,
            page.next_at,
            &u32::try_from(page.at).unwrap().to_le_bytes(),
        );
        assert!(matches!(Asset::parse(bytes), Err(AssetError::Malformed { .. })));
    }

    #[test]
    fn a_count_beyond_the_file_is_no_allocation() {
        let mut bytes = sample("bigtiff.tif");
        let page = Tiff::parse(&bytes).unwrap().pages().unwrap().remove(0);
        set(&mut bytes, page.at, &u64::MAX.to_le_bytes());
        assert!(matches!(Asset::parse(bytes), Err(AssetError::Malformed { .. })));
    }

    #[test]
    fn strips_beyond_the_end_are_truncation() {
        let bytes = sample("big-endian.tif");
        let asset = parse(&bytes[..bytes.len() - 5]);
        assert!(matches!(asset.layout().oddities[..], [Oddity::Truncated { .. }]));
    }

    #[test]
    fn a_value_padded_with_zeros_is_a_store_and_with_anything_else_damage() {
        let bytes = sample("deflate.tif");
        let padded = [jumbf::sample(20), vec![0; 9]].concat();
        assert!(matches!(&parse(&with_store(&bytes, &padded)).layout().store,
            StorePlace::Found { jumbf, .. } if *jumbf == jumbf::sample(20)));
        let stuffed = [jumbf::sample(20), vec![0, 1]].concat();
        assert!(matches!(
            parse(&with_store(&bytes, &stuffed)).layout().store,
            StorePlace::Damaged { .. }
        ));
    }
}
