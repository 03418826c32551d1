//! IPTC digital source types: how a picture came to be, in the words of the vocabulary, with friendly words beside them.
//!
//! Source: <https://cv.iptc.org/newscodes/digitalsourcetype/> (2024-09-17) and the C2PA terms of its specification 2.4.

use schemars::JsonSchema;
use serde::Serialize;

/// What a digital source type says of authorship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Authorship {
    /// Made by a trained model.
    Ai,
    /// Made partly by a trained model.
    AiMixed,
    /// Made by an algorithm without trained data, or driven by data.
    Algorithmic,
    /// Captured from life.
    Capture,
    /// Made or edited by a person.
    Human,
    /// May hold AI: a composite or a screen capture.
    MaybeAi,
    /// Nothing is said.
    Unknown,
}

macro_rules! source_types {
    ($($variant:ident, $term:literal, $code:literal, $class:ident, $doc:literal;)*) => {
        /// One term of the vocabulary. The codes stand in ledger entries and never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum SourceType {
            $(#[doc = $doc] $variant,)*
        }

        impl SourceType {
            /// Every term.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The bare term, `trainedAlgorithmicMedia`.
            #[must_use]
            pub const fn term(self) -> &'static str {
                match self { $(Self::$variant => $term,)* }
            }

            /// The number in ledger entries.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// What the term says of authorship (`metadata.md` 1.4, the rubrics of the conformance programme).
            #[must_use]
            pub const fn authorship(self) -> Authorship {
                match self { $(Self::$variant => Authorship::$class,)* }
            }
        }
    };
}

source_types! {
    AlgorithmicallyEnhanced, "algorithmicallyEnhanced", 1, Algorithmic, "Enhanced by an algorithm.";
    AlgorithmicMedia, "algorithmicMedia", 2, Algorithmic, "Made by an algorithm not based on trained data.";
    Composite, "composite", 3, MaybeAi, "A composite; the parts may be AI.";
    CompositeCapture, "compositeCapture", 4, Human, "A composite of captures only.";
    CompositeSynthetic, "compositeSynthetic", 5, AiMixed, "A composite with at least one generated part.";
    CompositeWithTrainedAlgorithmicMedia, "compositeWithTrainedAlgorithmicMedia", 6, AiMixed, "Edited with generative AI.";
    ComputationalCapture, "computationalCapture", 7, Capture, "Captured and computed from many frames, as phones do.";
    DataDrivenMedia, "dataDrivenMedia", 8, Algorithmic, "Drawn from data.";
    DigitalArt, "digitalArt", 9, MaybeAi, "Retired; may hold AI.";
    DigitalCapture, "digitalCapture", 10, Capture, "Captured from life by a digital device.";
    DigitalCreation, "digitalCreation", 11, Human, "Made by a person with non-generative tools.";
    Empty, "empty", 12, Unknown, "A blank canvas (C2PA).";
    HumanEdits, "humanEdits", 13, Human, "Edited by a person with non-generative tools.";
    MinorHumanEdits, "minorHumanEdits", 14, Human, "Retired; read as humanEdits.";
    NegativeFilm, "negativeFilm", 15, Capture, "Digitised from a negative.";
    PositiveFilm, "positiveFilm", 16, Capture, "Digitised from a positive.";
    Print, "print", 17, Capture, "Digitised from a print.";
    ScreenCapture, "screenCapture", 18, MaybeAi, "A capture of a screen.";
    SoftwareImage, "softwareImage", 19, MaybeAi, "Retired; made by software.";
    TrainedAlgorithmicData, "trainedAlgorithmicData", 20, Ai, "Data made by a trained model (C2PA).";
    TrainedAlgorithmicMedia, "trainedAlgorithmicMedia", 21, Ai, "Made by a trained model.";
    VirtualRecording, "virtualRecording", 22, MaybeAi, "Recorded from a virtual event.";
}

const IPTC: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";
const C2PA: &str = "http://c2pa.org/digitalsourcetype/";

