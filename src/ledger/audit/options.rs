//! How an audit is done.

use std::sync::Arc;

use super::super::checkpoint::VerifiedCheckpoint;
use super::super::note::VerifierKey;
use super::super::spill::Room;
use super::maps::StateMaps;

/// How an audit is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many threads share the work; at least 1.
    pub threads: usize,
    /// How signatures are verified.
    pub signatures: Signatures,
    /// Whether the state maps that the log signs are made again.
    pub maps: StateMaps,
    /// The log key that the auditor knows from elsewhere; without it, the key in the header vouches for itself.
    pub key: Option<VerifierKey>,
    /// Checkpoints that the auditor knows from elsewhere: receipts, high-water marks. The log must contain them all.
    pub known: Vec<VerifiedCheckpoint>,
    /// A checkpoint that an earlier audit ended at: signatures before it are not verified again. The log must contain it, and
    /// its entries are hashed and replayed all the same, as what follows leans on them.
    pub since: Option<VerifiedCheckpoint>,
    /// Room outside of memory. Without it, an audit takes 80 bytes of memory a registration.
    pub room: Option<Arc<dyn Room>>,
}

/// One thread, batches, every map made again, nothing known from elsewhere, all in memory.
impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            signatures: Signatures::Batch,
            maps: StateMaps::Derive,
            key: None,
            known: Vec::new(),
            since: None,
            room: None,
        }
    }
}

/// How signatures are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// In batches, about five times as quick.
    Batch,
    /// One by one, by the strict rule.
    Strict,
}
