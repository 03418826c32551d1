//! Deep records: what is left of a picture when half of it is gone is found by them, and nothing else becomes more than it is.

use std::os::unix::fs::PermissionsExt as _;

use image::{DynamicImage, Rgb, RgbImage, imageops};
use serde_json::Value;

use super::find::{drawn, jpeg, put};
use super::run::{Home, both, code};

/// A home whose default ledger holds four drawn pictures, signed with these words besides.
fn registered(words: &[&str]) -> Home {
    let home = Home::with_key();
    std::fs::create_dir(home.path("in")).unwrap();
    for seed in 1..=4 {
        put(&home, &format!("in/{seed}.jpg"), &jpeg(&drawn(seed), 92));
    }
    sign(&home, words);
    home
}

fn sign(home: &Home, words: &[&str]) {
    let mut all = vec!["sign", "in", "-o", "out", "--source", "ai", "--jobs", "2"];
    all.extend(words);
    home.ok(all);
}

fn index_of(home: &Home, file: &str) -> Value {
    home.json(["find", file], 0)["ledger"]["entries"][0]["index"].clone()
}

fn records(home: &Home) -> Option<std::path::PathBuf> {
    below(&home.path("home"))
}

/// The one file of that ending below a folder.
fn below(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = below(&path) {
                return Some(found);
            }
        } else if path.to_string_lossy().ends_with(".ledger.deep") {
            return Some(path);
        }
    }
    None
}

/// The right half of a picture.
fn half(picture: &DynamicImage) -> DynamicImage {
    picture.crop_imm(picture.width() / 2, 0, picture.width() / 2, picture.height())
}

/// A picture among the bars and lines of a telephone.
fn screenshot(picture: &DynamicImage) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let mut screen = RgbImage::from_fn(width, height * 2, |x, y| {
        if (y / 9).is_multiple_of(3) && !(x / 7).is_multiple_of(4) {
            Rgb([40; 3])
        } else {
            Rgb([245; 3])
        }
    });
    imageops::replace(&mut screen, &picture.to_rgb8(), 0, i64::from(height / 4));
    DynamicImage::ImageRgb8(screen)
}

#[test]
fn what_is_left_of_a_picture_is_found_by_its_points_alone() {
    let (with, without) = (registered(&["--deep"]), registered(&[]));
    assert_eq!(records(&without), None);
    let file = records(&with).expect("they are kept");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(
        mode & 0o777,
        0o600,
        "a faint picture of each picture is the signer's"
    );
    let index = index_of(&with, "out/3.jpg");
    let three = drawn(3);
    for (name, copy, view) in [
        ("half", half(&three), "% of the registered picture"),
        ("half, mirrored", half(&three).fliph(), "as mirrored"),
        (
            "half, turned",
            half(&three).rotate90(),
            "turned a quarter clockwise",
        ),
        ("screenshot", screenshot(&three), ""),
    ] {
        for home in [&with, &without] {
            put(home, "copy.jpg", &jpeg(&copy, 80));
        }
        let lost = without.json(["find", "copy.jpg"], 3);
        assert_eq!(lost["result"], "NOTHING LIKE IT", "{name}");
        assert_eq!(
            (&lost["deep_pictures"], &lost["deep_searched"]),
            (&0.into(), &false.into())
        );
        let found = with.json(["find", "copy.jpg"], 0);
        assert_eq!(found["result"], "LOOKS LIKE", "{name}: {found}");
        assert_eq!(
            (&found["deep_pictures"], &found["deep_searched"]),
            (&4.into(), &true.into())
        );
        assert_eq!(found["near"].as_array().unwrap().len(), 1, "{name}: {found}");
        let near = &found["near"][0];
        assert_eq!(near["index"], index, "{name}");
        assert_eq!(near["likeness"], "agreeing-points");
        assert_eq!(near["proven"], true);
        let points = &near["points"];
        assert!(points["agreeing"].as_u64().unwrap() >= 6, "{name}: {points}");
        assert!(points["agreeing"].as_u64() <= points["of"].as_u64());
        assert!(
            near["view"].as_str().unwrap_or_default().contains(view),
            "{name}: {near}"
        );
        assert_eq!(near["chance"]["at_most"], true);
        let chance = near["chance"]["words"].as_str().unwrap();
        assert!(
            chance.contains("fewer than") && chance.contains("counted on unrelated pictures"),
            "{chance}"
        );
        assert!(
            found["sentence"]
                .as_str()
                .unwrap()
                .starts_with("looks like entry"),
            "{found}"
        );
        let said = with.ok(["find", "copy.jpg"]);
        assert!(
            said.contains("points agree") && said.contains("a likeness is no proof"),
            "{said}"
        );
        for never in ["authentic", "owner", " is the same", "is a copy"] {
            assert!(!said.contains(never), "{never}: {said}");
        }
    }
    for seed in 50..60 {
        put(&with, "other.jpg", &jpeg(&half(&drawn(seed)), 90));
        let found = with.json(["find", "other.jpg", "--deep"], 3);
        assert_eq!(found["result"], "NOTHING LIKE IT", "{seed}: {found}");
    }
    // A piece too small to be known says so.
    put(
        &with,
        "small.png",
        &super::find::png(&drawn(61).crop_imm(40, 40, 80, 70)),
    );
    let found = with.json(["find", "small.png", "--deep"], 3);
    let why = found["not_searched"].to_string();
    assert!(why.contains("it is small") || why.contains("points"), "{found}");
}

