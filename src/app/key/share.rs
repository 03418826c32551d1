//! What leaves a key: its public file, its certificates, a request for a CA, and, where the user insists, the secret.

use std::path::{Path, PathBuf};

use super::open::{public_file, public_text};
use super::{fault, open, view, written_text};
use crate::app::{App, Error, Kind};
use crate::keys::x509::{LeafInfo, Names, request};
use crate::keys::{LocalName, pem};
use crate::report::key::{KeyDeed, KeyReport};
use crate::store::files::{FileError, Staged};
use crate::store::keyfile::{KeyFileError, create_private};

/// Which part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The certificates that go into signatures, PEM, leaf first.
    Chain,
    /// The public file: what others put into their trust.
    Public,
    /// The root certificate, PEM: an anchor for other tools.
    Root,
    /// The signing key in clear, PKCS#8 PEM. Whoever asks has been told.
    Secret,
}

/// Export a part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportKey {
    /// The name on this machine.
    pub name: String,
    /// Which part.
    pub part: KeyPart,
    /// Where to; absent for the report itself. A secret needs a file.
    pub output: Option<PathBuf>,
}

/// Exports a part of a key.
pub fn export(app: &App, request: &ExportKey) -> Result<KeyReport, Error> {
    let name = LocalName::parse(&request.name).map_err(|error| fault::name(&request.name, &error))?;
    let view = view::of(app, name.as_str())?;
    if request.part == KeyPart::Secret {
        return export_secret(app, request, view);
    }
    let public = if let Some(public) = public_file(app, name.as_str())? {
        public
    } else {
        // The public file is gone; opening the key writes it anew.
        open(app, Some(name.as_str()))?;
        public_file(app, name.as_str())?.ok_or_else(|| fault::fingerprint(name.as_str()))?
    };
    let text = match request.part {
        KeyPart::Chain => public
            .chain
            .iter()
            .map(|der| pem::certificate_text(der))
            .collect(),
        KeyPart::Root => public
            .root
            .as_deref()
            .map(pem::certificate_text)
            .ok_or_else(|| no_root(&request.name))?,
        KeyPart::Public | KeyPart::Secret => public_text(app, name.as_str())?.unwrap_or_default(),
    };
    let mut notes = vec!["no secret is in it: it may be given to anybody".to_owned()];
    if request.part == KeyPart::Public {
        notes.push(format!(
            "tell others the key id over another way: {}",
            public.key_id().hex()
        ));
    }
    write_or_tell(
        request.output.as_ref(),
        text,
        KeyDeed::Exported,
        vec![view],
        notes,
    )
}

fn export_secret(
    app: &App,
    request: &ExportKey,
    view: crate::report::key::KeyView,
) -> Result<KeyReport, Error> {
    let Some(output) = &request.output else {
        return Err(Error::new(
            Kind::Request,
            "key.secret-needs-file",
            "a secret key is not written to the screen",
        )
        .fix("name a file with -o; it is created for you alone"));
    };
    let identity = open(app, Some(&request.name))?;
    let text = identity
        .signing_key_text()
        .map_err(|error| fault::pem(output, &error))?;
    create_private(output, text.as_bytes()).map_err(|error| {
        fault::write(
            output,
            &error.to_string(),
            matches!(error, KeyFileError::Exists { .. }),
        )
    })?;
    Ok(KeyReport {
        schema: view::SCHEMA,
        done: KeyDeed::Exported,
        keys: vec![view],
        written: written_text(Some(output)),
        text: None,
        recorded: Vec::new(),
        notes: vec!["this file holds the key in clear: whoever reads it can sign as you".to_owned()],
    })
}

/// Ask a CA for a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCertificate {
    /// The name on this machine.
    pub name: String,
    /// What the certificate is to call its holder; as the present one does when absent.
    pub display: Option<String>,
    /// Organisation; as the present one says when absent.
    pub organization: Option<String>,
    /// E-mail address; as the present one says when absent.
    pub email: Option<String>,
    /// Where to; absent for the report itself.
    pub output: Option<PathBuf>,
}

/// Makes a PKCS#10 request for the key; it names the usages of the C2PA profile.
pub fn csr(app: &App, wanted: &RequestCertificate) -> Result<KeyReport, Error> {
    let identity = open(app, Some(&wanted.name))?;
    let leaf = identity.chain_der().first().map(|der| LeafInfo::parse(der));
    let leaf = leaf
        .transpose()
        .map_err(|error| fault::certificate(&wanted.name, &error))?;
    let said = |text: Option<&crate::base::Untrusted>| text.map(|text| text.raw().to_owned());
    let display = wanted
        .display
        .clone()
        .or_else(|| said(leaf.as_ref()?.subject_cn.as_ref()));
    let organization = wanted.organization.clone().or_else(|| match &wanted.display {
        // The organisation of a self-made certificate repeats the name; a new name takes its place.
        Some(_) => None,
        None => said(leaf.as_ref()?.subject_o.as_ref()),
    });
    let email = wanted
        .email
        .clone()
        .or_else(|| said(leaf.as_ref()?.email.as_ref()));
    let key = identity.ledger_key().public();
    let names = Names::try_new(
        display.as_deref(),
        organization.as_deref(),
        email.as_deref(),
        &key,
    )
    .map_err(|error| fault::names(&error))?;
    let text = request(identity.keys(), &names).map_err(|error| fault::certificate(&wanted.name, &error))?;
    let notes = vec![format!(
        "when the CA answers: byline key import --key KEY.pem --chain CHAIN.pem (KEY.pem from `byline key export {} --secret --unencrypted -o KEY.pem`)",
        wanted.name
    )];
    let view = view::of(app, identity.name())?;
    write_or_tell(
        wanted.output.as_ref(),
        text,
        KeyDeed::Requested,
        vec![view],
        notes,
    )
}

fn no_root(name: &str) -> Error {
    Error::new(
        Kind::Request,
        "key.no-root",
        format!("key `{name}` has no root of its own"),
    )
    .why("a CA issued its certificate")
    .fix("export --chain or --public; ask the CA for its root")
}

fn write_or_tell(
    output: Option<&PathBuf>,
    text: String,
    done: KeyDeed,
    keys: Vec<crate::report::key::KeyView>,
    notes: Vec<String>,
) -> Result<KeyReport, Error> {
    if let Some(path) = output {
        write_public(path, &text)?;
    }
    let told = output.is_none().then_some(text);
    Ok(KeyReport {
        schema: view::SCHEMA,
        done,
        keys,
        written: written_text(output),
        text: told,
        recorded: Vec::new(),
        notes,
    })
}

fn write_public(path: &Path, text: &str) -> Result<(), Error> {
    Staged::write(path, text.as_bytes(), false)
        .and_then(Staged::commit)
        .map_err(|error| fault::write(path, &error.to_string(), matches!(error, FileError::Exists)))
}
