//! How alike the pictures of one group are, by all their pairs.
//!
//! The likeness of a pair is the cosine of two looks ([`crate::similar::look`]) or, of pictures that have none, the share of
//! details of two codes that agree beyond chance, `1 - 2d/256`: 1 for equal ones, 0 on average for strangers. Its square, averaged over pairs, is what a Vendi score of order 2 is made of; an average over pairs does not lean
//! with the number of pictures, so groups of any size are compared as if all had equally many.
//!
//! Source: Friedman & Dieng, "The Vendi Score" (TMLR 2023); Pasarkar & Dieng, "Cousins of the Vendi Score" (2024), for order 2;
//! Hoeffding, "A class of statistics with asymptotically normal distribution" (1948), for the variance.

use super::dice::Dice;
use crate::similar::chance::number;
use crate::similar::index::{Code, distance_bits};

/// An estimate and the band that covers the truth in 95 of 100 cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Lower end of the band.
    pub low: f64,
    /// Upper end of the band.
    pub high: f64,
}

/// All pairs of a group of pictures.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// Mean likeness.
    mean: f64,
    /// Mean of the squared likeness.
    square: f64,
    /// How uncertain `square` is: its variance, never negative.
    variance: f64,
    /// For each picture: by how much its own mean lies above `square`.
    leans: Vec<f64>,
}

impl Pairs {
    /// Compares all pairs; `None` for fewer than four pictures, from which no variance can be told.
    #[must_use]
    pub fn of<T>(codes: &[T], likeness: impl Fn(&T, &T) -> f64) -> Option<Self> {
        if codes.len() < PICTURES_MIN {
            return None;
        }
        let mut sums = vec![0.0; codes.len()];
        let (mut total, mut fourth) = (0.0, 0.0);
        for (at, a) in codes.iter().enumerate() {
            let mut own = 0.0;
            for (b, sum) in codes.iter().zip(sums.iter_mut()).take(at) {
                let likeness = likeness(a, b);
                let square = likeness * likeness;
                total += likeness;
                fourth += square * square;
                own += square;
                *sum += square;
            }
            if let Some(sum) = sums.get_mut(at) {
                *sum += own;
            }
        }
        let n = count(codes.len());
        let pairs = n * (n - 1.0);
        let sum: f64 = sums.iter().sum();
        let sum_of_squares: f64 = sums.iter().map(|sum| sum * sum).sum();
        let fourth = 2.0 * fourth;
        let square = sum / pairs;
        // The mean over two pairs without a common picture estimates the square of the truth without a lean.
        let apart = (sum * sum - 4.0 * sum_of_squares + 2.0 * fourth) / (pairs * (n - 2.0) * (n - 3.0));
        let least = 2.0 * (fourth / pairs - square * square).max(0.0) / pairs;
        Some(Self {
            mean: 2.0 * total / pairs,
            square,
            variance: (square * square - apart).max(least),
            leans: sums.iter().map(|sum| sum / (n - 1.0) - square).collect(),
        })
    }

    /// Mean likeness: 0 for strangers, 1 for copies.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) const fn square(&self) -> f64 {
        self.square
    }

    pub(super) const fn variance(&self) -> f64 {
        self.variance
    }

    /// How many wholly different pictures are as diverse as so many of these: the Vendi score of order 2. The variance is taken
    /// `wider` times as large.
    pub(super) fn diversity(&self, pictures: usize, wider: f64, dice: &mut Dice) -> Estimate {
        let (low, high) = self.band(wider, dice);
        Estimate {
            value: diversity(self.square, pictures),
            low: diversity(high, pictures),
            high: diversity(low, pictures),
        }
    }

    /// The 95 % band of `square`: pictures drawn again tell its shape, Hoeffding's variance its width.
    ///
    /// Studentised (Efron & Tibshirani 1993, 12.5), on the scale of the diversity: where few pictures make most of the
    /// likeness, a sample that lacks them also looks too sure of itself. The plain bootstrap is too wide where all pictures are
    /// equally unlike: there its variance is three times the true one.
    fn band(&self, wider: f64, dice: &mut Dice) -> (f64, f64) {
        let n = self.leans.len();
        let mut steps: Vec<f64> = (0..REPLICATES)
            .filter_map(|_| {
                let (mut sum, mut squares) = (0.0, 0.0);
                for _ in 0..n {
                    let lean = self.leans.get(dice.below(n)).copied().unwrap_or(0.0);
                    sum += lean;
                    squares += lean * lean;
                }
                let mean = sum / count(n);
                let error = 2.0 * ((squares / count(n) - mean * mean).max(0.0) / count(n)).sqrt();
                let drawn = ((self.square + 2.0 * mean) / self.square).max(0.1);
                let step = (drawn - 1.0) * drawn * self.square / error;
                step.is_finite().then_some(step)
            })
            .collect();
        steps.sort_unstable_by(f64::total_cmp);
        let tail = ((steps.len() + 1) / 40).saturating_sub(1);
        let at = |place: usize| steps.get(place).copied().unwrap_or(0.0);
        let (low, high) = (at(tail), at(steps.len().saturating_sub(1 + tail)));
        let error = (self.variance * wider).sqrt() / self.square.max(f64::MIN_POSITIVE);
        let end = |step: f64| self.square / (1.0 + step * error).max(1e-3);
        (end(high), end(low))
    }
}

/// The share of details of two codes that agree beyond chance.
pub(super) fn by_codes(a: &Code, b: &Code) -> f64 {
    1.0 - f64::from(distance_bits(a, b)) / 128.0
}

/// The Vendi score of order 2 of so many pictures whose pairs have this mean squared likeness.
pub(super) fn diversity(square: f64, pictures: usize) -> f64 {
    let part = 1.0 / count(pictures.max(1));
    1.0 / (part + (1.0 - part) * square.clamp(0.0, 1.0))
}

/// A number of things as a number.
pub(super) fn count(things: usize) -> f64 {
    number(u64::try_from(things).unwrap_or(u64::MAX))
}

/// Fewer pictures tell nothing of their own variance.
const PICTURES_MIN: usize = 4;
/// Times the pictures are drawn again for a band.
const REPLICATES: usize = 999;
