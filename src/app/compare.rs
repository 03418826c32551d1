//! Compare: what two pictures are to each other, from equal bytes down to nothing in common.

use std::path::Path;

use super::find::words;
use super::laid::{self, Points};
use super::request::CompareRequest;
use super::{App, Error, fault, likeness};
use crate::asset::pixels::{self, Luma, Picture, PixelError};
use crate::asset::{Asset, Format};
use crate::base::fingerprint::{Algorithm, Fingerprint, QUALITY_MIN};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::{Untrusted, fingerprint};
use crate::metadata;
use crate::report::compare::{
    CellComparison, CompareReport, CompareWord, ComparedFile, LikenessWord, PdqDistance,
};
use crate::similar;
use crate::similar::grid::{self, Comparison};
use crate::similar::index::distance_bits;
use crate::store::files::{self, FileError};

/// Pictures whose codes are this near, bits, look alike: 1.5 of 10^8 unrelated pairs do (design: similar.md 2.1).
const RELATED_BITS: u32 = 64;
/// Pixels of two files stored without loss that differ in so much of a picture, percent, are no place in it.
const SPREAD_PERCENT: u64 = 5;
/// Of the places with something to see so many agree, percent, that a template, frame or interface is shared.
const SHARED_PERCENT: u32 = 25;

/// One file, looked at.
struct Side {
    asset: Asset,
    orientation: u8,
    picture: Result<Picture, PixelError>,
    codes: Vec<Fingerprint>,
}

/// Compares two pictures.
pub fn compare(_: &App, request: &CompareRequest) -> Result<CompareReport, Error> {
    if let Some(path) = &request.heatmap {
        likeness::check_place(path)?;
    }
    let (a, b) = (Side::read(&request.a)?, Side::read(&request.b)?);
    let mut report = CompareReport {
        schema: "compare-report.v1",
        a: a.file(&request.a),
        b: b.file(&request.b),
        result: CompareWord::Undecided,
        sentence: String::new(),
        cells: None,
        pdq: distance(&a.codes, &b.codes),
        heatmap: None,
        notes: [("the first", &a), ("the second", &b)]
            .into_iter()
            .filter_map(|(which, side)| side.note(which))
            .collect(),
    };
    if let (Ok(old), Ok(new)) = (&a.picture, &b.picture)
        && let Some(found) = cells(old, new)
    {
        report.cells = Some(likeness::cells(&found, new.size));
        if let Some(path) = &request.heatmap {
            report.heatmap = likeness::write_heat_map(path, &new.preview, &found)?;
        }
    } else if request.heatmap.is_some() {
        report
            .notes
            .push("no heat map: the pixels of both pictures are needed".to_owned());
    }
    (report.result, report.sentence) = word(&report, &a, &b);
    exactly(&mut report, &a, &b);
    if let (Ok(old), Ok(new), Some(cells)) = (&a.picture, &b.picture, &report.cells)
        && matches!(
            report.result,
            CompareWord::PartChanged | CompareWord::Related | CompareWord::Unrelated | CompareWord::Undecided
        )
        && laid::is_open(cells)
    {
        match negative(&report, &a, &b) {
            Some(negative) => {
                report.result = CompareWord::Related;
                "not the same picture cell by cell, but its fingerprint is nearly that of the other"
                    .clone_into(&mut report.sentence);
                lay(&mut report, &negative, new);
                report.sentence.push_str(", with inverted colours");
            }
            None => lay(&mut report, old, new),
        }
    }
    several(&mut report, &a.asset, &b.asset);
    Ok(report)
}

fn cells(old: &Picture, new: &Picture) -> Option<Comparison> {
    if old.size == new.size {
        grid::compare_coded(&old.preview, &new.preview)
    } else {
        grid::compare(&old.preview, &new.preview)
    }
}

/// Two files stored without loss are compared pixel by pixel where no cell tells them apart, or hardly any.
fn exactly(report: &mut CompareReport, a: &Side, b: &Side) {
    if report.result != CompareWord::SamePicture || a.orientation != b.orientation || a.orientation > 1 {
        return;
    }
    let Some(found) = pixels::differing(&a.asset, &b.asset).filter(|found| found.pixels > 0) else {
        return;
    };
    let (x, y) = (found.columns.0, found.rows.0);
    let (width, height) = (found.columns.1 - x, found.rows.1 - y);
    let (wide, tall) = (report.a.width.unwrap_or(0), report.a.height.unwrap_or(0));
    let all = u64::from(wide) * u64::from(tall);
    let count = words::thousands(&found.pixels.to_string());
    let largest = found.largest;
    if found.pixels * 100 > all * SPREAD_PERCENT {
        report.notes.push(format!(
            "compared pixel by pixel, as both are stored without loss: {count} pixels differ, by at most {largest} of 255; re-encoding before does that, \
             and so does a faint mark over the whole"
        ));
        return;
    }
    let (is, differ) = if found.pixels == 1 {
        ("pixel", "differs")
    } else {
        ("pixels", "differ")
    };
    report.result = CompareWord::PartChanged;
    report.sentence = format!(
        "the same picture but for a part: compared pixel by pixel, as both are stored without loss, {count} {is} {differ}, all within \
         {width} x {height} pixels at ({x}, {y}), by at most {largest} of 255; too little for cells to tell"
    );
}

