//! The answer: more alike, less alike, no change that shows, or too few pictures to tell.

use super::dice::Dice;
use super::pairs::{Pairs, count, diversity};
use super::{Group, Order, trend};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What it is.
    pub change: Change,
    /// What it was told by; where nothing changed, the measure that came nearest to it.
    pub measure: Measure,
    /// How often chance alone shows as much; already for as many tests as were made. `None` when none was.
    pub chance: Option<f64>,
    /// A loss of diversity below this share would probably not have been noticed; `None` where nothing was compared.
    pub noticed: Option<f64>,
}

/// What became of the likeness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Of groups side by side: `more` is more alike than `less`, by their places.
    Differ {
        /// The group that is less alike.
        less: usize,
        /// The group that is more alike.
        more: usize,
    },
    /// Less alike over time.
    Less,
    /// More alike over time.
    More,
    /// No change, or difference, that shows.
    None,
    /// Too few pictures to tell.
    TooFew,
}

/// What a change was told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Near copies within equally large samples.
    Copies,
    /// Diversity of different pictures.
    Diversity,
}

/// Judges groups that were compared.
pub(super) fn judge(
    groups: &[Group],
    pairs: &[Option<Pairs>],
    (sample, order): (Option<usize>, Order),
    dice: &mut Dice,
) -> Judgement {
    let known: Vec<(usize, &Pairs)> = pairs
        .iter()
        .enumerate()
        .filter_map(|(at, pairs)| Some((at, pairs.as_ref()?)))
        .collect();
    let Some(sample) = sample else {
        return Judgement {
            change: Change::TooFew,
            measure: Measure::Diversity,
            chance: None,
            noticed: None,
        };
    };
    let only: Vec<&Pairs> = known.iter().map(|(_, pairs)| *pairs).collect();
    let noticed = noticed(&only, sample);
    let (told, measure, luck) = match order {
        Order::None => differ(&known),
        Order::Time => over_time(groups, &only, dice),
    };
    let is_seen = luck <= LEVEL;
    let change = match (is_seen, told) {
        (true, told) => told,
        (false, _) if noticed > NOTICED_MAX => Change::TooFew,
        (false, _) => Change::None,
    };
    Judgement {
        change,
        measure,
        chance: Some(luck),
        noticed: Some(noticed),
    }
}

/// The trend of diversity and, where there are months enough, of near copies.
fn over_time(groups: &[Group], pairs: &[&Pairs], dice: &mut Dice) -> (Change, Measure, f64) {
    let mut tests = Vec::new();
    if pairs.len() < TREND_MIN {
        let (steps, chance) = trend::line(pairs);
        tests.push((steps, chance, Measure::Diversity));
    } else {
        let compared = || groups.iter().filter_map(|group| group.compared.as_ref());
        let unlike: Vec<f64> = compared().map(|group| -group.diversity.value).collect();
        let copies: Vec<f64> = compared().map(|group| group.copies).collect();
        for (values, measure) in [(unlike, Measure::Diversity), (copies, Measure::Copies)] {
            let (sign, chance) = trend::mann_kendall(&values, dice);
            tests.push((sign, chance, measure));
        }
    }
    let made = count(tests.len());
    let first = tests.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let (sign, chance, measure) = first.unwrap_or((0.0, 1.0, Measure::Diversity));
    let way = if sign > 0.0 { Change::More } else { Change::Less };
    (way, measure, (chance * made).min(1.0))
}

/// The two groups that differ most, beyond chance.
fn differ(known: &[(usize, &Pairs)]) -> (Change, Measure, f64) {
    let mut most = (Change::None, 1.0_f64);
    let mut made = 0;
    for (at, (less, first)) in known.iter().enumerate() {
        for (more, second) in known.iter().skip(at + 1) {
            made += 1;
            let (steps, chance) = trend::contrast(first, second);
            let (less, more) = if steps > 0.0 {
                (*less, *more)
            } else {
                (*more, *less)
            };
            if chance < most.1 {
                most = (Change::Differ { less, more }, chance);
            }
        }
    }
    (most.0, Measure::Diversity, (most.1 * count(made)).min(1.0))
}

/// Which loss of diversity, between the halves of the groups, is noticed in four of five cases at the level of 5 %.
fn noticed(pairs: &[&Pairs], sample: usize) -> f64 {
    let half = |half: &[&Pairs]| {
        let n = count(half.len().max(1));
        half.iter().map(|pairs| pairs.variance()).sum::<f64>() / (n * n)
    };
    let (early, late) = pairs.split_at(pairs.len() / 2);
    let error = (half(early) + half(late)).sqrt();
    let mean = pairs.iter().map(|pairs| pairs.square()).sum::<f64>() / count(pairs.len().max(1));
    1.0 - diversity(mean + 2.8 * error, sample) / diversity(mean, sample)
}

/// Chance is believed down to this.
const LEVEL: f64 = 0.05;
/// A trend of fewer groups cannot be told by their order.
const TREND_MIN: usize = 5;
/// Where even the loss of this share of the diversity may go unnoticed, "no change" would be no answer.
const NOTICED_MAX: f64 = 0.2;
