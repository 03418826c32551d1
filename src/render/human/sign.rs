//! What signing did to each picture, or would do: everything written and disclosed can be read here before it happens.

use super::shared::{self, count, counted, passed_over, row, rows, term, time};
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape, json};
use crate::report::Ending;
use crate::report::find::Uniqueness;
use crate::report::sign::{
    CertificateLine, ConflictLine, ContradictionLine, EntryLine, SignOutcome, SignReport, SignSummary,
};

/// What became of one picture.
#[must_use]
pub fn sign(report: &SignReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.input), Tone::Strong);
    let arrow = match report.outcome {
        SignOutcome::Signed => "signed as",
        SignOutcome::Skipped => "was signed before as",
        SignOutcome::DryRun => "would be signed as",
    };
    page.line(
        2,
        &format!("{arrow} {} ({})", escape::whole(&report.output), report.format),
    );
    page.gap();
    if report.outcome == SignOutcome::Skipped {
        beside(&mut page, report);
        rows(&mut page, "Note", &report.notes);
    } else {
        body(&mut page, report);
    }
    if report.outcome == SignOutcome::DryRun || page.full() {
        disclosed(&mut page, report);
    }
    page.gap();
    result(&mut page, report);
    page.text()
}

/// What became of one of many pictures.
#[must_use]
pub fn sign_line(report: &SignReport, style: &Style) -> String {
    let mut page = Page::new(style);
    let ledger = report
        .ledger
        .as_ref()
        .map_or_else(|| "-".to_owned(), |line| format!("entry {}", line.index));
    let cells = [
        Cell {
            text: word(report.outcome),
            columns: 10,
            tone: Tone::Plain,
        },
        Cell {
            text: &ledger,
            columns: 16,
            tone: Tone::Plain,
        },
    ];
    let names = format!(
        "{} -> {}{}",
        escape::whole(&report.input),
        escape::whole(&report.output),
        remarks(report)
    );
    page.row(0, &cells, &names);
    page.text()
}

/// What is not as the signer might think, in few words; the whole report names each.
fn remarks(report: &SignReport) -> String {
    let of = |kept| report.conflicts.iter().filter(|line| line.kept == kept).count();
    let counted = |number: usize, one, many| {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        (number > 0).then(|| count(number, one, many))
    };
    let is_skipped = report.outcome == SignOutcome::Skipped;
    let said: Vec<String> = [
        counted(
            of(true),
            "field says otherwise and stays",
            "fields say otherwise and stay",
        ),
        counted(of(false), "field replaced", "fields replaced"),
        (!report.not_carried.is_empty()).then(|| "not all metadata carried".to_owned()),
        report.uniqueness.as_ref().and_then(seen_before),
        (is_skipped && report.deep_points.is_some()).then(|| "deep record added".to_owned()),
        (is_skipped && report.kept_manifest.is_some()).then(|| "manifest kept".to_owned()),
    ]
    .into_iter()
    .flatten()
    .chain(report.faults.iter().cloned())
    .chain(report.contradictions.iter().map(contradiction))
    .collect();
    if said.is_empty() {
        return String::new();
    }
    format!(" ({})", said.join("; "))
}

/// That the same or nearly the same picture was registered before, or how far the nearest is.
fn seen_before(found: &Uniqueness) -> Option<String> {
    match (found.twins.first(), found.near_twins.first(), &found.nearest) {
        (Some(twin), _, _) => Some(format!("same pixels as entry {twin}")),
        (None, Some(near), _) => Some(format!("looks like entry {near}")),
        (None, None, Some(nearest)) => Some(format!(
            "closest before: entry {}, {} bits",
            nearest.index, nearest.distance_bits
        )),
        (None, None, None) => None,
    }
}

/// A contradiction in few words.
fn contradiction(line: &ContradictionLine) -> String {
    format!("CONTRADICTION: {} says {}", line.place, term(&line.says))
}

