//! What a verdict may rest on: an entry about other pixels, entries that contradict each other, parents that do not hold.

use std::fs;

use super::run::{Home, both, code, corpus};

/// The APP11 segments of a JPEG: its manifest store.
fn store_of(jpeg: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 2;
    while jpeg[at] == 0xff && jpeg[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] == 0xeb {
            out.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    out
}

/// A picture by a model, with the credentials of a picture by a person put into it.
fn transplanted(home: &Home) {
    home.fixture("images/gradient.jpg");
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "human.jpg", "--source", "human"]);
    let store = store_of(&fs::read(home.path("human.jpg")).unwrap());
    assert!(store.len() > 1000);
    let mut bytes = fs::read(home.path("lighthouse.jpg")).unwrap();
    bytes.splice(2..2, store);
    fs::write(home.path("foreign.jpg"), bytes).unwrap();
}

#[test]
fn copied_credentials_lend_a_picture_nothing_of_their_ledger_entry() {
    let home = Home::with_key();
    transplanted(&home);
    let report = home.json(["verify", "foreign.jpg"], 1);
    assert_eq!(report["result"], "CHANGED");
    assert_eq!(report["made"]["authorship"], "unknown", "{:#}", report["made"]);
    assert_eq!(report["ledger"]["check"]["outcome"], "unknown");
    assert_eq!(report["ledger"]["entries"][0]["matched"], "manifest");
    let batch = home.run(["verify", "foreign.jpg", "foreign.jpg"]);
    let text = both(&batch);
    assert!(!text.contains("made by a person"), "{text}");
    assert!(text.contains("not registered"), "{text}");
    assert!(!text.contains("in the ledger"), "{text}");
    let output = home.run(["verify", "foreign.jpg", "--require", "registered"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
}

#[test]
fn beside_copied_credentials_the_pixels_are_still_looked_up() {
    let home = Home::with_key();
    transplanted(&home);
    home.ok(["sign", "lighthouse.jpg", "-o", "ai.jpg", "--source", "ai"]);
    let report = home.json(["verify", "foreign.jpg"], 1);
    assert_eq!(report["made"]["authorship"], "ai", "{:#}", report["made"]);
    assert_eq!(report["made"]["basis"], "ledger-trusted");
    assert_eq!(report["ledger"]["check"]["outcome"], "pass");
}

#[test]
fn entries_that_contradict_each_other_never_say_human() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.png", "-o", "human.png", "--source", "human"]);
    home.ok([
        "sign",
        "gradient.png",
        "-o",
        "ai.png",
        "--source",
        "ai",
        "--force",
    ]);
    for (file, exit) in [("gradient.png", 3), ("human.png", 0), ("ai.png", 0)] {
        let report = home.json(["verify", file], exit);
        let made = &report["made"];
        assert_ne!(made["authorship"], "human", "{file} {made:#}");
        let words = made["words"].as_str().unwrap();
        assert!(
            words.contains("the entries contradict each other"),
            "{file} {made:#}"
        );
        let conflicts = made["conflicts"].to_string();
        assert!(
            conflicts.contains("entry 1 ") && conflicts.contains("entry 2 "),
            "{made:#}"
        );
    }
}

#[test]
fn in_a_private_ledger_too_a_file_is_compared_with_its_twins() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    for (out, source) in [("human.png", "human"), ("ai.png", "ai")] {
        home.ok([
            "sign",
            "gradient.png",
            "-o",
            out,
            "--source",
            source,
            "--ledger",
            "own.ledger",
            "--force",
        ]);
    }
    let report = home.json(["verify", "human.png", "--ledger", "own.ledger"], 0);
    let entries = report["ledger"]["entries"].as_array().unwrap();
    let matched: Vec<_> = entries
        .iter()
        .map(|hit| hit["matched"].as_str().unwrap())
        .collect();
    assert_eq!(matched, ["file", "pixel"], "{entries:#?}");
    let words = report["made"]["words"].as_str().unwrap();
    assert!(words.contains("the entries contradict each other"), "{words}");
}

