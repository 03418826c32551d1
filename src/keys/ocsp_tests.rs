//! Answers that count, and those that must not: each by one that differs in nothing else.

use super::super::ocsp_samples::{GOOD, UNKNOWN, Wanted, revoked};
use super::super::profile::tests::issued::root_key;
use super::super::profile::tests::issued_by_ca;
use super::*;
use crate::keys::{CreatorKey, SignerKeys};

/// A leaf of another key, and the root of the authority that issued both.
fn issued(seed: u8) -> (Vec<u8>, Vec<u8>) {
    issued_by_ca(&SignerKeys::Creator(CreatorKey::from_seed(&[seed; 32])))
}

fn wanted<'a>(about: (&'a [u8], &'a [u8]), status: &'a [u8]) -> Wanted<'a> {
    Wanted {
        about,
        status,
        this_update: "20260501000000Z",
        next_update: Some("20260508000000Z"),
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

#[test]
fn an_answer_counts_by_the_issuer_or_a_responder_of_its_own() {
    let (leaf, root) = issued(1);
    let good = wanted((&leaf, &root), GOOD);
    for der in [good.by_issuer(), good.by_responder(true)] {
        let answer = read(&der, &leaf, &root).unwrap();
        assert_eq!(answer.status, CertificateStatus::Good);
        assert_eq!(answer.this_update, at("2026-05-01T00:00:00Z"));
        assert_eq!(answer.next_update, at("2026-05-08T00:00:00Z"));
    }
    // A certificate of the same authority that is not for answers, and a key nobody vouches for.
    assert_eq!(
        read(&good.by_responder(false), &leaf, &root),
        Err(OcspFault::Signer)
    );
    let stranger = CreatorKey::from_seed(&[5; 32]);
    assert_eq!(
        read(&good.signed(&stranger, &[]), &leaf, &root),
        Err(OcspFault::Signer)
    );
    // A responder that vouches for itself.
    let (_, own) = crate::keys::x509::tests::made(None);
    assert_eq!(
        read(&good.signed(&stranger, &[own.root]), &leaf, &root),
        Err(OcspFault::Signer)
    );
}

/// Threats V15: a good answer about one certificate says nothing of another by the same authority.
#[test]
fn an_answer_about_another_certificate_says_nothing() {
    let (leaf, root) = issued(1);
    let other = crate::keys::profile::tests::issued::with_serial(2);
    let swapped = wanted((&other, &root), GOOD).by_issuer();
    assert!(read(&swapped, &other, &root).is_ok());
    assert_eq!(read(&swapped, &leaf, &root), Err(OcspFault::OtherCertificate));
    // The same serial number under another authority.
    let (_, made) = crate::keys::x509::tests::made(None);
    let elsewhere = wanted((&leaf, &made.root), GOOD).signed(&root_key(), &[]);
    assert_eq!(read(&elsewhere, &leaf, &root), Err(OcspFault::OtherCertificate));
}

#[test]
fn every_flipped_bit_of_an_answer_is_noticed() {
    let (leaf, root) = issued(1);
    let der = wanted((&leaf, &root), GOOD).by_issuer();
    let whole = read(&der, &leaf, &root).unwrap();
    let signed = der.len() - 64 - 80;
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let found = read(&changed, &leaf, &root);
        assert!(found.is_err() || (found == Ok(whole) && at > signed), "{at}");
        assert!(read(&der[..at], &leaf, &root).is_err(), "cut at {at}");
    }
    assert!(read(&[der, vec![0]].concat(), &leaf, &root).is_err());
}

#[test]
fn what_is_no_answer_says_why() {
    let (leaf, root) = issued(1);
    let later = [0x30, 3, 0x0a, 1, 3];
    assert_eq!(read(&later, &leaf, &root), Err(OcspFault::Refused { status: 3 }));
    assert_eq!(read(b"", &leaf, &root), Err(OcspFault::Unreadable));
    assert_eq!(read(b"<html>", &leaf, &root), Err(OcspFault::Unreadable));
    let good = wanted((&leaf, &root), GOOD).by_issuer();
    assert_eq!(read(&good, &leaf, b"x"), Err(OcspFault::IssuerMissing));
    // Ends before it begins.
    let turned = Wanted {
        next_update: Some("20260401000000Z"),
        ..wanted((&leaf, &root), GOOD)
    };
    assert_eq!(
        read(&turned.by_issuer(), &leaf, &root),
        Err(OcspFault::Unreadable)
    );
}

#[test]
fn the_moment_that_counts_decides_what_an_answer_means() {
    let (leaf, root) = issued(1);
    let answer = |status: &[u8], next: Option<&str>| {
        let wanted = Wanted {
            next_update: next,
            ..wanted((&leaf, &root), status)
        };
        read(&wanted.by_issuer(), &leaf, &root).unwrap()
    };
    let (of, until) = (at("2026-05-01T00:00:00Z"), at("2026-05-08T00:00:00Z"));
    let (inside, after) = (at("2026-05-03T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let good = answer(GOOD, Some("20260508000000Z"));
    assert_eq!(good.standing(Some(inside), after), Standing::Good { as_of: of });
    assert_eq!(good.standing(None, inside), Standing::Good { as_of: of });
    // Good later is good before.
    let before = at("2026-04-01T00:00:00Z");
    assert_eq!(good.standing(Some(before), after), Standing::Good { as_of: of });
    let old = Standing::Old { as_of: of, until };
    assert_eq!(good.standing(None, after), old);
    assert_eq!(good.standing(Some(after), after), old);
    // Without an end it is believed for a day.
    let endless = answer(GOOD, None);
    assert_eq!(endless.next_update, at("2026-05-02T00:00:00Z"));
    assert!(matches!(endless.standing(None, inside), Standing::Old { .. }));

    let since = at("2026-04-15T00:00:00Z");
    for reason in [None, Some(0), Some(1)] {
        let gone = answer(&revoked("20260415000000Z", reason), None);
        assert_eq!(gone.standing(None, inside), Standing::Revoked { since });
        assert_eq!(gone.standing(Some(inside), after), Standing::Revoked { since });
        assert_eq!(gone.standing(Some(since), after), Standing::Revoked { since });
        assert_eq!(
            gone.standing(Some(before), after),
            Standing::RevokedLater { since }
        );
    }
    let back = answer(&revoked("20260415000000Z", Some(8)), None);
    assert_eq!(back.standing(None, inside), Standing::Unknown);
    assert_eq!(answer(UNKNOWN, None).standing(None, inside), Standing::Unknown);
}

/// openssl reads the question, and an answer made by hand as it is read here.
#[test]
fn the_question_names_the_certificate_as_the_answer_does() {
    let (leaf, root) = issued(1);
    let asked = question(&leaf, &root).unwrap();
    let mut der = Der::new(&asked);
    for _ in 0..4 {
        der = Der::new(der.take(SEQUENCE).unwrap());
    }
    let id = der.take(SEQUENCE).unwrap();
    let (leaf, root) = (parse(&leaf).unwrap(), parse(&root).unwrap());
    assert_eq!(names(id, &leaf, &root), Some(true));
}

#[test]
fn an_issuer_is_who_signed_and_not_who_bears_the_name() {
    let (leaf, root) = issued(1);
    let impostor = crate::keys::profile::tests::issued::same_name_as_root(9);
    assert_eq!(issuer(&leaf, [&impostor, &root]), Some(root.as_slice()));
    assert_eq!(issuer(&leaf, [&impostor]), None);
    assert!(responders(&leaf).is_empty());
}
