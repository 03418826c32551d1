//! SVG: the walk over its elements, the XMP packet in `<metadata>`, and the manifest store as base64 text (SVG 2, 5.10).
//!
//! ```text
//! <svg xmlns="http://www.w3.org/2000/svg" xmlns:c2pa="http://c2pa.org/manifest"><metadata>
//!   <c2pa:manifest>base64</c2pa:manifest><?xpacket begin?><x:xmpmeta>..</x:xmpmeta><?xpacket end?></metadata>..</svg>
//! ```
//! The manifest element: C2PA 2.4 appendix A.3.3. No entity is expanded and no document type is read.
//!
//! # Without the store
//! Taking the store out drops each manifest element, the attribute ` xmlns:c2pa="http://c2pa.org/manifest"` of the root
//! and each `<metadata></metadata>` of the root that is empty or becomes so: what a signer adds for the store. The
//! content digest is that of the file so cleaned, with a store or without.

use std::ops::Range;

use base64::Engine as _;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::bytes::{find, without};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::{AssetError, Format};
use crate::base::limits::{MANIFEST_BYTES_MAX, PARTS_MAX};

/// Walks an SVG once.
pub(super) fn walk(bytes: &[u8]) -> Result<Layout, AssetError> {
    let mut walk = Walk::new(Format::Svg, bytes);
    let map = Map::read(bytes)?;
    walk.layout.size = map.size;
    for range in &map.packets {
        walk.xmp(bytes.get(range.clone()).unwrap_or_default(), range.start);
    }
    for manifest in &map.manifests {
        let text = manifest.text.clone();
        let jumbf = match bytes.get(text.clone()).filter(|_| !manifest.mixed) {
            Some(base64) if base64.len() / 4 * 3 > MANIFEST_BYTES_MAX => Err(Damage::TooLarge),
            Some(base64) => base64::engine::general_purpose::STANDARD
                .decode(base64)
                .map_err(|_| Damage::Encoding),
            None => Err(Damage::Encoding),
        };
        walk.store(text, jumbf);
    }
    let Some(end) = map.end else {
        walk.odd(Oddity::Truncated { offset: bytes.len() });
        return Ok(walk.finish(bytes.len()));
    };
    let blank = bytes
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    Ok(walk.finish(end.saturating_add(blank)))
}

/// Where the parts of an SVG lie.
#[derive(Default)]
struct Map {
    size: Option<(u32, u32)>,
    /// The start tag of the root element.
    root: Range<usize>,
    /// The root's name as written, for the prefix.
    prefix: Vec<u8>,
    /// Whether the root is an empty element, `<svg/>`.
    closed: bool,
    /// Each `metadata` child of the root: whole, and between its tags.
    metadata: Vec<(Range<usize>, Range<usize>)>,
    packets: Vec<Range<usize>>,
    manifests: Vec<Manifest>,
    end: Option<usize>,
    encoding_is_utf8: bool,
}

struct Manifest {
    whole: Range<usize>,
    text: Range<usize>,
    /// Whether something else than one text stands inside.
    mixed: bool,
}

/// What is open while the map is read.
#[derive(Default)]
struct Open {
    depth: usize,
    /// Start of the `metadata` child of the root, and where its content begins.
    metadata: Option<(usize, usize)>,
    /// Start of the manifest element, where its content begins, its depth, and whether it is mixed.
    manifest: Option<(usize, usize, bool)>,
    /// Start and depth of the XMP element.
    xmp: Option<(usize, usize)>,
    /// A packet wrapper's opening instruction, still without its element.
    wrapper: Option<usize>,
}

