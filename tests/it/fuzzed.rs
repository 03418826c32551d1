//! The fuzz targets take rooms by their paths and have a manifest of their own: what those rooms need stands there too, or nobody
//! finds out that they no longer build before somebody wants them.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 5] = ["asset", "base", "keys", "ledger", "metadata"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What a file needs when it is not tested.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap().to_owned()
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            files(&path, out);
        } else if !name.contains("test") && !name.contains("sample") {
            out.push(path);
        }
    }
}

/// Lines `name = ...` of the table of dependencies.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let table = manifest.split("\n[dependencies]\n").nth(1).unwrap();
    let table = table.split("\n[").next().unwrap();
    let parts = table.lines().filter_map(|line| line.split_once(" = "));
    let version = |rest: &str| rest.split('"').nth(1).unwrap().to_owned();
    parts
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, rest)| (name.to_owned(), version(rest)))
        .collect()
}

#[test]
fn the_fuzz_targets_have_every_crate_and_module_that_they_take() {
    let main = read("tests/fuzz/src/main.rs");
    let modules: Vec<&str> = main
        .split("pub mod manifest {")
        .nth(1)
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';')?.rsplit_once("mod "))
        .map(|(_, name)| name)
        .collect();
    assert!(modules.len() > 5 && modules.contains(&"cost"), "{modules:?}");
    let mut taken = Vec::new();
    for room in ROOMS {
        files(&root().join("src").join(room), &mut taken);
    }
    for module in &modules {
        let path = root().join(format!("src/manifest/{module}.rs"));
        for other in code(&path).split("use super::").skip(1) {
            let name: String = other
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            assert!(
                modules.contains(&name.as_str()),
                "manifest::{module} needs {name}"
            );
        }
        taken.push(path);
    }
    let all: String = taken.iter().map(|path| code(path)).collect();
    let theirs = dependencies(&read("tests/fuzz/Cargo.toml"));
    for (name, version) in dependencies(&read("Cargo.toml")) {
        let path = match name.as_str() {
            "kamadak-exif" => "exif::".to_owned(),
            other => format!("{}::", other.replace('-', "_")),
        };
        let is_named = all.match_indices(&path).any(|(at, _)| {
            let before = all[..at].chars().next_back().unwrap_or(' ');
            !before.is_alphanumeric() && before != '_' && before != ':'
        });
        if is_named {
            let found = theirs.iter().find(|(other, _)| *other == name);
            let found = found.unwrap_or_else(|| panic!("tests/fuzz/Cargo.toml has no {name}"));
            assert_eq!(found.1, version, "{name}");
        }
    }
}