/// The counts of a batch.
#[must_use]
pub fn sign_summary(summary: &SignSummary, style: &Style) -> String {
    let mut page = Page::new(style);
    page.gap();
    let files = summary.signed + summary.skipped + summary.failed + summary.dry_run;
    let seconds = summary.elapsed_ms / 1000;
    let tenths = summary.elapsed_ms % 1000 / 100;
    let head = format!("{} in {seconds}.{tenths} s", count(files, "picture", "pictures"));
    page.head(0, &head, Tone::Strong);
    if summary.ending() == Ending::NotEnough {
        page.line(2, "nothing to sign");
    }
    let lines = [
        (summary.signed, "signed, read back and in place"),
        (
            summary.skipped,
            "skipped: signed and registered by an earlier run",
        ),
        (summary.dry_run, "looked at; nothing was written"),
        (summary.failed, "failed"),
        (
            summary.conflicts,
            "hold metadata that says otherwise than you (--full names each field)",
        ),
        (
            summary.contradicted,
            "say themselves that they were made otherwise than you say (CONTRADICTION)",
        ),
        (
            summary.not_carried,
            "cannot carry all of the metadata (--full says what is missing)",
        ),
        (
            summary.faulty,
            "damaged, or made from what is (each line says how; --full says more)",
        ),
        (
            summary.with_place,
            "hold a place, or the number or owner of a device, which stay in them (--full says which)",
        ),
        (
            summary.with_prompt,
            "hold a prompt, which stays in them (--full says which)",
        ),
        (
            summary.with_pages,
            "have several pages or frames, and the first alone is looked at (--full says which)",
        ),
    ];
    for (number, text) in lines.into_iter().filter(|(number, _)| *number > 0) {
        counted(&mut page, number, text);
    }
    passed_over(&mut page, summary.links, summary.hidden);
    if !summary.notes.is_empty() {
        page.gap();
        rows(&mut page, "Note", &summary.notes);
    }
    page.text()
}

const fn word(outcome: SignOutcome) -> &'static str {
    match outcome {
        SignOutcome::Signed => "SIGNED",
        SignOutcome::Skipped => "SKIPPED",
        SignOutcome::DryRun => "DRY RUN",
    }
}

fn body(page: &mut Page, report: &SignReport) {
    row(
        page,
        "How it was made",
        &format!(
            "{}, as {} states",
            term(&report.source_type),
            stater(&report.source_basis)
        ),
    );
    rows(
        page,
        "CONTRADICTION",
        report.contradictions.iter().map(|line| &line.sentence),
    );
    rows(
        page,
        "Metadata",
        report.written.iter().map(|line| {
            format!(
                "{} {}: {}",
                line.source,
                line.name,
                shown(page_full(report), &line.value)
            )
        }),
    );
    rows(page, "Conflicts", report.conflicts.iter().map(conflict));
    rows(page, "Not carried", &report.not_carried);
    let labels = report
        .assertions
        .iter()
        .map(|line| line.label.as_str())
        .collect::<Vec<_>>();
    if !labels.is_empty() {
        row(page, "Credentials", &labels.join(", "));
    }
    rows(page, "Manifest", &report.manifest);
    prints(page, report);
    kept_manifest(page, report);
    rows(page, "Certificate", report.certificate.as_ref().map(certificate));
    rows(page, "Timestamp", report.timestamp.as_ref().map(|at| time(at)));
    if let Some(line) = &report.ledger {
        let text = format!(
            "entry {} of {}, tree size {}, asset {}",
            line.index,
            escape::whole(&line.ledger),
            line.tree_size,
            line.asset_id
        );
        row(page, "Ledger", &text);
    }
    deep_record(page, report);
    let uniqueness = report.uniqueness.as_ref();
    rows(
        page,
        "Among those before",
        uniqueness.map(|found| &found.sentence),
    );
    rows(page, "Entry says", report.entry.as_ref().map(entry));
    rows(page, "Note", &report.notes);
}

/// Who says how it was made: the signer, or the place that it was taken from.
fn stater(basis: &str) -> String {
    match (basis, basis.split_once(", text of a generator")) {
        (_, Some((place, _))) => format!("the text of a generator ({place})"),
        ("signer" | "ledger", None) => format!("the {basis}"),
        (place, None) => place.to_owned(),
    }
}

/// What lies beside the ledger of a picture that an earlier run signed, where this one added it.
fn beside(page: &mut Page, report: &SignReport) {
    kept_manifest(page, report);
    deep_record(page, report);
}

fn kept_manifest(page: &mut Page, report: &SignReport) {
    rows(
        page,
        "Kept beside ledger",
        report.kept_manifest.as_ref().map(escape::whole),
    );
}

fn deep_record(page: &mut Page, report: &SignReport) {
    let deep = report
        .deep_points
        .map(|points| format!("{points} points, in a file beside the ledger"));
    rows(page, "Deep record", deep);
}

/// Hashes and fingerprints: whole when everything is shown, else by name.
fn prints(page: &mut Page, report: &SignReport) {
    if page.full() {
        rows(
            page,
            "SHA-256",
            report
                .hashes
                .iter()
                .map(|line| format!("{} {}", line.sha256, line.name)),
        );
        rows(
            page,
            "Fingerprints",
            report
                .fingerprints
                .iter()
                .map(|line| format!("{} {} (quality {})", line.bits, line.algorithm, line.quality)),
        );
    } else if !report.fingerprints.is_empty() {
        let names = report
            .fingerprints
            .iter()
            .map(|line| line.algorithm.as_str())
            .collect::<Vec<_>>();
        row(page, "Fingerprints", &names.join(", "));
    }
}

