//! The laws of the codec, and what it refuses.

use proptest::prelude::*;

use super::super::body::{DigestForm, KeyIncept, Registration, Rights};
use super::*;
use crate::base::fingerprint::Algorithm;
use crate::base::statement::{Family, Mining, Role};
use crate::base::{Digest, Fingerprint, SourceType};

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_123);

fn key() -> CreatorKey {
    CreatorKey::from_seed(&[1; 32])
}

fn incept() -> Entry {
    let body = KeyIncept {
        key: key().public(),
        next: Some(Digest::of(b"next")),
        recovery: None,
    };
    Entry::sign(EntryBody::KeyIncept(body), &key(), NOW).unwrap()
}

fn registration() -> Registration {
    Registration {
        asset_id: [7; 16],
        digests: DigestForm::Plain,
        file: Digest::of(b"file"),
        content: Digest::of(b"content"),
        pixel: Some((1, Digest::of(b"pixel"))),
        manifest: Digest::of(b"manifest"),
        fingerprints: vec![Fingerprint {
            algorithm: Algorithm::PdqFull,
            bits: [0x5a; 32],
            quality: 93,
        }],
        source: SourceType::ALL[0],
        family: Some(Family::Diffusion),
        role: Some(Role::Producer),
        mining: Some(Mining::None),
        rights: vec![Rights::AllReserved],
        parents: vec![Digest::of(b"parent")],
    }
}

fn signed(body: Registration) -> Entry {
    Entry::sign(EntryBody::AssetRegister(body), &key(), NOW).unwrap()
}

/// An entry as signing a picture makes it, with all five fingerprints. With its signer's key.
pub(in crate::ledger) fn a_registration_as_signed(parents: u8) -> (Entry, PublicKey) {
    let fingerprints = Algorithm::ALL.map(|algorithm| Fingerprint {
        algorithm,
        bits: [0x5a; 32],
        quality: 93,
    });
    let body = Registration {
        fingerprints: fingerprints.to_vec(),
        family: None,
        mining: None,
        rights: Vec::new(),
        parents: (0..parents).map(|n| Digest::of(&[n])).collect(),
        ..registration()
    };
    (signed(body), key().public())
}

fn any_digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn any_print() -> impl Strategy<Value = Fingerprint> {
    let algorithm = proptest::sample::select(Algorithm::ALL.to_vec());
    (algorithm, any::<[u8; 32]>(), 0..=100u8).prop_map(|(algorithm, bits, quality)| Fingerprint {
        algorithm,
        bits,
        quality,
    })
}

prop_compose! {
    fn any_registration()(
        asset_id in any::<[u8; 16]>(),
        digests in proptest::collection::vec(any_digest(), 3),
        pixel in proptest::option::of((1..=255u8, any_digest())),
        prints in proptest::collection::vec(any_print(), 0..5),
        source in proptest::sample::select(SourceType::ALL.to_vec()),
        family in proptest::option::of(proptest::sample::select(Family::ALL.map(|row| row.0).to_vec())),
        role in 0..=4u8,
        mining in proptest::option::of(1..=4u8),
        rights in proptest::sample::subsequence(Rights::ALL.to_vec(), 0..=10).prop_shuffle(),
        parents in proptest::collection::hash_set(any_digest(), 0..8),
        keyed in any::<bool>(),
    ) -> Registration {
        let mut fingerprints: Vec<Fingerprint> = Vec::new();
        for print in prints {
            if !keyed && fingerprints.iter().all(|known| known.algorithm != print.algorithm) {
                fingerprints.push(print);
            }
        }
        Registration {
            asset_id,
            digests: if keyed { DigestForm::Keyed } else { DigestForm::Plain },
            file: digests[0],
            content: digests[1],
            pixel,
            manifest: digests[2],
            fingerprints,
            source,
            family,
            role: Role::from_code(role),
            mining: mining.and_then(Mining::from_code),
            rights,
            parents: parents.into_iter().collect(),
        }
    }
}

proptest! {
    #[test]
    fn every_entry_decodes_to_itself(body in any_registration(), seconds in 0..SECONDS_MAX) {
        let now = Timestamp::from_unix_s(seconds);
        let entry = Entry::sign(EntryBody::AssetRegister(body), &key(), now).unwrap();
        prop_assert_eq!(Entry::decode(entry.bytes()), Ok(entry.clone()));
        prop_assert!(entry.verify_strict(&key().public()));
        prop_assert_eq!(entry.time(), now);
    }

    /// encode(decode(b)) = b: whatever still decodes after a change encodes to exactly those bytes.
    #[test]
    fn what_decodes_encodes_to_the_same_bytes(
        body in any_registration(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = signed(body).bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(entry) = Entry::decode(&bytes) {
            let protected = protected(entry.body(), entry.signer(), entry.time());
            let mut out = Writer::default();
            out.tag(TAG_COSE_SIGN1).array(4).bytes(&protected).map(0);
            out.bytes(&entry.body().write()).bytes(entry.signature());
            prop_assert_eq!(out.finish(), bytes);
        }
    }

    #[test]
    fn random_bytes_are_no_entry(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Entry::decode(&bytes).is_err());
    }
}

