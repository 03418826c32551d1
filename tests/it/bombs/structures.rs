//! Containers of very many small parts, and of parts that say they are large.

use super::Bomb;
use super::carriers::{be32, chunk, gif, jpeg, le32, png, segment, sub_blocks, svg, webp};

pub fn bombs() -> Vec<Bomb> {
    let mut out = vec![
        Bomb::new(
            "jpeg-240000-segments.jpg",
            jpeg(&segment(0xef, b"").repeat(240_000)),
        ),
        Bomb::new(
            "jpeg-99000-comments.jpg",
            jpeg(&segment(0xfe, b"abcd").repeat(99_000)),
        ),
        Bomb::new("jpeg-700000-fill-bytes.jpg", jpeg(&[0xff; 700_000])),
        Bomb::new(
            "jpeg-2000-pictures.jpg",
            super::carriers::fixture("gradient.jpg").repeat(200),
        ),
        Bomb::new("jpeg-app11-no-store.jpg", jpeg(&app11())),
        Bomb::new("jpeg-80000-store-pieces.jpg", jpeg(&store_pieces())),
        Bomb::new(
            "jpeg-extended-xmp.jpg",
            jpeg(&extended_xmp(4_000, 100, 4_000_000_000)),
        ),
        Bomb::new(
            "jpeg-extended-xmp-backwards.jpg",
            jpeg(&extended_xmp(8_000, 10, 80_000)),
        ),
        Bomb::new("jpeg-extended-xmp-same-place.jpg", jpeg(&extended_xmp_same())),
        Bomb::new("jpeg-photoshop-resources.jpg", jpeg(&photoshop())),
        Bomb::new(
            "jpeg-icc-pieces.jpg",
            jpeg(&segment(0xe2, b"ICC_PROFILE\0\x01\xffabcd").repeat(40_000)),
        ),
        Bomb::new("png-75000-chunks.png", png(&chunk(b"teXt", b"").repeat(75_000))),
        Bomb::new(
            "png-58000-texts.png",
            png(&chunk(b"tEXt", b"a\0b").repeat(58_000)),
        ),
        Bomb::new(
            "png-40000-prompts.png",
            png(&chunk(b"tEXt", b"prompt\0{}").repeat(40_000)),
        ),
        Bomb::new(
            "png-40000-parameters.png",
            png(&chunk(b"tEXt", b"parameters\0a").repeat(40_000)),
        ),
        Bomb::new(
            "png-33000-exif.png",
            png(&chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0").repeat(33_000)),
        ),
        Bomb::new(
            "png-20000-xmp.png",
            png(&chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>").repeat(20_000)),
        ),
        Bomb::new(
            "png-20000-stores.png",
            png(&chunk(b"caBX", &store()).repeat(9_000)),
        ),
        Bomb::new(
            "webp-110000-chunks.webp",
            webp(&[&b"JUNK"[..], &[0; 4]].concat().repeat(110_000)),
        ),
        Bomb::new("webp-nested-lists.webp", webp(&nested_lists(40_000))),
        Bomb::new(
            "webp-20000-stores.webp",
            webp(
                &[&b"C2PA"[..], &le32(store().len()), &store()]
                    .concat()
                    .repeat(9_000),
            ),
        ),
        Bomb::new(
            "gif-60000-extensions.gif",
            gif(&b"\x21\xff\x0bABCDEFGHIJK\0".repeat(60_000)),
        ),
        Bomb::new("gif-3000-xmp.gif", gif(&gif_xmp().repeat(3_000))),
        Bomb::new(
            "gif-stores.gif",
            gif(&[&b"\x21\xff\x0bC2PA_GIF\x01\0\0"[..], &sub_blocks(&store())]
                .concat()
                .repeat(9_000)),
        ),
    ];
    out.extend(svgs());
    out
}

/// The smallest store there is.
fn store() -> Vec<u8> {
    let described = [
        &be32(30)[..],
        b"jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71\x03c2pa\0",
    ]
    .concat();
    [&be32(8 + described.len())[..], b"jumb", &described].concat()
}

fn app11() -> Vec<u8> {
    (0..50_000)
        .flat_map(|index| segment(0xeb, &[b"JP\0\x01", &be32(index)[..], b"\0\0"].concat()))
        .collect()
}

/// One store of which every segment brings two bytes.
fn store_pieces() -> Vec<u8> {
    let store = [&be32(90_000)[..], b"jumb", &store()[8..], &[0; 80_000]].concat();
    let pieces = store[8..].chunks(2).take(40_000).enumerate();
    pieces
        .flat_map(|(index, piece)| {
            let head = [b"JP\x02\x11", &be32(index + 1)[..], &store[..8]].concat();
            segment(0xeb, &[&head, piece].concat())
        })
        .collect()
}

fn extended_xmp(count: usize, each: usize, whole: usize) -> Vec<u8> {
    let guid = "0123456789ABCDEF0123456789ABCDEF";
    let main = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" xmpNote:HasExtendedXMP=\"{guid}\"/></rdf:RDF></x:xmpmeta>"
    );
    let mut out = segment(0xe1, main.as_bytes());
    for index in (0..count).rev() {
        let head = [
            b"http://ns.adobe.com/xmp/extension/\0",
            guid.as_bytes(),
            &be32(whole),
            &be32(index * each),
        ]
        .concat();
        out.extend(segment(0xe1, &[head, vec![b' '; each]].concat()));
    }
    out
}

fn extended_xmp_same() -> Vec<u8> {
    let main = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
    let pieces = (0..9_000_u32).flat_map(|index| {
        let guid = format!("{index:032X}");
        segment(
            0xe1,
            &[
                b"http://ns.adobe.com/xmp/extension/\0",
                guid.as_bytes(),
                &be32(9_000_000),
                &be32(8_999_999),
                b"x",
            ]
            .concat(),
        )
    });
    main.into_iter().chain(pieces).collect()
}

fn photoshop() -> Vec<u8> {
    let resource = b"8BIM\x04\x04\0\0\0\0\0\x06\x1c\x02\x50\0\x01a";
    let body = [b"Photoshop 3.0\0", &resource.repeat(3_500)[..]].concat();
    segment(0xed, &body).repeat(14)
}

fn gif_xmp() -> Vec<u8> {
    let magic: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    [&b"\x21\xff\x0bXMP DataXMP<x/>"[..], &magic].concat()
}

fn nested_lists(depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for left in (0..depth).rev() {
        out.extend([&b"LIST"[..], &le32(left * 12 + 4), b"abcd"].concat());
    }
    out
}

fn svgs() -> Vec<Bomb> {
    let laughs: String = (1..12)
        .map(|n| {
            format!(
                "<!ENTITY l{n} \"&l{p};&l{p};&l{p};&l{p};&l{p};&l{p};&l{p};&l{p};\">",
                p = n - 1
            )
        })
        .collect();
    let laughs = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY l0 \"ha\">{laughs}]><svg xmlns=\"http://www.w3.org/2000/svg\"><metadata>&l11;</metadata></svg>"
    );
    let quadratic = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"{}\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title></svg>",
        "A".repeat(400_000),
        "&a;".repeat(180_000)
    );
    let attributes =
        |count: usize, what: &str| (0..count).map(|n| format!(" {what}{n}=\"\"")).collect::<String>();
    vec![
        Bomb::new("svg-entities.svg", laughs.into_bytes()),
        Bomb::new("svg-long-entity.svg", quadratic.into_bytes()),
        Bomb::new("svg-deep.svg", svg(&"<g>".repeat(320_000))),
        Bomb::new("svg-deep-900.svg", svg(&["<g>".repeat(900), "<a/>".repeat(200_000), "</g>".repeat(900)].concat())),
        Bomb::new("svg-wide.svg", svg(&"<g/>".repeat(240_000))),
        Bomb::new("svg-attributes.svg", svg(&format!("<g{}/>", attributes(80_000, "a")))),
        Bomb::new("svg-root-attributes.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\"{}><g/></svg>", attributes(80_000, "a")).into_bytes()),
        Bomb::new("svg-namespaces.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\"{}><metadata/></svg>", attributes(60_000, "xmlns:a")).into_bytes()),
        Bomb::new("svg-nested-metadata.svg", svg(&"<metadata>".repeat(80_000))),
        Bomb::new("svg-many-metadata.svg", svg(&"<metadata></metadata>".repeat(45_000))),
        Bomb::new("svg-many-manifests.svg", svg(&"<metadata><c2pa:manifest xmlns:c2pa=\"http://c2pa.org/manifest\"></c2pa:manifest></metadata>".repeat(10_000))),
        Bomb::new("svg-comments.svg", svg(&"<!---->".repeat(130_000))),
        Bomb::new("svg-unclosed.svg", svg(&"<![CDATA[".repeat(100_000))),
        Bomb::new("svg-packets.svg", svg(&format!("<metadata>{}</metadata>", "<?xpacket begin=''?><?xpacket end='w'?>".repeat(24_000)))),
    ]
}
