//! What a picture looks like, from one decode: a digest of its pixels, its canonical luma and a small preview. DOOR to `image`.
//!
//! JPEG goes through [`super::scan`], our own decoder, whose digest does not depend on anybody's inverse DCT; PNG, WebP, TIFF
//! and GIF (first frame) go through the `image` crate, with the bounds of `base::limits` checked on the header before anything
//! is allocated. AVIF, HEIC, JPEG XL, SVG and DNG are not decoded here: no pure-Rust decoder of them is in the tree.
//!
//! Orientation is an argument, 1 to 8 as in EXIF 2.32 4.6.4 tag 0x0112; anything else counts as 1.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::png::PngEncoder;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
};

use super::pixel_samples::{self as samples, Samples};
use super::raster::{self, Raster};
use super::scan::{self, ScanError};
use super::{Asset, Format};
use crate::base::Digest;
use crate::base::limits::{DECODE_BYTES_FREE, DECODE_BYTES_MAX, DECODE_RATIO_MAX, PIXELS_MAX, SIDE_MAX};

/// Longest side of the canonical luma and of the preview, pixels (design similar.md 0).
pub const CANONICAL_SIDE: u32 = 512;

/// By which rule a pixel digest was made. The numbers stand in ledger entries and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PixelRule {
    /// The quantised DCT coefficients of a JPEG, version 1: see [`super::scan`].
    JpegCoefficients,
    /// Decoded samples of every other format, orientation applied, version 1: see [`super::samples`].
    Samples,
}

impl PixelRule {
    /// Every rule, in the order of its number.
    pub const ALL: [Self; 2] = [Self::JpegCoefficients, Self::Samples];

    /// The number in ledger entries.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::JpegCoefficients => 1,
            Self::Samples => 2,
        }
    }

    /// The rule of a number; `None` for numbers not given out yet.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JpegCoefficients => "jpeg-coefficients.v1",
            Self::Samples => "samples.v1",
        }
    }
}

/// A digest of what a picture shows, whatever its metadata; comparable only with a digest of the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PixelDigest {
    /// By which rule.
    pub algorithm: PixelRule,
    /// SHA-256 of the rule's byte form.
    pub digest: Digest,
}

/// Grey samples, one byte each, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height` bytes.
    pub samples: Vec<u8>,
}

/// Red, green and blue samples, one byte each, interleaved, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb8 {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `3 * width * height` bytes.
    pub samples: Vec<u8>,
}

/// What one decode yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels, orientation applied.
    pub size: (u32, u32),
    /// The digest of the pixels at full size.
    pub pixel_digest: PixelDigest,
    /// Luma (BT.601), longest side resampled to 512 up or down, alpha on white, orientation applied.
    pub luma: Luma,
    /// A small colour picture, longest side at most 512, alpha on white, orientation applied.
    pub preview: Rgb8,
    /// Whether the coded picture was whole; when not, what is missing is grey and `pixel_digest` covers the grey.
    pub whole: bool,
}

/// Why a picture could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PixelError {
    /// Nobody here decodes the pixels of this format, or of this variant of it.
    #[error("pixels of this kind of {} cannot be decoded here", .0.name())]
    Unsupported(Format),
    /// The header asks for more than the limits allow; nothing was allocated.
    #[error("picture of {width} x {height} pixels is beyond the limit of {limit_pixels} pixels")]
    TooLarge {
        /// Claimed width, pixels.
        width: u32,
        /// Claimed height, pixels.
        height: u32,
        /// The most pixels decoded (sides and bytes have limits of their own, see `base::limits`).
        limit_pixels: u64,
    },
    /// The coded picture contradicts itself or ends before its first row.
    #[error("coded picture is damaged: {why}")]
    Damaged {
        /// What was found, in the decoder's words.
        why: String,
    },
}

/// Looks at the picture of an asset, once.
///
/// # Errors
/// Those of [`look_bytes`].
pub fn look(asset: &Asset, orientation: u8) -> Result<Picture, PixelError> {
    look_bytes(asset.bytes(), asset.format(), orientation)
}

