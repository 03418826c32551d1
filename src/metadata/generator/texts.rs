//! The texts of a file that a generator may have written, whole: the fields of [`Metadata`] are cut at a bound that graphs exceed.

use std::borrow::Cow;

use super::super::charset;
use super::super::tiff::{self, Place};
use super::super::{Metadata, Source, exif, harmless};
use super::FoundIn;
use crate::asset::Asset;
use crate::base::limits::{GENERATOR_BYTES_MAX, GENERATOR_TEXTS_MAX};

/// One text.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    /// Where it stands.
    pub(super) found_in: FoundIn,
    /// The characters.
    pub(super) text: Cow<'a, str>,
}

impl Text<'_> {
    /// Keyword or field.
    pub(super) fn name(&self) -> &str {
        &self.found_in.name
    }
}

/// Keywords of text chunks and comments that generators use.
const KEYWORDS: [&str; 22] = [
    "AIGC",
    "Author",
    "Comment",
    "Description",
    "Dream",
    "Software",
    "Source",
    "comment",
    "fooocus_scheme",
    "invokeai_metadata",
    "negative_prompt",
    "num_inference_steps",
    "parameters",
    "postprocessing",
    "prompt",
    "sampler_name",
    "sd-metadata",
    "seed",
    "use_stable_diffusion_model",
    "width",
    "workflow",
    "height",
];

/// Properties of XMP that generators use.
const PROPERTIES: [&str; 5] = [
    "TC260:AIGC",
    "dc:description",
    "exif:UserComment",
    "exif:UserComment[1]",
    "exif:UserComment[x-default]",
];

/// Tags of EXIF that generators use: where, number.
const TAGS: [(Place, u16); 6] = [
    (Place::Chain(0), 0x010E),
    (Place::Chain(0), 0x010F),
    (Place::Chain(0), 0x0110),
    (Place::Chain(0), 0x0131),
    (Place::Chain(0), 0x9286),
    (Place::Exif, 0x9286),
];

/// Every text worth trying, in the order text chunks, EXIF, XMP, within the bounds of one file.
pub(super) fn texts<'a>(asset: &'a Asset, metadata: &'a Metadata, faults: &mut Vec<String>) -> Vec<Text<'a>> {
    let chunks = asset
        .layout()
        .texts
        .iter()
        .filter(|chunk| KEYWORDS.contains(&chunk.keyword.raw()))
        .map(|chunk| Text {
            found_in: FoundIn {
                place: chunk.place,
                name: chunk.keyword.raw().to_owned(),
            },
            text: mended(chunk.text.raw(), chunk.place),
        });
    let of_exif = asset.exif_block().map(in_exif).unwrap_or_default();
    let of_xmp = metadata
        .fields
        .iter()
        .filter(|field| field.source == Source::Xmp && PROPERTIES.contains(&field.name.as_str()))
        .map(|field| Text {
            found_in: FoundIn {
                place: "XMP",
                name: field.name.clone(),
            },
            text: Cow::Borrowed(field.value.raw()),
        });
    let mut left = GENERATOR_BYTES_MAX;
    let mut texts = Vec::new();
    for text in chunks.chain(of_exif).chain(of_xmp) {
        let fits = left.checked_sub(text.text.len());
        let (Some(rest), true) = (fits, texts.len() < GENERATOR_TEXTS_MAX) else {
            faults.push("the file holds more generator text than is read".to_owned());
            break;
        };
        left = rest;
        texts.push(text);
    }
    texts
}

/// Latin-1 by the rule of PNG, but many programs write UTF-8 there: where the bytes are valid UTF-8 they are that.
fn mended<'a>(text: &'a str, place: &str) -> Cow<'a, str> {
    if text.is_ascii() || !matches!(place, "tEXt" | "zTXt") {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let mended = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    mended.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn in_exif(block: &[u8]) -> Vec<Text<'static>> {
    let Ok(walk) = tiff::walk(block) else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    for (place, entry) in &walk.entries {
        let known = TAGS.contains(&(*place, entry.tag)) && matches!(entry.kind, 2 | 7 | 129);
        let value = entry.value(block, walk.order).filter(|_| known);
        // Entries may all name the same bytes.
        let Some(value) =
            value.filter(|value| value.len() <= GENERATOR_BYTES_MAX && texts.len() < TAGS.len())
        else {
            continue;
        };
        let decoded = if entry.tag == 0x9286 {
            charset::user_comment(value, walk.order)
        } else {
            charset::utf8_or_latin1(value)
        };
        texts.push(Text {
            found_in: FoundIn {
                place: "EXIF",
                name: harmless(&exif::name(*place, entry.tag)),
            },
            text: Cow::Owned(decoded.text.trim_end_matches('\0').to_owned()),
        });
    }
    texts
}
