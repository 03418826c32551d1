//! One chain of title: it begins with a registration, which gives the whole to its signer, and each acceptance moves a
//! share. "Holder" means recorded holder, no more.
//!
//! Each holder's share hangs on its *head*, the title entry that touched it last. Offers, grants and reservations name the
//! head they were signed under, so that one signed before the share moved is void after it, and of two offers of one
//! share the first one accepted takes it. An acceptance by the holder itself moves nothing, but takes the head on: so a
//! holder withdraws whatever offers are open.

use std::collections::BTreeMap;

use super::asset::{Mark, Stood};
use super::keys::{KeyNo, Keys};
use super::licence::Licences;
use crate::base::statement::Mining;
use crate::base::{Digest, Timestamp};
use crate::keys::KeyId;
use crate::ledger::body::{RightsReserve, Share, TitleOffer, Uses};
use crate::ledger::broken::{Broken, Deadline};
use crate::ledger::hash::LeafHash;
use crate::ledger::tree::LeafIndex;

/// One chain of title.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) registered: Mark,
    pub(super) holders: BTreeMap<KeyNo, Holding>,
    pub(super) moves: Vec<Move>,
    pub(super) offers: Vec<Offer>,
    pub(super) licences: Licences,
    pub(super) reservations: Vec<Reservation>,
    /// What the registration itself reserves.
    pub(super) own: Option<Reservation>,
    /// Who held a share once, and the move that took the last of it.
    left: BTreeMap<KeyNo, LeafIndex>,
}

/// A holder's share.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    /// Basis points; at least 1.
    pub(super) share: u16,
    pub(super) head: LeafHash,
    pub(super) head_at: LeafIndex,
    /// Offers made under this head.
    open: Vec<usize>,
}

/// An acceptance and the offer before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) accept: Mark,
    pub(super) offer: Mark,
}

/// An offer, open or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) mark: Mark,
    pub(super) to: KeyId,
    pub(super) share: Share,
    pub(super) until_index: Option<LeafIndex>,
    pub(super) until: Option<Timestamp>,
    pub(super) terms: Option<Digest>,
    /// The acceptance that took it or overtook it.
    pub(super) spent: Option<LeafIndex>,
}

/// A reservation, in force or lifted.
#[derive(Clone, Debug)]
pub(super) struct Reservation {
    pub(super) mark: Mark,
    pub(super) uses: Uses,
    pub(super) terms: Option<Digest>,
    /// Who has lifted it so far, and with which entry.
    lifters: BTreeMap<KeyNo, LeafIndex>,
    pub(super) lifted: Option<LeafIndex>,
}

/// Which reservation is to be lifted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reserved {
    Registration,
    Reservation(usize),
}

impl Chain {
    pub(super) fn new(registered: Mark, mining: Option<Mining>) -> Self {
        let holding = Holding {
            share: Share::WHOLE.points(),
            head: registered.leaf,
            head_at: registered.index,
            open: Vec::new(),
        };
        let own = mining
            .filter(|mining| *mining != Mining::Allowed)
            .map(|mining| Reservation::new(registered, Uses::from(mining), None));
        Self {
            registered,
            holders: BTreeMap::from([(registered.by, holding)]),
            moves: Vec::new(),
            offers: Vec::new(),
            licences: Licences::default(),
            reservations: Vec::new(),
            own,
            left: BTreeMap::new(),
        }
    }

    pub(super) fn holding(&self, by: KeyNo) -> Result<&Holding, Broken> {
        let moved = self.left.get(&by).copied();
        self.holders.get(&by).ok_or(Broken::NotHolder { moved })
    }

    /// The latest title entry, whoever's share it touched.
    pub(super) fn last(&self) -> Mark {
        self.moves
            .last()
            .map_or(self.registered, |last_move| last_move.accept)
    }

    /// The signer is known to hold a share under the head that the offer names.
    pub(super) fn offer(&mut self, mark: Mark, time: Timestamp, body: &TitleOffer) -> Result<usize, Broken> {
        let place = self.offers.len();
        let moved = self.left.get(&mark.by).copied();
        let holding = self
            .holders
            .get_mut(&mark.by)
            .ok_or(Broken::NotHolder { moved })?;
        if body.share.points() > holding.share {
            let (offered, held) = (body.share, share(holding.share));
            return Err(Broken::OfferTooMuch { offered, held });
        }
        let offer = Offer {
            mark,
            to: body.to,
            share: body.share,
            until_index: body.until_index,
            until: body.until,
            terms: body.terms,
            spent: None,
        };
        offer.check_time(&mark, time)?;
        holding.open.push(place);
        self.offers.push(offer);
        Ok(place)
    }

