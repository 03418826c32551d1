//! The verdict on one picture, on a line, and on a batch.

use std::fmt::Write as _;

use super::find::near_line;
use super::shared::{
    self, actions, answer, codes, earlier, identities, ingredients, list, question, row, rows, signer_name,
    stamp_chain, term, time, timestamp,
};
use super::verify_batch::UNREAD;
use crate::base::{Authorship, SourceType};
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::proof::{ProofReport, ProofWord};
use crate::report::verify::{
    Basis, C2paDetail, FetchLine, FetchOf, LedgerAnswer, LedgerHit, ManifestPlace, ManifestSource, MatchedBy,
    ResultWord, Signer, VerifyReport,
};
use crate::report::{Check, Ending, Outcome};

/// The verdict on one picture.
#[must_use]
pub fn verify(report: &VerifyReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.file), Tone::Strong);
    page.line(2, &headline(report));
    page.gap();
    question(
        &mut page,
        "Picture unchanged since signing",
        &report.checks.unchanged,
    );
    question(&mut page, "Signature good", &report.checks.signature);
    question(&mut page, "Signed while certificate valid", &report.checks.time);
    question(&mut page, "Issuer known to you", &report.checks.issuer);
    page.gap();
    if let Some(witness) = &report.thumbnail {
        super::compare::thumbnail(&mut page, witness);
    }
    made(&mut page, report);
    let stamp = report
        .signer
        .as_ref()
        .and_then(|signer| signer.timestamp.as_ref());
    rows(&mut page, "Timestamp", stamp.map(timestamp));
    let shown = stamp.filter(|stamp| !stamp.trusted || page.full());
    rows(&mut page, "", shown.and_then(stamp_chain));
    let answered = report
        .revocation
        .as_ref()
        .filter(|check| check.outcome == Outcome::Pass);
    rows(&mut page, "Revocation", answered.map(|check| &check.note));
    rows(&mut page, "Manifest judged", judged(&report.manifest));
    rows(&mut page, "Fetched", report.fetches.iter().map(fetched));
    rights(&mut page, report);
    ledger(&mut page, report);
    proof(&mut page, "Proof file", report.proof.as_deref());
    proof(&mut page, "Receipt in it", report.receipt.as_deref());
    if !page.full() {
        identities(&mut page, &report.identities);
    }
    rows(&mut page, "Note", &report.notes);
    rows(&mut page, "Not checked", &report.not_checked);
    if page.full() {
        everything(&mut page, report);
    }
    page.gap();
    result(&mut page, report);
    page.text()
}

/// Which manifest was judged, where it is not the file's own.
pub(in crate::render) fn judged(source: &ManifestSource) -> Option<String> {
    let name = source.name.as_ref().map(escape::value).unwrap_or_default();
    match source.place {
        ManifestPlace::Absent if source.name.is_some() => {
            Some(format!("none: the file only names an address for it, {name}"))
        }
        ManifestPlace::Absent | ManifestPlace::Embedded => None,
        ManifestPlace::Fetched => Some(format!("the one fetched from {name}")),
        ManifestPlace::Given => Some(format!("the one given: {name}")),
    }
}

/// One thing asked of the network.
pub(in crate::render) fn fetched(line: &FetchLine) -> String {
    let what = match line.of {
        FetchOf::Manifest => "manifest",
        FetchOf::Revocation => "revocation",
    };
    let url = escape::value(&line.url);
    let answered = if line.answered { "" } else { "FAILED: " };
    format!(
        "{what} from {url}: {answered}{} ({} bytes)",
        line.outcome, line.bytes
    )
}

/// What is said of the making, and in whose name, never stronger than the evidence.
pub(in crate::render) fn headline(report: &VerifyReport) -> String {
    let mut text = report.made.words.clone();
    if let Some(tool) = &report.made.tool {
        let _ = write!(text, "; tool named: {}", escape::value(tool));
    }
    if let Some(model) = &report.made.model {
        let _ = write!(text, "; model named: {}", escape::value(model));
    }
    if report.made.from_broken {
        text.push_str("; made from a picture that was already broken when it was taken in");
    }
    if let Some(signer) = &report.signer {
        let verb = match report.result {
            ResultWord::Trusted => "issued by",
            _ if report.checks.signature.outcome == Outcome::Fail => {
                "the certificate beside the signature, which does not hold, names"
            }
            ResultWord::Changed | ResultWord::Revoked | ResultWord::Unreadable => {
                "the signed version was issued in the name of"
            }
            _ => "issued in the name of",
        };
        let _ = write!(text, "; {verb} {}", signer_name(signer));
        if let Some(at) = &signer.signed_at {
            let _ = write!(text, ", {}", time(at));
        }
    }
    text
}

