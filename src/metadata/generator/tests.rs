//! One file of our own making for each family and place, with what must be read out of it.

use serde_json::{Value, json};

use super::samples::{generated, gzip, hidden, jpeg_tag, one, or, png, text, user_comment, webp_tags, xmp};
use super::{Dialect, FamilyBasis, Record, read};
use crate::base::SourceType;
use crate::base::statement::Family;
use crate::metadata::tiff::Order;

const A1111: &str = "a cat <lora:fur:0.8>\nsecond line\nNegative prompt: dog,\nrain\nSteps: 20, Sampler: DPM++ 2M, \
    Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 45dee52b12, Model: sd_xl_base_1.0, \
    VAE: x.safetensors, Lora hashes: \"fur: 0123abcd, b: c\", Version: v1.10.1";

/// Tool, version, prompt, negative prompt, seed, steps, sampler, cfg, model, size.
fn said(record: &Record) -> [String; 10] {
    let settings = &record.settings;
    let size = settings
        .size
        .map_or("-".to_owned(), |(width, height)| format!("{width}x{height}"));
    [
        &record.tool,
        &record.tool_version,
        &settings.prompt,
        &settings.negative_prompt,
        &settings.seed,
        &settings.steps,
        &settings.sampler,
        &settings.cfg_scale,
        &settings.model,
    ]
    .map(|text| or(text).to_owned())
    .into_iter()
    .chain([size])
    .collect::<Vec<_>>()
    .try_into()
    .unwrap()
}

fn loras(record: &Record) -> Vec<String> {
    let all = record.settings.loras.iter();
    all.map(|lora| format!("{} {} {}", lora.name.raw(), or(&lora.weight), or(&lora.hash)))
        .collect()
}

#[test]
fn a1111_is_read_from_every_place_it_is_written_to() {
    let inside = png(&[("zTXt", "parameters", A1111)]);
    let places = [
        (text("parameters", A1111), "tEXt", "parameters"),
        (inside, "zTXt", "parameters"),
        (png(&[("iTXt", "parameters", A1111)]), "iTXt", "parameters"),
        (
            user_comment(Order::Big, Order::Big, A1111),
            "EXIF",
            "Exif:UserComment",
        ),
        (
            user_comment(Order::Big, Order::Little, A1111),
            "EXIF",
            "Exif:UserComment",
        ),
        (
            user_comment(Order::Little, Order::Big, A1111),
            "EXIF",
            "Exif:UserComment",
        ),
        (
            user_comment(Order::Little, Order::Little, A1111),
            "EXIF",
            "Exif:UserComment",
        ),
    ];
    for (asset, place, name) in places {
        let record = one(&asset);
        assert_eq!(
            (record.found_in.place, record.found_in.name.as_str()),
            (place, name)
        );
        let wanted = [
            "AUTOMATIC1111",
            "v1.10.1",
            "a cat <lora:fur:0.8>\nsecond line",
            "dog,\nrain",
            "965400086",
            "20",
            "DPM++ 2M",
            "7",
            "sd_xl_base_1.0",
            "512x768",
        ];
        assert_eq!(said(&record), wanted);
        assert_eq!(loras(&record), ["fur 0.8 0123abcd"]);
        assert_eq!(or(&record.settings.scheduler), "Karras");
        assert_eq!(
            record.settings.hash_kind(),
            Some("first 10 hex digits of SHA-256")
        );
        assert_eq!(record.source_type, Some(SourceType::TrainedAlgorithmicMedia));
        let family = record.family.unwrap();
        assert_eq!(
            (family.family, family.basis),
            (Family::Diffusion, FamilyBasis::Register)
        );
    }
}

