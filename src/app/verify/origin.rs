//! What a manifest states of how its picture came to be: in its actions, in its metadata, and in the manifests of what it was made from.

use super::describe::ingredient;
use super::made::{contradict, is_human_edit};
use crate::base::{Authorship, SourceType, Untrusted};
use crate::manifest::facts::ActiveManifest;
use crate::manifest::{ActionFacts, IngredientFacts, ManifestFacts};
use crate::report::verify::IngredientLine;

/// The source type that is stated: by the actions, else by the signed metadata, else by the parent of a picture that was only opened.
/// What an action brought in that does not begin the picture is a part: `trainedAlgorithmicMedia` of an edit or a placed picture makes
/// the whole a composite with it, unless the picture it was done to was a model's already.
///
/// An AI step anywhere makes the whole at least partly AI, in this picture and in any it was made from (`metadata.md` 7.3, rule 10).
pub(in crate::app) fn signed_type(facts: &ManifestFacts) -> Option<SourceType> {
    Said::of(facts).whole()
}

/// The picture that was opened, the one that it was, and so on, where their manifests tell anything.
pub(super) fn earlier(facts: &ManifestFacts) -> Vec<IngredientLine> {
    let said = Said::of(facts);
    let lines = said.parents().map(ingredient);
    lines.filter(IngredientLine::tells).collect()
}

/// Whether a person edited the picture, by what this manifest says.
pub(super) fn is_edited_by_a_person(facts: &ManifestFacts) -> bool {
    let said = Said::of(facts);
    said.actions()
        .into_iter()
        .chain(said.metadata())
        .any(is_human_edit)
}

/// Every source type that a manifest and its ingredients state.
pub(super) fn all_types(facts: &ManifestFacts) -> Vec<SourceType> {
    Said::of(facts).all()
}

/// Who says a source type within a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teller {
    /// Its signer, of the picture.
    Signer,
    /// Its signer, of something that was done to the picture.
    Step,
    /// The manifest of a picture that this one was made from.
    Before,
}

/// Every source type that a manifest and its ingredients state, with who does.
pub(super) fn told(facts: &ManifestFacts) -> Vec<(Teller, SourceType)> {
    let said = Said::of(facts);
    let actions = said.active.actions.iter().filter_map(|action| {
        let begins = matches!(action.action.raw(), "c2pa.created" | "c2pa.opened");
        let teller = if begins { Teller::Signer } else { Teller::Step };
        Some((teller, action.telling_type()?))
    });
    let whole = said.active.implied_type.into_iter().chain(said.metadata());
    let before = said.parts().flat_map(types_of);
    actions
        .chain(whole.map(|term| (Teller::Signer, term)))
        .chain(before.map(|term| (Teller::Before, term)))
        .collect()
}

/// That a signer who did nothing but open a picture says other of it than the manifest it came with.
pub(in crate::app) fn against_parent(facts: &ManifestFacts) -> Option<String> {
    let said = Said::of(facts);
    let own = said.metadata().filter(|_| said.actions().is_empty())?;
    let before = said.held_parent().filter(|before| contradict(own, *before))?;
    Some(format!(
        "the signed manifest says {}, the one that the picture came with says {}",
        own.term(),
        before.term()
    ))
}

/// That somebody is named as creator, which claims the work of a person, of a picture that is signed to be a model's.
pub(super) fn creator_of_a_models(facts: &ManifestFacts, signed: Option<SourceType>) -> Option<String> {
    let term = signed.filter(|term| term.authorship() == Authorship::Ai)?;
    let roles = || facts.identities.iter().flat_map(|identity| &identity.roles);
    let is_creator = roles().any(|role| role.raw() == CREATOR);
    is_creator.then(|| {
        format!(
            "the signed manifest names a creator ({CREATOR}), which claims the work of a person, and says {}",
            term.term()
        )
    })
}

/// The role of whoever made a picture (CAWG identity 1.2).
const CREATOR: &str = "cawg.creator";

/// What a manifest says, and what those of its ingredients do.
struct Said<'a> {
    active: &'a ActiveManifest,
    ingredients: &'a [IngredientFacts],
}

impl<'a> Said<'a> {
    fn of(facts: &'a ManifestFacts) -> Self {
        Self {
            active: &facts.active,
            ingredients: &facts.ingredients,
        }
    }

