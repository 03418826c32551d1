//! The ledger file as a sequence of commits on a [`Disk`]: opened, appended to, read by proof. Knows no paths, locks or keys
//! on disk; [`super::ledger_file`] brings those.
//!
//! ```text
//! append: check rules and signatures -> write entries -> read them back, hash again -> sign commit -> write it
//!         -> read it back -> fdatasync -> acknowledge
//! ```
//!
//! The commit frame is the commit point. A failed fdatasync poisons the writer: it is not tried again, as the kernel
//! may have dropped the dirty pages; the next opening writes the bytes beyond the high-water mark anew before it
//! trusts them.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::disk::{self, Disk};
use super::error::StoreError;
use super::index::{Access, Comparison, Index, RecordKey};
use super::past::Past;
use super::recover::{self, Recovered};
use crate::base::Timestamp;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::append::{self, Append, AppendError, Edge};
use crate::ledger::frame::{Frame, FrameError, FrameKind, HEADER_LEN, Header, PAYLOAD_MAX};
use crate::ledger::title::{Keys, Policy};
use crate::ledger::{Entry, LeafHash, LeafIndex, LogKey, NodeHash, VerifiedCheckpoint, proof};

/// What an interrupted append left after the last good commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Where it begins in the ledger file.
    pub offset: u64,
    /// How many bytes, without the zeros they end with.
    pub bytes: u64,
    /// Whether whole entries or a signed commit are in it, and no high-water mark tells that they were never acknowledged.
    pub is_doubtful: bool,
    /// Where the bytes were set aside; `None` when the ledger was opened for reading and nothing was touched.
    pub moved_to: Option<PathBuf>,
}

/// The acknowledgement of one entry: it is on the disk, under the journal's checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where it stands.
    pub index: LeafIndex,
    /// The entry's id.
    pub id: LeafHash,
    /// Whether it stood there before.
    pub already: bool,
}

/// Keeps the bytes of a torn tail, durably, and says where.
pub(super) type SetAside<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<PathBuf, StoreError>;

/// An open ledger file.
#[derive(Debug)]
pub(super) struct Journal {
    disk: Box<dyn Disk>,
    header: Header,
    edge: Edge,
    checkpoint: VerifiedCheckpoint,
    index: Index,
    tail: Option<TornTail>,
    /// Keys that earlier appends needed, so that later ones need not read them again.
    known: Keys,
    /// Entries whose signatures were found good: a batch meets the same key events again and again.
    signed: Mutex<HashSet<(LeafHash, PublicKey)>>,
    is_writer: bool,
    is_poisoned: bool,
    /// Commits made since it was opened.
    commits: u64,
    /// Where the zeros end that were written ahead.
    room_end: u64,
    /// How many of them are written at a time, bytes.
    room_len: u64,
}

/// Reads and verifies the header.
pub(super) fn read_header(disk: &dyn Disk) -> Result<Header, StoreError> {
    let mut bytes = vec![0; usize::try_from(HEADER_LEN).unwrap_or(4096)];
    let read = disk::read_up_to(disk, &mut bytes, 0).map_err(StoreError::io("read"))?;
    bytes.truncate(read);
    Ok(Header::parse(&bytes)?)
}

impl Journal {
    /// Opens for looking up: writes nothing, and sees what was committed by now.
    pub(super) fn open_read(
        disk: Box<dyn Disk>,
        header: &Header,
        mark: Option<&VerifiedCheckpoint>,
        access: Access<'_>,
    ) -> Result<Self, StoreError> {
        let recovered = recover::recover(&*disk, mark, header, access)?;
        let tail = (recovered.tail_bytes > 0).then_some(TornTail {
            offset: recovered.edge.end,
            bytes: recovered.tail_bytes,
            is_doubtful: recovered.is_tail_doubtful,
            moved_to: None,
        });
        Ok(Self::assemble(disk, recovered, tail, false))
    }

    /// Opens for appending: a torn tail is set aside and cut off, and what the mark does not vouch for is written anew.
    pub(super) fn open_write(
        disk: Box<dyn Disk>,
        header: &Header,
        mark: Option<&VerifiedCheckpoint>,
        access: Access<'_>,
        set_aside: SetAside<'_>,
    ) -> Result<Self, StoreError> {
        let recovered = recover::recover(&*disk, mark, header, access)?;
        let tail = cut_tail(&*disk, &recovered, set_aside)?;
        if mark.is_none_or(|mark| mark.size() < recovered.checkpoint.size()) {
            rewrite(&*disk, recovered.trusted_end, recovered.edge.end)?;
        }
        let room_end = disk.len().map_err(StoreError::io("look at"))?;
        let mut journal = Self::assemble(disk, recovered, tail, true);
        journal.room_end = room_end;
        let latest = journal.latest();
        journal.index.close(journal.edge.commit, latest);
        Ok(journal)
    }

