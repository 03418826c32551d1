//! What can be signed and stays the picture it was, what is refused since it would not, and what is signed once only.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use byline::asset::Asset;

use super::bombs::carriers::{chunk, png};
use super::run::{Home, both, code};

/// Signs a file of these bytes in place and expects to be refused, with the file as it was.
fn refused(home: &Home, name: &str, bytes: &[u8], why: &str) {
    fs::write(home.path(name), bytes).unwrap();
    let output = home.run(["sign", name, "--source", "human", "--in-place"]);
    assert_eq!(code(&output), 4, "{name}: {}", both(&output));
    assert!(both(&output).contains(why), "{name}: {}", both(&output));
    assert_eq!(fs::read(home.path(name)).unwrap(), bytes, "{name}");
}

fn fixture(home: &Home, name: &str) -> Vec<u8> {
    fs::read(home.fixture(&format!("images/{name}"))).unwrap()
}

#[test]
fn a_picture_that_new_parts_would_be_read_into_is_refused() {
    let home = Home::with_key();
    for (name, keep) in [
        ("gradient.avif", 350),
        ("gradient.heic", 480),
        ("big-endian.tif", 2900),
    ] {
        let whole = fixture(&home, name);
        assert!(keep < whole.len(), "{name}");
        refused(&home, name, &whole[..keep], "it is cut off");
    }
}

/// The library's writer leaves 8 bytes of the directory out of its hash: of such a file another picture could be shown.
#[test]
fn a_bigtiff_is_refused() {
    let home = Home::with_key();
    let whole = fixture(&home, "bigtiff.tif");
    refused(&home, "big.tif", &whole, "it is a BigTIFF");
}

#[test]
fn a_picture_that_programs_see_differently_is_refused() {
    let home = Home::with_key();
    let mut bytes = fixture(&home, "deflate.tif");
    // One entry more in a copy of the directory at the end: the width once more, another one.
    let at = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let count = u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let entries = bytes[at + 2..at + 2 + 12 * usize::from(count)].to_vec();
    let new_at = u32::try_from(bytes.len()).unwrap();
    bytes.extend((count + 1).to_le_bytes());
    bytes.extend(entries);
    bytes.extend([0x00, 0x01, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0]);
    bytes.extend([0; 4]);
    bytes[4..8].copy_from_slice(&new_at.to_le_bytes());
    refused(&home, "twice.tif", &bytes, "has tag 256 twice");
}

#[test]
fn metadata_made_to_cost_much_costs_little() {
    let home = Home::with_key();
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">\
         <Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li xml:lang=\"99999999999999\">x</rdf:li></rdf:Bag>\
         </Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>";
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat();
    // 65,535 pointers to directories that overlap, each with as many pointers again.
    let count = 65_535_u16;
    let mut exif = b"MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend(count.to_be_bytes());
    let start = 10 + 12 * u32::from(count) + 4;
    for at in 0..u32::from(count) {
        exif.extend([0x87, 0x69, 0, 4, 0, 0, 0, 1]);
        exif.extend((start + 12 * at).to_be_bytes());
    }
    exif.extend([0; 4]);
    for _ in 0..2 * u32::from(count) {
        exif.extend(count.to_be_bytes());
        exif.extend([0xa0, 0x05, 0, 4, 0, 0, 0, 1, 0, 1]);
    }
    for (name, part) in [
        ("xmp.png", chunk(b"iTXt", &text)),
        ("exif.png", chunk(b"eXIf", &exif)),
    ] {
        fs::write(home.path(name), png(&part)).unwrap();
        for command in [
            &["verify", name][..],
            &["inspect", name],
            &["sign", name, "--source", "human", "--dry-run"],
        ] {
            let output = home.run(command);
            assert!(code(&output) < 10, "{name}: {}", both(&output));
        }
    }
}

