//! Whether our PDQ is Meta's, bit for bit: `cargo bench --bench pdq_reference [-- PICTURES...]`.
//!
//! Draws 240 grey pictures of many sizes (noise of several grains, gradients, shapes), adds the canonical luma of each picture
//! or folder named, and compares code and quality with `pdqhash` (`pip install pdqhash numpy`), found through `python3` or the
//! interpreter that `BYLINE_PYTHON` names. Of named pictures it also says how near the strangers among them come, beside what
//! `similar::chance` states, and what the query variants cost.

#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use byline::asset::Format;
use byline::asset::pixels::{Luma, look_bytes};
use byline::similar::chance::Strangers;
use byline::similar::index::distance_bits;
use byline::similar::{pdq, variants};

const DRAWN: u32 = 240;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut files = Vec::new();
    for argument in std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
    {
        collect(Path::new(&argument), &mut files)?;
    }
    files.sort();
    let mut pictures: Vec<Luma> = (0..DRAWN).map(drawn).collect();
    let real = files.iter().filter_map(|file| {
        let bytes = std::fs::read(file).ok()?;
        look_bytes(&bytes, Format::detect(&bytes)?, 1).ok()
    });
    pictures.extend(real.map(|picture| picture.luma));
    writeln!(
        out,
        "{DRAWN} pictures drawn, {} read",
        pictures.len() - DRAWN as usize
    )?;
    compare(&mut out, &pictures)?;
    strangers(&mut out, &pictures[DRAWN as usize..])?;
    let luma = drawn(12);
    let mut times = [0.0f64; 40].map(|_| {
        let start = Instant::now();
        std::hint::black_box(variants::variants(&luma));
        start.elapsed().as_secs_f64() * 1000.0
    });
    times.sort_by(f64::total_cmp);
    writeln!(
        out,
        "{} query variants of {} x {}: best {:.2} ms, median {:.2} ms",
        variants::variants(&luma).len(),
        luma.width,
        luma.height,
        times[0],
        times[20]
    )
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_path_buf());
    }
    Ok(())
}

fn compare(out: &mut impl Write, pictures: &[Luma]) -> io::Result<()> {
    let folder = std::env::temp_dir().join(format!("byline-pdq-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for (number, luma) in pictures.iter().enumerate() {
        let parts = [
            &luma.width.to_le_bytes()[..],
            &luma.height.to_le_bytes(),
            &luma.samples,
        ];
        std::fs::write(folder.join(format!("{number}.grey")), parts.concat())?;
    }
    let python = std::env::var("BYLINE_PYTHON").unwrap_or_else(|_| "python3".into());
    let run = Command::new(&python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/pdq_reference.py"))
        .arg(&folder)
        .output();
    std::fs::remove_dir_all(&folder)?;
    let text = match run {
        Ok(run) if run.status.success() => String::from_utf8_lossy(&run.stdout).into_owned(),
        _ => return writeln!(out, "reference skipped: `{python}` has no pdqhash and numpy"),
    };
    let (mut equal, mut compared) = (0, 0);
    for (luma, line) in pictures.iter().zip(text.lines()) {
        let own = pdq::of(luma);
        let hex = own
            .bits
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        compared += 1;
        if line == format!("{hex} {}", own.quality) {
            equal += 1;
        } else {
            writeln!(
                out,
                "differs: {} x {}: {hex} {} is not {line}",
                luma.width, luma.height, own.quality
            )?;
        }
    }
    writeln!(out, "code and quality equal to pdqhash: {equal} of {compared}")
}

/// The nearest pairs of pictures, and how many the statement expects.
fn strangers(out: &mut impl Write, pictures: &[Luma]) -> io::Result<()> {
    let codes: Vec<_> = pictures
        .iter()
        .map(pdq::of)
        .filter(|code| code.quality >= 50)
        .collect();
    let mut pairs_at = [0u64; 257];
    for (at, a) in codes.iter().enumerate() {
        for b in &codes[at + 1..] {
            pairs_at[distance_bits(&a.bits, &b.bits) as usize] += 1;
        }
    }
    let pairs: u64 = pairs_at.iter().skip(65).sum();
    let reference = Strangers::reference();
    writeln!(
        out,
        "{pairs} pairs of pictures at more than 64 bits; within a distance, counted and stated:"
    )?;
    let mut sum = 0;
    for (distance, count) in (0u32..).zip(pairs_at).skip(65) {
        sum += count;
        if distance % 4 == 0 && sum > 0 && distance <= 120 {
            writeln!(
                out,
                "  {distance:4} {sum:8} {:12.2}",
                reference.chance(distance, pairs).expected
            )?;
        }
    }
    Ok(())
}

/// Grey of one of eight kinds and of a size from 16 to 512.
fn drawn(number: u32) -> Luma {
    let sizes = [
        (512, 384),
        (384, 512),
        (512, 512),
        (512, 288),
        (333, 217),
        (64, 64),
        (512, 33),
        (100, 300),
    ];
    let (width, height) = sizes[(number / 8 % 8) as usize];
    let hash = |x: u32, y: u32| {
        let mut hash =
            x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b) ^ number.wrapping_mul(0x27d4_eb2f);
        for _ in 0..3 {
            hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
        }
        hash >> 24
    };
    let grain = 1 << (number / 64 + 2);
    let tone = |x: u32, y: u32| match number % 8 {
        0 => hash(x, y),
        1 => hash(x / grain, y / grain),
        2 => x * 255 / width,
        3 => (x * 200 / width + hash(x / grain, y / grain) / 5).min(255),
        4 => (hash(x / grain, y / grain) + hash(x / 4 / grain, y / 4 / grain) * 3) / 4,
        5 if (x / grain + y / grain).is_multiple_of(2) => hash(0, number),
        6 => ((x * x + y * y * (number % 5 + 1)) / 512) % 256,
        _ => (hash(x / 64, y / 64) * (x % 64) + hash(x / 64 + 1, y / 64) * (63 - x % 64)) / 63,
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Luma {
        width,
        height,
        samples: places.map(|(x, y)| tone(x, y).min(255) as u8).collect(),
    }
}
