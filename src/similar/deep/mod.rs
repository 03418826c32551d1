//! The deep tier: a picture known again by what it looks like in a hundred places, however it was cut, framed, turned or pasted.
//!
//! A picture is described at the places where it has most detail: extrema of differences of blurs of the canonical luma (Lowe,
//! "Distinctive Image Features from Scale-Invariant Keypoints", 2004), the strongest in each field of 8 x 8 first, each turned to
//! its own direction; gradients of 4 x 4 cells in 8 directions, each cut at its median, make 128 bits. Two pictures are compared
//! by which of their places look alike and how many of those agree on one way in which the one lies over the other.
//!
//! That alone is not enough: a caption or a frame that two pictures share agrees perfectly. So the whole of the one is then laid
//! over the other, and the tones of the registered picture, 32 x 32 of them, must be those of the picture seen.
//!
//! # What holds false matches at zero
//!
//! Two numbers must be large at once, see [`Match::is_accepted`]: the points that agree, and the part of the picture in which the tones agree. What was
//! counted is in [`PAIRS_COUNTED`]. And where few of the points that could agree do, nearly all that is to see must be the same: of pictures
//! that share a frame, a template or an interface the points of that agree, and no others. Counted in 2026-11: of 2,108 matches of edited
//! copies (103 edits of 80 pictures) this gave up 16; of 116 of other pictures in the same frame or interface it left 24, most of them
//! forms or screenshots that are the same but for a few words. A match says "looks like", never "is".
//!
//! # The same on every machine
//!
//! Only `+ - * /` and roots of f32 and f64, in one order, and the exponentials, logarithms and sines of `libm` (written in Rust):
//! nothing the processor or the system's mathematics library decides.

mod agree;
mod carried;
mod describe;
mod lay;
mod medians;
mod scale;
mod sketch;
mod spots;

#[cfg(test)]
mod tests;

pub use agree::{Affine, Agreement};
pub use carried::Carried;
pub use describe::Histogram;
pub use lay::{Cover, Laid, Side, cover, laid};
pub use medians::mirrored as mirrored_place;
pub use sketch::Overlay;

use crate::asset::pixels::Luma;
use crate::base::local::{LocalPoint, LocalPrint, POINTS_MAX, Probe, TABLES};
use sketch::Sums;

/// Fewer points than this are not worth recording: they could never be enough for a match.
pub const POINTS_MIN: usize = 12;

/// Points by which a picture is looked for, more than are recorded: of a part of a picture, many were too weak in the whole.
pub const POINTS_SOUGHT: usize = 240;

/// Pairs of unrelated pictures that were compared: copies of 30 photographs and 900 other photographs each, 2026-11. Of none did
/// five points agree.
pub const PAIRS_COUNTED: u64 = 81_000;

/// What a picture is recorded by; `None` when it has fewer than [`POINTS_MIN`] points.
#[must_use]
pub fn print(luma: &Luma) -> Option<LocalPrint> {
    let sums = Sums::of(luma)?;
    let print = LocalPrint {
        size: (u16::try_from(luma.width).ok()?, u16::try_from(luma.height).ok()?),
        points: described(luma, POINTS_MAX)
            .into_iter()
            .map(|(point, _)| point)
            .collect(),
        sketch: sums.sketch(),
    };
    (print.points.len() >= POINTS_MIN).then_some(print)
}

/// The points of a picture, at most `most`, with the histograms that their bits were cut from.
#[must_use]
pub fn described(luma: &Luma, most: usize) -> Vec<(LocalPoint, Histogram)> {
    let octaves = scale::octaves(luma);
    let spots = spots::spots(&octaves, most);
    spots
        .iter()
        .filter_map(|spot| describe::describe(&octaves, spot))
        .collect()
}

/// What a picture is looked for by.
pub struct Seen {
    /// As it is, and as its mirror image is.
    ways: [Way; 2],
    probes: Vec<Probe>,
}

struct Way {
    points: Vec<LocalPoint>,
    sums: Sums,
}

impl Way {
    /// Of the points of each picture that lie within the other, the fewer.
    fn shared(&self, registered: &LocalPrint, place: &Affine) -> u32 {
        let at = |point: &LocalPoint| (f64::from(point.x) / 16.0, f64::from(point.y) / 16.0);
        let is_within = |(x, y): (f64, f64), (width, height): (u16, u16)| {
            let inner = |at: f64, side: u16| (EDGE..f64::from(side) - EDGE).contains(&at);
            inner(x, width) && inner(y, height)
        };
        let theirs = registered.points.iter();
        let theirs = theirs.filter(|point| is_within(place.of(at(point)), self.sums.size()));
        let ours = self.points.iter().filter_map(|point| place.back(at(point)));
        let ours = ours.filter(|place| is_within(*place, registered.size));
        u32::try_from(theirs.count().min(ours.count())).unwrap_or(u32::MAX)
    }
}

/// How a picture lies over a registered one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The points that agree.
    pub agreement: Agreement,
    /// The tones of the one laid over the other.
    pub overlay: Overlay,
    /// How many points could agree: of the points of each picture that lie within the other, the fewer.
    pub shared: u32,
    /// Whether it is the mirror image of the picture seen that lies so.
    pub mirrored: bool,
}

