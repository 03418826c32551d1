//! An identity: a signing key with its certificate chain, decrypted and ready to sign.

use std::fmt;

use p256::ecdsa::signature::Signer as _;
use thiserror::Error;

use super::ed25519::{CreatorKey, KeyId};
use crate::base::{Digest, Timestamp};

/// The algorithms byline signs claims with (C2PA 2.1, 13.2.1, without RSA).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl SigningAlgorithm {
    /// The name in C2PA settings and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Es256 => "es256",
            Self::Es384 => "es384",
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A signature could not be made.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The curve arithmetic refused the key and message, which has probability 2^-128.
    #[error("the {algorithm} key made no signature")]
    NoSignature {
        /// The algorithm of the key.
        algorithm: SigningAlgorithm,
    },
}

/// A secret ECDSA key; wiped when dropped, never shown.
pub enum EcdsaKey {
    /// On P-256.
    P256(p256::ecdsa::SigningKey),
    /// On P-384.
    P384(Box<p384::ecdsa::SigningKey>),
}

impl EcdsaKey {
    /// The algorithm this key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::P256(_) => SigningAlgorithm::Es256,
            Self::P384(_) => SigningAlgorithm::Es384,
        }
    }

    /// Signs a message, deterministically (RFC 6979): `r` and `s` side by side (IEEE P1363), 64 or 96 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let none = |_| SignError::NoSignature {
            algorithm: self.algorithm(),
        };
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).map_err(none)?;
                Ok(signature.to_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message).map_err(none)?;
                Ok(signature.to_bytes().to_vec())
            }
        }
    }
}

impl EcdsaKey {
    /// Signs a message: `r` and `s` in DER (RFC 3279, 2.2.3), as certificates and requests carry it.
    pub fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let none = |_| SignError::NoSignature {
            algorithm: self.algorithm(),
        };
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).map_err(none)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message).map_err(none)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
        }
    }

    /// The public key as an uncompressed point (SEC 1, 2.3.3), 65 or 97 bytes.
    #[must_use]
    pub fn public_sec1(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for EcdsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcdsaKey({})", self.algorithm())
    }
}

/// The keys that a signer signs with.
#[derive(Debug)]
pub enum SignerKeys {
    /// One Ed25519 key for claims and ledger entries.
    Creator(CreatorKey),
    /// An ECDSA key for claims, as CAs certify them, and an Ed25519 companion for ledger entries.
    Ecdsa {
        /// Signs claims.
        claims: EcdsaKey,
        /// Signs ledger entries.
        ledger: CreatorKey,
    },
}

impl SignerKeys {
    /// The algorithm claims are signed with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Creator(_) => SigningAlgorithm::Ed25519,
            Self::Ecdsa { claims, .. } => claims.algorithm(),
        }
    }

    /// Signs a message with the key for claims: Ed25519 64 bytes; ECDSA `r` and `s` side by side (IEEE P1363).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match self {
            Self::Creator(key) => Ok(key.sign(message).to_vec()),
            Self::Ecdsa { claims, .. } => claims.sign(message),
        }
    }

    /// The key that signs ledger entries.
    #[must_use]
    pub const fn ledger(&self) -> &CreatorKey {
        match self {
            Self::Creator(key) | Self::Ecdsa { ledger: key, .. } => key,
        }
    }
}

/// A signing key with its certificate chain, as loaded and decrypted.
pub struct Identity {
    pub(super) name: String,
    pub(super) display_name: String,
    pub(super) keys: SignerKeys,
    /// The key of the self-made root, kept for renewal.
    pub(super) root_key: Option<CreatorKey>,
    /// Leaf first, without root.
    pub(super) chain_der: Vec<Vec<u8>>,
    pub(super) root_pem: Option<String>,
    pub(super) root_der: Option<Vec<u8>>,
    pub(super) validity: Validity,
    pub(super) commitments: Commitments,
}

/// What an identity committed to when this key entered it: hashes alone, no secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commitments {
    /// Thumbprint of the identity's first key; absent when this key is the first.
    pub first: Option<KeyId>,
    /// SHA-256 of the next key's 32 bytes.
    pub next: Option<Digest>,
    /// SHA-256 of the recovery key's 32 bytes.
    pub recovery: Option<Digest>,
}

/// From when to when a certificate says it is valid, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

impl Identity {
    /// The name this key has on this machine (`alice`), not what its certificate says.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm claims are signed with.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.keys.algorithm()
    }

    /// Signs a message: Ed25519 64 bytes; ECDSA `r` and `s` side by side (IEEE P1363).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.keys.sign(message)
    }

    /// The certificates in DER, leaf first, without the root: what goes into `x5chain`.
    #[must_use]
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain_der
    }

    /// The root certificate in PEM, where the creator made it or the CA's was given.
    #[must_use]
    pub fn root_pem(&self) -> Option<&str> {
        self.root_pem.as_deref()
    }

    /// The root certificate in DER.
    #[must_use]
    pub fn root_der(&self) -> Option<&[u8]> {
        self.root_der.as_deref()
    }

    /// The key that signs ledger entries: the signing key itself if it is Ed25519, else its companion.
    #[must_use]
    pub const fn ledger_key(&self) -> &CreatorKey {
        self.keys.ledger()
    }

    /// The key that signs ledger entries, alone.
    #[must_use]
    pub fn into_ledger_key(self) -> CreatorKey {
        match self.keys {
            SignerKeys::Creator(key) | SignerKeys::Ecdsa { ledger: key, .. } => key,
        }
    }

    /// What the key's first entry in a log commits to.
    #[must_use]
    pub const fn commitments(&self) -> Commitments {
        self.commitments
    }

    /// What names the identity for ever: the thumbprint of the key it began with.
    #[must_use]
    pub fn first_key(&self) -> KeyId {
        self.commitments
            .first
            .unwrap_or_else(|| self.ledger_key().public().key_id())
    }

    /// What the certificate says the signer is called: its common name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// From when to when the leaf certificate is valid.
    #[must_use]
    pub const fn leaf_validity(&self) -> Validity {
        self.validity
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("algorithm", &self.algorithm())
            .field("ledger_key", &self.ledger_key())
            .finish_non_exhaustive()
    }
}