/// What the log declares of a key counts for its signatures too: from the named entry on, and not before.
#[test]
fn a_key_declared_compromised_in_the_ledger_speaks_for_nothing_signed_from_then_on() {
    let home = Home::with_key();
    for (name, out) in [
        ("gradient.jpg", "early.jpg"),
        ("gradient.png", "late.png"),
        ("alpha.webp", "other.webp"),
    ] {
        home.fixture(&format!("images/{name}"));
        let ledger: &[&str] = if out == "other.webp" {
            &["--no-ledger"]
        } else {
            &[]
        };
        home.ok([&["sign", name, "-o", out, "--source", "human"], ledger].concat());
    }
    let words = |file: &str, exit: i32| {
        let report = home.json(["verify", file], exit);
        let sentence = report["sentence"].as_str().unwrap().to_owned();
        (report["result"].as_str().unwrap().to_owned(), sentence, report)
    };
    let named = |report: &serde_json::Value| report["identities"][0]["check"].clone();
    for file in ["early.jpg", "late.png", "other.webp"] {
        let (result, _, report) = words(file, 0);
        assert_eq!(result, "TRUSTED", "{file}");
        assert_eq!(named(&report)["outcome"], "pass", "{report:#}");
    }
    // The early picture's content under another manifest of the same key: when that was signed, nobody can say.
    home.ok(["ledger", "prove", "early.jpg", "--embed", "again.jpg"]);
    assert_eq!(words("again.jpg", 0).0, "TRUSTED");
    // Entry 0 brings the key in, 1 is the early picture, 2 the late one.
    home.ok(["key", "revoke", "ada", "--reason", "compromised", "--as-of", "2"]);
    let (result, _, report) = words("early.jpg", 0);
    assert_eq!(result, "TRUSTED");
    assert_eq!(named(&report)["outcome"], "pass", "{report:#}");
    for file in ["late.png", "other.webp", "again.jpg"] {
        let (result, sentence, report) = words(file, 1);
        assert_eq!(result, "REVOKED", "{report:#}");
        // The same key named somebody, too.
        let note = "its key was declared compromised in the ledger with entry 3";
        assert_eq!(
            (&named(&report)["outcome"], &named(&report)["note"]),
            (&"unknown".into(), &note.into())
        );
        assert!(
            sentence.contains("entry 3 of the ledger declares the key"),
            "{sentence}"
        );
        // An entry from before still speaks for the pixels of the early picture.
        let is_told = report["made"]["basis"] == "ledger-trusted";
        assert_eq!(is_told, file == "again.jpg", "{report:#}");
        home.json(["verify", file, "--require", "registered"], 1);
    }
    assert_eq!(words("late.png", 1).2["ledger"]["entries"][0]["suspect"], 3);
    // Without the ledger nobody can know.
    home.json(["verify", "late.png", "--no-ledger"], 0);
}

#[test]
fn reservations_and_licences_of_the_ledger_are_told_of_the_picture() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.png", "-o", "s.png", "--source", "human"]);
    home.ok(["ledger", "reserve", "s.png", "--no-training"]);
    home.ok(["ledger", "license", "s.png", "--public", "--terms", "CC0-1.0"]);
    let grant = |more: &[&str]| {
        let words = ["ledger", "license", "s.png", "--public", "--terms", "CC-BY-4.0"];
        home.ok([&words[..], more].concat());
    };
    grant(&["--from", "2020-01-01", "--until", "2020-12-31"]);
    grant(&["--from", "2090-01-01", "--territory", "DE"]);
    let title = home.json(["verify", "s.png"], 0)["ledger"]["title"].clone();
    let title = title.as_str().unwrap();
    for wanted in [
        "rights reserved with entry 2: cawg.",
        "licensed to everyone, CC0-1.0, with entry 3",
        "licensed to everyone, CC-BY-4.0, in DE, from 2090-01-01T00:00:00Z, with entry 5",
    ] {
        assert!(title.contains(wanted), "{title}");
    }
    assert!(!title.contains("entry 4"), "it has run out: {title}");
    let history = home.json(["ledger", "history", "s.png"], 0);
    let licences = &history["assets"][0]["titles"][0]["licences"];
    let terms: Vec<&str> = (0..3).map(|n| licences[n]["term"].as_str().unwrap()).collect();
    assert_eq!(terms, ["running", "over", "not-yet"], "{licences}");
    let text = home.ok(["ledger", "history", "s.png"]);
    assert!(
        text.contains("it has run out") && text.contains("not in force yet"),
        "{text}"
    );
    // What each entry is about is said once.
    let entry = |index: usize| text.split("\nentry ").nth(index + 1).unwrap().to_owned();
    assert!(
        entry(0).contains("  Asset  ") && !entry(0).contains("About asset"),
        "{text}"
    );
    assert!(entry(1).contains("About asset"), "{text}");
}

