//! A log taken entry by entry and judged as an audit judges it, for the state map at its end: what the next state.root entry says,
//! and what the map says about a topic. What an audit would find void is void here, so that both make the same map.

use std::io;
use std::sync::Arc;

use super::super::body::StateRoot;
use super::super::frame::Header;
use super::super::hash::RootHash;
use super::super::map::{MapFull, Said, Topic};
use super::super::spill::Room;
use super::super::tree::TreeSize;
use super::work::Job;
use super::{Auditor, Finding, Options, StateMaps};

/// A beginning of a log, replayed. Takes about 400 bytes of memory a registration, nearly all of it for the map.
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
    /// When the map is full.
    pub fn root(&mut self) -> Result<StateRoot, MapFull> {
        let size = self.auditor.range.size();
        self.auditor.maps.feed()?.root(&self.auditor.state, size)
    }

    /// What the map says about a topic. Call [`Replay::settle`] before.
    ///
    /// # Errors
    /// When the map is full.
    pub fn say(&mut self, topic: Topic) -> Result<Said, MapFull> {
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
