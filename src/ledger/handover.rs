//! Hand-over files: how an offer goes to its recipient, and the answer back, from machine to machine.
//!
//! ```text
//! byline hand-over v1
//! for offer                                  or `answer`, `request`
//! log byline.example/studio+1a2b3c4d+AS...   the log's key (C2SP signed-note, vkey)
//! names 9c...                                leaf hash of the title.offer; of a request, of its last entry
//! checkpoint LS0t...                         of an offer: the signed note, base64
//! entry 17 0oRY... q83v...                   leaf index, entry, inclusion hashes one after another; both base64
//! entry - 0oRY... -                          of an answer or a request: an entry that is not in the log yet
//! ```
//!
//! Lines that begin with `#` are for people. An offer carries every entry about its asset and the key events of their
//! signers, each with its proof under the one checkpoint, so that the recipient runs the same reducer over them. It cannot
//! show that the log left none out, nor what the log recorded since.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::broken::Broken;
use super::checkpoint::{CheckpointError, VerifiedCheckpoint};
use super::entry::{Entry, EntryError};
use super::hash::{LeafHash, NodeHash};
use super::note::{NoteError, VerifierKey};
use super::proof::{ProofError, verify_inclusion};
use super::title::{Policy, State};
use super::tree::LeafIndex;
use crate::base::Digest;

/// Longest hand-over file, bytes: some thousand entries.
pub const HANDOVER_BYTES_MAX: u64 = 16 << 20;
/// Most entries of one file.
pub const HANDOVER_ENTRIES_MAX: usize = 8192;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It goes back to the ledger, to be recorded.
    Answer,
    /// It goes to the recipient, to be accepted.
    Offer,
    /// It goes to the ledger's keeper, to be recorded.
    Request,
}

impl Purpose {
    /// The word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Offer => "offer",
            Self::Request => "request",
        }
    }
}

/// A hand-over file.
#[derive(Clone, Debug)]
pub struct Handover {
    /// What for.
    pub purpose: Purpose,
    /// The log's key. Whoever reads the file must know by another way that it is the right one.
    pub log: VerifierKey,
    /// The title.offer; of a request its last entry.
    pub offer: LeafHash,
    /// The signed note under which the entries are proved.
    pub checkpoint: Option<String>,
    /// The entries; of an offer in the order of the log.
    pub entries: Vec<Carried>,
}

/// An entry in a hand-over file.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Where it stands and the hashes from there to the root; `None` when it is not in the log yet.
    pub place: Option<(LeafIndex, Vec<NodeHash>)>,
    /// The entry.
    pub entry: Entry,
}

