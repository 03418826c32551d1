//! Multi-index hashing: codes sorted by each of some slices of their bits, so that near codes share a slice nearly.
//!
//! The 256 bits are cut into slots. If two codes differ in at most `r` bits and the slots are given budgets `t`, of which the
//! sum of all `t + 1` is `r + 1`, then in some slot they differ in at most its `t` bits: else they differed in `r + 1`. So
//! looking up every flip of at most `t` bits of a query's slot, in every slot, meets every code within `r`. Nothing is left out, however
//! full a bucket is.
//!
//! Source: Norouzi, Punjani, Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing" (PAMI 2014), section 3, with
//! the general pigeonhole principle of Qin et al., "GPH: Similarity Search in Hamming Space" (ICDE 2018).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::catch::{Catch, Hit};
use super::{Code, distance_bits};

/// The sorted slots of the first `codes` codes of an index.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    codes: usize,
    slots: Vec<Slot>,
}

/// One slice of bits and the codes sorted by it.
#[derive(Clone, Debug)]
struct Slot {
    window: Window,
    /// For each value of the slice the place in `ids` where its codes begin, and one more: the end.
    starts: Vec<u32>,
    ids: Vec<u32>,
}

/// `width` bits of a code from bit `first` on, bit 0 being the most significant of the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    first: u32,
    width: u32,
}

impl Window {
    fn key(self, code: &Code) -> u32 {
        let byte = index(self.first / 8).min(size_of::<Code>() - 8);
        let word = code.get(byte..).and_then(<[u8]>::first_chunk).copied();
        let word = u64::from_be_bytes(word.unwrap_or_default());
        let skipped = self.first - low(byte) * 8;
        let shifted = word >> (64 - skipped - self.width);
        low_of(shifted) & (u32::MAX >> (32 - self.width))
    }
}

/// How many slots serve so many codes best: fuller buckets cost more comparisons, narrower slots fewer look-ups.
fn slots_for(codes: usize) -> u32 {
    match codes {
        0..0x20_0000 => 13,
        0x20_0000..0x40_0000 => 12,
        0x40_0000..0x400_0000 => 11,
        _ => 10,
    }
}

fn windows(count: u32) -> Vec<Window> {
    (0..count)
        .map(|slot| {
            let first = slot * 256 / count;
            Window {
                first,
                width: (slot + 1) * 256 / count - first,
            }
        })
        .collect()
}

