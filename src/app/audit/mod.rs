//! Audit: everything in a ledger re-derived, every signature checked, each finding named.
//!
//! A ledger file is audited frame by frame; a published log, in a directory or on the web, tile by tile. A sound audit is
//! remembered: the next one compares with it, and may begin where it ended.

mod known;
mod published;
mod witnesses;

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use self::known::Known;
use super::request::{AuditRequest, AuditTarget, LedgerChoice};
use super::title::{self, DriftRequest};
use super::{App, Error, Kind, fault, proof, witness};
use crate::base::{Timestamp, Untrusted};
use crate::ledger::VerifiedCheckpoint;
use crate::ledger::audit::{self, Audit, Consequence, Options, Place, Progress, Rule, Signatures, StateMaps};
use crate::ledger::frame::{HEADER_LEN, Header};
use crate::ledger::rules::AHEAD_MS_MAX;
use crate::ledger::spill::Room;
use crate::report::audit::{AuditCounts, AuditReport, Finding, Weight};
use crate::report::drift::GroupedBy;
use crate::report::{Check, Outcome};
use crate::store::published::Directory;
use crate::store::scratch::Scratch;
use crate::store::{files, folder};

/// Audits a ledger file, or what was published of it. Whatever the bytes are is a finding; only what cannot be read is an error.
///
/// The high-water mark that this machine keeps of the log and the end of its last sound audit are checkpoints that the log
/// must contain.
pub fn audit(app: &App, request: &AuditRequest) -> Result<AuditReport, Error> {
    let mut report = match &request.target {
        AuditTarget::Path(path) if folder::is_folder(path) => {
            published::audit(app, request, Directory::at(path), &path.to_string_lossy())
        }
        AuditTarget::Path(path) => file(app, request, path),
        AuditTarget::Url { url, private } => web(app, request, url, *private),
    }?;
    if request.similarity {
        likeness(app, request, &mut report);
    }
    Ok(report)
}

#[cfg(feature = "online")]
fn web(app: &App, request: &AuditRequest, url: &str, private: bool) -> Result<AuditReport, Error> {
    use super::online::{Reach, Site};
    let reach = if private { Reach::Anywhere } else { Reach::Public };
    let site = Site::new(url, reach).map_err(|why| {
        Error::new(Kind::Request, "audit.url", format!("cannot ask `{url}`"))
            .why(why)
            .fix("give the https address of the directory that holds `checkpoint`; --private allows http and one's own network")
    })?;
    published::audit(app, request, site, url)
}

#[cfg(not(feature = "online"))]
fn web(_: &App, _: &AuditRequest, url: &str, _: bool) -> Result<AuditReport, Error> {
    Err(
        Error::new(Kind::Request, "audit.url", format!("cannot ask `{url}`"))
            .why("this byline was built without the feature `online`")
            .fix("get the directory by other means and name that"),
    )
}

/// Audits a ledger file.
fn file(app: &App, request: &AuditRequest, path: &Path) -> Result<AuditReport, Error> {
    let cannot = |error| cannot(path, &error);
    let file = files::open_regular(path).map_err(|error| fault::read(path, &error))?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let header = header(path)?;
    let known = match &header {
        Some(header) => Known::of(app, request, &header.verifier)?,
        None => Known::default(),
    };
    // Beside a file lies what its witnesses cosigned last: the log must contain it, whoever else was asked.
    let cosigned = header
        .as_ref()
        .and_then(|header| witness::cosigned_last(path, &header.verifier).ok().flatten());
    let signs = header.as_ref().is_some_and(|header| {
        let log = header.verifier.key().key_id();
        last_bytes(&file, bytes).is_ok_and(|last| audit::last_bytes_sign_state(&last, &log))
    });
    let mut options = options(app, request, &known, signs);
    options.known.extend(cosigned.clone());
    app.progress.start(bytes, "auditing");
    let mut reach = |progress: Progress| app.progress.reach(progress.bytes);
    let mut found = audit::audit(&file, &options, &mut reach);
    if found.as_ref().is_ok_and(|found| found.wants_maps) {
        options.maps = StateMaps::Derive;
        found = (&file)
            .rewind()
            .and_then(|()| audit::audit(&file, &options, &mut reach));
    }
    app.progress.finish();
    let mut found = found.map_err(cannot)?;
    found.findings.splice(0..0, known.other_log());
    found.findings.extend(ahead(app, found.last_commit));
    let mut report = report(app, request, path, (&known, &found));
    let mut lacks = None;
    if let Some(header) = &header {
        let checkpoint = cosigned.as_ref().map(VerifiedCheckpoint::note);
        lacks = witnesses::ask(
            app,
            request,
            (&header.verifier, checkpoint, found.size),
            &mut report,
        )?;
    }
    settle(&mut report, lacks);
    if let Some(header) = &found.header {
        known.doubt(app, header, &mut report);
        known.remember(app, header, found.checkpoint.as_ref(), &mut report);
    }
    Ok(report)
}

