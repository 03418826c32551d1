//! A graph of nodes as ComfyUI runs it, walked against the direction of its links, within bounds and without recursion.
//!
//! ```text
//! {"3": {"class_type": "KSampler", "inputs": {"seed": 7, "model": ["4", 0], ...}}, "4": {...}}
//! ```
//! An input is a value, or a link: the number of a node and which of its outputs.

use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::super::json::word;
use super::carriers::{self, is_bundle};
use crate::base::Untrusted;
use crate::base::limits::{GRAPH_INPUTS_MAX, GRAPH_NODES_MAX};

/// Most inputs of a node that are searched for its only number.
const SMALL: usize = 8;
/// Most inputs of carriers looked at for one graph: each link may lead through many, and each walk takes each link anew.
const CARRIED_MAX: usize = 1 << 21;
/// Most links followed to find one value.
const HOPS_MAX: usize = 16;

/// The nodes of one graph.
pub(super) struct Graph<'a> {
    nodes: &'a Map<String, Value>,
    /// Inputs of carriers that may still be looked at.
    left: Cell<usize>,
}

/// One node.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    /// Its number.
    pub(super) id: &'a str,
    /// What kind of step it is.
    pub(super) class: &'a str,
    /// Values and links.
    pub(super) inputs: &'a Map<String, Value>,
    /// Names of the outputs, which drawings have.
    pub(super) outputs: Option<&'a Vec<Value>>,
}

impl<'a> Node<'a> {
    fn of(id: &'a str, value: &'a Value) -> Option<Self> {
        Some(Self {
            id,
            class: value.get("class_type")?.as_str()?,
            inputs: value.get("inputs")?.as_object()?,
            outputs: value.get("outputs").and_then(Value::as_array),
        })
    }

    /// Whether it has an input of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.inputs.contains_key(name)
    }
}

impl<'a> Graph<'a> {
    /// The graph in a JSON object; `None` where it is none, or larger than is walked.
    pub(super) fn new(value: &'a Value) -> Option<Self> {
        let graph = Self {
            nodes: value.as_object()?,
            left: Cell::new(CARRIED_MAX),
        };
        graph.nodes().next()?;
        let inputs = graph.nodes().map(|node| node.inputs.len());
        let inputs = inputs.fold(0usize, usize::saturating_add);
        (graph.nodes.len() <= GRAPH_NODES_MAX && inputs <= GRAPH_INPUTS_MAX).then_some(graph)
    }

    /// Every node, in file order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.nodes.iter().filter_map(|(id, node)| Node::of(id, node))
    }

    /// The node and output that a value comes from, behind all that only carries it; `None` for values that are no links. `name` is
    /// the input's; `role` is what is looked for where that is a bundle.
    pub(super) fn link(&self, value: &Value, name: &str, role: &str) -> Option<(Node<'a>, u64)> {
        let found = self.direct(value)?;
        let in_bundle = is_bundle(name);
        let role = if in_bundle { role } else { name };
        Some(carriers::source(self, found, role, in_bundle))
    }

    /// Takes the inputs of a carrier off what is left; `false` where that is less.
    pub(super) fn spend(&self, inputs: usize) -> bool {
        let rest = self.left.get().checked_sub(inputs.saturating_add(1));
        self.left.set(rest.unwrap_or(0));
        rest.is_some()
    }

    /// The node and output that a value names.
    pub(super) fn direct(&self, value: &Value) -> Option<(Node<'a>, u64)> {
        let [id, slot] = value.as_array()?.as_slice() else {
            return None;
        };
        let number = id.as_u64().map(|id| id.to_string());
        let (id, node) = self.nodes.get_key_value(id.as_str().or(number.as_deref())?)?;
        Some((Node::of(id, node)?, slot.as_u64()?))
    }

    /// The node that an input of a node links to.
    pub(super) fn linked(&self, node: &Node<'a>, name: &str) -> Option<Node<'a>> {
        Some(self.link(node.inputs.get(name)?, name, "")?.0)
    }

    /// The value of the first of several inputs, through nodes that only pass a value on.
    pub(super) fn scalar(&self, node: &Node<'a>, names: &[&str]) -> Option<Untrusted> {
        names
            .iter()
            .find_map(|name| self.followed(node.inputs.get(*name)?, name, names))
    }

    fn followed(&self, value: &'a Value, name: &str, names: &[&str]) -> Option<Untrusted> {
        let mut value = value;
        for _ in 0..HOPS_MAX {
            // A value with its settings beside it: `{"content": "name"}`.
            if let Some(word) = word(value).or_else(|| word(value.get("content")?)) {
                return Some(word);
            }
            let (node, _) = self.link(value, name, "")?;
            // A bundle without it has other links, which are other things.
            if carriers::is_carrier(&node) {
                return None;
            }
            let known = names
                .iter()
                .chain(&PASSED_ON)
                .find_map(|name| node.inputs.get(*name));
            value = known.or_else(|| {
                let mut numbers = node
                    .inputs
                    .values()
                    .take(SMALL)
                    .filter(|value| value.is_number() || value.is_array());
                numbers.next().filter(|_| numbers.next().is_none())
            })?;
        }
        None
    }

    /// The nodes against the links, nearest first, each once; `follow` judges inputs by their names, `role` is what is looked for in
    /// bundles, where it is one thing.
    pub(super) fn upstream(
        &self,
        from: &[Node<'a>],
        role: &str,
        follow: impl Fn(&str) -> bool,
    ) -> Vec<Node<'a>> {
        let mut seen: BTreeSet<&str> = from.iter().map(|node| node.id).collect();
        let mut todo: VecDeque<Node<'a>> = from.iter().copied().collect();
        let mut found = Vec::new();
        while let Some(node) = todo.pop_front() {
            let links = node.inputs.iter().filter(|(name, _)| follow(name));
            for (next, _) in links.filter_map(|(name, value)| self.link(value, name, role)) {
                if seen.insert(next.id) {
                    todo.push_back(next);
                }
            }
            found.push(node);
        }
        found
    }

    /// Nodes that give the picture out: those that save, else those that show, else those nobody links to.
    pub(super) fn outputs(&self) -> Vec<Node<'a>> {
        let linked: BTreeSet<&str> = self
            .nodes()
            .flat_map(|node| node.inputs.values())
            .filter_map(|value| self.direct(value))
            .map(|(node, _)| node.id)
            .collect();
        let ends: Vec<Node<'a>> = self.nodes().filter(|node| !linked.contains(node.id)).collect();
        let pictures = |node: &&Node<'a>| node.inputs.keys().any(|name| name.starts_with("image"));
        for kind in ["Save", "Preview"] {
            let of_kind: Vec<Node<'a>> = self
                .nodes()
                .filter(|node| node.class.contains(kind))
                .filter(|node| pictures(&node))
                .collect();
            if !of_kind.is_empty() {
                return of_kind;
            }
        }
        ends
    }
}

/// Names under which nodes that only hold a value hold it.
const PASSED_ON: [&str; 8] = [
    "value",
    "seed",
    "noise_seed",
    "int",
    "float",
    "number",
    "Number",
    "text",
];
