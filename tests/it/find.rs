//! Copies of a registered picture are found by their looks, unrelated pictures are not, and nothing is called the same that is
//! only alike.

use std::io::Cursor;
use std::path::PathBuf;

use byline::asset::{Asset, pixels};
use byline::base::Digest;
use byline::ledger::{Entry, EntryBody, LookupMode};
use byline::similar;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use serde_json::Value;

use super::ledger::{Bench, NOW, later, registration};
use super::run::{Home, both, code};

/// A picture of a few dozen soft shapes that no other seed gives.
pub fn drawn(seed: u64) -> DynamicImage {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from((state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below).unwrap()
    };
    let mut picture = RgbImage::from_pixel(420, 300, Rgb([120, 130, 110]));
    for _ in 0..60 {
        let (centre_x, centre_y) = (random(420), random(300));
        let (width, height) = (20 + random(110), 20 + random(110));
        let colour = Rgb([(); 3].map(|()| u8::try_from(random(256)).unwrap()));
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let across = (i64::from(x) - centre_x) * 100 / width;
            let down = (i64::from(y) - centre_y) * 100 / height;
            if across * across + down * down < 2500 {
                *pixel = colour;
            }
        }
    }
    DynamicImage::ImageRgb8(imageops::blur(&picture, 1.0))
}

pub fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    picture
        .to_rgb8()
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality))
        .unwrap();
    out
}

pub fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

pub fn put(home: &Home, name: &str, bytes: &[u8]) {
    std::fs::write(home.path(name), bytes).unwrap();
}

/// A home whose default ledger holds five drawn pictures; gives the third.
pub fn registered() -> (Home, DynamicImage) {
    let home = Home::with_key();
    std::fs::create_dir(home.path("in")).unwrap();
    for seed in 1..=5 {
        put(&home, &format!("in/{seed}.jpg"), &jpeg(&drawn(seed), 92));
    }
    home.ok(["sign", "in", "-o", "out", "--source", "ai", "--jobs", "2"]);
    (home, drawn(3))
}

/// The entry of `out/3.jpg`.
pub fn entry_of_three(home: &Home) -> u64 {
    let found = home.json(["find", "out/3.jpg"], 0);
    assert_eq!(found["result"], "REGISTERED");
    assert_eq!(found["ledger"]["entries"][0]["matched"], "file");
    assert!(found["near"].as_array().unwrap().is_empty(), "{found}");
    found["ledger"]["entries"][0]["index"].as_u64().unwrap()
}

#[test]
fn copies_of_a_registered_picture_are_found_and_unrelated_ones_are_not() {
    let (home, three) = registered();
    let index = entry_of_three(&home);
    let (width, height) = (three.width(), three.height());
    let (cut_x, cut_y) = (width / 20, height / 20);
    let copies: [(&str, DynamicImage, u8, &str); 6] = [
        ("recompressed", three.clone(), 40, ""),
        (
            "resized",
            three.resize(210, 150, imageops::FilterType::Triangle),
            85,
            "",
        ),
        (
            "cropped",
            three.crop_imm(cut_x, cut_y, width - 2 * cut_x, height - 2 * cut_y),
            85,
            "cut to the centre 90 % of each side",
        ),
        ("mirrored", three.fliph(), 85, "as mirrored"),
        ("turned", three.rotate90(), 85, "turned a quarter clockwise"),
        ("darker", three.brighten(-30), 85, ""),
    ];
    for (name, copy, quality, view) in copies {
        put(&home, "copy.jpg", &jpeg(&copy, quality));
        let found = home.json(["find", "copy.jpg"], 0);
        assert_eq!(found["result"], "LOOKS LIKE", "{name}: {found}");
        let near = &found["near"][0];
        assert_eq!(near["index"], index, "{name}");
        assert_eq!(near["proven"], true);
        assert_eq!(near["known_as"], "ada");
        assert_eq!(near["authorship"], "ai", "{near}");
        assert!(near["title"].as_str().unwrap().contains("recorded holder"));
        assert!(near["distance_bits"].as_u64().unwrap() <= 48, "{name}: {near}");
        let words = near["chance"]["words"].as_str().unwrap_or_default();
        assert_eq!(words.contains("fewer than"), view.is_empty(), "{words}");
        assert_eq!(near["view"].as_str().unwrap_or_default(), view, "{name}");
        // A chance is stated for pictures compared as they are, and it is a bound here.
        assert_eq!(
            near["chance"]["at_most"].as_bool(),
            view.is_empty().then_some(true),
            "{name}"
        );
        assert_eq!(
            found["near"].as_array().unwrap().len(),
            1,
            "{name}: only one looks like it"
        );
        let said = found["sentence"].as_str().unwrap();
        assert!(said.starts_with("looks like"), "{said}");
    }
    for seed in 100..110 {
        put(&home, "other.jpg", &jpeg(&drawn(seed), 90));
        let found = home.json(["find", "other.jpg"], 3);
        assert_eq!(found["result"], "NOTHING LIKE IT", "{seed}: {found}");
        assert_eq!(found["pictures"], 5);
    }
}

