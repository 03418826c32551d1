//! The page of the verdict on one picture: label and result, pictures, four checks, making, rights, ledger, codes last.

use maud::{Markup, html};

use super::frame::{self, Level, Mood, Page};
use super::{history, picture, text, value, whole};
use crate::base::Authorship;
use crate::render::human::{
    by_the_rules, fetched, hits, judged, kept, made_word, near_line, rights as told_rights, shared,
};
use crate::report::page::PageParts;
use crate::report::proof::ProofReport;
use crate::report::verify::{C2paDetail, Requirement, ResultWord, RightsLine, Signer, VerifyReport};
use crate::report::{Check, Ending, Outcome};

/// Rows of one table at most; more are counted.
const ROWS_MAX: usize = 300;

/// The verdict on one picture as a page.
#[must_use]
pub fn verify(report: &VerifyReport, parts: &PageParts) -> String {
    let subject = whole(&report.file);
    frame::document(&Page {
        kind: "Verification of a picture",
        label: Some(label(report)),
        remedy: report.remedy.as_deref(),
        subject: &subject,
        word: report.result.word(),
        sentence: &report.sentence,
        mood: mood(report),
        at: &report.at,
        schema: report.schema,
        body: html! {
            (picture::pair(report, parts))
            (body(Level::Page, report, parts))
        },
    })
}

/// What is said of the making, in one neutral label.
pub(super) fn label(report: &VerifyReport) -> &'static str {
    match report.made.authorship {
        Authorship::Unknown if made_word(report) == "unknown" => "How it was made is not known",
        _ => made_word(report),
    }
}

/// How the result is set off.
pub(super) fn mood(report: &VerifyReport) -> Mood {
    match (report.ending(), report.result) {
        (Ending::Contradicted, _) => Mood::Bad,
        (_, ResultWord::Trusted) => Mood::Plain,
        _ => Mood::Open,
    }
}

/// Everything under the pictures.
pub(super) fn body(level: Level, report: &VerifyReport, parts: &PageParts) -> Markup {
    html! {
        (checks(level, report))
        (open(level, report))
        div.columns {
            (history::made(level, report))
            (history::generators(level, &parts.generators))
            (rights(level, &report.rights, report.made.unread))
            (issued(level, report))
            (ledger(level, report))
            (frame::list(level, "Notes", &report.notes))
            (frame::list(level, "Not checked", &report.not_checked))
            (file(level, report, parts))
        }
        @if let Some(detail) = &report.c2pa { (codes(level, detail, &report.checks.issuer)) }
    }
}

fn checks(level: Level, report: &VerifyReport) -> Markup {
    let four = &report.checks;
    let rows = [
        ("Picture unchanged since signing", &four.unchanged),
        ("Signature good", &four.signature),
        ("Signed while the certificate was valid", &four.time),
        ("Issuer known to you", &four.issuer),
    ];
    let wanted = match report.required {
        Requirement::Intact => "intact",
        Requirement::Registered => "registered",
        Requirement::Trusted => "trusted",
    };
    let body = html! {
        table.checks {
            thead { tr { th scope="col" { "Question" } th scope="col" { "Answer" } th scope="col" { "Why" } } }
            tbody { @for (question, check) in rows { (check_row(question, check)) } }
        }
        @if !report.met { p.lead { "Required was " b { (wanted) } ", which this is not." } }
    };
    frame::section(level, "Four checks", &body)
}

fn check_row(question: &str, check: &Check) -> Markup {
    let (word, _) = shared::answer(check.outcome);
    let class = if check.outcome == Outcome::Fail {
        "broken"
    } else {
        "held"
    };
    html! {
        tr class=(class) {
            th scope="row" { (question) }
            td.answer { (word) }
            td { (text(&check.note)) }
        }
    }
}

