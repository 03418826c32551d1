//! The file of codes: the same codes with it, without it and with a damaged one.

use super::*;
use crate::base::{Digest, Fingerprint};
use crate::keys::CreatorKey;
use crate::ledger::LookupMode;
use crate::store::ledger_file::{NewLedger, Places};
use crate::store::samples_for_tests::{NOW, incept, register};

struct Bench {
    _dir: tempfile::TempDir,
    path: PathBuf,
    places: Places,
}

impl Bench {
    fn new(mode: LookupMode) -> (Self, LedgerFile) {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            log_key: dir.path().join("log.key"),
            state: dir.path().join("state"),
        };
        let path = dir.path().join("a.ledger");
        let new = NewLedger {
            origin: "codes.example/a",
            mode,
            arbiters: &[],
            key_seed: [7; 32],
            secret: [8; 32],
            now: NOW,
        };
        let ledger = LedgerFile::create(&path, &places, &new).unwrap();
        let bench = Self {
            _dir: dir,
            path,
            places,
        };
        (bench, ledger)
    }

    fn write(&self) -> LedgerFile {
        LedgerFile::open_write(&self.path, &self.places, 1000).unwrap()
    }

    fn codes(&self) -> Codes {
        LedgerFile::open_read(&self.path, None).unwrap().codes().unwrap()
    }

    fn is_right(&self) -> bool {
        let ledger = LedgerFile::open_read(&self.path, None).unwrap();
        ledger.is_index_right().unwrap()
    }

    fn file(&self) -> PathBuf {
        super::path(&self.path)
    }
}

fn key() -> CreatorKey {
    CreatorKey::from_seed(&[1; 32])
}

/// A registration with codes; every eighth has none, every fifth a flat centre.
fn picture(n: u32) -> Entry {
    let digest = Digest::of(&n.to_be_bytes());
    let bare = register(&key(), 0, digest);
    let EntryBody::AssetRegister(mut body) = bare.body().clone() else {
        panic!("a registration");
    };
    body.asset_id.copy_from_slice(&digest.as_bytes()[..16]);
    let print = |(at, algorithm): (u8, Algorithm)| Fingerprint {
        algorithm,
        bits: *Digest::of(&[digest.as_bytes().as_slice(), &[at]].concat()).as_bytes(),
        quality: if n.is_multiple_of(5) && at == 3 { 49 } else { 50 },
    };
    if !n.is_multiple_of(8) {
        body.fingerprints = (0u8..).zip(Codes::KINDS).map(print).collect();
    }
    Entry::sign(EntryBody::AssetRegister(body), &key(), NOW).unwrap()
}

fn pictures(range: std::ops::Range<u32>) -> Vec<Entry> {
    range.map(picture).collect()
}

/// What the codes of so many pictures should be, from the entries alone.
fn wanted(count: u32) -> Codes {
    let mut codes = Codes::default();
    codes.add(&incept(&key()));
    for entry in &pictures(0..count) {
        codes.add(entry);
    }
    codes
}

#[test]
fn codes_are_the_same_with_their_file_without_it_and_behind_it() {
    let (bench, mut ledger) = Bench::new(LookupMode::Public);
    ledger.append(&[incept(&key())], NOW).unwrap();
    ledger.append(&pictures(0..30), NOW).unwrap();
    drop(ledger);
    assert!(!bench.file().exists(), "few are read from the ledger");
    assert_eq!(bench.codes(), wanted(30));
    bench.write().append(&pictures(30..2000), NOW).unwrap();
    assert!(bench.file().exists());
    assert_eq!(bench.codes(), wanted(2000));
    let found = wanted(2000);
    assert_eq!((found.pictures(), found.registrations()), (1750, 2000));
    assert_eq!(found.place(5), Some((LeafIndex(3), Algorithm::PdqCentre90)));
    let flat = (0..found.bits().len()).filter(|at| found.bits()[*at] == [0; 32]);
    assert_eq!(flat.count(), 350, "one code in four of a fifth says nothing");
    // Appended behind, and only then counted.
    bench.write().append(&pictures(2000..2040), NOW).unwrap();
    let before = std::fs::metadata(bench.file()).unwrap().len();
    assert_eq!(bench.codes(), wanted(2040));
    bench.write().append(&pictures(2040..2100), NOW).unwrap();
    assert!(std::fs::metadata(bench.file()).unwrap().len() > before);
    assert!(bench.is_right());
    assert_eq!(bench.codes(), wanted(2100));
    std::fs::remove_file(bench.file()).unwrap();
    assert_eq!(bench.codes(), wanted(2100));
}

#[test]
fn a_damaged_file_is_passed_over_and_made_anew() {
    let (bench, mut ledger) = Bench::new(LookupMode::Public);
    ledger.append(&[incept(&key())], NOW).unwrap();
    ledger.append(&pictures(0..200), NOW).unwrap();
    drop(ledger);
    let good = std::fs::read(bench.file()).unwrap();
    for at in (0..good.len()).step_by(97) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(bench.file(), &bytes).unwrap();
        assert_eq!(bench.codes(), wanted(200), "byte {at}");
        assert!(!bench.is_right(), "byte {at}");
    }
    for len in [0, 79, 80, good.len() - 1] {
        std::fs::write(bench.file(), &good[..len]).unwrap();
        assert_eq!(bench.codes(), wanted(200), "{len} bytes");
    }
    // A torn append leaves bytes that no head counts.
    std::fs::write(bench.file(), [good.as_slice(), &[1; 100]].concat()).unwrap();
    assert_eq!(bench.codes(), wanted(200));
    bench.write().append(&pictures(200..300), NOW).unwrap();
    assert!(bench.is_right());
    // A writer makes a head that does not fit anew.
    std::fs::write(bench.file(), b"rubbish").unwrap();
    drop(bench.write());
    assert_eq!(bench.codes(), wanted(300));
    assert!(bench.is_right());
}

#[test]
fn the_file_of_another_log_is_not_believed() {
    let (bench, mut ledger) = Bench::new(LookupMode::Public);
    ledger.append(&[incept(&key())], NOW).unwrap();
    ledger.append(&pictures(0..100), NOW).unwrap();
    drop(ledger);
    let (other, mut ledger) = Bench::new(LookupMode::Public);
    ledger.append(&[incept(&key())], NOW).unwrap();
    ledger.append(&pictures(100..200), NOW).unwrap();
    drop(ledger);
    std::fs::copy(other.file(), bench.file()).unwrap();
    assert_eq!(bench.codes(), wanted(100));
    // The same log when it was longer: a head of the future.
    bench.write().append(&[], NOW).unwrap();
    assert_eq!(bench.codes(), wanted(100));
}

#[test]
fn a_private_ledger_has_no_codes_and_no_file() {
    let (bench, mut ledger) = Bench::new(LookupMode::Private);
    ledger.append(&[incept(&key())], NOW).unwrap();
    let keyed: Vec<Entry> = pictures(0..100)
        .iter()
        .map(|entry| {
            let EntryBody::AssetRegister(body) = entry.body() else {
                panic!("a registration");
            };
            let body = ledger.dress(body.clone()).unwrap();
            Entry::sign(EntryBody::AssetRegister(body), &key(), NOW).unwrap()
        })
        .collect();
    ledger.append(&keyed, NOW).unwrap();
    drop(ledger);
    assert!(!bench.file().exists());
    assert_eq!(bench.codes().pictures(), 0);
}
