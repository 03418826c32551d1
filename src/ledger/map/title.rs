//! Who holds an asset, as one hash: the state of an asset's key in the map.

use crate::base::{Digest, Hasher};
use crate::keys::KeyId;
use crate::ledger::body::Share;
use crate::ledger::hash::LeafHash;

/// One registration of an asset id, and who holds what it gave its signer. An id has as many as identities registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// The registration it begins with.
    pub registered: LeafHash,
    /// Who holds it now.
    pub holders: Vec<Holding>,
}

/// A share in one identity's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holding {
    /// Who holds it.
    pub identity: KeyId,
    /// How much of the whole.
    pub share: Share,
    /// The entry by which it is held: the registration, or the last acceptance that touched the share.
    pub title: LeafHash,
}

impl Title {
    /// The state of an asset with these titles, earliest registration first; the order of holders does not matter.
    #[must_use]
    pub fn state(titles: &[Self]) -> Digest {
        let mut hasher = Hasher::new();
        hasher.update(&[super::OF_TITLES]);
        for title in titles {
            let mut holders = title.holders.clone();
            holders.sort_unstable();
            hasher.update(title.registered.as_bytes());
            hasher.update(&u16::try_from(holders.len()).unwrap_or(u16::MAX).to_be_bytes());
            for holder in &holders {
                hasher.update(holder.identity.as_bytes());
                hasher.update(&holder.share.points().to_be_bytes());
                hasher.update(holder.title.as_bytes());
            }
        }
        hasher.finish()
    }

    /// The entries that titles name, each once.
    #[must_use]
    pub fn entries(titles: &[Self]) -> Vec<LeafHash> {
        let of = |title: &Self| {
            let held = title.holders.iter().map(|holder| holder.title);
            held.chain([title.registered]).collect::<Vec<_>>()
        };
        let mut named: Vec<LeafHash> = titles.iter().flat_map(of).collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}
