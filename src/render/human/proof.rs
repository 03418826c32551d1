//! What a proof proves, what publishing did, and whether two states of a log agree.

use super::ledger::entry;
use super::shared::{count, question, result, row, rows, time};
use super::title::{percent, who};
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::proof::{ConsistencyReport, LogState, ProofForm, ProofReport, ProofWord, StateView};
use crate::report::publish::{PublishReport, ServingReport, WitnessLine, WitnessReport};
use crate::report::{Check, Outcome};

/// The verdict on a proof.
#[must_use]
pub fn proof(report: &ProofReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.file), Tone::Strong);
    if let Some(image) = &report.image {
        page.line(2, &format!("of {}", escape::whole(image)));
    }
    page.gap();
    let checks = &report.checks;
    question(&mut page, "Signed by the log you rely on", &checks.log);
    question(&mut page, "Cosigned by enough witnesses", &checks.witnesses);
    if report.form == Some(ProofForm::StateProof) {
        question(&mut page, "Entries in that log", &checks.inclusion);
        question(&mut page, "Entries signed by their keys", &checks.entry);
        question(&mut page, "State map says so", &checks.state);
        question(&mut page, "Picture is the one meant", &checks.image);
    } else {
        question(&mut page, "Entry in that log", &checks.inclusion);
        question(&mut page, "Entry signed by its key", &checks.entry);
        question(&mut page, "Picture is the entry's", &checks.image);
    }
    question(&mut page, "Same history as the ledger", &checks.history);
    page.gap();
    facts(&mut page, report);
    if let Some(view) = &report.state {
        state_as_of(&mut page, view);
    }
    for line in &report.cosigned {
        let witness = escape::value(&line.witness);
        row(&mut page, "Cosigned", &format!("{witness}, {}", time(&line.time)));
    }
    rows(&mut page, "Written", report.written.iter().map(escape::whole));
    rows(&mut page, "Note", &report.notes);
    rows(&mut page, "Not checked", &report.not_checked);
    if let Some(view) = &report.entry {
        let is_in_log = [&checks.log, &checks.inclusion]
            .iter()
            .all(|check| check.outcome == Outcome::Pass);
        if !is_in_log {
            page.gap();
            page.line(
                0,
                "The entry in the proof, which is not shown to stand in the log:",
            );
        }
        entry(&mut page, view);
    }
    page.gap();
    let tone = match report.result {
        ProofWord::Recorded | ProofWord::NotRegistered => Tone::Strong,
        ProofWord::NotProven => Tone::Open,
        ProofWord::Contradicted => Tone::Bad,
    };
    result(&mut page, report.result.word(), tone, &report.sentence);
    page.text()
}

fn facts(page: &mut Page, report: &ProofReport) {
    let form = report.form.map(|form| match form {
        ProofForm::CoseReceipt => "COSE receipt (RFC 9942)",
        ProofForm::StateProof => "state proof (byline-state-proof/v1)",
        ProofForm::TlogProof => "proof file (c2sp.org/tlog-proof)",
    });
    rows(page, "Form", form);
    rows(page, "Log", report.origin.as_ref().map(escape::value));
    rows(page, "Entry", report.index.map(|index| index.to_string()));
    rows(page, "Tree size", report.tree_size.map(|size| size.to_string()));
    if page.full() {
        rows(page, "Root hash", &report.root);
    }
}

fn state_as_of(page: &mut Page, view: &StateView) {
    row(page, "About", &view.about);
    let size = count(view.as_of, "entry", "entries");
    row(page, "As of", &format!("{size}, {}", time(&view.time)));
    for title in &view.titles {
        let by = who(&title.by);
        row(page, "Registered", &format!("entry {} by {by}", title.registered));
        for holder in &title.holders {
            let share = percent(holder.basis_points);
            let line = format!("{} {share} since entry {}", who(&holder.who), holder.since);
            row(page, "Held by", &line);
        }
    }
    if let (true, Some(first)) = (view.titles.is_empty(), view.first) {
        row(page, "Registered", &format!("entry {first} first"));
    }
    rows(page, "Also", view.flags.iter().map(|flag| flag_words(flag)));
}

fn flag_words(flag: &str) -> &str {
    match flag {
        "again" => "registered again later",
        "disputed" => "a dispute is open",
        "suspect" => "a title leans on an entry of a key that was declared compromised before it",
        "licensed" => "a licence was granted and not ended",
        "exclusive" => "such a licence is exclusive",
        "reserved" => "uses are reserved",
        other => other,
    }
}

/// What publishing did.
#[must_use]
pub fn publish(report: &PublishReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.directory), Tone::Strong);
    row(&mut page, "Ledger", &escape::whole(&report.ledger));
    row(&mut page, "Log", &escape::value(&report.origin));
    row(&mut page, "Log key", &report.log_key);
    let before = match report.before {
        Some(before) => format!("{} (before: {before})", report.tree_size),
        None if report.checkpoint_mended => {
            format!(
                "{} (before: not known, the checkpoint was damaged)",
                report.tree_size
            )
        }
        None => format!("{} (a new directory)", report.tree_size),
    };
    row(&mut page, "Tree size", &before);
    row(&mut page, "Root hash", &report.root);
    let written = format!(
        "{}, {}; {}",
        count(report.files, "tile or bundle", "tiles and bundles"),
        count(report.bytes, "byte", "bytes"),
        if report.checkpoint_written {
            "checkpoint written"
        } else {
            "the checkpoint was there"
        }
    );
    row(&mut page, "Written", &written);
    witnesses(&mut page, &report.witnesses);
    rows(&mut page, "Note", &report.notes);
    page.text()
}

