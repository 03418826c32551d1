//! What looks like a picture in a ledger, how unusual that is, and what was recorded of it. A likeness is never an identity: only
//! a hash or a signature shows that two files are the same picture.

use schemars::JsonSchema;
use serde::Serialize;

use super::verify::{FourQuestions, LedgerAnswer, ResultWord, Signer};
use super::{Check, Ending, Outcome};
use crate::base::{Authorship, Untrusted};

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum FindWord {
    /// This file, its content or its pixels are registered.
    #[serde(rename = "REGISTERED")]
    Registered,
    /// A registered picture looks like it.
    #[serde(rename = "LOOKS LIKE")]
    LooksLike,
    /// Nothing registered looks like it.
    #[serde(rename = "NOTHING LIKE IT")]
    NothingLikeIt,
    /// Its looks could not be searched.
    #[serde(rename = "NOT SEARCHED")]
    NotSearched,
}

impl FindWord {
    /// The word as printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registered => "REGISTERED",
            Self::LooksLike => "LOOKS LIKE",
            Self::NothingLikeIt => "NOTHING LIKE IT",
            Self::NotSearched => "NOT SEARCHED",
        }
    }
}

/// What a distance says (similar.md 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NearWord {
    /// At most 31 of 256 details differ.
    SamePicture,
    /// At most 48: an edited copy, or a picture made with nearly the same settings.
    EditedCopy,
    /// At most 64.
    CloseRelative,
    /// At most 76.
    UnusualLikeness,
    /// More: as unrelated pictures are.
    None,
    /// Many points of both look alike and agree on how one lies over the other, whatever the whole looks like.
    AgreeingPoints,
}

/// How two pictures look alike in many places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointsLine {
    /// Points of the registered picture that look like points of the other and agree on how it lies.
    pub agreeing: u32,
    /// Points recorded of the registered picture, at most 100.
    pub of: u32,
    /// How much of the registered picture the other shows, percent of its area.
    pub overlap_percent: u32,
    /// In how much of that the tones of the one follow from those of the other, percent.
    pub tones_percent: u32,
    /// Whether it is the mirror image that lies so.
    pub mirrored: bool,
    /// By how many degrees it is turned against the registered one, clockwise when positive; of the mirror image where that lies so.
    pub turned_degrees: i32,
}

/// How often unrelated pictures come as near. Counted and modelled for one code of each picture, or counted for points.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChanceLine {
    /// The chance for one pair of unrelated pictures.
    pub of_pair: f64,
    /// How many unrelated pictures of a ledger of this size come as near.
    pub expected: f64,
    /// The chance that at least one does.
    pub of_any: f64,
    /// Whether these are upper bounds: no such pair was seen among those counted.
    pub at_most: bool,
    /// The same in words, of a ledger of this size.
    pub words: String,
}

/// A registered picture that another one looks like.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct NearLine {
    /// Leaf index of its registration.
    pub index: u64,
    /// Asset id, UUID.
    pub asset_id: String,
    /// How many of 256 details differ; between both as they are where it was found by its points.
    pub distance_bits: u32,
    /// What that says, or that it was found by its points.
    pub likeness: NearWord,
    /// By which points it was found; absent where the whole looks alike.
    pub points: Option<PointsLine>,
    /// Of what the codes were made that came so near, `as mirrored`; absent when of both pictures as they are.
    pub view: Option<String>,
    /// How often unrelated pictures come as near; stated only where both were compared as they are, or by their points.
    pub chance: Option<ChanceLine>,
    /// When it was recorded, RFC 3339.
    pub time: String,
    /// Thumbprint of the key that recorded it.
    pub key: String,
    /// The name you know that key under.
    pub known_as: Option<String>,
    /// How its signer says it was made: the digital source type recorded.
    pub source_type: String,
    /// The class of that.
    pub authorship: Authorship,
    /// The role recorded; absent where none was stated.
    pub role: Option<String>,
    /// Where its title stands, in one line.
    pub title: Option<String>,
    /// Whether entry signature and inclusion in the last signed checkpoint are good.
    pub proven: bool,
}

/// The registered picture nearest by the codes of whole pictures as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Nearest {
    /// Leaf index of its registration.
    pub index: u64,
    /// When it was recorded, RFC 3339.
    pub time: String,
    /// Thumbprint of the key that recorded it.
    pub key: String,
    /// How many of 256 details differ.
    pub distance_bits: u32,
    /// What that says.
    pub likeness: NearWord,
    /// How the picture must be mirrored or turned to come that near; absent where it comes as it is. Turned ones are looked for where
    /// they look the same.
    pub by: Option<String>,
}