/// An offer whose every proof and signature was checked.
#[derive(Debug)]
pub struct Proven {
    /// The checkpoint.
    pub checkpoint: VerifiedCheckpoint,
    /// What the entries say.
    pub state: State,
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandoverError {
    /// The checkpoint is not the log's.
    #[error("the checkpoint in it is not signed by the log: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// An entry cannot be read.
    #[error("line {line}: {why}")]
    Entry {
        /// Counted from 1.
        line: usize,
        /// Why.
        why: EntryError,
    },
    /// Not this form.
    #[error("line {line}: {why}")]
    Form {
        /// Counted from 1.
        line: usize,
        /// What was wanted.
        why: &'static str,
    },
    /// The log's key cannot be read.
    #[error("the log's key in it: {0}")]
    Key(#[from] NoteError),
    /// A line is missing.
    #[error("it has no line `{name}`")]
    Missing {
        /// Its first word.
        name: &'static str,
    },
    /// The entries do not stand in the order of the log.
    #[error("its entries are not in the order of the log")]
    Order,
    /// An entry is not in the log.
    #[error("entry {index} is not proved: {why}")]
    Proof {
        /// Which.
        index: LeafIndex,
        /// Why.
        why: ProofError,
    },
    /// An entry is not its signer's.
    #[error("entry {index}: {broken}")]
    Signature {
        /// Which.
        index: LeafIndex,
        /// What is wrong.
        broken: Broken,
    },
}

impl Handover {
    /// A file for the ledger's keeper: entries that are not in the log yet.
    #[must_use]
    pub fn to_keeper(purpose: Purpose, log: VerifierKey, offer: LeafHash, entries: Vec<Entry>) -> Self {
        let carried = |entry| Carried { place: None, entry };
        Self {
            purpose,
            log,
            offer,
            checkpoint: None,
            entries: entries.into_iter().map(carried).collect(),
        }
    }

    /// The file; `words` stand at its head for people, each line by itself.
    #[must_use]
    pub fn text(&self, words: &[String]) -> String {
        let mut out = String::new();
        for word in words {
            let plain: String = word.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(out, "# {plain}");
        }
        let (purpose, offer) = (self.purpose.word(), self.offer.hex());
        let _ = writeln!(out, "{FIRST}\nfor {purpose}\nlog {}\nnames {offer}", self.log);
        if let Some(note) = &self.checkpoint {
            let _ = writeln!(out, "checkpoint {}", BASE64.encode(note));
        }
        for carried in &self.entries {
            let entry = BASE64.encode(carried.entry.bytes());
            match &carried.place {
                None => {
                    let _ = writeln!(out, "entry - {entry} -");
                }
                Some((index, hashes)) => {
                    let hashes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
                    let hashes = if hashes.is_empty() {
                        "-".to_owned()
                    } else {
                        BASE64.encode(hashes)
                    };
                    let _ = writeln!(out, "entry {index} {entry} {hashes}");
                }
            }
        }
        out
    }

    /// Reads a file; proves nothing.
    pub fn parse(text: &str) -> Result<Self, HandoverError> {
        let lines = (1usize..).zip(text.lines());
        let mut lines = lines.filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        if lines.next().map(|(_, line)| line) != Some(FIRST) {
            return Err(HandoverError::Form {
                line: 1,
                why: "wanted `byline hand-over v1`",
            });
        }
        let mut head = Head::default();
        let mut entries = Vec::new();
        for (number, line) in lines {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            if name == "entry" {
                if entries.len() >= HANDOVER_ENTRIES_MAX {
                    return Err(HandoverError::Form {
                        line: number,
                        why: "too many entries",
                    });
                }
                entries.push(carried(number, value)?);
            } else {
                head.take(number, name, value)?;
            }
        }
        Ok(Self {
            purpose: head.purpose.ok_or(HandoverError::Missing { name: "for" })?,
            log: head.log.ok_or(HandoverError::Missing { name: "log" })?,
            offer: head.offer.ok_or(HandoverError::Missing { name: "names" })?,
            checkpoint: head.checkpoint,
            entries,
        })
    }

    /// Checks the checkpoint, every proof and every signature of an offer, and runs the reducer over its entries.
    ///
    /// Nobody's word is taken for the log's key: compare it with one from elsewhere.
    pub fn prove(&self) -> Result<Proven, HandoverError> {
        let note = self
            .checkpoint
            .as_ref()
            .ok_or(HandoverError::Missing { name: "checkpoint" })?;
        let checkpoint = VerifiedCheckpoint::open(note, &self.log)?;
        let mut state = State::new(Policy {
            log: *self.log.key(),
            arbiters: Vec::new(),
        });
        let mut last = None;
        for carried in &self.entries {
            let (index, hashes) = carried.place.as_ref().ok_or(HandoverError::Order)?;
            let (index, entry) = (*index, &carried.entry);
            if last.is_some_and(|last| last >= index) {
                return Err(HandoverError::Order);
            }
            last = Some(index);
            let leaf = entry.id();
            verify_inclusion(leaf, index, checkpoint.size(), checkpoint.root(), hashes)
                .map_err(|why| HandoverError::Proof { index, why })?;
            let refused = |broken| HandoverError::Signature { index, broken };
            let key = state.key_of(entry).ok_or(refused(Broken::UnknownKey))?;
            if !entry.verify_strict(&key) {
                return Err(refused(Broken::Signature));
            }
            // An entry that broke a rule is void here as it is in the log.
            let _ = state.step(index, &leaf, entry);
        }
        Ok(Proven { checkpoint, state })
    }

    /// The entry the file is about.
    #[must_use]
    pub fn offered(&self) -> Option<&Carried> {
        self.entries.iter().find(|one| one.entry.id() == self.offer)
    }
}

#[derive(Default)]
struct Head {
    purpose: Option<Purpose>,
    log: Option<VerifierKey>,
    offer: Option<LeafHash>,
    checkpoint: Option<String>,
}

impl Head {
    fn take(&mut self, line: usize, name: &str, value: &str) -> Result<(), HandoverError> {
        let wrong = |why| HandoverError::Form { line, why };
        let twice = match name {
            "for" => {
                let all = [Purpose::Answer, Purpose::Offer, Purpose::Request];
                let purpose = all.into_iter().find(|one| one.word() == value);
                self.purpose
                    .replace(purpose.ok_or(wrong("wanted `for offer`, `for answer` or `for request`"))?)
                    .is_some()
            }
            "log" => self.log.replace(VerifierKey::parse(value)?).is_some(),
            "names" => {
                let digest = Digest::parse_hex(value).ok_or(wrong("wanted 64 hexadecimal digits"))?;
                let leaf = LeafHash::from_bytes(*digest.as_bytes());
                self.offer.replace(leaf).is_some()
            }
            "checkpoint" => {
                let note =
                    String::from_utf8(decode(line, value)?).map_err(|_| wrong("wanted a signed note"))?;
                self.checkpoint.replace(note).is_some()
            }
            _ => return Err(wrong("unknown line")),
        };
        if twice { Err(wrong("given twice")) } else { Ok(()) }
    }
}

fn carried(line: usize, value: &str) -> Result<Carried, HandoverError> {
    let wrong = |why| HandoverError::Form { line, why };
    let mut parts = value.split(' ');
    let (Some(index), Some(entry), Some(hashes), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong("wanted a leaf index, an entry and hashes"));
    };
    let entry = Entry::decode(&decode(line, entry)?).map_err(|why| HandoverError::Entry { line, why })?;
    if index == "-" {
        return Ok(Carried { place: None, entry });
    }
    let index: u64 = index.parse().map_err(|_| wrong("wanted a leaf index"))?;
    let hashes = if hashes == "-" {
        Vec::new()
    } else {
        decode(line, hashes)?
    };
    let (chunks, rest) = hashes.as_chunks::<32>();
    if !rest.is_empty() || chunks.len() > PROOF_HASHES_MAX {
        return Err(wrong("wanted at most 64 hashes of 32 bytes"));
    }
    let hashes = chunks.iter().map(|hash| NodeHash::from_bytes(*hash)).collect();
    Ok(Carried {
        place: Some((LeafIndex(index), hashes)),
        entry,
    })
}

fn decode(line: usize, text: &str) -> Result<Vec<u8>, HandoverError> {
    BASE64.decode(text).map_err(|_| HandoverError::Form {
        line,
        why: "wanted base64",
    })
}

const FIRST: &str = "byline hand-over v1";
const PROOF_HASHES_MAX: usize = 64;
