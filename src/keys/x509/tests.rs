//! Certificates made, renewed and read.

use super::*;
use crate::keys::profile::check_chain;

pub(crate) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-05-01T10:00:00Z").unwrap()
}

pub(crate) const SERIALS: Serials = Serials {
    leaf: [0xfe; 16],
    root: [0xff; 16],
};

pub(crate) fn made(display: Option<&str>) -> (CreatorKey, SelfMade) {
    let leaf_key = CreatorKey::from_seed(&[1; 32]);
    let root_key = CreatorKey::from_seed(&[2; 32]);
    let names = Names::try_new(display, None, Some("alice@example.org"), &leaf_key.public()).unwrap();
    let made = self_made(&leaf_key, &root_key, &names, now(), SERIALS).unwrap();
    (leaf_key, made)
}

#[test]
fn renewed_leaf_stands_below_the_old_root_and_under_no_other() {
    let (_, old) = made(Some("Alice Doe"));
    let names = Names::try_new(
        Some("Alice Doe"),
        None,
        None,
        &CreatorKey::from_seed(&[5; 32]).public(),
    )
    .unwrap();
    let (new_key, root_key) = (CreatorKey::from_seed(&[5; 32]), CreatorKey::from_seed(&[2; 32]));
    let leaf = renewed(&new_key, (&root_key, &old.root), &names, now(), [9; 16]).unwrap();
    let public = ClaimsPublic::of(&SignerKeys::Creator(CreatorKey::from_seed(&[5; 32])));
    assert_eq!(
        check_chain(&[leaf, old.root.clone()], Some(&public), now()),
        Ok(())
    );
    let stranger = CreatorKey::from_seed(&[6; 32]);
    assert_eq!(
        renewed(&new_key, (&stranger, &old.root), &names, now(), [9; 16]),
        Err(CertificateError::OtherRoot)
    );
    let renamed = Names::try_new(Some("Bob"), None, None, &new_key.public()).unwrap();
    assert_eq!(
        renewed(&new_key, (&root_key, &old.root), &renamed, now(), [9; 16]),
        Err(CertificateError::OtherRoot)
    );
}

#[test]
fn self_made_leaf_keeps_every_rule_of_the_profile() {
    let (key, made) = made(Some("Alice Doe"));
    let public = ClaimsPublic::of(&SignerKeys::Creator(key));
    assert_eq!(
        check_chain(std::slice::from_ref(&made.leaf), Some(&public), now()),
        Ok(())
    );
    assert_eq!(
        check_chain(&[made.leaf.clone(), made.root.clone()], Some(&public), now()),
        Ok(())
    );
    assert!(is_self_signed(&made.root));
    assert!(!is_self_signed(&made.leaf));
}

#[test]
fn leaf_says_who_and_how_long() {
    let (key, made) = made(Some("Alice Doe"));
    let leaf = LeafInfo::parse(&made.leaf).unwrap();
    assert_eq!(leaf.subject_cn, Some("Alice Doe".into()));
    assert_eq!(leaf.subject_o, Some("Alice Doe".into()));
    assert_eq!(leaf.issuer_cn, Some("Alice Doe root".into()));
    assert_eq!(leaf.email, Some("alice@example.org".into()));
    assert_eq!(leaf.public_key, Some(key.public()));
    assert!(!leaf.self_issued);
    assert_eq!(leaf.validity.not_before.rfc3339(), "2026-05-01T09:00:00Z");
    assert_eq!(leaf.validity.not_after.rfc3339(), "2046-05-01T10:00:00Z");
    assert_eq!(
        LeafInfo::parse(&made.root).unwrap().validity.not_after.rfc3339(),
        "2056-05-01T10:00:00Z"
    );
}

#[test]
fn who_gives_no_name_is_a_pseudonym_with_an_organisation() {
    let (key, made) = made(None);
    let leaf = LeafInfo::parse(&made.leaf).unwrap();
    let name = pseudonym(&key.public());
    assert!(name.starts_with("byline key ") && name.len() == 19);
    assert_eq!(leaf.subject_cn, Some(name.as_str().into()));
    assert_eq!(leaf.subject_o, Some(name.as_str().into()));
}

#[test]
fn names_that_mislead_are_refused() {
    let key = CreatorKey::from_seed(&[1; 32]).public();
    for name in ["", " ", "Alice ", "Al\u{202e}ice", "Al\nice", &"x".repeat(60)] {
        assert!(Names::try_new(Some(name), None, None, &key).is_err(), "{name:?}");
        assert!(Names::try_new(None, Some(name), None, &key).is_err(), "{name:?}");
    }
    for email in ["", "alice", "@x", "a@", "a@b@c", "a b@c", "\u{e4}@b"] {
        assert!(
            Names::try_new(None, None, Some(email), &key).is_err(),
            "{email:?}"
        );
    }
}

#[test]
fn bytes_behind_a_certificate_are_refused() {
    let (_, made) = made(None);
    let mut longer = made.leaf.clone();
    longer.push(0);
    assert_eq!(LeafInfo::parse(&longer), Err(CertificateError::Unreadable));
    assert_eq!(
        LeafInfo::parse(&made.leaf[1..]),
        Err(CertificateError::Unreadable)
    );
}

#[test]
fn requests_are_signed_by_the_key_they_ask_for() {
    use x509_parser::prelude::X509CertificationRequest;
    for keys in [
        SignerKeys::Creator(CreatorKey::from_seed(&[1; 32])),
        SignerKeys::Ecdsa {
            claims: EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()),
            ledger: CreatorKey::from_seed(&[1; 32]),
        },
        SignerKeys::Ecdsa {
            claims: EcdsaKey::P384(Box::new(p384::ecdsa::SigningKey::from_slice(&[3; 48]).unwrap())),
            ledger: CreatorKey::from_seed(&[1; 32]),
        },
    ] {
        let names = Names::try_new(
            Some("Alice"),
            Some("Studio"),
            Some("a@b.c"),
            &keys.ledger().public(),
        )
        .unwrap();
        let text = request(&keys, &names).unwrap();
        let der = p256::pkcs8::Document::from_pem(&text).unwrap().1;
        let (_, request) = X509CertificationRequest::from_der(der.as_bytes()).unwrap();
        let info = &request.certification_request_info;
        assert_eq!(
            info.subject_pki.subject_public_key.data.as_ref(),
            ClaimsPublic::of(&keys).bytes
        );
        assert_eq!(
            super::super::profile::verify_with(
                &info.subject_pki,
                &request.signature_algorithm.algorithm,
                info.raw,
                &request.signature_value.data,
            ),
            super::super::profile::SignatureState::Good
        );
    }
}
