//! One file or many: one gets the whole report, many get a line each and a summary.

use std::path::{Path, PathBuf};

use byline::app::Error;
use byline::render::Style;
use serde::Serialize;

use super::exit::Exit;
use super::ui::Ui;

type Draw<R> = fn(&R, &Style) -> String;

/// Takes results as they come. The first is held back until a second shows that there are many.
pub(crate) struct Batch<'a, R> {
    ui: &'a mut Ui,
    whole: Draw<R>,
    line: Draw<R>,
    held: Option<(PathBuf, Result<R, Error>)>,
    many: bool,
    exit: Exit,
}

impl<'a, R: Serialize> Batch<'a, R> {
    /// A batch that draws one result with `whole`, many with `line`.
    pub(crate) const fn new(ui: &'a mut Ui, whole: Draw<R>, line: Draw<R>) -> Self {
        Self {
            ui,
            whole,
            line,
            held: None,
            many: false,
            exit: Exit::Done,
        }
    }

    /// Takes the result for one file; the exit code is fixed here, before anything is printed.
    pub(crate) fn take(&mut self, file: &Path, result: Result<R, Error>, ending: impl FnOnce(&R) -> Exit) {
        self.exit = self.exit.max(match &result {
            Ok(report) => ending(report),
            Err(error) => Exit::from(error),
        });
        if self.many {
            self.show_line(file, &result);
        } else if let Some((first, held)) = self.held.take() {
            self.many = true;
            self.show_line(&first, &held);
            self.show_line(file, &result);
        } else {
            self.held = Some((file.to_owned(), result));
        }
    }

    /// Ends the batch: the single report, or the summary of many.
    pub(crate) fn end<S: Serialize>(mut self, summary: &S, draw: Draw<S>) -> Exit {
        match self.held.take() {
            Some((_, Ok(report))) => self.ui.report(&report, self.whole),
            Some((file, Err(error))) => self.ui.error(&error, Some(&file), false),
            None => self.ui.report_line(summary, draw),
        }
        self.exit
    }

    fn show_line(&mut self, file: &Path, result: &Result<R, Error>) {
        match result {
            Ok(report) if self.ui.is_full() => {
                self.ui.report(report, self.whole);
                self.ui.out("\n");
            }
            Ok(report) => self.ui.report_line(report, self.line),
            Err(error) => self.ui.error_line(error, file),
        }
    }
}
