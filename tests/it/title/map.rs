//! The state map of a log: the same root whenever it is asked for, and what it says is what the reducer says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use byline::base::Digest;
use byline::ledger::audit::{Audit, Options, StateMaps, audit, last_bytes_sign_state};
use byline::ledger::body::{Redact, RedactGround, RevokeReason, StateRoot};
use byline::ledger::map::{
    AGAIN, DISPUTED, EXCLUSIVE, Feed, LICENSED, MapKey, MapRoot, MapValue, RESERVED, SUSPECT, StateMap,
    Sweep, Topic, titles,
};
use byline::ledger::proof;
use byline::ledger::state_proof::{Placed, StateProof};
use byline::ledger::title::State;
use byline::ledger::tree::{MemoryTree, root_at};
use byline::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Subject, TreeSize, VerifiedCheckpoint};
use byline::store::scratch::Scratch;

use super::desk::{Desk, NOW, Person, asset, dispute, exclusive, grant, log_key, offer, register, reserve};
use super::{moves, random};
use crate::ledger::forged_with;

/// The state and the feed after the first `size` entries; the root is asked for after each entry that `ask` names.
fn fed(desk: &Desk, size: usize, ask: impl Fn(usize) -> bool) -> (State, Feed) {
    fed_to(Feed::new(), desk, size, ask)
}

fn fed_to(mut feed: Feed, desk: &Desk, size: usize, ask: impl Fn(usize) -> bool) -> (State, Feed) {
    let mut state = State::new(desk.policy.clone());
    for (at, entry) in desk.log.iter().take(size).enumerate() {
        let id = entry.id();
        if state.step(LeafIndex(at as u64), &id, entry).is_ok() {
            feed.take(&id, entry).unwrap();
        }
        if ask(at) {
            feed.root(&state, TreeSize(at as u64 + 1)).unwrap();
        }
    }
    (state, feed)
}

/// The map made anew from the final state alone: assets by the reducer, digests by looking for the first.
fn anew(desk: &Desk, state: &State, size: usize) -> (MapRoot, u64) {
    let mut map: BTreeMap<MapKey, MapValue> = BTreeMap::new();
    let mut assets = BTreeSet::new();
    for (entry, judged) in desk.log.iter().zip(&desk.judged).take(size) {
        let (EntryBody::AssetRegister(body), Ok(_)) = (entry.body(), judged) else {
            continue;
        };
        assets.insert(body.asset_id);
        let pixel = body.pixel.map(|(rule, digest)| Topic::Pixel(rule, digest));
        for topic in [Some(Topic::Content(body.content)), pixel].into_iter().flatten() {
            let first = MapValue {
                state: Digest::from_bytes(*entry.id().as_bytes()),
                status: 0,
            };
            map.entry(topic.key())
                .and_modify(|value| value.status = AGAIN)
                .or_insert(first);
        }
    }
    for id in assets {
        let standing = state.asset(&id, TreeSize(size as u64)).unwrap();
        let licences: Vec<_> = standing
            .titles
            .iter()
            .flat_map(|title| &title.licences)
            .filter(|licence| licence.ended.is_none())
            .collect();
        let mut status = 0;
        if standing.disputes.iter().any(|dispute| dispute.closed.is_none()) {
            status |= DISPUTED;
        }
        if standing.titles.iter().any(|title| title.suspect.is_some()) {
            status |= SUSPECT;
        }
        if !licences.is_empty() {
            status |= LICENSED;
        }
        if licences.iter().any(|licence| licence.scope.exclusive) {
            status |= EXCLUSIVE;
        }
        if standing.titles.iter().any(|title| !title.reservations.is_empty()) {
            status |= RESERVED;
        }
        let state = byline::ledger::map::Title::state(&titles(&standing));
        map.insert(Topic::Asset(id).key(), MapValue { state, status });
    }
    let mut sweep = Sweep::new(None);
    for (key, value) in map {
        sweep.push(key, value).unwrap();
    }
    let swept = sweep.finish();
    (swept.root, swept.size.0)
}

#[test]
fn the_root_of_a_log_is_the_same_whenever_it_was_asked_for() {
    for (name, history) in moves::ALL {
        roots_agree(name, &history());
    }
}

#[test]
fn roots_agree_over_random_histories() {
    for seed in 0..60 {
        roots_agree(&format!("history {seed}"), &random::play(seed).desk);
    }
}

