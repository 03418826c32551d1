//! From what was done to what is reported.

use serde_json::{Value, json};

use super::place::Job;
use super::words::Stated;
use crate::base::fingerprint::Look;
use crate::base::statement::uuid_text;
use crate::base::{Fingerprint, Statement, Timestamp, Untrusted};
use crate::keys::Identity;
use crate::keys::x509::LeafInfo;
use crate::ledger::{LookupMode, Registration};
use crate::manifest::{self, Claim, SignedAsset};
use crate::metadata::{Metadata, Patched};
use crate::report::sign::{
    AssertionLine, CertificateLine, ConflictLine, EntryLine, FieldLine, FingerprintLine, HashLine,
    SignOutcome, SignReport,
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
        contradictions: Vec::new(),
        not_carried: patched.not_carried.clone(),
        assertions: assertions(patched, claim),
        read_back: None,
        manifest: None,
        hashes: Vec::new(),
        fingerprints: Vec::new(),
        ledger: None,
        entry: None,
        certificate: None,
        kept_manifest: None,
        timestamp: None,
        deep_points: None,
        uniqueness: None,
        faults: Vec::new(),
        holds: Vec::new(),
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

/// What would be written, from the report of what was signed and thrown away: without what each signing draws anew.
pub(super) fn as_dry_run(report: SignReport) -> SignReport {
    SignReport {
        outcome: SignOutcome::DryRun,
        read_back: None,
        manifest: None,
        hashes: Vec::new(),
        timestamp: None,
        ..report
    }
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

/// What the entry of a statement holds beside hashes and fingerprints.
pub(super) fn entry(
    ledger: &std::path::Path,
    mode: LookupMode,
    statement: &Statement,
    parents: usize,
) -> EntryLine {
    EntryLine {
        ledger: name(ledger),
        keyed: mode == LookupMode::Private,
        asset_id: uuid_text(statement.ids.registry),
        source_type: statement.source.term().to_owned(),
        family: statement.family.map(|family| family.word().to_owned()),
        role: statement.role.map(|role| role.word().to_owned()),
        mining: statement.mining.map(|mining| mining.plus_uri().to_owned()),
        rights: super::record::rights(statement)
            .into_iter()
            .map(|terms| terms.word().to_owned())
            .collect(),
        parents: u64::try_from(parents).unwrap_or(u64::MAX),
    }
}

/// Whom the certificate that signs names.
pub(super) fn certificate(identity: &Identity) -> Option<CertificateLine> {
    let leaf = LeafInfo::parse(identity.chain_der().first()?).ok()?;
    Some(CertificateLine {
        name: leaf.subject_cn,
        organization: leaf.subject_o,
        email: leaf.email,
    })
}

/// What the file holds of a person or a place that signing leaves in, in a sentence.
pub(super) fn personal(found: &Metadata) -> Option<String> {
    let mut names: Vec<&str> = found.fields.iter().map(|field| field.name.as_str()).collect();
    names.retain(|name| PERSONAL.iter().any(|mark| name.starts_with(mark)));
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let shown: Vec<&str> = names.iter().take(PERSONAL_SHOWN).copied().collect();
    let more = match names.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "the file tells of a place or a device, and that stays in it: {}{more}",
        shown.join(", ")
    ))
}

/// Where fields begin that tell of a place, a device or its owner (`metadata.md` 7.4, 7).
const PERSONAL: [&str; 8] = [
    "Exif:BodySerialNumber",
    "Exif:CameraOwnerName",
    "Exif:LensSerialNumber",
    "GPS:",
    "aux:SerialNumber",
    "exif:GPS",
    "exifEX:BodySerialNumber",
    "exifEX:CameraOwnerName",
];
const PERSONAL_SHOWN: usize = 6;

/// Fingerprints as lines, the look last.
pub(super) fn fingerprints(seen: &[Fingerprint], look: Option<Look>) -> Vec<FingerprintLine> {
    let look = look.as_ref().map(FingerprintLine::from);
    seen.iter().map(FingerprintLine::from).chain(look).collect()
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
        contradictions: Vec::new(),
        not_carried: Vec::new(),
        assertions: Vec::new(),
        read_back: None,
        manifest: None,
        hashes: Vec::new(),
        fingerprints: Vec::new(),
        ledger: None,
        entry: None,
        certificate: None,
        kept_manifest: None,
        timestamp: None,
        deep_points: None,
        uniqueness: None,
        faults: Vec::new(),
        holds: Vec::new(),
        notes: vec![note],
    }
}

fn name(path: &std::path::Path) -> Untrusted {
    Untrusted::new(path.to_string_lossy())
}
