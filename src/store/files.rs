//! The user's files: read once and within a bound, written beside and renamed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing, Pending};

/// Why a file was not read, or where an image cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file changed while it was read.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A step failed.
    #[error("cannot {step} `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done, as a verb.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such file.
    #[error("there is no file `{}`", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// Not a regular file.
    #[error("`{}` is {found}, not a regular file", path.display())]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        found: &'static str,
    },
    /// Input and output are one file, and replacing was not asked for.
    #[error("`{}` is the input itself", path.display())]
    SameFile {
        /// The path.
        path: PathBuf,
    },
    /// Larger than the bound.
    #[error("`{}` has {found} bytes; at most {limit_bytes} are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        found: u64,
        /// The bound.
        limit_bytes: u64,
    },
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] DurableError),
}

/// Reads a regular file of at most `limit_bytes`, following symbolic links; never waits for a FIFO or a device.
pub fn read(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, FileError> {
    let fail = |step| move |source| FileError::Io { path: path.to_owned(), step, source };
    let mut file = open_regular(path)?;
    let before = file.metadata().map_err(fail("look at"))?;
    let found = before.len();
    if found > limit_bytes {
        return Err(FileError::TooLarge { path: path.to_owned(), found, limit_bytes });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found).unwrap_or(0).saturating_add(1));
    // One byte more than the size: a file that grows meanwhile is noticed, and a lying size cannot fill the memory.
    let most = found.saturating_add(1);
    (&mut file).take(most).read_to_end(&mut bytes).map_err(fail("read"))?;
    let after = file.metadata().map_err(fail("look at"))?;
    let is_same = u64::try_from(bytes.len()) == Ok(found)
        && after.len() == found
        && after.modified().ok() == before.modified().ok();
    if is_same { Ok(bytes) } else { Err(FileError::Changed { path: path.to_owned() }) }
}

/// Opens a regular file for reading without ever waiting.
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let opened = OpenOptions::new().read(true).custom_flags(nonblock).open(path);
    let file = opened.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => FileError::NotFound { path: path.to_owned() },
        _ => FileError::Io { path: path.to_owned(), step: "open", source },
    })?;
    let kind = file
        .metadata()
        .map_err(|source| FileError::Io { path: path.to_owned(), step: "look at", source })?
        .file_type();
    let found = if kind.is_file() {
        return Ok(file);
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(FileError::NotRegular { path: path.to_owned(), found })
}

/// Whether two paths lead to one file, links followed. False when either is not there.
#[must_use]
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    id(one).is_some() && id(one) == id(other)
}

/// Where a signed image goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To another file than the input.
    Other {
        /// The new file.
        path: &'a Path,
        /// Whether a file there is replaced.
        existing: Existing,
    },
    /// Over the input.
    InPlace,
}

/// Writes and syncs a signed image beside its destination; its name is given by [`Pending::publish`].
///
/// A symbolic link is followed: the file it leads to is replaced, the link stays. A new file gets the input's mode.
///
/// # Errors
/// [`FileError::SameFile`] when the destination is the input under any name and [`Destination::InPlace`] was not asked for;
/// a read-only file is not replaced, whatever its directory allows.
pub fn write_image(input: &Path, destination: Destination<'_>, bytes: &[u8]) -> Result<Pending, FileError> {
    use std::os::unix::fs::MetadataExt as _;
    let fail = |path: &Path, step| {
        let path = path.to_owned();
        move |source| FileError::Io { path, step, source }
    };
    let (path, existing) = match destination {
        Destination::InPlace => (input, Existing::Replace),
        Destination::Other { path, .. } if is_same_file(input, path) => {
            return Err(FileError::SameFile { path: path.to_owned() });
        }
        Destination::Other { path, existing } => (path, existing),
    };
    let input_mode = std::fs::metadata(input).map_or(0o644, |found| found.mode() & 0o777);
    let target = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(fail(path, "look at")(error)),
        Ok(_) if existing == Existing::Refuse => {
            return Err(DurableError::Exists { path: path.to_owned() }.into());
        }
        Ok(_) => {
            let real = std::fs::canonicalize(path).map_err(fail(path, "follow the link"))?;
            // Opening tells what it is without waiting; opening for writing tells whether it may be written.
            open_regular(&real)?;
            OpenOptions::new().write(true).open(&real).map_err(fail(path, "write"))?;
            let found = std::fs::metadata(&real).map_err(fail(path, "look at"))?;
            if found.permissions().readonly() {
                return Err(fail(path, "write")(io::ErrorKind::PermissionDenied.into()));
            }
            real
        }
    };
    Ok(durable::Pending::write(&target, bytes, input_mode, existing)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let found = |path: &Path| match read(path, 100) {
            Err(FileError::NotRegular { found, .. }) => found,
            other => panic!("{other:?}"),
        };
        assert_eq!(found(&fifo), "a FIFO");
        assert_eq!(found(dir.path()), "a directory");
        assert_eq!(found(Path::new("/dev/zero")), "a device");
        assert!(matches!(read(&dir.path().join("none"), 100), Err(FileError::NotFound { .. })));
    }

    #[test]
    fn a_file_one_byte_over_the_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pic");
        std::fs::write(&path, [7; 100]).unwrap();
        assert_eq!(read(&path, 100).unwrap(), [7; 100]);
        assert!(matches!(read(&path, 99), Err(FileError::TooLarge { found: 100, limit_bytes: 99, .. })));
    }

    #[test]
    fn the_input_under_another_name_is_not_overwritten_unasked() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("pic"), dir.path().join("link"));
        std::fs::write(&path, b"old").unwrap();
        std::os::unix::fs::symlink("pic", &link).unwrap();
        let to = Destination::Other { path: &link, existing: Existing::Replace };
        assert!(matches!(write_image(&path, to, b"new"), Err(FileError::SameFile { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn in_place_through_a_link_replaces_the_file_and_keeps_the_link() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("pic"), dir.path().join("link"));
        std::fs::write(&path, b"old").unwrap();
        std::os::unix::fs::symlink("pic", &link).unwrap();
        write_image(&link, Destination::InPlace, b"new").unwrap().publish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pic");
        std::fs::write(&path, b"old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(write_image(&path, Destination::InPlace, b"new"), Err(FileError::Io { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
}
