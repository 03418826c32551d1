//! Bad signatures of commits: whether each is told, or all at once, is known only at the end.

use super::finding::{Finding, Place, Rule};
use super::work::{Signature, SignatureOf};
use super::{Audit, FINDINGS_MAX, START};

/// The checkpoints and seals of commits that the log's key did not sign.
#[derive(Default)]
pub(super) struct Unsealed {
    /// At most [`FINDINGS_MAX`].
    findings: Vec<Finding>,
    left_out: u64,
    /// How many commits were asked; two signatures each.
    asked: u64,
}

impl Unsealed {
    pub(super) fn push(&mut self, place: Place, of: SignatureOf) {
        let rule = Rule::Signature { of };
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { place, rule });
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// Counts the commits among what was verified.
    pub(super) fn asked(&mut self, signatures: &[Signature<'_>]) {
        let seals = signatures.iter().filter(|one| one.of == SignatureOf::Seal);
        self.asked = self
            .asked
            .saturating_add(u64::try_from(seals.count()).unwrap_or(u64::MAX));
    }

    /// Tells them one by one in order of place; once where the key signed none of several commits.
    pub(super) fn tell(&mut self, done: &mut Audit) {
        let findings = std::mem::take(&mut self.findings);
        let bad = count(findings.len()).saturating_add(self.left_out);
        if self.asked > 1 && bad == self.asked.saturating_mul(2) {
            let rule = Rule::NoneSigned { commits: self.asked };
            done.findings.push(Finding { place: START, rule });
        } else {
            done.findings.extend(findings);
            done.findings_left_out = done.findings_left_out.saturating_add(self.left_out);
        }
        done.findings.sort_by_key(|finding| finding.place.offset);
        let beyond = count(done.findings.len().saturating_sub(FINDINGS_MAX));
        done.findings.truncate(FINDINGS_MAX);
        done.findings_left_out = done.findings_left_out.saturating_add(beyond);
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
