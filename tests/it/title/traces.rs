//! `tests/traces/title.json`: histories as bytes and what becomes of them, for implementations in other languages. The file
//! equals what these tests make (`UPDATE=1` rewrites it), and read back alone it says the same.
//!
//! An implementation passes when it refuses every entry under `refused`; decodes every entry of every trace, giving it the
//! next index; finds the verdict that stands beside it (`stands`, or the id of the rule that makes it void); and ends in
//! the state given. All signatures are good. Numbers in states are indexes of entries.

use std::path::PathBuf;

use byline::base::digest::hex;
use byline::keys::{KeyId, PublicKey};
use byline::ledger::title::{
    AssetStanding, Did, DisputeStanding, Entered, Holder, LicenceStanding, Policy, State, Suspicion,
    TitleStanding, WaitingStanding,
};
use byline::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Subject, TreeSize};
use serde_json::{Value, json};

use super::desk::*;
use super::{moves, random};

/// Random histories that are traces too.
const RANDOM: [u64; 4] = [8, 21, 34, 55];

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/traces/title.json")
}

fn entered(entry: &Entered) -> Value {
    json!(entry.index.0)
}

// Keys are written in the order of the alphabet: `serde_json` keeps or sorts them, as another crate of the build may ask.

fn title(title: &TitleStanding) -> Value {
    let holder = |one: &Holder| {
        json!({
            "identity": one.identity.hex(),
            "share": one.share.points(),
            "title": one.since.0,
        })
    };
    let licence = |one: &LicenceStanding| {
        json!({
            "ended": one.ended.map(|end| end.0),
            "grant": entered(&one.entry),
        })
    };
    let suspect = |one: Suspicion| {
        json!({
            "revocation": one.revocation.0,
            "since": one.since.0,
        })
    };
    let waiting = |one: &WaitingStanding| one.grants.iter().map(entered).collect();
    json!({
        "holders": title.holders.iter().map(holder).collect::<Vec<_>>(),
        "last": entered(&title.last),
        "licences": title.licences.iter().map(licence).collect::<Vec<_>>(),
        "offers": title.offers.iter().map(|one| entered(&one.entry)).collect::<Vec<_>>(),
        "registered": entered(&title.registered),
        "reservations": title.reservations.iter().map(|one| entered(&one.entry)).collect::<Vec<_>>(),
        "suspect": title.suspect.map(suspect),
        "waiting": title.waiting.iter().map(waiting).collect::<Vec<Value>>(),
    })
}

fn standing(asset: &AssetStanding) -> Value {
    let dispute = |one: &DisputeStanding| {
        json!({
            "about": entered(&one.about),
            "answers": one.answers.iter().map(|(entry, _)| entered(entry)).collect::<Vec<_>>(),
            "closed": one.closed.map(|(entry, _)| entered(&entry)),
            "dispute": entered(&one.entry),
        })
    };
    json!({
        "asset": hex(&asset.asset_id),
        "disputes": asset.disputes.iter().map(dispute).collect::<Vec<_>>(),
        "titles": asset.titles.iter().map(title).collect::<Vec<_>>(),
    })
}

/// The assets of a log that something stands about, by their ids.
fn assets(state: &State, log: &[Entry]) -> Vec<Value> {
    let ids: std::collections::BTreeSet<[u8; 16]> = (log.iter())
        .filter_map(|entry| match entry.body().subject() {
            Subject::Asset(id) => Some(id),
            _ => None,
        })
        .collect();
    let size = TreeSize(log.len() as u64);
    let standings = ids.iter().filter_map(|id| state.asset(id, size));
    standings.map(|asset| standing(&asset)).collect()
}

fn verdict(judged: &Result<Did, byline::ledger::broken::Broken>) -> &'static str {
    judged.map_or_else(|broken| broken.id(), |_| "stands")
}

fn trace(name: &str, desk: &Desk) -> Value {
    let entry = |(entry, judged): (&Entry, _)| {
        json!({
            "entry": hex(entry.bytes()),
            "kind": entry.body().kind(),
            "verdict": verdict(judged),
        })
    };
    json!({
        "arbiters": desk.policy.arbiters.iter().map(KeyId::hex).collect::<Vec<_>>(),
        "assets": assets(&desk.state, &desk.log),
        "entries": desk.log.iter().zip(&desk.judged).map(entry).collect::<Vec<_>>(),
        "name": name,
    })
}

