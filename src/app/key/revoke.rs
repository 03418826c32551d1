//! Revocation: a key ends, by the word of a key that its thief does not have.

use std::path::PathBuf;

use super::open::open_with_lock;
use super::rotate::commitment;
use super::spare::{open_next, open_recovery};
use super::view;
use crate::app::request::LedgerChoice;
use crate::app::title::desk::{Desk, unrecorded};
use crate::app::{App, Error, Kind};
use crate::keys::{CreatorKey, KeyId};
use crate::ledger::{Entry, EntryBody, KeyRevoke, RevokeReason};
use crate::report::key::{KeyDeed, KeyReport};

/// Revoke a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeKey {
    /// The name on this machine; absent when only the recovery key is left.
    pub name: Option<String>,
    /// The key, where an earlier one of the identity is meant; its current one when absent.
    pub key: Option<KeyId>,
    /// Why.
    pub reason: RevokeReason,
    /// The file of the recovery key; the next key signs when absent.
    pub recovery: Option<PathBuf>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Declares a key ended: signed by the next key, the recovery key or, for an earlier key, the current one.
pub fn revoke(app: &App, request: &RevokeKey) -> Result<KeyReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let (identity, signer) = signer(app, request, &desk)?;
    let standing = desk.known(&identity)?;
    let target = request.key.unwrap_or(standing.current);
    let event = desk.key_event(&standing.identity, &target)?;
    let body = KeyRevoke {
        identity: standing.identity,
        key: signer.public(),
        event,
        reason: request.reason,
    };
    let entry = Entry::sign(EntryBody::KeyRevoke(body), &signer, app.clock.now())
        .map_err(|error| Desk::unmade(&error))?;
    let recorded = desk.append(app, &[entry])?;
    let mut notes: Vec<String> = desk.torn().into_iter().chain(desk.handed()).collect();
    let entered = desk.ledger.find_entry(&event).map_or(0, |index| index.0);
    let words = if desk.to.is_some() { "is to be" } else { "is" };
    notes.push(format!(
        "the key of {} that entered with entry {entered} {words} declared ended: {}",
        desk.names.word(&standing.identity),
        target.hex()
    ));
    if let RevokeReason::Compromised { since } = request.reason
        && since.0 < entered
    {
        notes.push(format!(
            "this key signs from entry {entered} on alone: what an earlier key of the identity signed stands; name that key too, with --earlier THUMBPRINT, if others had it"
        ));
    }
    if target == standing.current {
        notes.push(match &request.name {
            Some(name) if request.recovery.is_none() => {
                format!("the identity lives on with its next key: byline key rotate {name}")
            }
            _ => "the identity lives on if its next key is kept somewhere: byline key rotate NAME, on the machine that has it"
                .to_owned(),
        });
    }
    if matches!(request.reason, RevokeReason::Compromised { .. }) {
        notes.push(
            "what the key signed from that entry on is shown as suspect, and titles it moved as contested; \
             what it signed before stands"
                .to_owned(),
        );
    }
    let keys = match &request.name {
        Some(name) => vec![view::of(app, name)?],
        None => Vec::new(),
    };
    Ok(KeyReport {
        schema: view::SCHEMA,
        done: KeyDeed::Revoked,
        keys,
        written: desk.written(),
        text: None,
        recorded,
        notes,
    })
}

/// The identity, by one of its keys, and the key that speaks against the one that ends.
fn signer(app: &App, request: &RevokeKey, desk: &Desk) -> Result<(KeyId, CreatorKey), Error> {
    if let Some(path) = &request.recovery {
        let spare = open_recovery(app, path)?;
        return Ok((spare.identity, spare.key));
    }
    let Some(name) = &request.name else {
        return Err(Error::new(Kind::Request, "key.which", "no key is named")
            .fix("name the key, or its recovery key with --recovery FILE"));
    };
    let (identity, lock) = open_with_lock(app, Some(name))?;
    let own = identity.ledger_key().public().key_id();
    if request.key.is_some_and(|key| key != own) && desk.standing(&own)?.is_some_and(|one| one.current == own)
    {
        return Ok((own, identity.into_ledger_key()));
    }
    let known = desk.standing(&identity.first_key())?;
    let own = commitment(&identity.ledger_key().public());
    if known.is_some_and(|known| known.next == Some(own)) {
        // To the ledger the key that is to end is not the identity's yet.
        return Err(unrecorded(name));
    }
    let next = open_next(app, &identity, &lock)?;
    Ok((identity.first_key(), next.key))
}
