//! Signed manifests kept beside the ledger: a stripped file gets its own back, another picture gets none called its own.

use std::path::PathBuf;
use std::process::Output;

use byline::asset::Asset;
use byline::base::Digest;
use image::{DynamicImage, imageops};
use serde_json::Value;

use super::find::{drawn, jpeg, png, put};
use super::run::{Home, both, code};

const LEDGER: &str = "home/data/default.ledger";

/// A home with one picture signed and its manifest kept; gives the signed bytes.
fn kept(name: &str, bytes: &[u8], more: &[&str]) -> (Home, Vec<u8>) {
    let home = Home::with_key();
    put(&home, name, bytes);
    let signed = sign(&home, name, more);
    (home, signed)
}

fn sign(home: &Home, name: &str, more: &[&str]) -> Vec<u8> {
    let mut args = vec!["sign", name, "-o", "out/", "--source", "ai", "--keep-manifests"];
    args.extend(more);
    let report = home.json(args, 0);
    let path = report["kept_manifest"].as_str().unwrap().to_owned();
    assert!(home.path(&path).is_file(), "{path}");
    std::fs::read(home.path("out").join(name)).unwrap()
}

/// The file without its manifest store.
fn stripped(signed: &[u8]) -> Vec<u8> {
    let asset = Asset::parse(signed.to_vec()).unwrap();
    asset.without_store().unwrap().into_bytes()
}

