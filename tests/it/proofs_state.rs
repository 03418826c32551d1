//! The state of a ledger as a user meets it: signed into the log, proved by one, checked by another who has neither ledger nor
//! network.

use byline::keys::CreatorKey;
use byline::ledger::cosignature::Cosigner;
use byline::ledger::{EntryBody, KeyName};
use byline::store::ledger_file::{LedgerFile, Places};
use serde_json::Value;

use super::run::{Home, both, code};

/// A home whose ledger holds `signed.jpg` as entry 1 and the state of these two entries as entry 2, and the log's key.
fn studio() -> (Home, String) {
    let home = Home::with_key();
    for name in ["lighthouse.jpg", "gradient.jpg"] {
        home.fixture(&format!("images/{name}"));
    }
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let key = key_of(&home);
    home.ok(["ledger", "root"]);
    (home, key)
}

fn key_of(home: &Home) -> String {
    let shown = home.json(["ledger", "show"], 0);
    shown["log_key"].as_str().unwrap().to_owned()
}

const NAMES: [&str; 7] = [
    "log",
    "witnesses",
    "inclusion",
    "entry",
    "image",
    "history",
    "state",
];

/// The questions answered with this word.
fn with(report: &Value, outcome: &str) -> Vec<&'static str> {
    let is = |name: &&&str| report["checks"][name]["outcome"] == outcome;
    NAMES.iter().filter(is).copied().collect()
}

fn read(home: &Home, name: &str) -> String {
    std::fs::read_to_string(home.path(name)).unwrap()
}

fn write(home: &Home, name: &str, text: &str) {
    std::fs::write(home.path(name), text).unwrap();
}

/// Checks a proof by the log's key alone.
fn check(home: &Home, file: &str, key: &str, wanted: i32) -> Value {
    home.json(["ledger", "check-proof", file, "--log", key], wanted)
}

#[test]
fn no_changed_state_proof_passes() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--state", "-o", "held"]);
    home.ok(["ledger", "prove", "gradient.jpg", "--state", "-o", "absent"]);
    home.ok(["sign", "gradient.jpg", "-o", "other.jpg", "--source", "human"]);
    home.ok(["ledger", "root"]);
    home.ok(["ledger", "prove", "signed.jpg", "--state", "-o", "later"]);
    let (held, absent, later) = (read(&home, "held"), read(&home, "absent"), read(&home, "later"));
    let line = |text: &str, begin: &str| {
        let found = text.lines().find(|line| line.starts_with(begin)).unwrap();
        found.to_owned()
    };
    let tail = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
    let refused = |text: String, question: &str| {
        write(&home, "bad", &text);
        let report = check(&home, "bad", &key, 1);
        assert_eq!(with(&report, "fail"), [question], "{text}");
        // What follows a no is not asked, and is not said to hold.
        let held = with(&report, "pass");
        assert!(held.iter().all(|name| *name == "log"), "{held:?}");
        for name in ["inclusion", "entry", "state"] {
            let note = report["checks"][name]["note"].as_str().unwrap();
            assert!(
                !note.contains("checkpoint") || with(&report, "fail") == ["log"],
                "{name}: {note}"
            );
        }
    };
    // Presence of what is not there: another asset under the same way.
    let about = line(&held, "about ");
    refused(
        held.replace(&about, "about asset 00000000-0000-4000-8000-000000000000"),
        "state",
    );
    // Absence of what is there: the content of `signed.jpg` under the way to what is absent.
    let signed = home.json(["ledger", "show"], 0);
    let content = signed["entries"][1]["registration"]["content"].as_str().unwrap();
    refused(
        absent.replace(&line(&absent, "about "), &format!("about content {content}")),
        "state",
    );
    // Another root: the way leads to the one of the older map.
    let entry_lines = |text: &str| text[text.find("\nstate ").unwrap()..].to_owned();
    let above = |text: &str| text[..text.find("\nstate ").unwrap()].to_owned();
    refused(above(&held) + &entry_lines(&later), "state");
    // Another size: the same entries under the checkpoint of the longer log.
    refused(held.replace(&tail(&held), &tail(&later)), "inclusion");
    // Another leaf in the place of the root, and another place for it.
    let state = line(&held, "state ");
    let (_, rest) = held.split_once("\nentry 1 ").unwrap();
    let (entry, _) = rest.split_once("\n\n").unwrap();
    let tail_of_held = tail(&held);
    let other_leaf = format!(
        "{}\nstate 1 {entry}\nentry 1 {entry}\n\n{tail_of_held}",
        above(&held)
    );
    refused(other_leaf, "state");
    refused(
        held.replace(&state, &state.replace("state 2 ", "state 1 ")),
        "inclusion",
    );
    // A holder that the map does not hash.
    let holder = line(&held, "holder ");
    let other = holder.replace(" 10000 ", " 9000 ");
    refused(held.replace(&holder, &other), "state");
    // A checkpoint that its signature does not cover.
    refused(held.replacen("\n3\n", "\n4\n", 1), "log");
    // Another log.
    let stranger = Home::new();
    stranger.ok(["ledger", "init"]);
    let report = check(&home, "held", &key_of(&stranger), 3);
    assert_eq!(with(&report, "unknown"), ["log"]);
    assert_eq!(report["state"], Value::Null);
    // Cut short, of a later version, beyond any size.
    write(&home, "bad", &held[..held.len() / 2]);
    assert_eq!(check(&home, "bad", &key, 3)["form"], Value::Null);
    write(&home, "bad", &held.replace("proof/v1", "proof/v2"));
    assert_eq!(check(&home, "bad", &key, 3)["form"], Value::Null);
    write(&home, "bad", &"x".repeat(2 << 20));
    let output = home.run(["ledger", "check-proof", "bad", "--log", &key]);
    assert_eq!(code(&output), 4, "{}", both(&output));
}

