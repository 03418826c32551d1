//! The ledger's speed against floors measured in the same run: registrations a second in group commit, entries audited
//! a second and core, opening and looking up.
//!
//! `cargo bench --ignore-rust-version --bench ledger`. The entries are signed beforehand, as many creators' machines
//! would; no image work is in any figure. `BYLINE_BENCH_ENTRIES=N` sets their number (100,000).

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::too_many_lines,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use byline::keys::{CreatorKey, PublicKey, verify_batch};
use byline::ledger::audit::{Options, Signatures, StateMaps, audit};
use byline::ledger::{Entry, LeafHash, LookupMode};
use byline::store::{LedgerFile, Lookup, NewLedger, Places};

mod entries;

use entries::NOW;

const KEYS: u64 = 16;
const GROUP: usize = 4096;

fn main() {
    // As the binary begins: the allocator keeps large buffers, for floors and ledger alike.
    drop(black_box(Vec::<u8>::with_capacity(16 << 20)));
    let count: usize = std::env::var("BYLINE_BENCH_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let keys = entries::keys(KEYS);
    let incepts: Vec<Entry> = keys.iter().map(entries::incept).collect();
    let (signing, entries) = timed(|| entries::in_two(&keys, 0..count as u64));
    let bytes: usize = entries.iter().map(|entry| entry.bytes().len()).sum();
    println!(
        "{count} registrations by {KEYS} keys, {} bytes each on average",
        bytes / count
    );
    row("signing entries (two threads), for information", count, signing);

    println!("\nfloors, one core");
    row(
        "SHA-256 of the entries' bytes",
        count,
        timed(|| {
            for entry in &entries {
                black_box(LeafHash::of(entry.bytes()));
            }
        })
        .0,
    );
    let decoded = timed(|| {
        for entry in &entries {
            black_box(Entry::decode(entry.bytes()).unwrap());
        }
    });
    row("decoding, for information", count, decoded.0);
    let public: Vec<PublicKey> = keys.iter().map(CreatorKey::public).collect();
    let messages: Vec<Vec<u8>> = entries.iter().map(|entry| entry.message().concat()).collect();
    let items: Vec<_> = entries
        .iter()
        .zip(&messages)
        .enumerate()
        .map(|(n, (entry, message))| (public[n % KEYS as usize], [&message[..]], *entry.signature()))
        .collect();
    let floor = timed(|| assert!(items.chunks(8192).all(verify_batch))).0;
    row("signatures alone, batches of 8,192", count, floor);
    let some = &entries[..count.min(4000)];
    let strict = timed(|| {
        let key = |n: usize| public[n % KEYS as usize];
        assert!(some.iter().enumerate().all(|(n, e)| e.verify_strict(&key(n))));
    })
    .0;
    row("signatures alone, strict, one by one", some.len(), strict);

    let dir = tempfile::tempdir().unwrap();
    let raw = timed(|| {
        let mut file = std::fs::File::create(dir.path().join("raw")).unwrap();
        for group in entries.chunks(GROUP) {
            let bytes: Vec<u8> = group.iter().flat_map(|entry| entry.bytes().to_vec()).collect();
            file.write_all(&bytes).unwrap();
            file.sync_data().unwrap();
        }
    });
    row("write and fdatasync in groups of 4,096", count, raw.0);

    println!("\nledger");
    let path = dir.path().join("bench.ledger");
    let places = Places {
        log_key: dir.path().join("log.key"),
        state: dir.path().join("state"),
    };
    let new = NewLedger {
        origin: "bench.example/ledger",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [1; 32],
        secret: [2; 32],
        now: NOW,
    };
    // What comes from elsewhere has its signatures checked; what this process just signed has not.
    let foreign: Vec<Entry> = entries
        .iter()
        .map(|entry| Entry::decode(entry.bytes()).unwrap())
        .collect();
    let elsewhere = dir.path().join("elsewhere.ledger");
    let apart = Places {
        log_key: dir.path().join("elsewhere.key"),
        state: dir.path().join("elsewhere"),
    };
    let (checked, _) = filled(&elsewhere, &apart, &new, &incepts, &foreign);
    goal(
        "append, durable, signatures of others checked",
        count,
        checked,
        0.0,
    );
    println!(
        "  {:<58}{:>12.2} x the floor of its signatures",
        "",
        checked.cpu.as_secs_f64() / floor.cpu.as_secs_f64()
    );
    let (appended, ledger) = filled(&path, &places, &new, &incepts, &entries);
    goal(
        "append, durable, just signed, groups of 4,096",
        count,
        appended,
        100_000.0,
    );
    let close = timed(|| drop(ledger)).0;
    println!("  {:<58}{:>12.1} ms", "close, index written", ms(close));

    let file = std::fs::read(&path).unwrap();
    // As the command does: state maps are made again only if there are any.
    let audited = |threads, signatures| {
        let options = Options {
            threads,
            signatures,
            maps: StateMaps::Wait,
            ..Options::default()
        };
        let answer = audit(&file[..], &options, &mut |_| ()).unwrap();
        assert!(answer.findings.is_empty() && answer.registrations as usize == count);
    };
    let [floor, one, two] = in_turns([
        &|| assert!(items.chunks(8192).all(verify_batch)),
        &|| audited(1, Signatures::Batch),
        &|| audited(2, Signatures::Batch),
    ]);
    row("signatures alone again, in turns with the next two", count, floor);
    for (name, time) in [("audit, one thread", one), ("audit, two threads", two)] {
        goal(name, count, time, 100_000.0);
        let ratio = time.cpu.as_secs_f64() / floor.cpu.as_secs_f64();
        let judged = if ratio <= 1.3 { "reached" } else { "MISSED" };
        println!(
            "  {:<58}{ratio:>12.2} x the floor of its signatures, goal 1.3: {judged}",
            ""
        );
    }
    let strict = timed(|| audited(2, Signatures::Strict)).0;
    goal("audit, two threads, strict", count, strict, 0.0);
    println!(
        "  {:<58}{:>12.1} bytes an entry in the file",
        "",
        file.len() as f64 / count as f64
    );

    singles(&path, &places, &keys[0], count as u64);
}

/// The medians of seven rounds, each of all the work.
fn in_turns<const N: usize>(work: [&dyn Fn(); N]) -> [Took; N] {
    let mut times: [Vec<Took>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..7 {
        for (one, times) in work.iter().zip(&mut times) {
            times.push(timed(one).0);
        }
    }
    times.map(|mut times| {
        times.sort_unstable_by_key(|time| time.cpu);
        times[times.len() / 2]
    })
}

/// A new ledger with all entries in groups, and how long the appends took.
fn filled(
    path: &std::path::Path,
    places: &Places,
    new: &NewLedger<'_>,
    incepts: &[Entry],
    entries: &[Entry],
) -> (Took, LedgerFile) {
    let mut ledger = LedgerFile::create(path, places, new).unwrap();
    ledger.append(incepts, NOW).unwrap();
    let (took, ()) = timed(|| {
        for group in entries.chunks(GROUP) {
            ledger.append(group, NOW).unwrap();
        }
    });
    (took, ledger)
}

/// One picture at a time, as the command line does it.
fn singles(path: &std::path::Path, places: &Places, key: &CreatorKey, count: u64) {
    println!("\none at a time, on that ledger (median)");
    let target = entries::digest(3, count / 2);
    let times = (0..50).map(|_| {
        timed(|| {
            let ledger = LedgerFile::open_read(path, Some(&places.state)).unwrap();
            assert_eq!(ledger.find(Lookup::Pixel(1, target)).unwrap().len(), 1);
        })
        .0
    });
    println!(
        "  {:<58}{:>12.3} ms",
        "open and find one picture",
        ms(median(times.collect()))
    );
    let times = (0..50u64).map(|n| {
        let entry = entries::entry(key, 1_000_000_000 + n);
        timed(|| {
            LedgerFile::open_write(path, places, 0)
                .unwrap()
                .append(&[entry], NOW)
                .unwrap()
        })
        .0
    });
    println!(
        "  {:<58}{:>12.3} ms",
        "open, append one entry, close",
        ms(median(times.collect()))
    );
    std::fs::remove_dir_all(path.with_extension("ledger.d")).unwrap();
    let without = timed(|| LedgerFile::open_read(path, None).unwrap()).0;
    println!("  {:<58}{:>12.1} ms", "open without an index (scan)", ms(without));
}

/// How long something took: by the clock, and by the CPU time of all threads, which another program's load cannot lengthen much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

fn timed<T>(work: impl FnOnce() -> T) -> (Took, T) {
    let (start, before) = (Instant::now(), cpu_time());
    let answer = work();
    let took = Took {
        wall: start.elapsed(),
        cpu: cpu_time().saturating_sub(before),
    };
    (took, answer)
}

/// User and system time of this process, from `/proc/self/stat`, in ticks of 10 ms; zero where there is none.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn median(mut times: Vec<Took>) -> Took {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Took) -> f64 {
    time.wall.as_secs_f64() * 1000.0
}

fn row(name: &str, count: usize, time: Took) {
    goal(name, count, time, 0.0);
}

/// The goal is judged by CPU time: it is a figure for a quiet core.
fn goal(name: &str, count: usize, time: Took, wanted: f64) {
    let rate = |time: Duration| count as f64 / time.as_secs_f64().max(1e-9);
    let (wall, cpu) = (rate(time.wall), rate(time.cpu));
    let judged = match wanted {
        0.0 => String::new(),
        wanted if cpu >= wanted => format!("  goal {wanted:.0} a core: reached"),
        wanted => format!("  goal {wanted:.0} a core: MISSED"),
    };
    println!(
        "  {name:<56}{wall:>10.0} /s wall{cpu:>10.0} /s and core, {:>6.2} us{judged}",
        1e6 / cpu
    );
}
