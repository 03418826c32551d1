//! The last look before a signed picture counts: the verifier that receivers use must find it whole.

use super::Shared;
use crate::asset::Asset;
use crate::base::Timestamp;
use crate::manifest::ManifestEvidence;
use crate::report::Outcome;

/// Verifies a signed picture against the creator's own root; says what is wrong if it does not hold.
///
/// A chain from a CA whose root was not given cannot be anchored here; then everything but the issuer must hold.
pub(super) fn accept(shared: &Shared<'_>, asset: &Asset, now: Timestamp) -> Result<(), String> {
    let ManifestEvidence::Read(facts) = shared.reader.read(asset, now) else {
        return Err("no manifest is found in it".to_owned());
    };
    let checks = crate::app::verify::ask(&facts);
    let mut wanted = vec![&checks.unchanged, &checks.signature, &checks.time];
    if shared.identity.root_pem().is_some() {
        wanted.push(&checks.issuer);
    }
    match wanted.into_iter().find(|check| check.outcome != Outcome::Pass) {
        Some(check) => Err(format!("{}: {}", check.id, check.note)),
        None => Ok(()),
    }
}
