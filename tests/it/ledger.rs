//! The ledger from outside: made, appended to, looked up in, proved, audited; and what must not pass.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use byline::base::statement::{Mining, Role};
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::{CreatorKey, KeyId};
use byline::ledger::append;
use byline::ledger::audit::{Audit, Options, Signatures, audit};
use byline::ledger::frame::{Commit, CommitState, Frame, FrameKind, Header};
use byline::ledger::proof::verify_inclusion;
use byline::ledger::rules::Broken;
use byline::ledger::tree::CompactRange;
use byline::ledger::{
    AppendError, DigestForm, Entry, EntryBody, KeyIncept, KeyName, LeafHash, LeafIndex, LedgerSecret, LogKey,
    LookupMode, Registration, Rights, VerifiedCheckpoint,
};
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
            arbiters: &[],
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
            recovery: None,
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
        role: Some(Role::Creator),
        mining: Some(Mining::NoTraining),
        rights: vec![Rights::AllReserved],
        parents: Vec::new(),
    }
}

pub(crate) fn audit_bytes(bytes: &[u8]) -> Audit {
    let options = Options::default();
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
        Lookup::Entry(bench.register(2).id()),
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

fn sign(key: &CreatorKey, body: EntryBody, now: Timestamp) -> Entry {
    Entry::sign(body, key, now).unwrap()
}

#[test]
fn a_batch_that_breaks_a_rule_writes_nothing() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let rule = |ledger: &mut LedgerFile, batch: &[Entry]| match ledger.append(batch, later(2000)) {
        Err(StoreError::Append(AppendError::Broken { position, rule })) => (position, rule),
        other => panic!("{other:?}"),
    };
    let before = std::fs::read(&bench.path).unwrap();
    assert_eq!(rule(&mut ledger, &[bench.register(1)]), (0, Broken::UnknownKey));
    let keyed = registration(1).keyed(&LedgerSecret::from_bytes([9; 32]));
    let keyed = sign(&bench.key, EntryBody::AssetRegister(keyed), NOW);
    assert_eq!(rule(&mut ledger, &[bench.incept(), keyed]), (1, Broken::Mode));
    let twice = [
        bench.incept(),
        bench.register(1),
        sign(&bench.key, EntryBody::AssetRegister(registration(1)), later(4000)),
    ];
    assert_eq!(
        rule(&mut ledger, &twice),
        (
            2,
            Broken::AssetTwice {
                earlier: LeafIndex(1)
            }
        )
    );
    let ahead = sign(
        &bench.key,
        EntryBody::AssetRegister(registration(1)),
        later(2000 + 301_000),
    );
    assert!(matches!(
        rule(&mut ledger, &[bench.incept(), ahead]),
        (1, Broken::Ahead { .. })
    ));
    let behind = sign(
        &bench.key,
        EntryBody::AssetRegister(registration(1)),
        later(-601_000),
    );
    assert!(matches!(
        rule(&mut ledger, &[bench.incept(), behind]),
        (1, Broken::Behind { .. })
    ));
    let incepts = [
        bench.incept(),
        sign(&bench.key, bench.incept().body().clone(), later(5000)),
    ];
    assert_eq!(
        rule(&mut ledger, &incepts),
        (
            1,
            Broken::InceptTwice {
                earlier: LeafIndex(0)
            }
        )
    );
    for many in [1, 40u64] {
        // By the strict rule when few, by the batch when many: the one bad signature is named in both.
        let mut batch: Vec<Entry> = std::iter::once(bench.incept())
            .chain((0..many).map(|n| bench.register(n)))
            .collect();
        let mut bytes = bench.register(77).bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        batch.push(Entry::decode(&bytes).unwrap());
        assert_eq!(rule(&mut ledger, &batch), (batch.len() - 1, Broken::Signature));
    }
    assert_eq!(std::fs::read(&bench.path).unwrap(), before);
    assert_eq!(ledger.size().0, 0);
}

