//! The secret text of a key file: PKCS#8 keys and certificates in PEM under titles. It is what the container encrypts.
//!
//! ```text
//! byline secret key v1
//! identity: (64 hex)     thumbprint of the identity's first key; only when this key is a later one
//! next: (64 hex)         SHA-256 of the next key, kept in a file of its own
//! recovery: (64 hex)     SHA-256 of the recovery key, kept elsewhere
//!
//! [signing key]          signs claims: Ed25519, or ECDSA as a CA certified it
//! [ledger key]           signs ledger entries; only beside an ECDSA signing key
//! [root key]             of the self-made root, for renewal; not beside a chain of a CA
//! [chain]                leaf first, without root
//! [root]                 the root certificate, where known
//! ```

use thiserror::Error;
use zeroize::Zeroizing;

use super::ed25519::{CreatorKey, KeyId};
use super::identity::{Commitments, Identity, SignerKeys};
use super::name::LocalName;
use super::pem::{
    PemError, PrivateKey, PrivateKeyRef, certificate_text, certificates, private_key, private_key_text,
};
use super::sections::{Sections, SectionsError};
use super::x509::{CertificateError, ClaimsPublic, LeafInfo, parse};
use crate::base::Digest;

/// Why a secret text is no identity.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// A certificate cannot be read.
    #[error("a certificate in the key file: {0}")]
    Certificate(#[from] CertificateError),
    /// The leaf certificate holds another public key.
    #[error("the certificate in the key file does not belong to the key in it")]
    KeyMismatch,
    /// A line holds no 64 hexadecimal digits.
    #[error("`{line}` of the key file holds no 64 hexadecimal digits")]
    Hash {
        /// Its name.
        line: &'static str,
    },
    /// A section is missing.
    #[error("the key file has no [{title}]")]
    Missing {
        /// Its title.
        title: &'static str,
    },
    /// A section holds something else.
    #[error("[{title}] of the key file: {why}")]
    Pem {
        /// Its title.
        title: &'static str,
        /// What is wrong.
        why: PemError,
    },
    /// The text has another form.
    #[error("the key file: {0}")]
    Sections(#[from] SectionsError),
    /// A ledger key beside a key that is one already, or a root key that is not Ed25519.
    #[error("[{title}] of the key file is of another kind than expected")]
    WrongKind {
        /// Its title.
        title: &'static str,
    },
}

/// The parts of an identity.
#[derive(Debug)]
pub struct Parts {
    /// Certificates in DER, leaf first, without root.
    pub chain: Vec<Vec<u8>>,
    /// What the key's first entry in a log commits to.
    pub commitments: Commitments,
    /// The keys.
    pub keys: SignerKeys,
    /// The root certificate in DER, where known.
    pub root: Option<Vec<u8>>,
    /// The key of a self-made root.
    pub root_key: Option<CreatorKey>,
}

impl Identity {
    /// Puts an identity together; the leaf must belong to the key. Whether it is valid *now* is not asked here.
    pub fn assemble(name: &LocalName, parts: Parts) -> Result<Self, BundleError> {
        let leaf = parts.chain.first().ok_or(BundleError::Missing { title: CHAIN })?;
        let info = LeafInfo::parse(leaf)?;
        let public = ClaimsPublic::of(&parts.keys);
        if parse(leaf)?.public_key().subject_public_key.data.as_ref() != public.bytes {
            return Err(BundleError::KeyMismatch);
        }
        // Written by the holder or the holder's CA; still, nothing that a terminal would obey.
        let display_name = info.display_name().map_or_else(String::new, |text| {
            text.raw()
                .chars()
                .filter(|c| !crate::base::Untrusted::is_harmful(*c))
                .collect()
        });
        Ok(Self {
            name: name.as_str().to_owned(),
            display_name,
            validity: info.validity,
            root_pem: parts.root.as_deref().map(certificate_text),
            root_der: parts.root,
            chain_der: parts.chain,
            keys: parts.keys,
            root_key: parts.root_key,
            commitments: parts.commitments,
        })
    }

    /// Takes an identity apart, for the one that comes after it.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        Parts {
            chain: self.chain_der,
            commitments: self.commitments,
            keys: self.keys,
            root: self.root_der,
            root_key: self.root_key,
        }
    }

    /// Reads the secret text of a key file.
    pub fn from_secret_text(name: &LocalName, text: &str) -> Result<Self, BundleError> {
        let sections = Sections::parse(
            text,
            FIRST,
            &[IDENTITY, NEXT, RECOVERY],
            &[SIGNING, LEDGER, ROOT_KEY, CHAIN, ROOT],
        )?;
        let signing = key(&sections, SIGNING)?.ok_or(BundleError::Missing { title: SIGNING })?;
        let ledger = creator(&sections, LEDGER)?;
        let keys = match (signing, ledger) {
            (PrivateKey::Creator(key), None) => SignerKeys::Creator(key),
            (PrivateKey::Ecdsa(claims), Some(ledger)) => SignerKeys::Ecdsa { claims, ledger },
            (PrivateKey::Creator(_), Some(_)) => return Err(BundleError::WrongKind { title: LEDGER }),
            (PrivateKey::Ecdsa(_), None) => return Err(BundleError::Missing { title: LEDGER }),
        };
        let chain = list(&sections, CHAIN)?.ok_or(BundleError::Missing { title: CHAIN })?;
        let root = list(&sections, ROOT)?.and_then(|roots| roots.into_iter().next());
        Self::assemble(
            name,
            Parts {
                chain,
                commitments: Commitments {
                    first: hash(&sections, IDENTITY)?.map(|digest| KeyId::from_bytes(*digest.as_bytes())),
                    next: hash(&sections, NEXT)?,
                    recovery: hash(&sections, RECOVERY)?,
                },
                keys,
                root,
                root_key: creator(&sections, ROOT_KEY)?,
            },
        )
    }

    /// The secret text of a key file, wiped when dropped. It is the key: encrypt it, or say aloud that it is not.
    pub fn to_secret_text(&self) -> Result<Zeroizing<String>, BundleError> {
        let write = |title, key| private_key_text(key).map_err(|why| BundleError::Pem { title, why });
        let mut keys = Vec::new();
        match &self.keys {
            SignerKeys::Creator(key) => keys.push((SIGNING, write(SIGNING, PrivateKeyRef::Creator(key))?)),
            SignerKeys::Ecdsa { claims, ledger } => {
                keys.push((SIGNING, write(SIGNING, PrivateKeyRef::Ecdsa(claims))?));
                keys.push((LEDGER, write(LEDGER, PrivateKeyRef::Creator(ledger))?));
            }
        }
        if let Some(root) = &self.root_key {
            keys.push((ROOT_KEY, write(ROOT_KEY, PrivateKeyRef::Creator(root))?));
        }
        let chain: String = self.chain_der.iter().map(|der| certificate_text(der)).collect();
        let root = self.root_pem.as_deref().unwrap_or_default();
        // Sized at once: growing would leave copies of the secret behind.
        let size = keys.iter().map(|(_, text)| text.len()).sum::<usize>() + chain.len() + root.len() + 512;
        let mut out = Zeroizing::new(String::with_capacity(size));
        out.push_str(FIRST);
        out.push('\n');
        let lines = [
            (IDENTITY, self.commitments.first.map(|first| first.hex())),
            (NEXT, self.commitments.next.map(|digest| digest.hex())),
            (RECOVERY, self.commitments.recovery.map(|digest| digest.hex())),
        ];
        for (line, value) in &lines {
            if let Some(value) = value {
                for part in [line, ": ", value, "\n"] {
                    out.push_str(part);
                }
            }
        }
        let sections = keys
            .iter()
            .map(|(title, text)| (*title, text.as_str()))
            .chain([(CHAIN, chain.as_str())]);
        for (title, text) in sections.chain((!root.is_empty()).then_some((ROOT, root))) {
            for part in ["\n[", title, "]\n", text] {
                out.push_str(part);
            }
        }
        Ok(out)
    }

    /// The signing key as PKCS#8 in PEM, wiped when dropped: for other programs, in clear.
    pub fn signing_key_text(&self) -> Result<Zeroizing<String>, PemError> {
        private_key_text(match &self.keys {
            SignerKeys::Creator(key) => PrivateKeyRef::Creator(key),
            SignerKeys::Ecdsa { claims, .. } => PrivateKeyRef::Ecdsa(claims),
        })
    }

    /// The keys, for requests to a CA.
    #[must_use]
    pub const fn keys(&self) -> &SignerKeys {
        &self.keys
    }

    /// Whether the root was made by the holder, so that trusting it trusts nobody else.
    #[must_use]
    pub const fn is_self_made(&self) -> bool {
        self.root_key.is_some()
    }
}

