//! An audit beside what the auditor brings: a checkpoint of the log or of another, a key, a policy; and how findings are told.

use byline::ledger::LookupMode;
use byline::store::ledger_file::LedgerFile;

use super::audit::{publish, studio};
use super::ledger::{Bench, later};
use super::run::{Home, both, code};

/// A ledger of one person and one picture.
fn begun(bench: &Bench) -> LedgerFile {
    let mut ledger = bench.create(LookupMode::Public);
    ledger
        .append(&[bench.incept(), bench.register(1)], later(2000))
        .unwrap();
    ledger
}

const LEDGER: &str = "home/data/default.ledger";

/// What was said, with single spaces.
fn said(output: &std::process::Output) -> String {
    both(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rules(report: &serde_json::Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|found| found["rule"].as_str().unwrap())
        .collect()
}

fn log_key(home: &Home) -> String {
    let shown = home.json(["ledger", "show"], 0);
    shown["log_key"].as_str().unwrap().to_owned()
}

/// The auditor's checkpoint is good; it is the ledger's header that was exchanged.
#[test]
fn a_header_of_another_log_is_named_once_and_a_checkpoint_of_the_true_one_tells_it_too() {
    let (mine, theirs) = (studio(), studio());
    mine.ok(["ledger", "publish", "www"]);
    let (own, other) = (
        std::fs::read(mine.path(LEDGER)).unwrap(),
        std::fs::read(theirs.path(LEDGER)).unwrap(),
    );
    let auditor = Home::new();
    std::fs::write(auditor.path("x.ledger"), [&other[..4096], &own[4096..]].concat()).unwrap();
    std::fs::write(auditor.path("mine.ledger"), own).unwrap();
    std::fs::copy(mine.path("www/checkpoint"), auditor.path("cp")).unwrap();
    let report = auditor.json(["audit", "x.ledger"], 1);
    assert_eq!(rules(&report)[0], "ledger.header.otherLog", "{report}");
    let of_commits = |rule: &&&str| rule.starts_with("ledger.commit.s") || rule.starts_with("ledger.header");
    assert_eq!(rules(&report).iter().filter(of_commits).count(), 1, "{report}");
    let report = auditor.json(["audit", "x.ledger", "--since", "cp"], 1);
    assert_eq!(rules(&report)[0], "ledger.key.otherLog", "{report}");
    assert_eq!(report["since"], serde_json::Value::Null);
    auditor.json(["audit", "mine.ledger", "--since", "cp"], 0);
    // Of a directory likewise.
    theirs.ok(["ledger", "publish", "www"]);
    super::proofs::copy_all(&theirs.path("www"), &auditor.path("www"));
    let report = auditor.json(["audit", "www", "--since", "cp"], 1);
    assert_eq!(rules(&report), ["ledger.key.otherLog"]);
}

#[test]
fn every_proof_that_holds_a_checkpoint_begins_an_audit_and_one_that_does_not_is_said_so() {
    let home = studio();
    home.ok(["ledger", "root"]);
    home.ok(["ledger", "prove", "signed.jpg", "--cose", "signed.cose"]);
    home.ok(["ledger", "prove", "signed.jpg", "--state"]);
    home.fixture("images/gradient.jpg");
    home.ok(["ledger", "prove", "gradient.jpg", "--state"]);
    for file in [
        "signed.jpg.tlog-proof",
        "signed.jpg.state-proof",
        "gradient.jpg.state-proof",
    ] {
        assert_eq!(
            home.json(["audit", LEDGER, "--since", file], 0)["since"],
            3,
            "{file}"
        );
        home.ok(["ledger", "consistency", "1", file]);
    }
    for words in [
        &["audit", LEDGER, "--since", "signed.cose"][..],
        &["ledger", "consistency", "signed.cose", "3"],
    ] {
        let refused = home.run(words);
        assert_eq!(code(&refused), 4, "{}", both(&refused));
        assert!(
            said(&refused).contains("carries no checkpoint"),
            "{}",
            said(&refused)
        );
    }
    // A state proof that was cut is no proof, and no bad signature either.
    let text = std::fs::read_to_string(home.path("signed.jpg.state-proof")).unwrap();
    std::fs::write(home.path("cut"), &text[..200]).unwrap();
    let refused = said(&home.run(["audit", LEDGER, "--since", "cut"]));
    assert!(!refused.contains("signature"), "{refused}");
}

/// A ledger of one entry a commit, so that a removed entry spoils all that follows.
fn many() -> (Bench, Vec<u8>) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    for n in 0..20 {
        let entry = if n == 0 { bench.incept() } else { bench.register(n) };
        ledger.append(&[entry], later(2000)).unwrap();
    }
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    (bench, bytes)
}

