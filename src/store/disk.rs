//! The few things that are done to a ledger file, so that tests can put a simulated disk in its place.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// One file, read and written by offset.
pub(super) trait Disk: fmt::Debug + Send + Sync {
    fn len(&self) -> io::Result<u64>;
    /// Reads what there is, at most as much as fits; 0 at the end.
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize>;
    /// Cuts the file off, or makes it longer with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns once everything written is on the medium, and a length that grew with it (fdatasync).
    fn sync(&self) -> io::Result<()>;
    /// As [`Disk::sync`], and a length that was cut too (fsync).
    fn sync_all(&self) -> io::Result<()>;
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
}

impl Disk for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, into, at)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        Self::sync_all(self)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }
}

/// Reads as much as fits or is there.
pub(super) fn read_up_to(disk: &dyn Disk, into: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = at.saturating_add(u64::try_from(filled).unwrap_or(0));
        match disk.read_at(rest, at) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Fills `into`.
pub(super) fn read_exact(disk: &dyn Disk, into: &mut [u8], at: u64) -> io::Result<()> {
    if read_up_to(disk, into, at)? == into.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// The end of what is not zero after `from`, rounded up to a multiple of 8 within the file: the zeros that follow are room
/// made ahead, and say nothing.
pub(super) fn content_end(disk: &dyn Disk, from: u64) -> io::Result<u64> {
    let len = disk.len()?;
    let (mut end, mut bytes) = (len, vec![0; CHUNK]);
    while end > from {
        let part = usize::try_from(end - from).unwrap_or(CHUNK).min(CHUNK);
        let start = end.saturating_sub(u64::try_from(part).unwrap_or(0));
        let chunk = bytes.get_mut(..part).unwrap_or_default();
        read_exact(disk, chunk, start)?;
        // Without a way out the loop is over whole words: the room may be megabytes.
        let is_zero = |part: &[u8]| part.iter().fold(0, |all, byte| all | byte) == 0;
        if !is_zero(chunk) {
            let last = chunk.iter().rposition(|byte| *byte != 0).unwrap_or(0);
            let last = start.saturating_add(u64::try_from(last).unwrap_or(0));
            return Ok(last.saturating_add(1).next_multiple_of(8).min(len));
        }
        end = start;
    }
    Ok(from.min(len))
}

/// Reads a file from an offset on, whatever other threads read from it.
pub(super) struct ReadFrom<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) offset: u64,
}

impl io::Read for ReadFrom<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.disk.read_at(into, self.offset)?;
        self.offset = self.offset.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

const CHUNK: usize = 1 << 16;
