//! A statement written into an image's EXIF and XMP, before it is signed; nothing found is overwritten in silence.

use super::exif_write::ExifWriteError;
use super::plan::{self, Told};
use super::tiff::{Place, TiffFault};
use super::wanted::{self, ExifWanted, XmpWanted};
use super::xmp::{self, XmpFault};
use super::xmp_write::Wrapper;
use super::{Source, exif_write, read, twins, unwritten, xmp_write};
use crate::asset::{Asset, AssetError, Format, Oddity, StorePlace};
use crate::base::{Statement, Timestamp, Untrusted};

/// How a statement is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatchOptions<'a> {
    /// The register that knows the asset id (`Iptc4xmpExt:RegistryId`).
    pub registry: Registry<'a>,
    /// Whether a field that contradicts the statement is replaced (and still reported) and not left.
    pub replace_conflicts: bool,
}

/// The register that will know a picture's asset id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registry<'a> {
    /// Its name, the ledger's origin.
    Named(&'a str),
    /// There is none: no id is written, for nobody could look it up.
    #[default]
    None,
    /// There will be one whose name is not known yet.
    Unnamed,
}

/// An image with the statement written in, and what was done.
#[derive(Debug)]
pub struct Patched {
    /// The new file.
    pub asset: Asset,
    /// What the file now says that it did not say before.
    pub written: Vec<Written>,
    /// What the file said already, or what is its own and stays.
    pub kept: Vec<Kept>,
    /// What the file says otherwise than the statement.
    pub conflicts: Vec<Conflict>,
    /// What could not be written and why, one sentence each, without final period.
    pub not_carried: Vec<String>,
}

/// One value written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub source: Source,
    /// The name by which [`super::read`] finds it.
    pub name: String,
    /// The value.
    pub value: String,
}

/// One field left as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub source: Source,
    /// Which.
    pub name: String,
    /// What it holds.
    pub value: Untrusted,
}

/// One field that contradicts the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub source: Source,
    /// Which.
    pub name: String,
    /// What the file holds.
    pub found: Untrusted,
    /// What the statement says.
    pub wanted: String,
    /// Whether the statement's value took its place; else the file's stays.
    pub replaced: bool,
}

/// Why a statement cannot be written into an image at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The container refuses.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// The image holds a manifest store, which any change would break; take it out first and name it as parent.
    #[error("the image holds a C2PA manifest store; its metadata cannot change under it")]
    HoldsStore,
    /// A text holds a character that no XML document can hold.
    #[error("the text for `{field}` holds a control character, which metadata cannot carry")]
    Unwritable {
        /// Which field.
        field: String,
    },
}

/// Fields that were written and are not found again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of the fields written cannot be read back, `{}` first", fields.len(), fields.first().map_or("", String::as_str))]
pub struct Missing {
    /// Their names, at least one.
    pub fields: Vec<String>,
}

/// Writes a statement into an image, leaving alone what contradicts it.
pub fn patch(asset: &Asset, statement: &Statement, now: Timestamp) -> Result<Patched, MetadataError> {
    patch_with(asset, statement, now, PatchOptions::default())
}

/// Writes a statement into an image.
///
/// A digital source type found that says something else is a conflict like any other: the statement is what gets signed in
/// C2PA, and the file's own words stay in XMP beside it, reported, unless `replace_conflicts` is set. One that described the
/// picture before the edit which the statement speaks of is replaced, and reported, unless a mark of AI would be lost with it.
pub fn patch_with(
    asset: &Asset,
    statement: &Statement,
    now: Timestamp,
    options: PatchOptions<'_>,
) -> Result<Patched, MetadataError> {
    if asset.layout().store != StorePlace::Absent {
        return Err(MetadataError::HoldsStore);
    }
    let found = read(asset);
    let document = found
        .document_id()
        .map(Untrusted::raw)
        .filter(|id| !id.trim().is_empty());
    let mut xmp_wanted = wanted::xmp(statement, document, options.registry, now);
    let mut exif_wanted = wanted::exif(statement);
    if let Some(field) = wanted::unwritable(&exif_wanted, &xmp_wanted) {
        return Err(MetadataError::Unwritable { field });
    }
    let mut not_carried = Vec::new();
    if !options.replace_conflicts {
        not_carried.extend(twins::leave_out(&found, &mut exif_wanted, &mut xmp_wanted));
    }
    let exif = exif_part(asset, &exif_wanted, options, &mut not_carried);
    let xmp = xmp_part(asset, &xmp_wanted, options, &mut not_carried);
    let before = asset;
    let (asset, mut told) = assemble(before, exif, xmp, &mut not_carried)?;
    not_carried.extend(lost(before, &asset));
    told.conflicts.extend(unwritten::conflicts(&found, statement));
    let Told {
        written,
        kept,
        conflicts,
    } = told;
    Ok(Patched {
        asset,
        written,
        kept,
        conflicts,
        not_carried,
    })
}

