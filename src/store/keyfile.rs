//! Key files on disk: mode 0600 in a folder of mode 0700, made exclusively, never written over, refused when looser.
//!
//! ```text
//! keys/NAME.key.age            the container, encrypted with a passphrase
//! keys/NAME.key.unencrypted    or the same in clear, where the user asked for that
//! keys/NAME.pub                the public file: what the key is, readable without passphrase
//! ```
//!
//! What else lies beside a key: `key_spare.rs`.
//!
//! The wanted order of events: part file (0600, O_EXCL), write, fsync, rename that replaces nothing, fsync the folder;
//! then the public file. A crash leaves no key, or a whole key whose public file is made anew at its next opening.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use super::files::{self, FileError};
use super::lock::{Held, LockError, lock_exclusive};
use crate::base::limits::{KEY_FILE_BYTES_MAX, KEY_FOLDER_WAIT_MS};

/// How a secret lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretForm {
    /// Encrypted with a passphrase.
    Encrypted,
    /// In clear.
    Unencrypted,
}

impl SecretForm {
    const fn ending(self) -> &'static str {
        match self {
            Self::Encrypted => ".key.age",
            Self::Unencrypted => ".key.unencrypted",
        }
    }
}

/// A key file could not be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Another command is making or changing a key.
    #[error("another command is making or changing a key in `{}`; waited {waited_ms} ms", folder.display())]
    Busy {
        /// The folder of keys.
        folder: PathBuf,
        /// How long it was waited for.
        waited_ms: u64,
    },
    /// There is a key of that name.
    #[error("there is a key of that name: `{}`", path.display())]
    Exists {
        /// Its file.
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
    /// Others than the owner may read or change it.
    #[error("`{}` has mode {found:04o}; wanted {wanted:04o}", path.display())]
    Loose {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        found: u32,
        /// What they must be.
        wanted: u32,
    },
    /// The public file of a key is there, and its secret is not.
    #[error("`{}` is there, and the secret that belongs to it is not", public.display())]
    Lost {
        /// The public file.
        public: PathBuf,
    },
    /// No key of that name.
    #[error("there is no key of that name in `{}`", folder.display())]
    Missing {
        /// The folder of keys.
        folder: PathBuf,
    },
    /// It belongs to somebody else.
    #[error("`{}` belongs to user {found}, not to user {wanted}", path.display())]
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// Its owner.
        found: u32,
        /// Who runs this program.
        wanted: u32,
    },
}

/// A secret as it lies on disk.
#[derive(Debug)]
pub struct StoredKey {
    /// The file.
    pub path: PathBuf,
    /// How it lies there.
    pub form: SecretForm,
    /// Its bytes, wiped when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// The folder of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    /// Names the folder; it need not exist.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of all keys, sorted; none when the folder does not exist.
    pub fn names(&self) -> Result<Vec<String>, KeyFileError> {
        self.stems(&FORMS.map(SecretForm::ending))
    }

