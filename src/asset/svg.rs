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
use quick_xml::events::Event;

use super::bytes::{find, without};
use super::layout::{Damage, Layout, Oddity, Walk};
use super::svg_map::{BOM, Map};
use super::{AssetError, Format};
use crate::base::limits::MANIFEST_BYTES_MAX;

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
    if let Some(offset) = map.elsewhere {
        walk.odd(Oddity::Elsewhere { offset });
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
    // Both lists are in file order, and metadata elements of the root do not nest.
    let tags = EMPTY.len().saturating_add(map.prefix.len().saturating_mul(2));
    let mut manifests = map
        .manifests
        .into_iter()
        .map(|manifest| manifest.whole)
        .peekable();
    for (whole, inner) in map.metadata {
        drop.extend(std::iter::from_fn(|| {
            manifests.next_if(|range| range.start < inner.start)
        }));
        let inside: Vec<_> =
            std::iter::from_fn(|| manifests.next_if(|range| range.end <= inner.end)).collect();
        let taken: usize = inside.iter().map(ExactSizeIterator::len).sum();
        if taken == inner.len() && whole.len() == inner.len().saturating_add(tags) {
            drop.push(whole);
        } else {
            drop.extend(inside);
        }
    }
    drop.extend(manifests);
    drop.sort_by_key(|range| range.start);
    without(bytes, &drop)
}

/// The base64 text of a store.
pub(super) fn frame(jumbf: &[u8]) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .encode(jumbf)
        .into_bytes()
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

/// Whether bytes are an SVG document in UTF-16, which begins with a byte order mark (XML 1.0, 4.3.3).
///
/// Browsers show it. Where things lie in it is told by bytes, and neither they nor the C2PA SDK's are those of its text.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some(b"\xFF\xFE") => u16::from_le_bytes,
        Some(b"\xFE\xFF") => u16::from_be_bytes,
        _ => return false,
    };
    let rest = bytes.get(2..).unwrap_or_default();
    let (units, _) = rest.get(..PROLOG_MAX).unwrap_or(rest).as_chunks::<2>();
    let text = char::decode_utf16(units.iter().map(|two| unit(*two)));
    let text: String = text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    is_svg(text.as_bytes())
}

const ATTRIBUTE: &[u8] = b" xmlns:c2pa=\"http://c2pa.org/manifest\"";
const EMPTY: &[u8] = b"<metadata></metadata>";
/// How much of a file may come before its root element, bytes.
const PROLOG_MAX: usize = 64 << 10;

