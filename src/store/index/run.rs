//! One sorted run of the index: the records of a range of entries, `NAME.ledger.d/run-N`. Written once, never changed.
//!
//! ```text
//! 0    ...  records: 16 bytes, ascending, no two the same: topic (1), first bytes of a hash (10), index (5, big-endian)
//!      ...  fences: the first 8 bytes of every 64th record, the first record's included
//!      64   footer: "byline-run/v2\0\0\0" (16), u64 first entry, u64 entry after the last, u64 records,
//!           u32 CRC-32C of the records, u32 CRC-32C of the fences, 12 zeros, u32 CRC-32C of the 60 bytes before
//! ```
//!
//! The fences are in memory (an eighth of a byte for each byte of records is 1 in 128), so a look-up reads one block of
//! 64 records. Blocks of a small run are kept once they were read. The CRC of the records is checked when the run is
//! merged into the next one.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::OnceLock;

use super::{Record, RecordKey, TOPIC_CODES};
use crate::store::durable::{self, Existing, Pending};
use crate::store::sealed::seal;

/// What a run holds; the head of the index names it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunInfo {
    /// The number in its file name.
    pub(super) number: u64,
    /// The first entry whose records it holds.
    pub(super) first: u64,
    /// The entry after the last one.
    pub(super) end: u64,
    pub(super) records: u64,
    pub(super) crc: u32,
}

/// Why a run was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    /// A run that was to be merged is not what was written once.
    #[error("a run of the index is damaged")]
    Damaged,
    #[error(transparent)]
    Durable(#[from] durable::DurableError),
}

/// A run that was opened: its footer and fences are right.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    info: RunInfo,
    fences: Vec<u64>,
    /// Where the fences of each topic begin.
    topics: [usize; TOPIC_CODES + 1],
    /// Blocks that stay in memory; none for a large run.
    kept: Vec<OnceLock<Box<[Record]>>>,
}

impl RunInfo {
    pub(super) const fn entries(&self) -> u64 {
        self.end.saturating_sub(self.first)
    }

    fn footer(&self, fences_crc: u32) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for number in [self.first, self.end, self.records] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.crc.to_le_bytes());
        out.extend_from_slice(&fences_crc.to_le_bytes());
        out.extend_from_slice(&[0; 12]);
        seal(&mut out);
        out
    }
}

/// The name of a run's file.
pub(super) fn name(number: u64) -> String {
    format!("run-{number}")
}

