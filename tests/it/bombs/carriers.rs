//! Small pictures of every format with a part put in: XMP, EXIF, a manifest store, text.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A fixture's bytes.
pub fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(folder.join("fixtures/images").join(name)).unwrap()
}

pub fn be32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_be_bytes()
}

pub fn le32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

/// Deflated as zlib does it best.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Zeros deflated a thousandfold: after a flush, every mebibyte becomes the same bytes again.
pub fn zlib_zeros(count: usize) -> Vec<u8> {
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut piece = |zeros: &[u8], flush| {
        let mut out = Vec::with_capacity(1 << 16);
        deflate.compress_vec(zeros, &mut out, flush).unwrap();
        out
    };
    let mebibyte = vec![0; 1 << 20];
    let mut out = vec![0x78, 0xda];
    let whole = count >> 20;
    if whole > 0 {
        out.extend(piece(&mebibyte, flate2::FlushCompress::Full));
        let again = piece(&mebibyte, flate2::FlushCompress::Full);
        out.extend(again.repeat(whole - 1));
    }
    out.extend(piece(
        &mebibyte[..count % (1 << 20)],
        flate2::FlushCompress::Finish,
    ));
    // Adler-32 (RFC 1950, 8.2) of nothing but zeros.
    let sum = u32::try_from(count % 65_521).unwrap() << 16 | 1;
    out.extend(sum.to_be_bytes());
    out
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    [&be32(data.len())[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

/// A PNG of these chunks between header and pixels; the picture is one black pixel.
pub fn png(chunks: &[u8]) -> Vec<u8> {
    png_of((1, 1, 8, 0, 0), chunks, &zlib(&[0, 0]))
}

/// A PNG: width, height, bits, colour type, interlace; chunks; compressed pixels.
pub fn png_of(
    (width, height, bits, colour, interlace): (usize, usize, u8, u8, u8),
    chunks: &[u8],
    pixels: &[u8],
) -> Vec<u8> {
    let header = [&be32(width)[..], &be32(height), &[bits, colour, 0, 0, interlace]].concat();
    [
        b"\x89PNG\r\n\x1a\n",
        &chunk(b"IHDR", &header)[..],
        chunks,
        &chunk(b"IDAT", pixels),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

pub fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

/// A JPEG with these segments in front of its own.
pub fn jpeg(segments: &[u8]) -> Vec<u8> {
    let whole = fixture("gradient.jpg");
    [&whole[..2], segments, &whole[2..]].concat()
}

fn riff_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
    [&kind[..], &le32(data.len()), data, pad].concat()
}

/// A WebP with these chunks behind its picture.
pub fn webp(chunks: &[u8]) -> Vec<u8> {
    let simple = fixture("lossy.webp");
    // Alpha, EXIF, XMP flags; 64 x 48.
    let head = riff_chunk(b"VP8X", &[0x0c, 0, 0, 0, 63, 0, 0, 47, 0, 0]);
    let inside = [b"WEBP", &head[..], &simple[12..], chunks].concat();
    [b"RIFF", &le32(inside.len())[..], &inside].concat()
}

pub fn webp_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    webp(&riff_chunk(kind, data))
}

/// A GIF with these blocks behind its header.
pub fn gif(blocks: &[u8]) -> Vec<u8> {
    let whole = fixture("gradient.gif");
    let colours = if whole[10] & 0x80 == 0 {
        0
    } else {
        3 << ((whole[10] & 7) + 1)
    };
    let start = 13 + colours;
    let mut out = [&whole[..start], blocks, &whole[start..]].concat();
    out[3..6].copy_from_slice(b"89a");
    out
}

pub fn sub_blocks(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in data.chunks(255) {
        out.push(u8::try_from(piece.len()).unwrap());
        out.extend_from_slice(piece);
    }
    out.push(0);
    out
}

/// An ISO box.
pub fn isobox(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&be32(body.len() + 8)[..], kind, body].concat()
}

/// An AVIF with these boxes behind its own.
pub fn avif(boxes: &[u8]) -> Vec<u8> {
    [&fixture("gradient.avif")[..], boxes].concat()
}

/// A JPEG XL with these boxes in front of its codestream.
pub fn jxl(boxes: &[u8]) -> Vec<u8> {
    let whole = fixture("container.jxl");
    let head = 12 + 20;
    [&whole[..head], boxes, &whole[head..]].concat()
}

/// A little-endian TIFF of one pixel with these entries (tag, type, count, value or offset) behind its own; what they point to begins
/// at byte 1000.
pub fn tiff(entries: &[(u16, u16, usize, usize)], data: &[u8]) -> Vec<u8> {
    let own = [
        (256, 3, 1, 1),
        (257, 3, 1, 1),
        (258, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 999),
        (277, 3, 1, 1),
        (278, 3, 1, 1),
        (279, 4, 1, 1),
    ];
    let mut all: Vec<_> = own.iter().chain(entries).copied().collect();
    all.sort_by_key(|entry| entry.0);
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend(directory(&all, 0));
    assert!(out.len() < 999, "the directory is too long for its place");
    out.resize(1000, 0);
    out.extend_from_slice(data);
    out
}

/// A directory as it stands in a file: count, entries, offset of the next.
pub fn directory(entries: &[(u16, u16, usize, usize)], next: usize) -> Vec<u8> {
    let mut out = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    for (tag, kind, count, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(le32(*count));
        out.extend(le32(*value));
    }
    out.extend(le32(next));
    out
}

/// An SVG with this inside.
pub fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">{inside}</svg>").into_bytes()
}

