//! The probes of transparency-dev/merkle: what a verifier of proofs must accept, and what it must refuse.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use byline::ledger::proof::{verify_consistency, verify_inclusion};
use byline::ledger::{LeafHash, LeafIndex, NodeHash, RootHash, TreeSize};
use serde_json::Value;

fn probes(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    let probes: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(probes.len(), 98);
    probes
}

/// Bytes of a hash; `None` where the probe has none of the right length, which no parser of ours lets through. Words that
/// stand for roots nobody looks into ("dont care 1") are filled up with zeros.
fn hash(value: &Value) -> Option<[u8; 32]> {
    let mut bytes = BASE64.decode(value.as_str().unwrap_or_default()).unwrap();
    if bytes.starts_with(b"don't care") {
        bytes.resize(32, 0);
    }
    bytes.try_into().ok()
}

fn hashes(value: &Value) -> Option<Vec<NodeHash>> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|one| hash(one).map(NodeHash::from_bytes))
        .collect()
}

fn number(value: &Value) -> u64 {
    // Go writes its unsigned numbers as they are; none of these is beyond 2^63.
    value.as_u64().unwrap()
}

fn inclusion(probe: &Value) -> Option<()> {
    let leaf = LeafHash::from_bytes(hash(&probe["leafHash"])?);
    let root = RootHash::from_bytes(hash(&probe["root"])?);
    let (index, size) = (
        LeafIndex(number(&probe["leafIdx"])),
        TreeSize(number(&probe["treeSize"])),
    );
    verify_inclusion(leaf, index, size, root, &hashes(&probe["proof"])?).ok()
}

fn consistency(probe: &Value) -> Option<()> {
    let root = |name: &str| hash(&probe[name]).map(RootHash::from_bytes);
    let old = (TreeSize(number(&probe["size1"])), root("root1")?);
    let new = (TreeSize(number(&probe["size2"])), root("root2")?);
    verify_consistency(old, new, &hashes(&probe["proof"])?).ok()
}

/// The names of the probes that are judged otherwise than they should be, and how many were accepted.
fn judged_wrongly(file: &str, verify: impl Fn(&Value) -> Option<()>) -> (Vec<String>, usize) {
    let (mut wrong, mut accepted) = (Vec::new(), 0);
    for probe in probes(file) {
        let is_good = verify(&probe).is_some();
        accepted += usize::from(is_good);
        if is_good == probe["wantErr"].as_bool().unwrap() {
            wrong.push(format!("{}: {}", probe["name"], probe["desc"]));
        }
    }
    (wrong, accepted)
}

#[test]
fn every_probe_is_judged_as_it_should_be() {
    assert_eq!(judged_wrongly("inclusion.json", inclusion), (vec![], 6));
    assert_eq!(judged_wrongly("consistency.json", consistency), (vec![], 6));
}
