//! Where things stand in a ledger: derived from its entries, never trusted, deletable at any time (`NAME.ledger.d/`).
//!
//! ```text
//! head.v2    what the others cover: a signed commit, and which runs      (head.rs)
//! places-N   where each entry begins, and the tree over all; only grows  (places.rs)
//! run-N      sorted records of a range of entries; never changes         (run.rs)
//! ```
//!
//! What came after the head's commit is scanned at opening and held in memory; a writer writes it out when it is much, and
//! when it closes. New records become a run, together with the runs before that are less than eight times as long, so
//! that a look-up asks few runs and a record is written a few times in all.
//!
//! The commit's signatures are checked, the tree must lead to its root, every entry read is proved by it, and a hit counts
//! only when the entry itself says so. A wrong index can hide an entry, never add or change one.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

pub(super) use self::compare::Comparison;
use self::head::Head;
use self::late::Late;
use self::places::Places;
use self::run::{Run, RunError};
use super::durable::{self, DurableError};
use super::ledger_file::beside;
use crate::base::{Digest, Timestamp};
use crate::keys::{KeyId, PublicKey};
use crate::ledger::tree::{CompactRange, Subtrees};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, NodeHash, Subject, TreeSize};

mod compare;
mod head;
mod late;
mod places;
mod run;

