//! The head of a ledger, its entries, the history of one picture.

use super::shared::{row, rows, time};
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::ledger::{EntryView, LedgerReport, RegistrationView};
use crate::report::verify::MatchedBy;

/// The head of a ledger and the entries asked for.
#[must_use]
pub fn ledger(report: &LedgerReport, style: &Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, report);
    page.text()
}

/// The history of one picture.
#[must_use]
pub fn history(report: &LedgerReport, style: &Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, report);
    if report.entries.is_empty() {
        page.gap();
        page.line(
            0,
            "Nothing in this ledger matches. That says nothing about other ledgers.",
        );
    }
    page.text()
}

fn head(page: &mut Page, report: &LedgerReport) {
    page.head(0, &escape::whole(&report.ledger), Tone::Strong);
    row(page, "Log", &escape::value(&report.origin));
    row(page, "Log key", &report.log_key);
    row(page, "Look-ups", &report.mode);
    rows(page, "Arbiter", report.arbiters.iter().map(super::title::who));
    row(page, "Tree size", &report.tree_size.to_string());
    row(page, "Root hash", &report.root);
    rows(page, "Last commit", report.time.as_ref().map(|at| time(at)));
    rows(page, "Note", &report.notes);
    if let Some(size) = report.as_of {
        row(page, "As of", &format!("size {size}"));
    }
    for view in &report.assets {
        page.gap();
        page.head(0, "where it stands", Tone::Strong);
        super::title::asset(page, view);
    }
    for view in &report.entries {
        entry(page, view);
    }
}

pub(super) fn entry(page: &mut Page, view: &EntryView) {
    page.gap();
    page.head(0, &format!("entry {}  {}", view.index, view.kind), Tone::Strong);
    row(page, "Says", &view.says);
    // A registration says its asset with the rest of it, below.
    let about = view.fields.asset_id.as_ref();
    rows(page, "About asset", about.filter(|_| view.registration.is_none()));
    rows(
        page,
        "VOID",
        view.void
            .as_ref()
            .map(|rule| format!("it breaks a rule and changes nothing: {rule}")),
    );
    rows(
        page,
        "SUSPECT",
        view.suspect
            .map(|by| format!("its key was declared compromised as of before it, by entry {by}")),
    );
    rows(
        page,
        "REDACTED",
        view.redacted.map(|by| {
            format!("its body may be dropped, says the log with entry {by}; this file holds it still")
        }),
    );
    row(page, "Recorded", &time(&view.time));
    match &view.known_as {
        Some(name) => row(page, "Key", &format!("{} ({name})", view.key)),
        None => row(page, "Key", &view.key),
    }
    rows(
        page,
        "Matched by",
        view.matched.map(|by| match by {
            MatchedBy::File => "file: this very file",
            MatchedBy::Content => "content: the file without its credentials",
            MatchedBy::Pixel => "pixel: the same pixels in another file",
            MatchedBy::Manifest => "manifest: the same credentials",
        }),
    );
    if let Some(registration) = &view.registration {
        picture(page, registration);
    }
    row(page, "Entry id", &view.id);
}

fn picture(page: &mut Page, view: &RegistrationView) {
    row(page, "Asset", &view.asset_id);
    row(page, "How it was made", &view.source_type);
    rows(page, "Family", &view.family);
    row(page, "Role", view.role.as_deref().unwrap_or("not stated"));
    rows(page, "Data mining", &view.mining);
    row(page, "File", &view.file);
    row(page, "Content", &view.content);
    rows(page, "Pixel", &view.pixel);
    rows(page, "Manifest", &view.manifest);
    rows(page, "Parent", &view.parents);
    if page.full() {
        rows(
            page,
            "Fingerprints",
            view.fingerprints
                .iter()
                .map(|line| format!("{} {} (quality {})", line.bits, line.algorithm, line.quality)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> LedgerReport {
        LedgerReport {
            schema: "ledger-report.v1",
            ledger: "studio.ledger".into(),
            origin: "byline.example/studio".into(),
            log_key: "byline.example/studio+12345678+AAAA".into(),
            arbiters: Vec::new(),
            mode: "public".into(),
            tree_size: 2,
            root: "abc=".into(),
            time: Some("2026-05-01T10:00:00Z".into()),
            notes: vec![],
            assets: vec![],
            as_of: None,
            entries: vec![EntryView {
                index: 0,
                kind: "key.incept".into(),
                says: "alice enters the log".into(),
                time: "2026-05-01T10:00:00Z".into(),
                key: "ab".repeat(32),
                known_as: Some("alice".into()),
                id: "cd".repeat(32),
                matched: None,
                registration: None,
                fields: crate::report::title::EntryFields::default(),
                void: None,
                redacted: None,
                suspect: Some(7),
            }],
        }
    }

    #[test]
    fn entries_follow_the_head() {
        let expected = format!(
            "\
studio.ledger
  Log                 byline.example/studio
  Log key             byline.example/studio+12345678+AAAA
  Look-ups            public
  Tree size           2
  Root hash           abc=
  Last commit         1 May 2026 10:00 UTC

entry 0  key.incept
  Says                alice enters the log
  SUSPECT             its key was declared compromised as of before it, by entry 7
  Recorded            1 May 2026 10:00 UTC
  Key                 {} (alice)
  Entry id            {}
",
            "ab".repeat(32),
            "cd".repeat(32)
        );
        assert_eq!(ledger(&report(), &Style::default()), expected);
    }

    #[test]
    fn a_history_of_nothing_says_how_little_that_means() {
        let mut report = report();
        report.entries.clear();
        assert!(history(&report, &Style::default()).ends_with("That says nothing about other ledgers.\n"));
    }
}
