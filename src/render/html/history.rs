//! How a picture came to be, as a page tells it: steps, what it was made from, and what generators wrote.

use maud::{Markup, html};

use super::frame::{self, Level};
use super::{escape, text, value};
use crate::base::Untrusted;
use crate::render::human::{headline, shared};
use crate::report::inspect::{GeneratorClaim, GeneratorSettings};
use crate::report::verify::{IngredientLine, VerifyReport};

/// Steps and ingredients shown before the rest is folded away (C2PA UX guidance 2.0: collapse above four).
const OPEN_MAX: usize = 4;
/// Steps and ingredients listed at all.
const LISTED_MAX: usize = 200;
/// Characters of a prompt.
const PROMPT_CHARS: usize = 4000;

/// How it was made, in whose name, and by which steps.
pub(super) fn made(level: Level, report: &VerifyReport) -> Markup {
    let made = &report.made;
    let mut rows = vec![("Said of it", text(&headline(report)))];
    rows.extend(made.tool.as_ref().map(|tool| ("Tool or model", value(tool))));
    rows.extend(made.model.as_ref().map(|model| ("Model", value(model))));
    rows.extend(
        made.source_type
            .as_ref()
            .map(|known| ("Source type", text(&shared::term(known)))),
    );
    if !made.signals.is_empty() {
        rows.push(("Signals", text(&made.signals.join(", "))));
    }
    let steps: Vec<Markup> = made
        .actions
        .iter()
        .map(|line| html! { (text(&shared::action(line))) })
        .collect();
    let ingredients = report.c2pa.as_ref().map_or(&[][..], |detail| &detail.ingredients);
    let body = html! {
        (frame::facts(&rows))
        @if !steps.is_empty() {
            p.lead { "Edits and activity, in order" }
            (folded(&steps, "steps"))
        }
        @if !ingredients.is_empty() {
            p.lead { "Made from" }
            (tree(ingredients))
        }
        @if !made.conflicts.is_empty() {
            p.lead { "Sources that disagree" }
            ul { @for conflict in &made.conflicts { li { (text(conflict)) } } }
        }
    };
    frame::section(level, "How it was made", &body)
}

/// Ingredients as a tree, parents before what they were made from.
fn tree(ingredients: &[IngredientLine]) -> Markup {
    let items: Vec<Markup> = ingredients.iter().map(ingredient).collect();
    folded(&items, "ingredients")
}

fn ingredient(line: &IngredientLine) -> Markup {
    let kind = match line.relationship.raw() {
        "parentOf" => "the picture it was made from".to_owned(),
        "componentOf" => "placed in it".to_owned(),
        "inputTo" => "input".to_owned(),
        _ => value(&line.relationship),
    };
    // The style sheet has a class for each of the first depths; deeper ones share the last.
    let depth = format!("item depth{}", line.depth.min(8));
    html! {
        div class=(depth) {
            @match &line.title {
                Some(title) => bdi { (value(title)) },
                None => "(no title)",
            }
            " " span.soft { "- " (kind) }
            @if let Some(manifest) = &line.manifest { span.code { (value(manifest)) } }
            @if !line.actions.is_empty() { " " span { (text(&shared::actions(&line.actions))) } }
            @if let Some(name) = &line.signed_by { " " span.soft { "signed in the name of " bdi { (value(name)) } } }
            @if !line.faults.is_empty() { span.fault { "faults: " (text(&shared::list(&line.faults))) } }
        }
    }
}

/// The first few open, the others folded away, and how many were left out.
fn folded(items: &[Markup], what: &str) -> Markup {
    let (open, rest) = items.split_at(items.len().min(OPEN_MAX));
    let shown = rest.len().min(LISTED_MAX);
    html! {
        ol.steps { @for item in open { li { (item) } } }
        @if !rest.is_empty() {
            details {
                summary { (rest.len()) " more " (what) }
                ol.steps start=(OPEN_MAX + 1) { @for item in rest.iter().take(shown) { li { (item) } } }
                @if rest.len() > shown { p { (rest.len() - shown) " more are not listed: byline inspect shows them." } }
            }
        }
    }
}

/// What generators wrote: claims, and no proof. A prompt is shown when it is asked for.
pub(super) fn generators(level: Level, claims: &[GeneratorClaim]) -> Markup {
    // A bare source type is said above already.
    let claims: Vec<&GeneratorClaim> = claims.iter().filter(|claim| says_more(claim)).collect();
    if claims.is_empty() {
        return Markup::default();
    }
    let body = html! {
        p { "Unsigned text in the file. Anybody can write it, so it is a claim and no proof." }
        @for claim in claims.iter().take(OPEN_MAX) { (generator(claim)) }
        @if claims.len() > OPEN_MAX { p { (claims.len() - OPEN_MAX) " more: byline inspect shows them." } }
    };
    frame::section(level, "What a generator wrote", &body)
}

fn says_more(claim: &GeneratorClaim) -> bool {
    claim.tool.is_some()
        || claim.label.is_some()
        || claim.settings.prompt.is_some()
        || !parameters(&claim.settings).is_empty()
}

fn generator(claim: &GeneratorClaim) -> Markup {
    let settings = &claim.settings;
    let tool: Vec<String> = [&claim.tool, &claim.tool_version]
        .into_iter()
        .flatten()
        .map(value)
        .collect();
    let mut rows = vec![("Found in", text(&claim.found_in))];
    if !tool.is_empty() {
        rows.push(("Tool", tool.join(" ")));
    }
    if let Some(family) = &claim.family {
        let words = format!("{} ({}: {})", family.family, family.basis, value(&family.word));
        rows.push(("Algorithm family", text(&words)));
    }
    rows.extend(parameters(settings));
    let prompts = [
        ("Prompt", &settings.prompt),
        ("Negative prompt", &settings.negative_prompt),
    ];
    html! {
        (frame::facts(&rows))
        @for (name, prompt) in prompts {
            @if let Some(prompt) = prompt {
                details { summary { (name) } pre { (escape::cut(prompt, PROMPT_CHARS)) } }
            }
        }
        @if !claim.remarks.is_empty() { ul { @for remark in &claim.remarks { li { (text(remark)) } } } }
    }
}

fn parameters(settings: &GeneratorSettings) -> Vec<(&'static str, String)> {
    let one = |name, found: &Option<Untrusted>| found.as_ref().map(|found| (name, value(found)));
    let mut rows: Vec<(&'static str, String)> = [
        one("Model", &settings.model),
        one("Model hash", &settings.model_hash),
        one("Seed", &settings.seed),
        one("Steps", &settings.steps),
        one("Sampler", &settings.sampler),
        one("Scheduler", &settings.scheduler),
        one("Guidance scale", &settings.cfg_scale),
    ]
    .into_iter()
    .flatten()
    .collect();
    let loras: Vec<String> = settings
        .loras
        .iter()
        .take(20)
        .map(|lora| value(&lora.name))
        .collect();
    if !loras.is_empty() {
        rows.push(("LoRAs", loras.join(", ")));
    }
    rows
}
