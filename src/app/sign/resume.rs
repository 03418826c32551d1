//! What an earlier run already did, finished or left half done.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::place::Job;
use super::record::Recorder;
use super::{Shared, describe};
use crate::app::request::Place;
use crate::app::{Error, fault};
use crate::asset::{Asset, pixels};
use crate::base::Digest;
use crate::base::limits::FILE_BYTES_MAX;
use crate::ledger::EntryBody;
use crate::metadata;
use crate::report::sign::SignReport;
use crate::store::files::{self, Leftover, Staged};
use crate::store::folder;

/// A report that the picture is done already: its output is there, and this key registered exactly that file.
///
/// The output must show what the input shows: where pixels can be decoded, their hashes are compared, so that a picture that
/// was replaced since is signed anew.
pub(super) fn already_done(
    shared: &Shared<'_>,
    job: &Job,
    asset: &Asset,
) -> Result<Option<SignReport>, Error> {
    let Some(recorder) = &shared.recorder else {
        return Ok(None);
    };
    let in_place = matches!(shared.request.place, Place::InPlace);
    if shared.request.overwrite && !in_place {
        // Whoever asks to replace an output means these words, not those of an earlier run.
        return Ok(None);
    }
    let digest = if in_place {
        asset.digest()
    } else if folder::exists(&job.output) && !folder::same_file(&job.input, &job.output) {
        let bytes =
            files::read(&job.output, FILE_BYTES_MAX).map_err(|error| fault::read(&job.output, &error))?;
        Digest::of(&bytes)
    } else {
        return Ok(None);
    };
    let mine = shared.identity.ledger_key().public().key_id();
    let found = recorder.find(digest)?;
    let Some((index, registration)) = found.iter().find_map(|(index, entry)| match entry.body() {
        EntryBody::AssetRegister(registration) if entry.signer() == mine => Some((index, registration)),
        _ => None,
    }) else {
        return Ok(None);
    };
    if !in_place && !same_pixels(recorder, asset, registration.pixel) {
        return Ok(None);
    }
    Ok(Some(describe::skipped(
        job,
        asset.format().name(),
        registration.source.uri(),
        format!("already signed and registered as entry {} of the ledger", index.0),
    )))
}

fn same_pixels(recorder: &Recorder, asset: &Asset, registered: Option<(u8, Digest)>) -> bool {
    let Some((rule, digest)) = registered else {
        return true;
    };
    pixels::look(asset, metadata::read(asset).orientation).is_ok_and(|picture| {
        let seen = picture.pixel_digest;
        seen.algorithm.code() == rule && recorder.as_recorded(seen.digest) == digest
    })
}

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
