//! The house rules that no compiler holds: which room may name which, which crate enters by which door, and the shape of
//! every source file. The rules themselves are tested to bite.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and what each may name. `keys` and `ledger` are named by `store` for the models of the files it keeps.
const ROOMS: [(&str, &[&str]); 12] = [
    ("base", &[]),
    ("asset", &["base"]),
    ("keys", &["base"]),
    ("metadata", &["base", "asset"]),
    ("similar", &["base", "asset"]),
    ("manifest", &["base", "asset", "keys"]),
    ("ledger", &["base", "keys"]),
    ("report", &["base"]),
    ("store", &["base", "ledger", "keys"]),
    (
        "app",
        &[
            "base", "asset", "keys", "metadata", "similar", "manifest", "ledger", "report", "store",
        ],
    ),
    ("render", &["base", "report"]),
    ("serve", &["base", "report", "app", "render"]),
];

/// What only some files may name: the path of a crate or module, and where it may stand.
const DOORS: [(&str, &[&str]); 26] = [
    ("c2pa::", &["manifest/"]),
    ("c2pa_raw_crypto::", &["keys/profile/"]),
    ("image::", &["asset/pixels"]),
    ("png::", &["asset/pixels"]),
    ("exif::", &["metadata/"]),
    ("brotli_decompressor::", &["asset/packed.rs"]),
    ("ed25519_dalek::", &["keys/"]),
    ("curve25519_dalek::", &["keys/"]),
    ("sha1::", &["base/digest.rs"]),
    ("sha2::", &["base/digest.rs", "ledger/hash.rs"]),
    ("axum::", &["serve/"]),
    ("hyper::", &["serve/"]),
    ("hyper_util::", &["serve/"]),
    ("tokio::", &["serve/"]),
    // The network has one module.
    ("ureq::", &["app/online"]),
    ("postgres::", &["app/engine"]),
    ("clap::", &["cli/"]),
    ("indicatif::", &["cli/ui.rs"]),
    ("maud::", &["render/html/"]),
    ("plotters::", &["render/html/plot.rs"]),
    ("std::fs", &["store/"]),
    ("rustix::fs", &["store/"]),
    ("SystemTime", &["app/mod.rs"]),
    ("getrandom::", &["app/mod.rs"]),
    // Vector instructions, reviewed, and nothing else.
    ("unsafe ", &["similar/index/kernel.rs"]),
    // The walk changes its folder; the environment itself is read in one file.
    ("std::env", &["cli/env.rs", "cli/tour.rs", "main.rs"]),
];

/// What some rooms must not name.
const BANS: [(&str, &[&str]); 1] = [
    // Nothing that is signed or hashed is JSON.
    ("serde_json", &["ledger/", "keys/"]),
];

/// What no source file may hold.
const NEVER: [&str; 5] = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore", "process::exit"];

/// What no source file but tests may hold: byline starts no other program.
const NEVER_SHIPPED: [&str; 2] = ["process::Command", "Command::new"];

const LINES_MAX: usize = 600;

/// The faults of one file; `path` is below `src`, with slashes.
fn faults(path: &str, text: &str) -> Vec<String> {
    faults_of(path, text, path.ends_with("tests.rs"))
}

/// As [`faults`], for a file of which it is known whether only tests see it.
fn faults_of(path: &str, text: &str, only_tests: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut fault = |line: usize, what: String| found.push(format!("src/{path}:{line}: {what}"));
    let room = path.split('/').next().unwrap_or_default();
    let law = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, may)| *may);
    if law.is_none() && !["cli", "lib.rs", "main.rs"].contains(&room) {
        fault(1, format!("room `{room}` is not in the law"));
    }
    if text.lines().count() > LINES_MAX {
        fault(LINES_MAX, format!("more than {LINES_MAX} lines"));
    }
    // The item that `#[cfg(test)]` stands on, by its indentation.
    let mut test_item: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let indent = line.len() - line.trim_start().len();
        let in_tests = only_tests || test_item.is_some();
        if test_item == Some(indent) && ends_item(line) {
            test_item = None;
        }
        if !line.is_ascii() {
            fault(number, "not ASCII: write an escape".into());
        }
        let code = code_of(line);
        for never in NEVER {
            if code.contains(never) {
                fault(number, format!("`{never}` stays in no source"));
            }
        }
        if code.starts_with("#[cfg(test)]") && test_item.is_none() {
            test_item = Some(indent);
            continue;
        }
        if let Some(may) = law {
            for named in rooms_named(&code) {
                let known = ROOMS.iter().any(|(name, _)| *name == named);
                // Tests may look at neighbours: they ship with nobody.
                if known && named != room && !may.contains(&named.as_str()) && !in_tests {
                    fault(number, format!("`{room}` may not name `{named}`"));
                }
            }
        }
        if in_tests {
            continue;
        }
        for never in NEVER_SHIPPED {
            if code.contains(never) {
                fault(number, format!("`{never}` stays in tests"));
            }
        }
        for (name, doors) in DOORS {
            let is_local = text.contains(&format!("mod {};", name.trim_end_matches("::")));
            if !is_local && names(&code, name) && !doors.iter().any(|door| path.starts_with(door)) {
                fault(number, format!("`{name}` has its door in {doors:?}"));
            }
        }
        for (name, banned) in BANS {
            if names(&code, name) && banned.iter().any(|room| path.starts_with(room)) {
                fault(number, format!("`{name}` is banned here"));
            }
        }
    }
    found
}

