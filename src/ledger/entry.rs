//! Entries: one value, one string of bytes, one creator's signature.
//!
//! ```text
//! 18([                                     ; COSE_Sign1, tagged (RFC 9052, 4.2)
//!   << { 1: -8,                            ; alg: EdDSA
//!        3: "application/vnd.byline.entry+cbor",
//!        4: h'(32)',                       ; kid: RFC 9679 SHA-256 thumbprint of the signer's key
//!        15: { 1: "(64 hex digits)",       ; CWT claims (RFC 9597): iss, the kid again as text
//!              2: "urn:uuid:...",          ;   sub: the asset; key.incept repeats iss
//!              6: (seconds) } } >>,        ;   iat: seconds since 1970, by the signer's clock
//!   {},                                    ; unprotected: nothing
//!   << { 0: kind, ... } >>,                ; the body, see `schemas/entry.cddl`
//!   h'(64)' ])                             ; Ed25519 over the Sig_structure, no external data
//! ```
//!
//! All of it is deterministic CBOR (RFC 8949, 4.2.1), so `decode(encode(x)) = x` and `encode(decode(b)) = b`. The bytes
//! are the leaf of the tree; their leaf hash is the entry's id. A true example, a key.incept with a next key:
//!
//! ```text
//! d28458d8a401270378216170706c69636174696f6e2f766e642e62796c696e652e656e7472792b63626f72045820dd2fb4e1
//! 8b5e1ce30c4633aaa5f681da79c3b32998cc5aa21b1149c37231a6ac0fa30178406464326662346531386235653163653330
//! 6334363333616161356636383164613739633362333239393863633561613231623131343963333732333161366163027840
//! 6464326662346531386235653163653330633436333361616135663638316461373963336233323939386363356161323162
//! 3131343963333732333161366163061a6a18a500a05849a300010158208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d
//! 94121bf3748801b40f6f5c025820c6c1c9a9c8543f1e4cd980064cf1625eeb61a90703b2464fff039f21682508b3584050ad
//! 78d066eef8e5d39f826506195f7338c4d8ac9b223e0a0519afb066f40704c23d00890ae1616ea7e83d568e8ee0643e8aaccb
//! 695b646ae8c76ddd14412a0c
//! ```

use super::body::{BodyError, EntryBody, v4};
use super::cbor::{CborError, Reader, Writer};
use super::hash::LeafHash;
use crate::base::Timestamp;
use crate::base::digest::hex;
use crate::base::limits::ENTRY_BYTES_MAX;
use crate::keys::{CreatorKey, KeyId, PublicKey};

/// The content type that every entry names, so that no other signature of a creator's key can pass for an entry.
pub const CONTENT_TYPE: &str = "application/vnd.byline.entry+cbor";

/// Why bytes are no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The payload is refused.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Not the encoding.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The protected header or the claims are not the ones an entry has.
    #[error("the protected header breaks the rule: {why}")]
    Header {
        /// Which rule.
        why: &'static str,
    },
    /// Not a tagged COSE_Sign1 with an empty unprotected header.
    #[error("not a tagged COSE_Sign1 with an empty unprotected header")]
    NotCoseSign1,
    /// More bytes than an entry may have.
    #[error("the entry has {found} bytes; at most {limit_bytes} are allowed")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
    /// Bytes after the end.
    #[error("{found} bytes follow the entry")]
    Trailing {
        /// How many.
        found: usize,
    },
    /// The key of a key.incept is not the key that signed it.
    #[error("a key.incept names another key than its signer")]
    WrongKey,
}

/// One entry, decoded or just signed. Its signature is not yet verified: see [`Entry::verify_strict`] and the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    bytes: Vec<u8>,
    body: EntryBody,
    signer: KeyId,
    time: Timestamp,
    signature: [u8; 64],
    message: Vec<u8>,
}

