//! The last look before a signed picture counts: the verifier that receivers use must find it whole.

use super::Shared;
use crate::app::verify::origin::against_parent;
use crate::asset::Asset;
use crate::base::Timestamp;
use crate::manifest::{Code, ManifestEvidence};
use crate::report::Outcome;

/// What the read-back found of a picture that holds.
pub(super) struct Accepted {
    /// The result word that a receiver gets who trusts what the key's own chain ends in, and nothing more.
    pub(super) word: &'static str,
    /// What is worth knowing: a parent that did not hold when it was taken in.
    pub(super) notes: Vec<String>,
    /// The same in a few words each.
    pub(super) faults: Vec<String>,
    /// That the picture it was made from says other of how it was made, in a sentence.
    pub(super) against: Option<String>,
}

/// Verifies a signed picture against the creator's own root; says what is wrong if it does not hold.
///
/// A chain from a CA whose root was not given cannot be anchored here; then everything but the issuer must hold.
pub(super) fn accept(shared: &Shared<'_>, asset: &Asset, now: Timestamp) -> Result<Accepted, String> {
    let ManifestEvidence::Read(facts) = shared.reader.read(asset, now) else {
        return Err("no manifest is found in it".to_owned());
    };
    let checks = crate::app::verify::ask(&facts);
    let mut wanted = vec![&checks.unchanged, &checks.signature, &checks.time];
    if shared.identity.root_pem().is_some() {
        wanted.push(&checks.issuer);
    }
    if let Some(check) = wanted.into_iter().find(|check| check.outcome != Outcome::Pass) {
        return Err(format!("{}: {}", check.id, check.note));
    }
    let parents = facts.ingredients.iter();
    let parents = parents.filter(|one| one.depth == 0 && one.relationship == "parentOf");
    let codes: Vec<&[Code]> = parents.map(|one| one.recorded_failures.as_slice()).collect();
    let is_broken = |code: &Code| *code != Code::SigningCredentialExpired;
    let broken = codes.iter().copied().flatten().any(is_broken);
    let faults = broken.then_some("the credentials of what it was made from do not hold");
    Ok(Accepted {
        word: if checks.issuer.outcome == Outcome::Pass {
            "TRUSTED"
        } else {
            "UNKNOWN ISSUER"
        },
        faults: faults.into_iter().map(str::to_owned).collect(),
        notes: codes.into_iter().filter_map(told).collect(),
        against: against_parent(&facts).map(|said| format!("{said}; receivers are shown both")),
    })
}

/// What is said of a parent whose own credentials did not hold; the new manifest records it for everyone.
fn told(codes: &[Code]) -> Option<String> {
    let mut names: Vec<&str> = codes
        .iter()
        .filter(|code| **code != Code::SigningCredentialExpired)
        .map(|code| match code {
            // Codes of other makers' records are a stranger's words.
            Code::Other(_) => "another code",
            known => known.raw(),
        })
        .collect();
    let expired = names.len() < codes.len();
    names.dedup();
    match (names.is_empty(), expired) {
        (false, _) => Some(format!(
            "the Content Credentials of the picture it was made from do not hold ({}); the new manifest records that",
            names.join(", ")
        )),
        (true, true) => Some(
            "the certificate of the picture it was made from has expired (signingCredential.expired); the new manifest records that"
                .to_owned(),
        ),
        (true, false) => None,
    }
}
