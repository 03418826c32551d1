//! The rule `samples.v1` for pictures that are stored as samples, and their way down to preview size.
//!
//! The digest is SHA-256 over
//!
//! ```text
//! "byline samples v1\0"                         18 bytes
//! width, height                                 u32 big-endian each, as shown (orientation applied)
//! channels                                      u8: 3, or 4 when any pixel is not opaque
//! depth                                         u8: 8 or 16 bits
//! rows from the top, pixels from the left       R G B (A), 16-bit samples big-endian
//! ```
//!
//! Grey is written as R = G = B, palettes and 1, 2 and 4 bits as the 8-bit colours they stand for, alpha is left out when every
//! pixel is opaque, and the colour of a fully transparent pixel is written as 0: so a PNG saved again as lossless WebP or TIFF
//! keeps its digest. Colour profiles and gamma are not part of it. Lossy WebP and TIFF with JPEG inside are hashed as the
//! decoder shows them; another decoder may round differently there.

use super::pixels::Differing;
use super::raster::{self, Raster, index, stored_place};
use crate::base::{Digest, Hasher};

/// A decoded picture, samples interleaved.
pub(crate) struct Samples {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.
    pub(crate) channels: usize,
    pub(crate) data: Data,
}

/// Samples of one depth.
pub(crate) enum Data {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

/// The digest by the rule of this module.
pub(crate) fn digest(picture: &Samples, orientation: u8) -> Digest {
    match &picture.data {
        Data::Eight(data) => digest_of(picture, data, orientation),
        Data::Sixteen(data) => digest_of(picture, data, orientation),
    }
}

/// Where two pictures differ as they are shown on white; `None` for pictures of other sizes or depths.
pub(crate) fn differing(a: &Samples, b: &Samples) -> Option<Differing> {
    if (a.width, a.height) != (b.width, b.height) {
        return None;
    }
    let channels = (a.channels, b.channels);
    match (&a.data, &b.data) {
        (Data::Eight(old), Data::Eight(new)) => Some(differing_of((old, new), channels, a.width)),
        (Data::Sixteen(old), Data::Sixteen(new)) => Some(differing_of((old, new), channels, a.width)),
        _ => None,
    }
}

fn differing_of<S: Sample>((old, new): (&[S], &[S]), channels: (usize, usize), width: u32) -> Differing {
    let mut found = Differing::default();
    let pixels = old.chunks_exact(channels.0).zip(new.chunks_exact(channels.1));
    let (mut x, mut y) = (0, 0);
    for (a, b) in pixels {
        let (a, b) = (shown(a), shown(b));
        if a != b {
            let first = found.pixels == 0;
            found.pixels += 1;
            let grow = |(low, high): (u32, u32), at: u32| {
                if first {
                    (at, at + 1)
                } else {
                    (low.min(at), high.max(at + 1))
                }
            };
            found.columns = grow(found.columns, x);
            found.rows = grow(found.rows, y);
            for (a, b) in a.iter().zip(b) {
                found.largest = found.largest.max(a.high_byte().abs_diff(b.high_byte()));
            }
        }
        x += 1;
        if x == width {
            (x, y) = (0, y + 1);
        }
    }
    found
}

/// Red, green, blue and alpha of a pixel; what cannot be seen has no colour.
fn shown<S: Sample>(pixel: &[S]) -> [S; 4] {
    match *pixel {
        [grey] => [grey, grey, grey, S::OPAQUE],
        [r, g, b] => [r, g, b, S::OPAQUE],
        [.., alpha] if alpha == S::default() => [S::default(); 4],
        [grey, alpha] => [grey, grey, grey, alpha],
        [r, g, b, alpha] => [r, g, b, alpha],
        _ => [S::default(); 4],
    }
}

/// What the rule needs of a sample: its greatest value and its bytes.
trait Sample: Copy + PartialEq + Default {
    const OPAQUE: Self;
    const DEPTH: u8;
    fn append(self, row: &mut Vec<u8>);
    fn high_byte(self) -> u8;
    /// The bytes of a whole row when memory already holds the canonical form.
    fn as_canonical(row: &[Self]) -> Option<&[u8]>;
}

impl Sample for u8 {
    const OPAQUE: Self = Self::MAX;
    const DEPTH: u8 = 8;

    fn append(self, row: &mut Vec<u8>) {
        row.push(self);
    }

