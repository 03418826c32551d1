//! The state map's speed against its floor, the hashes it cannot do without: `cargo bench --ignore-rust-version --bench map`.
//!
//! `BYLINE_BENCH_KEYS=N` sets the number of keys (1,000,000). Memory is what the process holds after the map is built.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::hint::black_box;
use std::time::Instant;

use byline::base::Digest;
use byline::ledger::map::{MapHash, MapKey, MapValue, StateMap, Sweep, Topic};

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
        black_box(map.settle().root());
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
    let root = map.settle().root();
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
        assert_eq!(map.settle().root(), root);
    });
    println!("  rebuild from sorted keys, a key     {again:>10.0} ns");
    drop(sorted);

    let mut steps = 0;
    let some = 20_000.min(keys.len());
    let proof_ns = per(some as u64, || {
        let settled = map.settle();
        steps = keys[..some]
            .iter()
            .map(|key| settled.prove(key).steps.len())
            .sum();
    });
    let depth = steps as f64 / some as f64;
    println!(
        "  steps of a proof, on average        {depth:>10.2}  log2 of the keys {:.2}",
        (count as f64).log2()
    );
    println!("  a proof                             {proof_ns:>10.0} ns");
    let root = map.settle().root();
    let proofs: Vec<_> = keys[..some].iter().map(|key| map.settle().prove(key)).collect();
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
                black_box(map.settle().root());
            }
        });
        let floor = depth * branch_ns;
        println!(
            "  a change, root after every {batch:>5}     {ns:>10.0} ns  {:.2} x the hashes of one way",
            ns / floor
        );
    }
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

/// Nanoseconds for each of `count` things that `work` does.
fn per(count: u64, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / count as f64
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
