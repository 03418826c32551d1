//! Where the samples of an image sequence lie: the chunk tables of a movie box (ISO/IEC 14496-12, 8.7).

use std::ops::Range;

use super::bmff::Offset;
use super::bmff_meta::be_word;
use super::bytes::{be32, index, index64, take};
use super::isobox::{self, IsoBox};

/// The sample tables of a movie's tracks.
fn sample_tables(bytes: &[u8], movie: &IsoBox) -> Vec<IsoBox> {
    const PATH: [&[u8; 4]; 4] = [b"trak", b"mdia", b"minf", b"stbl"];
    let mut level = vec![movie.clone()];
    for wanted in PATH {
        level = level
            .iter()
            .flat_map(|parent| isobox::all(bytes, parent.body..parent.end).0)
            .filter(|found| &found.kind == wanted)
            .collect();
    }
    level
}

/// The offsets of a movie's chunks, with where each stands.
pub(super) fn offsets(bytes: &[u8], movie: &IsoBox, out: &mut Vec<Offset>) {
    for table in sample_tables(bytes, movie) {
        for child in isobox::all(bytes, table.body..table.end).0 {
            out.extend(chunk_offsets(bytes, &child));
        }
    }
}

/// The offsets of a `stco` or `co64` box; none of another one.
fn chunk_offsets(bytes: &[u8], table: &IsoBox) -> Vec<Offset> {
    let width = match &table.kind {
        b"stco" => 4,
        b"co64" => 8,
        _ => return Vec::new(),
    };
    let count = index(be32(bytes, table.body.saturating_add(4)).unwrap_or(0));
    let fields = (table.body.saturating_add(8)..table.end)
        .step_by(width)
        .take(count);
    let field = |at: usize| {
        take(bytes, at, width).filter(|_| at.saturating_add(width) <= table.end)?;
        Some(Offset {
            at,
            width,
            value: be_word(bytes, at, width)?,
        })
    };
    fields.filter_map(field).collect()
}

/// Where the chunks of a movie lie. One whose length the tables do not tell runs to the end of the file.
pub(super) fn chunks(bytes: &[u8], movie: &IsoBox) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for table in sample_tables(bytes, movie) {
        let children = isobox::all(bytes, table.body..table.end).0;
        let child = |kind: &[u8; 4]| children.iter().find(|child| &child.kind == kind);
        let mut lengths = child(b"stsc").and_then(|runs| {
            Some((
                Runs::read(bytes, runs)?,
                Sizes::read(bytes, child(b"stsz"), child(b"stz2"))?,
            ))
        });
        let starts = children.iter().flat_map(|child| chunk_offsets(bytes, child));
        for (number, start) in (1_u32..).zip(starts) {
            let start = index64(start.value);
            let len = lengths
                .as_mut()
                .and_then(|(runs, sizes)| sizes.next(bytes, runs.samples_of(bytes, number)?));
            let end = len.map_or(bytes.len(), |len| start.saturating_add(len));
            out.push(start..end.max(start));
        }
    }
    out
}

/// The sample-to-chunk box: runs of chunks with equally many samples each.
struct Runs {
    first: usize,
    count: usize,
    /// The run that the last chunk was in.
    at: usize,
}

impl Runs {
    fn read(bytes: &[u8], table: &IsoBox) -> Option<Self> {
        let first = table.body.checked_add(8)?;
        let count = index(be32(bytes, table.body.checked_add(4)?)?);
        let end = first.checked_add(count.checked_mul(RUN)?)?;
        (count > 0 && end <= table.end).then_some(Self { first, count, at: 0 })
    }

    /// How many samples a chunk holds; chunks are asked for in their order.
    fn samples_of(&mut self, bytes: &[u8], chunk: u32) -> Option<u32> {
        let field = |run: usize, field: usize| {
            be32(
                bytes,
                self.first
                    .checked_add(run.checked_mul(RUN)?)?
                    .checked_add(field)?,
            )
        };
        let mut run = self.at;
        while run.checked_add(1)? < self.count && field(run.checked_add(1)?, 0)? <= chunk {
            run = run.checked_add(1)?;
        }
        let samples = field(run, 4)?;
        self.at = run;
        Some(samples)
    }
}

/// The sizes of a track's samples, one after the other.
enum Sizes {
    /// All alike.
    Alike(u32),
    /// One by one: where they stand, how many bits each takes, how many are left.
    Listed {
        at: usize,
        bits: u32,
        left: u32,
        done: u32,
    },
}

