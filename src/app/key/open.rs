//! Opens a key: from disk, by passphrase, to an identity that signs.

use super::lock::Lock;
use super::{DEFAULT_NAME, fault};
use crate::app::{App, Error, Kind};
use crate::keys::public::PublicFile;
use crate::keys::{Identity, KeyId, LocalName};
use crate::store::keyfile::KeyFolder;

/// The folder of keys.
#[must_use]
pub fn key_folder(app: &App) -> KeyFolder {
    KeyFolder::new(app.dirs.keys())
}

/// Opens the key of this name; without a name the one called `default`, else the only one there is.
///
/// What was decrypted is compared with the public file beside it; a public file that is missing is written anew.
pub fn open(app: &App, name: Option<&str>) -> Result<Identity, Error> {
    open_with_lock(app, name).map(|(identity, _)| identity)
}

/// As [`open`], with the lock of the key's file for the files beside it.
pub(super) fn open_with_lock(app: &App, name: Option<&str>) -> Result<(Identity, Lock), Error> {
    let name = match name {
        Some(name) => LocalName::parse(name).map_err(|error| fault::name(name, &error))?,
        None => only(app)?,
    };
    let word = name.as_str();
    let folder = key_folder(app);
    let stored = folder.read(word).map_err(|error| fault::key_file(word, &error))?;
    let lock = Lock::of(app, word, stored.form)?;
    let identity = Identity::from_secret_text(&name, &lock.unseal(word, &stored)?);
    let identity = identity.map_err(|error| fault::bundle(word, &error))?;
    match public_file(app, word)? {
        Some(public) if public.belongs_to(&identity) => {}
        Some(_) => return Err(fault::fingerprint(word)),
        None => {
            let public = PublicFile::write(&identity).map_err(|error| fault::unsigned(word, &error))?;
            folder
                .write_public(word, &public)
                .map_err(|error| fault::key_file(word, &error))?;
        }
    }
    Ok((identity, lock))
}

/// One of this machine's keys.
#[derive(Clone, Debug)]
pub(in crate::app) struct OwnKey {
    /// Its local name.
    pub(in crate::app) name: String,
    /// What signs ledger entries.
    pub(in crate::app) id: KeyId,
    /// The certificate it signs pictures with, DER.
    pub(in crate::app) leaf: Option<Vec<u8>>,
}

/// The keys of this machine; keys that cannot be read are left out.
pub(in crate::app) fn own(app: &App) -> Vec<OwnKey> {
    let names = key_folder(app).names().unwrap_or_default();
    let read = |name: String| {
        let public = public_file(app, &name).ok()??;
        Some(OwnKey {
            id: public.key_id(),
            leaf: public.chain.into_iter().next(),
            name,
        })
    };
    names.into_iter().filter_map(read).collect()
}

/// The public file of a key; `None` where it is missing.
pub(super) fn public_file(app: &App, name: &str) -> Result<Option<PublicFile>, Error> {
    let text = public_text(app, name)?;
    text.map(|text| PublicFile::read(&text).map_err(|error| fault::public(name, &error)))
        .transpose()
}

pub(super) fn public_text(app: &App, name: &str) -> Result<Option<String>, Error> {
    let bytes = key_folder(app)
        .read_public(name)
        .map_err(|error| fault::key_file(name, &error))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn only(app: &App) -> Result<LocalName, Error> {
    let names = key_folder(app)
        .names()
        .map_err(|error| fault::key_file(DEFAULT_NAME, &error))?;
    let chosen = match names.as_slice() {
        [] => {
            return Err(Error::new(Kind::Key, "key.none", "there is no key yet")
                .why(format!(
                    "{} holds none",
                    crate::app::key::path_text(&app.dirs.keys())
                ))
                .fix("make one: byline key new"));
        }
        [only] => only,
        several => several.iter().find(|name| *name == DEFAULT_NAME).ok_or_else(|| {
            Error::new(
                Kind::Request,
                "key.which",
                "there are several keys and none is called `default`",
            )
            .why(format!("found {}", several.join(", ")))
            .fix("say which one with --key NAME")
        })?,
    };
    LocalName::parse(chosen).map_err(|error| fault::name(chosen, &error))
}
