//! The derived index: the same answers with it and without it, and none that it could forge.

use std::path::PathBuf;

use crate::ledger::{Bench, NOW, later, registration};
use byline::ledger::proof::verify_inclusion;
use byline::ledger::{Entry, LeafIndex, LookupMode};
use byline::store::{LedgerFile, Lookup, StoreError};

/// A ledger of 700 registrations whose writer left an index, and then some more.
fn indexed() -> (Bench, PathBuf) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], NOW).unwrap();
    let batch: Vec<Entry> = (0..700).map(|n| bench.register(n)).collect();
    ledger.append(&batch, later(2000)).unwrap();
    drop(ledger);
    let index = bench.path.with_extension("ledger.d").join("index.v2");
    assert!(index.exists());
    let mut ledger = bench.open().unwrap();
    ledger
        .append(
            &(700..720).map(|n| bench.register(n)).collect::<Vec<_>>(),
            later(3000),
        )
        .unwrap();
    (bench, index)
}

#[test]
fn with_and_without_its_index_a_ledger_gives_the_same_answers() {
    let (bench, index) = indexed();
    let answers = || {
        let ledger = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
        let found = |n| ledger.find(Lookup::Content(registration(n).content)).unwrap();
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
    std::fs::remove_file(index).unwrap();
    assert_eq!(answers(), with);
}

#[test]
fn a_wrong_index_may_hide_an_entry_but_never_adds_or_changes_one() {
    let (bench, index) = indexed();
    let good = std::fs::read(&index).unwrap();
    let mut hidden = 0;
    for at in (0..good.len()).step_by(good.len() / 150) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&index, &bytes).unwrap();
        let ledger = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
        assert_eq!(ledger.size().0, 721);
        for n in [5, 300, 699, 710] {
            let found = ledger.find(Lookup::File(registration(n).file)).unwrap();
            hidden += usize::from(found.is_empty());
            assert!(
                found
                    .iter()
                    .all(|(index, entry)| index.0 == n + 1 && *entry == bench.register(n))
            );
            assert_eq!(ledger.entry(LeafIndex(n + 1)).unwrap(), bench.register(n));
        }
    }
    assert!(hidden < 10, "{hidden}");
    for len in [0, 10, 63, 64, 1000, good.len() - 1] {
        std::fs::write(&index, &good[..len]).unwrap();
        let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
        assert_eq!(ledger.find(Lookup::File(registration(5).file)).unwrap().len(), 1);
    }
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
    let (bench, index) = indexed();
    let bytes = std::fs::read(&bench.path).unwrap();
    // Cut after the first commit: the index speaks of a commit that is no longer there.
    let first = 4096 + 200;
    std::fs::write(&bench.path, &bytes[..first]).unwrap();
    assert!(matches!(bench.open(), Err(StoreError::RolledBack { .. })));
    assert!(index.exists());
    assert_eq!(LedgerFile::open_read(&bench.path, None).unwrap().size().0, 0);
}
