//! One component while it is decoded: its blocks become tokens of the digest and samples of a small plane.

use super::bits::Bits;
use super::dct::{Mean, Nowhere, Scale, Sink, Tiles, Weights, Whole, to_byte};
use super::huffman::Table;
use crate::base::{Digest, Hasher};

/// Most bytes the tokens of one block take: 64 coefficients, each with an escape.
const BLOCK_BYTES: usize = 64 * 4;

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
    bytes: Vec<u8>,
    used: usize,
}

impl Tokens {
    /// Room for one block.
    #[inline]
    fn room(&mut self) -> &mut [u8; BLOCK_BYTES] {
        let end = self.used + BLOCK_BYTES;
        if self.bytes.len() < end {
            self.bytes.resize(end * 2, 0);
        }
        #[expect(clippy::expect_used, reason = "the slice is BLOCK_BYTES long by its range")]
        self.bytes[self.used..]
            .first_chunk_mut()
            .expect("the room was just made")
    }
}

/// Writes the tokens of one block.
pub(super) struct Writer<'a> {
    room: &'a mut [u8; BLOCK_BYTES],
    used: usize,
}

impl Writer<'_> {
    /// The token of coefficient `k`: see the module `scan` for its form.
    #[inline]
    fn put(&mut self, k: usize, value: i16) {
        let [place, ..] = k.to_le_bytes();
        let short = value.wrapping_add(512);
        let token = if (1..=1023).contains(&short) {
            short.cast_unsigned() << 6
        } else {
            0
        } | u16::from(place & 63);
        self.bytes(token);
        if !(1..=1023).contains(&short) {
            self.bytes(value.cast_unsigned());
        }
    }

    #[inline]
    fn bytes(&mut self, token: u16) {
        if let Some(room) = self
            .room
            .get_mut(self.used..)
            .and_then(<[u8]>::first_chunk_mut::<2>)
        {
            *room = token.to_le_bytes();
            self.used += 2;
        }
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
                write_tile::<2>(samples, self.plane.stride, &sink.sums);
            }
            Weights::Four(tiles) => {
                let mut sink = Tiles {
                    tiles,
                    sums: [0.0; 16],
                };
                source.read(&mut writer, &mut sink)?;
                write_tile::<4>(samples, self.plane.stride, &sink.sums);
            }
            Weights::Eight(full) => {
                let mut sink = Whole {
                    full,
                    values: [[0.0; 8]; 8],
                    rows: 0,
                };
                source.read(&mut writer, &mut sink)?;
                write_tile::<8>(samples, self.plane.stride, sink.samples().as_flattened());
            }
        }
        let used = writer.used;
        tokens.used += used;
        Some(())
    }

    /// Hashes the block rows of one MCU row and begins the next.
    pub(super) fn end_row(&mut self) {
        for tokens in &mut self.rows {
            self.hasher.update(&tokens.bytes[..tokens.used]);
            tokens.used = 0;
        }
    }

    /// The digest of all tokens.
    pub(super) fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }
}

fn write_tile<const SIDE: usize>(samples: &mut [u8], stride: usize, tile: &[f32]) {
    for (row, values) in samples.chunks_mut(stride).zip(tile.chunks_exact(SIDE)) {
        for (sample, value) in row.iter_mut().zip(values) {
            *sample = to_byte(*value);
        }
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
        let Self {
            bits,
            dc,
            ac,
            prediction,
        } = self;
        bits.fill();
        let hit = dc.look(bits);
        let difference = if hit.has_value() {
            bits.skip(hit.length());
            i32::from(hit.value())
        } else {
            let size = long_symbol(dc, bits, hit)?;
            if size > 15 {
                return None;
            }
            bits.signed(u32::from(size))
        };
        **prediction += difference;
        let value = i16::try_from(**prediction).ok()?;
        writer.put(0, value);
        sink.put(0, value);
        let mut k = 1usize;
        while k < 64 {
            bits.fill();
            let hit = ac.look(bits);
            let value = if hit.has_value() {
                bits.skip(hit.length());
                k += hit.run();
                hit.value()
            } else {
                let symbol = long_symbol(ac, bits, hit)?;
                let size = u32::from(symbol & 15);
                if size == 0 {
                    if symbol != 0xf0 {
                        break;
                    }
                    k += 16;
                    continue;
                }
                k += usize::from(symbol >> 4);
                i16::try_from(bits.signed(size)).ok()?
            };
            if k > 63 {
                return None;
            }
            writer.put(k, value);
            sink.put(k, value);
            k += 1;
        }
        Some(())
    }
}

/// A block that was stored because a progressive JPEG brings its coefficients in pieces; 64 of them in zigzag order.
pub(super) struct Stored<'a>(pub(super) &'a [i16; 64]);

impl Block for Stored<'_> {
    fn read<S: Sink>(&mut self, writer: &mut Writer, sink: &mut S) -> Option<()> {
        for (k, value) in self.0.iter().enumerate() {
            if k == 0 || *value != 0 {
                writer.put(k, *value);
                sink.put(k, *value);
            }
        }
        Some(())
    }
}

/// The symbol whose value the look-up did not include, taken.
#[inline]
fn long_symbol(table: &Table, bits: &mut Bits, hit: super::huffman::Hit) -> Option<u8> {
    if hit.length() == 0 {
        return table.long(bits);
    }
    bits.skip(hit.length());
    Some(hit.symbol())
}
