//! What was found of a picture in a ledger: looks like, never is.

use super::shared::{count, counted, passed_over, result, row, rows, term, time};
use super::verify::recorded;
use crate::base::Authorship;
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::Ending;
use crate::report::find::{FindReport, FindSummary, FindWord, KeptLine, NearLine, NearWord, Uniqueness};
use crate::report::verify::{LedgerHit, MatchedBy};

/// What was found of one picture.
#[must_use]
pub fn find(report: &FindReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.file), Tone::Strong);
    page.gap();
    row(&mut page, "Compared with", &compared(report));
    if report.deep_searched {
        let pictures = count(report.deep_pictures, "deep record", "deep records");
        row(&mut page, "", &format!("{pictures}, point by point"));
    }
    let entries = &report.ledger.entries;
    rows(
        &mut page,
        "Registered",
        entries.iter().map(|one| hit(one, recorded(one, entries))),
    );
    rows(&mut page, "Title", &report.ledger.title);
    for near in &report.near {
        near_rows(&mut page, near);
    }
    if report.near_more > 0 {
        row(
            &mut page,
            "",
            &format!("at least {} more: --most", report.near_more),
        );
    }
    for kept in &report.kept {
        kept_rows(&mut page, kept);
    }
    let uniqueness = report.uniqueness.as_ref();
    rows(
        &mut page,
        "Among registered",
        uniqueness.map(|found| &found.sentence),
    );
    rows(&mut page, "Not searched", &report.not_searched);
    page.gap();
    result(&mut page, report.result.word(), Tone::Strong, &report.sentence);
    if report.result == FindWord::LooksLike {
        page.line(2, LIKENESS_IS_NO_PROOF);
    }
    page.text()
}

/// What was found of one of many pictures.
#[must_use]
pub fn find_line(report: &FindReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let nearest = match (report.result, report.ledger.entries.first(), report.near.first()) {
        (FindWord::Registered, Some(hit), _) => format!("entry {}", hit.index),
        (FindWord::LooksLike, _, Some(near)) => match &near.points {
            Some(points) => format!("entry {}, {} points", near.index, points.agreeing),
            None => format!("entry {}, {} bits", near.index, near.distance_bits),
        },
        _ => "-".to_owned(),
    };
    let unusual = report.uniqueness.as_ref().map(closest_other);
    let cell = |text, columns, tone| Cell { text, columns, tone };
    let mut cells = vec![
        cell(report.result.word(), 17, Tone::Strong),
        cell(&nearest, 22, Tone::Plain),
    ];
    cells.extend(unusual.as_deref().map(|text| cell(text, 30, Tone::Plain)));
    let file = format!("{}{}", escape::whole(&report.file), remarks(report));
    page.row(0, &cells, &file);
    page.text()
}

/// The nearest of all other registered pictures, where that was asked for.
fn closest_other(found: &Uniqueness) -> String {
    match &found.nearest {
        Some(nearest) => format!("closest: entry {}, {} bits", nearest.index, nearest.distance_bits),
        None => "closest: none".to_owned(),
    }
}

/// What the columns do not hold: what else it looks like, and that its looks were not searched.
fn remarks(report: &FindReport) -> String {
    let mut near = report.near.iter();
    let (verb, first) = match report.result {
        FindWord::LooksLike => ("also looks like", near.nth(1)),
        _ => ("looks like", near.next()),
    };
    let more = u64::try_from(near.len()).unwrap_or(u64::MAX);
    let more = match more.saturating_add(report.near_more) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let alike = first.map(|near| format!("{verb} entry {}{more}", near.index));
    let unsearched = (!report.looks_searched).then(|| "looks not searched".to_owned());
    let said: Vec<String> = alike.into_iter().chain(unsearched).collect();
    if said.is_empty() {
        return String::new();
    }
    format!(" ({})", said.join("; "))
}

/// The counts of a batch.
#[must_use]
pub fn find_summary(summary: &FindSummary, style: &Style) -> String {
    let mut page = Page::new(style);
    page.gap();
    page.head(0, &count(summary.files, "picture", "pictures"), Tone::Strong);
    if summary.ending() == Ending::NotEnough {
        page.line(2, "nothing was looked for");
    }
    let lines = [
        (summary.registered, "registered by file, content or pixels"),
        (summary.alike, "look like a registered picture"),
        (
            summary.looks_not_searched,
            "not compared by looks (each line says so)",
        ),
        (summary.failed, "could not be read"),
    ];
    for (number, text) in lines.into_iter().filter(|(number, _)| *number > 0) {
        counted(&mut page, number, text);
    }
    passed_over(&mut page, summary.links, summary.hidden);
    if !summary.not_searched.is_empty() {
        page.gap();
        let gaps = summary.not_searched.iter();
        rows(
            &mut page,
            "Not searched",
            gaps.map(|gap| format!("{} ({})", gap.what, count(gap.files, "picture", "pictures"))),
        );
    }
    page.text()
}

