//! Whether witnesses have cosigned the checkpoint that an audit ends at, by a policy that is named or by this machine's own.

use super::super::request::AuditRequest;
use super::super::{App, Error, proof, witness};
use crate::ledger::VerifierKey;
use crate::ledger::note::Note;
use crate::ledger::policy::{Policy, Unmet};
use crate::report::audit::{AuditReport, Finding, Weight};
use crate::report::{Check, Outcome};

/// Asks the policy about a checkpoint; a bad cosignature of one of its witnesses is a finding.
///
/// # Errors
/// When a policy cannot be read.
pub(super) fn ask(
    app: &App,
    request: &AuditRequest,
    (key, checkpoint): (&VerifierKey, Option<&str>),
    report: &mut AuditReport,
) -> Result<(), Error> {
    let named = request.policy.as_deref().map(proof::read_policy).transpose()?;
    let is_named = named.is_some();
    let policy = match named {
        Some(policy) => Some(policy.with_log(key.clone())),
        None => witness::own_policy(app, key)?,
    };
    let policy = policy.filter(|policy| is_named || !policy.witnesses().is_empty());
    let (Some(policy), Some(checkpoint)) = (policy, checkpoint) else {
        if is_named {
            report.witnesses.outcome = Outcome::Unknown;
            "no checkpoint with cosignatures is there".clone_into(&mut report.witnesses.note);
        }
        report.not_checked.push(unasked(checkpoint));
        return Ok(());
    };
    if let Ok(accepted) = policy.clone().without_quorum().check(checkpoint) {
        report.cosigned = accepted.cosigned.iter().map(proof::cosigned).collect();
    }
    let (outcome, note) = judge(&policy, checkpoint, is_named);
    match outcome {
        Outcome::Fail => report.findings.push(bad(&note)),
        Outcome::Pass => {}
        _ => report
            .not_checked
            .push(format!("whether others were shown another history: {note}")),
    }
    report.witnesses = Check::new(proof::WITNESSES, outcome, note);
    Ok(())
}

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
