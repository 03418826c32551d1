//! Whether the pictures of a ledger grow alike, in words.

use std::fmt::Write as _;

use super::shared::{row, rows, time};
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::drift::{DriftGroup, DriftReport, DriftSight};

/// The answer first, then each group, then what was counted.
#[must_use]
pub fn drift(report: &DriftReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &sentence(report), Tone::Strong);
    row(&mut page, "Ledger", &escape::whole(&report.ledger));
    row(
        &mut page,
        "As of",
        &format!("size {}, {}", report.tree_size, time(&report.at)),
    );
    row(&mut page, "Pictures", &pictures(report));
    if let Some(chance) = report.chance {
        row(
            &mut page,
            "Chance",
            &format!("{} that chance alone shows as much", probability(chance)),
        );
    }
    if let (Some(sample), Some(strangers)) = (report.sample, report.sample_of_strangers) {
        let words = format!(
            "by {}: as many wholly different pictures as {sample} of a group are worth, with the 95 % band; {strangers:.0} where pictures have nothing to do with each other",
            sight(report.seen_by)
        );
        row(&mut page, "Diversity", &words);
    }
    rows(&mut page, "Groups", report.groups.iter().map(group));
    row(&mut page, "Clusters", &clusters(report));
    if let (Some(counted), Some(chance)) = (report.nearest.median_bits, report.nearest.median_by_chance_bits)
    {
        let words =
            format!("{counted} of 256 bits to the nearest other picture, by the median; {chance} by chance");
        row(&mut page, "Nearest", &words);
    }
    rows(&mut page, "Note", &report.notes);
    page.text()
}

fn sentence(report: &DriftReport) -> String {
    let mut letters = report.sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    escape::line(&format!("{}{}", first.unwrap_or_default(), letters.as_str())).into_owned()
}

fn pictures(report: &DriftReport) -> String {
    let mut words = format!(
        "{} looked into, {} of different looks",
        report.pictures, report.distinct
    );
    if report.left_out > 0 {
        let _ = write!(
            words,
            "; {} left out, without a code that can be compared",
            report.left_out
        );
    }
    if report.without_look > 0 {
        let _ = write!(words, "; {} without a look", report.without_look);
    }
    words
}

/// What sees likeness, in a word.
pub(in crate::render) const fn sight(seen_by: DriftSight) -> &'static str {
    match seen_by {
        DriftSight::Codes => "codes",
        DriftSight::Looks => "looks",
    }
}

fn group(group: &DriftGroup) -> String {
    let mut words = format!(
        "{}  {} pictures, {} near copies of older ones",
        escape::line(&group.name),
        group.pictures,
        group.near_copies
    );
    let _ = match &group.compared {
        Some(compared) => write!(
            words,
            "; diversity {:.0} ({:.0} to {:.0})",
            compared.diversity, compared.diversity_low, compared.diversity_high
        ),
        None => write!(words, "; too few to compare"),
    };
    words
}

fn clusters(report: &DriftReport) -> String {
    match report.clusters.first() {
        None if report.pictures == 0 => "no picture could be looked into".to_owned(),
        None => "no two pictures look the same".to_owned(),
        Some(largest) => {
            let entries: Vec<String> = largest.entries.iter().map(u64::to_string).collect();
            format!(
                "{} of near copies; the largest has {} pictures: entries {}",
                report.cluster_count,
                largest.pictures,
                entries.join(" ")
            )
        }
    }
}

/// A probability, never as nothing.
pub(in crate::render) fn probability(chance: f64) -> String {
    if chance < 0.001 {
        return "less than 0.001".to_owned();
    }
    format!("{chance:.3}")
}
