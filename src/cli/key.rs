//! `byline key`: the keys one signs with.

use std::path::PathBuf;

use byline::app::key::{ExportKey, ImportKey, KeyPart, NewKey, Protection, RequestCertificate, RevokeKey};
use byline::app::request::LedgerChoice;
use byline::app::{App, Error, key};
use byline::keys::KeyId;
use byline::keys::container::WORK_FACTOR;
use byline::ledger::{LeafIndex, RevokeReason};
use byline::render::human;
use byline::report::key::KeyReport;
use clap::{Args, Subcommand, ValueEnum};

use super::exit::Exit;
use super::ui::Ui;

/// Make, show, share and import the keys you sign with
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  byline key new --as \"Alice Doe\"                    a key with a passphrase, called `default`
  byline key list
  byline key export default --public -o alice.byline-key   what others put into their trust
  byline key csr default -o alice.csr                what a CA signs")]
pub(crate) enum KeyCommand {
    New(NewArgs),
    /// List every key; asks for no passphrase
    #[command(after_help = "\
Examples:
  byline key list
  byline key list --format json | jq -r '.keys[].name'")]
    List,
    Show(ShowArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    Csr(CsrArgs),
    Rotate(RotateArgs),
    Revoke(RevokeArgs),
}

impl KeyCommand {
    /// Whether it gives a date to what it signs or records.
    pub(super) const fn dates(&self) -> bool {
        matches!(
            self,
            Self::New(_) | Self::Csr(_) | Self::Rotate(_) | Self::Revoke(_)
        )
    }
}

/// Make an Ed25519 key with a root and a certificate of its own; a pseudonym unless a name is given
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key new                                     pseudonymous, called `default`
  byline key new --name work --as \"Alice Doe\" --organization \"Studio Doe\" --email alice@studio.example
  byline key new --passphrase-fd 3 3<passphrase.txt  without a terminal
  byline key new --recovery /media/stick/alice.recovery   with a key that can end this one
  byline key new --unencrypted                       for machines where nobody types; the file is the key

The passphrase is asked for twice. Without it the key is lost: nobody can reset it.")]
pub(crate) struct NewArgs {
    /// What to call it on this machine [default: default]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the certificate calls you; everybody who gets a signed picture sees it
    #[arg(long = "as", value_name = "NAME")]
    display: Option<String>,
    /// Organisation in the certificate [default: the same name]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// E-mail address in the certificate
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Write a recovery key to this file, to be kept off this machine: it revokes the key when it is lost or stolen
    #[arg(long, value_name = "FILE")]
    recovery: Option<PathBuf>,
    #[command(flatten)]
    protection: ProtectionFlags,
}

/// How the secret will lie on disk.
#[derive(Debug, Args)]
struct ProtectionFlags {
    /// No passphrase: whoever reads the file or a backup of it can sign as you
    #[arg(long, conflicts_with = "passphrase_fd")]
    unencrypted: bool,
}

impl ProtectionFlags {
    fn chosen(&self) -> Protection {
        if self.unencrypted {
            Protection::Unencrypted
        } else {
            Protection::Passphrase(WORK_FACTOR)
        }
    }
}

/// Show one key; asks for no passphrase
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  byline key show default\n  byline key show default --format json | jq -r .keys[0].key_id"
)]
pub(crate) struct ShowArgs {
    /// Its name on this machine
    #[arg(value_name = "NAME")]
    name: String,
}

/// Write out a part of a key
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of a command line, of which clap lets one through"
)]
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("part").required(true).multiple(false),
    after_help = "\
Examples:
  byline key export default --public -o alice.byline-key   others: byline trust add alice.byline-key
  byline key export default --root > root.pem        an anchor for c2patool and other verifiers
  byline key export default --secret --unencrypted -o key.pem")]
pub(crate) struct ExportArgs {
    /// Its name on this machine
    #[arg(value_name = "NAME")]
    name: String,
    /// The public file: what others put into their trust
    #[arg(long, group = "part")]
    public: bool,
    /// The certificates that go into signatures, PEM
    #[arg(long, group = "part")]
    chain: bool,
    /// The root certificate, PEM
    #[arg(long, group = "part")]
    root: bool,
    /// The secret signing key in clear, PKCS#8 PEM; needs --unencrypted and -o
    #[arg(long, group = "part", requires = "unencrypted", requires = "output")]
    secret: bool,
    /// Yes, write the secret without a passphrase
    #[arg(long, requires = "secret")]
    unencrypted: bool,
    /// The file to write; it must not exist [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ExportArgs {
    const fn part(&self) -> KeyPart {
        match (self.chain, self.root, self.secret) {
            (true, _, _) => KeyPart::Chain,
            (_, true, _) => KeyPart::Root,
            (_, _, true) => KeyPart::Secret,
            _ => KeyPart::Public,
        }
    }
}

/// Import a private key and the certificates a CA made for it; says which rule a refused certificate breaks
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key import --key key.pem --chain chain.pem --name studio

Ed25519, ES256 and ES384 keys. The chain begins with your certificate; a root at its end is kept apart.
A key that is not Ed25519 gets an Ed25519 companion for ledger entries.")]
pub(crate) struct ImportArgs {
    /// PEM file of the private key
    #[arg(long, value_name = "PEM")]
    key: PathBuf,
    /// PEM file of the certificates, yours first
    #[arg(long, value_name = "PEM")]
    chain: PathBuf,
    /// What to call it on this machine [default: made from the certificate]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    protection: ProtectionFlags,
}

