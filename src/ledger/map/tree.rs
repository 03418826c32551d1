//! A state map that changes, and gives its root and proofs at any time. What does not stay in memory goes where there is room.
//!
//! What is told of keys is collected in memory, sorted, and moved out as a [`Run`] when it is much; sixteen runs of one level
//! become one of the next, so a word is written once for each factor of sixteen. Words about one key may stand in several runs:
//! [`Merged`] reads them as one. Of the tree, only the hashes at its [`Top`] are kept, so a root costs
//! what reading and hashing the buckets costs in which something changed: a hundred keys for each key, all keys at worst.

use std::io;
use std::sync::Arc;

use super::merge::Merged;
use super::run::{Run, changed};
use super::top::{BITS_MAX, Bucket, Top};
use super::word::{Pair, Word};
use super::{End, MapHash, MapKey, MapProof, MapRoot, MapSize, MapValue, Sweep, Swept};
use crate::base::Digest;
use crate::ledger::audit::in_parallel;
use crate::ledger::hash::LeafHash;
use crate::ledger::spill::Room;

/// A state map that can be changed.
#[derive(Debug)]
pub struct StateMap {
    /// Without it, everything stays in memory.
    room: Option<Arc<dyn Room>>,
    keys_in_memory: usize,
    keys_a_bucket: u64,
    threads: usize,
    /// Told earlier than what is in memory; among each other, earlier ones first.
    runs: Vec<Run>,
    /// In the order of telling, or each key once and in order.
    latest: Vec<Pair>,
    is_sorted: bool,
    top: Top,
}

/// A map whose hashes are all made: it has a root and gives proofs.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a>(&'a StateMap);

impl Default for StateMap {
    fn default() -> Self {
        Self::new()
    }
}

impl StateMap {
    /// A map without keys, which stays in memory: 68 bytes a key, and as much for each word about it since the last root.
    #[must_use]
    pub fn new() -> Self {
        Self {
            room: None,
            keys_in_memory: usize::MAX,
            keys_a_bucket: KEYS_A_BUCKET,
            threads: 1,
            runs: Vec::new(),
            latest: Vec::new(),
            is_sorted: true,
            top: Top::new(0),
        }
    }

    /// A map without keys, of which so many keys stay in memory at most, 102 bytes each; others, and what was told of a key before,
    /// go where there is room. Beside them memory holds 20 MiB at most and an eighth of a byte for each key.
    #[must_use]
    pub fn in_room(room: Arc<dyn Room>, keys_in_memory: usize) -> Self {
        Self {
            room: Some(room),
            keys_in_memory: keys_in_memory.max(1),
            ..Self::new()
        }
    }

    /// The same map, with the work of a root shared by so many threads.
    #[must_use]
    pub fn shared_by(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// How many threads share the work.
    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Gives a key a value, in the place of an earlier one.
    ///
    /// # Errors
    /// When there is no room.
    pub fn set(&mut self, key: MapKey, value: MapValue) -> io::Result<()> {
        self.tell(key, Word::Latest(value))
    }

    /// Takes a registration of the digest that the key is of. The first one stays its state, and the status says whether there were others.
    ///
    /// # Errors
    /// When there is no room.
    pub fn register(&mut self, key: MapKey, registration: &LeafHash) -> io::Result<()> {
        let first = MapValue {
            state: Digest::from_bytes(*registration.as_bytes()),
            status: 0,
        };
        self.tell(key, Word::First(first))
    }

    fn tell(&mut self, key: MapKey, word: Word) -> io::Result<()> {
        self.top.touch(&key);
        self.latest.push((key, word));
        self.is_sorted = false;
        if self.latest.len() < self.keys_in_memory {
            return Ok(());
        }
        match self.room.clone() {
            Some(room) => self.move_out(room.as_ref()),
            None => Ok(()),
        }
    }

    /// Moves what is in memory out. Nothing is lost when there is no room.
    fn move_out(&mut self, room: &dyn Room) -> io::Result<()> {
        self.sort();
        let pairs = self.latest.iter().copied().map(Ok);
        self.runs.push(Run::write(room, 0, pairs)?);
        self.latest.clear();
        while let Some(level) = self.runs.last().map(Run::level) {
            let is_other = |run: &Run| run.level() != level;
            let from = self
                .runs
                .iter()
                .rposition(is_other)
                .map_or(0, |at| at.saturating_add(1));
            let alike = self.runs.get(from..).unwrap_or_default();
            if alike.len() < RUNS_A_LEVEL {
                break;
            }
            let mut merged = Merged::new(alike, &[]);
            merged.seek(&MapKey::from_bytes([0; 32]))?;
            let pairs = std::iter::from_fn(|| merged.next().transpose());
            let run = Run::write(room, level.saturating_add(1), pairs)?;
            self.runs.truncate(from);
            self.runs.push(run);
        }
        Ok(())
    }

    /// Sorts what is in memory, and leaves each key once.
    fn sort(&mut self) {
        if !self.is_sorted {
            // Stable: of words about one key, the first told stays the first.
            self.latest.sort_by_key(|(key, _)| *key);
            self.latest.dedup_by(|(later_key, later), (key, word)| {
                let is_same = later_key == key;
                if is_same {
                    *word = word.then(*later);
                }
                is_same
            });
            self.is_sorted = true;
        }
    }

    /// Makes the hashes that changes have left stale.
    ///
    /// # Errors
    /// When what was moved out cannot be read again.
    pub fn settle(&mut self) -> io::Result<Settled<'_>> {
        self.sort();
        let bits = self.bits_wanted();
        if bits > self.top.bits().saturating_add(1) {
            self.top = Top::new(bits);
        }
        let stale = self.top.stale();
        for part in stale.chunks(BUCKETS_TOGETHER) {
            let swept = in_parallel(part, self.threads, |part| self.swept(part));
            for (bucket, swept) in part.iter().zip(swept) {
                let Swept { root, size, .. } = swept?;
                let hash = (size.0 > 0).then(|| MapHash::from_bytes(*root.as_bytes()));
                self.top.put(*bucket, hash, size.0);
            }
        }
        self.top.join(&stale);
        Ok(Settled(self))
    }

