//! XMP in: a packet's properties with their paths, and where each lies, so that a writer can leave all else alone.
//!
//! A strict subset of RDF/XML (ISO 16684-1, 7): no DTD, no entities but XML's five, bounded nodes and depth, no recursion.
//! Namespaces are told apart by URI; a prefix that a packet binds to something else gains nothing.
//!
//! Paths: `dc:title` (default language), `dc:title[de]`, `dc:creator[1]`, `plus:Licensor[1]/plus:LicensorURL`.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::events::Event;

use super::xmp_walk::Walk;
use crate::base::limits::XMP_BYTES_MAX;

/// Most namespace declarations of one element; Adobe's programs write up to about 30.
const DECLARATIONS_MAX: usize = 64;
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

    /// Lists a fault, once.
    pub(super) fn fault(&mut self, fault: XmpFault) {
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
    let mut walk = Walk::new(text);
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
            Event::Text(text) => {
                walk.text(text.xml10_content().ok().as_deref());
                true
            }
            Event::CData(text) => {
                walk.text(text.xml10_content().ok().as_deref());
                true
            }
            Event::GeneralRef(name) => {
                walk.reference(&name);
                true
            }
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
    walk.finish()
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}
