//! The last checkpoint of a ledger that witnesses have cosigned: beside it, `NAME.ledger.cosigned`.
//!
//! Its own file and no frame of the ledger: cosignatures come after the commit that they are about, from others, and would
//! each need a commit of their own to be covered; and what they say, anybody verifies by the keys of the witnesses alone. It
//! is not derived: deleting it loses when the witnesses saw that state, until they cosign a later one.

use std::io;
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
use super::ledger_file::beside;
use super::published;
use crate::ledger::{VerifiedCheckpoint, VerifierKey};

/// Where it lies.
#[must_use]
pub fn path(ledger: &Path) -> PathBuf {
    beside(ledger, ".cosigned")
}

/// The checkpoint, its signature by the log verified, those of witnesses not; `None` where there is none or what is there
/// is no checkpoint of this log.
pub fn read(ledger: &Path, log: &VerifierKey) -> io::Result<Option<VerifiedCheckpoint>> {
    let note = published::read_note(&path(ledger))?;
    Ok(note.and_then(|note| VerifiedCheckpoint::open(&note, log).ok()))
}

/// Keeps a cosigned checkpoint, durably.
pub fn write(ledger: &Path, note: &str) -> Result<(), DurableError> {
    durable::write(&path(ledger), note.as_bytes(), 0o644, Existing::Replace)
}
