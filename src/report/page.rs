//! What a page shows beside the verdict on a picture: small pictures drawn anew, and what generators wrote.
//!
//! No part of the JSON reports. Nothing here decides anything.

use super::inspect::GeneratorClaim;

/// A small picture that byline drew from decoded pixels: never bytes of the file it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallPicture {
    /// Pixels in a column.
    pub height: u32,
    /// A baseline JPEG without metadata.
    pub jpeg: Vec<u8>,
    /// Pixels in a row.
    pub width: u32,
}

/// The thumbnail that the signer put into the claim, drawn anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SignedThumbnail {
    /// The claim holds none.
    #[default]
    Absent,
    /// It could not be drawn.
    NotDrawn {
        /// Why, in words of ours.
        why: String,
    },
    /// As the signer put it there.
    Shown {
        /// Whether the claim states exactly these bytes; `None` where that was not checked.
        holds: Option<bool>,
        /// The picture.
        picture: SmallPicture,
    },
}

/// Where the file differs from its signed thumbnail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatMap {
    /// Pixels in a column.
    pub height: u32,
    /// A PNG drawn by byline.
    pub png: Vec<u8>,
    /// Pixels in a row.
    pub width: u32,
}

/// All of that for one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageParts {
    /// SHA-256 of the file as it was read, lower hex; absent where it could not be read as an image.
    pub file_sha256: Option<String>,
    /// What generators wrote: unsigned, so claims and never proof.
    pub generators: Vec<GeneratorClaim>,
    /// Where part of the picture changed since it was signed.
    pub heat_map: Option<HeatMap>,
    /// What the file shows now.
    pub picture: Option<SmallPicture>,
    /// Why it is not shown, in words of ours.
    pub picture_absent: Option<String>,
    /// What the signer saw.
    pub signed: SignedThumbnail,
}
