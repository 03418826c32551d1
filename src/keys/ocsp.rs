//! Revocation as an issuer answers it (OCSP, RFC 6960): an answer read and judged against one certificate, and the question for it.
//!
//! An answer counts where it is about this very certificate (serial number, name and key of its issuer) and signed by that issuer or by
//! a responder whose certificate the issuer itself signed for this end (4.2.2.2). What the C2PA library leaves out: it takes no answer
//! that an issuer signed with its own key, and calls a certificate revoked whose answer is only too old.

use thiserror::Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::X509Certificate;

use super::der::{BITS, Der, ENUMERATED, INTEGER, OCTETS, OID, SEQUENCE, TIME, time, trimmed, wrapped};
use super::profile::{SignatureState, signed_by, verify_with};
use super::x509::{parse, same_name, validity};
use crate::base::digest::sha1;
use crate::base::{Digest, Timestamp};

/// What an issuer says of a certificate, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub status: CertificateStatus,
    /// As of when.
    pub this_update: Timestamp,
    /// Until when it is to be believed; a day from its making, where it does not say.
    pub next_update: Timestamp,
}

/// What an issuer says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// It was not revoked.
    Good,
    /// It was revoked.
    Revoked {
        /// Since when.
        since: Timestamp,
    },
    /// The responder does not know it.
    Unknown,
}

/// What an answer means for a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked when it counted.
    Good {
        /// The moment the issuer speaks of.
        as_of: Timestamp,
    },
    /// Not revoked then; the answer does not reach to the moment that counts.
    Old {
        /// The moment the issuer speaks of.
        as_of: Timestamp,
        /// Until when that was to be believed.
        until: Timestamp,
    },
    /// Revoked after a trusted timestamp: the signature was made before.
    RevokedLater {
        /// Since when.
        since: Timestamp,
    },
    /// Revoked before the moment that counts.
    Revoked {
        /// Since when.
        since: Timestamp,
    },
    /// The issuer says that it does not know.
    Unknown,
}

/// Why an answer says nothing of a certificate.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OcspFault {
    /// The certificate of the issuer is not at hand.
    #[error("the certificate of its issuer is not at hand, without which no answer can be checked")]
    IssuerMissing,
    /// It is about another certificate.
    #[error("the answer is about another certificate")]
    OtherCertificate,
    /// The responder gave none.
    #[error("the responder refused to answer (status {status})")]
    Refused {
        /// Its status (4.2.1): 1 malformed request, 2 internal error, 3 try later, 5 signature wanted, 6 unauthorized.
        status: u8,
    },
    /// Neither the issuer nor a responder of the issuer's signed it.
    #[error("the answer is not signed by the issuer, nor by a responder of the issuer's")]
    Signer,
    /// The bytes are none, or broken.
    #[error("the answer cannot be read")]
    Unreadable,
}

impl Answer {
    /// What it means for a signature made at `signed`, by a trusted timestamp, or else by `at` at the latest.
    ///
    /// That a certificate is good later says that it was good before. Source: C2PA 2.4, 15.9.
    #[must_use]
    pub fn standing(&self, signed: Option<Timestamp>, at: Timestamp) -> Standing {
        let moment = signed.unwrap_or(at);
        let as_of = self.this_update;
        match self.status {
            CertificateStatus::Good if moment <= self.next_update => Standing::Good { as_of },
            CertificateStatus::Good => Standing::Old {
                as_of,
                until: self.next_update,
            },
            CertificateStatus::Revoked { since } if signed.is_some_and(|signed| signed < since) => {
                Standing::RevokedLater { since }
            }
            CertificateStatus::Revoked { since } => Standing::Revoked { since },
            CertificateStatus::Unknown => Standing::Unknown,
        }
    }
}

/// The certificate among `candidates` (DER) that signed `leaf`.
#[must_use]
pub fn issuer<'a>(leaf: &[u8], candidates: impl IntoIterator<Item = &'a Vec<u8>>) -> Option<&'a [u8]> {
    let leaf = parse(leaf).ok()?;
    let mut candidates = candidates.into_iter();
    let found = candidates.find(|der| {
        parse(der).is_ok_and(|issuer| {
            same_name(leaf.issuer(), issuer.subject()) && signed_by(&leaf, &issuer) == SignatureState::Good
        })
    });
    found.map(Vec::as_slice)
}

