//! The only stdout and stderr. stdout is the report, stderr is talk; a reader who leaves early is no error.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use byline::app::{Error, Progress};
use byline::base::Untrusted;
use byline::render::{Style, csv, escape, html, human, json};
use byline::report::drift::DriftReport;
use byline::report::error::ErrorReport;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::args::{ColourWhen, Format, Global};
use super::env::Env;

/// Where everything the user sees goes through.
pub(crate) struct Ui {
    format: Format,
    quiet: bool,
    style: Style,
    errors: Style,
    bar: Bar,
    /// The report, where it goes into a file.
    kept: Option<String>,
    /// The reader of stdout left: nothing more is written there, and the exit code stays what it is.
    closed: bool,
    /// stdout failed otherwise, as on a full disk: the report did not arrive.
    lost: bool,
}

impl Ui {
    /// A user interface for this terminal.
    pub(crate) fn new(global: &Global, env: &Env) -> Self {
        let out = io::stdout().is_terminal();
        let err = io::stderr().is_terminal();
        let columns = if out { columns(env) } else { env.columns };
        let style = |terminal| Style {
            colour: match global.color {
                ColourWhen::Always => true,
                ColourWhen::Never => false,
                ColourWhen::Auto => terminal && !env.no_colour,
            },
            ..Style::of_width(columns)
        };
        Self {
            format: global.format,
            quiet: global.quiet,
            style: style(out),
            errors: style(err),
            bar: Bar::new(err && !global.quiet),
            kept: None,
            closed: false,
            lost: false,
        }
    }

    /// Whether everything is shown.
    pub(crate) fn show_full(&mut self, full: bool) {
        self.style.full = full;
    }

    /// The progress bar, for the deeds.
    pub(crate) fn progress(&self) -> Box<dyn Progress> {
        Box::new(self.bar.clone())
    }

    /// How reports are written.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Keeps what is written from now on, instead of writing it to stdout.
    pub(crate) fn keep(&mut self) {
        self.kept = Some(String::new());
    }

    /// What was kept.
    pub(crate) fn take_kept(&mut self) -> Option<String> {
        self.kept.take()
    }

    /// Whether stdout could not take the report.
    pub(crate) const fn lost(&self) -> bool {
        self.lost
    }

    /// One report, in the format asked for.
    pub(crate) fn report<R: Serialize>(&mut self, report: &R, human: impl FnOnce(&R, &Style) -> String) {
        self.page(report, human, None);
    }

    /// One report that may also be wanted as a page.
    pub(crate) fn page<R: Serialize>(
        &mut self,
        report: &R,
        human: impl FnOnce(&R, &Style) -> String,
        html: Option<fn(&R) -> String>,
    ) {
        let text = match (self.format, html) {
            (Format::Json, _) => json::pretty(report),
            (Format::Html, Some(html)) => html(report),
            // Asked of a command without that format, which was refused before its work began.
            (Format::Human | Format::Html | Format::Csv | Format::Junit | Format::Crjson, _) => {
                human(report, &self.style)
            }
        };
        self.out(&text);
    }

    /// The report of drift, which is a table too.
    pub(crate) fn drift(&mut self, report: &DriftReport) {
        match self.format {
            Format::Csv => self.out(&csv::drift(report)),
            _ => self.page(report, human::drift, Some(html::drift)),
        }
    }

    /// One report of a batch: one line, unless everything is asked for.
    pub(crate) fn report_line<R: Serialize>(&mut self, report: &R, human: impl FnOnce(&R, &Style) -> String) {
        let text = match self.format {
            Format::Json => json::line(report),
            Format::Human | Format::Html | Format::Csv | Format::Junit | Format::Crjson => {
                human(report, &self.style)
            }
        };
        self.out(&text);
    }

    /// Whether a human reader wants everything of every file.
    pub(crate) const fn is_full(&self) -> bool {
        self.style.full && matches!(self.format, Format::Human)
    }

