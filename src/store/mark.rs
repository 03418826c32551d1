//! The high-water mark of each ledger: its newest checkpoint, kept in the user's state directory, outside the ledger.
//! An older copy restored over a newer one, or another history under the same name, is noticed by it.
//!
//! One file for each origin, `(hex of SHA-256 of the origin, 32 digits).mark`: two places of 1,024 bytes, each with the
//! signed note of a checkpoint and zeros. The writer overwrites them in turns and does not sync: a power cut may lose the
//! newest mark, never both, and an older mark still notices older copies. Who can write the file can only cause a
//! refusal, or put an older mark back: it is signed by the log's key.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
use crate::base::Digest;
use crate::ledger::{Checkpoint, KeyName, VerifiedCheckpoint, VerifierKey};

/// Why a mark does not help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// A step failed.
    #[error("cannot {step} the high-water mark `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The mark is of another log key.
    #[error("the high-water mark `{}` is not signed by this ledger's key: another ledger of the same origin was seen here before", path.display())]
    OtherLog {
        /// The file.
        path: PathBuf,
    },
}

/// Where the mark of an origin lies.
#[must_use]
pub fn path(state: &Path, origin: &KeyName) -> PathBuf {
    let name: String = Digest::of(origin.as_str().as_bytes())
        .hex()
        .chars()
        .take(32)
        .collect();
    state.join(format!("{name}.mark"))
}

/// The mark of a ledger, if there is one: the newer of the two that is signed by its key.
pub fn read(state: &Path, key: &VerifierKey) -> Result<Option<VerifiedCheckpoint>, MarkError> {
    let path = path(state, key.name());
    let places = match durable::open_regular(&path).and_then(|file| places(&file)) {
        Ok(places) => places,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let step = "read";
            return Err(MarkError::Io { path, step, source });
        }
    };
    let mut notes = places.each_ref().map(note);
    notes.sort_by_key(|note| std::cmp::Reverse(size(note)));
    let newest = notes
        .iter()
        .find_map(|note| VerifiedCheckpoint::open(note, key).ok());
    newest.map(Some).ok_or(MarkError::OtherLog { path })
}

/// The mark of one ledger, open for being set again and again.
#[derive(Debug)]
pub struct Mark {
    path: PathBuf,
    file: Option<File>,
    next: usize,
}

impl Mark {
    /// Opens the mark of a ledger whose lock the caller holds; there need not be one yet.
    #[must_use]
    pub fn open(state: &Path, origin: &KeyName) -> Self {
        let path = path(state, origin);
        let file = OpenOptions::new().read(true).write(true).open(&path).ok();
        let places = file.as_ref().and_then(|file| places(file).ok());
        let sizes = places.map(|places| places.each_ref().map(|place| size(&note(place))));
        // The older one is overwritten first.
        let next = usize::from(sizes.is_some_and(|[first, second]| first > second));
        Self { path, file, next }
    }

    /// Sets the mark. The caller has checked that it does not go back.
    pub fn set(&mut self, checkpoint: &VerifiedCheckpoint) -> Result<(), MarkError> {
        let mut place = [0; PLACE_LEN];
        let note = checkpoint.note().as_bytes();
        place
            .get_mut(..note.len())
            .ok_or_else(|| self.fault("fit a note into", io::ErrorKind::FileTooLarge.into()))?
            .copy_from_slice(note);
        let Some(file) = &self.file else {
            return self.create(&place);
        };
        let at = u64::try_from(self.next.saturating_mul(PLACE_LEN)).unwrap_or(0);
        file.write_all_at(&place, at)
            .map_err(|source| self.fault("write", source))?;
        self.next = 1 - self.next;
        Ok(())
    }

