//! Whatever stands in the places of generator text: read within bounds, never a panic.

use proptest::prelude::*;

use super::samples::{generated, gzip, hidden, text};
use super::texts::Text;
use super::{FoundIn, shape, stealth};
use crate::asset::pixels::Alpha;
use crate::base::limits::{FIELD_BYTES_MAX, GENERATOR_TEXTS_MAX, GRAPH_NODES_MAX, JSON_DEPTH_MAX};

/// One good text of each kind, with its keyword.
const SEEDS: [(&str, &str); 9] = [
    (
        "parameters",
        "a <lora:b:1>\nNegative prompt: c\nSteps: 2, Sampler: \"Euler, a\", Seed: 7, X: [1, {\"a\": 2}], Size: 512x512, Version: v1",
    ),
    (
        "prompt",
        r#"{"1":{"class_type":"KSampler","inputs":{"seed":["3",0],"steps":2,"model":["2",0],"positive":["4",0],"latent_image":["1",0]}},"2":{"class_type":"LoraLoader","inputs":{"lora_name":"a","model":["5",0]}},"3":{"class_type":"PrimitiveInt","inputs":{"value":7}},"4":{"class_type":"CLIPTextEncode","inputs":{"text":["6",0]}},"5":{"class_type":"L","inputs":{"ckpt_name":"m"}},"6":{"class_type":"StringConcatenate","inputs":{"string_a":"a","string_b":"b"}},"7":{"class_type":"SaveImage","inputs":{"images":["1",0]}}}"#,
    ),
    (
        "workflow",
        r#"{"nodes":[{"id":3,"type":"KSampler","inputs":[{"name":"model","link":1}],"widgets_values":[7,"fixed",20]},{"id":4,"type":"SaveImage","inputs":[{"name":"images","link":2}]}],"links":[[1,2,0,3,0,"MODEL"],[2,3,0,4,0,"IMAGE"]]}"#,
    ),
    (
        "Dream",
        r#""a [b] c" -s 50 -S 7 -W 512 -H 768 -C 5 -A k_lms -I x.png"#,
    ),
    (
        "sd-metadata",
        r#"{"image":{"prompt":[{"prompt":"a [b]"}],"seed":7,"steps":5},"model_weights":"m"}"#,
    ),
    (
        "invokeai_metadata",
        r#"{"positive_prompt":"a","seed":7,"model":{"name":"m","hash":"h"},"loras":[{"lora":{"name":"l"},"weight":1}]}"#,
    ),
    (
        "Comment",
        r#"{"uc":"b","seed":7,"steps":2,"sampler":"k_lms","v4_prompt":{"caption":{"base_caption":"a","char_captions":[{"char_caption":"c"}]}}}"#,
    ),
    (
        "Description",
        "a --no b --seed 7 --v 6 Job ID: 01234567-89ab-cdef-0123-456789abcdef",
    ),
    (
        "AIGC",
        r#"{"AIGC":"{\"Label\":\"1\",\"ContentProducer\":\"x\"}"}"#,
    ),
];

fn try_text(keyword: &str, characters: &str) {
    let text = Text {
        found_in: FoundIn {
            place: "tEXt",
            name: keyword.to_owned(),
        },
        text: characters.into(),
    };
    let mut faults = Vec::new();
    for record in shape::records(&[text], &mut faults) {
        for settings in std::iter::once(&record.settings).chain(&record.earlier) {
            let texts = [
                &settings.prompt,
                &settings.negative_prompt,
                &settings.seed,
                &settings.model,
            ];
            assert!(
                texts
                    .into_iter()
                    .flatten()
                    .all(|text| text.raw().len() <= FIELD_BYTES_MAX)
            );
            assert!(settings.loras.len() <= 64);
        }
        assert!(record.earlier.len() < 16 && record.init_images.len() <= 64);
    }
}

#[test]
fn every_seed_is_a_record_and_every_cut_of_it_is_harmless() {
    for (keyword, seed) in SEEDS {
        assert_eq!(generated(&text(keyword, seed)).records.len(), 1, "{keyword}");
        for end in 0..=seed.len() {
            try_text(keyword, seed.get(..end).unwrap_or_default());
            try_text(keyword, seed.get(end..).unwrap_or_default());
        }
    }
}

