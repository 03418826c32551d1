//! Every call that touches the disk fails once, and every moment between two of them is once the last.
//!
//! strace(1) makes the n-th call of a kind fail, or kills the process at its entry. After each: the old or the new file is
//! whole, its mode is kept, the ledger audits, success means that file and entry are there, and the next run finishes and
//! clears up. `cargo test` takes a sample; `BYLINE_FAULTS=all` (tests/judges/faults.sh) takes every point.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::run::{Home, both, code};

/// A command whose every disk call is made to fail.
struct Deed {
    name: &'static str,
    args: &'static [&'static str],
    judge: fn(&Home, &Deed, bool),
}

const CALLS: [&str; 13] = [
    "rename",
    "renameat2",
    "fdatasync",
    "fsync",
    "pwrite64",
    "write",
    "linkat",
    "unlink",
    "ftruncate",
    "fchmod",
    "mkdir",
    "flock",
    "openat",
];
const ACTS: [&str; 3] = ["signal=KILL", "error=EIO", "error=ENOSPC"];
const MODE: u32 = 0o640;

const DEEDS: [Deed; 8] = [
    Deed {
        name: "sign in place",
        args: &["sign", "a.jpg", "--in-place", "--source", "ai"],
        judge: |home, deed, success| signed(home, deed, &[("a.jpg", "a.jpg")], success),
    },
    Deed {
        name: "sign -o",
        args: &["sign", "a.jpg", "-o", "new/out.jpg", "--source", "ai"],
        judge: |home, deed, success| signed(home, deed, &[("a.jpg", "new/out.jpg")], success),
    },
    Deed {
        name: "sign a folder",
        args: &["sign", "in", "-o", "out/", "--source", "ai", "--jobs", "2"],
        judge: |home, deed, success| {
            signed(
                home,
                deed,
                &[("in/0.jpg", "out/0.jpg"), ("in/1.jpg", "out/1.jpg")],
                success,
            );
        },
    },
    Deed {
        name: "sign --keep-manifests",
        args: &[
            "sign",
            "a.jpg",
            "-o",
            "new/out.jpg",
            "--source",
            "ai",
            "--keep-manifests",
        ],
        judge: |home, deed, success| {
            every_entry_has_its_manifest(home);
            signed(home, deed, &[("a.jpg", "new/out.jpg")], success);
            every_entry_has_its_manifest(home);
        },
    },
    Deed {
        name: "key new",
        args: &["key", "new", "--name", "bob", "--as", "Bob", "--unencrypted"],
        judge: key_made,
    },
    Deed {
        name: "trust add",
        args: &["trust", "add", "eve.pub", "--name", "again"],
        judge: trust_added,
    },
    Deed {
        name: "ledger init",
        args: &[
            "ledger",
            "init",
            "new.ledger",
            "--origin",
            "studio.example/pictures",
        ],
        judge: ledger_made,
    },
    Deed {
        name: "ledger init --private",
        args: &[
            "ledger",
            "init",
            "new.ledger",
            "--origin",
            "studio.example/private",
            "--private",
        ],
        judge: ledger_made,
    },
];

#[test]
fn no_failing_call_and_no_kill_loses_a_file_or_an_entry() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIPPED: strace is not on PATH, so no call can be made to fail");
        return;
    }
    let all = std::env::var_os("BYLINE_FAULTS").is_some_and(|value| value == "all");
    let template = template();
    let mut points = 0;
    for deed in &DEEDS {
        let mut of_deed = 0;
        for call in CALLS {
            for act in ACTS {
                if !all && !sampled(deed, call, act) {
                    continue;
                }
                for when in 1..=MOST {
                    if !all && when % 2 == 0 && call != "rename" {
                        continue;
                    }
                    if !point(&template, deed, call, act, when) {
                        break;
                    }
                    of_deed += 1;
                }
            }
        }
        eprintln!("{}: {of_deed} fault points", deed.name);
        points += of_deed;
    }
    eprintln!("{points} fault points in all");
    assert!(points > 12, "strace injected next to nothing: {points}");
}

