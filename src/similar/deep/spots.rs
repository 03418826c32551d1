//! Where a picture has detail: extrema of the difference of neighbouring blurs (Lowe 2004, sections 3 and 4), spread over it.

use super::scale::{Octave, Plane, SCALES, SIGMA};

/// A place with detail, in pixels of its octave.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) octave: usize,
    /// The blur it is described in.
    pub(super) level: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    /// Its size, the blur in which it is seen best.
    pub(super) sigma: f32,
    strength: f32,
}

/// Differences smaller than this, of 255, are noise.
const CONTRAST_MIN: f32 = 1.0;
/// How much longer than wide a detail may be.
const EDGE_MAX: f32 = 10.0;
/// A spot nearer to the edge is not described.
const MARGIN: usize = 4;
/// Columns and rows over which spots are spread.
const GRID: usize = 8;

/// At most `most` spots, the strongest of each part of the picture first.
pub(super) fn spots(octaves: &[Octave], most: usize) -> Vec<Spot> {
    let mut all = Vec::new();
    for (number, octave) in octaves.iter().enumerate() {
        let differences: Vec<Plane> = octave
            .levels
            .windows(2)
            .map(|pair| difference(&pair[0], &pair[1]))
            .collect();
        for level in 1..=SCALES {
            if let [below, here, above] = &differences[level - 1..level + 2] {
                extrema([below, here, above], number, level, &mut all);
            }
        }
    }
    spread(all, octaves, most)
}

fn difference(a: &Plane, b: &Plane) -> Plane {
    Plane {
        width: a.width,
        height: a.height,
        values: a.values.iter().zip(&b.values).map(|(a, b)| b - a).collect(),
    }
}

fn extrema(planes: [&Plane; 3], octave: usize, level: usize, out: &mut Vec<Spot>) {
    let [_, here, _] = planes;
    let (width, height) = (here.width, here.height);
    for y in MARGIN..height.saturating_sub(MARGIN) {
        let row = &here.values[y * width..][..width];
        for x in MARGIN..width.saturating_sub(MARGIN) {
            let value = row[x];
            if value.abs() < CONTRAST_MIN || !beats_row(row, x, value) {
                continue;
            }
            if is_extreme(planes, x, y, value) {
                out.extend(refined(planes, (octave, level), x, y));
            }
        }
    }
}

/// Against its two neighbours in the row: most pixels fall here.
fn beats_row(row: &[f32], x: usize, value: f32) -> bool {
    let (left, right) = (row[x - 1], row[x + 1]);
    if value > 0.0 {
        value > left && value >= right
    } else {
        value < left && value <= right
    }
}

fn is_extreme(planes: [&Plane; 3], x: usize, y: usize, value: f32) -> bool {
    let sign = if value > 0.0 { 1.0 } else { -1.0 };
    let most = value * sign;
    planes.iter().enumerate().all(|(plane_number, plane)| {
        (y - 1..=y + 1).all(|row| {
            let line = &plane.values[row * plane.width + x - 1..][..3];
            line.iter().enumerate().all(|(column, other)| {
                let is_itself = plane_number == 1 && row == y && column == 1;
                is_itself || most >= other * sign
            })
        })
    })
}

/// Placed between pixels by parabolas; `None` for what lies on an edge.
fn refined(planes: [&Plane; 3], (octave, level): (usize, usize), x: usize, y: usize) -> Option<Spot> {
    let at = |plane: &Plane, x: usize, y: usize| plane.values[y * plane.width + x];
    let [below, here, above] = planes;
    let middle = at(here, x, y);
    let (left, right) = (at(here, x - 1, y), at(here, x + 1, y));
    let (up, down) = (at(here, x, y - 1), at(here, x, y + 1));
    let across = left + right - 2.0 * middle;
    let along = up + down - 2.0 * middle;
    let both =
        (at(here, x + 1, y + 1) + at(here, x - 1, y - 1) - at(here, x - 1, y + 1) - at(here, x + 1, y - 1))
            * 0.25;
    let (trace, determinant) = (across + along, across * along - both * both);
    if determinant <= 0.0 || trace * trace * EDGE_MAX >= (EDGE_MAX + 1.0) * (EDGE_MAX + 1.0) * determinant {
        return None;
    }
    let scale = summit(at(below, x, y), middle, at(above, x, y));
    let (shift_x, shift_y) = (summit(left, middle, right), summit(up, middle, down));
    Some(Spot {
        octave,
        level,
        x: float(x) + shift_x,
        y: float(y) + shift_y,
        sigma: SIGMA * libm::exp2f((float(level) + scale) / float(SCALES)),
        strength: middle.abs(),
    })
}

/// Where a parabola through three values has its summit, from the middle one.
fn summit(before: f32, middle: f32, after: f32) -> f32 {
    let bend = before + after - 2.0 * middle;
    if bend == 0.0 {
        return 0.0;
    }
    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
}

/// The strongest of each part, then the second of each, until there are enough.
fn spread(mut all: Vec<Spot>, octaves: &[Octave], most: usize) -> Vec<Spot> {
    let Some(first) = octaves.first() else {
        return Vec::new();
    };
    let Some(plane) = first.levels.first() else {
        return Vec::new();
    };
    let part = |spot: &Spot| {
        let step = octaves
            .get(spot.octave)
            .map_or(1.0, |octave| octave.step / first.step);
        let column = whole(spot.x * step) * GRID / plane.width;
        let row = whole(spot.y * step) * GRID / plane.height;
        row.min(GRID - 1) * GRID + column.min(GRID - 1)
    };
    // Places break ties, so that the order is the same everywhere.
    all.sort_by(|a, b| {
        b.strength
            .total_cmp(&a.strength)
            .then(a.octave.cmp(&b.octave))
            .then(a.y.total_cmp(&b.y))
            .then(a.x.total_cmp(&b.x))
    });
    let mut taken = [0usize; GRID * GRID];
    let mut ranked: Vec<(usize, usize)> = all
        .iter()
        .enumerate()
        .map(|(number, spot)| {
            let count = &mut taken[part(spot)];
            *count += 1;
            (*count, number)
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(most);
    ranked.into_iter().map(|(_, number)| all[number]).collect()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "sides of a canonical picture are at most 512, exact in f32"
)]
pub(super) const fn float(number: usize) -> f32 {
    number as f32
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other f32 to usize; it saturates, and negative places become the first"
)]
pub(super) const fn whole(place: f32) -> usize {
    place as usize
}
