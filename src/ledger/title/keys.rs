//! Identities and their keys: who may sign at which place of the log, and whose entries are suspect.
//!
//! ```text
//! key.incept --next--> key.rotate --next--> key.rotate     one identity, named by its first key
//!      \                    \
//!       recovery             recovery (inherited unless replaced)
//! ```
//!
//! Nothing is forgotten, so that each question can be asked as of any index: an old entry is judged by the keys there were
//! when it was recorded, whoever asks and whenever.

use std::collections::{HashMap, HashSet};

use super::asset::Did;
use crate::base::Digest;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::body::{EntryBody, KeyIncept, KeyRevoke, KeyRotate, RevokeReason};
use crate::ledger::broken::{Broken, KeyEnd};
use crate::ledger::entry::Meaning;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// A key by the order in which this memory met it. An identity is the number of its first key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNo(u32);

impl KeyNo {
    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

/// Every key that entered the log. About half a kilobyte a key.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    list: Vec<Key>,
    numbers: HashMap<KeyId, KeyNo>,
    /// By the entry with which each key entered.
    events: HashMap<LeafHash, KeyNo>,
    /// Keys and identities whose events were read from the past, whether or not any stands. Unused where all are stepped.
    loaded: HashSet<KeyId>,
}

#[derive(Clone, Debug)]
struct Key {
    id: KeyId,
    public: PublicKey,
    identity: KeyNo,
    /// The key.incept or key.rotate by which it entered.
    event: LeafHash,
    entered: LeafIndex,
    ended: Option<(LeafIndex, KeyEnd)>,
    /// Each says more than the one before.
    revocations: Vec<(LeafIndex, RevokeReason)>,
    next: Option<Digest>,
    recovery: Option<Digest>,
    /// Of a first key: the keys after it, in order.
    successors: Vec<KeyNo>,
}

/// What the log declares of a key that others had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compromised {
    /// The revocation.
    pub by: LeafIndex,
    /// The first entry that is suspect.
    pub since: LeafIndex,
}

impl Compromised {
    /// The revocation, where it makes an entry of the key at `index` suspect.
    #[must_use]
    pub fn suspect(&self, index: LeafIndex) -> Option<LeafIndex> {
        (self.since <= index).then_some(self.by)
    }
}

