//! Keys and certificates as text: PKCS#8, SEC 1, SPKI and X.509 in PEM (RFC 7468). Bytes only, no files.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::pkcs8::der::pem::LineEnding;
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, SecretDocument};
use thiserror::Error;
use zeroize::Zeroizing;

use super::ed25519::{CreatorKey, PublicKey};
use super::identity::EcdsaKey;

/// Why text gave no key or certificate.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemError {
    /// The private key is itself encrypted; byline keeps its own container.
    #[error("the private key is encrypted with a passphrase of its own")]
    Encrypted,
    /// A block between BEGIN and END is no base64 or lacks its END line.
    #[error("the {label} block is damaged")]
    Malformed {
        /// What stands after BEGIN, or what was wanted.
        label: &'static str,
    },
    /// Nothing of the wanted kind is in the text.
    #[error("no {wanted} block in this text")]
    Missing {
        /// The label looked for.
        wanted: &'static str,
    },
    /// Two keys in one text: which one is meant is not guessed.
    #[error("more than one key in this text")]
    SecondKey,
    /// More blocks than a key file, chain or trust file can sensibly have.
    #[error("more than {limit} blocks in this text")]
    TooMany {
        /// Most blocks read.
        limit: usize,
    },
    /// A private key of another algorithm or curve.
    #[error("the private key is not Ed25519, ECDSA P-256 or ECDSA P-384")]
    UnsupportedKey,
}

/// A private key read from PEM.
#[derive(Debug)]
pub enum PrivateKey {
    /// Ed25519.
    Creator(CreatorKey),
    /// ECDSA on P-256 or P-384.
    Ecdsa(EcdsaKey),
}

/// Reads the one private key of a text: PKCS#8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
pub fn private_key(text: &str) -> Result<PrivateKey, PemError> {
    let mut found = Vec::new();
    for block in blocks(text)? {
        match block.label {
            "ENCRYPTED PRIVATE KEY" => return Err(PemError::Encrypted),
            "EC PRIVATE KEY" | "PRIVATE KEY" => found.push(block),
            "RSA PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => {
                return Err(PemError::UnsupportedKey);
            }
            _ => {}
        }
    }
    let block = match found.as_slice() {
        [block] => block,
        [] => {
            return Err(PemError::Missing {
                wanted: "PRIVATE KEY",
            });
        }
        _ => return Err(PemError::SecondKey),
    };
    if block.text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(PemError::Encrypted);
    }
    let (label, document) =
        SecretDocument::from_pem(block.text).map_err(|_| PemError::Malformed { label: "PRIVATE KEY" })?;
    if label == "EC PRIVATE KEY" {
        sec1_key(document.as_bytes())
    } else {
        pkcs8_key(document.as_bytes())
    }
}

/// Writes a private key as PKCS#8 in PEM, wiped when dropped. Ed25519 as version 1 (RFC 8410, section 7), which
/// OpenSSL 1.1 and 3.0 read, unlike version 2.
pub fn private_key_text(key: PrivateKeyRef<'_>) -> Result<Zeroizing<String>, PemError> {
    let damaged = |_| PemError::Malformed { label: "PRIVATE KEY" };
    let der: Zeroizing<Vec<u8>> = match key {
        PrivateKeyRef::Creator(key) => key.to_pkcs8_der(),
        PrivateKeyRef::Ecdsa(EcdsaKey::P256(key)) => {
            let document = p256::SecretKey::from(key.as_nonzero_scalar())
                .to_pkcs8_der()
                .map_err(damaged)?;
            Zeroizing::new(document.as_bytes().to_vec())
        }
        PrivateKeyRef::Ecdsa(EcdsaKey::P384(key)) => {
            let document = p384::SecretKey::from(key.as_nonzero_scalar())
                .to_pkcs8_der()
                .map_err(damaged)?;
            Zeroizing::new(document.as_bytes().to_vec())
        }
    };
    let document =
        SecretDocument::try_from(der.as_slice()).map_err(|_| PemError::Malformed { label: "PRIVATE KEY" })?;
    document
        .to_pem("PRIVATE KEY", LineEnding::LF)
        .map_err(|_| PemError::Malformed { label: "PRIVATE KEY" })
}

