//! What the log says of an asset, as plain values for reports, maps and other rooms: thumbprints instead of numbers.

use super::asset::{Asset, Mark};
use super::chain::{Chain, Offer, Reservation, share};
use super::dispute::Dispute;
use super::keys::{KeyNo, Keys};
use super::licence::{Licence, Waiting};
use crate::base::statement::Role;
use crate::base::{Digest, SourceType, Timestamp};
use crate::keys::KeyId;
use crate::ledger::body::{Ground, Outcome, Registration, Scope, Share, Stance, Uses};
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::{LeafIndex, TreeSize};

/// An entry that stands, and who signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Where it stands.
    pub index: LeafIndex,
    /// Its leaf hash, by which other entries name it.
    pub leaf: LeafHash,
    /// The key that signed it. For a privileged dispute, the identity's first key.
    pub key: KeyId,
    /// The identity it spoke for.
    pub identity: KeyId,
}

/// What the log says of one asset id, as of a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetStanding {
    /// The asset.
    pub asset_id: [u8; 16],
    /// Size of the log it is said of.
    pub size: TreeSize,
    /// A chain of title for each identity that registered it, earliest first.
    pub titles: Vec<TitleStanding>,
    /// Disputes about any of its entries, earliest first.
    pub disputes: Vec<DisputeStanding>,
}

/// One chain of title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleStanding {
    /// The registration it begins with.
    pub registered: Entered,
    /// The latest title entry: the registration, or the last title.accept.
    pub last: Entered,
    /// Recorded holders; the largest share first, then the one that has not moved for longest. Shares add up to the whole.
    pub holders: Vec<Holder>,
    /// Offers that may still be accepted, as far as the log can tell; earliest first.
    pub offers: Vec<OfferStanding>,
    /// Licences that took effect, ended ones too; earliest first.
    pub licences: Vec<LicenceStanding>,
    /// Exclusive licences that wait for other holders.
    pub waiting: Vec<WaitingStanding>,
    /// Reservations in force; earliest first.
    pub reservations: Vec<ReservationStanding>,
    /// The first entry of the chain that was signed with a key declared compromised.
    pub suspect: Option<Suspicion>,
}

/// A recorded holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub identity: KeyId,
    /// How much.
    pub share: Share,
    /// The title entry that touched the share last: what the holder's next offer names as `prev`.
    pub head: LeafHash,
    /// Where it stands.
    pub since: LeafIndex,
}

/// An open offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferStanding {
    /// The title.offer.
    pub entry: Entered,
    /// To a key of this thumbprint, or its identity.
    pub to: KeyId,
    /// How much of the whole.
    pub share: Share,
    /// The first index at which it can no longer be accepted.
    pub until_index: Option<LeafIndex>,
    /// The last second in which it can be accepted.
    pub until: Option<Timestamp>,
    /// Digest of its terms.
    pub terms: Option<Digest>,
}

/// A licence that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceStanding {
    /// The grant by which it took effect.
    pub entry: Entered,
    /// What it covers.
    pub scope: Scope,
    /// The licence.end.
    pub ended: Option<LeafIndex>,
}

/// An exclusive licence that not every holder has granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingStanding {
    /// What it would cover.
    pub scope: Scope,
    /// The grants so far, earliest first. One signed before its signer's share moved does not count.
    pub grants: Vec<Entered>,
}

/// A reservation in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservationStanding {
    /// The rights.reserve, or the registration that reserves.
    pub entry: Entered,
    /// What.
    pub uses: Uses,
    /// Digest of the constraints.
    pub terms: Option<Digest>,
}

/// A dispute, open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeStanding {
    /// The dispute.open.
    pub entry: Entered,
    /// The entry it contests.
    pub about: Entered,
    /// What is contested.
    pub ground: Ground,
    /// Digest of the evidence.
    pub evidence: Option<Digest>,
    /// Whether it was opened with the recovery key of an identity.
    pub is_privileged: bool,
    /// The answers, earliest first.
    pub answers: Vec<(Entered, Stance)>,
    /// The dispute.close.
    pub closed: Option<(Entered, Outcome)>,
}

/// An entry signed with a key that was later declared compromised as of before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// The entry: what the chain says from here on is contested.
    pub since: LeafIndex,
    /// The key.revoke.
    pub revocation: LeafIndex,
}

/// A registration among others of the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The registration.
    pub entry: Entered,
    /// Its asset id.
    pub asset_id: [u8; 16],
    /// How it says that the picture came to be.
    pub source: Option<SourceType>,
    /// What its signer says to be to the picture.
    pub role: Option<Role>,
    /// Whether another identity had registered the same picture before.
    pub is_contested: bool,
}

impl Claim {
    /// Registrations of one picture side by side, in the order of the log, whoever made them: all are kept.
    #[must_use]
    pub fn side_by_side<'a>(
        registrations: impl IntoIterator<Item = (Entered, &'a Registration)>,
    ) -> Vec<Self> {
        let mut claims: Vec<Self> = Vec::new();
        for (entry, body) in registrations {
            let by_another = |earlier: &Self| earlier.entry.identity != entry.identity;
            claims.push(Self {
                entry,
                asset_id: body.asset_id,
                source: Some(body.source),
                role: body.role,
                is_contested: claims.iter().any(by_another),
            });
        }
        claims
    }
}