#[test]
fn what_is_said_is_alike_and_never_the_same() {
    let (home, three) = registered();
    put(&home, "copy.jpg", &jpeg(&three, 50));
    let output = home.run(["find", "copy.jpg", "--uniqueness"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    for wanted in [
        "Looks like",
        "of 256 details differ",
        "by ada",
        "fewer than",
        "inclusion proven",
        "Result: LOOKS LIKE",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    for never in ["authentic", "owner", " is the same", "is a copy"] {
        assert!(!said.contains(never), "{never}: {said}");
    }
}

#[test]
fn verify_looks_by_itself_and_changes_no_word() {
    let (home, three) = registered();
    let index = entry_of_three(&home);
    put(&home, "copy.jpg", &jpeg(&three, 60));
    let report = home.json(["verify", "copy.jpg"], 3);
    assert_eq!(report["result"], "NO CREDENTIALS");
    assert_eq!(report["ledger"]["check"]["outcome"], "unknown");
    assert_eq!(report["ledger"]["look_alike"]["index"], index);
    assert!(report["ledger"]["entries"].as_array().unwrap().is_empty());
    let said = String::from_utf8(home.run(["verify", "copy.jpg"]).stdout).unwrap();
    assert_eq!(said.matches("Looks like ").count(), 1, "{said}");
    // A look-alike is no registration.
    home.json(["verify", "copy.jpg", "--require", "registered"], 3);
    // What is identified is not looked for.
    let known = home.json(["verify", "out/3.jpg"], 0);
    assert_eq!(known["ledger"]["look_alike"], Value::Null);
    put(&home, "other.jpg", &jpeg(&drawn(200), 60));
    let other = home.json(["verify", "other.jpg"], 3);
    assert_eq!(other["ledger"]["look_alike"], Value::Null);
}

#[test]
fn signing_says_what_was_registered_before() {
    let home = Home::with_key();
    let picture = drawn(1);
    put(&home, "a.jpg", &jpeg(&picture, 92));
    let sign = |input: &str, output: &str, title: &str| {
        home.json(
            ["sign", input, "-o", output, "--source", "ai", "--title", title],
            0,
        )["uniqueness"]
            .clone()
    };
    let first = sign("a.jpg", "a.signed.jpg", "one");
    assert_eq!(first["pictures"], 0);
    assert_eq!(first["nearest"], Value::Null);
    assert!(
        first["sentence"]
            .as_str()
            .unwrap()
            .contains("no registered picture"),
        "{first}"
    );
    // The same pixels in another file.
    let twin = sign("a.jpg", "b.jpg", "two");
    assert_eq!(twin["twins"], serde_json::json!([1]));
    assert!(twin["near_twins"].as_array().unwrap().is_empty());
    // Other pixels that look the same.
    put(&home, "c.jpg", &jpeg(&picture, 60));
    let near = sign("c.jpg", "d.jpg", "three");
    assert!(near["twins"].as_array().unwrap().is_empty());
    assert_eq!(near["near_twins"].as_array().unwrap().len(), 2, "{near}");
    assert_eq!(near["nearest"]["likeness"], "same-picture");
    assert!(
        near["sentence"]
            .as_str()
            .unwrap()
            .contains("looks like the same picture as"),
        "{near}"
    );
    // Something else.
    put(&home, "e.jpg", &jpeg(&drawn(2), 90));
    let other = sign("e.jpg", "f.jpg", "four");
    assert!(
        other["nearest"]["distance_bits"].as_u64().unwrap() > 64,
        "{other}"
    );
    assert!(
        other["sentence"].as_str().unwrap().contains("by chance alone"),
        "{other}"
    );
    // The same answer to who asks before signing.
    put(&home, "g.jpg", &jpeg(&picture, 70));
    let asked = home.json(["find", "g.jpg", "--uniqueness"], 0);
    assert_eq!(
        asked["uniqueness"]["near_twins"].as_array().unwrap().len(),
        3,
        "{asked}"
    );
    // A batch is compared with itself, in the order of its files; its line says so.
    std::fs::create_dir(home.path("batch")).unwrap();
    for (name, quality) in [("1.jpg", 90), ("2.jpg", 70)] {
        put(&home, &format!("batch/{name}"), &jpeg(&drawn(9), quality));
    }
    let said = home.ok(["sign", "batch", "-o", "signed", "--source", "ai"]);
    assert_eq!(said.matches("(looks like entry 5)").count(), 1, "{said}");
    assert_eq!(said.matches("(closest before: entry ").count(), 1, "{said}");
}

/// Who registers a copy of another's picture is not shown alone.
#[test]
fn a_receiver_of_a_registered_copy_sees_the_earlier_entry_by_another_key() {
    let home = Home::with_key();
    home.ok([
        "key",
        "new",
        "--name",
        "bob",
        "--as",
        "Bob Copier",
        "--unencrypted",
    ]);
    let picture = drawn(1);
    put(&home, "a.jpg", &jpeg(&picture, 92));
    put(&home, "b.jpg", &jpeg(&picture, 60));
    let sign = |input: &str, output: &str, key: &str| {
        home.ok(["sign", input, "-o", output, "--source", "ai", "--key", key]);
    };
    sign("a.jpg", "a.signed.jpg", "ada");
    sign("b.jpg", "b.signed.jpg", "bob");
    // An edited copy by the same key is nobody else's.
    put(&home, "c.jpg", &jpeg(&picture, 40));
    sign("c.jpg", "c.signed.jpg", "bob");
    let copy = home.json(["verify", "b.signed.jpg"], 3);
    let earlier = copy["ledger"]["earlier_alike"].as_array().unwrap();
    assert_eq!(earlier.len(), 1, "{copy}");
    assert_eq!(
        (&earlier[0]["index"], &earlier[0]["known_as"]),
        (&1.into(), &"ada".into())
    );
    assert_eq!(copy["result"], "UNKNOWN ISSUER");
    let said = String::from_utf8(home.run(["verify", "b.signed.jpg"]).stdout).unwrap();
    assert_eq!(said.matches("Earlier here ").count(), 1, "{said}");
    let first = home.json(["verify", "a.signed.jpg"], 0);
    assert!(
        first["ledger"]["earlier_alike"].as_array().unwrap().is_empty(),
        "{first}"
    );
}

/// A mirror hides nobody's picture from the signer of a copy and its receiver: a recorded code can be turned without the picture.
#[test]
fn mirrored_and_turned_copies_by_another_key_are_told_at_signing_and_on_receipt() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "bob", "--as", "Bob", "--unencrypted"]);
    put(&home, "a.jpg", &jpeg(&drawn(1), 92));
    home.ok([
        "sign",
        "a.jpg",
        "-o",
        "a.signed.jpg",
        "--source",
        "ai",
        "--key",
        "ada",
    ]);
    for (at, (name, copy, by)) in [
        ("mirror", drawn(1).fliph(), "as mirrored"),
        ("quarter", drawn(1).rotate90(), "turned a quarter clockwise"),
        ("over", drawn(1).rotate180(), "turned upside down"),
    ]
    .into_iter()
    .enumerate()
    {
        let (from, to) = (format!("{name}.jpg"), format!("{name}.signed.jpg"));
        put(&home, &from, &jpeg(&copy, 70));
        let signed = home.json(["sign", &from, "-o", &to, "--source", "ai", "--key", "bob"], 0);
        let unique = &signed["uniqueness"];
        if at == 0 {
            assert_eq!(unique["nearest"]["by"], by, "{signed:#}");
        }
        assert!(
            unique["near_twins"].as_array().unwrap().contains(&1.into()),
            "{name} {unique:#}"
        );
        let report = home.json(["verify", &to], 3);
        let earlier = report["ledger"]["earlier_alike"].as_array().unwrap();
        assert_eq!(earlier.len(), 1, "{name} {earlier:?}");
        assert_eq!(
            (&earlier[0]["index"], &earlier[0]["view"]),
            (&1.into(), &by.into())
        );
    }
}

