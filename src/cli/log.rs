//! `byline ledger prove`, `check-proof`, `root`, `consistency`, `publish`: what leaves a ledger for others.

use std::path::PathBuf;

use byline::app::proof::{self, CheckRequest, ConsistencyCheck, ConsistencyRequest, ProveRequest, Whom};
use byline::app::publish::{self, PublishRequest};
use byline::app::request::LedgerChoice;
use byline::app::{App, Error};
use byline::ledger::VerifierKey;
use byline::render::human;
use clap::Args;

use super::exit::Exit;
use super::ui::Ui;

/// Write a proof that a picture is recorded, which anybody can check without this ledger and without a network
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger prove art.signed.png                 writes art.signed.png.tlog-proof
  byline ledger prove 42 -o entry.tlog-proof         by leaf index, asset id (UUID) or SHA-256
  byline ledger prove art.signed.png --cose art.cose the entry with a COSE receipt too
  byline ledger prove art.signed.png --embed art.png the picture with its receipt inside
  byline ledger prove art.signed.png --state         who holds it as of the last signed state: art.signed.png.state-proof
  byline ledger prove other.png --state              that it is not registered here, as of then

Give others the proof file and, by another way, the log's key: `byline ledger show` prints it.
They check it with: byline ledger check-proof FILE IMAGE --log KEY

What a proof proves: that the log of this key holds this entry. Not that nothing later contradicts it. A state proof
shows what stood, or that nothing did, as of a size that the log signed the state of: `byline ledger root`.")]
pub(crate) struct ProveArgs {
    /// A picture, a leaf index, an asset id (UUID) or a SHA-256 in hexadecimal
    #[arg(value_name = "IMAGE|INDEX|ASSET-ID")]
    what: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// The proof file [default: IMAGE.tlog-proof, or entry-INDEX.tlog-proof]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the entry with a COSE receipt (RFC 9942) here too; needs the log's own key
    #[arg(long, value_name = "FILE")]
    cose: Option<PathBuf>,
    /// Prove what stands as of the last signed state instead: who holds the picture, or that it is not registered
    #[arg(long, conflicts_with_all = ["cose", "embed"])]
    state: bool,
    /// Write the picture with the receipt in it here too (an update manifest with a c2pa.repository-receipt, signed with
    /// your key, which must be the one that signed the picture); JPEG and PNG
    #[arg(long, value_name = "FILE")]
    embed: Option<PathBuf>,
    /// Your key for --embed, by its local name [default: the one called `default`, else the only one]
    #[arg(long, value_name = "NAME", requires = "embed")]
    key: Option<String>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// Show the root hash and fingerprints too
    #[arg(long)]
    full: bool,
}

impl ProveArgs {
    /// Whether something is signed beside what stands in the ledger.
    pub(super) const fn signs(&self) -> bool {
        self.cose.is_some() || self.embed.is_some()
    }
}

/// Sign the state of the ledger into its log: who holds what, as one hash, for `prove --state`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger root                                 after what was recorded since
  byline ledger root --ledger studio.ledger

Replays the whole ledger and checks every signature. Needs the log's own key. Ten million registrations take about 250 MiB of
memory; the rest of the state goes into a temporary folder.")]
pub(crate) struct RootArgs {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Check a proof file, state proof or COSE receipt, and that a picture is the one it is about
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger check-proof art.png.tlog-proof art.png --log 'studio.example+1a2b3c4d+AQ...'
  byline ledger check-proof art.png.tlog-proof --policy studio.policy
  byline ledger check-proof art.png.tlog-proof art.png --ledger studio.ledger

With --ledger the history is compared too: a ledger that was rewritten or put back is found out by any proof it gave.
A policy (c2sp.org/tlog-policy) names logs and how many witnesses must have cosigned.

What a proof proves: that the log of this key holds this entry, and that the key of the entry signed it. It does not
prove that nobody had the picture before, that the signer holds rights, or that nothing later contradicts it.

Exit codes: 0 recorded, or not registered where that is what it proves, 1 contradicted, 3 something is open, 4 a file could not be read.")]
pub(crate) struct CheckProofArgs {
    /// The proof file, state proof, or entry with its COSE receipt
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The picture it should be about
    #[arg(value_name = "IMAGE")]
    image: Option<PathBuf>,
    /// The log's verifier key, known from elsewhere
    #[arg(long, alias = "log-key", value_name = "KEY", value_parser = key, conflicts_with = "ledger")]
    log: Option<VerifierKey>,
    /// The ledger whose log is meant and whose history is compared [default: the default ledger, without --log and --policy]
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Policy file: logs, witnesses, quorum (c2sp.org/tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Show the root hash and fingerprints too
    #[arg(long)]
    full: bool,
}

/// Prove that one state of a ledger is the beginning of another
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger consistency 100 250                  by tree size
  byline ledger consistency checkpoint.2026-05 1200 --ledger studio.ledger
  byline ledger consistency art.png.tlog-proof 1200  by a proof file somebody kept
  byline ledger consistency OLD NEW -o from-to.proof  for who has both checkpoints and no ledger
  byline ledger consistency OLD NEW --proof from-to.proof --log 'studio.example+1a2b3c4d+AQ...'

A checkpoint or proof of a history that the ledger no longer has is exit code 1: the log has shown two histories.")]
pub(crate) struct ConsistencyArgs {
    /// The older state: a tree size, or a file with a checkpoint or a proof
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer state
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Write the proof here
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long)]
    force: bool,
    /// Check this proof instead, without any ledger; OLD and NEW are then files, and --log says whose
    #[arg(long, value_name = "FILE", requires = "log", conflicts_with_all = ["ledger", "output"])]
    proof: Option<PathBuf>,
    /// The log's verifier key, known from elsewhere
    #[arg(long, alias = "log-key", value_name = "KEY", value_parser = key, requires = "proof")]
    log: Option<VerifierKey>,
}

