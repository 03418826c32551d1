//! Codes laid out for the kernels: 64 codes are a block, 32 blocks a page, and in a page byte `k` of all codes stands together,
//! a plane a block.
//!
//! A search reads only the first bytes of each page, as many as its radius needs: the first stage of the scan.

use super::Code;

/// Codes in a block.
pub(super) const LANES: usize = 64;
/// Blocks in a page.
pub(super) const BLOCKS: usize = 32;
/// Codes in a page.
pub(super) const PAGE_CODES: usize = LANES * BLOCKS;
/// Bytes of a code.
pub(super) const CODE_BYTES: usize = size_of::<Code>();

/// One byte of each code of a block.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Plane(pub(super) [u8; LANES]);

/// 2,048 codes, byte by byte; lanes without a code hold whatever was there.
#[derive(Clone, Debug)]
pub(super) struct Page(pub(super) [[Plane; BLOCKS]; CODE_BYTES]);

impl Page {
    #[expect(clippy::large_stack_arrays, reason = "64 KiB on their way to the heap")]
    pub(super) const EMPTY: Self = Self([[Plane([0; LANES]); BLOCKS]; CODE_BYTES]);

    /// Lays out a code at a place of the page.
    pub(super) fn put(&mut self, place: usize, code: &Code) {
        let (block, lane) = (place / LANES % BLOCKS, place % LANES);
        for (planes, byte) in self.0.iter_mut().zip(code) {
            planes[block].0[lane] = *byte;
        }
    }

    /// Lays out the first `bytes` bytes of as many codes as a page holds.
    pub(super) fn fill(&mut self, codes: &[Code], bytes: usize) {
        for (block, codes) in codes.chunks(LANES).take(BLOCKS).enumerate() {
            for (at, planes) in self.0.iter_mut().take(bytes).enumerate() {
                for (to, code) in planes[block].0.iter_mut().zip(codes) {
                    *to = code[at];
                }
            }
        }
    }
}

/// The pages of all `codes`.
pub(super) fn pages(codes: &[Code]) -> Vec<Page> {
    let mut pages = vec![Page::EMPTY; codes.len().div_ceil(PAGE_CODES)];
    for (page, codes) in pages.iter_mut().zip(codes.chunks(PAGE_CODES)) {
        page.fill(codes, CODE_BYTES);
    }
    pages
}
