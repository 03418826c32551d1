//! XMP in: a packet's properties with their paths, and where each lies, so that a writer can leave all else alone.
//!
//! A strict subset of RDF/XML (ISO 16684-1, 7): no DTD, no entities but XML's five, bounded nodes and depth, no recursion.
//! Namespaces are told apart by URI; a prefix that a packet binds to something else gains nothing.
//!
//! Paths: `dc:title` (default language), `dc:title[de]`, `dc:creator[1]`, `plus:Licensor[1]/plus:LicensorURL`.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::xmp_names::{self, RDF, XML};
use crate::base::limits::{FIELD_BYTES_MAX, XMP_BYTES_MAX, XMP_DEPTH_MAX, XMP_NODES_MAX};

/// Longest path kept, bytes.
const PATH_MAX: usize = 512;
/// Most namespace declarations of one element; Adobe's programs write up to about 30.
const DECLARATIONS_MAX: usize = 128;
/// Most faults listed.
const FAULTS_MAX: usize = 16;

/// What a packet does not hold to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmpFault {
    /// It declares a document type; entities are never expanded.
    #[error("the XMP packet declares a document type, which XMP forbids; its entities are not expanded")]
    DocumentType,
    /// It names an entity that XML does not define.
    #[error("the XMP packet names an entity that is not defined")]
    Entity,
    /// Not UTF-8 nor UTF-16.
    #[error("the XMP packet is not valid UTF-8; what is not was replaced")]
    Encoding,
    /// The XML is broken.
    #[error("the XMP packet is broken at byte {at}; the rest was not read")]
    Malformed {
        /// Where, bytes from the start of the packet.
        at: usize,
    },
    /// No `rdf:RDF` in it.
    #[error("the XMP packet holds no rdf:RDF")]
    NoRdf,
    /// More than is read.
    #[error("the XMP packet has more than {limit} {what}; the rest was not read")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

/// One leaf value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Where it hangs.
    pub(super) path: String,
    /// The characters, capped at `FIELD_BYTES_MAX`.
    pub(super) value: String,
}

/// One property of the resource itself, and where it lies in the packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// `dc:creator`.
    pub(super) name: String,
    /// The attribute or element, whole.
    pub(super) whole: Range<usize>,
    /// The simple value's own bytes, as escaped in the packet.
    pub(super) value: Option<Range<usize>>,
    /// Where a further item of its array would go.
    pub(super) array_end: Option<usize>,
}

/// A packet read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packet {
    /// Every value, in packet order.
    pub(super) leaves: Vec<Leaf>,
    /// Every property of the resource.
    pub(super) properties: Vec<Property>,
    /// The bytes of the end tag `</rdf:RDF>`, or of an empty `<rdf:RDF/>`.
    pub(super) rdf_end: Option<Range<usize>>,
    /// `rdf:about` of the first description, as escaped in the packet.
    pub(super) about: Option<String>,
    /// What was wrong.
    pub(super) faults: Vec<XmpFault>,
}

impl Packet {
    /// Whether a writer may rely on the positions: well-formed to the end, one RDF, nothing cut.
    pub(super) fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.rdf_end.is_some()
    }

    fn fault(&mut self, fault: XmpFault) {
        if self.faults.len() < FAULTS_MAX && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// The packet's characters: UTF-8, or UTF-16 with or without its mark.
pub(super) fn characters(bytes: &[u8]) -> (Cow<'_, str>, Option<XmpFault>) {
    let wide = |order: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| order(*pair)).collect();
        match String::from_utf16(&units) {
            Ok(text) => (Cow::Owned(text), None),
            Err(_) => (
                Cow::Owned(String::from_utf16_lossy(&units)),
                Some(XmpFault::Encoding),
            ),
        }
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xFF, 0xFE, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0, b'<', ..] => wide(u16::from_be_bytes, bytes),
        [b'<', 0, ..] => wide(u16::from_le_bytes, bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text.trim_start_matches('\u{feff}')), None),
            Err(_) => (
                Cow::Owned(String::from_utf8_lossy(bytes).into_owned()),
                Some(XmpFault::Encoding),
            ),
        },
    }
}

