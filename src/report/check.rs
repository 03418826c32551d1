//! One question, its answer, and a sentence of why.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Checked, and it holds.
    Pass,
    /// Checked, and it does not hold.
    Fail,
    /// Checked as far as the evidence goes, which is not far enough.
    Unknown,
    /// Not checked.
    NotChecked,
}

/// One check: a stable id, the answer, and the reason in words of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// Stable name; C2PA's status code where the specification has one.
    pub id: String,
    /// The answer.
    pub outcome: Outcome,
    /// Why, in one sentence without text from the file.
    pub note: String,
}

impl Check {
    /// A check with its reason.
    pub fn new(id: impl Into<String>, outcome: Outcome, note: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            outcome,
            note: note.into(),
        }
    }
}