#[test]
fn verify_tells_of_a_part_and_changes_no_word() {
    let home = registered(&["--deep"]);
    put(&home, "copy.jpg", &jpeg(&half(&drawn(2)), 80));
    let report = home.json(["verify", "copy.jpg"], 3);
    assert_eq!(report["result"], "NO CREDENTIALS");
    assert_eq!(
        report["ledger"]["look_alike"]["index"],
        index_of(&home, "out/2.jpg")
    );
    assert_eq!(report["ledger"]["look_alike"]["likeness"], "agreeing-points");
    assert_eq!(report["ledger"]["check"]["outcome"], "unknown");
    home.json(["verify", "copy.jpg", "--require", "registered"], 3);
}

#[test]
fn deep_records_are_asked_for_once_and_then_kept_up() {
    let home = registered(&["--deep"]);
    let file = records(&home).unwrap();
    let before = std::fs::metadata(&file).unwrap().len();
    put(&home, "new.jpg", &jpeg(&drawn(9), 92));
    let report = home.json(["sign", "new.jpg", "-o", "new.signed.jpg", "--source", "ai"], 0);
    let points = report["deep_points"].as_u64().expect("points are told");
    assert!((12..=100).contains(&points), "{points}");
    assert!(std::fs::metadata(&file).unwrap().len() > before);
    // What is flat has none, and that is said.
    put(
        &home,
        "flat.jpg",
        &jpeg(
            &DynamicImage::ImageRgb8(RgbImage::from_pixel(300, 200, Rgb([90; 3]))),
            92,
        ),
    );
    let report = home.json(["sign", "flat.jpg", "-o", "flat.signed.jpg", "--source", "ai"], 0);
    assert_eq!(report["deep_points"], Value::Null);
    assert!(report["notes"].to_string().contains("no deep record"), "{report}");
    // The whole of a picture is found as before; points besides only where asked for.
    put(&home, "copy.jpg", &jpeg(&drawn(9), 50));
    let plain = home.json(["find", "copy.jpg"], 0);
    assert_eq!(
        (&plain["near"][0]["points"], &plain["deep_searched"]),
        (&Value::Null, &false.into())
    );
    let asked = home.json(["find", "copy.jpg", "--deep"], 0);
    assert_eq!(asked["deep_searched"], true);
    assert_eq!(asked["near"].as_array().unwrap().len(), 1, "told once: {asked}");
}

#[test]
fn a_private_ledger_takes_no_deep_records() {
    let home = Home::with_key();
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    put(&home, "a.jpg", &jpeg(&drawn(1), 92));
    for dry in [&["--dry-run"][..], &[]] {
        let mut words = vec![
            "sign",
            "a.jpg",
            "-o",
            "b.jpg",
            "--source",
            "ai",
            "--ledger",
            "own.ledger",
            "--deep",
        ];
        words.extend(dry);
        let output = home.run(words);
        assert_eq!(code(&output), 2, "{}", both(&output));
        assert!(both(&output).contains("a private ledger takes no deep records"));
    }
    assert!(!home.path("b.jpg").exists() && !home.path("own.ledger.deep").exists());
    let output = home.run(["sign", "a.jpg", "--source", "ai", "--no-ledger", "--deep"]);
    assert_eq!(code(&output), 2, "nothing lies beside no ledger");
}

