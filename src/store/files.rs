//! The user's files: read once and bounded; written beside, made durable, and only then renamed into place.
//!
//! The wanted order of events: create `.NAME.PID-N.byline-part` (never over anything), write, copy mode and owner of the
//! file it will replace, fsync; then the caller records what it must; then rename, fsync the folder. A crash before the
//! rename leaves the old file whole and a part file that the next run finds ([`leftovers`]).

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Mode, OFlags, RenameFlags};

/// Ends the name of a file that waits for its rename.
const PART: &str = ".byline-part";

/// A file of the user's could not be read or written; nothing was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It changed while it was read.
    #[error("the file changed while it was read")]
    Changed,
    /// Something stands there already.
    #[error("there is a file of that name already")]
    Exists,
    /// The system refused.
    #[error("{what}: {source}")]
    Io {
        /// Which step.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A folder, pipe, socket or device.
    #[error("it is {found}, not a regular file")]
    NotRegular {
        /// What it is.
        found: &'static str,
    },
    /// No one may write it.
    #[error("its mode {mode:o} lets nobody write it")]
    ReadOnly {
        /// Permission bits.
        mode: u32,
    },
    /// Larger than the limit.
    #[error("it has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// Bytes found.
        found: u64,
        /// Bytes allowed.
        limit: u64,
    },
}

impl FileError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// Opens a regular file for reading. Never waits on a pipe or device.
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd = rustix::fs::open(path, flags, Mode::empty())
        .map_err(|errno| FileError::io("cannot open it")(errno.into()))?;
    let file = File::from(fd);
    regular(&file.metadata().map_err(FileError::io("cannot stat it"))?)?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes, once, from one handle.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut file = open_regular(path)?;
    let before = file.metadata().map_err(FileError::io("cannot stat it"))?;
    let too_large = |found| FileError::TooLarge { found, limit };
    if before.len() > limit {
        return Err(too_large(before.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0).saturating_add(1));
    let read = (&mut file).take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let read = u64::try_from(read.map_err(FileError::io("cannot read it"))?).unwrap_or(u64::MAX);
    if read > limit {
        return Err(too_large(read));
    }
    let after = file.metadata().map_err(FileError::io("cannot stat it"))?;
    let stamp = |meta: &fs::Metadata| (meta.len(), meta.mtime(), meta.mtime_nsec());
    if read != before.len() || stamp(&before) != stamp(&after) {
        return Err(FileError::Changed);
    }
    Ok(bytes)
}

fn regular(meta: &fs::Metadata) -> Result<(), FileError> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = meta.file_type();
    let found = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(FileError::NotRegular { found })
}

/// A finished file that waits beside its place; dropped without [`Staged::commit`], it is removed.
#[derive(Debug)]
pub struct Staged {
    part: PathBuf,
    target: PathBuf,
    replace: bool,
    done: bool,
}

impl Staged {
    /// Writes `bytes` beside `target` and makes them durable. A symbolic link as target is followed: the file it leads to
    /// will be replaced, the link stays.
    ///
    /// Without `replace`, a target that exists is refused, here and again at the rename.
    pub fn write(target: &Path, bytes: &[u8], replace: bool) -> Result<Self, FileError> {
        let old = match fs::metadata(target) {
            Ok(meta) => Some(meta),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(FileError::io("cannot stat it")(error)),
        };
        if !replace && fs::symlink_metadata(target).is_ok() {
            return Err(FileError::Exists);
        }
        let target = if old.is_some() {
            fs::canonicalize(target).map_err(FileError::io("cannot resolve it"))?
        } else {
            target.to_path_buf()
        };
        if let Some(old) = &old {
            regular(old)?;
            let mode = old.permissions().mode() & 0o7777;
            if mode & 0o222 == 0 {
                return Err(FileError::ReadOnly { mode });
            }
        } else if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(FileError::io("cannot make its folder"))?;
        }
        let part = part_of(&target);
        let file = create(&part).map_err(FileError::io("cannot create a file beside it"))?;
        let staged = Self {
            part,
            target,
            replace,
            done: false,
        };
        fill(file, bytes, old.as_ref()).map_err(FileError::io("cannot write beside it"))?;
        Ok(staged)
    }

    /// Takes a part file of an earlier run that turned out to be finished.
    #[must_use]
    pub fn adopt(leftover: Leftover) -> Self {
        Self {
            part: leftover.part,
            target: leftover.target,
            replace: true,
            done: false,
        }
    }

    /// Renames the file into place and makes the rename durable.
    pub fn commit(mut self) -> Result<(), FileError> {
        let cannot = FileError::io("cannot rename the finished file into place");
        if self.replace {
            fs::rename(&self.part, &self.target).map_err(cannot)?;
        } else {
            rename_new(&self.part, &self.target)?;
        }
        self.done = true;
        sync_folder(&self.target).map_err(FileError::io("cannot make the rename durable"))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.done {
            // Nothing refers to the part file yet; if it cannot be removed, the next run finds it.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// A part file that an earlier run left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// The part file.
    pub part: PathBuf,
    /// The file it was to become.
    pub target: PathBuf,
}

impl Leftover {
    /// Removes the part file.
    pub fn remove(self) -> Result<(), FileError> {
        fs::remove_file(&self.part).map_err(FileError::io("cannot remove what an earlier run left"))
    }
}

/// Part files in a folder whose process is gone; a folder that cannot be listed has none.
#[must_use]
pub fn leftovers(folder: &Path) -> Vec<Leftover> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<Leftover> = entries
        .filter_map(|entry| leftover(folder, &entry.ok()?.file_name()))
        .collect();
    found.sort();
    found
}

