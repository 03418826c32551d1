//! Everything a file says about itself, by source, judged not at all.

use schemars::JsonSchema;
use serde::Serialize;

use super::verify::{ActionLine, CodeLine, IdentityLine, ImageFacts, IngredientLine, Signer};
use crate::base::Untrusted;

/// What one file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectReport {
    /// Always `inspect-report.v1`.
    pub schema: &'static str,
    /// The file as named by the caller.
    pub file: Untrusted,
    /// The file itself.
    pub image: ImageFacts,
    /// The C2PA manifest store; absent when the file holds none.
    pub c2pa: Option<InspectC2pa>,
    /// Metadata fields, by source: EXIF, XMP, IPTC, text chunks.
    pub metadata: Vec<MetadataGroup>,
    /// Facts about the container, such as trailing bytes, each in a sentence.
    pub container: Vec<String>,
    /// What could not be read, each in a sentence.
    pub unreadable: Vec<String>,
}

/// What the manifest store says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectC2pa {
    /// Size of the store in bytes.
    pub bytes: u64,
    /// The URL where the credentials are said to be, when they are not in the file.
    pub remote_url: Option<Untrusted>,
    /// Label of the active manifest.
    pub manifest: Option<Untrusted>,
    /// Title of the asset.
    pub title: Option<Untrusted>,
    /// The claim generator.
    pub generator: Option<Untrusted>,
    /// Who signed, as the certificate says.
    pub signer: Option<Signer>,
    /// Identities asserted (CAWG).
    pub identities: Vec<IdentityLine>,
    /// Actions, in order.
    pub actions: Vec<ActionLine>,
    /// Ingredients, in order, with depth.
    pub ingredients: Vec<IngredientLine>,
    /// Every manifest of the store: the active one, then those of the pictures it was made from, newest first.
    pub manifests: Vec<InspectManifest>,
    /// Status codes of the validation, unjudged.
    pub codes: Vec<CodeLine>,
}

/// One manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectManifest {
    /// Its label.
    pub label: Untrusted,
    /// Whether it speaks of this file.
    pub active: bool,
    /// Whether it is compressed, so that byline reads no more of it.
    pub compressed: bool,
    /// Common name of the certificate it carries; whether it was signed with that is not judged here.
    pub signer: Option<Untrusted>,
    /// Organisation of that certificate.
    pub organization: Option<Untrusted>,
    /// Name and version of the program that made the claim.
    pub generator: Option<Untrusted>,
    /// Actions, in order.
    pub actions: Vec<ActionLine>,
    /// The claim. Bytes are `{"bytes": n, "hex": ...}`, long ones with `sha256`, in it and in assertions.
    pub claim: Option<serde_json::Value>,
    /// Assertions, data boxes and credentials, in file order.
    pub assertions: Vec<InspectAssertion>,
}

/// One assertion, data box or credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectAssertion {
    /// The label.
    pub label: Untrusted,
    /// Size of its contents in bytes.
    pub bytes: u64,
    /// Media type of the file in it, such as a thumbnail.
    pub media_type: Option<Untrusted>,
    /// What it says; absent for files and for what cannot be read.
    pub content: Option<serde_json::Value>,
}

/// The fields of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MetadataGroup {
    /// `EXIF`, `XMP`, `IPTC` or `text`.
    pub source: String,
    /// The fields in the order found.
    pub fields: Vec<MetadataField>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MetadataField {
    /// The field's name.
    pub name: Untrusted,
    /// What it says.
    pub value: Untrusted,
}
