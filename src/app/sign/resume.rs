//! What an interrupted run left half done.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::place::Job;
use super::record::Recorder;
use crate::base::Digest;
use crate::base::limits::FILE_BYTES_MAX;
use crate::store::files::{self, Leftover, Staged};
use crate::store::folder;

/// Files that an interrupted run left beside the outputs of this one.
pub(super) fn leftovers(jobs: &[Job]) -> Vec<Leftover> {
    // A link as output leads to the folder where its part file lies.
    let outputs: BTreeSet<PathBuf> = jobs.iter().map(|job| folder::resolved(&job.output)).collect();
    let folders: BTreeSet<&Path> = outputs.iter().filter_map(|output| output.parent()).collect();
    folders
        .into_iter()
        .flat_map(files::leftovers)
        .filter(|left| outputs.contains(&left.target))
        .collect()
}

/// Puts in place what the ledger knows and removes what was never acknowledged. What another ledger may know, or what
/// cannot be told, stays for another run; it is in nobody's way.
pub(super) fn finish(recorder: Option<&Recorder>, leftovers: Vec<Leftover>) {
    for left in leftovers {
        let mine = recorder.filter(|recorder| recorder.mark() == left.mark);
        let registered = match mine {
            None if left.mark == files::NO_MARK => Some(false),
            None => None,
            Some(recorder) => files::read(&left.part, FILE_BYTES_MAX)
                .ok()
                .and_then(|bytes| recorder.find(Digest::of(&bytes)).ok())
                .map(|found| !found.is_empty()),
        };
        // A leftover that can be neither placed nor removed stays as well.
        let _ = match registered {
            Some(true) => Staged::adopt(left).commit(),
            Some(false) => left.remove(),
            None => Ok(()),
        };
    }
}
