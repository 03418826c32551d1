//! Fixed reports and the very text they become.

use super::super::verify_batch::{verify_line, verify_summary};
use super::*;
use crate::base::Authorship;
use crate::report::Check;
use crate::report::verify::VerifySummary;
use crate::report::verify::{
    ActionLine, FourQuestions, ImageFacts, LedgerAnswer, Made, OpenAbout, OpenPoint, Requirement, RightsLine,
};

fn check(id: &str, outcome: Outcome, note: &str) -> Check {
    Check::new(id, outcome, note)
}

fn embedded() -> ManifestSource {
    ManifestSource {
        place: ManifestPlace::Embedded,
        name: None,
        own_passed_over: false,
    }
}

#[expect(clippy::too_many_lines, reason = "one report, field by field")]
fn trusted() -> VerifyReport {
    VerifyReport {
        schema: "verify-report.v1",
        file: "lighthouse.png".into(),
        result: ResultWord::Trusted,
        sentence: "unchanged since signing, well signed in time, by an issuer you know.".into(),
        remedy: None,
        open: vec![],
        required: Requirement::Trusted,
        met: true,
        checks: FourQuestions {
            unchanged: check(
                "assertion.dataHash.match",
                Outcome::Pass,
                "the signed hash matches every byte",
            ),
            signature: check("claimSignature.validated", Outcome::Pass, "Ed25519"),
            time: check(
                "timeStamp.trusted",
                Outcome::Pass,
                "the certificate is valid today",
            ),
            issuer: check(
                "signingCredential.trusted",
                Outcome::Pass,
                "you know this certificate as alice",
            ),
        },
        thumbnail: None,
        made: Made {
            authorship: Authorship::Ai,
            words: "AI-generated (says a signer you know)".into(),
            source_type: Some(
                "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia".into(),
            ),
            basis: Basis::SignedTrusted,
            tool: Some("Flux 2".into()),
            model: None,
            actions: vec![
                ActionLine {
                    action: "c2pa.created".into(),
                    source_type: Some(
                        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia".into(),
                    ),
                    software: None,
                },
                ActionLine {
                    action: "c2pa.edited".into(),
                    source_type: None,
                    software: Some("Darktable".into()),
                },
            ],
            earlier: vec![],
            signals: vec![],
            conflicts: vec![],
            from_metadata: false,
            from_broken: false,
            unread: false,
        },
        rights: vec![RightsLine {
            field: "dc:rights".into(),
            value: "(c) 2026 Alice".into(),
            source: "signed".into(),
            disagrees: false,
        }],
        ledger: LedgerAnswer {
            ledger: Some("studio.ledger".into()),
            unread: false,
            check: check(
                "ledger.found",
                Outcome::Pass,
                "registered; entry and inclusion proven",
            ),
            entries: vec![LedgerHit {
                index: 3,
                matched: MatchedBy::File,
                time: "2026-01-01T17:20:00Z".into(),
                key: "ab".repeat(32),
                known_as: Some("alice".into()),
                source_type: "trainedAlgorithmicMedia".into(),
                role: Some("producer".into()),
                proven: true,
                suspect: None,
                redacted: None,
            }],
            title: None,
            look_alike: None,
            looks_not_searched: None,
            earlier_alike: vec![],
            kept: None,
            tree_size: Some(4),
        },
        proof: None,
        receipt: None,
        manifest: embedded(),
        fetches: Vec::new(),
        revocation: None,
        signer: Some(Signer {
            name: Some("Alice Example".into()),
            organization: Some("Studio".into()),
            issuer: Some("Alice Example root".into()),
            known_as: Some("alice".into()),
            listed_on: None,
            certificate_sha256: "cd".repeat(32),
            algorithm: "Ed25519".into(),
            signed_at: Some("2026-01-01T17:20:00Z".into()),
            timestamp: None,
            not_before: Some("2026-01-01T00:00:00Z".into()),
            not_after: Some("2027-01-01T00:00:00Z".into()),
        }),
        identities: vec![],
        notes: vec!["XMP says trainedAlgorithmicMedia too".into()],
        not_checked: vec!["revocation: no network is used".into()],
        image: Some(ImageFacts {
            format: "PNG".into(),
            bytes: 1000,
            width: Some(64),
            height: Some(48),
            content_sha256: None,
        }),
        c2pa: Some(C2paDetail {
            state: "Trusted".into(),
            manifest: Some("urn:c2pa:1".into()),
            generator: Some("byline".into()),
            title: None,
            codes: vec![],
            ingredients: vec![],
            assertions: vec!["c2pa.actions.v2".into()],
        }),
        at: "2026-02-01T00:00:00Z".into(),
    }
}

