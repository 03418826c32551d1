//! Graphs of our own making whose links go through bundles, reroutes and switches.

use serde_json::{Value, json};

use super::super::samples::or;
use super::*;

#[expect(
    clippy::needless_pass_by_value,
    reason = "inputs are written where they are used"
)]
fn node(class: &str, inputs: Value) -> Value {
    json!({"class_type": class, "inputs": inputs})
}

/// Prompt, negative prompt, seed, model, size.
fn said(graph: &Value) -> [String; 5] {
    let found_in = FoundIn {
        place: "tEXt",
        name: "prompt".to_owned(),
    };
    let record = read(graph, &found_in).unwrap();
    let settings = record.settings;
    let size = settings.size.map(|size| format!("{}x{}", size.0, size.1));
    [
        or(&settings.prompt).to_owned(),
        or(&settings.negative_prompt).to_owned(),
        or(&settings.seed).to_owned(),
        or(&settings.model).to_owned(),
        size.unwrap_or_default(),
    ]
}

const ALL: [&str; 5] = ["a cat", "dog", "7", "m.safetensors", "64x96"];

/// Model 1, words 2 and 3, latents 4, seed 5, the picture saved by 30 out of sampler 20; the rest is the row's.
fn with(more: &Value) -> Value {
    let mut graph = json!({
        "1": node("CheckpointLoaderSimple", json!({"ckpt_name": "m.safetensors"})),
        "2": node("CLIPTextEncode", json!({"text": "a cat", "clip": ["1", 1]})),
        "3": node("CLIPTextEncode", json!({"text": "dog", "clip": ["1", 1]})),
        "4": node("EmptyLatentImage", json!({"width": 64, "height": 96, "batch_size": 1})),
        "5": node("Seed", json!({"seed": 7})),
        "21": node("VAEDecode", json!({"samples": ["20", 0], "vae": ["1", 2]})),
        "30": node("SaveImage", json!({"images": ["21", 0]}))
    });
    for (id, node) in more.as_object().unwrap() {
        graph[id] = node.clone();
    }
    graph
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "inputs are written where they are used"
)]
fn sampler(inputs: Value) -> Value {
    let mut all =
        json!({"steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1});
    for (name, value) in inputs.as_object().unwrap() {
        all[name] = value.clone();
    }
    node("KSampler", all)
}

#[test]
fn contexts_give_each_output_what_was_put_in_under_its_name() {
    // The second adds to the first, the third hands both on; the picture goes through a fourth.
    let graph = with(&json!({
        "10": node("Context (rgthree)", json!({"model": ["1", 0], "clip": ["1", 1], "vae": ["1", 2], "latent": ["4", 0], "seed": ["5", 0]})),
        "11": node("Context (rgthree)", json!({"base_ctx": ["10", 0], "positive": ["2", 0], "negative": ["3", 0]})),
        "12": node("Context Switch (rgthree)", json!({"ctx_02": ["11", 0]})),
        "20": sampler(json!({"model": ["12", 1], "positive": ["12", 4], "negative": ["12", 5], "latent_image": ["12", 6], "seed": ["12", 8]})),
        "21": node("VAEDecode", json!({"samples": ["20", 0], "vae": ["12", 3]})),
        "22": node("Context (rgthree)", json!({"base_ctx": ["12", 0], "latent": ["20", 0], "images": ["21", 0]})),
        "30": node("SaveImage", json!({"images": ["22", 7]}))
    }));
    assert_eq!(said(&graph), ALL);
    // What is put in later stands over what was there.
    let mut replaced = graph;
    replaced["6"] = node(
        "CheckpointLoaderSimple",
        json!({"ckpt_name": "other.safetensors"}),
    );
    replaced["11"]["inputs"]["model"] = json!(["6", 0]);
    assert_eq!(said(&replaced)[3], "other.safetensors");
    // The places tell, whatever the user's own inputs are called.
    replaced["20"]["inputs"]["positive"] = json!(["12", 5]);
    assert_eq!(said(&replaced)[..2], ["dog", "dog"]);
}

#[test]
fn pipes_and_buses_are_unpacked_by_place_and_unknown_ones_by_name() {
    let parts = json!({"model": ["1", 0], "clip": ["1", 1], "vae": ["1", 2], "positive": ["2", 0], "negative": ["3", 0]});
    let given = |out: &str, first: u64| {
        let at = |more: u64| json!([out, first + more]);
        sampler(
            json!({"model": at(0), "positive": at(3), "negative": at(4), "latent_image": ["4", 0], "seed": ["5", 0]}),
        )
    };
    let easy =
        json!({"model": ["1", 0], "pos": ["2", 0], "neg": ["3", 0], "latent": ["4", 0], "vae": ["1", 2]});
    let rows = [
        json!({"10": node("ToBasicPipe", parts.clone()), "11": node("FromBasicPipe", json!({"basic_pipe": ["10", 0]})), "20": given("11", 0)}),
        json!({"10": node("ToBasicPipe", parts.clone()), "11": node("FromBasicPipe_v2", json!({"basic_pipe": ["10", 0]})), "20": given("11", 1)}),
        json!({"10": node("Bus Node", parts.clone()), "11": node("Bus Node", json!({"bus": ["10", 0]})), "20": given("11", 1)}),
        json!({"10": node("ToBasicPipe", parts.clone()), "11": node("EditBasicPipe", json!({"basic_pipe": ["10", 0]})),
            "20": node("ImpactKSamplerBasicPipe", json!({"basic_pipe": ["11", 0], "latent_image": ["4", 0], "seed": 7, "steps": 20, "sampler_name": "euler"}))}),
        json!({"10": node("easy pipeIn", easy.clone()), "11": node("easy pipeOut", json!({"pipe": ["10", 0]})),
            "20": sampler(json!({"model": ["11", 1], "positive": ["11", 2], "negative": ["11", 3], "latent_image": ["11", 4], "seed": ["5", 0]}))}),
        json!({"10": node("Somebody's In", easy), "11": node("Somebody's Out", json!({"pipe": ["10", 0]})),
            "20": sampler(json!({"model": ["11", 7], "positive": ["11", 9], "negative": ["11", 2], "latent_image": ["11", 4], "seed": ["5", 0]}))}),
    ];
    for more in rows {
        assert_eq!(said(&with(&more)), ALL, "{more}");
    }
}

#[test]
fn a_sampler_that_hands_on_what_it_was_given_does_not_swap_the_sides() {
    let first = sampler(
        json!({"seed": 1, "model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}),
    );
    let graph = with(&json!({
        "19": first,
        "20": sampler(json!({"seed": 7, "model": ["19", 0], "positive": ["19", 1], "negative": ["19", 2], "latent_image": ["19", 3]}))
    }));
    assert_eq!(said(&graph), ALL);
}

#[test]
fn reroutes_and_switches_are_seen_through() {
    let graph = with(&json!({
        "10": node("ReroutePrimitive|pysssss", json!({"value": ["5", 0]})),
        "11": node("Reroute", json!({"": ["12", 0]})),
        "12": node("Reroute", json!({"": ["1", 0]})),
        "13": node("ImpactSwitch", json!({"select": 2, "input1": ["3", 0], "input2": ["2", 0], "sel_mode": false})),
        "14": node("Any Switch (rgthree)", json!({"any_02": ["3", 0], "any_03": ["2", 0]})),
        "20": sampler(json!({"seed": ["10", 0], "model": ["11", 0], "positive": ["13", 0], "negative": ["14", 0], "latent_image": ["4", 0]}))
    }));
    assert_eq!(said(&graph), ALL);
}

#[test]
fn what_a_bundle_does_not_hold_is_not_said() {
    let graph = with(&json!({
        "10": node("Context (rgthree)", json!({"positive": ["2", 0], "latent": ["4", 0]})),
        "20": sampler(json!({"model": ["10", 1], "positive": ["10", 4], "negative": ["10", 5], "latent_image": ["10", 6], "seed": ["10", 8]}))
    }));
    assert_eq!(said(&graph), ["a cat", "-", "-", "-", "64x96"]);
}

#[test]
fn a_node_that_makes_a_pipe_out_of_its_own_values_gives_words_and_no_file() {
    let graph = with(&json!({
        "10": node("## make-pipe [ab12]", json!({"ckpt_name": "m.safetensors", "linguistic_positive": "a cat", "negative": "dog"})),
        "20": node("ImpactKSamplerBasicPipe", json!({"basic_pipe": ["10", 0], "latent_image": ["4", 0], "seed": 7, "steps": 20, "sampler_name": "euler"}))
    }));
    assert_eq!(said(&graph)[..2], ["a cat", "dog"]);
}

#[test]
fn bundles_in_a_ring_or_a_crowd_end_within_the_bounds() {
    let mut graph = with(&json!({
        "10": node("Context (rgthree)", json!({"base_ctx": ["11", 0], "ctx_01": ["10", 0]})),
        "11": node("Context (rgthree)", json!({"base_ctx": ["10", 0]})),
        "12": node("Reroute", json!({"": ["13", 0]})),
        "13": node("Reroute", json!({"": ["12", 0]})),
        "20": sampler(json!({"model": ["10", 1], "positive": ["11", 4], "negative": ["12", 0], "latent_image": ["10", 6], "seed": ["10", 8]}))
    }));
    assert_eq!(said(&graph)[..4], ["-"; 4]);
    // Each of the many links asks a ring of many contexts for what none of them holds.
    for at in 100..1100_u64 {
        let inputs: serde_json::Map<String, Value> = (0..8_u64)
            .map(|more| {
                (
                    format!("ctx_{more}"),
                    json!([(100 + (at + more * 37) % 1000).to_string(), 0]),
                )
            })
            .collect();
        graph[at.to_string()] = node("Context Merge (rgthree)", Value::Object(inputs));
    }
    for slot in 0..2000_u64 {
        graph["20"]["inputs"][format!("positive_{slot}")] = json!([(100 + slot % 1000).to_string(), 4]);
        graph["20"]["inputs"][format!("model_{slot}")] = json!([(100 + slot % 1000).to_string(), 1]);
    }
    assert_eq!(said(&graph)[3], "-");
    let walked = Graph::new(&graph).unwrap();
    let sampler = walked.nodes().find(|node| node.id == "20").unwrap();
    walked.upstream(&[sampler], "model", |_| true);
    assert!(!walked.spend(0), "the walk ends by what may be spent");
}