#[test]
fn what_exceeds_a_bound_is_said_and_not_read() {
    let deep = format!(
        "{{\"a\":{}{}}}",
        "[".repeat(JSON_DEPTH_MAX),
        "]".repeat(JSON_DEPTH_MAX)
    );
    let found = generated(&text("prompt", &deep));
    assert_eq!(
        (found.records.len(), found.faults.len()),
        (0, 1),
        "{:?}",
        found.faults
    );
    let nodes: Vec<String> = (0..=GRAPH_NODES_MAX)
        .map(|id| format!("\"{id}\":{{\"class_type\":\"N\",\"inputs\":{{}}}}"))
        .collect();
    let found = generated(&text("prompt", &format!("{{{}}}", nodes.join(","))));
    assert_eq!(
        (found.records.len(), found.faults.len()),
        (0, 1),
        "{:?}",
        found.faults
    );
    let many: Vec<_> = (0..=GENERATOR_TEXTS_MAX)
        .map(|_| ("tEXt", "Comment", "x"))
        .collect();
    let found = generated(&super::samples::png(&many));
    assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
    // A small chunk that unfolds to more than a hundred times its size is not unfolded.
    let bomb = "a".repeat(8 << 20);
    let packed = super::samples::png(&[("zTXt", "parameters", &bomb)]);
    assert!(packed.layout().texts.is_empty());
    assert_eq!(packed.layout().oddities.len(), 1);
}

#[test]
fn texts_made_to_cost_time_do_not() {
    let started = std::time::Instant::now();
    let settings = "\nSteps: 2, Seed: 7, Sampler: Euler";
    try_text("parameters", &format!("{}{settings}", "<".repeat(900_000)));
    try_text(
        "parameters",
        &format!("a\nSteps: 2, Seed: 7, {}", "X: [,".repeat(150_000)),
    );
    try_text("parameters", &"Steps: 1, Seed: 2, Sampler: \"".repeat(30_000));
    try_text("Dream", &format!("\"{}\" -s 1 -S 2", "[".repeat(60_000)));
    // Every node links to every other of a hundred.
    let links: String = (0..100)
        .map(|id| format!("\"image{id}\":[\"{id}\",0],"))
        .collect();
    let crowd = |input: &str| {
        let node = |id| {
            format!("\"{id}\":{{\"class_type\":\"SaveSampler\",\"inputs\":{{{links}\"seed\":1,{input}}}}}")
        };
        format!("{{{}}}", (0..300).map(node).collect::<Vec<_>>().join(","))
    };
    try_text("prompt", &crowd("\"positive\":[\"1\",0]"));
    try_text("prompt", &crowd("\"model\":[\"1\",0],\"ckpt_name\":[\"2\",0]"));
    // Each of many texts is another, and long.
    let long = "x".repeat(4 << 20);
    let joined = |id: usize| {
        format!(
            "\"{id}\":{{\"class_type\":\"T\",\"inputs\":{{\"string_a\":\"{id}\",\"string_b\":[\"0\",0]}}}}"
        )
    };
    let encoded: String = (1..2000).map(|id| format!("\"c{id}\":[\"{id}\",0],")).collect();
    let texts = (1..2000).map(joined).collect::<Vec<_>>().join(",");
    try_text(
        "prompt",
        &format!(
            "{{\"0\":{{\"class_type\":\"T\",\"inputs\":{{\"text\":\"{long}\"}}}},{texts},\
        \"k\":{{\"class_type\":\"KSampler\",\"inputs\":{{\"seed\":1,\"steps\":1,\"model\":[\"0\",0],\"positive\":[\"e\",0]}}}},\
        \"e\":{{\"class_type\":\"E\",\"inputs\":{{{encoded}\"d\":1}}}},\
        \"s\":{{\"class_type\":\"SaveImage\",\"inputs\":{{\"images\":[\"k\",0]}}}}}}"
        ),
    );
    // Two orders of magnitude above what it takes: a square somewhere would take minutes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_characters_are_harmless(which in 0..SEEDS.len(), characters in ".{0,400}") {
        try_text(SEEDS[which].0, &characters);
        try_text(SEEDS[which].0, &format!("{{{characters}}}"));
    }

    #[test]
    fn mutated_texts_are_harmless(
        which in 0..SEEDS.len(),
        other in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12),
    ) {
        let mut bytes = SEEDS[which].1.as_bytes().to_vec();
        for (at, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(at..(at + usize::from(byte % 16)).min(bytes.len()))),
                _ => {
                    let part = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
            }
        }
        let characters = String::from_utf8_lossy(&bytes);
        try_text(SEEDS[which].0, &characters);
        try_text(SEEDS[other].0, &characters);
    }

    #[test]
    fn hidden_bytes_are_harmless(width in 0..40u32, height in 0..40u32, bytes in prop::collection::vec(any::<u8>(), 0..100), flip in any::<prop::sample::Index>()) {
        let alpha = hidden("stealth_pngcomp", &gzip(&bytes), 40, 60);
        let mut broken = alpha.clone();
        let at = flip.index(broken.samples.len());
        broken.samples[at] ^= 1;
        let _ = stealth::text(&broken);
        // The size need not be that of the samples.
        let _ = stealth::text(&Alpha { width, height, samples: alpha.samples });
    }
}
