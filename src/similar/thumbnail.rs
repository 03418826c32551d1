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