    /// Moves the title. Gives the second by which the log must have recorded it.
    pub(super) fn accept(
        &mut self,
        mark: Mark,
        time: Timestamp,
        place: usize,
        keys: &Keys,
    ) -> Result<Option<Timestamp>, Broken> {
        let offer = *self
            .offers
            .get(place)
            .ok_or(Broken::UnknownEntry { field: "offer" })?;
        let made = offer.mark;
        if !keys.belongs(&offer.to, mark.by, mark.index) {
            return Err(Broken::NotRecipient { offer: made.index });
        }
        if let Some(by) = offer.spent {
            return Err(Broken::OfferSpent {
                offer: made.index,
                by,
            });
        }
        offer.check_time(&mark, time)?;
        if let Some(revocation) = keys.suspect(made.key, made.index, mark.index) {
            return Err(Broken::OfferSuspect { revocation });
        }
        let points = offer.share.points();
        let from = self.take_head(made.by, &mark);
        let left = from.map_or(0, |share| share.saturating_sub(points));
        let had = if mark.by == made.by {
            left
        } else {
            self.take_head(mark.by, &mark).unwrap_or(0)
        };
        if mark.by != made.by {
            self.give(made.by, left, &mark);
        }
        self.give(mark.by, had.saturating_add(points), &mark);
        self.moves.push(Move {
            accept: mark,
            offer: made,
        });
        Ok(offer.until)
    }

    /// Takes a holder's share away together with every offer that was open under its head.
    fn take_head(&mut self, by: KeyNo, accept: &Mark) -> Option<u16> {
        let holding = self.holders.remove(&by)?;
        for place in holding.open {
            if let Some(offer) = self.offers.get_mut(place) {
                offer.spent = Some(accept.index);
            }
        }
        Some(holding.share)
    }

    fn give(&mut self, to: KeyNo, share: u16, accept: &Mark) {
        if share == 0 {
            self.left.insert(to, accept.index);
            return;
        }
        self.left.remove(&to);
        let holding = Holding {
            share,
            head: accept.leaf,
            head_at: accept.index,
            open: Vec::new(),
        };
        self.holders.insert(to, holding);
    }

    pub(super) fn reserve(&mut self, mark: Mark, body: &RightsReserve) -> usize {
        self.reservations
            .push(Reservation::new(mark, body.uses, body.terms));
        self.reservations.len().saturating_sub(1)
    }

    /// Notes that a holder lifts a reservation; whether it is gone, as all of them have.
    pub(super) fn lift(&mut self, mark: Mark, which: Reserved, named: &Stood) -> Result<bool, Broken> {
        self.holding(mark.by)?;
        let reservation = match which {
            Reserved::Registration => self.own.as_mut(),
            Reserved::Reservation(place) => self.reservations.get_mut(place),
        };
        let reservation = reservation.ok_or(Broken::WrongKind {
            named: named.mark.index,
            field: "reservation",
        })?;
        if let Some(by) = reservation
            .lifted
            .or_else(|| reservation.lifters.get(&mark.by).copied())
        {
            return Err(Broken::Lifted { by });
        }
        reservation.lifters.insert(mark.by, mark.index);
        let lifters = &reservation.lifters;
        let all = lifters.len() >= self.holders.len()
            && self.holders.keys().all(|holder| lifters.contains_key(holder));
        reservation.lifted = all.then_some(mark.index);
        Ok(all)
    }
}

impl Offer {
    /// Whether an entry here and then is within the offer's time.
    fn check_time(&self, mark: &Mark, time: Timestamp) -> Result<(), Broken> {
        let below = self
            .until_index
            .filter(|until| mark.index >= *until)
            .map(Deadline::Below);
        let until = self.until.filter(|until| time > *until).map(Deadline::Until);
        match below.or(until) {
            Some(limit) => Err(Broken::Late { limit }),
            None => Ok(()),
        }
    }
}

impl Reservation {
    fn new(mark: Mark, uses: Uses, terms: Option<Digest>) -> Self {
        Self {
            mark,
            uses,
            terms,
            lifters: BTreeMap::new(),
            lifted: None,
        }
    }
}

pub(super) fn share(points: u16) -> Share {
    Share::basis_points(points).unwrap_or(Share::WHOLE)
}
