//! Pictures that are small as files and large as pixels, and pixels that are slow to come by.

use super::Bomb;
use super::carriers::{be32, chunk, fixture, gif, jpeg, png, png_of, segment, tiff, webp, zlib, zlib_zeros};

pub fn bombs() -> Vec<Bomb> {
    let mut out = png_sizes();
    out.extend(jpegs());
    out.extend(png_ancillary());
    out.extend(gifs_and_webps());
    out.extend(tiffs());
    out
}

/// Black pictures as large as a megabyte of deflate allows, and headers that only say so.
fn png_sizes() -> Vec<Bomb> {
    let mut out = Vec::new();
    // Side, bits, colour type, bytes a pixel, interlace.
    for (side, bits, colour, wide, interlace) in [
        (30_000, 1, 0, 0, 0),
        (9_000, 8, 0, 1, 0),
        (30_000, 8, 0, 1, 0),
        (8_000, 8, 2, 3, 0),
        (7_000, 8, 6, 4, 0),
        (15_000, 8, 6, 4, 0),
        (5_000, 16, 6, 8, 0),
        (10_500, 16, 6, 8, 0),
        (7_000, 8, 6, 4, 1),
        (9_000, 8, 3, 1, 1),
    ] {
        let row = if wide == 0 { side / 8 } else { side * wide };
        // Interlaced rows have a few filter bytes more.
        let bytes = (row + 1) * side + if interlace == 1 { side * 4 } else { 0 };
        let palette = chunk(b"PLTE", &[0; 3]);
        let chunks: &[u8] = if colour == 3 { &palette } else { &[] };
        out.push(Bomb::new(
            format!("png-{side}-bits{bits}-colour{colour}-interlace{interlace}.png"),
            png_of((side, side, bits, colour, interlace), chunks, &zlib_zeros(bytes)),
        ));
    }
    for (width, height) in [
        (0x7fff_ffff, 0x7fff_ffff),
        (1, 0x7fff_ffff),
        (60_000, 60_000),
        (65_000, 1),
        (1, 65_000),
    ] {
        let bytes = png_of((width, height, 8, 6, 0), &[], &zlib_zeros(1 << 20));
        out.push(Bomb::new(format!("png-says-{width}x{height}.png"), bytes));
    }
    let many: Vec<u8> = (0..80_000).flat_map(|_| chunk(b"IDAT", b"")).collect();
    out.push(Bomb::new(
        "png-80000-empty-idat.png",
        png(&many[..many.len().min(950_000)]),
    ));
    let frames: Vec<u8> = (0..9_000)
        .flat_map(|index| {
            let control = [&be32(index * 2)[..], &be32(1), &be32(1), &[0; 14]].concat();
            let data = [&be32(index * 2 + 1)[..], &zlib(&[0, 0])].concat();
            [chunk(b"fcTL", &control), chunk(b"fdAT", &data)].concat()
        })
        .collect();
    let control = chunk(b"acTL", &[&be32(9_000)[..], &[0; 4]].concat());
    out.push(Bomb::new("png-9000-frames.png", png(&[control, frames].concat())));
    out
}

