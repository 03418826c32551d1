//! The second witness: the signed claim thumbnail against the pixels of the file.
//!
//! It says what a hash cannot: whether changed bytes still are the same picture. It counts while the claim's signature holds
//! and the claim states the thumbnail by its hash. It is bytes of a stranger all the same: its format is that of its first
//! bytes, JPEG, PNG or WebP and nothing else, and its size is judged before anything is decoded.

use std::path::Path;

use super::Shared;
use crate::app::laid::{self, Points};
use crate::app::request::VerifyRequest;
use crate::app::{Error, Kind, likeness};
use crate::asset::pixels::{self, Picture, PixelError, Rgb8};
use crate::asset::{Asset, Format};
use crate::base::limits::{THUMBNAIL_BYTES_MAX, THUMBNAIL_PIXELS_MAX};
use crate::manifest::{Binding, ManifestFacts, Signature};
use crate::metadata;
use crate::report::compare::{CellComparison, LikenessWord};
use crate::report::verify::{ResultWord, ThumbnailWitness};
use crate::report::{Check, Outcome};
use crate::similar::deep;
use crate::similar::grid::{self, Comparison, Likeness};
use crate::store::folder::Found;

/// Stable name of the check.
const ID: &str = "byline.thumbnail";
const NO_PIXELS: &str = "a picture without pixels";
const NOT_LAID: &str = "not compared, for it was found as a part of it, or turned or framed, and how it lies on the thumbnail is not known";

/// That a heat map is of one picture and has a free place.
pub(super) fn check_request(request: &VerifyRequest, found: &[Found]) -> Result<(), Error> {
    let Some(path) = &request.heatmap else {
        return Ok(());
    };
    if found.len() != 1 {
        return Err(
            Error::new(Kind::Request, "heatmap.many", "a heat map is of one picture")
                .why(format!("{} pictures are to be verified", found.len()))
                .fix("verify one picture at a time with --heatmap"),
        );
    }
    likeness::check_place(path)
}

impl Shared<'_> {
    /// What the signed thumbnail says, and a note where a heat map was asked for and there is none.
    pub(super) fn witness(
        &self,
        facts: Option<&ManifestFacts>,
        word: ResultWord,
        picture: (&Asset, u8),
        notes: &mut Vec<String>,
    ) -> Result<Option<ThumbnailWitness>, Error> {
        let found = witness(self.thumbnail(), facts, word, picture)?;
        notes.extend(no_heat_map(self.request, found.as_ref()));
        Ok(found)
    }
}

/// That a heat map was asked for and could not be drawn, and why.
fn no_heat_map(request: &VerifyRequest, witness: Option<&ThumbnailWitness>) -> Option<String> {
    request.heatmap.as_ref()?;
    let witness = witness.filter(|witness| witness.heatmap.is_none())?;
    Some(format!("no heat map was written: {}", witness.check.note))
}

/// What the thumbnail says; nothing where the file is unchanged and nobody asked, for looking costs a decode.
fn witness(
    (is_asked, heatmap): (bool, Option<&Path>),
    facts: Option<&ManifestFacts>,
    word: ResultWord,
    (asset, orientation): (&Asset, u8),
) -> Result<Option<ThumbnailWitness>, Error> {
    if word != ResultWord::Changed && !is_asked && heatmap.is_none() {
        return Ok(None);
    }
    let seen = match see(facts, asset, orientation) {
        Ok(seen) => seen,
        Err(why) => return Ok(Some(silent(why))),
    };
    let cells = likeness::cells(&seen.found, seen.now.size);
    let is_other_file = facts.is_some_and(|facts| facts.binding == Binding::Mismatch);
    let (cells, check) = if laid::is_open(&cells) {
        by_points(cells, &seen, is_other_file)
    } else {
        let check = judged(&cells, is_other_file);
        (Some(cells), check)
    };
    let heatmap = match heatmap {
        Some(path) => likeness::write_heat_map(path, &seen.now.preview, &seen.found)?,
        None => None,
    };
    Ok(Some(ThumbnailWitness {
        check,
        size: Some((seen.then.preview.width, seen.then.preview.height)),
        cells,
        heatmap,
    }))
}

/// What is said of a picture whose cells are not those of its thumbnail: it may be a part of it, or framed, or turned.
fn by_points(cells: CellComparison, seen: &Seen, is_other_file: bool) -> (Option<CellComparison>, Check) {
    let is_another = cells.likeness == LikenessWord::AnotherPicture;
    match laid::ask(&seen.then, &seen.now) {
        Points::Lie(lying) if is_another || lying.overrules_change() => {
            let words = lying.words("what was signed", "the picture");
            match lying.cells() {
                Some(cells) => {
                    let note = if cells.likeness == LikenessWord::Reworked {
                        format!("same picture as when it was signed, reworked as a whole: {words}")
                    } else {
                        format!("what was signed, changed in part or beside other things: {words}")
                    };
                    (Some(cells), Check::new(ID, Outcome::Fail, note))
                }
                None => (
                    None,
                    Check::new(ID, Outcome::NotChecked, format!("not told, though {words}")),
                ),
            }
        }
        Points::Silent if is_another => (None, Check::new(ID, Outcome::NotChecked, untold())),
        _ => {
            let check = judged(&cells, is_other_file);
            (Some(cells), check)
        }
    }
}

