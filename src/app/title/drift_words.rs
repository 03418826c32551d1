//! The answer to "do they grow alike?" in a sentence, and what the figures do not say.

use crate::report::drift::{DriftAnswer, DriftCompared, DriftGroup, DriftMeasure, GroupedBy};
use crate::similar::drift::{COMPARED_MIN, Change, Drift, Measure, Told as Sight};

/// The answer.
pub(super) struct Told {
    pub(super) answer: DriftAnswer,
    pub(super) sentence: String,
    pub(super) measure: Option<DriftMeasure>,
}

/// The answer for these groups.
pub(super) fn told(by: GroupedBy, found: &Drift, groups: &[DriftGroup]) -> Told {
    let compared: Vec<(&str, &DriftCompared)> = groups
        .iter()
        .filter_map(|group| Some((group.name.as_str(), group.compared.as_ref()?)))
        .collect();
    let at = |place: usize| {
        let group = groups.get(place)?;
        Some((group.name.as_str(), group.compared.as_ref()?))
    };
    let (answer, sentence) = match (found.sample, found.judgement.change) {
        (Some(sample), Change::Differ { less, more }) => {
            (DriftAnswer::Different, different(sample, at(less), at(more)))
        }
        (Some(sample), Change::More) => (DriftAnswer::MoreAlike, trend("more", sample, found, &compared)),
        (Some(sample), Change::Less) => (DriftAnswer::LessAlike, trend("less", sample, found, &compared)),
        (Some(_), Change::None) => (DriftAnswer::NoChange, no_change(by, found, &compared)),
        (_, _) => (DriftAnswer::TooFew, too_few(by, found, groups)),
    };
    // A ledger can fill with copies while what differs is as diverse as before: no headline about the one hides the other.
    let sentence = match (answer, found.judgement.measure) {
        (DriftAnswer::NoChange | DriftAnswer::TooFew, _) | (_, Measure::Diversity) => {
            format!("{sentence}{}", near_copies(by, groups).unwrap_or_default())
        }
        _ => sentence,
    };
    let measure = match found.judgement.measure {
        Measure::Copies => DriftMeasure::NearCopies,
        Measure::Diversity => DriftMeasure::Diversity,
    };
    Told {
        answer,
        sentence,
        measure: found.sample.is_some().then_some(measure),
    }
}

fn trend(word: &str, sample: usize, found: &Drift, compared: &[(&str, &DriftCompared)]) -> String {
    let (Some((from, first)), Some((until, last))) = (compared.first(), compared.last()) else {
        return String::new();
    };
    match found.judgement.measure {
        Measure::Diversity => format!(
            "the pictures grow {word} alike: {sample} of {until} are as diverse as {:.0} wholly different ones, {sample} of {from} as {:.0}",
            last.diversity, first.diversity
        ),
        Measure::Copies => format!(
            "near copies grow {} common: of 1,000 pictures of {until}, {:.0} look like another one of their {sample}; of {from}, {:.0}",
            if word == "more" { "more" } else { "less" },
            last.copies_per_thousand,
            first.copies_per_thousand
        ),
    }
}

fn different(
    sample: usize,
    less: Option<(&str, &DriftCompared)>,
    more: Option<(&str, &DriftCompared)>,
) -> String {
    let (Some((less, unlike)), Some((more, alike))) = (less, more) else {
        return String::new();
    };
    format!(
        "the pictures of `{more}` are more alike than those of `{less}`: {sample} are as diverse as {:.0} wholly different ones, against {:.0}",
        alike.diversity, unlike.diversity
    )
}

fn no_change(by: GroupedBy, found: &Drift, compared: &[(&str, &DriftCompared)]) -> String {
    let noticed = found.judgement.noticed.unwrap_or_default() * 100.0;
    let noticed = noticed.ceil().max(1.0);
    let (Some((first, _)), Some((last, _))) = (compared.first(), compared.last()) else {
        return String::new();
    };
    if by == GroupedBy::Month {
        format!(
            "no change shows among different pictures from {first} to {last}; a loss of {noticed:.0} % of the diversity would probably have been noticed"
        )
    } else {
        format!(
            "no difference shows between the different pictures of {} groups; one of {noticed:.0} % of the diversity would probably have been noticed",
            compared.len()
        )
    }
}

