//! The parts of an audit that threads share: decoding and hashing entries, and verifying signatures.

use std::fmt;

use super::super::entry::{EntryError, EntryView};
use super::super::frame::Commit;
use super::super::hash::LeafHash;
use super::finding::Place;
use super::{Options, Signatures};
use crate::keys::{PublicKey, verify_batch};

/// What was read and waits to be worked through.
#[derive(Default)]
pub(super) struct Job {
    arena: Vec<u8>,
    items: Vec<(u64, Waiting)>,
}

enum Waiting {
    Entry { start: usize, end: usize },
    Commit(Box<Commit>, bool),
}

/// An item after decoding, where it lies.
#[allow(clippy::large_enum_variant, reason = "nearly all are entries")]
pub(super) enum Decoded<'a> {
    Entry(LeafHash, Result<EntryView<'a>, EntryError>),
    Commit(&'a Commit, bool),
}

impl Job {
    pub(super) fn push_entry(&mut self, offset: u64, bytes: &[u8]) {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        self.items.push((
            offset,
            Waiting::Entry {
                start,
                end: self.arena.len(),
            },
        ));
    }

    pub(super) fn push_commit(&mut self, offset: u64, commit: Commit, is_crc_right: bool) {
        self.items
            .push((offset, Waiting::Commit(Box::new(commit), is_crc_right)));
    }

    pub(super) fn is_full(&self, threads: usize) -> bool {
        self.items.len() >= ITEMS_PER_THREAD.saturating_mul(threads.clamp(1, THREADS_MAX))
            || self.arena.len() >= ARENA_BYTES_MAX
    }

    pub(super) fn clear(&mut self) {
        self.arena.clear();
        self.items.clear();
    }

    /// Decodes and hashes everything, in order.
    pub(super) fn decode<'a>(&'a self, threads: usize) -> Vec<(u64, Decoded<'a>)> {
        let one = |(offset, item): &'a (u64, Waiting)| {
            let decoded = match item {
                Waiting::Commit(commit, is_crc_right) => Decoded::Commit(commit, *is_crc_right),
                Waiting::Entry { start, end } => {
                    let bytes = self.arena.get(*start..*end).unwrap_or_default();
                    Decoded::Entry(LeafHash::of(bytes), EntryView::decode(bytes))
                }
            };
            (*offset, decoded)
        };
        in_parallel(&self.items, threads, |part| part.iter().map(one).collect())
    }
}

/// What a signature stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureOf {
    /// The checkpoint of a commit.
    Checkpoint,
    /// An entry.
    Entry,
    /// A commit's place, time and history.
    Seal,
}

impl fmt::Display for SignatureOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checkpoint => "of the checkpoint",
            Self::Entry => "of the entry",
            Self::Seal => "of the commit's place, time and history",
        })
    }
}

/// A signature to verify.
pub(super) struct Signature<'a> {
    pub(super) place: Place,
    pub(super) of: SignatureOf,
    pub(super) key: PublicKey,
    pub(super) message: Message<'a>,
    pub(super) bytes: [u8; 64],
}

/// What is signed.
pub(super) enum Message<'a> {
    /// The parts of an entry.
    Entry([&'a [u8]; 4]),
    /// Of a commit.
    Made(Vec<u8>),
}

impl Signature<'_> {
    fn message(&self) -> [&[u8]; 4] {
        match &self.message {
            Message::Entry(parts) => *parts,
            Message::Made(whole) => [whole, &[], &[], &[]],
        }
    }

    fn is_good(&self) -> bool {
        self.key.verify_strict(&self.message().concat(), &self.bytes)
    }
}

/// The signatures that do not match, in order.
pub(super) fn bad_signatures<'s, 'a>(all: &'s [Signature<'a>], options: &Options) -> Vec<&'s Signature<'a>> {
    in_parallel(all, options.threads, |part| match options.signatures {
        Signatures::Strict => part.iter().filter(|one| !one.is_good()).collect(),
        Signatures::Batch => bad_in_batch(part),
    })
}

/// Halves what fails until it is few enough to ask one by one. A stack, not recursion; the earliest half on top.
fn bad_in_batch<'s, 'a>(part: &'s [Signature<'a>]) -> Vec<&'s Signature<'a>> {
    let mut bad = Vec::new();
    // Parts of equal length: a short one costs more a signature.
    let len = part.len().div_ceil(part.len().div_ceil(BATCH_MAX).max(1)).max(1);
    let mut waiting: Vec<&'s [Signature<'a>]> = part.chunks(len).rev().collect();
    while let Some(batch) = waiting.pop() {
        if batch.len() <= BISECT_TO {
            bad.extend(batch.iter().filter(|one| !one.is_good()));
            continue;
        }
        let items: Vec<_> = batch
            .iter()
            .map(|one| (one.key, one.message(), one.bytes))
            .collect();
        if !verify_batch(&items) {
            let (first, second) = batch.split_at(batch.len() / 2);
            waiting.push(second);
            waiting.push(first);
        }
    }
    bad
}

/// Splits `all` into one part a thread and joins the answers in order.
pub(in crate::ledger) fn in_parallel<'s, T: Sync, U: Send>(
    all: &'s [T],
    threads: usize,
    work: impl Fn(&'s [T]) -> Vec<U> + Sync,
) -> Vec<U> {
    let threads = threads.clamp(1, THREADS_MAX);
    if threads == 1 || all.len() < threads.saturating_mul(64) {
        return work(all);
    }
    let parts = all.chunks(all.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(|| work(part))).collect();
        let mut answers = Vec::with_capacity(all.len());
        for thread in running {
            match thread.join() {
                Ok(part) => answers.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers
    })
}

const ITEMS_PER_THREAD: usize = 1 << 14;
const ARENA_BYTES_MAX: usize = 32 << 20;
const BATCH_MAX: usize = 1 << 14;
const BISECT_TO: usize = 4;
const THREADS_MAX: usize = 256;
