//! How the picture was made, as far as anybody says: signed statements before metadata, and "nothing found" is unknown.

use super::worked_out::{self, Heard};
use super::{origin, signals};
use crate::base::{Authorship, SourceType, Untrusted};
use crate::manifest::{ActionFacts, CAME_WITH, Chain, Code, IngredientFacts, ManifestFacts, TAKEN_OVER};
use crate::metadata::Metadata;
use crate::metadata::generator::Generated;
use crate::report::verify::{ActionLine, Basis, LedgerHit, Made, MatchedBy, ResultWord};

/// What is known about the making: the manifest only if its bytes hold, then the ledger, then the file's own words.
pub(super) fn made(
    facts: Option<&ManifestFacts>,
    word: ResultWord,
    hits: &[LedgerHit],
    unsigned: Option<(&Metadata, &Generated)>,
) -> Made {
    let unread = facts.is_some_and(|facts| facts.active.unread);
    let holds = !matches!(word, ResultWord::Changed | ResultWord::Unreadable);
    let facts = facts.filter(|_| holds);
    let signed = facts.and_then(origin::signed_type);
    let entries = recorded(hits);
    // Somebody you know before others, the entry about this very file before those of the same pixels, then the earliest.
    let of_ledger = entries
        .iter()
        .min_by_key(|one| (!one.known, one.matched, one.index));
    let of_ledger = of_ledger.map(|one| (one.term, one.known));
    let declared = unsigned.and_then(|(metadata, _)| Some(metadata.source_type()?.0));
    let implied = unsigned.and_then(|(_, generated)| Some(generated.source_type()?.0));
    let (term, basis) = weigh(signed, of_ledger, word).unwrap_or_else(|| of_unsigned(declared, implied));
    let recorded = entries.iter().map(|one| (one.index, one.term));
    let heard = worked_out::heard(facts, recorded, [declared, implied]);
    let stated = [signed, of_ledger.map(|(term, _)| term), declared, implied];
    let (mut conflicts, doubt) = disagreements(facts, &heard, stated, &entries);
    let elsewhere = heard.iter().filter(|one| !one.is_of_manifest());
    let said: Vec<SourceType> = signed.into_iter().chain(elsewhere.map(|one| one.term)).collect();
    let from_broken = facts.is_some_and(made_from_broken);
    let edit_of_unknown = term.is_some_and(is_human_edit) && (from_broken || !names_an_origin(facts, &said));
    let authorship = match classify(term, &said) {
        Authorship::Human if edit_of_unknown => Authorship::Unknown,
        class => class,
    };
    conflicts.extend(aside(facts, signed, unsigned));
    let is_signed = matches!(basis, Basis::SignedTrusted | Basis::SignedUnknown);
    let worked_out = term.map(|term| worked_out::from(&heard, term, authorship, is_signed));
    let voice = Voice::of(facts, basis, doubt, worked_out.unwrap_or_default());
    let edited_capture = signed == term && facts.is_some_and(origin::is_edited_by_a_person);
    let (tool, model) = named(facts, unsigned);
    let nothing = why_unknown(unread, word, unsigned).filter(|_| basis == Basis::Nothing);
    let actions = facts
        .map(|facts| actions(&facts.active.actions))
        .unwrap_or_default();
    let earlier = facts.map(origin::earlier).unwrap_or_default();
    let has_steps = !actions.is_empty() || earlier.iter().any(|one| !one.actions.is_empty());
    Made {
        authorship,
        words: match (authorship, nothing) {
            (Authorship::Unknown, Some(why)) => why.to_owned(),
            (Authorship::Unknown, None) if edit_of_unknown => told(EDIT_OF_UNKNOWN, &voice),
            (Authorship::Unknown, None) if has_steps => UNSAID.to_owned(),
            (Authorship::Capture, _) if edited_capture => told(EDITED_CAPTURE, &voice),
            _ => words(authorship, term, &voice),
        },
        from_metadata: voice.taken.is_some(),
        from_broken,
        unread,
        source_type: term
            .filter(|term| signed != Some(*term) || stated_by(facts, *term))
            .map(SourceType::uri),
        basis,
        tool,
        model,
        actions,
        earlier,
        signals: facts.map(signals::signals).unwrap_or_default(),
        conflicts,
    }
}