/// The negative of a picture, where the fingerprints of two say that the one is like the negative of the other.
fn negative(report: &CompareReport, a: &Side, b: &Side) -> Option<Picture> {
    let (Ok(old), true) = (&a.picture, report.result == CompareWord::Unrelated) else {
        return None;
    };
    negative_bits(&a.codes, &b.codes).filter(|bits| *bits <= RELATED_BITS)?;
    let luma = Luma {
        samples: old.luma.samples.iter().map(|level| !level).collect(),
        ..old.luma
    };
    Some(Picture {
        luma,
        preview: grid::inverted(&old.preview),
        ..*old
    })
}

/// Asks the points of two pictures that are not the same edge on edge: the one may be a part of the other, or framed, or turned.
fn lay(report: &mut CompareReport, old: &Picture, new: &Picture) {
    match laid::ask(old, new) {
        Points::Lie(lying) if report.result == CompareWord::PartChanged && !lying.overrules_change() => {}
        // Their fingerprints say more.
        Points::Lie(lying) if report.result == CompareWord::Related && lying.is_ground_alone() => {}
        Points::Lie(lying) if lying.is_ground_alone() => {
            report.result = CompareWord::Undecided;
            report.sentence = format!("not told: {}", lying.ground_words());
        }
        Points::Lie(lying) => {
            let words = lying.words("the first", "the second");
            if lying.is_rework() {
                report.cells = lying.cells();
                report
                    .notes
                    .push("the cells are those of what both pictures show".to_owned());
                report.result = CompareWord::Reworked;
                report.sentence = format!("the same picture, reworked as a whole: {words}");
            } else {
                report.result = CompareWord::Related;
                report.sentence = format!("not the same picture edge on edge, but it looks like it: {words}");
            }
        }
        Points::Silent if report.result == CompareWord::Unrelated => {
            report.result = CompareWord::Undecided;
            report.sentence = format!("not told: edge on edge the cells differ, and {}", laid::too_few());
        }
        Points::Apart
            if report.result == CompareWord::Unrelated
                && !report.cells.as_ref().is_some_and(likeness::is_ground) =>
        {
            "neither cells nor fingerprints nor points have anything in common"
                .clone_into(&mut report.sentence);
        }
        Points::Apart | Points::Silent => {}
    }
}

impl Side {
    fn read(path: &Path) -> Result<Self, Error> {
        let bytes =
            files::read(path, FILE_BYTES_MAX).map_err(|error| match (fault::read(path, &error), error) {
                (told, FileError::NotRegular { .. }) => told.fix("compare takes two pictures, no folders"),
                (told, _) => told,
            })?;
        let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
        let orientation = metadata::read(&asset).orientation;
        let picture = pixels::look(&asset, orientation);
        let codes = picture.as_ref().map(similar::fingerprints).unwrap_or_default();
        Ok(Self {
            asset,
            orientation,
            picture,
            codes,
        })
    }

    fn file(&self, path: &Path) -> ComparedFile {
        let picture = self.picture.as_ref().ok();
        let (width, height) = picture.map(|picture| picture.size).unzip();
        let pdq = self
            .codes
            .iter()
            .find(|code| code.algorithm == Algorithm::PdqFull);
        ComparedFile {
            file: Untrusted::new(path.to_string_lossy()),
            format: self.asset.format().name().to_owned(),
            bytes: u64::try_from(self.asset.bytes().len()).unwrap_or(u64::MAX),
            width,
            height,
            sha256: self.asset.digest().hex(),
            content_sha256: self.asset.content_digest().hex(),
            pixel_rule: picture.map(|picture| picture.pixel_digest.algorithm.name().to_owned()),
            pixel_sha256: picture.map(|picture| picture.pixel_digest.digest.hex()),
            pdq: pdq.map(fingerprint::Fingerprint::hex),
            pdq_quality: pdq.map(|code| code.quality),
        }
    }

    /// What keeps the pixels from being compared, or makes them less than they were.
    fn note(&self, which: &str) -> Option<String> {
        match &self.picture {
            Ok(picture) if picture.whole => None,
            Ok(_) => Some(format!(
                "{which} picture is cut short: what is missing counts as grey"
            )),
            Err(PixelError::Unsupported(format)) => Some(format!(
                "{which} picture: {} pixels are not decoded here",
                format.name()
            )),
            Err(error) => Some(format!("{which} picture: {error}")),
        }
    }
}

