//! Certificates: makes a creator's own root and leaf in the C2PA profile, requests for a CA, and reads leaves.
//!
//! The profile (C2PA 2.1, 14.5; and what the SDK of both 0.90 and 0.91 accepts): X.509 v3, basicConstraints CA:FALSE,
//! keyUsage digitalSignature alone, extendedKeyUsage emailProtection and documentSigning, subject and authority key
//! identifiers, and always an organisation: validators before SDK 0.91 call a certificate without one tampered.
//! Two levels; the root is not sent along, it is what others put into their trust.
//!
//! Leaf 20 years, root 30. No authority limits a self-made certificate. Without a trusted timestamp an expired
//! certificate turns every old picture NOT CONFIRMED, and a short life would not stop a thief, who can write any date
//! where no timestamp binds it; theft is answered by revocation.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm, SigningKey,
};
use thiserror::Error;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate, X509Name};

use super::ed25519::{CreatorKey, PublicKey};
use super::identity::{EcdsaKey, SignerKeys, SigningAlgorithm, Validity};
use crate::base::{Digest, Timestamp, Untrusted};

/// Days a self-made leaf is valid.
pub const LEAF_DAYS: u32 = 20 * 365 + 5;
/// Days a self-made root is valid.
pub const ROOT_DAYS: u32 = 30 * 365 + 8;
/// How long before its making a certificate is already valid, seconds: clocks of verifiers lag.
const BACKDATE_S: i64 = 3_600;
/// Longest common name or organisation, characters (RFC 5280, appendix A.1, ub-common-name).
pub const NAME_CHARS_MAX: usize = 64;

/// Why no certificate could be made or read.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// The bytes are no certificate.
    #[error("these bytes are no X.509 certificate")]
    Unreadable,
    /// A name that a certificate cannot carry or that would be drawn misleadingly.
    #[error("the {which} cannot stand in a certificate: {why}")]
    UnusableName {
        /// Which name.
        which: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The root is not the one a leaf was to be signed by.
    #[error("the root bears other names or belongs to another key")]
    OtherRoot,
    /// The library that writes certificates refused.
    #[error("the certificate could not be written: {why}")]
    NotWritten {
        /// Its words.
        why: String,
    },
}

/// What a certificate says about its holder. Checked when made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    display: String,
    organization: String,
    email: Option<String>,
}

impl Names {
    /// Takes what the holder wants to be called; without a display name, a pseudonym made from the key stands there.
    pub fn try_new(
        display: Option<&str>,
        organization: Option<&str>,
        email: Option<&str>,
        key: &PublicKey,
    ) -> Result<Self, CertificateError> {
        let display = display.map_or_else(|| pseudonym(key), str::to_owned);
        check_name("display name", &display)?;
        let organization = organization.map_or_else(|| display.clone(), str::to_owned);
        check_name("organisation", &organization)?;
        if let Some(email) = email {
            check_email(email)?;
        }
        Ok(Self {
            display,
            organization,
            email: email.map(str::to_owned),
        })
    }

    /// The common name.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    fn distinguished(&self, suffix: &str) -> DistinguishedName {
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, self.organization.as_str());
        name.push(DnType::CommonName, format!("{}{suffix}", self.display));
        name
    }
}

/// The name of somebody who gave none: `byline key 1a2b3c4d`, from the thumbprint of the key.
#[must_use]
pub fn pseudonym(key: &PublicKey) -> String {
    format!("byline key {}", &key.key_id().hex()[..8])
}

/// Random bytes for the serial numbers of a root and a leaf, 16 each, from a secure source.
#[derive(Clone, Copy, Debug)]
pub struct Serials {
    /// Of the leaf.
    pub leaf: [u8; 16],
    /// Of the root.
    pub root: [u8; 16],
}

/// A leaf certificate and the root that signed it, in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfMade {
    /// The certificate that goes into signatures.
    pub leaf: Vec<u8>,
    /// The certificate that others trust.
    pub root: Vec<u8>,
}

