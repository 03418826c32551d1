//! The signed thumbnail as a second witness, and two pictures compared, as a user meets them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::many_single_char_names,
    reason = "numbers of tests are small"
)]

use std::fs;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use super::run::{Home, both, code, corpus};

/// A scene in which no two places look alike.
fn scene(seed: u32) -> RgbImage {
    let mut picture = RgbImage::from_fn(640, 480, |x, y| {
        Rgb([(40 + x / 5) as u8, (60 + y / 4) as u8, (90 + (x + y) / 16) as u8])
    });
    for disc in 0..18u32 {
        let at = seed
            .wrapping_mul(2_654_435_761)
            .wrapping_add(disc.wrapping_mul(40_503_017));
        let (x, y, r) = ((at >> 3) % 640, (at >> 11) % 480, 20 + (at >> 19) % 50);
        for (px, py, pixel) in picture.enumerate_pixels_mut() {
            if px.abs_diff(x).pow(2) + py.abs_diff(y).pow(2) < r * r {
                *pixel = Rgb([(at >> 5) as u8, (at >> 13) as u8, (at >> 21) as u8]);
            }
        }
    }
    picture
}

fn save(picture: &RgbImage, path: &Path, quality: u8) {
    let mut bytes = Vec::new();
    picture
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .unwrap();
    fs::write(path, bytes).unwrap();
}

/// The manifest segments (APP11) of a signed JPEG.
fn store(signed: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut at = 2;
    while signed[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([signed[at + 2], signed[at + 3]]));
        if signed[at + 1] == 0xeb {
            found.extend_from_slice(&signed[at..end]);
        }
        at = end;
    }
    assert!(!found.is_empty(), "a store is there");
    found
}

/// A home with `signed.jpg`, and its store put into other pixels.
struct Desk {
    home: Home,
    store: Vec<u8>,
}

impl Desk {
    fn new(more: &[&str]) -> Self {
        let home = Home::with_key();
        save(&scene(1), &home.path("a.jpg"), 92);
        let words = [
            "sign",
            "a.jpg",
            "-o",
            "signed.jpg",
            "--source",
            "human",
            "--no-ledger",
        ];
        home.ok(words.iter().chain(more));
        let store = store(&fs::read(home.path("signed.jpg")).unwrap());
        Self { home, store }
    }

    fn transplant(&self, picture: &RgbImage, name: &str, quality: u8) {
        save(picture, &self.home.path(name), quality);
        let mut bytes = fs::read(self.home.path(name)).unwrap();
        bytes.splice(2..2, self.store.iter().copied());
        fs::write(self.home.path(name), bytes).unwrap();
    }

    fn verify(&self, name: &str, more: &[&str], wanted: i32) -> serde_json::Value {
        let words = ["verify", name, "--no-ledger"];
        self.home.json(words.iter().chain(more), wanted)
    }
}

fn patched() -> RgbImage {
    let mut picture = scene(1);
    for (x, y) in (300..420).flat_map(|x| (200..300).map(move |y| (x, y))) {
        picture.put_pixel(x, y, Rgb([250, 20, 250]));
    }
    picture
}

#[test]
fn changed_says_which_of_three_it_is() {
    let desk = Desk::new(&[]);
    desk.transplant(&scene(77), "other.jpg", 90);
    desk.transplant(&patched(), "part.jpg", 90);
    desk.transplant(&scene(1), "same.jpg", 60);
    for (name, likeness, outcome) in [
        ("other.jpg", "another-picture", "fail"),
        ("part.jpg", "part-changed", "fail"),
        ("same.jpg", "same-picture", "pass"),
    ] {
        let report = desk.verify(name, &[], 1);
        assert_eq!(report["result"], "CHANGED", "{name}");
        let witness = &report["thumbnail"];
        assert_eq!(witness["cells"]["likeness"], likeness, "{name} {witness}");
        assert_eq!(witness["check"]["outcome"], outcome, "{name}");
    }
    let area = &desk.verify("part.jpg", &[], 1)["thumbnail"]["cells"]["areas"][0];
    let near = |field: &str, wanted: i64| (area[field].as_i64().unwrap() - wanted).abs() <= 20;
    assert!(
        near("x", 300) && near("y", 200) && near("width", 120) && near("height", 100),
        "{area}"
    );
    let told = both(&desk.home.run(["verify", "same.jpg", "--no-ledger"]));
    assert!(
        told.contains("same picture as when it was signed (bytes changed)"),
        "{told}"
    );
    let told = both(&desk.home.run(["verify", "part.jpg", "other.jpg", "--no-ledger"]));
    assert!(
        told.contains("part.jpg (part changed)") && told.contains("other.jpg (another picture)"),
        "{told}"
    );
}

