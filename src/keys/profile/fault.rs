//! The rules of the certificate profile that can be broken, and their words.

use std::fmt;

use crate::base::Timestamp;

/// One broken rule. `place` counts from the leaf, which is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileFault {
    /// No authority key identifier.
    AuthorityKeyIdMissing,
    /// A certificate in the chain is not signed by the next one.
    ChainBroken {
        /// Of the certificate whose signature fails.
        place: usize,
    },
    /// A critical extension that validators do not know must make them refuse (RFC 5280, 4.2).
    CriticalExtensionUnknown {
        /// Of the certificate.
        place: usize,
        /// The extension.
        oid: String,
    },
    /// `anyExtendedKeyUsage`, which the profile forbids.
    EkuAny,
    /// No extended key usage at all.
    EkuMissing,
    /// Timestamping or OCSP signing beside another purpose.
    EkuMixed,
    /// Extended key usages, none of which fits.
    EkuWrong {
        /// What is there, as OIDs.
        found: Vec<String>,
    },
    /// Past its last moment.
    Expired {
        /// Of the certificate.
        place: usize,
        /// Its last moment.
        not_after: Timestamp,
        /// The moment asked about.
        now: Timestamp,
    },
    /// An issuer in the chain that may not issue: no CA, no keyCertSign, or more levels below it than it allows.
    IssuerMayNotSign {
        /// Of the issuer.
        place: usize,
        /// What it lacks.
        why: &'static str,
    },
    /// The private key is not the one of the certificate.
    KeyMismatch,
    /// A leaf that may sign certificates.
    KeyCertSignOnLeaf,
    /// No key usage.
    KeyUsageMissing,
    /// A key usage without digitalSignature.
    KeyUsageWrong {
        /// The bits that are set.
        found: String,
    },
    /// The first certificate is a CA.
    LeafIsCa,
    /// No certificate given.
    NoCertificate,
    /// No organisation in the subject: validators before SDK 0.91 then call the picture tampered.
    NoOrganization,
    /// Not X.509 version 3.
    NotVersion3 {
        /// Of the certificate.
        place: usize,
        /// Its version, counted from 1.
        found: u32,
    },
    /// Before its first moment.
    NotYetValid {
        /// Of the certificate.
        place: usize,
        /// Its first moment.
        not_before: Timestamp,
        /// The moment asked about.
        now: Timestamp,
    },
    /// The root stands first.
    RootFirst,
    /// A certificate whose signature algorithms inside and outside differ.
    SignatureAlgorithmsDiffer {
        /// Of the certificate.
        place: usize,
    },
    /// A signature algorithm outside the profile, such as one with SHA-1.
    SignatureAlgorithmUnsupported {
        /// Of the certificate.
        place: usize,
        /// The algorithm.
        oid: String,
    },
    /// Too many certificates.
    TooLong {
        /// How many.
        found: usize,
        /// Most allowed.
        limit: usize,
    },
    /// Issuer or subject unique identifiers, which the profile forbids.
    UniqueIds {
        /// Of the certificate.
        place: usize,
    },
    /// Bytes that are no certificate.
    Unreadable {
        /// Of the certificate.
        place: usize,
    },
    /// A key of an algorithm or curve byline does not sign with.
    UnsupportedKey {
        /// The algorithm, or the curve.
        oid: String,
    },
    /// An RSA key of an issuer below 2,048 bits.
    WeakKey {
        /// Of the certificate.
        place: usize,
        /// Its length.
        bits: usize,
    },
    /// A certificate whose issuer's name is not the next one's.
    WrongOrder {
        /// Of the certificate.
        place: usize,
    },
}

