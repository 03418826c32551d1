//! Brotli (RFC 7932) unpacked within bounds: metadata of JPEG XL, and compressed manifests. DOOR to `brotli_decompressor`.
//!
//! The window is at most 16 MiB: the large one, which RFC 7932 does not have, is not taken.

use std::io::{self, Write};

/// Why packed bytes were not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnpackFault {
    /// The stream is none, or ends early.
    Broken,
    /// It yields more than the limit.
    TooLarge,
}

/// Unpacks a stream to at most `limit` bytes; what follows its end is passed over.
pub(crate) fn unpack_brotli(packed: &[u8], limit: usize) -> Result<Vec<u8>, UnpackFault> {
    let mut out = Bounded {
        bytes: Vec::new(),
        is_full: false,
        limit,
    };
    match brotli_decompressor::BrotliDecompress(&mut &packed[..], &mut out) {
        Ok(()) => Ok(out.bytes),
        Err(_) if out.is_full => Err(UnpackFault::TooLarge),
        Err(_) => Err(UnpackFault::Broken),
    }
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit.saturating_sub(self.bytes.len()) {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) fn pack_brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &settings).unwrap();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_unpacked_and_one_byte_more_is_not() {
        let packed = pack_brotli(&vec![7; 100_000]);
        assert!(packed.len() < 100);
        assert_eq!(unpack_brotli(&packed, 100_000).unwrap(), vec![7; 100_000]);
        assert_eq!(unpack_brotli(&packed, 99_999), Err(UnpackFault::TooLarge));
        assert_eq!(unpack_brotli(&packed, 0), Err(UnpackFault::TooLarge));
    }

    #[test]
    fn cut_and_strange_streams_are_broken() {
        let packed = pack_brotli(b"a packet of some words, a packet of some more words");
        for cut in 0..packed.len() {
            assert_eq!(
                unpack_brotli(&packed[..cut], 1 << 20),
                Err(UnpackFault::Broken),
                "{cut}"
            );
        }
        assert_eq!(unpack_brotli(b"no brotli", 1 << 20), Err(UnpackFault::Broken));
    }
}
