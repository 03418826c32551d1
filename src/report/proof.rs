//! What a proof file or a receipt proves, and what was written.

use schemars::JsonSchema;
use serde::Serialize;

use super::ledger::EntryView;
use super::title::{HolderView, Who};
use super::verify::MatchedBy;
use super::{Check, Ending, Outcome};
use crate::base::Untrusted;

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum ProofWord {
    /// Every question that was asked is answered with yes.
    #[serde(rename = "RECORDED")]
    Recorded,
    /// Every question that was asked is answered with yes, and the answer is that there is no registration as of that size.
    #[serde(rename = "NOT REGISTERED")]
    NotRegistered,
    /// Nothing speaks against it, but something is open: a key, a witness, the picture.
    #[serde(rename = "NOT PROVEN")]
    NotProven,
    /// Something in the proof, or the picture or the ledger beside it, contradicts the claim.
    #[serde(rename = "CONTRADICTED")]
    Contradicted,
}

impl ProofWord {
    /// The word as printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::NotRegistered => "NOT REGISTERED",
            Self::NotProven => "NOT PROVEN",
            Self::Contradicted => "CONTRADICTED",
        }
    }
}

/// Which form a proof has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofForm {
    /// The entry with a COSE receipt (RFC 9942, RFC 9943). Index and tree size are not signed in it.
    CoseReceipt,
    /// What stands about a topic as of a size, or that nothing does: `byline-state-proof/v1`.
    StateProof,
    /// c2sp.org/tlog-proof.
    TlogProof,
}

/// The questions, always in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProofChecks {
    /// Is the checkpoint or receipt signed by the log named?
    pub log: Check,
    /// Have enough witnesses cosigned it?
    pub witnesses: Check,
    /// Is the entry in that log?
    pub inclusion: Check,
    /// Is the entry signed by the key it names?
    pub entry: Check,
    /// Is the picture the one that the entry is about?
    pub image: Check,
    /// Is the proof of the same history as the ledger beside it?
    pub history: Check,
    /// Does the state map, whose root the log signed, say what the proof says? Asked of state proofs alone.
    pub state: Check,
}

impl ProofChecks {
    /// All of them, in order.
    #[must_use]
    pub fn all(&self) -> [&Check; 7] {
        [
            &self.log,
            &self.witnesses,
            &self.inclusion,
            &self.entry,
            &self.image,
            &self.history,
            &self.state,
        ]
    }

    /// The word: any no contradicts; log, inclusion and entry must be yes; nothing that was asked may be open.
    #[must_use]
    pub fn word(&self) -> ProofWord {
        let all = self.all();
        let is = |check: &&Check, outcome| check.outcome == outcome;
        if all.iter().any(|check| is(check, Outcome::Fail)) {
            return ProofWord::Contradicted;
        }
        let needed = [&self.log, &self.inclusion, &self.entry];
        let open = all.iter().any(|check| is(check, Outcome::Unknown));
        if open || needed.iter().any(|check| !is(check, Outcome::Pass)) {
            ProofWord::NotProven
        } else {
            ProofWord::Recorded
        }
    }
}

/// A witness that cosigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CosignedLine {
    /// The name of its key.
    pub witness: Untrusted,
    /// When, by its clock, RFC 3339.
    pub time: String,
}

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProofReport {
    /// Always `proof-report.v1`.
    pub schema: &'static str,
    /// The proof file.
    pub file: Untrusted,
    /// Its form; absent when it cannot be read.
    pub form: Option<ProofForm>,
    /// The picture it was compared with.
    pub image: Option<Untrusted>,
    /// What that picture has in common with the one recorded; `pixel` is another file, perhaps of somebody else.
    pub matched: Option<MatchedBy>,
    /// The answer in one word.
    pub result: ProofWord,
    /// The answer in a sentence.
    pub sentence: String,
    /// The questions.
    pub checks: ProofChecks,
    /// The log's origin, as the proof names it.
    pub origin: Option<Untrusted>,
    /// Leaf index of the entry, as the proof names it.
    pub index: Option<u64>,
    /// Size of the log at the checkpoint, as the proof names it.
    pub tree_size: Option<u64>,
    /// Root hash at that size, 64 hexadecimal digits.
    pub root: Option<String>,
    /// Witnesses of the policy that cosigned.
    pub cosigned: Vec<CosignedLine>,
    /// The entry.
    pub entry: Option<EntryView>,
    /// What a state proof proves.
    pub state: Option<StateView>,
    /// Files written, when a proof was made.
    pub written: Vec<Untrusted>,
    /// Facts worth knowing, such as other entries about the same picture.
    pub notes: Vec<String>,
    /// What was not checked.
    pub not_checked: Vec<String>,
}

