//! Entries as comma-separated values (RFC 4180): one row each, the same columns for every kind.

use super::escape;
use crate::report::drift::{DriftCompared, DriftGroup, DriftReport};
use crate::report::ledger::EntryView;

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
    let cell = escape::line(cell);
    let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.into_owned()
    };
    if cell.contains([',', '"', ';']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

type Cell = fn(&EntryView) -> String;

const COLUMNS: [(&str, Cell); 28] = [
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
}
