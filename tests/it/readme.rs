//! The README tells the truth: its transcript is what the tour prints, and its commands are the ones that are run.

use std::fs;
use std::path::Path;

use super::run::{Home, both, code};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Whether a line fits a pattern in which `[..]` stands for anything.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut last = first;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || (pattern.ends_with("[..]") && last.is_empty())
}

#[test]
fn the_transcript_is_what_the_tour_prints() {
    let home = Home::new();
    let output = home.run(["tour"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    let block = block("transcript");
    assert!(block.lines().count() > 20, "the transcript is there");
    is_printed(&block, &printed);
}

/// The transcript after a mark.
fn block(mark: &str) -> String {
    let readme = readme();
    let start = format!("<!-- {mark} -->\n\n```text\n");
    let block = readme.split(&start).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Fails unless every line of the block is printed, in its order.
fn is_printed(block: &str, printed: &str) {
    let mut printed = printed.lines();
    for wanted in block.lines().filter(|line| *line != "[...]") {
        assert!(
            printed.by_ref().any(|line| fits(wanted, line)),
            "not printed, at its place:\n{wanted}"
        );
    }
}

/// Runs the commands of the auditors' transcript and compares what they print, line by line.
#[test]
fn the_auditors_transcript_is_what_is_printed() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    fs::copy(home.path("home/data/default.ledger"), home.path("older.ledger")).unwrap();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "other.jpg", "--source", "ai"]);
    let readme = readme();
    let block = readme.split("<!-- audits -->\n\n```text\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let mut printed: Vec<String> = Vec::new();
    let mut commands = 0;
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ byline ") {
            let output = home.run(command.split(' '));
            let text = String::from_utf8(output.stdout).unwrap();
            printed = text.lines().rev().map(str::to_owned).collect();
            printed.insert(0, format!("(exit code {})", output.status.code().unwrap()));
            commands += 1;
        } else if line != "[...]" {
            let found = std::iter::from_fn(|| printed.pop()).any(|one| fits(line, &one));
            assert!(found, "not printed at its place:\n{line}");
        }
    }
    assert_eq!(commands, 4);
}

#[test]
fn the_transcript_of_proofs_is_what_the_commands_print() {
    let home = Home::with_key();
    for name in ["lighthouse.jpg", "gradient.jpg"] {
        home.fixture(&format!("images/{name}"));
    }
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let shown = home.json(["ledger", "show"], 0);
    let key = shown["log_key"].as_str().unwrap();
    let block = block("proofs");
    let mut printed = String::new();
    for command in block.lines().filter_map(|line| line.strip_prefix("$ byline ")) {
        let words = command
            .split(' ')
            .map(|word| if word == "KEY" { key } else { word });
        printed += &["$ byline ", command, "\n", &home.ok(words)].concat();
    }
    is_printed(&block, &printed);
}

#[test]
fn the_transcript_of_a_search_is_what_find_prints() {
    let home = Home::with_key();
    let lighthouse = home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let picture = image::open(lighthouse).unwrap().fliph();
    let (width, height) = (picture.width() * 2 / 3, picture.height() * 2 / 3);
    let copy = picture.resize(width, height, image::imageops::FilterType::Triangle);
    copy.save(home.path("copy.jpg")).unwrap();
    let output = home.run(["find", "copy.jpg"]);
    let printed = [
        "$ byline find copy.jpg\n",
        &String::from_utf8_lossy(&output.stdout),
        &format!("(exit code {})", code(&output)),
    ]
    .concat();
    is_printed(&block("finds"), &printed);
}

#[test]
fn a_tour_can_be_taken_again_but_takes_no_folder_of_others() {
    let home = Home::new();
    home.ok(["tour", "walk"]);
    home.ok(["tour", "walk"]);
    fs::create_dir(home.path("mine")).unwrap();
    fs::write(home.path("mine/precious"), b"x").unwrap();
    let output = home.run(["tour", "mine"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(home.path("mine/precious").exists());
}

#[test]
fn the_two_commands_are_the_ones_that_ci_and_this_test_run() {
    let readme = readme();
    let ci = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    assert!(readme.contains("cargo run --release --ignore-rust-version -- tour"));
    assert!(readme.contains("\ncargo test --ignore-rust-version\n"));
    assert!(ci.contains("cargo test --ignore-rust-version"));
}

#[test]
fn wildcards_stand_for_anything_and_nothing_else_does() {
    assert!(fits("a [..] c", "a b c") && fits("a[..]", "abc") && fits("abc", "abc"));
    assert!(!fits("abc", "abcd") && !fits("a[..]d", "abc") && !fits("b", "abc"));
}

#[test]
fn the_explanation_shown_is_the_one_that_is_printed() {
    let home = Home::new();
    let readme = readme();
    let (_, block) = readme
        .split_once("$ byline explain claimSignature.outsideValidity\n")
        .unwrap();
    let block = block.split("```").next().unwrap();
    assert_eq!(home.ok(["explain", "claimSignature.outsideValidity"]), block);
}