#[test]
fn missing_damaged_and_foreign_records_are_said_and_believed_nothing() {
    let home = registered(&[]);
    put(&home, "copy.jpg", &jpeg(&half(&drawn(3)), 80));
    let found = home.json(["find", "copy.jpg", "--deep"], 3);
    assert!(
        found["not_searched"].to_string().contains("sign --deep"),
        "{found}"
    );
    // That parts of it are not known again is said unasked, where the whole is not.
    let found = home.json(["find", "copy.jpg"], 3);
    assert!(
        found["not_searched"]
            .to_string()
            .contains("4 registered pictures: this ledger has no deep records"),
        "{found}"
    );
    let whole = home.json(["find", "in/3.jpg"], 0);
    assert_eq!(whole["not_searched"], Value::Array(Vec::new()));
    // Of a ledger of the same name with other entries: each record names a file that its entry is not of.
    let twin = |seeds: [u64; 2]| {
        let home = Home::with_key();
        home.ok(["ledger", "init", "twin.ledger", "--origin", "twin.example/a"]);
        for seed in seeds {
            let (from, to) = (format!("{seed}.jpg"), format!("{seed}.out.jpg"));
            put(&home, &from, &jpeg(&drawn(seed), 92));
            let words = ["--source", "ai", "--ledger", "twin.ledger", "--deep"];
            home.ok([&["sign", &from, "-o", &to][..], &words].concat());
        }
        put(&home, "copy.jpg", &jpeg(&half(&drawn(3)), 80));
        home
    };
    let (one, home) = (twin([3, 4]), twin([5, 6]));
    let deep = home.path("twin.ledger.deep");
    one.json(["find", "copy.jpg", "--ledger", "twin.ledger"], 0);
    std::fs::copy(one.path("twin.ledger.deep"), &deep).unwrap();
    let found = home.json(["find", "copy.jpg", "--ledger", "twin.ledger"], 3);
    assert_eq!(
        (&found["result"], &found["deep_searched"]),
        (&"NOTHING LIKE IT".into(), &true.into())
    );
    for (rubbish, why) in [
        (&[b'x'; 200][..], "its head is damaged"),
        (b"rubbish", "it is too short to be one"),
    ] {
        std::fs::write(&deep, rubbish).unwrap();
        let found = home.json(["find", "copy.jpg", "--ledger", "twin.ledger"], 3);
        let said = found["not_searched"].to_string();
        for part in [
            "twin.ledger.deep`",
            why,
            "move it away and run byline sign --deep",
        ] {
            assert!(said.contains(part), "{part}: {found}");
        }
    }
    // Signing goes on, and says that its record was not kept.
    put(&home, "late.jpg", &jpeg(&drawn(8), 92));
    let report = home.json(
        [
            "sign",
            "late.jpg",
            "-o",
            "late.out.jpg",
            "--source",
            "ai",
            "--ledger",
            "twin.ledger",
        ],
        0,
    );
    assert!(report["notes"].to_string().contains("was not kept"), "{report}");
    assert_eq!(report["deep_points"], Value::Null);
    assert_eq!(std::fs::read(&deep).unwrap(), b"rubbish");
}

/// One look at a half of the third picture; the words that are not searched, and whether it was found.
fn look(home: &Home, words: &[&str]) -> (String, bool) {
    put(home, "copy.jpg", &jpeg(&half(&drawn(3)), 80));
    let mut all = vec!["find", "copy.jpg"];
    all.extend(words);
    all.extend(["--format", "json"]);
    let found: Value = serde_json::from_slice(&home.run(all).stdout).unwrap();
    (found["not_searched"].to_string(), found["result"] == "LOOKS LIKE")
}

