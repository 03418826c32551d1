//! Verifying in process against the C2PA SDK alone: what byline's own look at container, coverage, time, lists, making and rights costs.
//!
//! `cargo bench --ignore-rust-version --bench sdk`. Both sides read the same files from disk, in turns, one after the other on one
//! thread; the SDK offline, its context made once: without a trust list, and with those that byline ships. Ours is the whole verdict of `verify`, without a ledger and
//! without the signed thumbnail, which is looked at where a file is changed, or when asked: changed files stand in a row of their own.
//! Files: JPEGs of 1 and 12 MP drawn and signed here, and the signed files of `BYLINE_CORPUS` or `../shared/corpus`. Medians of 15
//! rounds. `BYLINE_SDK_EACH=1` adds a row for each real file.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use byline::app::request::{Beside, LedgerChoice, ListChoice, VerifyRequest};
use byline::app::{App, SystemClock, verify};
use byline::asset::Format;
use byline::keys::lists::{ListKind, TrustList};
use byline::keys::pem::certificate_text;
use byline::report::verify::{Requirement, ResultWord};
use c2pa::{Context, Reader};

mod inside;

use inside::{median, timed};

const ROUNDS: usize = 15;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let contexts = [context(&serde_json::json!({})), context(&shipped())];
    println!(
        "{:<40}{:>6}{:>10}{:>12}{:>10}{:>8}{:>12}   wanted at most 1.5",
        "", "files", "SDK ms", "with lists", "byline", "/ SDK", "/ with lists"
    );
    let mut sets = vec![
        ("1 MP", drawn(dir.path(), "one", (1152, 864), 40)),
        ("12 MP", drawn(dir.path(), "twelve", (4000, 3000), 8)),
    ];
    let corpus = corpus(&contexts[0]);
    if corpus.is_empty() {
        println!("no corpus of real files: set BYLINE_CORPUS");
    } else {
        let app = inside::app(&dir.path().join("home"), SystemClock);
        let is_changed = |file: &PathBuf| words(&app, std::slice::from_ref(file)) == [ResultWord::Changed];
        let (changed, whole): (Vec<PathBuf>, Vec<PathBuf>) = corpus.into_iter().partition(is_changed);
        if std::env::var_os("BYLINE_SDK_EACH").is_some() {
            each(dir.path(), &contexts, &whole);
            each(dir.path(), &contexts, &changed);
        }
        sets.push(("real files", whole));
        sets.push(("real, changed", changed));
    }
    for (name, files) in sets {
        compare(dir.path(), &contexts, name, &files);
    }
}

fn each(home: &Path, contexts: &[Arc<Context>; 2], files: &[PathBuf]) {
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy();
        compare(home, contexts, &name, std::slice::from_ref(file));
    }
}

fn compare(home: &Path, contexts: &[Arc<Context>; 2], name: &str, files: &[PathBuf]) {
    let app = inside::app(&home.join("home"), SystemClock);
    let (mut theirs, mut listed, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (context, times) in contexts.iter().zip([&mut theirs, &mut listed]) {
            times.push(timed(|| {
                for file in files {
                    let _ = std::hint::black_box(by_sdk(context, file));
                }
            }));
        }
        ours.push(timed(|| {
            std::hint::black_box(words(&app, files));
        }));
    }
    let each = |times: Vec<Duration>| median(times).as_secs_f64() * 1e3 / files.len() as f64;
    let (theirs, listed, ours) = (each(theirs), each(listed), each(ours));
    println!(
        "{name:<40}{:>6}{theirs:>10.3}{listed:>12.3}{ours:>10.3}{:>8.2}{:>12.2}",
        files.len(),
        ours / theirs,
        ours / listed
    );
}

/// The lists that byline ships, as the SDK takes them: it trusts nobody by itself.
fn shipped() -> serde_json::Value {
    let certificates = [ListKind::C2pa, ListKind::Interim, ListKind::Tsa]
        .iter()
        .flat_map(|kind| TrustList::shipped(*kind).unwrap().certificates);
    let pem: String = certificates.map(|der| certificate_text(&der)).collect();
    serde_json::json!({ "anchors": [{ "trust_anchors": pem, "trust_uri": "lists", "trust_kind": "manifest" }] })
}

fn context(trust: &serde_json::Value) -> Arc<Context> {
    let context = Context::new().with_settings(serde_json::json!({
        "version": 1,
        "trust": trust,
        "verify": { "ocsp_fetch": false, "remote_manifest_fetch": false },
        "core": { "allowed_network_hosts": [] },
    }));
    context.unwrap().into_shared()
}

fn by_sdk(context: &Arc<Context>, file: &Path) -> Option<c2pa::ValidationState> {
    let bytes = std::fs::read(file).unwrap();
    let format = Format::detect(&bytes)?;
    let reader = Reader::from_shared_context(context).with_stream(format.mime(), Cursor::new(bytes));
    Some(reader.ok()?.validation_state())
}

fn words(app: &App, files: &[PathBuf]) -> Vec<ResultWord> {
    let request = VerifyRequest {
        inputs: files.to_vec(),
        beside: Beside::Nothing,
        ledger: LedgerChoice::None,
        extra_trust: Vec::new(),
        lists: ListChoice::Asked,
        manifest: None,
        online: false,
        proof: None,
        whom: None,
        thumbnail: false,
        heatmap: None,
        require: Requirement::Trusted,
        jobs: Some(NonZeroUsize::MIN),
    };
    let mut seen = Vec::with_capacity(files.len());
    verify::verify(app, &request, &mut |item| {
        seen.extend(item.result.iter().map(|report| report.result));
        verify::Rest::AsAsked
    })
    .unwrap();
    assert_eq!(seen.len(), files.len());
    seen
}

/// Film grain on gradients, each picture signed by the binary.
fn drawn(dir: &Path, name: &str, (width, height): (u32, u32), count: usize) -> Vec<PathBuf> {
    let (plain, signed) = (dir.join(format!("{name}-plain")), dir.join(name));
    std::fs::create_dir(&plain).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for n in 0..count {
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let grain = (state % 25) as i32 - 12;
            let light = [
                x * 200 / width,
                y * 200 / height,
                (x + y) * 100 / (width + height),
            ];
            image::Rgb(light.map(|value| (value as i32 + 28 + grain).clamp(0, 255) as u8))
        });
        picture.save(plain.join(format!("{n:03}.jpg"))).unwrap();
    }
    let byline = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byline"));
        command.env_clear().env("BYLINE_HOME", dir.join("home"));
        command.args(words).output().unwrap()
    };
    byline(&["key", "new", "--name", "a", "--as", "A", "--unencrypted"]);
    let (from, to) = (plain.to_str().unwrap(), format!("{}/", signed.display()));
    let done = byline(&["sign", from, "-o", &to, "--source", "ai", "--no-ledger"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    files(&signed)
}

/// The files of the corpus that the SDK finds a manifest in.
fn corpus(context: &Arc<Context>) -> Vec<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("BYLINE_CORPUS").map_or(beside, PathBuf::from);
    let mut all = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for path in files(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if by_sdk(context, &path).is_some() {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}