    /// As many as make buckets of few keys: hashes at the top are cheap, and fewer keys are hashed again for each that changes.
    fn bits_wanted(&self) -> u8 {
        let latest = u64::try_from(self.latest.len()).unwrap_or(u64::MAX);
        let told = self.runs.iter().map(Run::len).fold(latest, u64::saturating_add);
        let buckets = told.checked_div(self.keys_a_bucket).unwrap_or(told);
        let bits = u64::BITS.saturating_sub(buckets.leading_zeros());
        u8::try_from(bits).unwrap_or(BITS_MAX).min(BITS_MAX)
    }

    /// Hashes buckets, which ascend.
    fn swept(&self, buckets: &[Bucket]) -> Vec<io::Result<Swept>> {
        let mut merged = Merged::new(&self.runs, &self.latest);
        let mut at = None;
        let one = |bucket: &Bucket| {
            if at != Some(*bucket) {
                merged.seek(&self.top.least(*bucket))?;
            }
            at = Some(Bucket(bucket.0.saturating_add(1)));
            self.sweep(&mut merged, *bucket, None)
        };
        buckets.iter().map(one).collect()
    }

    /// Takes the keys of the bucket that comes next.
    fn sweep(&self, merged: &mut Merged<'_>, bucket: Bucket, asked: Option<MapKey>) -> io::Result<Swept> {
        let mut sweep = Sweep::new(asked);
        while let Some(key) = merged.peek() {
            let of = self.top.bucket(key);
            if of > bucket {
                break;
            }
            let Some((key, word)) = merged.next()? else { break };
            let is_next = of == bucket && sweep.push(key, word.value()).is_ok();
            if !is_next {
                return Err(changed());
            }
        }
        Ok(sweep.finish())
    }
}

impl Settled<'_> {
    /// The hash of the whole map.
    #[must_use]
    pub fn root(&self) -> MapRoot {
        self.0.top.root().map_or_else(MapRoot::empty, MapHash::root)
    }

    /// How many keys.
    #[must_use]
    pub const fn size(&self) -> MapSize {
        MapSize(self.0.top.size())
    }

    /// The proof of what the map says about a key: its value, or that it has none.
    ///
    /// # Errors
    /// When what was moved out cannot be read again.
    pub fn prove(&self, key: &MapKey) -> io::Result<MapProof> {
        let Some((mut steps, bucket)) = self.0.top.way(key) else {
            let (end, steps) = (End::Empty, Vec::new());
            return Ok(MapProof { end, steps });
        };
        let mut merged = Merged::new(&self.0.runs, &self.0.latest);
        merged.seek(&self.0.top.least(bucket))?;
        let swept = self.0.sweep(&mut merged, bucket, Some(*key))?;
        let below = swept.proof.ok_or_else(changed)?;
        steps.extend(below.steps);
        Ok(MapProof {
            end: below.end,
            steps,
        })
    }
}

const RUNS_A_LEVEL: usize = 16;
const BUCKETS_TOGETHER: usize = 1 << 12;
const KEYS_A_BUCKET: u64 = 16;

#[cfg(test)]
mod tests;
