//! A state map in memory: 110 bytes a key, changed in the time of one walk, hashed when its root is asked for.

use super::{End, MapHash, MapKey, MapProof, MapRoot, MapSize, MapValue, Step};

/// Most keys of one map.
pub const KEYS_MAX: usize = (1 << 31) - 1;

/// The map has no room for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state map holds {KEYS_MAX} keys already and takes no more")]
pub struct MapFull;

/// A state map that can be changed.
///
/// Leaves and branches lie in two lists and name each other by number. A change marks the branches above it as stale;
/// [`StateMap::settle`] hashes each stale branch once, so that changes made together share the upper part of their ways.
#[derive(Clone, Debug, Default)]
pub struct StateMap {
    leaves: Vec<Leaf>,
    branches: Vec<Branch>,
    top: Option<Link>,
}

#[derive(Clone, Debug)]
struct Leaf {
    key: MapKey,
    value: MapValue,
}

#[derive(Clone, Debug)]
struct Branch {
    hash: MapHash,
    zeros: Link,
    ones: Link,
    bit: u8,
    is_stale: bool,
}

/// The number of a leaf or of a branch.
#[derive(Clone, Copy, Debug)]
struct Link(u32);

/// What a link names.
enum Node<'a> {
    Branch(&'a Branch),
    Leaf(&'a Leaf),
}

/// A map whose hashes are all made: it has a root and gives proofs.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a>(&'a StateMap);

impl StateMap {
    /// A map without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys.
    #[must_use]
    pub fn size(&self) -> MapSize {
        MapSize(u64::try_from(self.leaves.len()).unwrap_or(u64::MAX))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &MapKey) -> Option<MapValue> {
        let leaf = self.nearest(key)?;
        (leaf.key == *key).then_some(leaf.value)
    }

    /// Gives a key a value and returns the one it had.
    ///
    /// # Errors
    /// [`MapFull`] for a new key when there are [`KEYS_MAX`].
    pub fn set(&mut self, key: MapKey, value: MapValue) -> Result<Option<MapValue>, MapFull> {
        let Some(top) = self.top else {
            self.top = Some(self.add_leaf(key, value)?);
            return Ok(None);
        };
        let nearest = self.nearest(&key).map(|leaf| leaf.key);
        match nearest.and_then(|nearest| nearest.first_difference(&key)) {
            None => Ok(self.replace(top, &key, value)),
            Some(bit) => self.insert(top, bit, key, value).map(|()| None),
        }
    }

    /// Makes the hashes that changes have left stale: one for each stale branch, two SHA-256 blocks each.
    pub fn settle(&mut self) -> Settled<'_> {
        let mut waiting: Vec<Link> = self.top.into_iter().filter(|top| self.is_stale(*top)).collect();
        while let Some(link) = waiting.last().copied() {
            let Node::Branch(branch) = self.node(link) else {
                waiting.pop();
                continue;
            };
            let had = waiting.len();
            let sides = [branch.zeros, branch.ones];
            waiting.extend(sides.into_iter().filter(|side| self.is_stale(*side)));
            if waiting.len() == had {
                let [zeros, ones] = sides.map(|side| self.hash(side));
                let hash = MapHash::branch(branch.bit, zeros, ones);
                let branch = self.branch_mut(link);
                (branch.hash, branch.is_stale) = (hash, false);
                waiting.pop();
            }
        }
        Settled(self)
    }

    /// The leaf at which the way to `key` ends.
    fn nearest(&self, key: &MapKey) -> Option<&Leaf> {
        let mut link = self.top?;
        loop {
            match self.node(link) {
                Node::Leaf(leaf) => return Some(leaf),
                Node::Branch(branch) => link = branch.side(key),
            }
        }
    }

    /// Changes the value of a key that is there.
    fn replace(&mut self, top: Link, key: &MapKey, value: MapValue) -> Option<MapValue> {
        if self.get(key) == Some(value) {
            return Some(value);
        }
        let mut link = top;
        while link.is_branch() {
            let branch = self.branch_mut(link);
            branch.is_stale = true;
            link = branch.side(key);
        }
        let leaf = self.leaves.get_mut(link.at())?;
        Some(std::mem::replace(&mut leaf.value, value))
    }

    /// Adds a key that first differs in `bit` from the one at the end of its way: a branch is put in where the way's bits pass it.
    fn insert(&mut self, top: Link, bit: u8, key: MapKey, value: MapValue) -> Result<(), MapFull> {
        let (mut above, mut below) = (None, top);
        while below.is_branch() {
            let branch = self.branch_mut(below);
            if branch.bit > bit {
                break;
            }
            branch.is_stale = true;
            (above, below) = (Some(below), branch.side(&key));
        }
        let leaf = self.add_leaf(key, value)?;
        let (zeros, ones) = if key.bit(bit) {
            (below, leaf)
        } else {
            (leaf, below)
        };
        let link = Link::to_branch(self.branches.len())?;
        self.branches.push(Branch {
            hash: MapHash::from_bytes([0; 32]),
            zeros,
            ones,
            bit,
            is_stale: true,
        });
        match above {
            None => self.top = Some(link),
            Some(above) => *self.branch_mut(above).side_mut(&key) = link,
        }
        Ok(())
    }

    fn add_leaf(&mut self, key: MapKey, value: MapValue) -> Result<Link, MapFull> {
        let link = Link::to_leaf(self.leaves.len())?;
        self.leaves.push(Leaf { key, value });
        Ok(link)
    }

    fn is_stale(&self, link: Link) -> bool {
        matches!(self.node(link), Node::Branch(branch) if branch.is_stale)
    }

    fn hash(&self, link: Link) -> MapHash {
        match self.node(link) {
            Node::Branch(branch) => branch.hash,
            Node::Leaf(leaf) => MapHash::leaf(&leaf.key, &leaf.value),
        }
    }

    // Links are made only by adding what they name, and nothing is ever taken away.
    fn node(&self, link: Link) -> Node<'_> {
        if link.is_branch() {
            Node::Branch(&self.branches[link.at()])
        } else {
            Node::Leaf(&self.leaves[link.at()])
        }
    }

    fn branch_mut(&mut self, link: Link) -> &mut Branch {
        &mut self.branches[link.at()]
    }
}

