//! Small files for the tests of generator text, made here: text chunks, EXIF of both byte orders, XMP, hidden text.

use std::io::Write as _;

use super::{Generated, Record, read};
use crate::asset::Asset;
use crate::asset::pixels::Alpha;
use crate::base::Untrusted;
use crate::metadata::tiff::Order;

const PNG: &[u8] = include_bytes!("../../../fixtures/images/gradient.png");
const JPEG: &[u8] = include_bytes!("../../../fixtures/images/gradient.jpg");
const WEBP: &[u8] = include_bytes!("../../../fixtures/images/lossy.webp");

/// Reads what generators wrote into a file.
pub(super) fn generated(asset: &Asset) -> Generated {
    read(asset, &crate::metadata::read(asset), None)
}

/// The only record of a file.
pub(super) fn one(asset: &Asset) -> Record {
    let found = generated(asset);
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(found.records.len(), 1, "{:#?}", found.records);
    found.records[0].clone()
}

/// The text, or `-`.
#[expect(clippy::ref_option, reason = "fields are looked at where they lie")]
pub(super) fn or(text: &Option<Untrusted>) -> &str {
    text.as_ref().map_or("-", |text| text.raw())
}

/// A PNG with text chunks: kind, keyword, text.
pub(super) fn png(chunks: &[(&str, &str, &str)]) -> Asset {
    let mut out = PNG[..33].to_vec();
    for (kind, keyword, text) in chunks {
        let mut data = keyword.as_bytes().to_vec();
        match *kind {
            "tEXt" => {
                data.push(0);
                data.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()));
            }
            "zTXt" => {
                data.extend([0, 0]);
                let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                packer.write_all(text.as_bytes()).unwrap();
                data.extend(packer.finish().unwrap());
            }
            _ => {
                data.extend([0, 0, 0, 0, 0]);
                data.extend(text.as_bytes());
            }
        }
        let mut crc = flate2::Crc::new();
        crc.update(kind.as_bytes());
        crc.update(&data);
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(kind.as_bytes());
        out.extend(&data);
        out.extend(crc.sum().to_be_bytes());
    }
    out.extend(&PNG[33..]);
    Asset::parse(out).unwrap()
}

/// A PNG with one `tEXt`.
pub(super) fn text(keyword: &str, text: &str) -> Asset {
    let kind = if text.chars().all(|c| u32::from(c) < 256) {
        "tEXt"
    } else {
        "iTXt"
    };
    png(&[(kind, keyword, text)])
}

/// A JPEG with a UserComment of UTF-16.
pub(super) fn user_comment(block: Order, written: Order, text: &str) -> Asset {
    let mut value = b"UNICODE\0".to_vec();
    value.extend(text.encode_utf16().flat_map(|unit| written.u16_bytes(unit)));
    exif(JPEG, &exif_block(block, &[], &[(0x9286, 7, value)]))
}

/// A JPEG with an ASCII tag of the first directory.
pub(super) fn jpeg_tag(tag: u16, text: &str) -> Asset {
    exif(
        JPEG,
        &exif_block(Order::Big, &[(tag, 2, text.as_bytes().to_vec())], &[]),
    )
}

/// A WebP with ASCII tags of the first directory.
pub(super) fn webp_tags(tags: &[(u16, &str)]) -> Asset {
    let tags: Vec<_> = tags
        .iter()
        .map(|(tag, text)| (*tag, 2, text.as_bytes().to_vec()))
        .collect();
    exif(WEBP, &exif_block(Order::Little, &tags, &[]))
}

fn exif(image: &[u8], block: &[u8]) -> Asset {
    Asset::parse(image.to_vec())
        .unwrap()
        .with_metadata(Some(block), None)
        .unwrap()
}

/// A TIFF block of one directory and, where it has entries, an Exif directory. Values follow the directories.
fn exif_block(order: Order, first: &[(u16, u16, Vec<u8>)], exif: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
    let size = |entries: usize| 2 + 12 * entries + 4;
    let in_first = first.len() + usize::from(!exif.is_empty());
    let exif_at = 8 + size(in_first);
    let mut values_at = exif_at + size(exif.len());
    let mut head = match order {
        Order::Big => b"MM\0\x2a".to_vec(),
        Order::Little => b"II\x2a\0".to_vec(),
    };
    let mut values = Vec::new();
    head.extend(order.u32_bytes(8));
    let mut directory = |entries: &[(u16, u16, Vec<u8>)], pointer: bool| {
        let count = entries.len() + usize::from(pointer);
        head.extend(order.u16_bytes(u16::try_from(count).unwrap()));
        for (tag, kind, value) in entries {
            let mut value = value.clone();
            value.resize(value.len().max(5), 0);
            head.extend(order.u16_bytes(*tag));
            head.extend(order.u16_bytes(*kind));
            head.extend(order.u32_bytes(u32::try_from(value.len()).unwrap()));
            head.extend(order.u32_bytes(u32::try_from(values_at).unwrap()));
            values_at += value.len();
            values.extend(value);
        }
        if pointer {
            head.extend(order.u16_bytes(0x8769));
            head.extend(order.u16_bytes(4));
            head.extend(order.u32_bytes(1));
            head.extend(order.u32_bytes(u32::try_from(exif_at).unwrap()));
        }
        head.extend([0; 4]);
    };
    directory(first, !exif.is_empty());
    directory(exif, false);
    head.extend(values);
    head
}

/// A JPEG with an XMP packet of properties in attribute form.
pub(super) fn xmp(properties: &[(&str, &str)]) -> Asset {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    };
    let attributes: String = properties
        .iter()
        .map(|(name, value)| format!(" {name}=\"{}\"", escape(value)))
        .collect();
    let spaces: String = ["Iptc4xmpExt", "TC260", "exif", "photoshop", "xmp"]
        .iter()
        .map(|prefix| {
            format!(
                " xmlns:{prefix}=\"{}\"",
                crate::metadata::xmp_names::uri(prefix).unwrap()
            )
        })
        .collect();
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\"{spaces}{attributes}/></rdf:RDF></x:xmpmeta>"
    );
    Asset::parse(JPEG.to_vec())
        .unwrap()
        .with_metadata(None, Some(&packet))
        .unwrap()
}

/// Bytes packed as gzip.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// An alpha channel with bytes hidden in it, columns first.
pub(super) fn hidden(mark: &str, bytes: &[u8], width: u32, height: u32) -> Alpha {
    let length = u32::try_from(bytes.len() * 8).unwrap().to_be_bytes();
    let all = [mark.as_bytes(), &length, bytes].concat();
    let (columns, rows) = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
    let mut samples = vec![254u8; columns * rows];
    let bits = all
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1));
    for (at, bit) in bits.enumerate() {
        samples[(at % rows) * columns + at / rows] |= bit;
    }
    Alpha {
        height,
        samples,
        width,
    }
}
