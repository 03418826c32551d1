//! Trust: who is known, added, listed, removed.

mod from_picture;
pub mod lists;

use std::path::{Path, PathBuf};

pub use from_picture::{AddFromPicture, add_from};

use super::key::path_text;
use super::{App, Error, Kind};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::public::{PublicFile, is_public_file, was_public_file};
use crate::keys::trust::{Successor, TrustEntry, TrustStore};
use crate::keys::x509::is_self_signed;
use crate::keys::{LeafInfo, LocalName, pem};
use crate::report::trust::{CertificateView, TrustDeed, TrustReport, TrustView};
use crate::store::pipe;
use crate::store::trust_file::{TrustFileError, TrustFolder};

/// Trust somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddTrust {
    /// A creator's public file, or certificates in PEM.
    pub file: PathBuf,
    /// What to call it; made from the file when absent.
    pub name: Option<String>,
    /// Believe its timestamps, and nothing else of it.
    pub timestamps: bool,
}

/// Everybody the user trusts; a file that cannot be read is an error, not a person less.
pub fn store(app: &App) -> Result<TrustStore, Error> {
    let mut entries = Vec::new();
    for (path, bytes) in folder(app).read_all().map_err(|error| on_disk(&error))? {
        let text = String::from_utf8_lossy(&bytes);
        let entry = TrustEntry::parse(&text).map_err(|error| {
            Error::new(
                Kind::Input,
                "trust.unreadable",
                format!("cannot read `{}`", path_text(&path)),
            )
            .why(error.to_string())
            .fix("remove the file and add the person again: byline trust add FILE")
        })?;
        if path.file_stem().is_none_or(|stem| stem != entry.name.as_str()) {
            return Err(Error::new(
                Kind::Input,
                "trust.renamed",
                format!("`{}` is the trust file of `{}`", path_text(&path), entry.name),
            )
            .fix("give the file its old name, or remove it and add the person again"));
        }
        entries.push(entry);
    }
    Ok(TrustStore::new(entries))
}

/// Adds the holder of a public file, or certificates.
pub fn add(app: &App, request: &AddTrust) -> Result<TrustReport, Error> {
    keep(app, &request.file, read_entry(app, request)?)
}

/// Puts an entry beside those that are trusted; nothing is told twice.
fn keep(app: &App, file: &Path, entry: TrustEntry) -> Result<TrustReport, Error> {
    let known = store(app)?;
    if let Some(same) = known
        .entries()
        .iter()
        .find(|old| recognises_the_same(old, &entry))
    {
        if let Some(successor) = same.succeeded_by(&entry) {
            return succeed(app, same, successor);
        }
        if same.name == entry.name {
            return Ok(report(TrustDeed::Known, std::slice::from_ref(same), Vec::new()));
        }
        return Err(Error::new(
            Kind::Conflict,
            "trust.known",
            format!(
                "`{}` is trusted already, under the name `{}`",
                path_text(file),
                same.name
            ),
        )
        .why("one key under two names would make verdicts ambiguous")
        .fix(format!("byline trust remove {}; then add it again", same.name)));
    }
    refuse_twin(known.entries(), &entry)?;
    folder(app)
        .create(entry.name.as_str(), &entry.to_text())
        .map_err(|error| on_disk(&error))?;
    let notes = warnings(app, &entry);
    Ok(report(TrustDeed::Added, &[entry], notes))
}

/// Two names that differ in capitals alone read as one in a verdict, and are one file on some disks.
fn refuse_twin(known: &[TrustEntry], entry: &TrustEntry) -> Result<(), Error> {
    let name = entry.name.as_str();
    let is_twin = |old: &str| old != name && old.eq_ignore_ascii_case(name);
    let Some(twin) = known.iter().find(|old| is_twin(old.name.as_str())) else {
        return Ok(());
    };
    let what = format!(
        "`{name}` differs from `{}`, whom you trust already, in capitals alone",
        twin.name
    );
    Err(Error::new(Kind::Conflict, "trust.exists", what)
        .why("in a verdict nobody would tell one from the other")
        .fix(format!(
            "choose another name with --name, or byline trust remove {}",
            twin.name
        )))
}

