//! How a secret is locked on disk, kept while a deed works on a key, so that what it makes is locked the same way.

use zeroize::Zeroizing;

use super::{Protection, fault};
use crate::app::{App, Ask, Error};
use crate::keys::container::{self, ContainerError, Passphrase, WORK_FACTOR, WorkFactor};
use crate::store::keyfile::{SecretForm, StoredKey};

/// A lock and what turns it.
#[derive(Debug)]
pub(super) enum Lock {
    /// A passphrase, and what guessing it costs.
    Passphrase(Passphrase, WorkFactor),
    /// None.
    Open,
}

impl Lock {
    /// The lock of a new secret; asks for its passphrase.
    pub(super) fn new(app: &App, what: &str, protection: Protection) -> Result<Self, Error> {
        let Protection::Passphrase(work) = protection else {
            return Ok(Self::Open);
        };
        let passphrase = app.passphrases.passphrase(&Ask::New(what.to_owned()))?;
        let passphrase = Passphrase::new(passphrase).ok_or_else(fault::empty_passphrase)?;
        Ok(Self::Passphrase(passphrase, work))
    }

    /// The lock of a secret as it lies on disk; asks for its passphrase where it has one.
    pub(super) fn of(app: &App, what: &str, form: SecretForm) -> Result<Self, Error> {
        if form == SecretForm::Unencrypted {
            return Ok(Self::Open);
        }
        let passphrase = app.passphrases.passphrase(&Ask::Open(what.to_owned()))?;
        let passphrase = Passphrase::new(passphrase).ok_or_else(fault::empty_passphrase)?;
        Ok(Self::Passphrase(passphrase, WORK_FACTOR))
    }

    /// A secret text as it is to lie on disk.
    pub(super) fn seal(&self, what: &str, secret: &str) -> Result<(SecretForm, Zeroizing<Vec<u8>>), Error> {
        match self {
            Self::Passphrase(passphrase, work) => {
                let sealed = container::seal(secret, passphrase, *work)
                    .map_err(|error| fault::container(what, &error))?;
                Ok((SecretForm::Encrypted, Zeroizing::new(sealed)))
            }
            Self::Open => {
                let mut text = Zeroizing::new(Vec::with_capacity(UNENCRYPTED.len() + secret.len()));
                text.extend_from_slice(UNENCRYPTED.as_bytes());
                text.extend_from_slice(secret.as_bytes());
                Ok((SecretForm::Unencrypted, text))
            }
        }
    }

    /// The secret text of what lies on disk.
    pub(super) fn unseal(&self, what: &str, stored: &StoredKey) -> Result<Zeroizing<String>, Error> {
        let text = match self {
            Self::Passphrase(passphrase, _) => container::open(&stored.bytes, passphrase),
            Self::Open => std::str::from_utf8(&stored.bytes)
                .map(|text| Zeroizing::new(text.to_owned()))
                .map_err(|_| ContainerError::Damaged),
        };
        text.map_err(|error| fault::container(what, &error))
    }
}

/// Opens the file of a key that is not encrypted; lines that begin with `#` are passed over when it is read.
const UNENCRYPTED: &str = "\
# THIS SECRET KEY IS NOT ENCRYPTED.
# Whoever reads this file, the disk it lies on or a backup of it can sign pictures and ledger entries as its holder.
# Nothing takes such signatures back. For a key with a passphrase: byline key new --name OTHER
";