fn stores(home: &Home, ledger: &str) -> Vec<PathBuf> {
    let folder = home.path(&format!("{ledger}.manifests"));
    let shelves = std::fs::read_dir(folder).into_iter().flatten();
    let files = shelves.flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

/// All that a run says, without the ends of its lines.
fn said(output: &Output) -> String {
    both(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn outcomes(kept: &Value) -> Vec<&str> {
    ["unchanged", "signature", "time", "issuer"]
        .iter()
        .map(|name| kept["checks"][name]["outcome"].as_str().unwrap())
        .collect()
}

#[test]
fn a_dry_run_keeps_nothing_of_what_an_earlier_run_signed() {
    let home = Home::with_key();
    put(&home, "a.jpg", &jpeg(&drawn(3), 90));
    let args = ["sign", "a.jpg", "-o", "out/", "--source", "ai"];
    home.ok(args);
    let dry = home.json([&args[..], &["--keep-manifests", "--dry-run"]].concat(), 0);
    assert_eq!(dry["outcome"], "skipped");
    assert!(dry["kept_manifest"].is_null(), "{dry:#}");
    assert_eq!(stores(&home, LEDGER), Vec::<PathBuf>::new());
    home.ok([&args[..], &["--keep-manifests"]].concat());
    assert_eq!(stores(&home, LEDGER).len(), 1);
}

#[test]
fn a_stripped_file_with_its_kept_manifest_is_the_registered_file_again() {
    let picture = drawn(3);
    for (name, bytes) in [("a.jpg", jpeg(&picture, 92)), ("a.png", png(&picture))] {
        let (home, signed) = kept(name, &bytes, &[]);
        put(&home, name, &stripped(&signed));
        let told = home.json(["verify", name], 3);
        assert_eq!(
            (&told["result"], &told["ledger"]["kept"]),
            (&"NO CREDENTIALS".into(), &1.into())
        );
        let told = said(&home.run(["verify", name]));
        assert!(told.contains("byline find FILE --recover FILE.c2pa"), "{told}");
        let found = home.json(["find", name, "--recover", "a.c2pa"], 0);
        assert_eq!(found["result"], "REGISTERED");
        let kept = &found["kept"][0];
        assert_eq!(
            (&kept["entry"], &kept["fit"], &kept["result"]),
            (&1.into(), &"registered-file".into(), &"TRUSTED".into())
        );
        assert_eq!(outcomes(kept), ["pass"; 4], "{kept}");
        assert_eq!(kept["recovered"], "a.c2pa");
        let store = std::fs::read(home.path("a.c2pa")).unwrap();
        assert_eq!(kept["manifest"], Digest::of(&store).hex());
        // What is written replaces nothing unasked.
        let again = home.run(["find", name, "--recover", "a.c2pa"]);
        assert_eq!(code(&again), 4, "{}", both(&again));
        home.ok(["find", name, "--recover", "a.c2pa", "--force"]);
        // Under the name of a picture it is the registered file, byte for byte.
        let whole = format!("whole.{}", &name[2..]);
        home.ok(["find", name, "--recover", &whole]);
        assert_eq!(std::fs::read(home.path(&whole)).unwrap(), signed);
        assert_eq!(home.json(["verify", &whole], 0)["result"], "TRUSTED");
    }
}

#[test]
fn a_look_alike_is_told_what_was_signed_and_that_nothing_binds_it() {
    let picture = drawn(3);
    let (home, _) = kept("a.jpg", &jpeg(&picture, 92), &[]);
    put(
        &home,
        "copy.jpg",
        &jpeg(&picture.resize(210, 150, imageops::FilterType::Triangle), 80),
    );
    assert_eq!(home.json(["verify", "copy.jpg"], 3)["ledger"]["kept"], 1);
    let found = home.json(["find", "copy.jpg", "--recover", "copy.c2pa"], 0);
    assert_eq!(found["result"], "LOOKS LIKE");
    let kept = &found["kept"][0];
    assert_eq!(
        (&kept["fit"], &kept["result"]),
        (&"other-bytes".into(), &Value::Null)
    );
    assert_eq!(outcomes(kept), ["unknown", "pass", "pass", "pass"], "{kept}");
    assert_eq!(kept["thumbnail"]["outcome"], "pass", "{kept}");
    let sentence = kept["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("proves nothing of this one")
            && sentence.contains("same picture as when it was signed"),
        "{sentence}"
    );
    assert!(home.path("copy.c2pa").is_file());
    // Another picture with that manifest in it is no file of the ledger.
    let refused = home.run(["find", "copy.jpg", "--recover", "copy.out.jpg"]);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    assert!(said(&refused).contains("would not verify"), "{}", both(&refused));
    assert!(!home.path("copy.out.jpg").exists());
}

#[test]
fn formats_whose_store_cannot_be_put_back_get_the_manifest_alone() {
    for name in ["gradient.gif", "gradient.avif", "big-endian.tif"] {
        let home = Home::with_key();
        home.fixture(&format!("images/{name}"));
        let signed = sign(&home, name, &[]);
        put(&home, name, &stripped(&signed));
        let found = home.json(["find", name, "--recover", "a.c2pa"], 0);
        let kept = &found["kept"][0];
        assert_eq!(kept["fit"], "registered-content", "{name}: {kept}");
        assert_eq!(outcomes(kept), ["pass"; 4], "{name}: {kept}");
        assert_eq!(kept["result"], Value::Null);
        let store = std::fs::read(home.path("a.c2pa")).unwrap();
        assert_eq!(kept["manifest"], Digest::of(&store).hex());
        // This is the registered file, and it is not said that it were not.
        let refused = home.run(["find", name, "--recover", &format!("back-{name}")]);
        assert!(said(&refused).contains("in this format"), "{}", both(&refused));
    }
}

/// The registered file is given back as it is: never as a JPEG that is called a PNG, whatever the picture looked for is called.
#[test]
fn a_registered_file_is_given_back_under_its_own_ending_alone() {
    let picture = drawn(3);
    let (home, signed) = kept("a.jpg", &jpeg(&picture, 92), &[]);
    put(&home, "renamed.png", &stripped(&signed));
    let refused = home.run(["find", "renamed.png", "--recover", "back.png"]);
    assert_eq!(code(&refused), 2, "{}", both(&refused));
    assert!(
        said(&refused).contains("the registered file is JPEG"),
        "{}",
        both(&refused)
    );
    assert!(!home.path("back.png").exists());
    // What it says to do is done.
    assert!(
        said(&refused).contains("name it --recover back.jpg"),
        "{}",
        both(&refused)
    );
    home.ok(["find", "renamed.png", "--recover", "back.jpg"]);
    assert_eq!(std::fs::read(home.path("back.jpg")).unwrap(), signed);
    home.ok(["find", "renamed.png", "--recover", "back.JPEG"]);
    // A registered PNG, and a JPEG that only looks like it.
    let home = Home::with_key();
    put(&home, "b.png", &png(&picture));
    sign(&home, "b.png", &[]);
    put(&home, "copy.jpg", &jpeg(&picture, 80));
    for wanted in ["c.png", "c.jpg"] {
        let refused = home.run(["find", "copy.jpg", "--recover", wanted]);
        assert_eq!(code(&refused), 4, "{}", both(&refused));
        assert!(
            said(&refused).contains("ask whoever registered it"),
            "{}",
            both(&refused)
        );
        assert!(
            said(&refused).contains("will not verify against it"),
            "{}",
            both(&refused)
        );
        assert!(!home.path(wanted).exists());
    }
    home.ok(["find", "copy.jpg", "--recover", "c.c2pa"]);
}

#[test]
fn a_changed_copy_of_a_manifest_counts_for_nothing_and_is_not_given_back() {
    let picture = drawn(3);
    let (home, signed) = kept("a.jpg", &jpeg(&picture, 92), &[]);
    put(&home, "a.jpg", &stripped(&signed));
    let store = stores(&home, LEDGER).remove(0);
    let mut bytes = std::fs::read(&store).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&store, bytes).unwrap();
    let found = home.json(["find", "a.jpg"], 1);
    assert_eq!(found["kept"][0]["stored"]["outcome"], "fail");
    assert_eq!(found["kept"][0]["fit"], Value::Null);
    let refused = home.run(["find", "a.jpg", "--recover", "a.c2pa"]);
    assert_eq!(code(&refused), 1, "{}", both(&refused));
    assert!(!home.path("a.c2pa").exists());
}

#[test]
fn what_is_not_kept_is_said_and_what_was_signed_before_can_be_kept_later() {
    let home = Home::with_key();
    put(&home, "a.jpg", &jpeg(&drawn(3), 92));
    home.ok(["sign", "a.jpg", "-o", "out/", "--source", "ai"]);
    let signed = std::fs::read(home.path("out/a.jpg")).unwrap();
    put(&home, "bare.jpg", &stripped(&signed));
    assert_eq!(
        home.json(["verify", "bare.jpg"], 3)["ledger"]["kept"],
        Value::Null
    );
    let none = home.run(["find", "bare.jpg", "--recover", "a.c2pa"]);
    assert_eq!(code(&none), 3, "{}", both(&none));
    assert!(said(&none).contains("--keep-manifests"), "{}", both(&none));
    // The same command with the flag signs nothing again, and keeps what stands there.
    let again = home.json(
        [
            "sign",
            "a.jpg",
            "-o",
            "out/",
            "--source",
            "ai",
            "--keep-manifests",
        ],
        0,
    );
    assert_eq!(again["outcome"], "skipped");
    assert_eq!(stores(&home, LEDGER).len(), 1);
    home.ok(["find", "bare.jpg", "--recover", "a.c2pa"]);
    let other = home.run(["find", "bare.jpg", "--recover", "b.c2pa", "--entry", "7"]);
    assert!(said(&other).contains("entry 7 is not among"), "{}", both(&other));
    put(&home, "strange.jpg", &jpeg(&drawn(9), 92));
    let strange = home.run(["find", "strange.jpg", "--recover", "c.c2pa"]);
    assert!(
        said(&strange).contains("nothing registered is"),
        "{}",
        both(&strange)
    );
    let named = home.run(["find", "bare.jpg", "--recover", "d.txt"]);
    assert_eq!(code(&named), 2, "{}", both(&named));
    let many = home.run(["find", "bare.jpg", "strange.jpg", "--recover", "e.c2pa"]);
    assert_eq!(code(&many), 2, "{}", both(&many));
}

#[test]
fn a_private_ledger_keeps_manifests_under_keyed_names_that_only_its_owner_reads() {
    let home = Home::with_key();
    home.ok(["ledger", "init", "own.ledger", "--private"]);
    put(&home, "a.jpg", &jpeg(&drawn(3), 92));
    let signed = sign(&home, "a.jpg", &["--ledger", "own.ledger"]);
    put(&home, "a.jpg", &stripped(&signed));
    let found = home.json(
        ["find", "a.jpg", "--ledger", "own.ledger", "--recover", "a.c2pa"],
        0,
    );
    assert_eq!(found["kept"][0]["result"], "TRUSTED");
    let store = std::fs::read(home.path("a.c2pa")).unwrap();
    let name = stores(&home, "own.ledger").remove(0);
    let name = name.file_stem().unwrap().to_string_lossy().into_owned();
    assert_ne!(name, Digest::of(&store).hex());
    assert_eq!(found["kept"][0]["manifest"], name);
}

/// Where the manifest cannot be kept, nothing of the picture is recorded or put in place; the others of the run are.
#[test]
fn a_manifest_that_cannot_be_kept_stops_its_picture_before_it_is_recorded() {
    let home = Home::with_key();
    home.ok(["ledger", "init"]);
    put(&home, "a.jpg", &jpeg(&drawn(3), 92));
    // A file where the folder is to be, as a full disk refuses it.
    put(&home, &format!("{LEDGER}.manifests"), b"");
    let failed = home.run([
        "sign",
        "a.jpg",
        "-o",
        "out/",
        "--source",
        "ai",
        "--keep-manifests",
    ]);
    assert_eq!(code(&failed), 4, "{}", both(&failed));
    assert!(
        said(&failed).contains("cannot keep the manifest"),
        "{}",
        both(&failed)
    );
    let left: Vec<_> = std::fs::read_dir(home.path("out"))
        .into_iter()
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(home.json(["audit", LEDGER], 0)["counts"]["registrations"], 0);
    std::fs::remove_file(home.path(&format!("{LEDGER}.manifests"))).unwrap();
    sign(&home, "a.jpg", &[]);
    let alone = home.run([
        "sign",
        "a.jpg",
        "--source",
        "ai",
        "--no-ledger",
        "--keep-manifests",
    ]);
    assert_eq!(code(&alone), 2, "{}", both(&alone));
}

#[test]
fn a_thumbnail_of_another_picture_is_told_apart() {
    // The same layout with other things in it: the codes are alike, the thumbnail is not the same.
    let picture = drawn(3);
    let (home, _) = kept("a.jpg", &jpeg(&picture, 92), &[]);
    let mut changed = picture.to_rgb8();
    for (x, y, pixel) in changed.enumerate_pixels_mut() {
        if (60..140).contains(&x) && (60..120).contains(&y) {
            *pixel = image::Rgb([250, 20, 20]);
        }
    }
    put(&home, "copy.jpg", &jpeg(&DynamicImage::ImageRgb8(changed), 90));
    let found = home.json(["find", "copy.jpg"], 0);
    let note = found["kept"][0]["thumbnail"]["note"].as_str().unwrap();
    assert!(note.starts_with("part of the picture changed"), "{note}");
}

/// Compared as a whole, a part of a picture is another picture; what both show is the same.
#[test]
fn a_part_of_a_picture_is_compared_with_that_part_of_its_thumbnail() {
    let picture = drawn(3);
    let (home, _) = kept("a.jpg", &jpeg(&picture, 92), &["--deep"]);
    let half = picture.crop_imm(picture.width() / 2, 0, picture.width() / 2, picture.height());
    for (name, copy) in [
        ("half", half.clone()),
        ("half, mirrored", half.fliph()),
        ("half, turned", half.rotate90()),
    ] {
        put(&home, "copy.jpg", &jpeg(&copy, 80));
        let found = home.json(["find", "copy.jpg"], 0);
        assert_eq!(found["near"][0]["likeness"], "agreeing-points", "{name}");
        let seen = &found["kept"][0]["thumbnail"];
        let note = seen["note"].as_str().unwrap();
        assert!(
            note.contains("of the signed picture that both show: same picture"),
            "{name}: {note}"
        );
        assert!(!note.contains("another picture"), "{name}: {note}");
    }
    // What was pasted over a part of the part is not passed over.
    let mut changed = half.to_rgb8();
    for (x, y, pixel) in changed.enumerate_pixels_mut() {
        if (60..130).contains(&x) && (60..130).contains(&y) {
            *pixel = image::Rgb([250, 20, 20]);
        }
    }
    put(&home, "copy.jpg", &jpeg(&DynamicImage::ImageRgb8(changed), 90));
    let found = home.json(["find", "copy.jpg"], 0);
    let seen = &found["kept"][0]["thumbnail"];
    assert_eq!(seen["outcome"], "fail", "{seen}");
    assert!(
        seen["note"]
            .as_str()
            .unwrap()
            .contains("both show: part of the picture changed"),
        "{seen}"
    );
}

/// Soft shapes have no points to lay one picture over the other by: then nothing is said of a part.
#[test]
fn a_part_that_cannot_be_laid_over_the_thumbnail_is_not_compared() {
    let picture = drawn(3).blur(9.0);
    let (home, _) = kept("a.jpg", &jpeg(&picture, 92), &[]);
    let (width, height) = (picture.width(), picture.height());
    let copy = picture.crop_imm(width * 3 / 20, height * 3 / 20, width * 7 / 10, height * 7 / 10);
    put(&home, "copy.jpg", &jpeg(&copy.rotate90(), 90));
    let found = home.json(["find", "copy.jpg"], 0);
    assert!(found["near"][0]["view"].is_string(), "{found}");
    let seen = &found["kept"][0]["thumbnail"];
    assert!(
        !seen["note"].as_str().unwrap().contains("another picture"),
        "{seen}"
    );
}
