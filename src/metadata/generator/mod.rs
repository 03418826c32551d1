//! What image generators wrote into a file about how they made it: one record per text, each a claim and never proof.
//!
//! A text is tried by its place and by its shape, so that the JSON of a tool is known wherever it stands. What no reader knows is
//! no record; what looks like a generator's text and cannot be read is a fault. Every value is [`Untrusted`] and bounded; a
//! reader never panics and never walks a graph for longer than `base::limits` allow.
//!
//! Source: `metadata.md` 4 and 5.2, and what the tools' own code writes.

mod a1111;
mod comfyui;
#[cfg(test)]
mod corpus_tests;
mod family;
#[cfg(test)]
mod hostile_tests;
mod invokeai;
mod json;
mod label;
#[cfg(test)]
mod label_tests;
mod marks;
mod midjourney;
mod novelai;
#[cfg(test)]
mod samples;
mod settings;
mod shape;
mod stealth;
#[cfg(test)]
mod tests;
mod texts;
mod xmp_fields;

pub use label::{Label, LabelMeaning};

use super::Metadata;
use crate::asset::Asset;
use crate::asset::pixels::{self, Alpha};
use crate::base::limits::FIELD_BYTES_MAX;
use crate::base::statement::Family;
use crate::base::{SourceType, Untrusted};

/// Where in a file a text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIn {
    /// The kind of part: `tEXt`, `iTXt`, `zTXt`, `COM`, `EXIF`, `XMP`, `stealth alpha`.
    pub place: &'static str,
    /// The keyword or field: `parameters`, `Exif:UserComment`. Of texts and XMP a stranger's words, made harmless.
    pub name: String,
}

impl FoundIn {
    /// `tEXt parameters`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", self.place, self.name)
    }
}

/// A low-rank adaptation that was added to a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lora {
    /// Its hash, where the text has one.
    pub hash: Option<Untrusted>,
    /// Its name.
    pub name: Untrusted,
    /// Its weight, as written.
    pub weight: Option<Untrusted>,
}

/// What one run of a sampler was given. Everything is as written; absent is "not said".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Classifier-free guidance scale.
    pub cfg_scale: Option<Untrusted>,
    /// Denoising strength, 0 to 1.
    pub denoise: Option<Untrusted>,
    /// Distilled guidance (Flux).
    pub guidance: Option<Untrusted>,
    /// LoRAs, in the order written.
    pub loras: Vec<Lora>,
    /// Name of the model.
    pub model: Option<Untrusted>,
    /// Hash of the model.
    pub model_hash: Option<Untrusted>,
    /// What was not wanted.
    pub negative_prompt: Option<Untrusted>,
    /// What was wanted.
    pub prompt: Option<Untrusted>,
    /// The sampler.
    pub sampler: Option<Untrusted>,
    /// The noise schedule.
    pub scheduler: Option<Untrusted>,
    /// The seed; seeds exceed 2^53, so text.
    pub seed: Option<Untrusted>,
    /// Width and height asked for, pixels; the file's may differ.
    pub size: Option<(u32, u32)>,
    /// Steps.
    pub steps: Option<Untrusted>,
    /// The variation seed.
    pub subseed: Option<Untrusted>,
    /// The autoencoder, where another than the model's own.
    pub vae: Option<Untrusted>,
}

impl Settings {
    /// What the form of the model's hash says it is.
    #[must_use]
    pub fn hash_kind(&self) -> Option<&'static str> {
        let hash = self.model_hash.as_ref()?.raw();
        let hex = hash.chars().all(|c| c.is_ascii_hexdigit());
        Some(match hash.len() {
            64 if hex => "SHA-256",
            10 if hex => "first 10 hex digits of SHA-256",
            8 if hex => "8 hex digits of an older partial hash",
            _ => "of a kind that is not known here",
        })
    }

    /// How many of the things are said that make a picture again.
    fn weight(&self) -> usize {
        let said = [&self.prompt, &self.seed, &self.model, &self.steps, &self.sampler];
        said.into_iter().flatten().count()
    }
}

/// How a family was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyBasis {
    /// From a word that only one family has: a sampler's, a tool's.
    Inferred,
    /// The model is in byline's register.
    Register,
    /// The word names the family itself.
    Stated,
}

