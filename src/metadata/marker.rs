//! Signs of AI that files carry without a signature: each says who declares it and where, and proves nothing.
//!
//! Recognisers: `metadata.md` 4 (what generators write), 3.1 (IPTC), 5.2 (China's AIGC label).

use super::{Field, Metadata, Source};
use crate::base::SourceType;

/// One sign, declared and unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What is declared, in byline's own words: `trainedAlgorithmicMedia`, `ComfyUI`, `AI system named`.
    pub what: &'static str,
    /// The field that declares it.
    pub source: Source,
    /// Its name; may hold a stranger's words where the source is XMP or text.
    pub field: String,
}

/// Finds every sign, in field order.
pub(super) fn find(metadata: &Metadata) -> Vec<Marker> {
    let has = |name: &str| metadata.fields.iter().any(|field| field.name == name);
    let comfy = has("text:prompt") && has("text:workflow");
    metadata
        .fields
        .iter()
        .filter_map(|field| {
            let what = match field.source {
                Source::Xmp => in_xmp(field),
                Source::Exif => in_exif(field),
                Source::Text => in_text(field, comfy),
                Source::Iptc => None,
            }?;
            Some(Marker {
                what,
                source: field.source,
                field: field.name.clone(),
            })
        })
        .collect()
}

fn in_xmp(field: &Field) -> Option<&'static str> {
    let value = field.value.raw();
    match field.name.as_str() {
        "Iptc4xmpExt:DigitalSourceType" => SourceType::parse(value)
            .filter(|term| term.is_ai())
            .map(SourceType::term),
        "Iptc4xmpExt:AISystemUsed" | "Iptc4xmpExt:AISystemVersionUsed" => Some("AI system named"),
        "Iptc4xmpExt:AIPromptInformation" | "Iptc4xmpExt:AIPromptWriterName" => Some("AI prompt named"),
        "TC260:AIGC" => Some("AIGC label"),
        "photoshop:Credit" if value == "Made with Google AI" => Some("Google AI"),
        "exif:UserComment" | "exif:UserComment[1]" => prompt_text(value),
        "dc:description" => midjourney(value),
        _ => None,
    }
}

fn in_exif(field: &Field) -> Option<&'static str> {
    let value = field.value.raw();
    match field.name.as_str() {
        "Exif:UserComment" => prompt_text(value),
        "Exif:Model" | "Exif:Make" if value.starts_with("prompt:{") || value.starts_with("workflow:{") => {
            Some("ComfyUI")
        }
        "Exif:Make" if value == "Ideogram AI" => Some("Ideogram"),
        "Exif:ImageDescription" => midjourney(value),
        "Exif:Software" => software(value),
        _ => None,
    }
}

fn in_text(field: &Field, comfy: bool) -> Option<&'static str> {
    let value = field.value.raw();
    match field.name.strip_prefix("text:")? {
        "parameters" | "postprocessing" => Some(prompt_text(value).unwrap_or("generator parameters")),
        "prompt" | "workflow" if comfy => Some("ComfyUI"),
        "prompt" if value.contains("\"class_type\"") => Some("ComfyUI"),
        "invokeai_metadata" | "sd-metadata" | "Dream" => Some("InvokeAI"),
        "fooocus_scheme" => Some("Fooocus"),
        "TensorArtMetadata" => Some("TensorArt"),
        "AIGC" => Some("AIGC label"),
        "Software" => software(value),
        "Description" => midjourney(value),
        "Comment" | "comment" => prompt_text(value),
        _ => None,
    }
}

fn software(value: &str) -> Option<&'static str> {
    ["NovelAI", "Midjourney", "ComfyUI", "InvokeAI", "Fooocus"]
        .into_iter()
        .find(|name| {
            value
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
}

/// The last line of the parameters that A1111 and its forks write, and the JSON of those that write JSON.
fn prompt_text(value: &str) -> Option<&'static str> {
    if value.contains("\"sui_image_params\"") {
        return Some("SwarmUI");
    }
    if value.starts_with('{') && value.contains("\"prompt\"") && value.contains("\"seed\"") {
        return Some("generator parameters");
    }
    let last = value.trim_end().rsplit('\n').next()?;
    let keys = ["Steps: ", "Sampler: ", "Seed: ", "CFG scale: "];
    (keys.into_iter().filter(|key| last.contains(key)).count() >= 2).then_some("generator parameters")
}

fn midjourney(value: &str) -> Option<&'static str> {
    value.contains(" Job ID: ").then_some("Midjourney")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Untrusted;

    fn markers(rows: &[(Source, &str, &str)]) -> Vec<&'static str> {
        let fields = rows
            .iter()
            .map(|(source, name, value)| Field {
                source: *source,
                name: (*name).to_owned(),
                value: Untrusted::new(*value),
            })
            .collect();
        find(&Metadata {
            fields,
            ..Metadata::default()
        })
        .into_iter()
        .map(|marker| marker.what)
        .collect()
    }

    #[test]
    fn each_generator_is_known_by_its_sign() {
        let a1111 = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086";
        let rows = [
            (Source::Text, "text:parameters", a1111, "generator parameters"),
            (Source::Exif, "Exif:UserComment", a1111, "generator parameters"),
            (
                Source::Text,
                "text:parameters",
                "{\"sui_image_params\": {}}",
                "SwarmUI",
            ),
            (
                Source::Text,
                "text:prompt",
                "{\"3\": {\"class_type\": \"KSampler\"}}",
                "ComfyUI",
            ),
            (Source::Exif, "Exif:Model", "prompt:{\"3\": {}}", "ComfyUI"),
            (Source::Text, "text:invokeai_metadata", "{}", "InvokeAI"),
            (Source::Text, "text:Dream", "x", "InvokeAI"),
            (Source::Text, "text:sd-metadata", "{}", "InvokeAI"),
            (Source::Text, "text:Software", "NovelAI", "NovelAI"),
            (Source::Xmp, "TC260:AIGC", "{}", "AIGC label"),
            (
                Source::Xmp,
                "photoshop:Credit",
                "Made with Google AI",
                "Google AI",
            ),
            (Source::Exif, "Exif:Make", "Ideogram AI", "Ideogram"),
            (
                Source::Text,
                "text:Description",
                "a cat --v 6 Job ID: 0",
                "Midjourney",
            ),
            (
                Source::Xmp,
                "Iptc4xmpExt:DigitalSourceType",
                "https://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic",
                "compositeSynthetic",
            ),
        ];
        for (source, name, value, what) in rows {
            assert_eq!(markers(&[(source, name, value)]), [what], "{name} {value}");
        }
        let comfy = [
            (Source::Text, "text:prompt", "{}"),
            (Source::Text, "text:workflow", "{}"),
        ];
        assert_eq!(markers(&comfy), ["ComfyUI", "ComfyUI"]);
    }

    #[test]
    fn words_of_people_are_no_sign() {
        let rows = [
            (Source::Text, "text:prompt", "what I asked the model at the shoot"),
            (Source::Text, "text:Software", "GIMP"),
            (Source::Text, "text:Comment", "Steps: the old stairs of Bern"),
            (Source::Exif, "Exif:UserComment", "three steps"),
            (
                Source::Xmp,
                "Iptc4xmpExt:DigitalSourceType",
                "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
            ),
            (Source::Xmp, "{http://evil.example/}AISystemUsed", "x"),
        ];
        assert_eq!(markers(&rows), [""; 0]);
    }
}
