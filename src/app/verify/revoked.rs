//! Revocation in a verdict's words.

use crate::base::Timestamp;
use crate::keys::ocsp;
use crate::manifest::{ManifestFacts, OpenWhy, Revocation};
use crate::report::{Check, Outcome};

/// Whether the certificate was revoked; `online` says that whoever can be asked has been.
pub(crate) fn check(facts: &ManifestFacts, online: bool) -> Check {
    let (id, outcome, note) = match facts.revocation {
        Revocation::NotRevoked { as_of } => (
            "signingCredential.ocsp.notRevoked",
            Outcome::Pass,
            format!("its issuer said on {} that it was not revoked", day(as_of)),
        ),
        Revocation::Revoked { since } => (
            "signingCredential.ocsp.revoked",
            Outcome::Fail,
            since.map_or_else(
                || "the issuer revoked the certificate".to_owned(),
                |since| format!("the issuer revoked the certificate on {}", day(since)),
            ),
        ),
        Revocation::RevokedLater { since } => (
            "revocation.later",
            Outcome::Pass,
            format!(
                "the issuer revoked the certificate on {}, after the trusted timestamp of this signature",
                day(since)
            ),
        ),
        Revocation::NotChecked { why } => return open(facts, why, online),
    };
    Check::new(id, outcome, note)
}

fn open(facts: &ManifestFacts, why: OpenWhy, online: bool) -> Check {
    let leaf = facts.signer.as_ref().and_then(|signer| signer.chain_der.first());
    let can_be_asked = leaf.is_some_and(|leaf| !ocsp::responders(leaf).is_empty());
    let ask = if can_be_asked && !online { ASK } else { "" };
    let (id, outcome, note) = match why {
        OpenWhy::NoAnswer if can_be_asked => (
            "signingCredential.ocsp.skipped",
            Outcome::NotChecked,
            format!("no answer of its issuer is in the file{ask}"),
        ),
        OpenWhy::NoAnswer => (
            "signingCredential.ocsp.skipped",
            Outcome::NotChecked,
            "no answer of its issuer is in the file, and the certificate names nobody to ask".to_owned(),
        ),
        OpenWhy::NotKnown => (
            "signingCredential.ocsp.unknown",
            Outcome::Unknown,
            "its issuer says that it does not know".to_owned(),
        ),
        OpenWhy::Old { as_of, until } => (
            "revocation.answer.old",
            Outcome::Unknown,
            format!(
                "it was not on {}, as its issuer said; that answer held until {}, and nobody trusted recorded an \
                 earlier time of signing{ask}",
                day(as_of),
                day(until)
            ),
        ),
        OpenWhy::Unusable(fault) => (
            "revocation.answer.unusable",
            Outcome::Unknown,
            format!("of the answer in the file, {fault}{ask}"),
        ),
    };
    Check::new(id, outcome, note)
}

/// How a note ends where the issuer can be asked.
pub(super) const ASK: &str = "; --online asks it";

fn day(at: Timestamp) -> String {
    at.rfc3339().get(..10).unwrap_or_default().to_owned()
}