#[test]
fn trusted_reads_as_the_answer_then_four_questions_then_the_word() {
    let expected = "\
lighthouse.png
  AI-generated (says a signer you know); tool named: Flux 2; issued by alice, whose certificate says
  Alice Example (Studio), 1 Jan 2026 17:20 UTC

  Picture unchanged since signing   yes          the signed hash matches every byte
  Signature good                    yes          Ed25519
  Signed while certificate valid    yes          the certificate is valid today
  Issuer known to you               yes          you know this certificate as alice

  How it was made     Created (trainedAlgorithmicMedia) > Edited (Darktable)
  Rights              dc:rights: (c) 2026 Alice (signed)
  Ledger              registered; entry and inclusion proven [studio.ledger]
                      entry 3: this very file, first recorded here 1 Jan 2026 17:20 UTC by alice as
                      producer, trainedAlgorithmicMedia
  Note                XMP says trainedAlgorithmicMedia too
  Not checked         revocation: no network is used

Result: TRUSTED - unchanged since signing, well signed in time, by an issuer you know.
";
    assert_eq!(verify(&trusted(), &Style::default()), expected);
}

#[test]
fn not_confirmed_says_what_is_open_and_what_would_settle_it() {
    let mut report = trusted();
    report.result = ResultWord::NotConfirmed;
    report.met = false;
    report.sentence =
        "the picture is unchanged, but the certificate expired on 1 Oct 2025 and nobody trusted recorded \
                       the signing time. This does not mean the file was altered."
            .into();
    report.remedy = Some("ask the issuer, or check a ledger".into());
    report.checks.time = check(
        "signingCredential.expired",
        Outcome::Unknown,
        "expired, no trusted timestamp",
    );
    report.checks.issuer = check(
        "signingCredential.untrusted",
        Outcome::Unknown,
        "nobody here vouches for it",
    );
    report.made.basis = Basis::SignedUnknown;
    report.made.words = "AI-generated (says the signer, whom you do not know)".into();
    report.signer = None;
    report.rights.clear();
    report.notes.clear();
    report.ledger = LedgerAnswer {
        ledger: Some("studio.ledger".into()),
        unread: false,
        check: check("ledger.absent", Outcome::Unknown, "not registered"),
        entries: vec![],
        title: Some("recorded holder as of entry 3: alice; disputed with entry 9".into()),
        look_alike: None,
        looks_not_searched: None,
        earlier_alike: vec![],
        kept: None,
        tree_size: Some(4),
    };
    let expected = "\
lighthouse.png
  AI-generated (says the signer, whom you do not know); tool named: Flux 2

  Picture unchanged since signing   yes          the signed hash matches every byte
  Signature good                    yes          Ed25519
  Signed while certificate valid    unknown      expired, no trusted timestamp
  Issuer known to you               unknown      nobody here vouches for it

  How it was made     Created (trainedAlgorithmicMedia) > Edited (Darktable)
  Rights              no statement found in the file
  Ledger              not registered [studio.ledger]
  Title               recorded holder as of entry 3: alice; disputed with entry 9
  Not checked         revocation: no network is used

Result: NOT CONFIRMED - the picture is unchanged, but the certificate expired on 1 Oct 2025 and
  nobody trusted recorded the signing time. This does not mean the file was altered.
  required: trusted, which this is not
  do: ask the issuer, or check a ledger
  why: byline explain signingCredential.expired
";
    assert_eq!(verify(&report, &Style::default()), expected);
}

