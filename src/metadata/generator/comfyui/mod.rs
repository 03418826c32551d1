//! ComfyUI: from the node that saves the picture back to the sampler that made it, and from there to model, words and seed.
//!
//! Nodes are known by their inputs, not by their names, of which there are thousands: what has a model and a seed and takes steps
//! is a sampler, be it `KSampler`, `SamplerCustomAdvanced` with its guider and noise (Flux, SD3, HiDream), or somebody's own.

mod carriers;
#[cfg(test)]
mod carriers_tests;
mod drawn;
#[cfg(test)]
mod drawn_tests;
mod graph;
mod prompts;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::carriers::is_bundle;
use self::graph::{Graph, Node};
use self::prompts::Side;
use super::json::{pick, side, word};
use super::{Dialect, FoundIn, Lora, Record, Settings};
use crate::base::Untrusted;
use crate::base::limits::GRAPH_NODES_MAX;

/// Said where only the drawing was there.
pub(super) const DRAWN: &str =
    "read from the graph as it was drawn, which may have been changed after the picture was made";
/// Said where only the drawing was there, and nothing of the picture tells that it came of it.
pub(super) const ATTACHED: &str = "it does not count as how this picture was made: it names no size, or another than the picture's, \
     as beside a picture of the graph itself";
/// Said where the graph makes several pictures.
const SEVERAL: &str = "the graph saves several pictures, and which of them this is it does not say";
/// Most runs of samplers reported beside the last.
const EARLIER_MAX: usize = 15;
/// Most nodes that save pictures looked at.
const OUTPUTS_MAX: usize = 32;
/// Most LoRAs and pictures to start from.
const LISTED_MAX: usize = 64;

/// Reads a graph, as it was run or as it was drawn; `None` where the object is neither.
pub(super) fn read(object: &Value, found_in: &FoundIn) -> Option<Record> {
    if let Some(graph) = Graph::new(object).or_else(|| Graph::new(object.get("prompt")?)) {
        return Some(record(&graph, found_in));
    }
    let to_run = drawn::to_run(object)?;
    let mut record = record(&Graph::new(&to_run)?, found_in);
    record.remarks.push(DRAWN);
    Some(record)
}

/// Judges a graph as it was drawn beside the picture that holds it.
///
/// A file that was saved with its drawing alone and a picture of the editor into which the drawing was put, so that it can be opened
/// again, look the same, and the second kind is far the commoner: of 50 such files in public repositories 48 are of it. To call those
/// generated is worse than to call the others unknown. A picture of the size that the graph makes, or of that size enlarged, is
/// taken for its work; a window seldom has that size.
pub(super) fn weigh_drawing(record: &mut Record, size: Option<(u32, u32)>) {
    if !record.remarks.contains(&DRAWN) || record.source_type.is_none() {
        return;
    }
    let runs = std::iter::once(&record.settings).chain(&record.earlier);
    let made = size.is_some_and(|size| {
        runs.filter_map(|run| run.size)
            .any(|asked| is_made_of(size, asked))
    });
    if !made {
        record.source_type = None;
        record.remarks.push(ATTACHED);
    }
}

/// Whether a picture has the size asked for, or that size enlarged; latents are laid in steps of 8 pixels.
fn is_made_of(picture: (u32, u32), asked: (u32, u32)) -> bool {
    const STEP: u64 = 8;
    let [width, height, wide, high] = [picture.0, picture.1, asked.0, asked.1].map(u64::from);
    let step = STEP.saturating_mul(wide.saturating_add(high));
    let off = width.saturating_mul(high).abs_diff(height.saturating_mul(wide));
    let enlarged = width > wide && height > high && off <= step;
    let near = |side: u64, asked: u64| side.abs_diff(asked) < STEP;
    near(width, wide) && near(height, high) || enlarged
}

/// Whether an object looks like a graph, as run or as drawn, that [`read`] refuses for its size.
pub(super) fn is_too_large(object: &Value) -> bool {
    let nodes = object.get("nodes").and_then(Value::as_array);
    let run = object.as_object().and_then(|nodes| nodes.values().next());
    run.is_some_and(|node| node.get("class_type").is_some())
        || nodes.is_some_and(|nodes| nodes.len() > GRAPH_NODES_MAX)
}

/// One way to a picture: its samplers, the last to run first, and all nodes that carried it.
struct Way<'a> {
    samplers: Vec<Node<'a>>,
    path: Vec<Node<'a>>,
}

