//! A picture in 32 x 32 cells of 16 tones, and whether another picture, laid over it, has its tones.

use super::agree::Agreement;
use super::carried::{self, Carried};
use crate::asset::pixels::Luma;
use crate::base::local::{LocalPrint, SKETCH_LEN};

const SIDE: u16 = 32;

/// Sums of all samples left of and above each place: the mean of any box in four look-ups.
pub(super) struct Sums {
    width: u16,
    height: u16,
    values: Vec<u32>,
}

impl Sums {
    /// Those of a canonical luma; `None` for one of other sides than it says, or of more than 512 pixels a side.
    pub(super) fn of(luma: &Luma) -> Option<Self> {
        let (width, height) = (u16::try_from(luma.width).ok()?, u16::try_from(luma.height).ok()?);
        let columns = usize::from(width);
        let fits = luma.samples.len() == columns * usize::from(height);
        if !fits || width == 0 || height == 0 || width > 512 || height > 512 {
            return None;
        }
        let mut sums = vec![0u32; (columns + 1) * (usize::from(height) + 1)];
        for (y, row) in luma.samples.chunks_exact(columns).enumerate() {
            let (before, here) = sums.split_at_mut((y + 1) * (columns + 1));
            let above = &before[y * (columns + 1)..];
            let mut line = 0u32;
            for (x, sample) in row.iter().enumerate() {
                line += u32::from(*sample);
                here[x + 1] = above[x + 1] + line;
            }
        }
        Some(Self {
            width,
            height,
            values: sums,
        })
    }

    /// Width and height of the picture.
    pub(super) const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// The mean of the pixels from `left` to before `right` and from `top` to before `bottom`.
    fn mean(&self, (left, right): (u16, u16), (top, bottom): (u16, u16)) -> f64 {
        let at = |x: u16, y: u16| {
            i64::from(self.values[usize::from(y) * (usize::from(self.width) + 1) + usize::from(x)])
        };
        let sum = at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
        let pixels = u32::from(right - left) * u32::from(bottom - top);
        f64::from(u32::try_from(sum).unwrap_or(0)) / f64::from(pixels.max(1))
    }

    /// The mean of a box about a point; `None` when the point lies outside the picture.
    fn about(&self, (x, y): (f64, f64), half: f64) -> Option<f64> {
        if x < 0.0 || y < 0.0 || x > f64::from(self.width) || y > f64::from(self.height) {
            return None;
        }
        let span = |at: f64, side: u16| {
            let low = pixel(at - half).min(side - 1);
            (low, pixel(at + half).clamp(low + 1, side))
        };
        Some(self.mean(span(x, self.width), span(y, self.height)))
    }

    /// The sketch of the picture.
    pub(super) fn sketch(&self) -> [u8; SKETCH_LEN] {
        let edges = |side: u16| {
            move |cell: u16| {
                let low = u32::from(cell) * u32::from(side) / 32;
                let high = ((u32::from(cell) + 1) * u32::from(side)).div_ceil(32);
                let low = u16::try_from(low).unwrap_or(0).min(side - 1);
                (low, u16::try_from(high).unwrap_or(side).clamp(low + 1, side))
            }
        };
        let (columns, rows) = (edges(self.width), edges(self.height));
        let mut out = [0u8; SKETCH_LEN];
        for (byte, pair) in out.iter_mut().zip(0u16..) {
            let (row, column) = (pair * 2 / SIDE, pair * 2 % SIDE);
            let tone = |column: u16| {
                u8::try_from(pixel(self.mean(columns(column), rows(row)))).unwrap_or(u8::MAX) >> 4
            };
            *byte = (tone(column) << 4) | tone(column + 1);
        }
        out
    }
}

/// How the tones of a registered picture agree with those of another laid over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Cells of 1,024 that lie in both.
    pub cells: u32,
    /// Of the fields of 8 x 8 cells that lie in both and have tones to compare, how many there are.
    pub fields: u32,
    /// In how many of them the tones of the one follow from those of the other, lighter, darker or flatter as they may be.
    pub agreeing: u32,
    /// What there is to see, all over.
    pub all: Carried,
    /// The same between the points that agree: what lies beyond may be cut off.
    pub between: Carried,
}