#[test]
fn flat_and_undecoded_pictures_are_said_not_to_be_searched() {
    let (home, _) = registered();
    let flat = DynamicImage::ImageRgb8(RgbImage::from_pixel(200, 200, Rgb([90, 90, 90])));
    put(&home, "flat.png", &png(&flat));
    let found = home.json(["find", "flat.png"], 3);
    assert_eq!(found["result"], "NOT SEARCHED");
    assert!(
        found["not_searched"][0]
            .as_str()
            .unwrap()
            .contains("quality 0 of 100"),
        "{found}"
    );
    home.fixture("images/gradient.avif");
    let found = home.json(["find", "gradient.avif"], 3);
    assert_eq!(found["result"], "NOT SEARCHED");
    assert!(
        found["not_searched"][0].as_str().unwrap().contains("AVIF"),
        "{found}"
    );
    // Registered all the same, and counted as what cannot be searched.
    home.ok(["sign", "flat.png", "-o", "flat.signed.png", "--source", "ai"]);
    let found = home.json(["find", "flat.signed.png"], 0);
    assert_eq!(found["result"], "REGISTERED");
    assert_eq!(found["pictures"], 5);
    assert!(
        found["not_searched"][1]
            .as_str()
            .unwrap()
            .starts_with("1 registration"),
        "{found}"
    );
    // No picture at all, and no ledger.
    put(&home, "text.txt", b"nothing to see");
    assert_eq!(code(&home.run(["find", "text.txt"])), 4);
    assert_eq!(code(&Home::new().run(["find", "flat.png"])), 4);
}

