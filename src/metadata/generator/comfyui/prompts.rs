//! The words behind a conditioning: through encoders, combiners, control nets and nodes that only carry text.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::said;
use super::carriers::{canonical, is_bundle};
use super::graph::{Graph, Node};
use super::is_sampler;
use crate::base::Untrusted;
use crate::base::limits::FIELD_BYTES_MAX;

/// Most inputs looked at for one prompt: links may share nodes, so the ways through a graph are more than its nodes.
const STEPS_MAX: usize = 16_384;
/// Most links between a text's user and its words.
const LINKS_MAX: usize = 32;

/// Which of the two a conditioning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// What is wanted.
    Wanted,
    /// What is not.
    Unwanted,
}

impl Side {
    /// What it is called in bundles.
    const fn role(self) -> &'static str {
        match self {
            Self::Wanted => "positive",
            Self::Unwanted => "negative",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Wanted => Self::Unwanted,
            Self::Unwanted => Self::Wanted,
        }
    }

    /// Inputs of samplers and guiders that hold it, by rank.
    const fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::Wanted => &["positive", "conditioning", "cond1", "text_embeds", "prompt"],
            Self::Unwanted => &[
                "negative",
                "neg_conditioning",
                "negative_conditioning",
                "text_embeds",
                "negative_prompt",
            ],
        }
    }

    /// Inputs of encoders that hold words of this side alone.
    const fn words(self) -> [&'static str; 3] {
        match self {
            Self::Wanted => ["positive", "positive_prompt", "text_positive"],
            Self::Unwanted => ["negative", "negative_prompt", "text_negative"],
        }
    }
}

/// Inputs of encoders that hold words, whatever the side.
const ENCODED: [&str; 14] = [
    "populated_text",
    "text",
    "text_g",
    "text_l",
    "clip_l",
    "clip_g",
    "t5xxl",
    "llama",
    "prompt",
    "string",
    "bert",
    "mt5xl",
    "qwen25_7b",
    "wildcard_text",
];

/// The words of one side of a sampler or guider, several on lines of their own.
pub(super) fn prompt<'a>(graph: &Graph<'a>, holder: &Node<'a>, side: Side) -> Option<Untrusted> {
    let start = start(holder, side)?;
    let mut left = STEPS_MAX;
    let mut texts: Vec<String> = Vec::new();
    let mut seen: BTreeSet<(&str, Side)> = BTreeSet::new();
    let mut todo: Vec<(&'a str, &'a Value, Side)> = vec![(start.0, start.1, side)];
    while let Some((name, value, side)) = todo.pop() {
        if value.is_string() {
            add(&mut texts, &expand(graph, value, &mut left));
            continue;
        }
        // Of inputs that name no side it is the one that was asked for.
        let name = if is_bundle(name) { name } else { side.role() };
        let Some((node, slot)) = graph.link(value, name, side.role()) else {
            continue;
        };
        if !spend(&mut left, &node) {
            break;
        }
        // What is zeroed has no words left.
        if !seen.insert((node.id, side)) || node.class == "ConditioningZeroOut" {
            continue;
        }
        if let Some((value, side)) = of_two(graph, &node, slot, side) {
            todo.push((side.role(), value, side));
            continue;
        }
        let own = side.words();
        for value in ENCODED
            .iter()
            .chain(&own)
            .filter_map(|name| node.inputs.get(*name))
        {
            add(&mut texts, &expand(graph, value, &mut left));
        }
        let other = side.other().role();
        let onward = node
            .inputs
            .iter()
            .filter(|(name, _)| carries_words(name) && !ENCODED.contains(&name.as_str()))
            .filter(|(name, _)| canonical(name) != other && !name.contains(other));
        // The last pushed is the first looked at.
        let onward: Vec<_> = onward.map(|(name, value)| (name.as_str(), value, side)).collect();
        todo.extend(onward.into_iter().rev());
    }
    said(&texts.join("\n"))
}

/// Where the words of one side hang on a sampler or guider: at an input of their own, else at a bundle.
fn start<'a>(holder: &Node<'a>, side: Side) -> Option<(&'a str, &'a Value)> {
    let named = |name: &&str| holder.inputs.get_key_value(*name);
    let (last, first) = side.inputs().split_last()?;
    let found = first
        .iter()
        .find_map(named)
        .or_else(|| holder.inputs.iter().find(|(name, _)| is_bundle(name)))
        .or_else(|| named(last))?;
    Some((found.0.as_str(), found.1))
}

/// Of a node with both sides, the one that an output stands for: by the output where those are the sides, else by the side wanted.
fn of_two<'a>(graph: &Graph<'a>, node: &Node<'a>, slot: u64, side: Side) -> Option<(&'a Value, Side)> {
    let (wanted, unwanted) = (node.inputs.get("positive")?, node.inputs.get("negative")?);
    // A sampler hands its model on before them.
    let in_order = graph.direct(wanted).is_some() && graph.direct(unwanted).is_some() && !is_sampler(node);
    let side = match slot {
        0 if in_order => Side::Wanted,
        1 if in_order => Side::Unwanted,
        _ => side,
    };
    Some(match side {
        Side::Wanted => (wanted, side),
        Side::Unwanted => (unwanted, side),
    })
}

