//! One writer at a time. The lock is on the ledger file itself and belongs to the open file (flock), so threads of one
//! process exclude each other as processes do, and a killed writer's lock goes with it. Readers lock nothing: they stop
//! at the last commit that verifies.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use rustix::fs::FlockOperation;

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The file system refused.
    #[error("cannot lock the ledger: {0}")]
    Io(#[from] io::Error),
    /// Another writer has it.
    #[error("another writer has the ledger (process {}); waited {waited_ms} ms", owner.map_or("unknown".to_owned(), |pid| pid.to_string()))]
    Taken {
        /// The process that has it, where the system tells.
        owner: Option<u32>,
        /// How long it was waited for.
        waited_ms: u64,
    },
}

/// A lock that is held, and given back when this is dropped.
///
/// Closing the file would not do: a program that is being started by another thread holds every open file until it has
/// become itself, and the lock with it.
#[derive(Debug)]
pub struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // What fails here is given back when the last copy of the file is closed.
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// Takes the writer's lock, waiting at most `timeout_ms`.
pub fn lock_exclusive(file: &File, timeout_ms: u64) -> Result<Held, LockError> {
    let held = file.try_clone()?;
    let mut waited_ms: u64 = 0;
    loop {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Held(held)),
            Err(rustix::io::Errno::WOULDBLOCK) if waited_ms < timeout_ms => {
                std::thread::sleep(Duration::from_millis(STEP_MS));
                waited_ms = waited_ms.saturating_add(STEP_MS);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(LockError::Taken {
                    owner: owner(file),
                    waited_ms,
                });
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
}

/// The process that `/proc/locks` names for this file; `None` where it does not tell.
fn owner(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, "WRITE", pid, place, ..] if place.ends_with(&inode) => pid.parse().ok(),
            _ => None,
        }
    })
}

const STEP_MS: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opening_of_the_file_is_locked_out_and_told_by_whom() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger");
        std::fs::write(&path, b"x").unwrap();
        let (first, second) = (File::open(&path).unwrap(), File::open(&path).unwrap());
        let held = lock_exclusive(&first, 0).unwrap();
        match lock_exclusive(&second, 10) {
            Err(LockError::Taken { owner, waited_ms }) => {
                assert_eq!(waited_ms, 10);
                assert!(owner.is_none_or(|pid| pid == std::process::id()));
            }
            other => panic!("{other:?}"),
        }
        // A copy of the file that lives on keeps nothing.
        let copy = first.try_clone().unwrap();
        drop((held, first));
        lock_exclusive(&second, 0).unwrap();
        drop(copy);
    }
}
