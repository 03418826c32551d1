//! Whether one state of a log is the beginning of another: by two sizes, or by checkpoints and proofs kept from earlier.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault, ledger_open};
use crate::base::Untrusted;
use crate::ledger::proof::{self, ProofError};
use crate::ledger::proof_file::{PROOF_FILE_BYTES_MAX, ProofFile};
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
    let (check, hashes) = compare(&ledger, &old, &new).map_err(|error| ledger_open::fault(&path, &error))?;
    Ok(ConsistencyReport {
        schema: "consistency-report.v1",
        ledger: Untrusted::new(path.to_string_lossy()),
        origin: Untrusted::new(key.name().as_str()),
        old: state(&ledger, &old),
        new: state(&ledger, &new),
        check,
        proof: hashes.iter().map(|hash| BASE64.encode(hash.as_bytes())).collect(),
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
    let limit = u64::try_from(PROOF_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = files::read(named, limit).map_err(|error| fault::read(named, &error))?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let note = match ProofFile::parse(&text) {
        Ok(proof) => proof.checkpoint().to_owned(),
        Err(_) => text,
    };
    VerifiedCheckpoint::open(&note, key).map_err(|error| {
        let what = format!("`{}` holds no checkpoint of this log", named.display());
        Error::new(Kind::Input, "checkpoint.unreadable", what)
            .why(error.to_string())
            .fix("give a checkpoint or a proof file of this very log")
    })
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
        return match new.signed {
            // The log has signed more than it has now.
            Some(_) => no(format!(
                "{note}: an older copy stands in the place of a newer one"
            )),
            None => Ok((Check::new(CONSISTENT, Outcome::Unknown, note), Vec::new())),
        };
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
            let note = format!(
                "the log of size {} is the beginning of that of size {}",
                old.size, new.size
            );
            Ok((Check::new(CONSISTENT, Outcome::Pass, note), hashes))
        }
        Err(ProofError::Empty) => {
            let note = "the empty log is the beginning of every log; no proof is needed";
            Ok((Check::new(CONSISTENT, Outcome::Pass, note), hashes))
        }
        Err(why) => no(why.to_string()),
    }
}

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
