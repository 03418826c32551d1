//! One component while it is decoded: its blocks become tokens of the digest and samples of a small plane.

use super::bits::Bits;
use super::dct::{Mean, Nowhere, Scale, Sink, Tiles, Weights, Whole, to_byte};
use super::huffman::Table;
use crate::base::{Digest, Hasher};

/// Most units of two bytes that the tokens of one block take: 64 coefficients, each with an escape.
const BLOCK_UNITS: usize = 64 * 2;

/// The samples of one component, reduced.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes from one row to the next.
    pub(super) stride: usize,
    pub(super) samples: Vec<u8>,
}

/// One component being decoded.
pub(super) struct Channel {
    pub(super) blocks_wide: usize,
    pub(super) blocks_high: usize,
    pub(super) plane: Plane,
    scale: Scale,
    weights: Weights,
    /// Tokens of the block rows of the current MCU row, top first.
    rows: Vec<Tokens>,
    scratch: Tokens,
    hasher: Hasher,
}

/// Tokens of blocks, one after the other; room is made a block at a time.
#[derive(Default)]
pub(super) struct Tokens {
    units: Vec<[u8; 2]>,
    used: usize,
}

impl Tokens {
    /// Room for one block.
    #[inline]
    fn room(&mut self) -> &mut [[u8; 2]; BLOCK_UNITS] {
        let end = self.used + BLOCK_UNITS;
        if self.units.len() < end {
            self.units.resize(end * 2, [0; 2]);
        }
        #[expect(clippy::expect_used, reason = "the line above made the room")]
        self.units[self.used..]
            .first_chunk_mut()
            .expect("room for a block")
    }

    fn bytes(&self) -> &[u8] {
        self.units[..self.used].as_flattened()
    }
}

/// Writes the tokens of one block.
pub(super) struct Writer<'a> {
    room: &'a mut [[u8; 2]; BLOCK_UNITS],
    used: usize,
}

impl Writer<'_> {
    /// The token of coefficient `k`: see the module `scan` for its form.
    #[inline]
    fn put(&mut self, k: usize, value: i16) {
        let short = value.wrapping_add(512);
        if (1..=1023).contains(&short) {
            self.put_short(k, short.cast_unsigned() << 6);
        } else {
            self.put_short(k, 0);
            self.unit(value.cast_unsigned());
        }
    }

    /// The token of coefficient `k` when its upper ten bits are known.
    #[inline]
    fn put_short(&mut self, k: usize, token: u16) {
        let [place, ..] = k.to_le_bytes();
        self.unit(token | u16::from(place & 63));
    }

    #[inline]
    fn unit(&mut self, unit: u16) {
        // 64 coefficients of at most two units each always fit; the mask only tells the compiler.
        self.room[self.used & (BLOCK_UNITS - 1)] = unit.to_le_bytes();
        self.used = self.used.wrapping_add(1);
    }
}

impl Channel {
    /// A component of `blocks_wide` x `blocks_high` blocks that shows `width` x `height` samples at full size.
    pub(super) fn new(
        (blocks_wide, blocks_high): (usize, usize),
        (width, height): (usize, usize),
        quant: &[u16; 64],
        scale: Scale,
    ) -> Self {
        let side = scale.side();
        let plane = Plane {
            width: (width * side).div_ceil(8),
            height: (height * side).div_ceil(8),
            stride: blocks_wide * side,
            samples: vec![128; blocks_wide * side * blocks_high * side],
        };
        Self {
            blocks_wide,
            blocks_high,
            plane,
            scale,
            weights: Weights::new(quant, scale),
            rows: (0..4).map(|_| Tokens::default()).collect(),
            scratch: Tokens::default(),
            hasher: Hasher::new(),
        }
    }

    /// Takes the block at (`x`, `y`), in row `row` of its MCU, from `source`; `None` when the source has no block.
    #[inline]
    pub(super) fn take<B: Block>(&mut self, mut source: B, (x, y): (usize, usize), row: usize) -> Option<()> {
        if x >= self.blocks_wide || y >= self.blocks_high {
            let mut writer = Writer {
                room: self.scratch.room(),
                used: 0,
            };
            return source.read(&mut writer, &mut Nowhere);
        }
        let tokens = &mut self.rows[row & 3];
        let mut writer = Writer {
            room: tokens.room(),
            used: 0,
        };
        let side = self.scale.side();
        let at = y * side * self.plane.stride + x * side;
        let samples = &mut self.plane.samples[at..];
        match &self.weights {
            Weights::One(weight) => {
                let mut sink = Mean {
                    weight: *weight,
                    sum: 0.0,
                };
                source.read(&mut writer, &mut sink)?;
                samples[0] = to_byte(sink.sum);
            }
            Weights::Two(tiles) => {
                let mut sink = Tiles {
                    tiles,
                    sums: [0.0; 4],
                };
                source.read(&mut writer, &mut sink)?;
                write_tile::<2, 4>(samples, self.plane.stride, &sink.sums);
            }
            Weights::Four(tiles) => {
                let mut sink = Tiles {
                    tiles,
                    sums: [0.0; 16],
                };
                source.read(&mut writer, &mut sink)?;
                write_tile::<4, 16>(samples, self.plane.stride, &sink.sums);
            }
            Weights::Eight(full) => {
                let mut sink = Whole {
                    full,
                    values: [[0.0; 8]; 8],
                    rows: 0,
                };
                source.read(&mut writer, &mut sink)?;
                write_tile::<8, 64>(samples, self.plane.stride, sink.samples().as_flattened());
            }
        }
        let used = writer.used;
        tokens.used += used;
        Some(())
    }

