//! The signed manifest kept beside the ledger, before the entry that names it is recorded.

use std::path::Path;

use super::Shared;
use crate::app::{Error, Kind};
use crate::asset::{Asset, StorePlace};
use crate::base::{Digest, Untrusted};
use crate::report::sign::SignReport;
use crate::store::durable::DurableError;
use crate::store::kept::New;

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
