//! Whether a page holds only the elements and attributes that byline writes.

use std::collections::BTreeSet;

/// Elements, and attributes that any may have.
const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "footer",
    "section",
    "article",
    "div",
    "p",
    "h1",
    "h2",
    "h3",
    "b",
    "bdi",
    "br",
    "span",
    "time",
    "figure",
    "figcaption",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "li",
    "details",
    "summary",
    "pre",
    "a",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "scope",
    "src",
    "width",
    "height",
    "alt",
    "datetime",
    "start",
    "id",
    "href",
    "data-label",
];

/// Reads a page as a browser does where it holds no raw text but its style: any `<` begins a tag, and a value ends at its
/// quote. Panics on a tag that is not byline's.
pub fn judge(page: &str) -> BTreeSet<String> {
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("the style's end");
    let mut seen = BTreeSet::new();
    for part in [head, rest] {
        let part = part.strip_prefix("<!DOCTYPE html>").unwrap_or(part);
        let mut pieces = part.split('<');
        let before = pieces.next().unwrap_or_default();
        assert!(!before.contains('>'), "{before:?}");
        for piece in pieces {
            let end = end_of_tag(piece);
            tag(&piece[..end], &mut seen);
            assert!(!piece[end + 1..].contains('>'), "text with a bracket: {piece:?}");
        }
    }
    seen
}

/// Where the tag ends: at the first bracket outside quotes.
fn end_of_tag(piece: &str) -> usize {
    let mut quoted = false;
    for (at, c) in piece.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    panic!("no end of tag: {piece:?}");
}

fn tag(text: &str, seen: &mut BTreeSet<String>) {
    if let Some(name) = text.strip_prefix('/') {
        assert!(ELEMENTS.contains(&name), "</{name}>");
        return;
    }
    let (name, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    assert!(ELEMENTS.contains(&name), "<{name}>");
    seen.insert(name.to_owned());
    while !rest.is_empty() {
        let (attribute, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("<{text}>"));
        assert!(ATTRIBUTES.contains(&attribute), "{attribute:?} in <{text}>");
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("<{text}>"));
        match attribute {
            "src" => assert!(value.starts_with("data:image/jpeg;base64,"), "{value}"),
            "href" => assert!(value.starts_with("#picture-"), "{value}"),
            _ => {}
        }
        rest = after.trim_start();
    }
}

#[test]
fn markup_of_strangers_is_told() {
    let page = |body: &str| format!("<!DOCTYPE html><html><style>x</style><body>{body}</body></html>");
    judge(&page(
        "<p class=\"a\">x</p><img src=\"data:image/jpeg;base64,AA\">",
    ));
    for evil in [
        "<script>",
        "<p onclick=\"x\">",
        "<a href=\"javascript:x\">",
        "<img src=\"x.png\">",
        "<p class=x>",
        "a > b",
        "<p",
    ] {
        let page = page(evil);
        assert!(std::panic::catch_unwind(|| judge(&page)).is_err(), "{evil}");
    }
}
