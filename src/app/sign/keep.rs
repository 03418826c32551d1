//! What is kept beside the ledger: the signed manifest, before the entry that names it is recorded; a deep record that is missing.

use std::path::Path;

use super::Shared;
use crate::app::{Error, Kind, find};
use crate::asset::{Asset, StorePlace, pixels};
use crate::base::{Digest, Untrusted};
use crate::ledger::LeafIndex;
use crate::report::sign::SignReport;
use crate::store::deep::DeepRecord;
use crate::store::durable::DurableError;
use crate::store::kept::New;
use crate::{metadata, similar};

/// Keeps the store of a picture that was signed now; nothing where that was not asked for.
///
/// # Errors
/// When it cannot be made durable: then nothing of the picture is recorded or put in place.
pub(super) fn keep(shared: &Shared<'_>, input: &Path, signed: &Asset) -> Result<Option<New>, Error> {
    let (Some(stores), Some(recorder)) = (&shared.kept, &shared.recorder) else {
        return Ok(None);
    };
    let StorePlace::Found { jumbf, .. } = &signed.layout().store else {
        return Ok(None);
    };
    let digest = recorder.recorded(Digest::of(jumbf));
    let kept = stores.put(&digest, jumbf);
    kept.map(Some).map_err(|error| not_kept(input, &error))
}

/// Keeps the store of a picture that an earlier run signed, as its entry stands in the ledger already.
pub(super) fn keep_after(
    shared: &Shared<'_>,
    input: &Path,
    signed: &Asset,
    report: &mut SignReport,
) -> Result<(), Error> {
    if shared.request.keep_manifests && shared.request.dry_run {
        report.notes.push(KEPT_NOTE.to_owned());
    }
    if let Some(mut kept) = keep(shared, input, signed)? {
        kept.settle();
        report.kept_manifest = Some(named(&kept));
    }
    Ok(())
}

/// Keeps the deep record of a picture that an earlier run signed, where its entry has none.
pub(super) fn deep_after(shared: &Shared<'_>, signed: &Asset, index: LeafIndex, report: &mut SignReport) {
    let recorder = shared.recorder.as_ref();
    let Some(recorder) = recorder.filter(|recorder| recorder.lacks_deep(index)) else {
        return;
    };
    let seen = pixels::look(signed, metadata::read(signed).orientation);
    let print = match seen.map(|picture| similar::deep::print(&picture.luma)) {
        Ok(Some(print)) => print,
        Ok(None) => return report.notes.push(no_deep(&find::deep::too_few())),
        Err(error) => return report.notes.push(no_deep(&error.to_string())),
    };
    let points = u32::try_from(print.points.len()).unwrap_or(u32::MAX);
    if shared.request.dry_run {
        report
            .notes
            .push(format!("its deep record would be added: {points} points"));
        return;
    }
    let file = signed.digest();
    match recorder.keep_deep(&[DeepRecord { index, file, print }]) {
        Ok(()) => report.deep_points = Some(points),
        Err(why) => report.notes.push(why),
    }
}

/// Why a picture gets no deep record, in a sentence.
pub(super) fn no_deep(why: &str) -> String {
    format!("no deep record was made: {why}")
}

/// Where it is kept, for the report.
pub(super) fn named(kept: &New) -> Untrusted {
    Untrusted::new(kept.path().to_string_lossy())
}

fn not_kept(input: &Path, error: &DurableError) -> Error {
    let what = format!(
        "cannot keep the manifest of `{}` beside the ledger",
        input.display()
    );
    Error::new(Kind::World, "sign.not-kept", what)
        .why(error.to_string())
        .fix("make room or mend the folder, then run the same command again; of this picture nothing was recorded or put in place")
}

/// Said by a dry run: what the folder beside the ledger will tell whoever may read it.
pub(super) const KEPT_NOTE: &str = "the signed manifest is kept beside the ledger as well, as the picture holds it: thumbnail, names and \
all that is stated, for whoever may read that folder";
