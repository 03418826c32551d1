//! Bombs against the binary: each file under one megabyte, each answered within 2 s of processor time and 256 MiB.
//!
//! `cargo bench --ignore-rust-version --bench bombs`; names of commands after `--` choose among verify, inspect, find and sign.
//! Prints the worst ten by time and by memory, and fails where `verify` or `inspect` exceeds the bar. The kernel counts a parent's
//! memory against a child it has just forked, so a second process of this program, which holds nothing, starts the runs.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::too_many_lines,
    clippy::trivially_copy_pass_by_ref,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::exit,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

#[path = "../tests/it/bombs/mod.rs"]
mod bombs;

#[path = "../tests/it/attacks"]
mod attacks {
    pub mod jumbf;
}

use std::path::Path;
use std::process::Command;
use std::time::Duration;

const CPU_MAX: Duration = Duration::from_secs(2);
const MIB_MAX: u64 = 256;
const MEASURE: &str = "measure";

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    if let Some((MEASURE, rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        std::process::exit(measure(Path::new(&rest[0]), &rest[1..]));
    }
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("bombs");
    std::fs::create_dir(&folder).unwrap();
    let all = bombs::all();
    for (kind, bomb) in &all {
        std::fs::write(folder.join(format!("{kind}@{}", bomb.name)), &bomb.bytes).unwrap();
    }
    println!("{} bombs", all.len());
    let byline = |args: &[&str]| {
        let done = command(dir.path(), args[0]).args(&args[1..]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images/gradient.png");
    byline(&["key", "new", "--name", "a", "--as", "A", "--unencrypted"]);
    byline(&[
        "sign",
        picture.to_str().unwrap(),
        "--source",
        "ai",
        "-o",
        "ours.png",
    ]);
    let commands = if args.is_empty() {
        vec!["verify".to_owned(), "inspect".to_owned()]
    } else {
        args
    };
    let me = std::env::current_exe().unwrap();
    let status = Command::new(me)
        .arg(MEASURE)
        .arg(dir.path())
        .args(commands)
        .status()
        .unwrap();
    std::process::exit(status.code().unwrap_or(1));
}

fn command(home: &Path, deed: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byline"));
    command
        .current_dir(home)
        .env_clear()
        .env("BYLINE_HOME", home.join("home"))
        .arg(deed);
    command
}

/// Runs each command on each bomb and prints what they took; 1 where one exceeds the bar.
fn measure(home: &Path, commands: &[String]) -> i32 {
    let folder = home.join("bombs");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    let mut runs = Vec::new();
    for deed in commands {
        for file in &files {
            let mut command = command(home, deed);
            command.arg(folder.join(file));
            if deed == "sign" {
                command.args(["--source", "ai", "--no-ledger", "--force", "-o", "out.bin"]);
            }
            runs.push((bombs::cost::of(&mut command), deed, file.to_str().unwrap()));
        }
    }
    let show = |title: &str, runs: &[(bombs::cost::Cost, &String, &str)]| {
        println!("\n{title}");
        for (cost, deed, name) in runs.iter().take(10) {
            let (kind, name) = name.split_once('@').unwrap();
            println!(
                "{:>8.3} s {:>5} MiB  exit {:<3} {deed:<8} {kind:<14} {name}",
                cost.cpu.as_secs_f64(),
                cost.mib,
                cost.code
            );
        }
    };
    runs.sort_by_key(|(cost, ..)| std::cmp::Reverse(cost.cpu));
    show("worst ten by processor time", &runs);
    runs.sort_by_key(|(cost, ..)| std::cmp::Reverse(cost.mib));
    show("worst ten by memory", &runs);
    let is_wrong = |run: &&(bombs::cost::Cost, &String, &str)| {
        let (cost, deed, _) = run;
        let bound = matches!(deed.as_str(), "verify" | "inspect");
        !(0..=4).contains(&cost.code) || (bound && (cost.cpu > CPU_MAX || cost.mib > MIB_MAX))
    };
    let wrong: Vec<_> = runs.iter().filter(is_wrong).copied().collect();
    println!(
        "\n{} runs, {} beyond {CPU_MAX:?} or {MIB_MAX} MiB, or not answered",
        runs.len(),
        wrong.len()
    );
    show("beyond", &wrong);
    i32::from(!wrong.is_empty())
}
