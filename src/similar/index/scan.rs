//! The two-stage scan: a kernel looks at the first bytes of every code, and the few that may be near are compared whole.

use std::ops::Range;
use std::thread;

use super::catch::{Catch, Hit};
use super::kernel::{Kernel, Near};
use super::planes::{GROUPS, LANES, Planes};
use super::{Code, distance_bits};

/// Groups of planes read in one go, for all queries of a batch: 24 KiB, which stay in the first cache.
const GROUPS_AT_ONCE: usize = 96;

/// The groups worth reading for a radius: so many that few codes of strangers pass.
///
/// Strangers differ in half of the first `32 * groups` bits with a deviation of `sqrt(8 * groups)`; the radius lies 3.4 deviations
/// below. Fewer groups would send too many codes to the second stage, more would read in vain. Any number is exact.
pub(super) const fn groups_for(radius_bits: u32) -> usize {
    match radius_bits {
        0..=18 => 2,
        19..=31 => 3,
        32..=44 => 4,
        45..=58 => 5,
        59..=72 => 6,
        73..=86 => 7,
        _ => GROUPS,
    }
}

/// Codes to be scanned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    pub(super) kernel: Kernel,
    pub(super) codes: &'a [Code],
    /// The layout of all of `codes`; without it each chunk is laid out when its turn comes.
    pub(super) planes: Option<&'a Planes>,
}

impl Scan<'_> {
    /// Offers each catch the codes from place `first` on that lie within its bound of its query.
    pub(super) fn run(&self, first: usize, queries: &[Code], catches: &mut [Catch], threads: usize) {
        let radius = catches.iter().map(Catch::bound_bits).max().unwrap_or(0);
        let groups = groups_for(radius);
        let blocks = first / LANES..self.codes.len().div_ceil(LANES);
        let threads = threads.clamp(1, blocks.len().div_ceil(BLOCKS_PER_THREAD_MIN).max(1));
        let share = blocks.len().div_ceil(threads).max(1);
        let fresh: Vec<Catch> = catches.iter().map(Catch::fresh).collect();
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|part| {
                    let start = (blocks.start + part * share).min(blocks.end);
                    let range = start..(start + share).min(blocks.end);
                    let mut own = fresh.clone();
                    scope.spawn(move || {
                        self.blocks(range, first, groups, queries, &mut own);
                        own
                    })
                })
                .collect();
            let range = blocks.start..(blocks.start + share).min(blocks.end);
            self.blocks(range, first, groups, queries, catches);
            for other in others {
                match other.join() {
                    Ok(found) => {
                        for (catch, found) in catches.iter_mut().zip(found) {
                            catch.merge(found);
                        }
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    fn blocks(
        &self,
        range: Range<usize>,
        first: usize,
        groups: usize,
        queries: &[Code],
        catches: &mut [Catch],
    ) {
        match groups {
            2 => self.blocks_of::<2>(range, first, queries, catches),
            3 => self.blocks_of::<3>(range, first, queries, catches),
            4 => self.blocks_of::<4>(range, first, queries, catches),
            5 => self.blocks_of::<5>(range, first, queries, catches),
            6 => self.blocks_of::<6>(range, first, queries, catches),
            7 => self.blocks_of::<7>(range, first, queries, catches),
            _ => self.blocks_of::<GROUPS>(range, first, queries, catches),
        }
    }

    fn blocks_of<const P: usize>(
        &self,
        range: Range<usize>,
        first: usize,
        queries: &[Code],
        catches: &mut [Catch],
    ) {
        let mut near: Vec<Near> = Vec::new();
        let mut laid_out = Planes::default();
        let at_once = GROUPS_AT_ONCE / P;
        for start in range.clone().step_by(at_once) {
            let end = (start + at_once).min(range.end);
            let codes_end = (end * LANES).min(self.codes.len());
            let codes = self.codes.get(start * LANES..codes_end).unwrap_or_default();
            let groups = if let Some(planes) = self.planes {
                planes.groups::<P>(start..end)
            } else {
                laid_out.replace(codes, P);
                laid_out.groups::<P>(0..end - start)
            };
            for (query, catch) in queries.iter().zip(catches.iter_mut()) {
                let mut prefix = [[0; 4]; P];
                for (to, from) in prefix.iter_mut().zip(query.as_chunks().0) {
                    *to = *from;
                }
                near.clear();
                let radius = u8::try_from(catch.bound_bits()).unwrap_or(u8::MAX);
                self.kernel.near(groups, &prefix, radius, &mut near);
                for found in &near {
                    second_stage(codes, *found, start, first, query, catch);
                }
            }
        }
    }
}

fn second_stage(codes: &[Code], found: Near, start: usize, first: usize, query: &Code, catch: &mut Catch) {
    let mut lanes = found.lanes;
    while lanes != 0 {
        let lane = usize::try_from(lanes.trailing_zeros()).unwrap_or(LANES);
        lanes &= lanes - 1;
        let at = found.block * LANES + lane;
        let place = start * LANES + at;
        // Lanes behind the last code hold zeros, which may be near too.
        if let (Some(code), Ok(id)) = (codes.get(at), u32::try_from(place))
            && place >= first
        {
            let distance_bits = distance_bits(code, query);
            catch.offer(Hit { distance_bits, id });
        }
    }
}

/// Fewer blocks than this, 65,536 codes, are not worth a thread of their own.
const BLOCKS_PER_THREAD_MIN: usize = 1024;
