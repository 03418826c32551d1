//! Changed, shortened and rewritten ledgers: every flipped byte, every rollback, every fork is found and named, with one
//! checkpoint from before.
//!
//! `cargo test` takes a sample of the large ones; `BYLINE_HISTORIES=all` (tests/judges/crash.sh) takes them all, which is
//! half an hour of CPU.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ledger::{Bench, audit_bytes, later};
use byline::ledger::audit::{Audit, Options, Rule, audit};
use byline::ledger::scan::{Item, Scan};
use byline::ledger::{Entry, LookupMode, TreeSize, VerifiedCheckpoint};
use byline::store::{LedgerFile, StoreError};

/// Whether everything is tried.
fn all() -> bool {
    std::env::var_os("BYLINE_HISTORIES").is_some_and(|value| value == "all")
}

/// Does `work` for each number of a range, by two threads.
fn each(numbers: impl Iterator<Item = usize>, work: impl Fn(usize) + Sync) -> usize {
    let numbers: Vec<usize> = numbers.collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(*number);
                }
            });
        }
    });
    numbers.len()
}

fn audit_with(bytes: &[u8], known: &VerifiedCheckpoint) -> Audit {
    let options = Options {
        known: vec![known.clone()],
        ..Options::default()
    };
    audit(bytes, &options, &mut |_| ()).unwrap()
}

fn audit_since(bytes: &[u8], since: Option<VerifiedCheckpoint>) -> Audit {
    let options = Options {
        since,
        ..Options::default()
    };
    audit(bytes, &options, &mut |_| ()).unwrap()
}

#[test]
fn every_flipped_byte_of_a_small_ledger_is_found_by_the_audit() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger
        .append(&[bench.incept(), bench.register(1)], later(0))
        .unwrap();
    ledger
        .append(&[bench.register(2), bench.register(3)], later(2000))
        .unwrap();
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    assert_eq!(audit_bytes(&bytes).findings, []);
    each(0..bytes.len(), |at| {
        // Each bit has its turn somewhere; all of them in all places when everything is tried.
        let flips = if all() { 0..8 } else { at % 8..at % 8 + 1 };
        for bit in flips {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(!audit_bytes(&changed).findings.is_empty(), "byte {at}, bit {bit}");
        }
    });
}

/// Where each commit of a ledger ends, and the checkpoint that it is.
fn commits(bytes: &[u8]) -> Vec<(usize, VerifiedCheckpoint)> {
    let (mut scan, header) = Scan::open(bytes).unwrap();
    let key = header.unwrap().verifier;
    let mut commits = Vec::new();
    while let Ok(item) = scan.next_item().unwrap() {
        if let Item::Commit { commit, .. } = item {
            let end = usize::try_from(scan.offset()).unwrap();
            commits.push((end, commit.checkpoint(&key).unwrap()));
        }
    }
    commits
}

/// A changed byte is asked for where it is cheap to find: in the file that ends with the commit over it, by an audit that leans on
/// the commit before it. What follows that commit takes no finding back; some bytes are asked for in the whole file all the same.
#[test]
fn every_flipped_byte_of_a_thousand_entries_is_found_by_the_audit() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], later(0)).unwrap();
    let batch: Vec<Entry> = (0..999).map(|n| bench.register(n)).collect();
    for part in batch.chunks(20) {
        ledger.append(part, later(2000)).unwrap();
    }
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    assert_eq!(audit_bytes(&bytes).findings, []);
    let commits = commits(&bytes);
    assert_eq!(commits.last().unwrap().0, bytes.len());
    // A prime step meets every part of an entry.
    let step = if all() { 1 } else { 997 };
    let flipped = each((0..bytes.len()).step_by(step), |at| {
        let over = commits.partition_point(|(end, _)| *end <= at);
        let mut changed = bytes[..commits[over].0].to_vec();
        changed[at] ^= 1 << (at % 8);
        let before = over.checked_sub(1).map(|before| commits[before].1.clone());
        let found = audit_since(&changed, before);
        assert!(!found.findings.is_empty(), "byte {at}");
    });
    let whole = each((0..bytes.len()).step_by(step * 101), |at| {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(!audit_bytes(&changed).findings.is_empty(), "byte {at}");
    });
    eprintln!(
        "{flipped} flipped bytes of {}: all found; {whole} of them in the whole file",
        bytes.len()
    );
}

/// A ledger of one entry a commit, with the checkpoint, the mark and the end of each commit.
struct History {
    bench: Bench,
    bytes: Vec<u8>,
    commits: Vec<Point>,
}

