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
        ["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "human", "--rights", "see the studio"],
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
        ["sign", "lighthouse.jpg", "-o", "b.jpg", "--source", "human", "--by", "Ada"],
        0,
    );
    assert_eq!(assertion(&named, "cawg.identity")["role"], "cawg.creator");
    assert_eq!(last_entry(&home)["role"], "creator");
}

#[test]
fn a_source_type_taken_from_the_file_is_signed_as_such() {
    let home = home();
    home.ok(["sign", "lighthouse.jpg", "-o", "a.jpg", "--source", "camera", "--no-ledger"]);
    let signed = Asset::parse(fs::read(home.path("a.jpg")).unwrap()).unwrap();
    fs::write(home.path("bare.jpg"), signed.without_store().unwrap().bytes()).unwrap();
    for (input, output) in [("bare.jpg", "b.jpg"), ("a.jpg", "c.jpg")] {
        let report = home.json(["sign", input, "-o", output, "--source", "from-metadata"], 0);
        let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
        let said = action["description"].as_str().unwrap();
        assert!(said.contains("own metadata (xmp Iptc4xmpExt:DigitalSourceType)"), "{said}");
        let inspected = home.ok(["inspect", output, "--full"]);
        assert!(inspected.contains("taken from the picture's own metadata"), "{inspected}");
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
        ["sign", "lighthouse.jpg", "-o", "b.jpg", "--source", "human"].iter().chain(&created),
        0,
    );
    let action = &assertion(&report, "c2pa.actions.v2")["actions"][0];
    assert_eq!(action["when"], "2026-01-02T03:04:05Z");
}
