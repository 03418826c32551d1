//! The one append-only file of a ledger with what belongs to it: lock, log key, secret, high-water mark, index.
//!
//! [`super::journal`] says how entries come to be on the disk; the high-water mark is set when they are.

mod proofs;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
pub use super::error::StoreError;
use super::folder;
use super::index::{Access, RecordKey, Topic};
use super::journal::{self, Journal};
pub use super::journal::{Receipt, TornTail};
use super::lock::{self, Held};
use super::mark::{self, Mark, MarkError};
use super::past::Past;
use super::secrets;
use crate::base::{Digest, Timestamp};
use crate::keys::{CreatorKey, KeyId, PublicKey};
use crate::ledger::append;
use crate::ledger::body::v4;
use crate::ledger::frame::Header;
use crate::ledger::title::{self, Compromised, History, KeyStanding, Policy};
use crate::ledger::{
    Entry, EntryBody, KeyName, LeafHash, LeafIndex, LedgerSecret, LogKey, LookupMode, NodeHash, TreeSize,
    VerifiedCheckpoint,
};

/// How long the maker of a ledger waits for whoever found it first.
const NEW_LOCK_TIMEOUT_MS: u64 = 60_000;

/// Where the files of a ledger lie that are not beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The log key: an unencrypted file of mode 0600. Who has it can sign checkpoints in the log's name, but no entries.
    pub log_key: PathBuf,
    /// The directory of high-water marks.
    pub state: PathBuf,
}

/// What a new ledger is made with.
#[derive(Clone, Copy, Debug)]
pub struct NewLedger<'a> {
    /// Its name, like `example.org/ledger`: printable ASCII without space and plus.
    pub origin: &'a str,
    /// How digests are made in it.
    pub mode: LookupMode,
    /// Identities that may find for either side of a dispute; at most [`ARBITERS_MAX`](crate::ledger::frame::ARBITERS_MAX).
    pub arbiters: &'a [KeyId],
    /// 32 random bytes for the log key.
    pub key_seed: [u8; 32],
    /// 32 random bytes for the secret; used only when it is private.
    pub secret: [u8; 32],
    /// The clock.
    pub now: Timestamp,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// The asset id.
    Asset([u8; 16]),
    /// The digest of the file without its manifest store.
    Content(Digest),
    /// The entry's id.
    Entry(LeafHash),
    /// The digest of the whole file.
    File(Digest),
    /// The digest of the manifest store.
    Manifest(Digest),
    /// The digest of the pixels, by the rule of this number.
    Pixel(u8, Digest),
}

/// That an entry is in the log: check with [`crate::ledger::proof::verify_inclusion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The entry.
    pub index: LeafIndex,
    /// The hashes to the root.
    pub hashes: Vec<NodeHash>,
    /// The checkpoint whose root they lead to.
    pub checkpoint: VerifiedCheckpoint,
}

/// An open ledger.
#[derive(Debug)]
pub struct LedgerFile {
    path: PathBuf,
    journal: Journal,
    secret: Option<LedgerSecret>,
    /// Dropped last: the journal leaves its index under the writer's lock.
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    key: LogKey,
    mark: Mark,
    mark_error: Option<MarkError>,
    _lock: Held,
}

impl LedgerFile {
    /// Makes a new ledger with its log key (and secret), and opens it for writing. Replaces nothing.
    pub fn create(path: &Path, places: &Places, new: &NewLedger<'_>) -> Result<Self, StoreError> {
        let origin = KeyName::parse(new.origin)?;
        if std::fs::symlink_metadata(path).is_ok() {
            return Err(DurableError::Exists {
                path: path.to_owned(),
            }
            .into());
        }
        let secret = secret_path(path);
        let has_secret = folder::exists(&secret);
        if has_secret && new.mode == LookupMode::Public {
            return Err(StoreError::LoneSecret { path: secret });
        }
        let half_made = half_made(&places.log_key, &places.state, &origin)?;
        let seed = half_made.as_deref().unwrap_or(&new.key_seed);
        let key = LogKey::new(origin, CreatorKey::from_seed(seed));
        mark::read(&places.state, key.verifier())?;
        let header = Header::write(&key, new.now, new.mode, new.arbiters)?;
        if half_made.is_none() {
            secrets::create(&places.log_key, secrets::Kind::LogKey, &new.key_seed)?;
        }
        if new.mode == LookupMode::Private {
            // One without a ledger is of a making that was cut short: it is as random as a new one, and taken up.
            if has_secret {
                secrets::read(&secret, secrets::Kind::LedgerSecret)?;
            } else {
                secrets::create(&secret, secrets::Kind::LedgerSecret, &new.secret)?;
            }
        }
        let bytes = append::first_commit(&header, &key, new.now);
        durable::create_directory(durable::parent(path), 0o700)?;
        durable::write(path, &bytes, 0o644, Existing::Refuse)?;
        // Another process may have found the new file first and hold its lock for a commit.
        Self::open_write(path, places, NEW_LOCK_TIMEOUT_MS)
    }

