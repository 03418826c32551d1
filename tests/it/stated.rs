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
    for (input, output) in [("bare.jpg", "b.jpg"), ("a.jpg", "c.jpg")] {
        let report = home.json(["sign", input, "-o", output, "--source", "from-metadata"], 0);
        let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
        let said = action["description"].as_str().unwrap();
        assert!(
            said.contains("own metadata (xmp Iptc4xmpExt:DigitalSourceType)"),
            "{said}"
        );
        let inspected = home.ok(["inspect", output, "--full"]);
        assert!(
            inspected.contains("taken from the picture's own metadata"),
            "{inspected}"
        );
    }
    // Whoever says so themselves is not said to have taken it over.
    let own = home.json(["sign", "bare.jpg", "-o", "d.jpg", "--source", "camera"], 0);
    assert!(assertion(&own, "c2pa.actions.v2")["actions"][0]["description"].is_null());
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
    assert!(line("out/lighthouse.jpg").ends_with("lighthouse.jpg"), "{text}");
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
}

#[test]
fn your_own_key_is_known_as_yours() {
    let home = Home::new();
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "key",
        "new",
        "--name",
        "ada",
        "--as",
        "Ada Painter",
        "--unencrypted",
    ]);
    home.ok(["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "human"]);
    let report = home.json(["verify", "a.jpg"], 0);
    assert_eq!(report["result"], "TRUSTED");
    let text = home.ok(["verify", "a.jpg"]);
    assert!(text.contains("you trust it as ada (your own key)"), "{text}");
    assert!(home.ok(["ledger", "show"]).contains("ada (your own key)"));
    // The picture of somebody else who calls a key the same is not yours.
    let other = Home::new();
    other.fixture("images/lighthouse.jpg");
    other.ok([
        "key",
        "new",
        "--name",
        "ada",
        "--as",
        "Ada Painter",
        "--unencrypted",
    ]);
    fs::copy(home.path("a.jpg"), other.path("a.jpg")).unwrap();
    assert_eq!(other.json(["verify", "a.jpg"], 3)["result"], "UNKNOWN ISSUER");
    // A key that is in the trust too goes by the name it has there.
    home.ok(["key", "export", "ada", "--public", "-o", "ada.pub"]);
    home.ok(["trust", "add", "ada.pub", "--name", "me"]);
    let text = home.ok(["verify", "a.jpg"]);
    assert!(
        text.contains("you trust it as me") && !text.contains("your own key"),
        "{text}"
    );
}
