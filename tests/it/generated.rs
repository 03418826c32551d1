//! What a generator wrote into a file: told by inspect, believed last by verify, taken over by sign only when asked, the prompt never.

use std::fs;

use image::{DynamicImage, Rgba, RgbaImage};
use serde_json::Value;

use super::find::png;
use super::run::Home;

const TEXT: &str = "a secret cat <lora:fur:0.8>\nNegative prompt: secret dog\n\
    Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 965400086, Size: 64x48, Model hash: 0123456789, Model: sdxl_base, Version: v1.10.1";

/// `made.jpg`: a picture whose comment is the text of A1111.
fn home() -> Home {
    let home = Home::with_key();
    comment(&home, "made.jpg", TEXT);
    home
}

/// A picture with a comment.
fn comment(home: &Home, name: &str, text: &str) {
    let plain = fs::read(home.fixture("images/gradient.jpg")).unwrap();
    let length = u16::try_from(text.len() + 2).unwrap().to_be_bytes();
    let made = [&plain[..2], &[0xFF, 0xFE], &length, text.as_bytes(), &plain[2..]].concat();
    fs::write(home.path(name), made).unwrap();
}

#[test]
fn a_graph_that_is_only_attached_is_told_and_decides_nothing() {
    let home = Home::with_key();
    let drawing = r#"workflow:{"nodes": [
        {"id": 1, "type": "KSampler", "inputs": [{"name": "model", "link": 9}], "widgets_values": [7, "fixed", 20, 8, "euler", "normal", 1]},
        {"id": 2, "type": "SaveImage", "inputs": [{"name": "images", "link": 1}]}], "links": [[1, 1, 0, 2, 0, "IMAGE"], [9, 3, 0, 1, 0, "MODEL"]]}"#;
    comment(&home, "editor.jpg", drawing);
    let made = home.json(["verify", "editor.jpg"], 3)["made"].clone();
    assert_eq!(
        (&made["basis"], &made["authorship"], &made["tool"]),
        (&"nothing".into(), &"unknown".into(), &Value::Null)
    );
    assert!(
        made["words"]
            .as_str()
            .unwrap()
            .contains("a generator's graph is attached"),
        "{made:#}"
    );
    let claims = home.json(["inspect", "editor.jpg"], 0)["generators"].clone();
    assert_eq!(claims[0]["settings"]["seed"], "7");
}

#[test]
fn inspect_tells_the_record_and_that_it_is_a_claim() {
    let home = home();
    let report = home.json(["inspect", "made.jpg"], 0);
    let claims = report["generators"].as_array().unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0]["found_in"], "COM Comment");
    assert_eq!(claims[0]["tool"], "AUTOMATIC1111");
    assert_eq!(claims[0]["family"]["family"], "diffusion");
    let settings = &claims[0]["settings"];
    assert_eq!(settings["seed"], "965400086");
    assert_eq!(settings["prompt"], "a secret cat <lora:fur:0.8>");
    assert_eq!(settings["loras"][0]["name"], "fur");
    let words = home.ok(["inspect", "made.jpg"]);
    assert!(
        words.contains("a claim and no proof") && words.contains("secret dog"),
        "{words}"
    );
    let none = home.json(["inspect", "gradient.jpg"], 0);
    assert_eq!(none["generators"], Value::Array(vec![]));
}

#[test]
fn verify_believes_it_last_and_holds_it_against_a_human_claim() {
    let home = home();
    let made = home.json(["verify", "made.jpg"], 3)["made"].clone();
    assert_eq!(
        (&made["basis"], &made["authorship"]),
        (&"generator-text".into(), &"ai".into())
    );
    assert_eq!(made["tool"], "AUTOMATIC1111 v1.10.1, model sdxl_base");
    assert!(
        made["words"].as_str().unwrap().contains("a generator's text"),
        "{made:#}"
    );
    home.ok([
        "sign",
        "made.jpg",
        "-o",
        "photo.jpg",
        "--source",
        "camera",
        "--no-ledger",
    ]);
    let made = home.json(["verify", "photo.jpg"], 0)["made"].clone();
    assert_eq!(made["basis"], "signed-trusted");
    assert_eq!(made["authorship"], "maybe-ai");
    let conflict = made["conflicts"][0].as_str().unwrap();
    assert!(
        conflict.contains("generator text in the file says trainedAlgorithmicMedia"),
        "{conflict}"
    );
}

