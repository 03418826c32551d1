//! The graph as a person drew it (`workflow`), turned into the graph as it runs, for files that hold only the first.
//!
//! ```text
//! {"nodes": [{"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 1}], "widgets_values": [7, "fixed", 20]}],
//!  "links": [[1, 4, 0, 3, 0, "MODEL"]]}
//! ```
//! The values have no names there; newer versions name them among the inputs, for older ones the commonest nodes are known.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::limits::GRAPH_NODES_MAX;

/// Names of the values of nodes, in their order; `_` is a control that is no input.
const WIDGETS: [(&str, &[&str]); 17] = [
    ("BasicScheduler", &["scheduler", "steps", "denoise"]),
    ("CFGGuider", &["cfg"]),
    ("CLIPTextEncode", &["text"]),
    ("CLIPTextEncodeFlux", &["clip_l", "t5xxl", "guidance"]),
    ("CheckpointLoaderSimple", &["ckpt_name"]),
    ("EmptyLatentImage", &["width", "height", "batch_size"]),
    ("EmptySD3LatentImage", &["width", "height", "batch_size"]),
    ("FluxGuidance", &["guidance"]),
    (
        "KSampler",
        &[
            "seed",
            "_",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "denoise",
        ],
    ),
    (
        "KSamplerAdvanced",
        &[
            "add_noise",
            "noise_seed",
            "_",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "start_at_step",
            "end_at_step",
        ],
    ),
    ("KSamplerSelect", &["sampler_name"]),
    ("LoadImage", &["image"]),
    ("LoraLoader", &["lora_name", "strength_model", "strength_clip"]),
    ("LoraLoaderModelOnly", &["lora_name", "strength_model"]),
    ("RandomNoise", &["noise_seed", "_"]),
    ("UNETLoader", &["unet_name", "weight_dtype"]),
    ("VAELoader", &["vae_name"]),
];

/// The graph to run; `None` where the object is no drawing, or larger than is walked.
pub(super) fn to_run(object: &Value) -> Option<Value> {
    let nodes = object.get("nodes")?.as_array()?;
    let links = object.get("links")?.as_array()?;
    if nodes.len() > GRAPH_NODES_MAX {
        return None;
    }
    let from: BTreeMap<u64, Value> = links.iter().filter_map(link).collect();
    let mut graph = Map::new();
    for node in nodes {
        // 2 is "never", 4 is "bypassed".
        let idle = node
            .get("mode")
            .and_then(Value::as_u64)
            .is_some_and(|mode| mode == 2 || mode == 4);
        let (Some(id), Some(class), false) = (node.get("id"), node.get("type").and_then(Value::as_str), idle)
        else {
            continue;
        };
        let mut inputs = Map::new();
        let slots = node.get("inputs").and_then(Value::as_array);
        for (name, from) in slots.into_iter().flatten().filter_map(|slot| {
            let from = from.get(&slot.get("link")?.as_u64()?)?;
            Some((slot.get("name")?.as_str()?, from))
        }) {
            inputs.insert(name.to_owned(), from.clone());
        }
        for (name, value) in widgets(node, class) {
            inputs.entry(name).or_insert(value);
        }
        let id = id.as_str().map_or_else(|| id.to_string(), ToOwned::to_owned);
        graph.insert(id, json!({"class_type": class, "inputs": inputs}));
    }
    Some(Value::Object(graph))
}

/// Number of a link, and the output it comes from.
fn link(value: &Value) -> Option<(u64, Value)> {
    let parts = value.as_array()?;
    let from = parts.get(1)?;
    let from = from.as_str().map_or_else(|| from.to_string(), ToOwned::to_owned);
    Some((parts.first()?.as_u64()?, json!([from, parts.get(2)?.as_u64()?])))
}

fn widgets(node: &Value, class: &str) -> Vec<(String, Value)> {
    let Some(values) = node.get("widgets_values") else {
        return Vec::new();
    };
    if let Value::Object(named) = values {
        return named
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    let known = WIDGETS.iter().find(|row| row.0 == class).map(|row| row.1);
    let names: Vec<&str> = known.map_or_else(|| declared(node), <[&str]>::to_vec);
    // Nodes that hold one text or number are many, and their names say nothing.
    let names = if names.is_empty() && values.len() == 1 {
        vec!["value"]
    } else {
        names
    };
    names
        .into_iter()
        .zip(values)
        .filter(|(name, _)| *name != "_")
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// Names of the values as newer versions declare them; a seed is followed by its control.
fn declared(node: &Value) -> Vec<&str> {
    let slots = node
        .get("inputs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let named = slots
        .iter()
        .filter_map(|slot| slot.get("widget")?.get("name")?.as_str());
    named
        .flat_map(|name| {
            let control = matches!(name, "seed" | "noise_seed").then_some("_");
            std::iter::once(name).chain(control)
        })
        .collect()
}