#[test]
fn forks_of_a1111_are_told_apart_and_values_with_commas_stay_whole() {
    let last = |more: &str| format!("a cat\nSteps: 20, Seed: 7, Sampler: Euler, {more}");
    let rows = [
        (
            "Version: f2.0.1v1.10.1-previous-1",
            "Forge",
            "f2.0.1v1.10.1-previous-1",
        ),
        ("App: SD.Next, Version: 7b3f1ac", "SD.Next", "7b3f1ac"),
        ("Version: Fooocus v2.5.5", "Fooocus", "Fooocus v2.5.5"),
        ("Version: ComfyUI", "ComfyUI", "ComfyUI"),
        ("CFG scale: 7", "-", "-"),
        (
            "Wildcard: \"a, Version: v9 \\\" b\", Version: v1.2.3",
            "AUTOMATIC1111",
            "v1.2.3",
        ),
        (
            "Civitai resources: [{\"a\": \"]\", \"Version\": 1}, 2], Version: v1.2.3",
            "AUTOMATIC1111",
            "v1.2.3",
        ),
        ("Odd: [open, Version: v1.2.3", "AUTOMATIC1111", "v1.2.3"),
    ];
    for (more, tool, version) in rows {
        let record = one(&text("parameters", &last(more)));
        assert_eq!(
            (or(&record.tool), or(&record.tool_version)),
            (tool, version),
            "{more}"
        );
        assert_eq!(or(&record.settings.seed), "7");
    }
    // What names no tool is not given the name of the one whose form it has; Civitai names its models.
    let unnamed = one(&text("parameters", &last("CFG scale: 7")));
    assert_eq!(unnamed.remarks.len(), 1);
    let civitai = one(&text(
        "parameters",
        &last(
            "Created Date: 2025-01-01T00:00:00Z, Civitai resources: [{\"type\":\"checkpoint\",\"modelVersionId\":1,\"modelName\":\"FLUX\",\
            \"modelVersionName\":\"Dev\"}, {\"type\":\"lora\",\"weight\":0.5,\"modelName\":\"Ink, wet\"}], Civitai metadata: {}",
        ),
    ));
    assert_eq!(
        (or(&civitai.tool), or(&civitai.settings.model)),
        ("Civitai", "FLUX Dev")
    );
    let family = civitai.family.clone().unwrap();
    assert_eq!(
        (family.basis, family.word.raw()),
        (FamilyBasis::Register, "FLUX Dev")
    );
    assert_eq!(loras(&civitai), ["Ink, wet 0.5 -"]);
    assert_eq!(civitai.remarks, Vec::<&str>::new());
    let hashes =
        last("Hashes: {\"model\": \"0123456789\", \"lora:fur\": \"ab\"}").replace("a cat", "a <lora:fur:1>");
    let record = one(&text("parameters", &hashes));
    assert_eq!(or(&record.settings.model_hash), "0123456789");
    assert_eq!(loras(&record), ["fur 1 ab"]);
}

#[test]
fn a_picture_made_out_of_another_is_said_to_be() {
    let rows = [
        (
            "Denoising strength: 0.5",
            SourceType::CompositeWithTrainedAlgorithmicMedia,
        ),
        (
            "Denoising strength: 0.5, Hires upscale: 2",
            SourceType::TrainedAlgorithmicMedia,
        ),
        (
            "Denoising strength: 1, Mask blur: 4",
            SourceType::CompositeWithTrainedAlgorithmicMedia,
        ),
    ];
    for (more, wanted) in rows {
        let record = one(&text(
            "parameters",
            &format!("a\nSteps: 2, Seed: 7, Sampler: Euler, {more}"),
        ));
        assert_eq!(record.source_type, Some(wanted), "{more}");
    }
}

#[test]
fn utf8_in_a_latin1_chunk_is_mended_and_latin1_is_left() {
    let settings = "\nSteps: 2, Seed: 7, Sampler: Euler";
    let as_bytes: String = format!("\u{732b}{settings}").bytes().map(char::from).collect();
    assert_eq!(
        or(&one(&text("parameters", &as_bytes)).settings.prompt),
        "\u{732b}"
    );
    let latin = format!("caf\u{e9}{settings}");
    assert_eq!(or(&one(&text("parameters", &latin)).settings.prompt), "caf\u{e9}");
}

#[test]
fn hidden_text_is_read_where_the_caller_decoded_the_pixels() {
    let asset = text("Title", "nothing");
    let metadata = crate::metadata::read(&asset);
    let novel = json!({
        "Comment": json!({"uc": "dog", "seed": 7, "steps": 28, "sampler": "k_euler", "scale": 5.0, "width": 832, "height": 1216})
            .to_string(),
        "Description": "a cat", "Software": "NovelAI", "Source": "NovelAI Diffusion V4 37442FCA", "Title": "x"
    });
    let rows = [
        (A1111.to_owned(), "AUTOMATIC1111", "965400086"),
        (novel.to_string(), "NovelAI", "7"),
    ];
    for (words, tool, seed) in rows {
        let alpha = hidden("stealth_pngcomp", &gzip(words.as_bytes()), 100, 100);
        let found = read(&asset, &metadata, Some(&alpha));
        let (_, record) = found.source_type().unwrap();
        assert_eq!((or(&record.tool), or(&record.settings.seed)), (tool, seed));
        assert_eq!(record.found_in.place, "stealth alpha");
    }
    let broken = hidden("stealth_pngcomp", b"no", 100, 100);
    let found = read(&asset, &metadata, Some(&broken));
    assert_eq!((found.records.len(), found.faults.len()), (0, 1));
}