/// `TEXT` in the lowest bits of alpha, down the columns: what is left of it when all metadata is taken off.
#[test]
fn verify_seeks_what_is_hidden_in_the_pixels_where_nothing_is_said_in_the_open() {
    let home = Home::with_key();
    let length = u32::try_from(TEXT.len() * 8).unwrap().to_be_bytes();
    let said = [&b"stealth_pnginfo"[..], &length, TEXT.as_bytes()].concat();
    for (name, mark) in [("hidden.png", None), ("plain.png", Some(0))] {
        let picture = RgbaImage::from_fn(40, 200, |x, y| {
            let at = usize::try_from(x * 200 + y).unwrap();
            let bit = said.get(at / 8).map_or(1, |byte| byte >> (7 - at % 8) & 1);
            Rgba([200, 100, 50, 0xfe | bit | u8::from(Some(at) == mark)])
        });
        fs::write(home.path(name), png(&DynamicImage::ImageRgba8(picture))).unwrap();
    }
    let made = home.json(["verify", "hidden.png"], 3)["made"].clone();
    assert_eq!(
        (&made["basis"], &made["authorship"]),
        (&"generator-text".into(), &"ai".into())
    );
    assert_eq!(made["tool"], "AUTOMATIC1111 v1.10.1, model sdxl_base");
    // With one bit of its mark changed it is no text.
    assert_eq!(
        home.json(["verify", "plain.png"], 3)["made"]["authorship"],
        "unknown"
    );
    home.ok([
        "sign",
        "hidden.png",
        "-o",
        "photo.png",
        "--source",
        "camera",
        "--no-ledger",
    ]);
    let made = home.json(["verify", "photo.png"], 0)["made"].clone();
    assert_eq!(made["authorship"], "maybe-ai", "{made:#}");
}

#[test]
fn sign_takes_it_over_when_asked_and_never_the_prompt() {
    let home = home();
    let report = home.json(
        ["sign", "made.jpg", "-o", "a.jpg", "--source", "from-metadata"],
        0,
    );
    assert!(
        report["source_type"]
            .as_str()
            .unwrap()
            .ends_with("/trainedAlgorithmicMedia")
    );
    assert_eq!(report["source_basis"], "COM Comment, text of a generator");
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("nobody vouched for: AI system, its version, model, seed"),
        "{notes}"
    );
    assert!(
        notes.contains("the file holds a prompt, and that stays in it"),
        "{notes}"
    );
    let stated = [&report["assertions"], &report["written"]]
        .map(Value::to_string)
        .concat();
    assert!(
        stated.contains("sdxl_base") && stated.contains("965400086"),
        "{stated}"
    );
    assert!(!stated.contains("secret"), "{stated}");
    let signed = home.json(["inspect", "a.jpg"], 0)["c2pa"].to_string();
    assert!(
        signed.contains("sdxl_base") && !signed.contains("secret"),
        "{signed}"
    );
    // Whoever says so themselves takes nothing over.
    let own = home.json(["sign", "made.jpg", "-o", "b.jpg", "--source", "ai"], 0);
    let stated = [&own["assertions"], &own["written"]]
        .map(Value::to_string)
        .concat();
    assert!(
        !stated.contains("sdxl_base") && !stated.contains("secret"),
        "{stated}"
    );
    // Told by flag, the prompt is signed.
    let told = [
        "sign",
        "made.jpg",
        "-o",
        "c.jpg",
        "--source",
        "from-metadata",
        "--prompt",
        "a secret cat",
    ];
    assert!(
        home.json(told, 0)["assertions"]
            .to_string()
            .contains("a secret cat")
    );
}