#[test]
fn findings_of_a_kind_are_told_together_and_the_first_cause_is_marked() {
    let (_bench, bytes) = many();
    let head = [192, 0, 0, 0, 2, 0, 0, 0];
    let commits: Vec<usize> = (4096..bytes.len())
        .filter(|at| bytes[*at..].starts_with(&head))
        .collect();
    // The entry of the fifth commit, whose frame it follows.
    let (from, to) = (commits[4] + 200, commits[5]);
    let home = Home::new();
    std::fs::write(home.path("x.ledger"), [&bytes[..from], &bytes[to..]].concat()).unwrap();
    let report = home.json(["audit", "x.ledger"], 1);
    assert!(
        rules(&report).len() > 40,
        "JSON keeps all: {}",
        rules(&report).len()
    );
    let output = home.run(["audit", "x.ledger"]);
    let text = said(&output);
    assert_eq!(text.matches("do: ").count(), 4, "{text}");
    assert_eq!(
        text.matches("the first place where something does not hold")
            .count(),
        1,
        "{text}"
    );
    assert!(text.contains("more of this kind, bytes "), "{text}");
    assert!(
        said(&home.run(["audit", "--full", "x.ledger"]))
            .matches("do: ")
            .count()
            > 40
    );
    let page = home.run(["audit", "x.ledger", "--format", "html"]);
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.contains("more of this kind, bytes ") && page.contains("the first place where"),
        "{page}"
    );
    assert_eq!(page.matches("td class=\"place\"").count(), 4, "{page}");
}

#[test]
fn a_wrong_log_key_is_one_finding_about_the_key() {
    let (home, other) = (studio(), studio());
    home.ok(["audit", LEDGER]);
    home.ok(["ledger", "publish", "www"]);
    let wrong = log_key(&other);
    let report = home.json(["audit", LEDGER, "--log-key", &wrong], 1);
    assert_eq!(rules(&report), ["ledger.key.otherLog"]);
    let report = home.json(["audit", "www", "--log-key", &wrong], 1);
    assert_eq!(rules(&report), ["ledger.key.otherLog"]);
    let remedy = report["findings"][0]["remedy"].as_str().unwrap();
    assert!(
        remedy.starts_with("get the log's key") && !remedy.contains("--mend"),
        "{remedy}"
    );
    // Where no log is, no key is missing.
    std::fs::create_dir(home.path("pictures")).unwrap();
    let none = home.run(["audit", "pictures"]);
    assert_eq!(code(&none), 4);
    assert!(said(&none).contains("is no published log"), "{}", said(&none));
    assert!(!said(&none).contains("--log-key"), "{}", said(&none));
}

#[test]
fn what_was_looked_at_is_said_in_true_words() {
    let home = studio();
    home.ok(["ledger", "publish", "www"]);
    let text = said(&home.run(["audit", "www"]));
    assert!(
        text.contains("1 signed checkpoint") && !text.contains("signed commit"),
        "{text}"
    );
    let text = said(&home.run(["audit", "--strict", LEDGER]));
    assert!(
        text.contains("each alone by the strict rule, of the log and 1 identity"),
        "{text}"
    );
    assert!(!said(&home.run(["audit", LEDGER])).contains("strict"));
    let page = home.run(["audit", "--strict", "www", "--format", "html"]);
    assert!(both(&page).contains("by the strict rule") && both(&page).contains("Signed checkpoints"));
}

