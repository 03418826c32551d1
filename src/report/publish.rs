//! What publishing a ledger did.

use schemars::JsonSchema;
use serde::Serialize;

use super::Ending;
use crate::base::Untrusted;

/// What became of one witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WitnessLine {
    /// The name of its key.
    pub witness: Untrusted,
    /// Where it is asked.
    pub url: Untrusted,
    /// Its verifier key.
    pub key: String,
    /// When it cosigned this checkpoint, RFC 3339; absent where it did not.
    pub cosigned: Option<String>,
    /// Why it did not; absent where it did or was not asked.
    pub why: Option<Untrusted>,
}

/// What publishing did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishReport {
    /// Always `publish-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The directory.
    pub directory: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// The log's public key as a C2SP verifier key: what others check the directory with.
    pub log_key: String,
    /// Entries published before; absent for a new directory, and where its checkpoint was none of this log.
    pub before: Option<u64>,
    /// Entries published now.
    pub tree_size: u64,
    /// The root over them, 64 hexadecimal digits.
    pub root: String,
    /// Tiles and bundles written now.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Whether the checkpoint is new.
    pub checkpoint_written: bool,
    /// Whether what stood there as the checkpoint was none of this log, and was replaced.
    pub checkpoint_mended: bool,
    /// Every witness of this log.
    pub witnesses: Vec<WitnessLine>,
    /// Facts worth knowing.
    pub notes: Vec<String>,
}

impl PublishReport {
    /// How the command ends: a witness that did not cosign leaves the publication without its word.
    #[must_use]
    pub fn ending(&self) -> Ending {
        if self.witnesses.iter().all(|line| line.why.is_none()) {
            Ending::Done
        } else {
            Ending::NotEnough
        }
    }
}

/// The witnesses of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WitnessReport {
    /// Always `witness-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// The file that names them: a trust policy (c2sp.org/tlog-policy) that can be handed to others.
    pub policy: Untrusted,
    /// How many of them that policy asks for: `any of 2`, `all of 2`, `2 of 3`, `none`; absent where there is no policy.
    pub quorum: Option<String>,
    /// Every witness, with when it cosigned the last cosigned checkpoint.
    pub witnesses: Vec<WitnessLine>,
    /// Size of the last cosigned checkpoint.
    pub tree_size: Option<u64>,
}

/// A witness that is being served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServingReport {
    /// Always `witness-serving.v1`.
    pub schema: &'static str,
    /// Where it listens: its submission and monitoring prefix.
    pub url: String,
    /// Its verifier key: what logs and others add it with.
    pub key: String,
    /// The logs that it cosigns.
    pub logs: Vec<Untrusted>,
    /// The folder of its key and state.
    pub state: Untrusted,
}
