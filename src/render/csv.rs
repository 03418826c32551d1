//! Entries and verdicts as comma-separated values (RFC 4180): one row each, the same columns for every kind.
//!
//! No cell is a formula to a spreadsheet (CWE-1236), also where its locale takes the semicolon for the separator.

use super::{escape, human};
use crate::base::Untrusted;
use crate::report::Outcome;
use crate::report::drift::{DriftCompared, DriftGroup, DriftReport};
use crate::report::error::ErrorReport;
use crate::report::ledger::EntryView;
use crate::report::verify::{MatchedBy, Signer, VerifyReport};

/// The first row: names of the columns.
#[must_use]
pub fn head() -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    format!("{}\r\n", names.join(","))
}

/// One entry.
#[must_use]
pub fn entry(view: &EntryView) -> String {
    let cells: Vec<String> = COLUMNS.iter().map(|(_, cell)| quoted(&cell(view))).collect();
    format!("{}\r\n", cells.join(","))
}

/// The first row of verdicts: names of the columns.
#[must_use]
pub fn verify_head() -> String {
    let names: Vec<&str> = VERDICT.iter().map(|(name, _)| *name).collect();
    format!("{},error\r\n", names.join(","))
}

/// The verdict on one picture.
#[must_use]
pub fn verify(report: &VerifyReport) -> String {
    let cells: Vec<String> = VERDICT.iter().map(|(_, cell)| quoted(&cell(report))).collect();
    format!("{},\r\n", cells.join(","))
}

/// A file that could not be opened: its name, and why in the last column.
#[must_use]
pub fn verify_error(error: &ErrorReport) -> String {
    let file = error.file.as_ref().map_or("", Untrusted::raw);
    let why = error.why.as_ref().map_or("", Untrusted::raw);
    let words = format!("{}: {} ({why})", error.code, error.what.raw());
    format!(
        "{}{}{}\r\n",
        quoted(file),
        ",".repeat(VERDICT.len()),
        quoted(&words)
    )
}

