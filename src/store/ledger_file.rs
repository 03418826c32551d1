//! The one append-only file of a ledger: open, look up, append.
//!
//! ```text
//! append: check rules and signatures -> write entries -> read them back, hash again -> sign commit -> write it
//!         -> fdatasync -> acknowledge -> high-water mark
//! ```
//!
//! The commit frame is the commit point. A failed fdatasync poisons the writer: it is not tried again, as the kernel
//! may have dropped the dirty pages; the next opening writes the bytes beyond the high-water mark anew before it
//! trusts them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::durable::{self, DurableError, Existing};
pub use super::error::StoreError;
use super::index::{Index, RecordKey, Topic};
use super::index_file::IndexFile;
use super::lock;
use super::mark::{self, MarkError};
use super::past::Past;
use super::recover::{self, Recovered};
use super::secrets;
use crate::base::{Digest, Timestamp};
use crate::keys::{CreatorKey, KeyId, PublicKey};
use crate::ledger::append::{self, Append, Edge};
use crate::ledger::body::v4;
use crate::ledger::frame::{Frame, FrameKind, HEADER_LEN, Header, PAYLOAD_MAX};
use crate::ledger::proof;
use crate::ledger::title::{Keys, Policy};
use crate::ledger::{
    Entry, EntryBody, KeyName, LeafHash, LeafIndex, LedgerSecret, LogKey, LookupMode, NodeHash, TreeSize,
    VerifiedCheckpoint,
};

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

/// What an interrupted append left after the last good commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Where it begins in the ledger file.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Where the bytes were set aside; `None` when the ledger was opened for reading and nothing was touched.
    pub moved_to: Option<PathBuf>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// The asset id.
    Asset([u8; 16]),
    /// The digest of the file without its manifest store.
    Content(Digest),
    /// The digest of the whole file.
    File(Digest),
    /// The digest of the manifest store.
    Manifest(Digest),
    /// The digest of the pixels, by the rule of this number.
    Pixel(u8, Digest),
}

/// The acknowledgement of one entry: it is on the disk, under [`LedgerFile::checkpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where it stands.
    pub index: LeafIndex,
    /// The entry's id.
    pub id: LeafHash,
    /// Whether it stood there before.
    pub already: bool,
}

