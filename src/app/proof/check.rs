//! Checks a proof file or a COSE receipt, with or without the picture it is about.

use std::path::{Path, PathBuf};

use super::judge::Judge;
use super::{Believed, Whom};
use crate::app::title::who::Names;
use crate::app::{App, Error, fault};
use crate::asset::Asset;
use crate::base::limits::FILE_BYTES_MAX;
use crate::keys::PublicKey;
use crate::ledger::policy::Policy;
use crate::ledger::state_proof::STATE_PROOF_BYTES_MAX;
use crate::report::proof::ProofReport;
use crate::store::files;
use crate::store::ledger_file::LedgerFile;

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
    let bytes = read(&request.file)?;
    let believers = Believers::open(app, &request.whom)?;
    let Some(path) = &request.image else {
        return Ok(believers.judge(&request.file, &bytes, None, &[]));
    };
    let image = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let asset = Asset::parse(image).map_err(|error| fault::asset(path, &error))?;
    Ok(believers.judge(&request.file, &bytes, Some((path, &asset)), &[]))
}

/// Reads a proof of whatever form.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let limit = u64::try_from(STATE_PROOF_BYTES_MAX).unwrap_or(u64::MAX);
    files::read(file, limit).map_err(|error| fault::read(file, &error))
}

/// All that proofs are judged by.
pub(crate) struct Believers {
    believed: Believed,
    names: Names,
}

impl Believers {
    /// Reads the policy, the ledger and the people you know.
    pub(crate) fn open(app: &App, whom: &Whom) -> Result<Self, Error> {
        Ok(Self {
            believed: whom.open(app)?,
            names: Names::of(app)?,
        })
    }

    /// The verdict on a proof, on this picture where there is one, with keys that came with it.
    pub(crate) fn judge(
        &self,
        file: &Path,
        bytes: &[u8],
        image: Option<(&Path, &Asset)>,
        offered: &[PublicKey],
    ) -> ProofReport {
        let judge = Judge {
            policy: &self.believed.policy,
            ledger: self.believed.ledger.as_ref().map(|(_, ledger)| ledger),
            names: &self.names,
            image,
            offered,
        };
        judge.judge(file, bytes)
    }
}

/// The verdict on a receipt found in a picture, where nobody was named: by the log of the ledger that is asked, else by no log.
pub(in crate::app) fn in_picture(
    receipt: &[u8],
    (path, asset): (&Path, &Asset),
    offered: &[PublicKey],
    ledger: Option<&LedgerFile>,
    names: &Names,
) -> ProofReport {
    let of = |ledger: &LedgerFile| Policy::of_log(ledger.header().verifier.clone());
    let judge = Judge {
        policy: &ledger.map_or_else(Policy::of_nobody, of),
        ledger,
        names,
        image: Some((path, asset)),
        offered,
    };
    judge.judge(path, receipt)
}
