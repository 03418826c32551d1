//! The endings that pictures' names have, and the formats that bear them. What a file is, its bytes say; a name only promises.

use std::path::{Path, PathBuf};

use crate::asset::Format;

/// Whether a path ends as the names of pictures do.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    formats(path).is_some()
}

/// How many hidden things are folders, or pictures by their names: others are nobody's loss.
pub(super) fn hidden(found: &[(PathBuf, bool)]) -> u64 {
    let lost = found
        .iter()
        .filter(|(path, is_folder)| *is_folder || is_one(path));
    u64::try_from(lost.count()).unwrap_or(u64::MAX)
}

/// The ending of a name, and the formats that bear it.
pub(super) fn formats(path: &Path) -> Option<(&'static str, &'static [Format])> {
    const ENDINGS: [(&str, &[Format]); 15] = [
        ("avif", &[Format::Avif]),
        ("dng", &[Format::Dng]),
        ("gif", &[Format::Gif]),
        ("heic", &[Format::Heic, Format::Heif]),
        ("heif", &[Format::Heic, Format::Heif]),
        ("jfif", &[Format::Jpeg]),
        ("jpe", &[Format::Jpeg]),
        ("jpeg", &[Format::Jpeg]),
        ("jpg", &[Format::Jpeg]),
        ("jxl", &[Format::Jxl]),
        ("png", &[Format::Png]),
        ("svg", &[Format::Svg]),
        ("tif", &[Format::Tiff]),
        ("tiff", &[Format::Tiff]),
        ("webp", &[Format::WebP]),
    ];
    let ending = path.extension()?;
    ENDINGS
        .into_iter()
        .find(|(word, _)| ending.eq_ignore_ascii_case(word))
}

/// The ending by which files of a format are mostly named.
pub(super) const fn ending(format: Format) -> &'static str {
    match format {
        Format::Avif => "avif",
        Format::Dng => "dng",
        Format::Gif => "gif",
        Format::Heic => "heic",
        Format::Heif => "heif",
        Format::Jpeg => "jpg",
        Format::Jxl => "jxl",
        Format::Png => "png",
        Format::Svg => "svg",
        Format::Tiff => "tif",
        Format::WebP => "webp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_known_in_any_case() {
        assert!(is_one(Path::new("x.Jpeg")) && is_one(Path::new("x.jfif")) && !is_one(Path::new("x.d")));
    }
}