    fn assemble(disk: Box<dyn Disk>, recovered: Recovered, tail: Option<TornTail>, is_writer: bool) -> Self {
        Self {
            disk,
            header: recovered.header,
            edge: recovered.edge,
            checkpoint: recovered.checkpoint,
            index: recovered.index,
            tail,
            known: Keys::default(),
            signed: Mutex::default(),
            is_writer,
            is_poisoned: false,
            commits: 0,
            room_end: 0,
            room_len: ROOM_LEN,
        }
    }

    /// Whether an entry's signature is of this key.
    pub(super) fn is_signed(&self, entry: &Entry, key: &PublicKey) -> bool {
        let this = (entry.id(), *key);
        let known = || self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&this) {
            return true;
        }
        let is_good = entry.verify_strict(key);
        if is_good {
            let mut known = known();
            if known.len() >= SIGNED_MAX {
                known.clear();
            }
            known.insert(this);
        }
        is_good
    }

    /// Whether these entries would be taken now; writes nothing.
    pub(super) fn would_take(&self, entries: &[Entry], now: Timestamp) -> Result<(), StoreError> {
        let mut keys = Keys::default();
        Append::plan(&self.edge, entries, &Past(self), &mut keys, now, VERIFY_THREADS)?;
        Ok(())
    }

    /// Appends a batch in one commit; true when something was written. Either the whole batch is recorded or nothing.
    pub(super) fn append(
        &mut self,
        entries: &[Entry],
        key: &LogKey,
        now: Timestamp,
    ) -> Result<(Vec<Receipt>, bool), StoreError> {
        if !self.is_writer {
            return Err(StoreError::ReadOnly);
        }
        if self.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        // Put back only after all went well: what a failed append learned may never have been recorded.
        let mut known = std::mem::take(&mut self.known);
        if known.len() > KNOWN_MAX {
            known = Keys::default();
        }
        let plan = Append::plan(&self.edge, entries, &Past(self), &mut known, now, VERIFY_THREADS)?;
        let is_written = !plan.entries().is_empty();
        if is_written {
            self.commit(&plan, key)?;
        }
        self.known = known;
        let mut offset = plan.offset();
        let mut leaves = plan.leaves().iter();
        let mut receipts = Vec::with_capacity(entries.len());
        for (entry, place) in entries.iter().zip(plan.places()) {
            let id = match (place.already, leaves.as_slice().first()) {
                (false, Some(leaf)) => {
                    leaves.next();
                    self.index.add(offset, *leaf, Some(entry));
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
        if is_written {
            self.index.recorded(self.edge.commit, self.latest());
        }
        Ok((receipts, is_written))
    }

    fn commit(&mut self, plan: &Append, key: &LogKey) -> Result<(), StoreError> {
        self.make_room(plan.entries().len())?;
        if self.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        let signed = match write_and_sign(&*self.disk, plan, key) {
            Ok(signed) => signed,
            Err(error) => {
                // Nothing was signed or acknowledged; the rest of the file must not keep half a batch.
                self.is_poisoned = self.disk.set_len(plan.offset()).is_err();
                self.room_end = plan.offset();
                return Err(error);
            }
        };
        if let Err(source) = self.disk.sync() {
            self.is_poisoned = true;
            return Err(StoreError::Io { step: "sync", source });
        }
        self.edge = signed.edge;
        self.checkpoint = signed.checkpoint;
        self.commits = self.commits.saturating_add(1);
        Ok(())
    }

    /// Writes zeros ahead, so that the next small commits do not change the file's length and their syncs need no commit of
    /// the file system. A writer of one commit makes none. Where there is no room, the append itself tells.
    fn make_room(&mut self, len: usize) -> Result<(), StoreError> {
        let need = u64::try_from(len).unwrap_or(u64::MAX);
        let wanted = self.edge.end.saturating_add(need).saturating_add(ROOM_SPARE);
        if self.commits == 0 || need > self.room_len / 8 || wanted <= self.room_end {
            return Ok(());
        }
        let from = self.room_end.max(self.edge.end);
        let to = self.edge.end.saturating_add(self.room_len);
        let zeros = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
        if self.disk.write_at(&zeros, from).is_err() {
            self.room_end = self.edge.end;
            self.is_poisoned = self.disk.set_len(self.edge.end).is_err();
            return Ok(());
        }
        if let Err(source) = self.disk.sync() {
            self.is_poisoned = true;
            return Err(StoreError::Io { step: "sync", source });
        }
        self.room_end = to;
        Ok(())
    }

    /// The entry at an index, proved to be in the signed tree.
    pub(super) fn entry(&self, index: LeafIndex) -> Result<Entry, StoreError> {
        let size = self.checkpoint.size();
        if index.within(size).is_none() {
            return Err(StoreError::NoEntry { index, size });
        }
        let bytes = match self.proved(index)? {
            Some(bytes) => Some(bytes),
            // Either the ledger or its index is wrong there: the ledger alone decides.
            None => recover::entry_by_scan(&*self.disk, index, &self.checkpoint)?,
        };
        match bytes {
            Some(bytes) => Entry::decode(&bytes).map_err(|source| StoreError::Entry { index, source }),
            None => Err(StoreError::Damaged {
                offset: self.index.offset(index).unwrap_or(0),
                commit: self.edge.commit,
                size,
            }),
        }
    }

    /// The bytes of an entry, if the index leads to them and proves them.
    fn proved(&self, index: LeafIndex) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(offset) = self.index.offset(index) else {
            return Ok(None);
        };
        // Most entries are short.
        let mut bytes = self.read(offset, SHORT_FRAME_LEN)?;
        if Frame::parse(&bytes) == Err(FrameError::Ends) {
            bytes = self.read(offset, PAYLOAD_MAX.saturating_add(16))?;
        }
        let Ok(frame) = Frame::parse(&bytes) else {
            return Ok(None);
        };
        let leaf = LeafHash::of(frame.payload);
        let is_in = if let Some(known) = self.index.hashed_leaf(index) {
            leaf == known
        } else {
            let (size, root) = (self.checkpoint.size(), self.checkpoint.root());
            proof::inclusion(&self.index, index, size)
                .and_then(|hashes| proof::verify_inclusion(leaf, index, size, root, &hashes))
                .is_ok()
        };
        Ok((frame.kind == FrameKind::Entry && is_in).then(|| frame.payload.to_vec()))
    }

    /// At most `len` bytes from an offset on.
    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; len];
        let read = disk::read_up_to(&*self.disk, &mut bytes, offset).map_err(StoreError::io("read"))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// The hashes that prove an entry under the checkpoint.
    pub(super) fn prove(&self, index: LeafIndex) -> Result<Vec<NodeHash>, StoreError> {
        Ok(proof::inclusion(&self.index, index, self.checkpoint.size())?)
    }

    /// Whether the index holds what it should of every entry, by reading them all.
    pub(super) fn is_index_right(&self) -> Result<bool, StoreError> {
        let mut comparison = Comparison::new(&self.index);
        recover::each_entry(&*self.disk, self.checkpoint.size(), |offset, bytes| {
            let entry = Entry::decode(bytes).ok();
            comparison.entry(offset, LeafHash::of(bytes), entry.as_ref());
        })?;
        Ok(comparison.is_right())
    }

    /// Indexes that may hold what is looked for, ascending; the entries themselves decide.
    pub(super) fn candidates(&self, key: RecordKey) -> Vec<LeafIndex> {
        self.index.candidates(key)
    }

    /// How many keys ever entered the log.
    pub(super) fn keys(&self) -> usize {
        self.index.keys()
    }

    pub(super) fn public_key(&self, signer: &KeyId) -> Option<PublicKey> {
        self.index.key(signer).map(|(key, _)| key)
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
    }

    pub(super) const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    pub(super) const fn last_commit(&self) -> Timestamp {
        self.edge.time
    }

    pub(super) const fn tail(&self) -> Option<&TornTail> {
        self.tail.as_ref()
    }

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Offset of the last commit frame, bytes.
    pub(super) const fn last_commit_offset(&self) -> u64 {
        self.edge.commit
    }

    /// What the header fixes for the rules.
    pub(super) const fn policy(&self) -> &Policy {
        &self.edge.policy
    }

    /// Whether an append failed so that nothing more may be written.
    pub(super) const fn is_poisoned(&self) -> bool {
        self.is_poisoned
    }

    fn latest(&self) -> Timestamp {
        self.edge.rules.latest.unwrap_or(self.edge.time)
    }
}