/// Pictures before this one that are told where not everything is asked for.
const EARLIER_MAX: usize = 4;

/// The steps, or the term alone; who says so stands in the headline.
fn made(page: &mut Page, report: &VerifyReport) {
    let made = &report.made;
    let said = match &made.source_type {
        _ if !made.actions.is_empty() => actions(&made.actions),
        Some(known) => term(known),
        None if made.unread => "what the manifest states cannot be read".to_owned(),
        None => "no statement found".to_owned(),
    };
    row(page, "How it was made", &said);
    let shown = if page.full() { usize::MAX } else { EARLIER_MAX };
    rows(page, "Before that", made.earlier.iter().take(shown).map(earlier));
    if made.earlier.len() > shown {
        row(page, "", &format!("{} more: --full", made.earlier.len() - shown));
    }
    rows(
        page,
        "",
        made.conflicts
            .iter()
            .map(|conflict| format!("disagrees: {conflict}")),
    );
}

/// A word for the column of a batch; `words` says it in full.
pub(in crate::render) fn made_word(report: &VerifyReport) -> &'static str {
    let term = report.made.source_type.as_deref().and_then(SourceType::parse);
    let is_edit = matches!(term, Some(SourceType::HumanEdits | SourceType::MinorHumanEdits));
    if report.made.authorship == Authorship::Unknown && is_edit {
        return "edited by a person";
    }
    let unsigned = matches!(report.made.basis, Basis::Declared | Basis::GeneratorText);
    match (report.made.authorship, unsigned) {
        (Authorship::Ai, false) => "AI-generated",
        (Authorship::Ai, true) => "AI-generated, unsigned",
        (Authorship::AiMixed, false) => "AI-edited",
        (Authorship::AiMixed, true) => "AI-edited, unsigned",
        (Authorship::Algorithmic, _) => "algorithmic",
        (Authorship::Capture, false) => "captured",
        (Authorship::Capture, true) => "captured, unsigned",
        (Authorship::Human, false) => "made by a person",
        (Authorship::Human, true) => "a person, unsigned",
        (Authorship::MaybeAi, _) => "may hold AI",
        (Authorship::Unknown, _) => "unknown",
    }
}

fn rights(page: &mut Page, report: &VerifyReport) {
    if report.rights.is_empty() {
        let said = if report.made.unread {
            "no statement found outside of the manifest, which cannot be read"
        } else {
            "no statement found in the file"
        };
        row(page, "Rights", said);
    }
    rows(page, "Rights", report.rights.iter().map(super::rights::line));
}

fn ledger(page: &mut Page, report: &VerifyReport) {
    let answered = &report.ledger;
    let name = answered
        .ledger
        .as_ref()
        .map_or_else(String::new, |name| format!(" [{}]", escape::value(name)));
    match answered.check.outcome {
        Outcome::NotChecked => row(
            page,
            "Ledger",
            &format!("not checked - {}{name}", answered.check.note),
        ),
        Outcome::Fail => row(page, "Ledger", &format!("no - {}{name}", answered.check.note)),
        _ => row(page, "Ledger", &format!("{}{name}", answered.check.note)),
    }
    let shown = if page.full() { answered.entries.len() } else { 3 };
    rows(page, "", hits(&answered.entries).take(shown));
    if answered.entries.len() > shown {
        row(
            page,
            "",
            &format!("{} more entries: --full", answered.entries.len() - shown),
        );
    }
    rows(page, "Title", &answered.title);
    rows(page, "Earlier here", answered.earlier_alike.iter().map(near_line));
    rows(page, "Looks like", answered.look_alike.as_ref().map(near_line));
    rows(page, "Kept manifest", kept(answered));
}

/// That the credentials a file was registered with can be had again.
pub(in crate::render) fn kept(answered: &LedgerAnswer) -> Option<String> {
    let entry = answered.kept?;
    Some(format!(
        "that of entry {entry} is kept beside the ledger; byline find FILE --recover FILE.c2pa, with the same --ledger, checks it and writes it"
    ))
}

fn proof(page: &mut Page, name: &str, report: Option<&ProofReport>) {
    let Some(proof) = report else { return };
    let said = format!(
        "{} - {} [{}]",
        proof.result.word(),
        proof.sentence,
        escape::value(&proof.file)
    );
    row(page, name, &said);
    if page.full() {
        rows(
            page,
            "",
            proof.checks.all().map(|check| {
                let (word, _) = answer(check.outcome);
                format!("{}: {word} - {}", check.id, check.note)
            }),
        );
    }
}