/// Makes a root for `root_key` and, signed by it, a leaf for `leaf_key`.
pub fn self_made(
    leaf_key: &CreatorKey,
    root_key: &CreatorKey,
    names: &Names,
    now: Timestamp,
    serials: Serials,
) -> Result<SelfMade, CertificateError> {
    let root_key = Certifying::creator(root_key);
    let mut root = params(
        names.distinguished(" root"),
        now,
        ROOT_DAYS,
        serials.root,
        &root_key,
    );
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root_der = root.self_signed(&root_key).map_err(not_written)?.der().to_vec();
    let leaf = leaf(
        leaf_key,
        &Issuer::from_params(&root, &root_key),
        names,
        now,
        serials.leaf,
    )?;
    Ok(SelfMade { leaf, root: root_der })
}

/// Makes a new leaf for `leaf_key`, signed by a root that [`self_made`] made for the same names.
///
/// # Errors
/// [`CertificateError::OtherRoot`] when the root bears other names or belongs to another key.
pub fn renewed(
    leaf_key: &CreatorKey,
    root: (&CreatorKey, &[u8]),
    names: &Names,
    now: Timestamp,
    serial: [u8; 16],
) -> Result<Vec<u8>, CertificateError> {
    let (root_key, root_der) = root;
    let root_key = Certifying::creator(root_key);
    let mut as_made = params(names.distinguished(" root"), now, ROOT_DAYS, serial, &root_key);
    as_made.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let made = leaf(
        leaf_key,
        &Issuer::from_params(&as_made, &root_key),
        names,
        now,
        serial,
    )?;
    let (certificate, root) = (parse(&made)?, parse(root_der)?);
    let is_below = same_name(certificate.issuer(), root.subject())
        && super::profile::signed_by(&certificate, &root) == super::profile::SignatureState::Good;
    if is_below {
        Ok(made)
    } else {
        Err(CertificateError::OtherRoot)
    }
}

fn leaf(
    key: &CreatorKey,
    issuer: &Issuer<'_, &Certifying<'_>>,
    names: &Names,
    now: Timestamp,
    serial: [u8; 16],
) -> Result<Vec<u8>, CertificateError> {
    let key = Certifying::creator(key);
    let mut leaf = params(names.distinguished(""), now, LEAF_DAYS, serial, &key);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    signer_usages(&mut leaf, names)?;
    Ok(leaf.signed_by(&key, issuer).map_err(not_written)?.der().to_vec())
}

/// Makes a PKCS#10 request (RFC 2986) in PEM for the key that signs claims; a CA answers it with a chain.
pub fn request(keys: &SignerKeys, names: &Names) -> Result<String, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = names.distinguished("");
    signer_usages(&mut params, names)?;
    params
        .serialize_request(&Certifying::signer(keys))
        .and_then(|request| request.pem())
        .map_err(not_written)
}

/// The public half of a key that signs claims, as a certificate carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsPublic {
    /// The algorithm.
    pub algorithm: SigningAlgorithm,
    /// Ed25519: 32 bytes; ECDSA: the uncompressed point (SEC 1, 2.3.3).
    pub bytes: Vec<u8>,
}

impl ClaimsPublic {
    /// The public half of `keys`.
    #[must_use]
    pub fn of(keys: &SignerKeys) -> Self {
        Self {
            algorithm: keys.algorithm(),
            bytes: Certifying::signer(keys).public,
        }
    }
}

/// What a leaf certificate says. All text in it was written by whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafInfo {
    /// E-mail address of the subject alternative name, the first if several.
    pub email: Option<Untrusted>,
    /// Common name of the issuer.
    pub issuer_cn: Option<Untrusted>,
    /// Organisation of the issuer.
    pub issuer_o: Option<Untrusted>,
    /// The Ed25519 key, where it is one.
    pub public_key: Option<PublicKey>,
    /// Whether issuer and subject are the same name: nobody else vouches, by its own words.
    pub self_issued: bool,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate in DER, by which it is pinned.
    pub sha256: Digest,
    /// Common name of the subject.
    pub subject_cn: Option<Untrusted>,
    /// Organisation of the subject.
    pub subject_o: Option<Untrusted>,
    /// Extended key usages, as object identifiers.
    pub usages: Vec<String>,
    /// From when to when it is valid.
    pub validity: Validity,
}