#[test]
fn the_same_picture_by_two_people_is_contested_and_the_earlier_one_first() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok(["key", "new", "--name", "carol", "--as", "Carol", "--unencrypted"]);
    home.ok([
        "sign",
        "gradient.png",
        "-o",
        "a.png",
        "--source",
        "human",
        "--key",
        "ada",
    ]);
    home.ok([
        "sign",
        "gradient.png",
        "-o",
        "c.png",
        "--source",
        "ai",
        "--key",
        "carol",
    ]);
    for file in ["a.png", "c.png"] {
        let history = home.json(["ledger", "history", file], 0);
        let claims = history["assets"][0]["claims"].as_array().unwrap();
        let said: Vec<_> = claims
            .iter()
            .map(|one| {
                (
                    one["by"]["known_as"].as_str().unwrap(),
                    one["contested"].as_bool().unwrap(),
                )
            })
            .collect();
        assert_eq!(said, [("ada", false), ("carol", true)], "{history:#}");
    }
    let text = home.ok(["ledger", "history", "c.png"]);
    assert!(text.contains("digitalCreation, first recorded here"), "{text}");
    assert!(text.contains("trainedAlgorithmicMedia, contested"), "{text}");
}

#[test]
fn what_a_stolen_key_signed_is_suspect_wherever_it_is_shown() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.png", "-o", "a.png", "--source", "human"]);
    home.ok(["key", "revoke", "ada", "--reason", "compromised", "--as-of", "1"]);
    let shown = home.json(["ledger", "show"], 0);
    assert_eq!(shown["entries"][1]["suspect"], 2, "{shown:#}");
    assert_eq!(shown["entries"][0]["suspect"], serde_json::Value::Null);
    let exported = home.ok(["ledger", "export"]);
    let line = exported.lines().nth(1).unwrap();
    assert!(line.contains("\"suspect\":2"), "{line}");
    let stats = home.json(["ledger", "stats"], 0);
    // The next key, which signed the revocation, is hers too: she had promised it.
    let keys = stats["keys"].as_array().unwrap();
    let names: Vec<Option<&str>> = keys.iter().map(|one| one["who"]["known_as"].as_str()).collect();
    assert_eq!(names, [Some("ada")], "{stats:#}");
    let csv = home.ok(["ledger", "export", "--csv"]);
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .contains("pixel,manifest,void,suspect,redacted"),
        "{csv}"
    );
}

#[test]
fn an_edit_registered_after_its_original_contradicts_nothing() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "one.jpg", "--source", "camera"]);
    home.ok(["sign", "one.jpg", "-o", "two.jpg", "--source", "human-edited"]);
    let report = home.json(["verify", "two.jpg"], 0);
    assert_eq!(
        report["made"]["conflicts"],
        serde_json::json!([]),
        "{:#}",
        report["made"]
    );
}

#[test]
fn an_edit_of_a_broken_parent_is_said_first_and_in_a_batch_and_is_no_work_by_a_person() {
    let home = Home::with_key();
    let Some(corpus) = corpus() else { return };
    for name in ["E-dat-CA", "E-sig-CA", "XCA", "E-uri-CIE-sig-CA"] {
        let file = corpus.join(format!("c2pa-public-testfiles/adobe-20220124-{name}.jpg"));
        let signed = format!("{name}.jpg");
        home.ok([
            "sign",
            file.to_str().unwrap(),
            "-o",
            &signed,
            "--source",
            "human-edited",
        ]);
        let report = home.json(["verify", &signed, "--no-ledger"], 0);
        let made = &report["made"];
        assert_eq!(made["authorship"], "unknown", "{name} {made:#}");
        assert_eq!(made["from_broken"], true, "{name} {made:#}");
        let text = home.ok(["verify", &signed, "--no-ledger"]);
        let head = text
            .split("Picture unchanged")
            .next()
            .unwrap()
            .replace("\n  ", " ");
        assert!(head.contains("how the original was made: unknown"), "{text}");
        assert!(head.contains("already broken"), "{text}");
        let batch = home.ok(["verify", &signed, &signed, "--no-ledger"]);
        // Long names wrap.
        let words = batch.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("made from a broken picture"), "{batch}");
        assert!(!batch.contains("made by a person"), "{batch}");
    }
}

#[test]
fn an_edit_is_no_statement_about_its_original() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "out.jpg",
        "--source",
        "human-edited",
    ]);
    let made = home.json(["verify", "out.jpg"], 0)["made"].clone();
    assert_eq!(made["authorship"], "unknown", "{made:#}");
    assert_eq!(made["from_broken"], false, "{made:#}");
    let words = made["words"].as_str().unwrap();
    assert!(
        words.starts_with("edited by a person; how the original was made: unknown"),
        "{made:#}"
    );
}