impl Keys {
    /// How many keys are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether no key is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn is_loaded(&self, key: &KeyId) -> bool {
        self.loaded.contains(key)
    }

    /// Notes that the events of a key were read; false if they were before.
    pub(super) fn note_loaded(&mut self, key: KeyId) -> bool {
        self.loaded.insert(key)
    }

    /// The key of a thumbprint, if it entered the log.
    #[must_use]
    pub fn public(&self, id: &KeyId) -> Option<PublicKey> {
        self.key(self.number(id)?).map(|key| key.public)
    }

    /// The number of a thumbprint.
    #[must_use]
    pub fn number(&self, id: &KeyId) -> Option<KeyNo> {
        self.numbers.get(id).copied()
    }

    /// The thumbprint of a number.
    #[must_use]
    pub fn id(&self, no: KeyNo) -> KeyId {
        self.key(no).map_or(KeyId::from_bytes([0; 32]), |key| key.id)
    }

    /// The identity of a key.
    #[must_use]
    pub fn identity(&self, no: KeyNo) -> KeyNo {
        self.key(no).map_or(no, |key| key.identity)
    }

    /// When a key entered.
    #[must_use]
    pub fn entered(&self, no: KeyNo) -> Option<LeafIndex> {
        self.key(no).map(|key| key.entered)
    }

    /// Whether a thumbprint is a key of an identity at an index.
    #[must_use]
    pub fn belongs(&self, id: &KeyId, identity: KeyNo, at: LeafIndex) -> bool {
        self.number(id)
            .and_then(|no| self.key(no))
            .is_some_and(|key| key.identity == identity && key.entered < at)
    }

    /// The key that an entry at an index may be signed with.
    pub fn live(&self, id: &KeyId, at: LeafIndex) -> Result<KeyNo, Broken> {
        let no = self.number(id).ok_or(Broken::UnknownKey)?;
        let key = self
            .key(no)
            .filter(|key| key.entered < at)
            .ok_or(Broken::UnknownKey)?;
        match key.ended {
            Some((by, how)) if by < at => Err(Broken::KeyEnded { by, how }),
            _ => Ok(no),
        }
    }

    /// The revocation that declares a key compromised, and the first entry that is suspect; of several the one that says most.
    #[must_use]
    pub fn compromised(&self, no: KeyNo) -> Option<Compromised> {
        match self.key(no)?.revocations.last()? {
            (by, RevokeReason::Compromised { since }) => Some(Compromised {
                by: *by,
                since: *since,
            }),
            (_, RevokeReason::Retired) => None,
        }
    }

    /// The revocation, recorded below `as_of`, that makes an entry of this key at `index` suspect.
    #[must_use]
    pub fn suspect(&self, no: KeyNo, index: LeafIndex, as_of: LeafIndex) -> Option<LeafIndex> {
        let covers =
            |reason: &RevokeReason| matches!(reason, RevokeReason::Compromised { since } if *since <= index);
        let revocations = &self.key(no)?.revocations;
        // Each begins earlier than the one before, so those that cover an index are the last ones.
        let first = revocations.partition_point(|(_, reason)| !covers(reason));
        revocations.get(first).map(|(by, _)| *by).filter(|by| *by < as_of)
    }

    /// Whether `key` is the recovery key that an identity had committed to before an index; gives the identity.
    pub fn recovery(&self, identity: &KeyId, key: &PublicKey, at: LeafIndex) -> Result<KeyNo, Broken> {
        let first = self.first(identity)?;
        let latest = self.latest_before(first, at).ok_or(Broken::UnknownIdentity)?;
        if latest.recovery != Some(Digest::of(key.as_bytes())) {
            return Err(Broken::NotRecovery);
        }
        Ok(first)
    }

    /// The current key of an identity: its number, its entry's id and index, what it committed to, and its end.
    #[must_use]
    pub fn standing(&self, identity: &KeyId) -> Option<KeyStanding> {
        let first = self.first(identity).ok()?;
        let key = self.latest(first)?;
        Some(KeyStanding {
            identity: *identity,
            current: key.id,
            event: key.event,
            entered: key.entered,
            next: key.next,
            recovery: key.recovery,
            ended: key.ended,
        })
    }

    /// Takes a key event.
    ///
    /// # Errors
    /// The rule it breaks; nothing is changed then.
    pub(super) fn step(&mut self, index: LeafIndex, leaf: &LeafHash, entry: &Meaning) -> Result<Did, Broken> {
        match entry.body() {
            EntryBody::KeyIncept(body) => self.incept(index, leaf, body)?,
            EntryBody::KeyRotate(body) => self.rotate(index, leaf, body)?,
            EntryBody::KeyRevoke(body) => self.revoke(index, body)?,
            _ => return Err(Broken::UnknownEntry { field: "subject" }),
        }
        Ok(Did::KeyChanged)
    }

    fn incept(&mut self, index: LeafIndex, leaf: &LeafHash, body: &KeyIncept) -> Result<(), Broken> {
        let id = body.key.key_id();
        if let Some(earlier) = self.number(&id).and_then(|no| self.entered(no)) {
            return Err(Broken::InceptTwice { earlier });
        }
        let identity = self.next_number();
        self.enter(Key {
            id,
            public: body.key,
            identity,
            event: *leaf,
            entered: index,
            ended: None,
            revocations: Vec::new(),
            next: body.next,
            recovery: body.recovery,
            successors: Vec::new(),
        });
        Ok(())
    }

    fn rotate(&mut self, index: LeafIndex, leaf: &LeafHash, body: &KeyRotate) -> Result<(), Broken> {
        let first = self.first(&body.identity)?;
        let id = body.key.key_id();
        if let Some(earlier) = self.number(&id).and_then(|no| self.entered(no)) {
            return Err(Broken::InceptTwice { earlier });
        }
        let latest = self.latest(first).ok_or(Broken::UnknownIdentity)?;
        let event = latest.entered;
        if body.prev != latest.event {
            return Err(Broken::StaleKeyEvent { latest: event });
        }
        let next = latest.next.ok_or(Broken::NoNextKey { event })?;
        if Digest::of(body.key.as_bytes()) != next {
            return Err(Broken::NotCommitted { event });
        }
        let (old, recovery) = (latest.id, body.recovery.or(latest.recovery));
        let no = self.next_number();
        if let Some(old) = self.number(&old).and_then(|old| self.key_mut(old)) {
            old.ended.get_or_insert((index, KeyEnd::Rotated));
        }
        if let Some(first) = self.key_mut(first) {
            first.successors.push(no);
        }
        self.enter(Key {
            id,
            public: body.key,
            identity: first,
            event: *leaf,
            entered: index,
            ended: None,
            revocations: Vec::new(),
            next: body.next,
            recovery,
            successors: Vec::new(),
        });
        Ok(())
    }

    fn revoke(&mut self, index: LeafIndex, body: &KeyRevoke) -> Result<(), Broken> {
        let first = self.first(&body.identity)?;
        let latest = self.latest(first).ok_or(Broken::UnknownIdentity)?;
        let target = self
            .events
            .get(&body.event)
            .copied()
            .filter(|no| self.identity(*no) == first)
            .ok_or(Broken::UnknownEntry { field: "key event" })?;
        let signer = body.key.key_id();
        if self.id(target) == signer {
            return Err(Broken::RevokesItself);
        }
        let own = Some(Digest::of(body.key.as_bytes()));
        if own != latest.next && own != latest.recovery {
            // An earlier key may also be ended by the one that came after it.
            let no = self.live(&signer, index).map_err(|broken| match broken {
                Broken::UnknownKey => Broken::NotRevoker,
                other => other,
            })?;
            if self.identity(no) != first {
                return Err(Broken::NotRevoker);
            }
        }
        if let RevokeReason::Compromised { since } = body.reason
            && since > index
        {
            return Err(Broken::SinceLater { since, index });
        }
        let target = self.key_mut(target).ok_or(Broken::UnknownIdentity)?;
        if let Some((earlier, reason)) = target.revocations.last().copied()
            && !says_more(body.reason, reason)
        {
            return Err(Broken::RevokedTwice { earlier });
        }
        target.revocations.push((index, body.reason));
        target.ended.get_or_insert((index, KeyEnd::Revoked));
        Ok(())
    }

    fn first(&self, identity: &KeyId) -> Result<KeyNo, Broken> {
        self.number(identity)
            .filter(|no| self.identity(*no) == *no)
            .ok_or(Broken::UnknownIdentity)
    }

    fn latest(&self, first: KeyNo) -> Option<&Key> {
        let key = self.key(first)?;
        match key.successors.last() {
            Some(last) => self.key(*last),
            None => Some(key),
        }
    }

    fn latest_before(&self, first: KeyNo, at: LeafIndex) -> Option<&Key> {
        let key = self.key(first).filter(|key| key.entered < at)?;
        let before = |no: &KeyNo| self.entered(*no).is_some_and(|entered| entered < at);
        let count = key.successors.partition_point(before);
        match count.checked_sub(1).and_then(|last| key.successors.get(last)) {
            Some(no) => self.key(*no),
            None => Some(key),
        }
    }

    fn next_number(&self) -> KeyNo {
        KeyNo(u32::try_from(self.list.len()).unwrap_or(u32::MAX))
    }

    fn enter(&mut self, key: Key) {
        let no = self.next_number();
        self.numbers.insert(key.id, no);
        self.events.insert(key.event, no);
        self.list.push(key);
    }

    fn key(&self, no: KeyNo) -> Option<&Key> {
        self.list.get(usize::try_from(no.0).ok()?)
    }

    fn key_mut(&mut self, no: KeyNo) -> Option<&mut Key> {
        self.list.get_mut(usize::try_from(no.0).ok()?)
    }
}

/// Where an identity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// The identity.
    pub identity: KeyId,
    /// The latest key it rotated to.
    pub current: KeyId,
    /// The key event by which that key entered: what the next key.rotate names as `prev`.
    pub event: LeafHash,
    /// Where that event stands.
    pub entered: LeafIndex,
    /// The next key it committed to.
    pub next: Option<Digest>,
    /// The recovery key it committed to.
    pub recovery: Option<Digest>,
    /// Whether that key has ended, and how.
    pub ended: Option<(LeafIndex, KeyEnd)>,
}

/// Whether a revocation declares more of a key's entries suspect than an earlier one of the same key.
fn says_more(new: RevokeReason, old: RevokeReason) -> bool {
    match (new, old) {
        (RevokeReason::Compromised { .. }, RevokeReason::Retired) => true,
        (RevokeReason::Compromised { since: new }, RevokeReason::Compromised { since: old }) => new < old,
        (RevokeReason::Retired, _) => false,
    }
}
