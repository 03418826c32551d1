//! The look is the same for the same picture in another size, and other for another one; no picture breaks it.

use super::*;
use crate::asset::Format;
use crate::asset::pixels::look_bytes;

/// A picture of `width` x `height` pixels by a formula of the place, from 0 to 1 each way.
fn drawn(width: u16, height: u16, colour: impl Fn(f64, f64) -> [f64; 3]) -> Rgb8 {
    let place = |at: u16, side: u16| (f64::from(at) + 0.5) / f64::from(side);
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels = rows.map(|(x, y)| colour(place(x, width), place(y, height)));
    Rgb8 {
        width: width.into(),
        height: height.into(),
        samples: pixels.flatten().map(byte).collect(),
    }
}

/// The byte below a number.
fn byte(value: f64) -> u8 {
    (0..=255_u8)
        .rev()
        .find(|byte| f64::from(*byte) <= value)
        .unwrap_or(0)
}

fn look(preview: &Rgb8) -> Look {
    let png = crate::asset::pixels::png(preview).unwrap();
    of(&look_bytes(&png, Format::Png, 1).unwrap()).unwrap()
}

fn waves_across(x: f64, _: f64) -> [f64; 3] {
    let wave = (x * 60.0).sin() * 100.0 + 128.0;
    [wave, wave * 0.8, 40.0]
}

fn waves_down(x: f64, y: f64) -> [f64; 3] {
    let [red, green, blue] = waves_across(y, x);
    [blue, green, red]
}

#[test]
fn the_same_picture_smaller_has_nearly_the_same_look_and_another_has_another() {
    let whole = look(&drawn(500, 400, waves_across));
    let smaller = look(&drawn(250, 200, waves_across));
    let other = look(&drawn(500, 400, waves_down));
    assert!(likeness(&whole, &smaller) > 0.9, "{}", likeness(&whole, &smaller));
    assert!(likeness(&whole, &other) < 0.3, "{}", likeness(&whole, &other));
    assert!((likeness(&whole, &whole) - 1.0).abs() < 1e-12);
    assert_eq!(Look::from_bytes(whole.bytes()), whole);
}

#[test]
fn every_small_or_flat_picture_has_a_look() {
    for (width, height) in [(1, 1), (1, 400), (400, 1), (3, 5), (64, 64), (512, 7)] {
        let flat = look(&drawn(width, height, |_, _| [90.0; 3]));
        assert!(flat.values.iter().any(|value| *value != 0));
        let likeness = likeness(&flat, &flat);
        assert!(likeness.is_finite());
    }
    let none = Look {
        values: [0; Look::LEN],
    };
    assert_eq!(likeness(&none, &none).total_cmp(&0.0), std::cmp::Ordering::Equal);
}

#[test]
fn numbers_are_rounded_to_the_nearest_and_bounded() {
    for (value, wanted) in [
        (0.4, 0),
        (0.6, 1),
        (-0.6, -1),
        (300.0, 127),
        (-300.0, -127),
        (f32::NAN, 0),
    ] {
        assert_eq!(quantised(value), wanted, "{value}");
    }
}

/// The table stands in files by its number: another table is another algorithm.
#[test]
fn the_table_is_the_first_one() {
    let digest = crate::base::Digest::of(TABLE);
    assert_eq!(
        digest.hex(),
        "9fdb4dc09a99654754d18d8e9ecb2d6495035e6ed6625f28021122b7a53d0c1d"
    );
    let known = look(&drawn(300, 200, waves_across));
    assert_eq!(
        known.hex(),
        "681315bb77819a3808ea5bf2fce404f53d3f1d49e735dbef1309f9e8e0f6000a02d79d477f4c292805c816e4fb05cde343de10f02dd3e4ea1207f7f80fb60adf04d8cd2bbc3c02f5"
    );
}