#[cfg(test)]
pub(super) fn with_store(bytes: &[u8], jumbf: &[u8]) -> Vec<u8> {
    let map = Map::read(bytes).unwrap();
    let text = String::from_utf8(frame(jumbf)).unwrap();
    let manifest = format!("<c2pa:manifest>{text}</c2pa:manifest>");
    let (at, new) = if let Some((_, inner)) = map.metadata.last() {
        (inner.start, manifest)
    } else {
        let prefix = String::from_utf8(map.prefix).unwrap();
        (
            map.root.end,
            format!("<{prefix}metadata>{manifest}</{prefix}metadata>"),
        )
    };
    let out = super::insert(bytes, at, new.as_bytes());
    super::insert(&out, map.root.end - 1, ATTRIBUTE)
}

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::{parse, xmp_packet};
    use super::super::{Asset, StorePlace, jumbf};
    use super::*;

    const PLAIN: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 10\"><g/></svg>\n";

    #[test]
    fn documents_are_recognised_behind_any_prolog() {
        for prolog in [
            "",
            "\u{FEFF}",
            "<?xml version=\"1.0\"?>\n<!-- made by <svg> -->\n",
            "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://x\" [<!ENTITY a \"b\">]>",
        ] {
            let asset = parse(format!("{prolog}{PLAIN}").as_bytes());
            assert_eq!(
                (asset.format(), asset.layout().size),
                (Format::Svg, Some((20, 10))),
                "{prolog}"
            );
        }
        assert!(!is_svg(b"<html><svg></svg></html>"));
        assert!(!is_svg(b"text <svg/>"));
        assert!(
            parse(b"<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>")
                .layout()
                .oddities
                .is_empty()
        );
    }

    #[test]
    fn a_document_in_utf_16_is_known_for_one_and_not_read() {
        let big = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
        let little = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let text = format!("\u{FEFF}<?xml version='1.0' encoding='UTF-16'?><!-- \u{e9} -->{PLAIN}");
        for bytes in [big(&text), little(&text)] {
            assert_eq!(Asset::parse(bytes).unwrap_err(), AssetError::Utf16);
        }
        let other = big("\u{FEFF}<html><svg/></html>");
        for bytes in [big(PLAIN), other, b"\xFF\xFE".to_vec(), b"\xFE\xFF<".to_vec()] {
            assert_eq!(Asset::parse(bytes).unwrap_err(), AssetError::NotAnImage);
        }
    }

    #[test]
    fn an_existing_packet_is_replaced_with_its_wrapper() {
        let first = parse(PLAIN.as_bytes())
            .with_metadata(None, Some(&xmp_packet("Alice")))
            .unwrap();
        let second = first.with_metadata(None, Some(&xmp_packet("Bob"))).unwrap();
        let text = String::from_utf8(second.bytes().to_vec()).unwrap();
        assert_eq!(
            (
                text.matches("xpacket begin").count(),
                text.matches("xmpmeta>").count()
            ),
            (1, 1)
        );
        assert!(text.contains("Bob") && !text.contains("Alice"));
    }

    #[test]
    fn the_prefix_of_the_root_is_kept() {
        let asset = parse(b"<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>");
        let text = asset
            .with_metadata(None, Some("<x:xmpmeta/>"))
            .unwrap()
            .into_bytes();
        assert!(find(&text, b"<s:metadata><x:xmpmeta/></s:metadata><s:g/>").is_some());
    }

    /// The file may stay as it is while what it shows does not.
    #[test]
    fn what_asks_another_address_or_runs_a_script_is_noted() {
        let of = |inside: &str| {
            let text = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><a href='https://e.org'/>{inside}</svg>"
            );
            let asset = parse(text.as_bytes());
            let is = |odd: &Oddity| matches!(odd, Oddity::Elsewhere { .. });
            asset.layout().oddities.iter().any(is)
        };
        for outside in [
            "<script>a()</script>",
            "<rect onclick='a()'/>",
            "<image href='https://e.org/a.png'/>",
            "<image xlink:href=' other.png'/>",
            "<style>@import 'a.css';</style>",
            "<style><![CDATA[rect { fill: url(a.svg#b) }]]></style>",
            "<rect style='fill: url( \"//e.org/a.svg#b\")'/>",
        ] {
            assert!(of(outside), "{outside}");
        }
        for inside in [
            "<rect fill='url(#a)'/>",
            "<use href='#a'/>",
            "<image href='data:image/png;base64,AAAA'/>",
            "<style>rect { fill: url(#a) }</style>",
            "<text>on</text>",
        ] {
            assert!(!of(inside), "{inside}");
        }
    }

    #[test]
    fn the_store_goes_in_beside_a_packet_and_out_again() {
        let prefixed = "<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>";
        for (plain, packet) in [
            (PLAIN, None),
            (PLAIN, Some(xmp_packet("Alice"))),
            (prefixed, None),
        ] {
            let asset = parse(plain.as_bytes())
                .with_metadata(None, packet.as_deref())
                .unwrap();
            let signed = parse(&with_store(asset.bytes(), &jumbf::sample(50)));
            assert!(
                matches!(&signed.layout().store, StorePlace::Found { jumbf, .. } if *jumbf == jumbf::sample(50))
            );
            assert_eq!(signed.content_digest(), asset.content_digest());
            assert_eq!(signed.without_store().unwrap().bytes(), asset.bytes());
        }
    }

    #[test]
    fn markup_or_blanks_beside_the_base64_are_damage() {
        let signed = with_store(PLAIN.as_bytes(), &jumbf::sample(50));
        let at = find(&signed, b"manifest>").unwrap() + 9;
        for new in [
            &b" "[..],
            b"<!-- x -->",
            b"<g/>",
            b"<![CDATA[x]]>",
            b"&amp;",
            b"<?x?>",
        ] {
            let asset = parse(&super::super::insert(&signed, at, new));
            assert!(
                matches!(
                    asset.layout().store,
                    StorePlace::Damaged {
                        why: Damage::Encoding,
                        ..
                    }
                ),
                "{new:?}"
            );
        }
        let empty = b"<svg xmlns:c2pa='http://c2pa.org/manifest'><metadata><c2pa:manifest/></metadata></svg>";
        assert!(matches!(parse(empty).layout().store, StorePlace::Damaged { .. }));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let bytes = ["<svg>", &"<g>".repeat(100_000), "</svg>"].concat().into_bytes();
        assert!(matches!(
            Asset::parse(bytes),
            Err(AssetError::Malformed {
                what: "it nests too deep",
                ..
            })
        ));
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><svg><metadata>&b;</metadata></svg>";
        assert_eq!(parse(bomb.as_bytes()).layout().xmp, None);
    }

    #[test]
    fn other_encodings_are_read_but_not_written() {
        let asset = parse(b"<?xml version='1.0' encoding='ISO-8859-1'?><svg><text>\xE9</text></svg>");
        assert!(matches!(
            asset.with_metadata(None, Some("<x/>")),
            Err(AssetError::Unsupported { .. })
        ));
    }
}
