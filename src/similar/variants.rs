//! The codes under which a picture is looked for: as it is, mirrored and turned, without its border, parts of it, and turned
//! back a little.
//!
//! The ledger keeps four codes of a picture (the whole and the centre 90, 80 and 70 % of each side); a copy that was cut,
//! framed, mirrored or turned meets one of them by one of these. All come from one canonical luma, blurred once: mirroring and
//! quarter turns change signs of, or transpose, the coefficients, and the rest are samples of the blurred picture at other
//! places, which costs a few bits against cutting first.
//!
//! Turning a picture by a small angle leaves empty corners, and editors do one of three things with them, so three regions are
//! tried. Each is chosen such that what is sampled is one of the four stored parts of the upright picture.

use super::index::Code;
use super::pdq::{CELLS, Cells, Coefficients, Grid, cut, transform, window};
use crate::asset::pixels::Luma;

/// Which part of the picture a code was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum View {
    /// The centre, percent of each side: for pictures that got a border.
    Centre(u32),
    /// Upright again after a turn by so many degrees, clockwise when positive.
    Straightened(i32, Corners),
    /// Without a border of one tone.
    Trimmed,
    /// All of it.
    Whole,
}

/// What became of the corners when a picture was turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Corners {
    /// The picture was cut to the largest part of its shape without them.
    Cut,
    /// The picture kept its size: its own corners are lost, empty ones are in their place.
    Filled,
    /// The canvas grew: all of the picture is there, with empty corners around it.
    Grown,
}

/// How a view is mirrored and turned before its code is made; the transposition comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attitude {
    /// Left and right change places.
    pub across: bool,
    /// Top and bottom change places.
    pub down: bool,
    /// Rows become columns.
    pub transposed: bool,
}

impl Attitude {
    /// As it is.
    pub const UPRIGHT: Self = Self {
        across: false,
        down: false,
        transposed: false,
    };
    /// Left and right exchanged.
    pub const MIRRORED: Self = Self {
        across: true,
        ..Self::UPRIGHT
    };

    /// All eight.
    #[must_use]
    pub fn all() -> [Self; 8] {
        let mut number = 0;
        [(); 8].map(|()| {
            let bit = |mask: u8| number & mask != 0;
            let attitude = Self {
                across: bit(1),
                down: bit(2),
                transposed: bit(4),
            };
            number += 1;
            attitude
        })
    }

    /// The coefficients of the picture mirrored and turned like that.
    pub(super) fn of(self, values: &Coefficients) -> Coefficients {
        let mut out = *values;
        for (y, row) in out.iter_mut().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                let from = if self.transposed {
                    values[x][y]
                } else {
                    values[y][x]
                };
                // Coefficient 0 is of frequency 1: waves of odd frequency change their sign when mirrored.
                let turned = (self.across && x % 2 == 0) != (self.down && y % 2 == 0);
                *value = if turned { -from } else { from };
            }
        }
        out
    }
}

/// One code to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Of which part.
    pub view: View,
    /// How turned.
    pub attitude: Attitude,
    /// Whether it is the code of the negative.
    pub inverted: bool,
    /// The PDQ bits.
    pub code: Code,
}

