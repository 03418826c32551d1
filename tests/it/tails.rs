//! What stands after the last commit of a ledger, and what an audit on a machine that never saw the ledger may say of it.

use byline::ledger::LookupMode;

use super::ledger::{Bench, later};
use super::run::{Home, both, code};

/// A ledger of two batches as bytes, and the offset of its last commit frame.
fn two_batches() -> (Vec<u8>, usize) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], later(1000)).unwrap();
    ledger.append(&[bench.register(1)], later(2000)).unwrap();
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    let head = [192, 0, 0, 0, 2, 0, 0, 0];
    let commit = bytes.windows(8).rposition(|window| window == head).unwrap();
    (bytes, commit)
}

/// The rules of the findings, the sentence, and the judgement of the other verifier where Python is there.
fn audited(bytes: &[u8], wanted: i32) -> (Vec<String>, String) {
    let home = Home::new();
    let file = home.path("x.ledger");
    std::fs::write(&file, bytes).unwrap();
    let report = home.json(["audit", "x.ledger"], wanted);
    let findings = report["findings"].as_array().unwrap();
    let rules = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned());
    if let Some((code, words)) = super::python::verify(&file, &[]) {
        assert_eq!(code, wanted, "{words}");
        assert_eq!(wanted != 1, words.contains("SOUND"), "{words}");
    }
    (rules.collect(), report["sentence"].as_str().unwrap().to_owned())
}

/// The commit was acknowledged: its payload and its signatures still say so.
#[test]
fn a_last_commit_whose_frame_lost_its_head_is_damage() {
    let (bytes, commit) = two_batches();
    let (rules, sentence) = audited(&bytes, 0);
    assert!(rules.is_empty(), "{rules:?}");
    assert!(
        sentence.ends_with("and nothing is missing up to size 2"),
        "{sentence}"
    );
    for place in 0..8 {
        let mut bad = bytes.clone();
        bad[commit + place] ^= 1 << place;
        let rules = audited(&bad, 1).0;
        assert!(
            rules.contains(&"ledger.file.damaged".to_owned()),
            "byte {place}: {rules:?}"
        );
    }
    let mut bad = bytes.clone();
    bad[commit..commit + 8].fill(0);
    assert!(audited(&bad, 1).0.contains(&"ledger.file.damaged".to_owned()));
}

/// No interrupted append leaves another ledger, or this one once more, behind the last commit.
#[test]
fn what_no_append_leaves_behind_the_last_commit_is_named() {
    let (bytes, _) = two_batches();
    for second in [&bytes[..], &bytes[..4096]] {
        let bad = [&bytes[..], second].concat();
        assert_eq!(audited(&bad, 1).0[0], "ledger.file.foreign");
    }
    audited(&[&bytes[..], &bytes[4096..]].concat(), 1);
}

/// A cut before the last commit and an interrupted append are the same bytes: the report says that, and nothing more.
#[test]
fn a_tail_that_no_commit_covers_is_not_called_unacknowledged() {
    let (bytes, commit) = two_batches();
    let (rules, sentence) = audited(&bytes[..commit], 3);
    assert_eq!(rules, ["ledger.file.tail"]);
    assert!(
        sentence.ends_with("bytes that no commit covers follow them"),
        "{sentence}"
    );
    let home = Home::new();
    std::fs::write(home.path("x.ledger"), &bytes[..commit]).unwrap();
    let output = home.run(["audit", "x.ledger"]);
    let said = both(&output);
    assert_eq!(code(&output), 3, "{said}");
    assert!(said.contains("Result: SOUND UP TO 1 - "), "{said}");
    assert!(!said.contains("never acknowledged"), "{said}");
}

/// Only something outside the file tells an interrupted append from a commit that was cut off: the writer's mark, or a checkpoint.
#[test]
fn a_tail_behind_the_last_commit_that_is_known_from_elsewhere_leaves_the_ledger_sound() {
    let home = super::audit::studio();
    let ledger = home.path("home/data/default.ledger");
    home.ok(["ledger", "publish", "www"]);
    let whole = std::fs::read(&ledger).unwrap();
    std::fs::write(&ledger, [&whole[..], &[7; 40]].concat()).unwrap();
    let own = home.json(["audit", "home/data/default.ledger"], 0);
    assert!(own["findings"].to_string().contains("ledger.file.tail"), "{own}");
    assert!(
        own["sentence"]
            .as_str()
            .unwrap()
            .ends_with("nothing is missing up to size 2"),
        "{own}"
    );
    let stranger = Home::new();
    for (from, to) in [("home/data/default.ledger", "x.ledger"), ("www/checkpoint", "cp")] {
        std::fs::copy(home.path(from), stranger.path(to)).unwrap();
    }
    let open = stranger.json(["audit", "x.ledger"], 3);
    assert_eq!(open["sound"], true, "{open}");
    // That this very audit was there before says nothing.
    stranger.json(["audit", "x.ledger"], 3);
    stranger.json(["audit", "x.ledger", "--since", "last"], 3);
    stranger.json(["audit", "x.ledger", "--since", "cp"], 0);
    // What looks at it says no more than the audit does.
    let shown = stranger.ok(["ledger", "show", "--ledger", "x.ledger"]);
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("the file alone does not tell which"), "{shown}");
}

/// Writers refuse such a file: nothing in it is a tail that they would set aside.
#[test]
fn bytes_before_a_signed_commit_are_not_called_a_tail() {
    let (bytes, commit) = two_batches();
    let mut bad = bytes.clone();
    let first = bytes
        .windows(8)
        .position(|window| window == [192, 0, 0, 0, 2, 0, 0, 0])
        .unwrap();
    bad[first + 200 + 4] ^= 0x40;
    let rules = audited(&bad, 1).0;
    assert!(rules.contains(&"ledger.file.damaged".to_owned()), "{rules:?}");
    assert!(!rules.contains(&"ledger.file.tail".to_owned()), "{rules:?}");
    let mut headless = bytes;
    headless[commit] ^= 1;
    assert_eq!(audited(&headless, 1).0, ["ledger.file.damaged"]);
}