/// The groups of a ledger, one row each, with a head.
#[must_use]
pub fn drift(report: &DriftReport) -> String {
    let names: Vec<&str> = GROUP_COLUMNS.iter().map(|(name, _)| *name).collect();
    let mut text = format!("{}\r\n", names.join(","));
    for group in &report.groups {
        let cells: Vec<String> = GROUP_COLUMNS
            .iter()
            .map(|(_, cell)| quoted(&cell(report, group)))
            .collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

type GroupCell = fn(&DriftReport, &DriftGroup) -> String;

const GROUP_COLUMNS: [(&str, GroupCell); 13] = [
    ("group", |_, group| group.name.clone()),
    ("pictures", |_, group| group.pictures.to_string()),
    ("near_copies", |_, group| group.near_copies.to_string()),
    ("related", |_, group| group.related.to_string()),
    ("related_of", |_, group| group.related_of.to_string()),
    ("distinct", |_, group| group.distinct.to_string()),
    ("sample", |report, group| {
        number(group.compared.as_ref().and(report.sample))
    }),
    ("diversity", |_, group| compared(group, |one| one.diversity)),
    ("diversity_low", |_, group| {
        compared(group, |one| one.diversity_low)
    }),
    ("diversity_high", |_, group| {
        compared(group, |one| one.diversity_high)
    }),
    ("likeness", |_, group| compared(group, |one| one.likeness)),
    ("copies_per_thousand", |_, group| {
        compared(group, |one| one.copies_per_thousand)
    }),
    ("nearest_bits", |_, group| compared(group, |one| one.nearest_bits)),
];

fn compared<T: ToString>(group: &DriftGroup, field: fn(&DriftCompared) -> T) -> String {
    number(group.compared.as_ref().map(field))
}

/// A cell in quotes where it needs them. A cell that a spreadsheet would run as a formula is made text.
fn quoted(cell: &str) -> String {
    let cell = inert(&escape::line(cell));
    if cell.contains([',', '"', ';']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// Puts an apostrophe before what begins a formula: at the start of the cell, and after a semicolon, since a spreadsheet
/// that separates by semicolons knows no quotes inside a cell. Blanks and quotes before it do not hide it.
fn inert(cell: &str) -> String {
    // A number is none.
    if cell.parse::<f64>().is_ok() {
        return cell.to_owned();
    }
    let mut out = String::with_capacity(cell.len() + 1);
    let mut may_begin = true;
    for c in cell.chars() {
        let begins = matches!(
            c,
            '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
        );
        if may_begin && begins {
            out.push('\'');
        }
        may_begin = c == ';' || (may_begin && (c.is_whitespace() || c == '"'));
        out.push(c);
    }
    out
}

fn untrusted(value: Option<&Untrusted>) -> String {
    value.map(|value| value.raw().to_owned()).unwrap_or_default()
}

fn answer(outcome: Outcome) -> String {
    human::shared::answer(outcome).0.to_owned()
}

fn signer<'a>(view: &'a VerifyReport, of: impl Fn(&'a Signer) -> Option<&'a Untrusted>) -> String {
    untrusted(view.signer.as_ref().and_then(of))
}

type Verdict = fn(&VerifyReport) -> String;

const VERDICT: [(&str, Verdict); 23] = [
    ("file", |view| view.file.raw().to_owned()),
    ("result", |view| view.result.word().to_owned()),
    ("met", |view| view.met.to_string()),
    ("unchanged", |view| answer(view.checks.unchanged.outcome)),
    ("signature", |view| answer(view.checks.signature.outcome)),
    ("time", |view| answer(view.checks.time.outcome)),
    ("issuer", |view| answer(view.checks.issuer.outcome)),
    ("made", |view| human::made_word(view).to_owned()),
    ("source_type", |view| text(view.made.source_type.as_ref())),
    ("tool", |view| untrusted(view.made.tool.as_ref())),
    ("model", |view| untrusted(view.made.model.as_ref())),
    ("signer", |view| signer(view, |signer| signer.name.as_ref())),
    ("organization", |view| {
        signer(view, |signer| signer.organization.as_ref())
    }),
    ("known_as", |view| {
        text(view.signer.as_ref().and_then(|signer| signer.known_as.as_ref()))
    }),
    ("signed_at", |view| {
        text(view.signer.as_ref().and_then(|signer| signer.signed_at.as_ref()))
    }),
    ("certificate_sha256", |view| {
        text(view.signer.as_ref().map(|signer| &signer.certificate_sha256))
    }),
    ("rights", |view| {
        let lines = view.rights.iter().take(20);
        let lines: Vec<String> = lines
            .map(|line| format!("{}: {} ({})", line.field, line.value.raw(), line.source))
            .collect();
        lines.join(" | ")
    }),
    ("registered", |view| answer(view.ledger.check.outcome)),
    ("ledger_index", |view| {
        // The file's own entry, where it has one: an earlier one may be of the same pixels in another file.
        let entries = &view.ledger.entries;
        let own = entries.iter().find(|entry| entry.matched == MatchedBy::File);
        number(own.or(entries.first()).map(|entry| entry.index))
    }),
    ("title", |view| {
        untrusted(view.c2pa.as_ref().and_then(|detail| detail.title.as_ref()))
    }),
    ("failures", |view| {
        let codes = view.c2pa.iter().flat_map(|detail| &detail.codes);
        let mut told: Vec<&str> = Vec::new();
        for line in codes.filter(|line| line.kind == "failure") {
            if told.len() < 20 && !told.contains(&line.code.raw()) {
                told.push(line.code.raw());
            }
        }
        told.join(" ")
    }),
    ("sentence", |view| view.sentence.clone()),
    ("remedy", |view| text(view.remedy.as_ref())),
];

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

type Cell = fn(&EntryView) -> String;

const COLUMNS: [(&str, Cell); 33] = [
    ("index", |view| view.index.to_string()),
    ("kind", |view| view.kind.clone()),
    ("time", |view| view.time.clone()),
    ("key", |view| view.key.clone()),
    ("known_as", |view| text(view.known_as.as_ref())),
    ("id", |view| view.id.clone()),
    ("says", |view| view.says.clone()),
    ("asset_id", |view| {
        let registered = view.registration.as_ref().map(|one| &one.asset_id);
        text(view.fields.asset_id.as_ref().or(registered))
    }),
    ("source_type", |view| {
        text(view.registration.as_ref().map(|one| &one.source_type))
    }),
    ("role", |view| {
        text(view.registration.as_ref().and_then(|one| one.role.as_ref()))
    }),
    ("file", |view| {
        text(view.registration.as_ref().map(|one| &one.file))
    }),
    ("content", |view| {
        text(view.registration.as_ref().map(|one| &one.content))
    }),
    ("pixel", |view| {
        text(view.registration.as_ref().and_then(|one| one.pixel.as_ref()))
    }),
    ("manifest", |view| {
        text(view.registration.as_ref().and_then(|one| one.manifest.as_ref()))
    }),
    ("void", |view| text(view.void.as_ref())),
    ("suspect", |view| number(view.suspect)),
    ("redacted", |view| number(view.redacted)),
    ("identity", |view| text(view.fields.identity.as_ref())),
    ("next", |view| text(view.fields.next.as_ref())),
    ("recovery", |view| text(view.fields.recovery.as_ref())),
    ("names", |view| text(view.fields.names.as_ref())),
    ("to", |view| text(view.fields.to.as_ref())),
    ("basis_points", |view| number(view.fields.basis_points)),
    ("from", |view| text(view.fields.from.as_ref())),
    ("until", |view| text(view.fields.until.as_ref())),
    ("terms", |view| text(view.fields.terms.as_ref())),
    ("territories", |view| {
        let codes: Vec<String> = view
            .fields
            .territories
            .iter()
            .map(|code| format!("{code:03}"))
            .collect();
        codes.join(" ")
    }),
    ("exclusive", |view| number(view.fields.exclusive)),
    ("uses", |view| view.fields.uses.join(" ")),
    ("word", |view| text(view.fields.word.as_ref())),
    ("evidence", |view| text(view.fields.evidence.as_ref())),
    ("named_index", |view| number(view.fields.index)),
    ("covers", |view| number(view.fields.covers)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formula_is_run() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("a\u{1b}b"), "a\\u{1b}b");
    }

    #[test]
    fn no_formula_hides_behind_blanks_quotes_or_another_separator() {
        assert_eq!(quoted(" =1+1"), " '=1+1");
        assert_eq!(quoted("\"=1+1"), "\"\"\"'=1+1\"");
        assert_eq!(quoted("x;=1+1"), "\"x;'=1+1\"");
        assert_eq!(quoted("x; \"@SUM(A1)"), "\"x; \"\"'@SUM(A1)\"");
        assert_eq!(quoted("\u{ff1d}1+1"), "'\u{ff1d}1+1");
        assert_eq!(quoted("2026-01-01 a=b"), "2026-01-01 a=b");
    }

    #[test]
    fn a_failure_is_named_once_however_often_it_was_found() {
        let mut report = crate::render::samples::verdict("x");
        let codes = &mut report.c2pa.as_mut().unwrap().codes;
        codes[0].kind = "failure".into();
        codes[0].code = "claimSignature.mismatch".into();
        let again = codes[0].clone();
        codes.push(again);
        let row = verify(&report);
        assert_eq!(row.matches("claimSignature.mismatch").count(), 1, "{row}");
    }

    #[test]
    fn a_verdict_has_as_many_cells_as_the_first_row() {
        let columns = verify_head().matches(',').count();
        let report = crate::render::samples::verdict("x");
        assert_eq!(verify(&report).matches(',').count(), columns);
        let error = crate::render::samples::error("x");
        assert_eq!(verify_error(&error).matches(',').count(), columns);
    }
}
