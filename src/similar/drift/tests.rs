//! Collections of known diversity, simulated: what is stated covers the truth, and the answer is the right one.

#![expect(
    clippy::cast_precision_loss,
    clippy::print_stderr,
    reason = "counts are small, and the figures are to be read"
)]

use super::dice::Dice;
use super::pairs::{Pairs, diversity};
use super::*;
use crate::similar::index::distance_bits;

/// Themes with their weights, and pictures of no theme. A picture of a theme differs from its centre in each bit with the
/// chance `flip`.
struct World {
    centres: Vec<Code>,
    weights: Vec<f64>,
    flip: f64,
    strangers: f64,
}

pub(super) fn unit(dice: &mut Dice) -> f64 {
    (dice.next() >> 11) as f64 / (1_u64 << 53) as f64
}

pub(super) fn code(dice: &mut Dice) -> Code {
    let mut code = [0; 32];
    code.chunks_mut(8)
        .for_each(|part| part.copy_from_slice(&dice.next().to_le_bytes()));
    code
}

pub(super) fn zipf(themes: usize) -> Vec<f64> {
    (1..=themes).map(|rank| 1.0 / rank as f64).collect()
}

impl World {
    fn new(weights: &[f64], flip: f64, strangers: f64, dice: &mut Dice) -> Self {
        let sum: f64 = weights.iter().sum();
        Self {
            centres: weights.iter().map(|_| code(dice)).collect(),
            weights: weights.iter().map(|weight| weight / sum).collect(),
            flip,
            strangers,
        }
    }

    fn draw(&self, dice: &mut Dice) -> Code {
        if unit(dice) < self.strangers {
            return code(dice);
        }
        let (mut place, mut theme) = (unit(dice), 0);
        while theme + 1 < self.weights.len() && place > self.weights[theme] {
            place -= self.weights[theme];
            theme += 1;
        }
        let mut code = self.centres[theme];
        for bit in 0..256 {
            if unit(dice) < self.flip {
                code[bit / 8] ^= 1 << (bit % 8);
            }
        }
        code
    }

    /// The mean squared likeness of a pair, computed: a bit of two pictures of themes agrees beyond chance by
    /// `(1 - 2 flip)^2` times that of the centres.
    fn square(&self) -> f64 {
        let keep = (1.0 - 2.0 * self.flip).powi(2);
        let mut sum = 0.0;
        for (a, of_a) in self.centres.iter().zip(&self.weights) {
            for (b, of_b) in self.centres.iter().zip(&self.weights) {
                let likeness = 1.0 - f64::from(distance_bits(a, b)) / 128.0;
                sum += of_a * of_b * ((keep * likeness).powi(2) + (1.0 - keep * keep) / 256.0);
            }
        }
        let themed = (1.0 - self.strangers).powi(2);
        themed * sum + (1.0 - themed) / 256.0
    }
}

/// In how many of `runs` collections of `pictures` the band covers the truth, percent.
fn covered(weights: &[f64], (flip, strangers): (f64, f64), pictures: usize, runs: u64) -> f64 {
    let is_covered = |run: &u64| {
        let mut dice = Dice::new(run * 7919 + 11);
        let world = World::new(weights, flip, strangers, &mut dice);
        let codes: Vec<Code> = (0..pictures).map(|_| world.draw(&mut dice)).collect();
        let found =
            Pairs::of(&codes, super::pairs::by_codes)
                .unwrap()
                .diversity(100, Told::Codes.wider(), &mut dice);
        let truth = diversity(world.square(), 100);
        assert!(found.low <= found.value && found.value <= found.high, "{found:?}");
        found.low <= truth && truth <= found.high
    };
    100.0 * (0..runs).filter(is_covered).count() as f64 / runs as f64
}

/// The suite looks at fewer runs; `BYLINE_DRIFT_RUNS=1000` at as many as the figure in the README is from.
#[test]
fn the_band_covers_the_truth_in_about_95_of_100_collections() {
    let asked = std::env::var("BYLINE_DRIFT_RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok());
    let runs = asked.unwrap_or(60);
    let (low, high) = if runs >= 1000 { (93.0, 97.0) } else { (85.0, 100.0) };
    for (name, weights, spread) in [
        ("strangers", vec![1.0], (0.1, 1.0)),
        ("20 equal themes", vec![1.0; 20], (0.15, 0.0)),
        ("100 equal themes", vec![1.0; 100], (0.15, 0.0)),
        ("50 themes, few of them common", zipf(50), (0.15, 0.0)),
        ("the same among as many strangers", zipf(50), (0.15, 0.5)),
        ("one theme in ten pictures", vec![1.0], (0.1, 0.9)),
        ("10 loose themes", zipf(10), (0.3, 0.3)),
    ] {
        let percent = covered(&weights, spread, 300, runs);
        eprintln!("{name}: {percent:.1} % of {runs}");
        assert!((low..=high).contains(&percent), "{name}: {percent} % of {runs}");
    }
}

/// A collection of months: in each `pictures`, of which a share is of one theme and a share copies of older ones.
fn months(shares: &[f64], copies: &[f64], pictures: usize, dice: &mut Dice) -> Vec<Member> {
    let centre = code(dice);
    let mut members: Vec<Member> = Vec::new();
    for (group, (share, repeats)) in shares.iter().zip(copies).enumerate() {
        let world = World {
            centres: vec![centre],
            weights: vec![1.0],
            flip: 0.2,
            strangers: 1.0 - share,
        };
        let first = members.len();
        for at in 0..pictures {
            let copy = at > 0 && unit(dice) < *repeats;
            let mut code = if copy {
                members[first].code
            } else {
                world.draw(dice)
            };
            code[at % 32] ^= u8::from(copy);
            members.push(Member {
                code,
                look: None,
                group,
            });
        }
    }
    members
}

pub(super) fn asked(members: &[Member], groups: usize, order: Order) -> Drift {
    let question = Question {
        groups,
        order,
        seed: 5,
        threads: 1,
    };
    drift(members, &question).unwrap()
}

#[test]
fn a_theme_that_spreads_is_a_collection_that_grows_alike() {
    let mut dice = Dice::new(3);
    let none = [0.0; 6];
    let members = months(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5], &none, 150, &mut dice);
    let found = asked(&members, 6, Order::Time);
    assert_eq!(found.judgement.change, Change::More, "{:?}", found.judgement);
    assert_eq!(found.judgement.measure, Measure::Diversity);
    assert!(found.judgement.chance.unwrap() < 0.05);
    let reversed = months(&[0.5, 0.4, 0.3, 0.2, 0.1, 0.0], &none, 150, &mut dice);
    assert_eq!(asked(&reversed, 6, Order::Time).judgement.change, Change::Less);
    // Three months are told by the line through them.
    let three = months(&[0.0, 0.25, 0.5], &none, 150, &mut dice);
    assert_eq!(asked(&three, 3, Order::Time).judgement.change, Change::More);
}