#[test]
fn an_unchanged_file_is_not_decoded_unless_asked() {
    let desk = Desk::new(&[]);
    assert!(desk.verify("signed.jpg", &[], 0)["thumbnail"].is_null());
    let asked = desk.verify("signed.jpg", &["--thumbnail"], 0);
    assert_eq!(asked["thumbnail"]["cells"]["likeness"], "same-picture");
    assert_eq!(asked["result"], "TRUSTED");
}

#[test]
fn a_thumbnail_that_the_claim_does_not_state_or_that_is_not_there_says_nothing() {
    let desk = Desk::new(&[]);
    // A byte of the thumbnail inside the store: the claim's hash of it no longer holds.
    let mut bytes = fs::read(desk.home.path("signed.jpg")).unwrap();
    let at = bytes
        .windows(4)
        .skip(2)
        .position(|four| four == [0xff, 0xd8, 0xff, 0xe0]);
    let at = at.expect("a thumbnail in the store") + 2 + 600;
    bytes[at] ^= 0x10;
    fs::write(desk.home.path("forged.jpg"), bytes).unwrap();
    let report = desk.verify("forged.jpg", &[], 1);
    assert_eq!(report["thumbnail"]["check"]["outcome"], "not-checked", "{report}");
    assert!(report["thumbnail"]["cells"].is_null());

    let bare = Desk::new(&["--no-thumbnail"]);
    bare.transplant(&scene(1), "same.jpg", 60);
    let report = bare.verify("same.jpg", &["--heatmap", "where.png"], 1);
    assert_eq!(report["thumbnail"]["check"]["outcome"], "not-checked", "{report}");
    assert!(!bare.home.path("where.png").exists());
}

