//! What a creator states about a picture, as plain data: the same values go into EXIF and XMP, into the C2PA claim, and
//! (as codes and hashes only) into the ledger.

use super::{SourceType, Timestamp};

/// One creator's statement about one picture. Every field but the source type may be absent; absent is "not stated".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// How the picture came to be.
    pub source: SourceType,
    /// The person or organisation the statement names (`--by`): creator of human work, producer of generated work.
    pub by: Option<String>,
    /// What that person, or the signer where nobody is named, is to the picture.
    pub role: Option<Role>,
    /// Title of the work (`dc:title`).
    pub title: Option<String>,
    /// Description (`dc:description`).
    pub description: Option<String>,
    /// Credit line (`photoshop:Credit`).
    pub credit: Option<String>,
    /// Copyright notice (`dc:rights`, EXIF Copyright).
    pub copyright: Option<String>,
    /// Copyright owner (`plus:CopyrightOwner`).
    pub copyright_owner: Option<String>,
    /// Usage terms (`xmpRights:UsageTerms`).
    pub usage_terms: Option<String>,
    /// URL of the rights statement (`xmpRights:WebStatement`).
    pub web_statement: Option<String>,
    /// URL where a licence is had (`plus:LicensorURL`).
    pub licensor_url: Option<String>,
    /// Reservation of data mining and training.
    pub mining: Option<Mining>,
    /// The program that made or edited the picture (`xmp:CreatorTool`, EXIF Software).
    pub software: Option<String>,
    /// The AI system (`Iptc4xmpExt:AISystemUsed`).
    pub ai_system: Option<String>,
    /// Its version (`Iptc4xmpExt:AISystemVersionUsed`).
    pub ai_version: Option<String>,
    /// The model, where it has a name or identifier of its own.
    pub model: Option<String>,
    /// The algorithm family, where known.
    pub family: Option<Family>,
    /// The seed as the generator wrote it; seeds exceed 2^53, so text.
    pub seed: Option<String>,
    /// The prompt, only when the signer asked for its disclosure.
    pub prompt: Option<String>,
    /// Who wrote the prompt (`Iptc4xmpExt:AIPromptWriterName`); not the creator of the image, says IPTC.
    pub prompt_writer: Option<String>,
    /// When the picture was made, if stated.
    pub created: Option<Timestamp>,
    /// Identifiers given to the work and this file before signing.
    pub ids: Ids,
    /// Whether the signer knows every step the picture went through (`allActionsIncluded`).
    pub all_actions: bool,
}

impl Statement {
    /// Whether the words themselves say that the picture is under copyright (`xmpRights:Marked`): `Some(false)` where they give
    /// it to the public domain, `None` where they say neither. A notice of any other kind is not read.
    #[must_use]
    pub fn marked(&self) -> Option<bool> {
        let texts = [&self.web_statement, &self.usage_terms, &self.copyright];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.contains(PUBLIC_DOMAIN))
        {
            return Some(false);
        }
        let is_notice = self.copyright.as_ref().is_some_and(|text| {
            let text = text.trim_start().to_lowercase();
            ["(c)", "\u{a9}", "copyright "]
                .iter()
                .any(|mark| text.starts_with(mark))
        });
        (is_notice || self.copyright_owner.is_some() || self.reserves_all()).then_some(true)
    }

    /// Whether notice or terms say in so many words that all rights are reserved.
    #[must_use]
    pub fn reserves_all(&self) -> bool {
        let mut texts = [&self.copyright, &self.usage_terms].into_iter().flatten();
        texts.any(|text| text.to_lowercase().contains("all rights reserved"))
    }

    /// A statement that says no more than how the picture came to be.
    #[must_use]
    pub const fn of(source: SourceType, ids: Ids) -> Self {
        Self {
            source,
            by: None,
            role: None,
            title: None,
            description: None,
            credit: None,
            copyright: None,
            copyright_owner: None,
            usage_terms: None,
            web_statement: None,
            licensor_url: None,
            mining: None,
            software: None,
            ai_system: None,
            ai_version: None,
            model: None,
            family: None,
            seed: None,
            prompt: None,
            prompt_writer: None,
            created: None,
            ids,
            all_actions: false,
        }
    }
}

/// Part of the URLs of CC0 and of the Public Domain Mark.
const PUBLIC_DOMAIN: &str = "creativecommons.org/publicdomain/";

/// What the named person is to the picture (CAWG identity assertion 1.1, 8.1.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Claims human authorship.
    Creator,
    /// Edited an existing work.
    Editor,
    /// Had the work made; the default for generated pictures.
    Producer,
    /// Publishes the work.
    Publisher,
}

impl Role {
    /// The CAWG label, `cawg.creator`.
    #[must_use]
    pub const fn cawg(self) -> &'static str {
        match self {
            Self::Creator => "cawg.creator",
            Self::Editor => "cawg.editor",
            Self::Producer => "cawg.producer",
            Self::Publisher => "cawg.publisher",
        }
    }

    /// The bare word, `creator`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.cawg().trim_start_matches("cawg.")
    }

    /// The number in ledger entries.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Creator => 1,
            Self::Editor => 2,
            Self::Producer => 3,
            Self::Publisher => 4,
        }
    }

    /// The role of a number in a ledger entry.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Creator, Self::Editor, Self::Producer, Self::Publisher]
            .into_iter()
            .find(|role| role.code() == code)
    }
}

