//! What could not be done: what happened, why, what to do.

use crate::base::Untrusted;
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::error::ErrorReport;

/// An error in three parts.
#[must_use]
pub fn error(report: &ErrorReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let head = [Cell {
        text: "error:",
        columns: 0,
        tone: Tone::Bad,
    }];
    let file = report.file.as_ref().map(escape::whole);
    let what = report.what.raw();
    // A batch needs the name; most messages hold it already.
    match file {
        Some(file) if !what.contains(file.as_str()) => page.sentence(&head, &format!("{file}: {what}")),
        _ => page.sentence(&head, what),
    }
    part(&mut page, "why:", report.why.as_ref());
    part(&mut page, "do:", report.fix.as_ref());
    page.text()
}

/// A file of many that nothing was done with, in their list; stderr says why.
#[must_use]
pub fn error_line(report: &ErrorReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let word = Cell {
        text: "FAILED",
        columns: 10,
        tone: Tone::Bad,
    };
    let file = report.file.as_ref().map(escape::whole).unwrap_or_default();
    page.row(0, &[word], &format!("{file} ({})", report.code));
    page.text()
}

fn part(page: &mut Page, label: &str, text: Option<&Untrusted>) {
    for (place, line) in text.into_iter().flat_map(|text| text.raw().lines()).enumerate() {
        let cell = Cell {
            text: if place == 0 { label } else { "" },
            columns: 5,
            tone: Tone::Plain,
        };
        page.row(2, &[cell], line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_three_parts_and_nothing_in_it_reaches_the_terminal_raw() {
        let report = ErrorReport {
            schema: "error.v1",
            file: Some("a\u{1b}.png".into()),
            code: "file.missing".into(),
            what: "cannot read".into(),
            why: Some("no such file\u{202e}".into()),
            fix: Some("name a file\nor a folder".into()),
        };
        assert_eq!(
            error(&report, &Style::default()),
            "error: a\\u{1b}.png: cannot read\n  why: no such file\\u{202e}\n  do:  name a file\n       or a folder\n"
        );
    }
}
