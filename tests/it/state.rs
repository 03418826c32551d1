//! State proofs over a small log with one asset in two hands: what they prove, what they must not, and the vectors for other
//! implementations. A second verifier in Python agrees, where it is installed.

use std::path::Path;

use byline::base::statement::Role;
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::{CreatorKey, PublicKey};
use byline::ledger::body::{
    DigestForm, EntryBody, KeyIncept, Registration, Share, StateRoot, TitleAccept, TitleOffer, v4,
};
use byline::ledger::map::{Holding, MapValue, StateMap, Title, Topic};
use byline::ledger::proof;
use byline::ledger::state_proof::{
    Placed, STATE_PROOF_BYTES_MAX, StateProof, StateProofError, StateUnproven,
};
use byline::ledger::tree::{MemoryTree, root_at};
use byline::ledger::{Entry, KeyName, LeafIndex, LogKey, TreeSize, VerifiedCheckpoint, VerifierKey};
use serde_json::{Value, json};

use super::python::python;

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

fn log() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[5; 32]),
    )
}

fn key_of_log() -> VerifierKey {
    log().verifier().clone()
}

fn key(seed: u8) -> CreatorKey {
    CreatorKey::from_seed(&[seed; 32])
}

fn digest(n: u8) -> Digest {
    Digest::from_bytes([n; 32])
}

fn asset(n: u8) -> [u8; 16] {
    v4([n; 16])
}

fn registration(n: u8) -> Entry {
    let body = Registration {
        asset_id: asset(n),
        digests: DigestForm::Plain,
        file: digest(n + 1),
        content: digest(n + 2),
        pixel: Some((1, digest(n + 3))),
        manifest: digest(n + 4),
        fingerprints: Vec::new(),
        source: SourceType::ALL[0],
        family: None,
        role: Some(Role::Creator),
        mining: None,
        rights: Vec::new(),
        parents: Vec::new(),
    };
    Entry::sign(EntryBody::AssetRegister(body), &key(1), NOW).unwrap()
}

/// A log in which key 1 registers assets 10 and 20 and gives 30 % of asset 10 to key 2; then its state.root.
struct Log {
    entries: Vec<(Entry, PublicKey)>,
    map: StateMap,
    titles: Vec<Title>,
}

impl Log {
    fn new() -> Self {
        let incept = |seed: u8| {
            let body = KeyIncept {
                key: key(seed).public(),
                next: None,
                recovery: None,
            };
            Entry::sign(EntryBody::KeyIncept(body), &key(seed), NOW).unwrap()
        };
        let first = registration(10);
        let offer = TitleOffer {
            asset_id: asset(10),
            prev: first.id(),
            to: key(2).public().key_id(),
            share: Share::basis_points(3000).unwrap(),
            until_index: None,
            until: None,
            terms: None,
        };
        let offer = Entry::sign(EntryBody::TitleOffer(offer), &key(1), NOW).unwrap();
        let accept = TitleAccept {
            asset_id: asset(10),
            offer: offer.id(),
        };
        let accept = Entry::sign(EntryBody::TitleAccept(accept), &key(2), NOW).unwrap();
        let second = registration(20);
        let mut holders = [(1, 7000), (2, 3000)].map(|(seed, points)| Holding {
            identity: key(seed).public().key_id(),
            share: Share::basis_points(points).unwrap(),
            title: accept.id(),
        });
        holders.sort_unstable();
        let titles = vec![Title {
            registered: first.id(),
            holders: holders.to_vec(),
        }];
        let alone = Title {
            registered: second.id(),
            holders: vec![Holding {
                identity: key(1).public().key_id(),
                share: Share::WHOLE,
                title: second.id(),
            }],
        };
        let mut map = StateMap::new();
        let first_of = |entry: &Entry| Digest::from_bytes(*entry.id().as_bytes());
        for (topic, state, status) in [
            (Topic::Asset(asset(10)), Title::state(&titles), 0),
            (Topic::Asset(asset(20)), Title::state(&[alone]), 5),
            (Topic::Content(digest(12)), first_of(&first), 0),
            (Topic::Pixel(1, digest(13)), first_of(&first), 0),
            (Topic::Content(digest(22)), first_of(&second), 0),
            (Topic::Pixel(1, digest(23)), first_of(&second), 0),
        ] {
            map.set(topic.key(), MapValue { state, status }).unwrap();
        }
        let (one, two) = (key(1).public(), key(2).public());
        let mut log = Self {
            entries: vec![
                (incept(1), one),
                (incept(2), two),
                (first, one),
                (offer, one),
                (accept, two),
                (second, one),
            ],
            map,
            titles,
        };
        let covers = TreeSize(6);
        log.close(covers, &self::log());
        log
    }

