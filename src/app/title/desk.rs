//! An open ledger with the names of the people in it: what every deed on titles works at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::offer::write;
use super::view;
use super::who::Names;
use crate::app::ledger::{entry_view, head};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault, ledger_open};
use crate::base::Untrusted;
use crate::keys::{Identity, KeyId};
use crate::ledger::handover::{Handover, Purpose};
use crate::ledger::title::{AssetStanding, Compromised, History, KeyStanding};
use crate::ledger::{Entry, EntryBody, EntryError, KeyIncept, LeafHash, LeafIndex, TreeSize, VerifierKey};
use crate::report::ledger::{EntryView, LedgerReport};
use crate::report::title::{Recorded, TitleDeed, TitleReport};
use crate::store::files::FileError;
use crate::store::folder;
use crate::store::ledger_file::{LedgerFile, StoreError};

/// An open ledger and the names of the people in it.
pub(in crate::app) struct Desk {
    pub(in crate::app) path: PathBuf,
    pub(in crate::app) ledger: LedgerFile,
    pub(in crate::app) names: Names,
    /// Where what is signed goes, of a ledger that somebody else keeps.
    pub(in crate::app) to: Option<PathBuf>,
    /// What the ledger declares of keys, asked once a key.
    compromised: BTreeMap<KeyId, Option<Compromised>>,
}

impl Desk {
    /// Opens for looking.
    pub(in crate::app) fn read(app: &App, choice: &LedgerChoice) -> Result<Self, Error> {
        let path = path(app, choice)?;
        let ledger = ledger_open::read(app, &path)?;
        Self::at(app, path, ledger)
    }

    /// Opens for appending, or, of a ledger that somebody else keeps, for signing what goes to its keeper; makes no ledger.
    pub(in crate::app) fn write(app: &App, choice: &LedgerChoice) -> Result<Self, Error> {
        if let LedgerChoice::Copy { to, .. } = choice {
            if folder::exists(to) {
                return Err(fault::write(to, &FileError::Exists));
            }
            return Ok(Self {
                to: Some(to.clone()),
                ..Self::read(app, choice)?
            });
        }
        let path = path(app, choice)?;
        let ledger = ledger_open::write(app, &path)?;
        Self::at(app, path, ledger)
    }

    fn at(app: &App, path: PathBuf, ledger: LedgerFile) -> Result<Self, Error> {
        let mut names = Names::of(app)?;
        names.learn_log(ledger.header().verifier.key().key_id());
        Ok(Self {
            path,
            ledger,
            names,
            to: None,
            compromised: BTreeMap::new(),
        })
    }

    /// What the ledger says of itself.
    pub(in crate::app) fn head(&self) -> LedgerReport {
        let arbiters = self.ledger.header().arbiters.iter();
        LedgerReport {
            arbiters: arbiters.map(|key| self.names.who(key)).collect(),
            ..head(&self.path, &self.ledger)
        }
    }

    /// Records entries in one commit; those for another's ledger are checked against the copy and written for its keeper, and none is
    /// recorded.
    pub(in crate::app) fn append(&mut self, app: &App, entries: &[Entry]) -> Result<Vec<Recorded>, Error> {
        if let Some(to) = &self.to {
            let taken = self.ledger.would_take(entries, app.clock.now());
            taken.map_err(|error| self.fault(&error))?;
            write(to, &self.request(entries).text(&[TO_KEEPER.to_owned()]))?;
            return Ok(Vec::new());
        }
        let receipts = self.ledger.append(entries, app.clock.now());
        let receipts = receipts.map_err(|error| self.fault(&error))?;
        let tree_size = self.ledger.size().0;
        let recorded = entries.iter().zip(receipts).map(|(entry, receipt)| Recorded {
            ledger: Untrusted::new(self.path.to_string_lossy()),
            index: receipt.index.0,
            kind: entry.body().kind().to_owned(),
            id: receipt.id.hex(),
            tree_size,
            already: receipt.already,
        });
        let recorded = recorded.collect();
        for entry in entries {
            self.names.learn(entry);
        }
        Ok(recorded)
    }

    fn request(&self, entries: &[Entry]) -> Handover {
        let last = entries.last().map_or(LeafHash::from_bytes([0; 32]), Entry::id);
        Handover::to_keeper(Purpose::Request, self.log_key().clone(), last, entries.to_vec())
    }

    /// The file that was written for the keeper.
    pub(in crate::app) fn written(&self) -> Option<Untrusted> {
        let to = self.to.as_ref()?;
        Some(Untrusted::new(to.to_string_lossy()))
    }

    /// What to do with what was written for the keeper.
    pub(in crate::app) fn handed(&self) -> Option<String> {
        let to = self.to.as_ref()?;
        Some(format!(
            "nothing is recorded yet: give the file to whoever keeps the ledger, who records it with: byline ledger take {}",
            to.display()
        ))
    }