/// The words for `--source`, each with its term.
pub const WORDS: [(&str, SourceType); 14] = [
    ("ai", SourceType::TrainedAlgorithmicMedia),
    ("ai-edited", SourceType::CompositeWithTrainedAlgorithmicMedia),
    ("ai-composite", SourceType::CompositeSynthetic),
    ("human", SourceType::DigitalCreation),
    ("human-edited", SourceType::HumanEdits),
    ("camera", SourceType::DigitalCapture),
    ("phone", SourceType::ComputationalCapture),
    ("scan", SourceType::Print),
    ("negative", SourceType::NegativeFilm),
    ("slide", SourceType::PositiveFilm),
    ("collage", SourceType::CompositeCapture),
    ("screenshot", SourceType::ScreenCapture),
    ("data", SourceType::DataDrivenMedia),
    ("algorithm", SourceType::AlgorithmicMedia),
];

impl SourceType {
    /// The full URI, the only form byline writes.
    #[must_use]
    pub fn uri(self) -> String {
        let base = match self {
            Self::Empty | Self::TrainedAlgorithmicData => C2PA,
            _ => IPTC,
        };
        format!("{base}{}", self.term())
    }

    /// The term of a number in a ledger entry.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.code() == code)
    }

    /// Reads what files hold: the full URI, its https variant, or the bare term; retired terms too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // What follows a `#` or `?` names no other term.
        let text = text.split(['#', '?']).next().unwrap_or_default();
        let text = text.trim().trim_end_matches('/');
        let term = text.rsplit_once('/').map_or(Some(text), |(base, term)| {
            let base = base.to_ascii_lowercase();
            let base = base.trim_start_matches("https://").trim_start_matches("http://");
            matches!(
                base,
                "cv.iptc.org/newscodes/digitalsourcetype" | "c2pa.org/digitalsourcetype"
            )
            .then_some(term)
        })?;
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.term().eq_ignore_ascii_case(term))
    }

    /// The term that took the place of a retired one.
    ///
    /// Source: the vocabulary, 2024-09-17, "retired" and "replaced by" of each term.
    #[must_use]
    pub const fn successor(self) -> Option<Self> {
        match self {
            Self::DigitalArt | Self::SoftwareImage => Some(Self::DigitalCreation),
            Self::MinorHumanEdits => Some(Self::HumanEdits),
            _ => None,
        }
    }

    /// Reads what people type for `--source`: a friendly word, a term or a URI.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find_map(|(known, term)| (*known == word).then_some(*term))
            .or_else(|| Self::parse(word))
    }

    /// Whether the term says that a trained model had a part in the picture.
    #[must_use]
    pub const fn is_ai(self) -> bool {
        matches!(self.authorship(), Authorship::Ai | Authorship::AiMixed)
    }

    /// Whether the term says that something existing was worked on.
    #[must_use]
    pub const fn is_edit(self) -> bool {
        matches!(
            self,
            Self::AlgorithmicallyEnhanced
                | Self::Composite
                | Self::CompositeCapture
                | Self::CompositeSynthetic
                | Self::CompositeWithTrainedAlgorithmicMedia
                | Self::HumanEdits
                | Self::MinorHumanEdits
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_term_has_a_successor_that_is_not() {
        let retired: Vec<_> = SourceType::ALL
            .iter()
            .filter_map(|term| term.successor())
            .collect();
        assert_eq!(retired.len(), 3);
        assert!(retired.iter().all(|term| term.successor().is_none()));
    }

    #[test]
    fn every_form_of_a_term_is_read() {
        for term in SourceType::ALL {
            assert_eq!(SourceType::parse(&term.uri()), Some(*term));
            assert_eq!(
                SourceType::parse(&term.uri().replace("http:", "https:")),
                Some(*term)
            );
            assert_eq!(SourceType::parse(term.term()), Some(*term));
            assert_eq!(SourceType::parse(&format!("{}#x", term.uri())), Some(*term));
            assert_eq!(SourceType::from_code(term.code()), Some(*term));
        }
        assert_eq!(
            SourceType::parse("http://example.org/trainedAlgorithmicMedia"),
            None
        );
    }
}