fn certificate(line: &CertificateLine) -> String {
    let said: Vec<String> = [
        (&line.name, "name"),
        (&line.organization, "organisation"),
        (&line.email, "e-mail"),
    ]
    .into_iter()
    .filter_map(|(value, what)| Some(format!("{what} '{}'", escape::value(value.as_ref()?))))
    .collect();
    if said.is_empty() {
        return "names nobody".to_owned();
    }
    format!("names to everybody: {}", said.join(", "))
}

/// All that an entry holds: what is not said here is not in it.
fn entry(line: &EntryLine) -> String {
    let family = line.family.as_ref();
    let mining = line.mining.as_ref().and_then(|uri| uri.rsplit('/').next());
    let rights = match line.rights.join(", ") {
        none if none.is_empty() => "no known terms".to_owned(),
        some => format!("rights {some}"),
    };
    let mut parts = vec![
        term(&line.source_type),
        line.role
            .as_ref()
            .map_or_else(|| "no role".to_owned(), |role| format!("role {role}")),
        rights,
    ];
    parts.extend(mining.map(|code| format!("data mining {code}")));
    parts.extend(family.map(|family| format!("family {family}")));
    if line.parents > 0 {
        parts.push(count(line.parents, "parent", "parents"));
    }
    let beside = if line.keyed {
        "keyed hashes, the key and the time; the ledger is private and takes no fingerprints"
    } else {
        "these hashes, fingerprints, the key and the time"
    };
    format!("{}; beside {beside}", parts.join(", "))
}

/// A dry run shows values whole: it is what the signer decides on.
fn page_full(report: &SignReport) -> bool {
    report.outcome == SignOutcome::DryRun
}

fn shown(whole: bool, value: &crate::base::Untrusted) -> String {
    if whole {
        escape::whole(value)
    } else {
        escape::value(value)
    }
}

fn conflict(line: &ConflictLine) -> String {
    let stays = match (line.kept, line.source.as_str()) {
        (false, _) => "yours replaces it",
        (true, "IPTC") => "the file's value stays: byline writes EXIF and XMP, and no IPTC-IIM",
        (true, "TEXT") => "the file's value stays: byline writes EXIF and XMP, and no text of a PNG",
        (true, _) if line.name == "Exif:DateTimeOriginal" && line.wanted.raw().len() == 10 => {
            "the file's value stays: EXIF has no form for a day alone"
        }
        (true, _) => "the file's value stays (--replace-metadata writes yours)",
    };
    format!(
        "{} {}: the file says '{}', you say '{}'; {stays}",
        line.source,
        line.name,
        escape::value(&line.found),
        escape::value(&line.wanted)
    )
}

fn disclosed(page: &mut Page, report: &SignReport) {
    for assertion in &report.assertions {
        page.gap();
        page.head(2, &assertion.label, Tone::Strong);
        for line in json::pretty(&assertion.content).lines() {
            page.line(4, line);
        }
    }
}

