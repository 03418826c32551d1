//! Publishes a ledger as static files that any web server serves (c2sp.org/tlog-tiles).
//!
//! ```text
//! lock -> published checkpoint is of this log, not larger, not forked -> new entries hash to the signed root
//!      -> bundles, tiles (full ones once, partial ones of this size) -> sync -> checkpoint beside, sync, rename
//!      -> partial tiles that full ones replace are removed
//! ```
//!
//! The checkpoint comes last: whatever a kill leaves before are files that no checkpoint refers to, and the next run finds
//! them as it would write them. A file that stands there with other bytes is replaced only when a publisher was opened to mend
//! what it knows to be its own log.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::durable::{self, Batch, DurableError, Existing};
use super::error::StoreError;
use super::ledger_file::LedgerFile;
use super::lock::{self, Held, LockError};
use super::published::{self, CHECKPOINT, Directory, LOG_HEADER, LOG_KEY};
use super::{files, folder};
use crate::ledger::checkpoint::CheckpointError;
use crate::ledger::tile::{self, TILE_WIDTH, Tile, TileKind};
use crate::ledger::tile_stack::{FilledTile, TileStack};
use crate::ledger::{LeafHash, TreeSize, VerifiedCheckpoint};

/// What publishing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The size that was published before; `None` for a new directory, or where that checkpoint was none of this log.
    pub before: Option<TreeSize>,
    /// The size published now.
    pub size: TreeSize,
    /// Tiles and bundles written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// How many of the files written stood there with other bytes.
    pub replaced: u64,
    /// Whether the checkpoint file was written: its size or its signatures are new.
    pub is_checkpoint_new: bool,
    /// Whether what stood there as the checkpoint was none of this log.
    pub is_checkpoint_mended: bool,
}

/// Why a ledger is not published. The published checkpoint is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The note is not signed by the ledger's key.
    #[error("the note to be published is refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The ledger's entries are not those that its log signed.
    #[error(
        "the first {size} entries of the ledger are not those that its log signed; nothing was published"
    )]
    Damaged {
        /// How many the last commit covers.
        size: TreeSize,
    },
    /// A file stands there with other bytes.
    #[error("`{}` is there already, with other bytes than this log has: the directory holds another log or was changed", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// A file was not written.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// The directory shows another history.
    #[error("the directory shows another history of this log up to {size} entries")]
    Forked {
        /// The published size.
        size: TreeSize,
    },
    /// A file or directory could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else publishes there.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The directory is ahead of the ledger.
    #[error(
        "the directory shows {published} entries, but the ledger has only {size}: an older copy of it was put back"
    )]
    Newer {
        /// The published size.
        published: TreeSize,
        /// The ledger's.
        size: TreeSize,
    },
    /// The note is of another size or root.
    #[error("the note to be published is not this ledger's last checkpoint")]
    NotLast,
    /// The directory holds a log of another key.
    #[error("the directory holds another log: its checkpoint is not signed by this ledger's key")]
    OtherLog,
    /// The ledger cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A directory that is being published to, locked against others.
#[derive(Debug)]
pub struct Publisher<'a> {
    ledger: &'a LedgerFile,
    dir: PathBuf,
    before: Option<VerifiedCheckpoint>,
    note: Option<String>,
    /// Whether a checkpoint stands there that is none of this log.
    is_checkpoint_spoiled: bool,
    edge: TileStack,
    existing: Existing,
    files: u64,
    bytes: u64,
    replaced: u64,
    _lock: Held,
}

