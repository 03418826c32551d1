//! Licences of one chain of title. An exclusive one needs every holder: each signs a grant of the same scope, and it is in
//! force with the last. No two exclusive ones may cover the same second in the same place.

use std::collections::BTreeMap;

use super::asset::{Mark, Stood, What};
use super::chain::{Chain, Holding};
use super::keys::{KeyNo, Keys};
use crate::base::Timestamp;
use crate::ledger::body::{LicenceGrant, SECONDS_MAX, Scope};
use crate::ledger::broken::Broken;
use crate::ledger::hash::LeafHash;

/// A licence that took effect.
#[derive(Clone, Debug)]
pub(super) struct Licence {
    /// The grant by which it took effect.
    pub(super) mark: Mark,
    pub(super) scope: Scope,
    pub(super) ended: Option<Mark>,
}

/// The licences of one chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Licences {
    pub(super) all: Vec<Licence>,
    taken: Taken,
    pub(super) waiting: Vec<Waiting>,
    waiting_by_scope: BTreeMap<Scope, usize>,
}

/// An exclusive licence that waits for other holders.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) scope: Scope,
    pub(super) parts: BTreeMap<KeyNo, Consent>,
}

/// One holder's part of an exclusive licence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    pub(super) mark: Mark,
    /// The title entry it was signed under.
    title: LeafHash,
}

/// What a grant became.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) own: What,
    /// What earlier grants have become through it.
    pub(super) others: Vec<(LeafHash, What)>,
}

/// The time that exclusive licences cover, by territory (0 for the world). Within one territory nothing overlaps, so one
/// step of a search tells whether a span is free.
#[derive(Clone, Debug, Default)]
struct Taken(BTreeMap<u16, BTreeMap<Timestamp, (Timestamp, usize)>>);

impl Chain {
    /// A grant by a holder under its current head.
    pub(super) fn grant(&mut self, mark: Mark, body: &LicenceGrant, keys: &Keys) -> Result<Granted, Broken> {
        let (holders, licences) = (&self.holders, &mut self.licences);
        let scope = &body.scope;
        if !scope.exclusive {
            return Ok(Granted {
                own: What::Grant(licences.begin(mark, scope)),
                others: Vec::new(),
            });
        }
        if let Some(place) = licences.taken.meets(scope) {
            let with = licences
                .all
                .get(place)
                .map_or(mark.index, |other| other.mark.index);
            return Err(Broken::ExclusiveOverlap { with });
        }
        let waits = *licences
            .waiting_by_scope
            .entry(scope.clone())
            .or_insert(licences.waiting.len());
        if waits == licences.waiting.len() {
            licences.waiting.push(Waiting {
                scope: scope.clone(),
                parts: BTreeMap::new(),
            });
        }
        let parts = match licences.waiting.get_mut(waits) {
            Some(waiting) => &mut waiting.parts,
            None => return Err(Broken::UnknownEntry { field: "grant" }),
        };
        let title = body.title;
        let renewed = parts.insert(mark.by, Consent { mark, title });
        let mut others: Vec<_> = renewed
            .map(|consent| (consent.mark.leaf, What::Gone(mark.index)))
            .into_iter()
            .collect();
        let counts = |consent: &Consent, holding: &Holding| {
            let given = consent.mark;
            consent.title == holding.head && keys.suspect(given.key, given.index, mark.index).is_none()
        };
        let agrees = |(holder, holding): (&KeyNo, &Holding)| {
            parts.get(holder).is_some_and(|consent| counts(consent, holding))
        };
        if parts.len() < holders.len() || !holders.iter().all(agrees) {
            return Ok(Granted {
                own: What::Consent(waits),
                others,
            });
        }
        let parts = std::mem::take(parts);
        let place = licences.begin(mark, scope);
        licences.taken.take(scope, place);
        for (holder, consent) in parts.iter().filter(|part| *part.0 != mark.by) {
            let is_part = holders
                .get(holder)
                .is_some_and(|holding| counts(consent, holding));
            let what = if is_part {
                What::Grant(place)
            } else {
                What::Gone(mark.index)
            };
            others.push((consent.mark.leaf, what));
        }
        Ok(Granted {
            own: What::Grant(place),
            others,
        })
    }

    pub(super) fn end_licence(
        &mut self,
        mark: Mark,
        time: Timestamp,
        place: usize,
        keys: &Keys,
    ) -> Result<(), Broken> {
        let is_holder = self.holders.contains_key(&mark.by);
        let Licences { all, taken, .. } = &mut self.licences;
        let licence = all
            .get_mut(place)
            .ok_or(Broken::UnknownEntry { field: "grant" })?;
        let is_licensee = licence
            .scope
            .licensee
            .is_some_and(|licensee| keys.belongs(&licensee, mark.by, mark.index));
        if !is_holder && !is_licensee {
            let of = licence.mark.index;
            return Err(Broken::NotParty { of });
        }
        if let Some(ended) = &licence.ended {
            return Err(Broken::LicenceEnded { by: ended.index });
        }
        licence.ended = Some(mark);
        if licence.scope.exclusive {
            // What it covered before its end stays taken: another licence cannot reach back into that time.
            taken.cut(&licence.scope, time);
        }
        Ok(())
    }

    /// A holder takes back its part of an exclusive licence that is not in force.
    pub(super) fn withdraw(&mut self, mark: Mark, waits: usize, consent: &Stood) -> Result<(), Broken> {
        let given = consent.mark;
        if given.by != mark.by {
            return Err(Broken::NotParty { of: given.index });
        }
        if let Some(waiting) = self.licences.waiting.get_mut(waits) {
            waiting.parts.remove(&mark.by);
        }
        Ok(())
    }
}

impl Licences {
    fn begin(&mut self, mark: Mark, scope: &Scope) -> usize {
        self.all.push(Licence {
            mark,
            scope: scope.clone(),
            ended: None,
        });
        self.all.len().saturating_sub(1)
    }
}

impl Taken {
    /// The place of a licence that covers a part of the scope.
    fn meets(&self, scope: &Scope) -> Option<usize> {
        let until = scope.until.unwrap_or(END);
        let in_territory = |spans: &BTreeMap<Timestamp, (Timestamp, usize)>| {
            let (_, (last, place)) = spans.range(..=until).next_back()?;
            (*last >= scope.from).then_some(*place)
        };
        if scope.territories.is_empty() {
            return self.0.values().find_map(in_territory);
        }
        std::iter::once(&WORLD)
            .chain(&scope.territories)
            .find_map(|code| in_territory(self.0.get(code)?))
    }

    fn take(&mut self, scope: &Scope, place: usize) {
        for code in codes(scope) {
            let spans = self.0.entry(*code).or_default();
            spans.insert(scope.from, (scope.until.unwrap_or(END), place));
        }
    }

    /// Frees what a scope covers from a time on.
    fn cut(&mut self, scope: &Scope, from: Timestamp) {
        let last = Timestamp::from_unix_s(from.unix_s().saturating_sub(1));
        for code in codes(scope) {
            let Some(spans) = self.0.get_mut(code) else {
                continue;
            };
            if last < scope.from {
                spans.remove(&scope.from);
            } else if let Some((until, _)) = spans.get_mut(&scope.from) {
                *until = last.min(*until);
            }
        }
    }
}

fn codes(scope: &Scope) -> &[u16] {
    if scope.territories.is_empty() {
        &[WORLD]
    } else {
        &scope.territories
    }
}

const WORLD: u16 = 0;
const END: Timestamp = Timestamp::from_unix_s(SECONDS_MAX);