    /// Opens a ledger for looking up. Locks nothing, writes nothing, and sees what was committed when it was opened.
    ///
    /// With `state`, the high-water mark there is compared.
    pub fn open_read(path: &Path, state: Option<&Path>) -> Result<Self, StoreError> {
        let file = durable::open_regular(path).map_err(StoreError::io("open"))?;
        let header = journal::read_header(&file)?;
        let mark = match state {
            Some(state) => mark::read(state, &header.verifier)?,
            None => None,
        };
        let journal = Journal::open_read(Box::new(file), &header, mark.as_ref(), Access::Read(path))?;
        Self::assemble(path, journal, None)
    }

    /// Opens a ledger for appending: takes the writer's lock, waiting at most `lock_timeout_ms`, and sets a torn tail aside.
    pub fn open_write(path: &Path, places: &Places, lock_timeout_ms: u64) -> Result<Self, StoreError> {
        durable::open_regular(path).map_err(StoreError::io("open"))?;
        let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(nonblock)
            .open(path);
        let file = opened.map_err(StoreError::io("open for writing"))?;
        let lock = lock::lock_exclusive(&file, lock_timeout_ms)?;
        let header = journal::read_header(&file)?;
        let seed = secrets::read(&places.log_key, secrets::Kind::LogKey).map_err(|error| match error {
            StoreError::Secret { path, source } if source.kind() == io::ErrorKind::NotFound => {
                StoreError::NoLogKey { path }
            }
            error => error,
        })?;
        let key = LogKey::new(header.origin().clone(), CreatorKey::from_seed(&seed));
        if *key.verifier() != header.verifier {
            return Err(StoreError::WrongLogKey {
                path: places.log_key.clone(),
            });
        }
        let mark = mark::read(&places.state, &header.verifier)?;
        let mut set_aside = |offset: u64, bytes: &[u8]| {
            // An earlier tail may have been torn at the same place.
            let mut to = beside(path, &format!(".torn-{offset}"));
            let mut more = 1_u32;
            while folder::exists(&to) {
                to = beside(path, &format!(".torn-{offset}-{more}"));
                more = more.saturating_add(1);
            }
            durable::write(&to, bytes, 0o600, Existing::Refuse)?;
            Ok(to)
        };
        let journal = Journal::open_write(
            Box::new(file),
            &header,
            mark.as_ref(),
            Access::Write(path),
            &mut set_aside,
        )?;
        let mut mark = Mark::open(&places.state, header.origin());
        mark.set(journal.checkpoint())?;
        let writer = Writer {
            key,
            mark,
            mark_error: None,
            _lock: lock,
        };
        Self::assemble(path, journal, Some(writer))
    }

