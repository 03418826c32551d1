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
    /// The PDQ bits.
    pub code: Code,
}

/// 34 codes, the plain one first, or 32 when there is no border; none for pictures under 5 x 5, which have no code.
///
/// The whole in eight attitudes; without border, and the centre 95, 90 and 80 %, upright and mirrored; straightened by 1 to 5
/// degrees either way.
#[must_use]
pub fn variants(luma: &Luma) -> Vec<Variant> {
    let Some(grid) = Grid::centre(luma, 100) else {
        return Vec::new();
    };
    let grid = grid.blurred();
    let mut found = vec![Variant {
        view: View::Whole,
        attitude: Attitude::UPRIGHT,
        code: cut(&transform(&grid.cells())),
    }];
    let mut add = |view, grid: &Grid, region: Region, attitudes: &[Attitude]| {
        found.extend(attitudes.iter().map(|attitude| Variant {
            view,
            attitude: *attitude,
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
    found
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
#[allow(
    clippy::cast_sign_loss,
    reason = "tones and sizes are not negative; hashes may wrap"
)]
mod tests {
    use super::*;
    use crate::similar::index::distance_bits;
    use crate::similar::pdq;

    /// A scene without pixels: tones at any place of a plane, four octaves of noise.
    fn scene(seed: u32, x: f64, y: f64) -> f64 {
        let corner = |x: i64, y: i64, octave: u32| {
            let mut hash =
                (x as u32).wrapping_mul(0x9e37_79b9) ^ (y as u32).wrapping_mul(0x85eb_ca6b) ^ seed ^ octave;
            for _ in 0..3 {
                hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
            }
            f64::from(hash >> 8) / f64::from(1 << 24)
        };
        let mut tone = 0.0;
        for octave in 0..4 {
            let fine = f64::from(4 << octave);
            let (x, y) = (x * fine, y * fine);
            let (left, top) = (x.floor() as i64, y.floor() as i64);
            let smooth = |part: f64| part * part * (3.0 - 2.0 * part);
            let (across, down) = (smooth(x - x.floor()), smooth(y - y.floor()));
            let row = |y| corner(left, y, octave) * (1.0 - across) + corner(left + 1, y, octave) * across;
            tone += (row(top) * (1.0 - down) + row(top + 1) * down) / f64::from(1 << octave);
        }
        tone / 1.875
    }

    /// A picture of `size`, in which the tone of each place is told by its distance right of and below the middle.
    fn drawn(size: (u32, u32), tone: impl Fn(f64, f64) -> f64) -> Luma {
        let (width, height) = size;
        let middle = |at: u32, side: u32| f64::from(at) + 0.5 - f64::from(side) / 2.0;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.map(|(x, y)| (tone(middle(x, width), middle(y, height)) * 255.0).round() as u8);
        Luma {
            width,
            height,
            samples: samples.collect(),
        }
    }

    const SIZE: (u32, u32) = (256, 192);

    fn tone(seed: u32, x: f64, y: f64) -> f64 {
        let inside = x.abs() <= 128.0 && y.abs() <= 96.0;
        if inside {
            scene(seed, x / 256.0, y / 256.0)
        } else {
            0.0
        }
    }

    fn original(seed: u32) -> Luma {
        drawn(SIZE, |x, y| tone(seed, x, y))
    }

    /// The picture turned clockwise about its middle, `scale` pixels of it to one, in a canvas of its size.
    fn turned(seed: u32, degrees: f64, scale: f64, canvas: (u32, u32)) -> Luma {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        drawn(canvas, |x, y| {
            let (x, y) = (x * scale, y * scale);
            tone(seed, x * cosine + y * sine, y * cosine - x * sine)
        })
    }

    fn stored(luma: &Luma) -> [Code; 4] {
        [100, 90, 80, 70].map(|percent| pdq::of_centre(luma, percent).bits)
    }

    /// The least distance of any variant from any of the four stored codes, and the variant.
    fn nearest(stored: &[Code; 4], query: &Luma) -> (u32, Variant) {
        let pairs = variants(query).into_iter();
        let pairs = pairs.flat_map(|variant| {
            stored
                .iter()
                .map(move |code| (distance_bits(&variant.code, code), variant))
        });
        pairs.min_by_key(|(distance, _)| *distance).unwrap()
    }

    #[test]
    fn the_plain_code_comes_first_and_is_the_code_of_record() {
        let luma = original(1);
        let found = variants(&luma);
        assert_eq!(found.len(), 32);
        assert_eq!(
            (found[0].view, found[0].attitude),
            (View::Whole, Attitude::UPRIGHT)
        );
        assert_eq!(found[0].code, pdq::of(&luma).bits);
        let mut all: Vec<_> = found
            .iter()
            .map(|variant| (variant.view, variant.attitude))
            .collect();
        all.dedup();
        assert_eq!(all.len(), 32);
    }

    #[test]
    fn mirrored_and_turned_copies_are_found_in_their_attitude() {
        let codes = stored(&original(2));
        for attitude in Attitude::all() {
            let size = if attitude.transposed { (192, 256) } else { SIZE };
            let copy = drawn(size, |x, y| {
                let (x, y) = (
                    if attitude.across { -x } else { x },
                    if attitude.down { -y } else { y },
                );
                if attitude.transposed {
                    tone(2, y, x)
                } else {
                    tone(2, x, y)
                }
            });
            let (distance, variant) = nearest(&codes, &copy);
            assert!(distance <= 12, "{attitude:?}: {distance}");
            assert_eq!(variant.view, View::Whole);
            let undone = Attitude {
                across: if attitude.transposed {
                    attitude.down
                } else {
                    attitude.across
                },
                down: if attitude.transposed {
                    attitude.across
                } else {
                    attitude.down
                },
                ..attitude
            };
            assert_eq!(variant.attitude, undone);
        }
    }

    #[test]
    fn small_turns_are_undone_whatever_became_of_the_corners() {
        for seed in 3..5 {
            let codes = stored(&original(seed));
            for degrees in [1.0, -2.0, 3.0, -4.0, 5.0, 2.5f64] {
                let (sine, cosine) = degrees.abs().to_radians().sin_cos();
                let kept = 1.0 / (cosine + 256.0 / 192.0 * sine);
                let grown = (
                    (256.0 * cosine + 192.0 * sine).round() as u32,
                    (192.0 * cosine + 256.0 * sine).round() as u32,
                );
                let ways = [
                    (Corners::Cut, turned(seed, degrees, kept, SIZE)),
                    (Corners::Filled, turned(seed, degrees, 1.0, SIZE)),
                    (Corners::Grown, turned(seed, degrees, 1.0, grown)),
                ];
                for (corners, copy) in ways {
                    let (distance, variant) = nearest(&codes, &copy);
                    assert!(
                        distance <= 48,
                        "{seed} {degrees} {corners:?}: {distance} {variant:?}"
                    );
                    if degrees.abs() > 3.5 {
                        assert!(
                            matches!(variant.view, View::Straightened(found, _) if (found > 0) == (degrees > 0.0)),
                            "{degrees} {corners:?}: {variant:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn framed_and_cut_copies_are_found_mirrored_too() {
        for seed in 7..9 {
            let codes = stored(&original(seed));
            for mirror in [1.0, -1.0] {
                for border in [0.02, 0.05, 0.1, 0.2f64] {
                    for ground in [0.0, 0.5, 1.0] {
                        let size = ((256.0 + 512.0 * border) as u32, (192.0 + 512.0 * border) as u32);
                        let framed = drawn(size, |x, y| {
                            if x.abs() <= 128.0 && y.abs() <= 96.0 {
                                tone(seed, x * mirror, y)
                            } else {
                                ground
                            }
                        });
                        let (distance, _) = nearest(&codes, &framed);
                        assert!(distance <= 31, "{border} {ground} {mirror}: {distance}");
                    }
                }
                for part in [0.95, 0.9, 0.8, 0.7] {
                    let cut = drawn(SIZE, |x, y| tone(seed, x * part * mirror, y * part));
                    let (distance, _) = nearest(&codes, &cut);
                    assert!(distance <= 48, "{part} {mirror}: {distance}");
                }
            }
        }
    }

    #[test]
    fn strangers_stay_strangers_under_all_variants() {
        for seed in 20..30 {
            let (distance, variant) = nearest(&stored(&original(seed)), &original(seed + 100));
            assert!(distance > 64, "{seed}: {distance} by {variant:?}");
        }
    }

    #[test]
    fn tiny_flat_and_short_pictures_are_answers() {
        let flat = |width, height, length| Luma {
            width,
            height,
            samples: vec![9; length],
        };
        assert_eq!(variants(&flat(4, 100, 400)), []);
        assert_eq!(variants(&flat(0, 0, 0)), []);
        assert_eq!(variants(&flat(512, 300, 99)), []);
        assert_eq!(variants(&flat(5, 5, 25)).len(), 32);
        assert_eq!(variants(&flat(512, 5, 2560)).len(), 32);
        assert_eq!(variants(&flat(512, 384, 512 * 384)).len(), 32);
    }
}
