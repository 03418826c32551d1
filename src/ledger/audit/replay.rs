//! A log taken entry by entry and judged as an audit judges it, for the state map at its end: what the next state.root entry says,
//! and what the map says about a topic. What an audit would find void is void here, so that both make the same map.

use std::io;
use std::sync::Arc;

use super::super::body::StateRoot;
use super::super::frame::Header;
use super::super::hash::RootHash;
use super::super::map::{Said, Topic};
use super::super::spill::Room;
use super::super::tree::TreeSize;
use super::work::Job;
use super::{Auditor, Finding, Options, StateMaps};

/// A beginning of a log, replayed. Takes a dozen bytes of memory a registration where there is room, else about 600.
pub struct Replay {
    auditor: Auditor,
    job: Job,
    options: Options,
    pushed: u64,
}

impl Replay {
    /// Begins with the empty log of this header; `threads` share the work, and what does not stay in memory goes to the room.
    #[must_use]
    pub fn new(header: &Header, threads: usize, room: Option<Arc<dyn Room>>) -> Self {
        let options = Options {
            threads,
            maps: StateMaps::Derive,
            room,
            ..Options::default()
        };
        let mut auditor = Auditor::of(&options, header.clone());
        auditor.has_no_clock();
        Self {
            auditor,
            job: Job::default(),
            options,
            pushed: 0,
        }
    }

    /// How many entries it was given.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize(self.pushed)
    }

    /// Takes the bytes of the next entry.
    ///
    /// # Errors
    /// When there is no room.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.job.push_entry(self.pushed, bytes);
        self.pushed = self.pushed.saturating_add(1);
        if self.job.is_full(self.options.threads) {
            self.auditor.take(&mut self.job, &self.options)?;
        }
        Ok(())
    }

    /// Works through what still waits; the root over all entries, and the first that does not hold, if any.
    ///
    /// # Errors
    /// When there is no room.
    pub fn settle(&mut self) -> io::Result<(RootHash, Option<Finding>)> {
        self.auditor.take(&mut self.job, &self.options)?;
        let root = self.auditor.range.root();
        Ok((root, self.auditor.done.findings.first().copied()))
    }

    /// What a state.root entry says that comes next. Call [`Replay::settle`] before.
    ///
    /// # Errors
    /// When what did not stay in memory cannot be had again.
    pub fn root(&mut self) -> io::Result<StateRoot> {
        let size = self.auditor.range.size();
        self.auditor.maps.feed()?.root(&self.auditor.state, size)
    }

    /// What the map says about a topic. Call [`Replay::settle`] before.
    ///
    /// # Errors
    /// When what did not stay in memory cannot be had again.
    pub fn say(&mut self, topic: Topic) -> io::Result<Said> {
        let size = self.auditor.range.size();
        self.auditor.maps.feed()?.say(topic, &self.auditor.state, size)
    }
}

/// How far it is: a replay is as large as its log.
impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay")
            .field("size", &self.pushed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::maps::Maps;
    use super::*;
    use crate::base::{Digest, SourceType, Timestamp};
    use crate::keys::CreatorKey;
    use crate::ledger::body::{DigestForm, EntryBody, KeyIncept, Registration};
    use crate::ledger::entry::Entry;
    use crate::ledger::map::{Feed, StateMap};
    use crate::ledger::note::{KeyName, LogKey};
    use crate::ledger::spill::attic::Attic;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

    fn log() -> LogKey {
        let name = KeyName::parse("test.example/ledger").unwrap();
        LogKey::new(name, CreatorKey::from_seed(&[9; 32]))
    }

    fn signed(n: u8) -> Vec<u8> {
        let key = CreatorKey::from_seed(&[1; 32]);
        let body = match n {
            0 => EntryBody::KeyIncept(KeyIncept {
                key: key.public(),
                next: None,
                recovery: None,
            }),
            _ => EntryBody::AssetRegister(Registration {
                asset_id: [n; 16],
                digests: DigestForm::Plain,
                file: Digest::of(&[1, n]),
                content: Digest::of(&[2, n]),
                pixel: None,
                manifest: Digest::of(&[3, n]),
                fingerprints: Vec::new(),
                source: SourceType::ALL[0],
                family: None,
                role: None,
                mining: None,
                rights: Vec::new(),
                parents: Vec::new(),
            }),
        };
        Entry::sign(body, &key, NOW).unwrap().bytes().to_vec()
    }

    /// A replay whose map keeps one key in memory.
    fn replay(attic: &Attic) -> Replay {
        let header = Header {
            verifier: log().verifier().clone(),
            created: NOW,
            mode: crate::ledger::LookupMode::Public,
            arbiters: Vec::new(),
            note: String::new(),
        };
        let mut replay = Replay::new(&header, 1, None);
        let map = StateMap::in_room(Arc::new(attic.clone()), 1);
        replay.auditor.maps = Maps::Derived(Box::new(Feed::of(map)));
        replay
    }

    #[test]
    fn a_map_without_room_ends_the_audit_in_an_error() {
        let attic = Attic::default();
        let mut replay = replay(&attic);
        for n in 0..4 {
            replay.push(&signed(n)).unwrap();
        }
        assert_eq!(replay.settle().unwrap().1, None);
        let right = replay.root().unwrap();
        assert_eq!(right.keys, 6);
        attic.is_gone.store(true, Ordering::Relaxed);
        replay.push(&signed(4)).unwrap();
        assert!(replay.settle().is_err());
        assert!(replay.root().is_err() && replay.say(Topic::Asset([1; 16])).is_err());
    }

    #[test]
    fn a_root_that_cannot_be_made_again_is_neither_right_nor_wrong() {
        let attic = Attic::default();
        let mut replay = replay(&attic);
        for n in 0..4 {
            replay.push(&signed(n)).unwrap();
        }
        replay.settle().unwrap();
        let right = replay.root().unwrap();
        replay.push(&signed(4)).unwrap();
        replay.settle().unwrap();
        let false_now = StateRoot {
            covers: replay.size(),
            ..right
        };
        let entry = Entry::sign_as_log(EntryBody::StateRoot(false_now), &log(), NOW).unwrap();
        replay.push(entry.bytes()).unwrap();
        attic.is_gone.store(true, Ordering::Relaxed);
        assert!(replay.settle().is_err());
    }
}