impl FamilyBasis {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Register => "register",
            Self::Stated => "stated",
        }
    }
}

/// The algorithm family that a word of the text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyClaim {
    /// How it was known.
    pub basis: FamilyBasis,
    /// The family.
    pub family: Family,
    /// The word it was taken from.
    pub word: Untrusted,
}

/// Which reader understood a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Prompt lines and `Key: value` pairs (A1111, Forge, SD.Next and what imitates them).
    A1111,
    /// China's `AIGC` label.
    Aigc,
    /// A graph of nodes.
    ComfyUi,
    /// JSON with `c` and `uc`.
    DrawThings,
    /// JSON or text chunks.
    EasyDiffusion,
    /// JSON with `base_model`.
    Fooocus,
    /// `Dream`, `sd-metadata` or `invokeai_metadata`.
    InvokeAi,
    /// A name without settings.
    Mark,
    /// A description that ends in a job id.
    Midjourney,
    /// Title, Description, Source and Comment.
    NovelAi,
    /// JSON with prompt and seed that no other reader knows.
    PlainJson,
    /// JSON with `sui_image_params`.
    SwarmUi,
    /// IPTC's AI fields and the credit lines of vendors.
    XmpFields,
}

impl Dialect {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::A1111 => "a1111",
            Self::Aigc => "aigc",
            Self::ComfyUi => "comfyui",
            Self::DrawThings => "draw-things",
            Self::EasyDiffusion => "easy-diffusion",
            Self::Fooocus => "fooocus",
            Self::InvokeAi => "invokeai",
            Self::Mark => "mark",
            Self::Midjourney => "midjourney",
            Self::NovelAi => "novelai",
            Self::PlainJson => "json",
            Self::SwarmUi => "swarmui",
            Self::XmpFields => "xmp-fields",
        }
    }
}

/// What one text of a generator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Other places where the same prompt, seed and model stand.
    pub also_in: Vec<FoundIn>,
    /// Which reader understood it.
    pub dialect: Dialect,
    /// Other runs of samplers that the picture went through, the latest first.
    pub earlier: Vec<Settings>,
    /// The algorithm family.
    pub family: Option<FamilyClaim>,
    /// Where it stands.
    pub found_in: FoundIn,
    /// Names of pictures it started from.
    pub init_images: Vec<Untrusted>,
    /// The service's number of the picture.
    pub job_id: Option<Untrusted>,
    /// The label of China's standard.
    pub label: Option<Label>,
    /// What a reader should know, in sentences of byline's own.
    pub remarks: Vec<&'static str>,
    /// What made the picture.
    pub settings: Settings,
    /// How the picture came to be, as far as the text implies it.
    pub source_type: Option<SourceType>,
    /// The tool.
    pub tool: Option<Untrusted>,
    /// Its version.
    pub tool_version: Option<Untrusted>,
}

impl Record {
    fn new(dialect: Dialect, found_in: &FoundIn, tool: &str, settings: Settings) -> Self {
        Self {
            also_in: Vec::new(),
            dialect,
            earlier: Vec::new(),
            family: family::claim(Some(tool), &settings),
            found_in: found_in.clone(),
            init_images: Vec::new(),
            job_id: None,
            label: None,
            remarks: Vec::new(),
            settings,
            source_type: Some(SourceType::TrainedAlgorithmicMedia),
            tool: (!tool.is_empty()).then(|| cap(tool)),
            tool_version: None,
        }
    }

    /// Marks that the picture was made out of another one.
    fn mark_as_edit(&mut self) {
        self.source_type = Some(SourceType::CompositeWithTrainedAlgorithmicMedia);
    }

    /// Whether the text holds somebody's prompt.
    #[must_use]
    pub fn has_prompt(&self) -> bool {
        let mut all = std::iter::once(&self.settings).chain(&self.earlier);
        all.any(|one| one.prompt.is_some() || one.negative_prompt.is_some())
    }
}

/// What generators wrote into one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// Texts that look like a generator's and cannot be read, each in a sentence of byline's own.
    pub faults: Vec<String>,
    /// Every text understood, the fullest first.
    pub records: Vec<Record>,
}

impl Generated {
    /// The fullest record that says how the picture came to be, and what it says.
    #[must_use]
    pub fn source_type(&self) -> Option<(SourceType, &Record)> {
        self.records
            .iter()
            .find_map(|record| Some((record.source_type?, record)))
    }

