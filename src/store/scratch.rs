//! Room on disk for what does not fit in memory while something is worked out: a file without a name, gone with the process.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::ledger::spill::{Room, Spill};

/// Room in a folder, which is made when it is needed.
#[derive(Clone, Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Room in this folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }
}

impl Room for Scratch {
    fn open(&self) -> io::Result<Box<dyn Spill>> {
        let told = |error: io::Error| {
            let what = format!(
                "no temporary file can be made in `{}`: {error}",
                self.folder.display()
            );
            io::Error::new(error.kind(), what)
        };
        std::fs::create_dir_all(&self.folder).map_err(told)?;
        let file = nameless(&self.folder).map_err(told)?;
        Ok(Box::new(Nameless { file, len: 0 }))
    }
}

/// A file that no one else can open and that is gone when it is closed.
fn nameless(folder: &Path) -> io::Result<File> {
    for number in 0..TRIES {
        let path = folder.join(format!("{NAME}-{}-{number}", std::process::id()));
        let made = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match made {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[derive(Debug)]
struct Nameless {
    file: File,
    len: u64,
}

impl Spill for Nameless {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let told =
            |error: io::Error| io::Error::new(error.kind(), format!("no room for temporary data: {error}"));
        self.file.write_all_at(bytes, self.len).map_err(told)?;
        self.len = self
            .len
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }
}

const NAME: &str = ".scratch";
/// Names that others may have left, as a process of the same number was stopped between two calls.
const TRIES: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_again_and_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("not").join("yet");
        let mut one = Scratch::in_folder(&folder).open().unwrap();
        let mut other = Scratch::in_folder(&folder).open().unwrap();
        one.append(b"hello ").unwrap();
        other.append(b"else").unwrap();
        one.append(b"there").unwrap();
        let mut word = [0; 5];
        one.read(6, &mut word).unwrap();
        assert_eq!(&word, b"there");
        assert!(one.read(7, &mut word).is_err(), "what is not there is not read");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn names_that_are_taken_are_passed_over() {
        let home = tempfile::tempdir().unwrap();
        let taken = home.path().join(format!("{NAME}-{}-0", std::process::id()));
        std::fs::write(&taken, b"mine").unwrap();
        let mut one = Scratch::in_folder(home.path()).open().unwrap();
        one.append(b"other").unwrap();
        assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let refused = Scratch::in_folder(&file.join("below")).open().unwrap_err();
        assert!(refused.to_string().contains("file/below"), "{refused}");
    }
}