    /// What the names of files with these endings begin with.
    fn stems(&self, endings: &[&str]) -> Result<Vec<String>, KeyFileError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fail(&self.path, "cannot list it")(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(fail(&self.path, "cannot list it"))?.file_name();
            let name = name.to_string_lossy();
            let stems = endings.iter().filter_map(|ending| name.strip_suffix(ending));
            names.extend(stems.filter(|stem| !stem.starts_with('.')).map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The names of all keys whose public file is there and whose secret is not, sorted.
    pub fn lost(&self) -> Result<Vec<String>, KeyFileError> {
        let mut names = self.stems(&[".pub"])?;
        names.retain(|name| self.is_lost(name));
        Ok(names)
    }

    /// Whether the public file of a key is there, and its secret is not.
    #[must_use]
    pub fn is_lost(&self, name: &str) -> bool {
        self.form(name).is_none() && super::folder::exists(&self.public_path(name))
    }

    /// Whether there is a key of this name, and how it lies there.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<SecretForm> {
        FORMS
            .into_iter()
            .find(|form| super::folder::exists(&self.secret_path(name, *form)))
    }

    /// Takes the folder, which is made when absent, for a command that makes or changes keys: what one writes beside a key,
    /// another of the same name would write over. `None` where the file system knows no locks.
    pub fn alone(&self) -> Result<Option<Held>, KeyFileError> {
        self.make()?;
        let folder = File::open(&self.path).map_err(fail(&self.path, "cannot open it"))?;
        match lock_exclusive(&folder, KEY_FOLDER_WAIT_MS) {
            Ok(held) => Ok(Some(held)),
            Err(LockError::Taken { waited_ms, .. }) => Err(KeyFileError::Busy {
                folder: self.path.clone(),
                waited_ms,
            }),
            Err(LockError::Io(_)) => Ok(None),
        }
    }

    /// Writes a new key, secret and public file; the folder is made when absent.
    pub fn create(
        &self,
        name: &str,
        form: SecretForm,
        secret: &[u8],
        public: &str,
    ) -> Result<PathBuf, KeyFileError> {
        self.make()?;
        if let Some(form) = self.form(name) {
            return Err(KeyFileError::Exists {
                path: self.secret_path(name, form),
            });
        }
        let path = self.secret_path(name, form);
        create_private(&path, secret)?;
        self.write_public(name, public)?;
        Ok(path)
    }

    /// Reads a secret; refuses a file or folder that others may read.
    pub fn read(&self, name: &str) -> Result<StoredKey, KeyFileError> {
        let form = self.form(name).ok_or_else(|| self.absent(name))?;
        let meta = fs::metadata(&self.path).map_err(fail(&self.path, "cannot stat it"))?;
        check_private(&self.path, &meta, 0o700)?;
        let path = self.secret_path(name, form);
        let bytes = read_private(&path)?;
        Ok(StoredKey { path, form, bytes })
    }

    /// What is wrong where there is no secret of a key.
    #[must_use]
    pub fn absent(&self, name: &str) -> KeyFileError {
        if self.is_lost(name) {
            let public = self.public_path(name);
            return KeyFileError::Lost { public };
        }
        let folder = self.path.clone();
        KeyFileError::Missing { folder }
    }

    /// Reads a public file; `None` where it is absent.
    pub fn read_public(&self, name: &str) -> Result<Option<Vec<u8>>, KeyFileError> {
        let path = self.public_path(name);
        if !super::folder::exists(&path) {
            return Ok(None);
        }
        files::read(&path, KEY_FILE_BYTES_MAX)
            .map(Some)
            .map_err(|source| KeyFileError::File { path, source })
    }

    /// Writes the public file of a key; replaces one that is there.
    pub fn write_public(&self, name: &str, public: &str) -> Result<(), KeyFileError> {
        let path = self.public_path(name);
        files::Staged::write(&path, public.as_bytes(), true)
            .and_then(files::Staged::commit)
            .map_err(|source| KeyFileError::File { path, source })
    }

    pub(super) fn make(&self) -> Result<(), KeyFileError> {
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent).map_err(fail(parent, "cannot make the folder"))?;
        }
        match fs::DirBuilder::new().mode(0o700).create(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(fail(&self.path, "cannot make the folder")(error));
            }
            _ => {}
        }
        let meta = fs::metadata(&self.path).map_err(fail(&self.path, "cannot stat it"))?;
        check_private(&self.path, &meta, 0o700)
    }

    pub(super) fn secret_path(&self, name: &str, form: SecretForm) -> PathBuf {
        self.path.join(format!("{name}{}", form.ending()))
    }

    /// Where the public file of a key lies, or would.
    #[must_use]
    pub fn public_path(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.pub"))
    }
}

/// Creates a file of mode 0600 that must not exist, whole and durable or not at all.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    remove_stale(path);
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part);
    let written = file.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.map_err(fail(&part, "cannot write it")).and_then(|()| {
        files::rename_new(&part, path).map_err(|source| match source {
            FileError::Exists => KeyFileError::Exists {
                path: path.to_path_buf(),
            },
            source => KeyFileError::File {
                path: path.to_path_buf(),
                source,
            },
        })
    });
    if placed.is_err() {
        // Nothing refers to the part file; if it cannot be removed, it is still unreadable to others.
        let _ = fs::remove_file(&part);
    }
    placed?;
    files::sync_folder(path).map_err(fail(path, "cannot make its name durable"))
}

/// Removes what killed processes left of this file: a secret without a use.
fn remove_stale(path: &Path) {
    let Some(name) = path.file_name() else { return };
    super::durable::remove_stale(path, |found| {
        let tag = found.strip_prefix(name.as_encoded_bytes())?.strip_prefix(b".")?;
        tag.strip_suffix(b".part")
    });
}

/// Reads a file that only its owner may read, through one handle; symbolic links are refused.
pub fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd = rustix::fs::open(path, flags, Mode::empty())
        .map_err(|errno| fail(path, "cannot open it (symbolic links are not followed)")(errno.into()))?;
    let mut file = File::from(fd);
    let meta = file.metadata().map_err(fail(path, "cannot stat it"))?;
    let refuse = |source| KeyFileError::File {
        path: path.to_path_buf(),
        source,
    };
    if !meta.is_file() {
        return Err(refuse(FileError::NotRegular {
            found: "something else",
        }));
    }
    check_private(path, &meta, 0o600)?;
    if meta.len() > KEY_FILE_BYTES_MAX {
        return Err(refuse(FileError::TooLarge {
            found: meta.len(),
            limit: KEY_FILE_BYTES_MAX,
        }));
    }
    // Sized at once: growing would leave copies of a secret behind.
    let size = usize::try_from(meta.len()).unwrap_or(0).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    (&mut file)
        .take(meta.len())
        .read_to_end(&mut bytes)
        .map_err(fail(path, "cannot read it"))?;
    Ok(bytes)
}