/// Metadata that byline does not read, or reads once where it stands twice, and that is in the file no more: never without a word.
fn lost(before: &Asset, after: &Asset) -> Vec<String> {
    // Whether it is unread, what it is, where it begins.
    let passed_over = |odd: &Oddity| match *odd {
        Oddity::Unreadable { what, offset } => Some((true, what, offset)),
        Oddity::Several { what, offset } => Some((false, what, offset)),
        _ => None,
    };
    let left = after.layout().oddities.iter().filter_map(passed_over);
    let left: Vec<(bool, &str)> = left.map(|(unread, what, _)| (unread, what)).collect();
    let found = before.layout().oddities.iter().filter_map(passed_over);
    found
        .filter(|(unread, what, _)| !left.contains(&(*unread, *what)))
        .map(|(unread, what, offset)| {
            if unread {
                format!("{what} at byte {offset}, which cannot be read: it is left out")
            } else {
                format!("a second {what} at byte {offset}: it is left out, the first stays")
            }
        })
        .collect()
}

/// EXIF in two parts may be one block that was cut: to write either anew would lose the other.
fn is_second_exif(odd: &Oddity) -> bool {
    matches!(odd, Oddity::Several { what: "EXIF", .. })
}

/// A part made anew, `None` where it stays as it is, and what is to be told of it.
type Part<T> = (Option<T>, Told);

