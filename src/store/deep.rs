//! What registered pictures look like in a hundred places each: `NAME.ledger.deep`, beside the ledger and never part of it.
//!
//! ```text
//! 0   16   "byline-deep/v1\n" and a zero
//! 16  32   SHA-256 of the log's origin
//! 48  12   zeros
//! 60  4    CRC-32C of all before
//! 64  ...  records of 2764 bytes, in the order in which they came:
//!          u64 leaf index, SHA-256 of the registered file, the print (base::local), u32 CRC-32C of the record before it
//! ```
//!
//! Made from pixels that the ledger does not hold, so it cannot be made anew from it: keep it with the ledger, or sign again.
//! Only appended to, under the writer's lock; a torn last record is passed over and written over, a damaged one is passed over.
//! It identifies nothing: a record counts only where the entry it names is of the file it names. A private ledger has no such
//! file: what it holds is a faint picture of each picture.
//!
//! What was appended is searched through runs in the index's folder (run.rs); what no run covers is looked at one by one.

mod run;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::durable::{self, Existing};
use super::error::StoreError;
use super::index;
use super::ledger_file::{LedgerFile, beside};
use super::sealed::{seal, unsealed};
use crate::base::Digest;
use crate::base::local::{LocalPrint, Probe};
use crate::ledger::{LeafIndex, LookupMode};
use run::{Run, Span};

/// One registered picture's looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeepRecord {
    /// Where its registration stands.
    pub index: LeafIndex,
    /// The file registered there.
    pub file: Digest,
    /// What it looks like.
    pub print: LocalPrint,
}

/// The looks of a ledger's pictures, open for searching.
#[derive(Debug)]
pub struct Deep {
    file: File,
    records: u64,
    runs: Vec<Run>,
    /// What no run covers.
    loose: Vec<Span>,
}

impl Deep {
    /// How many records there are.
    #[must_use]
    pub const fn pictures(&self) -> u64 {
        self.records
    }

    /// The records that many probes lead to, at most `most`, most probes first, then those that no run covers.
    #[must_use]
    pub fn candidates(&self, probes: &[Probe], most: usize) -> Vec<u64> {
        let half = self.runs.len().div_ceil(2);
        let (one, other) = self.runs.split_at(half);
        let votes = |runs: &[Run]| {
            let mut found = Vec::new();
            for run in runs {
                run.votes(probes, &mut found);
            }
            found
        };
        let (mut found, more) = std::thread::scope(|scope| {
            let more = scope.spawn(|| votes(other));
            (votes(one), more.join().unwrap_or_default())
        });
        found.extend(more);
        // Fewest votes last; places break ties.
        found.sort_unstable_by(|(a, left), (b, right)| b.cmp(a).then(left.cmp(right)));
        let mut chosen: Vec<u64> = found.into_iter().take(most).map(|(_, record)| record).collect();
        chosen.extend(
            self.loose
                .iter()
                .flat_map(|span| span.from..span.from + span.count),
        );
        chosen
    }

    /// The entries that have a record, damaged ones left out. Reads the whole file.
    #[must_use]
    pub fn entries(&self) -> BTreeSet<LeafIndex> {
        (0..self.records)
            .filter_map(|number| Some(self.record(number)?.index))
            .collect()
    }

    /// A record; `None` for one that is damaged or not there.
    #[must_use]
    pub fn record(&self, number: u64) -> Option<DeepRecord> {
        if number >= self.records {
            return None;
        }
        let mut bytes = [0; RECORD_LEN];
        self.file.read_exact_at(&mut bytes, record_at(number)?).ok()?;
        parse(&bytes)
    }
}

