//! Deeds on keys, on a disk of their own, with fixed time, fixed randomness and a passphrase from a list.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex;

use super::*;
use crate::app::{Ask, Dirs, Entropy, FixedClock, Passphrases, Silent};
use crate::base::Timestamp;
use crate::keys::container;

/// Counts up, so that every draw differs.
pub(in crate::app) struct Counter(Mutex<u8>);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        let mut next = self.0.lock().unwrap();
        for byte in bytes {
            *next = next.wrapping_mul(141).wrapping_add(3);
            *byte = *next;
        }
        Ok(())
    }
}

struct Says(&'static str);

impl Passphrases for Says {
    fn passphrase(&self, _: &Ask) -> Result<Zeroizing<String>, Error> {
        Ok(Zeroizing::new(self.0.to_owned()))
    }
}

pub(in crate::app) fn app(home: &Path, passphrase: &'static str) -> App {
    App {
        dirs: Dirs::below(home),
        clock: Box::new(FixedClock(
            Timestamp::parse_rfc3339("2026-05-01T10:00:00Z").unwrap(),
        )),
        entropy: Box::new(Counter(Mutex::new(7))),
        passphrases: Box::new(Says(passphrase)),
        progress: Box::new(Silent),
    }
}

pub(in crate::app) fn new_key(name: Option<&str>, protection: Protection) -> NewKey {
    NewKey {
        name: name.map(str::to_owned),
        display: Some("Alice Doe".to_owned()),
        organization: None,
        email: None,
        protection,
        recovery: None,
    }
}

fn cheap() -> Protection {
    Protection::Passphrase(WorkFactor::new(1).unwrap())
}

#[test]
fn key_with_a_passphrase_opens_with_it_alone() {
    let home = tempfile::tempdir().unwrap();
    let made = new(&app(home.path(), "right"), &new_key(None, cheap())).unwrap();
    assert_eq!(made.keys[0].name, "default");
    assert_eq!(made.keys[0].protection, "passphrase");
    assert_eq!(made.keys[0].state, "valid");
    let identity = open(&app(home.path(), "right"), None).unwrap();
    assert_eq!(
        made.keys[0].key_id,
        Some(identity.ledger_key().public().key_id().hex())
    );
    assert_eq!(
        super::open(&app(home.path(), "wrong"), None).unwrap_err().code,
        "passphrase.wrong"
    );
    assert_eq!(
        super::open(&app(home.path(), ""), None).unwrap_err().code,
        "passphrase.empty"
    );
    let file = fs::read(home.path().join("data/keys/default.key.age")).unwrap();
    assert!(container::is_container(&file));
}

#[test]
fn unencrypted_key_says_its_risk_in_its_own_file() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "");
    let made = new(&app, &new_key(Some("ada"), Protection::Unencrypted)).unwrap();
    assert!(made.notes.iter().any(|note| note.contains("not encrypted")));
    let text = fs::read_to_string(home.path().join("data/keys/ada.key.unencrypted")).unwrap();
    assert!(text.starts_with("# THIS SECRET KEY IS NOT ENCRYPTED."));
    assert_eq!(open(&app, Some("ada")).unwrap().display_name(), "Alice Doe");
    assert_eq!(list(&app).unwrap().keys[0].protection, "none");
}

#[test]
fn key_is_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    let first = new(&app, &new_key(None, cheap())).unwrap();
    assert_eq!(
        new(&app, &new_key(None, Protection::Unencrypted))
            .unwrap_err()
            .code,
        "key.exists"
    );
    assert_eq!(show(&app, "default").unwrap().keys, first.keys);
}

#[test]
fn loose_key_file_is_refused_with_the_remedy() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(None, Protection::Unencrypted)).unwrap();
    let path = home.path().join("data/keys/default.key.unencrypted");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = open(&app, None).unwrap_err();
    assert_eq!(error.code, "key.permissions");
    assert_eq!(error.fix, Some(format!("chmod 600 {}", path.display())));
}

