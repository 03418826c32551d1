//! DER items one after another (X.690, 10 and 11): what is too small a need for a parser of whole structures.

use crate::base::Timestamp;

/// The items of a value, read from its start. Tags of one byte and definite lengths only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Der<'a>(&'a [u8]);

/// One item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its tag.
    pub tag: u8,
    /// Its value.
    pub value: &'a [u8],
    /// All of its bytes, as a signature covers them.
    pub whole: &'a [u8],
}

impl<'a> Der<'a> {
    /// Takes the bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next item, if one begins here and is whole.
    #[expect(
        clippy::should_implement_trait,
        reason = "an item that cannot be read is no end"
    )]
    pub fn next(&mut self) -> Option<Item<'a>> {
        let all = self.0;
        let (tag, rest) = all.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if first & 0x80 != 0 {
            let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > LENGTH_BYTES_MAX {
                return None;
            }
            length = bytes.iter().fold(0_usize, |sum, byte| {
                sum.saturating_mul(256).saturating_add(usize::from(*byte))
            });
            rest = after;
        }
        let (value, after) = rest.split_at_checked(length)?;
        self.0 = after;
        let whole = all.get(..all.len().saturating_sub(after.len()))?;
        Some(Item {
            tag: *tag,
            value,
            whole,
        })
    }

    /// The value of the next item, if it has this tag.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.item(tag).map(|item| item.value)
    }

    /// The next item, if it has this tag; else nothing is read.
    pub fn item(&mut self, tag: u8) -> Option<Item<'a>> {
        let mut ahead = *self;
        let item = ahead.next().filter(|item| item.tag == tag)?;
        *self = ahead;
        Some(item)
    }
}

/// An item of a tag around a value.
#[must_use]
pub fn wrapped(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes();
            let zeros = length.iter().take_while(|byte| **byte == 0).count();
            let bytes = length.get(zeros..).unwrap_or_default();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(value);
    out
}

/// A number's bytes without leading zeros, so that two ways of writing it compare equal.
#[must_use]
pub fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A GeneralizedTime as RFC 5280 (4.1.2.5.2) has it: `YYYYMMDDHHMMSSZ`.
#[must_use]
pub fn time(value: &[u8]) -> Option<Timestamp> {
    let digits = std::str::from_utf8(value.strip_suffix(b"Z")?).ok()?;
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Timestamp::parse_rfc3339(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    ))
}

/// `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub const BITS: u8 = 0x03;
/// `OCTET STRING`.
pub const OCTETS: u8 = 0x04;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `ENUMERATED`.
pub const ENUMERATED: u8 = 0x0a;
/// `GeneralizedTime`.
pub const TIME: u8 = 0x18;

const LENGTH_BYTES_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_their_length() {
        let mut name = vec![0x30, 0x81, 0x90];
        name.resize(3 + 0x90, 7);
        let read = |bytes: &[u8], tag| {
            Der::new(bytes)
                .item(tag)
                .map(|item| (item.whole.len(), item.value.len()))
        };
        assert_eq!(read(&name, 0x30), Some((name.len(), 0x90)));
        assert_eq!(read(&name, 0x31), None);
        name[1..3].copy_from_slice(&[0x82, 0x00]);
        assert_eq!(read(&name, 0x30), Some((4 + 7, 7)));
        assert_eq!(read(&[0x30], 0x30), None);
    }

    #[test]
    fn items_go_out_and_come_back() {
        for len in [0, 1, 127, 128, 255, 256, 70_000] {
            let value = vec![7; len];
            let bytes = [wrapped(OCTETS, &value), wrapped(INTEGER, &[1])].concat();
            let mut der = Der::new(&bytes);
            assert_eq!(der.take(INTEGER), None);
            assert_eq!(der.take(OCTETS), Some(value.as_slice()));
            assert_eq!(der.next().unwrap().whole, &[2, 1, 1]);
            assert!(der.is_empty() && der.next().is_none());
        }
    }

    #[test]
    fn times_are_read_to_the_second_and_in_utc_alone() {
        let read = |text: &str| time(text.as_bytes()).map(Timestamp::rfc3339);
        assert_eq!(read("20260101000000Z").as_deref(), Some("2026-01-01T00:00:00Z"));
        for wrong in [
            "",
            "Z",
            "20260101000000",
            "202601010000Z",
            "20260101000000+0100",
            "20261301000000Z",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_cut_off_or_without_an_end_is_no_item() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x02\x01",
            b"\x30\x80\0\0",
            b"\x30\x81",
            b"\x30\x85\0\0\0\0\x01\x01",
            b"\x30\x84\xff\xff\xff\xff\0",
        ] {
            assert_eq!(Der::new(bytes).next(), None, "{bytes:?}");
        }
    }
}