#[test]
fn novelai_is_read_from_its_chunks_and_its_characters_are_joined() {
    let comment = json!({"steps": 50, "sampler": "k_euler_ancestral", "seed": 2_253_955_223_u64, "strength": 0.4, "scale": 10.0, "uc": "dog"});
    let first = png(&[
        ("tEXt", "Description", "a cat"),
        ("tEXt", "Software", "NovelAI"),
        ("tEXt", "Source", "Stable Diffusion 1D44365E"),
        ("tEXt", "Comment", &comment.to_string()),
    ]);
    let record = one(&first);
    let wanted = [
        "NovelAI",
        "-",
        "a cat",
        "dog",
        "2253955223",
        "50",
        "k_euler_ancestral",
        "10.0",
        "Stable Diffusion",
        "-",
    ];
    assert_eq!(said(&record), wanted);
    assert_eq!(or(&record.settings.model_hash), "1D44365E");
    assert_eq!(record.source_type, Some(SourceType::TrainedAlgorithmicMedia));
    let v4 = json!({
        "prompt": "old", "uc": "old", "seed": 7, "steps": 28, "request_type": "Img2ImgRequest", "strength": 0.4,
        "v4_prompt": {"caption": {"base_caption": "two girls", "char_captions": [{"char_caption": "red"}, {"char_caption": "blue"}]}},
        "v4_negative_prompt": {"caption": {"base_caption": "dog", "char_captions": []}}
    });
    let record = one(&png(&[
        ("tEXt", "Software", "NovelAI"),
        ("tEXt", "Comment", &v4.to_string()),
    ]));
    assert_eq!(or(&record.settings.prompt), "two girls\nred\nblue");
    assert_eq!(or(&record.settings.negative_prompt), "dog");
    assert_eq!(
        record.source_type,
        Some(SourceType::CompositeWithTrainedAlgorithmicMedia)
    );
}

#[test]
fn invokeai_is_read_in_three_generations() {
    let dream = "\"a \\\"cat\\\" [dog, rain], sun\" -s 50 -S 2980747362 -W 512 -H 768 -C 5 -A k_lms -G 0.9";
    let wanted = [
        "InvokeAI",
        "-",
        "a \"cat\" , sun",
        "dog, rain",
        "2980747362",
        "50",
        "k_lms",
        "5",
        "-",
        "512x768",
    ];
    assert_eq!(said(&one(&text("Dream", dream))), wanted);
    let second = json!({
        "model": "stable diffusion", "model_weights": "deliberate", "model_hash": "ab12", "app_version": "2.3.0",
        "image": {"prompt": [{"prompt": "a cat [dog]", "weight": 1.0}], "steps": 50, "cfg_scale": 5, "height": 768, "width": 512,
            "seed": 2_980_747_362_u64, "sampler": "k_lms", "type": "txt2img"}
    });
    let wanted = [
        "InvokeAI",
        "2.3.0",
        "a cat",
        "dog",
        "2980747362",
        "50",
        "k_lms",
        "5",
        "deliberate",
        "512x768",
    ];
    assert_eq!(said(&one(&text("sd-metadata", &second.to_string()))), wanted);
    let third = json!({
        "generation_mode": "sdxl_img2img", "positive_prompt": "a cat", "negative_prompt": "dog", "seed": 7, "steps": 35, "strength": 0.7,
        "scheduler": "euler", "cfg_scale": 8.0, "width": 1024, "height": 1024, "app_version": "5.0.0",
        "model": {"name": "juggernautXL", "hash": "blake3:01", "base": "sdxl"},
        "loras": [{"model": {"name": "fur", "hash": "ab"}, "weight": 0.5}]
    });
    let record = one(&text("invokeai_metadata", &third.to_string()));
    let wanted = [
        "InvokeAI",
        "5.0.0",
        "a cat",
        "dog",
        "7",
        "35",
        "euler",
        "8.0",
        "juggernautXL",
        "1024x1024",
    ];
    assert_eq!(said(&record), wanted);
    assert_eq!(loras(&record), ["fur 0.5 ab"]);
    assert_eq!(or(&record.settings.model_hash), "blake3:01");
    assert_eq!(
        record.source_type,
        Some(SourceType::CompositeWithTrainedAlgorithmicMedia)
    );
}

