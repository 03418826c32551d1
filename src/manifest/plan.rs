//! A claim worked out into what the manifest will hold: assertions, ingredients and resources. One plan serves signing and preview.

use serde_json::{Map, Value, json};

use super::claim::{Basis, Claim, Parent, Run};
use super::jsonld;
use crate::asset::{Asset, StorePlace};
use crate::base::statement::uuid_text;
use crate::base::{Authorship, Moment, Statement};

/// The C2PA version whose constructs byline writes.
pub const SPEC_VERSION: &str = "2.4.0";

/// One assertion to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedAssertion {
    /// Label, `c2pa.actions.v2`.
    pub label: &'static str,
    /// Content as JSON; byte strings stand as arrays of numbers.
    pub content: Value,
    /// Whether the signer vouches for it (`created_assertions`) or passes it on (`gathered_assertions`).
    pub vouched: bool,
    /// Whether the manifest holds it as JSON; else as CBOR.
    pub as_json: bool,
}

/// One ingredient to be written that has no file of its own: model, prompt or seed.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedInput {
    /// The SDK's name for it within the definition.
    pub id: &'static str,
    /// C2PA data type, `c2pa.types.model`.
    pub data_type: &'static str,
    /// Title shown to people.
    pub title: String,
    /// Its text, embedded as `text/plain`, where it has one.
    pub text: Option<String>,
}

/// Everything a manifest will hold, before hashing and signing.
#[derive(Clone, Debug)]
pub(super) struct Plan<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) instance_id: String,
    pub(super) assertions: Vec<PlannedAssertion>,
    pub(super) inputs: Vec<PlannedInput>,
    pub(super) parent: Option<(&'a Asset, Option<&'a str>)>,
    pub(super) thumbnail: Option<&'a [u8]>,
    run: Option<Run>,
}

impl<'a> Plan<'a> {
    /// Works out a claim for an asset. A signed asset is opened, whatever the claim says of parents.
    pub(super) fn of(asset: &'a Asset, claim: &'a Claim) -> Self {
        let holds_store = !matches!(asset.layout().store, StorePlace::Absent);
        let parent = match &claim.parent {
            Parent::File { asset, title } | Parent::SignedInput { asset, title } => {
                Some((&**asset, title.as_deref()))
            }
            Parent::SameFile => Some((asset, claim.title.as_deref())),
            Parent::None if holds_store => Some((asset, claim.title.as_deref())),
            Parent::None => None,
        };
        // Model, prompt and seed go into making or editing; a picture that is only opened and passed on has no such step here.
        let worked = parent.is_none() || is_worked(claim);
        let inputs = if worked {
            inputs(&claim.statement)
        } else {
            Vec::new()
        };
        let mut assertions = vec![actions(claim, parent.is_some(), &inputs)];
        assertions.push(PlannedAssertion {
            label: "cawg.metadata",
            content: jsonld::metadata(&claim.statement, &claim.metadata),
            vouched: false,
            as_json: true,
        });
        if let Some(mining) = claim.statement.mining {
            assertions.push(gathered("cawg.training-mining", jsonld::training_mining(mining)));
        }
        if let Some(disclosure) = disclosure(&claim.statement) {
            assertions.push(gathered("c2pa.ai-disclosure", disclosure));
        }
        Self {
            title: claim.title.as_deref().or(claim.statement.title.as_deref()),
            instance_id: format!("xmp.iid:{}", uuid_text(claim.statement.ids.instance)),
            assertions,
            inputs,
            parent,
            thumbnail: claim.thumbnail.as_deref(),
            run: claim.run,
        }
    }

    /// `claim_generator_info` (C2PA 2.4, 10.2.2), which may hold further members of the generator's own.
    pub(super) fn generator(&self) -> Value {
        let mut info =
            json!({"name": "byline", "version": env!("CARGO_PKG_VERSION"), "specVersion": SPEC_VERSION});
        if let (Some(run), Value::Object(map)) = (self.run, &mut info) {
            let run = json!({"input": run.input.hex(), "stated": run.stated.hex()});
            map.insert(RUN.to_owned(), run);
        }
        info
    }