/// Names each topic with its number in records. An index made for other topics is not used but made anew.
macro_rules! topics {
    ($($name:ident = $code:literal),* $(,)?) => {
        /// What a record of the index is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Topic { $($name),* }

        impl Topic {
            /// One bit for each topic.
            const ALL: u64 = 0 $(| 1 << $code)*;

            const fn code(self) -> u8 {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

topics! {
    Asset = 1,
    Content = 3,
    Entry = 4,
    File = 5,
    Manifest = 6,
    Pixel = 7,
    Key = 8,
}

/// The records of one entry: every key under which it is found.
fn records(id: &LeafHash, entry: &Entry, mut add: impl FnMut(RecordKey)) {
    add(RecordKey::entry(id));
    match entry.body().subject() {
        Subject::Asset(asset_id) => add(RecordKey::asset(&asset_id)),
        Subject::Identity(identity) => {
            add(RecordKey::key(&identity));
            if identity != entry.signer() && matches!(entry.body(), EntryBody::KeyRotate(_)) {
                add(RecordKey::key(&entry.signer()));
            }
        }
        Subject::Log => {}
    }
    // A redaction is found by the entry that it is about.
    if let EntryBody::Redact(body) = entry.body() {
        add(RecordKey::entry(&body.leaf));
    }
    let EntryBody::AssetRegister(body) = entry.body() else {
        return;
    };
    add(RecordKey::new(Topic::File, body.file.as_bytes()));
    add(RecordKey::new(Topic::Content, body.content.as_bytes()));
    add(RecordKey::new(Topic::Manifest, body.manifest.as_bytes()));
    if let Some((_, digest)) = &body.pixel {
        add(RecordKey::new(Topic::Pixel, digest.as_bytes()));
    }
}

/// A topic and 80 bits of a hash, in the upper 11 bytes; the lower five are zero and make room for an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RecordKey(u128);

impl RecordKey {
    pub(super) fn new(topic: Topic, hash: &[u8; 32]) -> Self {
        let mut key = [0; 16];
        key[0] = topic.code();
        key[1..11].copy_from_slice(&hash[..10]);
        Self(u128::from_be_bytes(key))
    }

    pub(super) fn entry(id: &LeafHash) -> Self {
        Self::new(Topic::Entry, id.as_bytes())
    }

    pub(super) fn asset(asset_id: &[u8; 16]) -> Self {
        Self::new(Topic::Asset, Digest::of(asset_id).as_bytes())
    }

    pub(super) fn key(id: &KeyId) -> Self {
        Self::new(Topic::Key, id.as_bytes())
    }

    const fn first(self) -> Record {
        Record(self.0)
    }

    const fn last(self) -> Record {
        Record(self.0 | INDEX_MAX)
    }
}

/// A key and the index of an entry it leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Record(u128);

impl Record {
    fn new(key: RecordKey, index: u64) -> Self {
        Self(key.0 | (u128::from(index) & INDEX_MAX))
    }

    const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    fn index(self) -> u64 {
        u64::try_from(self.0 & INDEX_MAX).unwrap_or(u64::MAX)
    }

    /// The first eight bytes.
    fn prefix(self) -> u64 {
        u64::try_from(self.0 >> 64).unwrap_or(u64::MAX)
    }
}

/// Whether the files of an index are used.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access<'a> {
    /// There are none.
    None,
    /// Those of this ledger are read.
    Read(&'a Path),
    /// Those of this ledger are read and written: the caller has the writer's lock.
    Write(&'a Path),
}

/// The commit that the files of an index cover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Covered {
    pub(super) size: TreeSize,
    pub(super) commit: u64,
    pub(super) latest: Timestamp,
}

/// Why an index was not written; the ledger is none the worse.
#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error(transparent)]
    Durable(#[from] DurableError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The index of a ledger.
#[derive(Debug, Default)]
pub(super) struct Index {
    places: Places,
    /// Oldest first; together they hold the records of all entries whose places are written.
    runs: Vec<Run>,
    late: Late,
    keys: HashMap<KeyId, (PublicKey, LeafIndex)>,
    /// The folder, when this process may write to it.
    folder: Option<PathBuf>,
    /// Number of the places file.
    places_number: u64,
    /// Size at the last commit of a scan.
    committed: u64,
    /// Size at which writing is tried again after it failed.
    retry_at: u64,
    /// Whether files were written that no head names yet.
    is_ahead_of_head: bool,
}

/// Where the index of a ledger lies.
pub(super) fn folder(ledger: &Path) -> PathBuf {
    beside(ledger, ".d")
}

impl Index {
    /// An index that covers nothing.
    pub(super) fn empty(access: Access<'_>) -> Self {
        let folder = match access {
            Access::None | Access::Read(_) => None,
            Access::Write(ledger) => Some(folder(ledger)),
        };
        Self {
            folder,
            ..Self::default()
        }
    }

    /// The index as its files have it; `None` when there is none, or it cannot be used.
    pub(super) fn open(access: Access<'_>) -> Option<(Self, Covered)> {
        let folder = match access {
            Access::None => return None,
            Access::Read(ledger) | Access::Write(ledger) => folder(ledger),
        };
        // A writer may replace files between the reading of the head and their opening.
        let opened = (0..OPEN_TRIES).find_map(|_| {
            let head = Head::read(&folder)?;
            let runs = head.runs.iter().map(|info| Run::open(&folder, *info));
            let runs = runs.collect::<Option<Vec<_>>>()?;
            let options = (matches!(access, Access::Write(_)), &folder);
            let file = open_places(options.0, options.1, head.places)?;
            Some((Places::open(file, head.size)?, runs, head))
        });
        let (places, runs, head) = opened?;
        let keys = head.keys.iter().map(|(key, at)| (key.key_id(), (*key, *at)));
        let index = Self {
            places,
            runs,
            keys: keys.collect(),
            places_number: head.places,
            committed: head.size.0,
            ..Self::empty(access)
        };
        let covered = Covered {
            size: head.size,
            commit: head.commit,
            latest: head.latest,
        };
        Some((index, covered))
    }

    /// How many entries it knows.
    pub(super) const fn size(&self) -> TreeSize {
        self.places.size()
    }

    /// The right edge of the tree over them.
    pub(super) const fn range(&self) -> &CompactRange {
        self.places.range()
    }

    /// Adds the next entry. Its records are found only after [`Index::settle`] or [`Index::recorded`].
    pub(super) fn add(&mut self, offset: u64, id: LeafHash, entry: Option<&Entry>) {
        let index = self.size().0;
        self.places.push(offset, id);
        let Some(entry) = entry else { return };
        if let EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_) = entry.body()
            && let Some(key) = entry.body().own_key()
        {
            self.keys.entry(entry.signer()).or_insert((key, LeafIndex(index)));
        }
        let late = &mut self.late;
        records(&id, entry, |key| late.add(Record::new(key, index)));
    }

    /// Notes that a scan passed a commit. Much that earlier commits cover is written out, so that memory stays bounded.
    pub(super) fn committed(&mut self) {
        let size = self.size().0;
        let before = std::mem::replace(&mut self.committed, size);
        if before.saturating_sub(self.written()) >= WRITE_AT {
            self.try_write(before);
        }
    }

    /// Forgets what lies at or beyond `size`, which no commit covers; false when that cannot be done.
    pub(super) fn settle(&mut self, size: TreeSize) -> bool {
        self.late.truncate(size.0);
        self.keys.retain(|_, (_, index)| index.0 < size.0);
        self.places.truncate(size)
    }

    /// Notes that what was added is durable, under the commit at this offset.
    pub(super) fn recorded(&mut self, commit: u64, latest: Timestamp) {
        self.late.sort();
        if self.size().0.saturating_sub(self.written()) >= WRITE_AT {
            self.save(commit, latest);
        }
    }

    /// Writes out what is only in memory, if it is enough to be worth it. A failure costs the next opening a scan.
    pub(super) fn close(&mut self, commit: u64, latest: Timestamp) {
        let late = self.size().0.saturating_sub(self.written());
        if late >= CLOSE_AT || self.is_ahead_of_head {
            self.save(commit, latest);
        }
    }

    /// Indexes that may hold what is looked for, ascending.
    pub(super) fn candidates(&self, key: RecordKey) -> Vec<LeafIndex> {
        let mut found = Vec::new();
        for run in &self.runs {
            run.find(key, &mut found);
        }
        self.late.find(key, &mut found);
        found.sort_unstable();
        found
            .into_iter()
            .map(|record| LeafIndex(record.index()))
            .collect()
    }

    pub(super) fn offset(&self, index: LeafIndex) -> Option<u64> {
        self.places.offset(index.0)
    }

    /// The leaf of an entry that this process hashed itself.
    pub(super) fn hashed_leaf(&self, index: LeafIndex) -> Option<LeafHash> {
        (self.places.is_late(index.0)).then(|| self.places.leaf(index.0))?
    }

    /// The right edge of the tree at a smaller size.
    pub(super) fn edge(&self, size: TreeSize) -> Option<CompactRange> {
        (size <= self.size()).then(|| self.places.edge(size))?
    }

    pub(super) fn key(&self, id: &KeyId) -> Option<(PublicKey, LeafIndex)> {
        self.keys.get(id).copied()
    }

    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    fn written(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.info().end)
    }

    fn save(&mut self, commit: u64, latest: Timestamp) {
        if self.try_write(self.size().0) {
            let saved = self.write_head(commit, latest);
            self.is_ahead_of_head = saved.is_err();
        }
    }

    /// Writes out what is in memory of the first `size` entries; false when it cannot be, and then not before much more came.
    fn try_write(&mut self, size: u64) -> bool {
        if self.folder.is_none() || size < self.retry_at {
            return false;
        }
        match self.write(size) {
            Ok(()) => true,
            Err(error) => {
                self.retry_at = size.saturating_add(WRITE_AT);
                if matches!(error, IndexError::Run(RunError::Damaged)) {
                    self.give_up();
                }
                false
            }
        }
    }

    /// Writes new places and a new run. They count once a head names them.
    fn write(&mut self, size: u64) -> Result<(), IndexError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(());
        };
        durable::create_directory(&folder, 0o755)?;
        if !self.places.has_file() {
            // A new index takes names that no file has, as others may still read those.
            let number = next_number(&folder);
            self.places.adopt(create_places(&folder, number)?);
            self.places_number = number;
        }
        self.is_ahead_of_head = true;
        if size > self.written() {
            let late = self.late.below(size);
            let mut entries = size.saturating_sub(self.written());
            let mut keep = self.runs.len();
            while let Some(run) = keep.checked_sub(1).and_then(|last| self.runs.get(last)) {
                let wanted = entries.saturating_mul(RUN_RATIO).max(RUN_ENTRIES_MIN);
                if run.info().entries() >= wanted {
                    break;
                }
                entries = entries.saturating_add(run.info().entries());
                keep = keep.saturating_sub(1);
            }
            let old = self.runs.get(keep..).unwrap_or_default();
            let first = old.first().map_or(self.written(), |run| run.info().first);
            let range = (next_number(&folder), first, size);
            let run = run::merge(&folder, range, old, &late)?;
            self.runs.truncate(keep);
            self.runs.push(run);
            self.late.forget_below(size);
        }
        Ok(self.places.write(size)?)
    }

    /// Publishes what was written, and removes what is no longer named.
    fn write_head(&self, commit: u64, latest: Timestamp) -> Result<(), IndexError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut keys: Vec<_> = self.keys.values().copied().collect();
        keys.sort_unstable_by_key(|(_, index)| *index);
        let head = Head {
            size: self.size(),
            commit,
            latest,
            places: self.places_number,
            runs: self.runs.iter().map(|run| *run.info()).collect(),
            keys,
        };
        head.write(folder)?;
        let mut named: Vec<String> = head.runs.iter().map(|run| run::name(run.number)).collect();
        named.push(places_name(head.places));
        for name in names(folder) {
            let is_old = name == FORMER_NAME || number_of(&name).is_some() && !named.contains(&name);
            if is_old {
                let _ = std::fs::remove_file(folder.join(name));
            }
        }
        Ok(())
    }

    /// Gives up an index whose files turn out to be damaged: the next opening makes a new one.
    fn give_up(&mut self) {
        if let Some(folder) = self.folder.take() {
            let _ = std::fs::remove_file(folder.join(head::NAME));
        }
        self.is_ahead_of_head = false;
    }
}

