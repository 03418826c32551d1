//! Finds the last commit that verifies, and what lies beyond it: nothing, a torn tail, or damage.
//!
//! A torn tail is what an interrupted append leaves: bytes after the last good commit with no later signed commit
//! behind them, or with only the one that the interrupted append itself was writing. Anything else is damage: bytes
//! that were acknowledged are changed or gone, and nothing is repaired.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::durable::{self, Existing};
use super::error::StoreError;
use super::index::Index;
use super::index_file::IndexFile;
use super::ledger_file::{TornTail, beside, read_up_to};
use crate::ledger::append::Edge;
use crate::ledger::frame::{COMMIT_FRAME_LEN, Commit, Frame, FrameKind, HEADER_LEN, Header};
use crate::ledger::rules::Rules;
use crate::ledger::scan::{Item, Scan, Stop};
use crate::ledger::title::Policy;
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
struct ReadFrom<'a> {
    file: &'a File,
    offset: u64,
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
            policy: Policy::of(&header),
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

/// Moves the bytes after the last good commit to `NAME.torn-OFFSET`, durably, before they are cut off.
pub(super) fn set_aside(
    file: &File,
    path: &Path,
    recovered: &Recovered,
) -> Result<Option<TornTail>, StoreError> {
    if recovered.tail_bytes == 0 {
        return Ok(None);
    }
    let offset = recovered.edge.end;
    let len = usize::try_from(recovered.tail_bytes)
        .unwrap_or(usize::MAX)
        .min(TAIL_BYTES_MAX);
    let mut bytes = vec![0; len];
    let read = read_up_to(file, &mut bytes, offset).map_err(StoreError::io("read"))?;
    bytes.truncate(read);
    let moved_to = beside(path, &format!(".torn-{offset}"));
    durable::write(&moved_to, &bytes, 0o600, Existing::Replace)?;
    file.set_len(offset)
        .map_err(StoreError::io("cut the torn tail off"))?;
    file.sync_all().map_err(StoreError::io("sync"))?;
    Ok(Some(TornTail {
        offset,
        bytes: recovered.tail_bytes,
        moved_to: Some(moved_to),
    }))
}

/// Writes bytes anew and syncs: after a failed sync the page cache may show what the disk does not have.
pub(super) fn rewrite(file: &File, from: u64, to: u64) -> Result<(), StoreError> {
    let mut at = from;
    let mut bytes = vec![0; REWRITE_CHUNK];
    while at < to {
        let left = usize::try_from(to.saturating_sub(at))
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let chunk = bytes.get_mut(..left).unwrap_or_default();
        file.read_exact_at(chunk, at).map_err(StoreError::io("read"))?;
        file.write_all_at(chunk, at).map_err(StoreError::io("write to"))?;
        at = at.saturating_add(u64::try_from(left).unwrap_or(u64::MAX));
    }
    file.sync_data().map_err(StoreError::io("sync"))
}

/// Most of a torn tail that is kept: no append is larger.
const TAIL_BYTES_MAX: usize = 1 << 30;
const REWRITE_CHUNK: usize = 1 << 20;
