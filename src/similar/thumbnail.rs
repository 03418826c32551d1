//! The claim thumbnail: a small baseline JPEG.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::asset::pixels::Picture;

/// Size the thumbnail should stay under, bytes; the lowest quality is taken as it comes.
pub const BYTES_WANTED: usize = 60 * 1024;

/// The preview as baseline JPEG, quality 80 or as much less as brings it under [`BYTES_WANTED`]; longest side at most 512.
///
/// Empty when the preview has no pixels, which no decoded picture has.
#[must_use]
pub fn thumbnail_jpeg(picture: &Picture) -> Vec<u8> {
    let mut smallest = Vec::new();
    for quality in [80, 65, 50, 35] {
        smallest = encode(picture, quality).unwrap_or_default();
        if smallest.len() < BYTES_WANTED {
            break;
        }
    }
    smallest
}

fn encode(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    let preview = &picture.preview;
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
    fn five_fingerprints_in_the_order_of_their_codes() {
        let picture = look_bytes(&noisy(64, 48), Format::Jpeg, 1).unwrap();
        let codes: Vec<u8> = fingerprints(&picture)
            .iter()
            .map(|found| found.algorithm.code())
            .collect();
        assert_eq!(codes, [1, 2, 3, 4, 5]);
    }
}