#[test]
fn a_second_text_that_says_the_same_is_no_second_record() {
    let second =
        json!({"image": {"prompt": "a cat", "seed": 7, "steps": 5}, "model_weights": "m", "model_hash": "h"});
    let both = png(&[
        ("tEXt", "Dream", "\"a cat\" -s 5 -S 7"),
        ("tEXt", "sd-metadata", &second.to_string()),
    ]);
    let record = one(&both);
    assert_eq!(record.found_in.name, "sd-metadata");
    assert_eq!(
        record
            .also_in
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        ["Dream"]
    );
    let other = png(&[
        ("tEXt", "Dream", "\"a cat\" -s 5 -S 8"),
        ("tEXt", "sd-metadata", &second.to_string()),
    ]);
    assert_eq!(generated(&other).records.len(), 2);
}

#[test]
fn fooocus_is_read_from_chunk_and_comment() {
    let fooocus = json!({
        "base_model": "juggernautXL", "base_model_hash": "aeb7e9e689", "metadata_scheme": "fooocus", "prompt": "a cat", "negative_prompt": "dog",
        "guidance_scale": 4, "seed": "6952411511246973023", "sampler": "dpmpp_2m", "scheduler": "karras", "steps": 30,
        "resolution": "(768, 1280)", "loras": [["fur.safetensors", 0.1, "ab"]], "version": "Fooocus v2.4.3"
    })
    .to_string();
    let wanted = [
        "Fooocus",
        "v2.4.3",
        "a cat",
        "dog",
        "6952411511246973023",
        "30",
        "dpmpp_2m",
        "4",
        "juggernautXL",
        "768x1280",
    ];
    for asset in [
        text("parameters", &fooocus),
        user_comment(Order::Little, Order::Big, &fooocus),
    ] {
        let record = one(&asset);
        assert_eq!(
            (record.dialect, said(&record)),
            (Dialect::Fooocus, wanted.map(str::to_owned))
        );
        assert_eq!(loras(&record), ["fur.safetensors 0.1 ab"]);
    }
}

#[test]
fn forks_of_fooocus_are_read_whatever_they_do_to_the_keys() {
    let plus = json!({
        "Base Model": "elsewhere", "Base Model Hash": "aeb7e9e689", "Full Prompt": ["a cat, lit"], "Guidance Scale": 4.5, "LoRAs": [["fur", 0.5]],
        "Metadata Scheme": "Fooocus", "Negative Prompt": "dog", "Prompt": "a cat", "Resolution": "(64, 96)", "Sampler": "dpmpp_2m", "Scheduler": "karras",
        "Seed": "5256010854089202552", "Steps": 30, "VAE": "Default (model)", "Version": "FooocusPlus 1.0.0"
    })
    .to_string();
    let wanted = [
        "FooocusPlus",
        "1.0.0",
        "a cat",
        "dog",
        "5256010854089202552",
        "30",
        "dpmpp_2m",
        "4.5",
        "elsewhere",
        "64x96",
    ];
    for asset in [
        text("Comment", &plus),
        user_comment(Order::Big, Order::Little, &plus),
    ] {
        let record = one(&asset);
        assert_eq!(
            (record.dialect, said(&record)),
            (Dialect::Fooocus, wanted.map(str::to_owned))
        );
        assert_eq!(loras(&record), ["fur 0.5 -"]);
        assert_eq!(
            (or(&record.settings.model_hash), or(&record.settings.vae)),
            ("aeb7e9e689", "-")
        );
    }
    let ruined = json!({
        "Prompt": "a cat", "Negative": "dog", "steps": 12, "seed": 7, "base_model_name": "m.safetensors", "software": "RuinedFooocus",
        "loras": [["B3D91738", "1.0 - SDXL 1.0/fast - 4 step.safetensors"]]
    });
    let record = one(&text("parameters", &ruined.to_string()));
    assert_eq!(
        loras(&record),
        ["SDXL 1.0/fast - 4 step.safetensors 1.0 B3D91738"]
    );
    assert_eq!(or(&record.tool), "RuinedFooocus");
}

#[test]
fn draw_things_is_read_from_xmp_and_exif() {
    let draw_things = json!({
        "c": "a cat", "uc": "dog", "model": "flux_1_dev_q8p.ckpt", "sampler": "Euler A Trailing", "seed": 2_000_000_000, "scale": 3.5, "steps": 20,
        "size": "1024x1024", "strength": 1, "lora": [{"model": "fur.ckpt", "weight": 0.6}]
    })
    .to_string();
    let wanted = [
        "Draw Things",
        "-",
        "a cat",
        "dog",
        "2000000000",
        "20",
        "Euler A Trailing",
        "3.5",
        "flux_1_dev_q8p.ckpt",
        "1024x1024",
    ];
    for asset in [
        xmp(&[("exif:UserComment", &draw_things)]),
        user_comment(Order::Big, Order::Big, &draw_things),
    ] {
        let record = one(&asset);
        assert_eq!(
            (record.dialect, said(&record)),
            (Dialect::DrawThings, wanted.map(str::to_owned))
        );
        assert_eq!(loras(&record), ["fur.ckpt 0.6 -"]);
    }
}