    /// Adds the state.root entry by some log's key, and one entry more.
    fn close(&mut self, covers: TreeSize, by: &LogKey) {
        let settled = self.map.settle().unwrap();
        let body = StateRoot {
            root: Digest::from_bytes(*settled.root().as_bytes()),
            keys: settled.size().0,
            covers,
        };
        let root = Entry::sign_as_log(EntryBody::StateRoot(body), by, NOW).unwrap();
        self.entries.push((root, *by.verifier().key()));
        self.entries.push((registration(30), key(1).public()));
    }

    fn placed(&self, index: usize) -> Placed {
        let tree = MemoryTree::of(self.entries.iter().map(|(entry, _)| entry.id()));
        let size = TreeSize(self.entries.len() as u64);
        let (entry, key) = &self.entries[index];
        let index = LeafIndex(index as u64);
        Placed {
            index,
            entry: entry.bytes().to_vec(),
            key: *key,
            hashes: proof::inclusion(&tree, index, size).unwrap(),
        }
    }

    fn proof(&mut self, topic: Topic, titles: &[Title], entries: &[usize]) -> StateProof {
        let size = TreeSize(self.entries.len() as u64);
        let tree = MemoryTree::of(self.entries.iter().map(|(entry, _)| entry.id()));
        let root = root_at(&tree, size).unwrap();
        let (checkpoint, _) = VerifiedCheckpoint::sign(size, root, &log());
        let at = self.entries.len() - 2;
        StateProof {
            topic,
            map: self.map.settle().unwrap().prove(&topic.key()).unwrap(),
            titles: titles.to_vec(),
            root: self.placed(at),
            entries: entries.iter().map(|index| self.placed(*index)).collect(),
            checkpoint: checkpoint.note().to_owned(),
        }
    }

    fn about_asset(&mut self) -> StateProof {
        let titles = self.titles.clone();
        self.proof(Topic::Asset(asset(10)), &titles, &[2, 4])
    }
}

#[test]
fn holders_first_registrations_and_absence_are_proved() {
    let mut log = Log::new();
    let proof = log.about_asset();
    let proven = proof.verify(&key_of_log()).unwrap();
    assert_eq!(proven.covers, TreeSize(6));
    let known = proven.known.unwrap();
    assert_eq!((known.titles, known.status), (log.titles.clone(), 0));
    let indexes: Vec<u64> = known.entries.iter().map(|(index, _)| index.0).collect();
    assert_eq!(indexes, [2, 4]);
    for topic in [Topic::Content(digest(12)), Topic::Pixel(1, digest(13))] {
        let proof = log.proof(topic, &[], &[2]);
        let known = proof.verify(&key_of_log()).unwrap().known.unwrap();
        assert_eq!(known.entries, [(LeafIndex(2), log.entries[2].0.clone())]);
    }
    for topic in [
        Topic::Asset(asset(30)),
        Topic::Content(digest(32)),
        Topic::Pixel(2, digest(13)),
    ] {
        let proof = log.proof(topic, &[], &[]);
        assert!(proof.verify(&key_of_log()).unwrap().known.is_none());
    }
}

