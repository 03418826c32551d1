//! The outermost JUMBF box of a C2PA manifest store, as far as a container must know it (ISO 19566-5; C2PA 2.4, 11.1).
//!
//! ```text
//! LBox u32  "jumb"  LBox u32 "jumd"  UUID 63327061-0011-0010-8000-00AA00389B71  toggles  "c2pa\0"  ...
//! ```

use super::bytes::{array, be32, be64, index, index64, take};
use super::layout::Damage;
use crate::base::limits::MANIFEST_BYTES_MAX;

const STORE_UUID: [u8; 16] = *b"\x63\x32\x70\x61\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71";

/// Whether the bytes resemble the beginning of a C2PA store: its UUID or its label stands where it should. A damaged
/// store must still be recognised as one, so the other header fields are not looked at.
pub(super) fn resembles(bytes: &[u8]) -> bool {
    [16, 24].into_iter().any(|uuid: usize| {
        array::<16>(bytes, uuid) == Some(STORE_UUID)
            || (take(bytes, uuid.saturating_sub(4), 4) == Some(b"jumd")
                && take(bytes, uuid.saturating_add(17), 5) == Some(b"c2pa\0"))
    })
}

/// Whether the store's UUID stands anywhere in the bytes, for parts whose own header may be damaged.
pub(super) fn mentions(bytes: &[u8]) -> bool {
    place(bytes).is_some()
}

/// Where in the bytes a store's UUID stands first.
pub(super) fn place(bytes: &[u8]) -> Option<usize> {
    super::bytes::find(bytes, &STORE_UUID)
}

fn is_store(bytes: &[u8]) -> bool {
    let Some(header) = header_len(bytes) else {
        return false;
    };
    let uuid = header.saturating_add(8);
    take(bytes, 4, 4) == Some(b"jumb")
        && take(bytes, header.saturating_add(4), 4) == Some(b"jumd")
        && array::<16>(bytes, uuid) == Some(STORE_UUID)
        && take(bytes, uuid.saturating_add(17), 5) == Some(b"c2pa\0")
}

/// The whole store, checked to be one C2PA superbox of exactly its stated length.
pub(super) fn checked(bytes: Vec<u8>) -> Result<Vec<u8>, Damage> {
    if bytes.len() > MANIFEST_BYTES_MAX {
        return Err(Damage::TooLarge);
    }
    if !is_store(&bytes) {
        return Err(Damage::NotJumbf);
    }
    if stated_len(&bytes) == Some(bytes.len()) {
        Ok(bytes)
    } else {
        Err(Damage::Length)
    }
}

/// The length that the box's header states: LBox, or XLBox where LBox is 1.
pub(super) fn stated_len(bytes: &[u8]) -> Option<usize> {
    match be32(bytes, 0)? {
        1 => be64(bytes, 8).map(index64),
        len => Some(index(len)),
    }
}

fn header_len(bytes: &[u8]) -> Option<usize> {
    Some(if be32(bytes, 0)? == 1 { 16 } else { 8 })
}

#[cfg(test)]
pub(super) fn sample(payload: usize) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&u32::try_from(8 + 30 + payload).unwrap().to_be_bytes());
    out.extend_from_slice(b"jumb");
    out.extend_from_slice(&30u32.to_be_bytes());
    out.extend_from_slice(b"jumd");
    out.extend_from_slice(&STORE_UUID);
    out.extend_from_slice(b"\x03c2pa\0");
    out.extend((0..payload).map(|i| u8::try_from(i % 251).unwrap()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_its_stated_length_is_accepted() {
        assert_eq!(checked(sample(5)), Ok(sample(5)));
    }

    #[test]
    fn a_byte_more_or_less_is_damage() {
        let mut long = sample(5);
        long.push(0);
        assert_eq!(checked(long), Err(Damage::Length));
        let mut short = sample(5);
        short.pop();
        assert_eq!(checked(short), Err(Damage::Length));
    }

    #[test]
    fn another_jumbf_box_is_no_store() {
        let mut other = sample(5);
        other[16..20].copy_from_slice(b"json");
        other[33..37].copy_from_slice(b"else");
        assert_eq!(checked(other), Err(Damage::NotJumbf));
    }
}