    /// Makes the file, whole and durable: a file that a power cut left empty would be no mark. Only later marks are not
    /// synced, as they overwrite what the medium has.
    fn create(&mut self, place: &[u8; PLACE_LEN]) -> Result<(), MarkError> {
        let failed = |error: DurableError| self.fault("make", io::Error::other(error));
        durable::create_directory(durable::parent(&self.path), 0o700).map_err(failed)?;
        let both = [place.as_slice(), &[0; PLACE_LEN]].concat();
        durable::write(&self.path, &both, 0o644, Existing::Replace).map_err(failed)?;
        let file = OpenOptions::new().read(true).write(true).open(&self.path);
        self.file = Some(file.map_err(|source| self.fault("open", source))?);
        self.next = 1;
        Ok(())
    }

    fn fault(&self, step: &'static str, source: io::Error) -> MarkError {
        let path = self.path.clone();
        MarkError::Io { path, step, source }
    }
}

/// The two places of a mark file. A file of an earlier version is one note, shorter than a place.
fn places(file: &File) -> io::Result<[[u8; PLACE_LEN]; 2]> {
    let mut places = [[0; PLACE_LEN]; 2];
    super::disk::read_up_to(file, places.as_flattened_mut(), 0)?;
    Ok(places)
}

/// The text in a place; empty when it is none.
fn note(place: &[u8; PLACE_LEN]) -> String {
    let text = place.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8(text.to_vec()).unwrap_or_default()
}

/// The size that a note speaks of, not verified; `None` when it is no checkpoint.
fn size(note: &str) -> Option<u64> {
    let text = note.split_inclusive('\n').take(3).collect::<String>();
    Checkpoint::parse(&text).ok().map(|checkpoint| checkpoint.size.0)
}

/// Room for the note of the longest origin, about 600 bytes.
const PLACE_LEN: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::CreatorKey;
    use crate::ledger::{LogKey, RootHash, TreeSize};

    fn key() -> LogKey {
        LogKey::new(KeyName::parse("a").unwrap(), CreatorKey::from_seed(&[5; 32]))
    }

    fn checkpoint(size: u64) -> VerifiedCheckpoint {
        VerifiedCheckpoint::sign(TreeSize(size), RootHash::empty(), &key()).0
    }

    fn size_of(state: &Path) -> Option<u64> {
        let mark = read(state, key().verifier()).unwrap();
        mark.map(|mark| mark.size().0)
    }

    #[test]
    fn the_newest_mark_counts_and_a_torn_one_leaves_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let origin = key().verifier().name().clone();
        assert_eq!(size_of(&state), None);
        let mut mark = Mark::open(&state, &origin);
        for size in 1..6 {
            mark.set(&checkpoint(size)).unwrap();
            assert_eq!(size_of(&state), Some(size));
        }
        // The next writer overwrites the older one.
        Mark::open(&state, &origin).set(&checkpoint(6)).unwrap();
        let path = path(&state, &origin);
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(5) {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert!(matches!(size_of(&state), Some(5 | 6)), "byte {at}");
        }
        std::fs::write(&path, [0; 2048]).unwrap();
        assert!(matches!(
            read(&state, key().verifier()),
            Err(MarkError::OtherLog { .. })
        ));
    }

    #[test]
    fn a_mark_of_an_earlier_version_counts_and_is_kept_beside_the_first_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let origin = key().verifier().name().clone();
        std::fs::write(path(dir.path(), &origin), checkpoint(3).note()).unwrap();
        assert_eq!(size_of(dir.path()), Some(3));
        Mark::open(dir.path(), &origin).set(&checkpoint(4)).unwrap();
        assert_eq!(size_of(dir.path()), Some(4));
        let bytes = std::fs::read(path(dir.path(), &origin)).unwrap();
        assert!(bytes.starts_with(checkpoint(3).note().as_bytes()));
    }

    #[test]
    fn the_note_of_the_longest_origin_fits() {
        let dir = tempfile::tempdir().unwrap();
        let origin = KeyName::parse(&"x".repeat(200)).unwrap();
        let key = LogKey::new(origin.clone(), CreatorKey::from_seed(&[5; 32]));
        let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(u64::MAX), RootHash::empty(), &key);
        Mark::open(dir.path(), &origin).set(&checkpoint).unwrap();
        assert_eq!(read(dir.path(), key.verifier()).unwrap(), Some(checkpoint));
    }
}
