//! The signals of the C2PA asset rubrics: what the active manifest says of the making, by the names that conformance tools use.
//!
//! Source: c2pa-org/conformance-public, `asset-rubrics/asset-rubric-signals-local.yml`, 2026-08-06. Two readings of ours: actions
//! of version 1 count as those of version 2, and what a generator was fed (`inputTo`) is no media of unknown provenance.

use crate::base::{SourceType, Timestamp};
use crate::manifest::facts::NON_EDITORIAL;
use crate::manifest::{ActionFacts, ManifestFacts, SigningTime};
use crate::metadata::Metadata;

/// The signals of a manifest, inception first, each once.
pub(super) fn signals(facts: &ManifestFacts) -> Vec<String> {
    if facts.active.unread {
        return Vec::new();
    }
    let actions = &facts.active.actions;
    let mut found: Vec<&str> = actions
        .iter()
        .filter(|one| is_inception(one))
        .filter_map(|one| inception(term(one)?))
        .collect();
    let unknown = |part: &&crate::manifest::IngredientFacts| {
        part.depth == 0 && part.manifest.is_none() && part.relationship != "inputTo"
    };
    if facts.ingredients.iter().any(|part| unknown(&part)) {
        found.push("mediaUnknownProvenance");
    }
    let named =
        |one: &ActionFacts| one.action.raw().starts_with("c2pa.") && one.action.raw() != "c2pa.unknown";
    if actions.is_empty() || facts.active.all_actions != Some(true) || !actions.iter().all(named) {
        found.push("ambiguousActions");
    }
    if actions.iter().any(is_non_editorial) {
        found.push("nonEditorial");
    }
    let perceptible = actions
        .iter()
        .filter(|one| !is_inception(one) && !is_non_editorial(one));
    for one in perceptible {
        found.extend(one.source_type.as_ref().map(|_| match term(one) {
            Some(term) if term.is_ai() => "perceptibleGenAI",
            Some(SourceType::DigitalArt | SourceType::Composite) => "perceptiblePossiblyGenAI",
            _ => "perceptibleNonGenAI",
        }));
    }
    let mut once: Vec<String> = Vec::new();
    for signal in found {
        if once.iter().all(|known| known != signal) {
            once.push(signal.to_owned());
        }
    }
    once
}

/// What a source type says of how a picture began; nothing for those that the rubric has no signal for.
const fn inception(term: SourceType) -> Option<&'static str> {
    Some(match term {
        SourceType::Empty => "blankCanvas",
        SourceType::DigitalCapture | SourceType::ComputationalCapture => "capturedMedia",
        SourceType::CompositeCapture => "capturedMediaStitched",
        SourceType::Composite => "compositionMayContainGenAI",
        SourceType::TrainedAlgorithmicMedia => "fullyGenAIMedia",
        SourceType::DigitalCreation => "nonGenAIDigitalCreation",
        SourceType::CompositeWithTrainedAlgorithmicMedia => "partlyGenAICreation",
        SourceType::ScreenCapture => "screenCaptureMayContainGenAI",
        _ => return None,
    })
}

fn term(action: &ActionFacts) -> Option<SourceType> {
    SourceType::parse(action.source_type.as_ref()?.raw())
}

fn is_inception(action: &ActionFacts) -> bool {
    matches!(action.action.raw(), "c2pa.created" | "c2pa.opened")
}

fn is_non_editorial(action: &ActionFacts) -> bool {
    NON_EDITORIAL.contains(&action.action.raw())
}

/// What the file says of the day it was made, where that is after a timestamp says that it was signed: one of them is wrong.
pub(super) fn made_after_signing(facts: &ManifestFacts, metadata: &Metadata) -> Option<String> {
    let signed = match &facts.time {
        SigningTime::Trusted { at, .. } | SigningTime::Unlisted { at: Some(at), .. } => *at,
        _ => return None,
    };
    DATES.iter().find_map(|name| {
        let made = date(metadata.first(name)?.raw())?;
        // Many such dates name no time zone: up to 14 hours say nothing.
        let late = made.unix_s().saturating_sub(signed.unix_s()) > ZONE_S;
        late.then(|| {
            format!(
                "{name} in the file says {}, its timestamp says that it was signed at {}",
                made.rfc3339(),
                signed.rfc3339()
            )
        })
    })
}

/// A date of EXIF, `2026:05:01 12:00:00`, or of XMP; without a zone it is read as UTC.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (day, rest) = text.split_at_checked(10)?;
    let time = rest.trim_start_matches(['T', ' ']);
    let time = time.get(..8).filter(|time| time.len() == 8).unwrap_or("00:00:00");
    Timestamp::parse_rfc3339(&format!("{}T{time}Z", day.replace(':', "-")))
}

/// Where files say when they were made.
const DATES: [&str; 4] = [
    "Exif:DateTimeOriginal",
    "exif:DateTimeOriginal",
    "photoshop:DateCreated",
    "xmp:CreateDate",
];
const ZONE_S: i64 = 14 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_the_forms_that_files_have() {
        let read = |text: &str| date(text).map(Timestamp::rfc3339);
        assert_eq!(
            read("2026:05:01 12:30:00").as_deref(),
            Some("2026-05-01T12:30:00Z")
        );
        assert_eq!(
            read("2026-05-01T12:30:00+02:00").as_deref(),
            Some("2026-05-01T12:30:00Z")
        );
        assert_eq!(read("2026-05-01").as_deref(), Some("2026-05-01T00:00:00Z"));
        for wrong in [
            "",
            "0000:00:00 00:00:00",
            "2026",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            "2026:13:01 00:00:00",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_inception_signal_of_the_rubric_has_its_source_types() {
        let mut signals: Vec<_> = SourceType::ALL
            .iter()
            .filter_map(|term| inception(*term))
            .collect();
        signals.sort_unstable();
        signals.dedup();
        // The ninth, mediaUnknownProvenance, comes from ingredients.
        assert_eq!(signals.len(), 8);
        assert_eq!(inception(SourceType::HumanEdits), None);
    }
}