#[test]
fn who_asks_beyond_the_end_is_told_the_same_by_every_command() {
    let home = studio();
    for words in [
        &["ledger", "show", "--from", "99"][..],
        &["ledger", "history", "99"],
        &["ledger", "redact", "99", "--ground", "erasure"],
        &["ledger", "prove", "99"],
        &["ledger", "prove", "99", "--state"],
        &["ledger", "consistency", "1", "99"],
        &["ledger", "consistency", "99", "99"],
    ] {
        let refused = home.run(words);
        assert_eq!(code(&refused), 3, "{words:?} {}", said(&refused));
        let text = said(&refused);
        assert!(
            text.contains("default.ledger` has no ") && text.contains("it has 2 entries, counted from 0"),
            "{text}"
        );
        assert!(refused.stdout.is_empty(), "{words:?}");
    }
    home.ok(["ledger", "show", "--from", "1"]);
    Home::with_key().run(["ledger", "show", "--from", "0"]);
}

/// Two checkpoints and a proof are enough: whoever has them needs no ledger.
#[test]
fn a_consistency_proof_in_a_file_is_checked_without_the_ledger() {
    let home = studio();
    home.ok(["ledger", "publish", "www"]);
    std::fs::copy(home.path("www/checkpoint"), home.path("old")).unwrap();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "g.jpg", "--source", "ai"]);
    home.ok(["ledger", "publish", "www"]);
    let made = home.json(["ledger", "consistency", "old", "www/checkpoint", "-o", "p"], 0);
    assert_eq!(made["written"], "p");
    assert_eq!(code(&home.run(["ledger", "consistency", "2", "3", "-o", "p"])), 4);
    home.ok(["ledger", "consistency", "2", "3", "-o", "p", "--force"]);
    let (key, other) = (log_key(&home), Home::new());
    for (from, to) in [("old", "old"), ("www/checkpoint", "new"), ("p", "p")] {
        std::fs::copy(home.path(from), other.path(to)).unwrap();
    }
    let check = |words: [&str; 3], wanted: i32| {
        let words = [
            &[
                "ledger",
                "consistency",
                words[0],
                words[1],
                "--proof",
                words[2],
                "--log",
            ][..],
            &[&key],
        ]
        .concat();
        other.json(words, wanted)
    };
    assert_eq!(check(["old", "new", "p"], 0)["check"]["outcome"], "pass");
    check(["new", "old", "p"], 3);
    check(["old", "old", "p"], 3);
    let proof = std::fs::read_to_string(other.path("p")).unwrap();
    let hash = proof.lines().nth(3).unwrap();
    let changed = proof.replace(hash, "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for bad in [changed, proof.replacen(hash, "", 1), "x".repeat(9000)] {
        std::fs::write(other.path("bad"), bad).unwrap();
        let output = other.run([
            "ledger",
            "consistency",
            "old",
            "new",
            "--proof",
            "bad",
            "--log",
            &key,
        ]);
        assert!([3, 4].contains(&code(&output)), "{}", said(&output));
    }
    // By another key neither checkpoint is one.
    let wrong = log_key(&studio());
    let output = other.run([
        "ledger",
        "consistency",
        "old",
        "new",
        "--proof",
        "p",
        "--log",
        &wrong,
    ]);
    assert_eq!(code(&output), 4);
    assert_eq!(
        code(&other.run(["ledger", "consistency", "old", "new", "--proof", "p"])),
        2
    );
}

