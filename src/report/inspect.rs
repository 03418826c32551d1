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
    /// What generators wrote about how they made the picture, the fullest first: unsigned, so claims and never proof.
    pub generators: Vec<GeneratorClaim>,
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

/// What one text of a generator says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GeneratorClaim {
    /// The form it is written in: `a1111`, `comfyui`, `novelai`, ...
    pub dialect: String,
    /// Where it stands, `tEXt parameters`.
    pub found_in: String,
    /// Other places where the same stands.
    pub also_in: Vec<String>,
    /// The tool, as named or as the form tells.
    pub tool: Option<Untrusted>,
    /// Its version.
    pub tool_version: Option<Untrusted>,
    /// The algorithm family; no text states it in a field of its own.
    pub family: Option<GeneratorFamily>,
    /// The digital source type that the text implies.
    pub source_type: Option<String>,
    /// The run that made the picture.
    pub settings: GeneratorSettings,
    /// Other runs that it went through, the latest first.
    pub earlier: Vec<GeneratorSettings>,
    /// Names of pictures it started from.
    pub init_images: Vec<Untrusted>,
    /// The service's number of the picture.
    pub job_id: Option<Untrusted>,
    /// China's label.
    pub label: Option<AigcLabel>,
    /// What a reader should know, each in a sentence.
    pub remarks: Vec<String>,
}

/// An algorithm family, and why it is thought to be that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GeneratorFamily {
    /// `diffusion`, `gan`, `vae`, `autoregressive` or `other`.
    pub family: String,
    /// `stated` by the word itself, from byline's `register` of models, or `inferred`.
    pub basis: String,
    /// The word it was taken from.
    pub word: Untrusted,
}

/// What one run of a model was given, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GeneratorSettings {
    /// Name of the model.
    pub model: Option<Untrusted>,
    /// Its hash.
    pub model_hash: Option<Untrusted>,
    /// What the form of the hash says it is.
    pub hash_kind: Option<String>,
    /// The autoencoder, where another than the model's own.
    pub vae: Option<Untrusted>,
    /// LoRAs.
    pub loras: Vec<GeneratorLora>,
    /// What was wanted.
    pub prompt: Option<Untrusted>,
    /// What was not wanted.
    pub negative_prompt: Option<Untrusted>,
    /// The seed, as text: seeds exceed what numbers of JSON hold.
    pub seed: Option<Untrusted>,
    /// The variation seed.
    pub subseed: Option<Untrusted>,
    /// Steps.
    pub steps: Option<Untrusted>,
    /// The sampler.
    pub sampler: Option<Untrusted>,
    /// The noise schedule.
    pub scheduler: Option<Untrusted>,
    /// Classifier-free guidance scale.
    pub cfg_scale: Option<Untrusted>,
    /// Distilled guidance.
    pub guidance: Option<Untrusted>,
    /// Denoising strength.
    pub denoise: Option<Untrusted>,
    /// Width asked for in pixels.
    pub width: Option<u32>,
    /// Height asked for in pixels.
    pub height: Option<u32>,
}

/// A LoRA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GeneratorLora {
    /// Its name.
    pub name: Untrusted,
    /// Its weight.
    pub weight: Option<Untrusted>,
    /// Its hash.
    pub hash: Option<Untrusted>,
}

/// The label of China's measures of 2025.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AigcLabel {
    /// What its number means.
    pub meaning: String,
    /// Who produced the content: a name or a code.
    pub producer: Option<Untrusted>,
    /// The producer's number of the content.
    pub produce_id: Option<Untrusted>,
    /// Who spread it.
    pub propagator: Option<Untrusted>,
    /// That one's number of the content.
    pub propagate_id: Option<Untrusted>,
}
