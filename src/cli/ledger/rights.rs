//! `byline ledger license` and `reserve`.

use std::path::PathBuf;

use byline::app::title::{
    self, EndLicence, GrantLicence, GrantWith, LiftReservation, ReserveUses, TermsChoice,
};
use byline::app::{App, Error};
use byline::base::Timestamp;
use byline::base::territory::territory;
use byline::ledger::body::{Use, Uses};
use byline::ledger::{LeafIndex, Rights};
use clap::Args;

use super::{Exit, Recording, Ui, index, tell, until};

/// Grant a licence as a recorded holder, or end one
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("licensee").required(true), after_help = "\
Examples:
  byline ledger license art.signed.png --public --terms CC-BY-4.0
  byline ledger license art.signed.png --to agency --terms contract.pdf --exclusive --territory DE --territory AT \\
      --from 2026-07-01 --until 2027-06-30
  byline ledger license --with 41                    the same as entry 41: yours is the other share
  byline ledger license --end 42                     the licence granted with entry 42

Of a file the log gets the SHA-256 alone; put a random line into a text that could be guessed.
An exclusive licence of joint holders takes effect when each has granted the same.
Exit codes: 1 the ledger refuses it and names the rule, 3 the picture is not in the ledger, 4 file or key.")]
pub(crate) struct LicenseArgs {
    /// A picture, an asset id (UUID), a SHA-256 in hexadecimal, or a leaf index
    #[arg(value_name = "WHAT", required_unless_present_any = ["end", "with"], conflicts_with = "end")]
    what: Option<PathBuf>,
    /// The licensee: a public file, a name in your trust or of your own keys, or a thumbprint
    #[arg(long, value_name = "WHO", group = "licensee")]
    to: Option<String>,
    /// Everyone is licensed
    #[arg(long, group = "licensee", conflicts_with = "exclusive")]
    public: bool,
    /// Grant the same as this entry, another holder's part of an exclusive licence that waits for yours
    #[arg(long, value_name = "INDEX", group = "licensee", value_parser = index, conflicts_with_all = ["what", "terms", "exclusive", "territory", "from", "until"])]
    with: Option<LeafIndex>,
    /// CC0-1.0 or a CC-BY code such as CC-BY-NC-4.0, or a file whose SHA-256 is recorded
    #[arg(long, value_name = "CODE|FILE", required_unless_present_any = ["end", "with"])]
    terms: Option<PathBuf>,
    /// No other exclusive licence may cover the same time and place
    #[arg(long)]
    exclusive: bool,
    /// Country by its ISO 3166-1 code, `DE` or `276`; may be given several times [default: the whole world]
    #[arg(long, value_name = "CC", value_parser = country)]
    territory: Vec<u16>,
    /// First day, or second [default: now]
    #[arg(long, value_name = "DATE", value_parser = super::super::args::time)]
    from: Option<Timestamp>,
    /// Last day, or second [default: without end]
    #[arg(long, value_name = "DATE", value_parser = until)]
    until: Option<Timestamp>,
    /// End the licence granted with this entry
    #[arg(long, value_name = "INDEX", group = "licensee", conflicts_with_all = ["terms", "exclusive", "territory", "from", "until"])]
    end: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

/// State which uses of a picture are reserved, or lift a reservation
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent flag of the command line"
)]
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("uses").multiple(true),
    after_help = "\
Examples:
  byline ledger reserve art.signed.png --no-training
  byline ledger reserve art.signed.png --no-generative-training --no-mining
  byline ledger reserve --lift 42                    the reservation of entry 42, which may be a registration

The words are those of CAWG's training and data mining assertion. A reservation survives a transfer of the title
until every recorded holder has lifted it.
Exit codes: 1 the ledger refuses it and names the rule, 3 the picture is not in the ledger, 4 file or key."
)]
pub(crate) struct ReserveArgs {
    /// A picture, an asset id (UUID), a SHA-256 in hexadecimal, or a leaf index
    #[arg(
        value_name = "WHAT",
        required_unless_present = "lift",
        conflicts_with = "lift",
        requires = "uses"
    )]
    what: Option<PathBuf>,
    /// No training of any model
    #[arg(long, group = "uses")]
    no_training: bool,
    /// No training of generative models
    #[arg(long, group = "uses")]
    no_generative_training: bool,
    /// No data mining
    #[arg(long, group = "uses")]
    no_mining: bool,
    /// No use as input of a model
    #[arg(long, group = "uses")]
    no_inference: bool,
    /// Lift the reservation of this entry
    #[arg(long, value_name = "INDEX", conflicts_with = "uses")]
    lift: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn license(app: &App, args: &LicenseArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let (ledger, key) = (args.recording.ledger(), args.recording.key());
    let report = match (&args.end, args.with, &args.what, &args.terms) {
        (Some(grant), ..) => {
            let grant = grant.clone();
            title::end(app, &EndLicence { grant, key, ledger })?
        }
        (None, Some(with), ..) => title::grant_with(app, &GrantWith { with, key, ledger })?,
        (None, None, what, terms) => {
            let request = GrantLicence {
                what: what.clone().unwrap_or_default(),
                to: args.to.clone(),
                terms: terms_of(terms.clone().unwrap_or_default()),
                territories: args.territory.clone(),
                from: args.from,
                until: args.until,
                exclusive: args.exclusive,
                key,
                ledger,
            };
            title::grant(app, &request)?
        }
    };
    Ok(tell(&report, ui))
}

pub(super) fn reserve(app: &App, args: &ReserveArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let (ledger, key) = (args.recording.ledger(), args.recording.key());
    let report = if let Some(reservation) = &args.lift {
        let request = LiftReservation {
            reservation: reservation.clone(),
            key,
            ledger,
        };
        title::lift(app, &request)?
    } else {
        let request = ReserveUses {
            what: args.what.clone().unwrap_or_default(),
            uses: uses(args),
            key,
            ledger,
        };
        title::reserve(app, &request)?
    };
    Ok(tell(&report, ui))
}

fn uses(args: &ReserveArgs) -> Uses {
    let not = |flag: bool| flag.then_some(Use::NotAllowed);
    Uses {
        data_mining: not(args.no_mining),
        ai_inference: not(args.no_inference),
        ai_training: not(args.no_training),
        ai_generative_training: not(args.no_generative_training || args.no_training),
    }
}

/// A word that names known terms, else a file.
fn terms_of(word: PathBuf) -> TermsChoice {
    let known = word.to_str().and_then(Rights::from_word);
    match known.filter(|rights| rights.is_public_licence()) {
        Some(rights) => TermsChoice::Code(rights),
        None => TermsChoice::File(word),
    }
}

fn country(text: &str) -> Result<u16, String> {
    territory(text).ok_or_else(|| "wanted a country by its ISO 3166-1 code, like DE or 276".to_owned())
}