#[test]
fn near_copies_that_spread_are_told_as_that_and_do_not_count_as_likeness_of_the_others() {
    let mut dice = Dice::new(4);
    let copies = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25];
    let found = asked(&months(&[0.0; 6], &copies, 200, &mut dice), 6, Order::Time);
    assert_eq!(found.judgement.change, Change::More);
    assert_eq!(found.judgement.measure, Measure::Copies);
    assert_eq!(found.clusters.len(), 5);
    let put_aside: usize = found.groups.iter().map(|group| group.copies).sum();
    assert_eq!(found.distinct + put_aside, 1200);
    let strangers = diversity_of_strangers(found.told_by, found.sample.unwrap());
    let last = found.groups[5].compared.as_ref().unwrap();
    assert!(
        (last.diversity.value / strangers - 1.0).abs() < 0.1,
        "{last:?} {strangers}"
    );
}

#[test]
fn a_collection_that_only_grows_shows_no_change_whatever_its_months_hold() {
    let mut alarms = 0;
    for seed in 0..20 {
        let mut dice = Dice::new(100 + seed);
        let mut members = months(&[0.2; 6], &[0.05; 6], 110, &mut dice);
        // The last month has three times as many.
        let more = months(&[0.2], &[0.05], 220, &mut dice);
        members.extend(more.into_iter().map(|member| Member { group: 5, ..member }));
        let found = asked(&members, 6, Order::Time);
        alarms += u32::from(matches!(found.judgement.change, Change::More | Change::Less));
    }
    assert!(alarms <= 4, "{alarms} of 20");
}

#[test]
fn groups_side_by_side_differ_or_do_not() {
    let mut dice = Dice::new(6);
    let members = months(&[0.5, 0.0], &[0.0; 2], 200, &mut dice);
    let found = asked(&members, 2, Order::None);
    assert_eq!(found.judgement.change, Change::Differ { less: 1, more: 0 });
    let same = months(&[0.0, 0.0, 0.0], &[0.0; 3], 200, &mut dice);
    let found = asked(&same, 3, Order::None);
    assert_eq!(found.judgement.change, Change::None, "{:?}", found.judgement);
    assert!(found.judgement.noticed.unwrap() < 0.2);
}

#[test]
fn few_pictures_tell_nothing_and_none_break_nothing() {
    let mut dice = Dice::new(7);
    for (groups, pictures) in [(0, 0), (1, 0), (1, 1), (3, 99), (1, 150)] {
        let shares = vec![0.0; groups];
        let members = months(&shares, &shares, pictures, &mut dice);
        let found = asked(&members, groups, Order::Time);
        assert_eq!(found.judgement.change, Change::TooFew);
        assert_eq!(found.sample, None);
        assert_eq!(found.groups.len(), groups);
    }
}

#[test]
fn nearest_distances_of_strangers_follow_the_curve_of_chance() {
    let mut dice = Dice::new(8);
    let found = asked(&months(&[0.0], &[0.0], 1000, &mut dice), 1, Order::Time).nearest;
    assert_eq!(found.looked_at, 1000);
    assert_eq!(found.counted.iter().sum::<u64>(), 1000);
    assert!((found.expected.iter().sum::<f64>() - 1000.0).abs() < 1.0);
    let middle = |upto: &dyn Fn(usize) -> f64| (0..257).find(|bits| upto(*bits) >= 500.0).unwrap();
    let counted = middle(&|bits| found.counted[..=bits].iter().sum::<u64>() as f64);
    let expected = middle(&|bits| found.expected[..=bits].iter().sum());
    assert!(counted.abs_diff(expected) <= 3, "{counted} {expected}");
}

#[test]
fn the_same_seed_gives_the_same_answer() {
    let members = months(&[0.1; 3], &[0.1; 3], 120, &mut Dice::new(9));
    let figures = || {
        let found = asked(&members, 3, Order::Time);
        let compared = found.groups.into_iter().filter_map(|group| group.compared);
        compared.map(|group| group.diversity).collect::<Vec<_>>()
    };
    assert_eq!(figures(), figures());
    assert_eq!(figures().len(), 3);
}
