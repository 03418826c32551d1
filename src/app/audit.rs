//! Audit: everything in a ledger re-derived, every signature checked, each finding named.

use std::io::Seek as _;

use super::request::AuditRequest;
use super::{App, Error, Kind, audit_published, fault};
use crate::base::Untrusted;
use crate::ledger::VerifierKey;
use crate::ledger::audit::{self, Audit, Consequence, Options, Signatures, StateMaps};
use crate::report::audit::{AuditCounts, AuditReport, Finding, Weight};
use crate::store::{files, folder, mark};

/// Audits a ledger file, or a directory that was published. Whatever its bytes are is a finding; only a file that cannot be read is an error.
///
/// The high-water mark that this machine keeps of the log, if it keeps one, is a checkpoint the log must contain.
pub fn audit(app: &App, request: &AuditRequest) -> Result<AuditReport, Error> {
    let path = &request.ledger;
    if folder::is_folder(path) {
        return audit_published::audit(app, request);
    }
    let cannot = |error| cannot(request, &error);
    let file = files::open_regular(path).map_err(|error| fault::read(path, &error))?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let known = known(app, request)?;
    let maps = maps(request, || {
        let holds = audit::holds_state_root(&file)?;
        (&file).rewind().map(|()| holds)
    });
    let options = options(request, known, maps.map_err(cannot)?);
    app.progress.start(bytes, "auditing");
    let found =
        audit::audit(file, &options, &mut |progress| app.progress.reach(progress.bytes)).map_err(cannot);
    app.progress.finish();
    Ok(report(request, &options, &found?))
}

/// Whether to make state maps again: not when there are none, as they take much memory, and not when told so.
pub(super) fn maps<E>(
    request: &AuditRequest,
    holds: impl FnOnce() -> Result<bool, E>,
) -> Result<StateMaps, E> {
    Ok(if request.no_state || !holds()? {
        StateMaps::PassOver
    } else {
        StateMaps::Derive
    })
}

/// How to audit.
pub(super) fn options(
    request: &AuditRequest,
    known: Vec<crate::ledger::VerifiedCheckpoint>,
    maps: StateMaps,
) -> Options {
    Options {
        threads: request.jobs.get(),
        signatures: if request.strict {
            Signatures::Strict
        } else {
            Signatures::Batch
        },
        maps,
        key: request.log_key.clone(),
        known,
    }
}

/// The mark of this log, where this machine has seen it before.
fn known(app: &App, request: &AuditRequest) -> Result<Vec<crate::ledger::VerifiedCheckpoint>, Error> {
    let Some(key) = verifier(request)? else {
        return Ok(Vec::new());
    };
    let mark = mark::read(&app.dirs.state, &key).map_err(|error| cannot_read_mark(&error))?;
    Ok(mark.into_iter().collect())
}

pub(super) fn cannot_read_mark(error: &mark::MarkError) -> Error {
    let what = "cannot read the high-water mark of this ledger";
    Error::new(Kind::World, "ledger.mark", what).why(error.to_string())
}

/// The log's key as the header names it; `None` where the header is broken, which the audit will say.
fn verifier(request: &AuditRequest) -> Result<Option<VerifierKey>, Error> {
    use std::io::Read as _;
    let path = &request.ledger;
    let file = files::open_regular(path).map_err(|error| fault::read(path, &error))?;
    let mut header = Vec::new();
    let read = file
        .take(crate::ledger::frame::HEADER_LEN)
        .read_to_end(&mut header);
    read.map_err(|error| cannot(request, &error))?;
    Ok(crate::ledger::frame::Header::parse(&header)
        .ok()
        .map(|header| header.verifier))
}

fn cannot(request: &AuditRequest, error: &std::io::Error) -> Error {
    let what = format!("cannot read `{}`", request.ledger.display());
    Error::new(Kind::World, "file.io", what).why(error.to_string())
}

fn report(request: &AuditRequest, options: &Options, found: &Audit) -> AuditReport {
    let sound = !found.is_contradicted();
    let mut not_checked = Vec::new();
    if found.bytes_not_audited > 0 {
        not_checked.push(format!(
            "{} bytes behind the last readable frame",
            found.bytes_not_audited
        ));
    }
    if options.known.is_empty() {
        not_checked.push(
            "whether an older or another history was shown before: this machine has no mark of this log"
                .into(),
        );
    }
    not_checked.push("whether others were shown another history: no witness was asked".into());
    not_checked.extend(passed_over(request, found));
    AuditReport {
        schema: "audit-report.v1",
        ledger: Untrusted::new(request.ledger.to_string_lossy()),
        origin: Untrusted::new(
            found
                .header
                .as_ref()
                .map_or("", |header| header.origin().as_str()),
        ),
        sound,
        sentence: sentence(found, sound),
        counts: AuditCounts {
            bytes: found.bytes,
            entries: found.size.0,
            commits: found.commits,
            signatures: found.signatures,
            keys: found.keys,
            registrations: found.registrations,
            state_roots: found.state_roots,
        },
        root: found
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.root().hex())
            .unwrap_or_default(),
        checkpoint: found
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.note().to_owned()),
        findings: lines(request, found),
        findings_more: found.findings_left_out,
        not_checked,
    }
}

/// What `--no-state` left out.
pub(super) fn passed_over(request: &AuditRequest, found: &Audit) -> Option<String> {
    let count = found.state_roots;
    (request.no_state && count > 0).then(|| {
        format!("whether the state maps that the log signs ({count}) are those of its entries: --no-state passed them over")
    })
}

/// The findings; that a map was passed over is one only where nobody asked for it.
pub(super) fn lines(request: &AuditRequest, found: &Audit) -> Vec<Finding> {
    let is_asked = |rule: &audit::Rule| request.no_state && matches!(rule, audit::Rule::StateMapPassedOver);
    let findings = found.findings.iter().filter(|finding| !is_asked(&finding.rule));
    findings.map(line).collect()
}

fn line(finding: &audit::Finding) -> Finding {
    let weight = match finding.consequence() {
        Consequence::Contradicted => Weight::Broken,
        Consequence::Noted => Weight::Unfinished,
    };
    Finding {
        weight,
        rule: finding.rule.id().to_owned(),
        index: finding.place.index.map(|index| index.0),
        offset: Some(finding.place.offset),
        what: finding.rule.to_string(),
        consequence: finding.meaning().to_owned(),
    }
}

pub(super) fn sentence(found: &Audit, sound: bool) -> String {
    let size = found.size.0;
    let is_unfinished = |finding: &audit::Finding| !matches!(finding.rule, audit::Rule::StateMapPassedOver);
    match (sound, found.findings.iter().any(is_unfinished)) {
        (true, false) => {
            format!("every one of {size} entries is as it was signed, in its place, and nothing is missing")
        }
        (true, true) => format!(
            "all {size} acknowledged entries are as they were signed; an unfinished write follows them"
        ),
        (false, _) => "the file contradicts what was signed: its history was changed or damaged".to_owned(),
    }
}
