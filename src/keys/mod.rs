//! Who signs: creator keys, certificates, key containers and the people one trusts.
//!
//! Knows no images, no ledger and no disk: bytes come in and go out, time and random bytes are arguments.

pub mod batch;
pub mod bundle;
pub mod container;
pub mod der;
pub mod ed25519;
pub mod identity;
pub mod lists;
pub mod name;
mod names;
pub mod ocsp;
#[cfg(test)]
pub(crate) mod ocsp_samples;
pub mod path;
pub mod pem;
pub mod profile;
pub mod public;
pub mod sections;
pub mod spare;
pub mod trust;
pub mod x509;

pub use batch::verify_batch;
pub use container::Passphrase;
pub use ed25519::{CreatorKey, KeyId, PublicKey, SIGNATURE_LEN};
pub use identity::{Commitments, EcdsaKey, Identity, SignError, SignerKeys, SigningAlgorithm, Validity};
pub use lists::{ListKind, TrustList};
pub use name::LocalName;
pub use public::PublicFile;
pub use spare::{SpareKey, SpareUse};
pub use trust::{TrustEntry, TrustStore};
pub use x509::LeafInfo;
