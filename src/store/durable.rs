//! Files that are there whole or not at all.
//!
//! ```text
//! create .NAME.byline-PID-N beside (O_EXCL) -> write -> mode, owner -> fsync -> rename over NAME -> fsync directory
//! ```
//!
//! A kill at any point leaves the old file or the new one, and at most a file beside that the next run does not need.
//! After a failed fsync nothing is read back or tried again: what the kernel still shows may not be on the disk.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::files::{self, FileError};

/// Why a file was not written. The file that was there before is untouched unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DurableError {
    /// A file stands there already.
    #[error("`{}` exists already", path.display())]
    Exists {
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
    /// The path has no file name.
    #[error("`{}` names no file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
}

/// Whether a file that stands there is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing may stand there.
    Refuse,
    /// It is replaced whole; its mode and owner are kept.
    Replace,
}

/// A new file, written and synced beside its place, waiting for its name. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Pending {
    target: PathBuf,
    beside: PathBuf,
    existing: Existing,
    is_named: bool,
}

impl Pending {
    /// Writes and syncs `bytes` beside `target`. `mode` is for a new file; a replaced one keeps its own.
    pub fn write(target: &Path, bytes: &[u8], mode: u32, existing: Existing) -> Result<Self, DurableError> {
        Self::fill(target, mode, existing, |file| file.write_all(bytes))
    }

    /// As [`Pending::write`], for content that is made piece by piece: `write` puts it into the new file.
    pub(super) fn fill(
        target: &Path,
        mode: u32,
        existing: Existing,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Self, DurableError> {
        let fail = |step| {
            move |source| DurableError::Io {
                path: target.to_owned(),
                step,
                source,
            }
        };
        let found = match std::fs::symlink_metadata(target) {
            // A link has no mode worth keeping: it is replaced by a file of its own.
            Ok(found) if found.is_symlink() && existing == Existing::Replace => None,
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail("look at")(error)),
        };
        if found.is_some() && existing == Existing::Refuse {
            return Err(DurableError::Exists {
                path: target.to_owned(),
            });
        }
        let (beside, mut file) = create_beside(target)?;
        let pending = Self {
            target: target.to_owned(),
            beside,
            existing,
            is_named: false,
        };
        write(&mut file).map_err(fail("write"))?;
        let mode = match &found {
            Some(found) => {
                keep_owner(&file, found).map_err(fail("keep the owner of"))?;
                found.mode() & 0o7777
            }
            None => mode,
        };
        file.set_permissions(Permissions::from_mode(mode))
            .map_err(fail("set the mode of"))?;
        file.sync_all().map_err(fail("sync"))?;
        Ok(pending)
    }

    /// Where the bytes lie until they have their name.
    #[must_use]
    pub fn beside(&self) -> &Path {
        &self.beside
    }

    /// Gives the file its name and makes the name durable.
    pub fn publish(self) -> Result<(), DurableError> {
        let target = self.rename()?;
        sync_directory(&target).map_err(|source| DurableError::Io {
            path: target,
            step: "sync the directory of",
            source,
        })
    }

    /// Gives the file its name, which a power cut may still undo.
    fn rename(mut self) -> Result<PathBuf, DurableError> {
        let target = self.target.clone();
        let fail = |step| {
            let path = target.clone();
            move |source| DurableError::Io { path, step, source }
        };
        match self.existing {
            Existing::Replace => std::fs::rename(&self.beside, &self.target).map_err(fail("rename onto"))?,
            // One step where the system has it, so that a kill leaves no second name.
            Existing::Refuse => {
                files::rename_new(&self.beside, &self.target).map_err(|error| match error {
                    FileError::Exists => DurableError::Exists {
                        path: self.target.clone(),
                    },
                    FileError::Io { source, .. } => fail("name")(source),
                    other => fail("name")(io::Error::other(other)),
                })?;
            }
        }
        self.is_named = true;
        Ok(target)
    }
}

/// Many new files below one directory, whose names are made durable together at the end.
#[derive(Debug)]
pub(super) struct Batch {
    root: PathBuf,
    directories: BTreeSet<PathBuf>,
}