#[test]
fn records_that_are_missing_are_said_and_made_by_signing_again() {
    let home = registered(&[]);
    put(&home, "new.jpg", &jpeg(&drawn(9), 92));
    home.ok([
        "sign",
        "new.jpg",
        "-o",
        "new.signed.jpg",
        "--source",
        "ai",
        "--deep",
    ]);
    let file = records(&home).unwrap();
    let length = || std::fs::metadata(&file).unwrap().len();
    let one = length();
    let (gap, is_found) = look(&home, &[]);
    assert!(!is_found && gap.contains("4 of 5 registered pictures"), "{gap}");
    // A dry run adds none.
    sign(&home, &["--dry-run"]);
    assert_eq!(length(), one);
    let one_more = ["sign", "in/1.jpg", "-o", "out/1.jpg", "--source", "ai"];
    let dry = home.json([&one_more[..], &["--dry-run"]].concat(), 0);
    assert!(
        dry["notes"]
            .to_string()
            .contains("its deep record would be added"),
        "{dry}"
    );
    let one_by_one = home.ok(one_more);
    assert!(
        one_by_one
            .contains("SKIPPED - the output is there and registered; its deep record was added, and nothing"),
        "{one_by_one}"
    );
    assert!(one_by_one.contains("Deep record"), "{one_by_one}");
    assert!(home.ok(one_more).contains("registered; nothing was done"));
    // Signed and recorded already, each gets its record and nothing else; a second time there is nothing to do.
    let all = ["sign", "in", "-o", "out", "--source", "ai"];
    let batch = home.ok(all);
    assert_eq!(batch.matches("(deep record added)").count(), 3, "{batch}");
    let all = length();
    assert_eq!(all - one, 4 * (one - 64), "four records of one length");
    assert_eq!(look(&home, &[]), ("[]".to_owned(), true));
    sign(&home, &["--deep"]);
    assert_eq!(length(), all);
    let audit = home.json(["audit", "home/data/default.ledger"], 0);
    assert_eq!(audit["counts"]["registrations"], 5);
}

#[test]
fn a_ledger_made_for_deep_records_has_one_of_every_picture() {
    let home = Home::with_key();
    home.ok(["ledger", "init", "--deep"]);
    put(&home, "a.jpg", &jpeg(&drawn(3), 92));
    let report = home.json(["sign", "a.jpg", "-o", "b.jpg", "--source", "ai"], 0);
    assert!(report["deep_points"].as_u64().is_some(), "{report}");
    assert!(look(&home, &[]).1);
    let output = home.run(["ledger", "init", "own.ledger", "--private", "--deep"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
    let said = both(&output);
    assert!(
        said.contains("why: they hold a faint picture") && !said.contains("Usage:"),
        "{said}"
    );
    assert!(!home.path("own.ledger").exists());
}

#[test]
fn a_quick_search_leaves_the_records_alone_and_says_so() {
    let home = registered(&["--deep"]);
    let (gap, is_found) = look(&home, &["--quick"]);
    assert!(!is_found && gap.contains("--quick"), "{gap}");
    assert_eq!(look(&home, &[]), ("[]".to_owned(), true));
    let output = home.run(["find", "copy.jpg", "--quick", "--deep"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
    // A picture that is too flat for points is not said to have been looked for by them.
    let flat = DynamicImage::ImageRgb8(RgbImage::from_pixel(300, 200, Rgb([90; 3])));
    put(&home, "flat.jpg", &jpeg(&flat, 92));
    let found = home.json(["find", "flat.jpg"], 3);
    assert_eq!(found["deep_searched"], false);
    assert!(
        found["not_searched"]
            .to_string()
            .contains("points that could be known again"),
        "{found}"
    );
}

/// Who cuts a part out of another's picture and registers that is not shown alone.
#[test]
fn a_receiver_of_a_registered_part_sees_the_earlier_entry_by_another_key() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "bob", "--as", "Bob", "--unencrypted"]);
    let picture = drawn(1);
    let (width, height) = (picture.width(), picture.height());
    let part = picture.crop_imm(width / 10, height / 10, width / 2, height / 2);
    put(&home, "a.jpg", &jpeg(&picture, 92));
    put(&home, "part.jpg", &jpeg(&part, 80));
    put(&home, "other.jpg", &jpeg(&drawn(9), 80));
    for (input, output, key) in [
        ("a.jpg", "a.signed.jpg", "ada"),
        ("part.jpg", "part.signed.jpg", "bob"),
        ("other.jpg", "other.signed.jpg", "bob"),
    ] {
        home.ok([
            "sign", input, "-o", output, "--source", "ai", "--key", key, "--deep",
        ]);
    }
    let report = home.json(["verify", "part.signed.jpg"], 3);
    let earlier = report["ledger"]["earlier_alike"].as_array().unwrap();
    assert_eq!(earlier.len(), 1, "{report}");
    assert_eq!(
        (&earlier[0]["index"], &earlier[0]["likeness"]),
        (&1.into(), &"agreeing-points".into())
    );
    let said = String::from_utf8(home.run(["verify", "part.signed.jpg"]).stdout).unwrap();
    assert_eq!(said.matches("Earlier here ").count(), 1, "{said}");
    for (file, code) in [("a.signed.jpg", 0), ("other.signed.jpg", 3)] {
        let report = home.json(["verify", file], code);
        let earlier = report["ledger"]["earlier_alike"].as_array().unwrap();
        assert!(earlier.is_empty(), "{file} {report}");
    }
}
