//! XMP out: adds properties to a packet and leaves every other byte of it as it was, or makes a small new packet.
//!
//! Missing properties go into one further `rdf:Description` before `</rdf:RDF>`, about the same resource, with namespace
//! declarations of its own, so that no prefix of the packet matters. A simple value is renewed where it stands.

use std::fmt::Write as _;
use std::ops::Range;

use super::wanted::{Kind, Shape, XmpWanted};
use super::xmp::{Packet, Property};
use super::xmp_names::{self, RDF};

/// What is done to a packet.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes<'a> {
    /// Properties the packet lacks.
    pub(super) add: Vec<&'a XmpWanted>,
    /// Properties whose array gets a further item; each has an array of the wanted kind in the packet.
    pub(super) append: Vec<&'a XmpWanted>,
    /// Properties that take the place of the packet's.
    pub(super) renew: Vec<&'a XmpWanted>,
}

impl Changes<'_> {
    /// Whether nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.add.is_empty() && self.append.is_empty() && self.renew.is_empty()
    }
}

/// What surrounds `rdf:RDF` in a new packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// Nothing. For SVG: exiftool takes a document that begins with an `x:xmpmeta` for XMP and misnames all in it.
    Bare,
    /// `x:xmpmeta`, optional in ISO 16684-1 (7.3.3) and expected by many.
    Meta,
}

/// A packet with nothing but these properties. It has no padding: who changes it after signing breaks the signature anyway.
pub(super) fn fresh(wanted: &[&XmpWanted], wrapper: Wrapper) -> String {
    let (open, close) = match wrapper {
        Wrapper::Bare => ("", ""),
        Wrapper::Meta => ("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n", "</x:xmpmeta>\n"),
    };
    let mut out = String::from("<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n");
    let _ = writeln!(out, "{open}<rdf:RDF xmlns:rdf=\"{RDF}\">");
    out.push_str(&description("", wanted));
    let _ = write!(out, "</rdf:RDF>\n{close}<?xpacket end=\"w\"?>");
    out
}

/// The packet with the changes made; the packet must be sound.
pub(super) fn change(text: &str, packet: &Packet, changes: &Changes<'_>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut add = changes.add.clone();
    for wanted in &changes.renew {
        let mut placed = false;
        for property in packet
            .properties
            .iter()
            .filter(|property| property.name == wanted.name)
        {
            match (&wanted.shape, &property.value) {
                (Shape::Text(value), Some(span)) if !placed => {
                    edits.push((span.clone(), escaped(value)));
                    placed = true;
                }
                _ => edits.push((property.whole.clone(), String::new())),
            }
        }
        if !placed {
            add.push(wanted);
        }
    }
    for wanted in &changes.append {
        let mut place = packet
            .properties
            .iter()
            .filter(|property| property.name == wanted.name);
        match place.find_map(array_end) {
            Some(at) => edits.push((at..at, item(wanted))),
            None => add.push(wanted),
        }
    }
    if let (false, Some(end)) = (add.is_empty(), &packet.rdf_end) {
        edits.push(last_description(text, packet, end, &add));
    }
    edits.sort_by_key(|edit| edit.0.start);
    let mut out = String::with_capacity(text.len().saturating_add(1024));
    let mut from = 0;
    for (span, with) in edits {
        out.push_str(text.get(from..span.start).unwrap_or_default());
        out.push_str(&with);
        from = span.end.max(from);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

fn array_end(property: &Property) -> Option<usize> {
    property.array_end
}

/// The edit that puts a description before the end of the RDF, which may be written `<rdf:RDF/>`.
fn last_description(
    text: &str,
    packet: &Packet,
    end: &Range<usize>,
    add: &[&XmpWanted],
) -> (Range<usize>, String) {
    let about = packet.about.as_deref().unwrap_or_default().replace('"', "&quot;");
    let made = description(&about, add);
    let tag = text.get(end.clone()).unwrap_or_default();
    match tag.strip_suffix("/>") {
        Some(open) => {
            let name = open
                .trim_start_matches('<')
                .split_ascii_whitespace()
                .next()
                .unwrap_or("rdf:RDF");
            (end.clone(), format!("{open}>\n{made}</{name}>"))
        }
        None => (end.start..end.start, made),
    }
}

fn description(about: &str, wanted: &[&XmpWanted]) -> String {
    let mut prefixes: Vec<&str> = wanted.iter().flat_map(|wanted| prefixes(wanted)).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    let mut out = format!("<rdf:Description rdf:about=\"{about}\" xmlns:rdf=\"{RDF}\"");
    for prefix in prefixes {
        let _ = write!(
            out,
            "\n  xmlns:{prefix}=\"{}\"",
            xmp_names::uri(prefix).unwrap_or_default()
        );
    }
    out.push_str(">\n");
    for wanted in wanted {
        let _ = writeln!(out, " <{0}>{1}</{0}>", wanted.name, content(&wanted.shape));
    }
    out.push_str("</rdf:Description>\n");
    out
}

/// The prefixes a property's elements need.
fn prefixes(wanted: &XmpWanted) -> Vec<&str> {
    let mut names = vec![wanted.name];
    let mut todo = vec![&wanted.shape];
    while let Some(shape) = todo.pop() {
        if let Shape::Struct(_, fields) = shape {
            names.extend(fields.iter().map(|field| field.0));
            todo.extend(fields.iter().map(|field| &field.1));
        }
    }
    names
        .into_iter()
        .filter_map(|name| name.split_once(':').map(|pair| pair.0))
        .collect()
}

/// One `rdf:li` that declares all it needs, for an array in a stranger's packet.
fn item(wanted: &XmpWanted) -> String {
    let mut needed = prefixes(wanted);
    needed.push("rdf");
    needed.sort_unstable();
    needed.dedup();
    let mut declarations = String::new();
    for prefix in needed {
        let _ = write!(
            declarations,
            " xmlns:{prefix}=\"{}\"",
            xmp_names::uri(prefix).unwrap_or_default()
        );
    }
    match &wanted.shape {
        Shape::Struct(_, fields) => structure(fields, &declarations),
        Shape::Item(_, text) | Shape::Lang(text) | Shape::Text(text) => {
            format!("<rdf:li{declarations}>{}</rdf:li>", escaped(text))
        }
    }
}

fn structure(fields: &[(&'static str, Shape)], declarations: &str) -> String {
    let mut out = format!("<rdf:li{declarations} rdf:parseType=\"Resource\">");
    for (name, shape) in fields {
        let _ = write!(out, "<{name}>{}</{name}>", content(shape));
    }
    out.push_str("</rdf:li>");
    out
}

fn content(shape: &Shape) -> String {
    let array = |kind: &Kind, item: &str| match kind {
        Kind::Bag => format!("<rdf:Bag>{item}</rdf:Bag>"),
        Kind::Seq => format!("<rdf:Seq>{item}</rdf:Seq>"),
    };
    match shape {
        Shape::Text(text) => escaped(text),
        Shape::Lang(text) => {
            format!(
                "<rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt>",
                escaped(text)
            )
        }
        Shape::Item(kind, text) => array(kind, &format!("<rdf:li>{}</rdf:li>", escaped(text))),
        Shape::Struct(kind, fields) => array(kind, &structure(fields, "")),
    }
}

/// Text as XML content or attribute value; carriage returns and, for attributes, line ends survive only as references.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#xD;"),
            '\n' => out.push_str("&#xA;"),
            '\t' => out.push_str("&#x9;"),
            c => out.push(c),
        }
    }
    out
}
