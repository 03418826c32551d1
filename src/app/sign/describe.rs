//! From what was done to what is reported.

use serde_json::{Value, json};

use super::place::Job;
use super::words::Stated;
use crate::base::{Fingerprint, Timestamp, Untrusted};
use crate::ledger::Registration;
use crate::manifest::{self, Claim, SignedAsset};
use crate::metadata::Patched;
use crate::report::sign::{
    AssertionLine, ConflictLine, FieldLine, FingerprintLine, HashLine, SignOutcome, SignReport,
};

/// A report with everything but hashes, ledger and outcome.
fn base(job: &Job, stated: &Stated, patched: &Patched, claim: &Claim) -> SignReport {
    let written = patched.written.iter().map(|one| FieldLine {
        source: one.source.word().to_uppercase(),
        name: one.name.clone(),
        value: Untrusted::new(one.value.clone()),
    });
    let conflicts = patched.conflicts.iter().map(|one| ConflictLine {
        source: one.source.word().to_uppercase(),
        name: one.name.clone(),
        found: one.found.clone(),
        wanted: Untrusted::new(one.wanted.clone()),
        kept: !one.replaced,
    });
    SignReport {
        schema: "sign-report.v1",
        input: name(&job.input),
        output: name(&job.output),
        outcome: SignOutcome::DryRun,
        format: patched.asset.format().name().to_owned(),
        source_type: stated.statement.source.uri(),
        source_basis: stated.basis.clone(),
        written: written.collect(),
        conflicts: conflicts.collect(),
        not_carried: patched.not_carried.clone(),
        assertions: assertions(patched, claim),
        read_back: None,
        manifest: None,
        hashes: Vec::new(),
        fingerprints: Vec::new(),
        ledger: None,
        timestamp: None,
        notes: Vec::new(),
    }
}

/// Every assertion, ingredient and name the manifest holds, as JSON.
fn assertions(patched: &Patched, claim: &Claim) -> Vec<AssertionLine> {
    let preview = manifest::preview(&patched.asset, claim);
    let line = |label: &str, content: Value| AssertionLine {
        label: label.to_owned(),
        content,
    };
    let mut lines = vec![line("claim_generator_info", preview.generator)];
    lines.extend(preview.title.map(|title| line("dc:title", json!(title))));
    lines.extend(preview.parent.map(|title| {
        line(
            "c2pa.ingredient.v3",
            json!({"relationship": "parentOf", "title": title}),
        )
    }));
    lines.extend(preview.inputs.iter().map(|input| {
        let content = json!({
            "relationship": "inputTo", "type": input.data_type, "title": input.title, "text": input.text
        });
        line("c2pa.ingredient.v3", content)
    }));
    lines.extend(
        preview
            .assertions
            .into_iter()
            .map(|one| line(one.label, one.content)),
    );
    lines.extend(preview.thumbnail_bytes.map(|bytes| {
        line(
            "c2pa.thumbnail.claim",
            json!({"format": "image/jpeg", "bytes": bytes}),
        )
    }));
    let (role, vouches_for) = preview.named;
    lines.push(line(
        "cawg.identity",
        json!({"role": role, "vouches_for": vouches_for}),
    ));
    lines
}

/// What would be written.
pub(super) fn dry_run(
    job: &Job,
    stated: &Stated,
    patched: &Patched,
    claim: &Claim,
    seen: &[Fingerprint],
    notes: &[String],
) -> SignReport {
    let mut report = base(job, stated, patched, claim);
    report.fingerprints = fingerprints(seen);
    report.notes.extend_from_slice(notes);
    report
}

/// What was written.
pub(super) fn signed(
    job: &Job,
    stated: &Stated,
    patched: &Patched,
    claim: &Claim,
    signed: &SignedAsset,
    registration: &Registration,
) -> SignReport {
    let mut report = base(job, stated, patched, claim);
    report.outcome = SignOutcome::Signed;
    report.manifest = Some(signed.manifest_label.clone());
    report.hashes = hashes(signed, registration);
    report.timestamp = signed.timestamp.map(Timestamp::rfc3339);
    report
}

fn hashes(signed: &SignedAsset, registration: &Registration) -> Vec<HashLine> {
    let line = |name: &str, sha256: String| HashLine {
        name: name.to_owned(),
        sha256,
    };
    let mut lines = vec![
        line("file", signed.asset.digest().hex()),
        line("content", signed.asset.content_digest().hex()),
        line("manifest", signed.manifest_digest.hex()),
    ];
    if let Some((rule, digest)) = registration.pixel {
        let name = crate::asset::pixels::PixelRule::from_code(rule).map_or("pixel", |rule| rule.name());
        lines.push(line(&format!("pixel ({name})"), digest.hex()));
    }
    lines
}

/// Fingerprints as lines.
pub(super) fn fingerprints(seen: &[Fingerprint]) -> Vec<FingerprintLine> {
    seen.iter().map(FingerprintLine::from).collect()
}

/// A report that says only that there was nothing to do.
pub(super) fn skipped(job: &Job, format: &str, source_type: String, note: String) -> SignReport {
    SignReport {
        schema: "sign-report.v1",
        input: name(&job.input),
        output: name(&job.output),
        outcome: SignOutcome::Skipped,
        format: format.to_owned(),
        source_type,
        source_basis: "ledger".to_owned(),
        written: Vec::new(),
        conflicts: Vec::new(),
        not_carried: Vec::new(),
        assertions: Vec::new(),
        read_back: None,
        manifest: None,
        hashes: Vec::new(),
        fingerprints: Vec::new(),
        ledger: None,
        timestamp: None,
        notes: vec![note],
    }
}

fn name(path: &std::path::Path) -> Untrusted {
    Untrusted::new(path.to_string_lossy())
}
