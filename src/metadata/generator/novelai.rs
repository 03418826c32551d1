//! NovelAI: Description, Software, Source and a Comment of JSON, in text chunks or in one JSON object (hidden in the alpha channel,
//! or in an EXIF comment).

use serde_json::Value;

use super::settings::settings;
use super::{Dialect, FoundIn, Record, Settings, json, said};
use crate::base::Untrusted;

/// Most prompts of characters joined to the picture's own.
const CHARACTERS_MAX: usize = 16;

/// The parts of NovelAI's text, wherever they stood.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    /// The JSON.
    pub(super) comment: &'a str,
    /// The prompt.
    pub(super) description: &'a str,
    /// Model and hash.
    pub(super) source: &'a str,
}

/// Reads the parts; a comment that is no object of JSON gives none.
pub(super) fn read(parts: &Parts<'_>, found_in: &FoundIn) -> Option<Record> {
    let comment = json::parse(parts.comment).ok().filter(Value::is_object)?;
    let mut settings = settings(&comment);
    let of_v4 = |key: &str| captions(comment.get(key)?.get("caption")?);
    settings.prompt = of_v4("v4_prompt")
        .or_else(|| said(parts.description))
        .or_else(|| settings.prompt.take());
    settings.negative_prompt = of_v4("v4_negative_prompt").or_else(|| settings.negative_prompt.take());
    source(parts.source, &mut settings);
    // The strength is written for every picture, whether it started from another or not.
    let from_a_picture = json::pick(&comment, &["request_type"])
        .is_some_and(|kind| matches!(kind.raw(), "Img2ImgRequest" | "NativeInfillingRequest"));
    if !from_a_picture {
        settings.denoise = None;
    }
    let mut record = Record::new(Dialect::NovelAi, found_in, "NovelAI", settings);
    if from_a_picture {
        record.mark_as_edit();
    }
    Some(record)
}

/// Reads the JSON object that holds all parts.
pub(super) fn object(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let parts = Parts {
        comment: text("Comment"),
        description: text("Description"),
        source: text("Source"),
    };
    read(&parts, found_in)
}

/// `Stable Diffusion XL C1E1DE52`: the model's name and 8 hex digits of its hash.
fn source(source: &str, settings: &mut Settings) {
    let (name, hash) = source.trim().rsplit_once(' ').unwrap_or((source, ""));
    let is_hash = hash.len() == 8 && hash.chars().all(|c| c.is_ascii_hexdigit());
    settings.model = said(if is_hash { name } else { source });
    settings.model_hash = is_hash.then(|| said(hash)).flatten();
}

/// The caption of the picture and those of its characters, a line each.
fn captions(caption: &Value) -> Option<Untrusted> {
    let base = caption
        .get("base_caption")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let characters = caption.get("char_captions").and_then(Value::as_array);
    let mut lines = vec![base.trim()];
    let each = characters.into_iter().flatten().take(CHARACTERS_MAX);
    lines.extend(
        each.filter_map(|one| one.get("char_caption")?.as_str())
            .map(str::trim),
    );
    lines.retain(|line| !line.is_empty());
    said(&lines.join("\n"))
}
