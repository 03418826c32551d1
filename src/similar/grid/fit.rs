//! What was done to a picture as a whole: where it lies in the other one, and by what its tones differ.
//!
//! Both are fitted by least squares, again and again with less weight for cells that do not follow (Tukey's biweight), so a
//! part that was painted over does not pull at the rest. Place and luma are fitted together, on blurred cells first
//! (Lucas and Kanade 1981, inverse problem solved directly; Szeliski, Computer Vision, 2nd ed., 9.2).

use super::cells::{CELLS, Cells, Frame, SIDE, rgb, small, whole, ycc};

/// `out = gain * in + offset` for luma and the two colour differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tones {
    pub(super) gain: [f32; 3],
    pub(super) offset: [f32; 3],
}

impl Tones {
    /// A pixel with these tones.
    pub(super) fn of_pixel(&self, pixel: [u8; 3]) -> [f32; 3] {
        let [luma, blue, red] = ycc(pixel.map(f32::from));
        let made = |channel: usize, value: f32| self.gain[channel] * value + self.offset[channel];
        rgb([made(0, luma), made(1, blue), made(2, red)])
    }
}

/// Blur radii, in cells, of the rounds of a fit, and how many steps each takes.
const ROUNDS: [(usize, usize); 4] = [(4, 12), (2, 10), (1, 8), (0, 6)];
/// Differences, in levels, that are noise to any fit.
const NOISE: f32 = 4.0;

/// Where in `then` the picture `now` lies, fitted on luma with its gain and offset; `None` where the cells do not say.
pub(super) fn frame(then: &Cells, now: &Cells) -> Option<Frame> {
    // x0 x1 x2, y0 y1 y2, gain, offset
    let mut state = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    for (radius, steps) in ROUNDS {
        let (from, to) = (blurred(then, radius), blurred(now, radius));
        for _ in 0..steps {
            let step = step(&from, &to, &state)?;
            for (value, change) in state.iter_mut().zip(step) {
                *value += change;
            }
            let [a, b, _, c, d, ..] = state;
            let is_sane =
                [a, d].iter().all(|scale| (0.5..2.0).contains(scale)) && b.abs() < 0.5 && c.abs() < 0.5;
            if !is_sane {
                return None;
            }
        }
    }
    let [x0, x1, x2, y0, y1, y2, ..] = state;
    Some(Frame {
        x: [x0, x1, x2],
        y: [y0, y1, y2],
    })
}

fn step(from: &[f32], to: &[f32], state: &[f32; 8]) -> Option<[f32; 8]> {
    let [x0, x1, x2, y0, y1, y2, gain, offset] = *state;
    let frame = Frame {
        x: [x0, x1, x2],
        y: [y0, y1, y2],
    };
    let mut rows = Vec::with_capacity(CELLS);
    for (cell, wanted) in to.iter().enumerate() {
        let (x, y) = (centre(cell % SIDE), centre(cell / SIDE));
        let (u, v) = frame.place(x, y);
        let Some((value, right, down)) = sample(from, u, v) else {
            continue;
        };
        let (gx, gy) = (gain * right, gain * down);
        let row = [gx * x, gx * y, gx, gy * x, gy * y, gy, value, 1.0];
        rows.push((row, wanted - gain * value - offset));
    }
    if rows.len() < CELLS / 2 {
        return None;
    }
    weighted(&rows, (0.0, [0.0; 8]))
}

/// The tones that make `then` into `now`; `None` where too few cells are shown.
pub(super) fn tones(then: &Cells, now: &Cells) -> Option<Tones> {
    let mut found = Tones {
        gain: [1.0; 3],
        offset: [0.0; 3],
    };
    for channel in 0..3 {
        let pairs: Vec<(f32, f32)> = then
            .0
            .iter()
            .zip(&now.0)
            .filter_map(|(a, b)| Some((a.as_ref()?[channel], b.as_ref()?[channel])))
            // What was cut off at white or black says nothing about the rest.
            .filter(|(_, b)| channel > 0 || (3.0..252.0).contains(b))
            .collect();
        if pairs.len() < CELLS / 8 {
            return None;
        }
        let mut state = [1.0, 0.0];
        for _ in 0..12 {
            let [gain, offset] = state;
            let rows: Vec<([f32; 2], f32)> = pairs
                .iter()
                .map(|(a, b)| ([*a, 1.0], b - gain * a - offset))
                .collect();
            let change = weighted(&rows, (0.0, [0.0; 2]))?;
            state = [gain + change[0], offset + change[1]];
        }
        [found.gain[channel], found.offset[channel]] = state;
    }
    Some(found)
}

