//! Putting EXIF and XMP items into AVIF, HEIC and HEIF, and taking the manifest store out.
//!
//! The new data of an item goes into an `mdat` box of its own at the end of the file. The meta box is rebuilt: `infe`
//! version 2 and a `cdsc` reference to the primary item where the item is new, and an `iloc` with base offsets of
//! width 0 and 4-byte extents. In that form the C2PA SDK moves each offset exactly once when it puts its box in;
//! 4-byte bases of value 0 it moves twice, which loses the picture. All offsets into the file, of chunk tables too,
//! follow what moved.

use std::ops::Range;

use super::bmff::{C2PA_UUID, has_fragments, is_xmp, offsets, store_boxes};
use super::bmff_meta::{Extent, Meta, Place, last_id};
use super::bytes::{Gaps, be16, be32, index64, without};
use super::isobox::{self, IsoBox};
use super::{AssetError, Format, bmff::Offset};
use crate::base::limits::MANIFEST_BYTES_MAX;

/// Replaces or adds the EXIF and XMP items; `None` leaves one as it is. The item table is rewritten in any case.
pub(super) fn with_metadata(
    format: Format,
    bytes: &[u8],
    exif: Option<&[u8]>,
    xmp: Option<&str>,
) -> Result<Vec<u8>, AssetError> {
    let unsupported = |what| AssetError::Unsupported { format, what };
    if has_fragments(bytes) {
        return Err(unsupported("metadata is not written into fragmented files"));
    }
    let (boxes, end) = isobox::all(bytes, 0..bytes.len());
    let found = boxes.iter().find(|found| &found.kind == b"meta");
    let found = found.ok_or_else(|| unsupported("there is no meta box for metadata"))?;
    let meta = Meta::parse(bytes, found).map_err(|offset| AssetError::Malformed {
        format,
        what: "the meta box is broken",
        offset,
    })?;
    let jobs = jobs(&meta, exif, xmp).ok_or_else(|| unsupported("its item numbers are used up"))?;
    let left_over = left_over(bytes, &meta, &jobs);
    let drop: Vec<Range<usize>> = boxes
        .iter()
        .filter(|top| {
            (xmp.is_some() && is_xmp(bytes, top))
                || (&top.kind == b"mdat" && left_over.contains(&(top.body..top.end)))
        })
        .map(IsoBox::range)
        .collect();
    let kept: Vec<&Place> = meta
        .places
        .iter()
        .filter(|place| jobs.iter().all(|job| job.id != place.id))
        .collect();
    // The length of the meta box does not depend on the offsets in it, so a first draft gives the layout.
    let too_far = || unsupported("an offset does not fit into 32 bits");
    let nowhere = jobs.iter().map(|job| new_place(job, 0));
    let mut places: Vec<Place> = kept.iter().copied().cloned().chain(nowhere).collect();
    let draft = rebuilt(bytes, found, &meta, &jobs, &places).ok_or_else(too_far)?;
    let moves = Moves {
        drop: &drop,
        gaps: Gaps::new(&drop),
        meta: found.range(),
        meta_len: draft.len(),
        file_len: bytes.len(),
    };
    places = kept.iter().map(|place| moves.place(place)).collect();
    let mut at = moves.to(end);
    for job in &jobs {
        places.push(new_place(job, at.saturating_add(8)));
        at = at.saturating_add(8).saturating_add(job.data.len());
    }
    let meta_box = rebuilt(bytes, found, &meta, &jobs, &places).ok_or_else(too_far)?;
    let out = assemble(bytes, &boxes, &moves, &meta_box, &jobs, end).ok_or_else(too_far)?;
    if meta_box.len() != draft.len() || !holds_all(&out, bytes, &meta, &kept) {
        return Err(unsupported("its picture data would not be found again"));
    }
    Ok(out)
}

/// How many items may lie in the same bytes, on the average.
const SHARED_MAX: usize = 4;

