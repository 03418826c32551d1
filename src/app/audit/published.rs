//! Audit of a published log, in a directory or on the web: what others can check of a log whose ledger file they do not have.
//! Read bundle by bundle: memory does not grow with the bytes.

use super::known::Known;
use super::{blank, line, lines, of_whole, options, passed_over, sentence, settle, witnesses};
use crate::app::request::{AuditRequest, AuditTarget};
use crate::app::{App, Error, Kind};
use crate::base::Timestamp;
use crate::ledger::audit::{self, Audit, Options, Progress, Rule, StateMaps, audit_entries};
use crate::ledger::body::DigestForm;
use crate::ledger::checkpoint::CheckpointError;
use crate::ledger::frame::Header;
use crate::ledger::note::{NOTE_BYTES_MAX, NoteError};
use crate::ledger::tile_tree::TileTreeError;
use crate::ledger::tree::root_at;
use crate::ledger::{Entry, EntryBody, LookupMode, VerifiedCheckpoint, VerifierKey};
use crate::report::audit::{AuditCounts, AuditReport, Finding, Weight};
use crate::store::published::{self, CHECKPOINT, LOG_KEY, PublishedError, PublishedLog, Shelf};

/// Audits what `ledger publish` made. Whatever is missing or changed in it is a finding.
pub(super) fn audit<S: Shelf>(
    app: &App,
    request: &AuditRequest,
    shelf: S,
    named: &str,
) -> Result<AuditReport, Error> {
    let unreadable = |error: &dyn std::error::Error| unreadable(named, error);
    let own_key = || match published::log_key(&shelf) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => match shelf.file(CHECKPOINT, NOTE_BYTES_MAX) {
            Ok(None) => Err(no_checkpoint(named, &shelf.place(CHECKPOINT).to_string_lossy())),
            _ => Err(no_key(named)),
        },
        Err(error) => Err(unreadable(&error)),
    };
    let key = match &request.log_key {
        Some(key) => key.clone(),
        None => own_key()?,
    };
    // What the directory says of itself decides nothing; where it does not go with the key given, it says why.
    let is_other_key = request.log_key.is_some() && published::is_of_other_key(&shelf, &key);
    let known = Known::of(app, request, &key)?;
    let mut report = blank(app, named, key.name().as_str());
    open_questions(request.log_key.is_some(), &known, &mut report);
    let header = match published::header(&shelf, &key) {
        Ok(header) => Ok(header),
        Err(error) if error.is_unread() => return Err(unreadable(&error)),
        Err(error) => Err(error),
    };
    match PublishedLog::open(shelf, &key) {
        Ok(log) => {
            if is_other_key {
                report.findings.push(Finding {
                    offset: None,
                    what: format!("`{LOG_KEY}` there names another log key than the one given"),
                    ..line(&of_whole(Rule::OtherLogKey), false)
                });
            }
            fill(app, request, &log, (&key, header, &known), &mut report)?;
        }
        Err(PublishedError::Missing { path }) => return Err(no_checkpoint(named, &path.to_string_lossy())),
        Err(error) if error.is_unread() => return Err(unreadable(&error)),
        Err(PublishedError::Checkpoint(
            CheckpointError::Origin | CheckpointError::Note(NoteError::Unsigned),
        )) if is_other_key => {
            let finding = line(&of_whole(Rule::OtherLogKey), false);
            report.findings.push(Finding {
                offset: None,
                ..finding
            });
            "what was published is signed by another log key than the one given"
                .clone_into(&mut report.sentence);
        }
        Err(error) => {
            let rule = match &error {
                PublishedError::Tiles(error) => id(error),
                _ => "ledger.published.checkpoint",
            };
            report.findings.push(broken(rule, &error));
            "what was published contradicts what was signed".clone_into(&mut report.sentence);
        }
    }
    Ok(report)
}

