//! Keys: made, listed, shown, exported, imported, certified.

mod fault;
mod import;
mod lock;
mod open;
mod revoke;
mod rotate;
mod share;
mod spare;
mod view;

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use self::import::{ImportKey, import};
use self::lock::Lock;
pub(in crate::app) use self::open::{OwnKey, own};
pub use self::open::{key_folder, open};
pub use self::revoke::{RevokeKey, revoke};
pub use self::rotate::rotate;
pub use self::share::{ExportKey, KeyPart, RequestCertificate, csr, export};
pub(in crate::app) use self::spare::open_recovery as recovery_key;
pub use self::view::{list, show};
use super::{App, Error, Kind};
use crate::keys::bundle::Parts;
use crate::keys::container::WorkFactor;
use crate::keys::public::PublicFile;
use crate::keys::x509::{Names, Serials, self_made};
use crate::keys::{CreatorKey, Identity, LocalName, SignerKeys};
use crate::report::key::{KeyDeed, KeyReport};
use crate::store::keyfile::KeyFolder;
use crate::store::lock::Held;

/// What a key is called when nothing else is said; `byline sign` takes it, or the only one there is.
pub const DEFAULT_NAME: &str = "default";

/// Make a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The name on this machine; [`DEFAULT_NAME`] when absent.
    pub name: Option<String>,
    /// What the certificate calls its holder; a pseudonym when absent.
    pub display: Option<String>,
    /// Organisation in the certificate.
    pub organization: Option<String>,
    /// E-mail address in the certificate.
    pub email: Option<String>,
    /// How the secret will lie on disk.
    pub protection: Protection,
    /// Where the recovery key goes: a file to be kept elsewhere; none is made when absent.
    pub recovery: Option<PathBuf>,
}

/// How a secret will lie on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Encrypted with a passphrase; guessing costs so much.
    Passphrase(WorkFactor),
    /// In clear: whoever reads the disk or a backup of it can sign in the holder's name.
    Unencrypted,
}

/// Makes an Ed25519 key with a root and a certificate of its own.
pub fn new(app: &App, request: &NewKey) -> Result<KeyReport, Error> {
    let name = free_name(app, request.name.as_deref().unwrap_or(DEFAULT_NAME))?;
    let leaf_key = CreatorKey::from_seed(&*seed(app)?);
    let root_key = CreatorKey::from_seed(&*seed(app)?);
    let serials = Serials {
        leaf: app.random()?,
        root: app.random()?,
    };
    let (display, organization) = (request.display.as_deref(), request.organization.as_deref());
    let names = Names::try_new(
        display,
        organization,
        request.email.as_deref(),
        &leaf_key.public(),
    )
    .map_err(|error| fault::names(&error))?;
    let made = self_made(&leaf_key, &root_key, &names, app.clock.now(), serials)
        .map_err(|error| fault::certificate(name.as_str(), &error))?;
    let lock = Lock::new(app, name.as_str(), request.protection)?;
    let spares = spare::Spares::make(app, leaf_key.public().key_id(), request.recovery.as_deref())?;
    let parts = Parts {
        chain: vec![made.leaf],
        commitments: spares.commitments(),
        keys: SignerKeys::Creator(leaf_key),
        root: Some(made.root),
        root_key: Some(root_key),
    };
    let identity = Identity::assemble(&name, parts).map_err(|error| fault::bundle(name.as_str(), &error))?;
    let _alone = still_free(app, &name)?;
    let mut notes = spares.store(app, name.as_str(), &lock, request.protection)?;
    let mut report = store(app, &identity, &lock, KeyDeed::Made)?;
    report.notes.append(&mut notes);
    Ok(report)
}

/// A name no key has yet.
fn free_name(app: &App, name: &str) -> Result<LocalName, Error> {
    let name = LocalName::parse(name).map_err(|error| fault::name(name, &error))?;
    refuse_taken(&key_folder(app), &name)?;
    Ok(name)
}

/// A key that only lost its secret has its name still: its next key can be restored and used, and would be written over.
fn refuse_taken(folder: &KeyFolder, name: &LocalName) -> Result<(), Error> {
    let name = name.as_str();
    if folder.form(name).is_some() {
        return Err(fault::taken(name));
    }
    if folder.is_lost(name) {
        return Err(fault::lost(name, &folder.public_path(name)));
    }
    Ok(())
}

/// Takes the folder of keys for a name that no other command has taken in the meantime.
fn still_free(app: &App, name: &LocalName) -> Result<Option<Held>, Error> {
    let folder = key_folder(app);
    let held = folder
        .alone()
        .map_err(|error| fault::key_file(name.as_str(), &error))?;
    refuse_taken(&folder, name)?;
    Ok(held)
}

fn seed(app: &App) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut seed = Zeroizing::new([0u8; 32]);
    app.entropy.fill(seed.as_mut())?;
    Ok(seed)
}

/// Writes a new key to disk and reads it back.
fn store(app: &App, identity: &Identity, lock: &Lock, done: KeyDeed) -> Result<KeyReport, Error> {
    let name = identity.name();
    let public = PublicFile::write(identity).map_err(|error| fault::unsigned(name, &error))?;
    let secret = identity
        .to_secret_text()
        .map_err(|error| fault::bundle(name, &error))?;
    let mut notes = vec![
        match lock {
            Lock::Passphrase(..) => "without the passphrase this key is lost: nobody can reset it",
            Lock::Open => {
                "this key is not encrypted: whoever reads its file or a backup of it can sign as you"
            }
        }
        .to_owned(),
    ];
    let (form, bytes) = lock.seal(name, &secret)?;
    let folder = key_folder(app);
    let path = folder
        .create(name, form, &bytes, &public)
        .map_err(|error| fault::key_file(name, &error))?;
    let stored = folder.read(name).map_err(|error| fault::key_file(name, &error))?;
    if stored.bytes != bytes {
        return Err(Error::new(
            Kind::World,
            "key.not-stored",
            format!("key `{name}` does not read back as written"),
        )
        .fix("test the disk; remove the file before trying again"));
    }
    let view = view::of(app, name)?;
    notes.push(format!(
        "back up {}: a lost key cannot sign, renew or transfer",
        path_text(&path)
    ));
    Ok(KeyReport {
        schema: view::SCHEMA,
        done,
        keys: vec![view],
        written: Some(path_text(&path).into()),
        text: None,
        recorded: Vec::new(),
        notes,
    })
}

/// A path in words of messages; renderers escape it.
pub(crate) fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// The file written, for the report.
fn written_text(path: Option<&PathBuf>) -> Option<crate::base::Untrusted> {
    path.map(|path| path_text(path).into())
}

#[cfg(test)]
pub(in crate::app) mod tests;
