//! Finds the last commit that verifies, and what lies beyond it: nothing, a torn tail, or damage.
//!
//! A torn tail is what an interrupted append leaves: bytes after the last good commit with no later signed commit
//! behind them, or with only the one that the interrupted append itself was writing. Anything else is damage: bytes
//! that were acknowledged are changed or gone, and nothing is repaired.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::error::StoreError;
use super::index::Index;
use super::index_file::IndexFile;
use crate::ledger::append::Edge;
use crate::ledger::frame::{COMMIT_FRAME_LEN, Commit, Frame, FrameKind, HEADER_LEN, Header};
use crate::ledger::rules::Rules;
use crate::ledger::scan::{Item, Scan, Stop};
use crate::ledger::tree::CompactRange;
use crate::ledger::{Entry, LeafHash, TreeSize, VerifiedCheckpoint};

/// What a ledger file holds.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) header: Header,
    pub(super) edge: Edge,
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) index: Index,
    /// Bytes after the last good commit.
    pub(super) tail_bytes: u64,
    /// End of the commit that the mark names, or of the one before the last.
    pub(super) trusted_end: u64,
}

/// Reads a file from an offset on, whatever other threads read from it.
pub(super) struct ReadFrom<'a> {
    pub(super) file: &'a File,
    pub(super) offset: u64,
}

impl io::Read for ReadFrom<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.offset)?;
        self.offset = self.offset.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

/// A commit that fits the bytes before it; its signatures are verified only if it is the last.
#[derive(Clone)]
struct Good {
    offset: u64,
    commit: Commit,
    range: CompactRange,
    rules: Rules,
}

struct Walk<'a> {
    index: Index,
    range: CompactRange,
    rules: Rules,
    last: Option<Good>,
    before: Option<Good>,
    mark: Option<&'a VerifiedCheckpoint>,
    mark_end: Option<u64>,
}

/// Begins where the index file ends, if there is one and it fits; else at the beginning.
pub(super) fn recover(
    file: &File,
    mark: Option<&VerifiedCheckpoint>,
    header: Header,
    index: Option<IndexFile>,
) -> Result<Recovered, StoreError> {
    let (mut walk, start) = index
        .and_then(|index| Walk::after(index, file, mark, &header))
        .unwrap_or_else(|| (Walk::from_start(mark, &header), 0));
    let source = ReadFrom { file, offset: start };
    let mut scan = if start == 0 {
        Scan::open(source).map_err(StoreError::io("read"))?.0
    } else {
        Scan::resume(source, start)
    };
    let stopped_at = walk.run(&mut scan)?;
    let file_len = file.metadata().map_err(StoreError::io("look at"))?.len();
    // What a walk could not pass may hide later commits; so may a commit whose signature is torn.
    let good = walk.last_signed(&header)?;
    let good_end = good.offset.saturating_add(COMMIT_FRAME_LEN);
    if let Some(stop) = stopped_at {
        let source = ReadFrom {
            file,
            offset: good_end,
        };
        let mut rest = Scan::resume(source, good_end);
        while let Some((offset, commit)) = rest
            .seek_commit(&header.verifier)
            .map_err(StoreError::io("read"))?
        {
            let is_own = commit.previous == good.offset;
            let is_acknowledged = mark.is_some_and(|mark| mark.size() >= commit.size);
            if !is_own || is_acknowledged {
                return Err(StoreError::Damaged {
                    offset: stop,
                    commit: offset,
                    size: commit.size,
                });
            }
        }
    }
    walk.check_mark(&good)?;
    let before_end = walk
        .before
        .as_ref()
        .filter(|before| before.offset < good.offset)
        .map_or(HEADER_LEN, |before| {
            before.offset.saturating_add(COMMIT_FRAME_LEN)
        });
    walk.index.settle(good.commit.size.0);
    let checkpoint = good
        .commit
        .checkpoint(&header.verifier)
        .ok_or(StoreError::NoCommit)?;
    Ok(Recovered {
        edge: Edge {
            range: good.range,
            commit: good.offset,
            end: good_end,
            time: good.commit.time,
            rules: good.rules,
        },
        checkpoint,
        index: walk.index,
        tail_bytes: file_len.saturating_sub(good_end),
        trusted_end: walk.mark_end.unwrap_or(before_end).min(good_end),
        header,
    })
}

impl<'a> Walk<'a> {
    fn from_start(mark: Option<&'a VerifiedCheckpoint>, header: &Header) -> Self {
        Self {
            index: Index::default(),
            range: CompactRange::new(),
            rules: Rules {
                mode: header.mode,
                latest: None,
            },
            last: None,
            before: None,
            mark,
            mark_end: None,
        }
    }

