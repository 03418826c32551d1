//! Anchors, and the way to one of them: signatures and dates by the C2PA library, what authorities may do by [`crate::keys::path`].

use std::collections::HashMap;

use c2pa::crypto::cose::{CertificateTrustPolicy, TrustAnchorType};

use super::contexts::names;
use crate::keys::path::{PathFault, check_path};
use crate::keys::pem::certificate_text;

/// Certificates of authorities that a way may end at, by their names.
#[derive(Default)]
pub(super) struct Anchors(HashMap<Vec<u8>, Vec<Vec<u8>>>);

/// Where a chain leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way<T> {
    /// To an anchor; with what was asked for on the way.
    There(T),
    /// To an anchor, and may not be followed.
    Refused(PathFault),
    /// To none of them.
    Nowhere,
}

impl Anchors {
    /// Takes certificates, DER. Whose name cannot be read is no anchor: the library matches names too.
    pub(super) fn of(ders: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut all: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
        for der in ders {
            if let Some((_, subject)) = names(&der) {
                all.entry(subject.to_vec()).or_default().push(der);
            }
        }
        Self(all)
    }

    /// Follows a chain (DER, leaf first) to an anchor. `holds` asks the library about the whole of it with that anchor alone, and at
    /// which second its certificates had to be valid.
    ///
    /// Several anchors may bear the name of an issuer, and several issuers lead to one: each way is judged by itself, and one is enough.
    pub(super) fn follow<T>(
        &self,
        chain: &[Vec<u8>],
        holds: impl Fn(&CertificateTrustPolicy) -> Option<(T, i64)>,
    ) -> Way<T> {
        let mut found = Way::Nowhere;
        // Each certificate is asked about once more for each that stands above it.
        if chain.len() > CHAIN_MAX {
            return found;
        }
        // The ways from the top, as the library looks for them.
        for end in (1..=chain.len()).rev() {
            let part = chain.get(..end).unwrap_or_default();
            let issuer = part.last().and_then(|der| names(der)).map(|(issuer, _)| issuer);
            let anchors = issuer.and_then(|issuer| self.0.get(issuer));
            for anchor in anchors.into_iter().flatten() {
                let Some(policy) = alone(anchor) else { continue };
                let Some((held, moment)) = holds(&policy) else {
                    continue;
                };
                // The whole was asked just now.
                if end < chain.len() && !reaches(&policy, part, moment) {
                    continue;
                }
                match check_path(&path(part, anchor)) {
                    Ok(()) => return Way::There(held),
                    Err(fault) => found = Way::Refused(fault),
                }
            }
        }
        found
    }
}

/// Whether just this part of a chain leads to the anchor of a policy.
fn reaches(policy: &CertificateTrustPolicy, part: &[Vec<u8>], moment: i64) -> bool {
    let first = part.split_first();
    first.is_some_and(|(first, rest)| policy.check_certificate_trust(rest, first, Some(moment)).is_ok())
}

/// A part of a chain and its anchor, which a signer may have sent along.
fn path<'a>(part: &'a [Vec<u8>], anchor: &'a [u8]) -> Vec<&'a [u8]> {
    let mut path: Vec<&[u8]> = part.iter().map(Vec::as_slice).collect();
    if path.last() != Some(&anchor) {
        path.push(anchor);
    }
    path
}

/// One anchor as the library's policy.
fn alone(anchor: &[u8]) -> Option<CertificateTrustPolicy> {
    let mut policy = CertificateTrustPolicy::default();
    let pem = certificate_text(anchor);
    policy
        .add_trust_anchors(pem.as_bytes(), "", TrustAnchorType::Manifest, None)
        .ok()?;
    Some(policy)
}

/// Longest chain that is followed, certificates; real ones have up to four.
const CHAIN_MAX: usize = 15;
