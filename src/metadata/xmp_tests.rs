//! Packets of strangers: every form RDF allows is read, hostile ones end in notes, and changes touch nothing else.

use super::Registry;
use proptest::prelude::*;

use super::plan::{self, Told};
use super::samples::{full, now};
use super::wanted;
use super::xmp::{Packet, XmpFault, characters, read};
use super::{PatchOptions, xmp_write};
use crate::base::limits::XMP_DEPTH_MAX;

const HEAD: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
    xmlns:d=\"http://purl.org/dc/elements/1.1/\" xmlns:m=\"http://ns.adobe.com/xap/1.0/mm/\" \
    xmlns:p=\"http://ns.useplus.org/ldf/xmp/1.0/\" xmlns:i=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
    xmlns:t=\"http://ns.adobe.com/xap/1.0/\">";
const TAIL: &str = "</r:RDF></x:xmpmeta>";

fn packet(inside: &str) -> String {
    format!("{HEAD}{inside}{TAIL}")
}

fn leaves(packet: &Packet) -> Vec<(&str, &str)> {
    packet
        .leaves
        .iter()
        .map(|leaf| (leaf.path.as_str(), leaf.value.as_str()))
        .collect()
}

/// Writes the full statement into a packet.
fn patched(text: &str, replace_conflicts: bool) -> (String, Told) {
    let found = read(text);
    assert!(found.is_sound(), "{:?}", found.faults);
    let wanted = wanted::xmp(&full(), None, Registry::None, now());
    let mut told = Told::default();
    let options = PatchOptions {
        replace_conflicts,
        ..PatchOptions::default()
    };
    let changes = plan::xmp(Some(&found), &wanted, options, &mut told);
    (xmp_write::change(text, &found, &changes), told)
}

#[test]
fn attributes_elements_arrays_languages_and_structures_are_read_by_namespace() {
    let text = packet(
        "<r:Description r:about=\"uuid:1\" m:DocumentID='did:1' d:format=\"image/png\">\
         <d:creator><r:Seq><r:li>Alice</r:li><r:li>Bob &amp; Co</r:li></r:Seq></d:creator>\
         <d:title><r:Alt><r:li xml:lang=\"x-default\">Cat</r:li><r:li xml:lang=\"de\">Katze</r:li></r:Alt></d:title>\
         <p:Licensor><r:Seq><r:li r:parseType=\"Resource\"><p:LicensorURL>https://a</p:LicensorURL></r:li>\
         <r:li><r:Description p:LicensorURL=\"https://b\"/></r:li><r:li p:LicensorURL=\"https://c\"/></r:Seq></p:Licensor>\
         <i:DigitalSourceType r:resource=\"http://cv.iptc.org/x\"/><t:Label><![CDATA[<raw>]]>&#x41;</t:Label>\
         <t:Q r:parseType=\"Resource\"><r:value>qualified</r:value><t:by>me</t:by></t:Q><t:Empty/></r:Description>",
    );
    let read = read(&text);
    assert!(read.is_sound(), "{:?}", read.faults);
    assert_eq!(
        leaves(&read),
        [
            ("xmpMM:DocumentID", "did:1"),
            ("dc:format", "image/png"),
            ("dc:creator[1]", "Alice"),
            ("dc:creator[2]", "Bob & Co"),
            ("dc:title", "Cat"),
            ("dc:title[de]", "Katze"),
            ("plus:Licensor[1]/plus:LicensorURL", "https://a"),
            ("plus:Licensor[2]/plus:LicensorURL", "https://b"),
            ("plus:Licensor[3]/plus:LicensorURL", "https://c"),
            ("Iptc4xmpExt:DigitalSourceType", "http://cv.iptc.org/x"),
            ("xmp:Label", "<raw>A"),
            ("xmp:Q", "qualified"),
            ("xmp:Q/xmp:by", "me"),
            ("xmp:Empty", ""),
        ]
    );
    assert_eq!(read.about.as_deref(), Some("uuid:1"));
}

