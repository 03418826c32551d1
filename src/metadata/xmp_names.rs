//! XMP namespaces: the prefix byline shows and writes for each URI. A packet's own prefixes mean nothing.

/// Every namespace with a customary prefix (`metadata.md`, XMP specification parts 1 and 2, IPTC, PLUS).
pub(super) const NAMESPACES: &[(&str, &str)] = &[
    ("Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"),
    ("Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"),
    ("TC260", "http://www.tc260.org.cn/ns/AIGC/1.0/"),
    ("aux", "http://ns.adobe.com/exif/1.0/aux/"),
    ("crs", "http://ns.adobe.com/camera-raw-settings/1.0/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("exif", "http://ns.adobe.com/exif/1.0/"),
    ("exifEX", "http://cipa.jp/exif/1.0/"),
    ("lr", "http://ns.adobe.com/lightroom/1.0/"),
    ("photoshop", "http://ns.adobe.com/photoshop/1.0/"),
    ("plus", "http://ns.useplus.org/ldf/xmp/1.0/"),
    ("rdf", RDF),
    ("stEvt", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"),
    ("stRef", "http://ns.adobe.com/xap/1.0/sType/ResourceRef#"),
    ("tiff", "http://ns.adobe.com/tiff/1.0/"),
    ("x", "adobe:ns:meta/"),
    ("xml", XML),
    ("xmp", "http://ns.adobe.com/xap/1.0/"),
    ("xmpBJ", "http://ns.adobe.com/xap/1.0/bj/"),
    ("xmpMM", "http://ns.adobe.com/xap/1.0/mm/"),
    ("xmpNote", "http://ns.adobe.com/xmp/note/"),
    ("xmpRights", "http://ns.adobe.com/xap/1.0/rights/"),
    ("xmpTPg", "http://ns.adobe.com/xap/1.0/t/pg/"),
];

/// RDF.
pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// The `xml:` prefix.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The customary prefix of a namespace.
pub(super) fn prefix(uri: &str) -> Option<&'static str> {
    NAMESPACES.iter().find(|row| row.1 == uri).map(|row| row.0)
}

/// The namespace of a customary prefix.
pub(super) fn uri(prefix: &str) -> Option<&'static str> {
    NAMESPACES.iter().find(|row| row.0 == prefix).map(|row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prefix_and_each_uri_stands_once() {
        for (at, (name, address)) in NAMESPACES.iter().enumerate() {
            assert_eq!(NAMESPACES.iter().position(|row| row.0 == *name), Some(at));
            assert_eq!(NAMESPACES.iter().position(|row| row.1 == *address), Some(at));
            assert_eq!(prefix(address), Some(*name));
            assert_eq!(uri(name), Some(*address));
        }
    }
}
