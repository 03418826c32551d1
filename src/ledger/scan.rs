//! Reads a ledger file from its beginning, frame by frame, from any stream: memory stays bounded, hostile bytes end
//! the walk with a reason, never with a panic.

use std::io::{self, Read};

use super::entry::Entry;
use super::frame::{
    COMMIT_LEN, Commit, Frame, FrameError, FrameKind, HEADER_LEN, Header, HeaderError, PAYLOAD_MAX,
};
use super::note::VerifierKey;
use super::tree::TreeSize;

/// A walk over the frames of one file.
#[derive(Debug)]
pub struct Scan<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    offset: u64,
    crc: u32,
    ended: bool,
}

/// What stands at one place of the file.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// One entry's bytes.
    Entry {
        /// Offset of the frame.
        offset: u64,
        /// The entry, not yet decoded.
        bytes: &'a [u8],
    },
    /// A commit, its signatures not yet verified.
    Commit {
        /// Offset of the frame.
        offset: u64,
        /// What it says.
        commit: Commit,
        /// Whether its CRC-32C is that of the bytes since the commit before.
        is_crc_right: bool,
    },
}

/// What stands in bytes that a walk could not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// A commit that the log's key signed: what it covers was acknowledged.
    Commit {
        /// Where it stands.
        offset: u64,
        /// Its size.
        size: TreeSize,
    },
    /// The first line of a ledger, or a commit that does not follow the last one: no interrupted append leaves them.
    Foreign {
        /// Where it stands.
        offset: u64,
    },
    /// Neither.
    Nothing,
}

/// Where a walk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the end of the file, or of what was written: zeros up to the end are room made ahead.
    End,
    /// At bytes that are no frame.
    Broken {
        /// Where they begin.
        offset: u64,
        /// Why they are none.
        why: FrameError,
    },
}

impl<R: Read> Scan<R> {
    /// Reads the header and begins the walk after it.
    pub fn open(mut source: R) -> io::Result<(Self, Result<Header, HeaderError>)> {
        let mut buffer = vec![0; CHUNK];
        let mut filled = 0;
        let header_len = usize::try_from(HEADER_LEN).unwrap_or(4096);
        while filled < header_len {
            let read = read_some(
                &mut source,
                buffer.get_mut(filled..header_len).unwrap_or_default(),
            )?;
            if read == 0 {
                break;
            }
            filled = filled.saturating_add(read);
        }
        buffer.truncate(filled);
        let header = Header::parse(&buffer);
        let crc = crc32c::crc32c(&buffer);
        let offset = u64::try_from(filled).unwrap_or(HEADER_LEN);
        Ok((
            Self {
                source,
                buffer: Vec::new(),
                start: 0,
                offset,
                crc,
                ended: false,
            },
            header,
        ))
    }

