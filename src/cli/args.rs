//! The command line as clap sees it: words and help, no work, no files, no environment.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use byline::app::title::AsOf;
use byline::base::Timestamp;
use byline::ledger::{TreeSize, VerifierKey};
use byline::report::verify::Requirement;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::key::KeyCommand;
use super::ledger::TitleCommand;
use super::log::{CheckProofArgs, ConsistencyArgs, ProofFlags, ProveArgs, PublishArgs, RootArgs};
use super::sign::SignArgs;
use super::trust::TrustCommand;
use super::witness::WitnessCommand;

/// Signs, registers, verifies and audits the provenance and copyright of images.
#[derive(Debug, Parser)]
#[command(
    name = "byline",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  byline tour                                        a first walk, in a folder of its own
  byline key new --as \"Alice\"                        a key to sign with
  byline sign art.png --source ai --by \"Alice\"       sign and register a picture
  byline verify art.signed.png                       what can be believed of it
  byline inspect art.signed.png                      all that it says about itself
  byline find copy.jpg                               which registered picture looks like it
  byline compare art.png received.jpg                is it the same picture, and where not

Exit codes:
  0  done, or the verdict meets --require
  1  the evidence contradicts the claim: changed, revoked, rewritten ledger
  2  wrong command line
  3  not enough evidence: no credentials, unknown issuer, not registered
  4  the world failed: file, key, lock, disk
  70 a bug in byline
  In a batch the worst wins: 70, 4, 2, 1, 3, 0."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct Global {
    /// Folder for settings, keys, the default ledger and high-water marks [default: BYLINE_HOME, else the XDG folders]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) home: Option<PathBuf>,
    /// How the report is written; JSON has a schema: `byline schema`
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub(crate) format: Format,
    /// No progress bar and no remarks on stderr; the report still goes to stdout
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour; it never says what words do not say
    #[arg(long, value_enum, default_value_t = ColourWhen::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: ColourWhen,
    /// Read the passphrase from this file descriptor, first line: `--passphrase-fd 3 3<FILE`
    #[arg(long, value_name = "N", global = true)]
    pub(crate) passphrase_fd: Option<u32>,
    /// Take this as the time now, RFC 3339: a verdict as of that day; not for what signs or records
    #[arg(long, value_name = "TIME", value_parser = time, global = true)]
    pub(crate) at: Option<Timestamp>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Words for people
    Human,
    /// One document, or one line for each file of a batch
    Json,
    /// One page that stands by itself, without scripts; for `byline verify`, `byline audit` and `ledger stats --similarity`
    Html,
    /// A row for each picture, or group, inert in spreadsheets (RFC 4180); for `byline verify` and `ledger stats --similarity`
    Csv,
    /// A JUnit test case for each picture, for pipelines; for `byline verify`
    Junit,
    /// The manifest store as crJSON, unjudged, as conformance tools read it; for `byline verify`
    Crjson,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The deeds.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Tour(TourArgs),
    Sign(Box<SignArgs>),
    Verify(VerifyArgs),
    Compare(CompareArgs),
    Inspect(InspectArgs),
    Find(super::find::FindArgs),
    #[command(subcommand)]
    Key(KeyCommand),
    #[command(subcommand)]
    Trust(TrustCommand),
    #[command(subcommand)]
    Ledger(LedgerCommand),
    Audit(AuditArgs),
    Explain(ExplainArgs),
    Schema(SchemaArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

impl Command {
    /// Whether it gives a date to what it signs or records.
    pub(crate) const fn dates(&self) -> bool {
        match self {
            Self::Sign(_) | Self::Tour(_) => true,
            Self::Key(command) => command.dates(),
            Self::Ledger(command) => match command {
                LedgerCommand::Init(_) | LedgerCommand::Root(_) => true,
                LedgerCommand::Prove(args) => args.signs(),
                LedgerCommand::Title(command) => command.dates(),
                LedgerCommand::Witness(command) => command.dates(),
                _ => false,
            },
            _ => false,
        }
    }
}

/// A first walk: sign, register, verify, tamper, catch, recover, audit, in a folder of its own
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline tour                    walks in ./byline-tour with throwaway keys
  byline tour /tmp/walk          walks elsewhere")]
pub(crate) struct TourArgs {
    /// The folder to walk in; it must not hold anything else
    #[arg(value_name = "DIR", default_value = "byline-tour")]
    pub(crate) folder: PathBuf,
}

/// Answer four questions about each picture: unchanged? signature good? signed in time? issuer known?
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline verify art.png                              the answer, then every check
  byline verify --full art.png                       with codes, ingredients, assertions, hashes
  byline verify incoming/ --jobs 8                   one line a picture, and a summary
  byline verify --trust studio.pem art.png           with anchors for this call only
  byline verify --no-shipped-trust art.png           only whom you added counts, no trust list
  byline verify art.jpg --manifest art.c2pa          a manifest beside the picture
  byline verify art.jpg --online                     fetch a manifest the picture names, ask for revocation
  byline verify art.png --proof art.png.tlog-proof --log-key 'studio.example+1a2b3c4d+AQ...'
  byline verify --require intact art.png             exit code 0 whoever signed, if nothing changed
  byline verify art.png --heatmap where.png          draw where the picture differs from its signed thumbnail
  byline verify --format json *.jpg | jq 'select(.result) | .result'
                                                     one JSON line a picture, then one that counts them
  byline verify --format html -o art.html art.png    a page with both pictures, checks, history, rights, ledger, codes
  byline verify --format html -o sheet.html incoming/
                                                     a contact sheet, with details of each picture below
  byline verify --format csv incoming/ > sheet.csv   a row a picture; no cell runs as a formula
  byline verify --format junit -o report.xml assets/ a test case a picture: a failure where --require is not met
  byline verify --format crjson art.png              the manifest store as conformance tools read it

Exit codes: 0 meets --require, 1 evidence contradicts, 3 not enough evidence, 4 a file could not be read.
What a verdict does not say: that the picture is true, or that the signer made it or holds its rights.")]
#[allow(clippy::struct_excessive_bools, reason = "a flag of a command line is a bool")]
pub(crate) struct VerifyArgs {
    /// Files, folders that stand for the images below them, or - for standard input
    #[arg(value_name = "IMAGE", required = true)]
    pub(crate) images: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ledger: LedgerFlags,
    #[command(flatten)]
    pub(crate) proof: ProofFlags,
    /// PEM file whose certificates are anchors for this call; may be given several times
    #[arg(long, value_name = "PEM")]
    pub(crate) trust: Vec<PathBuf>,
    /// Judge this manifest store (.c2pa) instead of one in the picture; for one picture
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Fetch what the picture names: its manifest where it is not inside (https), and whether its certificate was revoked
    /// (OCSP, signed answers, http too); public addresses only. Whoever is asked learns that you look
    #[arg(long)]
    pub(crate) online: bool,
    /// Believe no trust list, shipped or imported: only whom you added, and --trust
    #[arg(long)]
    pub(crate) no_shipped_trust: bool,
    /// What exit code 0 takes
    #[arg(long, value_enum, default_value_t = Require::Trusted)]
    pub(crate) require: Require,
    /// Pictures looked at side by side [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Show codes, ingredients, assertions and hashes too
    #[arg(long)]
    pub(crate) full: bool,
    /// Compare the signed thumbnail with the pixels even of an unchanged file; of a changed one that is always done
    #[arg(long)]
    pub(crate) thumbnail: bool,
    /// Write where picture and signed thumbnail differ to this new PNG file; for one picture
    #[arg(long, value_name = "FILE")]
    pub(crate) heatmap: Option<PathBuf>,
    /// Write the report into this file [default: standard output]; it must not exist
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file of -o
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// What exit code 0 takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Require {
    /// Unchanged, well signed in time, issuer known
    Trusted,
    /// Unchanged and well signed, whoever signed
    Intact,
    /// In the ledger, entry and inclusion good
    Registered,
}

impl From<Require> for Requirement {
    fn from(require: Require) -> Self {
        match require {
            Require::Trusted => Self::Trusted,
            Require::Intact => Self::Intact,
            Require::Registered => Self::Registered,
        }
    }
}

/// Which ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct LedgerFlags {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// No ledger
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) no_ledger: bool,
}