    /// Hashes the block rows of one MCU row and begins the next.
    pub(super) fn end_row(&mut self) {
        for tokens in &mut self.rows {
            self.hasher.update(tokens.bytes());
            tokens.used = 0;
        }
    }

    /// The digest of all tokens.
    pub(super) fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }
}

/// Bytes first and rows after: so the compiler makes all bytes of a tile at once.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call for each block costs 3 % of a scan")]
fn write_tile<const SIDE: usize, const N: usize>(samples: &mut [u8], stride: usize, tile: &[f32]) {
    let mut bytes = [0u8; N];
    for (byte, value) in bytes.iter_mut().zip(tile) {
        *byte = to_byte(*value);
    }
    let (lines, _) = bytes.as_chunks::<SIDE>();
    for (line, row) in lines.iter().zip(samples.chunks_mut(stride)) {
        row[..SIDE].copy_from_slice(line);
    }
}

/// Where a block comes from.
pub(super) trait Block {
    /// Brings the coefficients of one block that are not 0, and DC always, in zigzag order.
    fn read<S: Sink>(&mut self, writer: &mut Writer, sink: &mut S) -> Option<()>;
}

/// One block of a sequential scan (T.81 F.2.2): DC against the prediction, then runs and values.
pub(super) struct Coded<'a, 'b> {
    pub(super) bits: &'a mut Bits<'b>,
    pub(super) dc: &'a Table,
    pub(super) ac: &'a Table,
    pub(super) prediction: &'a mut i32,
}

impl Block for Coded<'_, '_> {
    #[inline]
    fn read<S: Sink>(&mut self, writer: &mut Writer, sink: &mut S) -> Option<()> {
        let mut bits = *self.bits;
        bits.fill();
        let hit = self.dc.look(&bits);
        let difference = if hit.has_value() {
            bits.skip(hit.length());
            i32::from(i16::try_from(hit.token() >> 6).ok()?) - 512
        } else {
            let size = self.dc.symbol_of(hit, &mut bits).filter(|size| *size <= 15)?;
            bits.signed(u32::from(size))
        };
        *self.prediction += difference;
        let value = i16::try_from(*self.prediction).ok()?;
        writer.put(0, value);
        sink.put(0, f32::from(value));
        let mut k = 1usize;
        while k < 64 {
            bits.fill();
            let hit = self.ac.look(&bits);
            if hit.has_value() {
                bits.skip(hit.length());
                k = k.wrapping_add(hit.run());
                if k > 63 {
                    return None;
                }
                writer.put_short(k, hit.token());
                sink.put(k, hit.value());
            } else {
                let symbol = self.ac.symbol_of(hit, &mut bits)?;
                let size = u32::from(symbol & 15);
                if size == 0 {
                    if symbol != 0xf0 {
                        break;
                    }
                    k = k.wrapping_add(16);
                    continue;
                }
                k = k.wrapping_add(usize::from(symbol >> 4));
                let value = i16::try_from(bits.signed(size)).ok()?;
                if k > 63 {
                    return None;
                }
                writer.put(k, value);
                sink.put(k, f32::from(value));
            }
            k = k.wrapping_add(1);
        }
        *self.bits = bits;
        Some(())
    }
}

/// A block that was stored because a progressive JPEG brings its coefficients in pieces; 64 of them in zigzag order.
pub(super) struct Stored<'a>(pub(super) &'a [i16; 64]);

impl Block for Stored<'_> {
    fn read<S: Sink>(&mut self, writer: &mut Writer, sink: &mut S) -> Option<()> {
        writer.put(0, self.0[0]);
        sink.put(0, f32::from(self.0[0]));
        for (from, eight) in self.0.as_chunks::<8>().0.iter().enumerate() {
            if *eight == [0; 8] {
                continue;
            }
            for (k, value) in (8 * from..).zip(eight) {
                if *value != 0 && k != 0 {
                    writer.put(k, *value);
                    sink.put(k, f32::from(*value));
                }
            }
        }
        Some(())
    }
}
