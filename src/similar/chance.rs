//! How often pictures that have nothing to do with each other come as near as two that were compared.
//!
//! Codes of strangers differ like fair coins: a distance `d` of 256 bits is that of a binomial of somewhat fewer bits, because
//! neighbouring bits lean on each other (PDQ: 246 of 256). Real tails are heavier (shared borders, captions), and a model's
//! tail is no evidence: what was counted stands above what was computed, and no chance is stated below 3 in the number of pairs
//! looked at, the 95 % bound when none was seen.
//!
//! A chance of 0.1 says that such a likeness is unusual, not that one picture was made from the other.
//!
//! Source: design similar.md 2.1 (the reference counts), 4.1; Daugman, "The importance of being random" (Pattern Recognition
//! 36, 2003), for the binomial of effective bits.

/// What a distance between two PDQ codes says; the limits are those of similar.md 2.2 and 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Likeness {
    /// At most 31 bits: looks like the same picture.
    Same,
    /// At most 48: looks like an edited copy, or one made with nearly the same settings.
    Edited,
    /// At most 64: a close relative; somebody should look at both.
    Related,
    /// At most 76: an unusual likeness.
    Unusual,
    /// More: as strangers are.
    None,
}

impl Likeness {
    /// The distance up to which a likeness reaches, bits.
    #[must_use]
    pub const fn radius_bits(self) -> u32 {
        match self {
            Self::Same => 31,
            Self::Edited => 48,
            Self::Related => 64,
            Self::Unusual => 76,
            Self::None => BITS,
        }
    }

    /// The likeness of a distance.
    #[must_use]
    pub fn of(distance_bits: u32) -> Self {
        [Self::Same, Self::Edited, Self::Related, Self::Unusual]
            .into_iter()
            .find(|likeness| distance_bits <= likeness.radius_bits())
            .unwrap_or(Self::None)
    }
}

/// How likely strangers come as near as some distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// For one pair of pictures.
    pub of_pair: f64,
    /// How many pictures of the ledger come that near by chance.
    pub expected: f64,
    /// That at least one does.
    pub of_any: f64,
    /// Whether these are bounds: fewer such pairs were seen than can be counted. Say "fewer than", not "about".
    pub at_most: bool,
}

/// Distances of codes whose pictures have nothing to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Strangers {
    /// How many fair coins vary like a distance does.
    effective_bits: f64,
    /// Mean distance as a share of all bits.
    share: f64,
    /// Pairs looked at.
    pairs: f64,
    /// Which share of the pairs came as near as a distance, nearest first; never empty, each share above 0.
    seen: Vec<(u32, f64)>,
}

/// Why distances say nothing of strangers.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StrangersError {
    /// Too few pairs.
    #[error("{pairs} pairs of strangers are too few: {wanted} are needed")]
    TooFew {
        /// Pairs at more than [`Likeness::Related`].
        pairs: u64,
        /// Pairs needed.
        wanted: u64,
    },
    /// All distances are equal.
    #[error("all pairs differ in equally many bits")]
    AllEqual,
}

impl Strangers {
    /// PDQ codes of 1,554 photographs and generated pictures against 60 edits of each other one: 130.7 million pairs
    /// (similar.md 2.1).
    #[must_use]
    pub fn reference() -> Self {
        let pairs = 130_700_000.0;
        let seen = [
            (64, 1.5e-8),
            (72, 3.4e-7),
            (80, 5.5e-7),
            (88, 3.3e-6),
            (92, 1.7e-5),
            (96, 9.7e-5),
        ];
        Self {
            effective_bits: 246.0,
            share: 0.5,
            pairs,
            seen: seen.to_vec(),
        }
    }

