//! Whether the pictures of a collection grow alike: near copies, nearest distances against chance, diversity of groups.
//!
//! Pure: codes in, figures out; what is drawn by lot comes from a seed. Every comparison is of equally many pictures
//! ([`rare`], [`pairs`]), because a collection that only grows seems to grow alike.
//!
//! Copies and nearest distances are told by PDQ, which sees the same picture again and is blind to style and subject: two pictures
//! of one theme by one model are as far apart as strangers. Diversity is told by the look ([`super::look`]), which sees layout and
//! colour and so, often, a theme; of a collection that lacks it, by PDQ, and then "no change" never means that a theme is
//! not repeated (design similar.md 4.2).
//!
//! Source: design similar.md 4.3.

mod copies;
mod dice;
mod judge;
#[cfg(test)]
mod look_tests;
mod pairs;
mod rare;
#[cfg(test)]
mod tests;
mod trend;

use self::copies::Copies;
use self::dice::Dice;
pub use self::judge::{Change, Judgement, Measure};
pub use self::pairs::{Estimate, Pairs};
use super::chance::Strangers;
use super::index::{Code, Index, IndexError};
use super::look;
use crate::base::fingerprint::Look;

/// A picture of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its PDQ code, of a quality that lets it be compared.
    pub code: Code,
    /// Its look, where that is known.
    pub look: Option<Look>,
    /// The place of its group among the groups.
    pub group: usize,
}

/// How groups stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after the other in time: is there a trend?
    Time,
    /// Side by side: do they differ?
    None,
}

/// What to look into, and how.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// How many groups there are.
    pub groups: usize,
    /// How they stand to each other.
    pub order: Order,
    /// What is drawn by lot follows from it.
    pub seed: u64,
    /// Threads for searching.
    pub threads: usize,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Drift {
    /// Pictures of different looks: one of each cluster of near copies.
    pub distinct: usize,
    /// Clusters of near copies, the largest first; each the places of its pictures, oldest first.
    pub clusters: Vec<Vec<usize>>,
    /// Each group, in the order given.
    pub groups: Vec<Group>,
    /// What diversity and likeness were told by.
    pub told_by: Told,
    /// How many pictures of each group are compared with how many of another; `None` when fewer than two groups have enough.
    pub sample: Option<usize>,
    /// Nearest distances of different pictures.
    pub nearest: Nearest,
    /// The answer.
    pub judgement: Judgement,
}

/// What sees how alike two pictures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Their PDQ codes: the same layout, weakly.
    Codes,
    /// Their looks: layout and colours.
    Looks,
}

impl Told {
    /// How much larger than Hoeffding's the variance is taken for bands. On simulated collections of looks, of many equal themes
    /// above all, the bands would cover the truth in as few as 92 of 100.
    const fn wider(self) -> f64 {
        match self {
            Self::Codes => 1.0,
            Self::Looks => 1.1,
        }
    }
}

/// One group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Pictures.
    pub pictures: usize,
    /// Those that look the same as an older one of the whole collection.
    pub copies: usize,
    /// Those without such a one that have a relative (32 to 64 bits) among older ones, of how many looked at.
    pub related: (usize, usize),
    /// Pictures after near copies of older ones are put aside.
    pub distinct: usize,
    /// What is compared with other groups; `None` when it has too few pictures for that.
    pub compared: Option<Compared>,
}

/// What is said of a group as if it had as many pictures as the smallest that is compared.
#[derive(Clone, Debug)]
pub struct Compared {
    /// How many wholly different pictures the sample is as diverse as (Vendi score of order 2); near copies are put aside before.
    pub diversity: Estimate,
    /// Mean likeness of a pair, 0 for strangers; near copies are put aside before.
    pub likeness: f64,
    /// Expected share of the sample that looks the same as another one of it.
    pub copies: f64,
    /// Median distance to the nearest of the sample, bits.
    pub nearest_bits: u32,
}

