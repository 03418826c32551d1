//! PDQ-256, the perceptual code of Meta's ThreatExchange, with its quality: the same bits as the reference computes.
//!
//! Luma is blurred twice by a box in both directions (a tent filter after Jarosz) whose width is 1/128 of the side, sampled at
//! the centres of 64 x 64 cells, transformed by a DCT of which rows and columns 1 to 16 are kept (0, the mean, is not), and
//! each of the 256 values is cut at their median. Sums run in the order of the reference, in f32, because a different order
//! rounds differently and may flip a bit near the median.
//!
//! Source: "The PDQ Image Hashing Algorithm" (Meta, 2019) and the behaviour of `pdqhash` 0.2.8, which the test vectors come from.

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::asset::pixels::Luma;

/// A PDQ code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pdq {
    /// 256 bits, in the byte order of the reference's hexadecimal text.
    pub bits: [u8; 32],
    /// How much there is to see, 0 to 100; Meta advises to discard 49 and less.
    pub quality: u8,
}

/// The code of a whole picture.
#[must_use]
pub fn of(luma: &Luma) -> Pdq {
    of_centre(luma, 100)
}

/// The code of the centre `percent` of each side; pictures under 5 x 5 have no code (zero bits, quality 0).
#[must_use]
pub fn of_centre(luma: &Luma, percent: u32) -> Pdq {
    let none = Pdq {
        bits: [0; 32],
        quality: 0,
    };
    coded(luma, percent).map_or(none, |(code, _)| code)
}

/// The same, with the coefficients that it is cut from; nothing for pictures that have no code.
pub(super) fn coded(luma: &Luma, percent: u32) -> Option<(Pdq, Coefficients)> {
    let grid = Grid::centre(luma, percent.clamp(1, 100))?;
    let cells = grid.blurred().cells();
    let values = transform(&cells);
    let code = Pdq {
        bits: cut(&values),
        quality: quality(&cells),
    };
    Some((code, values))
}

/// Shortest side that has a code, pixels.
const SIDE_MIN: usize = 5;
pub(super) const CELLS: usize = 64;
/// Frequencies kept in each direction: 1 to 16.
pub(super) const KEPT: usize = 16;
/// Rows blurred at once along their length: as many independent sums keep the processor busy.
const LANES: usize = 16;

/// Luma as numbers.
pub(super) struct Grid {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

/// Samples of the blurred picture, rows from the top.
pub(super) type Cells = [[f32; CELLS]; CELLS];
/// Coefficients by vertical, then horizontal frequency.
pub(super) type Coefficients = [[f32; KEPT]; KEPT];

impl Grid {
    /// The centre `percent` of each side; `None` when that is under 5 x 5 or the samples are too few.
    pub(super) fn centre(luma: &Luma, percent: u32) -> Option<Self> {
        let part = |side: u32| usize::try_from((u64::from(side) * u64::from(percent) + 50) / 100).ok();
        let (full_width, full_height) = (
            usize::try_from(luma.width).ok()?,
            usize::try_from(luma.height).ok()?,
        );
        let (width, height) = (part(luma.width)?, part(luma.height)?);
        if width < SIDE_MIN || height < SIDE_MIN {
            return None;
        }
        let (left, top) = ((full_width - width) / 2, (full_height - height) / 2);
        let mut values = Vec::with_capacity(width * height);
        for row in luma.samples.chunks_exact(full_width).skip(top).take(height) {
            values.extend(
                row.get(left..left + width)?
                    .iter()
                    .map(|sample| f32::from(*sample)),
            );
        }
        (values.len() == width * height).then_some(Self {
            width,
            height,
            values,
        })
    }

    /// Blurred by a tent of the width of two cells; a grid of 64 x 64 is its own cells.
    pub(super) fn blurred(mut self) -> Self {
        if (self.width, self.height) != (CELLS, CELLS) {
            let mut other = vec![0.0; self.values.len()];
            for _ in 0..2 {
                blur_rows(&self.values, &mut other, self.width, window(self.width));
                blur_columns(
                    &other,
                    &mut self.values,
                    self.width,
                    self.height,
                    window(self.height),
                );
            }
        }
        self
    }

