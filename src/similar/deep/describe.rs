//! What a picture looks like around a spot: gradients of 4 x 4 cells in 8 directions, each cut at its median.
//!
//! The patch is sampled turned to the spot's own direction, 16 x 16 places three quarters of its blur apart, and its gradients
//! are the differences of these samples.

use super::medians::MEDIANS;
use super::scale::{Octave, Plane};
use super::spots::{Spot, float, whole};
use crate::base::local::LocalPoint;

/// Places sampled along a side, and one more at each end for the differences.
const SIDE: usize = 16;
const PADDED: usize = SIDE + 2;
/// Distance of samples, in blurs of the spot.
const SPACING: f32 = 0.75;
const CELLS: usize = 4;
const DIRECTIONS: usize = 8;
/// Directions among which the spot's own is chosen.
const BINS: usize = 36;

/// Gradients by cell and direction, of length one: `(row * 4 + column) * 8 + direction`.
pub type Histogram = [f32; 128];

/// A spot described: where, how large, which way, and the histogram that is cut.
pub(super) fn describe(octaves: &[Octave], spot: &Spot) -> Option<(LocalPoint, Histogram)> {
    let octave = octaves.get(spot.octave)?;
    let plane = octave.levels.get(spot.level)?;
    let turn = direction(plane, spot);
    let histogram = histogram(&Patch::sampled(plane, spot, turn, SPACING));
    let in_steps = |at: f32| quantised(at * octave.step * 16.0);
    let size = libm::log2f(spot.sigma * octave.step) * 16.0;
    let point = LocalPoint {
        x: in_steps(spot.x),
        y: in_steps(spot.y),
        size: u8::try_from(quantised(size)).unwrap_or(u8::MAX),
        turn,
        bits: cut(&histogram),
    };
    Some((point, histogram))
}

fn quantised(value: f32) -> u16 {
    u16::try_from(whole(value + 0.5)).unwrap_or(u16::MAX)
}

/// How far a value is from where it is cut.
pub(super) fn margin(histogram: &Histogram, at: usize) -> f32 {
    (histogram[at] - f32::from(MEDIANS[at]) / 4096.0).abs()
}

/// The values above their medians.
pub(super) fn cut(histogram: &Histogram) -> [u8; 16] {
    let mut bits = [0u8; 16];
    for (at, (value, median)) in histogram.iter().zip(MEDIANS).enumerate() {
        if *value > f32::from(median) / 4096.0 {
            bits[at / 8] |= 1 << (at % 8);
        }
    }
    bits
}

/// Samples around a spot, turned.
struct Patch([[f32; PADDED]; PADDED]);

impl Patch {
    fn sampled(plane: &Plane, spot: &Spot, turn: u8, spacing: f32) -> Self {
        let angle = f32::from(turn) * (std::f32::consts::TAU / 256.0);
        let (sine, cosine) = libm::sincosf(angle);
        let step = spot.sigma * spacing;
        let (right_x, right_y) = (cosine * step, sine * step);
        let mut patch = [[0.0; PADDED]; PADDED];
        let middle = (float(PADDED) - 1.0) / 2.0;
        for (row, line) in patch.iter_mut().enumerate() {
            let down = float(row) - middle;
            for (column, value) in line.iter_mut().enumerate() {
                let across = float(column) - middle;
                *value = sample(
                    plane,
                    spot.x + across * right_x - down * right_y,
                    spot.y + across * right_y + down * right_x,
                );
            }
        }
        Self(patch)
    }

    /// Each place's gradient: its row, its column, its length, and its direction in parts of a turn of `parts`.
    fn gradients(&self, parts: f32, mut each: impl FnMut(usize, usize, f32, f32)) {
        for row in 0..SIDE {
            for column in 0..SIDE {
                let across = self.0[row + 1][column + 2] - self.0[row + 1][column];
                let down = self.0[row + 2][column + 1] - self.0[row][column + 1];
                let length = (across * across + down * down).sqrt();
                if length > 0.0 {
                    each(row, column, length, turn_of(across, down) * parts);
                }
            }
        }
    }
}

/// Between four pixels; beyond an edge stands the pixel at the edge.
fn sample(plane: &Plane, x: f32, y: f32) -> f32 {
    let (x, y) = (
        x.clamp(0.0, float(plane.width - 1)),
        y.clamp(0.0, float(plane.height - 1)),
    );
    let (left, top) = (whole(x).min(plane.width - 2), whole(y).min(plane.height - 2));
    let (across, down) = (x - float(left), y - float(top));
    let upper = &plane.values[top * plane.width + left..];
    let between = |at: usize| upper[at] + (upper[at + 1] - upper[at]) * across;
    let (above, below) = (between(0), between(plane.width));
    above + (below - above) * down
}

