//! Manifests beside a picture, and those that a picture names an address of, through the command.

use std::fs;

use byline::asset::{Asset, StorePlace};

use super::judges::judge;
use super::run::{Home, both, code};

/// A home with `art.jpg`, signed; `bare.jpg`, the same without its manifest; and that in `taken.c2pa`.
fn taken_apart() -> Home {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "art.jpg",
        "--source",
        "human",
        "--no-ledger",
    ]);
    let art = asset(&home, "art.jpg");
    let StorePlace::Found { jumbf, .. } = &art.layout().store else {
        panic!("no store");
    };
    fs::write(home.path("taken.c2pa"), jumbf).unwrap();
    fs::write(home.path("bare.jpg"), art.without_store().unwrap().bytes()).unwrap();
    home
}

fn asset(home: &Home, name: &str) -> Asset {
    Asset::parse(fs::read(home.path(name)).unwrap()).unwrap()
}

fn verdict(home: &Home, file: &str, manifest: &str, code: i32) -> serde_json::Value {
    home.json(["verify", file, "--no-ledger", "--manifest", manifest], code)
}

#[test]
fn a_manifest_taken_out_of_a_picture_is_judged_with_it_and_the_verdict_says_which() {
    let home = taken_apart();
    let alone = home.json(["verify", "bare.jpg", "--no-ledger"], 3);
    assert_eq!(alone["result"], "NO CREDENTIALS");
    assert_eq!(alone["manifest"]["place"], "absent");
    let report = verdict(&home, "bare.jpg", "taken.c2pa", 0);
    assert_eq!(report["result"], "TRUSTED");
    assert_eq!(report["manifest"]["place"], "given");
    assert_eq!(report["manifest"]["name"], "taken.c2pa");
    assert_eq!(report["manifest"]["own_passed_over"], false);
    let text = home.ok(["verify", "bare.jpg", "--no-ledger", "--manifest", "taken.c2pa"]);
    assert!(text.contains("the one given: taken.c2pa"), "{text}");
    let shown = home.json(["inspect", "bare.jpg", "--manifest", "taken.c2pa"], 0);
    assert_eq!(shown["c2pa"]["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(
        home.json(["inspect", "bare.jpg"], 0)["c2pa"],
        serde_json::Value::Null
    );
    let crjson = home.run([
        "verify",
        "bare.jpg",
        "--manifest",
        "taken.c2pa",
        "--format",
        "crjson",
        "--no-ledger",
    ]);
    assert!(
        String::from_utf8_lossy(&crjson.stdout).contains("byline"),
        "{}",
        both(&crjson)
    );
}

#[test]
fn a_changed_picture_another_ones_manifest_and_a_damaged_one_are_told() {
    let home = taken_apart();
    let mut bytes = fs::read(home.path("bare.jpg")).unwrap();
    let at = bytes.len() - 50;
    bytes[at] ^= 1;
    fs::write(home.path("changed.jpg"), &bytes).unwrap();
    assert_eq!(
        verdict(&home, "changed.jpg", "taken.c2pa", 1)["result"],
        "CHANGED"
    );
    home.fixture("images/gradient.png");
    assert_eq!(
        verdict(&home, "gradient.png", "taken.c2pa", 1)["result"],
        "CHANGED"
    );
    let store = fs::read(home.path("taken.c2pa")).unwrap();
    for (name, damaged) in [("cut", &store[..300]), ("empty", &[][..]), ("words", b"hello")] {
        fs::write(home.path(name), damaged).unwrap();
        let report = verdict(&home, "bare.jpg", name, 3);
        assert_eq!(report["result"], "UNREADABLE", "{name}");
        assert!(
            report["notes"].to_string().contains("beside the picture"),
            "{name}"
        );
    }
    let mut flipped = store;
    let at = flipped.len() / 2;
    flipped[at] ^= 1;
    fs::write(home.path("flipped"), flipped).unwrap();
    let output = home.run(["verify", "bare.jpg", "--no-ledger", "--manifest", "flipped"]);
    assert!([1, 3].contains(&code(&output)), "{}", both(&output));
    assert_eq!(
        code(&home.run(["verify", "bare.jpg", "--manifest", "missing.c2pa"])),
        4
    );
    let two = home.run(["verify", "bare.jpg", "art.jpg", "--manifest", "taken.c2pa"]);
    assert!(both(&two).contains("of one picture"), "{}", both(&two));
}

/// Threats V1: the bytes that a lifted manifest's hash leaves out are an attacker's.
#[test]
fn what_a_lifted_manifest_leaves_out_cannot_be_filled() {
    let home = taken_apart();
    let art = asset(&home, "art.jpg");
    let [range] = art.store_ranges() else { panic!() };
    let mut bytes = art.bytes().to_vec();
    let left_out = &mut bytes[range.clone()];
    left_out[1] = 0xfe;
    left_out[4..].fill(b'x');
    fs::write(home.path("filled.jpg"), &bytes).unwrap();
    let report = verdict(&home, "filled.jpg", "taken.c2pa", 1);
    assert_eq!(report["result"], "CHANGED");
    let mut bytes = art.bytes().to_vec();
    bytes[range.end - 3] ^= 1;
    fs::write(home.path("other-store.jpg"), &bytes).unwrap();
    let report = verdict(&home, "other-store.jpg", "taken.c2pa", 1);
    assert_eq!(report["result"], "CHANGED");
    assert_eq!(report["manifest"]["own_passed_over"], true);
    assert!(
        report["notes"].to_string().contains("of its own"),
        "{}",
        report["notes"]
    );
}

#[test]
fn a_manifest_that_lies_beside_is_mentioned_and_not_taken_unasked() {
    let home = taken_apart();
    fs::copy(home.path("taken.c2pa"), home.path("bare.c2pa")).unwrap();
    let report = home.json(["verify", "bare.jpg", "--no-ledger"], 3);
    assert_eq!(report["result"], "NO CREDENTIALS");
    assert!(
        report["notes"].to_string().contains("--manifest"),
        "{}",
        report["notes"]
    );
    let asked = verdict(&home, "bare.jpg", "bare.c2pa", 0);
    assert!(!asked["notes"].to_string().contains("--manifest"));
}

#[test]
fn what_c2patool_keeps_beside_a_picture_covers_every_byte_of_it() {
    let home = Home::new();
    home.fixture("images/gradient.jpg");
    let definition = r#"{"claim_generator_info":[{"name":"Other","version":"1"}],"assertions":[{"label":"c2pa.actions","data":{"actions":[{"action":"c2pa.created","digitalSourceType":"http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"}]}}]}"#;
    fs::write(home.path("def.json"), definition).unwrap();
    let args = ["gradient.jpg", "-m", "def.json", "-s", "-o", "side.jpg"];
    let Some(output) = judge("c2patool", &args, home.dir.path()) else {
        return;
    };
    assert!(output.status.success(), "{}", both(&output));
    let report = verdict(&home, "side.jpg", "side.c2pa", 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER", "{report:#}");
    let mut bytes = fs::read(home.path("side.jpg")).unwrap();
    bytes.push(0);
    fs::write(home.path("longer.jpg"), bytes).unwrap();
    assert_eq!(verdict(&home, "longer.jpg", "side.c2pa", 1)["result"], "CHANGED");
}

/// A picture that names an address of its manifest.
fn pointing(home: &Home, url: &str) {
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dcterms=\"http://purl.org/dc/terms/\" dcterms:provenance=\"{url}\"/>\
         </rdf:RDF></x:xmpmeta>"
    );
    home.fixture("images/gradient.jpg");
    let picture = asset(home, "gradient.jpg")
        .with_metadata(None, Some(&packet))
        .unwrap();
    fs::write(home.path("away.jpg"), picture.bytes()).unwrap();
}

#[test]
fn only_public_https_addresses_are_gone_to_and_each_is_named() {
    let home = Home::new();
    for (url, why) in [
        ("https://127.0.0.1:9/a.c2pa", "not public"),
        ("https://localhost:9/a.c2pa", "not public"),
        ("https://[::ffff:10.1.2.3]/a.c2pa", "not public"),
        ("http://127.0.0.1:9/a.c2pa", "not https"),
    ] {
        pointing(&home, url);
        let offline = home.json(["verify", "away.jpg", "--no-ledger"], 3);
        assert_eq!(offline["result"], "REMOTE ONLY", "{url}");
        assert_eq!(offline["fetches"], serde_json::json!([]));
        // Whom --online would ask is said before anybody is asked.
        assert_eq!(offline["manifest"]["name"], url);
        let text = both(&home.run(["verify", "away.jpg", "--no-ledger"]));
        assert!(text.contains(url) && text.contains("--online"), "{text}");
        let report = home.json(["verify", "away.jpg", "--no-ledger", "--online"], 3);
        assert_eq!(report["result"], "REMOTE ONLY", "{url}");
        let line = &report["fetches"][0];
        assert_eq!(
            (line["of"].as_str(), line["url"].as_str()),
            (Some("manifest"), Some(url))
        );
        assert_eq!(
            (line["answered"].as_bool(), line["bytes"].as_u64()),
            (Some(false), Some(0))
        );
        assert!(line["outcome"].as_str().unwrap().contains(why), "{url}: {line}");
    }
    let output = home.run(["verify", "away.jpg", "--no-ledger", "--online"]);
    assert!(
        both(&output).contains("manifest from http://127.0.0.1:9/a.c2pa: FAILED"),
        "{}",
        both(&output)
    );
}
