//! Inspect: everything a file says about itself, by source, judged not at all.

use std::path::Path;

use serde_json::Value;

use super::{App, Error, fault, generated, verify};
use crate::asset::{Asset, StorePlace};
use crate::base::Untrusted;
use crate::base::limits::FILE_BYTES_MAX;
use crate::manifest::full::{self, FullManifest};
use crate::manifest::{Code, ManifestEvidence, ManifestReader, TrustAnchors};
use crate::metadata::{self, Metadata, Source, generator};
use crate::report::inspect::{
    InspectAssertion, InspectC2pa, InspectManifest, InspectReport, MetadataField, MetadataGroup,
};
use crate::report::verify::{ActionLine, IdentityLine};
use crate::store::files::FileError;
use crate::store::pipe;

/// Reads a file and says what it says. Nobody is trusted here, so nothing is either.
///
/// The manifest store is the one given, or else the one in the file.
pub fn inspect(app: &App, path: &Path, given: Option<&Path>) -> Result<InspectReport, Error> {
    let bytes = pipe::read_picture(path, FILE_BYTES_MAX).map_err(|error| {
        match (fault::read(path, &error), error) {
            (told, FileError::NotRegular { .. }) => {
                told.fix("inspect takes one picture at a time; verify takes folders")
            }
            (told, _) => told,
        }
    })?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
    let reader = ManifestReader::new(&TrustAnchors::default()).map_err(|error| fault::trust(&error))?;
    let given = given.map(verify::read_manifest).transpose()?;
    let now = app.clock.now();
    let (evidence, store) = match (&given, &asset.layout().store) {
        (Some(store), _) => (reader.read_beside(&asset, store, now), Some(store)),
        (None, StorePlace::Found { jumbf, .. }) => (reader.read(&asset, now), Some(jumbf)),
        (None, StorePlace::Absent | StorePlace::Damaged { .. }) => (reader.read(&asset, now), None),
    };
    let found = metadata::read(&asset);
    let mut unreadable: Vec<String> = found
        .notes
        .iter()
        .map(|note| format!("{}: {}", note.source.word(), note.text))
        .collect();
    let from_generators = generator::read_with_pixels(&asset, &found);
    unreadable.extend(
        from_generators
            .faults
            .iter()
            .map(|fault| format!("generator text: {fault}")),
    );
    if let ManifestEvidence::Unreadable { why } = &evidence {
        unreadable.push(format!("c2pa: {why}"));
    }
    let in_file = asset.store_ranges().iter().map(ExactSizeIterator::len).sum();
    let store_bytes = given.as_ref().map_or(in_file, Vec::len);
    let store_bytes = u64::try_from(store_bytes).unwrap_or(u64::MAX);
    Ok(InspectReport {
        schema: "inspect-report.v1",
        file: Untrusted::new(path.to_string_lossy()),
        image: verify::image(&asset),
        c2pa: c2pa(&evidence, store_bytes, manifests(store)),
        metadata: groups(&found),
        generators: from_generators
            .records
            .into_iter()
            .map(generated::claim)
            .collect(),
        container: asset.layout().oddities.iter().map(verify::oddity).collect(),
        unreadable,
    })
}

fn c2pa(evidence: &ManifestEvidence, bytes: u64, manifests: Vec<InspectManifest>) -> Option<InspectC2pa> {
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
        manifests,
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
            identities: unjudged(verify::identities(facts)),
            actions: verify::actions(&facts.active.actions),
            ingredients: verify::ingredients(facts),
            // Whom anybody trusts is not asked here, so the library's answer to that is none.
            codes: verify::codes(facts)
                .into_iter()
                .filter(|line| !Code::parse(line.code.raw()).is_only_trust())
                .collect(),
            ..empty
        }),
    }
}

/// Identities, without whom the user knows: nobody was asked.
fn unjudged(mut identities: Vec<IdentityLine>) -> Vec<IdentityLine> {
    for one in &mut identities {
        if one.check.id == "cawg.identity.well-formed" {
            "well signed; whether you know who that is, verify says".clone_into(&mut one.check.note);
        }
    }
    identities
}

/// Every manifest of the store, with all it says.
fn manifests(store: Option<&Vec<u8>>) -> Vec<InspectManifest> {
    let found = store.and_then(|store| full::full(store).ok());
    found.into_iter().flatten().map(manifest).collect()
}

fn manifest(found: FullManifest) -> InspectManifest {
    let (signer, organization) = found.signer;
    let actions = found
        .parts
        .iter()
        .filter(|part| part.label.raw().starts_with("c2pa.actions"))
        .filter_map(|part| part.content.as_ref()?["actions"].as_array())
        .flatten()
        .map(action)
        .collect();
    InspectManifest {
        label: found.label,
        active: found.active,
        compressed: found.compressed,
        signer,
        organization,
        generator: found.claim.as_ref().and_then(full::generator),
        actions,
        claim: found.claim,
        assertions: found
            .parts
            .into_iter()
            .map(|part| InspectAssertion {
                label: part.label,
                bytes: u64::try_from(part.bytes).unwrap_or(u64::MAX),
                media_type: part.media_type,
                content: part.content,
            })
            .collect(),
    }
}

fn action(value: &Value) -> ActionLine {
    let text = |value: &Value| value.as_str().map(Untrusted::from);
    let agent = &value["softwareAgent"];
    ActionLine {
        action: text(&value["action"]).unwrap_or_default(),
        source_type: text(&value["digitalSourceType"]),
        software: text(agent).or_else(|| text(&agent["name"])),
    }
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
