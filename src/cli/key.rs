//! `byline key`: the keys one signs with.

use std::path::PathBuf;

use byline::app::key::{ExportKey, ImportKey, KeyPart, NewKey, Protection, RequestCertificate};
use byline::app::{App, Error, key};
use byline::keys::container::WORK_FACTOR;
use byline::render::human;
use byline::report::key::KeyReport;
use clap::{Args, Subcommand};

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
    List,
    Show(ShowArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    Csr(CsrArgs),
}

/// Make an Ed25519 key with a root and a certificate of its own; a pseudonym unless a name is given
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline key new                                     pseudonymous, called `default`
  byline key new --name work --as \"Alice Doe\" --organization \"Studio Doe\" --email alice@studio.example
  byline key new --passphrase-fd 3 3<passphrase.txt  without a terminal
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

/// Does what was asked.
pub(crate) fn run(app: &App, command: &KeyCommand, ui: &mut Ui) -> Result<Exit, Error> {
    let report = match command {
        KeyCommand::New(args) => key::new(app, &new_request(args))?,
        KeyCommand::List => key::list(app)?,
        KeyCommand::Show(args) => key::show(app, &args.name)?,
        KeyCommand::Export(args) => key::export(app, &export_request(args))?,
        KeyCommand::Import(args) => key::import(app, &import_request(args))?,
        KeyCommand::Csr(args) => key::csr(app, &csr_request(args))?,
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

fn new_request(args: &NewArgs) -> NewKey {
    NewKey {
        name: args.name.clone(),
        display: args.display.clone(),
        organization: args.organization.clone(),
        email: args.email.clone(),
        protection: args.protection.chosen(),
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
