//! Which reader a text belongs to: by the keyword where the keyword tells, else by the shape of what is in it.

use serde_json::Value;

use super::json::{self, pick};
use super::settings::{settings, with_plain_keys};
use super::texts::Text;
use super::{Dialect, FoundIn, Record, a1111, comfyui, invokeai, label, midjourney, novelai};

/// Every record of the texts of one file, in their order.
pub(super) fn records(texts: &[Text<'_>], faults: &mut Vec<String>) -> Vec<Record> {
    let mut records: Vec<Record> = texts.iter().filter_map(|text| one(text, faults)).collect();
    records.extend(of_novelai(texts));
    records.extend(of_chunks(texts));
    // The graph as it was run says more than the graph as it was drawn.
    let ran = |one: &Record| one.dialect == Dialect::ComfyUi && !one.remarks.contains(&comfyui::DRAWN);
    if records.iter().any(ran) {
        records.retain(|one| one.dialect != Dialect::ComfyUi || ran(one));
    }
    records
}

fn one(text: &Text<'_>, faults: &mut Vec<String>) -> Option<Record> {
    let characters = text.text.trim();
    let name = text.name();
    // ComfyUI's pictures without text chunks hold its keywords in front of the JSON.
    let prefixed = ["prompt:", "workflow:"]
        .iter()
        .find_map(|mark| characters.strip_prefix(mark));
    let characters = prefixed
        .filter(|rest| rest.trim_start().starts_with('{'))
        .unwrap_or(characters);
    if characters.starts_with('{') {
        return match json::parse(characters) {
            Ok(object) => {
                let record = of_object(&object, &text.found_in);
                if record.is_none() && comfyui::is_too_large(&object) {
                    faults.push(format!(
                        "{}: the graph is larger than is walked",
                        text.found_in.words()
                    ));
                }
                record
            }
            // A prompt may begin with a brace, and most descriptions are people's.
            Err(json::JsonFault::Broken) => plain(name, characters, &text.found_in),
            Err(fault) => {
                faults.push(format!("{}: {fault}", text.found_in.words()));
                None
            }
        };
    }
    plain(name, characters, &text.found_in)
}

fn plain(name: &str, text: &str, found_in: &FoundIn) -> Option<Record> {
    match name {
        "Dream" => invokeai::first(text, found_in),
        "Description" | "Exif:ImageDescription" => midjourney::read(text, found_in),
        "Author" | "Exif:Software" | "Software" | "Source" => None,
        _ if name.starts_with("dc:description") => midjourney::read(text, found_in),
        _ => a1111::read(text, found_in).or_else(|| midjourney::read(text, found_in)),
    }
}

/// A JSON object, by the keys that only one tool writes.
fn of_object(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let has = |key: &str| object.get(key).is_some();
    if let Some(record) = comfyui::read(object, found_in) {
        return Some(record);
    }
    if has("AIGC")
        || (has("Label") && (has("ContentProducer") || has("ProduceID") || found_in.name.contains("AIGC")))
    {
        return label::read(object, found_in);
    }
    if has("sui_image_params") {
        return swarm(object, found_in);
    }
    if has("Comment") && (has("Description") || has("Software")) {
        return novelai::object(object, found_in);
    }
    if found_in.name == "sd-metadata" || (has("image") && has("model_weights")) {
        return invokeai::second(object, found_in);
    }
    if found_in.name == "invokeai_metadata" || (has("positive_prompt") && has("model")) {
        return invokeai::third(object, found_in);
    }
    // A Comment without its neighbours is read with them.
    if found_in.name == "Comment" && has("uc") {
        return None;
    }
    flat(object, found_in)
}

/// Objects that differ in the names of their keys only.
fn flat(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let object = &with_plain_keys(object);
    let has = |key: &str| object.get(key).is_some();
    let version = pick(object, &["version"]);
    let settings = settings(object);
    if settings.prompt.is_none() || settings.weight() < 2 {
        return None;
    }
    let by_fooocus = version
        .as_ref()
        .is_some_and(|text| text.raw().starts_with("Fooocus"));
    let (dialect, tool) = if by_fooocus || (has("base_model") && has("metadata_scheme")) {
        (Dialect::Fooocus, "Fooocus")
    } else if has("c") && (has("uc") || has("v2") || has("model")) {
        (Dialect::DrawThings, "Draw Things")
    } else if has("use_stable_diffusion_model") || has("num_inference_steps") {
        (Dialect::EasyDiffusion, "Easy Diffusion")
    } else {
        (Dialect::PlainJson, "")
    };
    let mut record = Record::new(dialect, found_in, tool, settings);
    match dialect {
        // `Fooocus v2.4.3`, or the name of a fork.
        Dialect::Fooocus => {
            let words = version.as_ref().map_or("Fooocus", |text| text.raw());
            let (name, number) = words.rsplit_once(' ').unwrap_or((words, ""));
            record.tool = super::said(name);
            record.tool_version = super::said(number);
        }
        Dialect::PlainJson => {
            record.tool = pick(object, &["software", "app", "generator"]);
            record.tool_version = version;
        }
        // Draw Things writes a strength of 1 where nothing was underneath.
        Dialect::DrawThings
            if object
                .get("strength")
                .and_then(Value::as_f64)
                .is_some_and(|part| part < 1.0) =>
        {
            record.mark_as_edit();
        }
        _ => {}
    }
    if has("init_image") || has("init_image_path") {
        record.mark_as_edit();
    }
    Some(record)
}

fn swarm(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let parameters = object.get("sui_image_params")?;
    let mut settings = settings(parameters);
    let models = object.get("sui_models").and_then(Value::as_array);
    let main = models
        .into_iter()
        .flatten()
        .find(|one| one.get("param").is_some_and(|param| param == "model"));
    settings.model_hash = main.and_then(|model| {
        let hash = pick(model, &["hash"])?;
        super::said(hash.raw().trim_start_matches("0x"))
    });
    let mut record = Record::new(Dialect::SwarmUi, found_in, "SwarmUI", settings);
    record.tool_version = pick(parameters, &["swarm_version"]);
    if parameters.get("initimage").is_some() {
        record.mark_as_edit();
    }
    Some(record)
}

/// NovelAI's text chunks, which are one record together.
fn of_novelai(texts: &[Text<'_>]) -> Option<Record> {
    let chunk = |name: &str| texts.iter().find(|text| text.name() == name);
    let words = |name: &str| chunk(name).map(|text| text.text.as_ref()).unwrap_or_default();
    let comment = chunk("Comment")?;
    let parts = novelai::Parts {
        comment: &comment.text,
        description: words("Description"),
        source: words("Source"),
    };
    let known = words("Software") == "NovelAI" || comment.text.contains("\"uc\"");
    known.then(|| novelai::read(&parts, &comment.found_in)).flatten()
}

/// Easy Diffusion's text chunks, one for each setting.
fn of_chunks(texts: &[Text<'_>]) -> Option<Record> {
    let prompt = texts
        .iter()
        .find(|text| text.name() == "prompt" && text.found_in.place != "EXIF")?;
    let pairs = texts
        .iter()
        .filter(|text| text.text.len() < crate::base::limits::FIELD_BYTES_MAX);
    let object = pairs
        .map(|text| {
            (
                text.name().to_owned(),
                Value::String(text.text.as_ref().to_owned()),
            )
        })
        .collect();
    let object = Value::Object(object);
    // A graph is no prompt.
    let words = object
        .get("prompt")?
        .as_str()
        .is_some_and(|text| !text.trim_start().starts_with('{'));
    (words && object.get("seed").is_some())
        .then(|| flat(&object, &prompt.found_in))
        .flatten()
}
