//! `byline ledger anchor`.

use std::path::PathBuf;

use byline::app::title::{self, AnchorCheckpoint};
use byline::app::{App, Error};
use clap::Args;

use super::{Exit, Ui, choice, tell};

/// Record, as the log, that somebody outside vouches for the time of one of its checkpoints
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  openssl ts -query -data www/log/checkpoint -sha256 -cert -out q.tsq     then send q.tsq to a time-stamping authority
  byline ledger anchor www/log/checkpoint answer.tsr
  byline ledger anchor checkpoint.2026-05 checkpoint.2026-05.ots          after: ots stamp checkpoint.2026-05

The log gets the SHA-256 of the evidence and the size of the checkpoint; keep both files. That the evidence speaks of
this very file is checked, who signed it is not. Signed with the log's own key, so only where that key lies.")]
pub(crate) struct AnchorArgs {
    /// The file that was time-stamped: a checkpoint of this log, as published
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: PathBuf,
    /// An RFC 3161 time-stamp response or token, or an OpenTimestamps proof
    #[arg(value_name = "EVIDENCE")]
    evidence: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

pub(super) fn run(app: &App, args: &AnchorArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = AnchorCheckpoint {
        checkpoint: args.checkpoint.clone(),
        evidence: args.evidence.clone(),
        ledger: choice(args.ledger.as_ref()),
    };
    Ok(tell(&title::anchor(app, &request)?, ui))
}
