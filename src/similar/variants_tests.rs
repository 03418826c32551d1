//! Copies of drawn pictures, made as people make them, each near by the variant that undoes what was done.

#![allow(
    clippy::cast_sign_loss,
    reason = "tones and sizes are not negative; hashes may wrap"
)]

use super::*;
use crate::similar::index::distance_bits;
use crate::similar::pdq;

/// A scene without pixels: tones at any place of a plane, four octaves of noise.
fn scene(seed: u32, x: f64, y: f64) -> f64 {
    let corner = |x: i64, y: i64, octave: u32| {
        let mut hash =
            (x as u32).wrapping_mul(0x9e37_79b9) ^ (y as u32).wrapping_mul(0x85eb_ca6b) ^ seed ^ octave;
        for _ in 0..3 {
            hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
        }
        f64::from(hash >> 8) / f64::from(1 << 24)
    };
    let mut tone = 0.0;
    for octave in 0..4 {
        let fine = f64::from(4 << octave);
        let (x, y) = (x * fine, y * fine);
        let (left, top) = (x.floor() as i64, y.floor() as i64);
        let smooth = |part: f64| part * part * (3.0 - 2.0 * part);
        let (across, down) = (smooth(x - x.floor()), smooth(y - y.floor()));
        let row = |y| corner(left, y, octave) * (1.0 - across) + corner(left + 1, y, octave) * across;
        tone += (row(top) * (1.0 - down) + row(top + 1) * down) / f64::from(1 << octave);
    }
    tone / 1.875
}

/// A picture of `size`, in which the tone of each place is told by its distance right of and below the middle.
fn drawn(size: (u32, u32), tone: impl Fn(f64, f64) -> f64) -> Luma {
    let (width, height) = size;
    let middle = |at: u32, side: u32| f64::from(at) + 0.5 - f64::from(side) / 2.0;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let samples = places.map(|(x, y)| (tone(middle(x, width), middle(y, height)) * 255.0).round() as u8);
    Luma {
        width,
        height,
        samples: samples.collect(),
    }
}

const SIZE: (u32, u32) = (256, 192);

fn tone(seed: u32, x: f64, y: f64) -> f64 {
    let inside = x.abs() <= 128.0 && y.abs() <= 96.0;
    if inside {
        scene(seed, x / 256.0, y / 256.0)
    } else {
        0.0
    }
}

fn original(seed: u32) -> Luma {
    drawn(SIZE, |x, y| tone(seed, x, y))
}

/// The picture turned clockwise about its middle, `scale` pixels of it to one, in a canvas of its size.
fn turned(seed: u32, degrees: f64, scale: f64, canvas: (u32, u32)) -> Luma {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    drawn(canvas, |x, y| {
        let (x, y) = (x * scale, y * scale);
        tone(seed, x * cosine + y * sine, y * cosine - x * sine)
    })
}

fn stored(luma: &Luma) -> [Code; 4] {
    [100, 90, 80, 70].map(|percent| pdq::of_centre(luma, percent).bits)
}

/// The least distance of any variant from any of the four stored codes, and the variant.
fn nearest(stored: &[Code; 4], query: &Luma) -> (u32, Variant) {
    let pairs = variants(query).into_iter();
    let pairs = pairs.flat_map(|variant| {
        stored
            .iter()
            .map(move |code| (distance_bits(&variant.code, code), variant))
    });
    pairs.min_by_key(|(distance, _)| *distance).unwrap()
}

#[test]
fn the_plain_code_comes_first_and_is_the_code_of_record() {
    let luma = original(1);
    let found = variants(&luma);
    assert_eq!(found.len(), 37);
    assert_eq!(
        (found[0].view, found[0].attitude),
        (View::Whole, Attitude::UPRIGHT)
    );
    assert_eq!(found[0].code, pdq::of(&luma).bits);
    let mut all: Vec<_> = found
        .iter()
        .map(|variant| (variant.view, variant.attitude, variant.inverted))
        .collect();
    all.dedup();
    assert_eq!(all.len(), 37);
}

