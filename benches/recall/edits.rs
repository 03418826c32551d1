//! The sixty edits of a copy: what people and platforms do to a picture between its registration and the day somebody asks.
//!
//! Lossy WebP has no encoder here (none in Rust under a licence this project can use), so two more JPEG qualities stand for it.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// What was done.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Jpeg(u8),
    Resize(f32),
    Longest(u32),
    Squash(f32),
    Brightness(i32),
    Contrast(f32),
    Gamma(f32),
    Saturation(f32),
    Vignette,
    Blur(f32),
    Sharpen,
    Noise(i32),
    Caption,
    Text,
    Logo,
    Sticker,
    /// Percent cut from left, top, right, bottom.
    Crop([u32; 4]),
    Rotate(f32),
    Flip(bool),
    Quarter(u8),
    Border(u32),
    Screenshot,
    Letterbox,
    Band,
    Social(bool),
}

/// Name, family, edit.
pub type Named = (&'static str, &'static str, Edit);

/// All sixty.
pub const EDITS: [Named; 60] = {
    use Edit::*;
    [
        ("JPEG 90", "recompressed", Jpeg(90)),
        ("JPEG 80", "recompressed", Jpeg(80)),
        ("JPEG 70", "recompressed", Jpeg(70)),
        ("JPEG 60", "recompressed", Jpeg(60)),
        ("JPEG 50", "recompressed", Jpeg(50)),
        ("JPEG 40", "recompressed", Jpeg(40)),
        ("JPEG 30", "recompressed", Jpeg(30)),
        ("JPEG 20", "recompressed", Jpeg(20)),
        ("JPEG 15", "recompressed", Jpeg(15)),
        ("JPEG 10", "recompressed", Jpeg(10)),
        ("half size", "resized", Resize(0.5)),
        ("quarter size", "resized", Resize(0.25)),
        ("128 pixels", "resized", Longest(128)),
        ("squashed to 0.8", "resized", Squash(0.8)),
        ("lighter by 40", "recoloured", Brightness(40)),
        ("darker by 40", "recoloured", Brightness(-40)),
        ("contrast +30 %", "recoloured", Contrast(1.3)),
        ("contrast -30 %", "recoloured", Contrast(0.7)),
        ("gamma 0.7", "recoloured", Gamma(0.7)),
        ("gamma 1.4", "recoloured", Gamma(1.4)),
        ("saturation x 0.5", "recoloured", Saturation(0.5)),
        ("saturation x 1.5", "recoloured", Saturation(1.5)),
        ("grey", "recoloured", Saturation(0.0)),
        ("tint and vignette", "recoloured", Vignette),
        ("blur 1.5", "blurred", Blur(1.5)),
        ("blur 4", "blurred", Blur(4.0)),
        ("sharpened", "blurred", Sharpen),
        ("noise 12", "blurred", Noise(12)),
        ("caption", "captioned", Caption),
        ("large text", "captioned", Text),
        ("logo", "captioned", Logo),
        ("sticker of 20 %", "captioned", Sticker),
        ("crop 5 %", "cropped", Crop([5; 4])),
        ("crop 10 %", "cropped", Crop([10; 4])),
        ("crop 20 %", "cropped", Crop([20; 4])),
        ("crop 30 % of each side in all", "cropped", Crop([15; 4])),
        ("crop to half", "cropped", Crop([25; 4])),
        ("crop 5 % left", "cropped unevenly", Crop([5, 0, 0, 0])),
        ("crop 10 % left", "cropped unevenly", Crop([10, 0, 0, 0])),
        ("crop 10 % below", "cropped unevenly", Crop([0, 0, 0, 10])),
        ("crop uneven 10 %", "cropped unevenly", Crop([10, 3, 0, 7])),
        ("crop uneven 20 %", "cropped unevenly", Crop([20, 4, 3, 14])),
        ("turned 1 degree", "turned a little", Rotate(1.0)),
        ("turned 2 degrees", "turned a little", Rotate(-2.0)),
        ("turned 5 degrees", "turned a little", Rotate(5.0)),
        ("turned 10 degrees", "turned a little", Rotate(-10.0)),
        ("mirrored", "mirrored, quarter turns", Flip(false)),
        ("upside down mirrored", "mirrored, quarter turns", Flip(true)),
        ("turned 90", "mirrored, quarter turns", Quarter(1)),
        ("turned 180", "mirrored, quarter turns", Quarter(2)),
        ("turned 270", "mirrored, quarter turns", Quarter(3)),
        ("border 2 %", "framed", Border(2)),
        ("border 5 %", "framed", Border(5)),
        ("border 10 %", "framed", Border(10)),
        ("screenshot", "screenshot, letterbox, band", Screenshot),
        ("letterbox 9:16", "screenshot, letterbox, band", Letterbox),
        ("band with text on top", "screenshot, letterbox, band", Band),
        ("social, light", "reposted", Social(false)),
        ("social, hard", "reposted", Social(true)),
        ("crop 3 % and mirrored", "reposted", Edit::Crop([3, 3, 3, 103])),
    ]
};

