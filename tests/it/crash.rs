//! Interrupted writing, damage, rollback, and two writers at once.

use crate::ledger::{Bench, audit_bytes, later, registration};
use byline::base::Timestamp;
use byline::ledger::audit::Consequence;
use byline::ledger::{LeafIndex, LookupMode};
use byline::store::{LedgerFile, Lookup, StoreError};

/// A ledger of two commits; its bytes before and after the second, and the mark between them.
fn two_commits() -> (Bench, Vec<u8>, Vec<u8>) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger
        .append(&[bench.incept(), bench.register(1)], later(0))
        .unwrap();
    let before = std::fs::read(&bench.path).unwrap();
    let mark = mark(&bench);
    ledger
        .append(&[bench.register(2), bench.register(3)], later(2000))
        .unwrap();
    drop(ledger);
    let after = std::fs::read(&bench.path).unwrap();
    assert_eq!(&after[..before.len()], before);
    // The crash comes before the acknowledgement, so before the mark.
    std::fs::write(&mark.0, mark.1).unwrap();
    (bench, before, after)
}

fn mark(bench: &Bench) -> (std::path::PathBuf, Vec<u8>) {
    let path = std::fs::read_dir(&bench.places.state)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

fn torn_files(bench: &Bench) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(bench.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().contains(".torn-"))
        .collect()
}

