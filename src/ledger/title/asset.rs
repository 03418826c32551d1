//! What the log says of one asset id: a chain of title for each identity that registered it, and the disputes.
//!
//! Pure bookkeeping over the entries about that id alone, and the keys that signed them: replaying those few entries gives
//! the same state as replaying the whole log.

use std::collections::BTreeMap;

use super::chain::{Chain, Holding, Reserved};
use super::dispute::Dispute;
use super::keys::{KeyNo, Keys};
use crate::base::Timestamp;
use crate::base::statement::Mining;
use crate::keys::KeyId;
use crate::ledger::body::{EntryBody, LicenceGrant, Registration};
use crate::ledger::broken::Broken;
use crate::ledger::entry::Meaning;
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// Where and by whom an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: LeafIndex,
    pub(super) leaf: LeafHash,
    /// The key that signed it.
    pub(super) key: KeyNo,
    /// That key's identity.
    pub(super) by: KeyNo,
}

/// What an entry that stands did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Did {
    /// A dispute was answered.
    Answered,
    /// One holder agreed to an exclusive licence, which waits for others.
    Consented,
    /// Such a consent was taken back.
    ConsentWithdrawn,
    /// A dispute was closed.
    DisputeClosed,
    /// An entry was disputed.
    Disputed,
    /// A key entered the log, was rotated or revoked.
    KeyChanged,
    /// A licence ended.
    LicenceEnded,
    /// A licence came into force.
    Licensed,
    /// A reservation was lifted by its last holder: it is gone.
    Lifted,
    /// A holder lifted a reservation that others still keep up.
    LiftAgreed,
    /// The log spoke of itself.
    LogSpoke,
    /// The title moved.
    Moved {
        /// The second by which the log must have recorded it.
        deadline: Option<Timestamp>,
    },
    /// A share was offered.
    Offered,
    /// A picture was recorded.
    Registered,
    /// Uses were reserved.
    Reserved,
}

/// What the log says of one asset id.
#[derive(Clone, Debug, Default)]
pub(super) struct Asset {
    pub(super) chains: Vec<Chain>,
    pub(super) disputes: Vec<Dispute>,
    /// Every entry that stands, by its leaf hash.
    pub(super) stood: BTreeMap<LeafHash, Stood>,
    /// The chain of each identity that registered it.
    registrants: BTreeMap<KeyNo, usize>,
}

/// An entry that stands, and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stood {
    pub(super) mark: Mark,
    pub(super) what: What,
    pub(super) chain: usize,
}

/// What an entry is to those that name it. Numbers are places in the lists of its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Accept,
    /// A part of the exclusive licence that waits at this place.
    Consent(usize),
    Dispute(usize),
    /// A consent that was taken back, renewed or overtaken.
    Gone(LeafIndex),
    Grant(usize),
    Offer(usize),
    Other,
    Register,
    Reserve(usize),
}

/// What the rules may look at beside the asset.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) keys: &'a Keys,
    /// Identities that may find for either side of a dispute.
    pub(super) arbiters: &'a [KeyId],
}

impl Asset {
    /// Takes an entry about this asset id, its signature checked.
    ///
    /// # Errors
    /// The rule it breaks; nothing is changed then.
    pub(super) fn step(
        &mut self,
        around: Around<'_>,
        index: LeafIndex,
        leaf: &LeafHash,
        entry: &Meaning,
    ) -> Result<Did, Broken> {
        if let Some(stood) = self.stood.get(leaf) {
            let earlier = stood.mark.index;
            return Err(Broken::Duplicate { earlier });
        }
        if let EntryBody::DisputeOpen(body) = entry.body()
            && let Some(privilege) = &body.privilege
        {
            let by = around.keys.recovery(&privilege.identity, &privilege.key, index)?;
            let mark = mark(index, leaf, by, by);
            return self.dispute_open(mark, body);
        }
        let key = around.keys.live(&entry.signer(), index)?;
        let mark = mark(index, leaf, key, around.keys.identity(key));
        let time = entry.time();
        match entry.body() {
            EntryBody::AssetRegister(body) => self.register(mark, body),
            EntryBody::TitleOffer(body) => {
                let chain = self.held(mark.by, &body.prev)?;
                let place = self.chain_mut(chain)?.offer(mark, time, body)?;
                Ok(self.stand(mark, chain, What::Offer(place), Did::Offered))
            }
            EntryBody::TitleAccept(body) => {
                let (chain, place) = self.offer_of(&body.offer)?;
                let deadline = self.chain_mut(chain)?.accept(mark, time, place, around.keys)?;
                Ok(self.stand(mark, chain, What::Accept, Did::Moved { deadline }))
            }
            EntryBody::LicenceGrant(body) => self.grant(mark, body, around.keys),
            EntryBody::LicenceEnd(body) => self.licence_end(mark, time, &body.grant, around.keys),
            EntryBody::RightsReserve(body) => {
                let chain = self.held_or_registered(mark.by, &body.title)?;
                let place = self.chain_mut(chain)?.reserve(mark, body);
                Ok(self.stand(mark, chain, What::Reserve(place), Did::Reserved))
            }
            EntryBody::RightsLift(body) => {
                let stood = self.named(&body.reservation, "reservation")?;
                let which = match stood.what {
                    What::Reserve(place) => Reserved::Reservation(place),
                    What::Register => Reserved::Registration,
                    _ => return Err(wrong_kind(&stood, "reservation")),
                };
                let is_gone = self.chain_mut(stood.chain)?.lift(mark, which, &stood)?;
                let did = if is_gone { Did::Lifted } else { Did::LiftAgreed };
                Ok(self.stand(mark, stood.chain, What::Other, did))
            }
            EntryBody::DisputeOpen(body) => self.dispute_open(mark, body),
            EntryBody::DisputeAnswer(body) => self.dispute_answer(mark, body),
            EntryBody::DisputeClose(body) => self.dispute_close(mark, body, around),
            // Kinds about keys and the log have another subject, so they never come here.
            _ => Err(Broken::UnknownEntry { field: "subject" }),
        }
    }