/// 40 codes, the plain one first, or 37 when there is no border; none for pictures under 5 x 5, which have no code.
///
/// The whole in eight attitudes; without border, and the centre 95, 90 and 80 %, upright and mirrored; straightened by 1 to 5
/// degrees either way; and the negatives of the whole upright and mirrored, and of the rest upright.
///
/// Against the four codes that are kept of a picture that is at most 160 comparisons. Of pairs of codes of unrelated pictures 1.5 in
/// 10^8 are within 64 bits, so 2.4 in 10^6 of such pictures are told for one, at most. The complement of a code is as far from that of
/// a stranger as the code itself: of codes with as many ones as zeros, 256 less the distance.
#[must_use]
pub fn variants(luma: &Luma) -> Vec<Variant> {
    let Some(grid) = Grid::centre(luma, 100) else {
        return Vec::new();
    };
    let grid = grid.blurred();
    let mut found = vec![Variant {
        view: View::Whole,
        attitude: Attitude::UPRIGHT,
        inverted: false,
        code: cut(&transform(&grid.cells())),
    }];
    let mut add = |view, grid: &Grid, region: Region, attitudes: &[Attitude]| {
        found.extend(attitudes.iter().map(|attitude| Variant {
            view,
            attitude: *attitude,
            inverted: false,
            code: cut(&attitude.of(&transform(&region.cells(grid, *attitude)))),
        }));
    };
    let upright = Region::upright(&grid);
    add(
        View::Whole,
        &grid,
        upright,
        Attitude::all().get(1..).unwrap_or_default(),
    );
    let both = [Attitude::UPRIGHT, Attitude::MIRRORED];
    if let Some(inner) = trimmed(luma).and_then(|inner| Grid::centre(&inner, 100)) {
        let inner = inner.blurred();
        add(View::Trimmed, &inner, Region::upright(&inner), &both);
    }
    for percent in INSETS {
        add(
            View::Centre(percent),
            &grid,
            upright.scaled(f64::from(percent) / 100.0),
            &both,
        );
    }
    for (corners, degrees_each) in TURNS {
        for degrees in degrees_each {
            for degrees in [*degrees, -degrees] {
                let region = Region::straightened(&grid, degrees, corners);
                let view = View::Straightened(degrees, corners);
                add(view, &grid, region, &[Attitude::UPRIGHT]);
            }
        }
    }
    let negatives: Vec<Variant> = found.iter().filter_map(negative).collect();
    found.extend(negatives);
    found
}

/// The code of the negative: waves turn their signs, and the bits with them.
fn negative(variant: &Variant) -> Option<Variant> {
    let is_wanted = match variant.view {
        View::Straightened(..) => false,
        View::Whole => variant.attitude == Attitude::UPRIGHT || variant.attitude == Attitude::MIRRORED,
        View::Centre(_) | View::Trimmed => variant.attitude == Attitude::UPRIGHT,
    };
    is_wanted.then(|| Variant {
        inverted: true,
        code: variant.code.map(|byte| !byte),
        ..*variant
    })
}

/// A rectangle about the centre of a picture, turned.
#[derive(Clone, Copy)]
struct Region {
    width: f64,
    height: f64,
    cosine: f64,
    sine: f64,
}

impl Region {
    fn upright(grid: &Grid) -> Self {
        let side = |pixels: usize| f64::from(u32::try_from(pixels).unwrap_or(u32::MAX));
        Self {
            width: side(grid.width),
            height: side(grid.height),
            cosine: 1.0,
            sine: 0.0,
        }
    }

    fn scaled(self, part: f64) -> Self {
        Self {
            width: self.width * part,
            height: self.height * part,
            ..self
        }
    }

    /// What shows a stored part of the picture upright, if it was turned clockwise by `degrees` and its corners treated so.
    fn straightened(grid: &Grid, degrees: i32, corners: Corners) -> Self {
        let whole = Self::upright(grid);
        let (sine, cosine) = f64::from(degrees).to_radians().sin_cos();
        let turned = Self {
            cosine,
            sine,
            ..whole
        };
        let steep = sine.abs();
        let long = (whole.width / whole.height).max(whole.height / whole.width);
        // The largest part of the shape of a picture that a turn leaves whole, as a share of each side.
        let kept = 1.0 / (cosine + long * steep);
        match corners {
            Corners::Cut => turned.scaled(stored_part(kept * kept) / kept),
            Corners::Filled => turned.scaled(stored_part(kept)),
            Corners::Grown => {
                let shrunk = cosine * cosine - steep * steep;
                Self {
                    // Very long pictures cannot have been turned so.
                    width: ((whole.width * cosine - whole.height * steep) / shrunk).max(1.0),
                    height: ((whole.height * cosine - whole.width * steep) / shrunk).max(1.0),
                    ..turned
                }
            }
        }
    }

    /// The samples that [`Attitude::of`] turns into those of the turned picture.
    fn cells(self, grid: &Grid, attitude: Attitude) -> Cells {
        let mut cells = [[0.0; CELLS]; CELLS];
        let whole = Self::upright(grid);
        let (flips_x, flips_y) = if attitude.transposed {
            (attitude.down, attitude.across)
        } else {
            (attitude.across, attitude.down)
        };
        let (shift_x, shift_y) = (shift(grid.width, flips_x), shift(grid.height, flips_y));
        let step = 1.0 / 64.0;
        let mut down = -0.5 - step / 2.0;
        for row in &mut cells {
            down += step;
            let mut across = -0.5 - step / 2.0;
            for cell in row {
                across += step;
                let (x, y) = (across * self.width, down * self.height);
                *cell = sample(
                    grid,
                    whole.width / 2.0 + x * self.cosine - y * self.sine - 0.5 + shift_x,
                    whole.height / 2.0 + x * self.sine + y * self.cosine - 0.5 + shift_y,
                );
            }
        }
        cells
    }
}

