//! Two pictures laid one over the other by their points, where edge on edge they are not the same: a part, a frame, a turn.

use super::find::deep as told;
use super::likeness;
use crate::asset::pixels::Picture;
use crate::base::local::{LocalPrint, POINTS_MAX};
use crate::report::compare::{CellComparison, LikenessWord, ReworkFacts};
use crate::similar::deep::{self, Match, POINTS_MIN, Seen, Side};
use crate::similar::grid;

/// Part of a picture, percent, that counts as all of it: edges are known to a cell.
const WHOLE: u32 = 97;
/// Cells differ a lot from here on, thousandths.
const MANY: u32 = 100;
/// Of what both show, percent, so much must have been compared before points overrule cells that saw a change.
const COMPARED_MIN: u32 = 60;

/// Of what is to see, percent, so much must agree in a part that was turned or mirrored.
const PLACED_PERCENT: u32 = 65;

/// What the points of two pictures say.
pub(super) enum Points {
    /// Too few of them agree.
    Apart,
    /// The one lies on the other.
    Lie(Box<Lying>),
    /// One of the pictures has too few to say anything.
    Silent,
}

/// How an older and a newer picture lie, the one on the other.
pub(super) struct Lying {
    then: Side,
    now: Side,
    mirrored: bool,
    /// By how much the newer one is turned, clockwise.
    degrees: i32,
    agreeing: u32,
    part: Option<Part>,
}

/// What both show, compared.
struct Part {
    /// Of the older picture.
    percent: u32,
    cells: CellComparison,
}

/// Whether the points should be asked of two pictures compared edge on edge: cells say that they are others, or that much
/// changed, or had to move the frame and found a change.
pub(super) fn is_open(cells: &CellComparison) -> bool {
    let moved = |rework: &ReworkFacts| rework.cut_permille.is_some() || rework.tilt_centidegrees.is_some();
    match cells.likeness {
        LikenessWord::AnotherPicture => true,
        LikenessWord::PartChanged => {
            cells.changed_permille >= MANY || cells.rework.as_ref().is_some_and(moved)
        }
        LikenessWord::SamePicture | LikenessWord::Reworked => false,
    }
}

/// The points of a picture, as those looked for and as those known; `None` where there are too few.
fn points(picture: &Picture) -> Option<(Seen, LocalPrint)> {
    Seen::of(&picture.luma).zip(deep::print(&picture.luma))
}

/// Whether one of two pictures has too few points to say anything.
pub(super) fn is_silent(then: &Picture, now: &Picture) -> bool {
    points(then).is_none() || points(now).is_none()
}

/// Lays two pictures one over the other.
pub(super) fn ask(then: &Picture, now: &Picture) -> Points {
    let (Some((old, old_print)), Some((new, new_print))) = (points(then), points(now)) else {
        return Points::Silent;
    };
    // Of a part, more points are known when it is the one looked for in the whole.
    let forth = new.compare(&old_print).filter(Match::is_accepted);
    let back = old.compare(&new_print).filter(Match::is_accepted);
    let forth = forth.map(|found| Lying::new(then, now, &found));
    let back = back.map(|found| Lying::new(now, then, &found).swapped());
    let best = [back, forth].into_iter().flatten();
    match best.max_by_key(|lying| (lying.is_same(), lying.agreeing)) {
        Some(lying) => Points::Lie(Box::new(lying)),
        None => Points::Apart,
    }
}

/// Why the points say nothing.
pub(super) fn too_few() -> String {
    format!(
        "one of the two has fewer than {POINTS_MIN} of {POINTS_MAX} points by which a part, a frame or a turn would be known"
    )
}

impl Lying {
    fn new(then: &Picture, now: &Picture, found: &Match) -> Self {
        let cover = deep::cover(then, now, found);
        let part = deep::laid(then, now, found).and_then(|laid| {
            let cells = grid::compare(&laid.then, &laid.now)?;
            Some(Part {
                percent: laid.percent,
                // Where the part lies in the picture is not where its cells lie.
                cells: CellComparison {
                    areas: Vec::new(),
                    areas_more: 0,
                    ..likeness::cells(&cells, (laid.now.width, laid.now.height))
                },
            })
        });
        Self {
            then: cover.registered,
            now: cover.seen,
            mirrored: found.mirrored,
            degrees: match told::turned(found) {
                // So little is within what a few points know.
                -1..=1 => 0,
                degrees => degrees,
            },
            agreeing: found.agreement.points,
            part,
        }
    }

    /// As seen from the other picture.
    fn swapped(self) -> Self {
        let (then, now) = (self.now, self.then);
        // The share compared was of the newer picture: both show the same part.
        let part = self.part.map(|part| Part {
            percent: (part.percent * then.shared_percent)
                .checked_div(now.shared_percent)
                .unwrap_or(0)
                .min(100),
            ..part
        });
        Self {
            then,
            now,
            // A mirror image is turned the same way from both sides.
            degrees: if self.mirrored {
                self.degrees
            } else {
                -self.degrees
            },
            part,
            ..self
        }
    }

