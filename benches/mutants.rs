//! Mutants through the whole of verify and inspect, in process: no panic, and 99.9 % of them within 300 ms.
//!
//! `cargo bench --ignore-rust-version --bench mutants -- [COUNT] [SEED]`: 100,000 mutants of seed 1 by default, of our fixtures, of those
//! signed by byline, and of the files of up to 1 MB in `BYLINE_CORPUS` or `../shared/corpus`. Generators' text is read, hidden text
//! too, signed thumbnails are compared with the pixels, and every report is drawn.
//! Files are verified sixteen at a time, as a batch does; a batch that takes long is taken apart.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::trivially_copy_pass_by_ref,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

mod inside;
#[path = "../tests/it/mutate.rs"]
mod mutate;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use byline::app::request::{Beside, LedgerChoice, ListChoice, VerifyRequest};
use byline::app::{App, FixedClock, inspect, verify};
use byline::base::Timestamp;
use byline::render::{Style, human, json};
use byline::report::verify::Requirement;
use mutate::{Chance, mutant};

const BATCH: usize = 16;
const SLOW: Duration = Duration::from_millis(300);

/// Where panics happened, those that were caught as well.
static PANICS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn main() {
    let mut numbers = std::env::args().filter_map(|arg| arg.parse::<u64>().ok());
    let (count, seed) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(1));
    let dir = tempfile::Builder::new().tempdir_in(memory()).unwrap();
    let good = good(dir.path());
    println!("{count} mutants of {} files, seed {seed}", good.len());
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        *PANICS.lock().unwrap().entry(place).or_default() += 1;
    }));
    let run = Run::new(dir.path());
    let mut times = Vec::new();
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    let mut chance = Chance::new(seed);
    let start = Instant::now();
    for first in (0..count).step_by(BATCH) {
        let batch: Vec<PathBuf> = (first..count.min(first + BATCH as u64))
            .map(|index| {
                let (a, b) = (chance.below(good.len()), chance.below(good.len()));
                let (what, bytes) = mutant(&good[a].1, &good[b].1, &mut chance);
                let file = dir.path().join(format!("{index}-{what}-{}", good[a].0));
                std::fs::write(&file, bytes).unwrap();
                file
            })
            .collect();
        run.timed(&batch, &mut times, &mut words);
        for file in batch {
            std::fs::remove_file(file).unwrap();
        }
        if first % 4096 == 0 {
            let panics: usize = PANICS.lock().unwrap().values().sum();
            println!("{first} after {:.0?}, {panics} panics", start.elapsed());
        }
    }
    report(times, &words, start.elapsed());
}

fn report(mut times: Vec<(Duration, String)>, words: &BTreeMap<String, usize>, all: Duration) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    println!("\n{} mutants in {all:.0?}", times.len());
    println!(
        "p50 {:.1?}  p99 {:.1?}  p99.9 {:.1?}  (at most; see the head of this file)",
        at(0.5),
        at(0.99),
        at(0.999)
    );
    println!("the slowest:");
    for (time, name) in times.iter().rev().take(10) {
        println!("{time:>12.1?}  {name}");
    }
    println!("words: {words:?}");
    let panics = PANICS.lock().unwrap();
    println!("panics, caught ones too: {panics:?}");
    assert!(
        panics.keys().all(|place| !place.starts_with("src/")),
        "a panic of ours"
    );
    assert!(at(0.999) <= SLOW, "p99.9 is {:?}", at(0.999));
}

/// A folder in memory where there is one, so that the disk is not what is measured.
fn memory() -> PathBuf {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        shared.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}

/// The files that mutants are made of: name and bytes.
fn good(work: &Path) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    gather(&root.join("fixtures/images"), &mut files);
    gather(&root.join("fixtures/hostile"), &mut files);
    let byline = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byline"));
        command
            .current_dir(work)
            .env_clear()
            .env("BYLINE_HOME", work.join("home"))
            .args(args);
        command.output().unwrap().status.success()
    };
    assert!(byline(&[
        "key",
        "new",
        "--name",
        "a",
        "--as",
        "A",
        "--unencrypted"
    ]));
    let mut out = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        out.push((name.clone(), std::fs::read(file).unwrap()));
        if byline(&[
            "sign",
            file.to_str().unwrap(),
            "--source",
            "ai",
            "--force",
            "-o",
            "signed.bin",
        ]) {
            out.push((
                format!("signed-{name}"),
                std::fs::read(work.join("signed.bin")).unwrap(),
            ));
        }
    }
    let corpus =
        std::env::var_os("BYLINE_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let mut theirs = Vec::new();
    if corpus.is_dir() {
        gather(&corpus, &mut theirs);
    } else {
        println!("no corpus of real files at {}", corpus.display());
    }
    for file in theirs {
        let bytes = std::fs::read(&file).unwrap();
        if (1..1_000_000).contains(&bytes.len()) {
            out.push((file.file_name().unwrap().to_str().unwrap().to_owned(), bytes));
        }
    }
    out
}

/// The files below a folder, in order.
fn gather(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            gather(&path, out);
        } else if !["md", "pem", "txt", "json", "py", "cfg"].contains(&ending) {
            out.push(path);
        }
    }
}

struct Run {
    app: App,
    style: Style,
}

impl Run {
    fn new(work: &Path) -> Self {
        let clock = FixedClock(Timestamp::from_unix_s(1_795_000_000));
        let app = inside::app(&work.join("home"), clock);
        Self {
            app,
            style: Style::of_width(Some(100)),
        }
    }

    /// A batch, and where it takes long, its files one by one.
    fn timed(
        &self,
        batch: &[PathBuf],
        times: &mut Vec<(Duration, String)>,
        words: &mut BTreeMap<String, usize>,
    ) {
        let start = Instant::now();
        self.all(batch, Some(words));
        let whole = start.elapsed();
        let name = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
        if whole < SLOW {
            // The slowest took no longer than all of them.
            times.push((whole, name(&batch[0])));
            let rest = whole / batch.len() as u32;
            times.extend(batch[1..].iter().map(|file| (rest, name(file))));
            return;
        }
        for file in batch {
            let start = Instant::now();
            self.all(std::slice::from_ref(file), None);
            times.push((start.elapsed(), name(file)));
        }
    }

    fn all(&self, batch: &[PathBuf], words: Option<&mut BTreeMap<String, usize>>) {
        let request = VerifyRequest {
            inputs: batch.to_vec(),
            beside: Beside::Nothing,
            ledger: LedgerChoice::None,
            extra_trust: Vec::new(),
            lists: ListChoice::Asked,
            manifest: None,
            online: false,
            proof: None,
            whom: None,
            thumbnail: true,
            heatmap: None,
            require: Requirement::Trusted,
            jobs: Some(NonZeroUsize::MIN),
        };
        let mut found = Vec::new();
        let work = std::panic::AssertUnwindSafe(|| {
            let mut each = |item: verify::VerifyItem| {
                if let Ok(report) = item.result {
                    found.push(format!("{:?}", report.result));
                    std::hint::black_box((human::verify(&report, &self.style), json::line(&report)));
                }
                verify::Rest::AsAsked
            };
            verify::verify(&self.app, &request, &mut each).unwrap();
            for file in batch {
                if let Ok(report) = inspect::inspect(&self.app, file, None) {
                    std::hint::black_box((human::inspect(&report, &self.style), json::line(&report)));
                }
            }
        });
        // The hook has counted it.
        drop(std::panic::catch_unwind(work));
        if let Some(words) = words {
            for word in found {
                *words.entry(word).or_default() += 1;
            }
        }
    }
}
