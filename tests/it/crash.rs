//! Interrupted writing, damage, rollback, and two writers at once.

use crate::ledger::{Bench, audit_bytes, later, registration};
use byline::base::Timestamp;
use byline::ledger::audit::Consequence;
use byline::ledger::frame::{Frame, FrameKind};
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

/// Where the frames of a ledger stand: offset, length and kind of each.
fn frames(bytes: &[u8]) -> Vec<(usize, usize, FrameKind)> {
    let (mut at, mut frames) = (4096, Vec::new());
    while let Ok(frame) = Frame::parse(&bytes[at..]) {
        frames.push((at, frame.len, frame.kind));
        at += frame.len;
    }
    frames
}

/// Where bytes are put in or taken out, no later commit stands where it was signed for. Without the mark an interrupted
/// append would explain what is left, and the writer would cut off what it acknowledged.
#[test]
fn displaced_commits_are_damage_though_the_mark_is_lost() {
    let (bench, _, _) = two_commits();
    let mut ledger = bench.open().unwrap();
    ledger.append(&[bench.register(4)], later(3000)).unwrap();
    ledger.append(&[bench.register(5)], later(4000)).unwrap();
    drop(ledger);
    let whole = std::fs::read(&bench.path).unwrap();
    let frames = frames(&whole);
    let of = |kind| frames.iter().filter(move |frame| frame.2 == kind);
    let commits: Vec<_> = of(FrameKind::Commit).collect();
    let (commit, commit_len, _) = *commits[2];
    let end = commit + commit_len;
    let (entry, entry_len, _) = *of(FrameKind::Entry).find(|frame| frame.0 > end).unwrap();
    let (last, last_len, _) = *of(FrameKind::Entry).next_back().unwrap();
    let cut = |from: usize, len: usize| [&whole[..from], &whole[from + len..]].concat();
    let put = |at: usize, more: &[u8]| [&whole[..at], more, &whole[at..]].concat();
    let bad = [
        put(end, &[0; 8]),
        put(end, &[0]),
        put(entry + 9, &[7; 3]),
        put(last, &[0; 16]),
        cut(entry, entry_len),
        cut(last, last_len),
        cut(last + 20, 1),
        cut(commit, commit_len),
        put(entry, &whole[entry..entry + entry_len]),
    ];
    for (n, bytes) in bad.iter().enumerate() {
        std::fs::remove_dir_all(&bench.places.state).unwrap_or_default();
        std::fs::remove_dir_all(bench.dir.path().join("mine.ledger.d")).unwrap_or_default();
        std::fs::write(&bench.path, bytes).unwrap();
        let read = LedgerFile::open_read(&bench.path, None);
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{n}: {read:?}");
        let opened = bench.open();
        assert!(
            matches!(opened, Err(StoreError::Damaged { .. })),
            "{n}: {opened:?}"
        );
        drop(opened);
        assert_eq!(std::fs::read(&bench.path).unwrap(), *bytes, "{n}");
        assert!(torn_files(&bench).is_empty(), "{n}");
        let findings = audit_bytes(bytes).findings;
        let is_broken = findings
            .iter()
            .any(|finding| finding.consequence() == Consequence::Contradicted);
        assert!(is_broken, "{n}: {findings:?}");
    }
}

/// Entries without their commit may be an interrupted append, or what is left where the last commit was cut off.
#[test]
fn without_a_mark_whole_entries_in_a_tail_are_doubtful() {
    let (bench, before, after) = two_commits();
    let entries = after.len() - 200;
    let doubtful = |bytes: &[u8], state: bool| {
        if !state {
            std::fs::remove_dir_all(&bench.places.state).unwrap_or_default();
        }
        std::fs::write(&bench.path, bytes).unwrap();
        let ledger = bench.open().unwrap();
        let tail = ledger.torn_tail().unwrap();
        let kept = std::fs::read(tail.moved_to.clone().unwrap()).unwrap();
        // Zeros at the end are room.
        assert!(bytes[before.len()..].starts_with(&kept) && kept.len() + 8 > bytes.len() - before.len());
        tail.is_doubtful
    };
    assert!(!doubtful(&after[..entries], true), "the mark tells");
    assert!(doubtful(&after[..entries], false));
    assert!(doubtful(
        &[&before[..], b"x", &after[before.len()..entries]].concat(),
        false
    ));
    assert!(
        !doubtful(&[&before[..], &[7; 40]].concat(), false),
        "no entry is there"
    );
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
