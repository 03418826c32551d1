//! Collections of looks of known diversity, simulated: what is stated covers the truth, and a theme that spreads is seen though no
//! two of its pictures share a code.

#![expect(
    clippy::cast_precision_loss,
    clippy::print_stderr,
    reason = "counts are small, and the figures are to be read"
)]

use super::dice::Dice;
use super::pairs::{Pairs, diversity};
use super::tests::{asked, code, unit, zipf};
use super::*;

/// Nearly normal: twelve numbers drawn from 0 to 1.
fn normal(dice: &mut Dice) -> f64 {
    (0..12).map(|_| unit(dice)).sum::<f64>() - 6.0
}

fn centre(dice: &mut Dice) -> [f64; Look::LEN] {
    std::array::from_fn(|_| normal(dice))
}

/// A picture whose look is by `share` that of a theme.
fn look(theme: &[f64; Look::LEN], share: f64, dice: &mut Dice) -> Look {
    let rest = (1.0 - share * share).sqrt();
    let bytes = theme.map(|of| {
        let value = 24.0 * (share * of + rest * normal(dice));
        // Two's complement, as entries have it.
        (value.round().clamp(-127.0, 127.0) as i32).to_le_bytes()[0]
    });
    Look::from_bytes(bytes)
}

/// A population of so many pictures, and the likeness of each pair of it.
struct World {
    size: usize,
    likeness: Vec<f64>,
}

impl World {
    fn new(weights: &[f64], share: f64, strangers: f64, dice: &mut Dice) -> Self {
        let themes: Vec<_> = weights.iter().map(|_| centre(dice)).collect();
        let sum: f64 = weights.iter().sum();
        let mut looks = Vec::new();
        for _ in 0..POPULATION {
            let (mut place, mut theme) = (unit(dice) * sum, 0);
            while theme + 1 < weights.len() && place > weights[theme] {
                place -= weights[theme];
                theme += 1;
            }
            let share = if unit(dice) < strangers { 0.0 } else { share };
            looks.push(look(&themes[theme], share, dice));
        }
        let pairs = looks
            .iter()
            .flat_map(|a| looks.iter().map(|b| super::look::likeness(a, b)));
        Self {
            likeness: pairs.collect(),
            size: looks.len(),
        }
    }

    /// The mean squared likeness of two pictures drawn, one of which may be the other.
    fn square(&self) -> f64 {
        let pairs = self.likeness.len() as f64;
        self.likeness
            .iter()
            .map(|likeness| likeness * likeness)
            .sum::<f64>()
            / pairs
    }

    fn is_covered(&self, pictures: usize, dice: &mut Dice) -> bool {
        let drawn: Vec<usize> = (0..pictures).map(|_| dice.below(self.size)).collect();
        let pairs = Pairs::of(&drawn, |a, b| self.likeness[a * self.size + b]).unwrap();
        let found = pairs.diversity(100, Told::Looks.wider(), dice);
        let truth = diversity(self.square(), 100);
        found.low <= truth && truth <= found.high
    }
}

const POPULATION: usize = 600;

/// The suite looks at fewer runs; `BYLINE_DRIFT_RUNS=1000` at as many as the figure in the README is from.
#[test]
fn the_band_of_looks_covers_the_truth_in_about_95_of_100_collections() {
    let asked = std::env::var("BYLINE_DRIFT_RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok());
    let runs: u64 = asked.unwrap_or(60);
    let (low, high) = if runs >= 1000 { (93.0, 97.0) } else { (85.0, 100.0) };
    for (name, weights, share, strangers) in [
        ("strangers", vec![1.0], 0.0, 1.0),
        ("20 equal themes", vec![1.0; 20], 0.8, 0.0),
        ("50 themes, few of them common", zipf(50), 0.8, 0.0),
        ("the same among as many strangers", zipf(50), 0.7, 0.5),
        ("one theme in ten pictures", vec![1.0], 0.8, 0.9),
        ("10 loose themes", zipf(10), 0.5, 0.3),
    ] {
        let world = World::new(&weights, share, strangers, &mut Dice::new(17));
        let covered = (0..runs).filter(|run| world.is_covered(300, &mut Dice::new(run * 7919 + 11)));
        let percent = 100.0 * covered.count() as f64 / runs as f64;
        eprintln!("looks, {name}: {percent:.1} % of {runs}");
        assert!((low..=high).contains(&percent), "{name}: {percent} % of {runs}");
    }
}

/// Months of pictures whose codes are strangers', a share of each of one theme by its look.
fn months(shares: &[f64], pictures: usize, dice: &mut Dice) -> Vec<Member> {
    let theme = centre(dice);
    let mut members = Vec::new();
    for (group, share) in shares.iter().enumerate() {
        for _ in 0..pictures {
            let of_theme = if unit(dice) < *share { 0.6 } else { 0.0 };
            members.push(Member {
                code: code(dice),
                look: Some(look(&theme, of_theme, dice)),
                group,
            });
        }
    }
    members
}

#[test]
fn a_theme_that_codes_are_blind_to_is_seen_by_looks() {
    let mut dice = Dice::new(21);
    let mut members = months(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5], 150, &mut dice);
    let found = asked(&members, 6, Order::Time);
    assert_eq!(
        (found.judgement.change, found.told_by),
        (Change::More, Told::Looks)
    );
    assert_eq!(found.judgement.measure, Measure::Diversity);
    for member in &mut members {
        member.look = None;
    }
    let blind = asked(&members, 6, Order::Time);
    assert_eq!(
        (blind.judgement.change, blind.told_by),
        (Change::None, Told::Codes)
    );
}

#[test]
fn a_month_without_looks_is_compared_by_codes_with_all_others() {
    let mut dice = Dice::new(22);
    let mut members = months(&[0.0; 3], 120, &mut dice);
    members.iter_mut().take(30).for_each(|member| member.look = None);
    let found = asked(&members, 3, Order::Time);
    assert_eq!(found.told_by, Told::Codes);
    assert_eq!(found.sample, Some(120));
    // Few without one cost no month its place, only themselves.
    let mut members = months(&[0.0; 3], 120, &mut dice);
    members.iter_mut().take(10).for_each(|member| member.look = None);
    let found = asked(&members, 3, Order::Time);
    assert_eq!((found.told_by, found.sample), (Told::Looks, Some(110)));
}

#[test]
fn a_steady_collection_shows_no_change_by_looks() {
    let mut alarms = 0;
    for seed in 0..20 {
        let mut dice = Dice::new(300 + seed);
        let found = asked(&months(&[0.2; 6], 110, &mut dice), 6, Order::Time);
        alarms += u32::from(matches!(found.judgement.change, Change::More | Change::Less));
    }
    assert!(alarms <= 4, "{alarms} of 20");
}
