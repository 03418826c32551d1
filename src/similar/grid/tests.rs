//! Drawn pictures, edited in every way the table names, with the word each edit must have.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_lossless,
    reason = "numbers of tests are small"
)]

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;
use crate::asset::Format;
use crate::asset::pixels::look_bytes;

const SIZE: (u32, u32) = (640, 480);

/// Light from one side, discs and boxes of many colours, grain; another scene for each seed.
fn scene(seed: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let mut random = move |below: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 4) % below
    };
    let tint = [random(60), random(60), random(60)];
    let mut picture = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let light = 50 + 90 * x / SIZE.0 + 40 * y / SIZE.1;
        Rgb(tint.map(|tint| (light + tint) as u8))
    });
    for _ in 0..24 {
        let (x, y, r) = (random(SIZE.0), random(SIZE.1), 12 + random(60));
        let colour = [random(256) as u8, random(256) as u8, random(256) as u8];
        let round = random(2) == 0;
        for (px, py, pixel) in picture.enumerate_pixels_mut() {
            let (dx, dy) = (px.abs_diff(x), py.abs_diff(y));
            if (round && dx * dx + dy * dy < r * r) || (!round && dx < r && dy < r / 2) {
                *pixel = Rgb(colour);
            }
        }
    }
    for pixel in picture.pixels_mut() {
        let grain = random(9) as u8;
        pixel.0 = pixel.0.map(|value| value.saturating_add(grain));
    }
    picture
}

fn jpeg(picture: &RgbImage, quality: u8) -> Rgb8 {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder
        .encode(picture.as_raw(), width, height, ColorType::Rgb)
        .unwrap();
    look_bytes(&bytes, Format::Jpeg, 1).unwrap().preview
}

/// The older picture as a signer keeps it: 256 pixels, quality 70.
fn kept(picture: &RgbImage) -> Rgb8 {
    jpeg(&imageops::resize(picture, 256, 192, FilterType::Triangle), 70)
}

fn word(then: &RgbImage, now: &RgbImage, quality: u8) -> Likeness {
    let at_full_size = compare(&jpeg(then, 90), &jpeg(now, quality)).unwrap();
    let by_thumbnail = compare(&kept(then), &jpeg(now, quality)).unwrap();
    assert_eq!(
        at_full_size.likeness, by_thumbnail.likeness,
        "full size, thumbnail"
    );
    by_thumbnail.likeness
}

fn toned(picture: &RgbImage, tone: impl Fn(f32) -> f32) -> RgbImage {
    let mut made = picture.clone();
    for pixel in made.pixels_mut() {
        pixel.0 = pixel
            .0
            .map(|value| tone(f32::from(value)).clamp(0.0, 255.0) as u8);
    }
    made
}

/// A part of `share` of the area, taken from another scene, at a place of its own.
fn pasted(picture: &RgbImage, other: &RgbImage, share: f32, place: u32) -> RgbImage {
    let side = share.sqrt();
    let (width, height) = ((SIZE.0 as f32 * side) as u32, (SIZE.1 as f32 * side) as u32);
    let part = imageops::resize(other, width, height, FilterType::Triangle);
    let (x, y) = (place * 97 % (SIZE.0 - width), place * 61 % (SIZE.1 - height));
    let mut made = picture.clone();
    imageops::replace(&mut made, &part, i64::from(x), i64::from(y));
    made
}

fn with_text(picture: &RgbImage) -> RgbImage {
    let mut made = picture.clone();
    for letter in 0..14u32 {
        for (x, y) in (0..20u32).flat_map(|x| (0..36u32).map(move |y| (x, y))) {
            let is_stroke = x < 6 || (y + letter * 9) % 18 < 6;
            if is_stroke {
                made.put_pixel(60 + letter * 34 + x, 380 + y, Rgb([255; 3]));
            }
        }
    }
    made
}

/// The same pixels in sixteen blocks, none where it was: the histogram is that of the picture.
fn shuffled(picture: &RgbImage) -> RgbImage {
    let (width, height) = (SIZE.0 / 4, SIZE.1 / 4);
    let mut made = picture.clone();
    for from in 0..16u32 {
        let to = (from * 7 + 3) % 16;
        let block =
            imageops::crop_imm(picture, from % 4 * width, from / 4 * height, width, height).to_image();
        imageops::replace(
            &mut made,
            &block,
            i64::from(to % 4 * width),
            i64::from(to / 4 * height),
        );
    }
    made
}

#[test]
fn another_picture_is_never_the_same_nor_changed_in_part() {
    for seed in 1..4 {
        let picture = scene(seed);
        assert_eq!(
            word(&picture, &scene(seed + 100), 85),
            Likeness::Another,
            "{seed}"
        );
        assert_eq!(
            word(&picture, &shuffled(&picture), 85),
            Likeness::Another,
            "shuffled {seed}"
        );
    }
}

#[test]
fn a_pasted_part_is_never_the_same_picture_and_is_found_where_it_is() {
    for seed in 1..4 {
        let (picture, other) = (scene(seed), scene(seed + 50));
        for share in [0.03, 0.10, 0.25] {
            for quality in [40, 85] {
                let made = pasted(&picture, &other, share, seed);
                assert_eq!(
                    word(&picture, &made, quality),
                    Likeness::PartChanged,
                    "{seed} {share} {quality}"
                );
            }
        }
        assert_eq!(
            word(&picture, &with_text(&picture), 85),
            Likeness::PartChanged,
            "text {seed}"
        );
    }
    let mut made = scene(3);
    for (x, y) in (200..320).flat_map(|x| (120..210).map(move |y| (x, y))) {
        made.put_pixel(x, y, Rgb([250, 0, 250]));
    }
    let found = compare(&jpeg(&scene(3), 90), &jpeg(&made, 85)).unwrap();
    let region = found.regions[0];
    assert_eq!(found.regions.len(), 1, "{:?}", found.regions);
    // 10 pixels by 7.5 are a cell; what lies at most half in a cell may go either way.
    assert!(
        region.x.abs_diff(20) <= 1 && region.y.abs_diff(16) <= 1,
        "{region:?}"
    );
    assert!(
        region.width.abs_diff(12) <= 2 && region.height.abs_diff(12) <= 2,
        "{region:?}"
    );
}

