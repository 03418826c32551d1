//! Proofs that leave the ledger: made from it, checked without it, and of one state of a log against another.

mod check;
mod closest;
mod consistency;
mod embed;
mod judge;
mod make;
mod state;

use std::path::{Path, PathBuf};

pub(in crate::app) use self::check::in_picture;
pub(crate) use self::check::{Believers, read};
pub use self::check::{CheckRequest, check};
pub use self::consistency::{ConsistencyCheck, ConsistencyRequest, check_consistency, consistency};
pub(super) use self::consistency::{checkpoint_in, checkpoint_of};
pub(super) use self::judge::{WITNESSES, cosigned, cosigned_by};
pub use self::make::{ProveRequest, prove};
pub use self::state::{prove_state, root};
use super::{App, Error, Kind, fault, ledger_open};
use crate::ledger::VerifierKey;
use crate::ledger::policy::{POLICY_BYTES_MAX, Policy};
use crate::store::ledger_file::LedgerFile;
use crate::store::{files, folder};

/// Whose logs and which witnesses are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// This log.
    pub log: Option<VerifierKey>,
    /// The log of this ledger, whose history is compared too.
    pub ledger: Option<PathBuf>,
    /// The logs and witnesses of this policy file (c2sp.org/tlog-policy).
    pub policy: Option<PathBuf>,
}

/// Those, opened.
pub(super) struct Believed {
    pub(super) policy: Policy,
    pub(super) ledger: Option<(PathBuf, LedgerFile)>,
}

impl Whom {
    /// Reads the files named; without any, believes the default ledger where there is one.
    pub(super) fn open(&self, app: &App) -> Result<Believed, Error> {
        let policy = self.policy.as_deref().map(read_policy).transpose()?;
        let default = || {
            let path = app.dirs.default_ledger();
            (self.log.is_none() && policy.is_none() && folder::exists(&path)).then_some(path)
        };
        let path = self.ledger.clone().or_else(default);
        let ledger = match path {
            Some(path) => {
                let ledger = ledger_open::read(app, &path)?;
                Some((path, ledger))
            }
            None => None,
        };
        let of_ledger = || {
            ledger
                .as_ref()
                .map(|(_, ledger)| ledger.header().verifier.clone())
        };
        let log = self.log.clone().or_else(of_ledger);
        let policy = match (policy, log) {
            (Some(policy), Some(log)) => policy.with_log(log),
            (Some(policy), None) => policy,
            (None, Some(log)) => Policy::of_log(log),
            (None, None) => return Err(nobody()),
        };
        Ok(Believed { policy, ledger })
    }
}

fn nobody() -> Error {
    Error::new(Kind::Request, "log.none", "nothing says which log is believed")
        .why("a proof vouches for itself only as far as you know the log's key from elsewhere")
        .fix("name its key with --log-key (verify) or --log (ledger check-proof), or a ledger with --ledger, or a policy file with --policy")
}

/// Reads a policy file.
pub(super) fn read_policy(path: &Path) -> Result<Policy, Error> {
    let limit = u64::try_from(POLICY_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = files::read(path, limit).map_err(|error| fault::read(path, &error))?;
    Policy::parse(&bytes).map_err(|error| {
        let what = format!("cannot use the policy `{}`", path.display());
        Error::new(Kind::Input, "policy.unreadable", what)
            .why(error.to_string())
            .fix("c2sp.org/tlog-policy says how a policy is written")
    })
}
