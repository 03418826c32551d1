//! The state maps that a log signs, made again from its entries.

use std::io;

use super::super::body::{EntryBody, StateRoot};
use super::super::entry::{Entry, Meaning};
use super::super::frame::{Frame, FrameKind};
use super::super::hash::LeafHash;
use super::super::map::{Feed, StateMap};
use super::super::title::State;
use super::super::tree::{LeafIndex, TreeSize};
use super::Options;
use super::finding::Rule;
use crate::keys::KeyId;

/// Whether the state maps of a log are made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMaps {
    /// Each one. Takes 200 bytes of room for each registration, and half as long again as an audit without.
    Derive,
    /// None; that they were passed over is noted.
    PassOver,
    /// None as long as there is none. At the first one the audit ends and says so in [`Audit::wants_maps`](super::Audit::wants_maps):
    /// only another audit that derives them from the beginning can judge it. Most logs sign none, and this costs them nothing.
    Wait,
}

/// Whether the log signs a state map in the last bytes of its file, a sign that it does so from time to time.
#[must_use]
pub fn last_bytes_sign_state(bytes: &[u8], log: &KeyId) -> bool {
    memchr::memmem::find_iter(bytes, log.as_bytes()).any(|at| {
        let entry = at.checked_sub(KID_AT).and_then(|start| {
            let frame = bytes.get(start.checked_sub(FRAME_HEAD)?..)?;
            let frame = Frame::parse(frame).ok()?;
            (frame.kind == FrameKind::Entry).then_some(frame.payload)
        });
        entry.is_some_and(|entry| is_state_root(entry, log))
    })
}

/// Whether an entry is the log's state.root. Decodes only what names the log's key somewhere.
#[must_use]
pub fn is_state_root(bytes: &[u8], log: &KeyId) -> bool {
    let names_log = memchr::memmem::find(bytes, log.as_bytes()).is_some();
    names_log && Entry::decode(bytes).is_ok_and(|entry| matches!(entry.body(), EntryBody::StateRoot(_)))
}

/// The map so far.
pub(super) enum Maps {
    Derived(Box<Feed>),
    PassedOver,
    Awaited,
    /// There was no room for it: nothing is said of maps from there on, and the audit fails.
    Lost(io::Error),
}

/// What became of a state map that the log signs.
pub(super) enum MapCheck {
    Right,
    Wrong(Rule),
    /// There is nothing to compare it with.
    Wanted,
}

impl Maps {
    pub(super) fn new(options: &Options) -> Self {
        match options.maps {
            StateMaps::Derive => {
                let map = match &options.room {
                    None => StateMap::new(),
                    Some(room) => StateMap::in_room(room.clone(), KEYS_IN_MEMORY),
                };
                Self::Derived(Box::new(Feed::of(map.shared_by(options.threads))))
            }
            StateMaps::PassOver => Self::PassedOver,
            StateMaps::Wait => Self::Awaited,
        }
    }

    /// Takes an entry that stands.
    pub(super) fn stood(&mut self, id: &LeafHash, entry: &Meaning) {
        if let Self::Derived(feed) = self
            && let Err(error) = feed.take(id, entry)
        {
            *self = Self::Lost(error);
        }
    }

    /// Why the map could not be kept, told once.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        match std::mem::replace(self, Self::PassedOver) {
            Self::Lost(error) => Some(error),
            other => {
                *self = other;
                None
            }
        }
    }

    /// The map so far.
    pub(super) fn feed(&mut self) -> io::Result<&mut Feed> {
        match self {
            Self::Derived(feed) => Ok(feed),
            _ => Err(io::Error::other("the state map is not made")),
        }
    }

    /// What is to be said of a state.root entry at `index`, `state` being that of all entries before it.
    pub(super) fn check(&mut self, state: &State, index: LeafIndex, said: &StateRoot) -> MapCheck {
        match self {
            Self::Derived(feed) => match feed.root(state, TreeSize(index.0)) {
                Ok(derived) if derived == *said => MapCheck::Right,
                Ok(_) => MapCheck::Wrong(Rule::StateMap),
                Err(error) => {
                    *self = Self::Lost(error);
                    MapCheck::Wrong(Rule::StateMapPassedOver)
                }
            },
            Self::PassedOver | Self::Lost(_) => MapCheck::Wrong(Rule::StateMapPassedOver),
            Self::Awaited => MapCheck::Wanted,
        }
    }
}

/// Less than 7 MiB of memory.
const KEYS_IN_MEMORY: usize = 1 << 16;
/// Where the signer stands in an entry.
const KID_AT: usize = 46;
const FRAME_HEAD: usize = 8;
