//! The state map's speed against its floor, the hashes it cannot do without: `cargo bench --ignore-rust-version --bench map`.
//!
//! `BYLINE_BENCH_KEYS=N` sets the number of keys (1,000,000). Memory is what the process holds after the map is built.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::hint::black_box;
use std::time::Instant;

use byline::base::statement::Role;
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::{CreatorKey, PublicKey};
use byline::ledger::body::{Share, StateRoot};
use byline::ledger::map::{Feed, Holding, MapHash, MapKey, MapValue, StateMap, Sweep, Title, Topic};
use byline::ledger::state_proof::{Placed, StateProof};
use byline::ledger::title::{Policy, State};
use byline::ledger::{
    DigestForm, Entry, EntryBody, KeyIncept, KeyName, LeafHash, LeafIndex, LogKey, NodeHash, Registration,
    RootHash, TreeSize, VerifiedCheckpoint,
};

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

fn main() {
    let count: u64 = std::env::var("BYLINE_BENCH_KEYS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let keys: Vec<MapKey> = (0..count).map(key).collect();
    let node = MapHash::from_bytes([1; 32]);
    let branch_ns = per(1_000_000, || {
        (0..1_000_000u32).fold(node, |hash, _| MapHash::branch(7, hash, node));
    });
    println!("{count} keys\n  one branch hash (two blocks)        {branch_ns:>10.0} ns");

    let before = resident();
    let mut map = StateMap::new();
    let insert_ns = per(count, || {
        for (n, key) in keys.iter().enumerate() {
            map.set(*key, value(n as u64)).unwrap();
        }
    });
    let hash_ns = per(count, || {
        black_box(map.settle().unwrap().root());
    });
    println!("  rebuild: put in, a key              {insert_ns:>10.0} ns");
    println!(
        "  rebuild: hash, a key                {hash_ns:>10.0} ns  {:.2} x its two hashes",
        hash_ns / branch_ns / 2.0
    );
    println!(
        "  rebuild: in all                     {:>10.2} s",
        (insert_ns + hash_ns) * count as f64 / 1e9
    );
    println!(
        "  memory, a key                       {:>10.0} bytes",
        (resident() - before) as f64 / count as f64
    );

    let mut sorted: Vec<(MapKey, MapValue)> = keys.iter().zip(0..).map(|(key, n)| (*key, value(n))).collect();
    let sort_ns = per(count, || sorted.sort_unstable());
    let root = map.settle().unwrap().root();
    for (name, asked) in [("root alone", None), ("root and a proof", Some(key(count)))] {
        let ns = per(count, || {
            let mut sweep = Sweep::new(asked);
            for (key, value) in &sorted {
                sweep.push(*key, *value).unwrap();
            }
            assert_eq!(sweep.finish().root, root);
        });
        println!(
            "  one pass, sorted keys: {name:<17}{ns:>6.0} ns  {:.2} x its two hashes",
            ns / branch_ns / 2.0
        );
    }
    println!("  sorting them, a key                 {sort_ns:>10.0} ns");
    let again = per(count, || {
        let mut map = StateMap::new();
        for (key, value) in &sorted {
            map.set(*key, *value).unwrap();
        }
        assert_eq!(map.settle().unwrap().root(), root);
    });
    println!("  rebuild from sorted keys, a key     {again:>10.0} ns");
    drop(sorted);

    let mut steps = 0;
    let some = 20_000.min(keys.len());
    let proof_ns = per(some as u64, || {
        let settled = map.settle().unwrap();
        steps = keys[..some]
            .iter()
            .map(|key| settled.prove(key).unwrap().steps.len())
            .sum();
    });
    let depth = steps as f64 / some as f64;
    println!(
        "  steps of a proof, on average        {depth:>10.2}  log2 of the keys {:.2}",
        (count as f64).log2()
    );
    println!("  a proof                             {proof_ns:>10.0} ns");
    let root = map.settle().unwrap().root();
    let proofs: Vec<_> = keys[..some]
        .iter()
        .map(|key| map.settle().unwrap().prove(key).unwrap())
        .collect();
    let verify_ns = per(some as u64, || {
        let good =
            |(key, proof): (&MapKey, &byline::ledger::MapProof)| proof.verify(key, &root).unwrap().is_some();
        assert!(keys.iter().zip(&proofs).all(good));
    });
    println!("  verifying one                       {verify_ns:>10.0} ns");
    let text: usize = proofs.iter().map(|proof| proof.text().len()).sum();
    println!(
        "  its lines of text                   {:>10.0} bytes",
        text as f64 / some as f64
    );

    for batch in [1, 64, 4096] {
        let rounds = 20_000 / batch;
        let changes = rounds * batch;
        let mut n = 0u64;
        let ns = per(changes, || {
            for _ in 0..rounds {
                for _ in 0..batch {
                    n += 1;
                    let at = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count;
                    map.set(keys[at as usize], value(count + n)).unwrap();
                }
                black_box(map.settle().unwrap().root());
            }
        });
        let floor = depth * branch_ns;
        println!(
            "  a change, root after every {batch:>5}     {ns:>10.0} ns  {:.2} x the hashes of one way",
            ns / floor
        );
    }
    let root = Digest::from_bytes(*map.settle().unwrap().root().as_bytes());
    fed(&mut map, root);
}

/// From registrations to a root, and the size of a proof in a log of ten million entries.
fn fed(map: &mut StateMap, root: Digest) {
    let creator = CreatorKey::from_seed(&[1; 32]);
    let log = LogKey::new(
        KeyName::parse("bench.example/ledger").unwrap(),
        CreatorKey::from_seed(&[2; 32]),
    );
    let count = 20_000;
    let incept = KeyIncept {
        key: creator.public(),
        next: None,
        recovery: None,
    };
    let incept = Entry::sign(EntryBody::KeyIncept(incept), &creator, NOW).unwrap();
    let entries: Vec<Entry> = (0..count).map(|n| registration(&creator, n)).collect();
    let arbiters = Vec::new();
    let mut state = State::new(Policy {
        log: *log.verifier().key(),
        arbiters,
    });
    state.step(LeafIndex(0), &incept.id(), &incept).unwrap();
    for (entry, index) in entries.iter().zip(1..) {
        state.step(LeafIndex(index), &entry.id(), entry).unwrap();
    }
    let ids: Vec<LeafHash> = entries.iter().map(Entry::id).collect();
    let feed_ns = per(count, || {
        let mut feed = Feed::new();
        for (entry, id) in entries.iter().zip(&ids) {
            feed.take(id, entry).unwrap();
        }
        black_box(feed.root(&state, TreeSize(count + 1)).unwrap());
    });
    println!("  from {count} registrations to a root, each    {feed_ns:>6.0} ns");

    let size = TreeSize(10_000_000);
    let body = StateRoot {
        root,
        keys: map.settle().unwrap().size().0,
        covers: size,
    };
    let root = Entry::sign_as_log(EntryBody::StateRoot(body), &log, NOW).unwrap();
    let placed = |entry: &Entry, key: PublicKey| Placed {
        index: LeafIndex(size.0 - 7),
        entry: entry.bytes().to_vec(),
        key,
        hashes: vec![NodeHash::from_bytes([7; 32]); 24],
    };
    let title = Title {
        registered: ids[0],
        holders: vec![Holding {
            identity: creator.public().key_id(),
            share: Share::WHOLE,
            title: ids[0],
        }],
    };
    let mut proof = StateProof {
        topic: Topic::Asset([1; 16]),
        map: map.settle().unwrap().prove(&key(1)).unwrap(),
        titles: vec![title],
        root: placed(&root, *log.verifier().key()),
        entries: vec![placed(&entries[0], creator.public())],
        checkpoint: VerifiedCheckpoint::sign(size, RootHash::empty(), &log)
            .0
            .note()
            .to_owned(),
    };
    println!(
        "  a state proof of one holder, 10^7 entries   {:>6} bytes",
        proof.text().len()
    );
    proof.map = map.settle().unwrap().prove(&key(u64::MAX)).unwrap();
    (proof.titles, proof.entries) = (Vec::new(), Vec::new());
    println!(
        "  a state proof of absence, 10^7 entries      {:>6} bytes",
        proof.text().len()
    );
}

fn registration(key: &CreatorKey, n: u64) -> Entry {
    let digest = |what: u8| Digest::of(&[&[what], &n.to_le_bytes()[..]].concat());
    let mut asset_id = [0; 16];
    asset_id.copy_from_slice(&digest(0).as_bytes()[..16]);
    let body = Registration {
        asset_id,
        digests: DigestForm::Plain,
        file: digest(1),
        content: digest(2),
        pixel: Some((1, digest(3))),
        manifest: digest(4),
        fingerprints: Vec::new(),
        source: SourceType::ALL[0],
        family: None,
        role: Some(Role::Creator),
        mining: None,
        rights: Vec::new(),
        parents: Vec::new(),
    };
    Entry::sign(EntryBody::AssetRegister(body), key, NOW).unwrap()
}

fn key(n: u64) -> MapKey {
    Topic::Content(Digest::of(&n.to_le_bytes())).key()
}

fn value(n: u64) -> MapValue {
    MapValue {
        state: Digest::of(&n.to_le_bytes()),
        status: 0,
    }
}

/// Nanoseconds of processor time for each of `count` things that `work` does; another program's load lengthens it little.
fn per(count: u64, work: impl FnOnce()) -> f64 {
    let (start, before) = (Instant::now(), on_cpu_ns());
    work();
    let ns = match (before, on_cpu_ns()) {
        (Some(before), Some(after)) => (after - before) as f64,
        _ => start.elapsed().as_nanos() as f64,
    };
    ns / count as f64
}

/// What this thread has spent on a processor, from `/proc/thread-self/schedstat`.
fn on_cpu_ns() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok()
}

/// Resident bytes of this process, from `/proc/self/statm`; zero where there is none.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok())
        .unwrap_or(0)
        * 4096
}
