//! A picture as 64 x 64 cells of luma and two colour differences, seen through a frame.

use super::fit::Tones;
use crate::asset::pixels::Rgb8;
use crate::asset::raster::{self, Raster};

/// Cells in a row, and rows.
pub const SIDE: usize = 64;
/// Cells of a grid.
pub const CELLS: usize = SIDE * SIDE;
/// Samples along each side of a cell: 64 x 8 is the longest side of a preview, so none of its pixels is passed over.
const SAMPLES: usize = 8;

/// Where in one picture the other lies: `x' = x[0] * x + x[1] * y + x[2]`, and so for `y`, from -1 to 1 along each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) x: [f32; 3],
    pub(super) y: [f32; 3],
}

impl Frame {
    /// One picture lies on the other, edge on edge.
    pub(super) const WHOLE: Self = Self {
        x: [1.0, 0.0, 0.0],
        y: [0.0, 1.0, 0.0],
    };

    /// The place in the other picture.
    pub(super) const fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.x[0] * x + self.x[1] * y + self.x[2],
            self.y[0] * x + self.y[1] * y + self.y[2],
        )
    }
}

/// Mean luma, blue and red difference (BT.601) of each cell, 0 to 255 and -128 to 127; `None` where the frame shows nothing.
#[derive(Clone, Debug)]
pub(super) struct Cells(pub(super) Vec<Option<[f32; 3]>>);

impl Cells {
    /// The cells of a picture seen through a frame, with other tones; a picture without pixels shows nothing.
    ///
    /// Tones act on pixels: what they cut off at black and white is cut off before the mean is taken.
    pub(super) fn toned(picture: &Raster, frame: &Frame, tones: Option<&Tones>) -> Self {
        let of = |rgb: [u8; 3]| tones.map_or_else(|| rgb.map(f32::from), |tones| tones.of_pixel(rgb));
        Self(
            means(picture, frame, of)
                .into_iter()
                .map(|cell| cell.map(ycc))
                .collect(),
        )
    }

    /// As the same picture shows them turned or mirrored by an orientation (EXIF 2.32 tag 0x0112).
    pub(super) fn turned(&self, orientation: u8) -> Self {
        let cells = (0..CELLS).map(|cell| {
            let (x, y) = raster::stored_place((cell % SIDE, cell / SIDE), (SIDE, SIDE), orientation);
            self.0.get(y * SIDE + x).copied().flatten()
        });
        Self(cells.collect())
    }

    /// Each cell as the mean of itself and those that touch it.
    pub(super) fn blurred(&self) -> Self {
        Self(blurred(&self.0))
    }

    /// For each cell how far each value may be from another's and still be that of a picture that lies `reach` of a cell beside.
    pub(super) fn ranges(&self, reach: f32) -> Vec<Option<[(f32, f32); 3]>> {
        (0..CELLS)
            .map(|cell| {
                let own = self.0.get(cell).copied().flatten()?;
                let mut ranges = own.map(|value| (value, value));
                for near in around(cell).filter_map(|near| self.0.get(near).copied().flatten()) {
                    for (range, value) in ranges.iter_mut().zip(near) {
                        *range = (range.0.min(value), range.1.max(value));
                    }
                }
                for (range, own) in ranges.iter_mut().zip(own) {
                    *range = (own + reach * (range.0 - own), own + reach * (range.1 - own));
                }
                Some(ranges)
            })
            .collect()
    }

    /// The luma of a cell, of the nearest one beyond an edge; 0 where nothing is shown.
    pub(super) fn luma(&self, x: usize, y: usize) -> f32 {
        let at = y.min(SIDE - 1) * SIDE + x.min(SIDE - 1);
        self.0.get(at).copied().flatten().map_or(0.0, |[luma, ..]| luma)
    }

    /// How luma changes to the right and downwards at a cell; `None` where it or a neighbour is not shown.
    pub(super) fn slope(&self, cell: usize) -> Option<(f32, f32)> {
        let (x, y) = (cell % SIDE, cell / SIDE);
        let shown = |x: usize, y: usize| Some(self.0.get(y * SIDE + x).copied().flatten()?[0]);
        if x == 0 || y == 0 || x + 1 == SIDE || y + 1 == SIDE {
            return None;
        }
        Some((
            shown(x + 1, y)? - shown(x - 1, y)?,
            shown(x, y + 1)? - shown(x, y - 1)?,
        ))
    }
}

