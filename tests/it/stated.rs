//! What a signed picture and its entry say is what was stated, and no more.

use std::fs;

use byline::asset::Asset;
use serde_json::Value;

use super::run::Home;

fn home() -> Home {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home
}

/// What was said, with single spaces.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The content of the first assertion of a label in a report of `sign`.
fn assertion(report: &Value, label: &str) -> Value {
    let list = report["assertions"].as_array().unwrap();
    let found = list.iter().find(|one| one["label"] == label);
    found.unwrap_or_else(|| panic!("{label} in {report:#}"))["content"].clone()
}

fn last_entry(home: &Home) -> Value {
    let shown = home.json(["ledger", "show"], 0);
    shown["entries"].as_array().unwrap().last().unwrap()["registration"].clone()
}

#[test]
fn nobody_is_creator_unless_somebody_is_named() {
    let home = home();
    let nobody = home.json(
        [
            "sign",
            "lighthouse.jpg",
            "-o",
            "a.jpg",
            "--source",
            "human",
            "--rights",
            "see the studio",
        ],
        0,
    );
    assert_eq!(assertion(&nobody, "cawg.identity")["role"], Value::Null);
    let entry = last_entry(&home);
    assert_eq!(entry["role"], Value::Null, "{entry:#}");
    assert_eq!(entry["rights"], serde_json::json!([]), "{entry:#}");
    assert!(home.ok(["ledger", "show"]).contains("not stated"));
    let inspected = home.ok(["inspect", "a.jpg", "--full"]);
    assert!(!inspected.contains("cawg.creator"), "{inspected}");
    assert!(home.json(["verify", "a.jpg"], 0)["identities"][0]["role"].is_null());

    let named = home.json(
        [
            "sign",
            "lighthouse.jpg",
            "-o",
            "b.jpg",
            "--source",
            "human",
            "--by",
            "Ada",
        ],
        0,
    );
    assert_eq!(assertion(&named, "cawg.identity")["role"], "cawg.creator");
    assert_eq!(last_entry(&home)["role"], "creator");
}

#[test]
fn a_source_type_taken_from_the_file_is_signed_as_such() {
    let home = home();
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "a.jpg",
        "--source",
        "camera",
        "--no-ledger",
    ]);
    let signed = Asset::parse(fs::read(home.path("a.jpg")).unwrap()).unwrap();
    fs::write(home.path("bare.jpg"), signed.without_store().unwrap().bytes()).unwrap();
    for (input, output, place, told) in [
        (
            "bare.jpg",
            "b.jpg",
            "xmp Iptc4xmpExt:DigitalSourceType",
            "the file's metadata",
        ),
        (
            "a.jpg",
            "c.jpg",
            "the signed manifest that it came with",
            "the signed manifest that it came with",
        ),
    ] {
        let report = home.json(["sign", input, "-o", output, "--source", "from-metadata"], 0);
        let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
        let said = action["description"].as_str().unwrap();
        assert!(said.contains(&format!("own metadata ({place})")), "{said}");
        let inspected = home.ok(["inspect", output, "--full"]);
        assert!(
            inspected.contains("taken from the picture's own metadata"),
            "{inspected}"
        );
        let made = home.json(["verify", output], 0)["made"].clone();
        assert_eq!(made["from_metadata"], true, "{made:#}");
        let words = made["words"].as_str().unwrap();
        assert!(words.contains(&format!("says {told}")), "{words}");
    }
    // Whoever says so themselves is not said to have taken it over.
    let own = home.json(["sign", "bare.jpg", "-o", "d.jpg", "--source", "camera"], 0);
    assert!(assertion(&own, "c2pa.actions.v2")["actions"][0]["description"].is_null());
    assert_eq!(home.json(["verify", "d.jpg"], 0)["made"]["from_metadata"], false);
}

