//! Pictures made in memory, looked at: equal pictures have equal digests, hostile ones cost nothing.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::manual_is_multiple_of,
    reason = "numbers of tests are small"
)]

use std::io::{Cursor, Write};

use image::{DynamicImage, ImageFormat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

use super::*;

/// Smooth light, edges and grain; the same on every call.
fn scene(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let mut seed = 1u32;
    let mut pixels = Vec::new();
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            for channel in 0..channels as u32 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let light = 40 + 120 * x / u32::from(width) + 40 * y / u32::from(height) + 10 * channel;
                let edge = if (x / 29 + y / 23) % 3 == 0 { 40 } else { 0 };
                pixels.push((light + edge + (seed >> 29)).min(255) as u8);
            }
        }
    }
    pixels
}

/// How a JPEG is to be coded.
#[derive(Clone, Copy)]
struct Coding {
    progressive: bool,
    restart: u16,
    optimised: bool,
    sampling: SamplingFactor,
}

const PLAIN: Coding = Coding {
    progressive: false,
    restart: 0,
    optimised: false,
    sampling: SamplingFactor::F_2_2,
};

fn jpeg_of(pixels: &[u8], (width, height): (u16, u16), colour: ColorType, coding: Coding) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_progressive(coding.progressive);
    encoder.set_restart_interval(coding.restart);
    encoder.set_optimized_huffman_tables(coding.optimised);
    encoder.set_sampling_factor(coding.sampling);
    encoder.encode(pixels, width, height, colour).unwrap();
    bytes
}

fn jpeg(width: u16, height: u16, coding: Coding) -> Vec<u8> {
    jpeg_of(&scene(width, height, 3), (width, height), ColorType::Rgb, coding)
}

fn look(bytes: &[u8], format: Format) -> Picture {
    look_bytes(bytes, format, 1).unwrap()
}

fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_coding_of_one_jpeg_has_one_digest_and_one_look() {
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
    ] {
        for (width, height) in [(203, 117), (1100, 40), (8, 8), (1, 1)] {
            let plain = look(&jpeg(width, height, Coding { sampling, ..PLAIN }), Format::Jpeg);
            assert!(plain.whole);
            for (progressive, restart, optimised) in [
                (true, 0, false),
                (true, 5, false),
                (false, 1, false),
                (false, 0, true),
            ] {
                let other = jpeg(
                    width,
                    height,
                    Coding {
                        progressive,
                        restart,
                        optimised,
                        sampling,
                    },
                );
                assert_eq!(
                    look(&other, Format::Jpeg),
                    plain,
                    "{sampling:?} {width} {progressive} {restart}"
                );
            }
        }
    }
}

#[test]
fn metadata_is_no_part_of_the_pixel_digest_and_pixels_are() {
    let plain = jpeg(90, 60, PLAIN);
    let digest = look(&plain, Format::Jpeg).pixel_digest;
    let mut commented = plain.clone();
    commented.splice(2..2, [0xff, 0xfe, 0, 6, 1, 2, 3, 4]);
    commented.extend_from_slice(b"trailing bytes");
    assert_eq!(look(&commented, Format::Jpeg).pixel_digest, digest);

    let mut pixels = scene(90, 60, 3);
    pixels[3 * (30 * 90 + 40)] ^= 0x40;
    let touched = jpeg_of(&pixels, (90, 60), ColorType::Rgb, PLAIN);
    assert_ne!(look(&touched, Format::Jpeg).pixel_digest, digest);

    let mut requantised = plain.clone();
    let table = plain.windows(2).position(|pair| pair == [0xff, 0xdb]).unwrap();
    requantised[table + 20] ^= 1;
    assert_ne!(look(&requantised, Format::Jpeg).pixel_digest, digest);
}

/// Box means of a full decode by another decoder, at the size that the scan chooses.
#[test]
fn the_reduced_luma_is_the_mean_of_a_full_decode() {
    for (width, height, factor) in [
        (600u16, 400u16, 1usize),
        (1200, 800, 2),
        (2080, 512, 4),
        (4160, 96, 8),
    ] {
        for (colour, channels) in [(ColorType::Luma, 1), (ColorType::Rgb, 3)] {
            let pixels = scene(width, height, channels);
            let bytes = jpeg_of(&pixels, (width, height), colour, PLAIN);
            let full = image::load_from_memory(&bytes).unwrap().to_rgb8();
            let (wide, high) = (usize::from(width) / factor, usize::from(height) / factor);
            let mut small = Vec::new();
            for y in 0..high {
                for x in 0..wide {
                    let mut sum = 0.0f64;
                    for (dx, dy) in (0..factor).flat_map(|dx| (0..factor).map(move |dy| (dx, dy))) {
                        let [r, g, b] = full
                            .get_pixel((x * factor + dx) as u32, (y * factor + dy) as u32)
                            .0;
                        sum += 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
                    }
                    small.push((sum / (factor * factor) as f64).round() as u8);
                }
            }
            let small = Raster {
                width: wide as u32,
                height: high as u32,
                channels: 1,
                samples: small,
            };
            let size = raster::fit_to(u32::from(width), u32::from(height), CANONICAL_SIDE);
            let wanted = raster::resize(&small, size).unwrap();
            let found = look(&bytes, Format::Jpeg).luma;
            assert_eq!((found.width, found.height), size);
            let worst = found
                .samples
                .iter()
                .zip(&wanted.samples)
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .unwrap();
            assert!(
                worst <= 3,
                "{width} x {height}, {channels} channels: off by {worst}"
            );
        }
    }
}