/// Looks at the picture in `bytes`, which are of `format`, once.
///
/// # Errors
/// [`PixelError::Unsupported`] for formats and variants without a decoder, [`PixelError::TooLarge`] before any
/// allocation, [`PixelError::Damaged`] when not even the first row can be decoded.
pub fn look_bytes(bytes: &[u8], format: Format, orientation: u8) -> Result<Picture, PixelError> {
    let decoder = match format {
        Format::Jpeg => match scan::scan(bytes, CANONICAL_SIDE, budget(bytes.len(), ImageFormat::Jpeg)) {
            Ok(found) => return from_scan(&found, orientation),
            Err(ScanError::Unsupported) => return Err(PixelError::Unsupported(format)),
            Err(ScanError::TooLarge {
                width,
                height,
                limit_pixels,
            }) => {
                return Err(PixelError::TooLarge {
                    width,
                    height,
                    limit_pixels,
                });
            }
            Err(ScanError::Damaged(why)) => return Err(PixelError::Damaged { why: why.to_owned() }),
        },
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Tiff => ImageFormat::Tiff,
        Format::Gif => ImageFormat::Gif,
        other => return Err(PixelError::Unsupported(other)),
    };
    let image = decode(bytes, format, decoder)?;
    from_samples(&flatten(image, format)?, orientation)
}

/// Where two pictures of one size differ, pixel by pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differing {
    /// Pixels that differ.
    pub pixels: u64,
    /// The largest difference of a channel, levels of 255.
    pub largest: u8,
    /// The first column and row, and one beyond the last, in which pixels differ.
    pub columns: (u32, u32),
    /// As for columns.
    pub rows: (u32, u32),
}

/// Compares the pixels of two pictures that were stored without loss, as they are stored; `None` where one was not, where one alone is
/// a GIF, where sizes or depths differ, or where one cannot be decoded.
#[must_use]
pub fn differing(a: &Asset, b: &Asset) -> Option<Differing> {
    // A GIF made of a picture of more colours differs all over.
    if (a.format() == Format::Gif) != (b.format() == Format::Gif) {
        return None;
    }
    samples::differing(&lossless(a)?, &lossless(b)?)
}

fn lossless(asset: &Asset) -> Option<Samples> {
    let decoder = match asset.format() {
        Format::Png => ImageFormat::Png,
        Format::Gif => ImageFormat::Gif,
        // The first chunk of pixels (WebP container, "Simple File Format (Lossless)").
        Format::WebP if asset.bytes().get(12..16) == Some(b"VP8L".as_slice()) => ImageFormat::WebP,
        _ => return None,
    };
    let image = decode(asset.bytes(), asset.format(), decoder).ok()?;
    flatten(image, asset.format()).ok()
}

/// The alpha samples of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alpha {
    /// Rows.
    pub height: u32,
    /// `width * height` bytes, rows from the top, orientation not applied.
    pub samples: Vec<u8>,
    /// Pixels in a row.
    pub width: u32,
}

/// The alpha samples of the first `rows` rows of a PNG as [`alpha`] takes it, or of all it has; `None` where the rows are not
/// stored from the top, and for every other picture. Nothing below them is decoded.
#[must_use]
pub fn alpha_top(asset: &Asset, rows: u32) -> Option<Alpha> {
    // Colour type 6 of 8 bits, not interlaced.
    let plain = asset
        .bytes()
        .get(24..29)
        .is_some_and(|head| matches!(head, [8, 6, _, _, 0]));
    if asset.format() != Format::Png || !plain {
        return None;
    }
    let limits = png::Limits {
        bytes: usize::try_from(DECODE_BYTES_FREE).ok()?,
    };
    let mut reader = png::Decoder::new_with_limits(Cursor::new(asset.bytes()), limits)
        .read_info()
        .ok()?;
    let (width, height) = reader.info().size();
    within_limits(width, height).ok()?;
    let mut samples = Vec::new();
    for _ in 0..rows.min(height) {
        let row = reader.next_row().ok()??;
        samples.extend(row.data().iter().skip(3).step_by(4));
    }
    Some(Alpha {
        height: rows.min(height),
        samples,
        width,
    })
}