    fn assemble(path: &Path, journal: Journal, writer: Option<Writer>) -> Result<Self, StoreError> {
        let secret = match journal.header().mode {
            LookupMode::Public => None,
            LookupMode::Private => match secrets::read(&secret_path(path), secrets::Kind::LedgerSecret) {
                Ok(bytes) => Some(LedgerSecret::from_bytes(*bytes)),
                Err(StoreError::Secret { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        Ok(Self {
            path: path.to_owned(),
            journal,
            secret,
            writer,
        })
    }

    /// Appends a batch in one commit and returns one receipt an entry, once all of it is on the disk.
    ///
    /// Entries that stand in the log already are not written again; their receipts say so. Either the whole batch is
    /// recorded or nothing of it.
    pub fn append(&mut self, entries: &[Entry], now: Timestamp) -> Result<Vec<Receipt>, StoreError> {
        let writer = self.writer.as_mut().ok_or(StoreError::ReadOnly)?;
        let (receipts, is_written) = self.journal.append(entries, &writer.key, now)?;
        if is_written {
            writer.mark_error = writer.mark.set(self.journal.checkpoint()).err();
        }
        Ok(receipts)
    }

    /// Whether this ledger, as it is here, would take a batch; writes nothing, and needs no key.
    ///
    /// # Errors
    /// As [`LedgerFile::append`], with the rule that an entry breaks.
    pub fn would_take(&self, entries: &[Entry], now: Timestamp) -> Result<(), StoreError> {
        self.journal.would_take(entries, now)
    }

    /// Where the entries that answer a look-up may stand, as the index has it: unproved, and rarely one too many. None is
    /// an answer in itself, unless the index is damaged.
    ///
    /// # Errors
    /// [`StoreError::NoSecret`] for a digest in a private ledger whose secret is not there.
    pub fn candidates(&self, lookup: Lookup) -> Result<Vec<LeafIndex>, StoreError> {
        Ok(self.journal.candidates(record_key(self.keyed(lookup)?)))
    }

    /// The entries that answer a look-up, earliest first, each checked against the signed tree.
    ///
    /// # Errors
    /// [`StoreError::NoSecret`] for a digest in a private ledger whose secret is not there.
    pub fn find(&self, lookup: Lookup) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        let lookup = self.keyed(lookup)?;
        self.answers(lookup, &[])
    }

    /// The entries about the pixels that an entry of this ledger names, earliest first, without those at the `known` indexes. The
    /// digest is asked as it is recorded: nothing is keyed, and no secret needed.
    ///
    /// # Errors
    /// [`StoreError`] for an entry that cannot be read.
    pub fn same_pixels(
        &self,
        (rule, recorded): (u8, Digest),
        known: &[LeafIndex],
    ) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        self.answers(Lookup::Pixel(rule, recorded), known)
    }

    /// The entries that answer a look-up in the ledger's own terms, without those at the `known` indexes.
    fn answers(&self, lookup: Lookup, known: &[LeafIndex]) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        let mut found = Vec::new();
        for index in self.journal.candidates(record_key(lookup)) {
            if known.contains(&index) {
                continue;
            }
            let entry = self.entry(index)?;
            let is_it = match (lookup, entry.body()) {
                (Lookup::Entry(id), _) => entry.id() == id,
                (Lookup::Asset(id), EntryBody::AssetRegister(body)) => body.asset_id == id,
                (Lookup::Content(digest), EntryBody::AssetRegister(body)) => body.content == digest,
                (Lookup::File(digest), EntryBody::AssetRegister(body)) => body.file == digest,
                (Lookup::Manifest(digest), EntryBody::AssetRegister(body)) => body.manifest == digest,
                (Lookup::Pixel(rule, digest), EntryBody::AssetRegister(body)) => {
                    body.pixel == Some((rule, digest))
                }
                _ => false,
            };
            if is_it {
                found.push((index, entry));
            }
        }
        Ok(found)
    }

    /// Whether the index (`NAME.ledger.d/`) holds what it should of every entry, and nothing else; reads the whole ledger.
    /// A wrong one can hide entries from look-ups: delete it, and the next writer makes it anew.
    pub fn is_index_right(&self) -> Result<bool, StoreError> {
        Ok(self.journal.is_index_right()? && self.are_codes_right()?)
    }

    /// The entry at an index, proved to be in the signed tree; its signature is checked with [`LedgerFile::key`].
    pub fn entry(&self, index: LeafIndex) -> Result<Entry, StoreError> {
        self.journal.entry(index)
    }

    /// The key of a signer, as its key.incept or key.rotate brought it into this log.
    #[must_use]
    pub fn key(&self, signer: &KeyId) -> Option<PublicKey> {
        self.journal.public_key(signer)
    }

    /// How many keys ever entered this log.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.journal.keys()
    }

    /// That an entry is in the log, under its last checkpoint.
    pub fn prove(&self, index: LeafIndex) -> Result<Inclusion, StoreError> {
        Ok(Inclusion {
            index,
            hashes: self.journal.prove(index)?,
            checkpoint: self.checkpoint().clone(),
        })
    }

    /// The registration as this ledger records it: with keyed digests and without fingerprints when it is private.
    ///
    /// # Errors
    /// [`StoreError::NoSecret`] when it is private and its secret is not there.
    pub fn dress(
        &self,
        registration: crate::ledger::Registration,
    ) -> Result<crate::ledger::Registration, StoreError> {
        match (self.header().mode, &self.secret) {
            (LookupMode::Public, _) => Ok(registration),
            (LookupMode::Private, Some(secret)) => Ok(registration.keyed(secret)),
            (LookupMode::Private, None) => Err(StoreError::NoSecret {
                path: secret_path(&self.path),
            }),
        }
    }

    /// A digest in the form entries of this ledger hold it: keyed when it is private and its secret is there.
    #[must_use]
    pub fn as_recorded(&self, digest: Digest) -> Digest {
        self.secret
            .as_ref()
            .map_or(digest, |secret| secret.keyed(&digest))
    }

    pub(super) fn log_key(&self) -> Option<&LogKey> {
        self.writer.as_ref().map(|writer| &writer.key)
    }

