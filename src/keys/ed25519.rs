//! Ed25519 keys of creators (RFC 8032). DOOR to `ed25519_dalek`.

use std::fmt;

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::base::Digest;
use crate::base::digest::hex;

/// Length of an Ed25519 signature, bytes (RFC 8032, 5.1.6).
pub const SIGNATURE_LEN: usize = 64;

/// An Ed25519 secret key. It cannot be copied or serialised, shows only its [`KeyId`], and is wiped when dropped.
pub struct CreatorKey(SigningKey);

impl CreatorKey {
    /// Takes the 32 secret bytes of RFC 8032, 5.1.5, which must come from a secure random source.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a PKCS#8 private key in DER (RFC 8410, section 7); `None` unless it is a consistent Ed25519 key.
    #[must_use]
    pub fn from_pkcs8_der(der: &[u8]) -> Option<Self> {
        SigningKey::from_pkcs8_der(der).ok().map(Self)
    }

    /// The PKCS#8 private key in DER, version 1 (RFC 8410, section 7), wiped when dropped.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        // Sized at once: growing would leave a copy of the secret behind.
        let mut der = Zeroizing::new(Vec::with_capacity(PKCS8_HEAD.len() + 32));
        der.extend_from_slice(&PKCS8_HEAD);
        der.extend_from_slice(self.0.as_bytes());
        der
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message, deterministically (RFC 8032, 5.1.6).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for CreatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreatorKey({})", self.public().key_id().short())
    }
}

/// An Ed25519 public key: 32 bytes in the one canonical encoding, not of small order.
///
/// Whether the bytes are a point of the curve shows when a signature is verified; [`PublicKey::is_on_curve`] asks at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Takes the 32 bytes of RFC 8032, 5.1.2; `None` for a coordinate beyond the field and for points of small order,
    /// under which one signature fits many messages. Costs no curve arithmetic.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        (is_canonical(&bytes) && !is_small_order(&bytes)).then_some(Self(bytes))
    }

    /// [`PublicKey::from_bytes`] for a slice; `None` also unless it has exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Self::from_bytes(bytes.try_into().ok()?)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the bytes are a point of the curve at all; half of all byte strings are not. Costs about 4 us.
    #[must_use]
    pub fn is_on_curve(&self) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok()
    }

    /// The thumbprint of this key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        // The deterministic CBOR map {1: 1 (OKP), -1: 6 (Ed25519), -2: x} of RFC 9679, section 4.
        let mut preimage = [0u8; COSE_KEY_HEAD.len() + 32];
        preimage[..COSE_KEY_HEAD.len()].copy_from_slice(&COSE_KEY_HEAD);
        preimage[COSE_KEY_HEAD.len()..].copy_from_slice(&self.0);
        KeyId(*Digest::of(&preimage).as_bytes())
    }

    /// Whether `signature` is this key's over `message`, by the strict rule: canonical scalar, canonical commitment,
    /// neither key nor commitment of small order, no cofactor. About 35 us.
    #[must_use]
    pub fn verify_strict(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(message, &Signature::from_bytes(signature))
                .is_ok()
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex(&self.0))
    }
}

/// The thumbprint of a creator's Ed25519 key: SHA-256 over its COSE key (RFC 9679), 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// Takes 32 bytes that are already a thumbprint.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads exactly 64 lower-case hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        Digest::parse_hex(text).map(|digest| Self(*digest.as_bytes()))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The first 16 hexadecimal digits, for people; never compare keys by them.
    #[must_use]
    pub fn short(&self) -> String {
        hex(&self.0[..8])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.short())
    }
}

/// SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 bytes } }.
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

const COSE_KEY_HEAD: [u8; 8] = [0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];

/// Whether the encoded y coordinate is below p = 2^255 - 19, so that no second encoding of the point passes.
pub(super) fn is_canonical(encoded: &[u8; 32]) -> bool {
    let high = encoded[31] & 0x7f;
    !(high == 0x7f && encoded[1..31].iter().all(|&byte| byte == 0xff) && encoded[0] >= 0xed)
}

