//! The ISCC Image-Code (ISO 24138:2024), 256 bits: the open fingerprint on the C2PA soft-binding list (`io.iscc.v0`).
//!
//! The standard's code takes 32 x 32 grey samples; how to get there is the caller's business. Here: orientation applied, alpha on
//! white, grey by BT.601, cubic resampling as in the reference code, from the canonical 512 luma instead of the full picture, and
//! borders are **not** trimmed (similar.md 2.3: trimming costs more than it finds; a query may try both).

use crate::asset::pixels::Luma;
use crate::asset::raster::{self, Raster};

/// The `alg` of the C2PA soft binding.
pub const SOFT_BINDING_ALG: &str = "io.iscc.v0";

/// Header of an ISCC unit: main type Content (2), sub type Image (1), version 0, length code 7 (256 bits); ISO 24138 clause 4.
const HEADER: [u8; 2] = [0x21, 0x07];

const SIDE: u32 = 32;

/// The 256 bits of the Image-Code without its header; `None` when the luma is not `width * height` samples.
#[must_use]
pub fn image_code(luma: &Luma) -> Option<[u8; 32]> {
    let whole = Raster {
        width: luma.width,
        height: luma.height,
        channels: 1,
        samples: luma.samples.clone(),
    };
    let small = raster::resize_cubic(&whole, (SIDE, SIDE))?;
    code_of_1024(&small.samples)
}

fn code_of_1024(samples: &[u8]) -> Option<[u8; 32]> {
    let text = iscc_lib::gen_image_code_v0(samples, 256).ok()?.iscc;
    let unit = iscc_lib::codec::decode_base32(text.strip_prefix("ISCC:")?).ok()?;
    unit.strip_prefix(&HEADER)?.try_into().ok()
}

/// The ISCC unit as bytes: header and body, what a soft binding's `value` holds.
#[must_use]
pub fn unit_bytes(code: &[u8; 32]) -> Vec<u8> {
    [HEADER.as_slice(), code].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `iscc-core` 1.5.0, the reference implementation of ISO 24138, gave this text for the same samples.
    #[test]
    fn code_text_and_bytes_are_those_of_the_reference() {
        let samples: Vec<u8> = (0..1024u32)
            .map(|i| u8::try_from((i * i / 7) % 251).unwrap())
            .collect();
        let code = code_of_1024(&samples).unwrap();
        let wanted = "ISCC:EED7KVJ5GE2HCAV5CPFSXFDCXSSM6IF7PMPSUBVOC2R4L35RLCERUHQ";
        let text = iscc_lib::codec::encode_base32(&unit_bytes(&code));
        assert_eq!(format!("ISCC:{text}"), wanted);
        assert_eq!(unit_bytes(&code).len(), 34);
    }

    #[test]
    fn short_luma_has_no_code() {
        assert_eq!(
            image_code(&Luma {
                width: 40,
                height: 40,
                samples: vec![0; 10]
            }),
            None
        );
    }
}