struct Point {
    checkpoint: VerifiedCheckpoint,
    mark: Vec<u8>,
    end: usize,
}

impl History {
    fn new(commits: u64) -> Self {
        let bench = Bench::new();
        let mut ledger = bench.create(LookupMode::Public);
        let mut points = Vec::new();
        for n in 0..commits {
            let entry = if n == 0 { bench.incept() } else { bench.register(n) };
            ledger.append(&[entry], later(0)).unwrap();
            points.push(Point {
                checkpoint: ledger.checkpoint().clone(),
                mark: std::fs::read(mark(&bench)).unwrap(),
                end: 0,
            });
        }
        drop(ledger);
        let bytes = std::fs::read(&bench.path).unwrap();
        // Each commit ends where the next batch begins; the audit of the beginning alone proves it.
        let mut end = 4096 + 200;
        let frame = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        for point in &mut points {
            end += (frame(end) + 8).next_multiple_of(8);
            end += frame(end) + 8;
            point.end = end;
        }
        assert_eq!(end, bytes.len());
        Self {
            bench,
            bytes,
            commits: points,
        }
    }
}

fn mark(bench: &Bench) -> std::path::PathBuf {
    let mut marks = std::fs::read_dir(&bench.places.state).unwrap();
    marks.next().unwrap().unwrap().path()
}

/// How many of the 500 are tried.
fn sample() -> usize {
    if all() { 500 } else { 40 }
}

#[test]
fn every_rollback_is_named_by_whoever_has_one_later_checkpoint() {
    let history = History::new(sample() as u64 + 1);
    let last = history.commits.last().unwrap();
    std::fs::write(mark(&history.bench), &last.mark).unwrap();
    let tried = each(0..sample(), |n| {
        let older = &history.bytes[..history.commits[n].end];
        assert_eq!(
            audit_bytes(older).findings,
            [],
            "a rollback shows only against something"
        );
        // The very next checkpoint is enough, and so is the last.
        for known in [&history.commits[n + 1].checkpoint, &last.checkpoint] {
            let audit = audit_with(older, known);
            assert!(audit.is_contradicted());
            let expected = Rule::Rollback {
                known: known.size(),
                found: TreeSize(n as u64 + 1),
            };
            assert!(audit.findings.iter().all(|finding| finding.rule == expected));
        }
    });
    for n in 0..sample() {
        std::fs::write(&history.bench.path, &history.bytes[..history.commits[n].end]).unwrap();
        let places = &history.bench.places;
        let read = LedgerFile::open_read(&history.bench.path, Some(&places.state));
        assert!(
            matches!(read, Err(StoreError::RolledBack { .. })),
            "{n}: {read:?}"
        );
        assert!(matches!(history.bench.open(), Err(StoreError::RolledBack { .. })));
    }
    eprintln!("{tried} rollbacks: all named");
}

#[test]
fn every_fork_is_named_by_whoever_has_one_checkpoint_of_the_other_branch() {
    let history = History::new(sample() as u64 + 1);
    let bench = &history.bench;
    for n in 0..sample() {
        // The log's own key signs another entry after commit n; the machine that does it saw nothing later.
        std::fs::write(&bench.path, &history.bytes[..history.commits[n].end]).unwrap();
        std::fs::write(mark(bench), &history.commits[n].mark).unwrap();
        let mut ledger = bench.open().unwrap();
        for extra in 0..=n as u64 % 3 {
            let other = bench.register(1_000_000 + 10 * n as u64 + extra);
            ledger.append(&[other], later(1000)).unwrap();
        }
        drop(ledger);
        let forked = std::fs::read(&bench.path).unwrap();
        assert_eq!(
            audit_bytes(&forked).findings,
            [],
            "a fork shows only against something"
        );
        let known = &history.commits[n + 1];
        let audit = audit_with(&forked, &known.checkpoint);
        let size = known.checkpoint.size();
        assert!(
            audit
                .findings
                .iter()
                .any(|finding| finding.rule == Rule::Fork { known: size }),
            "{n}: {:?}",
            audit.findings
        );
        assert!(audit.is_contradicted());
        // On the machine that saw the other branch, no one opens it.
        std::fs::write(mark(bench), &known.mark).unwrap();
        let read = LedgerFile::open_read(&bench.path, Some(&bench.places.state));
        assert!(matches!(read, Err(StoreError::Forked { .. })), "{n}: {read:?}");
        assert!(matches!(bench.open(), Err(StoreError::Forked { .. })));
        assert_eq!(std::fs::read(&bench.path).unwrap(), forked);
    }
    eprintln!("{} forks: all named", sample());
}
