//! Whose word counts: trust anchors as PEM text, given by the user, in named sets.

use serde_json::{Value, json};

/// One set of anchors with the name the user knows it by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnchorSet {
    /// Name shown in verdicts, `C2PA trust list`, `alice`.
    pub name: String,
    /// Certificates, PEM.
    pub pem: String,
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
        }
    }

    /// The SDK's `trust.anchors` list. Of claims and time stamps it asks no anchor what it was given for, and several in no fixed order:
    /// they are one set and bear one name, and what decides a verdict is asked of each kind by itself when reading.
    pub(super) fn settings(&self) -> Value {
        let text = |sets: &mut dyn Iterator<Item = &AnchorSet>| {
            let mut texts: Vec<&str> = sets
                .map(|set| set.pem.trim())
                .filter(|pem| !pem.is_empty())
                .collect();
            texts.sort_unstable();
            texts.dedup();
            texts.join("\n")
        };
        let lists = [
            (
                "manifest",
                text(&mut self.c2pa.iter().chain(&self.tsa)),
                text(&mut self.c2pa.iter()),
            ),
            ("cawg", text(&mut self.cawg.iter()), text(&mut self.cawg.iter())),
        ];
        let anchors: Vec<Value> = lists
            .into_iter()
            .filter(|(_, pem, _)| !pem.is_empty())
            .map(|(kind, anchors, leaves)| json!({"trust_anchors": anchors, "allowed_list": leaves, "trust_uri": "your trust", "trust_kind": kind}))
            .collect();
        json!({ "anchors": anchors })
    }
}

/// The SDK's settings that signing and reading share: offline, nothing automatic, no second look of its own after signing.
pub(super) fn settings(trust: &TrustAnchors, decode_identities: bool) -> Value {
    json!({
        "version": 1,
        "trust": trust.settings(),
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
    })
}
