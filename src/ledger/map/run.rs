//! Keys in their order, where there is room: written once, read from any key on.
//!
//! ```text
//! record   key, 32 bytes || kind u8: 0 the latest word counts, 1 the first does || state, 32 bytes || status u16, little-endian
//! ```

use std::io;

use super::word::{Pair, Word};
use super::{MapKey, MapValue};
use crate::base::Digest;
use crate::ledger::spill::{Room, Spill};

/// Keys that ascend.
#[derive(Debug)]
pub(super) struct Run {
    spill: Box<dyn Spill>,
    len: u64,
    /// How its first key of each block begins.
    fences: Vec<u64>,
    level: u32,
}

impl Run {
    /// Writes keys that ascend.
    ///
    /// # Errors
    /// When there is no room, or a key cannot be had.
    pub(super) fn write(
        room: &dyn Room,
        level: u32,
        pairs: impl Iterator<Item = io::Result<Pair>>,
    ) -> io::Result<Self> {
        let (mut spill, mut len, mut fences) = (room.open()?, 0u64, Vec::new());
        let mut bytes = Vec::with_capacity(WRITTEN_TOGETHER);
        for pair in pairs {
            let (key, word) = pair?;
            if len.is_multiple_of(BLOCK) {
                fences.push(key.beginning());
            }
            write(&key, &word, &mut bytes);
            len = len.saturating_add(1);
            if bytes.len() >= WRITTEN_TOGETHER {
                spill.append(&bytes)?;
                bytes.clear();
            }
        }
        spill.append(&bytes)?;
        Ok(Self {
            spill,
            len,
            fences,
            level,
        })
    }

    /// How many keys.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// How often its keys were merged with others.
    pub(super) const fn level(&self) -> u32 {
        self.level
    }
}

/// A place in a run.
pub(super) struct Cursor<'a> {
    run: &'a Run,
    /// The record that is read next.
    next: u64,
    /// Records read already, from `at` on not given out yet.
    read: Vec<u8>,
    at: usize,
    last: Option<MapKey>,
    /// How many are read next: more as long as they are wanted one after the other.
    together: u64,
}

impl<'a> Cursor<'a> {
    /// The end of a run.
    pub(super) const fn new(run: &'a Run) -> Self {
        Self {
            run,
            next: run.len,
            read: Vec::new(),
            at: 0,
            last: None,
            together: BLOCK,
        }
    }

    /// Goes to the first key that is not before this one, and gives it.
    pub(super) fn seek(&mut self, key: &MapKey) -> io::Result<Option<Pair>> {
        let wanted = key.beginning();
        let not_before = self.run.fences.partition_point(|fence| *fence < wanted);
        let block = u64::try_from(not_before.saturating_sub(1)).unwrap_or(u64::MAX);
        (self.next, self.together) = (block.saturating_mul(BLOCK), BLOCK);
        self.read.clear();
        (self.at, self.last) = (0, None);
        loop {
            match self.next()? {
                Some((found, _)) if found < *key => {}
                found => return Ok(found),
            }
        }
    }

    /// The next key.
    pub(super) fn next(&mut self) -> io::Result<Option<Pair>> {
        if self.at >= self.read.len() && self.next < self.run.len {
            self.fill()?;
        }
        let rest = self.read.get(self.at..).unwrap_or_default();
        let Some(record) = rest.first_chunk() else {
            return Ok(None);
        };
        self.at = self.at.saturating_add(RECORD_LEN);
        let (key, word) = read(record).ok_or_else(changed)?;
        if self.last.is_some_and(|last| last >= key) {
            return Err(changed());
        }
        self.last = Some(key);
        Ok(Some((key, word)))
    }

    fn fill(&mut self) -> io::Result<()> {
        let count = self.together.min(self.run.len.saturating_sub(self.next));
        let len = usize::try_from(count).unwrap_or(0).saturating_mul(RECORD_LEN);
        self.read.resize(len, 0);
        self.at = 0;
        let at = self.next.saturating_mul(RECORD_BYTES);
        self.run.spill.read(at, &mut self.read)?;
        self.next = self.next.saturating_add(count);
        self.together = self.together.saturating_mul(2).min(TOGETHER_MAX);
        Ok(())
    }
}

/// What was written is not what comes back.
pub(super) fn changed() -> io::Error {
    let what = "temporary data of the state map came back changed";
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn write(key: &MapKey, word: &Word, out: &mut Vec<u8>) {
    let (kind, value) = match word {
        Word::Latest(value) => (LATEST, value),
        Word::First(value) => (FIRST, value),
    };
    out.extend_from_slice(key.as_bytes());
    out.push(kind);
    out.extend_from_slice(value.state.as_bytes());
    out.extend_from_slice(&value.status.to_le_bytes());
}

fn read(record: &[u8; RECORD_LEN]) -> Option<Pair> {
    let (key, rest) = record.split_first_chunk()?;
    let ([kind], rest) = rest.split_first_chunk()?;
    let (state, rest) = rest.split_first_chunk()?;
    let value = MapValue {
        state: Digest::from_bytes(*state),
        status: u16::from_le_bytes(*rest.first_chunk()?),
    };
    let word = match *kind {
        LATEST => Word::Latest(value),
        FIRST => Word::First(value),
        _ => return None,
    };
    Some((MapKey::from_bytes(*key), word))
}

const LATEST: u8 = 0;
const FIRST: u8 = 1;
const RECORD_LEN: usize = 67;
const RECORD_BYTES: u64 = 67;
/// Records from one fence to the next: 4 KiB.
const BLOCK: u64 = 64;
const TOGETHER_MAX: u64 = 512;
const WRITTEN_TOGETHER: usize = 1 << 17;
