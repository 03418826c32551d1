//! What a verdict leaves open, as a reader meets it: every point, each with a remedy that works when it is followed to the letter.

use serde_json::Value;

use super::run::{Home, both, code, corpus};

/// A signed picture by somebody else, in a home that knows nobody.
fn strangers_picture() -> Home {
    let signer = Home::with_key();
    signer.fixture("images/lighthouse.jpg");
    signer.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let home = Home::new();
    std::fs::copy(signer.path("signed.jpg"), home.path("signed.jpg")).unwrap();
    home
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value:#}"))
}

fn about(report: &Value) -> Vec<&str> {
    let open = report["open"].as_array().unwrap();
    open.iter().map(|point| text(point, "/about")).collect()
}

/// The words of the `byline` command at the end of a remedy.
fn command(remedy: &str) -> Vec<&str> {
    let (_, words) = remedy
        .rsplit_once("byline ")
        .unwrap_or_else(|| panic!("{remedy}"));
    words.split_whitespace().collect()
}

/// After the certificates of everybody here have ended.
const LATE: [&str; 2] = ["--at", "2190-01-01T00:00:00Z"];

#[test]
fn every_open_point_is_named_with_what_would_settle_it() {
    let home = strangers_picture();
    let report = home.json(["verify", "signed.jpg", LATE[0], LATE[1]], 3);
    assert_eq!(report["result"], "NOT CONFIRMED");
    assert_eq!(
        about(&report),
        ["time", "issuer", "identity", "revocation", "ledger"]
    );
    for point in report["open"].as_array().unwrap() {
        assert!(
            !text(point, "/what").is_empty() && !text(point, "/settle").is_empty(),
            "{point}"
        );
    }
    let first = text(&report, "/open/0/what");
    assert!(text(&report, "/sentence").contains(&format!("{first} (and 4 more)")));
    assert_eq!(report["remedy"], report["open"][0]["settle"]);
    let shown = both(&home.run(["verify", "signed.jpg", LATE[0], LATE[1]]));
    let add = text(&report, "/open/1/settle");
    let add = &add[add.find("byline trust add").unwrap()..];
    assert!(
        shown.lines().any(|line| line.trim() == add),
        "to be copied whole: {add}: {shown}"
    );
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for point in report["open"].as_array().unwrap().iter().skip(1) {
        let line = format!("also open: {} - {}", text(point, "/about"), text(point, "/what"));
        assert!(shown.contains(&line), "{line}: {shown}");
    }
    let page = both(&home.run(["verify", "signed.jpg", LATE[0], LATE[1], "--format", "html"]));
    assert!(page.contains("What is open"), "{page}");
}

#[test]
fn nothing_is_open_of_a_trusted_picture_or_of_one_without_credentials() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let trusted = home.json(["verify", "signed.jpg"], 0);
    let bare = home.json(["verify", "lighthouse.jpg"], 3);
    assert_eq!((about(&trusted), about(&bare)), (vec![], vec![]));
    // Nor is anything else asked of a changed one than what speaks against it.
    let mut bytes = std::fs::read(home.path("signed.jpg")).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    std::fs::write(home.path("changed.jpg"), bytes).unwrap();
    let changed = home.json(["verify", "changed.jpg", LATE[0], LATE[1]], 1);
    assert_eq!(about(&changed), ["unchanged"], "{changed:#}");
}

