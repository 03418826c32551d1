//! What goes out of memory and comes back makes the same map as what stays.

use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::super::tests::{Model, any_key, any_value, content, model_root, swept, value};
use super::*;
use crate::ledger::spill::attic::Attic;

/// A map that keeps next to nothing in memory.
fn tiny(attic: &Attic, keys_in_memory: usize, threads: usize) -> StateMap {
    StateMap {
        keys_a_bucket: 1,
        ..StateMap::in_room(Arc::new(attic.clone()), keys_in_memory).shared_by(threads)
    }
}

/// What the map is told: a value that replaces others, or a registration; of a key it is always the one or the other.
fn told(map: &mut StateMap, model: &mut Model, (key, value): (MapKey, MapValue)) -> io::Result<()> {
    if key.bit(200) {
        model.insert(key, value);
        return map.set(key, value);
    }
    let first = MapValue { status: 0, ..value };
    let is_again = |known: &mut MapValue| known.status = super::super::AGAIN;
    model.entry(key).and_modify(is_again).or_insert(first);
    map.register(key, &LeafHash::from_bytes(*value.state.as_bytes()))
}

/// The map's root and its answers are those of one pass over the model, which is hashed by a third way.
fn agree(map: &mut StateMap, model: &Model, asked: &[MapKey]) {
    let settled = map.settle().unwrap();
    assert_eq!(settled.root(), model_root(model));
    assert_eq!(settled.size().0, model.len() as u64);
    for key in asked {
        let proof = settled.prove(key).unwrap();
        assert_eq!(Some(&proof), swept(model, Some(*key)).proof.as_ref());
        assert_eq!(proof.verify(key, &settled.root()), Ok(model.get(key).copied()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Keys few enough to be told of again and again, in memory or out of it; roots asked for now and then.
    #[test]
    fn a_map_out_of_memory_is_the_one_in_memory(
        keys in proptest::collection::vec(any_key(), 1..60),
        words in proptest::collection::vec((any::<proptest::sample::Index>(), any_value(), 0..12u8), 0..400),
        keys_in_memory in 1usize..9,
        threads in 1usize..3,
        other in any_key(),
    ) {
        let attic = Attic::default();
        let mut model = Model::new();
        let mut there = tiny(&attic, keys_in_memory, threads);
        let (mut here, mut other_model) = (StateMap::new(), Model::new());
        let asked: Vec<MapKey> = keys.iter().copied().chain([other]).collect();
        for (key, value, ask) in words {
            let word = (*key.get(&keys), value);
            told(&mut there, &mut model, word).unwrap();
            told(&mut here, &mut other_model, word).unwrap();
            if ask == 0 {
                agree(&mut there, &model, &asked);
                agree(&mut here, &model, &asked);
            }
        }
        agree(&mut there, &model, &asked);
        agree(&mut here, &model, &asked);
        prop_assert_eq!(attic.shelves.load(Ordering::Relaxed), there.runs.len());
    }
}

fn many(map: &mut StateMap, model: &mut Model, from: u32, to: u32) {
    for n in from..to {
        let digest = Digest::of(&n.to_le_bytes());
        let state = MapValue {
            state: digest,
            status: 0,
        };
        told(map, model, (MapKey::from_bytes(*digest.as_bytes()), state)).unwrap();
    }
}

#[test]
fn thousands_of_keys_over_three_levels() {
    let attic = Attic::default();
    let (mut map, mut model) = (tiny(&attic, 10, 2), Model::new());
    for n in 0..10 {
        many(&mut map, &mut model, 0, 300 * n);
        let asked: Vec<MapKey> = model.keys().step_by(50).copied().chain([content(1)]).collect();
        agree(&mut map, &model, &asked);
        assert!(map.latest.len() < 10);
    }
    // Each level may have fifteen runs, and 13,500 words make 1,350 runs of the lowest.
    let levels = map.runs.first().map_or(0, Run::level);
    assert!((2..=3).contains(&levels) && map.runs.len() <= 45);
    assert_eq!(attic.shelves.load(Ordering::Relaxed), map.runs.len());
    // A root after few changes hashes few buckets again.
    many(&mut map, &mut model, 100_000, 100_003);
    assert!(map.top.bits() > 8 && map.top.stale().len() <= 3);
    agree(&mut map, &model, &[]);
    assert!(map.top.stale().is_empty());
}

#[test]
fn without_room_there_is_an_error_and_no_root() {
    let attic = Attic::default();
    let (mut map, mut model) = (tiny(&attic, 4, 1), Model::new());
    many(&mut map, &mut model, 0, 50);
    agree(&mut map, &model, &[]);
    attic.is_gone.store(true, Ordering::Relaxed);
    let key = content(1);
    for n in [1, 2] {
        // There is room in memory for one more before something must go out.
        let told = map.set(key, value(n));
        assert!(map.latest.len() < 4 || told.is_err());
        let asked = map.settle().map(|settled| settled.root());
        assert!(asked.is_err());
    }
    let asked = Settled(&map).prove(&key);
    assert!(asked.is_err());
    for n in 50..60 {
        let digest = Digest::of(&[n]);
        let _ = map.set(MapKey::from_bytes(*digest.as_bytes()), value(n));
    }
    assert!(map.set(content(2), value(2)).is_err());
    // Nothing was lost: with room again, the map is the one that was told of everything.
    attic.is_gone.store(false, Ordering::Relaxed);
    for n in 50..60 {
        model.insert(MapKey::from_bytes(*Digest::of(&[n]).as_bytes()), value(n));
    }
    model.insert(key, value(2));
    model.insert(content(2), value(2));
    agree(&mut map, &model, &[key, content(3)]);
}

#[test]
fn bytes_that_come_back_as_others_are_no_map() {
    let attic = Attic::default();
    let (mut map, mut model) = (tiny(&attic, 4, 1), Model::new());
    many(&mut map, &mut model, 0, 50);
    attic.is_blank.store(true, Ordering::Relaxed);
    let failed = map.settle().map(|settled| settled.root()).unwrap_err();
    assert_eq!(failed.kind(), io::ErrorKind::InvalidData);
    attic.is_blank.store(false, Ordering::Relaxed);
    agree(&mut map, &model, &[]);
}
