//! Small images for the tests of this room, drawn here or read from `fixtures/images`.

use std::io::Cursor;

use super::Asset;

/// A gradient of 64 x 48 pixels.
pub(super) fn gradient() -> image::RgbImage {
    image::RgbImage::from_fn(64, 48, |x, y| {
        image::Rgb([u8::try_from(x * 4).unwrap(), u8::try_from(y * 5).unwrap(), 90])
    })
}

/// The gradient as a file of one of the formats that the decoder crate writes.
pub(super) fn drawn(format: image::ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    if format == image::ImageFormat::Gif {
        let rgba = image::DynamicImage::ImageRgb8(gradient()).to_rgba8();
        rgba.write_to(&mut out, format).unwrap();
    } else {
        gradient().write_to(&mut out, format).unwrap();
    }
    out.into_inner()
}

/// The decoded pixels.
pub(super) fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().to_rgba8().into_raw()
}

/// One image of every kind that has a sample, with a name for messages.
pub(super) fn every_format() -> Vec<(&'static str, Vec<u8>)> {
    macro_rules! fixtures {
        ($($name:literal),*) => {
            vec![$(($name, include_bytes!(concat!("../../fixtures/images/", $name)).to_vec())),*]
        };
    }
    fixtures!(
        "gradient.jpg",
        "progressive.jpg",
        "gradient.png",
        "lossy.webp",
        "lossless.webp",
        "alpha.webp",
        "gradient.gif",
        "animated.gif",
        "gradient.svg",
        "deflate.tif",
        "big-endian.tif",
        "two-pages.tif",
        "bigtiff.tif",
        "linear.dng",
        "gradient.avif",
        "animated.avif",
        "gradient.heic",
        "container.jxl",
        "bare.jxl"
    )
}

/// A little-endian TIFF block whose IFD0 holds Artist.
pub(super) fn exif_block(artist: &str) -> Vec<u8> {
    let mut value = artist.as_bytes().to_vec();
    value.resize(value.len().max(8), b' ');
    value.push(0);
    let mut out = b"II\x2A\0\x08\0\0\0\x01\0\x3B\x01\x02\0".to_vec();
    out.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
    out.extend_from_slice(&26u32.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&value);
    out
}

/// An XMP packet that names a creator.
pub(super) fn xmp_packet(creator: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>\
         </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )
}

pub(super) fn parse(bytes: &[u8]) -> Asset {
    Asset::parse(bytes.to_vec()).unwrap()
}