#[test]
fn a_webp_whose_last_chunk_has_no_pad_byte_is_signed() {
    let home = Home::with_key();
    let mut bytes = fixture(&home, "lossy.webp");
    // The last chunk grows by one byte that no decoder reads.
    let len = u32::from_le_bytes(bytes[16..20].try_into().unwrap());
    bytes.push(0);
    bytes[16..20].copy_from_slice(&(len + 1).to_le_bytes());
    let riff = u32::try_from(bytes.len() - 8).unwrap();
    bytes[4..8].copy_from_slice(&riff.to_le_bytes());
    assert_eq!(bytes.len() % 2, 1);
    fs::write(home.path("odd.webp"), bytes).unwrap();
    home.ok(["sign", "odd.webp", "--source", "human", "-o", "out.webp"]);
    home.ok(["verify", "out.webp"]);
}

#[test]
fn a_long_name_is_signed_and_taken_up_again() {
    let home = Home::with_key();
    let long = format!("{}.jpg", "n".repeat(240));
    fs::rename(home.fixture("images/gradient.jpg"), home.path(&long)).unwrap();
    home.ok(["sign", &long, "--source", "human", "--in-place"]);
    let words = home.ok(["sign", &long, "--source", "human", "--in-place"]);
    assert!(words.contains("already signed"), "{words}");
    let folder = fs::read_dir(home.dir.path()).unwrap();
    let parts = folder.filter(|one| {
        one.as_ref()
            .unwrap()
            .file_name()
            .as_encoded_bytes()
            .ends_with(b".byline-part")
    });
    assert_eq!(parts.count(), 0);
}

fn entries(home: &Home) -> u64 {
    home.json(["ledger", "show"], 0)["tree_size"].as_u64().unwrap()
}

#[test]
fn a_picture_named_twice_is_registered_once() {
    let home = Home::with_key();
    let path = home.fixture("images/gradient.jpg");
    home.fixture("images/gradient.png");
    let whole = path.to_str().unwrap();
    home.ok([
        "sign",
        "gradient.jpg",
        "./gradient.jpg",
        whole,
        "--source",
        "human",
        "--in-place",
        "--jobs",
        "4",
    ]);
    // The key and the picture.
    assert_eq!(entries(&home), 2);
}

#[test]
fn an_output_folder_inside_the_input_is_no_input() {
    let home = Home::with_key();
    fs::create_dir(home.path("in")).unwrap();
    fs::rename(home.fixture("images/gradient.jpg"), home.path("in/a.jpg")).unwrap();
    for _ in 0..2 {
        home.ok(["sign", "in", "-o", "in/signed/", "--source", "human"]);
    }
    assert_eq!(entries(&home), 2);
    assert!(!home.path("in/signed/signed").exists());
    // Named itself, it is one.
    home.ok([
        "sign",
        "in/signed/a.jpg",
        "-o",
        "again/",
        "--source",
        "human-edited",
    ]);
}

#[test]
fn a_second_picture_of_a_jpeg_is_found_again() {
    let home = Home::with_key();
    let plain = fixture(&home, "gradient.jpg");
    let segment = |marker: u8, payload: &[u8]| {
        let len = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &len, payload].concat()
    };
    // An index, whatever it says, and XMP behind it that signing writes anew.
    let index = segment(0xe2, b"MPF\0II\x2a\0\x08\0\0\0");
    let xmp = segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:source=\"here\"/></rdf:RDF></x:xmpmeta>"].concat());
    let second = b"\xff\xd8SECOND\xff\xd9";
    let bytes = [&plain[..2], &index, &xmp, &plain[2..], second].concat();
    let distance = |bytes: &[u8]| {
        let find = |what: &[u8]| {
            bytes
                .windows(what.len())
                .position(|window| window == what)
                .unwrap()
        };
        find(b"SECOND") - find(b"MPF\0")
    };
    fs::write(home.path("two.jpg"), &bytes).unwrap();
    home.ok(["sign", "two.jpg", "--source", "human", "-o", "out.jpg"]);
    let out = fs::read(home.path("out.jpg")).unwrap();
    assert_eq!(distance(&out), distance(&bytes));
    // The old packet went into the new one, and is not there twice.
    let old = b"dc:source=\"here\"";
    assert_eq!(out.windows(old.len()).filter(|window| window == old).count(), 1);
}

