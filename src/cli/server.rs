//! `--postgres` and `byline ledger index`: codes on a server. Feature `postgres`; nothing here connects without that flag.

use std::path::PathBuf;

use byline::app::engine::{self, Password, Server};
use byline::app::request::LedgerChoice;
use byline::app::{App, Error};
use byline::render::human;
use clap::Args;

use super::env::{Env, Postgres};
use super::exit::Exit;
use super::ui::Ui;

/// A server, if one is asked.
#[derive(Debug, Args)]
pub(crate) struct ServerFlags {
    /// Ask this PostgreSQL server for near codes, which `ledger index` put there: `host=/run/postgresql dbname=byline`, or a
    /// URL; what it leaves out is taken from PGHOST, PGPORT, PGUSER and PGDATABASE, the password from PGPASSWORD or
    /// PGPASSFILE. The connection is not encrypted
    #[arg(long, value_name = "CONNECTION", conflicts_with = "uniqueness")]
    postgres: Option<String>,
    /// The table of codes there
    #[arg(long, value_name = "NAME", default_value = TABLE, requires = "postgres")]
    postgres_table: String,
}

impl ServerFlags {
    /// The server meant.
    pub(crate) fn server(&self, env: &Env) -> Option<Server> {
        let connection = self.postgres.as_ref()?;
        Some(server(connection, &self.postgres_table, env))
    }
}

/// Put the codes of a ledger into a PostgreSQL server, for `find --postgres`: all, or those that came since
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger index --postgres 'host=/run/postgresql dbname=byline'
  PGPASSFILE=~/.pgpass byline ledger index --postgres postgresql://ada@db.example/byline --ledger studio.ledger

It makes the table NAME and, beside it, NAME_pictures and NAME_ledger; the server needs no extension. A run that is
interrupted is continued by the next. The server learns what the ledger's fingerprints tell of its pictures. It is
believed only to hide pictures: what it finds is read from the ledger and compared again.")]
pub(crate) struct IndexArgs {
    /// The server: `host=/run/postgresql dbname=byline`, or a URL, without a password; what it leaves out is taken from PGHOST,
    /// PGPORT, PGUSER and PGDATABASE, the password from PGPASSWORD or PGPASSFILE. The connection is not encrypted
    #[arg(long, value_name = "CONNECTION", required = true)]
    postgres: String,
    /// The table
    #[arg(long, value_name = "NAME", default_value = TABLE)]
    postgres_table: String,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Fills the table.
pub(crate) fn index(app: &App, args: &IndexArgs, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let ledger = args.ledger.clone();
    let choice = ledger.map_or(LedgerChoice::Default, LedgerChoice::File);
    let server = server(&args.postgres, &args.postgres_table, env);
    let report = engine::index(app, &choice, &server)?;
    ui.report(&report, human::ledger);
    Ok(Exit::Done)
}

fn server(connection: &str, table: &str, env: &Env) -> Server {
    let Postgres {
        host,
        port,
        user,
        database,
        password,
        password_file,
    } = env.postgres.clone();
    let home = env.home.as_ref().map(|home| home.join(".pgpass"));
    let file = password_file.or(home);
    Server {
        connection: connection.to_owned(),
        table: table.to_owned(),
        host,
        port: port.and_then(|port| port.parse().ok()),
        user,
        database,
        password: match (password, file) {
            (Some(password), _) => Password::Given(password),
            (None, Some(file)) => Password::File(file),
            (None, None) => Password::None,
        },
    }
}

const TABLE: &str = "byline_codes";