impl LedgerFile {
    /// The looks of its pictures; `None` when none were ever recorded, or it is private.
    ///
    /// # Errors
    /// [`StoreError::Deep`] for a file that is there and cannot be read, or is none of this ledger's.
    pub fn deep(&self) -> Result<Option<Deep>, StoreError> {
        if self.header().mode == LookupMode::Private {
            return Ok(None);
        }
        let path = path(self.path());
        let file = match durable::open_regular(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(&path)(error)),
        };
        let records = records(&file, &self.deep_head()).map_err(fault(&path))?;
        let folder = index::folder(self.path());
        let (mut runs, mut loose) = (Vec::new(), Vec::new());
        for span in run::spans(records) {
            run::cover(&folder, &file, span, &mut runs, &mut loose);
        }
        Ok(Some(Deep {
            file,
            records,
            runs,
            loose,
        }))
    }

    /// Appends the looks of pictures that this ledger has acknowledged; makes the file where there is none.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] without the writer's lock; [`StoreError`] when the file cannot be written or is of another ledger.
    /// What was appended before stays.
    pub fn append_deep(&mut self, new: &[DeepRecord]) -> Result<(), StoreError> {
        if !self.is_writer() || self.header().mode == LookupMode::Private {
            return Err(StoreError::ReadOnly);
        }
        let head = self.deep_head();
        let path = path(self.path());
        match durable::write(&path, &head, 0o600, Existing::Refuse) {
            Ok(()) | Err(durable::DurableError::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        let file = opened.map_err(fault(&path))?;
        let there = records(&file, &head).map_err(fault(&path))?;
        let bytes: Vec<u8> = new.iter().flat_map(bytes).collect();
        file.write_all_at(&bytes, record_at(there).unwrap_or(u64::MAX))
            .and_then(|()| file.sync_data())
            .map_err(fault(&path))
    }

    /// Makes the runs that cover what was appended. A failure costs the next search the looking at it one by one.
    pub(super) fn leave_deep_runs(&self) {
        if self.header().mode == LookupMode::Private {
            return;
        }
        if let Ok(file) = durable::open_regular(&path(self.path()))
            && let Ok(records) = records(&file, &self.deep_head())
        {
            let _ = run::make_missing(&index::folder(self.path()), &file, records);
        }
    }

    fn deep_head(&self) -> [u8; HEAD_LEN] {
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(Digest::of(self.header().origin().as_str().as_bytes()).as_bytes());
        head.resize(HEAD_LEN - 4, 0);
        seal(&mut head);
        head.try_into().unwrap_or([0; HEAD_LEN])
    }
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Deep { path, source }
}

/// Where the looks of a ledger's pictures lie.
fn path(ledger: &Path) -> PathBuf {
    beside(ledger, ".deep")
}

/// How many whole records a file has, once its head is the one wanted.
fn records(file: &File, head: &[u8; HEAD_LEN]) -> io::Result<u64> {
    let unfit = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let length = file.metadata()?.len();
    if length < u64::try_from(HEAD_LEN).unwrap_or(0) {
        return Err(unfit("it is too short to be one"));
    }
    let mut found = [0; HEAD_LEN];
    file.read_exact_at(&mut found, 0)?;
    if found != *head {
        return Err(unfit("its head is damaged, or names another ledger"));
    }
    let body = length.saturating_sub(u64::try_from(HEAD_LEN).unwrap_or(0));
    Ok(body / u64::try_from(RECORD_LEN).unwrap_or(u64::MAX))
}

fn bytes(record: &DeepRecord) -> Vec<u8> {
    let mut out = Vec::with_capacity(RECORD_LEN);
    out.extend_from_slice(&record.index.0.to_le_bytes());
    out.extend_from_slice(record.file.as_bytes());
    out.extend_from_slice(&record.print.to_bytes());
    seal(&mut out);
    out
}

/// `None` for a damaged one.
fn parse(bytes: &[u8; RECORD_LEN]) -> Option<DeepRecord> {
    let body = unsealed(bytes)?;
    let (index, rest) = body.split_first_chunk::<8>()?;
    let (file, print) = rest.split_first_chunk::<32>()?;
    Some(DeepRecord {
        index: LeafIndex(u64::from_le_bytes(*index)),
        file: Digest::from_bytes(*file),
        print: LocalPrint::parse(print)?,
    })
}

/// Where a record begins.
fn record_at(number: u64) -> Option<u64> {
    number
        .checked_mul(u64::try_from(RECORD_LEN).ok()?)?
        .checked_add(u64::try_from(HEAD_LEN).ok()?)
}

const MAGIC: &[u8; 16] = b"byline-deep/v1\n\0";
const HEAD_LEN: usize = 64;
const RECORD_LEN: usize = 8 + 32 + LocalPrint::LEN + 4;

#[cfg(test)]
#[path = "deep/tests.rs"]
mod tests;
