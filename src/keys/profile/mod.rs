//! Why a certificate chain is refused: every rule of the C2PA profile by name, each with what to do.
//!
//! The SDK has one text, "the certificate is invalid", for nine different mistakes. The rules are those of C2PA 2.1,
//! 14.5, as SDK 0.90 and 0.91 apply them, and the order of the chain (RFC 9360: leaf first).

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{ParsedExtension, SubjectPublicKeyInfo, X509Certificate, X509Version};

mod fault;
#[cfg(test)]
pub(crate) mod tests;

use crate::base::digest::{sha384, sha512};
use crate::base::{Digest, Timestamp};
use crate::keys::ed25519::PublicKey;
use crate::keys::identity::SigningAlgorithm;
use crate::keys::x509::{ClaimsPublic, parse, same_name, validity};
pub use fault::ProfileFault;

/// Whether a chain (DER, leaf first) keeps every rule at `now`, and belongs to `key` where one is given.
///
/// A root at the end is allowed. Signatures by P-521 issuers and RSA-PSS are not checked here: byline holds no code for
/// them; a verifier finds them out. Says nothing about trust.
pub fn check_chain(
    chain_der: &[Vec<u8>],
    key: Option<&ClaimsPublic>,
    now: Timestamp,
) -> Result<(), Vec<ProfileFault>> {
    if chain_der.is_empty() {
        return Err(vec![ProfileFault::NoCertificate]);
    }
    if chain_der.len() > CHAIN_MAX {
        return Err(vec![ProfileFault::TooLong {
            found: chain_der.len(),
            limit: CHAIN_MAX,
        }]);
    }
    let mut faults = Vec::new();
    let mut chain = Vec::with_capacity(chain_der.len());
    for (place, der) in chain_der.iter().enumerate() {
        match parse(der) {
            Ok(certificate) => chain.push(certificate),
            Err(_) => faults.push(ProfileFault::Unreadable { place }),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if root_first(&chain) {
        // Every other finding would be about the wrong certificate.
        return Err(vec![ProfileFault::RootFirst]);
    }
    for (place, certificate) in chain.iter().enumerate() {
        check_any(certificate, place, now, &mut faults);
    }
    check_leaf(&chain[0], key, &mut faults);
    check_links(&chain, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The first is a self-issued CA, and a later one is no CA: the file is upside down.
fn root_first(chain: &[X509Certificate<'_>]) -> bool {
    chain.len() > 1
        && chain[0].is_ca()
        && same_name(chain[0].issuer(), chain[0].subject())
        && chain.iter().any(|certificate| !certificate.is_ca())
}

/// Rules for every certificate of the chain.
fn check_any(
    certificate: &X509Certificate<'_>,
    place: usize,
    now: Timestamp,
    faults: &mut Vec<ProfileFault>,
) {
    if certificate.version() != X509Version::V3 {
        let found = certificate.version().0.saturating_add(1);
        faults.push(ProfileFault::NotVersion3 { place, found });
    }
    let valid = validity(certificate);
    if now > valid.not_after {
        faults.push(ProfileFault::Expired {
            place,
            not_after: valid.not_after,
            now,
        });
    }
    if now < valid.not_before {
        faults.push(ProfileFault::NotYetValid {
            place,
            not_before: valid.not_before,
            now,
        });
    }
    if certificate.tbs_certificate.signature != certificate.signature_algorithm {
        faults.push(ProfileFault::SignatureAlgorithmsDiffer { place });
    }
    let algorithm = &certificate.signature_algorithm.algorithm;
    if !SIGNATURES.iter().any(|oid| *oid == algorithm.to_id_string()) {
        faults.push(ProfileFault::SignatureAlgorithmUnsupported {
            place,
            oid: algorithm.to_id_string(),
        });
    }
    if certificate.tbs_certificate.issuer_uid.is_some() || certificate.tbs_certificate.subject_uid.is_some() {
        faults.push(ProfileFault::UniqueIds { place });
    }
    for extension in certificate.extensions() {
        if extension.critical && !matches_known(extension.parsed_extension()) {
            let oid = extension.oid.to_id_string();
            faults.push(ProfileFault::CriticalExtensionUnknown { place, oid });
        }
    }
    if let Ok(x509_parser::public_key::PublicKey::RSA(key)) = certificate.public_key().parsed()
        && key.key_size() < RSA_BITS_MIN
    {
        let bits = key.key_size();
        faults.push(ProfileFault::WeakKey { place, bits });
    }
}

fn matches_known(extension: &ParsedExtension<'_>) -> bool {
    !matches!(
        extension,
        ParsedExtension::UnsupportedExtension { .. }
            | ParsedExtension::ParseError { .. }
            | ParsedExtension::Unparsed
    )
}

/// Rules for the signer's certificate.
fn check_leaf(leaf: &X509Certificate<'_>, key: Option<&ClaimsPublic>, faults: &mut Vec<ProfileFault>) {
    let ca = leaf.is_ca();
    if ca {
        faults.push(ProfileFault::LeafIsCa);
    }
    check_usages(leaf, ca, faults);
    if !leaf
        .extensions()
        .iter()
        .any(|e| matches!(e.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(_)))
    {
        faults.push(ProfileFault::AuthorityKeyIdMissing);
    }
    if leaf.subject().iter_organization().next().is_none() {
        faults.push(ProfileFault::NoOrganization);
    }
    match key_algorithm(leaf.public_key()) {
        Err(oid) => faults.push(ProfileFault::UnsupportedKey { oid }),
        Ok(algorithm) => {
            let bytes = leaf.public_key().subject_public_key.data.as_ref();
            if key.is_some_and(|key| key.algorithm != algorithm || key.bytes != bytes) {
                faults.push(ProfileFault::KeyMismatch);
            }
        }
    }
}

fn check_usages(leaf: &X509Certificate<'_>, ca: bool, faults: &mut Vec<ProfileFault>) {
    match leaf.key_usage().ok().flatten().map(|usage| usage.value) {
        None => faults.push(ProfileFault::KeyUsageMissing),
        Some(usage) => {
            if !usage.digital_signature() {
                faults.push(ProfileFault::KeyUsageWrong {
                    found: usage.to_string(),
                });
            }
            if usage.key_cert_sign() && !ca {
                faults.push(ProfileFault::KeyCertSignOnLeaf);
            }
        }
    }
    let Some(usage) = leaf.extended_key_usage().ok().flatten().map(|usage| usage.value) else {
        faults.push(ProfileFault::EkuMissing);
        return;
    };
    if usage.any {
        faults.push(ProfileFault::EkuAny);
    }
    let signing = usage.email_protection;
    let service = usage.time_stamping || usage.ocsp_signing;
    if service
        && (signing
            || usage.client_auth
            || usage.server_auth
            || usage.code_signing
            || !usage.other.is_empty())
    {
        faults.push(ProfileFault::EkuMixed);
    } else if !signing && !usage.any {
        let named = [
            (usage.server_auth, "serverAuth"),
            (usage.client_auth, "clientAuth"),
            (usage.code_signing, "codeSigning"),
            (usage.time_stamping, "timeStamping"),
            (usage.ocsp_signing, "OCSPSigning"),
        ];
        let mut found: Vec<String> = named
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| (*name).to_owned())
            .collect();
        found.extend(usage.other.iter().map(Oid::to_id_string));
        faults.push(ProfileFault::EkuWrong { found });
    }
}

/// Rules between a certificate and the next.
fn check_links(chain: &[X509Certificate<'_>], faults: &mut Vec<ProfileFault>) {
    for (place, pair) in chain.windows(2).enumerate() {
        let [subject, issuer] = pair else { continue };
        if !same_name(subject.issuer(), issuer.subject()) {
            faults.push(ProfileFault::WrongOrder { place });
            continue;
        }
        if signed_by(subject, issuer) == SignatureState::Bad {
            faults.push(ProfileFault::ChainBroken { place });
        }
        let above = place.saturating_add(1);
        let constraints = issuer.basic_constraints().ok().flatten().map(|c| c.value);
        let not = |why| ProfileFault::IssuerMayNotSign { place: above, why };
        match constraints {
            Some(constraints) if constraints.ca => {
                // Certificates between this issuer and the leaf.
                let between = u32::try_from(place).unwrap_or(u32::MAX);
                if constraints.path_len_constraint.is_some_and(|most| between > most) {
                    faults.push(not("allows fewer certificates below it"));
                }
            }
            _ => faults.push(not("is no CA")),
        }
        if issuer
            .key_usage()
            .ok()
            .flatten()
            .is_some_and(|usage| !usage.value.key_cert_sign())
        {
            faults.push(not("has no keyUsage keyCertSign"));
        }
    }
}

/// What a signature on a certificate turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureState {
    Bad,
    Good,
    /// By an algorithm that this room cannot verify.
    NotChecked,
}

/// Whether `issuer`'s key signed `subject`.
pub(super) fn signed_by(subject: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> SignatureState {
    verify_with(
        issuer.public_key(),
        &subject.signature_algorithm.algorithm,
        subject.tbs_certificate.as_ref(),
        &subject.signature_value.data,
    )
}

/// Verifies a signature as certificates and requests carry it.
pub(super) fn verify_with(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &Oid<'_>,
    message: &[u8],
    signature: &[u8],
) -> SignatureState {
    let state = |good: bool| {
        if good {
            SignatureState::Good
        } else {
            SignatureState::Bad
        }
    };
    let bytes = key.subject_public_key.data.as_ref();
    let (oid, algorithm) = (algorithm.as_bytes(), algorithm.to_id_string());
    let hash: Vec<u8> = match algorithm.as_str() {
        "1.3.101.112" => {
            let Ok(signature) = signature.try_into() else {
                return SignatureState::Bad;
            };
            return state(
                PublicKey::from_slice(bytes).is_some_and(|key| key.verify_strict(message, signature)),
            );
        }
        "1.2.840.10045.4.3.2" => Digest::of(message).as_bytes().to_vec(),
        "1.2.840.10045.4.3.3" => sha384(message).to_vec(),
        "1.2.840.10045.4.3.4" => sha512([message]).to_vec(),
        "1.2.840.113549.1.1.11" | "1.2.840.113549.1.1.12" | "1.2.840.113549.1.1.13" => {
            return by_rsa(key, oid, message, signature);
        }
        _ => return SignatureState::NotChecked,
    };
    match key_algorithm(key) {
        Ok(SigningAlgorithm::Es256) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
            let signature = p256::ecdsa::Signature::from_der(signature);
            state(matches!((key, signature), (Ok(key), Ok(sig)) if key.verify_prehash(&hash, &sig).is_ok()))
        }
        Ok(SigningAlgorithm::Es384) => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
            let signature = p384::ecdsa::Signature::from_der(signature);
            // A digest shorter than the curve's order is padded (FIPS 186-5, 6.4.2); the crate wants at least half.
            state(matches!((key, signature), (Ok(key), Ok(sig)) if key.verify_prehash(&hash, &sig).is_ok()))
        }
        Ok(SigningAlgorithm::Ed25519) => SignatureState::Bad,
        Err(_) => SignatureState::NotChecked,
    }
}

/// RSA with PKCS #1 v1.5 padding, verified by the C2PA library's own crate: byline never signs with RSA.
fn by_rsa(key: &SubjectPublicKeyInfo<'_>, oid: &[u8], message: &[u8], signature: &[u8]) -> SignatureState {
    use c2pa_raw_crypto::RawSignatureValidationError as Why;
    let by = c2pa_raw_crypto::validator_for_sig_and_hash_algs(
        &c2pa_raw_crypto::Oid::new(oid),
        &c2pa_raw_crypto::Oid::new(&[]),
    );
    match by.map(|by| by.validate(signature, message, key.raw)) {
        Some(Ok(())) => SignatureState::Good,
        // Not this kind of key, or longer than that crate takes.
        Some(Err(Why::InvalidPublicKey | Why::UnsupportedAlgorithm)) | None => SignatureState::NotChecked,
        Some(Err(_)) => SignatureState::Bad,
    }
}

/// The algorithm of a certificate's key if it made `signature` over `message`: Ed25519 64 bytes; ECDSA `r` and `s` side
/// by side (IEEE P1363), with the hash of the curve.
pub(super) fn verify_raw(
    certificate: &X509Certificate<'_>,
    message: &[u8],
    signature: &[u8],
) -> Option<SigningAlgorithm> {
    use p256::ecdsa::signature::Verifier as _;
    let key = certificate.public_key();
    let algorithm = key_algorithm(key).ok()?;
    let bytes = key.subject_public_key.data.as_ref();
    let good = match algorithm {
        SigningAlgorithm::Ed25519 => {
            PublicKey::from_slice(bytes)?.verify_strict(message, signature.try_into().ok()?)
        }
        SigningAlgorithm::Es256 => {
            let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
            p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .ok()?
                .verify(message, &signature)
                .is_ok()
        }
        SigningAlgorithm::Es384 => {
            let signature = p384::ecdsa::Signature::from_slice(signature).ok()?;
            p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                .ok()?
                .verify(message, &signature)
                .is_ok()
        }
    };
    good.then_some(algorithm)
}

/// The algorithm of a key, or what it is instead.
fn key_algorithm(key: &SubjectPublicKeyInfo<'_>) -> Result<SigningAlgorithm, String> {
    let algorithm = key.algorithm.algorithm.to_id_string();
    match algorithm.as_str() {
        "1.3.101.112" if key.algorithm.parameters.is_none() => Ok(SigningAlgorithm::Ed25519),
        "1.2.840.10045.2.1" => {
            let curve = key
                .algorithm
                .parameters
                .as_ref()
                .and_then(|any| any.as_oid().ok());
            match curve.map(|oid| oid.to_id_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => Ok(SigningAlgorithm::Es256),
                Some("1.3.132.0.34") => Ok(SigningAlgorithm::Es384),
                Some(other) => Err(format!("ECDSA on curve {other}")),
                None => Err("ECDSA without a named curve".into()),
            }
        }
        _ => Err(algorithm),
    }
}

/// id-Ed25519 (RFC 8410).
pub(super) const OID_ED25519: Oid<'static> = x509_parser::oid_registry::asn1_rs::oid!(1.3.101.112);
/// Most certificates in a chain.
const CHAIN_MAX: usize = 8;
const RSA_BITS_MIN: usize = 2_048;
/// Signature algorithms of certificates (C2PA 2.1, 14.5.1): RSA, ECDSA, PSS, Ed25519.
const SIGNATURES: [&str; 8] = [
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.2.840.113549.1.1.10",
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.2.840.10045.4.3.4",
    "1.3.101.112",
];
