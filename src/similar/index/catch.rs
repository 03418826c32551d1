//! What a search has found for one query so far, in bounded memory.

/// A code near a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// How many of 256 bits differ.
    pub distance_bits: u32,
    /// The place of the code in the order in which codes came, from 0.
    pub id: u32,
}

/// The codes within a radius of one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The nearest of them, by distance, then id; as many as were asked for.
    pub hits: Vec<Hit>,
    /// How many there are, those not in `hits` among them.
    pub total: u64,
}

/// Keeps the `most` nearest of what is offered and counts all within its bound; holds at most about twice as many.
#[derive(Clone, Debug)]
pub(super) struct Catch {
    most: usize,
    room: usize,
    bound_bits: u32,
    shrinks: bool,
    hits: Vec<Hit>,
    total: u64,
}

impl Catch {
    /// Everything within a radius.
    pub(super) fn within(radius_bits: u32, most: usize) -> Self {
        Self {
            most,
            room: most.saturating_mul(2).saturating_add(16),
            bound_bits: radius_bits,
            shrinks: false,
            hits: Vec::new(),
            total: 0,
        }
    }

    /// The nearest, however far: the bound follows the farthest kept.
    pub(super) fn nearest(most: usize) -> Self {
        Self {
            room: most.saturating_add(most / 4 + 1),
            shrinks: true,
            ..Self::within(256, most)
        }
    }

    /// The same question with nothing found yet.
    pub(super) fn fresh(&self) -> Self {
        Self {
            hits: Vec::new(),
            total: 0,
            ..*self
        }
    }

    /// Farther codes need not be offered.
    pub(super) const fn bound_bits(&self) -> u32 {
        self.bound_bits
    }

    pub(super) fn offer(&mut self, hit: Hit) {
        if hit.distance_bits > self.bound_bits {
            return;
        }
        self.total += 1;
        if self.most > 0 {
            self.hits.push(hit);
            if self.hits.len() >= self.room {
                self.thin();
            }
        }
    }

    /// Adds what another search found among other codes.
    pub(super) fn merge(&mut self, other: Self) {
        let unkept = other.total - u64::try_from(other.hits.len()).unwrap_or(0);
        for hit in other.hits {
            self.offer(hit);
        }
        self.total += unkept;
    }

    fn thin(&mut self) {
        if self.hits.len() > self.most {
            self.hits.select_nth_unstable(self.most - 1);
            self.hits.truncate(self.most);
        }
        if self.shrinks && self.hits.len() == self.most {
            let farthest = self.hits.iter().map(|hit| hit.distance_bits).max();
            self.bound_bits = farthest.unwrap_or(self.bound_bits);
        }
    }

    pub(super) fn done(mut self) -> Neighbours {
        self.hits.sort_unstable();
        self.hits.truncate(self.most);
        Neighbours {
            hits: self.hits,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(distance_bits: u32, id: u32) -> Hit {
        Hit { distance_bits, id }
    }

    #[test]
    fn the_nearest_stay_and_all_are_counted() {
        let mut catch = Catch::within(31, 3);
        for id in 0..1000 {
            catch.offer(hit(id % 40, id));
        }
        let found = catch.done();
        assert_eq!(found.hits, [hit(0, 0), hit(0, 40), hit(0, 80)]);
        assert_eq!(found.total, 800);
    }

    #[test]
    fn merging_counts_what_neither_kept() {
        let mut left = Catch::within(31, 1);
        let mut right = Catch::within(31, 1);
        for id in 0..100 {
            left.offer(hit(9, id));
            right.offer(hit(8, 100 + id));
        }
        left.merge(right);
        let found = left.done();
        assert_eq!((found.hits, found.total), (vec![hit(8, 100)], 200));
    }

    #[test]
    fn nobody_asked_for_hits_and_they_are_counted() {
        let mut catch = Catch::within(5, 0);
        catch.offer(hit(5, 1));
        catch.offer(hit(6, 2));
        assert_eq!(
            catch.done(),
            Neighbours {
                hits: vec![],
                total: 1
            }
        );
    }
}
