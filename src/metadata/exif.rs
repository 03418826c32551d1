//! EXIF in: the tags of a TIFF block as fields. DOOR to `exif` (kamadak-exif), which names tags and words their values.
//!
//! The structure is walked by `tiff`, so that no hostile block makes the library allocate more than the block's size.

use ::exif::{Context, Rational, SRational, Tag, Value};

use super::charset::{self, Decoded};
use super::tiff::{self, Order, Place, RawEntry, TiffFault};
use super::{Field, Note, Source};
use crate::base::Untrusted;
use crate::base::limits::{EXIF_BYTES_MAX, FIELD_BYTES_MAX};

/// Most numbers of one value that are worded.
const NUMBERS_MAX: usize = 32;
/// Longest binary value that is worded and not only counted, bytes.
const BINARY_MAX: usize = 32;

/// What one EXIF block says.
#[derive(Debug, Default)]
pub(super) struct ExifFacts {
    /// Every tag, in file order.
    pub(super) fields: Vec<Field>,
    /// What could not be read, and what was assumed.
    pub(super) notes: Vec<Note>,
    /// Orientation of the picture, 1 to 8.
    pub(super) orientation: Option<u8>,
}

/// Reads a TIFF block; total: what cannot be read becomes a note.
pub(super) fn read(block: &[u8]) -> ExifFacts {
    let mut facts = ExifFacts::default();
    // The bound is for blocks inside containers; a TIFF file is its own block and lies within the file's bound.
    let walk = match tiff::walk(block) {
        Ok(walk) => walk,
        Err(fault) => {
            facts.notes.push(Note::of(Source::Exif, &fault));
            return facts;
        }
    };
    for fault in walk.faults.iter().take(NUMBERS_MAX) {
        facts.notes.push(Note::of(Source::Exif, fault));
    }
    let mut worded = 0usize;
    for (place, entry) in &walk.entries {
        let Some(value) = entry.value(block, walk.order) else {
            if facts.notes.len() < NUMBERS_MAX {
                facts
                    .notes
                    .push(Note::of(Source::Exif, &TiffFault::Value { tag: entry.tag }));
            }
            continue;
        };
        // Entries may all name the same bytes: the words made of a block are bounded, not only the block.
        if worded > EXIF_BYTES_MAX {
            facts.notes.push(Note::of(Source::Exif, &TiffFault::TooMany));
            break;
        }
        if (*place, entry.tag) == (Place::Chain(0), 0x0112) {
            facts.orientation = orientation(value, entry, walk.order);
            if facts.orientation.is_none() {
                facts
                    .notes
                    .push(Note::new(Source::Exif, "Orientation is not 1 to 8; taken as 1"));
            }
        }
        let before = facts.fields.len();
        push(&mut facts, *place, entry, value, walk.order);
        let new = facts.fields.iter().skip(before);
        worded = new.fold(worded, |sum, field| sum.saturating_add(field.value.raw().len()));
    }
    facts
}

fn orientation(value: &[u8], entry: &RawEntry, order: Order) -> Option<u8> {
    let number = match entry.kind {
        3 => order.u16_at(value, 0)?,
        1 => u16::from(*value.first()?),
        _ => return None,
    };
    u8::try_from(number)
        .ok()
        .filter(|number| (1..=8).contains(number))
}

fn push(facts: &mut ExifFacts, place: Place, entry: &RawEntry, value: &[u8], order: Order) {
    let name = name(place, entry.tag);
    let value = value.get(..value.len().min(FIELD_BYTES_MAX)).unwrap_or(value);
    if entry.tag == 0x8298 && entry.kind == 2 && place == Place::Chain(0) {
        // Photographer's and editor's copyright, NUL between them; a lone space stands for "none" of the first.
        let mut parts = value.splitn(3, |byte| *byte == 0);
        let photographer = charset::utf8_or_latin1(parts.next().unwrap_or_default());
        let editor = charset::utf8_or_latin1(parts.next().unwrap_or_default());
        add(facts, name.clone(), photographer);
        if !editor.text.is_empty() {
            add(facts, format!("{name}/editor"), editor);
        }
        return;
    }
    let decoded = match (place, entry.tag, entry.kind) {
        (Place::Exif, 0x9286, 7 | 2) | (Place::Gps, 0x1B | 0x1C, 7) => charset::user_comment(value, order),
        (Place::Chain(0), 0x9C9B..=0x9C9F, 1) => charset::utf16(value, Order::Little),
        (_, _, 2 | 129) => text(value),
        (_, 0x927C, _) => counted(value.len()),
        (_, _, 1 | 6 | 7) if value.len() > BINARY_MAX => counted(value.len()),
        _ => Decoded {
            text: worded(place, entry, value, order),
            remark: None,
        },
    };
    add(facts, name, decoded);
}

