//! `byline ledger dispute` and `redact`.

use std::path::PathBuf;

use byline::app::title::{self, AnswerDispute, CloseDispute, OpenDispute, RedactEntry};
use byline::app::{App, Error};
use byline::ledger::LeafIndex;
use byline::ledger::body::{Ground, Outcome, RedactGround, Stance};
use clap::{Args, Subcommand};

use super::{Exit, Recording, Ui, choice, index, tell};

/// Contest an entry, answer, or end a dispute; nothing is blocked, all of it is shown
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  byline ledger dispute open 42 --ground first-registration --evidence layers.zip
  byline ledger dispute answer 57 --deny
  byline ledger dispute close 57 --outcome withdrawn")]
pub(crate) enum DisputeCommand {
    Open(OpenArgs),
    Answer(AnswerArgs),
    Close(CloseArgs),
}

/// Contest an entry
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger dispute open 42 --ground first-registration --evidence layers.zip
  byline ledger dispute open 42 --ground title --recovery ada.recovery    your key may be in other hands

Of the evidence the log gets the SHA-256 alone: keep the file.
Exit codes: 1 the ledger refuses it and names the rule, 4 file or key.")]
pub(crate) struct OpenArgs {
    /// Leaf index of the entry that is contested
    #[arg(value_name = "INDEX", value_parser = index)]
    entry: LeafIndex,
    /// What is contested: first-registration, authorship, title, licence, ai-or-human, other
    #[arg(long, value_name = "WORD", value_parser = ground)]
    ground: Ground,
    /// A file whose SHA-256 is recorded
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Sign with this recovery key, in the name of the identity it belongs to
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    recovery: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

/// Answer a dispute
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("stance").required(true).multiple(false),
    after_help = "\
Examples:
  byline ledger dispute answer 57 --deny --evidence first-sketch.png
  byline ledger dispute answer 57 --concede"
)]
pub(crate) struct AnswerArgs {
    /// Leaf index of the dispute
    #[arg(value_name = "INDEX", value_parser = index)]
    dispute: LeafIndex,
    /// The entry stands
    #[arg(long, group = "stance")]
    deny: bool,
    /// The other side is right
    #[arg(long, group = "stance")]
    concede: bool,
    /// A file whose SHA-256 is recorded
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

/// End a dispute
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger dispute close 57 --outcome withdrawn       by whoever opened it
  byline ledger dispute close 57 --outcome upheld          by an arbiter whom the ledger names")]
pub(crate) struct CloseArgs {
    /// Leaf index of the dispute
    #[arg(value_name = "INDEX", value_parser = index)]
    dispute: LeafIndex,
    /// How it ends: withdrawn, settled, upheld, rejected
    #[arg(long, value_name = "WORD", value_parser = outcome)]
    outcome: Outcome,
    /// A file whose SHA-256 is recorded
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

/// Say, as the log, that the body of an entry may be dropped
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger redact 42 --ground erasure
  byline ledger redact 42 --ground order --ledger studio.ledger

Signed with the log's own key, so only where that key lies. The leaf hash stays, and every proof with it.
Nothing is erased: the ledger, and all that is published, proved or exported from it, hold the body still. The entry is
marked as redacted wherever it is shown.")]
pub(crate) struct RedactArgs {
    /// Leaf index of the entry
    #[arg(value_name = "INDEX", value_parser = index)]
    index: LeafIndex,
    /// Why: erasure, order, policy
    #[arg(long, value_name = "WORD", value_parser = redaction)]
    ground: RedactGround,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

pub(super) fn run(app: &App, command: &DisputeCommand, ui: &mut Ui) -> Result<Exit, Error> {
    let report = match command {
        DisputeCommand::Open(args) => title::open(
            app,
            &OpenDispute {
                entry: args.entry,
                ground: args.ground,
                evidence: args.evidence.clone(),
                recovery: args.recovery.clone(),
                key: args.recording.key(),
                ledger: args.recording.ledger(),
            },
        )?,
        DisputeCommand::Answer(args) => title::answer(
            app,
            &AnswerDispute {
                dispute: args.dispute,
                stance: if args.concede {
                    Stance::Conceded
                } else {
                    Stance::Denied
                },
                evidence: args.evidence.clone(),
                key: args.recording.key(),
                ledger: args.recording.ledger(),
            },
        )?,
        DisputeCommand::Close(args) => title::close(
            app,
            &CloseDispute {
                dispute: args.dispute,
                outcome: args.outcome,
                evidence: args.evidence.clone(),
                key: args.recording.key(),
                ledger: args.recording.ledger(),
            },
        )?,
    };
    Ok(tell(&report, ui))
}

pub(super) fn redact(app: &App, args: &RedactArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = RedactEntry {
        index: args.index,
        ground: args.ground,
        ledger: choice(args.ledger.as_ref()),
    };
    let report = title::redact(app, &request)?;
    Ok(tell(&report, ui))
}

fn ground(text: &str) -> Result<Ground, String> {
    Ground::from_word(text).ok_or_else(|| one_of(Ground::ALL.iter().map(|one| one.word())))
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::from_word(text).ok_or_else(|| one_of(Outcome::ALL.iter().map(|one| one.word())))
}

fn redaction(text: &str) -> Result<RedactGround, String> {
    RedactGround::from_word(text).ok_or_else(|| one_of(RedactGround::ALL.iter().map(|one| one.word())))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("wanted one of {}", words.collect::<Vec<_>>().join(", "))
}
