//! `byline compare`, `inspect`, `ledger`, `audit`: what looks and changes no picture.

use byline::app::request::{AuditRequest, AuditTarget, CompareRequest, InitRequest, LedgerChoice, Since};
use byline::app::{App, Error};
use byline::render::{html, human};

use super::args::{
    AuditArgs, CompareArgs, Format, HistoryArgs, InitArgs, InspectArgs, LedgerCommand, LedgerFlags, ShowArgs,
};
use super::env::Env;
use super::exit::Exit;
use super::log;
use super::ui::Ui;

impl LedgerFlags {
    /// The ledger meant.
    pub(crate) fn choice(&self) -> LedgerChoice {
        match &self.ledger {
            Some(file) => LedgerChoice::File(file.clone()),
            None if self.no_ledger => LedgerChoice::None,
            None => LedgerChoice::Default,
        }
    }
}

/// Compares two pictures.
pub(crate) fn compare(app: &App, args: &CompareArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = CompareRequest {
        a: args.a.clone(),
        b: args.b.clone(),
        heatmap: args.heatmap.clone(),
    };
    let report = byline::app::compare::compare(app, &request)?;
    ui.show_full(args.full);
    let exit = report.ending().into();
    ui.report(&report, human::compare);
    Ok(exit)
}

/// Shows all that a file says.
pub(crate) fn inspect(app: &App, args: &InspectArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = byline::app::inspect::inspect(app, &args.image, args.manifest.as_deref())?;
    ui.show_full(args.full);
    ui.report(&report, human::inspect);
    Ok(Exit::Done)
}

/// Makes a ledger, or shows one.
#[cfg_attr(
    not(feature = "postgres"),
    expect(unused_variables, reason = "only a server is named by the environment")
)]
pub(crate) fn ledger(app: &App, command: &LedgerCommand, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match command {
        LedgerCommand::Init(args) => init(app, args, ui),
        LedgerCommand::Show(args) => show(app, args, ui),
        LedgerCommand::History(args) => history(app, args, ui),
        LedgerCommand::Prove(args) => log::prove(app, args, ui),
        LedgerCommand::CheckProof(args) => log::check_proof(app, args, ui),
        LedgerCommand::Root(args) => log::root(app, args, ui),
        LedgerCommand::Consistency(args) => log::consistency(app, args, ui),
        LedgerCommand::Publish(args) => log::publish(app, args, ui),
        #[cfg(feature = "postgres")]
        LedgerCommand::Index(args) => super::server::index(app, args, env, ui),
        LedgerCommand::Title(command) => super::ledger::run(app, command, ui),
        LedgerCommand::Witness(command) => super::witness::run(app, command, ui),
    }
}

fn init(app: &App, args: &InitArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = InitRequest {
        path: args.path.clone(),
        origin: args.origin.clone(),
        private: args.private,
        deep: args.deep,
        arbiters: args.arbiter.clone(),
    };
    let report = byline::app::ledger::init(app, &request)?;
    ui.report(&report, human::ledger);
    Ok(Exit::Done)
}

fn show(app: &App, args: &ShowArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = byline::app::ledger::show(app, &named(args.ledger.as_ref()), args.from, args.count)?;
    ui.show_full(args.full);
    ui.report(&report, human::ledger);
    Ok(Exit::Done)
}

fn history(app: &App, args: &HistoryArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = byline::app::title::history(app, &named(args.ledger.as_ref()), &args.what, args.as_of)?;
    ui.show_full(args.full);
    let exit = if report.entries.is_empty() {
        Exit::NotEnough
    } else {
        Exit::Done
    };
    ui.report(&report, human::history);
    Ok(exit)
}

fn named(file: Option<&std::path::PathBuf>) -> LedgerChoice {
    file.map_or(LedgerChoice::Default, |file| LedgerChoice::File(file.clone()))
}

/// Audits a ledger.
pub(crate) fn audit(app: &App, args: &AuditArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = AuditRequest {
        target: target(args),
        log_key: args.log_key.clone(),
        since: args.since.clone().map(|since| match since.to_str() {
            Some("last") => Since::Last,
            _ => Since::File(since),
        }),
        policy: args.policy.clone(),
        strict: args.strict,
        no_state: args.no_state,
        similarity: args.similarity || ui.format() == Format::Html,
        jobs: super::jobs(args.jobs),
    };
    let report = byline::app::audit::audit(app, &request)?;
    ui.show_full(args.full);
    let exit = report.ending().into();
    ui.page(&report, human::audit, Some(html::audit));
    Ok(exit)
}

/// What looks like an address is one; a file of that name can be given as `./https:...`.
fn target(args: &AuditArgs) -> AuditTarget {
    let url = args.ledger.to_str();
    match url.filter(|text| text.starts_with("https://") || text.starts_with("http://")) {
        Some(url) => AuditTarget::Url {
            url: url.to_owned(),
            private: args.private,
        },
        None => AuditTarget::Path(args.ledger.clone()),
    }
}
