//! What an audit found.

use super::shared::{count, result, row, rows};
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::audit::{AuditReport, FIRST_CAUSE, Group, Weight};

/// The answer of an audit.
#[must_use]
pub fn audit(report: &AuditReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.ledger), Tone::Strong);
    page.line(2, &format!("log {}", escape::value(&report.origin)));
    page.gap();
    looked_at(&mut page, report);
    let likeness = report.likeness.as_ref();
    rows(
        &mut page,
        "Do they grow alike",
        likeness.map(|found| &found.sentence),
    );
    rows(&mut page, "Not checked", &report.not_checked);
    rows(&mut page, "Note", &report.notes);
    if !report.findings.is_empty() {
        page.gap();
        page.head(2, "Findings", Tone::Strong);
    }
    let all = page.full();
    for group in report.groups(all) {
        finding(&mut page, &group);
    }
    if report.findings_more > 0 {
        page.line(4, &format!("and {} more", report.findings_more));
    }
    page.gap();
    let up_to = format!("SOUND UP TO {}", report.counts.entries);
    let (word, tone) = match (report.sound, report.has_tail()) {
        (true, false) => ("SOUND", Tone::Strong),
        (true, true) => (up_to.as_str(), Tone::Open),
        (false, _) => ("BROKEN", Tone::Bad),
    };
    result(&mut page, word, tone, &report.sentence);
    page.text()
}

fn looked_at(page: &mut Page, report: &AuditReport) {
    let counts = &report.counts;
    row(
        page,
        "Looked at",
        &format!(
            "{}, {}, {}, {}",
            count(counts.bytes, "byte", "bytes"),
            count(counts.entries, "entry", "entries"),
            match (counts.commits, &report.checkpoint) {
                (0, Some(_)) => "1 signed checkpoint".to_owned(),
                (commits, _) => count(commits, "signed commit", "signed commits"),
            },
            count(counts.registrations, "registration", "registrations"),
        ),
    );
    row(
        page,
        "Signatures",
        &format!(
            "{} checked{}, of the log and {}",
            counts.signatures,
            if report.strict {
                ", each alone by the strict rule"
            } else {
                ""
            },
            count(counts.keys, "identity", "identities")
        ),
    );
    if counts.state_roots > 0 {
        let maps = count(counts.state_roots, "signed state map", "signed state maps");
        row(page, "States", &maps);
    }
    rows(
        page,
        "Witnesses",
        report.cosigned.iter().map(|line| {
            let (witness, up_to) = (escape::value(&line.witness), report.cosigned_up_to());
            format!("cosigned by {witness} at {}{up_to}", line.time)
        }),
    );
    row(page, "Root hash", &report.root);
    if page.full() {
        rows(
            page,
            "Checkpoint",
            report.checkpoint.iter().flat_map(|text| text.lines()),
        );
    }
}

fn finding(page: &mut Page, group: &Group<'_>) {
    let finding = group.first;
    let (word, tone) = match finding.weight {
        Weight::Note => ("note", Tone::Plain),
        Weight::Unfinished => ("unfinished", Tone::Open),
        Weight::Broken => ("broken", Tone::Bad),
    };
    let mut place = Vec::new();
    place.extend(finding.index.map(|index| format!("entry {index}")));
    place.extend(finding.offset.map(|offset| format!("byte {offset}")));
    let place = if place.is_empty() {
        String::new()
    } else {
        format!("{}: ", place.join(", "))
    };
    let cell = |text| Cell {
        text,
        columns: 12,
        tone,
    };
    page.row(
        4,
        &[cell(word)],
        &format!("{}  {place}{}", finding.rule, finding.what),
    );
    page.row(4, &[cell("")], &finding.consequence);
    page.row(4, &[cell("")], &format!("do: {}", finding.remedy));
    if group.is_cause {
        page.row(4, &[cell("")], FIRST_CAUSE);
    }
    if let Some(others) = group.others() {
        page.row(4, &[cell("")], &format!("{others}; --full and JSON show all"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::audit::{AuditCounts, Finding};
    use crate::report::{Check, Outcome};

    #[test]
    fn each_finding_names_its_rule_its_place_and_what_follows() {
        let report = AuditReport {
            schema: "audit-report.v1",
            ledger: "studio.ledger".into(),
            origin: "byline.example/studio".into(),
            sound: false,
            strict: false,
            witnesses: Check::new(
                "ledger.proof.witnesses",
                Outcome::NotChecked,
                "no witness is asked for",
            ),
            cosigned: vec![],
            cosigned_size: None,
            sentence: "history and signatures disagree at entry 7".into(),
            counts: AuditCounts {
                bytes: 4096,
                entries: 8,
                commits: 1,
                signatures: 9,
                keys: 1,
                registrations: 7,
                state_roots: 0,
            },
            since: None,
            root: "abc=".into(),
            checkpoint: None,
            findings: vec![Finding {
                weight: Weight::Broken,
                rule: "ledger.entry.signature".into(),
                index: Some(7),
                offset: Some(3000),
                what: "the signature does not fit the entry".into(),
                consequence: "entry 7 was not written by the key it names".into(),
                remedy: "ask its signer".into(),
            }],
            findings_more: 0,
            not_checked: vec!["whether other copies of this log agree".into()],
            notes: vec![],
            likeness: None,
            at: "2026-01-01T00:00:00Z".into(),
        };
        let expected = "\
studio.ledger
  log byline.example/studio

  Looked at           4096 bytes, 8 entries, 1 signed commit, 7 registrations
  Signatures          9 checked, of the log and 1 identity
  Root hash           abc=
  Not checked         whether other copies of this log agree

  Findings
    broken      ledger.entry.signature  entry 7, byte 3000: the signature does not fit the entry
                entry 7 was not written by the key it names
                do: ask its signer

Result: BROKEN - history and signatures disagree at entry 7
";
        assert_eq!(audit(&report, &Style::default()), expected);
    }
}
