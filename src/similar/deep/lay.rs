//! The part of a registered picture that another one shows, cut out of both: what can be compared of a crop or a turned piece.

use super::Match;
use crate::asset::pixels::{Picture, Rgb8};

/// One part as two pictures show it, at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// As the registered picture shows it.
    pub then: Rgb8,
    /// As the other shows it, laid over that.
    pub now: Rgb8,
    /// How much of the registered picture it is, percent of its area.
    pub percent: u32,
}

/// Cuts the largest upright part of a registered picture that lies wholly in the other out of both; `found` is how the other lies
/// over it. `None` where that is less than a quarter of a side: too little to compare.
#[must_use]
pub fn laid(registered: &Picture, seen: &Picture, found: &Match) -> Option<Laid> {
    let over = Over::new(registered, seen, found);
    let part = over.largest()?;
    let size = |cells: usize, side: u32| -> Option<u32> {
        let cells = u32::try_from(cells).ok()?;
        Some((cells * side.min(SIDE_MAX) / 32).max(1))
    };
    let (width, height) = (
        size(part.width, registered.preview.width)?,
        size(part.height, registered.preview.height)?,
    );
    let (mut then, mut now) = (Vec::new(), Vec::new());
    for y in 0..height {
        for x in 0..width {
            let (mut sums, mut more) = ([0.0; 3], [0.0; 3]);
            // Four looks a pixel: the other picture may show the part larger.
            for (across, down) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let place = part.place(
                    (f64::from(x) + across) / f64::from(width),
                    (f64::from(y) + down) / f64::from(height),
                );
                add(&mut sums, sample(&registered.preview, place));
                add(&mut more, sample(&seen.preview, over.place(place)));
            }
            then.extend(sums.map(|sum| level(sum / 4.0)));
            now.extend(more.map(|sum| level(sum / 4.0)));
        }
    }
    let picture = |samples| Rgb8 {
        width,
        height,
        samples,
    };
    Some(Laid {
        then: picture(then),
        now: picture(now),
        percent: u32::try_from((part.width * part.height * 100 + 512) / 1024).ok()?,
    })
}

/// How much of two pictures, one laid over the other, is in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Of the registered picture.
    pub registered: Side,
    /// Of the other.
    pub seen: Side,
}

/// One of two pictures laid one over the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// How much of it the other shows, percent of its area.
    pub shared_percent: u32,
    /// Whether the rest of it has one colour, as a border or the corners of a turned picture have; also where there is no rest.
    pub plain_rest: bool,
}

/// How much of each of two pictures the other shows; `found` is how the other lies over the registered one.
#[must_use]
pub fn cover(registered: &Picture, seen: &Picture, found: &Match) -> Cover {
    let over = Over::new(registered, seen, found);
    Cover {
        registered: side(&registered.preview, |place| Some(over.place(place))),
        seen: side(&seen.preview, |place| over.back(place)),
    }
}

/// What of a picture lies in another; `place` leads from its places to those of the other, in parts of their sides.
fn side(picture: &Rgb8, place: impl Fn((f64, f64)) -> Option<(f64, f64)>) -> Side {
    let mut shared = 0;
    let mut rest = Vec::new();
    for at in 0..LOOKS * LOOKS {
        let here = [at % LOOKS, at / LOOKS].map(|cell| (f64::from(cell) + 0.5) / f64::from(LOOKS));
        let here = (here[0], here[1]);
        // How far beyond the other's edges.
        let beyond = place(here).map_or(1.0, |(x, y)| (x - 0.5).abs().max((y - 0.5).abs()) - 0.5);
        if beyond <= 0.0 {
            shared += 1;
        } else if beyond > EDGE {
            rest.push(sample(picture, here));
        }
    }
    Side {
        shared_percent: (shared * 100 + LOOKS * LOOKS / 2) / (LOOKS * LOOKS),
        plain_rest: is_plain(&rest),
    }
}

/// Whether nine of ten colours are nearly the middle one.
fn is_plain(colours: &[[f64; 3]]) -> bool {
    let middle = [0, 1, 2].map(|channel| {
        let mut levels: Vec<f64> = colours.iter().map(|colour| colour[channel]).collect();
        levels.sort_by(f64::total_cmp);
        levels.get(levels.len() / 2).copied().unwrap_or(0.0)
    });
    let near = |colour: &&[f64; 3]| {
        let apart = colour
            .iter()
            .zip(middle)
            .map(|(level, middle)| (level - middle).abs());
        apart.fold(0.0, f64::max) <= PLAIN
    };
    colours.iter().filter(near).count() * 10 >= colours.len() * 9
}

/// How one picture lies over another, in parts of their sides.
struct Over<'a> {
    /// Sides of the canonical lumas.
    from: (f64, f64),
    to: (f64, f64),
    found: &'a Match,
}

