//! Which of many codes may be near one query: the innermost loop, once per instruction set, chosen at run time. THE ONE `unsafe` MODULE.
//!
//! `unsafe` stands here for two reasons and no third, each with its proof beside it: a function compiled for an instruction set may
//! only be called where the processor has it (a [`Kernel`] is made by the check alone, its field is private), and the load
//! instructions take pointers (every one comes from a reference to an array of just that many bytes). There is no index and no
//! length to get wrong. All kernels give the same masks as the plain one; a test holds them to it, under Miri too.
#![allow(unsafe_code, reason = "vector instructions, as the module text says")]

use super::planes::{Group, LANES};

/// Bytes of a code in one group of planes.
pub(super) const GROUP_BYTES: usize = 4;

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

/// The lanes of one block whose first bytes lie within the radius: bit `i` is code `i` of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) block: usize,
    pub(super) lanes: u64,
}

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

    /// Adds to `found` each block in which the first `4 * P` bytes of a code differ from the query's in at most `radius_bits` bits.
    ///
    /// Sums are kept in a byte: with all 32 bytes a difference of 256 counts as 0, so a lane is a candidate, not a hit. No lane within the
    /// radius is ever left out. Blocks beyond the shortest group are not looked at.
    pub(super) fn near<const P: usize>(
        self,
        groups: [&[Group]; P],
        query: &[[u8; GROUP_BYTES]; P],
        radius_bits: u8,
        found: &mut Vec<Near>,
    ) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_avx512` found every feature that the function enables.
            Set::Avx512 => unsafe { x86::near_avx512(groups, query, radius_bits, found) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_avx2` found every feature that the function enables.
            Set::Avx2 => unsafe { x86::near_avx2(groups, query, radius_bits, found) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: only `all` makes a Kernel of this set, after `has_neon` found the feature that the function enables.
            Set::Neon => unsafe { arm::near_neon(groups, query, radius_bits, found) },
            Set::Plain => near_plain(groups, query, radius_bits, found),
        }
    }
}

/// The blocks of the groups side by side, as many as the shortest group has.
fn blocks<const P: usize>(groups: [&[Group]; P]) -> impl Iterator<Item = (usize, [&Group; P])> {
    let shortest = groups.iter().map(|group| group.len()).min().unwrap_or(0);
    let groups = groups.map(|group| group.get(..shortest).unwrap_or_default());
    (0..shortest).map(move |block| (block, groups.map(|group| &group[block])))
}