impl Entry {
    /// Signs a body. Lists are brought into their order, the time is cut to whole seconds.
    ///
    /// # Errors
    /// When a list is too long or repeats itself, or a key.incept names another key.
    pub fn sign(mut body: EntryBody, key: &CreatorKey, now: Timestamp) -> Result<Self, EntryError> {
        body.settle()?;
        let signer = key.public().key_id();
        if let EntryBody::KeyIncept(incept) = &body
            && incept.key != key.public()
        {
            return Err(EntryError::WrongKey);
        }
        let time = Timestamp::from_unix_s(now.unix_s().clamp(0, SECONDS_MAX));
        let (protected, payload) = (protected(&body, signer, time), body.write());
        let message = sig_structure(&protected, &payload);
        let signature = key.sign(&message);
        let mut out = Writer::with_capacity(protected.len() + payload.len() + 80);
        out.tag(TAG_COSE_SIGN1)
            .array(4)
            .bytes(&protected)
            .map(0)
            .bytes(&payload)
            .bytes(&signature);
        let bytes = out.finish();
        limit(bytes.len())?;
        Ok(Self {
            bytes,
            body,
            signer,
            time,
            signature,
            message,
        })
    }

    /// Reads an entry; refuses every second encoding of a value. Does not verify the signature.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        limit(bytes.len())?;
        let mut read = Reader::new(bytes);
        if read.tag()? != TAG_COSE_SIGN1 || read.array()? != 4 {
            return Err(EntryError::NotCoseSign1);
        }
        let protected = read.bytes()?;
        if read.map()? != 0 {
            return Err(EntryError::NotCoseSign1);
        }
        let payload = read.bytes()?;
        let signature = read.array_of::<64>()?;
        if !read.is_done() {
            return Err(EntryError::Trailing {
                found: bytes.len().saturating_sub(read.at()),
            });
        }
        let head = Head::read(protected)?;
        let body = EntryBody::read(payload, head.asset_id)?;
        if let EntryBody::KeyIncept(incept) = &body
            && incept.key.key_id() != head.signer
        {
            return Err(EntryError::WrongKey);
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            body,
            signer: head.signer,
            time: head.time,
            signature,
            message: sig_structure(protected, payload),
        })
    }

    /// The entry's bytes: the leaf of the tree.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The leaf hash of the bytes.
    #[must_use]
    pub fn id(&self) -> LeafHash {
        LeafHash::of(&self.bytes)
    }

    /// What it says.
    #[must_use]
    pub const fn body(&self) -> &EntryBody {
        &self.body
    }

    /// Whose signature it claims to carry. The key itself is in that signer's key.incept.
    #[must_use]
    pub const fn signer(&self) -> KeyId {
        self.signer
    }

    /// When it was signed, whole seconds, by the signer's clock.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The bytes that are signed: the COSE Sig_structure (RFC 9052, 4.4).
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Whether `key` is the signer and its signature matches, by the strict rule.
    #[must_use]
    pub fn verify_strict(&self, key: &PublicKey) -> bool {
        key.key_id() == self.signer && key.verify_strict(&self.message, &self.signature)
    }
}

/// What the protected header says.
struct Head {
    signer: KeyId,
    asset_id: Option<[u8; 16]>,
    time: Timestamp,
}

impl Head {
    fn read(protected: &[u8]) -> Result<Self, EntryError> {
        let wrong = |why| EntryError::Header { why };
        let mut read = Reader::new(protected);
        if read.map()? != 4 {
            return Err(wrong("wanted exactly alg, content type, kid and CWT claims"));
        }
        if read.uint()? != HEADER_ALG || read.int()? != ALG_EDDSA {
            return Err(wrong("wanted alg -8"));
        }
        if read.uint()? != HEADER_CONTENT_TYPE || read.text()? != CONTENT_TYPE {
            return Err(wrong("wanted the content type of entries"));
        }
        if read.uint()? != HEADER_KID {
            return Err(wrong("wanted kid"));
        }
        let signer = KeyId::from_bytes(read.array_of::<32>()?);
        if read.uint()? != HEADER_CWT_CLAIMS || read.map()? != 3 {
            return Err(wrong("wanted CWT claims iss, sub and iat"));
        }
        if read.uint()? != CLAIM_ISS || !is_hex_of(read.text()?, signer.as_bytes()) {
            return Err(wrong("iss is not the kid"));
        }
        if read.uint()? != CLAIM_SUB {
            return Err(wrong("wanted sub"));
        }
        let subject = read.text()?;
        let asset_id = match subject.strip_prefix(URN_UUID) {
            Some(text) => Some(parse_uuid(text).ok_or(wrong("sub is no UUIDv4 in lower case"))?),
            None if is_hex_of(subject, signer.as_bytes()) => None,
            None => return Err(wrong("sub is neither an asset nor the signer")),
        };
        if read.uint()? != CLAIM_IAT {
            return Err(wrong("wanted iat"));
        }
        let seconds = read.int()?;
        if !(0..=SECONDS_MAX).contains(&seconds) {
            return Err(wrong("iat is before 1970 or after 9999"));
        }
        if !read.is_done() {
            return Err(wrong("bytes follow the claims"));
        }
        Ok(Self {
            signer,
            asset_id,
            time: Timestamp::from_unix_s(seconds),
        })
    }
}

