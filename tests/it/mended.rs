//! Refusals whose remedy can be followed, and what a report must not leave out.

use std::process::Output;

use super::run::{Home, both, code};

/// What was said, with single spaces.
fn said(output: &Output) -> String {
    both(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(home: &Home, words: &[&str], wanted: i32) -> String {
    let output = home.run(words);
    let text = said(&output);
    assert_eq!(code(&output), wanted, "{words:?} {text}");
    assert!(text.contains(" do: "), "{words:?} {text}");
    text
}

/// `a.jpg` by ada, entry 1 of the default ledger.
fn studio() -> Home {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "a.jpg", "--source", "human"]);
    home
}

fn add_key(home: &Home, name: &str) {
    home.ok(["key", "new", "--name", name, "--unencrypted"]);
    home.ok(["key", "export", name, "--public", "-o", &format!("{name}.pub")]);
    home.ok(["trust", "add", &format!("{name}.pub"), "--name", name]);
}

/// A ledger with a commit dated ahead takes no entry until then.
#[test]
fn another_time_than_now_is_refused_where_something_is_dated_and_taken_where_one_looks() {
    let home = studio();
    let ledger = std::fs::read(home.path("home/data/default.ledger")).unwrap();
    for words in [
        &["sign", "gradient.jpg", "-o", "b.jpg", "--source", "human"][..],
        &["key", "new", "--name", "x", "--unencrypted"],
        &["ledger", "init", "n.ledger"],
        &["ledger", "license", "a.jpg", "--public", "--terms", "CC0-1.0"],
        &["ledger", "reserve", "a.jpg", "--no-training"],
        &["ledger", "root"],
        &["ledger", "redact", "1", "--ground", "erasure"],
        &["ledger", "prove", "a.jpg", "--cose", "a.cose"],
    ] {
        let words = [&["--at", "2040-01-01T00:00:00Z"], words].concat();
        let text = refused(&home, &words, 2);
        assert!(
            text.contains("`--at` is not for a command that signs or records"),
            "{text}"
        );
    }
    assert!(!home.path("b.jpg").exists() && !home.path("n.ledger").exists());
    assert_eq!(
        std::fs::read(home.path("home/data/default.ledger")).unwrap(),
        ledger
    );
    for words in [
        &["verify", "a.jpg"][..],
        &["ledger", "history", "a.jpg"],
        &["ledger", "prove", "a.jpg"],
        &["audit", "home/data/default.ledger"],
    ] {
        home.ok([&["--at", "2030-01-01T00:00:00Z"], words].concat());
    }
}

#[test]
fn an_audit_names_a_ledger_that_is_dated_later_than_its_own_clock() {
    let home = studio();
    let words = [
        "audit",
        "home/data/default.ledger",
        "--at",
        "2020-01-01T00:00:00Z",
    ];
    let report = home.json(words, 0);
    assert_eq!(report["findings"][0]["rule"], "ledger.commit.ahead", "{report}");
    assert_eq!(report["findings"][0]["weight"], "note");
    assert!(
        report["sentence"]
            .as_str()
            .unwrap()
            .ends_with("nothing is missing up to size 2"),
        "{report}"
    );
}

#[test]
fn who_has_the_ledger_without_its_log_key_is_told_who_appends() {
    let home = studio();
    let other = Home::with_key();
    for (from, to) in [("a.jpg", "a.jpg"), ("home/data/default.ledger", "l.ledger")] {
        std::fs::copy(home.path(from), other.path(to)).unwrap();
    }
    let words = [
        "ledger",
        "reserve",
        "a.jpg",
        "--no-training",
        "--ledger",
        "l.ledger",
    ];
    let text = refused(&other, &words, 4);
    assert!(
        text.contains("this machine does not have the log's own key"),
        "{text}"
    );
    assert!(
        text.contains("its keeper") && text.contains("byline ledger take"),
        "{text}"
    );
}

