//! The page of an audit.

use maud::{Markup, html};

use super::drift;
use super::frame::{self, Mood, Page};
use super::{text, whole};
use crate::report::audit::{AuditReport, FIRST_CAUSE, Group, Weight};

/// The answer of an audit as a page.
#[must_use]
pub fn audit(report: &AuditReport) -> String {
    let subject = whole(&report.ledger);
    let up_to = format!("Sound up to {}", report.counts.entries);
    let (word, mood) = match (report.sound, report.has_tail()) {
        (true, false) => ("Sound", Mood::Plain),
        (true, true) => (up_to.as_str(), Mood::Open),
        (false, _) => ("Broken", Mood::Bad),
    };
    frame::document(&Page {
        kind: "Ledger audit",
        label: None,
        remedy: None,
        subject: &subject,
        word,
        sentence: &report.sentence,
        mood,
        at: &report.at,
        schema: report.schema,
        body: html! {
            (findings(report))
            (frame::list(frame::Level::Page, "Not checked", &report.not_checked))
            (frame::list(frame::Level::Page, "Notes", &report.notes))
            (looked_at(report))
            @if let Some(likeness) = &report.likeness {
                section {
                    h2 { "Do its pictures grow alike?" }
                    p.lead { (text(&capital(&likeness.sentence))) "." }
                }
                (drift::panel(likeness))
                (frame::list(frame::Level::Page, "What this does and does not say", &likeness.notes))
            }
            @if let Some(checkpoint) = &report.checkpoint {
                section {
                    h2 { "Last signed checkpoint" }
                    pre { (super::escape::lines(checkpoint)) }
                }
            }
        },
    })
}

/// A sentence with a capital at its head.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

fn findings(report: &AuditReport) -> Markup {
    let count = u64::try_from(report.findings.len())
        .unwrap_or(u64::MAX)
        .saturating_add(report.findings_more);
    html! {
        section {
            h2 { "Findings " span.count { (count) } }
            @if report.findings.is_empty() {
                p { "None: everything that was checked holds." }
            } @else {
                table {
                    thead {
                        tr {
                            th scope="col" { "Where" }
                            th scope="col" { "Rule, and what was found" }
                            th scope="col" { "What follows" }
                            th scope="col" { "What to do" }
                        }
                    }
                    tbody {
                        @for group in &report.groups(false) { (row(group)) }
                    }
                }
                @if report.findings_more > 0 {
                    p { "And " (report.findings_more) " more, which are counted but not listed." }
                }
            }
        }
    }
}

fn row(group: &Group<'_>) -> Markup {
    let finding = group.first;
    let (class, weight) = match finding.weight {
        Weight::Note => ("note", "note"),
        Weight::Unfinished => ("unfinished", "unfinished"),
        Weight::Broken => ("broken", "broken"),
    };
    html! {
        tr class=(class) {
            td.place {
                @if let Some(index) = finding.index { "Entry " (index) }
                @else if finding.offset.is_none() { "Whole log" }
                @if let Some(offset) = finding.offset {
                    @if finding.index.is_some() { br; }
                    "Byte " (offset)
                }
                span.weight { (weight) }
            }
            td.rule {
                span.code { (text(&finding.rule)) }
                (text(&finding.what))
                @if group.is_cause { p.lead { "This is " (FIRST_CAUSE) "." } }
                @if let Some(others) = group.others() { p { (text(&capital(&others))) "; JSON lists all." } }
            }
            td data-label="What follows" { (text(&finding.consequence)) }
            td data-label="What to do" { (text(&finding.remedy)) }
        }
    }
}