/// Reads a packet; total: what cannot be read becomes a fault.
pub(super) fn read(text: &str) -> Packet {
    if text.len() > XMP_BYTES_MAX {
        let mut packet = Packet::default();
        packet.fault(XmpFault::TooMany {
            what: "bytes",
            limit: XMP_BYTES_MAX,
        });
        return packet;
    }
    // Padding after the packet may be NUL in sloppy writers; XML knows no NUL.
    let text = text.trim_end_matches('\0');
    let mut walk = Walk {
        text,
        packet: Packet::default(),
        stack: Vec::new(),
        nodes: 0,
        in_rdf: false,
    };
    let mut reader = NsReader::from_str(text);
    reader
        .resolver_mut()
        .set_max_declarations_per_element(DECLARATIONS_MAX);
    loop {
        let before = position(&reader);
        let Ok(event) = reader.read_event() else {
            walk.packet.fault(XmpFault::Malformed { at: before });
            break;
        };
        let span = before..position(&reader);
        let go_on = match event {
            Event::Start(start) => walk.open(&reader, &start, span),
            Event::Empty(start) => {
                let go_on = walk.open(&reader, &start, span.clone());
                walk.close(span, true);
                go_on
            }
            Event::End(_) => {
                walk.close(span, false);
                true
            }
            Event::Text(text) => walk.text(text.xml10_content().ok().as_deref()),
            Event::CData(text) => walk.text(text.xml10_content().ok().as_deref()),
            Event::GeneralRef(name) => walk.reference(&name),
            Event::DocType(_) => {
                walk.packet.fault(XmpFault::DocumentType);
                true
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => true,
            Event::Eof => break,
        };
        if !go_on {
            break;
        }
    }
    if !walk.stack.is_empty() && walk.packet.faults.is_empty() {
        walk.packet.fault(XmpFault::Malformed { at: text.len() });
    }
    if walk.packet.rdf_end.is_none() {
        walk.packet.fault(XmpFault::NoRdf);
    }
    walk.packet
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// What an open element is to XMP.
enum Role {
    /// `x:xmpmeta` and whatever else surrounds the RDF.
    Outer,
    /// `rdf:RDF`.
    Rdf,
    /// A description: its children are properties of `path`.
    Node,
    /// A property or array item: holds text, an array or a description.
    Value { text: String, full: bool },
    /// `rdf:Seq`, `rdf:Bag`, `rdf:Alt`.
    Array { items: usize },
    /// Something that has no meaning here.
    Skipped,
}

struct Frame {
    role: Role,
    path: String,
    start: Range<usize>,
    /// Index into `Packet::properties` when this element is one of the resource's properties, or its array.
    property: Option<usize>,
}

struct Walk<'a> {
    text: &'a str,
    packet: Packet,
    stack: Vec<Frame>,
    nodes: usize,
    in_rdf: bool,
}

/// An attribute with its namespace resolved.
struct Attr {
    name: Name,
    value: String,
    whole: Range<usize>,
    raw: Option<Range<usize>>,
}

struct Name {
    uri: Option<String>,
    local: String,
}

impl Name {
    fn is(&self, uri: &str, local: &str) -> bool {
        self.uri.as_deref() == Some(uri) && self.local == local
    }

    /// `dc:title`, or `{http://...}title` where the namespace is not a customary one.
    fn show(&self) -> String {
        match &self.uri {
            None => self.local.clone(),
            Some(uri) => match xmp_names::prefix(uri) {
                Some(prefix) => format!("{prefix}:{}", self.local),
                None => format!("{{{uri}}}{}", self.local),
            },
        }
    }
}

impl Walk<'_> {
    fn count(&mut self) -> bool {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > XMP_NODES_MAX {
            self.packet.fault(XmpFault::TooMany {
                what: "nodes",
                limit: XMP_NODES_MAX,
            });
            return false;
        }
        true
    }

    fn open(&mut self, reader: &NsReader<&[u8]>, start: &BytesStart<'_>, span: Range<usize>) -> bool {
        if !self.count() {
            return false;
        }
        if self.stack.len() >= XMP_DEPTH_MAX {
            self.packet.fault(XmpFault::TooMany {
                what: "nested elements",
                limit: XMP_DEPTH_MAX,
            });
            return false;
        }
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let name = named(&namespace, local.as_ref());
        let Some(attributes) = self.attributes(reader, start) else {
            return false;
        };
        let frame = self.frame(&name, &attributes, span);
        self.stack.push(frame);
        self.take(&attributes);
        true
    }

    fn attributes(&mut self, reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<Vec<Attr>> {
        let mut found = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            if !self.count() {
                return None;
            }
            let Ok(attribute) = attribute else {
                self.packet.fault(XmpFault::Malformed {
                    at: self.offset(start),
                });
                return None;
            };
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let Ok(value) = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0) else {
                self.packet.fault(XmpFault::Entity);
                continue;
            };
            let raw = self.span_of(&attribute);
            let key = self.offset(attribute.key.as_ref());
            let end = raw.as_ref().map_or(key, |raw| raw.end.saturating_add(1));
            found.push(Attr {
                name: named(&namespace, local.as_ref()),
                value: capped(&value).to_owned(),
                whole: key..end,
                raw,
            });
        }
        Some(found)
    }

    /// Where borrowed bytes lie in the packet.
    fn offset(&self, part: &[u8]) -> usize {
        part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    fn span_of(&self, attribute: &Attribute<'_>) -> Option<Range<usize>> {
        match &attribute.value {
            Cow::Borrowed(raw) => {
                let at = self.offset(raw);
                Some(at..at.checked_add(raw.len())?).filter(|span| span.end < self.text.len())
            }
            Cow::Owned(_) => None,
        }
    }

    /// Decides what the element is, by where it stands.
    fn frame(&mut self, name: &Name, attributes: &[Attr], span: Range<usize>) -> Frame {
        let resource = attributes
            .iter()
            .any(|attr| attr.name.is(RDF, "parseType") && attr.value == "Resource");
        let top = self.stack.len() == self.node_depth();
        let mut property = None;
        let (role, path) = match self.stack.last_mut() {
            None
            | Some(Frame {
                role: Role::Outer, ..
            }) if name.is(RDF, "RDF") && !self.in_rdf => {
                self.in_rdf = true;
                (Role::Rdf, String::new())
            }
            None
            | Some(Frame {
                role: Role::Outer, ..
            }) => (Role::Outer, String::new()),
            Some(Frame { role: Role::Rdf, .. }) => (Role::Node, String::new()),
            Some(Frame {
                role: Role::Node,
                path,
                ..
            }) => {
                let path = joined(path, name);
                if top && let Some(path) = &path {
                    property = Some(self.packet.properties.len());
                    self.packet.properties.push(Property {
                        name: path.clone(),
                        whole: span.clone(),
                        value: None,
                        array_end: None,
                    });
                }
                value_role(path, resource)
            }
            Some(Frame {
                role: Role::Value { full, .. },
                path,
                property: parent,
                ..
            }) => {
                *full = true;
                let path = path.clone();
                if name.uri.as_deref() == Some(RDF) && matches!(name.local.as_str(), "Seq" | "Bag" | "Alt") {
                    property = *parent;
                    (Role::Array { items: 0 }, path)
                } else {
                    (Role::Node, path)
                }
            }
            Some(Frame {
                role: Role::Array { items },
                path,
                ..
            }) if name.is(RDF, "li") => {
                *items = items.saturating_add(1);
                let key = attributes
                    .iter()
                    .find(|attr| attr.name.is(XML, "lang"))
                    .map(|attr| attr.value.as_str());
                let path = match key {
                    Some("x-default") => path.clone(),
                    Some(lang) => format!("{path}[{lang}]"),
                    None => format!("{path}[{items}]"),
                };
                value_role((path.len() <= PATH_MAX).then_some(path), resource)
            }
            Some(Frame {
                role: Role::Array { .. } | Role::Skipped,
                ..
            }) => (Role::Skipped, String::new()),
        };
        Frame {
            role,
            path,
            start: span,
            property,
        }
    }

    /// How deep a description of the resource itself stands: directly below `rdf:RDF`.
    fn node_depth(&self) -> usize {
        self.stack
            .iter()
            .position(|frame| matches!(frame.role, Role::Rdf))
            .map_or(usize::MAX, |at| at.saturating_add(2))
    }

    /// Takes the attributes of the element just opened: properties of a description, fields of a value, a resource.
    fn take(&mut self, attributes: &[Attr]) {
        let top = self.stack.len() == self.node_depth();
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        for attr in attributes {
            if attr.name.uri.as_deref() == Some(XML) {
                continue;
            }
            let rdf = attr.name.uri.as_deref() == Some(RDF);
            match &mut frame.role {
                Role::Node if rdf && attr.name.local == "about" && top => {
                    if self.packet.about.is_none() {
                        let raw = attr.raw.clone().and_then(|raw| self.text.get(raw));
                        self.packet.about = Some(raw.unwrap_or_default().to_owned());
                    }
                }
                Role::Node | Role::Value { .. } if !rdf || attr.name.local == "value" => {
                    let Some(path) = joined(&frame.path, &attr.name) else {
                        continue;
                    };
                    if let Role::Value { full, .. } = &mut frame.role {
                        *full = true;
                    }
                    if top && matches!(frame.role, Role::Node) {
                        self.packet.properties.push(Property {
                            name: path.clone(),
                            whole: attr.whole.clone(),
                            value: attr.raw.clone(),
                            array_end: None,
                        });
                    }
                    self.packet.leaves.push(Leaf {
                        path,
                        value: attr.value.clone(),
                    });
                }
                Role::Value { text, .. } if attr.name.local == "resource" => text.clone_from(&attr.value),
                _ => {}
            }
        }
    }

    fn close(&mut self, span: Range<usize>, empty: bool) {
        let Some(frame) = self.stack.pop() else { return };
        match frame.role {
            Role::Value { text, full } => {
                if let Some(property) = frame.property.and_then(|at| self.packet.properties.get_mut(at)) {
                    property.whole = frame.start.start..span.end;
                    if !full && !empty {
                        property.value = Some(frame.start.end..span.start);
                    }
                }
                if !full {
                    self.packet.leaves.push(Leaf {
                        path: frame.path,
                        value: text,
                    });
                }
            }
            Role::Array { .. } if !empty => {
                if let Some(property) = frame.property.and_then(|at| self.packet.properties.get_mut(at)) {
                    property.array_end = Some(span.start);
                }
            }
            Role::Node => {
                if let Some(property) = frame.property.and_then(|at| self.packet.properties.get_mut(at)) {
                    property.whole = frame.start.start..span.end;
                }
            }
            Role::Rdf => self.packet.rdf_end = Some(span),
            Role::Outer | Role::Array { .. } | Role::Skipped => {}
        }
    }

    fn text(&mut self, more: Option<&str>) -> bool {
        let Some(more) = more else {
            self.packet.fault(XmpFault::Encoding);
            return true;
        };
        if let Some(Frame {
            role: Role::Value { text, .. },
            ..
        }) = self.stack.last_mut()
        {
            let room = FIELD_BYTES_MAX.saturating_sub(text.len());
            text.push_str(more.get(..more.floor_char_boundary(room)).unwrap_or_default());
        }
        true
    }

    fn reference(&mut self, name: &quick_xml::events::BytesRef<'_>) -> bool {
        if let Ok(Some(character)) = name.resolve_char_ref() {
            return self.text(Some(character.encode_utf8(&mut [0; 4])));
        }
        match name.decode().ok().as_deref().and_then(resolve_predefined_entity) {
            Some(character) => self.text(Some(character)),
            None => {
                self.packet.fault(XmpFault::Entity);
                true
            }
        }
    }
}

