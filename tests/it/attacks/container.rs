//! How a store lies in each container: found, and another of the same size put in its place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use byline::asset::{Asset, StorePlace};

/// The store of a file.
pub fn store(bytes: &[u8]) -> Vec<u8> {
    match &Asset::parse(bytes.to_vec()).unwrap().layout().store {
        StorePlace::Found { jumbf, .. } => jumbf.clone(),
        other => panic!("{other:?}"),
    }
}

/// The parts of the container that hold it, from the first byte to the last.
pub fn place(bytes: &[u8]) -> std::ops::Range<usize> {
    let asset = Asset::parse(bytes.to_vec()).unwrap();
    let ranges = asset.store_ranges();
    ranges[0].start..ranges[ranges.len() - 1].end
}

/// The file with another store: in place when it has the old one's size, else by our own writers; `None` where that is none of
/// their business.
pub fn with_store(bytes: &[u8], ending: &str, new: &[u8]) -> Option<Vec<u8>> {
    let old = store(bytes);
    if old.len() != new.len() {
        let asset = Asset::parse(bytes.to_vec()).unwrap();
        return asset
            .embed_store(new)
            .ok()
            .map(|embedded| embedded.asset.into_bytes());
    }
    let form = |store: &[u8]| match ending {
        "gif" => store
            .chunks(255)
            .flat_map(|block| [&[u8::try_from(block.len()).unwrap()], block].concat())
            .collect(),
        "svg" => STANDARD.encode(store).into_bytes(),
        _ => store.to_vec(),
    };
    let old = form(&old);
    let at = bytes.windows(old.len()).position(|part| part == old)?;
    let mut out = bytes.to_vec();
    out[at..at + old.len()].copy_from_slice(&form(new));
    if ending == "png" {
        fix_crc(&mut out, at - 8);
    }
    Some(out)
}

/// A PNG chunk's checksum (PNG 3, 5.3), made to fit again.
fn fix_crc(png: &mut [u8], chunk: usize) {
    let len = u32::from_be_bytes(png[chunk..chunk + 4].try_into().unwrap()) as usize;
    let end = chunk + 8 + len;
    let crc = crc32(&png[chunk + 4..end]);
    png[end..end + 4].copy_from_slice(&crc.to_be_bytes());
}

pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
