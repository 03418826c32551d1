//! What XMP and IPTC say in fields of their own: IPTC's AI properties (2025.1), the digital source type, and the credit lines that
//! Google's and Meta's services write beside it.

use super::super::{Metadata, Source};
use super::{Dialect, FoundIn, Record, Settings};
use crate::base::{SourceType, Untrusted};

/// Credit lines and the vendor that writes them.
const CREDITS: [(&str, &str); 5] = [
    ("Edited with Google AI", "Google AI"),
    ("Imagined with AI", "Meta AI"),
    ("Made with Google AI", "Google AI"),
    ("Made with Meta AI", "Meta AI"),
    ("Meta AI", "Meta AI"),
];

/// The record of the fields; `None` where none of them speaks of a model.
pub(super) fn record(metadata: &Metadata) -> Option<Record> {
    let get = |name: &str| {
        metadata
            .first(name)
            .filter(|value| !value.raw().trim().is_empty())
    };
    let term = metadata.source_type().filter(|(term, _)| term.is_ai());
    let credit = ["photoshop:Credit", "IPTC:Credit"].into_iter().find_map(|name| {
        let value = get(name)?.raw().trim();
        let row = CREDITS.iter().find(|row| row.0 == value)?;
        Some((name, row.1))
    });
    let system = get("Iptc4xmpExt:AISystemUsed");
    let prompt = get("Iptc4xmpExt:AIPromptInformation");
    let name = match (system, prompt, credit, &term) {
        (Some(_), ..) => "Iptc4xmpExt:AISystemUsed",
        (_, Some(_), ..) => "Iptc4xmpExt:AIPromptInformation",
        (_, _, Some((name, _)), _) => name,
        (_, _, _, Some(_)) => "Iptc4xmpExt:DigitalSourceType",
        (None, None, None, None) => return None,
    };
    let of_iptc = metadata
        .fields
        .iter()
        .any(|field| field.name == name && field.source == Source::Iptc);
    let found_in = FoundIn {
        place: if of_iptc { "IPTC" } else { "XMP" },
        name: name.to_owned(),
    };
    let settings = Settings {
        prompt: prompt.cloned(),
        ..Settings::default()
    };
    let tool = system
        .map(Untrusted::raw)
        .or(credit.map(|credit| credit.1))
        .unwrap_or_default();
    let mut record = Record::new(Dialect::XmpFields, &found_in, tool, settings);
    record.tool_version = get("Iptc4xmpExt:AISystemVersionUsed").cloned();
    let edited =
        credit.is_some_and(|(name, _)| get(name).is_some_and(|text| text.raw().starts_with("Edited")));
    record.source_type = match (term, edited) {
        (Some((term, _)), _) => Some(term),
        (None, true) => Some(SourceType::CompositeWithTrainedAlgorithmicMedia),
        // A system that is named may have made any part of the picture.
        (None, false) => credit.map(|_| SourceType::TrainedAlgorithmicMedia),
    };
    Some(record)
}
