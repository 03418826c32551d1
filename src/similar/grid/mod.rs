//! Two pictures against each other, cell by cell: the same, reworked as a whole, changed in part, or another picture.
//!
//! Each picture is reduced to 64 x 64 cells of luma and two colour differences; a cell's difference is the largest of the three,
//! in levels of 255. What re-encoding and resampling do to a cell stays under [`LOW`]; see there for where the figures come from.
//! Where cells differ, it is tried whether the whole was turned, mirrored, cropped, tilted or given other tones ([`Rework`]):
//! what remains then is the part that was changed.
//!
//! Measured in November 2026 on 100 photos of 1,000 (EliSchwartz/imagenet-sample-images, each of another class) of at most 768
//! pixels, one made from the other and coded as JPEG 85 where nothing else is said, in pictures of 100:
//!
//! | made by | same | reworked | part changed | another |
//! |---|---|---|---|---|
//! | JPEG 30, 50, 70, 90; lossless | 100 each | | | |
//! | resized to 25, 50, 75, 133, 200 %, triangle or Lanczos | 100 each | | | |
//! | resized to 50, 75, 133, 200 %, nearest pixel | 100 each | | | |
//! | resized to 25 %, nearest pixel | 95 | | 5 | |
//! | thumbnail of 256 pixels, JPEG 30; of 100, JPEG 60 | 100 each | | | |
//! | part of 1, 3, 10 or 30 % pasted from another photo | | | 100 each | |
//! | the same of 3 %, then 40 % of the size, JPEG 50 | | | 100 | |
//! | part of 3 % copied from elsewhere in the photo | 1 | | 99 | |
//! | line of text | | | 100 | |
//! | crop of 1 % each side; of 10 %; of 8 % left and 5 % below | 19; 0; 0 | 81; 100; 100 | | |
//! | brightness +40, -60; contrast 1.4; gamma 0.7 | 0, 0; 1; 0 | 100, 100; 97; 95 | 0, 0; 2; 5 | |
//! | made grey (some were nearly so) | 13 | 84 | 3 | |
//! | mirrored; turned by a quarter | | 100 each | | |
//! | sixteen blocks shuffled, the histogram kept | | | 5 | 95 |
//! | another photo, 400 pairs; 100 pairs at a tenth of the light | | | | 100 % |
//!
//! In copies of the same size that hardly differ elsewhere, smaller differences count: see [`QUIET`].
//!
//! Not seen: what is much smaller than a cell, a 64th of each side, and what keeps the mean colour of every cell it touches.

mod cells;
mod curves;
mod fit;
mod heat;
mod regions;
mod texture;
mod tones;

pub use cells::{CELLS, SIDE};
use cells::{Cells, Frame, around, at_one_size, small, whole};
use fit::Tones;
pub use heat::heat_map;
pub use regions::Region;
pub use texture::Texture;

use crate::asset::pixels::Rgb8;
use crate::asset::raster::{self, Raster};

