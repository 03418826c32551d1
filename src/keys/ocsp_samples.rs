//! A small authority for tests that answers about its certificates.

use super::der::{BITS, ENUMERATED, INTEGER, OCTETS, OID, SEQUENCE, TIME, wrapped};
use super::profile::tests::issued::{responder, root_key};
use super::x509::parse;
use crate::base::digest::sha1;
use crate::keys::CreatorKey;

/// `good [0]`.
pub(crate) const GOOD: &[u8] = &[0x80, 0];
/// `unknown [2]`.
pub(crate) const UNKNOWN: &[u8] = &[0x82, 0];

/// `revoked [1]`, with a reason (RFC 5280, 5.3.1).
pub(crate) fn revoked(since: &str, reason: Option<u8>) -> Vec<u8> {
    let reason = reason.map(|reason| wrapped(0xa0, &wrapped(ENUMERATED, &[reason])));
    wrapped(
        0xa1,
        &[wrapped(TIME, since.as_bytes()), reason.unwrap_or_default()].concat(),
    )
}

/// An answer as it is to be made.
pub(crate) struct Wanted<'a> {
    /// About this certificate, and its issuer's.
    pub(crate) about: (&'a [u8], &'a [u8]),
    pub(crate) status: &'a [u8],
    /// `20260101000000Z`.
    pub(crate) this_update: &'a str,
    pub(crate) next_update: Option<&'a str>,
}

impl Wanted<'_> {
    /// Signed by a key, with certificates beside.
    pub(crate) fn signed(&self, by: &CreatorKey, certificates: &[Vec<u8>]) -> Vec<u8> {
        let data = self.data();
        let signature = [&[0][..], &by.sign(&data)].concat();
        let algorithm = wrapped(SEQUENCE, &wrapped(OID, &[0x2b, 0x65, 0x70]));
        let mut basic = [data, algorithm, wrapped(BITS, &signature)].concat();
        if !certificates.is_empty() {
            basic.extend(wrapped(0xa0, &wrapped(SEQUENCE, &certificates.concat())));
        }
        let bytes = [
            wrapped(OID, &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1]),
            wrapped(OCTETS, &wrapped(SEQUENCE, &basic)),
        ];
        let bytes = wrapped(0xa0, &wrapped(SEQUENCE, &bytes.concat()));
        wrapped(SEQUENCE, &[wrapped(ENUMERATED, &[0]), bytes].concat())
    }

    /// As the authority of [`super::profile::tests`] signs it with its own key.
    pub(crate) fn by_issuer(&self) -> Vec<u8> {
        self.signed(&root_key(), &[])
    }

    /// As a responder does whose certificate that authority issued for this end, or for another.
    pub(crate) fn by_responder(&self, for_ocsp: bool) -> Vec<u8> {
        let key = CreatorKey::from_seed(&[77; 32]);
        let certificate = responder(&key, for_ocsp);
        self.signed(&key, &[certificate])
    }

    fn data(&self) -> Vec<u8> {
        let (leaf, issuer) = (parse(self.about.0).unwrap(), parse(self.about.1).unwrap());
        let time = |text: &str| wrapped(TIME, text.as_bytes());
        let algorithm = wrapped(
            SEQUENCE,
            &[wrapped(OID, &[0x2b, 0x0e, 3, 2, 0x1a]), vec![5, 0]].concat(),
        );
        let id = [
            algorithm,
            wrapped(OCTETS, &sha1(issuer.subject().as_raw())),
            wrapped(OCTETS, &sha1(&issuer.public_key().subject_public_key.data)),
            wrapped(INTEGER, leaf.raw_serial()),
        ];
        let next = self.next_update.map(|next| wrapped(0xa0, &time(next)));
        let single = [
            wrapped(SEQUENCE, &id.concat()),
            self.status.to_vec(),
            time(self.this_update),
            next.unwrap_or_default(),
        ];
        let data = [
            wrapped(0xa2, &wrapped(OCTETS, &[9; 20])),
            time(self.this_update),
            wrapped(SEQUENCE, &wrapped(SEQUENCE, &single.concat())),
        ];
        wrapped(SEQUENCE, &data.concat())
    }
}