fn leftover(folder: &Path, name: &OsStr) -> Option<Leftover> {
    use std::os::unix::ffi::OsStrExt as _;
    let inner = name
        .as_bytes()
        .strip_prefix(b".")?
        .strip_suffix(PART.as_bytes())?;
    let dot = inner.iter().rposition(|byte| *byte == b'.')?;
    let (target, tag) = (inner.get(..dot)?, inner.get(dot + 1..)?);
    let pid: i32 = std::str::from_utf8(tag).ok()?.split_once('-')?.0.parse().ok()?;
    let alive = rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
    (!alive).then(|| Leftover {
        part: folder.join(name),
        target: folder.join(OsStr::from_bytes(target)),
    })
}

/// `.NAME.PID-N.byline-part` in the target's folder.
fn part_of(target: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(
        ".{}-{}{PART}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    ));
    target.with_file_name(name)
}

fn create(part: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(part)
}

fn fill(mut file: File, bytes: &[u8], old: Option<&fs::Metadata>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(old) = old {
        let mine = file.metadata()?;
        if (mine.uid(), mine.gid()) != (old.uid(), old.gid()) {
            // Only root may give files away; for everyone else the new file is theirs, as after any editor.
            let _ = std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

/// Renames, unless something stands at `target`.
pub(super) fn rename_new(part: &Path, target: &Path) -> Result<(), FileError> {
    use rustix::io::Errno;
    let here = rustix::fs::CWD;
    match rustix::fs::renameat_with(here, part, here, target, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(FileError::Exists),
        // File systems without RENAME_NOREPLACE: a hard link fails when the name is taken.
        Err(Errno::INVAL | Errno::NOSYS) => {
            fs::hard_link(part, target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => FileError::Exists,
                _ => FileError::io("cannot link the finished file into place")(error),
            })?;
            fs::remove_file(part).map_err(FileError::io("cannot remove the part file"))
        }
        Err(errno) => Err(FileError::io("cannot rename the finished file into place")(
            errno.into(),
        )),
    }
}

/// Makes a name in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_seen_at_the_target_before_the_commit() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.jpg");
        let staged = Staged::write(&target, b"new", false).unwrap();
        assert!(!target.exists());
        staged.commit().unwrap();
        assert_eq!(read(&target, 10).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_staged_file_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.jpg");
        fs::write(&target, b"old").unwrap();
        drop(Staged::write(&target, b"new", true).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_target_that_appears_meanwhile_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.jpg");
        let staged = Staged::write(&target, b"new", false).unwrap();
        fs::write(&target, b"old").unwrap();
        assert!(matches!(staged.commit(), Err(FileError::Exists)));
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert!(matches!(
            Staged::write(&target, b"x", false),
            Err(FileError::Exists)
        ));
    }

    #[test]
    fn mode_and_link_of_the_old_file_stay() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real.jpg");
        let link = dir.path().join("link.jpg");
        fs::write(&real, b"old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        Staged::write(&link, b"new", true).unwrap().commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        fs::set_permissions(&real, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(
            Staged::write(&link, b"x", true),
            Err(FileError::ReadOnly { mode: 0o444 })
        ));
    }

    #[test]
    fn what_a_dead_process_left_is_found_and_what_a_live_one_writes_is_not() {
        let dir = tempfile::tempdir().unwrap();
        // Above the kernel's largest process id, so never alive.
        let dead = dir.path().join(".a.b.jpg.999999999-3.byline-part");
        fs::write(&dead, b"finished").unwrap();
        let live = Staged::write(&dir.path().join("c.jpg"), b"new", false).unwrap();
        let found = leftovers(dir.path());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].target, dir.path().join("a.b.jpg"));
        Staged::adopt(found[0].clone()).commit().unwrap();
        assert_eq!(fs::read(dir.path().join("a.b.jpg")).unwrap(), b"finished");
        drop(live);
    }

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), b"12345").unwrap();
        assert!(matches!(
            read(&dir.path().join("a"), 4),
            Err(FileError::TooLarge { found: 5, limit: 4 })
        ));
        assert!(matches!(
            read(dir.path(), 4),
            Err(FileError::NotRegular { found: "a folder" })
        ));
        assert!(matches!(
            read(Path::new("/dev/zero"), 4),
            Err(FileError::NotRegular { found: "a device" })
        ));
        assert!(matches!(
            read(&dir.path().join("none"), 4),
            Err(FileError::Io { .. })
        ));
    }
}
