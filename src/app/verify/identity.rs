//! Identities asserted beside the signer, and what became of each: a second voice, which changes no result.

use crate::app::Error;
use crate::base::Untrusted;
use crate::keys::x509::LeafInfo;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::title::Compromised;
use crate::manifest::facts::{IdentityFacts, ManifestFacts, Revocation, Signature, StatusKind, Validity};
use crate::manifest::status::Code;
use crate::report::check::{Check, Outcome};
use crate::report::verify::{IdentityLine, ResultWord};

/// Identities asserted beside the signer of a picture with this word. Of a changed picture, they were asserted of another one; a key that
/// a ledger has `disowned` names nobody, nor does that of a certificate revoked.
pub(super) fn named(
    facts: &ManifestFacts,
    word: ResultWord,
    disowned: impl Fn(&KeyId) -> Result<Option<Compromised>, Error>,
) -> Result<Vec<IdentityLine>, Error> {
    let mut lines = identities(facts);
    for (line, identity) in lines.iter_mut().zip(&facts.identities) {
        let outcome = line.check.outcome;
        let note = match word {
            ResultWord::Changed => Some(of_another(facts, outcome).to_owned()),
            _ if identity.holds && outcome != Outcome::Fail => taken_back(facts, identity, &disowned)?,
            _ => None,
        };
        if let Some(note) = note {
            line.check = Check::new("cawg.identity", Outcome::Unknown, note);
        }
    }
    Ok(lines)
}

/// What becomes of an identity that was asserted of the version that was signed.
fn of_another(facts: &ManifestFacts, outcome: Outcome) -> &'static str {
    match outcome {
        _ if facts.signature == Signature::Bad => "it stands in a claim whose signature does not hold",
        Outcome::Pass => "somebody you know signed what these credentials belong to, not this file",
        _ => "it was stated of the signed version, not of this file",
    }
}

/// Why the key of an identity speaks for nobody; nothing where it does, or where there is no key.
fn taken_back(
    facts: &ManifestFacts,
    identity: &IdentityFacts,
    disowned: impl Fn(&KeyId) -> Result<Option<Compromised>, Error>,
) -> Result<Option<String>, Error> {
    let leaf = identity
        .chain_der
        .first()
        .and_then(|der| LeafInfo::parse(der).ok());
    let Some(key) = leaf.as_ref().and_then(key_id) else {
        return Ok(None);
    };
    if let Some(Compromised { by, .. }) = disowned(&key)? {
        let note = format!("its key was declared compromised in the ledger with entry {by}");
        return Ok(Some(note));
    }
    let signer = facts.signer.as_ref().and_then(|signer| signer.leaf.as_ref());
    let is_signers = signer.and_then(key_id) == Some(key);
    let is_revoked = is_signers && matches!(facts.revocation, Revocation::Revoked { .. });
    let note = "it was made with the key of the signature, whose certificate its issuer revoked";
    Ok(is_revoked.then(|| note.to_owned()))
}

fn key_id(leaf: &LeafInfo) -> Option<KeyId> {
    leaf.public_key.as_ref().map(PublicKey::key_id)
}

/// Identities asserted beside the signer.
pub(crate) fn identities(facts: &ManifestFacts) -> Vec<IdentityLine> {
    let line = |identity: &IdentityFacts| IdentityLine {
        name: identity
            .subject
            .first()
            .cloned()
            .unwrap_or_else(|| Untrusted::from("somebody whose name cannot be read")),
        role: identity.roles.first().cloned(),
        check: check(identity),
    };
    facts.identities.iter().map(line).collect()
}

fn check(identity: &IdentityFacts) -> Check {
    let said = |id: &str, outcome, note: &str| Check::new(id, outcome, note);
    if let (true, Some((outcome, note))) = (identity.holds, identity.validity.and_then(out_of_time)) {
        return said("cawg.x509.signature.outside_validity", outcome, note);
    }
    match (identity.holds, identity.trusted) {
        (true, true) => {
            return said(
                "cawg.identity.trusted",
                Outcome::Pass,
                "its own signature is good, with a certificate that somebody you know vouches for",
            );
        }
        (true, false) => {
            let note = "its own signature is good, but nobody you know vouches for its certificate";
            return said("cawg.identity.well-formed", Outcome::Unknown, note);
        }
        (false, _) => {}
    }
    let failures = || {
        let codes = identity.codes.iter();
        codes.filter(|(kind, code)| *kind == StatusKind::Failure && !code.is_only_trust())
    };
    let mut told: Vec<_> = failures()
        .filter_map(|(_, code)| Some((code, failed(code.raw())?)))
        .collect();
    // One that is wrong is not excused by what else could not be checked.
    told.sort_by_key(|(_, (outcome, _))| *outcome != Outcome::Fail);
    if let Some((code, (outcome, note))) = told.into_iter().next() {
        return said(code.raw(), outcome, note);
    }
    let stranger = Code::CawgIcaUntrustedIssuer;
    if failures().next().is_none() && identity.codes.iter().any(|(_, code)| *code == stranger) {
        let note = "a service checked this name and signed that it did; byline knows no such service, so this rests on its word";
        return said(stranger.raw(), Outcome::Unknown, note);
    }
    said(
        "cawg.identity",
        Outcome::Unknown,
        "whether it is right could not be checked",
    )
}

