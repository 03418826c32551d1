//! Whether the signing certificate was revoked: what the issuer's answers in a store come to.
//!
//! Answers (OCSP) stand beside the signature (`rVals`, C2PA 2.4, 13.2.3) and in certificate-status assertions of any manifest (18.19).
//! Nothing signs the former and anybody can add the latter, but each proves itself or says nothing: see [`crate::keys::ocsp`].

use ciborium::Value;

use super::facts::{OpenWhy, Revocation};
use super::judge::Judge;
use super::store::{Active, decode, get};
use crate::base::Timestamp;
use crate::keys::ocsp::{self, OcspFault, Standing};

/// The answers that a store holds, as found.
pub(super) fn answers(own: &Active<'_>) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    if let Ok(cose) = own.cose() {
        let stapled = cose
            .unprotected
            .iter()
            .find(|(key, _)| key.as_text() == Some("rVals"));
        out.extend(stapled.into_iter().flat_map(|(_, value)| values(value)));
    }
    if memchr::memmem::find(own.store(), STATUS.as_bytes()).is_some() {
        for label in &own.manifest_labels {
            let Ok(one) = Active::labelled(own.store(), label) else {
                continue;
            };
            let assertions = one.assertions.iter().filter(|found| is_status(&found.label));
            let found = assertions.filter_map(|found| decode(one.payload(found, *b"cbor")?));
            out.extend(found.flat_map(|value| values(&value)));
        }
    }
    out.retain(|answer| answer.len() <= ANSWER_BYTES_MAX);
    out.truncate(ANSWERS_MAX);
    out
}

/// What the answers, the newest first in weight, say of the certificate that `chain` (DER, leaf first) begins with; `anchors` are where its
/// issuer is looked for beside the chain. `signed` is the time of signing, where it is trusted.
pub(super) fn judge<'a>(
    answers: &[Vec<u8>],
    chain: &'a [Vec<u8>],
    anchors: impl Iterator<Item = &'a Vec<u8>>,
    (signed, at): (Option<Timestamp>, Timestamp),
) -> Revocation {
    let Some((leaf, above)) = chain.split_first().filter(|_| !answers.is_empty()) else {
        return open(OpenWhy::NoAnswer);
    };
    let Some(issuer) = ocsp::issuer(leaf, above.iter().chain(anchors)) else {
        return open(OpenWhy::Unusable(OcspFault::IssuerMissing));
    };
    let judged = answers
        .iter()
        .map(|answer| match ocsp::read(answer, leaf, issuer) {
            Ok(answer) => of_standing(answer.standing(signed, at)),
            Err(fault) => open(OpenWhy::Unusable(fault)),
        });
    judged.max_by_key(weight).unwrap_or(open(OpenWhy::NoAnswer))
}

/// Our answer beside the SDK's, which counts only where we have read none: it calls an old answer a revocation.
pub(super) fn beside_sdk(ours: Revocation, sdk: &Judge<'_>) -> Revocation {
    if ours == open(OpenWhy::NoAnswer) && sdk.says_revoked() {
        Revocation::Revoked { since: None }
    } else {
        ours
    }
}

const fn of_standing(standing: Standing) -> Revocation {
    match standing {
        Standing::Good { as_of } => Revocation::NotRevoked { as_of },
        Standing::Old { as_of, until } => open(OpenWhy::Old { as_of, until }),
        Standing::Revoked { since } => Revocation::Revoked { since: Some(since) },
        Standing::RevokedLater { since } => Revocation::RevokedLater { since },
        Standing::Unknown => open(OpenWhy::NotKnown),
    }
}

const fn open(why: OpenWhy) -> Revocation {
    Revocation::NotChecked { why }
}

/// Of several answers the worst counts, then the newest.
fn weight(one: &Revocation) -> (u8, i64) {
    match one {
        Revocation::Revoked { since } => (6, since.map_or(0, Timestamp::unix_s)),
        Revocation::RevokedLater { since } => (5, since.unix_s()),
        Revocation::NotRevoked { as_of } => (4, as_of.unix_s()),
        Revocation::NotChecked { why } => match why {
            OpenWhy::Old { as_of, .. } => (3, as_of.unix_s()),
            OpenWhy::NotKnown => (2, 0),
            OpenWhy::Unusable(_) => (1, 0),
            OpenWhy::NoAnswer => (0, 0),
        },
    }
}

/// `{"ocspVals": [bytes, ..]}`.
fn values(value: &Value) -> Vec<Vec<u8>> {
    let list = get(value, "ocspVals").and_then(Value::as_array);
    let bytes = list.into_iter().flatten().filter_map(Value::as_bytes);
    bytes.cloned().collect()
}

fn is_status(label: &str) -> bool {
    label == STATUS
        || label
            .strip_prefix(STATUS)
            .is_some_and(|rest| rest.starts_with("__"))
}

const STATUS: &str = "c2pa.certificate-status";
/// Most answers of a store that are judged; real ones hold one or two.
const ANSWERS_MAX: usize = 16;
/// Longest answer judged, bytes; real ones have up to 3 KiB.
const ANSWER_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
#[path = "revocation_tests.rs"]
mod tests;
