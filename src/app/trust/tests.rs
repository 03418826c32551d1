//! Deeds on trust, on a disk of their own.

use std::fs;

use super::*;
use crate::app::key::tests::{app, new_key};
use crate::app::key::{ExportKey, KeyPart, Protection, export, new, open};

/// A home with the key `ada`, and its public file and root beside it.
fn home() -> (tempfile::TempDir, App, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "");
    new(&app, &new_key(Some("ada"), Protection::Unencrypted)).unwrap();
    let out = |part, name: &str| {
        let output = home.path().join(name);
        export(
            &app,
            &ExportKey {
                name: "ada".to_owned(),
                part,
                output: Some(output.clone()),
            },
        )
        .unwrap();
        output
    };
    let (public, root) = (
        out(KeyPart::Public, "ada.byline-key"),
        out(KeyPart::Root, "root.pem"),
    );
    (home, app, public, root)
}

fn named(file: &Path, name: Option<&str>) -> AddTrust {
    AddTrust {
        file: file.to_path_buf(),
        timestamps: false,
        name: name.map(str::to_owned),
    }
}

#[test]
fn public_file_makes_its_holder_known() {
    let (_home, app, public, _) = home();
    let added = add(&app, &named(&public, None)).unwrap();
    assert_eq!(added.done, TrustDeed::Added);
    assert_eq!(added.entries[0].name, "alice-doe");
    assert!(added.notes[0].contains(&added.entries[0].key_ids[0]));
    let identity = open(&app, Some("ada")).unwrap();
    let store = store(&app).unwrap();
    let who = store
        .who_writes(&identity.ledger_key().public().key_id())
        .unwrap();
    assert_eq!(who.name.as_str(), "alice-doe");
    assert_eq!(list(&app).unwrap().entries, added.entries);
    assert_eq!(remove(&app, "alice-doe").unwrap().entries, added.entries);
    assert!(list(&app).unwrap().entries.is_empty());
    assert_eq!(remove(&app, "alice-doe").unwrap_err().code, "trust.missing");
}

#[test]
fn same_key_twice_is_told_and_under_another_name_refused() {
    let (_home, app, public, root) = home();
    add(&app, &named(&public, Some("ada"))).unwrap();
    assert_eq!(
        add(&app, &named(&public, Some("ada"))).unwrap().done,
        TrustDeed::Known
    );
    assert_eq!(
        add(&app, &named(&public, Some("eve"))).unwrap_err().code,
        "trust.known"
    );
    assert_eq!(
        add(&app, &named(&root, Some("eve"))).unwrap_err().code,
        "trust.known"
    );
}

#[test]
fn name_that_is_taken_is_refused() {
    let (home, app, public, _) = home();
    add(&app, &named(&public, Some("ada"))).unwrap();
    new(&app, &new_key(Some("other"), Protection::Unencrypted)).unwrap();
    let output = home.path().join("other.pem");
    let request = ExportKey {
        name: "other".to_owned(),
        part: KeyPart::Root,
        output: Some(output.clone()),
    };
    export(&app, &request).unwrap();
    assert_eq!(
        add(&app, &named(&output, Some("ada"))).unwrap_err().code,
        "trust.exists"
    );
    // In capitals alone it is no other name.
    assert_eq!(
        add(&app, &named(&output, Some("ADA"))).unwrap_err().code,
        "trust.exists"
    );
    assert_eq!(
        add(&app, &named(&output, Some("../ada"))).unwrap_err().code,
        "name.unusable"
    );
}

#[test]
fn root_alone_warns_whom_it_lets_in() {
    let (_home, app, _, root) = home();
    let added = add(&app, &named(&root, Some("ada"))).unwrap();
    assert_eq!(added.entries[0].anchors.len(), 1);
    assert!(added.notes.iter().any(|note| note.contains("certify")));
}

#[test]
fn what_is_no_public_thing_is_refused() {
    let (home, app, public, _) = home();
    let secret = home.path().join("data/keys/ada.key.unencrypted");
    assert_eq!(add(&app, &named(&secret, None)).unwrap_err().code, "trust.secret");
    let changed = home.path().join("changed");
    fs::write(
        &changed,
        fs::read_to_string(&public).unwrap().replace("Alice", "Malice"),
    )
    .unwrap();
    assert_eq!(
        add(&app, &named(&changed, None)).unwrap_err().code,
        "trust.public-file"
    );
    fs::write(&changed, "hello").unwrap();
    assert_eq!(add(&app, &named(&changed, None)).unwrap_err().code, "trust.pem");
    assert_eq!(
        add(&app, &named(home.path(), None)).unwrap_err().code,
        "file.unreadable"
    );
}

#[test]
fn damaged_trust_is_an_error_and_not_a_person_less() {
    let (home, app, public, _) = home();
    add(&app, &named(&public, Some("ada"))).unwrap();
    let file = home.path().join("config/trust/ada.trust");
    let renamed = home.path().join("config/trust/bob.trust");
    fs::rename(&file, &renamed).unwrap();
    assert_eq!(store(&app).unwrap_err().code, "trust.renamed");
    fs::rename(&renamed, &file).unwrap();
    fs::write(&file, "byline trust v1\n").unwrap();
    assert_eq!(store(&app).unwrap_err().code, "trust.unreadable");
    remove(&app, "ada").unwrap();
    assert!(store(&app).unwrap().entries().is_empty());
}

#[test]
fn another_persons_key_is_no_rotation() {
    let (home, app, public, _) = home();
    add(&app, &named(&public, Some("ada"))).unwrap();
    new(&app, &new_key(Some("other"), Protection::Unencrypted)).unwrap();
    let output = home.path().join("other.byline-key");
    let request = ExportKey {
        name: "other".to_owned(),
        part: KeyPart::Public,
        output: Some(output.clone()),
    };
    export(&app, &request).unwrap();
    assert_eq!(
        add(&app, &named(&output, Some("ada"))).unwrap_err().code,
        "trust.exists"
    );
}
