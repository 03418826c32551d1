//! Reads what was published as a log: every tile and entry is compared with the signed root before it counts.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::durable;
use crate::ledger::checkpoint::CheckpointError;
use crate::ledger::frame::{Header, HeaderError};
use crate::ledger::note::NOTE_BYTES_MAX;
use crate::ledger::tile::{BUNDLE_BYTES_MAX, Tile, TileKind};
use crate::ledger::tile_tree::{TileSource, TileTree, TileTreeError};
use crate::ledger::{VerifiedCheckpoint, VerifierKey};

/// The name of the checkpoint (c2sp.org/tlog-tiles).
pub const CHECKPOINT: &str = "checkpoint";
/// The name of the file with the ledger's signed header note: how digests are made and who are arbiters
/// (c2sp.org/tlog-tiles leaves names that are not its own to the log).
pub const LOG_HEADER: &str = "log.header";
/// The name of the file with the log's verifier key: for convenience, it vouches for nothing but itself.
pub const LOG_KEY: &str = "log.vkey";

/// Where the files of a published log lie: a directory, a web server.
pub trait Shelf {
    /// The bytes of a file, at most `limit`; `None` when it is not there. `name` is a relative path with slashes.
    fn file(&self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>>;

    /// How a file is named to people.
    fn place(&self, name: &str) -> PathBuf;
}

/// A directory.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The directory at a path.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Shelf for Directory {
    fn file(&self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        read_bounded(&self.0.join(name), limit)
    }

    fn place(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// The tiles on a shelf.
#[derive(Clone, Debug)]
pub struct Tiles<S>(S);

impl<S: Shelf> TileSource for Tiles<S> {
    fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>> {
        let limit = match tile.kind() {
            TileKind::Entries => BUNDLE_BYTES_MAX,
            TileKind::Hashes(_) => tile.hash_bytes(),
        };
        self.0.file(&tile.to_string(), limit)
    }
}

/// A log read from where it was published.
#[derive(Debug)]
pub struct PublishedLog<S> {
    tree: TileTree<Tiles<S>>,
    checkpoint: VerifiedCheckpoint,
}

/// Why what was published is not read as a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishedError {
    /// Its checkpoint does not hold.
    #[error("the published checkpoint is refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// Its header does not hold.
    #[error("the published header is refused: {0}")]
    Header(#[from] HeaderError),
    /// Its header is that of another log.
    #[error("the published header is that of another log")]
    HeaderOfOther,
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that every published log has.
    #[error("`{}` is missing", path.display())]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The tiles do not make the signed root.
    #[error(transparent)]
    Tiles(#[from] TileTreeError),
}

impl PublishedError {
    /// Whether a file was not read, which says nothing about the log; one that is too long or no text was.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() != io::ErrorKind::InvalidData,
            Self::Tiles(error) => error.is_unread(),
            _ => false,
        }
    }
}

impl<S: Shelf> PublishedLog<S> {
    /// Opens a log whose checkpoint this key signed.
    pub fn open(shelf: S, key: &VerifierKey) -> Result<Self, PublishedError> {
        let note = text(&shelf, CHECKPOINT)?;
        let checkpoint = VerifiedCheckpoint::open(&note, key)?;
        let tree = TileTree::open(Tiles(shelf), checkpoint.size(), checkpoint.root())?;
        Ok(Self { tree, checkpoint })
    }

    /// The checkpoint, with all its signatures.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The tiles.
    #[must_use]
    pub const fn tree(&self) -> &TileTree<Tiles<S>> {
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

/// The header that was published, signed by this key.
///
/// It is bound to the log by that signature alone: who has the log's key can sign another, which only somebody notices who
/// knows the first (see [`super::audited`]).
pub fn header(shelf: &impl Shelf, key: &VerifierKey) -> Result<Header, PublishedError> {
    let header = Header::open(&text(shelf, LOG_HEADER)?)?;
    if header.verifier == *key {
        Ok(header)
    } else {
        Err(PublishedError::HeaderOfOther)
    }
}

/// The log key that is named there, not to be trusted for more than that; `None` where none is or what is no key.
///
/// # Errors
/// [`PublishedError::Io`] when it cannot be read.
pub fn log_key(shelf: &impl Shelf) -> Result<Option<VerifierKey>, PublishedError> {
    let text = match text(shelf, LOG_KEY) {
        Ok(text) => text,
        Err(PublishedError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let line = text.strip_suffix('\n');
    Ok(line.and_then(|line| VerifierKey::parse(line).ok()))
}

/// Whether a published log names another key than this one, or something that is none; one that names no key does not.
pub fn is_of_other_key(shelf: &impl Shelf, key: &VerifierKey) -> bool {
    let line = format!("{key}\n");
    let named = shelf.file(LOG_KEY, NOTE_BYTES_MAX);
    matches!(named, Ok(Some(named)) if named != line.as_bytes())
}

fn text(shelf: &impl Shelf, name: &str) -> Result<String, PublishedError> {
    let path = shelf.place(name);
    match shelf.file(name, NOTE_BYTES_MAX).and_then(as_text) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(PublishedError::Missing { path }),
        Err(source) => Err(PublishedError::Io { path, source }),
    }
}

/// Text of at most a note's length; `None` when the file is absent.
pub(super) fn read_note(path: &Path) -> io::Result<Option<String>> {
    read_bounded(path, NOTE_BYTES_MAX).and_then(as_text)
}

fn as_text(bytes: Option<Vec<u8>>) -> io::Result<Option<String>> {
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
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
