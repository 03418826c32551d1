//! The map against a slow obvious one, and what no proof may do.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

pub(super) type Model = BTreeMap<MapKey, MapValue>;

/// The root as the module's words say it: sort, split at the first bit in which they differ, hash.
pub(super) fn model_root(model: &Model) -> MapRoot {
    let all: Vec<(MapKey, MapValue)> = model.iter().map(|(key, value)| (*key, *value)).collect();
    if all.is_empty() {
        return MapRoot(sha256(&[5]));
    }
    MapRoot(model_hash(&all))
}

fn model_hash(sorted: &[(MapKey, MapValue)]) -> [u8; 32] {
    if let [(key, value)] = sorted {
        let status = value.status.to_be_bytes();
        return sha256(&[&[2], &key.0[..], value.state.as_bytes(), &status].concat());
    }
    let bit = |key: &MapKey, n: usize| key.0[n / 8] >> (7 - n % 8) & 1;
    let first = (0..256)
        .find(|n| {
            sorted
                .iter()
                .any(|(key, _)| bit(key, *n) != bit(&sorted[0].0, *n))
        })
        .unwrap();
    let (zeros, ones): (Vec<_>, Vec<_>) = sorted.iter().partition(|(key, _)| bit(key, first) == 0);
    let (zeros, ones) = (model_hash(&zeros), model_hash(&ones));
    sha256(&[&[3, first as u8], &zeros[..], &ones[..]].concat())
}

fn built(pairs: &[(MapKey, MapValue)]) -> StateMap {
    let mut map = StateMap::new();
    for (key, value) in pairs {
        map.set(*key, *value).unwrap();
    }
    map
}

pub(super) fn value(n: u8) -> MapValue {
    MapValue {
        state: Digest::from_bytes([n; 32]),
        status: 0,
    }
}

pub(super) fn content(n: u8) -> MapKey {
    Topic::Content(Digest::from_bytes([n; 32])).key()
}

/// Keys that share long beginnings as often as not: real ones are hashes and hardly ever do.
pub(super) fn any_key() -> impl Strategy<Value = MapKey> {
    let near = (0..256usize, 0..256usize).prop_map(|(a, b)| {
        let mut key = [0xa5; 32];
        key[a / 8] ^= 0x80 >> (a % 8);
        key[b / 8] ^= 0x80 >> (b % 8);
        key
    });
    prop_oneof![any::<[u8; 32]>(), near].prop_map(MapKey)
}

pub(super) fn any_value() -> impl Strategy<Value = MapValue> {
    (any::<[u8; 32]>(), any::<u16>()).prop_map(|(state, status)| MapValue {
        state: Digest::from_bytes(state),
        status,
    })
}

fn any_pairs() -> impl Strategy<Value = Vec<(MapKey, MapValue)>> {
    proptest::collection::vec((any_key(), any_value()), 0..40)
}

