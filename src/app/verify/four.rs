//! The four questions, each answered from the facts of the manifest alone.

use super::revoked;
use crate::app::explain;
use crate::manifest::{
    Binding, Chain, Code, Concern, Finding, HardBinding, Held, Links, ManifestFacts, Revocation, Signature,
    SigningTime, StatusKind, Validity,
};
use crate::report::verify::FourQuestions;
use crate::report::{Check, Outcome};

/// The answers for a manifest that was read.
pub(crate) fn ask(facts: &ManifestFacts) -> FourQuestions {
    FourQuestions {
        unchanged: as_signed(facts, unchanged(facts)),
        signature: signature(facts),
        time: as_made(facts, time(facts)),
        issuer: as_made(facts, issuer(facts)),
    }
}

/// Without a good signature there is nothing that was signed: what holds, holds against the claim alone.
fn as_signed(facts: &ManifestFacts, check: Check) -> Check {
    let why = match facts.signature {
        Signature::Good => return check,
        Signature::Bad => "whose signature does not hold",
        Signature::NotChecked => "whose signature could not be checked",
    };
    let (outcome, what) = match check.outcome {
        Outcome::Pass => (Outcome::Unknown, "the hashes match the claim,"),
        Outcome::Fail => (Outcome::Fail, "what is here differs from what the claim says,"),
        Outcome::NotChecked | Outcome::Unknown => (check.outcome, "it was compared with a claim"),
    };
    Check::new(check.id, outcome, format!("{what} {why}"))
}

/// A certificate beside a signature that does not hold can be copied from anywhere: neither its dates nor its issuer say anything here.
fn as_made(facts: &ManifestFacts, check: Check) -> Check {
    if facts.signature != Signature::Bad || matches!(facts.revocation, Revocation::Revoked { .. }) {
        return check;
    }
    let note = "the signature does not hold, so the certificate beside it answers nothing";
    Check::new(check.id, Outcome::NotChecked, note)
}

/// The answers where nothing could be checked.
pub(in crate::app) fn unanswered(note: &str) -> FourQuestions {
    let check = |id: &str| Check::new(id, Outcome::NotChecked, note);
    FourQuestions {
        unchanged: check("assertion.dataHash"),
        signature: check("claimSignature"),
        time: check("claimSignature.insideValidity"),
        issuer: check("signingCredential.trusted"),
    }
}

/// Is the picture, with its assertions and the pictures it was made from, what was signed?
fn unchanged(facts: &ManifestFacts) -> Check {
    if facts.binding == Binding::Mismatch {
        let code =
            failed(facts, Concern::Binding).unwrap_or_else(|| "assertion.dataHash.mismatch".to_owned());
        return Check::new(
            code,
            Outcome::Fail,
            "bytes of the file differ from those that were signed",
        );
    }
    if let Some(finding) = facts.coverage.findings.iter().find(|finding| finding.is_silent()) {
        return Check::new(finding.name(), Outcome::Fail, silent(finding));
    }
    if facts.links == Links::Broken {
        let code =
            failed(facts, Concern::Structure).unwrap_or_else(|| "assertion.hashedURI.mismatch".to_owned());
        return Check::new(
            code,
            Outcome::Fail,
            "statements in the manifest differ from those that were signed",
        );
    }
    if let Some(code) = broken_ingredient(facts) {
        return Check::new(
            code,
            Outcome::Fail,
            "the manifest of a picture this one was made from differs from what was signed",
        );
    }
    if let Some(why) = not_looked_at(facts) {
        return Check::new(
            "coverage.notChecked",
            Outcome::Unknown,
            format!("whether the manifest store hides anything could not be checked: {why}"),
        );
    }
    if facts.binding == Binding::Match && (facts.links == Links::Malformed || facts.active.unread) {
        let code = failed(facts, Concern::Structure).or_else(|| failed(facts, Concern::Other));
        let code = code.unwrap_or_else(|| "general.error".to_owned());
        return Check::new(code, Outcome::Unknown, malformed(facts));
    }
    match facts.binding {
        Binding::Match => Check::new(matched(facts), Outcome::Pass, covered(facts)),
        Binding::Absent => Check::new(
            "claim.hardBindings.missing",
            Outcome::Unknown,
            "the manifest is not bound to the bytes of any picture",
        ),
        Binding::Incomplete => incomplete(facts),
        Binding::Mismatch | Binding::NotChecked => Check::new(
            "assertion.dataHash",
            Outcome::NotChecked,
            "the binding of manifest and picture could not be checked",
        ),
    }
}

