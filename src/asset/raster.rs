//! Small pictures in memory: resampling, turning, grey from colour. Knows no format.

use fast_image_resize::images::{Image, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

/// Samples of one byte, `channels` per pixel (1 or 3), rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raster {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<u8>,
}

/// The size whose longest side is `side`, up or down; no side falls under one pixel.
pub(crate) fn fit_to(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = u64::from(width.max(height).max(1));
    let scaled = |length: u32| {
        let rounded = (u64::from(length) * u64::from(side) * 2 + longest) / (2 * longest);
        u32::try_from(rounded).unwrap_or(side).clamp(1, side)
    };
    (scaled(width), scaled(height))
}

/// The size whose longest side is at most `side`; smaller pictures keep theirs.
pub(crate) fn fit_within(width: u32, height: u32, side: u32) -> (u32, u32) {
    if width.max(height) <= side {
        (width, height)
    } else {
        fit_to(width, height, side)
    }
}

/// Resamples with the triangle filter, widened by the factor when shrinking; `None` only when a size is not that of the samples.
///
/// The triangle has no negative lobes, so nothing rings and flat stays flat; its 8-bit kernels are integer arithmetic, the
/// same on every processor.
pub(crate) fn resize(from: &Raster, (width, height): (u32, u32)) -> Option<Raster> {
    if (from.width, from.height) == (width, height) {
        return Some(from.clone());
    }
    resize_with(from, (width, height), FilterType::Bilinear)
}

/// Resamples with the cubic of Catmull and Rom (a = -1/2), as ISO 24138 reference code does for the ISCC.
pub(crate) fn resize_cubic(from: &Raster, size: (u32, u32)) -> Option<Raster> {
    resize_with(from, size, FilterType::CatmullRom)
}

fn resize_with(from: &Raster, (width, height): (u32, u32), filter: FilterType) -> Option<Raster> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(false);
    let samples = match from.channels {
        1 => resize_typed::<U8>(from, (width, height), &options)?,
        3 => resize_typed::<U8x3>(from, (width, height), &options)?,
        _ => return None,
    };
    Some(Raster {
        width,
        height,
        channels: from.channels,
        samples,
    })
}

/// One instance per kind of pixel: the untyped call of the library would compile all of its twenty.
fn resize_typed<P: PixelTrait>(
    from: &Raster,
    (width, height): (u32, u32),
    options: &ResizeOptions,
) -> Option<Vec<u8>> {
    let source = TypedImageRef::<P>::from_buffer(from.width, from.height, &from.samples).ok()?;
    let mut target = Image::new(width, height, P::pixel_type());
    Resizer::new()
        .resize_typed(&source, &mut target.typed_image_mut::<P>()?, options)
        .ok()?;
    Some(target.into_vec())
}

/// Grey by the weights of ITU-R BT.601 in 16-bit fixed point, rounded.
pub(crate) fn luma_of_rgb(colour: &Raster) -> Raster {
    let samples = colour
        .samples
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[r, g, b]| luma(r, g, b))
        .collect();
    Raster {
        width: colour.width,
        height: colour.height,
        channels: 1,
        samples,
    }
}

/// 0.299 R + 0.587 G + 0.114 B.
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b) + 32_768;
    sum.to_be_bytes()[1]
}

/// Whether an orientation swaps width and height.
pub(crate) const fn turns(orientation: u8) -> bool {
    matches!(orientation, 5..=8)
}

/// Width and height after the orientation.
pub(crate) const fn oriented_size((width, height): (u32, u32), orientation: u8) -> (u32, u32) {
    if turns(orientation) {
        (height, width)
    } else {
        (width, height)
    }
}

/// Where the pixel shown at (`x`, `y`) is stored, for a picture stored with `width` and `height`.
pub(crate) const fn stored_place(
    (x, y): (usize, usize),
    (width, height): (usize, usize),
    orientation: u8,
) -> (usize, usize) {
    let (right, bottom) = (width.saturating_sub(1), height.saturating_sub(1));
    match orientation {
        2 => (right.saturating_sub(x), y),
        3 => (right.saturating_sub(x), bottom.saturating_sub(y)),
        4 => (x, bottom.saturating_sub(y)),
        5 => (y, x),
        6 => (y, bottom.saturating_sub(x)),
        7 => (right.saturating_sub(y), bottom.saturating_sub(x)),
        8 => (right.saturating_sub(y), x),
        _ => (x, y),
    }
}

/// The picture as it is to be shown.
pub(crate) fn orient(stored: &Raster, orientation: u8) -> Raster {
    if !matches!(orientation, 2..=8) {
        return stored.clone();
    }
    let (width, height) = oriented_size((stored.width, stored.height), orientation);
    let (wide, high) = (index(stored.width), index(stored.height));
    let mut samples = Vec::with_capacity(stored.samples.len());
    for y in 0..index(height) {
        for x in 0..index(width) {
            let (from_x, from_y) = stored_place((x, y), (wide, high), orientation);
            let at = (from_y * wide + from_x) * stored.channels;
            samples.extend_from_slice(&stored.samples[at..at + stored.channels]);
        }
    }
    Raster {
        width,
        height,
        channels: stored.channels,
        samples,
    }
}

/// A pixel count as an index: lossless on every machine with 32-bit addresses or more.
pub(crate) fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Raster {
        Raster {
            width: 3,
            height: 2,
            channels: 1,
            samples: vec![1, 2, 3, 4, 5, 6],
        }
    }

    /// EXIF 2.32 tag 0x0112: what row 0 and column 0 of the stored picture are on the screen.
    #[test]
    fn each_orientation_shows_the_picture_as_exif_says() {
        let shown = |orientation| orient(&picture(), orientation).samples;
        assert_eq!(shown(1), [1, 2, 3, 4, 5, 6]);
        assert_eq!(shown(2), [3, 2, 1, 6, 5, 4]);
        assert_eq!(shown(3), [6, 5, 4, 3, 2, 1]);
        assert_eq!(shown(4), [4, 5, 6, 1, 2, 3]);
        assert_eq!(shown(5), [1, 4, 2, 5, 3, 6]);
        assert_eq!(shown(6), [4, 1, 5, 2, 6, 3]);
        assert_eq!(shown(7), [6, 3, 5, 2, 4, 1]);
        assert_eq!(shown(8), [3, 6, 2, 5, 1, 4]);
        assert_eq!(shown(9), shown(1));
    }

    #[test]
    fn fitting_keeps_the_shape_and_never_loses_a_side() {
        assert_eq!(fit_to(4000, 3000, 512), (512, 384));
        assert_eq!(fit_to(100, 50, 512), (512, 256));
        assert_eq!(fit_to(60_000, 10, 512), (512, 1));
        assert_eq!(fit_within(100, 50, 512), (100, 50));
    }

    #[test]
    fn grey_stays_grey() {
        assert!((0..=255).all(|v| luma(v, v, v) == v));
    }
}