/// A difference that a cell of one picture does not reach by honest re-encoding, levels of 255.
///
/// 59 unaltered files of generators, cameras and the C2PA test set differ from their signed thumbnail by at most 16.
pub const LOW: f32 = 20.0;
/// A difference at which one cell alone counts as changed, levels: midway, as ratios go, between 16 and the 71 of the least of
/// the files in that set whose pixels were edited.
pub const HIGH: f32 = 34.0;
/// In a copy of the same size of which 99 cells in 100 differ by so much at most, levels, one that differs by so much was changed.
/// In 497 copies of 71 pictures (JPEG 20 to 92, WebP 30 and 80) no cell reached more than 4 and 5.
const QUIET: [(u8, u8); 2] = [(1, 6), (2, 8)];
/// So many touching cells over [`LOW`] count as changed though none is over [`HIGH`].
pub const CLUSTER: usize = 4;
/// Least agreement of slopes, -1 to 1, between two looks at one picture; unrelated pictures are near 0.
const AGREEMENT: f32 = 0.65;
/// Most cells that may be changed before it is another picture, of 1.
const SHARE_MAX: f32 = 0.5;
/// Mean slope, levels a cell, under which a picture is too flat to tell by its slopes.
const FLAT: f32 = 0.75;
/// A place further from its own than this, of half a side, is a rework: a third of a cell.
const MOVED: f32 = 0.011;
/// Mean difference of tones that is a rework, levels.
const TONED: f32 = 3.0;
/// Contrast may have been changed by a factor in this range; beyond, too little of a picture is left.
const GAINS: std::ops::Range<f32> = 0.3..3.5;
/// How much more cells may differ once frame or tones were undone: the frame is known to a fraction of a cell, and curves are
/// fitted by straight lines.
const SLACK: f32 = 1.6;
/// Least and greatest distance, in cells, by which two looks at one picture may lie beside each other.
const REACH: (f32, f32) = (0.2, 0.8);
/// Shortest side, pixels, under which cells are averaged.
const COARSE: f32 = 160.0;
/// So few changed cells need no search for turns.
const FEW: usize = CELLS / 50;
/// Agreement of slopes that a turned or moved picture must have: so many more chances to be alike by accident.
const FITTED: f32 = 0.8;

/// Of the places where there is something to see, percent, so many must agree: that ground, margins and frames do is no evidence.
/// Pairs of scans, pages and icons that share no more had at most 46, and of copies that were written on or given a sticker none had
/// less than 50.
const CARRIED: usize = 50;
/// The same after a turn or a stretch, which is so many more chances to be alike by accident.
const CARRIED_PLACED: usize = 65;
/// Of a picture that lies edge on edge so much less is enough where slopes agree as well as here: three tenths of the area pasted over
/// can be most of what is to see. The pairs with 35 and more agreed to 0.86.
const CARRIED_WELL: (usize, f32) = (36, 0.95);
/// More changed than this, of 1, is no part that was pasted over but what a frame is around.
const PASTED_MAX: f32 = 0.33;
/// Of what is neither black nor white, percent, tones must have been changed in so much to have been changed as a whole.
const TONED_SHARE: usize = 60;

/// What two pictures are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same picture, in another encoding or size.
    Same,
    /// The same picture, changed as a whole: see [`Rework`].
    Reworked,
    /// The same picture but for a part: see [`Comparison::regions`].
    PartChanged,
    /// Another picture.
    Another,
}

/// What was done to the picture as a whole, in the order in which it is undone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rework {
    /// By which orientation (EXIF 2.32 tag 0x0112, 2 to 8) it was turned or mirrored.
    pub turn: Option<u8>,
    /// What was cut off each side, thousandths of the older width or height, negative where something was added: left, top,
    /// right, bottom.
    pub cut: Option<[i16; 4]>,
    /// By how much it was tilted, hundredths of a degree, clockwise.
    pub tilt: Option<i16>,
    /// How tones were changed.
    pub tones: Option<ToneChange>,
    /// Whether width and height were stretched by different factors.
    pub stretched: bool,
    /// Whether each colour became its complement, as in a negative.
    pub inverted: bool,
}

/// By how much tones were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToneChange {
    /// Change of the mean luma, levels of 255.
    pub lighter: i16,
    /// Change of the contrast, per cent.
    pub contrast: i16,
    /// Change of the saturation, per cent; -100 is grey; `None` for what was grey before.
    pub saturation: Option<i16>,
}

impl Rework {
    /// Whether nothing was done to the picture as a whole.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the picture was turned, moved or stretched.
    const fn is_placed(&self) -> bool {
        self.turn.is_some() || self.cut.is_some() || self.tilt.is_some() || self.stretched
    }
}

/// The outcome for two pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// In a word.
    pub likeness: Likeness,
    /// What was done to the whole.
    pub rework: Rework,
    /// Difference of each cell, rows from the top, as the newer picture is shown; 0 where the older shows nothing.
    pub differences: Vec<u8>,
    /// Which cells count as changed.
    pub changed: Vec<bool>,
    /// Cells compared.
    pub compared: usize,
    /// The parts that were changed, largest first; none for [`Likeness::Same`], and for [`Likeness::Reworked`] those in which curves
    /// of tones changed most.
    pub regions: Vec<Region>,
    /// Agreement of slopes over unchanged cells, -1 to 1.
    pub agreement: f32,
    /// How much of what is to see agrees.
    pub texture: Texture,
}

