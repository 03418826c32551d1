//! The witnesses of a ledger's log: whom to ask for cosignatures, and to be one oneself.
//!
//! They stand in a trust policy (c2sp.org/tlog-policy) in the settings, one file a log, so that it can be handed to others
//! as it is. Adding one is what allows `publish` to use the network.

mod ask;
mod serve;

use std::path::{Path, PathBuf};

pub(super) use self::ask::cosign;
pub use self::serve::{Serving, WitnessAnswer, WitnessService, open_service};
use super::request::LedgerChoice;
use super::{App, Error, Kind, fault, ledger};
use crate::base::{Digest, Timestamp, Untrusted};
use crate::ledger::cosignature::CosignerKey;
use crate::ledger::note::Note;
use crate::ledger::policy::{POLICY_BYTES_MAX, Policy, Threshold, Unmet, Witness};
use crate::ledger::{VerifiedCheckpoint, VerifierKey};
use crate::report::publish::{WitnessLine, WitnessReport};
use crate::store::files::{self, FileError, Staged};
use crate::store::{cosigned, folder};

/// Add this witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddRequest {
    /// The ledger.
    pub ledger: LedgerChoice,
    /// Where it is asked: its submission prefix.
    pub url: String,
    /// Its verifier key, of type 0x04.
    pub key: CosignerKey,
    /// Whether it may be in a private network or on this machine, asked by plain `http`.
    pub private: bool,
    /// How many must have cosigned, for those who are handed the policy; as before when absent, any at first.
    pub quorum: Option<Threshold>,
}

/// Remove a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveRequest {
    /// The ledger.
    pub ledger: LedgerChoice,
    /// The name of its key.
    pub name: String,
    /// As of [`AddRequest`].
    pub quorum: Option<Threshold>,
}

/// The witnesses of a ledger.
pub fn list(app: &App, choice: &LedgerChoice) -> Result<WitnessReport, Error> {
    let (path, ledger) = ledger::open(app, choice)?;
    report(app, &path, &ledger.header().verifier)
}

/// Adds a witness; nothing is asked before the next publication.
pub fn add(app: &App, request: &AddRequest) -> Result<WitnessReport, Error> {
    let (path, ledger) = ledger::open(app, &request.ledger)?;
    let log = &ledger.header().verifier;
    check_url(&request.url, request.private)?;
    let file = policy_path(app, log);
    let (mut witnesses, before) = own(&file, log)?;
    if witnesses.iter().any(|known| known.key.key() == request.key.key()) {
        return Err(known(&file, &request.key));
    }
    witnesses.push(Witness {
        key: request.key.clone(),
        url: Some(request.url.trim_end_matches('/').to_owned()),
    });
    save(&file, log, (&witnesses, request.quorum.unwrap_or(before)))?;
    report(app, &path, log)
}

/// Removes a witness. What it has cosigned stands; it is asked no more.
pub fn remove(app: &App, request: &RemoveRequest) -> Result<WitnessReport, Error> {
    let (path, ledger) = ledger::open(app, &request.ledger)?;
    let log = &ledger.header().verifier;
    let file = policy_path(app, log);
    let (mut witnesses, before) = own(&file, log)?;
    let count = witnesses.len();
    witnesses.retain(|witness| witness.key.name().as_str() != request.name);
    if witnesses.len() == count {
        let what = format!("there is no witness `{}` of this log", request.name);
        return Err(
            Error::new(Kind::Absent, "witness.unknown", what).fix("byline ledger witness list shows all")
        );
    }
    save(&file, log, (&witnesses, request.quorum.unwrap_or(before)))?;
    report(app, &path, log)
}

/// The witnesses and quorum in the policy file, which byline itself must have written: else it would lose what somebody wrote.
fn own(file: &Path, log: &VerifierKey) -> Result<(Vec<Witness>, Threshold), Error> {
    let Some((text, policy)) = read(file)? else {
        return Ok((Vec::new(), Threshold::Any));
    };
    let witnesses = policy.witnesses().to_vec();
    let threshold = threshold(&text, log, &witnesses).ok_or_else(|| edited(file))?;
    Ok((witnesses, threshold))
}

/// The quorum in a policy that byline wrote.
fn threshold(text: &str, log: &VerifierKey, witnesses: &[Witness]) -> Option<Threshold> {
    let numbers = (1..=witnesses.len()).map(Threshold::Least);
    let mut all = [Threshold::Any, Threshold::All].into_iter().chain(numbers);
    all.find(|threshold| Policy::write(log, witnesses, *threshold) == text)
}

fn save(
    file: &Path,
    log: &VerifierKey,
    (witnesses, threshold): (&[Witness], Threshold),
) -> Result<(), Error> {
    if let Threshold::Least(least) = threshold
        && (least == 0 || least > witnesses.len())
    {
        let what = format!(
            "a quorum of {least} cannot be asked of {} witnesses",
            witnesses.len()
        );
        return Err(Error::new(Kind::Request, "witness.quorum", what)
            .why("it could never be met, or always")
            .fix("say another with --quorum N, any or all"));
    }
    let text = Policy::write(log, witnesses, threshold);
    let write = || Staged::write(file, text.as_bytes(), true)?.commit();
    write().map_err(|error: FileError| fault::write(file, &error))
}