impl OfferStanding {
    /// Whether nobody can accept it any more at a moment; that the log has not grown beyond its bound is a part of standing.
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| at.unix_s() > until.unix_s())
    }
}

impl TitleStanding {
    /// The share of an identity and the entry it hangs on.
    #[must_use]
    pub fn holder(&self, identity: &KeyId) -> Option<&Holder> {
        self.holders.iter().find(|holder| holder.identity == *identity)
    }
}

impl AssetStanding {
    /// Disputes that have not been closed.
    pub fn open_disputes(&self) -> impl Iterator<Item = &DisputeStanding> {
        self.disputes.iter().filter(|dispute| dispute.closed.is_none())
    }
}

pub(super) fn asset(asset: &Asset, asset_id: &[u8; 16], keys: &Keys, size: TreeSize) -> AssetStanding {
    AssetStanding {
        asset_id: *asset_id,
        size,
        titles: asset
            .chains
            .iter()
            .map(|chain| title(chain, keys, size))
            .collect(),
        disputes: asset.disputes.iter().map(|one| dispute(one, keys)).collect(),
    }
}

fn title(chain: &Chain, keys: &Keys, size: TreeSize) -> TitleStanding {
    let mut holders: Vec<Holder> = chain
        .holders
        .iter()
        .map(|(holder, holding)| Holder {
            identity: keys.id(*holder),
            share: share(holding.share),
            head: holding.head,
            since: holding.head_at,
        })
        .collect();
    holders.sort_by_key(|holder| (std::cmp::Reverse(holder.share), holder.since, holder.identity));
    let is_open = |offer: &&Offer| {
        let in_time = offer.until_index.is_none_or(|until| until.0 > size.0);
        let end = LeafIndex(size.0);
        offer.spent.is_none() && in_time && keys.suspect(offer.mark.key, offer.mark.index, end).is_none()
    };
    let reservations = chain.own.iter().chain(&chain.reservations);
    TitleStanding {
        registered: entered(&chain.registered, keys),
        last: entered(&chain.last(), keys),
        holders,
        offers: chain
            .offers
            .iter()
            .filter(is_open)
            .map(|one| offer(one, keys))
            .collect(),
        licences: chain.licences.all.iter().map(|one| licence(one, keys)).collect(),
        waiting: chain
            .licences
            .waiting
            .iter()
            .filter(|one| !one.parts.is_empty())
            .map(|one| waiting(one, keys))
            .collect(),
        reservations: reservations
            .filter(|one| one.lifted.is_none())
            .map(|one| reservation(one, keys))
            .collect(),
        suspect: suspicion(chain, keys, size),
    }
}

fn suspicion(chain: &Chain, keys: &Keys, size: TreeSize) -> Option<Suspicion> {
    let end = LeafIndex(size.0);
    let suspect = |mark: &Mark, since: LeafIndex| {
        let revocation = keys.suspect(mark.key, mark.index, end)?;
        Some(Suspicion { since, revocation })
    };
    suspect(&chain.registered, chain.registered.index).or_else(|| {
        chain.moves.iter().find_map(|moved| {
            let since = moved.accept.index;
            suspect(&moved.offer, since).or_else(|| suspect(&moved.accept, since))
        })
    })
}

fn offer(offer: &Offer, keys: &Keys) -> OfferStanding {
    OfferStanding {
        entry: entered(&offer.mark, keys),
        to: offer.to,
        share: offer.share,
        until_index: offer.until_index,
        until: offer.until,
        terms: offer.terms,
    }
}

fn licence(licence: &Licence, keys: &Keys) -> LicenceStanding {
    LicenceStanding {
        entry: entered(&licence.mark, keys),
        scope: licence.scope.clone(),
        ended: licence.ended.map(|mark| mark.index),
    }
}

fn waiting(waiting: &Waiting, keys: &Keys) -> WaitingStanding {
    let parts = waiting.parts.values();
    let mut grants: Vec<Entered> = parts.map(|part| entered(&part.mark, keys)).collect();
    grants.sort_by_key(|grant| grant.index);
    WaitingStanding {
        scope: waiting.scope.clone(),
        grants,
    }
}

fn reservation(reservation: &Reservation, keys: &Keys) -> ReservationStanding {
    ReservationStanding {
        entry: entered(&reservation.mark, keys),
        uses: reservation.uses,
        terms: reservation.terms,
    }
}

fn dispute(dispute: &Dispute, keys: &Keys) -> DisputeStanding {
    let answers = dispute.answers.iter();
    DisputeStanding {
        entry: entered(&dispute.mark, keys),
        about: entered(&dispute.entry, keys),
        ground: dispute.ground,
        evidence: dispute.evidence,
        is_privileged: dispute.is_privileged,
        answers: answers
            .map(|(mark, stance)| (entered(mark, keys), *stance))
            .collect(),
        closed: dispute
            .closed
            .map(|(mark, outcome)| (entered(&mark, keys), outcome)),
    }
}

fn entered(mark: &Mark, keys: &Keys) -> Entered {
    let id = |no: KeyNo| keys.id(no);
    Entered {
        index: mark.index,
        leaf: mark.leaf,
        key: id(mark.key),
        identity: id(mark.by),
    }
}
