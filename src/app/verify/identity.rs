//! Identities asserted beside the signer, and what became of each: a second voice, which changes no result.

use crate::manifest::facts::{IdentityFacts, ManifestFacts, StatusKind};
use crate::manifest::status::Code;
use crate::report::check::{Check, Outcome};
use crate::report::verify::IdentityLine;

/// Identities asserted beside the signer.
pub(crate) fn identities(facts: &ManifestFacts) -> Vec<IdentityLine> {
    let line = |identity: &IdentityFacts| IdentityLine {
        name: identity
            .subject
            .first()
            .cloned()
            .unwrap_or_else(|| identity.label.clone()),
        role: identity.roles.first().cloned(),
        check: check(identity),
    };
    facts.identities.iter().map(line).collect()
}

fn check(identity: &IdentityFacts) -> Check {
    let said = |id: &str, outcome, note: &str| Check::new(id, outcome, note);
    match (identity.holds, identity.trusted) {
        (true, true) => {
            return said(
                "cawg.identity.trusted",
                Outcome::Pass,
                "signed by somebody you know",
            );
        }
        (true, false) => {
            let note = "well signed, by nobody you know";
            return said("cawg.identity.well-formed", Outcome::Unknown, note);
        }
        (false, _) => {}
    }
    let failures = || {
        let codes = identity.codes.iter();
        codes.filter(|(kind, code)| *kind == StatusKind::Failure && !code.is_only_trust())
    };
    let told = failures().find_map(|(_, code)| Some((code, failed(code.raw())?)));
    if let Some((code, (outcome, note))) = told {
        return said(code.raw(), outcome, note);
    }
    let stranger = Code::CawgIcaUntrustedIssuer;
    if failures().next().is_none() && identity.codes.iter().any(|(_, code)| *code == stranger) {
        let note = "vouched for by a service that you have not said you believe";
        return said(stranger.raw(), Outcome::Unknown, note);
    }
    said("cawg.identity", Outcome::Unknown, "it could not be confirmed")
}

/// What a failure code of CAWG comes to; nothing where it is none of them (CAWG identity 1.1 to 1.3, 7.2).
fn failed(code: &str) -> Option<(Outcome, &'static str)> {
    const OTHER: &str = "it vouches for something else than what stands here";
    const FORM: &str = "it is not made as such a statement must be";
    const SIGNATURE: &str = "its signature does not fit what it says";
    const TIME: &str = "it did not hold at the time that counts";
    Some(match code {
        "cawg.ica.did_unavailable" => (
            Outcome::NotChecked,
            "the key of the service that vouches for it lies on the network",
        ),
        "cawg.identity.sig_type.unknown" => (
            Outcome::NotChecked,
            "it is signed in a way that cannot be checked here",
        ),
        "cawg.ica.signature_mismatch" | "cawg.x509.signature.mismatch" | "cawg.ica.time_stamp.invalid" => {
            (Outcome::Fail, SIGNATURE)
        }
        "cawg.ica.valid_from.invalid"
        | "cawg.ica.valid_from.missing"
        | "cawg.ica.valid_until.invalid"
        | "cawg.x509.signature.outside_validity" => (Outcome::Fail, TIME),
        "cawg.ica.revoked" | "cawg.identity.credential_revoked" => (Outcome::Fail, "it was taken back"),
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
