//! What a statement asks for against what a file holds: decides field by field what is added, kept, renewed or in conflict.

use std::collections::{BTreeMap, BTreeSet};

use super::exif_write::{Additions, TextTag};
use super::patch::{Conflict, Kept, PatchOptions, Written};
use super::tiff::{self, EXIF_POINTER, Place, TiffFault};
use super::wanted::{ExifWanted, Policy, Sameness, Shape, XmpWanted};
use super::xmp::Packet;
use super::xmp_write::Changes;
use super::{Source, charset, exif};
use crate::base::{SourceType, Timestamp, Untrusted};

/// What happens and what is told of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) written: Vec<Written>,
    pub(super) kept: Vec<Kept>,
    pub(super) conflicts: Vec<Conflict>,
}

impl Told {
    /// Adds what is told of another part.
    pub(super) fn extend(&mut self, other: Self) {
        self.written.extend(other.written);
        self.kept.extend(other.kept);
        self.conflicts.extend(other.conflicts);
    }

    fn written(&mut self, source: Source, name: &str, value: &str) {
        self.written.push(Written {
            source,
            name: name.to_owned(),
            value: value.to_owned(),
        });
    }

    fn kept(&mut self, source: Source, name: &str, value: &str) {
        self.kept.push(Kept {
            source,
            name: name.to_owned(),
            value: Untrusted::new(value),
        });
    }

    fn conflict(&mut self, source: Source, name: &str, found: &str, wanted: &str, replaced: bool) {
        let (name, found, wanted) = (name.to_owned(), Untrusted::new(found), wanted.to_owned());
        self.conflicts.push(Conflict {
            source,
            name,
            found,
            wanted,
            replaced,
        });
    }
}

/// Decides every EXIF tag.
pub(super) fn exif<'a>(
    block: Option<&[u8]>,
    wanted: &'a [ExifWanted],
    options: PatchOptions,
    told: &mut Told,
) -> Result<Additions<'a>, TiffFault> {
    let found = block.map(Texts::of).transpose()?;
    let mut additions = Additions::default();
    for want in wanted {
        let name = exif::name(want.place, want.tag);
        let there = found.as_ref().and_then(|found| found.text(want.place, want.tag));
        let there = there.filter(|text| !is_blank(text));
        match there {
            Some(text) if same_exif(want, &text, found.as_ref()) => {
                told.kept(Source::Exif, &name, &text);
                continue;
            }
            Some(text) if want.policy == Policy::Keep => {
                told.kept(Source::Exif, &name, &text);
                continue;
            }
            Some(text) => {
                told.conflict(Source::Exif, &name, &text, &want.text, options.replace_conflicts);
                if !options.replace_conflicts {
                    continue;
                }
            }
            None => {}
        }
        let list = if want.place == Place::Exif {
            &mut additions.exif
        } else {
            &mut additions.primary
        };
        list.push(TextTag {
            tag: want.tag,
            text: &want.text,
        });
        told.written(Source::Exif, &name, &want.text);
        if let Some((tag, text)) = &want.with {
            list.push(TextTag { tag: *tag, text });
            told.written(Source::Exif, &exif::name(want.place, *tag), text);
        }
    }
    Ok(additions)
}

fn same_exif(want: &ExifWanted, text: &str, found: Option<&Texts<'_>>) -> bool {
    if want.tag == 0x9003 {
        let offset = found.and_then(|found| found.text(Place::Exif, 0x9011));
        let there = exif_time(text, offset.as_deref());
        let wanted = exif_time(&want.text, want.with.as_ref().map(|with| with.1.as_str()));
        // A time without an offset is local time of nobody knows where: equal only as text.
        return there.map_or(text == want.text, |there| Some(there) == wanted);
    }
    text == want.text
}

/// `2026:05:01 12:00:00` and `+02:00` as an instant.
fn exif_time(text: &str, offset: Option<&str>) -> Option<Timestamp> {
    let (date, time) = text.split_once(' ')?;
    Timestamp::parse_rfc3339(&format!("{}T{time}{}", date.replace(':', "-"), offset?))
}

/// Blanks and the empty date of Exif 3.0 4.6.5.1 say nothing.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\0' | ':'))
}

/// Whether a block has an Exif directory.
pub(super) fn has_exif_directory(block: &[u8]) -> bool {
    Texts::of(block).is_ok_and(|texts| texts.exif.is_some())
}

/// The two directories that byline writes to.
struct Texts<'a> {
    block: &'a [u8],
    order: tiff::Order,
    primary: tiff::Directory,
    exif: Option<tiff::Directory>,
}

impl<'a> Texts<'a> {
    fn of(block: &'a [u8]) -> Result<Self, TiffFault> {
        let (order, first) = tiff::header(block)?;
        let primary = tiff::directory(block, order, first)?;
        let pointer = primary.find(EXIF_POINTER).map(|entry| order.u32_of(entry.slot));
        let exif = pointer.map(|at| tiff::directory(block, order, at)).transpose()?;
        Ok(Self {
            block,
            order,
            primary,
            exif,
        })
    }

    /// A tag's text up to its first NUL; of a tag that is no text, a word that is never equal to one.
    fn text(&self, place: Place, tag: u16) -> Option<String> {
        let directory = if place == Place::Exif {
            self.exif.as_ref()?
        } else {
            &self.primary
        };
        let entry = directory.find(tag)?;
        match (entry.kind, entry.value(self.block, self.order)) {
            (2 | 7 | 129, Some(value)) => {
                let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
                Some(
                    charset::utf8_or_latin1(text)
                        .text
                        .trim_end_matches(' ')
                        .to_owned(),
                )
            }
            (_, Some(value)) => Some(format!("({} bytes)", value.len())),
            (_, None) => Some("(unreadable)".to_owned()),
        }
    }
}

