//! The PDQ codes of registered pictures in one flat file beside the ledger's index: `NAME.ledger.d/codes.v1`. Derived, never
//! trusted, deletable at any time.
//!
//! ```text
//! 0    16   "byline-codes/v1\n"
//! 16   8    u64  entries covered
//! 24   8    u64  registrations among them
//! 32   8    u64  records
//! 40   32   root hash of the log over the entries covered
//! 72   4    u32  CRC-32C of all before
//! 76   4    zeros
//! 80   ...  a record for each registration that has a code worth searching, in the order of the log:
//!           4 codes of 32 bytes (whole, centre 90, 80, 70 %), u64 leaf index, 4 qualities, u32 CRC-32C of the record before it
//! ```
//!
//! A file whose head does not fit the log, or of which one record is damaged, is passed over, and made anew by the next writer.
//! What came after the entries covered is read from the ledger; a writer adds it when it closes, if it is enough to be worth it:
//! records first, the head last. A wrong file can hide an entry, never add one: who finds a code reads the entry, and compares
//! again. A private ledger records no fingerprints and has no such file.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::durable::{self, Existing, Pending};
use super::error::StoreError;
use super::index;
use super::journal::Journal;
use super::ledger_file::LedgerFile;
use super::recover;
use super::sealed::{seal, unsealed};
use crate::base::fingerprint::{Algorithm, QUALITY_MIN};
use crate::ledger::{Entry, EntryBody, LeafIndex, LookupMode, TreeSize};

/// The codes of every registration of a ledger that has any worth searching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    bits: Vec<[u8; 32]>,
    entries: Vec<u64>,
    registrations: u64,
    size: TreeSize,
}

impl Codes {
    /// The algorithms whose codes are kept, in the order in which a registration has them.
    pub const KINDS: [Algorithm; 4] = [
        Algorithm::PdqFull,
        Algorithm::PdqCentre90,
        Algorithm::PdqCentre80,
        Algorithm::PdqCentre70,
    ];

    /// Four codes for each picture, one of each of [`Self::KINDS`]; one that is not worth searching is zero, at 128 bits from
    /// every code that is.
    #[must_use]
    pub fn bits(&self) -> &[[u8; 32]] {
        &self.bits
    }

    /// How many pictures can be searched.
    #[must_use]
    pub const fn pictures(&self) -> usize {
        self.entries.len()
    }

    /// How many registrations there are, those without a code worth searching among them.
    #[must_use]
    pub const fn registrations(&self) -> u64 {
        self.registrations
    }

    /// As of how many entries.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// Where the entry of a code stands, and what made the code, by its place in [`Self::bits`].
    #[must_use]
    pub fn place(&self, at: usize) -> Option<(LeafIndex, Algorithm)> {
        let entry = self.entries.get(at.checked_div(KINDS)?)?;
        Some((LeafIndex(*entry), *Self::KINDS.get(at.checked_rem(KINDS)?)?))
    }

    /// Adds the codes of the next entry.
    fn add(&mut self, entry: &Entry) {
        let index = self.size.0;
        self.size = TreeSize(index.saturating_add(1));
        let EntryBody::AssetRegister(_) = entry.body() else {
            return;
        };
        self.registrations = self.registrations.saturating_add(1);
        if let Some(record) = Record::of(index, entry) {
            self.entries.push(record.index);
            self.bits.extend_from_slice(&record.searched());
        }
    }
}

/// The codes of one registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    codes: [[u8; 32]; KINDS],
    index: u64,
    qualities: [u8; KINDS],
}

impl Record {
    /// `None` for entries without a code worth searching.
    fn of(index: u64, entry: &Entry) -> Option<Self> {
        let EntryBody::AssetRegister(body) = entry.body() else {
            return None;
        };
        let (mut codes, mut qualities) = ([[0; 32]; KINDS], [0; KINDS]);
        let places = Codes::KINDS.iter().zip(codes.iter_mut().zip(&mut qualities));
        for (kind, (code, quality)) in places {
            if let Some(print) = body.fingerprints.iter().find(|one| one.algorithm == *kind) {
                (*code, *quality) = (print.bits, print.quality);
            }
        }
        let record = Self {
            codes,
            index,
            qualities,
        };
        record
            .qualities
            .iter()
            .any(|quality| is_worth(*quality))
            .then_some(record)
    }