impl Run {
    /// Opens the run that `info` names; `None` when it is not there or is another.
    pub(super) fn open(folder: &Path, info: RunInfo) -> Option<Self> {
        let file = durable::open_regular(&folder.join(name(info.number))).ok()?;
        let count = info.records.div_ceil(BLOCK_U64);
        let fences_at = info.records.checked_mul(16)?;
        let footer_at = fences_at.checked_add(count.checked_mul(8)?)?;
        if file.metadata().ok()?.len() != footer_at.checked_add(FOOTER_LEN)? {
            return None;
        }
        // Only now is the number of fences known to be backed by bytes.
        let mut bytes = vec![0; usize::try_from(count.checked_mul(8)?).ok()?];
        file.read_exact_at(&mut bytes, fences_at).ok()?;
        let mut footer = vec![0; 64];
        file.read_exact_at(&mut footer, footer_at).ok()?;
        if footer != info.footer(crc32c::crc32c(&bytes)) {
            return None;
        }
        let fences: Vec<u64> = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|fence| u64::from_be_bytes(*fence))
            .collect();
        let mut topics = [0; TOPIC_CODES + 1];
        for (code, at) in topics.iter_mut().enumerate() {
            let first = u64::try_from(code).unwrap_or(u64::MAX) << 56;
            *at = fences.partition_point(|fence| *fence < first);
        }
        let mut kept = Vec::new();
        if fences.len() <= KEPT_BLOCKS_MAX {
            kept.resize_with(fences.len(), OnceLock::new);
        }
        Some(Self {
            file,
            info,
            fences,
            topics,
            kept,
        })
    }

    pub(super) const fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Adds all records of a key, ascending.
    pub(super) fn find(&self, key: RecordKey, found: &mut Vec<Record>) {
        let (from, to) = (key.first(), key.last());
        // The first of them may stand in the block before the first fence that is not below it.
        let mut at = self.fence(from.prefix()).saturating_sub(1);
        while self.fences.get(at).is_some_and(|fence| *fence <= to.prefix()) {
            let mut take = |block: &[Record]| {
                let start = block.partition_point(|record| *record < from);
                let end = block.partition_point(|record| *record <= to);
                found.extend_from_slice(block.get(start..end).unwrap_or_default());
            };
            let kept = self.kept.get(at);
            if let Some(block) = kept.and_then(OnceLock::get) {
                take(block);
            } else if let Ok((len, block)) = self.block(at) {
                let block = block.get(..len).unwrap_or_default();
                take(block);
                let _ = kept.map(|kept| kept.set(block.into()));
            }
            at = at.saturating_add(1);
        }
    }

    /// The place of the first fence that is not below `prefix`. Hashes are spread evenly, so the place is guessed from the
    /// hash and then sought in ever wider steps.
    fn fence(&self, prefix: u64) -> usize {
        let topic = usize::try_from(prefix >> 56).unwrap_or(TOPIC_CODES);
        let (Some(low), Some(high)) = (self.topics.get(topic), self.topics.get(topic.saturating_add(1)))
        else {
            return self.fences.partition_point(|fence| *fence < prefix);
        };
        let (mut low, mut high) = (*low, *high);
        let width = u128::try_from(high.saturating_sub(low)).unwrap_or(0);
        let share = (width.saturating_mul(u128::from(prefix & HASH_BITS))) >> 56;
        let guess = low.saturating_add(usize::try_from(share).unwrap_or(0));
        let is_below = |at: usize| self.fences.get(at).is_some_and(|fence| *fence < prefix);
        let mut step = 8usize;
        if is_below(guess) {
            low = guess.saturating_add(1);
            while low.saturating_add(step) < high && is_below(low.saturating_add(step)) {
                low = low.saturating_add(step);
                step = step.saturating_mul(2);
            }
            high = high.min(low.saturating_add(step));
        } else {
            high = high.min(guess);
            while high.saturating_sub(low) > step && !is_below(high.saturating_sub(step)) {
                high = high.saturating_sub(step);
                step = step.saturating_mul(2);
            }
            low = low.max(high.saturating_sub(step));
        }
        let part = self.fences.get(low..high).unwrap_or_default();
        low.saturating_add(part.partition_point(|fence| *fence < prefix))
    }

    /// The records of a block, and how many.
    fn block(&self, at: usize) -> io::Result<(usize, [Record; BLOCK])> {
        let mut bytes = [0; BLOCK * 16];
        let mut block = [Record::default(); BLOCK];
        let first = u64::try_from(at).unwrap_or(u64::MAX).saturating_mul(BLOCK_U64);
        let count = self.info.records.saturating_sub(first).min(BLOCK_U64);
        let count = usize::try_from(count).unwrap_or(0);
        let part = bytes.get_mut(..count.saturating_mul(16)).unwrap_or_default();
        self.file.read_exact_at(part, first.saturating_mul(16))?;
        for (record, bytes) in block.iter_mut().zip(bytes.as_chunks::<16>().0) {
            *record = Record::from_bytes(*bytes);
        }
        Ok((count, block))
    }
}

/// Merges older runs, and the records of entries that no run has yet, into one run in a pass of bounded memory.
///
/// `range` is its number, its first entry and the entry after its last; `late` is sorted.
pub(super) fn merge(
    folder: &Path,
    range: (u64, u64, u64),
    old: &[Run],
    late: &[Record],
) -> Result<Run, RunError> {
    let mut readers: Vec<Reader<'_>> = old.iter().map(Reader::new).collect();
    let mut late = late.iter().copied().peekable();
    let mut writer = Writer::new(range);
    let mut is_damaged = false;
    let target = folder.join(name(range.0));
    let pending = Pending::fill(&target, 0o644, Existing::Refuse, |file| {
        loop {
            let heads = readers.iter_mut().enumerate();
            let lowest = heads.filter_map(|(at, reader)| Some((reader.peek()?, at))).min();
            let next = match (lowest, late.peek().copied()) {
                (Some((record, at)), new) if new.is_none_or(|new| record < new) => {
                    readers.get_mut(at).map(Reader::advance);
                    record
                }
                (_, Some(new)) => {
                    late.next();
                    new
                }
                (_, None) => break,
            };
            writer.push(next, file)?;
        }
        is_damaged = !readers.iter().all(Reader::is_sound);
        if is_damaged {
            return Err(io::ErrorKind::InvalidData.into());
        }
        writer.finish(file)
    });
    if is_damaged {
        return Err(RunError::Damaged);
    }
    pending?.publish()?;
    Run::open(folder, writer.info).ok_or(RunError::Damaged)
}

