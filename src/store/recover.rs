//! Finds the last commit that verifies, and what lies beyond it: nothing, a torn tail, or damage.
//!
//! A torn tail is what an interrupted append leaves: bytes after the last good commit with no later signed commit
//! among them, or with only the one that the interrupted append itself was writing, which the high-water mark tells.
//! Anything else is damage: bytes that were acknowledged are changed or gone, and nothing is repaired.

use super::disk::{self, Disk, ReadFrom};
use super::error::StoreError;
use super::index::{Access, Index};
use crate::ledger::append::Edge;
use crate::ledger::frame::{COMMIT_FRAME_LEN, Commit, Frame, FrameKind, HEADER_LEN, Header};
use crate::ledger::rules::Rules;
use crate::ledger::scan::{Item, Scan, Stop};
use crate::ledger::title::Policy;
use crate::ledger::tree::CompactRange;
use crate::ledger::{Entry, LeafHash, LeafIndex, TreeSize, VerifiedCheckpoint};

/// What a ledger file holds.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) header: Header,
    pub(super) edge: Edge,
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) index: Index,
    /// Bytes after the last good commit, without the zeros they end with.
    pub(super) tail_bytes: u64,
    /// Whether whole entries or a signed commit are among them, and no mark tells that they were never acknowledged.
    pub(super) is_tail_doubtful: bool,
    /// End of the commit that the mark names, or of the one before the last.
    pub(super) trusted_end: u64,
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
    rules: Rules,
    last: Option<Good>,
    before: Option<Good>,
    mark: Option<&'a VerifiedCheckpoint>,
    mark_end: Option<u64>,
}

/// Begins where the index files end, if there are any and they fit; else at the beginning.
pub(super) fn recover(
    disk: &dyn Disk,
    mark: Option<&VerifiedCheckpoint>,
    header: &Header,
    access: Access<'_>,
) -> Result<Recovered, StoreError> {
    match recover_once(disk, mark, header, access) {
        // What a writer appends while it is read looks so too; by now it is whole.
        Err(StoreError::Damaged { .. }) => recover_once(disk, mark, header, access),
        done => done,
    }
}

fn recover_once(
    disk: &dyn Disk,
    mark: Option<&VerifiedCheckpoint>,
    header: &Header,
    access: Access<'_>,
) -> Result<Recovered, StoreError> {
    let (mut walk, start) = Walk::after(access, disk, mark, header)
        .unwrap_or_else(|| (Walk::from_start(access, mark, header), 0));
    let source = ReadFrom { disk, offset: start };
    let mut scan = if start == 0 {
        Scan::open(source).map_err(StoreError::io("read"))?.0
    } else {
        Scan::resume(source, start)
    };
    let stopped_at = walk.run(&mut scan)?;
    let good = walk.last_signed(header)?;
    let good_end = good.offset.saturating_add(COMMIT_FRAME_LEN);
    let content_end = disk::content_end(disk, good_end).map_err(StoreError::io("read"))?;
    let tail_bytes = content_end.saturating_sub(good_end);
    let has_commit =
        tail_bytes > 0 && walk.look_beyond(disk, &good, stopped_at.unwrap_or(good_end), header)?;
    walk.check_mark(&good)?;
    let before_end = walk
        .before
        .as_ref()
        .filter(|before| before.offset < good.offset)
        .map_or(HEADER_LEN, |before| {
            before.offset.saturating_add(COMMIT_FRAME_LEN)
        });
    if !walk.index.settle(good.commit.size) {
        // Its files changed under it: the ledger alone decides.
        return match access {
            Access::None => Err(StoreError::NoCommit),
            Access::Read(_) | Access::Write(_) => recover(disk, mark, header, Access::None),
        };
    }
    let checkpoint = good
        .commit
        .checkpoint(&header.verifier)
        .ok_or(StoreError::NoCommit)?;
    let is_tail_doubtful = tail_bytes > 0 && mark.is_none() && (has_commit || has_entry(disk, good_end)?);
    Ok(Recovered {
        edge: Edge {
            range: good.range,
            commit: good.offset,
            end: good_end,
            time: good.commit.time,
            rules: good.rules,
            policy: Policy::of(header),
        },
        checkpoint,
        index: walk.index,
        tail_bytes,
        is_tail_doubtful,
        trusted_end: walk.mark_end.unwrap_or(before_end).min(good_end),
        header: header.clone(),
    })
}

/// Whether a commit was signed for another place near by: an interrupted append tears it, and moves nothing.
fn was_moved(commit: &Commit, offset: u64, header: &Header) -> bool {
    let key = &header.verifier;
    if commit.is_sealed(key, offset) {
        return false;
    }
    let aligned = offset & !7;
    let mut places = (aligned.saturating_sub(MOVED_MAX)..aligned.saturating_add(MOVED_MAX)).step_by(8);
    aligned != offset || places.any(|place| commit.is_sealed(key, place))
}

/// How far away is near, bytes: the longest entry. Each place costs 35 us, and only where a mark was lost.
const MOVED_MAX: u64 = 16 << 10;

/// Whether a whole entry stands anywhere from an offset on.
fn has_entry(disk: &dyn Disk, offset: u64) -> Result<bool, StoreError> {
    let mut rest = Scan::resume(ReadFrom { disk, offset }, offset);
    rest.seek_entry().map_err(StoreError::io("read"))
}

