//! A word on the making that no single statement says: it is worked out from several, and told with them and who makes them.

use super::made::contradict;
use super::origin::{self, Teller};
use crate::base::{Authorship, SourceType};
use crate::manifest::ManifestFacts;

/// Who says how a picture came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A manifest: its signer, of the whole or of a step, or what the picture was made from.
    Manifest(Teller),
    /// An entry of the ledger.
    Entry(u64),
    /// The file's metadata.
    Metadata,
    /// A generator's text in the file.
    Generator,
}

/// One statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) who: Who,
    pub(super) term: SourceType,
}

impl Heard {
    const fn is_the_signers(&self) -> bool {
        matches!(self.who, Who::Manifest(Teller::Signer | Teller::Step))
    }

    /// Whether the manifest of a picture that this one was made from says it.
    const fn is_before(&self) -> bool {
        matches!(self.who, Who::Manifest(Teller::Before))
    }

    /// Whether a manifest says it.
    pub(super) const fn is_of_manifest(&self) -> bool {
        matches!(self.who, Who::Manifest(_))
    }

    fn words(&self, signer: &str) -> String {
        let term = self.term.term();
        match self.who {
            Who::Manifest(Teller::Signer) => format!("{signer} says {term}"),
            Who::Manifest(Teller::Step) => format!("{signer} says {term} of a step"),
            Who::Manifest(Teller::Before) => format!("{BEFORE} says {term}"),
            Who::Entry(index) => format!("entry {index} of the ledger says {term}"),
            Who::Metadata => format!("the file's metadata says {term}"),
            Who::Generator => format!("generator text in the file says {term}"),
        }
    }
}

/// Everything that is said: signed, then recorded, then declared, then implied.
pub(super) fn heard(
    facts: Option<&ManifestFacts>,
    entries: impl Iterator<Item = (u64, SourceType)>,
    [declared, implied]: [Option<SourceType>; 2],
) -> Vec<Heard> {
    let one = |who| move |term| Heard { who, term };
    let of_manifest = facts.map(origin::told).unwrap_or_default().into_iter();
    of_manifest
        .map(|(teller, term)| one(Who::Manifest(teller))(term))
        .chain(entries.map(|(index, term)| one(Who::Entry(index))(term)))
        .chain(declared.map(one(Who::Metadata)))
        .chain(implied.map(one(Who::Generator)))
        .collect()
}

/// The statements that a word follows from; nothing where one alone says it.
///
/// `is_signed` says whether the word rests on the manifest.
pub(super) fn from(heard: &[Heard], term: SourceType, class: Authorship, is_signed: bool) -> Vec<Heard> {
    let first = |is: &dyn Fn(&Heard) -> bool| heard.iter().copied().find(|one| is(one));
    let is_weighed = class == Authorship::MaybeAi && term.authorship() != Authorship::MaybeAi;
    let is_own = first(&|one| one.is_the_signers() && one.term == term).is_some();
    if !is_weighed && (is_own || !is_signed) {
        return Vec::new();
    }
    let model = first(&|one| one.term.is_ai());
    let picks = match first(&|one| one.term == term) {
        Some(one) if is_weighed => [Some(one), model],
        Some(one) => [first(&Heard::is_the_signers), Some(one)],
        None => [first(&|one| !one.term.is_ai()), model],
    };
    let mut picks: Vec<Heard> = picks.into_iter().flatten().collect();
    picks.dedup();
    picks
}

/// The statements in a sentence; `signer` names who signed, as far as they are known.
pub(super) fn sentence(picks: &[Heard], signer: &str) -> String {
    let mut words: Vec<String> = picks.iter().map(|one| one.words(signer)).collect();
    // What a picture was made from says nothing by itself: somebody put that manifest into this one.
    if picks.iter().all(Heard::is_before) {
        words.push(format!("{} took that in", signer.trim_end_matches(',')));
    }
    format!("worked out from: {}", words.join("; "))
}

/// Each source against the next: two that cannot both be true. What a manifest says stands there in its own words, and where the signer
/// says what the other source does, that it was made from another picture is told once.
pub(super) fn conflicts(
    heard: &[Heard],
    [signed, of_ledger, declared, implied]: [Option<SourceType>; 4],
    parent_is_told: bool,
) -> Vec<String> {
    let stated = [
        signed.map(|term| (None, term)),
        of_ledger.map(|term| (Some("the ledger"), term)),
        declared.map(|term| (Some("the file's metadata"), term)),
        implied.map(|term| (Some("generator text in the file"), term)),
    ];
    let stated: Vec<_> = stated.into_iter().flatten().collect();
    let mut told: Vec<[SourceType; 2]> = Vec::new();
    let pairs = stated.windows(2).filter_map(|pair| {
        let [(name, term), (other_name, other)] = *pair else {
            return None;
        };
        let is_told = parent_is_told && name.is_none() && is_the_signers(heard, other);
        if is_told || !contradict(term, other) {
            return None;
        }
        let (name, term) = match name {
            Some(name) => (name, term),
            None => against(heard, term, other),
        };
        let other_name = other_name?;
        // A third source on the side of the first says nothing new.
        let is_new = !told.contains(&[term, other]) && !told.contains(&[other, term]);
        told.push([term, other]);
        is_new.then(|| format!("{name} says {}, {other_name} says {}", term.term(), other.term()))
    });
    pairs.collect()
}