/// The cosigned checkpoint of a directory, by a policy whose witness did and one whose witness did not.
#[test]
fn an_audit_asks_the_witnesses_of_a_policy() {
    use byline::keys::CreatorKey;
    use byline::ledger::KeyName;
    use byline::ledger::cosignature::Cosigner;
    let bench = Bench::new();
    let ledger = begun(&bench);
    let home = Home::new();
    publish(&ledger, &home.path("www"));
    let witness = |seed: u8| {
        let name = KeyName::parse(&format!("witness.example/w{seed}")).unwrap();
        Cosigner::new(name, CreatorKey::from_seed(&[seed; 32]))
    };
    let log = ledger.header().verifier.to_string();
    let policy = |name: &str, quorum: &str| {
        let lines = [1, 2].map(|seed| format!("witness W{seed} {}\n", witness(seed).verifier()));
        let text = format!("log {log}\n{}group g {quorum} W1 W2\nquorum g\n", lines.concat());
        std::fs::write(home.path(name), text).unwrap();
    };
    policy("any", "any");
    policy("all", "all");
    let audit = |policy: &str, wanted: i32| home.json(["audit", "www", "--policy", policy], wanted);
    assert_eq!(audit("any", 3)["witnesses"]["outcome"], "unknown");
    let plain = home.json(["audit", "www"], 0);
    assert!(
        plain["not_checked"].to_string().contains("no witness was asked"),
        "{plain}"
    );
    let note = std::fs::read_to_string(home.path("www/checkpoint")).unwrap();
    let signed = format!("{}\n", note.split("\n\n").next().unwrap());
    let line = witness(1).cosign(&signed, 1_800_000_000);
    std::fs::write(home.path("www/checkpoint"), format!("{note}{line}")).unwrap();
    let report = audit("any", 0);
    assert_eq!(report["witnesses"]["outcome"], "pass", "{report}");
    assert_eq!(report["cosigned"][0]["witness"], "witness.example/w1");
    assert!(
        !report["not_checked"].to_string().contains("another history"),
        "{report}"
    );
    assert!(
        said(&home.run(["audit", "www", "--policy", "any"]))
            .contains("cosigned by witness.example/w1 at 2027-")
    );
    let report = audit("all", 3);
    assert_eq!(
        (report["sound"].as_bool(), report["witnesses"]["outcome"].as_str()),
        (Some(true), Some("unknown"))
    );
    let plain = home.json(["audit", "www"], 0);
    assert!(
        plain["not_checked"]
            .to_string()
            .contains("1 more signatures, of keys not known here"),
        "{plain}"
    );
    // A cosignature that is not its witness's spoils the checkpoint.
    let of_other = witness(2).cosign(&signed, 1_800_000_000);
    let bytes = of_other.split(' ').nth(2).unwrap();
    let id = line.split(' ').nth(2).unwrap();
    let forged = line.replace(id, &format!("{}{}", &id[..6], &bytes[6..]));
    std::fs::write(home.path("www/checkpoint"), format!("{note}{forged}")).unwrap();
    let report = audit("any", 1);
    assert_eq!(rules(&report), ["ledger.proof.witnesses"], "{report}");
}

/// A note of an earlier audit is not signed: where one digit of it is another, the ledger is as sound as it was, and who reads is told
/// which of both may have changed.
#[test]
fn a_changed_note_of_an_earlier_audit_does_not_break_the_ledger() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "a.jpg",
        "--source",
        "human",
        "--ledger",
        "x.ledger",
    ]);
    home.json(["audit", "x.ledger"], 0);
    let state = home.path("home/state");
    let all = std::fs::read_dir(state)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut notes = all.filter(|path| path.extension().is_some_and(|end| end == "audited"));
    let path = notes.next().unwrap();
    let good = std::fs::read(&path).unwrap();
    let mut changed = good.clone();
    changed[30] = if changed[30] == b'0' { b'1' } else { b'0' };
    std::fs::write(&path, &changed).unwrap();
    for _ in 0..2 {
        let report = home.json(["audit", "x.ledger"], 3);
        assert_eq!(report["sound"], true, "{report}");
        assert_eq!(report["findings"][0]["rule"], "ledger.audited.otherHeader");
        let remedy = report["findings"][0]["remedy"].as_str().unwrap();
        assert!(remedy.contains(path.to_str().unwrap()), "{remedy}");
    }
    // What it names is done, and what cannot be read at all is written anew.
    for spoiled in [None, Some(vec![0xff; 30]), Some(b"byline-audited/v1\n".to_vec())] {
        match &spoiled {
            None => std::fs::remove_file(&path).unwrap(),
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
        }
        let report = home.json(["audit", "x.ledger"], 0);
        let said = report["not_checked"].to_string();
        assert_eq!(said.contains("its note is damaged"), spoiled.is_some(), "{said}");
        assert_eq!(std::fs::read(&path).unwrap(), good);
    }
}

