//! Whether one state of a log is the beginning of another: by two sizes, or by checkpoints and proofs kept from earlier.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::judge::COSE_SIGN1;
use super::make::stage;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault, ledger_open};
use crate::base::Untrusted;
use crate::ledger::checkpoint::{Checkpoint, CheckpointError};
use crate::ledger::consistency_file::{CONSISTENCY_FILE_BYTES_MAX, ConsistencyFile};
use crate::ledger::note::{Note, NoteError};
use crate::ledger::proof::{self, ProofError};
use crate::ledger::proof_file::ProofFile;
use crate::ledger::state_proof::StateProof;
use crate::ledger::{NodeHash, RootHash, TreeSize, VerifiedCheckpoint, VerifierKey};
use crate::report::proof::{ConsistencyReport, LogState};
use crate::report::{Check, Outcome};
use crate::store::ledger_file::LedgerFile;
use crate::store::{files, folder};

/// Compare these two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyRequest {
    /// A size, or a file with a checkpoint or proof.
    pub old: PathBuf,
    /// The same.
    pub new: PathBuf,
    /// The ledger file, or a published directory.
    pub ledger: LedgerChoice,
    /// Where the proof is written, for who has both checkpoints and no ledger.
    pub output: Option<PathBuf>,
    /// Whether a file that exists is replaced.
    pub overwrite: bool,
}

/// Check that a proof leads from one checkpoint to another, without the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyCheck {
    /// The proof.
    pub proof: PathBuf,
    /// The log that signed both checkpoints.
    pub log: VerifierKey,
    /// A file with the older checkpoint, or a proof that holds it.
    pub old: PathBuf,
    /// The same of the newer one.
    pub new: PathBuf,
}

/// One side of the comparison.
struct Side {
    named: PathBuf,
    size: TreeSize,
    signed: Option<RootHash>,
}

/// Compares two states of one log.
pub fn consistency(app: &App, request: &ConsistencyRequest) -> Result<ConsistencyReport, Error> {
    let (path, ledger) = crate::app::ledger::open(app, &request.ledger)?;
    let key = &ledger.header().verifier;
    let (old, new) = (side(&request.old, key)?, side(&request.new, key)?);
    if new.size < old.size && old.signed.is_none() && new.signed.is_none() {
        return Err(swapped(&old, &new));
    }
    for side in [&old, &new] {
        if side.signed.is_none() && side.size > ledger.size() {
            let asked = format!("state of {} entries", side.size);
            return Err(ledger_open::no_entry(&path, &asked, ledger.size()));
        }
    }
    let (check, hashes) = compare(&ledger, &old, &new).map_err(|error| ledger_open::fault(&path, &error))?;
    let file = ConsistencyFile {
        old: old.size,
        new: new.size,
        hashes: hashes.clone(),
    };
    let written = match &request.output {
        Some(to) if check.outcome == Outcome::Pass => {
            let (to, staged) = stage(to, file.text().as_bytes(), request.overwrite)?;
            staged.commit().map_err(|error| fault::write(&to, &error))?;
            Some(Untrusted::new(to.to_string_lossy()))
        }
        _ => None,
    };
    Ok(ConsistencyReport {
        schema: "consistency-report.v1",
        ledger: Untrusted::new(path.to_string_lossy()),
        origin: Untrusted::new(key.name().as_str()),
        old: state(&ledger, &old),
        new: state(&ledger, &new),
        check,
        proof: hashes.iter().map(|hash| BASE64.encode(hash.as_bytes())).collect(),
        written,
    })
}

