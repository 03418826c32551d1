//! Imports a key and the chain that a CA made for it.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::lock::Lock;
use super::spare::Spares;
use super::{Protection, fault, free_name, seed, still_free, store, view};
use crate::app::{App, Error};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::bundle::Parts;
use crate::keys::pem::{PrivateKey, certificates, private_key};
use crate::keys::profile::check_chain;
use crate::keys::x509::{ClaimsPublic, is_self_signed};
use crate::keys::{CreatorKey, Identity, LeafInfo, LocalName, SignerKeys};
use crate::report::key::{KeyDeed, KeyReport};
use crate::store::files;

/// Import a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportKey {
    /// PEM file of the private key.
    pub key: PathBuf,
    /// PEM file of the certificates, leaf first; a root at the end is kept apart.
    pub chain: PathBuf,
    /// The name on this machine; made from the certificate when absent.
    pub name: Option<String>,
    /// How the secret will lie on disk.
    pub protection: Protection,
}

/// Imports a key with its certificates, after every rule of the profile was checked. A key that is not Ed25519 gets an
/// Ed25519 companion for ledger entries.
pub fn import(app: &App, request: &ImportKey) -> Result<KeyReport, Error> {
    let key = private_key(&read_text(&request.key)?).map_err(|error| fault::pem(&request.key, &error))?;
    let chain =
        certificates(&read_text(&request.chain)?).map_err(|error| fault::pem(&request.chain, &error))?;
    let mut notes = Vec::new();
    let keys = match key {
        PrivateKey::Creator(key) => SignerKeys::Creator(key),
        PrivateKey::Ecdsa(claims) => {
            notes.push(format!(
                "a companion Ed25519 key was made for ledger entries: they are not signed with {}",
                claims.algorithm()
            ));
            SignerKeys::Ecdsa {
                claims,
                ledger: CreatorKey::from_seed(&*seed(app)?),
            }
        }
    };
    check_chain(&chain, Some(&ClaimsPublic::of(&keys)), app.clock.now())
        .map_err(|faults| fault::profile(&request.chain, &faults))?;
    let (chain, root) = split_root(chain);
    let name = match &request.name {
        Some(name) => free_name(app, name)?,
        None => free_name(app, name_of(&chain).as_deref().unwrap_or("imported"))?,
    };
    let lock = Lock::new(app, name.as_str(), request.protection)?;
    let spares = Spares::make(app, keys.ledger().public().key_id(), None)?;
    let parts = Parts {
        chain,
        commitments: spares.commitments(),
        keys,
        root,
        root_key: None,
    };
    let identity = Identity::assemble(&name, parts).map_err(|error| fault::bundle(name.as_str(), &error))?;
    let here = view::named(app, &identity.ledger_key().public().key_id())?;
    notes.extend(here.map(|other| {
        format!(
            "this key is here already, as `{other}`: what it signed in ledgers, and its next key, belong to that name"
        )
    }));
    let _alone = still_free(app, &name)?;
    notes.extend(spares.store(app, name.as_str(), &lock, request.protection)?);
    let mut report = store(app, &identity, &lock, KeyDeed::Imported)?;
    notes.push(format!(
        "{} still holds the key in clear: delete it when this key has proved itself",
        crate::app::key::path_text(&request.key)
    ));
    report.notes.extend(notes);
    Ok(report)
}

/// A root at the end is no part of `x5chain` (C2PA 2.1, 14.2); what signs itself alone stays.
fn split_root(mut chain: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
    if chain.len() > 1 && chain.last().is_some_and(|last| is_self_signed(last)) {
        let root = chain.pop();
        return (chain, root);
    }
    (chain, None)
}

fn name_of(chain: &[Vec<u8>]) -> Option<String> {
    let leaf = LeafInfo::parse(chain.first()?).ok()?;
    LocalName::from_text(leaf.display_name()?.raw()).map(|name| name.as_str().to_owned())
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, Error> {
    let bytes = files::read(path, KEY_FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let bytes = Zeroizing::new(bytes);
    // PEM is ASCII; what is not shows as a block that does not decode.
    Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}