/// Walks over the first `size` entries, or as many as can be read, with the offset and the bytes of each.
pub(super) fn each_entry(
    disk: &dyn Disk,
    size: TreeSize,
    mut entry: impl FnMut(u64, &[u8]),
) -> Result<(), StoreError> {
    let source = ReadFrom { disk, offset: 0 };
    let mut scan = Scan::open(source).map_err(StoreError::io("read"))?.0;
    let mut left = size.0;
    while left > 0 {
        match scan.next_item().map_err(StoreError::io("read"))? {
            Ok(Item::Entry { offset, bytes }) => {
                entry(offset, bytes);
                left = left.saturating_sub(1);
            }
            Ok(Item::Commit { .. }) => {}
            Err(_) => break,
        }
    }
    Ok(())
}

/// The bytes of an entry, found without any index: every leaf is hashed, and they must lead to the root.
pub(super) fn entry_by_scan(
    disk: &dyn Disk,
    wanted: LeafIndex,
    checkpoint: &VerifiedCheckpoint,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (mut range, mut found) = (CompactRange::new(), None);
    each_entry(disk, checkpoint.size(), |_, bytes| {
        if range.size().0 == wanted.0 {
            found = Some(bytes.to_vec());
        }
        range.push(LeafHash::of(bytes));
    })?;
    Ok(found.filter(|_| range.root() == checkpoint.root()))
}

impl<'a> Walk<'a> {
    fn from_start(access: Access<'_>, mark: Option<&'a VerifiedCheckpoint>, header: &Header) -> Self {
        Self {
            index: Index::empty(access),
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

    /// The state after the commit that the index files cover, and where that commit ends; `None` when the signed commit
    /// is not there, or the index or the mark does not fit it.
    fn after(
        access: Access<'_>,
        disk: &dyn Disk,
        mark: Option<&'a VerifiedCheckpoint>,
        header: &Header,
    ) -> Option<(Self, u64)> {
        let (index, covered) = Index::open(access)?;
        let mut frame = [0; 200];
        disk::read_exact(disk, &mut frame, covered.commit).ok()?;
        let frame = Frame::parse(&frame)
            .ok()
            .filter(|frame| frame.kind == FrameKind::Commit)?;
        let commit = Commit::parse(frame.payload)?;
        let fits = commit.size == covered.size
            && commit.root == index.range().root()
            && commit.is_sealed(&header.verifier, covered.commit)
            && commit.checkpoint(&header.verifier).is_some();
        let end = covered.commit.checked_add(COMMIT_FRAME_LEN)?;
        // An index is written only after its commit was acknowledged, so what it covers needs no writing anew.
        let mark_end = match mark {
            Some(mark) if mark.size() > covered.size => None,
            Some(mark) if index.edge(mark.size())?.root() != mark.root() => return None,
            _ => Some(end),
        };
        if !fits {
            return None;
        }
        let rules = Rules {
            mode: header.mode,
            latest: Some(covered.latest),
        };
        let last = Good {
            offset: covered.commit,
            commit,
            range: index.range().clone(),
            rules,
        };
        let walk = Self {
            index,
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
                    if let Some(entry) = &entry {
                        self.rules.passed(entry);
                    }
                    self.index.add(offset, id, entry.as_ref());
                }
                Ok(Item::Commit {
                    offset,
                    commit,
                    is_crc_right,
                }) => {
                    let previous = self.last.as_ref().map_or(0, |last| last.offset);
                    let range = self.index.range();
                    let is_next = commit.previous == previous
                        && commit.size == range.size()
                        && commit.root == range.root();
                    if !is_next || !is_crc_right {
                        return Ok(Some(offset));
                    }
                    let range = range.clone();
                    self.note_mark(offset, &commit)?;
                    let good = Good {
                        offset,
                        commit,
                        range,
                        rules: self.rules,
                    };
                    self.before = self.last.replace(good);
                    self.index.committed();
                }
                Err(Stop::Broken { offset, .. }) => return Ok(Some(offset)),
                Err(Stop::End) => return Ok(None),
            }
        }
    }

    /// What follows the last good commit may hide later ones, at their place or, where bytes were taken out or put in, at
    /// another. Only the one that the interrupted append itself was writing may be there, and it stands where it was written;
    /// whether it is there.
    fn look_beyond(
        &self,
        disk: &dyn Disk,
        good: &Good,
        stop: u64,
        header: &Header,
    ) -> Result<bool, StoreError> {
        let mut is_there = false;
        let offset = good.offset.saturating_add(COMMIT_FRAME_LEN);
        let mut rest = Scan::resume(ReadFrom { disk, offset }, offset);
        while let Some((offset, commit)) = rest
            .seek_signed(&header.verifier, good.commit.size, good.offset)
            .map_err(StoreError::io("read"))?
        {
            let is_own = commit.previous == good.offset;
            let is_acknowledged = match self.mark {
                Some(mark) => mark.size() >= commit.size,
                None => was_moved(&commit, offset, header),
            };
            is_there = true;
            if !is_own || is_acknowledged {
                return Err(StoreError::Damaged {
                    offset: stop,
                    commit: offset,
                    size: commit.size,
                });
            }
        }
        Ok(is_there)
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