fn protected(body: &EntryBody, signer: KeyId, time: Timestamp) -> Vec<u8> {
    let issuer = hex(signer.as_bytes());
    let subject = match body {
        EntryBody::AssetRegister(registration) => {
            format!(
                "{URN_UUID}{}",
                uuid::Uuid::from_bytes(registration.asset_id).hyphenated()
            )
        }
        EntryBody::KeyIncept(_) => issuer.clone(),
    };
    let mut out = Writer::with_capacity(240);
    out.map(4).uint(HEADER_ALG).int(ALG_EDDSA);
    out.uint(HEADER_CONTENT_TYPE).text(CONTENT_TYPE);
    out.uint(HEADER_KID).bytes(signer.as_bytes());
    out.uint(HEADER_CWT_CLAIMS).map(3);
    out.uint(CLAIM_ISS).text(&issuer);
    out.uint(CLAIM_SUB).text(&subject);
    out.uint(CLAIM_IAT).int(time.unix_s());
    out.finish()
}

fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(protected.len().saturating_add(payload.len()).saturating_add(24));
    out.array(4)
        .text("Signature1")
        .bytes(protected)
        .bytes(&[])
        .bytes(payload);
    out.finish()
}

fn limit(found: usize) -> Result<(), EntryError> {
    if found > ENTRY_BYTES_MAX {
        return Err(EntryError::TooLong {
            found,
            limit_bytes: ENTRY_BYTES_MAX,
        });
    }
    Ok(())
}

fn is_hex_of(text: &str, bytes: &[u8; 32]) -> bool {
    crate::base::Digest::parse_hex(text).is_some_and(|digest| digest.as_bytes() == bytes)
}

/// Reads `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx` in lower case; `None` for anything else.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let uuid = uuid::Uuid::try_parse_ascii(text.as_bytes()).ok()?;
    let bytes = uuid.into_bytes();
    let mut buffer = [0u8; 36];
    let again = uuid.hyphenated().encode_lower(&mut buffer);
    (again == text && v4(bytes) == bytes).then_some(bytes)
}