    /// From a ledger's own pairs: `pairs_at[d]` of them differ in `d` bits.
    ///
    /// Pairs of at most 64 bits are left out: they may be copies. Give pairs drawn at random, or all; at best one picture of
    /// each family.
    ///
    /// # Errors
    /// [`StrangersError`] when there are fewer than 10,000 pairs or all are alike.
    pub fn counted(pairs_at: &[u64; 257]) -> Result<Self, StrangersError> {
        let strangers = (0u32..)
            .zip(pairs_at)
            .skip_while(|(distance, _)| *distance <= COPIES_BITS);
        let strangers: Vec<(u32, u64)> = strangers.map(|(distance, count)| (distance, *count)).collect();
        let pairs = strangers
            .iter()
            .fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        if pairs < PAIRS_MIN {
            return Err(StrangersError::TooFew {
                pairs,
                wanted: PAIRS_MIN,
            });
        }
        let total: f64 = strangers.iter().map(|(_, count)| number(*count)).sum();
        let moment = |of: &dyn Fn(f64) -> f64| {
            let sum: f64 = strangers
                .iter()
                .map(|(d, count)| of(f64::from(*d)) * number(*count))
                .sum();
            sum / total
        };
        let mean = moment(&|distance| distance);
        let variance = moment(&|distance| (distance - mean).powi(2));
        let share = mean / f64::from(BITS);
        if variance <= 0.0 || share <= 0.0 || share >= 1.0 {
            return Err(StrangersError::AllEqual);
        }
        let mut sum = 0.0;
        let mut seen = Vec::new();
        for (distance, count) in strangers {
            sum += number(count);
            if sum >= COUNT_MIN {
                seen.push((distance, sum / total));
            }
        }
        Ok(Self {
            effective_bits: (share * (1.0 - share) * f64::from(BITS).powi(2) / variance).clamp(1.0, 256.0),
            share,
            pairs: total,
            seen,
        })
    }

    /// How many fair coins vary like the distances do, at most 256: how much a code says.
    #[must_use]
    pub const fn effective_bits(&self) -> f64 {
        self.effective_bits
    }

    /// The chance that strangers come as near as `distance_bits` to one picture, in a ledger of `pictures` others.
    ///
    /// For one code of each picture: a search by `v` views over `s` stored codes of each looks `v * s` times as often.
    #[must_use]
    pub fn chance(&self, distance_bits: u32, pictures: u64) -> Chance {
        let estimate = self.estimate(distance_bits);
        let floor = UNSEEN / self.pairs;
        let of_pair = estimate.max(floor).min(1.0);
        let expected = of_pair * number(pictures);
        Chance {
            of_pair,
            expected,
            of_any: -(-expected).exp_m1(),
            at_most: estimate < floor,
        }
    }

    /// The chance that at least one of so many others comes as near, by the binomial alone: the smooth curve to look at counts
    /// against, no statement about one picture.
    #[must_use]
    pub fn any_by_model(&self, distance_bits: u32, pictures: u64) -> f64 {
        -(-self.model(distance_bits) * number(pictures)).exp_m1()
    }

    /// Counted where enough was seen, else the model, raised where it lies below what was counted beside it.
    fn estimate(&self, distance_bits: u32) -> f64 {
        let after = self
            .seen
            .partition_point(|(distance, _)| *distance < distance_bits);
        match (
            after.checked_sub(1).and_then(|before| self.seen.get(before)),
            self.seen.get(after),
        ) {
            (Some(_), Some((high, share))) if *high == distance_bits => *share,
            (Some((low, low_share)), Some((high, high_share))) => {
                let part = f64::from(distance_bits - low) / f64::from(high - low);
                (low_share.ln() * (1.0 - part) + high_share.ln() * part).exp()
            }
            (None, Some((first, share))) => {
                let heavier = (share / self.model(*first)).max(1.0);
                (self.model(distance_bits) * heavier).min(*share)
            }
            (Some((_, share)), None) => self.model(distance_bits).max(*share),
            (None, None) => self.model(distance_bits),
        }
    }

    /// The share of pairs within a distance by the binomial of effective bits, interpolated between its steps.
    ///
    /// Codes with equally many ones differ in an even number of bits, so a distance stands for all up to the next even one.
    fn model(&self, distance_bits: u32) -> f64 {
        let even = f64::from(distance_bits - distance_bits % 2);
        let bits = self.effective_bits.round();
        let place = (even + 1.0) * bits / f64::from(BITS) - 0.5;
        if place < 0.0 {
            return self.binomial(bits, 0.0);
        }
        let (low, part) = (place.floor(), place.fract());
        let (below, above) = (self.binomial(bits, low), self.binomial(bits, low + 1.0));
        (below.ln() * (1.0 - part) + above.ln() * part).exp().min(1.0)
    }