/// The witnesses of a log.
#[must_use]
pub fn witness(report: &WitnessReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.ledger), Tone::Strong);
    row(&mut page, "Log", &escape::value(&report.origin));
    row(&mut page, "Policy", &escape::whole(&report.policy));
    rows(&mut page, "Quorum", &report.quorum);
    let size = report.tree_size.map(|size| format!("{size} entries"));
    rows(&mut page, "Last cosigned", size);
    if report.witnesses.is_empty() {
        row(
            &mut page,
            "Witness",
            "none yet: byline ledger witness add URL KEY",
        );
    }
    witnesses(&mut page, &report.witnesses);
    page.text()
}

/// A witness that is being served.
#[must_use]
pub fn serving(report: &ServingReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &format!("witness at {}", report.url), Tone::Strong);
    row(&mut page, "Key", &report.key);
    rows(&mut page, "Logs", report.logs.iter().map(escape::value));
    row(&mut page, "State", &escape::whole(&report.state));
    page.text()
}

fn witnesses(page: &mut Page, lines: &[WitnessLine]) {
    for line in lines {
        let said = match (&line.cosigned, &line.why) {
            (Some(at), _) => format!("cosigned {}", time(at)),
            (None, Some(why)) => format!("NOT cosigned: {}", escape::value(why)),
            (None, None) => "not asked".to_owned(),
        };
        let name = escape::value(&line.witness);
        row(page, "Witness", &format!("{name}: {said}"));
        row(page, "", &escape::value(&line.url));
        if page.full() {
            row(page, "", &line.key);
        }
    }
}

/// Whether one state of a log is the beginning of another.
#[must_use]
pub fn consistency(report: &ConsistencyReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.ledger), Tone::Strong);
    row(&mut page, "Log", &escape::value(&report.origin));
    row(&mut page, "Older", &state(&report.old));
    row(&mut page, "Newer", &state(&report.new));
    rows(&mut page, "Proof", &report.proof);
    rows(&mut page, "Written", report.written.iter().map(escape::whole));
    page.gap();
    let (word, tone) = word(&report.check);
    result(&mut page, word, tone, &report.check.note);
    page.text()
}

fn state(state: &LogState) -> String {
    let by = if state.signed {
        format!("; signed, in {}", escape::whole(&state.named))
    } else {
        String::new()
    };
    format!(
        "{}, root hash {}{by}",
        count(state.tree_size, "entry", "entries"),
        state.root
    )
}

const fn word(check: &Check) -> (&'static str, Tone) {
    match check.outcome {
        Outcome::Pass => ("CONSISTENT", Tone::Strong),
        Outcome::Fail => ("CONTRADICTED", Tone::Bad),
        Outcome::Unknown | Outcome::NotChecked => ("NOT PROVEN", Tone::Open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::proof::{CosignedLine, ProofChecks};

    fn report() -> ProofReport {
        let check = |outcome, note: &str| Check::new("x", outcome, note);
        ProofReport {
            schema: "proof-report.v1",
            file: "art.png.tlog-proof".into(),
            form: Some(ProofForm::TlogProof),
            image: Some("art.png".into()),
            matched: None,
            result: ProofWord::Recorded,
            sentence: "the log you rely on recorded this as entry 1".into(),
            checks: ProofChecks {
                log: check(Outcome::Pass, "signed"),
                witnesses: check(Outcome::Pass, "cosigned by w1"),
                inclusion: check(Outcome::Pass, "entry 1 of 2"),
                entry: check(Outcome::Pass, "signed by the key it names"),
                image: check(Outcome::Pass, "this very file"),
                history: check(Outcome::NotChecked, "no ledger was given"),
                state: check(Outcome::NotChecked, "the proof is of an entry, not of a state"),
            },
            origin: Some("studio.example\u{1b}".into()),
            index: Some(1),
            tree_size: Some(2),
            root: Some("ab".repeat(32)),
            cosigned: vec![CosignedLine {
                witness: "w1".into(),
                time: "2026-05-01T10:00:00Z".into(),
            }],
            entry: None,
            state: None,
            written: vec![],
            notes: vec![],
            not_checked: vec!["whether later entries say otherwise".into()],
        }
    }

    #[test]
    fn questions_come_in_order_and_the_word_last() {
        let expected = "\
art.png.tlog-proof
  of art.png

  Signed by the log you rely on     yes          signed
  Cosigned by enough witnesses      yes          cosigned by w1
  Entry in that log                 yes          entry 1 of 2
  Entry signed by its key           yes          signed by the key it names
  Picture is the entry's            yes          this very file
  Same history as the ledger        not checked  no ledger was given

  Form                proof file (c2sp.org/tlog-proof)
  Log                 studio.example\\u{1b}
  Entry               1
  Tree size           2
  Cosigned            w1, 1 May 2026 10:00 UTC
  Not checked         whether later entries say otherwise

Result: RECORDED - the log you rely on recorded this as entry 1
";
        assert_eq!(proof(&report(), &Style::default()), expected);
    }

    #[test]
    fn a_witness_that_did_not_cosign_is_said_so() {
        let report = WitnessReport {
            schema: "witness-report.v1",
            ledger: "a.ledger".into(),
            origin: "o".into(),
            policy: "o.policy".into(),
            quorum: Some("any of 1".to_owned()),
            witnesses: vec![WitnessLine {
                witness: "w1".into(),
                url: "https://w.example".into(),
                key: "w1+x".into(),
                cosigned: None,
                why: Some("it answered 403".into()),
            }],
            tree_size: None,
        };
        let text = witness(&report, &Style::default());
        assert!(text.contains("w1: NOT cosigned: it answered 403\n"), "{text}");
    }
}