/// Where sources disagree, and what that takes from what they say.
fn disagreements(
    facts: Option<&ManifestFacts>,
    heard: &[Heard],
    stated: [Option<SourceType>; 4],
    entries: &[Recorded],
) -> (Vec<String>, Doubt) {
    let against_parent = facts.and_then(origin::against_parent);
    let mut all = worked_out::conflicts(heard, stated, against_parent.is_some());
    all.extend(against_parent);
    let among_entries = contradicting(entries);
    let is_among_entries = among_entries.is_some();
    all.extend(among_entries);
    let doubt = Doubt::of(&all, is_among_entries);
    (all, doubt)
}

/// What else does not fit. A wrong clock says nothing against how the picture was made, nor does the name of whoever says so.
fn aside(
    facts: Option<&ManifestFacts>,
    signed: Option<SourceType>,
    unsigned: Option<(&Metadata, &Generated)>,
) -> Vec<String> {
    let Some(facts) = facts else { return Vec::new() };
    let clock = unsigned.and_then(|(metadata, _)| signals::made_after_signing(facts, metadata));
    let creator = origin::creator_of_a_models(facts, signed);
    clock.into_iter().chain(creator).collect()
}

/// Why nothing is known, where something was there to say it.
fn why_unknown(
    unread: bool,
    word: ResultWord,
    unsigned: Option<(&Metadata, &Generated)>,
) -> Option<&'static str> {
    let attached = unsigned.is_some_and(|(_, generated)| generated.has_attached_graph());
    match word {
        _ if unread => Some(UNREAD),
        ResultWord::Changed => Some(PASSED_OVER),
        _ if attached => Some(ATTACHED),
        _ if unsigned.is_some_and(|(_, generated)| generated.has_unsure_label()) => Some(UNSURE),
        _ => None,
    }
}

/// What counts of what is signed and of what the ledger says, somebody you know before others.
const fn weigh(
    signed: Option<SourceType>,
    of_ledger: Option<(SourceType, bool)>,
    word: ResultWord,
) -> Option<(Option<SourceType>, Basis)> {
    Some(match (signed, of_ledger) {
        (Some(term), _) if matches!(word, ResultWord::Trusted) => (Some(term), Basis::SignedTrusted),
        (_, Some((term, true))) => (Some(term), Basis::LedgerTrusted),
        (Some(term), _) => (Some(term), Basis::SignedUnknown),
        (None, Some((term, false))) => (Some(term), Basis::LedgerUnknown),
        (None, None) => return None,
    })
}

/// What the file says of itself without a signature: its declaration, else what a generator's text implies, which anybody may
/// write and most do not know is there.
const fn of_unsigned(
    declared: Option<SourceType>,
    implied: Option<SourceType>,
) -> (Option<SourceType>, Basis) {
    match (declared, implied) {
        (Some(_), _) => (declared, Basis::Declared),
        (None, Some(_)) => (implied, Basis::GeneratorText),
        (None, None) => (None, Basis::Nothing),
    }
}

/// From where the signer recorded to have taken how the picture was made, where it is not the signer's own word.
fn taken_from(facts: &ManifestFacts) -> Option<&'static str> {
    let said = facts
        .active
        .actions
        .iter()
        .filter_map(|action| action.description.as_ref());
    let mut places = said.filter_map(|text| text.raw().strip_prefix(TAKEN_OVER));
    let place = places.next()?;
    Some(if place.contains(CAME_WITH) {
        CAME_WITH
    } else {
        "the file's metadata"
    })
}

/// Whether a signer recorded that a picture this one was made from was not what had been signed.
fn made_from_broken(facts: &ManifestFacts) -> bool {
    let mut recorded = facts.ingredient_faults.iter().filter(|fault| fault.recorded);
    recorded.any(|fault| {
        !matches!(
            fault.code,
            Code::SigningCredentialExpired | Code::SigningCredentialInvalid
        )
    })
}

pub(super) const fn is_human_edit(term: SourceType) -> bool {
    matches!(term, SourceType::HumanEdits | SourceType::MinorHumanEdits)
}

/// Whether a term says how a picture came to be, rather than what was done to one.
fn is_origin(term: SourceType) -> bool {
    !term.is_edit() && term.authorship() != Authorship::Unknown
}

