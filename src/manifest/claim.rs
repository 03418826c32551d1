//! What a creator claims about one picture, as plain data.

use serde_json::{Map, Value};

use crate::asset::Asset;
use crate::base::{Digest, Statement, Timestamp};

/// One claim: a statement and what is bound to it.
#[derive(Debug)]
pub struct Claim {
    /// What the creator states.
    pub statement: Statement,
    /// How the signer knows it.
    pub basis: Basis,
    /// Title in the claim (`dc:title`), usually the file name or the work's title.
    pub title: Option<String>,
    /// Claim thumbnail, a JPEG.
    pub thumbnail: Option<Vec<u8>>,
    /// The body of the picture's ISCC Content-Code Image, 256 bits.
    pub soft_binding: Option<[u8; 32]>,
    /// What the picture was made from.
    pub parent: Parent,
    /// When the claim is made.
    pub now: Timestamp,
    /// Further JSON-LD members of `cawg.metadata`; they win over what the statement gives.
    pub metadata: Map<String, Value>,
    /// From what it is made, written so that the same run is known again.
    pub run: Option<Run>,
}

/// From what a signed picture was made: whoever comes with both again need not sign anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The bytes that were read.
    pub input: Digest,
    /// All that was stated about them, as the signer counts it.
    pub stated: Digest,
}

/// How the signer knows what the statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The signer says so.
    Signer,
    /// The picture's own metadata says so, and the signer passes it on.
    Metadata {
        /// The field that says so.
        field: String,
    },
}

/// What the picture was made from.
#[derive(Debug)]
pub enum Parent {
    /// Another file, edited into this one.
    File {
        /// That file, with its own manifest store if it has one.
        asset: Box<Asset>,
        /// Its name.
        title: Option<String>,
    },
    /// Nothing stated. A picture that still holds a manifest store is taken as [`Parent::SameFile`]: it is opened, never created.
    None,
    /// The picture itself, as it is, with the manifest store it holds.
    SameFile,
    /// The same picture as it came in, signed, before its store was taken out and its metadata was written.
    SignedInput(Box<Asset>),
}

impl Parent {
    /// Whether the claim opens something rather than creating it.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}