#[test]
fn a_picture_with_its_xmp_among_its_item_data_is_signed() {
    let home = Home::with_key();
    let plain = fixture(&home, "gradient.avif");
    // Without a box for media data, an AVIF is one all the same.
    fs::write(home.path("all.avif"), with_xmp_in_idat(&plain, true)).unwrap();
    home.ok(["sign", "all.avif", "--source", "human", "-o", "all.out.avif"]);
    home.ok(["verify", "all.out.avif"]);
    fs::write(home.path("idat.avif"), with_xmp_in_idat(&plain, false)).unwrap();
    home.ok(["sign", "idat.avif", "--source", "human", "-o", "out.avif"]);
    let out = Asset::parse(fs::read(home.path("out.avif")).unwrap()).unwrap();
    let xmp = String::from_utf8(out.layout().xmp.clone().unwrap()).unwrap();
    assert!(
        xmp.contains("kept words") && xmp.contains("digitalCreation"),
        "{xmp}"
    );
    home.ok(["verify", "out.avif"]);
}

/// The same AVIF with an XMP item whose data lies in the meta box (construction method 1), or all data.
fn with_xmp_in_idat(plain: &[u8], all: bool) -> Vec<u8> {
    let framed = |kind: &[u8], parts: &[&[u8]]| {
        let body = parts.concat();
        let len = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&len[..], kind, &body].concat()
    };
    let boxes = |bytes: &[u8]| {
        let (mut at, mut found) = (0, Vec::new());
        while at < bytes.len() {
            let len = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            found.push((bytes[at + 4..at + 8].to_vec(), bytes[at + 8..at + len].to_vec()));
            at += len;
        }
        found
    };
    let top = boxes(plain);
    let body = |kind: &[u8]| top.iter().find(|one| one.0 == kind).unwrap().1.clone();
    let (meta, mdat) = (body(b"meta"), body(b"mdat"));
    let packet = b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:source=\"kept words\"/></rdf:RDF></x:xmpmeta>";
    let be = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let built = |data_at: usize| {
        let mut inner = meta[..4].to_vec();
        for (kind, payload) in boxes(&meta[4..]) {
            let payload = match kind.as_slice() {
                b"iinf" => {
                    let entry = framed(b"infe", &[b"\x02\0\0\x01\0\x02\0\0mime\0application/rdf+xml\0"]);
                    [&payload[..4], &[0, 2], &payload[6..], &entry].concat()
                }
                b"iloc" => [
                    &b"\x01\0\0\0\x44\0\0\x02"[..],
                    &[0, 1, 0, u8::from(all), 0, 0, 0, 1],
                    &be(if all { packet.len() } else { data_at }),
                    &be(mdat.len()),
                    &[0, 2, 0, 1, 0, 0, 0, 1],
                    &be(0),
                    &be(packet.len()),
                ]
                .concat(),
                _ => payload,
            };
            inner.extend(framed(&kind, &[&payload]));
        }
        inner.extend(framed(
            b"iref",
            &[&[0; 4], &framed(b"cdsc", &[&[0, 2, 0, 1, 0, 1]])],
        ));
        let rest: &[u8] = if all { &mdat } else { &[] };
        inner.extend(framed(b"idat", &[packet, rest]));
        framed(b"meta", &[&inner])
    };
    let ftyp = framed(b"ftyp", &[&body(b"ftyp")]);
    let data_at = ftyp.len() + built(0).len() + 8;
    if all {
        return [ftyp, built(0)].concat();
    }
    [ftyp, built(data_at), framed(b"mdat", &[&mdat])].concat()
}

