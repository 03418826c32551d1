//! The history of one asset: what each entry about it did, and where that leaves it, as of any size.

use super::load::Replayed;
use super::{AssetStanding, Did, Policy, State};
use crate::keys::KeyId;
use crate::ledger::broken::Broken;
use crate::ledger::entry::Entry;
use crate::ledger::rules::{Memory, Unreadable};
use crate::ledger::tree::{LeafIndex, TreeSize};

/// The history of one asset.
#[derive(Clone, Debug)]
pub struct History {
    /// Size of the log it is said of.
    pub size: TreeSize,
    /// Every entry about the asset, in the order of the log.
    pub events: Vec<Event>,
    /// Where that leaves the asset; `None` when no registration of it stands.
    pub standing: Option<AssetStanding>,
}

/// One entry about an asset.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands.
    pub index: LeafIndex,
    /// The entry itself, with its time and signer.
    pub entry: Entry,
    /// The identity that the signer's key belongs to, if it had entered the log.
    pub identity: Option<KeyId>,
    /// What it did.
    pub judged: Judged,
    /// The key.revoke by which its key was later declared compromised as of before it.
    pub suspect: Option<LeafIndex>,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It stands.
    Stands(Did),
    /// It broke a rule and changed nothing.
    Void(Broken),
}

/// The history of an asset over the first `size` entries of a log.
///
/// # Errors
/// When an entry of the past cannot be read.
pub fn history(
    memory: &dyn Memory,
    policy: &Policy,
    asset_id: &[u8; 16],
    size: TreeSize,
) -> Result<History, Unreadable> {
    let mut state = State::new(policy.clone());
    let replayed = state.replay(asset_id, memory, size)?;
    let keys = state.keys();
    let event = |one: Replayed| {
        let number = keys.number(&one.entry.signer());
        Event {
            index: one.index,
            identity: number.map(|no| keys.id(keys.identity(no))),
            suspect: number.and_then(|no| keys.suspect(no, one.index, LeafIndex(size.0))),
            judged: match one.judged {
                Ok(did) => Judged::Stands(did),
                Err(broken) => Judged::Void(broken),
            },
            entry: one.entry,
        }
    };
    Ok(History {
        size,
        standing: state.asset(asset_id, size),
        events: replayed.into_iter().map(event).collect(),
    })
}
