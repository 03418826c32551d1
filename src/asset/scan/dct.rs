//! From coefficients to samples at 1/1, 1/2, 1/4 or 1/8: the mean of the squares of the full inverse DCT, computed without it.
//!
//! A sample of the reduced picture is the mean over 8, 4 or 2 pixels of each basis function, so each coefficient adds a fixed
//! tile of 1, 4 or 16 numbers; at 1/8 that is the DC coefficient alone. Everything is f32 in a fixed order.

/// Samples per block side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scale {
    /// 1/8: the mean of a block.
    One,
    /// 1/4.
    Two,
    /// 1/2.
    Four,
    /// Full size.
    Eight,
}

impl Scale {
    /// Samples per block side.
    pub(super) const fn side(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The smallest scale that leaves at least `wanted` of `longest` samples; full size when there are fewer.
    pub(super) fn for_side(longest: usize, wanted: usize) -> Self {
        [Self::One, Self::Two, Self::Four]
            .into_iter()
            .find(|scale| (longest * scale.side()).div_ceil(8) >= wanted)
            .unwrap_or(Self::Eight)
    }
}

/// Place of the `k`th coefficient of the zigzag in a block of rows (T.81 figure A.6).
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// What each coefficient of one component adds to a block of samples, quantisation included.
pub(super) enum Weights {
    One(f32),
    Two(Box<[[f32; 4]; 64]>),
    Four(Box<[[f32; 16]; 64]>),
    Eight(Box<Full>),
}

/// Quantisation in zigzag order and the basis of the full transform.
pub(super) struct Full {
    quant: [f32; 64],
    /// `basis[frequency][place]`.
    basis: [[f32; 8]; 8],
}

impl Weights {
    /// For quantisation steps in zigzag order.
    pub(super) fn new(quant: &[u16; 64], scale: Scale) -> Self {
        match scale {
            Scale::One => Self::One(f32::from(quant[0]) / 8.0),
            Scale::Two => Self::Two(tiles::<4>(quant, 2)),
            Scale::Four => Self::Four(tiles::<16>(quant, 4)),
            Scale::Eight => {
                let mut basis = [[0.0; 8]; 8];
                for (frequency, row) in (0u8..).zip(&mut basis) {
                    *row = wave(frequency);
                }
                Self::Eight(Box::new(Full {
                    quant: quant.map(f32::from),
                    basis,
                }))
            }
        }
    }
}

/// Basis function of one frequency: C(u) / 2 * cos((2x + 1) u pi / 16).
fn wave(frequency: u8) -> [f32; 8] {
    // cos(n pi / 16) for n = 0..=8, correctly rounded decimals; the rest by symmetry. No libm, whose last bit may differ.
    const COS: [f32; 9] = [
        1.0,
        0.980_785_28,
        0.923_879_5,
        0.831_469_6,
        0.707_106_77,
        0.555_570_24,
        0.382_683_43,
        0.195_090_32,
        0.0,
    ];
    let mut row = [0.0; 8];
    for (place, value) in (0u8..).zip(&mut row) {
        let angle = usize::from((2 * place + 1) * frequency % 32);
        let folded = if angle > 16 { 32 - angle } else { angle };
        let cosine = if folded > 8 {
            -COS[16 - folded]
        } else {
            COS[folded]
        };
        *value = if frequency == 0 {
            COS[4] / 2.0
        } else {
            cosine / 2.0
        };
    }
    row
}

/// One tile per coefficient for `side` x `side` = `N` samples per block.
#[expect(clippy::unnecessary_box_returns, reason = "up to 4 KiB that live on the heap")]
fn tiles<const N: usize>(steps: &[u16; 64], side: usize) -> Box<[[f32; N]; 64]> {
    let group = 8 / side;
    let members = if side == 2 { 4.0 } else { 2.0 };
    let mut means = [[0.0f32; 8]; 8];
    for (frequency, means) in (0u8..).zip(&mut means) {
        for (mean, places) in means.iter_mut().zip(wave(frequency).chunks_exact(group)) {
            *mean = places.iter().sum::<f32>() / members;
        }
    }
    let mut tiles = Box::new([[0.0; N]; 64]);
    for ((tile, step), place) in tiles.iter_mut().zip(steps).zip(ZIGZAG) {
        let (down, across) = (&means[usize::from(place / 8)], &means[usize::from(place % 8)]);
        for (row, down) in tile.chunks_exact_mut(side).zip(down) {
            for (weight, across) in row.iter_mut().zip(across) {
                *weight = f32::from(*step) * (down * across);
            }
        }
    }
    tiles
}

/// Where the coefficients of one block go as they are decoded.
pub(super) trait Sink {
    /// Coefficient `k` of the zigzag, 0 for DC, has a value that is not 0.
    fn put(&mut self, k: usize, value: f32);
}

/// Throws coefficients away: blocks that only fill up an MCU.
pub(super) struct Nowhere;

impl Sink for Nowhere {
    #[inline]
    fn put(&mut self, _: usize, _: f32) {}
}

/// Keeps the mean only.
pub(super) struct Mean {
    pub(super) weight: f32,
    pub(super) sum: f32,
}

impl Sink for Mean {
    #[inline]
    fn put(&mut self, k: usize, value: f32) {
        if k == 0 {
            self.sum = value * self.weight;
        }
    }
}

/// Adds tiles up.
pub(super) struct Tiles<'a, const N: usize> {
    pub(super) tiles: &'a [[f32; N]; 64],
    pub(super) sums: [f32; N],
}

