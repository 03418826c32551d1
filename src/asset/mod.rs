//! An image as bytes in a container: what format it is, where its parts lie, and how to put parts in or take them out.
//!
//! Knows no keys, claims or ledger, and decodes pixels in `pixels` alone.
//!
//! # The content digest
//! [`Asset::content_digest`] names the file without its C2PA manifest store. It does not change when a store is added,
//! replaced or removed, by byline or by the C2PA SDK; any other byte changes it. Of a damaged store nothing is left out: a part that
//! looks like one may be a part that is shown. For a file that never held a store it
//! equals the plain digest, but for TIFF, GIF 87a, and SVG with an empty metadata element. The rule of each format:
//!
//! | format | SHA-256 over |
//! |---|---|
//! | JPEG, PNG, JPEG XL | the file without the store's container parts |
//! | GIF | the same, with the version as `89a` |
//! | WebP | the same, with the RIFF size field as it then would be |
//! | SVG | the same, without what signers add for the store: see `svg` |
//! | AVIF, HEIC, HEIF | the file without C2PA boxes, with all file offsets as they then would be |
//! | TIFF, DNG | what the directories say, wherever it stands: see `tiff_digest` |

mod bmff;
mod bmff_chunks;
mod bmff_meta;
#[cfg(test)]
mod bmff_tests;
mod bmff_write;
mod bytes;
mod error;
pub mod format;
mod gif;
mod isobox;
mod jpeg;
mod jpeg_write;
mod jpeg_xmp;
mod jumbf;
mod jxl;
mod layout;
mod packed;
mod pixel_samples;
pub mod pixels;
mod png;
mod png_text;
pub(crate) mod raster;
#[cfg(test)]
mod samples_for_tests;
mod scan;
mod svg;
mod svg_map;
#[cfg(test)]
mod tests;
mod tiff;
mod tiff_digest;
mod tiff_read;
mod tiff_remove;
mod tiff_write;
mod webp;

use std::ops::Range;
use std::sync::OnceLock;

pub use bmff::C2PA_UUID;
pub use error::AssetError;
pub use format::Format;
pub use layout::{Damage, Layout, Oddity, StorePlace, TextChunk};
#[cfg(test)]
pub(crate) use packed::pack_brotli;
pub(crate) use packed::unpack_brotli;
pub(crate) use png_text::inflate_limit;

use crate::base::limits::{EXIF_BYTES_MAX, FILE_BYTES_MAX, MANIFEST_BYTES_MAX, XMP_BYTES_MAX};
use crate::base::{Digest, Hasher};

/// The bytes of an image file, within the limits, of a known format, with its structure walked.
#[derive(Debug)]
pub struct Asset {
    format: Format,
    bytes: Vec<u8>,
    layout: Layout,
    digest: OnceLock<Digest>,
    content: OnceLock<Digest>,
}

/// An image with its manifest store put in.
#[derive(Debug)]
pub struct Embedded {
    /// The new file.
    pub asset: Asset,
    /// The container parts that hold the store, in file order: what a hard binding excludes.
    pub ranges: Vec<Range<usize>>,
}