/// Colour profiles and text that inflate a thousandfold.
fn png_ancillary() -> Vec<Bomb> {
    let zeros = zlib_zeros(900_000_000);
    let several = zlib_zeros(15_000_000);
    let text = zlib("A".repeat(20_000_000).as_bytes());
    let each = |kind: &[u8; 4], head: &[u8], body: &[u8]| chunk(kind, &[head, body].concat());
    let mut out = vec![
        Bomb::new("png-iccp.png", png(&each(b"iCCP", b"p\0\0", &zeros))),
        Bomb::new("png-ztxt.png", png(&each(b"zTXt", b"parameters\0\0", &zeros))),
        Bomb::new("png-itxt.png", png(&each(b"iTXt", b"prompt\0\x01\0\0\0", &zeros))),
        Bomb::new(
            "png-itxt-xmp.png",
            png(&each(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0", &text)),
        ),
        Bomb::new(
            "png-ztxt-twice.png",
            png(&each(b"zTXt", b"prompt\0\0", &zlib(&zeros))),
        ),
    ];
    let many: Vec<u8> = (0..60)
        .flat_map(|_| each(b"zTXt", b"workflow\0\0", &several))
        .collect();
    out.push(Bomb::new("png-ztxt-60-times.png", png(&many)));
    let small = zlib_zeros(65_000);
    let many: Vec<u8> = (0..9_000)
        .flat_map(|_| each(b"zTXt", b"prompt\0\0", &small))
        .collect();
    out.push(Bomb::new("png-ztxt-9000-times.png", png(&many)));
    let many: Vec<u8> = (0..6_000).flat_map(|_| each(b"iCCP", b"p\0\0", &small)).collect();
    out.push(Bomb::new("png-iccp-6000-times.png", png(&many)));
    out
}

/// Where the frame header of the fixture begins, and the file.
fn with_size(name: &str, marker: u8, width: u16, height: u16) -> Vec<u8> {
    let mut bytes = fixture(name);
    let at = bytes.windows(2).position(|pair| pair == [0xff, marker]).unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

fn jpegs() -> Vec<Bomb> {
    let mut out = Vec::new();
    for (width, height) in [(65_535, 65_535), (16_000, 16_000), (8_000, 8_000), (5_000, 5_000)] {
        for (name, marker) in [("gradient.jpg", 0xc0), ("progressive.jpg", 0xc2)] {
            out.push(Bomb::new(
                format!("jpeg-{width}x{height}-{name}"),
                with_size(name, marker, width, height),
            ));
        }
    }
    // The last scan of a progressive picture again and again: each goes over every block.
    for (side, scans) in [(48, 20_000), (3_000, 90), (6_000, 90), (8_000, 20_000)] {
        let bytes = with_size("progressive.jpg", 0xc2, side, side);
        let at = bytes.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        let scan = [&bytes[at..at + 2 + length], &[0]].concat();
        let mut more = bytes[..bytes.len() - 2].to_vec();
        for _ in 0..scans {
            if more.len() < 900_000 {
                more.extend(&scan);
            }
        }
        more.extend([0xff, 0xd9]);
        out.push(Bomb::new(format!("jpeg-{side}-{scans}-scans.jpg"), more));
    }
    let tables = segment(0xdb, &[&[0][..], &[1; 64]].concat()).repeat(14_000);
    out.push(Bomb::new("jpeg-14000-tables.jpg", jpeg(&tables)));
    let huffman = segment(0xc4, &[&[0][..], &[0; 16]].concat()).repeat(40_000);
    out.push(Bomb::new("jpeg-40000-huffman-tables.jpg", jpeg(&huffman)));
    let restarts = segment(0xdd, &[0, 1]).repeat(120_000);
    out.push(Bomb::new("jpeg-120000-restart-intervals.jpg", jpeg(&restarts)));
    out
}

fn gifs_and_webps() -> Vec<Bomb> {
    let mut out = Vec::new();
    let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    out.push(Bomb::new("gif-60000-frames.gif", gif(&frame.repeat(60_000))));
    let huge = b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0";
    out.push(Bomb::new("gif-60000-huge-frames.gif", gif(&huge.repeat(60_000))));
    let mut canvas = gif(&[]);
    canvas[6..10].copy_from_slice(&[0xff; 4]);
    out.push(Bomb::new("gif-canvas-65535.gif", canvas));
    let mut canvas = gif(b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0");
    canvas[6..10].copy_from_slice(&[0xff; 4]);
    out.push(Bomb::new("gif-frame-65535.gif", canvas));
    let blocks = [b"\x21\xfe", &b"\x01a".repeat(450_000)[..], &[0]].concat();
    out.push(Bomb::new("gif-450000-sub-blocks.gif", gif(&blocks)));
    out.push(Bomb::new(
        "gif-200000-comments.gif",
        gif(&b"\x21\xfe\x01a\0".repeat(190_000)),
    ));
    let lossless = |width: u32, height: u32| {
        let bits = (width - 1) | (height - 1) << 14;
        let mut bytes = fixture("lossless.webp");
        let at = bytes.windows(4).position(|four| four == b"VP8L").unwrap() + 9;
        bytes[at..at + 4].copy_from_slice(&bits.to_le_bytes());
        bytes
    };
    out.push(Bomb::new("webp-lossless-16383.webp", lossless(16_383, 16_383)));
    out.push(Bomb::new("webp-lossless-6000.webp", lossless(6_000, 6_000)));
    let mut lossy = fixture("lossy.webp");
    let at = lossy.windows(4).position(|four| four == b"VP8 ").unwrap() + 14;
    lossy[at..at + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    out.push(Bomb::new("webp-lossy-16383.webp", lossy));
    let frame = [b"ANMF".as_slice(), &[16, 0, 0, 0], &[0; 16]].concat();
    out.push(Bomb::new("webp-38000-frames.webp", webp(&frame.repeat(38_000))));
    out
}

fn tiffs() -> Vec<Bomb> {
    let zeros = zlib_zeros(400_000_000);
    let strip = |width: usize, height: usize, compression: usize, data: &[u8]| {
        let mut bytes = tiff(&[(259, 3, 1, compression)], data);
        for (tag, value) in [
            (256_u16, width),
            (257, height),
            (278, height),
            (273, 1000),
            (279, data.len()),
        ] {
            let entry = (10..500)
                .step_by(12)
                .find(|at| bytes[*at..*at + 2] == tag.to_le_bytes());
            let at = entry.unwrap();
            bytes[at + 2..at + 4].copy_from_slice(&4_u16.to_le_bytes());
            bytes[at + 8..at + 12].copy_from_slice(&u32::try_from(value).unwrap().to_le_bytes());
        }
        bytes
    };
    vec![
        Bomb::new("tiff-deflate-20000.tif", strip(20_000, 20_000, 8, &zeros)),
        Bomb::new("tiff-deflate-13000.tif", strip(13_000, 13_000, 8, &zeros)),
        Bomb::new(
            "tiff-packbits-13000.tif",
            strip(13_000, 13_000, 0x8005, &b"\x81\0".repeat(490_000)),
        ),
        Bomb::new("tiff-lzw-13000.tif", strip(13_000, 13_000, 5, &[0; 900_000])),
        Bomb::new("tiff-raw-60000.tif", strip(60_000, 60_000, 1, &[0; 900_000])),
    ]
}
