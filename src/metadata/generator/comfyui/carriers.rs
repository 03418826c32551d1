//! Nodes that carry what others made and change nothing: reroutes, switches, and bundles of links (contexts, buses, pipes), out of
//! which each output is taken by its place or by its name.
//!
//! ```text
//! {"4": {"class_type": "Context", "inputs": {"model": ["1", 0], "seed": ["2", 0]}},
//!  "5": {"class_type": "Context", "inputs": {"base_ctx": ["4", 0], "positive": ["3", 0]}},
//!  "6": {"class_type": "KSampler", "inputs": {"model": ["5", 1], "positive": ["5", 4], "seed": ["5", 8], ...}}}
//! ```
//! A bundle that another adds to gives what the other does not replace.

use std::collections::BTreeSet;

use serde_json::Value;

use super::graph::{Graph, Node};

/// Most carriers followed for one link.
const HOPS_MAX: usize = 64;
/// Most nodes of bundles searched for one link.
const SEARCHED_MAX: usize = 256;
/// Most inputs of a carrier; the fullest contexts have 23.
const INPUTS_MAX: usize = 64;
/// Longest name of a carrier's class, bytes.
const CLASS_BYTES_MAX: usize = 128;
/// The output of a node that was reached through a bundle: none that says which of its inputs is meant.
const NO_SLOT: u64 = u64::MAX;

/// The outputs of bundles that begin with the bundle itself, as contexts and buses have them.
const OF_CONTEXTS: &[&str] = &[
    "context",
    "model",
    "clip",
    "vae",
    "positive",
    "negative",
    "latent",
    "image",
    "seed",
    "steps",
    "step_refiner",
    "cfg",
    "ckpt_name",
    "sampler",
    "scheduler",
    "clip_width",
    "clip_height",
    "text_pos_g",
    "text_pos_l",
    "text_neg_g",
    "text_neg_l",
    "mask",
    "control_net",
];
/// As [`OF_CONTEXTS`], without the bundle.
const OF_BASIC_PIPES: &[&str] = &["model", "clip", "vae", "positive", "negative"];
/// The outputs of the pipes that hold a picture's whole making.
const OF_PIPES: &[&str] = &[
    "pipe", "model", "positive", "negative", "latent", "vae", "clip", "image", "seed",
];
/// The same with a control net.
const OF_MODULES: &[&str] = &[
    "pipe",
    "model",
    "positive",
    "negative",
    "latent",
    "vae",
    "clip",
    "control_net",
    "image",
    "seed",
];

/// Classes by their beginning, in lower case, the longer first, and what their outputs are.
const LAYOUTS: [(&str, &[&str]); 9] = [
    ("bus node", OF_CONTEXTS),
    ("context", OF_CONTEXTS),
    ("cr module pipe", OF_MODULES),
    ("easy pipe", OF_PIPES),
    ("frombasicpipe_v2", OF_CONTEXTS),
    ("frombasicpipe", OF_BASIC_PIPES),
    ("fromdetailerpipe_", OF_CONTEXTS),
    ("fromdetailerpipe", OF_BASIC_PIPES),
    ("ttn pipeedit", OF_PIPES),
];

