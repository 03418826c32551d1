//! The root of a state map, and one proof, from its keys in ascending order: in one pass, without holding the map.

use super::{End, MapHash, MapKey, MapProof, MapRoot, MapSize, MapValue, Step};

/// The keys do not ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key {key:?} does not come after the one before it")]
pub struct NotAscending {
    /// The key that was given too late.
    pub key: MapKey,
}

/// One pass over the keys of a map. Holds a subtree for each step of the way to the latest key: at most 256.
#[derive(Clone, Debug)]
pub struct Sweep {
    asked: Option<MapKey>,
    size: u64,
    /// Subtrees to the left of the latest one, each with the bit in which it differs from what follows; bits ascend.
    pending: Vec<(u8, Subtree)>,
    latest: Option<(MapKey, Subtree)>,
}

/// What a pass has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// The hash of the whole map.
    pub root: MapRoot,
    /// How many keys.
    pub size: MapSize,
    /// What the map says about the key that was asked for.
    pub proof: Option<MapProof>,
}

#[derive(Clone, Debug)]
struct Subtree {
    hash: MapHash,
    /// Where the way to the key asked for ends if it enters this subtree, and its steps from there up.
    way: Option<MapProof>,
}

impl Sweep {
    /// Begins a pass; a proof is made of what the map says about `asked`.
    #[must_use]
    pub const fn new(asked: Option<MapKey>) -> Self {
        Self {
            asked,
            size: 0,
            pending: Vec::new(),
            latest: None,
        }
    }

    /// Takes the next key.
    pub fn push(&mut self, key: MapKey, value: MapValue) -> Result<(), NotAscending> {
        if let Some((last, mut subtree)) = self.latest.take() {
            let bit = last.first_difference(&key).filter(|_| last < key);
            let Some(bit) = bit else {
                self.latest = Some((last, subtree));
                return Err(NotAscending { key });
            };
            while let Some((above, left)) = self.pending.pop_if(|(above, _)| *above > bit) {
                subtree = self.join(above, left, subtree);
            }
            self.pending.push((bit, subtree));
        }
        let end = |asked| {
            if asked == key {
                End::Found(value)
            } else {
                End::Other(key, value)
            }
        };
        let way = self.asked.map(|asked| MapProof {
            end: end(asked),
            steps: Vec::new(),
        });
        let hash = MapHash::leaf(&key, &value);
        self.latest = Some((key, Subtree { hash, way }));
        self.size = self.size.saturating_add(1);
        Ok(())
    }

    /// Ends the pass.
    #[must_use]
    pub fn finish(mut self) -> Swept {
        let size = MapSize(self.size);
        let Some((_, mut subtree)) = self.latest.take() else {
            let end = End::Empty;
            let steps = Vec::new();
            return Swept {
                root: MapRoot::empty(),
                size,
                proof: self.asked.map(|_| MapProof { end, steps }),
            };
        };
        while let Some((bit, left)) = self.pending.pop() {
            subtree = self.join(bit, left, subtree);
        }
        if let Some(way) = &mut subtree.way {
            way.steps.reverse();
        }
        Swept {
            root: subtree.hash.root(),
            size,
            proof: subtree.way,
        }
    }

    fn join(&self, bit: u8, zeros: Subtree, ones: Subtree) -> Subtree {
        let hash = MapHash::branch(bit, zeros.hash, ones.hash);
        let takes_ones = self.asked.is_some_and(|asked| asked.bit(bit));
        let (mut taken, beside) = if takes_ones {
            (ones, zeros.hash)
        } else {
            (zeros, ones.hash)
        };
        taken.hash = hash;
        if let Some(way) = &mut taken.way {
            way.steps.push(Step { bit, beside });
        }
        taken
    }
}
