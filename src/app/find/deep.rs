//! A ledger's deep records searched for one picture: what looks like it in many places at once.

use super::words;
use crate::asset::pixels::Picture;
use crate::base::local::POINTS_MAX;
use crate::ledger::{Entry, EntryBody, LeafIndex, LookupMode};
use crate::report::find::PointsLine;
use crate::similar::chance::Chance;
use crate::similar::deep::{Match, PAIRS_COUNTED, POINTS_MIN, POINTS_SOUGHT, Seen};
use crate::store::deep::Deep;
use crate::store::ledger_file::{LedgerFile, StoreError};

/// The deep records of one ledger, opened once for all pictures.
pub(in crate::app) struct DeepRecords {
    opened: Result<Option<Deep>, String>,
    private: bool,
}

/// A registered picture that looks like the one looked for in many places.
pub(in crate::app) struct DeepNear {
    /// Where its entry stands.
    pub(in crate::app) index: LeafIndex,
    /// Its entry, proved, of the very file that the record is about.
    pub(in crate::app) entry: Entry,
    /// How the one lies over the other.
    pub(in crate::app) found: Match,
    /// How many points the registered picture has.
    pub(in crate::app) of: usize,
}

/// What was found, and where that is nothing why a registered picture may have been missed.
type Found = (Vec<DeepNear>, Option<String>);

impl DeepRecords {
    /// Those of a ledger. A file that cannot be read is told as a gap, not as an end.
    pub(in crate::app) fn open(ledger: &LedgerFile) -> Self {
        Self {
            opened: ledger.deep().map_err(|error| error.to_string()),
            private: ledger.header().mode == LookupMode::Private,
        }
    }

    /// How many pictures have one.
    pub(in crate::app) fn pictures(&self) -> u64 {
        match &self.opened {
            Ok(Some(deep)) => deep.pictures(),
            _ => 0,
        }
    }

    /// What they cannot be searched for, of so many registered pictures with codes; `None` where each has a record.
    pub(in crate::app) fn gap(&self, pictures: u64) -> Option<String> {
        let without = pictures.saturating_sub(self.pictures());
        match &self.opened {
            Err(why) => Some(format!("the deep records: {why}; {MEND}")),
            // Said of the looks altogether.
            Ok(None) if self.private => None,
            Ok(_) if without == 0 => None,
            Ok(_) => Some(format!(
                "parts, screenshots and turned pieces {}",
                lacking(without, pictures)
            )),
        }
    }

    /// The registered pictures that look like a picture, most agreeing points first, at most `most` of them, and where there are none
    /// why one may have been missed; `None` where nothing can be looked for.
    ///
    /// # Errors
    /// When the entry of one cannot be read.
    pub(in crate::app) fn near(
        &self,
        ledger: &LedgerFile,
        picture: &Picture,
        most: usize,
    ) -> Result<Option<Found>, StoreError> {
        let Ok(Some(deep)) = &self.opened else {
            return Ok(None);
        };
        let Some(seen) = Seen::of(&picture.luma) else {
            return Ok(None);
        };
        let compared = deep.candidates(seen.probes(), CANDIDATES_MAX).into_iter();
        let mut agreeing = 0;
        let mut found: Vec<_> = compared
            .filter_map(|number| {
                let record = deep.record(number)?;
                let found = seen.compare(&record.print)?;
                agreeing = agreeing.max(found.agreement.points);
                found.is_accepted().then_some((record, found))
            })
            .collect();
        found.sort_by(|(a, left), (b, right)| {
            let points = right.agreement.points.cmp(&left.agreement.points);
            points.then(a.index.cmp(&b.index))
        });
        let mut near: Vec<DeepNear> = Vec::new();
        for (record, found) in found {
            if near.len() >= most {
                break;
            }
            let is_known = near.iter().any(|known| known.index == record.index);
            if is_known || record.index.0 >= ledger.size().0 {
                continue;
            }
            let entry = ledger.entry(record.index)?;
            if matches!(entry.body(), EntryBody::AssetRegister(body) if body.file == record.file) {
                near.push(DeepNear {
                    index: record.index,
                    entry,
                    found,
                    of: record.print.points.len(),
                });
            }
        }
        let missed = near.is_empty().then(|| missed(picture, seen.points(), agreeing));
        Ok(Some((near, missed.flatten())))
    }
}

