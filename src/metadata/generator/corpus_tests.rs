//! Other people's files with what their generators wrote (`sd-parsers` of the corpus): every one read, and prompt, model and seed
//! equal to what stands in the file. Skipped, and said so, where the corpus is not.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::PathBuf;

use super::samples::generated;
use super::{Dialect, Generated, Settings, read_with_pixels};
use crate::asset::Asset;

fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let found = std::env::var_os("BYLINE_CORPUS")
        .map_or(beside, PathBuf::from)
        .join("sd-parsers");
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: other people's files are not at {}", found.display());
    None
}

/// File, dialect, tool and version, the run that made the picture, then the others: prompt (its beginning), negative prompt (its
/// beginning), model, hash, seed, steps, sampler, scheduler, cfg, size.
type Run = [&'static str; 10];
const DUCK: Run = [
    "photo of a duck",
    "monochrome",
    "realistic_realisticVisionV20_v20",
    "c0d1994c73",
    "235284042",
    "15",
    "UniPC",
    "-",
    "5",
    "512x400",
];
const WOMAN: &str =
    "professional full body photo of young woman, hyper long brunette hair, elegant hair, wearing";
const HANDS: &str = "(hands), text, error, cropped, (worst quality:1.2), (low quality:1.2), normal quality";
const NIGHT: [&str; 2] = ["Anything-V3.0.ckpt", "AbyssOrangeMix2_hard.safetensors"];
const GIRL: &str = "(solo) girl (flat chest:0.9), (fennec ears:1.0)\u{a0} (fox ears:1.0),";

const TABLE: [(&str, Dialect, &str, &[Run]); 13] = [
    (
        "parsers/AUTOMATIC1111/automatic1111_cropped.jpg",
        Dialect::A1111,
        "- -",
        &[DUCK],
    ),
    (
        "parsers/AUTOMATIC1111/automatic1111_cropped.png",
        Dialect::A1111,
        "- -",
        &[DUCK],
    ),
    (
        "parsers/AUTOMATIC1111/automatic1111_stealth.png",
        Dialect::A1111,
        "AUTOMATIC1111 v1.9.4-169-ga30b19dd",
        &[[
            "a circle",
            "a square",
            "realisticVisionV51_v51VAE",
            "15012c538f",
            "2015833630",
            "20",
            "Euler",
            "Automatic",
            "7",
            "64x64",
        ]],
    ),
    // A chunk after the picture, deflated.
    ("bad_images/text_after_idat.png", Dialect::A1111, "- -", &[DUCK]),
    (
        "parsers/ComfyUI/img2img_cropped.png",
        Dialect::ComfyUi,
        "ComfyUI -",
        &[[
            "photograph of victorian woman with wings, sky clouds, meadow grass",
            "watermark, text",
            "v1-5-pruned-emaonly.ckpt",
            "-",
            "280823642470253",
            "20",
            "sample_dpmpp_2m",
            "normal",
            "8.0",
            "-",
        ]],
    ),
    // Two pictures are saved; the second is made of the first.
    (
        "parsers/ComfyUI/night_evening_day_morning_cropped.png",
        Dialect::ComfyUi,
        "ComfyUI -",
        &[
            [
                "(best quality) beautiful (HDR:1.2) (realistic:1.2) landscape",
                HANDS,
                NIGHT[1],
                "-",
                "1122440447966177",
                "14",
                "dpmpp_2m",
                "simple",
                "7.0",
                "1088x1920",
            ],
            [
                "(best quality) (night:1.3) (darkness) sky (black) (stars:1.2) (galaxy:1.2) (space) (universe)\n\
                 (best quality) (evening:1.2) (sky:1.2) (clouds) (colorful) (HDR:1.2) (sunset:1.3)\n\
                 (best quality) (daytime:1.2) sky (blue)\n(masterpiece) (best quality) morning sky\n(masterpiece)",
                HANDS,
                NIGHT[0],
                "-",
                "335608130539327",
                "13",
                "dpmpp_sde",
                "normal",
                "8.5",
                "704x1280",
            ],
        ],
    ),
    // One run goes on from what four others left: it has no seed of its own.
    (
        "parsers/ComfyUI/noisy_latents_3_subjects_cropped.png",
        Dialect::ComfyUi,
        "ComfyUI -",
        &[
            [
                "girl (flat chest:0.9), (fennec ears:1.0)\u{a0} (fox ears:1.0), (messy hair), (highlights), (realistic",
                HANDS,
                NIGHT[0],
                "-",
                "1084614416978598",
                "9",
                "sample_dpmpp_sde",
                "simple",
                "5.5",
                "1920x1088",
            ],
            [
                "girl (flat chest:0.9), (fennec ears:1.0)\u{a0} (fox ears:1.0), (messy hair), (highlights), blue",
                HANDS,
                NIGHT[0],
                "-",
                "-",
                "16",
                "uni_pc",
                "normal",
                "6.5",
                "1280x704",
            ],
            [
                "best quality, intricate details, chromatic aberration, (solo) girl",
                HANDS,
                NIGHT[0],
                "-",
                "200072334202574",
                "16",
                "sample_dpmpp_sde",
                "normal",
                "7.0",
                "256x512",
            ],
            [
                GIRL,
                HANDS,
                NIGHT[0],
                "-",
                "474977904562281",
                "16",
                "sample_dpmpp_sde",
                "normal",
                "7.0",
                "256x512",
            ],
            [
                "sky clouds nature national park beautiful winter snow scenery HDR landscape (sunset)",
                HANDS,
                NIGHT[0],
                "-",
                "512136241112371",
                "16",
                "sample_dpmpp_sde",
                "normal",
                "7.0",
                "1280x704",
            ],
            [
                GIRL,
                HANDS,
                NIGHT[0],
                "-",
                "890421140397575",
                "16",
                "sample_dpmpp_sde",
                "normal",
                "7.0",
                "256x512",
            ],
        ],
    ),
    (
        "parsers/ComfyUI/unclip_2pass_cropped.png",
        Dialect::ComfyUi,
        "ComfyUI -",
        &[
            [
                "beautiful scenery landscape outdoors mountains",
                "(hands), text, error, cropped, (jpeg artifacts:1.3)",
                "cardosAnimated_v20.safetensors",
                "-",
                "119080905858220",
                "8",
                "dpmpp_sde",
                "normal",
                "9.0",
                "1920x1088",
            ],
            [
                "(waifu, anime, exceptional, best aesthetic, new, newest, best quality",
                "lowres, (bad anatomy)",
                "wd-1-5-beta2-aesthetic-unclip-h-fp32.safetensors",
                "-",
                "1106257833005336",
                "26",
                "uni_pc_bh2",
                "normal",
                "8.0",
                "1280x704",
            ],
        ],
    ),
    (
        "parsers/Fooocus/fooocus1_cropped.png",
        Dialect::Fooocus,
        "Fooocus v2.4.3",
        &[[
            "a smiling goldfish",
            "-",
            "juggernautXL_v8Rundiffusion",
            "aeb7e9e689",
            "6952411511246973023",
            "30",
            "dpmpp_2m_sde_gpu",
            "karras",
            "4",
            "768x1280",
        ]],
    ),
    (
        "parsers/InvokeAI/invokeai_dream1.png",
        Dialect::InvokeAi,
        "InvokeAI -",
        &[[
            WOMAN,
            "rendering, glowing eyes, skinny",
            "-",
            "-",
            "2980747362",
            "50",
            "k_lms",
            "-",
            "5",
            "512x768",
        ]],
    ),
    (
        "parsers/InvokeAI/invokeai_imeta1.png",
        Dialect::InvokeAi,
        "InvokeAI -",
        &[[
            "digital artwork, oil painting. painterly brushstrokes, holidays,",
            "grainy+, photo, oversaturated",
            "juggernautXL",
            "-",
            "3293022630",
            "35",
            "euler",
            "-",
            "8.0",
            "1024x1024",
        ]],
    ),
    (
        "parsers/InvokeAI/invokeai_sdmeta1.png",
        Dialect::InvokeAi,
        "InvokeAI 2.3.0",
        &[[
            WOMAN,
            "rendering, glowing eyes, skinny",
            "deliberateForInvoke_v08",
            "56d1442a0feefd64836a19ac8e3527ec71c884fc962e246ddf67b03e42921272",
            "2980747362",
            "50",
            "k_lms",
            "-",
            "5",
            "512x768",
        ]],
    ),
    (
        "parsers/NovelAI/novelai1_cropped.png",
        Dialect::NovelAi,
        "NovelAI -",
        &[[
            "masterpiece, best quality,  cat, space, icon",
            "lowres, bad anatomy, bad hands, text",
            "Stable Diffusion",
            "1D44365E",
            "2253955223",
            "50",
            "k_euler_ancestral",
            "-",
            "10.0",
            "-",
        ]],
    ),
];

fn said(settings: &Settings) -> [String; 10] {
    let or = |text: &Option<crate::base::Untrusted>| {
        text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned())
    };
    [
        or(&settings.prompt),
        or(&settings.negative_prompt),
        or(&settings.model),
        or(&settings.model_hash),
        or(&settings.seed),
        or(&settings.steps),
        or(&settings.sampler),
        or(&settings.scheduler),
        or(&settings.cfg_scale),
        settings
            .size
            .map_or("-".to_owned(), |(width, height)| format!("{width}x{height}")),
    ]
}

