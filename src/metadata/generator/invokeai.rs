//! InvokeAI's three generations: `Dream` (a command line), `sd-metadata` and `invokeai_metadata` (JSON).
//!
//! ```text
//! "a cat [dog, rain]" -s 50 -S 2980747362 -W 512 -H 768 -C 5 -A k_lms
//! ```
//! Until the third, what was not wanted stood in brackets within the prompt.

use serde_json::Value;

use super::json::{self, pick, word};
use super::settings::settings;
use super::{Dialect, FoundIn, Record, Settings, said};
use crate::base::Untrusted;

/// Longest command line tried, bytes.
const DREAM_BYTES_MAX: usize = 1 << 16;

/// Reads `invokeai_metadata`.
pub(super) fn third(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let mut settings = settings(object);
    // What InvokeAI calls the scheduler is what others call the sampler.
    settings.sampler = settings.sampler.or_else(|| settings.scheduler.take());
    if settings.weight() == 0 {
        return None;
    }
    let mut record = Record::new(Dialect::InvokeAi, found_in, "InvokeAI", settings);
    record.tool_version = pick(object, &["app_version"]);
    let mode = pick(object, &["generation_mode"]);
    let from = mode.is_some_and(|mode| {
        ["img2img", "inpaint", "outpaint"]
            .iter()
            .any(|end| mode.raw().ends_with(end))
    });
    if from || object.get("init_image").is_some_and(|image| !image.is_null()) {
        record.mark_as_edit();
    } else {
        record.settings.denoise = None;
    }
    Some(record)
}

/// Reads `sd-metadata`.
pub(super) fn second(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let image = object.get("image")?;
    let mut settings = settings(image);
    settings.model = pick(object, &["model_weights", "model"]);
    settings.model_hash = pick(object, &["model_hash"]);
    let prompt = match image.get("prompt") {
        Some(Value::Array(parts)) => {
            let parts = parts.iter().filter_map(|part| pick(part, &["prompt"]));
            parts
                .map(|part| part.raw().to_owned())
                .collect::<Vec<_>>()
                .join("\n")
        }
        Some(text) => word(text).map(|text| text.raw().to_owned()).unwrap_or_default(),
        None => String::new(),
    };
    (settings.prompt, settings.negative_prompt) = split(&prompt);
    let mut record = Record::new(Dialect::InvokeAi, found_in, "InvokeAI", settings);
    record.tool_version = pick(object, &["app_version"]);
    if pick(image, &["type"]).is_some_and(|kind| matches!(kind.raw(), "img2img" | "inpaint" | "outpaint")) {
        record.mark_as_edit();
    } else {
        record.settings.denoise = None;
    }
    Some(record)
}

/// Reads `Dream`.
pub(super) fn first(text: &str, found_in: &FoundIn) -> Option<Record> {
    let text = text.trim();
    if text.len() > DREAM_BYTES_MAX || !text.starts_with('"') {
        return None;
    }
    let (quoted, switches) = text.split_at(json::string_end(text));
    let prompt = quoted.trim_matches('"').replace("\\\"", "\"");
    let words: Vec<&str> = switches.split_whitespace().collect();
    let value = |name: &str| -> Option<Untrusted> {
        let mut pairs = words.windows(2).filter(|pair| pair.first() == Some(&name));
        said(pairs.next()?.get(1)?)
    };
    let side = |name: &str| value(name)?.raw().parse::<u32>().ok();
    let mut settings = Settings {
        cfg_scale: value("-C"),
        denoise: value("-f"),
        sampler: value("-A"),
        seed: value("-S"),
        size: side("-W").zip(side("-H")),
        steps: value("-s"),
        ..Settings::default()
    };
    (settings.prompt, settings.negative_prompt) = split(&prompt);
    if settings.weight() < 2 {
        return None;
    }
    let mut record = Record::new(Dialect::InvokeAi, found_in, "InvokeAI", settings);
    if let Some(image) = value("-I") {
        record.init_images.push(image);
        record.mark_as_edit();
    }
    Some(record)
}

/// What was wanted, and what stands in brackets.
fn split(prompt: &str) -> (Option<Untrusted>, Option<Untrusted>) {
    let (mut wanted, mut unwanted) = (String::new(), Vec::new());
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((inside, after)) = after.split_once(']') else {
            break;
        };
        wanted.push_str(before);
        unwanted.push(inside.trim());
        rest = after;
    }
    wanted.push_str(rest);
    (said(&wanted), said(&unwanted.join(", ")))
}
