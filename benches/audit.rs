//! What a large ledger takes of time and memory when all of it is read again: audits, and the replay behind `ledger root`.
//!
//! `cargo bench --ignore-rust-version --bench audit`. `BYLINE_BENCH_ENTRIES=N` sets the number of registrations (1,000,000;
//! 10,000,000 need 11 GB of disk), `BYLINE_BENCH_DIR` where files go; a ledger of that size found there is taken as it is.
//! Each part runs in a process of its own, so that its memory can be told.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use byline::ledger::audit::{Options, Replay, StateMaps, audit};
use byline::ledger::spill::Room;
use byline::ledger::{Entry, LookupMode};
use byline::store::scratch::Scratch;
use byline::store::{LedgerFile, NewLedger, Places};

mod entries;

use entries::NOW;

const KEYS: u64 = 16;
const GROUP: u64 = 4096;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let of = |word: &str| {
        words
            .iter()
            .position(|found| found == word)
            .map(|at| PathBuf::from(&words[at + 1]))
    };
    if let Some(dir) = of("part-audit") {
        return audited(&dir);
    }
    if let Some(dir) = of("part-root") {
        return rooted(&dir);
    }
    let set = std::env::var("BYLINE_BENCH_ENTRIES").ok();
    let count: u64 = set.and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let temporary = tempfile::tempdir().unwrap();
    let dir =
        std::env::var_os("BYLINE_BENCH_DIR").map_or_else(|| temporary.path().to_path_buf(), PathBuf::from);
    let dir = dir.join(format!("audit-{count}"));
    if !dir.join("done").exists() {
        make(&dir, count);
    }
    println!("{count} registrations by {KEYS} keys");
    for part in ["part-audit", "part-root"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .arg(part)
            .arg(&dir)
            .status();
        assert!(child.unwrap().success());
    }
}

fn places(dir: &Path) -> Places {
    Places {
        log_key: dir.join("log.key"),
        state: dir.join("state"),
    }
}

fn make(dir: &Path, count: u64) {
    let keys = entries::keys(KEYS);
    let new = NewLedger {
        origin: "bench.example/ledger",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [1; 32],
        secret: [2; 32],
        now: NOW,
    };
    let _ = std::fs::remove_dir_all(dir);
    std::fs::create_dir_all(dir).unwrap();
    let mut ledger = LedgerFile::create(&dir.join("bench.ledger"), &places(dir), &new).unwrap();
    let incepts: Vec<Entry> = keys.iter().map(entries::incept).collect();
    ledger.append(&incepts, NOW).unwrap();
    let mut n = 0;
    while n < count {
        let end = count.min(n + GROUP);
        ledger.append(&entries::in_two(&keys, n..end), NOW).unwrap();
        n = end;
    }
    drop(ledger);
    std::fs::write(dir.join("done"), b"").unwrap();
}

fn room(dir: &Path) -> Arc<dyn Room> {
    Arc::new(Scratch::in_folder(&dir.join("state")))
}

fn audited(dir: &Path) {
    let file = std::fs::File::open(dir.join("bench.ledger")).unwrap();
    let options = Options {
        threads: 2,
        maps: StateMaps::Wait,
        room: Some(room(dir)),
        ..Options::default()
    };
    let start = Instant::now();
    let found = audit(file, &options, &mut |_| ()).unwrap();
    assert!(found.findings.is_empty());
    told("audit, two threads", start, found.size.0, 256.0);
}

/// As `ledger root` does, but for the entry that it would append.
fn rooted(dir: &Path) {
    let ledger = LedgerFile::open_read(&dir.join("bench.ledger"), None).unwrap();
    let mut replay = Replay::new(ledger.header(), 2, Some(room(dir)));
    let start = Instant::now();
    ledger.replay(&mut replay, ledger.size(), &mut |_| ()).unwrap();
    let said = replay.root().unwrap();
    told(
        &format!("replay and root, {} keys", said.keys),
        start,
        ledger.size().0,
        256.0,
    );
}

fn told(name: &str, start: Instant, count: u64, most: f64) {
    let wall = start.elapsed().as_secs_f64();
    let peak = memory("VmHWM") as f64 / 1024.0;
    let us = |seconds: f64| seconds * 1e6 / count as f64;
    let word = if peak <= most { "reached" } else { "MISSED" };
    println!(
        "  {name:<32}{wall:>8.1} s wall{:>8.2} us of CPU an entry{peak:>10.1} MiB at most, goal {most}: {word}",
        us(cpu_seconds())
    );
}

/// User and system time of this process, from `/proc/self/stat`, in ticks of 10 ms; zero where there is none.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / 100.0
}

/// A figure of this process in KiB, from `/proc/self/status`; 0 where there is none.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}
