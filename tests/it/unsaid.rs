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
