//! The state of a ledger: its root signed into the log, and proofs of who holds what as of it, or that something is not there.

use std::path::{Path, PathBuf};

use super::closest::Closest;
use super::judge::Judge;
use super::make::{ProveRequest, beside, image, stage, under};
use crate::app::request::LedgerChoice;
use crate::app::title::desk::Desk;
use crate::app::title::who::Names;
use crate::app::{App, Error, Kind, audit, fault, ledger, ledger_open, witness};
use crate::base::{Digest, Untrusted};
use crate::ledger::audit::Replay;
use crate::ledger::map::Topic;
use crate::ledger::state_proof::{Placed, StateProof};
use crate::ledger::{Entry, EntryBody, LeafIndex, Subject, TreeSize, VerifiedCheckpoint};
use crate::report::proof::{ProofReport, ProofWord};
use crate::report::title::{TitleDeed, TitleReport};
use crate::store::ledger_file::LedgerFile;

/// Replays the ledger and records the root of its state map, signed with the log's own key. Where nothing was recorded since the
/// last such entry, that one stands.
///
/// Others can append while the ledger is replayed; only what they recorded meanwhile is replayed under the writer's lock.
pub fn root(app: &App, choice: &LedgerChoice) -> Result<TitleReport, Error> {
    let before = Desk::read(app, choice)?;
    let mut replay = Replay::new(before.ledger.header(), threads(), Some(audit::room(app)));
    replayed(
        app,
        &before.path,
        &before.ledger,
        &mut replay,
        before.ledger.size(),
    )?;
    drop(before);
    let mut desk = Desk::write(app, choice)?;
    let size = desk.ledger.size();
    replayed(app, &desk.path, &desk.ledger, &mut replay, size)?;
    let last = match size.0.checked_sub(1) {
        Some(index) => Some(desk.entry(LeafIndex(index))?),
        None => None,
    };
    let entry = match last {
        // Nothing but the root itself was recorded since, and it changes nothing.
        Some(last) if matches!(last.body(), EntryBody::StateRoot(_)) => last,
        _ => {
            let body = replay.root().map_err(|error| unmade(&error))?;
            let made = desk
                .ledger
                .sign_as_log(EntryBody::StateRoot(body), app.clock.now());
            made.map_err(|error| ledger_open::fault(&desk.path, &error))?
        }
    };
    let recorded = desk.append(app, &[entry])?;
    let stands = recorded.first().map_or(0, |one| one.index);
    let already = recorded.iter().any(|one| one.already);
    let sentence = if already {
        format!("the state of the first {stands} entries is signed already; nothing was recorded since")
    } else {
        format!("the log has signed the state of its first {stands} entries")
    };
    desk.report((TitleDeed::Rooted, sentence), recorded, None)
}

/// Proves who holds a picture as of the last signed state, or that it is not registered. Checks the proof as anybody would, and only
/// then writes it.
pub fn prove_state(app: &App, request: &ProveRequest) -> Result<ProofReport, Error> {
    let (path, ledger) = ledger::open(app, &request.ledger)?;
    let fail = |error| ledger_open::fault(&path, &error);
    let names = Names::of(app)?;
    let picture = image(&request.what)?;
    let found = ledger::find(&path, &ledger, &request.what)?;
    let closest = Closest::of(&ledger, found, picture.as_ref());
    let topic = match &closest {
        Some(Closest {
            chosen: (index, _, entry),
            ..
        }) => of_entry(*index, entry)?,
        None => absent(&ledger, &request.what, picture.as_ref()),
    };
    let Some((at, root)) = ledger.last_state_root(ledger.size()).map_err(fail)? else {
        return Err(no_root(&path));
    };
    let covers = TreeSize(at.0);
    let index = closest.as_ref().map(Closest::index);
    if let Some(index) = index.filter(|index| index.within(covers).is_none()) {
        return Err(newer(index, covers));
    }
    let policy = witness::policy(app, &ledger.header().verifier)?;
    let checkpoint = under(&path, &ledger, at, &policy)?;
    let mut replay = Replay::new(ledger.header(), threads(), Some(audit::room(app)));
    replayed(app, &path, &ledger, &mut replay, covers)?;
    if EntryBody::StateRoot(replay.root().map_err(|error| unmade(&error))?) != *root.body() {
        return Err(false_root(at, &path));
    }
    let said = replay.say(topic).map_err(|error| unmade(&error))?;
    let place = Places {
        path: &path,
        ledger: &ledger,
        checkpoint: &checkpoint,
    };
    let mut entries = Vec::with_capacity(said.entries.len());
    for leaf in &said.entries {
        let index = ledger.find_entry(leaf).ok_or_else(|| unfound(&path))?;
        entries.push(place.of(index)?);
    }
    let proof = StateProof::new(said, place.of(at)?, entries, checkpoint.note().to_owned());
    let output = request
        .output
        .clone()
        .unwrap_or_else(|| name(&request.what, &topic));
    let judge = Judge {
        policy: &policy,
        ledger: Some(&ledger),
        names: &names,
        image: picture.as_ref().map(|asset| (request.what.as_path(), asset)),
        offered: &[],
    };
    let text = proof.text();
    let mut report = judge.judge(&output, text.as_bytes());
    if report.result == ProofWord::Contradicted {
        return Ok(report);
    }
    let unmet = witness::unmet(app, &ledger.header().verifier, checkpoint.note())?;
    report.notes.extend(unmet);
    let (to, staged) = stage(&output, text.as_bytes(), request.overwrite)?;
    staged.commit().map_err(|error| fault::write(&to, &error))?;
    report.written.push(Untrusted::new(to.to_string_lossy()));
    report.notes.extend(closest.as_ref().and_then(Closest::note));
    Ok(report)
}