#[test]
fn a_prefix_bound_to_another_namespace_gains_nothing() {
    let text = packet("<r:Description xmlns:dc=\"http://evil.example/\" dc:creator=\"Mallory\"/>");
    assert_eq!(
        leaves(&read(&text)),
        [("{http://evil.example/}creator", "Mallory")]
    );
    let undeclared = packet("<r:Description dc:creator=\"Mallory\"/>");
    assert_eq!(
        leaves(&read(&undeclared)),
        [("{undeclared:dc}creator", "Mallory")]
    );
}

#[test]
fn every_property_already_there_stays_byte_for_byte_and_in_place() {
    let inside = "<r:Description r:about='u\"1' m:InstanceID='old'\n   d:format = \"image/png\">\
        <!-- a comment -->\n<d:creator><r:Seq><r:li>Alice</r:li></r:Seq></d:creator><unknown xmlns=\"urn:x\">\u{e9}</unknown>\
        <t:MetadataDate>2020-01-01</t:MetadataDate></r:Description>\n  ";
    let text = format!(
        "<?xpacket begin=\"\u{feff}\"?>\n{}\n    \n<?xpacket end=\"w\"?>",
        packet(inside)
    );
    let (out, told) = patched(&text, false);
    let names: Vec<_> = told
        .conflicts
        .iter()
        .map(|one| (one.name.as_str(), one.found.raw()))
        .collect();
    assert_eq!(names, [("dc:creator", "Alice")]);
    // Undoing the three changes gives the packet back.
    let made = out.find("<rdf:Description").unwrap()..out.rfind("</rdf:Description>\n").unwrap() + 19;
    let undone = format!("{}{}", &out[..made.start], &out[made.end..])
        .replace(&super::instance_id(&full()), "old")
        .replace("2026-11-23T15:00:00Z", "2020-01-01");
    assert_eq!(undone, text);
    assert!(out.contains("<rdf:Description rdf:about=\"u&quot;1\""));
    let again = read(&out);
    assert!(again.is_sound(), "{:?}", again.faults);
    assert_eq!(
        again
            .properties
            .iter()
            .filter(|one| one.name == "xmpMM:InstanceID")
            .count(),
        1
    );
}

#[test]
fn an_empty_rdf_element_is_opened() {
    let text = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>";
    let (out, told) = patched(text, false);
    let found = read(&out);
    assert!(found.is_sound(), "{out}");
    for one in &told.written {
        assert!(
            leaves(&found).contains(&(one.name.as_str(), one.value.as_str())),
            "{}",
            one.name
        );
    }
}

#[test]
fn an_empty_property_is_filled_and_not_doubled() {
    let text = packet(
        "<r:Description><d:title/><d:rights><r:Alt><r:li xml:lang=\"x-default\"/></r:Alt></d:rights>\
         <m:InstanceID/></r:Description>",
    );
    let (out, told) = patched(&text, false);
    assert!(told.conflicts.is_empty(), "{:?}", told.conflicts);
    let found = read(&out);
    for name in ["dc:title", "dc:rights", "xmpMM:InstanceID"] {
        assert_eq!(
            found.properties.iter().filter(|one| one.name == name).count(),
            1,
            "{name}"
        );
    }
}

#[test]
fn the_same_source_type_in_another_spelling_is_kept() {
    let text = packet(
        "<r:Description i:DigitalSourceType=\"https://cv.iptc.org/newscodes/digitalsourcetype/\
         compositeWithTrainedAlgorithmicMedia\"/>",
    );
    let (_, told) = patched(&text, false);
    assert!(told.conflicts.is_empty());
    assert!(
        told.kept
            .iter()
            .any(|one| one.name == "Iptc4xmpExt:DigitalSourceType")
    );
}

#[test]
fn a_title_in_another_language_only_is_a_conflict_and_the_same_words_are_not() {
    let one = |text: &str| {
        packet(&format!(
            "<r:Description><d:title><r:Alt><r:li xml:lang=\"en\">{text}</r:li></r:Alt></d:title></r:Description>"
        ))
    };
    assert_eq!(patched(&one("Another"), false).1.conflicts.len(), 1);
    assert!(
        patched(&one("A &quot;title&quot; it's"), false)
            .1
            .conflicts
            .is_empty()
    );
}