#[test]
fn a_public_file_that_was_changed_is_not_trusted() {
    let home = Home::with_key();
    let text = fs::read_to_string(home.path("ada.pub")).unwrap();
    let stranger = Home::new();
    for (name, changed) in [
        (
            "first.pub",
            text.replacen("byline public key v1", "byline public key v2", 1),
        ),
        ("none.pub", text.replacen("byline public key v1\n", "", 1)),
    ] {
        assert_ne!(changed, text);
        fs::write(stranger.path(name), changed).unwrap();
        let output = stranger.run(["trust", "add", name, "--name", "ada"]);
        assert_eq!(code(&output), 4, "{}", both(&output));
    }
    assert_eq!(
        stranger.json(["trust", "list"], 0)["entries"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_stranger_who_copies_a_name_is_not_known() {
    let (home, other) = (Home::with_key(), Home::with_key());
    other.fixture("images/gradient.jpg");
    other.ok(["sign", "gradient.jpg", "--source", "human", "-o", "out.jpg"]);
    fs::copy(other.path("out.jpg"), home.path("out.jpg")).unwrap();
    let report = home.json(["verify", "out.jpg"], 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
}

#[test]
fn of_keys_made_at_once_under_one_name_one_is_made_and_can_be_rotated() {
    let home = Home::new();
    let made: Vec<_> = (0..6)
        .map(|_| {
            home.command(["key", "new", "--name", "ada", "--unencrypted"])
                .spawn()
                .unwrap()
        })
        .collect();
    let made = made
        .into_iter()
        .filter_map(|mut child| child.wait().unwrap().code());
    assert_eq!(made.filter(|code| *code == 0).count(), 1);
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "--source", "human", "-o", "out.jpg"]);
    home.ok(["key", "rotate", "ada"]);
    assert!(Path::new(&home.path("home")).is_dir());
}

#[test]
fn a_sequence_whose_tracks_hold_items_is_refused() {
    let home = Home::with_key();
    let mut bytes = fixture(&home, "animated.avif");
    let find = |bytes: &[u8], kind: &[u8]| bytes.windows(4).position(|window| window == kind).unwrap() - 4;
    let (moov, trak) = (find(&bytes, b"moov"), find(&bytes, b"trak"));
    let size = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    // A meta box with an empty iloc.
    let meta = b"\0\0\0\x1cmeta\0\0\0\0\0\0\0\x10iloc\0\0\0\0\x44\0\0\0";
    let end = trak + size(&bytes, trak) as usize;
    for at in [moov, trak] {
        let grown = size(&bytes, at) + u32::try_from(meta.len()).unwrap();
        bytes[at..at + 4].copy_from_slice(&grown.to_be_bytes());
    }
    bytes.splice(end..end, meta.iter().copied());
    refused(
        &home,
        "tracks.avif",
        &bytes,
        "offsets that the C2PA library does not move",
    );
}

#[test]
fn exif_in_two_parts_is_left_whole() {
    let home = Home::with_key();
    let plain = fixture(&home, "gradient.jpg");
    let segment = |payload: &[u8]| {
        let len = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [&[0xff, 0xe1][..], &len, b"Exif\0\0", payload].concat()
    };
    let first = segment(b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x20\0\0\0\x1a\0\0\0\0\0\0\0the first half ");
    let second = segment(b"and the second half");
    let fixed = |part: Vec<u8>| {
        let len = u16::try_from(part.len() - 2).unwrap().to_be_bytes();
        [&part[..2], &len, &part[4..]].concat()
    };
    let parts = [fixed(first), fixed(second)].concat();
    fs::write(home.path("two.jpg"), [&plain[..2], &parts, &plain[2..]].concat()).unwrap();
    let report = home.json(
        [
            "sign", "two.jpg", "--source", "human", "--by", "Ada", "-o", "out.jpg",
        ],
        0,
    );
    assert!(
        report["not_carried"]
            .to_string()
            .contains("stands in several parts"),
        "{report}"
    );
    let out = fs::read(home.path("out.jpg")).unwrap();
    assert!(out.windows(parts.len()).any(|window| window == parts));
}

/// A text chunk as ImageMagick writes metadata.
fn raw_profile(kind: &str, data: &[u8]) -> Vec<u8> {
    let mut hex = String::new();
    for (at, byte) in data.iter().enumerate() {
        write!(hex, "{byte:02x}").unwrap();
        if at % 36 == 35 {
            hex.push('\n');
        }
    }
    let text = format!("Raw profile type {kind}\0\n{kind}\n{:8}\n{hex}\n", data.len());
    chunk(b"tEXt", text.as_bytes())
}

#[test]
fn metadata_written_as_hexadecimal_text_is_read_and_carried_on() {
    let home = Home::with_key();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0Cam\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let xmp = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
         Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\"/></rdf:RDF></x:xmpmeta>";
    let chunks = [raw_profile("exif", exif), raw_profile("xmp", xmp.as_bytes())].concat();
    fs::write(home.path("raw.png"), png(&chunks)).unwrap();
    let report = home.json(
        [
            "sign", "raw.png", "--source", "human", "--by", "Ada", "-o", "out.png",
        ],
        0,
    );
    assert_eq!(report["contradictions"].as_array().unwrap().len(), 1, "{report}");
    let out = Asset::parse(fs::read(home.path("out.png")).unwrap()).unwrap();
    let found = byline::metadata::read(&out);
    assert_eq!(found.orientation, 6);
    assert_eq!(found.first("Exif:Make").unwrap().raw(), "Cam");
    assert_eq!(found.first("Exif:Artist").unwrap().raw(), "Ada");
    let raw = out
        .layout()
        .texts
        .iter()
        .filter(|text| text.keyword.raw().starts_with("Raw profile"));
    assert_eq!(raw.count(), 0, "it stands in chunks of its own now");
}

#[test]
fn a_decoder_that_gives_up_ends_no_batch() {
    let home = Home::with_key();
    // 20 x 20 pixels in tiles of 16 x 16, each sample in a plane of its own.
    let short =
        |tag: u16, value: u32| [&tag.to_le_bytes()[..], &[3, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let array = |tag: u16, kind: u8, count: u32, at: u32| {
        [
            &tag.to_le_bytes()[..],
            &[kind, 0],
            &count.to_le_bytes(),
            &at.to_le_bytes(),
        ]
        .concat()
    };
    let (values, tiles) = (8 + 2 + 11 * 12 + 4, 8 + 2 + 11 * 12 + 4 + 8 + 96);
    let entries = [
        short(256, 20),
        short(257, 20),
        array(258, 3, 3, values),
        short(259, 1),
        short(262, 2),
        short(277, 3),
        short(284, 2),
        short(322, 16),
        short(323, 16),
        array(324, 4, 12, values + 8),
        array(325, 4, 12, values + 56),
    ];
    let mut tiff = [
        &b"II*\0\x08\0\0\0\x0b\0"[..],
        &entries.concat(),
        &[0; 4],
        &[8, 0, 8, 0, 8, 0, 0, 0],
    ]
    .concat();
    (0..12_u32).for_each(|tile| tiff.extend((tiles + 256 * tile).to_le_bytes()));
    (0..12).for_each(|_| tiff.extend(256_u32.to_le_bytes()));
    tiff.extend([100; 12 * 256]);
    fs::create_dir(home.path("in")).unwrap();
    fs::write(home.path("in/a.tif"), tiff).unwrap();
    fs::rename(home.fixture("images/gradient.jpg"), home.path("in/b.jpg")).unwrap();
    let output = home.run(["sign", "in", "-o", "out", "--source", "human"]);
    assert!(code(&output) < 10, "{}", both(&output));
    assert!(home.path("out/b.jpg").exists());
    let output = home.run(["verify", "in"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
}

#[test]
fn a_public_file_that_came_by_mail_is_trusted() {
    let home = Home::with_key();
    let text = fs::read_to_string(home.path("ada.pub")).unwrap();
    let stranger = Home::new();
    fs::write(stranger.path("cr.pub"), text.replace('\n', "\r")).unwrap();
    let output = stranger.run(["trust", "add", "cr.pub", "--name", "ada"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    fs::write(stranger.path("mail.pub"), text.replace('\n', "\r\n")).unwrap();
    stranger.ok(["trust", "add", "mail.pub", "--name", "ada"]);
}