impl Overlay {
    /// The part of what was compared in which the tones agree, percent.
    #[must_use]
    pub const fn percent(&self) -> u32 {
        match self.agreeing.saturating_mul(100).checked_div(self.fields) {
            Some(percent) => percent,
            None => 0,
        }
    }
}

/// Lays a picture over the sketch of a registered one, as points agree.
///
/// Field by field, so that what was pasted over a part of a copy, a caption or a sticker, spoils that part alone; and so that a
/// caption that two pictures share makes that part alone agree.
pub(super) fn overlay(registered: &LocalPrint, seen: &Sums, agreement: &Agreement) -> Overlay {
    let (width, height) = (
        f64::from(registered.size.0) / 32.0,
        f64::from(registered.size.1) / 32.0,
    );
    let (place, [columns, rows]) = (&agreement.place, agreement.about);
    let half = ((width * height).sqrt() * place.scale() / 2.0).max(0.5);
    let mut fields = [Tones::default(); FIELDS * FIELDS];
    let mut all = vec![None; carried::SIDE * carried::SIDE];
    let mut between = all.clone();
    for row in 0..SIDE {
        let y = (f64::from(row) + 0.5) * height;
        for column in 0..SIDE {
            let x = (f64::from(column) + 0.5) * width;
            let (across, down) = (usize::from(column), usize::from(row));
            if let Some(here) = seen.about(place.of((x, y)), half) {
                let there = f64::from(registered.tone(across, down)) * 16.0 + 8.0;
                fields[down / FIELD * FIELDS + across / FIELD].add(here, there);
                let cell = down * carried::SIDE + across;
                all[cell] = Some([here, there]);
                if (columns.0..=columns.1).contains(&x) && (rows.0..=rows.1).contains(&y) {
                    between[cell] = Some([here, there]);
                }
            }
        }
    }
    let mut found = Overlay {
        cells: 0,
        fields: 0,
        agreeing: 0,
        all: Carried::of(&all),
        between: Carried::of(&between),
    };
    for field in &fields {
        found.cells += field.count;
        if let Some(correlation) = field.correlation() {
            found.fields += 1;
            found.agreeing += u32::from(correlation >= CORRELATION_MIN);
        }
    }
    found
}

/// Cells along a side of a field, and fields along a side of the picture.
const FIELD: usize = 8;
const FIELDS: usize = 4;
/// Cells of a field that must lie in both pictures.
const FIELD_CELLS_MIN: u32 = 24;
/// Least variance of tones, of 255, that can be compared: less is the rounding of the sketch.
const VARIANCE_MIN: f64 = 64.0;
/// Tones that go together less do not agree.
const CORRELATION_MIN: f64 = 0.7;

/// Pairs of tones, summed.
#[derive(Clone, Copy, Default)]
struct Tones {
    count: u32,
    here: f64,
    there: f64,
    here_square: f64,
    there_square: f64,
    both: f64,
}

impl Tones {
    fn add(&mut self, here: f64, there: f64) {
        self.count += 1;
        self.here += here;
        self.there += there;
        self.here_square += here * here;
        self.there_square += there * there;
        self.both += here * there;
    }

    /// `None` where there is too little to compare: few cells, or flat ones in the registered picture.
    fn correlation(&self) -> Option<f64> {
        let n = f64::from(self.count.max(1));
        let here = self.here_square / n - self.here * self.here / (n * n);
        let there = self.there_square / n - self.there * self.there / (n * n);
        if self.count < FIELD_CELLS_MIN || there < VARIANCE_MIN {
            return None;
        }
        let both = self.both / n - self.here * self.there / (n * n);
        // A field that is flat in the picture seen alone has been painted over.
        Some(if here > 0.0 {
            both / (here * there).sqrt()
        } else {
            0.0
        })
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust has no other f64 to u16; it saturates, and negative places become the first"
)]
const fn pixel(place: f64) -> u16 {
    (place + 0.5) as u16
}