    fn high_byte(self) -> u8 {
        self
    }

    fn as_canonical(row: &[Self]) -> Option<&[u8]> {
        Some(row)
    }
}

impl Sample for u16 {
    const OPAQUE: Self = Self::MAX;
    const DEPTH: u8 = 16;

    fn append(self, row: &mut Vec<u8>) {
        row.extend_from_slice(&self.to_be_bytes());
    }

    fn high_byte(self) -> u8 {
        self.to_be_bytes()[0]
    }

    fn as_canonical(_: &[Self]) -> Option<&[u8]> {
        None
    }
}

fn digest_of<S: Sample>(picture: &Samples, data: &[S], orientation: u8) -> Digest {
    let channels = picture.channels;
    let has_alpha = matches!(channels, 2 | 4)
        && data
            .chunks_exact(channels)
            .any(|pixel| pixel.last() != Some(&S::OPAQUE));
    let (width, height) = raster::oriented_size((picture.width, picture.height), orientation);
    let mut hasher = Hasher::new();
    hasher.update(b"byline samples v1\0");
    hasher.update(&width.to_be_bytes());
    hasher.update(&height.to_be_bytes());
    hasher.update(&[if has_alpha { 4 } else { 3 }, S::DEPTH]);
    let stored = (index(picture.width), index(picture.height));
    let upright = !matches!(orientation, 2..=8);
    let mut row = Vec::new();
    for y in 0..index(height) {
        row.clear();
        if upright {
            let line = &data[y * stored.0 * channels..][..stored.0 * channels];
            if channels == 3
                && let Some(bytes) = S::as_canonical(line)
            {
                hasher.update(bytes);
                continue;
            }
            append_pixels(line, channels, has_alpha, &mut row);
        } else {
            for x in 0..index(width) {
                let (from_x, from_y) = stored_place((x, y), stored, orientation);
                let at = (from_y * stored.0 + from_x) * channels;
                append_pixels(&data[at..at + channels], channels, has_alpha, &mut row);
            }
        }
        hasher.update(&row);
    }
    hasher.finish()
}

fn append_pixels<S: Sample>(line: &[S], channels: usize, has_alpha: bool, row: &mut Vec<u8>) {
    for pixel in line.chunks_exact(channels) {
        let (r, g, b, a) = spread(pixel);
        let seen = a != S::default();
        for sample in [r, g, b] {
            (if seen { sample } else { S::default() }).append(row);
        }
        if has_alpha {
            a.append(row);
        }
    }
}

fn spread<S: Sample>(pixel: &[S]) -> (S, S, S, S) {
    match *pixel {
        [grey] => (grey, grey, grey, S::OPAQUE),
        [grey, alpha] => (grey, grey, grey, alpha),
        [r, g, b] => (r, g, b, S::OPAQUE),
        [r, g, b, a, ..] => (r, g, b, a),
        [] => (S::default(), S::default(), S::default(), S::OPAQUE),
    }
}

/// The picture on white in 8 bits, averaged over squares of 1, 2, 4 or 8 pixels: as far as its longest side stays at least `side`.
pub(crate) fn shrink(picture: &Samples, side: u32) -> Raster {
    let longest = picture.width.max(picture.height);
    let factor = [8, 4, 2]
        .into_iter()
        .find(|factor| longest.div_ceil(*factor) >= side)
        .unwrap_or(1);
    match &picture.data {
        Data::Eight(data) => shrink_by(picture, data, factor),
        Data::Sixteen(data) => shrink_by(picture, data, factor),
    }
}

fn shrink_by<S: Sample>(picture: &Samples, data: &[S], factor: u32) -> Raster {
    let (width, height) = (picture.width.div_ceil(factor), picture.height.div_ceil(factor));
    let (stored_width, step) = (index(picture.width), index(factor));
    let mut sums = vec![0u32; index(width) * 3];
    let mut counts = vec![0u32; index(width)];
    let mut samples = Vec::with_capacity(index(width) * index(height) * 3);
    for band in data.chunks(stored_width * picture.channels * step) {
        sums.fill(0);
        counts.fill(0);
        for line in band.chunks_exact(stored_width * picture.channels) {
            let squares = line.chunks(picture.channels * step);
            for ((square, sum), count) in squares.zip(sums.as_chunks_mut::<3>().0).zip(&mut counts) {
                for pixel in square.chunks_exact(picture.channels) {
                    let (r, g, b, a) = spread(pixel);
                    let alpha = u32::from(a.high_byte());
                    for (total, sample) in sum.iter_mut().zip([r, g, b]) {
                        *total += on_white(u32::from(sample.high_byte()), alpha);
                    }
                    *count += 1;
                }
            }
        }
        for (sum, count) in sums.as_chunks::<3>().0.iter().zip(&counts) {
            let count = (*count).max(1);
            samples.extend(
                sum.iter()
                    .map(|total| ((total + count / 2) / count).to_le_bytes()[0]),
            );
        }
    }
    Raster {
        width,
        height,
        channels: 3,
        samples,
    }
}

/// One 8-bit sample laid on white with an 8-bit alpha, rounded.
const fn on_white(sample: u32, alpha: u32) -> u32 {
    if alpha == 255 {
        sample
    } else {
        (sample * alpha + 255 * (255 - alpha) + 127) / 255
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eight(channels: usize, data: &[u8]) -> Samples {
        let width = u32::try_from(data.len() / channels).unwrap();
        Samples {
            width,
            height: 1,
            channels,
            data: Data::Eight(data.to_vec()),
        }
    }

    #[test]
    fn grey_opaque_and_colour_forms_of_one_picture_share_a_digest() {
        let grey = digest(&eight(1, &[7, 9]), 1);
        assert_eq!(grey, digest(&eight(2, &[7, 255, 9, 255]), 1));
        assert_eq!(grey, digest(&eight(3, &[7, 7, 7, 9, 9, 9]), 1));
        assert_eq!(grey, digest(&eight(4, &[7, 7, 7, 255, 9, 9, 9, 255]), 1));
        assert_ne!(grey, digest(&eight(4, &[7, 7, 7, 254, 9, 9, 9, 255]), 1));
    }

    #[test]
    fn a_pixel_that_differs_is_named_by_its_place() {
        let grid = |data: &[u8]| Samples {
            width: 3,
            height: data.len() as u32 / 3,
            channels: 1,
            data: Data::Eight(data.to_vec()),
        };
        let (a, b) = (grid(&[5; 9]), grid(&[5, 5, 5, 5, 5, 9, 5, 2, 5]));
        let found = differing(&a, &b).unwrap();
        assert_eq!((found.pixels, found.largest), (2, 4));
        assert_eq!((found.columns, found.rows), ((1, 3), (1, 3)));
        assert_eq!(differing(&a, &a), Some(Differing::default()));
        assert_eq!(differing(&a, &grid(&[5; 6])), None);
        // Grey and colour of one picture are one.
        let colour = eight(3, &[7, 7, 7, 9, 9, 9]);
        assert_eq!(differing(&eight(1, &[7, 9]), &colour).unwrap().pixels, 0);
    }

    #[test]
    fn the_colour_of_what_cannot_be_seen_does_not_count() {
        let a = digest(&eight(4, &[1, 2, 3, 0, 9, 9, 9, 255]), 1);
        assert_eq!(a, digest(&eight(4, &[0, 0, 0, 0, 9, 9, 9, 255]), 1));
        assert_ne!(a, digest(&eight(4, &[1, 2, 3, 1, 9, 9, 9, 255]), 1));
    }

    #[test]
    fn depth_and_shape_count() {
        let sixteen = Samples {
            width: 2,
            height: 1,
            channels: 1,
            data: Data::Sixteen(vec![7, 9]),
        };
        assert_ne!(digest(&sixteen, 1), digest(&eight(1, &[7, 9]), 1));
        let mut tall = eight(1, &[7, 9]);
        (tall.width, tall.height) = (1, 2);
        assert_ne!(digest(&tall, 1), digest(&eight(1, &[7, 9]), 1));
        // Shown a quarter turn on, the tall one is the flat one mirrored or not.
        assert_eq!(digest(&tall, 8), digest(&eight(1, &[7, 9]), 1));
        assert_eq!(digest(&tall, 6), digest(&eight(1, &[9, 7]), 1));
    }

    #[test]
    fn shrinking_averages_on_white() {
        let clear = Samples {
            width: 1024,
            height: 2,
            channels: 4,
            data: Data::Eight(vec![0; 1024 * 2 * 4]),
        };
        let small = shrink(&clear, 512);
        assert_eq!((small.width, small.height), (512, 1));
        assert!(small.samples.iter().all(|sample| *sample == 255));
    }
}
