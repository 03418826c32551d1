//! Which container the bytes are, by magic number; file names are never believed.

use super::bytes::index;
use super::tiff_read::{Tiff, tags};

/// A container that byline reads and the C2PA SDK writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// AV1 still image in ISO BMFF.
    Avif,
    /// Digital negative: TIFF with DNGVersion.
    Dng,
    /// GIF 87a or 89a.
    Gif,
    /// HEVC still image in ISO BMFF (`heic`, `heix` brands).
    Heic,
    /// Other HEIF (`mif1`, `msf1` brands).
    Heif,
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// JPEG XL in its container or bare.
    Jxl,
    /// Portable Network Graphics.
    Png,
    /// Scalable Vector Graphics.
    Svg,
    /// TIFF 6.0.
    Tiff,
    /// WebP in RIFF.
    WebP,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Avif,
        Self::Dng,
        Self::Gif,
        Self::Heic,
        Self::Heif,
        Self::Jpeg,
        Self::Jxl,
        Self::Png,
        Self::Svg,
        Self::Tiff,
        Self::WebP,
    ];

    /// The media type, as the SDK and HTTP name it.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Dng => "image/x-adobe-dng",
            Self::Gif => "image/gif",
            Self::Heic => "image/heic",
            Self::Heif => "image/heif",
            Self::Jpeg => "image/jpeg",
            Self::Jxl => "image/jxl",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Tiff => "image/tiff",
            Self::WebP => "image/webp",
        }
    }

    /// The name people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avif => "AVIF",
            Self::Dng => "DNG",
            Self::Gif => "GIF",
            Self::Heic => "HEIC",
            Self::Heif => "HEIF",
            Self::Jpeg => "JPEG",
            Self::Jxl => "JPEG XL",
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
        }
    }

    /// The usual file name extension, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::Dng => "dng",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Heif => "heif",
            Self::Jpeg => "jpg",
            Self::Jxl => "jxl",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Tiff => "tif",
            Self::WebP => "webp",
        }
    }

    /// Whether byline can write EXIF into the format.
    #[must_use]
    pub const fn carries_exif(self) -> bool {
        !matches!(self, Self::Gif | Self::Svg)
    }

    /// Recognises a format by its first bytes; `None` for what byline does not know.
    ///
    /// Extensions and media types are not asked: they are claims of whoever named the file.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(super::png::SIGNATURE) {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::WebP);
        }
        if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            return Some(Self::Gif);
        }
        if bytes.starts_with(super::jxl::SIGNATURE) || bytes.starts_with(super::jxl::BARE) {
            return Some(Self::Jxl);
        }
        if [&b"II\x2A\0"[..], b"MM\0\x2A", b"II\x2B\0", b"MM\0\x2B"]
            .iter()
            .any(|magic| bytes.starts_with(magic))
        {
            return Self::tiff(bytes);
        }
        if let Some(found) = super::bmff::detect(bytes) {
            return Some(found);
        }
        super::svg::is_svg(bytes).then_some(Self::Svg)
    }

    /// DNG is TIFF with the tag DNGVersion in its first directory. Canon's CR2 is TIFF too, but keeps its picture where
    /// no TIFF reader looks.
    fn tiff(bytes: &[u8]) -> Option<Self> {
        if bytes.get(8..10) == Some(b"CR") {
            return None;
        }
        let tiff = Tiff::parse(bytes)?;
        let first = if tiff.big {
            None
        } else {
            tiff.u32(4).and_then(|at| tiff.ifd(index(at)))
        };
        let dng = first.is_some_and(|first| first.entry(tags::DNG_VERSION).is_some());
        Some(if dng { Self::Dng } else { Self::Tiff })
    }
}