/// Compare two pictures: same bytes, same pixels, same picture, reworked, part changed, related, unrelated
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline compare original.png received.jpg
  byline compare original.png received.jpg --heatmap where.png
                                                     draw where they differ
  byline compare --full a.png b.png                  with every part and every code
  byline compare --format json a.png b.png | jq .cells.areas

Exit codes: 0 the same bytes, pixels or picture; 1 reworked, part changed or unrelated; 3 related, or the pixels of one
cannot be looked at; 4 a file could not be read.
Pictures are compared on 64 x 64 cells: a change smaller than a cell, or one that keeps the colour of every cell, is not seen.")]
pub(crate) struct CompareArgs {
    /// The first picture, taken as the older one
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second picture
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Write where they differ to this new PNG file, drawn over B
    #[arg(long, value_name = "FILE")]
    pub(crate) heatmap: Option<PathBuf>,
    /// Show every changed part, content hashes and PDQ codes too
    #[arg(long)]
    pub(crate) full: bool,
}

/// Show everything the file says about itself, by source, judged not at all
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline inspect art.png
  byline inspect --full art.png                      values and assertions whole
  byline inspect --format json art.png | jq .metadata")]
pub(crate) struct InspectArgs {
    /// The file, or - for standard input
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// Show this manifest store (.c2pa) instead of one in the file
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Show long values and assertions whole
    #[arg(long)]
    pub(crate) full: bool,
}

