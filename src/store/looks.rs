//! The looks of registered pictures, beside the ledger: `NAME.ledger.looks`. For statistics only.
//!
//! ```text
//! 0     8    u64  leaf index
//! 8     32   file digest, as the entry has it
//! 40    1    number of the algorithm
//! 41    72   the look
//! 113   4    u32  CRC-32C of the record before it
//! ```
//!
//! Records of one length, added when their entries are recorded; nothing else is in the file. They are not in the entries because a
//! proof carries its whole entry, and nobody needs a look to check one. So they are not signed either: who can write the file can
//! bend the statistics, and nothing else. A record that is damaged, or of another entry than it says, counts for nothing, and a
//! crash may leave the last ones out: pictures without a look are counted and said. A private ledger has no such file.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::durable;
use super::ledger_file::{LedgerFile, beside};
use super::sealed::{seal, unsealed};
use crate::base::Digest;
use crate::base::fingerprint::Look;
use crate::ledger::{LeafIndex, LookupMode};

/// The look of one registered picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where its entry stands.
    pub index: LeafIndex,
    /// The digest of its file, as the entry has it.
    pub file: Digest,
    /// The look.
    pub look: Look,
}

impl Record {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(RECORD_LEN);
        out.extend_from_slice(&self.index.0.to_le_bytes());
        out.extend_from_slice(self.file.as_bytes());
        out.push(Look::CODE);
        out.extend_from_slice(&self.look.bytes());
        seal(&mut out);
        out
    }

    /// `None` for a damaged one, or one of another algorithm.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let body = unsealed(bytes)?;
        let (index, rest) = body.split_first_chunk::<8>()?;
        let (file, rest) = rest.split_first_chunk::<32>()?;
        let look = rest.strip_prefix(&[Look::CODE])?;
        Some(Self {
            index: LeafIndex(u64::from_le_bytes(*index)),
            file: Digest::from_bytes(*file),
            look: Look::from_bytes(look.try_into().ok()?),
        })
    }
}

/// Adds records; the caller has the ledger open for writing. Nothing is added to a private one.
///
/// # Errors
/// What the system says.
pub fn add(ledger: &LedgerFile, records: &[Record]) -> io::Result<()> {
    if ledger.header().mode == LookupMode::Private || records.is_empty() {
        return Ok(());
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path(ledger))?;
    let length = u64::try_from(RECORD_LEN).unwrap_or(u64::MAX);
    let torn = file.metadata()?.len() % length;
    if torn > 0 {
        file.set_len(file.metadata()?.len().saturating_sub(torn))?;
    }
    let bytes: Vec<u8> = records.iter().flat_map(Record::bytes).collect();
    file.write_all(&bytes)
}

/// The looks of a ledger, each with the digest of the file that it is of; none where there is no such file, or none that can be read.
#[must_use]
pub fn read(ledger: &LedgerFile) -> HashMap<LeafIndex, (Digest, Look)> {
    let entries = usize::try_from(ledger.size().0).unwrap_or(usize::MAX);
    let limit = u64::try_from(entries.saturating_mul(RECORD_LEN)).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let opened = durable::open_regular(&path(ledger));
    // There are no more records than entries: what is behind them was put there by somebody else.
    let is_read = opened.and_then(|file| io::Read::read_to_end(&mut io::Read::take(file, limit), &mut bytes));
    if is_read.is_err() {
        return HashMap::new();
    }
    let records = bytes.chunks_exact(RECORD_LEN).filter_map(Record::parse);
    records.map(|one| (one.index, (one.file, one.look))).collect()
}

fn path(ledger: &LedgerFile) -> PathBuf {
    beside(ledger.path(), ".looks")
}

const RECORD_LEN: usize = 8 + 32 + 1 + Look::LEN + 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_damaged_one_does_not() {
        let record = Record {
            index: LeafIndex(7),
            file: Digest::of(b"file"),
            look: Look::from_bytes([0xa5; Look::LEN]),
        };
        let bytes = record.bytes();
        assert_eq!(bytes.len(), RECORD_LEN);
        assert_eq!(Record::parse(&bytes), Some(record));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Record::parse(&damaged), None, "byte {at}");
        }
        assert_eq!(Record::parse(&bytes[1..]), None);
    }
}
