//! Whose word counts: trust anchors given by the user, in named sets, and lists that others keep.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::contents::certificates;
use crate::base::Digest;
use crate::keys::pem::certificate_text;
use crate::keys::x509::may_certify;

/// One set of certificates with the name the user knows it by: those that may certify others are anchors, every other vouches for itself
/// alone. The SDK asks no anchor whether it is a CA.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnchorSet {
    /// Name shown in verdicts, `C2PA trust list`, `alice`.
    pub name: String,
    /// Certificates, PEM.
    pub pem: String,
}

/// What the certificates of a list are believed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// They certify signers of claims.
    Authorities,
    /// They are signers' own, and certify nobody.
    Signers,
    /// They certify time-stamping authorities.
    Time,
}

/// A list that others keep, apart from whom the user knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnchorList {
    /// What verdicts call it, `the C2PA trust list of 2026-08-13`.
    pub says: String,
    /// What for.
    pub purpose: Purpose,
    /// Certificates, DER.
    pub certificates: Vec<Vec<u8>>,
    /// Extended key usages of which a signer must have one, as object identifiers; none are asked for where empty.
    pub usages: &'static [&'static str],
}

/// Every anchor a verdict may rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TrustAnchors {
    /// For signers of claims.
    pub c2pa: Vec<AnchorSet>,
    /// For named identities (CAWG).
    pub cawg: Vec<AnchorSet>,
    /// For time-stamping authorities.
    pub tsa: Vec<AnchorSet>,
    /// Lists kept by others; asked after all sets of the user.
    pub lists: Vec<AnchorList>,
}

impl AnchorSet {
    /// The certificates that may certify others, DER.
    pub(super) fn authorities(&self) -> Vec<Vec<u8>> {
        self.certificates(true)
    }

    /// The certificates that vouch for themselves alone, DER.
    pub(super) fn leaves(&self) -> Vec<Vec<u8>> {
        self.certificates(false)
    }

    fn certificates(&self, certify: bool) -> Vec<Vec<u8>> {
        let mut ders = certificates(&self.pem);
        ders.retain(|der| may_certify(der) == certify);
        ders
    }
}

impl TrustAnchors {
    /// The same anchors for signers and named identities, as a creator's own root is.
    #[must_use]
    pub fn root(name: &str, pem: &str) -> Self {
        let set = AnchorSet {
            name: name.to_owned(),
            pem: pem.to_owned(),
        };
        Self {
            c2pa: vec![set.clone()],
            cawg: vec![set],
            tsa: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// The same without the lists of others.
    pub(super) fn without_lists(&self) -> Self {
        Self {
            c2pa: self.c2pa.clone(),
            cawg: self.cawg.clone(),
            tsa: self.tsa.clone(),
            lists: Vec::new(),
        }
    }

    /// The same with these certificates of the lists alone: of which list, and where in it.
    pub(super) fn with_listed(&self, places: &BTreeSet<(usize, usize)>) -> Self {
        let list = |(number, list): (usize, &AnchorList)| AnchorList {
            says: list.says.clone(),
            purpose: list.purpose,
            certificates: places
                .range((number, 0)..=(number, usize::MAX))
                .filter_map(|(_, at)| list.certificates.get(*at).cloned())
                .collect(),
            usages: list.usages,
        };
        Self {
            lists: self.lists.iter().enumerate().map(list).collect(),
            ..self.without_lists()
        }
    }

    /// The SDK's `trust.anchors` list. Of claims and time stamps it asks no anchor what it was given for, and several in no fixed order:
    /// they are one set and bear one name, and what decides a verdict is asked of each kind by itself when reading.
    /// Leaves go in as hashes, which it need not parse again for each file.
    pub(super) fn settings(&self) -> Value {
        let authorities =
            |sets: &[AnchorSet]| -> Vec<Vec<u8>> { sets.iter().flat_map(AnchorSet::authorities).collect() };
        let leaves =
            |sets: &[AnchorSet]| -> Vec<Vec<u8>> { sets.iter().flat_map(AnchorSet::leaves).collect() };
        let of_lists = |purposes: &[Purpose]| {
            let lists = self.lists.iter().filter(|list| purposes.contains(&list.purpose));
            lists
                .flat_map(|list| list.certificates.clone())
                .collect::<Vec<_>>()
        };
        let listed = of_lists(&[Purpose::Authorities, Purpose::Time]);
        let signers = of_lists(&[Purpose::Signers]);
        let lists = [
            (
                "manifest",
                pem([authorities(&self.c2pa), authorities(&self.tsa), listed].concat()),
                hashes(&[leaves(&self.c2pa), signers].concat()),
            ),
            ("cawg", pem(authorities(&self.cawg)), hashes(&leaves(&self.cawg))),
        ];
        let anchors: Vec<Value> = lists
            .into_iter()
            .filter(|(_, anchors, leaves)| !anchors.is_empty() || leaves.is_some())
            .map(|(kind, anchors, leaves)| json!({"trust_anchors": anchors, "allowed_list": leaves, "trust_uri": "the certificates that were asked", "trust_kind": kind}))
            .collect();
        json!({ "anchors": anchors, "trust_config": USAGES.join("\n") })
    }
}

/// Extended key usages of which a signer's certificate must have one: e-mail protection, document signing (C2PA 2.4, 14.5.1), Microsoft's
/// and C2PA's own for signing claims. Left to itself the SDK takes the first alone.
pub(super) const USAGES: [&str; 4] = [
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.76.59.1.9",
    "1.3.6.1.4.1.62558.2.1",
];

/// Certificates as PEM, each once, in one order whoever gave them.
fn pem(mut ders: Vec<Vec<u8>>) -> String {
    ders.sort_unstable();
    ders.dedup();
    ders.iter().map(|der| certificate_text(der)).collect()
}

/// The SDK's other form of a list of leaves: SHA-256 in base64, one a line.
fn hashes(ders: &[Vec<u8>]) -> Option<String> {
    let mut lines: Vec<String> = ders
        .iter()
        .map(|der| STANDARD.encode(Digest::of(der).as_bytes()))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The SDK's settings that signing and reading share: offline, nothing automatic, no second look of its own after signing. Without anchors
/// nothing can be judged.
pub(super) fn settings(trust: Option<&TrustAnchors>, decode_identities: bool) -> Value {
    let mut settings = json!({
        "version": 1,
        "verify": {
            "verify_after_reading": true,
            "verify_after_sign": false,
            "verify_trust": true,
            "ocsp_fetch": false,
            "remote_manifest_fetch": false
        },
        "core": {
            "allowed_network_hosts": [],
            "allow_redirects": false,
            "decode_identity_assertions": decode_identities
        },
        "builder": { "thumbnail": { "enabled": false } }
    });
    if let Some(trust) = trust {
        settings["trust"] = trust.settings();
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left out, the SDK calls every certificate unfit that has not the first.
    #[test]
    fn the_sdk_is_told_every_usage_that_a_signer_may_have() {
        let trust = &settings(Some(&TrustAnchors::default()), false)["trust"];
        let usages: Vec<_> = trust["trust_config"].as_str().unwrap().lines().collect();
        assert_eq!(usages, USAGES);
        let mut policy = c2pa::crypto::cose::CertificateTrustPolicy::new();
        policy.add_valid_ekus(usages.join("\n").as_bytes());
        let known = c2pa::crypto::cose::CertificateTrustPolicy::default();
        // Its own default has these, and two that are no signers'.
        assert!(format!("{known:?}").contains(USAGES[3]) && format!("{policy:?}").contains(USAGES[3]));
    }
}