/// Puts the parts in; where the container refuses one for its size or kind, the other alone, and that is said.
fn assemble(
    asset: &Asset,
    (exif, mut told): Part<Vec<u8>>,
    (xmp, told_xmp): Part<String>,
    not_carried: &mut Vec<String>,
) -> Result<(Asset, Told), MetadataError> {
    let refused = |error: &AssetError| {
        matches!(
            error,
            AssetError::Unsupported { .. } | AssetError::PartTooLarge { .. }
        )
    };
    let (exif, xmp) = (exif.as_deref(), xmp.as_deref());
    match asset.with_metadata(exif, xmp) {
        Ok(asset) => {
            told.extend(told_xmp);
            return Ok((asset, told));
        }
        Err(error) if refused(&error) => {}
        Err(error) => return Err(error.into()),
    }
    if let Ok(asset) = asset.with_metadata(None, xmp) {
        not_carried.extend(
            exif.and_then(|block| asset.with_metadata(Some(block), None).err())
                .map(|why| why.to_string()),
        );
        return Ok((asset, told_xmp));
    }
    not_carried.extend(asset.with_metadata(None, xmp).err().map(|why| why.to_string()));
    match asset.with_metadata(exif, None) {
        Ok(asset) => Ok((asset, told)),
        Err(error) if refused(&error) => {
            not_carried.push(error.to_string());
            Ok((asset.with_metadata(None, None)?, Told::default()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads an image again and looks for every field written; after signing this tells that no writer lost one.
pub fn check_written(asset: &Asset, written: &[Written]) -> Result<(), Missing> {
    let found = read(asset);
    let lost = |one: &&Written| {
        !found.fields.iter().any(|field| {
            field.source == one.source && field.name == one.name && field.value.raw() == one.value
        })
    };
    let fields: Vec<String> = written.iter().filter(lost).map(|one| one.name.clone()).collect();
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Missing { fields })
    }
}

/// The new EXIF block, `None` where it stays as it is.
fn exif_part(
    asset: &Asset,
    wanted: &[ExifWanted],
    options: PatchOptions<'_>,
    not_carried: &mut Vec<String>,
) -> Part<Vec<u8>> {
    let format = asset.format();
    if !format.carries_exif() {
        not_carried.push(format!(
            "{} has no place for EXIF: {} not written",
            format.name(),
            names(wanted)
        ));
        return (None, Told::default());
    }
    if asset.layout().oddities.iter().any(is_second_exif) {
        not_carried.push(format!(
            "the file's EXIF stands in several parts and is left as it is: {} not written",
            names(wanted)
        ));
        return (None, Told::default());
    }
    // Camera blocks come close to a JPEG segment's size: what says who and whose has precedence then.
    let tiers: [fn(&ExifWanted) -> bool; 3] = [
        |_| true,
        |one| one.place == Place::Chain(0),
        |one| matches!(one.tag, 0x013B | 0x8298),
    ];
    let mut found = 0;
    for tier in tiers {
        let (now, left): (Vec<_>, Vec<_>) = wanted.iter().cloned().partition(tier);
        let mut told = Told::default();
        let made = match exif_made(asset, &now, options, &mut told) {
            Ok(made) => made,
            Err(why) => {
                // Of a BigTIFF the container itself says, when the XMP comes to it, that it takes neither.
                if asset.format() != Format::Tiff || why != ExifWriteError::Damaged(TiffFault::Header) {
                    not_carried.push(why.to_string());
                }
                return (None, Told::default());
            }
        };
        let size = made.as_ref().map_or(0, Vec::len);
        found = size.max(found);
        if exif_limit(format).is_none_or(|limit| size <= limit) {
            if !left.is_empty() {
                not_carried.push(too_large(format, found, &names(&left)));
            }
            return (made, told);
        }
    }
    not_carried.push(too_large(format, found, &names(wanted)));
    (None, Told::default())
}

fn names(wanted: &[ExifWanted]) -> String {
    let names: Vec<String> = wanted
        .iter()
        .map(|one| super::exif::name(one.place, one.tag))
        .collect();
    names.join(", ")
}

fn too_large(format: Format, found: usize, names: &str) -> String {
    let (format, limit) = (format.name(), exif_limit(format).unwrap_or(usize::MAX));
    format!("EXIF of {found} bytes does not fit into {format}, at most {limit} bytes: {names} not written")
}

fn exif_made(
    asset: &Asset,
    wanted: &[ExifWanted],
    options: PatchOptions<'_>,
    told: &mut Told,
) -> Result<Option<Vec<u8>>, ExifWriteError> {
    let block = asset.exif_block();
    let additions = plan::exif(block, wanted, options, told)?;
    if additions.primary.is_empty() && additions.exif.is_empty() {
        return Ok(None);
    }
    let made = match asset.format() {
        // These files are their own block; the asset merges what is new into their directories.
        Format::Dng | Format::Tiff => {
            exif_write::fragment(&additions, block.is_some_and(plan::has_exif_directory))
        }
        _ => exif_write::write(block, &additions),
    };
    made.map(Some)
}

/// A JPEG segment holds 65,533 bytes, six of which are `Exif\0\0` (Exif 3.0, 4.7.2).
const fn exif_limit(format: Format) -> Option<usize> {
    match format {
        Format::Jpeg => Some(65_527),
        _ => None,
    }
}

/// The new packet, `None` where it stays as it is.
fn xmp_part(
    asset: &Asset,
    wanted: &[XmpWanted],
    options: PatchOptions<'_>,
    not_carried: &mut Vec<String>,
) -> Part<String> {
    let mut told = Told::default();
    let Some(bytes) = asset
        .layout()
        .xmp
        .as_deref()
        .filter(|bytes| !bytes.iter().all(u8::is_ascii_whitespace))
    else {
        let changes = plan::xmp(None, wanted, options, &mut told);
        let wrapper = if asset.format() == Format::Svg {
            Wrapper::Bare
        } else {
            Wrapper::Meta
        };
        return (Some(xmp_write::fresh(&changes.add, wrapper)), told);
    };
    let (text, fault) = xmp::characters(bytes);
    let packet = xmp::read(&text);
    if let Some(why) = fault.as_ref().or(packet.faults.first()) {
        not_carried.push(format!(
            "the file's XMP packet is left as it is, without the statement: {why}"
        ));
        return (None, told);
    }
    if !packet.is_sound() {
        not_carried.push(format!(
            "the file's XMP packet is left as it is, without the statement: {}",
            XmpFault::NoRdf
        ));
        return (None, told);
    }
    let changes = plan::xmp(Some(&packet), wanted, options, &mut told);
    if changes.is_empty() {
        return (None, told);
    }
    (Some(xmp_write::change(&text, &packet, &changes)), told)
}