/// Decodes the alpha channel of a PNG or WebP of four channels of 8 bits; `None` for every other picture.
///
/// # Errors
/// Those of [`look_bytes`].
pub fn alpha(asset: &Asset) -> Result<Option<Alpha>, PixelError> {
    let decoder = match asset.format() {
        // Colour type 6 at byte 25 (PNG, third edition, 11.2.1): a picture without alpha is not decoded for it.
        Format::Png if asset.bytes().get(24..26) == Some(&[8, 6]) => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        _ => return Ok(None),
    };
    let DynamicImage::ImageRgba8(buffer) = decode(asset.bytes(), asset.format(), decoder)? else {
        return Ok(None);
    };
    Ok(Some(Alpha {
        height: buffer.height(),
        width: buffer.width(),
        samples: buffer.into_raw().into_iter().skip(3).step_by(4).collect(),
    }))
}

/// A small picture as PNG; `None` for one without pixels.
#[must_use]
pub fn png(picture: &Rgb8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            &picture.samples,
            picture.width,
            picture.height,
            ExtendedColorType::Rgb8,
        )
        .ok()?;
    Some(bytes)
}

/// Decodes within limits; the header is judged before the first allocation of its size.
fn decode(bytes: &[u8], format: Format, decoder: ImageFormat) -> Result<DynamicImage, PixelError> {
    let refuse = |error: ImageError| match error {
        ImageError::Unsupported(_) => PixelError::Unsupported(format),
        other => PixelError::Damaged {
            why: other.to_string(),
        },
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    let budget = budget(bytes.len(), decoder);
    limits.max_alloc = Some(budget);
    let (width, height) = declared_size(bytes, decoder).unwrap_or((1, 1));
    within_limits(width, height)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), decoder);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| match error {
        ImageError::Limits(_) => too_large(width, height),
        other => refuse(other),
    })?;
    let (width, height) = decoder.dimensions();
    within_limits(width, height)?;
    if decoder.total_bytes() > budget {
        let per_pixel = u64::from(decoder.color_type().bytes_per_pixel()).max(1);
        return Err(PixelError::TooLarge {
            width,
            height,
            limit_pixels: budget / per_pixel,
        });
    }
    // A decoder that gives up loudly must not take the other files of a batch with it.
    let picture = catch_unwind(AssertUnwindSafe(|| DynamicImage::from_decoder(decoder)));
    let gave_up = |_| PixelError::Damaged {
        why: "the decoder gave up".to_owned(),
    };
    picture.map_err(gave_up)?.map_err(|error| match error {
        ImageError::Limits(_) => too_large(width, height),
        other => refuse(other),
    })
}

/// What the picture of a file of so many bytes may take decoded, or while it is decoded: a small file that unfolds to gigabytes is a bomb.
fn budget(file_bytes: usize, decoder: ImageFormat) -> u64 {
    let free = match decoder {
        // A strip is decoded beside the picture, and may be all of it.
        ImageFormat::Tiff => DECODE_BYTES_FREE / 2,
        _ => DECODE_BYTES_FREE,
    };
    u64::try_from(file_bytes)
        .unwrap_or(u64::MAX)
        .saturating_mul(DECODE_RATIO_MAX)
        .saturating_add(free)
        .min(DECODE_BYTES_MAX)
}

/// Width and height as the header of a PNG or GIF has them, for a refusal that can name them.
fn declared_size(bytes: &[u8], decoder: ImageFormat) -> Option<(u32, u32)> {
    match decoder {
        ImageFormat::Png => {
            let width = u32::from_be_bytes(bytes.get(16..20)?.try_into().ok()?);
            let height = u32::from_be_bytes(bytes.get(20..24)?.try_into().ok()?);
            Some((width, height))
        }
        ImageFormat::Gif => {
            let width = u16::from_le_bytes(bytes.get(6..8)?.try_into().ok()?);
            let height = u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?);
            Some((u32::from(width), u32::from(height)))
        }
        _ => None,
    }
}

fn within_limits(width: u32, height: u32) -> Result<(), PixelError> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        return Err(PixelError::Damaged {
            why: "a side of zero pixels".to_owned(),
        });
    }
    if width > SIDE_MAX || height > SIDE_MAX || pixels > PIXELS_MAX {
        return Err(too_large(width, height));
    }
    Ok(())
}

