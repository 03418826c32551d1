//! Reports with one text in every place that holds text, for tests.

use crate::base::{Authorship, Untrusted};
use crate::report::error::ErrorReport;
use crate::report::inspect::{GeneratorClaim, GeneratorFamily, GeneratorSettings};
use crate::report::page::{PageParts, SignedThumbnail, SmallPicture};
use crate::report::verify::{
    ActionLine, Basis, C2paDetail, CodeLine, FetchLine, FetchOf, FourQuestions, IdentityLine, ImageFacts,
    IngredientLine, LedgerAnswer, LedgerHit, Made, ManifestPlace, ManifestSource, MatchedBy, OpenAbout,
    OpenPoint, Requirement, ResultWord, RightsLine, Signer, StampCertificate, ThumbnailWitness,
    TimestampLine, VerifyReport,
};
use crate::report::{Check, Outcome};

/// A verdict that says `text` everywhere.
#[expect(clippy::too_many_lines, reason = "one report, field by field")]
pub(super) fn verdict(text: &str) -> VerifyReport {
    let theirs = || Some(Untrusted::from(text));
    let check = || Check::new(text, Outcome::Fail, text);
    VerifyReport {
        schema: "verify-report.v1",
        file: text.into(),
        result: ResultWord::Changed,
        sentence: text.into(),
        remedy: Some(text.into()),
        open: vec![
            OpenPoint {
                about: OpenAbout::Identity,
                id: text.into(),
                outcome: Outcome::Unknown,
                what: text.into(),
                settle: text.into(),
            };
            2
        ],
        required: Requirement::Trusted,
        met: false,
        checks: FourQuestions {
            unchanged: check(),
            signature: check(),
            time: check(),
            issuer: check(),
        },
        thumbnail: Some(Box::new(ThumbnailWitness {
            check: check(),
            size: None,
            cells: None,
            heatmap: theirs(),
        })),
        made: Made {
            authorship: Authorship::Ai,
            words: text.into(),
            source_type: Some(text.into()),
            basis: Basis::SignedUnknown,
            tool: theirs(),
            model: theirs(),
            actions: vec![
                ActionLine {
                    action: text.into(),
                    source_type: theirs(),
                    software: theirs(),
                };
                6
            ],
            earlier: vec![IngredientLine {
                relationship: text.into(),
                depth: 0,
                title: theirs(),
                manifest: theirs(),
                signed_by: theirs(),
                actions: Vec::new(),
                faults: vec![text.into()],
            }],
            signals: vec![text.into()],
            conflicts: vec![text.into()],
            from_metadata: false,
            from_broken: true,
            unread: true,
        },
        rights: vec![RightsLine {
            field: text.into(),
            value: text.into(),
            source: text.into(),
            disagrees: true,
        }],
        ledger: ledger(text),
        proof: None,
        receipt: None,
        manifest: ManifestSource {
            place: ManifestPlace::Fetched,
            name: Some(text.into()),
            own_passed_over: true,
        },
        fetches: vec![FetchLine {
            of: FetchOf::Manifest,
            url: text.into(),
            answered: true,
            bytes: 7,
            outcome: "fetched".to_owned(),
        }],
        revocation: Some(Check::new(
            "signingCredential.ocsp.notRevoked",
            Outcome::Pass,
            "it was not",
        )),
        signer: Some(signer(text)),
        identities: vec![IdentityLine {
            name: text.into(),
            role: theirs(),
            check: check(),
        }],
        notes: vec![text.into()],
        not_checked: vec![text.into()],
        image: Some(ImageFacts {
            format: text.into(),
            bytes: 1000,
            width: Some(64),
            height: Some(48),
            content_sha256: Some(text.into()),
        }),
        c2pa: Some(detail(text)),
        at: "2026-01-01T00:00:00Z".into(),
    }
}

fn ledger(text: &str) -> LedgerAnswer {
    LedgerAnswer {
        ledger: Some(text.into()),
        unread: false,
        check: Check::new(text, Outcome::Pass, text),
        earlier_alike: Vec::new(),
        kept: None,
        look_alike: None,
        looks_not_searched: None,
        entries: vec![LedgerHit {
            index: 3,
            matched: MatchedBy::File,
            time: text.into(),
            key: text.into(),
            known_as: Some(text.into()),
            source_type: text.into(),
            role: Some(text.into()),
            proven: false,
            suspect: Some(3),
            redacted: None,
        }],
        title: Some(text.into()),
        tree_size: Some(4),
    }
}

fn signer(text: &str) -> Signer {
    Signer {
        name: Some(text.into()),
        organization: Some(text.into()),
        issuer: Some(text.into()),
        known_as: Some(text.into()),
        listed_on: Some(text.into()),
        certificate_sha256: text.into(),
        algorithm: text.into(),
        signed_at: Some(text.into()),
        timestamp: Some(TimestampLine {
            at: Some(text.into()),
            authority: Some(text.into()),
            trusted: false,
            listed_on: Some(text.into()),
            chain: vec![StampCertificate {
                subject: Some(text.into()),
                issuer: Some(text.into()),
                sha256: text.into(),
                root: false,
            }],
        }),
        not_before: Some(text.into()),
        not_after: Some(text.into()),
    }
}

fn detail(text: &str) -> C2paDetail {
    let theirs = || Some(Untrusted::from(text));
    C2paDetail {
        state: text.into(),
        manifest: theirs(),
        generator: theirs(),
        title: theirs(),
        codes: vec![CodeLine {
            kind: "failure".into(),
            code: text.into(),
            url: theirs(),
            means: Some("It means this."),
            explanation: theirs(),
        }],
        ingredients: (0..7)
            .map(|depth| IngredientLine {
                depth,
                title: theirs(),
                relationship: text.into(),
                manifest: theirs(),
                signed_by: theirs(),
                actions: Vec::new(),
                faults: vec![text.into()],
            })
            .collect(),
        assertions: vec![text.into()],
    }
}

/// What a page shows beside it.
pub(super) fn parts(text: &str) -> PageParts {
    let theirs = || Some(Untrusted::from(text));
    let small = || SmallPicture {
        height: 3,
        jpeg: vec![0xff, 0xd8, 0xff, 0xd9],
        width: 4,
    };
    PageParts {
        file_sha256: Some(text.into()),
        heat_map: None,
        generators: vec![GeneratorClaim {
            dialect: text.into(),
            found_in: text.into(),
            also_in: vec![text.into()],
            tool: theirs(),
            tool_version: theirs(),
            family: Some(GeneratorFamily {
                family: text.into(),
                basis: text.into(),
                word: text.into(),
            }),
            source_type: Some(text.into()),
            settings: GeneratorSettings {
                model: theirs(),
                prompt: theirs(),
                negative_prompt: theirs(),
                seed: theirs(),
                ..GeneratorSettings::default()
            },
            earlier: vec![],
            init_images: vec![],
            job_id: None,
            label: None,
            remarks: vec![text.into()],
        }],
        picture: Some(small()),
        picture_absent: None,
        signed: SignedThumbnail::Shown {
            holds: Some(true),
            picture: small(),
        },
    }
}

/// A file that could not be opened.
pub(super) fn error(text: &str) -> ErrorReport {
    ErrorReport {
        schema: "error.v1",
        file: Some(text.into()),
        code: "file.open".into(),
        what: text.into(),
        why: Some(text.into()),
        fix: Some(text.into()),
    }
}
