//! `schemas/*.schema.json` are what the types say, and what is printed obeys them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use byline::render::json;
use byline::report::{self, schema};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn file_of(name: &str) -> PathBuf {
    folder().join(format!("{name}.schema.json"))
}

#[test]
fn files_equal_the_generator() {
    for (name, schema) in schema::all() {
        let wanted = json::schema(&schema);
        let path = file_of(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == wanted,
            "{} is not what the types say; run: UPDATE=1 cargo test --ignore-rust-version --test it schemas\n{}",
            path.display(),
            first_difference(&found, &wanted)
        );
    }
}

fn first_difference(found: &str, wanted: &str) -> String {
    let place = found.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    let at = place.unwrap_or_else(|| found.lines().count().min(wanted.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
    format!("line {}\n- {}\n+ {}", at + 1, line(found), line(wanted))
}

#[test]
fn no_file_is_without_a_report() {
    let known: BTreeSet<_> = schema::all().iter().map(|(name, _)| file_of(name)).collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".schema.json") {
            assert!(known.contains(&path), "{} belongs to no report", path.display());
        }
    }
}

#[test]
fn keys_are_sorted_and_every_field_is_described() {
    for (name, schema) in schema::all() {
        let text = json::schema(&schema);
        assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
        let value: Value = serde_json::from_str(&text).unwrap();
        walk(name, &value);
    }
}

/// serde_json keeps the order of keys in this build, so what is read is what was written.
fn walk(name: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            let keys: Vec<_> = fields.keys().collect();
            assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {keys:?}");
            if let Some(Value::Object(properties)) = fields.get("properties") {
                for (field, described) in properties {
                    let told = described.get("description").is_some() || described.get("$ref").is_some();
                    assert!(told, "{name}: `{field}` has no description");
                }
            }
            fields.values().for_each(|value| walk(name, value));
        }
        Value::Array(items) => items.iter().for_each(|value| walk(name, value)),
        _ => {}
    }
}

#[test]
fn names_are_in_order_and_carry_their_version() {
    let names: Vec<_> = schema::all().into_iter().map(|(name, _)| name).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    assert!(names.iter().all(|name| name.ends_with(".v1")));
}

/// Fails unless `document` obeys the schema it names itself.
pub(crate) fn assert_valid(document: &str) {
    let value: Value = serde_json::from_str(document).unwrap();
    let name = value["schema"]
        .as_str()
        .expect("each document names its schema")
        .to_owned();
    let (_, schema) = schema::all()
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("`{name}` has no schema"));
    let judge = jsonschema::validator_for(schema.as_value()).unwrap();
    let faults: Vec<String> = judge
        .iter_errors(&value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{name}: {faults:?}");
}

#[test]
fn sample_reports_obey_their_schemas() {
    for document in samples() {
        assert_valid(&document);
    }
}

