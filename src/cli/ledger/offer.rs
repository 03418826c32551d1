//! `byline ledger offer`, `accept`, `take`: a share of a title from one person to another, by files.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use byline::app::title::{self, AcceptOffer, OfferAgain, OfferTitle};
use byline::app::{App, Error, Kind};
use byline::base::Timestamp;
use byline::ledger::{LeafIndex, Share};
use byline::render::human;
use clap::Args;

use super::{Exit, Recording, Signing, Ui, choice, index, tell, until};

/// Offer a share of the title of a picture; it moves when the recipient accepts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger offer art.signed.png --to bob.byline-key        all that you hold, to Bob
  byline ledger offer art.signed.png --to bob --share 50% --expires 2026-12-31
  byline ledger offer 6f1c0f0e-1b2c-4d3e-8f90-0123456789ab --to bob -o for-bob.byline-offer

The file that is written goes to the recipient, who looks at it and answers: byline ledger accept FILE.
An offer is taken back by moving the share first: offer it to your own key, and accept that.
Exit codes: 1 the ledger refuses the move and names the rule, 3 the picture is not in the ledger, 4 file or key.")]
pub(crate) struct OfferArgs {
    /// A picture, an asset id (UUID), a SHA-256 in hexadecimal, or a leaf index
    #[arg(value_name = "WHAT", required_unless_present = "again")]
    what: Option<PathBuf>,
    /// The recipient: a public file, a name in your trust or of your own keys, or a thumbprint
    #[arg(long, value_name = "WHO", required_unless_present = "again")]
    to: Option<String>,
    /// How much of the whole title, `50%` or in basis points `5000` [default: all that you hold]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    share: Option<Share>,
    /// The last day, or second, in which it can be accepted
    #[arg(long, value_name = "DATE", value_parser = until)]
    expires: Option<Timestamp>,
    /// The file for the recipient; it must not exist [default: named after the asset]
    #[arg(long, short, value_name = "FILE", conflicts_with = "hand_over")]
    output: Option<PathBuf>,
    /// Write the file of the offer that is recorded with this entry once more; records nothing
    #[arg(long, value_name = "INDEX", value_parser = index, conflicts_with_all = ["what", "to", "share", "expires", "hand_over"])]
    again: Option<LeafIndex>,
    #[command(flatten)]
    recording: Recording,
}

/// Look at an offer, and accept it; writes an answer file where you cannot write the ledger
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger accept 6f1c0f0e.byline-offer                shows it, asks, signs
  byline ledger accept 6f1c0f0e.byline-offer --look         shows it, signs nothing
  byline ledger accept 6f1c0f0e.byline-offer --yes -o answer.byline-answer

Every proof and signature in the file is checked before anything is shown, without a network.
Where the ledger lies on this machine the title moves at once; elsewhere its holder takes the answer file:
byline ledger take FILE.
Exit codes: 1 the file does not prove what it says, or the ledger refuses the move; 4 file or key.")]
pub(crate) struct AcceptArgs {
    /// The file that `byline ledger offer` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show what is offered, and nothing else
    #[arg(long, conflicts_with_all = ["yes", "output"])]
    look: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Write the answer to this file and record nothing here; it must not exist
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
}

impl AcceptArgs {
    /// Whether it only shows the offer.
    pub(super) const fn is_look(&self) -> bool {
        self.look
    }
}

/// Record what others signed for the ledger, as the one who keeps it: the answer to an offer, or a request
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline ledger take 6f1c0f0e.byline-offer.answer
  byline ledger take answer.byline-answer --ledger studio.ledger

Exit codes: 1 the ledger refuses the move and names the rule, 4 file or key.")]
pub(crate) struct TakeArgs {
    /// The file that `byline ledger accept`, or a command with --hand-over, wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

pub(super) fn offer(app: &App, args: &OfferArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let (ledger, output) = (args.recording.ledger(), args.output.clone());
    if let Some(index) = args.again {
        let report = title::offer_again(
            app,
            &OfferAgain {
                index,
                ledger,
                output,
            },
        )?;
        return Ok(tell(&report, ui));
    }
    let request = OfferTitle {
        what: args.what.clone().unwrap_or_default(),
        to: args.to.clone().unwrap_or_default(),
        share: args.share,
        expires: args.expires,
        key: args.recording.key(),
        ledger,
        output,
    };
    let report = title::offer(app, &request)?;
    Ok(tell(&report, ui))
}

pub(super) fn accept(app: &App, args: &AcceptArgs, ui: &mut Ui) -> Result<Exit, Error> {
    if args.look {
        let report = title::look(app, &args.file)?;
        return Ok(tell(&report, ui));
    }
    if !args.yes {
        let report = title::look(app, &args.file)?;
        ui.shown(&report, human::title);
        if !agrees(ui)? {
            ui.remark("nothing was signed\n");
            return Ok(Exit::NotEnough);
        }
    }
    let request = AcceptOffer {
        file: args.file.clone(),
        key: args.signing.key.clone(),
        ledger: choice(args.signing.ledger.as_ref()),
        output: args.output.clone(),
    };
    let report = title::accept(app, &request)?;
    Ok(tell(&report, ui))
}

pub(super) fn take(app: &App, args: &TakeArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = title::take(app, &args.file, &choice(args.ledger.as_ref()))?;
    Ok(tell(&report, ui))
}

/// Asks whoever sits at the terminal. Anything but a plain yes is no.
fn agrees(ui: &Ui) -> Result<bool, Error> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(
            Error::new(Kind::Request, "accept.unasked", "there is no terminal to ask on")
                .why("accepting is signing, and nobody said yes")
                .fix("look at the offer above; then add --yes"),
        );
    }
    ui.talk("Accept this offer? [y/N] ");
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|error| {
        Error::new(Kind::World, "accept.unread", "cannot read the answer").why(error.to_string())
    })?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// `50%`, `33.34%` or basis points.
fn share(text: &str) -> Result<Share, String> {
    let points = match text.strip_suffix('%') {
        None => text.parse::<u16>().ok(),
        Some(percent) => {
            let (whole, part) = percent.trim().split_once('.').unwrap_or((percent.trim(), "0"));
            let digits = part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let part = format!("{part:0<2}").parse::<u16>().ok().filter(|_| digits);
            let whole = whole.parse::<u16>().ok().and_then(|whole| whole.checked_mul(100));
            whole.zip(part).and_then(|(whole, part)| whole.checked_add(part))
        }
    };
    points
        .and_then(Share::basis_points)
        .ok_or_else(|| "wanted a share like 50%, 33.34% or 5000 basis points, at most the whole".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_or_basis_points() {
        for (text, points) in [
            ("50%", 5000),
            ("33.34%", 3334),
            ("0.5%", 50),
            ("100%", 10_000),
            ("5000", 5000),
            ("1", 1),
        ] {
            assert_eq!(share(text).unwrap().points(), points, "{text}");
        }
        for text in [
            "", "%", "0", "0%", "100.01%", "10001", "-5%", "5.555%", "5.%x", "half",
        ] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
