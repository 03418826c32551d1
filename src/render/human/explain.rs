//! What codes mean.

use super::shared::row;
use crate::render::Style;
use crate::render::page::{Cell, Page, Tone};
use crate::report::explain::{CodeKind, ExplainReport};

/// One code in full, or all of them on a line each.
#[must_use]
pub fn explain(report: &ExplainReport, style: &Style) -> String {
    let mut page = Page::new(style);
    if let (Some(_), [one]) = (&report.asked, report.codes.as_slice()) {
        page.head(0, &format!("{}  {}", one.code, kind(one.kind)), Tone::Strong);
        row(&mut page, "Means", one.means);
        row(&mut page, "Still holds", one.holds);
        row(&mut page, "Settles it", one.settle);
        return page.text();
    }
    let mut group = "";
    for one in &report.codes {
        if one.group != group {
            if !group.is_empty() {
                page.gap();
            }
            group = one.group;
            page.head(0, title(group), Tone::Strong);
        }
        let cells = [Cell {
            text: kind(one.kind),
            columns: 14,
            tone: Tone::Plain,
        }];
        page.row(2, &cells, one.code);
    }
    page.gap();
    page.line(
        0,
        "byline explain CODE says what one means, what still holds, and what would settle it",
    );
    page.text()
}

const fn kind(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Result => "result",
        CodeKind::Check => "check",
        CodeKind::Action => "action",
        CodeKind::Success => "success",
        CodeKind::Informational => "informational",
        CodeKind::Failure => "failure",
        CodeKind::Rule => "rule",
    }
}

fn title(group: &str) -> &'static str {
    match group {
        "byline" => "Result words and checks of byline",
        "coverage" => "What byline looks at beside the C2PA library: no silent byte",
        "c2pa" => "C2PA 2.4",
        "cawg" => "Named identities (CAWG)",
        "certificate" => "Certificates",
        _ => "Ledgers and proofs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::explain::CodeView;

    #[test]
    fn one_code_is_told_in_full() {
        let report = ExplainReport {
            schema: "explain-report.v1",
            asked: Some("x.y".into()),
            codes: vec![CodeView {
                code: "x.y",
                kind: CodeKind::Failure,
                group: "c2pa",
                means: "It means this.",
                holds: "That holds.",
                settle: "Do so.",
            }],
        };
        let expected = "\
x.y  failure
  Means               It means this.
  Still holds         That holds.
  Settles it          Do so.
";
        assert_eq!(explain(&report, &Style::default()), expected);
    }
}
