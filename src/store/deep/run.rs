//! Runs: the looks of a range of records, sorted by key. Derived, deletable, made anew by the next writer.
//!
//! ```text
//! 0    16   "byline-looks/v1\n"
//! 16   8    u64  first record
//! 24   8    u64  records
//! 32   16   u64  looks in each of the 2 tables
//! 48   32   SHA-256 of the first record and the last
//! 80   4    u32  bits of a key that name a bucket
//! 84   4    u32  CRC-32C of all before
//! 88   8    zeros
//! 96   ...  each table: where its buckets begin, u32 each and one more for the end; then its looks, 8 bytes each:
//!           u32 check bits, u32 record within the range
//! ```
//!
//! Ranges are aligned, of 256, 1,024, 8,192 or 65,536 records; a larger one takes the place of those it holds. Which there should
//! be follows from the number of records alone. A wrong run can hide a picture or name one too many, whose record then says no.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::{RECORD_LEN, parse, record_at};
use crate::base::Digest;
use crate::base::local::{KEY_BITS, LocalPoint, Probe, TABLES};
use crate::store::durable::{self, Existing, Pending};
use crate::store::error::StoreError;
use crate::store::sealed::seal;

/// A range of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) count: u64,
}

impl Span {
    fn path(self, folder: &Path) -> PathBuf {
        folder.join(format!("looks-{}-{}.v1", self.from, self.count))
    }

    /// The next smaller ranges that make it up; none for the smallest.
    fn parts(self) -> Vec<Self> {
        let Some(size) = SIZES.iter().copied().find(|size| *size < self.count) else {
            return Vec::new();
        };
        let parts = self.count / size;
        (0..parts)
            .map(|part| Self {
                from: self.from + part * size,
                count: size,
            })
            .collect()
    }
}

/// The ranges into which so many records fall, the last one too short for a run.
pub(super) fn spans(records: u64) -> Vec<Span> {
    let mut found = Vec::new();
    let mut from = 0;
    for size in SIZES {
        while records - from >= size {
            found.push(Span { from, count: size });
            from += size;
        }
    }
    found.push(Span {
        from,
        count: records - from,
    });
    found
}

/// Opens the run of a range, or those of its parts; what none covers is loose.
pub(super) fn cover(folder: &Path, records: &File, span: Span, runs: &mut Vec<Run>, loose: &mut Vec<Span>) {
    if let Some(run) = Run::open(folder, records, span) {
        runs.push(run);
        return;
    }
    match span.parts() {
        parts if parts.is_empty() => loose.extend((span.count > 0).then_some(span)),
        // Where not even the first part has a run, none has: an index that was deleted is not asked for in pieces.
        parts => {
            for part in parts {
                cover(folder, records, part, runs, loose);
            }
        }
    }
}

/// Makes the runs that there should be and are not, and removes those that larger ones hold.
pub(super) fn make_missing(folder: &Path, file: &File, records: u64) -> Result<(), StoreError> {
    for span in spans(records) {
        if span.count < SIZES[SIZES.len() - 1] || Run::open(folder, file, span).is_some() {
            continue;
        }
        durable::create_directory(folder, 0o755)?;
        make(folder, file, span)?;
        for part in span.parts() {
            let _ = std::fs::remove_file(part.path(folder));
        }
    }
    Ok(())
}

/// An open run.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    span: Span,
    looks: [u64; TABLES],
    bucket_bits: u32,
}

impl Run {
    fn open(folder: &Path, records: &File, span: Span) -> Option<Self> {
        let file = durable::open_regular(&span.path(folder)).ok()?;
        let mut bytes = [0; RUN_HEAD_LEN];
        file.read_exact_at(&mut bytes, 0).ok()?;
        let (body, rest) = bytes.split_at_checked(84)?;
        if rest.get(..4)? != crc32c::crc32c(body).to_le_bytes() {
            return None;
        }
        let word = |at: usize| Some(u64::from_le_bytes(*body.get(at..)?.first_chunk::<8>()?));
        let run = Self {
            looks: [word(32)?, word(40)?],
            bucket_bits: u32::from_le_bytes(*body.get(80..)?.first_chunk::<4>()?),
            span,
            file,
        };
        let is_of_these = body.starts_with(MAGIC)
            && (word(16)?, word(24)?) == (span.from, span.count)
            && body.get(48..80)? == ends(records, span)?.as_bytes()
            && run.bucket_bits <= u32::try_from(KEY_BITS).ok()?
            && run.looks.iter().all(|looks| u32::try_from(*looks).is_ok());
        let is_whole = run.file.metadata().ok()?.len() == run.table_at(TABLES)?;
        (is_of_these && is_whole).then_some(run)
    }