/// A hash that holds, of less than it should be of.
fn incomplete(facts: &ManifestFacts) -> Check {
    let is_boxes = |finding: &&Finding| matches!(finding, Finding::BoxesLeftOut { .. });
    let (code, less) = match facts.coverage.findings.iter().find(is_boxes) {
        Some(finding) => (finding.name(), "boxes that C2PA does not leave out"),
        None => ("coverage.exclusions.mismatch", "more than the manifest store"),
    };
    let note = format!("every byte that the signed hash covers is as signed, but it leaves out {less}");
    Check::new(code, Outcome::Unknown, note)
}

/// What is wrong with a manifest every hash of which holds.
fn malformed(facts: &ManifestFacts) -> &'static str {
    match (facts.links == Links::Malformed, facts.active.unread) {
        (true, true) => {
            "every byte is as it was signed, but the manifest breaks a rule of C2PA, and what it states cannot be read"
        }
        (true, false) => "every byte is as it was signed, but the manifest breaks a rule of C2PA",
        (false, _) => "every byte is as it was signed, but what the manifest states cannot be read",
    }
}

/// Why our own structural check could not be made, where it could not.
fn not_looked_at(facts: &ManifestFacts) -> Option<String> {
    let mut findings = facts.coverage.findings.iter();
    findings.find_map(|finding| match finding {
        Finding::NotChecked { why } => Some(why.to_string()),
        _ => None,
    })
}

/// What the hash covers: C2PA leaves the file type box out of it (C2PA 2.4, 18.8 and A.5).
fn covered(facts: &ManifestFacts) -> String {
    let but = match facts.coverage.binding {
        HardBinding::Data { .. } if facts.held == Held::Beside => {
            return "every byte of the file hashes to what was signed".to_owned();
        }
        HardBinding::Bmff { padding, places, .. } => match (padding > 0, places) {
            (false, false) => " and the file type box",
            (true, false) => ", the file type box and the boxes that hold no picture (free, skip, mfra)",
            (false, true) => ", the file type box and the tables of where the picture's data lies",
            (true, true) => {
                ", the file type box, the boxes that hold no picture (free, skip, mfra) and the tables of where its data lies"
            }
        },
        _ => "",
    };
    format!("every byte outside the manifest store{but} hashes to what was signed")
}

fn silent(finding: &Finding) -> &'static str {
    match finding {
        Finding::ExclusionsDiffer { .. } => "the signed hash leaves out more than the manifest store",
        Finding::HeaderUnknown { .. } | Finding::PayloadAttached => {
            "the signature carries bytes that nothing covers"
        }
        Finding::DataUnbound { .. } => "picture data lies in a box that the signed hash leaves out",
        Finding::FramingDiffers => "the container parts around the manifest store were changed",
        Finding::StoreDiffers => "bytes of the manifest store that no signature covers were changed",
        Finding::SeveralStores { .. } => "there is more than one manifest store",
        Finding::StoreNotContiguous { .. } => "the manifest store is interrupted by other bytes",
        _ => "bytes that no signature covers are hidden in the manifest store",
    }
}

fn signature(facts: &ManifestFacts) -> Check {
    match facts.signature {
        Signature::Good => Check::new(
            "claimSignature.validated",
            Outcome::Pass,
            if facts.signer.is_some() {
                "made with the key of the certificate"
            } else {
                "says the C2PA library; the certificate it was made with cannot be shown"
            },
        ),
        Signature::Bad => Check::new(
            failed(facts, Concern::Signature).unwrap_or_else(|| "claimSignature.mismatch".to_owned()),
            Outcome::Fail,
            "the signature does not fit the claim: one of them was changed",
        ),
        Signature::NotChecked => Check::new(
            failed(facts, Concern::Signature).unwrap_or_else(|| "claimSignature.missing".to_owned()),
            Outcome::NotChecked,
            "the signature is missing or of a kind that cannot be checked here",
        ),
    }
}

/// Says of a certificate that is valid on the day asked about that it is valid then, which may not be now.
pub(super) fn as_of(checks: &mut FourQuestions, facts: Option<&ManifestFacts>) {
    if facts.is_some_and(|facts| facts.validity == Validity::InsideNow) {
        "the certificate is valid at the time asked about; nobody trusted recorded the time of signing"
            .clone_into(&mut checks.time.note);
    }
}

