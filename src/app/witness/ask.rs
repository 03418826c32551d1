//! Asks witnesses to cosign the ledger's last checkpoint (c2sp.org/tlog-witness, the client's side).

use super::{cosigned_last, line, witnesses};
use crate::app::{App, Error, Kind};
use crate::base::Untrusted;
use crate::ledger::note::Note;
use crate::ledger::policy::Witness;
use crate::ledger::witness::{AddCheckpoint, Answer};
use crate::ledger::{TreeSize, VerifiedCheckpoint};
use crate::report::publish::WitnessLine;
use crate::store::cosigned;
use crate::store::ledger_file::LedgerFile;

/// What became of asking.
pub(in crate::app) struct Cosigning {
    /// The last checkpoint with every cosignature there is.
    pub(in crate::app) note: String,
    /// One line a witness.
    pub(in crate::app) lines: Vec<WitnessLine>,
}

/// The last checkpoint with the cosignatures it has, and those that its witnesses give now.
///
/// What was had is kept beside the ledger before anything is published.
pub(in crate::app) fn cosign(
    app: &App,
    path: &std::path::Path,
    ledger: &LedgerFile,
    may_ask: bool,
) -> Result<Cosigning, Error> {
    let log = &ledger.header().verifier;
    let kept = cosigned_last(path, log)?;
    let mut current = match &kept {
        Some(kept) if is_same(kept, ledger.checkpoint()) => kept.clone(),
        _ => ledger.checkpoint().clone(),
    };
    let before = current.clone();
    let mut lines = Vec::new();
    for witness in witnesses(app, log)? {
        if line(&witness, Some(&current), None).cosigned.is_some() || !may_ask {
            lines.push(line(&witness, Some(&current), None));
            continue;
        }
        let seen = kept
            .as_ref()
            .filter(|kept| line(&witness, Some(kept), None).cosigned.is_some());
        match ask(
            ledger,
            &witness,
            seen.map_or(TreeSize(0), VerifiedCheckpoint::size),
            &current,
        ) {
            Ok(added) => {
                let note = witness.key.added_to(current.note(), &added);
                current = VerifiedCheckpoint::open(&note, log).unwrap_or(current);
                lines.push(line(&witness, Some(&current), None));
            }
            Err(why) => lines.push(line(&witness, None, Some(why))),
        }
    }
    if current != before {
        cosigned::write(path, current.note()).map_err(|error| {
            Error::new(
                Kind::World,
                "file.io",
                "cannot keep the cosignatures of the witnesses",
            )
            .why(error.to_string())
        })?;
    }
    Ok(Cosigning {
        note: current.note().to_owned(),
        lines,
    })
}

fn is_same(one: &VerifiedCheckpoint, other: &VerifiedCheckpoint) -> bool {
    let text = |checkpoint: &VerifiedCheckpoint| {
        Note::parse(checkpoint.note())
            .map(|note| note.text.to_owned())
            .ok()
    };
    text(one).is_some() && text(one) == text(other)
}

/// Asks one witness, a second time when it has seen another size than was thought; gives its line, verified.
fn ask(
    ledger: &LedgerFile,
    witness: &Witness,
    seen: TreeSize,
    checkpoint: &VerifiedCheckpoint,
) -> Result<String, Untrusted> {
    let mut seen = seen;
    for _ in 0..2 {
        if seen > checkpoint.size() {
            return Err(format!(
                "it has seen this log with {seen} entries, more than the {} there are now: an older copy stands here",
                checkpoint.size()
            )
            .into());
        }
        let proof = ledger.consistency(seen, checkpoint.size());
        let request = AddCheckpoint {
            old: seen,
            proof: proof.map_err(|error| Untrusted::new(error.to_string()))?,
            note: checkpoint.note().to_owned(),
        };
        match exchange(witness, &request)? {
            Answer::Cosigned { line, .. } => return Ok(line),
            Answer::Seen { size } if size != seen => seen = size,
            Answer::Seen { .. } => return Err("it contradicts itself about the size it has seen".into()),
            Answer::Refused { status } => return Err(refused(status).into()),
        }
    }
    Err("the size it has seen changes while it is asked: somebody else publishes this log".into())
}

fn refused(status: u16) -> String {
    match status {
        403 => "it does not accept this log's signature (403): it knows another key of this log".to_owned(),
        404 => "it does not know this log (404): whoever runs it has to add the log's key".to_owned(),
        422 => {
            "the history it has seen is not the beginning of this one (422): keep both as evidence".to_owned()
        }
        200 => "its answer holds no good cosignature".to_owned(),
        other => format!("it answered {other}"),
    }
}

#[cfg(feature = "online")]
fn exchange(witness: &Witness, request: &AddCheckpoint) -> Result<Answer, Untrusted> {
    use crate::app::online::{self, Reach, Unanswered};
    let Some(url) = &witness.url else {
        return Err("the policy names no address of it".into());
    };
    // Plain http got into the policy only by a flag that allows private addresses.
    let reach = if url.starts_with("http://") {
        Reach::Anywhere
    } else {
        Reach::Public
    };
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    match online::post(&url, reach, request.body().as_bytes()) {
        Ok(answer) => Ok(Answer::read(
            answer.status,
            &answer.body,
            &request.note,
            &witness.key,
        )),
        Err(Unanswered::Unreachable { why }) => {
            Err(Untrusted::new(format!("it cannot be reached: {}", why.raw())))
        }
        Err(other) => Err(Untrusted::new(other.to_string())),
    }
}

#[cfg(not(feature = "online"))]
fn exchange(_: &Witness, _: &AddCheckpoint) -> Result<Answer, Untrusted> {
    Err("this byline was built without the network".into())
}