    /// The samples at the centres of 64 x 64 cells.
    pub(super) fn cells(&self) -> Cells {
        let mut cells = [[0.0; CELLS]; CELLS];
        for (y, row) in cells.iter_mut().enumerate() {
            let from_y = (2 * y + 1) * self.height / (2 * CELLS);
            for (x, cell) in row.iter_mut().enumerate() {
                let from_x = (2 * x + 1) * self.width / (2 * CELLS);
                *cell = self.values[from_y * self.width + from_x];
            }
        }
        cells
    }
}

/// Width of one box: two boxes make a tent over one cell.
pub(super) const fn window(side: usize) -> usize {
    side.div_ceil(2 * CELLS)
}

/// The running box over `length` places: for each place the entering and the leaving one and how many the box then holds.
///
/// The box is cut off at both ends; the sum of the reference is kept as is, so its rounding is too.
fn steps(
    length: usize,
    window: usize,
) -> impl Iterator<Item = (Option<usize>, Option<usize>, Option<usize>)> {
    let ahead = window / 2;
    // At step `i` the box has taken in place `i` and let go of place `i - window`; its value belongs to place `i - ahead`.
    (0..length + ahead).map(move |i| {
        let enters = (i < length).then_some(i);
        let leaves = i.checked_sub(window);
        let place = i.checked_sub(ahead).filter(|place| *place < length);
        (enters, leaves, place)
    })
}

fn blur_columns(from: &[f32], to: &mut [f32], width: usize, height: usize, window: usize) {
    let mut sums = vec![0.0f32; width];
    let mut held = 0u16;
    for (enters, leaves, place) in steps(height, window) {
        if let Some(y) = enters {
            held += 1;
            for (sum, value) in sums.iter_mut().zip(&from[y * width..][..width]) {
                *sum += value;
            }
        }
        if let Some(y) = leaves {
            held -= 1;
            for (sum, value) in sums.iter_mut().zip(&from[y * width..][..width]) {
                *sum -= value;
            }
        }
        if let Some(y) = place {
            let count = f32::from(held);
            for (out, sum) in to[y * width..][..width].iter_mut().zip(&sums) {
                *out = sum / count;
            }
        }
    }
}

fn blur_rows(from: &[f32], to: &mut [f32], width: usize, window: usize) {
    let mut turned = vec![[0.0f32; LANES]; width];
    let mut blurred = vec![[0.0f32; LANES]; width];
    for (band, out) in from.chunks(width * LANES).zip(to.chunks_mut(width * LANES)) {
        for (lane, row) in band.chunks_exact(width).enumerate() {
            for (column, value) in turned.iter_mut().zip(row) {
                column[lane] = *value;
            }
        }
        let mut sums = [0.0f32; LANES];
        let mut held = 0u16;
        for (enters, leaves, place) in steps(width, window) {
            if let Some(x) = enters {
                held += 1;
                for (sum, value) in sums.iter_mut().zip(&turned[x]) {
                    *sum += value;
                }
            }
            if let Some(x) = leaves {
                held -= 1;
                for (sum, value) in sums.iter_mut().zip(&turned[x]) {
                    *sum -= value;
                }
            }
            if let Some(x) = place {
                let count = f32::from(held);
                for (value, sum) in blurred[x].iter_mut().zip(&sums) {
                    *value = sum / count;
                }
            }
        }
        for (lane, row) in out.chunks_exact_mut(width).enumerate() {
            for (value, column) in row.iter_mut().zip(&blurred) {
                *value = column[lane];
            }
        }
    }
}

/// Sum of the gradients between neighbouring cells in whole percent of the range, divided by 90, at most 100.
fn quality(cells: &Cells) -> u8 {
    let mut sum = 0.0f32;
    for (row, below) in cells.iter().zip(&cells[1..]) {
        for (u, v) in row.iter().zip(below) {
            sum += ((u - v) * 100.0 / 255.0).trunc().abs();
        }
    }
    for row in cells {
        for (u, v) in row.iter().zip(&row[1..]) {
            sum += ((u - v) * 100.0 / 255.0).trunc().abs();
        }
    }
    // At most 8,064 x 100, so the sum of whole numbers is exact, and so is the comparison with each multiple of 90.
    (1u8..=100)
        .take_while(|step| sum >= f32::from(*step) * 90.0)
        .last()
        .unwrap_or(0)
}

pub(super) fn transform(cells: &Cells) -> Coefficients {
    let waves = waves();
    let mut half = [[0.0f32; CELLS]; KEPT];
    for (row, wave) in half.iter_mut().zip(waves) {
        for (weight, cell_row) in wave.iter().zip(cells) {
            for (sum, cell) in row.iter_mut().zip(cell_row) {
                *sum += weight * cell;
            }
        }
    }
    let mut out = [[0.0f32; KEPT]; KEPT];
    for (row, half_row) in out.iter_mut().zip(&half) {
        for (k, value) in half_row.iter().enumerate() {
            for (sum, wave) in row.iter_mut().zip(waves) {
                *sum += value * wave[k];
            }
        }
    }
    out
}

/// Cosines 1 to 16 of the 64-point DCT.
fn waves() -> &'static [[f32; CELLS]; KEPT] {
    static WAVES: OnceLock<Box<[[f32; CELLS]; KEPT]>> = OnceLock::new();
    WAVES.get_or_init(|| {
        let mut waves = Box::new([[0.0f32; CELLS]; KEPT]);
        let scale = f64::from(narrow((2.0f64 / 64.0).sqrt()));
        let mut frequency = 0.0f64;
        for wave in waves.iter_mut() {
            frequency += 1.0;
            let mut odd = -1.0f64;
            for weight in wave.iter_mut() {
                odd += 2.0;
                *weight = narrow(scale * ((PI / 2.0 / 64.0) * frequency * odd).cos());
            }
        }
        waves
    })
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "Rust has no other f64 to f32"
)]
const fn narrow(value: f64) -> f32 {
    value as f32
}