/// Why a picture that is registered may not have been found by its points: `None` for one that has enough. The same words for many
/// pictures, for they are counted.
fn missed(picture: &Picture, points: usize, agreeing: u32) -> Option<String> {
    let (width, height) = picture.size;
    let why = if agreeing >= TOLD_POINTS {
        "some of its points agree with a registered picture, but too few, or too little of what lies between them, to be told".to_owned()
    } else if width.min(height) < SMALL_SIDE {
        format!("it is small, less than {SMALL_SIDE} pixels on a side")
    } else if points < FEW_POINTS {
        format!("it has fewer than {FEW_POINTS} of {POINTS_SOUGHT} points by which it could be known again")
    } else {
        return None;
    };
    Some(format!(
        "parts, screenshots and turned pieces with certainty: {why}; of plain graphics, text and small pieces many are missed"
    ))
}

/// A piece with fewer points is often missed: of crops and screenshots of 44 pictures those that were had 37 to 124.
const FEW_POINTS: usize = 128;
/// Points that agree and are not enough are told from here on.
const TOLD_POINTS: u32 = 5;
/// A piece with a shorter side, pixels, is small.
const SMALL_SIDE: u32 = 96;

/// Of which pictures deep records are missing, and how they are had.
fn lacking(without: u64, pictures: u64) -> String {
    let of = match (without, pictures) {
        (1, 1) => "of the one registered picture, which has no deep record".to_owned(),
        (1, _) => format!("of 1 of {}, which has no deep record", words::pictures(pictures)),
        _ if without == pictures => format!(
            "of {}: this ledger has no deep records",
            words::pictures(pictures)
        ),
        _ => format!(
            "of {without} of {}, which have no deep record",
            words::pictures(pictures)
        ),
    };
    format!(
        "{of}. byline sign --deep records them, and of pictures signed before when the same command is run again with --deep \
         added; byline ledger init --deep makes a ledger that always has them"
    )
}

/// Why nothing is recorded of a picture, or looked for by its points.
pub(in crate::app) fn too_few() -> String {
    format!("it has fewer than {POINTS_MIN} of {POINTS_MAX} points that could be known again")
}

/// A match as a report has it.
pub(in crate::app) fn points(near: &DeepNear) -> PointsLine {
    let Match {
        agreement,
        overlay,
        mirrored,
        ..
    } = near.found;
    PointsLine {
        agreeing: agreement.points,
        of: u32::try_from(near.of).unwrap_or(u32::MAX),
        overlap_percent: (overlay.cells * 100 + 512) / 1024,
        tones_percent: overlay.percent(),
        mirrored,
        turned_degrees: turned(&near.found),
    }
}

/// By how many degrees a picture is turned against the registered one, clockwise when positive.
pub(in crate::app) fn turned(found: &Match) -> i32 {
    whole(found.agreement.place.turned_degrees())
}

/// How the picture lies against the registered one, as a likeness is told.
pub(in crate::app) fn view(points: &PointsLine) -> Option<String> {
    let mut parts = turns(points.mirrored, points.turned_degrees);
    if points.overlap_percent < 97 {
        parts.push(format!("{} % of the registered picture", points.overlap_percent));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How a picture is mirrored and turned, in words, by degrees clockwise; empty where it is neither.
pub(in crate::app) fn turns(mirrored: bool, degrees: i32) -> Vec<String> {
    let mut parts = Vec::new();
    if mirrored {
        parts.push("as mirrored".to_owned());
    }
    match degrees {
        0 => {}
        180 | -180 => parts.push("turned upside down".to_owned()),
        90 => parts.push("turned a quarter clockwise".to_owned()),
        -90 => parts.push("turned a quarter counter-clockwise".to_owned()),
        degrees if degrees > 0 => parts.push(format!("turned by {degrees} degrees clockwise")),
        degrees => parts.push(format!(
            "turned by {} degrees counter-clockwise",
            degrees.unsigned_abs()
        )),
    }
    parts
}

/// How often an unrelated picture of so many would be taken for one that looks like it: none was among the pairs counted.
pub(in crate::app) fn chance(pictures: u64) -> Chance {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    // The 95 % bound when none was seen.
    let of_pair = 3.0 / number(PAIRS_COUNTED);
    let expected = of_pair * number(pictures);
    Chance {
        of_pair,
        expected,
        of_any: 1.0 - (-expected).exp(),
        at_most: true,
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "Rust has no other f64 to i32; it saturates"
)]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// What to do about a file of deep records that cannot be used.
pub(in crate::app) const MEND: &str =
    "restore it from a copy, or move it away and run byline sign --deep again over what was signed";

/// Records compared point by point.
const CANDIDATES_MAX: usize = 256;
