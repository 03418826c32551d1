//! The writer that tests/judges/crash.sh interrupts, and the check of what is left.
//!
//! `write FOLDER` appends to a ledger there without end, one to sixteen entries a commit, and prints `INDEX ID` for each once
//! it is acknowledged. `check FOLDER ACKNOWLEDGED` opens the ledger as the next writer does and looks for every line of that
//! file in it; `audit FOLDER` audits it whole. Exit 1 says that something is missing or wrong.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::exit,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a program for a test script: it may fail loudly"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use byline::ledger::audit::{Options, audit};
use byline::ledger::{Entry, LeafIndex, LookupMode};
use byline::store::{LedgerFile, NewLedger, Places, StoreError};

mod entries;

use entries::NOW;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let verdict = match words.as_slice() {
        ["write", folder] => write(Path::new(folder)),
        ["check", folder, acknowledged] => check(Path::new(folder), Path::new(acknowledged)),
        ["audit", folder] => whole(Path::new(folder)),
        _ => {
            println!("for tests/judges/crash.sh: write FOLDER | check FOLDER ACKNOWLEDGED | audit FOLDER");
            return;
        }
    };
    if let Err(wrong) = verdict {
        println!("{wrong}");
        std::process::exit(1);
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("w.ledger")
}

fn open(folder: &Path) -> Result<LedgerFile, StoreError> {
    let places = Places {
        log_key: folder.join("log.key"),
        state: folder.join("state"),
    };
    if path(folder).exists() {
        return LedgerFile::open_write(&path(folder), &places, 5000);
    }
    let new = NewLedger {
        origin: "crash.example/ledger",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [1; 32],
        secret: [2; 32],
        now: NOW,
    };
    LedgerFile::create(&path(folder), &places, &new)
}

fn write(folder: &Path) -> Result<(), String> {
    let key = entries::keys(1).remove(0);
    loop {
        let mut ledger = open(folder).map_err(|error| error.to_string())?;
        // Opened again now and then: what closing leaves is written under fire too.
        for _ in 0..40 {
            let size = ledger.size().0;
            let batch: Vec<Entry> = match size {
                0 => vec![entries::incept(&key)],
                _ => (size..=size + size.wrapping_mul(7) % 16)
                    .map(|n| entries::entry(&key, n))
                    .collect(),
            };
            let receipts = ledger.append(&batch, NOW).map_err(|error| error.to_string())?;
            let mut lines = String::new();
            for receipt in receipts {
                writeln!(lines, "{} {}", receipt.index, receipt.id.hex()).unwrap();
            }
            std::io::stdout().write_all(lines.as_bytes()).unwrap();
        }
    }
}

fn check(folder: &Path, acknowledged: &Path) -> Result<(), String> {
    let ledger = open(folder).map_err(|error| error.to_string())?;
    let text = std::fs::read_to_string(acknowledged).unwrap();
    // A line that the kill cut short was not printed.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for line in whole.lines() {
        let (index, id) = line.split_once(' ').unwrap();
        let entry = ledger
            .entry(LeafIndex(index.parse().unwrap()))
            .map_err(|error| format!("entry {index} was acknowledged: {error}"))?;
        if entry.id().hex() != id {
            return Err(format!("entry {index} was acknowledged as {id}, and is another"));
        }
    }
    let tail = ledger.torn_tail().map_or(0, |tail| tail.bytes);
    println!("{} {} {tail}", whole.lines().count(), ledger.size());
    Ok(())
}

fn whole(folder: &Path) -> Result<(), String> {
    let file = std::fs::File::open(path(folder)).map_err(|error| error.to_string())?;
    let options = Options {
        threads: 2,
        ..Options::default()
    };
    let audit = audit(file, &options, &mut |_| ()).unwrap();
    println!("{} entries in {} commits", audit.size, audit.commits);
    match audit.findings.first() {
        None => Ok(()),
        Some(finding) => Err(format!("offset {}: {}", finding.place.offset, finding.rule)),
    }
}
