//! Why the ledger file is not opened, read or appended to.

use std::io;
use std::path::PathBuf;

use super::durable::DurableError;
use super::lock::LockError;
use super::mark::MarkError;
use crate::ledger::append::AppendError;
use crate::ledger::audit::Finding;
use crate::ledger::frame::HeaderError;
use crate::ledger::note::NoteError;
use crate::ledger::proof::ProofError;
use crate::ledger::rules::Unreadable;
use crate::ledger::{EntryError, LeafIndex, TreeSize};

/// Why a ledger is not opened, read or appended to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The batch is refused; nothing was written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// What the entries say does not hold.
    #[error("{rule} (found on the way through its entries{at})", rule = finding.rule, at = place(finding))]
    Contradicted {
        /// The first thing that does not.
        finding: Finding,
    },
    /// Acknowledged bytes are changed or gone.
    #[error(
        "the ledger is damaged at offset {offset}: what stands there does not follow, yet a signed commit of {size} entries stands at offset {commit}; nothing was repaired"
    )]
    Damaged {
        /// Where it no longer fits.
        offset: u64,
        /// Where the later commit is.
        commit: u64,
        /// Its size.
        size: TreeSize,
    },
    /// The deep records beside the ledger cannot be read or written.
    #[error("`{}` cannot be used as the deep records of this ledger: {source}", path.display())]
    Deep {
        /// Their file.
        path: PathBuf,
        /// What the system said, or what is wrong in it.
        source: io::Error,
    },
    /// Writing a file failed.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// Bytes at an indexed place are no entry.
    #[error("entry {index} cannot be read: {source}")]
    Entry {
        /// Which entry.
        index: LeafIndex,
        /// Why.
        source: EntryError,
    },
    /// The high-water mark is of another history.
    #[error("the ledger shows another history up to {mark} entries than it showed before on this machine")]
    Forked {
        /// Size of the mark.
        mark: TreeSize,
    },
    /// The header is refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A system call failed.
    #[error("cannot {step} the ledger: {source}")]
    Io {
        /// What was being done.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A key or secret file is not what it should be.
    #[error("cannot use `{}`: {why}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A secret beside a ledger that is to be public.
    #[error("`{}` is the secret of a private ledger that is not there: one that looks others up by plain digests is not made beside it", path.display())]
    LoneSecret {
        /// The secret.
        path: PathBuf,
    },
    /// The writer's lock was not had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The mark cannot be used.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// The file has no commit at all.
    #[error("the ledger has no commit that verifies")]
    NoCommit,
    /// No such entry.
    #[error("the ledger has {size} entries; there is no entry {index}")]
    NoEntry {
        /// The index asked for.
        index: LeafIndex,
        /// The size.
        size: TreeSize,
    },
    /// This machine cannot append.
    #[error("this machine does not have the log's own key, `{}`", path.display())]
    NoLogKey {
        /// Where it is looked for.
        path: PathBuf,
    },
    /// Looking up in a private ledger without its secret.
    #[error("this ledger is private: look-ups need its secret, `{}`", path.display())]
    NoSecret {
        /// Where it is looked for.
        path: PathBuf,
    },
    /// The origin cannot be a key name.
    #[error("the origin cannot be used: {0}")]
    Origin(#[from] NoteError),
    /// An earlier fsync failed.
    #[error("an earlier write did not reach the disk; open the ledger again to go on")]
    Poisoned,
    /// No proof could be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The ledger was opened for reading.
    #[error("the ledger was opened for reading only")]
    ReadOnly,
    /// An older copy.
    #[error(
        "the ledger ends at {found} entries, but had {mark} before on this machine: an older copy was restored over it"
    )]
    RolledBack {
        /// Size of the mark.
        mark: TreeSize,
        /// Size of the file's last commit.
        found: TreeSize,
    },
    /// The log key or the ledger's secret cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An entry that the rules need.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A body that no entry can have.
    #[error("the entry cannot be made: {0}")]
    Unmade(#[from] EntryError),
    /// The last two commits are not signed by the log's key.
    #[error("the commit at offset {offset} is not signed by the log's key")]
    UnsignedCommit {
        /// Where it is.
        offset: u64,
    },
    /// The log key on disk is another one than the header names.
    #[error("the log key at `{}` is not the one this ledger was made with", path.display())]
    WrongLogKey {
        /// The key file.
        path: PathBuf,
    },
}

impl StoreError {
    pub(super) fn io(step: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { step, source }
    }
}

fn place(finding: &Finding) -> String {
    let index = finding.place.index;
    index.map_or_else(String::new, |index| format!(", at entry {index}"))
}