#[test]
fn a_published_directory_that_a_disk_changed_is_named_and_made_good() {
    let home = studio();
    home.ok(["ledger", "publish", "www"]);
    let tile = home.path("www/tile/0/000.p/2");
    let entries = home.path("www/tile/entries/000.p/2");
    let longer = [std::fs::read(&tile).unwrap(), vec![1, 2]].concat();
    let mut changed = std::fs::read(&entries).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    for (file, bytes, rule) in [
        (&tile, longer, "ledger.published.changed"),
        (&entries, changed, "ledger.published.changed"),
        (
            &home.path("www/log.header"),
            vec![0xff, 0xfe],
            "ledger.published.header",
        ),
        (
            &home.path("www/checkpoint"),
            vec![0xff, 0xfe],
            "ledger.published.checkpoint",
        ),
    ] {
        std::fs::write(file, bytes).unwrap();
        let report = home.json(["audit", "www"], 1);
        assert_eq!(report["findings"][0]["rule"], rule, "{report}");
        let remedy = report["findings"][0]["remedy"].as_str().unwrap();
        assert!(remedy.contains("byline ledger publish --mend"), "{remedy}");
        home.ok(["ledger", "publish", "--mend", "www"]);
        assert_eq!(home.json(["audit", "www"], 0)["sound"], true);
    }
    let notes = home.json(["ledger", "publish", "www"], 0)["notes"].to_string();
    assert!(notes.contains("was not read again: --mend"), "{notes}");
}

#[test]
fn a_ledger_that_cannot_be_asked_leaves_the_four_questions_answered() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["ledger", "init", "p.ledger", "--private"]);
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "a.jpg",
        "--source",
        "human",
        "--ledger",
        "p.ledger",
    ]);
    std::fs::remove_file(home.path("p.ledger.secret")).unwrap();
    let report = home.json(["verify", "a.jpg", "--ledger", "p.ledger"], 0);
    assert_eq!(report["result"], "TRUSTED");
    assert_eq!(report["ledger"]["check"]["outcome"], "unknown", "{report}");
    let note = report["ledger"]["check"]["note"].as_str().unwrap();
    assert!(
        note.contains("private") && note.contains("p.ledger.secret"),
        "{note}"
    );
    home.json(
        [
            "verify",
            "a.jpg",
            "--ledger",
            "p.ledger",
            "--require",
            "registered",
        ],
        3,
    );
    // Looking for a picture there is another thing: an answer would be none.
    refused(&home, &["find", "a.jpg", "--ledger", "p.ledger"], 4);
    // Nothing there, and something that is no ledger: the verdict stands, and the command has failed.
    std::fs::write(home.path("foreign"), "no ledger").unwrap();
    for ledger in ["nosuch.ledger", "foreign"] {
        let report = home.json(["verify", "a.jpg", "--ledger", ledger], 4);
        assert_eq!(report["result"], "TRUSTED", "{ledger}");
        assert_eq!(report["ledger"]["unread"], true, "{ledger}");
    }
}

#[test]
fn that_a_recompressed_picture_is_not_registered_says_nothing_of_look_alikes() {
    let home = studio();
    home.ok(["ledger", "root"]);
    home.fixture("images/lighthouse.jpg");
    let report = home.json(["ledger", "prove", "lighthouse.jpg", "--state"], 0);
    assert_eq!(report["result"], "NOT REGISTERED");
    let open = report["not_checked"].to_string();
    assert!(
        open.contains("looks alike") && open.contains("byline find"),
        "{open}"
    );
}

