//! Rotation: an identity hands over to the next key it committed to.
//!
//! ```text
//! stage next key and key -> keep the old key -> put the new key in its place -> ledger entry
//! ```
//!
//! Files first: a crash before the entry leaves a key that the log does not know yet, and the next run records it.

use super::lock::Lock;
use super::open::open_with_lock;
use super::spare::{draw, open_next, write_next};
use super::{fault, key_folder, view};
use crate::app::request::LedgerChoice;
use crate::app::title::desk::Desk;
use crate::app::{App, Error, Kind};
use crate::base::{Digest, Untrusted};
use crate::keys::bundle::Parts;
use crate::keys::public::PublicFile;
use crate::keys::spare::SpareUse;
use crate::keys::x509::{Names, renewed};
use crate::keys::{Commitments, CreatorKey, Identity, LeafInfo, LocalName, PublicKey, SignerKeys};
use crate::ledger::title::KeyStanding;
use crate::ledger::{Entry, EntryBody, KeyRotate};
use crate::report::key::{KeyDeed, KeyReport};
use crate::store::Beside;

/// Rotates a key: its next key takes its place, here and in the ledger. A key whose rotation a ledger does not know yet is
/// recorded there and not rotated again.
pub fn rotate(app: &App, name: &str, choice: &LedgerChoice) -> Result<KeyReport, Error> {
    let _alone = key_folder(app)
        .alone()
        .map_err(|error| fault::key_file(name, &error))?;
    let (identity, lock) = open_with_lock(app, Some(name))?;
    let mut desk = Desk::write(app, choice)?;
    let mut notes: Vec<String> = desk.torn().into_iter().collect();
    let (current, standing) = match whereabouts(&desk, &identity)? {
        Whereabouts::Current(standing) => {
            let old = identity.ledger_key().public().key_id();
            notes.push(format!(
                "the old key {} is kept beside the new one; it signs nothing any more",
                old.hex()
            ));
            (hand_over(app, identity, &lock)?, standing)
        }
        Whereabouts::Next(standing) => {
            notes.push("the key had been rotated before; only the ledger did not know".to_owned());
            // An interrupted rotation may have left its last step undone.
            open_next(app, &identity, &lock)?;
            (identity, standing)
        }
    };
    let body = KeyRotate {
        identity: standing.identity,
        key: current.ledger_key().public(),
        prev: standing.event,
        next: current.commitments().next,
        recovery: None,
    };
    let now = app.clock.now();
    let entry = Entry::sign(EntryBody::KeyRotate(body), current.ledger_key(), now)
        .map_err(|error| Desk::unmade(&error))?;
    let recorded = desk.append(app, &[entry])?;
    notes.push(format!(
        "give the new public file to those who trust this key: byline key export {} --public",
        current.name()
    ));
    Ok(KeyReport {
        schema: view::SCHEMA,
        done: KeyDeed::Rotated,
        keys: vec![view::of(app, current.name())?],
        written: None,
        text: None,
        recorded,
        notes,
    })
}

/// What a ledger knows of a key.
enum Whereabouts {
    /// It is its identity's current key.
    Current(KeyStanding),
    /// It is the next key of an identity.
    Next(KeyStanding),
}

fn whereabouts(desk: &Desk, identity: &Identity) -> Result<Whereabouts, Error> {
    let key = identity.ledger_key().public();
    let standing = desk.standing(&key.key_id())?;
    if let Some(standing) = standing.filter(|standing| standing.current == key.key_id()) {
        return Ok(Whereabouts::Current(standing));
    }
    match desk.standing(&identity.first_key())? {
        Some(standing) if standing.next == Some(commitment(&key)) => Ok(Whereabouts::Next(standing)),
        Some(standing) => Err(Error::new(
            Kind::Conflict,
            "key.rotations-missing",
            format!("the ledger knows an older key of `{}`", identity.name()),
        )
        .why(format!(
            "it stands at {}, and that key did not commit to this one",
            standing.current.hex()
        ))
        .fix("record each rotation in every ledger before the next one is made")),
        None => Err(Error::new(
            Kind::Conflict,
            "key.not-in-ledger",
            format!("the ledger does not know key `{}`", identity.name()),
        )
        .why("only a key that has entered a ledger can be rotated there")
        .fix("name the ledger it signed in with --ledger FILE; the first entry brings a key in")),
    }
}

