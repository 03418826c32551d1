//! From the log to its map: what each entry that stands changes, and the root after any of them.

use std::io;

use super::{End, Holding, MapKey, MapProof, MapValue, Settled, StateMap, Title, Topic};
use crate::base::Digest;
use crate::ledger::audit::in_parallel;
use crate::ledger::body::{EntryBody, RevokeReason, StateRoot, Subject};
use crate::ledger::entry::Meaning;
use crate::ledger::hash::LeafHash;
use crate::ledger::title::{AssetStanding, State};
use crate::ledger::tree::TreeSize;

/// Status of a digest: registered again after the first time.
pub const AGAIN: u16 = 1;
/// Status of an asset: a dispute about it is open.
pub const DISPUTED: u16 = 1;
/// Status of an asset: one of its titles leans on an entry signed with a key that was declared compromised before it.
pub const SUSPECT: u16 = 2;
/// Status of an asset: a licence took effect and no entry has ended it; its own period is not looked at.
pub const LICENSED: u16 = 4;
/// Status of an asset: such a licence is exclusive.
pub const EXCLUSIVE: u16 = 8;
/// Status of an asset: a reservation of uses is in force.
pub const RESERVED: u16 = 16;

/// The map of a log, fed with its entries in order.
///
/// What is said of an asset is worked out when a root is asked for, once for each asset that entries were about since;
/// after a key was declared compromised, for all.
#[derive(Debug, Default)]
pub struct Feed {
    map: StateMap,
    /// Registrations of the state that are in the map.
    registrations: u32,
    /// Assets that other entries were about since.
    changed: Vec<[u8; 16]>,
    is_all_changed: bool,
}

/// What a map says about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What was asked.
    pub topic: Topic,
    /// The way to its key.
    pub map: MapProof,
    /// Who holds the asset; empty for a digest and for what is absent.
    pub titles: Vec<Title>,
    /// The entries that are named: registrations and acceptances, or the first registration of a digest.
    pub entries: Vec<LeafHash>,
}

impl Feed {
    /// The map of the empty log, in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The map of the empty log, kept as this empty one is.
    #[must_use]
    pub fn of(map: StateMap) -> Self {
        Self {
            map,
            ..Self::default()
        }
    }

    /// Takes an entry that the reducer has let stand.
    ///
    /// # Errors
    /// When there is no room.
    pub fn take(&mut self, leaf: &LeafHash, entry: &Meaning) -> io::Result<()> {
        match entry.body() {
            EntryBody::AssetRegister(body) => {
                self.map.register(Topic::Content(body.content).key(), leaf)?;
                return body.pixel.map_or(Ok(()), |(rule, digest)| {
                    self.map.register(Topic::Pixel(rule, digest).key(), leaf)
                });
            }
            EntryBody::KeyRevoke(body) if matches!(body.reason, RevokeReason::Compromised { .. }) => {
                self.is_all_changed = true;
            }
            _ => {}
        }
        if let Subject::Asset(asset_id) = entry.body().subject() {
            self.changed.push(asset_id);
        }
        Ok(())
    }

    /// The map over everything taken so far, which is what `state` has taken too.
    ///
    /// # Errors
    /// When there is no room, or what was put there cannot be read again: what the map would say is not to be relied on.
    pub fn settle(&mut self, state: &State, size: TreeSize) -> io::Result<Settled<'_>> {
        let mut from = if self.is_all_changed {
            0
        } else {
            self.registrations
        };
        loop {
            let rows = state.registered(from, ASSETS_TOGETHER);
            if rows.is_empty() {
                break;
            }
            from = from.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            let said = in_parallel(&rows, self.map.threads(), |part| {
                part.iter().map(|row| said(&state.asset_of(row, size))).collect()
            });
            for (key, value) in said {
                self.map.set(key, value)?;
            }
        }
        self.changed.sort_unstable();
        self.changed.dedup();
        for asset in self.changed.iter().filter_map(|id| state.asset(id, size)) {
            let (key, value) = said(&asset);
            self.map.set(key, value)?;
        }
        state.take_failure().map_or(Ok(()), Err)?;
        self.registrations = state.registrations();
        self.changed.clear();
        self.is_all_changed = false;
        self.map.settle()
    }

    /// What a state.root entry says that comes next.
    ///
    /// # Errors
    /// As [`Feed::settle`].
    pub fn root(&mut self, state: &State, size: TreeSize) -> io::Result<StateRoot> {
        let settled = self.settle(state, size)?;
        Ok(StateRoot {
            root: Digest::from_bytes(*settled.root().as_bytes()),
            keys: settled.size().0,
            covers: size,
        })
    }

    /// What the map says about a topic, with what a state proof of it needs beside places in the log.
    ///
    /// # Errors
    /// As [`Feed::settle`].
    pub fn say(&mut self, topic: Topic, state: &State, size: TreeSize) -> io::Result<Said> {
        let map = self.settle(state, size)?.prove(&topic.key())?;
        let standing = match topic {
            Topic::Asset(id) => state.asset(&id, size),
            Topic::Content(_) | Topic::Pixel(..) => None,
        };
        state.take_failure().map_or(Ok(()), Err)?;
        let titles = standing.as_ref().map(titles).unwrap_or_default();
        let entries = match (map.end, topic) {
            (End::Found(_), Topic::Asset(_)) => Title::entries(&titles),
            (End::Found(first), _) => vec![LeafHash::from_bytes(*first.state.as_bytes())],
            (End::Empty | End::Other(..), _) => Vec::new(),
        };
        Ok(Said {
            topic,
            map,
            titles,
            entries,
        })
    }
}

/// Assets of which is worked out together what is said of them.
const ASSETS_TOGETHER: u32 = 1 << 13;

/// The titles of an asset as the map hashes them.
#[must_use]
pub fn titles(standing: &AssetStanding) -> Vec<Title> {
    let title = |title: &crate::ledger::title::TitleStanding| {
        let mut holders: Vec<Holding> = title
            .holders
            .iter()
            .map(|holder| Holding {
                identity: holder.identity,
                share: holder.share,
                title: holder.head,
            })
            .collect();
        holders.sort_unstable();
        Title {
            registered: title.registered.leaf,
            holders,
        }
    };
    standing.titles.iter().map(title).collect()
}

/// What the map says about an asset.
fn said(standing: &AssetStanding) -> (MapKey, MapValue) {
    let all = || standing.titles.iter();
    let licences = || {
        let licences = all().flat_map(|title| &title.licences);
        licences.filter(|licence| licence.ended.is_none())
    };
    let flags = [
        (DISPUTED, standing.open_disputes().next().is_some()),
        (SUSPECT, all().any(|title| title.suspect.is_some())),
        (LICENSED, licences().next().is_some()),
        (EXCLUSIVE, licences().any(|licence| licence.scope.exclusive)),
        (RESERVED, all().any(|title| !title.reservations.is_empty())),
    ];
    let status = flags
        .into_iter()
        .filter(|(_, holds)| *holds)
        .fold(0, |status, (flag, _)| status | flag);
    let state = Title::state(&titles(standing));
    (Topic::Asset(standing.asset_id).key(), MapValue { state, status })
}