    /// The labels that the named identity signs beside the hard binding.
    pub(super) const VOUCHED_BY_IDENTITY: [&'static str; 5] = [
        "c2pa.actions.v2",
        "c2pa.ai-disclosure",
        "c2pa.soft-binding",
        "cawg.metadata",
        "cawg.training-mining",
    ];
}

/// The ISCC-SEQ of one 256-bit Content-Code Image, version 0: its header and its body.
///
/// The value of a `c2pa.soft-binding` with `alg` `io.iscc.v0` is a byte string of whole ISCC-UNITs, header included, not a bare digest.
/// Source: IEP-0020, "ISCC-SEQ Format" and Table 1; ISO 24138:2024 (MainType CONTENT 2, SubType IMAGE 1, Version 0, Length 7).
#[must_use]
pub fn iscc_seq(body: [u8; 32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(34);
    out.extend_from_slice(&ISCC_IMAGE_256);
    out.extend_from_slice(&body);
    out
}

/// The body of the first 256-bit Content-Code Image in an ISCC-SEQ; other units are passed over.
#[must_use]
pub fn iscc_image_body(sequence: &[u8]) -> Option<[u8; 32]> {
    let mut rest = sequence;
    // Headers of MainTypes 0 to 4 with fields below 8 take two bytes; anything else ends the walk.
    while let Some(([kind, length], after)) = rest.split_first_chunk::<2>() {
        let units = usize::from(length & 0x0f).checked_add(1)?;
        if kind >> 4 > 4 || length & 0x0f > 7 || length >> 4 > 7 || kind & 0x08 != 0 {
            return None;
        }
        let (body, next) = after.split_at_checked(units.checked_mul(4)?)?;
        if [*kind, *length] == ISCC_IMAGE_256 {
            return body.try_into().ok();
        }
        rest = next;
    }
    None
}

const ISCC_IMAGE_256: [u8; 2] = [0x21, 0x07];

fn gathered(label: &'static str, content: Value) -> PlannedAssertion {
    PlannedAssertion {
        label,
        content,
        vouched: false,
        as_json: false,
    }
}

/// `c2pa.actions.v2`: created or opened first, then what was done (C2PA 2.4, 18.16).
fn actions(claim: &Claim, opened: bool, inputs: &[PlannedInput]) -> PlannedAssertion {
    let statement = &claim.statement;
    let ids: Vec<&str> = inputs.iter().map(|input| input.id).collect();
    let mut list = Vec::new();
    if opened {
        let mut action = json!({
            "action": "c2pa.opened",
            "when": claim.now.rfc3339(),
            "parameters": {"ingredientIds": [PARENT_ID]}
        });
        if let (false, Some(said), Value::Object(map)) = (is_worked(claim), taken_over(claim), &mut action) {
            map.insert("description".to_owned(), json!(said));
        }
        list.push(action);
        if is_worked(claim) {
            let mut action = made("c2pa.edited", claim, &ids);
            action.insert("digitalSourceType".to_owned(), json!(statement.source.uri()));
            list.push(Value::Object(action));
        }
        if matches!(claim.parent, Parent::SignedInput { .. }) {
            list.push(json!({"action": "c2pa.edited.metadata", "when": claim.now.rfc3339(), "softwareAgent": agent()}));
        }
    } else {
        let mut action = made("c2pa.created", claim, &ids);
        action.insert("digitalSourceType".to_owned(), json!(statement.source.uri()));
        list.push(Value::Object(action));
    }
    PlannedAssertion {
        label: "c2pa.actions.v2",
        content: json!({"actions": list, "allActionsIncluded": statement.all_actions}),
        vouched: true,
        as_json: false,
    }
}

/// The making or editing action with its tool, time and inputs.
fn made(action: &str, claim: &Claim, ids: &[&str]) -> Map<String, Value> {
    let statement = &claim.statement;
    let mut out = Map::new();
    out.insert("action".to_owned(), json!(action));
    // When it was made is known only if stated: the time of signing is another.
    if let Some(when) = statement.created.and_then(Moment::instant) {
        out.insert("when".to_owned(), json!(when.rfc3339()));
    }
    if let Some(tool) = tool(statement) {
        out.insert("softwareAgent".to_owned(), tool);
    }
    if let Some(said) = taken_over(claim) {
        out.insert("description".to_owned(), json!(said));
    }
    if !ids.is_empty() {
        out.insert("parameters".to_owned(), json!({ "ingredientIds": ids }));
    }
    out
}

/// Begins the description of an action whose source type the signer took from the picture.
pub const TAKEN_OVER: &str = "source type taken from the picture's own metadata";

/// Said of the manifest that a picture came with, where it stands as the place that something was taken from.
pub const CAME_WITH: &str = "the signed manifest that it came with";

/// Said where it is not the signer who says how the picture came to be.
fn taken_over(claim: &Claim) -> Option<String> {
    match &claim.basis {
        Basis::Metadata { field } => Some(format!("{TAKEN_OVER} ({field})")),
        Basis::Signer => None,
    }
}

/// The program that made the picture: the AI system for generated work, else the software stated.
fn tool(statement: &Statement) -> Option<Value> {
    let named = |name: &str, version: Option<&String>| {
        let mut out = json!({ "name": name });
        if let (Some(version), Value::Object(map)) = (version, &mut out) {
            map.insert("version".to_owned(), json!(version));
        }
        out
    };
    let ai = statement
        .source
        .is_ai()
        .then_some(statement.ai_system.as_ref())
        .flatten();
    match (ai, &statement.software) {
        (Some(system), _) => Some(named(system, statement.ai_version.as_ref())),
        (None, Some(software)) => Some(named(software, None)),
        (None, None) => None,
    }
}

fn agent() -> Value {
    json!({"name": "byline", "version": env!("CARGO_PKG_VERSION")})
}

/// Whether what was opened was worked on: its source type says so, or a model made the picture from another file.
fn is_worked(claim: &Claim) -> bool {
    let source = claim.statement.source;
    source.is_edit() || source.is_ai() && matches!(claim.parent, Parent::File { .. })
}

/// Model, prompt and seed as stated; the prompt only where its disclosure was asked for.
fn inputs(statement: &Statement) -> Vec<PlannedInput> {
    let mut out = Vec::new();
    if let Some(model) = &statement.model {
        out.push(PlannedInput {
            id: "byline.model",
            data_type: "c2pa.types.model",
            title: model.clone(),
            text: None,
        });
    }
    if let Some(prompt) = &statement.prompt {
        out.push(PlannedInput {
            id: "byline.prompt",
            data_type: "c2pa.types.generator.prompt",
            title: "prompt".to_owned(),
            text: Some(prompt.clone()),
        });
    }
    if let Some(seed) = &statement.seed {
        out.push(PlannedInput {
            id: "byline.seed",
            data_type: "c2pa.types.generator.seed",
            title: "seed".to_owned(),
            text: Some(seed.clone()),
        });
    }
    out
}

/// `c2pa.ai-disclosure` (C2PA 2.4): only of work a model had a part in, and only where the model is stated.
fn disclosure(statement: &Statement) -> Option<Value> {
    let model = statement.model.as_ref()?;
    if !matches!(
        statement.source.authorship(),
        Authorship::Ai | Authorship::AiMixed
    ) {
        return None;
    }
    let mut out = json!({"modelType": "c2pa.types.model", "modelName": model});
    if let (true, Value::Object(map)) = (
        model.starts_with("pkg:") || model.starts_with("https://"),
        &mut out,
    ) {
        map.insert("modelIdentifier".to_owned(), json!(model));
    }
    Some(out)
}

/// The member of `claim_generator_info` that holds a [`Run`].
pub(super) const RUN: &str = "byline.run";
/// The SDK's name for the parent within the definition.
pub(super) const PARENT_ID: &str = "byline.parent";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iscc_unit_carries_its_header() {
        let sequence = iscc_seq([9; 32]);
        assert_eq!(sequence.len(), 34);
        assert_eq!(iscc_image_body(&sequence), Some([9; 32]));
        assert_eq!(iscc_image_body(&sequence[..33]), None);
    }

    #[test]
    fn the_image_unit_is_found_behind_others() {
        // A 64-bit Meta-Code before it.
        let mut sequence = vec![0x00, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];
        sequence.extend(iscc_seq([3; 32]));
        assert_eq!(iscc_image_body(&sequence), Some([3; 32]));
    }
}