    /// The codes with those blanked that say too little.
    fn searched(&self) -> [[u8; 32]; KINDS] {
        let mut codes = self.codes;
        for (code, quality) in codes.iter_mut().zip(self.qualities) {
            if !is_worth(quality) {
                *code = [0; 32];
            }
        }
        codes
    }

    fn bytes(&self) -> [u8; RECORD_LEN] {
        let mut out = [0; RECORD_LEN];
        let (codes, rest) = out.split_at_mut(CODES_LEN);
        codes.copy_from_slice(self.codes.as_flattened());
        let (body, _) = rest.split_at_mut(12);
        let (index, qualities) = body.split_at_mut(8);
        index.copy_from_slice(&self.index.to_le_bytes());
        qualities.copy_from_slice(&self.qualities);
        let crc = crc32c::crc32c(out.get(..RECORD_LEN - 4).unwrap_or_default());
        if let Some(last) = out.last_chunk_mut::<4>() {
            *last = crc.to_le_bytes();
        }
        out
    }

    /// `None` for a damaged one.
    fn parse(bytes: &[u8; RECORD_LEN]) -> Option<Self> {
        let body = unsealed(bytes)?;
        let (codes, rest) = body.split_at_checked(CODES_LEN)?;
        let (index, qualities) = rest.split_first_chunk::<8>()?;
        Some(Self {
            codes: codes.as_chunks::<32>().0.try_into().ok()?,
            index: u64::from_le_bytes(*index),
            qualities: qualities.try_into().ok()?,
        })
    }
}

/// What the file covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    size: TreeSize,
    registrations: u64,
    records: u64,
    root: [u8; 32],
}

impl Head {
    fn bytes(&self) -> [u8; HEAD_LEN] {
        let mut out = MAGIC.to_vec();
        for number in [self.size.0, self.registrations, self.records] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.root);
        seal(&mut out);
        out.resize(HEAD_LEN, 0);
        out.try_into().unwrap_or([0; HEAD_LEN])
    }

    fn parse(bytes: &[u8; HEAD_LEN]) -> Option<Self> {
        let (body, rest) = bytes.split_at_checked(72)?;
        let crc = crc32c::crc32c(body).to_le_bytes();
        if rest.strip_prefix(&crc)? != [0; 4] {
            return None;
        }
        let (numbers, root) = body.strip_prefix(MAGIC)?.split_at_checked(24)?;
        let number = |at: usize| {
            let word = numbers.as_chunks::<8>().0.get(at)?;
            Some(u64::from_le_bytes(*word))
        };
        Some(Self {
            size: TreeSize(number(0)?),
            registrations: number(1)?,
            records: number(2)?,
            root: root.try_into().ok()?,
        })
    }

    /// The head of a file that is as long as it says and of this very log.
    fn read(file: &File, journal: &Journal) -> Option<Self> {
        let mut bytes = [0; HEAD_LEN];
        file.read_exact_at(&mut bytes, 0).ok()?;
        let head = Self::parse(&bytes)?;
        let is_there = file.metadata().ok()?.len() >= record_at(head.records)?;
        let root = journal.index().edge(head.size)?.root();
        (is_there && *root.as_bytes() == head.root).then_some(head)
    }
}

impl LedgerFile {
    /// The codes of all pictures in the ledger as it was opened; none of a private one.
    ///
    /// # Errors
    /// [`StoreError`] when entries that no file covers cannot be read.
    pub fn codes(&self) -> Result<Codes, StoreError> {
        let journal = self.journal();
        let size = journal.checkpoint().size();
        if journal.header().mode == LookupMode::Private {
            return Ok(Codes {
                size,
                ..Codes::default()
            });
        }
        let mut codes = (0..OPEN_TRIES)
            .find_map(|_| read(journal, self.path()))
            .unwrap_or_default();
        each_from(journal, codes.size, |entry| codes.add(entry))?;
        Ok(codes)
    }