/// Reads an answer (OCSPResponse, DER) about `leaf`, which `issuer` signed.
pub fn read(der: &[u8], leaf: &[u8], issuer: &[u8]) -> Result<Answer, OcspFault> {
    let unreadable = OcspFault::Unreadable;
    let (leaf, issuer) = (
        parse(leaf).map_err(|_| unreadable)?,
        parse(issuer).map_err(|_| OcspFault::IssuerMissing)?,
    );
    let basic = successful(der)?;
    let parts = Basic::read(basic).ok_or(unreadable)?;
    let data = Data::read(parts.data.value).ok_or(unreadable)?;
    let single = data.about(&leaf, &issuer)?;
    if !parts.is_signed(&issuer, data.produced) {
        return Err(OcspFault::Signer);
    }
    let day = Timestamp::from_unix_s(data.produced.unix_s().saturating_add(DAY_S));
    Ok(Answer {
        status: single.status,
        this_update: single.this_update,
        next_update: single.next_update.unwrap_or(day),
    })
}

/// The question for `leaf`, which `issuer` signed (OCSPRequest, DER), without nonce: answers made before serve as well.
#[must_use]
pub fn question(leaf: &[u8], issuer: &[u8]) -> Option<Vec<u8>> {
    let (leaf, issuer) = (parse(leaf).ok()?, parse(issuer).ok()?);
    let algorithm = wrapped(SEQUENCE, &[wrapped(OID, SHA1), vec![0x05, 0]].concat());
    let id = [
        algorithm,
        wrapped(OCTETS, &sha1(issuer.subject().as_raw())),
        wrapped(OCTETS, &sha1(&issuer.public_key().subject_public_key.data)),
        wrapped(INTEGER, leaf.raw_serial()),
    ];
    let mut out = wrapped(SEQUENCE, &id.concat());
    // Request, list of requests, TBSRequest, OCSPRequest.
    for _ in 0..4 {
        out = wrapped(SEQUENCE, &out);
    }
    Some(out)
}

/// Where a certificate says its issuer answers (authority information access), as found: at most four addresses.
#[must_use]
pub fn responders(leaf: &[u8]) -> Vec<String> {
    let Ok(leaf) = parse(leaf) else { return Vec::new() };
    let mut out = Vec::new();
    for extension in leaf.extensions() {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            continue;
        };
        for one in &access.accessdescs {
            match &one.access_location {
                GeneralName::URI(url) if one.access_method.as_bytes() == AD_OCSP => {
                    out.push((*url).to_owned());
                }
                _ => {}
            }
        }
    }
    out.truncate(RESPONDERS_MAX);
    out
}

/// The BasicOCSPResponse of an answer that is one.
fn successful(der: &[u8]) -> Result<&[u8], OcspFault> {
    let mut outer = Der::new(der);
    let mut response = Der::new(outer.take(SEQUENCE).ok_or(OcspFault::Unreadable)?);
    match response.take(ENUMERATED) {
        Some([0]) => {}
        Some([status]) => return Err(OcspFault::Refused { status: *status }),
        _ => return Err(OcspFault::Unreadable),
    }
    let bytes = response.take(CONTEXT_0).and_then(|bytes| {
        let mut bytes = Der::new(Der::new(bytes).take(SEQUENCE)?);
        (bytes.take(OID)? == BASIC).then_some(())?;
        bytes.take(OCTETS)
    });
    bytes.filter(|_| outer.is_empty()).ok_or(OcspFault::Unreadable)
}

/// BasicOCSPResponse.
struct Basic<'a> {
    data: super::der::Item<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
    certificates: Vec<&'a [u8]>,
}

impl<'a> Basic<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Der::new(der);
        let mut basic = Der::new(outer.take(SEQUENCE)?);
        let data = basic.item(SEQUENCE)?;
        let algorithm = Der::new(basic.take(SEQUENCE)?).take(OID)?;
        let (0, signature) = basic
            .take(BITS)?
            .split_first()
            .map(|(unused, bits)| (*unused, bits))?
        else {
            return None;
        };
        let mut certificates = Vec::new();
        if let Some(list) = basic.take(CONTEXT_0) {
            let mut list = Der::new(Der::new(list).take(SEQUENCE)?);
            while !list.is_empty() && certificates.len() < CERTIFICATES_MAX {
                certificates.push(list.item(SEQUENCE)?.whole);
            }
        }
        (outer.is_empty() && basic.is_empty()).then_some(Self {
            data,
            algorithm,
            signature,
            certificates,
        })
    }

    /// Whether the issuer signed it, or a responder whose certificate the issuer signed for this end and that was valid then.
    fn is_signed(&self, issuer: &X509Certificate<'_>, produced: Timestamp) -> bool {
        let by = |certificate: &X509Certificate<'_>| {
            let oid = x509_parser::oid_registry::Oid::new(self.algorithm.into());
            let state = verify_with(certificate.public_key(), &oid, self.data.whole, self.signature);
            state == SignatureState::Good
        };
        let may = |certificate: &X509Certificate<'_>| {
            let usage = certificate.extended_key_usage().ok().flatten();
            usage.is_some_and(|usage| usage.value.ocsp_signing)
                && same_name(certificate.issuer(), issuer.subject())
                && validity(certificate).contains(produced)
                && signed_by(certificate, issuer) == SignatureState::Good
        };
        let mut responders = self.certificates.iter().filter_map(|der| parse(der).ok());
        by(issuer) || responders.any(|responder| may(&responder) && by(&responder))
    }
}