/// Whether an item that begins at the indentation of this line ends with it, as rustfmt lays items out.
fn ends_item(line: &str) -> bool {
    let code = code_of(line);
    let code = code.trim_end();
    !code.starts_with("#[") && code.ends_with([';', ',', '}'])
}

/// A line without its comment. A `//` inside a string cuts too much, which can only hide what follows on that line.
fn code_of(line: &str) -> String {
    let line = line.trim_start();
    let end = line
        .match_indices("//")
        .map(|(at, _)| at)
        .find(|at| !line[..*at].ends_with(':'))
        .unwrap_or(line.len());
    line[..end].to_owned()
}

/// Rooms named by `crate::ROOM`, `crate::{ROOM, ..}` or, in the binary, `byline::ROOM`.
fn rooms_named(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                for part in top_level(group) {
                    named.push(word(part.trim()));
                }
            }
            None => named.push(word(rest)),
        }
    }
    named
}

fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                return parts;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

/// Whether `code` names the path, and not the end of a longer one such as `my_image::` or `crate::image::`.
fn names(code: &str, path: &str) -> bool {
    let of_crate = path.ends_with("::");
    let longer = |before: &str| {
        before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || (of_crate && c == ':'))
    };
    code.match_indices(path).any(|(at, _)| !longer(&code[..at]))
        || (of_crate && uses_whole(code, path.trim_end_matches(':')))
}

/// `use image;`, `use image as pictures;`, `use image::{..}` broken over lines.
fn uses_whole(code: &str, name: &str) -> bool {
    code.strip_prefix("use ")
        .is_some_and(|rest| word(rest) == name && !rest[name.len()..].starts_with("::"))
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(path);
        }
    }
}

/// `use crate::{` over several lines becomes one line, so that the law sees the whole.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = false;
    for line in text.lines() {
        let start = line.trim_start();
        if !open && (start.starts_with("use ") || start.starts_with("pub use ")) && !line.contains(';') {
            open = true;
            out.push_str(line);
        } else if open {
            out.push_str(line.trim());
            open = !line.contains(';');
        } else {
            out.push_str(line);
        }
        if !open {
            out.push('\n');
        }
    }
    out
}

/// Files that a file declares for tests alone: `#[cfg(test)] mod samples;`, with or without a path of their own.
fn test_files(path: &str, text: &str) -> Vec<String> {
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs")) => folder.to_owned(),
        Some((folder, file)) => format!("{folder}/{}", file.trim_end_matches(".rs")),
        None => String::new(),
    };
    let beside = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut files = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            continue;
        }
        for line in lines.by_ref().take_while(|line| !line.contains('{')) {
            if let Some(file) = line
                .strip_prefix("#[path = \"")
                .and_then(|rest| rest.strip_suffix("\"]"))
            {
                files.push(format!("{beside}/{file}"));
            }
            let name = line
                .strip_prefix("mod ")
                .or_else(|| Some(line.split_once(" mod ")?.1));
            if let Some(name) = name.and_then(|rest| rest.strip_suffix(';')) {
                files.push(format!("{folder}/{name}.rs"));
                break;
            }
        }
    }
    files
}

