//! The look of a picture: 72 numbers of its layout and colours, alike for pictures of one theme or style. For statistics of
//! collections only: it names no picture, and PDQ is blind to what it sees (design similar.md 4.2).
//!
//! ```text
//! 256 x 256 samples of the preview, in means of 4 x 4: a grid of 64 x 64 colours
//! layout   at 64, 32, 16 and 8 cells a side: strength of edges and their direction (as cos and sin of twice the angle), in
//!          means over 4 x 4 cells, damped; of each the mean and the three slowest waves: 48 numbers, whitened
//! colour   root of the shares of 100 boxes of luma (4), blue and red difference (5 each): whitened to 24 numbers
//! ```
//!
//! The mean, and the directions and spreads of whitening, were learnt from 500 photographs (`benches/look_table.py`, every second
//! one of EliSchwartz/imagenet-sample-images): statistics of all, nothing of any. Only sums, products, quotients and square roots
//! are used, so that every machine gets the same numbers.
//!
//! Source: Oliva & Torralba, "Modeling the shape of the scene" (IJCV 42, 2001), for layout by edges; design similar.md 4.2.

use std::sync::OnceLock;

use crate::asset::pixels::{Picture, Rgb8};
use crate::base::fingerprint::Look;

/// The look of a picture; `None` for one without pixels, which no decoded picture is.
#[must_use]
pub fn of(picture: &Picture) -> Option<Look> {
    let grid = Grid::of(&picture.preview)?;
    let (layout, colour) = (layout(&grid), colour(&grid));
    let (layout_table, colour_table) = table().split_at_checked(LAYOUT * (LAYOUT + 1))?;
    let mut values = [0; Look::LEN];
    let (first, second) = values.split_at_mut(LAYOUT);
    whiten(&layout, layout_table, first);
    whiten(&colour, colour_table, second);
    Some(Look { values })
}

/// How alike two looks are: the cosine of the angle between them, 1 for the same, near 0 for unrelated photographs, at least -1.
#[must_use]
pub fn likeness(a: &Look, b: &Look) -> f64 {
    let dot = |a: &Look, b: &Look| {
        let products = a.values.iter().zip(&b.values);
        products.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>()
    };
    let lengths = f64::from(dot(a, a)) * f64::from(dot(b, b));
    if lengths > 0.0 {
        f64::from(dot(a, b)) / lengths.sqrt()
    } else {
        0.0
    }
}

/// The mean squared likeness of two unrelated photographs: 500 of those that were not learnt from, all pairs.
pub const STRANGERS_SQUARE: f64 = 0.0177;

/// Means of 4 x 4 samples, rows from the top.
struct Grid {
    luma: Vec<f32>,
    /// Blue and red difference.
    chroma: Vec<(f32, f32)>,
}

impl Grid {
    fn of(preview: &Rgb8) -> Option<Self> {
        let (width, height) = (
            usize::try_from(preview.width).ok()?,
            usize::try_from(preview.height).ok()?,
        );
        let columns: Vec<usize> = (0..SAMPLES).map(|at| sample(at, width)).collect();
        let pixels = preview.samples.as_chunks::<3>().0;
        let mut sums = vec![[0_u16; 3]; SIDE * SIDE];
        for at in 0..SAMPLES {
            let from = sample(at, height).checked_mul(width)?;
            let row = pixels.get(from..from.checked_add(width)?)?;
            let into = sums.chunks_exact_mut(SIDE).nth(at / BLOCK)?;
            for (block, sum) in columns.chunks_exact(BLOCK).zip(into) {
                for column in block {
                    let [red, green, blue] = row.get(*column)?.map(u16::from);
                    *sum = [sum[0] + red, sum[1] + green, sum[2] + blue];
                }
            }
        }
        let colours = sums.iter().map(|sum| sum.map(|sum| f32::from(sum) / 16.0));
        let (luma, chroma) = colours
            .map(|[red, green, blue]| {
                let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
                (luma, ((blue - luma) * 0.564, (red - luma) * 0.713))
            })
            .unzip();
        Some(Self { luma, chroma })
    }
}

/// Where a sample of so many lies on a side.
const fn sample(at: usize, side: usize) -> usize {
    (2 * at + 1) * side / (2 * SAMPLES)
}

/// Edges by scale: strength, and direction as cosine and sine of twice the angle; of each the mean and three waves.
fn layout(grid: &Grid) -> Vec<f32> {
    let mut out = Vec::with_capacity(LAYOUT);
    let (mut luma, mut side) = (grid.luma.clone(), SIDE);
    while side >= SIDE_MIN {
        let cells = edges(&luma, side);
        for part in 0..3 {
            let damped = cells.map(|cell| cell.get(part).copied().unwrap_or(0.0) / (cell[0] + 1.0).sqrt());
            out.extend(waves(&damped));
        }
        (luma, side) = (halved(&luma, side), side / 2);
    }
    out
}

