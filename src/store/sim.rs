//! A simulated disk: it shows its user what a page cache would, keeps apart what is on the medium, records what is done to
//! it, and makes of the record every state that a power cut may leave.
//!
//! What was written since the last sync reaches the medium sector by sector, in any order, or not at all: each piece of a
//! write that lies in one sector is new, old, zeros or garbage, each change of length is made or not. Bytes outside a
//! write are not touched (power-safe overwrite, as SQLite assumes it too), and a write of what is there already is safe.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::Disk;
use crate::ledger::VerifiedCheckpoint;

/// One thing done to the disk, or said by its user.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Write {
        at: u64,
        bytes: Vec<u8>,
    },
    SetLen(u64),
    Sync,
    /// The user acknowledged all that this checkpoint covers.
    Acknowledged(VerifiedCheckpoint),
}

/// What goes wrong on this disk, besides power cuts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// This sync, counted from 0, fails; what it should have written is forgotten, as Linux does: still seen, never written.
    pub(super) sync: Option<u64>,
    /// This write fails after half of its bytes.
    pub(super) write: Option<u64>,
    /// This bit of all that is written, counted from 0, arrives flipped.
    pub(super) flip: Option<u64>,
    /// A flipped bit is not seen by reading: as if nothing were read back.
    pub(super) is_flip_hidden: bool,
}

#[derive(Clone, Debug)]
pub(super) struct SimDisk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    /// What reading shows.
    cache: Vec<u8>,
    /// What a power cut leaves for certain.
    medium: Vec<u8>,
    /// What was done since the last sync.
    dirty: Vec<Event>,
    events: Vec<Event>,
    faults: Faults,
    syncs: u64,
    writes: u64,
    bits: u64,
}

impl SimDisk {
    pub(super) fn new(bytes: &[u8], faults: Faults) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            cache: bytes.to_vec(),
            medium: bytes.to_vec(),
            dirty: Vec::new(),
            events: Vec::new(),
            faults,
            syncs: 0,
            writes: 0,
            bits: 0,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn acknowledge(&self, checkpoint: &VerifiedCheckpoint) {
        let event = Event::Acknowledged(checkpoint.clone());
        self.inner().events.push(event);
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.inner().events.clone()
    }

    /// What a process sees that opens the file now.
    pub(super) fn seen(&self) -> Vec<u8> {
        self.inner().cache.clone()
    }

    /// What is left after a power cut now that loses all that it may lose.
    pub(super) fn medium(&self) -> Vec<u8> {
        self.inner().medium.clone()
    }

    /// The disk goes on without the faults: the process that met them has ended, the machine has not.
    pub(super) fn mend(&self) {
        self.inner().faults = Faults::default();
    }

    pub(super) fn bits(&self) -> u64 {
        self.inner().bits
    }
}