const TAG_COSE_SIGN1: u64 = 18;
const HEADER_ALG: u64 = 1;
const HEADER_CONTENT_TYPE: u64 = 3;
const HEADER_KID: u64 = 4;
const HEADER_CWT_CLAIMS: u64 = 15;
const ALG_EDDSA: i64 = -8;
const CLAIM_ISS: u64 = 1;
const CLAIM_SUB: u64 = 2;
const CLAIM_IAT: u64 = 6;
const URN_UUID: &str = "urn:uuid:";
/// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
const SECONDS_MAX: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::body::{DigestForm, KeyIncept, Registration, Rights};
    use super::*;
    use crate::base::fingerprint::Algorithm;
    use crate::base::statement::{Family, Mining, Role};
    use crate::base::{Digest, Fingerprint, SourceType};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_123);

    fn key() -> CreatorKey {
        CreatorKey::from_seed(&[1; 32])
    }

    fn incept() -> Entry {
        let body = KeyIncept {
            key: key().public(),
            next: Some(Digest::of(b"next")),
        };
        Entry::sign(EntryBody::KeyIncept(body), &key(), NOW).unwrap()
    }

    fn registration() -> Registration {
        Registration {
            asset_id: [7; 16],
            digests: DigestForm::Plain,
            file: Digest::of(b"file"),
            content: Digest::of(b"content"),
            pixel: Some((1, Digest::of(b"pixel"))),
            manifest: Digest::of(b"manifest"),
            fingerprints: vec![Fingerprint {
                algorithm: Algorithm::PdqFull,
                bits: [0x5a; 32],
                quality: 93,
            }],
            source: SourceType::ALL[0],
            family: Some(Family::Diffusion),
            role: Role::Producer,
            mining: Some(Mining::None),
            rights: vec![Rights::AllReserved],
            parents: vec![Digest::of(b"parent")],
        }
    }

    fn signed(body: Registration) -> Entry {
        Entry::sign(EntryBody::AssetRegister(body), &key(), NOW).unwrap()
    }

    fn any_digest() -> impl Strategy<Value = Digest> {
        any::<[u8; 32]>().prop_map(Digest::from_bytes)
    }

    fn any_print() -> impl Strategy<Value = Fingerprint> {
        let algorithm = proptest::sample::select(Algorithm::ALL.to_vec());
        (algorithm, any::<[u8; 32]>(), 0..=100u8).prop_map(|(algorithm, bits, quality)| Fingerprint {
            algorithm,
            bits,
            quality,
        })
    }

    prop_compose! {
        fn any_registration()(
            asset_id in any::<[u8; 16]>(),
            digests in proptest::collection::vec(any_digest(), 3),
            pixel in proptest::option::of((1..=255u8, any_digest())),
            prints in proptest::collection::vec(any_print(), 0..5),
            source in proptest::sample::select(SourceType::ALL.to_vec()),
            family in proptest::option::of(proptest::sample::select(Family::ALL.map(|row| row.0).to_vec())),
            role in 1..=4u8,
            mining in proptest::option::of(1..=4u8),
            rights in proptest::sample::subsequence(Rights::ALL.map(|row| row.0).to_vec(), 0..=10).prop_shuffle(),
            parents in proptest::collection::hash_set(any_digest(), 0..8),
            keyed in any::<bool>(),
        ) -> Registration {
            let mut fingerprints: Vec<Fingerprint> = Vec::new();
            for print in prints {
                if !keyed && fingerprints.iter().all(|known| known.algorithm != print.algorithm) {
                    fingerprints.push(print);
                }
            }
            Registration {
                asset_id,
                digests: if keyed { DigestForm::Keyed } else { DigestForm::Plain },
                file: digests[0],
                content: digests[1],
                pixel,
                manifest: digests[2],
                fingerprints,
                source,
                family,
                role: Role::from_code(role).unwrap(),
                mining: mining.and_then(Mining::from_code),
                rights,
                parents: parents.into_iter().collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn every_entry_decodes_to_itself(body in any_registration(), seconds in 0..SECONDS_MAX) {
            let now = Timestamp::from_unix_s(seconds);
            let entry = Entry::sign(EntryBody::AssetRegister(body), &key(), now).unwrap();
            prop_assert_eq!(Entry::decode(entry.bytes()), Ok(entry.clone()));
            prop_assert!(entry.verify_strict(&key().public()));
            prop_assert_eq!(entry.time(), now);
        }

        /// encode(decode(b)) = b: whatever still decodes after a change encodes to exactly those bytes.
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(
            body in any_registration(),
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut bytes = signed(body).bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(entry) = Entry::decode(&bytes) {
                let protected = protected(entry.body(), entry.signer(), entry.time());
                let mut out = Writer::default();
                out.tag(TAG_COSE_SIGN1).array(4).bytes(&protected).map(0);
                out.bytes(&entry.body().write()).bytes(entry.signature());
                prop_assert_eq!(out.finish(), bytes);
            }
        }

        #[test]
        fn random_bytes_are_no_entry(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(Entry::decode(&bytes).is_err());
        }
    }

    #[test]
    fn the_example_in_the_documentation_is_a_true_entry() {
        let drawn: String = include_str!("entry.rs")
            .lines()
            .skip_while(|line| !line.contains("A true example"))
            .filter_map(|line| line.strip_prefix("//! "))
            .filter(|line| line.len() > 1 && line.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .collect();
        let entry = incept();
        assert_eq!(drawn, hex(entry.bytes()));
        assert_eq!(Entry::decode(entry.bytes()), Ok(entry));
    }

    #[test]
    fn every_changed_byte_is_refused_or_breaks_the_signature() {
        let entry = signed(registration());
        for at in 0..entry.bytes().len() {
            for flip in [1, 0x20, 0x80, 0xff] {
                let mut bytes = entry.bytes().to_vec();
                bytes[at] ^= flip;
                let is_good = Entry::decode(&bytes).is_ok_and(|entry| entry.verify_strict(&key().public()));
                assert!(!is_good, "byte {at} ^ {flip}");
            }
        }
    }

    #[test]
    fn every_truncation_and_every_added_byte_is_refused() {
        let entry = signed(registration());
        for len in 0..entry.bytes().len() {
            assert!(Entry::decode(&entry.bytes()[..len]).is_err());
        }
        let longer = [entry.bytes(), &[0]].concat();
        assert_eq!(Entry::decode(&longer), Err(EntryError::Trailing { found: 1 }));
    }

    /// Puts a payload of our own making under a true header and signature.
    fn with_payload(payload: &[u8]) -> Vec<u8> {
        let entry = signed(registration());
        let protected = protected(entry.body(), entry.signer(), entry.time());
        let mut out = Writer::default();
        out.tag(TAG_COSE_SIGN1)
            .array(4)
            .bytes(&protected)
            .map(0)
            .bytes(payload);
        out.bytes(&key().sign(&sig_structure(&protected, payload)));
        out.finish()
    }

    #[test]
    fn signed_payloads_that_break_the_schema_are_refused() {
        let body = |edit: &dyn Fn(&mut Registration)| {
            let mut body = registration();
            edit(&mut body);
            body
        };
        let write = |body: Registration| EntryBody::AssetRegister(body).write();
        let refused = |payload: &[u8]| match Entry::decode(&with_payload(payload)) {
            Err(EntryError::Body(error)) => error,
            other => panic!("{other:?}"),
        };
        assert!(Entry::decode(&with_payload(&write(registration()))).is_ok());
        let list = |field| BodyError::List { field };
        let twice = Digest::of(b"twice");
        assert_eq!(
            refused(&write(body(&|body| body.parents = vec![twice; 2]))),
            list("parents")
        );
        assert_eq!(
            refused(&write(body(&|body| body.rights.push(Rights::AllReserved)))),
            list("rights")
        );
        assert_eq!(
            refused(&write(body(&|body| body
                .fingerprints
                .extend(body.fingerprints.clone())))),
            list("fingerprints")
        );
        assert_eq!(
            refused(&write(body(&|body| body.digests = DigestForm::Keyed))),
            BodyError::Revealing
        );
        // Field 0 given twice; an unknown kind; an unknown field at the end; a kind of the wrong header.
        assert_eq!(refused(&[0xa2, 0, 16, 0, 16]), BodyError::Field { found: 0 });
        assert_eq!(refused(&[0xa1, 0, 18, 0x18]), BodyError::Kind { found: 18 });
        assert_eq!(refused(&[0xa1, 0, 1]), BodyError::Kind { found: 1 });
        let mut unknown = write(registration());
        unknown[0] += 1;
        unknown.extend_from_slice(&[0x18, 99, 0]);
        assert_eq!(refused(&unknown), BodyError::Field { found: 99 });
    }

    #[test]
    fn other_headers_are_refused() {
        let entry = signed(registration());
        let header = protected(entry.body(), entry.signer(), entry.time());
        let decode = |header: &[u8], unprotected: &[u8]| {
            let mut out = Writer::default();
            out.tag(TAG_COSE_SIGN1).array(4).bytes(header);
            let mut bytes = out.finish();
            bytes.extend_from_slice(unprotected);
            let mut rest = Writer::default();
            rest.bytes(&entry.body().write()).bytes(entry.signature());
            bytes.extend_from_slice(&rest.finish());
            Entry::decode(&bytes)
        };
        assert!(decode(&header, &[0xa0]).is_ok());
        assert_eq!(decode(&header, &[0xa1, 4, 0]), Err(EntryError::NotCoseSign1));
        // A critical header (2) that no reader here knows, and alg ES256 (-7).
        let critical = [&[0xa5, 1, 0x27, 2, 0x81, 9], &header[3..]].concat();
        assert!(matches!(
            decode(&critical, &[0xa0]),
            Err(EntryError::Header { .. })
        ));
        let es256 = [&[0xa4, 1, 0x26], &header[3..]].concat();
        assert!(matches!(decode(&es256, &[0xa0]), Err(EntryError::Header { .. })));
    }

    #[test]
    fn a_key_incept_for_another_key_is_refused() {
        let body = KeyIncept {
            key: CreatorKey::from_seed(&[2; 32]).public(),
            next: None,
        };
        assert_eq!(
            Entry::sign(EntryBody::KeyIncept(body), &key(), NOW),
            Err(EntryError::WrongKey)
        );
    }

    #[test]
    fn a_registration_stays_near_the_size_it_is_planned_for() {
        assert!(
            signed(registration()).bytes().len() < 620,
            "{}",
            signed(registration()).bytes().len()
        );
    }
}