impl Slots {
    /// Sorts all of `codes`; the caller has seen to it that their places fit in 32 bits.
    ///
    /// Each thread holds 8 bytes for each code while it sorts one slot.
    pub(super) fn build(codes: &[Code], threads: usize) -> Self {
        let windows = windows(slots_for(codes.len()));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            let mut pairs = Vec::new();
            while let Some(window) = windows.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(Slot::build(*window, codes, &mut pairs));
            }
            done
        };
        let mut slots = thread::scope(|scope| {
            let others: Vec<_> = (1..threads.clamp(1, windows.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut slots = work();
            for other in others {
                match other.join() {
                    Ok(more) => slots.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            slots
        });
        slots.sort_unstable_by_key(|slot| slot.window.first);
        Self {
            codes: codes.len(),
            slots,
        }
    }

    /// How many codes are sorted.
    pub(super) const fn len(&self) -> usize {
        self.codes
    }

    /// Bytes held on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let words: usize = self
            .slots
            .iter()
            .map(|slot| slot.starts.capacity() + slot.ids.capacity())
            .sum();
        words * size_of::<u32>()
    }

    /// What a query is expected to cost when the codes are strangers' codes: buckets looked up, codes compared.
    pub(super) fn cost(&self, radius_bits: u32) -> (f64, f64) {
        let mut cost = (0.0, 0.0);
        for (slot, budget) in self.slots.iter().zip(self.budgets(radius_bits)) {
            if let Some(budget) = budget {
                let lookups = flips_count(slot.window.width, budget);
                cost.0 += lookups;
                cost.1 += lookups * f64::from(low(self.codes)) / f64::from(slot.window.width).exp2();
            }
        }
        cost
    }

    /// How many bits may differ in each slot; `None` for slots that need not be looked at.
    fn budgets(&self, radius_bits: u32) -> Vec<Option<u32>> {
        let count = low(self.slots.len()).max(1);
        let (each, more) = ((radius_bits + 1) / count, (radius_bits + 1) % count);
        (0..count)
            .map(|slot| (each + u32::from(slot < more)).checked_sub(1))
            .collect()
    }

    /// Offers each catch every sorted code within the radius of its query, once.
    pub(super) fn within(
        &self,
        codes: &[Code],
        queries: &[Code],
        radius_bits: u32,
        catches: &mut [Catch],
        threads: usize,
    ) {
        let budgets = self.budgets(radius_bits);
        let flips: Vec<Vec<u32>> = self
            .slots
            .iter()
            .zip(&budgets)
            .map(|(slot, budget)| budget.map_or_else(Vec::new, |budget| flips(slot.window.width, budget)))
            .collect();
        let share = queries.len().div_ceil(threads.max(1)).max(QUERIES_PER_THREAD_MIN);
        let alone = queries.len() <= share;
        thread::scope(|scope| {
            for (queries, catches) in queries.chunks(share).zip(catches.chunks_mut(share)) {
                let (budgets, flips) = (&budgets, &flips);
                let mut work = move || {
                    for (at, (slot, flips)) in self.slots.iter().zip(flips).enumerate() {
                        for (query, catch) in queries.iter().zip(catches.iter_mut()) {
                            slot.look_up(query, flips, codes, |id, code| {
                                let distance_bits = distance_bits(code, query);
                                if distance_bits <= radius_bits && !self.met_before(at, code, query, budgets)
                                {
                                    catch.offer(Hit { distance_bits, id });
                                }
                            });
                        }
                    }
                };
                if alone {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
    }

    /// Whether a slot before `at` has shown this code already.
    fn met_before(&self, at: usize, code: &Code, query: &Code, budgets: &[Option<u32>]) -> bool {
        self.slots.iter().zip(budgets).take(at).any(|(slot, budget)| {
            let differ = (slot.window.key(code) ^ slot.window.key(query)).count_ones();
            budget.is_some_and(|budget| differ <= budget)
        })
    }
}

impl Slot {
    /// Two passes: codes are dealt to parts by the upper bits of their key, then each part, which fits a cache, is sorted by
    /// the rest.
    fn build(window: Window, codes: &[Code], pairs: &mut Vec<(u32, u32)>) -> Self {
        let lower = window.width.min(LOWER_BITS);
        let mut places = vec![0usize; 1 << (window.width - lower)];
        for code in codes {
            if let Some(count) = places.get_mut(index(window.key(code) >> lower)) {
                *count += 1;
            }
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        pairs.resize(codes.len(), (0, 0));
        for (id, code) in (0u32..).zip(codes) {
            let key = window.key(code);
            if let Some(place) = places.get_mut(index(key >> lower)) {
                if let Some(pair) = pairs.get_mut(*place) {
                    *pair = (key & !(u32::MAX << lower), id);
                }
                *place += 1;
            }
        }
        let mut starts = Vec::with_capacity((1 << window.width) + 1);
        let mut ids = vec![0u32; codes.len()];
        let mut counts = vec![0u32; 1 << lower];
        let (mut pairs, mut ids_left) = (pairs.as_slice(), ids.as_mut_slice());
        let mut before = 0u32;
        let mut part_start = 0;
        for part_end in places {
            let (part, rest) = pairs.split_at(part_end - part_start);
            let (part_ids, rest_ids) = ids_left.split_at_mut(part_end - part_start);
            (pairs, ids_left, part_start) = (rest, rest_ids, part_end);
            sort_part(part, &mut counts, part_ids);
            // The counts are now the ends of the buckets within the part.
            starts.push(before);
            let inner = counts.split_last().map(|(_, inner)| inner).unwrap_or_default();
            starts.extend(inner.iter().map(|end| before + end));
            before += low(part.len());
        }
        starts.push(before);
        Self { window, starts, ids }
    }

    /// Calls `see` for each code whose slice is the query's with one of the flips.
    fn look_up(&self, query: &Code, flips: &[u32], codes: &[Code], mut see: impl FnMut(u32, &Code)) {
        let key = self.window.key(query);
        let mut see = |id: u32| {
            if let Some(code) = codes.get(index(id)) {
                see(id, code);
            }
        };
        // Three passes over a few buckets each: the processor waits for many places in memory at once.
        let mut buckets = [(0usize, 0usize); AT_ONCE];
        let mut few = [0u32; AT_ONCE * FEW];
        for flips in flips.chunks(AT_ONCE) {
            for (bucket, flip) in buckets.iter_mut().zip(flips) {
                let at = index(key ^ flip);
                if let Some([start, end]) = self.starts.get(at..at + 2) {
                    *bucket = (index(*start), index(*end));
                }
            }
            let mut held = 0;
            for (start, end) in buckets.iter().take(flips.len()) {
                let count = end - start;
                match (few.get_mut(held..held + FEW), self.ids.get(*start..start + FEW)) {
                    (Some(to), Some(from)) if count <= FEW => {
                        to.copy_from_slice(from);
                        held += count;
                    }
                    _ => {
                        for id in self.ids.get(*start..*end).unwrap_or_default() {
                            see(*id);
                        }
                    }
                }
            }
            for id in few.iter().take(held) {
                see(*id);
            }
        }
    }
}

/// Sorts the ids of `part` by the lower bits of their key; `counts` becomes, for each key, the end of its bucket.
fn sort_part(part: &[(u32, u32)], counts: &mut [u32], ids: &mut [u32]) {
    counts.fill(0);
    for (key, _) in part {
        if let Some(count) = counts.get_mut(index(*key)) {
            *count += 1;
        }
    }
    let mut before = 0;
    for count in counts.iter_mut() {
        before += std::mem::replace(count, before);
    }
    for (key, id) in part {
        if let Some(place) = counts.get_mut(index(*key)) {
            if let Some(to) = ids.get_mut(index(*place)) {
                *to = *id;
            }
            *place += 1;
        }
    }
}

/// All numbers of `width` bits with at most `ones_max` ones, fewest ones first.
fn flips(width: u32, ones_max: u32) -> Vec<u32> {
    let mut all = vec![0];
    let mut start = 0;
    for _ in 0..ones_max.min(width) {
        let end = all.len();
        for at in start..end {
            let flip: u32 = all[at];
            // Adding only above the highest one makes each number once.
            let above = 32 - flip.leading_zeros();
            all.extend((above..width).map(|bit| flip | (1 << bit)));
        }
        start = end;
    }
    all
}

/// How many [`flips`] there are.
fn flips_count(width: u32, ones_max: u32) -> f64 {
    let mut choose = 1.0;
    let mut sum = 1.0;
    for ones in 1..=ones_max.min(width) {
        choose *= f64::from(width - ones + 1) / f64::from(ones);
        sum += choose;
    }
    sum
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A count of codes, of which there are fewer than 2^32.
fn low(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn low_of(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Lower bits of a key by which a part is sorted: 32,768 counts are 128 KiB.
const LOWER_BITS: u32 = 15;
/// Buckets looked up at once.
const AT_ONCE: usize = 64;
/// Codes of a bucket copied without asking how many there are.
const FEW: usize = 4;
/// Fewer queries than this are not worth a thread of their own.
const QUERIES_PER_THREAD_MIN: usize = 8;
