//! Drawings of our own making: what the editor keeps of a graph, and what it weighs beside a picture.

use serde_json::{Value, json};

use super::super::samples::{generated, or, text};
use super::*;
use crate::base::SourceType;

fn record_of(drawing: &Value) -> Record {
    let found_in = FoundIn {
        place: "tEXt",
        name: "workflow".to_owned(),
    };
    read(drawing, &found_in).unwrap()
}

fn input(name: &str, kind: &str, link: u64) -> Value {
    json!({"name": name, "type": kind, "link": link})
}

/// A sampler 3 with links 2 (model), 3 (words) and 4 (latents of 64 x 96), saved by 4; the rest is the row's.
fn with(nodes: &[Value], links: &[Value]) -> Value {
    let mut all = vec![
        json!({"id": 1, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["m.safetensors"]}),
        json!({"id": 3, "type": "KSampler", "inputs": [input("model", "MODEL", 2), input("positive", "CONDITIONING", 3), input("latent_image", "LATENT", 4)],
            "widgets_values": [7, "fixed", 20, 8, "euler", "normal", 1]}),
        json!({"id": 4, "type": "SaveImage", "inputs": [input("images", "IMAGE", 5)], "widgets_values": ["x"]}),
        json!({"id": 5, "type": "CLIPTextEncode", "inputs": [], "widgets_values": ["a cat"]}),
        json!({"id": 6, "type": "EmptyLatentImage", "inputs": [], "widgets_values": [64, 96, 1]}),
    ];
    all.extend_from_slice(nodes);
    let mut from = vec![json!([5, 3, 0, 4, 0, "IMAGE"])];
    from.extend_from_slice(links);
    for usual in [
        json!([2, 1, 0, 3, 0, "MODEL"]),
        json!([3, 5, 0, 3, 1, "CONDITIONING"]),
        json!([4, 6, 0, 3, 2, "LATENT"]),
    ] {
        if !links.iter().any(|link| link[0] == usual[0]) {
            from.push(usual);
        }
    }
    json!({"nodes": all, "links": from})
}

#[test]
fn the_model_is_found_behind_reroutes_named_ends_and_bypassed_nodes() {
    let reroute = |id: u64, link: u64| json!({"id": id, "type": "Reroute", "inputs": [input("", "*", link)], "outputs": [{"name": "MODEL", "type": "MODEL"}]});
    let rows = [
        with(
            &[reroute(10, 11), reroute(11, 12)],
            &[
                json!([2, 10, 0, 3, 0, "MODEL"]),
                json!([11, 11, 0, 10, 0, "*"]),
                json!([12, 1, 0, 11, 0, "*"]),
            ],
        ),
        with(
            &[
                json!({"id": 10, "type": "GetNode", "inputs": [], "widgets_values": ["the model"]}),
                json!({"id": 11, "type": "SetNode", "inputs": [input("MODEL", "MODEL", 11)], "widgets_values": ["the model"]}),
                json!({"id": 12, "type": "SetNode", "inputs": [input("VAE", "VAE", 12)], "widgets_values": ["another"]}),
            ],
            &[
                json!([2, 10, 0, 3, 0, "MODEL"]),
                json!([11, 1, 0, 11, 0, "MODEL"]),
                json!([12, 1, 2, 12, 0, "VAE"]),
            ],
        ),
        with(
            &[
                json!({"id": 10, "type": "LoraLoader", "mode": 4, "inputs": [input("clip", "CLIP", 12), input("model", "MODEL", 11)],
                "outputs": [{"name": "MODEL", "type": "MODEL"}, {"name": "CLIP", "type": "CLIP"}], "widgets_values": ["off.safetensors", 1, 1]}),
            ],
            &[
                json!([2, 10, 0, 3, 0, "MODEL"]),
                json!([11, 1, 0, 10, 1, "MODEL"]),
                json!([12, 1, 1, 10, 0, "CLIP"]),
            ],
        ),
        // The links of newer versions are objects.
        with(
            &[],
            &[
                json!({"id": 2, "origin_id": 1, "origin_slot": 0, "target_id": 3, "target_slot": 0, "type": "MODEL"}),
            ],
        ),
    ];
    for drawing in rows {
        let record = record_of(&drawing);
        assert_eq!(or(&record.settings.model), "m.safetensors", "{drawing}");
        assert_eq!(record.settings.loras, []);
    }
}