/// The cells that touch a cell, itself among them.
pub(super) fn around(cell: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % SIDE, cell / SIDE);
    let rows = y.saturating_sub(1)..=(y + 1).min(SIDE - 1);
    rows.flat_map(move |row| {
        let columns = x.saturating_sub(1)..=(x + 1).min(SIDE - 1);
        columns.map(move |column| row * SIDE + column)
    })
}

/// The mean over each cell of what `of` makes of its pixels; `None` where the frame shows nothing.
pub(super) fn means<const N: usize>(
    picture: &Raster,
    frame: &Frame,
    of: impl Fn([u8; 3]) -> [f32; N],
) -> Vec<Option<[f32; N]>> {
    let along = |step: usize| (2.0 * small(step) + 1.0) / small(SIDE * SAMPLES) - 1.0;
    let mean = |cell: usize| {
        let (left, top) = (cell % SIDE * SAMPLES, cell / SIDE * SAMPLES);
        let (x, y) = frame.place(along(left + SAMPLES / 2), along(top + SAMPLES / 2));
        if x.abs() > 1.0 || y.abs() > 1.0 {
            return None;
        }
        let mut sums = [0.0f32; N];
        for (down, right) in (0..SAMPLES * SAMPLES).map(|step| (step / SAMPLES, step % SAMPLES)) {
            let (x, y) = frame.place(along(left + right), along(top + down));
            let at = pixel(y, picture.height) * raster::index(picture.width) + pixel(x, picture.width);
            let rgb = picture.samples.as_chunks::<3>().0.get(at)?;
            for (sum, value) in sums.iter_mut().zip(of(*rgb)) {
                *sum += value;
            }
        }
        Some(sums.map(|sum| sum / small(SAMPLES * SAMPLES)))
    };
    (0..CELLS).map(mean).collect()
}

/// Each cell as the mean of itself and those that touch it.
pub(super) fn blurred<const N: usize>(cells: &[Option<[f32; N]>]) -> Vec<Option<[f32; N]>> {
    let mean = |cell: usize| {
        cells.get(cell).copied().flatten()?;
        let (mut sums, mut count) = ([0.0f32; N], 0);
        for near in around(cell).filter_map(|near| cells.get(near).copied().flatten()) {
            for (sum, value) in sums.iter_mut().zip(near) {
                *sum += value;
            }
            count += 1;
        }
        Some(sums.map(|sum| sum / small(count)))
    };
    (0..CELLS).map(mean).collect()
}

/// Luma and the two colour differences of BT.601.
pub(super) fn ycc([r, g, b]: [f32; 3]) -> [f32; 3] {
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    [luma, (b - luma) / 1.772, (r - luma) / 1.402]
}

/// Red, green and blue, cut off at black and white.
pub(super) fn rgb([luma, blue, red]: [f32; 3]) -> [f32; 3] {
    let (r, b) = (luma + 1.402 * red, luma + 1.772 * blue);
    let g = (luma - 0.299 * r - 0.114 * b) / 0.587;
    [r, g, b].map(|value| value.clamp(0.0, 255.0))
}

/// The pixel at a place from -1 to 1, the nearest one beyond the edge.
fn pixel(place: f32, length: u32) -> usize {
    let length = raster::index(length);
    whole(f32::midpoint(place, 1.0) * small(length)).min(length.saturating_sub(1))
}

/// Two previews at one size, the smaller width and height of the two: what one lacks, the other must not show.
pub(super) fn at_one_size(a: &Rgb8, b: &Rgb8) -> Option<(Raster, Raster)> {
    let size = (a.width.min(b.width), a.height.min(b.height));
    let scaled = |picture: &Rgb8| {
        let whole = Raster {
            width: picture.width,
            height: picture.height,
            channels: 3,
            samples: picture.samples.clone(),
        };
        raster::resize(&whole, size)
    };
    Some((scaled(a)?, scaled(b)?))
}

/// A count as a number with a fraction; counts here are far below 2^24.
pub(super) fn small(count: usize) -> f32 {
    u32::try_from(count).map_or(f32::MAX, |count| {
        let [high, low] =
            [count >> 16, count & 0xffff].map(|half| f32::from(u16::try_from(half).unwrap_or(0)));
        high * 65_536.0 + low
    })
}

/// The whole part of a number; 0 for negative ones and for no number.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other float to integer; `as` saturates"
)]
pub(super) const fn whole(value: f32) -> usize {
    value as usize
}
