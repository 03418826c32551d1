//! The text of A1111, Forge, reForge, SD.Next and what imitates them: prompt lines, then one line of `Key: value` pairs.
//!
//! ```text
//! a cat <lora:fur:0.8>
//! Negative prompt: blurry
//! Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b, Model: v1-5, Version: v1.10.1
//! ```
//! A value with a comma in it is a quoted JSON string; imitators also write bare JSON lists and objects.

use serde_json::Value;

use super::{Dialect, FoundIn, Lora, Record, Settings, json, said};
use crate::base::Untrusted;

/// Said where the text names no tool.
const UNNAMED: &str =
    "the text has the form that AUTOMATIC1111's web UI began and many tools write; it names none";
/// Most pairs of one line; the fullest of real lines have about 60.
const PAIRS_MAX: usize = 512;
/// Longest key, bytes.
const KEY_BYTES_MAX: usize = 64;
/// Longest text tried, bytes: prompts are of some KiB.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Longest list that is one value, bytes.
const LIST_BYTES_MAX: usize = 1 << 16;
/// Longest `<lora:...>`, bytes.
const TAG_BYTES_MAX: usize = 512;
/// Most LoRAs of one prompt.
const LORAS_MAX: usize = 64;
/// Keys of which a line of settings has two at least.
const KNOWN: [&str; 7] = [
    "CFG scale",
    "Model",
    "Model hash",
    "Sampler",
    "Seed",
    "Size",
    "Steps",
];

/// Reads one text; a text without a line of settings is none.
pub(super) fn read(text: &str, found_in: &FoundIn) -> Option<Record> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let lines: Vec<&str> = text.trim().lines().collect();
    let (at, pairs) = lines.iter().enumerate().rev().find_map(|(at, line)| {
        let likely = line.contains("Steps: ") || line.contains("Seed: ");
        let pairs = likely.then(|| pairs(line))?;
        let known = pairs
            .iter()
            .filter(|(key, _)| KNOWN.contains(&key.as_str()))
            .count();
        (known >= 2 && pairs.len() >= 3).then_some((at, pairs))
    })?;
    let value = |key: &str| {
        pairs
            .iter()
            .find(|pair| pair.0 == key)
            .map(|pair| pair.1.as_str())
    };
    let get = |key: &str| said(value(key)?);
    let (prompt, negative) = prompts(lines.get(..at).unwrap_or_default());
    let hashes = value("Hashes").and_then(|text| json::parse(text).ok());
    let hash_of_all = hashes.as_ref().and_then(|all| json::pick(all, &["model"]));
    let resources = value("Civitai resources").and_then(|text| json::parse(text).ok());
    let of_service = |kinds: &[&str]| resource_names(resources.as_ref(), kinds);
    let mut all_loras = loras(&prompt, value("Lora hashes"), hashes.as_ref());
    if all_loras.is_empty() {
        all_loras = of_service(&["lora", "locon", "lycoris", "dora"]);
    }
    let settings = Settings {
        cfg_scale: get("CFG scale"),
        denoise: get("Denoising strength"),
        guidance: get("Distilled CFG Scale"),
        loras: all_loras,
        model: get("Model").or_else(|| Some(of_service(&["checkpoint"]).into_iter().next()?.name)),
        model_hash: get("Model hash").or(hash_of_all),
        negative_prompt: said(&negative),
        prompt: said(&prompt),
        sampler: get("Sampler"),
        scheduler: get("Schedule type").or_else(|| get("Scheduler")),
        seed: get("Seed"),
        size: value("Size").and_then(json::size),
        steps: get("Steps"),
        subseed: get("Variation seed"),
        vae: get("VAE"),
    };
    let version = value("Version").unwrap_or_default();
    let by_service = version.is_empty() && pairs.iter().any(|pair| pair.0.starts_with("Civitai "));
    let tool = match value("App") {
        Some(app) => app,
        None if by_service => "Civitai",
        None => tool(version),
    };
    let mut record = Record::new(Dialect::A1111, found_in, tool, settings);
    if tool.is_empty() && version.is_empty() {
        record.remarks.push(UNNAMED);
    }
    record.tool_version = said(version);
    // A denoising strength without a second, larger pass is that of a picture it started from.
    let second_pass = pairs.iter().any(|pair| pair.0.starts_with("Hires"));
    let masked = pairs
        .iter()
        .any(|pair| pair.0.starts_with("Mask") || pair.0.starts_with("Inpaint"));
    if masked || (record.settings.denoise.is_some() && !second_pass) {
        record.mark_as_edit();
    }
    Some(record)
}

