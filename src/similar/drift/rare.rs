//! What a sample of fewer pictures would show: rarefaction, exactly and without drawing.
//!
//! The more pictures, the nearer the nearest, without anything growing alike; so groups are compared as if each had equally
//! many. Of `n - 1` others of which `c` are near, `m - 1` drawn ones hold none with the chance `C(n-1-c, m-1) / C(n-1, m-1)`
//! (Hurlbert, "The nonconcept of species diversity", Ecology 52, 1971).

use super::pairs::count;
use crate::similar::chance::Likeness;
use crate::similar::index::{Code, distance_bits};

/// A group of pictures as a sample of it would be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rarefied {
    /// Expected share of pictures that look the same as another of the sample.
    pub(super) copies: f64,
    /// Median distance to the nearest other one of the sample, bits.
    pub(super) nearest_bits: u32,
}

/// How near `sample` pictures of `codes` lie to each other; `None` when there are no more than one, or fewer than `sample`.
pub(super) fn rarefied(codes: &[Code], sample: usize) -> Option<Rarefied> {
    if sample < 2 || codes.len() < sample {
        return None;
    }
    let logs = log_factorials(codes.len());
    let others = codes.len() - 1;
    let mut reached = [0.0; 257];
    for (own, code) in codes.iter().enumerate() {
        let mut at = [0_usize; 257];
        for (other, near) in codes.iter().enumerate() {
            let distance = usize::try_from(distance_bits(code, near)).unwrap_or(256);
            if own != other
                && let Some(at) = at.get_mut(distance)
            {
                *at += 1;
            }
        }
        let mut within = 0;
        for (share, at) in reached.iter_mut().zip(at) {
            within += at;
            *share += 1.0 - none_drawn(&logs, others, within, sample - 1);
        }
    }
    let all = count(codes.len());
    let same = usize::try_from(Likeness::Same.radius_bits()).unwrap_or(0);
    Some(Rarefied {
        copies: reached.get(same).map_or(0.0, |share| share / all),
        nearest_bits: (0..=256)
            .zip(reached)
            .find(|(_, share)| *share * 2.0 >= all)
            .map_or(256, |(bits, _)| bits),
    })
}

/// The chance that none of `near` ones is among `drawn` of `others`.
fn none_drawn(logs: &[f64], others: usize, near: usize, drawn: usize) -> f64 {
    if near + drawn > others {
        return 0.0;
    }
    let log = |of: usize| logs.get(of).copied().unwrap_or(0.0);
    (log(others - near) + log(others - drawn) - log(others - near - drawn) - log(others)).exp()
}

fn log_factorials(most: usize) -> Vec<f64> {
    let mut logs = vec![0.0];
    let mut sum = 0.0;
    for of in 1..=most {
        sum += count(of).ln();
        logs.push(sum);
    }
    logs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bits: u32) -> Code {
        let mut code = [0; 32];
        (0..bits).for_each(|bit| code[bit as usize / 8] |= 1 << (bit % 8));
        code
    }

    #[test]
    fn the_share_is_that_of_all_samples_counted_one_by_one() {
        // Two copies among four: of the six pairs drawn, one is of copies, so of twelve pictures drawn, two have one.
        let codes = [code(0), code(10), code(100), code(200)];
        let found = rarefied(&codes, 2).unwrap();
        assert!((found.copies - 1.0 / 6.0).abs() < 1e-9, "{found:?}");
        assert!((rarefied(&codes, 4).unwrap().copies - 0.5).abs() < 1e-9);
        // Of the pairs, three are nearer than 100 bits or equal: 10, 90, 100.
        assert_eq!(found.nearest_bits, 100);
        assert_eq!(rarefied(&codes, 5), None);
        assert_eq!(rarefied(&codes, 1), None);
    }
}
