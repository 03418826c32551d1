//! The public file of a creator: what others put into their trust. Text for people, PEM for programs, signed.
//!
//! ```text
//! byline public key v1
//! name: Alice Doe                       what its holder calls himself or herself; nobody has checked it
//! key id: 5f3c...                       thumbprint of the ledger key; compare it over another way
//! certificate id: 09ab...               SHA-256 of the signer's certificate
//! algorithm: ed25519                    of the signatures in pictures
//! valid until: 2046-05-01T10:00:00Z
//! made: self                            `self`: the root is the holder's own; `ca`: an authority issued the certificate
//!
//! [ledger key]
//! [root]                                only with `made: self`
//! [chain]                               leaf first
//! [signatures]                          over every byte before this line: by the ledger key, then by the certificate's
//! ```
//!
//! The signatures prove that whoever wrote the file holds both keys, and that no byte changed. They do not prove the
//! name: compare the key id with its owner in person or by telephone.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::ed25519::{KeyId, PublicKey, SIGNATURE_LEN};
use super::identity::{Identity, SignError, SigningAlgorithm};
use super::pem::{self, PemError};
use super::profile::{SignatureState, signed_by, verify_raw};
use super::sections::{Sections, SectionsError};
use super::x509::{CertificateError, LeafInfo, parse};
use crate::base::{Digest, Untrusted};

/// Why a text is no public file, or not a true one.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicFileError {
    /// A certificate cannot be read.
    #[error("a certificate in the public file: {0}")]
    Certificate(#[from] CertificateError),
    /// A line contradicts the keys below it.
    #[error("`{line}` of the public file is not what its keys and certificates say")]
    Contradiction {
        /// Name of the line.
        line: &'static str,
    },
    /// A line or section is missing.
    #[error("the public file has no `{line}`")]
    Missing {
        /// Its name.
        line: &'static str,
    },
    /// A section holds something else.
    #[error("[{title}] of the public file: {why}")]
    Pem {
        /// Its title.
        title: &'static str,
        /// What is wrong.
        why: PemError,
    },
    /// The root in the file did not sign the certificate in it.
    #[error("the root in the public file did not sign the certificate in it")]
    RootOfAnother,
    /// The text has another form.
    #[error("the public file: {0}")]
    Sections(#[from] SectionsError),
    /// A signature does not verify: bytes changed, or its writer does not hold that key.
    #[error("the {by} did not sign this public file as it stands")]
    Signature {
        /// Whose signature.
        by: &'static str,
    },
}

/// What a creator publishes. Its existence says that both signatures verified and nothing in it contradicts another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// Algorithm of the signatures in pictures.
    pub algorithm: SigningAlgorithm,
    /// Certificates in DER, leaf first, without root.
    pub chain: Vec<Vec<u8>>,
    /// The leaf in words.
    pub leaf: LeafInfo,
    /// The key of ledger entries.
    pub ledger_key: PublicKey,
    /// What the holder calls himself or herself. Nobody has checked it.
    pub name: Untrusted,
    /// The holder's own root in DER; `None` for a certificate of a CA, whose root vouches for many.
    pub root: Option<Vec<u8>>,
}

impl PublicFile {
    /// Writes the public file of an identity.
    pub fn write(identity: &Identity) -> Result<String, SignError> {
        let ledger_key = identity.ledger_key().public();
        let leaf = identity
            .chain_der()
            .first()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let root = identity.root_der().filter(|_| identity.is_self_made());
        let mut text = format!(
            "# Put this file into your trust with: byline trust add FILE\n\
             # Nobody but its holder vouches for the name. Compare the key id with its owner in person or by telephone.\n\
             {FIRST}\nname: {}\nkey id: {}\ncertificate id: {}\nalgorithm: {}\nvalid until: {}\nmade: {}\n\n",
            identity.display_name(),
            ledger_key.key_id(),
            Digest::of(leaf),
            identity.algorithm(),
            identity.leaf_validity().not_after,
            if root.is_some() { "self" } else { "ca" },
        );
        let _ = write!(text, "[{LEDGER}]\n{}\n", pem::public_key_text(&ledger_key));
        if let Some(root) = root {
            let _ = write!(text, "[{ROOT}]\n{}\n", pem::certificate_text(root));
        }
        let chain: String = identity
            .chain_der()
            .iter()
            .map(|der| pem::certificate_text(der))
            .collect();
        let _ = write!(text, "[{CHAIN}]\n{chain}\n");
        let by_ledger = STANDARD.encode(identity.ledger_key().sign(text.as_bytes()));
        let by_certificate = STANDARD.encode(identity.sign(text.as_bytes())?);
        let _ = write!(text, "[{SIGNATURES}]\n{by_ledger}\n{by_certificate}\n");
        Ok(text)
    }

