//! The state maps that a log signs, made again from its entries.

use std::io::{self, Read};

use super::super::body::{EntryBody, StateRoot};
use super::super::entry::Entry;
use super::super::hash::LeafHash;
use super::super::map::{Feed, MapFull};
use super::super::scan::{Item, Scan};
use super::super::title::State;
use super::super::tree::{LeafIndex, TreeSize};
use super::finding::Rule;
use crate::keys::KeyId;

/// Whether the state maps of a log are made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMaps {
    /// Each one, with about 350 bytes of memory for each registration.
    Derive,
    /// None; that they were passed over is noted.
    PassOver,
}

/// Whether a ledger file signs a state map anywhere before its walk ends: one that does not needs no memory for any. Half a
/// minute at 10^7 entries would be an audit's own; this takes a few seconds, as next to no entry is decoded.
pub fn holds_state_root(source: impl Read) -> io::Result<bool> {
    let (mut scan, header) = Scan::open(source)?;
    let Ok(header) = header else { return Ok(false) };
    let log = header.verifier.key().key_id();
    while let Ok(item) = scan.next_item()? {
        if let Item::Entry { bytes, .. } = item
            && is_state_root(bytes, &log)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an entry is the log's state.root. Decodes only what names the log's key somewhere.
#[must_use]
pub fn is_state_root(bytes: &[u8], log: &KeyId) -> bool {
    let names_log = memchr::memmem::find(bytes, log.as_bytes()).is_some();
    names_log && Entry::decode(bytes).is_ok_and(|entry| matches!(entry.body(), EntryBody::StateRoot(_)))
}

/// The map so far; none when it is passed over.
pub(super) struct Maps(Option<Feed>);

impl Maps {
    pub(super) fn new(maps: StateMaps) -> Self {
        Self((maps == StateMaps::Derive).then(Feed::new))
    }

    /// Takes an entry that stands. A map with more keys than one can hold is passed over from there on.
    pub(super) fn stood(&mut self, id: &LeafHash, entry: &Entry) {
        if let Some(feed) = &mut self.0
            && feed.take(id, entry).is_err()
        {
            self.0 = None;
        }
    }

    /// The map so far.
    pub(super) fn feed(&mut self) -> Result<&mut Feed, MapFull> {
        self.0.as_mut().ok_or(MapFull)
    }

    /// What is wrong with a state.root entry at `index`, `state` being that of all entries before it.
    pub(super) fn check(&mut self, state: &State, index: LeafIndex, said: &StateRoot) -> Option<Rule> {
        let derived = self.0.as_mut().map(|feed| feed.root(state, TreeSize(index.0)));
        match derived {
            Some(Ok(derived)) => (derived != *said).then_some(Rule::StateMap),
            Some(Err(_)) | None => Some(Rule::StateMapPassedOver),
        }
    }
}
