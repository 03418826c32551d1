//! Whether groups differ, or go one way over time, beyond what chance does.

use super::dice::Dice;
use super::pairs::{Pairs, count};

/// Kendall's S of values in their order: pairs that rise less pairs that fall.
fn kendall(values: &[f64]) -> i64 {
    let mut score = 0;
    for (at, earlier) in values.iter().enumerate() {
        for later in values.iter().skip(at + 1) {
            score += i64::from(later > earlier) - i64::from(later < earlier);
        }
    }
    score
}

/// The Mann-Kendall test: whether values rise (positive) or fall (negative), and how often an order drawn by lot goes one way
/// as much. Each value counts as one: that pictures of one month resemble each other makes no trend.
///
/// Source: Mann, "Nonparametric tests against trend" (Econometrica 13, 1945); the chance by 9,999 orders.
pub(super) fn mann_kendall(values: &[f64], dice: &mut Dice) -> (f64, f64) {
    let score = kendall(values);
    let mut order = values.to_vec();
    let as_much = (0..ORDERS)
        .filter(|_| {
            dice.shuffle(&mut order);
            kendall(&order).abs() >= score.abs()
        })
        .count();
    let sign = f64::from(i8::from(score > 0) - i8::from(score < 0));
    (sign, count(as_much + 1) / count(ORDERS + 1))
}

/// How much two groups differ: positive when the second is more alike, and how often chance does as much.
pub(super) fn contrast(first: &Pairs, second: &Pairs) -> (f64, f64) {
    let error = (first.variance() + second.variance()).sqrt();
    let steps = (second.square() - first.square()) / error;
    if !steps.is_finite() {
        return (0.0, 1.0);
    }
    (steps, libm::erfc(steps.abs() / std::f64::consts::SQRT_2))
}

/// Whether a few groups go one way over time: as [`contrast`], by the weighted line through them.
pub(super) fn line(groups: &[&Pairs]) -> (f64, f64) {
    let middle = (count(groups.len()) - 1.0) / 2.0;
    let (mut slope, mut variance) = (0.0, 0.0);
    for (at, group) in groups.iter().enumerate() {
        let place = count(at) - middle;
        slope += place * group.square();
        variance += place * place * group.variance();
    }
    let steps = slope / variance.sqrt();
    if !steps.is_finite() {
        return (0.0, 1.0);
    }
    (steps, libm::erfc(steps.abs() / std::f64::consts::SQRT_2))
}

/// Orders drawn.
const ORDERS: usize = 9999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_of_an_order_is_the_counted_one() {
        let mut dice = Dice::new(1);
        // Two of the 120 orders of five values go one way throughout.
        let (sign, chance) = mann_kendall(&[1.0, 2.0, 3.0, 4.0, 5.0], &mut dice);
        assert!(sign > 0.0 && (chance - 2.0 / 120.0).abs() < 0.005, "{chance}");
        let (sign, _) = mann_kendall(&[5.0, 4.0, 3.0, 2.0, 1.0], &mut dice);
        assert!(sign < 0.0);
        assert!((mann_kendall(&[1.0; 9], &mut dice).1 - 1.0).abs() < 1e-9);
        assert!((mann_kendall(&[], &mut dice).1 - 1.0).abs() < 1e-9);
    }
}
