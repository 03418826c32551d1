//! Huffman tables of JPEG (ITU-T T.81 annex C and F.2.2.3), with one look-up for most codes and the value behind them.

use super::bits::{Bits, extend};

/// Bits looked up at once.
const LOOK: u32 = 11;
const LOOK_SIZE: usize = 1 << LOOK;
/// Most bits of a value whose token has the short form.
const SHORT_BITS: u32 = 9;

/// What a DHT segment defines.
#[derive(Clone)]
pub(super) struct Definition {
    /// How many codes have 1, 2, ... 16 bits.
    pub(super) counts: [u8; 16],
    /// The symbols, shortest code first.
    pub(super) symbols: Vec<u8>,
}

/// What the look-up may already do with the bits behind a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The low four bits of a symbol are the size of a value that follows: in DC tables even of size 0.
    Dc,
    /// The same, but size 0 is an end of block or a run of zeros.
    Ac,
    /// Symbols only (progressive AC scans give them other meanings).
    Bare,
}

/// A table ready for decoding.
pub(super) struct Table {
    fast: Box<[u32; LOOK_SIZE]>,
    /// First code beyond each length, left-aligned in 16 bits.
    limits: [u32; 17],
    /// Index of the first symbol of each length minus its first code.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

/// One look-up. Bits 0-4: bits it takes, 0 when the code is longer than the look-up; bit 5: the value is included;
/// bits 8-15: the symbol; bits 16-31: the token of the value for coefficient 0.
#[derive(Clone, Copy)]
pub(super) struct Hit(u32);

impl Hit {
    #[inline]
    pub(super) const fn has_value(self) -> bool {
        self.0 & 32 != 0
    }

    #[inline]
    pub(super) fn length(self) -> u32 {
        let [low, ..] = self.0.to_le_bytes();
        u32::from(low & 31)
    }

    #[inline]
    pub(super) const fn symbol(self) -> u8 {
        self.0.to_le_bytes()[1]
    }

    /// The high half of the symbol.
    #[inline]
    pub(super) fn run(self) -> usize {
        usize::from(self.symbol() >> 4)
    }

    #[inline]
    pub(super) const fn token(self) -> u16 {
        let [_, _, low, high] = self.0.to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    #[inline]
    pub(super) fn value(self) -> f32 {
        f32::from((self.token() >> 6).cast_signed().wrapping_sub(512))
    }
}

impl Table {
    /// Builds the table; `None` when the counts define more codes than there are, or more than there are symbols.
    pub(super) fn new(definition: &Definition, kind: Kind) -> Option<Self> {
        let mut fast = Box::new([0u32; LOOK_SIZE]);
        let mut limits = [0u32; 17];
        let mut offsets = [0i32; 17];
        let (mut code, mut first) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(&definition.counts) {
            let place = usize::try_from(length).ok()?;
            let symbols = definition.symbols.get(first..first + usize::from(*count))?;
            offsets[place] = i32::try_from(first).ok()? - i32::try_from(code).ok()?;
            for symbol in symbols {
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOK {
                    let spread = LOOK - length;
                    let from = usize::try_from(code << spread).ok()?;
                    for (tail, entry) in (0u32..).zip(fast.get_mut(from..from + (1usize << spread))?) {
                        *entry = entry_of(*symbol, length, tail, kind);
                    }
                }
                code += 1;
            }
            limits[place] = code << (16 - length);
            first += usize::from(*count);
            code <<= 1;
        }
        Some(Self {
            fast,
            limits,
            offsets,
            symbols: definition.symbols.clone(),
        })
    }

    /// Looks the next code up without taking it; 32 bits must be ready.
    #[inline]
    pub(super) fn look(&self, bits: &Bits) -> Hit {
        let index = usize::try_from(bits.peek(LOOK)).unwrap_or(0);
        Hit(self.fast[index & (LOOK_SIZE - 1)])
    }

    /// Takes the next code and yields its symbol; `None` when no code begins so. 32 bits must be ready.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits) -> Option<u8> {
        self.symbol_of(self.look(bits), bits)
    }

    /// Takes the code of a look-up that did not include a value.
    #[inline]
    pub(super) fn symbol_of(&self, hit: Hit, bits: &mut Bits) -> Option<u8> {
        if hit.length() != 0 {
            bits.skip(hit.length());
            return Some(hit.symbol());
        }
        let (symbol, length) = self.long(bits.peek(16))?;
        bits.skip(length);
        Some(symbol)
    }