impl Asset {
    /// Recognises the format and walks its structure once.
    ///
    /// A cut inside the picture data is the oddity [`Oddity::Truncated`]; anything broken before it is an error.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, AssetError> {
        Self::parse_knowing(bytes, None)
    }

    /// [`Self::parse`] of a JPEG made from another: `scan` are the data of the first scan, looked through there and copied here.
    fn parse_knowing(bytes: Vec<u8>, scan: Option<&Range<usize>>) -> Result<Self, AssetError> {
        if bytes.is_empty() {
            return Err(AssetError::Empty);
        }
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > FILE_BYTES_MAX {
            return Err(AssetError::TooLarge {
                found,
                limit: FILE_BYTES_MAX,
            });
        }
        let format = Format::detect(&bytes).ok_or_else(|| {
            if svg::is_utf16(&bytes) {
                AssetError::Utf16
            } else {
                AssetError::NotAnImage
            }
        })?;
        let layout = match format {
            Format::Avif | Format::Heic | Format::Heif => bmff::walk(format, &bytes),
            Format::Gif => gif::walk(&bytes),
            Format::Jpeg => jpeg::walk(&bytes, scan),
            Format::Jxl => jxl::walk(&bytes),
            Format::Png => png::walk(&bytes),
            Format::Svg => svg::walk(&bytes),
            Format::Dng | Format::Tiff => tiff::walk(format, &bytes),
            Format::WebP => webp::walk(&bytes),
        }?;
        Ok(Self {
            format,
            bytes,
            layout,
            digest: OnceLock::new(),
            content: OnceLock::new(),
        })
    }

    /// The format, by magic number.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The whole file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the file's bytes up.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Where the parts lie.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// SHA-256 of the whole file, computed on first use.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| Digest::of(&self.bytes))
    }

    /// SHA-256 of the file without its manifest store, computed on first use; see the module's rules.
    #[must_use]
    pub fn content_digest(&self) -> Digest {
        *self.content.get_or_init(|| self.compute_content_digest())
    }

    /// Offset of a JPEG's first scan, bytes; `None` in other formats.
    #[must_use]
    pub fn first_scan(&self) -> Option<usize> {
        (self.format() == Format::Jpeg)
            .then(|| jpeg::first_scan(self.bytes()))
            .flatten()
    }

    /// The container parts that hold the manifest store, whole or damaged, in file order.
    #[must_use]
    pub fn store_ranges(&self) -> &[Range<usize>] {
        match &self.layout.store {
            StorePlace::Absent => &[],
            StorePlace::Damaged { ranges, .. } | StorePlace::Found { ranges, .. } => ranges,
        }
    }

    /// Where a TIFF says how long its manifest store is and where it lies, in bytes from the start; empty in other formats.
    ///
    /// The SDK leaves the length out of the hash as it does the store.
    #[must_use]
    pub fn store_pointer(&self) -> Range<usize> {
        let is_tiff = matches!(self.format, Format::Dng | Format::Tiff);
        let found = is_tiff.then(|| tiff::store_pointer(&self.bytes)).flatten();
        found.unwrap_or(0..0)
    }

    /// Whether it is a BigTIFF.
    #[must_use]
    pub fn is_big_tiff(&self) -> bool {
        matches!(self.format, Format::Dng | Format::Tiff) && tiff::is_big(&self.bytes)
    }

    /// Whether what stands in the place of a manifest store, or looks like one elsewhere, is no whole one.
    #[must_use]
    pub const fn has_damaged_store(&self) -> bool {
        matches!(self.layout.store, StorePlace::Damaged { .. })
    }

    /// Whether there is more than one manifest store: then none counts.
    #[must_use]
    pub fn has_several_stores(&self) -> bool {
        let why = Damage::Several;
        matches!(&self.layout.store, StorePlace::Damaged { why: found, .. } if *found == why)
    }

    /// The EXIF block as a TIFF structure: the layout's, or the whole file where the format is TIFF itself.
    #[must_use]
    pub fn exif_block(&self) -> Option<&[u8]> {
        match self.format {
            Format::Tiff | Format::Dng => Some(&self.bytes),
            _ => self.layout.exif.as_deref(),
        }
    }

    /// How many boxes stand at the top of a JPEG XL container, the store among them.
    #[must_use]
    pub fn jxl_boxes(&self) -> usize {
        isobox::all(&self.bytes, 0..self.bytes.len()).0.len()
    }

    /// How many pages a TIFF has, as far as its directories can be read; 1 for every other format.
    #[must_use]
    pub fn pages(&self) -> usize {
        match self.format {
            Format::Tiff | Format::Dng => tiff::pages(&self.bytes),
            _ => 1,
        }
    }

    /// How many frames or pages a file has of which but the first is looked at: frames of a GIF, PNG or WebP, whole pages of a
    /// TIFF (no thumbnails, no masks); 1 for every other format.
    #[must_use]
    pub fn frames(&self) -> usize {
        let frames = match self.format {
            Format::Gif => gif::frames(&self.bytes),
            Format::Png => png::frames(&self.bytes),
            Format::Tiff => tiff::whole_pages(&self.bytes),
            Format::WebP => webp::frames(&self.bytes),
            _ => 1,
        };
        frames.max(1)
    }

    /// Replaces or inserts the EXIF block (a TIFF structure without prefix) and the XMP packet; `None` leaves one as it
    /// is. All other parts stay, the picture data byte for byte.
    ///
    /// TIFF and DNG: the block's entries are merged into the file's own directories, see `tiff_write`. AVIF, HEIC and
    /// HEIF: the item table is rewritten even if both are `None`, into the form in which the C2PA SDK keeps the picture;
    /// a bare JPEG XL codestream gets a container, without which the SDK cannot sign it.
    ///
    /// Refuses a file that holds a manifest store: take it out first.
    pub fn with_metadata(&self, exif: Option<&[u8]>, xmp: Option<&str>) -> Result<Self, AssetError> {
        let format = self.format;
        if self.layout.store != StorePlace::Absent {
            return Err(AssetError::HoldsStore { format });
        }
        let sizes = [
            ("EXIF", exif.map(<[u8]>::len), EXIF_BYTES_MAX),
            ("XMP", xmp.map(str::len), XMP_BYTES_MAX),
        ];
        for (what, found, limit) in sizes {
            if let Some(found) = found.filter(|found| *found > limit) {
                return Err(AssetError::PartTooLarge {
                    format,
                    what,
                    found,
                    limit,
                });
            }
        }
        let exif = exif.map(|block| block.strip_prefix(layout::EXIF_PREFIX).unwrap_or(block));
        if exif.is_some() && !format.carries_exif() {
            return Err(AssetError::Unsupported {
                format,
                what: "the format has no place for EXIF",
            });
        }
        let bytes = match format {
            Format::Avif | Format::Heic | Format::Heif => {
                bmff_write::with_metadata(format, &self.bytes, exif, xmp)
            }
            Format::Gif => gif::with_metadata(&self.bytes, xmp),
            Format::Jpeg => jpeg_write::with_metadata(&self.bytes, exif, xmp),
            Format::Jxl => jxl::with_metadata(&self.bytes, exif, xmp),
            Format::Png => png::with_metadata(&self.bytes, exif, xmp),
            Format::Svg => svg::with_metadata(&self.bytes, xmp),
            Format::Dng | Format::Tiff => tiff_write::with_metadata(format, &self.bytes, exif, xmp),
            Format::WebP => webp::with_metadata(&self.bytes, exif, xmp),
        }?;
        Self::parse(bytes)
    }

    /// The file without its manifest store; the same bytes where there is none.
    pub fn without_store(&self) -> Result<Self, AssetError> {
        let ranges = self.store_ranges();
        let bytes = match self.format {
            _ if ranges.is_empty() => self.bytes.clone(),
            Format::Avif | Format::Heic | Format::Heif => bmff_write::without_store(&self.bytes),
            Format::Svg => svg::without_store(&self.bytes),
            Format::Dng | Format::Tiff => tiff_remove::without_store(self.format, &self.bytes)?,
            Format::WebP => webp::remove(&self.bytes, ranges)?,
            _ => bytes::without(&self.bytes, ranges),
        };
        Self::parse(bytes)
    }

    /// Whether the container parts of the store are byte for byte those that byline's files have, be they written by
    /// [`Asset::embed_store`] or by the SDK: then the store's own bytes say everything about them.
    #[must_use]
    pub fn is_framed_as_ours(&self) -> bool {
        let StorePlace::Found { ranges, jumbf } = &self.layout.store else {
            return false;
        };
        let frame = match self.format {
            Format::Avif | Format::Heic | Format::Heif => bmff_write::frame(jumbf),
            Format::Gif => Ok(gif::frame(jumbf)),
            Format::Jpeg => jpeg_write::frame(jumbf),
            // The box or the value is the store itself.
            Format::Dng | Format::Jxl | Format::Tiff => Ok(jumbf.clone()),
            Format::Png => png::frame(jumbf),
            Format::Svg => Ok(svg::frame(jumbf)),
            Format::WebP => webp::frame(jumbf),
        };
        let span = ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end);
        let length: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        frame.is_ok_and(|frame| length == span.len() && self.bytes.get(span) == Some(frame.as_slice()))
    }

    /// Where [`Asset::embed_store`] will put a store of these bytes' length into a file without one; `None` for formats where the
    /// rest of the file depends on the store.
    pub fn store_slot(&self, jumbf: &[u8]) -> Result<Option<Range<usize>>, AssetError> {
        let (at, frame) = match self.format {
            Format::Jpeg => (jpeg_write::store_at(&self.bytes), jpeg_write::frame(jumbf)?),
            Format::Png => (png::pixels_at(&self.bytes), png::frame(jumbf)?),
            _ => return Ok(None),
        };
        Ok(Some(at..at.saturating_add(frame.len())))
    }

    /// Takes over the content digest of the same file before its store was put in; the caller has compared the bytes.
    pub(crate) fn remember_content(&self, digest: Digest) {
        // A digest that was computed already is as good.
        let _ = self.content.set(digest);
    }

    /// Puts a manifest store in, replacing one that is there. JPEG, PNG and WebP.
    pub fn embed_store(&self, jumbf: &[u8]) -> Result<Embedded, AssetError> {
        let format = self.format;
        if jumbf.len() > MANIFEST_BYTES_MAX {
            let (what, found, limit) = ("manifest store", jumbf.len(), MANIFEST_BYTES_MAX);
            return Err(AssetError::PartTooLarge {
                format,
                what,
                found,
                limit,
            });
        }
        let stripped = if self.store_ranges().is_empty() {
            None
        } else {
            Some(self.without_store()?)
        };
        let source = stripped.as_ref().unwrap_or(self);
        let bare = source.bytes();
        let (bytes, ranges) = match format {
            Format::Jpeg => jpeg_write::embed(bare, jumbf),
            Format::Png => png::embed(bare, jumbf),
            Format::WebP => webp::embed(bare, jumbf),
            _ => Err(AssetError::Unsupported {
                format,
                what: "the manifest store is put in by the SDK",
            }),
        }?;
        // The store lies before the first scan, whose data move by as much as the file grows.
        let grown = bytes.len().saturating_sub(bare.len());
        let data = source.layout.first_scan_data.as_ref();
        let scan = data.map(|data| data.start.saturating_add(grown)..data.end.saturating_add(grown));
        Ok(Embedded {
            asset: Self::parse_knowing(bytes, scan.as_ref())?,
            ranges,
        })
    }

    /// The file with the container parts of a store put back at `at`, where a signer's hash left it out; `None` where there is a store
    /// already, for formats whose other bytes depend on the store, and where no image comes out.
    ///
    /// Whether the store belongs there is not judged: who reads the result checks every byte of it.
    #[must_use]
    pub fn with_store_at(&self, jumbf: &[u8], at: usize) -> Option<Self> {
        if !self.store_ranges().is_empty() || jumbf.len() > MANIFEST_BYTES_MAX || at > self.bytes.len() {
            return None;
        }
        let frame = match self.format {
            Format::Gif => gif::frame(jumbf),
            Format::Jpeg => jpeg_write::frame(jumbf).ok()?,
            Format::Jxl => jumbf.to_vec(),
            Format::Png => png::frame(jumbf).ok()?,
            Format::WebP => return Some(self.embed_store(jumbf).ok()?.asset),
            _ => return None,
        };
        Self::parse(insert(&self.bytes, at, &frame)).ok()
    }

    fn compute_content_digest(&self) -> Digest {
        let StorePlace::Found { ranges, .. } = &self.layout.store else {
            return self.digest_without_store(&[]);
        };
        // What stands in a store may be what the picture is made of.
        if matches!(self.format, Format::Avif | Format::Heic | Format::Heif)
            && bmff::lies_in(&self.bytes, ranges)
        {
            return self.digest();
        }
        self.digest_without_store(ranges)
    }

    fn digest_without_store(&self, ranges: &[Range<usize>]) -> Digest {
        match self.format {
            // A structure that no longer holds is named by all of its bytes.
            Format::Dng | Format::Tiff => tiff_digest::digest(&self.bytes).unwrap_or_else(|| self.digest()),
            Format::Gif => gif::digest(&self.bytes, ranges),
            Format::Svg if self.has_damaged_store() => self.digest(),
            Format::Svg => Digest::of(&svg::without_store(&self.bytes)),
            _ if ranges.is_empty() => self.digest(),
            Format::Avif | Format::Heic | Format::Heif => Digest::of(&bmff_write::without_store(&self.bytes)),
            Format::WebP => {
                webp::remove(&self.bytes, ranges).map_or_else(|_| self.digest(), |bytes| Digest::of(&bytes))
            }
            _ => {
                let mut hasher = Hasher::new();
                for piece in bytes::kept(&self.bytes, ranges) {
                    hasher.update(piece);
                }
                hasher.finish()
            }
        }
    }
}

/// `bytes` with `new` put in at `at`.
fn insert(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let (before, after) = bytes.split_at(at.min(bytes.len()));
    [before, new, after].concat()
}
