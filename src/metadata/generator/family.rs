//! The algorithm family that a generator's words stand for: no standard has a field for it, so the word it comes from is kept.
//!
//! The register names models and series whose makers published what they are (`metadata.md` 4). Midjourney and Gemini are not in
//! it: their makers do not say.

use super::{FamilyBasis, FamilyClaim, Settings, cap};
use crate::base::Untrusted;
use crate::base::statement::Family;

/// Models by the beginning of a word of their names, in lower case; the longer and stranger names first.
const MODELS: [(&str, Family); 60] = [
    ("dall-e 1", Family::Autoregressive),
    ("dalle-mini", Family::Autoregressive),
    ("emu3", Family::Autoregressive),
    ("gpt-4o", Family::Autoregressive),
    ("gpt-image", Family::Autoregressive),
    ("hunyuanimage-3", Family::Autoregressive),
    ("hunyuanimage3", Family::Autoregressive),
    ("janus", Family::Autoregressive),
    ("llamagen", Family::Autoregressive),
    ("lumina-mgpt", Family::Autoregressive),
    ("biggan", Family::Gan),
    ("cyclegan", Family::Gan),
    ("gigagan", Family::Gan),
    ("progan", Family::Gan),
    ("stylegan", Family::Gan),
    ("vq-vae", Family::Vae),
    ("vqgan", Family::Vae),
    ("vqvae", Family::Vae),
    ("abyssorangemix", Family::Diffusion),
    ("animagine", Family::Diffusion),
    ("anything-v", Family::Diffusion),
    ("auraflow", Family::Diffusion),
    ("chroma", Family::Diffusion),
    ("dall-e", Family::Diffusion),
    ("dalle", Family::Diffusion),
    ("deliberate", Family::Diffusion),
    ("dreamshaper", Family::Diffusion),
    ("firefly", Family::Diffusion),
    ("flux", Family::Diffusion),
    ("hidream", Family::Diffusion),
    ("hunyuandit", Family::Diffusion),
    ("illustrious", Family::Diffusion),
    ("imagen", Family::Diffusion),
    ("juggernaut", Family::Diffusion),
    ("kandinsky", Family::Diffusion),
    ("kolors", Family::Diffusion),
    ("lumina", Family::Diffusion),
    ("nai-diffusion", Family::Diffusion),
    ("noobai", Family::Diffusion),
    ("omnigen", Family::Diffusion),
    ("pixart", Family::Diffusion),
    ("playground-v", Family::Diffusion),
    ("pony", Family::Diffusion),
    ("qwen-image", Family::Diffusion),
    ("qwen_image", Family::Diffusion),
    ("realisticvision", Family::Diffusion),
    ("sana", Family::Diffusion),
    ("sd1", Family::Diffusion),
    ("sd2", Family::Diffusion),
    ("sd3", Family::Diffusion),
    ("sd_", Family::Diffusion),
    ("sdxl", Family::Diffusion),
    ("seedream", Family::Diffusion),
    ("svd_", Family::Diffusion),
    ("v1-4", Family::Diffusion),
    ("v1-5", Family::Diffusion),
    ("v2-1", Family::Diffusion),
    ("wan2", Family::Diffusion),
    ("wuerstchen", Family::Diffusion),
    ("z_image", Family::Diffusion),
];

/// Samplers, which only diffusion and flow models have, by the beginning of a word of their names.
const SAMPLERS: [&str; 20] = [
    "ddim",
    "ddpm",
    "deis",
    "dpm",
    "dpmpp",
    "er_sde",
    "euler",
    "exp_heun",
    "gradient_estimation",
    "heun",
    "heunpp",
    "ipndm",
    "lcm",
    "lms",
    "plms",
    "res_multistep",
    "restart",
    "sa_solver",
    "uni_pc",
    "unipc",
];

/// The family of a record, by model, else by sampler, else by a tool that runs nothing else.
pub(super) fn claim(tool: Option<&str>, settings: &Settings) -> Option<FamilyClaim> {
    by_model(settings.model.as_ref())
        .or_else(|| by_sampler(settings.sampler.as_ref()))
        .or_else(|| by_tool(tool?))
}

