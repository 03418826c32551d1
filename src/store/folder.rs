//! Folders named on the command line: which files lie below them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file to work on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its place below the folder that was named, or its name where it was named itself.
    pub below: PathBuf,
    /// Whether it was named itself rather than found in a folder.
    pub named: bool,
}

/// A folder that could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list `{}`: {source}", path.display())]
pub struct FolderError {
    /// The folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// What names on the command line stand for.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The files, in the order of the names and sorted below each folder.
    pub files: Vec<Found>,
    /// Folders that could not be listed, whole or in part: what is in them is not among the files.
    pub unlisted: Vec<FolderError>,
    /// How many symbolic links lie below the folders: they are not followed, and somebody may want to know.
    pub links: u64,
    /// What lies below the folders under a name that begins with a dot, and whether it is a folder.
    pub hidden: Vec<(PathBuf, bool)>,
}

/// Most levels of folders below a named one; deeper ones are an error of the file system or an attack.
const DEPTH_MAX: usize = 64;

/// Expands folders to the regular files below them, sorted by path; other names stay as they are, also names that do not
/// exist: opening them gives the error.
///
/// Symbolic links below a named folder are not followed, and names that begin with a dot are passed over: they are not
/// what a user means by "the pictures in this folder". A folder that cannot be listed keeps nobody from the others.
#[must_use]
pub fn expand(inputs: &[PathBuf]) -> Expanded {
    let mut found = Expanded::default();
    for input in inputs {
        if input == Path::new("-") && found.files.iter().any(|file| file.path == *input) {
            // Standard input is read once.
        } else if fs::metadata(input).is_ok_and(|meta| meta.is_dir()) {
            walk(input, &mut found);
        } else {
            found.files.push(Found {
                path: input.clone(),
                below: input.file_name().map_or_else(|| input.clone(), PathBuf::from),
                named: true,
            });
        }
    }
    found
}

/// Whether something stands at this path, also a dangling link.
#[must_use]
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether this is a folder.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// Whether two names lead to the same file.
#[must_use]
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Where a name leads in the end: links followed, also for a file that does not exist yet in a folder that does.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (
        fs::canonicalize(folder.unwrap_or(Path::new("."))),
        path.file_name(),
    ) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// Empties a folder that holds a file named `mark`: the sign that this program made it and may begin anew.
///
/// Refuses any other folder, and a symbolic link to one.
pub fn clear_marked(folder: &Path, mark: &str) -> io::Result<()> {
    if !fs::symlink_metadata(folder)?.is_dir()
        || !fs::symlink_metadata(folder.join(mark)).is_ok_and(|meta| meta.is_file())
    {
        return Err(io::Error::other("it was not made by this program"));
    }
    fs::remove_dir_all(folder)
}

fn walk(root: &Path, found: &mut Expanded) {
    let start = found.files.len();
    let mut folders = vec![(root.to_path_buf(), PathBuf::new(), 0)];
    while let Some((folder, below, depth)) = folders.pop() {
        let listed = list(&folder, |entry| {
            let name = entry.file_name();
            let kind = entry.file_type()?;
            if name.as_encoded_bytes().starts_with(b".") {
                found.hidden.push((entry.path(), kind.is_dir()));
                return Ok(());
            }
            if kind.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), below.join(&name), depth + 1));
            } else if kind.is_file() {
                found.files.push(Found {
                    path: entry.path(),
                    below: below.join(&name),
                    named: false,
                });
            } else if kind.is_symlink() {
                found.links = found.links.saturating_add(1);
            }
            Ok(())
        });
        if let Err(source) = listed {
            found.unlisted.push(FolderError { path: folder, source });
        }
    }
    found.files[start..].sort();
}

fn list(folder: &Path, mut each: impl FnMut(&fs::DirEntry) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        each(&entry?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_marked_folder_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("made");
        fs::create_dir(&made).unwrap();
        fs::write(made.join("x"), b"x").unwrap();
        assert!(clear_marked(&made, ".mark").is_err());
        assert!(made.join("x").exists());
        fs::write(made.join(".mark"), b"").unwrap();
        clear_marked(&made, ".mark").unwrap();
        assert!(!made.exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_below_a_folder_are_counted_and_one_that_is_named_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.png"), b"x").unwrap();
        let link = dir.path().join("b.png");
        std::os::unix::fs::symlink("a.png", &link).unwrap();
        let found = expand(&[dir.path().to_path_buf(), link]);
        let names: Vec<_> = found
            .files
            .iter()
            .map(|f| (f.below.to_str().unwrap(), f.named))
            .collect();
        assert_eq!((names, found.links), (vec![("a.png", false), ("b.png", true)], 1));
    }

    #[test]
    fn folders_stand_for_the_files_below_them_in_order() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("b/c")).unwrap();
        for name in ["z.jpg", "b/a.png", "b/c/x.webp", ".hidden"] {
            fs::write(dir.path().join(name), b"x").unwrap();
        }
        let found = expand(&[dir.path().to_path_buf(), PathBuf::from("missing.jpg")]);
        assert!(found.unlisted.is_empty());
        assert_eq!(found.links, 0);
        let found = found.files;
        let below: Vec<_> = found.iter().map(|f| f.below.to_str().unwrap()).collect();
        assert_eq!(below, ["b/a.png", "b/c/x.webp", "z.jpg", "missing.jpg"]);
        assert!(found[3].named && !found[0].named);
    }
}
