//! Rights statements, each with its source; what they are worth is not judged.

use serde_json::Value;

use crate::base::Untrusted;
use crate::manifest::ManifestFacts;
use crate::metadata::Metadata;
use crate::report::verify::RightsLine;

/// Properties of XMP and of `cawg.metadata` that speak of rights.
const FIELDS: [&str; 11] = [
    "dc:creator",
    "dc:rights",
    "photoshop:Credit",
    "plus:CopyrightOwner",
    "plus:DataMining",
    "plus:Licensor",
    "xmpRights:Marked",
    "xmpRights:Owner",
    "xmpRights:UsageTerms",
    "xmpRights:WebStatement",
    "Exif:Copyright",
];

/// Rights lines: from the signed manifest (if its bytes hold), then from the file's metadata where that says more.
pub(super) fn rights(facts: Option<&ManifestFacts>, metadata: Option<&Metadata>) -> Vec<RightsLine> {
    let mut lines = Vec::new();
    if let Some(facts) = facts {
        from_manifest(facts, &mut lines);
    }
    for field in metadata.iter().flat_map(|metadata| &metadata.fields) {
        let plain = field.name.split('[').next().unwrap_or_default();
        let speaks = FIELDS
            .iter()
            .any(|known| plain == *known || plain.starts_with(&format!("{known}/")));
        let said = lines.iter().any(|line: &RightsLine| line.value == field.value);
        if speaks && !said {
            lines.push(RightsLine {
                field: plain.to_owned(),
                value: field.value.clone(),
                source: field.source.word().to_owned(),
            });
        }
    }
    lines
}

fn from_manifest(facts: &ManifestFacts, lines: &mut Vec<RightsLine>) {
    let signed = |field: &str, value: String| RightsLine {
        field: field.to_owned(),
        value: Untrusted::new(value),
        source: "signed".to_owned(),
    };
    if let Some(Value::Object(map)) = &facts.active.metadata {
        for name in FIELDS {
            if let Some(value) = map.get(name) {
                lines.push(signed(name, flat(value)));
            }
        }
    }
    for (entry, used) in &facts.active.mining {
        lines.push(RightsLine {
            field: "training-mining".to_owned(),
            value: Untrusted::new(format!("{}: {}", entry.raw(), used.raw())),
            source: "signed".to_owned(),
        });
    }
}

/// The strings of a JSON-LD value, joined; structure that is no string is shown as JSON.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shallow).collect::<Vec<_>>().join("; "),
        Value::Object(map) => map.values().map(shallow).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn shallow(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
