//! Near copies in a collection: which pictures look like the same one.

use super::dice::Dice;
use crate::similar::chance::Likeness;
use crate::similar::index::{Code, Index};

/// Near copies of a collection whose pictures are given oldest first.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    /// For each picture the oldest one of its cluster (single linkage at [`Likeness::Same`]); itself when it is that.
    pub(super) oldest: Vec<usize>,
    /// For each picture whether an older one looks the same.
    pub(super) is_copy: Vec<bool>,
}

impl Copies {
    /// Links every picture with its nearest ones within 31 bits.
    pub(super) fn of(index: &Index, codes: &[Code], threads: usize) -> Self {
        let mut links: Vec<usize> = (0..codes.len()).collect();
        let mut is_copy = vec![false; codes.len()];
        for (chunk, queries) in codes.chunks(CHUNK).enumerate() {
            let found = index.within(queries, Likeness::Same.radius_bits(), LINKS_MAX, threads);
            for (at, found) in found.iter().enumerate() {
                let own = chunk * CHUNK + at;
                for hit in &found.hits {
                    let other = usize::try_from(hit.id).unwrap_or(usize::MAX);
                    if other < own
                        && let Some(mark) = is_copy.get_mut(own)
                    {
                        *mark = true;
                    }
                    join(&mut links, own, other);
                }
            }
        }
        let oldest = (0..codes.len()).map(|own| root(&mut links, own)).collect();
        Self { oldest, is_copy }
    }

    /// Clusters of more than one picture, the largest first, each with its pictures oldest first.
    pub(super) fn clusters(&self) -> Vec<Vec<usize>> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.oldest.len()];
        for (own, oldest) in self.oldest.iter().enumerate() {
            if let Some(members) = of.get_mut(*oldest) {
                members.push(own);
            }
        }
        of.retain(|members| members.len() > 1);
        of.sort_by_key(|members| std::cmp::Reverse(members.len()));
        of
    }
}

/// How many of at most [`RELATED_SAMPLE`] of these pictures have an older one at 32 to 64 bits and none nearer, and of how many.
pub(super) fn related(
    index: &Index,
    codes: &[Code],
    (pictures, is_copy): (&[usize], &[bool]),
    dice: &mut Dice,
    threads: usize,
) -> (usize, usize) {
    let sample = dice.sample(pictures, RELATED_SAMPLE);
    let queries: Vec<Code> = sample.iter().filter_map(|at| codes.get(*at).copied()).collect();
    let found = index.within(&queries, Likeness::Related.radius_bits(), LINKS_MAX, threads);
    let has_older = |(own, found): &(&usize, &crate::similar::index::Neighbours)| {
        let older = |hit: &crate::similar::index::Hit| usize::try_from(hit.id).is_ok_and(|id| id < **own);
        !is_copy.get(**own).copied().unwrap_or(false) && found.hits.iter().any(older)
    };
    (sample.iter().zip(&found).filter(has_older).count(), sample.len())
}

/// The older of two clusters takes the other in.
fn join(links: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(links, a), root(links, b));
    if let Some(link) = links.get_mut(a.max(b)) {
        *link = a.min(b);
    }
}

/// The oldest of a cluster; the way there is halved for the next who asks.
fn root(links: &mut [usize], mut at: usize) -> usize {
    while let Some(next) = links.get(at).copied()
        && next != at
    {
        let after = links.get(next).copied().unwrap_or(next);
        if let Some(link) = links.get_mut(at) {
            *link = after;
        }
        at = after;
    }
    at
}

/// Pictures looked up at once.
const CHUNK: usize = 4096;
/// Nearest pictures that one is linked with; where more look the same they are linked by each other.
const LINKS_MAX: usize = 64;
/// Pictures of a group that are searched for relatives, which costs more than for copies.
const RELATED_SAMPLE: usize = 1000;