/// Whether each item that is kept has the same data in the new file.
fn holds_all(new: &[u8], old: &[u8], meta: &Meta, kept: &[&Place]) -> bool {
    let boxes = isobox::all(new, 0..new.len()).0;
    let found = boxes.iter().find(|found| &found.kind == b"meta");
    let Some(written) = found.and_then(|found| Meta::parse(new, found).ok()) else {
        return false;
    };
    // Items may point to the same bytes over and over.
    let mut left = old.len().saturating_mul(SHARED_MAX);
    kept.iter().zip(&written.places).all(|(before, after)| {
        let before = meta.data(old, before).unwrap_or_default();
        let after = written.data(new, after).unwrap_or_default();
        let len: usize = before.iter().map(ExactSizeIterator::len).sum();
        let is_within = len <= left;
        left = left.saturating_sub(len);
        is_within
            && before.len() == after.len()
            && before
                .into_iter()
                .zip(after)
                .all(|(before, after)| old.get(before) == new.get(after))
    })
}

/// Takes the boxes of the manifest store out; offsets follow.
pub(super) fn without_store(bytes: &[u8]) -> Vec<u8> {
    let drop = store_boxes(bytes);
    let mut out = bytes.to_vec();
    let gaps = Gaps::new(&drop);
    for field in offsets(bytes) {
        let gone = gaps.before(index64(field.value));
        let value = field.value.saturating_sub(u64::try_from(gone).unwrap_or(0));
        put(&mut out, &field, value);
    }
    without(&out, &drop)
}

/// One item to be written.
struct Job {
    id: u32,
    /// Whether the file has no such item yet.
    fresh: bool,
    kind: [u8; 4],
    content: &'static [u8],
    data: Vec<u8>,
}

fn jobs(meta: &Meta, exif: Option<&[u8]>, xmp: Option<&str>) -> Option<Vec<Job>> {
    let mut out = Vec::new();
    let mut last = last_id(meta);
    let mut add = |kind: [u8; 4], content: &'static [u8], data: Vec<u8>| {
        let known = meta
            .items
            .iter()
            .find(|item| item.kind == kind && item.content == content);
        let fresh = known.is_none();
        if fresh {
            last = last.checked_add(1)?;
        }
        let id = known.map_or(last, |item| item.id);
        // New entries are written with 16-bit numbers.
        (!fresh || u16::try_from(id).is_ok()).then(|| {
            out.push(Job {
                id,
                fresh,
                kind,
                content,
                data,
            });
        })
    };
    if let Some(block) = exif {
        add(*b"Exif", b"", [&[0; 4], block].concat())?;
    }
    if let Some(packet) = xmp {
        add(*b"mime", b"application/rdf+xml", packet.as_bytes().to_vec())?;
    }
    Some(out)
}

/// The old data of replaced items, where nothing else lies in it: at most one range for each. One that is the whole of
/// an `mdat` box can go with its box.
fn left_over(bytes: &[u8], meta: &Meta, jobs: &[Job]) -> Vec<Range<usize>> {
    let replaced = |place: &Place| jobs.iter().any(|job| job.id == place.id);
    let old = meta
        .places
        .iter()
        .filter(|place| place.method == 0 && place.extents.len() == 1 && replaced(place));
    // Item numbers are unique in a sound file; in another one two are enough to look at.
    let mut old: Vec<_> = old
        .take(2)
        .filter_map(|place| meta.data(bytes, place))
        .flatten()
        .collect();
    for place in meta.places.iter().filter(|place| !replaced(place)) {
        for used in meta.data(bytes, place).unwrap_or_default() {
            old.retain(|range| used.end <= range.start || range.end <= used.start);
        }
    }
    old
}

/// How offsets move from the old file to the new one.
struct Moves<'a> {
    drop: &'a [Range<usize>],
    gaps: Gaps,
    meta: Range<usize>,
    meta_len: usize,
    file_len: usize,
}

impl Moves<'_> {
    fn to(&self, old: usize) -> usize {
        let moved = old.saturating_sub(self.gaps.before(old));
        if old < self.meta.end {
            moved
        } else {
            moved
                .saturating_sub(self.meta.len())
                .saturating_add(self.meta_len)
        }
    }

    fn place(&self, place: &Place) -> Place {
        let mut moved = place.clone();
        for extent in &mut moved.extents {
            let value = place.base.value.saturating_add(extent.offset.value);
            let in_file = place.method == 0 && place.source == 0;
            extent.offset.value = if in_file {
                u64::try_from(self.to(index64(value))).unwrap_or(u64::MAX)
            } else {
                value
            };
            // Length 0 means "all of it" (ISO/IEC 14496-12, 8.11.3.3), and the file grows.
            if in_file && extent.len == 0 {
                let rest = self.file_len.saturating_sub(index64(value));
                extent.len = u64::try_from(rest).unwrap_or(u64::MAX);
            }
        }
        moved.base.value = 0;
        moved
    }
}