    /// Begins after a commit frame whose end is at `offset`; `source` stands there.
    pub const fn resume(source: R, offset: u64) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            offset,
            crc: 0,
            ended: false,
        }
    }

    /// Offset of the next frame.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The next entry or commit.
    pub fn next_item(&mut self) -> io::Result<Result<Item<'_>, Stop>> {
        loop {
            self.fill()?;
            let offset = self.offset;
            let window = self.buffer.get(self.start..).unwrap_or_default();
            if window.iter().take(8).all(|byte| *byte == 0) {
                let why = FrameError::Kind { found: 0 };
                let is_end = self.is_room()?;
                return Ok(Err(if is_end {
                    Stop::End
                } else {
                    Stop::Broken { offset, why }
                }));
            }
            let (kind, len, payload_len) = match Frame::parse(window) {
                Ok(frame) => (frame.kind, frame.len, frame.payload.len()),
                Err(why) => return Ok(Err(Stop::Broken { offset, why })),
            };
            let start = self.start;
            let bytes = window.get(..len).unwrap_or_default();
            if kind == FrameKind::Commit {
                let commit = window
                    .get(8..)
                    .and_then(|rest| rest.get(..COMMIT_LEN))
                    .and_then(Commit::parse);
                let Some(commit) = commit else {
                    return Ok(Err(Stop::Broken {
                        offset,
                        why: FrameError::NotZero,
                    }));
                };
                let is_crc_right = commit.crc_after(self.crc) == commit.crc;
                self.crc = 0;
                self.advance(len);
                return Ok(Ok(Item::Commit {
                    offset,
                    commit,
                    is_crc_right,
                }));
            }
            self.crc = crc32c::crc32c_append(self.crc, bytes);
            self.advance(len);
            if kind == FrameKind::Entry {
                let from = start.saturating_add(8);
                let bytes = self
                    .buffer
                    .get(from..from.saturating_add(payload_len))
                    .unwrap_or_default();
                return Ok(Ok(Item::Entry { offset, bytes }));
            }
        }
    }

    /// Passes over bytes to the next commit that is signed by `key` for its own place, or of more than `size` entries for
    /// another one, as bytes before it were taken out or put in; also to one after the commit at `previous` whose frame has
    /// lost its head. `None` at the end.
    /// After `COMMITS_TRIED_MAX` things that look like commits and are none the search is given up.
    pub fn seek_signed(
        &mut self,
        key: &VerifierKey,
        size: TreeSize,
        previous: u64,
    ) -> io::Result<Option<(u64, Commit)>> {
        self.seek(previous, |offset, commit| {
            commit.is_some_and(|commit| is_signed(commit, offset, key, size))
        })
    }

    /// As [`Scan::seek_signed`]; where there is none, for what no interrupted append leaves.
    pub fn seek_later(&mut self, key: &VerifierKey, size: TreeSize, previous: u64) -> io::Result<Beyond> {
        let mut foreign = None;
        let found = self.seek(previous, |offset, commit| {
            let is_it = commit.is_some_and(|commit| is_signed(commit, offset, key, size));
            if !is_it && commit.is_none_or(|commit| commit.previous != previous) {
                foreign.get_or_insert(offset);
            }
            is_it
        })?;
        Ok(match (found, foreign) {
            (Some((offset, commit)), _) => Beyond::Commit {
                offset,
                size: commit.size,
            },
            (None, Some(offset)) => Beyond::Foreign { offset },
            (None, None) => Beyond::Nothing,
        })
    }

    /// Whether the frame of a whole entry stands anywhere in the rest.
    pub fn seek_entry(&mut self) -> io::Result<bool> {
        while self.seek_like(|window| window.get(4..8) == Some(&[1, 0, 0, 0]))? {
            let window = self.buffer.get(self.start..).unwrap_or_default();
            let frame = Frame::parse(window).ok();
            if frame.is_some_and(|frame| Entry::decode(frame.payload).is_ok()) {
                return Ok(true);
            }
            self.advance(1);
        }
        Ok(false)
    }

    /// Gives each thing that looks like a commit to `is_it`, and `None` for the first line of a ledger. A commit looks like one
    /// by the head of its frame, or by the offset of the commit `previous` to it.
    fn seek(
        &mut self,
        previous: u64,
        mut is_it: impl FnMut(u64, Option<&Commit>) -> bool,
    ) -> io::Result<Option<(u64, Commit)>> {
        let names = previous.to_le_bytes();
        let is_like = |window: &[u8]| {
            window.starts_with(&COMMIT_HEAD)
                || window.starts_with(LEDGER_HEAD)
                // Zeros name the first commit everywhere.
                || (previous > 0 && window.get(48..56) == Some(&names))
        };
        let mut tried = 0;
        while tried < COMMITS_TRIED_MAX && self.seek_like(is_like)? {
            let offset = self.offset;
            let window = self.buffer.get(self.start..).unwrap_or_default();
            let commit = window.get(8..).and_then(|rest| rest.get(..COMMIT_LEN));
            let commit = commit.and_then(Commit::parse);
            if window.starts_with(LEDGER_HEAD) {
                is_it(offset, None);
            }
            self.advance(1);
            if let Some(commit) = commit {
                tried += 1;
                if is_it(offset, Some(&commit)) {
                    return Ok(Some((offset, commit)));
                }
            }
        }
        Ok(None)
    }

    /// Goes on to the next place where the bytes are like what is looked for, and has the longest frame from there on in the
    /// buffer. Every byte is such a place: where some were taken out or put in, no frame after them is at a multiple of 8.
    fn seek_like(&mut self, is_like: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
        loop {
            self.fill()?;
            let window = self.buffer.get(self.start..).unwrap_or_default();
            // What the last bytes are like, those not read yet may decide.
            let sure = if self.ended {
                window.len()
            } else {
                window.len().saturating_sub(LIKE_LEN)
            };
            let at = (0..sure).find(|at| window.get(*at..).is_some_and(&is_like));
            match at {
                Some(0) => return Ok(true),
                None if self.ended => return Ok(false),
                at => self.advance(at.unwrap_or(sure)),
            }
        }
    }

    /// Reads the rest and returns the offset after its last byte.
    pub fn end(&mut self) -> io::Result<u64> {
        loop {
            self.fill()?;
            let left = self.buffer.len().saturating_sub(self.start);
            if left == 0 {
                return Ok(self.offset);
            }
            self.advance(left);
        }
    }

    fn advance(&mut self, len: usize) {
        let len = len.min(self.buffer.len().saturating_sub(self.start));
        self.start = self.start.saturating_add(len);
        self.offset = self.offset.saturating_add(u64::try_from(len).unwrap_or(0));
    }

    /// Whether only zeros are left. The offset then stays where they begin; else it stands after some of them.
    fn is_room(&mut self) -> io::Result<bool> {
        let begin = self.offset;
        loop {
            let window = self.buffer.get(self.start..).unwrap_or_default();
            if window.iter().fold(0, |all, byte| all | byte) != 0 {
                return Ok(false);
            }
            if window.is_empty() {
                self.offset = begin;
                return Ok(true);
            }
            self.advance(window.len());
            self.fill()?;
        }
    }

    /// Makes sure that the longest frame is in the buffer, or all that is left of the file.
    fn fill(&mut self) -> io::Result<()> {
        if self.ended || self.buffer.len().saturating_sub(self.start) >= FRAME_MAX {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = CHUNK.saturating_sub(self.buffer.len());
        self.buffer.reserve(wanted);
        // Appended without clearing the space first: a short ledger is opened often.
        let limit = u64::try_from(wanted).unwrap_or(0);
        let read = self.source.by_ref().take(limit).read_to_end(&mut self.buffer)?;
        self.ended = read < wanted;
        Ok(())
    }
}

fn read_some(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Whether the log's key signed a commit, for its own place or, of a later size, for any.
fn is_signed(commit: &Commit, offset: u64, key: &VerifierKey, size: TreeSize) -> bool {
    commit.is_sealed(key, offset) || (commit.size > size && commit.checkpoint(key).is_some())
}

/// The first eight bytes of every commit frame.
const COMMIT_HEAD: [u8; 8] = [192, 0, 0, 0, 2, 0, 0, 0];
/// The first eight bytes of every ledger.
const LEDGER_HEAD: &[u8] = b"byline-l";
/// How many bytes tell what they are like.
const LIKE_LEN: usize = 56;
const CHUNK: usize = 1 << 20;
const FRAME_MAX: usize = PAYLOAD_MAX + 16;
/// Each try costs two signature checks of about 35 us: at most seven seconds on a file made to waste them.
const COMMITS_TRIED_MAX: u32 = 100_000;

const _: () = assert!(FRAME_MAX * 8 <= CHUNK);