/// The entries about a picture.
pub(in crate::render) fn hits(entries: &[LedgerHit]) -> impl Iterator<Item = String> {
    entries.iter().map(|one| hit(one, recorded(one, entries)))
}

/// What is said of the time of an entry: of several about one picture, only one was first.
pub(super) fn recorded(hit: &LedgerHit, entries: &[LedgerHit]) -> &'static str {
    if entries.iter().any(|other| other.index < hit.index) {
        "recorded here"
    } else {
        "first recorded here"
    }
}

fn hit(hit: &LedgerHit, recorded: &str) -> String {
    let matched = match hit.matched {
        MatchedBy::File => "this very file",
        MatchedBy::Content => "the same picture and metadata",
        MatchedBy::Pixel => "the same pixels in another file",
        MatchedBy::Manifest => "the same credentials, of a file with other bytes",
    };
    let who = hit
        .known_as
        .clone()
        .unwrap_or_else(|| format!("key {}", short(&hit.key)));
    let role = hit
        .role
        .as_ref()
        .map_or_else(String::new, |role| format!(" as {role}"));
    let proven = if hit.proven {
        ""
    } else {
        "; entry or inclusion NOT proven"
    };
    let suspect = hit.suspect.map_or_else(String::new, |by| {
        format!("; SUSPECT: its key was declared compromised with entry {by}")
    });
    let redacted = hit
        .redacted
        .map_or_else(String::new, |by| format!("; redacted with entry {by}"));
    format!(
        "entry {}: {matched}, {recorded} {} by {who}{role}, {}{proven}{suspect}{redacted}",
        hit.index,
        time(&hit.time),
        term(&hit.source_type),
    )
}

fn short(key: &str) -> &str {
    key.get(..16).unwrap_or(key)
}

fn everything(page: &mut Page, report: &VerifyReport) {
    identities(page, &report.identities);
    if let Some(image) = &report.image {
        let size = match (image.width, image.height) {
            (Some(width), Some(height)) => format!(", {width} x {height} pixels"),
            _ => String::new(),
        };
        row(
            page,
            "File",
            &format!("{}, {} bytes{size}", image.format, image.bytes),
        );
        rows(page, "Content SHA-256", &image.content_sha256);
    }
    rows(page, "Source type", &report.made.source_type);
    if !report.made.signals.is_empty() {
        row(page, "Signals", &report.made.signals.join(", "));
    }
    if let Some(signer) = &report.signer {
        certificate(page, signer);
    }
    rows(
        page,
        "Key in the ledger",
        report
            .ledger
            .entries
            .iter()
            .map(|hit| format!("entry {}: {}", hit.index, hit.key)),
    );
    rows(
        page,
        "Tree size",
        report.ledger.tree_size.map(|size| size.to_string()),
    );
    if let Some(detail) = &report.c2pa {
        c2pa(page, detail, &report.checks.issuer);
    }
    check_ids(page, report);
    row(page, "Verdict holds at", &report.at);
}

fn certificate(page: &mut Page, signer: &Signer) {
    row(
        page,
        "Certificate",
        &format!("SHA-256 {}", signer.certificate_sha256),
    );
    if !signer.algorithm.is_empty() {
        row(page, "", &format!("algorithm {}", signer.algorithm));
    }
    rows(
        page,
        "",
        signer
            .issuer
            .as_ref()
            .map(|issuer| format!("issuer {}", escape::value(issuer))),
    );
    if let (Some(from), Some(to)) = (&signer.not_before, &signer.not_after) {
        row(page, "", &format!("valid {from} to {to}"));
    }
    rows(
        page,
        "",
        signer
            .signed_at
            .as_ref()
            .map(|at| format!("trusted timestamp {at}")),
    );
}

fn c2pa(page: &mut Page, detail: &C2paDetail, issuer: &Check) {
    row(page, "By C2PA's rules", &by_the_rules(detail, issuer));
    rows(page, "Manifest", detail.manifest.as_ref().map(escape::value));
    rows(
        page,
        "Claim generator",
        detail.generator.as_ref().map(escape::value),
    );
    rows(page, "Title", detail.title.as_ref().map(escape::value));
    row(page, "Assertions", &list(&detail.assertions));
    ingredients(page, &detail.ingredients);
    codes(page, &detail.codes);
}

