//! What a signer, or who verifies, must not be left to find out alone.

use std::fs;

use byline::asset::Asset;
use serde_json::Value;

use super::bombs::carriers::{chunk, png};
use super::run::{Home, both, code};

/// A packet of XMP with one property.
fn packet(property: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\" \
         {property}/></rdf:RDF></x:xmpmeta>"
    )
}

fn with_xmp(home: &Home, name: &str, property: &str) {
    let plain = fs::read(home.fixture("images/gradient.jpg")).unwrap();
    let made = Asset::parse(plain)
        .unwrap()
        .with_metadata(None, Some(&packet(property)));
    fs::write(home.path(name), made.unwrap().into_bytes()).unwrap();
}

fn lines(value: &Value) -> String {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned() + "\n")
        .collect()
}

#[test]
fn a_label_that_is_not_sure_is_something_said() {
    let home = Home::with_key();
    for (number, said) in [("2", true), ("3", true), ("9", false)] {
        with_xmp(
            &home,
            "label.jpg",
            &format!("TC260:AIGC='{{\"Label\":\"{number}\",\"ContentProducer\":\"x\"}}'"),
        );
        let made = home.json(["verify", "label.jpg"], 3)["made"].clone();
        let words = made["words"].as_str().unwrap();
        assert_eq!(words.contains("may be AI-generated"), said, "{number}: {words}");
        assert_eq!(made["authorship"], "unknown");
    }
}

#[test]
fn who_signs_a_picture_whose_manifest_is_elsewhere_is_told() {
    let home = Home::with_key();
    with_xmp(
        &home,
        "remote.jpg",
        "dcterms:provenance='https://example.org/m.c2pa'",
    );
    home.fixture("images/gradient.jpg");
    for (name, told) in [("remote.jpg", true), ("gradient.jpg", false)] {
        let report = home.json(
            [
                "sign",
                name,
                "-o",
                "out.jpg",
                "--source",
                "human-edited",
                "--dry-run",
            ],
            0,
        );
        assert_eq!(
            lines(&report["notes"]).contains("kept elsewhere"),
            told,
            "{report:#}"
        );
    }
}

/// Said to be compressed, and not so that anybody can inflate it.
#[test]
fn metadata_that_is_not_read_is_never_left_out_without_a_word() {
    let home = Home::with_key();
    let unread = png(&chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0not zlib"));
    fs::write(home.path("odd.png"), unread).unwrap();
    home.fixture("images/gradient.png");
    let report = home.json(["sign", "odd.png", "-o", "out.png", "--source", "human"], 0);
    assert!(lines(&report["not_carried"]).contains("left out"), "{report:#}");
    let report = home.json(
        ["sign", "gradient.png", "-o", "plain.png", "--source", "human"],
        0,
    );
    assert_eq!(lines(&report["not_carried"]), "");
}

/// Boxes of these kinds are outside every hash of the boxes: a signature over the file would not cover the picture.
#[test]
fn a_picture_in_a_box_that_no_hash_covers_is_not_signed() {
    let home = Home::with_key();
    let mut bytes = fs::read(home.fixture("images/gradient.avif")).unwrap();
    let at = bytes.windows(4).position(|kind| kind == b"mdat").unwrap();
    bytes[at..at + 4].copy_from_slice(b"free");
    bytes.extend_from_slice(b"\0\0\0\x09mdat\0");
    fs::write(home.path("hidden.avif"), bytes).unwrap();
    let output = home.run(["sign", "hidden.avif", "-o", "out.avif", "--source", "human"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(
        both(&output).contains("would not cover its picture"),
        "{}",
        both(&output)
    );
    assert!(!home.path("out.avif").exists());
}

#[test]
fn bytes_in_boxes_that_hold_no_picture_are_named_as_not_checked() {
    let home = Home::with_key();
    home.fixture("images/gradient.avif");
    home.ok(["sign", "gradient.avif", "-o", "out.avif", "--source", "human"]);
    let mut bytes = fs::read(home.path("out.avif")).unwrap();
    bytes.extend_from_slice(b"\0\0\0\x0cfreeabcd");
    fs::write(home.path("more.avif"), bytes).unwrap();
    let told = |name: &str| lines(&home.json(["verify", name, "--require", "intact"], 0)["not_checked"]);
    assert!(
        told("more.avif").contains("4 bytes in boxes that hold no picture"),
        "{}",
        told("more.avif")
    );
    assert!(!told("out.avif").contains("hold no picture"));
}

#[test]
fn a_ledger_that_is_there_is_not_said_to_be_missing() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "human"]);
    fs::write(home.path("text.jpg"), "no picture").unwrap();
    let output = home.run(["verify", "text.jpg"]);
    assert!(!both(&output).contains("no default ledger"), "{}", both(&output));
}

