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

/// Numbers below a bound; others for each seed.
fn numbers(seed: u32) -> impl FnMut(u32) -> u32 {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    move |below| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 4) % below
    }
}

/// Light from one side, discs and boxes of many colours, grain; another scene for each seed.
fn scene(seed: u32) -> RgbImage {
    let mut random = numbers(seed);
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

/// A bar of a tenth of a cell, or a patch of other tone: where nothing else differs, they are no coding.
#[test]
fn a_small_mark_is_found_in_a_copy_that_hardly_differs_elsewhere() {
    for seed in 1..=12 {
        let picture = scene(seed);
        for (width, height, by) in [(5, 19, 110), (20, 15, 30)] {
            let mut marked = picture.clone();
            let mut random = numbers(seed + 100);
            let (x, y) = (random(SIZE.0 - width), random(SIZE.1 - height));
            for (px, py) in (0..height).flat_map(|row| (0..width).map(move |column| (column, row))) {
                let pixel = marked.get_pixel_mut(x + px, y + py);
                pixel.0 = pixel
                    .0
                    .map(|level| if level > 127 { level - by } else { level + by });
            }
            let found = compare_coded(&jpeg(&picture, 90), &jpeg(&marked, 92)).unwrap();
            assert_eq!(found.likeness, Likeness::PartChanged, "{seed}: {width}");
            assert!(found.cells_changed() <= 8 && !found.regions.is_empty());
        }
        for quality in [20, 50, 92] {
            let found = compare_coded(&jpeg(&picture, 90), &jpeg(&picture, quality)).unwrap();
            assert_eq!(found.likeness, Likeness::Same, "{seed}: {quality}");
        }
    }
}

#[test]
fn honest_encodings_and_sizes_are_the_same_picture() {
    for seed in 1..3 {
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

/// A page: white, a bar across its head, lines of words that no other seed has.
fn page(seed: u32) -> RgbImage {
    let mut made = RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb([252; 3]));
    for (x, y) in (0..SIZE.0).flat_map(|x| (0..36).map(move |y| (x, y))) {
        made.put_pixel(x, y, Rgb([20, 60, 140]));
    }
    let mut random = numbers(seed);
    for line in 0..9 {
        let (top, mut x) = (60 + line * 40 + random(24), 60);
        while x < 560 {
            let (word, gap) = (10 + random(70), 8 + random(50));
            for (x, y) in (x..(x + word).min(580)).flat_map(|x| (top..top + 18).map(move |y| (x, y))) {
                made.put_pixel(x, y, Rgb([25; 3]));
            }
            x += word + gap;
        }
    }
    made
}

/// One large shape on a plain ground: a cross or a ring.
fn icon(is_ring: bool) -> RgbImage {
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let (dx, dy) = (x.abs_diff(320), y.abs_diff(240));
        let far = dx * dx + dy * dy;
        let is_ink = if is_ring {
            (110 * 110..170 * 170).contains(&far)
        } else {
            far < 170 * 170 && (dx < 30 || dy < 30)
        };
        Rgb(if is_ink { [40, 60, 160] } else { [250; 3] })
    })
}

#[test]
fn ground_margins_and_frames_that_two_pictures_share_are_no_evidence() {
    for seed in 1..5 {
        let found = compare(&jpeg(&page(seed), 85), &jpeg(&page(seed + 20), 85)).unwrap();
        assert_eq!(found.likeness, Likeness::Another, "{seed} {:?}", found.texture);
        // What was painted over a page is a part of it all the same.
        let made = pasted(&page(seed), &scene(seed), 0.06, seed);
        let found = compare(&jpeg(&page(seed), 85), &jpeg(&made, 85)).unwrap();
        assert_eq!(
            found.likeness,
            Likeness::PartChanged,
            "{seed} {:?}",
            found.texture
        );
        assert!(found.texture.percent() > 75, "{:?}", found.texture);
    }
    let (cross, ring) = (icon(false), icon(true));
    for other in [ring.clone(), imageops::rotate90(&ring)] {
        let found = compare(&jpeg(&cross, 85), &jpeg(&other, 85)).unwrap();
        assert_eq!(
            found.likeness,
            Likeness::Another,
            "{:?} {:?}",
            found.texture,
            found.rework
        );
    }
}

/// Darker to the corners, as old lenses have it.
fn vignetted(picture: &RgbImage) -> RgbImage {
    let mut made = picture.clone();
    for (x, y, pixel) in made.enumerate_pixels_mut() {
        let (across, down) = (x as f32 / SIZE.0 as f32 - 0.5, y as f32 / SIZE.1 as f32 - 0.5);
        let light = 1.0 - 1.4 * (across * across + down * down);
        pixel.0 = pixel.0.map(|value| (f32::from(value) * light) as u8);
    }
    made
}

/// From dark violet to pale yellow by luma alone.
fn duotone(picture: &RgbImage) -> RgbImage {
    let mut made = picture.clone();
    for pixel in made.pixels_mut() {
        let [r, g, b] = pixel.0.map(f32::from);
        let luma = (0.299 * r + 0.587 * g + 0.114 * b) / 255.0;
        pixel.0 = [(30.0, 225.0), (0.0, 220.0), (90.0, 30.0)].map(|(from, more)| (from + more * luma) as u8);
    }
    made
}

/// Red, green and blue change places by a third of the way.
fn hue(picture: &RgbImage) -> RgbImage {
    let mut made = picture.clone();
    for pixel in made.pixels_mut() {
        let [r, g, b] = pixel.0.map(u16::from);
        pixel.0 = [(r, b), (g, r), (b, g)].map(|(own, other)| ((2 * own + other) / 3) as u8);
    }
    made
}

