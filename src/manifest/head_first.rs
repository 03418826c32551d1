//! A JPEG as the SDK is given it: asked for everything at once, it hands out the header; asked for ranges, every byte.
//!
//! To find the APP11 segments the SDK copies a JPEG whole and looks through its scans, too: a third of verifying a picture of 12 MP.
//! C2PA puts the store before the first scan (2.4, A.3.1), and our own walk has looked through all of the file. Where it found
//! one store, in the header, and nothing like one elsewhere, the scans can hold none, and the search sees the header alone. The
//! hash is made over ranges, so it sees every byte. A header that were too short could only hide the store or spoil
//! the hash: it never makes a file look better.

use std::io::{Cursor, Read, Result, Seek, SeekFrom};

use crate::asset::{Asset, Oddity, StorePlace};

/// A file's bytes, its header first.
pub(super) struct HeadFirst<'a> {
    whole: Cursor<&'a [u8]>,
    /// The header's end, where only that is to be searched.
    head: Option<usize>,
}

impl<'a> HeadFirst<'a> {
    /// Takes an asset's bytes.
    pub(super) fn of(asset: &'a Asset) -> Self {
        Self {
            whole: Cursor::new(asset.bytes()),
            head: header_with_the_store(asset),
        }
    }
}

/// Where a JPEG's header ends, if the one store that there is stands in it.
fn header_with_the_store(asset: &Asset) -> Option<usize> {
    let layout = asset.layout();
    let several = |odd: &Oddity| matches!(odd, Oddity::SeveralStores { .. });
    let StorePlace::Found { .. } = &layout.store else {
        return None;
    };
    let scan = asset.first_scan()?;
    let before = asset.store_ranges().iter().all(|range| range.end <= scan);
    (before && !layout.oddities.iter().any(several)).then_some(scan)
}

impl Read for HeadFirst<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.whole.read(into)
    }

    fn read_to_end(&mut self, out: &mut Vec<u8>) -> Result<usize> {
        let before = out.len();
        match (self.head, self.whole.position()) {
            (Some(head), 0) => {
                out.extend_from_slice(self.whole.get_ref().get(..head).unwrap_or_default());
                out.extend_from_slice(&END_OF_IMAGE);
                self.whole.seek(SeekFrom::End(0))?;
                Ok(out.len().saturating_sub(before))
            }
            _ => self.whole.read_to_end(out),
        }
    }
}

impl Seek for HeadFirst<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.whole.seek(to)
    }
}

const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

#[cfg(test)]
mod tests {
    use super::super::samples::{claim, drawn, identity, signer};
    use super::*;
    use crate::base::SourceType;

    fn signed_jpeg() -> Vec<u8> {
        let signed = signer(&identity(1)).sign(
            &drawn(image::ImageFormat::Jpeg),
            &claim(SourceType::TrainedAlgorithmicMedia),
        );
        signed.unwrap().asset.bytes().to_vec()
    }

    fn searched(bytes: Vec<u8>) -> usize {
        let asset = Asset::parse(bytes).unwrap();
        let mut out = Vec::new();
        let read = HeadFirst::of(&asset).read_to_end(&mut out).unwrap();
        assert_eq!(read, out.len());
        assert!(asset.bytes().starts_with(&out[..read - 2]));
        read
    }

    #[test]
    fn a_store_in_the_header_is_found_without_the_scans_and_ranges_see_every_byte() {
        let signed = signed_jpeg();
        let asset = Asset::parse(signed.clone()).unwrap();
        assert_eq!(searched(signed.clone()), asset.first_scan().unwrap() + 2);
        let mut all = vec![0; signed.len()];
        let mut ranges = HeadFirst::of(&asset);
        ranges.read_exact(&mut all).unwrap();
        assert_eq!(all, signed);
    }

    #[test]
    fn without_a_store_or_with_another_one_behind_the_scan_everything_is_searched() {
        let signed = signed_jpeg();
        let asset = Asset::parse(signed.clone()).unwrap();
        let bare = asset.without_store().unwrap().bytes().to_vec();
        assert_eq!(searched(bare.clone()), bare.len());
        let [store] = asset.store_ranges() else { panic!() };
        let mut two = signed[..signed.len() - 2].to_vec();
        two.extend_from_slice(&signed[store.clone()]);
        two.extend_from_slice(&END_OF_IMAGE);
        assert_eq!(searched(two.clone()), two.len());
        let mut behind = bare[..bare.len() - 2].to_vec();
        behind.extend_from_slice(&signed[store.clone()]);
        behind.extend_from_slice(&END_OF_IMAGE);
        assert_eq!(searched(behind.clone()), behind.len());
    }
}