#[test]
fn a_state_proof_convinces_somebody_who_has_only_the_logs_key() {
    let (home, key) = studio();
    let made = home.json(["ledger", "prove", "signed.jpg", "--state"], 0);
    assert_eq!(made["written"], serde_json::json!(["signed.jpg.state-proof"]));
    home.ok(["ledger", "prove", "gradient.jpg", "--state"]);
    let other = Home::new();
    let files = [
        "signed.jpg",
        "gradient.jpg",
        "signed.jpg.state-proof",
        "gradient.jpg.state-proof",
    ];
    for file in files {
        std::fs::copy(home.path(file), other.path(file)).unwrap();
    }
    let words = |proof: &'static str, image: &'static str| {
        ["ledger", "check-proof", proof, image, "--log", key.as_str()].map(str::to_owned)
    };
    let report = other.json(words("signed.jpg.state-proof", "signed.jpg"), 0);
    assert_eq!(report["result"], "RECORDED");
    assert_eq!(
        with(&report, "pass"),
        ["log", "inclusion", "entry", "image", "state"]
    );
    let state = &report["state"];
    assert_eq!(
        (state["as_of"].as_u64(), state["registered"].as_bool()),
        (Some(2), Some(true))
    );
    let holder = &state["titles"][0]["holders"][0];
    assert_eq!(
        (holder["basis_points"].as_u64(), holder["since"].as_u64()),
        (Some(10_000), Some(1))
    );
    assert_eq!(holder["who"]["key"], made["state"]["titles"][0]["by"]["key"]);
    let report = other.json(words("gradient.jpg.state-proof", "gradient.jpg"), 0);
    assert_eq!(report["result"], "NOT REGISTERED");
    assert_eq!(report["state"]["registered"], false);
    // About another picture.
    let report = other.json(words("signed.jpg.state-proof", "gradient.jpg"), 1);
    assert_eq!(with(&report, "fail"), ["image"]);
    let report = other.json(words("gradient.jpg.state-proof", "signed.jpg"), 3);
    assert_eq!(with(&report, "unknown"), ["image"]);
    let by_ledger = ["ledger", "check-proof", "gradient.jpg.state-proof", "signed.jpg"];
    assert_eq!(with(&home.json(by_ledger, 1), "fail"), ["image"]);
    // With the verdict on the picture: registered is what a proof of a holder shows, and one of absence does not.
    let verify = |image: &str, wanted| {
        let proof = format!("{image}.state-proof");
        let words = [
            "verify",
            image,
            "--require",
            "registered",
            "--proof",
            &proof,
            "--log-key",
            &key,
        ];
        other.json(words, wanted)["proof"]["result"].clone()
    };
    assert_eq!(verify("signed.jpg", 0), "RECORDED");
    assert_eq!(verify("gradient.jpg", 3), "NOT REGISTERED");
}