#[test]
fn an_edited_photograph_is_told_as_one_with_what_came_before() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "one.jpg", "--source", "camera"]);
    home.ok(["sign", "one.jpg", "-o", "two.jpg", "--source", "human-edited"]);
    let report = home.json(["verify", "two.jpg"], 0);
    let made = &report["made"];
    assert_eq!(made["authorship"], "capture", "{made:#}");
    let words = made["words"].as_str().unwrap();
    assert!(
        words.starts_with("captured from life, then edited by a person"),
        "{made:#}"
    );
    let before = made["earlier"].as_array().unwrap();
    assert_eq!(before.len(), 1, "{made:#}");
    assert_eq!(before[0]["actions"][0]["action"], "c2pa.created");
    assert_eq!(before[0]["faults"].as_array().unwrap().len(), 0);
    let text = both(&home.run(["verify", "two.jpg"]));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Before that Created (digitalCapture)"), "{text}");
}

#[test]
fn a_damaged_or_older_ledger_takes_no_answer_away() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.jpg", "-o", "one.jpg", "--source", "human"]);
    let path = home.path("home/data/default.ledger");
    let older = fs::read(&path).unwrap();
    home.ok(["sign", "gradient.png", "-o", "two.png", "--source", "human"]);
    let mut damaged = fs::read(&path).unwrap();
    // In the last entry: the commit after it stays whole.
    let at = damaged.len() - 300;
    damaged[at] ^= 1;
    for (bytes, id) in [(older, "ledger.rolled-back"), (damaged, "ledger.damaged")] {
        fs::write(&path, bytes).unwrap();
        // What was put back or damaged may be what speaks against the picture, whoever named the ledger.
        let unasked = home.json(["verify", "one.jpg"], 1);
        assert_eq!(unasked["result"], "TRUSTED", "{id}");
        assert_eq!(unasked["ledger"]["check"]["id"], id);
        assert_eq!(unasked["ledger"]["check"]["outcome"], "fail");
        let ledger = path.to_str().unwrap();
        let named = home.json(["verify", "one.jpg", "--ledger", ledger], 1);
        assert_eq!(named["result"], "TRUSTED", "{id}");
        assert_eq!(named["ledger"]["check"]["outcome"], "fail");
        for args in [
            &["ledger", "show"][..],
            &["sign", "gradient.jpg", "-o", "three.jpg", "--source", "ai"],
        ] {
            let output = home.run(args);
            assert_eq!(code(&output), 1, "{id} {}", both(&output));
        }
        assert!(!home.path("three.jpg").exists());
    }
}