fn check_private(path: &Path, meta: &fs::Metadata, wanted: u32) -> Result<(), KeyFileError> {
    let me = rustix::process::geteuid().as_raw();
    // Root reads everything anyway, and signs with a user's key where it is told to.
    if me != 0 && meta.uid() != me {
        return Err(KeyFileError::Owner {
            path: path.to_path_buf(),
            found: meta.uid(),
            wanted: me,
        });
    }
    let found = meta.mode() & 0o7777;
    if found & 0o077 != 0 {
        return Err(KeyFileError::Loose {
            path: path.to_path_buf(),
            found,
            wanted,
        });
    }
    Ok(())
}

pub(super) fn fail(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> KeyFileError {
    let path = path.to_path_buf();
    move |source| KeyFileError::File {
        path,
        source: FileError::Io { what, source },
    }
}

pub(super) const FORMS: [SecretForm; 2] = [SecretForm::Encrypted, SecretForm::Unencrypted];

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::new(dir.path().join("data/keys"));
        (dir, folder)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn key_is_made_for_its_owner_alone() {
        let (_dir, folder) = folder();
        let path = folder
            .create("alice", SecretForm::Encrypted, b"secret", "public")
            .unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(folder.path()), 0o700);
        let stored = folder.read("alice").unwrap();
        assert_eq!(
            (stored.bytes.as_slice(), stored.form),
            (&b"secret"[..], SecretForm::Encrypted)
        );
        assert_eq!(folder.read_public("alice").unwrap().unwrap(), b"public");
        assert_eq!(folder.names().unwrap(), ["alice"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn key_is_never_written_over_by_either_form() {
        let (_dir, folder) = folder();
        folder
            .create("alice", SecretForm::Encrypted, b"first", "public")
            .unwrap();
        for form in FORMS {
            let again = folder.create("alice", form, b"second", "other");
            assert!(matches!(again, Err(KeyFileError::Exists { .. })));
        }
        assert_eq!(folder.read("alice").unwrap().bytes.as_slice(), b"first");
        assert_eq!(folder.read_public("alice").unwrap().unwrap(), b"public");
        let path = folder.path().join("alice.key.age");
        assert!(matches!(
            create_private(&path, b"third"),
            Err(KeyFileError::Exists { .. })
        ));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn looser_file_or_folder_is_refused() {
        let (_dir, folder) = folder();
        let path = folder
            .create("alice", SecretForm::Unencrypted, b"secret", "public")
            .unwrap();
        for loose in [0o640, 0o604, 0o644, 0o610, 0o602] {
            set_mode(&path, loose);
            let refused = folder.read("alice").unwrap_err();
            assert!(matches!(refused, KeyFileError::Loose { found, wanted: 0o600, .. } if found == loose));
        }
        set_mode(&path, 0o400);
        assert!(folder.read("alice").is_ok());
        set_mode(folder.path(), 0o755);
        assert!(matches!(
            folder.read("alice"),
            Err(KeyFileError::Loose { wanted: 0o700, .. })
        ));
        let more = folder.create("bob", SecretForm::Encrypted, b"secret", "public");
        assert!(matches!(more, Err(KeyFileError::Loose { wanted: 0o700, .. })));
        set_mode(folder.path(), 0o700);
    }

    #[test]
    fn links_folders_and_giants_are_refused() {
        let (_dir, folder) = folder();
        let path = folder
            .create("alice", SecretForm::Encrypted, b"secret", "public")
            .unwrap();
        std::os::unix::fs::symlink(&path, folder.path().join("link.key.age")).unwrap();
        assert!(matches!(folder.read("link"), Err(KeyFileError::File { .. })));
        fs::create_dir(folder.path().join("dir.key.age")).unwrap();
        assert!(matches!(folder.read("dir"), Err(KeyFileError::File { .. })));
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(KEY_FILE_BYTES_MAX + 1).unwrap();
        let refused = folder.read("alice").unwrap_err();
        assert!(matches!(
            refused,
            KeyFileError::File {
                source: FileError::TooLarge { .. },
                ..
            }
        ));
    }

    #[test]
    fn what_is_not_there_is_missing() {
        let (_dir, folder) = folder();
        assert!(matches!(folder.read("alice"), Err(KeyFileError::Missing { .. })));
        assert_eq!(folder.names().unwrap(), Vec::<String>::new());
        assert!(folder.read_public("alice").unwrap().is_none());
    }

    #[test]
    fn what_has_a_public_file_alone_is_lost() {
        let (_dir, folder) = folder();
        folder
            .create("alice", SecretForm::Unencrypted, b"secret", "public")
            .unwrap();
        assert_eq!(folder.lost().unwrap(), Vec::<String>::new());
        fs::remove_file(folder.secret_path("alice", SecretForm::Unencrypted)).unwrap();
        assert_eq!(folder.lost().unwrap(), ["alice"]);
        assert_eq!(folder.names().unwrap(), Vec::<String>::new());
        assert!(matches!(folder.read("alice"), Err(KeyFileError::Lost { .. })));
    }
}