/// Whether an input of a node on the way may lead to words.
fn carries_words(name: &str) -> bool {
    let other = [
        "ckpt",
        "clip",
        "control_net",
        "guider",
        "image",
        "init",
        "latent",
        "lora",
        "mask",
        "model",
        "noise",
        "pixels",
        "reference",
        "samples",
        "sampler",
        "sigmas",
        "style_model",
        "vae",
    ];
    !other.iter().any(|start| name.starts_with(start))
}

/// Takes the inputs of a node off what is left; `false` where that is less.
fn spend(left: &mut usize, node: &Node<'_>) -> bool {
    let rest = left.checked_sub(node.inputs.len().saturating_add(1));
    *left = rest.unwrap_or(0);
    rest.is_some()
}

fn add(texts: &mut Vec<String>, text: &str) {
    let text = text.trim();
    let length = texts
        .iter()
        .fold(text.len(), |sum, known| sum.saturating_add(known.len()));
    if length > FIELD_BYTES_MAX {
        return;
    }
    // Models with several encoders are mostly given the same words for each.
    if !text.is_empty() && !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}

/// A text through nodes that join, show and pass on texts.
fn expand<'a>(graph: &Graph<'a>, value: &'a Value, left: &mut usize) -> String {
    let mut out = String::new();
    let mut between = "";
    let mut todo: Vec<(Piece<'a>, usize)> = vec![(Piece::Value(value), 0)];
    while let Some((piece, links)) = todo.pop() {
        let room = FIELD_BYTES_MAX.saturating_sub(out.len());
        if links > LINKS_MAX || room == 0 {
            continue;
        }
        match piece {
            Piece::Between(text) => between = text,
            // A blank text is not set off from the others.
            Piece::Value(Value::String(text))
                if text.trim().is_empty() && (out.is_empty() || !between.trim().is_empty()) => {}
            Piece::Value(Value::String(text)) => {
                if !out.is_empty() {
                    push(&mut out, between, room);
                }
                between = "";
                let room = FIELD_BYTES_MAX.saturating_sub(out.len());
                push(&mut out, text, room);
            }
            Piece::Value(value) => {
                if let Some((node, _)) = graph.link(value, "", "").filter(|(node, _)| spend(left, node)) {
                    let pieces = pieces(graph, &node);
                    let deeper = links.saturating_add(1);
                    todo.extend(pieces.into_iter().rev().map(|piece| (piece, deeper)));
                }
            }
        }
    }
    out
}

/// Adds a text, or as much of it as there is room for.
fn push(out: &mut String, text: &str, room: usize) {
    out.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    Between(&'a str),
    Value(&'a Value),
}

/// The texts that a node makes its own of, in order, with what stands between them.
fn pieces<'a>(graph: &Graph<'a>, node: &Node<'a>) -> Vec<Piece<'a>> {
    // What a wildcard became is what was used.
    if let Some(value) = node
        .inputs
        .get("populated_text")
        .filter(|value| value.is_string())
    {
        return vec![Piece::Value(value)];
    }
    let usable = |value: &Value| value.is_string() || graph.direct(value).is_some();
    let named = node
        .inputs
        .iter()
        .filter(|(name, value)| is_text(name) && usable(value));
    let mut parts: Vec<&Value> = named.map(|(_, value)| value).collect();
    // A node that shows a text holds it a second time.
    if node.class.starts_with("ShowText") {
        parts.truncate(1);
    }
    if parts.is_empty() {
        parts.extend(node.inputs.values().find(|value| graph.direct(value).is_some()));
    }
    let between = ["delimiter", "separator"]
        .iter()
        .find_map(|name| node.inputs.get(*name)?.as_str());
    let between = between.unwrap_or(if node.class.starts_with("StringConcat") {
        ""
    } else {
        ", "
    });
    let mut pieces = Vec::new();
    for part in parts {
        if !pieces.is_empty() {
            pieces.push(Piece::Between(between));
        }
        pieces.push(Piece::Value(part));
    }
    pieces
}

/// Whether an input holds text: `text`, `text_a`, `string1`, `prompt`, ...
fn is_text(name: &str) -> bool {
    let (base, last) = name.rsplit_once('_').unwrap_or((name, ""));
    let base = if last.len() == 1 || last.chars().all(|c| c.is_ascii_digit()) {
        base
    } else {
        name
    };
    let base = base.trim_end_matches(|c: char| c.is_ascii_digit());
    [
        "content",
        "input_text",
        "positive",
        "prompt",
        "str",
        "string",
        "text",
        "value",
        "wildcard_text",
    ]
    .contains(&base)
}
