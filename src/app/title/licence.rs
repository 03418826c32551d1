//! Licences: granted by a holder, ended by either side.

use std::path::{Path, PathBuf};

use super::desk::Desk;
use super::fields;
use super::what::{Picked, index, pick, signer};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::statement::uuid_text;
use crate::base::{Digest, Timestamp};
use crate::keys::Identity;
use crate::ledger::body::{Scope, Terms};
use crate::ledger::{EntryBody, LeafIndex, LicenceEnd, LicenceGrant, Rights, Subject};
use crate::report::title::{LicenceView, TitleDeed, TitleReport};
use crate::store::{files, folder};

/// On which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermsChoice {
    /// Terms of a name of their own.
    Code(Rights),
    /// A text; its SHA-256 is recorded.
    File(PathBuf),
}

/// Grant a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantLicence {
    /// A picture, an asset id, a hash or a leaf index.
    pub what: PathBuf,
    /// To whom: a thumbprint, a public file or a name in the user's trust; everyone when absent.
    pub to: Option<String>,
    /// The terms.
    pub terms: TermsChoice,
    /// ISO 3166-1 numeric codes; empty for the whole world.
    pub territories: Vec<u16>,
    /// The first second; now when absent.
    pub from: Option<Timestamp>,
    /// The last second.
    pub until: Option<Timestamp>,
    /// Whether it excludes others.
    pub exclusive: bool,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a licence.grant.
pub fn grant(app: &App, request: &GrantLicence) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let licensee = request
        .to
        .as_deref()
        .map(|word| desk.names.resolve(word))
        .transpose()?;
    let terms = match &request.terms {
        TermsChoice::Code(code) => Terms::Code(*code),
        TermsChoice::File(path) => Terms::Digest(digest_of(path).map_err(|error| no_terms(path, error))?),
    };
    let from = request.from.unwrap_or_else(|| app.clock.now());
    if let Some(until) = request.until.filter(|until| *until < from) {
        return Err(ends_first(from, until));
    }
    let identity = signer(app, request.key.as_deref())?;
    let picked = pick(&mut desk, &request.what, &identity)?;
    let scope = Scope {
        licensee,
        terms,
        territories: request.territories.clone(),
        from,
        until: request.until,
        exclusive: request.exclusive,
    };
    let mut report = record(app, &mut desk, &identity, &picked, scope)?;
    if let TermsChoice::File(path) = &request.terms {
        report
            .notes
            .push(format!("keep {}: the log holds only its SHA-256", path.display()));
    }
    Ok(report)
}

/// Grant what another holder has granted already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantWith {
    /// Leaf index of the other holder's grant.
    pub with: LeafIndex,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a licence.grant of the same scope, second for second: joint holders grant an exclusive licence together.
///
/// # Errors
/// When the entry is no grant, or the ledger refuses this one.
pub fn grant_with(app: &App, request: &GrantWith) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let entry = desk.entry(request.with)?;
    let EntryBody::LicenceGrant(body) = entry.body() else {
        return Err(Error::new(
            Kind::Request,
            "licence.no-grant",
            format!("entry {} grants no licence", request.with),
        )
        .fix("`byline ledger history` shows which entry does"));
    };
    let identity = signer(app, request.key.as_deref())?;
    let what = PathBuf::from(uuid_text(body.asset_id));
    let picked = pick(&mut desk, &what, &identity)?;
    record(app, &mut desk, &identity, &picked, body.scope.clone())
}

