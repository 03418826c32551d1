//! What codes mean.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// What kind of word or code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CodeKind {
    /// A result word, or an answer of byline's own that stands beside one.
    Result,
    /// A question that byline asks; the answer stands beside it.
    Check,
    /// A step that a manifest records.
    Action,
    /// A check that passed.
    Success,
    /// Neither good nor bad.
    Informational,
    /// A check that failed.
    Failure,
    /// A rule that a certificate, an entry or a ledger breaks.
    Rule,
}

/// One code explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeView {
    /// The code, or the result word.
    pub code: &'static str,
    /// What kind it is.
    pub kind: CodeKind,
    /// Where it belongs: `byline`, `c2pa`, `cawg`, `certificate`, `coverage` or `ledger`.
    pub group: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What still holds.
    pub holds: &'static str,
    /// What would settle it, or what to do.
    pub settle: &'static str,
}

/// What was asked, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainReport {
    /// Always `explain-report.v1`.
    pub schema: &'static str,
    /// What was asked for; absent for all.
    pub asked: Option<Untrusted>,
    /// The codes, by group; of one that was asked for, that one.
    pub codes: Vec<CodeView>,
}
