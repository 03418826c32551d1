//! Explain: what a code or a result word means, what still holds, and what would settle it. One table for each family.

mod actions;
mod assertions;
mod cawg;
mod certificate;
mod claims;
mod ledger;
mod own;
mod results;
mod words;

use super::{Error, Kind};
use crate::base::Untrusted;
use crate::report::explain::{CodeKind, CodeView, ExplainReport};

/// One row of a table.
struct Row {
    code: &'static str,
    kind: CodeKind,
    means: &'static str,
    holds: &'static str,
    settle: &'static str,
}

impl Row {
    /// Where it belongs, by its first word.
    fn group(&self) -> &'static str {
        if matches!(self.kind, CodeKind::Result | CodeKind::Check) && !self.code.starts_with("ledger.") {
            return "byline";
        }
        match self.code.split('.').next() {
            Some("cawg") => "cawg",
            Some("certificate") => "certificate",
            Some("coverage") => "coverage",
            Some("ledger") => "ledger",
            _ => "c2pa",
        }
    }

    fn view(&self) -> CodeView {
        CodeView {
            code: self.code,
            kind: self.kind,
            group: self.group(),
            means: self.means,
            holds: self.holds,
            settle: self.settle,
        }
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    let tables = [
        own::ROWS,
        results::ROWS,
        actions::ROWS,
        claims::ROWS,
        assertions::ROWS,
        cawg::ROWS,
        certificate::ROWS,
        ledger::ROWS,
    ];
    tables.into_iter().flatten()
}

/// Explains one code, in any case and with `-` or `_` for spaces; all of them when none is asked for.
///
/// # Errors
/// [`Kind::Request`] for an unknown code, with those nearest to it.
pub fn explain(asked: Option<&str>) -> Result<ExplainReport, Error> {
    let mut codes: Vec<CodeView> = match asked {
        None => rows().map(Row::view).collect(),
        Some(asked) => {
            let wanted = plain(asked);
            let found = rows().find(|row| plain(row.code) == wanted);
            vec![found.ok_or_else(|| unknown(asked, &wanted))?.view()]
        }
    };
    // By group, and within it as the tables have them, which put result words and questions first.
    codes.sort_by_key(|view| GROUPS.iter().position(|group| *group == view.group));
    Ok(ExplainReport {
        schema: "explain-report.v1",
        asked: asked.map(Untrusted::from),
        codes,
    })
}

/// The code as the tables write it, where they have it.
pub(in crate::app) fn known(code: &str) -> Option<&'static str> {
    rows().find(|row| row.code == code).map(|row| row.code)
}

/// What a code means, where the tables have it.
pub(in crate::app) fn means(code: &str) -> Option<&'static str> {
    rows().find(|row| row.code == code).map(|row| row.means)
}

fn unknown(asked: &str, wanted: &str) -> Error {
    let mut near: Vec<(usize, &str)> = rows()
        .map(|row| (distance(wanted, &plain(row.code)), row.code))
        .collect();
    // A third of the letters wrong is a slip; more is another word.
    near.retain(|(edits, _)| edits * 3 <= wanted.chars().count().max(3));
    near.sort_unstable();
    let names: Vec<String> = near
        .iter()
        .take(NEAR)
        .map(|(_, code)| format!("`{code}`"))
        .collect();
    let shown: String = asked.chars().take(ASKED_MAX).collect();
    Error::new(
        Kind::Request,
        "explain.unknown",
        format!("no code is called `{shown}`"),
    )
    .why(match names.as_slice() {
        [] => "no known one is near to it".to_owned(),
        [one] => format!("the nearest known one is {one}"),
        more => format!("the nearest known ones are {}", more.join(", ")),
    })
    .fix("`byline explain` lists all of them by group")
}

/// Codes as they are compared: people type `not-confirmed` for `NOT CONFIRMED`.
fn plain(code: &str) -> String {
    let plain = |c: char| {
        if matches!(c, ' ' | '_') {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    };
    code.trim().chars().take(CODE_MAX).map(plain).collect()
}

/// How many characters must be put in, taken out or changed; whole words in common count for more than letters.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, a) in one.chars().enumerate() {
        let mut before = place;
        let mut left = place + 1;
        for (b, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let changed = before + usize::from(a != *b);
            before = *cell;
            left = changed.min(left + 1).min(before + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = place + 1;
        }
    }
    let edits = row.last().copied().unwrap_or_default();
    let last = |text: &str| text.rsplit('.').next().map(str::to_owned);
    let same_end = last(one) == last(&other.iter().collect::<String>());
    if same_end { edits / 2 } else { edits }
}

const GROUPS: [&str; 6] = ["byline", "coverage", "c2pa", "cawg", "certificate", "ledger"];
/// How many near codes are named.
const NEAR: usize = 3;
/// Longest code compared, characters; the longest known has 59.
const CODE_MAX: usize = 100;
/// How much of an unknown code is said back, characters.
const ASKED_MAX: usize = 60;

#[cfg(test)]
mod tests;