#[test]
fn a_private_ledger_is_asked_for_hashes_alone_and_says_so() {
    let home = Home::with_key();
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    let picture = drawn(1);
    put(&home, "a.jpg", &jpeg(&picture, 92));
    let signed = home.json(
        [
            "sign",
            "a.jpg",
            "-o",
            "b.jpg",
            "--source",
            "ai",
            "--ledger",
            "own.ledger",
        ],
        0,
    );
    assert!(
        signed["uniqueness"]["sentence"]
            .as_str()
            .unwrap()
            .contains("private"),
        "{signed}"
    );
    assert_eq!(
        home.json(["find", "b.jpg", "--ledger", "own.ledger"], 0)["result"],
        "REGISTERED"
    );
    put(&home, "copy.jpg", &jpeg(&picture, 60));
    let found = home.json(["find", "copy.jpg", "--ledger", "own.ledger", "--uniqueness"], 3);
    assert_eq!(found["result"], "NOT SEARCHED");
    assert_eq!(found["pictures"], 0);
    assert!(
        found["sentence"].as_str().unwrap().contains("private ledger"),
        "{found}"
    );
    // Pixel twins are known by their keyed digest.
    let twin = home.json(
        [
            "sign",
            "a.jpg",
            "-o",
            "c.jpg",
            "--source",
            "ai",
            "--title",
            "x",
            "--ledger",
            "own.ledger",
        ],
        0,
    );
    assert_eq!(twin["uniqueness"]["twins"], serde_json::json!([1]));
}

/// A ledger of a few hundred pictures of random codes and, at entry 151, a drawn one.
fn large() -> (Bench, PathBuf) {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger.append(&[bench.incept()], NOW).unwrap();
    let picture = Asset::parse(jpeg(&drawn(7), 92)).unwrap();
    let real = similar::fingerprints(&pixels::look(&picture, 1).unwrap());
    let entry = |n: u64| {
        let mut body = registration(n);
        body.fingerprints.clone_from(&real);
        if n != 150 {
            for print in &mut body.fingerprints {
                print.bits =
                    *Digest::of(&[n.to_be_bytes().as_slice(), &[print.algorithm.code()]].concat()).as_bytes();
            }
        }
        Entry::sign(EntryBody::AssetRegister(body), &bench.key, later(2000)).unwrap()
    };
    let batch: Vec<Entry> = (0..300).map(entry).collect();
    ledger.append(&batch, later(2000)).unwrap();
    drop(ledger);
    let file = bench.path.with_extension("ledger.d").join("codes.v1");
    (bench, file)
}

