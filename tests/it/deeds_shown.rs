//! What the ledger shows of a picture through the real binary: disputes, claims side by side, what was taken out, exports, and the
//! words it never uses.

use std::fs;
use std::process::Output;

use serde_json::Value;

use super::deeds::{history, index_of, ok, refused, studio, words};
use super::run::code;

#[test]
fn disputes_are_shown_and_end_by_those_who_may_end_them() {
    let home = studio();
    fs::write(home.path("sketch"), "first").unwrap();
    let opened = ok(
        &home,
        "ledger dispute open 1 --ground first-registration --evidence sketch --key bob",
    );
    let index = index_of(&opened);
    let told = home.ok(["ledger", "history", "art.jpg"]);
    assert!(
        told.contains("Open dispute        entry 5  about entry 1: first-registration, by bob"),
        "{told}"
    );
    ok(&home, &format!("ledger dispute answer {index} --deny --key ada"));
    refused(
        &home,
        &format!("ledger dispute close {index} --outcome withdrawn --key ada"),
        "ledger.dispute.notOpener",
    );
    refused(
        &home,
        &format!("ledger dispute close {index} --outcome upheld --key carol"),
        "ledger.dispute.arbiter",
    );
    ok(
        &home,
        &format!("ledger dispute close {index} --outcome settled --key bob"),
    );
    refused(
        &home,
        &format!("ledger dispute close {index} --outcome withdrawn --key bob"),
        "ledger.dispute.closed",
    );
    let dispute = history(&home)["assets"][0]["disputes"][0].clone();
    assert_eq!(
        (&dispute["outcome"], &dispute["answers"][0]["stance"]),
        (&"settled".into(), &"denied".into())
    );
    assert_eq!(
        code(&home.run(words("ledger dispute open 99 --ground title --key bob"))),
        3
    );
    assert_eq!(
        code(&home.run(words("ledger dispute open 0 --ground title --key bob"))),
        2,
        "a key event"
    );
}

#[test]
fn the_same_content_by_two_keys_stands_side_by_side() {
    let home = studio();
    let bytes = fs::read(home.path("art.jpg")).unwrap();
    fs::write(home.path("again.jpg"), bytes).unwrap();
    home.ok(words(
        "sign again.jpg --source human -o twin.jpg --key bob --replace-metadata",
    ));
    let story = home.json(words("ledger history twin.jpg"), 0);
    let entries: Vec<&Value> = story["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["kind"])
        .collect();
    assert!(entries.iter().all(|kind| **kind == "asset.register"), "{story}");
}

#[test]
fn what_is_not_in_the_ledger_is_absent_with_exit_code_3() {
    let home = studio();
    home.fixture("images/lighthouse.jpg");
    let error = home.json(words("ledger offer lighthouse.jpg --to bob --key ada"), 3);
    assert_eq!(error["code"], "ledger.unregistered");
    assert_eq!(
        code(&home.run(words("ledger offer art.jpg --to nobody --key ada"))),
        2
    );
    assert_eq!(code(&home.run(words("ledger history lighthouse.jpg"))), 3);
    // The same pixels, in a file that nobody registered, are nobody's title.
    let error = home.json(words("ledger offer gradient.jpg --to bob --key ada"), 3);
    assert_eq!(error["code"], "ledger.only-pixels");
}

#[test]
fn the_log_redacts_with_its_own_key() {
    let home = studio();
    let told = ok(&home, "ledger redact 1 --ground erasure");
    assert_eq!(told["recorded"][0]["kind"], "redact");
    assert_eq!(code(&home.run(["audit", "home/data/default.ledger"])), 0);
}

#[test]
fn exports_parse_and_counts_add_up() {
    let home = studio();
    ok(&home, "ledger offer art.jpg --to bob --key ada -o offer");
    ok(&home, "ledger accept offer --yes --key bob");
    ok(&home, "ledger reserve art.jpg --no-training --key bob");
    ok(
        &home,
        "ledger license art.jpg --public --terms CC-BY-4.0 --key bob",
    );
    ok(&home, "ledger dispute open 1 --ground title --key carol");
    ok(&home, "key rotate bob");
    ok(&home, "key revoke carol --reason retired");
    ok(&home, "ledger redact 1 --ground policy");
    let lines = home.ok(["ledger", "export"]);
    let mut kinds = Vec::new();
    for (at, line) in lines.lines().enumerate() {
        super::schemas::assert_valid(line);
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["index"], at);
        assert!(!entry["says"].as_str().unwrap().is_empty(), "{entry}");
        kinds.push(entry["kind"].as_str().unwrap().to_owned());
    }
    for kind in [
        "key.incept",
        "key.rotate",
        "key.revoke",
        "asset.register",
        "title.offer",
        "title.accept",
        "licence.grant",
        "rights.reserve",
        "dispute.open",
        "redact",
    ] {
        assert!(kinds.iter().any(|one| one == kind), "{kind}: {kinds:?}");
    }
    let csv = home.ok(["ledger", "export", "--csv"]);
    let rows: Vec<usize> = csv.lines().map(columns).collect();
    assert_eq!(rows.len(), kinds.len() + 1);
    assert!(rows.iter().all(|row| *row == rows[0]), "{csv}");
    assert_eq!(
        home.ok(["ledger", "export", "--from", "3"]).lines().count(),
        kinds.len() - 3
    );
    let stats = ok(&home, "ledger stats");
    let counted: u64 = stats["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, stats["tree_size"].as_u64().unwrap());
}

/// Cells of a row of comma-separated values, quotes heeded.
fn columns(row: &str) -> usize {
    let mut quoted = false;
    let commas = row.chars().filter(|c| {
        quoted ^= *c == '"';
        *c == ',' && !quoted
    });
    commas.count() + 1
}

#[test]
fn nothing_that_people_read_calls_anyone_the_owner_or_the_author() {
    let home = studio();
    let mut read = String::new();
    let mut note = |output: Output| {
        read.push_str(&String::from_utf8_lossy(&output.stdout));
        read.push_str(&String::from_utf8_lossy(&output.stderr));
    };
    for line in [
        "ledger offer art.jpg --to bob --key ada -o offer",
        "ledger accept offer --look",
        "ledger accept offer --yes --key bob -o answer",
        "ledger take answer",
        "ledger offer art.jpg --to carol --key ada -o never",
        "ledger license art.jpg --public --terms CC-BY-4.0 --key bob",
        "ledger reserve art.jpg --no-training --key bob",
        "ledger dispute open 1 --ground title --key carol",
        "ledger history art.jpg",
        "ledger show",
        "ledger stats",
        "ledger export",
        "ledger export --csv",
        "key rotate bob",
        "key revoke bob --reason retired",
        "ledger offer --help",
        "ledger accept --help",
        "ledger history --help",
        "ledger license --help",
        "ledger reserve --help",
        "ledger dispute --help",
    ] {
        note(home.run(words(line)));
    }
    let found: Vec<&str> = read
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| {
            ["owner", "owners", "ownership", "author", "authors", "authentic"]
                .contains(&word.to_lowercase().as_str())
        })
        .collect();
    assert!(
        read.len() > 10_000 && read.contains("first recorded here") | read.contains("First recorded here")
    );
    assert_eq!(found, Vec::<&str>::new());
}
