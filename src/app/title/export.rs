//! Every entry as a line: JSON or CSV. A view; what is signed is the entry's CBOR.

use super::desk::Desk;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::ledger::LeafIndex;
use crate::report::ledger::EntryLine;

/// Tells of every entry from `from` on, in the order of the log, without holding more than one.
pub fn export(
    app: &App,
    choice: &LedgerChoice,
    from: LeafIndex,
    each: &mut dyn FnMut(EntryLine) -> bool,
) -> Result<(), Error> {
    let mut desk = Desk::read(app, choice)?;
    for index in from.0..desk.ledger.size().0 {
        let index = LeafIndex(index);
        let entry = desk.entry(index)?;
        let entry = desk.view(index, &entry)?;
        if !each(EntryLine {
            schema: "entry-line.v1",
            entry,
        }) {
            break;
        }
    }
    Ok(())
}
