//! A list that others keep, asked whether a signer or an authority is on it.

use std::sync::OnceLock;

use c2pa::crypto::cose::CertificateTrustPolicy;

use super::path::{Anchors, Way};
use super::trust::{AnchorList, Purpose};
use crate::keys::x509::may_certify;

/// A list, and its authorities as anchors once somebody asks.
pub(super) struct Listed {
    list: AnchorList,
    anchors: OnceLock<Anchors>,
}

impl From<AnchorList> for Listed {
    fn from(list: AnchorList) -> Self {
        Self {
            list,
            anchors: OnceLock::new(),
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

    /// Those of its certificates that may certify others, as anchors.
    pub(super) fn anchors(&self) -> &Anchors {
        self.anchors.get_or_init(|| {
            let certificates = self.list.certificates.iter();
            Anchors::of(certificates.filter(|der| may_certify(der)).cloned())
        })
    }

    /// Whether a signer is on it, or below an authority that is, at a moment.
    pub(super) fn holds(&self, chain: &[Vec<u8>], usages: &[String], moment: i64) -> Way<()> {
        let wanted = self.list.usages;
        if !wanted.is_empty() && !usages.iter().any(|usage| wanted.contains(&usage.as_str())) {
            return Way::Nowhere;
        }
        if !self.is_of_signers() {
            return self
                .anchors()
                .follow(chain, |policy| leads(policy, chain, moment));
        }
        let first = chain.first();
        if first.is_some_and(|first| self.list.certificates.contains(first)) {
            Way::There(())
        } else {
            Way::Nowhere
        }
    }
}

/// Whether the whole of a signer's chain leads to the anchor of a policy, and the moment it is asked for.
pub(super) fn leads(policy: &CertificateTrustPolicy, chain: &[Vec<u8>], moment: i64) -> Option<((), i64)> {
    let (first, rest) = chain.split_first()?;
    let found = policy.check_certificate_trust(rest, first, Some(moment));
    found.ok().map(|_| ((), moment))
}
