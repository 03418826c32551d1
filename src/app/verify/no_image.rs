//! A file that is no image, or a broken one.

use std::path::Path;

use super::super::fault;
use super::{Shared, four, ledger, made, open, word};
use crate::asset::AssetError;
use crate::base::Untrusted;
use crate::report::verify::{ManifestPlace, ManifestSource, ResultWord, VerifyReport};

/// The report on it: a verdict as any other, of which nothing could be asked.
pub(super) fn report(shared: &Shared<'_>, path: &Path, error: &AssetError) -> VerifyReport {
    let checks = four::unanswered("the file cannot be read as an image");
    let (sentence, remedy) = word::sentence(ResultWord::Unreadable, &checks, &[]);
    let remedy = fault::remedy(path, error).or(remedy);
    VerifyReport {
        schema: "verify-report.v1",
        file: Untrusted::new(path.to_string_lossy()),
        result: ResultWord::Unreadable,
        sentence: format!("{sentence}: {error}"),
        remedy: remedy.map(str::to_owned),
        open: open::without_credentials(ResultWord::Unreadable, &checks.unchanged, remedy),
        required: shared.request.require,
        met: false,
        thumbnail: None,
        made: made::made(None, ResultWord::Unreadable, &[], None),
        rights: Vec::new(),
        checks,
        ledger: match shared.asked {
            Some(_) => ledger::not_read(),
            None => ledger::not_asked(shared.request),
        },
        proof: None,
        receipt: None,
        manifest: ManifestSource {
            name: None,
            own_passed_over: false,
            place: ManifestPlace::Absent,
        },
        fetches: Vec::new(),
        revocation: None,
        signer: None,
        identities: Vec::new(),
        notes: Vec::new(),
        not_checked: Vec::new(),
        image: None,
        c2pa: None,
        at: shared.at.rfc3339(),
    }
}