/// The few that tell most, so that `cargo test` stays short.
fn sampled(deed: &Deed, call: &str, act: &str) -> bool {
    match deed.name {
        "sign in place" => matches!(
            (call, act),
            ("rename", _) | ("fdatasync", "error=EIO") | ("pwrite64", "signal=KILL")
        ),
        "sign -o" => matches!(
            (call, act),
            ("renameat2" | "fsync", "signal=KILL") | ("renameat2", "error=EIO")
        ),
        "sign --keep-manifests" => matches!(
            (call, act),
            ("mkdir", _) | ("rename" | "fsync", "signal=KILL") | ("fsync" | "write", "error=ENOSPC")
        ),
        "ledger init" => matches!((call, act), ("linkat", "signal=KILL")),
        "key new" => matches!((call, act), ("fsync", "signal=KILL")),
        _ => false,
    }
}

/// More calls of one kind than any deed makes in one thread.
const MOST: usize = 80;

/// Runs a deed in a fresh copy with one fault, judges; `false` when there was no such call any more.
fn point(template: &Home, deed: &Deed, call: &str, act: &str, when: usize) -> bool {
    let home = Home::new();
    copy_tree(template.dir.path(), home.dir.path());
    let log = tempfile::NamedTempFile::new().unwrap();
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(log.path())
        .args([
            "-e",
            &format!("trace={call}"),
            "-e",
            &format!("inject={call}:{act}:when={when}"),
        ])
        .arg(env!("CARGO_BIN_EXE_byline"))
        .args(deed.args)
        .current_dir(home.dir.path())
        .env_clear()
        .env("BYLINE_HOME", home.path("home"))
        .output()
        .unwrap();
    let trace = fs::read_to_string(log.path()).unwrap_or_default();
    if !trace.contains("INJECTED") && !trace.contains("killed by SIGKILL") {
        return false;
    }
    let success = output.status.code() == Some(0);
    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        (deed.judge)(&home, deed, success);
    }));
    if let Err(why) = judged {
        let hit = trace
            .lines()
            .filter(|line| line.contains("INJECTED") || line.contains("SIGKILL"));
        eprintln!(
            "{} {call}:{act}:when={when}\n{}",
            deed.name,
            hit.collect::<Vec<_>>().join("\n")
        );
        eprintln!("the run with the fault: {}", both(&output));
        eprintln!("the files: {:#?}", every_file(home.dir.path()));
        if std::env::var_os("BYLINE_FAULTS_GO_ON").is_none() {
            std::panic::resume_unwind(why);
        }
    }
    true
}

/// A home with a key, a trusted creator, one picture of mode 0640 and a folder of two.
fn template() -> Home {
    let home = Home::with_key();
    let other = Home::new();
    other.ok(["key", "new", "--name", "eve", "--unencrypted"]);
    other.ok(["key", "export", "eve", "--public", "-o", "eve.pub"]);
    fs::copy(other.path("eve.pub"), home.path("eve.pub")).unwrap();
    let picture = home.fixture("images/lighthouse.jpg");
    fs::create_dir(home.path("in")).unwrap();
    let whole = fs::read(&picture).unwrap();
    for number in 0..2 {
        let mut bytes = whole.clone();
        bytes.splice(2..2, [0xff, 0xfe, 0, 4, b'#', b'0' + number]);
        fs::write(home.path(&format!("in/{number}.jpg")), bytes).unwrap();
    }
    fs::rename(picture, home.path("a.jpg")).unwrap();
    fs::set_permissions(home.path("a.jpg"), fs::Permissions::from_mode(MODE)).unwrap();
    home
}

fn original(input: &str) -> Vec<u8> {
    let mut bytes = fs::read(super::run::fixtures().join("images/lighthouse.jpg")).unwrap();
    if let Some(number) = input.strip_prefix("in/") {
        bytes.splice(2..2, [0xff, 0xfe, 0, 4, b'#', number.as_bytes()[0]]);
    }
    bytes
}

const LEDGER: &str = "home/data/default.ledger";

