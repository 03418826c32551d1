//! The head of the index, `NAME.ledger.d/head.v2`: what the other files cover. Replaced whole, and the last to be
//! written: a file that no head names is rubbish of an interrupted writing.
//!
//! ```text
//! 0    16   "byline-index/v2\n"
//! 16   8    u64  entries covered
//! 24   8    u64  offset of the commit frame that covers them
//! 32   8    i64  latest time of an entry, milliseconds since 1970
//! 40   8    u64  topics of the records, one bit each
//! 48   8    u64  number of the places file
//! 56   4    u32  runs
//! 60   4    u32  keys
//! 64   ...  runs: u64 number, u64 first entry, u64 entry after the last, u64 records, u32 CRC-32C of them, 4 zeros
//!      ...  keys: 32 bytes of public key, u64 index of its key.incept
//!      4    u32  CRC-32C of all before
//! ```

use std::io::Read as _;
use std::path::Path;

use super::Topic;
use super::run::RunInfo;
use crate::base::Timestamp;
use crate::keys::PublicKey;
use crate::ledger::{LeafIndex, TreeSize};
use crate::store::durable::{self, DurableError, Existing};
use crate::store::sealed::{seal, unsealed};

/// What the head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) size: TreeSize,
    /// Offset of the commit frame that covers `size` entries.
    pub(super) commit: u64,
    pub(super) latest: Timestamp,
    pub(super) places: u64,
    /// Oldest first, without gaps.
    pub(super) runs: Vec<RunInfo>,
    pub(super) keys: Vec<(PublicKey, LeafIndex)>,
}

pub(super) const NAME: &str = "head.v2";

impl Head {
    /// Reads the head of an index; `None` when there is none, or it is of other topics, or it is damaged.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let file = durable::open_regular(&folder.join(NAME)).ok()?;
        let mut bytes = Vec::new();
        file.take(HEAD_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Self::parse(&bytes)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), DurableError> {
        durable::write(&folder.join(NAME), &self.bytes(), 0o644, Existing::Replace)
    }

    fn bytes(&self) -> Vec<u8> {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.size.0.to_le_bytes());
        out.extend_from_slice(&self.commit.to_le_bytes());
        out.extend_from_slice(&self.latest.unix_ms().to_le_bytes());
        out.extend_from_slice(&Topic::ALL.to_le_bytes());
        out.extend_from_slice(&self.places.to_le_bytes());
        out.extend_from_slice(&count(self.runs.len()));
        out.extend_from_slice(&count(self.keys.len()));
        for run in &self.runs {
            for number in [run.number, run.first, run.end, run.records] {
                out.extend_from_slice(&number.to_le_bytes());
            }
            out.extend_from_slice(&run.crc.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
        }
        for (key, index) in &self.keys {
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(&index.0.to_le_bytes());
        }
        seal(&mut out);
        out
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let body = unsealed(bytes)?;
        let rest = body.strip_prefix(MAGIC)?;
        let (numbers, rest) = rest.split_at_checked(48)?;
        let word = |at: usize| {
            numbers
                .as_chunks::<8>()
                .0
                .get(at)
                .map(|word| u64::from_le_bytes(*word))
        };
        if word(3)? != Topic::ALL {
            return None;
        }
        let counts = numbers.last_chunk::<8>()?.as_chunks::<4>().0;
        let count = |at: usize| usize::try_from(u32::from_le_bytes(*counts.get(at)?)).ok();
        let (runs, keys) = rest.split_at_checked(count(0)?.checked_mul(40)?)?;
        if keys.len() != count(1)?.checked_mul(40)? {
            return None;
        }
        let head = Self {
            size: TreeSize(word(0)?),
            commit: word(1)?,
            latest: Timestamp::from_unix_ms(i64::from_le_bytes(word(2)?.to_le_bytes())),
            places: word(4)?,
            runs: runs.as_chunks::<40>().0.iter().map(run).collect::<Option<_>>()?,
            keys: keys.as_chunks::<40>().0.iter().map(key).collect::<Option<_>>()?,
        };
        let ends = std::iter::once(0).chain(head.runs.iter().map(|run| run.end));
        let fits = ends.clone().zip(&head.runs).all(|(end, run)| end == run.first);
        (fits && ends.last() == Some(head.size.0)).then_some(head)
    }
}

fn run(bytes: &[u8; 40]) -> Option<RunInfo> {
    let words = bytes.as_chunks::<8>().0;
    let word = |at: usize| words.get(at).map(|word| u64::from_le_bytes(*word));
    Some(RunInfo {
        number: word(0)?,
        first: word(1)?,
        end: word(2)?,
        records: word(3)?,
        crc: u32::try_from(word(4)?).ok()?,
    })
}

fn key(bytes: &[u8; 40]) -> Option<(PublicKey, LeafIndex)> {
    let (key, index) = bytes.split_first_chunk::<32>()?;
    Some((
        PublicKey::from_slice(key)?,
        LeafIndex(u64::from_le_bytes(index.try_into().ok()?)),
    ))
}

const MAGIC: &[u8; 16] = b"byline-index/v2\n";
/// Room for a million keys.
const HEAD_BYTES_MAX: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::CreatorKey;

    fn head() -> Head {
        let run = |number, first, end| RunInfo {
            number,
            first,
            end,
            records: 5 * (end - first),
            crc: 77,
        };
        Head {
            size: TreeSize(12),
            commit: 5000,
            latest: Timestamp::from_unix_ms(-5),
            places: 3,
            runs: vec![run(1, 0, 8), run(9, 8, 12)],
            keys: vec![(CreatorKey::from_seed(&[1; 32]).public(), LeafIndex(4))],
        }
    }

    #[test]
    fn a_head_goes_out_and_comes_back_and_no_changed_byte_is_read() {
        let bytes = head().bytes();
        assert_eq!(Head::parse(&bytes), Some(head()));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Head::parse(&changed), None, "byte {at}");
            assert_eq!(Head::parse(&bytes[..at]), None);
        }
    }

    #[test]
    fn runs_that_leave_a_gap_or_do_not_reach_the_size_are_refused() {
        for change in [
            |head: &mut Head| head.size = TreeSize(13),
            |head: &mut Head| head.runs[1].first = 9,
            |head: &mut Head| head.runs.clear(),
            |head: &mut Head| head.runs.swap(0, 1),
        ] {
            let mut head = head();
            change(&mut head);
            assert_eq!(Head::parse(&head.bytes()), None);
        }
    }
}