    /// Where a table begins.
    fn table_at(&self, table: usize) -> Option<u64> {
        let mut at = u64::try_from(RUN_HEAD_LEN).ok()?;
        for looks in self.looks.iter().take(table) {
            at = at
                .checked_add(self.buckets_len()?)?
                .checked_add(looks.checked_mul(8)?)?;
        }
        Some(at)
    }

    fn buckets_len(&self) -> Option<u64> {
        1u64.checked_shl(self.bucket_bits)?.checked_add(1)?.checked_mul(4)
    }

    /// How many points of one group found each record, and the record; at least two did.
    pub(super) fn votes(&self, probes: &[Probe], out: &mut Vec<(u32, u64)>) {
        // Record, group and point in one number, so that sorting brings votes for one record together.
        let mut cast: Vec<u64> = Vec::new();
        let mut buffer = Vec::new();
        for probe in probes {
            let _ = self.look_up(probe, &mut buffer, &mut cast);
        }
        cast.sort_unstable();
        cast.dedup();
        let mut best: Option<(u32, u64)> = None;
        for group in cast.chunk_by(|a, b| a >> 8 == b >> 8) {
            let Some(first) = group.first() else { continue };
            let votes = u32::try_from(group.len()).unwrap_or(u32::MAX);
            let record = self.span.from + (first >> 16);
            match &mut best {
                Some((most, known)) if *known == record => *most = (*most).max(votes),
                _ => {
                    out.extend(best.filter(|(most, _)| *most >= VOTES_MIN));
                    best = Some((votes, record));
                }
            }
        }
        out.extend(best.filter(|(most, _)| *most >= VOTES_MIN));
    }

    fn look_up(&self, probe: &Probe, buffer: &mut Vec<u8>, cast: &mut Vec<u64>) -> Option<()> {
        let begin = self.table_at(probe.table)?;
        let bucket = u64::from(probe.key >> (u32::try_from(KEY_BITS).ok()? - self.bucket_bits));
        let mut ends = [0; 8];
        self.file.read_exact_at(&mut ends, begin + bucket * 4).ok()?;
        let [a, b, c, d, rest @ ..] = ends;
        let (from, to) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes(rest));
        let looks = usize::try_from(to.checked_sub(from)?).ok()?.min(BUCKET_MAX);
        if u64::from(to) > *self.looks.get(probe.table)? || looks == 0 {
            return None;
        }
        buffer.resize(looks * 8, 0);
        let at = begin + self.buckets_len()? + u64::from(from) * 8;
        self.file.read_exact_at(buffer, at).ok()?;
        let who = (u64::from(probe.group) << 8) | u64::from(probe.point);
        for look in buffer.as_chunks::<8>().0 {
            let look = u64::from_le_bytes(*look);
            let check = u32::try_from(look & u64::from(u32::MAX)).unwrap_or(0);
            if (check ^ probe.check).count_ones() <= CHECK_MAX {
                cast.push(((look >> 32) << 16) | who);
            }
        }
        Some(())
    }
}

/// Writes the run of a range.
fn make(folder: &Path, file: &File, span: Span) -> Result<(), StoreError> {
    let mut looks = 0u64;
    each_point(file, span, |_, _| looks += 1).ok_or_else(damaged)?;
    // About two looks a bucket.
    let bucket_bits = (looks.max(4).ilog2() - 1).min(u32::try_from(KEY_BITS).unwrap_or(24));
    let mut head = MAGIC.to_vec();
    for number in [span.from, span.count, looks, looks] {
        head.extend_from_slice(&number.to_le_bytes());
    }
    let ends = ends(file, span).ok_or_else(damaged)?;
    head.extend_from_slice(ends.as_bytes());
    head.extend_from_slice(&bucket_bits.to_le_bytes());
    seal(&mut head);
    head.resize(RUN_HEAD_LEN, 0);
    let pending = Pending::fill(&span.path(folder), 0o600, Existing::Replace, |out| {
        let mut out = io::BufWriter::with_capacity(1 << 20, out);
        out.write_all(&head)?;
        for table in 0..TABLES {
            write_table(&mut out, file, span, table, bucket_bits)?;
        }
        out.flush()
    })?;
    Ok(pending.publish()?)
}