#[test]
fn honest_encodings_and_sizes_are_the_same_picture() {
    for seed in 1..4 {
        let picture = scene(seed);
        for quality in [30, 50, 75, 95] {
            assert_eq!(
                word(&picture, &picture, quality),
                Likeness::Same,
                "{seed} quality {quality}"
            );
        }
        let filters = [FilterType::Triangle, FilterType::CatmullRom, FilterType::Lanczos3];
        for (percent, filter) in [25, 50, 75, 120, 200]
            .into_iter()
            .zip(filters.into_iter().cycle())
        {
            let (width, height) = (SIZE.0 * percent / 100, SIZE.1 * percent / 100);
            let made = imageops::resize(&picture, width, height, filter);
            assert_eq!(
                word(&picture, &made, 80),
                Likeness::Same,
                "{seed} {percent} % {filter:?}"
            );
        }
    }
}

#[test]
fn what_was_done_to_the_whole_is_told_apart_from_a_changed_part() {
    for seed in 1..3 {
        let picture = scene(seed);
        let reworked = [
            ("brighter", toned(&picture, |value| value + 30.0)),
            ("darker", toned(&picture, |value| value * 0.7)),
            ("contrast", toned(&picture, |value| (value - 128.0) * 1.6 + 128.0)),
            ("mirror", imageops::flip_horizontal(&picture)),
            ("quarter turn", imageops::rotate90(&picture)),
            (
                "crop 10 %",
                imageops::crop_imm(&picture, 32, 24, 576, 432).to_image(),
            ),
        ];
        for (edit, made) in reworked {
            assert_eq!(word(&picture, &made, 85), Likeness::Reworked, "{seed} {edit}");
        }
        // Two hundredths are within what resampling may move: either is right, a changed part is not.
        let cropped = imageops::crop_imm(&picture, 6, 5, 628, 470).to_image();
        let found = compare(&jpeg(&picture, 90), &jpeg(&cropped, 85)).unwrap();
        assert!(found.likeness <= Likeness::Reworked, "{seed} {found:?}");
    }
}

#[test]
fn a_part_is_found_though_the_whole_was_reworked() {
    let (picture, other) = (scene(2), scene(9));
    let made = toned(&pasted(&picture, &other, 0.05, 3), |value| value * 0.8 + 20.0);
    let found = compare(&kept(&picture), &jpeg(&made, 80)).unwrap();
    assert_eq!(found.likeness, Likeness::PartChanged);
    assert!(found.rework.tones.is_some(), "{:?}", found.rework);
}

#[test]
fn a_crop_says_what_was_cut_off() {
    let picture = scene(4);
    let made = imageops::crop_imm(&picture, 64, 0, 576, 456).to_image();
    let found = compare(&jpeg(&picture, 90), &jpeg(&made, 85)).unwrap();
    let [left, top, right, bottom] = found.rework.cut.unwrap();
    assert!(
        left.abs_diff(100) <= 6 && bottom.abs_diff(50) <= 6,
        "{:?}",
        found.rework
    );
    assert!(top.abs() <= 6 && right.abs() <= 6, "{:?}", found.rework);
    assert_eq!(found.rework.turn, None);
}

#[test]
fn flat_pictures_are_not_told_apart_by_what_they_do_not_show() {
    let flat = |level: u8| RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb([level; 3]));
    assert_eq!(word(&flat(200), &flat(200), 85), Likeness::Same);
    assert_eq!(word(&flat(200), &flat(30), 85), Likeness::Another);
    assert_eq!(word(&flat(200), &scene(1), 85), Likeness::Another);
}

#[test]
fn no_size_makes_it_stumble() {
    let dot = |width: u32, height: u32| Rgb8 {
        width,
        height,
        samples: vec![90; (3 * width * height) as usize],
    };
    for a in [dot(1, 1), dot(1, 512), dot(512, 1), dot(3, 2)] {
        for b in [dot(1, 1), dot(512, 512), dot(7, 300)] {
            let found = compare(&a, &b).unwrap();
            assert_eq!(found.differences.len(), CELLS);
            assert!(heat_map(&b, &found).is_some());
        }
    }
    let broken = Rgb8 {
        width: 64,
        height: 64,
        samples: vec![0; 5],
    };
    let found = compare(&broken, &dot(64, 64));
    assert!(found.is_none_or(|found| found.likeness == Likeness::Another));
}

#[test]
fn the_heat_map_marks_the_part_and_spares_the_rest() {
    let mut made = scene(5);
    for (x, y) in (320..480).flat_map(|x| (240..360).map(move |y| (x, y))) {
        made.put_pixel(x, y, Rgb([0, 255, 0]));
    }
    let now = jpeg(&made, 90);
    let found = compare(&jpeg(&scene(5), 90), &now).unwrap();
    let map = heat_map(&now, &found).unwrap();
    assert_eq!((map.width, map.height), (512, 384));
    let pixel = |x: usize, y: usize| &map.samples[3 * (y * 512 + x)..][..3];
    let red = |pixel: &[u8]| i32::from(pixel[0]) - i32::from(pixel[1]);
    assert!(red(pixel(320, 240)) > 60, "{:?}", pixel(320, 240));
    assert!(red(pixel(40, 40)) < 20, "{:?}", pixel(40, 40));
}
