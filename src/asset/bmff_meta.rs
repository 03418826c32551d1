//! The meta box: which items there are and where their data lies (ISO/IEC 14496-12, 8.11).

use std::ops::Range;

use super::bmff::Offset;
use super::bytes::{array, be16, be32, be64, index64, take};
use super::isobox::{self, IsoBox};
use crate::base::limits::PARTS_MAX;

/// The meta box of an image file.
pub(super) struct Meta {
    /// Its child boxes, in file order.
    pub(super) children: Vec<IsoBox>,
    pub(super) primary: u32,
    /// The payload of the `idat` box.
    pub(super) idat: Option<Range<usize>>,
    pub(super) items: Vec<Item>,
    pub(super) places: Vec<Place>,
    /// Width and height of the primary item, clean aperture applied.
    pub(super) size: Option<(u32, u32)>,
}

/// One item of `iinf`.
pub(super) struct Item {
    pub(super) id: u32,
    pub(super) kind: [u8; 4],
    /// The content type of a `mime` item.
    pub(super) content: Vec<u8>,
}

/// Where an item's data lies, from `iloc`.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) id: u32,
    /// 0: in the file, 1: in `idat`, 2: in another item.
    pub(super) method: u16,
    pub(super) source: u16,
    pub(super) base: Offset,
    pub(super) extents: Vec<Extent>,
}

/// One piece of an item's data.
#[derive(Clone)]
pub(super) struct Extent {
    pub(super) index: u64,
    pub(super) offset: Offset,
    pub(super) len: u64,
}

impl Extent {
    /// Where the piece begins.
    pub(super) fn from(&self, place: &Place) -> usize {
        index64(place.base.value.saturating_add(self.offset.value))
    }
}

impl Place {
    /// The fields that hold absolute file offsets: the base where there is one, else the extents.
    pub(super) fn offsets(&self) -> Vec<Offset> {
        if self.method != 0 || self.source != 0 {
            return Vec::new();
        }
        if self.base.width > 0 && self.base.value > 0 {
            return vec![self.base.clone()];
        }
        self.extents
            .iter()
            .map(|extent| extent.offset.clone())
            .filter(|offset| offset.value > 0)
            .collect()
    }
}

impl Meta {
    /// Reads the meta box; the error is where it is broken.
    pub(super) fn parse(bytes: &[u8], meta: &IsoBox) -> Result<Self, usize> {
        let (children, end) = isobox::all(bytes, meta.body.saturating_add(4).min(meta.end)..meta.end);
        if end != meta.end {
            return Err(end);
        }
        let child = |kind: &[u8; 4]| children.iter().find(|child| &child.kind == kind);
        let broken = |kind: &[u8; 4]| child(kind).map_or(meta.start, |child| child.start);
        let primary = child(b"pitm").and_then(|pitm| {
            let wide = *bytes.get(pitm.body)? > 0;
            let at = pitm.body.checked_add(4)?;
            if wide {
                be32(bytes, at)
            } else {
                be16(bytes, at).map(u32::from)
            }
        });
        let items = child(b"iinf")
            .and_then(|iinf| items(bytes, iinf))
            .ok_or_else(|| broken(b"iinf"))?;
        let places = child(b"iloc")
            .and_then(|iloc| places(bytes, iloc))
            .ok_or_else(|| broken(b"iloc"))?;
        let primary = primary.unwrap_or(0);
        let size = child(b"iprp").and_then(|iprp| size(bytes, iprp, primary));
        let idat = child(b"idat").map(|idat| idat.body..idat.end);
        Ok(Self {
            children,
            primary,
            idat,
            items,
            places,
            size,
        })
    }

    /// Where an item's data lies in the file; `None` where it is not all there or lies elsewhere.
    pub(super) fn data(&self, bytes: &[u8], place: &Place) -> Option<Vec<Range<usize>>> {
        let (from, to) = match (place.method, place.source) {
            (0, 0) => (0, bytes.len()),
            (1, 0) => {
                let idat = self.idat.clone()?;
                (idat.start, idat.end)
            }
            _ => return None,
        };
        let ranges = place.extents.iter().map(|extent| {
            let start = from.checked_add(extent.from(place))?;
            // Length 0 means "all of it" (8.11.3.3).
            let len = if extent.len == 0 {
                to.checked_sub(start)?
            } else {
                index64(extent.len)
            };
            let end = start.checked_add(len)?;
            (end <= to).then_some(start..end)
        });
        ranges.collect()
    }
}

fn items(bytes: &[u8], iinf: &IsoBox) -> Option<Vec<Item>> {
    let wide = *bytes.get(iinf.body)? > 0;
    let first = iinf.body.checked_add(if wide { 8 } else { 6 })?;
    let (entries, _) = isobox::all(bytes, first..iinf.end);
    let entries = entries.iter().filter(|entry| &entry.kind == b"infe");
    Some(entries.filter_map(|entry| item(bytes, entry)).collect())
}