/// A private key to write.
#[derive(Clone, Copy, Debug)]
pub enum PrivateKeyRef<'a> {
    /// Ed25519.
    Creator(&'a CreatorKey),
    /// ECDSA on P-256 or P-384.
    Ecdsa(&'a EcdsaKey),
}

/// Reads every certificate of a text, in its order, in DER; other blocks are passed over. At least one.
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, PemError> {
    let mut out = Vec::new();
    for block in blocks(text)? {
        if matches!(
            block.label,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
        ) {
            out.push(decode(&block, "CERTIFICATE")?);
        }
    }
    if out.is_empty() {
        Err(PemError::Missing {
            wanted: "CERTIFICATE",
        })
    } else {
        Ok(out)
    }
}

/// Writes one certificate in PEM, lines of 64 characters.
#[must_use]
pub fn certificate_text(der: &[u8]) -> String {
    text("CERTIFICATE", der)
}

/// Reads every `PUBLIC KEY` of a text, each of which must be Ed25519 (SPKI, RFC 8410, section 4). At least one.
pub fn public_keys(text: &str) -> Result<Vec<PublicKey>, PemError> {
    let mut out = Vec::new();
    for block in blocks(text)? {
        if block.label == "PUBLIC KEY" {
            let der = decode(&block, "PUBLIC KEY")?;
            let raw = der
                .strip_prefix(&ED25519_SPKI_HEAD)
                .ok_or(PemError::UnsupportedKey)?;
            out.push(
                PublicKey::from_slice(raw)
                    .filter(PublicKey::is_on_curve)
                    .ok_or(PemError::UnsupportedKey)?,
            );
        }
    }
    if out.is_empty() {
        Err(PemError::Missing { wanted: "PUBLIC KEY" })
    } else {
        Ok(out)
    }
}

/// Reads the one `PUBLIC KEY` of a text.
pub fn public_key(text: &str) -> Result<PublicKey, PemError> {
    match public_keys(text)?.as_slice() {
        [key] => Ok(*key),
        _ => Err(PemError::SecondKey),
    }
}

/// Writes an Ed25519 public key in PEM (SPKI, RFC 8410, section 4).
#[must_use]
pub fn public_key_text(key: &PublicKey) -> String {
    let mut der = ED25519_SPKI_HEAD.to_vec();
    der.extend_from_slice(key.as_bytes());
    text("PUBLIC KEY", &der)
}

/// One block, from its BEGIN line to its END line.
struct Block<'a> {
    label: &'a str,
    text: &'a str,
}

/// The blocks of a text, in order; what stands between them is passed over.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, PemError> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start..];
        let label_end = rest[BEGIN.len()..]
            .find(DASHES)
            .ok_or(PemError::Malformed { label: "PEM" })?;
        let label = &rest[BEGIN.len()..][..label_end];
        let end_line = format!("-----END {label}-----");
        let end = rest.find(&end_line).ok_or(PemError::Malformed { label: "PEM" })?;
        let (block, after) = rest.split_at(end.saturating_add(end_line.len()));
        if out.len() == BLOCKS_MAX {
            return Err(PemError::TooMany { limit: BLOCKS_MAX });
        }
        out.push(Block { label, text: block });
        rest = after;
    }
    Ok(out)
}

/// What a block holds; nothing secret, for which the base64 of `SecretDocument` takes the same time whatever it reads.
fn decode(block: &Block<'_>, label: &'static str) -> Result<Vec<u8>, PemError> {
    let body = block
        .text
        .strip_prefix(BEGIN)
        .and_then(|text| text.strip_prefix(block.label));
    let body = body.and_then(|text| text.strip_prefix(DASHES)?.split(DASHES).next());
    let mut base64 = body.unwrap_or_default().as_bytes().to_vec();
    base64.retain(|byte| !byte.is_ascii_whitespace());
    match STANDARD.decode(base64) {
        Ok(der) if !der.is_empty() => Ok(der),
        _ => Err(PemError::Malformed { label }),
    }
}

fn text(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut out = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        let _ = writeln!(out, "{line}");
        rest = after;
    }
    let _ = writeln!(out, "-----END {label}{DASHES}");
    out
}

fn pkcs8_key(der: &[u8]) -> Result<PrivateKey, PemError> {
    if let Some(key) = CreatorKey::from_pkcs8_der(der) {
        return Ok(PrivateKey::Creator(key));
    }
    if let Ok(key) = p256::SecretKey::from_pkcs8_der(der) {
        return Ok(PrivateKey::Ecdsa(EcdsaKey::P256(key.into())));
    }
    p384::SecretKey::from_pkcs8_der(der)
        .map(|key| PrivateKey::Ecdsa(EcdsaKey::P384(Box::new(key.into()))))
        .map_err(|_| PemError::UnsupportedKey)
}

