//! One pass over a packet's elements: what each is to XMP, decided by where it stands. The caller feeds it events in order.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart};
use quick_xml::name::ResolveResult;

use super::xmp::{Leaf, Packet, Property, XmpFault};
use super::xmp_names::{self, RDF, XML};
use crate::base::limits::{FIELD_BYTES_MAX, XMP_DEPTH_MAX, XMP_NODES_MAX};

/// Longest path kept, bytes.
const PATH_MAX: usize = 512;

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

/// The pass under way.
pub(super) struct Walk<'a> {
    text: &'a str,
    /// What was found so far.
    pub(super) packet: Packet,
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

impl<'a> Walk<'a> {
    /// Begins a pass over `text`, from which all events must borrow.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            packet: Packet::default(),
            stack: Vec::new(),
            nodes: 0,
            in_rdf: false,
        }
    }

    /// Ends the pass.
    pub(super) fn finish(mut self) -> Packet {
        if !self.stack.is_empty() && self.packet.faults.is_empty() {
            self.packet.fault(XmpFault::Malformed { at: self.text.len() });
        }
        if self.packet.rdf_end.is_none() {
            self.packet.fault(XmpFault::NoRdf);
        }
        self.packet
    }

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

    /// Takes a start tag; `false` when a bound is reached and the pass must end.
    pub(super) fn open(
        &mut self,
        reader: &NsReader<&[u8]>,
        start: &BytesStart<'_>,
        span: Range<usize>,
    ) -> bool {
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
        let mut outermost = Role::Outer;
        let (parent, above, above_property) = match self.stack.last_mut() {
            Some(frame) => (&mut frame.role, frame.path.as_str(), frame.property),
            None => (&mut outermost, "", None),
        };
        let (role, path) = match parent {
            Role::Outer if name.is(RDF, "RDF") && !self.in_rdf => {
                self.in_rdf = true;
                (Role::Rdf, String::new())
            }
            Role::Outer => (Role::Outer, String::new()),
            Role::Rdf => (Role::Node, String::new()),
            Role::Node => {
                let path = joined(above, name);
                if top && let Some(name) = path.clone() {
                    property = Some(self.packet.properties.len());
                    let whole = span.clone();
                    self.packet.properties.push(Property {
                        name,
                        whole,
                        value: None,
                        array_end: None,
                    });
                }
                value_role(path, resource)
            }
            Role::Value { full, .. } => {
                *full = true;
                if name.uri.as_deref() == Some(RDF) && matches!(name.local.as_str(), "Seq" | "Bag" | "Alt") {
                    property = above_property;
                    (Role::Array { items: 0 }, above.to_owned())
                } else {
                    (Role::Node, above.to_owned())
                }
            }
            Role::Array { items } if name.is(RDF, "li") => {
                *items = items.saturating_add(1);
                let lang = attributes.iter().find(|attr| attr.name.is(XML, "lang"));
                let path = match lang.map(|attr| attr.value.as_str()) {
                    Some("x-default") => above.to_owned(),
                    // A number in brackets is an item's; no language begins with a digit (RFC 5646, 2.1).
                    Some(lang) if lang.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                        format!("{above}[{lang}]")
                    }
                    _ => format!("{above}[{items}]"),
                };
                value_role((path.len() <= PATH_MAX).then_some(path), resource)
            }
            Role::Array { .. } | Role::Skipped => (Role::Skipped, String::new()),
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
                    let raw = attr.raw.clone().and_then(|raw| self.text.get(raw));
                    self.packet
                        .about
                        .get_or_insert_with(|| raw.unwrap_or_default().to_owned());
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

    /// Takes an end tag, or the end of an empty one.
    pub(super) fn close(&mut self, span: Range<usize>, empty: bool) {
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

    /// Takes character data; `None` where it could not be decoded.
    pub(super) fn text(&mut self, more: Option<&str>) {
        let Some(more) = more else {
            self.packet.fault(XmpFault::Encoding);
            return;
        };
        if let Some(Frame {
            role: Role::Value { text, .. },
            ..
        }) = self.stack.last_mut()
        {
            let room = FIELD_BYTES_MAX.saturating_sub(text.len());
            text.push_str(more.get(..more.floor_char_boundary(room)).unwrap_or_default());
        }
    }

    /// Takes a character or entity reference.
    pub(super) fn reference(&mut self, name: &BytesRef<'_>) {
        if let Ok(Some(character)) = name.resolve_char_ref() {
            self.text(Some(character.encode_utf8(&mut [0; 4])));
        } else if let Some(text) = name.decode().ok().as_deref().and_then(resolve_predefined_entity) {
            self.text(Some(text));
        } else {
            self.packet.fault(XmpFault::Entity);
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
