//! What files hold in ways that are seldom: packed metadata, two manifest stores, text in UTF-16, a picture through a pipe.

use std::io::Write as _;
use std::process::{Output, Stdio};

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

/// A signed TIFF of several pages with another store behind: the SDK up to 0.90 leaves one with its last page and puts one behind it.
fn with_second_store(mut bytes: Vec<u8>) -> Vec<u8> {
    let u16_at = |bytes: &[u8], at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |bytes: &[u8], at: usize| {
        usize::try_from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap()
    };
    assert_eq!(&bytes[..4], b"II*\0");
    let mut pointer = 4;
    let mut entry = 0;
    while u32_at(&bytes, pointer) != 0 {
        let at = u32_at(&bytes, pointer);
        let count = u16_at(&bytes, at);
        let entries = (0..count).map(|n| at + 2 + 12 * n);
        entry = entries
            .rev()
            .find(|at| u16_at(&bytes, *at) == 0xCD41)
            .unwrap_or(entry);
        pointer = at + 2 + 12 * count;
    }
    assert_ne!(entry, 0);
    let (length, from) = (u32_at(&bytes, entry + 4), u32_at(&bytes, entry + 8));
    let store = bytes[from..from + length].to_vec();
    let value = u32::try_from(bytes.len()).unwrap();
    bytes.extend(store);
    let directory = u32::try_from(bytes.len()).unwrap();
    bytes.extend([1, 0, 0x41, 0xCD, 7, 0]);
    bytes.extend(u32::try_from(length).unwrap().to_le_bytes());
    bytes.extend(value.to_le_bytes());
    bytes.extend([0; 4]);
    bytes[pointer..pointer + 4].copy_from_slice(&directory.to_le_bytes());
    bytes
}

#[test]
fn a_file_with_two_stores_is_told_so_and_no_copy_is_asked_for() {
    let home = Home::with_key();
    home.fixture("images/two-pages.tif");
    home.ok(["sign", "two-pages.tif", "-o", "once.tif", "--source", "scan"]);
    let once = std::fs::read(home.path("once.tif")).unwrap();
    std::fs::write(home.path("twice.tif"), with_second_store(once)).unwrap();
    let report = home.json(["verify", "--no-ledger", "twice.tif"], 3);
    assert_eq!(report["result"], "UNREADABLE");
    let (sentence, remedy) = (report["sentence"].to_string(), report["remedy"].to_string());
    assert!(
        sentence.contains("more than one C2PA manifest store"),
        "{sentence}"
    );
    assert!(
        remedy.contains("whoever signed it") && !remedy.contains("undamaged"),
        "{remedy}"
    );
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("there are several C2PA manifest stores in the file"),
        "{notes}"
    );
    let inspected = said(&home.run(["inspect", "twice.tif"]));
    assert!(inspected.contains("several C2PA manifest stores"), "{inspected}");
    let refused = home.run(["sign", "twice.tif", "-o", "thrice.tif", "--source", "scan"]);
    let text = said(&refused);
    assert_eq!(code(&refused), 4, "{text}");
    assert!(
        text.contains("with one manifest store") && !text.contains("undamaged"),
        "{text}"
    );
    // What is damaged is still said to be, and what is damaged about it.
    let mut broken = std::fs::read(home.fixture("images/gradient.png")).unwrap();
    let store = [&b"\0\0\0\x08caBX\0\0\0\x08jumb"[..], &[0; 4]].concat();
    broken.splice(33..33, store);
    std::fs::write(home.path("broken.png"), broken).unwrap();
    let report = home.json(["verify", "--no-ledger", "broken.png"], 3);
    assert!(report["remedy"].to_string().contains("undamaged"), "{report}");
    assert!(
        report["notes"]
            .to_string()
            .contains("the checksum of the C2PA manifest store does not match"),
        "{report}"
    );
}

#[test]
fn an_svg_in_utf_16_is_a_picture_that_is_not_read() {
    let home = Home::new();
    let text =
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-16\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::create_dir(home.path("in")).unwrap();
    std::fs::write(home.path("in/drawing"), bytes).unwrap();
    // Whatever its name: a picture in a folder is told.
    for words in [
        ["verify", "--no-ledger", "in/drawing"],
        ["verify", "--no-ledger", "in"],
    ] {
        let report = home.json(words, 3);
        assert_eq!(report["result"], "UNREADABLE");
        assert!(report["sentence"].to_string().contains("UTF-16"), "{report}");
        assert!(report["remedy"].to_string().contains("UTF-8"), "{report}");
    }
    let text = said(&home.run(["inspect", "in/drawing"]));
    assert!(
        text.contains("UTF-16") && text.contains("iconv") && !text.contains("undamaged"),
        "{text}"
    );
}

/// Runs with a picture on standard input.
fn piped(home: &Home, words: &[&str], bytes: &[u8]) -> Output {
    let mut command = home.command(words);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Whoever refuses it need not read it.
            let _ = input.write_all(bytes);
        });
        child.wait_with_output().unwrap()
    })
}

#[test]
fn a_picture_may_come_through_standard_input() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "a.jpg", "--source", "human"]);
    let bytes = std::fs::read(home.path("a.jpg")).unwrap();
    let verified = piped(&home, &["verify", "-"], &bytes);
    assert_eq!(code(&verified), 0, "{}", said(&verified));
    assert!(said(&verified).contains("TRUSTED"));
    // Named twice it is one picture.
    let twice = piped(&home, &["verify", "-", "-"], &bytes);
    assert_eq!(said(&twice), said(&verified));
    let inspected = piped(&home, &["inspect", "-"], &bytes);
    assert!(said(&inspected).contains("Ada Painter"), "{}", said(&inspected));
    let found = piped(&home, &["find", "-"], &bytes);
    assert_eq!(code(&found), 0, "{}", said(&found));
    let nothing = piped(&home, &["verify", "--no-ledger", "-"], b"");
    assert_eq!(code(&nothing), 3, "{}", said(&nothing));
    // A file of that name is named by its folder; a pipe of another name is no picture.
    std::fs::write(home.path("-"), &bytes).unwrap();
    home.ok(["verify", "./-"]);
    let refused = piped(&home, &["verify", "--no-ledger", "/dev/stdin"], &bytes);
    assert_eq!(code(&refused), 4, "{}", said(&refused));
}