const fn too_large(width: u32, height: u32) -> PixelError {
    PixelError::TooLarge {
        width,
        height,
        limit_pixels: PIXELS_MAX,
    }
}

/// The decoder's buffer as it is: grey or colour, with alpha or without, 8 or 16 bits.
fn flatten(decoded: DynamicImage, format: Format) -> Result<Samples, PixelError> {
    let (width, height) = (decoded.width(), decoded.height());
    let eight = |channels, data| {
        Ok(Samples {
            width,
            height,
            channels,
            data: samples::Data::Eight(data),
        })
    };
    let sixteen = |channels, data| {
        Ok(Samples {
            width,
            height,
            channels,
            data: samples::Data::Sixteen(data),
        })
    };
    match decoded {
        DynamicImage::ImageLuma8(buffer) => eight(1, buffer.into_raw()),
        DynamicImage::ImageLumaA8(buffer) => eight(2, buffer.into_raw()),
        DynamicImage::ImageRgb8(buffer) => eight(3, buffer.into_raw()),
        DynamicImage::ImageRgba8(buffer) => eight(4, buffer.into_raw()),
        DynamicImage::ImageLuma16(buffer) => sixteen(1, buffer.into_raw()),
        DynamicImage::ImageLumaA16(buffer) => sixteen(2, buffer.into_raw()),
        DynamicImage::ImageRgb16(buffer) => sixteen(3, buffer.into_raw()),
        DynamicImage::ImageRgba16(buffer) => sixteen(4, buffer.into_raw()),
        _ => Err(PixelError::Unsupported(format)),
    }
}

fn from_samples(decoded: &Samples, orientation: u8) -> Result<Picture, PixelError> {
    let digest = samples::digest(decoded, orientation);
    let small = samples::shrink(decoded, CANONICAL_SIDE);
    let grey = raster::luma_of_rgb(&small);
    let canonical = raster::fit_to(decoded.width, decoded.height, CANONICAL_SIDE);
    let thumb = raster::fit_within(decoded.width, decoded.height, CANONICAL_SIDE);
    let luma = raster::resize(&grey, canonical).ok_or_else(unresizable)?;
    let preview = raster::resize(&small, thumb).ok_or_else(unresizable)?;
    let pixel_digest = PixelDigest {
        algorithm: PixelRule::Samples,
        digest,
    };
    Ok(picture(
        (decoded.width, decoded.height),
        pixel_digest,
        (&luma, &preview),
        orientation,
        true,
    ))
}

fn from_scan(found: &scan::Scan, orientation: u8) -> Result<Picture, PixelError> {
    let (width, height) = (found.width, found.height);
    let canonical = raster::fit_to(width, height, CANONICAL_SIDE);
    let thumb = raster::fit_within(width, height, CANONICAL_SIDE);
    let luma = found.luma(canonical).ok_or_else(unresizable)?;
    let preview = found.preview(thumb, Some(&luma)).ok_or_else(unresizable)?;
    let pixel_digest = PixelDigest {
        algorithm: PixelRule::JpegCoefficients,
        digest: found.digest,
    };
    Ok(picture(
        (width, height),
        pixel_digest,
        (&luma, &preview),
        orientation,
        found.whole,
    ))
}

fn picture(
    size: (u32, u32),
    pixel_digest: PixelDigest,
    (luma, preview): (&Raster, &Raster),
    orientation: u8,
    whole: bool,
) -> Picture {
    let luma = raster::orient(luma, orientation);
    let preview = raster::orient(preview, orientation);
    Picture {
        size: raster::oriented_size(size, orientation),
        pixel_digest,
        luma: Luma {
            width: luma.width,
            height: luma.height,
            samples: luma.samples,
        },
        preview: Rgb8 {
            width: preview.width,
            height: preview.height,
            samples: preview.samples,
        },
        whole,
    }
}

fn unresizable() -> PixelError {
    PixelError::Damaged {
        why: "the picture could not be resampled".to_owned(),
    }
}

#[cfg(test)]
#[path = "pixels_tests.rs"]
mod tests;
