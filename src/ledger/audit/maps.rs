//! The state maps that a log signs, made again from its entries.

use super::super::body::StateRoot;
use super::super::entry::Entry;
use super::super::hash::LeafHash;
use super::super::map::Feed;
use super::super::title::State;
use super::super::tree::{LeafIndex, TreeSize};
use super::finding::Rule;

/// Whether the state maps of a log are made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMaps {
    /// Each one, with about 350 bytes of memory for each registration.
    Derive,
    /// None; that they were passed over is noted.
    PassOver,
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

    /// What is wrong with a state.root entry at `index`, `state` being that of all entries before it.
    pub(super) fn check(&mut self, state: &State, index: LeafIndex, said: &StateRoot) -> Option<Rule> {
        let derived = self.0.as_mut().map(|feed| feed.root(state, TreeSize(index.0)));
        match derived {
            Some(Ok(derived)) => (derived != *said).then_some(Rule::StateMap),
            Some(Err(_)) | None => Some(Rule::StateMapPassedOver),
        }
    }
}