/// Make a ledger, look at it, follow a picture through it, prove and publish it; move titles, grant licences, contest
/// entries
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  byline ledger init studio.ledger --origin studio.example/pictures
  byline ledger show
  byline ledger history art.signed.png
  byline ledger prove art.signed.png
  byline ledger publish www/log")]
pub(crate) enum LedgerCommand {
    Init(InitArgs),
    Show(ShowArgs),
    History(HistoryArgs),
    Prove(ProveArgs),
    CheckProof(CheckProofArgs),
    Root(RootArgs),
    Consistency(ConsistencyArgs),
    Publish(PublishArgs),
    #[cfg(feature = "postgres")]
    Index(super::server::IndexArgs),
    #[command(flatten)]
    Title(TitleCommand),
    #[command(subcommand)]
    Witness(WitnessCommand),
}

/// Make an empty ledger
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger init                                 the default ledger
  byline ledger init studio.ledger --origin studio.example/pictures
  byline ledger init --private studio.ledger         look-ups need the ledger's own key
  byline ledger init studio.ledger --arbiter guild --arbiter court.byline

What is chosen here stands in the ledger's signed header for good; --deep alone can be had later, for what is signed then.")]
pub(crate) struct InitArgs {
    /// The file to make [default: the default ledger]
    #[arg(value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
    /// The log's name in its checkpoints, like `studio.example/pictures` [default: a random name]
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// Key the look-ups: who holds a picture alone cannot ask whether it is in the ledger. The asset id stands in the
    /// signed file in clear: who holds file and ledger finds the entry by it; --no-ledger writes none
    #[arg(long)]
    pub(crate) private: bool,
    /// Record what each picture looks like in a hundred places, from the first on, as `sign --deep` does: find then knows
    /// parts, screenshots and turned pieces of them again; not with --private
    #[arg(long)]
    pub(crate) deep: bool,
    /// Whose word closes a dispute for either side: a name in your trust, a public file or the thumbprint of an
    /// identity's first key; at most 8 times
    #[arg(long, value_name = "WHO")]
    pub(crate) arbiter: Vec<String>,
}

/// Show the head of a ledger and its entries
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger show                                 the head and the last 10 entries
  byline ledger show --from 0 --count 100
  byline ledger show --ledger studio.ledger --count 0")]
pub(crate) struct ShowArgs {
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// First entry shown, by leaf index [default: so that the last ones are shown]
    #[arg(long, value_name = "INDEX")]
    pub(crate) from: Option<u64>,
    /// How many entries are shown
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) count: u64,
    /// Show fingerprints too
    #[arg(long)]
    pub(crate) full: bool,
}

/// Tell the history of a picture: every entry about it in words, and where its title stands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger history art.signed.png               by file, content, pixels or manifest
  byline ledger history 6f1c0f0e-1b2c-4d3e-8f90-0123456789ab
  byline ledger history 42 --ledger studio.ledger    by leaf index
  byline ledger history art.signed.png --as-of 1000  as of so many entries
  byline ledger history art.signed.png --as-of 2026-05-01

The recorded holder is whom the entries make holder, no more: the log shows who recorded which claim first, and what
followed. Exit codes: 3 nothing matches.")]
pub(crate) struct HistoryArgs {
    /// A picture, an asset id (UUID), a SHA-256 in hexadecimal, or a leaf index
    #[arg(value_name = "WHAT")]
    pub(crate) what: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// As of so many entries, or of those signed up to a day or second [default: all]
    #[arg(long, value_name = "SIZE|TIME", value_parser = as_of, default_value = "now", hide_default_value = true)]
    pub(crate) as_of: AsOf,
    /// Show fingerprints too
    #[arg(long)]
    pub(crate) full: bool,
}