    /// Reads and checks a public file. Says nothing about trust or about time.
    pub fn read(text: &str) -> Result<Self, PublicFileError> {
        let names = [
            "name",
            "key id",
            "certificate id",
            "algorithm",
            "valid until",
            "made",
        ];
        let sections = Sections::parse(text, FIRST, &names, &[LEDGER, ROOT, CHAIN, SIGNATURES])?;
        let value = |line| sections.value(line).ok_or(PublicFileError::Missing { line });
        let section = |line| sections.section(line).ok_or(PublicFileError::Missing { line });
        let in_section = |title| move |why| PublicFileError::Pem { title, why };
        let ledger_key = pem::public_key(section(LEDGER)?).map_err(in_section(LEDGER))?;
        let chain = pem::certificates(section(CHAIN)?).map_err(in_section(CHAIN))?;
        let root = sections
            .section(ROOT)
            .map(pem::certificates)
            .transpose()
            .map_err(in_section(ROOT))?;
        let root = root.and_then(|roots| roots.into_iter().next());
        let leaf_der = chain.first().ok_or(PublicFileError::Missing { line: CHAIN })?;
        let leaf = LeafInfo::parse(leaf_der)?;
        let algorithm = check_signatures(text, section(SIGNATURES)?, &ledger_key, leaf_der)?;

        let says = |line, wanted: &str| {
            if value(line)? == wanted {
                Ok(())
            } else {
                Err(PublicFileError::Contradiction { line })
            }
        };
        says("key id", &ledger_key.key_id().hex())?;
        says("certificate id", &leaf.sha256.hex())?;
        says("algorithm", algorithm.name())?;
        says("valid until", &leaf.validity.not_after.rfc3339())?;
        says("made", if root.is_some() { "self" } else { "ca" })?;
        if let Some(root) = &root {
            let top = chain.last().ok_or(PublicFileError::Missing { line: CHAIN })?;
            if signed_by(&parse(top)?, &parse(root)?) != SignatureState::Good {
                return Err(PublicFileError::RootOfAnother);
            }
        }
        Ok(Self {
            algorithm,
            name: value("name")?.into(),
            chain,
            leaf,
            ledger_key,
            root,
        })
    }

    /// Thumbprint of the ledger key: the fingerprint people compare.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.ledger_key.key_id()
    }

    /// Whether this is the public file of `identity`, key by key: asked after each decryption.
    #[must_use]
    pub fn belongs_to(&self, identity: &Identity) -> bool {
        self.ledger_key == identity.ledger_key().public()
            && self.chain == identity.chain_der()
            && self.root.as_deref() == identity.root_der().filter(|_| identity.is_self_made())
    }
}

/// Whether a text begins as a public file does.
#[must_use]
pub fn is_public_file(text: &str) -> bool {
    text.lines().find(|line| !line.starts_with('#')) == Some(FIRST)
}

/// Whether a file is one of these or was one: what such a file holds counts only with its signatures.
#[must_use]
pub fn was_public_file(text: &str) -> bool {
    text.contains("byline public key")
        || [LEDGER, SIGNATURES]
            .iter()
            .any(|section| text.contains(&format!("[{section}]")))
}