/// What the report says as a whole, once all findings are there; `lacks` is what a policy asked for in vain.
fn settle(report: &mut AuditReport, lacks: Option<String>) {
    let broken = report
        .findings
        .iter()
        .find(|finding| finding.weight == Weight::Broken);
    if let (true, Some(finding)) = (report.sound, broken) {
        report.sound = false;
        if finding.rule == proof::WITNESSES {
            "a cosignature of the checkpoint is not its witness's".clone_into(&mut report.sentence);
        } else {
            report.sentence.clone_from(&finding.what);
        }
    } else if let (true, Some(lacks)) = (report.sound, lacks) {
        report.sentence = format!("{}; but {lacks}", report.sentence);
    }
}

/// Whether the pictures of a sound ledger grow alike; of one that is not, nothing is told but that it is not.
fn likeness(app: &App, request: &AuditRequest, report: &mut AuditReport) {
    let found = match &request.target {
        _ if !report.sound => Err("the ledger is not sound".to_owned()),
        AuditTarget::Path(path) if !folder::is_folder(path) => {
            let asked = DriftRequest {
                ledger: LedgerChoice::File(path.clone()),
                by: GroupedBy::Month,
                threads: request.jobs,
            };
            title::drift(app, &asked).map_err(|error| error.what)
        }
        _ => Err("that is told of ledger files".to_owned()),
    };
    let why = match found {
        Ok(found) => {
            report.likeness = Some(Box::new(found));
            return;
        }
        Err(why) => why,
    };
    report
        .not_checked
        .push(format!("whether its pictures grow alike: {why}"));
}

/// A last commit that is dated later than the clock here: nothing can be appended before then.
fn ahead(app: &App, last: Option<Timestamp>) -> Option<audit::Finding> {
    let (time, now) = (last?, app.clock.now());
    let is_ahead = time.unix_ms() > now.unix_ms().saturating_add(AHEAD_MS_MAX);
    is_ahead.then(|| of_whole(Rule::AheadOfAuditor { time, now }))
}

/// How to audit. State maps are not made again when told so, and not as long as the log signs none, as they take time and room;
/// `signs` says that it seems to.
fn options(app: &App, request: &AuditRequest, known: &Known, signs: bool) -> Options {
    Options {
        threads: request.jobs.get(),
        signatures: if request.strict {
            Signatures::Strict
        } else {
            Signatures::Batch
        },
        maps: match (request.no_state, signs) {
            (true, _) => StateMaps::PassOver,
            (false, true) => StateMaps::Derive,
            (false, false) => StateMaps::Wait,
        },
        key: request.log_key.clone(),
        known: known.checkpoints().cloned().collect(),
        since: known.since.clone(),
        room: Some(room(app)),
    }
}

/// Where what does not stay in memory goes.
pub(super) fn room(app: &App) -> Arc<dyn Room> {
    Arc::new(Scratch::in_folder(&app.dirs.state))
}

/// The last bytes of a file, which then stands at its beginning.
fn last_bytes(mut file: impl Read + Seek, len: u64) -> io::Result<Vec<u8>> {
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(len.saturating_sub(LAST_BYTES)))?;
    file.by_ref().take(LAST_BYTES).read_to_end(&mut last)?;
    file.rewind()?;
    Ok(last)
}

/// Some thousands of entries.
const LAST_BYTES: u64 = 4 << 20;

/// The header; `None` where it is broken, which the audit will say.
fn header(path: &Path) -> Result<Option<Header>, Error> {
    let file = files::open_regular(path).map_err(|error| fault::read(path, &error))?;
    let mut header = Vec::new();
    let read = file.take(HEADER_LEN).read_to_end(&mut header);
    read.map_err(|error| cannot(path, &error))?;
    Ok(Header::parse(&header).ok())
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    let what = format!("cannot read `{}`", path.display());
    Error::new(Kind::World, "file.io", what).why(error.to_string())
}

fn report(app: &App, request: &AuditRequest, path: &Path, (known, found): (&Known, &Audit)) -> AuditReport {
    let sound = !found.is_contradicted();
    let ends_here = known.ends_at(found.size);
    let mut report = AuditReport {
        sound,
        strict: request.strict,
        sentence: sentence(found, sound, (known.since.as_ref(), ends_here)),
        counts: AuditCounts {
            bytes: found.bytes,
            entries: found.size.0,
            commits: found.commits,
            signatures: found.signatures,
            keys: found.keys,
            registrations: found.registrations,
            state_roots: found.state_roots,
        },
        root: found
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.root().hex())
            .unwrap_or_default(),
        checkpoint: found
            .checkpoint
            .as_ref()
            .map(|checkpoint| checkpoint.note().to_owned()),
        findings: lines(request, found, ends_here),
        findings_more: found.findings_left_out,
        ..blank(
            app,
            &path.to_string_lossy(),
            found
                .header
                .as_ref()
                .map_or("", |header| header.origin().as_str()),
        )
    };
    if found.bytes_not_audited > 0 {
        report.not_checked.push(format!(
            "{} bytes behind the last readable frame",
            found.bytes_not_audited
        ));
    }
    report.not_checked.extend(passed_over(request, found));
    known.open_questions(&mut report);
    report
}

