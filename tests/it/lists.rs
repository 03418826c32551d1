//! Trust lists of others: they count apart from whom one knows, can be replaced, put back, and left out.

use std::fs;

use byline::asset::Asset;
use byline::base::Timestamp;
use byline::keys::pem::certificate_text;
use byline::manifest::{ManifestEvidence, TrustAnchors, read};
use serde_json::Value;

use super::run::{Home, both, code, corpus};

const C2PA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/keys/lists/c2pa.pem");
const TSA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/keys/lists/tsa.pem");
const SIGNERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/keys/lists/itl-allowed.pem");

fn list<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut lists = report["lists"].as_array().unwrap().iter();
    lists.find(|list| list["list"] == name).unwrap()
}

/// A home with a key `eve` that it does not trust, a picture signed by it, and its root in PEM.
fn stranger() -> Home {
    let home = Home::new();
    home.ok(["key", "new", "--name", "eve", "--as", "Eve", "--unencrypted"]);
    home.ok(["key", "export", "eve", "--public", "-o", "eve.pub"]);
    let public = fs::read_to_string(home.path("eve.pub")).unwrap();
    let root = public.split("[root]\n").nth(1).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let root = &root[..root.find(end).unwrap() + end.len()];
    fs::write(home.path("root.pem"), root).unwrap();
    home.fixture("images/gradient.jpg");
    home.ok([
        "sign",
        "gradient.jpg",
        "--source",
        "human",
        "-o",
        "out.jpg",
        "--no-ledger",
    ]);
    home
}

#[test]
fn shipped_lists_are_shown_with_their_days_apart_from_people() {
    let home = Home::with_key();
    let report = home.json(["trust", "list"], 0);
    assert_eq!(report["entries"].as_array().unwrap().len(), 1);
    assert_eq!(report["lists"].as_array().unwrap().len(), 4);
    assert_eq!(list(&report, "c2pa")["dated"], "2026-08-13T00:00:00Z");
    assert_eq!(list(&report, "interim")["frozen"], true);
    let text = home.ok(["trust", "list"]);
    assert!(text.contains("the C2PA time-stamp list of 2026-08-13"), "{text}");
    assert!(
        text.contains("the frozen interim list (closed 2026-01-01)"),
        "{text}"
    );
}

#[test]
fn an_imported_list_says_what_changed_and_is_given_up_again() {
    let home = stranger();
    let mut text = fs::read_to_string(C2PA).unwrap();
    let first = text.find("-----BEGIN").unwrap();
    let end = text.find("-----END CERTIFICATE-----").unwrap() + "-----END CERTIFICATE-----".len();
    text.replace_range(first..end, &fs::read_to_string(home.path("root.pem")).unwrap());
    fs::write(home.path("new.pem"), text).unwrap();

    let report = home.json(["trust", "import", "new.pem", "--dated", "2026-11-01"], 0);
    assert_eq!(report["done"], "imported");
    let changed = list(&report, "c2pa");
    assert_eq!(changed["dated"], "2026-11-01T00:00:00Z");
    assert_eq!(changed["added"].as_array().unwrap().len(), 1, "{changed:#}");
    assert_eq!(
        changed["removed"][0]["subject"],
        "Google C2PA Media Services 1P ICA G3"
    );

    // An authority on the list alone is not enough: its certificates must be for claims.
    let verdict = home.json(["verify", "out.jpg", "--no-ledger"], 3);
    assert_eq!(verdict["result"], "UNKNOWN ISSUER");

    let reset = home.json(["trust", "import", "--reset"], 0);
    assert_eq!(list(&reset, "c2pa")["removed"].as_array().unwrap().len(), 1);
    let after = home.json(["trust", "list"], 0);
    assert_eq!(list(&after, "c2pa")["imported"], Value::Null);
    assert_eq!(list(&after, "c2pa")["certificates"], 30);
    let again = home.json(["trust", "import", "--reset"], 0);
    assert!(again["lists"].as_array().unwrap().is_empty());
}