/// Reads a run from its beginning to its end, and checks it.
pub(super) struct Reader<'a> {
    run: &'a Run,
    chunk: Vec<Record>,
    at: usize,
    read: u64,
    crc: u32,
    is_sound: bool,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(run: &'a Run) -> Self {
        Self {
            run,
            chunk: Vec::new(),
            at: 0,
            read: 0,
            crc: 0,
            is_sound: true,
        }
    }

    pub(super) fn peek(&mut self) -> Option<Record> {
        if self.at == self.chunk.len() {
            self.fill();
        }
        self.chunk.get(self.at).copied()
    }

    pub(super) const fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Whether all of it was read, and was what was written once.
    pub(super) fn is_sound(&self) -> bool {
        self.is_sound && self.read == self.run.info.records && self.crc == self.run.info.crc
    }

    fn fill(&mut self) {
        let count = self.run.info.records.saturating_sub(self.read).min(CHUNK_RECORDS);
        let mut bytes = vec![0; usize::try_from(count.saturating_mul(16)).unwrap_or(0)];
        let read = self
            .run
            .file
            .read_exact_at(&mut bytes, self.read.saturating_mul(16));
        let last = self.chunk.last().copied();
        self.chunk.clear();
        self.at = 0;
        if read.is_err() {
            self.is_sound = false;
            return;
        }
        self.read = self.read.saturating_add(count);
        self.crc = crc32c::crc32c_append(self.crc, &bytes);
        let records = bytes.as_chunks::<16>().0.iter();
        self.chunk.extend(records.map(|bytes| Record::from_bytes(*bytes)));
        let is_after = last.is_none_or(|last| self.chunk.first().is_none_or(|first| last < *first));
        self.is_sound &= is_after && self.chunk.is_sorted_by(|a, b| a < b);
    }
}

/// Writes the records of a run, which come in order, and what follows them.
struct Writer {
    info: RunInfo,
    chunk: Vec<u8>,
    fences: Vec<u8>,
    last: Option<Record>,
}

impl Writer {
    fn new((number, first, end): (u64, u64, u64)) -> Self {
        let info = RunInfo {
            number,
            first,
            end,
            records: 0,
            crc: 0,
        };
        Self {
            info,
            chunk: Vec::with_capacity(CHUNK_BYTES),
            fences: Vec::new(),
            last: None,
        }
    }

    fn push(&mut self, record: Record, file: &mut File) -> io::Result<()> {
        // An entry whose topics share a hash would give the same record twice.
        if self.last.replace(record) == Some(record) {
            return Ok(());
        }
        if self.info.records.is_multiple_of(BLOCK_U64) {
            self.fences.extend_from_slice(&record.prefix().to_be_bytes());
        }
        self.info.records = self.info.records.saturating_add(1);
        self.chunk.extend_from_slice(&record.to_bytes());
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush(file)?;
        }
        Ok(())
    }

    fn flush(&mut self, file: &mut File) -> io::Result<()> {
        self.info.crc = crc32c::crc32c_append(self.info.crc, &self.chunk);
        file.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }

    fn finish(&mut self, file: &mut File) -> io::Result<()> {
        self.flush(file)?;
        file.write_all(&self.fences)?;
        file.write_all(&self.info.footer(crc32c::crc32c(&self.fences)))
    }
}

const MAGIC: &[u8; 16] = b"byline-run/v2\0\0\0";
const FOOTER_LEN: u64 = 64;
/// Records of a block: 1 KiB, which costs little more to read than one record.
const BLOCK: usize = 64;
const BLOCK_U64: u64 = 64;
/// Runs of at most a million records, 16 MiB, keep what they read.
const KEPT_BLOCKS_MAX: usize = 1 << 14;
/// The bits of a prefix that are of the hash.
const HASH_BITS: u64 = (1 << 56) - 1;
const CHUNK_RECORDS: u64 = 1 << 14;
const CHUNK_BYTES: usize = 1 << 18;