proptest! {
    #[test]
    fn the_root_is_the_models_after_every_change(pairs in any_pairs()) {
        let (mut map, mut model) = (StateMap::new(), Model::new());
        for (key, value) in pairs {
            map.set(key, value).unwrap();
            model.insert(key, value);
            let settled = map.settle().unwrap();
            prop_assert_eq!(settled.root(), model_root(&model));
            prop_assert_eq!(settled.size().0, model.len() as u64);
        }
    }

    /// Keys once each, in two orders, hashed after each change or once at the end.
    #[test]
    fn the_root_does_not_depend_on_order(pairs in any_pairs(), seed in any::<u64>()) {
        let pairs: Vec<_> = pairs.into_iter().collect::<Model>().into_iter().collect();
        let mut shuffled = pairs.clone();
        shuffled.sort_by_key(|(key, _)| sha256(&[&seed.to_le_bytes(), &key.0[..]].concat()));
        let mut again = StateMap::new();
        for (key, value) in &shuffled {
            again.set(*key, *value).unwrap();
            again.settle().unwrap();
        }
        prop_assert_eq!(built(&pairs).settle().unwrap().root(), again.settle().unwrap().root());
    }

    #[test]
    fn every_key_is_proved_there_or_absent(pairs in any_pairs(), others in proptest::collection::vec(any_key(), 8)) {
        let model: Model = pairs.iter().copied().collect();
        let mut map = built(&pairs);
        let settled = map.settle().unwrap();
        for key in model.keys().chain(&others) {
            let proof = settled.prove(key).unwrap();
            prop_assert_eq!(proof.verify(key, &settled.root()), Ok(model.get(key).copied()));
            prop_assert_eq!(MapProof::parse(&proof.text()), Ok(proof));
        }
    }

    /// Two makers that share nothing but the hashes.
    #[test]
    fn one_pass_gives_the_same_root_and_proofs(pairs in any_pairs(), other in any_key()) {
        let model: Model = pairs.iter().copied().collect();
        let mut map = built(&pairs);
        let settled = map.settle().unwrap();
        for asked in model.keys().copied().chain([other]) {
            let swept = swept(&model, Some(asked));
            prop_assert_eq!((swept.root, swept.size), (settled.root(), settled.size()));
            prop_assert_eq!(swept.proof, Some(settled.prove(&asked).unwrap()));
        }
        prop_assert_eq!(swept(&model, None).proof, None);
    }

    /// One bit of anything: no proof then says what the map does not say.
    #[test]
    fn no_single_bit_change_passes(pairs in any_pairs(), asked in any_key()) {
        let model: Model = pairs.iter().copied().collect();
        let mut map = built(&pairs);
        let settled = map.settle().unwrap();
        let root = settled.root();
        let asked = model.keys().next().copied().into_iter().chain([asked]);
        for key in asked {
            let proof = settled.prove(&key).unwrap();
            for changed in every_change(&proof) {
                prop_assert!(changed.verify(&key, &root).is_err(), "{:?}", changed);
            }
            for bit in 0..=255u8 {
                let (key, root2) = (MapKey(flipped(&key.0, bit)), MapRoot(flipped(&root.0, bit)));
                prop_assert!(proof.verify(&key, &root2).is_err());
                // The flipped key may share the end of its way: then it is absent in truth.
                if let Ok(answer) = proof.verify(&key, &root) {
                    prop_assert_eq!((answer, model.get(&key)), (None, None));
                }
            }
        }
    }

    #[test]
    fn text_has_one_spelling(pairs in any_pairs(), key in any_key(), at in any::<proptest::sample::Index>(), byte in 0..128u8) {
        let mut map = built(&pairs);
        let proof = map.settle().unwrap().prove(&key).unwrap();
        let text = proof.text();
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        if let Ok(read) = MapProof::parse(&changed) {
            prop_assert_eq!(read.text(), changed.clone());
            prop_assert_eq!(read == proof, changed == text);
        }
        for other in [format!("{text}\n"), format!("{text} "), text.replace('\n', "\r\n"), text.trim_end().to_owned()] {
            prop_assert!(MapProof::parse(&other).is_err());
        }
    }
}

pub(super) fn swept(model: &Model, asked: Option<MapKey>) -> Swept {
    let mut sweep = Sweep::new(asked);
    for (key, value) in model {
        sweep.push(*key, *value).unwrap();
    }
    sweep.finish()
}

fn flipped(bytes: &[u8; 32], bit: u8) -> [u8; 32] {
    let mut bytes = *bytes;
    bytes[usize::from(bit / 8)] ^= 0x80 >> (bit % 8);
    bytes
}

fn flips(value: &MapValue) -> Vec<MapValue> {
    let states = (0..=255).map(|bit| MapValue {
        state: Digest::from_bytes(flipped(value.state.as_bytes(), bit)),
        ..*value
    });
    let statuses = (0..16).map(|bit| MapValue {
        status: value.status ^ 1 << bit,
        ..*value
    });
    states.chain(statuses).collect()
}

/// The proof with each one of its bits flipped, each step left out and each given twice.
fn every_change(proof: &MapProof) -> Vec<MapProof> {
    let mut all = Vec::new();
    let mut with_end = |end| {
        all.push(MapProof {
            end,
            steps: proof.steps.clone(),
        });
    };
    match proof.end {
        End::Empty => {}
        End::Found(value) => flips(&value).into_iter().map(End::Found).for_each(&mut with_end),
        End::Other(key, value) => {
            with_end(End::Found(value));
            flips(&value)
                .into_iter()
                .map(|value| End::Other(key, value))
                .for_each(&mut with_end);
            (0..=255)
                .map(|bit| End::Other(MapKey(flipped(&key.0, bit)), value))
                .for_each(&mut with_end);
        }
    }
    if proof.end != End::Empty || !proof.steps.is_empty() {
        with_end(End::Empty);
    }
    for at in 0..proof.steps.len() {
        for bit in 0..=255 {
            let mut changed = proof.clone();
            let beside = &mut changed.steps[at].beside;
            *beside = MapHash(flipped(&beside.0, bit));
            all.push(changed);
        }
        for bit in 0..8 {
            let mut changed = proof.clone();
            changed.steps[at].bit ^= 1 << bit;
            all.push(changed);
        }
        let (mut shorter, mut longer) = (proof.clone(), proof.clone());
        shorter.steps.remove(at);
        longer.steps.insert(at, proof.steps[at]);
        all.extend([shorter, longer]);
    }
    all
}