#[test]
fn a_private_ledger_answers_only_who_has_its_secret() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Private);
    let body = ledger.dress(registration(1)).unwrap();
    let entry = sign(&bench.key, EntryBody::AssetRegister(body), NOW);
    ledger.append(&[bench.incept(), entry], NOW).unwrap();
    assert_eq!(ledger.find(Lookup::File(registration(1).file)).unwrap().len(), 1);
    let plain = bench.register(2);
    assert!(matches!(
        ledger.append(&[plain], later(2000)),
        Err(StoreError::Append(_))
    ));
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    let file = registration(1).file;
    assert!(!bytes.windows(32).any(|window| window == file.as_bytes()));
    assert_eq!(audit_bytes(&bytes).findings, []);

    let secret = byline::store::ledger_file::secret_path(&bench.path);
    assert_eq!(
        std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777,
        0o600
    );
    std::fs::remove_file(&secret).unwrap();
    let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
    assert!(matches!(
        ledger.find(Lookup::File(file)),
        Err(StoreError::NoSecret { .. })
    ));
    assert!(matches!(
        ledger.dress(registration(2)),
        Err(StoreError::NoSecret { .. })
    ));
    assert_eq!(
        ledger
            .find(Lookup::Asset(registration(1).asset_id))
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn key_files_that_others_may_read_and_foreign_log_keys_are_refused() {
    let bench = Bench::new();
    drop(bench.create(LookupMode::Public));
    let set = |mode| {
        std::fs::set_permissions(&bench.places.log_key, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o640);
    assert!(matches!(bench.open(), Err(StoreError::KeyFile { .. })));
    set(0o600);
    let text = std::fs::read_to_string(&bench.places.log_key).unwrap();
    std::fs::write(&bench.places.log_key, text.replace("0202", "0303")).unwrap();
    assert!(matches!(bench.open(), Err(StoreError::WrongLogKey { .. })));
}

#[test]
fn nothing_that_exists_is_replaced_by_a_new_ledger() {
    let bench = Bench::new();
    drop(bench.create(LookupMode::Public));
    let bytes = std::fs::read(&bench.path).unwrap();
    let new = NewLedger {
        origin: "example.org/ledger",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [8; 32],
        secret: [3; 32],
        now: NOW,
    };
    assert!(LedgerFile::create(&bench.path, &bench.places, &new).is_err());
    let other = bench.dir.path().join("other.ledger");
    // Another key under an origin that was seen here is refused by the high-water mark.
    let places = Places {
        log_key: bench.dir.path().join("logs/y.key"),
        ..bench.places.clone()
    };
    assert!(matches!(
        LedgerFile::create(&other, &places, &new),
        Err(StoreError::Mark(_))
    ));
    assert!(!other.exists() && !places.log_key.exists());
    assert_eq!(std::fs::read(&bench.path).unwrap(), bytes);
}

/// Rebuilds a ledger as an operator could who holds the log key: commits are in order, but entries break rules.
fn forged(entries: &[Vec<u8>]) -> Vec<u8> {
    forged_with(entries, &[], later(2000))
}

/// As [`forged`], with arbiters in the header and a time of the commit.
pub(crate) fn forged_with(entries: &[Vec<u8>], arbiters: &[KeyId], time: Timestamp) -> Vec<u8> {
    let key = LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[2; 32]),
    );
    let header = Header::write(&key, NOW, LookupMode::Public, arbiters).unwrap();
    let mut bytes = append::first_commit(&header, &key, NOW);
    let mut range = CompactRange::new();
    let mut frames = Vec::new();
    for entry in entries {
        Frame::write(FrameKind::Entry, entry, &mut frames);
        range.push(LeafHash::of(entry));
    }
    let state = CommitState {
        size: range.size(),
        root: range.root(),
        previous: 4096,
        offset: (bytes.len() + frames.len()) as u64,
        time,
        crc_before: crc32c::crc32c(&frames),
    };
    bytes.extend_from_slice(&frames);
    bytes.extend_from_slice(&Commit::sign(state, &key).1);
    bytes
}

