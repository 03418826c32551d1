//! What an audit may find: each rule with an id, a sentence and what follows from it.

use super::super::broken::Broken;
use super::super::entry::EntryError;
use super::super::frame::{FrameError, HeaderError};
use super::super::tree::{LeafIndex, TreeSize};
use super::work::SignatureOf;
use crate::base::Timestamp;

/// Where in the file something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The entry, if it is about one.
    pub index: Option<LeafIndex>,
    /// Offset of the frame, bytes.
    pub offset: u64,
}

/// One thing that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// Which rule.
    pub rule: Rule,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consequence {
    /// The evidence contradicts what the ledger claims.
    Contradicted,
    /// Nothing that the ledger acknowledged is touched.
    Noted,
}

/// Which rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The last commit is dated later than the auditor's clock.
    #[error("the last commit is dated {time}, but this machine's clock says {now}")]
    AheadOfAuditor {
        /// The commit's time.
        time: Timestamp,
        /// The auditor's.
        now: Timestamp,
    },
    /// An entry breaks a rule of the log.
    #[error("the entry breaks a rule of the log: {rule}")]
    Broken {
        /// The rule.
        rule: Broken,
    },
    /// A commit does not follow the one before.
    #[error("the commit names the commit before it at offset {found}; that one is at {wanted}")]
    Chain {
        /// What it names.
        found: u64,
        /// Where it is.
        wanted: u64,
    },
    /// The log's clock went back.
    #[error("the commit's time, {found}, is before {earlier}, the time of the commit before it")]
    CommitTime {
        /// The commit's.
        found: Timestamp,
        /// The one before's.
        earlier: Timestamp,
    },
    /// The checksum of a commit does not match.
    #[error("bytes between offset {from} and this commit are not the ones it was made over (CRC-32C)")]
    Crc {
        /// Where the covered bytes begin.
        from: u64,
    },
    /// The walk could not go on, and commits follow.
    #[error(
        "no frame can be read here ({why}), yet a signed commit of {size} entries stands at offset {commit}"
    )]
    Damage {
        /// Why there is no frame.
        why: FrameError,
        /// Where the commit is.
        commit: u64,
        /// Its size.
        size: TreeSize,
    },
    /// Bytes that are no entry.
    #[error("the entry cannot be read: {why}")]
    Entry {
        /// Why.
        why: EntryError,
    },
    /// The walk could not go on, and what follows is of another ledger, or was moved here.
    #[error(
        "no frame can be read here ({why}), and at offset {foreign} stands what no interrupted append leaves: the beginning of a ledger, or a commit of another place"
    )]
    Foreign {
        /// Why there is no frame.
        why: FrameError,
        /// Where the beginning or the commit is.
        foreign: u64,
    },
    /// A checkpoint known from elsewhere is not of this history.
    #[error("the history up to {known} entries is another than the one in a checkpoint known from elsewhere")]
    Fork {
        /// Size of the known checkpoint.
        known: TreeSize,
    },
    /// The header cannot be trusted.
    #[error("{why}")]
    Header {
        /// Why.
        why: HeaderError,
    },
    /// Not a single commit.
    #[error("the ledger has no commit")]
    NoCommit,
    /// The log key in the header signed no commit at all.
    #[error(
        "the log key in the header signed none of the {commits} commits: the header is that of another log, or the commits are"
    )]
    NoneSigned {
        /// How many there are.
        commits: u64,
    },
    /// The walk could not go on, and nothing signed follows.
    #[error("no frame can be read here ({why}); no signed commit follows")]
    NotAFrame {
        /// Why there is no frame.
        why: FrameError,
    },
    /// The header is not the one that the log began with, or that an earlier audit saw.
    #[error("the header is another than the one that the log began with")]
    OtherHeader,
    /// The header or a checkpoint names another log key.
    #[error("the ledger is signed by another log key than the one known from elsewhere")]
    OtherLogKey,
    /// The checkpoint that the audit should begin with is of another log.
    #[error("the header names another log, or another key of it, than the checkpoint that was given")]
    OtherLogCheckpoint,
    /// An older copy.
    #[error(
        "the ledger ends at {found} entries, but a checkpoint of {known} entries is known from elsewhere"
    )]
    Rollback {
        /// Size of the known checkpoint.
        known: TreeSize,
        /// Size of this file's last commit.
        found: TreeSize,
    },
    /// A commit's root is not that of the entries before it.
    #[error(
        "the root hash of {claimed} entries that the commit signs is not that of the {counted} entries before it"
    )]
    Root {
        /// The size it signs.
        claimed: TreeSize,
        /// The entries there are.
        counted: TreeSize,
    },
    /// A signature does not match.
    #[error("the signature {of} does not match its key")]
    Signature {
        /// Of what.
        of: SignatureOf,
    },
    /// A state map is not that of the entries before it.
    #[error("the state map that the log signs here is not that of all entries before it")]
    StateMap,
    /// A state map was not made again.
    #[error("the state map that the log signs here was not made again")]
    StateMapPassedOver,
    /// Bytes after the last commit.
    #[error("{bytes} bytes follow the last commit, and no commit covers them")]
    Tail {
        /// How many.
        bytes: u64,
    },
}