    /// The state after the commit that an index file covers, and where that commit ends; `None` when the signed commit
    /// is not there, or the index or the mark does not fit it.
    fn after(
        index: IndexFile,
        file: &File,
        mark: Option<&'a VerifiedCheckpoint>,
        header: &Header,
    ) -> Option<(Self, u64)> {
        let head = *index.head();
        let mut frame = [0; 200];
        file.read_exact_at(&mut frame, head.commit).ok()?;
        let frame = Frame::parse(&frame)
            .ok()
            .filter(|frame| frame.kind == FrameKind::Commit)?;
        let commit = Commit::parse(frame.payload)?;
        let range = index.edge()?;
        let fits = commit.size == head.size
            && commit.root == range.root()
            && commit.is_sealed(&header.verifier, head.commit)
            && commit.checkpoint(&header.verifier).is_some();
        let end = head.commit.checked_add(COMMIT_FRAME_LEN)?;
        // An index is written only after its commit was acknowledged, so what it covers needs no writing anew.
        let mark_end = match mark {
            Some(mark) if mark.size() > head.size => None,
            Some(mark) if index.root_at(mark.size())? != mark.root() => return None,
            _ => Some(end),
        };
        if !fits {
            return None;
        }
        let rules = Rules {
            mode: header.mode,
            latest: Some(head.latest),
        };
        let last = Good {
            offset: head.commit,
            commit,
            range: range.clone(),
            rules,
        };
        let walk = Self {
            index: Index::over(index),
            range,
            rules,
            last: Some(last),
            before: None,
            mark,
            mark_end,
        };
        Some((walk, end))
    }

    /// Walks as far as frames and commits fit; returns where they no longer do.
    fn run(&mut self, scan: &mut Scan<ReadFrom<'_>>) -> Result<Option<u64>, StoreError> {
        loop {
            match scan.next_item().map_err(StoreError::io("read"))? {
                Ok(Item::Entry { offset, bytes }) => {
                    let (id, entry) = (LeafHash::of(bytes), Entry::decode(bytes).ok());
                    self.range.push(id);
                    if let Some(entry) = &entry {
                        self.rules.passed(entry);
                    }
                    self.index.scanned(offset, id, entry.as_ref());
                }
                Ok(Item::Commit {
                    offset,
                    commit,
                    is_crc_right,
                }) => {
                    let previous = self.last.as_ref().map_or(0, |last| last.offset);
                    let is_next = commit.previous == previous
                        && commit.size == self.range.size()
                        && commit.root == self.range.root();
                    if !is_next || !is_crc_right {
                        return Ok(Some(offset));
                    }
                    self.note_mark(offset, &commit)?;
                    let good = Good {
                        offset,
                        commit,
                        range: self.range.clone(),
                        rules: self.rules,
                    };
                    self.before = self.last.replace(good);
                }
                Err(Stop::Broken { offset, .. }) => return Ok(Some(offset)),
                Err(Stop::End) => return Ok(None),
            }
        }
    }

    fn note_mark(&mut self, offset: u64, commit: &Commit) -> Result<(), StoreError> {
        let Some(mark) = self.mark else { return Ok(()) };
        if self.mark_end.is_some() {
            return Ok(());
        }
        let reached_before = self
            .last
            .as_ref()
            .is_some_and(|last| last.commit.size >= mark.size());
        if commit.size == mark.size() && commit.root == mark.root() {
            self.mark_end
                .get_or_insert(offset.saturating_add(COMMIT_FRAME_LEN));
        } else if commit.size >= mark.size() && !reached_before {
            return Err(StoreError::Forked { mark: mark.size() });
        }
        Ok(())
    }

    /// The last commit, or the one before it when the last one's signatures are torn.
    fn last_signed(&self, header: &Header) -> Result<Good, StoreError> {
        let is_signed = |good: &&Good| {
            good.commit.checkpoint(&header.verifier).is_some()
                && good.commit.is_sealed(&header.verifier, good.offset)
        };
        let last = self.last.as_ref().ok_or(StoreError::NoCommit)?;
        let good = Some(last)
            .filter(is_signed)
            .or_else(|| self.before.as_ref().filter(is_signed));
        good.cloned()
            .ok_or(StoreError::UnsignedCommit { offset: last.offset })
    }

    fn check_mark(&self, good: &Good) -> Result<(), StoreError> {
        match self.mark {
            Some(mark) if mark.size() > good.commit.size => Err(StoreError::RolledBack {
                mark: mark.size(),
                found: good.commit.size,
            }),
            _ => Ok(()),
        }
    }
}

impl Recovered {
    pub(super) fn size(&self) -> TreeSize {
        self.checkpoint.size()
    }
}