/// Whether anybody, signed or not, says how the picture came to be.
fn names_an_origin(facts: Option<&ManifestFacts>, said: &[SourceType]) -> bool {
    let of_facts = facts.into_iter().flat_map(origin::all_types);
    said.iter().copied().chain(of_facts).any(is_origin)
}

/// Whether a term stands in the manifest or in one of its ingredients; what several come to may stand in none.
fn stated_by(facts: Option<&ManifestFacts>, term: SourceType) -> bool {
    facts.is_some_and(|facts| origin::all_types(facts).contains(&term))
}

/// Said where steps are told, and none of them says who or what took them.
const UNSAID: &str = "not said whether a person or a model made it";
/// Said where there are statements, and nobody could read them.
const UNREAD: &str = "unknown: what the manifest states cannot be read";
/// Said where a manifest does not fit the file, and nothing else says how that was made.
const PASSED_OVER: &str =
    "unknown: the credentials do not fit this file, so what they say of it does not count";
/// Said of China's label with the numbers 2 and 3.
const UNSURE: &str = "unknown: a label in the file (AIGC), unsigned, says that it may be AI-generated";
/// Said where a generator's graph came with the picture, and nothing ties the two.
const ATTACHED: &str =
    "unknown: a generator's graph is attached, and nothing tells that it made this picture";
/// Said of an edit whose original is of unknown making, or not what it was signed as (`metadata.md` 7.3, rule 10).
const EDIT_OF_UNKNOWN: &str = "edited by a person; how the original was made: unknown";

/// Said of a photograph that a person worked on.
const EDITED_CAPTURE: &str = "captured from life, then edited by a person";

/// What one entry of the ledger says of these pixels.
struct Recorded {
    index: u64,
    matched: MatchedBy,
    term: SourceType,
    /// Whether you know who recorded it.
    known: bool,
}

/// What the ledger's entries about the picture say, earliest first.
fn recorded(hits: &[LedgerHit]) -> Vec<Recorded> {
    hits.iter()
        .filter(|hit| hit.proven && hit.suspect.is_none() && hit.is_about_the_picture())
        .filter_map(|hit| {
            Some(Recorded {
                index: hit.index,
                matched: hit.matched,
                term: SourceType::parse(&hit.source_type)?,
                known: hit.known_as.is_some(),
            })
        })
        .collect()
}

/// A human claim beside an AI marker anywhere is not "human" (`metadata.md` 7.3, rule 3).
fn classify(term: Option<SourceType>, said: &[SourceType]) -> Authorship {
    let Some(term) = term else {
        return Authorship::Unknown;
    };
    match term.authorship() {
        Authorship::Capture | Authorship::Human if said.iter().any(|term| term.is_ai()) => {
            Authorship::MaybeAi
        }
        class => class,
    }
}

/// The first entry against the first that contradicts it. An edit registered later is history and no contradiction.
fn contradicting(entries: &[Recorded]) -> Option<String> {
    let firsts = entries.iter().filter(|one| !one.term.is_edit());
    let mut pairs = firsts.clone().enumerate().filter_map(|(place, one)| {
        let other = firsts
            .clone()
            .skip(place)
            .find(|other| contradict(one.term, other.term))?;
        Some(format!(
            "entry {} of the ledger says {}, entry {} says {}",
            one.index,
            one.term.term(),
            other.index,
            other.term.term()
        ))
    });
    pairs.next()
}

/// Whether two terms cannot both be true of one picture: a model had a part in it or not; it was captured, drawn or computed.
/// What a person did to a picture says nothing of how it came to be.
pub(in crate::app) fn contradict(a: SourceType, b: SourceType) -> bool {
    if is_human_edit(a) || is_human_edit(b) {
        return false;
    }
    let decided = |term: SourceType| {
        !term.is_edit()
            && matches!(
                term.authorship(),
                Authorship::Algorithmic | Authorship::Capture | Authorship::Human
            )
    };
    a.is_ai() != b.is_ai() || decided(a) && decided(b) && a.authorship() != b.authorship()
}

/// What lessens a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// The ledger's entries contradict each other.
    Entries,
    /// Nothing.
    None,
    /// Sources contradict each other.
    Sources,
}

