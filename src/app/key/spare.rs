//! The keys beside a key: the next one, kept in its folder, and the recovery key, kept elsewhere.

use std::path::{Path, PathBuf};

use super::lock::Lock;
use super::{Protection, fault, key_folder, path_text, seed};
use crate::app::{App, Error, Kind};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::container::is_container;
use crate::keys::spare::{SpareKey, SpareUse};
use crate::keys::{Commitments, CreatorKey, Identity, KeyId};
use crate::store::keyfile::{KeyFileError, SecretForm, StoredKey, create_private};
use crate::store::{Beside, files, folder};

/// The spare keys of a new identity, not yet on disk.
pub(super) struct Spares {
    next: SpareKey,
    recovery: Option<(SpareKey, PathBuf)>,
}

impl Spares {
    /// Draws a next key, and a recovery key where a file for it is named.
    pub(super) fn make(app: &App, identity: KeyId, recovery: Option<&Path>) -> Result<Self, Error> {
        let recovery = match recovery {
            Some(path) if folder::exists(path) => {
                return Err(fault::write(path, "there is such a file", true));
            }
            Some(path) => Some((draw(app, SpareUse::Recovery, identity)?, path.to_owned())),
            None => None,
        };
        let next = draw(app, SpareUse::Next, identity)?;
        Ok(Self { next, recovery })
    }

    pub(super) fn commitments(&self) -> Commitments {
        Commitments {
            first: None,
            next: Some(self.next.commitment()),
            recovery: self.recovery.as_ref().map(|(key, _)| key.commitment()),
        }
    }

    /// Makes them durable, before the key that commits to them: a crash in between leaves files that nothing leans on, and
    /// the next making of that name replaces the next key. Returns what is worth knowing.
    pub(super) fn store(
        &self,
        app: &App,
        name: &str,
        lock: &Lock,
        protection: Protection,
    ) -> Result<Vec<String>, Error> {
        let mut notes = Vec::new();
        if let Some((key, path)) = &self.recovery {
            let what = format!("{name} (recovery)");
            // It lies elsewhere, perhaps in a drawer for years: it has a passphrase of its own where somebody can type one.
            let lock = Lock::new(app, &what, protection)?;
            let (_, bytes) = lock.seal(&what, &secret_text(&what, key)?)?;
            create_private(path, &bytes).map_err(|error| {
                let exists = matches!(error, KeyFileError::Exists { .. });
                fault::write(path, &error.to_string(), exists)
            })?;
            notes.push(format!(
                "move {} off this machine: it revokes this key when the key itself is lost or stolen",
                path_text(path)
            ));
        }
        write_next(app, name, Beside::Next, &self.next, lock)?;
        Ok(notes)
    }
}

/// A new spare key of an identity.
pub(super) fn draw(app: &App, purpose: SpareUse, identity: KeyId) -> Result<SpareKey, Error> {
    Ok(SpareKey {
        purpose,
        identity,
        key: CreatorKey::from_seed(&*seed(app)?),
    })
}

/// Writes a next key, locked as the key is.
pub(super) fn write_next(
    app: &App,
    name: &str,
    which: Beside,
    key: &SpareKey,
    lock: &Lock,
) -> Result<(), Error> {
    let (form, bytes) = lock.seal(name, &secret_text(name, key)?)?;
    key_folder(app)
        .write_beside(name, which, form, &bytes)
        .map(drop)
        .map_err(|error| fault::key_file(name, &error))
}

/// The next key that an identity committed to; takes up a rotation whose last step was cut off.
pub(super) fn open_next(app: &App, identity: &Identity, lock: &Lock) -> Result<SpareKey, Error> {
    let name = identity.name();
    let Some(wanted) = identity.commitments().next else {
        return Err(Error::new(Kind::Key, "key.no-next", format!("key `{name}` has no next key"))
            .why("it was made by a version of byline that made none, so no log holds a commitment to one")
            .fix("make a new key with `byline key new`, and move the titles it holds with `byline ledger offer`"));
    };
    let folder = key_folder(app);
    for which in [Beside::Next, Beside::NewNext] {
        let stored = folder
            .read_beside(name, which)
            .map_err(|error| fault::key_file(name, &error))?;
        let Some(stored) = stored else { continue };
        let key = unseal(&format!("{name} (next)"), lock, &stored)?;
        if key.commitment() == wanted && key.purpose == SpareUse::Next {
            if which == Beside::NewNext {
                folder
                    .take_next(name, stored.form)
                    .map_err(|error| fault::key_file(name, &error))?;
            }
            return Ok(key);
        }
    }
    Err(Error::new(
        Kind::Key,
        "key.next-missing",
        format!("the next key of `{name}` is not there"),
    )
    .why("no file beside the key holds the key that it committed to")
    .fix(format!("restore {name}.next.age, or {name}.next.unencrypted, from a backup of the key folder; `byline key revoke` with the recovery key ends the key without it")))
}

/// Reads the file of a recovery key; asks for its passphrase.
pub(in crate::app) fn open_recovery(app: &App, path: &Path) -> Result<SpareKey, Error> {
    let bytes = files::read(path, KEY_FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let form = if is_container(&bytes) {
        SecretForm::Encrypted
    } else {
        SecretForm::Unencrypted
    };
    let stored = StoredKey {
        path: path.to_owned(),
        form,
        bytes: bytes.into(),
    };
    let what = path_text(path);
    let lock = Lock::of(app, &what, form)?;
    let key = unseal(&what, &lock, &stored)?;
    if key.purpose != SpareUse::Recovery {
        return Err(Error::new(
            Kind::Key,
            "key.not-recovery",
            format!("`{what}` is no recovery key"),
        )
        .why(format!("it is a {} key", key.purpose.word()))
        .fix("name the file that `byline key new --recovery FILE` wrote"));
    }
    Ok(key)
}

fn unseal(what: &str, lock: &Lock, stored: &StoredKey) -> Result<SpareKey, Error> {
    let text = lock.unseal(what, stored)?;
    SpareKey::from_secret_text(&text).map_err(|error| {
        Error::new(
            Kind::Key,
            "key.unreadable",
            format!("cannot use `{}`", path_text(&stored.path)),
        )
        .why(error.to_string())
        .fix("restore the file from a backup")
    })
}

fn secret_text(what: &str, key: &SpareKey) -> Result<zeroize::Zeroizing<String>, Error> {
    key.to_secret_text().map_err(|error| {
        Error::new(Kind::Key, "key.not-written", format!("cannot write key `{what}`")).why(error.to_string())
    })
}
