//! How many copies are found again, and how many strangers are taken for one:
//! `cargo bench --bench recall -- FOLDER... [--pictures N] [--edited N] [--each]`, or the folder in `BYLINE_PICTURES`.
//!
//! Wanted are at least 500 pictures that have nothing to do with each other; none ship with the project. What was used for the
//! figures in the README: the 1,000 photographs of the Git repository `EliSchwartz/imagenet-sample-images` (one of each class of
//! ImageNet; their photographers' rights are reserved: for measuring, not for passing on).
//!
//! All pictures are registered in a ledger with deep records. Sixty copies are made of each of the first so many (`--edited`), each
//! encoded anew, and looked for as `find` does: by the codes of the whole (quick), by points (deep), by both. In the same run
//! pHash and dHash of 256 bits (`image_hasher`) and the ISCC Image-Code of 256 bits (`iscc-lib`), one code stored and one asked, each
//! at the distance at which it takes at most one stranger in a million for a copy, or as many as byline does where that is more.
//!
//! `--medians` prints the table of `similar::deep::medians` instead: of every value of every description of all pictures and their
//! mirror images, the median.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::enum_glob_use,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

mod edits;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use byline::asset::Format;
use byline::asset::pixels::{self, Picture};
use byline::base::fingerprint::Algorithm;
use byline::base::local::POINTS_MAX;
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::CreatorKey;
use byline::ledger::{DigestForm, Entry, EntryBody, KeyIncept, LeafIndex, LookupMode, Registration};
use byline::similar::index::{Code, distance_bits};
use byline::similar::{self, deep, variants};
use byline::store::codes::Codes;
use byline::store::deep::{Deep, DeepRecord};
use byline::store::{LedgerFile, NewLedger, Places};
use edits::EDITS;
use image::{DynamicImage, RgbImage, imageops};
use image_hasher::{HashAlg, Hasher, HasherConfig};

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);
const PEERS: [&str; 3] = ["pHash-256", "dHash-256", "ISCC-256"];
/// Strangers a peer may take for a copy.
const FALSE_RATE: f64 = 1e-6;
/// Records compared point by point, as `find` does.
const CANDIDATES: usize = 256;

struct Options {
    pictures: usize,
    edited: usize,
    each: bool,
    medians: bool,
    folders: Vec<PathBuf>,
}

fn options() -> Options {
    let mut found = Options {
        pictures: 1000,
        edited: 100,
        each: false,
        medians: false,
        folders: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
        match word.as_str() {
            "--pictures" => found.pictures = number(),
            "--edited" => found.edited = number(),
            "--each" => found.each = true,
            "--medians" => found.medians = true,
            word if word.starts_with("--") => {}
            folder => found.folders.push(folder.into()),
        }
    }
    if found.folders.is_empty() {
        found
            .folders
            .extend(std::env::var_os("BYLINE_PICTURES").map(PathBuf::from));
    }
    found
}

fn main() -> io::Result<()> {
    let options = options();
    let mut out = io::stdout().lock();
    let mut files = Vec::new();
    for folder in &options.folders {
        collect(folder, &mut files);
    }
    files.sort();
    files.truncate(options.pictures);
    if files.len() < 2 {
        return writeln!(
            out,
            "recall: skipped: there are no pictures. Name a folder of at least 500 unrelated ones: `cargo bench --bench recall -- \
             FOLDER`, for example a checkout of EliSchwartz/imagenet-sample-images"
        );
    }
    if options.medians {
        return medians(&mut out, &files);
    }
    let start = Instant::now();
    let folder = tempfile::tempdir()?;
    let stored = Stored::of(&files, folder.path());
    writeln!(
        out,
        "{} pictures registered, {} with deep records ({:.0} s)",
        stored.codes.len(),
        stored.deep.pictures(),
        start.elapsed().as_secs_f64()
    )?;
    let edited = options.edited.min(files.len());
    let step = files.len() / edited.max(1);
    let found = parallel(edited * EDITS.len(), |job| {
        let (picture, edit) = (job / EDITS.len() * step, job % EDITS.len());
        stored.look(
            picture,
            &edits::copy(&stored.small[picture], EDITS[edit].2, picture as u32),
        )
    });
    report(&mut out, &options, &found, files.len())?;
    writeln!(out, "{:.0} s in all", start.elapsed().as_secs_f64())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder is read") {
            collect(&entry.expect("a folder is read").path(), files);
        }
    } else if std::fs::read(path)
        .is_ok_and(|bytes| Format::detect(&bytes).is_some() && look(&bytes).is_some())
    {
        files.push(path.to_path_buf());
    }
}