fn key(sections: &Sections<'_>, title: &'static str) -> Result<Option<PrivateKey>, BundleError> {
    sections
        .section(title)
        .map(private_key)
        .transpose()
        .map_err(|why| BundleError::Pem { title, why })
}

fn creator(sections: &Sections<'_>, title: &'static str) -> Result<Option<CreatorKey>, BundleError> {
    match key(sections, title)? {
        None => Ok(None),
        Some(PrivateKey::Creator(key)) => Ok(Some(key)),
        Some(PrivateKey::Ecdsa(_)) => Err(BundleError::WrongKind { title }),
    }
}

fn hash(sections: &Sections<'_>, line: &'static str) -> Result<Option<Digest>, BundleError> {
    sections
        .value(line)
        .map(|text| Digest::parse_hex(text).ok_or(BundleError::Hash { line }))
        .transpose()
}

fn list(sections: &Sections<'_>, title: &'static str) -> Result<Option<Vec<Vec<u8>>>, BundleError> {
    sections
        .section(title)
        .map(certificates)
        .transpose()
        .map_err(|why| BundleError::Pem { title, why })
}

const FIRST: &str = "byline secret key v1";
const SIGNING: &str = "signing key";
const LEDGER: &str = "ledger key";
const ROOT_KEY: &str = "root key";
const CHAIN: &str = "chain";
const ROOT: &str = "root";
const IDENTITY: &str = "identity";
const NEXT: &str = "next";
const RECOVERY: &str = "recovery";

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::keys::EcdsaKey;
    use crate::keys::x509::tests::made;

    pub(crate) fn name() -> LocalName {
        LocalName::parse("alice").unwrap()
    }

    pub(crate) fn identity() -> Identity {
        let (key, made) = made(Some("Alice Doe"));
        let parts = Parts {
            chain: vec![made.leaf],
            commitments: Commitments {
                first: None,
                next: Some(Digest::from_bytes([3; 32])),
                recovery: Some(Digest::from_bytes([4; 32])),
            },
            keys: SignerKeys::Creator(key),
            root: Some(made.root),
            root_key: Some(CreatorKey::from_seed(&[2; 32])),
        };
        Identity::assemble(&name(), parts).unwrap()
    }

    #[test]
    fn secret_text_goes_out_and_comes_back() {
        let identity = identity();
        let text = identity.to_secret_text().unwrap();
        let back = Identity::from_secret_text(&name(), &text).unwrap();
        assert_eq!(back.to_secret_text().unwrap().as_str(), text.as_str());
        assert_eq!(back.sign(b"m"), identity.sign(b"m"));
        assert_eq!(back.chain_der(), identity.chain_der());
        assert_eq!(back.root_pem(), identity.root_pem());
        assert_eq!(back.display_name(), "Alice Doe");
        assert_eq!(back.ledger_key().public(), identity.ledger_key().public());
        assert!(back.is_self_made());
        assert_eq!(back.commitments(), identity.commitments());
        assert_eq!(back.first_key(), identity.ledger_key().public().key_id());
    }

    #[test]
    fn commitments_are_hashes_or_refused() {
        let text = identity().to_secret_text().unwrap();
        let first = Digest::from_bytes([5; 32]).hex();
        let later = text.replacen("next: ", &format!("identity: {first}\nnext: "), 1);
        let later = Identity::from_secret_text(&name(), &later).unwrap();
        assert_eq!(later.first_key().hex(), first);
        let none = text.replace(&format!("recovery: {}\n", Digest::from_bytes([4; 32]).hex()), "");
        let none = Identity::from_secret_text(&name(), &none).unwrap();
        assert_eq!(none.commitments().recovery, None);
        assert_eq!(
            Identity::from_secret_text(&name(), &text.replace("next: 03", "next: 3")).err(),
            Some(BundleError::Hash { line: "next" })
        );
    }

    #[test]
    fn certificate_of_another_key_is_refused() {
        let text = identity().to_secret_text().unwrap();
        let other = private_key_text(PrivateKeyRef::Creator(&CreatorKey::from_seed(&[9; 32]))).unwrap();
        let own = private_key_text(PrivateKeyRef::Creator(&CreatorKey::from_seed(&[1; 32]))).unwrap();
        let swapped = text.replace(own.as_str(), other.as_str());
        assert_ne!(swapped, text.as_str());
        assert_eq!(
            Identity::from_secret_text(&name(), &swapped).err(),
            Some(BundleError::KeyMismatch)
        );
    }

    #[test]
    fn ecdsa_key_needs_its_companion() {
        let text = identity().to_secret_text().unwrap();
        let own = private_key_text(PrivateKeyRef::Creator(&CreatorKey::from_seed(&[1; 32]))).unwrap();
        let ecdsa = EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap());
        let ecdsa = private_key_text(PrivateKeyRef::Ecdsa(&ecdsa)).unwrap();
        let swapped = text.replace(own.as_str(), ecdsa.as_str());
        assert_eq!(
            Identity::from_secret_text(&name(), &swapped).err(),
            Some(BundleError::Missing { title: "ledger key" })
        );
    }

    #[test]
    fn debug_of_an_identity_shows_no_secret() {
        let shown = format!("{:?}", identity());
        assert!(
            shown.contains("alice") && !shown.contains("PRIVATE") && !shown.contains("[1, 1"),
            "{shown}"
        );
        assert!(shown.len() < 200, "{shown}");
    }
}
