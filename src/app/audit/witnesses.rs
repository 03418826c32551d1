//! Whether witnesses have cosigned the checkpoint that an audit ends at, by a policy that is named or by this machine's own.

use super::super::request::AuditRequest;
use super::super::{App, Error, proof, witness};
use super::{line, of_whole};
use crate::ledger::audit::Rule;
use crate::ledger::note::Note;
use crate::ledger::policy::{Policy, Unmet};
use crate::ledger::{TreeSize, VerifierKey};
use crate::report::audit::{AuditReport, Finding, Weight};
use crate::report::{Check, Outcome};

/// Asks the policy about a checkpoint of the log whose audit ended at `size`; a bad cosignature of one of its witnesses is a
/// finding, and so is a named policy that names other logs alone. Returns what the policy asked for and is not there.
///
/// # Errors
/// When a policy cannot be read.
pub(super) fn ask(
    app: &App,
    request: &AuditRequest,
    (key, checkpoint, size): (&VerifierKey, Option<&str>, TreeSize),
    report: &mut AuditReport,
) -> Result<Option<String>, Error> {
    let named = request.policy.as_deref().map(proof::read_policy).transpose()?;
    let is_named = named.is_some();
    let is_other = |policy: &Policy| !policy.logs().is_empty() && !policy.logs().contains(key);
    if named.as_ref().is_some_and(is_other) {
        report.findings.push(other_log(key));
        return Ok(None);
    }
    let policy = match named {
        Some(policy) => Some(policy.with_log(key.clone())),
        None => witness::own_policy(app, key)?,
    };
    let policy = policy.filter(|policy| is_named || !policy.witnesses().is_empty());
    let wants = |policy: &Policy| is_named && !policy.is_content_without_witnesses();
    let is_wanted = policy.as_ref().is_some_and(wants);
    let (Some(policy), Some(checkpoint)) = (policy, checkpoint) else {
        report.not_checked.push(unasked(checkpoint));
        if is_wanted {
            report.witnesses.outcome = Outcome::Unknown;
            "no checkpoint with cosignatures is there".clone_into(&mut report.witnesses.note);
        }
        return Ok(is_wanted.then(|| NOT_COSIGNED.to_owned()));
    };
    let mut beyond = None;
    if let Ok(accepted) = policy.clone().without_quorum().check(checkpoint)
        && !accepted.cosigned.is_empty()
    {
        let cosigned = accepted.checkpoint.size();
        report.cosigned = accepted.cosigned.iter().map(proof::cosigned).collect();
        report.cosigned_size = Some(cosigned.0);
        beyond = (cosigned < size).then_some(cosigned);
    }
    let (mut outcome, mut note) = judge(&policy, checkpoint, is_named);
    let mut lacks = (outcome == Outcome::Unknown).then(|| NOT_COSIGNED.to_owned());
    // Nothing binds the entries that follow: each reader may be shown others.
    if let (Some(cosigned), Outcome::Pass) = (beyond, outcome) {
        note = format!(
            "{note}, up to size {cosigned} only: no witness says anything of the entries that follow"
        );
        outcome = if is_wanted {
            Outcome::Unknown
        } else {
            Outcome::NotChecked
        };
        lacks =
            is_wanted.then(|| format!("the witnesses asked for have cosigned it up to size {cosigned} only"));
    }
    match outcome {
        Outcome::Fail => report.findings.push(bad(&note)),
        Outcome::Pass => {}
        _ => report
            .not_checked
            .push(format!("whether others were shown another history: {note}")),
    }
    report.witnesses = Check::new(proof::WITNESSES, outcome, note);
    Ok(lacks)
}

const NOT_COSIGNED: &str = "the witnesses asked for have not cosigned it";

fn judge(policy: &Policy, checkpoint: &str, is_named: bool) -> (Outcome, String) {
    match policy.check(checkpoint) {
        Ok(accepted) if accepted.cosigned.is_empty() => (
            Outcome::NotChecked,
            "no witness has cosigned, and none is asked for".to_owned(),
        ),
        Ok(accepted) => (Outcome::Pass, proof::cosigned_by(&accepted.cosigned)),
        // Only who names a policy asks for its quorum.
        Err(why @ Unmet::Quorum { .. }) if is_named => (Outcome::Unknown, why.to_string()),
        Err(why @ Unmet::Quorum { .. }) => (Outcome::NotChecked, why.to_string()),
        Err(why) => (Outcome::Fail, why.to_string()),
    }
}

/// Why no witness is believed; a checkpoint whose cosignatures are there for the asking is said to have them.
fn unasked(checkpoint: Option<&str>) -> String {
    let lines = checkpoint.and_then(|checkpoint| Note::parse(checkpoint).ok());
    let others = lines.map_or(0, |note| note.lines.len().saturating_sub(1));
    let what = "whether others were shown another history";
    if others == 0 {
        format!("{what}: no witness was asked")
    } else {
        format!(
            "{what}: the checkpoint carries {others} more signatures, of keys not known here; --policy FILE names witnesses"
        )
    }
}

fn other_log(key: &VerifierKey) -> Finding {
    Finding {
        offset: None,
        what: format!("the policy names other logs, and not this one: {key}"),
        remedy: "name the policy of this log, or get the log that the policy names".to_owned(),
        ..line(&of_whole(Rule::OtherLogKey), false)
    }
}

fn bad(note: &str) -> Finding {
    Finding {
        weight: Weight::Broken,
        rule: proof::WITNESSES.to_owned(),
        index: None,
        offset: None,
        what: note.to_owned(),
        consequence: "a witness is named that did not sign this; nothing is known of what others were shown"
            .to_owned(),
        remedy: "get the checkpoint anew, and ask the witness for what it cosigned".to_owned(),
    }
}