fn look(bytes: &[u8]) -> Option<Picture> {
    pixels::look_bytes(bytes, Format::detect(bytes)?, 1).ok()
}

/// Two threads, answers in order.
fn parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let mut found: Vec<(usize, T)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return done;
                }
                done.push((at, work(at)));
            }
        };
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no panic"))
            .collect()
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Everything that is known of the registered pictures.
struct Stored {
    /// The pictures themselves, at most 640 pixels long, of which copies are made.
    small: Vec<RgbImage>,
    codes: Vec<Vec<Code>>,
    deep: Deep,
    /// Which picture an entry is of.
    pictures: BTreeMap<u64, usize>,
    peers: Vec<[Code; 3]>,
    hashers: [Hasher; 2],
}

/// What was found of one copy.
struct Found {
    /// The distance of the nearest codes to the original, and how many strangers are within 31, 48, 64.
    quick: u32,
    quick_false: [u64; 3],
    /// Agreeing points where accepted.
    deep: Option<u32>,
    deep_false: u64,
    /// For each peer the distance, and strangers by theirs.
    peers: [(u32, Vec<u32>); 3],
}

impl Stored {
    fn of(files: &[PathBuf], folder: &Path) -> Self {
        let hasher = |algorithm, dct: bool| {
            let config = HasherConfig::new().hash_size(16, 16).hash_alg(algorithm);
            if dct {
                config.preproc_dct().to_hasher()
            } else {
                config.to_hasher()
            }
        };
        let hashers = [hasher(HashAlg::Median, true), hasher(HashAlg::Gradient, false)];
        let seen = parallel(files.len(), |at| {
            let bytes = std::fs::read(&files[at]).expect("a picture is read");
            let whole = image::load_from_memory(&bytes).expect("a picture is decoded");
            let small = if whole.width().max(whole.height()) > 640 {
                whole.resize(640, 640, imageops::FilterType::Triangle)
            } else {
                whole
            };
            // What is registered is the picture that copies are made of, encoded once.
            let bytes = edits::copy(&small.to_rgb8(), edits::Edit::Jpeg(92), 0);
            let picture = look(&bytes).expect("an encoded picture is decoded");
            (
                small.to_rgb8(),
                similar::fingerprints(&picture),
                deep::print(&picture.luma),
                peers(&hashers, &bytes, &picture),
            )
        });
        let places = Places {
            log_key: folder.join("log.key"),
            state: folder.join("state"),
        };
        let new = NewLedger {
            origin: "recall.example/a",
            mode: LookupMode::Public,
            arbiters: &[],
            key_seed: [7; 32],
            secret: [8; 32],
            now: NOW,
        };
        let path = folder.join("recall.ledger");
        let mut ledger = LedgerFile::create(&path, &places, &new).expect("a ledger is made");
        let key = CreatorKey::from_seed(&[1; 32]);
        let incept = KeyIncept {
            key: key.public(),
            next: None,
            recovery: None,
        };
        let mut entries = vec![Entry::sign(EntryBody::KeyIncept(incept), &key, NOW).expect("signed")];
        for (at, (_, fingerprints, _, _)) in seen.iter().enumerate() {
            let digest = Digest::of(&at.to_le_bytes());
            let mut asset_id = [0; 16];
            asset_id.copy_from_slice(&digest.as_bytes()[..16]);
            let body = Registration {
                asset_id,
                digests: DigestForm::Plain,
                file: digest,
                content: digest,
                pixel: None,
                manifest: digest,
                fingerprints: fingerprints.clone(),
                source: SourceType::DigitalCapture,
                family: None,
                role: None,
                mining: None,
                rights: Vec::new(),
                parents: Vec::new(),
            };
            entries.push(Entry::sign(EntryBody::AssetRegister(body), &key, NOW).expect("signed"));
        }
        let receipts = ledger.append(&entries, NOW).expect("appended");
        let mut pictures = BTreeMap::new();
        let mut records = Vec::new();
        for (at, (receipt, (_, _, print, _))) in receipts.iter().skip(1).zip(&seen).enumerate() {
            pictures.insert(receipt.index.0, at);
            if let Some(print) = print {
                records.push(DeepRecord {
                    index: LeafIndex(receipt.index.0),
                    file: Digest::of(&at.to_le_bytes()),
                    print: print.clone(),
                });
            }
        }
        ledger.append_deep(&records).expect("deep records are kept");
        drop(ledger);
        let opened = LedgerFile::open_read(&path, None).expect("opened");
        let codes = |fingerprints: &[byline::base::Fingerprint]| {
            let of = |kind: &Algorithm| fingerprints.iter().find(|print| print.algorithm == *kind);
            Codes::KINDS
                .iter()
                .filter_map(|kind| of(kind).map(|print| print.bits))
                .collect()
        };
        Self {
            codes: seen
                .iter()
                .map(|(_, fingerprints, _, _)| codes(fingerprints))
                .collect(),
            peers: seen.iter().map(|(_, _, _, peers)| *peers).collect(),
            small: seen.into_iter().map(|(small, _, _, _)| small).collect(),
            deep: opened.deep().expect("opened").expect("there are deep records"),
            pictures,
            hashers,
        }
    }