fn new_place(job: &Job, at: usize) -> Place {
    let field = |value| Offset {
        at: 0,
        width: 4,
        value,
    };
    let offset = field(u64::try_from(at).unwrap_or(u64::MAX));
    let len = u64::try_from(job.data.len()).unwrap_or(u64::MAX);
    Place {
        id: job.id,
        method: 0,
        source: 0,
        base: field(0),
        extents: vec![Extent {
            index: 0,
            offset,
            len,
        }],
    }
}

/// The meta box with the new items and places.
fn rebuilt(bytes: &[u8], old: &IsoBox, meta: &Meta, jobs: &[Job], places: &[Place]) -> Option<Vec<u8>> {
    let mut inner = bytes.get(old.body..old.body.checked_add(4)?)?.to_vec();
    let fresh: Vec<&Job> = jobs.iter().filter(|job| job.fresh).collect();
    let mut referred = false;
    for child in &meta.children {
        match &child.kind {
            b"iloc" => inner.extend(iloc(places)?),
            b"iinf" => inner.extend(iinf(child.payload(bytes), &fresh)?),
            b"iref" => {
                referred = true;
                inner.extend(iref(child.payload(bytes), &fresh, meta.primary)?);
            }
            _ => inner.extend_from_slice(bytes.get(child.range())?),
        }
    }
    if !referred && !fresh.is_empty() {
        inner.extend(iref(&[0; 4], &fresh, meta.primary)?);
    }
    let mut out = Vec::new();
    isobox::push(&mut out, *b"meta", &[&inner])?;
    Some(out)
}

/// The item location box: base width 0, offsets and lengths of 4 bytes.
fn iloc(places: &[Place]) -> Option<Vec<u8>> {
    let indexed = places.iter().any(|place| place.method == 2);
    let wide = places.iter().any(|place| place.id > 0xFFFF);
    let version = if wide {
        2
    } else {
        u8::from(places.iter().any(|place| place.method != 0))
    };
    let mut out = vec![version, 0, 0, 0, 0x44, if indexed { 4 } else { 0 }];
    let id = |out: &mut Vec<u8>, id: u32| {
        if wide {
            out.extend_from_slice(&id.to_be_bytes());
        } else {
            out.extend_from_slice(&u16::try_from(id).ok()?.to_be_bytes());
        }
        Some(())
    };
    id(&mut out, u32::try_from(places.len()).ok()?)?;
    for place in places {
        id(&mut out, place.id)?;
        if version > 0 {
            out.extend_from_slice(&place.method.to_be_bytes());
        }
        out.extend_from_slice(&place.source.to_be_bytes());
        out.extend_from_slice(&u16::try_from(place.extents.len()).ok()?.to_be_bytes());
        for extent in &place.extents {
            if indexed {
                out.extend_from_slice(&u32::try_from(extent.index).ok()?.to_be_bytes());
            }
            let offset = place.base.value.checked_add(extent.offset.value)?;
            out.extend_from_slice(&u32::try_from(offset).ok()?.to_be_bytes());
            out.extend_from_slice(&u32::try_from(extent.len).ok()?.to_be_bytes());
        }
    }
    let mut whole = Vec::new();
    isobox::push(&mut whole, *b"iloc", &[&out])?;
    Some(whole)
}

/// The item information box with entries for the new items.
fn iinf(payload: &[u8], fresh: &[&Job]) -> Option<Vec<u8>> {
    let more = fresh.len();
    let wide = *payload.first()? > 0;
    let mut out = payload.to_vec();
    let head = if wide {
        let count = be32(payload, 4)?.checked_add(u32::try_from(more).ok()?)?;
        out.get_mut(4..8)?.copy_from_slice(&count.to_be_bytes());
        8
    } else {
        let count = be16(payload, 4)?.checked_add(u16::try_from(more).ok()?)?;
        out.get_mut(4..6)?.copy_from_slice(&count.to_be_bytes());
        6
    };
    debug_assert!(out.len() >= head, "the count lies inside the box");
    for job in fresh {
        let id = u16::try_from(job.id).ok()?.to_be_bytes();
        // Version 2, hidden: it is not a picture to be shown. No protection, no name.
        let text: &[u8] = if job.content.is_empty() { b"" } else { b"\0" };
        isobox::push(
            &mut out,
            *b"infe",
            &[&[2, 0, 0, 1], &id, &[0, 0], &job.kind, &[0], job.content, text],
        )?;
    }
    let mut whole = Vec::new();
    isobox::push(&mut whole, *b"iinf", &[&out])?;
    Some(whole)
}