#[test]
fn a_state_is_as_of_its_root_and_the_ledger_says_what_came_since() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--state", "-o", "before"]);
    // Nothing new: no second root.
    let again = home.json(["ledger", "root"], 0);
    assert_eq!(
        (
            again["recorded"][0]["already"].as_bool(),
            again["tree_size"].as_u64()
        ),
        (Some(true), Some(3))
    );
    home.ok(["ledger", "reserve", "signed.jpg", "--no-training"]);
    let stale = home.json(["ledger", "check-proof", "before"], 0);
    assert_eq!(stale["state"]["flags"], serde_json::json!([]));
    let note = stale["notes"][0].as_str().unwrap();
    assert!(note.contains("since then: 3;"), "{note}");
    assert_eq!(check(&home, "before", &key, 0)["notes"], serde_json::json!([]));
    // A picture recorded after the last root has no state yet.
    home.ok(["sign", "gradient.jpg", "-o", "new.jpg", "--source", "human"]);
    let output = home.run(["ledger", "prove", "new.jpg", "--state"]);
    assert_eq!(code(&output), 3);
    assert!(
        both(&output).contains("byline ledger root signs a newer one"),
        "{}",
        both(&output)
    );
    home.ok(["ledger", "root"]);
    home.ok(["ledger", "prove", "new.jpg", "--state"]);
    let now = home.json(["ledger", "prove", "signed.jpg", "--state"], 0);
    assert_eq!(now["state"]["flags"], serde_json::json!(["reserved"]));
    assert_eq!(now["notes"], serde_json::json!([]));
    // By index and asset id; an entry about a key has no state.
    let id = now["state"]["about"]
        .as_str()
        .unwrap()
        .strip_prefix("asset ")
        .unwrap();
    let by_id = home.json(["ledger", "prove", id, "--state"], 0);
    assert_eq!(by_id["written"][0], format!("asset-{id}.state-proof"));
    assert_eq!(
        home.json(["ledger", "prove", "1", "--state", "--force"], 0)["state"],
        by_id["state"]
    );
    assert_eq!(code(&home.run(["ledger", "prove", "0", "--state"])), 2);
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        home.json(["ledger", "prove", unknown, "--state"], 0)["result"],
        "NOT REGISTERED"
    );
    // Nothing is written twice unless asked for.
    assert_eq!(code(&home.run(["ledger", "prove", "signed.jpg", "--state"])), 4);
    let empty = Home::new();
    empty.ok(["ledger", "init"]);
    let output = empty.run(["ledger", "prove", unknown, "--state"]);
    assert!(
        both(&output).contains("has signed no state yet"),
        "{}",
        both(&output)
    );
    empty.ok(["ledger", "root"]);
    assert_eq!(
        empty.json(["ledger", "prove", unknown, "--state"], 0)["state"]["as_of"],
        0
    );
}

#[test]
fn a_policy_asks_for_witnesses_of_a_state_proof() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--state", "-o", "held"]);
    let witness = Cosigner::new(
        KeyName::parse("witness.example/w1").unwrap(),
        CreatorKey::from_seed(&[9; 32]),
    );
    let line = witness.verifier().to_string();
    write(
        &home,
        "p.policy",
        &format!("log {key}\nwitness W {line}\nquorum W\n"),
    );
    let check = |wanted| home.json(["ledger", "check-proof", "held", "--policy", "p.policy"], wanted);
    let report = check(3);
    assert_eq!(with(&report, "unknown"), ["witnesses"]);
    assert_eq!(report["result"], "NOT PROVEN");
    let held = read(&home, "held");
    let (lines, note) = held.split_once("\n\n").unwrap();
    let text = format!("{}\n", note.split_once("\n\n").unwrap().0);
    let cosigned = witness
        .verifier()
        .added_to(note, &witness.cosign(&text, 1_800_000_000));
    write(&home, "held", &format!("{lines}\n\n{cosigned}"));
    let report = check(0);
    assert_eq!(report["cosigned"][0]["witness"], "witness.example/w1");
    assert_eq!(
        with(&report, "pass"),
        ["log", "witnesses", "inclusion", "entry", "state"]
    );
    // A cosignature that does not verify.
    let bad = cosigned.replace("witness.example/w1 ", "witness.example/w1 A");
    write(&home, "held", &format!("{lines}\n\n{bad}"));
    assert_ne!(
        code(&home.run(["ledger", "check-proof", "held", "--policy", "p.policy"])),
        0
    );
}

