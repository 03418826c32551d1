//! Foreign judges of the log: three crates by others read our notes, checkpoints, tiles and proofs, and make the same ones.
//!
//! `tlog_tiles` and `signed_note` (ports of Go's sumdb), `ct-merkle` (RFC 6962 in memory).

use std::path::PathBuf;

use byline::keys::CreatorKey;
use byline::ledger::proof;
use byline::ledger::tile::{TileKind, new_tiles};
use byline::ledger::tree::{MemoryTree, root_at};
use byline::ledger::{
    KeyName, LeafHash, LeafIndex, LogKey, LookupMode, NodeHash, TreeSize, VerifiedCheckpoint, VerifierKey,
};
use byline::store::publish::Publisher;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Hash, HashReader, Tile, TileHashReader, TileReader};

use super::ledger::{Bench, later};

fn log_key(seed: u8) -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[seed; 32]),
    )
}

fn entry(n: u64) -> Vec<u8> {
    n.to_be_bytes().repeat(usize::try_from(n % 7).unwrap())
}

/// The tree of so many entries, ours and that of `ct-merkle`.
fn trees(size: u64) -> (MemoryTree, MemoryBackedTree<Sha256, Vec<u8>>) {
    let ours = MemoryTree::of((0..size).map(|n| LeafHash::of(&entry(n))));
    let mut theirs = MemoryBackedTree::new();
    (0..size).for_each(|n| theirs.push(entry(n)));
    (ours, theirs)
}

fn theirs(hashes: &[NodeHash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(*hash.as_bytes())).collect()
}

