//! The derived index: the same answers with it and without it, and none that it could forge.

use std::path::PathBuf;

use crate::ledger::{Bench, NOW, later, registration};
use byline::ledger::proof::verify_inclusion;
use byline::ledger::{Entry, LeafIndex, LookupMode};
use byline::store::{LedgerFile, Lookup, StoreError};

/// A ledger of 700 registrations whose writer left an index, and then some more; and the folder of the index.
fn indexed() -> (Bench, PathBuf) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], NOW).unwrap();
    let batch: Vec<Entry> = (0..700).map(|n| bench.register(n)).collect();
    ledger.append(&batch, later(2000)).unwrap();
    drop(ledger);
    let folder = bench.path.with_extension("ledger.d");
    assert_eq!(files(&folder).len(), 4);
    let mut ledger = bench.open().unwrap();
    ledger
        .append(
            &(700..720).map(|n| bench.register(n)).collect::<Vec<_>>(),
            later(3000),
        )
        .unwrap();
    (bench, folder)
}

fn files(folder: &PathBuf) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap();
    all.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn with_and_without_its_index_a_ledger_gives_the_same_answers() {
    let (bench, folder) = indexed();
    let answers = || {
        let ledger = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
        let found = |n| {
            let found = ledger.find(Lookup::Content(registration(n).content)).unwrap();
            let candidates = ledger.candidates(Lookup::Content(registration(n).content));
            let indexes: Vec<LeafIndex> = found.iter().map(|(index, _)| *index).collect();
            assert_eq!(candidates.unwrap(), indexes);
            found
        };
        let all: Vec<_> = [0, 1, 350, 699, 700, 719, 720].map(found).into_iter().collect();
        assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 6);
        for at in [0, 1, 350, 511, 512, 700, 701, 719, 720].map(LeafIndex) {
            let (proof, entry) = (ledger.prove(at).unwrap(), ledger.entry(at).unwrap());
            let checkpoint = &proof.checkpoint;
            verify_inclusion(
                entry.id(),
                at,
                checkpoint.size(),
                checkpoint.root(),
                &proof.hashes,
            )
            .unwrap();
        }
        all
    };
    let with = answers();
    // Duplicates are known to a writer that has only the index to remember them.
    let again = bench
        .open()
        .unwrap()
        .append(&[bench.register(3), bench.register(710)], later(4000))
        .unwrap();
    assert_eq!(
        again.iter().map(|r| (r.index.0, r.already)).collect::<Vec<_>>(),
        [(4, true), (711, true)]
    );
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(answers(), with);
    // A writer makes it anew.
    drop(bench.open().unwrap());
    assert_eq!(files(&folder).len(), 4);
    assert_eq!(answers(), with);
}

#[test]
fn a_wrong_index_may_hide_an_entry_but_never_adds_or_changes_one() {
    let (bench, folder) = indexed();
    let (mut hidden, mut noticed) = (0, 0);
    let is_right = |bench: &Bench| {
        let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
        ledger.is_index_right().unwrap()
    };
    assert!(is_right(&bench));
    for path in files(&folder) {
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by((good.len() / 70).max(1)) {
            let mut bytes = good.clone();
            bytes[at] ^= 0x40;
            std::fs::write(&path, &bytes).unwrap();
            let ledger = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
            assert_eq!(ledger.size().0, 721);
            // A head, fences or a right edge that are wrong are noticed at opening: then all is scanned.
            let seen = ledger.is_index_right().unwrap();
            noticed += u32::from(!seen);
            for n in [5, 300, 699, 710] {
                let found = ledger.find(Lookup::File(registration(n).file)).unwrap();
                hidden += usize::from(found.is_empty());
                assert!(!(seen && found.is_empty()), "byte {at} of {}", path.display());
                assert!(
                    found
                        .iter()
                        .all(|(index, entry)| index.0 == n + 1 && *entry == bench.register(n))
                );
                assert_eq!(ledger.entry(LeafIndex(n + 1)).unwrap(), bench.register(n));
            }
        }
        for len in [0, 10, 63, 64, 1000, good.len() - 1] {
            std::fs::write(&path, &good[..len.min(good.len())]).unwrap();
            let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
            assert_eq!(ledger.find(Lookup::File(registration(5).file)).unwrap().len(), 1);
        }
        std::fs::write(&path, &good).unwrap();
    }
    assert!(hidden < 10 && noticed > 100, "{hidden} hidden, {noticed} noticed");
}

/// Who can write the index cannot make a writer take an entry for recorded that is not, or refuse one that is new.
#[test]
fn a_forged_index_neither_acknowledges_nor_refuses_an_entry() {
    let (bench, folder) = indexed();
    let other = Bench::new();
    let mut ledger = other.create(LookupMode::Public);
    ledger.append(&[other.incept()], NOW).unwrap();
    // Another ledger, whose entry 5 is 9,999, lends its records; places and head are the true ones.
    let mut batch: Vec<Entry> = (0..700).map(|n| other.register(n)).collect();
    batch[4] = other.register(9999);
    ledger.append(&batch, later(2000)).unwrap();
    drop(ledger);
    let theirs = other.path.with_extension("ledger.d");
    let run = |folder: &PathBuf| files(folder).into_iter().find(|path| is_run(path)).unwrap();
    let (ours, theirs) = (run(&folder), run(&theirs));
    std::fs::copy(&theirs, &ours).unwrap();
    let head = folder.join("head.v2");
    let mut bytes = std::fs::read(&head).unwrap();
    // The head names the run by the CRC of its records: bytes 96 to 100; its own CRC comes last.
    let forged = std::fs::read(&theirs).unwrap();
    bytes[96..100].copy_from_slice(&forged[forged.len() - 24..forged.len() - 20]);
    let end = bytes.len() - 4;
    let crc = crc32c::crc32c(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    std::fs::write(&head, bytes).unwrap();

    let mut ledger = bench.open().unwrap();
    let lookup = Lookup::File(registration(9999).file);
    assert_eq!(
        ledger.candidates(lookup).unwrap(),
        [LeafIndex(5)],
        "the forgery is in use"
    );
    assert!(ledger.find(lookup).unwrap().is_empty());
    assert!(!ledger.is_index_right().unwrap());
    let receipt = ledger.append(&[bench.register(9999)], later(4000)).unwrap()[0];
    assert_eq!((receipt.index, receipt.already), (LeafIndex(721), false));
}

fn is_run(path: &std::path::Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with("run-")
}

#[test]
fn an_entry_changed_below_the_index_is_refused_when_it_is_read() {
    let (bench, _) = indexed();
    let mut bytes = std::fs::read(&bench.path).unwrap();
    let file = registration(5).file;
    let at = bytes
        .windows(32)
        .position(|window| window == file.as_bytes())
        .unwrap();
    bytes[at + 40] ^= 1;
    std::fs::write(&bench.path, &bytes).unwrap();
    let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
    assert!(ledger.find(Lookup::File(file)).is_err());
    assert_eq!(ledger.find(Lookup::File(registration(6).file)).unwrap().len(), 1);
}

#[test]
fn an_index_beside_an_older_copy_does_not_hide_the_rollback() {
    let (bench, folder) = indexed();
    let bytes = std::fs::read(&bench.path).unwrap();
    // Cut after the first commit: the index speaks of a commit that is no longer there.
    let first = 4096 + 200;
    std::fs::write(&bench.path, &bytes[..first]).unwrap();
    assert!(matches!(bench.open(), Err(StoreError::RolledBack { .. })));
    assert!(folder.exists());
    assert_eq!(LedgerFile::open_read(&bench.path, None).unwrap().size().0, 0);
}
