//! Where each signed picture goes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::app::picture_name;
use crate::app::request::Place;
use crate::app::{Error, Kind};
use crate::asset::Format;
use crate::store::folder::{self, Found};

/// One input with its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// The picture to read.
    pub(super) input: PathBuf,
    /// The picture to write.
    pub(super) output: PathBuf,
    /// Whether the input was named itself: then it must be an image; what merely lies in a folder is passed over.
    pub(super) named: bool,
}

/// Pairs every input with its output; two inputs that would write one output are refused before anything is written. A picture
/// named twice is signed once, and what an earlier run wrote into an output folder is no input.
pub(super) fn plan(found: &[Found], place: &Place) -> Result<Vec<Job>, Error> {
    if let Place::File(file) = place {
        refuse_many(found, file)?;
    }
    let written = match place {
        Place::Folder(folder) => Some(folder::resolved(folder)),
        _ => None,
    };
    let is_input = |one: &&Found| match &written {
        _ if one.named => true,
        Some(written) => !is_below(one, written),
        None => !matches!(place, Place::Beside) || !is_signed_name(&one.path),
    };
    let mut jobs: Vec<Job> = found
        .iter()
        .filter(is_input)
        .map(|one| Job {
            input: one.path.clone(),
            output: output_of(one, place),
            named: one.named,
        })
        .collect();
    let mut seen: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut clash = None;
    jobs.retain(|job| match seen.entry(folder::resolved(&job.output)) {
        Entry::Vacant(free) => {
            free.insert(job.input.clone());
            true
        }
        Entry::Occupied(other) => {
            if !folder::same_file(other.get(), &job.input) {
                clash.get_or_insert_with(|| same_output(other.get(), job));
            }
            false
        }
    });
    clash.map_or(Ok(jobs), Err)
}

fn same_output(other: &Path, job: &Job) -> Error {
    Error::new(
        Kind::Request,
        "sign.same-output",
        format!(
            "`{}` and `{}` would both be written to `{}`",
            other.display(),
            job.input.display(),
            job.output.display()
        ),
    )
    .fix("sign them in two runs with two output folders")
}

/// Whether what was found in a folder lies in the folder that outputs go to, which lies in the one that was named.
fn is_below(found: &Found, written: &Path) -> bool {
    let levels = found.below.components().count();
    let named = found.path.ancestors().nth(levels).unwrap_or(&found.path);
    let named = folder::resolved(if named.as_os_str().is_empty() {
        Path::new(".")
    } else {
        named
    });
    written.starts_with(&named) && *written != named && folder::resolved(&found.path).starts_with(written)
}

fn refuse_many(found: &[Found], file: &Path) -> Result<(), Error> {
    if found.len() == 1 {
        return Ok(());
    }
    Err(Error::new(
        Kind::Request,
        "sign.one-output",
        format!(
            "{} pictures cannot go into the one file `{}`",
            found.len(),
            file.display()
        ),
    )
    .fix("give -o a folder that exists, or a name that ends in `/`"))
}

/// Refuses an output beside its input whose name no file system takes.
pub(super) fn refuse_long(job: &Job, place: &Place) -> Result<(), Error> {
    let bytes = job
        .output
        .file_name()
        .map_or(0, |name| name.as_encoded_bytes().len());
    if *place != Place::Beside || bytes <= NAME_BYTES_MAX {
        return Ok(());
    }
    let what = format!("cannot write `{}`", job.output.display());
    Err(Error::new(Kind::Request, "sign.long-name", what)
        .why(format!(
            "its name is {bytes} bytes long, and file systems take {NAME_BYTES_MAX}"
        ))
        .fix("name the output with -o, or use --in-place"))
}

/// Longest file name, bytes (limits.h, `NAME_MAX`).
const NAME_BYTES_MAX: usize = 255;

fn output_of(found: &Found, place: &Place) -> PathBuf {
    match place {
        Place::Beside => found.path.with_file_name(signed_name(&found.path)),
        Place::File(file) => file.clone(),
        Place::Folder(folder) => folder.join(&found.below),
        Place::InPlace => found.path.clone(),
    }
}