fn roots_agree(name: &str, desk: &Desk) {
    for size in 0..=desk.log.len() {
        let covers = TreeSize(size as u64);
        let (state, mut once) = fed(desk, size, |_| false);
        let root = once.root(&state, covers).unwrap();
        let (again, mut often) = fed(desk, size, |_| true);
        assert_eq!(often.root(&again, covers).unwrap(), root, "{name}, {size}");
        let (_, mut sometimes) = fed(desk, size, |at| at % 3 == 0);
        assert_eq!(sometimes.root(&again, covers).unwrap(), root, "{name}, {size}");
        let (model, keys) = anew(desk, &state, size);
        assert_eq!(
            (root.root.as_bytes(), root.keys),
            (model.as_bytes(), keys),
            "{name}, {size}"
        );
        assert_eq!(root.covers, covers);
    }
}

/// A map that keeps two keys in memory says of every topic what one says that keeps all.
#[test]
fn a_map_outside_of_memory_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let moves = moves::ALL.iter().map(|(_, history)| history());
    let played = (0..20).map(|seed| random::play(seed).desk);
    let mut absent = 0;
    for desk in moves.chain(played) {
        let size = desk.log.len();
        let (state, mut here) = fed(&desk, size, |_| false);
        for ask in [1, 3, usize::MAX] {
            let map = StateMap::in_room(Arc::new(Scratch::in_folder(folder.path())), 2);
            let (_, mut there) = fed_to(Feed::of(map.shared_by(2)), &desk, size, |at| {
                at.is_multiple_of(ask)
            });
            let root = here.root(&state, desk.size()).unwrap();
            assert_eq!(there.root(&state, desk.size()).unwrap(), root);
            let digests = (0..12).map(|n| Digest::of(&[2, n]));
            let digests = digests.flat_map(|digest| [Topic::Content(digest), Topic::Pixel(1, digest)]);
            for topic in (0..4).map(|n| Topic::Asset(asset(n))).chain(digests) {
                let said = there.say(topic, &state, desk.size()).unwrap();
                let root = MapRoot::from_bytes(*root.root.as_bytes());
                let known = said.map.verify(&topic.key(), &root).unwrap();
                absent += u32::from(known.is_none());
                assert_eq!(here.say(topic, &state, desk.size()).unwrap(), said);
            }
        }
    }
    assert!(absent > 100, "{absent} of the topics are in no map");
}

/// The ledger file with a state.root at its end, as an operator could make it.
fn with_root(desk: &Desk, said: StateRoot) -> Vec<u8> {
    let time = desk.log.last().map_or(NOW, |entry| entry.time());
    let root = Entry::sign_as_log(EntryBody::StateRoot(said), &log_key(), time).unwrap();
    let entries = desk.log.iter().chain([&root]).map(|entry| entry.bytes().to_vec());
    forged_with(&entries.collect::<Vec<_>>(), &desk.policy.arbiters, time)
}

fn audit_of(bytes: &[u8], maps: StateMaps) -> Audit {
    let options = Options {
        maps,
        ..Options::default()
    };
    audit(bytes, &options, &mut |_| ()).unwrap()
}

/// What an audit of the log finds about a state.root at its end.
fn audited(desk: &Desk, said: StateRoot, maps: StateMaps) -> Vec<(Option<LeafIndex>, &'static str)> {
    let audit = audit_of(&with_root(desk, said), maps);
    let at_the_end = audit
        .findings
        .iter()
        .filter(|finding| finding.place.index == Some(desk.next_index()));
    at_the_end
        .map(|finding| (finding.place.index, finding.rule.id()))
        .collect()
}

#[test]
fn the_audit_makes_the_maps_again_and_names_a_false_one() {
    for (_, history) in moves::ALL {
        let desk = history();
        let (state, mut feed) = fed(&desk, desk.log.len(), |_| false);
        let right = feed.root(&state, desk.size()).unwrap();
        let at = Some(desk.next_index());
        assert_eq!(audited(&desk, right, StateMaps::Derive), []);
        let passed_over = [(at, "ledger.state.passedOver")];
        assert_eq!(audited(&desk, right, StateMaps::PassOver), passed_over);
        let falsehoods = [
            StateRoot {
                root: Digest::of(b"another"),
                ..right
            },
            StateRoot {
                keys: right.keys + 1,
                ..right
            },
        ];
        let older = StateRoot {
            covers: TreeSize(right.covers.0 - 1),
            ..right
        };
        let less = [(at, "ledger.log.coversLess")];
        assert_eq!(audited(&desk, older, StateMaps::Derive), less);
        for said in falsehoods {
            assert_eq!(
                audited(&desk, said, StateMaps::Derive),
                [(at, "ledger.state.root")]
            );
        }
    }
}