    fn register(&mut self, mark: Mark, body: &Registration) -> Result<Did, Broken> {
        if let Some(chain) = self
            .registrants
            .get(&mark.by)
            .and_then(|chain| self.chains.get(*chain))
        {
            let earlier = chain.registered.index;
            return Err(Broken::AssetTwice { earlier });
        }
        Ok(self.begin(mark, body.mining))
    }

    /// The asset of a registration that stands, of which nothing but this was kept.
    pub(super) fn of(mark: Mark, mining: Option<Mining>) -> Self {
        let mut asset = Self::default();
        asset.begin(mark, mining);
        asset
    }

    fn begin(&mut self, mark: Mark, mining: Option<Mining>) -> Did {
        let chain = self.chains.len();
        self.chains.push(Chain::new(mark, mining));
        self.registrants.insert(mark.by, chain);
        self.stand(mark, chain, What::Register, Did::Registered)
    }

    fn grant(&mut self, mark: Mark, body: &LicenceGrant, keys: &Keys) -> Result<Did, Broken> {
        let chain = self.held(mark.by, &body.title)?;
        let granted = self.chain_mut(chain)?.grant(mark, body, keys)?;
        for (leaf, what) in granted.others {
            if let Some(stood) = self.stood.get_mut(&leaf) {
                stood.what = what;
            }
        }
        let did = match granted.own {
            What::Grant(_) => Did::Licensed,
            _ => Did::Consented,
        };
        Ok(self.stand(mark, chain, granted.own, did))
    }

    fn licence_end(
        &mut self,
        mark: Mark,
        time: Timestamp,
        grant: &LeafHash,
        keys: &Keys,
    ) -> Result<Did, Broken> {
        let stood = self.named(grant, "grant")?;
        let chain = self.chain_mut(stood.chain)?;
        let did = match stood.what {
            What::Grant(place) => {
                chain.end_licence(mark, time, place, keys)?;
                Did::LicenceEnded
            }
            What::Consent(place) => {
                chain.withdraw(mark, place, &stood)?;
                if let Some(consent) = self.stood.get_mut(grant) {
                    consent.what = What::Gone(mark.index);
                }
                Did::ConsentWithdrawn
            }
            What::Gone(by) => return Err(Broken::LicenceEnded { by }),
            _ => return Err(wrong_kind(&stood, "grant")),
        };
        Ok(self.stand(mark, stood.chain, What::Other, did))
    }

    /// The chain in which an identity holds a share by this very title entry.
    fn held(&self, by: KeyNo, title: &LeafHash) -> Result<usize, Broken> {
        let stood = self.named(title, "title")?;
        if !matches!(stood.what, What::Register | What::Accept) {
            return Err(wrong_kind(&stood, "title"));
        }
        let chain = self.chain(stood.chain)?;
        let holding: &Holding = chain.holding(by)?;
        if holding.head != *title {
            let current = holding.head_at;
            return Err(Broken::StaleTitle { current });
        }
        Ok(stood.chain)
    }

    /// As [`Asset::held`], or the chain that an identity began with this registration and no longer holds a share of.
    fn held_or_registered(&self, by: KeyNo, title: &LeafHash) -> Result<usize, Broken> {
        let not_held = match self.held(by, title) {
            Err(not_held @ Broken::NotHolder { .. }) => not_held,
            other => return other,
        };
        let stood = self.named(title, "title")?;
        if stood.what == What::Register && stood.mark.by == by {
            Ok(stood.chain)
        } else {
            Err(not_held)
        }
    }

    fn offer_of(&self, offer: &LeafHash) -> Result<(usize, usize), Broken> {
        let stood = self.named(offer, "offer")?;
        match stood.what {
            What::Offer(place) => Ok((stood.chain, place)),
            _ => Err(wrong_kind(&stood, "offer")),
        }
    }

    pub(super) fn named(&self, leaf: &LeafHash, field: &'static str) -> Result<Stood, Broken> {
        self.stood
            .get(leaf)
            .copied()
            .ok_or(Broken::UnknownEntry { field })
    }

    pub(super) fn stand(&mut self, mark: Mark, chain: usize, what: What, did: Did) -> Did {
        self.stood.insert(mark.leaf, Stood { mark, what, chain });
        did
    }

    pub(super) fn chain(&self, chain: usize) -> Result<&Chain, Broken> {
        self.chains
            .get(chain)
            .ok_or(Broken::UnknownEntry { field: "title" })
    }

    fn chain_mut(&mut self, chain: usize) -> Result<&mut Chain, Broken> {
        self.chains
            .get_mut(chain)
            .ok_or(Broken::UnknownEntry { field: "title" })
    }
}

pub(super) fn wrong_kind(stood: &Stood, field: &'static str) -> Broken {
    Broken::WrongKind {
        named: stood.mark.index,
        field,
    }
}

fn mark(index: LeafIndex, leaf: &LeafHash, key: KeyNo, by: KeyNo) -> Mark {
    Mark {
        index,
        leaf: *leaf,
        key,
        by,
    }
}
