//! `byline tour`.

use byline::app::tour::TourLine;
use byline::app::{App, Error};

use super::args::TourArgs;
use super::exit::Exit;
use super::ui::Ui;

/// Walks, printing each command as one would type it and what it says.
pub(crate) fn run(app: &App, args: &TourArgs, ui: &mut Ui) -> Result<Exit, Error> {
    byline::app::tour::tour(app, &args.folder, &mut |line| match line {
        TourLine::Text(text) => ui.out(&text),
    })?;
    Ok(Exit::Done)
}
