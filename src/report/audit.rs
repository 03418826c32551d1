//! What an audit of a ledger found.

use schemars::JsonSchema;
use serde::Serialize;

use super::Ending;
use super::drift::DriftReport;
use crate::base::Untrusted;

/// The answer of an audit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AuditReport {
    /// Always `audit-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The log's origin, from its header.
    pub origin: Untrusted,
    /// Whether everything re-derived agrees with what is signed.
    pub sound: bool,
    /// The answer in a sentence.
    pub sentence: String,
    /// What was looked at.
    pub counts: AuditCounts,
    /// Size of the checkpoint that the audit began with: signatures of so many entries were not checked again. Absent where
    /// it began at the beginning.
    pub since: Option<u64>,
    /// Root hash re-derived from the entries, 64 hexadecimal digits; the checkpoint has it in base64.
    pub root: String,
    /// The last signed checkpoint, verbatim.
    pub checkpoint: Option<String>,
    /// Every finding, in the order of the file.
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub findings_more: u64,
    /// What was not checked.
    pub not_checked: Vec<String>,
    /// Facts worth knowing.
    pub notes: Vec<String>,
    /// Whether its pictures grow alike, by month; where that was asked for and it is a sound ledger file.
    pub likeness: Option<Box<DriftReport>>,
    /// When it was audited, RFC 3339.
    pub at: String,
}

/// What an audit looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditCounts {
    /// Bytes of the file.
    pub bytes: u64,
    /// Entries.
    pub entries: u64,
    /// Signed commits, each a checkpoint.
    pub commits: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Keys that recorded something.
    pub keys: u64,
    /// Registrations of pictures.
    pub registrations: u64,
    /// State maps whose roots the log signs.
    pub state_roots: u64,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Worth knowing; the ledger is sound.
    Note,
    /// Bytes that no commit covers follow the last one.
    Unfinished,
    /// The file contradicts what was signed.
    Broken,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// How much it weighs.
    pub weight: Weight,
    /// The rule, `ledger.entry.signature`.
    pub rule: String,
    /// Leaf index, where it is about an entry.
    pub index: Option<u64>,
    /// Byte offset in the file, where it is known.
    pub offset: Option<u64>,
    /// What was found.
    pub what: String,
    /// What follows from it.
    pub consequence: String,
    /// What to do about it.
    pub remedy: String,
}

impl AuditReport {
    /// Whether bytes follow that no commit covers: what stands before them is sound, and no more is known.
    #[must_use]
    pub fn has_tail(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.weight == Weight::Unfinished)
    }

    /// Exit code 1 when history and signatures disagree; an unfinished tail alone is no contradiction.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        if self.sound {
            Ending::Done
        } else {
            Ending::Contradicted
        }
    }
}
