//! The two-stage scan: a kernel looks at the first bytes of every code, and the few that may be near are compared whole.

use std::ops::Range;
use std::thread;

use super::catch::{Catch, Hit};
use super::kernel::{Kernel, Near};
use super::planes::{CODE_BYTES, LANES, PAGE_CODES, Page};
use super::{Code, distance_bits};

/// How many bytes of each code are worth reading for a radius: so many that few codes of strangers pass.
///
/// Strangers differ in half of the first `8 * n` bits with a deviation of `sqrt(2 * n)`, and pictures in a little more; the
/// radius lies 3.8 deviations below. Fewer bytes would send too many codes to the second stage, more would be read in vain. Any
/// number is exact.
pub(super) const fn prefix_bytes(radius_bits: u32) -> usize {
    match radius_bits {
        0..=18 => 9,
        19..=31 => 13,
        32..=44 => 17,
        45..=54 => 20,
        55..=64 => 23,
        65..=86 => 29,
        _ => CODE_BYTES,
    }
}

/// Codes to be scanned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    pub(super) kernel: Kernel,
    pub(super) codes: &'a [Code],
    /// The layout of all of `codes`; without it each page is laid out when its turn comes.
    pub(super) pages: Option<&'a [Page]>,
}

/// What is looked for, by one thread or by all.
#[derive(Clone, Copy)]
struct Search<'a> {
    /// The place of the first code that counts.
    first: usize,
    queries: &'a [Code],
}

impl Scan<'_> {
    /// Offers each catch the codes from place `first` on that lie within its bound of its query.
    pub(super) fn run(&self, first: usize, queries: &[Code], catches: &mut [Catch], threads: usize) {
        let radius = catches.iter().map(Catch::bound_bits).max().unwrap_or(0);
        let bytes = prefix_bytes(radius);
        let pages = first / PAGE_CODES..self.codes.len().div_ceil(PAGE_CODES);
        let threads = threads.clamp(1, pages.len().div_ceil(PAGES_PER_THREAD_MIN).max(1));
        let share = pages.len().div_ceil(threads).max(1);
        let part = |at: usize| {
            let start = (pages.start + at * share).min(pages.end);
            start..(start + share).min(pages.end)
        };
        let search = Search { first, queries };
        let fresh: Vec<Catch> = catches.iter().map(Catch::fresh).collect();
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|at| {
                    let (pages, mut own) = (part(at), fresh.clone());
                    scope.spawn(move || {
                        self.pages(pages, bytes, search, &mut own);
                        own
                    })
                })
                .collect();
            self.pages(part(0), bytes, search, catches);
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

    fn pages(&self, pages: Range<usize>, bytes: usize, search: Search, catches: &mut [Catch]) {
        match bytes {
            9 => self.pages_by::<9>(pages, search, catches),
            13 => self.pages_by::<13>(pages, search, catches),
            17 => self.pages_by::<17>(pages, search, catches),
            20 => self.pages_by::<20>(pages, search, catches),
            23 => self.pages_by::<23>(pages, search, catches),
            29 => self.pages_by::<29>(pages, search, catches),
            _ => self.pages_by::<CODE_BYTES>(pages, search, catches),
        }
    }

    fn pages_by<const P: usize>(&self, pages: Range<usize>, search: Search, catches: &mut [Catch]) {
        let mut near = Near::default();
        let mut own = self.pages.is_none().then(|| Box::new(Page::EMPTY));
        for at in pages {
            let start = at * PAGE_CODES;
            let end = (start + PAGE_CODES).min(self.codes.len());
            let codes = self.codes.get(start..end).unwrap_or_default();
            let page = match (self.pages, &mut own) {
                (Some(pages), _) => pages.get(at),
                (None, Some(own)) => {
                    own.fill(codes, P);
                    Some(&**own)
                }
                (None, None) => None,
            };
            let Some(prefix) = page.and_then(|page| page.0.first_chunk::<P>()) else {
                continue;
            };
            for (query, catch) in search.queries.iter().zip(catches.iter_mut()) {
                let Some(wanted) = query.first_chunk::<P>() else {
                    continue;
                };
                let radius = u8::try_from(catch.bound_bits()).unwrap_or(u8::MAX);
                self.kernel.near(prefix, wanted, radius, &mut near);
                if near.blocks != 0 {
                    second_stage(codes, &near, start..search.first, query, catch);
                }
            }
        }
    }
}

/// Compares whole codes; `places` holds the place of the first of `codes` and the first place that counts.
fn second_stage(codes: &[Code], near: &Near, places: Range<usize>, query: &Code, catch: &mut Catch) {
    let mut blocks = near.blocks;
    for (block, lanes) in near.lanes.iter().enumerate() {
        if blocks & 1 == 1 {
            let mut lanes = *lanes;
            while lanes != 0 {
                let at = block * LANES + usize::try_from(lanes.trailing_zeros()).unwrap_or(0);
                lanes &= lanes - 1;
                let place = places.start + at;
                // Lanes behind the last code hold what may be near too.
                if let (Some(code), Ok(id)) = (codes.get(at), u32::try_from(place))
                    && place >= places.end
                {
                    let distance_bits = distance_bits(code, query);
                    catch.offer(Hit { distance_bits, id });
                }
            }
        }
        blocks >>= 1;
        if blocks == 0 {
            break;
        }
    }
}

/// Fewer pages than this, 65,536 codes, are not worth a thread of their own.
const PAGES_PER_THREAD_MIN: usize = 32;