#[test]
fn an_audit_that_waits_for_a_map_ends_at_the_first_that_stands_and_only_there() {
    for (_, history) in moves::ALL {
        let desk = history();
        let (state, mut feed) = fed(&desk, desk.log.len(), |_| false);
        let right = feed.root(&state, desk.size()).unwrap();
        let older = StateRoot {
            covers: TreeSize(right.covers.0 - 1),
            ..right
        };
        let log = log_key().verifier().key().key_id();
        let signed = with_root(&desk, right);
        assert!(audit_of(&signed, StateMaps::Wait).wants_maps);
        assert!(last_bytes_sign_state(&signed, &log));
        assert!(last_bytes_sign_state(&signed[signed.len() - 2000..], &log));
        if desk
            .log
            .iter()
            .any(|entry| matches!(entry.body(), EntryBody::StateRoot(_)))
        {
            continue;
        }
        // A void one asks for no map: everything is said without.
        let void = with_root(&desk, older);
        let (waited, derived) = (
            audit_of(&void, StateMaps::Wait),
            audit_of(&void, StateMaps::Derive),
        );
        assert!(!waited.wants_maps && !derived.wants_maps);
        assert_eq!(waited.findings, derived.findings);
        assert_eq!(waited.size, derived.size);
    }
    let desk = desk_without_roots();
    let bytes = forged_with(
        &desk
            .log
            .iter()
            .map(|entry| entry.bytes().to_vec())
            .collect::<Vec<_>>(),
        &[],
        NOW,
    );
    let log = log_key().verifier().key().key_id();
    assert!(!last_bytes_sign_state(&bytes, &log));
    let waited = audit_of(&bytes, StateMaps::Wait);
    assert!(!waited.wants_maps && waited.state_roots == 0);
}

/// The log has spoken of itself here, but of no state.
fn desk_without_roots() -> Desk {
    let a = Person::new(1);
    let mut desk = Desk::with(&[&a]);
    let leaf = desk.stands(register(asset(1), 1), a.key());
    let redact = Redact {
        index: LeafIndex(1),
        leaf,
        ground: RedactGround::Erasure,
    };
    let entry = Entry::sign_as_log(EntryBody::Redact(redact), &log_key(), NOW).unwrap();
    desk.put(entry).unwrap();
    desk
}

/// Every topic of a history, and some that are not there, proved from its log and verified without it.
#[test]
fn what_the_reducer_says_is_proved_and_verified_without_the_log() {
    let mut found = 0;
    for (name, history) in moves::ALL {
        let desk = history();
        let (state, mut feed) = fed(&desk, desk.log.len(), |_| false);
        let root = feed.root(&state, desk.size()).unwrap();
        let root = Entry::sign_as_log(EntryBody::StateRoot(root), &log_key(), NOW).unwrap();
        let log: Vec<&Entry> = desk.log.iter().chain([&root]).collect();
        let size = TreeSize(log.len() as u64);
        let tree = MemoryTree::of(log.iter().map(|entry| entry.id()));
        let tree_root = root_at(&tree, size).unwrap();
        let (checkpoint, _) = VerifiedCheckpoint::sign(size, tree_root, &log_key());
        let place = |leaf: &LeafHash| {
            let index = log.iter().position(|entry| entry.id() == *leaf).unwrap();
            Placed {
                index: LeafIndex(index as u64),
                entry: log[index].bytes().to_vec(),
                key: state.key_of(log[index]).unwrap(),
                hashes: proof::inclusion(&tree, LeafIndex(index as u64), size).unwrap(),
            }
        };
        let digests = (0..12).map(|n| Digest::of(&[2, n]));
        let topics = (0..4).map(|n| Topic::Asset(asset(n)));
        for topic in
            topics.chain(digests.flat_map(|digest| [Topic::Content(digest), Topic::Pixel(1, digest)]))
        {
            let said = feed.say(topic, &state, desk.size()).unwrap();
            let entries = said.entries.iter().map(place).collect();
            let proof = StateProof::new(said, place(&root.id()), entries, checkpoint.note().to_owned());
            assert_eq!(StateProof::parse(&proof.text()).as_ref(), Ok(&proof));
            let proven = proof.verify(log_key().verifier()).unwrap();
            assert_eq!(proven.covers, desk.size());
            let standing = match topic {
                Topic::Asset(id) => state.asset(&id, desk.size()).as_ref().map(titles),
                Topic::Content(digest) => desk.claims(&digest).first().map(|_| Vec::new()),
                Topic::Pixel(..) => continue,
            };
            found += u32::from(standing.is_some());
            let known = proven.known.map(|known| known.titles);
            assert_eq!(known, standing, "{name}, {topic}");
        }
    }
    assert!(found > 50, "{found} of the topics are in the maps");
}

