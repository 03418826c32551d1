//! Room outside of memory, for what grows with the log: the ledger asks for it, `store` has it.

use std::fmt;
use std::io;

/// Where room is made when it is needed. Nothing of it is left once the [`Spill`] is dropped.
pub trait Room: fmt::Debug + Send + Sync {
    /// Makes an empty place to write to.
    ///
    /// # Errors
    /// When there is no room.
    fn open(&self) -> io::Result<Box<dyn Spill>>;
}

/// Bytes that are only ever appended, and read again.
pub trait Spill: fmt::Debug + Send + Sync {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// When there is no room.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Reads the bytes from `at` on.
    ///
    /// # Errors
    /// When they cannot be read, or end before.
    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

#[cfg(test)]
pub(in crate::ledger) mod attic;
