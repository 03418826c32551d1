//! `byline ledger witness`: who watches this log, and watching others' logs.

use std::path::PathBuf;

use byline::app::request::LedgerChoice;
use byline::app::witness::{self, AddRequest, RemoveRequest};
use byline::app::{App, Error};
use byline::ledger::cosignature::CosignerKey;
use byline::ledger::policy::Threshold;
use byline::render::human;
use clap::{Args, Subcommand};

use super::exit::Exit;
use super::ui::Ui;

/// Witnesses: others who cosign this log's checkpoints, so that it cannot show different people different histories
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  byline ledger witness add https://witness.example/prefix 'witness.example/w1+1a2b3c4d+BA...'
  byline ledger witness list
  byline ledger witness remove witness.example/w1
  byline ledger publish www/log                      asks them
  byline ledger witness serve --name studio.example/witness --log 'client.example+5e6f7a8b+AQ...'")]
pub(crate) enum WitnessCommand {
    Add(AddArgs),
    List(ListArgs),
    Remove(RemoveArgs),
    #[cfg(feature = "serve")]
    Serve(ServeArgs),
}

impl WitnessCommand {
    /// Whether it gives a date to what it signs.
    pub(super) const fn dates(&self) -> bool {
        match self {
            Self::Add(_) | Self::List(_) | Self::Remove(_) => false,
            #[cfg(feature = "serve")]
            Self::Serve(_) => true,
        }
    }
}

/// Have a witness cosign this ledger whenever it is published
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger witness add https://witness.example/prefix 'witness.example/w1+1a2b3c4d+BA...'
  byline ledger witness add http://192.168.1.5:7380 'client.example/w+1a2b3c4d+BA...' --private
  byline ledger witness add https://third.example/w 'third.example/w+1a2b3c4d+BA...' --quorum 2

Nothing is asked now: `byline ledger publish` does, and sends the checkpoint and hashes, never entries.
The witness must know this log too: give its operator the log key that `byline ledger show` prints.")]
pub(crate) struct AddArgs {
    /// Where it is asked: its submission prefix (c2sp.org/tlog-witness)
    #[arg(value_name = "URL")]
    url: String,
    /// Its verifier key
    #[arg(value_name = "KEY", value_parser = key)]
    key: CosignerKey,
    /// It is in a private network or on this machine, and may be asked by plain http
    #[arg(long)]
    private: bool,
    /// How many of all witnesses must have cosigned, for those whom you hand the policy: a number, `any` or `all` [default: as
    /// before; at first `any`]
    #[arg(long, value_name = "N|any|all", value_parser = threshold)]
    quorum: Option<Threshold>,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// List the witnesses of this ledger, and when they cosigned
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger witness list
  byline ledger witness list --format json | jq -r .policy    the policy file, to hand to others")]
pub(crate) struct ListArgs {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Show their keys too
    #[arg(long)]
    full: bool,
}

/// Ask a witness no more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger witness remove witness.example/w1
  byline ledger witness remove witness.example/w1 --quorum any

What it has cosigned stands. Exit codes: 3 there is no witness of that name.")]
pub(crate) struct RemoveArgs {
    /// The name of its key, as `byline ledger witness list` shows it
    #[arg(value_name = "NAME")]
    name: String,
    /// How many of the others must have cosigned: a number, `any` or `all` [default: as before]
    #[arg(long, value_name = "N|any|all", value_parser = threshold)]
    quorum: Option<Threshold>,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Be a witness of others' logs: cosign each checkpoint that follows from the last one, and no other
#[cfg(feature = "serve")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger witness serve --name studio.example/witness --log 'client.example+5e6f7a8b+AQ...'
  byline ledger witness serve --name w --listen 0.0.0.0:7380 --log KEY1 --log KEY2 --state /srv/witness

It speaks plain http (c2sp.org/tlog-witness): put a web server with TLS before it for the public internet.
Its state must never be put back to an older copy: what it cosigned, it must remember.")]
pub(crate) struct ServeArgs {
    /// The name of the witness in its cosignatures, like `studio.example/witness`
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A log to cosign, by its verifier key; may be given several times
    #[arg(long = "log", value_name = "KEY", value_parser = super::log::key, required = true)]
    logs: Vec<byline::ledger::VerifierKey>,
    /// The address to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7380")]
    listen: std::net::SocketAddr,
    /// The folder of its key and state [default: `witness` in the data folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// Reads a witness's key.
fn key(text: &str) -> Result<CosignerKey, String> {
    CosignerKey::parse(text).map_err(|error| {
        format!("{error}; wanted NAME+ID+KEY of type 0x04, as the witness's operator gives it")
    })
}

/// Reads a quorum.
fn threshold(text: &str) -> Result<Threshold, String> {
    match text {
        "all" => Ok(Threshold::All),
        "any" => Ok(Threshold::Any),
        number => {
            let number = number.parse::<usize>().ok().filter(|least| *least > 0);
            let number = number.ok_or("wanted a number from 1 on, `any` or `all`");
            Ok(Threshold::Least(number?))
        }
    }
}

fn named(file: Option<&PathBuf>) -> LedgerChoice {
    file.map_or(LedgerChoice::Default, |file| LedgerChoice::File(file.clone()))
}

/// Does what was asked.
pub(crate) fn run(app: &App, command: &WitnessCommand, ui: &mut Ui) -> Result<Exit, Error> {
    let report = match command {
        WitnessCommand::Add(args) => {
            let request = AddRequest {
                ledger: named(args.ledger.as_ref()),
                url: args.url.clone(),
                key: args.key.clone(),
                private: args.private,
                quorum: args.quorum,
            };
            witness::add(app, &request)?
        }
        WitnessCommand::Remove(args) => {
            let request = RemoveRequest {
                ledger: named(args.ledger.as_ref()),
                name: args.name.clone(),
                quorum: args.quorum,
            };
            witness::remove(app, &request)?
        }
        WitnessCommand::List(args) => {
            ui.show_full(args.full);
            witness::list(app, &named(args.ledger.as_ref()))?
        }
        #[cfg(feature = "serve")]
        WitnessCommand::Serve(args) => return serve(app, args, ui),
    };
    ui.report(&report, human::witness);
    Ok(Exit::Done)
}

#[cfg(feature = "serve")]
fn serve(app: &App, args: &ServeArgs, ui: &mut Ui) -> Result<Exit, Error> {
    use byline::app::Kind;
    use byline::app::witness::Serving;
    use byline::serve::{self, Listening};
    let serving = Serving {
        name: args.name.clone(),
        logs: args.logs.clone(),
        state: args.state.clone(),
    };
    let service = witness::open_service(app, &serving)?;
    let cannot = |error: std::io::Error| {
        Error::new(
            Kind::World,
            "serve.listen",
            format!("cannot listen at `{}`", args.listen),
        )
        .why(error.to_string())
        .fix("name another --listen address")
    };
    let listening = Listening::at(args.listen).map_err(cannot)?;
    let address = listening.address().map_err(cannot)?;
    ui.report(&service.report(&address.to_string()), human::serving);
    serve::witness(&service, listening).map_err(cannot)?;
    Ok(Exit::Done)
}
