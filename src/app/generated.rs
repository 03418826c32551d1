//! What generators wrote, as it is reported.

use crate::base::SourceType;
use crate::metadata::generator::{FoundIn, Record, Settings};
use crate::report::inspect::{AigcLabel, GeneratorClaim, GeneratorFamily, GeneratorLora, GeneratorSettings};

/// One record as it is reported.
pub(super) fn claim(record: Record) -> GeneratorClaim {
    GeneratorClaim {
        dialect: record.dialect.word().to_owned(),
        found_in: record.found_in.words(),
        also_in: record.also_in.iter().map(FoundIn::words).collect(),
        tool: record.tool,
        tool_version: record.tool_version,
        family: record.family.map(|claim| GeneratorFamily {
            family: claim.family.word().to_owned(),
            basis: claim.basis.word().to_owned(),
            word: claim.word,
        }),
        source_type: record.source_type.map(SourceType::uri),
        settings: settings(record.settings),
        earlier: record.earlier.into_iter().map(settings).collect(),
        init_images: record.init_images,
        job_id: record.job_id,
        label: record.label.map(|label| AigcLabel {
            meaning: label.meaning.words().to_owned(),
            producer: label.producer,
            produce_id: label.produce_id,
            propagator: label.propagator,
            propagate_id: label.propagate_id,
        }),
        remarks: record.remarks.into_iter().map(str::to_owned).collect(),
    }
}

fn settings(found: Settings) -> GeneratorSettings {
    GeneratorSettings {
        hash_kind: found.hash_kind().map(str::to_owned),
        model: found.model,
        model_hash: found.model_hash,
        vae: found.vae,
        loras: found
            .loras
            .into_iter()
            .map(|lora| GeneratorLora {
                name: lora.name,
                weight: lora.weight,
                hash: lora.hash,
            })
            .collect(),
        prompt: found.prompt,
        negative_prompt: found.negative_prompt,
        seed: found.seed,
        subseed: found.subseed,
        steps: found.steps,
        sampler: found.sampler,
        scheduler: found.scheduler,
        cfg_scale: found.cfg_scale,
        guidance: found.guidance,
        denoise: found.denoise,
        width: found.size.map(|size| size.0),
        height: found.size.map(|size| size.1),
    }
}
