//! Receipts: that an entry is recorded, in COSE. The entry with its receipts is a SCITT transparent statement.
//!
//! ```text
//! 18([                                     ; the entry, but for its unprotected header
//!   protected,
//!   { 394: [ <<receipt>>, ... ] },         ; receipts (RFC 9942)
//!   payload, signature ])
//!
//! 18([                                     ; a receipt: COSE_Sign1 by the log's key
//!   << { 1: -8,                            ; alg: EdDSA
//!        4: h'(32)',                       ; kid: RFC 9679 SHA-256 thumbprint of the log's key
//!        15: { 1: "(origin)", 2: "..." },  ; CWT claims: iss, the log; sub, that of the entry
//!        395: 1 } >>,                      ; vds: RFC9162_SHA256
//!   { 396: { -1: [ <<[ size, index, [ h'(32)', ... ] ]>> ] } },   ; vdp: one inclusion proof
//!   nil,                                   ; the payload is detached: the root hash
//!   h'(64)' ])
//! ```
//!
//! Deterministic CBOR throughout, one spelling. The log's signature covers the root, but neither size nor index, which stand
//! in the unprotected header: a receipt proves that the entry is in the log, and only says where. A proof file proves both.
//!
//! Source: RFC 9942 (COSE Receipts, sections 4 and 5), RFC 9943 (SCITT, section 7).

use super::cbor::{CborError, Reader, Writer};
use super::entry::{self, Entry, EntryError};
use super::hash::{NodeHash, RootHash};
use super::note::{LogKey, VerifierKey};
use super::proof::{PROOF_HASHES_MAX, ProofError, root_from_inclusion};
use super::tree::{LeafIndex, TreeSize};
use crate::base::limits::ENTRY_BYTES_MAX;
use crate::keys::KeyId;

/// Longest transparent statement read, bytes: an entry and eight receipts fit.
pub const STATEMENT_BYTES_MAX: usize = 40 << 10;
/// Most receipts of one statement.
pub const RECEIPTS_MAX: usize = 8;
/// Longest receipt read, bytes.
const RECEIPT_BYTES_MAX: usize = 3 << 10;

const _: () = assert!(ENTRY_BYTES_MAX + RECEIPTS_MAX * RECEIPT_BYTES_MAX <= STATEMENT_BYTES_MAX);

/// That one entry is in one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    log: KeyId,
    origin: String,
    subject: String,
    size: TreeSize,
    index: LeafIndex,
    hashes: Vec<NodeHash>,
    protected: Vec<u8>,
    signature: [u8; 64],
}

/// An entry with its receipts; nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransparentStatement {
    entry: Entry,
    receipts: Vec<Receipt>,
}

/// Why bytes are no transparent statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Not the encoding.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The statement without its receipts is no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Not what the format has there.
    #[error("the receipt breaks the format: {why}")]
    Malformed {
        /// Which rule.
        why: &'static str,
    },
    /// More bytes than allowed.
    #[error("the statement has {found} bytes; at most {limit_bytes} are read")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
}

/// Why a receipt proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoReceipt {
    /// The proof in it has not the form of its size and index.
    #[error("the receipt's proof does not hold: {0}")]
    Proof(#[from] ProofError),
    /// The log did not sign the root that entry and proof lead to.
    #[error("the receipt is not signed by the log for this entry")]
    Signature,
    /// None of the receipts is by this log.
    #[error("the statement has no receipt by this log")]
    UnknownLog,
}

