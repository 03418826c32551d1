//! Titles moved, licensed, reserved and disputed through the real binary: by files between two homes, and every illegal move
//! refused with the rule it breaks.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::run::{Home, both, code};

/// A minute that nobody had before: entries say when they were signed, and two equal ones are one.
fn tick() -> String {
    static MINUTES: AtomicU32 = AtomicU32::new(0);
    let minutes = MINUTES.fetch_add(1, Ordering::Relaxed);
    format!(
        "2030-05-{:02}T{:02}:{:02}:00Z",
        1 + minutes / 1440,
        minutes / 60 % 24,
        minutes % 60
    )
}

/// A home with keys ada, bob and carol, all trusted, and a picture each that ada (entry 1) and carol (entry 3) registered.
pub fn studio() -> Home {
    let home = Home::new();
    for name in ["ada", "bob", "carol"] {
        home.ok(words(&format!("key new --name {name} --as {name} --unencrypted")));
        let file = format!("{name}.pub");
        home.ok(["key", "export", name, "--public", "-o", &file]);
        home.ok(["trust", "add", &file, "--name", name]);
    }
    register(&home, "art.jpg", "ada");
    register(&home, "carols.jpg", "carol");
    home
}

fn register(home: &Home, to: &str, key: &str) {
    home.fixture("images/gradient.jpg");
    home.ok(words(&format!(
        "sign gradient.jpg --source ai -o {to} --key {key}"
    )));
}

/// The words of a command line, at a time of its own. Signing and making keys ask the real clock, so they come first.
pub fn words(line: &str) -> Vec<String> {
    let has_own = ["@", "sign ", "key new "]
        .iter()
        .any(|start| line.starts_with(start));
    let at = if has_own {
        String::new()
    } else {
        format!("@{} ", tick())
    };
    format!("{at}{line}").split(' ').map(str::to_owned).collect()
}

pub fn ok(home: &Home, line: &str) -> Value {
    home.json(words(line), 0)
}

/// Runs a move that must be refused with exit code 1 and this rule; people get the rule's sentence and a remedy.
pub fn refused(home: &Home, line: &str, rule: &str) {
    let error = home.json(words(line), 1);
    assert_eq!(error["code"], rule, "{line}: {error}");
    assert!(error["why"].is_string() && error["fix"].is_string(), "{error}");
    let before = fs::read(ledger(home)).unwrap();
    let told = home.run(words(line));
    assert_eq!(code(&told), 1, "{}", both(&told));
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(said.contains("  why: ") && said.contains("  do:  "), "{said}");
    assert_eq!(
        fs::read(ledger(home)).unwrap(),
        before,
        "{line} changed the ledger"
    );
}

fn ledger(home: &Home) -> PathBuf {
    home.path("home/data/default.ledger")
}

pub fn history(home: &Home) -> Value {
    ok(home, "ledger history art.jpg")
}

/// Holders of the only title: name, basis points.
fn holders(report: &Value) -> Vec<(String, u64)> {
    let title = &report["assets"][0]["titles"][0];
    let holders = title["holders"].as_array().unwrap();
    let one = |holder: &Value| {
        let name = holder["who"]["known_as"].as_str().unwrap_or("?").to_owned();
        (name, holder["basis_points"].as_u64().unwrap())
    };
    holders.iter().map(one).collect()
}

pub fn index_of(report: &Value) -> u64 {
    let recorded = report["recorded"].as_array().unwrap();
    recorded.last().unwrap()["index"].as_u64().unwrap()
}