#[test]
fn the_example_in_the_documentation_is_a_true_entry() {
    let drawn: String = include_str!("../entry.rs")
        .lines()
        .skip_while(|line| !line.contains("A true example"))
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.len() > 1 && line.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .collect();
    let entry = incept();
    assert_eq!(drawn, hex(entry.bytes()));
    assert_eq!(Entry::decode(entry.bytes()), Ok(entry));
}

#[test]
fn every_changed_byte_is_refused_or_breaks_the_signature() {
    let entry = signed(registration());
    for at in 0..entry.bytes().len() {
        for flip in [1, 0x20, 0x80, 0xff] {
            let mut bytes = entry.bytes().to_vec();
            bytes[at] ^= flip;
            let is_good = Entry::decode(&bytes).is_ok_and(|entry| entry.verify_strict(&key().public()));
            assert!(!is_good, "byte {at} ^ {flip}");
        }
    }
}

#[test]
fn every_truncation_and_every_added_byte_is_refused() {
    let entry = signed(registration());
    for len in 0..entry.bytes().len() {
        assert!(Entry::decode(&entry.bytes()[..len]).is_err());
    }
    let longer = [entry.bytes(), &[0]].concat();
    assert_eq!(Entry::decode(&longer), Err(EntryError::Trailing { found: 1 }));
}

/// Puts a payload of our own making under a true header and signature.
fn with_payload(payload: &[u8]) -> Vec<u8> {
    let entry = signed(registration());
    let protected = protected(entry.body(), entry.signer(), entry.time());
    let mut out = Writer::default();
    out.tag(TAG_COSE_SIGN1)
        .array(4)
        .bytes(&protected)
        .map(0)
        .bytes(payload);
    out.bytes(&key().sign(&sig_structure(&protected, payload)));
    out.finish()
}

#[test]
fn signed_payloads_that_break_the_schema_are_refused() {
    let body = |edit: &dyn Fn(&mut Registration)| {
        let mut body = registration();
        edit(&mut body);
        body
    };
    let write = |body: Registration| EntryBody::AssetRegister(body).write();
    let refused = |payload: &[u8]| match Entry::decode(&with_payload(payload)) {
        Err(EntryError::Body(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(Entry::decode(&with_payload(&write(registration()))).is_ok());
    let list = |field| BodyError::List { field };
    let twice = Digest::of(b"twice");
    assert_eq!(
        refused(&write(body(&|body| body.parents = vec![twice; 2]))),
        list("parents")
    );
    assert_eq!(
        refused(&write(body(&|body| body.rights.push(Rights::AllReserved)))),
        list("rights")
    );
    assert_eq!(
        refused(&write(body(&|body| body
            .fingerprints
            .extend(body.fingerprints.clone())))),
        list("fingerprints")
    );
    assert_eq!(
        refused(&write(body(&|body| body.digests = DigestForm::Keyed))),
        BodyError::Revealing
    );
    // Field 0 given twice; an unknown kind; an unknown field at the end; a kind of the wrong header.
    assert_eq!(refused(&[0xa2, 0, 16, 0, 16]), BodyError::Field { found: 0 });
    assert_eq!(refused(&[0xa1, 0, 0x18, 26]), BodyError::Kind { found: 26 });
    assert_eq!(refused(&[0xa1, 0, 1]), BodyError::Kind { found: 1 });
    let mut unknown = write(registration());
    unknown[0] += 1;
    unknown.extend_from_slice(&[0x18, 99, 0]);
    assert_eq!(refused(&unknown), BodyError::Field { found: 99 });
}

#[test]
fn other_headers_are_refused() {
    let entry = signed(registration());
    let header = protected(entry.body(), entry.signer(), entry.time());
    let decode = |header: &[u8], unprotected: &[u8]| {
        let mut out = Writer::default();
        out.tag(TAG_COSE_SIGN1).array(4).bytes(header);
        let mut bytes = out.finish();
        bytes.extend_from_slice(unprotected);
        let mut rest = Writer::default();
        rest.bytes(&entry.body().write()).bytes(entry.signature());
        bytes.extend_from_slice(&rest.finish());
        Entry::decode(&bytes)
    };
    assert!(decode(&header, &[0xa0]).is_ok());
    assert_eq!(decode(&header, &[0xa1, 4, 0]), Err(EntryError::NotCoseSign1));
    // A critical header (2) that no reader here knows, and alg ES256 (-7).
    let critical = [&[0xa5, 1, 0x27, 2, 0x81, 9], &header[3..]].concat();
    assert!(matches!(
        decode(&critical, &[0xa0]),
        Err(EntryError::Header { .. })
    ));
    let es256 = [&[0xa4, 1, 0x26], &header[3..]].concat();
    assert!(matches!(decode(&es256, &[0xa0]), Err(EntryError::Header { .. })));
}

#[test]
fn a_key_incept_for_another_key_is_refused() {
    let body = KeyIncept {
        key: CreatorKey::from_seed(&[2; 32]).public(),
        next: None,
        recovery: None,
    };
    assert_eq!(
        Entry::sign(EntryBody::KeyIncept(body), &key(), NOW),
        Err(EntryError::WrongKey)
    );
}

#[test]
fn a_registration_stays_near_the_size_it_is_planned_for() {
    assert!(
        signed(registration()).bytes().len() < 620,
        "{}",
        signed(registration()).bytes().len()
    );
}