fn report(app: &App, path: &Path, log: &VerifierKey) -> Result<WitnessReport, Error> {
    let file = policy_path(app, log);
    let last = cosigned_last(path, log)?;
    let read = read(&file)?;
    let quorum = read.as_ref().map(|(text, policy)| {
        let count = policy.witnesses().len();
        match threshold(text, log, policy.witnesses()) {
            _ if policy.is_content_without_witnesses() => "none".to_owned(),
            Some(threshold) => format!("{threshold} of {count}"),
            None => "as the policy file says".to_owned(),
        }
    });
    let witnesses = read.map_or_else(Vec::new, |(_, policy)| policy.witnesses().to_vec());
    let lines = witnesses.iter().map(|witness| line(witness, last.as_ref(), None));
    Ok(WitnessReport {
        schema: "witness-report.v1",
        ledger: Untrusted::new(path.to_string_lossy()),
        origin: Untrusted::new(log.name().as_str()),
        policy: Untrusted::new(file.to_string_lossy()),
        quorum,
        witnesses: lines.collect(),
        tree_size: last.map(|last| last.size().0),
    })
}

/// One witness, and when it cosigned this checkpoint.
pub(super) fn line(
    witness: &Witness,
    checkpoint: Option<&VerifiedCheckpoint>,
    why: Option<Untrusted>,
) -> WitnessLine {
    let note = checkpoint.and_then(|checkpoint| Note::parse(checkpoint.note()).ok());
    let time = note.and_then(|note| witness.key.time_of(&note).ok().flatten());
    WitnessLine {
        witness: Untrusted::new(witness.key.name().as_str()),
        url: Untrusted::new(witness.url.clone().unwrap_or_default()),
        key: witness.key.to_string(),
        cosigned: time.map(|time| Timestamp::from_unix_s(i64::try_from(time).unwrap_or(i64::MAX)).rfc3339()),
        why,
    }
}

/// The witnesses of a log.
pub(super) fn witnesses(app: &App, log: &VerifierKey) -> Result<Vec<Witness>, Error> {
    let read = read(&policy_path(app, log))?;
    Ok(read.map_or_else(Vec::new, |(_, policy)| policy.witnesses().to_vec()))
}

/// The log with its witnesses, of whom none is asked for.
pub(super) fn policy(app: &App, log: &VerifierKey) -> Result<Policy, Error> {
    let read = read(&policy_path(app, log))?;
    Ok(read.map_or_else(
        || Policy::of_log(log.clone()),
        |(_, policy)| policy.without_quorum().with_log(log.clone()),
    ))
}

/// The log with its witnesses and their quorum, as they stand in the settings of this machine.
pub(super) fn own_policy(app: &App, log: &VerifierKey) -> Result<Option<Policy>, Error> {
    let read = read(&policy_path(app, log))?;
    Ok(read.map(|(_, policy)| policy.with_log(log.clone())))
}

/// What the log's own policy lacks in a checkpoint, in a sentence; `None` where it is met or there is no witness.
pub(super) fn unmet(app: &App, log: &VerifierKey, checkpoint: &str) -> Result<Option<String>, Error> {
    let policy = own_policy(app, log)?;
    Ok(match policy.map(|policy| policy.check(checkpoint)) {
        Some(Err(why @ Unmet::Quorum { .. })) => Some(format!(
            "by this log's own policy {why}; `byline ledger publish` asks its witnesses"
        )),
        _ => None,
    })
}

/// The last checkpoint that witnesses have cosigned.
pub(super) fn cosigned_last(path: &Path, log: &VerifierKey) -> Result<Option<VerifiedCheckpoint>, Error> {
    cosigned::read(path, log).map_err(|error| {
        let what = format!("cannot read `{}`", cosigned::path(path).display());
        Error::new(Kind::World, "file.io", what).why(error.to_string())
    })
}

/// Where the witnesses of a log stand.
fn policy_path(app: &App, log: &VerifierKey) -> PathBuf {
    let name = Digest::of(log.name().as_str().as_bytes()).hex();
    let short = name.get(..16).unwrap_or_default();
    app.dirs.config.join("logs").join(format!("{short}.policy"))
}

fn read(path: &Path) -> Result<Option<(String, Policy)>, Error> {
    if !folder::exists(path) {
        return Ok(None);
    }
    let limit = u64::try_from(POLICY_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = files::read(path, limit).map_err(|error| fault::read(path, &error))?;
    let policy = Policy::parse(&bytes).map_err(|error| {
        let what = format!("cannot use the policy `{}`", path.display());
        Error::new(Kind::Input, "policy.unreadable", what)
            .why(error.to_string())
            .fix("mend that line, or remove the file and add the witnesses again")
    })?;
    Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), policy)))
}

/// Only `https`, but where the user says that the witness is in a private network.
fn check_url(url: &str, private: bool) -> Result<(), Error> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    let is_allowed = url.starts_with("https://") || (private && url.starts_with("http://"));
    if is_plain && is_allowed {
        return Ok(());
    }
    let what = format!("cannot add the witness at `{url}`");
    Err(Error::new(Kind::Request, "witness.url", what)
        .why("a witness is asked by https; by plain http only in one's own network")
        .fix("give its https address, or allow a private one with --private"))
}

fn edited(file: &Path) -> Error {
    let what = format!("cannot change the witnesses in `{}`", file.display());
    Error::new(Kind::Conflict, "policy.edited", what)
        .why("somebody has edited it, and byline would lose that")
        .fix("change its `witness NAME KEY URL` lines and its group by hand")
}

fn known(file: &Path, key: &CosignerKey) -> Error {
    let what = format!("the witness `{}` is there already", key.name());
    Error::new(Kind::Conflict, "witness.known", what)
        .why(format!("its key stands in `{}`", file.display()))
        .fix("byline ledger witness list shows all")
}
