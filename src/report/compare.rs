//! Two pictures against each other: how alike they are, by bytes, by pixels, by cells, by fingerprint.

use schemars::JsonSchema;
use serde::Serialize;

use super::Ending;
use crate::base::Untrusted;

/// What the cells of two pictures say. A picture is reduced to 64 x 64 cells for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LikenessWord {
    /// The same picture, in another encoding or size.
    SamePicture,
    /// The same picture, changed as a whole: turned, cropped, tilted, stretched, other tones.
    Reworked,
    /// The same picture but for a part.
    PartChanged,
    /// Another picture.
    AnotherPicture,
}

/// What was done to a picture as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReworkFacts {
    /// The orientation (EXIF 2 to 8) by which it was turned or mirrored; absent where it was not.
    pub turn: Option<u8>,
    /// What was cut off at the left, top, right and bottom, thousandths of the older width or height; negative where something
    /// was added; absent where nothing was.
    pub cut_permille: Option<[i16; 4]>,
    /// By how much it was tilted, hundredths of a degree.
    pub tilt_centidegrees: Option<i16>,
    /// Change of the mean luma, levels of 255; absent where tones were not changed.
    pub lighter_levels: Option<i16>,
    /// Change of the contrast, per cent; absent where tones were not changed.
    pub contrast_percent: Option<i16>,
    /// Change of the saturation, per cent, -100 being grey; absent where tones were not changed, and for what was grey before.
    pub saturation_percent: Option<i16>,
    /// Whether each colour became its complement, as in a negative.
    pub inverted: bool,
    /// Whether width and height were stretched by different factors.
    pub stretched: bool,
}

/// A part of a picture, in pixels of the newer picture as it is shown, to the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Area {
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the top edge.
    pub y: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Changed cells in it, of 4,096.
    pub cells: u32,
}

/// Two pictures compared cell by cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CellComparison {
    /// The outcome in a word.
    pub likeness: LikenessWord,
    /// What was done to the whole; absent where nothing was.
    pub rework: Option<ReworkFacts>,
    /// Cells that both pictures show.
    pub cells_compared: u32,
    /// Cells that count as changed, after what was done to the whole is undone.
    pub cells_changed: u32,
    /// The same in thousandths of the cells compared.
    pub changed_permille: u32,
    /// Largest difference of a cell, levels of 255: luma or a colour difference.
    pub largest_difference: u8,
    /// How well slopes agree where nothing changed, per cent; unrelated pictures are near 0.
    pub agreement_percent: i16,
    /// Of the cells where there is something to see, in the picture that has fewer of them, how many are the same in the other, per
    /// cent; 100 where there is nothing to see. Where few are, what agrees is ground, a margin or a frame.
    pub textured_percent: u32,
    /// The parts that were changed, largest first, at most 16; of a picture reworked as a whole those in which its tones changed most.
    pub areas: Vec<Area>,
    /// How many more there are.
    pub areas_more: u32,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum CompareWord {
    /// The files are equal.
    #[serde(rename = "SAME BYTES")]
    SameBytes,
    /// The pixels are equal, the files are not; neither has more frames or pages than one.
    #[serde(rename = "SAME PIXELS")]
    SamePixels,
    /// The same picture in another encoding or size.
    #[serde(rename = "SAME PICTURE")]
    SamePicture,
    /// The same picture, changed as a whole: turned, cropped, framed, given other tones.
    #[serde(rename = "REWORKED")]
    Reworked,
    /// The same picture but for a part, or but for other numbers of frames or pages.
    #[serde(rename = "PART CHANGED")]
    PartChanged,
    /// Another picture by its cells that looks alike by its fingerprint or its points: one that shows the other, or a part of it,
    /// beside other things.
    #[serde(rename = "RELATED")]
    Related,
    /// Nothing in common that is measured here.
    #[serde(rename = "UNRELATED")]
    Unrelated,
    /// The bytes differ, and the pixels of one cannot be looked at, are too plain or too few to tell, or are those of the first
    /// of several frames alone.
    #[serde(rename = "UNDECIDED")]
    Undecided,
}

impl CompareWord {
    /// The word as printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SameBytes => "SAME BYTES",
            Self::SamePixels => "SAME PIXELS",
            Self::SamePicture => "SAME PICTURE",
            Self::Reworked => "REWORKED",
            Self::PartChanged => "PART CHANGED",
            Self::Related => "RELATED",
            Self::Unrelated => "UNRELATED",
            Self::Undecided => "UNDECIDED",
        }
    }
}

/// One of the two files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ComparedFile {
    /// The file as named by the caller.
    pub file: Untrusted,
    /// Container, by its bytes.
    pub format: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Width in pixels as shown; absent where the pixels cannot be looked at.
    pub width: Option<u32>,
    /// Height in pixels as shown; absent where the pixels cannot be looked at.
    pub height: Option<u32>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of the file without its manifest store.
    pub content_sha256: String,
    /// By which rule the pixels were hashed; digests of different rules are not comparable.
    pub pixel_rule: Option<String>,
    /// Digest of the pixels.
    pub pixel_sha256: Option<String>,
    /// PDQ-256 code, hexadecimal.
    pub pdq: Option<String>,
    /// PDQ quality, 0 to 100; under 50 there is little to see.
    pub pdq_quality: Option<u8>,
}

/// The nearest pair of fingerprints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PdqDistance {
    /// Bits of 256 that differ between the whole pictures.
    pub whole_bits: u32,
    /// Bits of 256 that differ between the nearest pair of whole pictures and centres (90, 80, 70 %).
    pub nearest_bits: u32,
}

/// What two pictures are to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CompareReport {
    /// Always `compare-report.v1`.
    pub schema: &'static str,
    /// The first picture, taken as the older one.
    pub a: ComparedFile,
    /// The second picture.
    pub b: ComparedFile,
    /// The answer in one word.
    pub result: CompareWord,
    /// The answer in a sentence.
    pub sentence: String,
    /// The pictures cell by cell; absent where the pixels of one cannot be looked at.
    pub cells: Option<CellComparison>,
    /// How far their fingerprints are apart; absent where the pixels of one cannot be looked at.
    pub pdq: Option<PdqDistance>,
    /// The heat map written.
    pub heatmap: Option<Untrusted>,
    /// Facts worth knowing.
    pub notes: Vec<String>,
}

impl CompareReport {
    /// How the command ends: 0 for one picture, 1 for two, 3 where that cannot be told.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        match self.result {
            CompareWord::SameBytes | CompareWord::SamePixels | CompareWord::SamePicture => Ending::Done,
            CompareWord::Reworked | CompareWord::PartChanged | CompareWord::Unrelated => Ending::Contradicted,
            CompareWord::Related | CompareWord::Undecided => Ending::NotEnough,
        }
    }
}