impl<const N: usize> Sink for Tiles<'_, N> {
    #[inline]
    fn put(&mut self, k: usize, value: f32) {
        for (sum, weight) in self.sums.iter_mut().zip(&self.tiles[k & 63]) {
            *sum += value * weight;
        }
    }
}

/// Collects a block for the full transform.
pub(super) struct Whole<'a> {
    pub(super) full: &'a Full,
    /// Dequantised, `[row][column]`.
    pub(super) values: [[f32; 8]; 8],
    /// One bit per row of `values` that holds something.
    pub(super) rows: u8,
}

impl Sink for Whole<'_> {
    #[inline]
    fn put(&mut self, k: usize, value: f32) {
        let place = ZIGZAG[k & 63];
        self.values[usize::from(place >> 3)][usize::from(place & 7)] = value * self.full.quant[k & 63];
        self.rows |= 1 << (place >> 3);
    }
}

impl Whole<'_> {
    /// The 64 samples around zero, row by row.
    pub(super) fn samples(&self) -> [[f32; 8]; 8] {
        let mut out = [[0.0f32; 8]; 8];
        for (frequency, row) in self.values.iter().enumerate() {
            if self.rows & (1 << frequency) == 0 {
                continue;
            }
            let mut along = [0.0f32; 8];
            for (value, wave) in row.iter().zip(&self.full.basis) {
                for (sum, weight) in along.iter_mut().zip(wave) {
                    *sum += value * weight;
                }
            }
            for (line, weight) in out.iter_mut().zip(&self.full.basis[frequency]) {
                for (sum, value) in line.iter_mut().zip(&along) {
                    *sum += value * weight;
                }
            }
        }
        out
    }
}

/// A sample around zero as a byte: level shift, rounding to nearest, clamping.
#[inline]
pub(super) fn to_byte(value: f32) -> u8 {
    // Adding 2^23 leaves the rounded whole number in the low bits of the f32, without a conversion instruction.
    let rounded = (value + 128.0).clamp(0.0, 255.0) + 8_388_608.0;
    rounded.to_bits().to_le_bytes()[0]
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "numbers of tests are small")]
mod tests {
    use super::*;

    fn block() -> Vec<(usize, f32)> {
        (0..64usize)
            .step_by(3)
            .map(|k| (k, 40.0 - 2.0 * k as f32))
            .collect()
    }

    fn full() -> [[f32; 8]; 8] {
        let Weights::Eight(full) = Weights::new(&[2; 64], Scale::Eight) else {
            panic!()
        };
        let mut sink = Whole {
            full: &full,
            values: [[0.0; 8]; 8],
            rows: 0,
        };
        for (k, value) in block() {
            sink.put(k, value);
        }
        sink.samples()
    }

    #[test]
    fn reduced_samples_are_means_of_full_ones() {
        let Weights::Two(tiles) = Weights::new(&[2; 64], Scale::Two) else {
            panic!()
        };
        let mut two = Tiles {
            tiles: &tiles,
            sums: [0.0; 4],
        };
        let Weights::Four(tiles) = Weights::new(&[2; 64], Scale::Four) else {
            panic!()
        };
        let mut four = Tiles {
            tiles: &tiles,
            sums: [0.0; 16],
        };
        let Weights::One(weight) = Weights::new(&[2; 64], Scale::One) else {
            panic!()
        };
        let mut one = Mean { weight, sum: 0.0 };
        for (k, value) in block() {
            two.put(k, value);
            four.put(k, value);
            one.put(k, value);
        }
        let full = full();
        let mean = |x: usize, y: usize, side: usize| {
            let rows = full.iter().skip(y * side).take(side);
            rows.flat_map(|row| row.iter().skip(x * side).take(side))
                .sum::<f32>()
                / (side * side) as f32
        };
        assert!((one.sum - mean(0, 0, 8)).abs() < 1e-3);
        assert!((0..4).all(|i| (two.sums[i] - mean(i % 2, i / 2, 4)).abs() < 1e-3));
        assert!((0..16).all(|i| (four.sums[i] - mean(i % 4, i / 4, 2)).abs() < 1e-3));
    }

    #[test]
    fn bytes_round_and_clamp() {
        assert_eq!(
            [-200.0, -128.0, -0.6, 0.0, 0.6, 126.9, 300.0].map(to_byte),
            [0, 0, 127, 128, 129, 255, 255]
        );
    }

    #[test]
    fn scales_keep_the_wanted_side() {
        assert_eq!(Scale::for_side(4000, 512), Scale::Two);
        assert_eq!(Scale::for_side(4096, 512), Scale::One);
        assert_eq!(Scale::for_side(1152, 512), Scale::Four);
        assert_eq!(Scale::for_side(640, 512), Scale::Eight);
        assert_eq!(Scale::for_side(100, 512), Scale::Eight);
    }
}