fn near_plain<const P: usize>(
    groups: [&[Group]; P],
    query: &[[u8; GROUP_BYTES]; P],
    radius_bits: u8,
    found: &mut Vec<Near>,
) {
    for (block, planes) in blocks(groups) {
        let mut sums = [0u8; LANES];
        for (group, bytes) in planes.iter().zip(query) {
            for (plane, byte) in group.0.iter().zip(bytes) {
                for (sum, code) in sums.iter_mut().zip(plane) {
                    let [differ, ..] = (code ^ byte).count_ones().to_le_bytes();
                    *sum = sum.wrapping_add(differ);
                }
            }
        }
        let any = sums.iter().fold(false, |any, sum| any | (*sum <= radius_bits));
        if any {
            let lanes = (0..)
                .zip(&sums)
                .fold(0, |lanes, (lane, sum)| lanes | (u64::from(*sum <= radius_bits) << lane));
            found.push(Near { block, lanes });
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_xor_si256, _mm512_add_epi8, _mm512_cmple_epu8_mask,
        _mm512_loadu_si512, _mm512_popcnt_epi8, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_xor_si512,
        _mm_setr_epi8,
    };

    use super::{GROUP_BYTES, Group, LANES, Near, blocks};

    const HALF: usize = LANES / 2;

    pub(super) fn has_avx512() -> bool {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512bitalg")
    }

    pub(super) fn has_avx2() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bitalg")]
    fn load_512(bytes: &[u8; LANES]) -> __m512i {
        // SAFETY: reads 64 bytes, any alignment, from a reference to 64 bytes.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bitalg")]
    pub(super) fn near_avx512<const P: usize>(
        groups: [&[Group]; P],
        query: &[[u8; GROUP_BYTES]; P],
        radius_bits: u8,
        found: &mut Vec<Near>,
    ) {
        let mut wanted = [[_mm512_setzero_si512(); GROUP_BYTES]; P];
        for (to, from) in wanted.as_flattened_mut().iter_mut().zip(query.as_flattened()) {
            *to = _mm512_set1_epi8(from.cast_signed());
        }
        let radius = _mm512_set1_epi8(radius_bits.cast_signed());
        for (block, planes) in blocks(groups) {
            let mut sums = _mm512_setzero_si512();
            for (group, bytes) in planes.iter().zip(&wanted) {
                for (plane, byte) in group.0.iter().zip(bytes) {
                    let differ = _mm512_popcnt_epi8(_mm512_xor_si512(load_512(plane), *byte));
                    sums = _mm512_add_epi8(sums, differ);
                }
            }
            let lanes = _mm512_cmple_epu8_mask(sums, radius);
            if lanes != 0 {
                found.push(Near { block, lanes });
            }
        }
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
        groups: [&[Group]; P],
        query: &[[u8; GROUP_BYTES]; P],
        radius_bits: u8,
        found: &mut Vec<Near>,
    ) {
        let mut wanted = [[_mm256_setzero_si256(); GROUP_BYTES]; P];
        for (to, from) in wanted.as_flattened_mut().iter_mut().zip(query.as_flattened()) {
            *to = _mm256_set1_epi8(from.cast_signed());
        }
        let radius = _mm256_set1_epi8(radius_bits.cast_signed());
        for (block, planes) in blocks(groups) {
            let (mut left, mut right) = (_mm256_setzero_si256(), _mm256_setzero_si256());
            for (group, bytes) in planes.iter().zip(&wanted) {
                for (plane, byte) in group.0.iter().zip(bytes) {
                    if let [first, second] = plane.as_chunks::<HALF>().0 {
                        let differ = ones_of_bytes(_mm256_xor_si256(load_256(first), *byte));
                        left = _mm256_add_epi8(left, differ);
                        let differ = ones_of_bytes(_mm256_xor_si256(load_256(second), *byte));
                        right = _mm256_add_epi8(right, differ);
                    }
                }
            }
            // A sum is within the radius when the smaller of both is the sum itself.
            let within = [left, right].map(|sums| {
                let within = _mm256_cmpeq_epi8(_mm256_min_epu8(sums, radius), sums);
                u64::from(_mm256_movemask_epi8(within).cast_unsigned())
            });
            let lanes = within[0] | (within[1] << HALF);
            if lanes != 0 {
                found.push(Near { block, lanes });
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::{uint8x16_t, vaddq_u8, vcleq_u8, vcntq_u8, vdupq_n_u8, veorq_u8, vld1q_u8, vmaxvq_u8, vorrq_u8, vst1q_u8};

    use super::{GROUP_BYTES, Group, LANES, Near, blocks};

    const QUARTER: usize = LANES / 4;

    pub(super) fn has_neon() -> bool {
        std::arch::is_aarch64_feature_detected!("neon")
    }

    #[target_feature(enable = "neon")]
    fn load(bytes: &[u8; QUARTER]) -> uint8x16_t {
        // SAFETY: reads 16 bytes, any alignment, from a reference to 16 bytes.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[target_feature(enable = "neon")]
    fn store(bytes: uint8x16_t) -> [u8; QUARTER] {
        let mut out = [0; QUARTER];
        // SAFETY: writes 16 bytes, any alignment, to an array of 16 bytes.
        unsafe { vst1q_u8(out.as_mut_ptr(), bytes) };
        out
    }

    #[target_feature(enable = "neon")]
    pub(super) fn near_neon<const P: usize>(
        groups: [&[Group]; P],
        query: &[[u8; GROUP_BYTES]; P],
        radius_bits: u8,
        found: &mut Vec<Near>,
    ) {
        let radius = vdupq_n_u8(radius_bits);
        for (block, planes) in blocks(groups) {
            let mut sums = [vdupq_n_u8(0); 4];
            for (group, bytes) in planes.iter().zip(query) {
                for (plane, byte) in group.0.iter().zip(bytes) {
                    let byte = vdupq_n_u8(*byte);
                    for (sum, part) in sums.iter_mut().zip(plane.as_chunks::<QUARTER>().0) {
                        *sum = vaddq_u8(*sum, vcntq_u8(veorq_u8(load(part), byte)));
                    }
                }
            }
            let within = sums.map(|sum| vcleq_u8(sum, radius));
            let any = vorrq_u8(vorrq_u8(within[0], within[1]), vorrq_u8(within[2], within[3]));
            if vmaxvq_u8(any) != 0 {
                let bytes = within.map(|part| store(part));
                let lanes = (0..)
                    .zip(bytes.as_flattened())
                    .fold(0, |lanes, (lane, byte)| lanes | (u64::from(*byte != 0) << lane));
                found.push(Near { block, lanes });
            }
        }
    }
}