impl Receipt {
    /// Signs a receipt; `root` is that of the log's own checkpoint of this size, to which `hashes` lead.
    ///
    /// # Errors
    /// When the proof does not lead to the root: nothing is signed then.
    pub fn sign(
        entry: &Entry,
        place: (LeafIndex, TreeSize),
        hashes: Vec<NodeHash>,
        root: RootHash,
        key: &LogKey,
    ) -> Result<Self, ProofError> {
        let (index, size) = place;
        super::proof::verify_inclusion(entry.id(), index, size, root, &hashes)?;
        let log = key.verifier().key().key_id();
        let origin = key.verifier().name().as_str().to_owned();
        let subject = entry.subject();
        let protected = protected(&log, &origin, &subject);
        let signature = key.sign(&entry::sig_structure(&protected, root.as_bytes()));
        Ok(Self {
            log,
            origin,
            subject,
            size,
            index,
            hashes,
            protected,
            signature,
        })
    }

    /// The size of the log that it speaks of; not signed.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// The index that it speaks of; not signed.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The bytes of the receipt alone.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut proof = Writer::default();
        proof
            .array(3)
            .uint(self.size.0)
            .uint(self.index.0)
            .array(self.hashes.len());
        for hash in &self.hashes {
            proof.bytes(hash.as_bytes());
        }
        let mut out = Writer::default();
        out.tag(TAG_COSE_SIGN1).array(4).bytes(&self.protected);
        out.map(1).uint(HEADER_VDP);
        out.map(1).int(PROOF_INCLUSION).array(1).bytes(&proof.finish());
        out.nil().bytes(&self.signature);
        out.finish()
    }

    fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let wrong = |why| ReceiptError::Malformed { why };
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(wrong("it is longer than 3 KiB"));
        }
        let mut read = Reader::new(bytes);
        if read.tag()? != TAG_COSE_SIGN1 || read.array()? != 4 {
            return Err(wrong("it is no tagged COSE_Sign1"));
        }
        let protected = read.bytes()?;
        let (log, origin, subject) = read_protected(protected)?;
        if read.map()? != 1 || read.uint()? != HEADER_VDP {
            return Err(wrong("its unprotected header is not exactly vdp"));
        }
        if read.map()? != 1 || read.int()? != PROOF_INCLUSION || read.array()? != 1 {
            return Err(wrong("wanted exactly one inclusion proof"));
        }
        let (size, index, hashes) = read_proof(read.bytes()?)?;
        read.nil()?;
        let signature = read.array_of::<64>()?;
        if !read.is_done() {
            return Err(wrong("bytes follow it"));
        }
        Ok(Self {
            log,
            origin,
            subject,
            size,
            index,
            hashes,
            protected: protected.to_vec(),
            signature,
        })
    }

    fn verify(&self, entry: &Entry, key: &VerifierKey) -> Result<(), NoReceipt> {
        let root = root_from_inclusion(entry.id(), self.index, self.size, &self.hashes)?;
        let message = entry::sig_structure(&self.protected, root.as_bytes());
        let is_ours = self.origin == key.name().as_str() && self.subject == entry.subject();
        if is_ours && key.key().verify_strict(&message, &self.signature) {
            Ok(())
        } else {
            Err(NoReceipt::Signature)
        }
    }
}

impl TransparentStatement {
    /// Joins an entry and a receipt of it.
    #[must_use]
    pub fn new(entry: Entry, receipt: Receipt) -> Self {
        Self {
            entry,
            receipts: vec![receipt],
        }
    }