/// `NAME.signed.EXT`.
fn signed_name(path: &Path) -> OsString {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(".signed");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    name
}

fn is_signed_name(path: &Path) -> bool {
    path.file_stem()
        .map(Path::new)
        .and_then(Path::extension)
        .is_some_and(|inner| inner == "signed")
}

/// What `-o PATH` means: a folder if there is one or the name ends in a separator, else a file.
#[must_use]
pub fn place_of(path: &Path) -> Place {
    let ends_in_separator = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if ends_in_separator || folder::is_folder(path) {
        Place::Folder(path.to_path_buf())
    } else {
        Place::File(path.to_path_buf())
    }
}

/// That the output's name promises another format than the one it gets, in a sentence: signing never converts.
pub(super) fn misnamed(output: &Path, format: Format) -> Option<String> {
    let (word, known) = picture_name::formats(output)?;
    (!known.contains(&format)).then(|| {
        format!(
            "the file is {}, whatever its name says: .{word} is the ending of another format, and signing converts nothing",
            format.name()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, below: &str, named: bool) -> Found {
        Found {
            path: path.into(),
            below: below.into(),
            named,
        }
    }

    #[test]
    fn outputs_stand_beside_below_or_over_their_inputs() {
        let one = [found("in/b/a.jpg", "b/a.jpg", false)];
        let out = |place| plan(&one, &place).unwrap()[0].output.clone();
        assert_eq!(out(Place::Beside), Path::new("in/b/a.signed.jpg"));
        assert_eq!(out(Place::Folder("out".into())), Path::new("out/b/a.jpg"));
        assert_eq!(out(Place::InPlace), Path::new("in/b/a.jpg"));
        assert_eq!(out(Place::File("x.jpg".into())), Path::new("x.jpg"));
    }

    #[test]
    fn a_second_run_over_a_folder_does_not_sign_its_own_outputs() {
        let two = [
            found("in/a.jpg", "a.jpg", false),
            found("in/a.signed.jpg", "a.signed.jpg", false),
        ];
        assert_eq!(plan(&two, &Place::Beside).unwrap().len(), 1);
        assert_eq!(plan(&two, &Place::InPlace).unwrap().len(), 2);
    }

    #[test]
    fn a_name_that_promises_another_format_is_told() {
        for (name, format) in [
            ("a.JPG", Format::Jpeg),
            ("a.heif", Format::Heic),
            ("a", Format::Png),
            ("a.xyz", Format::Gif),
        ] {
            assert_eq!(misnamed(Path::new(name), format), None, "{name}");
        }
        assert!(
            misnamed(Path::new("a.png"), Format::Jpeg)
                .unwrap()
                .contains("JPEG")
        );
    }

    #[test]
    fn a_name_that_signed_would_be_too_long_is_refused_with_what_to_do() {
        let job = |length: usize| {
            let input = PathBuf::from(format!("{}.jpg", "n".repeat(length - 4)));
            Job {
                output: input.with_file_name(signed_name(&input)),
                input,
                named: true,
            }
        };
        assert!(refuse_long(&job(248), &Place::Beside).is_ok());
        let error = refuse_long(&job(249), &Place::Beside).unwrap_err();
        assert_eq!(error.code, "sign.long-name");
        assert!(error.remedy().contains("--in-place"));
        assert!(refuse_long(&job(249), &Place::InPlace).is_ok());
    }

    #[test]
    fn two_inputs_never_share_an_output() {
        let two = [found("x/a.jpg", "a.jpg", true), found("y/a.jpg", "a.jpg", true)];
        assert_eq!(
            plan(&two, &Place::Folder("out".into())).unwrap_err().code,
            "sign.same-output"
        );
        assert_eq!(
            plan(&two, &Place::File("o.jpg".into())).unwrap_err().code,
            "sign.one-output"
        );
    }
}