/// Every open point, where there are several; of one, the verdict itself says all.
fn open(level: Level, report: &VerifyReport) -> Markup {
    if report.open.len() < 2 {
        return Markup::default();
    }
    let is_wrong = report.open.iter().any(|point| point.outcome == Outcome::Fail);
    let title = if is_wrong {
        "What is wrong, and what is open"
    } else {
        "What is open"
    };
    let body = html! {
        table.checks.points {
            thead { tr { th scope="col" { "About" } th scope="col" { "What is open" } th scope="col" { "What would settle it" } } }
            tbody {
                @for point in report.open.iter().take(ROWS_MAX) {
                    tr class=(if point.outcome == Outcome::Fail { "broken" } else { "held" }) {
                        th scope="row" { (point.about.word()) }
                        td { (text(&point.what)) }
                        td.settle { (text(&point.settle)) }
                    }
                }
            }
        }
    };
    frame::section(level, title, &body)
}

fn rights(level: Level, lines: &[RightsLine], unread: bool) -> Markup {
    let body = html! {
        @if lines.is_empty() {
            p {
                @if unread { "No statement found outside of the manifest, which cannot be read. " } @else { "No statement found. " }
                "That is not a permission."
            }
        } @else {
            dl {
                @for line in lines.iter().take(ROWS_MAX) {
                    div {
                        dt { (told_rights::field(&line.field)) span.small { (text(&line.field)) } }
                        dd {
                            bdi { (value(&told_rights::value(line))) }
                            " " span.soft { "(" (text(&line.source)) ")" }
                            @if line.disagrees { span.fault { "the signed manifest says otherwise" } }
                        }
                    }
                }
            }
        }
    };
    frame::section(level, "Rights", &body)
}

/// What a field of rights is about; the field itself stands beside it.
fn issued(level: Level, report: &VerifyReport) -> Markup {
    let Some(signer) = &report.signer else {
        return Markup::default();
    };
    let mut rows = vec![("In the name of", text(&shared::signer_name(signer)))];
    rows.extend(signer.listed_on.as_ref().map(|list| ("On the list", text(list))));
    rows.extend(
        signer
            .timestamp
            .as_ref()
            .map(|line| ("Timestamp", text(&shared::timestamp(line)))),
    );
    let stamp = signer.timestamp.as_ref().filter(|line| !line.trusted);
    rows.extend(stamp.and_then(|line| Some(("Its certificates", text(&shared::stamp_chain(line)?)))));
    rows.extend(report.revocation.as_ref().map(|check| {
        let (word, _) = shared::answer(check.outcome);
        let word = match check.outcome {
            Outcome::Pass => "not at signing",
            Outcome::Fail => "yes",
            _ => word,
        };
        ("Revoked", text(&format!("{word} - {}", check.note)))
    }));
    for line in report.identities.iter().take(ROWS_MAX) {
        let role = line.role.as_ref().map_or_else(String::new, |role| {
            format!(" as {}", value(role).trim_start_matches("cawg."))
        });
        let words = format!("{}{role}: {}", value(&line.name), shared::identity(&line.check));
        rows.push(("Named identity", text(&words)));
    }
    rows.extend(certificate(signer));
    frame::section(level, "Issued", &frame::facts(&rows))
}

fn certificate(signer: &Signer) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    rows.extend(
        signer
            .issuer
            .as_ref()
            .map(|issuer| ("Certificate issued by", value(issuer))),
    );
    if let (Some(from), Some(to)) = (&signer.not_before, &signer.not_after) {
        rows.push(("Certificate valid", text(&format!("{from} to {to}"))));
    }
    rows.push(("Certificate SHA-256", text(&signer.certificate_sha256)));
    if !signer.algorithm.is_empty() {
        rows.push(("Algorithm", text(&signer.algorithm)));
    }
    rows
}

