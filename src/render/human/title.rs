//! Titles in words: what a deed did, and where an asset stands.

use std::fmt::Write as _;

use super::shared::{row, rows, time};
use crate::base::territory;
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::title::{
    AssetView, DisputeView, HolderView, LicenceTerm, LicenceView, Recorded, StatsReport, TitleReport,
    TitleView, Who,
};

/// What a deed on a title did.
#[must_use]
pub fn title(report: &TitleReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(0, &report.sentence);
    row(&mut page, "Log", &escape::value(&report.origin));
    row(&mut page, "Log key", &report.log_key);
    let as_of = match &report.time {
        Some(at) => format!("size {}, {}", report.tree_size, time(at)),
        None => format!("size {}", report.tree_size),
    };
    row(&mut page, "As of", &as_of);
    recorded(&mut page, &report.recorded);
    if let Some(view) = &report.asset {
        asset(&mut page, view);
    }
    rows(&mut page, "Written", report.written.as_ref().map(escape::whole));
    rows(&mut page, "Not checked", &report.not_checked);
    rows(&mut page, "Note", &report.notes);
    page.text()
}

/// Entries that were recorded.
pub(super) fn recorded(page: &mut Page, entries: &[Recorded]) {
    rows(
        page,
        "Recorded",
        entries.iter().map(|one| {
            let before = if one.already { ", stood there before" } else { "" };
            format!("entry {}  {}{before}", one.index, one.kind)
        }),
    );
}

/// Where an asset stands.
pub(super) fn asset(page: &mut Page, view: &AssetView) {
    row(page, "Asset", &view.asset_id);
    for title in &view.titles {
        chain(page, title, view.titles.len() > 1);
    }
    for one in &view.disputes {
        dispute(page, one);
    }
    if view.claims.len() > 1 {
        let stands = view.claims.iter().filter(|claim| !claim.contested);
        let first = stands.map(|claim| claim.index).min();
        rows(
            page,
            "Same picture",
            view.claims.iter().map(|claim| {
                let source = claim.source_type.as_deref().unwrap_or("not stated");
                let contested = match claim.contested {
                    true => ", contested",
                    false if first == Some(claim.index) => ", first recorded here",
                    false => ", recorded here later",
                };
                format!("entry {}  {}: {source}{contested}", claim.index, who(&claim.by))
            }),
        );
    }
}

fn chain(page: &mut Page, title: &TitleView, is_one_of_many: bool) {
    if is_one_of_many {
        row(
            page,
            "Title",
            &format!("that begins with entry {}", title.registered),
        );
    }
    row(
        page,
        "First recorded here",
        &format!("entry {}, by {}", title.registered, who(&title.by)),
    );
    rows(page, "Recorded holder", title.holders.iter().map(holder));
    rows(
        page,
        "Contested",
        title
            .contested_since
            .map(|since| format!("since entry {since}: signed with a key declared compromised")),
    );
    rows(
        page,
        "Offer",
        title.offers.iter().map(|offer| {
            let until = offer
                .until
                .as_ref()
                .map_or_else(String::new, |at| format!(", until {}", time(at)));
            let over = if offer.over { "; it is over" } else { "" };
            format!(
                "entry {}  {} to {}{until}{over}",
                offer.index,
                percent(offer.basis_points),
                who(&offer.to)
            )
        }),
    );
    rows(page, "Licence", title.licences.iter().map(licence));
    rows(
        page,
        "Waiting licence",
        title
            .waiting
            .iter()
            .map(|one| format!("{}; other holders have not granted it", licence(one))),
    );
    rows(
        page,
        "Reserved",
        title
            .reservations
            .iter()
            .map(|one| format!("entry {}  {}", one.index, one.uses.join(", "))),
    );
}

fn holder(holder: &HolderView) -> String {
    format!(
        "{}  {}, since entry {}",
        percent(holder.basis_points),
        who(&holder.who),
        holder.since
    )
}

