//! Bytes with their CRC-32C behind them, little-endian: how derived files beside a ledger tell damage. It keeps nobody from changing them.

/// Adds the checksum of all that is there.
pub(super) fn seal(out: &mut Vec<u8>) {
    let crc = crc32c::crc32c(out);
    out.extend_from_slice(&crc.to_le_bytes());
}

/// What stands before the checksum; `None` where it is not that of these bytes.
pub(super) fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let (body, crc) = bytes.split_last_chunk::<4>()?;
    (crc32c::crc32c(body).to_le_bytes() == *crc).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_comes_back_and_damage_does_not() {
        let mut bytes = b"record".to_vec();
        seal(&mut bytes);
        assert_eq!(unsealed(&bytes), Some(&b"record"[..]));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(unsealed(&damaged), None, "byte {at}");
        }
        assert_eq!(unsealed(&bytes[..3]), None);
    }
}