impl Subtrees for Index {
    fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
        self.places.subtree(level, index)
    }
}

fn places_name(number: u64) -> String {
    format!("places-{number}")
}

fn open_places(is_writer: bool, folder: &Path, number: u64) -> Option<std::fs::File> {
    let path = folder.join(places_name(number));
    let file = durable::open_regular(&path).ok()?;
    if !is_writer {
        return Some(file);
    }
    OpenOptions::new().read(true).write(true).open(path).ok()
}

fn create_places(folder: &Path, number: u64) -> Result<std::fs::File, IndexError> {
    use std::io::Write as _;
    let path = folder.join(places_name(number));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    file.write_all(places::MAGIC)?;
    durable::sync_directory(&path)?;
    Ok(file)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// The number in the name of a run or a places file.
fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix("run-")
        .or_else(|| name.strip_prefix("places-"))?
        .parse()
        .ok()
}

/// A number that no file in the folder has.
fn next_number(folder: &Path) -> u64 {
    let taken = names(folder).iter().filter_map(|name| number_of(name)).max();
    taken.unwrap_or(0).saturating_add(1)
}

/// Five bytes of a record: 2^40 entries.
const INDEX_MAX: u128 = 0xff_ffff_ffff;
/// Topics are numbered below this.
const TOPIC_CODES: usize = 64;
/// A writer that stays open writes out this many entries at a time: 3 MiB in memory.
const WRITE_AT: u64 = 16_384;
/// Fewer entries than this are scanned in a millisecond.
const CLOSE_AT: u64 = 64;
/// A run stays as it is beside newer ones that are an eighth of it or less.
const RUN_RATIO: u64 = 8;
/// A run of fewer entries never stays beside another.
const RUN_ENTRIES_MIN: u64 = WRITE_AT;
const OPEN_TRIES: usize = 4;
/// The one index file of earlier versions.
const FORMER_NAME: &str = "index.v1";

const _: () = assert!(Topic::ALL & 1 == 0 && Topic::ALL >> 63 == 0);

#[cfg(test)]
mod tests;
