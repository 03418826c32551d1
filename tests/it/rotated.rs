//! A rotated key, as those see it who knew the one before it.

use super::run::{Home, both, code};

/// A picture of zoe's by her first key, `z1.byline`, a rotation, and `z2.byline`.
fn zoe() -> Home {
    let home = Home::new();
    // Of two certificates made in one second neither is the older.
    home.ok([
        "@2026-05-01T10:00:00Z",
        "key",
        "new",
        "--name",
        "zoe",
        "--unencrypted",
    ]);
    home.ok(["key", "export", "zoe", "--public", "-o", "z1.byline"]);
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "a.jpg", "--source", "human"]);
    home.ok(["key", "rotate", "zoe", "--ledger", LEDGER]);
    home.ok(["key", "export", "zoe", "--public", "-o", "z2.byline"]);
    home
}

/// Runs in the home of somebody else in the same folder.
fn friend(home: &Home, args: &[&str], wanted: i32) -> String {
    let output = home
        .command(args)
        .env("BYLINE_HOME", home.path("friend"))
        .output()
        .unwrap();
    assert_eq!(code(&output), wanted, "{args:?}\n{}", both(&output));
    both(&output)
}

fn key_id(text: &str) -> &str {
    text.lines()
        .find_map(|line| line.strip_prefix("key id: "))
        .unwrap()
}

#[test]
fn the_newer_public_file_is_taken_in_under_the_old_name() {
    let home = zoe();
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    let (first, second) = (read("z1.byline"), read("z2.byline"));
    friend(&home, &["trust", "add", "z1.byline", "--name", "zoe"], 0);
    let said = friend(&home, &["trust", "add", "z2.byline"], 0);
    assert!(said.contains("its key was rotated: now"), "{said}");
    assert!(
        said.contains(key_id(&first)) && said.contains(key_id(&second)),
        "{said}"
    );
    let again = friend(&home, &["trust", "add", "z2.byline", "--name", "zoe"], 0);
    assert!(again.contains("known already"), "{again}");
    let verdict = friend(&home, &["verify", "a.jpg", "--ledger", LEDGER], 0);
    assert!(
        verdict.contains("TRUSTED") && !verdict.contains("whom you do not know"),
        "{verdict}"
    );
}

/// Title and verdict named one person in two ways, one of them as a stranger.
#[test]
fn a_holder_is_named_by_any_key_that_followed() {
    let home = zoe();
    friend(&home, &["trust", "add", "z2.byline", "--name", "zoe"], 0);
    let verdict = friend(&home, &["verify", "a.jpg", "--ledger", LEDGER], 0);
    let title = verdict
        .lines()
        .find(|line| line.contains("recorded holder"))
        .unwrap();
    assert!(title.ends_with(": zoe"), "{verdict}");
    let found = friend(&home, &["find", "a.jpg", "--ledger", LEDGER], 0);
    assert!(!found.contains("whom you do not know"), "{found}");
    // The key before is put in no place of the newer one, whoever kept it.
    let old = friend(&home, &["trust", "add", "z1.byline", "--name", "zoe"], 0);
    assert!(
        old.contains("of an older key") && !old.contains("rotated: now"),
        "{old}"
    );
}

const LEDGER: &str = "home/data/default.ledger";