fn record(graph: &Graph<'_>, found_in: &FoundIn) -> Record {
    let outputs: Vec<Node<'_>> = graph.outputs().into_iter().take(OUTPUTS_MAX).collect();
    let ways: Vec<Way<'_>> = outputs.iter().map(|output| way(graph, *output)).collect();
    let making = || ways.iter().filter(|way| !way.samplers.is_empty());
    // Where several are saved, the longest way holds the others' samplers; of equals the first.
    let longest = making().max_by_key(|way| (way.samplers.len(), std::cmp::Reverse(position(&ways, way))));
    let mut runs: Vec<Settings> = Vec::new();
    let mut init_images = Vec::new();
    if let Some(way) = longest {
        let main = way.samplers.iter().position(|node| adds_noise(node)).unwrap_or(0);
        let others = way.samplers.iter().enumerate().filter(|(at, _)| *at != main);
        let ordered = way
            .samplers
            .get(main)
            .into_iter()
            .chain(others.map(|(_, node)| node));
        runs.extend(ordered.take(EARLIER_MAX + 1).map(|node| settings(graph, node)));
        init_images.extend(way.path.iter().filter_map(loaded).take(LISTED_MAX));
    }
    let mut runs = runs.into_iter();
    let mut record = Record::new(
        Dialect::ComfyUi,
        found_in,
        "ComfyUI",
        runs.next().unwrap_or_default(),
    );
    record.earlier = runs.collect();
    // A graph that only loads, scales or saves makes nothing.
    match longest {
        None => record.source_type = None,
        Some(_) if !init_images.is_empty() => record.mark_as_edit(),
        Some(_) => {}
    }
    record.init_images = init_images;
    if making().count() > 1 {
        record.remarks.push(SEVERAL);
    }
    record
}

fn position(ways: &[Way<'_>], way: &Way<'_>) -> usize {
    ways.iter().position(|one| std::ptr::eq(one, way)).unwrap_or(0)
}

fn way<'a>(graph: &Graph<'a>, output: Node<'a>) -> Way<'a> {
    let samplers =
        |path: &[Node<'a>], is: fn(&Node<'a>) -> bool| path.iter().copied().filter(is).collect::<Vec<_>>();
    let path = graph.upstream(&[output], "", carries_pictures);
    let found = samplers(&path, is_sampler);
    if !found.is_empty() {
        return Way {
            samplers: found,
            path,
        };
    }
    // Bundles of links hide the picture's way, and services have no sampler.
    let all = graph.upstream(&[output], "", |_| true);
    let found = samplers(&all, is_sampler);
    let found = if found.is_empty() {
        samplers(&path, is_service)
    } else {
        found
    };
    Way {
        samplers: found,
        path,
    }
}

/// Whether an input may carry the picture, as pixels or as latents.
fn carries_pictures(name: &str) -> bool {
    let other = [
        "clip",
        "cond",
        "control_net",
        "guider",
        "lora",
        "mask",
        "model",
        "neg",
        "noise",
        "pos",
        "prompt",
        "sampler",
        "seed",
        "sigmas",
        "style_model",
        "text",
        "upscale_model",
        "vae",
    ];
    !other.iter().any(|start| name.starts_with(start)) || name == "samples"
}

fn is_sampler(node: &Node<'_>) -> bool {
    let any = |names: &[&str]| names.iter().any(|name| node.has(name));
    let seeded = any(&["seed", "noise_seed", "noise"]);
    let stepped = any(&["steps", "sigmas", "sampler_name", "sampler"]);
    let modelled = any(&["model", "guider"]) || node.inputs.keys().any(|name| is_bundle(name));
    // A bundle holds what a sampler needs and samples nothing.
    seeded
        && !carriers::is_carrier(node)
        && ((modelled && stepped) || node.class.to_ascii_lowercase().contains("sampler"))
}

fn is_service(node: &Node<'_>) -> bool {
    node.has("prompt") && (node.has("seed") || node.has("model"))
}

/// Whether the run began with noise of its own seed, and not with what another run left.
fn adds_noise(node: &Node<'_>) -> bool {
    node.inputs
        .get("add_noise")
        .is_none_or(|value| value != "disable" && value != &Value::Bool(false))
}

/// The picture that a node loads.
fn loaded(node: &Node<'_>) -> Option<Untrusted> {
    node.class
        .contains("LoadImage")
        .then(|| word(node.inputs.get("image")?))
        .flatten()
}

fn settings<'a>(graph: &Graph<'a>, node: &Node<'a>) -> Settings {
    let guider = graph.linked(node, "guider");
    let holder = guider.as_ref().unwrap_or(node);
    let noise = graph.linked(node, "noise").unwrap_or(*node);
    let seed = graph.scalar(&noise, &["seed", "noise_seed"]);
    let schedule = graph
        .linked(node, "sigmas")
        .map(|first| graph.upstream(&[first], "sigmas", |name| name == "sigmas"));
    let scheduling = schedule.and_then(|nodes| nodes.into_iter().find(|node| node.has("steps")));
    let of_run = |names: &[&str]| {
        graph
            .scalar(node, names)
            .or_else(|| graph.scalar(scheduling.as_ref()?, names))
    };
    let scheduler = of_run(&["scheduler"]).or_else(|| Some(super::cap(scheduling.as_ref()?.class)));
    let models = graph.upstream(&[*holder], "model", leads_to_model);
    let literal = |node: &Node<'a>| super::said(node.inputs.get("model")?.as_str()?);
    let model = models
        .iter()
        .find_map(|node| graph.scalar(node, MODEL_NAMES).or_else(|| literal(node)));
    let sampler = || {
        let named = graph.linked(node, "sampler")?;
        graph
            .scalar(&named, &["sampler_name"])
            .or_else(|| Some(super::cap(named.class)))
    };
    let guidance = graph.upstream(&[*holder], "positive", |name| {
        ["positive", "conditioning"]
            .iter()
            .any(|start| name.starts_with(start))
    });
    Settings {
        cfg_scale: graph.scalar(holder, &["cfg"]),
        denoise: of_run(&["denoise"]),
        guidance: guidance.iter().find_map(|node| graph.scalar(node, &["guidance"])),
        loras: models.iter().flat_map(loras).take(LISTED_MAX).collect(),
        model,
        model_hash: None,
        negative_prompt: prompts::prompt(graph, holder, Side::Unwanted),
        prompt: prompts::prompt(graph, holder, Side::Wanted),
        sampler: graph.scalar(node, &["sampler_name"]).or_else(sampler),
        scheduler,
        seed: seed.filter(|_| adds_noise(node)),
        size: size(graph, node),
        steps: of_run(&["steps"]),
        subseed: None,
        vae: None,
    }
}