#[test]
fn a_licence_that_another_one_excludes_is_named_when_granted_and_in_the_history() {
    let home = studio();
    add_key(&home, "bob");
    let grant = |more: &[&str]| {
        let words = [&["ledger", "license", "a.jpg", "--key", "ada"], more].concat();
        home.json(words, 0)
    };
    let first = grant(&[
        "--to",
        "bob",
        "--exclusive",
        "--terms",
        "CC-BY-4.0",
        "--territory",
        "DE",
    ]);
    assert!(first["sentence"].as_str().unwrap().ends_with("in DE"), "{first}");
    let elsewhere = grant(&["--public", "--terms", "CC0-1.0", "--territory", "FR"]);
    assert!(
        !elsewhere["notes"]
            .to_string()
            .contains("does not say which holds"),
        "{elsewhere}"
    );
    let second = grant(&["--public", "--terms", "CC0-1.0"]);
    let notes = second["notes"].to_string();
    assert!(notes.contains("excludes this one: entry 2"), "{notes}");
    let history = home.json(["ledger", "history", "a.jpg"], 0);
    let licences = &history["assets"][0]["titles"][0]["licences"];
    let conflicts: Vec<String> = (0..3).map(|n| licences[n]["conflicts"].to_string()).collect();
    assert_eq!(conflicts, ["[4]", "[]", "[2]"], "{licences}");
    let text = home.ok(["ledger", "history", "a.jpg"]);
    assert!(
        text.contains("conflicts with entry 2") && text.contains("in DE"),
        "{text}"
    );
    // Ended, it stands in nobody's way.
    home.ok(["ledger", "license", "--end", "2", "--key", "ada"]);
    let text = home.ok(["ledger", "history", "a.jpg"]);
    assert!(!text.contains("conflicts with"), "{text}");
}

#[test]
fn a_key_of_this_machine_is_known_by_its_name_as_licensee_and_in_a_proof() {
    let home = studio();
    home.ok(["key", "new", "--name", "own", "--unencrypted"]);
    let words = [
        "ledger",
        "license",
        "a.jpg",
        "--to",
        "own",
        "--terms",
        "CC-BY-4.0",
        "--key",
        "ada",
    ];
    let granted = home.json(words, 0);
    assert!(
        granted["sentence"].as_str().unwrap().contains("to own"),
        "{granted}"
    );
    let proof = home.json(["ledger", "prove", "a.jpg"], 0);
    assert_eq!(proof["entry"]["known_as"], "ada", "{proof}");
    assert!(
        proof["entry"]["says"]
            .as_str()
            .unwrap()
            .starts_with("ada records"),
        "{proof}"
    );
}

#[test]
fn a_redacted_entry_is_marked_wherever_it_is_shown_and_nothing_is_said_to_be_erased() {
    let home = studio();
    let report = home.json(["ledger", "redact", "1", "--ground", "erasure"], 0);
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("nothing is erased") && notes.contains("publish"),
        "{notes}"
    );
    let history = home.json(["ledger", "history", "a.jpg"], 0);
    assert_eq!(history["entries"][0]["redacted"], 2, "{history}");
    assert!(home.ok(["ledger", "history", "a.jpg"]).contains("REDACTED"));
    let shown = home.json(["ledger", "show"], 0);
    let marks: Vec<String> = (0..3)
        .map(|n| shown["entries"][n]["redacted"].to_string())
        .collect();
    assert_eq!(marks, ["null", "2", "null"]);
    let lines = home.ok(["ledger", "export"]);
    assert!(
        lines.lines().nth(1).unwrap().contains("\"redacted\":2"),
        "{lines}"
    );
    let verdict = home.json(["verify", "a.jpg"], 0);
    assert_eq!(verdict["ledger"]["entries"][0]["redacted"], 2, "{verdict}");
    assert!(
        home.ok(["verify", "--full", "a.jpg"])
            .contains("redacted with entry 2")
    );
}

#[test]
fn ones_own_keys_and_the_later_keys_of_somebody_known_are_no_strangers() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "bob", "--unencrypted"]);
    home.ok(["key", "export", "bob", "--public", "-o", "bob.pub"]);
    home.fixture("images/gradient.jpg");
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "a.jpg",
        "--source",
        "human",
        "--key",
        "ada",
    ]);
    home.ok([
        "ledger", "offer", "a.jpg", "--to", "bob.pub", "--key", "ada", "-o", "o",
    ]);
    let offer = home.json(["ledger", "accept", "o", "--look"], 0);
    let sentence = offer["sentence"].as_str().unwrap();
    assert!(sentence.ends_with("to bob"), "{sentence}");
    // Of ada, only her first key is known to whom she handed it.
    home.ok(["key", "rotate", "ada", "--ledger", "home/data/default.ledger"]);
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "b.jpg",
        "--source",
        "human",
        "--key",
        "ada",
    ]);
    let verdict = home.run(["verify", "b.jpg", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&verdict.stdout).unwrap();
    assert_eq!(report["ledger"]["entries"][0]["known_as"], "ada", "{report}");
}

