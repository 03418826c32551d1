//! A report into a file instead of the screen; never over a picture.

use std::path::{Path, PathBuf};

use super::{Error, Kind, fault, picture_name};
use crate::store::files::{FileError, Staged};
use crate::store::folder;

/// A file that will take a report, once there is one.
#[derive(Clone, Debug)]
pub struct ReportFile {
    path: PathBuf,
    replace: bool,
}

impl ReportFile {
    /// Refuses, before the work, what [`ReportFile::write`] would refuse after it: a file that exists, unless `replace`,
    /// and a name of a picture or of one of `inputs` in any case.
    pub fn new(path: &Path, replace: bool, inputs: &[PathBuf]) -> Result<Self, Error> {
        let is_input = inputs.iter().any(|input| folder::same_file(input, path));
        if is_input || picture_name::is_one(path) {
            let what = format!("the report will not be written over `{}`", path.display());
            return Err(Error::new(Kind::Request, "output.picture", what)
                .why("that is the name of a picture, and a report is none")
                .fix("name another file with -o, such as report.html"));
        }
        if !replace && folder::exists(path) {
            return Err(fault::write(path, &FileError::Exists));
        }
        Ok(Self {
            path: path.to_owned(),
            replace,
        })
    }

    /// Writes the report whole and durably, or leaves what was there.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        Staged::write(&self.path, text.as_bytes(), self.replace)
            .and_then(Staged::commit)
            .map_err(|error| fault::write(&self.path, &error))
    }
}