#[test]
fn a_heat_map_is_a_png_beside_nothing_and_over_nothing() {
    let desk = Desk::new(&[]);
    desk.transplant(&patched(), "part.jpg", 90);
    let before = fs::read(desk.home.path("part.jpg")).unwrap();
    for place in ["part.jpg", "a.jpg"] {
        let output = desk
            .home
            .run(["verify", "part.jpg", "--no-ledger", "--heatmap", place]);
        assert_eq!(code(&output), 4, "{}", both(&output));
        let output = desk
            .home
            .run(["compare", "a.jpg", "part.jpg", "--heatmap", place]);
        assert_eq!(code(&output), 4, "{}", both(&output));
    }
    assert_eq!(fs::read(desk.home.path("part.jpg")).unwrap(), before);
    let report = desk.verify("part.jpg", &["--heatmap", "where.png"], 1);
    assert_eq!(report["thumbnail"]["heatmap"], "where.png");
    let map = image::open(desk.home.path("where.png")).unwrap().to_rgb8();
    assert_eq!(map.dimensions(), (512, 384));
    let [r, g, _] = map.get_pixel(288, 200).0;
    assert!(r > g + 60, "the part is red: {r} {g}");
    let output = desk
        .home
        .run(["verify", "part.jpg", "a.jpg", "--heatmap", "two.png"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
}

#[test]
fn compare_has_a_word_and_an_exit_code_for_each_case() {
    let desk = Desk::new(&[]);
    let home = &desk.home;
    save(&scene(9), &home.path("other.jpg"), 90);
    save(&patched(), &home.path("part.jpg"), 80);
    save(
        &image::imageops::flip_horizontal(&scene(1)),
        &home.path("mirror.jpg"),
        80,
    );
    let small = image::imageops::resize(&scene(1), 320, 240, image::imageops::FilterType::Triangle);
    small.save(home.path("small.png")).unwrap();
    image::open(home.path("small.png"))
        .unwrap()
        .save(home.path("small.webp"))
        .unwrap();
    home.fixture("images/gradient.avif");
    fs::copy(home.path("a.jpg"), home.path("copy.jpg")).unwrap();
    for (a, b, word, exit) in [
        ("a.jpg", "other.jpg", "UNRELATED", 1),
        ("a.jpg", "gradient.avif", "UNDECIDED", 3),
        ("a.jpg", "part.jpg", "PART CHANGED", 1),
        ("a.jpg", "mirror.jpg", "REWORKED", 1),
        ("a.jpg", "small.png", "SAME PICTURE", 0),
        ("small.png", "small.webp", "SAME PIXELS", 0),
        ("a.jpg", "signed.jpg", "SAME PIXELS", 0),
        ("a.jpg", "copy.jpg", "SAME BYTES", 0),
    ] {
        let report = home.json(["compare", a, b], exit);
        assert_eq!(report["result"], word, "{a} {b} {report}");
    }
    let told = home.run(["compare", "a.jpg", "part.jpg", "--heatmap", "map.png"]);
    assert!(
        both(&told).contains("\nResult: PART CHANGED - "),
        "{}",
        both(&told)
    );
    assert!(home.path("map.png").exists());
    assert_eq!(code(&home.run(["compare", "a.jpg", "none.jpg"])), 4);
    fs::write(home.path("text.jpg"), "no picture").unwrap();
    assert_eq!(code(&home.run(["compare", "a.jpg", "text.jpg"])), 4);
}

/// The lighthouse in a home, signed as `signed.jpg`, with copies as people make them.
fn lighthouse() -> (Desk, RgbImage) {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    let words = [
        "sign",
        "lighthouse.jpg",
        "-o",
        "signed.jpg",
        "--source",
        "human",
        "--no-ledger",
    ];
    home.ok(words);
    let store = store(&fs::read(home.path("signed.jpg")).unwrap());
    let picture = image::open(home.path("lighthouse.jpg")).unwrap().to_rgb8();
    (Desk { home, store }, picture)
}

fn part(picture: &RgbImage, [left, top, width, height]: [u32; 4]) -> RgbImage {
    let (w, h) = picture.dimensions();
    image::imageops::crop_imm(
        picture,
        w * left / 100,
        h * top / 100,
        w * width / 100,
        h * height / 100,
    )
    .to_image()
}

fn onto(mut ground: RgbImage, picture: &RgbImage, x: i64, y: i64) -> RgbImage {
    image::imageops::replace(&mut ground, picture, x, y);
    ground
}

/// Turned by degrees about its middle; what it does not reach is black.
fn turned(picture: &RgbImage, degrees: f64) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = picture.dimensions();
    let (cx, cy) = (f64::from(w) / 2.0, f64::from(h) / 2.0);
    RgbImage::from_fn(w, h, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - cx, f64::from(y) + 0.5 - cy);
        let (u, v) = (cos * dx + sin * dy + cx, cos * dy - sin * dx + cy);
        if u < 0.0 || v < 0.0 {
            return Rgb([0; 3]);
        }
        let pixel = picture.get_pixel_checked(u as u32, v as u32);
        pixel.copied().unwrap_or(Rgb([0; 3]))
    })
}

/// A screenshot of a page: the picture at three fifths of its size among bars and lines of text.
fn shot(picture: &RgbImage) -> RgbImage {
    let page = RgbImage::from_fn(1080, 1300, |x, y| match y {
        0..90 => Rgb([30, 60, 120]),
        _ if y > 700 && y % 40 < 14 && x % 97 > 20 && x < 900 => Rgb([60, 60, 60]),
        _ => Rgb([245, 245, 245]),
    });
    let (w, h) = picture.dimensions();
    let small = image::imageops::resize(
        picture,
        w * 3 / 5,
        h * 3 / 5,
        image::imageops::FilterType::Triangle,
    );
    onto(page, &small, 140, 180)
}

