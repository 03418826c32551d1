//! Which of many codes may be near one query: the innermost loop, once per instruction set, chosen at run time. THE ONE
//! `unsafe` MODULE.
//!
//! `unsafe` stands here for two reasons and no third, each with its proof beside it: a function compiled for an instruction set
//! may only be called where the processor has it (a [`Kernel`] is made by the check alone, its field is private), and the load
//! instructions take pointers (every one comes from a reference to an array of just that many bytes). All lengths are in the
//! types: there is no index and no bound to get wrong. All kernels give the same masks as the plain one; a test holds them to
//! it, under Miri too.
#![allow(unsafe_code, reason = "vector instructions, as the module text says")]

use super::planes::{BLOCKS, LANES, Plane};

/// A set of instructions this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Plain,
}

/// Where codes may lie within a radius, in one page.
#[derive(Clone, Debug, Default)]
pub(super) struct Near {
    /// Bit `i` is set when block `i` has lanes set.
    pub(super) blocks: u32,
    /// Bit `i` of a block is set when the first bytes of its code `i` lie within the radius; whatever it was in blocks that are
    /// not set.
    pub(super) lanes: [u64; BLOCKS],
}

/// The first `P` bytes of all codes of a page.
pub(super) type Prefix<const P: usize> = [[Plane; BLOCKS]; P];

impl Kernel {
    /// The fastest kernel that this processor can run.
    #[must_use]
    pub fn fastest() -> Self {
        Self::all().next().unwrap_or(Self(Set::Plain))
    }

    /// Every kernel that this processor can run, fastest first.
    pub fn all() -> impl Iterator<Item = Self> {
        let sets = [
            #[cfg(target_arch = "x86_64")]
            (Set::Avx512, x86::has_avx512()),
            #[cfg(target_arch = "x86_64")]
            (Set::Avx2, x86::has_avx2()),
            #[cfg(target_arch = "aarch64")]
            (Set::Neon, arm::has_neon()),
            (Set::Plain, true),
        ];
        sets.into_iter().filter(|(_, has)| *has).map(|(set, _)| Self(set))
    }

