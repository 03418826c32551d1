//! Keys and identities by the names the user knows them under, and the moment at which they are told of.

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::key::OwnKey;
use crate::app::{App, Error, Kind, fault, key, trust};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::base::{Digest, Timestamp};
use crate::keys::public::{PublicFile, is_public_file};
use crate::keys::{KeyId, PublicKey, TrustStore};
use crate::ledger::{Entry, EntryBody};
use crate::report::title::Who;
use crate::store::ledger_file::{LedgerFile, StoreError};
use crate::store::{files, folder};

/// Whom the user trusts, the user's own keys, and which keys are one identity's.
#[derive(Clone, Debug)]
pub(in crate::app) struct Names {
    trust: TrustStore,
    /// This machine's own keys, by their local names.
    own: BTreeMap<KeyId, String>,
    /// The identity of each key met.
    identities: BTreeMap<KeyId, KeyId>,
    /// The key that the log at hand signs its own entries with.
    log: Option<KeyId>,
    /// Keys that an identity met has promised: SHA-256 of the next and of the recovery key.
    promised: BTreeMap<Digest, KeyId>,
    /// When: licences and offers run out by themselves.
    pub(in crate::app) now: Timestamp,
}

impl Names {
    /// Everybody the user trusts, and the user.
    pub(in crate::app) fn of(app: &App) -> Result<Self, Error> {
        Ok(Self::with_own(app, trust::store(app)?))
    }

    /// These people, and the user.
    pub(in crate::app) fn with_own(app: &App, trust: TrustStore) -> Self {
        Self::with(&key::own(app), trust, app.clock.now())
    }

    /// These people, and the user by these keys.
    pub(in crate::app) fn with(own: &[OwnKey], trust: TrustStore, now: Timestamp) -> Self {
        Self {
            trust,
            own: own.iter().map(|key| (key.id, key.name.clone())).collect(),
            identities: BTreeMap::new(),
            log: None,
            promised: BTreeMap::new(),
            now,
        }
    }

    /// Names the key that a log signs its own entries with.
    pub(in crate::app) fn learn_log(&mut self, key: KeyId) {
        self.log = Some(key);
    }

    /// The identity of a key, as far as it was met; else the key by itself.
    pub(in crate::app) fn identity(&self, key: &KeyId) -> KeyId {
        self.identities.get(key).copied().unwrap_or(*key)
    }

    /// Notes which identity a key event gives a key to.
    pub(in crate::app) fn learn(&mut self, event: &Entry) {
        let (key, identity, promises) = match event.body() {
            EntryBody::KeyIncept(body) => (body.key, body.key.key_id(), [body.next, body.recovery]),
            EntryBody::KeyRotate(body) => (body.key, body.identity, [body.next, body.recovery]),
            // A next or a recovery key that has not entered speaks for the identity that promised it.
            EntryBody::KeyRevoke(body) => {
                let promised = self.promised.get(&Digest::of(body.key.as_bytes()));
                if promised != Some(&body.identity) {
                    return;
                }
                (body.key, body.identity, [None, None])
            }
            _ => return,
        };
        self.identities.entry(key.key_id()).or_insert(identity);
        for promise in promises.into_iter().flatten() {
            self.promised.entry(promise).or_insert(identity);
        }
    }

    /// Whether a key's identity is known here already.
    pub(in crate::app) fn has_met(&self, key: &KeyId) -> bool {
        self.identities.contains_key(key)
    }

    /// The name a key or identity is known under: its own, or that of any key of the same identity. What the user calls somebody goes
    /// before what a key file is called, so that one person bears one name.
    pub(in crate::app) fn name(&self, key: &KeyId) -> Option<String> {
        let identity = self.identities.get(key).unwrap_or(key);
        let kin = || {
            let all = self.identities.iter().filter(|(_, of)| *of == identity);
            [key, identity].into_iter().chain(all.map(|(key, _)| key))
        };
        kin()
            .find_map(|key| self.trusted(key))
            .or_else(|| kin().find_map(|key| self.own.get(key).cloned()))
            .or_else(|| (self.log == Some(*key)).then(|| "the log itself".to_owned()))
    }

    fn trusted(&self, key: &KeyId) -> Option<String> {
        self.trust.who_writes(key).map(|known| known.name.to_string())
    }

