//! What an interrupted run left half done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::place::Job;
use super::record::Recorder;
use crate::asset::Asset;
use crate::base::Digest;
use crate::base::limits::FILE_BYTES_MAX;
use crate::manifest;
use crate::store::files::{self, FileError, Leftover, Staged};
use crate::store::folder;

/// Files that an interrupted run left beside the outputs of this one.
pub(super) fn leftovers(jobs: &[Job]) -> Vec<Leftover> {
    // A link as output leads to the folder where its part file lies.
    let outputs: BTreeMap<PathBuf, PathBuf> = jobs
        .iter()
        .map(|job| folder::resolved(&job.output))
        .map(|output| (files::in_parts(&output), output))
        .collect();
    let folders: BTreeSet<&Path> = outputs.values().filter_map(|output| output.parent()).collect();
    let found = folders.into_iter().flat_map(files::leftovers);
    found
        .filter_map(|mut left| {
            left.target.clone_from(outputs.get(&left.target)?);
            Some(left)
        })
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
            Some(true) => place(recorder, left),
            Some(false) => left.remove(),
            None => Ok(()),
        };
    }
}

/// Puts a recorded picture in place. Where a later run has signed the same there, and that is recorded as well, it is one too many.
fn place(recorder: Option<&Recorder>, left: Leftover) -> Result<(), FileError> {
    let (part, target) = (left.part.clone(), left.target.clone());
    let staged = Staged::adopt(left);
    if staged.check().is_err() && recorder.is_some_and(|recorder| is_done_again(recorder, &part, &target)) {
        return staged.discard();
    }
    staged.commit()
}

/// Whether what stands in the place was made from the same bytes with the same words, and the ledger holds it.
fn is_done_again(recorder: &Recorder, part: &Path, target: &Path) -> bool {
    let read = |path| files::read(path, FILE_BYTES_MAX).ok();
    let run = |bytes| manifest::run(&Asset::parse(bytes).ok()?);
    let Some((part, standing)) = read(part).zip(read(target)) else {
        return false;
    };
    let held = recorder
        .find(Digest::of(&standing))
        .is_ok_and(|found| !found.is_empty());
    held && run(part).is_some_and(|made| Some(made) == run(standing))
}