#[test]
fn exchanged_key_file_is_noticed_after_decryption() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(Some("one"), cheap())).unwrap();
    new(&app, &new_key(Some("two"), cheap())).unwrap();
    let keys = home.path().join("data/keys");
    fs::copy(keys.join("two.key.age"), keys.join("one.key.age")).unwrap();
    assert_eq!(open(&app, Some("one")).unwrap_err().code, "key.fingerprint");
}

#[test]
fn missing_public_file_is_written_anew_and_a_damaged_one_refused() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(None, cheap())).unwrap();
    let public = home.path().join("data/keys/default.pub");
    let text = fs::read_to_string(&public).unwrap();
    fs::remove_file(&public).unwrap();
    assert_eq!(list(&app).unwrap().keys[0].state, "unreadable");
    open(&app, None).unwrap();
    assert_eq!(fs::read_to_string(&public).unwrap(), text);
    fs::write(&public, text.replace("Alice", "Malice")).unwrap();
    assert_eq!(open(&app, None).unwrap_err().code, "key.public-file");
    let listed = list(&app).unwrap();
    assert_eq!(
        (listed.keys[0].state.as_str(), listed.notes.len()),
        ("unreadable", 1)
    );
}

#[test]
fn which_key_is_meant_is_never_guessed() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    assert_eq!(open(&app, None).unwrap_err().code, "key.none");
    assert_eq!(open(&app, Some("x")).unwrap_err().code, "key.missing");
    assert_eq!(open(&app, Some("../x")).unwrap_err().code, "name.unusable");
    new(&app, &new_key(Some("one"), cheap())).unwrap();
    assert_eq!(open(&app, None).unwrap().name(), "one");
    new(&app, &new_key(Some("two"), cheap())).unwrap();
    assert_eq!(open(&app, None).unwrap_err().code, "key.which");
    new(&app, &new_key(None, cheap())).unwrap();
    assert_eq!(open(&app, None).unwrap().name(), "default");
}

#[test]
fn who_gives_no_name_stays_a_pseudonym() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    let request = NewKey {
        display: None,
        ..new_key(None, cheap())
    };
    let view = &new(&app, &request).unwrap().keys[0];
    let pseudonym = format!("byline key {}", &view.key_id.clone().unwrap()[..8]);
    assert_eq!(view.says, Some(pseudonym.as_str().into()));
    assert_eq!(view.organization, Some(pseudonym.as_str().into()));
    assert_eq!(view.email, None);
}

#[test]
fn exports_are_what_they_say_and_the_secret_needs_a_file() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(None, cheap())).unwrap();
    let part = |part, output| ExportKey {
        name: "default".to_owned(),
        part,
        output,
    };
    let public = export(&app, &part(KeyPart::Public, None)).unwrap().text.unwrap();
    assert!(PublicFile::read(&public).is_ok());
    let root = export(&app, &part(KeyPart::Root, None)).unwrap().text.unwrap();
    assert!(root.starts_with("-----BEGIN CERTIFICATE-----"));
    let chain = export(&app, &part(KeyPart::Chain, None)).unwrap().text.unwrap();
    assert_ne!(root, chain);
    assert_eq!(
        export(&app, &part(KeyPart::Secret, None)).unwrap_err().code,
        "key.secret-needs-file"
    );
    let file = home.path().join("out.pem");
    let report = export(&app, &part(KeyPart::Secret, Some(file.clone()))).unwrap();
    assert_eq!(report.text, None);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .starts_with("-----BEGIN PRIVATE KEY-----")
    );
    assert_eq!(
        export(&app, &part(KeyPart::Secret, Some(file.clone())))
            .unwrap_err()
            .code,
        "file.exists"
    );
    assert_eq!(
        export(&app, &part(KeyPart::Public, Some(file))).unwrap_err().code,
        "file.exists"
    );
}