impl Match {
    /// Whether so much agreement was never seen between unrelated pictures.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        let (points, tones) = (self.agreement.points, self.overlay.percent());
        self.overlay.fields >= FIELDS_MIN
            && AGREED
                .iter()
                .any(|(points_min, tones_min)| points >= *points_min && tones >= *tones_min)
            && SHARED.iter().all(|(shared_min, all_min, between_min)| {
                let is_seen =
                    self.overlay.all.percent() >= *all_min && self.overlay.between.percent() >= *between_min;
                points * 100 >= self.shared * shared_min || is_seen
            })
    }
}

/// Fields of 16 that must be compared.
const FIELDS_MIN: u32 = 2;
/// Points, and the percentage of fields whose tones agree, that are enough together.
const AGREED: [(u32, u32); 2] = [(5, 75), (7, 50)];

/// Where fewer of the points that could agree do, percent, so much of what is to see must be the same, percent, all over and between the
/// points that agree.
const SHARED: [(u32, u32, u32); 2] = [(30, 70, 90), (50, 50, 0)];
/// Nearer to the edge of a picture, pixels of its canonical luma, there are no points.
const EDGE: f64 = 8.0;

impl Seen {
    /// Of a picture's canonical luma; `None` when it has fewer than [`POINTS_MIN`] points.
    #[must_use]
    pub fn of(luma: &Luma) -> Option<Self> {
        let described = described(luma, POINTS_SOUGHT);
        if described.len() < POINTS_MIN {
            return None;
        }
        let width = u16::try_from(luma.width).ok()?;
        let mirror: Vec<(LocalPoint, Histogram)> =
            described.iter().map(|found| mirrored(found, width)).collect();
        let mut turned = luma.clone();
        let rows = turned.samples.chunks_exact_mut(usize::from(width).max(1));
        rows.for_each(<[u8]>::reverse);
        let mut probes = Vec::new();
        for (group, points) in (0u8..).zip([&described, &mirror]) {
            for (number, (point, histogram)) in (0u8..).zip(points) {
                (0..TABLES).for_each(|table| ask(point, histogram, (table, number, group), &mut probes));
            }
        }
        let way = |points: &[(LocalPoint, Histogram)], luma: &Luma| {
            Some(Way {
                points: points.iter().map(|(point, _)| *point).collect(),
                sums: Sums::of(luma)?,
            })
        };
        Some(Self {
            ways: [way(&described, luma)?, way(&mirror, &turned)?],
            probes,
        })
    }

    /// How many points it has.
    #[must_use]
    pub fn points(&self) -> usize {
        self.ways[0].points.len()
    }

    /// Under which keys registered pictures like it are found.
    #[must_use]
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// How it, or its mirror image, lies over a registered picture, by whichever more points agree on; `None` when hardly any do.
    #[must_use]
    pub fn compare(&self, registered: &LocalPrint) -> Option<Match> {
        let one = |way: &Way, mirrored: bool| {
            let agreement = agree::agreement(registered, &way.points)?;
            Some(Match {
                overlay: sketch::overlay(registered, &way.sums, &agreement),
                shared: way.shared(registered, &agreement.place),
                agreement,
                mirrored,
            })
        };
        let [upright, mirror] = &self.ways;
        let found = [one(upright, false), one(mirror, true)];
        found
            .into_iter()
            .flatten()
            .max_by_key(|found| found.agreement.points)
    }
}

/// The same point of the mirror image. Its rows change places and its directions turn the other way; the medians are the same
/// both ways, so the bits are those that the mirror image itself would get.
fn mirrored((point, histogram): &(LocalPoint, Histogram), width: u16) -> (LocalPoint, Histogram) {
    let mut values = [0.0; 128];
    for (at, value) in values.iter_mut().enumerate() {
        *value = histogram[mirrored_place(at)];
    }
    let mirrored = LocalPoint {
        x: (width.saturating_sub(1).saturating_mul(16)).saturating_sub(point.x),
        turn: 128u8.wrapping_sub(point.turn),
        bits: describe::cut(&values),
        ..*point
    };
    (mirrored, values)
}

/// Asks for a point in one table: under its key, and with those bits of the key changed that lie nearest to where they are cut.
fn ask(
    point: &LocalPoint,
    histogram: &Histogram,
    (table, number, group): (usize, u8, u8),
    out: &mut Vec<Probe>,
) {
    let (key, check) = point.key(table);
    let places = LocalPoint::key_places(table);
    let mut unsure: Vec<(f32, u32)> = (0u32..)
        .zip(places.iter().rev())
        .map(|(bit, place)| (describe::margin(histogram, usize::from(*place)), bit))
        .collect();
    unsure.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for choice in 0..1u32 << UNSURE {
        let changed = unsure
            .iter()
            .take(UNSURE)
            .enumerate()
            .fold(key, |key, (at, (_, bit))| {
                if choice >> at & 1 == 1 {
                    key ^ (1 << bit)
                } else {
                    key
                }
            });
        out.push(Probe {
            table,
            key: changed,
            check,
            point: number,
            group,
        });
    }
}

/// Bits of a key that are tried both ways.
const UNSURE: usize = 3;