fn too_few(by: GroupedBy, found: &Drift, groups: &[DriftGroup]) -> String {
    let what = if by == GroupedBy::Month {
        "months"
    } else {
        "groups"
    };
    if let (Some(noticed), Some(sample)) = (found.judgement.noticed, found.sample) {
        return format!(
            "too few pictures to tell: with {sample} in each of the {what} compared, even a loss of {:.0} % of the diversity could have gone unnoticed",
            noticed * 100.0
        );
    }
    if let [only] = groups {
        let why = match by {
            GroupedBy::Month => "one month".to_owned(),
            _ => format!("one group, `{}`", only.name),
        };
        return format!("nothing to compare: all pictures are of {why}");
    }
    let most = groups.iter().map(|group| group.distinct).max().unwrap_or(0);
    let enough = groups.iter().filter(|group| group.compared.is_some()).count();
    let has = match enough {
        0 => format!("the largest has {most}"),
        _ => "one has as many".to_owned(),
    };
    format!(
        "too few pictures to tell: two {what} with at least {COMPARED_MIN} different pictures each are needed; {has}"
    )
}

/// How common near copies are, where that differs much between groups that are not tiny; from the first to the last month, else from
/// where they are least to where they are most common.
fn near_copies(by: GroupedBy, groups: &[DriftGroup]) -> Option<String> {
    let large = || groups.iter().filter(|group| group.pictures >= COPIES_OF_MIN);
    let of_thousand = |group: &DriftGroup| group.near_copies.saturating_mul(1000) / group.pictures.max(1);
    let by_copies = |group: &&DriftGroup| of_thousand(group);
    let (from, to) = match by {
        GroupedBy::Month => (large().next()?, large().next_back()?),
        _ => (large().min_by_key(by_copies)?, large().max_by_key(by_copies)?),
    };
    let (few, many) = (of_thousand(from), of_thousand(to));
    (few.abs_diff(many) >= COPIES_DIFFER_MIN).then(|| {
        format!(
            "; near copies of older pictures are {few} of 1,000 in {from}, and {many} of 1,000 in {to}",
            from = from.name,
            to = to.name
        )
    })
}

/// Fewest pictures of a group whose share of near copies is told.
const COPIES_OF_MIN: u64 = 20;
/// Smallest difference of near copies in 1,000 that is told: a tenth of the pictures.
const COPIES_DIFFER_MIN: u64 = 100;

/// What the figures do and do not say.
pub(super) fn notes(by: GroupedBy, seen_by: Sight, is_private: bool, left: usize) -> Vec<String> {
    let mut notes = vec![
        match seen_by {
            Sight::Looks => "likeness and diversity are those of looks (layout and colours in 72 numbers), which see a repeated theme or style more often than not, and no subject; near copies and nearest distances are those of PDQ codes, which entries hold; looks lie beside the ledger, unsigned".to_owned(),
            Sight::Codes => "likeness is that of PDQ codes, which see the same picture again and, weakly, the same layout; they do not see style or subject, so a theme repeated with other pictures does not show here; looks, which see more, are kept beside the ledger (NAME.ledger.looks) when pictures are signed".to_owned(),
        },
        "groups are compared as if all had as many pictures as the smallest, near copies put aside: a ledger that only grows does not grow alike"
            .to_owned(),
        "a change may come from who registers and with which tools, not from the tools alone: compare --by creator, family and source"
            .to_owned(),
    ];
    match by {
        GroupedBy::Creator => {
            notes.push("keys are as they signed: a creator who rotated keys is several groups".to_owned());
        }
        GroupedBy::Family => {
            notes.push(
                "entries name no models, only the family of algorithms that the signer stated".to_owned(),
            );
        }
        GroupedBy::Month => notes.push("months are UTC, by the clocks of the signers".to_owned()),
        GroupedBy::Source => notes.push("how pictures were made is what their signers stated".to_owned()),
    }
    if is_private {
        notes.push("a private ledger keeps no fingerprints: its pictures cannot be compared".to_owned());
    }
    if left > 0 {
        notes.push(format!(
            "{left} pictures are in smaller groups that are not shown; near copies of them are counted"
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, pictures: u64, near_copies: u64) -> DriftGroup {
        DriftGroup {
            name: name.to_owned(),
            pictures,
            near_copies,
            related: 0,
            related_of: pictures,
            distinct: pictures - near_copies,
            compared: None,
        }
    }

    #[test]
    fn near_copies_are_told_where_they_differ_much_between_groups() {
        let months = [
            group("2026-01", 100, 0),
            group("2026-02", 200, 150),
            group("2026-03", 100, 40),
            group("2026-04", 3, 3),
        ];
        let words = |by, groups: &[DriftGroup]| near_copies(by, groups).unwrap_or_default();
        assert_eq!(
            words(GroupedBy::Month, &months),
            "; near copies of older pictures are 0 of 1,000 in 2026-01, and 400 of 1,000 in 2026-03"
        );
        assert_eq!(
            words(GroupedBy::Source, &months),
            "; near copies of older pictures are 0 of 1,000 in 2026-01, and 750 of 1,000 in 2026-02"
        );
        let alike = [group("a", 100, 5), group("b", 100, 14)];
        assert_eq!(words(GroupedBy::Source, &alike), "");
        assert_eq!(words(GroupedBy::Month, &[]), "");
    }
}
