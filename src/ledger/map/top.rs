//! The upper part of the tree: its hashes down to where keys differ that begin alike. What is below such a beginning, a
//! *bucket*, is hashed again as a whole when a key in it changed.

use super::{MapHash, MapKey, Step};

/// Hashes of all buckets and of what is above them: 70 bytes a bucket.
#[derive(Debug)]
pub(super) struct Top {
    /// How many bits the keys of a bucket have in common at least.
    bits: u8,
    /// Number 1 is the root; below number n are 2n and 2n + 1, on the 0 side and on the 1 side. The last half are the buckets.
    /// None where there is no key.
    nodes: Vec<Option<MapHash>>,
    /// How many keys each bucket has.
    counts: Vec<u32>,
    stale: Vec<bool>,
    size: u64,
}

/// A bucket: the bits with which its keys begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bucket(pub(super) usize);

impl Top {
    /// One of `2^bits` buckets, all of them stale.
    pub(super) fn new(bits: u8) -> Self {
        let buckets = 1usize << bits.min(BITS_MAX);
        Self {
            bits: bits.min(BITS_MAX),
            nodes: vec![None; buckets.saturating_mul(2)],
            counts: vec![0; buckets],
            stale: vec![true; buckets],
            size: 0,
        }
    }

    pub(super) const fn bits(&self) -> u8 {
        self.bits
    }

    /// How many keys.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The bucket of a key.
    pub(super) fn bucket(&self, key: &MapKey) -> Bucket {
        let beginning = key
            .beginning()
            .checked_shr(64u32.saturating_sub(u32::from(self.bits)));
        Bucket(usize::try_from(beginning.unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// The least key that a bucket can have.
    pub(super) fn least(&self, bucket: Bucket) -> MapKey {
        let beginning = u64::try_from(bucket.0).unwrap_or(u64::MAX);
        let beginning = beginning.checked_shl(64u32.saturating_sub(u32::from(self.bits)));
        let mut key = [0; 32];
        if let Some(first) = key.first_chunk_mut() {
            *first = beginning.unwrap_or(0).to_be_bytes();
        }
        MapKey::from_bytes(key)
    }

    /// Something about a key changed.
    pub(super) fn touch(&mut self, key: &MapKey) {
        let bucket = self.bucket(key);
        if let Some(is_stale) = self.stale.get_mut(bucket.0) {
            *is_stale = true;
        }
    }

    /// The buckets to be hashed again, in their order.
    pub(super) fn stale(&self) -> Vec<Bucket> {
        let all = self.stale.iter().enumerate();
        all.filter(|(_, is_stale)| **is_stale)
            .map(|(at, _)| Bucket(at))
            .collect()
    }

    /// Takes what a bucket hashes to, and how many keys it has. [`Top::join`] makes it count.
    pub(super) fn put(&mut self, bucket: Bucket, hash: Option<MapHash>, count: u64) {
        let at = self.counts.len().saturating_add(bucket.0);
        if let (Some(node), Some(had)) = (self.nodes.get_mut(at), self.counts.get_mut(bucket.0)) {
            self.size = self.size.saturating_sub(u64::from(*had)).saturating_add(count);
            *node = hash;
            *had = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }

    /// Hashes what is above buckets, which are stale no longer.
    pub(super) fn join(&mut self, buckets: &[Bucket]) {
        let nodes = |bucket: &Bucket| self.counts.len().saturating_add(bucket.0);
        let mut changed: Vec<usize> = buckets.iter().map(nodes).collect();
        for bit in (0..self.bits).rev() {
            for node in &mut changed {
                *node /= 2;
            }
            changed.dedup();
            for node in &changed {
                let hash = match self.below(*node) {
                    [Some(zeros), Some(ones)] => Some(MapHash::branch(bit, zeros, ones)),
                    [one, None] | [None, one] => one,
                };
                if let Some(place) = self.nodes.get_mut(*node) {
                    *place = hash;
                }
            }
        }
        for bucket in buckets {
            if let Some(is_stale) = self.stale.get_mut(bucket.0) {
                *is_stale = false;
            }
        }
    }

    /// The hash of everything; none when there is no key.
    pub(super) fn root(&self) -> Option<MapHash> {
        self.nodes.get(1).copied().flatten()
    }

    /// The way to a key, from the root down, and the bucket it leads to; none when there is no key.
    pub(super) fn way(&self, key: &MapKey) -> Option<(Vec<Step>, Bucket)> {
        self.root()?;
        let (mut steps, mut node) = (Vec::new(), 1usize);
        for bit in 0..self.bits {
            let takes_ones = match self.below(node) {
                [Some(zeros), Some(ones)] => {
                    let beside = if key.bit(bit) { zeros } else { ones };
                    steps.push(Step { bit, beside });
                    key.bit(bit)
                }
                // No branch is here: all keys are on one side.
                [zeros, _] => zeros.is_none(),
            };
            node = node.saturating_mul(2).saturating_add(usize::from(takes_ones));
        }
        Some((steps, Bucket(node.saturating_sub(self.counts.len()))))
    }

    fn below(&self, node: usize) -> [Option<MapHash>; 2] {
        let zeros = node.saturating_mul(2);
        [zeros, zeros.saturating_add(1)].map(|at| self.nodes.get(at).copied().flatten())
    }
}

/// Most bits: of 2^18 buckets the hashes take 18 MiB.
pub(super) const BITS_MAX: u8 = 18;
