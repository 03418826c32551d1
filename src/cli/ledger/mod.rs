//! `byline ledger ...`: titles, licences, reservations, disputes, and the whole ledger as lines or counts.

mod anchor;
mod dispute;
mod offer;
mod rights;
mod views;

use std::path::PathBuf;

use byline::app::request::LedgerChoice;
use byline::app::{App, Error};
use byline::base::Timestamp;
use byline::ledger::LeafIndex;
use byline::render::human;
use byline::report::title::TitleReport;
use clap::{Args, Subcommand};

use super::exit::Exit;
use super::ui::Ui;

/// What people do with titles. Part of `byline ledger`.
#[derive(Debug, Subcommand)]
pub(crate) enum TitleCommand {
    Offer(offer::OfferArgs),
    Accept(offer::AcceptArgs),
    Take(offer::TakeArgs),
    License(rights::LicenseArgs),
    Reserve(rights::ReserveArgs),
    #[command(subcommand)]
    Dispute(dispute::DisputeCommand),
    Redact(dispute::RedactArgs),
    Anchor(anchor::AnchorArgs),
    Export(views::ExportArgs),
    Stats(views::StatsArgs),
}

impl TitleCommand {
    /// Whether it writes the entries, with a flag of its own for a table.
    pub(super) const fn is_export(&self) -> bool {
        matches!(self, Self::Export(_))
    }

    /// Whether it compares pictures, a report with more formats than others.
    pub(crate) const fn is_drift(&self) -> bool {
        matches!(self, Self::Stats(args) if args.is_drift())
    }

    /// Whether it gives a date to what it signs or records.
    pub(crate) const fn dates(&self) -> bool {
        match self {
            Self::Accept(args) => !args.is_look(),
            Self::Export(_) | Self::Stats(_) => false,
            _ => true,
        }
    }
}

/// Which ledger, and which of your keys signs.
#[derive(Debug, Args)]
pub(super) struct Signing {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Your key, by its local name [default: the one called `default`, else the only one]
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
}

/// What is to be recorded, and where: in a ledger here, or by somebody who keeps it elsewhere.
#[derive(Debug, Args)]
pub(super) struct Recording {
    #[command(flatten)]
    signing: Signing,
    /// Where somebody else keeps the ledger and this is a copy of it: sign, and write a file that its keeper records with `byline ledger
    /// take FILE`; it must not exist
    #[arg(long, value_name = "FILE")]
    hand_over: Option<PathBuf>,
}

impl Recording {
    /// The ledger that is meant.
    fn ledger(&self) -> LedgerChoice {
        given(self.signing.ledger.as_ref(), self.hand_over.as_ref())
    }

    /// Whose key signs.
    fn key(&self) -> Option<String> {
        self.signing.key.clone()
    }
}

/// The ledger that is meant, where what is signed may go to its keeper.
pub(super) fn given(ledger: Option<&PathBuf>, hand_over: Option<&PathBuf>) -> LedgerChoice {
    match hand_over {
        Some(to) => LedgerChoice::Copy {
            file: ledger.cloned(),
            to: to.clone(),
        },
        None => choice(ledger),
    }
}

/// Does what was asked.
pub(crate) fn run(app: &App, command: &TitleCommand, ui: &mut Ui) -> Result<Exit, Error> {
    match command {
        TitleCommand::Offer(args) => offer::offer(app, args, ui),
        TitleCommand::Accept(args) => offer::accept(app, args, ui),
        TitleCommand::Take(args) => offer::take(app, args, ui),
        TitleCommand::License(args) => rights::license(app, args, ui),
        TitleCommand::Reserve(args) => rights::reserve(app, args, ui),
        TitleCommand::Dispute(command) => dispute::run(app, command, ui),
        TitleCommand::Anchor(args) => anchor::run(app, args, ui),
        TitleCommand::Redact(args) => dispute::redact(app, args, ui),
        TitleCommand::Export(args) => views::export(app, args, ui),
        TitleCommand::Stats(args) => views::stats(app, args, ui),
    }
}

fn choice(file: Option<&PathBuf>) -> LedgerChoice {
    file.map_or(LedgerChoice::Default, |file| LedgerChoice::File(file.clone()))
}

fn tell(report: &TitleReport, ui: &mut Ui) -> Exit {
    ui.report(report, human::title);
    Exit::Done
}

fn index(text: &str) -> Result<LeafIndex, String> {
    text.parse::<u64>()
        .map(LeafIndex)
        .map_err(|_| "wanted a leaf index, like 42".to_owned())
}

/// The last second of a day, or a time as it is.
fn until(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(&format!("{text}T23:59:59Z"))
        .or_else(|| Timestamp::parse_rfc3339(text))
        .ok_or_else(|| "wanted a day, like 2026-05-01, or RFC 3339, like 2026-05-01T10:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_with_its_last_second() {
        assert_eq!(until("2026-05-01").unwrap().rfc3339(), "2026-05-01T23:59:59Z");
        assert_eq!(
            until("2026-05-01T10:00:00Z").unwrap().rfc3339(),
            "2026-05-01T10:00:00Z"
        );
        assert!(until("tomorrow").is_err());
    }
}