impl Map {
    fn read(bytes: &[u8]) -> Result<Self, AssetError> {
        let broken = |what, offset| AssetError::Malformed {
            format: Format::Svg,
            what,
            offset,
        };
        let skip = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let text = bytes.get(skip..).unwrap_or_default();
        let mut reader = Reader::from_reader(text);
        reader.config_mut().check_end_names = false;
        let mut map = Self {
            encoding_is_utf8: true,
            ..Self::default()
        };
        let mut open = Open::default();
        for parts in 0.. {
            let from = skip.saturating_add(super::bytes::index64(reader.buffer_position()));
            let event = reader.read_event();
            let to = skip.saturating_add(super::bytes::index64(reader.buffer_position()));
            if parts > PARTS_MAX.saturating_mul(10) {
                return Err(AssetError::TooManyParts {
                    format: Format::Svg,
                    limit: PARTS_MAX.saturating_mul(10),
                });
            }
            match event {
                Ok(Event::Start(tag)) => map
                    .start(&mut open, &tag, from..to)
                    .ok_or_else(|| broken("it nests too deep", from))?,
                Ok(Event::Empty(tag)) if open.depth == 0 => {
                    map.begin(&tag, from..to);
                    map.closed = true;
                    map.end = Some(to);
                    break;
                }
                Ok(Event::Empty(tag)) => {
                    if open.depth == 2 && open.metadata.is_some() && is_manifest(&tag) {
                        map.manifests.push(Manifest {
                            whole: from..to,
                            text: to..to,
                            mixed: true,
                        });
                    }
                    if let Some(manifest) = &mut open.manifest {
                        manifest.2 = true;
                    }
                }
                Ok(Event::End(_)) => {
                    map.close(&mut open, from..to);
                    if open.depth == 0 {
                        map.end = Some(to);
                        break;
                    }
                }
                Ok(Event::PI(instruction)) => {
                    if open.depth == 2 && instruction.starts_with(b"xpacket begin") {
                        open.wrapper = Some(from);
                    }
                    map.wrapped(&instruction, to);
                }
                Ok(Event::Decl(decl)) => {
                    let encoding = decl.encoding().and_then(Result::ok);
                    map.encoding_is_utf8 = encoding.is_none_or(|name| {
                        name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"us-ascii")
                    });
                }
                Ok(Event::Comment(_) | Event::CData(_)) => {
                    if let Some(manifest) = &mut open.manifest {
                        manifest.2 = true;
                    }
                }
                Ok(Event::Eof) if map.root.is_empty() => {
                    return Err(broken("there is no root element", from));
                }
                Ok(Event::Eof) => break,
                Err(_) if map.root.is_empty() => return Err(broken("the XML is broken", from)),
                // Viewers show what comes before the break.
                Err(_) => break,
                Ok(_) => {}
            }
        }
        if let (None, Some((whole, text, _))) = (map.end, open.manifest) {
            map.manifests.push(Manifest {
                whole: whole..bytes.len(),
                text: text..bytes.len(),
                mixed: true,
            });
        }
        Ok(map)
    }

    fn begin(&mut self, tag: &BytesStart<'_>, range: Range<usize>) {
        let name = tag.name().into_inner();
        self.prefix = name.strip_suffix(b"svg").unwrap_or_default().to_vec();
        self.root = range;
        self.size = size(tag);
    }

    fn start(&mut self, open: &mut Open, tag: &BytesStart<'_>, range: Range<usize>) -> Option<()> {
        let local = tag.local_name();
        if let Some(manifest) = &mut open.manifest {
            manifest.2 = true;
        }
        match open.depth {
            0 => self.begin(tag, range),
            1 if local.as_ref() == b"metadata" => open.metadata = Some((range.start, range.end)),
            2 if open.metadata.is_some() && is_manifest(tag) => {
                open.manifest = Some((range.start, range.end, false))
            }
            depth if open.metadata.is_some() && open.xmp.is_none() && local.as_ref() == b"xmpmeta" => {
                open.xmp = Some((open.wrapper.take().unwrap_or(range.start), depth));
            }
            _ => {}
        }
        open.depth = open.depth.checked_add(1).filter(|depth| *depth <= DEPTH_MAX)?;
        Some(())
    }

    fn close(&mut self, open: &mut Open, range: Range<usize>) {
        open.depth = open.depth.saturating_sub(1);
        if let Some((start, _)) = open.xmp.take_if(|(_, depth)| *depth == open.depth) {
            self.packets.push(start..range.end);
        }
        match open.depth {
            2 => {
                if let Some((start, text, mixed)) = open.manifest.take() {
                    self.manifests.push(Manifest {
                        whole: start..range.end,
                        text: text..range.start,
                        mixed,
                    });
                }
            }
            1 => {
                open.wrapper = None;
                if let Some((start, inner)) = open.metadata.take() {
                    self.metadata.push((start..range.end, inner..range.start));
                }
            }
            _ => {}
        }
    }

    /// The closing instruction of a packet wrapper belongs to the packet before it.
    fn wrapped(&mut self, instruction: &[u8], to: usize) {
        if instruction.starts_with(b"xpacket end")
            && let Some(packet) = self.packets.last_mut()
        {
            packet.end = to;
        }
    }
}

fn is_manifest(tag: &BytesStart<'_>) -> bool {
    tag.local_name().as_ref() == b"manifest" && tag.name().prefix().is_some()
}