impl Comparison {
    /// How many cells count as changed.
    #[must_use]
    pub fn cells_changed(&self) -> usize {
        self.changed.iter().filter(|changed| **changed).count()
    }

    /// Agreement of slopes over unchanged cells, per cent.
    #[must_use]
    pub fn agreement_percent(&self) -> i16 {
        thousandths(self.agreement / 10.0)
    }

    /// The largest difference of a cell, levels.
    #[must_use]
    pub fn largest(&self) -> u8 {
        self.differences.iter().copied().max().unwrap_or(0)
    }
}

/// Compares an older picture with a newer one, and where they are others the older one's negative; `None` only for pictures without
/// pixels.
#[must_use]
pub fn compare(then: &Rgb8, now: &Rgb8) -> Option<Comparison> {
    let found = as_it_is(then, now)?;
    if found.likeness != Likeness::Another {
        return Some(found);
    }
    let Some(mut negative) = as_it_is(&inverted(then), now) else {
        return Some(found);
    };
    negative.rework.inverted = true;
    negative.likeness = negative.likeness.max(Likeness::Reworked);
    let is_seen = negative.likeness < Likeness::Another
        && negative.agreement > FITTED
        && negative.texture.percent() >= CARRIED_PLACED;
    // Of what shows nothing, a negative is any other.
    Some(if is_seen && negative.texture.carried >= FEW {
        negative
    } else {
        found
    })
}

/// As [`compare`], of two whole pictures as they were coded: in a copy of the same size less is a change where nothing else differs. Parts
/// and thumbnails were laid on each other, which is less exact.
#[must_use]
pub fn compare_coded(then: &Rgb8, now: &Rgb8) -> Option<Comparison> {
    let found = compare(then, now)?;
    if found.likeness != Likeness::Same || (then.width, then.height) != (now.width, now.height) {
        return Some(found);
    }
    Some(Pair::of(then, now)?.out_of_the_quiet(found))
}

fn as_it_is(then: &Rgb8, now: &Rgb8) -> Option<Comparison> {
    let pair = Pair::of(then, now)?;
    let plain = pair.upright();
    if plain.likeness == Likeness::Same {
        return Some(plain);
    }
    let fitted = pair.fitted(&plain);
    if fitted.likeness < Likeness::PartChanged || fitted.cells_changed() < FEW {
        return Some(fitted);
    }
    let turned = (2..=8u8).filter_map(|turn| {
        // A look at the cells tells most turns apart from chance.
        let glance = judge(
            &pair.old.turned(turn),
            &pair.new,
            Rework::default(),
            (pair.reach, 1.0),
        );
        if glance.likeness == Likeness::Another {
            return None;
        }
        let pair = Pair::of(&turned(then, turn), now)?;
        let mut found = pair.fitted(&pair.upright());
        found.likeness = found.likeness.max(Likeness::Reworked);
        found.rework.turn = Some(turn);
        let is_carried = found.texture.percent() >= CARRIED_PLACED;
        (found.agreement > FITTED && is_carried && explains(&found, &fitted)).then_some(found)
    });
    Some(turned.min_by_key(Comparison::cells_changed).unwrap_or(fitted))
}

/// The negative of a picture.
#[must_use]
pub fn inverted(picture: &Rgb8) -> Rgb8 {
    Rgb8 {
        samples: picture.samples.iter().map(|level| !level).collect(),
        ..*picture
    }
}

/// A picture as an orientation (EXIF 2.32 tag 0x0112) shows it.
#[must_use]
pub fn turned(picture: &Rgb8, orientation: u8) -> Rgb8 {
    let stored = Raster {
        width: picture.width,
        height: picture.height,
        channels: 3,
        samples: picture.samples.clone(),
    };
    let shown = raster::orient(&stored, orientation);
    Rgb8 {
        width: shown.width,
        height: shown.height,
        samples: shown.samples,
    }
}

