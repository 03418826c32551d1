//! The way to one key of a state map: verified without the map, written and read as lines of text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{MapHash, MapKey, MapRoot, MapValue};
use crate::base::Digest;

/// Most steps of a proof: one for each bit of a key.
pub const STEPS_MAX: usize = 256;

/// What a map says about one key, with the hashes that lead to its root. Made by [`super::Settled::prove`] or read from
/// anywhere: only [`MapProof::verify`] makes it an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    /// What stands at the end of the way.
    pub end: End,
    /// The branches on the way, from the root down.
    pub steps: Vec<Step>,
}

/// What stands at the end of the way to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: the map has no keys.
    Empty,
    /// The key, with this value.
    Found(MapValue),
    /// Another key, with its value: the one asked for is absent.
    Other(MapKey, MapValue),
}

/// One branch on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The bit by which the keys below the branch differ.
    pub bit: u8,
    /// The hash of the side that the way does not take.
    pub beside: MapHash,
}

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapProofError {
    /// The key at the end is the one asked for, given out as another.
    #[error("the other key at the end of the way is the one asked for")]
    NotAnother,
    /// The bits of the steps do not ascend.
    #[error("the bit of step {step} is not above the one before")]
    Order {
        /// The step, from 0.
        step: usize,
    },
    /// The hashes lead to another root.
    #[error("the way leads to another root hash")]
    Root,
    /// A line is not what the format has there.
    #[error("line {line} of the map proof is not of its form")]
    Text {
        /// The line, from 0.
        line: usize,
    },
    /// The way to the key asked for leaves the one to the key at the end.
    #[error("the way to the key asked for turns off at step {step}")]
    Way {
        /// The step, from 0.
        step: usize,
    },
}

impl MapProof {
    /// Checks the proof against a root and returns what the map says: the value of `key`, or `None` when it has none.
    ///
    /// A proof of absence holds for every key whose way ends at the same place; it is true of each of them.
    pub fn verify(&self, key: &MapKey, root: &MapRoot) -> Result<Option<MapValue>, MapProofError> {
        if let Some(at) = self.steps.windows(2).position(|two| two[0].bit >= two[1].bit) {
            let step = at.saturating_add(1);
            return Err(MapProofError::Order { step });
        }
        let (leaf, value) = match &self.end {
            // The hash of nothing cannot be reached by a branch, so steps beside it lead nowhere.
            End::Empty if self.steps.is_empty() && *root == MapRoot::empty() => return Ok(None),
            End::Empty => return Err(MapProofError::Root),
            End::Found(value) => (MapHash::leaf(key, value), Some(*value)),
            End::Other(other, _) if other == key => return Err(MapProofError::NotAnother),
            End::Other(other, value) => {
                let turns_off = |step: &Step| key.bit(step.bit) != other.bit(step.bit);
                if let Some(step) = self.steps.iter().position(turns_off) {
                    return Err(MapProofError::Way { step });
                }
                (MapHash::leaf(other, value), None)
            }
        };
        let up = |below: MapHash, step: &Step| {
            if key.bit(step.bit) {
                MapHash::branch(step.bit, step.beside, below)
            } else {
                MapHash::branch(step.bit, below, step.beside)
            }
        };
        let found = self.steps.iter().rev().fold(leaf, up).root();
        if found == *root {
            Ok(value)
        } else {
            Err(MapProofError::Root)
        }
    }

    /// The lines, each ended by a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = match &self.end {
            End::Empty => "empty\n".to_owned(),
            End::Found(MapValue { state, status }) => {
                format!("found {} {status}\n", BASE64.encode(state.as_bytes()))
            }
            End::Other(key, MapValue { state, status }) => format!(
                "other {} {} {status}\n",
                BASE64.encode(key.as_bytes()),
                BASE64.encode(state.as_bytes())
            ),
        };
        for Step { bit, beside } in &self.steps {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "step {bit} {}", BASE64.encode(beside.as_bytes()));
        }
        out
    }

    /// Reads the lines; refuses every second spelling.
    pub fn parse(text: &str) -> Result<Self, MapProofError> {
        let mut lines = text.split_inclusive('\n');
        let first = lines.next().unwrap_or_default();
        let end = parse_end(first).ok_or(MapProofError::Text { line: 0 })?;
        let mut steps = Vec::new();
        for (before, line) in lines.enumerate() {
            let wrong = MapProofError::Text {
                line: before.saturating_add(1),
            };
            if steps.len() == STEPS_MAX {
                return Err(wrong);
            }
            steps.push(parse_step(line).ok_or(wrong)?);
        }
        let read = Self { end, steps };
        // What is spelt otherwise differs in some line.
        let again = read.text();
        match again.lines().zip(text.lines()).position(|(a, b)| a != b) {
            Some(line) => Err(MapProofError::Text { line }),
            None if again.len() != text.len() => Err(MapProofError::Text {
                line: read.steps.len(),
            }),
            None => Ok(read),
        }
    }
}

fn parse_end(line: &str) -> Option<End> {
    let words: Vec<&str> = line.trim_end_matches('\n').splitn(5, ' ').collect();
    Some(match words.as_slice() {
        ["empty"] => End::Empty,
        ["found", state, status] => End::Found(value(state, status)?),
        ["other", key, state, status] => End::Other(MapKey::from_bytes(bytes(key)?), value(state, status)?),
        _ => return None,
    })
}

fn parse_step(line: &str) -> Option<Step> {
    let words: Vec<&str> = line.trim_end_matches('\n').splitn(4, ' ').collect();
    let ["step", bit, beside] = words.as_slice() else {
        return None;
    };
    Some(Step {
        bit: bit.parse().ok()?,
        beside: MapHash::from_bytes(bytes(beside)?),
    })
}

fn value(state: &str, status: &str) -> Option<MapValue> {
    Some(MapValue {
        state: Digest::from_bytes(bytes(state)?),
        status: status.parse().ok()?,
    })
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text).ok()?.try_into().ok()
}