/// Width and height in pixels where they are plain numbers, else from the view box.
fn size(tag: &BytesStart<'_>) -> Option<(u32, u32)> {
    let attribute = |name: &str| {
        let value = tag.try_get_attribute(name).ok()??.value;
        String::from_utf8(value.into_owned()).ok()
    };
    let number = |text: &str| text.trim().trim_end_matches("px").parse::<u32>().ok();
    let side = |name| attribute(name).as_deref().and_then(number);
    side("width").zip(side("height")).or_else(|| {
        let view = attribute("viewBox")?;
        let mut sides = view
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .skip(2)
            .map(number);
        sides.next().flatten().zip(sides.next().flatten())
    })
}

/// Replaces the XMP packet or puts it in right behind the root's start tag.
pub(super) fn with_metadata(bytes: &[u8], xmp: Option<&str>) -> Result<Vec<u8>, AssetError> {
    let Some(packet) = xmp else {
        return Ok(bytes.to_vec());
    };
    let unsupported = |what| AssetError::Unsupported {
        format: Format::Svg,
        what,
    };
    let map = Map::read(bytes)?;
    if !map.encoding_is_utf8 {
        return Err(unsupported("metadata is written into UTF-8 files only"));
    }
    if map.closed || map.end.is_none() {
        return Err(unsupported("the root element is empty or not closed"));
    }
    let Some((first, others)) = map.packets.split_first() else {
        let prefix = String::from_utf8_lossy(&map.prefix);
        let new = format!("<{prefix}metadata>{packet}</{prefix}metadata>");
        return Ok(super::insert(bytes, map.root.end, new.as_bytes()));
    };
    let mut out = bytes.get(..first.start).unwrap_or_default().to_vec();
    out.extend_from_slice(packet.as_bytes());
    let rest = first.end;
    let others: Vec<_> = others
        .iter()
        .map(|range| range.start.saturating_sub(rest)..range.end.saturating_sub(rest))
        .collect();
    out.extend(without(bytes.get(rest..).unwrap_or_default(), &others));
    Ok(out)
}

/// Takes the store out with what was added for it; see the module's rule.
pub(super) fn without_store(bytes: &[u8]) -> Vec<u8> {
    let Ok(map) = Map::read(bytes) else {
        return bytes.to_vec();
    };
    let mut drop: Vec<Range<usize>> = Vec::new();
    let root = bytes.get(map.root.clone()).unwrap_or_default();
    if let Some(at) = find(root, ATTRIBUTE) {
        let start = map.root.start.saturating_add(at);
        drop.push(start..start.saturating_add(ATTRIBUTE.len()));
    }
    let mut manifests: Vec<Range<usize>> = map.manifests.into_iter().map(|manifest| manifest.whole).collect();
    for (whole, inner) in map.metadata {
        let (inside, outside): (Vec<_>, Vec<_>) = manifests
            .into_iter()
            .partition(|range| inner.start <= range.start && range.end <= inner.end);
        manifests = outside;
        let taken: usize = inside.iter().map(ExactSizeIterator::len).sum();
        if taken == inner.len() && whole.len() == inner.len().saturating_add(EMPTY.len()) {
            drop.push(whole);
        } else {
            drop.extend(inside);
        }
    }
    drop.extend(manifests);
    drop.sort_by_key(|range| range.start);
    without(bytes, &drop)
}

/// Whether bytes are an SVG document: UTF-8, with nothing but prolog before the root element.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = text.get(..PROLOG_MAX).unwrap_or(text);
    let mut reader = Reader::from_reader(text);
    reader.config_mut().check_end_names = false;
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'<') {
        return false;
    }
    // A document type with an internal subset is the longest prolog seen; each turn takes at least one byte.
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return tag.local_name().as_ref() == b"svg",
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

const BOM: &[u8] = b"\xEF\xBB\xBF";
const ATTRIBUTE: &[u8] = b" xmlns:c2pa=\"http://c2pa.org/manifest\"";
const EMPTY: &[u8] = b"<metadata></metadata>";
/// How much of a file may come before its root element, bytes.
const PROLOG_MAX: usize = 64 << 10;
/// Deepest nesting of elements: what editors write stays far below.
const DEPTH_MAX: usize = 1_000;

#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    let map = Map::read(bytes).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(jumbf);
    let (at, new) = match map.metadata.last() {
        Some((_, inner)) => (inner.start, format!("<c2pa:manifest>{text}</c2pa:manifest>")),
        None => (
            map.root.end,
            format!("<metadata><c2pa:manifest>{text}</c2pa:manifest></metadata>"),
        ),
    };
    let out = super::insert(bytes, at, new.as_bytes());
    super::insert(&out, map.root.end - 1, ATTRIBUTE)
}
