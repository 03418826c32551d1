//! What a large ledger takes of time and memory when all of it is read again: audits with and without its state maps, and the
//! replays behind `ledger root` and `ledger prove --state`.
//!
//! `cargo bench --ignore-rust-version --bench audit`. `BYLINE_BENCH_ENTRIES=N` sets the number of registrations (1,000,000;
//! 10,000,000 need 14 GB of disk), `BYLINE_BENCH_ROOTS=N` how often the log signs its state meanwhile (10), `BYLINE_BENCH_DIR`
//! where files go; such a ledger found there is taken as it is. Each part runs in a process of its own, so that its memory can
//! be told.

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

use byline::ledger::audit::{Options, Replay, Rule, StateMaps, audit};
use byline::ledger::map::{Feed, Topic};
use byline::ledger::spill::Room;
use byline::ledger::title::{Policy, State};
use byline::ledger::{Entry, EntryBody, LeafIndex, LookupMode, MapRoot, TreeSize};
use byline::store::scratch::Scratch;
use byline::store::{LedgerFile, NewLedger, Places};

mod entries;

use entries::NOW;

const KEYS: u64 = 16;
const GROUP: u64 = 4096;
const MOST_MIB: f64 = 256.0;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let of = |word: &str| {
        words
            .iter()
            .position(|found| found == word)
            .map(|at| PathBuf::from(&words[at + 1]))
    };
    for (part, work) in PARTS {
        if let Some(dir) = of(part) {
            return work(&dir);
        }
    }
    let (count, roots) = (set("ENTRIES", 1_000_000), set("ROOTS", 10));
    let temporary = tempfile::tempdir().unwrap();
    let dir =
        std::env::var_os("BYLINE_BENCH_DIR").map_or_else(|| temporary.path().to_path_buf(), PathBuf::from);
    let dir = dir.join(format!("audit-{count}-{roots}"));
    if !dir.join("done").exists() {
        make(&dir, count, roots);
    }
    println!("{count} registrations by {KEYS} keys, {roots} signed state maps");
    for (part, _) in PARTS {
        let child = Command::new(std::env::current_exe().unwrap())
            .arg(part)
            .arg(&dir)
            .status();
        assert!(child.unwrap().success());
    }
}

/// The word that names a part, and what it measures of the ledger in a directory.
type Part = (&'static str, fn(&Path));

/// What is measured.
const PARTS: [Part; 4] = [
    ("part-audit", |dir| {
        audited(dir, StateMaps::PassOver, "audit but for the maps");
    }),
    ("part-maps", |dir| audited(dir, StateMaps::Derive, "audit")),
    ("part-root", rooted),
    ("part-prove", proved),
];

/// A number from the environment.
fn set(name: &str, default: u64) -> u64 {
    let set = std::env::var(format!("BYLINE_BENCH_{name}")).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn places(dir: &Path) -> Places {
    Places {
        log_key: dir.join("log.key"),
        state: dir.join("state"),
    }
}

fn make(dir: &Path, count: u64, roots: u64) {
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
    let mut maps = Maps {
        state: State::new(Policy::of(ledger.header())),
        feed: Feed::new(),
    };
    let incepts: Vec<Entry> = keys.iter().map(entries::incept).collect();
    maps.append(&mut ledger, &incepts);
    let (mut n, mut signed) = (0, 0);
    while n < count {
        let end = count.min(n + GROUP);
        maps.append(&mut ledger, &entries::in_two(&keys, n..end));
        n = end;
        if n * roots / count > signed {
            signed = n * roots / count;
            let root = maps.feed.root(&maps.state, ledger.size()).unwrap();
            let root = ledger.sign_as_log(EntryBody::StateRoot(root), NOW).unwrap();
            maps.append(&mut ledger, &[root]);
        }
    }
    drop(ledger);
    std::fs::write(dir.join("done"), b"").unwrap();
}

/// What the log says so far.
struct Maps {
    state: State,
    feed: Feed,
}

impl Maps {
    fn append(&mut self, ledger: &mut LedgerFile, entries: &[Entry]) {
        for (entry, index) in entries.iter().zip(ledger.size().0..) {
            let id = entry.id();
            self.state.step(LeafIndex(index), &id, entry).unwrap();
            self.feed.take(&id, entry).unwrap();
        }
        ledger.append(entries, NOW).unwrap();
    }
}

fn room(dir: &Path) -> Arc<dyn Room> {
    Arc::new(Scratch::in_folder(&dir.join("state")))
}

fn audited(dir: &Path, maps: StateMaps, name: &str) {
    let file = std::fs::File::open(dir.join("bench.ledger")).unwrap();
    let options = Options {
        threads: 2,
        maps,
        room: Some(room(dir)),
        ..Options::default()
    };
    let start = Instant::now();
    let found = audit(file, &options, &mut |_| ()).unwrap();
    assert!(
        found
            .findings
            .iter()
            .all(|finding| matches!(finding.rule, Rule::StateMapPassedOver))
    );
    assert!(maps == StateMaps::PassOver || found.findings.is_empty());
    told(name, start, found.size.0);
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
    );
}

/// As `ledger prove --state` does, but for the places of the entries that it names.
fn proved(dir: &Path) {
    let ledger = LedgerFile::open_read(&dir.join("bench.ledger"), None).unwrap();
    let (at, root) = ledger.last_state_root(ledger.size()).unwrap().unwrap();
    let mut replay = Replay::new(ledger.header(), 2, Some(room(dir)));
    let start = Instant::now();
    ledger.replay(&mut replay, TreeSize(at.0), &mut |_| ()).unwrap();
    let said = replay.root().unwrap();
    assert_eq!(*root.body(), EntryBody::StateRoot(said));
    let topic = Topic::Content(entries::digest(2, 0));
    let answer = replay.say(topic).unwrap().map;
    let root = MapRoot::from_bytes(*said.root.as_bytes());
    assert!(answer.verify(&topic.key(), &root).unwrap().is_some());
    told("replay and proof", start, at.0);
}

fn told(name: &str, start: Instant, count: u64) {
    let wall = start.elapsed().as_secs_f64();
    let peak = memory("VmHWM") as f64 / 1024.0;
    let us = |seconds: f64| seconds * 1e6 / count as f64;
    let word = if peak <= MOST_MIB { "reached" } else { "MISSED" };
    println!(
        "  {name:<32}{wall:>8.1} s wall{:>8.2} us of CPU an entry{peak:>10.1} MiB at most, goal {MOST_MIB}: {word}",
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