fn result(page: &mut Page, report: &SignReport) {
    let sentence = match (report.outcome, &report.read_back) {
        // Whom others trust is their business: what counts here is that the file holds what was signed.
        (SignOutcome::Signed, Some(word)) if ["TRUSTED", "UNKNOWN ISSUER"].contains(&word.as_str()) => {
            "read back: unchanged and well signed".to_owned()
        }
        (SignOutcome::Signed, Some(verdict)) => format!("read back: {verdict}"),
        (SignOutcome::Signed, None) => "signed and in place".to_owned(),
        (SignOutcome::Skipped, _) => {
            let done = match (report.deep_points.is_some(), report.kept_manifest.is_some()) {
                (true, true) => "its deep record was added, and its manifest is kept beside the ledger",
                (true, false) => "its deep record was added, and nothing else was done",
                (false, true) => "its manifest is kept beside the ledger, and nothing else was done",
                (false, false) => "nothing was done",
            };
            format!("the output is there and registered; {done}")
        }
        (SignOutcome::DryRun, _) => "nothing was written; the above is what would be".to_owned(),
    };
    let against = match report.contradictions.as_slice() {
        [] => "",
        lines if lines.iter().any(|line| line.stays) => {
            "; but the file itself says otherwise of how the picture was made"
        }
        _ => "; before, the file said otherwise of how the picture was made",
    };
    shared::result(
        page,
        word(report.outcome),
        Tone::Strong,
        &format!("{sentence}{against}"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sign::{AssertionLine, FieldLine, LedgerLine};

    fn report(outcome: SignOutcome) -> SignReport {
        SignReport {
            schema: "sign-report.v1",
            input: "art.png".into(),
            output: "art.signed.png".into(),
            outcome,
            format: "PNG".into(),
            source_type: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia".into(),
            source_basis: "signer".into(),
            written: vec![FieldLine {
                source: "XMP".into(),
                name: "dc:rights".into(),
                value: "(c) 2026 Alice".into(),
            }],
            conflicts: vec![ConflictLine {
                source: "XMP".into(),
                name: "dc:creator".into(),
                found: "Bob\u{1b}[0m".into(),
                wanted: "Alice".into(),
                kept: true,
            }],
            contradictions: vec![],
            not_carried: vec![],
            assertions: vec![AssertionLine {
                label: "c2pa.actions.v2".into(),
                content: serde_json::json!({"actions": [{"action": "c2pa.created"}]}),
            }],
            read_back: Some("UNKNOWN ISSUER".into()),
            manifest: Some("urn:c2pa:1".into()),
            hashes: vec![],
            fingerprints: vec![],
            ledger: Some(LedgerLine {
                ledger: "default.ledger".into(),
                index: 3,
                tree_size: 4,
                asset_id: "6f1c0f0e-0000-4000-8000-000000000000".into(),
            }),
            entry: Some(EntryLine {
                keyed: false,
                ledger: "default.ledger".into(),
                asset_id: "6f1c0f0e-0000-4000-8000-000000000000".into(),
                source_type: "trainedAlgorithmicMedia".into(),
                family: Some("diffusion".into()),
                role: None,
                mining: Some("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED".into()),
                rights: vec![],
                parents: 1,
            }),
            certificate: Some(CertificateLine {
                name: Some("Alice".into()),
                organization: None,
                email: Some("a@example.org".into()),
            }),
            kept_manifest: None,
            timestamp: None,
            deep_points: None,
            uniqueness: None,
            faults: Vec::new(),
            holds: vec![],
            notes: vec![],
        }
    }

    #[test]
    fn a_signed_picture_says_where_it_is_and_what_reading_it_back_gave() {
        let expected = "\
art.png
  signed as art.signed.png (PNG)

  How it was made     trainedAlgorithmicMedia, as the signer states
  Metadata            XMP dc:rights: (c) 2026 Alice
  Conflicts           XMP dc:creator: the file says 'Bob\\u{1b}[0m', you say 'Alice'; the file's
                      value stays (--replace-metadata writes yours)
  Credentials         c2pa.actions.v2
  Manifest            urn:c2pa:1
  Certificate         names to everybody: name 'Alice', e-mail 'a@example.org'
  Ledger              entry 3 of default.ledger, tree size 4, asset
                      6f1c0f0e-0000-4000-8000-000000000000
  Entry says          trainedAlgorithmicMedia, no role, no known terms, data mining DMI-PROHIBITED,
                      family diffusion, 1 parent; beside these hashes, fingerprints, the key and the
                      time

Result: SIGNED - read back: unchanged and well signed
";
        assert_eq!(sign(&report(SignOutcome::Signed), &Style::default()), expected);
    }

    #[test]
    fn who_says_how_it_was_made_is_told_in_whole_words() {
        for (basis, told) in [
            ("signer", "the signer"),
            (
                "the signed manifest that it came with",
                "the signed manifest that it came with",
            ),
            (
                "tEXt Description, text of a generator",
                "the text of a generator (tEXt Description)",
            ),
            (
                "xmp Iptc4xmpExt:DigitalSourceType",
                "xmp Iptc4xmpExt:DigitalSourceType",
            ),
        ] {
            assert_eq!(stater(basis), told);
        }
    }

    #[test]
    fn a_dry_run_shows_all_that_would_be_disclosed() {
        let text = sign(&report(SignOutcome::DryRun), &Style::default());
        assert!(text.contains("would be signed as art.signed.png"), "{text}");
        assert!(text.contains("\"action\": \"c2pa.created\""), "{text}");
        assert!(
            text.ends_with("Result: DRY RUN - nothing was written; the above is what would be\n"),
            "{text}"
        );
    }

    #[test]
    fn a_batch_has_a_line_each_and_counts() {
        assert_eq!(
            sign_line(&report(SignOutcome::Signed), &Style::default()),
            "SIGNED    entry 3         art.png -> art.signed.png (1 field says otherwise and stays)\n"
        );
        let summary = SignSummary {
            schema: "sign-summary.v1",
            signed: 12,
            skipped: 0,
            failed: 1,
            dry_run: 0,
            conflicts: 2,
            contradicted: 0,
            not_carried: 0,
            faulty: 0,
            with_place: 0,
            with_prompt: 2,
            with_pages: 0,
            links: 0,
            hidden: 0,
            notes: vec![],
            elapsed_ms: 1234,
        };
        assert_eq!(
            sign_summary(&summary, &Style::default()),
            "\n13 pictures in 1.2 s\n12      signed, read back and in place\n1       failed\n\
             2       hold metadata that says otherwise than you (--full names each field)\n\
             2       hold a prompt, which stays in them (--full says which)\n"
        );
    }
}