    /// The name of the instruction set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon => "neon",
            Set::Plain => "plain",
        }
    }

    /// Finds the codes of a page whose first `P` bytes differ from the query's in at most `radius_bits` bits.
    ///
    /// Sums are kept in a byte: with all 32 bytes a difference of 256 counts as 0, so a lane is a candidate, not a hit. No lane
    /// within the radius is ever left out.
    pub(super) fn near<const P: usize>(
        self,
        page: &Prefix<P>,
        query: &[u8; P],
        radius_bits: u8,
        near: &mut Near,
    ) {
        near.blocks = match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_avx512` found every feature that the function enables.
            Set::Avx512 => unsafe { x86::near_avx512(page, query, radius_bits, &mut near.lanes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_avx2` found every feature that the function enables.
            Set::Avx2 => unsafe { x86::near_avx2(page, query, radius_bits, &mut near.lanes) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_neon` found the feature that the function enables.
            Set::Neon => unsafe { arm::near_neon(page, query, radius_bits, &mut near.lanes) },
            Set::Plain => near_plain(page, query, radius_bits, &mut near.lanes),
        };
    }
}

fn near_plain<const P: usize>(
    page: &Prefix<P>,
    query: &[u8; P],
    radius_bits: u8,
    lanes_of_blocks: &mut [u64; BLOCKS],
) -> u32 {
    let mut blocks = 0;
    for block in 0..BLOCKS {
        let mut sums = [0u8; LANES];
        for (planes, byte) in page.iter().zip(query) {
            for (sum, code) in sums.iter_mut().zip(&planes[block].0) {
                let [differ, ..] = (code ^ byte).count_ones().to_le_bytes();
                *sum = sum.wrapping_add(differ);
            }
        }
        // The least of all, and not whether there is any: that would be a jump for each.
        if sums.iter().fold(u8::MAX, |least, sum| least.min(*sum)) <= radius_bits {
            blocks |= 1 << block;
            lanes_of_blocks[block] = (0..).zip(&sums).fold(0, |lanes, (lane, sum)| {
                lanes | (u64::from(*sum <= radius_bits) << lane)
            });
        }
    }
    blocks
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::is_x86_feature_detected;
    use std::arch::x86_64::{
        __m256i, __m512i, _mm_setr_epi8, _mm256_add_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_set1_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_xor_si256, _mm512_add_epi8,
        _mm512_cmple_epu8_mask, _mm512_loadu_si512, _mm512_popcnt_epi8, _mm512_set1_epi8,
        _mm512_setzero_si512, _mm512_xor_si512,
    };

    use super::{BLOCKS, LANES, Plane, Prefix};

    const HALF: usize = LANES / 2;

    pub(super) fn has_avx512() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512bitalg")
    }

    pub(super) fn has_avx2() -> bool {
        is_x86_feature_detected!("avx2")
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bitalg")]
    fn load_512(plane: &Plane) -> __m512i {
        // SAFETY: reads 64 bytes, any alignment, from a reference to 64 bytes.
        unsafe { _mm512_loadu_si512(plane.0.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bitalg")]
    pub(super) fn near_avx512<const P: usize>(
        page: &Prefix<P>,
        query: &[u8; P],
        radius_bits: u8,
        lanes_of_blocks: &mut [u64; BLOCKS],
    ) -> u32 {
        let mut wanted = [_mm512_setzero_si512(); P];
        for (to, from) in wanted.iter_mut().zip(query) {
            *to = _mm512_set1_epi8(from.cast_signed());
        }
        let radius = _mm512_set1_epi8(radius_bits.cast_signed());
        let mut blocks = 0;
        for block in 0..BLOCKS {
            let mut sums = _mm512_setzero_si512();
            for (planes, byte) in page.iter().zip(&wanted) {
                let differ = _mm512_popcnt_epi8(_mm512_xor_si512(load_512(&planes[block]), *byte));
                sums = _mm512_add_epi8(sums, differ);
            }
            let lanes = _mm512_cmple_epu8_mask(sums, radius);
            lanes_of_blocks[block] = lanes;
            blocks |= u32::from(lanes != 0) << block;
        }
        blocks
    }

    #[target_feature(enable = "avx2")]
    fn load_256(bytes: &[u8; HALF]) -> __m256i {
        // SAFETY: reads 32 bytes, any alignment, from a reference to 32 bytes.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    fn ones_of_bytes(bytes: __m256i) -> __m256i {
        let ones = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
        let nibble = _mm256_set1_epi8(0x0f);
        let low = _mm256_shuffle_epi8(ones, _mm256_and_si256(bytes, nibble));
        let high = _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
        _mm256_add_epi8(low, high)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn near_avx2<const P: usize>(
        page: &Prefix<P>,
        query: &[u8; P],
        radius_bits: u8,
        lanes_of_blocks: &mut [u64; BLOCKS],
    ) -> u32 {
        let radius = _mm256_set1_epi8(radius_bits.cast_signed());
        let mut blocks = 0;
        for block in 0..BLOCKS {
            let (mut left, mut right) = (_mm256_setzero_si256(), _mm256_setzero_si256());
            for (planes, byte) in page.iter().zip(query) {
                let byte = _mm256_set1_epi8(byte.cast_signed());
                if let [first, second] = planes[block].0.as_chunks::<HALF>().0 {
                    left = _mm256_add_epi8(left, ones_of_bytes(_mm256_xor_si256(load_256(first), byte)));
                    right = _mm256_add_epi8(right, ones_of_bytes(_mm256_xor_si256(load_256(second), byte)));
                }
            }
            // A sum is within the radius when the smaller of both is the sum itself.
            let [left, right] = [left, right].map(|sums| {
                let within = _mm256_cmpeq_epi8(_mm256_min_epu8(sums, radius), sums);
                u64::from(_mm256_movemask_epi8(within).cast_unsigned())
            });
            let lanes = left | (right << HALF);
            lanes_of_blocks[block] = lanes;
            blocks |= u32::from(lanes != 0) << block;
        }
        blocks
    }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::{
        uint8x16_t, vaddq_u8, vcleq_u8, vcntq_u8, vdupq_n_u8, veorq_u8, vld1q_u8, vmaxvq_u8, vorrq_u8,
        vst1q_u8,
    };
    use std::arch::is_aarch64_feature_detected;

    use super::{BLOCKS, LANES, Prefix};

    const QUARTER: usize = LANES / 4;

    pub(super) fn has_neon() -> bool {
        is_aarch64_feature_detected!("neon")
    }

    #[target_feature(enable = "neon")]
    fn load(bytes: &[u8; QUARTER]) -> uint8x16_t {
        // SAFETY: reads 16 bytes, any alignment, from a reference to 16 bytes.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[target_feature(enable = "neon")]
    fn store(bytes: uint8x16_t, to: &mut [u8; QUARTER]) {
        // SAFETY: writes 16 bytes, any alignment, to a reference to 16 bytes.
        unsafe { vst1q_u8(to.as_mut_ptr(), bytes) }
    }

    #[target_feature(enable = "neon")]
    pub(super) fn near_neon<const P: usize>(
        page: &Prefix<P>,
        query: &[u8; P],
        radius_bits: u8,
        lanes_of_blocks: &mut [u64; BLOCKS],
    ) -> u32 {
        let radius = vdupq_n_u8(radius_bits);
        let mut blocks = 0;
        for block in 0..BLOCKS {
            let mut sums = [vdupq_n_u8(0); 4];
            for (planes, byte) in page.iter().zip(query) {
                let byte = vdupq_n_u8(*byte);
                for (sum, part) in sums.iter_mut().zip(planes[block].0.as_chunks::<QUARTER>().0) {
                    *sum = vaddq_u8(*sum, vcntq_u8(veorq_u8(load(part), byte)));
                }
            }
            let [a, b, c, d] = [
                vcleq_u8(sums[0], radius),
                vcleq_u8(sums[1], radius),
                vcleq_u8(sums[2], radius),
                vcleq_u8(sums[3], radius),
            ];
            if vmaxvq_u8(vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d))) != 0 {
                let mut within = [[0; QUARTER]; 4];
                for (to, part) in within.iter_mut().zip([a, b, c, d]) {
                    store(part, to);
                }
                blocks |= 1 << block;
                lanes_of_blocks[block] = (0..)
                    .zip(within.as_flattened())
                    .fold(0, |lanes, (lane, byte)| lanes | (u64::from(*byte != 0) << lane));
            }
        }
        blocks
    }
}