/// How unusual a picture is among those registered, or registered before it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Uniqueness {
    /// With how many registered pictures it was compared; those of its very pixels are not among them.
    pub pictures: u64,
    /// Registrations that could not be compared: no code, or of flat pictures.
    pub not_compared: u64,
    /// The nearest; absent when there is none, or the picture itself says too little.
    pub nearest: Option<Nearest>,
    /// How often unrelated pictures come as near as that.
    pub chance: Option<ChanceLine>,
    /// Entries of this very file, or of this picture with other credentials, the earliest first; of a picture that is being signed none.
    pub itself: Vec<u64>,
    /// Entries of the same pixels in other files, the earliest first.
    pub twins: Vec<u64>,
    /// Entries of pictures that look the same (at most 31 of 256 details differ) and are no twins, the nearest first; at most 8.
    pub near_twins: Vec<u64>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// How a file stands to the one that a kept manifest was signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeptFit {
    /// With the manifest put back it is the registered file, byte for byte.
    RegisteredFile,
    /// It is the registered file without its credentials, and the manifest cannot be put back in exactly as it was.
    RegisteredContent,
    /// Its bytes are others: the manifest tells of the registered file, and nothing binds it to this one.
    OtherBytes,
}

/// The signed manifest of a registered picture, kept beside the ledger, checked against a file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct KeptLine {
    /// Leaf index of the registration that names it.
    pub entry: u64,
    /// Its digest as the entry has it, 64 hexadecimal digits; keyed in a private ledger.
    pub manifest: String,
    /// Whether what is kept has that digest.
    pub stored: Check,
    /// How this file stands to the registered one; absent where what is kept counts for nothing.
    pub fit: Option<KeptFit>,
    /// The four questions, of this file with that manifest.
    pub checks: FourQuestions,
    /// The result word that `verify` has for the registered file; where this is that file.
    pub result: Option<ResultWord>,
    /// Who signed, as the certificate says.
    pub signer: Option<Signer>,
    /// The thumbnail in the manifest against this picture; where the bytes are others.
    pub thumbnail: Option<Check>,
    /// All of it in a sentence.
    pub sentence: String,
    /// Where it was written; where that was asked for.
    pub recovered: Option<Untrusted>,
}

/// What was found of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FindReport {
    /// Always `find-report.v1`.
    pub schema: &'static str,
    /// The file as named by the caller.
    pub file: Untrusted,
    /// The answer in one word.
    pub result: FindWord,
    /// The answer in a sentence.
    pub sentence: String,
    /// What the ledger knows of this very file, content or pixels.
    pub ledger: LedgerAnswer,
    /// With how many registered pictures it was compared.
    pub pictures: u64,
    /// The registered pictures that look like it, nearest first; those above are not repeated.
    pub near: Vec<NearLine>,
    /// How many more were left out.
    pub near_more: u64,
    /// The manifests kept of what was found, the closest first.
    pub kept: Vec<KeptLine>,
    /// How unusual it is; where it was asked for.
    pub uniqueness: Option<Uniqueness>,
    /// How many registered pictures have deep records.
    pub deep_pictures: u64,
    /// Whether those were searched: always where asked for, never where that was ruled out, else where nothing looks like the same
    /// or an edited picture.
    pub deep_searched: bool,
    /// Whether it was compared by its looks: not where these say too little, and not in a private ledger.
    pub looks_searched: bool,
    /// What was not searched, each in a sentence.
    pub not_searched: Vec<String>,
    /// The time of the search, RFC 3339.
    pub at: String,
}

impl FindReport {
    /// How the command ends for this picture.
    #[must_use]
    pub fn ending(&self) -> Ending {
        let is_kept_wrongly = self.kept.iter().any(|kept| kept.stored.outcome == Outcome::Fail);
        if self.ledger.check.outcome == Outcome::Fail
            || self.near.iter().any(|near| !near.proven)
            || is_kept_wrongly
        {
            return Ending::Contradicted;
        }
        match self.result {
            FindWord::Registered | FindWord::LooksLike => Ending::Done,
            FindWord::NothingLikeIt | FindWord::NotSearched => Ending::NotEnough,
        }
    }
}

/// Counts of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindSummary {
    /// Always `find-summary.v1`.
    pub schema: &'static str,
    /// Pictures looked for.
    pub files: u64,
    /// Files that could not be opened or are no pictures.
    pub failed: u64,
    /// Pictures of which file, content or pixels are registered.
    pub registered: u64,
    /// Pictures that look like a registered one.
    pub alike: u64,
    /// Pictures that were not compared by their looks.
    pub looks_not_searched: u64,
    /// Symbolic links in folders, which were passed over.
    pub links: u64,
    /// Pictures and folders in folders, passed over for a name that begins with a dot.
    pub hidden: u64,
    /// What was not searched, and for how many of the pictures; at most 16.
    pub not_searched: Vec<FindGap>,
}

/// What was not searched in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindGap {
    /// What, in a sentence.
    pub what: String,
    /// For how many pictures.
    pub files: u64,
}

impl FindSummary {
    /// How the command ends for the batch as such.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        if self.files == 0 && self.failed == 0 {
            Ending::NotEnough
        } else {
            Ending::Done
        }
    }
}