/// The cells of a picture; those of a small one are averaged with their neighbours, for single pixels are an accident of how it
/// was shrunk.
fn seen(picture: &Raster, (frame, tones): (&Frame, Option<&Tones>), coarse: bool) -> Cells {
    let cells = Cells::toned(picture, frame, tones);
    if coarse { cells.blurred() } else { cells }
}

/// Two pictures at one size, and what follows from their sizes.
struct Pair {
    then: Raster,
    old: Cells,
    new: Cells,
    /// Whether a cell is hardly more than a pixel.
    coarse: bool,
    /// How far, in cells, the pictures may lie beside each other.
    reach: f32,
    /// A place further from its own than this, of half a side, was moved on purpose.
    moved: f32,
    stretched: bool,
    /// Width and height of the older picture.
    size: (f32, f32),
}

impl Pair {
    fn of(then: &Rgb8, now: &Rgb8) -> Option<Self> {
        let (a, b) = at_one_size(then, now)?;
        let shortest = small(raster::index(a.width.min(a.height))).max(1.0);
        let coarse = shortest < COARSE;
        Some(Self {
            old: seen(&a, (&Frame::WHOLE, None), coarse),
            new: seen(&b, (&Frame::WHOLE, None), coarse),
            coarse,
            // A pixel and a half of the smaller picture: where its pixels lie in the other is not known better.
            reach: (1.5 * small(SIDE) / shortest).clamp(REACH.0, REACH.1),
            moved: MOVED.max(3.0 / shortest),
            stretched: is_stretched(then, now),
            size: (
                small(raster::index(then.width)),
                small(raster::index(then.height)),
            ),
            then: a,
        })
    }

    /// Edge on edge, tones as they are.
    fn upright(&self) -> Comparison {
        self.judge(
            &self.old,
            Rework {
                stretched: self.stretched,
                ..Rework::default()
            },
            1.0,
        )
    }

    /// Cells that differ far more than all others, in a copy of the same size that hardly differs elsewhere: no coding does that.
    fn out_of_the_quiet(&self, mut same: Comparison) -> Comparison {
        let mut sorted = same.differences.clone();
        let at = CELLS * 99 / 100;
        let (_, noise, _) = sorted.select_nth_unstable(at);
        let is_loud = QUIET.iter().find(|(most, _)| *noise <= *most);
        let Some((_, least)) = is_loud.filter(|_| !self.coarse) else {
            return same;
        };
        let changed: Vec<bool> = same.differences.iter().map(|one| one >= least).collect();
        let (agreement, flat) = agreement(&self.old, &self.new, &changed);
        if flat || !changed.contains(&true) {
            return same;
        }
        same.likeness = Likeness::PartChanged;
        same.regions = regions::regions(&changed);
        same.texture = texture::texture(&self.old, &self.new, &changed);
        same.agreement = agreement;
        same.changed = changed;
        same
    }

    /// After undoing frame and tones, where that explains most of what differs.
    fn fitted(&self, plain: &Comparison) -> Comparison {
        let mut best = plain.clone();
        let frame = fit::frame(&self.old, &self.new);
        for frame in [Some(Frame::WHOLE), frame].into_iter().flatten() {
            let seen = seen(&self.then, (&frame, None), self.coarse);
            let mut rework = Rework::default();
            let slack = if self.is_moved(&frame) {
                self.describe(&frame, &mut rework);
                SLACK
            } else {
                rework.stretched = self.stretched;
                1.0
            };
            let found = self.judge(&seen, rework, slack);
            let is_fit = |found: &Comparison| slack <= 1.0 || found.agreement > FITTED;
            if is_fit(&found) && explains(&found, &best) {
                best = found;
            }
            let Some(tones) = fit::tones(&seen, &self.new) else {
                continue;
            };
            if let Some(found) = self.toned(&frame, &seen, &tones, rework)
                && is_fit(&found)
                && explains(&found, &best)
            {
                best = found;
            }
            if best.likeness >= Likeness::PartChanged
                && let Some(found) = self.followed(&frame, &seen, rework)
                && explains(&found, &best)
            {
                best = found;
            }
        }
        best
    }