#[test]
fn every_open_point_stands_under_the_verdict_and_a_command_on_a_line_of_its_own() {
    let mut report = trusted();
    let point = |about, outcome, settle: &str| OpenPoint {
        about,
        id: "x".into(),
        outcome,
        what: "it is open".into(),
        settle: settle.into(),
    };
    let add = format!("byline trust add --from a.jpg --sha256 {}", "ab".repeat(32));
    let compare = format!("ask its holder; if it is this one: {add}");
    report.result = ResultWord::NotConfirmed;
    report.remedy = Some("ask".into());
    report.open = vec![
        point(OpenAbout::Time, Outcome::Unknown, "ask"),
        point(OpenAbout::Issuer, Outcome::Unknown, &compare),
        point(OpenAbout::Identity, Outcome::Fail, &compare),
    ];
    let text = verify(&report, &Style::default());
    let expected = format!(
        "\
  do: ask
  also open: issuer - it is open
    do: ask its holder; if it is this one:
        {add}
  also wrong: identity - it is open
  why: "
    );
    assert!(text.contains(&expected), "{text}");
}

fn changed() -> VerifyReport {
    let mut report = trusted();
    report.result = ResultWord::Changed;
    report.met = false;
    report.sentence = "bytes changed after signing".into();
    report.remedy = Some("ask alice for the original".into());
    report.checks.unchanged = check(
        "assertion.dataHash.mismatch",
        Outcome::Fail,
        "the signed hash does not match",
    );
    report
}

#[test]
fn changed_says_no_and_does_not_lend_the_signers_name_to_the_bytes() {
    let text = verify(&changed(), &Style::default());
    assert!(
        text.contains("  Picture unchanged since signing   no           the signed hash does not match\n"),
        "{text}"
    );
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("the signed version was issued in the name of alice"),
        "{text}"
    );
    assert!(!text.contains("; issued by"), "{text}");
    assert!(
        text.ends_with(
            "Result: CHANGED - bytes changed after signing\n  required: trusted, which this is not\n  do: ask alice for the original\n  why: byline explain assertion.dataHash.mismatch\n"
        ),
        "{text}"
    );
}

fn nothing() -> VerifyReport {
    let none = |id: &str| check(id, Outcome::NotChecked, "the file holds no Content Credentials");
    VerifyReport {
        file: "plain.jpg".into(),
        result: ResultWord::NoCredentials,
        sentence: "the file holds no Content Credentials; most files do not.".into(),
        remedy: Some("ask who gave it to you".into()),
        met: false,
        checks: FourQuestions {
            unchanged: none("c2pa.absent"),
            signature: none("c2pa.absent"),
            time: none("c2pa.absent"),
            issuer: none("c2pa.absent"),
        },
        made: Made {
            authorship: Authorship::Unknown,
            words: "unknown: nothing is said about how it was made".into(),
            source_type: None,
            basis: Basis::Nothing,
            tool: None,
            model: None,
            actions: vec![],
            earlier: vec![],
            signals: vec![],
            conflicts: vec![],
            from_metadata: false,
            from_broken: false,
            unread: false,
        },
        rights: vec![],
        ledger: LedgerAnswer {
            ledger: None,
            unread: false,
            check: check("ledger.none", Outcome::NotChecked, "no ledger was named"),
            entries: vec![],
            title: None,
            look_alike: None,
            looks_not_searched: None,
            earlier_alike: vec![],
            kept: None,
            tree_size: None,
        },
        proof: None,
        receipt: None,
        manifest: embedded(),
        fetches: Vec::new(),
        revocation: None,
        signer: None,
        notes: vec![],
        not_checked: vec![],
        image: None,
        c2pa: None,
        ..trusted()
    }
}

