//! The rules an entry must keep to stand in the log: the same at append and at audit.

use std::collections::HashMap;

use super::body::{DigestForm, EntryBody};
use super::entry::Entry;
use super::hash::LeafHash;
use super::secret::LookupMode;
use super::tree::LeafIndex;
use crate::base::Timestamp;
use crate::keys::{KeyId, PublicKey};

/// How far an entry's time may lie before the latest entry's: a batch is signed in parallel and slow disks exist.
pub const BEHIND_MS_MAX: i64 = 10 * 60 * 1000;
/// How far an entry's time may lie after the log's own clock.
pub const AHEAD_MS_MAX: i64 = 5 * 60 * 1000;

/// Which rule an entry breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The same asset id by the same key.
    #[error("the signer has registered this asset id before, as entry {earlier}")]
    AssetTwice {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// The entry says it was signed after the log recorded it.
    #[error("its time, {time}, is more than five minutes after the log's clock, {clock}")]
    Ahead {
        /// The entry's time.
        time: Timestamp,
        /// The log's clock.
        clock: Timestamp,
    },
    /// The entry says it was signed long before the entries before it.
    #[error("its time, {time}, is more than ten minutes before {latest}, the time of an earlier entry")]
    Behind {
        /// The entry's time.
        time: Timestamp,
        /// The latest time so far.
        latest: Timestamp,
    },
    /// The same bytes again.
    #[error("the same entry stands in the log already, as entry {earlier}")]
    Duplicate {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// A key enters the log twice.
    #[error("its key entered the log before, as entry {earlier}")]
    InceptTwice {
        /// The earlier entry.
        earlier: LeafIndex,
    },
    /// Plain digests in a private ledger, or keyed ones in a public one.
    #[error("its digests are not made as this ledger's look-up mode wants")]
    Mode,
    /// The signature is not the signer's.
    #[error("its signature does not match its signer's key")]
    Signature,
    /// A kind whose rules are not written yet.
    #[error("the rules of {kind} are not written yet")]
    Unruled {
        /// The kind.
        kind: &'static str,
    },
    /// The signer has no key.incept before this entry.
    #[error("its signer has no key.incept before it")]
    UnknownKey,
}

/// What the rules need to remember of the log so far.
pub trait Memory {
    /// The key of a signer and the entry by which it entered.
    fn key(&self, id: &KeyId) -> Option<(PublicKey, LeafIndex)>;
    /// The entry with this id.
    fn entry(&self, id: &LeafHash) -> Option<LeafIndex>;
    /// The entry by which this signer registered this asset id.
    fn asset(&self, signer: &KeyId, asset_id: &[u8; 16]) -> Option<LeafIndex>;
}

/// The rules at one place of the log.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How the log makes digests.
    pub mode: LookupMode,
    /// The latest time of any entry so far.
    pub latest: Option<Timestamp>,
}

impl Rules {
    /// Checks one entry but its signature; `clock` is the log's own, when it records the entry.
    /// Returns the key that the signature must match.
    pub fn check(
        &self,
        entry: &Entry,
        id: &LeafHash,
        clock: Timestamp,
        memory: &dyn Memory,
    ) -> Result<PublicKey, Broken> {
        if let Some(earlier) = memory.entry(id) {
            return Err(Broken::Duplicate { earlier });
        }
        let key = self.signer(entry, memory)?;
        let time = entry.time();
        if time.unix_ms() > clock.unix_ms().saturating_add(AHEAD_MS_MAX) {
            return Err(Broken::Ahead { time, clock });
        }
        match self.latest {
            Some(latest) if time.unix_ms().saturating_add(BEHIND_MS_MAX) < latest.unix_ms() => {
                Err(Broken::Behind { time, latest })
            }
            _ => Ok(key),
        }
    }

    fn signer(&self, entry: &Entry, memory: &dyn Memory) -> Result<PublicKey, Broken> {
        let known = memory.key(&entry.signer());
        match (entry.body(), known) {
            (EntryBody::KeyIncept(_), Some((_, earlier))) => Err(Broken::InceptTwice { earlier }),
            (EntryBody::KeyIncept(incept), None) => Ok(incept.key),
            (EntryBody::AssetRegister(_), None) => Err(Broken::UnknownKey),
            (EntryBody::AssetRegister(body), Some((key, _))) => {
                let wanted = match self.mode {
                    LookupMode::Private => DigestForm::Keyed,
                    LookupMode::Public => DigestForm::Plain,
                };
                if body.digests != wanted {
                    return Err(Broken::Mode);
                }
                match memory.asset(&entry.signer(), &body.asset_id) {
                    Some(earlier) => Err(Broken::AssetTwice { earlier }),
                    None => Ok(key),
                }
            }
            (body, _) => Err(Broken::Unruled { kind: body.kind() }),
        }
    }

    /// Notes that an entry now stands in the log.
    pub fn passed(&mut self, entry: &Entry) {
        self.latest = self.latest.max(Some(entry.time()));
    }
}

/// A memory that holds everything: 100 bytes an entry.
#[derive(Clone, Debug, Default)]
pub struct FullMemory {
    keys: HashMap<KeyId, (PublicKey, LeafIndex)>,
    entries: HashMap<LeafHash, LeafIndex>,
    assets: HashMap<([u8; 16], [u8; 16]), LeafIndex>,
}

impl FullMemory {
    /// Remembers an entry.
    pub fn record(&mut self, index: LeafIndex, id: LeafHash, entry: &Entry) {
        self.entries.entry(id).or_insert(index);
        match entry.body() {
            EntryBody::KeyIncept(incept) => {
                self.keys.entry(entry.signer()).or_insert((incept.key, index));
            }
            EntryBody::AssetRegister(body) => {
                self.assets
                    .entry((half(&entry.signer()), body.asset_id))
                    .or_insert(index);
            }
            _ => {}
        }
    }

    /// The keys so far.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &PublicKey)> {
        self.keys.iter().map(|(id, (key, _))| (id, key))
    }
}

impl Memory for FullMemory {
    fn key(&self, id: &KeyId) -> Option<(PublicKey, LeafIndex)> {
        self.keys.get(id).copied()
    }

    fn entry(&self, id: &LeafHash) -> Option<LeafIndex> {
        self.entries.get(id).copied()
    }

    fn asset(&self, signer: &KeyId, asset_id: &[u8; 16]) -> Option<LeafIndex> {
        self.assets.get(&(half(signer), *asset_id)).copied()
    }
}

/// Half a thumbprint, 128 bits: two keys that share it would take 2^64 tries, and only the same asset id would collide.
fn half(signer: &KeyId) -> [u8; 16] {
    let [(first, _)] = [signer
        .as_bytes()
        .split_first_chunk::<16>()
        .unwrap_or((&[0; 16], &[]))];
    *first
}
