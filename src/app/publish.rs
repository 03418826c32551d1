//! Publishes a ledger as static files.

use std::path::{Path, PathBuf};

use super::request::LedgerChoice;
use super::{App, Error, Kind, ledger, ledger_open, witness};
use crate::base::Untrusted;
use crate::report::publish::PublishReport;
use crate::store::publish::{Publication, PublishError, Publisher};

/// How long another publisher is waited for, milliseconds.
const LOCK_TIMEOUT_MS: u64 = 60_000;

/// Publish this ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishRequest {
    /// The ledger.
    pub ledger: LedgerChoice,
    /// The directory: made when absent, else one that holds this log.
    pub directory: PathBuf,
    /// Whether what was published before is compared with the ledger too, and replaced where it differs.
    pub mend: bool,
    /// Whether the log's witnesses are asked to cosign.
    pub witnesses: bool,
}

/// Writes what is new of a ledger into a directory that any web server can serve (c2sp.org/tlog-tiles).
pub fn publish(app: &App, request: &PublishRequest) -> Result<PublishReport, Error> {
    let (path, ledger) = ledger::open(app, &request.ledger)?;
    let dir = &request.directory;
    let cannot = |error: PublishError| fault(&path, dir, &error);
    let opened = if request.mend {
        Publisher::open_to_mend(&ledger, dir, LOCK_TIMEOUT_MS)
    } else {
        Publisher::open(&ledger, dir, LOCK_TIMEOUT_MS)
    };
    let mut publisher = opened.map_err(cannot)?;
    publisher.write_tiles().map_err(cannot)?;
    let checkpoint = ledger.checkpoint();
    // Tiles first, so that who is shown the checkpoint can follow it; cosignatures before the checkpoint is shown.
    let cosigning = witness::cosign(app, &path, &ledger, request.witnesses)?;
    let done = publisher.finish(&cosigning.note).map_err(cannot)?;
    Ok(PublishReport {
        schema: "publish-report.v1",
        ledger: Untrusted::new(path.to_string_lossy()),
        directory: Untrusted::new(dir.to_string_lossy()),
        origin: Untrusted::new(checkpoint.origin().as_str()),
        log_key: ledger.header().verifier.to_string(),
        before: done.before.map(|size| size.0),
        tree_size: done.size.0,
        root: checkpoint.root().hex(),
        files: done.files,
        bytes: done.bytes,
        checkpoint_written: done.is_checkpoint_new,
        checkpoint_mended: done.is_checkpoint_mended,
        witnesses: cosigning.lines,
        notes: notes(request, &done),
    })
}

fn notes(request: &PublishRequest, done: &Publication) -> Vec<String> {
    let replaced = done.replaced.saturating_add(u64::from(done.is_checkpoint_mended));
    let note = match (request.mend, replaced) {
        (true, 0) => {
            "everything published before was compared with the ledger; no file had other bytes".to_owned()
        }
        (true, replaced) => format!(
            "everything published before was compared with the ledger; files that had other bytes and were replaced: {replaced}"
        ),
        (false, _) if done.before.is_some() && done.files == 0 => {
            "what was published before was not read again: --mend compares and mends it".to_owned()
        }
        (false, _) => return Vec::new(),
    };
    vec![note]
}

/// What a refusal means.
pub(super) fn fault(ledger: &Path, dir: &Path, error: &PublishError) -> Error {
    let (kind, code, fix) = match error {
        PublishError::Store(error) => return ledger_open::fault(ledger, error),
        PublishError::Damaged { .. } => (
            Kind::Contradicted,
            "ledger.damaged",
            "byline audit names what is wrong and where; restore the ledger from a copy",
        ),
        PublishError::Differs { .. } => (
            Kind::Conflict,
            "publish.differs",
            "if this directory is the log's, run it again with --mend; else publish into a new one; no file that stood in this one was changed",
        ),
        PublishError::OtherLog => (
            Kind::Conflict,
            "publish.other-log",
            "if this directory is the log's and its checkpoint was damaged, run it again with --mend; else publish into a new one; nothing in this one was changed",
        ),
        PublishError::Forked { .. } => (
            Kind::Contradicted,
            "publish.forked",
            "keep both as evidence, and find out who wrote the other history; nothing was published",
        ),
        PublishError::Newer { .. } => (
            Kind::Contradicted,
            "publish.newer",
            "put the newer ledger back; publishing the older one would take entries away from its readers",
        ),
        PublishError::Lock(_) => (
            Kind::World,
            "publish.locked",
            "wait until the other byline has finished, then try again",
        ),
        _ => (
            Kind::World,
            "publish.io",
            "check that the directory can be written and the disk has room, then run the same command again",
        ),
    };
    let what = format!("cannot publish `{}` in `{}`", ledger.display(), dir.display());
    Error::new(kind, code, what).why(error.to_string()).fix(fix)
}