    /// What an interrupted write had left in the ledger that was opened for appending.
    pub(in crate::app) fn torn(&self) -> Option<String> {
        let torn = ledger_open::torn(&self.ledger).filter(|_| self.to.is_none())?;
        Some(format!("the ledger: {torn}"))
    }

    /// Where the identity of a key stands; `None` when the key never entered.
    pub(in crate::app) fn standing(&self, key: &KeyId) -> Result<Option<KeyStanding>, Error> {
        self.ledger.identity(key).map_err(|error| self.fault(&error))
    }

    /// As [`Desk::standing`], for a key that must have entered.
    pub(in crate::app) fn known(&self, key: &KeyId) -> Result<KeyStanding, Error> {
        self.standing(key)?.ok_or_else(|| {
            Error::new(
                Kind::Refused,
                "ledger.key.unknown",
                format!("the ledger does not know {}", self.names.word(key)),
            )
            .why("the key has no key.incept in it")
            .fix("name the ledger it signed in with --ledger FILE")
        })
    }

    /// The entry by which a key of an identity entered.
    pub(in crate::app) fn key_event(&self, identity: &KeyId, key: &KeyId) -> Result<LeafHash, Error> {
        let events = self.key_events(identity)?;
        let entered = events.iter().find(|(_, entry)| match entry.body() {
            EntryBody::KeyIncept(body) => body.key.key_id() == *key,
            EntryBody::KeyRotate(body) => body.key.key_id() == *key,
            _ => false,
        });
        entered.map(|(_, entry)| entry.id()).ok_or_else(|| {
            Error::new(
                Kind::Refused,
                "ledger.key.unknownIdentity",
                format!("{} is no key of that identity", key.hex()),
            )
            .why("no key.incept or key.rotate of it brought this key in")
            .fix("`byline ledger show` lists the key events; without a key, the current one is meant")
        })
    }

    fn key_events(&self, key: &KeyId) -> Result<Vec<(LeafIndex, Entry)>, Error> {
        self.ledger.key_events(key).map_err(|error| self.fault(&error))
    }

    /// Learns who is who among the signers of entries.
    pub(in crate::app) fn learn<'a>(
        &mut self,
        keys: impl IntoIterator<Item = &'a KeyId>,
    ) -> Result<(), Error> {
        for key in keys {
            if !self.names.has_met(key) {
                for (_, event) in self.key_events(key)? {
                    // Who revokes without having entered speaks for an identity that promised it before.
                    if let EntryBody::KeyRevoke(body) = event.body()
                        && !self.names.has_met(&body.identity)
                    {
                        for (_, event) in self.key_events(&body.identity)? {
                            self.names.learn(&event);
                        }
                    }
                    self.names.learn(&event);
                }
            }
        }
        Ok(())
    }

    /// What the first `size` entries say of an asset.
    pub(super) fn history(&mut self, asset_id: &[u8; 16], size: TreeSize) -> Result<History, Error> {
        let history = self.ledger.history(asset_id, size);
        let history = history.map_err(|error| self.fault(&error))?;
        self.learn(
            history
                .events
                .iter()
                .map(|event| event.entry.signer())
                .collect::<Vec<_>>()
                .iter(),
        )?;
        Ok(history)
    }

    /// Where an asset stands now.
    pub(super) fn asset(&mut self, asset_id: &[u8; 16]) -> Result<Option<AssetStanding>, Error> {
        Ok(self.history(asset_id, self.ledger.size())?.standing)
    }

    /// The index of the entry by which the log says that the body of this one may be dropped.
    pub(in crate::app) fn redacted(&self, leaf: &LeafHash) -> Result<Option<u64>, Error> {
        let found = self.ledger.redaction(leaf);
        let found = found.map_err(|error| self.fault(&error))?;
        Ok(found.map(|index| index.0))
    }

    /// The entry at an index.
    pub(in crate::app) fn entry(&self, index: LeafIndex) -> Result<Entry, Error> {
        self.ledger.entry(index).map_err(|error| self.fault(&error))
    }

    /// An entry by itself, with what others say of it.
    pub(in crate::app) fn view(&mut self, index: LeafIndex, entry: &Entry) -> Result<EntryView, Error> {
        let signer = entry.signer();
        self.learn([&signer])?;
        let known = if let Some(known) = self.compromised.get(&signer) {
            *known
        } else {
            let found = self.ledger.compromised(&signer);
            let found = found.map_err(|error| self.fault(&error))?;
            self.compromised.insert(signer, found);
            found
        };
        let at = |leaf: &LeafHash| self.ledger.find_entry(leaf);
        Ok(EntryView {
            redacted: self.redacted(&entry.id())?,
            suspect: known.and_then(|key| key.suspect(index)).map(|by| by.0),
            ..entry_view(index, entry, None, &self.names, &at)
        })
    }

    /// The key's first entry, where the ledger does not know the key yet.
    ///
    /// # Errors
    /// For a later key of an identity that the ledger knows: its rotation comes first.
    pub(in crate::app) fn incept(&self, app: &App, identity: &Identity) -> Result<Option<Entry>, Error> {
        incept(app, &self.ledger, identity)
    }

    /// Makes an entry with the user's key and the key's own first entry before it where the ledger does not know it.
    pub(super) fn sign(&self, app: &App, identity: &Identity, body: EntryBody) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = self.incept(app, identity)?.into_iter().collect();
        let entry = Entry::sign(body, identity.ledger_key(), app.clock.now());
        entries.push(entry.map_err(|error| Self::unmade(&error))?);
        Ok(entries)
    }

    /// Signs, records, and says where the asset stands then.
    pub(super) fn record(
        &mut self,
        app: &App,
        identity: &Identity,
        body: EntryBody,
        done: (TitleDeed, String),
        asset_id: &[u8; 16],
    ) -> Result<TitleReport, Error> {
        let entries = self.sign(app, identity, body)?;
        let recorded = self.append(app, &entries)?;
        self.report(done, recorded, Some(asset_id))
    }

    /// A report of what was done.
    pub(in crate::app) fn report(
        &mut self,
        done: (TitleDeed, String),
        recorded: Vec<Recorded>,
        asset_id: Option<&[u8; 16]>,
    ) -> Result<TitleReport, Error> {
        let standing = match asset_id {
            Some(asset_id) => self.asset(asset_id)?,
            None => None,
        };
        let mut notes: Vec<String> = self.torn().into_iter().collect();
        if let Some(error) = self.ledger.mark_error() {
            notes.push(format!(
                "the entry is recorded, but the ledger's high-water mark could not be written: {error}"
            ));
        }
        notes.extend(self.handed());
        let sentence = match &self.to {
            Some(_) => format!("signed for the ledger's keeper: {}", done.1),
            None => done.1,
        };
        Ok(TitleReport {
            schema: SCHEMA,
            done: done.0,
            sentence,
            origin: Untrusted::new(self.ledger.header().origin().as_str()),
            log_key: self.ledger.header().verifier.to_string(),
            tree_size: self.ledger.size().0,
            time: Some(self.ledger.last_commit().rfc3339()),
            recorded,
            written: self.written(),
            asset: standing.map(|standing| view::asset(&standing, &[], &self.names)),
            not_checked: Vec::new(),
            notes,
        })
    }

    /// The log's key.
    pub(super) fn log_key(&self) -> &VerifierKey {
        &self.ledger.header().verifier
    }

    pub(super) fn fault(&self, error: &StoreError) -> Error {
        ledger_open::fault(&self.path, error)
    }

    /// An entry could not be made.
    pub(in crate::app) fn unmade(error: &EntryError) -> Error {
        Error::new(Kind::Request, "ledger.entry", "cannot make this ledger entry")
            .why(error.to_string())
            .fix("change what was asked for accordingly; --help after the command says what it takes")
    }
}

