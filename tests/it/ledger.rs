//! The ledger from outside: made, appended to, looked up in, proved, audited; and what must not pass.

use std::path::PathBuf;

use byline::base::statement::{Mining, Role};
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::CreatorKey;
use byline::ledger::audit::{Audit, Options, Signatures, audit};
use byline::ledger::proof::verify_inclusion;
use byline::ledger::{DigestForm, Entry, EntryBody, KeyIncept, LeafIndex, LookupMode, Registration, Rights};
use byline::store::{LedgerFile, Lookup, NewLedger, Places, StoreError};

pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

pub(crate) fn later(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(NOW.unix_ms() + ms)
}

pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) path: PathBuf,
    pub(crate) places: Places,
    pub(crate) key: CreatorKey,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.ledger");
        let places = Places {
            log_key: dir.path().join("logs/x.key"),
            state: dir.path().join("state"),
        };
        Self {
            dir,
            path,
            places,
            key: CreatorKey::from_seed(&[1; 32]),
        }
    }

    pub(crate) fn create(&self, mode: LookupMode) -> LedgerFile {
        let new = NewLedger {
            origin: "example.org/ledger",
            mode,
            key_seed: [2; 32],
            secret: [3; 32],
            now: NOW,
        };
        LedgerFile::create(&self.path, &self.places, &new).unwrap()
    }

    pub(crate) fn open(&self) -> Result<LedgerFile, StoreError> {
        LedgerFile::open_write(&self.path, &self.places, 5000)
    }

    pub(crate) fn incept(&self) -> Entry {
        let body = KeyIncept {
            key: self.key.public(),
            next: None,
        };
        Entry::sign(EntryBody::KeyIncept(body), &self.key, NOW).unwrap()
    }

    pub(crate) fn register(&self, n: u64) -> Entry {
        Entry::sign(EntryBody::AssetRegister(registration(n)), &self.key, later(1000)).unwrap()
    }
}

pub(crate) fn registration(n: u64) -> Registration {
    let digest = |what: &str| Digest::of(format!("{what} {n}").as_bytes());
    let mut asset_id = [0; 16];
    asset_id[..8].copy_from_slice(&n.to_be_bytes());
    Registration {
        asset_id,
        digests: DigestForm::Plain,
        file: digest("file"),
        content: digest("content"),
        pixel: Some((1, digest("pixel"))),
        manifest: digest("manifest"),
        fingerprints: Vec::new(),
        source: SourceType::ALL[0],
        family: None,
        role: Role::Creator,
        mining: Some(Mining::NoTraining),
        rights: vec![Rights::AllReserved],
        parents: Vec::new(),
    }
}

pub(crate) fn audit_bytes(bytes: &[u8]) -> Audit {
    let options = Options {
        threads: 1,
        signatures: Signatures::Batch,
        key: None,
        known: Vec::new(),
    };
    audit(bytes, &options, &mut |_| ()).unwrap()
}

#[test]
fn what_is_appended_is_found_proved_and_audited_without_findings() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let receipts = ledger
        .append(&[bench.incept(), bench.register(1), bench.register(2)], NOW)
        .unwrap();
    assert_eq!(
        receipts.iter().map(|receipt| receipt.index.0).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    let again = ledger
        .append(&[bench.register(3), bench.register(2)], later(2000))
        .unwrap();
    assert_eq!((again[0].index, again[0].already), (LeafIndex(3), false));
    assert_eq!((again[1].index, again[1].already), (LeafIndex(2), true));
    drop(ledger);

    let ledger = LedgerFile::open_read(&bench.path, Some(&bench.places.state)).unwrap();
    assert_eq!(ledger.size().0, 4);
    let body = registration(2);
    let (rule, pixel) = body.pixel.unwrap();
    for lookup in [
        Lookup::File(body.file),
        Lookup::Content(body.content),
        Lookup::Manifest(body.manifest),
        Lookup::Pixel(rule, pixel),
        Lookup::Asset(body.asset_id),
    ] {
        let found = ledger.find(lookup).unwrap();
        assert_eq!(found.len(), 1, "{lookup:?}");
        assert_eq!((found[0].0, &found[0].1), (LeafIndex(2), &bench.register(2)));
    }
    assert!(
        ledger
            .find(Lookup::File(Digest::of(b"another")))
            .unwrap()
            .is_empty()
    );
    assert!(ledger.find(Lookup::Pixel(rule + 1, pixel)).unwrap().is_empty());
    let entry = ledger.entry(LeafIndex(2)).unwrap();
    assert!(entry.verify_strict(&ledger.key(&entry.signer()).unwrap()));
    let proof = ledger.prove(LeafIndex(2)).unwrap();
    let checkpoint = &proof.checkpoint;
    verify_inclusion(
        entry.id(),
        proof.index,
        checkpoint.size(),
        checkpoint.root(),
        &proof.hashes,
    )
    .unwrap();

    let audited = audit_bytes(&std::fs::read(&bench.path).unwrap());
    assert_eq!(audited.findings, []);
    assert_eq!(
        (
            audited.size.0,
            audited.keys,
            audited.registrations,
            audited.commits
        ),
        (4, 1, 3, 3)
    );
}
