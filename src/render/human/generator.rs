//! What generators wrote, as claims.

use super::shared::{row, rows};
use crate::base::Untrusted;
use crate::render::escape;
use crate::render::page::{Page, Tone};
use crate::report::inspect::{AigcLabel, GeneratorClaim, GeneratorLora, GeneratorSettings};

/// One text of a generator.
pub(super) fn generator(page: &mut Page, claim: &GeneratorClaim) {
    page.gap();
    let head = format!("Generator text in {}", claim.found_in);
    page.head(0, &head, Tone::Strong);
    page.line(2, "unsigned: anybody can write it, so a claim and no proof");
    let tool = [&claim.tool, &claim.tool_version];
    let tool: Vec<String> = tool.into_iter().flatten().map(escape::value).collect();
    rows(page, "Tool", (!tool.is_empty()).then(|| tool.join(" ")));
    rows(page, "Source type", claim.source_type.as_ref());
    let family = claim.family.as_ref().map(|family| {
        let word = escape::value(&family.word);
        format!("{} ({}: {word})", family.family, family.basis)
    });
    rows(page, "Algorithm family", family);
    settings(page, &claim.settings);
    rows(page, "Job", claim.job_id.as_ref().map(escape::value));
    rows(page, "Started from", claim.init_images.iter().map(escape::value));
    if let Some(found) = &claim.label {
        label(page, found);
    }
    for (place, earlier) in claim.earlier.iter().enumerate() {
        page.head(2, &format!("An earlier run ({})", place + 1), Tone::Plain);
        settings(page, earlier);
    }
    rows(page, "The same in", &claim.also_in);
    rows(page, "Note", &claim.remarks);
}

fn settings(page: &mut Page, found: &GeneratorSettings) {
    let shown = |page: &Page, text: &Untrusted| {
        if page.full() {
            escape::whole(text)
        } else {
            escape::value(text)
        }
    };
    let hash = found.model_hash.as_ref().map(|hash| {
        let kind = found.hash_kind.as_deref().unwrap_or_default();
        format!("{} ({kind})", escape::value(hash))
    });
    rows(page, "Model", found.model.as_ref().map(escape::value));
    rows(page, "Model hash", hash);
    rows(page, "VAE", found.vae.as_ref().map(escape::value));
    rows(page, "LoRA", found.loras.iter().map(lora));
    for (name, text) in [
        ("Prompt", &found.prompt),
        ("Negative prompt", &found.negative_prompt),
    ] {
        if let Some(text) = text {
            let text = shown(page, text);
            row(page, name, &text);
        }
    }
    let words = [
        ("Seed", &found.seed),
        ("Variation seed", &found.subseed),
        ("Steps", &found.steps),
        ("Sampler", &found.sampler),
        ("Scheduler", &found.scheduler),
        ("CFG scale", &found.cfg_scale),
        ("Guidance", &found.guidance),
        ("Denoising", &found.denoise),
    ];
    for (name, text) in words {
        rows(page, name, text.as_ref().map(escape::value));
    }
    let size = found.width.zip(found.height);
    rows(
        page,
        "Size",
        size.map(|(width, height)| format!("{width} x {height} pixels")),
    );
}

fn lora(lora: &GeneratorLora) -> String {
    let weight = lora
        .weight
        .as_ref()
        .map(|weight| format!("weight {}", escape::value(weight)));
    let hash = lora
        .hash
        .as_ref()
        .map(|hash| format!("hash {}", escape::value(hash)));
    let words: Vec<String> = std::iter::once(escape::value(&lora.name))
        .chain(weight)
        .chain(hash)
        .collect();
    words.join(", ")
}

fn label(page: &mut Page, label: &AigcLabel) {
    row(page, "AIGC label", &label.meaning);
    let named = [
        ("Producer", &label.producer),
        ("Producer's number", &label.produce_id),
        ("Spread by", &label.propagator),
        ("Spreader's number", &label.propagate_id),
    ];
    for (name, text) in named {
        rows(page, name, text.as_ref().map(escape::value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    #[test]
    fn a_claim_is_shown_with_where_it_stands_and_escaped() {
        let claim = GeneratorClaim {
            dialect: "a1111".into(),
            found_in: "tEXt parameters".into(),
            also_in: vec![],
            tool: Some("AUTOMATIC1111".into()),
            tool_version: Some("v1.10.1".into()),
            family: None,
            source_type: None,
            settings: GeneratorSettings {
                prompt: Some("a\u{1b}[2J cat\nsun".into()),
                seed: Some("7".into()),
                loras: vec![GeneratorLora {
                    name: "fur".into(),
                    weight: Some("0.8".into()),
                    hash: None,
                }],
                ..GeneratorSettings::default()
            },
            earlier: vec![],
            init_images: vec![],
            job_id: None,
            label: None,
            remarks: vec!["a remark".into()],
        };
        let mut page = Page::new(&Style::default());
        generator(&mut page, &claim);
        let text = page.text();
        for wanted in [
            "Generator text in tEXt parameters",
            "no proof",
            "AUTOMATIC1111 v1.10.1",
            "a\\u{1b}[2J cat\\nsun",
            "fur, weight 0.8",
            "a remark",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(!text.contains("Model hash"), "{text}");
    }
}