#[test]
fn a_primitive_gives_its_value_and_not_what_follows_it() {
    let mut drawing = with(
        &[
            json!({"id": 10, "type": "PrimitiveNode", "outputs": [{"name": "INT", "type": "INT"}], "widgets_values": [99, "randomize"]}),
        ],
        &[json!([20, 10, 0, 3, 3, "INT"])],
    );
    let seed = json!({"name": "seed", "type": "INT", "link": 20, "widget": {"name": "seed"}});
    drawing["nodes"][1]["inputs"].as_array_mut().unwrap().push(seed);
    assert_eq!(or(&record_of(&drawing).settings.seed), "99");
}

#[test]
fn how_texts_are_joined_is_no_text() {
    let words =
        |id: u64, text: &str| json!({"id": id, "type": "Text", "inputs": [], "widgets_values": [text]});
    let drawing = with(
        &[
            json!({"id": 9, "type": "CLIPTextEncode", "inputs": [input("text", "STRING", 13)], "widgets_values": ["stale"]}),
            json!({"id": 10, "type": "Text Concatenate", "widgets_values": ["false"],
                "inputs": [input("text_a", "TEXT", 11), input("text_b", "TEXT", 12), {"name": "text_c", "type": "TEXT", "link": null}, input("text_d", "TEXT", 14)]}),
            words(11, "a cat"),
            words(12, " "),
            words(13, "sun"),
        ],
        &[
            json!([3, 9, 0, 3, 1, "CONDITIONING"]),
            json!([11, 11, 0, 10, 0, "TEXT"]),
            json!([12, 12, 0, 10, 1, "TEXT"]),
            json!([13, 10, 0, 9, 0, "TEXT"]),
            json!([14, 13, 0, 10, 3, "TEXT"]),
        ],
    );
    assert_eq!(or(&record_of(&drawing).settings.prompt), "a cat, sun");
}

#[test]
fn a_drawing_counts_only_beside_a_picture_of_the_size_it_makes() {
    let rows = [
        (Some((64, 96)), true),
        (Some((128, 192)), true),
        // Latents are rounded.
        (Some((70, 100)), true),
        (Some((96, 64)), false),
        (Some((32, 48)), false),
        (Some((1507, 407)), false),
        (None, false),
    ];
    for (size, counts) in rows {
        let mut record = record_of(&with(&[], &[]));
        weigh_drawing(&mut record, size);
        let wanted = counts.then_some(SourceType::TrainedAlgorithmicMedia);
        assert_eq!(record.source_type, wanted, "{size:?}");
        assert_eq!(record.remarks.contains(&ATTACHED), !counts);
        assert_eq!(or(&record.settings.model), "m.safetensors");
    }
    // As it was run, a graph made the picture, whatever was done to its size later.
    let mut ran = record_of(&with(&[], &[]));
    ran.remarks.clear();
    weigh_drawing(&mut ran, Some((1507, 407)));
    assert_eq!(ran.source_type, Some(SourceType::TrainedAlgorithmicMedia));
}

#[test]
fn a_file_with_a_drawing_alone_does_not_say_that_it_was_generated() {
    let found = generated(&text("workflow", &with(&[], &[]).to_string()));
    assert_eq!(found.records.len(), 1);
    assert!(found.has_attached_graph() && found.source_type().is_none());
    let ran = json!({"3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 2, "model": ["9", 0]}}, "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}}});
    let found = generated(&text("prompt", &ran.to_string()));
    assert!(!found.has_attached_graph() && found.source_type().is_some());
}