fn untold() -> String {
    format!("not told: edge on edge the cells differ, and {}", laid::too_few())
}

/// What a comparison with the signed thumbnail says.
fn judged(cells: &CellComparison, is_other_file: bool) -> Check {
    let what = likeness::words(cells);
    let bytes = if is_other_file { " (bytes changed)" } else { "" };
    let (outcome, note) = match cells.likeness {
        LikenessWord::SamePicture => (
            Outcome::Pass,
            format!("same picture as when it was signed{bytes}: {what}"),
        ),
        LikenessWord::Reworked => (
            Outcome::Fail,
            format!("same picture as when it was signed, reworked as a whole: {what}"),
        ),
        LikenessWord::PartChanged => (
            Outcome::Fail,
            format!("part of the picture changed since it was signed: {what}"),
        ),
        LikenessWord::AnotherPicture => (
            Outcome::Fail,
            format!("another picture than the one that was signed: {what}"),
        ),
    };
    Check::new(ID, outcome, note)
}

/// How a picture came to be held against a thumbnail of another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Laid {
    /// As a whole: they have the same pixels, or both look alike as they are.
    EdgeOnEdge,
    /// As a part, or turned, mirrored, framed.
    Somehow,
}

/// What the thumbnail of a manifest says of a picture that is not the file it was signed for.
///
/// Where the whole of the one is not the whole of the other, the part that both show is compared, if it is known how they lie.
pub(in crate::app) fn of_another_file(
    facts: &ManifestFacts,
    picture: Result<&Picture, &PixelError>,
    orientation: u8,
    laid: Laid,
) -> Check {
    let seen = signed(facts).and_then(|then| {
        let now = picture.map_err(unseen)?;
        let found = closest(&then.preview, &now.preview, orientation).ok_or_else(|| NO_PIXELS.to_owned())?;
        if found.likeness == Likeness::Another
            && let Some(check) = of_part(&then, now)
        {
            return Ok(check);
        }
        if found.likeness == Likeness::Another && laid == Laid::Somehow {
            return Err(NOT_LAID.to_owned());
        }
        if found.likeness == Likeness::Another && laid::is_silent(&then, now) {
            return Err(untold());
        }
        Ok(judged(&likeness::cells(&found, now.size), true))
    });
    seen.unwrap_or_else(|why| silent(why).check)
}

/// What the thumbnail says of the part of it that a picture shows; `None` where their points do not tell how they lie.
fn of_part(then: &Picture, now: &Picture) -> Option<Check> {
    let print = deep::print(&then.luma)?;
    let found = deep::Seen::of(&now.luma)?.compare(&print)?;
    let part = found.is_accepted().then(|| deep::laid(then, now, &found))??;
    let cells = grid::compare(&part.then, &part.now)?;
    // Where the part lies in the picture is not where its cells lie.
    let cells = CellComparison {
        areas: Vec::new(),
        areas_more: 0,
        ..likeness::cells(&cells, (part.now.width, part.now.height))
    };
    let check = judged(&cells, true);
    let note = format!(
        "of the {} % of the signed picture that both show: {}",
        part.percent, check.note
    );
    Some(Check { note, ..check })
}

fn silent(why: String) -> ThumbnailWitness {
    ThumbnailWitness {
        check: Check::new(ID, Outcome::NotChecked, why),
        size: None,
        cells: None,
        heatmap: None,
    }
}

/// Thumbnail and picture, compared.
struct Seen {
    found: Comparison,
    now: Picture,
    /// The thumbnail.
    then: Picture,
}

/// Compares, or says why that cannot be done.
fn see(facts: Option<&ManifestFacts>, asset: &Asset, orientation: u8) -> Result<Seen, String> {
    let then = signed(facts.ok_or("the file holds no manifest that could be read")?)?;
    let now = pixels::look(asset, orientation).map_err(|error| unseen(&error))?;
    let found = closest(&then.preview, &now.preview, orientation).ok_or(NO_PIXELS)?;
    Ok(Seen { found, now, then })
}

/// Where a changed picture differs from its signed thumbnail; `None` where the bytes are as signed, or more or less than a part differs.
pub(super) fn heat_map(facts: &ManifestFacts, now: &Rgb8, orientation: u8) -> Option<Rgb8> {
    if facts.binding != Binding::Mismatch {
        return None;
    }
    let found = closest(&signed(facts).ok()?.preview, now, orientation)?;
    (found.likeness == Likeness::PartChanged).then(|| grid::heat_map(now, &found))?
}

/// The thumbnail that the claim states, or why they count for nothing.
fn signed(facts: &ManifestFacts) -> Result<Picture, String> {
    let thumbnail = facts
        .active
        .thumbnail
        .as_ref()
        .ok_or("the signer put no thumbnail into the claim")?;
    if facts.signature != Signature::Good {
        return Err("the signature of the claim does not hold, so its thumbnail says nothing".to_owned());
    }
    if thumbnail.holds != Some(true) {
        return Err("the thumbnail is not the one that the claim states by its hash".to_owned());
    }
    decode(&thumbnail.bytes)
}

