//! The ledger on disk against its floors and its peers, both sides in one run, as ratios.
//!
//! `cargo bench --ignore-rust-version --bench disk`. Floors: SHA-256 blocks, one Ed25519 verification, one fdatasync. Peers:
//! SQLite (WAL, synchronous FULL) and redb, each with the plainest table that does the work. `BYLINE_BENCH_LOOKUP=N` sets
//! the entries of the ledger that is opened and looked up in (1,000,000; the goals are for 10,000,000, which needs 10 GB of
//! disk and some minutes). `BYLINE_BENCH_DIR` sets where files go: a memory file system makes every sync free, and says
//! nothing.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use byline::base::Digest;
use byline::keys::CreatorKey;
use byline::ledger::tree::CompactRange;
use byline::ledger::{Entry, LeafHash, LookupMode};
use byline::store::{Group, LedgerFile, Lookup, NewLedger, Places};

mod entries;

use entries::NOW;

const KEYS: u64 = 16;
const GROUP: u64 = 4096;
const WRITERS: u64 = 64;
/// Set for the process that does the part on a large ledger.
const LARGE_IN: &str = "BYLINE_BENCH_LARGE_IN";

fn main() {
    let base = std::env::var_os("BYLINE_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let keys = entries::keys(KEYS);
    if let Some(dir) = std::env::var_os(LARGE_IN) {
        return large(Path::new(&dir), &keys, number("BYLINE_BENCH_LOOKUP", 1_000_000));
    }
    let dir = tempfile::tempdir_in(base).unwrap();
    let block = floors(dir.path(), &keys);
    merkle(&keys, block);
    singles(dir.path(), &keys);
    groups(dir.path(), &keys);
    // In a process of its own, so that its memory can be told.
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    assert!(child.env(LARGE_IN, dir.path()).status().unwrap().success());
}

/// What the machine itself takes. Returns the time of one SHA-256 block.
fn floors(dir: &Path, keys: &[CreatorKey]) -> Duration {
    println!("floors");
    let bytes = vec![7u8; 64 << 14];
    let block = best(200, || {
        black_box(Digest::of(&bytes));
    }) / (1 << 14);
    line("SHA-256, a block of 64 bytes", format!("{:.1} ns", ns(block)));
    let (entry, key) = (entries::entry(&keys[0], 1), keys[0].public());
    let entry = Entry::decode(entry.bytes()).unwrap();
    let verify = best(200, || assert!(entry.verify_strict(&key)));
    line(
        "Ed25519, one strict verification",
        format!("{:.1} us", us(verify)),
    );
    let file = File::create(dir.join("floor")).unwrap();
    file.write_all_at(&vec![0; 4 << 20], 0).unwrap();
    file.sync_all().unwrap();
    let mut at = 0;
    let syncs: Vec<Duration> = (0..1000)
        .map(|_| {
            timed(|| {
                file.write_all_at(&bytes[..840], at).unwrap();
                file.sync_data().unwrap();
                at += 840;
            })
        })
        .collect();
    let sync = p50(syncs);
    line(
        "write of 840 bytes and fdatasync, median",
        format!("{:.1} us", us(sync)),
    );
    block
}

/// Hashing entries into the tree: each leaf's blocks, and two for each node.
fn merkle(keys: &[CreatorKey], block: Duration) {
    println!("\nMerkle append, one core");
    // As many as a commit has: they are in the cache when they are hashed.
    let entries = entries::in_two(keys, 0..2000);
    let blocks: usize = entries
        .iter()
        .map(|entry| (entry.bytes().len() + 1 + 9).div_ceil(64) + 2)
        .sum();
    let append = best(500, || {
        let mut range = CompactRange::new();
        entries
            .iter()
            .for_each(|entry| range.push(LeafHash::of(entry.bytes())));
        black_box(range.root());
    });
    let floor = block * blocks as u32;
    let each = |time: Duration| format!("{:.0} ns", ns(time) / entries.len() as f64);
    line("an entry's blocks and two for its node, floor", each(floor));
    line("leaf and tree", each(append));
    ratio("Merkle append / its hash floor", append, floor, 1.2);
}

/// One entry, one durable commit, in turns with SQLite.
fn singles(dir: &Path, keys: &[CreatorKey]) {
    println!("\none durable commit at a time, in turns (median, 99th of 100)");
    let ours = Ledger::create(dir, "single", keys);
    let mut ledger = ours.open();
    let sqlite = sqlite(dir, "single.db");
    let redb = Redb::create(&dir.join("single.redb"));
    let rounds = 3000u64;
    let own = entries::in_two(keys, 0..rounds);
    let foreign: Vec<Entry> = entries::in_two(keys, rounds..2 * rounds)
        .iter()
        .map(|entry| Entry::decode(entry.bytes()).unwrap())
        .collect();
    let mut times: [Vec<Duration>; 4] = Default::default();
    for n in 0..rounds as usize {
        let bytes = own[n].bytes();
        times[0].push(timed(|| {
            ledger.append(&own[n..=n], NOW).unwrap();
        }));
        times[1].push(timed(|| {
            ledger.append(&foreign[n..=n], NOW).unwrap();
        }));
        times[2].push(timed(|| insert(&sqlite, bytes)));
        times[3].push(timed(|| redb.insert(n as u64, bytes)));
    }
    let names = [
        "byline, entry signed here",
        "byline, entry of others, signature verified",
        "SQLite, WAL, FULL: one row",
        "redb, immediate: one row",
    ];
    let medians = times.map(|mut times| {
        // The first rounds grow files and caches on every side.
        times.drain(..times.len() / 3);
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    });
    for (name, (median, worst)) in names.iter().zip(medians) {
        line(name, format!("{:.1} us, {:.1} us", us(median), us(worst)));
    }
    ratio("single commit / SQLite's", medians[0].0, medians[2].0, 1.3);
}

/// 64 threads, each waiting for its own entry to be on the disk.
fn groups(dir: &Path, keys: &[CreatorKey]) {
    println!("\n64 writers, one entry each at a time");
    let each = 200u64;
    let ours = Ledger::create(dir, "group", keys);
    let group = Group::new(ours.open());
    let all: Vec<Vec<Entry>> = (0..WRITERS)
        .map(|n| entries::in_two(keys, n * each..(n + 1) * each))
        .collect();
    let foreign = |batch: &[Entry]| -> Vec<Entry> {
        batch
            .iter()
            .map(|entry| Entry::decode(entry.bytes()).unwrap())
            .collect()
    };
    let batches: Vec<Vec<Entry>> = all.iter().map(|batch| foreign(batch)).collect();
    let mine = rate(WRITERS * each, || {
        std::thread::scope(|scope| {
            for batch in &batches {
                let group = &group;
                scope.spawn(move || {
                    for entry in batch {
                        group.append(vec![entry.clone()], NOW).unwrap();
                    }
                });
            }
        });
    });
    line("byline, signatures verified", format!("{mine:.0} /s"));
    let each = each / 4;
    let shared = Mutex::new(sqlite(dir, "shared.db"));
    let one = rate(WRITERS * each, || {
        std::thread::scope(|scope| {
            for batch in &all {
                let shared = &shared;
                scope.spawn(move || {
                    for entry in &batch[..each as usize] {
                        insert(&shared.lock().unwrap(), entry.bytes());
                    }
                });
            }
        });
    });
    line("SQLite, one connection shared", format!("{one:.0} /s"));
    sqlite(dir, "many.db");
    let many = rate(WRITERS * each, || {
        std::thread::scope(|scope| {
            for batch in &all {
                scope.spawn(move || {
                    let connection = sqlite(dir, "many.db");
                    for entry in &batch[..each as usize] {
                        insert(&connection, entry.bytes());
                    }
                });
            }
        });
    });
    line("SQLite, a connection each", format!("{many:.0} /s"));
    wanted(
        "64 writers / the better of SQLite's",
        mine / one.max(many),
        "at least 3.0",
        mine >= 3.0 * one.max(many),
    );
}

/// Opening and looking up in a large ledger, and what memory that takes.
fn large(dir: &Path, keys: &[CreatorKey], count: u64) {
    println!("\n{count} entries");
    let ours = Ledger::create(dir, "large", keys);
    let filled = Instant::now();
    let mut ledger = ours.open();
    let mut n = 0;
    while n < count {
        let end = count.min(n + GROUP);
        ledger.append(&entries::in_two(keys, n..end), NOW).unwrap();
        n = end;
    }
    drop(ledger);
    let spent = filled.elapsed();
    line(
        "signed and appended in groups of 4,096",
        format!("{:.1} s", spent.as_secs_f64()),
    );
    let sizes = (length(&ours.path), length(&ours.path.with_extension("ledger.d")));
    let per = |bytes: u64| bytes as f64 / count as f64;
    line(
        "bytes an entry: ledger, index",
        format!("{:.1}, {:.1}", per(sizes.0), per(sizes.1)),
    );
    let peak = memory("VmHWM") as f64 / 1024.0;
    wanted(
        "memory of the process at its most, MiB",
        peak,
        "at most 64",
        peak <= 64.0,
    );

    let opened = p50((0..30).map(|_| timed(|| drop(ours.read()))).collect());
    line("open for reading, median", format!("{:.3} ms", us(opened) / 1e3));
    let opened = p50((0..30).map(|_| timed(|| drop(ours.open()))).collect());
    let text = format!("{:.3} ms", us(opened) / 1e3);
    line("open for writing and close, median", text);
    wanted("opening, ms", us(opened) / 1e3, "under 10", us(opened) < 10_000.0);

    let ledger = ours.read();
    let lookups = 200_000;
    let mine = search(count, lookups, |n| {
        let found = ledger.candidates(Lookup::File(entries::digest(1, n))).unwrap();
        assert_eq!(found[0].0, n + KEYS);
    });
    line("byline, seven records an entry", format!("{:.2} us", us(mine)));
    let absent = search(count, lookups, |n| {
        let found = ledger
            .candidates(Lookup::File(entries::digest(1, n + count)))
            .unwrap();
        assert!(found.is_empty());
    });
    line("byline, not there", format!("{:.2} us", us(absent)));
    let read = search(count, lookups / 10, |n| {
        let found = ledger.find(Lookup::File(entries::digest(1, n))).unwrap();
        assert_eq!(found[0].0.0, n + KEYS);
    });
    line("byline, the entry read and proved", format!("{:.2} us", us(read)));
    let peak = memory("VmHWM") as f64 / 1024.0;
    wanted(
        "memory of the process at its most, MiB",
        peak,
        "at most 64",
        peak <= 64.0,
    );
    drop(ledger);
    let (sqlite, redb) = peers(dir, count, lookups);
    line("SQLite, one key an entry", format!("{:.2} us", us(sqlite)));
    line("redb, one key an entry", format!("{:.2} us", us(redb)));
    let text = "at most 2.0";
    wanted("look-up, us", us(mine), text, us(mine) <= 2.0);
    ratio("look-up / SQLite's", mine, sqlite, 1.0);
    ratio("look-up / redb's", mine, redb, 1.0);
}

/// The same look-ups in tables of one 32-byte key and one number an entry.
fn peers(dir: &Path, count: u64, lookups: u64) -> (Duration, Duration) {
    let sqlite = rusqlite::Connection::open(dir.join("lookup.db")).unwrap();
    sqlite
        .execute_batch(
            "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-40000;
             create table keys (digest blob primary key, at integer) without rowid; begin",
        )
        .unwrap();
    let mut sorted: Vec<(Digest, u64)> = (0..count).map(|n| (entries::digest(1, n), n)).collect();
    sorted.sort_unstable();
    for (digest, n) in &sorted {
        let mut insert = sqlite.prepare_cached("insert into keys values (?1, ?2)").unwrap();
        insert.execute((digest.as_bytes(), *n as i64)).unwrap();
    }
    // One transaction for all look-ups, and the file mapped: as quick as it can be.
    let settle = "commit; pragma mmap_size=8000000000; begin";
    sqlite.execute_batch(settle).unwrap();
    let theirs = search(count, lookups, |n| {
        let mut select = sqlite
            .prepare_cached("select at from keys where digest = ?1")
            .unwrap();
        let at: i64 = select
            .query_row([entries::digest(1, n).as_bytes()], |row| row.get(0))
            .unwrap();
        assert_eq!(at, n as i64);
    });
    let table = redb::TableDefinition::<&[u8; 32], u64>::new("keys");
    let database = redb::Builder::new()
        .set_cache_size(40 << 20)
        .create(dir.join("lookup.redb"))
        .unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut keys = write.open_table(table).unwrap();
        for (digest, n) in &sorted {
            keys.insert(digest.as_bytes(), *n).unwrap();
        }
    }
    write.commit().unwrap();
    drop(sorted);
    let read = redb::ReadableDatabase::begin_read(&database)
        .unwrap()
        .open_table(table)
        .unwrap();
    let others = search(count, lookups, |n| {
        let at = read
            .get(entries::digest(1, n).as_bytes())
            .unwrap()
            .unwrap()
            .value();
        assert_eq!(at, n);
    });
    (theirs, others)
}