/// Takes a rotated key in, under the name that its holder bears already.
fn succeed(app: &App, old: &TrustEntry, successor: Successor) -> Result<TrustReport, Error> {
    let Successor::Newer(entry) = successor else {
        let note = "the file is of an older key, from before a rotation, and is not taken in";
        return Ok(report(
            TrustDeed::Known,
            std::slice::from_ref(old),
            vec![note.to_owned()],
        ));
    };
    folder(app)
        .replace(entry.name.as_str(), &entry.to_text())
        .map_err(|error| on_disk(&error))?;
    let mut notes = Vec::new();
    if let [.., before, now] = entry.key_ids().as_slice() {
        notes.push(format!(
            "its key was rotated: now {now}; the same root vouches for both, and {before} stays known for what it signed"
        ));
        notes.push(format!(
            "compare this key id with its holder, over another way than the file came: {now}"
        ));
    }
    Ok(report(TrustDeed::Rotated, &[entry], notes))
}

/// Lists everybody.
pub fn list(app: &App) -> Result<TrustReport, Error> {
    let store = store(app)?;
    let notes = if store.entries().is_empty() {
        vec!["nobody is trusted yet; `byline trust add FILE` adds a creator's public file".to_owned()]
    } else {
        Vec::new()
    };
    Ok(TrustReport {
        lists: lists::all(app)?.iter().map(lists::view).collect(),
        ..report(TrustDeed::Listed, store.entries(), notes)
    })
}

/// Removes somebody.
pub fn remove(app: &App, name: &str) -> Result<TrustReport, Error> {
    let name = local_name(name)?;
    let store = store(app).unwrap_or_default();
    folder(app)
        .remove(name.as_str())
        .map_err(|error| on_disk(&error))?;
    let removed: Vec<TrustEntry> = store
        .entries()
        .iter()
        .filter(|entry| entry.name == name)
        .cloned()
        .collect();
    Ok(report(TrustDeed::Removed, &removed, Vec::new()))
}

fn folder(app: &App) -> TrustFolder {
    TrustFolder::new(app.dirs.trust())
}

fn local_name(name: &str) -> Result<LocalName, Error> {
    LocalName::parse(name).map_err(|error| {
        Error::new(
            Kind::Request,
            "name.unusable",
            format!("`{name}` cannot be a name in your trust"),
        )
        .why(error.to_string())
        .fix("choose a short name like `alice` with --name")
    })
}

fn read_entry(app: &App, request: &AddTrust) -> Result<TrustEntry, Error> {
    let path = &request.file;
    let bytes = pipe::read(path, KEY_FILE_BYTES_MAX).map_err(|error| {
        let what = format!("cannot read `{}`", path_text(path));
        Error::new(Kind::World, "file.unreadable", what)
            .why(error.to_string())
            .fix("give a creator's public file, or certificates in PEM: a file, a pipe, or - for standard input; out of a picture, --from PICTURE")
    })?;
    // Mail and editors turn the ends of lines; what was signed has those of byline.
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let now = app.clock.now();
    let refuse = |code, why: String| {
        Error::new(Kind::Input, code, format!("cannot trust `{}`", path_text(path)))
            .why(why)
            .fix("ask for the file again: its holder makes it with `byline key export NAME --public -o FILE`")
    };
    if is_public_file(&text) {
        if request.timestamps {
            return Err(refuse(
                "trust.no-authority",
                "a creator's public file is no time-stamping authority".to_owned(),
            ));
        }
        let public =
            PublicFile::read(&text).map_err(|error| refuse("trust.public-file", error.to_string()))?;
        let name = entry_name(request, public.name.raw())?;
        return Ok(TrustEntry::from_public(name, &public, now));
    }
    if was_public_file(&text) {
        let why = "it was a creator's public file, and its first line was changed or is missing";
        return Err(refuse("trust.public-file", why.to_owned()));
    }
    if text.contains("PRIVATE KEY-----") {
        return Err(refuse(
            "trust.secret",
            "it holds a private key, which must not leave its holder".to_owned(),
        ));
    }
    let ders = pem::certificates(&text).map_err(|error| refuse("trust.pem", error.to_string()))?;
    let says = ders
        .first()
        .and_then(|der| LeafInfo::parse(der).ok())
        .and_then(|info| info.display_name().cloned());
    // Of many authorities none names the list.
    let name = match (ders.len(), says) {
        (1, Some(says)) => entry_name(request, says.raw()),
        (1, None) => entry_name(request, ""),
        _ => entry_name(request, &stem(path)),
    }?;
    TrustEntry::from_certificates(name, ders, now)
        .map(|entry| {
            if request.timestamps {
                entry.for_timestamps()
            } else {
                entry
            }
        })
        .map_err(|error| refuse("trust.certificate", error.to_string()))
}