fn fill<S: Shelf>(
    app: &App,
    request: &AuditRequest,
    log: &PublishedLog<S>,
    (key, header, known): (&VerifierKey, Result<Header, PublishedError>, &Known),
    report: &mut AuditReport,
) -> Result<(), Error> {
    let checkpoint = log.checkpoint();
    let (header, without) = match header {
        Ok(header) => (header, None),
        Err(error) => (guessed(log, key), Some(error)),
    };
    app.progress.start(checkpoint.size().0, "auditing");
    // Over the network nothing is to come twice.
    let is_far = !matches!(request.target, AuditTarget::Path(_));
    let mut options = options(app, request, known, is_far);
    let pass = |options: &Options| {
        let mut reach = |progress: Progress| app.progress.reach(progress.entries);
        audit_entries(log.entries(), (checkpoint, &header), options, &mut reach)
    };
    let mut done = pass(&options);
    if done.as_ref().is_ok_and(|(found, _)| found.wants_maps) {
        options.maps = StateMaps::Derive;
        done = pass(&options);
    }
    app.progress.finish();
    let (mut found, failed) = done.map_err(|error| unreadable(report.ledger.raw(), &error))?;
    if let Some(error) = failed.as_ref().filter(|error| error.is_unread()) {
        return Err(unreadable(report.ledger.raw(), error));
    }
    let expected = known.checkpoints().chain(&known.since);
    found
        .findings
        .extend(expected.filter_map(|known| compare(log, known)));
    found.findings.dedup();
    found.findings.splice(0..0, known.other_log());
    report.findings.extend(lines(request, &found, false));
    report.not_checked.extend(passed_over(request, &found));
    for finding in &mut report.findings {
        // There are no frames, so no offsets.
        finding.offset = None;
    }
    if let Some(error) = &without {
        report
            .findings
            .insert(0, broken("ledger.published.header", error));
    }
    if let Some(error) = &failed {
        report.findings.push(broken(id(error), error));
        let left = checkpoint.size().0.saturating_sub(found.size.0);
        report
            .not_checked
            .push(format!("{left} entries from entry {} on", found.size));
    }
    report.findings_more = found.findings_left_out;
    report.sound = failed.is_none() && without.is_none() && !found.is_contradicted();
    report.sentence = if failed.is_some() || without.is_some() {
        "what was published is not whole: a part of it is missing or changed".to_owned()
    } else {
        sentence(&found, report.sound, (known.since.as_ref(), false))
    };
    report.strict = request.strict;
    let size = checkpoint.size();
    let lacks = witnesses::ask(app, request, (key, Some(checkpoint.note()), size), report)?;
    settle(report, lacks);
    if without.is_none() {
        known.doubt(app, &header, report);
    }
    report.counts = counts(&found);
    report.root = checkpoint.root().hex();
    report.checkpoint = Some(checkpoint.note().to_owned());
    if report.sound {
        known.remember(app, &header, Some(checkpoint), report);
    }
    Ok(())
}

/// The log against a checkpoint of it that this machine has seen before.
fn compare<S: Shelf>(log: &PublishedLog<S>, known: &VerifiedCheckpoint) -> Option<audit::Finding> {
    let (size, found) = (known.size(), log.checkpoint().size());
    if size > found {
        return Some(of_whole(Rule::Rollback { known: size, found }));
    }
    let is_same = root_at(log.tree(), size).is_some_and(|root| root == known.root());
    (!is_same).then(|| of_whole(Rule::Fork { known: size }))
}

/// A header in the place of one that is missing or refused: digests are made as the first registration shows, and nobody is
/// an arbiter.
fn guessed<S: Shelf>(log: &PublishedLog<S>, key: &VerifierKey) -> Header {
    let form = log.entries().map_while(Result::ok).take(1000).find_map(|bytes| {
        let entry = Entry::decode(&bytes).ok()?;
        match entry.body() {
            EntryBody::AssetRegister(registration) => Some(registration.digests),
            _ => None,
        }
    });
    Header {
        verifier: key.clone(),
        created: Timestamp::from_unix_ms(0),
        mode: match form {
            Some(DigestForm::Keyed) => LookupMode::Private,
            _ => LookupMode::Public,
        },
        arbiters: Vec::new(),
        note: String::new(),
    }
}

fn counts(found: &Audit) -> AuditCounts {
    AuditCounts {
        bytes: found.bytes,
        entries: found.size.0,
        commits: 0,
        // The checkpoint's was verified when the log was opened.
        signatures: found.signatures.saturating_add(1),
        keys: found.keys,
        registrations: found.registrations,
        state_roots: found.state_roots,
    }
}

fn open_questions(is_key_named: bool, known: &Known, report: &mut AuditReport) {
    report
        .not_checked
        .push("when the log recorded each entry: what is published has no commits".to_owned());
    if !is_key_named {
        report.not_checked.push(
            "whether this is the log you mean: its key was read from what was published; name it with --log-key"
                .to_owned(),
        );
    }
    known.open_questions(report);
}

const fn id(error: &TileTreeError) -> &'static str {
    match error {
        TileTreeError::Absent { .. } => "ledger.published.missing",
        _ => "ledger.published.changed",
    }
}

fn broken(rule: &str, error: &dyn std::error::Error) -> Finding {
    Finding {
        weight: Weight::Broken,
        rule: rule.to_owned(),
        index: None,
        offset: None,
        what: error.to_string(),
        consequence: "what this file should hold cannot be relied on".to_owned(),
        remedy: "get it anew; whoever runs the log runs `byline ledger publish --mend DIR`".to_owned(),
    }
}

fn no_key(named: &str) -> Error {
    Error::new(
        Kind::Input,
        "published.no-key",
        format!("cannot audit what is published at `{named}`"),
    )
    .why("it names no log key, and none was given")
    .fix("give the log's verifier key with --log-key")
}

fn no_checkpoint(named: &str, path: &str) -> Error {
    Error::new(
        Kind::Input,
        "published.no-checkpoint",
        format!("`{named}` is no published log"),
    )
    .why(format!("`{path}` is missing"))
    .fix("name what byline ledger publish made, or a ledger file")
}

fn unreadable(named: &str, why: &dyn std::error::Error) -> Error {
    Error::new(Kind::World, "file.io", format!("cannot read `{named}`"))
        .why(why.to_string())
        .fix("try again later; what was not read says nothing about the log")
}
