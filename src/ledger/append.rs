//! What to write to add entries: a plan, not an act. The store writes the entries, reads them back, and only then has
//! the commit signed over what it read.

use std::collections::HashMap;

use super::audit::in_parallel;
use super::checkpoint::VerifiedCheckpoint;
use super::entry::Entry;
use super::frame::{Commit, CommitState, Frame, FrameKind};
use super::hash::LeafHash;
use super::note::LogKey;
use super::rules::{Broken, Memory, Rules, Unreadable, check_deadline};
use super::title::{Keys, Policy, State};
use super::tree::{CompactRange, LeafIndex, TreeSize};
use crate::base::Timestamp;
use crate::keys::{PublicKey, verify_batch};

/// The state of a log at its last commit: all that the next one builds on.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The right edge of the tree.
    pub range: CompactRange,
    /// Offset of the last commit frame; 0 when there is none.
    pub commit: u64,
    /// Offset after the last commit frame: where the next frame goes.
    pub end: u64,
    /// The log's clock at the last commit.
    pub time: Timestamp,
    /// What the rules remember beside [`Memory`].
    pub rules: Rules,
    /// What the ledger's header fixes.
    pub policy: Policy,
}

/// Why entries are not appended. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// An entry breaks a rule of the log.
    #[error("entry {position} of the batch is refused: {rule}")]
    Broken {
        /// Its place in the batch, from 0.
        position: usize,
        /// The rule.
        rule: Broken,
    },
    /// The log's clock went back.
    #[error("the clock says {now}, but the last commit was made at {last}")]
    ClockWentBack {
        /// The clock now.
        now: Timestamp,
        /// The last commit's.
        last: Timestamp,
    },
    /// The past cannot be read.
    #[error(transparent)]
    Memory(#[from] Unreadable),
    /// What was read back is not what was written.
    #[error("what was read back from the file is not what was written; nothing was signed")]
    ReadBack,
}

/// Entries that may be appended, as bytes, and what to do with them.
#[derive(Debug)]
pub struct Append {
    entries: Vec<u8>,
    leaves: Vec<LeafHash>,
    places: Vec<Place>,
    range: CompactRange,
    rules: Rules,
    policy: Policy,
    start: u64,
    previous: u64,
    time: Timestamp,
}

/// Where one entry of a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its index in the log.
    pub index: LeafIndex,
    /// Whether it stood there before, or came twice in the batch: nothing is written for it.
    pub already: bool,
}

/// A commit, signed after reading back.
#[derive(Debug)]
pub struct Signed {
    /// The commit frame, to be written after the entries.
    pub frame: Vec<u8>,
    /// The checkpoint it is.
    pub checkpoint: VerifiedCheckpoint,
    /// The log's state once the commit is durable.
    pub edge: Edge,
}

impl Append {
    /// Checks every rule and signature and lays the entries out; duplicates of entries that stand in the log get their index.
    ///
    /// One entry is verified by the strict rule; several by one batch, and where that fails one by one. Entries that this very
    /// process signed are not verified: the only maker of such a value is [`Entry::sign`], with the key itself.
    ///
    /// `keys` are the keys known from earlier appends to this log; those that this batch needs or changes are added. After
    /// any failure, here or in writing, they must be forgotten: they may speak of entries that were never recorded.
    pub fn plan(
        edge: &Edge,
        entries: &[Entry],
        memory: &dyn Memory,
        keys: &mut Keys,
        now: Timestamp,
        threads: usize,
    ) -> Result<Self, AppendError> {
        let last = edge.time;
        if now.unix_ms() < last.unix_ms().saturating_sub(CLOCK_BACK_MS_MAX) {
            return Err(AppendError::ClockWentBack { now, last });
        }
        let mut plan = Self::empty(edge, entries, now.max(last));
        let mut batch = Batch {
            memory,
            state: State::with_keys(edge.policy.clone(), std::mem::take(keys)),
            ids: HashMap::with_capacity(entries.len()),
        };
        let mut signatures = Vec::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            let id = entry.id();
            if let Some(index) = batch.find(&id) {
                let already = true;
                plan.places.push(Place { index, already });
                continue;
            }
            let index = LeafIndex(plan.range.size().0);
            let key = batch.take(index, id, entry, &plan)?;
            let key = key.map_err(|rule| AppendError::Broken { position, rule })?;
            plan.push(index, id, entry);
            if !entry.is_signed_here() {
                signatures.push((position, entry, key));
            }
        }
        if let Some(position) = first_unsigned(&signatures, threads) {
            let rule = Broken::Signature;
            return Err(AppendError::Broken { position, rule });
        }
        *keys = batch.state.into_keys();
        Ok(plan)
    }

    fn empty(edge: &Edge, entries: &[Entry], time: Timestamp) -> Self {
        let frame = |entry: &Entry| entry.bytes().len().saturating_add(16);
        Self {
            entries: Vec::with_capacity(entries.iter().map(frame).sum()),
            leaves: Vec::with_capacity(entries.len()),
            places: Vec::with_capacity(entries.len()),
            range: edge.range.clone(),
            rules: edge.rules,
            policy: edge.policy.clone(),
            start: edge.end,
            previous: edge.commit,
            time,
        }
    }

    fn push(&mut self, index: LeafIndex, id: LeafHash, entry: &Entry) {
        self.rules.passed(entry);
        self.range.push(id);
        self.leaves.push(id);
        let already = false;
        self.places.push(Place { index, already });
        Frame::write(FrameKind::Entry, entry.bytes(), &mut self.entries);
    }

    /// The entry frames, to be written at [`Append::offset`]; empty when every entry stood in the log already.
    #[must_use]
    pub fn entries(&self) -> &[u8] {
        &self.entries
    }

    /// Where the entry frames go.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.start
    }

    /// One place for each entry of the batch, in its order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The leaf hashes of the entries that are written, in order.
    #[must_use]
    pub fn leaves(&self) -> &[LeafHash] {
        &self.leaves
    }

    /// Hashes again what was read back, compares, and signs the commit.
    ///
    /// # Errors
    /// [`AppendError::ReadBack`] when one byte differs: a flipped bit in a leaf hash would spoil the log for ever.
    pub fn sign(&self, read_back: &[u8], key: &LogKey) -> Result<Signed, AppendError> {
        let mut rest = read_back;
        for leaf in &self.leaves {
            let frame = Frame::parse(rest).map_err(|_| AppendError::ReadBack)?;
            if frame.kind != FrameKind::Entry || LeafHash::of(frame.payload) != *leaf {
                return Err(AppendError::ReadBack);
            }
            rest = rest.get(frame.len..).ok_or(AppendError::ReadBack)?;
        }
        if !rest.is_empty() || read_back != self.entries {
            return Err(AppendError::ReadBack);
        }
        let offset = self.start.saturating_add(len(read_back));
        let state = CommitState {
            size: self.range.size(),
            root: self.range.root(),
            previous: self.previous,
            offset,
            time: self.time,
            crc_before: crc32c::crc32c(read_back),
        };
        let (_, frame, checkpoint) = Commit::sign(state, key);
        let edge = Edge {
            range: self.range.clone(),
            commit: offset,
            end: offset.saturating_add(len(&frame)),
            time: self.time,
            rules: self.rules,
            policy: self.policy.clone(),
        };
        Ok(Signed {
            frame,
            checkpoint,
            edge,
        })
    }
}

