//! Views of a ledger: make one, show its head and entries.

use std::path::{Path, PathBuf};

use super::request::{InitRequest, LedgerChoice};
use super::title::desk::Desk;
use super::title::fields;
use super::title::who::Names;
use super::{App, Error, Kind, fault, ledger_open, likeness};
use crate::asset::{Asset, pixels};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::statement::uuid_text;
use crate::base::{Digest, Untrusted};
use crate::ledger::frame::ARBITERS_MAX;
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Registration, TreeSize};
use crate::report::ledger::{EntryView, LedgerReport, RegistrationView};
use crate::report::sign::FingerprintLine;
use crate::report::verify::MatchedBy;
use crate::store::ledger_file::{LedgerFile, Lookup, secret_path};
use crate::store::{files, folder};

/// Makes a ledger.
pub fn init(app: &App, request: &InitRequest) -> Result<LedgerReport, Error> {
    let path = request.path.clone().unwrap_or_else(|| app.dirs.default_ledger());
    if request.deep && request.private {
        return Err(ledger_open::no_deep_in_private());
    }
    let names = Names::of(app)?;
    let arbiters = request.arbiters.iter().map(|word| names.resolve_identity(word));
    let arbiters = arbiters.collect::<Result<Vec<_>, _>>()?;
    if arbiters.len() > ARBITERS_MAX {
        let what = format!("a ledger names at most {ARBITERS_MAX} arbiters");
        return Err(Error::new(Kind::Request, "ledger.arbiters", what)
            .fix("name fewer; one arbiter may speak for a house"));
    }
    let is_taken_up = request.private && folder::exists(&secret_path(&path));
    let mut ledger = ledger_open::create(app, &path, request.origin.as_deref(), request.private, &arbiters)?;
    let mut report = head(&path, &ledger);
    if is_taken_up {
        report
            .notes
            .push("the secret that lay there without a ledger is its secret now".to_owned());
    }
    if request.deep {
        // The file alone: where it lies, signing adds to it.
        let kept = ledger.append_deep(&[]);
        kept.map_err(|error| ledger_open::fault(&path, &error))?;
        report
            .notes
            .push("deep records are kept beside it, of every picture that is signed into it".to_owned());
    }
    for arbiter in &ledger.header().arbiters {
        report
            .notes
            .push(format!("arbiter: {} ({})", names.word(arbiter), arbiter.hex()));
    }
    Ok(report)
}

/// The head of a ledger and `count` entries from `from`; the last ones without `from`.
pub fn show(app: &App, choice: &LedgerChoice, from: Option<u64>, count: u64) -> Result<LedgerReport, Error> {
    let mut desk = Desk::read(app, choice)?;
    let size = desk.ledger.size().0;
    if let Some(index) = from.filter(|from| *from > 0 && *from >= size) {
        let asked = format!("entry {index}");
        return Err(ledger_open::no_entry(&desk.path, &asked, TreeSize(size)));
    }
    let from = from.unwrap_or_else(|| size.saturating_sub(count));
    let mut report = desk.head();
    for index in from..from.saturating_add(count).min(size) {
        let entry = desk.entry(LeafIndex(index))?;
        let view = desk.view(LeafIndex(index), &entry)?;
        report.entries.push(view);
    }
    Ok(report)
}

/// An entry that answers what was asked, and by what it was found.
pub(super) type Answer = (LeafIndex, Option<MatchedBy>, Entry);

/// Every entry that `what` means, earliest first: an image, an asset id, a hash of 64 digits or an index.
pub(super) fn find(path: &Path, ledger: &LedgerFile, what: &Path) -> Result<Vec<Answer>, Error> {
    let fail = |error| ledger_open::fault(path, &error);
    let index = what.to_str().and_then(|text| text.parse::<u64>().ok());
    if let Some(index) = index.filter(|_| !folder::exists(what)) {
        let entry = ledger.entry(LeafIndex(index)).map_err(fail)?;
        return Ok(vec![(LeafIndex(index), None, entry)]);
    }
    let mut found: Vec<Answer> = Vec::new();
    for (matched, lookup) in lookups(what)? {
        for (index, entry) in ledger.find(lookup).map_err(fail)? {
            if !found.iter().any(|(known, _, _)| *known == index) {
                found.push((index, matched, entry));
            }
        }
    }
    found.sort_by_key(|(index, _, _)| *index);
    Ok(found)
}

