//! The user's files: read once and bounded; written beside, made durable, and only then renamed into place.
//!
//! The wanted order of events: create `.NAME.PID-N-OLD-MARK.byline-part` (never over anything), lock it, write, copy mode
//! and owner of the file it will replace, fsync; then the caller records what it must; then rename, fsync the folder. A
//! crash before the rename leaves the old file whole and a part file that the next run finds ([`leftovers`]). OLD says
//! which file the part was to replace, so that a later one is never lost to it; MARK is the caller's.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, Mode, OFlags, RenameFlags};

use super::durable::DurableError;
use crate::base::Digest;

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

/// Whether a regular file stands there, now.
#[must_use]
pub fn is_regular(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Reads a regular file of at most `limit` bytes, once, from one handle.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_stamped(path, limit).map(|(bytes, _)| bytes)
}

/// Reads as [`read`] does, and says which state of the file was read.
pub fn read_stamped(path: &Path, limit: u64) -> Result<(Vec<u8>, Stamp), FileError> {
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
    if read != before.len() || Stamp::of(&before) != Stamp::of(&after) {
        return Err(FileError::Changed);
    }
    Ok((bytes, Stamp::of(&after)))
}

/// One state of a file: its length, time of change and permission bits.
#[derive(Clone, Debug)]
pub struct Stamp {
    len: u64,
    changed: (i64, i64),
    mode: u32,
}

/// Permissions may change without the content: they are no part of the comparison.
impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        (self.len, self.changed) == (other.len, other.changed)
    }
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        Self {
            len: meta.len(),
            changed: (meta.mtime(), meta.mtime_nsec()),
            mode: meta.mode() & 0o7777,
        }
    }

    /// Twelve hexadecimal digits for the name of a part file.
    fn digits(&self) -> String {
        let text = format!("{}/{}/{}", self.len, self.changed.0, self.changed.1);
        Digest::of(text.as_bytes()).hex().chars().take(12).collect()
    }
}

/// What a staged file may replace.
#[derive(Clone, Copy, Debug)]
pub enum Over<'a> {
    /// Nothing may stand there.
    Nothing,
    /// Whatever stands there.
    Anything,
    /// The file as it was read; one that changed since is kept.
    Just(&'a Stamp),
}

/// How a file is staged.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What it may replace.
    pub over: Over<'a>,
    /// The file whose secrecy a new file shares: nobody may read it who may not read that one.
    pub like: Option<&'a Stamp>,
    /// Letters and digits that a later run gets back with the leftover.
    pub mark: &'a str,
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
    /// The digits of the only state of the target that may be replaced.
    only: Option<String>,
    done: bool,
    /// Held open, as its lock tells other processes that the part file is in use.
    _lock: Option<File>,
}

/// A finished file that could not be put in place.
#[derive(Debug)]
pub struct Unplaced {
    /// Why.
    pub source: FileError,
    /// Where the finished file waits; `None` when it has its name, but the name may not be durable.
    pub part: Option<PathBuf>,
}

impl Staged {
    /// Writes `bytes` beside `target` and makes them durable. A symbolic link as target is followed: the file it leads to
    /// will be replaced, the link stays.
    ///
    /// Without `replace`, a target that exists is refused, here and again at the rename.
    pub fn write(target: &Path, bytes: &[u8], replace: bool) -> Result<Self, FileError> {
        let over = if replace { Over::Anything } else { Over::Nothing };
        let folder = target.parent().unwrap_or(Path::new(""));
        for left in leftovers(folder) {
            if left.mark == NO_MARK && left.target.file_name() == in_parts(target).file_name() {
                // One that will not go is in nobody's way.
                let _ = left.remove();
            }
        }
        let wanted = Wanted {
            over,
            like: None,
            mark: NO_MARK,
        };
        Self::write_as(target, bytes, wanted)
    }