impl Doubt {
    fn of(conflicts: &[String], among_entries: bool) -> Self {
        match (conflicts.is_empty(), among_entries) {
            (_, true) => Self::Entries,
            (true, false) => Self::None,
            (false, false) => Self::Sources,
        }
    }
}

/// Who makes a statement, and how.
struct Voice {
    basis: Basis,
    /// From where a signer took what is said, who does no more than pass it on.
    taken: Option<&'static str>,
    /// Whether the signer is on a list of others, and not somebody you know.
    listed: bool,
    /// Whether somebody you know, or a list, vouches for the signer.
    known: bool,
    doubt: Doubt,
    /// The statements that it is worked out from, where no single one says it.
    worked_out: Vec<Heard>,
}

impl Voice {
    fn of(facts: Option<&ManifestFacts>, basis: Basis, doubt: Doubt, worked_out: Vec<Heard>) -> Self {
        Self {
            basis,
            taken: facts.and_then(taken_from),
            listed: facts.is_some_and(|facts| matches!(facts.chain, Chain::Listed { .. })),
            known: facts.is_some_and(|facts| facts.chain.is_anchored()),
            doubt,
            worked_out,
        }
    }

    /// Who signed, where that is one voice of several.
    fn signer(&self) -> String {
        let signer = match self.basis {
            Basis::SignedTrusted if self.listed => "a signer on a trust list",
            Basis::SignedTrusted => "a signer you know",
            _ if self.known => "the signer, who is not confirmed,",
            _ => "the signer, whom you do not know,",
        };
        match self.taken {
            Some(place) => format!("{place}, which {} took over,", signer.trim_end_matches(',')),
            None => signer.to_owned(),
        }
    }
}

fn words(authorship: Authorship, term: Option<SourceType>, voice: &Voice) -> String {
    let class = match authorship {
        Authorship::Ai => "AI-generated",
        Authorship::AiMixed => "AI-edited: partly made by a model",
        Authorship::Algorithmic => "made by an algorithm, not by a trained model",
        Authorship::Capture => digitised(term).unwrap_or("captured from life"),
        Authorship::Human => "made by a person, without generative AI",
        Authorship::MaybeAi if voice.doubt != Doubt::None => "made by a person or by a model",
        Authorship::MaybeAi => unsaid(term),
        Authorship::Unknown => return "unknown: nothing is said about how it was made".to_owned(),
    };
    told(class, voice)
}

/// What was put before the device, where that is what the term says.
const fn digitised(term: Option<SourceType>) -> Option<&'static str> {
    match term {
        Some(SourceType::NegativeFilm) => Some("digitised from a negative"),
        Some(SourceType::PositiveFilm) => Some("digitised from a slide"),
        Some(SourceType::Print) => Some("digitised from something on paper or the like"),
        _ => None,
    }
}

/// A term that leaves open whether a model had a part: no word of AI is put into anybody's mouth.
const fn unsaid(term: Option<SourceType>) -> &'static str {
    match term {
        Some(SourceType::Composite) => {
            "put together from several pictures; whether a model made any is not said"
        }
        Some(SourceType::ScreenCapture) => "captured from a screen; how what it shows was made is not said",
        Some(SourceType::VirtualRecording) => {
            "recorded from a virtual event; how what it shows was made is not said"
        }
        _ => "made with software; whether by a model is not said",
    }
}

/// A statement with who makes it, and what lessens it.
fn told(class: &str, voice: &Voice) -> String {
    let who = if voice.worked_out.is_empty() {
        says(voice)
    } else {
        worked_out::sentence(&voice.worked_out, &voice.signer())
    };
    match voice.doubt {
        Doubt::None => format!("{class} ({who})"),
        Doubt::Entries => format!("{class} ({who}; the entries contradict each other)"),
        Doubt::Sources => format!("{class} ({who}; the sources contradict each other)"),
    }
}

