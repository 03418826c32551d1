//! What is signed on one machine for a ledger that another one keeps, and licences that joint holders grant together.

use std::fs;

use super::deeds::{index_of, ok, studio, words};
use super::run::{Home, both, code};

const COPY: &str = "--ledger copy.ledger";

/// A home with a copy of a studio's ledger and bob's key, and nothing of the log's.
fn abroad(studio: &Home) -> Home {
    let home = Home::new();
    copy(studio, &home);
    let keys = home.path("home/data/keys");
    fs::create_dir_all(keys.parent().unwrap()).unwrap();
    let from = studio.path("home/data/keys");
    super::proofs::copy_all(&from, &keys);
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("bob.") {
            fs::remove_file(path).unwrap();
        }
    }
    home
}

fn copy(studio: &Home, to: &Home) {
    fs::copy(studio.path("home/data/default.ledger"), to.path("copy.ledger")).unwrap();
}

/// Signs abroad, records in the studio, and brings the copy up to date.
fn handed(studio: &Home, abroad: &Home, line: &str) -> serde_json::Value {
    let signed = ok(abroad, &format!("{line} {COPY} --hand-over request"));
    assert_eq!(signed["written"], "request", "{signed}");
    assert_eq!(signed["recorded"].as_array().unwrap().len(), 0, "{signed}");
    let notes = signed["notes"].to_string();
    assert!(notes.contains("byline ledger take request"), "{notes}");
    fs::rename(abroad.path("request"), studio.path("request")).unwrap();
    let taken = ok(studio, "ledger take request");
    assert_eq!(taken["done"], "taken");
    fs::remove_file(studio.path("request")).unwrap();
    copy(studio, abroad);
    taken
}

#[test]
fn a_holder_elsewhere_licenses_reserves_disputes_and_sells_by_files_for_the_keeper() {
    let studio = studio();
    ok(
        &studio,
        "ledger offer art.jpg --to bob --share 50% --key ada -o offer",
    );
    ok(&studio, "ledger accept offer --yes --key bob");
    let bob = abroad(&studio);
    let art = ok(&studio, "ledger history art.jpg")["assets"][0]["asset_id"].clone();
    let art = art.as_str().unwrap().to_owned();

    let licence = handed(
        &studio,
        &bob,
        &format!("ledger license {art} --public --terms CC-BY-4.0"),
    );
    assert!(
        licence["sentence"]
            .as_str()
            .unwrap()
            .starts_with("recorded: bob grants a licence"),
        "{licence}"
    );
    handed(&studio, &bob, &format!("ledger reserve {art} --no-mining"));
    handed(&studio, &bob, "ledger dispute open 1 --ground authorship");
    let offered = handed(
        &studio,
        &bob,
        &format!("ledger offer {art} --to {}", thumbprint(&studio, "carol")),
    );
    let index = index_of(&offered);
    // The file for the recipient is written by whoever has the ledger.
    let again = ok(&bob, &format!("ledger offer --again {index} {COPY} -o to-carol"));
    assert_eq!(again["written"], "to-carol");
    fs::copy(bob.path("to-carol"), studio.path("to-carol")).unwrap();
    ok(&studio, "ledger accept to-carol --yes --key carol");
    handed(&studio, &bob, "key revoke bob --reason compromised --as-of 9");
    assert_eq!(code(&studio.run(["audit", "home/data/default.ledger"])), 0);
    let kinds: Vec<String> = ok(&studio, "ledger show --count 7")["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap().to_owned())
        .collect();
    let wanted = [
        "licence.grant",
        "rights.reserve",
        "dispute.open",
        "title.offer",
        "key.incept",
        "title.accept",
        "key.revoke",
    ];
    assert!(
        wanted
            .iter()
            .all(|kind| *kind == "key.incept" || kinds.contains(&(*kind).to_owned())),
        "{kinds:?}"
    );
}

fn thumbprint(studio: &Home, name: &str) -> String {
    studio.json(["key", "show", name], 0)["keys"][0]["key_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn what_the_ledger_would_refuse_is_refused_where_it_is_signed_and_no_file_is_lost_to_it() {
    let studio = studio();
    let bob = abroad(&studio);
    // Bob holds nothing.
    let told = bob.json(
        words(&format!(
            "ledger reserve 1 --no-mining {COPY} --hand-over request"
        )),
        1,
    );
    assert!(told["code"].as_str().unwrap().starts_with("ledger."), "{told}");
    assert!(!bob.path("request").exists());
    fs::write(bob.path("request"), "mine").unwrap();
    let told = bob.run(words(&format!(
        "ledger dispute open 1 --ground other {COPY} --hand-over request"
    )));
    assert_eq!(code(&told), 4, "{}", both(&told));
    assert_eq!(fs::read(bob.path("request")).unwrap(), b"mine");
    // Without it, the remedy names it.
    let told = bob.run(words(&format!("ledger dispute open 1 --ground other {COPY}")));
    assert!(both(&told).contains("--hand-over FILE"), "{}", both(&told));
    // A file for one command given to the other.
    ok(
        &bob,
        &format!("ledger dispute open 1 --ground other {COPY} --hand-over asked"),
    );
    let told = bob.run(["ledger", "accept", "asked", "--look"]);
    assert!(both(&told).contains("byline ledger take FILE"), "{}", both(&told));
}

#[test]
fn joint_holders_grant_an_exclusive_licence_by_naming_the_first_grant() {
    let home = studio();
    ok(
        &home,
        "ledger offer art.jpg --to bob --share 50% --key ada -o offer",
    );
    ok(&home, "ledger accept offer --yes --key bob");
    let first = ok(
        &home,
        "ledger license art.jpg --to carol --exclusive --terms CC-BY-4.0 --key ada",
    );
    let index = index_of(&first);
    let sentence = first["sentence"].as_str().unwrap();
    assert!(
        sentence.ends_with(&format!("byline ledger license --with {index}")),
        "{sentence}"
    );
    let second = ok(&home, &format!("ledger license --with {index} --key bob"));
    let sentence = second["sentence"].as_str().unwrap();
    assert!(sentence.ends_with("it stands"), "{sentence}");
    let title = &ok(&home, "ledger history art.jpg")["assets"][0]["titles"][0];
    assert_eq!(title["waiting"].as_array().unwrap().len(), 0, "{title}");
    assert_eq!(title["licences"][0]["exclusive"], true, "{title}");
}