fn value_role(path: Option<String>, resource: bool) -> (Role, String) {
    match path {
        None => (Role::Skipped, String::new()),
        Some(path) if resource => (Role::Node, path),
        Some(path) => (
            Role::Value {
                text: String::new(),
                full: false,
            },
            path,
        ),
    }
}

/// The path of a field; `rdf:value` of a qualified value stands for the value itself. `None` when too long.
fn joined(path: &str, name: &Name) -> Option<String> {
    let long = match (path, name.is(RDF, "value")) {
        (_, true) => path.to_owned(),
        ("", false) => name.show(),
        (_, false) => format!("{path}/{}", name.show()),
    };
    (long.len() <= PATH_MAX && !long.is_empty()).then_some(long)
}

fn named(namespace: &ResolveResult<'_>, local: &[u8]) -> Name {
    let uri = match namespace {
        ResolveResult::Bound(uri) => Some(String::from_utf8_lossy(uri.as_ref()).into_owned()),
        ResolveResult::Unknown(prefix) => Some(format!("undeclared:{}", String::from_utf8_lossy(prefix))),
        ResolveResult::Unbound => None,
    };
    let local = String::from_utf8_lossy(local);
    Name {
        uri,
        local: local
            .get(..local.floor_char_boundary(PATH_MAX))
            .unwrap_or_default()
            .to_owned(),
    }
}

fn capped(text: &str) -> &str {
    text.get(..text.floor_char_boundary(FIELD_BYTES_MAX))
        .unwrap_or_default()
}
