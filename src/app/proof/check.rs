//! Checks a proof file or a COSE receipt, with or without the picture it is about.

use std::path::{Path, PathBuf};

use super::judge::Judge;
use super::{Believed, Whom};
use crate::app::{App, Error, fault, trust};
use crate::asset::Asset;
use crate::base::limits::FILE_BYTES_MAX;
use crate::keys::TrustStore;
use crate::ledger::state_proof::STATE_PROOF_BYTES_MAX;
use crate::report::proof::ProofReport;
use crate::store::files;

/// Check this proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRequest {
    /// A proof file, or an entry with its COSE receipt.
    pub file: PathBuf,
    /// The picture it should be about.
    pub image: Option<PathBuf>,
    /// Whose logs and witnesses are believed.
    pub whom: Whom,
}

/// Checks a proof. Whatever its bytes are is a verdict; only a file that cannot be read is an error.
pub fn check(app: &App, request: &CheckRequest) -> Result<ProofReport, Error> {
    let asked = Asked::open(app, &request.file, &request.whom)?;
    let Some(path) = &request.image else {
        return Ok(asked.judge(None));
    };
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
    Ok(asked.judge(Some((path, &asset))))
}

/// A proof that was read, and all it is judged by.
pub(crate) struct Asked {
    file: PathBuf,
    bytes: Vec<u8>,
    believed: Believed,
    trust: TrustStore,
}

impl Asked {
    /// Reads the proof, the policy, the ledger and the people you know.
    pub(crate) fn open(app: &App, file: &Path, whom: &Whom) -> Result<Self, Error> {
        let limit = u64::try_from(STATE_PROOF_BYTES_MAX).unwrap_or(u64::MAX);
        let bytes = files::read(file, limit).map_err(|error| fault::read(file, &error))?;
        Ok(Self {
            file: file.to_owned(),
            bytes,
            believed: whom.open(app)?,
            trust: trust::store(app)?,
        })
    }

    /// The verdict, on this picture where there is one.
    pub(crate) fn judge(&self, image: Option<(&Path, &Asset)>) -> ProofReport {
        let judge = Judge {
            policy: &self.believed.policy,
            ledger: self.believed.ledger.as_ref().map(|(_, ledger)| ledger),
            trust: &self.trust,
            image,
        };
        judge.judge(&self.file, &self.bytes)
    }
}
