//! What is wanted beside a verdict: small pictures for a page, drawn from decoded pixels, or the store as crJSON.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::super::generated;
use super::super::request::Beside;
use super::Shared;
use super::credentials;
use crate::asset::Asset;
use crate::asset::pixels::{self, Rgb8};
use crate::manifest::ManifestEvidence;
use crate::metadata::{self, generator};
use crate::report::page::{HeatMap, PageParts, SignedThumbnail, SmallPicture};
use crate::similar::thumbnail;

/// What was found beside a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The manifest store as crJSON; null where none can be read. All text in it is a stranger's.
    CrJson(Value),
    /// Nothing was wanted.
    Nothing,
    /// What a page shows.
    Page(Box<PageParts>),
}

/// Longest side of a picture on a page of its own, pixels.
const SIDE_ALONE: u32 = 512;
/// Longest side of a picture among many, pixels.
const SIDE_AMONG_MANY: u32 = 240;

/// Longest side of the pictures, pixels.
pub(super) const fn side(files: usize) -> u32 {
    if files > 1 { SIDE_AMONG_MANY } else { SIDE_ALONE }
}

/// What is wanted, of a picture that was read.
pub(super) fn find(shared: &Shared<'_>, asset: &Asset, found: &credentials::Found) -> Found {
    match shared.request.beside {
        Beside::Nothing => Found::Nothing,
        _ if shared.verdict_alone.load(Ordering::Relaxed) => Found::Nothing,
        Beside::CrJson => Found::CrJson(crjson(shared, asset, found)),
        Beside::Page => Found::Page(Box::new(page(shared.side, asset, &found.evidence))),
    }
}

fn crjson(shared: &Shared<'_>, asset: &Asset, found: &credentials::Found) -> Value {
    let store = found.store.as_deref();
    shared.reader.crjson(asset, store).unwrap_or(Value::Null)
}

/// What is wanted, of a file that is no picture.
pub(super) fn of_unreadable(shared: &Shared<'_>) -> Found {
    match shared.request.beside {
        Beside::Nothing => Found::Nothing,
        Beside::CrJson => Found::CrJson(Value::Null),
        Beside::Page => Found::Page(Box::new(PageParts {
            picture_absent: Some("the file cannot be read as an image".to_owned()),
            ..PageParts::default()
        })),
    }
}

fn page(side: u32, asset: &Asset, evidence: &ManifestEvidence) -> PageParts {
    let metadata = metadata::read(asset);
    let now = pixels::look(asset, metadata.orientation).map(|picture| picture.preview);
    let shown = now.as_ref().ok();
    let (picture, picture_absent) = match &now {
        Ok(now) => drawn(now, side).map_or_else(|why| (None, Some(why)), |picture| (Some(picture), None)),
        Err(error) => (None, Some(error.to_string())),
    };
    let records = generator::read_or_seek(asset, &metadata).records;
    PageParts {
        file_sha256: Some(asset.digest().to_string()),
        generators: records.into_iter().map(generated::claim).collect(),
        signed: signed(evidence, shown, metadata.orientation, side),
        heat_map: shown.and_then(|now| heat_map(evidence, now, metadata.orientation)),
        picture,
        picture_absent,
    }
}

/// The claim thumbnail, decoded within its limits and drawn anew. SVG and what else is not decoded is never passed on.
fn signed(evidence: &ManifestEvidence, now: Option<&Rgb8>, orientation: u8, side: u32) -> SignedThumbnail {
    let ManifestEvidence::Read(facts) = evidence else {
        return SignedThumbnail::Absent;
    };
    let Some(found) = &facts.active.thumbnail else {
        return SignedThumbnail::Absent;
    };
    let then = super::thumbnail::upright(&found.bytes, now, orientation);
    match then.and_then(|then| drawn(&then, side)) {
        Ok(picture) => SignedThumbnail::Shown {
            holds: found.holds,
            picture,
        },
        Err(why) => SignedThumbnail::NotDrawn { why },
    }
}

/// Where part of a changed picture differs from its signed thumbnail.
fn heat_map(evidence: &ManifestEvidence, now: &Rgb8, orientation: u8) -> Option<HeatMap> {
    let ManifestEvidence::Read(facts) = evidence else {
        return None;
    };
    let map = super::thumbnail::heat_map(facts, now, orientation)?;
    let (width, height) = (map.width, map.height);
    let png = pixels::png(&map)?;
    Some(HeatMap { height, png, width })
}

fn drawn(picture: &Rgb8, side: u32) -> Result<SmallPicture, String> {
    let (jpeg, width, height) =
        thumbnail::page_jpeg(picture, side).ok_or_else(|| "it has no pixels".to_owned())?;
    Ok(SmallPicture { height, jpeg, width })
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;
    use crate::app::key::tests::app;
    use crate::app::request::{LedgerChoice, ListChoice, VerifyRequest};
    use crate::app::verify::{Rest, verify};
    use crate::manifest::samples::{claim, drawn, identity, signer};
    use crate::report::verify::Requirement;

    /// How many of 600 signed pictures had a page's parts, and how many had their thumbnail compared.
    fn made(rest: Rest) -> (usize, usize) {
        let home = tempfile::tempdir().unwrap();
        let source = crate::base::SourceType::DigitalCreation;
        let signed = signer(&identity(1)).sign(&drawn(ImageFormat::Jpeg), &claim(source));
        for number in 0..600 {
            let path = home.path().join(format!("{number:03}.jpg"));
            std::fs::write(path, signed.as_ref().unwrap().asset.bytes()).unwrap();
        }
        let request = VerifyRequest {
            inputs: vec![home.path().to_owned()],
            beside: Beside::Page,
            ledger: LedgerChoice::None,
            extra_trust: Vec::new(),
            lists: ListChoice::NotAsked,
            manifest: None,
            online: false,
            proof: None,
            whom: None,
            thumbnail: true,
            heatmap: None,
            require: Requirement::Trusted,
            jobs: None,
        };
        let (mut pages, mut compared) = (0, 0);
        let summary = verify(&app(&home.path().join("home"), ""), &request, &mut |item| {
            pages += usize::from(matches!(item.beside, Found::Page(_)));
            compared += usize::from(item.result.unwrap().thumbnail.is_some());
            rest
        });
        assert_eq!(summary.unwrap().files, 600);
        (pages, compared)
    }

    #[test]
    fn pictures_for_a_full_page_are_not_made() {
        assert_eq!(made(Rest::AsAsked), (600, 600));
        // Some are looked at before their turn has come, but never all.
        let (pages, compared) = made(Rest::VerdictAlone);
        assert!(pages < 600 && compared < 600, "{pages} {compared}");
    }
}
