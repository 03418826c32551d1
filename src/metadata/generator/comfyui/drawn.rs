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

/// Most bypassed nodes in a row.
const BYPASSED_MAX: usize = 64;

/// Most inputs and outputs looked at of one that is.
const SLOTS_MAX: usize = 64;

/// Names of the values of nodes, in their order; `_` is a control that is no input.
const WIDGETS: [(&str, &[&str]); 18] = [
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
    ("PrimitiveNode", &["value", "_"]),
    ("RandomNoise", &["noise_seed", "_"]),
    ("UNETLoader", &["unet_name", "weight_dtype"]),
    ("VAELoader", &["vae_name"]),
];

/// An output: the node's number and which of its outputs.
type Output = (String, u64);

/// The graph to run; `None` where the object is no drawing, or larger than is walked.
pub(super) fn to_run(object: &Value) -> Option<Value> {
    let nodes = object.get("nodes")?.as_array()?;
    let links = object.get("links")?.as_array()?;
    if nodes.len() > GRAPH_NODES_MAX {
        return None;
    }
    let from: BTreeMap<u64, Output> = links.iter().filter_map(link).collect();
    let bypassed: BTreeMap<Output, Output> = nodes.iter().flat_map(|node| bypass(node, &from)).collect();
    let origin = |slot: &Value| {
        let mut at = from.get(&slot.get("link")?.as_u64()?)?;
        for _ in 0..BYPASSED_MAX {
            let Some(next) = bypassed.get(at) else {
                break;
            };
            at = next;
        }
        Some(json!([at.0, at.1]))
    };
    let kept: BTreeMap<&str, String> = nodes
        .iter()
        .filter(|node| is_kind(node, "setnode"))
        .filter_map(|node| Some((label(node)?, number(node.get("id")?))))
        .collect();
    let mut graph = Map::new();
    for node in nodes.iter().filter(|node| mode(node).is_none()) {
        let (Some(id), Some(class)) = (node.get("id"), node.get("type").and_then(Value::as_str)) else {
            continue;
        };
        let mut inputs = Map::new();
        for (name, from) in
            slots(node, "inputs").filter_map(|slot| Some((slot.get("name")?.as_str()?, origin(slot)?)))
        {
            inputs.insert(name.to_owned(), from);
        }
        for (name, value) in widgets(node, class) {
            inputs.entry(name).or_insert(value);
        }
        // One end of a link without a line: the other has the same name.
        if let Some(other) = label(node).filter(|_| is_kind(node, "getnode")) {
            inputs = kept
                .get(other)
                .map(|id| ("value".to_owned(), json!([id, 0])))
                .into_iter()
                .collect();
        }
        let outputs: Vec<&Value> = slots(node, "outputs")
            .map(|slot| slot.get("name").unwrap_or(&Value::Null))
            .collect();
        graph.insert(
            number(id),
            json!({"class_type": class, "inputs": inputs, "outputs": outputs}),
        );
    }
    Some(Value::Object(graph))
}

/// Number of a link, and the output it comes from: a list in older versions, an object in newer ones.
fn link(value: &Value) -> Option<(u64, Output)> {
    let part = |at: usize, name: &str| value.get(at).or_else(|| value.get(name));
    let from = number(part(1, "origin_id")?);
    Some((
        part(0, "id")?.as_u64()?,
        (from, part(2, "origin_slot")?.as_u64()?),
    ))
}

/// The outputs of a node that is bypassed, each with what then stands in for it: the input of its kind, at the same place or the
/// first.
fn bypass(node: &Value, from: &BTreeMap<u64, Output>) -> Vec<(Output, Output)> {
    let Some(id) = node.get("id").filter(|_| mode(node) == Some(Idle::Bypassed)) else {
        return Vec::new();
    };
    let kind = |slot: &Value| slot.get("type").and_then(Value::as_str).map(str::to_owned);
    let linked: Vec<(usize, Option<String>, &Output)> = slots(node, "inputs")
        .take(SLOTS_MAX)
        .enumerate()
        .filter_map(|(at, slot)| Some((at, kind(slot), from.get(&slot.get("link")?.as_u64()?)?)))
        .collect();
    let stand_in = |(at, slot): (usize, &Value)| {
        let kind = kind(slot)?;
        let mut same = linked.iter().filter(|input| input.1.as_ref() == Some(&kind));
        let first = same.clone().next()?;
        let input = same.find(|input| input.0 == at).unwrap_or(first);
        Some(((number(id), u64::try_from(at).ok()?), input.2.clone()))
    };
    let outputs = slots(node, "outputs").take(SLOTS_MAX);
    outputs.enumerate().filter_map(stand_in).collect()
}

/// Why a node is not run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Idle {
    Bypassed,
    Never,
}

fn mode(node: &Value) -> Option<Idle> {
    match node.get("mode").and_then(Value::as_u64) {
        Some(2) => Some(Idle::Never),
        Some(4) => Some(Idle::Bypassed),
        _ => None,
    }
}

fn slots<'a>(node: &'a Value, which: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    node.get(which).and_then(Value::as_array).into_iter().flatten()
}

/// A node's number, which is a text in some versions.
fn number(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), ToOwned::to_owned)
}

fn is_kind(node: &Value, kind: &str) -> bool {
    let class = node.get("type").and_then(Value::as_str).unwrap_or_default();
    class.to_ascii_lowercase().contains(kind)
}

/// The first of a node's values, where it is a text.
fn label(node: &Value) -> Option<&str> {
    node.get("widgets_values")?.get(0)?.as_str()
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
    // Nodes that hold one text or number are many, and their names say nothing; beside texts of others it is how they are joined.
    let joins = slots(node, "inputs").any(|slot| {
        let kind = slot.get("type").and_then(Value::as_str).unwrap_or_default();
        let is_text = kind.eq_ignore_ascii_case("STRING") || kind.eq_ignore_ascii_case("TEXT");
        is_text && slot.get("link").is_some_and(Value::is_u64)
    });
    let names = if names.is_empty() && values.len() == 1 && !joins {
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
    slots(node, "inputs")
        .filter_map(|slot| slot.get("widget")?.get("name")?.as_str())
        .flat_map(|name| {
            let control = matches!(name, "seed" | "noise_seed").then_some("_");
            std::iter::once(name).chain(control)
        })
        .collect()
}
