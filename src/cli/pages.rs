//! `byline schema`, `completions`, `man`: pages about byline itself.

use byline::app::{Error, Kind};
use byline::render::{escape, human, json};
use byline::report::schema;
use clap::CommandFactory as _;

use super::args::{Cli, CompletionsArgs, ExplainArgs, ManArgs, SchemaArgs};
use super::exit::Exit;
use super::ui::Ui;

/// What a code means, or the codes there are.
pub(crate) fn explain(args: &ExplainArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let report = byline::app::explain::explain(args.code.as_deref())?;
    ui.report(&report, human::explain);
    Ok(Exit::Done)
}

/// One schema, or the names of all.
pub(crate) fn schemas(args: &SchemaArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let all = schema::all();
    let Some(name) = &args.name else {
        for (name, _) in &all {
            ui.out(&format!("{name}\n"));
        }
        return Ok(Exit::Done);
    };
    // A command is a name for its report.
    let of_command = format!("{name}-report");
    let is_named = |known: &str| {
        let bare = known.rsplit_once('.').map_or(known, |(bare, _)| bare);
        known == name || bare == name || bare == of_command
    };
    let found = all.iter().find(|(known, _)| is_named(known));
    let Some((_, found)) = found else {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        return Err(Error::new(
            Kind::Request,
            "schema.unknown",
            format!("no schema is called `{}`", escape::line(name)),
        )
        .fix(format!("name one of: {}", names.join(", "))));
    };
    ui.out(&json::schema(found));
    Ok(Exit::Done)
}

/// Completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs, ui: &mut Ui) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "byline", &mut script);
    ui.out(&String::from_utf8_lossy(&script));
    Exit::Done
}

/// The main manual page, or all of them into a folder.
pub(crate) fn man(args: &ManArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let cannot = |what: String, error: std::io::Error| {
        Error::new(Kind::World, "man.write", what).why(error.to_string())
    };
    if let Some(folder) = &args.folder {
        let name = escape::path(folder);
        clap_mangen::generate_to(Cli::command(), folder).map_err(|error| {
            cannot(format!("cannot write manual pages into `{name}`"), error)
                .fix("name an existing folder that you may write to")
        })?;
        ui.remark(&format!("manual pages written into {name}\n"));
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| cannot("cannot make the manual page".to_owned(), error))?;
    ui.out(&String::from_utf8_lossy(&page));
    Ok(Exit::Done)
}