#[test]
fn a_stale_or_damaged_file_of_codes_changes_no_answer() {
    let (bench, file) = large();
    let home = Home::new();
    put(&home, "copy.jpg", &jpeg(&drawn(7).fliph(), 70));
    let ledger = bench.path.to_str().unwrap();
    let ask = || {
        let mut found = home.json(["find", "copy.jpg", "--ledger", ledger], 0);
        found.as_object_mut().unwrap().remove("at");
        found
    };
    let wanted = ask();
    assert_eq!(wanted["near"][0]["index"], 151);
    assert_eq!(wanted["near"][0]["view"], "as mirrored");
    assert_eq!(wanted["pictures"], 300);
    let good = std::fs::read(&file).unwrap();
    for at in [3, 20, 40, 90, 80 + 144 * 150 + 7, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(ask(), wanted, "byte {at}");
    }
    std::fs::write(&file, &good[..good.len() / 2]).unwrap();
    assert_eq!(ask(), wanted);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ask(), wanted);
    // Stale: more was registered by a writer that could not leave its codes.
    std::fs::write(&file, &good).unwrap();
    let mut ledger = bench.open().unwrap();
    let more: Vec<Entry> = (900..910).map(|n| bench.register(n)).collect();
    ledger.append(&more, later(3000)).unwrap();
    drop(ledger);
    let found = ask();
    assert_eq!(found["near"], wanted["near"]);
    assert_eq!(found["ledger"]["tree_size"], 311);
}

/// What the file of codes says alone counts for nothing: the entry decides.
#[test]
fn a_forged_code_adds_no_look_alike() {
    let (bench, file) = large();
    let home = Home::new();
    put(&home, "copy.jpg", &jpeg(&drawn(7), 70));
    let ledger = bench.path.to_str().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    // The codes of entry 151 are given to entry 10, with a good checksum.
    let record = |n: usize| 80 + 144 * n..80 + 144 * n + 128;
    let (from, to) = (bytes[record(150)].to_vec(), record(9));
    bytes[to.clone()].copy_from_slice(&from);
    let crc = crc32c::crc32c(&bytes[to.start..to.start + 140]);
    bytes[to.start + 140..to.start + 144].copy_from_slice(&crc.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    let found = home.json(["find", "copy.jpg", "--ledger", ledger], 0);
    let near: Vec<u64> = found["near"]
        .as_array()
        .unwrap()
        .iter()
        .map(|near| near["index"].as_u64().unwrap())
        .collect();
    assert_eq!(near, [151]);
}

/// A key that was replaced goes by the name of its successor, and one's own key by its own, as `verify` has them.
#[test]
fn who_recorded_a_look_alike_is_named_as_verify_names_it() {
    let (home, three) = registered();
    home.ok(["key", "rotate", "ada", "--ledger", "home/data/default.ledger"]);
    home.ok(["trust", "remove", "ada"]);
    put(&home, "copy.jpg", &jpeg(&three, 40));
    let names = |home: &Home| {
        let verified = home.json(["verify", "out/3.jpg", "--require", "registered"], 0);
        let found = home.json(["find", "copy.jpg"], 0);
        let hit = &verified["ledger"]["entries"][0];
        let near = &found["near"][0];
        assert_eq!(hit["index"], near["index"]);
        assert_eq!(verified["ledger"]["title"], near["title"]);
        [hit["known_as"].clone(), near["known_as"].clone()]
    };
    // This machine's own key, of which the new one is a successor.
    assert_eq!(names(&home), ["ada", "ada"]);
    // Somebody else trusts the new key alone.
    home.ok(["key", "export", "ada", "--public", "-o", "new.pub"]);
    let other = Home::new();
    for file in ["copy.jpg", "new.pub"] {
        std::fs::copy(home.path(file), other.path(file)).unwrap();
    }
    std::fs::create_dir(other.path("out")).unwrap();
    std::fs::copy(home.path("out/3.jpg"), other.path("out/3.jpg")).unwrap();
    let ledger = "home/data/default.ledger";
    std::fs::create_dir_all(other.path("home/data")).unwrap();
    std::fs::copy(home.path(ledger), other.path(ledger)).unwrap();
    other.ok(["trust", "add", "new.pub", "--name", "painter"]);
    assert_eq!(names(&other), ["painter", "painter"]);
}
