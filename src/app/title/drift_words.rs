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
            "no change shows from {first} to {last}; a loss of {noticed:.0} % of the diversity would probably have been noticed"
        )
    } else {
        format!(
            "no difference shows between {} groups; one of {noticed:.0} % of the diversity would probably have been noticed",
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
