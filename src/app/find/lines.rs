//! What was found as lines of a report: how one picture is like another, and what was recorded of that.

use super::alike::{self, Alike, Near};
use super::deep::{self, DeepNear, DeepRecords};
use super::words;
use crate::app::title::line;
use crate::app::title::who::Names;
use crate::app::verify::ledger::is_proven;
use crate::asset::pixels::Picture;
use crate::base::statement::uuid_text;
use crate::ledger::{Entry, EntryBody, LeafIndex};
use crate::report::find::{ChanceLine, NearLine, NearWord, PointsLine};
use crate::similar::chance::Strangers;
use crate::store::ledger_file::{LedgerFile, StoreError};

/// Whether the looks of the whole leave open what it is.
pub(in crate::app) fn is_open(same: &[LeafIndex], near: &[NearLine]) -> bool {
    same.is_empty() && near.iter().all(|near| near.likeness > NearWord::EditedCopy)
}

/// What was found by the looks of the whole and what by points, each picture once: the latter first where the former leaves open what
/// the picture is, for many agreeing points say more than a loose likeness.
pub(super) fn merged(whole: Vec<NearLine>, by_points: Vec<NearLine>, is_open: bool) -> Vec<NearLine> {
    let (mut all, then) = if is_open {
        (by_points, whole)
    } else {
        (whole, by_points)
    };
    for line in then {
        if all.iter().all(|known| known.index != line.index) {
            all.push(line);
        }
    }
    all
}

/// A likeness in a clause: `looks like ... entry 4 as mirrored: 6 of 256 details differ`.
pub(in crate::app) fn near_words(near: &NearLine) -> String {
    let view = near
        .view
        .as_ref()
        .map_or_else(String::new, |view| format!(" ({view})"));
    if let Some(points) = &near.points {
        return format!(
            "{} entry {}{view}: {} of its {} points agree",
            words::looks(near.likeness),
            near.index,
            points.agreeing,
            points.of
        );
    }
    format!(
        "{} entry {}{view}: {} of 256 details differ",
        words::looks(near.likeness),
        near.index,
        near.distance_bits
    )
}

/// What was recorded of a picture that was found, its proof checked; `None` for what is no registration.
pub(in crate::app) fn near_line(
    ledger: &LedgerFile,
    names: &Names,
    alike: &Alike,
    near: &Near,
) -> Result<Option<NearLine>, StoreError> {
    let chance = near
        .is_plain()
        .then(|| words::chance(Strangers::reference().chance(near.distance_bits, alike.pictures())));
    let how = How {
        distance_bits: near.distance_bits,
        likeness: words::likeness(near.distance_bits),
        points: None,
        view: words::view(&near.by, near.of),
        chance,
    };
    recorded(ledger, names, (near.index, &near.entry), how)
}

/// What was recorded of a picture that was found by its points; `None` for what is no registration.
pub(in crate::app) fn deep_line(
    ledger: &LedgerFile,
    names: &Names,
    deep: &DeepRecords,
    picture: &Picture,
    near: &DeepNear,
) -> Result<Option<NearLine>, StoreError> {
    let points = deep::points(near);
    let how = How {
        distance_bits: alike::plain_distance(&near.entry, picture),
        likeness: NearWord::AgreeingPoints,
        view: deep::view(&points),
        points: Some(points),
        chance: Some(words::by_points(deep::chance(deep.pictures()))),
    };
    recorded(ledger, names, (near.index, &near.entry), how)
}

/// How one picture is like another.
struct How {
    distance_bits: u32,
    likeness: NearWord,
    points: Option<PointsLine>,
    view: Option<String>,
    chance: Option<ChanceLine>,
}

fn recorded(
    ledger: &LedgerFile,
    names: &Names,
    (index, entry): (LeafIndex, &Entry),
    how: How,
) -> Result<Option<NearLine>, StoreError> {
    let EntryBody::AssetRegister(body) = entry.body() else {
        return Ok(None);
    };
    let history = ledger.history(&body.asset_id, ledger.size())?;
    let signer = entry.signer();
    Ok(Some(NearLine {
        index: index.0,
        asset_id: uuid_text(body.asset_id),
        distance_bits: how.distance_bits,
        likeness: how.likeness,
        points: how.points,
        view: how.view,
        chance: how.chance,
        time: entry.time().rfc3339(),
        key: signer.hex(),
        known_as: names.in_ledger(ledger, &signer)?,
        source_type: body.source.term().to_owned(),
        authorship: body.source.authorship(),
        role: body.role.map(|role| role.word().to_owned()),
        title: line::title(&history, names, ledger)?,
        proven: is_proven(ledger, index, entry),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Authorship;

    fn line(index: u64, likeness: NearWord) -> NearLine {
        NearLine {
            index,
            asset_id: String::new(),
            distance_bits: 60,
            likeness,
            points: None,
            view: None,
            chance: None,
            time: String::new(),
            key: String::new(),
            known_as: None,
            source_type: String::new(),
            authorship: Authorship::Unknown,
            role: None,
            title: None,
            proven: true,
        }
    }

    #[test]
    fn agreeing_points_come_before_a_loose_likeness_and_after_a_close_one() {
        use NearWord::{AgreeingPoints, CloseRelative, EditedCopy};
        let found = |whole: &[(u64, NearWord)]| {
            let whole: Vec<NearLine> = whole.iter().map(|(index, word)| line(*index, *word)).collect();
            let is_open = is_open(&[], &whole);
            let by_points = vec![line(7, AgreeingPoints), line(8, AgreeingPoints)];
            let all = merged(whole, by_points, is_open);
            all.iter()
                .map(|line| (line.index, line.likeness))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found(&[(3, CloseRelative), (8, CloseRelative)]),
            [(7, AgreeingPoints), (8, AgreeingPoints), (3, CloseRelative)]
        );
        assert_eq!(found(&[(8, EditedCopy)]), [(8, EditedCopy), (7, AgreeingPoints)]);
        assert_eq!(found(&[]).len(), 2);
        assert!(!is_open(&[LeafIndex(1)], &[]));
    }
}