/// Decides every XMP property; without a packet everything is added.
pub(super) fn xmp<'a>(
    packet: Option<&Packet>,
    wanted: &'a [XmpWanted],
    options: PatchOptions,
    told: &mut Told,
) -> Changes<'a> {
    let mut changes = Changes::default();
    for want in wanted {
        let there = packet.map(|packet| found(packet, want.name)).unwrap_or_default();
        let exists = packet.is_some_and(|packet| packet.properties.iter().any(|one| one.name == want.name));
        let first = there
            .iter()
            .map(|leaf| leaf.1)
            .find(|value| !value.trim().is_empty());
        if !exists {
            tell_written(want, 1, told);
            changes.add.push(want);
            continue;
        }
        let Some(first) = first else {
            tell_written(want, 1, told);
            changes.renew.push(want);
            continue;
        };
        let all = all_values(&there);
        if is_there(want, &there) {
            told.kept(Source::Xmp, want.name, &all);
            continue;
        }
        match want.policy {
            Policy::Keep => told.kept(Source::Xmp, want.name, &all),
            Policy::Renew => {
                tell_written(want, 1, told);
                changes.renew.push(want);
            }
            Policy::Append if has_array(packet, want.name) => {
                tell_written(want, items(&there).saturating_add(1), told);
                changes.append.push(want);
            }
            Policy::Append | Policy::Conflict | Policy::Outdated => {
                let wished = want.leaves().first().map_or("", |leaf| leaf.1).to_owned();
                let replaced =
                    options.replace_conflicts || want.policy == Policy::Outdated && keeps_ai(first, &wished);
                told.conflict(Source::Xmp, want.name, &all, &wished, replaced);
                if replaced {
                    tell_written(want, 1, told);
                    changes.renew.push(want);
                }
            }
        }
    }
    changes
}

/// Whether a digital source type may take the place of another without a mark of a trained model being lost.
fn keeps_ai(found: &str, wished: &str) -> bool {
    let is_ai = |text| SourceType::parse(text).is_some_and(SourceType::is_ai);
    !is_ai(found) || is_ai(wished)
}

fn has_array(packet: Option<&Packet>, name: &str) -> bool {
    packet.is_some_and(|packet| {
        packet
            .properties
            .iter()
            .any(|one| one.name == name && one.array_end.is_some())
    })
}

/// The leaves of a property: path below its name, and value.
fn found<'a>(packet: &'a Packet, name: &str) -> Vec<(&'a str, &'a str)> {
    let below = |path: &'a str| {
        path.strip_prefix(name)
            .filter(|rest| rest.is_empty() || rest.starts_with(['[', '/']))
    };
    packet
        .leaves
        .iter()
        .filter_map(|leaf| Some((below(&leaf.path)?, leaf.value.as_str())))
        .collect()
}

/// The values of a property, as they are told: what is replaced or stays is all of them.
fn all_values(leaves: &[(&str, &str)]) -> String {
    let said = leaves
        .iter()
        .map(|leaf| leaf.1)
        .filter(|value| !value.trim().is_empty());
    let mut all: Vec<&str> = said.clone().take(TOLD_MAX).collect();
    if said.count() > TOLD_MAX {
        all.push("...");
    }
    all.join("; ")
}

/// Values of one property that are told one by one.
const TOLD_MAX: usize = 16;

/// How many items the array of these leaves has.
fn items(leaves: &[(&str, &str)]) -> usize {
    leaves.iter().filter_map(|leaf| item(leaf.0).0).max().unwrap_or(0)
}

/// The number of the array item that a path leads into, and the path from there.
fn item(path: &str) -> (Option<usize>, &str) {
    let inside = path
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .and_then(|(number, rest)| Some((number.parse().ok()?, rest)));
    inside.map_or((None, path), |(number, rest)| (Some(number), rest))
}

/// Whether one item of the property holds everything wanted.
fn is_there(want: &XmpWanted, there: &[(&str, &str)]) -> bool {
    let wished = want.leaves();
    let is_lang = matches!(want.shape, Shape::Lang(_));
    // What of the wanted each item holds: a stranger's file may have any number of items.
    let mut held: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (path, found) in there {
        let (number, rest) = item(path);
        for (at, (wished_path, value)) in wished.iter().enumerate() {
            let wanted = item(wished_path.strip_prefix(want.name).unwrap_or_default());
            let fits = is_lang || (number.is_some(), rest) == (wanted.0.is_some(), wanted.1);
            if fits && same(want.sameness, found, value) {
                let number = if is_lang { 0 } else { number.unwrap_or(0) };
                held.entry(number).or_default().insert(at);
            }
        }
    }
    held.values().any(|held| held.len() == wished.len())
}

fn same(sameness: Sameness, found: &str, wanted: &str) -> bool {
    let equal = match sameness {
        Sameness::Text => false,
        Sameness::Instant => {
            let instants = (Timestamp::parse_rfc3339(found), Timestamp::parse_rfc3339(wanted));
            instants.0.is_some() && instants.0.map(Timestamp::unix_s) == instants.1.map(Timestamp::unix_s)
        }
        Sameness::SourceType => SourceType::parse(found).is_some_and(|term| term.uri() == wanted),
    };
    equal || found == wanted
}

fn tell_written(want: &XmpWanted, item: usize, told: &mut Told) {
    for (path, value) in want.leaves() {
        let rest = path.strip_prefix(want.name).unwrap_or_default();
        let path = match rest.strip_prefix("[1]") {
            Some(rest) => format!("{}[{item}]{rest}", want.name),
            None => path,
        };
        told.written(Source::Xmp, &path, value);
    }
}
