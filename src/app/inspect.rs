//! Inspect: everything a file says about itself, by source, judged not at all.

use std::path::Path;

use serde_json::{Value, json};

use super::{App, Error, fault, verify};
use crate::asset::Asset;
use crate::base::Untrusted;
use crate::base::digest::hex;
use crate::base::limits::FILE_BYTES_MAX;
use crate::manifest::{ManifestEvidence, ManifestFacts, ManifestReader, TrustAnchors};
use crate::metadata::{self, Metadata, Source};
use crate::report::inspect::{InspectAssertion, InspectC2pa, InspectReport, MetadataField, MetadataGroup};
use crate::store::files;

/// Reads a file and says what it says. Nobody is trusted here, so nothing is either.
pub fn inspect(app: &App, path: &Path) -> Result<InspectReport, Error> {
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
    let reader = ManifestReader::new(&TrustAnchors::default()).map_err(|error| fault::trust(&error))?;
    let evidence = reader.read(&asset, app.clock.now());
    let found = metadata::read(&asset);
    let mut unreadable: Vec<String> = found
        .notes
        .iter()
        .map(|note| format!("{}: {}", note.source.word(), note.text))
        .collect();
    if let ManifestEvidence::Unreadable { why } = &evidence {
        unreadable.push(format!("c2pa: {why}"));
    }
    let store_bytes = asset
        .store_ranges()
        .iter()
        .map(|range| u64::try_from(range.len()).unwrap_or(0))
        .sum();
    Ok(InspectReport {
        schema: "inspect-report.v1",
        file: Untrusted::new(path.to_string_lossy()),
        image: verify::image(&asset),
        c2pa: c2pa(&evidence, store_bytes),
        metadata: groups(&found),
        container: asset.layout().oddities.iter().map(verify::oddity).collect(),
        unreadable,
    })
}

fn c2pa(evidence: &ManifestEvidence, bytes: u64) -> Option<InspectC2pa> {
    let empty = InspectC2pa {
        bytes,
        remote_url: None,
        manifest: None,
        title: None,
        generator: None,
        signer: None,
        identities: Vec::new(),
        actions: Vec::new(),
        ingredients: Vec::new(),
        assertions: Vec::new(),
        codes: Vec::new(),
    };
    match evidence {
        ManifestEvidence::Absent => None,
        ManifestEvidence::Unreadable { .. } => Some(empty),
        ManifestEvidence::RemoteOnly { url } => Some(InspectC2pa {
            remote_url: Some(url.clone()),
            ..empty
        }),
        ManifestEvidence::Read(facts) => Some(InspectC2pa {
            manifest: Some(facts.active.label.clone()),
            title: facts.active.title.clone(),
            generator: verify::generator(facts),
            signer: verify::signer(facts),
            identities: verify::identities(facts),
            actions: verify::actions(facts),
            ingredients: verify::ingredients(facts),
            assertions: assertions(facts),
            codes: verify::codes(facts),
            ..empty
        }),
    }
}

/// Every assertion by its label, with its content where it is one that byline understands.
fn assertions(facts: &ManifestFacts) -> Vec<InspectAssertion> {
    let active = &facts.active;
    let mut disclosures = active.disclosures.iter();
    active
        .assertions
        .iter()
        .map(|label| {
            let base = label.raw().split("__").next().unwrap_or_default();
            let content = match base {
                "cawg.metadata" | "c2pa.metadata" => active.metadata.clone(),
                "cawg.training-mining" | "c2pa.training-mining" => Some(mining(facts)),
                "c2pa.soft-binding" => Some(soft_bindings(facts)),
                "c2pa.ai-disclosure" => disclosures.next().cloned(),
                _ => None,
            };
            InspectAssertion {
                label: label.clone(),
                content,
            }
        })
        .collect()
}

fn mining(facts: &ManifestFacts) -> Value {
    let entries = facts.active.mining.iter();
    Value::Object(
        entries
            .map(|(entry, used)| (entry.raw().to_owned(), json!(used.raw())))
            .collect(),
    )
}

fn soft_bindings(facts: &ManifestFacts) -> Value {
    let bindings = facts.active.soft_bindings.iter();
    bindings
        .map(|one| json!({"alg": one.alg.raw(), "values": one.values.iter().map(|value| hex(value)).collect::<Vec<_>>()}))
        .collect()
}

fn groups(found: &Metadata) -> Vec<MetadataGroup> {
    [
        (Source::Exif, "EXIF"),
        (Source::Xmp, "XMP"),
        (Source::Iptc, "IPTC"),
        (Source::Text, "text"),
    ]
    .into_iter()
    .map(|(source, name)| MetadataGroup {
        source: name.to_owned(),
        fields: found
            .fields
            .iter()
            .filter(|field| field.source == source)
            .map(|field| MetadataField {
                name: Untrusted::from(field.name.as_str()),
                value: field.value.clone(),
            })
            .collect(),
    })
    .filter(|group| !group.fields.is_empty())
    .collect()
}
