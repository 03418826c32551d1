//! The claim thumbnail: a small baseline JPEG.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::asset::pixels::{Picture, Rgb8};
use crate::asset::raster::{self, Raster};

/// Size the thumbnail should stay under, bytes; the lowest quality is taken as it comes.
pub const BYTES_WANTED: usize = 60 * 1024;

/// The preview as baseline JPEG, quality 80 or as much less as brings it under [`BYTES_WANTED`]; longest side at most 512.
///
/// Empty when the preview has no pixels, which no decoded picture has.
#[must_use]
pub fn thumbnail_jpeg(picture: &Picture) -> Vec<u8> {
    let mut smallest = Vec::new();
    for quality in [80, 65, 50, 35] {
        smallest = encode(&picture.preview, quality).unwrap_or_default();
        if smallest.len() < BYTES_WANTED {
            break;
        }
    }
    smallest
}

/// A small picture as baseline JPEG, longest side at most `side`, for a page: with its width and height in pixels.
///
/// `None` when it has no pixels, which no decoded picture has.
#[must_use]
pub fn page_jpeg(picture: &Rgb8, side: u32) -> Option<(Vec<u8>, u32, u32)> {
    let Rgb8 {
        width,
        height,
        samples,
    } = picture;
    let whole = Raster {
        width: *width,
        height: *height,
        channels: 3,
        samples: samples.clone(),
    };
    let small = raster::resize(&whole, raster::fit_within(*width, *height, side))?;
    let (width, height) = (small.width, small.height);
    let small = Rgb8 {
        width,
        height,
        samples: small.samples,
    };
    Some((encode(&small, PAGE_QUALITY)?, width, height))
}

/// Quality of a picture in a page.
const PAGE_QUALITY: u8 = 78;

fn encode(preview: &Rgb8, quality: u8) -> Option<Vec<u8>> {
    let (width, height) = (
        u16::try_from(preview.width).ok()?,
        u16::try_from(preview.height).ok()?,
    );
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(&preview.samples, width, height, ColorType::Rgb)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::Format;
    use crate::asset::pixels::look_bytes;
    use crate::similar::fingerprints;

    fn noisy(width: u16, height: u16) -> Vec<u8> {
        let mut seed = 7u32;
        let mut pixels = Vec::new();
        for (y, x) in (0..u32::from(height)).flat_map(|y| (0..u32::from(width)).map(move |x| (y, x))) {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let light = 60 * x / u32::from(width) + 30 * y / u32::from(height);
            let cells = ((x / 97) ^ (y / 61)) % 5 * 25;
            pixels.extend([(light + cells + (seed >> 27)).to_le_bytes()[0]; 3]);
        }
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, 95)
            .encode(&pixels, width, height, ColorType::Rgb)
            .unwrap();
        bytes
    }

    #[test]
    fn a_thumbnail_is_small_and_shows_the_same_picture() {
        let picture = look_bytes(&noisy(1300, 900), Format::Jpeg, 1).unwrap();
        let bytes = thumbnail_jpeg(&picture);
        assert!(bytes.len() < BYTES_WANTED, "{} bytes", bytes.len());
        let again = look_bytes(&bytes, Format::Jpeg, 1).unwrap();
        assert_eq!(again.size, (512, 354));
        for (a, b) in fingerprints(&picture).iter().zip(&fingerprints(&again)) {
            assert!(a.distance_bits(b).unwrap() <= 20, "{:?}", a.algorithm);
        }
    }

    #[test]
    fn a_picture_for_a_page_is_as_small_as_asked_for() {
        let picture = look_bytes(&noisy(1300, 900), Format::Jpeg, 1).unwrap();
        let (bytes, width, height) = page_jpeg(&picture.preview, 240).unwrap();
        assert_eq!((width, height), (240, 166));
        assert_eq!(look_bytes(&bytes, Format::Jpeg, 1).unwrap().size, (240, 166));
        let tiny = look_bytes(&noisy(64, 48), Format::Jpeg, 1).unwrap();
        let (_, width, height) = page_jpeg(&tiny.preview, 240).unwrap();
        assert_eq!((width, height), (64, 48));
    }

    #[test]
    fn five_fingerprints_in_the_order_of_their_codes() {
        let picture = look_bytes(&noisy(64, 48), Format::Jpeg, 1).unwrap();
        let codes: Vec<u8> = fingerprints(&picture)
            .iter()
            .map(|found| found.algorithm.code())
            .collect();
        assert_eq!(codes, [1, 2, 3, 4, 5]);
    }
}
