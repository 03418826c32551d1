//! Graphs of our own making: each way that model, words and seed are tied to the sampler.

use serde_json::{Value, json};

use super::super::samples::or;
use super::*;

fn read_graph(graph: &Value) -> Record {
    let found_in = FoundIn {
        place: "tEXt",
        name: "prompt".to_owned(),
    };
    read(graph, &found_in).unwrap()
}

/// Prompt, negative prompt, seed, steps, sampler, scheduler, cfg, guidance, model.
fn said(settings: &Settings) -> [&str; 9] {
    [
        or(&settings.prompt),
        or(&settings.negative_prompt),
        or(&settings.seed),
        or(&settings.steps),
        or(&settings.sampler),
        or(&settings.scheduler),
        or(&settings.cfg_scale),
        or(&settings.guidance),
        or(&settings.model),
    ]
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "inputs are written where they are used"
)]
fn node(class: &str, inputs: Value) -> Value {
    json!({"class_type": class, "inputs": inputs})
}

fn flux() -> Value {
    json!({
        "5": node("EmptySD3LatentImage", json!({"width": ["30", 0], "height": 1216, "batch_size": 1})),
        "6": node("CLIPTextEncodeFlux", json!({"clip": ["11", 0], "clip_l": "a cat", "t5xxl": "a cat", "guidance": 3.5})),
        "8": node("VAEDecode", json!({"samples": ["13", 0], "vae": ["10", 0]})),
        "9": node("SaveImage", json!({"images": ["8", 0], "filename_prefix": "x"})),
        "10": node("VAELoader", json!({"vae_name": "ae.safetensors"})),
        "11": node("DualCLIPLoader", json!({"clip_name1": "t5xxl.safetensors", "clip_name2": "clip_l.safetensors"})),
        "12": node("UNETLoader", json!({"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"})),
        "13": node("SamplerCustomAdvanced", json!({"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "sigmas": ["18", 0], "latent_image": ["5", 0]})),
        "16": node("KSamplerSelect", json!({"sampler_name": "euler"})),
        "17": node("BasicScheduler", json!({"scheduler": "simple", "steps": 20, "denoise": 1, "model": ["40", 0]})),
        "18": node("SplitSigmas", json!({"step": 0, "sigmas": ["17", 0]})),
        "22": node("BasicGuider", json!({"model": ["40", 0], "conditioning": ["6", 0]})),
        "25": node("RandomNoise", json!({"noise_seed": ["31", 0]})),
        "30": node("PrimitiveInt", json!({"value": 832})),
        "31": node("Seed (rgthree)", json!({"seed": 18_446_744_073_709_551_615_u64})),
        "40": node("LoraLoaderModelOnly", json!({"lora_name": "fur.safetensors", "strength_model": 0.8, "model": ["41", 0]})),
        "41": node("Power Lora Loader (rgthree)", json!({
            "lora_1": {"on": true, "lora": "ink.safetensors", "strength": 0.5}, "lora_2": {"on": false, "lora": "off.safetensors", "strength": 1},
            "model": ["12", 0]}))
    })
}

#[test]
fn flux_is_read_through_guider_noise_and_sigmas() {
    let record = read_graph(&flux());
    let wanted = [
        "a cat",
        "-",
        "18446744073709551615",
        "20",
        "euler",
        "simple",
        "-",
        "3.5",
        "flux1-dev.safetensors",
    ];
    assert_eq!(said(&record.settings), wanted);
    assert_eq!(record.settings.size, Some((832, 1216)));
    let loras: Vec<_> = record
        .settings
        .loras
        .iter()
        .map(|lora| (lora.name.raw(), or(&lora.weight)))
        .collect();
    assert_eq!(loras, [("fur.safetensors", "0.8"), ("ink.safetensors", "0.5")]);
    assert_eq!(record.earlier, []);
}

#[test]
fn sd3_has_a_zeroed_negative_and_guiders_hold_the_cfg() {
    let mut graph = flux();
    graph["22"] = node(
        "CFGGuider",
        json!({"model": ["12", 0], "positive": ["50", 0], "negative": ["50", 1], "cfg": 4.5}),
    );
    graph["50"] = node(
        "ControlNetApplyAdvanced",
        json!({"positive": ["51", 0], "negative": ["52", 0], "control_net": ["1", 0], "image": ["1", 0], "strength": 1}),
    );
    graph["51"] = node(
        "CLIPTextEncodeSD3",
        json!({"clip_l": "short", "clip_g": "short", "t5xxl": "long words", "clip": ["11", 0]}),
    );
    graph["52"] = node("ConditioningZeroOut", json!({"conditioning": ["51", 0]}));
    let record = read_graph(&graph);
    let wanted = [
        "short\nlong words",
        "-",
        "18446744073709551615",
        "20",
        "euler",
        "simple",
        "4.5",
        "-",
        "flux1-dev.safetensors",
    ];
    assert_eq!(said(&record.settings), wanted);
}

#[test]
fn hidream_is_read_through_its_four_encoders_and_model_patches() {
    let graph = json!({
        "1": node("QuadrupleCLIPLoader", json!({"clip_name1": "a", "clip_name2": "b", "clip_name3": "c", "clip_name4": "d"})),
        "2": node("CLIPTextEncodeHiDream", json!({"clip": ["1", 0], "clip_l": "a cat", "clip_g": "a cat", "t5xxl": "a cat", "llama": "a cat"})),
        "3": node("CLIPTextEncode", json!({"text": "blurry", "clip": ["1", 0]})),
        "4": node("UNETLoader", json!({"unet_name": "hidream_i1_full_fp16.safetensors"})),
        "5": node("ModelSamplingSD3", json!({"shift": 3.0, "model": ["4", 0]})),
        "6": node("KSampler", json!({"seed": 7, "steps": 50, "cfg": 5, "sampler_name": "uni_pc", "scheduler": "simple", "denoise": 1, "model": ["5", 0],
            "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["7", 0]})),
        "7": node("EmptySD3LatentImage", json!({"width": 1024, "height": 1024})),
        "8": node("VAEDecode", json!({"samples": ["6", 0], "vae": ["9", 0]})),
        "10": node("SaveImage", json!({"images": ["8", 0]}))
    });
    let record = read_graph(&graph);
    let wanted = [
        "a cat",
        "blurry",
        "7",
        "50",
        "uni_pc",
        "simple",
        "5",
        "-",
        "hidream_i1_full_fp16.safetensors",
    ];
    assert_eq!(said(&record.settings), wanted);
    // Somebody's node that is the whole pipeline.
    let own = json!({
        "1": node("HiDreamSampler", json!({"model_type": "fast-nf4", "prompt": "a cat", "negative_prompt": "dog", "seed": 7, "num_steps": 16, "images": "x"})),
        "2": node("PreviewImage", json!({"images": ["1", 0]}))
    });
    assert_eq!(said(&read_graph(&own).settings)[..3], ["a cat", "dog", "7"]);
    assert_eq!(or(&read_graph(&own).settings.model), "fast-nf4");
}

/// A sampler whose words come from node 2.
fn with_text(more: &Value) -> Value {
    let mut graph = json!({
        "1": node("KSampler", json!({"seed": 7, "steps": 20, "model": ["9", 0], "positive": ["2", 0], "latent_image": ["8", 0]})),
        "2": node("CLIPTextEncode", json!({"text": ["3", 0]})),
        "7": node("SaveImage", json!({"images": ["1", 0]}))
    });
    for (id, node) in more.as_object().unwrap() {
        graph[id] = node.clone();
    }
    graph
}

#[test]
fn words_are_followed_through_nodes_that_carry_text() {
    let rows = [
        (
            json!({"3": node("PrimitiveStringMultiline", json!({"value": "a cat"}))}),
            "a cat",
        ),
        (
            json!({"3": node("Text Multiline", json!({"text": "a cat"}))}),
            "a cat",
        ),
        (
            json!({"3": node("StringConcatenate", json!({"string_a": ["4", 0], "string_b": "cat", "delimiter": " black "})),
                "4": node("PrimitiveString", json!({"value": "a"}))}),
            "a black cat",
        ),
        (
            json!({"3": node("Text Concatenate", json!({"text_a": "a cat", "text_b": "sun"}))}),
            "a cat, sun",
        ),
        (
            json!({"3": node("ShowText|pysssss", json!({"text": ["4", 0], "text_0": "stale"})), "4": node("Text", json!({"text": "a cat"}))}),
            "a cat",
        ),
        (
            json!({"3": node("ImpactWildcardProcessor", json!({"wildcard_text": "a __animal__", "populated_text": "a cat"}))}),
            "a cat",
        ),
        (
            json!({"3": node("Reroute", json!({"": ["4", 0]})), "4": node("Text", json!({"text": "a cat"}))}),
            "a cat",
        ),
    ];
    for (more, wanted) in rows {
        assert_eq!(
            or(&read_graph(&with_text(&more)).settings.prompt),
            wanted,
            "{more}"
        );
    }
}

#[test]
fn loaders_and_pipes_that_hold_the_words_themselves_are_read() {
    let efficient = json!({
        "1": node("Efficient Loader", json!({"ckpt_name": "m.safetensors", "lora_name": "None", "positive": "a cat", "negative": "dog"})),
        "2": node("KSampler (Efficient)", json!({"seed": 7, "steps": 20, "cfg": 7, "sampler_name": "euler", "model": ["1", 0], "positive": ["1", 1], "negative": ["1", 2],
            "latent_image": ["1", 3]})),
        "3": node("SaveImage", json!({"images": ["2", 5]}))
    });
    let pipe = json!({
        "1": node("easy fullLoader", json!({"ckpt_name": "m.safetensors", "positive": "a cat", "negative": "dog"})),
        "2": node("easy kSampler", json!({"seed": 7, "steps": 20, "cfg": 7, "sampler_name": "euler", "pipe": ["1", 0]})),
        "3": node("SaveImage", json!({"images": ["2", 1]}))
    });
    for graph in [efficient, pipe] {
        let record = read_graph(&graph);
        let settings = &record.settings;
        let read = [
            &settings.prompt,
            &settings.negative_prompt,
            &settings.seed,
            &settings.model,
        ]
        .map(or);
        assert_eq!(read, ["a cat", "dog", "7", "m.safetensors"]);
        assert_eq!(settings.loras, []);
    }
}

#[test]
fn the_sampler_of_the_saved_picture_is_taken_and_not_that_of_a_preview() {
    let sampler = |seed: u64, latent: &str| {
        let inputs = json!({"seed": seed, "steps": 20, "model": ["9", 0], "latent_image": [latent, 0]});
        node("KSampler", inputs)
    };
    let graph = json!({
        "1": sampler(1, "8"), "2": sampler(2, "8"),
        "3": node("PreviewImage", json!({"images": ["1", 0]})),
        "4": node("SaveImage", json!({"images": ["2", 0]})),
        "8": node("EmptyLatentImage", json!({"width": 64, "height": 64}))
    });
    let record = read_graph(&graph);
    assert_eq!((or(&record.settings.seed), record.earlier.len()), ("2", 0));
    let mut both = graph;
    both["3"] = node("SaveImage", json!({"images": ["1", 0]}));
    let record = read_graph(&both);
    assert_eq!(or(&record.settings.seed), "1");
    assert_eq!(record.remarks, [SEVERAL]);
}

#[test]
fn pictures_that_were_loaded_are_named_and_a_graph_without_sampler_makes_nothing() {
    let mut graph = with_text(&json!({}));
    graph["8"] = node("VAEEncode", json!({"pixels": ["10", 0]}));
    graph["10"] = node("LoadImage", json!({"image": "photo.png"}));
    let record = read_graph(&graph);
    assert_eq!(
        record.init_images.iter().map(Untrusted::raw).collect::<Vec<_>>(),
        ["photo.png"]
    );
    assert_eq!(
        record.source_type,
        Some(crate::base::SourceType::CompositeWithTrainedAlgorithmicMedia)
    );
    let scale = json!({
        "1": node("LoadImage", json!({"image": "photo.png"})),
        "2": node("ImageScale", json!({"image": ["1", 0], "width": 64, "height": 64})),
        "3": node("SaveImage", json!({"images": ["2", 0]}))
    });
    let record = read_graph(&scale);
    assert_eq!((record.source_type, record.settings), (None, Settings::default()));
}

#[test]
fn a_drawing_is_read_where_the_run_is_not_there_and_it_is_said() {
    let drawing = json!({
        "nodes": [
            {"id": 1, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["sdxl.safetensors"]},
            {"id": 2, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 1}], "widgets_values": ["a cat"]},
            {"id": 3, "type": "KSampler", "inputs": [{"name": "model", "link": 2}, {"name": "positive", "link": 3}, {"name": "latent_image", "link": null}],
                "widgets_values": [7, "fixed", 20, 8, "euler", "normal", 1]},
            {"id": 4, "type": "SaveImage", "inputs": [{"name": "images", "link": 4}], "widgets_values": ["x"]},
            {"id": 5, "type": "SomebodysSampler", "mode": 4, "inputs": [{"name": "seed", "widget": {"name": "seed"}}], "widgets_values": [9, "fixed"]}
        ],
        "links": [[1, 1, 1, 2, 0, "CLIP"], [2, 1, 0, 3, 0, "MODEL"], [3, 2, 0, 3, 1, "CONDITIONING"], [4, 3, 0, 4, 0, "IMAGE"], ["odd"], 7]
    });
    let record = read_graph(&drawing);
    assert_eq!(
        said(&record.settings),
        [
            "a cat",
            "-",
            "7",
            "20",
            "euler",
            "normal",
            "8",
            "-",
            "sdxl.safetensors"
        ]
    );
    assert_eq!(record.remarks, [DRAWN]);
}

#[test]
fn loops_and_shared_nodes_end_within_the_bounds() {
    let looped = json!({
        "1": node("KSampler", json!({"seed": ["1", 0], "steps": 2, "model": ["2", 0], "positive": ["3", 0], "latent_image": ["1", 0]})),
        "2": node("LoraLoader", json!({"lora_name": "a", "strength_model": ["2", 0], "model": ["2", 0]})),
        "3": node("ConditioningCombine", json!({"conditioning_1": ["3", 0], "conditioning_2": ["4", 0]})),
        "4": node("CLIPTextEncode", json!({"text": ["5", 0]})),
        "5": node("StringConcatenate", json!({"string_a": ["5", 0], "string_b": ["5", 0]})),
        "6": node("SaveImage", json!({"images": ["1", 0]}))
    });
    let record = read_graph(&looped);
    assert_eq!(said(&record.settings)[..3], ["-", "-", "-"]);
    // Each node doubles the text of the next: 2^40 bytes if nothing stopped it.
    let mut doubling = with_text(&json!({}));
    for level in 3..43 {
        let next = (level + 1).to_string();
        doubling[level.to_string()] = node(
            "StringConcatenate",
            json!({"string_a": [next, 0], "string_b": [next, 0]}),
        );
    }
    doubling["43"] = node("PrimitiveString", json!({"value": "x"}));
    let length = read_graph(&doubling)
        .settings
        .prompt
        .map_or(0, |text| text.raw().len());
    assert!(length <= 8192, "{length}");
    let mut crowd = serde_json::Map::new();
    for id in 0..=crate::base::limits::GRAPH_NODES_MAX {
        crowd.insert(id.to_string(), node("SaveImage", json!({"images": ["0", 0]})));
    }
    let found_in = FoundIn {
        place: "tEXt",
        name: "prompt".to_owned(),
    };
    assert!(read(&Value::Object(crowd), &found_in).is_none());
}
