//! Two people registered files with the same pixels: a proof for one of these files is about its own entry.

use serde_json::Value;

use super::run::{Home, both, code};

/// Entry 1: `a.jpg` by ada; entry 3: `b.jpg` by carol, of the same pixels; both in the default ledger.
fn two_signers() -> Home {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "carol", "--as", "Carol", "--unencrypted"]);
    home.ok(["key", "export", "carol", "--public", "-o", "carol.pub"]);
    home.ok(["trust", "add", "carol.pub", "--name", "carol"]);
    home.fixture("images/gradient.jpg");
    for (out, source, key) in [("a.jpg", "human", "ada"), ("b.jpg", "ai", "carol")] {
        home.ok([
            "sign",
            "gradient.jpg",
            "-o",
            out,
            "--source",
            source,
            "--key",
            key,
        ]);
    }
    home
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn a_proof_is_of_the_entry_about_this_very_file_whoever_registered_its_pixels_before() {
    let home = two_signers();
    let report = home.json(["ledger", "prove", "b.jpg"], 0);
    assert_eq!(report["index"], 3, "{report}");
    assert_eq!(report["matched"], "file");
    assert_eq!(report["entry"]["known_as"], "carol");
    assert!(
        notes(&report).contains("further entries: 1 (same pixels, another file)"),
        "{report}"
    );
    // The receipt that goes into the picture is that of its own entry.
    home.ok([
        "ledger", "prove", "b.jpg", "--embed", "c.jpg", "--key", "carol", "-o", "b.proof",
    ]);
    let verdict = home.json(["verify", "c.jpg"], 0);
    assert_eq!(verdict["receipt"]["index"], 3, "{verdict}");
    // Who holds it: its own signer.
    home.ok(["ledger", "root"]);
    let report = home.json(["ledger", "prove", "b.jpg", "--state"], 0);
    assert!(
        report["sentence"].as_str().unwrap().ends_with("held by carol"),
        "{report}"
    );
    assert_eq!(report["state"]["first"], 3);
}

#[test]
fn a_proof_about_the_pixels_alone_says_that_it_is_of_another_file() {
    let home = two_signers();
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "d.jpg",
        "--source",
        "ai",
        "--key",
        "carol",
        "--no-ledger",
    ]);
    let report = home.json(["ledger", "prove", "d.jpg"], 0);
    assert_eq!(
        (report["index"].as_u64(), report["matched"].as_str()),
        (Some(1), Some("pixel"))
    );
    let sentence =
        "the log you rely on holds another file with the same pixels as entry 1, signed by the key it names";
    assert_eq!(report["sentence"], sentence);
    // The same where a receiver checks it.
    let words = home.run(["verify", "d.jpg", "--proof", "d.jpg.tlog-proof", "--no-ledger"]);
    let said = both(&words).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("another file with the same pixels as entry 1"),
        "{said}"
    );
    // And nobody's receipt goes into a picture that was not registered.
    let output = home.run([
        "ledger", "prove", "d.jpg", "--embed", "e.jpg", "--key", "carol", "-o", "d.proof",
    ]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(both(&output).contains("same pixels"), "{}", both(&output));
    assert!(!home.path("e.jpg").exists() && !home.path("d.proof").exists());
}
