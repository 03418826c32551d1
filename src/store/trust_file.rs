//! The folders of trusted people, `trust/NAME.trust`, and of imported trust lists, `lists/KIND.list`: readable by all, each file
//! written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, FileError};
use crate::base::limits::{KEY_FILE_BYTES_MAX, LIST_FILE_BYTES_MAX};

/// Most people in the folder: beyond it, it is something else than a list of people one knows.
const ENTRIES_MAX: usize = 10_000;
const ENDING: &str = ".trust";
const LIST_ENDING: &str = ".list";

/// A trust file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustFileError {
    /// Somebody of that name is trusted already.
    #[error("`{}` exists", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("`{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
    /// Nobody of that name is trusted.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Too many files.
    #[error("`{}` holds more than {limit} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// Most read.
        limit: usize,
    },
}

/// The folder of trusted people, or of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustFolder {
    path: PathBuf,
    ending: &'static str,
    bytes_max: u64,
}

impl TrustFolder {
    /// Names the folder of people; it need not exist.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self {
            path,
            ending: ENDING,
            bytes_max: KEY_FILE_BYTES_MAX,
        }
    }

    /// Names the folder of imported lists; it need not exist.
    #[must_use]
    pub const fn of_lists(path: PathBuf) -> Self {
        Self {
            path,
            ending: LIST_ENDING,
            bytes_max: LIST_FILE_BYTES_MAX,
        }
    }

    /// Every file with its bytes, sorted by path; none when the folder does not exist.
    pub fn read_all(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, TrustFileError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fail(&self.path, "cannot list it")(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(fail(&self.path, "cannot list it"))?.path();
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            if name.ends_with(self.ending.as_bytes()) && !name.starts_with(b".") {
                paths.push(path);
            }
            if paths.len() > ENTRIES_MAX {
                return Err(TrustFileError::TooMany {
                    path: self.path.clone(),
                    limit: ENTRIES_MAX,
                });
            }
        }
        paths.sort();
        paths
            .into_iter()
            .map(|path| match files::read(&path, self.bytes_max) {
                Ok(bytes) => Ok((path, bytes)),
                Err(source) => Err(TrustFileError::File { path, source }),
            })
            .collect()
    }

    /// Writes a new file; refuses a name that is there.
    pub fn create(&self, name: &str, text: &str) -> Result<PathBuf, TrustFileError> {
        let path = self.file(name);
        let written = files::Staged::write(&path, text.as_bytes(), false).and_then(files::Staged::commit);
        match written {
            Ok(()) => Ok(path),
            Err(FileError::Exists) => Err(TrustFileError::Exists { path }),
            Err(source) => Err(TrustFileError::File { path, source }),
        }
    }

    /// Writes a file, over one of that name.
    pub fn replace(&self, name: &str, text: &str) -> Result<PathBuf, TrustFileError> {
        let path = self.file(name);
        let written = files::Staged::write(&path, text.as_bytes(), true).and_then(files::Staged::commit);
        match written {
            Ok(()) => Ok(path),
            Err(source) => Err(TrustFileError::File { path, source }),
        }
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> Result<PathBuf, TrustFileError> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(TrustFileError::Missing { path });
            }
            Err(error) => return Err(fail(&path, "cannot remove it")(error)),
        }
        files::sync_folder(&path).map_err(fail(&path, "cannot make its removal durable"))?;
        Ok(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{}", self.ending))
    }
}

fn fail(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> TrustFileError {
    let path = path.to_path_buf();
    move |source| TrustFileError::File {
        path,
        source: FileError::Io { what, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_added_read_in_order_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = TrustFolder::new(dir.path().join("config/trust"));
        assert!(folder.read_all().unwrap().is_empty());
        folder.create("bob", "b").unwrap();
        folder.create("alice", "a").unwrap();
        fs::write(dir.path().join("config/trust/notes.txt"), "x").unwrap();
        let all = folder.read_all().unwrap();
        assert_eq!(
            all.iter().map(|(_, bytes)| bytes.as_slice()).collect::<Vec<_>>(),
            [b"a", b"b"]
        );
        assert!(matches!(
            folder.create("bob", "c"),
            Err(TrustFileError::Exists { .. })
        ));
        folder.remove("bob").unwrap();
        assert!(matches!(
            folder.remove("bob"),
            Err(TrustFileError::Missing { .. })
        ));
        assert_eq!(folder.read_all().unwrap().len(), 1);
    }

    #[test]
    fn a_list_takes_the_place_of_the_one_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = TrustFolder::of_lists(dir.path().join("config/lists"));
        folder.replace("c2pa", "one").unwrap();
        folder.replace("c2pa", "two").unwrap();
        fs::write(dir.path().join("config/lists/alice.trust"), "x").unwrap();
        let all = folder.read_all().unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].1, b"two");
    }
}