fn bytes(hashes: &[NodeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proofs_are_theirs_and_are_accepted(size in 1..1200u64, first in any::<u64>(), second in any::<u64>()) {
        let (tree, other) = trees(size);
        let root = root_at(&tree, TreeSize(size)).unwrap();
        prop_assert_eq!(other.root().as_bytes().to_vec(), root.as_bytes().to_vec());
        let (index, old) = (first % size, second % size + 1);
        let made = proof::inclusion(&tree, LeafIndex(index), TreeSize(size)).unwrap();
        let at = usize::try_from(index).unwrap();
        prop_assert_eq!(other.prove_inclusion(at).as_bytes().to_vec(), bytes(&made));
        let read = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(bytes(&made)).unwrap();
        prop_assert!(other.root().verify_inclusion(&entry(index), index, &read).is_ok());
        let leaf = Hash(*LeafHash::of(&entry(index)).as_bytes());
        let root_hash = Hash(*root.as_bytes());
        prop_assert!(tlog_tiles::check_record(&theirs(&made), size, root_hash, index, leaf).is_ok());
        let other_leaf = Hash([7; 32]);
        prop_assert!(tlog_tiles::check_record(&theirs(&made), size, root_hash, index, other_leaf).is_err());

        let made = proof::consistency(&tree, TreeSize(old), TreeSize(size)).unwrap();
        let old_root = root_at(&tree, TreeSize(old)).unwrap();
        let added = usize::try_from(size - old).unwrap();
        prop_assert_eq!(other.prove_consistency(added).as_bytes().to_vec(), bytes(&made));
        let before = ct_merkle::RootHash::<Sha256>::new((*old_root.as_bytes()).into(), old);
        let read = ct_merkle::ConsistencyProof::<Sha256>::try_from_bytes(bytes(&made)).unwrap();
        prop_assert!(other.root().verify_consistency(&before, &read).is_ok());
        let old_hash = Hash(*old_root.as_bytes());
        prop_assert!(tlog_tiles::check_tree(&theirs(&made), size, root_hash, old, old_hash).is_ok());
        let ours = ((TreeSize(old), old_root), (TreeSize(size), root));
        prop_assert!(proof::verify_consistency(ours.0, ours.1, &made).is_ok());
    }

    #[test]
    fn new_tiles_are_theirs(old in 0..200_000u64, more in 0..200_000u64) {
        let new = old + more;
        let mut ours: Vec<String> = new_tiles(TreeSize(old), TreeSize(new))
            .unwrap()
            .filter(|tile| tile.kind() != TileKind::Entries)
            .map(|tile| tile.to_string())
            .collect();
        let mut other: Vec<String> = Tile::new_tiles(8, old, new).iter().map(c2sp_path).collect();
        ours.sort_unstable();
        other.sort_unstable();
        prop_assert_eq!(ours, other);
    }
}

/// `tile/8/L/N` as Go writes it, `tile/L/N` as C2SP does; entries are `data` there.
fn c2sp_path(tile: &Tile) -> String {
    let path = tile.path();
    let rest = path.strip_prefix("tile/8/").unwrap();
    format!("tile/{}", rest.replacen("data/", "entries/", 1))
}

/// The tiles of a published directory.
struct Directory(PathBuf);

impl TileReader for Directory {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| std::fs::read(self.0.join(c2sp_path(tile))).unwrap();
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[test]
fn a_published_ledger_is_read_by_others() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let dir = bench.dir.path().join("log");
    let mut shown: Option<(u64, Hash)> = None;
    for size in [1u64, 255, 700, 1100] {
        let batch: Vec<_> = (ledger.size().0..size)
            .map(|n| if n == 0 { bench.incept() } else { bench.register(n) })
            .collect();
        ledger.append(&batch, later(2000)).unwrap();
        let mut publisher = Publisher::open(&ledger, &dir, 0).unwrap();
        publisher.write_tiles().unwrap();
        publisher.finish(ledger.checkpoint().note()).unwrap();

        let note = std::fs::read(dir.join("checkpoint")).unwrap();
        let note = Note::from_bytes(&note).unwrap();
        let vkey = std::fs::read_to_string(dir.join("log.vkey")).unwrap();
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(vkey.trim_end()).unwrap())]);
        let (verified, unverified) = note.verify(&known).unwrap();
        assert_eq!((verified.len(), unverified.len()), (1, 0));
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!(
            (checkpoint.origin(), checkpoint.size()),
            ("example.org/ledger", size)
        );

        let tiles = Directory(dir.clone());
        let reader = TileHashReader::new(size, *checkpoint.hash(), &tiles);
        let indexes: Vec<u64> = (0..size).map(|n| tlog_tiles::stored_hash_index(0, n)).collect();
        for (n, leaf) in (0..).zip(reader.read_hashes(&indexes).unwrap()) {
            let entry = ledger.entry(LeafIndex(n)).unwrap();
            assert_eq!(leaf, tlog_tiles::record_hash(entry.bytes()), "{n}");
        }
        if let Some((old, old_hash)) = shown {
            let proof = tlog_tiles::prove_tree(size, old, &reader).unwrap();
            tlog_tiles::check_tree(&proof, size, *checkpoint.hash(), old, old_hash).unwrap();
            let ours = ledger.consistency(TreeSize(old), TreeSize(size)).unwrap();
            assert_eq!(proof, theirs(&ours));
        }
        shown = Some((size, *checkpoint.hash()));
    }
}

#[test]
fn notes_are_read_by_others_and_theirs_by_us() {
    let ours = log_key(7);
    let root = byline::ledger::RootHash::from_bytes([3; 32]);
    let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(42), root, &ours);
    let vkey = ours.verifier().to_string();
    let known = |vkey: &str| VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).unwrap())]);
    let note = Note::from_bytes(checkpoint.note().as_bytes()).unwrap();
    assert!(note.verify(&known(&vkey)).is_ok());
    let other = log_key(8).verifier().to_string();
    assert!(note.verify(&known(&other)).is_err());

    // Their signer, made from the same seed: the same bytes, as Ed25519 has no chance in it.
    let id = vkey.split('+').nth(1).unwrap();
    let seed = [&[1u8][..], &[7; 32]].concat();
    let seed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, seed);
    let signer = StandardSigner::new(&format!("PRIVATE+KEY+example.org/ledger+{id}+{seed}")).unwrap();
    let mut note = Note::new(note.text(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    assert_eq!(note.to_bytes(), checkpoint.note().as_bytes());
    let read = VerifierKey::parse(&vkey).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    assert_eq!(VerifiedCheckpoint::open(&note, &read), Ok(checkpoint));
}