/// ResponseData: when it was made, and what it says.
struct Data<'a> {
    produced: Timestamp,
    answers: Der<'a>,
}

/// SingleResponse, of the certificate it is about.
struct Single {
    status: CertificateStatus,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl<'a> Data<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut data = Der::new(der);
        // The version.
        data.take(CONTEXT_0);
        // The responder's name, or the hash of its key: the signature shows who it is.
        data.next()
            .filter(|item| matches!(item.tag, CONTEXT_1 | CONTEXT_2))?;
        let produced = time(data.take(TIME)?)?;
        let answers = Der::new(data.take(SEQUENCE)?);
        Some(Self { produced, answers })
    }

    /// The answer about this certificate.
    fn about(&self, leaf: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Result<Single, OcspFault> {
        let mut answers = self.answers;
        for _ in 0..ANSWERS_MAX {
            if answers.is_empty() {
                break;
            }
            let mut one = Der::new(answers.take(SEQUENCE).ok_or(OcspFault::Unreadable)?);
            let id = one.take(SEQUENCE).ok_or(OcspFault::Unreadable)?;
            if names(id, leaf, issuer).ok_or(OcspFault::Unreadable)? {
                return Single::read(one).ok_or(OcspFault::Unreadable);
            }
        }
        Err(OcspFault::OtherCertificate)
    }
}

/// Whether a CertID names this certificate.
fn names(id: &[u8], leaf: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<bool> {
    let mut id = Der::new(id);
    let algorithm = Der::new(id.take(SEQUENCE)?).take(OID)?;
    let hash = |bytes: &[u8]| -> Option<Vec<u8>> {
        match algorithm {
            SHA1 => Some(sha1(bytes).to_vec()),
            SHA256 => Some(Digest::of(bytes).as_bytes().to_vec()),
            _ => None,
        }
    };
    let (name, key, serial) = (id.take(OCTETS)?, id.take(OCTETS)?, id.take(INTEGER)?);
    Some(
        trimmed(serial) == trimmed(leaf.raw_serial())
            && hash(issuer.subject().as_raw()).as_deref() == Some(name)
            && hash(&issuer.public_key().subject_public_key.data).as_deref() == Some(key),
    )
}

impl Single {
    /// What follows the CertID.
    fn read(mut one: Der<'_>) -> Option<Self> {
        let status = one.next()?;
        let status = match status.tag {
            0x80 => CertificateStatus::Good,
            CONTEXT_1 => {
                let mut info = Der::new(status.value);
                let since = time(info.take(TIME)?)?;
                let reason = info
                    .take(CONTEXT_0)
                    .and_then(|reason| Der::new(reason).take(ENUMERATED));
                match reason {
                    // It was on hold, and is no longer (RFC 5280, 5.3.1): the issuer does not say since when.
                    Some([REMOVED]) => CertificateStatus::Unknown,
                    _ => CertificateStatus::Revoked { since },
                }
            }
            0x82 => CertificateStatus::Unknown,
            _ => return None,
        };
        let this_update = time(one.take(TIME)?)?;
        let next_update = match one.take(CONTEXT_0) {
            Some(next) => Some(time(Der::new(next).take(TIME)?)?),
            None => None,
        };
        (next_update.is_none_or(|next| next >= this_update)).then_some(Self {
            status,
            this_update,
            next_update,
        })
    }
}

const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;
const CONTEXT_2: u8 = 0xa2;
/// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// id-ad-ocsp, 1.3.6.1.5.5.7.48.1.
const AD_OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
/// 1.3.14.3.2.26: names certificates in OCSP, where a collision helps nobody.
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
/// 2.16.840.1.101.3.4.2.1.
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// removeFromCRL.
const REMOVED: u8 = 8;
const DAY_S: i64 = 86_400;
/// Most certificates of an answer that are looked at; real ones carry one.
const CERTIFICATES_MAX: usize = 8;
/// Most single answers that are looked through; real ones carry one.
const ANSWERS_MAX: usize = 64;
/// Most addresses that are given out.
const RESPONDERS_MAX: usize = 4;

#[cfg(test)]
#[path = "ocsp_tests.rs"]
mod tests;