fn write_table(out: &mut impl io::Write, file: &File, span: Span, table: usize, bits: u32) -> io::Result<()> {
    let shift = u32::try_from(KEY_BITS).unwrap_or(24) - bits;
    let bucket = |point: &LocalPoint| {
        let (key, check) = point.key(table);
        (usize::try_from(key >> shift).unwrap_or(0), check)
    };
    let changed = || io::Error::other("the deep records changed while they were sorted");
    // Counted one place up, so that sums are where buckets begin, and, once filled, where the ones before them end.
    let mut begins = vec![0u32; (1 << bits) + 2];
    let mut total = 0u32;
    each_point(file, span, |_, point| {
        begins[bucket(point).0 + 2] += 1;
        total += 1;
    })
    .ok_or_else(changed)?;
    let mut sum = 0;
    for begin in &mut begins {
        sum += *begin;
        *begin = sum;
    }
    let mut sorted = vec![0u64; usize::try_from(total).unwrap_or(0)];
    each_point(file, span, |record, point| {
        let (bucket, check) = bucket(point);
        let place = &mut begins[bucket + 1];
        if let Some(look) = sorted.get_mut(usize::try_from(*place).unwrap_or(usize::MAX)) {
            *look = (record << 32) | u64::from(check);
        }
        *place += 1;
    })
    .ok_or_else(changed)?;
    for begin in begins.iter().take((1 << bits) + 1) {
        out.write_all(&begin.to_le_bytes())?;
    }
    for look in sorted {
        out.write_all(&look.to_le_bytes())?;
    }
    Ok(())
}

/// Calls with every point of every good record of a range, and the record's place in the range.
fn each_point(file: &File, span: Span, mut each: impl FnMut(u64, &LocalPoint)) -> Option<()> {
    let mut buffer = vec![0; CHUNK * RECORD_LEN];
    let mut done = 0;
    while done < span.count {
        let some = usize::try_from(span.count - done).ok()?.min(CHUNK);
        let bytes = buffer.get_mut(..some * RECORD_LEN)?;
        file.read_exact_at(bytes, record_at(span.from + done)?).ok()?;
        for record in bytes.as_chunks::<RECORD_LEN>().0 {
            if let Some(record) = parse(record) {
                record.print.points.iter().for_each(|point| each(done, point));
            }
            done += 1;
        }
    }
    Some(())
}

/// By what a run knows its records again.
fn ends(file: &File, span: Span) -> Option<Digest> {
    let mut bytes = vec![0; 2 * RECORD_LEN];
    let (first, last) = bytes.split_at_mut(RECORD_LEN);
    file.read_exact_at(first, record_at(span.from)?).ok()?;
    file.read_exact_at(last, record_at((span.from + span.count).checked_sub(1)?)?)
        .ok()?;
    Some(Digest::of(&bytes))
}

fn damaged() -> StoreError {
    StoreError::io("read the deep records of")(io::Error::from(io::ErrorKind::UnexpectedEof))
}

const MAGIC: &[u8; 16] = b"byline-looks/v1\n";
const RUN_HEAD_LEN: usize = 96;
/// Records of a run, the largest first.
const SIZES: [u64; 4] = [65_536, 8_192, 1_024, 256];
/// Records read at a time.
const CHUNK: usize = 256;
/// Looks read of one bucket: what many pictures have says little of any.
const BUCKET_MAX: usize = 8_192;
/// Check bits that may differ, of 32.
const CHECK_MAX: u32 = 8;
/// One look alone is found in many pictures.
const VOTES_MIN: u32 = 2;
