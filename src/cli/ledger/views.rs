//! `byline ledger export` and `stats`.

use std::path::PathBuf;

use byline::app::{App, Error, title};
use byline::ledger::LeafIndex;
use byline::render::{csv, human, json};
use clap::Args;

use super::{Exit, Ui, choice, index};

/// Write every entry as a line, JSON or CSV; a view, not what is signed
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("form").multiple(false),
    after_help = "\
Examples:
  byline ledger export > studio.jsonl                one JSON document a line, schema `entry-line`
  byline ledger export --csv --ledger studio.ledger > studio.csv
  byline ledger export --from 1000 | jq 'select(.kind == \"title.accept\")'"
)]
pub(crate) struct ExportArgs {
    /// One JSON document a line; the default
    #[arg(long, group = "form")]
    jsonl: bool,
    /// Comma-separated values with a head (RFC 4180)
    #[arg(long, group = "form")]
    csv: bool,
    /// First entry, by leaf index
    #[arg(long, value_name = "INDEX", value_parser = index, default_value = "0")]
    from: LeafIndex,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Count entries by kind, by how pictures were made, by key, by month
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger stats
  byline ledger stats --ledger studio.ledger --format json | jq .kinds")]
pub(crate) struct StatsArgs {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

pub(super) fn export(app: &App, args: &ExportArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let mut is_first = true;
    title::export(app, &choice(args.ledger.as_ref()), args.from, &mut |line| {
        if args.csv {
            if is_first {
                ui.out(&csv::head());
            }
            ui.out(&csv::entry(&line.entry));
        } else {
            ui.out(&json::line(&line));
        }
        is_first = false;
        !ui.is_closed()
    })?;
    if args.csv && is_first {
        ui.out(&csv::head());
    }
    Ok(Exit::Done)
}

pub(super) fn stats(app: &App, args: &StatsArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = title::stats(app, &choice(args.ledger.as_ref()))?;
    ui.report(&report, human::stats);
    Ok(Exit::Done)
}