/// What the dates of its certificate come to, where it was not valid at the time that counts; nothing where it was.
const fn out_of_time(validity: Validity) -> Option<(Outcome, &'static str)> {
    match validity {
        Validity::InsideAtTimestamp | Validity::InsideNow => None,
        Validity::ExpiredWithoutTimestamp | Validity::InsideAtUnlistedTimestamp => Some((
            Outcome::Unknown,
            "its certificate has expired, and nobody trusted recorded when it was used",
        )),
        Validity::NotYetValid => Some((Outcome::Unknown, "its certificate is not valid yet")),
        Validity::OutsideAtTimestamp => Some((
            Outcome::Fail,
            "its certificate was not valid at the time that a trusted timestamp gives",
        )),
        Validity::Unknown => Some((Outcome::Unknown, "its certificate cannot be read")),
    }
}

/// What a failure code of CAWG comes to; nothing where it is none of them (CAWG identity 1.1 to 1.3, 7.2).
fn failed(code: &str) -> Option<(Outcome, &'static str)> {
    const OTHER: &str = "it was made for another picture, or for other statements than stand here";
    const FORM: &str = "it is not made as such a statement must be";
    const SIGNATURE: &str = "its own signature is bad";
    const TIME: &str = "it was not valid at the time of signing, or is not now";
    Some(match code {
        "cawg.ica.did_unavailable" => (
            Outcome::NotChecked,
            "a service checked this name, and the key to check that with lies on the network, where byline does not look for it",
        ),
        "cawg.identity.sig_type.unknown" => (
            Outcome::NotChecked,
            "it is signed in a way that byline cannot check",
        ),
        "cawg.ica.signature_mismatch" | "cawg.x509.signature.mismatch" | "cawg.ica.time_stamp.invalid" => {
            (Outcome::Fail, SIGNATURE)
        }
        "cawg.ica.valid_from.invalid"
        | "cawg.ica.valid_from.missing"
        | "cawg.ica.valid_until.invalid"
        | "cawg.x509.signature.outside_validity" => (Outcome::Fail, TIME),
        "cawg.ica.revoked" | "cawg.identity.credential_revoked" => {
            (Outcome::Fail, "whoever vouched for it took that back")
        }
        "cawg.ica.signer_payload.mismatch"
        | "cawg.identity.assertion.duplicate"
        | "cawg.identity.assertion.mismatch"
        | "cawg.identity.hard_binding_incorrect"
        | "cawg.identity.hard_binding_missing" => (Outcome::Fail, OTHER),
        "cawg.identity.pad.invalid" => (Outcome::Fail, "something is hidden in it that nobody signed"),
        _ if code.starts_with("cawg.") => (Outcome::Fail, FORM),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Untrusted;

    fn told(codes: &[(StatusKind, &str)]) -> (String, Outcome) {
        let identity = IdentityFacts {
            codes: codes
                .iter()
                .map(|(kind, code)| (*kind, Code::parse(code)))
                .collect(),
            subject: vec![Untrusted::from("Ann")],
            ..IdentityFacts::default()
        };
        let found = check(&identity);
        (found.id, found.outcome)
    }

    #[test]
    fn a_wrong_identity_is_told_from_one_that_nobody_could_check() {
        use StatusKind::{Failure, Informational, Success};
        let stranger = (Informational, "cawg.ica.untrusted_issuer");
        assert_eq!(
            told(&[stranger]),
            ("cawg.ica.untrusted_issuer".into(), Outcome::Unknown)
        );
        for wrong in [
            "cawg.ica.signature_mismatch",
            "cawg.ica.valid_until.invalid",
            "cawg.identity.hard_binding_missing",
            "cawg.identity.pad.invalid",
            "cawg.a.code.of.tomorrow",
        ] {
            assert_eq!(told(&[stranger, (Failure, wrong)]), (wrong.into(), Outcome::Fail));
        }
        for open in ["cawg.ica.did_unavailable", "cawg.identity.sig_type.unknown"] {
            assert_eq!(told(&[(Failure, open)]), (open.into(), Outcome::NotChecked));
        }
        // What is wrong counts before what could not be checked.
        let unseen = (Failure, "cawg.ica.did_unavailable");
        let wrong = (Failure, "cawg.ica.signer_payload.mismatch");
        assert_eq!(told(&[unseen, wrong]), (wrong.1.into(), Outcome::Fail));
        // A code about something else, or none, says nothing of the identity.
        let hashed = (Success, "assertion.hashedURI.match");
        assert_eq!(told(&[hashed]), ("cawg.identity".into(), Outcome::Unknown));
    }

    #[test]
    fn every_failure_of_cawg_has_words() {
        for code in Code::KNOWN.iter().filter(|code| code.starts_with("cawg.")) {
            assert!(failed(code).is_some(), "{code}");
        }
        assert_eq!(failed("assertion.missing"), None);
    }
}