/// How far the nearest other picture is, for pictures of different looks.
#[derive(Clone, Debug)]
pub struct Nearest {
    /// Pictures looked at.
    pub looked_at: usize,
    /// For each distance, how many of them have their nearest there.
    pub counted: Vec<u64>,
    /// For each distance, how many would by chance, if all were strangers.
    pub expected: Vec<f64>,
}

/// Looks into a collection, oldest picture first.
///
/// # Errors
/// [`IndexError::Full`] for more pictures than an index holds.
pub fn drift(members: &[Member], question: &Question) -> Result<Drift, IndexError> {
    let mut dice = Dice::new(question.seed);
    let codes: Vec<Code> = members.iter().map(|member| member.code).collect();
    let index = Index::new(codes.clone(), question.threads)?;
    let copies = Copies::of(&index, &codes, question.threads);
    let kept: Vec<usize> = (0..codes.len())
        .filter(|at| copies.oldest.get(*at) == Some(at))
        .collect();
    let of_group = |group: usize, places: &[usize]| -> Vec<usize> {
        let is_of = |at: &usize| members.get(*at).is_some_and(|member| member.group == group);
        places.iter().copied().filter(is_of).collect()
    };
    let all: Vec<usize> = (0..codes.len()).collect();
    let mut groups = Vec::with_capacity(question.groups);
    let mut drawn = Vec::with_capacity(question.groups);
    for group in 0..question.groups {
        let (own, distinct) = (of_group(group, &all), of_group(group, &kept));
        let is_copy = |at: &&usize| copies.is_copy.get(**at).copied().unwrap_or(false);
        groups.push(Group {
            pictures: own.len(),
            copies: own.iter().filter(is_copy).count(),
            related: copies::related(
                &index,
                &codes,
                (&own, &copies.is_copy),
                &mut dice,
                question.threads,
            ),
            distinct: distinct.len(),
            compared: None,
        });
        let drawn_codes = code_of(members, &dice.sample(&own, COMPARED_MAX));
        let by_look: Vec<usize> = distinct
            .iter()
            .copied()
            .filter(|at| has_look(members, *at))
            .collect();
        drawn.push(Drawn {
            own: drawn_codes,
            codes: enough(&distinct).map(|places| code_of(members, &dice.sample(places, COMPARED_MAX))),
            looks: enough(&by_look).map(|places| look_of(members, &dice.sample(places, COMPARED_MAX))),
        });
    }
    // Looks tell where no group has to be left out for the lack of them.
    let lacks_none = drawn
        .iter()
        .all(|drawn| drawn.codes.is_some() == drawn.looks.is_some());
    let told_by = if lacks_none && drawn.iter().any(|drawn| drawn.looks.is_some()) {
        Told::Looks
    } else {
        Told::Codes
    };
    let sizes = || drawn.iter().filter_map(|drawn| drawn.size(told_by));
    let sample = (sizes().count() > 1).then(|| sizes().min()).flatten();
    let mut pairs = Vec::new();
    for (group, drawn) in groups.iter_mut().zip(&drawn) {
        let found = drawn.compare(told_by, sample, &mut dice);
        group.compared = found.as_ref().map(|(_, compared)| compared.clone());
        pairs.push(found.map(|(pairs, _)| pairs));
    }
    Ok(Drift {
        distinct: kept.len(),
        clusters: copies.clusters(),
        nearest: nearest(&codes, &kept, &mut dice, question.threads)?,
        judgement: judge::judge(&groups, &pairs, (sample, question.order), &mut dice),
        told_by,
        sample,
        groups,
    })
}

/// Pictures of a group that are compared, at most [`COMPARED_MAX`] of each kind.
struct Drawn {
    /// Codes of all.
    own: Vec<Code>,
    /// Codes of different ones, where they are enough.
    codes: Option<Vec<Code>>,
    /// Looks of different ones, where they are enough.
    looks: Option<Vec<Look>>,
}