#[test]
fn every_prefix_of_an_append_leaves_all_that_was_acknowledged() {
    let (bench, before, after) = two_commits();
    let (mark_path, mark_bytes) = mark(&bench);
    for len in before.len()..=after.len() {
        std::fs::write(&bench.path, &after[..len]).unwrap();
        std::fs::write(&mark_path, &mark_bytes).unwrap();
        let read = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
        assert_eq!(
            read.torn_tail().is_some(),
            len != before.len() && len != after.len()
        );
        assert_eq!(
            read.size().0,
            if len == after.len() { 4 } else { 2 },
            "prefix of {len} bytes"
        );
        // Opening for writing syncs five times: not for every byte, but for each of both ends and a prime step between.
        if len % 23 != 0 && after.len() - len > 3 && len - before.len() > 3 {
            continue;
        }
        let mut ledger = bench.open().unwrap();
        assert_eq!(
            ledger.size().0,
            if len == after.len() { 4 } else { 2 },
            "prefix of {len} bytes"
        );
        assert_eq!(
            ledger.find(Lookup::File(registration(1).file)).unwrap()[0].0,
            LeafIndex(1)
        );
        if let Some(tail) = ledger.torn_tail() {
            let moved = tail.moved_to.clone().unwrap();
            assert_eq!(std::fs::read(&moved).unwrap(), &after[before.len()..len]);
            assert_eq!(tail.offset, before.len() as u64);
            assert!(
                moved
                    .to_string_lossy()
                    .ends_with(&format!(".torn-{}", before.len()))
            );
        }
        ledger.append(&[bench.register(9)], later(3000)).unwrap();
        drop(ledger);
        assert_eq!(audit_bytes(&std::fs::read(&bench.path).unwrap()).findings, []);
        for path in torn_files(&bench) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// A power cut may keep any subset of the sectors that were not synced; those it lost read as zeros or as old bytes.
#[test]
fn every_subset_of_lost_sectors_leaves_the_old_commit_or_the_new_one() {
    let (bench, before, after) = two_commits();
    let (mark_path, mark_bytes) = mark(&bench);
    // Sectors of 64 bytes stand for those of 512, so that a small append spans many of them.
    let sector = 64;
    let first = before.len() / sector;
    let count = after.len().div_ceil(sector) - first;
    let mut seen = [0, 0];
    for state in 0..250u64 {
        // Every single lost sector first, then a fixed scatter of subsets.
        let kept = if state < count as u64 {
            !(1 << state)
        } else {
            state.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7
        };
        let mut bytes = after.clone();
        for n in 0..count {
            if kept >> n & 1 == 0 {
                let from = ((first + n) * sector).max(before.len());
                let to = ((first + n + 1) * sector).min(after.len());
                bytes[from..to].fill(0);
            }
        }
        std::fs::write(&bench.path, &bytes).unwrap();
        std::fs::write(&mark_path, &mark_bytes).unwrap();
        let ledger = bench.open().unwrap();
        assert!(matches!(ledger.size().0, 2 | 4), "state {state}");
        assert_eq!(ledger.size().0 == 4, bytes == after, "state {state}");
        seen[usize::from(ledger.size().0 == 4)] += 1;
        drop(ledger);
        assert_eq!(audit_bytes(&std::fs::read(&bench.path).unwrap()).findings, []);
        for path in torn_files(&bench) {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert!(seen[0] > 100);
}

#[test]
fn damage_before_a_commit_is_never_repaired() {
    let (bench, before, after) = two_commits();
    std::fs::remove_dir_all(&bench.places.state).unwrap();
    for at in (4096..before.len()).step_by(3) {
        let mut bytes = after.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&bench.path, &bytes).unwrap();
        let opened = bench.open();
        let refused = matches!(
            opened,
            Err(StoreError::Damaged { .. } | StoreError::NoCommit | StoreError::UnsignedCommit { .. })
        );
        // A commit whose own signature was hit is vouched for by the next one; then nothing is cut off.
        assert!(
            refused || opened.as_ref().is_ok_and(|ledger| ledger.size().0 == 4),
            "byte {at}: {opened:?}"
        );
        drop(opened);
        assert_eq!(std::fs::read(&bench.path).unwrap(), bytes, "byte {at}");
        assert!(torn_files(&bench).is_empty());
    }
}

#[test]
fn a_damaged_last_batch_is_no_torn_tail_once_it_was_acknowledged() {
    let (bench, before, after) = two_commits();
    std::fs::write(&bench.path, &after).unwrap();
    drop(bench.open().unwrap());
    for at in (before.len()..after.len()).step_by(5) {
        let mut bytes = after.clone();
        bytes[at] ^= 1;
        std::fs::write(&bench.path, &bytes).unwrap();
        assert!(
            matches!(
                bench.open(),
                Err(StoreError::Damaged { .. } | StoreError::RolledBack { .. })
            ),
            "byte {at}"
        );
        assert_eq!(std::fs::read(&bench.path).unwrap(), bytes);
    }
}

#[test]
fn every_truncation_is_audited_without_panic_and_named_unless_it_ends_at_a_commit() {
    let (_bench, before, after) = two_commits();
    let empty = 4096 + 200;
    for len in 0..after.len() {
        let audit = audit_bytes(&after[..len]);
        assert_eq!(
            audit.findings.is_empty(),
            len == empty || len == before.len(),
            "{len} bytes"
        );
        let is_tail = len > empty && len != before.len();
        assert!(
            !is_tail
                || audit
                    .findings
                    .iter()
                    .all(|finding| finding.consequence() == Consequence::Noted)
        );
    }
}

#[test]
fn an_older_copy_restored_over_a_newer_one_is_refused() {
    let (bench, before, after) = two_commits();
    drop(bench.open().unwrap());
    std::fs::write(&bench.path, &before).unwrap();
    assert!(matches!(bench.open(), Err(StoreError::RolledBack { .. })));
    let read = LedgerFile::open_read(&bench.path, Some(&bench.places.state));
    assert!(matches!(read, Err(StoreError::RolledBack { .. })));
    std::fs::write(&bench.path, &after).unwrap();
    assert_eq!(bench.open().unwrap().size().0, 4);
}

#[test]
fn another_history_under_the_same_key_is_refused() {
    let (bench, before, _) = two_commits();
    let seen = mark(&bench);
    drop(bench.open().unwrap());
    let newest = mark(&bench);
    // The same key signs another second commit over the same beginning.
    std::fs::write(&bench.path, &before).unwrap();
    std::fs::write(&seen.0, &seen.1).unwrap();
    let mut ledger = bench.open().unwrap();
    ledger
        .append(
            &[bench.register(7), bench.register(8), bench.register(9)],
            later(2000),
        )
        .unwrap();
    drop(ledger);
    std::fs::write(&newest.0, &newest.1).unwrap();
    assert!(matches!(bench.open(), Err(StoreError::Forked { .. })));
}

#[test]
fn writers_of_one_ledger_lose_nothing_and_take_turns() {
    let bench = Bench::new();
    bench
        .create(LookupMode::Public)
        .append(&[bench.incept()], later(0))
        .unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4u64 {
            let bench = &bench;
            scope.spawn(move || {
                for n in 0..10 {
                    let mut ledger = bench.open().unwrap();
                    ledger
                        .append(&[bench.register(writer * 100 + n)], later(2000))
                        .unwrap();
                }
            });
        }
    });
    let audit = audit_bytes(&std::fs::read(&bench.path).unwrap());
    assert_eq!(audit.findings, []);
    assert_eq!((audit.registrations, audit.commits), (40, 42));
}

#[test]
fn a_second_writer_waits_and_is_told() {
    let bench = Bench::new();
    let first = bench.create(LookupMode::Public);
    let second = LedgerFile::open_write(&bench.path, &bench.places, 20);
    assert!(matches!(second, Err(StoreError::Lock(_))));
    drop(first);
    bench.open().unwrap();
}

#[test]
fn a_clock_that_goes_back_stops_the_log_and_a_second_does_not() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], later(600_000)).unwrap();
    ledger.append(&[bench.register(1)], later(599_000)).unwrap();
    let early = Timestamp::from_unix_ms(later(0).unix_ms() - 1_000_000);
    assert!(matches!(
        ledger.append(&[bench.register(2)], early),
        Err(StoreError::Append(_))
    ));
}