/// Strength and direction of edges, in means over 4 x 4 cells.
fn edges(luma: &[f32], side: usize) -> [[f32; 3]; 16] {
    let mut cells = [[0.0; 3]; 16];
    let length = side / 4;
    let mut row_edges = vec![[0.0; 3]; side];
    for (y, row) in luma.chunks_exact(side).enumerate() {
        let above = luma.chunks_exact(side).nth(y.saturating_sub(1)).unwrap_or(row);
        let below = luma.chunks_exact(side).nth(y + 1).unwrap_or(row);
        let (first, last) = (row.first().copied(), row.last().copied());
        let left = first.iter().chain(row);
        let right = row.iter().skip(1).chain(&last);
        let places = left.zip(right).zip(above.iter().zip(below));
        for (edge, ((left, right), (up, down))) in row_edges.iter_mut().zip(places) {
            let (across, down) = (right - left, down - up);
            let strength = (across * across + down * down).sqrt();
            let share = if strength > 0.0 { 1.0 / strength } else { 0.0 };
            *edge = [
                strength,
                (across * across - down * down) * share,
                2.0 * across * down * share,
            ];
        }
        let of_row = cells.chunks_exact_mut(4).nth(y / length).into_iter().flatten();
        for (cell, edges) in of_row.zip(row_edges.chunks_exact(length)) {
            for edge in edges {
                *cell = [cell[0] + edge[0], cell[1] + edge[1], cell[2] + edge[2]];
            }
        }
    }
    let pixels = f32::from(u16::try_from(length * length).unwrap_or(u16::MAX));
    cells.map(|cell| cell.map(|sum| sum / pixels))
}

/// The mean of 4 x 4 cells, and how they rise across, down, and both.
fn waves(cells: &[f32; 16]) -> [f32; 4] {
    let mut out = [0.0; 4];
    for (row, down) in cells.chunks_exact(4).zip(WAVE) {
        for (cell, across) in row.iter().zip(WAVE) {
            out[0] += cell;
            out[1] += cell * across;
            out[2] += cell * down;
            out[3] += cell * down * across;
        }
    }
    out
}

/// Half as many on each side, in means of 2 x 2.
fn halved(luma: &[f32], side: usize) -> Vec<f32> {
    let pairs = luma.chunks_exact(2 * side);
    let means = pairs.flat_map(|rows| {
        let (above, below) = rows.split_at(side);
        let columns = above.chunks_exact(2).zip(below.chunks_exact(2));
        columns.map(|(above, below)| above.iter().chain(below).sum::<f32>() / 4.0)
    });
    means.collect()
}

/// Roots of the shares of boxes of colour.
fn colour(grid: &Grid) -> Vec<f32> {
    let mut counts = [0_u16; BOXES];
    for (luma, (blue, red)) in grid.luma.iter().zip(&grid.chroma) {
        let place =
            (rank(*luma, &LUMA_EDGES) * 5 + rank(*blue, &CHROMA_EDGES)) * 5 + rank(*red, &CHROMA_EDGES);
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    counts.map(|count| (f32::from(count) / 4096.0).sqrt()).to_vec()
}

fn rank(value: f32, edges: &[f32]) -> usize {
    edges.iter().filter(|edge| value >= **edge).count()
}

/// Takes the means away and turns and stretches the rest, so that each number spreads alike over photographs.
fn whiten(features: &[f32], table: &[f32], out: &mut [i8]) {
    let (means, rows) = table.split_at(features.len());
    let leans: Vec<f32> = features
        .iter()
        .zip(means)
        .map(|(feature, mean)| feature - mean)
        .collect();
    for (value, row) in out.iter_mut().zip(rows.chunks_exact(features.len())) {
        let sum: f32 = leans.iter().zip(row).map(|(lean, weight)| lean * weight).sum();
        *value = quantised(sum * STEPS);
    }
}

/// The nearest whole number from -127 to 127; 0 for what is none.
fn quantised(value: f32) -> i8 {
    let size = value.abs() + 0.5;
    let bits = [64, 32, 16, 8, 4, 2, 1];
    let whole = bits.into_iter().fold(0_i8, |sum, bit| {
        if f32::from(sum + bit) <= size {
            sum + bit
        } else {
            sum
        }
    });
    if value < 0.0 { -whole } else { whole }
}

fn table() -> &'static [f32] {
    static NUMBERS: OnceLock<Vec<f32>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let words = TABLE.as_chunks::<4>().0.iter();
        words.map(|word| f32::from_le_bytes(*word)).collect()
    })
}

/// Cells on a side of the grid, samples on a side of the picture, samples on a side of a cell.
const SIDE: usize = 64;
const SAMPLES: usize = SIDE * BLOCK;
const BLOCK: usize = 4;
/// Cells on a side of the coarsest scale.
const SIDE_MIN: usize = 8;
/// Numbers of the layout.
const LAYOUT: usize = 48;
const BOXES: usize = 100;
const LUMA_EDGES: [f32; 3] = [64.0, 128.0, 192.0];
const CHROMA_EDGES: [f32; 4] = [-16.0, -5.0, 5.0, 16.0];
/// Half a period of a cosine at four places.
const WAVE: [f32; 4] = [0.923_879_5, 0.382_683_43, -0.382_683_43, -0.923_879_5];
/// Steps of one standard deviation.
const STEPS: f32 = 24.0;
/// Little-endian f32: 48 means of the layout, 48 rows of 48 weights, 100 means of the colours, 24 rows of 100 weights.
static TABLE: &[u8; 19_408] = include_bytes!("look.table");

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
