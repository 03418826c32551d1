//! Reads a published directory as a log: every tile and entry is compared with the signed root before it counts.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::durable;
use crate::ledger::checkpoint::CheckpointError;
use crate::ledger::note::NOTE_BYTES_MAX;
use crate::ledger::tile::{BUNDLE_BYTES_MAX, Tile, TileKind};
use crate::ledger::tile_tree::{TileSource, TileTree, TileTreeError};
use crate::ledger::{VerifiedCheckpoint, VerifierKey};

/// The name of the checkpoint (c2sp.org/tlog-tiles).
pub const CHECKPOINT: &str = "checkpoint";
/// The name of the file with the log's verifier key: for convenience, it vouches for nothing but itself.
pub const LOG_KEY: &str = "log.vkey";

/// The tiles of a directory.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl TileSource for Directory {
    fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>> {
        let limit = match tile.kind() {
            TileKind::Entries => BUNDLE_BYTES_MAX,
            TileKind::Hashes(_) => tile.hash_bytes(),
        };
        read_bounded(&self.0.join(tile.to_string()), limit)
    }
}

/// A log read from a directory.
#[derive(Debug)]
pub struct PublishedLog {
    tree: TileTree<Directory>,
    checkpoint: VerifiedCheckpoint,
}

/// Why a directory is not read as a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishedError {
    /// Its checkpoint does not hold.
    #[error("the published checkpoint is refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No checkpoint, or no log key where none was given.
    #[error("`{}` is missing", path.display())]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The tiles do not make the signed root.
    #[error(transparent)]
    Tiles(#[from] TileTreeError),
}

impl PublishedLog {
    /// Opens a directory whose checkpoint this key signed.
    pub fn open(dir: &Path, key: &VerifierKey) -> Result<Self, PublishedError> {
        let note = checkpoint(dir)?;
        let checkpoint = VerifiedCheckpoint::open(&note, key)?;
        let source = Directory(dir.to_owned());
        let tree = TileTree::open(source, checkpoint.size(), checkpoint.root())?;
        Ok(Self { tree, checkpoint })
    }

    /// The checkpoint, with all its signatures.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The tiles.
    #[must_use]
    pub const fn tree(&self) -> &TileTree<Directory> {
        &self.tree
    }

    /// The bytes of every entry, in order; each bundle is compared with its tile, each tile with the root. Ends at the
    /// first bundle that cannot be had.
    pub fn entries(&self) -> impl Iterator<Item = Result<Vec<u8>, TileTreeError>> {
        let mut is_broken = false;
        let bundles = (0..self.tree.bundles()).map_while(move |index| {
            if is_broken {
                return None;
            }
            let bundle = self.tree.bundle(index);
            is_broken = bundle.is_err();
            Some(match bundle {
                Ok(entries) => entries.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(error) => vec![Err(error)],
            })
        });
        bundles.flatten()
    }
}

/// The note of the checkpoint of a directory, not verified.
pub fn checkpoint(dir: &Path) -> Result<String, PublishedError> {
    let path = dir.join(CHECKPOINT);
    match read_note(&path) {
        Ok(Some(note)) => Ok(note),
        Ok(None) => Err(PublishedError::Missing { path }),
        Err(source) => Err(PublishedError::Io { path, source }),
    }
}

/// The log key that a directory names, not to be trusted for more than that; `None` where it names none or what is no key.
#[must_use]
pub fn log_key(dir: &Path) -> Option<VerifierKey> {
    let text = read_note(&dir.join(LOG_KEY)).ok()??;
    VerifierKey::parse(text.strip_suffix('\n')?).ok()
}

/// Text of at most a note's length; `None` when the file is absent.
pub(super) fn read_note(path: &Path) -> io::Result<Option<String>> {
    let Some(bytes) = read_bounded(path, NOTE_BYTES_MAX)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes);
    text.map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

fn read_bounded(path: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match durable::open_regular(path) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= limit) {
        Ok(Some(bytes))
    } else {
        let too_long = format!("it has more than {limit} bytes");
        Err(io::Error::new(io::ErrorKind::InvalidData, too_long))
    }
}