#[test]
fn the_preview_has_the_colours_of_a_full_decode() {
    for (colour, channels) in [
        (ColorType::Rgb, 3),
        (ColorType::Cmyk, 4),
        (ColorType::CmykAsYcck, 4),
    ] {
        let bytes = jpeg_of(
            &scene(300, 200, channels),
            (300, 200),
            colour,
            Coding {
                sampling: SamplingFactor::F_1_1,
                ..PLAIN
            },
        );
        let full = image::load_from_memory(&bytes).unwrap().to_rgb8();
        let found = look(&bytes, Format::Jpeg).preview;
        assert_eq!((found.width, found.height), (300, 200));
        let worst = found
            .samples
            .iter()
            .zip(full.as_raw())
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap();
        assert!(worst <= 6, "{colour:?}: off by {worst}");
    }
}

#[test]
fn orientation_turns_the_look_and_keeps_the_digest_of_a_jpeg() {
    let bytes = jpeg(120, 80, PLAIN);
    let upright = look_bytes(&bytes, Format::Jpeg, 1).unwrap();
    let turned = look_bytes(&bytes, Format::Jpeg, 6).unwrap();
    assert_eq!(
        (turned.size, turned.luma.width, turned.preview.width),
        ((80, 120), 341, 80)
    );
    assert_eq!(turned.pixel_digest, upright.pixel_digest);
    assert_eq!(turned.luma.samples[340], upright.luma.samples[0]);
}

#[test]
fn one_picture_has_one_digest_in_every_lossless_format_and_turn() {
    let rgb = image::RgbImage::from_raw(31, 17, scene(31, 17, 3)).unwrap();
    let picture = DynamicImage::ImageRgb8(rgb);
    let digest = look(&saved(&picture, ImageFormat::Png), Format::Png).pixel_digest;
    assert_eq!(
        look(&saved(&picture, ImageFormat::WebP), Format::WebP).pixel_digest,
        digest
    );
    assert_eq!(
        look(&saved(&picture, ImageFormat::Tiff), Format::Tiff).pixel_digest,
        digest
    );
    let opaque = DynamicImage::ImageRgba8(picture.to_rgba8());
    assert_eq!(
        look(&saved(&opaque, ImageFormat::Png), Format::Png).pixel_digest,
        digest
    );
    // A picture stored a quarter turn back and marked 6 (turn right to show) is the same picture.
    let back = saved(&picture.rotate270(), ImageFormat::Png);
    let shown = look_bytes(&back, Format::Png, 6).unwrap();
    assert_eq!((shown.pixel_digest, shown.size), (digest, (31, 17)));
}

#[test]
fn sixteen_bits_are_another_picture_than_eight() {
    let eight = DynamicImage::ImageRgb8(image::RgbImage::from_raw(31, 17, scene(31, 17, 3)).unwrap());
    let sixteen = DynamicImage::ImageRgb16(eight.to_rgb16());
    let (a, b) = (
        look(&saved(&eight, ImageFormat::Png), Format::Png),
        look(&saved(&sixteen, ImageFormat::Png), Format::Png),
    );
    assert_ne!(a.pixel_digest, b.pixel_digest);
    assert_eq!((a.luma, a.preview), (b.luma, b.preview));
}

#[test]
fn transparency_is_shown_on_white() {
    let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(20, 10, image::Rgba([200, 0, 0, 0])));
    let found = look(&saved(&clear, ImageFormat::Png), Format::Png);
    assert!(
        found
            .luma
            .samples
            .iter()
            .chain(&found.preview.samples)
            .all(|sample| *sample == 255)
    );
}

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(&kind);
    crc.update(body);
    [
        &(body.len() as u32).to_be_bytes(),
        &kind[..],
        body,
        &crc.sum().to_be_bytes(),
    ]
    .concat()
}

fn png_of(header: &[u8], palette: &[u8], rows: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(rows).unwrap();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(*b"IHDR", header));
    if !palette.is_empty() {
        bytes.extend(chunk(*b"PLTE", palette));
    }
    bytes.extend(chunk(*b"IDAT", &packer.finish().unwrap()));
    bytes.extend(chunk(*b"IEND", &[]));
    bytes
}

