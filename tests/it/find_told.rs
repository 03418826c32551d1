//! How what was found is told: against what it is counted, as a whole or a part, and in a batch.

use image::{DynamicImage, Rgb, RgbImage, imageops};
use serde_json::Value;

use super::find::{drawn, entry_of_three, jpeg, png, put, registered};
use super::run::Home;

/// A picture is not the nearest to itself, and does not count among those it is compared with.
#[test]
fn a_registered_picture_is_not_counted_among_those_it_is_compared_with() {
    let (home, _) = registered();
    let index = entry_of_three(&home);
    let found = home.json(["find", "out/3.jpg", "--uniqueness"], 0)["uniqueness"].clone();
    assert_eq!(found["pictures"], 4, "{found:#}");
    assert_eq!(found["itself"], serde_json::json!([index]));
    assert_eq!(found["twins"], serde_json::json!([]));
    assert_ne!(found["nearest"]["index"], index);
    let sentence = found["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with(&format!(
            "It is itself entry {index}, which is not counted. Closest of 4 other registered pictures: entry "
        )),
        "{sentence}"
    );
    // The same pixels in a file that is not registered.
    let twin = home.json(["find", "in/3.jpg", "--uniqueness"], 0)["uniqueness"].clone();
    assert_eq!(
        (&twin["pictures"], &twin["twins"]),
        (&4.into(), &serde_json::json!([index]))
    );
    // Of many files each has its column.
    let text = home.ok(["find", "out/3.jpg", "in/4.jpg", "--uniqueness"]);
    let closest: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("closest: entry "))
        .collect();
    assert_eq!(closest.len(), 2, "{text}");
    // With one other the grammar is that of one.
    let home = Home::with_key();
    for seed in 1..=2 {
        put(&home, &format!("{seed}.jpg"), &jpeg(&drawn(seed), 92));
        home.ok([
            "sign",
            &format!("{seed}.jpg"),
            "-o",
            &format!("{seed}.out.jpg"),
            "--source",
            "ai",
        ]);
    }
    let one = home.json(["find", "2.out.jpg", "--uniqueness"], 0)["uniqueness"]["sentence"].to_string();
    assert!(
        one.contains("The only other registered picture is entry 1, "),
        "{one}"
    );
}

/// A part of a small copy may be nearer by chance than the whole: that makes no crop of it.
#[test]
fn a_copy_that_was_only_made_smaller_is_told_as_the_whole_picture() {
    let (home, three) = registered();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "l.jpg", "--source", "human"]);
    let lighthouse = image::open(home.path("lighthouse.jpg")).unwrap();
    for picture in [three, lighthouse] {
        for part in 2..=9 {
            let (width, height) = (picture.width() / part, picture.height() / part);
            let small = picture.resize_exact(width, height, imageops::FilterType::Triangle);
            put(&home, "small.jpg", &jpeg(&small, 85));
            let near = home.json(["find", "small.jpg"], 0)["near"][0].clone();
            assert_eq!(near["view"], Value::Null, "{width} x {height}: {near:#}");
        }
    }
}

#[test]
fn batches_tell_of_look_alikes_and_of_what_was_not_searched() {
    let (home, three) = registered();
    put(&home, "copy.jpg", &jpeg(&three, 40));
    let flat = DynamicImage::ImageRgb8(RgbImage::from_pixel(200, 200, Rgb([90, 90, 90])));
    put(&home, "flat.png", &png(&flat));
    home.ok(["sign", "copy.jpg", "-o", "copy.signed.jpg", "--source", "ai"]);
    let line = |text: &str, name: &str| {
        let found = text.lines().find(|line| line.contains(name));
        found.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    };
    put(&home, "other.jpg", &jpeg(&three, 30));
    let files = ["copy.signed.jpg", "other.jpg", "flat.png", "out/1.jpg"];
    let found = home.run([&["find"][..], &files].concat());
    let text = String::from_utf8(found.stdout).unwrap();
    // Registered, and alike besides.
    assert!(
        line(&text, "copy.signed.jpg").contains("(looks like entry "),
        "{text}"
    );
    assert!(
        line(&text, "other.jpg").contains("(also looks like entry "),
        "{text}"
    );
    assert!(line(&text, "flat.png").contains("(looks not searched)"), "{text}");
    assert!(text.contains("1       not compared by looks"), "{text}");
    let summary = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        summary.contains("Not searched its looks: it is too flat"),
        "{text}"
    );
    let verified = home.run([&["verify"][..], &files].concat());
    let text = String::from_utf8(verified.stdout).unwrap();
    assert!(line(&text, "other.jpg").contains("(looks like entry "), "{text}");
    assert!(line(&text, "flat.png").contains("(looks not searched)"), "{text}");
    assert!(
        text.contains("1 unregistered, and like a registered picture"),
        "{text}"
    );
    assert!(
        text.contains("1 unregistered, and not compared by looks"),
        "{text}"
    );
}
