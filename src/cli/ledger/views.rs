//! `byline ledger export` and `stats`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use byline::app::title::DriftRequest;
use byline::app::{App, Error, title};
use byline::ledger::LeafIndex;
use byline::render::{csv, human, json};
use byline::report::drift::GroupedBy;
use clap::{Args, ValueEnum};

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

/// Count entries by kind, by how pictures were made, by key, by month; or say whether the pictures grow alike
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger stats
  byline ledger stats --ledger studio.ledger --format json | jq .kinds
  byline ledger stats --similarity                   do the pictures grow alike, month by month?
  byline ledger stats --similarity --by source       are those of AI more alike than those of people?
  byline ledger stats --similarity --format html > drift.html
                                                     the same with plots; csv and json too

Likeness is that of looks (layout and colours), where they are kept beside the ledger, else of PDQ codes, which see the same picture
again and, weakly, the same layout. No subject shows. Entries name families of algorithms, and no models.")]
pub(crate) struct StatsArgs {
    /// Compare the pictures with each other: near copies, diversity of equally many, nearest ones against chance
    #[arg(long)]
    similarity: bool,
    /// What the pictures are grouped by
    #[arg(long, value_enum, default_value_t = By::Month, requires = "similarity")]
    by: By,
    /// Threads for comparing [default: the number of cores]
    #[arg(long, short, value_name = "N", requires = "similarity")]
    jobs: Option<NonZeroUsize>,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// What pictures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// By month of registration, in the order of time
    Month,
    /// As `family`: entries name no models
    Model,
    /// By the generator's algorithm family
    Family,
    /// By the key that registered them
    Creator,
    /// By how they were made: AI, human, captured
    Source,
}

impl StatsArgs {
    /// Whether pictures are compared.
    pub(super) const fn is_drift(&self) -> bool {
        self.similarity
    }
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
    if args.similarity {
        let request = DriftRequest {
            ledger: choice(args.ledger.as_ref()),
            by: match args.by {
                By::Month => GroupedBy::Month,
                By::Model | By::Family => GroupedBy::Family,
                By::Creator => GroupedBy::Creator,
                By::Source => GroupedBy::Source,
            },
            threads: crate::cli::jobs(args.jobs),
        };
        ui.drift(&title::drift(app, &request)?);
        return Ok(Exit::Done);
    }
    let report = title::stats(app, &choice(args.ledger.as_ref()))?;
    ui.report(&report, human::stats);
    Ok(Exit::Done)
}
