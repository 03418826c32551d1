//! Answers of an issuer in a signed file, and what becomes of each.

use image::ImageFormat;

use super::*;
use crate::asset::Asset;
use crate::keys::CreatorKey;
use crate::keys::ocsp_samples::{GOOD, UNKNOWN, Wanted, revoked};
use crate::manifest::samples::{by_other_tool, drawn, identity, now, reader, with_status_assertion};
use crate::manifest::{ManifestEvidence, ManifestFacts, ManifestReader};

/// The root of [`identity`] signs with this key.
fn root_key(seed: u8) -> CreatorKey {
    CreatorKey::from_seed(&[seed + 100; 32])
}

fn days(from_now: i64) -> Timestamp {
    // Answers count in whole seconds.
    Timestamp::from_unix_s(now().unix_s() + from_now * 86_400)
}

/// As OCSP writes it.
fn text(at: Timestamp) -> String {
    at.rfc3339().get(..19).unwrap().replace(['-', ':', 'T'], "") + "Z"
}

/// An answer about the certificate of identity `about`, of so many days ago, good for a week, signed by the root of identity `by`.
fn answer(about: u8, by: u8, status: &[u8], days_ago: i64) -> Vec<u8> {
    let whom = identity(about);
    let (this, next) = (text(days(-days_ago)), text(days(7 - days_ago)));
    let wanted = Wanted {
        about: (&whom.chain_der()[0], whom.root_der().unwrap()),
        status,
        this_update: &this,
        next_update: Some(&next),
    };
    wanted.signed(&root_key(by), &[])
}

fn facts(reader: &ManifestReader, answer: Option<Vec<u8>>) -> ManifestFacts {
    let (file, _) = by_other_tool(&identity(1), &drawn(ImageFormat::Jpeg), answer, false);
    match reader.read(&Asset::parse(file).unwrap(), now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

fn found(answer: Vec<u8>) -> Revocation {
    facts(&reader(Some(&identity(1))), Some(answer)).revocation
}

fn unusable(fault: OcspFault) -> Revocation {
    open(OpenWhy::Unusable(fault))
}

#[test]
fn an_issuers_answer_in_the_file_is_believed() {
    let as_of = days(-1);
    let good = found(answer(1, 1, GOOD, 1));
    let Revocation::NotRevoked { as_of: said } = good else {
        panic!("{good:?}")
    };
    assert!((said.unix_s() - as_of.unix_s()).abs() < 60);
    let since = days(-3);
    let gone = found(answer(1, 1, &revoked(&text(since), Some(1)), 1));
    let Revocation::Revoked { since: Some(said) } = gone else {
        panic!("{gone:?}")
    };
    assert!((said.unix_s() - since.unix_s()).abs() < 60);
    assert_eq!(found(answer(1, 1, UNKNOWN, 1)), open(OpenWhy::NotKnown));
}

#[test]
fn an_answer_in_an_assertion_counts_as_one_beside_the_signature_does() {
    let known = reader(Some(&identity(1)));
    let read = |answer| {
        let file = with_status_assertion(&identity(1), &drawn(ImageFormat::Jpeg), answer);
        match known.read(&Asset::parse(file).unwrap(), now()) {
            ManifestEvidence::Read(facts) => facts.revocation,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(
        read(answer(1, 1, GOOD, 1)),
        Revocation::NotRevoked { .. }
    ));
    let gone = read(answer(1, 1, &revoked(&text(days(-3)), None), 1));
    assert!(matches!(gone, Revocation::Revoked { since: Some(_) }));
    assert_eq!(read(answer(2, 2, GOOD, 1)), unusable(OcspFault::OtherCertificate));
}

/// The C2PA library calls the certificate of such a file revoked.
#[test]
fn an_old_answer_is_no_revocation() {
    let old = found(answer(1, 1, GOOD, 30));
    assert!(
        matches!(
            old,
            Revocation::NotChecked {
                why: OpenWhy::Old { .. }
            }
        ),
        "{old:?}"
    );
}

/// Threats V15.
#[test]
fn the_answer_about_another_certificate_or_by_another_issuer_says_nothing() {
    assert_eq!(
        found(answer(2, 2, GOOD, 1)),
        unusable(OcspFault::OtherCertificate)
    );
    assert_eq!(found(answer(1, 2, GOOD, 1)), unusable(OcspFault::Signer));
    let forged = answer(1, 2, &revoked(&text(days(-3)), None), 1);
    assert_eq!(found(forged), unusable(OcspFault::Signer));
    assert_eq!(found(b"<html>".to_vec()), unusable(OcspFault::Unreadable));
}

#[test]
fn without_an_answer_or_the_issuers_certificate_nothing_is_said() {
    let known = reader(Some(&identity(1)));
    assert_eq!(facts(&known, None).revocation, open(OpenWhy::NoAnswer));
    let nobody = facts(&reader(None), Some(answer(1, 1, GOOD, 1)));
    assert_eq!(nobody.revocation, unusable(OcspFault::IssuerMissing));
    // The certificate names nobody to ask.
    assert_eq!(known.question(&nobody), None);
    let asked = known.answered(&nobody, &answer(1, 1, GOOD, 1), now());
    assert!(matches!(asked, Revocation::NotRevoked { .. }));
}

#[test]
fn of_several_answers_the_worst_counts_and_then_the_newest() {
    let at = |days: i64| Timestamp::from_unix_s(days * 86_400);
    let ordered = [
        open(OpenWhy::NoAnswer),
        unusable(OcspFault::Signer),
        open(OpenWhy::NotKnown),
        open(OpenWhy::Old {
            as_of: at(1),
            until: at(2),
        }),
        Revocation::NotRevoked { as_of: at(1) },
        Revocation::NotRevoked { as_of: at(2) },
        Revocation::RevokedLater { since: at(9) },
        Revocation::Revoked { since: Some(at(3)) },
    ];
    assert!(ordered.is_sorted_by_key(weight));
}
