//! Fingerprints that survive resizing and recompression, and the small picture that goes into a claim.
//!
//! A fingerprint match means "similar to", never "is": only a digest or a signature proves identity. Knows pixels as
//! `asset::pixels` yields them, and nothing of files, keys or ledgers.

pub mod chance;
pub mod deep;
pub mod drift;
pub mod grid;
pub mod index;
pub mod iscc;
pub mod look;
pub mod pdq;
pub mod thumbnail;
pub mod turned;
pub mod variants;

use crate::asset::pixels::{Luma, Picture};
use crate::base::fingerprint::{Algorithm, Fingerprint};
use index::Code;
use variants::Attitude;

pub use thumbnail::thumbnail_jpeg;

/// The fingerprints of record of one picture: PDQ-256 of the whole and of the centre 90, 80 and 70 % of each side, then ISCC-256.
///
/// The ISCC is missing only when its library refuses, which it has no reason to do for 1,024 samples.
#[must_use]
pub fn fingerprints(picture: &Picture) -> Vec<Fingerprint> {
    with_attitudes(picture).0
}

/// The same, and the PDQ code of the whole in its eight attitudes, upright first, which cost next to nothing more; none for pictures that
/// have no code.
#[must_use]
pub fn with_attitudes(picture: &Picture) -> (Vec<Fingerprint>, Vec<(Attitude, Code)>) {
    let whole = pdq::coded(&picture.luma, 100);
    let attitudes = whole.as_ref().map_or_else(Vec::new, |(_, values)| {
        let code = |attitude: Attitude| (attitude, pdq::cut(&attitude.of(values)));
        Attitude::all().map(code).to_vec()
    });
    let full = Fingerprint {
        algorithm: Algorithm::PdqFull,
        bits: whole.as_ref().map_or([0; 32], |(code, _)| code.bits),
        quality: whole.as_ref().map_or(0, |(code, _)| code.quality),
    };
    let centres = [
        (Algorithm::PdqCentre90, 90),
        (Algorithm::PdqCentre80, 80),
        (Algorithm::PdqCentre70, 70),
    ];
    let centres = centres.into_iter().map(|(algorithm, percent)| {
        let code = pdq::of_centre(&picture.luma, percent);
        Fingerprint {
            algorithm,
            bits: code.bits,
            quality: code.quality,
        }
    });
    let mut found: Vec<Fingerprint> = std::iter::once(full).chain(centres).collect();
    if let Some(bits) = iscc_256(&picture.luma) {
        found.push(Fingerprint {
            algorithm: Algorithm::Iscc256,
            bits,
            quality: 100,
        });
    }
    (found, attitudes)
}

fn iscc_256(luma: &Luma) -> Option<[u8; 32]> {
    iscc::image_code(luma)
}