impl LeafInfo {
    /// Reads one certificate in DER; bytes behind it are refused.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = parse(der)?;
        let tbs = &certificate.tbs_certificate;
        let email = tbs.subject_alternative_name().ok().flatten().and_then(|names| {
            names.value.general_names.iter().find_map(|name| match name {
                GeneralName::RFC822Name(email) => Some(Untrusted::from(*email)),
                _ => None,
            })
        });
        let ed25519 = tbs.subject_pki.algorithm.algorithm == super::profile::OID_ED25519;
        Ok(Self {
            email,
            issuer_cn: attribute(tbs.issuer.iter_common_name().next()),
            issuer_o: attribute(tbs.issuer.iter_organization().next()),
            public_key: ed25519
                .then(|| PublicKey::from_slice(&tbs.subject_pki.subject_public_key.data))
                .flatten(),
            self_issued: same_name(&tbs.issuer, &tbs.subject),
            serial: crate::base::digest::hex(tbs.raw_serial()),
            sha256: Digest::of(der),
            subject_cn: attribute(tbs.subject.iter_common_name().next()),
            subject_o: attribute(tbs.subject.iter_organization().next()),
            usages: usages(&certificate),
            validity: validity(&certificate),
        })
    }

    /// What to call the signer: common name, else organisation, else nothing known.
    #[must_use]
    pub fn display_name(&self) -> Option<&Untrusted> {
        self.subject_cn.as_ref().or(self.subject_o.as_ref())
    }
}

/// Extended key usages; those that the parser has fields for are read from these.
fn usages(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Some(usage) = certificate.extended_key_usage().ok().flatten() else {
        return Vec::new();
    };
    let named = [
        (usage.value.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.value.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.value.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let named = named
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, oid)| (*oid).to_owned());
    named
        .chain(
            usage
                .value
                .other
                .iter()
                .map(x509_parser::asn1_rs::Oid::to_id_string),
        )
        .collect()
}

/// Whether a certificate signs itself: issuer is subject, and its own key verifies it where byline has code for that
/// key; P-521 roots are taken by their names. A root, where it is a CA.
#[must_use]
pub fn is_self_signed(der: &[u8]) -> bool {
    parse(der).is_ok_and(|certificate| {
        same_name(certificate.issuer(), certificate.subject())
            && super::profile::signed_by(&certificate, &certificate) != super::profile::SignatureState::Bad
    })
}

/// The subject of a certificate, as the DER in it; `None` where it cannot be read.
#[cfg(test)]
pub(crate) fn subject_der(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = parse(der).ok()?;
    Some(certificate.subject().as_raw().to_vec())
}

/// Whether a certificate may certify others: a CA by its basic constraints, and for signing certificates where it says what its key is
/// for (RFC 5280, 4.2.1.9 and 4.2.1.3). Only such a one is an anchor; every other stands for its holder alone.
#[must_use]
pub fn may_certify(der: &[u8]) -> bool {
    parse(der).is_ok_and(|certificate| {
        let usage = certificate.key_usage().ok().flatten();
        certificate.is_ca() && usage.is_none_or(|usage| usage.value.key_cert_sign())
    })
}

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateError::Unreadable),
    }
}

pub(super) fn same_name(one: &X509Name<'_>, other: &X509Name<'_>) -> bool {
    one.as_raw() == other.as_raw()
}

pub(super) fn validity(certificate: &X509Certificate<'_>) -> Validity {
    Validity {
        not_before: Timestamp::from_unix_s(certificate.validity().not_before.timestamp()),
        not_after: Timestamp::from_unix_s(certificate.validity().not_after.timestamp()),
    }
}

fn attribute(value: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>) -> Option<Untrusted> {
    let value = value?;
    Some(
        value
            .as_str()
            .map_or_else(|_| Untrusted::from_utf8_lossy(value.as_slice()), Untrusted::from),
    )
}

