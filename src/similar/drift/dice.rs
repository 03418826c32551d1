//! Numbers drawn by lot from a seed: the same seed, the same report.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). For statistics, not for keys.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`, 0 when there is none; that some are likelier by `count` in 2^64 does not show.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or(0)
    }

    /// Puts items into an order drawn by lot.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// `most` of the items, or all when there are no more, in their order.
    pub(super) fn sample<T: Copy + Ord>(&mut self, items: &[T], most: usize) -> Vec<T> {
        let mut drawn = items.to_vec();
        if drawn.len() > most {
            self.shuffle(&mut drawn);
            drawn.truncate(most);
            drawn.sort_unstable();
        }
        drawn
    }
}