/// The file's name without its ending; a pipe has none that says anything.
fn stem(path: &Path) -> String {
    let is_pipe = path == Path::new("-") || path.starts_with("/dev") || path.starts_with("/proc");
    let stem = path.file_stem().filter(|_| !is_pipe);
    stem.unwrap_or_default().to_string_lossy().into_owned()
}

fn entry_name(request: &AddTrust, says: &str) -> Result<LocalName, Error> {
    match &request.name {
        Some(name) => local_name(name),
        None => LocalName::from_text(says).ok_or_else(|| {
            Error::new(
                Kind::Request,
                "name.missing",
                "the file gives no name that could be used here",
            )
            .fix("say what to call it: --name NAME")
        }),
    }
}

/// Whether both would be recognised by one same thing.
fn recognises_the_same(one: &TrustEntry, other: &TrustEntry) -> bool {
    one.ledger_keys.iter().any(|key| other.ledger_keys.contains(key))
        || one.anchors.iter().any(|der| other.anchors.contains(der))
        || one
            .certificates
            .iter()
            .any(|der| other.certificates.contains(der))
        || one
            .timestamp_anchors
            .iter()
            .any(|der| other.timestamp_anchors.contains(der))
}

fn warnings(app: &App, entry: &TrustEntry) -> Vec<String> {
    let mut notes = Vec::new();
    for key in entry.key_ids() {
        notes.push(format!(
            "compare this key id with its holder, over another way than the file came: {key}"
        ));
    }
    if entry.ledger_keys.is_empty() && !entry.anchors.is_empty() {
        notes.push(format!(
            "whatever these authorities certify will be shown as `{}`",
            entry.name
        ));
    }
    if !entry.timestamp_anchors.is_empty() {
        notes.push(format!(
            "timestamps by authorities that `{}` certifies are believed; pictures signed by them are not",
            entry.name
        ));
    }
    if entry.anchors.iter().any(|der| !is_self_signed(der)) {
        notes.push("an anchor is not self-signed: it is an intermediate authority".to_owned());
    }
    let now = app.clock.now();
    let lists = [&entry.anchors, &entry.certificates, &entry.timestamp_anchors];
    for der in lists.into_iter().flatten() {
        if LeafInfo::parse(der).is_ok_and(|info| !info.validity.contains(now)) {
            notes.push(format!(
                "a certificate is not valid now: {}",
                crate::base::Digest::of(der)
            ));
        }
    }
    notes
}

fn report(done: TrustDeed, entries: &[TrustEntry], notes: Vec<String>) -> TrustReport {
    TrustReport {
        schema: "trust-report.v1",
        done,
        entries: entries.iter().map(view).collect(),
        lists: Vec::new(),
        notes,
    }
}

fn view(entry: &TrustEntry) -> TrustView {
    TrustView {
        name: entry.name.as_str().to_owned(),
        says: entry.says.clone(),
        added: entry.added.rfc3339(),
        key_ids: entry.key_ids().iter().map(crate::keys::KeyId::hex).collect(),
        anchors: entry.anchors.iter().filter_map(|der| certificate(der)).collect(),
        certificates: entry
            .certificates
            .iter()
            .filter_map(|der| certificate(der))
            .collect(),
        timestamp_anchors: entry
            .timestamp_anchors
            .iter()
            .filter_map(|der| certificate(der))
            .collect(),
    }
}

fn certificate(der: &[u8]) -> Option<CertificateView> {
    let info = LeafInfo::parse(der).ok()?;
    Some(CertificateView {
        sha256: info.sha256.hex(),
        subject: info.display_name().cloned(),
        valid_until: info.validity.not_after.rfc3339(),
    })
}

fn on_disk(error: &TrustFileError) -> Error {
    let made = |kind, code, path: &Path| {
        Error::new(kind, code, format!("cannot use `{}`", path_text(path))).why(error.to_string())
    };
    match error {
        TrustFileError::Exists { path } => made(Kind::Conflict, "trust.exists", path)
            .why("somebody else is trusted under this name")
            .fix("choose another name with --name, or remove the old one: byline trust remove NAME"),
        TrustFileError::Missing { path } => made(Kind::Request, "trust.missing", path)
            .why("nobody is trusted under this name")
            .fix("`byline trust list` shows who is"),
        TrustFileError::File { path, .. } => made(Kind::World, "trust.file", path),
        TrustFileError::TooMany { path, .. } => made(Kind::Limit, "trust.too-many", path),
    }
}

#[cfg(test)]
mod tests;
