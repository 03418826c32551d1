//! Files made wrong by chance, the same way for the same seed: flipped bits, havoc, lengths that lie, cuts, pieces of another file.

/// A stream of numbers that look random (xorshift64*).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a bound that is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

/// One mutant of a file; `other` lends pieces. The name says what was done.
pub fn mutant(bytes: &[u8], other: &[u8], chance: &mut Chance) -> (&'static str, Vec<u8>) {
    let mut out = bytes.to_vec();
    let what = match chance.below(10) {
        0..=2 => {
            for _ in 0..=chance.below(8) {
                let at = place(&out, chance);
                out[at] ^= 1 << chance.below(8);
            }
            "bits"
        }
        3..=5 => {
            for _ in 0..=chance.below(16) {
                havoc(&mut out, chance);
            }
            "havoc"
        }
        6..=7 => {
            for _ in 0..=chance.below(3) {
                length(&mut out, chance);
            }
            "length"
        }
        8 => {
            out.truncate(chance.below(bytes.len()).max(1));
            "cut"
        }
        _ => {
            let (from, at) = (chance.below(other.len()), chance.below(out.len()));
            let piece = &other[from..(from + 1 + chance.below(4096)).min(other.len())];
            let end = (at + chance.below(piece.len() + 1)).min(out.len());
            out.splice(at..end, piece.iter().copied());
            "splice"
        }
    };
    (what, out)
}

/// A place in the file: half the time near its head, where structure is.
fn place(bytes: &[u8], chance: &mut Chance) -> usize {
    let reach = if chance.below(2) == 0 {
        bytes.len().min(4096)
    } else {
        bytes.len()
    };
    chance.below(reach)
}

fn havoc(out: &mut Vec<u8>, chance: &mut Chance) {
    if out.len() < 64 {
        out.resize(64, 0);
    }
    let at = place(out, chance);
    let len = (1 + chance.below(64)).min(out.len() - at);
    match chance.below(6) {
        0 => out[at] = [0, 1, 0x7f, 0x80, 0xff][chance.below(5)],
        1 => out[at] = chance.next().to_be_bytes()[0],
        2 => drop(out.drain(at..at + len)),
        3 => {
            let piece = out[at..at + len].to_vec();
            out.splice(at..at, piece);
        }
        4 => out[at..at + len].fill(0xff),
        _ => {
            let to = chance.below(out.len() - len + 1);
            out.copy_within(at..at + len, to);
        }
    }
}

/// Writes a number where a length, a count or an offset may stand.
fn length(out: &mut Vec<u8>, chance: &mut Chance) {
    if out.len() < 64 {
        out.resize(64, 0);
    }
    let len = out.len() as u64;
    let odd = [0, 1, 2, 7, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];
    let value = match chance.below(3) {
        0 => odd[chance.below(odd.len())],
        1 => len.wrapping_add(chance.below(16) as u64).wrapping_sub(8),
        _ => chance.next() >> chance.below(64),
    };
    let wide = [2, 4, 8][chance.below(3)];
    let at = place(out, chance).min(out.len() - wide);
    let (be, le) = (value.to_be_bytes(), value.to_le_bytes());
    let bytes = if chance.below(2) == 0 {
        &be[8 - wide..]
    } else {
        &le[..wide]
    };
    out[at..at + wide].copy_from_slice(bytes);
}