fn params(
    name: DistinguishedName,
    now: Timestamp,
    days: u32,
    serial: [u8; 16],
    key: &Certifying<'_>,
) -> CertificateParams {
    let start = now.unix_s().saturating_sub(BACKDATE_S);
    let end = now
        .unix_s()
        .saturating_add(i64::from(days).saturating_mul(86_400));
    let mut params = CertificateParams::default();
    // rcgen takes the type of a crate we do not name; sums with a std duration keep it.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(u64::try_from(start).unwrap_or(0));
    params.not_after = epoch + Duration::from_secs(u64::try_from(end).unwrap_or(0));
    // RFC 5280, 4.1.2.2: positive, at most 20 bytes; the leading 1 keeps the length the same for all.
    let mut number = vec![0x01];
    number.extend_from_slice(&serial);
    params.serial_number = Some(SerialNumber::from_slice(&number));
    params.distinguished_name = name;
    // RFC 7093, section 2, method 1.
    params.key_identifier_method =
        KeyIdMethod::PreSpecified(Digest::of(&key.public).as_bytes()[..20].to_vec());
    params
}

fn signer_usages(params: &mut CertificateParams, names: &Names) -> Result<(), CertificateError> {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::EmailProtection,
        ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNING.to_vec()),
    ];
    if let Some(email) = &names.email {
        let email = email.as_str().try_into().map_err(not_written)?;
        params.subject_alt_names.push(SanType::Rfc822Name(email));
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn not_written(error: rcgen::Error) -> CertificateError {
    CertificateError::NotWritten {
        why: error.to_string(),
    }
}

fn check_name(which: &'static str, name: &str) -> Result<(), CertificateError> {
    let unusable = |why| Err(CertificateError::UnusableName { which, why });
    if name.trim().is_empty() {
        return unusable("it is empty");
    }
    if name.trim() != name {
        return unusable("it begins or ends with a space");
    }
    // The root says " root" behind the display name.
    if name.chars().count() > NAME_CHARS_MAX - ROOT_SUFFIX_CHARS {
        return unusable("it is longer than 59 characters");
    }
    if name.chars().any(Untrusted::is_harmful) {
        return unusable("it holds control or invisible characters");
    }
    Ok(())
}

fn check_email(email: &str) -> Result<(), CertificateError> {
    let unusable = |why| {
        Err(CertificateError::UnusableName {
            which: "e-mail address",
            why,
        })
    };
    if !email.is_ascii() || email.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return unusable("only visible ASCII characters fit");
    }
    match email.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@') => {}
        _ => return unusable("it is not of the form name@domain"),
    }
    if email.len() > 254 {
        return unusable("it is longer than 254 characters");
    }
    Ok(())
}

/// A key in the shape that rcgen signs with.
struct Certifying<'a> {
    key: CertifyingKey<'a>,
    public: Vec<u8>,
}

enum CertifyingKey<'a> {
    Creator(&'a CreatorKey),
    Ecdsa(&'a EcdsaKey),
}

impl<'a> Certifying<'a> {
    fn creator(key: &'a CreatorKey) -> Self {
        Self {
            public: key.public().as_bytes().to_vec(),
            key: CertifyingKey::Creator(key),
        }
    }

    fn signer(keys: &'a SignerKeys) -> Self {
        match keys {
            SignerKeys::Creator(key) => Self::creator(key),
            SignerKeys::Ecdsa { claims, .. } => Self {
                public: claims.public_sec1(),
                key: CertifyingKey::Ecdsa(claims),
            },
        }
    }
}

impl PublicKeyData for Certifying<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.key {
            CertifyingKey::Creator(_) => &rcgen::PKCS_ED25519,
            CertifyingKey::Ecdsa(EcdsaKey::P256(_)) => &rcgen::PKCS_ECDSA_P256_SHA256,
            CertifyingKey::Ecdsa(EcdsaKey::P384(_)) => &rcgen::PKCS_ECDSA_P384_SHA384,
        }
    }
}

impl SigningKey for Certifying<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self.key {
            CertifyingKey::Creator(key) => Ok(key.sign(message).to_vec()),
            CertifyingKey::Ecdsa(key) => key.sign_der(message).map_err(|_| rcgen::Error::RemoteKeyError),
        }
    }
}

const ROOT_SUFFIX_CHARS: usize = 5;
/// id-kp-documentSigning (RFC 9336).
const DOCUMENT_SIGNING: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 36];

#[cfg(test)]
pub(super) mod tests;