#[test]
fn a_palette_and_single_bits_count_as_their_colours() {
    // 4 x 1, 2-bit palette indices 0 1 2 3.
    let palette = [10, 20, 30, 200, 0, 0, 0, 200, 0, 0, 0, 200];
    let indexed = png_of(
        &[0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 0, 0, 0],
        &palette,
        &[0, 0b0001_1011],
    );
    let plain = DynamicImage::ImageRgb8(image::RgbImage::from_raw(4, 1, palette.to_vec()).unwrap());
    let digest = look(&saved(&plain, ImageFormat::Png), Format::Png).pixel_digest;
    assert_eq!(look(&indexed, Format::Png).pixel_digest, digest);
    let bits = png_of(&[0, 0, 0, 4, 0, 0, 0, 1, 1, 0, 0, 0, 0], &[], &[0, 0b0110_0000]);
    let grey = DynamicImage::ImageLuma8(image::GrayImage::from_raw(4, 1, vec![0, 255, 255, 0]).unwrap());
    assert_eq!(
        look(&bits, Format::Png).pixel_digest,
        look(&saved(&grey, ImageFormat::Png), Format::Png).pixel_digest
    );
    assert_eq!(
        look(&saved(&plain, ImageFormat::Gif), Format::Gif).pixel_digest,
        digest
    );
}

