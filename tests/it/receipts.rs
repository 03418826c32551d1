//! Receipts inside pictures: put in by who signed them, checked by a stranger with the log's key alone.

use serde_json::Value;

use super::judges::{c2pa, exported_root, trust_settings};
use super::run::{Home, both, code, fixtures};

/// A home with `signed.jpg` and `signed.png`, recorded, and the log's key.
fn studio() -> (Home, String) {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    let png = first_png();
    std::fs::copy(&png, home.path("picture.png")).unwrap();
    for (image, to) in [("lighthouse.jpg", "signed.jpg"), ("picture.png", "signed.png")] {
        home.ok([
            "sign",
            image,
            "-o",
            to,
            "--source",
            "ai",
            "--rights",
            "(c) Ada",
            "--no-training",
        ]);
    }
    let shown = home.json(["ledger", "show"], 0);
    let key = shown["log_key"].as_str().unwrap().to_owned();
    (home, key)
}

fn first_png() -> std::path::PathBuf {
    let mut found: Vec<_> = std::fs::read_dir(fixtures().join("images"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    found.sort();
    found.remove(0)
}

/// What a verdict says of the picture itself.
fn said(report: &Value) -> [&Value; 6] {
    let fields = ["result", "made", "rights", "signer", "identities", "checks"];
    fields.map(|name| &report[name])
}

#[test]
fn a_receipt_goes_into_the_picture_and_changes_nothing_that_is_said_of_it() {
    let (home, key) = studio();
    for ending in ["jpg", "png"] {
        let (signed, with) = (format!("signed.{ending}"), format!("with.{ending}"));
        let made = home.json(["ledger", "prove", &signed, "--embed", &with], 0);
        assert_eq!(
            made["written"],
            serde_json::json!([format!("{signed}.tlog-proof"), with])
        );
        let (before, after) = (home.json(["verify", &signed], 0), home.json(["verify", &with], 0));
        assert_eq!(said(&before), said(&after));
        assert_eq!(
            (&before["receipt"], &after["receipt"]["result"]),
            (&Value::Null, &"RECORDED".into())
        );
        // The ledger knows the new file by its content, which is that of the file before.
        assert_eq!(after["ledger"]["entries"][0]["matched"], "content");
        assert_eq!(
            before["image"]["content_sha256"],
            after["image"]["content_sha256"]
        );
        // Somebody without ledger who knows the creator and the log's key.
        let other = Home::new();
        for file in [with.as_str(), "ada.pub"] {
            std::fs::copy(home.path(file), other.path(file)).unwrap();
        }
        other.ok(["trust", "add", "ada.pub", "--name", "ada"]);
        let verify = ["verify", with.as_str(), "--require", "registered"];
        let unknown = other.json(verify, 3);
        assert_eq!(unknown["receipt"]["result"], "NOT PROVEN");
        let with_key = [&verify[..], &["--log-key", key.as_str()]].concat();
        let report = other.json(with_key, 0);
        assert_eq!(report["receipt"]["checks"]["image"]["outcome"], "pass");
        let text = other.ok(["verify", with.as_str(), "--log-key", key.as_str()]);
        let line = text.lines().find(|line| line.contains("Receipt in it")).unwrap();
        assert!(line.contains("RECORDED"), "{line}");
        // Once more on top: the same answer.
        home.ok([
            "ledger",
            "prove",
            &with,
            "--embed",
            "twice",
            "-o",
            &format!("twice.{ending}.proof"),
        ]);
        let twice = home.json(["verify", "twice"], 0);
        assert_eq!(said(&before), said(&twice));
        std::fs::remove_file(home.path("twice")).unwrap();
        judged_by_c2patool(&home, &with);
    }
}

/// c2patool, where it is, finds the file valid, trusted with its root, and the receipt in it.
fn judged_by_c2patool(home: &Home, file: &str) {
    trust_settings(home, &exported_root(home));
    for (settings, state) in [(None, "Valid"), (Some("trust.toml"), "Trusted")] {
        let Some(report) = c2pa(home, file, settings) else {
            return;
        };
        assert_eq!(report["validation_state"], state, "{report:#}");
        let active = report["active_manifest"].as_str().unwrap();
        let labels = report["manifests"][active]["assertions"].to_string();
        assert!(labels.contains("c2pa.repository-receipt"), "{labels}");
    }
}

#[test]
fn a_stranger_checks_a_receipt_with_the_key_that_the_picture_brings() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--embed", "with.jpg"]);
    let stranger = Home::new();
    std::fs::copy(home.path("with.jpg"), stranger.path("with.jpg")).unwrap();
    let report = stranger.json(["verify", "with.jpg", "--log-key", &key], 3);
    assert_eq!(report["receipt"]["result"], "RECORDED", "{:#}", report["receipt"]);
}

#[test]
fn a_format_that_takes_no_receipt_sends_nobody_to_a_picture_editor() {
    let (home, _) = studio();
    home.fixture("images/gradient.gif");
    home.ok(["sign", "gradient.gif", "-o", "signed.gif", "--source", "human"]);
    let refused = home.run(["ledger", "prove", "signed.gif", "--embed", "with.gif"]);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    let said = both(&refused);
    assert!(
        said.contains("only JPEG and PNG") && said.contains("without --embed"),
        "{said}"
    );
}

#[test]
fn a_changed_receipt_or_picture_is_found_out() {
    let (home, key) = studio();
    home.ok(["ledger", "prove", "signed.jpg", "--embed", "with.jpg"]);
    let bytes = std::fs::read(home.path("with.jpg")).unwrap();
    let verify = |at: usize, name: &str| {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(home.path(name), changed).unwrap();
        home.json(["verify", name, "--log-key", &key], 1)["result"].clone()
    };
    let find = |what: &[u8]| bytes.windows(what.len()).position(|part| part == what).unwrap();
    let proof = find(b"\"proof\":\"") + 200;
    assert_eq!(verify(proof, "bad-receipt.jpg"), "CHANGED");
    assert_eq!(verify(bytes.len() - 100, "bad-picture.jpg"), "CHANGED");
    // The header of a box, which no hash covers.
    let kind = find(b"c2um");
    assert_ne!(
        code(&{
            let mut changed = bytes.clone();
            changed[kind + 2] = b'a';
            std::fs::write(home.path("bad-kind.jpg"), changed).unwrap();
            home.run(["verify", "bad-kind.jpg"])
        }),
        0
    );
    // Another log's key: nothing is contradicted, nothing is proved.
    let stranger = Home::new();
    stranger.ok(["ledger", "init"]);
    let strange = stranger.json(["ledger", "show"], 0)["log_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let report = home.json(["verify", "with.jpg", "--log-key", &strange], 0);
    assert_eq!(report["receipt"]["result"], "NOT PROVEN");
}

#[test]
fn a_receipt_goes_into_what_its_own_signer_signed_and_nothing_else() {
    let (home, _) = studio();
    let refused = |words: &[&str], wanted: i32, why: &str| {
        let output = home.run([&["ledger", "prove"], words].concat());
        assert_eq!(code(&output), wanted, "{}", both(&output));
        assert!(both(&output).contains(why), "{}", both(&output));
    };
    // The picture as it was before, which holds no manifest; an entry without a picture.
    refused(&["lighthouse.jpg", "--embed", "x.jpg"], 4, "holds no manifest");
    refused(&["1", "--embed", "x.jpg"], 2, "is no picture");
    home.ok(["key", "new", "--name", "bob", "--unencrypted"]);
    refused(
        &["signed.jpg", "--embed", "x.jpg", "--key", "bob"],
        2,
        "another certificate signed it",
    );
    home.ok([
        "ledger",
        "prove",
        "signed.jpg",
        "--embed",
        "x.jpg",
        "--key",
        "ada",
    ]);
    refused(
        &["signed.jpg", "--embed", "x.jpg", "--key", "ada", "-o", "y"],
        4,
        "x.jpg",
    );
    // A WebP counts its store in a header that is signed.
    home.fixture("images/gradient.jpg");
    let webp = std::fs::read_dir(fixtures().join("images")).unwrap();
    let webp = webp.map(|entry| entry.unwrap().path());
    let mut webp = webp.filter(|path| path.extension().is_some_and(|ending| ending == "webp"));
    if let Some(path) = webp.next() {
        std::fs::copy(path, home.path("p.webp")).unwrap();
        home.ok(["sign", "p.webp", "-o", "s.webp", "--source", "ai", "--key", "ada"]);
        refused(
            &["s.webp", "--embed", "x.webp", "--key", "ada"],
            4,
            "only JPEG and PNG",
        );
    }
    assert!(!home.path("x.webp").exists() && !home.path("y").exists());
}
