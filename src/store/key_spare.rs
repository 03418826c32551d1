//! The files beside a key: its next key, earlier keys, and what is staged while one takes the other's place.
//!
//! ```text
//! keys/NAME.next.age           the next key, locked as the key is; or NAME.next.unencrypted
//! keys/NAME.retired-1.age      the first key, after a rotation; as it was
//! keys/NAME.new-key.age        staged for a rotation
//! keys/NAME.new-next.age
//! ```
//!
//! The wanted order of a rotation: stage the new next key, stage the new key, keep a copy of the old key, rename the new
//! key over the old one (from here on the rotation has happened), rename the new next key over the one that is now the
//! key. A crash before that rename leaves the old key in force and staged files that the next rotation replaces; one after
//! it leaves the next key staged, which whoever reads it takes up by what the key commits to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files;
use super::keyfile::{
    FORMS, KeyFileError, KeyFolder, SecretForm, StoredKey, create_private, fail, read_private,
};

/// A file beside a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Staged: the key to be.
    NewKey,
    /// Staged: the next key to be.
    NewNext,
    /// The next key.
    Next,
}

impl Beside {
    const fn word(self) -> &'static str {
        match self {
            Self::NewKey => "new-key",
            Self::NewNext => "new-next",
            Self::Next => "next",
        }
    }
}

impl KeyFolder {
    /// Reads a file beside a key; `None` where there is none. Refuses one that others may read.
    pub fn read_beside(&self, name: &str, which: Beside) -> Result<Option<StoredKey>, KeyFileError> {
        let Some(form) = self.beside_form(name, which) else {
            return Ok(None);
        };
        let path = self.beside(name, which.word(), form);
        let bytes = read_private(&path)?;
        Ok(Some(StoredKey { path, form, bytes }))
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn has_beside(&self, name: &str, which: Beside) -> bool {
        self.beside_form(name, which).is_some()
    }

    /// How many earlier keys are kept.
    #[must_use]
    pub fn retired(&self, name: &str) -> usize {
        (1..=RETIRED_MAX)
            .take_while(|number| self.retired_form(name, *number).is_some())
            .count()
    }

    /// Writes a file beside a key, durably. Nothing may lean on one that is there: it is removed first.
    pub fn write_beside(
        &self,
        name: &str,
        which: Beside,
        form: SecretForm,
        secret: &[u8],
    ) -> Result<PathBuf, KeyFileError> {
        self.make()?;
        for form in FORMS {
            remove(&self.beside(name, which.word(), form))?;
        }
        let path = self.beside(name, which.word(), form);
        create_private(&path, secret)?;
        Ok(path)
    }

    /// Keeps a copy of the key of this name as an earlier one, and puts the staged key in its place. Durable when it returns.
    pub fn take_place(&self, name: &str, form: SecretForm) -> Result<(), KeyFileError> {
        let key = self.secret_path(name, form);
        let number = self.retired(name).saturating_add(1);
        if number > RETIRED_MAX {
            return Err(KeyFileError::Exists {
                path: self.beside(name, &format!("retired-{RETIRED_MAX}"), form),
            });
        }
        let retired = self.beside(name, &format!("retired-{number}"), form);
        // A crash in between leaves the copy behind: the last retired file is then the key itself.
        if number == 1 || !self.is_last_retired(name, number.saturating_sub(1), form)? {
            create_private(&retired, &read_private(&key)?)?;
        }
        let staged = self.beside(name, Beside::NewKey.word(), form);
        fs::rename(&staged, &key).map_err(fail(&key, "cannot put the new key in place"))?;
        files::sync_folder(&key).map_err(fail(&key, "cannot make its name durable"))
    }

    /// Makes the staged next key the next key.
    pub fn take_next(&self, name: &str, form: SecretForm) -> Result<(), KeyFileError> {
        let next = self.beside(name, Beside::Next.word(), form);
        let staged = self.beside(name, Beside::NewNext.word(), form);
        fs::rename(&staged, &next).map_err(fail(&next, "cannot put the next key in place"))?;
        files::sync_folder(&next).map_err(fail(&next, "cannot make its name durable"))
    }

    /// Removes a public file, so that none of an old key stands beside a new one; the next opening writes it anew.
    pub fn remove_public(&self, name: &str) -> Result<(), KeyFileError> {
        remove(&self.public_path(name))
    }

    fn is_last_retired(&self, name: &str, number: usize, form: SecretForm) -> Result<bool, KeyFileError> {
        let key = self.secret_path(name, form);
        let last = self.beside(name, &format!("retired-{number}"), form);
        if !super::folder::exists(&last) {
            return Ok(false);
        }
        Ok(read_private(&key)? == read_private(&last)?)
    }

    fn retired_form(&self, name: &str, number: usize) -> Option<SecretForm> {
        let word = format!("retired-{number}");
        FORMS
            .into_iter()
            .find(|form| super::folder::exists(&self.beside(name, &word, *form)))
    }

    fn beside_form(&self, name: &str, which: Beside) -> Option<SecretForm> {
        FORMS
            .into_iter()
            .find(|form| super::folder::exists(&self.beside(name, which.word(), *form)))
    }

    fn beside(&self, name: &str, word: &str, form: SecretForm) -> PathBuf {
        let ending = match form {
            SecretForm::Encrypted => "age",
            SecretForm::Unencrypted => "unencrypted",
        };
        self.path().join(format!("{name}.{word}.{ending}"))
    }
}

fn remove(path: &Path) -> Result<(), KeyFileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(fail(path, "cannot remove what an interrupted run left")(error))
        }
        _ => Ok(()),
    }
}

