//! Where the parts of an SVG lie, read in one pass without recursion.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::bytes::{find, index64};
use super::{AssetError, Format};
use crate::base::limits::PARTS_MAX;

/// Where the parts of an SVG lie.
#[derive(Default)]
pub(super) struct Map {
    pub(super) size: Option<(u32, u32)>,
    /// The start tag of the root element.
    pub(super) root: Range<usize>,
    /// The root's name as written, for the prefix.
    pub(super) prefix: Vec<u8>,
    /// Whether the root is an empty element, `<svg/>`.
    pub(super) closed: bool,
    /// Each `metadata` child of the root: whole, and between its tags.
    pub(super) metadata: Vec<(Range<usize>, Range<usize>)>,
    pub(super) packets: Vec<Range<usize>>,
    pub(super) manifests: Vec<Manifest>,
    pub(super) end: Option<usize>,
    pub(super) encoding_is_utf8: bool,
    /// The first place that makes what is shown depend on more than the file: a script, or an address.
    pub(super) elsewhere: Option<usize>,
}

pub(super) struct Manifest {
    pub(super) whole: Range<usize>,
    pub(super) text: Range<usize>,
    /// Whether something else than one text stands inside.
    pub(super) mixed: bool,
}

/// What is open while the map is read.
#[derive(Default)]
struct Open {
    depth: usize,
    /// Start of the `metadata` child of the root, and where its content begins.
    metadata: Option<(usize, usize)>,
    manifest: Option<OpenManifest>,
    /// Start and depth of the XMP element.
    xmp: Option<(usize, usize)>,
    /// A packet wrapper's opening instruction, still without its element.
    wrapper: Option<usize>,
}

struct OpenManifest {
    start: usize,
    /// Where its content begins.
    text: usize,
    mixed: bool,
}

impl Open {
    /// Notes that something else than text stands here.
    fn mix(&mut self) {
        if let Some(manifest) = &mut self.manifest {
            manifest.mixed = true;
        }
    }
}