/// How far from a cell's centre to sample, pixels.
///
/// The reference looks half a pixel beyond the centre, and its boxes of an even width, twice, look another whole one beyond.
/// The code of a mirrored picture is made so as well: in our picture, which was blurred unmirrored, that lies on the other
/// side.
fn shift(side: usize, flips: bool) -> f64 {
    let blurred = if window(side).is_multiple_of(2) { 1.0 } else { 0.0 };
    if flips { -0.5 - 2.0 * blurred } else { 0.5 }
}

/// The largest stored part of a picture, as a share of each side, not larger than what is there.
fn stored_part(there: f64) -> f64 {
    [0.9, 0.8].into_iter().find(|part| *part <= there).unwrap_or(0.7)
}

/// Between four pixels; places outside have the tone of the nearest pixel.
fn sample(grid: &Grid, x: f64, y: f64) -> f32 {
    let place = |at: f64, side: usize| {
        let at = at.max(0.0);
        let low = whole(at).min(side - 1);
        (low, (low + 1).min(side - 1), part(at.fract()))
    };
    let (left, right, across) = place(x, grid.width);
    let (top, bottom, down) = place(y, grid.height);
    let at = |x: usize, y: usize| grid.values[y * grid.width + x];
    let upper = at(left, top) * (1.0 - across) + at(right, top) * across;
    let lower = at(left, bottom) * (1.0 - across) + at(right, bottom) * across;
    upper * (1.0 - down) + lower * down
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other f64 to usize; it saturates, and what is passed is not negative"
)]
const fn whole(place: f64) -> usize {
    place as usize
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "Rust has no other f64 to f32"
)]
const fn part(fraction: f64) -> f32 {
    fraction as f32
}

/// The picture without the lines of one tone around it; `None` when there are none, or nothing else.
fn trimmed(luma: &Luma) -> Option<Luma> {
    let (width, height) = (
        usize::try_from(luma.width).ok()?,
        usize::try_from(luma.height).ok()?,
    );
    let rows: Vec<&[u8]> = luma.samples.chunks_exact(width.max(1)).collect();
    let row_flat = |y: &usize| rows.get(*y).is_some_and(|row| flat(row.iter().copied()));
    let column_flat = |x: &usize| flat(rows.iter().filter_map(|row| row.get(*x).copied()));
    let top = (0..height).take_while(row_flat).count();
    let bottom = (0..height).rev().take_while(row_flat).count();
    let left = (0..width).take_while(column_flat).count();
    let right = (0..width).rev().take_while(column_flat).count();
    let (inner_width, inner_height) = (
        width.checked_sub(left + right)?,
        height.checked_sub(top + bottom)?,
    );
    if left + right + top + bottom == 0 || inner_width < width / 4 || inner_height < height / 4 {
        return None;
    }
    let inner = rows.iter().skip(top).take(inner_height);
    let samples = inner
        .filter_map(|row| row.get(left..left + inner_width))
        .flatten();
    Some(Luma {
        width: u32::try_from(inner_width).ok()?,
        height: u32::try_from(inner_height).ok()?,
        samples: samples.copied().collect(),
    })
}

/// Whether a line has one tone, but for the traces of compression.
fn flat(line: impl Iterator<Item = u8> + Clone) -> bool {
    let count = line.clone().count().max(1);
    let sum: usize = line.clone().map(usize::from).sum();
    let mean = sum / count;
    line.filter(|sample| usize::from(*sample).abs_diff(mean) > TONE)
        .count()
        * 50
        <= count
}

/// How far from the mean a sample of a border may be; one in fifty may be farther.
const TONE: usize = 12;
/// Centres looked for, percent of each side.
const INSETS: [u32; 3] = [95, 90, 80];
/// Degrees looked for. A code bears one degree, so two suffice between those of the rarer kinds.
const TURNS: [(Corners, &[i32]); 3] = [
    (Corners::Cut, &[1, 2, 3, 4, 5]),
    (Corners::Filled, &[2, 4]),
    (Corners::Grown, &[2, 4]),
];

#[cfg(test)]
#[path = "variants_tests.rs"]
mod tests;