/// The copy, as the bytes of a JPEG.
pub fn copy(picture: &RgbImage, edit: Edit, seed: u32) -> Vec<u8> {
    let quality = match edit {
        Edit::Jpeg(quality) => quality,
        Edit::Social(false) => 65,
        Edit::Social(true) => 50,
        _ => 88,
    };
    let mut out = Vec::new();
    edited(picture, edit, seed)
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality))
        .expect("a picture in memory is encoded");
    out
}

fn edited(picture: &RgbImage, edit: Edit, seed: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    match edit {
        Edit::Jpeg(_) => picture.clone(),
        Edit::Resize(part) => resized(picture, part, part),
        Edit::Longest(pixels) => {
            let part = pixels as f32 / width.max(height) as f32;
            resized(picture, part, part)
        }
        Edit::Squash(part) => resized(picture, part, 1.0),
        Edit::Brightness(by) => toned(picture, |value| value + by as f32),
        Edit::Contrast(by) => toned(picture, |value| (value - 128.0) * by + 128.0),
        Edit::Gamma(by) => toned(picture, |value| 255.0 * (value / 255.0).powf(by)),
        Edit::Saturation(by) => coloured(picture, |_, _, pixel| {
            let grey = grey(pixel);
            pixel.map(|value| grey + (value - grey) * by)
        }),
        Edit::Vignette => coloured(picture, |x, y, [r, g, b]| {
            let far = (x * x + y * y) * 0.35;
            [
                r * 1.05 * (1.0 - far),
                g * 0.95 * (1.0 - far),
                b * 0.8 * (1.0 - far),
            ]
        }),
        Edit::Blur(sigma) => imageops::blur(picture, sigma),
        Edit::Sharpen => imageops::unsharpen(picture, 1.5, 0),
        Edit::Noise(most) => noisy(picture, most, seed),
        Edit::Caption => {
            let mut out = picture.clone();
            fill(&mut out, 0, height * 86 / 100, width, height * 14 / 100, [20; 3]);
            write(
                &mut out,
                width / 20,
                height * 89 / 100,
                height * 8 / 100,
                width * 9 / 10,
                [240; 3],
                seed,
            );
            out
        }
        Edit::Text => {
            let mut out = picture.clone();
            write(
                &mut out,
                width / 20,
                height * 38 / 100,
                height * 24 / 100,
                width * 9 / 10,
                [250, 250, 30],
                seed,
            );
            out
        }
        Edit::Logo => {
            let mut out = picture.clone();
            let side = width.min(height) / 6;
            fill(
                &mut out,
                width - side - side / 4,
                height - side - side / 4,
                side,
                side,
                [200, 30, 30],
            );
            write(
                &mut out,
                width - side,
                height - side,
                side / 2,
                side / 2,
                [255; 3],
                7,
            );
            out
        }
        Edit::Sticker => {
            let mut out = picture.clone();
            // 0.447 of each side is a fifth of the area.
            let (w, h) = (width * 447 / 1000, height * 447 / 1000);
            let (x, y) = ((width - w) * (seed % 5) / 4, (height - h) * (seed / 5 % 5) / 4);
            fill(&mut out, x, y, w, h, [255, 210, 40]);
            write(&mut out, x + w / 8, y + h / 3, h / 4, w * 3 / 4, [30; 3], 3);
            out
        }
        // One edit more than the enum has a word for: a crop that is mirrored besides.
        Edit::Crop([left, top, right, bottom]) if bottom > 100 => {
            imageops::flip_horizontal(&cropped(picture, [left, top, right, bottom - 100]))
        }
        Edit::Crop(parts) => cropped(picture, parts),
        Edit::Rotate(degrees) => turned(picture, degrees),
        Edit::Flip(false) => imageops::flip_horizontal(picture),
        Edit::Flip(true) => imageops::flip_vertical(picture),
        Edit::Quarter(1) => imageops::rotate90(picture),
        Edit::Quarter(2) => imageops::rotate180(picture),
        Edit::Quarter(_) => imageops::rotate270(picture),
        Edit::Border(percent) => {
            let by = width.max(height) * percent / 100;
            let tone = if seed.is_multiple_of(2) { [255; 3] } else { [0; 3] };
            on_canvas(picture, (width + 2 * by, height + 2 * by), (by, by), tone)
        }
        Edit::Screenshot => screenshot(picture, seed),
        Edit::Letterbox => {
            let tall = (width * 16 / 9).max(height);
            on_canvas(picture, (width, tall), (0, (tall - height) / 2), [0; 3])
        }
        Edit::Band => {
            let band = height * 15 / 100;
            let mut out = on_canvas(picture, (width, height + band), (0, band), [255; 3]);
            write(
                &mut out,
                width / 20,
                band / 4,
                band / 2,
                width * 9 / 10,
                [10; 3],
                seed,
            );
            out
        }
        Edit::Social(false) => resized(&cropped(picture, [3; 4]), 0.6, 0.6),
        Edit::Social(true) => {
            let cut = cropped(picture, [10; 4]);
            resized(&edited(&cut, Edit::Caption, seed), 0.5, 0.5)
        }
    }
}

