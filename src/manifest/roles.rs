//! The SDK's settings for what a signer signs, each made when first needed: most runs need one of them.

use std::sync::{Arc, Mutex, PoisonError};

use c2pa::Context;

use super::signer::{ClaimSigner, Keys, Room};
use super::trust::{TrustAnchors, settings};
use crate::base::statement::Role;

/// What is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    /// A claim, with a named identity in a role or in none.
    Claim {
        /// The role.
        role: Option<Role>,
        /// Whether a parent is judged on the way, by whom the user trusts.
        judges: bool,
    },
    /// An update: it has no hard binding that a named identity could vouch for.
    Update,
}

/// The settings of one signer.
pub(super) struct Roles {
    keys: Arc<Keys>,
    trust: TrustAnchors,
    made: Mutex<Vec<(Signs, Arc<Context>)>>,
}

impl Roles {
    pub(super) const fn new(keys: Arc<Keys>, trust: TrustAnchors) -> Self {
        Self {
            keys,
            trust,
            made: Mutex::new(Vec::new()),
        }
    }

    /// The settings for what is signed.
    pub(super) fn context(&self, signs: Signs) -> c2pa::Result<Arc<Context>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, context)) = made.iter().find(|(known, _)| *known == signs) {
            return Ok(Arc::clone(context));
        }
        let context = self.make(signs)?;
        made.push((signs, Arc::clone(&context)));
        Ok(context)
    }

    fn make(&self, signs: Signs) -> c2pa::Result<Arc<Context>> {
        let keys = Arc::clone(&self.keys);
        let (signer, judges) = match signs {
            // A token is asked for once: the size of its store is laid out before.
            Signs::Claim { role, judges } if keys.timestamp.is_some() => {
                (ClaimSigner::new(keys, role, Room::Reserved), judges)
            }
            Signs::Claim { role, judges } => (ClaimSigner::new(keys, role, Room::Own), judges),
            Signs::Update => (ClaimSigner::plain(keys), true),
        };
        // The SDK reads whom to trust anew for each picture.
        let trust = judges.then_some(&self.trust);
        let context = Context::new().with_settings(settings(trust, false))?;
        Ok(context.with_signer(signer).into_shared())
    }
}