pub(super) fn commitment(key: &PublicKey) -> Digest {
    Digest::of(key.as_bytes())
}

/// Puts the next key in the place of a key, on disk. Durable when it returns.
fn hand_over(app: &App, old: Identity, lock: &Lock) -> Result<Identity, Error> {
    let name = LocalName::parse(old.name()).map_err(|error| fault::name(old.name(), &error))?;
    let word = name.as_str();
    let next = open_next(app, &old, lock)?;
    let after = draw(app, SpareUse::Next, old.first_key())?;
    let commitments = Commitments {
        first: Some(old.first_key()),
        next: Some(after.commitment()),
        recovery: old.commitments().recovery,
    };
    let parts = succeed(app, word, old.into_parts(), next.key, commitments)?;
    let new = Identity::assemble(&name, parts).map_err(|error| fault::bundle(word, &error))?;
    let secret = new
        .to_secret_text()
        .map_err(|error| fault::bundle(word, &error))?;
    let public = PublicFile::write(&new).map_err(|error| fault::unsigned(word, &error))?;
    let folder = key_folder(app);
    let on_disk = |error| fault::key_file(word, &error);
    write_next(app, word, Beside::NewNext, &after, lock)?;
    let (form, bytes) = lock.seal(word, &secret)?;
    folder
        .write_beside(word, Beside::NewKey, form, &bytes)
        .map_err(on_disk)?;
    folder.remove_public(word).map_err(on_disk)?;
    folder.take_place(word, form).map_err(on_disk)?;
    folder.take_next(word, form).map_err(on_disk)?;
    folder.write_public(word, &public).map_err(on_disk)?;
    Ok(new)
}

/// The parts of the new identity. A key that a CA certified for claims stays; its companion for ledger entries is what
/// rotates. A key of one's own gets a new leaf under the same names and root.
fn succeed(
    app: &App,
    word: &str,
    old: Parts,
    next: CreatorKey,
    commitments: Commitments,
) -> Result<Parts, Error> {
    let (keys, root_key) = match (old.keys, old.root_key) {
        (SignerKeys::Ecdsa { claims, .. }, root_key) => {
            let keys = SignerKeys::Ecdsa { claims, ledger: next };
            return Ok(Parts {
                commitments,
                keys,
                root_key,
                ..old
            });
        }
        (SignerKeys::Creator(_), Some(root_key)) => (next, root_key),
        (SignerKeys::Creator(_), None) => {
            return Err(Error::new(
                Kind::Key,
                "key.ca-certified",
                format!("key `{word}` was certified by a CA"),
            )
            .why("its certificate belongs to the key that would be replaced, and only the CA makes another")
            .fix("revoke it with `byline key revoke`, and import a new key with the CA's certificate"));
        }
    };
    let leaf = old.chain.first().map(|der| LeafInfo::parse(der)).transpose();
    let leaf = leaf
        .map_err(|error| fault::certificate(word, &error))?
        .ok_or_else(|| fault::fingerprint(word))?;
    let names = Names::try_new(
        leaf.subject_cn.as_ref().map(Untrusted::raw),
        leaf.subject_o.as_ref().map(Untrusted::raw),
        leaf.email.as_ref().map(Untrusted::raw),
        &keys.public(),
    )
    .map_err(|error| fault::names(&error))?;
    let root_der = old.root.as_deref().unwrap_or_default();
    let leaf = renewed(
        &keys,
        (&root_key, root_der),
        &names,
        app.clock.now(),
        app.random()?,
    )
    .map_err(|error| fault::certificate(word, &error))?;
    Ok(Parts {
        chain: vec![leaf],
        commitments,
        keys: SignerKeys::Creator(keys),
        root: old.root,
        root_key: Some(root_key),
    })
}
