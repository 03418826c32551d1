//! Proof files: that an entry is recorded, checkable for ever without the ledger and without a network.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra (base64 of the entry's bytes, then the 32 bytes of its signer's public key)
//! index 73894
//! (base64 of a hash, one a line, from the leaf's sibling up)
//! (empty line)
//! (the checkpoint, verbatim, with the cosignatures of witnesses)
//! ```
//!
//! The format does not authenticate `extra`; nothing in it is taken on trust. The leaf is computed again from the entry, the
//! key must have the thumbprint that the entry names as its signer, and the entry's signature must be that key's.
//!
//! Source: <https://c2sp.org/tlog-proof>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::VerifiedCheckpoint;
use super::entry::{Entry, EntryError};
use super::hash::{LeafHash, NodeHash};
use super::note::NOTE_BYTES_MAX;
use super::policy::{Accepted, Policy, Unmet};
use super::proof::{PROOF_HASHES_MAX, ProofError, verify_inclusion};
use super::tree::LeafIndex;
use crate::base::limits::ENTRY_BYTES_MAX;
use crate::keys::PublicKey;

/// Longest proof file read, bytes: the longest entry, the longest proof and the longest note fit.
pub const PROOF_FILE_BYTES_MAX: usize = 48 << 10;

const VERSION_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Bytes of an Ed25519 public key.
const KEY_LEN: usize = 32;

const _: () =
    assert!((ENTRY_BYTES_MAX + 64) / 3 * 4 + PROOF_HASHES_MAX * 45 + NOTE_BYTES_MAX < PROOF_FILE_BYTES_MAX);

/// A proof file, read or made; not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    entry: Vec<u8>,
    key: PublicKey,
    index: LeafIndex,
    hashes: Vec<NodeHash>,
    checkpoint: String,
}

