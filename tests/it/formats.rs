//! The examples in the documentation of the formats are true: a stranger who writes a reader by them reads our files.

use byline::base::Timestamp;
use byline::base::digest::hex;
use byline::keys::CreatorKey;
use byline::ledger::frame::{Commit, Frame, FrameKind, HEADER_LEN, Header};
use byline::ledger::{
    KeyName, LogKey, LookupMode, RootHash, TreeSize, VerifiedCheckpoint, VerifierKey, append,
};

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

/// The key of the examples.
fn log() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[2; 32]),
    )
}

/// The code blocks of a file's own documentation after some words, as text.
fn blocks(source: &str, after: &str) -> Vec<String> {
    let mut lines = source.lines().filter_map(|line| line.strip_prefix("//!"));
    assert!(lines.any(|line| line.contains(after)), "{after}");
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in lines {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.starts_with("```")) {
            (None, true) => open = Some(String::new()),
            (Some(_), true) => blocks.extend(open.take()),
            (Some(block), false) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, false) => {}
        }
    }
    blocks
}

/// Signature lines begin with a dash that source files write as an escape.
fn dashed(text: &str) -> String {
    text.replace("\\u{2014} ", "\u{2014} ")
}

#[test]
fn the_header_and_the_commit_in_the_documentation_are_true() {
    let source = include_str!("../../src/ledger/frame.rs");
    let [note, commit, ..] = &blocks(source, "A true example")[..] else {
        panic!("no example");
    };
    let header = Header::write(&log(), NOW, LookupMode::Public, &[]).unwrap();
    let made = String::from_utf8(header.clone()).unwrap();
    assert_eq!(dashed(note), made.trim_end_matches('\0'));
    let first = append::first_commit(&header, &log(), NOW);
    let bytes = &first[header.len()..];
    assert_eq!(commit.split_whitespace().collect::<String>(), hex(bytes));
    let frame = Frame::parse(bytes).unwrap();
    let commit = Commit::parse(frame.payload).unwrap();
    assert_eq!((frame.kind, frame.len), (FrameKind::Commit, bytes.len()));
    assert_eq!((commit.size, commit.root), (TreeSize(0), RootHash::empty()));
    assert!(commit.is_sealed(log().verifier(), HEADER_LEN));
    assert!(commit.checkpoint(log().verifier()).is_some());
}

#[test]
fn the_checkpoint_in_the_documentation_is_true() {
    let source = include_str!("../../src/ledger/checkpoint.rs");
    let blocks = blocks(source, "Checkpoints:");
    let (made, _) = VerifiedCheckpoint::sign(TreeSize(0), RootHash::empty(), &log());
    assert_eq!(dashed(&blocks[0]), made.note());
    let key = VerifierKey::parse(&log().verifier().to_string()).unwrap();
    assert_eq!(VerifiedCheckpoint::open(&dashed(&blocks[0]), &key), Ok(made));
}

#[test]
fn the_note_in_the_documentation_is_true() {
    let source = include_str!("../../src/ledger/note.rs");
    let blocks = blocks(source, "A true example");
    let (key, note) = blocks[0].split_once("\n\n").unwrap();
    let note = dashed(note);
    let text = VerifierKey::parse(key).unwrap().open(&note).unwrap().to_owned();
    assert!(text.starts_with("If you think cryptography"));
    assert!(
        VerifierKey::parse(key)
            .unwrap()
            .open(&note.replace("answer", "Answer"))
            .is_err()
    );
}