fn looked_at(report: &AuditReport) -> Markup {
    let counts = &report.counts;
    let mut rows = vec![
        ("Log", whole(&report.origin)),
        ("Entries", counts.entries.to_string()),
        ("Registrations", counts.registrations.to_string()),
        ("Signatures checked", counts.signatures.to_string()),
    ];
    if report.strict {
        rows.push(("How", "each signature alone, by the strict rule".to_owned()));
    }
    for line in &report.cosigned {
        rows.push((
            "Cosigned",
            format!(
                "{} at {}{}",
                whole(&line.witness),
                text(&line.time),
                report.cosigned_up_to()
            ),
        ));
    }
    if let Some(since) = report.since {
        let words = format!("of the first {since} entries, as an earlier audit did");
        rows.push(("Signatures not checked", words));
    }
    rows.extend([
        ("Identities", counts.keys.to_string()),
        match (counts.commits, &report.checkpoint) {
            (0, Some(_)) => ("Signed checkpoints", "1".to_owned()),
            (commits, _) => ("Signed commits", commits.to_string()),
        },
        ("Bytes", counts.bytes.to_string()),
        ("Root hash", text(&report.root)),
    ]);
    html! {
        section {
            h2 { "Looked at" }
            (frame::facts(&rows))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::audit::{AuditCounts, Finding};

    fn report(text: &str) -> AuditReport {
        AuditReport {
            schema: "audit-report.v1",
            ledger: text.into(),
            origin: text.into(),
            sound: false,
            strict: false,
            witnesses: crate::report::Check::new(text, crate::report::Outcome::NotChecked, text),
            cosigned: vec![],
            cosigned_size: None,
            sentence: text.into(),
            counts: AuditCounts::default(),
            since: Some(7),
            root: text.into(),
            checkpoint: Some(text.into()),
            findings: vec![Finding {
                weight: Weight::Broken,
                rule: text.into(),
                index: Some(7),
                offset: None,
                what: text.into(),
                consequence: text.into(),
                remedy: text.into(),
            }],
            findings_more: 2,
            not_checked: vec![text.into()],
            notes: vec![text.into()],
            likeness: None,
            at: "2026-01-01T00:00:00Z".into(),
        }
    }

    #[test]
    fn text_of_strangers_stays_text_in_every_place() {
        let plain = audit(&report("x"));
        for evil in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "'><svg/onload=alert(1)>",
            "</title></style></pre><iframe src=javascript:alert(1)>",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "\u{202e}gpj.exe",
            "\u{1b}[31m\u{0}\u{8}",
        ] {
            let page = audit(&report(evil));
            // The same tags as on the plain page, and as many.
            for mark in ["<", ">", "\""] {
                assert_eq!(
                    page.matches(mark).count(),
                    plain.matches(mark).count(),
                    "{mark} {evil:?}"
                );
            }
            assert!(
                page.chars()
                    .all(|c| c == '\n' || !crate::base::Untrusted::is_harmful(c)),
                "{evil:?}"
            );
        }
        assert!(audit(&report("<b>&amp;")).contains("&lt;b&gt;&amp;amp;"));
    }

    #[test]
    fn the_page_stands_by_itself() {
        for page in [
            audit(&report("x")),
            audit(&AuditReport {
                sound: true,
                findings: vec![],
                findings_more: 0,
                ..report("x")
            }),
        ] {
            let lower = page.to_ascii_lowercase();
            for outside in [
                "<script", "<link", "<img", "src=", "href=", "@import", "url(", "onload", "style=\"",
            ] {
                assert!(!lower.contains(outside), "{outside}");
            }
            assert!(page.starts_with("<!DOCTYPE html>") && page.contains("default-src 'none'"));
            // The result comes before everything else in the body.
            let body = page.split("<body>").nth(1).unwrap();
            assert!(body.starts_with("<main><header class=\"result"), "{body}");
        }
    }

    #[test]
    fn the_policy_lets_this_very_style_in() {
        use base64::Engine as _;
        let page = audit(&report("x"));
        let style = page
            .split("<style>")
            .nth(1)
            .unwrap()
            .split("</style>")
            .next()
            .unwrap();
        let digest = crate::base::Digest::of(style.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
        assert!(page.contains(&format!("style-src 'sha256-{hash}'")), "{hash}");
    }
}