/// The one who makes a statement.
fn says(voice: &Voice) -> String {
    if let Some(place) = voice.taken {
        let by = match voice.basis {
            Basis::SignedTrusted if voice.listed => "a signer on a trust list took it over",
            Basis::SignedTrusted => "a signer you know took it over",
            Basis::SignedUnknown if voice.known => {
                "the signer took it over; that it was that signer is not confirmed"
            }
            Basis::SignedUnknown => "the signer, whom you do not know, took it over",
            _ => "",
        };
        if !by.is_empty() {
            return format!("says {place}, and {by}");
        }
    }
    let who = match voice.basis {
        Basis::SignedTrusted if voice.listed => "says a signer on a trust list",
        Basis::SignedTrusted => "says a signer you know",
        Basis::SignedUnknown if voice.known => "says the signer; that it was that signer is not confirmed",
        Basis::SignedUnknown => "says the signer, whom you do not know",
        Basis::LedgerTrusted => "says a ledger entry by somebody you know",
        Basis::LedgerUnknown => "says a ledger entry by a key you do not know",
        Basis::Declared => "says the file's metadata, unsigned",
        Basis::GeneratorText => "says a generator's text in the file, unsigned",
        Basis::Nothing => "",
    };
    who.to_owned()
}

/// Tool and model: what the signed manifest names of either, and only where it names neither what the file says of itself.
fn named(
    facts: Option<&ManifestFacts>,
    unsigned: Option<(&Metadata, &Generated)>,
) -> (Option<Untrusted>, Option<Untrusted>) {
    match (facts.and_then(tool), facts.and_then(model)) {
        (None, None) => {
            let declared = unsigned.and_then(|(metadata, generated)| declared_tool(metadata, generated));
            (declared, None)
        }
        signed => signed,
    }
}

/// The model of the disclosure, else the first that the picture itself was made with.
fn model(facts: &ManifestFacts) -> Option<Untrusted> {
    let is_model = |one: &&IngredientFacts| {
        let mut kinds = one.data_types.iter();
        one.depth == 0
            && one.relationship == "inputTo"
            && kinds.any(|kind| kind.raw().starts_with("c2pa.types.model"))
    };
    let titles = facts.ingredients.iter().filter(is_model);
    let mut titles = titles.filter_map(|one| one.title.as_ref());
    let input = move || titles.find(|title| !title.raw().trim().is_empty());
    facts.active.model.as_ref().or_else(input).cloned()
}

fn tool(facts: &ManifestFacts) -> Option<Untrusted> {
    // byline writes and signs claims; it makes no picture.
    let made = |(name, _): &&(Untrusted, Option<Untrusted>)| name.raw() != "byline";
    let agent = facts
        .active
        .actions
        .iter()
        .filter_map(|action| action.software_agent.as_ref())
        .find(made);
    let (name, version) = agent.or_else(|| facts.active.generators.first().filter(made))?;
    Some(match version {
        Some(version) => Untrusted::new(format!("{} {}", name.raw(), version.raw())),
        None => name.clone(),
    })
}

fn declared_tool(metadata: &Metadata, generated: &Generated) -> Option<Untrusted> {
    let first = |names: &[&str]| names.iter().find_map(|name| metadata.first(name).cloned());
    first(&["Iptc4xmpExt:AISystemUsed"])
        .or_else(|| named_by(generated))
        .or_else(|| first(&["Exif:Software", "xmp:CreatorTool"]))
}

/// Tool, version and model of the text that says how the picture came to be.
fn named_by(generated: &Generated) -> Option<Untrusted> {
    let (_, record) = generated.source_type()?;
    let tool = [&record.tool, &record.tool_version].into_iter().flatten();
    let tool: Vec<&str> = tool.map(Untrusted::raw).collect();
    let model = record
        .settings
        .model
        .as_ref()
        .map(|model| format!("model {}", model.raw()));
    let words: Vec<String> = (!tool.is_empty())
        .then(|| tool.join(" "))
        .into_iter()
        .chain(model)
        .collect();
    (!words.is_empty()).then(|| Untrusted::new(words.join(", ")))
}

/// Actions as lines.
pub(crate) fn actions(actions: &[ActionFacts]) -> Vec<ActionLine> {
    actions
        .iter()
        .map(|action| ActionLine {
            action: action.action.clone(),
            source_type: action.source_type.clone(),
            software: action.software_agent.as_ref().map(|(name, _)| name.clone()),
        })
        .collect()
}

#[cfg(test)]
#[path = "made_tests.rs"]
mod tests;