fn unseen(error: &PixelError) -> String {
    match error {
        PixelError::Unsupported(format) => {
            format!("{} pixels are not decoded here", format.name())
        }
        other => format!("the picture cannot be decoded: {other}"),
    }
}

/// The thumbnail as it is to be shown beside the picture `now`: turned as that is, where it was made of pixels as they are
/// stored. Bounded as any thumbnail is; why, where it cannot be.
pub(super) fn upright(bytes: &[u8], now: Option<&Rgb8>, orientation: u8) -> Result<Rgb8, String> {
    let then = decode(bytes)?.preview;
    let Some(now) = now.filter(|_| matches!(orientation, 2..=8)) else {
        return Ok(then);
    };
    let turned = grid::turned(&then, orientation);
    let likeness = |picture: &Rgb8| grid::compare(picture, now).map(|found| found.likeness);
    // `closest` looks at the thumbnail as it is first, too.
    Ok(match (likeness(&then), likeness(&turned)) {
        (Some(shown), Some(stored)) if shown != Likeness::Same && stored < shown => turned,
        _ => then,
    })
}

/// Some signers shrink the pixels as they are stored and leave the orientation behind.
fn closest(then: &Rgb8, now: &Rgb8, orientation: u8) -> Option<Comparison> {
    let shown = grid::compare(then, now)?;
    if shown.likeness == Likeness::Same || !matches!(orientation, 2..=8) {
        return Some(shown);
    }
    let stored = grid::compare(&grid::turned(then, orientation), now)?;
    Some(if stored.likeness < shown.likeness {
        stored
    } else {
        shown
    })
}

/// What a thumbnail looks like, by its own bytes alone.
fn decode(bytes: &[u8]) -> Result<Picture, String> {
    if bytes.len() > THUMBNAIL_BYTES_MAX {
        return Err(format!(
            "the thumbnail of {} bytes is beyond the limit of {THUMBNAIL_BYTES_MAX}",
            bytes.len()
        ));
    }
    let format = Format::detect(bytes).filter(|one| matches!(one, Format::Jpeg | Format::Png | Format::WebP));
    let format = format.ok_or("the thumbnail is no JPEG, PNG or WebP")?;
    let asset = Asset::parse(bytes.to_vec()).map_err(|error| format!("the thumbnail is damaged: {error}"))?;
    let orientation = metadata::read(&asset).orientation;
    let (width, height) = asset.layout().size.ok_or("the thumbnail does not say its size")?;
    if u64::from(width) * u64::from(height) > THUMBNAIL_PIXELS_MAX {
        return Err(format!(
            "the thumbnail of {width} x {height} pixels is beyond the limit of {THUMBNAIL_PIXELS_MAX} pixels"
        ));
    }
    let picture = pixels::look_bytes(bytes, format, orientation)
        .map_err(|error| format!("the thumbnail cannot be decoded: {error}"))?;
    if !picture.whole {
        return Err("the thumbnail is cut short".to_owned());
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_of_any_other_kind_is_not_decoded() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"/>";
        let gif = b"GIF89a\x08\x00\x08\x00\x00\x00\x00;";
        for bytes in [&svg[..], gif, b"", b"\xff", b"BM not a picture", b"RIFF"] {
            let why = decode(bytes).unwrap_err();
            assert!(why.contains("no JPEG, PNG or WebP"), "{why}");
        }
    }

    #[test]
    fn a_thumbnail_beyond_its_limits_is_not_decoded() {
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bomb.extend(60_000u32.to_be_bytes());
        bomb.extend(60_000u32.to_be_bytes());
        bomb.extend([8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bomb.extend(b"IEND\xae\x42\x60\x82");
        assert!(decode(&bomb).is_err());
        let mut long = b"\xff\xd8\xff".to_vec();
        long.resize(THUMBNAIL_BYTES_MAX + 1, 0);
        assert!(decode(&long).unwrap_err().contains("beyond the limit"));
    }

    /// As the thumbnails of Truepic's cameras have them.
    #[test]
    fn bytes_between_the_segments_of_a_thumbnail_are_no_damage() {
        let mut out = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([200, 90, 9]));
        picture.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
        let whole = out.into_inner();
        let second = 4 + usize::from(u16::from_be_bytes([whole[4], whole[5]]));
        let mut odd = whole.clone();
        odd.splice(second..second, [0, 0, 0]);
        assert_eq!(decode(&odd), decode(&whole));
        // Its limits hold all the same.
        let mut wide = odd;
        let frame = wide.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        wide[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert!(decode(&wide).is_err());
        let mut huge = whole;
        huge[frame - 3 + 5..frame - 3 + 9].copy_from_slice(&[0x20, 0, 0x20, 0]);
        assert!(decode(&huge).unwrap_err().contains("beyond the limit"));
    }

    #[test]
    fn a_damaged_thumbnail_is_told() {
        assert!(decode(b"\xff\xd8\xff\xd9").is_err());
        assert!(decode(b"RIFF\x04\0\0\0WEBP").is_err());
    }
}