    fn is_moved(&self, frame: &Frame) -> bool {
        let corners = [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)];
        corners.into_iter().any(|(x, y)| {
            let (u, v) = frame.place(x, y);
            (u - x).abs().max((v - y).abs()) > self.moved
        })
    }

    fn describe(&self, frame: &Frame, rework: &mut Rework) {
        let (width, height) = self.size;
        let tilt = (frame.y[0] * height).atan2(frame.x[0] * width).to_degrees();
        if tilt.abs() >= 0.25 {
            rework.tilt = Some(thousandths(tilt / 10.0));
        }
        let edges = [
            frame.x[2] - frame.x[0] + 1.0,
            frame.y[2] - frame.y[1] + 1.0,
            1.0 - frame.x[2] - frame.x[0],
            1.0 - frame.y[2] - frame.y[1],
        ];
        if rework.tilt.is_none() || edges.iter().any(|edge| edge.abs() > self.moved) {
            rework.cut = Some(edges.map(|edge| thousandths(edge / 2.0)));
        }
    }

    fn toned(&self, frame: &Frame, seen: &Cells, tones: &Tones, mut rework: Rework) -> Option<Comparison> {
        if !GAINS.contains(&tones.gain[0]) {
            return None;
        }
        let made = self::seen(&self.then, (frame, Some(tones)), self.coarse);
        if tones::moved(seen, &made).into_iter().fold(0.0, f32::max) < TONED {
            return None;
        }
        rework.tones = Some(tones::change(seen, &made));
        Some(self.judge(&made, rework, SLACK))
    }

    /// After undoing tones that were changed in all the picture, though not by a straight line: see [`curves`].
    fn followed(&self, frame: &Frame, seen: &Cells, rework: Rework) -> Option<Comparison> {
        // A negative, but for what was pasted into it, is none of this.
        if agreement(seen, &self.new, &[false; CELLS]).0 <= 0.0 {
            return None;
        }
        let before = self.judge(seen, rework, SLACK);
        let made = [
            curves::followed(&self.then, frame, &self.new, self.coarse)
                .filter(|made| tones::toned_percent(seen, made) >= TONED_SHARE),
            curves::sharpened(seen, &self.new)
                .filter(|made| tones::sharper_percent(seen, made) >= TONED_SHARE),
        ];
        let found = made
            .into_iter()
            .flatten()
            .map(|made| self.undone(&before, seen, &made, rework));
        found
            .filter(|found| found.agreement > FITTED)
            .min_by_key(|found| (found.likeness, found.cells_changed()))
    }

    fn undone(&self, before: &Comparison, seen: &Cells, made: &Cells, mut rework: Rework) -> Comparison {
        rework.tones = Some(tones::change(seen, made));
        let mut found = self.judge(made, rework, SLACK);
        if found.likeness == Likeness::Reworked {
            found.regions.clone_from(&before.regions);
        }
        found
    }

    fn judge(&self, old: &Cells, rework: Rework, slack: f32) -> Comparison {
        judge(old, &self.new, rework, (self.reach, slack))
    }
}

/// Whether two sizes differ in shape by more than rounding to whole pixels does.
fn is_stretched(then: &Rgb8, now: &Rgb8) -> bool {
    let [a, b, c, d] =
        [then.width, then.height, now.width, now.height].map(|side| small(raster::index(side)));
    let shortest = a.min(b).min(c).min(d).max(1.0);
    (a * d / (b * c).max(1.0)).ln().abs() > 0.01 + 1.5 / shortest
}

/// Whether one explanation leaves less than half of what the other leaves, and enough of the picture in view.
fn explains(better: &Comparison, plain: &Comparison) -> bool {
    better.likeness < plain.likeness
        || (better.likeness == plain.likeness
            && better.likeness != Likeness::Another
            && better.cells_changed() * 2 < plain.cells_changed())
}