/// An `infe` box of version 2 or 3; older ones name no type.
fn item(bytes: &[u8], entry: &IsoBox) -> Option<Item> {
    let payload = entry.payload(bytes);
    let (id, at) = match payload.first()? {
        2 => (u32::from(be16(payload, 4)?), 6),
        3 => (be32(payload, 4)?, 8),
        _ => return None,
    };
    let kind = array(payload, at + 2)?;
    // Item name, then the content type, each ended by NUL.
    let mut texts = payload.get(at + 6..)?.split(|byte| *byte == 0).skip(1);
    let content = if &kind == b"mime" {
        texts.next().unwrap_or_default().to_vec()
    } else {
        Vec::new()
    };
    Some(Item { id, kind, content })
}

fn places(bytes: &[u8], iloc: &IsoBox) -> Option<Vec<Place>> {
    let version = *bytes.get(iloc.body)?;
    let mut at = iloc.body.checked_add(4)?;
    let mut word = |width: usize| {
        let value = be_word(bytes, at, width)?;
        let field = Offset { at, width, value };
        at = at.checked_add(width).filter(|at| *at <= iloc.end)?;
        Some(field)
    };
    let sizes = word(2)?.value;
    let nibble = |shift: u32| {
        usize::try_from(sizes >> shift & 15)
            .ok()
            .filter(|width| matches!(width, 0 | 4 | 8))
    };
    let (offset_width, len_width, base_width) = (nibble(12)?, nibble(8)?, nibble(4)?);
    let index_width = if version > 0 { nibble(0)? } else { 0 };
    let id_width = if version < 2 { 2 } else { 4 };
    let count = word(id_width)?.value;
    let mut out = Vec::new();
    let mut pieces: usize = 0;
    for _ in 0..count {
        let id = u32::try_from(word(id_width)?.value).ok()?;
        let method = if version > 0 {
            u16::try_from(word(2)?.value & 15).ok()?
        } else {
            0
        };
        let source = u16::try_from(word(2)?.value).ok()?;
        let base = word(base_width)?;
        let mut extents = Vec::new();
        for _ in 0..word(2)?.value {
            pieces = pieces.checked_add(1).filter(|pieces| *pieces <= PARTS_MAX)?;
            let index = word(index_width)?.value;
            extents.push(Extent {
                index,
                offset: word(offset_width)?,
                len: word(len_width)?.value,
            });
        }
        pieces = pieces.checked_add(1).filter(|pieces| *pieces <= PARTS_MAX)?;
        out.push(Place {
            id,
            method,
            source,
            base,
            extents,
        });
    }
    Some(out)
}

/// An integer of 0, 2, 4 or 8 bytes.
pub(super) fn be_word(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    match width {
        0 => Some(0),
        2 => be16(bytes, at).map(u64::from),
        4 => be32(bytes, at).map(u64::from),
        8 => be64(bytes, at),
        _ => None,
    }
}

/// The `ispe` of the primary item, cut by its `clap` (ISO/IEC 23008-12, 6.5.3 and 6.5.9).
fn size(bytes: &[u8], iprp: &IsoBox, primary: u32) -> Option<(u32, u32)> {
    let (parts, _) = isobox::all(bytes, iprp.body..iprp.end);
    let ipco = parts.iter().find(|part| &part.kind == b"ipco")?;
    let (properties, _) = isobox::all(bytes, ipco.body..ipco.end);
    let links = parts
        .iter()
        .filter(|part| &part.kind == b"ipma")
        .find_map(|ipma| links(bytes, ipma, primary))?;
    let mut size = None;
    let mut aperture = None;
    for property in links
        .iter()
        .filter_map(|link| properties.get(link.checked_sub(1)?))
    {
        let payload = property.payload(bytes);
        match &property.kind {
            b"ispe" => size = be32(payload, 4).zip(be32(payload, 8)),
            b"clap" => {
                let quotient = |at: usize| be32(payload, at)?.checked_div(be32(payload, at + 4)?);
                aperture = quotient(0).zip(quotient(8));
            }
            _ => {}
        }
    }
    let size = size?;
    Some(
        aperture
            .filter(|(width, height)| *width <= size.0 && *height <= size.1)
            .unwrap_or(size),
    )
}

/// The property numbers of one item, counted from 1 (`ipma`).
fn links(bytes: &[u8], ipma: &IsoBox, wanted: u32) -> Option<Vec<usize>> {
    let payload = ipma.payload(bytes);
    let version = *payload.first()?;
    let wide = *payload.get(3)? & 1 == 1;
    let mut at: usize = 8;
    for _ in 0..be32(payload, 4)? {
        let id_width = if version < 1 { 2 } else { 4 };
        let id = be_word(payload, at, id_width)?;
        let count = usize::from(*payload.get(at.checked_add(id_width)?)?);
        at = at.checked_add(id_width)?.checked_add(1)?;
        let width = if wide { 2 } else { 1 };
        let list = take(payload, at, count.checked_mul(width)?)?;
        if id == u64::from(wanted) {
            let number = |link: &[u8]| match *link {
                [byte] => usize::from(byte & 0x7F),
                [high, low] => usize::from(u16::from_be_bytes([high & 0x7F, low])),
                _ => 0,
            };
            return Some(list.chunks_exact(width).map(number).collect());
        }
        at = at.checked_add(list.len())?;
    }
    None
}

/// The largest item number in use.
pub(super) fn last_id(meta: &Meta) -> u32 {
    let items = meta.items.iter().map(|item| item.id);
    items
        .chain(meta.places.iter().map(|place| place.id))
        .max()
        .unwrap_or(0)
}
