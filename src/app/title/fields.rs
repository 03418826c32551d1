//! Entries as plain fields and as sentences.

use super::who::Names;
use crate::base::Timestamp;
use crate::base::statement::uuid_text;
use crate::base::territory;
use crate::ledger::body::{Scope, Subject, Terms, Uses};
use crate::ledger::{DigestForm, Entry, EntryBody, LeafHash, LeafIndex, RevokeReason};
use crate::report::title::EntryFields;

/// The fields of an entry's body but those of a registration, which has a view of its own.
pub(in crate::app) fn fields(body: &EntryBody) -> EntryFields {
    let mut fields = match body {
        EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_) | EntryBody::KeyRevoke(_) => of_key(body),
        EntryBody::TitleOffer(_) | EntryBody::TitleAccept(_) => of_title(body),
        EntryBody::LicenceGrant(_) | EntryBody::LicenceEnd(_) => of_licence(body),
        EntryBody::RightsReserve(_) | EntryBody::RightsLift(_) => of_rights(body),
        EntryBody::DisputeOpen(_) | EntryBody::DisputeAnswer(_) | EntryBody::DisputeClose(_) => {
            of_dispute(body)
        }
        EntryBody::Redact(_) | EntryBody::StateRoot(_) | EntryBody::Anchor(_) => of_log(body),
        EntryBody::AssetRegister(_) => EntryFields::default(),
    };
    match body.subject() {
        Subject::Asset(id) => fields.asset_id = Some(uuid_text(id)),
        Subject::Identity(id) => fields.identity = Some(id.hex()),
        Subject::Log => {}
    }
    fields
}

fn of_key(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::KeyIncept(body) => EntryFields {
            next: body.next.map(|digest| digest.hex()),
            recovery: body.recovery.map(|digest| digest.hex()),
            ..none
        },
        EntryBody::KeyRotate(body) => EntryFields {
            names: named(&body.prev),
            next: body.next.map(|digest| digest.hex()),
            recovery: body.recovery.map(|digest| digest.hex()),
            ..none
        },
        EntryBody::KeyRevoke(body) => EntryFields {
            names: named(&body.event),
            word: word(body.reason.word()),
            index: match body.reason {
                RevokeReason::Compromised { since } => Some(since.0),
                RevokeReason::Retired => None,
            },
            ..none
        },
        _ => none,
    }
}

fn of_title(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::TitleOffer(body) => EntryFields {
            names: named(&body.prev),
            to: Some(body.to.hex()),
            basis_points: Some(body.share.points()),
            until: body.until.map(Timestamp::rfc3339),
            until_index: body.until_index.map(|index| index.0),
            terms: body.terms.map(|digest| digest.hex()),
            ..none
        },
        EntryBody::TitleAccept(body) => EntryFields {
            names: named(&body.offer),
            ..none
        },
        _ => none,
    }
}

fn of_licence(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::LicenceGrant(body) => EntryFields {
            names: named(&body.title),
            to: body.scope.licensee.map(|key| key.hex()),
            from: Some(body.scope.from.rfc3339()),
            until: body.scope.until.map(Timestamp::rfc3339),
            terms: Some(terms(&body.scope)),
            territories: body.scope.territories.clone(),
            exclusive: Some(body.scope.exclusive),
            ..none
        },
        EntryBody::LicenceEnd(body) => EntryFields {
            names: named(&body.grant),
            ..none
        },
        _ => none,
    }
}

fn of_rights(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::RightsReserve(body) => EntryFields {
            names: named(&body.title),
            uses: uses(body.uses),
            terms: body.terms.map(|digest| digest.hex()),
            ..none
        },
        EntryBody::RightsLift(body) => EntryFields {
            names: named(&body.reservation),
            ..none
        },
        _ => none,
    }
}

fn of_dispute(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::DisputeOpen(body) => EntryFields {
            names: named(&body.entry),
            word: word(body.ground.word()),
            evidence: body.evidence.map(|digest| digest.hex()),
            identity: body.privilege.map(|privilege| privilege.identity.hex()),
            ..none
        },
        EntryBody::DisputeAnswer(body) => EntryFields {
            names: named(&body.dispute),
            word: word(body.stance.word()),
            evidence: body.evidence.map(|digest| digest.hex()),
            ..none
        },
        EntryBody::DisputeClose(body) => EntryFields {
            names: named(&body.dispute),
            word: word(body.outcome.word()),
            evidence: body.evidence.map(|digest| digest.hex()),
            ..none
        },
        _ => none,
    }
}

fn of_log(body: &EntryBody) -> EntryFields {
    let none = EntryFields::default();
    match body {
        EntryBody::Redact(body) => EntryFields {
            names: named(&body.leaf),
            index: Some(body.index.0),
            word: word(body.ground.word()),
            ..none
        },
        EntryBody::StateRoot(body) => EntryFields {
            root: Some(body.root.hex()),
            covers: Some(body.covers.0),
            ..none
        },
        EntryBody::Anchor(body) => EntryFields {
            evidence: Some(body.evidence.hex()),
            word: word(body.kind.word()),
            covers: Some(body.covers.0),
            ..none
        },
        _ => none,
    }
}

