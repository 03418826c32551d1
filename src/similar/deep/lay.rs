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
    let over = Over {
        from: (
            f64::from(registered.luma.width),
            f64::from(registered.luma.height),
        ),
        to: (f64::from(seen.luma.width), f64::from(seen.luma.height)),
        found,
    };
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

/// How one picture lies over another, in parts of their sides.
struct Over<'a> {
    /// Sides of the canonical lumas.
    from: (f64, f64),
    to: (f64, f64),
    found: &'a Match,
}

impl Over<'_> {
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

/// Least cells along each side of a part that is worth comparing.
const CELLS_MIN: usize = 8;
/// Longest side of a preview.
const SIDE_MAX: u32 = 512;