#[test]
fn the_audit_names_what_a_log_should_not_have_accepted() {
    let bench = Bench::new();
    let incept = bench.incept().bytes().to_vec();
    let entry = |n| bench.register(n).bytes().to_vec();
    let mut bad = entry(2);
    *bad.last_mut().unwrap() ^= 1;
    let cases: [(&[Vec<u8>], u64, &str); 6] = [
        (&[incept.clone(), entry(1), bad], 2, "ledger.entry.signature"),
        (&[entry(1)], 0, "ledger.key.unknown"),
        (&[incept.clone(), entry(1), entry(1)], 2, "ledger.entry.duplicate"),
        (
            &[incept.clone(), b"not an entry".to_vec()],
            1,
            "ledger.entry.malformed",
        ),
        (
            &[
                incept.clone(),
                sign(&bench.key, bench.incept().body().clone(), later(60_000))
                    .bytes()
                    .to_vec(),
            ],
            1,
            "ledger.key.inceptTwice",
        ),
        (
            &[
                incept.clone(),
                sign(
                    &bench.key,
                    EntryBody::AssetRegister(registration(5)),
                    later(900_000),
                )
                .bytes()
                .to_vec(),
            ],
            1,
            "ledger.entry.timeAhead",
        ),
    ];
    for (entries, index, id) in cases {
        let audit = audit_bytes(&forged(entries));
        let found: Vec<_> = audit
            .findings
            .iter()
            .map(|f| (f.place.index.map(|i| i.0), f.rule.id()))
            .collect();
        assert_eq!(found, [(Some(index), id)]);
        assert!(audit.is_contradicted());
    }
    assert_eq!(audit_bytes(&forged(&[incept, entry(1)])).findings, []);
}

#[test]
fn one_bad_signature_among_thousands_is_named_whatever_the_threads() {
    let bench = Bench::new();
    let mut entries: Vec<Vec<u8>> = (0..3000).map(|n| bench.register(n).bytes().to_vec()).collect();
    entries.insert(0, bench.incept().bytes().to_vec());
    *entries[1234].last_mut().unwrap() ^= 0x80;
    *entries[2345].last_mut().unwrap() ^= 0x01;
    let bytes = forged(&entries);
    for (threads, signatures) in [
        (1, Signatures::Batch),
        (3, Signatures::Batch),
        (2, Signatures::Strict),
    ] {
        let options = Options {
            threads,
            signatures,
            ..Options::default()
        };
        let mut last = 0;
        let audit = audit(&bytes[..], &options, &mut |progress| last = progress.bytes).unwrap();
        let found: Vec<_> = audit
            .findings
            .iter()
            .map(|f| (f.place.index.unwrap().0, f.rule.id()))
            .collect();
        assert_eq!(
            found,
            [(1234, "ledger.entry.signature"), (2345, "ledger.entry.signature")]
        );
        assert_eq!(last, bytes.len() as u64);
    }
}

#[test]
fn checkpoints_known_from_elsewhere_show_forks_and_rollbacks() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], NOW).unwrap();
    let (early, bytes) = (ledger.checkpoint().clone(), std::fs::read(&bench.path).unwrap());
    ledger.append(&[bench.register(1)], later(2000)).unwrap();
    let late = ledger.checkpoint().clone();
    let options = |known: &[VerifiedCheckpoint]| Options {
        key: Some(ledger.header().verifier.clone()),
        known: known.to_vec(),
        ..Options::default()
    };
    let ids = |bytes: &[u8], known: &[VerifiedCheckpoint]| -> Vec<&str> {
        let audit = audit(bytes, &options(known), &mut |_| ()).unwrap();
        audit.findings.iter().map(|finding| finding.rule.id()).collect()
    };
    let whole = std::fs::read(&bench.path).unwrap();
    assert!(ids(&whole, &[early.clone(), late.clone()]).is_empty());
    assert_eq!(ids(&bytes, &[early, late.clone()]), ["ledger.history.rolledBack"]);
    let fork = forged(&[
        bench.incept().bytes().to_vec(),
        bench.register(2).bytes().to_vec(),
    ]);
    assert_eq!(ids(&fork, &[late]), ["ledger.history.forked"]);
}

#[test]
fn random_bytes_after_a_header_never_panic() {
    let bench = Bench::new();
    let head = forged(&[bench.incept().bytes().to_vec()]);
    let mut state = 1u64;
    for round in 0..200 {
        let mut bytes = head.clone();
        for _ in 0..(round * 7) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Mostly small bytes, so that lengths and kinds are often plausible.
            bytes.push(if state >> 63 == 0 {
                state.to_be_bytes()[2] & 7
            } else {
                state.to_be_bytes()[3]
            });
        }
        assert_eq!(audit_bytes(&bytes).findings.is_empty(), bytes.len() == head.len());
    }
}