/// Inputs under which loaders name their model.
const MODEL_NAMES: &[&str] = &[
    "ckpt_name",
    "unet_name",
    "base_ckpt_name",
    "model_name",
    "model_path",
    "gguf_name",
    "model_type",
    "checkpoint",
];

fn leads_to_model(name: &str) -> bool {
    let starts = ["any", "ckpt", "guider", "lora", "model", "unet"];
    is_bundle(name) || starts.iter().any(|start| name.starts_with(start))
}

/// Width and height of the latents that a run was given.
fn size(graph: &Graph<'_>, node: &Node<'_>) -> Option<(u32, u32)> {
    // What is pasted into a picture does not give it its size.
    let whole = |name: &str| carries_pictures(name) && !matches!(name, "samples_from" | "source");
    graph.upstream(&[*node], "latent", whole).iter().find_map(|node| {
        let get = |name: &str| {
            let value = graph.scalar(node, &[name])?;
            side(&Value::String(value.raw().to_owned()))
        };
        Some((get("width")?, get("height")?))
    })
}

/// The LoRAs that a node adds: one by name, several by number, or as objects with a switch.
fn loras(node: &Node<'_>) -> Vec<Lora> {
    let weight = |ends: &[&str]| ends.iter().find_map(|name| word(node.inputs.get(*name)?));
    let named = node
        .inputs
        .iter()
        .filter(|(name, _)| name.starts_with("lora"))
        .filter_map(|(name, value)| {
            if let Value::Object(_) = value {
                let on = value.get("on").and_then(Value::as_bool).unwrap_or(true);
                let weight = pick(value, &["strength"]);
                return Some((pick(value, &["lora"]).filter(|_| on)?, weight));
            }
            let text = word(value.as_str().map(|_| value)?)?;
            let number: String = name.chars().filter(char::is_ascii_digit).collect();
            let own = ["strength_model", "lora_model_strength"];
            let numbered = [
                format!("strength_{number}"),
                format!("model_weight_{number}"),
                format!("lora_wt_{number}"),
            ];
            let off = node
                .inputs
                .get(&format!("switch_{number}"))
                .is_some_and(|switch| switch == "Off");
            let weight = if number.is_empty() {
                weight(&own)
            } else {
                weight(&numbered.each_ref().map(String::as_str))
            };
            (text.raw() != "None" && !off).then_some((text, weight))
        });
    named
        .map(|(name, weight)| Lora {
            hash: None,
            name,
            weight,
        })
        .collect()
}
