//! The ledger as bytes and rules: an RFC 6962 log of creator-signed entries, with C2SP notes and checkpoints.
//!
//! Pure: bytes come in, bytes or a plan go out. Knows no images, no disk, no clock.

pub mod append;
pub mod audit;
pub mod body;
pub mod broken;
mod cbor;
pub mod checkpoint;
pub mod consistency_file;
pub mod cosignature;
pub mod entry;
pub mod frame;
pub mod handover;
pub mod hash;
pub mod map;
pub mod note;
pub mod policy;
pub mod proof;
pub mod proof_file;
pub mod receipt;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod spill;
pub mod state_proof;
pub mod tile;
pub mod tile_stack;
pub mod tile_tree;
pub mod title;
pub mod tree;
pub mod witness;

pub use append::{Append, AppendError, Edge};
pub use body::{
    DigestForm, DisputeAnswer, DisputeClose, DisputeOpen, EntryBody, KeyIncept, KeyRevoke, KeyRotate,
    LicenceEnd, LicenceGrant, Redact, Registration, RevokeReason, Rights, RightsLift, RightsReserve, Share,
    Subject, TitleAccept, TitleOffer,
};
pub use cbor::CborError;
pub use checkpoint::{Checkpoint, VerifiedCheckpoint};
pub use entry::{Entry, EntryError};
pub use hash::{LeafHash, NodeHash, RootHash};
pub use map::{MapKey, MapProof, MapRoot, MapSize, MapValue, StateMap, Topic};
pub use note::{KeyName, LogKey, VerifierKey};
pub use secret::{LedgerSecret, LookupMode};
pub use tree::{LeafIndex, TreeSize};
