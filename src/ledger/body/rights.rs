//! Reservations of data mining and training, in the words of CAWG's training and data mining assertion 1.1.

use super::BodyError;
use super::codes::codes;
use super::fields::{Fields, Payload};
use crate::base::Digest;
use crate::base::statement::Mining;
use crate::ledger::hash::LeafHash;

codes! {
    /// Whether a use is allowed (`use` of an entry of `cawg.training-mining`).
    Use {
        /// The use is allowed.
        Allowed = 1 "allowed",
        /// The use is not allowed.
        NotAllowed = 2 "notAllowed",
        /// The use is allowed under constraints.
        Constrained = 3 "constrained",
    }
}

/// The four uses; what is not stated is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// `cawg.data_mining`.
    pub data_mining: Option<Use>,
    /// `cawg.ai_inference`.
    pub ai_inference: Option<Use>,
    /// `cawg.ai_training`.
    pub ai_training: Option<Use>,
    /// `cawg.ai_generative_training`.
    pub ai_generative_training: Option<Use>,
}

impl Uses {
    /// Each with its CAWG label, in the order of their fields.
    #[must_use]
    pub const fn labelled(&self) -> [(&'static str, Option<Use>); 4] {
        [
            ("cawg.data_mining", self.data_mining),
            ("cawg.ai_inference", self.ai_inference),
            ("cawg.ai_training", self.ai_training),
            ("cawg.ai_generative_training", self.ai_generative_training),
        ]
    }
}

impl From<Mining> for Uses {
    fn from(mining: Mining) -> Self {
        let [data_mining, ai_inference, ai_training, ai_generative_training] = mining
            .cawg_entries()
            .map(|(_, is_allowed)| is_allowed.map(|yes| if yes { Use::Allowed } else { Use::NotAllowed }));
        Self {
            data_mining,
            ai_inference,
            ai_training,
            ai_generative_training,
        }
    }
}

/// A holder, or who registered the picture, reserves uses of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RightsReserve {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The holder's current title entry; the registration when its signer no longer holds a share.
    pub title: LeafHash,
    /// What is reserved; at least one use.
    pub uses: Uses,
    /// Digest of the constraints, salted by whoever made them; only when a use is constrained.
    pub terms: Option<Digest>,
}

/// A reservation is lifted. It falls when every holder has said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RightsLift {
    /// The asset.
    pub asset_id: [u8; 16],
    /// The rights.reserve, or the registration whose own reservation is meant.
    pub reservation: LeafHash,
}

impl RightsReserve {
    pub(super) fn check(&self) -> Result<(), BodyError> {
        let uses = self.uses.labelled();
        if uses.iter().all(|(_, one)| one.is_none()) {
            return Err(BodyError::Contradiction {
                why: "the reservation names no use",
            });
        }
        if self.terms.is_some() && uses.iter().all(|(_, one)| *one != Some(Use::Constrained)) {
            return Err(BodyError::Contradiction {
                why: "the reservation names constraints, but no use is constrained",
            });
        }
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.title.as_bytes());
        for (field, (_, one)) in (2..).zip(self.uses.labelled()) {
            out.maybe_uint(field, one.map(|one| u64::from(one.code())));
        }
        out.maybe_bytes(6, self.terms.as_ref().map(Digest::as_bytes));
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        let read = Self {
            asset_id,
            title: fields.leaf(1)?,
            uses: Uses {
                data_mining: fields.maybe_code(2, "use", Use::from_code)?,
                ai_inference: fields.maybe_code(3, "use", Use::from_code)?,
                ai_training: fields.maybe_code(4, "use", Use::from_code)?,
                ai_generative_training: fields.maybe_code(5, "use", Use::from_code)?,
            },
            terms: fields.maybe_digest(6)?,
        };
        read.check()?;
        Ok(read)
    }
}

impl RightsLift {
    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.reservation.as_bytes());
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        Ok(Self {
            asset_id,
            reservation: fields.leaf(1)?,
        })
    }
}