    /// Whether the newer picture is the older one cropped, framed or turned, with nothing of its own but a plain border, and
    /// what both show is the same but for tones.
    pub(super) fn is_rework(&self) -> bool {
        (self.now.shared_percent >= WHOLE || self.now.plain_rest) && self.is_same()
    }

    /// Whether what both show is the same but for tones.
    fn is_same(&self) -> bool {
        self.part.as_ref().is_some_and(|part| {
            matches!(
                part.cells.likeness,
                LikenessWord::SamePicture | LikenessWord::Reworked
            )
        })
    }

    /// Whether cells that saw a change are explained by how the pictures lie.
    pub(super) fn overrules_change(&self) -> bool {
        let moved = self.degrees != 0
            || self.mirrored
            || self.then.shared_percent < WHOLE
            || self.now.shared_percent < WHOLE;
        let compared = self.part.as_ref().map_or(0, |part| part.percent);
        moved && self.is_rework() && compared * 100 >= self.then.shared_percent * COMPARED_MIN
    }

    /// Whether what both would show there is other wherever there is something to see: points of a frame, a template or an interface
    /// that two pictures share agree perfectly.
    pub(super) fn is_ground_alone(&self) -> bool {
        let is_placed = self.mirrored || self.degrees != 0;
        self.part.as_ref().is_some_and(|part| {
            part.cells.likeness == LikenessWord::AnotherPicture
                || (is_placed && part.cells.textured_percent < PLACED_PERCENT)
        })
    }

    /// Why that says nothing.
    pub(super) fn ground_words(&self) -> String {
        let textured = self.part.as_ref().map_or(0, |part| part.cells.textured_percent);
        format!(
            "{} points agree on how the one would lie on the other, but of the places with something to see there {textured} % do: a shared \
             frame, template or interface would look so",
            self.agreeing
        )
    }

    /// The cells of what both show, with a word for the whole; `None` where they could not be compared, or are others.
    pub(super) fn cells(&self) -> Option<CellComparison> {
        let cells = &self.part.as_ref()?.cells;
        let likeness = match cells.likeness {
            LikenessWord::AnotherPicture => return None,
            _ if self.is_rework() => LikenessWord::Reworked,
            _ => LikenessWord::PartChanged,
        };
        Some(CellComparison {
            likeness,
            ..cells.clone()
        })
    }

    /// How they lie: "the second picture is a part of the first, cropped to 36 % of it, ...".
    pub(super) fn words(&self, then: &str, now: &str) -> String {
        let (old, new) = (self.then.shared_percent, self.now.shared_percent);
        let mut parts = vec![match (old >= WHOLE, new >= WHOLE) {
            _ if self.is_same() => self.place(then, now),
            // What differs is not held.
            (true, true) => format!("by its points {now} lies on all of {then}"),
            (false, true) => format!("by its points {now} lies on {old} % of {then}"),
            (true, false) => format!("by its points {then} lies in {new} % of {now}, beside other things"),
            (false, false) => format!("by its points {now} shows {old} % of {then}, beside other things"),
        }];
        parts.extend(told::turns(self.mirrored, self.degrees));
        format!(
            "{} ({} points agree); {}",
            parts.join(", "),
            self.agreeing,
            self.compared(then)
        )
    }

    /// How they lie, where what both show is the same.
    fn place(&self, then: &str, now: &str) -> String {
        let (old, new) = (self.then.shared_percent, self.now.shared_percent);
        match (old >= WHOLE, new >= WHOLE) {
            (true, true) => format!("{now} shows all of {then}"),
            (false, true) => format!("{now} is a part of {then}, cropped to {old} % of it"),
            (true, false) if self.now.plain_rest => {
                format!("{now} holds all of {then}, framed, in {new} % of its area")
            }
            (true, false) => {
                format!("{now} holds all of {then}, in {new} % of its area, beside other things")
            }
            (false, false) if self.now.plain_rest => format!("{now} shows {old} % of {then}, framed"),
            (false, false) => format!("{now} shows {old} % of {then}, beside other things"),
        }
    }

    fn compared(&self, then: &str) -> String {
        let Some(Part { percent, cells }) = &self.part else {
            return "what both show is too small to be compared cell by cell".to_owned();
        };
        let what = match cells.likeness {
            LikenessWord::SamePicture => "no difference beyond re-encoding".to_owned(),
            LikenessWord::Reworked | LikenessWord::PartChanged | LikenessWord::AnotherPicture => {
                likeness::words(cells)
            }
        };
        format!("{percent} % of {then} was compared with it cell by cell: {what}")
    }
}
