//! A list that others keep, asked whether a signer or an authority is on it.

use std::sync::OnceLock;

use c2pa::crypto::cose::{CertificateTrustPolicy, TrustAnchorType};

use super::read::TrustError;
use super::trust::{AnchorList, AnchorSet, Purpose};
use crate::keys::pem::certificate_text;

/// A list, and its authorities as the SDK's policy once somebody asks.
pub(super) struct Listed {
    list: AnchorList,
    policy: OnceLock<CertificateTrustPolicy>,
}

impl From<AnchorList> for Listed {
    fn from(list: AnchorList) -> Self {
        Self {
            list,
            policy: OnceLock::new(),
        }
    }
}

impl Listed {
    /// What verdicts call it.
    pub(super) fn says(&self) -> &str {
        &self.list.says
    }

    /// Whether it holds signers themselves, who certify nobody.
    pub(super) fn is_of_signers(&self) -> bool {
        self.list.purpose == Purpose::Signers
    }

    /// Its certificates, DER.
    pub(super) fn certificates(&self) -> &[Vec<u8>] {
        &self.list.certificates
    }

    /// Its certificates as anchors for their purpose.
    pub(super) fn policy(&self) -> &CertificateTrustPolicy {
        self.policy.get_or_init(|| {
            let kind = match self.list.purpose {
                Purpose::Time => TrustAnchorType::TSA,
                Purpose::Authorities | Purpose::Signers => TrustAnchorType::Manifest,
            };
            let certificates = self.list.certificates.iter();
            let set = AnchorSet {
                name: self.list.says.clone(),
                pem: certificates.map(|der| certificate_text(der)).collect(),
            };
            // PEM of our own making is always read; were it not, nobody is on the list.
            policy(std::slice::from_ref(&set), kind).unwrap_or_default()
        })
    }

    /// Whether a signer is on it, or below an authority that is, at a moment.
    pub(super) fn holds(&self, first: &Vec<u8>, rest: &[Vec<u8>], usages: &[String], moment: i64) -> bool {
        let wanted = self.list.usages;
        if !wanted.is_empty() && !usages.iter().any(|usage| wanted.contains(&usage.as_str())) {
            return false;
        }
        if self.is_of_signers() {
            self.list.certificates.contains(first)
        } else {
            self.policy()
                .check_certificate_trust(rest, first, Some(moment))
                .is_ok()
        }
    }
}

/// The anchors of one kind as the SDK's policy.
pub(super) fn policy(
    sets: &[AnchorSet],
    kind: TrustAnchorType,
) -> Result<CertificateTrustPolicy, TrustError> {
    let mut policy = CertificateTrustPolicy::default();
    let text = |ders: &[Vec<u8>]| -> String { ders.iter().map(|der| certificate_text(der)).collect() };
    for set in sets {
        let (authorities, leaves) = (set.authorities(), set.leaves());
        if !authorities.is_empty() {
            policy
                .add_trust_anchors(text(&authorities).as_bytes(), &set.name, kind, None)
                .map_err(|_| TrustError)?;
        }
        // Of signers, who is given by itself is found before any policy is asked.
        if kind == TrustAnchorType::TSA && !leaves.is_empty() {
            policy
                .add_end_entity_credentials(text(&leaves).as_bytes())
                .map_err(|_| TrustError)?;
        }
    }
    Ok(policy)
}
