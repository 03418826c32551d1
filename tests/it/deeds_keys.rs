//! Keys that hand over and end, through the real binary, and rotations that were cut off.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::run::{Home, both, code};

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn ok(home: &Home, line: &str) -> Value {
    home.json(words(line), 0)
}

/// A home with a key and a recovery key, and a picture that it registered as entry 1.
fn studio() -> Home {
    let home = Home::new();
    home.ok(words(
        "key new --name ada --as Ada --unencrypted --recovery ada.recovery",
    ));
    home.fixture("images/gradient.jpg");
    home.ok(words("sign gradient.jpg --source ai -o one.jpg"));
    home
}

fn key_id(home: &Home) -> String {
    ok(home, "key show ada")["keys"][0]["key_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn keys(home: &Home) -> PathBuf {
    home.path("home/data/keys")
}

#[test]
fn a_rotated_key_signs_on_under_the_same_root() {
    let home = studio();
    home.ok(words("key export ada --public -o ada.pub"));
    home.ok(words("trust add ada.pub --name ada"));
    let old = key_id(&home);
    let rotated = ok(&home, "key rotate ada");
    assert_eq!(
        (&rotated["done"], &rotated["recorded"][0]["kind"]),
        (&"rotated".into(), &"key.rotate".into())
    );
    assert_eq!(rotated["keys"][0]["retired"], 1);
    let new = key_id(&home);
    assert_ne!(old, new);
    home.ok(words("sign gradient.jpg --source ai -o two.jpg"));
    // The root is the same, so who trusted the old key's file trusts the new certificate; the ledger links the keys.
    for picture in ["one.jpg", "two.jpg"] {
        assert_eq!(home.json(["verify", picture], 0)["result"], "TRUSTED");
    }
    let shown = ok(&home, "ledger show");
    let last = shown["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["key"], &last["known_as"]), (&new.into(), &"ada".into()));
    assert_eq!(ok(&home, "key rotate ada")["keys"][0]["retired"], 2);
    assert_eq!(code(&home.run(["audit", "home/data/default.ledger"])), 0);
}

#[test]
fn a_title_stays_with_the_identity_when_its_key_rotates() {
    let home = studio();
    ok(&home, "key rotate ada");
    home.ok(words("key new --name bob --as Bob --unencrypted"));
    home.ok(words("key export bob --public -o bob.pub"));
    ok(&home, "ledger offer one.jpg --to bob.pub --key ada -o offer");
    // Offered to the key that bob has since rotated away: the identity is the same.
    home.ok(words("sign gradient.jpg --source ai -o bobs.jpg --key bob"));
    ok(&home, "key rotate bob");
    let accepted = ok(&home, "ledger accept offer --yes --key bob");
    assert_eq!(
        accepted["asset"]["titles"][0]["holders"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_rotation_cut_off_before_its_entry_is_recorded_by_the_next_run() {
    let home = studio();
    let (data, state) = (home.path("home/data"), home.path("home/state"));
    fs::copy(data.join("default.ledger"), home.path("before.ledger")).unwrap();
    copy(&state, &home.path("before.state"));
    ok(&home, "key rotate ada");
    let rotated = key_id(&home);
    // The files are those of the new key, the ledger is that of the old one.
    fs::copy(home.path("before.ledger"), data.join("default.ledger")).unwrap();
    fs::remove_dir_all(&state).unwrap();
    copy(&home.path("before.state"), &state);
    let _ = fs::remove_dir_all(data.join("default.ledger.d"));
    // Whoever signs in between is told; nothing enters as a second identity.
    let refused = home.run(words("sign gradient.jpg --source ai -o two.jpg"));
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    assert!(
        both(&refused).contains("byline key rotate ada"),
        "{}",
        both(&refused)
    );
    let again = ok(&home, "key rotate ada");
    assert_eq!(key_id(&home), rotated, "it is not rotated a second time");
    assert_eq!(again["recorded"][0]["kind"], "key.rotate");
    home.ok(words("sign gradient.jpg --source ai -o two.jpg"));
    assert_eq!(code(&home.run(["audit", "home/data/default.ledger"])), 0);
}

#[test]
fn a_rotation_cut_off_between_its_files_is_taken_up() {
    for cut in [
        "before the new key",
        "before the new next key",
        "before the public file",
    ] {
        let home = studio();
        let before = home.path("keys-before");
        copy(&keys(&home), &before);
        ok(&home, "key rotate ada");
        let after = |name: &str| fs::read(keys(&home).join(name)).unwrap();
        let (key, next) = (after("ada.key.unencrypted"), after("ada.next.unencrypted"));
        let put = |name: &str, bytes: &[u8]| write_private(&keys(&home).join(name), bytes);
        match cut {
            "before the new key" => {
                // Everything is staged, the old key copied; the old key is in force, and no entry was made.
                for name in ["ada.key.unencrypted", "ada.next.unencrypted", "ada.pub"] {
                    put(name, &fs::read(before.join(name)).unwrap());
                }
                put("ada.new-key.unencrypted", &key);
                put("ada.new-next.unencrypted", &next);
            }
            "before the new next key" => {
                put(
                    "ada.next.unencrypted",
                    &fs::read(before.join("ada.next.unencrypted")).unwrap(),
                );
                put("ada.new-next.unencrypted", &next);
                fs::remove_file(keys(&home).join("ada.pub")).unwrap();
            }
            _ => fs::remove_file(keys(&home).join("ada.pub")).unwrap(),
        }
        if cut == "before the new key" {
            // The entry of the cut rotation was never made: a ledger of its own tells so.
            fs::remove_dir_all(home.path("home/state")).unwrap();
            fs::remove_file(home.path("home/data/default.ledger")).unwrap();
            home.ok(words("sign gradient.jpg --source ai -o two.jpg --force"));
        }
        ok(&home, "key rotate ada");
        home.ok(words("sign gradient.jpg --source ai -o three.jpg"));
        let left = fs::read_dir(keys(&home)).unwrap();
        let names: Vec<String> = left
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            names.iter().all(|name| !name.contains("new-")),
            "{cut}: {names:?}"
        );
        assert_eq!(code(&home.run(["audit", "home/data/default.ledger"])), 0, "{cut}");
    }
}

fn write_private(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_second_ledger_gets_the_same_rotation() {
    let home = studio();
    home.ok(words("ledger init other.ledger"));
    home.ok(words(
        "sign gradient.jpg --source ai -o two.jpg --ledger other.ledger",
    ));
    ok(&home, "key rotate ada");
    let id = key_id(&home);
    ok(&home, "key rotate ada --ledger other.ledger");
    assert_eq!(key_id(&home), id);
    home.ok(words(
        "sign gradient.jpg --source ai -o three.jpg --ledger other.ledger",
    ));
    // A ledger that never saw the key has nothing to rotate.
    home.ok(words("ledger init third.ledger"));
    assert_eq!(
        home.json(words("key rotate ada --ledger third.ledger"), 4)["code"],
        "key.not-in-ledger"
    );
}

#[test]
fn a_stolen_key_is_ended_by_the_recovery_key_alone() {
    let home = studio();
    home.ok(words("key new --name bob --as Bob --unencrypted"));
    home.ok(words("key export bob --public -o bob.pub"));
    // The thief has the key, moves the title, and the holder has nothing but the recovery file.
    ok(&home, "ledger offer one.jpg --to bob.pub --key ada -o offer");
    ok(&home, "ledger accept offer --yes --key bob");
    for file in fs::read_dir(keys(&home)).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("ada.") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(
        code(&home.run(words("key revoke --reason compromised --recovery ada.recovery"))),
        2,
        "since when?"
    );
    let revoked = ok(
        &home,
        "key revoke --reason compromised --as-of 2 --recovery ada.recovery",
    );
    assert_eq!(revoked["recorded"][0]["kind"], "key.revoke");
    let story = ok(&home, "ledger history one.jpg");
    let title = &story["assets"][0]["titles"][0];
    assert!(title["contested_since"].is_u64(), "{title}");
    assert!(
        story["entries"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["suspect"].is_u64())
    );
    // And contests it in the identity's own name.
    let opened = ok(
        &home,
        "ledger dispute open 4 --ground title --recovery ada.recovery",
    );
    assert_eq!(opened["asset"]["disputes"][0]["privileged"], true);
    // A file of another kind is no recovery key.
    assert_eq!(
        code(&home.run(words("key revoke --reason retired --recovery one.jpg"))),
        4
    );
}

#[test]
fn an_earlier_key_is_ended_by_the_current_one() {
    let home = studio();
    let old = key_id(&home);
    ok(&home, "key rotate ada");
    ok(
        &home,
        &format!("key revoke ada --reason compromised --as-of 1 --earlier {old}"),
    );
    let story = ok(&home, "ledger history one.jpg");
    assert_eq!(story["assets"][0]["titles"][0]["contested_since"], 1, "{story}");
    home.ok(words("sign gradient.jpg --source ai -o two.jpg"));
}

#[test]
fn with_a_passphrase_next_and_recovery_key_are_locked_too() {
    let home = Home::new();
    fs::write(home.path("pass"), "right\n").unwrap();
    let run = |line: &str| {
        let mut shell = std::process::Command::new("sh");
        shell
            .current_dir(home.dir.path())
            .env("BYLINE_HOME", home.path("home"))
            .args([
                "-c",
                &format!(
                    "exec {} {line} --passphrase-fd 3 3<pass",
                    env!("CARGO_BIN_EXE_byline")
                ),
            ]);
        let output = shell.output().unwrap();
        assert_eq!(code(&output), 0, "{line}: {}", both(&output));
    };
    run("key new --name ada --recovery ada.recovery");
    home.fixture("images/gradient.jpg");
    run("sign gradient.jpg --source ai -o one.jpg --key ada");
    for path in [keys(&home).join("ada.next.age"), home.path("ada.recovery")] {
        assert!(fs::read(path).unwrap().starts_with(b"age-encryption.org/v1"));
    }
    run("key rotate ada");
    run("key revoke ada --reason retired");
}

#[test]
fn a_key_of_an_early_version_says_that_it_has_no_next_key() {
    let home = studio();
    // As early versions wrote them: no commitments in the file, nothing beside it.
    let path = keys(&home).join("ada.key.unencrypted");
    let text = fs::read_to_string(&path).unwrap();
    let old: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("next: ") && !line.starts_with("recovery: "))
        .collect();
    write_private(&path, old.join("\n").as_bytes());
    fs::remove_file(keys(&home).join("ada.next.unencrypted")).unwrap();
    home.ok(words("sign gradient.jpg --source ai -o two.jpg"));
    let error = home.json(words("key rotate ada"), 4);
    assert_eq!(error["code"], "key.no-next");
    assert_eq!(ok(&home, "key show ada")["keys"][0]["next"], false);
}
