//! What `--source from-metadata` takes over from the text of a generator: tool, version, model, family and seed, never the prompt.

use crate::app::request::{SourceChoice, Words};
use crate::base::{SourceType, Untrusted};
use crate::metadata::generator::{FamilyBasis, Generated};

/// Longest word taken over, bytes: names and numbers, no texts.
const WORD_BYTES_MAX: usize = 256;

/// Fills what the signer left open, and says in a sentence what was filled.
///
/// Nothing is taken where the signer says how the picture came to be, or where it is none that a model had a part in.
pub(super) fn fill(
    words: &mut Words,
    choice: SourceChoice,
    term: SourceType,
    generated: &Generated,
) -> Option<String> {
    let (_, record) = generated.source_type()?;
    if choice != SourceChoice::FromMetadata || !term.is_ai() {
        return None;
    }
    let mut taken = Vec::new();
    let mut take = |name: &'static str, place: &mut Option<String>, found: Option<String>| {
        if place.is_none() && found.is_some() {
            *place = found;
            taken.push(name);
        }
    };
    let settings = &record.settings;
    // A version says nothing beside a system of another name.
    if words.ai_system.is_none() {
        take("AI system", &mut words.ai_system, word(record.tool.as_ref()));
        take(
            "its version",
            &mut words.ai_version,
            word(record.tool_version.as_ref()),
        );
    }
    // Loaders name files with the folders of somebody's disk.
    let file = |name: String| name.rsplit(['/', '\\']).next().map(str::to_owned);
    take(
        "model",
        &mut words.model,
        word(settings.model.as_ref()).and_then(file),
    );
    take("seed", &mut words.seed, word(settings.seed.as_ref()));
    let family = record
        .family
        .as_ref()
        .filter(|claim| claim.basis != FamilyBasis::Inferred);
    if let (None, Some(claim)) = (words.family, family) {
        words.family = Some(claim.family);
        taken.push("algorithm family");
    }
    let place = record.found_in.words();
    (!taken.is_empty()).then(|| {
        format!(
            "taken from what a generator wrote ({place}), and nobody vouched for: {}",
            taken.join(", ")
        )
    })
}

/// A word that is fit to be stated: short, on one line, nothing in it that could deceive.
fn word(text: Option<&Untrusted>) -> Option<String> {
    let raw = text?.raw().trim();
    let fit = !raw.is_empty() && raw.len() <= WORD_BYTES_MAX && !raw.chars().any(Untrusted::is_harmful);
    fit.then(|| raw.to_owned())
}

/// Where the file holds prompts that signing leaves in it, in a sentence.
pub(super) fn prompts(generated: &Generated) -> Option<String> {
    let with_prompt = generated.records.iter().filter(|record| record.has_prompt());
    let places: Vec<String> = with_prompt.map(|record| record.found_in.words()).collect();
    (!places.is_empty()).then(|| {
        format!(
            "the file holds a prompt, and that stays in it: {}",
            places.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::Asset;
    use crate::base::statement::Family;
    use crate::metadata::{self, generator};

    const GRADIENT: &[u8] = include_bytes!("../../../fixtures/images/gradient.jpg");

    /// A JPEG whose comment is a generator's text.
    fn generated(text: &str) -> Generated {
        let mut bytes = GRADIENT[..2].to_vec();
        bytes.extend([0xFF, 0xFE]);
        bytes.extend(u16::try_from(text.len() + 2).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend(&GRADIENT[2..]);
        let asset = Asset::parse(bytes).unwrap();
        generator::read(&asset, &metadata::read(&asset), None)
    }

    const TEXT: &str = "a secret cat\nNegative prompt: secret dog\n\
        Steps: 20, Sampler: Euler, Seed: 7, Model: C:\\bob\\sdxl.ckpt, Version: v1.10.1";

    #[test]
    fn all_but_the_prompt_is_taken_and_it_is_said() {
        let mut words = Words::default();
        let term = SourceType::TrainedAlgorithmicMedia;
        let note = fill(&mut words, SourceChoice::FromMetadata, term, &generated(TEXT)).unwrap();
        let wanted = Words {
            ai_system: Some("AUTOMATIC1111".into()),
            ai_version: Some("v1.10.1".into()),
            model: Some("sdxl.ckpt".into()),
            family: Some(Family::Diffusion),
            seed: Some("7".into()),
            ..Words::default()
        };
        assert_eq!(words, wanted);
        assert!(!format!("{words:?}{note}").contains("secret"));
        assert!(
            note.contains("COM Comment") && note.contains("model, seed"),
            "{note}"
        );
        assert_eq!(
            prompts(&generated(TEXT)).unwrap(),
            "the file holds a prompt, and that stays in it: COM Comment"
        );
    }

    #[test]
    fn the_signers_words_stand_and_nothing_is_taken_unasked() {
        let own = Words {
            ai_system: Some("my own".into()),
            seed: Some("1".into()),
            ..Words::default()
        };
        let mut words = own.clone();
        fill(
            &mut words,
            SourceChoice::FromMetadata,
            SourceType::TrainedAlgorithmicMedia,
            &generated(TEXT),
        );
        assert_eq!(
            (words.ai_system, words.ai_version, words.seed),
            (own.ai_system.clone(), None, own.seed.clone())
        );
        for (choice, term) in [
            (
                SourceChoice::Stated(SourceType::TrainedAlgorithmicMedia),
                SourceType::TrainedAlgorithmicMedia,
            ),
            (SourceChoice::FromMetadata, SourceType::DigitalCapture),
        ] {
            let mut words = own.clone();
            assert_eq!(fill(&mut words, choice, term, &generated(TEXT)), None);
            assert_eq!(words, own);
        }
    }

    #[test]
    fn words_that_deceive_or_are_texts_are_left() {
        let long = "m".repeat(WORD_BYTES_MAX + 1);
        for model in ["sd\u{202e}xl", "sd\u{1b}[2Jxl", &long] {
            let text = format!("a\nSteps: 20, Sampler: Euler, Seed: 7, Model: {model}");
            let mut words = Words::default();
            fill(
                &mut words,
                SourceChoice::FromMetadata,
                SourceType::TrainedAlgorithmicMedia,
                &generated(&text),
            );
            assert_eq!((words.model, words.seed.as_deref()), (None, Some("7")));
        }
    }
}
