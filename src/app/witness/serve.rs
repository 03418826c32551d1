//! To be a witness: the state rule of c2sp.org/tlog-witness over a directory.

use std::path::PathBuf;

use crate::app::{App, Error, Kind};
use crate::base::Untrusted;
use crate::ledger::cosignature::Cosigner;
use crate::ledger::witness::{AddCheckpoint, Refusal, SIZE_MEDIA_TYPE, judge};
use crate::ledger::{KeyName, VerifierKey};
use crate::report::publish::ServingReport;
use crate::store::lock::LockError;
use crate::store::witness_state::{WitnessState, WitnessStateError};

/// Be a witness of these logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The name of the witness, like `witness.example/w1`.
    pub name: String,
    /// The logs, by their keys.
    pub logs: Vec<VerifierKey>,
    /// Where its key and state lie; a folder in the data folder when absent.
    pub state: Option<PathBuf>,
}

/// A witness at work. One request at a time: checking and keeping a checkpoint must not be parted.
pub struct WitnessService<'a> {
    app: &'a App,
    cosigner: Cosigner,
    logs: Vec<VerifierKey>,
    state: WitnessState,
    dir: PathBuf,
}

/// What is answered over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessAnswer {
    /// The status.
    pub status: u16,
    /// The media type.
    pub media_type: &'static str,
    /// The body.
    pub body: String,
}

/// Opens the state of a witness; makes its key at the first time.
pub fn open_service<'a>(app: &'a App, serving: &Serving) -> Result<WitnessService<'a>, Error> {
    let name = KeyName::parse(&serving.name).map_err(|error| {
        let what = format!("`{}` cannot be a witness's name", serving.name);
        Error::new(Kind::Request, "witness.name", what)
            .why(error.to_string())
            .fix("take a name like witness.example/w1")
    })?;
    for (at, log) in serving.logs.iter().enumerate() {
        if serving
            .logs
            .iter()
            .take(at)
            .any(|known| known.name() == log.name())
        {
            let what = format!("the log `{}` is named twice", log.name());
            return Err(Error::new(Kind::Request, "witness.log-twice", what).fix("name each log once"));
        }
    }
    let dir = serving
        .state
        .clone()
        .unwrap_or_else(|| app.dirs.data.join("witness"));
    let state = WitnessState::open(&dir).map_err(|error| match error {
        WitnessStateError::Lock(LockError::Taken { owner, .. }) => taken(&dir, owner),
        error => unusable(&dir, &error),
    })?;
    let cosigner = state
        .key(name, &app.random()?)
        .map_err(|error| unusable(&dir, &error))?;
    let service = WitnessService {
        app,
        cosigner,
        logs: serving.logs.clone(),
        state,
        dir,
    };
    // A state that cannot be read is found now, and not when the first log asks.
    for log in &service.logs {
        service
            .state
            .latest(log)
            .map_err(|error| unusable(&service.dir, &error))?;
    }
    Ok(service)
}

/// Two processes that cosign from one state could cosign two histories.
fn taken(dir: &std::path::Path, owner: Option<u32>) -> Error {
    let process = owner.map_or_else(String::new, |pid| format!(" (process {pid})"));
    let what = format!("another witness{process} serves from `{}`", dir.display());
    Error::new(Kind::World, "witness.locked", what)
        .why("one state is one witness: two at once could cosign two histories")
        .fix("stop that one first; or be another witness with a state of its own, --state DIR")
}

impl WitnessService<'_> {
    /// What it serves, listening at this address.
    #[must_use]
    pub fn report(&self, address: &str) -> ServingReport {
        ServingReport {
            schema: "witness-serving.v1",
            url: format!("http://{address}"),
            key: self.cosigner.verifier().to_string(),
            logs: self
                .logs
                .iter()
                .map(|log| Untrusted::new(log.name().as_str()))
                .collect(),
            state: Untrusted::new(self.dir.to_string_lossy()),
        }
    }

    /// Answers `POST add-checkpoint`. A checkpoint is durable before its cosignature is given out.
    #[must_use]
    pub fn add_checkpoint(&self, body: &[u8]) -> WitnessAnswer {
        match self.judge(body) {
            Ok(Ok(cosignatures)) => text(200, cosignatures),
            Ok(Err(refusal)) => WitnessAnswer {
                status: refusal.status(),
                media_type: match refusal {
                    Refusal::Conflict { .. } => SIZE_MEDIA_TYPE,
                    _ => TEXT,
                },
                body: refusal.body(),
            },
            Err(_) => text(500, "the state of this witness cannot be used\n".to_owned()),
        }
    }

    /// Answers `GET <origin hash>/checkpoint`.
    #[must_use]
    pub fn checkpoint(&self, origin_hash: &str) -> WitnessAnswer {
        match self.state.served(origin_hash) {
            Ok(Some(note)) => text(200, note),
            Ok(None) => text(404, "no checkpoint of such a log was cosigned here\n".to_owned()),
            Err(_) => text(500, "the state of this witness cannot be used\n".to_owned()),
        }
    }

    fn judge(&self, body: &[u8]) -> Result<Result<String, Refusal>, WitnessStateError> {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let named = match request.named() {
            Ok(named) => named,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(log) = self.logs.iter().find(|log| *log.name() == named.origin) else {
            return Ok(Err(Refusal::UnknownLog));
        };
        let latest = self.state.latest(log)?;
        let latest = latest.map(|latest| (latest.size(), latest.root()));
        let now = u64::try_from(self.app.clock.now().unix_s()).unwrap_or(1);
        Ok(match judge(&request, log, latest, &self.cosigner, now) {
            Ok(next) => {
                self.state.keep(log.name(), &next.note)?;
                Ok(next.cosignatures)
            }
            Err(refusal) => Err(refusal),
        })
    }
}

fn text(status: u16, body: String) -> WitnessAnswer {
    WitnessAnswer {
        status,
        media_type: TEXT,
        body,
    }
}

fn unusable(dir: &std::path::Path, error: &WitnessStateError) -> Error {
    let what = format!("cannot use the witness state `{}`", dir.display());
    let made = Error::new(Kind::World, "witness.state", what).why(error.to_string());
    match error {
        WitnessStateError::Changed { .. } => made
            .fix("restore the file from a copy; removing it would let that log go back to any earlier state"),
        WitnessStateError::Lock(_) => {
            made.fix("stop the other witness, or give each a --state folder of its own")
        }
        _ => made.fix("check that the folder can be written and its key is readable by you alone"),
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