/// Whether a canonical encoding is one of the eight points of small order, whose y is 0, 1, -1 or one of two others.
pub(super) fn is_small_order(encoded: &[u8; 32]) -> bool {
    let mut y = *encoded;
    y[31] &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}

/// The y coordinates, little endian, of the points of order 1, 2, 4 and 8; a test derives them again.
const SMALL_ORDER_Y: [[u8; 32]; 5] = {
    let mut table = [[0u8; 32]; 5];
    table[1][0] = 1;
    table[2] = [0xff; 32];
    table[2][0] = 0xec;
    table[2][31] = 0x7f;
    table[3] = ORDER_8_Y;
    // The other one is p minus it: no borrow beyond the lowest byte, because that one is at most 0xed.
    let mut i = 0;
    while i < 32 {
        table[4][i] = 0xff - ORDER_8_Y[i];
        i += 1;
    }
    table[4][0] = 0xed - ORDER_8_Y[0];
    table[4][31] = 0x7f - ORDER_8_Y[31];
    table
};

const ORDER_8_Y: [u8; 32] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
    0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;

    use super::*;

    /// RFC 8032, 7.1, TEST 2.
    #[test]
    fn signature_is_the_published_one() {
        let seed =
            Digest::parse_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = CreatorKey::from_seed(seed.as_bytes());
        assert_eq!(
            hex(key.public().as_bytes()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = key.sign(&[0x72]);
        assert_eq!(
            hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(key.public().verify_strict(&[0x72], &signature));
        assert!(!key.public().verify_strict(&[0x73], &signature));
    }

    #[test]
    fn eight_points_of_small_order_are_refused_as_keys() {
        for point in EIGHT_TORSION {
            let encoded = point.compress().to_bytes();
            assert!(is_small_order(&encoded), "{}", hex(&encoded));
            assert_eq!(PublicKey::from_bytes(encoded), None);
        }
        let table: std::collections::HashSet<_> = EIGHT_TORSION
            .iter()
            .map(|point| {
                let mut y = point.compress().to_bytes();
                y[31] &= 0x7f;
                y
            })
            .collect();
        assert_eq!(table, SMALL_ORDER_Y.into_iter().collect());
    }

    #[test]
    fn coordinates_beyond_the_field_are_refused_as_keys() {
        for low in 0xed..=0xff {
            let mut bytes = [0xff; 32];
            bytes[0] = low;
            assert_eq!(PublicKey::from_bytes(bytes), None);
            bytes[31] = 0x7f;
            assert_eq!(PublicKey::from_bytes(bytes), None);
        }
        let mut largest_but_one = [0xff; 32];
        largest_but_one[0] = 0xeb;
        largest_but_one[31] = 0x7f;
        assert!(PublicKey::from_bytes(largest_but_one).is_some());
    }

    #[test]
    fn bytes_that_are_no_point_verify_nothing() {
        let mut bytes = [0u8; 32];
        bytes[0] = 2;
        let key = PublicKey::from_bytes(bytes).unwrap();
        assert!(!key.is_on_curve());
        assert!(!key.verify_strict(b"", &[0; 64]));
    }

    #[test]
    fn pkcs8_goes_out_and_comes_back() {
        let key = CreatorKey::from_seed(&[7; 32]);
        let der = key.to_pkcs8_der();
        assert_eq!(CreatorKey::from_pkcs8_der(&der).unwrap().public(), key.public());
        assert!(CreatorKey::from_pkcs8_der(&der[1..]).is_none());
    }

    #[test]
    fn debug_shows_the_key_id_and_no_secret() {
        let key = CreatorKey::from_seed(&[0xab; 32]);
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("CreatorKey({})", key.public().key_id().short()));
        assert!(!shown.contains("abab"));
    }

    #[test]
    fn key_id_is_the_thumbprint_of_rfc_9679() {
        let key = CreatorKey::from_seed(&[7; 32]).public();
        let mut cbor = vec![0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];
        cbor.extend_from_slice(key.as_bytes());
        assert_eq!(key.key_id().hex(), Digest::of(&cbor).hex());
        assert_eq!(KeyId::parse_hex(&key.key_id().hex()), Some(key.key_id()));
    }
}
