//! The similarity index: which of many 256-bit codes differ from a query in at most so many bits. Exact, in memory, derived.
//!
//! Codes go in, places of codes come out; no disk, no clock, no identity. Everything here can be deleted and made again from
//! the codes.
//!
//! Two roads give the same answer. The **scan** (`scan`) looks at every code: a vector kernel (`kernel`) at the first bytes
//! of each, the rest only where these are near. **Slots** (`slots`) hold the codes sorted by slices of their bits and look up
//! all slices near enough; they are built for a large index, cover the codes there were then, and what came later is scanned.
//! Each search takes the road that is expected to be faster. Codes of strangers differ in 128 +- 8 bits, so nothing steers a
//! graph through them: no approximate index is used (similar.md 3.1).
//!
//! # Memory
//!
//! A code takes 64 bytes (itself, and its bytes laid out in planes), and in slots 4 bytes for each of 10 to 13 slices and 4
//! bytes for each of their values: in all 155 bytes a code and 1.5 GB at 10 million, see [`Index::heap_bytes`]. Building takes
//! 8 bytes a code and thread besides. [`scan_within`] takes none.

mod catch;
mod kernel;
mod near;
mod planes;
mod scan;
mod slots;
#[cfg(test)]
pub(crate) mod tests;

pub use catch::{Hit, Neighbours};
pub use kernel::Kernel;
pub use near::NearIndex;

use catch::Catch;
use planes::{PAGE_CODES, Page};
use scan::{Scan, prefix_bytes};
use slots::Slots;

/// 256 bits, as fingerprints hold them.
pub type Code = [u8; 32];

/// Most codes in one index: their places stay in 28 bits, and they alone take 8 GiB.
pub const CODES_MAX: usize = 1 << 28;

/// Up to so many codes a scan is fast enough, and needs nothing built: measured 0.1 ms for a query of a batch.
pub const SCANNED_MAX: usize = 2_000_000;

/// Why codes were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// There is no room for so many codes.
    #[error("an index of {codes} codes is beyond the limit of {limit_codes}")]
    Full {
        /// How many there would be.
        codes: usize,
        /// How many there may be.
        limit_codes: usize,
    },
}

/// Codes that can be searched by distance.
#[derive(Clone, Debug)]
pub struct Index {
    kernel: Kernel,
    codes: Vec<Code>,
    pages: Vec<Page>,
    slots: Option<Slots>,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            kernel: Kernel::fastest(),
            codes: Vec::new(),
            pages: Vec::new(),
            slots: None,
        }
    }
}

impl Index {
    /// An index of `codes`, whose ids are their places; slots are built when there are more than [`SCANNED_MAX`].
    ///
    /// # Errors
    /// [`IndexError::Full`] beyond [`CODES_MAX`].
    pub fn new(codes: Vec<Code>, threads: usize) -> Result<Self, IndexError> {
        let mut index = Self::scanned(codes)?;
        if index.codes.len() > SCANNED_MAX {
            index.build_slots(threads);
        }
        Ok(index)
    }

    /// An index that is only scanned, however large: ready at once.
    ///
    /// # Errors
    /// [`IndexError::Full`] beyond [`CODES_MAX`].
    pub fn scanned(codes: Vec<Code>) -> Result<Self, IndexError> {
        check_room(codes.len())?;
        Ok(Self {
            pages: planes::pages(&codes),
            codes,
            ..Self::default()
        })
    }

    /// The same index scanned by another kernel; what it finds does not change.
    #[must_use]
    pub fn scanned_by(self, kernel: Kernel) -> Self {
        Self { kernel, ..self }
    }

    /// Adds a code, found by the next search, and returns its id.
    ///
    /// # Errors
    /// [`IndexError::Full`] beyond [`CODES_MAX`].
    pub fn push(&mut self, code: Code) -> Result<u32, IndexError> {
        let id = self.codes.len();
        check_room(id + 1)?;
        if id.is_multiple_of(PAGE_CODES) {
            self.pages.push(Page::EMPTY);
        }
        if let Some(page) = self.pages.last_mut() {
            page.put(id % PAGE_CODES, &code);
        }
        self.codes.push(code);
        Ok(u32::try_from(id).unwrap_or(u32::MAX))
    }

    /// Sorts all codes into slots, in the place of those there were; what a search finds does not change.
    pub fn build_slots(&mut self, threads: usize) {
        self.slots = None;
        self.slots = Some(Slots::build(&self.codes, threads));
    }

