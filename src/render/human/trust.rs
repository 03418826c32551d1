//! Whom the user trusts.

use super::shared::{count, row, rows, time};
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::trust::{CertificateView, TrustDeed, TrustReport, TrustView};

/// What was done with trust.
#[must_use]
pub fn trust(report: &TrustReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let deed = match report.done {
        TrustDeed::Added => "added",
        TrustDeed::Known => "known already",
        TrustDeed::Removed => "removed",
        TrustDeed::Rotated => "its key was rotated",
        TrustDeed::Imported | TrustDeed::Listed | TrustDeed::Reset => "",
    };
    for (place, view) in report.entries.iter().enumerate() {
        if place > 0 {
            page.gap();
        }
        page.head(
            0,
            format!("{}  {deed}", escape::line(&view.name)).trim_end(),
            Tone::Strong,
        );
        one(&mut page, view);
    }
    for (place, list) in report.lists.iter().enumerate() {
        if place > 0 || !report.entries.is_empty() {
            page.gap();
        }
        let deed = match report.done {
            TrustDeed::Imported => "imported",
            TrustDeed::Reset => "as shipped",
            _ => "",
        };
        page.head(0, format!("{}  {deed}", list.says).trim_end(), Tone::Strong);
        row(
            &mut page,
            "List",
            &format!(
                "{}, {}",
                list.list,
                count(list.certificates, "certificate", "certificates")
            ),
        );
        if list.frozen {
            row(&mut page, "", "frozen: nothing is added to it any more");
        }
        match &list.imported {
            Some(imported) => row(&mut page, "Imported", &time(imported)),
            None => row(
                &mut page,
                "Ships with",
                concat!("byline ", env!("CARGO_PKG_VERSION")),
            ),
        }
        rows(&mut page, "Added", list.added.iter().map(certificate));
        rows(&mut page, "Removed", list.removed.iter().map(certificate));
    }
    rows(&mut page, "Note", &report.notes);
    page.text()
}

fn one(page: &mut Page, view: &TrustView) {
    let warning = if escape::mixes_scripts(&view.says) {
        " [mixes letters that look alike]"
    } else {
        ""
    };
    row(page, "Says", &format!("{}{warning}", escape::value(&view.says)));
    row(page, "Added", &time(&view.added));
    rows(page, "Key id", &view.key_ids);
    rows(page, "Root", view.anchors.iter().map(certificate));
    rows(page, "Certificate", view.certificates.iter().map(certificate));
    rows(
        page,
        "Timestamps below",
        view.timestamp_anchors.iter().map(certificate),
    );
}

fn certificate(view: &CertificateView) -> String {
    let subject = view
        .subject
        .as_ref()
        .map_or_else(|| "(no name)".to_owned(), escape::value);
    format!("{subject}, until {}, {}", time(&view.valid_until), view.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::trust::ListView;

    #[test]
    fn name_in_the_file_is_shown_as_a_saying_and_escaped() {
        let report = TrustReport {
            schema: "trust-report.v1",
            done: TrustDeed::Added,
            entries: vec![TrustView {
                name: "alice".into(),
                says: "Alice\u{1b}".into(),
                added: "2026-05-01T10:00:00Z".into(),
                key_ids: vec!["ab".into()],
                anchors: vec![CertificateView {
                    sha256: "cd".into(),
                    subject: Some("Alice root".into()),
                    valid_until: "2056-05-01T10:00:00Z".into(),
                }],
                certificates: vec![],
                timestamp_anchors: vec![],
            }],
            lists: vec![],
            notes: vec![],
        };
        let expected = "\
alice  added
  Says                Alice\\u{1b}
  Added               1 May 2026 10:00 UTC
  Key id              ab
  Root                Alice root, until 1 May 2056 10:00 UTC, cd
";
        assert_eq!(trust(&report, &Style::default()), expected);
    }

    #[test]
    fn a_list_stands_apart_with_its_day_and_what_changed() {
        let certificate = |name: &str| CertificateView {
            sha256: "ef".into(),
            subject: Some(name.into()),
            valid_until: "2056-05-01T10:00:00Z".into(),
        };
        let report = TrustReport {
            schema: "trust-report.v1",
            done: TrustDeed::Imported,
            entries: vec![],
            lists: vec![ListView {
                list: "c2pa",
                says: "the C2PA trust list of 2026-11-26, imported by you".into(),
                dated: "2026-11-26T00:00:00Z".into(),
                frozen: false,
                imported: Some("2026-11-26T10:00:00Z".into()),
                certificates: 1,
                added: vec![certificate("New\u{1b}")],
                removed: vec![certificate("Old")],
            }],
            notes: vec![],
        };
        let expected = "\
the C2PA trust list of 2026-11-26, imported by you  imported
  List                c2pa, 1 certificate
  Imported            26 Nov 2026 10:00 UTC
  Added               New\\u{1b}, until 1 May 2056 10:00 UTC, ef
  Removed             Old, until 1 May 2056 10:00 UTC, ef
";
        assert_eq!(trust(&report, &Style::default()), expected);
    }
}