#[test]
fn key_and_chain_of_a_ca_are_imported_with_a_companion() {
    use crate::keys::EcdsaKey;
    use crate::keys::pem::{PrivateKeyRef, certificate_text, private_key_text};
    use crate::keys::profile::tests::issued_by_ca;
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    let keys = SignerKeys::Ecdsa {
        claims: EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()),
        ledger: CreatorKey::from_seed(&[1; 32]),
    };
    let SignerKeys::Ecdsa { claims, .. } = &keys else {
        panic!("made as ECDSA")
    };
    let (leaf, root) = issued_by_ca(&keys);
    let (key_path, chain_path) = (home.path().join("key.pem"), home.path().join("chain.pem"));
    fs::write(
        &key_path,
        private_key_text(PrivateKeyRef::Ecdsa(claims)).unwrap().as_bytes(),
    )
    .unwrap();
    let request = ImportKey {
        key: key_path,
        chain: chain_path.clone(),
        name: None,
        protection: cheap(),
    };

    fs::write(&chain_path, certificate_text(&root) + &certificate_text(&leaf)).unwrap();
    let upside_down = import(&app, &request).unwrap_err();
    assert_eq!(upside_down.code, "certificate.order.root-first");
    assert!(upside_down.fix.unwrap().contains("in order"));

    fs::write(&chain_path, certificate_text(&leaf) + &certificate_text(&root)).unwrap();
    let report = import(&app, &request).unwrap();
    assert_eq!(report.keys[0].name, "alice");
    assert_eq!(report.keys[0].algorithm.as_deref(), Some("es256"));
    assert_eq!(report.keys[0].made.as_deref(), Some("ca"));
    let identity = open(&app, Some("alice")).unwrap();
    assert_eq!(identity.chain_der(), [leaf]);
    assert!(identity.root_pem().is_some() && !identity.is_self_made());
    let part = ExportKey {
        name: "alice".to_owned(),
        part: KeyPart::Root,
        output: None,
    };
    assert_eq!(export(&app, &part).unwrap_err().code, "key.no-root");
}

#[test]
fn chain_of_another_key_is_refused_by_name() {
    use crate::keys::pem::{PrivateKeyRef, certificate_text, private_key_text};
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(None, cheap())).unwrap();
    let chain = open(&app, None).unwrap().chain_der()[0].clone();
    let (key, chain_path) = (home.path().join("key.pem"), home.path().join("chain.pem"));
    let other = CreatorKey::from_seed(&[77; 32]);
    fs::write(
        &key,
        private_key_text(PrivateKeyRef::Creator(&other))
            .unwrap()
            .as_bytes(),
    )
    .unwrap();
    fs::write(&chain_path, certificate_text(&chain)).unwrap();
    let request = ImportKey {
        key,
        chain: chain_path,
        name: Some("x".to_owned()),
        protection: cheap(),
    };
    assert_eq!(
        import(&app, &request).unwrap_err().code,
        "certificate.key.mismatch"
    );
}

#[test]
fn request_takes_names_from_the_certificate_or_the_flags() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(None, cheap())).unwrap();
    let mut request = RequestCertificate {
        name: "default".to_owned(),
        ..RequestCertificate::default()
    };
    let text = csr(&app, &request).unwrap().text.unwrap();
    assert!(text.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    request.display = Some("Al\nice".to_owned());
    assert_eq!(csr(&app, &request).unwrap_err().code, "certificate.name");
}

#[test]
fn what_belongs_to_a_lost_key_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let app = app(home.path(), "p");
    new(&app, &new_key(Some("ada"), Protection::Unencrypted)).unwrap();
    let keys = app.dirs.keys();
    let next = fs::read(keys.join("ada.next.unencrypted")).unwrap();
    fs::remove_file(keys.join("ada.key.unencrypted")).unwrap();
    let again = new(&app, &new_key(Some("ada"), Protection::Unencrypted));
    assert_eq!(again.unwrap_err().code, "key.lost");
    assert_eq!(fs::read(keys.join("ada.next.unencrypted")).unwrap(), next);
    assert_eq!(show(&app, "ada").unwrap_err().code, "key.lost");
    assert_eq!(open(&app, Some("ada")).unwrap_err().code, "key.lost");
    let listed = list(&app).unwrap();
    assert!(
        listed.notes[0].contains("ada: its secret is not here"),
        "{:?}",
        listed.notes
    );
}
