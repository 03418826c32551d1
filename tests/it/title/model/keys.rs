//! Keys: who entered, what ended them, and what may move them.

use byline::base::Digest;
use byline::keys::{KeyId, PublicKey};
use byline::ledger::EntryBody;
use byline::ledger::Subject;
use byline::ledger::body::RevokeReason;

use super::{KEY_ENDED, Model, Rule, UNKNOWN_KEY, UNKNOWN_NAME, need};

impl Model {
    pub(super) fn is_key_event(&self, at: usize) -> bool {
        matches!(self.body(at), EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_))
    }

    /// The event by which a key entered before `at`.
    pub(super) fn entered(&self, key: &KeyId, at: usize) -> Option<usize> {
        self.standing(at)
            .find(|i| self.is_key_event(*i) && self.log[*i].signer() == *key)
    }

    pub(super) fn identity_of_event(&self, event: usize) -> KeyId {
        match self.body(event).subject() {
            Subject::Identity(id) => id,
            _ => unreachable!(),
        }
    }

    pub(super) fn identity(&self, key: &KeyId, at: usize) -> Option<KeyId> {
        Some(self.identity_of_event(self.entered(key, at)?))
    }

    /// The events of an identity before `at`, in order.
    pub(super) fn events(&self, identity: &KeyId, at: usize) -> Vec<usize> {
        self.standing(at)
            .filter(|i| self.is_key_event(*i) && self.identity_of_event(*i) == *identity)
            .collect()
    }

    pub(super) fn has_ended(&self, key: &KeyId, at: usize) -> bool {
        let event = self.entered(key, at).unwrap();
        let identity = self.identity_of_event(event);
        let is_last = self.events(&identity, at).last() == Some(&event);
        !is_last || !self.revocations(event, at).is_empty()
    }

    pub(super) fn revocations(&self, event: usize, at: usize) -> Vec<(usize, RevokeReason)> {
        self.standing(at)
            .filter_map(|i| match self.body(i) {
                EntryBody::KeyRevoke(body) if body.event == self.ids[event] => Some((i, body.reason)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn live(&self, key: &KeyId, at: usize) -> Result<KeyId, Rule> {
        let identity = self.identity(key, at).ok_or(UNKNOWN_KEY)?;
        need(!self.has_ended(key, at), KEY_ENDED)?;
        Ok(identity)
    }

    /// Whether a revocation before `as_of` makes the entry at `at` suspect.
    pub(crate) fn is_suspect(&self, at: usize, as_of: usize) -> bool {
        let Some(event) = self.entered(&self.log[at].signer(), as_of) else {
            return false;
        };
        let covers = |reason| matches!(reason, RevokeReason::Compromised { since } if since.0 <= at as u64);
        self.revocations(event, as_of)
            .iter()
            .any(|(_, reason)| covers(*reason))
    }

    pub(super) fn next_and_recovery(&self, identity: &KeyId, at: usize) -> (Option<Digest>, Option<Digest>) {
        let (mut next, mut recovery) = (None, None);
        for event in self.events(identity, at) {
            let (new_next, new_recovery) = match self.body(event) {
                EntryBody::KeyIncept(body) => (body.next, body.recovery),
                EntryBody::KeyRotate(body) => (body.next, body.recovery),
                _ => unreachable!(),
            };
            next = new_next;
            recovery = new_recovery.or(recovery);
        }
        (next, recovery)
    }

    pub(super) fn judge_key(&self, at: usize) -> Result<(), Rule> {
        let digest = |key: &PublicKey| Some(Digest::of(key.as_bytes()));
        match self.body(at) {
            EntryBody::KeyIncept(_) => need(
                self.entered(&self.log[at].signer(), at).is_none(),
                "ledger.key.inceptTwice",
            ),
            EntryBody::KeyRotate(body) => {
                let events = self.events(&body.identity, at);
                let latest = *events.last().ok_or("ledger.key.unknownIdentity")?;
                need(
                    self.entered(&body.key.key_id(), at).is_none(),
                    "ledger.key.inceptTwice",
                )?;
                need(self.ids[latest] == body.prev, "ledger.key.stale")?;
                let (next, _) = self.next_and_recovery(&body.identity, at);
                need(next.is_some(), "ledger.key.noNext")?;
                need(next == digest(&body.key), "ledger.key.notCommitted")
            }
            EntryBody::KeyRevoke(body) => {
                let events = self.events(&body.identity, at);
                need(!events.is_empty(), "ledger.key.unknownIdentity")?;
                let target = events
                    .iter()
                    .find(|event| self.ids[**event] == body.event)
                    .ok_or(UNKNOWN_NAME)?;
                let signer = body.key.key_id();
                need(self.log[*target].signer() != signer, "ledger.key.revokesItself")?;
                let (next, recovery) = self.next_and_recovery(&body.identity, at);
                if next != digest(&body.key) && recovery != digest(&body.key) {
                    need(self.entered(&signer, at).is_some(), "ledger.key.notRevoker")?;
                    let identity = self.live(&signer, at)?;
                    need(identity == body.identity, "ledger.key.notRevoker")?;
                }
                if let RevokeReason::Compromised { since } = body.reason {
                    need(since.0 <= at as u64, "ledger.key.sinceLater")?;
                }
                let earlier = self.revocations(*target, at);
                let says_more = earlier.iter().all(|(_, old)| match (body.reason, old) {
                    (RevokeReason::Retired, _) => false,
                    (RevokeReason::Compromised { .. }, RevokeReason::Retired) => true,
                    (RevokeReason::Compromised { since }, RevokeReason::Compromised { since: old }) => {
                        since < *old
                    }
                });
                need(says_more, "ledger.key.revokedTwice")
            }
            _ => unreachable!(),
        }
    }
}
