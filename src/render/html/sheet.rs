//! The page of a batch: counts, a contact sheet, and below it what was found of each picture. Bounded, and it says what it
//! left out; what contradicts a claim is listed longest.

use maud::{Markup, html};

use super::frame::{self, Level, Mood, Page};
use super::{picture, text, verify, whole};
use crate::base::Untrusted;
use crate::render::human::{made_word, shared};
use crate::report::Ending;
use crate::report::error::ErrorReport;
use crate::report::page::PageParts;
use crate::report::verify::{VerifyReport, VerifySummary};

/// Bytes of all details and pictures, as they stand in the page; once they are used up, pictures get a line and no more.
const DETAIL_BYTES_MAX: usize = 8 << 20;
/// Lines of the contact sheet.
const LINES_MAX: usize = 2000;
/// Lines beyond those, for evidence against and for files that could not be opened.
const LINES_AGAINST_MAX: usize = 2000;

/// A page that takes results as they come.
#[derive(Debug, Default)]
pub struct Sheet {
    against: usize,
    cards: String,
    detail: String,
    /// Whether one did not fit: none after it is detailed, however small.
    is_full: bool,
    left_out: u64,
    lines: usize,
    not_detailed: u64,
    number: u64,
}

impl Sheet {
    /// Takes the verdict on the next picture.
    pub fn take(&mut self, report: &VerifyReport, parts: &PageParts) {
        self.number += 1;
        if !self.has_room(report.ending() == Ending::Contradicted) {
            return;
        }
        if self.is_full {
            self.take_line(report);
            return;
        }
        let place = format!("picture-{}", self.number);
        let article = article(&place, report, parts).into_string();
        let card = card(Some(&place), report, parts).into_string();
        if self.detail.len() + article.len() + self.cards.len() + card.len() <= DETAIL_BYTES_MAX {
            self.detail.push_str(&article);
            self.cards.push_str(&card);
        } else {
            self.is_full = true;
            self.take_line(report);
        }
    }

    /// Whether pictures and details of further ones are passed over: then nobody need make them.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    fn take_line(&mut self, report: &VerifyReport) {
        self.not_detailed += 1;
        self.cards.push_str(&card_without(report).into_string());
    }

    /// Takes a file that could not be opened.
    pub fn take_error(&mut self, error: &ErrorReport) {
        self.number += 1;
        if !self.has_room(true) {
            return;
        }
        let name = error.file.as_ref().map(name).unwrap_or_default();
        let card = html! {
            li.card.bad {
                p.absent { (whole(&error.what)) }
                p.word { "NOT OPENED" }
                (name)
            }
        };
        self.cards.push_str(&card.into_string());
    }

    /// The finished page.
    #[must_use]
    pub fn document(self, summary: &VerifySummary, at: &str) -> String {
        let word = shared::count(summary.files, "picture", "pictures");
        let mut results: Vec<_> = summary.results.iter().collect();
        results.sort_by_key(|(word, number)| (std::cmp::Reverse(**number), **word));
        let mut counts: Vec<String> = results
            .iter()
            .map(|(word, number)| format!("{number} {}", word.word()).replace(' ', "\u{a0}"))
            .collect();
        if summary.failed > 0 {
            counts.push(format!("{} could not be opened", summary.failed));
        }
        if summary.registered > 0 {
            counts.push(format!("{} in the ledger", summary.registered));
        }
        let sentence = if counts.is_empty() {
            "nothing was looked at".to_owned()
        } else {
            counts.join(", ")
        };
        frame::document(&Page {
            kind: "Verification of many pictures",
            label: None,
            remedy: None,
            subject: "",
            word: &word,
            sentence: &sentence,
            mood: if self.against > 0 { Mood::Bad } else { Mood::Plain },
            at,
            schema: summary.schema,
            body: html! {
                section {
                    h2 { "Contact sheet" }
                    (self.left_out())
                    ol.sheet { (maud::PreEscaped(&self.cards)) }
                }
                (maud::PreEscaped(&self.detail))
            },
        })
    }

    fn left_out(&self) -> Markup {
        html! {
            @if self.not_detailed > 0 || self.left_out > 0 {
                p.lead {
                    "This page is kept small. "
                    @if self.not_detailed > 0 { (self.not_detailed) " pictures have a line and no details. " }
                    @if self.left_out > 0 { (self.left_out) " are counted above and not listed. " }
                    "byline verify --format csv lists all."
                }
            }
        }
    }

    /// Whether another line may be added; counts it, or what is left out.
    fn has_room(&mut self, is_against: bool) -> bool {
        self.against += usize::from(is_against);
        let most = if is_against {
            LINES_MAX + LINES_AGAINST_MAX
        } else {
            LINES_MAX
        };
        if self.lines < most {
            self.lines += 1;
            return true;
        }
        self.left_out += 1;
        false
    }
}

fn class(report: &VerifyReport) -> &'static str {
    match verify::mood(report) {
        Mood::Plain => "card",
        Mood::Open => "card open",
        Mood::Bad => "card bad",
    }
}

/// A picture, its result word and its name; the whole card leads to the details.
fn card(place: Option<&str>, report: &VerifyReport, parts: &PageParts) -> Markup {
    let words = html! {
        @match &parts.picture {
            Some(found) => div.thumb { (picture::image(found, "")) },
            None => p.absent { (text(parts.picture_absent.as_deref().unwrap_or("no picture is shown"))) },
        }
        (line(report))
    };
    html! {
        li class=(class(report)) {
            @match place {
                Some(place) => a href=(format!("#{place}")) { (words) },
                None => (words),
            }
        }
    }
}

fn card_without(report: &VerifyReport) -> Markup {
    html! { li class=(class(report)) { (line(report)) } }
}

fn line(report: &VerifyReport) -> Markup {
    html! {
        p.word { (report.result.word()) }
        p.made { (made_word(report)) }
        (name(&report.file))
    }
}

/// The name of the file, then its folder: many pictures of one folder are told apart by the former.
fn name(file: &Untrusted) -> Markup {
    let (folder, name) = match file.raw().rsplit_once('/') {
        Some((folder, name)) if !name.is_empty() => (folder, name),
        _ => ("", file.raw()),
    };
    html! {
        p.name { bdi { (text(name)) } }
        p.folder { bdi { (text(folder)) } }
    }
}

fn article(place: &str, report: &VerifyReport, parts: &PageParts) -> Markup {
    html! {
        article id=(place) {
            h2 { bdi { (whole(&report.file)) } }
            p.verdict { b { (report.result.word()) } " - " (text(&report.sentence)) }
            @if let Some(remedy) = &report.remedy { p.remedy { b { "What to do: " } (text(remedy)) } }
            (picture::pair(report, parts))
            details {
                summary { "Checks, making, rights, ledger and codes" }
                (verify::body(Level::One, report, parts))
            }
        }
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