#[test]
fn two_people_on_two_machines_move_a_title_by_files() {
    let (ada, bob) = (Home::with_key(), Home::new());
    bob.ok(["key", "new", "--name", "bob", "--as", "Bob", "--unencrypted"]);
    bob.ok(["key", "export", "bob", "--public", "-o", "bob.pub"]);
    carry(&bob, "bob.pub", &ada);
    carry(&ada, "ada.pub", &bob);
    bob.ok(["trust", "add", "ada.pub", "--name", "ada"]);
    ada.ok(["trust", "add", "bob.pub", "--name", "bob"]);
    register(&ada, "art.jpg", "ada");

    let offered = ok(
        &ada,
        "ledger offer art.jpg --to bob.pub --share 33.34% --expires 2099-12-31 -o to-bob",
    );
    assert_eq!(offered["done"], "offered");
    assert_eq!(offered["asset"]["titles"][0]["offers"][0]["basis_points"], 3334);
    assert_eq!(holders(&history(&ada)), [("ada".to_owned(), 10_000)]);

    carry(&ada, "to-bob", &bob);
    let seen = bob.ok(["ledger", "accept", "to-bob", "--look"]);
    assert!(
        seen.contains("ada offers 33.34 % of the title") && seen.contains("Not checked"),
        "{seen}"
    );
    let unasked = bob.run(["ledger", "accept", "to-bob"]);
    assert_eq!(code(&unasked), 2, "nobody sits at a terminal: {}", both(&unasked));
    assert!(!bob.path("to-bob.answer").exists());
    let accepted = ok(&bob, "ledger accept to-bob --yes");
    assert_eq!(
        (&accepted["done"], &accepted["written"]),
        (&"accepted".into(), &"to-bob.answer".into())
    );
    assert_eq!(accepted["recorded"].as_array().unwrap().len(), 0);

    carry(&bob, "to-bob.answer", &ada);
    let taken = ok(&ada, "ledger take to-bob.answer");
    let kinds: Vec<&Value> = taken["recorded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["key.incept", "title.accept"]);
    let after = [("ada".to_owned(), 6666), ("bob".to_owned(), 3334)];
    assert_eq!(holders(&history(&ada)), after);

    // The same answer again changes nothing; the same offer accepted anew is refused.
    let again = ok(&ada, "ledger take to-bob.answer");
    assert!(
        again["recorded"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["already"] == true)
    );
    assert_eq!(holders(&history(&ada)), after);
    let words = ada.ok(["ledger", "history", "art.jpg"]);
    assert!(
        words.contains("bob accepts the offer of entry 2; the title moves"),
        "{words}"
    );
    assert!(words.contains("Recorded holder     66.66 %  ada"), "{words}");
    assert_eq!(code(&ada.run(["audit", "home/data/default.ledger"])), 0);

    // Before the transfer the history says what it said then.
    let then = ok(&ada, "ledger history art.jpg --as-of 3");
    assert_eq!(holders(&then), [("ada".to_owned(), 10_000)]);
    assert_eq!(then["as_of"], 3);
}

fn carry(from: &Home, name: &str, to: &Home) {
    fs::copy(from.path(name), to.path(name)).unwrap();
}

#[test]
fn on_one_machine_the_title_moves_at_once() {
    let home = studio();
    ok(&home, "ledger offer art.jpg --to bob --key ada -o offer");
    let accepted = ok(&home, "ledger accept offer --yes --key bob");
    assert_eq!(accepted["written"], Value::Null);
    assert_eq!(holders(&history(&home)), [("bob".to_owned(), 10_000)]);
    // A verdict says so in a line.
    ok(&home, "ledger dispute open 1 --ground title --key carol");
    ok(&home, "ledger offer art.jpg --to carol --key bob -o back");
    let verdict = home.json(["verify", "art.jpg"], 0);
    assert_eq!(
        verdict["ledger"]["title"],
        "recorded holder as of entry 6: bob; offered with entry 8; disputed with entry 7"
    );
    assert!(
        home.ok(["verify", "art.jpg"])
            .contains("  Title               recorded holder as of entry 6: bob")
    );
}

#[test]
fn a_changed_hand_over_file_is_not_believed() {
    let home = studio();
    ok(&home, "ledger offer art.jpg --to bob --key ada -o offer");
    let text = fs::read_to_string(home.path("offer")).unwrap();
    let flip = |line: &str| {
        // The last character of the line's second word but one, well inside what is hashed or signed.
        let place = line.len() / 2;
        let other = if line.as_bytes()[place] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &line[..place], &line[place + 1..])
    };
    let mut seen = 0;
    for start in [
        "checkpoint ",
        "entry 0 ",
        "entry 1 ",
        "entry 4 ",
        "names ",
        "log ",
    ] {
        let line = text.lines().find(|line| line.starts_with(start)).unwrap();
        fs::write(home.path("changed"), text.replace(line, &flip(line))).unwrap();
        let output = home.run(words("ledger accept changed --yes --key bob"));
        assert!([1, 4].contains(&code(&output)), "{start}: {}", both(&output));
        seen += 1;
    }
    assert_eq!(seen, 6);
    for cut in 0..text.lines().count() {
        let shorter: Vec<&str> = text
            .lines()
            .enumerate()
            .filter(|(at, _)| *at != cut)
            .map(|(_, line)| line)
            .collect();
        fs::write(home.path("changed"), shorter.join("\n")).unwrap();
        let output = home.run(words("ledger accept changed --yes --key bob"));
        let is_comment = text.lines().nth(cut).unwrap().starts_with('#');
        if !is_comment {
            assert_ne!(code(&output), 0, "line {cut} left out: {}", both(&output));
        }
    }
    assert_eq!(
        holders(&history(&home)),
        [("bob".to_owned(), 10_000)],
        "only the comment was left out"
    );
}