/// A report of nothing yet.
fn blank(app: &App, named: &str, origin: &str) -> AuditReport {
    AuditReport {
        schema: "audit-report.v1",
        ledger: Untrusted::new(named),
        origin: Untrusted::new(origin),
        sound: false,
        strict: false,
        sentence: String::new(),
        counts: AuditCounts::default(),
        since: None,
        root: String::new(),
        checkpoint: None,
        findings: Vec::new(),
        findings_more: 0,
        witnesses: Check::new(proof::WITNESSES, Outcome::NotChecked, "no witness is asked for"),
        cosigned: Vec::new(),
        cosigned_size: None,
        not_checked: Vec::new(),
        notes: Vec::new(),
        likeness: None,
        at: app.clock.now().rfc3339(),
    }
}

/// A finding as a line; `ends_here` says that nothing was acknowledged beyond the last commit.
fn line(finding: &audit::Finding, ends_here: bool) -> Finding {
    if ends_here && is_tail(finding) {
        return Finding {
            weight: Weight::Note,
            consequence: "an interrupted append left these bytes: the last commit is the last that is known from outside the file".to_owned(),
            remedy: "nothing; the next writer sets these bytes aside".to_owned(),
            ..line(finding, false)
        };
    }
    let weight = match finding.consequence() {
        Consequence::Contradicted => Weight::Broken,
        Consequence::Noted => match finding.rule {
            _ if is_tail(finding) => Weight::Unfinished,
            _ => Weight::Note,
        },
    };
    Finding {
        weight,
        rule: finding.rule.id().to_owned(),
        index: finding.place.index.map(|index| index.0),
        offset: (!matches!(finding.rule, Rule::AheadOfAuditor { .. })).then_some(finding.place.offset),
        what: finding.rule.to_string(),
        consequence: finding.meaning().to_owned(),
        remedy: finding.remedy(),
    }
}

/// A finding about the log as a whole.
const fn of_whole(rule: Rule) -> audit::Finding {
    let place = Place {
        index: None,
        offset: 0,
    };
    audit::Finding { place, rule }
}

/// What `--no-state` left out.
fn passed_over(request: &AuditRequest, found: &Audit) -> Option<String> {
    let count = found.state_roots;
    (request.no_state && count > 0).then(|| {
        format!("whether the state maps that the log signs ({count}) are those of its entries: --no-state passed them over")
    })
}

/// The findings; that a map was passed over is one only where nobody asked for it.
fn lines(request: &AuditRequest, found: &Audit, ends_here: bool) -> Vec<Finding> {
    let is_asked = |rule: &Rule| request.no_state && matches!(rule, Rule::StateMapPassedOver);
    let findings = found.findings.iter().filter(|finding| !is_asked(&finding.rule));
    findings.map(|finding| line(finding, ends_here)).collect()
}

/// Whether it is about bytes after the last commit, which alone contradict nothing.
const fn is_tail(finding: &audit::Finding) -> bool {
    matches!(finding.rule, Rule::NotAFrame { .. } | Rule::Tail { .. })
}

fn sentence(found: &Audit, sound: bool, (since, ends_here): (Option<&VerifiedCheckpoint>, bool)) -> String {
    let size = found.size.0;
    if !sound && found.header.is_none() && found.commits == 0 {
        return "this is not a byline ledger, or nothing of its header can be read".to_owned();
    }
    let is_behind = |finding: &audit::Finding| match finding.rule {
        Rule::Rollback { known, .. } => Some(known.0),
        _ => None,
    };
    let behind: Option<Vec<u64>> = found.findings.iter().map(is_behind).collect();
    if let Some(known) = behind
        .and_then(|known| known.into_iter().max())
        .filter(|_| !sound)
    {
        return format!(
            "what is here is as it was signed, but it ends at size {size}, and this machine has seen it signed at {known}: an older copy, or the rest was taken away"
        );
    }
    let is_of_another =
        |finding: &audit::Finding| matches!(finding.rule, Rule::OtherLogKey | Rule::OtherLogCheckpoint);
    if !sound && found.findings.iter().all(is_of_another) {
        return "this is not the log whose key or checkpoint was given; nothing else in it contradicts what was signed"
            .to_owned();
    }
    if !sound {
        return "the file contradicts what was signed: its history was changed or damaged".to_owned();
    }
    let entries = match since.map(|since| since.size().0) {
        None | Some(0) => format!("every one of {size} entries is as it was signed, in its place"),
        Some(since) if since >= size => {
            format!("the {size} entries are those of the checkpoint it began with; none follow")
        }
        Some(since) => format!(
            "the first {since} entries are those of the checkpoint it began with; those that follow are as they were signed, in their place"
        ),
    };
    if !ends_here && found.findings.iter().any(is_tail) {
        format!("{entries}; bytes that no commit covers follow them")
    } else {
        format!("{entries}, and nothing is missing up to size {size}")
    }
}
