//! `byline trust`: whom one knows.

use std::path::PathBuf;

use byline::app::trust::AddTrust;
use byline::app::{App, Error, trust};
use byline::render::human;
use clap::{Args, Subcommand};

use super::exit::Exit;
use super::ui::Ui;

/// Say whom you know: creators by their public files, authorities by their certificates
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  byline trust add alice.byline-key                  a creator, from `byline key export --public`
  byline trust add studio-root.pem --name studio     an authority: all it certifies is shown as `studio`
  byline trust add tsa-root.pem --name tsa --timestamps  an authority whose timestamps you believe
  byline trust list
  byline trust remove alice")]
pub(crate) enum TrustCommand {
    Add(AddArgs),
    /// List everybody you know, with fingerprints
    #[command(after_help = "\
Examples:
  byline trust list
  byline trust list --format json | jq -r '.entries[].name'")]
    List,
    Remove(RemoveArgs),
}

/// Add a creator's public file, or certificates in PEM
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline trust add alice.byline-key
  byline trust add alice.byline-key --name alice     under the name you know her by
  curl https://alice.example/key | byline trust add - --name alice

Anybody can make a file with any name in it: compare the key id with its holder, in person or by telephone.")]
pub(crate) struct AddArgs {
    /// The file, a pipe, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What you call it [default: made from the file]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Believe its timestamps (RFC 3161), and nothing else it certifies
    #[arg(long)]
    timestamps: bool,
}

/// Remove somebody; pictures signed by them become UNKNOWN ISSUER
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  byline trust remove alice")]
pub(crate) struct RemoveArgs {
    /// What you call it
    #[arg(value_name = "NAME")]
    name: String,
}

/// Does what was asked.
pub(crate) fn run(app: &App, command: &TrustCommand, ui: &mut Ui) -> Result<Exit, Error> {
    let report = match command {
        TrustCommand::Add(args) => trust::add(
            app,
            &AddTrust {
                file: args.file.clone(),
                name: args.name.clone(),
                timestamps: args.timestamps,
            },
        )?,
        TrustCommand::List => trust::list(app)?,
        TrustCommand::Remove(args) => trust::remove(app, &args.name)?,
    };
    ui.report(&report, human::trust);
    Ok(Exit::Done)
}