/// What the map says of an asset after the whole history.
fn said(desk: &Desk, topic: Topic) -> Option<MapValue> {
    let (state, mut feed) = fed(desk, desk.log.len(), |at| at % 2 == 0);
    let settled = feed.settle(&state, desk.size()).unwrap();
    let proof = settled.prove(&topic.key()).unwrap();
    proof.verify(&topic.key(), &settled.root()).unwrap()
}

#[test]
fn titles_and_flags_follow_the_entries() {
    let (ada, bob) = (Person::new(1), Person::new(2));
    let mut desk = Desk::with(&[&ada, &bob]);
    let (id, topic) = (asset(1), Topic::Asset(asset(1)));
    assert_eq!(said(&desk, topic), None);
    let first = desk.stands(register(id, 7), ada.key());
    let held = |desk: &Desk| {
        let standing = desk.state.asset(&id, desk.size()).unwrap();
        titles(&standing)
    };
    let flags = |desk: &Desk| said(desk, topic).unwrap().status;
    assert_eq!(
        (held(&desk)[0].registered, held(&desk)[0].holders.len()),
        (first, 1)
    );
    let before = flags(&desk);
    let part = desk.moves(id, first, 2500, &ada, &bob);
    assert_eq!(held(&desk)[0].holders.len(), 2);
    assert!(held(&desk)[0].holders.iter().all(|holder| holder.title == part));
    assert_eq!(flags(&desk), before);
    desk.stands(EntryBody::TitleOffer(offer(id, part, bob.id(), 100)), ada.key());
    assert_eq!(flags(&desk), before);
    desk.stands(reserve(id, part), ada.key());
    assert_eq!(flags(&desk), before | RESERVED);
    desk.stands(dispute(id, first, byline::ledger::body::Ground::Title), bob.key());
    assert_eq!(flags(&desk), before | RESERVED | DISPUTED);
    let scope = exclusive(bob.id(), &[276], 0, None);
    desk.stands(grant(id, part, &scope), ada.key());
    assert_eq!(flags(&desk) & (LICENSED | EXCLUSIVE), 0);
    desk.stands(grant(id, part, &scope), bob.key());
    assert_eq!(flags(&desk), before | RESERVED | DISPUTED | LICENSED | EXCLUSIVE);
}

/// An entry about a key changes what is said of every asset that its signatures made.
#[test]
fn a_stolen_key_marks_every_asset_it_signed() {
    let (ada, bob) = (Person::new(1), Person::new(2));
    let mut desk = Desk::with(&[&ada, &bob]);
    desk.stands(register(asset(1), 1), ada.key());
    desk.stands(register(asset(2), 2), bob.key());
    desk.stands(register(asset(3), 3), ada.key());
    let event = desk.log[0].id();
    let since = LeafIndex(3);
    desk.stands(
        ada.revoke(ada.next(), event, RevokeReason::Compromised { since }),
        ada.next(),
    );
    let suspect = [1, 2, 3].map(|n| said(&desk, Topic::Asset(asset(n))).unwrap().status & SUSPECT);
    assert_eq!(suspect, [0, 0, SUSPECT]);
}

#[test]
fn the_first_registration_of_a_picture_stays_the_first() {
    let (ada, bob) = (Person::new(1), Person::new(2));
    let mut desk = Desk::with(&[&ada, &bob]);
    let first = desk.stands(register(asset(1), 7), ada.key());
    let EntryBody::AssetRegister(body) = desk.log[2].body().clone() else {
        unreachable!()
    };
    let topic = Topic::Content(body.content);
    let state = Digest::from_bytes(*first.as_bytes());
    assert_eq!(said(&desk, topic), Some(MapValue { state, status: 0 }));
    for person in [&bob, &ada] {
        desk.stands(register(asset(2), 7), person.key());
        assert_eq!(said(&desk, topic), Some(MapValue { state, status: AGAIN }));
    }
    assert!(matches!(desk.log[3].body().subject(), Subject::Asset(_)));
    assert_eq!(said(&desk, Topic::Content(Digest::of(b"another"))), None);
}