fn sharpened(picture: &RgbImage) -> RgbImage {
    let soft = imageops::blur(picture, 5.0);
    let mut made = picture.clone();
    for (pixel, soft) in made.pixels_mut().zip(soft.pixels()) {
        for (value, soft) in pixel.0.iter_mut().zip(soft.0) {
            let sharp = f32::from(*value) + 1.5 * (f32::from(*value) - f32::from(soft));
            *value = sharp.clamp(0.0, 255.0) as u8;
        }
    }
    made
}

/// In the light of a lamp: where all is grey, hue changes hardly anything.
fn warm(picture: &RgbImage) -> RgbImage {
    let mut made = picture.clone();
    for pixel in made.pixels_mut() {
        let [r, g, b] = pixel.0;
        pixel.0 = [r, (u16::from(g) * 4 / 5) as u8, b / 2];
    }
    made
}

type Edit = (&'static str, fn(&RgbImage) -> RgbImage);

const TONES: [Edit; 6] = [
    ("gamma 2.2", |picture| {
        toned(picture, |value| 255.0 * (value / 255.0).powf(2.2))
    }),
    ("gamma 0.45", |picture| {
        toned(picture, |value| 255.0 * (value / 255.0).powf(0.45))
    }),
    ("vignette", vignetted),
    ("duotone", duotone),
    ("hue", hue),
    ("sharpened", sharpened),
];

#[test]
fn tones_changed_in_all_the_picture_are_no_changed_part() {
    for seed in 1..4 {
        let picture = warm(&scene(seed));
        for (name, edit) in TONES {
            let found = compare(&jpeg(&picture, 90), &jpeg(&edit(&picture), 85)).unwrap();
            assert!(
                found.likeness <= Likeness::Reworked,
                "{seed} {name}: {:?} {:?}",
                found.likeness,
                found.regions
            );
            if let Some(tones) = found.rework.tones {
                assert!(
                    tones.contrast >= -100 && tones.saturation.unwrap_or(0) >= -100,
                    "{tones:?}"
                );
            }
        }
    }
}

#[test]
fn a_part_is_found_under_every_change_of_tones() {
    for seed in 1..4 {
        let picture = warm(&scene(seed));
        let made = pasted(&picture, &scene(seed + 50), 0.05, seed);
        for (name, edit) in TONES {
            let found = compare(&kept(&picture), &jpeg(&edit(&made), 85)).unwrap();
            assert_eq!(found.likeness, Likeness::PartChanged, "{seed} {name}");
        }
    }
}

#[test]
fn a_thing_that_alone_got_another_colour_is_a_changed_part() {
    for (seed, before, after) in [
        (1, [200, 30, 40], [30, 40, 200]),
        (2, [240, 240, 240], [120, 120, 120]),
    ] {
        let thing = |colour: [u8; 3]| {
            let mut made = scene(seed);
            for (x, y, pixel) in made.enumerate_pixels_mut() {
                if x.abs_diff(300).pow(2) + y.abs_diff(200).pow(2) < 70 * 70 {
                    *pixel = Rgb(colour);
                }
            }
            made
        };
        for quality in [60, 90] {
            let likeness = word(&thing(before), &thing(after), quality);
            assert_eq!(likeness, Likeness::PartChanged, "{seed} {quality}");
        }
    }
    // Nor where it is the one thing that has a colour.
    let ground = page(3);
    let stamp = |colour: [u8; 3]| {
        let mut made = ground.clone();
        for (x, y) in (420..560).flat_map(|x| (380..440).map(move |y| (x, y))) {
            made.put_pixel(x, y, Rgb(colour));
        }
        made
    };
    let likeness = word(&stamp([200, 30, 40]), &stamp([30, 40, 200]), 85);
    assert_eq!(likeness, Likeness::PartChanged);
}

#[test]
fn what_was_grey_has_no_saturation_to_be_changed() {
    let grey = |picture: &RgbImage| {
        let mut made = picture.clone();
        for pixel in made.pixels_mut() {
            pixel.0 = [pixel.0[1]; 3];
        }
        made
    };
    let picture = grey(&scene(2));
    let found = compare(&jpeg(&picture, 90), &jpeg(&duotone(&picture), 90)).unwrap();
    assert_eq!(found.likeness, Likeness::Reworked);
    assert_eq!(found.rework.tones.unwrap().saturation, None);
}

#[test]
fn a_negative_is_told_as_one_whole_and_mirrored_and_of_another_picture_it_is_another() {
    let negative = |picture: &RgbImage| toned(picture, |value| 255.0 - value);
    for seed in 1..4 {
        let picture = scene(seed);
        for made in [negative(&picture), negative(&imageops::flip_horizontal(&picture))] {
            let found = compare(&kept(&picture), &jpeg(&made, 80)).unwrap();
            assert_eq!(found.likeness, Likeness::Reworked, "{seed} {:?}", found.rework);
            assert!(found.rework.inverted);
        }
        let made = pasted(&negative(&picture), &scene(seed + 50), 0.05, seed);
        let found = compare(&kept(&picture), &jpeg(&made, 80)).unwrap();
        assert_eq!(
            (found.likeness, found.rework.inverted),
            (Likeness::PartChanged, true),
            "{seed}"
        );
        let likeness = word(&picture, &negative(&scene(seed + 100)), 85);
        assert_eq!(likeness, Likeness::Another, "{seed}");
    }
}