/// What is said of files of which only the first frame or page was looked at.
fn several(report: &mut CompareReport, a: &Asset, b: &Asset) {
    let counts = (a.frames(), b.frames());
    if counts.0.max(counts.1) < 2
        || report.cells.is_none()
        || report.a.content_sha256 == report.b.content_sha256
    {
        return;
    }
    let unit = match [a, b].map(|asset| asset.format() == Format::Tiff) {
        [true, true] => "page",
        [false, false] => "frame",
        _ => "frame or page",
    };
    let against = format!("{} against {}", likeness::frames(a), likeness::frames(b));
    let first = match report.result {
        CompareWord::SamePixels => format!("the first {unit} has equal pixels"),
        CompareWord::SamePicture => format!("the first {unit} is the same picture"),
        _ => {
            report
                .notes
                .push(format!("only the first {unit} was compared: {against}"));
            return;
        }
    };
    (report.result, report.sentence) = if counts.0 == counts.1 {
        (
            CompareWord::Undecided,
            format!("{first}; the others were not compared: {against}"),
        )
    } else {
        (CompareWord::PartChanged, format!("{first}; {against}"))
    };
}

/// Bits between the whole pictures, and between the nearest of wholes and centres.
fn distance(a: &[Fingerprint], b: &[Fingerprint]) -> Option<PdqDistance> {
    let whole = |codes: &[Fingerprint]| {
        codes
            .iter()
            .find(|code| code.algorithm == Algorithm::PdqFull)
            .copied()
    };
    let whole_bits = bits(&whole(a)?, &whole(b)?);
    Some(PdqDistance {
        whole_bits,
        nearest_bits: pairs(a, b).map(|(a, b)| bits(a, b)).min().unwrap_or(whole_bits),
    })
}

/// Bits between the nearest of wholes and centres of a negative and a picture: the code of a negative is the complement.
fn negative_bits(a: &[Fingerprint], b: &[Fingerprint]) -> Option<u32> {
    pairs(a, b).map(|(a, b)| 256 - bits(a, b)).min()
}

/// Codes that say something, centres against centres of other sizes, too: a crop is the centre of what it was cut from.
fn pairs<'a>(
    a: &'a [Fingerprint],
    b: &'a [Fingerprint],
) -> impl Iterator<Item = (&'a Fingerprint, &'a Fingerprint)> {
    let is_pdq = |code: &&Fingerprint| code.algorithm != Algorithm::Iscc256 && code.quality >= QUALITY_MIN;
    a.iter()
        .filter(is_pdq)
        .flat_map(move |a| b.iter().filter(is_pdq).map(move |b| (a, b)))
}

fn bits(a: &Fingerprint, b: &Fingerprint) -> u32 {
    distance_bits(&a.bits, &b.bits)
}

/// The word and the sentence.
fn word(report: &CompareReport, a: &Side, b: &Side) -> (CompareWord, String) {
    if a.asset.bytes() == b.asset.bytes() {
        return (
            CompareWord::SameBytes,
            "the files are equal, byte by byte".to_owned(),
        );
    }
    if report.a.content_sha256 == report.b.content_sha256 {
        let sentence = "the files differ in their manifest stores alone";
        return (CompareWord::SamePixels, sentence.to_owned());
    }
    if let (Ok(old), Ok(new)) = (&a.picture, &b.picture)
        && old.whole
        && new.whole
        && old.pixel_digest == new.pixel_digest
    {
        let sentence = "every pixel is equal; what differs is metadata or how it is packed";
        return (CompareWord::SamePixels, sentence.to_owned());
    }
    let Some(cells) = &report.cells else {
        let sentence = "the bytes differ, and without the pixels of both nothing more can be said";
        return (CompareWord::Undecided, sentence.to_owned());
    };
    let what = likeness::words(cells);
    match cells.likeness {
        LikenessWord::SamePicture => (
            CompareWord::SamePicture,
            format!("the same picture in another encoding or size: {what}"),
        ),
        LikenessWord::Reworked => (
            CompareWord::Reworked,
            format!("the same picture, reworked as a whole: {what}"),
        ),
        LikenessWord::PartChanged => (
            CompareWord::PartChanged,
            format!("the same picture but for a part: {what}"),
        ),
        LikenessWord::AnotherPicture => unlike(report, cells),
    }
}

fn unlike(report: &CompareReport, cells: &CellComparison) -> (CompareWord, String) {
    let has_detail = [&report.a, &report.b]
        .iter()
        .all(|file| file.pdq_quality.is_some_and(|quality| quality >= QUALITY_MIN));
    match &report.pdq {
        Some(pdq) if has_detail && pdq.nearest_bits <= RELATED_BITS => (
            CompareWord::Related,
            format!(
                "not the same picture cell by cell, but it looks like it: fingerprints {} of 256 bits apart",
                pdq.nearest_bits
            ),
        ),
        _ if likeness::is_ground(cells) => {
            let word = if cells.textured_percent >= SHARED_PERCENT {
                CompareWord::Undecided
            } else {
                CompareWord::Unrelated
            };
            (word, likeness::words(cells))
        }
        _ => (
            CompareWord::Unrelated,
            "neither cells nor fingerprints have anything in common".to_owned(),
        ),
    }
}