fn ledger(level: Level, report: &VerifyReport) -> Markup {
    let answered = &report.ledger;
    let (word, _) = shared::answer(answered.check.outcome);
    let mut rows = vec![("Registered", text(&format!("{word} - {}", answered.check.note)))];
    rows.extend(answered.ledger.as_ref().map(|name| ("Ledger", value(name))));
    rows.extend(answered.title.as_ref().map(|title| ("Title", text(title))));
    rows.extend(answered.tree_size.map(|size| ("Entries in it", size.to_string())));
    rows.extend(
        answered
            .look_alike
            .as_ref()
            .map(|near| ("Looks like", text(&near_line(near)))),
    );
    rows.extend(
        answered
            .earlier_alike
            .iter()
            .map(|near| ("Earlier here", text(&near_line(near)))),
    );
    rows.extend(kept(answered).map(|said| ("Kept manifest", text(&said))));
    let proofs = [
        ("Proof file", &report.proof),
        ("Receipt in the file", &report.receipt),
    ];
    for (name, proof) in proofs {
        rows.extend(proof.as_deref().map(|proof| (name, proven(proof))));
    }
    let body = html! {
        (frame::facts(&rows))
        @if !answered.entries.is_empty() {
            p.lead { "Entries, the earliest first" }
            ul { @for entry in hits(&answered.entries).take(ROWS_MAX) { li { (text(&entry)) } } }
            @if answered.entries.len() > ROWS_MAX { p { (answered.entries.len() - ROWS_MAX) " more are not listed." } }
        }
    };
    frame::section(level, "Ledger", &body)
}

fn proven(proof: &ProofReport) -> String {
    let words = format!(
        "{} - {} [{}]",
        proof.result.word(),
        proof.sentence,
        value(&proof.file)
    );
    text(&words)
}

fn file(level: Level, report: &VerifyReport, parts: &PageParts) -> Markup {
    let Some(image) = &report.image else {
        return Markup::default();
    };
    let mut rows = vec![("Format", text(&image.format))];
    if let (Some(width), Some(height)) = (image.width, image.height) {
        rows.push(("Size", format!("{width} x {height} pixels")));
    }
    rows.push(("Bytes", image.bytes.to_string()));
    rows.extend(parts.file_sha256.as_ref().map(|sha256| ("SHA-256", text(sha256))));
    rows.extend(judged(&report.manifest).map(|words| ("Manifest judged", text(&words))));
    rows.extend(
        report
            .fetches
            .iter()
            .map(|line| ("Fetched", text(&fetched(line)))),
    );
    frame::section(level, "File", &frame::facts(&rows))
}

fn codes(level: Level, detail: &C2paDetail, issuer: &Check) -> Markup {
    let mut rows = vec![("By C2PA's rules", text(&by_the_rules(detail, issuer)))];
    rows.extend(detail.manifest.as_ref().map(|label| ("Manifest", value(label))));
    rows.extend(
        detail
            .generator
            .as_ref()
            .map(|generator| ("Claim generator", value(generator))),
    );
    rows.extend(detail.title.as_ref().map(|title| ("Title", value(title))));
    let shown = detail.assertions.get(..ROWS_MAX.min(detail.assertions.len()));
    rows.push(("Assertions", text(&shared::list(shown.unwrap_or_default()))));
    let body = html! {
        (frame::facts(&rows))
        table.codes {
            thead { tr { th scope="col" { "Kind" } th scope="col" { "Code, and what it is about" } } }
            tbody {
                @for line in detail.codes.iter().take(ROWS_MAX) {
                    tr class=(if line.kind == "failure" { "broken" } else { "held" }) {
                        td { (text(&line.kind)) }
                        td {
                            span.code { (value(&line.code)) }
                            @if let Some(means) = &line.means { (text(means)) " " }
                            @if let Some(url) = &line.url { span.soft.small { (value(url)) } }
                        }
                    }
                }
            }
        }
        @if detail.codes.len() > ROWS_MAX { p { (detail.codes.len() - ROWS_MAX) " more codes are not listed." } }
    };
    frame::section(
        level,
        "Codes of the C2PA library, which decide nothing here by themselves",
        &body,
    )
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