    /// A report on stderr for whoever sits there and is to be asked about it.
    pub(crate) fn shown<R>(&self, report: &R, human: impl FnOnce(&R, &Style) -> String) {
        self.talk(&human(report, &self.errors));
    }

    /// Whether nobody reads stdout any more.
    pub(crate) const fn is_closed(&self) -> bool {
        self.closed || self.lost
    }

    /// Text of ours, as it is: completions, manual pages, schemas, help.
    pub(crate) fn out(&mut self, text: &str) {
        if self.closed || self.lost {
            return;
        }
        if let Some(kept) = &mut self.kept {
            kept.push_str(text);
            return;
        }
        let bar = self.bar.clone();
        let written = bar.aside(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => {
                self.lost = true;
                self.talk(&format!("error: cannot write the report\n  why: {error}\n  do:  free the disk, or name another place\n"));
            }
        }
    }

    /// The report on what could not be done.
    pub(crate) fn error_report(error: &Error, file: &Path) -> ErrorReport {
        error_report(error, Some(file))
    }

    /// What could not be done: three parts on stderr, and a document on stdout when JSON is asked for.
    pub(crate) fn error(&mut self, error: &Error, file: Option<&Path>, in_batch: bool) {
        let report = error_report(error, file);
        self.talk(&human::error(&report, &self.errors));
        if matches!(self.format, Format::Json) {
            let text = if in_batch {
                json::line(&report)
            } else {
                json::pretty(&report)
            };
            self.out(&text);
        }
    }

    /// One file of a batch that nothing was done with: its name among those of the others too.
    pub(crate) fn error_line(&mut self, error: &Error, file: &Path) {
        self.error(error, Some(file), true);
        if matches!(self.format, Format::Human) {
            self.out(&human::error_line(&error_report(error, Some(file)), &self.style));
        }
    }

    /// A remark on stderr, not made with `--quiet`.
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            self.talk(&escape::lines(text));
        }
    }

    /// Text on stderr; already escaped.
    pub(crate) fn talk(&self, text: &str) {
        self.bar.aside(|| {
            // Nobody is left to tell when stderr is gone.
            let _ = io::stderr().lock().write_all(text.as_bytes());
        });
    }
}

fn error_report(error: &Error, file: Option<&Path>) -> ErrorReport {
    let text = |text: &String| Untrusted::new(text.clone());
    ErrorReport {
        schema: "error.v1",
        file: file.map(|path| Untrusted::new(escape::path(path))),
        code: error.code.to_owned(),
        what: text(&error.what),
        why: error.why.as_ref().map(text),
        fix: Some(Untrusted::new(error.remedy())),
    }
}

fn columns(env: &Env) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    size.map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .or(env.columns)
}

/// The progress bar: on stderr, on a terminal, unless `--quiet`.
#[derive(Clone)]
struct Bar {
    shown: bool,
    drawn: Arc<Mutex<Option<ProgressBar>>>,
}

impl Bar {
    fn new(shown: bool) -> Self {
        Self {
            shown,
            drawn: Arc::default(),
        }
    }

    fn drawn(&self) -> Option<ProgressBar> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `write` while the bar is out of the way.
    fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.drawn() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn replace(&self, bar: Option<ProgressBar>) {
        let old = std::mem::replace(
            &mut *self.drawn.lock().unwrap_or_else(PoisonError::into_inner),
            bar,
        );
        if let Some(old) = old {
            old.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn start(&self, steps: u64, what: &str) {
        // One step is over before a bar could be read.
        if !self.shown || steps < 2 {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed} ETA {eta}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(escape::line(what).into_owned());
        self.replace(Some(bar));
    }

    fn reach(&self, done: u64) {
        if let Some(bar) = self.drawn() {
            bar.set_position(done);
        }
    }

    fn finish(&self) {
        self.replace(None);
    }
}
