//! The derived index of a ledger on disk, `NAME.ledger.d/index.v2`: with it, opening and looking up need a few pages of
//! a ledger of any size. It can be deleted; a writer makes it anew when it closes.
//!
//! ```text
//! 0    16   "byline-index/v2\n"
//! 16   8    u64  entries covered
//! 24   8    u64  offset of the commit frame that covers them
//! 32   8    i64  latest time of an entry, milliseconds since 1970
//! 40   8    u64  keys
//! 48   8    u64  records
//! 56   4    u32  CRC-32C of bytes 0 to 56 and of the keys
//! 60   4    zeros
//! 64   ...  keys: 32 bytes of public key, u64 index of the entry it entered with
//!      ...  offsets: u64 an entry, where its frame begins
//!      ...  levels: 32 bytes for each complete subtree, leaves first, then pairs, then fours ...
//!      ...  records: 16 bytes, ascending: topic (1), first bytes of a hash (10), index (5, big-endian)
//! ```
//!
//! Nothing here is trusted: the covering commit's signatures are checked, the subtrees must lead to its root, every
//! entry read is proved by them, and a hit counts only when the entry itself says so. A wrong index can hide an entry,
//! never add one.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
use crate::base::Timestamp;
use crate::keys::PublicKey;
use crate::ledger::tree::{CompactRange, MemoryTree, Subtrees, root_at};
use crate::ledger::{LeafHash, LeafIndex, NodeHash, TreeSize};

/// An index file that was opened; its numbers fit its length.
#[derive(Debug)]
pub(super) struct IndexFile {
    file: File,
    head: Head,
    offsets_at: u64,
    levels_at: Vec<u64>,
    records_at: u64,
    keys: Vec<(PublicKey, LeafIndex)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) size: TreeSize,
    pub(super) commit: u64,
    pub(super) latest: Timestamp,
    keys: u64,
    records: u64,
}

/// What an index file is made from.
pub(super) struct Parts<'a> {
    pub(super) commit: u64,
    pub(super) latest: Timestamp,
    pub(super) keys: &'a [(PublicKey, LeafIndex)],
    pub(super) offsets: &'a [u64],
    pub(super) leaves: &'a [LeafHash],
    /// Ascending.
    pub(super) records: &'a [u128],
}

/// Where the index of a ledger lies.
pub(super) fn path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".d");
    PathBuf::from(name).join("index.v2")
}

/// Writes the index of a ledger anew.
pub(super) fn write(ledger: &Path, parts: &Parts<'_>) -> Result<(), DurableError> {
    let path = path(ledger);
    let mut keys = Vec::with_capacity(parts.keys.len().saturating_mul(40));
    for (key, index) in parts.keys {
        keys.extend_from_slice(key.as_bytes());
        keys.extend_from_slice(&index.0.to_le_bytes());
    }
    let mut out = MAGIC.to_vec();
    for number in [count(parts.leaves), parts.commit] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&parts.latest.unix_ms().to_le_bytes());
    for number in [count(parts.keys), count(parts.records)] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    let crc = crc32c::crc32c_append(crc32c::crc32c(&out), &keys);
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&keys);
    out.extend(parts.offsets.iter().flat_map(|offset| offset.to_le_bytes()));
    for level in MemoryTree::of(parts.leaves.iter().copied()).levels() {
        out.extend(level.iter().flat_map(|node| *node.as_bytes()));
    }
    out.extend(parts.records.iter().flat_map(|record| record.to_be_bytes()));
    durable::create_directory(durable::parent(&path), 0o755)?;
    durable::write(&path, &out, 0o644, Existing::Replace)
}

impl IndexFile {
    /// Opens the index of a ledger; `None` when there is none or its numbers do not fit.
    pub(super) fn open(ledger: &Path) -> Option<Self> {
        let file = durable::open_regular(&path(ledger)).ok()?;
        let mut head = [0; HEAD_LEN];
        file.read_exact_at(&mut head, 0).ok()?;
        let word = |at: usize| {
            Some(u64::from_le_bytes(
                head.get(at..at.checked_add(8)?)?.try_into().ok()?,
            ))
        };
        if !head.starts_with(MAGIC) || head.get(60..64)? != [0; 4] {
            return None;
        }
        let crc = u32::from_le_bytes(head.get(56..60)?.try_into().ok()?);
        let head_bytes = head.get(..56)?;
        let head = Head {
            size: TreeSize(word(16)?),
            commit: word(24)?,
            latest: Timestamp::from_unix_ms(i64::from_le_bytes(head.get(32..40)?.try_into().ok()?)),
            keys: word(40)?,
            records: word(48)?,
        };
        let mut at = 64u64.checked_add(head.keys.checked_mul(40)?)?;
        let offsets_at = at;
        at = at.checked_add(head.size.0.checked_mul(8)?)?;
        let mut levels_at = Vec::new();
        let mut nodes = head.size.0;
        while nodes > 0 {
            levels_at.push(at);
            at = at.checked_add(nodes.checked_mul(32)?)?;
            nodes >>= 1;
        }
        let records_at = at;
        if at.checked_add(head.records.checked_mul(16)?)? != file.metadata().ok()?.len() {
            return None;
        }
        // Only now is the length known to be backed by bytes.
        let mut bytes = vec![0; usize::try_from(head.keys.checked_mul(40)?).ok()?];
        file.read_exact_at(&mut bytes, 64).ok()?;
        if crc32c::crc32c_append(crc32c::crc32c(head_bytes), &bytes) != crc {
            return None;
        }
        let key = |bytes: &[u8]| {
            let (key, index) = bytes.split_at_checked(32)?;
            Some((
                PublicKey::from_slice(key)?,
                LeafIndex(u64::from_le_bytes(index.try_into().ok()?)),
            ))
        };
        let keys = bytes.chunks_exact(40).map(key).collect::<Option<_>>()?;
        Some(Self {
            file,
            head,
            offsets_at,
            levels_at,
            records_at,
            keys,
        })
    }