/// Write the ledger as static files for any web server: tiles, bundles of entries, checkpoint (c2sp.org/tlog-tiles)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger publish www/log                      again after each change: only what is new is written
  byline ledger publish /srv/log --ledger studio.ledger
  byline audit www/log                               what readers can check
  byline ledger publish --mend www/log               when that names a file that is missing or was changed

The log's witnesses are asked to cosign first; one that does not is named, and the exit code is 3, but the log is published.
Interrupted, run it again. A directory that holds another log, another history or more entries is refused.")]
pub(crate) struct PublishArgs {
    /// The directory; made when it is absent
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Compare what was published before with the ledger too, and replace what differs or is missing
    #[arg(long)]
    mend: bool,
    /// Do not ask the log's witnesses (`byline ledger witness`); without any, nothing uses the network
    #[arg(long)]
    no_witnesses: bool,
    /// Show the keys of witnesses too
    #[arg(long)]
    full: bool,
}

/// Flags of `verify` for a proof file.
#[derive(Debug, Args)]
pub(crate) struct ProofFlags {
    /// A proof file of this one picture (`byline ledger prove`)
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// The verifier key of the log that the proof, or a receipt in a picture, is from, known from elsewhere [default: the ledger's]
    #[arg(long, alias = "log", value_name = "KEY", value_parser = key)]
    log_key: Option<VerifierKey>,
    /// Policy file for proofs and receipts: logs, witnesses, quorum (c2sp.org/tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl ProofFlags {
    /// The proof file.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.proof.clone()
    }

    /// Who is believed for proofs; the log of a named ledger where no key is given.
    pub(crate) fn whom(&self, ledger: Option<&PathBuf>) -> Option<Whom> {
        let is_said = self.proof.is_some() || self.log_key.is_some() || self.policy.is_some();
        let by_ledger = self.log_key.is_none();
        is_said.then(|| Whom {
            log: self.log_key.clone(),
            ledger: ledger.filter(|_| by_ledger).cloned(),
            policy: self.policy.clone(),
        })
    }
}

/// Reads a verifier key.
pub(crate) fn key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).map_err(|error| {
        format!("{error}; wanted NAME+ID+KEY, as `byline ledger show` prints it after `Log key`")
    })
}

fn named(file: Option<&PathBuf>) -> LedgerChoice {
    file.map_or(LedgerChoice::Default, |file| LedgerChoice::File(file.clone()))
}

/// Makes a proof.
pub(crate) fn prove(app: &App, args: &ProveArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = ProveRequest {
        what: args.what.clone(),
        ledger: named(args.ledger.as_ref()),
        output: args.output.clone(),
        cose: args.cose.clone(),
        embed: args.embed.clone(),
        identity: args.key.clone(),
        overwrite: args.force,
    };
    let report = if args.state {
        proof::prove_state(app, &request)?
    } else {
        proof::prove(app, &request)?
    };
    ui.show_full(args.full);
    let exit = report.ending().into();
    ui.report(&report, human::proof);
    Ok(exit)
}

/// Signs the state of a ledger.
pub(crate) fn root(app: &App, args: &RootArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = proof::root(app, &named(args.ledger.as_ref()))?;
    ui.report(&report, human::title);
    Ok(Exit::Done)
}

/// Checks a proof.
pub(crate) fn check_proof(app: &App, args: &CheckProofArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = CheckRequest {
        file: args.file.clone(),
        image: args.image.clone(),
        whom: Whom {
            log: args.log.clone(),
            ledger: args.ledger.clone(),
            policy: args.policy.clone(),
        },
    };
    let report = proof::check(app, &request)?;
    ui.show_full(args.full);
    let exit = report.ending().into();
    ui.report(&report, human::proof);
    Ok(exit)
}

/// Compares two states of a log.
pub(crate) fn consistency(app: &App, args: &ConsistencyArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let (old, new) = (args.old.clone(), args.new.clone());
    let report = if let (Some(proof), Some(log)) = (args.proof.clone(), args.log.clone()) {
        proof::check_consistency(&ConsistencyCheck { proof, log, old, new })?
    } else {
        let request = ConsistencyRequest {
            old,
            new,
            ledger: named(args.ledger.as_ref()),
            output: args.output.clone(),
            overwrite: args.force,
        };
        proof::consistency(app, &request)?
    };
    let exit = report.ending().into();
    ui.report(&report, human::consistency);
    Ok(exit)
}

/// Publishes a ledger.
pub(crate) fn publish(app: &App, args: &PublishArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = PublishRequest {
        ledger: named(args.ledger.as_ref()),
        directory: args.directory.clone(),
        mend: args.mend,
        witnesses: !args.no_witnesses,
    };
    let report = publish::publish(app, &request)?;
    ui.show_full(args.full);
    let exit = report.ending().into();
    ui.report(&report, human::publish);
    Ok(exit)
}