#[test]
fn a_present_key_cannot_be_proved_absent() {
    let pairs: Vec<(MapKey, MapValue)> = (0..64).map(|n| (content(n), value(n))).collect();
    let mut map = built(&pairs);
    let settled = map.settle().unwrap();
    let root = settled.root();
    for (key, _) in &pairs {
        // Every true way of the map, given out as a proof of absence.
        for (other, value) in &pairs {
            let steps = settled.prove(other).unwrap().steps;
            let end = End::Other(*other, *value);
            let forged = MapProof { end, steps };
            let error = forged.verify(key, &root).unwrap_err();
            assert_eq!(error == MapProofError::NotAnother, other == key);
        }
        let none = MapProof {
            end: End::Empty,
            steps: Vec::new(),
        };
        assert_eq!(none.verify(key, &root), Err(MapProofError::Root));
    }
}

/// A root that no true map has: the same key on both sides of a branch. Still only one of them can be proved.
#[test]
fn a_false_root_gives_one_answer_about_each_key() {
    let key = content(1);
    let bit = 9;
    let leaves = [value(1), value(2)].map(|value| MapHash::leaf(&key, &value));
    let root = MapHash::branch(bit, leaves[0], leaves[1]).root();
    let told = [(value(1), leaves[1]), (value(2), leaves[0])].map(|(value, beside)| {
        let proof = MapProof {
            end: End::Found(value),
            steps: vec![Step { bit, beside }],
        };
        proof.verify(&key, &root).is_ok()
    });
    assert_eq!(told, [!key.bit(bit), key.bit(bit)]);
}

#[test]
fn a_map_without_keys_proves_only_absence() {
    let mut map = StateMap::new();
    let proof = map.settle().unwrap().prove(&content(1)).unwrap();
    assert_eq!(proof.end, End::Empty);
    assert_eq!(proof.verify(&content(1), &MapRoot::empty()), Ok(None));
    let steps = vec![Step {
        bit: 0,
        beside: MapHash([0; 32]),
    }];
    let longer = MapProof { steps, ..proof };
    assert_eq!(
        longer.verify(&content(1), &MapRoot::empty()),
        Err(MapProofError::Root)
    );
}

#[test]
fn a_pass_refuses_keys_that_do_not_ascend_and_goes_on() {
    let mut keys = [1, 2, 3].map(content);
    keys.sort_unstable();
    let mut sweep = Sweep::new(None);
    sweep.push(keys[1], value(1)).unwrap();
    for key in [keys[0], keys[1]] {
        assert_eq!(sweep.push(key, value(1)), Err(NotAscending { key }));
    }
    sweep.push(keys[2], value(1)).unwrap();
    let two = Model::from([(keys[1], value(1)), (keys[2], value(1))]);
    assert_eq!(sweep.finish().root, model_root(&two));
}

#[test]
fn kinds_of_topics_never_share_a_key() {
    let digest = Digest::from_bytes([7; 32]);
    let keys = [
        Topic::Asset([7; 16]).key(),
        Topic::Content(digest).key(),
        Topic::Pixel(7, digest).key(),
        Topic::Pixel(1, digest).key(),
    ];
    for (at, key) in keys.iter().enumerate() {
        assert!(keys[..at].iter().all(|earlier| earlier != key));
    }
}

#[test]
fn proofs_longer_than_a_key_are_not_read() {
    let step = format!("step 0 {}\n", "A".repeat(43) + "=");
    let text = format!("empty\n{}", step.repeat(257));
    assert_eq!(MapProof::parse(&text), Err(MapProofError::Text { line: 257 }));
}

#[test]
fn the_example_in_the_documentation_is_true() {
    let drawn: Vec<&str> = include_str!("../map.rs")
        .lines()
        .skip_while(|line| !line.contains("A true example"))
        .take_while(|line| !line.contains("# Why this tree"))
        .map(|line| line.trim_start_matches("//!").trim())
        .collect();
    let root = drawn
        .iter()
        .find_map(|line| line.strip_prefix('`')?.strip_suffix("`:"))
        .unwrap();
    let text: String = drawn
        .iter()
        .filter(|line| line.starts_with("other ") || line.starts_with("step "))
        .map(|line| format!("{line}\n"))
        .collect();
    let pairs = [1, 2, 3].map(|n| (content(n), value(n)));
    let mut map = built(&pairs);
    let settled = map.settle().unwrap();
    assert_eq!(root, hex(settled.root().as_bytes()));
    assert_eq!(text, settled.prove(&content(7)).unwrap().text());
    let proof = MapProof::parse(&text).unwrap();
    assert_eq!(proof.verify(&content(7), &settled.root()), Ok(None));
}