/// Make a PKCS#10 request that a CA answers with a certificate
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key csr default -o alice.csr
  byline key csr default --as \"Alice Doe\" --organization \"Studio Doe\" > alice.csr")]
pub(crate) struct CsrArgs {
    /// Its name on this machine
    #[arg(value_name = "NAME")]
    name: String,
    /// What the certificate is to call you [default: as now]
    #[arg(long = "as", value_name = "NAME")]
    display: Option<String>,
    /// Organisation [default: as now]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// E-mail address [default: as now]
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The file to write; it must not exist [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Hand over to the next key, here and in the ledger
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key rotate default
  byline key rotate studio --ledger studio.ledger    a second ledger that knows the key

The next key was made with the key and the ledger holds its hash since, so that a thief of the key has nothing to rotate
with. The old key is kept beside the new one. A rotation that was cut off is finished by the same command.
Exit codes: 1 the ledger refuses it and names the rule, 4 file or key.")]
pub(crate) struct RotateArgs {
    /// Its name on this machine
    #[arg(value_name = "NAME")]
    name: String,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Declare a key ended, in the ledger
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key revoke default --reason retired
  byline key revoke default --reason compromised --as-of 42          suspect from entry 42 on
  byline key revoke --recovery alice.recovery --reason compromised --as-of 42

Signed by the next key, which lies beside the key and needs it there, or by the recovery key, which needs neither. What the key signed before that entry stands.
Exit codes: 1 the ledger refuses it and names the rule, 4 file or key.")]
pub(crate) struct RevokeArgs {
    /// Its name on this machine
    #[arg(value_name = "NAME", required_unless_present = "recovery")]
    name: Option<String>,
    /// Why
    #[arg(long, value_enum)]
    reason: ReasonWord,
    /// The first entry that someone else may have signed with it, by leaf index
    #[arg(long, value_name = "INDEX", required_if_eq("reason", "compromised"))]
    as_of: Option<u64>,
    /// Sign with the recovery key in this file
    #[arg(long, value_name = "FILE")]
    recovery: Option<PathBuf>,
    /// An earlier key of the same identity, by its thumbprint [default: the current one]
    #[arg(long = "earlier", value_name = "THUMBPRINT", value_parser = thumbprint)]
    earlier: Option<KeyId>,
    /// Where somebody else keeps the ledger and this is a copy of it: sign, and write a file that its keeper records with `byline ledger
    /// take FILE`; it must not exist
    #[arg(long, value_name = "FILE")]
    hand_over: Option<PathBuf>,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Why a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReasonWord {
    /// Someone else may have signed with it
    Compromised,
    /// It is no longer used
    Retired,
}

fn thumbprint(text: &str) -> Result<KeyId, String> {
    KeyId::parse_hex(text).ok_or_else(|| "wanted 64 hexadecimal digits".to_owned())
}

/// Does what was asked.
pub(crate) fn run(app: &App, command: &KeyCommand, ui: &mut Ui) -> Result<Exit, Error> {
    let report = match command {
        KeyCommand::New(args) => key::new(app, &new_request(args))?,
        KeyCommand::List => key::list(app)?,
        KeyCommand::Show(args) => key::show(app, &args.name)?,
        KeyCommand::Export(args) => key::export(app, &export_request(args))?,
        KeyCommand::Import(args) => key::import(app, &import_request(args))?,
        KeyCommand::Csr(args) => key::csr(app, &csr_request(args))?,
        KeyCommand::Rotate(args) => key::rotate(app, &args.name, &ledger(args.ledger.as_ref()))?,
        KeyCommand::Revoke(args) => key::revoke(app, &revoke_request(args))?,
    };
    tell(&report, ui);
    Ok(Exit::Done)
}

fn tell(report: &KeyReport, ui: &mut Ui) {
    ui.report(report, human::key);
    // Where stdout is the file itself, remarks belong elsewhere.
    if report.text.is_some() {
        for note in &report.notes {
            ui.remark(&format!("{note}\n"));
        }
    }
}

fn ledger(file: Option<&PathBuf>) -> LedgerChoice {
    file.map_or(LedgerChoice::Default, |file| LedgerChoice::File(file.clone()))
}

fn revoke_request(args: &RevokeArgs) -> RevokeKey {
    RevokeKey {
        name: args.name.clone(),
        key: args.earlier,
        reason: match (args.reason, args.as_of) {
            (ReasonWord::Compromised, Some(since)) => RevokeReason::Compromised {
                since: LeafIndex(since),
            },
            _ => RevokeReason::Retired,
        },
        recovery: args.recovery.clone(),
        ledger: super::ledger::given(args.ledger.as_ref(), args.hand_over.as_ref()),
    }
}

fn new_request(args: &NewArgs) -> NewKey {
    NewKey {
        name: args.name.clone(),
        display: args.display.clone(),
        organization: args.organization.clone(),
        email: args.email.clone(),
        protection: args.protection.chosen(),
        recovery: args.recovery.clone(),
    }
}

fn export_request(args: &ExportArgs) -> ExportKey {
    ExportKey {
        name: args.name.clone(),
        part: args.part(),
        output: args.output.clone(),
    }
}

fn import_request(args: &ImportArgs) -> ImportKey {
    ImportKey {
        key: args.key.clone(),
        chain: args.chain.clone(),
        name: args.name.clone(),
        protection: args.protection.chosen(),
    }
}

fn csr_request(args: &CsrArgs) -> RequestCertificate {
    RequestCertificate {
        name: args.name.clone(),
        display: args.display.clone(),
        organization: args.organization.clone(),
        email: args.email.clone(),
        output: args.output.clone(),
    }
}