/// What an entry says, in a sentence without a full stop. `at` finds the index of an entry that it names.
pub(in crate::app) fn says(
    entry: &Entry,
    names: &Names,
    at: &dyn Fn(&LeafHash) -> Option<LeafIndex>,
) -> String {
    let by = names.word(&entry.signer());
    let place = |leaf: &LeafHash| {
        at(leaf).map_or_else(|| "another entry".to_owned(), |index| format!("entry {index}"))
    };
    match entry.body() {
        EntryBody::KeyIncept(body) => {
            let spare = match (body.next, body.recovery) {
                (Some(_), Some(_)) => ", with a next and a recovery key",
                (Some(_), None) => ", with a next key",
                (None, Some(_)) => ", with a recovery key",
                (None, None) => ", without a next key",
            };
            format!("{by} enters the log{spare}")
        }
        EntryBody::KeyRotate(body) => format!(
            "{} hands over to the next key {}",
            names.word(&body.identity),
            super::who::short(&body.key.key_id())
        ),
        EntryBody::KeyRevoke(body) => {
            let whose = names.word(&body.identity);
            let key = place(&body.event);
            match body.reason {
                RevokeReason::Compromised { since } => format!(
                    "the key of {whose} that entered with {key} is declared compromised since entry {since}"
                ),
                RevokeReason::Retired => {
                    format!("the key of {whose} that entered with {key} is declared retired")
                }
            }
        }
        EntryBody::AssetRegister(body) => {
            let keyed = match body.digests {
                DigestForm::Keyed => " (keyed)",
                DigestForm::Plain => "",
            };
            let role = body
                .role
                .map_or_else(String::new, |role| format!(", as its {}", role.word()));
            format!("{by} records the picture{keyed} as {}{role}", body.source.term())
        }
        other => about_rights(other, &by, names, &place),
    }
}

fn about_rights(body: &EntryBody, by: &str, names: &Names, place: &dyn Fn(&LeafHash) -> String) -> String {
    match body {
        EntryBody::TitleOffer(body) => {
            let until = body
                .until
                .map_or_else(String::new, |time| format!(" until {time}"));
            format!(
                "{by} offers {} of the title to {}{until}",
                body.share,
                names.word(&body.to)
            )
        }
        EntryBody::TitleAccept(body) => format!(
            "{by} accepts the offer of {}; the title moves",
            place(&body.offer)
        ),
        EntryBody::LicenceGrant(body) => format!("{by} grants {}", licence(&body.scope, names)),
        EntryBody::LicenceEnd(body) => format!("{by} ends the licence of {}", place(&body.grant)),
        EntryBody::RightsReserve(body) => format!("{by} states uses: {}", uses(body.uses).join(", ")),
        EntryBody::RightsLift(body) => format!("{by} lifts the reservation of {}", place(&body.reservation)),
        EntryBody::DisputeOpen(body) => {
            let with = match &body.privilege {
                Some(privilege) => format!(" with the recovery key of {}", names.word(&privilege.identity)),
                None => String::new(),
            };
            format!(
                "{by} disputes {}{with}: {}",
                place(&body.entry),
                body.ground.word()
            )
        }
        EntryBody::DisputeAnswer(body) => {
            format!(
                "{by} answers the dispute of {}: {}",
                place(&body.dispute),
                body.stance.word()
            )
        }
        EntryBody::DisputeClose(body) => {
            format!(
                "{by} closes the dispute of {}: {}",
                place(&body.dispute),
                body.outcome.word()
            )
        }
        EntryBody::Redact(body) => format!(
            "the log says that the body of entry {} may be dropped: {}",
            body.index,
            body.ground.word()
        ),
        EntryBody::StateRoot(body) => format!(
            "the log states the root of its state map over {} entries",
            body.covers
        ),
        EntryBody::Anchor(body) => format!(
            "the log records {} evidence of its checkpoint of {} entries",
            body.kind.word(),
            body.covers
        ),
        _ => String::new(),
    }
}

/// A licence in words, `an exclusive licence to bob, CC-BY-4.0, from ... until ..., in DE`.
pub(in crate::app) fn licence(scope: &Scope, names: &Names) -> String {
    let kind = if scope.exclusive {
        "an exclusive licence"
    } else {
        "a licence"
    };
    let to = scope
        .licensee
        .map_or_else(|| "everyone".to_owned(), |key| names.word(&key));
    let until = scope
        .until
        .map_or_else(|| " without end".to_owned(), |time| format!(" until {time}"));
    let places = if scope.territories.is_empty() {
        "everywhere".to_owned()
    } else {
        format!("in {}", places(scope))
    };
    let terms = match scope.terms {
        Terms::Code(code) => code.word().to_owned(),
        Terms::Digest(digest) => format!("terms {}", digest.hex().chars().take(16).collect::<String>()),
    };
    format!("{kind} to {to}, {terms}, from {}{until}, {places}", scope.from)
}

/// The countries of a licence, `DE, FR`.
pub(super) fn places(scope: &Scope) -> String {
    let codes: Vec<String> = scope.territories.iter().copied().map(territory::word).collect();
    codes.join(", ")
}

/// SPDX identifier or SHA-256 of the terms.
pub(in crate::app) fn terms(scope: &Scope) -> String {
    match scope.terms {
        Terms::Code(code) => code.word().to_owned(),
        Terms::Digest(digest) => digest.hex(),
    }
}

/// Uses with their CAWG labels.
pub(in crate::app) fn uses(uses: Uses) -> Vec<String> {
    uses.labelled()
        .iter()
        .filter_map(|(label, one)| Some(format!("{label}: {}", (*one)?.word())))
        .collect()
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of the field it fills")]
fn named(leaf: &LeafHash) -> Option<String> {
    Some(leaf.hex())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of the field it fills")]
fn word(word: &str) -> Option<String> {
    Some(word.to_owned())
}
