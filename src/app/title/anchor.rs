//! Anchors: the log records that a time-stamping authority or OpenTimestamps has vouched for one of its checkpoints.

use std::path::{Path, PathBuf};

use super::desk::Desk;
use crate::app::proof::checkpoint_in;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault};
use crate::base::{Digest, Timestamp};
use crate::ledger::body::{Anchor, AnchorKind};
use crate::ledger::{EntryBody, VerifiedCheckpoint};
use crate::manifest::stamped;
use crate::report::title::{TitleDeed, TitleReport};
use crate::store::files;

/// Record evidence that a checkpoint existed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorCheckpoint {
    /// The file that was time-stamped: a checkpoint of this log.
    pub checkpoint: PathBuf,
    /// What came back: an RFC 3161 time-stamp response or token, or an OpenTimestamps proof.
    pub evidence: PathBuf,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records an anchor entry, signed with the log's own key.
///
/// # Errors
/// When the checkpoint is none of this history, or the evidence does not speak of its bytes.
pub fn anchor(app: &App, request: &AnchorCheckpoint) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let checkpoint = checkpoint_in(&request.checkpoint, desk.log_key())?;
    compare(&desk, &checkpoint)?;
    let bytes = read(&request.checkpoint)?;
    let evidence = read(&request.evidence)?;
    let (kind, at) = told(&evidence, &bytes).ok_or_else(|| {
        let what = format!(
            "`{}` is no evidence about `{}`",
            request.evidence.display(),
            request.checkpoint.display()
        );
        Error::new(Kind::Input, "anchor.other-file", what)
            .why("it is neither a well-signed RFC 3161 time stamp nor an OpenTimestamps proof of that very file")
            .fix("time-stamp the checkpoint file as it is, and give what the authority answers, not what it was asked: `openssl ts -query -data FILE -sha256 -cert` makes the question; or use `ots stamp FILE`")
    })?;
    let covers = checkpoint.size();
    let digest = Digest::of(&evidence);
    let body = EntryBody::Anchor(Anchor {
        evidence: digest,
        kind,
        covers,
    });
    let entry = desk
        .ledger
        .sign_as_log(body, app.clock.now())
        .map_err(|error| desk.fault(&error))?;
    let recorded = desk.append(app, &[entry])?;
    let sentence = match at {
        Some(at) => format!(
            "the log records a time stamp of {}, that its checkpoint of {covers} entries existed",
            at.rfc3339()
        ),
        None => format!(
            "the log records evidence ({}) that its checkpoint of {covers} entries existed",
            kind.word()
        ),
    };
    let mut report = desk.report((TitleDeed::Anchored, sentence), recorded, None)?;
    report.not_checked.push(match at {
        Some(_) => "whether the authority that signed the time stamp can be trusted".to_owned(),
        None => "what the evidence says: `ots verify` asks the chain that it leads to".to_owned(),
    });
    report.notes.push(format!(
        "keep `{}` and `{}`: the log holds the SHA-256 of the evidence alone, {}",
        request.evidence.display(),
        request.checkpoint.display(),
        digest.hex()
    ));
    Ok(report)
}

/// Whether the checkpoint is of this very history.
fn compare(desk: &Desk, checkpoint: &VerifiedCheckpoint) -> Result<(), Error> {
    let size = checkpoint.size();
    let found = desk.ledger.size();
    if size > found {
        let what = format!("the checkpoint is of {size} entries, but the ledger has only {found}");
        return Err(Error::new(Kind::Contradicted, "ledger.rolled-back", what)
            .why("an older copy stands in the place of a newer one")
            .fix("put the newer ledger back"));
    }
    let root = desk.ledger.root_at(size).map_err(|error| desk.fault(&error))?;
    if root == checkpoint.root() {
        return Ok(());
    }
    let what = format!("the checkpoint of {size} entries is of another history than this ledger's");
    Err(Error::new(Kind::Contradicted, "ledger.forked", what)
        .why("the log's key signed both")
        .fix("keep both as evidence, and find out who wrote the other history"))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    files::read(path, EVIDENCE_BYTES_MAX).map_err(|error| fault::read(path, &error))
}

/// Of what kind evidence about these bytes is, and what a time stamp says; `None` when it speaks of none, or of others.
fn told(evidence: &[u8], bytes: &[u8]) -> Option<(AnchorKind, Option<Timestamp>)> {
    if let Some(rest) = evidence.strip_prefix(OTS_HEAD) {
        let is_ours = rest.starts_with(Digest::of(bytes).as_bytes());
        return is_ours.then_some((AnchorKind::OpenTimestamps, None));
    }
    Some((AnchorKind::Rfc3161, Some(stamped(evidence, bytes)?)))
}

/// Time-stamp tokens are some KiB, with chains; OpenTimestamps proofs less.
const EVIDENCE_BYTES_MAX: u64 = 1 << 20;
/// What an OpenTimestamps proof of a SHA-256 begins with: its magic, version 1, the operation.
const OTS_HEAD: &[u8] = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08";
