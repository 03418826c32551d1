//! What this machine knows of a log before it audits it: the writer's high-water mark, the end of the last sound audit, and
//! the checkpoint that the user names.

use super::super::request::{AuditRequest, Since};
use super::super::{App, Error, Kind, proof};
use super::of_whole;
use crate::ledger::audit::{Finding, Rule};
use crate::ledger::frame::Header;
use crate::ledger::{TreeSize, VerifiedCheckpoint, VerifierKey};
use crate::report::audit::{AuditReport, Finding as Line, OTHER_NOTE, Weight};
use crate::store::audited::{self, Audited};
use crate::store::{folder, mark};

/// Checkpoints of one log that are known from elsewhere.
#[derive(Debug, Default)]
pub(super) struct Known {
    mark: Option<VerifiedCheckpoint>,
    audited: Option<Audited>,
    /// Whether a memory is there that says nothing.
    is_spoiled: bool,
    /// Where the audit begins to verify signatures.
    pub(super) since: Option<VerifiedCheckpoint>,
    /// Whether that checkpoint came from elsewhere than this machine's memory.
    is_since_named: bool,
    /// Whether the checkpoint that the user names is of another log.
    is_since_of_other: bool,
}

impl Known {
    /// What is known of the log of this key.
    ///
    /// # Errors
    /// When the memory cannot be read, or the checkpoint that the user names is none of this log.
    pub(super) fn of(app: &App, request: &AuditRequest, key: &VerifierKey) -> Result<Self, Error> {
        let state = &app.dirs.state;
        let mark = mark::read(state, key).map_err(|error| {
            let what = "cannot read the high-water mark of this ledger";
            Error::new(Kind::World, "ledger.mark", what).why(error.to_string())
        })?;
        let audited = audited::read(state, key).map_err(|error| {
            let what = format!("cannot read `{}`", audited::path(state, key).display());
            Error::new(Kind::World, "file.io", what).why(error.to_string())
        })?;
        let is_spoiled = audited.is_none() && folder::exists(&audited::path(state, key));
        let is_since_named = matches!(request.since, Some(Since::File(_)));
        let since = match &request.since {
            None => None,
            Some(Since::File(path)) => proof::checkpoint_of(path, key)?,
            Some(Since::Last) => match &audited {
                Some(audited) => Some(audited.checkpoint.clone()),
                None => return Err(none_remembered(key)),
            },
        };
        Ok(Self {
            mark,
            audited,
            is_spoiled,
            is_since_of_other: is_since_named && since.is_none(),
            is_since_named,
            since,
        })
    }

    /// Whether it is known from outside the file that nothing was acknowledged beyond this size: by the writer's own mark, or
    /// by the checkpoint that the user names. An audit's memory says only how far the file went.
    pub(super) fn ends_at(&self, size: TreeSize) -> bool {
        let named = self.since.as_ref().filter(|_| self.is_since_named);
        self.mark.iter().chain(named).any(|known| known.size() == size)
    }

    /// That the checkpoint which the user names is of another log than the header or key.
    pub(super) fn other_log(&self) -> Option<Finding> {
        self.is_since_of_other.then(|| of_whole(Rule::OtherLogCheckpoint))
    }

    /// All of them, but the one that the audit begins with.
    pub(super) fn checkpoints(&self) -> impl Iterator<Item = &VerifiedCheckpoint> {
        let audited = self.audited.as_ref().map(|audited| &audited.checkpoint);
        self.mark.iter().chain(audited)
    }

    /// Whether an earlier audit noted another header than this one.
    fn notes_other(&self, header: &Header) -> bool {
        let mut audited = self.audited.iter();
        audited.any(|audited| !audited.has_header(header))
    }

    /// Says that an earlier audit noted another header. Nobody signed that note, so alone it contradicts nothing; and only whoever has
    /// the log's key can have made another header.
    pub(super) fn doubt(&self, app: &App, header: &Header, report: &mut AuditReport) {
        if !self.notes_other(header) {
            return;
        }
        let path = audited::path(&app.dirs.state, &header.verifier);
        let path = path.display();
        report.findings.insert(0, Line {
            weight: Weight::Note,
            rule: OTHER_NOTE.to_owned(),
            index: None,
            offset: None,
            what: format!("the header is not the one that an earlier audit noted in `{path}`"),
            consequence: "one of both was changed since: that note, which nobody signed, or the header, which only whoever has the log's key can sign anew"
                .to_owned(),
            remedy: format!(
                "compare the header (the first 4096 bytes, or `log.header` in what is published) with an earlier or another copy; where it is the same, remove `{path}` and audit again"
            ),
        });
        if report.sound {
            report
                .sentence
                .push_str("; but an earlier audit noted another header");
        }
    }

    /// Says what could not be checked for want of memory, and what was not checked again because of it.
    pub(super) fn open_questions(&self, report: &mut AuditReport) {
        if let Some(since) = &self.since {
            let size = since.size().0;
            report.since = Some(size);
            report.not_checked.push(format!(
                "signatures of the first {size} entries, which hash to the checkpoint that this audit began with"
            ));
        }
        if self.is_spoiled {
            report.not_checked.push(
                "what an earlier audit here saw: its note is damaged, and a sound audit writes it anew"
                    .to_owned(),
            );
        }
        if self.checkpoints().next().is_none() && self.since.is_none() {
            report.not_checked.push(
                "whether an older or another history was shown before: this machine has no mark of this log"
                    .into(),
            );
        }
    }

    /// Remembers a sound audit. One that began with a checkpoint from elsewhere is not: nobody checked what stands before it.
    ///
    /// A folder that cannot be written is a note, no error: the audit is done.
    pub(super) fn remember(
        &self,
        app: &App,
        header: &Header,
        checkpoint: Option<&VerifiedCheckpoint>,
        report: &mut AuditReport,
    ) {
        let Some(checkpoint) = checkpoint.filter(|_| report.sound) else {
            return;
        };
        if self.notes_other(header) {
            report
                .notes
                .push("not remembered as audited: the earlier note stands until it is removed".to_owned());
            return;
        }
        let before = self.audited.as_ref().map(|audited| audited.checkpoint.size());
        let is_whole = match &self.since {
            None => true,
            Some(since) => before.is_some_and(|before| since.size() <= before),
        };
        if !is_whole {
            report.notes.push(
                "not remembered as audited: nobody here checked what stands before the checkpoint it began with"
                    .to_owned(),
            );
            return;
        }
        let own = header.verifier.own_note(checkpoint.note());
        let own = own
            .ok()
            .and_then(|note| VerifiedCheckpoint::open(&note, &header.verifier).ok());
        let Some(own) = own else { return };
        let audited = Audited::new(&own, header);
        if self.audited.as_ref() == Some(&audited) {
            return;
        }
        if let Err(error) = audited::write(&app.dirs.state, &header.verifier, &audited) {
            report
                .notes
                .push(format!("this audit is not remembered: {error}"));
        }
    }
}

fn none_remembered(key: &VerifierKey) -> Error {
    Error::new(
        Kind::Absent,
        "audit.none-remembered",
        format!("no sound audit of `{}` is remembered here", key.name()),
    )
    .why("--since last begins where the last one ended")
    .fix("audit without --since once, or name a checkpoint file")
}