/// Whether an input, or an output, is a bundle: `base_ctx`, `ctx_02`, `basic_pipe`, `bus`.
pub(super) fn is_bundle(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    [
        "base_ctx",
        "basic_pipe",
        "bus",
        "context",
        "ctx",
        "detailer_pipe",
        "pipe",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a node is small enough to be a carrier: what is larger is never searched, so that no link costs much.
fn is_small(node: &Node<'_>) -> bool {
    node.inputs.len() <= INPUTS_MAX && node.class.len() <= CLASS_BYTES_MAX
}

/// Whether a node only hands on: all its inputs are links, and it is a bundle, or adds to one.
pub(super) fn is_carrier(node: &Node<'_>) -> bool {
    is_pure(node) && (layout(node).is_some() || node.inputs.keys().any(|name| is_bundle(name)))
}

/// Where a link comes from behind all that only carries: the node that made it, and which of its outputs it is. `role` is what the
/// link's user takes it for: the name of its input, or what is looked for in the bundle where it is `in_bundle`.
pub(super) fn source<'a>(
    graph: &Graph<'a>,
    found: (Node<'a>, u64),
    role: &str,
    mut in_bundle: bool,
) -> (Node<'a>, u64) {
    let mut found = behind(graph, found);
    for _ in 0..HOPS_MAX {
        let (node, slot) = found;
        if !in_bundle && !is_carrier(&node) {
            break;
        }
        let own = named(&node, slot).filter(|_| !in_bundle);
        let Some(next) = unbundled(graph, node, canonical(own.unwrap_or(role))) else {
            break;
        };
        if next.1 == NO_SLOT {
            return next;
        }
        found = behind(graph, next);
        in_bundle = false;
    }
    found
}

/// What is behind reroutes and switches.
fn behind<'a>(graph: &Graph<'a>, found: (Node<'a>, u64)) -> (Node<'a>, u64) {
    let mut found = found;
    for _ in 0..HOPS_MAX {
        let Some(next) = handed_on(graph, &found.0) else {
            break;
        };
        found = next;
    }
    found
}

/// What a reroute or a switch hands on.
fn handed_on<'a>(graph: &Graph<'a>, node: &Node<'a>) -> Option<(Node<'a>, u64)> {
    if !is_small(node) {
        return None;
    }
    let class = node.class.to_ascii_lowercase();
    let mut links = node
        .inputs
        .iter()
        .filter_map(|(name, value)| Some((name, graph.direct(value)?)));
    if ["reroute", "setnode", "getnode", "any switch"]
        .iter()
        .any(|kind| class.contains(kind))
    {
        return links
            .next()
            .map(|(_, link)| link)
            .filter(|_| graph.spend(node.inputs.len()));
    }
    if !class.contains("switch") || !graph.spend(node.inputs.len()) {
        return None;
    }
    let number = ["select", "Input", "index"]
        .iter()
        .find_map(|name| node.inputs.get(*name)?.as_u64())?
        .to_string();
    let is_chosen = |name: &str| {
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
        name.strip_prefix(base) == Some(&number)
    };
    links.find(|(name, _)| is_chosen(name)).map(|(_, link)| link)
}

/// What a bundle holds under a name, searched against the links of bundles. A node with values of its own may have done anything to
/// the bundle: it is the source.
fn unbundled<'a>(graph: &Graph<'a>, node: Node<'a>, wanted: &str) -> Option<(Node<'a>, u64)> {
    if wanted.is_empty() || is_bundle(wanted) {
        return None;
    }
    let mut seen = BTreeSet::from([node.id]);
    let mut todo = vec![node];
    while let Some(node) = todo.pop().filter(|_| seen.len() <= SEARCHED_MAX) {
        if !graph.spend(node.inputs.len()) {
            return None;
        }
        if !is_pure(&node) {
            return Some((node, NO_SLOT));
        }
        let mut own = node
            .inputs
            .iter()
            .filter(|(name, _)| canonical(name).eq_ignore_ascii_case(wanted));
        if let Some(link) = own.find_map(|(_, value)| graph.direct(value)) {
            return Some(link);
        }
        let bundles = node.inputs.iter().filter(|(name, _)| is_bundle(name));
        let mut bundles: Vec<Node<'a>> = bundles
            .filter_map(|(_, value)| Some(behind(graph, graph.direct(value)?).0))
            .filter(|next| seen.insert(next.id))
            .collect();
        // The last pushed is the first looked at: a merged bundle's last part stands over the others, else the first is taken.
        if !node.class.contains("Merge") {
            bundles.reverse();
        }
        todo.extend(bundles);
    }
    None
}

/// What an output of a node is, by the name a drawing gives it or by the class.
fn named<'a>(node: &Node<'a>, slot: u64) -> Option<&'a str> {
    let slot = usize::try_from(slot).ok()?;
    let drawn = node.outputs.and_then(|names| names.get(slot)?.as_str());
    drawn
        .filter(|name| !name.is_empty())
        .or_else(|| layout(node)?.get(slot).copied())
}

fn layout(node: &Node<'_>) -> Option<&'static [&'static str]> {
    let begins = |start: &str| {
        node.class
            .get(..start.len())
            .is_some_and(|class| class.eq_ignore_ascii_case(start))
    };
    Some(LAYOUTS.iter().find(|row| begins(row.0))?.1)
}

/// Whether a node has links, and no values of its own.
fn is_pure(node: &Node<'_>) -> bool {
    if !is_small(node) {
        return false;
    }
    let mut inputs = node.inputs.values().filter(|value| !value.is_null()).peekable();
    inputs.peek().is_some() && inputs.all(Value::is_array)
}

/// One name for what nodes name differently.
pub(super) fn canonical(name: &str) -> &str {
    let name = name.strip_prefix("optional_").unwrap_or(name);
    let name = name.strip_suffix("_opt").unwrap_or(name);
    let row = ALIASES.iter().find(|row| row.0.eq_ignore_ascii_case(name));
    row.map_or(name, |row| row.1)
}

/// Names of inputs and outputs, in small letters, and the one they stand for.
const ALIASES: [(&str, &str); 11] = [
    ("conditioning+", "positive"),
    ("conditioning-", "negative"),
    ("controlnet", "control_net"),
    ("images", "image"),
    ("latent_image", "latent"),
    ("neg", "negative"),
    ("noise_seed", "seed"),
    ("pixels", "image"),
    ("pos", "positive"),
    ("sampler_name", "sampler"),
    ("samples", "latent"),
];