/// A writer gives back the room it made and leaves a fresh index. A failure costs the next opening a scan.
impl Drop for Journal {
    fn drop(&mut self) {
        if !self.is_writer || self.is_poisoned {
            return;
        }
        if self.room_end > self.edge.end {
            let _ = self.disk.set_len(self.edge.end);
        }
        let latest = self.latest();
        self.index.close(self.edge.commit, latest);
    }
}

fn write_and_sign(disk: &dyn Disk, plan: &Append, key: &LogKey) -> Result<append::Signed, StoreError> {
    disk.write_at(plan.entries(), plan.offset())
        .map_err(StoreError::io("write to"))?;
    let mut read_back = vec![0; plan.entries().len()];
    disk::read_exact(disk, &mut read_back, plan.offset()).map_err(StoreError::io("read back"))?;
    let signed = plan.sign(&read_back, key)?;
    let at = signed.edge.commit;
    disk.write_at(&signed.frame, at)
        .map_err(StoreError::io("write to"))?;
    // A commit frame with a wrong bit would take the whole batch with it.
    read_back.resize(signed.frame.len(), 0);
    disk::read_exact(disk, &mut read_back, at).map_err(StoreError::io("read back"))?;
    if read_back != signed.frame {
        return Err(AppendError::ReadBack.into());
    }
    Ok(signed)
}

