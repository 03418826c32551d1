//! Two pictures compared by their cells, as report lines and words.

use std::path::Path;

use super::{Error, Kind, fault};
use crate::asset::pixels::{self, PixelDigest, Rgb8};
use crate::asset::{Asset, Format};
use crate::base::Untrusted;
use crate::report::compare::{Area, CellComparison, LikenessWord, ReworkFacts};
use crate::similar::grid::{self, Comparison, Likeness, Region, Rework, SIDE};
use crate::store::files::{FileError, Staged};

/// Parts told one by one.
const AREAS_MAX: usize = 16;

/// A comparison for the report; `size` is that of the newer picture, in pixels as shown.
pub(super) fn cells(found: &Comparison, size: (u32, u32)) -> CellComparison {
    let changed = found.cells_changed();
    let is_placed = matches!(found.likeness, Likeness::PartChanged | Likeness::Reworked);
    let areas = found
        .regions
        .iter()
        .take(AREAS_MAX)
        .map(|region| area(region, size));
    CellComparison {
        likeness: match found.likeness {
            Likeness::Same => LikenessWord::SamePicture,
            Likeness::Reworked => LikenessWord::Reworked,
            Likeness::PartChanged => LikenessWord::PartChanged,
            Likeness::Another => LikenessWord::AnotherPicture,
        },
        rework: (!found.rework.is_none() && found.likeness != Likeness::Another)
            .then(|| facts(&found.rework)),
        cells_compared: number(found.compared),
        cells_changed: number(changed),
        changed_permille: number(changed * 1000 / found.compared.max(1)),
        largest_difference: found.largest(),
        agreement_percent: found.agreement_percent(),
        textured_percent: number(found.texture.percent()),
        areas: if is_placed { areas.collect() } else { Vec::new() },
        areas_more: if is_placed {
            number(found.regions.len().saturating_sub(AREAS_MAX))
        } else {
            0
        },
    }
}

fn facts(rework: &Rework) -> ReworkFacts {
    ReworkFacts {
        turn: rework.turn,
        cut_permille: rework.cut,
        tilt_centidegrees: rework.tilt,
        lighter_levels: rework.tones.map(|tones| tones.lighter),
        contrast_percent: rework.tones.map(|tones| tones.contrast),
        saturation_percent: rework.tones.and_then(|tones| tones.saturation),
        inverted: rework.inverted,
        stretched: rework.stretched,
    }
}

/// A box of cells in pixels, edges outwards.
fn area(region: &Region, (width, height): (u32, u32)) -> Area {
    let cells = u64::try_from(SIDE).unwrap_or(64);
    let edge =
        |cell: usize, length: u32| number64(u64::try_from(cell).unwrap_or(0) * u64::from(length) / cells);
    let end = |cell: usize, length: u32| {
        number64((u64::try_from(cell).unwrap_or(0) * u64::from(length)).div_ceil(cells))
    };
    let (x, y) = (edge(region.x, width), edge(region.y, height));
    Area {
        x,
        y,
        width: end(region.x + region.width, width) - x,
        height: end(region.y + region.height, height) - y,
        cells: number(region.cells),
    }
}

/// How many frames or pages a file has, in words.
pub(super) fn frames(asset: &Asset) -> String {
    let unit = if asset.format() == Format::Tiff {
        "page"
    } else {
        "frame"
    };
    match asset.frames() {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    }
}

/// That the pixels and looks of a file are those of its first frame or page, where it has more.
pub(super) fn first_alone(asset: &Asset) -> Option<String> {
    (asset.frames() > 1).then(|| {
        format!(
            "pixels and looks are those of the first of {} alone",
            frames(asset)
        )
    })
}

