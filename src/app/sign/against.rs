//! How the file itself says that the picture was made, and where that is not what the signer says (`metadata.md` 7.3).
//!
//! Nothing is refused for it: the signer may know better. Both words stay, and receivers are shown both, so the signer is told first; only
//! `--replace-metadata` takes a field's word away.

use super::Shared;
use super::words::Stated;
use crate::app::verify;
use crate::app::verify::made::contradict;
use crate::asset::{Asset, StorePlace};
use crate::base::{Authorship, SourceType, Timestamp};
use crate::metadata::Metadata;
use crate::metadata::generator::Generated;
use crate::report::sign::ContradictionLine;
use crate::report::verify::ResultWord;

/// What the signed manifest of a picture says of its making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    /// The source type, as a receiver is told.
    pub(super) term: SourceType,
    /// Whether picture and manifest are what was signed: else it is no evidence.
    pub(super) holds: bool,
}

/// Reads what the manifest in a picture says of its making; nothing where there is none.
pub(super) fn signed(shared: &Shared<'_>, asset: &Asset, now: Timestamp) -> Option<Signed> {
    if !matches!(asset.layout().store, StorePlace::Found { .. }) {
        return None;
    }
    let evidence = shared.reader.read(asset, now);
    let (word, _, facts) = verify::weighed(&evidence);
    Some(Signed {
        term: verify::origin::signed_type(facts?)?,
        holds: !matches!(
            word,
            ResultWord::Changed | ResultWord::Revoked | ResultWord::Unreadable
        ),
    })
}

/// Every place in the file that contradicts what is stated: signed before unsigned, declared before implied.
pub(super) fn contradictions(
    shared: &Shared<'_>,
    stated: &Stated,
    signed: Option<Signed>,
    (found, generated): (&Metadata, &Generated),
) -> Vec<ContradictionLine> {
    let own = stated.statement.source;
    let signed = signed.map(|signed| {
        let rest = if signed.holds {
            "it stays in the new one, as what the picture was made from"
        } else {
            "it stays in the new one, and it does not hold: the picture is not what was signed"
        };
        (signed.term, MANIFEST.to_owned(), rest)
    });
    let declared = found.source_type().map(|(term, field)| {
        let rest = if shared.request.replace_metadata {
            REPLACED
        } else {
            "it stays in the file"
        };
        (term, field, rest)
    });
    // What XMP declares is a generator's record as well, and is said once.
    let implied = generated.source_type();
    let implied = implied.filter(|(_, record)| !record.found_in.words().contains(DECLARED));
    let implied = implied.map(|(term, record)| {
        let place = format!("{}, text of a generator,", record.found_in.words());
        (term, place, "it stays in the file")
    });
    let said = [signed, declared, implied].into_iter().flatten();
    said.filter(|(term, _, _)| is_against(own, *term))
        .map(|(term, place, rest)| ContradictionLine {
            sentence: format!(
                "{place} says {}, {} {}; {rest}{}",
                term.term(),
                if stated.basis == SIGNER {
                    "you say"
                } else {
                    "what is signed says"
                },
                own.term(),
                if rest == REPLACED {
                    ""
                } else {
                    ", and receivers are shown the contradiction"
                }
            ),
            place: place.trim_end_matches(',').to_owned(),
            says: term.uri(),
            stays: rest != REPLACED,
        })
        .collect()
}

/// Whether the signer's term cannot stand beside the file's. That a model had a part in the new picture says nothing against what it
/// was made from.
fn is_against(own: SourceType, other: SourceType) -> bool {
    let brought_in = own.authorship() == Authorship::AiMixed && !other.is_ai();
    !brought_in && contradict(own, other)
}

/// Said of the manifest in the input, where it stands as a place.
pub(super) use crate::manifest::CAME_WITH as MANIFEST;
/// What becomes of a field that gives way.
const REPLACED: &str = "your word replaces it (--replace-metadata), and receivers see nothing of it";
/// The field of XMP that declares how a picture was made.
const DECLARED: &str = "DigitalSourceType";
/// The basis of what the signer states.
pub(super) const SIGNER: &str = "signer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_and_a_person_contradict_each_other_both_ways_and_edits_do_not() {
        use SourceType::{
            CompositeWithTrainedAlgorithmicMedia as AiEdited, DigitalCapture as Camera,
            DigitalCreation as Human, HumanEdits, TrainedAlgorithmicMedia as Ai,
        };
        for (own, other) in [
            (Human, Ai),
            (Ai, Human),
            (Camera, Ai),
            (Ai, Camera),
            (Human, AiEdited),
        ] {
            assert!(is_against(own, other), "{own:?} {other:?}");
        }
        for (own, other) in [
            (AiEdited, Camera),
            (AiEdited, Ai),
            (HumanEdits, Ai),
            (Human, Human),
        ] {
            assert!(!is_against(own, other), "{own:?} {other:?}");
        }
    }
}