fn compared(report: &FindReport) -> String {
    let ledger = report
        .ledger
        .ledger
        .as_ref()
        .map_or_else(String::new, |name| format!(" of {}", escape::whole(name)));
    let size = report
        .ledger
        .tree_size
        .map_or_else(String::new, |size| format!(", tree size {size}"));
    format!(
        "{}{ledger}{size}",
        count(report.pictures, "registered picture", "registered pictures")
    )
}

fn hit(hit: &LedgerHit, recorded: &str) -> String {
    let matched = match hit.matched {
        MatchedBy::File => "this very file",
        MatchedBy::Content => "the same picture, with other credentials or none",
        MatchedBy::Pixel | MatchedBy::Manifest => "the same pixels in another file",
    };
    let who = who(hit.known_as.as_deref(), &hit.key);
    format!(
        "entry {}: {matched}, {recorded} {} by {who}, {}{}",
        hit.index,
        time(&hit.time),
        term(&hit.source_type),
        proven(hit.proven)
    )
}

/// A kept manifest, and where it went.
fn kept_rows(page: &mut Page, kept: &KeptLine) {
    row(page, "Kept manifest", &kept.sentence);
    let written = |path| format!("written to {}", escape::whole(path));
    rows(page, "", kept.recovered.as_ref().map(written));
}

fn near_rows(page: &mut Page, near: &NearLine) {
    row(page, "Looks like", &near_line(near));
    // Where no detail differs there is nothing that chance could explain.
    let chance = near
        .chance
        .as_ref()
        .filter(|_| near.distance_bits > 0 || near.points.is_some());
    rows(page, "", chance.map(|chance| &chance.words));
    rows(page, "", &near.title);
}

/// A look-alike in a line, with what was recorded of it.
pub(in crate::render) fn near_line(near: &NearLine) -> String {
    let view = near
        .view
        .as_ref()
        .map_or_else(String::new, |view| format!(" ({view})"));
    let role = near
        .role
        .as_ref()
        .map_or_else(String::new, |role| format!(" as {role}"));
    let how = match &near.points {
        Some(points) => format!(
            "{} of its {} points agree on how it lies, and so do the tones of {} % of it",
            points.agreeing, points.of, points.tones_percent
        ),
        None => format!("{} of 256 details differ", near.distance_bits),
    };
    format!(
        "entry {}{view}: {how}, {}; recorded here {} by {}{role}, {}{}",
        near.index,
        likeness(near.likeness),
        time(&near.time),
        who(near.known_as.as_deref(), &near.key),
        made(near),
        proven(near.proven)
    )
}

/// What the signer recorded of the making, and no more.
fn made(near: &NearLine) -> String {
    let class = match near.authorship {
        Authorship::Ai => "recorded as AI-generated",
        Authorship::AiMixed => "recorded as AI-edited",
        Authorship::Algorithmic => "recorded as algorithmic",
        Authorship::Capture => "recorded as captured",
        Authorship::Human => "recorded as made by a person",
        Authorship::MaybeAi => "recorded as what may hold AI",
        Authorship::Unknown => return term(&near.source_type),
    };
    format!("{class} ({})", term(&near.source_type))
}

const fn likeness(likeness: NearWord) -> &'static str {
    match likeness {
        NearWord::SamePicture => "looks like the same picture",
        NearWord::EditedCopy => "looks like an edited copy",
        NearWord::CloseRelative => "looks like a close relative: look at both",
        NearWord::UnusualLikeness => "an unusual likeness",
        NearWord::None => "as far as unrelated pictures are",
        NearWord::AgreeingPoints => "looks like it, or a part of it",
    }
}

fn who(known_as: Option<&str>, key: &str) -> String {
    known_as.map_or_else(|| format!("key {}", key.get(..16).unwrap_or(key)), str::to_owned)
}

const fn proven(is_proven: bool) -> &'static str {
    if is_proven {
        "; inclusion proven"
    } else {
        "; entry or inclusion NOT proven"
    }
}

const LIKENESS_IS_NO_PROOF: &str =
    "a likeness is no proof: look at both; who recorded a picture first need not have made it";
