//! A recorded code in the other attitudes, about, without the picture: whether a mirrored or turned copy may be about is seen from its
//! entry alone, before anything is decoded.
//!
//! A bit says whether a coefficient lies above the median, which is near zero. Mirrored, the coefficients of odd frequencies change
//! their sign, so their bits change; a quarter turn exchanges rows and columns besides. A median that is not quite zero costs bits: of
//! 164 pictures in seven attitudes 18 by the median, 38 in one of ten, 64 in one of a hundred.
//!
//! Source: PDQ, "Hashing of dihedral transforms" (ThreatExchange, `hashing/hashing.pdf`).

use super::index::Code;
use super::variants::Attitude;

/// About the codes that the picture would have, were it mirrored or turned by quarters: all but the upright one.
#[must_use]
pub fn turned(code: &Code) -> Vec<Code> {
    let all = Attitude::all()
        .into_iter()
        .filter(|one| *one != Attitude::UPRIGHT);
    all.map(|attitude| of(attitude, code)).collect()
}

/// In how many bits the code of a turned copy may differ from one of these: what the median costs but for one of a hundred, and what an
/// edit costs.
pub const MAY_DIFFER_BITS: u32 = 80;

fn of(attitude: Attitude, code: &Code) -> Code {
    let mut out = [0_u8; 32];
    for place in 0..SIDE * SIDE {
        let (y, x) = (place / SIDE, place % SIDE);
        let from = if attitude.transposed { x * SIDE + y } else { place };
        // Coefficient 0 is of frequency 1.
        let changed = (attitude.across && x % 2 == 0) != (attitude.down && y % 2 == 0);
        if is_set(code, from) != changed {
            set(&mut out, place);
        }
    }
    out
}

/// Coefficients of a row.
const SIDE: usize = 16;

/// Bit 0 is the lowest bit of the last byte, as [`super::pdq`] has them.
fn is_set(code: &Code, place: usize) -> bool {
    code.iter()
        .rev()
        .nth(place / 8)
        .is_some_and(|byte| byte >> (place % 8) & 1 == 1)
}

fn set(code: &mut Code, place: usize) {
    if let Some(byte) = code.iter_mut().rev().nth(place / 8) {
        *byte |= 1 << (place % 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::pixels::Luma;
    use crate::similar::index::distance_bits;
    use crate::similar::variants::{View, variants};

    /// Patches of many tones and sizes, no side like another.
    fn picture(seed: u32) -> Luma {
        let (width, height) = (160, 120);
        let number = |at: u32| {
            let mixed = at.wrapping_mul(0x9e37_79b9) ^ seed.wrapping_mul(0x85eb_ca6b);
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
            (mixed ^ (mixed >> 12)) & 0xff
        };
        let tone = |x: u32, y: u32| {
            let patch = |side: u32| number((y / side) * 1000 + x / side + side * 77_777);
            (5 * patch(40) + 3 * patch(20) + 2 * patch(9)) / 10
        };
        let samples = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Luma {
            width,
            height,
            samples: samples.map(|(x, y)| u8::try_from(tone(x, y)).unwrap()).collect(),
        }
    }

    #[test]
    fn a_code_turned_is_about_the_code_of_the_turned_picture() {
        let (mut sum, mut count) = (0, 0);
        for seed in 1..40 {
            let found = variants(&picture(seed));
            let whole: Vec<_> = found
                .iter()
                .filter(|one| one.view == View::Whole && !one.inverted)
                .collect();
            assert_eq!(whole.len(), 8);
            for (code, real) in turned(&whole[0].code).iter().zip(&whole[1..]) {
                let bits = distance_bits(code, &real.code);
                assert!(bits <= MAY_DIFFER_BITS, "{seed} {real:?} {bits}");
                (sum, count) = (sum + bits, count + 1);
            }
        }
        // Unrelated ones differ in half of all bits.
        assert!(f64::from(sum) / f64::from(count) < 32.0, "{sum} of {count}");
    }
}