/// The first bytes of a new ledger: header and a commit of the empty log.
#[must_use]
pub fn first_commit(header: &[u8], key: &LogKey, time: Timestamp) -> Vec<u8> {
    let state = CommitState {
        size: TreeSize(0),
        root: CompactRange::new().root(),
        previous: 0,
        offset: len(header),
        time,
        crc_before: crc32c::crc32c(header),
    };
    let (_, frame, _) = Commit::sign(state, key);
    [header, &frame].concat()
}

/// The log as it was, and the batch on top.
struct Batch<'a> {
    memory: &'a dyn Memory,
    state: State,
    ids: HashMap<LeafHash, LeafIndex>,
}

impl Batch<'_> {
    fn find(&self, id: &LeafHash) -> Option<LeafIndex> {
        self.ids.get(id).copied().or_else(|| self.memory.entry(id))
    }

    /// Takes an entry that is not there yet, its signature apart; gives the key that the signature must match.
    fn take(
        &mut self,
        index: LeafIndex,
        id: LeafHash,
        entry: &Entry,
        plan: &Append,
    ) -> Result<Result<PublicKey, Broken>, Unreadable> {
        self.state.prepare(entry, self.memory)?;
        let taken = self.state.step(index, &id, entry).and_then(|did| {
            check_deadline(did, plan.time)?;
            plan.rules.check(entry, plan.time, |leaf| self.find(leaf))?;
            self.state.key_of(entry).ok_or(Broken::UnknownKey)
        });
        self.ids.insert(id, index);
        Ok(taken)
    }
}

/// The position of the first entry whose signature is not its key's.
fn first_unsigned(signatures: &[(usize, &Entry, PublicKey)], threads: usize) -> Option<usize> {
    let strict = |items: &[(usize, &Entry, PublicKey)]| {
        items
            .iter()
            .find(|(_, entry, key)| !entry.verify_strict(key))
            .map(|item| item.0)
    };
    if signatures.len() < BATCH_MIN {
        return strict(signatures);
    }
    let first_bad = |chunk: &[(usize, &Entry, PublicKey)]| {
        let items: Vec<_> = chunk
            .iter()
            .map(|(_, entry, key)| (*key, entry.message(), *entry.signature()))
            .collect();
        if verify_batch(&items) { None } else { strict(chunk) }
    };
    let in_part =
        |part: &[(usize, &Entry, PublicKey)]| part.chunks(BATCH_MAX).filter_map(first_bad).collect();
    // A batch gains from its length, so small ones are not split.
    let threads = if signatures.len() < SPLIT_MIN { 1 } else { threads };
    in_parallel(signatures, threads, in_part).first().copied()
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A batch below this is as quick by the strict rule.
const BATCH_MIN: usize = 4;
const BATCH_MAX: usize = 8192;
const SPLIT_MIN: usize = 1024;
/// Clocks are set back by seconds when they are set right.
const CLOCK_BACK_MS_MAX: i64 = 60 * 1000;