#[test]
fn no_credentials_claims_nothing() {
    let expected = "\
plain.jpg
  unknown: nothing is said about how it was made

  Picture unchanged since signing   not checked  the file holds no Content Credentials
  Signature good                    not checked  the file holds no Content Credentials
  Signed while certificate valid    not checked  the file holds no Content Credentials
  Issuer known to you               not checked  the file holds no Content Credentials

  How it was made     no statement found
  Rights              no statement found in the file
  Ledger              not checked - no ledger was named

Result: NO CREDENTIALS - the file holds no Content Credentials; most files do not.
  required: trusted, which this is not
  do: ask who gave it to you
  why: byline explain no-credentials
";
    assert_eq!(verify(&nothing(), &Style::default()), expected);
}

#[test]
fn a_batch_lines_up_and_counts() {
    let style = Style::default();
    let lines: String = [trusted(), changed(), nothing()]
        .iter()
        .map(|report| verify_line(report, &style))
        .collect();
    let expected = "\
TRUSTED         registered      AI-generated            lighthouse.png
CHANGED         registered      AI-generated            lighthouse.png
NO CREDENTIALS  -               unknown                 plain.jpg
";
    assert_eq!(lines, expected);
    let summary = VerifySummary {
        schema: "verify-summary.v1",
        files: 4,
        failed: 1,
        results: [(ResultWord::Trusted, 1), (ResultWord::Changed, 2)].into(),
        registered: 2,
        alike: 0,
        looks_not_searched: 0,
        not_asked: 0,
        not_asked_why: None,
        ledger_unread: false,
        links: 0,
        hidden: 0,
    };
    assert_eq!(
        verify_summary(&summary, &style),
        "\n4 pictures\n2       CHANGED\n1       TRUSTED\n1       could not be opened\n  2 in the ledger\n"
    );
}

#[test]
fn hostile_text_in_any_field_reaches_no_terminal() {
    let evil = "\u{1b}[2J\u{202e}x\nResult: TRUSTED";
    let mut report = changed();
    report.file = evil.into();
    report.made.tool = Some(evil.into());
    report.made.model = Some(evil.into());
    report.made.actions[0].action = evil.into();
    report.made.actions[0].software = Some(evil.into());
    report.rights[0].value = evil.into();
    report.notes = vec![evil.into()];
    report.sentence = evil.into();
    if let Some(signer) = &mut report.signer {
        signer.name = Some(evil.into());
        signer.issuer = Some(evil.into());
    }
    if let Some(c2pa) = &mut report.c2pa {
        c2pa.title = Some(evil.into());
        c2pa.assertions = vec![evil.into()];
    }
    for full in [false, true] {
        let style = Style {
            full,
            ..Style::default()
        };
        for text in [verify(&report, &style), verify_line(&report, &style)] {
            assert!(
                !text
                    .chars()
                    .any(|c| c != '\n' && crate::base::Untrusted::is_harmful(c)),
                "{text:?}"
            );
            assert!(
                !text.lines().any(|line| line.starts_with("Result: TRUSTED")),
                "{text}"
            );
        }
    }
}

#[test]
fn every_width_keeps_every_word() {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let wide = verify(&trusted(), &Style::of_width(Some(140)));
    for width in [60, 72, 80, 100, 132] {
        let text = verify(&trusted(), &Style::of_width(Some(width)));
        assert_eq!(words(&text), words(&wide));
    }
}

#[test]
fn full_adds_codes_hashes_and_ids() {
    let text = verify(
        &trusted(),
        &Style {
            full: true,
            ..Style::default()
        },
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "every check holds, and you know this certificate as alice (other tools: Trusted)",
        "Certificate",
        "assertion.dataHash.match",
        "c2pa.actions.v2",
        "Verdict holds at",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn no_report_calls_anyone_owner_or_author_or_a_picture_authentic() {
    for report in [trusted(), changed(), nothing()] {
        let text = verify(&report, &Style::default()).to_lowercase();
        for word in ["owner", "author", "authentic", "compliant", "genuine"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}
