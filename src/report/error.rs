//! A deed that could not be done, as data: one line of a batch, or the only answer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// What happened, why, what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorReport {
    /// Always `error.v1`.
    pub schema: &'static str,
    /// The file it is about; absent when it is about the whole command.
    pub file: Option<Untrusted>,
    /// Stable name for scripts, `key.permissions`.
    pub code: String,
    /// What happened, with the name of the thing.
    pub what: Untrusted,
    /// Why: what was found, what was wanted.
    pub why: Option<Untrusted>,
    /// What to do.
    pub fix: Option<Untrusted>,
}