    /// Writes as [`Staged::write`] does, with more to say about it.
    pub fn write_as(target: &Path, bytes: &[u8], wanted: Wanted<'_>) -> Result<Self, FileError> {
        let old = match fs::metadata(target) {
            Ok(meta) => Some(meta),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(FileError::io("cannot stat it")(error)),
        };
        let replace = !matches!(wanted.over, Over::Nothing);
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
            super::durable::create_directory(folder, 0o777).map_err(|error| match error {
                DurableError::Io { source, .. } => FileError::io("cannot make its folder")(source),
                other => FileError::io("cannot make its folder")(io::Error::other(other)),
            })?;
        }
        let state = old.as_ref().map(Stamp::of);
        let part = part_of(&target, state.as_ref(), wanted.mark);
        let like = state.as_ref().or(wanted.like);
        // Never looser than what it replaces or was made from, not even while it is written.
        let mode = like.map_or(0o666, |like| like.mode & 0o666 | 0o600);
        let mut file = create(&part, mode).map_err(FileError::io("cannot create a file beside it"))?;
        let filled = fill(&mut file, bytes, old.as_ref());
        let staged = Self {
            part,
            target,
            replace,
            only: match wanted.over {
                Over::Just(stamp) => Some(stamp.digits()),
                Over::Nothing | Over::Anything => None,
            },
            done: false,
            _lock: Some(file),
        };
        filled.map_err(FileError::io("cannot write beside it"))?;
        Ok(staged)
    }

    /// Takes a part file of an earlier run that turned out to be finished. It replaces only what stood there when it was
    /// made.
    #[must_use]
    pub fn adopt(leftover: Leftover) -> Self {
        Self {
            part: leftover.part,
            target: leftover.target,
            replace: leftover.old.is_some(),
            only: leftover.old,
            // Somebody's finished work: it is not for a failed rename to remove it.
            done: true,
            _lock: leftover.lock,
        }
    }

    /// That the rename would not be refused now: asked before something is recorded that counts on it.
    pub fn check(&self) -> Result<(), FileError> {
        match fs::symlink_metadata(&self.target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(FileError::io("cannot stat it")(error)),
            Ok(_) if !self.replace => Err(FileError::Exists),
            Ok(meta) => match &self.only {
                Some(only) if *only != Stamp::of(&meta).digits() => Err(FileError::Changed),
                _ => Ok(()),
            },
        }
    }

    /// Renames the file into place and makes the rename durable.
    pub fn commit(mut self) -> Result<(), FileError> {
        self.place()?;
        self.sync()
    }

    /// Commits a file that has been recorded elsewhere: if it cannot be put in place it is kept, for a later run to do it.
    pub fn commit_or_keep(mut self) -> Result<(), Unplaced> {
        if let Err(source) = self.place() {
            let part = Some(self.part.clone());
            self.keep();
            return Err(Unplaced { source, part });
        }
        self.sync().map_err(|source| Unplaced { source, part: None })
    }

    /// Removes the finished file: what it was for is done.
    pub fn discard(self) -> Result<(), FileError> {
        fs::remove_file(&self.part).map_err(FileError::io("cannot remove what an earlier run left"))
    }

    /// Leaves the finished file where it is, for a later run to decide about.
    pub fn keep(mut self) {
        self.done = true;
    }

    fn place(&mut self) -> Result<(), FileError> {
        self.check()?;
        let stands = fs::symlink_metadata(&self.target).is_ok();
        if self.replace && (stands || self.only.is_none()) {
            fs::rename(&self.part, &self.target)
                .map_err(FileError::io("cannot rename the finished file into place"))?;
        } else {
            rename_new(&self.part, &self.target)?;
        }
        self.done = true;
        Ok(())
    }

    fn sync(&self) -> Result<(), FileError> {
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
#[derive(Debug)]
pub struct Leftover {
    /// The part file.
    pub part: PathBuf,
    /// The file it was to become.
    pub target: PathBuf,
    /// The mark it was staged with.
    pub mark: String,
    /// Which state of the target it was to replace.
    old: Option<String>,
    /// Its lock: while it is held, no other run decides about the part file.
    lock: Option<File>,
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
    found.sort_by(|one, other| one.part.cmp(&other.part));
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
    let mut tags = std::str::from_utf8(tag).ok()?.split('-');
    let (pid, _number) = (tags.next()?.parse().ok()?, tags.next()?);
    let (old, mark) = (tags.next()?, tags.next()?);
    // A process of somebody else's cannot be signalled, but lives; so does one of another container, as its lock tells.
    let alive = rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH));
    let part = folder.join(name);
    if alive {
        return None;
    }
    let lock = open_regular(&part).ok()?;
    rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(Leftover {
        target: folder.join(OsStr::from_bytes(target)),
        part,
        mark: mark.to_owned(),
        old: (old != NOTHING_OLD).then(|| old.to_owned()),
        lock: Some(lock),
    })
}

/// Stands for a target that was not there.
const NOTHING_OLD: &str = "new";
/// The mark of files that nothing records.
pub const NO_MARK: &str = "none";

/// A target as part files name it: a long name leaves room for what follows it, as file systems allow 255 bytes.
#[must_use]
pub fn in_parts(target: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    let name = target.file_name().unwrap_or_default().as_bytes();
    if name.len() <= NAME_MAX {
        return target.to_path_buf();
    }
    let tail: String = Digest::of(name).hex().chars().take(16).collect();
    let mut short = name.get(..NAME_MAX - 17).unwrap_or(name).to_vec();
    short.push(b'~');
    short.extend_from_slice(tail.as_bytes());
    target.with_file_name(OsStr::from_bytes(&short))
}

/// Longest name that stands whole in a part file's, bytes.
const NAME_MAX: usize = 150;

/// `.NAME.PID-N-OLD-MARK.byline-part` in the target's folder.
fn part_of(target: &Path, old: Option<&Stamp>, mark: &str) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(in_parts(target).file_name().unwrap_or_default());
    name.push(format!(
        ".{}-{}-{}-{mark}{PART}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed),
        old.map_or(NOTHING_OLD.to_owned(), Stamp::digits),
    ));
    target.with_file_name(name)
}

fn create(part: &Path, mode: u32) -> io::Result<File> {
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(part)?;
    // A file system without locks still has the process id in the name.
    let _ = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
    Ok(file)
}

fn fill(file: &mut File, bytes: &[u8], old: Option<&fs::Metadata>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(old) = old {
        let mine = file.metadata()?;
        if (mine.uid(), mine.gid()) != (old.uid(), old.gid()) {
            // Only root may give files away; for everyone else the new file is theirs, as after any editor.
            let _ = std::os::unix::fs::fchown(&*file, Some(old.uid()), Some(old.gid()));
        }
        let mut mode = old.permissions().mode() & 0o7777;
        if file.metadata()?.gid() != old.gid() {
            // Another group gets no more of it than everybody.
            mode = mode & !0o070 | (mode & 0o007) << 3;
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
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
            match fs::hard_link(part, target) {
                Ok(()) => fs::remove_file(part).map_err(FileError::io("cannot remove the part file")),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Exists),
                // Nor hard links (FAT, some network mounts): looking first must do.
                Err(_) if fs::symlink_metadata(target).is_err() => fs::rename(part, target)
                    .map_err(FileError::io("cannot rename the finished file into place")),
                Err(error) => Err(FileError::io("cannot link the finished file into place")(error)),
            }
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
#[path = "files_tests.rs"]
mod tests;