/// The first entry of a key that a ledger does not know; `None` when it knows it.
pub(in crate::app) fn incept(
    app: &App,
    ledger: &LedgerFile,
    identity: &Identity,
) -> Result<Option<Entry>, Error> {
    let key = identity.ledger_key();
    if ledger.key(&key.public().key_id()).is_some() {
        return Ok(None);
    }
    let commitments = identity.commitments();
    if commitments
        .first
        .is_some_and(|first| ledger.key(&first).is_some())
    {
        return Err(unrecorded(identity.name()));
    }
    let body = KeyIncept {
        key: key.public(),
        next: commitments.next,
        recovery: commitments.recovery,
    };
    Entry::sign(EntryBody::KeyIncept(body), key, app.clock.now())
        .map(Some)
        .map_err(|error| Desk::unmade(&error))
}

/// A rotation that a ledger does not know comes first.
pub(in crate::app) fn unrecorded(name: &str) -> Error {
    Error::new(
        Kind::Conflict,
        "key.rotation-unrecorded",
        format!("this ledger does not know yet that key `{name}` was rotated"),
    )
    .why("it knows the identity by an earlier key")
    .fix(format!(
        "byline key rotate {name} --ledger FILE records the rotation there"
    ))
}

fn path(app: &App, choice: &LedgerChoice) -> Result<PathBuf, Error> {
    let path = ledger_open::path(app, choice).ok_or_else(|| {
        Error::new(Kind::Request, "ledger.none", "this command needs a ledger")
            .fix("name one with --ledger FILE")
    })?;
    if folder::exists(&path) {
        return Ok(path);
    }
    Err(missing(&path))
}

fn missing(path: &Path) -> Error {
    Error::new(
        Kind::World,
        "ledger.missing",
        format!("there is no ledger `{}`", path.display()),
    )
    .fix("name one with --ledger FILE; `byline sign` and `byline ledger init` make one")
}

/// What a person reads at the head of a request.
const TO_KEEPER: &str =
    "Entries for a ledger, signed. The ledger's keeper records them: byline ledger take FILE";

pub(super) const SCHEMA: &str = "title-report.v1";