    /// Whether the file of codes holds what it should of every entry that it covers; true where there is none.
    pub(super) fn are_codes_right(&self) -> Result<bool, StoreError> {
        let journal = self.journal();
        if !path(self.path()).exists() || journal.header().mode == LookupMode::Private {
            return Ok(true);
        }
        let Some(found) = read(journal, self.path()) else {
            return Ok(false);
        };
        let mut wanted = Codes::default();
        each_from(journal, TreeSize(0), |entry| {
            if wanted.size < found.size {
                wanted.add(entry);
            }
        })?;
        Ok(found == wanted)
    }

    /// Adds the codes of entries that came since; all of them where the file is missing or wrong. A failure costs the next
    /// search the reading of those entries.
    pub(super) fn leave_codes(&self) {
        let journal = self.journal();
        if journal.header().mode == LookupMode::Private {
            return;
        }
        let size = journal.checkpoint().size();
        let opened = durable::open_regular(&path(self.path())).ok();
        let head = opened.and_then(|file| Head::read(&file, journal));
        let covered = head.map_or(TreeSize(0), |head| head.size);
        if size.0.saturating_sub(covered.0) >= WRITE_AT {
            let _ = match head {
                Some(head) => append(journal, self.path(), head),
                None => make(journal, self.path()),
            };
        }
    }
}

/// Where the codes of a ledger lie.
fn path(ledger: &Path) -> PathBuf {
    index::folder(ledger).join(NAME)
}

/// What the file has; `None` when it is missing, of another log, or damaged.
fn read(journal: &Journal, ledger: &Path) -> Option<Codes> {
    let file = durable::open_regular(&path(ledger)).ok()?;
    let head = Head::read(&file, journal)?;
    // Only now is the number of records known to be backed by bytes.
    let count = usize::try_from(head.records).ok()?;
    let mut codes = Codes {
        bits: vec![[0; 32]; count.checked_mul(KINDS)?],
        entries: vec![0; count],
        registrations: head.registrations,
        size: head.size,
    };
    let half = count.div_ceil(2);
    let (bits, more_bits) = codes.bits.split_at_mut(half.checked_mul(KINDS)?);
    let (entries, more_entries) = codes.entries.split_at_mut(half);
    let first = u64::try_from(half).ok()?;
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| fill(&file, first, more_bits, more_entries));
        (fill(&file, 0, bits, entries), other.join().ok().flatten())
    });
    one.and(other)?;
    let ascends = codes.entries.is_sorted_by(|a, b| a < b);
    let fits = codes.entries.last().is_none_or(|last| *last < head.size.0);
    (ascends && fits).then_some(codes)
}

/// Reads records from number `first` on, as many as there is room for.
fn fill(file: &File, first: u64, bits: &mut [[u8; 32]], entries: &mut [u64]) -> Option<()> {
    let mut buffer = vec![0; CHUNK_RECORDS.min(entries.len()).checked_mul(RECORD_LEN)?];
    let mut at = record_at(first)?;
    let chunks = bits
        .chunks_mut(CHUNK_RECORDS * KINDS)
        .zip(entries.chunks_mut(CHUNK_RECORDS));
    for (bits, entries) in chunks {
        let bytes = buffer.get_mut(..entries.len().checked_mul(RECORD_LEN)?)?;
        file.read_exact_at(bytes, at).ok()?;
        at = at.checked_add(u64::try_from(bytes.len()).ok()?)?;
        let records = bytes.as_chunks::<RECORD_LEN>().0;
        let places = bits.as_chunks_mut::<KINDS>().0.iter_mut().zip(entries);
        for (record, (codes, entry)) in records.iter().zip(places) {
            let record = Record::parse(record)?;
            *codes = record.searched();
            *entry = record.index;
        }
    }
    Some(())
}

/// Calls with every entry from an index on.
fn each_from(journal: &Journal, from: TreeSize, mut each: impl FnMut(&Entry)) -> Result<(), StoreError> {
    let size = journal.checkpoint().size();
    if size.0.saturating_sub(from.0) <= PROVED_MAX {
        for index in from.0..size.0 {
            each(&journal.entry(LeafIndex(index))?);
        }
        return Ok(());
    }
    let (mut next, mut fault) = (0u64, None);
    recover::each_entry(journal.disk(), size, |_, bytes| {
        let index = LeafIndex(next);
        next = next.saturating_add(1);
        if index.0 >= from.0 && fault.is_none() {
            match Entry::decode(bytes) {
                Ok(entry) => each(&entry),
                Err(source) => fault = Some(StoreError::Entry { index, source }),
            }
        }
    })?;
    match fault {
        Some(fault) => Err(fault),
        None if next < size.0 => Err(StoreError::Damaged {
            offset: journal.index().offset(LeafIndex(next)).unwrap_or(0),
            commit: journal.last_commit_offset(),
            size,
        }),
        None => Ok(()),
    }
}

