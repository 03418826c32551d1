//! `byline trust`: whom one knows.

use std::path::PathBuf;

use byline::app::trust::lists::ImportList;
use byline::app::trust::{AddFromPicture, AddTrust};
use byline::app::{App, Error, trust};
use byline::base::{Digest, Timestamp};
use byline::keys::ListKind;
use byline::render::human;
use byline::report::trust::TrustReport;
use clap::{Args, Subcommand, ValueEnum};

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
  byline trust remove alice
  byline trust import C2PA-TRUST-LIST.pem            a newer trust list than the shipped one")]
pub(crate) enum TrustCommand {
    Add(AddArgs),
    /// List everybody you know, with fingerprints, and the trust lists that count, with their days
    #[command(after_help = "\
Examples:
  byline trust list
  byline trust list --format json | jq -r '.entries[].name'")]
    List,
    Remove(RemoveArgs),
    Import(ImportArgs),
}

/// Bring a newer trust list in the place of one that ships with byline, or go back to that
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline trust import C2PA-TRUST-LIST.pem --dated 2026-11-01
  byline trust import C2PA-TSA-TRUST-LIST.pem --as tsa
  byline trust import --reset --as tsa               the shipped time-stamp list counts again
  byline trust import --reset                        all shipped lists count again

A list says whom others vouch for; it is kept and shown apart from whom you know. Get it from its keeper, over https.")]
pub(crate) struct ImportArgs {
    /// Certificates in PEM, as the list's keeper publishes them; a file, a pipe, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "reset")]
    file: Option<PathBuf>,
    /// Which list it is [default: c2pa; with --reset: all]
    #[arg(long = "as", value_enum, value_name = "LIST")]
    kind: Option<List>,
    /// Of what day the list is [default: today]
    #[arg(long, value_name = "DAY", value_parser = super::args::time, conflicts_with = "reset")]
    dated: Option<Timestamp>,
    /// Give up imported lists for those that ship with byline
    #[arg(long, conflicts_with = "file")]
    reset: bool,
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum List {
    /// C2PA trust list: authorities that certify signers
    C2pa,
    /// C2PA time-stamp list: authorities that certify time-stamping authorities
    Tsa,
    /// Interim list: authorities
    Interim,
    /// Interim list: signers' own certificates
    InterimLeaves,
}

impl From<List> for ListKind {
    fn from(list: List) -> Self {
        match list {
            List::C2pa => Self::C2pa,
            List::Tsa => Self::Tsa,
            List::Interim => Self::Interim,
            List::InterimLeaves => Self::InterimLeaves,
        }
    }
}

/// Add a creator's public file, or certificates in PEM
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline trust add alice.byline-key
  byline trust add alice.byline-key --name alice     under the name you know her by
  curl https://alice.example/key | byline trust add - --name alice
  byline trust add --from photo.jpg                  which certificates are in it; adds none
  byline trust add --from photo.jpg --sha256 FINGERPRINT --name agency
  byline trust add --from photo.jpg --timestamps --sha256 FINGERPRINT  an authority of its timestamp, for time alone

Anybody can make a file with any name in it: compare the key id with its holder, in person or by telephone.")]
pub(crate) struct AddArgs {
    /// The file, a pipe, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "from")]
    file: Option<PathBuf>,
    /// Take the certificate out of this signed picture, of whatever product: the one with the fingerprint of --sha256
    #[arg(long, value_name = "PICTURE", conflicts_with = "file")]
    from: Option<PathBuf>,
    /// The SHA-256 of the certificate as its holder gave it, over another way than the picture came
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint, requires = "from")]
    sha256: Option<Digest>,
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
        TrustCommand::Add(args) => add(app, args)?,
        TrustCommand::List => trust::list(app)?,
        TrustCommand::Remove(args) => trust::remove(app, &args.name)?,
        TrustCommand::Import(args) => import(app, args)?,
    };
    ui.report(&report, human::trust);
    Ok(Exit::Done)
}

fn add(app: &App, args: &AddArgs) -> Result<TrustReport, Error> {
    let name = args.name.clone();
    let timestamps = args.timestamps;
    if let Some(picture) = args.from.clone() {
        let sha256 = args.sha256;
        return trust::add_from(
            app,
            &AddFromPicture {
                picture,
                sha256,
                name,
                timestamps,
            },
        );
    }
    let file = args.file.clone().unwrap_or_default();
    trust::add(
        app,
        &AddTrust {
            file,
            name,
            timestamps,
        },
    )
}

/// Fingerprints are written in either case, with colons or spaces between bytes or without.
fn fingerprint(text: &str) -> Result<Digest, String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    Digest::parse_hex(&plain.to_ascii_lowercase())
        .ok_or_else(|| "a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons".to_owned())
}

fn import(app: &App, args: &ImportArgs) -> Result<TrustReport, Error> {
    let kind = args.kind.map(ListKind::from);
    match &args.file {
        Some(file) => {
            let request = ImportList {
                file: file.clone(),
                kind: kind.unwrap_or(ListKind::C2pa),
                dated: args.dated,
            };
            trust::lists::import(app, &request)
        }
        None => trust::lists::reset(app, kind),
    }
}
