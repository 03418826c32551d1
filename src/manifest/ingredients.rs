//! Ingredients: what a picture was made from, and what is wrong with any of them. A broken parent under a good child is reported.

use std::collections::BTreeSet;

use c2pa::{Ingredient, Manifest, Reader, Relationship};

use super::contents;
use super::facts::{IngredientFacts, IngredientFault, Status, StatusKind};
use super::status::Code;
use crate::base::Untrusted;

/// Ingredients of a manifest and of their manifests, parents before children, each manifest opened once.
pub(super) fn list(
    reader: &Reader,
    manifest: Option<&Manifest>,
    statuses: &[Status],
) -> Vec<IngredientFacts> {
    let mut out = Vec::new();
    let mut opened = BTreeSet::new();
    let mut waiting: Vec<(usize, &Manifest, &Ingredient)> = children(manifest, 0);
    while let Some((depth, above, ingredient)) = waiting.pop() {
        let own = ingredient
            .active_manifest()
            .and_then(|label| reader.get_manifest(label));
        out.push(IngredientFacts {
            found_failures: found(above, ingredient, statuses),
            ..facts(depth, ingredient, own)
        });
        let new = ingredient
            .active_manifest()
            .is_some_and(|label| opened.insert(label.to_owned()));
        // All of them: what is left out could be the one made by a model. The store's cost bounds how many there are.
        if new {
            waiting.extend(children(own, depth.saturating_add(1)));
        }
    }
    out
}

/// What is wrong with ingredients: found now, or recorded by whoever took them in.
pub(super) fn faults(reader: &Reader, statuses: &[Status]) -> Vec<IngredientFault> {
    let mut out: Vec<IngredientFault> = statuses
        .iter()
        .filter(|one| one.kind == StatusKind::Failure && !one.code.is_only_trust())
        .filter_map(|one| {
            let ingredient = one.ingredient.clone()?;
            Some(IngredientFault {
                ingredient,
                code: one.code.clone(),
                recorded: false,
            })
        })
        .collect();
    let mut manifests: Vec<&Manifest> = reader.iter_manifests().collect();
    manifests.sort_by_key(|manifest| manifest.label());
    for ingredient in manifests.into_iter().flat_map(Manifest::ingredients) {
        let name = ingredient.title().or(ingredient.label()).unwrap_or("ingredient");
        out.extend(recorded(ingredient).into_iter().map(|code| IngredientFault {
            ingredient: Untrusted::from(name),
            code,
            recorded: true,
        }));
    }
    out.dedup();
    out
}

fn children(manifest: Option<&Manifest>, depth: usize) -> Vec<(usize, &Manifest, &Ingredient)> {
    let of = |above| {
        Manifest::ingredients(above)
            .iter()
            .rev()
            .map(move |one| (depth, above, one))
    };
    manifest.into_iter().flat_map(of).collect()
}

/// Failures found now of an ingredient that stands in `above`, but for an unlisted signer.
fn found(above: &Manifest, ingredient: &Ingredient, statuses: &[Status]) -> Vec<Code> {
    let (Some(above), Some(label)) = (above.label(), ingredient.label()) else {
        return Vec::new();
    };
    let place = format!("{above}/c2pa.assertions/{label}");
    let about = |one: &&Status| {
        let named = one.ingredient.as_ref();
        one.kind == StatusKind::Failure
            && !one.code.is_only_trust()
            && named.is_some_and(|named| named.raw().ends_with(&place))
    };
    let mut out: Vec<Code> = statuses
        .iter()
        .filter(about)
        .map(|one| one.code.clone())
        .collect();
    out.dedup();
    out
}

fn facts(depth: usize, ingredient: &Ingredient, own: Option<&Manifest>) -> IngredientFacts {
    let signed_by = own.and_then(|manifest| manifest.common_name().or_else(|| manifest.issuer()));
    IngredientFacts {
        depth,
        title: ingredient.title().map(Untrusted::from),
        format: ingredient.format().map(Untrusted::from),
        relationship: match ingredient.relationship() {
            Relationship::ParentOf => "parentOf",
            Relationship::ComponentOf => "componentOf",
            Relationship::InputTo => "inputTo",
        },
        manifest: ingredient.active_manifest().map(Untrusted::from),
        signed_by: signed_by.map(Untrusted::from),
        source_type: ingredient
            .digital_source_type()
            .map(|kind| Untrusted::new(kind.to_string())),
        stated_types: own.map(contents::stated_types).unwrap_or_default(),
        actions: own.map(contents::actions).unwrap_or_default(),
        data_types: ingredient
            .data_types()
            .unwrap_or_default()
            .iter()
            .map(|kind| Untrusted::from(kind.asset_type.as_str()))
            .collect(),
        recorded_failures: recorded(ingredient),
        found_failures: Vec::new(),
    }
}

/// Failures in the ingredient's own record, but for an unlisted signer.
fn recorded(ingredient: &Ingredient) -> Vec<Code> {
    let results = ingredient.validation_results();
    let now = results
        .and_then(|all| all.active_manifest())
        .map(|codes| codes.failure().as_slice())
        .unwrap_or_default();
    let deltas = results
        .and_then(|all| all.ingredient_deltas())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let deltas = deltas
        .iter()
        .flat_map(|delta| delta.validation_deltas().failure());
    // Older ingredients keep one list; what passed is told by its code.
    let old = ingredient.validation_status().unwrap_or_default();
    let mut out: Vec<Code> = now
        .iter()
        .chain(deltas)
        .chain(old)
        .map(|one| Code::parse(one.code()))
        .filter(|code| !code.is_only_trust() && !code.is_harmless())
        .collect();
    out.dedup();
    out
}