#[test]
fn mirrored_and_turned_copies_are_found_in_their_attitude() {
    let codes = stored(&original(2));
    for attitude in Attitude::all() {
        let size = if attitude.transposed { (192, 256) } else { SIZE };
        let copy = drawn(size, |x, y| {
            let (x, y) = (
                if attitude.across { -x } else { x },
                if attitude.down { -y } else { y },
            );
            if attitude.transposed {
                tone(2, y, x)
            } else {
                tone(2, x, y)
            }
        });
        let (distance, variant) = nearest(&codes, &copy);
        assert!(distance <= 12, "{attitude:?}: {distance}");
        assert_eq!(variant.view, View::Whole);
        let undone = Attitude {
            across: if attitude.transposed {
                attitude.down
            } else {
                attitude.across
            },
            down: if attitude.transposed {
                attitude.across
            } else {
                attitude.down
            },
            ..attitude
        };
        assert_eq!(variant.attitude, undone);
    }
}

#[test]
fn small_turns_are_undone_whatever_became_of_the_corners() {
    for seed in 3..5 {
        let codes = stored(&original(seed));
        for degrees in [1.0, -2.0, 3.0, -4.0, 5.0, 2.5f64] {
            let (sine, cosine) = degrees.abs().to_radians().sin_cos();
            let kept = 1.0 / (cosine + 256.0 / 192.0 * sine);
            let grown = (
                (256.0 * cosine + 192.0 * sine).round() as u32,
                (192.0 * cosine + 256.0 * sine).round() as u32,
            );
            let ways = [
                (Corners::Cut, turned(seed, degrees, kept, SIZE)),
                (Corners::Filled, turned(seed, degrees, 1.0, SIZE)),
                (Corners::Grown, turned(seed, degrees, 1.0, grown)),
            ];
            for (corners, copy) in ways {
                let (distance, variant) = nearest(&codes, &copy);
                assert!(
                    distance <= 48,
                    "{seed} {degrees} {corners:?}: {distance} {variant:?}"
                );
                if degrees.abs() > 3.5 {
                    assert!(
                        matches!(variant.view, View::Straightened(found, _) if (found > 0) == (degrees > 0.0)),
                        "{degrees} {corners:?}: {variant:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn framed_and_cut_copies_are_found_mirrored_too() {
    for seed in 7..9 {
        let codes = stored(&original(seed));
        for mirror in [1.0, -1.0] {
            for border in [0.02, 0.05, 0.1, 0.2f64] {
                for ground in [0.0, 0.5, 1.0] {
                    let size = ((256.0 + 512.0 * border) as u32, (192.0 + 512.0 * border) as u32);
                    let framed = drawn(size, |x, y| {
                        if x.abs() <= 128.0 && y.abs() <= 96.0 {
                            tone(seed, x * mirror, y)
                        } else {
                            ground
                        }
                    });
                    let (distance, _) = nearest(&codes, &framed);
                    assert!(distance <= 31, "{border} {ground} {mirror}: {distance}");
                }
            }
            for part in [0.95, 0.9, 0.8, 0.7] {
                let cut = drawn(SIZE, |x, y| tone(seed, x * part * mirror, y * part));
                let (distance, _) = nearest(&codes, &cut);
                assert!(distance <= 48, "{part} {mirror}: {distance}");
            }
        }
    }
}

#[test]
fn negatives_are_found_whole_cut_and_mirrored() {
    for seed in 11..13 {
        let codes = stored(&original(seed));
        for (part, mirror) in [(1.0, 1.0), (1.0, -1.0), (0.9, 1.0), (0.8, 1.0), (0.7, 1.0)] {
            let copy = drawn(SIZE, |x, y| 1.0 - tone(seed, x * part * mirror, y * part));
            let (distance, variant) = nearest(&codes, &copy);
            assert!(
                distance <= 31 && variant.inverted,
                "{seed} {part}: {distance} {variant:?}"
            );
        }
        let (_, upright) = nearest(&codes, &original(seed));
        assert!(!upright.inverted);
    }
}

#[test]
fn strangers_stay_strangers_under_all_variants() {
    for seed in 20..30 {
        let (distance, variant) = nearest(&stored(&original(seed)), &original(seed + 100));
        assert!(distance > 64, "{seed}: {distance} by {variant:?}");
    }
}

#[test]
fn tiny_flat_and_short_pictures_are_answers() {
    let flat = |width, height, length| Luma {
        width,
        height,
        samples: vec![9; length],
    };
    assert_eq!(variants(&flat(4, 100, 400)), []);
    assert_eq!(variants(&flat(0, 0, 0)), []);
    assert_eq!(variants(&flat(512, 300, 99)), []);
    assert_eq!(variants(&flat(5, 5, 25)).len(), 37);
    assert_eq!(variants(&flat(512, 5, 2560)).len(), 37);
    assert_eq!(variants(&flat(512, 384, 512 * 384)).len(), 37);
}