/// Which tool a version's form belongs to.
fn tool(version: &str) -> &str {
    let digit_after = |mark: &str| {
        version
            .strip_prefix(mark)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    if version.starts_with("Fooocus") {
        "Fooocus"
    } else if version == "ComfyUI" || version == "neo" {
        version
    } else if digit_after("f") {
        "Forge"
    } else if digit_after("v") {
        "AUTOMATIC1111"
    } else {
        // The oldest versions of AUTOMATIC1111 wrote none, and so do many that write its form.
        ""
    }
}

/// What Civitai's own generator lists: a model or LoRA by its name and the name of its version.
fn resource_names(resources: Option<&Value>, kinds: &[&str]) -> Vec<Lora> {
    let all = resources.and_then(Value::as_array).into_iter().flatten();
    let of_kind = all.filter(|one| {
        let kind = one.get("type").and_then(Value::as_str).unwrap_or_default();
        kinds.iter().any(|known| kind.eq_ignore_ascii_case(known))
    });
    let read = |one: &Value| {
        let parts = ["modelName", "modelVersionName"].map(|key| json::pick(one, &[key]));
        let name: Vec<&str> = parts.iter().flatten().map(Untrusted::raw).collect();
        Some(Lora {
            hash: None,
            name: said(&name.join(" "))?,
            weight: json::pick(one, &["weight"]),
        })
    };
    of_kind.filter_map(read).take(LORAS_MAX).collect()
}

fn prompts(lines: &[&str]) -> (String, String) {
    let mark = "Negative prompt:";
    let split = lines.iter().position(|line| line.trim_start().starts_with(mark));
    let (wanted, unwanted) = lines.split_at(split.unwrap_or(lines.len()));
    let unwanted = unwanted.join("\n");
    let unwanted = unwanted.trim_start();
    (
        wanted.join("\n"),
        unwanted.strip_prefix(mark).unwrap_or(unwanted).to_owned(),
    )
}

/// The pairs of one line, as far as it is one.
fn pairs(line: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = line.trim();
    while pairs.len() < PAIRS_MAX {
        let Some((key, after)) = rest.split_once(':') else {
            break;
        };
        let key = key.trim();
        if key.is_empty() || key.len() > KEY_BYTES_MAX || key.contains(['"', '{', '[', ',']) {
            break;
        }
        let after = after.trim_start();
        let end = value_end(after);
        let (value, tail) = after.split_at(end);
        pairs.push((key.to_owned(), unquoted(value)));
        rest = tail.trim_start_matches([',', ' ']);
    }
    pairs
}

/// Where a value ends: a quoted string or a list at its closing mark, anything else at the next comma.
fn value_end(text: &str) -> usize {
    let comma = |from: usize| {
        let tail = text.get(from..).unwrap_or_default();
        tail.find(',').map_or(text.len(), |at| from.saturating_add(at))
    };
    if text.starts_with('"') {
        return comma(json::string_end(text));
    }
    if !text.starts_with(['[', '{']) {
        return comma(0);
    }
    let (mut depth, mut at) = (0usize, 0usize);
    let text_bytes = text.as_bytes();
    while let Some(byte) = text_bytes.get(at).filter(|_| at < LIST_BYTES_MAX) {
        match byte {
            b'"' => {
                at = at.saturating_add(json::string_end(text.get(at..).unwrap_or_default()));
                continue;
            }
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = at.saturating_add(1);
        if depth == 0 {
            return comma(at);
        }
    }
    // An open list is a text that happens to begin with a bracket.
    comma(0)
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = value
        .starts_with('"')
        .then(|| serde_json::from_str::<String>(value).ok());
    inner.flatten().unwrap_or_else(|| value.to_owned())
}

/// `<lora:name:weight>` of a prompt, with the hashes that the line of settings gives them.
fn loras(prompt: &str, lora_hashes: Option<&str>, hashes: Option<&Value>) -> Vec<Lora> {
    let by_name = |name: &str| -> Option<Untrusted> {
        let listed = lora_hashes.into_iter().flat_map(|text| text.split(','));
        let mut named = listed.filter_map(|pair| pair.rsplit_once(':'));
        let listed = named
            .find(|pair| pair.0.trim() == name)
            .and_then(|pair| said(pair.1));
        listed.or_else(|| json::word(hashes?.get(format!("lora:{name}"))?))
    };
    let mut found = Vec::new();
    let mut rest = prompt;
    while let Some(open) = rest.find('<').filter(|_| found.len() < LORAS_MAX) {
        rest = rest.get(open.saturating_add(1)..).unwrap_or_default();
        let window = rest
            .get(..rest.floor_char_boundary(TAG_BYTES_MAX))
            .unwrap_or_default();
        let Some((tag, _)) = window.split_once('>') else {
            continue;
        };
        let mut parts = tag.split(':');
        let kind = parts.next().unwrap_or_default();
        let Some(name) = parts
            .next()
            .filter(|_| matches!(kind, "lora" | "lyco"))
            .and_then(said)
        else {
            continue;
        };
        found.push(Lora {
            hash: by_name(name.raw()),
            name,
            weight: parts.next().and_then(said),
        });
    }
    found
}