/// The formats that can carry an XMP packet of any size, each with it.
pub fn with_xmp(packet: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let magic: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    let mut gif_block = b"\x21\xff\x0bXMP DataXMP".to_vec();
    gif_block.extend_from_slice(packet);
    gif_block.extend(&magic);
    let mut out = vec![
        (
            "png",
            png(&chunk(
                b"iTXt",
                &[b"XML:com.adobe.xmp\0\0\0\0\0", packet].concat(),
            )),
        ),
        ("webp", webp_chunk(b"XMP ", packet)),
        ("gif", gif(&gif_block)),
        ("tif", tiff(&[(700, 1, packet.len(), 1000)], packet)),
        ("jxl", jxl(&isobox(b"xml ", packet))),
    ];
    if packet.len() < 65_000 {
        let body = [b"http://ns.adobe.com/xap/1.0/\0", packet].concat();
        out.push(("jpg", jpeg(&segment(0xe1, &body))));
    }
    out
}

/// The formats that can carry an EXIF block of any size, each with it.
pub fn with_exif(block: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut out = vec![
        ("png", png(&chunk(b"eXIf", block))),
        ("webp", webp_chunk(b"EXIF", block)),
        ("jxl", jxl(&isobox(b"Exif", &[&[0; 4], block].concat()))),
        ("tif", block.to_vec()),
    ];
    if block.len() < 65_000 {
        out.push(("jpg", jpeg(&segment(0xe1, &[b"Exif\0\0", block].concat()))));
    }
    out
}

/// A JPEG with a manifest store, in as many segments as it takes (C2PA 2.4, A.3.1).
pub fn jpeg_with_store(store: &[u8]) -> Vec<u8> {
    let mut segments = Vec::new();
    for (index, piece) in store[8..].chunks(60_000).enumerate() {
        let head = [b"JP\x02\x11", &be32(index + 1)[..], &store[..8]].concat();
        segments.extend(segment(0xeb, &[&head, piece].concat()));
    }
    jpeg(&segments)
}

/// Every format with a manifest store.
pub fn with_store(store: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let gif_block = [&b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"[..], &sub_blocks(store)].concat();
    let uuid = b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";
    let body = [&uuid[..], &[0; 4], b"manifest\0", &[0; 8], store].concat();
    let text = STANDARD.encode(store);
    let drawing = format!(
        "<metadata><c2pa:manifest xmlns:c2pa=\"http://c2pa.org/manifest\">{text}</c2pa:manifest></metadata>"
    );
    vec![
        ("jpg", jpeg_with_store(store)),
        ("png", png(&chunk(b"caBX", store))),
        ("webp", webp_chunk(b"C2PA", store)),
        ("gif", gif(&gif_block)),
        ("tif", tiff(&[(0xcd41, 7, store.len(), 1000)], store)),
        ("avif", avif(&isobox(b"uuid", &body))),
        ("jxl", jxl(store)),
        ("svg", svg(&drawing)),
    ]
}
