//! What is told of a key, and what two words about one key come to.

use super::{AGAIN, MapKey, MapValue};

/// What is told of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// The first one counts, and that there were others: a registration of a digest.
    First(MapValue),
    /// The latest one counts: who holds an asset.
    Latest(MapValue),
}

/// A key and what is told of it.
pub(super) type Pair = (MapKey, Word);

impl Word {
    /// Both, one told after the other.
    pub(super) const fn then(self, later: Self) -> Self {
        match self {
            Self::First(first) => Self::First(MapValue {
                status: AGAIN,
                ..first
            }),
            Self::Latest(_) => later,
        }
    }

    /// What the map says of the key.
    pub(super) const fn value(self) -> MapValue {
        match self {
            Self::First(value) | Self::Latest(value) => value,
        }
    }
}
