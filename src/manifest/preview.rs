//! What would be written, for `--dry-run`: the same plan that signing follows, shown and not signed.

use serde_json::{Value, json};

use super::SOFT_BINDING_ALG;
use super::claim::Claim;
use super::plan::{Plan, PlannedAssertion, PlannedInput, iscc_seq};
use crate::asset::Asset;
use crate::base::digest::hex;
use crate::base::statement::Role;

/// What a manifest would hold. Hard binding, identifiers and signatures exist only once it is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// `claim_generator_info`.
    pub generator: Value,
    /// Title in the claim.
    pub title: Option<String>,
    /// Instance id in the claim.
    pub instance_id: String,
    /// Assertions, in the order of the claim.
    pub assertions: Vec<PlannedAssertion>,
    /// Ingredients without a file of their own.
    pub inputs: Vec<PlannedInput>,
    /// What is opened, by its name if it has one; `None` where the picture is created.
    pub parent: Option<Option<String>>,
    /// Bytes of the claim thumbnail.
    pub thumbnail_bytes: Option<usize>,
    /// Role of the named identity (`cawg.identity`) if one is stated, and the labels it would vouch for beside the hard binding.
    pub named: (Option<&'static str>, Vec<&'static str>),
}

/// Works out what signing this claim into this asset would write.
#[must_use]
pub fn preview(asset: &Asset, claim: &Claim) -> Preview {
    let plan = Plan::of(asset, claim);
    let generator = plan.generator();
    let mut assertions = plan.assertions;
    if let Some(body) = claim.soft_binding {
        assertions.push(PlannedAssertion {
            label: "c2pa.soft-binding",
            content: json!({
                "alg": SOFT_BINDING_ALG,
                "blocks": [{"scope": {}, "value": hex(&iscc_seq(body))}],
                "pad": ""
            }),
            vouched: true,
            as_json: false,
        });
    }
    let labels = Plan::VOUCHED_BY_IDENTITY
        .into_iter()
        .filter(|label| assertions.iter().any(|one| one.label == *label));
    Preview {
        generator,
        title: plan.title.map(str::to_owned),
        instance_id: plan.instance_id,
        inputs: plan.inputs,
        parent: plan.parent.map(|(_, title)| title.map(str::to_owned)),
        thumbnail_bytes: plan.thumbnail.map(<[u8]>::len),
        named: (claim.statement.role.map(Role::cawg), labels.collect()),
        assertions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SourceType;
    use crate::manifest::samples::{claim, drawn, identity, now, reader, signer};
    use crate::manifest::{ManifestEvidence, Parent};

    #[test]
    fn every_assertion_shown_is_written_and_no_other_of_ours() {
        let asset = drawn(image::ImageFormat::Jpeg);
        let claim = claim(SourceType::TrainedAlgorithmicMedia);
        let shown = preview(&asset, &claim);
        let signed = signer(&identity(4)).sign(&asset, &claim).unwrap();
        let ManifestEvidence::Read(facts) = reader(None).read(&signed.asset, now()) else {
            panic!()
        };
        let mut written: Vec<_> = facts
            .active
            .assertions
            .iter()
            .map(|one| one.raw().to_owned())
            .collect();
        for label in shown.assertions.iter().map(|one| one.label) {
            let at = written
                .iter()
                .position(|one| one == label)
                .unwrap_or_else(|| panic!("{label} in {written:?}"));
            written.remove(at);
        }
        written.retain(|label| {
            ![
                "c2pa.ingredient.v3",
                "c2pa.embedded-data",
                "c2pa.hash.data",
                "cawg.identity",
            ]
            .iter()
            .any(|known| label.starts_with(known))
        });
        assert_eq!(written, Vec::<String>::new());
    }

    #[test]
    fn a_prompt_is_shown_only_where_it_would_be_written() {
        let asset = drawn(image::ImageFormat::Jpeg);
        let mut hidden = claim(SourceType::TrainedAlgorithmicMedia);
        hidden.statement.prompt = None;
        assert!(!format!("{:?}", preview(&asset, &hidden)).contains("sunset over hills"));
        hidden.parent = Parent::SameFile;
        assert!(preview(&asset, &hidden).parent.is_some());
    }
}
