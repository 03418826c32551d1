//! What an exact search of the similarity index costs, beside faiss on the same codes in the same run.
//!
//! `cargo bench --bench similar_index [-- CODES...]` measures 1,000,000 and 10,000,000 codes (or as many as given), radius 31
//! and others, and prints milliseconds for a query of a batch. faiss (`pip install faiss-cpu`) is found through `python3`, or
//! the interpreter that the variable `BYLINE_PYTHON` names, and skipped with a message where it is missing.
//!
//! The codes are drawn: each follows one of 16 patterns in a quarter of its bits, which brings the deviation of pairs to 8.5
//! bits, harder than the 8.16 of photographs. Half of the queries lie 0 to 40 bits from a code.

#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::io::{self, Write};
use std::process::Command;
use std::time::Instant;

use byline::similar::index::{Code, Index, Kernel, Neighbours, scan_within};

const RADIUS: u32 = 31;
const MOST: usize = 100;

fn main() -> io::Result<()> {
    let given: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let sizes = if given.is_empty() {
        vec![1_000_000, 10_000_000]
    } else {
        given
    };
    for size in sizes {
        measure(size)?;
    }
    Ok(())
}

fn measure(size: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut next = random(size as u64);
    let codes = draw(size, &mut next);
    let queries = queries(&codes, if size > 3_000_000 { 200 } else { 1000 }, &mut next);
    writeln!(
        out,
        "{size} codes, {} queries, radius {RADIUS}, ms per query",
        queries.len()
    )?;

    let own = codes.clone();
    let start = Instant::now();
    let mut index = Index::scanned(own).map_err(io::Error::other)?;
    line(&mut out, "planes built, s", start.elapsed().as_secs_f64())?;
    let scanned = row(&mut out, "scan, batch, 1 thread", &queries, |batch| {
        index.within(batch, RADIUS, MOST, 1)
    })?;
    let hits: u64 = scanned.1;
    for kernel in Kernel::all().skip(1) {
        index = index.scanned_by(kernel);
        let name = format!("scan, batch, 1 thread, {}", kernel.name());
        row(&mut out, &name, &queries[..queries.len() / 5], |batch| {
            index.within(batch, RADIUS, MOST, 1)
        })?;
    }
    index = index.scanned_by(Kernel::fastest());
    row(&mut out, "scan, batch, 2 threads", &queries, |batch| {
        index.within(batch, RADIUS, MOST, 2)
    })?;
    row(&mut out, "scan, 34 queries, 1 thread", &queries[..34], |batch| {
        index.within(batch, RADIUS, MOST, 1)
    })?;
    singles(&mut out, "scan, one by one", &index, &queries)?;
    row(
        &mut out,
        "cold scan, 34 queries, 2 threads",
        &queries[..34],
        |batch| scan_within(&codes, batch, RADIUS, MOST, 2).unwrap_or_default(),
    )?;
    let start = Instant::now();
    index.build_slots(2);
    line(
        &mut out,
        "slots built by 2 threads, s",
        start.elapsed().as_secs_f64(),
    )?;
    line(&mut out, "bytes a code", index.heap_bytes() as f64 / size as f64)?;
    let sorted = row(&mut out, "slots, batch, 1 thread", &queries, |batch| {
        index.within(batch, RADIUS, MOST, 1)
    })?;
    row(&mut out, "slots, batch, 2 threads", &queries, |batch| {
        index.within(batch, RADIUS, MOST, 2)
    })?;
    singles(&mut out, "slots, one by one", &index, &queries)?;
    for radius in [40, 48, 64] {
        row(
            &mut out,
            &format!("radius {radius}, batch, 1 thread"),
            &queries,
            |batch| index.within(batch, radius, MOST, 1),
        )?;
    }
    let few = &queries[..queries.len().min(64)];
    row(&mut out, "nearest, batch of 64, 1 thread", few, |batch| {
        let found = index.nearest(batch, 1, 1);
        found
            .into_iter()
            .map(|hits| Neighbours {
                total: hits.len() as u64,
                hits,
            })
            .collect()
    })?;
    assert_eq!(sorted.1, hits, "both roads are exact");
    drop(index);
    peers(&mut out, &codes, &queries, (scanned.0, sorted.0), hits)
}