/// The item reference box: each new item describes the primary item.
fn iref(payload: &[u8], fresh: &[&Job], primary: u32) -> Option<Vec<u8>> {
    let wide = *payload.first()? > 0;
    let mut out = payload.to_vec();
    for job in fresh {
        let id = |id: u32| {
            let short = || u16::try_from(id).ok().map(|id| id.to_be_bytes().to_vec());
            if wide {
                Some(id.to_be_bytes().to_vec())
            } else {
                short()
            }
        };
        isobox::push(
            &mut out,
            *b"cdsc",
            &[&id(job.id)?, &1_u16.to_be_bytes(), &id(primary)?],
        )?;
    }
    let mut whole = Vec::new();
    isobox::push(&mut whole, *b"iref", &[&out])?;
    Some(whole)
}

/// The new file: old boxes in order, the new meta box in its place, new item data, and what followed the image.
fn assemble(
    bytes: &[u8],
    boxes: &[IsoBox],
    moves: &Moves<'_>,
    meta_box: &[u8],
    jobs: &[Job],
    end: usize,
) -> Option<Vec<u8>> {
    let mut tables = offsets(bytes);
    tables.retain(|field| !moves.meta.contains(&field.at));
    tables.sort_by_key(|field| field.at);
    let mut out = Vec::with_capacity(bytes.len().saturating_add(meta_box.len()));
    for top in boxes {
        if top.range() == moves.meta {
            out.extend_from_slice(meta_box);
            continue;
        }
        if moves.drop.contains(&top.range()) {
            continue;
        }
        let start = out.len();
        out.extend_from_slice(bytes.get(top.range())?);
        if top.open {
            // "To the end" no longer holds once something follows.
            let size = u32::try_from(top.range().len()).ok()?;
            out.get_mut(start..start.checked_add(4)?)?
                .copy_from_slice(&size.to_be_bytes());
        }
        let from = tables.partition_point(|field| field.at < top.start);
        for field in tables.iter().skip(from).take_while(|field| field.at < top.end) {
            let value = u64::try_from(moves.to(index64(field.value))).ok()?;
            let at = field.at.checked_sub(top.start)?.checked_add(start)?;
            put(&mut out, &Offset { at, ..*field }, value);
        }
    }
    for job in jobs {
        isobox::push(&mut out, *b"mdat", &[&job.data])?;
    }
    out.extend_from_slice(bytes.get(end..)?);
    Some(out)
}

/// Writes an offset into its field; one that has grown too wide stays as it was.
fn put(bytes: &mut [u8], field: &Offset, value: u64) {
    let wide = value.to_be_bytes();
    let split = 8_usize
        .checked_sub(field.width)
        .and_then(|at| wide.split_at_checked(at));
    let Some((high, new)) = split else { return };
    if high.iter().any(|byte| *byte != 0) {
        return;
    }
    if let Some(room) = bytes.get_mut(field.at..field.at.saturating_add(field.width)) {
        room.copy_from_slice(new);
    }
}

/// The C2PA box of a store (C2PA 2.4, A.5.1).
pub(super) fn frame(jumbf: &[u8]) -> Result<Vec<u8>, AssetError> {
    let mut new = Vec::with_capacity(jumbf.len().saturating_add(64));
    let parts = [C2PA_UUID, &[0; 4], b"manifest\0", &[0; 8], jumbf];
    isobox::push(&mut new, *b"uuid", &parts).ok_or(AssetError::PartTooLarge {
        format: Format::Heif,
        what: "manifest store",
        found: jumbf.len(),
        limit: MANIFEST_BYTES_MAX,
    })?;
    Ok(new)
}

#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    let new = frame(jumbf).unwrap();
    let ftyp = isobox::next(bytes, 0, bytes.len()).unwrap();
    let mut out = bytes.to_vec();
    for field in offsets(bytes) {
        put(&mut out, &field, field.value + u64::try_from(new.len()).unwrap());
    }
    super::insert(&out, ftyp.end, &new)
}
