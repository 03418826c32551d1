//! Settings out of a flat JSON object: the tools differ in the names of the keys and in little else.
//!
//! Some write the keys as a person reads them: `Base Model` is `base_model` too.

use serde_json::Value;

use super::json::{pick, side, size, word};
use super::{Lora, Settings, said};
use crate::base::Untrusted;

/// Most LoRAs read.
const LORAS_MAX: usize = 64;

/// Reads what an object says, whatever tool's names it uses.
pub(super) fn settings(object: &Value) -> Settings {
    Settings {
        cfg_scale: pick(
            object,
            &["cfg_scale", "cfgscale", "guidance_scale", "scale", "cfg"],
        ),
        denoise: pick(object, &["denoising_strength", "prompt_strength", "strength"]),
        guidance: pick(object, &["fluxguidancescale", "guidance"]),
        loras: loras(object),
        model: model(object),
        model_hash: model_hash(object),
        negative_prompt: pick(
            object,
            &[
                "negative_prompt",
                "negativeprompt",
                "uc",
                "negativePrompt",
                "Negative",
                "negative",
            ],
        ),
        prompt: pick(object, &["positive_prompt", "prompt", "c", "Prompt"]),
        sampler: pick(object, &["sampler", "sampler_name", "sampler_k"]),
        scheduler: pick(object, &["scheduler", "noise_schedule"]),
        seed: pick(object, &["seed"]),
        size: size_of(object),
        steps: pick(object, &["steps", "num_inference_steps"]),
        subseed: pick(object, &["variationseed", "subseed"]),
        vae: object
            .get("vae")
            .and_then(named)
            .or_else(|| pick(object, &["use_vae_model"]))
            .filter(|vae| vae.raw() != "Default (model)"),
    }
}

/// The object with each key also in small letters and without spaces, where that is another key and free.
pub(super) fn with_plain_keys(object: &Value) -> Value {
    let mut plain = object.clone();
    if let (Some(from), Some(into)) = (object.as_object(), plain.as_object_mut()) {
        for (key, value) in from {
            into.entry(key.to_ascii_lowercase().replace(' ', "_"))
                .or_insert_with(|| value.clone());
        }
    }
    plain
}

/// A name, or an object that has one.
fn named(value: &Value) -> Option<Untrusted> {
    word(value).or_else(|| pick(value, &["model_name", "name", "file", "model"]))
}

fn model(object: &Value) -> Option<Untrusted> {
    let keys = [
        "model",
        "base_model",
        "base_model_name",
        "use_stable_diffusion_model",
        "model_weights",
    ];
    keys.iter().find_map(|key| named(object.get(key)?))
}

fn model_hash(object: &Value) -> Option<Untrusted> {
    let own = pick(object, &["model_hash", "base_model_hash"]);
    own.or_else(|| pick(object.get("model")?, &["hash"]))
}

fn size_of(object: &Value) -> Option<(u32, u32)> {
    let sides = || Some((side(object.get("width")?)?, side(object.get("height")?)?));
    let texts = ["size", "resolution"];
    sides().or_else(|| texts.iter().find_map(|key| size(object.get(key)?.as_str()?)))
}

fn loras(object: &Value) -> Vec<Lora> {
    let lists = ["loras", "lora"]
        .into_iter()
        .filter_map(|key| object.get(key)?.as_array());
    // SwarmUI and Easy Diffusion keep weights in a list of their own.
    let weights = ["loraweights", "lora_alpha"]
        .into_iter()
        .find_map(|key| object.get(key)?.as_array());
    let one = |(at, value): (usize, &Value)| -> Option<Lora> {
        if let Some(name) = word(value) {
            let weight = weights.and_then(|all| word(all.get(at)?));
            return Some(Lora {
                hash: None,
                name,
                weight,
            });
        }
        if let Value::Array(parts) = value {
            if let Some(lora) = hash_first(parts) {
                return Some(lora);
            }
            return Some(Lora {
                hash: parts.get(2).and_then(word),
                name: word(parts.first()?)?,
                weight: parts.get(1).and_then(word),
            });
        }
        let inner = value.get("lora").or_else(|| value.get("model")).unwrap_or(value);
        Some(Lora {
            hash: pick(inner, &["hash"]),
            name: named(inner)?,
            weight: pick(value, &["weight", "strength"]),
        })
    };
    lists
        .flat_map(|list| list.iter().enumerate())
        .filter_map(one)
        .take(LORAS_MAX)
        .collect()
}

/// `["ab12...", "0.5 - name"]`, as RuinedFooocus writes it: the hash of the file, then the weight and the name in one text.
fn hash_first(parts: &[Value]) -> Option<Lora> {
    let [hash, text] = parts else {
        return None;
    };
    let hash = word(hash)?;
    let is_hash =
        matches!(hash.raw().len(), 8 | 10 | 12 | 64) && hash.raw().chars().all(|c| c.is_ascii_hexdigit());
    let (weight, name) = text.as_str()?.split_once(" - ")?;
    let is_weight = weight.trim().parse::<f64>().is_ok();
    (is_hash && is_weight).then_some(Lora {
        hash: Some(hash),
        name: said(name)?,
        weight: said(weight),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn loras_are_read_in_every_form_that_tools_write() {
        let said = |lora: &Lora| {
            let or =
                |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
            format!("{} {} {}", lora.name.raw(), or(&lora.weight), or(&lora.hash))
        };
        let rows = [
            (json!({"loras": [["a", 0.5, "ab12"]]}), "a 0.5 ab12"),
            (
                json!({"loras": [{"lora": {"model_name": "a"}, "weight": 0.5}]}),
                "a 0.5 -",
            ),
            (
                json!({"loras": [{"model": {"name": "a", "hash": "ab12"}, "weight": 0.5}]}),
                "a 0.5 ab12",
            ),
            (json!({"lora": [{"model": "a", "weight": 0.5}]}), "a 0.5 -"),
            (json!({"loras": [{"file": "a", "weight": 1}]}), "a 1 -"),
            (
                json!({"loras": [["0123ABCD", "0.5 - ink - v2.safetensors"]]}),
                "ink - v2.safetensors 0.5 0123ABCD",
            ),
            (json!({"loras": [["deadbeef", 0.5]]}), "deadbeef 0.5 -"),
            (json!({"loras": ["a"], "loraweights": ["0.5"]}), "a 0.5 -"),
        ];
        for (object, wanted) in rows {
            assert_eq!(
                loras(&object).iter().map(said).collect::<Vec<_>>(),
                [wanted],
                "{object}"
            );
        }
        let odd = json!({"loras": [null, 1.5, [], {}, {"lora": []}], "lora": "a"});
        assert_eq!(loras(&odd).iter().map(said).collect::<Vec<_>>(), ["1.5 - -"]);
    }
}