fn record(
    app: &App,
    desk: &mut Desk,
    identity: &Identity,
    picked: &Picked,
    scope: Scope,
) -> Result<TitleReport, Error> {
    desk.learn(scope.licensee.iter())?;
    let holders = picked.title().map_or(0, |title| title.holders.len());
    let is_joint = scope.exclusive && holders > 1;
    let sentence = format!("granted: {}", fields::licence(&scope, &desk.names));
    let body = EntryBody::LicenceGrant(LicenceGrant {
        asset_id: picked.asset_id,
        title: picked.head(),
        scope,
    });
    let deed = (TitleDeed::Granted, sentence);
    let mut report = desk.record(app, identity, body, deed, &picked.asset_id)?;
    if let Some(index) = report.recorded.last().map(|one| one.index).filter(|_| is_joint) {
        let titles = report.asset.iter().flat_map(|asset| &asset.titles);
        let waits = titles
            .flat_map(|title| &title.waiting)
            .any(|one| one.parts.contains(&index));
        let then = if waits {
            "it takes effect when every recorded holder has granted the same: byline ledger license --with"
        } else {
            "every recorded holder has granted it: it stands"
        };
        let with = if waits { format!(" {index}") } else { String::new() };
        report.sentence = format!("{}; {then}{with}", report.sentence);
    }
    let granted = report.recorded.last().map(|one| one.index);
    let titles = report.asset.iter().flat_map(|asset| &asset.titles);
    let mut licences = titles.flat_map(|title| &title.licences);
    if let Some(conflict) = licences.find(|one| Some(one.index) == granted).map(conflict) {
        report.notes.extend(conflict);
    }
    Ok(report)
}

/// That a licence cannot stand beside others, where it cannot.
fn conflict(licence: &LicenceView) -> Option<String> {
    let others: Vec<String> = licence.conflicts.iter().map(u64::to_string).collect();
    let kind = if licence.exclusive {
        "this licence excludes others, and"
    } else {
        "another licence excludes this one:"
    };
    (!others.is_empty()).then(|| {
        format!(
            "{kind} entry {} covers a part of the same time and place; the ledger records both and does not say which holds; `byline ledger license --end INDEX` ends one",
            others.join(", ")
        )
    })
}

/// End a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndLicence {
    /// Leaf index of the grant.
    pub grant: PathBuf,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a licence.end.
pub fn end(app: &App, request: &EndLicence) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let index = index(&request.grant).ok_or_else(|| not_an_index(&request.grant))?;
    let grant = desk.entry(index)?;
    let Subject::Asset(asset_id) = grant.body().subject() else {
        return Err(not_about(index.0));
    };
    let identity = signer(app, request.key.as_deref())?;
    let body = EntryBody::LicenceEnd(LicenceEnd {
        asset_id,
        grant: grant.id(),
    });
    let sentence = format!("the licence of entry {index} is ended");
    desk.record(app, &identity, body, (TitleDeed::Ended, sentence), &asset_id)
}

fn ends_first(from: Timestamp, until: Timestamp) -> Error {
    Error::new(
        Kind::Request,
        "licence.ends-first",
        "the licence would end before it begins",
    )
    .why(format!("it would begin {from} and end {until}"))
    .fix("give --until a day that is not before --from; without --from it begins now")
}

/// Terms that are neither a word nor a file that can be read: a misspelt word looks like a file that is missing.
fn no_terms(path: &Path, error: Error) -> Error {
    if folder::exists(path) {
        return error;
    }
    let known: Vec<&str> = Rights::ALL
        .iter()
        .filter(|rights| rights.is_public_licence())
        .map(|rights| rights.word())
        .collect();
    Error::new(
        Kind::Request,
        "licence.terms",
        format!("`{}` names no terms", path.display()),
    )
    .why(format!(
        "it is none of {}, and there is no such file",
        known.join(", ")
    ))
    .fix("give one of these words, or a file that holds the terms")
}

/// SHA-256 of a file as it is.
pub(super) fn digest_of(path: &Path) -> Result<Digest, Error> {
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    Ok(Digest::of(&bytes))
}

pub(super) fn not_an_index(word: &Path) -> Error {
    Error::new(
        Kind::Request,
        "ledger.not-an-index",
        format!("`{}` is no leaf index", word.display()),
    )
    .fix("`byline ledger history` shows the index of each entry")
}

pub(super) fn not_about(index: u64) -> Error {
    Error::new(
        Kind::Request,
        "ledger.not-an-asset",
        format!("entry {index} is about no picture"),
    )
    .fix("name an entry about a picture; `byline ledger history` shows them")
}
