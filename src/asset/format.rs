//! Which container the bytes are, by magic number; file names are never believed.

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
}
