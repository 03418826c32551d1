//! What is kept beside the ledger: the signed manifest, before the entry that names it is recorded; a deep record that is missing.

use std::path::Path;

use super::Shared;
use crate::app::{Error, Kind};
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
    if let Some(mut kept) = keep(shared, input, signed)? {
        kept.settle();
        report.kept_manifest = Some(named(&kept));
    }
    Ok(())
}

/// Keeps the deep record of a picture that an earlier run signed, where its entry has none.
pub(super) fn deep_after(shared: &Shared<'_>, signed: &Asset, index: LeafIndex, report: &mut SignReport) {
    let recorder = shared.recorder.as_ref().filter(|_| !shared.request.dry_run);
    let Some(recorder) = recorder.filter(|recorder| recorder.lacks_deep(index)) else {
        return;
    };
    let seen = pixels::look(signed, metadata::read(signed).orientation);
    // Why nothing is seen of such a picture was said when it was signed.
    let Some(print) = seen.ok().and_then(|picture| similar::deep::print(&picture.luma)) else {
        return;
    };
    let points = u32::try_from(print.points.len()).unwrap_or(u32::MAX);
    let file = signed.digest();
    match recorder.keep_deep(&[DeepRecord { index, file, print }]) {
        Ok(()) => report.deep_points = Some(points),
        Err(why) => report.notes.push(why),
    }
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