    /// The name that a key is known under, or another key that a ledger gives to its identity.
    ///
    /// # Errors
    /// When an entry about the key cannot be read.
    pub(in crate::app) fn in_ledger(
        &self,
        ledger: &LedgerFile,
        key: &KeyId,
    ) -> Result<Option<String>, StoreError> {
        if let Some(name) = self.trusted(key) {
            return Ok(Some(name));
        }
        let events = ledger.key_events(key)?;
        // Each is signed by the key that it brings: nobody can lend a name without that key.
        let kin = events.iter().filter_map(|(_, event)| {
            let key = event.body().own_key()?;
            ledger.is_signed(event, &key).then(|| key.key_id())
        });
        let kin: Vec<KeyId> = std::iter::once(*key).chain(kin).collect();
        let trusted = kin.iter().find_map(|key| self.trusted(key));
        Ok(trusted.or_else(|| kin.iter().find_map(|key| self.own.get(key).cloned())))
    }

    /// The ledger key of somebody the user trusts that has this thumbprint.
    pub(in crate::app) fn trusted_key(&self, key: &KeyId) -> Option<PublicKey> {
        let known = self.trust.who_writes(key)?;
        known.ledger_keys.iter().copied().find(|one| one.key_id() == *key)
    }

    /// A key or identity for a report.
    pub(in crate::app) fn who(&self, key: &KeyId) -> Who {
        Who {
            key: key.hex(),
            known_as: self.name(key),
        }
    }

    /// A key or identity in a sentence: the name, or the beginning of the thumbprint.
    pub(in crate::app) fn word(&self, key: &KeyId) -> String {
        self.name(key)
            .unwrap_or_else(|| format!("the unknown key {}", short(key)))
    }

    /// The key that a word of the user means: a thumbprint, the name of somebody trusted, whose newest key is meant, the name
    /// of a key of this machine, or a public file.
    pub(in crate::app) fn resolve(&self, word: &str) -> Result<KeyId, Error> {
        self.resolve_to(word, <[_]>::last)
    }

    /// The identity that a word of the user means, named by its first key; as [`Names::resolve`], with the oldest key that is
    /// known of somebody trusted.
    pub(in crate::app) fn resolve_identity(&self, word: &str) -> Result<KeyId, Error> {
        self.resolve_to(word, <[_]>::first)
    }

    fn resolve_to(
        &self,
        word: &str,
        which: impl Fn(&[PublicKey]) -> Option<&PublicKey>,
    ) -> Result<KeyId, Error> {
        if let Some(key) = KeyId::parse_hex(word) {
            return Ok(key);
        }
        let mut named = self
            .trust
            .entries()
            .iter()
            .filter(|entry| entry.name.as_str() == word);
        if let Some(key) = named.find_map(|entry| which(&entry.ledger_keys)) {
            return Ok(key.key_id());
        }
        // Nobody else bears the name: the reports call this machine's own keys so.
        let mut own = self.own.iter().filter(|(_, name)| name.as_str() == word);
        if let Some((key, _)) = own.next() {
            return Ok(*key);
        }
        let path = Path::new(word);
        if !folder::exists(path) {
            return Err(Error::new(
                Kind::Request,
                "key.whose",
                format!("`{word}` is nobody's key"),
            )
            .why("it is no thumbprint of 64 hexadecimal digits, nobody in your trust and no key of this machine bears that name, and there is no such file")
            .fix("give the recipient's public file, from `byline key export NAME --public`, or add it to your trust"));
        }
        let bytes = files::read(path, KEY_FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let wrong = |why: String| {
            Error::new(Kind::Input, "key.public-file", format!("`{word}` names no key"))
                .why(why)
                .fix("give a public file, from `byline key export NAME --public`")
        };
        if !is_public_file(&text) {
            return Err(wrong("it is no public file of byline".to_owned()));
        }
        let file = PublicFile::read(&text).map_err(|error| wrong(error.to_string()))?;
        Ok(file.key_id())
    }
}

/// The beginning of a thumbprint, long enough to find it by.
pub(in crate::app) fn short(key: &KeyId) -> String {
    key.hex().chars().take(16).collect()
}