impl Sizes {
    fn read(bytes: &[u8], whole: Option<&IsoBox>, compact: Option<&IsoBox>) -> Option<Self> {
        let table = whole.or(compact)?;
        let word = be32(bytes, table.body.checked_add(4)?)?;
        let left = be32(bytes, table.body.checked_add(8)?)?;
        let bits = match (whole.is_some(), word) {
            (true, 0) => 32,
            (true, size) => return Some(Self::Alike(size)),
            (false, bits) => bits & 0xFF,
        };
        let at = table.body.checked_add(12)?;
        let len = u64::from(left).checked_mul(u64::from(bits))?.div_ceil(8);
        let fits = at.checked_add(index64(len))? <= table.end;
        (fits && matches!(bits, 4 | 8 | 16 | 32)).then_some(Self::Listed {
            at,
            bits,
            left,
            done: 0,
        })
    }

    /// How long the next samples are together.
    fn next(&mut self, bytes: &[u8], samples: u32) -> Option<usize> {
        match self {
            Self::Alike(size) => Some(index64(u64::from(*size).checked_mul(u64::from(samples))?)),
            Self::Listed { at, bits, left, done } => {
                let mut len: u64 = 0;
                for _ in 0..samples.min(left.saturating_sub(*done)) {
                    let bit = u64::from(*done).checked_mul(u64::from(*bits))?;
                    let byte = at.checked_add(index64(bit / 8))?;
                    let size = match *bits {
                        4 if bit % 8 == 0 => u64::from(*bytes.get(byte)? >> 4),
                        4 => u64::from(*bytes.get(byte)? & 0x0F),
                        8 => u64::from(*bytes.get(byte)?),
                        16 => be_word(bytes, byte, 2)?,
                        _ => be_word(bytes, byte, 4)?,
                    };
                    len = len.checked_add(size)?;
                    *done = done.saturating_add(1);
                }
                Some(index64(len))
            }
        }
    }
}

/// Bytes of one entry of the sample-to-chunk box.
const RUN: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let len = u32::try_from(payload.len() + 8).unwrap().to_be_bytes();
        [&len[..], kind, payload].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn movie(tables: &[Vec<u8>]) -> Vec<u8> {
        let mut out = boxed(b"stbl", &tables.concat());
        for kind in [b"minf", b"mdia", b"trak", b"moov"] {
            out = boxed(kind, &out);
        }
        out
    }

    fn of(tables: &[Vec<u8>]) -> Vec<Range<usize>> {
        let bytes = movie(tables);
        chunks(&bytes, &isobox::all(&bytes, 0..bytes.len()).0[0])
    }

    #[test]
    fn a_chunk_is_as_long_as_its_samples() {
        let places = boxed(b"stco", &words(&[0, 3, 100, 200, 300]));
        let runs = boxed(b"stsc", &words(&[0, 2, 1, 2, 1, 3, 1, 1]));
        let listed = boxed(b"stsz", &words(&[0, 0, 5, 1, 2, 4, 8, 16]));
        assert_eq!(
            of(&[places.clone(), runs.clone(), listed]),
            [100..103, 200..212, 300..316]
        );
        let alike = boxed(b"stsz", &words(&[0, 7, 5]));
        assert_eq!(
            of(&[places.clone(), runs.clone(), alike]),
            [100..114, 200..214, 300..307]
        );
        for (bits, sizes) in [(4, vec![0x12, 0x34, 0x50]), (8, vec![1, 2, 3, 4, 5])] {
            let compact = boxed(b"stz2", &[words(&[0, bits, 5]), sizes].concat());
            assert_eq!(
                of(&[places.clone(), runs.clone(), compact]),
                [100..103, 200..207, 300..305],
                "{bits}"
            );
        }
    }

    #[test]
    fn a_chunk_of_untold_length_runs_to_the_end() {
        let places = boxed(b"stco", &words(&[0, 1, 20]));
        let runs = boxed(b"stsc", &words(&[0, 1, 1, 2, 1]));
        let sizes = boxed(b"stsz", &words(&[0, 0, 2, 1, 2]));
        let cut = boxed(b"stsz", &words(&[0, 0, 9, 1, 2]));
        for tables in [
            vec![places.clone(), runs.clone()],
            vec![places.clone(), sizes],
            vec![places, runs, cut],
        ] {
            let len = movie(&tables).len();
            assert_eq!(of(&tables), [20..len]);
        }
    }
}