impl Drawn {
    /// How many different pictures are compared by that.
    fn size(&self, by: Told) -> Option<usize> {
        match by {
            Told::Codes => self.codes.as_ref().map(Vec::len),
            Told::Looks => self.looks.as_ref().map(Vec::len),
        }
    }

    /// As a sample of as many pictures as every other group; all it has when it is the only one.
    fn compare(&self, by: Told, sample: Option<usize>, dice: &mut Dice) -> Option<(Pairs, Compared)> {
        let sample = sample.or_else(|| self.size(by))?;
        let pairs = match by {
            Told::Codes => Pairs::of(self.codes.as_ref()?, pairs::by_codes)?,
            Told::Looks => Pairs::of(self.looks.as_ref()?, look::likeness)?,
        };
        let rarefied = rare::rarefied(&self.own, sample)?;
        let compared = Compared {
            diversity: pairs.diversity(sample, by.wider(), dice),
            likeness: pairs.mean(),
            copies: rarefied.copies,
            nearest_bits: rarefied.nearest_bits,
        };
        Some((pairs, compared))
    }
}

fn enough(places: &[usize]) -> Option<&[usize]> {
    (places.len() >= COMPARED_MIN).then_some(places)
}

fn code_of(members: &[Member], places: &[usize]) -> Vec<Code> {
    let members = places.iter().filter_map(|at| members.get(*at));
    members.map(|member| member.code).collect()
}

fn look_of(members: &[Member], places: &[usize]) -> Vec<Look> {
    places.iter().filter_map(|at| members.get(*at)?.look).collect()
}

fn has_look(members: &[Member], at: usize) -> bool {
    members.get(at).is_some_and(|member| member.look.is_some())
}

/// Nearest distances among pictures of different looks, and those of as many strangers.
fn nearest(codes: &[Code], kept: &[usize], dice: &mut Dice, threads: usize) -> Result<Nearest, IndexError> {
    let distinct: Vec<Code> = kept.iter().filter_map(|at| codes.get(*at).copied()).collect();
    let places: Vec<usize> = (0..distinct.len()).collect();
    let sample = if distinct.len() > 1 {
        dice.sample(&places, NEAREST_SAMPLE)
    } else {
        Vec::new()
    };
    let queries: Vec<Code> = sample
        .iter()
        .filter_map(|at| distinct.get(*at).copied())
        .collect();
    let others = u64::try_from(distinct.len().saturating_sub(1)).unwrap_or(u64::MAX);
    let index = Index::scanned(distinct)?;
    let mut counted = vec![0_u64; 257];
    for found in index.nearest(&queries, 2, threads) {
        // The nearest is the picture itself, at 0.
        let bits = found.get(1).map_or(256, |hit| hit.distance_bits);
        if let Some(count) = usize::try_from(bits).ok().and_then(|at| counted.get_mut(at)) {
            *count += 1;
        }
    }
    let strangers = Strangers::reference();
    let looked_at = sample.len();
    let mut before = 0.0;
    let expected = (0..=256).map(|bits| {
        let until = strangers.any_by_model(bits, others);
        let here = (until - before).max(0.0) * pairs::count(looked_at);
        before = until;
        here
    });
    Ok(Nearest {
        looked_at,
        expected: expected.collect(),
        counted,
    })
}

/// The diversity of so many strangers, on the scale of [`Compared::diversity`]: what a collection without any likeness reaches.
#[must_use]
pub fn diversity_of_strangers(told_by: Told, sample: usize) -> f64 {
    let square = match told_by {
        Told::Codes => 1.0 / Strangers::reference().effective_bits(),
        Told::Looks => look::STRANGERS_SQUARE,
    };
    pairs::diversity(square, sample)
}

/// Groups of fewer different pictures are not compared: on simulated collections their bands cover too little.
pub const COMPARED_MIN: usize = 100;
/// Pictures of a group whose pairs are compared; larger groups are drawn from.
const COMPARED_MAX: usize = 2000;
/// Pictures whose nearest is looked for.
const NEAREST_SAMPLE: usize = 2000;
