//! A title in one line, for verdicts about a picture.

use super::who::Names;
use crate::keys::KeyId;
use crate::ledger::body::{Outcome, Term};
use crate::ledger::title::{History, LicenceStanding, OfferStanding, ReservationStanding, TitleStanding};

/// Where the titles of an asset stand: recorded holders, reserved and licensed rights, open offers and disputes, and since when it is contested. `None`
/// when no registration of it stands.
pub(in crate::app) fn title(history: &History, names: &Names) -> Option<String> {
    let standing = history.standing.as_ref()?;
    let mut parts: Vec<String> = standing
        .titles
        .iter()
        .map(|title| holders(title, history, names))
        .collect();
    for title in &standing.titles {
        let is_open = |offer: &&OfferStanding| !offer.is_over(names.now);
        if let Some(offer) = title.offers.iter().find(is_open) {
            parts.push(format!("offered with entry {}", offer.entry.index));
        }
        parts.extend(rights(title, history, names));
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
    Some(parts.join("; "))
}

/// What of its rights is reserved, where that was done after the registration too, whose words the picture itself states; and what is
/// licensed now, or will be.
fn rights(title: &TitleStanding, history: &History, names: &Names) -> Vec<String> {
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
    let licensed = licensed.filter_map(|one| licence(one, history, names));
    let mut said: Vec<String> = reserved.chain(licensed).collect();
    let more = said.len().saturating_sub(RIGHTS_SHOWN);
    said.truncate(RIGHTS_SHOWN);
    if more > 0 {
        said.push(format!("{more} more reservations and licences"));
    }
    said
}

/// A licence; one that has run out is none.
fn licence(one: &LicenceStanding, history: &History, names: &Names) -> Option<String> {
    let scope = &one.scope;
    let from = match scope.term(names.now) {
        Term::Over => return None,
        Term::NotYet => format!(", from {} on", scope.from.rfc3339()),
        Term::Running => String::new(),
    };
    let kind = if scope.exclusive {
        "exclusively licensed"
    } else {
        "licensed"
    };
    let to = scope.licensee.map_or_else(
        || "everyone".to_owned(),
        |licensee| name(&licensee, history, names),
    );
    let places = if scope.territories.is_empty() {
        String::new()
    } else {
        format!(", in {}", super::fields::places(scope))
    };
    Some(format!(
        "{kind} to {to}{places}{from}, with entry {}",
        one.entry.index
    ))
}

fn holders(title: &TitleStanding, history: &History, names: &Names) -> String {
    let said: Vec<String> = title
        .holders
        .iter()
        .take(HOLDERS_SHOWN)
        .map(|holder| match title.holders.len() {
            1 => name(&holder.identity, history, names),
            _ => format!("{} {}", holder.share, name(&holder.identity, history, names)),
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

/// The name that the identity, or a key it signed with, is known under.
fn name(identity: &KeyId, history: &History, names: &Names) -> String {
    let mut own = history
        .events
        .iter()
        .filter(|event| event.identity.as_ref() == Some(identity));
    names
        .of_key(identity)
        .or_else(|| own.find_map(|event| names.of_key(&event.entry.signer())))
        .unwrap_or_else(|| format!("{}, whom you do not know", super::who::short(identity)))
}

const HOLDERS_SHOWN: usize = 3;
const RIGHTS_SHOWN: usize = 4;
