//! What EXIF and XMP both hold (MWG Guidelines 2.0, 5): where a file says another thing in one of them, and that stays, the other copy
//! is not written. A file must not come out of signing with two rights notices that contradict each other.

use super::Metadata;
use super::wanted::{ExifWanted, XmpWanted};

/// EXIF tag, its name, the XMP property, and whether the latter yields too: cameras and programs put words of their own into the
/// description of EXIF.
const TWINS: [(u16, &str, &str, bool); 2] = [
    (0x8298, "Exif:Copyright", "dc:rights", true),
    (0x010E, "Exif:ImageDescription", "dc:description", false),
];

/// Leaves out of what is wanted each copy whose twin in the file says otherwise, and says which.
pub(super) fn leave_out(
    found: &Metadata,
    exif: &mut Vec<ExifWanted>,
    xmp: &mut Vec<XmpWanted>,
) -> Vec<String> {
    let mut out = Vec::new();
    let there = |name: &str| {
        let text = found.first(name).map(|text| text.raw().trim());
        text.filter(|text| !text.is_empty())
    };
    let mut not_written = |name: &str, twin: &str| {
        out.push(format!(
            "{name} is not written: {twin} of the file says something else and stays"
        ));
    };
    for (tag, exif_name, xmp_name, yields) in TWINS {
        match (there(exif_name), there(xmp_name)) {
            (None, Some(text)) => {
                let before = exif.len();
                exif.retain(|one| one.tag != tag || one.text.trim() == text);
                if exif.len() < before {
                    not_written(exif_name, xmp_name);
                }
            }
            (Some(text), None) if yields => {
                let before = xmp.len();
                let says = |one: &XmpWanted| one.leaves().first().is_some_and(|leaf| leaf.1.trim() == text);
                xmp.retain(|one| one.name != xmp_name || says(one));
                if xmp.len() < before {
                    not_written(xmp_name, exif_name);
                }
            }
            _ => {}
        }
    }
    out
}