impl Rule {
    /// The id in reports; stable.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::AheadOfAuditor { .. } => "ledger.commit.ahead",
            Self::Broken { rule } => rule.id(),
            Self::Chain { .. } => "ledger.commit.chain",
            Self::CommitTime { .. } => "ledger.commit.time",
            Self::Crc { .. } => "ledger.commit.checksum",
            Self::Damage { .. } => "ledger.file.damaged",
            Self::Entry { .. } => "ledger.entry.malformed",
            Self::Foreign { .. } => "ledger.file.foreign",
            Self::Fork { .. } => "ledger.history.forked",
            Self::Header { .. } => "ledger.header",
            Self::NoCommit => "ledger.commit.none",
            Self::NoneSigned { .. } => "ledger.header.otherLog",
            Self::NotAFrame { .. } => "ledger.file.unreadable",
            Self::OtherHeader => "ledger.header.swapped",
            Self::OtherLogCheckpoint | Self::OtherLogKey => "ledger.key.otherLog",
            Self::Rollback { .. } => "ledger.history.rolledBack",
            Self::Root { .. } => "ledger.commit.root",
            Self::Signature { of } => match of {
                SignatureOf::Checkpoint => "ledger.commit.signature",
                SignatureOf::Entry => "ledger.entry.signature",
                SignatureOf::Seal => "ledger.commit.seal",
            },
            Self::StateMap => "ledger.state.root",
            Self::StateMapPassedOver => "ledger.state.passedOver",
            Self::Tail { .. } => "ledger.file.tail",
        }
    }
}

impl Finding {
    /// What follows from it.
    #[must_use]
    pub const fn consequence(&self) -> Consequence {
        match self.rule {
            // A kill or a power cut in the middle of an append leaves exactly the first two.
            Rule::NotAFrame { .. }
            | Rule::Tail { .. }
            | Rule::StateMapPassedOver
            | Rule::AheadOfAuditor { .. } => Consequence::Noted,
            _ => Consequence::Contradicted,
        }
    }

    /// One sentence for people: what can no longer be relied on.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self.rule {
            Rule::Entry { .. } => "nothing that this entry says can be relied on",
            Rule::Broken { .. } => "this entry should not have been accepted; do not rely on it",
            Rule::Signature {
                of: SignatureOf::Entry,
            } => "the signer did not sign these bytes; do not rely on this entry",
            Rule::Signature { .. } => "the log's key did not sign this state; do not rely on it",
            Rule::Root { .. } => {
                "an entry at or before this commit was changed, removed or added after it was signed"
            }
            Rule::Crc { .. } => "bytes here changed after they were written",
            Rule::Chain { .. } => "commits were moved, removed or spliced in",
            Rule::CommitTime { .. } => {
                "the times of this and later commits do not order the log; its indexes do"
            }
            Rule::Damage { .. } => {
                "what stands between here and that commit is lost or changed; restore a backup"
            }
            Rule::NotAFrame { .. } | Rule::Tail { .. } => {
                "an interrupted append leaves such bytes, and so does a commit that was cut off: the file alone does not tell which"
            }
            Rule::StateMap => {
                "proofs of holders and of absence that lean on this map say what the log does not"
            }
            Rule::StateMapPassedOver => {
                "proofs of holders and of absence that lean on this map were not checked"
            }
            Rule::Foreign { .. } => "these bytes were put here; what the log itself had here may be lost",
            Rule::AheadOfAuditor { .. } => {
                "its times do not say when entries were recorded, and the log takes no entry before that time"
            }
            Rule::Fork { .. } => "the log has shown two histories; keep both as evidence",
            Rule::Rollback { .. } => "an older copy stands in the place of a newer one; find the newer one",
            Rule::Header { .. } | Rule::NoCommit => "nothing in this file can be relied on",
            Rule::NoneSigned { .. } => {
                "no log vouches for these entries here; what their own keys signed is told below"
            }
            Rule::OtherLogCheckpoint => {
                "this is not the log that the checkpoint is of: its header was exchanged, or the checkpoint is another log's"
            }
            Rule::OtherHeader => {
                "who may close disputes and how digests are made may have been changed; do not rely on either"
            }
            Rule::OtherLogKey => "this is not the log it is taken for",
        }
    }

    /// One sentence for people: what to do about it. No full stop.
    #[must_use]
    pub fn remedy(&self) -> String {
        let words = match self.rule {
            Rule::Broken { rule } => return rule.remedy(),
            Rule::Entry { .. }
            | Rule::Signature {
                of: SignatureOf::Entry,
            } => "ask the signer for the entry's true bytes, and compare other copies of the log",
            Rule::Chain { .. }
            | Rule::Crc { .. }
            | Rule::Damage { .. }
            | Rule::Foreign { .. }
            | Rule::NoneSigned { .. }
            | Rule::OtherHeader
            | Rule::Root { .. }
            | Rule::Signature { .. } => "keep this copy as evidence and restore the ledger from another one",
            Rule::Header { .. } | Rule::NoCommit => {
                "check that this is the file you mean; if it is the ledger, keep this copy as evidence and restore it from another one"
            }
            Rule::CommitTime { .. } => "set the clock of the log's machine right",
            Rule::Fork { .. } => "keep both histories and both checkpoints, and ask who has the log's key",
            Rule::NotAFrame { .. } | Rule::Tail { .. } => {
                "audit with a checkpoint or proof from elsewhere, --since FILE; the next writer sets these bytes aside"
            }
            Rule::AheadOfAuditor { .. } => {
                "compare this machine's clock with another; if it is right, the clock of the log's machine was ahead"
            }
            Rule::OtherLogCheckpoint => {
                "compare the log's key in the header with the one that whoever runs the log gives, by a way you trust"
            }
            Rule::OtherLogKey => "get the log's key from whoever runs it, by a way you trust",
            Rule::Rollback { .. } => {
                "audit the newer copy: ask whoever runs the log for it; who runs it publishes it with `byline ledger publish DIR`"
            }
            Rule::StateMap => "do not accept state proofs that lean on this map",
            Rule::StateMapPassedOver => "audit again without --no-state before relying on state proofs",
        };
        words.to_owned()
    }
}