impl Settled<'_> {
    /// The hash of the whole map.
    #[must_use]
    pub fn root(&self) -> MapRoot {
        self.0
            .top
            .map_or_else(MapRoot::empty, |top| self.0.hash(top).root())
    }

    /// How many keys.
    #[must_use]
    pub fn size(&self) -> MapSize {
        self.0.size()
    }

    /// The proof of what the map says about a key: its value, or that it has none.
    #[must_use]
    pub fn prove(&self, key: &MapKey) -> MapProof {
        let mut steps = Vec::new();
        let mut next = self.0.top;
        while let Some(link) = next {
            match self.0.node(link) {
                Node::Branch(branch) => {
                    let (way, beside) = if key.bit(branch.bit) {
                        (branch.ones, branch.zeros)
                    } else {
                        (branch.zeros, branch.ones)
                    };
                    steps.push(Step {
                        bit: branch.bit,
                        beside: self.0.hash(beside),
                    });
                    next = Some(way);
                }
                Node::Leaf(leaf) if leaf.key == *key => {
                    let end = End::Found(leaf.value);
                    return MapProof { end, steps };
                }
                Node::Leaf(leaf) => {
                    let end = End::Other(leaf.key, leaf.value);
                    return MapProof { end, steps };
                }
            }
        }
        let end = End::Empty;
        MapProof { end, steps }
    }
}

impl Branch {
    fn side(&self, key: &MapKey) -> Link {
        if key.bit(self.bit) { self.ones } else { self.zeros }
    }

    fn side_mut(&mut self, key: &MapKey) -> &mut Link {
        if key.bit(self.bit) {
            &mut self.ones
        } else {
            &mut self.zeros
        }
    }
}

impl Link {
    const BRANCH: u32 = 1 << 31;

    fn to_leaf(at: usize) -> Result<Self, MapFull> {
        if at >= KEYS_MAX {
            return Err(MapFull);
        }
        u32::try_from(at).map(Self).map_err(|_| MapFull)
    }

    fn to_branch(at: usize) -> Result<Self, MapFull> {
        Self::to_leaf(at).map(|link| Self(link.0 | Self::BRANCH))
    }

    const fn is_branch(self) -> bool {
        self.0 & Self::BRANCH != 0
    }

    fn at(self) -> usize {
        usize::try_from(self.0 & !Self::BRANCH).unwrap_or(usize::MAX)
    }
}

const _: () = assert!(size_of::<Leaf>() + size_of::<Branch>() == 110);