#[test]
fn entities_of_a_document_type_are_never_expanded() {
    let laughs =
        "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let text = format!(
        "{laughs}{}",
        packet("<r:Description d:format=\"&b;\"><d:source>x&b;&c;y</d:source></r:Description>")
    );
    let found = read(&text);
    assert!(found.faults.contains(&XmpFault::DocumentType));
    assert!(found.faults.contains(&XmpFault::Entity));
    assert_eq!(leaves(&found), [("dc:source", "xy")]);
    assert!(!found.is_sound());
}

#[test]
fn deep_long_and_unclosed_packets_end_in_faults() {
    let deep = packet(&format!(
        "<r:Description>{}",
        "<d:x><r:Description>".repeat(10_000)
    ));
    let fault = XmpFault::TooMany {
        what: "nested elements",
        limit: XMP_DEPTH_MAX,
    };
    assert!(read(&deep).faults.contains(&fault));
    let wide = packet(&format!(
        "<r:Description>{}</r:Description>",
        "<d:x/>".repeat(60_000)
    ));
    assert!(matches!(
        read(&wide).faults[0],
        XmpFault::TooMany { what: "nodes", .. }
    ));
    let names = (0..60_000).map(|n| format!(" d:a{n}=''")).collect::<String>();
    assert!(matches!(
        read(&packet(&format!("<r:Description{names}/>"))).faults[0],
        XmpFault::TooMany { .. }
    ));
    let spaces = (0..1000)
        .map(|n| format!(" xmlns:a{n}='u{n}'"))
        .collect::<String>();
    assert!(!read(&packet(&format!("<r:Description{spaces}/>"))).is_sound());
    let huge = packet(&format!("<r:Description d:x=\"{}\"/>", "a".repeat(1 << 20)));
    assert_eq!(
        read(&huge).leaves[0].value.len(),
        crate::base::limits::FIELD_BYTES_MAX
    );
    for unclosed in [
        HEAD.to_owned(),
        format!("{HEAD}<r:Description><d:x>"),
        "<".to_owned(),
        String::new(),
    ] {
        assert!(!read(&unclosed).is_sound(), "{unclosed}");
    }
}

#[test]
fn utf16_packets_are_read_and_broken_utf8_is_said() {
    let text = packet("<r:Description d:format=\"caf\u{e9}\"/>");
    let mut big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(characters(&big).0, text);
    big.splice(0..0, [0xFE, 0xFF]);
    assert_eq!(characters(&big), (text.clone().into(), None));
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(characters(&little).0, text);
    let mut broken = text.into_bytes();
    broken[370] = 0xFF;
    assert_eq!(characters(&broken).1, Some(XmpFault::Encoding));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_packet_panics_and_sound_ones_stay_sound_when_patched(
        at in 0_usize..1500, with in "[<>/a-z:\"'&;= \u{e9}]{0,6}", cut in 0_usize..12
    ) {
        let (mut text, _) = patched(&packet("<r:Description m:InstanceID='a'><t:Label>x</t:Label></r:Description>"), false);
        let from = text.floor_char_boundary(at.min(text.len()));
        let to = text.ceil_char_boundary((from + cut).min(text.len()));
        text.replace_range(from..to, &with);
        if read(&text).is_sound() {
            let (out, told) = patched(&text, true);
            let found = read(&out);
            prop_assert!(found.is_sound(), "{:?}\n{}", found.faults, out);
            for one in &told.written {
                prop_assert!(leaves(&found).contains(&(one.name.as_str(), one.value.as_str())), "{}\n{}", one.name, out);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (text, _) = characters(&bytes);
        let _ = read(&text);
    }

    #[test]
    fn any_writable_text_comes_back(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{1,40}") {
        let mut statement = full();
        statement.title = Some(text.clone());
        statement.by = Some(text.clone());
        statement.credit = Some(text.clone());
        let wanted = wanted::xmp(&statement, None, Registry::None, now());
        let fresh = xmp_write::fresh(&wanted.iter().collect::<Vec<_>>(), xmp_write::Wrapper::Meta);
        let found = read(&fresh);
        prop_assert!(found.is_sound());
        for name in ["dc:title", "dc:creator[1]", "photoshop:Credit"] {
            prop_assert!(leaves(&found).contains(&(name, text.as_str())), "{} of {}", name, fresh);
        }
    }
}
