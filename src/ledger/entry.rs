//! Entries: one value, one string of bytes, one creator's signature.
//!
//! ```text
//! 18([                                     ; COSE_Sign1, tagged (RFC 9052, 4.2)
//!   << { 1: -8,                            ; alg: EdDSA
//!        3: "application/vnd.byline.entry+cbor",
//!        4: h'(32)',                       ; kid: RFC 9679 SHA-256 thumbprint of the signer's key
//!        15: { 1: "(64 hex digits)",       ; CWT claims (RFC 9597): iss, the kid again as text
//!              2: "urn:uuid:...",          ;   sub: the asset; or the identity's or the log's thumbprint, as iss
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

use super::body::{BodyError, EntryBody, Named, SECONDS_MAX, Subject, v4};
use super::cbor::{CborError, Reader, Writer};
use super::hash::LeafHash;
use super::note::LogKey;
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
    /// The key that an entry carries is not the key that signed it.
    #[error("the entry carries another key than its signer's")]
    WrongKey,
}

/// What an entry says, and who signed it when: all that the rules look at.
#[derive(Clone, Debug)]
pub struct Meaning {
    body: EntryBody,
    signer: KeyId,
    time: Timestamp,
}

/// One entry, decoded or just signed. A decoded one's signature is not yet verified: see [`Entry::verify_strict`] and the
/// audit.
#[derive(Clone, Debug)]
pub struct Entry {
    bytes: Vec<u8>,
    meaning: Meaning,
    signature: [u8; 64],
    protected_end: usize,
    is_signed_here: bool,
}

/// An entry decoded where it lies: an audit copies none.
#[derive(Clone, Debug)]
pub(super) struct EntryView<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) meaning: Meaning,
    pub(super) signature: [u8; 64],
    protected_end: usize,
}

/// An entry is what it says, and the bytes that say it.
impl std::ops::Deref for Entry {
    type Target = Meaning;

    fn deref(&self) -> &Meaning {
        &self.meaning
    }
}

/// Two entries are the same when their bytes are: everything else follows from them.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Entry {}

impl Entry {
    /// Signs a body. Lists are brought into their order, the time is cut to whole seconds.
    ///
    /// # Errors
    /// When a list is too long or repeats itself, fields contradict each other, or the entry carries another key.
    pub fn sign(body: EntryBody, key: &CreatorKey, now: Timestamp) -> Result<Self, EntryError> {
        Self::signed_by(body, key.public(), now, |message| key.sign(message))
    }

    /// Signs a body in the log's own name: redact, state.root and anchor.
    ///
    /// # Errors
    /// As [`Entry::sign`].
    pub fn sign_as_log(body: EntryBody, log: &LogKey, now: Timestamp) -> Result<Self, EntryError> {
        Self::signed_by(body, *log.verifier().key(), now, |message| log.sign(message))
    }

    fn signed_by(
        mut body: EntryBody,
        key: PublicKey,
        now: Timestamp,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Result<Self, EntryError> {
        body.settle()?;
        let signer = key.key_id();
        if body.own_key().is_some_and(|own| own != key) {
            return Err(EntryError::WrongKey);
        }
        let time = Timestamp::from_unix_s(now.unix_s().clamp(0, SECONDS_MAX));
        let (protected, payload) = (protected(&body, signer, time), body.write());
        let signature = sign(&sig_structure(&protected, &payload));
        let mut out = Writer::with_capacity(protected.len() + payload.len() + 80);
        out.tag(TAG_COSE_SIGN1)
            .array(4)
            .bytes(&protected)
            .map(0)
            .bytes(&payload)
            .bytes(&signature);
        let bytes = out.finish();
        limit(bytes.len())?;
        let protected_end = protected_end(&protected);
        Ok(Self {
            bytes,
            meaning: Meaning { body, signer, time },
            signature,
            protected_end,
            is_signed_here: true,
        })
    }

    /// Reads an entry; refuses every second encoding of a value. Does not verify the signature.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let view = EntryView::decode(bytes)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            meaning: view.meaning,
            signature: view.signature,
            protected_end: view.protected_end,
            is_signed_here: false,
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

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Whether this value was made by [`Entry::sign`] in this process: its signature needs no second look.
    #[must_use]
    pub(super) const fn is_signed_here(&self) -> bool {
        self.is_signed_here
    }

    /// The subject that the protected header names: `urn:uuid:` of an asset, or the signer's thumbprint.
    #[must_use]
    pub fn subject(&self) -> String {
        subject(self.body(), self.signer())
    }

    /// The bytes that are signed, the COSE Sig_structure (RFC 9052, 4.4), in four parts.
    #[must_use]
    pub fn message(&self) -> [&[u8]; 4] {
        message(&self.bytes, self.protected_end)
    }

    /// Whether `key` is the signer and its signature matches, by the strict rule.
    #[must_use]
    pub fn verify_strict(&self, key: &PublicKey) -> bool {
        key.key_id() == self.signer() && key.verify_strict(&self.message().concat(), &self.signature)
    }
}

impl Meaning {
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
}

impl<'a> EntryView<'a> {
    /// See [`Entry::decode`].
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
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
        let body = EntryBody::read(payload, head.named)?;
        if body.own_key().is_some_and(|own| own.key_id() != head.signer) {
            return Err(EntryError::WrongKey);
        }
        let named = match body.subject() {
            Subject::Asset(id) => Named::Asset(id),
            Subject::Identity(id) => Named::Key(id),
            Subject::Log => Named::Key(head.signer),
        };
        if named != head.named {
            return Err(EntryError::Header {
                why: "sub is not what this kind is about",
            });
        }
        Ok(Self {
            bytes,
            meaning: Meaning {
                body,
                signer: head.signer,
                time: head.time,
            },
            signature,
            protected_end: protected_end(protected),
        })
    }

