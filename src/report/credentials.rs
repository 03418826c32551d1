//! What a manifest says and what validating it came to, line by line.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// What the C2PA validation said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct C2paDetail {
    /// The SDK's state: Invalid, Valid or Trusted.
    pub state: String,
    /// Label of the active manifest.
    pub manifest: Option<Untrusted>,
    /// The claim generator.
    pub generator: Option<Untrusted>,
    /// Title of the asset.
    pub title: Option<Untrusted>,
    /// Status codes of the active manifest and its ingredients.
    pub codes: Vec<CodeLine>,
    /// Ingredients, in order, with depth in the tree.
    pub ingredients: Vec<IngredientLine>,
    /// Labels of all assertions.
    pub assertions: Vec<Untrusted>,
}

/// One status code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeLine {
    /// `success`, `informational` or `failure`.
    pub kind: String,
    /// The code.
    pub code: Untrusted,
    /// What it is about.
    pub url: Option<Untrusted>,
    /// What the code means, in words of ours; absent of one that byline does not know.
    pub means: Option<&'static str>,
    /// The validator's words.
    pub explanation: Option<Untrusted>,
}

/// One ingredient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IngredientLine {
    /// Depth, 0 for ingredients of the active manifest.
    pub depth: u32,
    /// Its title.
    pub title: Option<Untrusted>,
    /// `parentOf`, `componentOf` or `inputTo`.
    pub relationship: Untrusted,
    /// Its own manifest, where it has one.
    pub manifest: Option<Untrusted>,
    /// Who signed that, by its own words: whether they hold, its signer and this one's answer for.
    pub signed_by: Option<Untrusted>,
    /// The first actions that it states.
    pub actions: Vec<ActionLine>,
    /// What is wrong with it, in codes: recorded when it was taken in, or found now.
    pub faults: Vec<Untrusted>,
}

impl IngredientLine {
    /// Whether anything is known of it beyond that it is there.
    #[must_use]
    pub fn tells(&self) -> bool {
        !self.actions.is_empty() || self.signed_by.is_some() || !self.faults.is_empty()
    }
}

/// One recorded action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActionLine {
    /// The action, `c2pa.created`.
    pub action: Untrusted,
    /// Its digital source type.
    pub source_type: Option<Untrusted>,
    /// The software that did it.
    pub software: Option<Untrusted>,
}