#[test]
fn what_a_refusal_tells_one_to_do_can_be_done() {
    let home = studio();
    add_key(&home, "bob");
    std::fs::write(home.path("there"), "").unwrap();
    let offer = ["ledger", "offer", "a.jpg", "--to", "bob", "--key", "ada"];
    let text = refused(&home, &[&offer[..], &["-o", "there"]].concat(), 4);
    assert!(text.contains("move that one away"), "{text}");
    let text = refused(&home, &[&offer[..], &["--expires", "2020-01-01"]].concat(), 1);
    assert!(text.contains("name a later day"), "{text}");
    home.fixture("images/lighthouse.jpg");
    let text = refused(&home, &["ledger", "prove", "lighthouse.jpg"], 3);
    assert!(text.contains("of a picture of your own"), "{text}");
    let text = refused(&home, &["ledger", "consistency", "2", "1"], 2);
    assert!(text.contains("byline ledger consistency 1 2"), "{text}");
}

#[test]
fn every_refusal_has_something_to_do() {
    let home = studio();
    let licence = ["ledger", "license", "a.jpg", "--public", "--terms"];
    let text = refused(&home, &[&licence[..], &["CC-BY-9.0"]].concat(), 2);
    assert!(text.contains("CC-BY-4.0"), "{text}");
    let ends = ["CC0-1.0", "--from", "2030-01-01", "--until", "2029-01-01"];
    let text = refused(&home, &[&licence[..], &ends].concat(), 2);
    assert!(text.contains("--until"), "{text}");
    refused(&home, &["verify", "missing.jpg"], 4);
    refused(&home, &["inspect", "missing.jpg"], 4);
    refused(&home, &["ledger", "reserve", "0", "--no-training"], 2);
    refused(&home, &["ledger", "license", "--end", "0"], 2);
    refused(&home, &["--home", "/proc/x", "key", "new", "--unencrypted"], 4);
    refused(&home, &["--home", "/proc/x", "ledger", "init"], 4);
}

#[test]
fn a_history_says_when_the_ledger_does_not_reach_as_far_as_was_asked() {
    let home = studio();
    let as_of =
        |when: &str| home.json(["ledger", "history", "a.jpg", "--as-of", when], 0)["notes"].to_string();
    assert!(as_of("99").contains("the ledger has 2 entries, not 99"));
    assert!(as_of("2099-01-01").contains("has not come"));
    assert_eq!(as_of("2"), "[]");
    let help = home.ok(["ledger", "history", "--help"]);
    assert!(!help.contains("[default: now]"), "{help}");
}

#[test]
fn a_certificate_out_of_its_time_signs_nothing_and_leaves_no_ledger_behind() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    for (clock, code) in [
        ("@2001-01-01T00:00:00Z", "certificate.not-yet-valid"),
        ("@2090-01-01T00:00:00Z", "certificate.expired"),
    ] {
        for dry in [&["--dry-run"][..], &[]] {
            let args = [
                &[clock, "sign", "gradient.jpg", "-o", "a.jpg", "--source", "human"],
                dry,
            ]
            .concat();
            let report = home.json(&args, 4);
            assert_eq!(report["code"], code, "{report:#}");
        }
    }
    assert!(!home.path("a.jpg").exists());
    assert!(!home.path("home/data/default.ledger").exists());
    home.ok(["sign", "gradient.jpg", "-o", "a.jpg", "--source", "human"]);
    assert!(home.path("home/data/default.ledger").exists());
}
