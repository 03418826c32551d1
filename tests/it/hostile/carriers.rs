//! Pictures with one text in every field that holds text: C2PA claims and the certificate they are signed with, EXIF, XMP,
//! comments, PNG text.

use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose};

use super::segment;
use crate::run::{fixtures, signed_by_sdk};
use crate::tsa::Key;

/// A JPEG and a PNG that say `text` wherever they can.
pub fn pictures(text: &str) -> [(&'static str, Vec<u8>); 2] {
    [
        ("jpg", signed("image/jpeg", &jpeg(text), text)),
        ("png", signed("image/png", &png(text), text)),
    ]
}

fn jpeg(text: &str) -> Vec<u8> {
    let whole = std::fs::read(fixtures().join("images/gradient.jpg")).unwrap();
    let short: String = text.chars().take(3000).collect();
    let parts = [
        segment(0xe1, &[&b"Exif\0\0"[..], &exif(&short)].concat()),
        segment(
            0xe1,
            format!("http://ns.adobe.com/xap/1.0/\0{}", xmp(&short)).as_bytes(),
        ),
        segment(0xfe, short.as_bytes()),
    ];
    [&whole[..2], &parts.concat(), &whole[2..]].concat()
}

/// Artist, copyright, description, software, make, model, and a comment.
fn exif(text: &str) -> Vec<u8> {
    const TAGS: [u16; 6] = [0x010e, 0x010f, 0x0110, 0x0131, 0x013b, 0x8298];
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    let at = 8 + 2 + 12 * TAGS.len() + 4;
    out.extend(u16::try_from(TAGS.len()).unwrap().to_le_bytes());
    for tag in TAGS {
        out.extend(tag.to_le_bytes());
        out.extend(2u16.to_le_bytes());
        out.extend(u32::try_from(text.len() + 1).unwrap().to_le_bytes());
        out.extend(u32::try_from(at).unwrap().to_le_bytes());
    }
    out.extend([0; 4]);
    out.extend(text.as_bytes());
    out.push(0);
    out
}

fn xmp(text: &str) -> String {
    // Most control characters have no form in XML 1.0 (2.2); what is left is written as markup would be.
    let legal: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect();
    let text = legal
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let seq = format!("<rdf:Seq><rdf:li>{text}</rdf:li></rdf:Seq>");
    let alt = format!("<rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt>");
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" \
         xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" \
         xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
         xmp:CreatorTool=\"{text}\" photoshop:Credit=\"{text}\" Iptc4xmpExt:AISystemUsed=\"{text}\" \
         Iptc4xmpExt:DigitalSourceType=\"{text}\" xmpRights:WebStatement=\"{text}\">\
         <dc:title>{alt}</dc:title><dc:rights>{alt}</dc:rights><xmpRights:UsageTerms>{alt}</xmpRights:UsageTerms>\
         <dc:creator>{seq}</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

fn png(text: &str) -> Vec<u8> {
    let whole = std::fs::read(fixtures().join("images/gradient.png")).unwrap();
    let latin: Vec<u8> = text
        .chars()
        .filter_map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let latin: Vec<u8> = latin.into_iter().filter(|byte| *byte != 0).collect();
    let mut chunks = Vec::new();
    for keyword in [
        "Title",
        "Author",
        "Description",
        "Copyright",
        "Software",
        "Comment",
        "prompt",
    ] {
        chunks.extend(chunk(*b"tEXt", &[keyword.as_bytes(), b"\0", &latin].concat()));
        chunks.extend(chunk(
            *b"iTXt",
            &[keyword.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat(),
        ));
    }
    let parameters = format!(
        "{text}\nNegative prompt: {text}\nSteps: 20, Sampler: {text}, CFG scale: 7, Seed: 1, Model: {text}, Version: {text}"
    );
    chunks.extend(chunk(
        *b"iTXt",
        &[&b"parameters\0\0\0\0\0"[..], parameters.as_bytes()].concat(),
    ));
    chunks.extend(chunk(
        *b"iTXt",
        &[&b"XML:com.adobe.xmp\0\0\0\0\0"[..], xmp(text).as_bytes()].concat(),
    ));
    chunks.extend(chunk(*b"eXIf", &exif(text)));
    // After the header chunk: 8 bytes of signature, 25 of IHDR.
    [&whole[..33], &chunks, &whole[33..]].concat()
}

fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(&kind);
    crc.update(body);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[..], &kind, body, &crc.sum().to_be_bytes()].concat()
}

/// Signed through the SDK, with a certificate that says `text` too.
fn signed(mime: &str, source: &[u8], text: &str) -> Vec<u8> {
    let (chain, key) = credentials(text);
    let created = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    let person = serde_json::json!([{"@type": "Person", "name": text, "identifier": text}]);
    let definition = serde_json::json!({
        "claim_generator_info": [{"name": text, "version": text}],
        "title": text,
        "ingredients": [
            {"title": text, "format": "image/jpeg", "instance_id": "xmp:iid:1", "relationship": "componentOf",
             "description": text},
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [
                {"action": "c2pa.created", "digitalSourceType": created, "description": text,
                 "softwareAgent": {"name": text, "version": text}},
                {"action": "c2pa.edited", "description": text, "parameters": {"description": text},
                 "softwareAgent": {"name": text}},
                {"action": text},
            ]}},
            {"label": "stds.schema-org.CreativeWork", "kind": "Json", "data":
                {"@context": "https://schema.org", "@type": "CreativeWork", "author": person, "copyrightNotice": text}},
            {"label": "cawg.metadata", "kind": "Json", "data":
                {"@context": {"dc": "http://purl.org/dc/elements/1.1/", "xmpRights": "http://ns.adobe.com/xap/1.0/rights/"},
                 "dc:creator": [text], "dc:rights": text, "xmpRights:UsageTerms": text}},
            {"label": "cawg.training-mining", "data": {"entries": {"cawg.ai_training": {"use": text}}}},
        ]
    });
    let settings = serde_json::json!({
        "builder": {"thumbnail": {"enabled": false}},
        "verify": {"verify_after_sign": false},
    });
    let pem = (chain.as_bytes(), key.as_bytes());
    signed_by_sdk(pem, (mime, source), definition, settings)
}

/// A chain of two, leaf first, and the leaf's key: PEM.
fn credentials(text: &str) -> (String, String) {
    let params = |name: &str, serial: u64| {
        let mut params = CertificateParams::default();
        for kind in [
            DnType::CommonName,
            DnType::OrganizationName,
            DnType::OrganizationalUnitName,
            DnType::LocalityName,
        ] {
            params.distinguished_name.push(kind, name);
        }
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2090, 1, 1);
        params.serial_number = Some(serial.into());
        params.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(serial.to_be_bytes().to_vec());
        params
    };
    let (root_key, key) = (Key::new(71), Key::new(72));
    let mut root = params(&format!("root {text}"), 2001);
    root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_certificate = root.self_signed(&root_key).unwrap();
    let mut leaf = params(text, 2002);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    let leaf = leaf
        .signed_by(&key, &Issuer::from_params(&root, &root_key))
        .unwrap();
    let secret = ed25519_dalek::SigningKey::from_bytes(&[72; 32]);
    let secret = secret
        .to_pkcs8_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::default())
        .unwrap();
    (
        format!("{}{}", leaf.pem(), root_certificate.pem()),
        secret.to_string(),
    )
}