    /// P(X <= `most`) of a binomial of `bits` throws.
    fn binomial(&self, bits: f64, most: f64) -> f64 {
        let odds = self.share / (1.0 - self.share);
        let mut term = (1.0 - self.share).powf(bits);
        let mut sum = term;
        let mut hits = 0.0;
        while hits < most && hits < bits {
            term *= odds * (bits - hits) / (hits + 1.0);
            sum += term;
            hits += 1.0;
        }
        sum.min(1.0)
    }
}

/// A count as a number; beyond 2^53 it is rounded.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "Rust has no other u64 to f64"
)]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}

const BITS: u32 = 256;
/// Pairs as near as this may be copies of each other.
const COPIES_BITS: u32 = Likeness::Related.radius_bits();
/// From so few pairs no tail can be told.
const PAIRS_MIN: u64 = 10_000;
/// From so many seen pairs on a share is known to a fifth.
const COUNT_MIN: f64 = 100.0;
/// The 95 % bound on a mean of which nothing was seen (the rule of three).
const UNSEEN: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similar::index::{Code, distance_bits};

    fn random(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }
    }

    /// 256 numbers that lean on each other by some common causes, cut at their median: what PDQ does.
    fn simulated(count: usize, causes: usize, next: &mut impl FnMut() -> u64) -> Vec<Code> {
        let mut bell = move || {
            let bytes = next().to_le_bytes();
            bytes.iter().map(|byte| f64::from(*byte) - 127.5).sum::<f64>() / 209.0
        };
        let mut fixed = random(99);
        let loads: Vec<f64> = (0..causes * 256)
            .map(|_| {
                fixed()
                    .to_le_bytes()
                    .iter()
                    .map(|byte| f64::from(*byte) - 127.5)
                    .sum::<f64>()
                    / 209.0
            })
            .collect();
        (0..count)
            .map(|_| {
                let strengths: Vec<f64> = (0..causes).map(|_| bell() * 0.3).collect();
                let mut values = [0.0; 256];
                for (at, value) in values.iter_mut().enumerate() {
                    let common: f64 = strengths
                        .iter()
                        .zip(&loads[at * causes..])
                        .map(|(s, load)| s * load)
                        .sum();
                    *value = bell() + common;
                }
                let mut sorted = values;
                sorted.sort_unstable_by(f64::total_cmp);
                let mut code = [0u8; 32];
                for (at, value) in values.iter().enumerate() {
                    code[at / 8] |= u8::from(*value > sorted[127]) << (at % 8);
                }
                code
            })
            .collect()
    }

    fn distances(codes: &[Code]) -> [u64; 257] {
        let mut at = [0; 257];
        for (place, a) in codes.iter().enumerate() {
            for b in &codes[place + 1..] {
                at[distance_bits(a, b) as usize] += 1;
            }
        }
        at
    }

    #[test]
    fn the_statement_is_within_a_factor_of_two_of_what_is_counted_on_held_out_pairs() {
        for causes in [0, 2, 6] {
            let mut next = random(7);
            let strangers = Strangers::counted(&distances(&simulated(900, causes, &mut next))).unwrap();
            let held_out = simulated(1600, causes, &mut next);
            let pairs_at = distances(&held_out);
            let pairs: u64 = pairs_at.iter().sum();
            let (mut sum, mut compared) = (0, 0);
            for (distance, count) in (0u32..).zip(pairs_at) {
                sum += count;
                if sum >= 30 {
                    let expected = strangers.chance(distance, pairs).expected;
                    let ratio = expected / number(sum);
                    assert!(
                        (0.5..2.0).contains(&ratio),
                        "{causes} causes, {distance} bits: {expected} for {sum}"
                    );
                    compared += 1;
                }
            }
            assert!(compared > 100, "{compared}");
        }
    }

    #[test]
    fn copies_in_the_ledger_do_not_make_likeness_look_common() {
        let mut next = random(3);
        let mut pairs_at = distances(&simulated(400, 2, &mut next));
        let clean = Strangers::counted(&pairs_at).unwrap();
        for count in &mut pairs_at[..=64] {
            *count += 5_000;
        }
        assert_eq!(Strangers::counted(&pairs_at).unwrap(), clean);
    }

    #[test]
    fn leaning_bits_are_fewer_bits() {
        let mut next = random(5);
        let free = Strangers::counted(&distances(&simulated(400, 0, &mut next))).unwrap();
        let leaning = Strangers::counted(&distances(&simulated(400, 6, &mut next))).unwrap();
        assert!(free.effective_bits() > 245.0, "{free:?}");
        assert!(leaning.effective_bits() < free.effective_bits() - 10.0);
        assert!(leaning.chance(88, 1).of_pair > free.chance(88, 1).of_pair);
    }

    #[test]
    fn nothing_is_stated_below_what_the_pairs_can_show() {
        let reference = Strangers::reference();
        for distance in 0..=60 {
            let chance = reference.chance(distance, 1_000_000);
            assert!(chance.at_most);
            assert!((chance.of_pair - 3.0 / 130_700_000.0).abs() < 1e-12);
            assert!((chance.expected - 0.023).abs() < 0.001);
        }
        assert!(!reference.chance(72, 1).at_most);
        let few = Strangers::counted(&distances(&simulated(200, 0, &mut random(1)))).unwrap();
        assert!((few.chance(40, 1).of_pair - 3.0 / 19_900.0).abs() < 1e-9);
    }

    #[test]
    fn chances_grow_with_distance_and_ledger_and_end_at_one() {
        let counted = Strangers::counted(&distances(&simulated(300, 3, &mut random(8)))).unwrap();
        for strangers in [Strangers::reference(), counted] {
            let all: Vec<Chance> = (0..=256).map(|d| strangers.chance(d, 1000)).collect();
            assert!(
                all.windows(2).all(|pair| pair[0].of_pair <= pair[1].of_pair),
                "{strangers:?}"
            );
            assert!(all.iter().all(|chance| (0.0..=1.0).contains(&chance.of_any)));
            assert!((all[256].of_pair - 1.0).abs() < 1e-9);
            assert!(strangers.chance(90, 10).expected < strangers.chance(90, 11).expected);
        }
        assert!(Strangers::reference().chance(30, 0).expected.abs() < 1e-300);
    }

    /// similar.md 4.1: predicted 102 for 1,000 pictures, measured 102 on 1,000 photographs; 89 and 83 for a million and a
    /// hundred.
    #[test]
    fn the_nearest_stranger_is_where_it_was_measured() {
        let reference = Strangers::reference();
        // Half of all pictures have a nearer one.
        let nearest = |pictures: f64| {
            let is_median =
                |distance: &u32| reference.estimate(*distance) * pictures >= std::f64::consts::LN_2;
            (0..=BITS).find(is_median).unwrap()
        };
        assert_eq!(nearest(1e3), 102);
        assert!((80..=90).contains(&nearest(1e6)));
        assert!(nearest(1e8) < nearest(1e6));
        // The table there: chance per pair by the model, before what was measured is laid over it.
        for (distance, chance) in [(64, 5e-16), (76, 8e-11), (84, 2e-8), (88, 4e-7)] {
            let ratio = reference.model(distance) / chance;
            assert!((0.25..4.0).contains(&ratio), "{distance}: {ratio}");
        }
    }

    #[test]
    fn too_few_pairs_and_equal_pairs_are_refused() {
        let few = StrangersError::TooFew {
            pairs: 9_999,
            wanted: 10_000,
        };
        let mut pairs_at = [0; 257];
        pairs_at[10] = 1_000_000;
        pairs_at[128] = 9_999;
        assert_eq!(Strangers::counted(&pairs_at), Err(few));
        pairs_at[128] = 10_000;
        assert_eq!(Strangers::counted(&pairs_at), Err(StrangersError::AllEqual));
        assert_eq!(
            Strangers::counted(&[u64::MAX; 257]).map(|found| found.seen.len()),
            Ok(192)
        );
    }

    #[test]
    fn likeness_changes_at_its_limits() {
        use Likeness::{Edited, None, Related, Same, Unusual};
        let found = [0, 31, 32, 48, 49, 64, 65, 76, 77, 256].map(Likeness::of);
        assert_eq!(
            found,
            [
                Same, Same, Edited, Edited, Related, Related, Unusual, Unusual, None, None
            ]
        );
    }
}