/// A policy believes the logs that it names; one that asks for no witness lacks none.
#[test]
fn a_policy_is_asked_about_the_log_and_not_about_witnesses_that_it_does_not_want() {
    let home = Home::new();
    let bench = Bench::new();
    let ledger = begun(&bench);
    publish(&ledger, &home.path("www"));
    let log = ledger.header().verifier.to_string();
    drop(ledger);
    std::fs::copy(&bench.path, home.path("x.ledger")).unwrap();
    let stranger = byline::ledger::LogKey::new(
        byline::ledger::KeyName::parse("example.org/other").unwrap(),
        byline::keys::CreatorKey::from_seed(&[9; 32]),
    );
    let other = stranger.verifier().to_string();
    for (logs, wanted) in [
        (vec![], 0),
        (vec![&log], 0),
        (vec![&other, &log], 0),
        (vec![&other], 1),
    ] {
        let lines: Vec<String> = logs.iter().map(|log| format!("log {log}\n")).collect();
        let lines = lines.concat();
        std::fs::write(home.path("policy"), format!("{lines}quorum none\n")).unwrap();
        for what in ["x.ledger", "www"] {
            let report = home.json(["audit", what, "--policy", "policy"], wanted);
            let sentence = report["sentence"].as_str().unwrap();
            assert!(!sentence.contains("witnesses"), "{sentence}");
            if wanted == 1 {
                assert_eq!(report["findings"][0]["rule"], "ledger.key.otherLog", "{report}");
                assert!(
                    sentence.contains("names other logs, and not this one"),
                    "{sentence}"
                );
            }
        }
    }
    // What the directory says of itself is compared with the key that is given.
    home.json(["audit", "www", "--log-key", &log], 0);
    for bad in [format!("{other}\n"), format!("{log}\nx"), String::new()] {
        std::fs::write(home.path("www/log.vkey"), bad).unwrap();
        let report = home.json(["audit", "www", "--log-key", &log], 1);
        assert_eq!(report["findings"][0]["rule"], "ledger.key.otherLog", "{report}");
    }
    std::fs::remove_file(home.path("www/log.vkey")).unwrap();
    home.json(["audit", "www", "--log-key", &log], 0);
}

/// Witnesses vouch for what they cosigned: of two ledgers that go on differently from there, none is cosigned as a whole.
#[test]
fn entries_beyond_the_cosigned_checkpoint_are_not_called_cosigned() {
    use byline::ledger::cosignature::Cosigner;
    let home = Home::new();
    let bench = Bench::new();
    let mut ledger = begun(&bench);
    let witness = Cosigner::new(
        byline::ledger::KeyName::parse("witness.example/w").unwrap(),
        byline::keys::CreatorKey::from_seed(&[1; 32]),
    );
    let note = ledger.checkpoint().note().to_owned();
    let signed = format!("{}\n", note.split("\n\n").next().unwrap());
    let line = witness.cosign(&signed, 1_800_000_000);
    let text = format!(
        "log {}\nwitness W {}\nquorum W\n",
        ledger.header().verifier,
        witness.verifier()
    );
    std::fs::write(home.path("policy"), text).unwrap();
    std::fs::write(home.path("x.ledger.cosigned"), format!("{note}{line}")).unwrap();
    let audit = |wanted| {
        std::fs::copy(&bench.path, home.path("x.ledger")).unwrap();
        home.json(["audit", "x.ledger", "--policy", "policy"], wanted)
    };
    let report = audit(0);
    assert_eq!(
        (&report["cosigned_size"], &report["witnesses"]["outcome"]),
        (&2.into(), &"pass".into())
    );
    ledger.append(&[bench.register(2)], later(3000)).unwrap();
    drop(ledger);
    let report = audit(3);
    assert_eq!(
        (&report["cosigned_size"], &report["sound"]),
        (&2.into(), &true.into())
    );
    assert_eq!(report["witnesses"]["outcome"], "unknown", "{report}");
    let sentence = report["sentence"].as_str().unwrap();
    assert!(
        sentence.ends_with("have cosigned it up to size 2 only"),
        "{sentence}"
    );
    let text = said(&home.run(["audit", "x.ledger", "--policy", "policy"]));
    assert!(text.contains("cosigned by witness.example/w at 2027-"), "{text}");
    assert!(text.contains(", up to size 2 only"), "{text}");
}
