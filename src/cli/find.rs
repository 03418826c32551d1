//! `byline find`: what looks like a picture in a ledger.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use byline::app::request::{Depth, FindRequest, LedgerChoice, Recover};
use byline::app::{App, Error};
use byline::render::human;
use clap::Args;

use super::batch::Batch;
use super::env::Env;
use super::exit::Exit;
use super::ui::Ui;

/// Find the registered pictures that are, or look like, a picture; say how unusual it is
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline find copy.jpg                               in the default ledger
  byline find copy.jpg --ledger studio.ledger
  byline find new.png --uniqueness                   seen before? how far is the nearest?
  byline find stripped.jpg --recover stripped.c2pa   the manifest it was signed with, where that was kept
  byline find incoming/ --format json | jq 'select(.near) | .near[0].index'

Found are copies that were recompressed, resized, recoloured, captioned, mirrored, turned, framed,
moderately cropped, or stripped of all metadata; of what was signed with --deep also parts, turned
and pasted pieces, screenshots. \"Looks like\" is never \"is\": only a hash or a
signature shows that. Pictures of the same idea are not alike here. A private ledger records no
fingerprints: it is asked for the same file, content and pixels alone.
Exit codes: 0 registered, or something looks like it; 1 the ledger contradicts itself; 3 nothing
found, or not searched.")]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct FindArgs {
    /// Files, folders that stand for the images below them, or - for standard input
    #[arg(value_name = "IMAGE", required = true)]
    pub(crate) images: Vec<PathBuf>,
    /// This ledger instead of the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Search the deep records too where the looks of the whole found something; where they found nothing, they are
    /// searched anyway
    #[arg(long, conflicts_with = "quick")]
    pub(crate) deep: bool,
    /// Never search the deep records
    #[arg(long)]
    pub(crate) quick: bool,
    /// Say how unusual each picture is among those registered
    #[arg(long)]
    pub(crate) uniqueness: bool,
    /// Write the signed manifest that was kept of it (sign --keep-manifests): NAME.c2pa for the manifest alone, the name of
    /// a picture for the registered file again, where this is that without its manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) recover: Option<PathBuf>,
    /// Of this entry rather than of the closest one found
    #[arg(long, value_name = "N", requires = "recover")]
    pub(crate) entry: Option<u64>,
    /// Replace the file that --recover writes
    #[arg(long, requires = "recover")]
    pub(crate) force: bool,
    #[cfg(feature = "postgres")]
    #[command(flatten)]
    pub(crate) server: super::server::ServerFlags,
    /// Most look-alikes told of one picture
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) most: u16,
    /// Pictures looked for side by side [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// Looks for pictures, telling of each as it is done.
#[cfg_attr(
    not(feature = "postgres"),
    expect(unused_variables, reason = "only a server is named by the environment")
)]
pub(crate) fn run(app: &App, args: &FindArgs, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let request = FindRequest {
        inputs: args.images.clone(),
        ledger: args
            .ledger
            .clone()
            .map_or(LedgerChoice::Default, LedgerChoice::File),
        depth: match (args.deep, args.quick) {
            (true, _) => Depth::Always,
            (_, true) => Depth::Never,
            _ => Depth::AsNeeded,
        },
        most: usize::from(args.most),
        uniqueness: args.uniqueness,
        recover: args.recover.clone().map(|path| Recover {
            path,
            entry: args.entry,
            overwrite: args.force,
        }),
        #[cfg(feature = "postgres")]
        server: args.server.server(env),
        jobs: args.jobs,
    };
    let mut batch = Batch::new(ui, human::find, human::find_line);
    let summary = byline::app::find::find(app, &request, &mut |item| {
        batch.take(&item.input, item.result.map(|report| *report), |report| {
            report.ending().into()
        });
    })?;
    Ok(batch
        .end(&summary, human::find_summary)
        .max(summary.ending().into()))
}
