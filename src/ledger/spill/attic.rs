//! Room for tests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Room, Spill};

/// Room in memory, which can be taken away, or give back other bytes than it took.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct Attic {
    pub(in crate::ledger) is_gone: Arc<AtomicBool>,
    pub(in crate::ledger) is_blank: Arc<AtomicBool>,
    /// Places that are in use.
    pub(in crate::ledger) shelves: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Shelf(Vec<u8>, Attic);

impl Attic {
    fn check(&self) -> io::Result<()> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Err(io::Error::other("no room"));
        }
        Ok(())
    }
}

impl Room for Attic {
    fn open(&self) -> io::Result<Box<dyn Spill>> {
        self.check()?;
        self.shelves.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Shelf(Vec::new(), self.clone())))
    }
}

impl Spill for Shelf {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.1.check()?;
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.1.check()?;
        let at = at as usize;
        let end = || io::Error::from(io::ErrorKind::UnexpectedEof);
        into.copy_from_slice(self.0.get(at..at + into.len()).ok_or_else(end)?);
        if self.1.is_blank.load(Ordering::Relaxed) {
            into.fill(0);
        }
        Ok(())
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.1.shelves.fetch_sub(1, Ordering::Relaxed);
    }
}