    /// The entry. Its creator's signature is not verified.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The bytes: the entry's own, with the receipts in the unprotected header.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut unprotected = Writer::default();
        unprotected
            .map(1)
            .uint(HEADER_RECEIPTS)
            .array(self.receipts.len());
        for receipt in &self.receipts {
            unprotected.bytes(&receipt.bytes());
        }
        let unprotected = unprotected.finish();
        let bytes = self.entry.bytes();
        let at = unprotected_at(bytes).unwrap_or(bytes.len());
        let (head, rest) = bytes.split_at(at);
        let body = rest.get(1..).unwrap_or_default();
        [head, &unprotected, body].concat()
    }

    /// Reads a statement; refuses every second encoding. Verifies nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let wrong = |why| ReceiptError::Malformed { why };
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(ReceiptError::TooLong {
                found: bytes.len(),
                limit_bytes: STATEMENT_BYTES_MAX,
            });
        }
        let at = unprotected_at(bytes)?;
        let mut read = Reader::new(bytes.get(at..).unwrap_or_default());
        if read.map()? != 1 || read.uint()? != HEADER_RECEIPTS {
            return Err(wrong(
                "the statement's unprotected header is not exactly receipts",
            ));
        }
        let count = read.array()?;
        if !(1..=RECEIPTS_MAX).contains(&count) {
            return Err(wrong("wanted 1 to 8 receipts"));
        }
        let mut receipts = Vec::with_capacity(count);
        for _ in 0..count {
            receipts.push(Receipt::read(read.bytes()?)?);
        }
        let after = at.saturating_add(read.at());
        let (head, body) = (bytes.get(..at), bytes.get(after..));
        let entry = [head.unwrap_or_default(), &[EMPTY_MAP], body.unwrap_or_default()].concat();
        Ok(Self {
            entry: Entry::decode(&entry)?,
            receipts,
        })
    }

    /// The receipt that proves the entry to be in the log of this key.
    ///
    /// # Errors
    /// A receipt that names the log's key and does not hold, whatever the others say.
    pub fn verify(&self, key: &VerifierKey) -> Result<&Receipt, NoReceipt> {
        let mut held = Err(NoReceipt::UnknownLog);
        let log = key.key().key_id();
        for receipt in self.receipts.iter().filter(|receipt| receipt.log == log) {
            receipt.verify(&self.entry, key)?;
            held = Ok(receipt);
        }
        held
    }
}

/// Where the unprotected header of a COSE_Sign1 begins.
fn unprotected_at(bytes: &[u8]) -> Result<usize, ReceiptError> {
    let mut read = Reader::new(bytes);
    if read.tag()? != TAG_COSE_SIGN1 || read.array()? != 4 {
        return Err(EntryError::NotCoseSign1.into());
    }
    read.bytes()?;
    Ok(read.at())
}

fn protected(log: &KeyId, origin: &str, subject: &str) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(4).uint(HEADER_ALG).int(ALG_EDDSA);
    out.uint(HEADER_KID).bytes(log.as_bytes());
    out.uint(HEADER_CWT_CLAIMS).map(2);
    out.uint(CLAIM_ISS).text(origin);
    out.uint(CLAIM_SUB).text(subject);
    out.uint(HEADER_VDS).uint(VDS_RFC9162_SHA256);
    out.finish()
}

fn read_protected(bytes: &[u8]) -> Result<(KeyId, String, String), ReceiptError> {
    let wrong = |why| ReceiptError::Malformed { why };
    let mut read = Reader::new(bytes);
    if read.map()? != 4 || read.uint()? != HEADER_ALG || read.int()? != ALG_EDDSA {
        return Err(wrong("wanted exactly alg -8, kid, CWT claims and vds"));
    }
    if read.uint()? != HEADER_KID {
        return Err(wrong("wanted kid"));
    }
    let log = KeyId::from_bytes(read.array_of::<32>()?);
    if read.uint()? != HEADER_CWT_CLAIMS || read.map()? != 2 || read.uint()? != CLAIM_ISS {
        return Err(wrong("wanted CWT claims iss and sub"));
    }
    let origin = read.text()?.to_owned();
    if read.uint()? != CLAIM_SUB {
        return Err(wrong("wanted sub"));
    }
    let subject = read.text()?.to_owned();
    if read.uint()? != HEADER_VDS || read.uint()? != VDS_RFC9162_SHA256 || !read.is_done() {
        return Err(wrong("wanted vds 1, RFC9162_SHA256, and nothing after it"));
    }
    Ok((log, origin, subject))
}