/// Gives a replay what it lacks of the first `size` entries, with a progress bar.
fn replayed(
    app: &App,
    path: &Path,
    ledger: &LedgerFile,
    replay: &mut Replay,
    size: TreeSize,
) -> Result<(), Error> {
    app.progress.start(size.0, "replaying");
    let done = ledger.replay(replay, size, &mut |index| app.progress.reach(index));
    app.progress.finish();
    done.map_err(|error| ledger_open::fault(path, &error))
}

/// Where entries stand under one checkpoint.
struct Places<'a> {
    path: &'a Path,
    ledger: &'a LedgerFile,
    checkpoint: &'a VerifiedCheckpoint,
}

impl Places<'_> {
    fn of(&self, index: LeafIndex) -> Result<Placed, Error> {
        let fail = |error| ledger_open::fault(self.path, &error);
        let entry = self.ledger.entry(index).map_err(fail)?;
        let log = self.ledger.header().verifier.key();
        let signer = entry.signer();
        let of_log = (signer == log.key_id()).then_some(*log);
        let key = of_log.or_else(|| self.ledger.key(&signer));
        Ok(Placed {
            index,
            key: key.ok_or_else(|| unfound(self.path))?,
            hashes: self
                .ledger
                .inclusion_at(index, self.checkpoint.size())
                .map_err(fail)?,
            entry: entry.bytes().to_vec(),
        })
    }
}

fn of_entry(index: LeafIndex, entry: &Entry) -> Result<Topic, Error> {
    if let Subject::Asset(id) = entry.body().subject() {
        return Ok(Topic::Asset(id));
    }
    let what = format!("entry {index} is about no picture");
    Err(Error::new(Kind::Request, "state.no-asset", what)
        .why(format!("it is a {}", entry.body().kind()))
        .fix("name a picture, an asset id or an entry about one"))
}

/// What is proved absent: the asset id or digest named, else the picture's content.
fn absent(ledger: &LedgerFile, what: &Path, picture: Option<&crate::asset::Asset>) -> Topic {
    if let Some(asset) = picture {
        return Topic::Content(ledger.as_recorded(asset.content_digest()));
    }
    let text = what.to_string_lossy();
    match ledger::parse_uuid(&text) {
        Some(id) => Topic::Asset(crate::ledger::body::v4(id)),
        None => {
            Topic::Content(ledger.as_recorded(Digest::parse_hex(&text).unwrap_or_else(|| Digest::of(b""))))
        }
    }
}

/// `IMAGE.state-proof`, or `TOPIC.state-proof` here where no picture was named.
fn name(what: &Path, topic: &Topic) -> PathBuf {
    let stem = topic.to_string().replace(' ', "-");
    beside(what, &stem, "state-proof")
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn no_root(ledger: &Path) -> Error {
    let what = format!("the ledger `{}` has signed no state yet", ledger.display());
    Error::new(Kind::Absent, "state.no-root", what)
        .why("a state proof leans on a state.root entry")
        .fix("byline ledger root records one; it needs the log's own key")
}

fn newer(index: LeafIndex, covers: TreeSize) -> Error {
    let what =
        format!("entry {index} is newer than the last signed state, which covers the first {covers} entries");
    Error::new(Kind::Absent, "state.old-root", what).fix("byline ledger root signs a newer one")
}

fn false_root(at: LeafIndex, ledger: &Path) -> Error {
    let what = format!(
        "the state that `{}` signed as entry {at} is not that of the entries before it",
        ledger.display()
    );
    Error::new(Kind::Contradicted, "ledger.state.root", what)
        .why("the log's key signed a false root; no proof may lean on it")
        .fix("byline audit names all that is wrong")
}

fn unmade(error: &std::io::Error) -> Error {
    Error::new(Kind::World, "file.io", "cannot make the state map").why(error.to_string())
}

fn unfound(ledger: &Path) -> Error {
    let what = format!("cannot place what the state map of `{}` names", ledger.display());
    Error::new(Kind::Conflict, "ledger.damaged", what)
        .why("an entry or its key is not where the look-up data has it")
        .fix("delete its `.d` directory, which is made again; byline audit names what is wrong")
}