/// The direction of a gradient as a part of a turn, 0 to 1: a polynomial, the same everywhere.
fn turn_of(across: f32, down: f32) -> f32 {
    let (long, short) = (across.abs().max(down.abs()), across.abs().min(down.abs()));
    let slope = short / long;
    // atan(slope) / tau on [0, 1], off by at most 0.000 013.
    let square = slope * slope;
    let eighth =
        slope * (0.159_029_86 + square * (-0.051_116_98 + square * (0.023_279_69 - square * 0.006_205_55)));
    let quarter = if down.abs() > across.abs() {
        0.25 - eighth
    } else {
        eighth
    };
    let half = if across < 0.0 { 0.5 - quarter } else { quarter };
    let full = if down < 0.0 { 1.0 - half } else { half };
    if full >= 1.0 { 0.0 } else { full }
}

/// The direction of most of the gradient around a spot, 256ths of a turn.
fn direction(plane: &Plane, spot: &Spot) -> u8 {
    let patch = Patch::sampled(plane, spot, 0, 0.5625);
    let mut bins = [0.0f32; BINS];
    let middle = (float(SIDE) - 1.0) / 2.0;
    patch.gradients(float(BINS), |row, column, length, turn| {
        let (down, across) = (float(row) - middle, float(column) - middle);
        let near = 1.0 - (down * down + across * across) / 128.0;
        let weight = length * near * near;
        let first = whole(turn);
        let share = turn - float(first);
        bins[first % BINS] += weight * (1.0 - share);
        bins[(first + 1) % BINS] += weight * share;
    });
    // Twice a mean of three, so that one bin does not win by a hair.
    for _ in 0..2 {
        let old = bins;
        for (at, value) in bins.iter_mut().enumerate() {
            *value = (old[(at + BINS - 1) % BINS] + old[at] * 2.0 + old[(at + 1) % BINS]) * 0.25;
        }
    }
    let mut best = 0;
    for (at, value) in bins.iter().enumerate() {
        if *value > bins[best] {
            best = at;
        }
    }
    let (before, after) = (bins[(best + BINS - 1) % BINS], bins[(best + 1) % BINS]);
    let bend = before + after - 2.0 * bins[best];
    let shift = if bend < 0.0 {
        0.5 * (before - after) / bend
    } else {
        0.0
    };
    let turn = (float(best) + shift + float(BINS)) * (256.0 / float(BINS));
    u8::try_from(whole(turn + 0.5) % 256).unwrap_or(0)
}

/// Gradients summed by cell and direction, each shared between its neighbours, of length one.
fn histogram(patch: &Patch) -> Histogram {
    let mut found = [0.0f32; 128];
    let middle = (float(SIDE) - 1.0) / 2.0;
    patch.gradients(float(DIRECTIONS), |row, column, length, turn| {
        let (down, across) = (float(row) - middle, float(column) - middle);
        let near = 1.0 - (down * down + across * across) / 160.0;
        let weight = length * near;
        let first = whole(turn);
        let share = turn - float(first);
        for (cell_row, part_row) in shares(row) {
            for (cell_column, part_column) in shares(column) {
                let cell = (cell_row * CELLS + cell_column) * DIRECTIONS;
                let part = weight * part_row * part_column;
                found[cell + first % DIRECTIONS] += part * (1.0 - share);
                found[cell + (first + 1) % DIRECTIONS] += part * share;
            }
        }
    });
    let sum: f32 = found.iter().map(|value| value * value).sum();
    if sum > 0.0 {
        let length = sum.sqrt();
        for value in &mut found {
            *value /= length;
        }
    }
    found
}

/// The two cells nearest to a sample, and how much of it each gets.
fn shares(at: usize) -> [(usize, f32); 2] {
    // Sample `at` lies at (at + 0.5) / 4 - 0.5 cells; what would fall beyond the outer cells is left out.
    let place = (float(at) + 0.5) / 4.0 - 0.5;
    let low = if place < 0.0 { 0 } else { whole(place) };
    if place < 0.0 {
        return [(0, 1.0 + place), (0, 0.0)];
    }
    let share = place - float(low);
    if low + 1 < CELLS {
        [(low, 1.0 - share), (low + 1, share)]
    } else {
        [(low, 1.0 - share), (low, 0.0)]
    }
}