/// Writes records behind those there are, then the head that counts them.
fn append(journal: &Journal, ledger: &Path, mut head: Head) -> Result<(), StoreError> {
    let opened = OpenOptions::new().read(true).write(true).open(path(ledger));
    let file = opened.map_err(StoreError::io("open for writing"))?;
    let at = record_at(head.records).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let (mut index, from) = (head.size.0, head.size);
    each_from(journal, from, |entry| {
        let _ = head.count(&mut index, entry, &mut |record| bytes.write_all(&record));
    })?;
    head.cover(journal);
    file.write_all_at(&bytes, at)
        .and_then(|()| file.sync_data())
        .and_then(|()| file.write_all_at(&head.bytes(), 0))
        .and_then(|()| file.sync_data())
        .map_err(StoreError::io("write codes to"))
}

/// Writes the whole file anew.
fn make(journal: &Journal, ledger: &Path) -> Result<(), StoreError> {
    durable::create_directory(&index::folder(ledger), 0o755)?;
    let mut unread = None;
    let pending = Pending::fill(&path(ledger), 0o644, Existing::Replace, |file| {
        let mut head = Head {
            size: TreeSize(0),
            registrations: 0,
            records: 0,
            root: [0; 32],
        };
        let mut out = io::BufWriter::with_capacity(1 << 20, &mut *file);
        out.write_all(&[0; HEAD_LEN])?;
        let (mut index, mut written) = (0, Ok(()));
        let walked = each_from(journal, TreeSize(0), |entry| {
            let done = head.count(&mut index, entry, &mut |record| out.write_all(&record));
            if written.is_ok() {
                written = done;
            }
        });
        written?;
        out.flush()?;
        drop(out);
        unread = walked.err();
        head.cover(journal);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&head.bytes())
    })?;
    match unread {
        Some(error) => Err(error),
        None => Ok(pending.publish()?),
    }
}

impl Head {
    /// Counts the next entry, and writes its record where it has one.
    fn count(
        &mut self,
        index: &mut u64,
        entry: &Entry,
        write: &mut dyn FnMut([u8; RECORD_LEN]) -> io::Result<()>,
    ) -> io::Result<()> {
        let at = *index;
        *index = at.saturating_add(1);
        let EntryBody::AssetRegister(_) = entry.body() else {
            return Ok(());
        };
        self.registrations = self.registrations.saturating_add(1);
        let Some(record) = Record::of(at, entry) else {
            return Ok(());
        };
        self.records = self.records.saturating_add(1);
        write(record.bytes())
    }

    /// Covers all entries of the log as it stands.
    fn cover(&mut self, journal: &Journal) {
        self.size = journal.checkpoint().size();
        self.root = *journal.checkpoint().root().as_bytes();
    }
}

/// Where a record begins.
fn record_at(number: u64) -> Option<u64> {
    number
        .checked_mul(u64::try_from(RECORD_LEN).ok()?)?
        .checked_add(u64::try_from(HEAD_LEN).ok()?)
}

/// Whether a code of this PDQ quality says enough to be searched.
const fn is_worth(quality: u8) -> bool {
    quality >= QUALITY_MIN
}

pub(super) const NAME: &str = "codes.v1";
const MAGIC: &[u8; 16] = b"byline-codes/v1\n";
const HEAD_LEN: usize = 80;
const KINDS: usize = Codes::KINDS.len();
const CODES_LEN: usize = 32 * KINDS;
const RECORD_LEN: usize = CODES_LEN + 16;
/// Records read at a time.
const CHUNK_RECORDS: usize = 4096;
/// Fewer entries than this are read in a millisecond.
const WRITE_AT: u64 = 64;
/// More entries than this are read faster in one pass over the ledger than each with its proof.
const PROVED_MAX: u64 = 1024;
const OPEN_TRIES: usize = 2;

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