    /// Whether a label says that the picture may be a model's, without saying that it is.
    #[must_use]
    pub fn has_unsure_label(&self) -> bool {
        let mut labels = self.records.iter().filter_map(|record| record.label.as_ref());
        labels.any(|label| matches!(label.meaning, LabelMeaning::May | LabelMeaning::Suspected))
    }

    /// Whether a graph as it was drawn is in the file, and nothing tells that the picture came of it.
    #[must_use]
    pub fn has_attached_graph(&self) -> bool {
        let mut all = self.records.iter();
        all.any(|record| record.source_type.is_none() && record.remarks.contains(&comfyui::DRAWN))
    }
}

/// Reads what generators wrote. `metadata` is that of the same asset; `alpha` the alpha channel, where the caller decoded it.
#[must_use]
pub fn read(asset: &Asset, metadata: &Metadata, alpha: Option<&Alpha>) -> Generated {
    let mut found = Generated::default();
    let mut texts = texts::texts(asset, metadata, &mut found.faults);
    match alpha.map(stealth::text) {
        Some(Ok(Some(hidden))) => texts.push(hidden),
        Some(Err(fault)) => found.faults.push(fault.to_string()),
        Some(Ok(None)) | None => {}
    }
    let mut records = shape::records(&texts, &mut found.faults);
    for record in &mut records {
        comfyui::weigh_drawing(record, asset.layout().size);
    }
    records.extend(xmp_fields::record(metadata));
    if records.iter().all(|record| record.tool.is_none()) {
        records.extend(marks::record(metadata));
    }
    records.sort_by_key(|record| std::cmp::Reverse(record.settings.weight()));
    for record in records {
        let twin = found
            .records
            .iter_mut()
            .find(|known| known.says_the_same(&record));
        match twin {
            Some(known) => known.also_in.push(record.found_in),
            None => found.records.push(record),
        }
    }
    found
}

/// As [`read`], with what is hidden in the alpha channel; a picture that cannot be decoded hides nothing that can be read.
#[must_use]
pub fn read_with_pixels(asset: &Asset, metadata: &Metadata) -> Generated {
    read(asset, metadata, announcing(asset).as_ref())
}

/// What stands in the open; where nothing does but a name, as [`read_with_pixels`]: a hidden text weighs least of all.
#[must_use]
pub fn read_or_seek(asset: &Asset, metadata: &Metadata) -> Generated {
    let open = read(asset, metadata, None);
    let says_little = open.records.iter().all(|record| record.dialect == Dialect::Mark);
    let hidden = says_little.then(|| announcing(asset)).flatten();
    hidden.map_or(open, |alpha| read(asset, metadata, Some(&alpha)))
}

/// The alpha channel where it announces a text; where its first rows can be had alone, no more is decoded to know that it does not.
fn announcing(asset: &Asset) -> Option<Alpha> {
    let top = pixels::alpha_top(asset, stealth::MARK_ROWS);
    if top.is_some_and(|top| !stealth::is_announced(&top)) {
        return None;
    }
    let alpha = pixels::alpha(asset).ok().flatten();
    alpha.filter(stealth::is_announced)
}

impl Record {
    /// Whether another record adds nothing to this one: all that it says of prompt, seed and model stands here too.
    fn says_the_same(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.settings, &other.settings);
        let covers = |a: &Option<Untrusted>, b: &Option<Untrusted>| b.is_none() || a == b;
        other.label == self.label
            && other.tool == self.tool
            && theirs.seed.is_some()
            && ours.seed == theirs.seed
            && covers(&ours.prompt, &theirs.prompt)
            && covers(&ours.negative_prompt, &theirs.negative_prompt)
            && covers(&ours.model, &theirs.model)
    }
}

/// Text as found, cut at the bound of a field.
fn cap(text: &str) -> Untrusted {
    let end = text.floor_char_boundary(FIELD_BYTES_MAX);
    Untrusted::new(text.get(..end).unwrap_or_default())
}

/// A text without its outer spaces; an empty one is none.
fn said(text: &str) -> Option<Untrusted> {
    let text = text.trim();
    (!text.is_empty()).then(|| cap(text))
}