#[test]
fn a_folder_tells_of_its_broken_pictures_and_an_empty_one_proves_nothing() {
    let home = Home::with_key();
    for folder in ["mixed", "none"] {
        fs::create_dir(home.path(folder)).unwrap();
    }
    home.fixture("images/gradient.jpg");
    fs::rename(home.path("gradient.jpg"), home.path("mixed/good.jpg")).unwrap();
    fs::write(home.path("mixed/empty.jpg"), b"").unwrap();
    fs::write(home.path("mixed/text.PNG"), b"no picture").unwrap();
    fs::write(home.path("mixed/notes.txt"), b"no picture").unwrap();
    fs::write(home.path("none/notes.txt"), b"no picture").unwrap();
    let output = home.run(["verify", "mixed"]);
    let text = both(&output);
    assert_eq!(code(&output), 3, "{text}");
    assert_eq!(
        text.matches("UNREADABLE").count(),
        3,
        "two lines and the count\n{text}"
    );
    assert!(!text.contains("notes.txt"), "{text}");
    let output = home.run(["verify", "none"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(
        both(&output).contains("nothing was looked at"),
        "{}",
        both(&output)
    );
}

#[test]
fn of_an_empty_folder_nothing_is_signed() {
    let home = Home::with_key();
    fs::create_dir(home.path("none")).unwrap();
    for text in [None, Some("no picture")] {
        if let Some(text) = text {
            fs::write(home.path("none/notes.txt"), text).unwrap();
        }
        let output = home.run(["sign", "none", "--source", "human"]);
        assert_eq!(code(&output), 3, "{}", both(&output));
        assert!(both(&output).contains("nothing to sign"), "{}", both(&output));
    }
}

/// Root may list every folder, so one is made whose path is longer than the system takes.
#[test]
fn a_folder_that_cannot_be_listed_keeps_nobody_from_the_others() {
    let home = Home::with_key();
    let deep = |root: &str| {
        let mut path = home.path(root);
        for _ in 0..12 {
            path.push("d".repeat(200));
        }
        fs::create_dir_all(&path).unwrap();
        path
    };
    let inner = deep("inner");
    home.fixture("images/gradient.png");
    fs::rename(home.path("gradient.png"), inner.join("out-of-reach.png")).unwrap();
    let outer = deep("in");
    fs::rename(home.path("inner"), outer.join("inner")).unwrap();
    for name in ["gradient.jpg", "gradient.png"] {
        home.fixture(&format!("images/{name}"));
        fs::rename(home.path(name), home.path(&format!("in/{name}"))).unwrap();
    }
    let output = home.run(["sign", "in", "-o", "out/", "--source", "human"]);
    let text = both(&output);
    assert_eq!(code(&output), 4, "{text}");
    assert_eq!(text.matches("SIGNED").count(), 2, "{text}");
    assert_eq!(text.matches("cannot list").count(), 1, "{text}");
    assert!(home.path("out/gradient.png").exists());
    let output = home.run(["verify", "in", "--format", "json"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.last().unwrap();
    assert_eq!(summary["schema"], "verify-summary.v1");
    assert_eq!(
        (&summary["files"], &summary["failed"]),
        (&2.into(), &1.into()),
        "{summary:#}"
    );
    assert_eq!(summary["results"], serde_json::json!({"NO CREDENTIALS": 2}));
    let told: Vec<_> = lines.iter().filter(|line| line.get("result").is_some()).collect();
    assert_eq!(told.len(), 2, "only pictures have a result");
}

#[test]
fn rights_that_the_signed_manifest_does_not_state_are_said_to_disagree() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    let sign = |input: &str, output: &str, who: &str, source: &str| {
        let rights = format!("(c) 2026 {who}");
        let words = ["--by", who, "--role", "creator", "--rights", &rights];
        let args = ["sign", input, "-o", output, "--source", source];
        home.ok(args.iter().chain(&words));
        home.json(["verify", output], 0)["rights"]
            .as_array()
            .unwrap()
            .clone()
    };
    let disagreeing = |lines: &[serde_json::Value]| -> Vec<String> {
        let lines = lines.iter().filter(|line| line["disagrees"] == true);
        lines
            .map(|line| line["value"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = sign("gradient.jpg", "one.jpg", "Bob", "human");
    assert!(disagreeing(&first).is_empty(), "{first:#?}");
    // The second signer keeps what the file says and states something else.
    let second = sign("one.jpg", "two.jpg", "Ada", "human-edited");
    let told = disagreeing(&second);
    assert!(told.contains(&"Bob".to_owned()), "{second:#?}");
    assert!(told.contains(&"(c) 2026 Bob".to_owned()), "{second:#?}");
    assert!(told.iter().all(|value| value.contains("Bob")), "{second:#?}");
    let shown = home.ok(["verify", "two.jpg"]);
    assert!(shown.contains("the signed manifest says otherwise"), "{shown}");
}

#[test]
fn a_signature_by_ones_own_key_says_how_to_trust_it_and_is_not_trusted() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["trust", "remove", "ada"]);
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "human"]);
    let report = home.json(["verify", "out.jpg"], 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
    let remedy = report["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("your own key `ada`") && remedy.contains("byline trust add ada.byline"),
        "{remedy}"
    );
    fs::rename(home.path("home/data/keys"), home.path("away")).unwrap();
    let report = home.json(["verify", "out.jpg"], 3);
    assert!(!report["remedy"].as_str().unwrap().contains("your own key"));
}

#[test]
fn a_parents_identity_that_cannot_be_confirmed_is_not_the_signers() {
    let home = Home::with_key();
    let Some(corpus) = corpus() else { return };
    let file = corpus.join("example-assets/cloudscape-ACA-Cr.jpeg");
    home.ok([
        "sign",
        file.to_str().unwrap(),
        "-o",
        "out.jpg",
        "--source",
        "human-edited",
    ]);
    let report = home.json(["verify", "out.jpg"], 0);
    let own = &report["identities"][0];
    assert_eq!(own["name"], "Ada Painter", "{:#}", report["identities"]);
    assert_eq!(own["check"]["id"], "cawg.identity.trusted", "{own:#}");
}