#[test]
fn swarmui_and_easy_diffusion_are_read() {
    let swarm = json!({
        "sui_image_params": {"prompt": "a cat", "negativeprompt": "dog", "model": "Flux/flux1-dev-fp8", "seed": 7, "steps": 25, "cfgscale": 1.0,
            "width": 512, "height": 768, "sampler": "euler", "swarm_version": "0.9.1.1"},
        "sui_models": [{"name": "x", "param": "model", "hash": "0xab12"}]
    });
    let record = one(&text("parameters", &swarm.to_string()));
    let wanted = [
        "SwarmUI",
        "0.9.1.1",
        "a cat",
        "dog",
        "7",
        "25",
        "euler",
        "1.0",
        "Flux/flux1-dev-fp8",
        "512x768",
    ];
    assert_eq!(said(&record), wanted);
    assert_eq!(or(&record.settings.model_hash), "ab12");
    let easy = png(&[
        ("tEXt", "prompt", "a cat"),
        ("tEXt", "negative_prompt", "dog"),
        ("tEXt", "seed", "7"),
        ("tEXt", "num_inference_steps", "25"),
        ("tEXt", "sampler_name", "euler_a"),
        ("tEXt", "use_stable_diffusion_model", "sd-v1-5"),
        ("tEXt", "width", "512"),
        ("tEXt", "height", "512"),
    ]);
    let wanted = [
        "Easy Diffusion",
        "-",
        "a cat",
        "dog",
        "7",
        "25",
        "euler_a",
        "-",
        "sd-v1-5",
        "512x512",
    ];
    assert_eq!(said(&one(&easy)), wanted);
}

#[test]
fn midjourney_is_known_by_its_job() {
    let job = "01234567-89ab-cdef-0123-456789abcdef";
    let words = format!("a cat --no dog, rain --ar 3:2 --seed 42 --v 6.1 Job ID: {job}");
    for asset in [text("Description", &words), jpeg_tag(0x010E, &words)] {
        let record = one(&asset);
        let wanted = [
            "Midjourney",
            "6.1",
            "a cat",
            "dog, rain",
            "42",
            "-",
            "-",
            "-",
            "-",
            "-",
        ];
        assert_eq!(said(&record), wanted);
        assert_eq!(or(&record.job_id), job);
        assert_eq!(record.family, None);
    }
    let niji = one(&text("Description", &format!("a cat --niji 6 Job ID: {job}")));
    assert_eq!(or(&niji.tool_version), "niji 6");
    assert_eq!(
        generated(&text("Description", "a cat --v 6 Job ID: 12")).records,
        []
    );
}

#[test]
fn comfyui_is_read_from_exif_too_however_long_the_graph() {
    let mut graph: Value = json!({
        "1": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "model": ["2", 0]}},
        "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}
    });
    // A note longer than a field of metadata.
    graph["4"] = json!({"class_type": "Note", "inputs": {"note": "x".repeat(100_000)}});
    let drawing = json!({"nodes": [], "links": []}).to_string();
    let asset = webp_tags(&[
        (0x010F, &format!("workflow:{drawing}")),
        (0x0110, &format!("prompt:{graph}")),
    ]);
    let record = one(&asset);
    assert_eq!(
        (record.found_in.name.as_str(), or(&record.settings.seed)),
        ("Exif:Model", "7")
    );
}

#[test]
fn words_of_people_are_no_record() {
    let rows = [
        ("parameters", "a list of things: one, two: three, four"),
        ("Comment", "Steps: the old stairs of Bern, Seed: of doubt"),
        ("Comment", "{not json}"),
        ("Comment", "{\"title\": \"x\", \"prompt\": \"y\"}"),
        ("prompt", "what I asked the model at the shoot"),
        ("Description", "Job ID: later"),
        ("Software", "GIMP"),
        ("Dream", "\"I had a dream\""),
        ("AIGC", "{}"),
        ("workflow", "{\"nodes\": 1, \"links\": []}"),
    ];
    for (keyword, words) in rows {
        assert_eq!(
            generated(&text(keyword, words)),
            super::Generated::default(),
            "{keyword} {words}"
        );
    }
}