impl Disk for SimDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inner().cache.len() as u64)
    }

    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let inner = self.inner();
        let rest = inner.cache.get(at as usize..).unwrap_or_default();
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner().change(Event::SetLen(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.inner();
        let number = inner.syncs;
        inner.syncs += 1;
        if inner.faults.sync == Some(number) {
            inner.dirty.clear();
            return Err(io::Error::other("the medium does not answer"));
        }
        inner.events.push(Event::Sync);
        let dirty = std::mem::take(&mut inner.dirty);
        for event in &dirty {
            event.apply(&mut inner.medium);
        }
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync()
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let mut inner = self.inner();
        let number = inner.writes;
        inner.writes += 1;
        let fails = inner.faults.write == Some(number);
        let bytes = if fails { &bytes[..bytes.len() / 2] } else { bytes };
        let mut arrived = bytes.to_vec();
        let before = inner.bits;
        inner.bits += 8 * bytes.len() as u64;
        let flip = inner.faults.flip.and_then(|bit| bit.checked_sub(before));
        if let Some(byte) = flip.and_then(|bit| arrived.get_mut(bit as usize / 8)) {
            *byte ^= 1 << (flip.unwrap() % 8);
        }
        let is_hidden = inner.faults.is_flip_hidden;
        inner.change(Event::Write { at, bytes: arrived });
        if is_hidden {
            let bytes = bytes.to_vec();
            Event::Write { at, bytes }.apply(&mut inner.cache);
        }
        if fails {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Inner {
    fn change(&mut self, event: Event) {
        event.apply(&mut self.cache);
        self.dirty.push(event.clone());
        self.events.push(event);
    }
}

impl Event {
    pub(super) fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => write(file, *at as usize, bytes),
            Self::SetLen(len) => file.resize(*len as usize, 0),
            Self::Sync | Self::Acknowledged(_) => {}
        }
    }

    fn changes_nothing(&self, file: &[u8]) -> bool {
        match self {
            Self::Write { at, bytes } => file
                .get(*at as usize..)
                .is_some_and(|rest| rest.starts_with(bytes)),
            Self::SetLen(_) | Self::Sync | Self::Acknowledged(_) => false,
        }
    }
}

fn write(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// What becomes of one piece of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    New,
    Old,
    Zero,
    Garbage,
}

impl Fate {
    pub(super) const ALL: [Self; 4] = [Self::New, Self::Old, Self::Zero, Self::Garbage];

    /// Brings the piece, or what became of it, to the medium.
    fn meet(self, piece: &Event, file: &mut Vec<u8>, lot: &mut Lot) {
        match (self, piece) {
            (Self::Old, _) => {}
            (Self::Zero, Event::Write { at, bytes }) => write(file, *at as usize, &vec![0; bytes.len()]),
            (Self::Garbage, Event::Write { at, bytes }) => {
                let garbage: Vec<u8> = bytes.iter().map(|_| lot.next() as u8).collect();
                write(file, *at as usize, &garbage);
            }
            _ => piece.apply(file),
        }
    }
}

/// A moment within a record of events, at which the power may be cut.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// What is on the medium for certain.
    synced: Vec<u8>,
    /// What is not: one sector or one change of length each, in the order it was done.
    pieces: Vec<Event>,
    /// What was acknowledged, oldest first.
    acknowledged: Vec<VerifiedCheckpoint>,
}

/// What a power cut left: the file, and the high-water mark.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) bytes: Vec<u8>,
    pub(super) mark: Option<VerifiedCheckpoint>,
    /// The newest checkpoint that was acknowledged.
    pub(super) acknowledged: Option<VerifiedCheckpoint>,
}

/// Every moment between two events that were done to a file of these bytes. Sectors may be smaller than a disk's, so that
/// a small file has more states.
pub(super) fn moments(start: &[u8], events: &[Event], sector: usize) -> Vec<Moment> {
    let mut moment = Moment {
        synced: start.to_vec(),
        pieces: Vec::new(),
        acknowledged: Vec::new(),
    };
    let mut all = vec![moment.clone()];
    for event in events {
        match event {
            Event::Write { at, bytes } => moment.pieces.extend(split(*at, bytes, sector)),
            Event::SetLen(_) => moment.pieces.push(event.clone()),
            Event::Sync => {
                let pieces = std::mem::take(&mut moment.pieces);
                for piece in &pieces {
                    piece.apply(&mut moment.synced);
                }
            }
            Event::Acknowledged(checkpoint) => moment.acknowledged.push(checkpoint.clone()),
        }
        all.push(moment.clone());
    }
    all
}

impl Moment {
    pub(super) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// The state in which piece `n` met `fate(n)`.
    pub(super) fn state(&self, mut fate: impl FnMut(usize) -> Fate, lot: &mut Lot) -> Cut {
        let mut bytes = self.synced.clone();
        for (n, piece) in self.pieces.iter().enumerate() {
            let fate = fate(n);
            // A torn sector is old in part and new in part; here both are the same.
            if !piece.changes_nothing(&self.synced) {
                fate.meet(piece, &mut bytes, lot);
            }
        }
        // The mark is not synced either: it may be any that was set, or none.
        let older = (lot.next() % 3) as usize;
        Cut {
            bytes,
            mark: self.acknowledged.iter().rev().nth(older).cloned(),
            acknowledged: self.acknowledged.last().cloned(),
        }
    }
}

/// A write in parts of one sector each.
fn split(at: u64, bytes: &[u8], sector: usize) -> Vec<Event> {
    let (mut parts, mut from) = (Vec::new(), 0);
    while from < bytes.len() {
        let at = at as usize + from;
        let to = (from + sector - at % sector).min(bytes.len());
        parts.push(Event::Write {
            at: at as u64,
            bytes: bytes[from..to].to_vec(),
        });
        from = to;
    }
    parts
}

/// Numbers that are the same in every run (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Lot(pub(super) u64);

impl Lot {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
