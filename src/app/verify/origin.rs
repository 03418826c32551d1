//! What a manifest states of how its picture came to be: in its actions, in its metadata, and in the manifests of what it was made from.

use super::made::contradict;
use crate::base::{Authorship, SourceType, Untrusted};
use crate::manifest::{IngredientFacts, ManifestFacts};

/// The source type that is stated: by the actions, else by the signed metadata, else by the parent of a picture that was only opened.
///
/// An AI step anywhere makes the whole at least partly AI, in this picture and in any it was made from (`metadata.md` 7.3, rule 10).
pub(super) fn signed_type(facts: &ManifestFacts) -> Option<SourceType> {
    let own = of_actions(facts);
    let own_words = own.first().copied().or_else(|| of_metadata(facts));
    let first = own_words.or_else(|| of_parent(facts));
    let mut stated = own.into_iter().chain(of_metadata(facts)).chain(of_parts(facts));
    match (first, stated.find(|term| term.is_ai())) {
        (Some(first), Some(ai)) if !first.is_ai() && ai.authorship() == Authorship::Ai => {
            Some(SourceType::CompositeWithTrainedAlgorithmicMedia)
        }
        (Some(first), _) if first.is_ai() => Some(first),
        (first, ai) => ai.or(first),
    }
}

/// Every source type that a manifest and its ingredients state.
pub(super) fn all_types(facts: &ManifestFacts) -> Vec<SourceType> {
    let own = of_actions(facts).into_iter().chain(of_metadata(facts));
    own.chain(of_parts(facts)).collect()
}

/// That a signer who did nothing but open a picture says other of it than the manifest it came with.
pub(in crate::app) fn against_parent(facts: &ManifestFacts) -> Option<String> {
    let own = of_metadata(facts).filter(|_| of_actions(facts).is_empty())?;
    let before = of_parent(facts).filter(|before| contradict(own, *before))?;
    Some(format!(
        "the signed manifest says {}, the one that the picture came with says {}",
        own.term(),
        before.term()
    ))
}

fn of_actions(facts: &ManifestFacts) -> Vec<SourceType> {
    let stated = facts.active.actions.iter();
    stated
        .filter_map(|action| term(action.source_type.as_ref()?))
        .collect()
}

fn of_metadata(facts: &ManifestFacts) -> Option<SourceType> {
    facts.active.metadata_type.as_ref().and_then(term)
}

/// What the picture that was opened says of itself, where its credentials held.
fn of_parent(facts: &ManifestFacts) -> Option<SourceType> {
    let parent = parts(facts).find(|part| part.depth == 0 && part.relationship == "parentOf");
    let parent = parent.filter(|parent| parent.recorded_failures.is_empty())?;
    types_of(parent).next()
}

fn of_parts(facts: &ManifestFacts) -> impl Iterator<Item = SourceType> {
    parts(facts).flat_map(types_of)
}

fn parts(facts: &ManifestFacts) -> impl Iterator<Item = &IngredientFacts> {
    facts
        .ingredients
        .iter()
        .filter(|part| part.relationship != "inputTo")
}

fn types_of(part: &IngredientFacts) -> impl Iterator<Item = SourceType> {
    part.source_type.iter().chain(&part.stated_types).filter_map(term)
}

fn term(text: &Untrusted) -> Option<SourceType> {
    SourceType::parse(text.raw())
}