    /// Symbol and length of the code that 16 bits begin with, from the shortest.
    #[inline(never)]
    fn long(&self, next: u64) -> Option<(u8, u32)> {
        let next = u32::try_from(next).ok()?;
        for (length, limit) in (0u32..).zip(&self.limits).skip(1) {
            if next < *limit {
                let place = usize::try_from(length).ok()?;
                let code = i32::try_from(next >> (16 - length)).ok()?;
                let index = usize::try_from(self.offsets[place] + code).ok()?;
                return Some((*self.symbols.get(index)?, length));
            }
        }
        None
    }
}

/// The entry of a code of `length` bits when the look-up goes on with the bits `tail`.
fn entry_of(symbol: u8, length: u32, tail: u32, kind: Kind) -> u32 {
    let size = u32::from(symbol & 15);
    let bare = length | (u32::from(symbol) << 8);
    let takes_value = match kind {
        Kind::Dc => symbol < 16,
        Kind::Ac => size > 0,
        Kind::Bare => false,
    };
    let left = LOOK - length;
    if !takes_value || size > left.min(SHORT_BITS) {
        return bare;
    }
    let value = extend(i32::try_from(tail >> (left - size)).unwrap_or(0), size);
    let value = i16::try_from(value).unwrap_or(0);
    let token = value.wrapping_add(512).cast_unsigned() << 6;
    (bare + size) | 32 | (u32::from(token) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_up_and_the_long_way_agree() {
        // Codes: 00, 010, 011, 100000000000, 1000000000010000. The last two are longer than the look-up.
        let mut counts = [0u8; 16];
        (counts[1], counts[2], counts[11], counts[15]) = (1, 2, 1, 1);
        let definition = Definition {
            counts,
            symbols: vec![0x12, 0x00, 0xf0, 0x03, 0x0a],
        };
        let table = Table::new(&definition, Kind::Bare).unwrap();
        let data = [
            0b0001_0011,
            0b1000_0000,
            0b0000_1000,
            0b0000_0001,
            0b0000_1111,
            0,
            0,
            0,
            0,
        ];
        let mut bits = Bits::new(&data, 0);
        let mut next = || {
            bits.fill();
            table.symbol(&mut bits)
        };
        let found = [next(), next(), next(), next(), next(), next()];
        assert_eq!(
            found,
            [Some(0x12), Some(0x00), Some(0xf0), Some(0x03), Some(0x0a), None]
        );
    }

    #[test]
    fn values_come_with_their_codes() {
        let mut counts = [0u8; 16];
        counts[1] = 1;
        let table = Table::new(
            &Definition {
                counts,
                symbols: vec![0x23],
            },
            Kind::Ac,
        )
        .unwrap();
        let data = [0b0001_0000, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut bits = Bits::new(&data, 0);
        bits.fill();
        let hit = table.look(&bits);
        assert_eq!(
            (hit.has_value(), hit.length(), hit.run(), hit.value(), hit.token()),
            (true, 5, 2, -5.0, 507 << 6)
        );
    }

    #[test]
    fn too_many_codes_are_refused() {
        let mut counts = [0u8; 16];
        counts[0] = 3;
        assert!(
            Table::new(
                &Definition {
                    counts,
                    symbols: vec![0, 1, 2]
                },
                Kind::Ac
            )
            .is_none()
        );
        counts[0] = 2;
        assert!(
            Table::new(
                &Definition {
                    counts,
                    symbols: vec![0]
                },
                Kind::Ac
            )
            .is_none()
        );
        assert!(
            Table::new(
                &Definition {
                    counts,
                    symbols: vec![0, 1]
                },
                Kind::Ac
            )
            .is_some()
        );
    }

    #[test]
    fn a_value_too_long_for_a_short_token_is_not_looked_up() {
        let mut counts = [0u8; 16];
        counts[0] = 1;
        for (size, looked_up) in [(9, true), (10, false)] {
            let symbols = vec![size];
            let table = Table::new(&Definition { counts, symbols }, Kind::Ac).unwrap();
            // The code 0, then the highest value of that size.
            let mut bits = Bits::new(&[0x7f, 0xfe, 0, 0, 0, 0, 0, 0], 0);
            bits.fill();
            assert_eq!(table.look(&bits).has_value(), looked_up);
        }
    }
}
