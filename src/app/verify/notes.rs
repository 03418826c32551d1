//! Facts worth knowing that decide nothing, and what was not checked.

use std::path::Path;

use super::{describe, revoked};
use crate::asset::Asset;
use crate::base::Timestamp;
use crate::manifest::{Code, HardBinding, ManifestEvidence, ManifestFacts, Revocation, SigningTime};
use crate::report::verify::{ManifestPlace, ManifestSource, OpenAbout, OpenPoint};
use crate::store::files;

/// Said of a parent that nothing is wrong with but its time.
const EXPIRED_PARENT: &str = "the certificate of a picture this one was made from had expired when that was taken in, and the signer \
did not confirm when it was used (signingCredential.expired)";
/// Said of a parent that nothing is wrong with but its certificate.
const UNFIT_PARENT: &str = "to the signer, the certificate of a picture this one was made from broke a rule of the C2PA certificate \
profile (signingCredential.invalid)";

/// What lies in or beside the file and was not judged.
pub(super) fn passed_over(path: &Path, source: &ManifestSource) -> Option<String> {
    let beside = path.with_extension("c2pa");
    if source.own_passed_over {
        Some("the file holds a manifest of its own, which was not judged: the one given was".to_owned())
    } else if source.place != ManifestPlace::Given && beside != path && files::is_regular(&beside) {
        Some("a manifest file of the same name lies beside the picture and was not judged: --manifest gives it".to_owned())
    } else {
        None
    }
}

/// That a picture was signed later than the time it is judged for.
fn from_the_future(facts: &ManifestFacts, at: Timestamp) -> Option<String> {
    match facts.time {
        // Clocks differ by seconds; nobody's differ by a day unseen.
        SigningTime::Trusted { at: signed, .. } if signed.unix_s() > at.unix_s().saturating_add(DAY_S) => {
            Some(format!(
                "it was signed at {}, later than the time this is judged for, {}: a clock is wrong, or nobody could have known it then",
                signed.rfc3339(),
                at.rfc3339()
            ))
        }
        _ => None,
    }
}

/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// Facts worth knowing that decide nothing.
pub(super) fn of(
    evidence: &ManifestEvidence,
    asset: &Asset,
    facts: Option<&ManifestFacts>,
    at: Timestamp,
) -> Vec<String> {
    let broken = |code: &str| {
        format!("a picture this one was made from was already broken when it was taken in ({code})")
    };
    let mut notes = Vec::new();
    if let ManifestEvidence::Unreadable { why } = evidence {
        notes.push(why.clone());
    }
    for oddity in &asset.layout().oddities {
        notes.push(describe::oddity(oddity));
    }
    let Some(facts) = facts else { return notes };
    for fault in facts.ingredient_faults.iter().filter(|fault| fault.recorded) {
        notes.push(match &fault.code {
            Code::SigningCredentialExpired => EXPIRED_PARENT.to_owned(),
            Code::SigningCredentialInvalid => UNFIT_PARENT.to_owned(),
            // A stranger's words.
            Code::Other(_) => broken("another code"),
            known => broken(known.raw()),
        });
    }
    if facts.active.unread {
        notes.push("what the manifest states cannot be read: how the picture was made, rights and identities in it are not known".to_owned());
    }
    if matches!(facts.time, SigningTime::Broken { .. }) {
        notes.push("the timestamp does not hold".to_owned());
    }
    notes.extend(from_the_future(facts, at));
    notes.sort();
    notes.dedup();
    notes
}

/// What was not checked, beside what is told among the open points.
pub(super) fn not_checked(facts: Option<&ManifestFacts>, open: &[OpenPoint], online: bool) -> Vec<String> {
    let mut list = Vec::new();
    let Some(facts) = facts else { return list };
    let is_told = open.iter().any(|point| point.about == OpenAbout::Revocation);
    if !is_told && matches!(facts.revocation, Revocation::NotChecked { .. }) {
        let why = revoked::check(facts, online).note;
        list.push(format!("whether the certificate was revoked: {why}"));
    }
    if let HardBinding::Bmff { padding, places, .. } = facts.coverage.binding {
        list.push("the file type box (ftyp): C2PA leaves it out of its hash".to_owned());
        if padding > 0 {
            list.push(format!(
                "{padding} bytes in boxes that hold no picture (free, skip, mfra): C2PA leaves them out of its hash"
            ));
        }
        if places {
            list.push(
                "the tables of where the picture's data lies (iloc, stco): this hash leaves them out, as C2PA once did"
                    .to_owned(),
            );
        }
    }
    if matches!(facts.time, SigningTime::Unlisted { .. }) {
        list.push("whether the timestamp's authority can be trusted".to_owned());
    }
    list
}