impl ProofReport {
    /// How the command ends.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        match self.result {
            ProofWord::Recorded | ProofWord::NotRegistered => Ending::Done,
            ProofWord::NotProven => Ending::NotEnough,
            ProofWord::Contradicted => Ending::Contradicted,
        }
    }
}

/// What stands about a topic as of a size of the log, by the state map of that size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StateView {
    /// `asset UUID`, `content HEX` or `pixel RULE HEX`.
    pub about: String,
    /// How many entries the map covers: the first so many of the log.
    pub as_of: u64,
    /// The log's clock when it signed the map, RFC 3339.
    pub time: String,
    /// Whether the topic is registered as of that size.
    pub registered: bool,
    /// Leaf index of the first registration: of the asset, or with that digest.
    pub first: Option<u64>,
    /// Who holds the asset, one title for each identity that registered its id, earliest first; empty for a digest.
    pub titles: Vec<StateTitle>,
    /// What else the map says: `disputed`, `suspect`, `licensed`, `exclusive`, `reserved`; of a digest `again`.
    pub flags: Vec<String>,
}

/// One title of an asset as of a size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StateTitle {
    /// Leaf index of the registration that it begins with.
    pub registered: u64,
    /// The key that signed that.
    pub by: Who,
    /// Who holds it; `since` is the entry by which the share is held.
    pub holders: Vec<HolderView>,
}

/// One of the two logs that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogState {
    /// What named it: a size, or a file with a checkpoint or proof.
    pub named: Untrusted,
    /// How many entries.
    pub tree_size: u64,
    /// The root over them, 64 hexadecimal digits: as signed where a file named it, else as the ledger has it.
    pub root: String,
    /// Whether a signed checkpoint named it, rather than a size.
    pub signed: bool,
}

/// That one state of a log is the beginning of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConsistencyReport {
    /// Always `consistency-report.v1`.
    pub schema: &'static str,
    /// The ledger, or the proof file that was checked without it.
    pub ledger: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// The older state.
    pub old: LogState,
    /// The newer state.
    pub new: LogState,
    /// Whether the older is the beginning of the newer one.
    pub check: Check,
    /// The proof: hashes in base64 (RFC 9162, 2.1.4). Empty where there is none, or none is needed.
    pub proof: Vec<String>,
    /// The file that it was written to.
    pub written: Option<Untrusted>,
}

impl ConsistencyReport {
    /// How the command ends.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.check.outcome {
            Outcome::Pass => Ending::Done,
            Outcome::Fail => Ending::Contradicted,
            Outcome::Unknown | Outcome::NotChecked => Ending::NotEnough,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(outcomes: [Outcome; 7]) -> ProofChecks {
        let [log, witnesses, inclusion, entry, image, history, state] =
            outcomes.map(|outcome| Check::new("x", outcome, ""));
        ProofChecks {
            log,
            witnesses,
            inclusion,
            entry,
            image,
            history,
            state,
        }
    }

    #[test]
    fn any_no_contradicts_and_anything_open_leaves_it_open() {
        use Outcome::{Fail, NotChecked, Pass, Unknown};
        let least = [Pass, NotChecked, Pass, Pass, NotChecked, NotChecked, NotChecked];
        assert_eq!(checks(least).word(), ProofWord::Recorded);
        for at in 0..7 {
            let mut with = least;
            with[at] = Fail;
            assert_eq!(checks(with).word(), ProofWord::Contradicted, "{at}");
            with[at] = Unknown;
            assert_eq!(checks(with).word(), ProofWord::NotProven, "{at}");
        }
        for at in [0, 2, 3] {
            let mut with = least;
            with[at] = NotChecked;
            assert_eq!(checks(with).word(), ProofWord::NotProven, "{at}");
        }
    }
}