#[test]
fn of_an_entry_in_a_private_ledger_no_fingerprint_is_shown() {
    let home = home();
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    let args = |ledger: &'static str, more: &'static str| {
        [
            "sign",
            "lighthouse.jpg",
            "-o",
            "out.jpg",
            "--source",
            "ai",
            "--ledger",
            ledger,
            more,
        ]
    };
    let public = home.json(args("new.ledger", "--dry-run"), 0);
    assert_eq!(public["entry"]["keyed"], false);
    assert!(public["fingerprints"].as_array().unwrap().len() > 1);
    let dry = home.json(args("own.ledger", "--dry-run"), 0);
    let done = home.json(args("own.ledger", "--full"), 0);
    for report in [dry, done] {
        assert_eq!(report["entry"]["keyed"], true, "{:#}", report["entry"]);
        let prints = report["fingerprints"].as_array().unwrap();
        let names: Vec<_> = prints
            .iter()
            .map(|one| one["algorithm"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["iscc-image-256.v0"], "what the credentials hold");
    }
}

#[test]
fn a_making_has_a_time_only_where_one_was_stated() {
    let home = home();
    let report = home.json(["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "human"], 0);
    let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
    assert_eq!(action["action"], "c2pa.created");
    assert!(action["when"].is_null(), "{action:#}");
    let created = ["--created", "2026-01-02T03:04:05Z"];
    let report = home.json(
        ["sign", "lighthouse.jpg", "-o", "b.jpg", "--source", "human"]
            .iter()
            .chain(&created),
        0,
    );
    let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
    assert_eq!(action["when"], "2026-01-02T03:04:05Z");
}

#[test]
fn a_time_keeps_its_offset_and_a_day_stays_a_day() {
    let home = home();
    let sign = |output: &str, created: &str| {
        home.json(
            [
                "sign",
                "lighthouse.jpg",
                "-o",
                output,
                "--source",
                "human",
                "--created",
                created,
            ],
            0,
        )
    };
    let written = |report: &Value, name: &str| {
        let list = report["written"].as_array().unwrap();
        list.iter()
            .find(|one| one["name"] == name)
            .map(|one| one["value"].as_str().unwrap().to_owned())
    };
    let there = sign("a.jpg", "2026-01-02T03:04:05+02:00");
    assert_eq!(
        written(&there, "Exif:DateTimeOriginal").as_deref(),
        Some("2026:01:02 03:04:05")
    );
    assert_eq!(
        written(&there, "Exif:OffsetTimeOriginal").as_deref(),
        Some("+02:00")
    );
    assert_eq!(
        written(&there, "photoshop:DateCreated").as_deref(),
        Some("2026-01-02T03:04:05+02:00")
    );
    let day = sign("b.jpg", "2026-05-01");
    assert_eq!(written(&day, "Exif:DateTimeOriginal"), None);
    assert_eq!(
        written(&day, "photoshop:DateCreated").as_deref(),
        Some("2026-05-01")
    );
    assert!(assertion(&day, "c2pa.actions.v2")["actions"][0]["when"].is_null());
}

/// Of many pictures only a line each is shown: what stays in them once came to light after they were given out.
#[test]
fn a_batch_counts_what_its_pictures_disclose() {
    let home = home();
    fs::create_dir(home.path("in")).unwrap();
    let plain = fs::read(home.path("lighthouse.jpg")).unwrap();
    fs::write(home.path("in/gps.jpg"), with_gps(&home.path("lighthouse.jpg"))).unwrap();
    fs::write(home.path("in/plain.jpg"), &plain).unwrap();
    let text = "a cat\nSteps: 20, Sampler: Euler, Seed: 7, Model: sdxl, Version: v1.10.1";
    let mut made = plain[..2].to_vec();
    made.extend([0xFF, 0xFE]);
    made.extend(u16::try_from(text.len() + 2).unwrap().to_be_bytes());
    made.extend(text.as_bytes());
    made.extend(&plain[2..]);
    fs::write(home.path("in/made.jpg"), made).unwrap();
    let two_pages = super::run::fixtures().join("images/two-pages.tif");
    fs::copy(two_pages, home.path("in/two-pages.tif")).unwrap();
    for dry in [&["--dry-run"][..], &[]] {
        let words = ["sign", "in", "-o", "out/", "--source", "ai"];
        let told = home.ok(words.iter().chain(dry));
        for line in [
            "1       hold a place, or the number or owner of a device",
            "1       hold a prompt, which stays in them",
            "1       have several pages or frames",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }
}

#[test]
fn a_dry_run_tells_of_entry_certificate_and_place() {
    let home = Home::new();
    home.ok([
        "key",
        "new",
        "--as",
        "Ada Painter",
        "--email",
        "ada@example.org",
        "--unencrypted",
    ]);
    fs::write(
        home.path("gps.jpg"),
        with_gps(&home.fixture("images/lighthouse.jpg")),
    )
    .unwrap();
    let args = [
        "sign",
        "gps.jpg",
        "--source",
        "ai",
        "--family",
        "diffusion",
        "--no-training",
        "--rights",
        "All rights reserved",
        "--dry-run",
    ];
    let report = home.json(args, 0);
    let entry = &report["entry"];
    assert!(
        entry["ledger"].as_str().unwrap().ends_with("default.ledger"),
        "{entry:#}"
    );
    assert_eq!(entry["source_type"], "trainedAlgorithmicMedia");
    assert_eq!(entry["family"], "diffusion");
    assert_eq!(entry["role"], Value::Null);
    assert_eq!(entry["rights"], serde_json::json!(["all-rights-reserved"]));
    assert_eq!(report["certificate"]["name"], "Ada Painter");
    assert_eq!(report["certificate"]["email"], "ada@example.org");
    assert!(
        report["notes"].to_string().contains("GPS:GPSLatitude"),
        "{report:#}"
    );
    let text = home.ok(args);
    for said in [
        "all-rights-reserved",
        "ada@example.org",
        "GPS:GPSLatitude",
        "no role",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // The same in the report of the deed, and in the entry itself.
    let deed = home.json(&args[..args.len() - 1], 0);
    assert_eq!(deed["entry"]["rights"], entry["rights"]);
    assert_eq!(last_entry(&home)["rights"], entry["rights"]);
    let args = [
        "sign",
        "gps.jpg",
        "-o",
        "b.jpg",
        "--source",
        "ai",
        "--dry-run",
        "--no-ledger",
    ];
    assert_eq!(home.json(args, 0)["entry"], Value::Null);
}

/// The picture with an EXIF block of one GPS directory: version and latitude.
fn with_gps(picture: &std::path::Path) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    // GPSInfo, LONG, 1, at 26; no next directory.
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0");
    // Two entries: GPSLatitudeRef "N", GPSLatitude of three rationals at 56.
    tiff.extend(b"\0\x02\0\x01\0\x02\0\0\0\x02N\0\0\0\0\x02\0\x05\0\0\0\x03\0\0\0\x38\0\0\0\0");
    tiff.extend([
        0, 0, 0, 53, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
    let asset = Asset::parse(fs::read(picture).unwrap()).unwrap();
    asset.with_metadata(Some(&tiff), None).unwrap().bytes().to_vec()
}

#[test]
fn a_batch_says_which_pictures_contradict_the_signer() {
    let home = home();
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "a.jpg",
        "--source",
        "human",
        "--title",
        "Dawn",
        "--no-ledger",
    ]);
    let text = home.ok([
        "sign",
        "a.jpg",
        "lighthouse.jpg",
        "-o",
        "out/",
        "--source",
        "human",
        "--title",
        "Dusk",
    ]);
    let line = |name: &str| {
        let found = text.lines().find(|line| line.contains(name));
        found.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    };
    assert!(line("out/a.jpg").contains("says otherwise and stays"), "{text}");
    assert!(!line("out/lighthouse.jpg").contains("says otherwise"), "{text}");
    assert!(
        text.contains("1       hold metadata that says otherwise"),
        "{text}"
    );
}

#[test]
fn a_torn_tail_that_was_set_aside_is_said() {
    let home = home();
    home.ok(["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "human"]);
    let ledger = home.path("home/data/default.ledger");
    let tear = || {
        let mut bytes = fs::read(&ledger).unwrap();
        bytes.extend([7; 40]);
        fs::write(&ledger, bytes).unwrap();
    };
    tear();
    let report = home.json(["sign", "lighthouse.jpg", "-o", "b.jpg", "--source", "human"], 0);
    let said = report["notes"].to_string();
    assert!(said.contains("40 bytes of an interrupted write"), "{said}");
    assert!(said.contains("set aside in"), "{said}");
    tear();
    let text = home.ok(["sign", "a.jpg", "b.jpg", "-o", "out/", "--source", "human"]);
    assert!(text.contains("interrupted write"), "{text}");
    for args in [
        &["ledger", "root"][..],
        &["key", "rotate", "ada"],
        &["key", "revoke", "ada", "--reason", "retired"],
    ] {
        tear();
        let text = spaced(&home.ok(args.iter().copied()));
        assert!(
            text.contains("40 bytes of an interrupted write"),
            "{args:?}: {text}"
        );
        assert!(
            text.contains("no acknowledged entry is in them"),
            "{args:?}: {text}"
        );
    }
}

#[test]
fn byline_is_not_named_as_the_tool_that_made_a_picture() {
    let home = home();
    home.ok(["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "human"]);
    home.ok(["sign", "a.jpg", "-o", "b.jpg", "--source", "human"]);
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "c.jpg",
        "--source",
        "human",
        "--software",
        "Easel 2",
    ]);
    for file in ["a.jpg", "b.jpg"] {
        let made = home.json(["verify", file], 0)["made"].clone();
        assert!(!made["tool"].to_string().contains("byline"), "{file} {made:#}");
    }
    assert_eq!(home.json(["verify", "c.jpg"], 0)["made"]["tool"], "Easel 2");
}

#[test]
fn a_signed_input_is_the_parent_under_its_own_name() {
    let home = home();
    home.ok(["sign", "lighthouse.jpg", "-o", "first.jpg", "--source", "human"]);
    home.ok(["sign", "first.jpg", "-o", "second.jpg", "--source", "human"]);
    let ingredients = home.json(["verify", "second.jpg"], 0)["c2pa"]["ingredients"].clone();
    assert_eq!(ingredients[0]["title"], "first.jpg", "{ingredients:#}");
}

#[test]
fn without_a_ledger_no_register_is_named() {
    let home = home();
    let report = home.json(
        [
            "sign",
            "lighthouse.jpg",
            "-o",
            "a.jpg",
            "--source",
            "human",
            "--no-ledger",
        ],
        0,
    );
    assert!(!report["written"].to_string().contains("Registry"), "{report:#}");
    assert!(!home.ok(["inspect", "a.jpg", "--full"]).contains("RegItemId"));
    let report = home.json(["sign", "lighthouse.jpg", "-o", "b.jpg", "--source", "human"], 0);
    assert!(report["written"].to_string().contains("RegItemId"), "{report:#}");
}

/// What was never asked is not told as an answer: neither of a ledger that is not there, nor of a private one without its secret.
#[test]
fn a_batch_does_not_call_unregistered_what_no_ledger_was_asked_for() {
    let home = home();
    home.ok(["ledger", "init", "p.ledger", "--private"]);
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "out/a.jpg",
        "--source",
        "human",
        "--ledger",
        "p.ledger",
    ]);
    fs::copy(home.path("out/a.jpg"), home.path("out/b.jpg")).unwrap();
    let verify = |what: &str, ledger: &str| {
        let output = home.run(["verify", what, "--ledger", ledger]);
        (super::run::code(&output), spaced(&super::run::both(&output)))
    };
    let (asked, text) = verify("out", "p.ledger");
    assert!(
        text.contains("registered") && !text.contains("not asked"),
        "{text}"
    );
    let (missing, text) = verify("out", "typo.ledger");
    assert_eq!((asked, missing), (0, 4), "{text}");
    assert_eq!(text.matches("not asked ").count(), 2, "{text}");
    assert!(!text.contains("not registered"), "{text}");
    assert!(
        text.contains("2 not looked for in the ledger: it was not asked: "),
        "{text}"
    );
    assert!(text.contains("exit code 4 is for the ledger"), "{text}");
    let (alone, text) = verify("out/a.jpg", "typo.ledger");
    assert_eq!(alone, 4);
    assert!(text.contains("exit code 4 is for the ledger"), "{text}");
    fs::rename(home.path("p.ledger.secret"), home.path("s")).unwrap();
    let (_, text) = verify("out", "p.ledger");
    assert!(
        text.contains("not asked") && !text.contains("not registered"),
        "{text}"
    );
    assert!(
        text.contains("needs its secret") || text.contains("need its secret"),
        "{text}"
    );
}

/// Where making a private ledger was cut short, its secret is there and no ledger: nobody gets a public one beside it.
#[test]
fn a_secret_without_its_ledger_is_taken_up_and_never_left_beside_a_public_one() {
    let home = home();
    home.ok(["ledger", "init", "p.ledger", "--private"]);
    fs::remove_file(home.path("p.ledger")).unwrap();
    let secret = fs::read(home.path("p.ledger.secret")).unwrap();
    let sign = [
        "sign",
        "lighthouse.jpg",
        "-o",
        "a.jpg",
        "--source",
        "human",
        "--ledger",
        "p.ledger",
    ];
    for args in [&sign[..], &["ledger", "init", "p.ledger"]] {
        let output = home.run(args.iter().copied());
        let text = spaced(&super::run::both(&output));
        assert_eq!(super::run::code(&output), 4, "{text}");
        assert!(text.contains("byline ledger init FILE --private"), "{text}");
        assert!(!home.path("p.ledger").exists() && !home.path("a.jpg").exists());
    }
    let text = spaced(&home.ok(["ledger", "init", "p.ledger", "--private"]));
    assert!(text.contains("without a ledger is its secret now"), "{text}");
    assert_eq!(fs::read(home.path("p.ledger.secret")).unwrap(), secret);
    let text = spaced(&home.ok(sign));
    assert!(!text.contains("was not there"), "{text}");
    let text = spaced(&home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "b.jpg",
        "--source",
        "human",
        "--ledger",
        "new.ledger",
    ]));
    assert!(
        text.contains("`new.ledger` was not there, and is a new public one"),
        "{text}"
    );
}
