//! No line of a verdict contradicts another: what could not be read is not said to be lacking, and what nobody signed not to be signed.

use ciborium::Value;
use image::ImageFormat;

use super::*;
use crate::base::Timestamp;
use crate::ledger::LeafIndex;
use crate::manifest::samples::{drawn, identity, now, reader, with_assertion};
use crate::manifest::{ManifestFacts, Signature, SigningTime};
use crate::report::verify::IdentityLine;

/// A picture by another tool with an assertion of this label that says this.
fn read(label: &str, value: &Value) -> ManifestFacts {
    let signed = with_assertion(&identity(1), &drawn(ImageFormat::Jpeg), label, value);
    match reader(None).read(&Asset::parse(signed).unwrap(), now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

fn good() -> ManifestFacts {
    read("org.example.note", &Value::Map(vec![("a".into(), 1.into())]))
}

/// CBOR that no JSON can hold: the library checks hashes and signature of such a manifest, and gives none of its statements.
fn unreadable() -> ManifestFacts {
    let odd = Value::Map(vec![(Value::Array(vec![1.into()]), 1.into())]);
    read("org.example.note", &odd)
}

#[test]
fn statements_that_cannot_be_read_are_not_said_to_be_lacking() {
    let facts = unreadable();
    assert!(
        facts.active.unread && !facts.active.assertions.is_empty(),
        "{facts:?}"
    );
    assert!(!facts.active.label.raw().is_empty());
    let checks = four::ask(&facts);
    assert_eq!(checks.unchanged.outcome, Outcome::Unknown);
    assert!(checks.unchanged.note.contains("cannot be read"), "{checks:?}");
    // The signature is good: then the certificate it was made with is there, and its dates are known.
    assert_eq!(
        (
            checks.signature.outcome,
            checks.time.outcome,
            checks.issuer.outcome
        ),
        (Outcome::Pass, Outcome::Pass, Outcome::Unknown)
    );
    assert_eq!(
        facts.signer.as_ref().unwrap().chain_der,
        good().signer.unwrap().chain_der
    );
    let held = Held::Manifest {
        revoked: false,
        fit: true,
    };
    let word = word::word(held, &checks);
    assert_eq!(word, ResultWord::NotConfirmed);
    let made = made::made(Some(&facts), word, &[], None);
    assert!(made.unread && made.signals.is_empty(), "{made:?}");
    assert_eq!(made.words, "unknown: what the manifest states cannot be read");
    let notes = notes::of(
        &ManifestEvidence::Absent,
        &drawn(ImageFormat::Jpeg),
        Some(&facts),
        now(),
    );
    assert!(
        notes.iter().any(|note| note.contains("cannot be read")),
        "{notes:?}"
    );
    assert!(!good().active.unread);
}

#[test]
fn beside_a_bad_signature_nothing_was_signed_and_nobody_is_known() {
    let mut facts = good();
    facts.chain = crate::manifest::Chain::Anchored {
        set: "alice".to_owned(),
    };
    assert_eq!(
        describe::signer(&facts).unwrap().known_as.as_deref(),
        Some("alice")
    );
    facts.signature = Signature::Bad;
    let checks = four::ask(&facts);
    assert_eq!(checks.unchanged.outcome, Outcome::Unknown);
    assert_eq!(
        checks.unchanged.note,
        "the hashes match the claim, whose signature does not hold"
    );
    for check in [&checks.time, &checks.issuer] {
        assert_eq!(check.outcome, Outcome::NotChecked, "{check:?}");
    }
    assert_eq!(describe::signer(&facts).unwrap().known_as, None);
    facts.binding = crate::manifest::Binding::Mismatch;
    let checks = four::ask(&facts);
    assert_eq!(checks.unchanged.outcome, Outcome::Fail);
    assert!(!checks.unchanged.note.contains("signed"), "{checks:?}");
    facts.signature = Signature::NotChecked;
    facts.binding = crate::manifest::Binding::Match;
    assert_eq!(four::ask(&facts).unchanged.outcome, Outcome::Unknown);
}

/// A picture whose signer names itself, read by somebody who knows it.
fn with_identity() -> ManifestFacts {
    let identity = identity(1);
    let claim = crate::manifest::samples::claim(crate::base::SourceType::DigitalCreation);
    let signed = crate::manifest::samples::signer(&identity).sign(&drawn(ImageFormat::Jpeg), &claim);
    match reader(Some(&identity)).read(&signed.unwrap().asset, now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

/// Whoever stole a key can name its owner beside their own claim, which the ledger says nothing against.
#[test]
fn an_identity_by_a_key_that_is_declared_compromised_is_not_confirmed() {
    let mut facts = with_identity();
    let told = |facts: &ManifestFacts, word, compromised: Option<&KeyId>| {
        let revocation = Compromised {
            by: LeafIndex(3),
            since: LeafIndex(2),
        };
        let disowned = |key: &KeyId| Ok((compromised == Some(key)).then_some(revocation));
        let lines = identity::named(facts, word, disowned).unwrap();
        (lines[0].check.outcome, lines[0].check.note.clone())
    };
    let leaf = LeafInfo::parse(&facts.identities[0].chain_der[0]).unwrap();
    let (own, other) = (leaf.public_key.unwrap().key_id(), KeyId::from_bytes([7; 32]));
    assert_eq!(told(&facts, ResultWord::Trusted, None).0, Outcome::Pass);
    assert_eq!(told(&facts, ResultWord::Trusted, Some(&other)).0, Outcome::Pass);
    let (outcome, note) = told(&facts, ResultWord::Trusted, Some(&own));
    assert_eq!(outcome, Outcome::Unknown);
    assert_eq!(
        note,
        "its key was declared compromised in the ledger with entry 3"
    );
    // One that nobody vouches for is not to be looked up and trusted, either.
    facts.identities[0].trusted = false;
    assert_eq!(told(&facts, ResultWord::Trusted, Some(&own)).1, note);
    // One that is wrong stays wrong.
    facts.identities[0].validity = Some(crate::manifest::facts::Validity::OutsideAtTimestamp);
    assert_eq!(told(&facts, ResultWord::Trusted, Some(&own)).0, Outcome::Fail);
}

#[test]
fn the_key_of_a_revoked_certificate_confirms_no_identity() {
    let mut facts = with_identity();
    let told = |facts: &ManifestFacts| {
        let lines = identity::named(facts, ResultWord::Revoked, |_| Ok(None)).unwrap();
        (lines[0].check.outcome, lines[0].check.note.clone())
    };
    facts.revocation = Revocation::Revoked { since: None };
    let (outcome, note) = told(&facts);
    assert_eq!(outcome, Outcome::Unknown);
    assert_eq!(
        note,
        "it was made with the key of the signature, whose certificate its issuer revoked"
    );
    // Another's is not by that revoked.
    facts.signer = None;
    assert_eq!(told(&facts).0, Outcome::Pass);
}

/// The four answers stand without it, and so does the word; the point is told all the same.
#[test]
fn an_identity_that_does_not_hold_is_told_of_a_trusted_picture_too() {
    let facts = with_identity();
    let checks = four::ask(&facts);
    let mut identities = identity::named(&facts, ResultWord::Trusted, |_| Ok(None)).unwrap();
    let ledger = LedgerAnswer::of(Check::new(
        "ledger.entry",
        Outcome::NotChecked,
        "no ledger was asked",
    ));
    let open = |identities: &[IdentityLine]| {
        let evidence = open::Evidence {
            checks: &checks,
            facts: Some(&facts),
            identities,
            revocation: None,
            ledger: &ledger,
            named_ledger: None,
            own: None,
            online: false,
            another_day: true,
            picture: Path::new("a.jpg"),
            place: crate::report::verify::ManifestPlace::Embedded,
            several_stores: false,
            at: now(),
        };
        evidence.verdict(ResultWord::Trusted, None)
    };
    let (sentence, points) = open(&identities);
    assert!(points.is_empty(), "{points:?}");
    assert!(sentence.ends_with("Z, not of today)"), "{sentence}");
    identities[0].check.outcome = Outcome::Fail;
    let (sentence, points) = open(&identities);
    // The first point is the one that the sentence names, as everywhere.
    let named = format!("but a named identity does not hold: {} (as of", points[0].what);
    assert!(sentence.contains(&named), "{sentence}");
    assert_eq!(points.len(), 1, "{points:?}");
    assert!(points[0].settle.starts_with("take no word of it"), "{points:?}");
}

#[test]
fn a_trusted_time_later_than_the_one_judged_for_is_told() {
    let told = |days: i64| {
        let mut facts = good();
        facts.time = SigningTime::Trusted {
            at: Timestamp::from_unix_s(now().unix_s() + days * 86_400),
            authority: None,
            list: None,
        };
        let picture = drawn(ImageFormat::Jpeg);
        let notes = notes::of(&ManifestEvidence::Absent, &picture, Some(&facts), now());
        notes
            .iter()
            .any(|note| note.contains("later than the time this is judged for"))
    };
    assert!(told(3) && !told(0) && !told(-3));
}