    pub(super) const fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn keys(&self) -> &[(PublicKey, LeafIndex)] {
        &self.keys
    }

    /// The right edge of the tree it covers.
    pub(super) fn edge(&self) -> Option<CompactRange> {
        let size = self.head.size.0;
        let mut nodes = Vec::new();
        let mut start = 0u64;
        for level in (0..64u32).rev().filter(|level| size >> level & 1 == 1) {
            nodes.push(self.subtree(level, start >> level)?);
            start = start.checked_add(1 << level)?;
        }
        CompactRange::from_parts(self.head.size, nodes)
    }

    /// The root of a smaller tree.
    pub(super) fn root_at(&self, size: TreeSize) -> Option<crate::ledger::RootHash> {
        (size <= self.head.size).then(|| root_at(self, size))?
    }

    pub(super) fn offset(&self, index: u64) -> Option<u64> {
        (index < self.head.size.0).then(|| self.word(self.offsets_at, index))?
    }

    pub(super) fn leaf(&self, index: u64) -> Option<LeafHash> {
        self.subtree(0, index)
            .map(|node| LeafHash::from_bytes(*node.as_bytes()))
    }

    /// Everything, for writing the next index.
    pub(super) fn all(&self) -> Option<(Vec<u64>, Vec<LeafHash>, Vec<u128>)> {
        let bytes = |at: u64, len: u64| {
            let mut bytes = vec![0; usize::try_from(len).ok()?];
            self.file.read_exact_at(&mut bytes, at).ok()?;
            Some(bytes)
        };
        let size = self.head.size.0;
        let offsets = bytes(self.offsets_at, size.checked_mul(8)?)?;
        let leaves = bytes(
            self.levels_at.first().copied().unwrap_or(0),
            size.checked_mul(32)?,
        )?;
        let records = bytes(self.records_at, self.head.records.checked_mul(16)?)?;
        Some((
            offsets
                .as_chunks::<8>()
                .0
                .iter()
                .map(|bytes| u64::from_le_bytes(*bytes))
                .collect(),
            leaves
                .as_chunks::<32>()
                .0
                .iter()
                .map(|bytes| LeafHash::from_bytes(*bytes))
                .collect(),
            records
                .as_chunks::<16>()
                .0
                .iter()
                .map(|bytes| u128::from_be_bytes(*bytes))
                .collect(),
        ))
    }

    /// The indexes of all records between two bounds, ascending.
    pub(super) fn records(&self, from: u128, to: u128) -> Vec<u128> {
        let (mut low, mut high) = (0, self.head.records);
        while low < high {
            let middle = low.midpoint(high);
            match self.record(middle) {
                Some(record) if record < from => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        (low..self.head.records)
            .map_while(|at| self.record(at).filter(|record| *record <= to))
            .collect()
    }

    fn record(&self, at: u64) -> Option<u128> {
        self.read::<16>(self.records_at.checked_add(at.checked_mul(16)?)?)
            .map(u128::from_be_bytes)
    }

    fn word(&self, section: u64, at: u64) -> Option<u64> {
        self.read::<8>(section.checked_add(at.checked_mul(8)?)?)
            .map(u64::from_le_bytes)
    }

    fn read<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    }
}

impl Subtrees for IndexFile {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        let section = *self.levels_at.get(usize::try_from(level).ok()?)?;
        if index >= self.head.size.0 >> level {
            return None;
        }
        self.read::<32>(section.checked_add(index.checked_mul(32)?)?)
            .map(NodeHash::from_bytes)
    }
}

fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

const MAGIC: &[u8; 16] = b"byline-index/v2\n";
const HEAD_LEN: usize = 64;
