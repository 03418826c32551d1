//! The table of a ledger's codes, brought up to the ledger.

use super::{CodeTable, EngineError, Filled, Server};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, ledger, ledger_open};
use crate::ledger::LookupMode;
use crate::report::ledger::LedgerReport;

/// Puts the codes of a ledger into a table on a server: all of them, or those that came since.
///
/// Each batch is whole or not there: a run that is interrupted is continued by the next.
///
/// # Errors
/// When the ledger or the server cannot be asked, or the table is of another log or another history.
pub fn index(app: &App, choice: &LedgerChoice, server: &Server) -> Result<LedgerReport, Error> {
    let (path, ledger) = ledger::open(app, choice)?;
    if ledger.header().mode == LookupMode::Private {
        return Err(fault(&EngineError::Private));
    }
    let mut table = CodeTable::make(server).map_err(|error| fault(&error))?;
    let before = table.filled(&ledger).map_err(|error| fault(&error))?;
    let codes = ledger
        .codes()
        .map_err(|error| ledger_open::fault(&path, &error))?;
    let pictures = u64::try_from(codes.pictures()).unwrap_or(u64::MAX);
    app.progress
        .start(pictures.saturating_sub(before.pictures), "pictures");
    let told = &mut |now: Filled| app.progress.reach(now.pictures.saturating_sub(before.pictures));
    let filled = table.fill(&ledger, &codes, told).map_err(|error| fault(&error));
    app.progress.finish();
    let filled = filled?;
    let mut report = ledger::head(&path, &ledger);
    report.notes.push(format!(
        "table `{}` holds the codes of {} pictures, {} of them new, up to tree size {}",
        server.table,
        filled.pictures,
        filled.pictures.saturating_sub(before.pictures),
        filled.size.0
    ));
    Ok(report)
}

/// What a server's refusal means.
pub(in crate::app) fn fault(error: &EngineError) -> Error {
    let (kind, code, fix) = match error {
        EngineError::Name { .. } => (
            Kind::Request,
            "postgres.table-name",
            "give another name with --postgres-table",
        ),
        EngineError::OpenPassword => (
            Kind::Request,
            "postgres.open-password",
            "leave it out, and put it into PGPASSWORD or into a file named by PGPASSFILE, mode 0600 (PostgreSQL manual, \"The \
             Password File\")",
        ),
        EngineError::PasswordFile { .. } => (
            Kind::World,
            "postgres.password-file",
            "chmod 600 it, or name another with PGPASSFILE",
        ),
        EngineError::Private => (
            Kind::Request,
            "postgres.private",
            "search it where its secret is, without --postgres",
        ),
        EngineError::Table { .. } => (
            Kind::Conflict,
            "postgres.table",
            "fill it with `byline ledger index`, or name another with --postgres-table; one that is of no use any more is dropped \
             with the two beside it, NAME_pictures and NAME_ledger",
        ),
        EngineError::Full { .. } => (Kind::World, "postgres.full", "split the ledger"),
        EngineError::Copy(_) | EngineError::Server(_) => (
            Kind::World,
            "postgres.server",
            "check that the server runs, that the connection string names it, and that its user may make tables",
        ),
    };
    Error::new(kind, code, "cannot use the table of codes")
        .why(error.to_string())
        .fix(fix)
}