fn signed(home: &Home, deed: &Deed, pairs: &[(&str, &str)], success: bool) {
    for (input, output) in pairs {
        let before = original(input);
        if input != output {
            assert_eq!(
                fs::read(home.path(input)).unwrap(),
                before,
                "the input is as it was"
            );
        }
        let old = input == output && fs::read(home.path(output)).unwrap() == before;
        let there = home.path(output).exists() && !old;
        if there {
            trusted_and_recorded(home, output);
        }
        assert!(there || !success, "success without the signed file");
        if *input == "a.jpg" && home.path(output).exists() {
            let mode = fs::metadata(home.path(output)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, MODE, "a private picture stays private");
        }
    }
    let before = audited(home, LEDGER);
    let again = home.run(deed.args);
    assert_eq!(code(&again), 0, "the next run: {}", both(&again));
    for (_, output) in pairs {
        trusted_and_recorded(home, output);
    }
    let wanted = u64::try_from(pairs.len()).unwrap();
    let after = audited(home, LEDGER);
    assert!(
        before <= wanted && after == wanted,
        "entries for no file: {before} before, {after} after the next run"
    );
    nothing_left(home);
}

/// Whatever the ledger holds can be given back: the manifest was durable before its entry.
fn every_entry_has_its_manifest(home: &Home) {
    if !home.path(LEDGER).exists() {
        return;
    }
    let shown = home.json(["ledger", "show", "--count", "100"], 0);
    for entry in shown["entries"].as_array().unwrap() {
        let Some(manifest) = entry["registration"]["manifest"].as_str() else {
            continue;
        };
        let kept = home.path(&format!("{LEDGER}.manifests/{}/{manifest}.c2pa", &manifest[..2]));
        let bytes = fs::read(&kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        assert_eq!(byline::base::Digest::of(&bytes).hex(), manifest);
    }
}

fn trusted_and_recorded(home: &Home, name: &str) {
    let report = home.json(["verify", name], 0);
    assert_eq!(report["result"], "TRUSTED");
    assert_eq!(
        report["ledger"]["check"]["outcome"], "pass",
        "{}",
        report["ledger"]
    );
}

/// How many registrations a ledger holds, which must be sound.
fn audited(home: &Home, ledger: &str) -> u64 {
    if !home.path(ledger).exists() {
        return 0;
    }
    let audit = home.json(["audit", ledger], 0);
    assert_eq!(audit["sound"], true, "{audit}");
    audit["counts"]["registrations"].as_u64().unwrap()
}

fn nothing_left(home: &Home) {
    let left: Vec<PathBuf> = every_file(home.dir.path())
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // What a kill leaves among kept manifests is named by no entry, and goes with the next one put on its shelf.
            let is_kept = path.to_string_lossy().contains(".ledger.manifests/");
            !is_kept && (name.starts_with('.') || name.contains("part") || name.contains(".new"))
        })
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

fn key_made(home: &Home, deed: &Deed, success: bool) {
    assert_eq!(code(&home.run(["key", "list"])), 0);
    if success {
        home.ok(["key", "show", "bob"]);
    }
    let again = home.run(deed.args);
    let text = both(&again);
    assert!(
        code(&again) == 0 || text.contains("there is a key `bob` already"),
        "{text}"
    );
    // A key whose public file is missing gets it when it is opened.
    home.ok([
        "sign",
        "a.jpg",
        "--source",
        "ai",
        "--key",
        "bob",
        "--no-ledger",
        "-o",
        "bob.jpg",
    ]);
    home.ok(["key", "show", "bob"]);
    nothing_left(home);
}

fn trust_added(home: &Home, deed: &Deed, success: bool) {
    let list = |home: &Home| home.ok(["trust", "list"]).contains("again");
    assert!(list(home) || !success, "success without the file");
    let again = home.run(deed.args);
    assert!(code(&again) == 0 || list(home), "{}", both(&again));
    assert!(list(home));
    nothing_left(home);
}

fn ledger_made(home: &Home, deed: &Deed, success: bool) {
    assert!(home.path("new.ledger").exists() || !success);
    audited(home, "new.ledger");
    let again = home.run(deed.args);
    assert!(
        code(&again) == 0 || home.path("new.ledger").exists(),
        "the next run: {}",
        both(&again)
    );
    home.ok([
        "sign",
        "a.jpg",
        "--source",
        "ai",
        "--ledger",
        "new.ledger",
        "-o",
        "out.jpg",
    ]);
    assert_eq!(audited(home, "new.ledger"), 1);
    nothing_left(home);
}

fn every_file(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

fn copy_tree(from: &Path, to: &Path) {
    let copied: Output = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .output()
        .unwrap();
    assert!(copied.status.success(), "{}", both(&copied));
}
