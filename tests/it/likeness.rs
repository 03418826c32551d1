//! The signed thumbnail as a second witness, and two pictures compared, as a user meets them.

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