fn read_file(path: &std::path::Path) -> Generated {
    let asset = Asset::parse(std::fs::read(path).unwrap()).unwrap();
    read_with_pixels(&asset, &crate::metadata::read(&asset))
}

#[test]
fn every_real_file_says_what_its_generator_wrote() {
    let Some(folder) = corpus() else { return };
    for (file, dialect, tool, runs) in TABLE {
        let found = read_file(&folder.join(file));
        assert_eq!(found.faults, Vec::<String>::new(), "{file}");
        let [record] = found.records.as_slice() else {
            panic!("{file}: {:#?}", found.records)
        };
        assert_eq!(record.dialect, dialect, "{file}");
        let version = record.tool_version.as_ref().map_or("-", |text| text.raw());
        assert_eq!(
            format!(
                "{} {version}",
                record.tool.as_ref().map_or("-", |text| text.raw())
            ),
            tool,
            "{file}"
        );
        let read: Vec<[String; 10]> = std::iter::once(&record.settings)
            .chain(&record.earlier)
            .map(said)
            .collect();
        assert_eq!(read.len(), runs.len(), "{file}: {read:#?}");
        for (read, wanted) in read.iter().zip(runs) {
            assert!(read[0].starts_with(wanted[0]), "{file}: {read:#?}");
            assert!(read[1].starts_with(wanted[1]), "{file}: {read:#?}");
            assert_eq!(read[2..], wanted[2..], "{file}");
        }
    }
}

#[test]
fn every_file_of_generators_is_in_the_table() {
    let Some(folder) = corpus() else { return };
    let mut files = 0;
    for family in std::fs::read_dir(folder.join("parsers")).unwrap() {
        let family = family.unwrap();
        for file in std::fs::read_dir(family.path()).unwrap() {
            let name = file.unwrap().file_name();
            let path = format!("parsers/{}/{}", family.file_name().display(), name.display());
            assert!(
                TABLE.iter().any(|row| row.0 == path),
                "{path} is not in the table"
            );
            files += 1;
        }
    }
    assert_eq!(files, 12);
}

#[test]
fn pictures_without_generator_text_have_no_record() {
    let Some(folder) = corpus() else { return };
    for file in ["empty_image.jpg", "empty_image.png"] {
        let asset = Asset::parse(std::fs::read(folder.join("bad_images").join(file)).unwrap()).unwrap();
        assert_eq!(generated(&asset), Generated::default(), "{file}");
    }
}
