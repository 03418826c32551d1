//! What errors of keys mean to a user: what happened, why, what to do.

use std::path::Path;

use crate::app::key::path_text;
use crate::app::{Error, Kind};
use crate::keys::SignError;
use crate::keys::bundle::BundleError;
use crate::keys::container::ContainerError;
use crate::keys::name::NameError;
use crate::keys::pem::PemError;
use crate::keys::profile::ProfileFault;
use crate::keys::public::PublicFileError;
use crate::keys::x509::CertificateError;
use crate::store::files::FileError;
use crate::store::keyfile::KeyFileError;

pub(super) fn name(word: &str, error: &NameError) -> Error {
    Error::new(
        Kind::Request,
        "name.unusable",
        format!("`{word}` cannot be the name of a key"),
    )
    .why(error.to_string())
    .fix("choose a short name like `alice` or `studio-2026`; what others see is given with --as")
}

pub(super) fn taken(name: &str) -> Error {
    Error::new(
        Kind::Conflict,
        "key.exists",
        format!("there is a key `{name}` already"),
    )
    .why("a key is never written over: what it signed could not be continued")
    .fix("choose another name with --name; `byline key list` shows what there is")
}

/// Somebody's key, of which the secret is gone: what lies beside it is not to be written over.
pub(super) fn lost(name: &str, public: &Path) -> Error {
    Error::new(
        Kind::Key,
        "key.lost",
        format!("the secret of key `{name}` is not here"),
    )
    .why(format!("its public file is, `{}`, and perhaps its next key", path_text(public)))
    .fix(format!(
        "restore {name}.key.age, or {name}.key.unencrypted, from a backup of the key folder; or end it with its recovery key, \
         `byline key revoke --reason retired --recovery FILE`; a new key needs another name"
    ))
}

pub(super) fn names(error: &CertificateError) -> Error {
    Error::new(
        Kind::Request,
        "certificate.name",
        "these names cannot stand in a certificate",
    )
    .why(error.to_string())
    .fix("correct --as, --organization or --email")
}

pub(super) fn certificate(name: &str, error: &CertificateError) -> Error {
    Error::new(
        Kind::Key,
        "certificate.not-made",
        format!("cannot make a certificate for key `{name}`"),
    )
    .why(error.to_string())
}

pub(super) fn bundle(name: &str, error: &BundleError) -> Error {
    Error::new(Kind::Key, "key.unreadable", format!("cannot use key `{name}`"))
        .why(error.to_string())
        .fix("restore the file from a backup")
}

pub(super) fn unsigned(name: &str, error: &SignError) -> Error {
    Error::new(
        Kind::Key,
        "key.no-signature",
        format!("key `{name}` does not sign"),
    )
    .why(error.to_string())
}

pub(super) fn empty_passphrase() -> Error {
    Error::new(Kind::Key, "passphrase.empty", "the passphrase is empty")
        .why("it would protect nothing")
        .fix("give one; a key without is made with --unencrypted")
}

pub(super) fn container(name: &str, error: &ContainerError) -> Error {
    let (code, fix) = match error {
        ContainerError::WrongPassphrase => (
            "passphrase.wrong",
            "try again; if the passphrase is certainly right, the file is damaged: restore it from a backup",
        ),
        ContainerError::TooMuchWork { .. } => (
            "key.too-much-work",
            "make the file anew with less work, or restore it",
        ),
        ContainerError::NotPassphrase => ("key.not-passphrase", "decrypt it with age and import the PEM key"),
        _ => ("key.damaged", "restore the file from a backup"),
    };
    Error::new(Kind::Key, code, format!("cannot open key `{name}`"))
        .why(error.to_string())
        .fix(fix)
}

pub(super) fn key_file(name: &str, error: &KeyFileError) -> Error {
    let made = |kind, code| Error::new(kind, code, format!("cannot use key `{name}`")).why(error.to_string());
    match error {
        KeyFileError::Busy { .. } => {
            made(Kind::World, "key.busy").fix("let the other command end, then run this one again")
        }
        KeyFileError::Exists { .. } => taken(name),
        KeyFileError::Loose { path, wanted, .. } => made(Kind::Key, "key.permissions")
            .why(format!("{error}: other users could read or change it"))
            .fix(format!("chmod {wanted:o} {}", path_text(path))),
        KeyFileError::Lost { public } => lost(name, public),
        KeyFileError::Missing { .. } => made(Kind::Key, "key.missing")
            .fix("`byline key list` shows what there is; `byline key new` makes one"),
        KeyFileError::Owner { path, .. } => {
            made(Kind::Key, "key.owner").fix(format!("chown it to yourself: chown $USER {}", path_text(path)))
        }
        KeyFileError::File { .. } => made(Kind::World, "key.file")
            .fix("check that the folder of keys can be made and written; --home DIR names another place"),
    }
}

pub(super) fn public(name: &str, error: &PublicFileError) -> Error {
    Error::new(
        Kind::Key,
        "key.public-file",
        format!("the public file of key `{name}` is not its own"),
    )
    .why(error.to_string())
    .fix("remove NAME.pub in the folder of keys; the next use of the key writes it anew")
}

pub(super) fn fingerprint(name: &str) -> Error {
    Error::new(
        Kind::Key,
        "key.fingerprint",
        format!("key `{name}` is not the key its public file names"),
    )
    .why("the file was exchanged, or the public file belongs to another key")
    .fix("restore both files from one backup")
}

pub(super) fn read(path: &Path, error: &FileError) -> Error {
    Error::new(
        Kind::World,
        "file.unreadable",
        format!("cannot read `{}`", path_text(path)),
    )
    .why(error.to_string())
}

pub(super) fn write(path: &Path, why: &str, exists: bool) -> Error {
    let (kind, code) = if exists {
        (Kind::Conflict, "file.exists")
    } else {
        (Kind::World, "file.unwritable")
    };
    let made = Error::new(kind, code, format!("cannot write `{}`", path_text(path))).why(why);
    if exists {
        made.fix("name another file, or remove that one")
    } else {
        made
    }
}

pub(super) fn pem(path: &Path, error: &PemError) -> Error {
    let made =
        Error::new(Kind::Key, "key.pem", format!("cannot use `{}`", path_text(path))).why(error.to_string());
    match error {
        PemError::Encrypted => {
            made.fix("decrypt it first: openssl pkcs8 -in KEY.pem -out PLAIN.pem; byline encrypts anew")
        }
        PemError::UnsupportedKey => {
            made.fix("byline signs with Ed25519, ES256 and ES384; ask the CA for one of these")
        }
        PemError::Missing { .. } => made.fix("give the PEM file that holds it, beginning with -----BEGIN"),
        _ => made,
    }
}

/// Every broken rule, each with what is wanted; what to do, each thing once.
pub(super) fn profile(path: &Path, faults: &[ProfileFault]) -> Error {
    let code = faults.first().map_or("certificate.refused", ProfileFault::code);
    let why: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {fault}", fault.code()))
        .collect();
    let mut todo: Vec<&str> = Vec::new();
    for fault in faults {
        if !todo.contains(&fault.todo()) {
            todo.push(fault.todo());
        }
    }
    Error::new(
        Kind::Key,
        code,
        format!("the certificates in `{}` cannot sign pictures", path_text(path)),
    )
    .why(why.join("\n"))
    .fix(todo.join("\n"))
}