    /// See [`Entry::message`].
    pub(super) fn message(&self) -> [&'a [u8]; 4] {
        message(self.bytes, self.protected_end)
    }
}

/// What the protected header says.
struct Head {
    signer: KeyId,
    named: Named,
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
        if read.uint()? != CLAIM_ISS {
            return Err(wrong("wanted iss"));
        }
        let issuer = read.text()?;
        if !is_hex_of(issuer, signer.as_bytes()) {
            return Err(wrong("iss is not the kid"));
        }
        if read.uint()? != CLAIM_SUB {
            return Err(wrong("wanted sub"));
        }
        let subject = read.text()?;
        let named = match subject.strip_prefix(URN_UUID) {
            Some(text) => Named::Asset(parse_uuid(text).ok_or(wrong("sub is no UUIDv4 in lower case"))?),
            // Most often the signer, which is already text.
            None if subject == issuer => Named::Key(signer),
            None => Named::Key(KeyId::parse_hex(subject).ok_or(wrong("sub is neither an asset nor a key"))?),
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
            named,
            time: Timestamp::from_unix_s(seconds),
        })
    }
}

fn protected(body: &EntryBody, signer: KeyId, time: Timestamp) -> Vec<u8> {
    let issuer = hex(signer.as_bytes());
    let subject = subject(body, signer);
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

fn subject(body: &EntryBody, signer: KeyId) -> String {
    match body.subject() {
        Subject::Asset(id) => format!("{URN_UUID}{}", uuid::Uuid::from_bytes(id).hyphenated()),
        Subject::Identity(id) => hex(id.as_bytes()),
        Subject::Log => hex(signer.as_bytes()),
    }
}

pub(super) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(protected.len().saturating_add(payload.len()).saturating_add(24));
    out.array(4)
        .text("Signature1")
        .bytes(protected)
        .bytes(&[])
        .bytes(payload);
    out.finish()
}

/// The parts of the Sig_structure in an entry's own bytes. Both write protected header and payload as byte strings, and there is
/// one way to write those: only what stands around them differs.
fn message(bytes: &[u8], protected_end: usize) -> [&[u8]; 4] {
    let signed = bytes
        .get(..bytes.len().saturating_sub(SIGNATURE_FIELD))
        .unwrap_or_default();
    let protected = signed.get(ENTRY_HEAD..protected_end).unwrap_or_default();
    let payload = signed
        .get(protected_end.saturating_add(UNPROTECTED)..)
        .unwrap_or_default();
    [SIG_STRUCTURE_HEAD, protected, NO_EXTERNAL_DATA, payload]
}

/// Where the protected header ends in an entry: what follows it is the empty unprotected header, the payload and the signature.
const fn protected_end(protected: &[u8]) -> usize {
    // An entry has at most 65,535 bytes.
    let head = match protected.len() {
        0..24 => 1,
        24..256 => 2,
        _ => 3,
    };
    ENTRY_HEAD.saturating_add(head).saturating_add(protected.len())
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

/// The tag and the head of the array of four.
const ENTRY_HEAD: usize = 2;
/// The empty unprotected header.
const UNPROTECTED: usize = 1;
/// The signature and its head.
const SIGNATURE_FIELD: usize = 66;
/// An array of four, and the context of a COSE_Sign1.
const SIG_STRUCTURE_HEAD: &[u8] = b"\x84\x6aSignature1";
/// An empty byte string.
const NO_EXTERNAL_DATA: &[u8] = b"\x40";
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

#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
pub(in crate::ledger) mod tests;
