//! The high-water mark of each ledger: its newest checkpoint, kept in the user's state directory, outside the ledger.
//! An older copy restored over a newer one, or another history under the same name, is noticed by it.
//!
//! One file for each origin, `(hex of SHA-256 of the origin, 32 digits).mark`: the signed note of the checkpoint. It is
//! renamed into place but not synced: a power cut may lose the newest mark, never tear one, and an older mark still
//! notices older copies. Who can write it can only cause a refusal, as it is signed by the log's key.

use std::io;
use std::path::{Path, PathBuf};

use super::durable;
use crate::base::Digest;
use crate::ledger::{KeyName, VerifiedCheckpoint, VerifierKey};

/// Why a mark does not help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// A step failed.
    #[error("cannot {step} the high-water mark `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The mark is of another log key.
    #[error("the high-water mark `{}` is not signed by this ledger's key: another ledger of the same origin was seen here before", path.display())]
    OtherLog {
        /// The file.
        path: PathBuf,
    },
}

/// Where the mark of an origin lies.
#[must_use]
pub fn path(state: &Path, origin: &KeyName) -> PathBuf {
    let name: String = Digest::of(origin.as_str().as_bytes())
        .hex()
        .chars()
        .take(32)
        .collect();
    state.join(format!("{name}.mark"))
}

/// The mark of a ledger, if there is one.
pub fn read(state: &Path, key: &VerifierKey) -> Result<Option<VerifiedCheckpoint>, MarkError> {
    let path = path(state, key.name());
    let note = match std::fs::read_to_string(&path) {
        Ok(note) => note,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) if source.kind() != io::ErrorKind::InvalidData => {
            return Err(MarkError::Io {
                path,
                step: "read",
                source,
            });
        }
        Err(_) => return Err(MarkError::OtherLog { path }),
    };
    VerifiedCheckpoint::open(&note, key)
        .map(Some)
        .map_err(|_| MarkError::OtherLog { path })
}

/// Sets the mark. The caller has checked that it does not go back.
pub fn write(state: &Path, checkpoint: &VerifiedCheckpoint) -> Result<(), MarkError> {
    let path = path(state, checkpoint.origin());
    let fail = |step| {
        let path = path.clone();
        move |source| MarkError::Io { path, step, source }
    };
    // One name suffices: only the holder of the ledger's lock writes. A killed writer's file is written over.
    let beside = path.with_extension("mark-new");
    let written = std::fs::write(&beside, checkpoint.note());
    let written = match written {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            durable::create_directory(state, 0o700)
                .map_err(|error| fail("make the directory of")(io::Error::other(error)))?;
            std::fs::write(&beside, checkpoint.note())
        }
        other => other,
    };
    written.map_err(fail("write"))?;
    std::fs::rename(&beside, &path).map_err(fail("rename"))
}