/// The time of one look-up, beside the time of making its digest; the second of two rounds, when caches are warm.
fn search(count: u64, lookups: u64, look: impl Fn(u64)) -> Duration {
    let order = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count;
    let round = || timed(|| (0..lookups).for_each(|n| look(order(n)))) / lookups as u32;
    let digest = timed(|| {
        (0..lookups).for_each(|n| {
            black_box(entries::digest(1, order(n)));
        });
    }) / lookups as u32;
    round();
    round().saturating_sub(digest)
}

struct Ledger {
    path: PathBuf,
    places: Places,
}

impl Ledger {
    /// A ledger that knows the keys.
    fn create(dir: &Path, name: &str, keys: &[CreatorKey]) -> Self {
        let path = dir.join(name).with_extension("ledger");
        let places = Places {
            log_key: dir.join(name).with_extension("key"),
            state: dir.join("state"),
        };
        let new = NewLedger {
            origin: &format!("bench.example/{name}"),
            mode: LookupMode::Public,
            arbiters: &[],
            key_seed: [1; 32],
            secret: [2; 32],
            now: NOW,
        };
        let mut ledger = LedgerFile::create(&path, &places, &new).unwrap();
        let incepts: Vec<Entry> = keys.iter().map(entries::incept).collect();
        ledger.append(&incepts, NOW).unwrap();
        Self { path, places }
    }