    /// Whether an entry's signature is its signer's; `key` is that signer's key. What was found good is not checked again.
    #[must_use]
    pub fn is_signed(&self, entry: &Entry, key: &PublicKey) -> bool {
        self.journal.is_signed(entry, key)
    }

    pub(super) const fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) const fn is_writer(&self) -> bool {
        self.writer.is_some()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What the first `size` entries say of an asset, entry by entry and in sum.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn history(&self, asset_id: &[u8; 16], size: TreeSize) -> Result<History, StoreError> {
        let size = size.min(self.size());
        let past = Past(&self.journal);
        Ok(title::history(&past, self.policy(), &v4(*asset_id), size)?)
    }

    /// Where the identity of a key stands; `None` when that key never entered the log.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn identity(&self, key: &KeyId) -> Result<Option<KeyStanding>, StoreError> {
        Ok(title::identity(&Past(&self.journal), key, self.size())?)
    }

    /// The revocation that declares a key compromised, and the first entry that is suspect; `None` where none does.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an entry that it needs cannot be read.
    pub fn compromised(&self, key: &KeyId) -> Result<Option<Compromised>, StoreError> {
        Ok(title::compromised(&Past(&self.journal), key, self.size())?)
    }

    /// What the header fixes for the rules.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        self.journal.policy()
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.journal.header()
    }

    /// The last checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        self.journal.checkpoint()
    }

    /// When the log made its last commit.
    #[must_use]
    pub const fn last_commit(&self) -> Timestamp {
        self.journal.last_commit()
    }

    /// How many entries.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.checkpoint().size()
    }

    /// What an interrupted append left, if opening found something.
    #[must_use]
    pub const fn torn_tail(&self) -> Option<&TornTail> {
        self.journal.tail()
    }

    /// Why the high-water mark could not be set after the last append. The entries are on the disk all the same.
    #[must_use]
    pub fn mark_error(&self) -> Option<&MarkError> {
        self.writer.as_ref().and_then(|writer| writer.mark_error.as_ref())
    }

    fn keyed(&self, lookup: Lookup) -> Result<Lookup, StoreError> {
        match lookup {
            Lookup::Asset(id) => return Ok(Lookup::Asset(v4(id))),
            Lookup::Entry(_) => return Ok(lookup),
            _ => {}
        }
        if self.header().mode == LookupMode::Public {
            return Ok(lookup);
        }
        let secret = self.secret.as_ref().ok_or_else(|| StoreError::NoSecret {
            path: secret_path(&self.path),
        })?;
        Ok(match lookup {
            Lookup::Asset(_) | Lookup::Entry(_) => lookup,
            Lookup::Content(digest) => Lookup::Content(secret.keyed(&digest)),
            Lookup::File(digest) => Lookup::File(secret.keyed(&digest)),
            Lookup::Manifest(digest) => Lookup::Manifest(secret.keyed(&digest)),
            Lookup::Pixel(rule, digest) => Lookup::Pixel(rule, secret.keyed(&digest)),
        })
    }
}

/// A writer leaves the codes of what it added, still under its lock.
impl Drop for LedgerFile {
    fn drop(&mut self) {
        if self.writer.is_some() && !self.journal.is_poisoned() {
            self.leave_codes();
            self.leave_deep_runs();
        }
    }
}

fn record_key(lookup: Lookup) -> RecordKey {
    match lookup {
        Lookup::Asset(id) => RecordKey::asset(&id),
        Lookup::Content(digest) => RecordKey::new(Topic::Content, digest.as_bytes()),
        Lookup::File(digest) => RecordKey::new(Topic::File, digest.as_bytes()),
        Lookup::Manifest(digest) => RecordKey::new(Topic::Manifest, digest.as_bytes()),
        Lookup::Entry(id) => RecordKey::entry(&id),
        Lookup::Pixel(_, digest) => RecordKey::new(Topic::Pixel, digest.as_bytes()),
    }
}

/// Where a ledger's secret lies: beside it, `NAME.ledger.secret`.
#[must_use]
pub fn secret_path(ledger: &Path) -> PathBuf {
    beside(ledger, ".secret")
}

/// The seed of a log key whose ledger was never opened: an earlier making was cut short, and this one takes it up.
fn half_made(
    log_key: &Path,
    state: &Path,
    origin: &KeyName,
) -> Result<Option<zeroize::Zeroizing<[u8; 32]>>, StoreError> {
    if std::fs::symlink_metadata(mark::path(state, origin)).is_ok() {
        return Ok(None);
    }
    match secrets::read(log_key, secrets::Kind::LogKey) {
        Ok(seed) => Ok(Some(seed)),
        Err(StoreError::Secret { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file or folder beside a ledger whose name has this ending more.
pub(super) fn beside(ledger: &Path, suffix: &str) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