/// Has the bytes after the last good commit set aside, durably, before they are cut off.
fn cut_tail(
    disk: &dyn Disk,
    recovered: &Recovered,
    set_aside: SetAside<'_>,
) -> Result<Option<TornTail>, StoreError> {
    if recovered.tail_bytes == 0 {
        return Ok(None);
    }
    let offset = recovered.edge.end;
    let len = usize::try_from(recovered.tail_bytes)
        .unwrap_or(usize::MAX)
        .min(TAIL_BYTES_MAX);
    let mut bytes = vec![0; len];
    let read = disk::read_up_to(disk, &mut bytes, offset).map_err(StoreError::io("read"))?;
    bytes.truncate(read);
    let moved_to = set_aside(offset, &bytes)?;
    disk.set_len(offset)
        .map_err(StoreError::io("cut the torn tail off"))?;
    disk.sync_all().map_err(StoreError::io("sync"))?;
    Ok(Some(TornTail {
        offset,
        bytes: recovered.tail_bytes,
        is_doubtful: recovered.is_tail_doubtful,
        moved_to: Some(moved_to),
    }))
}

/// Writes bytes anew and syncs: after a failed sync the page cache may show what the disk does not have.
fn rewrite(disk: &dyn Disk, from: u64, to: u64) -> Result<(), StoreError> {
    let mut at = from;
    let mut bytes = vec![0; REWRITE_CHUNK];
    while at < to {
        let left = usize::try_from(to.saturating_sub(at))
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let chunk = bytes.get_mut(..left).unwrap_or_default();
        disk::read_exact(disk, chunk, at).map_err(StoreError::io("read"))?;
        disk.write_at(chunk, at).map_err(StoreError::io("write to"))?;
        let mut again = vec![0; left];
        disk::read_exact(disk, &mut again, at).map_err(StoreError::io("read back"))?;
        if chunk != again {
            return Err(AppendError::ReadBack.into());
        }
        at = at.saturating_add(u64::try_from(left).unwrap_or(u64::MAX));
    }
    disk.sync().map_err(StoreError::io("sync"))
}

/// Most keys remembered from earlier appends: half a kilobyte each.
const KNOWN_MAX: usize = 10_000;
/// Most entries whose signatures are remembered: 300 kB.
const SIGNED_MAX: usize = 4_096;
/// Threads that share the signatures of a large batch.
const VERIFY_THREADS: usize = 2;
/// Most of a torn tail that is kept: no append is larger.
const TAIL_BYTES_MAX: usize = 1 << 30;
const REWRITE_CHUNK: usize = 1 << 20;
/// What is read of an entry first.
const SHORT_FRAME_LEN: usize = 1024;
/// Zeros written ahead: some thousand small commits.
const ROOM_LEN: u64 = 4 << 20;
/// Room for the commit frame itself.
const ROOM_SPARE: u64 = 256;

#[cfg(test)]
#[path = "crash_tests.rs"]
mod crash_tests;
