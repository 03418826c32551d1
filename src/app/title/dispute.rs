//! Disputes: an entry is contested, the other side answers, the dispute ends. Nothing is blocked; all of it is shown.

use std::path::PathBuf;

use super::desk::Desk;
use super::licence::{digest_of, not_about};
use super::what::signer;
use crate::app::key::recovery_key;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::ledger::body::{Ground, Outcome, Privilege, Stance};
use crate::ledger::{DisputeAnswer, DisputeClose, DisputeOpen, Entry, EntryBody, LeafIndex, Subject};
use crate::report::title::{TitleDeed, TitleReport};

/// Open a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDispute {
    /// The contested entry.
    pub entry: LeafIndex,
    /// What is contested.
    pub ground: Ground,
    /// A file whose SHA-256 is recorded.
    pub evidence: Option<PathBuf>,
    /// The file of the recovery key, where the identity's own key may be in other hands.
    pub recovery: Option<PathBuf>,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a dispute.open.
pub fn open(app: &App, request: &OpenDispute) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let contested = desk.entry(request.entry)?;
    let asset_id = asset_of(&contested, request.entry)?;
    let evidence = request.evidence.as_deref().map(digest_of).transpose()?;
    let mut body = DisputeOpen {
        asset_id,
        entry: contested.id(),
        ground: request.ground,
        evidence,
        privilege: None,
    };
    let done = |index| {
        (
            TitleDeed::Disputed,
            format!(
                "entry {index} is contested: {}; every history of it shows that",
                request.ground.word()
            ),
        )
    };
    let Some(file) = &request.recovery else {
        let identity = signer(app, request.key.as_deref())?;
        let body = EntryBody::DisputeOpen(body);
        return desk.record(app, &identity, body, done(request.entry), &asset_id);
    };
    let spare = recovery_key(app, file)?;
    body.privilege = Some(Privilege {
        key: spare.key.public(),
        identity: spare.identity,
    });
    let entry = Entry::sign(EntryBody::DisputeOpen(body), &spare.key, app.clock.now());
    let recorded = desk.append(app, &[entry.map_err(|error| Desk::unmade(&error))?])?;
    desk.report(done(request.entry), recorded, Some(&asset_id))
}

/// Answer a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerDispute {
    /// The dispute.open.
    pub dispute: LeafIndex,
    /// What is said.
    pub stance: Stance,
    /// A file whose SHA-256 is recorded.
    pub evidence: Option<PathBuf>,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a dispute.answer.
pub fn answer(app: &App, request: &AnswerDispute) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let dispute = desk.entry(request.dispute)?;
    let asset_id = asset_of(&dispute, request.dispute)?;
    let body = EntryBody::DisputeAnswer(DisputeAnswer {
        asset_id,
        dispute: dispute.id(),
        stance: request.stance,
        evidence: request.evidence.as_deref().map(digest_of).transpose()?,
    });
    let identity = signer(app, request.key.as_deref())?;
    let sentence = format!(
        "the dispute of entry {} is answered: {}",
        request.dispute,
        request.stance.word()
    );
    desk.record(app, &identity, body, (TitleDeed::Answered, sentence), &asset_id)
}

/// Close a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseDispute {
    /// The dispute.open.
    pub dispute: LeafIndex,
    /// How it ends.
    pub outcome: Outcome,
    /// A file whose SHA-256 is recorded.
    pub evidence: Option<PathBuf>,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a dispute.close.
pub fn close(app: &App, request: &CloseDispute) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let dispute = desk.entry(request.dispute)?;
    let asset_id = asset_of(&dispute, request.dispute)?;
    let body = EntryBody::DisputeClose(DisputeClose {
        asset_id,
        dispute: dispute.id(),
        outcome: request.outcome,
        evidence: request.evidence.as_deref().map(digest_of).transpose()?,
    });
    let identity = signer(app, request.key.as_deref())?;
    let sentence = format!(
        "the dispute of entry {} is closed: {}",
        request.dispute,
        request.outcome.word()
    );
    desk.record(app, &identity, body, (TitleDeed::Closed, sentence), &asset_id)
}

fn asset_of(entry: &Entry, index: LeafIndex) -> Result<[u8; 16], Error> {
    match entry.body().subject() {
        Subject::Asset(asset_id) => Ok(asset_id),
        _ => Err(not_about(index.0)),
    }
}
