//! Tones changed as a whole by more than a straight line: curves, colours led to other colours, light that falls off to the edges.
//!
//! The newer cells are fitted as a sum of what is made of the pixels of the older ones: each of red, green and blue bent at three
//! places, the largest and the least of them (by which hue is turned), and the channel itself times a curve across the picture. A part that was
//! painted over does not follow such a sum, and Tukey's weights (see [`super::fit`]) leave it out. Sharpening is another matter, and
//! fitted alone: what a cell has beyond its neighbours, made stronger by one factor in all the picture.

use super::cells::{Cells, Frame, SIDE, blurred, means, small, ycc};
use super::fit::weighted;
use crate::asset::raster::Raster;

/// What is made of a pixel: one, each colour four times, the largest, the least.
const MADE: usize = 15;
/// The same, and the channel itself across the picture.
const TERMS: usize = MADE + 5;
/// Rounds of the fit.
const ROUNDS: usize = 10;
/// Pull towards tones as they are, in rows of weight one: what hardly occurs is not guessed.
const PULL: f64 = 0.5;

/// The cells of a picture with the tones of another; `None` where too few are shown.
pub(super) fn followed(then: &Raster, frame: &Frame, new: &Cells, coarse: bool) -> Option<Cells> {
    let mut made = means(then, frame, terms);
    if coarse {
        made = blurred(&made);
    }
    let mut cells = vec![[0.0f32; 3]; made.len()];
    for channel in 0..3 {
        let place =
            |(cell, made): (usize, &Option<[f32; MADE]>)| made.map(|made| placed(&made, cell, channel));
        let rows: Vec<Option<[f32; TERMS]>> = made.iter().enumerate().map(place).collect();
        let weights = fitted(&rows, new, channel)?;
        let bounds = if channel == 0 {
            (0.0, 255.0)
        } else {
            (-128.0, 127.0)
        };
        for (cell, row) in cells.iter_mut().zip(&rows) {
            let sum = row
                .iter()
                .flatten()
                .zip(&weights)
                .map(|(a, b)| a * b)
                .sum::<f32>();
            cell[channel] = sum.clamp(bounds.0, bounds.1);
        }
    }
    let shown = made.iter().zip(cells).map(|(made, cell)| made.map(|_| cell));
    Some(Cells(shown.collect()))
}

/// The cells of a picture whose detail was made so much stronger, or weaker, as it is in another; `None` where there is none.
pub(super) fn sharpened(seen: &Cells, new: &Cells) -> Option<Cells> {
    let soft = seen.blurred();
    let mut made = seen.clone();
    for channel in 0..3 {
        let detail =
            |cell: usize| Some(seen.0.get(cell)?.as_ref()?[channel] - soft.0.get(cell)?.as_ref()?[channel]);
        let mut gain = 0.0f32;
        for _ in 0..ROUNDS {
            let rows: Vec<([f32; 1], f32)> = (0..super::CELLS)
                .filter_map(|cell| {
                    let (detail, old) = (detail(cell)?, seen.0.get(cell)?.as_ref()?[channel]);
                    Some((
                        [detail],
                        new.0.get(cell)?.as_ref()?[channel] - old - gain * detail,
                    ))
                })
                .collect();
            if rows.is_empty() {
                return None;
            }
            let [step] = weighted(&rows, (PULL, [-gain]))?;
            gain += step;
        }
        let gain = gain.clamp(-0.5, SHARPER_MAX);
        for (cell, made) in made.0.iter_mut().enumerate() {
            if let (Some(made), Some(detail)) = (made.as_mut(), detail(cell)) {
                made[channel] += gain * detail;
            }
        }
    }
    Some(made)
}

/// So much detail is added at most, times what is there.
const SHARPER_MAX: f32 = 2.0;

fn fitted(rows: &[Option<[f32; TERMS]>], new: &Cells, channel: usize) -> Option<[f32; TERMS]> {
    let pairs: Vec<(&[f32; TERMS], f32)> = rows
        .iter()
        .zip(&new.0)
        .filter_map(|(row, new)| Some((row.as_ref()?, new.as_ref()?[channel])))
        .collect();
    if pairs.len() < super::CELLS / 2 {
        return None;
    }
    let own = unchanged(channel);
    let mut weights = own;
    for _ in 0..ROUNDS {
        let left = |row: &[f32; TERMS]| row.iter().zip(&weights).map(|(a, b)| a * b).sum::<f32>();
        let open: Vec<([f32; TERMS], f32)> = pairs
            .iter()
            .map(|(row, wanted)| (**row, wanted - left(row)))
            .collect();
        let mut back = own;
        for (back, weight) in back.iter_mut().zip(&weights) {
            *back -= weight;
        }
        let step = weighted(&open, (PULL, back))?;
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight += step;
        }
    }
    Some(weights)
}

/// The weights that leave a channel as it is.
fn unchanged(channel: usize) -> [f32; TERMS] {
    let mut weights = [0.0; TERMS];
    // What each colour alone, at its full level, gives to the channel.
    for (colour, at) in [1, 5, 9].into_iter().enumerate() {
        let mut full = [0.0; 3];
        full[colour] = 255.0;
        weights[at] = ycc(full)[channel];
    }
    weights
}

/// What is made of a pixel, each from 0 to 1.
fn terms(pixel: [u8; 3]) -> [f32; MADE] {
    let levels = pixel.map(|level| f32::from(level) / 255.0);
    let mut made = [1.0; MADE];
    for (colour, level) in levels.into_iter().enumerate() {
        for (bend, at) in [0.0, 0.25, 0.5, 0.75].into_iter().zip(1 + 4 * colour..) {
            made[at] = (level - bend).max(0.0);
        }
    }
    made[13] = levels.into_iter().fold(0.0, f32::max);
    made[14] = levels.into_iter().fold(1.0, f32::min);
    made
}

/// With the channel itself across the picture, from a cell's place.
fn placed(made: &[f32; MADE], cell: usize, channel: usize) -> [f32; TERMS] {
    let at = |cell: usize| (2.0 * small(cell) + 1.0) / small(SIDE) - 1.0;
    let (x, y) = (at(cell % SIDE), at(cell / SIDE));
    let own = ycc([made[1], made[5], made[9]])[channel];
    let mut all = [0.0; TERMS];
    for (all, made) in all.iter_mut().zip(made) {
        *all = *made;
    }
    for (all, place) in all.iter_mut().skip(MADE).zip([x, y, x * x, y * y, x * y]) {
        *all = own * place;
    }
    all
}