/// Reservation of text and data mining, as far as byline states it (CAWG training and data mining 1.1; PLUS LDF).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mining {
    /// All uses allowed.
    Allowed,
    /// No training of any model (`DMI-PROHIBITED-AIMLTRAINING`).
    NoTraining,
    /// No training of generative models (`DMI-PROHIBITED-GENAIMLTRAINING`).
    NoGenerativeTraining,
    /// No data mining at all (`DMI-PROHIBITED`).
    None,
}

impl Mining {
    /// The PLUS controlled value as a full URI.
    #[must_use]
    pub const fn plus_uri(self) -> &'static str {
        match self {
            Self::Allowed => "http://ns.useplus.org/ldf/vocab/DMI-ALLOWED",
            Self::NoTraining => "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING",
            Self::NoGenerativeTraining => "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING",
            Self::None => "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED",
        }
    }

    /// The four uses of `cawg.training-mining`, each with whether it is allowed; of a use that nobody spoke of, nothing: who
    /// reserves training gives no leave for the rest.
    #[must_use]
    pub const fn cawg_entries(self) -> [(&'static str, Option<bool>); 4] {
        let (yes, no) = (Some(true), Some(false));
        let (mining, inference, training, generative) = match self {
            Self::Allowed => (yes, yes, yes, yes),
            Self::NoTraining => (None, None, no, no),
            Self::NoGenerativeTraining => (None, None, None, no),
            Self::None => (no, no, no, no),
        };
        [
            ("cawg.data_mining", mining),
            ("cawg.ai_inference", inference),
            ("cawg.ai_training", training),
            ("cawg.ai_generative_training", generative),
        ]
    }

    /// The number in ledger entries.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Allowed => 1,
            Self::NoTraining => 2,
            Self::NoGenerativeTraining => 3,
            Self::None => 4,
        }
    }

    /// The reservation of a number in a ledger entry.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [
            Self::Allowed,
            Self::NoTraining,
            Self::NoGenerativeTraining,
            Self::None,
        ]
        .into_iter()
        .find(|mining| mining.code() == code)
    }
}

/// The algorithm family of a generator; stated or taken from a register of models, never measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Autoregressive model.
    Autoregressive,
    /// Diffusion or flow model.
    Diffusion,
    /// Generative adversarial network.
    Gan,
    /// Something else.
    Other,
    /// Variational autoencoder.
    Vae,
}

impl Family {
    /// Every family with its word and its number in ledger entries.
    pub const ALL: [(Self, &'static str, u8); 5] = [
        (Self::Diffusion, "diffusion", 1),
        (Self::Gan, "gan", 2),
        (Self::Vae, "vae", 3),
        (Self::Autoregressive, "autoregressive", 4),
        (Self::Other, "other", 5),
    ];

    /// The word for `--family` and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("other", |row| row.1)
    }

    /// The number in ledger entries.
    #[must_use]
    pub fn code(self) -> u8 {
        Self::ALL.iter().find(|row| row.0 == self).map_or(5, |row| row.2)
    }

    /// The family of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// The family of a number in a ledger entry.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.2 == code).map(|row| row.0)
    }
}

/// Identifiers that the file itself names, so they are given out before signing. Each is 16 random bytes (UUIDv4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// The work (`xmpMM:DocumentID` unless the file has one; `Iptc4xmpExt:DigImageGUID`; EXIF ImageUniqueID).
    pub document: [u8; 16],
    /// This rendition (`xmpMM:InstanceID`).
    pub instance: [u8; 16],
    /// The ledger's asset id (`Iptc4xmpExt:RegItemId`).
    pub registry: [u8; 16],
}

/// `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx` of 16 random bytes (RFC 9562, 5.4).
#[must_use]
pub fn uuid_text(random: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(random)
        .into_uuid()
        .hyphenated()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_claim_a_copyright_mark_one() {
        let ids = Ids {
            document: [0; 16],
            instance: [0; 16],
            registry: [0; 16],
        };
        let with = |notice: &str| Statement {
            copyright: Some(notice.to_owned()),
            ..Statement::of(SourceType::DigitalCreation, ids)
        };
        for notice in [
            "(c) 2026 Ada",
            "\u{a9} Ada",
            "Copyright 2026 Ada",
            "Ada. All rights reserved.",
        ] {
            assert_eq!(with(notice).marked(), Some(true), "{notice}");
        }
        for notice in [
            "Public domain, CC0 1.0",
            "no copyright is claimed",
            "copyrighted by nobody",
        ] {
            assert_eq!(with(notice).marked(), None, "{notice}");
            assert!(!with(notice).reserves_all(), "{notice}");
        }
        let free = with("see https://creativecommons.org/publicdomain/zero/1.0/");
        assert_eq!(free.marked(), Some(false));
        let mut owned = with("ask first");
        owned.copyright_owner = Some("Ada".to_owned());
        assert_eq!(owned.marked(), Some(true));
    }
}