/// What of a manifest contradicts another source: its own word, else that of what the picture was made from.
fn against(heard: &[Heard], signed: SourceType, other: SourceType) -> (&'static str, SourceType) {
    let mut manifests = heard.iter().filter(|one| one.is_of_manifest());
    let is_own = heard.iter().any(|one| one.is_the_signers() && one.term == signed);
    let found = manifests.find(|one| !is_own && contradict(one.term, other));
    match found {
        Some(one) if one.is_the_signers() => (MANIFEST, one.term),
        Some(one) => (BEFORE, one.term),
        None => (MANIFEST, signed),
    }
}

/// Whether the signer says this.
fn is_the_signers(heard: &[Heard], term: SourceType) -> bool {
    heard.iter().any(|one| one.is_the_signers() && one.term == term)
}

const BEFORE: &str = "what it was made from";
const MANIFEST: &str = "the signed manifest";

#[cfg(test)]
mod tests {
    use super::*;
    use SourceType::{
        CompositeWithTrainedAlgorithmicMedia as Mixed, DigitalCapture as Photo, DigitalCreation as Drawn,
        HumanEdits as Edits, TrainedAlgorithmicMedia as Ai,
    };

    const SIGNER: Who = Who::Manifest(Teller::Signer);
    const STEP: Who = Who::Manifest(Teller::Step);
    const PARENT: Who = Who::Manifest(Teller::Before);

    fn told(said: &[(Who, SourceType)], term: SourceType, class: Authorship) -> Option<String> {
        let heard: Vec<Heard> = said.iter().map(|&(who, term)| Heard { who, term }).collect();
        let picks = from(&heard, term, class, true);
        (!picks.is_empty()).then(|| sentence(&picks, "a signer you know"))
    }

    #[test]
    fn what_one_statement_says_is_told_in_its_name_alone() {
        let said = [(SIGNER, Drawn), (Who::Metadata, Drawn)];
        assert_eq!(told(&said, Drawn, Authorship::Human), None);
        assert_eq!(
            told(&[(SIGNER, Mixed), (PARENT, Ai)], Mixed, Authorship::AiMixed),
            None
        );
    }

    /// A human-signed picture of a model's was once "partly made by a model (says a signer you know)".
    #[test]
    fn a_word_that_nobody_says_is_told_with_the_words_it_follows_from() {
        assert_eq!(
            told(&[(SIGNER, Drawn), (PARENT, Ai)], Mixed, Authorship::AiMixed).unwrap(),
            "worked out from: a signer you know says digitalCreation; what it was made from says trainedAlgorithmicMedia"
        );
        assert_eq!(
            told(&[(STEP, Ai), (PARENT, Photo)], Mixed, Authorship::AiMixed).unwrap(),
            "worked out from: what it was made from says digitalCapture; a signer you know says trainedAlgorithmicMedia of a step"
        );
        assert_eq!(
            told(&[(PARENT, Ai)], Ai, Authorship::Ai).unwrap(),
            "worked out from: what it was made from says trainedAlgorithmicMedia; a signer you know took that in"
        );
        assert_eq!(
            told(&[(STEP, Edits), (PARENT, Photo)], Photo, Authorship::Capture).unwrap(),
            "worked out from: a signer you know says humanEdits of a step; what it was made from says digitalCapture"
        );
        assert_eq!(
            told(
                &[(SIGNER, Drawn), (Who::Entry(7), Ai)],
                Drawn,
                Authorship::MaybeAi
            )
            .unwrap(),
            "worked out from: a signer you know says digitalCreation; entry 7 of the ledger says trainedAlgorithmicMedia"
        );
    }

    /// Three sources once made two lines of one disagreement, the second with its sides changed.
    #[test]
    fn one_pair_of_words_disagrees_once() {
        let (drawn, model) = (Some(Drawn), Some(Ai));
        let heard = [Heard {
            who: SIGNER,
            term: Drawn,
        }];
        assert_eq!(
            conflicts(&heard, [drawn, model, drawn, None], false),
            ["the signed manifest says digitalCreation, the ledger says trainedAlgorithmicMedia"]
        );
        assert_eq!(
            conflicts(&heard, [drawn, model, Some(Photo), None], false).len(),
            2
        );
        assert_eq!(conflicts(&heard, [drawn, None, drawn, None], false).len(), 0);
    }

    #[test]
    fn no_term_is_put_into_a_manifest_that_does_not_say_it() {
        let heard = |said: &[(Who, SourceType)]| -> Vec<Heard> {
            said.iter().map(|&(who, term)| Heard { who, term }).collect()
        };
        let said = heard(&[(SIGNER, Drawn), (PARENT, Ai), (Who::Metadata, Drawn)]);
        assert_eq!(against(&said, Mixed, Drawn), (BEFORE, Ai));
        let said = heard(&[(SIGNER, Mixed), (PARENT, Ai), (Who::Metadata, Drawn)]);
        assert_eq!(against(&said, Mixed, Drawn), (MANIFEST, Mixed));
        let said = heard(&[(SIGNER, Photo), (STEP, Ai), (Who::Metadata, Photo)]);
        assert_eq!(against(&said, Mixed, Photo), (MANIFEST, Ai));
    }
}