/// What the C2PA validation alone comes to, with the word that other tools show for it.
pub(in crate::render) fn by_the_rules(detail: &C2paDetail, issuer: &Check) -> String {
    match detail.state.as_str() {
        state @ ("Trusted" | "Valid") => {
            format!("every check holds, and {} (other tools: {state})", issuer.note)
        }
        _ => "a check fails; the codes of failure below say which (other tools: Invalid)".to_owned(),
    }
}

/// Stable ids, for scripts and for looking them up.
fn check_ids(page: &mut Page, report: &VerifyReport) {
    page.gap();
    let ids = [
        &report.checks.unchanged,
        &report.checks.signature,
        &report.checks.time,
        &report.checks.issuer,
        &report.ledger.check,
    ];
    page.head(2, "Checks by id", Tone::Strong);
    for check in ids {
        let (word, tone) = answer(check.outcome);
        page.row(
            4,
            &[Cell {
                text: word,
                columns: 13,
                tone,
            }],
            &check.id,
        );
    }
}

pub(super) const fn tone(word: ResultWord) -> Tone {
    match word {
        ResultWord::Changed | ResultWord::Revoked => Tone::Bad,
        ResultWord::Trusted => Tone::Strong,
        _ => Tone::Open,
    }
}

fn result(page: &mut Page, report: &VerifyReport) {
    shared::result(page, report.result.word(), tone(report.result), &report.sentence);
    if !report.met {
        let wanted = match report.required {
            crate::report::verify::Requirement::Intact => "intact",
            crate::report::verify::Requirement::Registered => "registered",
            crate::report::verify::Requirement::Trusted => "trusted",
        };
        page.line(2, &format!("required: {wanted}, which this is not"));
    }
    if report.ledger.check.outcome == Outcome::Fail {
        page.line(
            2,
            &format!(
                "exit code 1 is for what the ledger says: {}",
                report.ledger.check.note
            ),
        );
    }
    if report.ledger.unread && report.ending() == Ending::Failed {
        page.line(2, UNREAD);
    }
    let contradicted = |proof: &&ProofReport| proof.result == ProofWord::Contradicted;
    let mut proofs = [&report.proof, &report.receipt]
        .into_iter()
        .filter_map(|proof| proof.as_deref());
    if let Some(proof) = proofs.find(contradicted) {
        page.line(
            2,
            &format!("exit code 1 is for what the proof says: {}", proof.sentence),
        );
    }
    if let Some(remedy) = &report.remedy {
        to_do(page, 2, remedy);
    }
    also_open(page, report);
    if report.result != ResultWord::Trusted {
        page.line(2, &format!("why: byline explain {}", asked(report)));
    }
}

/// The open points after the one that the sentence names, each with what would settle it, said once.
fn also_open(page: &mut Page, report: &VerifyReport) {
    let mut said = report.remedy.as_deref();
    for point in report.open.iter().skip(1) {
        let also = match point.outcome {
            Outcome::Fail => "also wrong",
            _ => "also open",
        };
        page.line(2, &format!("{also}: {} - {}", point.about.word(), point.what));
        if said != Some(point.settle.as_str()) {
            to_do(page, 4, &point.settle);
        }
        said = Some(point.settle.as_str());
    }
}

/// What is to be done; a command that would be broken stands on a line of its own, to be copied whole.
fn to_do(page: &mut Page, indent: usize, settle: &str) {
    const COMMAND: &str = "byline ";
    let told = format!("do: {settle}");
    let at = match settle.find(": byline ") {
        Some(at) => at + 2,
        None if settle.starts_with(COMMAND) => 0,
        None => return page.line(indent, &told),
    };
    if page.fits(indent, &told) {
        return page.line(indent, &told);
    }
    let (before, after) = settle.split_at(at);
    page.line(indent, &format!("do: {}", before.trim_end()));
    for part in after.split("; ") {
        if part.starts_with(COMMAND) {
            page.head(indent + 4, part, Tone::Plain);
        } else {
            page.line(indent + 4, part);
        }
    }
}

/// What a reader would ask about: the first check that does not stand, else the word itself.
fn asked(report: &VerifyReport) -> String {
    let checks = [
        &report.checks.unchanged,
        &report.checks.signature,
        &report.checks.time,
        &report.checks.issuer,
    ];
    let open = checks
        .iter()
        .find(|check| check.outcome == Outcome::Fail)
        .or_else(|| checks.iter().find(|check| check.outcome == Outcome::Unknown));
    open.map_or_else(
        || report.result.word().to_ascii_lowercase().replace(' ', "-"),
        |check| check.id.clone(),
    )
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