/// True entries of most shapes, changed in one way each, so that they are entries no longer.
fn refused() -> Vec<Value> {
    let (a, b) = (Person::new(0), Person::new(1));
    let sign = |body| Entry::sign(body, a.key(), NOW).unwrap();
    let nothing = LeafHash::of(b"");
    let offered = sign(EntryBody::TitleOffer(offer(asset(1), nothing, b.id(), 24)));
    let whole = sign(EntryBody::TitleOffer(offer(asset(1), nothing, b.id(), 10_000)));
    let neighbours = sign(grant(asset(1), nothing, &exclusive(b.id(), &[250, 251], 0, None)));
    let accepted = sign(accept(asset(1), nothing));
    let granted = sign(grant(
        asset(1),
        nothing,
        &exclusive(b.id(), &[250, 276], 0, Some(1)),
    ));
    let incepted = sign(a.incept());
    let text = |entry: &Entry| hex(entry.bytes());
    let swap = |entry: &Entry, from: &str, to: &str| {
        let text = text(entry);
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        text.replace(from, to)
    };
    // Heads of payloads: a byte string of its length, then a map. Lengths stay, so that one thing alone is wrong.
    let until = format!("{:08x}", NOW.unix_s() + 1);
    let before = format!("{:08x}", NOW.unix_s() - 1);
    let uuid = hex(b"01010101-0101-4101-8101-010101010101");
    let cases = [
        ("a byte after the end", text(&offered) + "00"),
        (
            "the last byte missing",
            text(&offered)[..text(&offered).len() - 2].to_owned(),
        ),
        ("no tag", text(&offered)[2..].to_owned()),
        ("another tag", "d1".to_owned() + &text(&offered)[2..]),
        (
            "an unprotected header",
            swap(&accepted, "a05826a2", "a104005826a2"),
        ),
        (
            "an unknown kind",
            swap(&accepted, "5826a20012015820", "5826a2000f015820"),
        ),
        (
            "a kind about another subject",
            swap(&accepted, "5826a20012015820", "5826a20002015820"),
        ),
        (
            "a field twice",
            swap(&accepted, "5826a20012015820", "5826a20012005820"),
        ),
        (
            "an unknown field",
            swap(&accepted, "5826a20012015820", "5826a20012095820"),
        ),
        (
            "fewer fields than its map says",
            swap(&accepted, "5826a20012015820", "5826a30012015820"),
        ),
        (
            "a text where bytes belong",
            swap(&accepted, "5826a20012015820", "5826a20012017820"),
        ),
        ("a share beyond the whole", swap(&whole, "03192710", "03192711")),
        (
            "a number longer than it needs",
            swap(&offered, "031818", "031817"),
        ),
        (
            "an algorithm that is not Ed25519",
            swap(&accepted, "a40127", "a40126"),
        ),
        (
            "an asset id in capitals",
            swap(&accepted, &uuid, &uuid.replace("38313031", "38313041")),
        ),
        (
            "an asset id of another version",
            swap(&accepted, &uuid, &uuid.replace("34313031", "35313031")),
        ),
        (
            "territories out of order",
            swap(&granted, "058218fa190114", "058219011418fa"),
        ),
        (
            "a territory twice",
            swap(&neighbours, "058218fa18fb", "058218fa18fa"),
        ),
        (
            "a licence that ends before it begins",
            swap(
                &granted,
                &("071a".to_owned() + &until),
                &("071a".to_owned() + &before),
            ),
        ),
        ("an exclusive code that is not 1", {
            let text = text(&granted);
            let at = text.rfind("08015840").unwrap();
            format!("{}0802{}", &text[..at], &text[at + 4..])
        }),
        (
            "a key.incept of another key",
            swap(
                &incepted,
                &hex(a.key().public().as_bytes()),
                &hex(b.key().public().as_bytes()),
            ),
        ),
        (
            "a key of small order",
            swap(
                &incepted,
                &hex(a.key().public().as_bytes()),
                &("01".to_owned() + &"00".repeat(31)),
            ),
        ),
    ];
    let case = |(name, hex): &(&str, String)| json!({ "entry": hex, "name": name });
    cases.iter().map(case).collect()
}

fn traces() -> Value {
    let mut traces: Vec<Value> = moves::ALL
        .iter()
        .map(|(name, history)| trace(name, &history()))
        .collect();
    for seed in RANDOM {
        traces.push(trace(&format!("random history {seed}"), &random::play(seed).desk));
    }
    json!({
        "format": "byline-title-traces/v1",
        "log_key": hex(log_key().verifier().key().as_bytes()),
        "refused": refused(),
        "traces": traces,
    })
}

/// One line for each entry, so that a change shows as the lines it changes.
fn written(traces: &Value) -> String {
    let mut text = serde_json::to_string(traces).unwrap();
    for start in ["{\"arbiters\"", "{\"entry\"", "\"assets\"", "\"name\""] {
        text = text.replace(start, &format!("\n{start}"));
    }
    text + "\n"
}

#[test]
fn the_traces_are_what_the_reducer_makes_of_the_moves() {
    let made = written(&traces());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file(), &made).unwrap();
    }
    let stored = std::fs::read_to_string(file()).unwrap();
    assert!(
        stored == made,
        "tests/traces/title.json differs: UPDATE=1 cargo test traces, and read the difference"
    );
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().as_bytes();
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.chunks(2).map(digits).collect()
}

#[test]
fn the_traces_read_back_alone_say_the_same() {
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    let log = PublicKey::from_slice(&bytes(&stored["log_key"])).unwrap();
    for case in stored["refused"].as_array().unwrap() {
        let decoded = Entry::decode(&bytes(&case["entry"]));
        assert!(decoded.is_err(), "{}: {decoded:?}", case["name"]);
    }
    let traces = stored["traces"].as_array().unwrap();
    assert_eq!(traces.len(), moves::ALL.len() + RANDOM.len());
    for trace in traces {
        let arbiters = trace["arbiters"].as_array().unwrap();
        let arbiters = arbiters
            .iter()
            .map(|id| KeyId::parse_hex(id.as_str().unwrap()).unwrap());
        let mut state = State::new(Policy {
            log,
            arbiters: arbiters.collect(),
        });
        let mut log = Vec::new();
        for (index, one) in (0..).map(LeafIndex).zip(trace["entries"].as_array().unwrap()) {
            let entry = Entry::decode(&bytes(&one["entry"])).unwrap();
            // A signer that never entered has no key here; the rules refuse it all the same.
            assert!(state.key_of(&entry).is_none_or(|key| entry.verify_strict(&key)));
            let judged = state.step(index, &entry.id(), &entry);
            assert_eq!(
                verdict(&judged),
                one["verdict"].as_str().unwrap(),
                "{}",
                trace["name"]
            );
            log.push(entry);
        }
        assert_eq!(
            Value::from(assets(&state, &log)),
            trace["assets"],
            "{}",
            trace["name"]
        );
    }
}
