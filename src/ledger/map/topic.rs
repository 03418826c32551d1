//! What a state map is asked about.

use std::fmt;

use super::{MapKey, OF_KEY, sha256};
use crate::base::Digest;

/// What a key of the map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// An asset, by its id.
    Asset([u8; 16]),
    /// A file without its manifest store, by its digest (the keyed one in a private ledger).
    Content(Digest),
    /// Decoded pixels, by the number of their rule and their digest (the keyed one in a private ledger).
    Pixel(u8, Digest),
}

impl Topic {
    /// The key under which the topic stands.
    #[must_use]
    pub fn key(&self) -> MapKey {
        let bytes = match self {
            Self::Asset(id) => [&[OF_KEY, KIND_ASSET][..], id].concat(),
            Self::Content(digest) => [&[OF_KEY, KIND_CONTENT][..], digest.as_bytes()].concat(),
            Self::Pixel(rule, digest) => [&[OF_KEY, KIND_PIXEL, *rule][..], digest.as_bytes()].concat(),
        };
        MapKey(sha256(&bytes))
    }

    /// Reads what [`fmt::Display`] writes, in its one spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.splitn(4, ' ').collect();
        let topic = match words.as_slice() {
            ["asset", id] => Self::Asset(uuid::Uuid::try_parse(id).ok()?.into_bytes()),
            ["content", digest] => Self::Content(Digest::parse_hex(digest)?),
            ["pixel", rule, digest] => Self::Pixel(rule.parse().ok()?, Digest::parse_hex(digest)?),
            _ => return None,
        };
        (topic.to_string() == text).then_some(topic)
    }
}

/// `asset UUID`, `content HEX` or `pixel RULE HEX`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asset(id) => write!(f, "asset {}", uuid::Uuid::from_bytes(*id).hyphenated()),
            Self::Content(digest) => write!(f, "content {digest}"),
            Self::Pixel(rule, digest) => write!(f, "pixel {rule} {digest}"),
        }
    }
}

const KIND_ASSET: u8 = 1;
const KIND_CONTENT: u8 = 2;
const KIND_PIXEL: u8 = 3;