    /// Looks for one copy.
    fn look(&self, original: usize, copy: &[u8]) -> Found {
        let picture = look(copy).expect("a copy is decoded");
        let asked: Vec<Code> = variants::variants(&picture.luma)
            .iter()
            .map(|one| one.code)
            .collect();
        let nearest = |stored: &Vec<Code>| {
            let pairs = stored
                .iter()
                .flat_map(|stored| asked.iter().map(move |asked| (stored, asked)));
            pairs.map(|(a, b)| distance_bits(a, b)).min().unwrap_or(256)
        };
        let mut quick_false = [0; 3];
        for (_, stored) in self.codes.iter().enumerate().filter(|(at, _)| *at != original) {
            let distance = nearest(stored);
            for (count, limit) in quick_false.iter_mut().zip([31, 48, 64]) {
                *count += u64::from(distance <= limit);
            }
        }
        let (mut deep, mut deep_false) = (None, 0);
        if let Some(seen) = deep::Seen::of(&picture.luma) {
            for number in self.deep.candidates(seen.probes(), CANDIDATES) {
                let record = self.deep.record(number).expect("a record is read");
                let Some(found) = seen.compare(&record.print).filter(deep::Match::is_accepted) else {
                    continue;
                };
                if self.pictures.get(&record.index.0) == Some(&original) {
                    deep = Some(found.agreement.points);
                } else {
                    deep_false += 1;
                }
            }
        }
        let asked = peers(&self.hashers, copy, &picture);
        let peer = |which: usize| {
            let distance = |at: usize| distance_bits(&self.peers[at][which], &asked[which]);
            let strangers = (0..self.peers.len()).filter(|at| *at != original).map(distance);
            // Only the near ones can decide where the limit lies.
            (
                distance(original),
                strangers.filter(|distance| *distance < 110).collect(),
            )
        };
        Found {
            quick: nearest(&self.codes[original]),
            quick_false,
            deep,
            deep_false,
            peers: [peer(0), peer(1), peer(2)],
        }
    }
}

fn peers(hashers: &[Hasher; 2], bytes: &[u8], picture: &Picture) -> [Code; 3] {
    let decoded: DynamicImage = image::load_from_memory(bytes).expect("a copy is decoded");
    let hash = |hasher: &Hasher| {
        let hash = hasher.hash_image(&decoded);
        hash.as_bytes().try_into().expect("256 bits")
    };
    let iscc = similar::iscc::image_code(&picture.luma).expect("1,024 samples");
    [hash(&hashers[0]), hash(&hashers[1]), iscc]
}

