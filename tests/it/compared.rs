//! Two pictures compared, and negatives and frames looked for, as a user meets them: what no evidence is taken for none.

#![allow(clippy::cast_possible_truncation, reason = "numbers of tests are small")]

use image::{DynamicImage, Rgb, RgbImage, imageops};

use super::find::{drawn, entry_of_three, jpeg, png, put, registered};
use super::run::Home;

/// A photograph on black with a caption, the same caption under each.
fn framed(photograph: &DynamicImage) -> DynamicImage {
    let mut made = RgbImage::from_pixel(640, 560, Rgb([8; 3]));
    let small = photograph
        .resize_exact(560, 400, imageops::FilterType::Triangle)
        .to_rgb8();
    imageops::replace(&mut made, &small, 40, 20);
    for (x, y, pixel) in made.enumerate_pixels_mut() {
        let (letter, dot) = (x / 26, (x % 26) / 5 + (y % 90) / 10 * 5);
        let is_ink = (445..525).contains(&y) && (140..500).contains(&x);
        if is_ink && (letter.wrapping_mul(2_654_435_761) >> (dot % 29)) & 1 == 1 {
            *pixel = Rgb([235; 3]);
        }
    }
    DynamicImage::ImageRgb8(made)
}

/// A page with a number on it, in strokes a few pixels wide.
fn letter(digit: u32) -> DynamicImage {
    let mut made = RgbImage::from_fn(900, 1200, |x, y| {
        let is_word = y % 30 < 8 && (90..810).contains(&x) && (x / 11 * 7 + y / 30 * 5) % 6 > 1;
        Rgb(if is_word { [30; 3] } else { [255; 3] })
    });
    for (x, y) in (0..7).flat_map(|x| (0..9).map(move |y| (x, y))) {
        let is_ink = if digit == 1 { x == 3 } else { x == 6 || y % 4 == 0 };
        made.put_pixel(601 + x, 704 + y, Rgb(if is_ink { [30; 3] } else { [255; 3] }));
    }
    DynamicImage::ImageRgb8(made)
}

fn sentence(report: &serde_json::Value) -> &str {
    report["sentence"].as_str().unwrap()
}

#[test]
fn what_two_lossless_files_differ_in_is_named_to_the_pixel() {
    let home = Home::new();
    put(&home, "one.png", &png(&letter(1)));
    put(&home, "nine.png", &png(&letter(9)));
    let report = home.json(["compare", "one.png", "nine.png"], 1);
    assert_eq!(report["result"], "PART CHANGED", "{report}");
    let said = sentence(&report);
    assert!(
        said.contains("7 x 9 pixels at (601, 704)") && said.contains("without loss"),
        "{said}"
    );
    // Of a lossy copy nobody can say so much.
    put(&home, "nine.jpg", &jpeg(&letter(9), 95));
    let report = home.json(["compare", "one.png", "nine.jpg"], 0);
    assert_eq!(report["result"], "SAME PICTURE", "{report}");
    // Grain in all the picture is no place in it.
    let mut grain = letter(1).to_rgb8();
    for (x, y, pixel) in grain.enumerate_pixels_mut() {
        pixel.0[1] = pixel.0[1].saturating_sub(((x * 7 + y * 3) % 3) as u8);
    }
    put(&home, "grain.png", &png(&DynamicImage::ImageRgb8(grain)));
    let report = home.json(["compare", "one.png", "grain.png"], 0);
    assert_eq!(report["result"], "SAME PICTURE", "{report}");
    assert!(
        report["notes"]
            .to_string()
            .contains("pixels differ, by at most 2 of 255"),
        "{report}"
    );
}

#[test]
fn another_photograph_in_the_same_frame_is_not_held_by_it() {
    let home = Home::new();
    for (one, other) in [(1, 2), (3, 4), (5, 6)] {
        put(&home, "one.jpg", &jpeg(&framed(&drawn(one)), 90));
        put(&home, "other.jpg", &jpeg(&framed(&drawn(other)), 90));
        let output = home.run(["compare", "one.jpg", "other.jpg", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!sentence(&report).contains("holds all of"), "{one} {report}");
        assert!(
            report["result"] == "UNDECIDED" || report["result"] == "UNRELATED",
            "{one} {report}"
        );
    }
    // The same photograph in the frame, and in none, is still known.
    put(&home, "bare.jpg", &jpeg(&drawn(1), 90));
    put(&home, "one.jpg", &jpeg(&framed(&drawn(1)), 90));
    let report = home.json(["compare", "bare.jpg", "one.jpg"], 1);
    let said = sentence(&report);
    assert!(
        said.contains("the same picture") && said.contains("extended"),
        "{report}"
    );
}

#[test]
fn a_negative_is_found_and_told_as_one() {
    let (home, three) = registered();
    let entry = entry_of_three(&home);
    let mut negative = three.clone();
    negative.invert();
    let (width, height) = (negative.width(), negative.height());
    let cut = negative.crop_imm(width / 20, height / 20, width * 9 / 10, height * 9 / 10);
    for (name, copy) in [
        ("whole", negative.clone()),
        ("cut", cut),
        ("mirrored", negative.fliph()),
    ] {
        put(&home, "negative.jpg", &jpeg(&copy, 80));
        let found = home.json(["find", "negative.jpg"], 0);
        assert_eq!(found["near"][0]["index"], entry, "{name} {found}");
        let view = found["near"][0]["view"].as_str().unwrap();
        assert!(view.contains("as inverted"), "{name} {view}");
        assert!(
            found["near"][0]["chance"].is_null(),
            "{name}: that figure is of pictures as they are"
        );
    }
    put(&home, "three.jpg", &jpeg(&three, 90));
    put(&home, "negative.jpg", &jpeg(&negative, 80));
    let report = home.json(["compare", "three.jpg", "negative.jpg"], 1);
    assert_eq!(report["result"], "REWORKED", "{report}");
    assert!(sentence(&report).contains("inverted colours"), "{report}");
    let mut other = drawn(40);
    other.invert();
    put(&home, "other.jpg", &jpeg(&other, 80));
    let report = home.json(["compare", "three.jpg", "other.jpg"], 1);
    assert_eq!(report["result"], "UNRELATED", "{report}");
    assert_eq!(home.json(["find", "other.jpg"], 3)["result"], "NOTHING LIKE IT");
}