/// Why text is no proof file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// A line is not what the format has there.
    #[error("not a proof file of an entry: {why}")]
    Malformed {
        /// Which rule is broken.
        why: &'static str,
    },
    /// More bytes than any proof has.
    #[error("the proof file has {found} bytes; at most {limit_bytes} are read")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
}

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unproven {
    /// The bytes are no entry.
    #[error("the entry in the proof cannot be read: {0}")]
    Entry(#[from] EntryError),
    /// The entry is not at this place of the checkpoint's tree.
    #[error("the entry is not where the proof says it is: {0}")]
    Inclusion(#[from] ProofError),
    /// The checkpoint does not meet the policy.
    #[error(transparent)]
    Policy(#[from] Unmet),
    /// The entry's signature is not its signer's.
    #[error("the entry is not signed by the key it names")]
    Signature,
}

/// What a proof proved.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The entry, its signature verified.
    pub entry: Entry,
    /// The key of its signer.
    pub key: PublicKey,
    /// Where it stands in the log.
    pub index: LeafIndex,
    /// The checkpoint it is under, and who cosigned that.
    pub accepted: Accepted,
}

impl ProofFile {
    /// Joins the parts of a proof; `checkpoint` is the whole note, cosignatures included.
    #[must_use]
    pub fn new(
        entry: &Entry,
        key: PublicKey,
        index: LeafIndex,
        hashes: Vec<NodeHash>,
        checkpoint: String,
    ) -> Self {
        Self {
            entry: entry.bytes().to_vec(),
            key,
            index,
            hashes,
            checkpoint,
        }
    }

    /// Reads a proof file; one spelling only. Verifies nothing.
    pub fn parse(text: &str) -> Result<Self, ProofFileError> {
        let wrong = |why| ProofFileError::Malformed { why };
        if text.len() > PROOF_FILE_BYTES_MAX {
            return Err(ProofFileError::TooLong {
                found: text.len(),
                limit_bytes: PROOF_FILE_BYTES_MAX,
            });
        }
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(wrong("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(VERSION_LINE) {
            return Err(wrong("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let extra = lines
            .next()
            .and_then(|line| line.strip_prefix("extra "))
            .ok_or(wrong("its second line is not `extra` with the entry"))?;
        let (entry, key) = read_extra(extra)?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .ok_or(wrong("its third line is not `index`"))?;
        let number: u64 = index.parse().map_err(|_| wrong("the index is no number"))?;
        if number.to_string() != index {
            return Err(wrong("the index has signs or leading zeros"));
        }
        let hashes = lines.map(read_hash).collect::<Option<Vec<_>>>();
        let hashes = hashes.ok_or(wrong("a line of the proof is not the base64 of a hash"))?;
        if hashes.len() > PROOF_HASHES_MAX {
            return Err(wrong("more than 63 hashes"));
        }
        Ok(Self {
            entry,
            key,
            index: LeafIndex(number),
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let extra = BASE64.encode([self.entry.as_slice(), self.key.as_bytes()].concat());
        let mut text = format!("{VERSION_LINE}\nextra {extra}\nindex {}\n", self.index);
        for hash in &self.hashes {
            text.push_str(&BASE64.encode(hash.as_bytes()));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// The index that it speaks of.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The bytes of the entry that it speaks of.
    #[must_use]
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// The checkpoint, as it stands in the file.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The entry, its signature verified with the key in the file, which must be the one that the entry names.
    pub fn signed_entry(&self) -> Result<Entry, Unproven> {
        let entry = Entry::decode(&self.entry)?;
        if entry.verify_strict(&self.key) {
            Ok(entry)
        } else {
            Err(Unproven::Signature)
        }
    }

    /// Checks that the entry stands where the file says, in the tree of this checkpoint.
    pub fn is_under(&self, checkpoint: &VerifiedCheckpoint) -> Result<(), ProofError> {
        let leaf = LeafHash::of(&self.entry);
        verify_inclusion(
            leaf,
            self.index,
            checkpoint.size(),
            checkpoint.root(),
            &self.hashes,
        )
    }

    /// Checks everything: the checkpoint against the policy, the entry against the checkpoint's root, the entry's signature.
    pub fn verify(&self, policy: &Policy) -> Result<Proven, Unproven> {
        let entry = self.signed_entry()?;
        let accepted = policy.check(&self.checkpoint)?;
        self.is_under(&accepted.checkpoint)?;
        Ok(Proven {
            entry,
            key: self.key,
            index: self.index,
            accepted,
        })
    }
}

fn read_extra(extra: &str) -> Result<(Vec<u8>, PublicKey), ProofFileError> {
    let wrong = |why| ProofFileError::Malformed { why };
    let mut bytes = BASE64.decode(extra).map_err(|_| wrong("`extra` is not base64"))?;
    let key = bytes.split_off(bytes.len().saturating_sub(KEY_LEN));
    if bytes.is_empty() || bytes.len() > ENTRY_BYTES_MAX {
        return Err(wrong("the entry in `extra` is empty or longer than 16 KiB"));
    }
    let key = PublicKey::from_slice(&key).ok_or(wrong("no public key follows the entry in `extra`"))?;
    Ok((bytes, key))
}

/// Reads one line of a proof: the base64 of a hash, in its one spelling.
pub(super) fn read_hash(line: &str) -> Option<NodeHash> {
    let bytes: [u8; 32] = BASE64.decode(line).ok()?.try_into().ok()?;
    Some(NodeHash::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::super::body::{EntryBody, KeyIncept};
    use super::super::cosignature::Cosigner;
    use super::super::note::{KeyName, LogKey, Note, NoteError};
    use super::super::proof;
    use super::super::tree::{MemoryTree, Subtrees, TreeSize, root_at};
    use super::*;
    use crate::base::Timestamp;
    use crate::keys::CreatorKey;

    fn log() -> LogKey {
        LogKey::new(
            KeyName::parse("byline.local/0123456789abcdef").unwrap(),
            CreatorKey::from_seed(&[5; 32]),
        )
    }

    fn incept(seed: u8) -> (Entry, PublicKey) {
        let key = CreatorKey::from_seed(&[seed; 32]);
        let body = KeyIncept {
            key: key.public(),
            next: None,
            recovery: None,
        };
        let now = Timestamp::from_unix_s(1_780_000_000);
        let entry = Entry::sign(EntryBody::KeyIncept(body), &key, now).unwrap();
        (entry, key.public())
    }

    fn proof_at(place: u64, size: u64) -> ProofFile {
        let (entry, key) = incept(9);
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
        let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(size), root, &log());
        ProofFile::new(
            &entry,
            key,
            LeafIndex(place),
            hashes,
            checkpoint.note().to_owned(),
        )
    }

    fn policy() -> Policy {
        Policy::of_log(log().verifier().clone())
    }

    #[test]
    fn proofs_of_all_places_go_out_come_back_and_hold() {
        for size in 1..40 {
            for place in 0..size {
                let text = proof_at(place, size).text();
                let read = ProofFile::parse(&text).unwrap();
                assert_eq!(read.text(), text);
                let proven = read.verify(&policy()).unwrap();
                assert_eq!(
                    (proven.index, proven.accepted.checkpoint.size()),
                    (LeafIndex(place), TreeSize(size))
                );
            }
        }
    }

    #[test]
    fn each_part_that_is_another_is_named() {
        let good = proof_at(3, 7);
        let with = |change: &dyn Fn(&mut ProofFile)| {
            let mut bad = good.clone();
            change(&mut bad);
            ProofFile::parse(&bad.text())
                .unwrap()
                .verify(&policy())
                .map(|_| ())
        };
        assert_eq!(with(&|_| ()), Ok(()));
        let inclusion = |found| matches!(found, Err(Unproven::Inclusion(_)));
        assert!(inclusion(with(&|bad| bad.index = LeafIndex(2))));
        assert!(inclusion(with(&|bad| bad.index = LeafIndex(7))));
        assert!(inclusion(with(
            &|bad| bad.hashes[1] = NodeHash::from_bytes([1; 32])
        )));
        assert!(inclusion(with(&|bad| bad.hashes.truncate(1))));
        let (other, other_key) = incept(10);
        assert!(inclusion(with(&|bad| {
            bad.entry = other.bytes().to_vec();
            bad.key = other_key;
        })));
        // Another key of the right form: its thumbprint is not the one that the entry names.
        assert_eq!(with(&|bad| bad.key = other_key), Err(Unproven::Signature));
        assert_eq!(
            with(&|bad| *bad.entry.last_mut().unwrap() ^= 1),
            Err(Unproven::Signature)
        );
        assert!(matches!(with(&|bad| bad.entry.push(0)), Err(Unproven::Entry(_))));
        let other_log = LogKey::new(KeyName::parse("other").unwrap(), CreatorKey::from_seed(&[5; 32]));
        let (checkpoint, _) = VerifiedCheckpoint::sign(
            TreeSize(7),
            super::super::RootHash::from_bytes([1; 32]),
            &other_log,
        );
        assert_eq!(
            with(&|bad| bad.checkpoint = checkpoint.note().to_owned()),
            Err(Unproven::Policy(Unmet::UnknownLog))
        );
        assert!(matches!(
            with(&|bad| bad.checkpoint = bad.checkpoint.replacen("\n7\n", "\n8\n", 1)),
            Err(Unproven::Policy(Unmet::Checkpoint(
                super::super::checkpoint::CheckpointError::Note(NoteError::BadSignature)
            )))
        ));
    }

    #[test]
    fn text_that_is_cut_or_written_otherwise_is_refused() {
        let text = proof_at(3, 7).text();
        for cut in 0..text.len() {
            let Some(short) = text.get(..cut) else { continue };
            assert!(
                ProofFile::parse(short).is_err()
                    || ProofFile::parse(short).unwrap().verify(&policy()).is_err()
            );
        }
        let hash = text.lines().nth(3).unwrap();
        let many = format!("{hash}\n").repeat(64);
        for bad in [
            text.replace("@v1", "@v2"),
            text.replace("\nindex 3\n", "\nindex 03\n"),
            text.replace("\nindex 3\n", "\nindex +3\n"),
            text.replace("\nindex 3\n", "\nindex  3\n"),
            text.replace("\nindex 3\n", "\n"),
            text.replace("extra ", "Extra "),
            text.replace("extra ", "extra  "),
            text.replace("\nextra ", "\nextra x\nextra "),
            text.replace(hash, &hash[..43]),
            text.replace(hash, &format!("{hash} ")),
            text.replace(hash, ""),
            text.replace(hash, "AAAA"),
            text.replace(&format!("{hash}\n"), &many),
            text.replace('\n', "\r\n"),
            format!("\n{text}"),
            format!("{text}{}", " ".repeat(PROOF_FILE_BYTES_MAX)),
            text.lines()
                .filter(|line| !line.starts_with("extra"))
                .collect::<Vec<_>>()
                .join("\n"),
        ] {
            let read = ProofFile::parse(&bad);
            assert!(read.is_err() || read.unwrap().verify(&policy()).is_err(), "{bad}");
        }
        let extra = text.lines().nth(1).unwrap();
        let with =
            |bytes: &[u8]| ProofFile::parse(&text.replace(extra, &format!("extra {}", BASE64.encode(bytes))));
        assert!(with(&[7; 32]).is_err() && with(b"").is_err());
        let (entry, key) = incept(9);
        let small_order = [entry.bytes(), &[0; 32]].concat();
        assert!(with(&small_order).is_err());
        // An entry without its key: its last 32 bytes are taken for one, and what is left is no entry.
        assert!(with(entry.bytes()).is_err() || with(entry.bytes()).unwrap().verify(&policy()).is_err());
        let long = [&vec![7; ENTRY_BYTES_MAX + 1], key.as_bytes().as_slice()].concat();
        assert!(with(&long).is_err());
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let text = proof_at(3, 7).text();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let Ok(bad) = String::from_utf8(bytes) else {
                    continue;
                };
                let held = ProofFile::parse(&bad).is_ok_and(|proof| proof.verify(&policy()).is_ok());
                assert!(!held, "bit {bit} of byte {at}");
            }
        }
    }

    /// A tree too large to hold: the hashes of its subtrees are made up, which a proof does not mind.
    struct Endless;

    impl Subtrees for Endless {
        fn subtree(&self, level: u32, index: u64) -> Option<NodeHash> {
            Some(LeafHash::of(format!("{level}/{index}").as_bytes()).node())
        }
    }

    /// Of ten million entries, with the registration that signing a picture makes: below 2.2 kB. What a signer states beside,
    /// parents and witnesses come on top.
    #[test]
    fn a_proof_at_ten_million_entries_is_small() {
        let size = TreeSize(10_000_000);
        let index = LeafIndex(4_567_890);
        let hashes = proof::inclusion(&Endless, index, size).unwrap();
        assert_eq!(hashes.len(), 24);
        let root = root_at(&Endless, size).unwrap();
        let (checkpoint, _) = VerifiedCheckpoint::sign(size, root, &log());
        let plain = checkpoint.note().to_owned();
        let mut cosigned = plain.clone();
        let text = Note::parse(checkpoint.note()).unwrap().text;
        for n in 1..4u8 {
            let name = KeyName::parse(&format!("witness.example/w{n}")).unwrap();
            cosigned += &Cosigner::new(name, CreatorKey::from_seed(&[n; 32])).cosign(text, 1_780_000_000);
        }
        let len = |parents, note: &String| {
            let (entry, key) = super::super::entry::tests::a_registration_as_signed(parents);
            let proof = ProofFile::new(&entry, key, index, hashes.clone(), note.clone());
            proof.text().len()
        };
        let lens = [len(0, &plain), len(0, &cosigned), len(3, &cosigned)];
        assert!(lens[0] < 2200 && lens[1] < 2600 && lens[2] < 2800, "{lens:?}");
    }
}