fn all_faults() -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.sort();
    assert!(files.len() > 40, "the sources were not found");
    let mut found = Vec::new();
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&src).unwrap();
            (
                path.to_string_lossy().replace('\\', "/"),
                fs::read_to_string(file).unwrap(),
            )
        })
        .collect();
    let only_tests: Vec<String> = texts
        .iter()
        .flat_map(|(path, text)| test_files(path, text))
        .collect();
    for (path, text) in texts {
        if text.lines().count() > LINES_MAX {
            found.push(format!("src/{path}: more than {LINES_MAX} lines"));
        }
        found.extend(faults_of(&path, &joined(&text), only_tests.contains(&path)));
    }
    found
}

#[test]
fn the_house_is_in_order() {
    let found = all_faults();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_room_of_the_library_is_in_the_law() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "cli" {
            assert!(ROOMS.iter().any(|(room, _)| *room == name), "{name}");
        }
    }
}

#[test]
fn files_for_tests_alone_are_known_by_their_declaration() {
    let text = "#[cfg(test)]\nmod samples;\n\n#[cfg(test)]\n#[path = \"verify_tests.rs\"]\nmod tests;\nmod real;\n#[cfg(test)]\npub(in crate::app) mod more;\n";
    let found = test_files("asset/mod.rs", text);
    assert_eq!(
        found,
        [
            "asset/samples.rs",
            "asset/verify_tests.rs",
            "asset/tests.rs",
            "asset/more.rs"
        ]
    );
    assert_eq!(
        test_files("asset/mod.rs", "#[cfg(test)]\nmod tests {\n}\nmod real;\n"),
        Vec::<String>::new()
    );
}

#[test]
fn the_rules_bite() {
    let long = "\n".repeat(LINES_MAX + 1);
    let bad = [
        ("render/x.rs", "use crate::app::Error;"),
        ("base/x.rs", "use crate::report::Check;"),
        (
            "metadata/x.rs",
            "use crate::{\n    asset::Asset,\n    keys::{a, b},\n};",
        ),
        ("report/x.rs", "fn f() -> crate::app::Kind { x }"),
        ("app/x.rs", "use c2pa::Reader;"),
        ("app/x.rs", "use c2pa;"),
        ("asset/jpeg.rs", "use image::DynamicImage;"),
        ("keys/x.rs", "let v = serde_json::json!(1);"),
        ("ledger/tree.rs", "use sha2::Sha256;"),
        ("app/x.rs", "let t = std::fs::read(p);"),
        ("ledger/x.rs", "let t = std::time::SystemTime::now();"),
        ("cli/x.rs", "std::env::var(\"HOME\");"),
        ("attic/x.rs", ""),
        ("base/x.rs", "fn f() { todo!() }"),
        ("base/x.rs", "#[ignore]"),
        ("base/x.rs", "// caf\u{e9}"),
        ("base/x.rs", long.as_str()),
        ("asset/x.rs", "use ureq::get;"),
        ("app/x.rs", "use tokio::net::TcpListener;"),
        ("app/x.rs", "use ureq::get;"),
        ("cli/x.rs", "let ls = std::process::Command::new(\"ls\");"),
        (
            "metadata/mod.rs",
            "#[cfg(test)]\nmod tests;\nuse crate::app::Error;",
        ),
        (
            "ledger/x.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::store::x;\n}\nuse crate::store::y;",
        ),
        ("similar/index/scan.rs", "let x = unsafe { load(p) };"),
    ];
    for (path, text) in bad {
        assert!(!faults(path, &joined(text)).is_empty(), "{path}: {text}");
    }
}

#[test]
fn the_rules_spare_what_is_allowed() {
    let good = [
        (
            "render/x.rs",
            "use crate::base::Untrusted;\nuse crate::render::Style;",
        ),
        ("app/x.rs", "use crate::{base::Digest, ledger::{tree, note}};"),
        (
            "base/x.rs",
            "/// As `crate::app::Error` says, todo!( and std::fs are elsewhere.",
        ),
        ("metadata/exif.rs", "use exif::Reader;"),
        ("manifest/x.rs", "use crate::asset::image::x;"),
        ("report/x.rs", "let label = \"c2pa.created\";"),
        (
            "ledger/x.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::store::x;\n}",
        ),
    ];
    for (path, text) in good {
        assert_eq!(
            faults(path, &joined(text)),
            Vec::<String>::new(),
            "{path}: {text}"
        );
    }
}
