//! `byline sign`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use byline::app::request::{Place, SignRequest};
use byline::app::{App, Error, Kind};
use byline::base::limits;
use byline::render::{escape, human};
use byline::store;
use clap::Args;

use super::args::LedgerFlags;
use super::batch::Batch;
use super::exit::Exit;
use super::ui::Ui;
use super::words::WordFlags;

/// Write metadata, sign with your key, record in the ledger: one step, the original never lost
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  byline sign art.png --source ai --by \"Alice\" --model \"Flux 2\" --no-training
                                                     writes art.signed.png beside it
  byline sign photo.jpg --source camera --by \"Alice\" --rights \"(c) 2026 Alice\" -o out/
  byline sign renders/ --source ai --in-place --jobs 8
  byline sign retouched.png --source ai-edited --parent photo.signed.jpg -o final.png
  byline sign art.png --source ai --dry-run          all that would be written and disclosed

Words for --source:
  ai            made by a trained model          human         made by a person with tools
  ai-edited     edited with generative AI        human-edited  edited by a person
  ai-composite  composite with generated parts   collage       composite of captures only
  camera, phone captured from life               scan, negative, slide   digitised
  screenshot    a capture of a screen            data, algorithm         drawn by a program
  from-metadata what the file itself states; that it was taken from there is recorded

Run again after an interruption, it goes on where it stopped. What is done is known from the ledger: with --no-ledger an
output that stands there is a conflict.")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct SignArgs {
    /// Files, or folders that stand for the images below them
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// The signed file, or the folder for signed files [default: NAME.signed.EXT beside each input]
    #[arg(long, short, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Put the signed file in the place of the input, in one step
    #[arg(long, conflicts_with = "output")]
    in_place: bool,
    /// Replace outputs that exist
    #[arg(long)]
    force: bool,
    /// Your key, by its local name [default: the one called `default`, else the only one]
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// The picture this one was made from
    #[arg(long, value_name = "FILE")]
    parent: Option<PathBuf>,
    /// Fetch a trusted timestamp (RFC 3161) here; the only thing in this command that uses the network
    #[arg(long, value_name = "URL")]
    timestamp: Option<String>,
    /// Allow a timestamp authority in a private network or on this machine
    #[arg(long, requires = "timestamp")]
    timestamp_private: bool,
    #[command(flatten)]
    ledger: LedgerFlags,
    /// Your words replace what the file's metadata says otherwise
    #[arg(long)]
    replace_metadata: bool,
    /// Also record what each picture looks like in a hundred places, in NAME.ledger.deep: find then knows parts,
    /// screenshots and turned pieces of it again. Once there, later signing adds to it without being told
    #[arg(long, conflicts_with = "no_ledger")]
    deep: bool,
    /// Leave the signed thumbnail out
    #[arg(long)]
    no_thumbnail: bool,
    /// Keep a copy of each signed manifest beside the ledger, so that a stripped copy gets it back: byline find --recover
    #[arg(long, conflicts_with = "no_ledger")]
    keep_manifests: bool,
    /// Write nothing; show all that would be written and disclosed
    #[arg(long)]
    dry_run: bool,
    /// Pictures worked on side by side [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show hashes, fingerprints and assertions too
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    words: WordFlags,
}

impl SignArgs {
    fn request(&self) -> Result<SignRequest, Error> {
        let source = self.words.source()?;
        let prompt = self.words.prompt.as_deref().map(prompt).transpose()?;
        Ok(SignRequest {
            inputs: self.images.clone(),
            place: self.place()?,
            overwrite: self.force,
            source,
            identity: self.key.clone(),
            words: self.words.words(prompt),
            parent: self.parent.clone(),
            timestamp: self.timestamp.clone(),
            timestamp_private: self.timestamp_private,
            ledger: self.ledger.choice(),
            jobs: self.jobs,
            dry_run: self.dry_run,
            replace_metadata: self.replace_metadata,
            thumbnail: !self.no_thumbnail,
            keep_manifests: self.keep_manifests,
            deep: self.deep,
        })
    }

    /// An output names a folder when it ends in a slash, is one, or has to take more than one picture.
    fn place(&self) -> Result<Place, Error> {
        let Some(output) = &self.output else {
            return Ok(if self.in_place {
                Place::InPlace
            } else {
                Place::Beside
            });
        };
        let slash = output
            .as_os_str()
            .as_encoded_bytes()
            .last()
            .is_some_and(|byte| *byte == b'/');
        let several =
            self.images.len() > 1 || self.images.iter().any(|image| store::folder::is_folder(image));
        let is_folder = slash || store::folder::is_folder(output);
        if several
            && !is_folder
            && (store::folder::exists(output) || byline::app::picture_name::is_one(output))
        {
            let name = escape::path(output);
            return Err(Error::new(
                Kind::Request,
                "output.not-folder",
                format!("`{name}` is the name of a file, not of a folder"),
            )
            .why("several pictures cannot go into one file")
            .fix("name a folder with -o, with a slash at its end if it is to be made, or sign one picture at a time"));
        }
        let folder = several || is_folder;
        Ok(if folder {
            Place::Folder(output.clone())
        } else {
            Place::File(output.clone())
        })
    }
}

/// The prompt itself, or what `@FILE` holds.
fn prompt(text: &str) -> Result<String, Error> {
    let Some(file) = text.strip_prefix('@') else {
        return Ok(text.to_owned());
    };
    let limit = u64::try_from(limits::FIELD_BYTES_MAX).unwrap_or(u64::MAX);
    let cannot = |why: String| {
        let name = escape::line(file);
        Error::new(
            Kind::Input,
            "prompt.file",
            format!("cannot read the prompt from `{name}`"),
        )
        .why(why)
        .fix("name a text file, or give the prompt itself; a prompt that begins with @ goes into a file")
    };
    let bytes = store::files::read(file.as_ref(), limit).map_err(|error| cannot(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8 text".to_owned()))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Signs, telling of each picture as it is done.
pub(crate) fn run(app: &App, args: &SignArgs, ui: &mut Ui) -> Result<Exit, Error> {
    let request = args.request()?;
    ui.show_full(args.full);
    let mut batch = Batch::new(ui, human::sign, human::sign_line);
    let summary = byline::app::sign::sign(app, &request, &mut |item| {
        batch.take(&item.input, item.result, |_| Exit::Done);
    })?;
    Ok(batch
        .end(&summary, human::sign_summary)
        .max(summary.ending().into()))
}
