//! A perceptual fingerprint as data: which algorithm made it, and its bits. How it is computed is `similar`'s business.

use super::digest::hex;

/// PDQ codes of a lower quality are of flat pictures and say nothing (Meta, ThreatExchange `pdq/README`: discard 49 and less).
pub const QUALITY_MIN: u8 = 50;

/// Which algorithm made a fingerprint, of which part of the picture. The numbers stand in ledger entries and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// PDQ-256 of the whole picture.
    PdqFull,
    /// PDQ-256 of the centre, 90 % of each side.
    PdqCentre90,
    /// PDQ-256 of the centre, 80 % of each side.
    PdqCentre80,
    /// PDQ-256 of the centre, 70 % of each side.
    PdqCentre70,
    /// ISCC Image-Code of 256 bits (ISO 24138:2024).
    Iscc256,
}

impl Algorithm {
    /// Every algorithm, in the order of its number.
    pub const ALL: [Self; 5] = [
        Self::PdqFull,
        Self::PdqCentre90,
        Self::PdqCentre80,
        Self::PdqCentre70,
        Self::Iscc256,
    ];

    /// The number in ledger entries.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::PdqFull => 1,
            Self::PdqCentre90 => 2,
            Self::PdqCentre80 => 3,
            Self::PdqCentre70 => 4,
            Self::Iscc256 => 5,
        }
    }

    /// The algorithm of a number; `None` for numbers not given out yet.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PdqFull => "pdq-256.v1",
            Self::PdqCentre90 => "pdq-256.v1/centre-90",
            Self::PdqCentre80 => "pdq-256.v1/centre-80",
            Self::PdqCentre70 => "pdq-256.v1/centre-70",
            Self::Iscc256 => "iscc-image-256.v0",
        }
    }
}

/// 256 bits that stay nearly the same when a picture is resized or recompressed; comparable only with its own algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint {
    /// What made it.
    pub algorithm: Algorithm,
    /// The bits, most significant first.
    pub bits: [u8; 32],
    /// PDQ quality, 0 to 100; 100 for algorithms that have none.
    pub quality: u8,
}

/// What a picture looks like in 72 numbers: its layout and its colours. For statistics of collections, never to find a picture by;
/// how it is computed is `similar`'s business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// 48 numbers of the layout, then 24 of the colours.
    pub values: [i8; Self::LEN],
}

impl Look {
    /// How many numbers.
    pub const LEN: usize = 72;
    /// The number of the algorithm in files. It never changes; another table or formula gets another.
    pub const CODE: u8 = 1;
    /// The name in reports.
    pub const NAME: &'static str = "look-72.v1";

    /// The numbers as bytes, two's complement.
    #[must_use]
    pub fn bytes(&self) -> [u8; Self::LEN] {
        self.values.map(i8::cast_unsigned)
    }

    /// The numbers of bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self {
            values: bytes.map(u8::cast_signed),
        }
    }

    /// 144 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.bytes())
    }
}

impl Fingerprint {
    /// How many of 256 bits differ; `None` when the algorithms differ.
    #[must_use]
    pub fn distance_bits(&self, other: &Self) -> Option<u32> {
        (self.algorithm == other.algorithm).then(|| {
            self.bits
                .iter()
                .zip(&other.bits)
                .map(|(a, b)| (a ^ b).count_ones())
                .sum()
        })
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.bits)
    }
}