fn line(out: &mut impl Write, name: &str, figure: f64) -> io::Result<()> {
    writeln!(out, "  {name:<42} {figure:10.4}")
}

/// The best of five rounds.
fn row(
    out: &mut impl Write,
    name: &str,
    queries: &[Code],
    search: impl Fn(&[Code]) -> Vec<Neighbours>,
) -> io::Result<(f64, u64)> {
    let (mut best, mut hits) = (f64::MAX, 0);
    for _ in 0..5 {
        let start = Instant::now();
        let found = std::hint::black_box(search(queries));
        best = best.min(start.elapsed().as_secs_f64() * 1000.0 / queries.len() as f64);
        hits = found.iter().map(|found| found.total).sum();
    }
    writeln!(out, "  {name:<42} {best:10.4}   {hits} hits")?;
    Ok((best, hits))
}

fn singles(out: &mut impl Write, name: &str, index: &Index, queries: &[Code]) -> io::Result<()> {
    let mut times: Vec<f64> = queries
        .iter()
        .take(200)
        .map(|query| {
            let start = Instant::now();
            std::hint::black_box(index.within(&[*query], RADIUS, MOST, 1));
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (median, late) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    writeln!(out, "  {name:<42} {median:10.4}   p99 {late:.4}")
}

fn peers(
    out: &mut impl Write,
    codes: &[Code],
    queries: &[Code],
    ours: (f64, f64),
    hits: u64,
) -> io::Result<()> {
    let folder = std::env::temp_dir().join(format!("byline-similar-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (codes_file, queries_file) = (folder.join("codes"), folder.join("queries"));
    std::fs::write(&codes_file, codes.as_flattened())?;
    std::fs::write(&queries_file, queries.as_flattened())?;
    let python = std::env::var("BYLINE_PYTHON").unwrap_or_else(|_| "python3".into());
    let run = Command::new(&python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/similar_peers.py"))
        .args([&codes_file, &queries_file])
        .arg(RADIUS.to_string())
        .output();
    std::fs::remove_dir_all(&folder)?;
    let text = match run {
        Ok(run) if run.status.success() => String::from_utf8_lossy(&run.stdout).into_owned(),
        _ => return writeln!(out, "  faiss skipped: `{python}` has no faiss and numpy"),
    };
    let best = ours.0.min(ours.1);
    for peer in text.lines() {
        let words: Vec<&str> = peer.split(' ').collect();
        let [name, ms, found, built] = words[..] else {
            writeln!(out, "  faiss {peer}")?;
            continue;
        };
        let ms: f64 = ms.parse().map_err(io::Error::other)?;
        assert_eq!(found, hits.to_string(), "{name} is exact");
        writeln!(
            out,
            "  {name:<42} {ms:10.4}   built in {built} s; {:.1} x the scan, {:.1} x slots, {:.1} x the faster",
            ms / ours.0,
            ms / ours.1,
            ms / best
        )?;
    }
    Ok(())
}

fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

fn draw(size: usize, next: &mut impl FnMut() -> u64) -> Vec<Code> {
    let patterns: Vec<[u64; 4]> = (0..8).map(|_| [next(), next(), next(), next()]).collect();
    (0..size)
        .map(|_| {
            let choice = next();
            let pattern = patterns[(choice % 8) as usize];
            let inverse = if choice & 8 == 0 { 0 } else { u64::MAX };
            let mut code = [0; 32];
            for (bytes, pattern) in code.as_chunks_mut::<8>().0.iter_mut().zip(pattern) {
                let follows = next() & next();
                let word = (next() & !follows) | ((pattern ^ inverse) & follows);
                *bytes = word.to_le_bytes();
            }
            code
        })
        .collect()
}

fn queries(codes: &[Code], count: usize, next: &mut impl FnMut() -> u64) -> Vec<Code> {
    let strangers = draw(count, next);
    strangers
        .into_iter()
        .enumerate()
        .map(|(at, stranger)| {
            if at % 2 == 0 {
                return stranger;
            }
            let mut copy = codes[(next() % codes.len() as u64) as usize];
            for _ in 0..next() % 41 {
                let bit = (next() % 256) as usize;
                copy[bit / 8] ^= 1 << (bit % 8);
            }
            copy
        })
        .collect()
}
