//! State proofs: who holds an asset as of one size of the log, which entry first registered a picture, or that there is none.
//! Checkable for ever without the ledger and without a network.
//!
//! ```text
//! byline-state-proof/v1
//! about (asset UUID | content HEX | pixel RULE HEX)
//! (the way to the topic's key in the state map: one line of `found`, `other` or `empty`, then `step` lines; see `map`)
//! registered (leaf hash, base64)                                 for each registration of an asset that is found
//! holder (identity, hex) (share, basis points) (title, base64)   for each of its holders, by identity ascending
//! state (index) (base64 of the state.root entry and the log's key)
//! (base64 of a hash, one a line: its way to the checkpoint's root, from the leaf's sibling up)
//! entry (index) (base64 of an entry and its signer's key)        for each registration and title that is named, indexes ascending
//! (its way, likewise)
//! (empty line)
//! (the checkpoint, verbatim, with the cosignatures of witnesses)
//! ```
//!
//! Nothing in it is taken on trust but the checkpoint, by the log's key and whatever witnesses the reader asks for. The checkpoint holds the state.root entry,
//! which the log signed and which names the map's root; the root gives one answer about the key; registrations and holders
//! are those that the answer hashes; each entry stands below the size that the map covers, signed by the key beside it. What a
//! reader must still believe is that the log made its map right: an audit replays it.
//!
//! True examples are `tests/vectors/state/*.state-proof`; a test makes them again.

mod text;

pub use text::{STATE_PROOF_BYTES_MAX, StateProofError};

use super::body::{EntryBody, StateRoot, Subject};
use super::checkpoint::{CheckpointError, VerifiedCheckpoint};
use super::entry::{Entry, EntryError};
use super::hash::{LeafHash, NodeHash};
use super::map::{MapProof, MapProofError, MapRoot, MapValue, Said, Title, Topic};
use super::note::VerifierKey;
use super::proof::{ProofError, verify_inclusion};
use super::tree::{LeafIndex, TreeSize};
use crate::keys::PublicKey;

/// A state proof, read or made; not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProof {
    /// What it is about.
    pub topic: Topic,
    /// What the map says, with the way to its root.
    pub map: MapProof,
    /// Who holds the asset, earliest registration first, holders by identity ascending; empty unless an asset is found.
    pub titles: Vec<Title>,
    /// The state.root entry.
    pub root: Placed,
    /// The entries that the titles name, or the first registration of a digest; indexes ascending.
    pub entries: Vec<Placed>,
    /// The whole note, cosignatures included.
    pub checkpoint: String,
}

/// An entry and its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where it stands.
    pub index: LeafIndex,
    /// Its bytes.
    pub entry: Vec<u8>,
    /// The key that signed it.
    pub key: PublicKey,
    /// The way to the root of the checkpoint's tree, from the leaf's sibling up.
    pub hashes: Vec<NodeHash>,
}