/// What to look for.
fn lookups(path: &Path) -> Result<Vec<(Option<MatchedBy>, Lookup)>, Error> {
    if let Some(text) = path.to_str().filter(|_| !folder::exists(path)) {
        if let Some(digest) = Digest::parse_hex(&text.to_ascii_lowercase()) {
            return Ok(of_digest(digest));
        }
        if let Some(id) = parse_uuid(text) {
            return Ok(vec![(None, Lookup::Asset(id))]);
        }
    }
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
    let mut lookups = vec![
        (Some(MatchedBy::File), Lookup::File(asset.digest())),
        (Some(MatchedBy::Content), Lookup::Content(asset.content_digest())),
    ];
    if let Some(seen) = likeness::all_pixels(&asset) {
        lookups.push((
            Some(MatchedBy::Pixel),
            Lookup::Pixel(seen.algorithm.code(), seen.digest),
        ));
    }
    Ok(lookups)
}

fn of_digest(digest: Digest) -> Vec<(Option<MatchedBy>, Lookup)> {
    let mut lookups = vec![
        (Some(MatchedBy::File), Lookup::File(digest)),
        (Some(MatchedBy::Content), Lookup::Content(digest)),
        (Some(MatchedBy::Manifest), Lookup::Manifest(digest)),
    ];
    let rules = pixels::PixelRule::ALL.into_iter();
    lookups.extend(rules.map(|rule| (Some(MatchedBy::Pixel), Lookup::Pixel(rule.code(), digest))));
    lookups
}

/// A UUID in its hyphenated form (RFC 9562, 4).
pub(super) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(text).ok().map(uuid::Uuid::into_bytes)
}

pub(super) fn open(app: &App, choice: &LedgerChoice) -> Result<(PathBuf, LedgerFile), Error> {
    let path = ledger_open::path(app, choice).ok_or_else(|| {
        Error::new(Kind::Request, "ledger.none", "this command needs a ledger")
            .fix("name one with --ledger FILE")
    })?;
    let ledger = ledger_open::read(app, &path)?;
    Ok((path, ledger))
}

pub(super) fn head(path: &Path, ledger: &LedgerFile) -> LedgerReport {
    let header = ledger.header();
    let notes = ledger_open::torn(ledger);
    LedgerReport {
        schema: "ledger-report.v1",
        ledger: Untrusted::new(path.to_string_lossy()),
        origin: Untrusted::new(header.origin().as_str()),
        log_key: header.verifier.to_string(),
        mode: header.mode.word().to_owned(),
        arbiters: Vec::new(),
        tree_size: ledger.size().0,
        root: ledger.checkpoint().root().hex(),
        time: Some(ledger.last_commit().rfc3339()),
        notes: notes.into_iter().collect(),
        entries: Vec::new(),
        assets: Vec::new(),
        as_of: None,
    }
}

/// An entry by itself as a view: others that it names are not looked up.
pub(super) fn view(index: LeafIndex, entry: &Entry, matched: Option<MatchedBy>, names: &Names) -> EntryView {
    entry_view(index, entry, matched, names, &|_| None)
}

/// An entry as a view; `at` finds the index of an entry that it names.
pub(super) fn entry_view(
    index: LeafIndex,
    entry: &Entry,
    matched: Option<MatchedBy>,
    names: &Names,
    at: &dyn Fn(&LeafHash) -> Option<LeafIndex>,
) -> EntryView {
    let registration = match entry.body() {
        EntryBody::AssetRegister(registration) => Some(registration_view(registration)),
        _ => None,
    };
    EntryView {
        index: index.0,
        kind: entry.body().kind().to_owned(),
        says: fields::says(entry, names, at),
        time: entry.time().rfc3339(),
        key: entry.signer().hex(),
        known_as: names.name(&entry.signer()),
        id: entry.id().hex(),
        matched,
        registration,
        fields: fields::fields(entry.body()),
        void: None,
        redacted: None,
        suspect: None,
    }
}

fn registration_view(registration: &Registration) -> RegistrationView {
    RegistrationView {
        asset_id: uuid_text(registration.asset_id),
        file: registration.file.hex(),
        content: registration.content.hex(),
        pixel: registration.pixel.map(|(_, digest)| digest.hex()),
        manifest: Some(registration.manifest.hex()),
        source_type: registration.source.term().to_owned(),
        family: registration.family.map(|family| family.word().to_owned()),
        role: registration.role.map(|role| role.word().to_owned()),
        mining: registration.mining.map(|mining| mining.plus_uri().to_owned()),
        rights: registration
            .rights
            .iter()
            .map(|rights| rights.word().to_owned())
            .collect(),
        fingerprints: registration
            .fingerprints
            .iter()
            .map(FingerprintLine::from)
            .collect(),
        parents: registration.parents.iter().map(Digest::hex).collect(),
    }
}