fn resized(picture: &RgbImage, across: f32, down: f32) -> RgbImage {
    let side = |pixels: u32, part: f32| ((pixels as f32 * part).round() as u32).max(1);
    imageops::resize(
        picture,
        side(picture.width(), across),
        side(picture.height(), down),
        FilterType::CatmullRom,
    )
}

fn toned(picture: &RgbImage, tone: impl Fn(f32) -> f32) -> RgbImage {
    coloured(picture, |_, _, pixel| pixel.map(&tone))
}

fn grey([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Each pixel from its place, -1 to 1, and its colour.
fn coloured(picture: &RgbImage, colour: impl Fn(f32, f32, [f32; 3]) -> [f32; 3]) -> RgbImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (x_at, y_at) = (x as f32 / width * 2.0 - 1.0, y as f32 / height * 2.0 - 1.0);
        let found = colour(x_at, y_at, picture.get_pixel(x, y).0.map(f32::from));
        Rgb(found.map(|value| value.round().clamp(0.0, 255.0) as u8))
    })
}

fn noisy(picture: &RgbImage, sd: i32, seed: u32) -> RgbImage {
    let mut random = Random(u64::from(seed) + 1);
    let mut out = picture.clone();
    for pixel in out.pixels_mut() {
        for value in &mut pixel.0 {
            // The sum of four dice of variance 1/12 each is near enough to a normal number.
            let sum: i32 = (0..4).map(|_| random.below(256) as i32 - 128).sum();
            *value = (i32::from(*value) + sum * sd / 148).clamp(0, 255) as u8;
        }
    }
    out
}

fn cropped(picture: &RgbImage, [left, top, right, bottom]: [u32; 4]) -> RgbImage {
    let (width, height) = picture.dimensions();
    let part = |side: u32, percent: u32| side * percent / 100;
    let (x, y) = (part(width, left), part(height, top));
    let (w, h) = (width - x - part(width, right), height - y - part(height, bottom));
    imageops::crop_imm(picture, x, y, w, h).to_image()
}

