//! The verdicts of a batch: a line for each picture, and the counts.

use super::shared::{count, counted, passed_over};
use super::verify::{made_word, tone};
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::compare::LikenessWord;
use crate::report::verify::{ResultWord, VerifyReport, VerifySummary};
use crate::report::{Ending, Outcome};

/// The verdict on one of many pictures.
#[must_use]
pub fn verify_line(report: &VerifyReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let ledger = match report.ledger.check.outcome {
        Outcome::Pass => "registered",
        Outcome::Fail => "LEDGER: NO",
        // What was not asked says nothing of the picture.
        Outcome::Unknown if report.ledger.tree_size.is_none() => "not asked",
        Outcome::Unknown => "not registered",
        Outcome::NotChecked => "-",
    };
    let cells = [
        Cell {
            text: report.result.word(),
            columns: 16,
            tone: tone(report.result),
        },
        Cell {
            text: ledger,
            columns: 16,
            tone: if matches!(report.ledger.check.outcome, Outcome::Fail) {
                Tone::Bad
            } else {
                Tone::Plain
            },
        },
        Cell {
            text: made_word(report),
            columns: 24,
            tone: Tone::Plain,
        },
    ];
    let mut file = escape::whole(&report.file);
    if report.made.from_broken {
        file.push_str(" (made from a broken picture)");
    }
    if report
        .identities
        .iter()
        .any(|one| one.check.outcome == Outcome::Fail)
    {
        file.push_str(" (a named identity does not hold)");
    }
    file.push_str(&by_looks(report));
    let likeness = report
        .thumbnail
        .as_ref()
        .and_then(|witness| witness.cells.as_ref());
    if let Some(cells) = likeness {
        file.push_str(match cells.likeness {
            LikenessWord::SamePicture => " (same picture)",
            LikenessWord::Reworked => " (same picture, reworked)",
            LikenessWord::PartChanged => " (part changed)",
            LikenessWord::AnotherPicture => " (another picture)",
        });
    }
    page.row(0, &cells, &file);
    page.text()
}

/// What a registered picture looks like, or that this was not searched of a file that nothing identifies.
fn by_looks(report: &VerifyReport) -> String {
    let ledger = &report.ledger;
    let is_identified = matches!(
        report.result,
        ResultWord::Trusted | ResultWord::NotConfirmed | ResultWord::Changed | ResultWord::Revoked
    );
    match (&ledger.look_alike, ledger.earlier_alike.first()) {
        (Some(near), _) => match &near.points {
            Some(points) => format!(" (looks like entry {}, {} points)", near.index, points.agreeing),
            None => format!(" (looks like entry {}, {} bits)", near.index, near.distance_bits),
        },
        (None, Some(near)) => format!(" (looks like the earlier entry {} by another key)", near.index),
        (None, None) if ledger.looks_not_searched.is_some() && !is_identified => {
            " (looks not searched)".to_owned()
        }
        (None, None) => String::new(),
    }
}

/// Why a command that found nothing wrong ends with 4.
pub(super) const UNREAD: &str = "exit code 4 is for the ledger that was named: it could not be read";

/// The counts of a batch.
#[must_use]
pub fn verify_summary(summary: &VerifySummary, style: &Style) -> String {
    let mut page = Page::new(style);
    page.gap();
    page.head(0, &count(summary.files, "picture", "pictures"), Tone::Strong);
    if summary.ending() == Ending::NotEnough {
        page.line(2, "nothing was looked at");
    }
    // Most frequent first.
    let mut results: Vec<_> = summary.results.iter().collect();
    results.sort_by_key(|(word, number)| (std::cmp::Reverse(**number), **word));
    for (word, number) in results {
        counted(&mut page, *number, word.word());
    }
    if summary.failed > 0 {
        counted(&mut page, summary.failed, "could not be opened");
    }
    if summary.registered > 0 {
        page.line(2, &format!("{} in the ledger", summary.registered));
    }
    if summary.alike > 0 {
        let text = format!(
            "{} unregistered, and like a registered picture (each line names it)",
            summary.alike
        );
        page.line(2, &text);
    }
    if let Some(why) = &summary.not_asked_why {
        page.line(
            2,
            &format!("{} not looked for in the ledger: {why}", summary.not_asked),
        );
    }
    if summary.ledger_unread {
        page.line(2, UNREAD);
    }
    passed_over(&mut page, summary.links, summary.hidden);
    if summary.looks_not_searched > 0 {
        let text = format!(
            "{} unregistered, and not compared by looks (byline find IMAGE compares it, or says why it cannot)",
            summary.looks_not_searched
        );
        page.line(2, &text);
    }
    page.text()
}