fn check_signatures(
    text: &str,
    signatures: &str,
    ledger_key: &PublicKey,
    leaf_der: &[u8],
) -> Result<SigningAlgorithm, PublicFileError> {
    let refused = |by| PublicFileError::Signature { by };
    let mut lines = signatures.lines().filter(|line| !line.is_empty());
    let mut next = |by| {
        lines
            .next()
            .and_then(|line| STANDARD.decode(line).ok())
            .ok_or(refused(by))
    };
    let (by_ledger, by_certificate) = (next(LEDGER)?, next(CERTIFICATE)?);
    let title = format!("[{SIGNATURES}]\n");
    let signed = text
        .split_once(title.as_str())
        .map(|(signed, _)| signed)
        .unwrap_or_default();
    // What stands behind the signatures is signed by nobody.
    if lines.next().is_some() || signed.len() + title.len() + signatures.len() != text.len() {
        return Err(PublicFileError::Contradiction { line: SIGNATURES });
    }
    let fixed: &[u8; SIGNATURE_LEN] = by_ledger.as_slice().try_into().map_err(|_| refused(LEDGER))?;
    if !ledger_key.verify_strict(signed.as_bytes(), fixed) {
        return Err(refused(LEDGER));
    }
    verify_raw(&parse(leaf_der)?, signed.as_bytes(), &by_certificate).ok_or(refused(CERTIFICATE))
}

const FIRST: &str = "byline public key v1";
const LEDGER: &str = "ledger key";
const ROOT: &str = "root";
const CHAIN: &str = "chain";
const SIGNATURES: &str = "signatures";
const CERTIFICATE: &str = "certificate's key";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::bundle::Parts;
    use crate::keys::bundle::tests::{identity, name};
    use crate::keys::{CreatorKey, EcdsaKey, SignerKeys};

    #[test]
    fn public_file_goes_out_and_comes_back() {
        let identity = identity();
        let text = PublicFile::write(&identity).unwrap();
        let file = PublicFile::read(&text).unwrap();
        assert!(is_public_file(&text));
        assert_eq!(file.name, "Alice Doe".into());
        assert_eq!(file.key_id(), identity.ledger_key().public().key_id());
        assert!(file.root.is_some());
        assert!(file.belongs_to(&identity));
        assert!(!text.contains("PRIVATE"));
        assert!(text.is_ascii());
    }

    #[test]
    fn no_changed_byte_passes() {
        let text = PublicFile::write(&identity()).unwrap();
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(
                PublicFile::read(&changed).is_err(),
                "byte {place}: {:?}",
                &text[place..=place]
            );
        }
        assert!(PublicFile::read(&format!("{text}x")).is_err());
        assert!(PublicFile::read(&format!("{text}[ledger key]\n")).is_err());
        for length in 0..text.len() - 1 {
            assert!(PublicFile::read(&text[..length]).is_err(), "{length}");
        }
    }

    /// A file that names somebody else's certificate beside one's own ledger key.
    #[test]
    fn certificate_of_another_cannot_be_claimed() {
        let alice = identity();
        let mallory = CreatorKey::from_seed(&[66; 32]);
        let text = PublicFile::write(&alice).unwrap();
        let (signed, _) = text.split_once("[signatures]\n").unwrap();
        let forged = signed
            .replace(
                &pem::public_key_text(&alice.ledger_key().public()),
                &pem::public_key_text(&mallory.public()),
            )
            .replace(
                &alice.ledger_key().public().key_id().hex(),
                &mallory.public().key_id().hex(),
            );
        let signature = STANDARD.encode(mallory.sign(forged.as_bytes()));
        let forged = format!("{forged}[signatures]\n{signature}\n{signature}\n");
        assert_eq!(
            PublicFile::read(&forged),
            Err(PublicFileError::Signature { by: CERTIFICATE })
        );
    }

    #[test]
    fn ecdsa_identity_publishes_both_keys_and_no_root() {
        let keys = SignerKeys::Ecdsa {
            claims: EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()),
            ledger: CreatorKey::from_seed(&[4; 32]),
        };
        let leaf = crate::keys::profile::tests::self_signed_leaf(&keys);
        let parts = Parts {
            chain: vec![leaf],
            commitments: crate::keys::Commitments::default(),
            keys,
            root: None,
            root_key: None,
        };
        let identity = Identity::assemble(&name(), parts).unwrap();
        let file = PublicFile::read(&PublicFile::write(&identity).unwrap()).unwrap();
        assert_eq!(file.algorithm, SigningAlgorithm::Es256);
        assert_eq!(file.root, None);
        assert!(file.belongs_to(&identity));
    }
}