/// Turned about its middle and cut to the largest part of its shape without corners.
fn turned(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let long = (width / height).max(height / width);
    let kept = 1.0 / (cosine + long * sine.abs());
    let (w, h) = ((width * kept) as u32, (height * kept) as u32);
    RgbImage::from_fn(w, h, |x, y| {
        let (x, y) = (x as f32 - w as f32 / 2.0, y as f32 - h as f32 / 2.0);
        between(
            picture,
            width / 2.0 + x * cosine - y * sine,
            height / 2.0 + x * sine + y * cosine,
        )
    })
}

fn between(picture: &RgbImage, x: f32, y: f32) -> Rgb<u8> {
    let (x, y) = (
        x.clamp(0.0, (picture.width() - 2) as f32),
        y.clamp(0.0, (picture.height() - 2) as f32),
    );
    let (left, top) = (x as u32, y as u32);
    let (a, b) = (x.fract(), y.fract());
    let at = |x: u32, y: u32, channel: usize| f32::from(picture.get_pixel(x, y).0[channel]);
    Rgb([0, 1, 2].map(|channel| {
        let upper = at(left, top, channel) * (1.0 - a) + at(left + 1, top, channel) * a;
        let lower = at(left, top + 1, channel) * (1.0 - a) + at(left + 1, top + 1, channel) * a;
        (upper * (1.0 - b) + lower * b).round() as u8
    }))
}

fn on_canvas(picture: &RgbImage, size: (u32, u32), at: (u32, u32), tone: [u8; 3]) -> RgbImage {
    let mut out = RgbImage::from_pixel(size.0, size.1, Rgb(tone));
    imageops::replace(&mut out, picture, i64::from(at.0), i64::from(at.1));
    out
}

/// A telephone's screen: a bar with clock and battery, a line with a name, the picture, buttons, text.
fn screenshot(picture: &RgbImage, seed: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let unit = (width / 16).max(4);
    let light = !seed.is_multiple_of(3);
    let (paper, ink) = if light {
        ([250; 3], [30; 3])
    } else {
        ([18; 3], [225; 3])
    };
    let (above, below) = (unit * 3, unit * 6);
    let mut out = on_canvas(picture, (width, height + above + below), (0, above), paper);
    write(&mut out, unit / 2, unit / 4, unit * 2 / 3, unit * 3, ink, 1);
    fill(
        &mut out,
        width - unit * 2,
        unit / 4,
        unit * 3 / 2,
        unit * 2 / 3,
        ink,
    );
    fill(&mut out, unit / 2, unit * 3 / 2, unit, unit, [90, 120, 200]);
    write(&mut out, unit * 2, unit * 7 / 4, unit / 2, unit * 6, ink, seed);
    for button in 0..4 {
        fill(
            &mut out,
            unit / 2 + button * unit * 2,
            above + height + unit / 2,
            unit,
            unit,
            [120; 3],
        );
    }
    for line in 0..3 {
        let top = above + height + unit * 2 + line * unit;
        write(&mut out, unit / 2, top, unit / 2, width - unit, ink, seed + line);
    }
    out
}

fn fill(picture: &mut RgbImage, x: u32, y: u32, width: u32, height: u32, colour: [u8; 3]) {
    for y in y..(y + height).min(picture.height()) {
        for x in x..(x + width).min(picture.width()) {
            picture.put_pixel(x, y, Rgb(colour));
        }
    }
}

/// Letters of five by seven dots, as many as there is room for.
fn write(picture: &mut RgbImage, x: u32, y: u32, tall: u32, room: u32, colour: [u8; 3], seed: u32) {
    let dot = (tall / 7).max(1);
    let letters = room / (dot * 6);
    for number in 0..letters {
        let letter = LETTERS[((seed + number) * 7 % 13) as usize % LETTERS.len()];
        for (row, line) in letter.iter().enumerate() {
            for column in 0..5 {
                if line >> (4 - column) & 1 == 1 {
                    let left = x + number * dot * 6 + column * dot;
                    fill(picture, left, y + row as u32 * dot, dot, dot, colour);
                }
            }
        }
    }
}

/// A, E, H, I, L, N, O, R, S, T.
const LETTERS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    [0b10001, 0b11001, 0b10101, 0b10101, 0b10011, 0b10001, 0b10001],
    [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
    [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}