fn by_model(model: Option<&Untrusted>) -> Option<FamilyClaim> {
    let model = model?.raw();
    let lower = model.to_lowercase();
    let by = |basis, family| FamilyClaim {
        basis,
        family,
        word: cap(model),
    };
    if lower.contains("diffusion") {
        return Some(by(FamilyBasis::Stated, Family::Diffusion));
    }
    let row = MODELS.iter().find(|(name, _)| begins_a_word(&lower, name))?;
    Some(by(FamilyBasis::Register, row.1))
}

fn by_sampler(sampler: Option<&Untrusted>) -> Option<FamilyClaim> {
    let sampler = sampler?.raw();
    let lower = sampler.to_lowercase();
    let known = SAMPLERS.iter().any(|name| begins_a_word(&lower, name));
    known.then(|| FamilyClaim {
        basis: FamilyBasis::Inferred,
        family: Family::Diffusion,
        word: cap(sampler),
    })
}

fn by_tool(tool: &str) -> Option<FamilyClaim> {
    let only = [
        "AUTOMATIC1111",
        "Draw Things",
        "Easy Diffusion",
        "Fooocus",
        "Forge",
        "NovelAI",
    ];
    only.contains(&tool).then(|| FamilyClaim {
        basis: FamilyBasis::Inferred,
        family: Family::Diffusion,
        word: cap(tool),
    })
}

/// Whether a name stands in a text and no letter or digit before it.
fn begins_a_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        !before.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(model: &str, sampler: &str, tool: Option<&str>) -> Option<(Family, FamilyBasis, String)> {
        let some = |text: &str| (!text.is_empty()).then(|| Untrusted::from(text));
        let settings = Settings {
            model: some(model),
            sampler: some(sampler),
            ..Settings::default()
        };
        claim(tool, &settings).map(|claim| (claim.family, claim.basis, claim.word.raw().to_owned()))
    }

    #[test]
    fn the_word_that_tells_the_family_is_kept_and_models_come_before_samplers() {
        use FamilyBasis::{Inferred, Register, Stated};
        let rows = [
            (
                "flux1-dev.safetensors",
                "euler",
                Family::Diffusion,
                Register,
                "flux1-dev.safetensors",
            ),
            (
                "models/SDXL/x.ckpt",
                "",
                Family::Diffusion,
                Register,
                "models/SDXL/x.ckpt",
            ),
            (
                "Stable Diffusion XL",
                "",
                Family::Diffusion,
                Stated,
                "Stable Diffusion XL",
            ),
            (
                "stylegan3-r-ffhq.pkl",
                "",
                Family::Gan,
                Register,
                "stylegan3-r-ffhq.pkl",
            ),
            ("vqgan_imagenet", "", Family::Vae, Register, "vqgan_imagenet"),
            ("gpt-image-1", "", Family::Autoregressive, Register, "gpt-image-1"),
            ("DALL-E 1", "", Family::Autoregressive, Register, "DALL-E 1"),
            ("DALL-E 3", "", Family::Diffusion, Register, "DALL-E 3"),
            (
                "my own model",
                "DPM++ 2M Karras",
                Family::Diffusion,
                Inferred,
                "DPM++ 2M Karras",
            ),
            ("my own model", "k_lms", Family::Diffusion, Inferred, "k_lms"),
        ];
        for (model, sampler, wanted, basis, word) in rows {
            assert_eq!(
                family(model, sampler, None),
                Some((wanted, basis, word.to_owned())),
                "{model}"
            );
        }
        assert_eq!(
            family("", "", Some("NovelAI")),
            Some((Family::Diffusion, Inferred, "NovelAI".to_owned()))
        );
    }

    #[test]
    fn what_nobody_published_has_no_family() {
        assert_eq!(family("", "", Some("Midjourney")), None);
        assert_eq!(family("", "", Some("ComfyUI")), None);
        assert_eq!(family("someVAE_v20", "", None), None);
        assert_eq!(family("subsd1", "", None), None);
        assert_eq!(family("my own model", "brush", None), None);
    }
}
