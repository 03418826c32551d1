//! What files hold in ways that are seldom: packed metadata, two manifest stores, text in UTF-16, a picture through a pipe.

use std::process::Output;

use super::run::{Home, both, code};

/// What was said, with single spaces.
fn said(output: &Output) -> String {
    both(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, &body].concat()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &settings).unwrap();
    out
}

/// `NAME.jxl` with these boxes in front of its codestream.
fn jxl_with(home: &Home, name: &str, boxes: &[u8]) {
    let whole = std::fs::read(home.fixture("images/container.jxl")).unwrap();
    // Signature and file type are 12 and 20 bytes.
    let bytes = [&whole[..32], boxes, &whole[32..]].concat();
    std::fs::write(home.path(name), bytes).unwrap();
}

const MADE_BY_MODEL: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
<rdf:Description xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' Iptc4xmpExt:DigitalSourceType=\
'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'/></rdf:RDF></x:xmpmeta>";

#[test]
fn packed_metadata_of_jpeg_xl_counts_as_plain_metadata_does() {
    let home = Home::with_key();
    let packed = brotli(MADE_BY_MODEL.as_bytes());
    jxl_with(&home, "packed.jxl", &boxed(b"brob", &[b"xml ", &packed]));
    jxl_with(&home, "plain.jxl", &boxed(b"xml ", &[MADE_BY_MODEL.as_bytes()]));
    let plain = home.json(["verify", "--no-ledger", "plain.jxl"], 3);
    let report = home.json(["verify", "--no-ledger", "packed.jxl"], 3);
    assert_eq!(report["made"], plain["made"]);
    assert_eq!(report["made"]["authorship"], "ai");
    assert_eq!(report["notes"], plain["notes"]);
    let inspected = home.json(["inspect", "packed.jxl"], 0);
    assert!(
        inspected["metadata"]
            .to_string()
            .contains("trainedAlgorithmicMedia"),
        "{inspected}"
    );
    // The signer's metadata takes the place of what was packed.
    home.ok(["sign", "packed.jxl", "-o", "out.jxl", "--source", "from-metadata"]);
    let signed = home.json(["verify", "out.jxl"], 0);
    assert_eq!(signed["result"], "TRUSTED");
    assert_eq!(signed["made"]["authorship"], "ai");
}

#[test]
fn a_bomb_in_packed_metadata_is_said() {
    let home = Home::new();
    let bomb = brotli(&vec![b' '; 16 << 20]);
    jxl_with(&home, "bomb.jxl", &boxed(b"brob", &[b"xml ", &bomb]));
    let output = home.run(["verify", "--no-ledger", "bomb.jxl"]);
    let text = said(&output);
    assert_eq!(code(&output), 3, "{text}");
    assert!(
        text.contains("Brotli-compressed XMP (it unpacks to more than the limit) at byte 32 cannot be read"),
        "{text}"
    );
}