#[test]
fn what_replaced_metadata_said_is_not_said_to_be_shown() {
    let home = Home::with_key();
    let ai = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    with_xmp(
        &home,
        "ai.jpg",
        &format!(
            "xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' Iptc4xmpExt:DigitalSourceType='{ai}'"
        ),
    );
    let sign = |out: &str, flag: &[&str]| {
        let args = [&["sign", "ai.jpg", "--source", "human", "-o", out], flag].concat();
        home.json(args, 0)["contradictions"][0]["sentence"].to_string()
    };
    assert!(sign("both.jpg", &[]).contains("receivers are shown the contradiction"));
    assert!(sign("mine.jpg", &["--replace-metadata"]).contains("receivers see nothing of it"));
    let conflicts = |name| {
        home.json(["verify", name], 0)["made"]["conflicts"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((conflicts("both.jpg"), conflicts("mine.jpg")), (1, 0));
}

#[test]
fn one_frame_in_common_is_not_the_same_picture() {
    let home = Home::with_key();
    home.fixture("images/animated.gif");
    home.ok(["sign", "animated.gif", "--source", "human", "-o", "out.gif"]);
    let mut bytes = fs::read(home.path("out.gif")).unwrap();
    // The last byte of the last frame's data.
    let at = bytes.len() - 3;
    bytes[at] ^= 1;
    fs::write(home.path("other.gif"), bytes).unwrap();
    let report = home.json(["verify", "other.gif", "--require", "registered"], 1);
    let note = report["ledger"]["check"]["note"].to_string();
    assert!(note.contains("of its 2 frames the first alone"), "{note}");
    assert_ne!(report["made"]["basis"], "ledger-trusted");
}

#[test]
fn a_parent_beside_the_pictures_own_is_refused() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.jpg", "--source", "human", "-o", "signed.jpg"]);
    let args = [
        "sign",
        "signed.jpg",
        "--source",
        "ai-edited",
        "--parent",
        "gradient.png",
        "-o",
        "out.jpg",
    ];
    let output = home.run(args);
    assert_eq!(code(&output), 2, "{}", both(&output));
    assert!(
        both(&output).contains("credentials of its own"),
        "{}",
        both(&output)
    );
    assert!(!home.path("out.jpg").exists());
}

#[test]
fn rights_in_texts_are_told_and_stay_beside_the_signers() {
    let home = Home::with_key();
    let texts = [
        chunk(b"tEXt", b"Copyright\0(c) Old"),
        chunk(b"tEXt", b"Author\0Carol"),
    ]
    .concat();
    fs::write(home.path("texts.png"), png(&texts)).unwrap();
    let rights = home.json(["verify", "texts.png"], 3)["rights"].to_string();
    assert!(rights.contains("(c) Old") && rights.contains("Carol"), "{rights}");

    let args = [
        "sign",
        "texts.png",
        "--source",
        "human",
        "--by",
        "Ada",
        "--rights",
        "(c) Ada",
        "-o",
        "out.png",
    ];
    let report = home.json(args, 0);
    let names: Vec<&str> = report["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["text:Author", "text:Copyright"]);
    let rights = home.json(["verify", "out.png"], 0)["rights"].clone();
    let disagrees = rights
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["disagrees"] == true)
        .count();
    assert_eq!(disagrees, 2, "{rights}");
}

#[test]
fn hidden_pictures_are_told() {
    let home = Home::with_key();
    fs::create_dir_all(home.path("in/.kept")).unwrap();
    for name in ["in/a.jpg", "in/b.jpg", "in/.c.jpg", "in/.note"] {
        fs::copy(home.fixture("images/gradient.jpg"), home.path(name)).unwrap();
    }
    let words = both(&home.run(["verify", "in"]));
    assert!(
        words.contains("2 hidden pictures or folders were passed over"),
        "{words}"
    );
}

#[test]
fn what_was_put_before_a_scanner_or_a_screen_is_not_life_and_not_ai() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    for (source, said) in [
        ("scan", "digitised from"),
        ("slide", "digitised from a slide"),
        ("screenshot", "captured from a screen"),
    ] {
        let out = format!("{source}.jpg");
        home.ok(["sign", "gradient.jpg", "--source", source, "-o", &out]);
        let words = home.json(["verify", &out], 0)["made"]["words"].to_string();
        assert!(words.contains(said) && !words.contains("AI"), "{words}");
    }
}

#[test]
fn a_trust_file_without_a_certificate_is_an_error() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "--source", "human", "-o", "out.jpg"]);
    for text in ["", "hello\n"] {
        fs::write(home.path("none.pem"), text).unwrap();
        let output = home.run(["verify", "out.jpg", "--trust", "none.pem"]);
        assert_eq!(code(&output), 4, "{}", both(&output));
        assert!(
            both(&output).contains("holds no certificate"),
            "{}",
            both(&output)
        );
    }
}

#[test]
fn an_older_copy_of_a_log_is_not_called_changed() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.fixture("images/gradient.png");
    home.ok(["ledger", "init", "log.ledger"]);
    home.ok([
        "sign",
        "gradient.jpg",
        "--source",
        "ai",
        "-o",
        "one.jpg",
        "--ledger",
        "log.ledger",
    ]);
    home.ok(["ledger", "publish", "www", "--ledger", "log.ledger"]);
    home.ok([
        "sign",
        "gradient.png",
        "--source",
        "ai",
        "-o",
        "two.png",
        "--ledger",
        "log.ledger",
    ]);
    let report = home.json(["audit", "www"], 1);
    let sentence = report["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("what is here is as it was signed, but it ends at size 2"),
        "{sentence}"
    );
}

#[test]
fn a_certificate_on_another_day_is_not_valid_now() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "--source", "human", "-o", "out.jpg"]);
    let note = |args: &[&str]| home.json(args, 0)["checks"]["time"]["note"].to_string();
    assert!(note(&["verify", "out.jpg"]).contains("is valid now"));
    let then = note(&["verify", "out.jpg", "--at", "2040-01-01T00:00:00Z"]);
    assert!(then.contains("is valid at the time asked about"), "{then}");
}