fn sec1_key(der: &[u8]) -> Result<PrivateKey, PemError> {
    if let Ok(key) = p256::SecretKey::from_sec1_der(der) {
        return Ok(PrivateKey::Ecdsa(EcdsaKey::P256(key.into())));
    }
    p384::SecretKey::from_sec1_der(der)
        .map(|key| PrivateKey::Ecdsa(EcdsaKey::P384(Box::new(key.into()))))
        .map_err(|_| PemError::UnsupportedKey)
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
/// Most blocks in one text: a trust list of 153 anchors is the longest known.
const BLOCKS_MAX: usize = 1_024;
/// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }.
const ED25519_SPKI_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410, section 10.3, and its public key of section 10.1.
    const PUBLISHED_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const PUBLISHED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    fn ecdsa(bits: u16) -> EcdsaKey {
        if bits == 256 {
            EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap())
        } else {
            EcdsaKey::P384(Box::new(p384::ecdsa::SigningKey::from_slice(&[3; 48]).unwrap()))
        }
    }

    #[test]
    fn published_key_is_read_and_written_the_same() {
        let PrivateKey::Creator(key) = private_key(PUBLISHED_KEY).unwrap() else {
            panic!("not Ed25519")
        };
        assert_eq!(public_key_text(&key.public()), PUBLISHED_PUBLIC);
        assert_eq!(public_key(PUBLISHED_PUBLIC), Ok(key.public()));
        assert_eq!(
            private_key_text(PrivateKeyRef::Creator(&key)).unwrap().as_str(),
            PUBLISHED_KEY
        );
    }

    #[test]
    fn ecdsa_keys_go_out_and_come_back() {
        for bits in [256, 384] {
            let key = ecdsa(bits);
            let text = private_key_text(PrivateKeyRef::Ecdsa(&key)).unwrap();
            let PrivateKey::Ecdsa(back) = private_key(&text).unwrap() else {
                panic!("not ECDSA")
            };
            assert_eq!(back.algorithm(), key.algorithm());
            assert_eq!(back.sign(b"m").unwrap(), key.sign(b"m").unwrap());
        }
    }

    #[test]
    fn sec1_key_behind_its_parameters_is_read() {
        let secret = p256::SecretKey::from_slice(&[3; 32]).unwrap();
        let text = format!(
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{}",
            secret.to_sec1_pem(LineEnding::LF).unwrap().as_str()
        );
        assert!(matches!(
            private_key(&text),
            Ok(PrivateKey::Ecdsa(EcdsaKey::P256(_)))
        ));
    }

    #[test]
    fn what_is_no_usable_key_says_which_rule_it_breaks() {
        let wrong = |text: &str| private_key(text).err();
        assert_eq!(
            wrong(""),
            Some(PemError::Missing {
                wanted: "PRIVATE KEY"
            })
        );
        assert_eq!(
            wrong(PUBLISHED_PUBLIC),
            Some(PemError::Missing {
                wanted: "PRIVATE KEY"
            })
        );
        assert_eq!(
            wrong(&format!("{PUBLISHED_KEY}{PUBLISHED_KEY}")),
            Some(PemError::SecondKey)
        );
        assert_eq!(
            wrong(&PUBLISHED_KEY.replace("PRIVATE", "RSA PRIVATE")),
            Some(PemError::UnsupportedKey)
        );
        assert_eq!(
            wrong(&PUBLISHED_KEY.replace("PRIVATE", "ENCRYPTED PRIVATE")),
            Some(PemError::Encrypted)
        );
        assert_eq!(
            wrong(&PUBLISHED_KEY.replace("MC4C", "MC*C")),
            Some(PemError::Malformed { label: "PRIVATE KEY" })
        );
        assert_eq!(
            wrong(&PUBLISHED_KEY.replace("K2Vw", "K2Vu")),
            Some(PemError::UnsupportedKey)
        );
        assert_eq!(
            wrong(&PUBLISHED_KEY[..60]),
            Some(PemError::Malformed { label: "PEM" })
        );
    }

    #[test]
    fn debug_of_keys_shows_no_secret() {
        let shown = format!("{:?} {:?}", ecdsa(256), PrivateKey::Ecdsa(ecdsa(384)));
        assert_eq!(shown, "EcdsaKey(es256) Ecdsa(EcdsaKey(es384))");
    }
}