impl Map {
    /// Reads the document up to the end of its root element, or to where its XML breaks.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, AssetError> {
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
            if parts > NODES_MAX {
                let limit = NODES_MAX;
                return Err(AssetError::TooManyParts {
                    format: Format::Svg,
                    limit,
                });
            }
            let from = skip.saturating_add(index64(reader.buffer_position()));
            let event = reader.read_event();
            let to = skip.saturating_add(index64(reader.buffer_position()));
            match event {
                Ok(Event::Eof) if map.root.is_empty() => {
                    return Err(broken("there is no root element", from));
                }
                Err(_) if map.root.is_empty() => return Err(broken("the XML is broken", from)),
                // Viewers show what comes before the break.
                Ok(Event::Eof) | Err(_) => break,
                Ok(event) => map
                    .see(&mut open, &event, from..to)
                    .ok_or_else(|| broken("it nests too deep", from))?,
            }
            if map.end.is_some() {
                break;
            }
        }
        if let (None, Some(manifest)) = (map.end, open.manifest) {
            map.manifests.push(Manifest {
                whole: manifest.start..bytes.len(),
                text: manifest.text..bytes.len(),
                mixed: true,
            });
        }
        Ok(map)
    }

    /// Takes one event; `None` where elements nest too deep.
    fn see(&mut self, open: &mut Open, event: &Event<'_>, range: Range<usize>) -> Option<()> {
        if self.elsewhere.is_none() && leads_elsewhere(event) {
            self.elsewhere = Some(range.start);
        }
        match event {
            Event::Start(tag) => return self.start(open, tag, range),
            Event::Empty(tag) if open.depth == 0 => {
                self.end = Some(range.end);
                self.closed = true;
                self.begin(tag, range);
            }
            Event::Empty(tag) => {
                open.mix();
                if open.depth == 2 && open.metadata.is_some() && is_manifest(tag) {
                    let text = range.end..range.end;
                    self.manifests.push(Manifest {
                        whole: range,
                        text,
                        mixed: true,
                    });
                }
            }
            Event::End(_) => {
                let end = range.end;
                self.close(open, range);
                if open.depth == 0 {
                    self.end = Some(end);
                }
            }
            Event::PI(instruction) => {
                open.mix();
                if open.depth == 2 && instruction.starts_with(b"xpacket begin") {
                    open.wrapper = Some(range.start);
                }
                self.wrapped(instruction, range.end);
            }
            Event::Decl(decl) => {
                let encoding = decl.encoding().and_then(Result::ok);
                self.encoding_is_utf8 = encoding.is_none_or(|name| {
                    name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"us-ascii")
                });
            }
            Event::Comment(_) | Event::CData(_) | Event::GeneralRef(_) => open.mix(),
            _ => {}
        }
        Some(())
    }

    fn begin(&mut self, tag: &BytesStart<'_>, range: Range<usize>) {
        let name = tag.name().into_inner();
        self.prefix = name.strip_suffix(b"svg").unwrap_or_default().to_vec();
        self.root = range;
        self.size = size(tag);
    }

    fn start(&mut self, open: &mut Open, tag: &BytesStart<'_>, range: Range<usize>) -> Option<()> {
        let local = tag.local_name();
        open.mix();
        match open.depth {
            0 => self.begin(tag, range),
            1 if local.as_ref() == b"metadata" => open.metadata = Some((range.start, range.end)),
            2 if open.metadata.is_some() && is_manifest(tag) => {
                open.manifest = Some(OpenManifest {
                    start: range.start,
                    text: range.end,
                    mixed: false,
                });
            }
            // The `x:xmpmeta` around the RDF is optional (ISO 16684-1, 7.3.3).
            depth
                if open.metadata.is_some()
                    && open.xmp.is_none()
                    && matches!(local.as_ref(), b"xmpmeta" | b"RDF") =>
            {
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
                if let Some(manifest) = open.manifest.take() {
                    self.manifests.push(Manifest {
                        whole: manifest.start..range.end,
                        text: manifest.text..range.start,
                        mixed: manifest.mixed,
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

/// Whether a script runs or another address is asked when this is shown (SVG 2, 2.1 and 15.2); links that somebody must follow do not.
fn leads_elsewhere(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) | Event::Empty(tag) => {
            let element = tag.local_name();
            let is_link = element.as_ref() == b"a";
            let mut attributes = tag.attributes();
            element.as_ref() == b"script"
                || attributes.with_checks(false).flatten().any(|attribute| {
                    let name = attribute.key.local_name();
                    let is_source = !is_link && matches!(name.as_ref(), b"href" | b"src");
                    name.as_ref().starts_with(b"on")
                        || is_source && is_address(&attribute.value)
                        || asks_url(&attribute.value)
                })
        }
        // Styles stand as text or, to keep their signs, as character data.
        Event::Text(text) => asks_style(text),
        Event::CData(text) => asks_style(text),
        _ => false,
    }
}

fn asks_style(text: &[u8]) -> bool {
    find(text, b"@import").is_some() || asks_url(text)
}

/// Whether `url(...)` names something outside the file.
fn asks_url(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = find(rest, b"url(") {
        rest = rest.get(at.saturating_add(4)..).unwrap_or_default();
        if is_address(unquoted(rest.trim_ascii_start())) {
            return true;
        }
    }
    false
}

fn unquoted(text: &[u8]) -> &[u8] {
    match text.split_first() {
        Some((b'"' | b'\'', rest)) => rest,
        _ => text,
    }
}

/// Whether a reference leads out of the file: neither to a part of it nor to data in it.
fn is_address(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let is_data = value
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"data:"));
    !value.is_empty() && !value.starts_with(b"#") && !is_data
}

fn is_manifest(tag: &BytesStart<'_>) -> bool {
    tag.local_name().as_ref() == b"manifest" && tag.name().prefix().is_some()
}

/// Width and height in pixels where they are plain numbers, else from the view box.
fn size(tag: &BytesStart<'_>) -> Option<(u32, u32)> {
    let attribute = |name: &str| {
        // Without the check for duplicates, which takes time by the square of their number.
        let mut all = tag.attributes();
        let found = all
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.into_inner() == name.as_bytes())?;
        String::from_utf8(found.value.into_owned()).ok()
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

/// The byte order mark of UTF-8.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Deepest nesting of elements: what editors write stays far below.
const DEPTH_MAX: usize = 1_000;
/// Most XML nodes of a drawing: maps have more parts than containers.
const NODES_MAX: usize = 20 * PARTS_MAX;