/// Checks a proof against the two checkpoints, which the log must have signed. Whatever the proof's bytes are is a verdict.
pub fn check_consistency(request: &ConsistencyCheck) -> Result<ConsistencyReport, Error> {
    let open = |named: &Path| checkpoint_in(named, &request.log);
    let (old, new) = (open(&request.old)?, open(&request.new)?);
    let limit = u64::try_from(CONSISTENCY_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = files::read(&request.proof, limit).map_err(|error| fault::read(&request.proof, &error))?;
    let read = ConsistencyFile::parse(&String::from_utf8_lossy(&bytes));
    let (outcome, note) = match &read {
        Err(why) => (Outcome::Unknown, why.to_string()),
        Ok(read) if (read.old, read.new) != (old.size(), new.size()) => {
            let note = format!(
                "the proof leads from {} entries to {}, the checkpoints are of {} and {}",
                read.old,
                read.new,
                old.size(),
                new.size()
            );
            (Outcome::Unknown, note)
        }
        Ok(read) => match read.verify(old.root(), new.root()) {
            Ok(()) => (Outcome::Pass, begins(old.size(), new.size())),
            Err(ProofError::Empty) => (Outcome::Pass, EMPTY.to_owned()),
            Err(_) if old.size() == new.size() => {
                let note = "two checkpoints of one size with other roots: the log has shown two histories";
                (Outcome::Fail, note.to_owned())
            }
            // A proof that was damaged says nothing about the log.
            Err(why) => {
                let note = format!("the proof does not lead from one checkpoint to the other: {why}");
                (Outcome::Unknown, note)
            }
        },
    };
    let state = |named: &Path, checkpoint: &VerifiedCheckpoint| LogState {
        named: Untrusted::new(named.to_string_lossy()),
        tree_size: checkpoint.size().0,
        root: checkpoint.root().hex(),
        signed: true,
    };
    let hashes = read.map(|read| read.hashes).unwrap_or_default();
    Ok(ConsistencyReport {
        schema: "consistency-report.v1",
        ledger: Untrusted::new(request.proof.to_string_lossy()),
        origin: Untrusted::new(request.log.name().as_str()),
        old: state(&request.old, &old),
        new: state(&request.new, &new),
        check: Check::new(CONSISTENT, outcome, note),
        proof: hashes.iter().map(|hash| BASE64.encode(hash.as_bytes())).collect(),
        written: None,
    })
}

/// Two sizes contradict nothing, in whichever order they are named.
fn swapped(old: &Side, new: &Side) -> Error {
    let what = format!(
        "the newer state, {}, is smaller than the older one, {}",
        new.size, old.size
    );
    Error::new(Kind::Request, "consistency.swapped", what)
        .why("a log only grows: the older state is named first")
        .fix(format!("byline ledger consistency {} {}", new.size, old.size))
}

/// A number is a size; anything else a file whose checkpoint this log signed.
fn side(named: &Path, key: &VerifierKey) -> Result<Side, Error> {
    let number = named.to_str().and_then(|text| text.parse::<u64>().ok());
    if let Some(number) = number.filter(|_| !folder::exists(named)) {
        return Ok(Side {
            named: named.to_owned(),
            size: TreeSize(number),
            signed: None,
        });
    }
    let checkpoint = checkpoint_in(named, key)?;
    Ok(Side {
        named: named.to_owned(),
        size: checkpoint.size(),
        signed: Some(checkpoint.root()),
    })
}

/// The checkpoint in a file, be it one or a proof, that this log signed.
pub(in crate::app) fn checkpoint_in(named: &Path, key: &VerifierKey) -> Result<VerifiedCheckpoint, Error> {
    let note = note_in(named)?;
    VerifiedCheckpoint::open(&note, key).map_err(|error| no_checkpoint(named, &error))
}

/// As [`checkpoint_in`], but `None` where the checkpoint in the file is of another log, or of another key of it.
pub(in crate::app) fn checkpoint_of(
    named: &Path,
    key: &VerifierKey,
) -> Result<Option<VerifiedCheckpoint>, Error> {
    let note = note_in(named)?;
    let is_checkpoint = || Note::parse(&note).is_ok_and(|note| Checkpoint::parse(note.text).is_ok());
    match VerifiedCheckpoint::open(&note, key) {
        Ok(checkpoint) => Ok(Some(checkpoint)),
        Err(CheckpointError::Origin | CheckpointError::Note(NoteError::Unsigned)) if is_checkpoint() => {
            Ok(None)
        }
        Err(error) => Err(no_checkpoint(named, &error)),
    }
}

/// The text of a checkpoint file, or of the checkpoint in a proof file or state proof.
fn note_in(named: &Path) -> Result<String, Error> {
    let bytes = super::read(named)?;
    if bytes.first() == Some(&COSE_SIGN1) {
        let what = format!("`{}` carries no checkpoint", named.display());
        return Err(Error::new(Kind::Input, "checkpoint.none", what)
            .why("it is an entry with a COSE receipt, which holds a signed root without its size")
            .fix("give a checkpoint, or the proof file of the same entry: byline ledger prove"));
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    if StateProof::is_meant(&text) {
        let proof = StateProof::parse(&text).map_err(|error| no_checkpoint(named, &error))?;
        return Ok(proof.checkpoint);
    }
    Ok(match ProofFile::parse(&text) {
        Ok(proof) => proof.checkpoint().to_owned(),
        Err(_) => text,
    })
}

fn no_checkpoint(named: &Path, why: &dyn std::error::Error) -> Error {
    let what = format!("`{}` holds no checkpoint of this log", named.display());
    Error::new(Kind::Input, "checkpoint.unreadable", what)
        .why(why.to_string())
        .fix("give a checkpoint, a proof file or a state proof of this very log")
}

fn compare(
    ledger: &LedgerFile,
    old: &Side,
    new: &Side,
) -> Result<(Check, Vec<NodeHash>), crate::store::StoreError> {
    let found = ledger.size();
    let no = |note: String| Ok((Check::new(CONSISTENT, Outcome::Fail, note), Vec::new()));
    if new.size < old.size {
        return no(format!(
            "the newer state has {} entries, the older one {}",
            new.size, old.size
        ));
    }
    if new.size > found {
        let note = format!(
            "this ledger has {found} entries, which is fewer than {}",
            new.size
        );
        // The log has signed more than it has now.
        return no(format!(
            "{note}: an older copy stands in the place of a newer one"
        ));
    }
    for side in [old, new] {
        if side
            .signed
            .is_some_and(|signed| ledger.root_at(side.size).is_ok_and(|root| root != signed))
        {
            return no(format!(
                "this ledger is another one up to size {} than the one the checkpoint was signed over: the log has shown two histories",
                side.size
            ));
        }
    }
    let hashes = ledger.consistency(old.size, new.size)?;
    let (old_root, new_root) = (ledger.root_at(old.size)?, ledger.root_at(new.size)?);
    match proof::verify_consistency((old.size, old_root), (new.size, new_root), &hashes) {
        Ok(()) => {
            let note = begins(old.size, new.size);
            Ok((Check::new(CONSISTENT, Outcome::Pass, note), hashes))
        }
        Err(ProofError::Empty) => Ok((Check::new(CONSISTENT, Outcome::Pass, EMPTY), hashes)),
        Err(why) => no(why.to_string()),
    }
}

fn begins(old: TreeSize, new: TreeSize) -> String {
    format!("the log of size {old} is the beginning of that of size {new}")
}

const EMPTY: &str = "the empty log is the beginning of every log; no proof is needed";

fn state(ledger: &LedgerFile, side: &Side) -> LogState {
    let root = side.signed.or_else(|| ledger.root_at(side.size).ok());
    LogState {
        named: Untrusted::new(side.named.to_string_lossy()),
        tree_size: side.size.0,
        root: root.map(|root| root.hex()).unwrap_or_default(),
        signed: side.signed.is_some(),
    }
}

const CONSISTENT: &str = "ledger.consistency";