fn read_proof(bytes: &[u8]) -> Result<(TreeSize, LeafIndex, Vec<NodeHash>), ReceiptError> {
    let wrong = |why| ReceiptError::Malformed { why };
    let mut read = Reader::new(bytes);
    if read.array()? != 3 {
        return Err(wrong("an inclusion proof is size, index and hashes"));
    }
    let (size, index) = (TreeSize(read.uint()?), LeafIndex(read.uint()?));
    let count = read.array()?;
    if count > PROOF_HASHES_MAX {
        return Err(wrong("more than 63 hashes"));
    }
    let mut hashes = Vec::with_capacity(count);
    for _ in 0..count {
        hashes.push(NodeHash::from_bytes(read.array_of::<32>()?));
    }
    if read.is_done() {
        Ok((size, index, hashes))
    } else {
        Err(wrong("bytes follow the proof"))
    }
}

const TAG_COSE_SIGN1: u64 = 18;
const EMPTY_MAP: u8 = 0xa0;
const HEADER_ALG: u64 = 1;
const HEADER_KID: u64 = 4;
const HEADER_CWT_CLAIMS: u64 = 15;
const HEADER_RECEIPTS: u64 = 394;
const HEADER_VDS: u64 = 395;
const HEADER_VDP: u64 = 396;
const PROOF_INCLUSION: i64 = -1;
const VDS_RFC9162_SHA256: u64 = 1;
const ALG_EDDSA: i64 = -8;
const CLAIM_ISS: u64 = 1;
const CLAIM_SUB: u64 = 2;

#[cfg(test)]
mod tests {
    use super::super::entry::tests::a_registration_as_signed;
    use super::super::hash::LeafHash;
    use super::super::note::KeyName;
    use super::super::proof;
    use super::super::tree::{MemoryTree, root_at};
    use super::*;
    use crate::keys::CreatorKey;

    fn log(name: &str, seed: u8) -> LogKey {
        LogKey::new(KeyName::parse(name).unwrap(), CreatorKey::from_seed(&[seed; 32]))
    }

    fn statement(place: u64, size: u64, key: &LogKey) -> TransparentStatement {
        let (entry, _) = a_registration_as_signed(1);
        let leaf = |n: u64| {
            if n == place {
                entry.id()
            } else {
                LeafHash::of(&n.to_be_bytes())
            }
        };
        let tree = MemoryTree::of((0..size).map(leaf));
        let hashes = proof::inclusion(&tree, LeafIndex(place), TreeSize(size)).unwrap();
        let root = root_at(&tree, TreeSize(size)).unwrap();
        let place = (LeafIndex(place), TreeSize(size));
        let receipt = Receipt::sign(&entry, place, hashes, root, key).unwrap();
        TransparentStatement::new(entry, receipt)
    }

    #[test]
    fn statements_of_all_places_go_out_come_back_and_hold() {
        let key = log("example.org/log", 4);
        for size in 1..20 {
            for place in 0..size {
                let made = statement(place, size, &key);
                let read = TransparentStatement::parse(&made.bytes()).unwrap();
                assert_eq!(read.bytes(), made.bytes());
                assert_eq!(read.entry(), made.entry());
                let receipt = read.verify(key.verifier()).unwrap();
                assert_eq!(
                    (receipt.index(), receipt.size()),
                    (LeafIndex(place), TreeSize(size))
                );
            }
        }
    }

