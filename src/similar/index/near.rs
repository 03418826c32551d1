//! What any keeper of codes answers: the index in memory, and engines past one machine. One conformance test holds them all.

use super::{Code, Hit, Index, IndexError, Neighbours};

/// Codes that can be searched by distance, wherever they are. Ids are places in the order in which codes came, from 0.
pub trait NearIndex {
    /// Why there is no answer.
    type Error: std::error::Error;

    /// Adds codes behind those there are; the next search finds them.
    fn insert(&mut self, codes: &[Code]) -> Result<(), Self::Error>;

    /// How many codes there are.
    fn codes(&mut self) -> Result<u64, Self::Error>;

    /// For each query every code within `radius_bits` of it: the `most` nearest by distance, then id, and how many there are.
    fn within(
        &mut self,
        queries: &[Code],
        radius_bits: u32,
        most: usize,
    ) -> Result<Vec<Neighbours>, Self::Error>;

    /// For each query the `most` nearest codes, however far, by distance, then id.
    fn nearest(&mut self, queries: &[Code], most: usize) -> Result<Vec<Vec<Hit>>, Self::Error>;
}

impl NearIndex for Index {
    type Error = IndexError;

    fn insert(&mut self, codes: &[Code]) -> Result<(), IndexError> {
        codes.iter().try_for_each(|code| self.push(*code).map(drop))
    }

    fn codes(&mut self) -> Result<u64, IndexError> {
        Ok(u64::try_from(self.len()).unwrap_or(u64::MAX))
    }

    fn within(
        &mut self,
        queries: &[Code],
        radius_bits: u32,
        most: usize,
    ) -> Result<Vec<Neighbours>, IndexError> {
        Ok(Self::within(self, queries, radius_bits, most, THREADS))
    }

    fn nearest(&mut self, queries: &[Code], most: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        Ok(Self::nearest(self, queries, most, THREADS))
    }
}

const THREADS: usize = 2;