/// One bit for each value above the lower median; bit 0 is the lowest bit of the last byte.
pub(super) fn cut(values: &Coefficients) -> [u8; 32] {
    let mut sorted = *values.as_flattened().first_chunk::<256>().unwrap_or(&[0.0; 256]);
    let (_, median, _) = sorted.select_nth_unstable_by(127, f32::total_cmp);
    let median = *median;
    let mut bits = [0u8; 32];
    for (byte, eight) in bits
        .iter_mut()
        .rev()
        .zip(values.as_flattened().as_chunks::<8>().0)
    {
        for (bit, value) in eight.iter().enumerate() {
            if *value > median {
                *byte |= 1 << bit;
            }
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three pictures made by arithmetic; `pdqhash` 0.2.8 (Meta's C++) hashed the same ones.
    fn picture(width: u32, height: u32, kind: u32) -> Luma {
        let pixel = |x: u32, y: u32| match kind {
            0 => (x * x + 3 * y * y) / width + ((x / 17) ^ (y / 13)) % 8 * 16,
            1 => (x * 5 + y * 3) ^ (x * y / 64),
            _ if (x / 9 + y / 7).is_multiple_of(2) => x * 255 / (width - 1).max(1),
            _ => 255 - y * 200 / (height - 1).max(1),
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.map(|(x, y)| pixel(x, y).to_le_bytes()[0]).collect();
        Luma {
            width,
            height,
            samples,
        }
    }

    #[test]
    fn codes_and_qualities_are_those_of_the_reference() {
        let vectors = [
            (
                64,
                64,
                0,
                "c79e3066cfc939b2274cd8b32766d8998706787987867c78899bb87863437664",
                100,
            ),
            (
                512,
                384,
                0,
                "786a72d9a70d645ecab3146a98938fafb1582211b6a7afa6974cb748d85993d0",
                100,
            ),
            (
                384,
                512,
                1,
                "ff02f1fdec28c7d78800085d20b5857087df8d2b963c1c9e96f137cc92e69333",
                100,
            ),
            (
                333,
                217,
                2,
                "0a2a08002aaa5d55aaaa5d55aaaa5d55aaaa5d55aaaa5d55aaaa5d55beaf5d55",
                100,
            ),
            (
                100,
                300,
                0,
                "3ae5e92d35e23516cb4cc71db4d334d318e3cb690ba44a3ccb2ce71aa71a34d2",
                100,
            ),
            (
                5,
                5,
                1,
                "6c5b9e2764d9c6729b26348d94a575d9318c96a5932697a4695a358d6c5bcb62",
                5,
            ),
            (
                512,
                512,
                2,
                "aaaa5555aaaa5555aaaa5555aaaa5555aaaa5555aaaa5555aaaa5555aaaa5555",
                100,
            ),
            (
                70,
                66,
                1,
                "c5f19f86b2b8b79694bc9745a0be16b264b44f165cb441863b3468e61f4ce8e9",
                100,
            ),
        ];
        for (width, height, kind, wanted, quality) in vectors {
            let found = of(&picture(width, height, kind));
            assert_eq!(
                (crate::base::digest::hex(&found.bits).as_str(), found.quality),
                (wanted, quality)
            );
        }
    }

    #[test]
    fn too_small_and_flat_pictures_have_no_quality() {
        assert_eq!(
            of(&picture(4, 100, 0)),
            Pdq {
                bits: [0; 32],
                quality: 0
            }
        );
        let flat = Luma {
            width: 512,
            height: 300,
            samples: vec![77; 512 * 300],
        };
        assert_eq!(of(&flat).quality, 0);
        let short = Luma {
            width: 512,
            height: 300,
            samples: vec![77; 100],
        };
        assert_eq!(
            of(&short),
            Pdq {
                bits: [0; 32],
                quality: 0
            }
        );
    }

    #[test]
    fn the_code_of_a_centre_is_the_code_of_the_cut_out() {
        let whole = picture(500, 400, 2);
        let mut samples = Vec::new();
        for row in whole.samples.chunks_exact(500).skip(40).take(320) {
            samples.extend_from_slice(&row[50..450]);
        }
        let centre = Luma {
            width: 400,
            height: 320,
            samples,
        };
        assert_eq!(of_centre(&whole, 80), of(&centre));
        assert_ne!(of_centre(&whole, 80), of(&whole));
    }
}