/// Why a state proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateUnproven {
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The map is not that of all entries before its root.
    #[error("the state.root entry at index {index} covers {covers} entries, not all before it")]
    Covers {
        /// Where it stands.
        index: LeafIndex,
        /// What it says.
        covers: TreeSize,
    },
    /// The bytes are no entry.
    #[error("an entry in the proof cannot be read: {0}")]
    Entry(#[from] EntryError),
    /// An entry is not at its place of the checkpoint's tree.
    #[error("an entry is not where the proof says it is: {0}")]
    Inclusion(#[from] ProofError),
    /// The way through the map does not hold.
    #[error(transparent)]
    Map(#[from] MapProofError),
    /// The entry that should name the map's root is another.
    #[error("the entry that should name the map's root is no state.root of this log")]
    NotAStateRoot,
    /// A signature is not its signer's.
    #[error("an entry in the proof is not signed by the key it names")]
    Signature,
    /// The titles are not those of the map.
    #[error("the registrations and holders in the proof are not those whose hash the map holds")]
    Titles,
    /// The entries do not fit the titles, or the registration the digest.
    #[error("the entries in the proof are not the ones that the map names, or are about something else")]
    WrongEntries,
}

/// What a state proof proved.
#[derive(Clone, Debug)]
pub struct StateProven {
    /// What the map says; `None` when the topic is not in it.
    pub known: Option<Known>,
    /// Up to which size of the log, by the state.root entry.
    pub covers: TreeSize,
    /// The state.root entry; its time is the log's when it made the map.
    pub root: Entry,
}

/// What stands in a map about a topic that is in it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who holds the asset, earliest registration first; empty for a digest.
    pub titles: Vec<Title>,
    /// The flags of the map.
    pub status: u16,
    /// The entries that the titles name, or the first registration of a digest.
    pub entries: Vec<(LeafIndex, Entry)>,
}

impl StateProof {
    /// Joins what a map says with the places of its root and of the entries it names; `checkpoint` is the whole note.
    #[must_use]
    pub fn new(said: Said, root: Placed, mut entries: Vec<Placed>, checkpoint: String) -> Self {
        entries.sort_by_key(|placed| placed.index);
        Self {
            topic: said.topic,
            map: said.map,
            titles: said.titles,
            root,
            entries,
            checkpoint,
        }
    }

    /// Checks everything; the checkpoint in the proof by the log's key, its cosignatures not at all.
    pub fn verify(&self, log: &VerifierKey) -> Result<StateProven, StateUnproven> {
        self.verify_under(&VerifiedCheckpoint::open(&self.checkpoint, log)?, log)
    }

    /// Checks everything under a checkpoint that was accepted before: the one in the proof, by a policy that asks for
    /// witnesses, say. `log` is whose checkpoint it is.
    pub fn verify_under(
        &self,
        checkpoint: &VerifiedCheckpoint,
        log: &VerifierKey,
    ) -> Result<StateProven, StateUnproven> {
        let root = self.root.verify(checkpoint)?;
        let EntryBody::StateRoot(StateRoot {
            root: map, covers, ..
        }) = *root.body()
        else {
            return Err(StateUnproven::NotAStateRoot);
        };
        if self.root.key != *log.key() {
            return Err(StateUnproven::NotAStateRoot);
        }
        let index = self.root.index;
        if covers.0 != index.0 {
            return Err(StateUnproven::Covers { index, covers });
        }
        let said = self
            .map
            .verify(&self.topic.key(), &MapRoot::from_bytes(*map.as_bytes()))?;
        let mut entries = Vec::with_capacity(self.entries.len());
        for placed in &self.entries {
            placed.index.within(covers).ok_or(StateUnproven::WrongEntries)?;
            entries.push((placed.index, placed.verify(checkpoint)?));
        }
        let known = match said {
            None if !self.titles.is_empty() => return Err(StateUnproven::Titles),
            None if !entries.is_empty() => return Err(StateUnproven::WrongEntries),
            None => None,
            Some(value) => Some(self.known(value, entries)?),
        };
        Ok(StateProven { known, covers, root })
    }

    /// Compares titles and entries with what the map holds.
    fn known(&self, value: MapValue, entries: Vec<(LeafIndex, Entry)>) -> Result<Known, StateUnproven> {
        let (is_asset, titles) = (matches!(self.topic, Topic::Asset(_)), &self.titles);
        let ascend = |title: &Title| title.holders.is_sorted_by(|a, b| a.identity < b.identity);
        let fits = titles.iter().all(ascend) && Title::state(titles) == value.state;
        if is_asset && !fits || !is_asset && !titles.is_empty() {
            return Err(StateUnproven::Titles);
        }
        let named = if is_asset {
            Title::entries(titles)
        } else {
            vec![LeafHash::from_bytes(*value.state.as_bytes())]
        };
        let mut given: Vec<LeafHash> = entries.iter().map(|(_, entry)| entry.id()).collect();
        given.sort_unstable();
        let ascend = entries.is_sorted_by(|(a, _), (b, _)| a < b);
        if given != named || !ascend || !entries.iter().all(|(_, entry)| self.is_about(entry)) {
            return Err(StateUnproven::WrongEntries);
        }
        Ok(Known {
            titles: titles.clone(),
            status: value.status,
            entries,
        })
    }

    /// Whether an entry can be a title of the asset, or a registration of the digest.
    fn is_about(&self, entry: &Entry) -> bool {
        match (self.topic, entry.body()) {
            (Topic::Asset(id), EntryBody::AssetRegister(_) | EntryBody::TitleAccept(_)) => {
                entry.body().subject() == Subject::Asset(id)
            }
            (Topic::Content(digest), EntryBody::AssetRegister(body)) => body.content == digest,
            (Topic::Pixel(rule, digest), EntryBody::AssetRegister(body)) => {
                body.pixel == Some((rule, digest))
            }
            _ => false,
        }
    }
}

impl Placed {
    fn verify(&self, checkpoint: &VerifiedCheckpoint) -> Result<Entry, StateUnproven> {
        let entry = Entry::decode(&self.entry)?;
        if !entry.verify_strict(&self.key) {
            return Err(StateUnproven::Signature);
        }
        verify_inclusion(
            entry.id(),
            self.index,
            checkpoint.size(),
            checkpoint.root(),
            &self.hashes,
        )?;
        Ok(entry)
    }
}