/// The digest of all that a file shows; `None` where it has frames or pages beyond the one that is decoded, and where none can be.
/// Two files with one frame in common are not the same picture.
pub(super) fn all_pixels(asset: &Asset) -> Option<PixelDigest> {
    if asset.frames() > 1 {
        return None;
    }
    let picture = pixels::look(asset, crate::metadata::read(asset).orientation);
    Some(picture.ok()?.pixel_digest)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn number64(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What was found, in words of ours: "12 % of the picture changed: 80 x 60 pixels at (10, 20)".
pub(super) fn words(cells: &CellComparison) -> String {
    let rework = cells
        .rework
        .as_ref()
        .map(rework_words)
        .filter(|words| !words.is_empty());
    match cells.likeness {
        LikenessWord::SamePicture => {
            format!(
                "no cell differs by more than {} of 255, as strong re-encoding alone may do; a faint mark over the whole, a slight blur, and what is much smaller than a 64th of each side are not seen",
                cells.largest_difference
            )
        }
        LikenessWord::Reworked => {
            let rework = rework.unwrap_or_default();
            match cells.areas.first() {
                Some(area) => format!("{rework}; tones differ most in {}", place(area)),
                None => rework,
            }
        }
        LikenessWord::PartChanged => {
            let share = share(cells.changed_permille);
            let first = cells
                .areas
                .first()
                .map_or_else(String::new, |area| format!(": {}", place(area)));
            let more = number(cells.areas.len().saturating_sub(1)).saturating_add(cells.areas_more);
            let more = match more {
                0 => String::new(),
                1 => ", and one more part".to_owned(),
                more => format!(", and {more} more parts"),
            };
            let besides =
                rework.map_or_else(String::new, |words| format!("; besides, the whole was {words}"));
            format!("{share} of the cells differ{first}{more}{besides}")
        }
        LikenessWord::AnotherPicture if is_ground(cells) => format!(
            "{} of the cells differ, and what agrees is plain ground, a margin or a frame: of the places with something to see, {} %",
            share(cells.changed_permille),
            cells.textured_percent
        ),
        LikenessWord::AnotherPicture => format!(
            "{} of the cells differ, and what does not differ does not agree",
            share(cells.changed_permille)
        ),
    }
}

/// Whether cells agree, but for those where there is something to see.
pub(super) const fn is_ground(cells: &CellComparison) -> bool {
    cells.changed_permille <= 500 && cells.agreement_percent >= 65 && cells.textured_percent < 65
}

fn place(area: &Area) -> String {
    format!(
        "{} x {} pixels at ({}, {})",
        area.width, area.height, area.x, area.y
    )
}

fn share(permille: u32) -> String {
    if permille < 10 {
        "less than 1 %".to_owned()
    } else {
        format!("{} %", (permille + 5) / 10)
    }
}

fn rework_words(rework: &ReworkFacts) -> String {
    let mut words = Vec::new();
    words.extend(rework.turn.map(|turn| {
        match turn {
            2 => "mirrored",
            3 => "turned upside down",
            4 => "mirrored top to bottom",
            5 => "mirrored and turned to the left",
            6 => "turned to the right",
            7 => "mirrored and turned to the right",
            _ => "turned to the left",
        }
        .to_owned()
    }));
    if let Some(cut) = rework.cut_permille {
        for (edge, verb) in [(1, "cropped"), (-1, "extended")] {
            let sides: Vec<String> = cut
                .iter()
                .zip(["left", "top", "right", "bottom"])
                .filter(|(part, _)| **part * edge >= 4)
                .map(|(part, side)| format!("{side} {}.{} %", part.abs() / 10, part.abs() % 10))
                .collect();
            if !sides.is_empty() {
                words.push(format!("{verb} ({})", sides.join(", ")));
            }
        }
    }
    words.extend(
        rework
            .tilt_centidegrees
            .map(|tilt| format!("tilted by {}.{} degrees", tilt.abs() / 100, tilt.abs() % 100 / 10)),
    );
    if rework.stretched {
        words.push("stretched".to_owned());
    }
    if rework.inverted {
        words.push("given inverted colours".to_owned());
    }
    words.extend(tone_words(rework));
    if words.is_empty() {
        words.push("moved by a little".to_owned());
    }
    words.join(", ")
}

/// Tones in words; percentages that would say nothing are left out.
fn tone_words(rework: &ReworkFacts) -> Option<String> {
    let (lighter, contrast) = (rework.lighter_levels?, rework.contrast_percent?);
    let saturation = rework.saturation_percent;
    if [lighter, contrast, saturation.unwrap_or(0)]
        .iter()
        .all(|change| change.abs() <= 2)
    {
        return Some("given other colours".to_owned());
    }
    let saturation = saturation.map_or_else(String::new, |change| format!(", saturation {change:+} %"));
    Some(format!(
        "given other tones (brightness {lighter:+} of 255, contrast {contrast:+} %{saturation})"
    ))
}

/// Writes the heat map beside its place and renames it. What stands there is never replaced, be it an input or not.
pub(super) fn write_heat_map(
    path: &Path,
    now: &Rgb8,
    found: &Comparison,
) -> Result<Option<Untrusted>, Error> {
    let Some(bytes) = grid::heat_map(now, found).and_then(|map| pixels::png(&map)) else {
        return Ok(None);
    };
    Staged::write(path, &bytes, false)
        .and_then(Staged::commit)
        .map_err(|error| refused(path, &error))?;
    Ok(Some(Untrusted::new(path.to_string_lossy())))
}

/// That the heat map would stand in a free place: asked before the work is done.
pub(super) fn check_place(path: &Path) -> Result<(), Error> {
    if crate::store::folder::exists(path) {
        return Err(refused(path, &FileError::Exists));
    }
    Ok(())
}

fn refused(path: &Path, error: &FileError) -> Error {
    match error {
        FileError::Exists => Error::new(
            Kind::Conflict,
            "file.exists",
            format!("cannot write the heat map to `{}`", path.display()),
        )
        .why(error.to_string())
        .fix("name a file that does not exist yet: a heat map replaces nothing"),
        other => fault::write(path, other),
    }
}
