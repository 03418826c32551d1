//! Proofs and published directories as a user meets them: made by one, checked by another who has neither ledger nor network.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::run::{Home, both, code};

/// A home with a signed picture `signed.jpg`, recorded as entry 1, and the log's key.
fn studio() -> (Home, String) {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let key = home.json(["ledger", "show"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    (home, key)
}

/// Another person's home, with files handed over.
fn receiver(from: &Home, files: &[&str]) -> Home {
    let home = Home::new();
    for file in files {
        std::fs::copy(from.path(file), home.path(file)).unwrap();
    }
    home
}

fn outcomes(report: &Value) -> [&str; 6] {
    ["log", "witnesses", "inclusion", "entry", "image", "history"]
        .map(|name| report["checks"][name]["outcome"].as_str().unwrap())
}

#[test]
fn a_proof_convinces_somebody_who_has_only_the_logs_key() {
    let (home, key) = studio();
    let made = home.json(["ledger", "prove", "signed.jpg"], 0);
    assert_eq!(made["result"], "RECORDED");
    assert_eq!(made["written"], serde_json::json!(["signed.jpg.tlog-proof"]));
    let other = receiver(&home, &["signed.jpg", "signed.jpg.tlog-proof"]);
    let check = [
        "ledger",
        "check-proof",
        "signed.jpg.tlog-proof",
        "signed.jpg",
        "--log",
        &key,
    ];
    let checked = other.json(check, 0);
    assert_eq!(
        outcomes(&checked),
        ["pass", "not-checked", "pass", "pass", "pass", "not-checked"]
    );
    assert_eq!(
        (checked["index"].as_u64(), checked["tree_size"].as_u64()),
        (Some(1), Some(2))
    );
    assert_eq!(checked["entry"]["kind"], "asset.register");
    // Without a key nothing says which log is believed.
    let output = other.run(["ledger", "check-proof", "signed.jpg.tlog-proof"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
    // The same in one step with the verdict on the picture.
    let verify = [
        "verify",
        "signed.jpg",
        "--require",
        "registered",
        "--proof",
        "signed.jpg.tlog-proof",
        "--log-key",
        &key,
    ];
    let verdict = other.json(verify, 0);
    assert_eq!(verdict["proof"]["result"], "RECORDED");
    assert_eq!(code(&other.run(&verify[..4])), 3);
    // Nothing is written twice unless asked for.
    assert_eq!(code(&home.run(["ledger", "prove", "signed.jpg"])), 4);
    home.ok(["ledger", "prove", "signed.jpg", "--force"]);
    // By index and asset id too.
    let id = made["entry"]["registration"]["asset_id"].as_str().unwrap();
    for (what, file) in [
        ("1", "entry-1.tlog-proof"),
        (id, "by-id.tlog-proof"),
        ("0", "entry-0.tlog-proof"),
    ] {
        home.ok(["ledger", "prove", what, "-o", file]);
        other.json_file(&home, file, &key);
    }
    home.fixture("images/gradient.jpg");
    let output = home.run(["ledger", "prove", "gradient.jpg"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
}

trait Receives {
    fn json_file(&self, from: &Home, file: &str, key: &str);
}

impl Receives for Home {
    fn json_file(&self, from: &Home, file: &str, key: &str) {
        std::fs::copy(from.path(file), self.path(file)).unwrap();
        let report = self.json(["ledger", "check-proof", file, "--log", key], 0);
        assert_eq!(report["result"], "RECORDED", "{file}");
    }
}

#[test]
fn other_pictures_other_keys_and_changed_proofs_do_not_pass() {
    let (home, key) = studio();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "other.jpg", "--source", "human"]);
    home.ok(["ledger", "prove", "signed.jpg"]);
    let proof = std::fs::read_to_string(home.path("signed.jpg.tlog-proof")).unwrap();
    let check = |image: Option<&str>, key: &str, wanted: i32| {
        let mut words = vec!["ledger", "check-proof", "signed.jpg.tlog-proof", "--log", key];
        words.extend(image);
        home.json(words, wanted)
    };
    let report = check(Some("other.jpg"), &key, 1);
    assert_eq!(
        (report["result"].as_str(), outcomes(&report)[4]),
        (Some("CONTRADICTED"), "fail")
    );
    // The picture before it was signed has the same pixels.
    let report = check(Some("lighthouse.jpg"), &key, 0);
    assert!(
        report["checks"]["image"]["note"]
            .as_str()
            .unwrap()
            .contains("pixels")
    );
    // Another log's key: nothing is contradicted, but nothing is proved either.
    let stranger = Home::new();
    stranger.ok(["ledger", "init"]);
    let strange = stranger.json(["ledger", "show"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let report = check(None, &strange, 3);
    assert_eq!(
        (report["result"].as_str(), outcomes(&report)[0]),
        (Some("NOT PROVEN"), "unknown")
    );
    let write = |text: &str| std::fs::write(home.path("signed.jpg.tlog-proof"), text).unwrap();
    write(&proof.replace("\nindex 1\n", "\nindex 2\n"));
    assert_eq!(outcomes(&check(None, &key, 1))[2], "fail");
    write(&proof.replacen("\n3\n", "\n4\n", 1));
    assert_eq!(outcomes(&check(None, &key, 1))[0], "fail");
    let extra = proof.lines().nth(1).unwrap();
    write(&proof.replace(&extra[..60], &format!("{}AAAA", &extra[..56])));
    assert_eq!(outcomes(&check(None, &key, 1))[3], "fail");
    // The picture that was given is not said to be missing, nor is the proof of an entry that is not in the log said to record it.
    let report = check(Some("signed.jpg"), &key, 1);
    let note = report["checks"]["image"]["note"].as_str().unwrap();
    assert_eq!(
        (outcomes(&report)[4], note.contains("no picture")),
        ("not-checked", false),
        "{note}"
    );
    write(&proof.replace("\nindex 1\n", "\nindex 0\n"));
    let shown = both(&home.run(["ledger", "check-proof", "signed.jpg.tlog-proof", "signed.jpg"]));
    assert!(
        shown.contains("The entry in the proof, which is not shown to stand in the log"),
        "{shown}"
    );
    write("no proof at all");
    let shown = both(&home.run(["ledger", "check-proof", "signed.jpg.tlog-proof", "signed.jpg"]));
    for untrue in ["no picture was given", "no ledger was given"] {
        assert!(!shown.contains(untrue), "{untrue}: {shown}");
    }
    write(&proof[..proof.len() / 2]);
    let report = check(None, &key, 3);
    assert_eq!(report["form"], Value::Null);
    std::fs::write(home.path("signed.jpg.tlog-proof"), [0xff, 0xfe]).unwrap();
    check(None, &key, 3);
    write(&"x".repeat(2 << 20));
    assert_eq!(
        code(&home.run(["ledger", "check-proof", "signed.jpg.tlog-proof"])),
        4
    );
}

#[test]
fn a_policy_asks_for_witnesses_that_this_proof_has_not() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg"]);
    let policy = |text: &str, wanted: i32| {
        std::fs::write(home.path("p.policy"), text).unwrap();
        home.json(
            [
                "ledger",
                "check-proof",
                "signed.jpg.tlog-proof",
                "--policy",
                "p.policy",
            ],
            wanted,
        )
    };
    let report = policy(&format!("log {key}\nquorum none\n"), 0);
    assert_eq!(outcomes(&report)[1], "not-checked");
    let witness = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let output = {
        std::fs::write(home.path("p.policy"), format!("witness W {witness}\nquorum W\n")).unwrap();
        home.run([
            "ledger",
            "check-proof",
            "signed.jpg.tlog-proof",
            "--policy",
            "p.policy",
        ])
    };
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(both(&output).contains("line 1"), "{}", both(&output));
}

#[test]
fn an_entry_with_its_receipt_is_checked_with_a_known_key() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--cose", "signed.cose"]);
    let check = [
        "ledger",
        "check-proof",
        "signed.cose",
        "signed.jpg",
        "--log",
        &key,
    ];
    let report = home.json(check, 0);
    assert_eq!(
        (report["form"].as_str(), report["result"].as_str()),
        (Some("cose-receipt"), Some("RECORDED"))
    );
    // Who does not know the signer cannot check the entry: the receipt does not carry the key.
    let other = receiver(&home, &["signed.jpg", "signed.cose"]);
    let report = other.json(check, 3);
    assert_eq!(
        outcomes(&report),
        ["pass", "not-checked", "pass", "unknown", "pass", "not-checked"]
    );
    let mut bytes = std::fs::read(home.path("signed.cose")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(home.path("signed.cose"), &bytes).unwrap();
    assert_eq!(outcomes(&home.json(check, 1))[3], "fail");
}

#[test]
fn a_private_ledger_proves_what_only_it_can_compare() {
    let home = Home::with_key();
    home.ok(["ledger", "init", "p.ledger", "--private"]);
    home.fixture("images/lighthouse.jpg");
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
    home.ok(["ledger", "prove", "signed.jpg", "--ledger", "p.ledger"]);
    let key = home.json(["ledger", "show", "--ledger", "p.ledger"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let check = |by: [&str; 2], wanted| {
        let words = [
            "ledger",
            "check-proof",
            "signed.jpg.tlog-proof",
            "signed.jpg",
            by[0],
            by[1],
        ];
        let report = home.json(words, wanted);
        report["checks"]["image"]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(check(["--ledger", "p.ledger"], 0), "pass");
    assert_eq!(check(["--log", &key], 3), "unknown");
    home.ok(["ledger", "publish", "www", "--ledger", "p.ledger"]);
    assert_eq!(home.json(["audit", "www"], 0)["sound"], true);
}

/// A copy of the ledger as it was, put back later.
fn keep(home: &Home, as_name: &str) -> PathBuf {
    let path = home.path(as_name);
    std::fs::copy(home.path("home/data/default.ledger"), &path).unwrap();
    path
}

#[test]
fn one_earlier_proof_or_checkpoint_finds_out_a_rewritten_or_restored_ledger() {
    let (home, _) = studio();
    let old = keep(&home, "old.ledger");
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "other.jpg", "--source", "human"]);
    home.ok(["ledger", "prove", "other.jpg"]);
    home.ok(["ledger", "publish", "www"]);
    home.ok(["ledger", "consistency", "2", "3"]);
    home.ok(["ledger", "consistency", "other.jpg.tlog-proof", "3"]);
    home.ok(["ledger", "consistency", "www/checkpoint", "other.jpg.tlog-proof"]);
    assert_eq!(code(&home.run(["ledger", "consistency", "3", "4"])), 3);
    assert_eq!(code(&home.run(["ledger", "consistency", "3", "2"])), 2);
    // A machine without a mark of this log, the older copy, and one proof.
    let other = Home::new();
    for (from, to) in [
        (old.as_path(), "l.ledger"),
        (&home.path("other.jpg.tlog-proof"), "p"),
    ] {
        std::fs::copy(from, other.path(to)).unwrap();
    }
    let checked = other.json(["ledger", "check-proof", "p", "--ledger", "l.ledger"], 1);
    assert_eq!(outcomes(&checked)[5], "fail");
    assert_eq!(
        code(&other.run(["ledger", "consistency", "p", "2", "--ledger", "l.ledger"])),
        1
    );
    assert_eq!(
        code(&other.run(["ledger", "consistency", "1", "p", "--ledger", "l.ledger"])),
        1
    );
    // The same log key, another history of the same length.
    let fork = Home::new();
    copy_all(&home.path("home"), &fork.path("home"));
    std::fs::remove_dir_all(fork.path("home/state")).unwrap();
    std::fs::copy(&old, fork.path("home/data/default.ledger")).unwrap();
    let _ = std::fs::remove_dir_all(fork.path("home/data/default.ledger.d"));
    fork.fixture("images/progressive.jpg");
    fork.ok(["sign", "progressive.jpg", "-o", "f.jpg", "--source", "ai"]);
    std::fs::copy(home.path("other.jpg.tlog-proof"), fork.path("p")).unwrap();
    let checked = fork.json(
        [
            "ledger",
            "check-proof",
            "p",
            "--ledger",
            "home/data/default.ledger",
        ],
        1,
    );
    assert_eq!(outcomes(&checked)[5], "fail");
    assert_eq!(code(&fork.run(["ledger", "consistency", "p", "3"])), 1);
    copy_all(&home.path("www"), &fork.path("www"));
    let output = fork.run(["ledger", "publish", "www"]);
    assert_eq!(code(&output), 1);
    assert!(both(&output).contains("another history"), "{}", both(&output));
    // And its directory, audited where the true one was seen.
    fork.ok(["ledger", "publish", "forked"]);
    copy_all(&fork.path("forked"), &home.path("forked"));
    let report = home.json(["audit", "forked"], 1);
    assert_eq!(report["findings"][0]["rule"], "ledger.history.forked");
}

pub(crate) fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn a_published_directory_is_audited_and_what_is_wrong_in_it_is_named() {
    let (home, key) = studio();
    let published = home.json(["ledger", "publish", "www"], 0);
    assert_eq!(
        (published["tree_size"].as_u64(), published["files"].as_u64()),
        (Some(2), Some(2))
    );
    assert_eq!(home.json(["ledger", "publish", "www"], 0)["files"], 0);
    let other = Home::new();
    copy_all(&home.path("www"), &other.path("www"));
    let report = other.json(["audit", "www", "--log-key", &key], 0);
    assert_eq!(
        (report["sound"].as_bool(), report["counts"]["entries"].as_u64()),
        (Some(true), Some(2))
    );
    let entries = other.path("www/tile/entries/000.p/2");
    let good = std::fs::read(&entries).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    std::fs::write(&entries, bad).unwrap();
    assert_eq!(
        other.json(["audit", "www"], 1)["findings"][0]["rule"],
        "ledger.published.changed"
    );
    std::fs::remove_file(&entries).unwrap();
    assert_eq!(
        other.json(["audit", "www"], 1)["findings"][0]["rule"],
        "ledger.published.missing"
    );
    std::fs::write(&entries, good).unwrap();
    let checkpoint = std::fs::read_to_string(other.path("www/checkpoint")).unwrap();
    std::fs::write(
        other.path("www/checkpoint"),
        checkpoint.replacen("\n2\n", "\n3\n", 1),
    )
    .unwrap();
    assert_eq!(
        other.json(["audit", "www"], 1)["findings"][0]["rule"],
        "ledger.published.checkpoint"
    );
    std::fs::write(other.path("www/checkpoint"), checkpoint).unwrap();
    // Another log's key, a directory that is none, one without its key.
    let stranger = Home::new();
    stranger.ok(["ledger", "init"]);
    let strange = stranger.json(["ledger", "show"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(code(&other.run(["audit", "www", "--log-key", &strange])), 1);
    assert_eq!(code(&other.run(["audit", "www/tile"])), 4);
    std::fs::remove_file(other.path("www/log.vkey")).unwrap();
    assert_eq!(code(&other.run(["audit", "www"])), 4);
    other.json(["audit", "www", "--log-key", &key], 0);
}
