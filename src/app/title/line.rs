//! A title in one line, for verdicts about a picture.

use std::collections::BTreeMap;

use super::who::Names;
use crate::keys::KeyId;
use crate::ledger::body::{Outcome, Term, Terms};
use crate::ledger::title::{
    AssetStanding, History, LicenceStanding, OfferStanding, ReservationStanding, TitleStanding,
};
use crate::store::ledger_file::{LedgerFile, StoreError};

/// Where the titles of an asset stand: recorded holders, reserved and licensed rights, open offers and disputes, and since when it is contested. `None`
/// when no registration of it stands. Holders are named as `ledger` gives their keys to identities.
///
/// # Errors
/// When an entry about a holder's keys cannot be read.
pub(in crate::app) fn title(
    history: &History,
    names: &Names,
    ledger: &LedgerFile,
) -> Result<Option<String>, StoreError> {
    let Some(standing) = &history.standing else {
        return Ok(None);
    };
    let mut known = Known(BTreeMap::new());
    let holders = standing.titles.iter().flat_map(|title| &title.holders);
    let licences = standing.titles.iter().flat_map(|title| &title.licences);
    let parties = holders.map(|holder| holder.identity);
    for key in parties.chain(licences.filter_map(|one| one.scope.licensee)) {
        if let Some(name) = names.in_ledger(ledger, &key)? {
            known.0.insert(key, name);
        }
    }
    Ok(Some(told(standing, names, &known)))
}

/// The names that identities are known under.
struct Known(BTreeMap<KeyId, String>);

impl Known {
    fn name(&self, identity: &KeyId) -> String {
        let stranger = || format!("{}, whom you do not know", super::who::short(identity));
        self.0.get(identity).cloned().unwrap_or_else(stranger)
    }
}

fn told(standing: &AssetStanding, names: &Names, known: &Known) -> String {
    let mut parts: Vec<String> = standing
        .titles
        .iter()
        .map(|title| holders(title, known))
        .collect();
    for title in &standing.titles {
        let is_open = |offer: &&OfferStanding| !offer.is_over(names.now);
        if let Some(offer) = title.offers.iter().find(is_open) {
            parts.push(format!("offered with entry {}", offer.entry.index));
        }
        parts.extend(rights(title, names, known));
        if let Some(suspect) = title.suspect {
            parts.push(format!("contested since entry {}", suspect.since));
        }
    }
    if let Some(dispute) = standing.open_disputes().next() {
        parts.push(format!("disputed with entry {}", dispute.entry.index));
    }
    let upheld = standing
        .disputes
        .iter()
        .filter_map(|dispute| match dispute.closed {
            Some((close, Outcome::Upheld)) => Some((dispute.about.index, close.index)),
            _ => None,
        });
    parts.extend(
        upheld.map(|(about, close)| format!("the dispute about entry {about} was upheld with entry {close}")),
    );
    parts.join("; ")
}

/// What of its rights is reserved, where that was done after the registration too, whose words the picture itself states; and what is
/// licensed now, or will be.
fn rights(title: &TitleStanding, names: &Names, known: &Known) -> Vec<String> {
    let is_later = |one: &ReservationStanding| one.entry.index != title.registered.index;
    let tells = title.reservations.iter().any(is_later);
    let reserved = title.reservations.iter().filter(|_| tells).map(|one| {
        format!(
            "rights reserved with entry {}: {}",
            one.entry.index,
            super::fields::uses(one.uses).join(", ")
        )
    });
    let licensed = title.licences.iter().filter(|one| one.ended.is_none());
    let licensed = licensed.filter_map(|one| licence(one, names, known));
    let mut said: Vec<String> = reserved.chain(licensed).collect();
    let more = said.len().saturating_sub(RIGHTS_SHOWN);
    said.truncate(RIGHTS_SHOWN);
    if more > 0 {
        said.push(format!("{more} more reservations and licences"));
    }
    said
}

/// A licence; one that has run out is none.
fn licence(one: &LicenceStanding, names: &Names, known: &Known) -> Option<String> {
    let scope = &one.scope;
    let from = match scope.term(names.now) {
        Term::Over => return None,
        Term::NotYet => format!(", from {}", scope.from.rfc3339()),
        Term::Running => String::new(),
    };
    let kind = if scope.exclusive {
        "exclusively licensed"
    } else {
        "licensed"
    };
    let to = scope
        .licensee
        .map_or_else(|| "everyone".to_owned(), |licensee| known.name(&licensee));
    let places = if scope.territories.is_empty() {
        String::new()
    } else {
        format!(", in {}", super::fields::places(scope))
    };
    let until = scope
        .until
        .map_or_else(String::new, |until| format!(", until {}", until.rfc3339()));
    let terms = match scope.terms {
        Terms::Code(code) => code.word().to_owned(),
        Terms::Digest(_) => "terms of their own".to_owned(),
    };
    Some(format!(
        "{kind} to {to}, {terms}{places}{from}{until}, with entry {}",
        one.entry.index
    ))
}

fn holders(title: &TitleStanding, known: &Known) -> String {
    let said: Vec<String> = title
        .holders
        .iter()
        .take(HOLDERS_SHOWN)
        .map(|holder| match title.holders.len() {
            1 => known.name(&holder.identity),
            _ => format!("{} {}", holder.share, known.name(&holder.identity)),
        })
        .collect();
    let more = match title.holders.len().saturating_sub(HOLDERS_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "recorded holder as of entry {}: {}{more}",
        title.last.index,
        said.join(", ")
    )
}

const HOLDERS_SHOWN: usize = 3;
const RIGHTS_SHOWN: usize = 4;