    /// How many codes came after the slots were built, or in all if none were: more than [`SCANNED_MAX`] are worth
    /// [`Self::build_slots`].
    #[must_use]
    pub fn unsorted(&self) -> usize {
        self.codes.len() - self.slots.as_ref().map_or(0, Slots::len)
    }

    /// How many codes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Bytes held on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let slots = self.slots.as_ref().map_or(0, Slots::heap_bytes);
        self.codes.capacity() * size_of::<Code>() + self.pages.capacity() * size_of::<Page>() + slots
    }

    /// For each query every code within `radius_bits` of it: the `most` nearest, and how many there are.
    ///
    /// Holds about 16 bytes for each of `most` hits of a query. Many queries at once cost less each than one by one.
    #[must_use]
    pub fn within(&self, queries: &[Code], radius_bits: u32, most: usize, threads: usize) -> Vec<Neighbours> {
        let mut catches = vec![Catch::within(radius_bits, most); queries.len()];
        let mut first_unsorted = 0;
        if let Some(slots) = &self.slots
            && slots_win(slots, radius_bits, queries.len())
        {
            slots.within(&self.codes, queries, radius_bits, &mut catches, threads);
            first_unsorted = slots.len();
        }
        self.scan().run(first_unsorted, queries, &mut catches, threads);
        catches.into_iter().map(Catch::done).collect()
    }

    /// For each query the `most` nearest codes, however far, by distance, then id.
    #[must_use]
    pub fn nearest(&self, queries: &[Code], most: usize, threads: usize) -> Vec<Vec<Hit>> {
        let mut catches = vec![Catch::nearest(most); queries.len()];
        self.scan().run(0, queries, &mut catches, threads);
        catches.into_iter().map(|catch| catch.done().hits).collect()
    }

    fn scan(&self) -> Scan<'_> {
        Scan {
            kernel: self.kernel,
            codes: &self.codes,
            pages: Some(&self.pages),
        }
    }
}

/// As [`Index::within`] over codes that will be searched this once: nothing is built, nothing is kept.
///
/// # Errors
/// [`IndexError::Full`] beyond [`CODES_MAX`].
pub fn scan_within(
    codes: &[Code],
    queries: &[Code],
    radius_bits: u32,
    most: usize,
    threads: usize,
) -> Result<Vec<Neighbours>, IndexError> {
    check_room(codes.len())?;
    let mut catches = vec![Catch::within(radius_bits, most); queries.len()];
    let scan = Scan {
        kernel: Kernel::fastest(),
        codes,
        pages: None,
    };
    scan.run(0, queries, &mut catches, threads);
    Ok(catches.into_iter().map(Catch::done).collect())
}

/// How many of 256 bits differ.
#[must_use]
pub fn distance_bits(a: &Code, b: &Code) -> u32 {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    words
        .map(|(a, b)| (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b)).count_ones())
        .sum()
}

const fn check_room(codes: usize) -> Result<(), IndexError> {
    if codes > CODES_MAX {
        return Err(IndexError::Full {
            codes,
            limit_codes: CODES_MAX,
        });
    }
    Ok(())
}

/// Whether looking up slots is expected to be faster than scanning the codes they cover.
fn slots_win(slots: &Slots, radius_bits: u32, queries: usize) -> bool {
    let (lookups, compared) = slots.cost(radius_bits);
    let slots_ns = lookups * LOOKUP_NS + compared * COMPARE_NS;
    let bytes = f64::from(u32::try_from(prefix_bytes(radius_bits)).unwrap_or(32));
    let codes = f64::from(u32::try_from(slots.len()).unwrap_or(u32::MAX));
    let queries = f64::from(u32::try_from(queries.max(1)).unwrap_or(u32::MAX));
    slots_ns < codes * bytes * (BYTE_NS + BYTE_READ_NS / queries)
}

/// What looking up one bucket takes, nanoseconds.
const LOOKUP_NS: f64 = 30.0;
/// What comparing one code of a bucket takes, nanoseconds.
const COMPARE_NS: f64 = 20.0;
/// What a kernel takes for one byte of a code, nanoseconds.
const BYTE_NS: f64 = 0.005;
/// What reading one byte of a code from memory takes, once for all queries, nanoseconds.
const BYTE_READ_NS: f64 = 0.05;
