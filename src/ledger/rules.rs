//! The conduct of the log: what it must check of an entry beside the reducer ([`super::title`]), which says what the
//! entry may claim. And what both need to read of the past.

use super::body::{DigestForm, EntryBody};
pub use super::broken::Broken;
use super::broken::Deadline;
use super::entry::{Entry, Meaning};
use super::hash::LeafHash;
use super::secret::LookupMode;
use super::title::Did;
use super::tree::LeafIndex;
use crate::base::Timestamp;
use crate::keys::{KeyId, PublicKey};

/// How far an entry's time may lie before the latest entry's: a batch is signed in parallel and slow disks exist.
pub const BEHIND_MS_MAX: i64 = 10 * 60 * 1000;
/// How far an entry's time may lie after the log's own clock.
pub const AHEAD_MS_MAX: i64 = 5 * 60 * 1000;

/// What the rules need to read of the log so far. Every answer may hold too much (it is judged again), never too little.
pub trait Memory {
    /// Where the entry with this id stands.
    fn entry(&self, id: &LeafHash) -> Option<LeafIndex>;

    /// Every key event of which this is the identity, and every key.incept and key.rotate of this key, in the order of the
    /// log.
    fn key_events(&self, key: &KeyId) -> Result<Vec<(LeafIndex, Entry)>, Unreadable>;

    /// Every entry about an asset id, in the order of the log.
    fn about(&self, asset_id: &[u8; 16]) -> Result<Vec<(LeafIndex, Entry)>, Unreadable>;

    /// Whether an entry's signature is its signer's; `key` is that signer's key.
    fn is_signed(&self, entry: &Entry, key: &PublicKey) -> bool {
        entry.verify_strict(key)
    }
}

/// An entry of the past that a rule needs cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {index}, which its rules need, cannot be read")]
pub struct Unreadable {
    /// Where it stands.
    pub index: LeafIndex,
}

/// The conduct of the log at one place.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How the log makes digests.
    pub mode: LookupMode,
    /// The latest time of any entry so far.
    pub latest: Option<Timestamp>,
}

impl Rules {
    /// Checks that the log may record an entry now; `clock` is its own. `named` finds earlier entries by their id.
    pub fn check(
        &self,
        entry: &Meaning,
        clock: Timestamp,
        named: impl Fn(&LeafHash) -> Option<LeafIndex>,
    ) -> Result<(), Broken> {
        let time = entry.time();
        match entry.body() {
            EntryBody::AssetRegister(body) => {
                let wanted = match self.mode {
                    LookupMode::Private => DigestForm::Keyed,
                    LookupMode::Public => DigestForm::Plain,
                };
                if body.digests != wanted {
                    return Err(Broken::Mode);
                }
            }
            EntryBody::Redact(body) if named(&body.leaf) != Some(body.index) => {
                return Err(Broken::RedactsOther { index: body.index });
            }
            _ => {}
        }
        if time.unix_ms() > clock.unix_ms().saturating_add(AHEAD_MS_MAX) {
            return Err(Broken::Ahead { time, clock });
        }
        match self.latest {
            Some(latest) if time.unix_ms().saturating_add(BEHIND_MS_MAX) < latest.unix_ms() => {
                Err(Broken::Behind { time, latest })
            }
            _ => Ok(()),
        }
    }

    /// Notes that an entry now stands in the log.
    pub fn passed(&mut self, entry: &Meaning) {
        self.latest = self.latest.max(Some(entry.time()));
    }
}

/// Checks that the log recorded, at `clock`, what had to be recorded by then.
pub fn check_deadline(did: Did, clock: Timestamp) -> Result<(), Broken> {
    match did {
        Did::Moved {
            deadline: Some(deadline),
        } if clock.unix_s() > deadline.unix_s() => {
            let limit = Deadline::Until(deadline);
            Err(Broken::Late { limit })
        }
        _ => Ok(()),
    }
}
