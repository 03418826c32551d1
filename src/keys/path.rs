//! A certification path, judged after RFC 5280, 6.1: what the C2PA library's own check of a chain leaves out.
//!
//! That one holds signatures and dates. This holds what authorities may do: whether each is one, how many may stand below it, to which
//! names it may issue, and that no certificate asks for something critical that nobody here understands. The anchor is held to its
//! own words too, as OpenSSL holds it. Policies (6.1.1 c) are not asked for, so no rule about them is applied.

use thiserror::Error;
use x509_parser::prelude::X509Certificate;

use super::names::{Constraints, Named};
use super::x509::{parse, same_name};

/// Why a path from a certificate to an anchor does not hold.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PathFault {
    /// A critical extension that is not known.
    #[error("a certificate of its chain has a critical extension that byline does not know")]
    CriticalUnknown,
    /// A name outside what an authority may issue to.
    #[error("its authority may not issue to this name")]
    Name,
    /// One that may certify nobody stands above another.
    #[error("a certificate above it may certify nobody")]
    NoAuthority,
    /// More authorities than one above them allows.
    #[error("its chain has more authorities than the one above them allows")]
    TooLong,
    /// A certificate that cannot be read, or says a thing twice.
    #[error("a certificate of its chain cannot be read")]
    Unreadable,
    /// The certificate is for something else.
    #[error("its certificate is not made for this use")]
    Usage,
}

/// Whether a path (DER, the holder's certificate first, the anchor last) may be followed. Signatures and dates are asked elsewhere.
pub fn check_path(path: &[&[u8]]) -> Result<(), PathFault> {
    if path.len() > PATH_MAX {
        return Err(PathFault::TooLong);
    }
    let certificates = path.iter().map(|der| parse(der));
    let certificates: Vec<X509Certificate<'_>> = certificates
        .collect::<Result<_, _>>()
        .map_err(|_| PathFault::Unreadable)?;
    let Some((holder, above)) = certificates.split_first() else {
        return Err(PathFault::Unreadable);
    };
    for certificate in &certificates {
        check_extensions(certificate)?;
    }
    let mut named = vec![Named::of(holder, true).ok_or(PathFault::Unreadable)?];
    let mut between: u32 = 0;
    for authority in above {
        check_authority(authority, between)?;
        let constraints = match value(authority, NAME_CONSTRAINTS) {
            Some(value) => Constraints::parse(value).ok_or(PathFault::Unreadable)?,
            None => Constraints::default(),
        };
        if !named.iter().all(|names| constraints.allow(names)) {
            return Err(PathFault::Name);
        }
        // One that carries a name on to another key is no further authority (6.1.3 b, 6.1.4 l).
        if !same_name(authority.issuer(), authority.subject()) {
            between = between.saturating_add(1);
            named.push(Named::of(authority, false).ok_or(PathFault::Unreadable)?);
        }
    }
    Ok(())
}

/// Whether a certificate (DER) is for time stamps and nothing else (RFC 3161, 2.3).
#[must_use]
pub fn may_stamp(der: &[u8]) -> bool {
    parse(der).is_ok_and(|certificate| {
        let usage = certificate.extended_key_usage().ok().flatten();
        usage.is_some_and(|usage| {
            let is = usage.value;
            let other = is.any || is.server_auth || is.client_auth || is.code_signing || is.email_protection;
            is.time_stamping && !other && !is.ocsp_signing && is.other.is_empty()
        })
    })
}

/// Each extension once, and none critical that is not known (4.2).
fn check_extensions(certificate: &X509Certificate<'_>) -> Result<(), PathFault> {
    let extensions = certificate.extensions();
    for (at, extension) in extensions.iter().enumerate() {
        let before = extensions.iter().take(at);
        if before.into_iter().any(|one| one.oid == extension.oid) {
            return Err(PathFault::Unreadable);
        }
        let known = KNOWN.iter().any(|known| extension.oid.as_bytes() == *known);
        if extension.critical && !known {
            return Err(PathFault::CriticalUnknown);
        }
    }
    Ok(())
}

/// Whether a certificate may certify others (6.1.4 k, n), with so many authorities between it and the holder (m).
fn check_authority(authority: &X509Certificate<'_>, between: u32) -> Result<(), PathFault> {
    let basic = authority
        .basic_constraints()
        .map_err(|_| PathFault::Unreadable)?
        .filter(|basic| basic.value.ca)
        .ok_or(PathFault::NoAuthority)?;
    let usage = authority.key_usage().map_err(|_| PathFault::Unreadable)?;
    if usage.is_some_and(|usage| !usage.value.key_cert_sign()) {
        return Err(PathFault::NoAuthority);
    }
    match basic.value.path_len_constraint {
        Some(most) if between > most => Err(PathFault::TooLong),
        _ => Ok(()),
    }
}

/// The value of an extension.
pub(super) fn value<'a>(certificate: &'a X509Certificate<'_>, oid: &[u8]) -> Option<&'a [u8]> {
    let mut extensions = certificate.extensions().iter();
    extensions
        .find(|extension| extension.oid.as_bytes() == oid)
        .map(|extension| extension.value)
}

/// Most certificates of a path; each is held against all below it.
const PATH_MAX: usize = 16;
/// nameConstraints (2.5.29.30).
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
/// subjectAltName (2.5.29.17).
pub(super) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
/// Extensions that may be critical, those of OpenSSL: keyUsage, subjectAltName, basicConstraints, nameConstraints,
/// cRLDistributionPoints, and policies, which nobody asks for here: certificatePolicies, policyMappings, policyConstraints, extKeyUsage,
/// inhibitAnyPolicy.
const KNOWN: [&[u8]; 10] = [
    &[0x55, 0x1d, 15],
    ALTERNATIVE_NAME,
    &[0x55, 0x1d, 19],
    NAME_CONSTRAINTS,
    &[0x55, 0x1d, 31],
    &[0x55, 0x1d, 32],
    &[0x55, 0x1d, 33],
    &[0x55, 0x1d, 36],
    &[0x55, 0x1d, 37],
    &[0x55, 0x1d, 54],
];

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