#[test]
fn honest_copies_are_told_as_parts_frames_and_turns_not_as_other_pictures() {
    let (desk, picture) = lighthouse();
    let letterbox = onto(
        RgbImage::from_pixel(picture.width(), picture.width(), Rgb([0; 3])),
        &picture,
        0,
        i64::from(picture.width() - picture.height()) / 2,
    );
    for (name, copy, word, exit, said) in [
        (
            "crop60.jpg",
            part(&picture, [20, 20, 60, 60]),
            "REWORKED",
            1,
            "cropped",
        ),
        (
            "crop50.jpg",
            part(&picture, [25, 25, 50, 50]),
            "REWORKED",
            1,
            "cropped",
        ),
        (
            "corner.jpg",
            part(&picture, [0, 40, 55, 60]),
            "REWORKED",
            1,
            "a part of the first, cropped",
        ),
        ("letter.jpg", letterbox, "REWORKED", 1, "extended"),
        ("shot.jpg", shot(&picture), "RELATED", 3, "beside other things"),
        ("turn3.jpg", turned(&picture, 3.0), "REWORKED", 1, ""),
        ("turn10.jpg", turned(&picture, 10.0), "REWORKED", 1, ""),
        (
            "turn30.jpg",
            turned(&picture, 30.0),
            "REWORKED",
            1,
            "turned by 30 degrees clockwise",
        ),
    ] {
        desk.transplant(&copy, name, 85);
        let output = desk
            .home
            .run(["compare", "lighthouse.jpg", name, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        // How a turned or shrunk copy lies is known to a fraction of a cell: of some, cells along edges count as changed.
        let is_related = report["result"] == "RELATED";
        assert!(is_related || report["result"] == word, "{name} {report}");
        assert_eq!(code(&output), if is_related { 3 } else { exit }, "{name}");
        let sentence = report["sentence"].as_str().unwrap();
        assert!(sentence.contains(said), "{name}: {sentence}");
        let witness = &desk.verify(name, &[], 1)["thumbnail"];
        let note = witness["check"]["note"].as_str().unwrap();
        assert!(!note.contains("another picture"), "{name}: {note}");
        let likeness = &witness["cells"]["likeness"];
        assert!(
            likeness == "reworked" || likeness == "part-changed",
            "{name}: {witness}"
        );
        if name.starts_with("crop") {
            assert_eq!(report["result"], "REWORKED", "{name} {report}");
            assert_eq!(likeness, "reworked", "{name} {witness}");
        }
    }
    // The other way round, what is newer holds more.
    let report = desk.home.json(["compare", "crop50.jpg", "lighthouse.jpg"], 3);
    assert_eq!(report["result"], "RELATED", "{report}");
    let sentence = report["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("the second holds all of the first"),
        "{sentence}"
    );
}

#[test]
fn what_was_pasted_into_a_crop_is_not_passed_over_and_another_picture_stays_one() {
    let (desk, picture) = lighthouse();
    let mut pasted = part(&picture, [25, 25, 50, 50]);
    for (x, y) in (150..300).flat_map(|x| (100..220).map(move |y| (x, y))) {
        pasted.put_pixel(x, y, Rgb([250, 20, 250]));
    }
    desk.transplant(&pasted, "pasted.jpg", 85);
    let output = desk
        .home
        .run(["compare", "lighthouse.jpg", "pasted.jpg", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        report["result"] == "RELATED" || report["result"] == "PART CHANGED",
        "{report}"
    );
    let witness = &desk.verify("pasted.jpg", &[], 1)["thumbnail"];
    assert_eq!(witness["cells"]["likeness"], "part-changed", "{witness}");
    desk.transplant(&scene(3), "other.jpg", 85);
    let report = desk.home.json(["compare", "lighthouse.jpg", "other.jpg"], 1);
    assert_eq!(report["result"], "UNRELATED", "{report}");
    let witness = &desk.verify("other.jpg", &[], 1)["thumbnail"];
    assert_eq!(witness["cells"]["likeness"], "another-picture", "{witness}");
}

#[test]
fn of_a_picture_without_points_nothing_is_told() {
    let (desk, _) = lighthouse();
    desk.transplant(
        &RgbImage::from_pixel(300, 200, Rgb([90, 120, 200])),
        "flat.jpg",
        85,
    );
    let report = desk.home.json(["compare", "lighthouse.jpg", "flat.jpg"], 3);
    assert_eq!(report["result"], "UNDECIDED", "{report}");
    assert!(
        report["sentence"].as_str().unwrap().starts_with("not told"),
        "{report}"
    );
    let witness = &desk.verify("flat.jpg", &[], 1)["thumbnail"];
    assert_eq!(witness["check"]["outcome"], "not-checked", "{witness}");
    assert!(
        witness["check"]["note"].as_str().unwrap().starts_with("not told"),
        "{witness}"
    );
}

/// A PNG with another number of frames: chunks are put in before the pixels and before the end, the still picture is the first.
fn animated(png: &[u8], frames: u32) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
            })
        })
    };
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let size = &png[16..24];
    let control = |number: u32| {
        let data = [&number.to_be_bytes()[..], size, &[0; 8], &[0, 1, 0, 10, 0, 0]].concat();
        chunk(b"fcTL", &data)
    };
    let pixels = png.windows(4).position(|kind| kind == b"IDAT").unwrap();
    let len = u32::from_be_bytes(png[pixels - 4..pixels].try_into().unwrap()) as usize;
    let data = &png[pixels + 4..pixels + 4 + len];
    let counts = [frames.to_be_bytes(), [0; 4]].concat();
    let end = png.len() - 12;
    let mut out = [&png[..33], &chunk(b"acTL", &counts), &control(0), &png[33..end]].concat();
    for frame in 1..frames {
        out.extend(control(frame * 2 - 1));
        let data = [&(frame * 2).to_be_bytes()[..], data].concat();
        out.extend(chunk(b"fdAT", &data));
    }
    out.extend(&png[end..]);
    out
}

