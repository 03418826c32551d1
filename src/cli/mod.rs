//! The command line: words in, a request out; a report in, characters and an exit code out. Sees the library as any
//! outsider does and decides nothing about pictures.

mod args;
mod batch;
mod env;
mod exit;
mod find;
mod key;
mod ledger;
mod log;
mod look;
mod pages;
mod passphrase;
#[cfg(feature = "postgres")]
mod server;
mod sign;
mod tour;
mod trust;
mod ui;
mod verify;
mod witness;
mod words;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Arc, Mutex, PoisonError};

use byline::app::{App, AsOf, Clock, Error, FixedClock, Kind, SystemClock, SystemEntropy};
use byline::render::escape;
use clap::Parser as _;

use self::args::{Cli, ColourWhen, Command, Format, Global, LedgerCommand};
use self::env::Env;
use self::exit::Exit;
use self::passphrase::Asker;
use self::ui::Ui;

/// Runs the command these words ask for and returns how it ended. Never panics: a bug becomes exit code 70.
pub(crate) fn main(words: Vec<OsString>) -> Exit {
    keep_freed_memory();
    let bug = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&bug);
    // The first panic is the cause; those of threads that wait for it follow. What is caught on its way is no bug.
    set_hook(Box::new(move |panic| {
        noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| panic.to_string());
    }));
    let env = Env::of_process();
    catch_unwind(AssertUnwindSafe(|| parse_and_run(words, &env))).unwrap_or_else(|_| {
        let cause = bug.lock().unwrap_or_else(PoisonError::into_inner).take();
        tell_bug(&env, &cause.unwrap_or_default());
        Exit::Bug
    })
}

/// Lets the C library keep freed buffers of up to 16 MiB for the next picture instead of giving each back to the kernel:
/// glibc takes the size of a freed large block as the size up to which it will do so (mallopt(3), `M_MMAP_THRESHOLD`). A
/// third of verifying a batch was clearing fresh pages. Costs nothing: the block is never touched.
fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
}

fn parse_and_run(words: Vec<OsString>, env: &Env) -> Exit {
    match Cli::try_parse_from(words) {
        Ok(cli) => run(&cli, env),
        Err(wrong) => tell_wrong(&wrong, env),
    }
}

/// Help and version are reports; anything else is a wrong command line. clap quotes the words as they came, so they are
/// escaped like any text of strangers: a shell pattern may have taken them from a folder.
fn tell_wrong(wrong: &clap::Error, env: &Env) -> Exit {
    let mut ui = Ui::new(&PLAIN, env);
    let text = escape::lines(&wrong.render().to_string());
    if wrong.use_stderr() {
        ui.talk(&text);
        return Exit::CommandLine;
    }
    ui.out(&text);
    if ui.lost() { Exit::World } else { Exit::Done }
}

fn tell_bug(env: &Env, cause: &str) {
    let ui = Ui::new(&PLAIN, env);
    ui.talk(&format!(
        "error: byline {} has a bug and stopped\n  why: {}\n  do:  report it with the command line and, if you may, the file; nothing half-written stays in place\n",
        env!("CARGO_PKG_VERSION"),
        escape::line(cause)
    ));
}

fn run(cli: &Cli, env: &Env) -> Exit {
    let mut ui = Ui::new(&cli.global, env);
    let exit = match dispatch(cli, env, &mut ui) {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error, None, false);
            Exit::from(&error)
        }
    };
    if ui.lost() { exit.max(Exit::World) } else { exit }
}

fn dispatch(cli: &Cli, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let app = || app(cli, env, ui);
    refuse_format(cli)?;
    refuse_at(cli)?;
    match &cli.command {
        Command::Tour(args) => tour::run(args, env, ui),
        Command::Sign(args) => sign::run(&app()?, args, ui),
        Command::Verify(args) => verify::run(&app()?, args, ui),
        Command::Compare(args) => look::compare(&app()?, args, ui),
        Command::Inspect(args) => look::inspect(&app()?, args, ui),
        Command::Find(args) => find::run(&app()?, args, env, ui),
        Command::Key(command) => key::run(&app()?, command, ui),
        Command::Trust(command) => trust::run(&app()?, command, ui),
        Command::Ledger(command) => look::ledger(&app()?, command, env, ui),
        Command::Audit(args) => look::audit(&app()?, args, ui),
        Command::Explain(args) => pages::explain(args, ui),
        Command::Schema(args) => pages::schemas(args, ui),
        Command::Completions(args) => Ok(pages::completions(args, ui)),
        Command::Man(args) => pages::man(args, ui),
    }
}

/// A format that the command does not have, before any work is done.
fn refuse_format(cli: &Cli) -> Result<(), Error> {
    let is_drift =
        matches!(&cli.command, Command::Ledger(LedgerCommand::Title(command)) if command.is_drift());
    let has = match cli.global.format {
        Format::Human | Format::Json => true,
        Format::Html => is_drift || matches!(cli.command, Command::Audit(_) | Command::Verify(_)),
        Format::Csv => is_drift || matches!(cli.command, Command::Verify(_)),
        Format::Junit | Format::Crjson => matches!(cli.command, Command::Verify(_)),
    };
    if has {
        return Ok(());
    }
    let (code, name) = match cli.global.format {
        Format::Html => ("format.html", "HTML"),
        Format::Junit => ("format.junit", "JUnit XML"),
        Format::Crjson => ("format.crjson", "crJSON"),
        _ => ("format.csv", "CSV"),
    };
    let what = format!("this command has no report in {name}");
    let is_export =
        matches!(&cli.command, Command::Ledger(LedgerCommand::Title(command)) if command.is_export());
    let fix = match cli.global.format {
        Format::Csv if is_export => "use --csv",
        _ => "use --format human or json",
    };
    Err(Error::new(Kind::Request, code, what).fix(fix))
}

/// Another time than now, where something gets a date that others rely on: a ledger dated ahead takes no entry until then.
fn refuse_at(cli: &Cli) -> Result<(), Error> {
    if cli.global.at.is_none() || !cli.command.dates() {
        return Ok(());
    }
    let what = "`--at` is not for a command that signs or records";
    Err(Error::new(Kind::Request, "at.writes", what)
        .why("what it signs or records bears the time at which that was done")
        .fix("leave --at out; it is for those that only look, as `byline verify` and `byline audit` do"))
}

/// What every deed is given: folders, clock, randomness, passphrases, progress.
fn app(cli: &Cli, env: &Env, ui: &Ui) -> Result<App, Error> {
    let set = env.clock()?;
    let clock: Box<dyn Clock> = match (cli.global.at, set) {
        (Some(time), _) => Box::new(AsOf(time)),
        (None, Some(time)) => Box::new(FixedClock(time)),
        (None, None) => Box::new(SystemClock),
    };
    Ok(App {
        dirs: env.dirs(cli.global.home.clone())?,
        clock,
        entropy: Box::new(SystemEntropy),
        passphrases: Box::new(Asker::new(cli.global.passphrase_fd, env)),
        progress: ui.progress(),
    })
}

/// As many as asked for, else as many as there are cores.
fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.unwrap_or_else(byline::app::batch::cores)
}

/// For what is said before the command line is understood.
const PLAIN: Global = Global {
    home: None,
    format: Format::Human,
    quiet: false,
    color: ColourWhen::Auto,
    passphrase_fd: None,
    at: None,
};