#[test]
fn a_document_that_breaks_its_schema_is_caught() {
    let broken = std::panic::catch_unwind(|| assert_valid(r#"{"schema":"sign-summary.v1","signed":"many"}"#));
    assert!(broken.is_err());
}

fn samples() -> Vec<String> {
    use byline::report::{Check, Outcome, audit, error, ledger, sign, verify};
    let check = || Check::new("c2pa.absent", Outcome::NotChecked, "nothing to check");
    let hostile = "\u{1b}[2J\u{202e}";
    vec![
        json::line(&error::ErrorReport {
            schema: "error.v1",
            file: Some(hostile.into()),
            code: "file.missing".into(),
            what: "cannot read".into(),
            why: None,
            fix: Some("name a file".into()),
        }),
        json::line(&sign::SignSummary {
            schema: "sign-summary.v1",
            ..Default::default()
        }),
        json::line(&verify::VerifySummary {
            schema: "verify-summary.v1",
            files: 2,
            failed: 0,
            results: [(verify::ResultWord::NoCredentials, 2)].into(),
            registered: 0,
            alike: 1,
            looks_not_searched: 1,
            not_asked: 0,
            not_asked_why: None,
            ledger_unread: false,
            links: 0,
            hidden: 0,
        }),
        json::pretty(&verify::VerifyReport {
            schema: "verify-report.v1",
            file: hostile.into(),
            result: verify::ResultWord::NoCredentials,
            sentence: "the file holds no Content Credentials".into(),
            remedy: None,
            open: vec![],
            required: verify::Requirement::Trusted,
            met: false,
            checks: verify::FourQuestions {
                unchanged: check(),
                signature: check(),
                time: check(),
                issuer: check(),
            },
            thumbnail: None,
            made: verify::Made {
                authorship: byline::base::Authorship::Unknown,
                words: "Unknown".into(),
                source_type: None,
                basis: verify::Basis::Nothing,
                tool: Some(hostile.into()),
                model: Some(hostile.into()),
                actions: vec![],
                earlier: vec![],
                signals: vec!["fullyGenAIMedia".into()],
                conflicts: vec![],
                from_metadata: false,
                from_broken: false,
                unread: false,
            },
            rights: vec![],
            ledger: verify::LedgerAnswer {
                ledger: None,
                unread: false,
                check: check(),
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
            manifest: verify::ManifestSource {
                place: verify::ManifestPlace::Absent,
                name: None,
                own_passed_over: false,
            },
            fetches: Vec::new(),
            revocation: None,
            signer: None,
            identities: vec![],
            notes: vec![],
            not_checked: vec![],
            image: None,
            c2pa: None,
            at: "2026-01-01T00:00:00Z".into(),
        }),
        json::pretty(&audit::AuditReport {
            schema: "audit-report.v1",
            ledger: "a.ledger".into(),
            origin: hostile.into(),
            sound: false,
            strict: false,
            witnesses: byline::report::Check::new("x", byline::report::Outcome::NotChecked, "x"),
            cosigned: vec![],
            cosigned_size: None,
            sentence: "broken".into(),
            counts: audit::AuditCounts::default(),
            since: None,
            root: String::new(),
            checkpoint: None,
            findings: vec![audit::Finding {
                weight: audit::Weight::Broken,
                rule: "ledger.entry.signature".into(),
                index: Some(u64::MAX),
                offset: None,
                what: "x".into(),
                consequence: "y".into(),
                remedy: "z".into(),
            }],
            findings_more: 0,
            not_checked: vec![],
            notes: vec![],
            likeness: None,
            at: "2026-01-01T00:00:00Z".into(),
        }),
        json::pretty(&ledger::LedgerReport {
            schema: "ledger-report.v1",
            ledger: "a.ledger".into(),
            origin: "o".into(),
            log_key: "k".into(),
            arbiters: Vec::new(),
            mode: "public".into(),
            tree_size: 0,
            root: String::new(),
            time: None,
            notes: vec![],
            entries: vec![],
            assets: vec![],
            as_of: None,
        }),
        json::pretty(&sign_sample(hostile)),
        json::pretty(&inspect_sample(hostile)),
    ]
}

fn sign_sample(hostile: &str) -> report::sign::SignReport {
    use byline::report::sign;
    sign::SignReport {
        schema: "sign-report.v1",
        input: hostile.into(),
        output: "out.png".into(),
        outcome: sign::SignOutcome::DryRun,
        format: "PNG".into(),
        source_type: "trainedAlgorithmicMedia".into(),
        source_basis: "signer".into(),
        written: vec![],
        conflicts: vec![],
        contradictions: vec![sign::ContradictionLine {
            place: "XMP".into(),
            says: "trainedAlgorithmicMedia".into(),
            sentence: "x".into(),
            stays: true,
        }],
        not_carried: vec![],
        assertions: vec![sign::AssertionLine {
            label: "c2pa.actions.v2".into(),
            content: serde_json::json!({"any": [1, null, "x"]}),
        }],
        read_back: None,
        manifest: None,
        hashes: vec![],
        fingerprints: vec![],
        ledger: None,
        entry: None,
        certificate: None,
        kept_manifest: Some(hostile.into()),
        timestamp: None,
        deep_points: Some(96),
        uniqueness: None,
        faults: vec!["x".into()],
        holds: vec![sign::Held::Prompt],
        notes: vec![],
    }
}

fn inspect_sample(hostile: &str) -> report::inspect::InspectReport {
    use byline::report::{inspect, verify};
    inspect::InspectReport {
        schema: "inspect-report.v1",
        file: hostile.into(),
        image: verify::ImageFacts {
            format: "PNG".into(),
            bytes: 1,
            width: None,
            height: None,
            content_sha256: None,
        },
        c2pa: None,
        metadata: vec![],
        generators: vec![inspect::GeneratorClaim {
            dialect: "a1111".into(),
            found_in: "tEXt parameters".into(),
            also_in: vec![],
            tool: Some(hostile.into()),
            tool_version: None,
            family: None,
            source_type: None,
            settings: inspect::GeneratorSettings {
                prompt: Some(hostile.into()),
                ..inspect::GeneratorSettings::default()
            },
            earlier: vec![],
            init_images: vec![],
            job_id: None,
            label: None,
            remarks: vec![],
        }],
        container: vec![],
        unreadable: vec![],
    }
}
