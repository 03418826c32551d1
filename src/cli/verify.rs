//! `byline verify`: one picture or many, in any of the formats.

use byline::app::report_file::ReportFile;
use byline::app::request::{Beside, ListChoice, VerifyRequest};
use byline::app::verify::{FoundBeside, Rest, VerifyItem};
use byline::app::{App, Error};
use byline::render::{csv, html, human, json, junit};
use byline::report::page::PageParts;
use byline::report::verify::{VerifyReport, VerifySummary};

use super::args::{Format, VerifyArgs};
use super::batch::Batch;
use super::exit::Exit;
use super::ui::Ui;

/// Verifies, telling of each picture as it is done, into stdout or a file.
pub(crate) fn run(app: &App, args: &VerifyArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = VerifyRequest {
        inputs: args.images.clone(),
        beside: match ui.format() {
            Format::Html => Beside::Page,
            Format::Crjson => Beside::CrJson,
            Format::Human | Format::Json | Format::Csv | Format::Junit => Beside::Nothing,
        },
        ledger: args.ledger.choice(),
        extra_trust: args.trust.clone(),
        lists: if args.no_shipped_trust {
            ListChoice::NotAsked
        } else {
            ListChoice::Asked
        },
        manifest: args.manifest.clone(),
        online: args.online,
        proof: args.proof.file(),
        whom: args.proof.whom(args.ledger.ledger.as_ref()),
        // A page shows both pictures side by side, so it says how they compare.
        thumbnail: args.thumbnail || ui.format() == Format::Html,
        heatmap: args.heatmap.clone(),
        require: args.require.into(),
        jobs: args.jobs,
    };
    ui.show_full(args.full);
    let Some(file) = &args.output else {
        return verify(app, &request, ui);
    };
    let output = ReportFile::new(file, args.force, &args.images)?;
    ui.keep();
    let exit = verify(app, &request, ui)?;
    let text = ui.take_kept().unwrap_or_default();
    output.write(&text)?;
    ui.remark(&format!("report written into {}\n", file.display()));
    Ok(exit)
}

fn verify(app: &App, request: &VerifyRequest, ui: &mut Ui) -> Result<Exit, Error> {
    match ui.format() {
        Format::Human | Format::Json => told(app, request, ui),
        Format::Html => page(app, request, ui),
        Format::Csv => {
            ui.out(&csv::verify_head());
            gathered(app, request, ui, |ui, item, error| {
                ui.out(&match (&item.result, error) {
                    (Ok(report), _) => csv::verify(report),
                    (Err(_), Some(error)) => csv::verify_error(error),
                    (Err(_), None) => String::new(),
                });
                Rest::AsAsked
            })
            .map(|(exit, _)| exit)
        }
        Format::Junit => {
            let mut document = junit::Junit::default();
            let (exit, _) = gathered(app, request, ui, |_, item, error| {
                match (&item.result, error) {
                    (Ok(report), _) => document.take(report),
                    (Err(_), Some(error)) => document.take_error(error),
                    (Err(_), None) => {}
                }
                Rest::AsAsked
            })?;
            ui.out(&document.document(&app.clock.now().rfc3339()));
            Ok(exit)
        }
        Format::Crjson => crjson(app, request, ui),
    }
}

/// As words or JSON.
fn told(app: &App, request: &VerifyRequest, ui: &mut Ui) -> Result<Exit, Error> {
    let mut batch = Batch::new(ui, human::verify, human::verify_line);
    let summary = byline::app::verify::verify(app, request, &mut |item| {
        batch.take(&item.input, item.result.map(|report| *report), |report| {
            report.ending().into()
        });
        Rest::AsAsked
    })?;
    Ok(batch
        .end(&summary, human::verify_summary)
        .max(summary.ending().into()))
}

/// One picture as a page of its own, many as a contact sheet.
fn page(app: &App, request: &VerifyRequest, ui: &mut Ui) -> Result<Exit, Error> {
    let mut sheet = html::Sheet::default();
    let mut only: Option<(Box<VerifyReport>, Box<PageParts>)> = None;
    let (exit, summary) = gathered(app, request, ui, |_, item, error| {
        match (item.result, error) {
            (Ok(report), _) => {
                let parts = match item.beside {
                    FoundBeside::Page(parts) => parts,
                    FoundBeside::CrJson(_) | FoundBeside::Nothing => Box::default(),
                };
                sheet.take(&report, &parts);
                only.get_or_insert((report, parts));
            }
            (Err(_), Some(error)) => sheet.take_error(error),
            (Err(_), None) => {}
        }
        if sheet.is_full() {
            Rest::VerdictAlone
        } else {
            Rest::AsAsked
        }
    })?;
    let text = match only {
        Some((report, parts)) if is_alone(&summary) => html::verify(&report, &parts),
        _ => sheet.document(&summary, &app.clock.now().rfc3339()),
    };
    ui.out(&text);
    Ok(exit)
}

const fn is_alone(summary: &VerifySummary) -> bool {
    summary.files == 1 && summary.failed == 0
}

/// One document, or one line for each picture: null where no manifest store can be read.
fn crjson(app: &App, request: &VerifyRequest, ui: &mut Ui) -> Result<Exit, Error> {
    let mut first = None;
    let (exit, _) = gathered(app, request, ui, |ui, item, _| {
        let FoundBeside::CrJson(store) = item.beside else {
            return Rest::AsAsked;
        };
        if store.is_null() {
            let name = byline::render::escape::path(&item.input);
            ui.remark(&format!("{name}: no Content Credentials that can be read\n"));
        }
        match first.take() {
            // Held back until a second shows that there are many.
            None => first = Some((store, false)),
            Some((before, is_told)) => {
                if !is_told {
                    ui.out(&json::line(&before));
                }
                ui.out(&json::line(&store));
                first = Some((store, true));
            }
        }
        Rest::AsAsked
    })?;
    if let Some((store, false)) = first {
        ui.out(&json::pretty(&store));
    }
    Ok(exit)
}

/// Verifies, tells on stderr what could not be opened, and hands everything on; the exit code is fixed before anything is
/// printed.
fn gathered(
    app: &App,
    request: &VerifyRequest,
    ui: &mut Ui,
    mut each: impl FnMut(&mut Ui, VerifyItem, Option<&byline::report::error::ErrorReport>) -> Rest,
) -> Result<(Exit, VerifySummary), Error> {
    let mut exit = Exit::Done;
    let summary = byline::app::verify::verify(app, request, &mut |item| {
        let error = match &item.result {
            Ok(report) => {
                exit = exit.max(report.ending().into());
                None
            }
            Err(error) => {
                exit = exit.max(Exit::from(error));
                ui.error(error, Some(&item.input), true);
                Some(Ui::error_report(error, &item.input))
            }
        };
        each(ui, item, error.as_ref())
    })?;
    Ok((exit.max(summary.ending().into()), summary))
}