fn report(out: &mut impl Write, options: &Options, found: &[Found], pictures: usize) -> io::Result<()> {
    let pairs = found.len() as u64 * (pictures as u64 - 1);
    let quick_false = |which: usize| found.iter().map(|one| one.quick_false[which]).sum::<u64>();
    let deep_false: u64 = found.iter().map(|one| one.deep_false).sum();
    let both_false = quick_false(2) + deep_false;
    let allowed = ((pairs as f64 * FALSE_RATE) as u64).max(both_false);
    let limits: Vec<i64> = (0..PEERS.len()).map(|peer| limit(found, peer, allowed)).collect();
    let hits = |one: &Found| {
        let quick = one.quick <= 64;
        let mut hits = vec![quick, one.deep.is_some(), quick || one.deep.is_some()];
        hits.extend((0..PEERS.len()).map(|peer| i64::from(one.peers[peer].0) <= limits[peer]));
        hits
    };
    let mut rows: Vec<(&str, Vec<&Found>)> = Vec::new();
    for (edit, (name, family, _)) in EDITS.iter().enumerate() {
        let name = if options.each { name } else { family };
        let of_edit = found.iter().skip(edit).step_by(EDITS.len());
        match rows.iter_mut().find(|(known, _)| known == name) {
            Some((_, row)) => row.extend(of_edit),
            None => rows.push((name, of_edit.collect())),
        }
    }
    rows.push(("mean of 60 edits", found.iter().collect()));
    writeln!(
        out,
        "| copy | copies | quick | deep | both | {} |\n|---|---|---|---|---|---|---|---|",
        PEERS.join(" | ")
    )?;
    for (name, row) in &rows {
        let share = |column: usize| {
            row.iter().filter(|one| hits(one)[column]).count() as f64 * 100.0 / row.len() as f64
        };
        let shares: Vec<String> = (0..6).map(|column| format!("{:.1}", share(column))).collect();
        writeln!(out, "| {name} | {} | {} |", row.len(), shares.join(" | "))?;
    }
    let share = |edit: usize, column: usize| {
        let row: Vec<&Found> = found.iter().skip(edit).step_by(EDITS.len()).collect();
        row.iter().filter(|one| hits(one)[column]).count() as f64 * 100.0 / row.len() as f64
    };
    for (name, column) in [("deep", 1), ("both", 2)] {
        let worst = (0..EDITS.len()).min_by(|a, b| share(*a, column).total_cmp(&share(*b, column)));
        let worst = worst.expect("sixty edits");
        writeln!(
            out,
            "worst edit, {name}: {} ({:.1} %)",
            EDITS[worst].0,
            share(worst, column)
        )?;
    }
    writeln!(
        out,
        "strangers taken for a copy, of {pairs} pairs of pictures ({} comparisons of codes): quick at 31 bits {}, 48 bits {}, 64 bits \
         {}; deep {deep_false}",
        pairs * 34 * 4,
        quick_false(0),
        quick_false(1),
        quick_false(2)
    )?;
    for (peer, limit) in PEERS.iter().zip(&limits) {
        writeln!(
            out,
            "{peer}: taken for a copy up to {limit} of 256 bits, the largest with at most {allowed} strangers"
        )?;
    }
    Ok(())
}

/// The largest distance at which a peer takes at most so many strangers for copies.
fn limit(found: &[Found], peer: usize, allowed: u64) -> i64 {
    let mut strangers = [0u64; 257];
    for distance in found.iter().flat_map(|one| &one.peers[peer].1) {
        strangers[*distance as usize] += 1;
    }
    let mut sum = 0;
    for (distance, count) in strangers.iter().enumerate() {
        sum += count;
        if sum > allowed {
            return distance as i64 - 1;
        }
    }
    109
}

fn medians(out: &mut impl Write, files: &[PathBuf]) -> io::Result<()> {
    let described = parallel(files.len(), |at| {
        let bytes = std::fs::read(&files[at]).expect("a picture is read");
        look(&bytes).map_or_else(Vec::new, |picture| deep::described(&picture.luma, POINTS_MAX))
    });
    let mut values = vec![Vec::new(); 128];
    for (_, histogram) in described.iter().flatten() {
        for (at, value) in histogram.iter().enumerate() {
            values[at].push(*value);
            values[deep::mirrored_place(at)].push(*value);
        }
    }
    writeln!(out, "of {} points:", values[0].len() / 2)?;
    for (at, values) in values.iter_mut().enumerate() {
        values.sort_by(f32::total_cmp);
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        let end = if at % 16 == 15 { ",\n" } else { ", " };
        write!(out, "{:.0}{end}", median * 4096.0)?;
    }
    Ok(())
}
