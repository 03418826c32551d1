//! The reducer: what the log says of keys and pictures, as a pure function of its entries in their order.
//!
//! ```text
//! (State, index, Entry) -> State  or  the rule it broke
//! ```
//!
//! No clock, no disk. The same function decides at append (over the entries about one asset and the keys that signed
//! them, [`State::prepare`]) and at audit (over all). An entry that breaks a rule changes nothing: it is *void*. Times in
//! entries are compared with times in entries; whether the log recorded an acceptance in time is the log's own conduct
//! and checked beside the reducer ([`super::rules`]).
//!
//! Words: an *identity* is named by its first key and speaks by its current one ([`Keys`]). A *chain of title* begins with
//! one registration, which gives the whole to its signer; one asset id has a chain for each identity that registered it.
//! A *holder* is a recorded holder: the log shows who recorded which claim first, and what followed. An entry is
//! *suspect* when its key was later declared compromised as of an earlier index; a title that such an entry moved is
//! contested since then. The same content registered by another identity before makes a registration *contested*. None
//! of this is resolved here: it is shown side by side.

mod asset;
mod assets;
mod chain;
mod dispute;
mod history;
mod keys;
mod licence;
mod load;
mod table;
mod view;

pub use asset::Did;
pub use history::{Event, History, Judged, history};
pub use keys::{Compromised, KeyStanding, Keys};
pub use load::{compromised, identity};
pub(super) use table::Row;
pub use view::{
    AssetStanding, Claim, DisputeStanding, Entered, Holder, LicenceStanding, OfferStanding,
    ReservationStanding, Suspicion, TitleStanding, WaitingStanding,
};

use std::io;
use std::sync::Arc;

use self::asset::Around;
use self::assets::Assets;
use super::body::{EntryBody, Subject};
use super::broken::Broken;
use super::entry::Meaning;
use super::frame::Header;
use super::hash::LeafHash;
use super::spill::Room;
use super::tree::{LeafIndex, TreeSize};
use crate::keys::{KeyId, PublicKey};

/// What a ledger fixes once and for all and the rules need: its own key, and who may find for either side of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The log's key.
    pub log: PublicKey,
    /// Identities whose word closes a dispute of others.
    pub arbiters: Vec<KeyId>,
}

impl Policy {
    /// The policy of a ledger.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        Self {
            log: *header.verifier.key(),
            arbiters: header.arbiters.clone(),
        }
    }
}

/// What the log says, up to some size.
pub struct State {
    policy: Policy,
    log: KeyId,
    keys: Keys,
    assets: Assets,
}

/// The sizes: a state is as long as its log.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("keys", &self.keys.len())
            .field("registrations", &self.assets.table.len())
            .finish_non_exhaustive()
    }
}

impl State {
    /// The state of the empty log.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::with_keys(policy, Keys::default())
    }

    /// The state of the empty log; what grows with the number of registrations goes where there is room.
    #[must_use]
    pub fn in_room(policy: Policy, room: Arc<dyn Room>) -> Self {
        let mut state = Self::new(policy);
        state.assets = Assets::in_room(room);
        state
    }

    /// Why something that was put in the room is lost, told once: what this state said since is not to be relied on.
    pub fn take_failure(&self) -> Option<io::Error> {
        self.assets.table.take_failure()
    }

    /// A state that knows some keys already.
    pub(super) fn with_keys(policy: Policy, keys: Keys) -> Self {
        Self {
            log: policy.log.key_id(),
            policy,
            keys,
            assets: Assets::default(),
        }
    }

    /// Takes the next entry, its signature checked with [`State::key_of`].
    ///
    /// # Errors
    /// The rule it breaks; nothing is changed then.
    pub fn step(&mut self, index: LeafIndex, leaf: &LeafHash, entry: &Meaning) -> Result<Did, Broken> {
        let is_log = entry.signer() == self.log;
        match entry.body().subject() {
            Subject::Log if !is_log => Err(Broken::NotLogKey),
            Subject::Log => check_cover(index, entry.body()).map(|()| Did::LogSpoke),
            Subject::Asset(_) | Subject::Identity(_) if is_log => Err(Broken::LogKeyEnters),
            Subject::Identity(_) => self.keys.step(index, leaf, entry),
            Subject::Asset(asset_id) => {
                let around = Around {
                    keys: &self.keys,
                    arbiters: &self.policy.arbiters,
                };
                self.assets.step(around, asset_id, index, leaf, entry)
            }
        }
    }

    /// The key that an entry's signature must match: the one it carries, the log's, or one that entered the log; `None`
    /// when its signer is unknown here.
    #[must_use]
    pub fn key_of(&self, entry: &Meaning) -> Option<PublicKey> {
        let carried = entry.body().own_key();
        carried
            .or_else(|| (entry.signer() == self.log).then_some(self.policy.log))
            .or_else(|| self.keys.public(&entry.signer()))
    }

    /// The keys.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn into_keys(self) -> Keys {
        self.keys
    }

    /// What the log says of an asset id; `None` when no registration of it stands.
    #[must_use]
    pub fn asset(&self, asset_id: &[u8; 16], size: TreeSize) -> Option<AssetStanding> {
        let asset = self.assets.get(asset_id, &self.keys)?;
        Some(view::asset(&asset, asset_id, &self.keys, size))
    }

    /// How many registrations stand.
    pub(super) fn registrations(&self) -> u32 {
        self.assets.table.len()
    }

    /// Some registrations that stand, from this one on, in the order of the log; none after the last.
    pub(super) fn registered(&self, from: u32, most: u32) -> Vec<Row> {
        self.assets.table.some(from, most)
    }

    /// What the log says of the asset that a registration is of.
    pub(super) fn asset_of(&self, row: &Row, size: TreeSize) -> AssetStanding {
        let asset = self.assets.of_row(row, &self.keys);
        view::asset(&asset, &row.asset_id, &self.keys, size)
    }

    /// Every asset id whose title, licences, rights or disputes more than its registration speaks of; in no order.
    pub fn touched(&self) -> impl Iterator<Item = &[u8; 16]> {
        self.assets.touched().map(|(asset_id, _)| asset_id)
    }

    /// The leaf hash of the registration that stands at an index.
    pub(super) fn leaf_at(&self, index: LeafIndex) -> Option<LeafHash> {
        self.assets.table.at(index).map(|row| row.leaf)
    }
}

/// What the log says of itself can only be about entries before it.
fn check_cover(index: LeafIndex, body: &EntryBody) -> Result<(), Broken> {
    let covers = match body {
        EntryBody::Anchor(body) => body.covers,
        EntryBody::StateRoot(body) => body.covers,
        EntryBody::Redact(body) => TreeSize(body.index.0.saturating_add(1)),
        _ => return Ok(()),
    };
    match body {
        _ if covers.0 > index.0 => Err(Broken::CoversMore { covers, index }),
        // Whoever makes the map again has the state of all entries before, and no earlier one.
        EntryBody::StateRoot(_) if covers.0 < index.0 => Err(Broken::CoversLess { covers, index }),
        _ => Ok(()),
    }
}