    #[test]
    fn other_logs_other_entries_and_other_proofs_are_refused() {
        let key = log("example.org/log", 4);
        let good = statement(3, 7, &key);
        let stranger = log("example.org/log", 5);
        assert_eq!(
            good.verify(stranger.verifier()).err(),
            Some(NoReceipt::UnknownLog)
        );
        // The same key under another origin is another log.
        let renamed = log("example.org/other", 4);
        assert_eq!(good.verify(renamed.verifier()).err(), Some(NoReceipt::Signature));
        let mut other = good.clone();
        other.entry = a_registration_as_signed(2).0;
        assert_eq!(other.verify(key.verifier()).err(), Some(NoReceipt::Signature));
        let mut other = good.clone();
        other.receipts[0].index = LeafIndex(2);
        assert_eq!(other.verify(key.verifier()).err(), Some(NoReceipt::Signature));
        let mut other = good.clone();
        other.receipts[0].index = LeafIndex(7);
        assert!(matches!(other.verify(key.verifier()), Err(NoReceipt::Proof(_))));
        let mut other = good.clone();
        other.receipts[0].hashes.pop();
        assert!(matches!(other.verify(key.verifier()), Err(NoReceipt::Proof(_))));
        // A receipt by the log that does not hold spoils the statement, whatever stands beside it.
        let mut both = good.clone();
        both.receipts.push(both.receipts[0].clone());
        assert!(both.verify(key.verifier()).is_ok());
        both.receipts[0].signature[5] ^= 1;
        assert_eq!(both.verify(key.verifier()).err(), Some(NoReceipt::Signature));
        // One by a stranger does not.
        let mut both = good.clone();
        both.receipts
            .insert(0, statement(1, 2, &stranger).receipts[0].clone());
        let both = TransparentStatement::parse(&both.bytes()).unwrap();
        assert!(both.verify(key.verifier()).is_ok() && both.verify(stranger.verifier()).is_ok());
        let mut broken = both;
        broken.receipts[0].signature[5] ^= 1;
        assert!(broken.verify(key.verifier()).is_ok() && broken.verify(stranger.verifier()).is_err());
    }

    #[test]
    fn a_receipt_is_not_signed_for_a_proof_that_leads_elsewhere() {
        let (entry, _) = a_registration_as_signed(0);
        let place = (LeafIndex(0), TreeSize(1));
        let root = RootHash::from_bytes([1; 32]);
        let signed = Receipt::sign(&entry, place, Vec::new(), root, &log("a", 4));
        assert_eq!(signed, Err(ProofError::Root));
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed_but_in_size_and_index() {
        let key = log("example.org/log", 4);
        let good = statement(3, 7, &key);
        let bytes = good.bytes();
        let creator = a_registration_as_signed(1).1;
        let mut moved = 0;
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let Ok(read) = TransparentStatement::parse(&bad) else {
                    continue;
                };
                assert_eq!(read.bytes(), bad, "a second encoding at byte {at}");
                let held = read.entry().verify_strict(&creator) && read.verify(key.verifier()).is_ok();
                if held {
                    // Not covered by the signature; the entry is in the log all the same.
                    assert_eq!(read.receipts[0].hashes, good.receipts[0].hashes);
                    moved += 1;
                }
            }
        }
        assert!(moved < 8, "{moved}");
    }

    #[test]
    fn what_is_cut_too_long_or_plain_is_refused() {
        let key = log("example.org/log", 4);
        let good = statement(3, 7, &key);
        let bytes = good.bytes();
        for cut in 0..bytes.len() {
            assert!(TransparentStatement::parse(&bytes[..cut]).is_err(), "{cut}");
        }
        assert!(TransparentStatement::parse(&[&bytes[..], &[0]].concat()).is_err());
        assert!(TransparentStatement::parse(good.entry().bytes()).is_err());
        assert!(matches!(
            TransparentStatement::parse(&vec![0xd2; STATEMENT_BYTES_MAX + 1]),
            Err(ReceiptError::TooLong { .. })
        ));
        let mut many = good.clone();
        many.receipts = vec![good.receipts[0].clone(); RECEIPTS_MAX + 1];
        assert!(TransparentStatement::parse(&many.bytes()).is_err());
        many.receipts.truncate(RECEIPTS_MAX);
        assert!(TransparentStatement::parse(&many.bytes()).is_ok());
        many.receipts.clear();
        assert!(TransparentStatement::parse(&many.bytes()).is_err());
        let mut deep = good;
        deep.receipts[0].hashes = vec![NodeHash::from_bytes([1; 32]); PROOF_HASHES_MAX + 1];
        assert!(TransparentStatement::parse(&deep.bytes()).is_err());
    }
}