impl<'a> Over<'a> {
    fn new(registered: &Picture, seen: &Picture, found: &'a Match) -> Self {
        let sides = |picture: &Picture| (f64::from(picture.luma.width), f64::from(picture.luma.height));
        Self {
            from: sides(registered),
            to: sides(seen),
            found,
        }
    }

    /// Where a place of the other picture lies in the registered one.
    fn back(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let x = if self.found.mirrored { 1.0 - x } else { x };
        let place = &self.found.agreement.place;
        let (x, y) = place.back((x * self.to.0, y * self.to.1))?;
        Some((x / self.from.0, y / self.from.1))
    }

    /// Where a place of the registered picture lies in the other.
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let place = &self.found.agreement.place;
        let (x, y) = place.of((x * self.from.0, y * self.from.1));
        let (x, y) = (x / self.to.0, y / self.to.1);
        if self.found.mirrored { (1.0 - x, y) } else { (x, y) }
    }

    /// The largest part of whole cells, 32 a side, that lies in the other picture.
    fn largest(&self) -> Option<Part> {
        let is_inside = |x: usize, y: usize| {
            let corners = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
            corners.iter().all(|(x, y)| {
                let (x, y) = self.place((small(*x) / 32.0, small(*y) / 32.0));
                (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y)
            })
        };
        let mut best: Option<Part> = None;
        // How many cells up from this row lie inside, column by column.
        let mut heights = [0usize; 32];
        for y in 0..32 {
            for (x, height) in heights.iter_mut().enumerate() {
                *height = if is_inside(x, y) { *height + 1 } else { 0 };
            }
            for left in 0..32 {
                let mut height = usize::MAX;
                for (right, column) in heights.iter().enumerate().skip(left) {
                    height = height.min(*column);
                    let width = right + 1 - left;
                    if width >= CELLS_MIN
                        && height >= CELLS_MIN
                        && best
                            .as_ref()
                            .is_none_or(|best| best.width * best.height < width * height)
                    {
                        let top = y + 1 - height;
                        best = Some(Part {
                            left,
                            top,
                            width,
                            height,
                        });
                    }
                }
            }
        }
        best
    }
}

/// An upright part of a picture, in cells of which 32 make a side.
struct Part {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Part {
    /// Where in the picture a place of the part lies, both in parts of sides.
    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (
            (small(self.left) + x * small(self.width)) / 32.0,
            (small(self.top) + y * small(self.height)) / 32.0,
        )
    }
}

/// The colour between the four pixels about a place, given in parts of the sides.
fn sample(picture: &Rgb8, (x, y): (f64, f64)) -> [f64; 3] {
    let ((left, right, across), (top, bottom, down)) =
        (between(x, picture.width), between(y, picture.height));
    let at = |x: usize, y: usize, channel: usize| {
        let row = usize::try_from(picture.width).unwrap_or(0);
        let sample = picture.samples.get((y * row + x) * 3 + channel);
        f64::from(sample.copied().unwrap_or(0))
    };
    [0, 1, 2].map(|channel| {
        let upper = at(left, top, channel) * (1.0 - across) + at(right, top, channel) * across;
        let lower = at(left, bottom, channel) * (1.0 - across) + at(right, bottom, channel) * across;
        upper * (1.0 - down) + lower * down
    })
}

/// The pixels before and behind a place along a side, and how far it is on its way to the latter.
fn between(place: f64, side: u32) -> (usize, usize, f64) {
    let last = f64::from(side.saturating_sub(1));
    let at = (place * f64::from(side) - 0.5).clamp(0.0, last);
    let before = whole(at.floor());
    (before, (before + 1).min(whole(last)), at - at.floor())
}

fn add(sums: &mut [f64; 3], colour: [f64; 3]) {
    for (sum, value) in sums.iter_mut().zip(colour) {
        *sum += value;
    }
}

/// A number of cells, at most 32.
fn small(cells: usize) -> f64 {
    u32::try_from(cells).map_or(0.0, f64::from)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other f64 to integer; it saturates"
)]
const fn whole(value: f64) -> usize {
    value as usize
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other f64 to integer; it saturates"
)]
const fn level(value: f64) -> u8 {
    (value + 0.5) as u8
}

/// Places along each side at which it is asked what the other picture shows.
const LOOKS: u32 = 64;
/// So near beyond the other's edge, in parts of its side, a place counts neither as shared nor as rest.
const EDGE: f64 = 0.02;
/// A colour this near the middle one, levels, is that colour.
const PLAIN: f64 = 24.0;
/// Least cells along each side of a part that is worth comparing.
const CELLS_MIN: usize = 8;
/// Longest side of a preview.
const SIDE_MAX: u32 = 512;
