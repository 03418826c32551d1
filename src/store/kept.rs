//! Signed manifest stores kept beside a ledger: `NAME.ledger.manifests/`, for pictures that lose theirs on the way.
//!
//! ```text
//! NAME.ledger.manifests/3f/3fa1...9c.c2pa    the store of the registration whose manifest digest is 3fa1...9c
//! ```
//!
//! A file has the name under which its entry holds it: keyed in a private ledger, so that the folder tells no more than the
//! ledger does. It can be copied, handed out as a sidecar, or deleted, one by one; unlike the ledger's other folder it cannot be
//! made anew. It is written and synced before its entry is recorded: a crash leaves a file that no entry names, never an entry
//! whose store was lost. Nothing read from here is believed: who reads compares the digest with the entry's.

use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
use super::files::{self, FileError};
use super::ledger_file::{LedgerFile, beside};
use crate::base::Digest;
use crate::base::limits::MANIFEST_BYTES_MAX;
use crate::ledger::LookupMode;

/// The folder of kept stores of one ledger.
#[derive(Clone, Debug)]
pub struct KeptStores {
    folder: PathBuf,
    /// Permission bits of new files: a private ledger's stores hold what it keeps to itself.
    mode: u32,
    folder_mode: u32,
}

/// A store that was written for an entry yet to be recorded. Dropped before [`New::settle`], it is removed.
#[derive(Debug)]
pub struct New {
    path: PathBuf,
    /// Whether it is to be removed again: it is this run's own, and no entry names it yet.
    is_loose: bool,
}

impl New {
    /// Its entry is recorded, or may be: the file stays.
    pub fn settle(&mut self) {
        self.is_loose = false;
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for New {
    fn drop(&mut self) {
        if self.is_loose {
            // One that will not go is named by no entry, and in nobody's way.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl KeptStores {
    /// Those of a ledger, whether there are any or not.
    #[must_use]
    pub fn of(ledger: &LedgerFile) -> Self {
        let is_private = ledger.header().mode == LookupMode::Private;
        Self::at(ledger.path(), is_private)
    }

    fn at(ledger: &Path, is_private: bool) -> Self {
        let (mode, folder_mode) = if is_private {
            (0o600, 0o700)
        } else {
            (0o644, 0o755)
        };
        Self {
            folder: beside(ledger, SUFFIX),
            mode,
            folder_mode,
        }
    }

    /// Writes the store of the entry whose manifest digest, as recorded, is this one; durable when this returns.
    ///
    /// One that is there already with the same bytes stays; one with other bytes is replaced.
    ///
    /// # Errors
    /// [`DurableError`] when it, or its folder, cannot be written or synced.
    pub fn put(&self, recorded: &Digest, store: &[u8]) -> Result<New, DurableError> {
        let path = self.path(recorded);
        let is_there = self
            .get(recorded)
            .is_ok_and(|found| found.as_deref() == Some(store));
        if !is_there {
            let folder = durable::parent(&path);
            if !folder.is_dir() {
                durable::create_directory(folder, self.folder_mode)?;
                for made in [folder, &self.folder] {
                    durable::sync_directory(made).map_err(|source| DurableError::Io {
                        path: made.to_owned(),
                        step: "sync the directory of",
                        source,
                    })?;
                }
            }
            durable::write(&path, store, self.mode, Existing::Replace)?;
        }
        Ok(New {
            path,
            is_loose: !is_there,
        })
    }

    /// The store kept for a recorded manifest digest; `None` where none is. The caller compares its digest.
    ///
    /// # Errors
    /// [`FileError`] for one that is there and cannot be read, or is longer than a store may be.
    pub fn get(&self, recorded: &Digest) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(recorded);
        if !path.is_file() {
            return Ok(None);
        }
        let limit = u64::try_from(MANIFEST_BYTES_MAX).unwrap_or(u64::MAX);
        files::read(&path, limit).map(Some)
    }

    /// Whether a store is kept for a recorded manifest digest; nothing of it is read.
    #[must_use]
    pub fn has(&self, recorded: &Digest) -> bool {
        self.path(recorded).is_file()
    }

    /// Where the store of a recorded manifest digest lies, or would.
    #[must_use]
    pub fn path(&self, recorded: &Digest) -> PathBuf {
        let digits = recorded.hex();
        let first_two: String = digits.chars().take(2).collect();
        self.folder.join(first_two).join(format!("{digits}.c2pa"))
    }
}

const SUFFIX: &str = ".manifests";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn kept(is_private: bool) -> (tempfile::TempDir, KeptStores) {
        let dir = tempfile::tempdir().unwrap();
        let kept = KeptStores::at(&dir.path().join("a.ledger"), is_private);
        (dir, kept)
    }

    #[test]
    fn a_store_without_its_entry_goes_and_one_with_it_stays() {
        let (_dir, kept) = kept(false);
        let digest = Digest::of(b"store");
        assert!(kept.get(&digest).unwrap().is_none() && !kept.has(&digest));
        let new = kept.put(&digest, b"store").unwrap();
        assert!(kept.has(&digest));
        drop(new);
        assert!(!kept.has(&digest));
        kept.put(&digest, b"store").unwrap().settle();
        // A second run that keeps the same and fails takes nothing away.
        drop(kept.put(&digest, b"store").unwrap());
        assert_eq!(kept.get(&digest).unwrap().unwrap(), b"store");
    }

    #[test]
    fn a_damaged_store_is_put_right() {
        let (_dir, kept) = kept(false);
        let digest = Digest::of(b"store");
        kept.put(&digest, b"store").unwrap().settle();
        std::fs::write(kept.path(&digest), b"stose").unwrap();
        kept.put(&digest, b"store").unwrap().settle();
        assert_eq!(kept.get(&digest).unwrap().unwrap(), b"store");
    }

    #[test]
    fn a_private_ledgers_stores_are_nobody_elses_to_read() {
        for (is_private, file, folder) in [(false, 0o644, 0o755), (true, 0o600, 0o700)] {
            let (_dir, kept) = kept(is_private);
            let digest = Digest::of(b"store");
            let mut new = kept.put(&digest, b"store").unwrap();
            new.settle();
            let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
            assert_eq!(mode(new.path()), file);
            assert_eq!(mode(&kept.folder), folder);
        }
    }

    #[test]
    fn what_cannot_be_written_is_an_error_and_leaves_nothing() {
        let (dir, kept) = kept(false);
        std::fs::write(dir.path().join("a.ledger.manifests"), b"a file stands there").unwrap();
        let digest = Digest::of(b"store");
        assert!(kept.put(&digest, b"store").is_err());
        assert!(!kept.has(&digest));
    }
}
