//! The part of deterministic CBOR that entries need, and nothing else: what is not the one encoding is not read.
//!
//! Source: RFC 8949, section 4.2.1 (shortest heads, definite lengths, sorted keys; the callers sort by reading and
//! writing keys in ascending order).

/// Why bytes are no deterministic CBOR of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborError {
    /// The bytes end inside a value.
    #[error("the bytes end inside a value")]
    Ends,
    /// A length of indefinite form, or a reserved head.
    #[error("a length of indefinite or reserved form at byte {at}")]
    Head {
        /// Offset of the head.
        at: usize,
    },
    /// A number written longer than it needs.
    #[error("a number at byte {at} is not in its shortest form")]
    NotShortest {
        /// Offset of the head.
        at: usize,
    },
    /// Another value than the format has here.
    #[error("byte {at} begins another value than the format has there")]
    Unexpected {
        /// Offset of the head.
        at: usize,
    },
}

const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
/// The simple value null, `f6`.
const NIL: u8 = 0xf6;

/// Writes values one after another.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value)
    }

    pub(super) fn int(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(positive) => self.head(UINT, positive),
            Err(_) => self.head(NINT, value.saturating_add(1).unsigned_abs()),
        }
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.sized(BYTES, value.len()).0.extend_from_slice(value);
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.sized(TEXT, value.len())
            .0
            .extend_from_slice(value.as_bytes());
        self
    }

    pub(super) fn array(&mut self, len: usize) -> &mut Self {
        self.sized(ARRAY, len)
    }

    pub(super) fn map(&mut self, len: usize) -> &mut Self {
        self.sized(MAP, len)
    }

    pub(super) fn tag(&mut self, value: u64) -> &mut Self {
        self.head(TAG, value)
    }

    pub(super) fn nil(&mut self) -> &mut Self {
        self.0.push(NIL);
        self
    }

    fn sized(&mut self, major: u8, len: usize) -> &mut Self {
        self.head(major, u64::try_from(len).unwrap_or(u64::MAX))
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        let bytes = value.to_be_bytes();
        if let Ok(byte) = u8::try_from(value) {
            if byte < 24 {
                self.0.push(major | byte);
            } else {
                self.0.extend_from_slice(&[major | 0x18, byte]);
            }
        } else if u16::try_from(value).is_ok() {
            self.0.push(major | 0x19);
            self.0.extend_from_slice(&bytes[6..]);
        } else if u32::try_from(value).is_ok() {
            self.0.push(major | 0x1a);
            self.0.extend_from_slice(&bytes[4..]);
        } else {
            self.0.push(major | 0x1b);
            self.0.extend_from_slice(&bytes);
        }
        self
    }
}

/// Reads values one after another; every length is compared with the bytes left.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    /// Offset of the next value.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) const fn is_done(&self) -> bool {
        self.at == self.all.len()
    }

    pub(super) fn uint(&mut self) -> Result<u64, CborError> {
        self.head(UINT)
    }

    pub(super) fn int(&mut self) -> Result<i64, CborError> {
        let at = self.at;
        let (major, value) = self.any_head()?;
        let value = i64::try_from(value).map_err(|_| CborError::Unexpected { at })?;
        match major {
            UINT => Ok(value),
            NINT => Ok(-1 - value),
            _ => Err(CborError::Unexpected { at }),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let len = self.head(BYTES)?;
        self.take(len)
    }

    pub(super) fn array_of<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        let at = self.at;
        self.bytes()?.try_into().map_err(|_| CborError::Unexpected { at })
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CborError> {
        let at = self.at;
        let len = self.head(TEXT)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| CborError::Unexpected { at })
    }

    /// The number of items; at most the number of bytes left.
    pub(super) fn array(&mut self) -> Result<usize, CborError> {
        let len = self.head(ARRAY)?;
        self.fits(len)
    }

    /// The number of pairs; at most the number of bytes left.
    pub(super) fn map(&mut self) -> Result<usize, CborError> {
        let len = self.head(MAP)?;
        self.fits(len)
    }

    pub(super) fn tag(&mut self) -> Result<u64, CborError> {
        self.head(TAG)
    }

    pub(super) fn nil(&mut self) -> Result<(), CborError> {
        let at = self.at;
        if self.take(1)? == [NIL] {
            Ok(())
        } else {
            Err(CborError::Unexpected { at })
        }
    }

    fn fits(&self, len: u64) -> Result<usize, CborError> {
        let left = self.all.len().saturating_sub(self.at);
        usize::try_from(len)
            .ok()
            .filter(|len| *len <= left)
            .ok_or(CborError::Ends)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], CborError> {
        let end = self.at.saturating_add(self.fits(len)?);
        let taken = self.all.get(self.at..end).ok_or(CborError::Ends)?;
        self.at = end;
        Ok(taken)
    }

    fn head(&mut self, wanted: u8) -> Result<u64, CborError> {
        let at = self.at;
        let (major, value) = self.any_head()?;
        if major == wanted {
            Ok(value)
        } else {
            Err(CborError::Unexpected { at })
        }
    }

    fn any_head(&mut self) -> Result<(u8, u64), CborError> {
        let at = self.at;
        let first = *self.take(1)?.first().ok_or(CborError::Ends)?;
        let (major, low) = (first >> 5, first & 0x1f);
        let (len, least) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(CborError::Head { at }),
        };
        let value = self
            .take(len)?
            .iter()
            .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        if value < least {
            Err(CborError::NotShortest { at })
        } else {
            Ok((major, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for value in [
            0,
            1,
            23,
            24,
            255,
            256,
            65_535,
            65_536,
            u64::from(u32::MAX),
            1 << 32,
            u64::MAX,
        ] {
            let mut writer = Writer::default();
            writer.uint(value);
            assert_eq!(Reader::new(&writer.finish()).uint(), Ok(value));
        }
        for value in [0, -1, -24, -25, i64::MIN, i64::MAX] {
            let mut writer = Writer::default();
            writer.int(value);
            assert_eq!(Reader::new(&writer.finish()).int(), Ok(value));
        }
        for longer in [
            &[0x18, 0x17][..],
            &[0x19, 0, 0xff],
            &[0x1a, 0, 0, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(Reader::new(longer).uint(), Err(CborError::NotShortest { at: 0 }));
        }
    }

    #[test]
    fn indefinite_and_overlong_lengths_are_refused() {
        assert_eq!(
            Reader::new(&[0x5f, 0x41, 0, 0xff]).bytes(),
            Err(CborError::Head { at: 0 })
        );
        assert_eq!(Reader::new(&[0x9f, 0xff]).array(), Err(CborError::Head { at: 0 }));
        assert_eq!(
            Reader::new(&[0x5b, 0xff, 0, 0, 0, 0, 0, 0, 0]).bytes(),
            Err(CborError::Ends)
        );
        assert_eq!(Reader::new(&[0x9a, 0xff, 0, 0, 0]).array(), Err(CborError::Ends));
        assert_eq!(Reader::new(&[]).uint(), Err(CborError::Ends));
    }
}