/// The least squares step of `rows` (slopes, what is left), weighted by how well each row follows already, and pulled by so much
/// towards a step.
pub(super) fn weighted<const N: usize>(
    rows: &[([f32; N], f32)],
    (pull, towards): (f64, [f32; N]),
) -> Option<[f32; N]> {
    let mut sizes: Vec<f32> = rows.iter().map(|(_, left)| left.abs()).collect();
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
    // 4.685 deviations, a deviation being 1.483 medians (Beaton and Tukey 1974).
    let reach = 6.95 * median.max(NOISE / 4.0);
    let mut matrix = [[0.0f64; N]; N];
    let mut right = [0.0f64; N];
    for (row, left) in rows {
        let near = 1.0 - (left / reach).powi(2).min(1.0);
        let weight = f64::from(near * near);
        for i in 0..N {
            let slope = weight * f64::from(row[i]);
            right[i] += slope * f64::from(*left);
            for j in 0..N {
                matrix[i][j] += slope * f64::from(row[j]);
            }
        }
    }
    for i in 0..N {
        matrix[i][i] += pull;
        right[i] += pull * f64::from(towards[i]);
    }
    solve(matrix, right)
}

/// Gaussian elimination with the largest pivot; `None` for a system that does not say.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> Option<[f32; N]> {
    for column in 0..N {
        let size = |row: &usize| matrix[*row][column].abs();
        let pivot = (column..N).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        if matrix[column][column].abs() < 1e-6 {
            return None;
        }
        let (lead, value) = (matrix[column], right[column]);
        for row in (0..N).filter(|row| *row != column) {
            let factor = matrix[row][column] / lead[column];
            for (at, other) in matrix[row].iter_mut().zip(lead) {
                *at -= factor * other;
            }
            right[row] -= factor * value;
        }
    }
    let mut out = [0.0; N];
    for (row, value) in out.iter_mut().enumerate() {
        *value = narrow(right[row] / matrix[row][row]);
    }
    out.iter().all(|value| value.is_finite()).then_some(out)
}

/// Value and slopes, per unit of place, at a place from -1 to 1; `None` outside.
fn sample(cells: &[f32], x: f32, y: f32) -> Option<(f32, f32, f32)> {
    let half = small(SIDE) / 2.0;
    let (x, y) = ((x + 1.0) * half - 0.5, (y + 1.0) * half - 0.5);
    let last = small(SIDE - 1);
    if !(0.0..last).contains(&x) || !(0.0..last).contains(&y) {
        return None;
    }
    let (left, top) = (whole(x), whole(y));
    let (right, down) = (x.fract(), y.fract());
    let at = |dx: usize, dy: usize| cells.get((top + dy) * SIDE + left + dx).copied();
    let (own, beside, below, across) = (at(0, 0)?, at(1, 0)?, at(0, 1)?, at(1, 1)?);
    let value = (own * (1.0 - right) + beside * right) * (1.0 - down)
        + (below * (1.0 - right) + across * right) * down;
    let slope_x = (beside - own) * (1.0 - down) + (across - below) * down;
    let slope_y = (below - own) * (1.0 - right) + (across - beside) * right;
    Some((value, slope_x * half, slope_y * half))
}

/// The middle of a cell, from -1 to 1.
fn centre(cell: usize) -> f32 {
    (2.0 * small(cell) + 1.0) / small(SIDE) - 1.0
}

/// Luma averaged over a square of `2 * radius + 1` cells, edges continued.
fn blurred(cells: &Cells, radius: usize) -> Vec<f32> {
    let luma: Vec<f32> = (0..CELLS)
        .map(|cell| cells.luma(cell % SIDE, cell / SIDE))
        .collect();
    let along = |from: &[f32], step: usize| -> Vec<f32> {
        (0..CELLS)
            .map(|cell| {
                let place = if step == 1 { cell % SIDE } else { cell / SIDE };
                let first = cell - place * step;
                let near = (0..=2 * radius).map(|k| (place + k).saturating_sub(radius).min(SIDE - 1));
                near.map(|k| from[first + k * step]).sum::<f32>() / small(2 * radius + 1)
            })
            .collect()
    };
    along(&along(&luma, 1), SIDE)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "Rust has no other f64 to f32"
)]
const fn narrow(value: f64) -> f32 {
    value as f32
}