/// That an entry is in the log: check with [`proof::verify_inclusion`].
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
    file: File,
    path: PathBuf,
    header: Header,
    edge: Edge,
    checkpoint: VerifiedCheckpoint,
    index: Index,
    tail: Option<TornTail>,
    secret: Option<LedgerSecret>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    key: LogKey,
    /// Keys that earlier appends needed, so that later ones need not read them again.
    known: Keys,
    state: PathBuf,
    is_poisoned: bool,
    mark_error: Option<MarkError>,
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
        let half_made = half_made(&places.log_key, &places.state, &origin)?;
        let seed = half_made.as_deref().unwrap_or(&new.key_seed);
        let key = LogKey::new(origin, CreatorKey::from_seed(seed));
        mark::read(&places.state, key.verifier())?;
        let header = Header::write(&key, new.now, new.mode, new.arbiters)?;
        if half_made.is_none() {
            secrets::create(&places.log_key, secrets::Kind::LogKey, &new.key_seed)?;
        }
        if new.mode == LookupMode::Private {
            let secret = secret_path(path);
            // A secret that an interrupted making left is as random as a new one.
            if half_made.is_none() || secrets::read(&secret, secrets::Kind::LedgerSecret).is_err() {
                secrets::create(&secret, secrets::Kind::LedgerSecret, &new.secret)?;
            }
        }
        let bytes = append::first_commit(&header, &key, new.now);
        durable::create_directory(durable::parent(path), 0o700)?;
        durable::write(path, &bytes, 0o644, Existing::Refuse)?;
        Self::open_write(path, places, 0)
    }

    /// Opens a ledger for looking up. Locks nothing, writes nothing, and sees what was committed when it was opened.
    ///
    /// With `state`, the high-water mark there is compared.
    pub fn open_read(path: &Path, state: Option<&Path>) -> Result<Self, StoreError> {
        let file = durable::open_regular(path).map_err(StoreError::io("open"))?;
        let header = read_header(&file)?;
        let mark = match state {
            Some(state) => mark::read(state, &header.verifier)?,
            None => None,
        };
        let recovered = recover::recover(&file, mark.as_ref(), header, IndexFile::open(path))?;
        let tail = (recovered.tail_bytes > 0).then_some(TornTail {
            offset: recovered.edge.end,
            bytes: recovered.tail_bytes,
            moved_to: None,
        });
        Self::assemble(file, path, recovered, tail, None)
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
        lock::lock_exclusive(&file, lock_timeout_ms)?;
        let header = read_header(&file)?;
        let seed = secrets::read(&places.log_key, secrets::Kind::LogKey)?;
        let key = LogKey::new(header.origin().clone(), CreatorKey::from_seed(&seed));
        if *key.verifier() != header.verifier {
            return Err(StoreError::WrongLogKey {
                path: places.log_key.clone(),
            });
        }
        let mark = mark::read(&places.state, &header.verifier)?;
        let recovered = recover::recover(&file, mark.as_ref(), header, IndexFile::open(path))?;
        let tail = recover::set_aside(&file, path, &recovered)?;
        if mark.is_none_or(|mark| mark.size() < recovered.size()) {
            recover::rewrite(&file, recovered.trusted_end, recovered.edge.end)?;
        }
        mark::write(&places.state, &recovered.checkpoint)?;
        let writer = Writer {
            key,
            known: Keys::default(),
            state: places.state.clone(),
            is_poisoned: false,
            mark_error: None,
        };
        Self::assemble(file, path, recovered, tail, Some(writer))
    }

    fn assemble(
        file: File,
        path: &Path,
        recovered: Recovered,
        tail: Option<TornTail>,
        writer: Option<Writer>,
    ) -> Result<Self, StoreError> {
        let secret = match recovered.header.mode {
            LookupMode::Public => None,
            LookupMode::Private => match secrets::read(&secret_path(path), secrets::Kind::LedgerSecret) {
                Ok(bytes) => Some(LedgerSecret::from_bytes(*bytes)),
                Err(StoreError::Secret { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        let Recovered {
            header,
            edge,
            checkpoint,
            index,
            ..
        } = recovered;
        Ok(Self {
            file,
            path: path.to_owned(),
            header,
            edge,
            checkpoint,
            index,
            tail,
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
        if writer.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        // Put back only after all went well: what a failed append learned may never have been recorded.
        let mut known = std::mem::take(&mut writer.known);
        if known.len() > KNOWN_MAX {
            known = Keys::default();
        }
        let plan = Append::plan(&self.edge, entries, &Past(self), &mut known, now, VERIFY_THREADS)?;
        let writer = self.writer.as_mut().ok_or(StoreError::ReadOnly)?;
        if !plan.entries().is_empty() {
            let signed = match write_and_sign(&self.file, &plan, &writer.key) {
                Ok(signed) => signed,
                Err(error) => {
                    // Nothing was signed or acknowledged; the rest of the file must not keep half a batch.
                    writer.is_poisoned = self.file.set_len(plan.offset()).is_err();
                    return Err(error);
                }
            };
            if let Err(source) = self.file.sync_data() {
                writer.is_poisoned = true;
                return Err(StoreError::Io { step: "sync", source });
            }
            self.edge = signed.edge;
            self.checkpoint = signed.checkpoint;
            writer.mark_error = mark::write(&writer.state, &self.checkpoint).err();
        }
        writer.known = known;
        let mut offset = plan.offset();
        let mut receipts = Vec::with_capacity(entries.len());
        let mut leaves = plan.leaves().iter();
        for (entry, place) in entries.iter().zip(plan.places()) {
            let id = match (place.already, leaves.as_slice().first()) {
                (false, Some(leaf)) => {
                    leaves.next();
                    self.index.appended(offset, *leaf, entry);
                    let len = entry.bytes().len().saturating_add(8).next_multiple_of(8);
                    offset = offset.saturating_add(u64::try_from(len).unwrap_or(0));
                    *leaf
                }
                _ => entry.id(),
            };
            receipts.push(Receipt {
                index: place.index,
                id,
                already: place.already,
            });
        }
        Ok(receipts)
    }

    /// The entries that answer a look-up, earliest first, each checked against the signed tree.
    ///
    /// # Errors
    /// [`StoreError::NoSecret`] for a digest in a private ledger whose secret is not there.
    pub fn find(&self, lookup: Lookup) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
        let lookup = self.keyed(lookup)?;
        let key = match lookup {
            Lookup::Asset(id) => RecordKey::asset(&id),
            Lookup::Content(digest) => RecordKey::new(Topic::Content, digest.as_bytes()),
            Lookup::File(digest) => RecordKey::new(Topic::File, digest.as_bytes()),
            Lookup::Manifest(digest) => RecordKey::new(Topic::Manifest, digest.as_bytes()),
            Lookup::Pixel(_, digest) => RecordKey::new(Topic::Pixel, digest.as_bytes()),
        };
        let mut found = Vec::new();
        for index in self.index.candidates(key) {
            let entry = self.entry(index)?;
            let EntryBody::AssetRegister(body) = entry.body() else {
                continue;
            };
            let is_it = match lookup {
                Lookup::Asset(id) => body.asset_id == id,
                Lookup::Content(digest) => body.content == digest,
                Lookup::File(digest) => body.file == digest,
                Lookup::Manifest(digest) => body.manifest == digest,
                Lookup::Pixel(rule, digest) => body.pixel == Some((rule, digest)),
            };
            if is_it {
                found.push((index, entry));
            }
        }
        Ok(found)
    }

    /// The entry at an index, proved to be in the signed tree; its signature is checked with [`LedgerFile::key`].
    pub fn entry(&self, index: LeafIndex) -> Result<Entry, StoreError> {
        let size = self.size();
        if index.within(size).is_none() {
            return Err(StoreError::NoEntry { index, size });
        }
        if let Some(bytes) = self.proved(index, &self.index)? {
            return Entry::decode(&bytes).map_err(|source| StoreError::Entry { index, source });
        }
        // Either the ledger or its index is wrong there: the ledger alone decides.
        let scanned = recover::recover(&self.file, None, self.header.clone(), None)?;
        if let Some(bytes) = self.proved(index, &scanned.index)? {
            return Entry::decode(&bytes).map_err(|source| StoreError::Entry { index, source });
        }
        let offset = scanned.index.offset(index).unwrap_or(0);
        Err(StoreError::Damaged {
            offset,
            commit: self.edge.commit,
            size,
        })
    }

    /// The bytes of an entry, if `places` leads to them and proves them.
    fn proved(&self, index: LeafIndex, places: &Index) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(offset) = places.offset(index) else {
            return Ok(None);
        };
        let mut bytes = vec![0; PAYLOAD_MAX.saturating_add(16)];
        let read = read_up_to(&self.file, &mut bytes, offset).map_err(StoreError::io("read"))?;
        bytes.truncate(read);
        let Ok(frame) = Frame::parse(&bytes) else {
            return Ok(None);
        };
        let leaf = LeafHash::of(frame.payload);
        let is_in = if let Some(known) = places.scanned_leaf(index) {
            leaf == known
        } else {
            let Ok(hashes) = proof::inclusion(places, index, self.size()) else {
                return Ok(None);
            };
            let (size, root) = (self.size(), self.checkpoint.root());
            proof::verify_inclusion(leaf, index, size, root, &hashes).is_ok()
        };
        Ok((frame.kind == FrameKind::Entry && is_in).then(|| frame.payload.to_vec()))
    }

    /// The key of a signer, as its key.incept or key.rotate brought it into this log.
    #[must_use]
    pub fn key(&self, signer: &KeyId) -> Option<PublicKey> {
        self.index.public_key(signer)
    }

    /// That an entry is in the log, under its last checkpoint.
    pub fn prove(&self, index: LeafIndex) -> Result<Inclusion, StoreError> {
        let hashes = proof::inclusion(&self.index, index, self.size())?;
        Ok(Inclusion {
            index,
            hashes,
            checkpoint: self.checkpoint.clone(),
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
        match (self.header.mode, &self.secret) {
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

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    /// What the header fixes for the rules.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.edge.policy
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The last checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// When the log made its last commit.
    #[must_use]
    pub const fn last_commit(&self) -> Timestamp {
        self.edge.time
    }

    /// How many entries.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.checkpoint.size()
    }

    /// What an interrupted append left, if opening found something.
    #[must_use]
    pub const fn torn_tail(&self) -> Option<&TornTail> {
        self.tail.as_ref()
    }

    /// Why the high-water mark could not be set after the last append. The entries are on the disk all the same.
    #[must_use]
    pub fn mark_error(&self) -> Option<&MarkError> {
        self.writer.as_ref().and_then(|writer| writer.mark_error.as_ref())
    }

    fn keyed(&self, lookup: Lookup) -> Result<Lookup, StoreError> {
        let lookup = match lookup {
            Lookup::Asset(id) => return Ok(Lookup::Asset(v4(id))),
            other => other,
        };
        if self.header.mode == LookupMode::Public {
            return Ok(lookup);
        }
        let secret = self.secret.as_ref().ok_or_else(|| StoreError::NoSecret {
            path: secret_path(&self.path),
        })?;
        Ok(match lookup {
            Lookup::Asset(id) => Lookup::Asset(id),
            Lookup::Content(digest) => Lookup::Content(secret.keyed(&digest)),
            Lookup::File(digest) => Lookup::File(secret.keyed(&digest)),
            Lookup::Manifest(digest) => Lookup::Manifest(secret.keyed(&digest)),
            Lookup::Pixel(rule, digest) => Lookup::Pixel(rule, secret.keyed(&digest)),
        })
    }
}

/// A writer that recorded much leaves a fresh index. It is only derived: a failure costs the next opening a scan.
impl Drop for LedgerFile {
    fn drop(&mut self) {
        if self.writer.as_ref().is_some_and(|writer| !writer.is_poisoned) && self.index.is_worth_writing() {
            let latest = self.edge.rules.latest.unwrap_or(self.edge.time);
            let _ = self.index.write(&self.path, self.edge.commit, latest);
        }
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

pub(super) fn beside(ledger: &Path, suffix: &str) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn read_header(file: &File) -> Result<Header, StoreError> {
    let mut bytes = vec![0; usize::try_from(HEADER_LEN).unwrap_or(4096)];
    let read = read_up_to(file, &mut bytes, 0).map_err(StoreError::io("read"))?;
    bytes.truncate(read);
    Ok(Header::parse(&bytes)?)
}

fn write_and_sign(file: &File, plan: &Append, key: &LogKey) -> Result<append::Signed, StoreError> {
    file.write_all_at(plan.entries(), plan.offset())
        .map_err(StoreError::io("write to"))?;
    let mut read_back = vec![0; plan.entries().len()];
    file.read_exact_at(&mut read_back, plan.offset())
        .map_err(StoreError::io("read back"))?;
    let signed = plan.sign(&read_back, key)?;
    file.write_all_at(&signed.frame, signed.edge.commit)
        .map_err(StoreError::io("write to"))?;
    Ok(signed)
}

pub(super) fn read_up_to(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = offset.saturating_add(u64::try_from(filled).unwrap_or(0));
        match file.read_at(rest, at) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Most keys remembered from earlier appends: half a kilobyte each.
const KNOWN_MAX: usize = 10_000;
/// Threads that share the signatures of a large batch.
const VERIFY_THREADS: usize = 2;