    fn whole(&self) -> Option<SourceType> {
        let step = self.actions().first().copied();
        let begun = self.beginning();
        let beginning = begun.or_else(|| step.filter(|term| term.authorship() != Authorship::Ai));
        let parent = || {
            self.held_parent()
                .or_else(|| self.any_parent().filter(|term| term.is_ai()))
        };
        let first = beginning.or_else(|| self.metadata()).or_else(parent);
        let first = first.or_else(|| step.map(as_part));
        let first = match (first, self.held_parent()) {
            (Some(done), Some(before)) if begun.is_none() && gives_way(done, before) => Some(before),
            (first, _) => first,
        };
        let mut stated = self.all().into_iter();
        match (first, stated.find(|term| term.is_ai())) {
            (Some(first), Some(ai)) if !first.is_ai() && ai.authorship() == Authorship::Ai => {
                Some(SourceType::CompositeWithTrainedAlgorithmicMedia)
            }
            (Some(first), _) if first.is_ai() => Some(first),
            (first, ai) => ai.or(first),
        }
    }

    fn all(&self) -> Vec<SourceType> {
        let own = self.actions().into_iter().chain(self.active.implied_type);
        own.chain(self.metadata())
            .chain(self.parts().flat_map(types_of))
            .collect()
    }

    fn actions(&self) -> Vec<SourceType> {
        let stated = self.active.actions.iter();
        stated.filter_map(ActionFacts::telling_type).collect()
    }

    /// What the actions say that begin a picture: it was created, or opened.
    fn beginning(&self) -> Option<SourceType> {
        let mut actions = self.active.actions.iter();
        let stated = actions.find_map(|action| match action.action.raw() {
            "c2pa.created" | "c2pa.opened" => term(action.source_type.as_ref()?),
            _ => None,
        });
        stated.or(self.active.implied_type)
    }

    fn metadata(&self) -> Option<SourceType> {
        self.active.metadata_type.as_ref().and_then(term)
    }

    /// What the picture that was opened says of itself, or the one that it was, where their credentials held.
    fn held_parent(&self) -> Option<SourceType> {
        let held = || {
            self.parents()
                .take_while(|parent| parent.recorded_failures.is_empty())
        };
        let origin = held().find_map(|parent| types_of(parent).find(|term| !is_human_edit(*term)));
        origin.or_else(|| held().find_map(|parent| types_of(parent).next()))
    }

    /// As [`Self::held_parent`], whatever became of their credentials.
    fn any_parent(&self) -> Option<SourceType> {
        self.parents().find_map(|parent| types_of(parent).next())
    }

    /// The picture that was opened, the one that it was, and so on: each ingredient is followed by its own.
    fn parents(&self) -> impl Iterator<Item = &'a IngredientFacts> {
        let is_before = |part: &&IngredientFacts| !(part.depth == 0 && part.relationship == "parentOf");
        let below = self.ingredients.iter().skip_while(is_before).enumerate();
        let below = below.take_while(|(at, part)| *at == 0 || part.depth > 0);
        let mut depth = 0;
        below.filter_map(move |(_, part)| {
            let is_next = part.depth == depth && part.relationship == "parentOf";
            depth += usize::from(is_next);
            is_next.then_some(part)
        })
    }

    fn parts(&self) -> impl Iterator<Item = &'a IngredientFacts> {
        let parts = self.ingredients.iter();
        parts.filter(|part| part.relationship != "inputTo")
    }
}

/// Whether a word for what was done to a picture gives way to the one that says how it came to be: an edit to a capture, and what may hold
/// AI to a picture that is a model's altogether.
fn gives_way(done: SourceType, before: SourceType) -> bool {
    match before.authorship() {
        Authorship::Capture | Authorship::Algorithmic => is_human_edit(done),
        Authorship::Ai => done.authorship() == Authorship::MaybeAi,
        _ => false,
    }
}

/// What an action that does not begin a picture says of the whole.
fn as_part(term: SourceType) -> SourceType {
    match term.authorship() {
        Authorship::Ai => SourceType::CompositeWithTrainedAlgorithmicMedia,
        _ => term,
    }
}

fn types_of(part: &IngredientFacts) -> impl Iterator<Item = SourceType> {
    part.source_type.iter().chain(&part.stated_types).filter_map(term)
}

