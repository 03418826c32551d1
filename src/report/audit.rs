//! What an audit of a ledger found.

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::DriftReport;
use super::proof::CosignedLine;
use super::{Check, Ending, Outcome};
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
    /// Whether every signature was checked alone, by the strict rule, instead of in batches.
    pub strict: bool,
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
    /// Whether witnesses have cosigned the checkpoint.
    pub witnesses: Check,
    /// Witnesses of the policy that cosigned.
    pub cosigned: Vec<CosignedLine>,
    /// Size of the checkpoint that they cosigned: of entries beyond it no witness says anything. Absent where none cosigned.
    pub cosigned_size: Option<u64>,
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
    /// Signed commits of a ledger file, each a checkpoint; none of what is published, which has one checkpoint.
    pub commits: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Identities that entered the log; each may have had several keys, one after another.
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

    /// Whether an earlier audit noted another header than the one that is here.
    #[must_use]
    pub fn has_other_note(&self) -> bool {
        self.findings.iter().any(|finding| finding.rule == OTHER_NOTE)
    }

    /// `, up to size 7` where the witnesses cosigned less than what is audited.
    #[must_use]
    pub fn cosigned_up_to(&self) -> String {
        let size = self.cosigned_size.filter(|size| *size < self.counts.entries);
        size.map_or_else(String::new, |size| format!(", up to size {size} only"))
    }

    /// Exit code 1 when history and signatures disagree; an unfinished tail alone is no contradiction, but nothing says that
    /// it was never acknowledged. Nor is it known what others were shown where a quorum was asked for and is not met, or which
    /// header is the log's where an earlier audit noted another one.
    #[must_use]
    pub fn ending(&self) -> Ending {
        if !self.sound {
            Ending::Contradicted
        } else if self.has_tail() || self.has_other_note() || self.witnesses.outcome == Outcome::Unknown {
            Ending::NotEnough
        } else {
            Ending::Done
        }
    }

    /// The findings for people: those of a kind together, where the first appears. All of a kind are shown when `all` is asked for.
    #[must_use]
    pub fn groups(&self, all: bool) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for finding in &self.findings {
            let is_kind = |group: &&mut Group<'_>| {
                group.first.rule == finding.rule && group.first.weight == finding.weight
            };
            match groups.iter_mut().find(is_kind).filter(|_| !all) {
                Some(group) => group.more.push(finding),
                None => groups.push(Group {
                    first: finding,
                    more: Vec::new(),
                    is_cause: false,
                }),
            }
        }
        let mut broken = groups
            .iter_mut()
            .filter(|group| group.first.weight == Weight::Broken);
        if let (Some(first), true) = (broken.next(), self.findings.len() > 1) {
            first.is_cause = true;
        }
        groups
    }
}

/// Findings of one rule.
#[derive(Debug)]
pub struct Group<'a> {
    /// The first of them.
    pub first: &'a Finding,
    /// Those after it.
    pub more: Vec<&'a Finding>,
    /// Whether it is the first place of several where something does not hold: others may follow from it.
    pub is_cause: bool,
}

impl Group<'_> {
    /// `and 3 more of this kind, entries 4 to 9`; `None` where it stands alone.
    #[must_use]
    pub fn others(&self) -> Option<String> {
        let count = self.more.len();
        let range = |what: &str, places: Vec<u64>| match (places.iter().min(), places.iter().max()) {
            (Some(first), Some(last)) if first == last => format!(", {what} {first}"),
            (Some(first), Some(last)) => format!(", {what} {first} to {last}"),
            _ => String::new(),
        };
        let indexes: Vec<u64> = self.more.iter().filter_map(|finding| finding.index).collect();
        let offsets: Vec<u64> = self.more.iter().filter_map(|finding| finding.offset).collect();
        let places = match (indexes.len(), offsets.is_empty()) {
            (0, true) => String::new(),
            (0, false) => range("bytes", offsets),
            _ => range("entries", indexes),
        };
        (count > 0).then(|| format!("and {count} more of this kind{places}"))
    }
}

/// The rule of a note of an earlier audit that does not fit the header.
pub const OTHER_NOTE: &str = "ledger.audited.otherHeader";

/// What is said of the first cause.
pub const FIRST_CAUSE: &str =
    "the first place where something does not hold; what is found after it may follow from it";