fn text(value: &[u8]) -> Decoded {
    let end = value
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last.saturating_add(1));
    let mut decoded = charset::utf8_or_latin1(value.get(..end).unwrap_or_default());
    decoded.text = decoded.text.replace('\0', "; ");
    decoded
}

fn counted(len: usize) -> Decoded {
    Decoded {
        text: format!("({len} bytes)"),
        remark: None,
    }
}

fn add(facts: &mut ExifFacts, name: String, decoded: Decoded) {
    if let Some(remark) = decoded.remark {
        facts
            .notes
            .push(Note::new(Source::Exif, &format!("{name}: {remark}")));
    }
    let mut text = decoded.text;
    text.truncate(text.floor_char_boundary(FIELD_BYTES_MAX));
    facts.fields.push(Field {
        source: Source::Exif,
        name,
        value: Untrusted::new(text),
    });
}

/// `Exif:Artist`, `GPS:GPSLatitude`, `Thumbnail:Compression`, `Exif:0xc4a5`.
pub(super) fn name(place: Place, tag: u16) -> String {
    let group = match place {
        Place::Chain(0) | Place::Exif => "Exif".to_owned(),
        Place::Chain(1) => "Thumbnail".to_owned(),
        Place::Chain(n) => format!("IFD{n}"),
        Place::Gps => "GPS".to_owned(),
        Place::Interop => "Interop".to_owned(),
    };
    if let Some(newer) = exif3_name(tag).filter(|_| place == Place::Exif) {
        return format!("{group}:{newer}");
    }
    let known = Tag(context(place), tag);
    match known.description() {
        Some(_) => format!("{group}:{known}"),
        None => format!("{group}:0x{tag:04x}"),
    }
}

/// Tags of Exif 3.0 that the library does not name.
const fn exif3_name(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0xA436 => "ImageTitle",
        0xA437 => "Photographer",
        0xA438 => "ImageEditor",
        0xA439 => "CameraFirmware",
        0xA43A => "RAWDevelopingSoftware",
        0xA43B => "ImageEditingSoftware",
        0xA43C => "MetadataEditingSoftware",
        _ => return None,
    })
}

const fn context(place: Place) -> Context {
    match place {
        Place::Chain(_) => Context::Tiff,
        Place::Exif => Context::Exif,
        Place::Gps => Context::Gps,
        Place::Interop => Context::Interop,
    }
}

fn worded(place: Place, entry: &RawEntry, value: &[u8], order: Order) -> String {
    let size = tiff::type_bytes(entry.kind).unwrap_or(1);
    let many = value.len() / size > NUMBERS_MAX;
    let value = value
        .get(..value.len().min(NUMBERS_MAX.saturating_mul(size)))
        .unwrap_or(value);
    let Some(value) = library_value(entry.kind, value, order) else {
        return counted(value.len()).text;
    };
    let mut words = value.display_as(Tag(context(place), entry.tag)).to_string();
    if many {
        words.push_str(", ...");
    }
    words
}

fn library_value(kind: u16, bytes: &[u8], order: Order) -> Option<Value> {
    let shorts = || (0..bytes.len() / 2).filter_map(|i| order.u16_at(bytes, i.saturating_mul(2)));
    let longs = || (0..bytes.len() / 4).filter_map(|i| order.u32_at(bytes, i.saturating_mul(4)));
    let signed = |value: u32| i32::from_be_bytes(value.to_be_bytes());
    let pairs = || longs().collect::<Vec<_>>().as_chunks::<2>().0.to_vec();
    Some(match kind {
        1 => Value::Byte(bytes.to_vec()),
        3 => Value::Short(shorts().collect()),
        4 | 13 => Value::Long(longs().collect()),
        5 => Value::Rational(
            pairs()
                .into_iter()
                .map(|[num, denom]| Rational { num, denom })
                .collect(),
        ),
        6 => Value::SByte(bytes.iter().map(|byte| i8::from_be_bytes([*byte])).collect()),
        7 => Value::Undefined(bytes.to_vec(), 0),
        8 => Value::SShort(
            shorts()
                .map(|value| i16::from_be_bytes(value.to_be_bytes()))
                .collect(),
        ),
        9 => Value::SLong(longs().map(signed).collect()),
        10 => Value::SRational(
            pairs()
                .into_iter()
                .map(|[num, denom]| SRational {
                    num: signed(num),
                    denom: signed(denom),
                })
                .collect(),
        ),
        11 => Value::Float(longs().map(f32::from_bits).collect()),
        12 => Value::Double(
            pairs()
                .into_iter()
                .map(|words| f64::from_bits(double_bits(words, order)))
                .collect(),
        ),
        _ => return None,
    })
}

fn double_bits([first, second]: [u32; 2], order: Order) -> u64 {
    let (high, low) = if order == Order::Big {
        (first, second)
    } else {
        (second, first)
    };
    (u64::from(high) << 32) | u64::from(low)
}
