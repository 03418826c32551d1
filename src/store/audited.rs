//! What an auditor remembers of each log: the checkpoint that the last sound audit ended at, and which header the log had.
//!
//! One file for each log key, `(hex of SHA-256 of the verifier key, 32 digits).audited`, so that a log that calls itself by
//! another's name has a memory of its own:
//!
//! ```text
//! byline-audited/v1
//! (SHA-256 of the header's note, 64 hexadecimal digits)
//! (the checkpoint, a signed note)
//! ```
//!
//! Nobody signs the first two lines: where they do not fit, nothing is proved against the log.
//!
//! Who can write the file can make byline forget, or begin the next audit later than it should.

use std::io;
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
use super::published;
use crate::base::Digest;
use crate::ledger::frame::Header;
use crate::ledger::{VerifiedCheckpoint, VerifierKey};

/// What is remembered of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Where the last sound audit ended.
    pub checkpoint: VerifiedCheckpoint,
    /// Digest of the note of the header that the log had.
    pub header: Digest,
}

impl Audited {
    /// What is to be remembered of a log with this header.
    #[must_use]
    pub fn new(checkpoint: &VerifiedCheckpoint, header: &Header) -> Self {
        Self {
            checkpoint: checkpoint.clone(),
            header: Digest::of(header.note.as_bytes()),
        }
    }

    /// Whether this is the header that the log had.
    #[must_use]
    pub fn has_header(&self, header: &Header) -> bool {
        self.header == Digest::of(header.note.as_bytes())
    }
}

/// Where the memory of a log lies.
#[must_use]
pub fn path(state: &Path, key: &VerifierKey) -> PathBuf {
    let name = Digest::of(key.to_string().as_bytes()).hex();
    state.join(format!("{}.audited", &name[..32]))
}

/// What is remembered of a log; `None` where nothing is, or nothing that the log's key signed.
pub fn read(state: &Path, key: &VerifierKey) -> io::Result<Option<Audited>> {
    let text = match published::read_note(&path(state, key)) {
        // No text, or too long for one: as spoiled as any other that cannot be understood.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
        text => text?,
    };
    Ok(text.and_then(|text| parse(&text, key)))
}

fn parse(text: &str, key: &VerifierKey) -> Option<Audited> {
    let rest = text.strip_prefix(VERSION_LINE)?.strip_prefix('\n')?;
    let (header, note) = rest.split_once('\n')?;
    Some(Audited {
        checkpoint: VerifiedCheckpoint::open(note, key).ok()?,
        header: Digest::parse_hex(header)?,
    })
}

/// Remembers, durably, in place of what was remembered before.
pub fn write(state: &Path, key: &VerifierKey, audited: &Audited) -> Result<(), DurableError> {
    durable::create_directory(state, 0o700)?;
    let text = format!(
        "{VERSION_LINE}\n{}\n{}",
        audited.header.hex(),
        audited.checkpoint.note()
    );
    durable::write(&path(state, key), text.as_bytes(), 0o644, Existing::Replace)
}

const VERSION_LINE: &str = "byline-audited/v1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::keys::CreatorKey;
    use crate::ledger::{KeyName, LogKey, LookupMode, RootHash, TreeSize};

    fn key(seed: u8) -> LogKey {
        LogKey::new(KeyName::parse("a").unwrap(), CreatorKey::from_seed(&[seed; 32]))
    }

    fn header(key: &LogKey, mode: LookupMode) -> Header {
        Header::parse(&Header::write(key, Timestamp::from_unix_ms(0), mode, &[]).unwrap()).unwrap()
    }

    #[test]
    fn what_was_audited_is_remembered_for_each_key_of_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        for seed in [1, 2] {
            let key = key(seed);
            assert_eq!(read(&state, key.verifier()).unwrap(), None);
            for size in [3, 7] {
                let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(size), RootHash::empty(), &key);
                let audited = Audited::new(&checkpoint, &header(&key, LookupMode::Public));
                write(&state, key.verifier(), &audited).unwrap();
                assert_eq!(read(&state, key.verifier()).unwrap(), Some(audited.clone()));
                assert!(audited.has_header(&header(&key, LookupMode::Public)));
                assert!(!audited.has_header(&header(&key, LookupMode::Private)));
            }
        }
        let path = path(&state, key(1).verifier());
        let good = std::fs::read_to_string(&path).unwrap();
        for bad in [
            good.replacen("\n7\n", "\n8\n", 1).into_bytes(),
            good.as_bytes()[1..].to_vec(),
            vec![],
            vec![0xff; 40],
        ] {
            std::fs::write(&path, bad).unwrap();
            assert_eq!(read(&state, key(1).verifier()).unwrap(), None);
        }
    }
}
