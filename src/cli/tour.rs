//! `byline tour`: the five-minute walk. Every command it prints is the command it runs, by the same road as if it were typed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use byline::app::{Error, Kind};
use byline::asset::Asset;
use byline::store::files::{self, FileError, Staged};
use byline::store::folder;
use clap::Parser as _;

use super::args::{Cli, TourArgs};
use super::env::Env;
use super::exit::Exit;
use super::ui::Ui;

/// The picture of the walk, drawn by `fixtures/draw_tour.py`.
const LIGHTHOUSE: &[u8] = include_bytes!("../../fixtures/images/lighthouse.jpg");
/// Says that a folder is a tour's and may be begun anew.
const MARK: &str = ".byline-tour";

/// One step of the walk.
enum Step {
    /// A paragraph of explanation.
    Say(&'static str),
    /// A command, with how it must end.
    Run(&'static [&'static str], Exit),
    /// What somebody else does to a file: from, to, how, and what to call it.
    Do(
        &'static str,
        &'static str,
        fn(Vec<u8>) -> Option<Vec<u8>>,
        &'static str,
    ),
}

const WALK: &[Step] = &[
    Step::Say(
        "1. A creator makes a key. Here it lies in clear, because it is thrown away; yours will ask for a passphrase.",
    ),
    Step::Run(
        &[
            "key",
            "new",
            "--name",
            "ada",
            "--as",
            "Ada Painter",
            "--unencrypted",
        ],
        Exit::Done,
    ),
    Step::Say(
        "2. A model made a picture. Ada's pipeline signs it: EXIF and XMP first, then Content Credentials, then the ledger.",
    ),
    Step::Run(
        &[
            "sign",
            "lighthouse.jpg",
            "-o",
            "signed.jpg",
            "--source",
            "ai",
            "--ai-system",
            "Tour Painter",
            "--ai-version",
            "1.0",
            "--rights",
            "(c) 2026 Ada Painter",
            "--no-training",
        ],
        Exit::Done,
    ),
    Step::Say("3. A newsroom gets it. Unchanged and well signed, but by whom?"),
    Step::Run(&["verify", "signed.jpg", "--no-ledger"], Exit::NotEnough),
    Step::Say(
        "4. Ada hands out her public file; the newsroom compares the fingerprint with her by telephone and adds it.",
    ),
    Step::Run(
        &["key", "export", "ada", "--public", "-o", "ada.byline"],
        Exit::Done,
    ),
    Step::Run(&["trust", "add", "ada.byline", "--name", "ada"], Exit::Done),
    Step::Run(&["verify", "signed.jpg"], Exit::Done),
    Step::Say("5. Somebody changes one byte of the picture."),
    Step::Do(
        "signed.jpg",
        "painted.jpg",
        flip_picture,
        "one bit of the picture data is flipped",
    ),
    Step::Run(&["verify", "painted.jpg", "--no-ledger"], Exit::Contradicted),
    Step::Say("6. Somebody changes one byte of the metadata: Ada's copyright notice."),
    Step::Do(
        "signed.jpg",
        "robbed.jpg",
        flip_metadata,
        "`Ada Painter` becomes `Bda Painter` in the copyright notice",
    ),
    Step::Run(&["verify", "robbed.jpg", "--no-ledger"], Exit::Contradicted),
    Step::Say(
        "7. A platform strips the credentials. The file says nothing any more; the ledger still knows the picture.",
    ),
    Step::Do(
        "signed.jpg",
        "stripped.jpg",
        strip,
        "the manifest store is cut out",
    ),
    Step::Run(&["verify", "stripped.jpg"], Exit::NotEnough),
    Step::Run(&["verify", "stripped.jpg", "--require", "registered"], Exit::Done),
    Step::Run(&["ledger", "history", "stripped.jpg"], Exit::Done),
    Step::Say("8. An auditor re-derives the whole ledger and checks every signature."),
    Step::Run(&["audit", "home/data/default.ledger"], Exit::Done),
    Step::Say("9. Somebody rewrites history: one byte of the ledger."),
    Step::Do(
        "home/data/default.ledger",
        "rewritten.ledger",
        flip_entry,
        "one bit of the registration is flipped",
    ),
    Step::Run(&["audit", "rewritten.ledger"], Exit::Contradicted),
    Step::Say(
        "That is all of it. What lies in this folder is yours to look at: try `byline inspect signed.jpg`.",
    ),
];