#[test]
fn an_answer_goes_to_its_own_ledger_and_holds_nothing_else() {
    let home = studio();
    ok(&home, "ledger offer art.jpg --to bob --key ada -o offer");
    ok(&home, "ledger accept offer --yes --key bob -o answer");
    home.ok(["ledger", "init", "other.ledger"]);
    let error = home.json(words("ledger take answer --ledger other.ledger"), 1);
    assert_eq!(error["code"], "handover.other-log");
    assert_eq!(
        home.json(words("ledger take offer"), 4)["code"],
        "handover.unusable"
    );
    assert_eq!(
        home.json(words("ledger accept answer --yes"), 4)["code"],
        "handover.unusable"
    );
    // An answer into which somebody put another entry of the log.
    let answer = fs::read_to_string(home.path("answer")).unwrap();
    let offer = fs::read_to_string(home.path("offer")).unwrap();
    let entry = offer.lines().find(|line| line.starts_with("entry 4 ")).unwrap();
    let entry = entry.split(' ').nth(2).unwrap();
    fs::write(home.path("stuffed"), format!("{answer}entry - {entry} -\n")).unwrap();
    assert_eq!(
        home.json(words("ledger take stuffed"), 4)["code"],
        "handover.unusable"
    );
    ok(&home, "ledger take answer");
}

#[test]
fn illegal_moves_of_titles_are_refused_with_their_rule() {
    let home = studio();
    refused(
        &home,
        "ledger offer art.jpg --to carol --key bob -o never",
        "ledger.title.notHolder",
    );
    ok(
        &home,
        "ledger offer art.jpg --to bob --share 60% --key ada -o to-bob",
    );
    ok(
        &home,
        "ledger offer art.jpg --to carol --share 60% --key ada -o to-carol",
    );
    refused(
        &home,
        "ledger accept to-bob --yes --key carol",
        "ledger.title.notRecipient",
    );
    ok(&home, "ledger accept to-bob --yes --key bob");
    // The same share twice: the first acceptance took it.
    refused(
        &home,
        "ledger accept to-carol --yes --key carol",
        "ledger.title.offerSpent",
    );
    // A replay of an acceptance that stands.
    refused(
        &home,
        "ledger accept to-bob --yes --key bob",
        "ledger.title.offerSpent",
    );
    refused(
        &home,
        "ledger offer art.jpg --to carol --share 60.01% --key bob -o never",
        "ledger.title.offerTooMuch",
    );
    refused(
        &home,
        "ledger offer art.jpg --to bob --share 4000 --expires 2001-01-01 --key ada -o never",
        "ledger.title.late",
    );
    // What moved away is not held any more.
    ok(&home, "ledger offer art.jpg --to bob --key ada -o rest");
    ok(&home, "ledger accept rest --yes --key bob");
    refused(
        &home,
        "ledger offer art.jpg --to carol --key ada -o never",
        "ledger.title.notHolder",
    );
    assert!(!home.path("never").exists());
    // Revoked and rotated keys move nothing.
    ok(&home, "ledger offer art.jpg --to carol --key bob -o by-bob");
    ok(&home, "key revoke bob --reason retired");
    refused(
        &home,
        "ledger offer art.jpg --to carol --key bob -o never",
        "ledger.key.ended",
    );
    refused(
        &home,
        "key revoke bob --reason retired",
        "ledger.key.revokedTwice",
    );
    ok(&home, "key revoke bob --reason compromised --as-of 2");
    refused(
        &home,
        "ledger accept by-bob --yes --key carol",
        "ledger.title.offerSuspect",
    );
    let story = history(&home);
    assert!(
        story["assets"][0]["titles"][0]["contested_since"].is_u64(),
        "{story}"
    );
    let told = home.ok(["ledger", "history", "art.jpg"]);
    assert!(told.contains("SUSPECT") && told.contains("Contested"), "{told}");
    // Out of time, last, as the log's clock does not go back.
    ok(
        &home,
        "ledger offer carols.jpg --to ada --expires 2098-01-01 --key carol -o late",
    );
    refused(
        &home,
        "@2099-01-01T00:00:00Z ledger accept late --yes --key ada",
        "ledger.title.late",
    );
}