#[test]
fn a_private_ledger_proves_absence_to_who_has_its_secret() {
    let home = Home::with_key();
    for name in ["lighthouse.jpg", "gradient.jpg"] {
        home.fixture(&format!("images/{name}"));
    }
    home.ok(["ledger", "init", "p.ledger", "--private"]);
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "signed.jpg",
        "--source",
        "ai",
        "--ledger",
        "p.ledger",
    ]);
    home.ok(["ledger", "root", "--ledger", "p.ledger"]);
    let key = home.json(["ledger", "show", "--ledger", "p.ledger"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    for (image, word) in [("signed.jpg", "RECORDED"), ("gradient.jpg", "NOT REGISTERED")] {
        let proof = format!("{image}.state-proof");
        home.ok(["ledger", "prove", image, "--state", "--ledger", "p.ledger"]);
        let report = home.json(
            ["ledger", "check-proof", &proof, image, "--ledger", "p.ledger"],
            0,
        );
        assert_eq!(report["result"], word);
        let report = home.json(["ledger", "check-proof", &proof, image, "--log", &key], 3);
        assert_eq!(with(&report, "unknown"), ["image"]);
    }
}

#[test]
fn an_audit_makes_every_signed_state_again_and_names_a_false_one() {
    let (home, _) = studio();
    let ledger = "home/data/default.ledger";
    home.ok(["ledger", "publish", "www"]);
    for log in [ledger, "www"] {
        let report = home.json(["audit", log], 0);
        assert_eq!(report["counts"]["state_roots"], 1, "{log}");
        let passed = home.json(["audit", log, "--no-state"], 0);
        assert_eq!(passed["findings"], serde_json::json!([]));
        assert!(
            passed["not_checked"].to_string().contains("--no-state"),
            "{passed}"
        );
    }
    // The log's own key signs a root that is not that of its entries.
    let logs = home.path("home/data/logs");
    let log_key = std::fs::read_dir(logs).unwrap().next().unwrap().unwrap().path();
    let places = Places {
        log_key,
        state: home.path("home/state"),
    };
    let mut file = LedgerFile::open_write(&home.path(ledger), &places, 1000).unwrap();
    let (_, root) = file.last_state_root(file.size()).unwrap().unwrap();
    let EntryBody::StateRoot(said) = *root.body() else {
        panic!("{root:?}")
    };
    let body = EntryBody::StateRoot(byline::ledger::body::StateRoot {
        covers: file.size(),
        keys: said.keys + 1,
        ..said
    });
    let now = byline::base::Timestamp::from_unix_ms(file.last_commit().unix_ms());
    let entry = file.sign_as_log(body, now).unwrap();
    file.append(&[entry], now).unwrap();
    drop(file);
    home.ok(["ledger", "publish", "www"]);
    for log in [ledger, "www"] {
        let report = home.json(["audit", log], 1);
        assert_eq!(report["findings"][0]["rule"], "ledger.state.root", "{log}");
        assert_eq!(report["findings"][0]["index"], 3);
        home.json(["audit", log, "--no-state"], 0);
    }
    // No further state is signed over it, and none proved under it.
    home.ok(["ledger", "reserve", "signed.jpg", "--no-training"]);
    for words in [
        &["ledger", "root"][..],
        &["ledger", "prove", "gradient.jpg", "--state"],
    ] {
        let output = home.run(words);
        assert_eq!(code(&output), 1, "{}", both(&output));
    }
    // Where nothing is signed, nothing is made again.
    let plain = Home::with_key();
    plain.fixture("images/gradient.jpg");
    plain.ok(["sign", "gradient.jpg", "--source", "human"]);
    assert_eq!(plain.json(["audit", ledger], 0)["counts"]["state_roots"], 0);
}
