//! Audit of a published directory: what others can check of a log whose ledger file they do not have.

use std::convert::Infallible;
use std::path::Path;

use super::audit::{cannot_read_mark, lines, maps, options, passed_over, sentence};
use super::request::AuditRequest;
use super::{App, Error, Kind};
use crate::base::Untrusted;
use crate::ledger::audit::{self, Audit, audit_entries};
use crate::ledger::body::DigestForm;
use crate::ledger::tile_tree::TileTreeError;
use crate::ledger::tree::root_at;
use crate::ledger::{Entry, EntryBody, LookupMode, VerifiedCheckpoint, VerifierKey};
use crate::report::audit::{AuditCounts, AuditReport, Finding, Weight};
use crate::store::mark;
use crate::store::published::{self, PublishedError, PublishedLog};

/// Audits a directory that `ledger publish` made. Whatever is missing or changed in it is a finding.
pub(super) fn audit(app: &App, request: &AuditRequest) -> Result<AuditReport, Error> {
    let dir = &request.ledger;
    let (key, is_named) = match &request.log_key {
        Some(key) => (key.clone(), true),
        None => (published::log_key(dir).ok_or_else(|| no_key(dir))?, false),
    };
    let known = mark::read(&app.dirs.state, &key).map_err(|error| cannot_read_mark(&error))?;
    let mut report = blank(dir, &key);
    report.not_checked = not_checked(is_named, known.is_some());
    let log = match PublishedLog::open(dir, &key) {
        Ok(log) => log,
        Err(PublishedError::Missing { path }) => return Err(no_checkpoint(dir, &path)),
        Err(error @ PublishedError::Io { .. }) => return Err(unreadable(dir, &error.to_string())),
        Err(error) => {
            report
                .findings
                .push(broken("ledger.published.checkpoint", &error));
            "the directory contradicts what was signed".clone_into(&mut report.sentence);
            return Ok(report);
        }
    };
    fill(app, request, &log, (&key, known), &mut report);
    Ok(report)
}

fn fill(
    app: &App,
    request: &AuditRequest,
    log: &PublishedLog,
    (key, known): (&VerifierKey, Option<VerifiedCheckpoint>),
    report: &mut AuditReport,
) {
    let checkpoint = log.checkpoint();
    app.progress.start(checkpoint.size().0, "auditing");
    let log_id = key.key().key_id();
    let is_root = |entry: Result<Vec<u8>, _>| entry.is_ok_and(|bytes| audit::is_state_root(&bytes, &log_id));
    let maps = maps(request, || Ok::<bool, Infallible>(log.entries().any(is_root)));
    let maps = maps.unwrap_or_else(|never| match never {});
    let (mut found, failed) = audit_entries(
        log.entries(),
        (checkpoint, key),
        mode(log),
        &options(request, Vec::new(), maps),
        &mut |progress| app.progress.reach(progress.entries),
    );
    app.progress.finish();
    if let Some(known) = known {
        found.findings.extend(compare(log, &known));
    }
    report.findings = lines(request, &found);
    report.not_checked.extend(passed_over(request, &found));
    for finding in &mut report.findings {
        // There are no frames, so no offsets.
        finding.offset = None;
    }
    if let Some(error) = &failed {
        report.findings.push(broken(id(error), error));
        let left = checkpoint.size().0.saturating_sub(found.size.0);
        report
            .not_checked
            .push(format!("{left} entries from entry {} on", found.size));
    }
    report.findings_more = found.findings_left_out;
    report.sound = failed.is_none() && !found.is_contradicted();
    report.sentence = match &failed {
        Some(_) => "the directory is not whole: what it should hold is missing or changed".to_owned(),
        None => sentence(&found, report.sound),
    };
    report.counts = counts(&found);
    report.root = checkpoint.root().hex();
    report.checkpoint = Some(checkpoint.note().to_owned());
}

/// The log against a checkpoint of it that this machine has seen before.
fn compare(log: &PublishedLog, known: &VerifiedCheckpoint) -> Option<audit::Finding> {
    let (size, found) = (known.size(), log.checkpoint().size());
    let rule = if size > found {
        audit::Rule::Rollback { known: size, found }
    } else if root_at(log.tree(), size).is_some_and(|root| root == known.root()) {
        return None;
    } else {
        audit::Rule::Fork { known: size }
    };
    let place = audit::Place {
        index: None,
        offset: 0,
    };
    Some(audit::Finding { place, rule })
}

/// How the log makes digests, as its first registration shows.
fn mode(log: &PublishedLog) -> LookupMode {
    for entry in log.entries() {
        let Ok(bytes) = entry else { break };
        if let Ok(entry) = Entry::decode(&bytes)
            && let EntryBody::AssetRegister(registration) = entry.body()
        {
            return match registration.digests {
                DigestForm::Keyed => LookupMode::Private,
                DigestForm::Plain => LookupMode::Public,
            };
        }
    }
    LookupMode::Public
}

fn counts(found: &Audit) -> AuditCounts {
    AuditCounts {
        bytes: found.bytes,
        entries: found.size.0,
        commits: 1,
        // The checkpoint's was verified when the directory was opened.
        signatures: found.signatures.saturating_add(1),
        keys: found.keys,
        registrations: found.registrations,
        state_roots: found.state_roots,
    }
}

fn blank(dir: &Path, key: &VerifierKey) -> AuditReport {
    AuditReport {
        schema: "audit-report.v1",
        ledger: Untrusted::new(dir.to_string_lossy()),
        origin: Untrusted::new(key.name().as_str()),
        sound: false,
        sentence: String::new(),
        counts: AuditCounts::default(),
        root: String::new(),
        checkpoint: None,
        findings: Vec::new(),
        findings_more: 0,
        not_checked: Vec::new(),
    }
}

fn not_checked(is_key_named: bool, is_known: bool) -> Vec<String> {
    let mut list = vec!["when the log recorded each entry: a published directory has no commits".to_owned()];
    if !is_key_named {
        list.push(
            "whether this is the log you mean: its key was read from the directory itself; name it with --log-key"
                .to_owned(),
        );
    }
    if !is_known {
        list.push(
            "whether an older or another history was shown before: this machine has no mark of this log"
                .to_owned(),
        );
    }
    list.push("whether others were shown another history: no witness was asked".to_owned());
    list
}

const fn id(error: &TileTreeError) -> &'static str {
    match error {
        TileTreeError::Absent { .. } => "ledger.published.missing",
        TileTreeError::Io { .. } => "ledger.published.unreadable",
        _ => "ledger.published.changed",
    }
}

fn broken(rule: &str, error: &dyn std::error::Error) -> Finding {
    Finding {
        weight: Weight::Broken,
        rule: rule.to_owned(),
        index: None,
        offset: None,
        what: error.to_string(),
        consequence: "what this file should hold cannot be relied on; get the directory anew".to_owned(),
    }
}

fn no_key(dir: &Path) -> Error {
    let what = format!("cannot audit the directory `{}`", dir.display());
    Error::new(Kind::Input, "published.no-key", what)
        .why("it names no log key, and none was given")
        .fix("give the log's verifier key with --log-key")
}

fn no_checkpoint(dir: &Path, path: &Path) -> Error {
    let what = format!("`{}` is no published log", dir.display());
    Error::new(Kind::Input, "published.no-checkpoint", what)
        .why(format!("`{}` is missing", path.display()))
        .fix("name a directory that byline ledger publish made, or a ledger file")
}

fn unreadable(dir: &Path, why: &str) -> Error {
    let what = format!("cannot read `{}`", dir.display());
    Error::new(Kind::World, "file.io", what).why(why)
}
