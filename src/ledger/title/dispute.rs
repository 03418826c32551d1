//! Disputes: opened by anyone with a live key, or with the recovery key of an identity whose current key may be in other
//! hands; answered by whom they concern; closed by their opener or an arbiter. They block nothing.

use super::asset::{Around, Asset, Did, Mark, Stood, What, wrong_kind};
use super::keys::Keys;
use crate::base::Digest;
use crate::ledger::body::{DisputeAnswer, DisputeClose, DisputeOpen, Ground, Outcome, Stance};
use crate::ledger::broken::Broken;
use crate::ledger::hash::LeafHash;

/// A dispute, open or closed.
#[derive(Clone, Debug)]
pub(super) struct Dispute {
    pub(super) mark: Mark,
    pub(super) entry: Mark,
    pub(super) ground: Ground,
    pub(super) evidence: Option<Digest>,
    pub(super) is_privileged: bool,
    pub(super) answers: Vec<(Mark, Stance)>,
    pub(super) closed: Option<(Mark, Outcome)>,
}

impl Asset {
    pub(super) fn dispute_open(&mut self, mark: Mark, body: &DisputeOpen) -> Result<Did, Broken> {
        let stood = self.named(&body.entry, "entry")?;
        let place = self.disputes.len();
        self.disputes.push(Dispute {
            mark,
            entry: stood.mark,
            ground: body.ground,
            evidence: body.evidence,
            is_privileged: body.privilege.is_some(),
            answers: Vec::new(),
            closed: None,
        });
        Ok(self.stand(mark, stood.chain, What::Dispute(place), Did::Disputed))
    }

    pub(super) fn dispute_answer(&mut self, mark: Mark, body: &DisputeAnswer) -> Result<Did, Broken> {
        let (stood, place) = self.open_dispute(&body.dispute)?;
        let is_holder = self.chain(stood.chain)?.holders.contains_key(&mark.by);
        let dispute = self
            .disputes
            .get_mut(place)
            .ok_or(Broken::UnknownEntry { field: "dispute" })?;
        if !is_holder && dispute.entry.by != mark.by {
            let of = dispute.mark.index;
            return Err(Broken::NotParty { of });
        }
        dispute.answers.push((mark, body.stance));
        Ok(self.stand(mark, stood.chain, What::Other, Did::Answered))
    }

    pub(super) fn dispute_close(
        &mut self,
        mark: Mark,
        body: &DisputeClose,
        around: Around<'_>,
    ) -> Result<Did, Broken> {
        let (stood, place) = self.open_dispute(&body.dispute)?;
        let dispute = self
            .disputes
            .get_mut(place)
            .ok_or(Broken::UnknownEntry { field: "dispute" })?;
        dispute.check_close(mark, body.outcome, around)?;
        dispute.closed = Some((mark, body.outcome));
        Ok(self.stand(mark, stood.chain, What::Other, Did::DisputeClosed))
    }

    fn open_dispute(&self, leaf: &LeafHash) -> Result<(Stood, usize), Broken> {
        let stood = self.named(leaf, "dispute")?;
        let What::Dispute(place) = stood.what else {
            return Err(wrong_kind(&stood, "dispute"));
        };
        let dispute = self.disputes.get(place);
        match dispute.and_then(|dispute| dispute.closed) {
            Some((by, _)) => Err(Broken::DisputeClosed { by: by.index }),
            None => Ok((stood, place)),
        }
    }
}

impl Dispute {
    fn check_close(&self, mark: Mark, outcome: Outcome, around: Around<'_>) -> Result<(), Broken> {
        let dispute = self.mark.index;
        let keys: &Keys = around.keys;
        let is_arbiter = around.arbiters.contains(&keys.id(mark.by));
        if is_arbiter && outcome != Outcome::Withdrawn {
            return Ok(());
        }
        if outcome.needs_arbiter() {
            return Err(Broken::Arbiter { outcome });
        }
        if self.mark.by != mark.by {
            return Err(Broken::NotOpener { dispute });
        }
        // Whoever stole the current key must not take back what the recovery key has said against it.
        if self.is_privileged && keys.entered(mark.key).is_none_or(|entered| entered < dispute) {
            return Err(Broken::Privileged { dispute });
        }
        Ok(())
    }
}