#[test]
fn a_signer_below_a_list_is_trusted_by_that_list_and_not_as_somebody_known() {
    let home = stranger();
    home.ok([
        "trust",
        "import",
        "root.pem",
        "--as",
        "interim",
        "--dated",
        "2026-11-01",
    ]);
    let report = home.json(["verify", "out.jpg", "--no-ledger"], 0);
    assert_eq!(report["result"], "TRUSTED");
    assert_eq!(report["signer"]["known_as"], Value::Null);
    let says = "the interim list of 2026-11-01, imported by you";
    assert_eq!(report["signer"]["listed_on"], says);
    assert_eq!(
        report["checks"]["issuer"]["note"],
        format!("its issuer is on {says}")
    );
    let words = report["made"]["words"].as_str().unwrap();
    assert!(words.contains("a signer on a trust list"), "{words}");
    assert_eq!(
        home.json(["verify", "out.jpg", "--no-ledger", "--no-shipped-trust"], 3)["result"],
        "UNKNOWN ISSUER"
    );

    // Whom one knows comes first.
    home.ok(["trust", "add", "eve.pub", "--name", "eve"]);
    let report = home.json(["verify", "out.jpg", "--no-ledger"], 0);
    assert_eq!(report["signer"]["known_as"], "eve");
    assert_eq!(report["signer"]["listed_on"], Value::Null);
}

/// A signer on a list of signers vouches for itself alone: as an authority it is no list's.
#[test]
fn lists_of_authorities_and_of_signers_are_not_mistaken_for_each_other() {
    let home = stranger();
    for (file, kind) in [
        (SIGNERS, "interim"),
        (SIGNERS, "c2pa"),
        (C2PA, "interim-leaves"),
        ("root.pem", "interim-leaves"),
    ] {
        let output = home.run(["trust", "import", file, "--as", kind]);
        assert_eq!(code(&output), 4, "{}", both(&output));
        assert!(
            both(&output).contains("is no list of the kind"),
            "{}",
            both(&output)
        );
    }
    assert_eq!(
        list(&home.json(["trust", "list"], 0), "interim")["imported"],
        Value::Null
    );
}

#[test]
fn what_is_no_list_is_refused_and_changes_nothing() {
    let home = stranger();
    fs::write(home.path("words.txt"), "hello").unwrap();
    fs::write(home.path("empty.pem"), "").unwrap();
    for file in ["words.txt", "empty.pem", "out.jpg", "eve.pub.missing"] {
        assert_eq!(code(&home.run(["trust", "import", file])), 4, "{file}");
    }
    assert_eq!(code(&home.run(["trust", "import"])), 2);
    assert_eq!(code(&home.run(["trust", "import", TSA, "--reset"])), 2);
    assert_eq!(code(&home.run(["trust", "import", TSA, "--as", "everybody"])), 2);
    assert!(!home.path("home/config/lists").exists());
}

#[test]
fn a_damaged_imported_list_stops_the_verdict_until_it_is_given_up() {
    let home = stranger();
    home.ok(["trust", "import", TSA, "--as", "tsa"]);
    let file = home.path("home/config/lists/tsa.list");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("list: tsa", "list: c2pa")).unwrap();
    let output = home.run(["verify", "out.jpg"]);
    assert_eq!(code(&output), 4);
    assert!(
        both(&output).contains("byline trust import --reset"),
        "{}",
        both(&output)
    );
    home.ok(["trust", "import", "--reset", "--as", "tsa"]);
    assert_eq!(home.json(["verify", "out.jpg"], 3)["result"], "UNKNOWN ISSUER");
}

/// The authority above the signer of the public test files, out of one of them: no foreign certificate is kept here.
pub fn test_anchor() -> Option<String> {
    let file = corpus()?.join("c2pa-public-testfiles/adobe-20220124-C.jpg");
    let asset = Asset::parse(fs::read(file).unwrap()).unwrap();
    let at = Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").unwrap();
    match read(&asset, &TrustAnchors::default(), at).unwrap() {
        ManifestEvidence::Read(facts) => {
            let chain = &facts.signer.as_ref().unwrap().chain_der;
            Some(certificate_text(chain.last().unwrap()))
        }
        other => panic!("{other:?}"),
    }
}
