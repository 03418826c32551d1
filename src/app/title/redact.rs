//! Redaction: the log itself says that the body of an entry may be dropped. Its leaf hash stays.

use super::desk::Desk;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::ledger::body::RedactGround;
use crate::ledger::{EntryBody, LeafIndex, Redact};
use crate::report::title::{TitleDeed, TitleReport};

/// Redact an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactEntry {
    /// Which.
    pub index: LeafIndex,
    /// Why.
    pub ground: RedactGround,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a redact entry, signed with the log's own key.
pub fn redact(app: &App, request: &RedactEntry) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let leaf = desk.entry(request.index)?.id();
    let body = EntryBody::Redact(Redact {
        index: request.index,
        leaf,
        ground: request.ground,
    });
    let entry = desk
        .ledger
        .sign_as_log(body, app.clock.now())
        .map_err(|error| desk.fault(&error))?;
    let recorded = desk.append(app, &[entry])?;
    let sentence = format!(
        "the log says that the body of entry {} may be dropped: {}",
        request.index,
        request.ground.word()
    );
    let mut report = desk.report((TitleDeed::Redacted, sentence), recorded, None)?;
    report.notes.push(
        "nothing is erased: this file holds the body still, and so does all that `byline ledger publish`, `prove` and `export` made of it or will; byline has no command that drops it"
            .to_owned(),
    );
    report.notes.push(
        "what this does: history, verify and export mark the entry as redacted, and whoever drops its body elsewhere can name this entry; its leaf hash keeps every proof of the log"
            .to_owned(),
    );
    Ok(report)
}