fn term(text: &Untrusted) -> Option<SourceType> {
    SourceType::parse(text.raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Code;
    use SourceType::{
        CompositeWithTrainedAlgorithmicMedia as Mixed, DigitalCapture as Photo, HumanEdits as Edits,
        TrainedAlgorithmicMedia as Ai,
    };

    fn whole(
        actions: &[(&str, Option<SourceType>)],
        parts: &[(&'static str, SourceType, bool)],
    ) -> Option<SourceType> {
        let uri = |term: SourceType| Untrusted::new(term.uri());
        let action = |(name, term): &(&str, Option<SourceType>)| ActionFacts {
            action: Untrusted::from(*name),
            source_type: term.map(uri),
            ..ActionFacts::default()
        };
        let part = |(relationship, term, holds): &(&'static str, SourceType, bool)| IngredientFacts {
            relationship,
            stated_types: vec![uri(*term)],
            recorded_failures: if *holds {
                vec![]
            } else {
                vec![Code::SigningCredentialExpired]
            },
            ..IngredientFacts::default()
        };
        let active = ActiveManifest {
            actions: actions.iter().map(action).collect(),
            ..ActiveManifest::default()
        };
        let ingredients: Vec<_> = parts.iter().map(part).collect();
        let (active, ingredients) = (&active, &ingredients[..]);
        Said { active, ingredients }.whole()
    }

    #[test]
    fn what_an_edit_or_a_placed_picture_brought_in_is_a_part() {
        assert_eq!(whole(&[("c2pa.created", Some(Ai))], &[]), Some(Ai));
        assert_eq!(whole(&[("c2pa.opened", Some(Ai))], &[]), Some(Ai));
        // Generative fill as Photoshop wrote it in 2023.
        let fill = [("c2pa.created", None), ("c2pa.placed", Some(Ai))];
        assert_eq!(whole(&fill, &[]), Some(Mixed));
        let edited = [("c2pa.opened", None), ("c2pa.edited", Some(Ai))];
        assert_eq!(whole(&edited, &[]), Some(Mixed));
        assert_eq!(whole(&edited, &[("parentOf", Photo, true)]), Some(Mixed));
        // A watermark on a picture that a model made.
        assert_eq!(whole(&edited, &[("parentOf", Ai, true)]), Some(Ai));
        assert_eq!(whole(&edited, &[("parentOf", Ai, false)]), Some(Ai));
    }

    #[test]
    fn a_picture_that_was_only_coded_anew_is_what_it_was() {
        let coded = [
            ("c2pa.opened", None),
            ("c2pa.transcoded", Some(SourceType::AlgorithmicallyEnhanced)),
        ];
        assert_eq!(whole(&coded, &[("parentOf", Ai, true)]), Some(Ai));
        assert_eq!(whole(&coded, &[("parentOf", Photo, true)]), Some(Photo));
        assert_eq!(whole(&coded, &[]), None);
        // A visible mark on a picture that is a model's altogether makes it no composite of anybody's.
        let marked = [
            ("c2pa.opened", None),
            ("c2pa.edited", Some(SourceType::Composite)),
        ];
        assert_eq!(whole(&marked, &[("parentOf", Ai, true)]), Some(Ai));
        assert_eq!(
            whole(&marked, &[("parentOf", Photo, true)]),
            Some(SourceType::Composite)
        );
        // An AI word counts after any action.
        let marked = [("c2pa.opened", None), ("c2pa.watermarked", Some(Ai))];
        assert_eq!(whole(&marked, &[]), Some(Mixed));
        // Twice coded: the parent says nothing, the one before it does.
        let part = |depth, relationship, stated: Option<SourceType>| IngredientFacts {
            depth,
            relationship,
            stated_types: stated
                .map(|term| Untrusted::new(term.uri()))
                .into_iter()
                .collect(),
            ..IngredientFacts::default()
        };
        let ingredients = [
            part(0, "componentOf", None),
            part(1, "parentOf", Some(Photo)),
            part(0, "parentOf", None),
            part(1, "inputTo", Some(Photo)),
            part(1, "parentOf", Some(Ai)),
            part(2, "parentOf", Some(Photo)),
        ];
        let active = ActiveManifest::default();
        let (active, ingredients) = (&active, &ingredients[..]);
        assert_eq!(Said { active, ingredients }.held_parent(), Some(Ai));
    }

    #[test]
    fn a_person_who_edits_has_the_first_word_and_ai_below_makes_it_mixed() {
        let edited = [("c2pa.opened", None), ("c2pa.edited", Some(Edits))];
        assert_eq!(whole(&edited, &[("parentOf", Ai, true)]), Some(Mixed));
        // A photograph stays one; a picture of unknown origin is known by the edit alone.
        assert_eq!(whole(&edited, &[("parentOf", Photo, true)]), Some(Photo));
        assert_eq!(whole(&edited, &[("parentOf", Photo, false)]), Some(Edits));
        let drawn = SourceType::DigitalCreation;
        assert_eq!(whole(&edited, &[("parentOf", drawn, true)]), Some(Edits));
        assert_eq!(
            whole(&[("c2pa.opened", None)], &[("parentOf", Photo, true)]),
            Some(Photo)
        );
        assert_eq!(
            whole(&[("c2pa.opened", None)], &[("parentOf", Photo, false)]),
            None
        );
        // What a model was fed is no part.
        assert_eq!(
            whole(&[("c2pa.created", Some(Photo))], &[("inputTo", Ai, true)]),
            Some(Photo)
        );
        let placed = [("c2pa.created", Some(Photo)), ("c2pa.placed", Some(Ai))];
        assert_eq!(whole(&placed, &[]), Some(Mixed));
    }
}