/// More rotations of one key than anybody lives to make.
const RETIRED_MAX: usize = 9999;

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: SecretForm = SecretForm::Encrypted;

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::new(dir.path().join("keys"));
        folder.create("ada", FORM, b"one", "public").unwrap();
        folder.write_beside("ada", Beside::Next, FORM, b"two").unwrap();
        (dir, folder)
    }

    fn staged(folder: &KeyFolder) {
        folder
            .write_beside("ada", Beside::NewNext, FORM, b"three")
            .unwrap();
        folder
            .write_beside("ada", Beside::NewKey, FORM, b"two whole")
            .unwrap();
    }

    fn bytes(folder: &KeyFolder, which: Beside) -> Option<Vec<u8>> {
        folder
            .read_beside("ada", which)
            .unwrap()
            .map(|stored| stored.bytes.to_vec())
    }

    #[test]
    fn the_old_key_is_kept_and_the_new_one_stands_in_its_place() {
        let (_dir, folder) = folder();
        staged(&folder);
        folder.take_place("ada", FORM).unwrap();
        folder.take_next("ada", FORM).unwrap();
        assert_eq!(folder.read("ada").unwrap().bytes.as_slice(), b"two whole");
        assert_eq!(bytes(&folder, Beside::Next).unwrap(), b"three");
        assert_eq!(bytes(&folder, Beside::NewKey), None);
        assert_eq!(folder.retired("ada"), 1);
        assert_eq!(folder.names().unwrap(), ["ada"], "nothing beside a key is a key");
    }

    #[test]
    fn an_interrupted_rotation_is_done_again_without_a_second_old_key() {
        let (_dir, folder) = folder();
        staged(&folder);
        // The old key was copied, then the machine stopped.
        create_private(&folder.path().join("ada.retired-1.age"), b"one").unwrap();
        staged(&folder);
        folder.take_place("ada", FORM).unwrap();
        folder.take_next("ada", FORM).unwrap();
        assert_eq!(folder.retired("ada"), 1);
        staged(&folder);
        folder.take_place("ada", FORM).unwrap();
        assert_eq!(folder.retired("ada"), 2);
    }

    #[test]
    fn a_loose_next_key_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_dir, folder) = folder();
        let path = folder.path().join("ada.next.age");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            folder.read_beside("ada", Beside::Next),
            Err(KeyFileError::Loose { .. })
        ));
    }
}