    fn open(&self) -> LedgerFile {
        LedgerFile::open_write(&self.path, &self.places, 0).unwrap()
    }

    fn read(&self) -> LedgerFile {
        LedgerFile::open_read(&self.path, Some(&self.places.state)).unwrap()
    }
}

fn sqlite(dir: &Path, name: &str) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(dir.join(name)).unwrap();
    connection.busy_timeout(Duration::from_secs(60)).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode=wal; pragma synchronous=full;
             create table if not exists entries (at integer primary key, body blob)",
        )
        .unwrap();
    connection
}

fn insert(connection: &rusqlite::Connection, bytes: &[u8]) {
    connection
        .prepare_cached("insert into entries (body) values (?1)")
        .unwrap()
        .execute([bytes])
        .unwrap();
}

struct Redb(redb::Database);

impl Redb {
    const TABLE: redb::TableDefinition<'static, u64, &'static [u8]> = redb::TableDefinition::new("entries");

    fn create(path: &Path) -> Self {
        Self(redb::Database::create(path).unwrap())
    }

    fn insert(&self, n: u64, bytes: &[u8]) {
        let write = self.0.begin_write().unwrap();
        write.open_table(Self::TABLE).unwrap().insert(n, bytes).unwrap();
        write.commit().unwrap();
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(otherwise)
}

/// Bytes of a file, or of the files in a folder.
fn length(path: &Path) -> u64 {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| length(&entry.unwrap().path())).sum(),
        Err(_) => std::fs::metadata(path).unwrap().len(),
    }
}

/// A figure of this process in KiB, from `/proc/self/status`; 0 where there is none.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn best(rounds: usize, mut work: impl FnMut()) -> Duration {
    (0..rounds).map(|_| timed(&mut work)).min().unwrap()
}

fn p50(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn rate(count: u64, work: impl FnOnce()) -> f64 {
    count as f64 / timed(work).as_secs_f64()
}

fn ns(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn line(name: &str, text: String) {
    println!("  {name:<52}{text:>24}");
}

fn ratio(name: &str, ours: Duration, theirs: Duration, most: f64) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    wanted(name, ratio, &format!("at most {most}"), ratio <= most);
}

fn wanted(name: &str, figure: f64, goal: &str, is_reached: bool) {
    let word = if is_reached { "reached" } else { "MISSED" };
    println!("  {name:<52}{figure:>24.2}   goal {goal}: {word}");
}
