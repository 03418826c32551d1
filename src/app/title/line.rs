//! A title in one line, for verdicts about a picture.

use super::who::Names;
use crate::keys::KeyId;
use crate::ledger::title::{History, TitleStanding};

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
        if let Some(offer) = title.offers.first() {
            parts.push(format!("offered with entry {}", offer.entry.index));
        }
        parts.extend(rights(title));
        if let Some(suspect) = title.suspect {
            parts.push(format!("contested since entry {}", suspect.since));
        }
    }
    if let Some(dispute) = standing.open_disputes().next() {
        parts.push(format!("disputed with entry {}", dispute.entry.index));
    }
    Some(parts.join("; "))
}

/// What of its rights was reserved after the registration, which the picture itself states, and licensed.
fn rights(title: &TitleStanding) -> Vec<String> {
    let reserved = title
        .reservations
        .iter()
        .filter(|one| one.entry.index != title.registered.index);
    let reserved = reserved.map(|one| {
        format!(
            "rights reserved with entry {}: {}",
            one.entry.index,
            super::fields::uses(one.uses).join(", ")
        )
    });
    let licensed = title.licences.iter().filter(|one| one.ended.is_none());
    let licensed = licensed.map(|one| {
        let kind = if one.scope.exclusive {
            "exclusively licensed"
        } else {
            "licensed"
        };
        let to = if one.scope.licensee.is_some() {
            ""
        } else {
            " to everyone"
        };
        format!("{kind}{to} with entry {}", one.entry.index)
    });
    let mut said: Vec<String> = reserved.chain(licensed).collect();
    let more = said.len().saturating_sub(RIGHTS_SHOWN);
    said.truncate(RIGHTS_SHOWN);
    if more > 0 {
        said.push(format!("{more} more reservations and licences"));
    }
    said
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