#[test]
fn headers_beyond_the_limits_are_refused_before_anything_is_allocated() {
    let mut huge = jpeg(16, 16, PLAIN);
    let frame = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    huge[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let refused = |bytes: &[u8], format| look_bytes(bytes, format, 1).unwrap_err();
    let wanted = PixelError::TooLarge {
        width: 60_000,
        height: 60_000,
        limit_pixels: PIXELS_MAX,
    };
    assert_eq!(refused(&huge, Format::Jpeg), wanted);
    let png = png_of(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0], &[], &[0]);
    assert_eq!(refused(&png, Format::Png), wanted);
    let gif = DynamicImage::ImageRgb8(image::RgbImage::new(4, 4));
    let mut gif = saved(&gif, ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
    assert_eq!(refused(&gif, Format::Gif), wanted);
}

#[test]
fn a_small_file_that_unfolds_to_gigabytes_is_refused_and_a_large_picture_is_not() {
    let header = |side: u32| {
        let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
        header.extend([8, 2, 0, 0, 0]);
        png_of(&header, &[], &[0])
    };
    let bomb = look_bytes(&header(9_000), Format::Png, 1).unwrap_err();
    assert!(
        matches!(bomb, PixelError::TooLarge { width: 9_000, limit_pixels, .. } if limit_pixels < PIXELS_MAX),
        "{bomb}"
    );
    assert!(!matches!(
        look_bytes(&header(4_000), Format::Png, 1),
        Err(PixelError::TooLarge { .. })
    ));
}

#[test]
fn a_progressive_picture_whose_coefficients_outgrow_its_file_is_refused_and_a_sequential_one_is_not() {
    let sized = |side: u16, code: u8| {
        let mut bytes = jpeg(16, 16, PLAIN);
        let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        bytes[frame + 1] = code;
        bytes[frame + 5..frame + 7].copy_from_slice(&side.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&side.to_be_bytes());
        look_bytes(&bytes, Format::Jpeg, 1)
    };
    let refused = sized(12_000, 0xc2).unwrap_err();
    assert!(
        matches!(refused, PixelError::TooLarge { width: 12_000, limit_pixels, .. } if limit_pixels < 12_000 * 12_000),
        "{refused}"
    );
    for (side, code) in [(4_000, 0xc2), (12_000, 0xc0)] {
        assert!(
            !matches!(sized(side, code), Err(PixelError::TooLarge { .. })),
            "{side} {code:x}"
        );
    }
}

#[test]
fn formats_and_processes_without_a_decoder_say_so() {
    for format in [
        Format::Avif,
        Format::Heic,
        Format::Heif,
        Format::Jxl,
        Format::Svg,
        Format::Dng,
    ] {
        assert_eq!(
            look_bytes(&[0; 64], format, 1),
            Err(PixelError::Unsupported(format))
        );
    }
    let mut arithmetic = jpeg(16, 16, PLAIN);
    let frame = arithmetic
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    arithmetic[frame + 1] = 0xc9;
    assert_eq!(
        look_bytes(&arithmetic, Format::Jpeg, 1),
        Err(PixelError::Unsupported(Format::Jpeg))
    );
}

#[test]
fn a_missing_end_marker_is_nothing_and_a_missing_tail_is_told() {
    let plain = jpeg(200, 160, PLAIN);
    let whole = look(&plain, Format::Jpeg);
    assert_eq!(look(&plain[..plain.len() - 2], Format::Jpeg), whole);
    let cut = look(&plain[..plain.len() / 2], Format::Jpeg);
    assert!(!cut.whole);
    assert_ne!(cut.pixel_digest, whole.pixel_digest);
}

#[test]
fn truncated_anywhere_is_an_answer() {
    for coding in [
        PLAIN,
        Coding {
            progressive: true,
            ..PLAIN
        },
    ] {
        let bytes = jpeg(80, 64, coding);
        for end in (0..bytes.len() - 20).step_by(10) {
            assert!(
                !look_bytes(&bytes[..end], Format::Jpeg, 1).is_ok_and(|found| found.whole),
                "cut at {end}"
            );
        }
    }
    let picture = DynamicImage::ImageRgb8(image::RgbImage::from_raw(31, 17, scene(31, 17, 3)).unwrap());
    for (format, kind) in [
        (ImageFormat::Png, Format::Png),
        (ImageFormat::WebP, Format::WebP),
        (ImageFormat::Tiff, Format::Tiff),
        (ImageFormat::Gif, Format::Gif),
    ] {
        let bytes = saved(&picture, format);
        for end in (0..bytes.len()).step_by(10) {
            let _ = look_bytes(&bytes[..end], kind, 1);
        }
    }
}

#[test]
fn one_pixel_and_flat_pictures_have_a_look() {
    for (width, height) in [(1, 1), (700, 500)] {
        let flat = jpeg_of(
            &vec![90; width as usize * height as usize],
            (width, height),
            ColorType::Luma,
            PLAIN,
        );
        let found = look(&flat, Format::Jpeg);
        assert_eq!(found.luma.width, 512);
        assert!(found.luma.samples.iter().all(|sample| *sample == 90));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_jpegs_never_panic(
        progressive: bool,
        restart in 0u16..3,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = jpeg(70, 50, Coding { progressive, restart, ..PLAIN });
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // A mutated size may be large and legal; keep the time of the test in bounds.
        if let Some(frame) = bytes.windows(2).position(|pair| matches!(pair, [0xff, 0xc0 | 0xc2])) {
            for high in [frame + 5, frame + 7] {
                if let Some(byte) = bytes.get_mut(high) {
                    *byte = 0;
                }
            }
        }
        let _ = look_bytes(&bytes, Format::Jpeg, 1);
        let end = cut.index(bytes.len());
        let _ = look_bytes(&bytes[..end], Format::Jpeg, 1);
    }
}

#[test]
fn alpha_is_that_of_the_file_and_of_eight_bit_colour_alone() {
    let drawn = image::RgbaImage::from_fn(3, 2, |x, y| {
        image::Rgba([9, 9, 9, u8::try_from(x + 10 * y).unwrap()])
    });
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let mut out = Cursor::new(Vec::new());
        drawn.write_to(&mut out, format).unwrap();
        let found = alpha(&Asset::parse(out.into_inner()).unwrap()).unwrap().unwrap();
        assert_eq!((found.width, found.height), (3, 2));
        assert_eq!(found.samples, [0, 1, 2, 10, 11, 12], "{format:?}");
    }
    for without in [
        &include_bytes!("../../fixtures/images/gradient.png")[..],
        include_bytes!("../../fixtures/images/gradient.jpg"),
    ] {
        let without = Asset::parse(without.to_vec()).unwrap();
        assert_eq!(alpha(&without), Ok(None));
        assert_eq!(alpha_top(&without, 2), None);
    }
}

#[test]
fn the_first_rows_of_alpha_are_those_of_the_whole_and_need_nothing_below() {
    let drawn = image::RgbaImage::from_fn(300, 200, |x, y| {
        image::Rgba([9, 9, 9, u8::try_from((x * 7 + y * 13) % 256).unwrap()])
    });
    let mut out = Cursor::new(Vec::new());
    drawn.write_to(&mut out, ImageFormat::Png).unwrap();
    let asset = Asset::parse(out.into_inner()).unwrap();
    let whole = alpha(&asset).unwrap().unwrap();
    for rows in [1, 120, 200] {
        let top = alpha_top(&asset, rows).unwrap();
        assert_eq!((top.width, top.height), (300, rows));
        assert_eq!(top.samples, whole.samples[..300 * usize::try_from(rows).unwrap()]);
    }
    assert_eq!(alpha_top(&asset, 500).unwrap(), whole);
    // Interlaced: the rows of the first pass are not those of the top.
    let header = [0, 0, 0, 8, 0, 0, 0, 8, 8, 6, 0, 0, 1];
    let asset = Asset::parse(png_of(&header, &[], &[0; 400])).unwrap();
    assert_eq!(alpha_top(&asset, 2), None);
}