/// Walks in a folder of its own.
pub(crate) fn run(args: &TourArgs, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    prepare(&args.folder)?;
    std::env::set_current_dir(&args.folder).map_err(|error| failed(&args.folder, &error.to_string()))?;
    ui.out(&format!(
        "$ cd {}\n$ export BYLINE_HOME=home\n",
        byline::render::escape::path(&args.folder)
    ));
    for step in WALK {
        match step {
            Step::Say(text) => ui.out(&format!("\n{text}\n")),
            Step::Run(words, wanted) => {
                ui.out(&format!(
                    "\n$ byline {}\n",
                    words
                        .iter()
                        .map(|word| quoted(word))
                        .collect::<Vec<_>>()
                        .join(" ")
                ));
                let ended = command(words, env);
                if ended != *wanted {
                    return Err(failed(
                        Path::new(words[0]),
                        &format!("it ended with {ended:?} instead of {wanted:?}"),
                    ));
                }
                ui.out(&format!("(exit code {})\n", ended.number()));
            }
            Step::Do(from, to, change, what) => {
                ui.out(&format!("\n# {from} -> {to}: {what}\n"));
                alter(from, to, *change)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Runs one command in this process; its home is the tour's.
fn command(words: &[&str], env: &Env) -> Exit {
    let start = ["byline", "--home", "home"].into_iter();
    let words: Vec<OsString> = start.chain(words.iter().copied()).map(OsString::from).collect();
    match Cli::try_parse_from(words) {
        Ok(cli) => super::run(&cli, env),
        Err(wrong) => super::tell_wrong(&wrong, env),
    }
}

fn quoted(word: &str) -> String {
    if word.contains(' ') {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

/// A new folder, or one that an earlier tour left.
fn prepare(tour: &Path) -> Result<(), Error> {
    if folder::exists(tour) {
        folder::clear_marked(tour, MARK).map_err(|error| {
            failed(tour, &error.to_string()).fix("remove it, or name another folder: byline tour FOLDER")
        })?;
    }
    for (name, bytes) in [
        (MARK, b"a tour of byline\n".as_slice()),
        ("lighthouse.jpg", LIGHTHOUSE),
    ] {
        write(&tour.join(name), bytes)?;
    }
    Ok(())
}

fn alter(from: &str, to: &str, change: fn(Vec<u8>) -> Option<Vec<u8>>) -> Result<(), Error> {
    let path = PathBuf::from(from);
    let bytes = files::read(&path, 1 << 30).map_err(|error| failed(&path, &error.to_string()))?;
    let changed = change(bytes).ok_or_else(|| failed(&path, "it is not the file the tour made"))?;
    write(Path::new(to), &changed)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let written: Result<(), FileError> = Staged::write(path, bytes, true).and_then(Staged::commit);
    written.map_err(|error| failed(path, &error.to_string()))
}

fn failed(path: &Path, why: &str) -> Error {
    Error::new(
        Kind::World,
        "tour",
        format!("the tour stops at `{}`", path.display()),
    )
    .why(why)
}

/// A bit in the middle of the entropy-coded data.
fn flip_picture(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let place = bytes.len().checked_mul(3)?.checked_div(4)?;
    *bytes.get_mut(place)? ^= 1;
    Some(bytes)
}

/// The first letter of the name in the XMP packet.
fn flip_metadata(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let place = bytes.windows(11).position(|window| window == b"Ada Painter")?;
    *bytes.get_mut(place)? = b'B';
    Some(bytes)
}

fn strip(bytes: Vec<u8>) -> Option<Vec<u8>> {
    Some(Asset::parse(bytes).ok()?.without_store().ok()?.into_bytes())
}

/// A bit of the last entry: halfway between the header and the end.
fn flip_entry(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let place = bytes.len().checked_add(4096)?.checked_div(2)?;
    *bytes.get_mut(place)? ^= 1;
    Some(bytes)
}