fn time(facts: &ManifestFacts) -> Check {
    let (id, outcome, note) = match facts.validity {
        Validity::InsideAtTimestamp => (
            "claimSignature.insideValidity",
            Outcome::Pass,
            "a trusted timestamp lies inside the certificate's validity",
        ),
        Validity::InsideAtUnlistedTimestamp => (
            "timeStamp.untrusted",
            Outcome::Unknown,
            "the certificate has expired, and the timestamp is by an authority on no list of yours",
        ),
        Validity::InsideNow => (
            "claimSignature.insideValidity",
            Outcome::Pass,
            "the certificate is valid now; nobody trusted recorded the time of signing",
        ),
        Validity::ExpiredWithoutTimestamp => (
            "claimSignature.outsideValidity",
            Outcome::Unknown,
            match facts.time {
                SigningTime::Unlisted { .. } => {
                    "the certificate has expired, and the timestamp is by an authority on no list of yours"
                }
                SigningTime::Broken { .. } => "the certificate has expired, and the timestamp does not hold",
                _ => "the certificate has expired, and nobody trusted recorded the time of signing",
            },
        ),
        Validity::NotYetValid => (
            "claimSignature.outsideValidity",
            Outcome::Unknown,
            "the certificate is not valid yet at the time this is judged for: that time, or a clock, is wrong",
        ),
        Validity::OutsideAtTimestamp => (
            "claimSignature.outsideValidity",
            Outcome::Fail,
            "a trusted timestamp lies outside the certificate's validity",
        ),
        Validity::Unknown => (
            "claimSignature.insideValidity",
            Outcome::NotChecked,
            "no certificate could be read",
        ),
    };
    match (&facts.time, facts.validity) {
        (
            SigningTime::Trusted { list: Some(list), .. },
            Validity::InsideAtTimestamp | Validity::OutsideAtTimestamp,
        ) => Check::new(id, outcome, format!("{note}; its authority is on {list}")),
        (
            SigningTime::Unlisted { .. },
            Validity::InsideAtUnlistedTimestamp | Validity::ExpiredWithoutTimestamp,
        ) => match facts.stamp_refused {
            Some(why) => Check::new(id, outcome, format!("{note}: {why}")),
            None => Check::new(id, outcome, note),
        },
        _ => Check::new(id, outcome, note),
    }
}

fn issuer(facts: &ManifestFacts) -> Check {
    if matches!(facts.revocation, Revocation::Revoked { .. }) {
        return revoked::check(facts, false);
    }
    if !facts.credential_fit {
        return Check::new(
            "signingCredential.invalid",
            Outcome::Unknown,
            "the certificate breaks a rule of the C2PA certificate profile",
        );
    }
    match &facts.chain {
        Chain::Anchored { set } => Check::new(
            "signingCredential.trusted",
            Outcome::Pass,
            format!("you trust it as {set}"),
        ),
        Chain::Listed { list, itself } => Check::new(
            "signingCredential.trusted",
            Outcome::Pass,
            if *itself {
                format!("its certificate is on {list}")
            } else {
                format!("its issuer is on {list}")
            },
        ),
        Chain::Unlisted => Check::new(
            "signingCredential.untrusted",
            Outcome::Unknown,
            "nobody you trust vouches for the certificate",
        ),
        Chain::Refused { why } => Check::new(
            "signingCredential.untrusted",
            Outcome::Unknown,
            format!("nobody you trust vouches for the certificate: {why}"),
        ),
    }
}

/// The first failure of the active manifest that bears on a question.
fn failed(facts: &ManifestFacts, concern: Concern) -> Option<String> {
    facts
        .statuses
        .iter()
        .find(|status| {
            status.kind == StatusKind::Failure
                && status.ingredient.is_none()
                && status.code.concern() == concern
        })
        .and_then(|status| known(&status.code))
}

fn matched(facts: &ManifestFacts) -> String {
    facts
        .statuses
        .iter()
        .find(|status| status.kind == StatusKind::Success && status.code.concern() == Concern::Binding)
        .and_then(|status| known(&status.code))
        .unwrap_or_else(|| "assertion.dataHash.match".to_owned())
}

/// Codes that can be explained only: check ids are words of ours, never text from a file.
fn known(code: &Code) -> Option<String> {
    match code {
        Code::Other(text) => explain::known(text.raw()).map(str::to_owned),
        code => Some(code.raw().to_owned()),
    }
}

/// A fault of an ingredient that means changed bytes and was found now, not recorded by the signer as known.
fn broken_ingredient(facts: &ManifestFacts) -> Option<String> {
    facts
        .ingredient_faults
        .iter()
        .filter(|fault| !fault.recorded)
        .find(|fault| {
            matches!(
                fault.code.concern(),
                Concern::Binding | Concern::Ingredient | Concern::Signature | Concern::Structure
            )
        })
        .and_then(|fault| known(&fault.code))
}