#[test]
fn a_proof_goes_out_and_comes_back() {
    let mut log = Log::new();
    for proof in [
        log.about_asset(),
        log.proof(Topic::Content(digest(12)), &[], &[2]),
        log.proof(Topic::Pixel(7, digest(99)), &[], &[]),
    ] {
        assert_eq!(StateProof::parse(&proof.text()), Ok(proof));
    }
}

/// Each character changed by one bit, each left out, each given twice.
#[test]
fn no_change_of_the_text_passes() {
    let mut log = Log::new();
    for proof in [
        log.about_asset(),
        log.proof(Topic::Content(digest(12)), &[], &[2]),
        log.proof(Topic::Pixel(7, digest(99)), &[], &[]),
    ] {
        let (text, was_known) = (proof.text(), proof.verify(&key_of_log()).unwrap().known.is_some());
        for at in 0..text.len() {
            let mut flipped = text.clone().into_bytes();
            flipped[at] ^= 1 << (at % 7);
            let (mut shorter, mut longer) = (text.clone().into_bytes(), text.clone().into_bytes());
            shorter.remove(at);
            longer.insert(at, text.as_bytes()[at]);
            for bytes in [flipped, shorter, longer] {
                let Ok(changed) = String::from_utf8(bytes) else {
                    continue;
                };
                let Ok(read) = StateProof::parse(&changed) else {
                    continue;
                };
                if let Ok(proven) = read.verify(&key_of_log()) {
                    // Another topic whose way ends at the same place: absent in truth.
                    let is_other_absence = read.topic != proof.topic && proven.known.is_none() && !was_known;
                    assert!(is_other_absence || changed == text, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn titles_that_the_map_does_not_hash_are_refused() {
    let mut log = Log::new();
    let good = log.about_asset();
    let mut swapped = good.clone();
    swapped.titles[0].holders.swap(0, 1);
    let mut more = good.clone();
    more.titles[0].holders[0].share = Share::WHOLE;
    let mut twice = good.clone();
    twice.titles.push(good.titles[0].clone());
    let none = StateProof {
        titles: Vec::new(),
        ..good.clone()
    };
    for bad in [swapped, more, twice, none] {
        assert_eq!(bad.verify(&key_of_log()).unwrap_err(), StateUnproven::Titles);
    }
    for (topic, entries) in [
        (Topic::Content(digest(12)), &[2][..]),
        (Topic::Asset(asset(30)), &[]),
    ] {
        let bad = log.proof(topic, &good.titles, entries);
        assert_eq!(bad.verify(&key_of_log()).unwrap_err(), StateUnproven::Titles);
    }
}

#[test]
fn entries_that_the_titles_do_not_name_are_refused() {
    let mut log = Log::new();
    let titles = log.titles.clone();
    for entries in [&[][..], &[2], &[4], &[3, 4], &[2, 4, 4], &[4, 2], &[2, 4, 5]] {
        let bad = log.proof(Topic::Asset(asset(10)), &titles, entries);
        assert_eq!(
            bad.verify(&key_of_log()).unwrap_err(),
            StateUnproven::WrongEntries
        );
    }
    for entries in [&[][..], &[5], &[2, 5]] {
        let bad = log.proof(Topic::Content(digest(12)), &[], entries);
        assert_eq!(
            bad.verify(&key_of_log()).unwrap_err(),
            StateUnproven::WrongEntries
        );
    }
    for entries in [&[2][..], &[7]] {
        let bad = log.proof(Topic::Asset(asset(30)), &[], entries);
        assert_eq!(
            bad.verify(&key_of_log()).unwrap_err(),
            StateUnproven::WrongEntries
        );
    }
}

/// The map says what no honest log would: the proof hangs together, but the entry is about something else, or comes later.
#[test]
fn entries_about_something_else_or_from_later_are_refused() {
    let (content, pixel) = (Topic::Content(digest(12)), Topic::Pixel(1, digest(33)));
    let mut log = Log::new();
    let second = log.entries[5].0.id();
    log.entries.truncate(6);
    for (topic, leaf) in [(content, second), (pixel, registration(30).id())] {
        let state = Digest::from_bytes(*leaf.as_bytes());
        log.map.set(topic.key(), MapValue { state, status: 0 }).unwrap();
    }
    log.close(TreeSize(6), &self::log());
    for (topic, index) in [(content, 5), (pixel, 7)] {
        let bad = log.proof(topic, &[], &[index]);
        assert_eq!(
            bad.verify(&key_of_log()).unwrap_err(),
            StateUnproven::WrongEntries
        );
    }
    log.close(TreeSize(8), &self::log());
    let in_time = log.proof(pixel, &[], &[7]);
    assert!(in_time.verify(&key_of_log()).unwrap().known.is_some());
}

#[test]
fn a_root_that_the_log_did_not_sign_or_that_covers_other_entries_is_refused() {
    let mut log = Log::new();
    let stranger = LogKey::new(KeyName::parse("example.org/ledger").unwrap(), key(8));
    log.close(TreeSize(8), &stranger);
    let bad = log.about_asset();
    assert_eq!(
        bad.verify(&key_of_log()).unwrap_err(),
        StateUnproven::NotAStateRoot
    );
    for (index, covers) in [(10, 11), (12, 11)] {
        let (index, covers) = (LeafIndex(index), TreeSize(covers));
        log.close(covers, &self::log());
        let bad = log.about_asset();
        let refused = StateUnproven::Covers { index, covers };
        assert_eq!(bad.verify(&key_of_log()).unwrap_err(), refused);
    }
    log.close(TreeSize(14), &self::log());
    assert!(log.about_asset().verify(&key_of_log()).is_ok());
    let mut other_entry = log.about_asset();
    other_entry.root = log.placed(2);
    assert_eq!(
        other_entry.verify(&key_of_log()).unwrap_err(),
        StateUnproven::NotAStateRoot
    );
    let theirs = stranger.verifier().clone();
    assert!(matches!(
        log.about_asset().verify(&theirs).unwrap_err(),
        StateUnproven::Checkpoint(_)
    ));
}

#[test]
fn a_proof_beyond_its_limit_is_not_read() {
    let text = "x".repeat(STATE_PROOF_BYTES_MAX + 1);
    assert!(matches!(
        StateProof::parse(&text),
        Err(StateProofError::TooLong { .. })
    ));
}

/// Where the vectors are.
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/state");

/// Compares with a file; `UPDATE=1` writes it.
fn is_vector(name: &str, text: &str) {
    let path = Path::new(VECTORS).join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, text, "{name}; UPDATE=1 cargo test vectors rewrites it");
}

/// The proofs that other implementations must accept, with the key of the log and what each proves.
fn vectors() -> [(&'static str, StateProof, &'static str); 4] {
    let mut log = Log::new();
    [
        ("holders", log.about_asset(), "held by"),
        (
            "content",
            log.proof(Topic::Content(digest(12)), &[], &[2]),
            "first in entry 2",
        ),
        (
            "pixel",
            log.proof(Topic::Pixel(1, digest(23)), &[], &[5]),
            "first in entry 5",
        ),
        (
            "absent",
            log.proof(Topic::Content(digest(99)), &[], &[]),
            "not registered here",
        ),
    ]
}

#[test]
fn vectors_of_state_proofs_are_as_written() {
    is_vector("log.vkey", &format!("{}\n", log().verifier()));
    for (name, proof, _) in vectors() {
        is_vector(&format!("{name}.state-proof"), &proof.text());
    }
}

/// Maps of 0 to 33 keys, each with proofs of a key that is there and of one that is not.
#[test]
fn vectors_of_maps_are_as_written() {
    let mut cases = Vec::new();
    for size in [0u8, 1, 2, 3, 7, 33] {
        let topics: Vec<Topic> = (0..size)
            .map(|n| match n % 3 {
                0 => Topic::Asset(asset(n)),
                1 => Topic::Content(digest(n)),
                _ => Topic::Pixel(n, digest(n)),
            })
            .collect();
        let mut map = StateMap::new();
        let mut keys = Vec::new();
        for (n, topic) in (0u8..).zip(&topics) {
            let (state, status) = (digest(n ^ 0xff), u16::from(n) << 4);
            map.set(topic.key(), MapValue { state, status }).unwrap();
            keys.push(json!({ "topic": topic.to_string(), "state": state.hex(), "status": status }));
        }
        let settled = map.settle().unwrap();
        let asked = topics.iter().last().copied();
        let asks: Vec<Value> = asked
            .into_iter()
            .chain([Topic::Content(digest(200)), Topic::Asset(asset(201))])
            .map(|topic| {
                let proof = settled.prove(&topic.key()).unwrap();
                let answer = proof.verify(&topic.key(), &settled.root()).unwrap();
                json!({
                    "topic": topic.to_string(),
                    "state": answer.map(|value| value.state.hex()),
                    "proof": proof.text(),
                })
            })
            .collect();
        let root = Digest::from_bytes(*settled.root().as_bytes()).hex();
        cases.push(json!({ "keys": keys, "root": root, "asks": asks }));
    }
    let made = Value::Array(cases);
    let path = Path::new(VECTORS).join("map.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{made:#}\n")).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        known.parse::<Value>().ok(),
        Some(made),
        "map.json; UPDATE=1 cargo test vectors rewrites it"
    );
}

/// Every vector of the map through the second verifier, then each proof with one bit flipped and with a character left out.
const MAPS: &str = "
import json, sys
sys.path.insert(0, sys.argv[1])
import verify_state
right = wrong = 0
for case in json.load(open(sys.argv[2] + '/map.json')):
    for ask in case['asks']:
        key, root = verify_state.topic_key(ask['topic'].split(' ')), bytes.fromhex(case['root'])
        said = verify_state.answer(ask['proof'].splitlines(), key, root)
        assert (said and said[0].hex()) == ask['state'], ask
        right += 1
log = open(sys.argv[2] + '/log.vkey').read().strip()
for name in ('holders', 'content', 'pixel', 'absent'):
    text = open(f'{sys.argv[2]}/{name}.state-proof', encoding='utf-8').read()
    true = verify_state.verify(text, log)
    for at in range(0, len(text), 3):
        for changed in (text[:at] + chr(ord(text[at]) ^ 1 << at % 7) + text[at + 1:], text[:at] + text[at + 1:]):
            try:
                if verify_state.verify(changed, log) != true:
                    wrong += 'not registered' not in verify_state.verify(changed, log)
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                pass
print(right, 'right,', wrong, 'wrong')
";

#[test]
fn python_agrees_about_state_proofs() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges");
    let key = log().verifier().to_string();
    for (name, _, what) in vectors() {
        let proof = format!("{VECTORS}/{name}.state-proof");
        let Some((code, words)) = python(&[&format!("{folder}/verify_state.py"), &proof, &key]) else {
            return;
        };
        assert!(
            code == 0 && words.contains("as of 6 entries") && words.contains(what),
            "{words}"
        );
    }
    let (_, words) = python(&["-c", MAPS, folder, VECTORS]).unwrap();
    assert_eq!(words, "17 right, 0 wrong\n");
    let (code, _) = python(&[
        &format!("{folder}/verify_state.py"),
        &format!("{VECTORS}/absent.state-proof"),
        "example.org/ledger+00000000+AQAA",
    ])
    .unwrap();
    assert_eq!(code, 1);
}