impl<'a> Publisher<'a> {
    /// Opens a directory, makes it when it is absent, and compares what it shows with the ledger.
    pub fn open(ledger: &'a LedgerFile, dir: &Path, lock_timeout_ms: u64) -> Result<Self, PublishError> {
        let lock = lock(dir, lock_timeout_ms)?;
        let path = dir.join(CHECKPOINT);
        let note = published::read_note(&path).map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => PublishError::Differs { path },
            _ => PublishError::Io { path, source },
        })?;
        let before = match &note {
            Some(note) => Some(
                VerifiedCheckpoint::open(note, &ledger.header().verifier)
                    .map_err(|_| PublishError::OtherLog)?,
            ),
            None => None,
        };
        // What names the log is never replaced here, so it is compared before anything is written.
        for (name, wanted) in names_of_log(ledger) {
            let path = dir.join(name);
            match published::read_note(&path) {
                Ok(there) if there.as_ref().is_none_or(|there| *there == wanted) => {}
                Err(source) if source.kind() != io::ErrorKind::InvalidData => {
                    return Err(PublishError::Io { path, source });
                }
                _ => return Err(PublishError::Differs { path }),
            }
        }
        Self::begin(ledger, dir, lock, (note, before))
    }

    /// As [`Publisher::open`], but everything that should stand there is compared with the ledger, and what differs is replaced.
    ///
    /// # Errors
    /// [`PublishError::OtherLog`] also for a directory that names this log neither by its checkpoint nor by its key.
    pub fn open_to_mend(
        ledger: &'a LedgerFile,
        dir: &Path,
        lock_timeout_ms: u64,
    ) -> Result<Self, PublishError> {
        let lock = lock(dir, lock_timeout_ms)?;
        let key = &ledger.header().verifier;
        let checkpoint = dir.join(CHECKPOINT);
        let note = published::read_note(&checkpoint).ok().flatten();
        let before = note
            .as_ref()
            .and_then(|note| VerifiedCheckpoint::open(note, key).ok());
        let named = published::log_key(&Directory::at(dir)).ok().flatten();
        if before.is_none() && named.as_ref() != Some(key) {
            return Err(PublishError::OtherLog);
        }
        let is_checkpoint_spoiled = before.is_none() && folder::exists(&checkpoint);
        let publisher = Self::begin(ledger, dir, lock, (note, before))?;
        Ok(Self {
            is_checkpoint_spoiled,
            edge: TileStack::default(),
            existing: Existing::Replace,
            ..publisher
        })
    }

    fn begin(
        ledger: &'a LedgerFile,
        dir: &Path,
        lock: Held,
        (note, before): (Option<String>, Option<VerifiedCheckpoint>),
    ) -> Result<Self, PublishError> {
        let from = before.as_ref().map_or(TreeSize(0), VerifiedCheckpoint::size);
        let size = ledger.size();
        if from > size {
            let published = from;
            return Err(PublishError::Newer { published, size });
        }
        let edge = ledger.edge_at(from).unwrap_or_default();
        if before
            .as_ref()
            .is_some_and(|before| before.root() != edge.root() || edge.size() != from)
        {
            return Err(PublishError::Forked { size: from });
        }
        Ok(Self {
            ledger,
            dir: dir.to_owned(),
            before,
            note,
            is_checkpoint_spoiled: false,
            edge,
            existing: Existing::Refuse,
            files: 0,
            bytes: 0,
            replaced: 0,
            _lock: lock,
        })
    }

    /// The size that stands there.
    #[must_use]
    pub fn published_size(&self) -> Option<TreeSize> {
        self.before.as_ref().map(VerifiedCheckpoint::size)
    }

    /// Writes the tiles and bundles that are new, durably. No checkpoint refers to them yet.
    ///
    /// The entries are read twice: nothing gets a name before all of them were seen to make the signed root.
    pub fn write_tiles(&mut self) -> Result<(), PublishError> {
        self.walk(|_, _| Ok(()))?;
        let mut batch = Batch::new(&self.dir);
        let dir = self.dir.clone();
        let (mut files, mut bytes_written, mut replaced) = (0u64, 0u64, 0u64);
        let mut put = |batch: &mut Batch, name: &str, bytes: &[u8]| {
            let done = put(batch, &dir.join(name), bytes, self.existing)?;
            replaced = replaced.saturating_add(u64::from(done == Put::Replaced));
            Ok::<bool, PublishError>(done != Put::Same)
        };
        self.walk(|tile, bytes| {
            if put(&mut batch, &tile.to_string(), bytes)? {
                files = files.saturating_add(1);
                bytes_written = bytes_written.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
            }
            if self.existing == Existing::Refuse {
                return Ok(());
            }
            // Readers of an older checkpoint are still served from these.
            for (name, width) in older_partials(&dir, tile)? {
                let older = tile::older(tile.kind(), bytes, width);
                files = files.saturating_add(u64::from(put(&mut batch, &name, older.unwrap_or_default())?));
            }
            Ok(())
        })?;
        for (name, text) in names_of_log(self.ledger) {
            put(&mut batch, name, text.as_bytes())?;
        }
        batch.sync()?;
        (self.files, self.bytes, self.replaced) = (files, bytes_written, replaced);
        Ok(())
    }

    /// Publishes the checkpoint, and removes the partial tiles that full ones have replaced.
    ///
    /// `note` is the ledger's last checkpoint with any number of cosignatures. Call it after [`Publisher::write_tiles`].
    pub fn finish(self, note: &str) -> Result<Publication, PublishError> {
        let checkpoint = VerifiedCheckpoint::open(note, &self.ledger.header().verifier)?;
        let last = self.ledger.checkpoint();
        if (checkpoint.size(), checkpoint.root()) != (last.size(), last.root()) {
            return Err(PublishError::NotLast);
        }
        let is_checkpoint_new = self.note.as_deref() != Some(note);
        if is_checkpoint_new {
            durable::write(
                &self.dir.join(CHECKPOINT),
                note.as_bytes(),
                0o644,
                Existing::Replace,
            )?;
        }
        let before = self.published_size();
        let size = checkpoint.size();
        self.remove_partials(before.unwrap_or_default(), size);
        Ok(Publication {
            before,
            size,
            files: self.files,
            bytes: self.bytes,
            replaced: self.replaced,
            is_checkpoint_new,
            is_checkpoint_mended: self.is_checkpoint_spoiled,
        })
    }

    /// Gives every new tile and bundle to `each`, and compares the root at the end.
    fn walk(
        &self,
        mut each: impl FnMut(Tile, &[u8]) -> Result<(), PublishError>,
    ) -> Result<(), PublishError> {
        let (from, size) = (self.edge.size(), self.ledger.size());
        let mut stack = self.edge.clone();
        let mut bundle = Vec::new();
        let mut width: u16 = 0;
        // The bundle at the old end is written anew as a longer one, so its first entries are needed again.
        let first = from.0 & !0xff;
        let damaged = || PublishError::Damaged { size };
        self.ledger.each_entry(first..size.0, |index, entry| {
            tile::write_entry(entry, &mut bundle).ok_or_else(damaged)?;
            width = width.saturating_add(1);
            let leaf = LeafHash::of(entry);
            if index.0 < from.0 {
                let place = usize::from(width.saturating_sub(1));
                if stack.edge(0).get(place) != Some(&leaf.node()) {
                    return Err(damaged());
                }
            } else {
                let mut filled: Vec<FilledTile> = Vec::new();
                stack.push(leaf, &mut |tile| filled.push(tile));
                for FilledTile { tile, hashes } in filled {
                    each(tile, &tile::write_hashes(&hashes))?;
                }
            }
            let is_last = index.0.saturating_add(1) == size.0;
            if width == TILE_WIDTH || (is_last && from != size) {
                let place = index.0 >> 8;
                let tile = Tile::try_new(TileKind::Entries, place, width).ok_or_else(damaged)?;
                each(tile, &bundle)?;
                bundle.clear();
                width = 0;
            }
            Ok::<(), PublishError>(())
        })?;
        if stack.root() != self.ledger.checkpoint().root() {
            return Err(damaged());
        }
        if from == size {
            return Ok(());
        }
        let old = self.edge.partials().map(|filled| filled.tile);
        let old: BTreeSet<Tile> = old.collect();
        for FilledTile { tile, hashes } in stack.partials() {
            if !old.contains(&tile) {
                each(tile, &tile::write_hashes(&hashes))?;
            }
        }
        Ok(())
    }

    /// Removes `N.p/` of each tile that became full. What cannot be removed is in nobody's way.
    fn remove_partials(&self, from: TreeSize, size: TreeSize) {
        let Ok(new) = tile::new_tiles(from, size) else {
            return;
        };
        for tile in new.filter(Tile::is_full) {
            let partials = self.dir.join(format!("{tile}.p"));
            let Ok(entries) = std::fs::read_dir(&partials) else {
                continue;
            };
            for entry in entries.flatten() {
                if Tile::parse(&format!("{tile}.p/{}", entry.file_name().to_string_lossy())).is_ok() {
                    let _ = std::fs::remove_file(entry.path());
                }
            }
            let _ = std::fs::remove_dir(&partials);
        }
    }
}