fn licence(licence: &LicenceView) -> String {
    let kind = if licence.exclusive {
        "exclusive"
    } else {
        "not exclusive"
    };
    let to = licence
        .licensee
        .as_ref()
        .map_or_else(|| "everyone".to_owned(), who);
    let until = licence
        .until
        .as_ref()
        .map_or_else(|| "without end".to_owned(), |at| format!("until {}", time(at)));
    let places = if licence.territories.is_empty() {
        "everywhere".to_owned()
    } else {
        let codes: Vec<String> = licence.territories.iter().copied().map(territory::word).collect();
        format!("in {}", codes.join(", "))
    };
    let ended = match (licence.ended, licence.term) {
        (Some(by), _) => format!("; ended by entry {by}"),
        (None, LicenceTerm::Over) => "; it has run out".to_owned(),
        (None, LicenceTerm::NotYet) => "; not in force yet".to_owned(),
        (None, LicenceTerm::Running) => String::new(),
    };
    let conflicts: Vec<String> = licence.conflicts.iter().map(u64::to_string).collect();
    let conflicts = if conflicts.is_empty() {
        String::new()
    } else {
        format!("; conflicts with entry {}", conflicts.join(", "))
    };
    format!(
        "entry {}  {kind}, to {to}, {}, from {}, {until}, {places}{ended}{conflicts}",
        licence.index,
        licence.terms,
        time(&licence.from)
    )
}

fn dispute(page: &mut Page, dispute: &DisputeView) {
    let with = if dispute.privileged {
        " with its recovery key"
    } else {
        ""
    };
    let mut text = format!(
        "entry {}  about entry {}: {}, by {}{with}",
        dispute.index,
        dispute.about,
        dispute.ground,
        who(&dispute.by)
    );
    for answer in &dispute.answers {
        let _ = write!(
            text,
            "; {} by {} with entry {}",
            answer.stance,
            who(&answer.by),
            answer.index
        );
    }
    match (dispute.closed, &dispute.outcome) {
        (Some(by), Some(outcome)) => {
            let _ = write!(text, "; {outcome} with entry {by}");
            if let Some(closer) = &dispute.closed_by {
                let _ = write!(text, ", by {}", who(closer));
            }
            row(page, "Closed dispute", &text);
        }
        _ => row(page, "Open dispute", &text),
    }
}

/// A key by the name it is known under, and the beginning of its thumbprint.
pub(super) fn who(who: &Who) -> String {
    let short: String = who.key.chars().take(16).collect();
    match &who.known_as {
        Some(name) => format!("{} ({short})", escape::line(name)),
        None => format!("{short}, whom you do not know"),
    }
}

/// Basis points as percent, `33.34 %`.
pub(super) fn percent(points: u16) -> String {
    match points % 100 {
        0 => format!("{} %", points / 100),
        part => format!("{}.{part:02} %", points / 100),
    }
}

/// Counts of a ledger.
#[must_use]
pub fn stats(report: &StatsReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.ledger), Tone::Strong);
    row(&mut page, "Log", &escape::value(&report.origin));
    row(&mut page, "Tree size", &report.tree_size.to_string());
    rows(&mut page, "Last commit", report.time.as_ref().map(|at| time(at)));
    let counts = |list: &[crate::report::title::Count]| -> Vec<String> {
        list.iter()
            .map(|one| format!("{:>8}  {}", one.count, one.what))
            .collect()
    };
    rows(&mut page, "Kinds", counts(&report.kinds));
    rows(&mut page, "How made", counts(&report.source_types));
    rows(
        &mut page,
        "Keys",
        report
            .keys
            .iter()
            .map(|one| format!("{:>8}  {}", one.count, who(&one.who))),
    );
    rows(&mut page, "Months", counts(&report.months));
    page.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_with_two_places() {
        assert_eq!(percent(10_000), "100 %");
        assert_eq!(percent(3_334), "33.34 %");
        assert_eq!(percent(5), "0.05 %");
    }

    #[test]
    fn a_key_is_shown_by_the_name_you_gave_it_or_as_a_stranger() {
        let key = "ab".repeat(32);
        let stranger = Who {
            key: key.clone(),
            known_as: None,
        };
        assert_eq!(who(&stranger), "abababababababab, whom you do not know");
        let friend = Who {
            key,
            known_as: Some("bob".into()),
        };
        assert_eq!(who(&friend), "bob (abababababababab)");
    }
}