#[test]
fn the_remedy_for_an_unknown_issuer_works_as_it_is_written() {
    let home = strangers_picture();
    let report = home.json(["verify", "signed.jpg"], 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
    let remedy = text(&report, "/remedy");
    let sha256 = text(&report, "/signer/certificate_sha256");
    assert!(remedy.contains(sha256), "{remedy}");
    home.ok(command(remedy));
    assert_eq!(home.json(["verify", "signed.jpg"], 0)["result"], "TRUSTED");
}

#[test]
fn a_picture_by_another_product_is_trusted_by_the_fingerprint_of_its_certificate() {
    let Some(corpus) = corpus() else { return };
    let home = Home::new();
    let file = corpus.join("c2pa-public-testfiles/adobe-20220124-C.jpg");
    std::fs::copy(file, home.path("C.jpg")).unwrap();
    let verify = ["verify", "C.jpg", "--at", "2026-11-23T12:00:00Z"];
    let report = home.json(verify, 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
    home.ok(command(text(&report, "/remedy")));
    assert_eq!(home.json(verify, 0)["result"], "TRUSTED");
}

#[test]
fn no_certificate_is_trusted_without_its_own_fingerprint() {
    let home = strangers_picture();
    let add = ["trust", "add", "--from", "signed.jpg"];
    let none = home.run(add);
    assert_eq!(code(&none), 2, "{}", both(&none));
    let report = home.json(["verify", "signed.jpg"], 3);
    assert!(
        both(&none)
            .replace("\n       ", "")
            .contains(text(&report, "/signer/certificate_sha256"))
    );
    let other = home.run([&add[..], &["--sha256", &"ab".repeat(32)]].concat());
    assert_eq!(code(&other), 4, "{}", both(&other));
    assert_eq!(code(&home.run([&add[..], &["--sha256", "abc"]].concat())), 2);
    home.fixture("images/lighthouse.jpg");
    let bare = home.run(["trust", "add", "--from", "lighthouse.jpg"]);
    assert!(both(&bare).contains("holds no certificate"), "{}", both(&bare));
    assert_eq!(home.json(["trust", "list"], 0)["entries"], serde_json::json!([]));
    // As openssl writes it.
    let sha256 = text(&report, "/signer/certificate_sha256").to_ascii_uppercase();
    let pairs: Vec<&str> = (0..32).map(|at| &sha256[at * 2..at * 2 + 2]).collect();
    home.ok([&add[..], &["--sha256", &pairs.join(":")]].concat());
}

#[test]
fn an_identity_whose_certificate_has_ended_is_not_confirmed() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let checked = |report: &Value| {
        let check = &report["identities"][0]["check"];
        (text(check, "/outcome").to_owned(), text(check, "/id").to_owned())
    };
    let now = home.json(["verify", "signed.jpg"], 0);
    assert_eq!(checked(&now).0, "pass", "{now:#}");
    for at in [LATE[1], "2001-01-01T00:00:00Z"] {
        let report = home.json(["verify", "signed.jpg", "--at", at], 3);
        let wanted = (
            "unknown".to_owned(),
            "cawg.x509.signature.outside_validity".to_owned(),
        );
        assert_eq!(checked(&report), wanted, "{at}");
    }
}

#[test]
fn a_certificate_that_is_not_valid_yet_sends_nobody_to_a_picture_editor() {
    let home = strangers_picture();
    let report = home.json(["verify", "signed.jpg", "--at", "2001-01-01T00:00:00Z"], 3);
    assert_eq!(about(&report)[0], "time");
    assert!(text(&report, "/remedy").starts_with("ask for a day on which it was signed already, with --at"));
    // A machine whose clock byline believes, and the library that signs does not.
    let ahead = "@2190-01-01T00:00:00Z";
    home.fixture("images/gradient.jpg");
    home.ok([ahead, "key", "new", "--name", "late", "--unencrypted"]);
    let sign = [
        ahead,
        "sign",
        "gradient.jpg",
        "--source",
        "ai",
        "--no-ledger",
        "-o",
        "x.jpg",
    ];
    let refused = home.run(sign);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    let said = both(&refused);
    assert!(said.contains("clock") && !said.contains("editor"), "{said}");
}

#[test]
fn a_clock_that_cannot_be_read_is_a_wrong_command_line() {
    let home = Home::new();
    home.fixture("images/gradient.jpg");
    for value in ["garbage", "2026", "2026-13-01T00:00:00Z"] {
        let output = home.run([&format!("@{value}"), "verify", "gradient.jpg"]);
        assert_eq!(code(&output), 2, "{}", both(&output));
        assert!(both(&output).contains("BYLINE_CLOCK"), "{}", both(&output));
    }
}

#[test]
fn where_the_signature_does_not_hold_nothing_is_said_to_be_signed() {
    let Some(corpus) = corpus() else { return };
    let home = Home::new();
    let file = corpus.join("c2pa-public-testfiles/adobe-20220124-E-sig-CA.jpg");
    std::fs::copy(file, home.path("sig.jpg")).unwrap();
    let verify = ["verify", "sig.jpg", "--at", "2026-11-23T12:00:00Z"];
    let report = home.json(verify, 1);
    assert_eq!(report["result"], "CHANGED");
    let answers = ["unchanged", "signature", "time", "issuer"]
        .map(|name| text(&report, &format!("/checks/{name}/outcome")));
    assert_eq!(answers, ["unknown", "fail", "not-checked", "not-checked"]);
    let note = text(&report, "/checks/unchanged/note");
    assert!(
        note.contains("match the claim, whose signature does not hold"),
        "{note}"
    );
    let shown = both(&home.run(verify));
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for never in ["what was signed", "the signed version", "was signed by"] {
        assert!(!shown.contains(never), "{never}: {shown}");
    }
}

#[test]
fn a_verdict_of_another_day_says_so_and_a_manifest_file_names_the_flag_for_it() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    let today = home.json(["verify", "signed.jpg"], 0);
    assert!(!text(&today, "/sentence").contains("as of"), "{today:#}");
    let then = home.json(["verify", "signed.jpg", "--at", "2027-01-01T00:00:00Z"], 0);
    assert!(
        text(&then, "/sentence").ends_with("(as of 2027-01-01T00:00:00Z, not of today)"),
        "{then:#}"
    );
    std::fs::write(home.path("beside.c2pa"), b"no picture").unwrap();
    for command in ["verify", "inspect"] {
        let told = home.run([command, "beside.c2pa"]);
        assert!(both(&told).contains("--manifest FILE.c2pa"), "{}", both(&told));
    }
}