/// The word for two grids, after what `rework` says was undone.
fn judge(old: &Cells, new: &Cells, rework: Rework, (reach, slack): (f32, f32)) -> Comparison {
    let distances = distances(old, new, reach);
    let compared = old
        .0
        .iter()
        .zip(&new.0)
        .filter(|(a, b)| a.is_some() && b.is_some())
        .count();
    let changed = regions::changed(&distances, slack);
    let regions = regions::regions(&changed);
    let (agreement, flat) = agreement(old, new, &changed);
    let share = small(changed.iter().filter(|one| **one).count()) / small(compared.max(1));
    let texture = texture::texture(old, new, &changed);
    let carried = texture.percent();
    let is_carried = if rework.is_placed() {
        carried >= CARRIED_PLACED
    } else {
        carried >= CARRIED
            || (carried >= CARRIED_WELL.0 && agreement >= CARRIED_WELL.1 && share <= PASTED_MAX)
    };
    let is_another =
        compared < CELLS / 2 || share > SHARE_MAX || (!flat && (agreement < AGREEMENT || !is_carried));
    let likeness = if is_another {
        Likeness::Another
    } else if !regions.is_empty() {
        // What is left of a flat picture says nothing about which picture it is.
        if flat {
            Likeness::Another
        } else {
            Likeness::PartChanged
        }
    } else if rework.is_none() {
        Likeness::Same
    } else {
        Likeness::Reworked
    };
    Comparison {
        likeness,
        rework,
        differences: distances
            .iter()
            .map(|one| u8::try_from(whole(one + 0.5)).unwrap_or(u8::MAX))
            .collect(),
        changed,
        compared,
        regions,
        agreement,
        texture,
    }
}

/// How far each cell is from what the other picture shows there or, as far as `reach` goes, beside it.
fn distances(old: &Cells, new: &Cells, reach: f32) -> Vec<f32> {
    let (olds, news) = (old.ranges(reach), new.ranges(reach));
    let beyond = |cell: &[f32; 3], ranges: &[(f32, f32); 3]| {
        let far = |(value, range): (&f32, &(f32, f32))| (range.0 - value).max(value - range.1).max(0.0);
        cell.iter().zip(ranges).map(far).fold(0.0, f32::max)
    };
    (0..CELLS)
        .map(|cell| {
            let (Some(a), Some(b)) = (old.0[cell].as_ref(), new.0[cell].as_ref()) else {
                return 0.0;
            };
            let (Some(near_a), Some(near_b)) = (olds[cell].as_ref(), news[cell].as_ref()) else {
                return 0.0;
            };
            beyond(b, near_a).min(beyond(a, near_b))
        })
        .collect()
}

/// How well slopes agree over unchanged cells, and whether there is hardly any slope.
fn agreement(old: &Cells, new: &Cells, changed: &[bool]) -> (f32, bool) {
    let (mut both, mut olds, mut news, mut count) = (0.0f32, 0.0f32, 0.0f32, 0usize);
    // Nor beside a changed cell: the slope there is that of its edge.
    for cell in (0..CELLS).filter(|cell| !around(*cell).any(|near| changed[near])) {
        let (Some(a), Some(b)) = (old.slope(cell), new.slope(cell)) else {
            continue;
        };
        both += a.0 * b.0 + a.1 * b.1;
        olds += a.0 * a.0 + a.1 * a.1;
        news += b.0 * b.0 + b.1 * b.1;
        count += 1;
    }
    let flat = (olds.max(news) / small(count.max(1))).sqrt() < FLAT;
    let agreement = both / (olds * news).sqrt().max(f32::MIN_POSITIVE);
    (agreement, flat)
}

/// Hundredths, rounded.
fn hundredths(value: f32) -> i16 {
    thousandths(value / 10.0)
}

/// Thousandths, rounded.
fn thousandths(value: f32) -> i16 {
    let size = i16::try_from(whole((value.abs() * 1000.0).round())).unwrap_or(i16::MAX);
    if value < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests;
