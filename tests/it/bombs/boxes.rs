//! Boxes of AVIF, HEIC and JPEG XL: nested, many, and with counts that cannot be.

use super::Bomb;
use super::carriers::{avif, be32, isobox, jxl};

pub fn bombs() -> Vec<Bomb> {
    let mut out = vec![
        Bomb::new("avif-moov-1000-deep.avif", avif(&nested(b"moov", 1_000))),
        Bomb::new("avif-moov-60000-deep.avif", avif(&nested(b"moov", 60_000))),
        Bomb::new("avif-meta-60000-deep.avif", avif(&nested(b"meta", 60_000))),
        Bomb::new(
            "avif-trak-deep.avif",
            avif(&nested_in_turn(&[b"moov", b"trak", b"mdia", b"minf"], 90_000)),
        ),
        Bomb::new(
            "avif-120000-boxes.avif",
            avif(&isobox(b"free", b"").repeat(120_000)),
        ),
        Bomb::new(
            "avif-100000-moov.avif",
            avif(&isobox(b"moov", b"").repeat(120_000)),
        ),
        Bomb::new(
            "avif-50000-uuid.avif",
            avif(&isobox(b"uuid", &[7; 10]).repeat(50_000)),
        ),
        Bomb::new("avif-9000-stores.avif", avif(&uuid_store().repeat(9_000))),
        Bomb::new(
            "avif-mdat-40000.avif",
            avif(&isobox(b"mdat", b"12345678").repeat(60_000)),
        ),
        Bomb::new(
            "avif-huge-box.avif",
            avif(b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"),
        ),
        Bomb::new("jxl-100000-boxes.jxl", jxl(&isobox(b"free", b"").repeat(110_000))),
        Bomb::new("jxl-nested-jumb.jxl", jxl(&nested(b"jumb", 60_000))),
        Bomb::new(
            "jxl-1000-brob.jxl",
            jxl(&isobox(b"brob", &[b"xml ", &BROTLI_16_MIB[..]].concat()).repeat(900)),
        ),
        Bomb::new("jxl-jxlp.jxl", jxl(&isobox(b"jxlp", &[0; 4]).repeat(80_000))),
        Bomb::new("jxl-40000-xml.jxl", jxl(&isobox(b"xml ", b"<x/>").repeat(60_000))),
        Bomb::new(
            "jxl-40000-exif.jxl",
            jxl(&isobox(b"Exif", &[0; 12]).repeat(45_000)),
        ),
    ];
    out.extend(metas());
    out
}

fn nested(kind: &[u8; 4], depth: usize) -> Vec<u8> {
    nested_in_turn(&[kind], depth)
}

/// A box in a box in a box.
fn nested_in_turn(kinds: &[&[u8; 4]], depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for at in 0..depth {
        out.extend(be32((depth - at) * 8));
        out.extend(kinds[at % kinds.len()]);
    }
    out
}

fn uuid_store() -> Vec<u8> {
    let uuid = b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";
    isobox(
        b"uuid",
        &[&uuid[..], &[0; 4], b"manifest\0", &[0; 8], b"store"].concat(),
    )
}

/// A HEIC that is nothing but its item table, with tables of every kind too long.
fn metas() -> Vec<Bomb> {
    let full = |kind: &[u8; 4], version: u8, body: &[u8]| isobox(kind, &[&[version, 0, 0, 0], body].concat());
    let file = |inside: &[u8]| {
        let handler = full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let primary = full(b"pitm", 0, &[0, 1]);
        let meta = full(b"meta", 0, &[&handler, &primary, inside].concat());
        let brand = isobox(b"ftyp", b"heic\0\0\0\0mif1heic");
        [brand, meta, isobox(b"mdat", &[0; 64])].concat()
    };
    let infos = |count: usize, each: &[u8], say: usize| {
        full(b"iinf", 1, &[&be32(say)[..], &each.repeat(count)].concat())
    };
    let info = full(b"infe", 2, b"\0\x01\0\0hvc1\0");
    let mime = full(b"infe", 2, b"\0\x01\0\0mime\0application/rdf+xml\0");
    // Item 1 with 65535 extents, and 65535 items that lie in the same bytes.
    let extents = [
        &[0x44, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xff][..],
        &[0, 0, 0, 9, 0, 0, 0, 9].repeat(65_535),
    ]
    .concat();
    let places: Vec<u8> = [&[0x44, 0, 0xff, 0xff][..]]
        .concat()
        .into_iter()
        .chain(
            (0..65_535_u16)
                .flat_map(|id| [&id.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0xff, 0xff]].concat()),
        )
        .collect();
    let properties = |count: usize| {
        let all = isobox(
            b"ipco",
            &full(b"ispe", 0, &[0, 0, 0, 9, 0, 0, 0, 9]).repeat(count),
        );
        let links = full(
            b"ipma",
            0,
            &[
                &be32(20_000)[..],
                &[&[0, 2, 255][..], &[1; 255]].concat().repeat(2_000),
            ]
            .concat(),
        );
        isobox(b"iprp", &[all, links].concat())
    };
    let xmp_items: Vec<u8> = (2..15_000_u16)
        .flat_map(|id| {
            full(
                b"infe",
                2,
                &[&id.to_be_bytes()[..], b"\0\0mime\0application/rdf+xml\0"].concat(),
            )
        })
        .collect();
    let xmp_table = full(b"iinf", 1, &[&be32(14_998)[..], &xmp_items].concat());
    let same: Vec<u8> = (2..15_000_u16)
        .flat_map(|id| [&id.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 9, 0, 0x0d, 0, 0]].concat())
        .collect();
    let same = full(
        b"iloc",
        0,
        &[&[0x44, 0][..], &14_998_u16.to_be_bytes(), &same].concat(),
    );
    vec![
        Bomb::new(
            "heic-infos-say-4-billion.heic",
            file(&infos(3, &info, 0xffff_ffff)),
        ),
        Bomb::new("heic-40000-infos.heic", file(&infos(40_000, &info, 40_000))),
        Bomb::new("heic-20000-xmp-infos.heic", file(&infos(20_000, &mime, 20_000))),
        Bomb::new(
            "heic-65535-extents.heic",
            file(&[infos(1, &mime, 1), full(b"iloc", 0, &extents)].concat()),
        ),
        Bomb::new(
            "heic-65535-places.heic",
            file(&[infos(1, &info, 1), full(b"iloc", 0, &places)].concat()),
        ),
        Bomb::new(
            "heic-15000-items-one-packet.heic",
            file(&[xmp_table, same].concat()),
        ),
        Bomb::new("heic-20000-properties.heic", file(&properties(20_000))),
        Bomb::new(
            "heic-iref.heic",
            file(&full(
                b"iref",
                0,
                &isobox(
                    b"cdsc",
                    &[&[0, 1, 0xff, 0xff][..], &[0, 1].repeat(65_535)].concat(),
                )
                .repeat(7),
            )),
        ),
        Bomb::new(
            "heic-50000-metas.heic",
            [file(&infos(1, &info, 1)), full(b"meta", 0, b"").repeat(70_000)].concat(),
        ),
    ]
}

/// Brotli (RFC 7932) of 16 MiB of zeros.
const BROTLI_16_MIB: [u8; 19] = [
    0x8f, 0xff, 0xff, 0xff, 0x7f, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03,
];