/// The files by which a directory names its log, and what they hold.
fn names_of_log(ledger: &LedgerFile) -> [(&'static str, String); 2] {
    let header = ledger.header();
    [
        (LOG_KEY, format!("{}\n", header.verifier)),
        (LOG_HEADER, header.note.clone()),
    ]
}

/// The partial tiles of smaller sizes that stand beside this one, by name and width.
fn older_partials(dir: &Path, tile: Tile) -> Result<Vec<(String, u16)>, PublishError> {
    let folder = format!("{}.p", tile.filled());
    let path = dir.join(&folder);
    let entries = match std::fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| PublishError::Io { path, source })?,
    };
    let older = entries.flatten().filter_map(|entry| {
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        let width = Tile::parse(&name).ok()?.width();
        (width < tile.width()).then_some((name, width))
    });
    Ok(older.collect())
}

/// Takes the lock of a directory, which is made when it is absent.
fn lock(dir: &Path, timeout_ms: u64) -> Result<Held, PublishError> {
    durable::create_directory(dir, 0o755)?;
    let unreadable = |source| PublishError::Io {
        path: dir.to_owned(),
        source,
    };
    let lock = File::open(dir).map_err(unreadable)?;
    Ok(lock::lock_exclusive(&lock, timeout_ms)?)
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    New,
    Replaced,
    Same,
}

/// Writes a file unless it stands there with these bytes.
fn put(batch: &mut Batch, path: &Path, bytes: &[u8], existing: Existing) -> Result<Put, PublishError> {
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match files::read(path, limit) {
        Ok(found) if found == bytes => Ok(Put::Same),
        Err(files::FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            batch.write(path, bytes, 0o644, Existing::Refuse)?;
            Ok(Put::New)
        }
        Ok(_) | Err(files::FileError::TooLarge { .. }) if existing == Existing::Replace => {
            batch.write(path, bytes, 0o644, Existing::Replace)?;
            Ok(Put::Replaced)
        }
        Err(files::FileError::Io { source, .. }) if source.kind() != io::ErrorKind::NotADirectory => {
            let path = path.to_owned();
            Err(PublishError::Io { path, source })
        }
        _ => Err(PublishError::Differs {
            path: path.to_owned(),
        }),
    }
}