/// Re-derive a whole ledger: every signature, every hash, every rule; each finding is named
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline audit studio.ledger
  byline audit www/log --log-key 'studio.example+1a2b3c4d+AQ...'   a published directory
  byline audit https://studio.example/log --log-key KEY            the same on the web, tile by tile
  byline audit --since last studio.ledger            only signatures that the last sound audit did not check
  byline audit --since checkpoint.2026-05 studio.ledger
  byline audit www/log --policy studio.policy        and that enough witnesses cosigned what is published
  byline audit --strict studio.ledger                every signature alone, by the strict rule
  byline audit --format json studio.ledger | jq .findings
  byline audit --format html studio.ledger > audit.html

A sound audit is remembered: an older copy, another history or another header is named by the next one. With --since
all entries are still read, hashed and replayed, as what follows leans on them; the report says what was not checked.
Exit codes: 0 sound, 1 history and signatures disagree, 3 sound up to the last commit, and nothing outside the file says that
this was the last; or too few witnesses cosigned; 4 it could not be read.")]
#[allow(clippy::struct_excessive_bools, reason = "a flag of a command line is a bool")]
pub(crate) struct AuditArgs {
    /// The ledger file, or a directory that `byline ledger publish` made, or the https address of one
    #[arg(value_name = "LEDGER|DIR|URL")]
    pub(crate) ledger: PathBuf,
    /// The log's verifier key, known from elsewhere: another one in the ledger or directory is a finding
    #[arg(long, alias = "log", value_name = "KEY", value_parser = super::log::key)]
    pub(crate) log_key: Option<VerifierKey>,
    /// Check signatures only from this checkpoint on: a checkpoint or proof file, or `last` for the last sound audit here
    #[arg(long, value_name = "FILE|last")]
    pub(crate) since: Option<PathBuf>,
    /// Policy file: logs, witnesses, quorum (c2sp.org/tlog-policy); its witnesses must have cosigned [default: those of `byline
    /// ledger witness` for this log, of whom none must]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The URL is in a private network or on this machine, and may be asked by plain http
    #[arg(long)]
    pub(crate) private: bool,
    /// Check every signature alone and strictly instead of in batches
    #[arg(long)]
    pub(crate) strict: bool,
    /// Do not make the state maps again whose roots the log signs: they take time, and 200 bytes of disk a registration
    #[arg(long)]
    pub(crate) no_state: bool,
    /// Say too whether the pictures of a ledger file grow alike, as `byline ledger stats --similarity` does; a page always does
    #[arg(long)]
    pub(crate) similarity: bool,
    /// Threads [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Show the checkpoint too, and every finding
    #[arg(long)]
    pub(crate) full: bool,
}

/// Say what a status code or a result word means, what still holds, and what would settle it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline explain                                     every code, by group
  byline explain not-confirmed
  byline explain claimSignature.outsideValidity
  byline verify --full art.png                       ends with the codes of a verdict

Exit codes: 2 nothing is called so; the nearest known ones are named.")]
pub(crate) struct ExplainArgs {
    /// A code as `byline verify --full` and JSON name them, or a result word
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// Print the JSON Schema of a report, or the names of all
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline schema                                      the names
  byline schema verify-report                        the schema of what `verify --format json` prints")]
pub(crate) struct SchemaArgs {
    /// `verify-report`, `verify-report.v1`, ...
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline completions bash > ~/.local/share/bash-completion/completions/byline
  byline completions fish > ~/.config/fish/completions/byline.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Print the manual page, or write one page for each command into a folder
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline man | man -l -
  byline man ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// An existing folder; without it the main page goes to stdout
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

/// Reads a time.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text)
        .or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| "wanted RFC 3339, like 2026-05-01T10:00:00Z, or a day, like 2026-05-01".to_owned())
}

fn as_of(text: &str) -> Result<AsOf, String> {
    if text == "now" {
        return Ok(AsOf::Now);
    }
    if let Ok(size) = text.parse::<u64>() {
        return Ok(AsOf::Size(TreeSize(size)));
    }
    Timestamp::parse_rfc3339(&format!("{text}T23:59:59Z"))
        .or_else(|| Timestamp::parse_rfc3339(text))
        .map(AsOf::Time)
        .ok_or_else(|| "wanted a number of entries, a day or RFC 3339".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_day_is_a_time() {
        assert_eq!(time("2026-05-01").unwrap().rfc3339(), "2026-05-01T00:00:00Z");
        assert!(time("today").is_err());
    }
}
