//! The entropy-coded bytes of a JPEG scan as bits, most significant first, byte stuffing taken out (ITU-T T.81 F.2.2.5).

/// A reader that never runs dry: after the data or before a marker it yields zeros and counts them.
///
/// It is copied into a local for the length of a block: behind a reference that a call could take, the compiler would keep it in
/// memory, and every code would wait for a store.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    position: usize,
    /// The next bits, left-aligned; below `count` bits it holds either zeros or bits of the bytes from `position` on.
    word: u64,
    /// At most 63: [`Self::fill`] shifts by it.
    count: u32,
    /// Zero bits put in because the data had ended, since the last restart.
    padding: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(data: &'a [u8], position: usize) -> Self {
        Self {
            data,
            position,
            word: 0,
            count: 0,
            padding: 0,
        }
    }

    /// Makes at least 56 bits ready, or before a byte of 0xff at least 32: enough for a code and its value.
    ///
    /// Always, and not where few are left: that would be a branch that nobody can predict, at every code.
    #[inline]
    pub(super) fn fill(&mut self) {
        if let Some(next) = self.data.get(self.position..).and_then(<[u8]>::first_chunk::<8>) {
            let next = u64::from_be_bytes(*next);
            if !has_ff(next) {
                self.word |= next.wrapping_shr(self.count);
                let taken = (63 - self.count) >> 3;
                self.position = self.position.wrapping_add(usize::from(taken.to_le_bytes()[0]));
                self.count = self.count.wrapping_add(taken << 3);
                return;
            }
        }
        if self.count < 32 {
            *self = self.filled_by_byte();
        }
    }

    #[cold]
    #[inline(never)]
    fn filled_by_byte(mut self) -> Self {
        self.word &= !u64::MAX.wrapping_shr(self.count);
        while self.count < 56 {
            let byte = match (
                self.data.get(self.position),
                self.data.get(self.position.saturating_add(1)),
            ) {
                (Some(0xff), Some(0)) => {
                    self.position += 2;
                    0xff
                }
                (Some(0xff) | None, _) => {
                    self.padding = self.padding.saturating_add(8);
                    0
                }
                (Some(byte), _) => {
                    self.position += 1;
                    *byte
                }
            };
            self.word |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next `n` bits, 1 to 32, without taking them.
    #[inline]
    pub(super) const fn peek(&self, n: u32) -> u64 {
        self.word.wrapping_shr(64 - n)
    }

    /// Takes `n` bits that [`Self::fill`] made ready.
    #[inline]
    pub(super) const fn skip(&mut self, n: u32) {
        self.word = self.word.wrapping_shl(n);
        self.count = self.count.wrapping_sub(n);
    }

    /// Takes `n` bits, 0 to 16, as a number.
    #[inline]
    pub(super) fn take(&mut self, n: u32) -> i32 {
        if n == 0 {
            return 0;
        }
        let value = self.peek(n);
        self.skip(n);
        i32::try_from(value).unwrap_or(0)
    }

    /// Takes one bit, filling where needed.
    #[inline]
    pub(super) fn bit(&mut self) -> bool {
        self.fill();
        let bit = self.word >> 63 == 1;
        self.skip(1);
        bit
    }

    /// Takes a value of `size` bits and extends its sign (T.81 F.2.2.1, EXTEND).
    #[inline]
    pub(super) fn signed(&mut self, size: u32) -> i32 {
        let value = self.take(size);
        extend(value, size)
    }

    /// Whether bits were taken that the file does not have.
    pub(super) const fn overrun(&self) -> bool {
        self.padding > self.count
    }

    /// Drops what is left of the interval and steps over the restart marker that must follow; false when another marker or the end does.
    pub(super) fn restart(&mut self) -> bool {
        if self.overrun() {
            return false;
        }
        let at = self.marker();
        let found = matches!(self.data.get(at.saturating_add(1)), Some(0xd0..=0xd7));
        if found {
            *self = Self::new(self.data, at + 2);
        }
        found
    }

    /// Where the next marker begins, from the current place on; the length of the data when there is none.
    pub(super) fn marker(&self) -> usize {
        // Bytes taken in ahead never include a marker, so none lies before `position`.
        let mut at = self.position;
        while let Some(found) = self
            .data
            .get(at..)
            .and_then(|rest| rest.iter().position(|byte| *byte == 0xff))
        {
            at += found;
            match self.data.get(at + 1) {
                Some(0) => at += 2,
                Some(0xff) => at += 1,
                Some(_) => return at,
                None => break,
            }
        }
        self.data.len()
    }
}

/// Whether one of eight bytes is 0xff.
const fn has_ff(word: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    (!word).wrapping_sub(LOW) & word & HIGH != 0
}

/// T.81 F.2.2.1: values whose leading bit is 0 are negative.
#[inline]
pub(super) const fn extend(value: i32, size: u32) -> i32 {
    if size > 0 && value < 1 << (size - 1) {
        value - (1 << size) + 1
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_goes_and_markers_stop_the_data() {
        let data = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9];
        let mut bits = Bits::new(&data, 0);
        bits.fill();
        assert_eq!((bits.take(8), bits.take(8), bits.take(8)), (0x12, 0xff, 0x34));
        assert!(!bits.overrun());
        assert!(bits.restart());
        bits.fill();
        assert_eq!(bits.take(8), 0x56);
        assert!(!bits.restart());
        bits.skip(1);
        assert!(bits.overrun());
    }

    #[test]
    fn every_byte_of_a_long_run_comes_once() {
        let data: Vec<u8> = (0..=254).collect();
        let mut bits = Bits::new(&data, 0);
        for byte in 0..=254 {
            bits.fill();
            assert_eq!(bits.take(3) << 5 | bits.take(5), byte);
        }
        assert!(!bits.overrun());
    }

    #[test]
    fn ff_is_found_in_every_place_and_nowhere_else() {
        assert!((0..8).all(|place| has_ff(0xff << (8 * place))));
        assert!(!has_ff(0xfefe_7f80_0100_fe7f));
    }

    #[test]
    fn sign_extension_is_that_of_the_standard() {
        assert_eq!(
            [
                extend(0, 1),
                extend(1, 1),
                extend(0, 3),
                extend(3, 3),
                extend(4, 3)
            ],
            [-1, 1, -7, -4, 4]
        );
        assert_eq!(extend(0, 0), 0);
    }
}