impl Batch {
    /// Begins below an existing directory.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            directories: BTreeSet::new(),
        }
    }

    /// Writes one file, durable but for its name; makes the directories above it.
    pub(super) fn write(
        &mut self,
        target: &Path,
        bytes: &[u8],
        mode: u32,
        existing: Existing,
    ) -> Result<(), DurableError> {
        let directory = parent(target);
        if !self.directories.contains(directory) {
            create_directory(directory, 0o755)?;
            let above = directory.ancestors().take_while(|above| *above != self.root);
            self.directories.extend(above.map(Path::to_owned));
            self.directories.insert(self.root.clone());
        }
        Pending::write(target, bytes, mode, existing)?.rename()?;
        Ok(())
    }

    /// Makes every name durable.
    pub(super) fn sync(self) -> Result<(), DurableError> {
        for path in self.directories {
            let synced = File::open(&path).and_then(|directory| directory.sync_all());
            synced.map_err(|source| DurableError::Io {
                path,
                step: "sync",
                source,
            })?;
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_named {
            // Nothing more can be done about a file that will not go; the next run ignores it.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Writes a file whole and durable, or not at all.
pub fn write(target: &Path, bytes: &[u8], mode: u32, existing: Existing) -> Result<(), DurableError> {
    Pending::write(target, bytes, mode, existing)?.publish()
}

/// Makes a directory and those above it, with `mode` for the new ones, whose names are made durable.
pub fn create_directory(path: &Path, mode: u32) -> Result<(), DurableError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let fail = |step| {
        move |source| DurableError::Io {
            path: path.to_owned(),
            step,
            source,
        }
    };
    let is_new = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    let new: Vec<&Path> = path.ancestors().take_while(is_new).collect();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(fail("create the directory"))?;
    for made in new {
        sync_directory(made).map_err(fail("sync the directory of"))?;
    }
    Ok(())
}

/// Removes the files beside `target` that a killed process left. `process` gives the digits of the process id in a name of
/// that kind. What cannot be listed or removed stays: it is in nobody's way.
pub(super) fn remove_stale(target: &Path, process: impl Fn(&[u8]) -> Option<&[u8]>) {
    let Ok(entries) = std::fs::read_dir(parent(target)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let digits = process(name.as_encoded_bytes()).and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(pid) = digits
            .and_then(|digits| digits.parse().ok())
            .and_then(rustix::process::Pid::from_raw)
        else {
            continue;
        };
        if rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Opens a regular file for reading, following links, without ever waiting for a FIFO or a device.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(nonblock).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

/// Makes the names in a file's directory durable.
pub fn sync_directory(file: &Path) -> io::Result<()> {
    File::open(parent(file))?.sync_all()
}

/// The directory of a path; `.` for a bare name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn create_beside(target: &Path) -> Result<(PathBuf, File), DurableError> {
    let name = target.file_name().ok_or_else(|| DurableError::NoName {
        path: target.to_owned(),
    })?;
    remove_stale(target, |found| {
        // `.NAME.byline-PROCESS-ATTEMPT`, of any name: one that was drawn by lot never comes again.
        let found = found.strip_prefix(b".")?;
        let (head, attempt) = found.split_at(found.iter().rposition(|byte| *byte == b'-')?);
        let (head, process) = head.split_at(head.iter().rposition(|byte| *byte == b'-')?);
        let digits = |part: &[u8]| {
            part.get(1..)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        (head.ends_with(b".byline") && digits(attempt)).then(|| process.get(1..))?
    });
    for attempt in 0..ATTEMPTS_MAX {
        let mut beside = std::ffi::OsString::from(".");
        // A long name still leaves room: file systems allow 255 bytes.
        let short: Vec<u8> = std::os::unix::ffi::OsStrExt::as_bytes(name)
            .iter()
            .copied()
            .take(200)
            .collect();
        beside.push(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(
            &short,
        ));
        beside.push(format!(".byline-{}-{attempt}", std::process::id()));
        let beside = parent(target).join(beside);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)
        {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                return Err(DurableError::Io {
                    path: target.to_owned(),
                    step: "create a file beside",
                    source,
                });
            }
        }
    }
    Err(DurableError::Io {
        path: target.to_owned(),
        step: "find a free name beside",
        source: io::ErrorKind::AlreadyExists.into(),
    })
}

/// Gives the new file the old one's owner. Who is not root may not give files away; then the writer owns it, as with cp.
fn keep_owner(file: &File, found: &std::fs::Metadata) -> io::Result<()> {
    let made = file.metadata()?;
    if (made.uid(), made.gid()) == (found.uid(), found.gid()) {
        return Ok(());
    }
    match std::os::unix::fs::fchown(file, Some(found.uid()), Some(found.gid())) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

/// Names tried beside a file: threads of one process write different targets, so few are ever taken.
const ATTEMPTS_MAX: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_replaced_file_keeps_its_mode_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pic.jpg");
        std::fs::write(&path, b"old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        write(&path, b"new", 0o644, Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o640);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_is_refused_and_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pic.jpg");
        let first = Pending::write(&path, b"one", 0o644, Existing::Refuse).unwrap();
        write(&path, b"two", 0o600, Existing::Refuse).unwrap();
        assert!(matches!(first.publish(), Err(DurableError::Exists { .. })));
        assert!(matches!(
            write(&path, b"three", 0o644, Existing::Refuse),
            Err(DurableError::Exists { .. })
        ));
        assert_eq!(
            (std::fs::read(&path).unwrap().as_slice(), mode(&path)),
            (&b"two"[..], 0o600)
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_never_published_leaves_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pic.jpg");
        std::fs::write(&path, b"old").unwrap();
        drop(Pending::write(&path, b"new", 0o644, Existing::Replace).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
