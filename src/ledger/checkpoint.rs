//! Checkpoints: what a log says of itself at one size, signed.
//!
//! The name of the log, its size, and the base64 of the root of so many entries, as a signed note. A true one, of an empty
//! log by the key of the example in [`super::frame`] (U+2014 as an escape):
//!
//! ```text
//! example.org/ledger
//! 0
//! 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//!
//! \u{2014} example.org/ledger IiC5xye7e9k5dNUg3zqDzV4Q0hkkhv/LMsDlgymFpQPPj1EtE56by2r9cy6PpfO3z0x5DsqifrKqxAhpTABDqGwBUAg=
//! ```
//!
//! Source: <https://c2sp.org/tlog-checkpoint>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::hash::RootHash;
use super::note::{KeyName, LogKey, NoteError, VerifierKey};
use super::tree::TreeSize;

/// Origin, size and root of a log, not yet verified by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: KeyName,
    /// How many entries.
    pub size: TreeSize,
    /// The root over them.
    pub root: RootHash,
}

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not the form of a checkpoint.
    #[error("not a checkpoint: {why}")]
    Malformed {
        /// Which rule is broken.
        why: &'static str,
    },
    /// The signed note around it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is of another log than the key.
    #[error("the checkpoint names another log than its key")]
    Origin,
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            BASE64.encode(self.root.as_bytes())
        )
    }

    /// Reads the text of a note. Extension lines are allowed and passed over.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = |why| CheckpointError::Malformed { why };
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(malformed("the last line is not ended"))?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("wanted three lines"));
        };
        if lines.any(str::is_empty) {
            return Err(malformed("an extension line is empty"));
        }
        let number: u64 = size.parse().map_err(|_| malformed("the size is no number"))?;
        if number.to_string() != size {
            return Err(malformed("the size has signs or leading zeros"));
        }
        let root = BASE64
            .decode(root)
            .map_err(|_| malformed("the root is not base64"))?;
        let root: [u8; 32] = root
            .try_into()
            .map_err(|_| malformed("the root has not 32 bytes"))?;
        Ok(Self {
            origin: KeyName::parse(origin)?,
            size: TreeSize(number),
            root: RootHash::from_bytes(root),
        })
    }
}

/// A checkpoint whose origin and signature matched a trusted log key. Made only by verifying or signing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    note: String,
}

impl VerifiedCheckpoint {
    /// Opens a note with the log's key.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint::parse(key.open(note)?)?;
        if checkpoint.origin != *key.name() {
            return Err(CheckpointError::Origin);
        }
        Ok(Self {
            checkpoint,
            note: note.to_owned(),
        })
    }

    /// Checks a bare signature over the checkpoint text, as commit frames hold it; `None` when it does not match.
    #[must_use]
    pub fn from_signature(
        size: TreeSize,
        root: RootHash,
        signature: &[u8; 64],
        key: &VerifierKey,
    ) -> Option<Self> {
        let checkpoint = Checkpoint {
            origin: key.name().clone(),
            size,
            root,
        };
        let text = checkpoint.text();
        let note = key
            .key()
            .verify_strict(text.as_bytes(), signature)
            .then(|| key.note(&text, signature))?;
        Some(Self { checkpoint, note })
    }

    /// Signs the state of one's own log.
    #[must_use]
    pub fn sign(size: TreeSize, root: RootHash, key: &LogKey) -> (Self, [u8; 64]) {
        let checkpoint = Checkpoint {
            origin: key.verifier().name().clone(),
            size,
            root,
        };
        let text = checkpoint.text();
        let signature = key.sign(text.as_bytes());
        let note = key.verifier().note(&text, &signature);
        (Self { checkpoint, note }, signature)
    }

    /// How many entries.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.checkpoint.size
    }

    /// The root over them.
    #[must_use]
    pub const fn root(&self) -> RootHash {
        self.checkpoint.root
    }

    /// The log's name.
    #[must_use]
    pub const fn origin(&self) -> &KeyName {
        &self.checkpoint.origin
    }

    /// The signed note, as others can check it.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::CreatorKey;

    fn key(name: &str) -> LogKey {
        LogKey::new(KeyName::parse(name).unwrap(), CreatorKey::from_seed(&[5; 32]))
    }

    #[test]
    fn a_checkpoint_goes_out_and_comes_back() {
        let (signed, _) =
            VerifiedCheckpoint::sign(TreeSize(7), RootHash::empty(), &key("example.org/ledger"));
        let opened = VerifiedCheckpoint::open(signed.note(), key("example.org/ledger").verifier());
        assert_eq!(opened, Ok(signed));
    }

    #[test]
    fn a_checkpoint_of_another_log_is_refused() {
        let text = Checkpoint {
            origin: KeyName::parse("other").unwrap(),
            size: TreeSize(1),
            root: RootHash::empty(),
        };
        let note = key("mine").sign_note(&text.text());
        assert_eq!(
            VerifiedCheckpoint::open(&note, key("mine").verifier()),
            Err(CheckpointError::Origin)
        );
    }

    #[test]
    fn second_spellings_of_a_size_are_refused() {
        let good = Checkpoint {
            origin: KeyName::parse("a").unwrap(),
            size: TreeSize(10),
            root: RootHash::empty(),
        }
        .text();
        assert!(Checkpoint::parse(&good).is_ok());
        for bad in ["010", "+10", "10 ", "-1", "18446744073709551616"] {
            assert!(Checkpoint::parse(&good.replace("\n10\n", &format!("\n{bad}\n"))).is_err());
        }
        assert!(Checkpoint::parse(good.trim_end()).is_err());
    }
}