#[test]
fn licences_of_joint_holders_wait_for_each_and_do_not_overlap() {
    let home = studio();
    ok(
        &home,
        "ledger offer art.jpg --to bob --share 50% --key ada -o half",
    );
    ok(&home, "ledger accept half --yes --key bob");
    let grant = "ledger license art.jpg --to carol --terms CC-BY-4.0 --exclusive --territory DE --from 2026-07-01 --until 2027-06-30";
    let first = ok(&home, &format!("{grant} --key ada"));
    let title = &first["asset"]["titles"][0];
    assert_eq!(
        (
            title["licences"].as_array().unwrap().len(),
            title["waiting"].as_array().unwrap().len()
        ),
        (0, 1)
    );
    let second = ok(&home, &format!("{grant} --key bob"));
    let title = &second["asset"]["titles"][0];
    assert_eq!(
        (
            title["licences"].as_array().unwrap().len(),
            title["waiting"].as_array().unwrap().len()
        ),
        (1, 0)
    );
    assert_eq!(title["licences"][0]["territories"][0], 276);
    let over = "ledger license art.jpg --to ada --terms CC0-1.0 --exclusive --from 2027-06-30 --key ada";
    refused(&home, over, "ledger.licence.overlap");
    refused(
        &home,
        "ledger license art.jpg --public --terms CC0-1.0 --key carol",
        "ledger.title.notHolder",
    );
    let index = index_of(&second);
    let stranger = ok(
        &home,
        "ledger license carols.jpg --public --terms CC0-1.0 --key carol",
    );
    refused(
        &home,
        &format!("ledger license --end {} --key ada", index_of(&stranger)),
        "ledger.entry.notParty",
    );
    ok(&home, &format!("ledger license --end {index} --key carol"));
    refused(
        &home,
        &format!("ledger license --end {index} --key ada"),
        "ledger.licence.ended",
    );
    refused(
        &home,
        "ledger license --end 1 --key ada",
        "ledger.entry.wrongKind",
    );
    fs::write(home.path("contract.txt"), "as agreed").unwrap();
    let by_file = ok(
        &home,
        "ledger license art.jpg --to carol --terms contract.txt --key ada",
    );
    let terms = byline::base::Digest::of(b"as agreed").hex();
    let licences = by_file["asset"]["titles"][0]["licences"]
        .as_array()
        .unwrap()
        .clone();
    assert!(licences.iter().any(|one| one["terms"] == terms), "{licences:?}");
}

#[test]
fn a_reservation_falls_when_every_holder_lifts_it() {
    let home = studio();
    ok(
        &home,
        "ledger offer art.jpg --to bob --share 50% --key ada -o half",
    );
    ok(&home, "ledger accept half --yes --key bob");
    let reserved = ok(&home, "ledger reserve art.jpg --no-training --key bob");
    let uses = &reserved["asset"]["titles"][0]["reservations"][0]["uses"];
    assert_eq!(uses[0], "cawg.ai_training: notAllowed");
    assert_eq!(uses[1], "cawg.ai_generative_training: notAllowed");
    let index = index_of(&reserved);
    refused(
        &home,
        &format!("ledger reserve --lift {index} --key carol"),
        "ledger.title.notHolder",
    );
    ok(&home, &format!("ledger reserve --lift {index} --key bob"));
    assert_eq!(
        history(&home)["assets"][0]["titles"][0]["reservations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    refused(
        &home,
        &format!("ledger reserve --lift {index} --key bob"),
        "ledger.rights.lifted",
    );
    ok(&home, &format!("ledger reserve --lift {index} --key ada"));
    assert_eq!(
        history(&home)["assets"][0]["titles"][0]["reservations"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    refused(
        &home,
        "ledger reserve art.jpg --no-mining --key carol",
        "ledger.title.notHolder",
    );
}