#[test]
fn equal_first_frames_are_not_the_same_pixels() {
    let home = Home::new();
    for name in [
        "animated.gif",
        "gradient.gif",
        "two-pages.tif",
        "big-endian.tif",
        "bigtiff.tif",
    ] {
        home.fixture(&format!("images/{name}"));
    }
    scene(1).save(home.path("still.png")).unwrap();
    let still = fs::read(home.path("still.png")).unwrap();
    fs::write(home.path("two.png"), animated(&still, 2)).unwrap();
    fs::write(home.path("again.png"), animated(&still, 2)).unwrap();
    let mut other = animated(&still, 2);
    // Another delay of the last frame: other bytes, as many frames; decoders of still pictures stop before it.
    let at = other.windows(4).rposition(|kind| kind == b"fcTL").unwrap();
    other[at + 25] ^= 1;
    fs::write(home.path("other.png"), other).unwrap();
    for (a, b, word, exit, said) in [
        (
            "animated.gif",
            "gradient.gif",
            "PART CHANGED",
            1,
            "2 frames against 1 frame",
        ),
        (
            "gradient.gif",
            "animated.gif",
            "PART CHANGED",
            1,
            "1 frame against 2 frames",
        ),
        (
            "two-pages.tif",
            "big-endian.tif",
            "PART CHANGED",
            1,
            "2 pages against 1 page",
        ),
        (
            "still.png",
            "two.png",
            "PART CHANGED",
            1,
            "1 frame against 2 frames",
        ),
        (
            "two.png",
            "other.png",
            "UNDECIDED",
            3,
            "2 frames against 2 frames",
        ),
        ("two.png", "again.png", "SAME BYTES", 0, "equal"),
    ] {
        let report = home.json(["compare", a, b], exit);
        assert_eq!(report["result"], word, "{a} {b} {report}");
        let sentence = report["sentence"].as_str().unwrap();
        assert!(sentence.contains(said), "{a} {b}: {sentence}");
    }
}

#[test]
fn signer_and_finder_are_told_that_the_first_frame_stands_for_all() {
    let home = Home::with_key();
    home.fixture("images/animated.gif");
    home.fixture("images/gradient.gif");
    home.ok(["ledger", "init"]);
    for (name, told) in [("animated.gif", true), ("gradient.gif", false)] {
        let out = format!("signed-{name}");
        let words = ["sign", name, "-o", &out, "--source", "human", "--no-ledger"];
        let said = both(&home.run(words.iter().chain(&["--format", "json"])));
        assert_eq!(
            said.contains("the first of 2 frames alone"),
            told,
            "{name}: {said}"
        );
        let said = both(&home.run(["find", name, "--format", "json"]));
        assert_eq!(
            said.contains("the first of 2 frames alone"),
            told,
            "{name}: {said}"
        );
    }
}

/// The C2PA test files: `XCA` and `XCI` were made grey after signing, `E-dat` has a byte changed that shows nowhere.
#[test]
fn real_files_have_the_word_of_their_pixels() {
    let Some(folder) = corpus() else { return };
    let home = Home::new();
    for entry in fs::read_dir(folder.join("c2pa-public-testfiles")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let words = [
            "verify".as_ref(),
            path.as_os_str(),
            "--no-ledger".as_ref(),
            "--thumbnail".as_ref(),
        ];
        let output = home.run(words.iter().chain(&["--format".as_ref(), "json".as_ref()]));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let likeness = report["thumbnail"]["cells"]["likeness"]
            .as_str()
            .unwrap_or("none");
        let is_edited = ["-XCA", "-XCI"].iter().any(|part| name.contains(part));
        if is_edited {
            assert_eq!(likeness, "reworked", "{name}: {report}");
            let saturation = &report["thumbnail"]["cells"]["rework"]["saturation_percent"];
            assert!(saturation.as_i64().unwrap() <= -90, "{name}: {report}");
        } else {
            assert!(matches!(likeness, "same-picture" | "none"), "{name}: {report}");
        }
    }
}