impl ProfileFault {
    /// A stable name, as in reports and `byline explain`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AuthorityKeyIdMissing => "certificate.aki.missing",
            Self::ChainBroken { .. } => "certificate.chain.broken",
            Self::CriticalExtensionUnknown { .. } => "certificate.extension.unknown",
            Self::EkuAny => "certificate.eku.any",
            Self::EkuMissing => "certificate.eku.missing",
            Self::EkuMixed => "certificate.eku.mixed",
            Self::EkuWrong { .. } => "certificate.eku.wrong",
            Self::Expired { .. } => "certificate.expired",
            Self::IssuerMayNotSign { .. } => "certificate.issuer.not-ca",
            Self::KeyMismatch => "certificate.key.mismatch",
            Self::KeyCertSignOnLeaf => "certificate.ku.key-cert-sign",
            Self::KeyUsageMissing => "certificate.ku.missing",
            Self::KeyUsageWrong { .. } => "certificate.ku.wrong",
            Self::LeafIsCa => "certificate.leaf.ca",
            Self::NoCertificate => "certificate.missing",
            Self::NoOrganization => "certificate.organization.missing",
            Self::NotVersion3 { .. } => "certificate.version",
            Self::NotYetValid { .. } => "certificate.not-yet-valid",
            Self::RootFirst => "certificate.order.root-first",
            Self::SignatureAlgorithmsDiffer { .. } => "certificate.signature.differs",
            Self::SignatureAlgorithmUnsupported { .. } => "certificate.signature.unsupported",
            Self::TooLong { .. } => "certificate.chain.too-long",
            Self::UniqueIds { .. } => "certificate.unique-ids",
            Self::Unreadable { .. } => "certificate.unreadable",
            Self::UnsupportedKey { .. } => "certificate.key.unsupported",
            Self::WeakKey { .. } => "certificate.key.weak",
            Self::WrongOrder { .. } => "certificate.order",
        }
    }

    /// What is there, made of nothing but numbers, times and OIDs.
    #[must_use]
    pub fn found(&self) -> String {
        match self {
            Self::AuthorityKeyIdMissing => "no authorityKeyIdentifier".into(),
            Self::ChainBroken { place } => {
                format!("the signature on {} is not by the one after it", ordinal(*place))
            }
            Self::CriticalExtensionUnknown { place, oid } => {
                format!("critical extension {oid} in {}", ordinal(*place))
            }
            Self::EkuAny => "extendedKeyUsage anyExtendedKeyUsage".into(),
            Self::EkuMissing => "no extendedKeyUsage".into(),
            Self::EkuMixed => "extendedKeyUsage timeStamping or OCSPSigning beside another".into(),
            Self::EkuWrong { found } => format!("extendedKeyUsage {}", found.join(", ")),
            Self::Expired {
                place,
                not_after,
                now,
            } => {
                format!("{} ended at {not_after}, it is {now}", ordinal(*place))
            }
            Self::IssuerMayNotSign { place, why } => format!("{} {why}", ordinal(*place)),
            Self::KeyMismatch => "the certificate holds another public key".into(),
            Self::KeyCertSignOnLeaf => "keyUsage keyCertSign on a certificate that is no CA".into(),
            Self::KeyUsageMissing => "no keyUsage".into(),
            Self::KeyUsageWrong { found } => format!("keyUsage {found}"),
            Self::LeafIsCa => "basicConstraints CA:TRUE on the first certificate".into(),
            Self::NoCertificate => "no certificate".into(),
            Self::NoOrganization => "a subject without organization (O)".into(),
            Self::NotVersion3 { place, found } => format!("X.509 version {found} of {}", ordinal(*place)),
            Self::NotYetValid {
                place,
                not_before,
                now,
            } => {
                format!("{} begins at {not_before}, it is {now}", ordinal(*place))
            }
            Self::RootFirst => "the root stands first".into(),
            Self::SignatureAlgorithmsDiffer { place } => {
                format!("two different signature algorithms in {}", ordinal(*place))
            }
            Self::SignatureAlgorithmUnsupported { place, oid } => {
                format!("signature algorithm {oid} of {}", ordinal(*place))
            }
            Self::TooLong { found, .. } => format!("{found} certificates"),
            Self::UniqueIds { place } => {
                format!("issuer or subject unique identifiers in {}", ordinal(*place))
            }
            Self::Unreadable { place } => format!("{} is no X.509 certificate in DER", ordinal(*place)),
            Self::UnsupportedKey { oid } => format!("a key of kind {oid}"),
            Self::WeakKey { place, bits } => format!("an RSA key of {bits} bits in {}", ordinal(*place)),
            Self::WrongOrder { place } => format!("{} was not issued by the one after it", ordinal(*place)),
        }
    }

    /// What the rule wants.
    #[must_use]
    pub const fn wanted(&self) -> &'static str {
        match self {
            Self::AuthorityKeyIdMissing => "authorityKeyIdentifier",
            Self::ChainBroken { .. } => "each certificate signed by the next",
            Self::CriticalExtensionUnknown { .. } => "critical extensions of RFC 5280 only",
            Self::EkuAny | Self::EkuMissing | Self::EkuWrong { .. } => {
                "extendedKeyUsage emailProtection (1.3.6.1.5.5.7.3.4), best with documentSigning (1.3.6.1.5.5.7.3.36)"
            }
            Self::EkuMixed => "timeStamping or OCSPSigning alone, and neither for signing pictures",
            Self::Expired { .. } | Self::NotYetValid { .. } => "valid at the time of signing",
            Self::IssuerMayNotSign { .. } => "issuers with CA:TRUE, keyCertSign and room in pathLen",
            Self::KeyMismatch => "the certificate made for this private key",
            Self::KeyCertSignOnLeaf | Self::KeyUsageMissing | Self::KeyUsageWrong { .. } => {
                "keyUsage digitalSignature, and no keyCertSign"
            }
            Self::LeafIsCa => "CA:FALSE on the first certificate",
            Self::NoCertificate => "at least the signer's certificate",
            Self::NoOrganization => "O in the subject",
            Self::NotVersion3 { .. } => "version 3",
            Self::RootFirst | Self::WrongOrder { .. } => "the signer's certificate first, then each issuer",
            Self::SignatureAlgorithmsDiffer { .. } => "one algorithm, named twice",
            Self::SignatureAlgorithmUnsupported { .. } => {
                "Ed25519, ECDSA or RSA (PKCS#1 or PSS) with SHA-256, SHA-384 or SHA-512"
            }
            Self::TooLong { .. } => "at most 8",
            Self::UniqueIds { .. } => "no unique identifiers",
            Self::Unreadable { .. } => "an X.509 certificate",
            Self::UnsupportedKey { .. } => "Ed25519, ECDSA P-256 or ECDSA P-384",
            Self::WeakKey { .. } => "RSA of at least 2048 bits",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn todo(&self) -> &'static str {
        match self {
            Self::AuthorityKeyIdMissing
            | Self::CriticalExtensionUnknown { .. }
            | Self::EkuAny
            | Self::EkuMissing
            | Self::EkuMixed
            | Self::EkuWrong { .. }
            | Self::KeyCertSignOnLeaf
            | Self::KeyUsageMissing
            | Self::KeyUsageWrong { .. }
            | Self::NoOrganization
            | Self::NotVersion3 { .. }
            | Self::SignatureAlgorithmUnsupported { .. }
            | Self::SignatureAlgorithmsDiffer { .. }
            | Self::UniqueIds { .. } => {
                "ask the CA for a certificate of the C2PA profile; `byline key csr NAME` writes a request that names it"
            }
            Self::ChainBroken { .. } | Self::IssuerMayNotSign { .. } | Self::WeakKey { .. } => {
                "ask the CA for the chain that belongs to this certificate"
            }
            Self::Expired { .. } => "renew the certificate, or look at this machine's clock",
            Self::KeyMismatch => {
                "give the key file the request was made from, or the chain the CA made for this key"
            }
            Self::LeafIsCa => {
                "ask for an end-entity certificate; a CA's own certificate cannot sign pictures"
            }
            Self::NoCertificate | Self::Unreadable { .. } => "give the PEM chain that the CA sent",
            Self::NotYetValid { .. } => "wait, or look at this machine's clock",
            Self::RootFirst | Self::WrongOrder { .. } | Self::TooLong { .. } => {
                "put the blocks of the PEM file in order: signer's certificate, issuer, issuer's issuer"
            }
            Self::UnsupportedKey { .. } => "make a new key and ask for a certificate for it",
        }
    }
}

impl fmt::Display for ProfileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}; wanted {}", self.found(), self.wanted())
    }
}

/// How people count: the signer's certificate is the first.
fn ordinal(place: usize) -> String {
    match place {
        0 => "the first certificate".into(),
        1 => "the second certificate".into(),
        2 => "the third certificate".into(),
        _ => format!("certificate {}", place.saturating_add(1)),
    }
}
