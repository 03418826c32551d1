//! What a witness has cosigned last of each log, one file each, named by the SHA-256 of the log's origin.
//!
//! Each file is a checkpoint with the log's signature and the witness's, so that it can be served as it stands. It is durable
//! before anything is answered. A file that is there and cannot be read is never taken for none: that would let a log go
//! back to any earlier state.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::durable::{self, DurableError, Existing};
use super::lock::{self, Held, LockError};
use super::published;
use super::secrets::{self, Kind};
use crate::base::Digest;
use crate::keys::CreatorKey;
use crate::ledger::checkpoint::CheckpointError;
use crate::ledger::cosignature::Cosigner;
use crate::ledger::{KeyName, VerifiedCheckpoint, VerifierKey};

/// Why the state of a witness is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessStateError {
    /// A file is not what was written.
    #[error("`{}` is not the last cosigned checkpoint of this log: {source}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// Why it is refused.
        source: CheckpointError,
    },
    /// A file was not written.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] StoreError),
    /// Another process serves this state.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The state of one witness, locked against other processes.
#[derive(Debug)]
pub struct WitnessState {
    dir: PathBuf,
    _lock: Held,
}

impl WitnessState {
    /// Opens the directory, makes it when it is absent.
    pub fn open(dir: &Path) -> Result<Self, WitnessStateError> {
        durable::create_directory(dir, 0o700)?;
        let lock = File::open(dir).map_err(|source| WitnessStateError::Io {
            path: dir.to_owned(),
            source,
        })?;
        let lock = lock::lock_exclusive(&lock, 0)?;
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// The key of the witness; made of `seed` when there is none yet.
    pub fn key(&self, name: KeyName, seed: &[u8; 32]) -> Result<Cosigner, WitnessStateError> {
        let path = self.dir.join("witness.key");
        if std::fs::symlink_metadata(&path).is_err() {
            secrets::create(&path, Kind::WitnessKey, seed)?;
        }
        let seed = secrets::read(&path, Kind::WitnessKey)?;
        Ok(Cosigner::new(name, CreatorKey::from_seed(&seed)))
    }

    /// The checkpoint of a log that was cosigned last; `None` where none was.
    pub fn latest(&self, log: &VerifierKey) -> Result<Option<VerifiedCheckpoint>, WitnessStateError> {
        let path = self.path(&origin_hash(log.name()));
        let note = published::read_note(&path);
        let note = note.map_err(|source| WitnessStateError::Io {
            path: path.clone(),
            source,
        })?;
        note.map(|note| VerifiedCheckpoint::open(&note, log))
            .transpose()
            .map_err(|source| WitnessStateError::Changed { path, source })
    }

    /// Keeps a cosigned checkpoint, durably. The caller has checked that it follows from the one before.
    pub fn keep(&self, origin: &KeyName, note: &str) -> Result<(), WitnessStateError> {
        let path = self.path(&origin_hash(origin));
        Ok(durable::write(&path, note.as_bytes(), 0o644, Existing::Replace)?)
    }

    /// The checkpoint by the hash of its log's origin, 64 lower-case hexadecimal digits.
    pub fn served(&self, origin_hash: &str) -> Result<Option<String>, WitnessStateError> {
        if Digest::parse_hex(origin_hash).is_none() {
            return Ok(None);
        }
        let path = self.path(origin_hash);
        published::read_note(&path).map_err(|source| WitnessStateError::Io { path, source })
    }

    fn path(&self, origin_hash: &str) -> PathBuf {
        self.dir.join(format!("{origin_hash}.checkpoint"))
    }
}

/// SHA-256 of an origin, as c2sp.org/tlog-witness names logs in URLs.
#[must_use]
pub fn origin_hash(origin: &KeyName) -> String {
    Digest::of(origin.as_str().as_bytes()).hex()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LogKey, RootHash, TreeSize};

    fn log() -> LogKey {
        LogKey::new(
            KeyName::parse("example.org/log").unwrap(),
            CreatorKey::from_seed(&[1; 32]),
        )
    }

    #[test]
    fn what_is_kept_is_found_and_what_was_changed_is_never_taken_for_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("w");
        let state = WitnessState::open(&path).unwrap();
        assert!(state.latest(log().verifier()).unwrap().is_none());
        let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(3), RootHash::from_bytes([1; 32]), &log());
        state.keep(checkpoint.origin(), checkpoint.note()).unwrap();
        assert_eq!(state.latest(log().verifier()).unwrap(), Some(checkpoint.clone()));
        let hash = origin_hash(checkpoint.origin());
        assert_eq!(state.served(&hash).unwrap().as_deref(), Some(checkpoint.note()));
        for other in ["", "../witness", &hash.to_uppercase(), &hash[1..]] {
            assert_eq!(state.served(other).unwrap(), None);
        }
        let file = path.join(format!("{hash}.checkpoint"));
        for bad in ["", "x", &checkpoint.note().replacen("\n3\n", "\n2\n", 1)] {
            std::fs::write(&file, bad).unwrap();
            assert!(matches!(
                state.latest(log().verifier()),
                Err(WitnessStateError::Changed { .. })
            ));
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert!(matches!(
            state.latest(log().verifier()),
            Err(WitnessStateError::Io { .. })
        ));
    }

    #[test]
    fn one_process_at_a_time_and_one_key_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let state = WitnessState::open(dir.path()).unwrap();
        assert!(matches!(
            WitnessState::open(dir.path()),
            Err(WitnessStateError::Lock(_))
        ));
        let name = KeyName::parse("w").unwrap();
        let first = state.key(name.clone(), &[1; 32]).unwrap();
        drop(state);
        let again = WitnessState::open(dir.path())
            .unwrap()
            .key(name, &[2; 32])
            .unwrap();
        assert_eq!(first.verifier(), again.verifier());
    }
}
