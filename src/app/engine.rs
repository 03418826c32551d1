//! Codes searched in PostgreSQL, past one machine: feature `postgres`, DOOR to `postgres`.
//!
//! The server needs no extension. A table holds a row for each code:
//!
//! ```text
//! id     int4       place of the code, from 0
//! code   bit(256)   first bit of the first byte first
//! slots  int4[16]   slot << 16 | the 16 bits of the code in that slot: what the GIN index holds
//! ```
//!
//! Up to [`PROBED_MAX`] bits the index is asked for every value that a slot of a near code can have (multi-index hashing, as
//! `similar::index` does in memory); farther than that all rows are compared. Both are exact.
//!
//! The codes of a ledger have two more tables beside: which entry each picture stands in, and how much of which log is covered
//! (`table`). Connections are not encrypted: a Unix socket, this machine, or a tunnel. The server is believed only to hide codes, not
//! to add any: who finds a code reads its entry in the ledger and compares again.

mod fill;
mod server;
mod table;

pub(in crate::app) use fill::fault;
pub use fill::index;
pub use server::{Password, Server};
pub(in crate::app) use table::{CodeTable, Filled};

use std::error::Error as _;
use std::io::Write as _;
use std::path::PathBuf;

use postgres::{Client, NoTls, Row, Transaction};
use thiserror::Error;

use crate::similar::index::{Code, Hit, NearIndex, Neighbours};

/// Why the server gave no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Codes could not be sent.
    #[error("codes cannot be sent to PostgreSQL: {0}")]
    Copy(#[from] std::io::Error),
    /// More codes than ids.
    #[error("{codes} codes are more than the table has ids for")]
    Full {
        /// How many there would be.
        codes: u64,
    },
    /// A name that is no plain table name.
    #[error("`{name}` is no table name: small letters, digits and `_`, at most {TABLE_NAME_MAX}")]
    Name {
        /// What was given.
        name: String,
    },
    /// The password stands where others read it.
    #[error("a password in the connection string is seen by everybody on this machine")]
    OpenPassword,
    /// The file of passwords cannot be read.
    #[error("cannot read the passwords in `{}`: {source}", path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A private ledger records no codes.
    #[error("a private ledger records no fingerprints")]
    Private,
    /// The table holds the codes of something else.
    #[error("table `{table}` {why}")]
    Table {
        /// Its name.
        table: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It cannot be reached, or refused a statement.
    #[error("PostgreSQL: {}", told(.0))]
    Server(#[from] postgres::Error),
}

/// A table of codes on a server.
pub struct PostgresIndex {
    client: Client,
    table: String,
}

impl PostgresIndex {
    /// Connects, and makes the table where there is none.
    ///
    /// # Errors
    /// [`EngineError`] when the server cannot be reached, or the table cannot be made.
    pub fn open(server: &Server) -> Result<Self, EngineError> {
        let mut found = Self::connect(server)?;
        let table = &found.table;
        found.client.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {table} (id int4 PRIMARY KEY, code bit(256) NOT NULL, slots int4[] NOT NULL)"
        ))?;
        Ok(found)
    }

    /// Connects to what is there.
    fn connect(server: &Server) -> Result<Self, EngineError> {
        let table = server.table.clone();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let starts = table.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !starts || table.len() > TABLE_NAME_MAX || !table.bytes().all(plain) {
            return Err(EngineError::Name { name: table });
        }
        let client = server.config()?.connect(NoTls)?;
        Ok(Self { client, table })
    }

    /// Makes the index, after the first rows: a GIN index is made far faster than it is added to.
    fn finish(&mut self) -> Result<(), EngineError> {
        let table = &self.table;
        self.client.batch_execute(&format!(
            "CREATE INDEX IF NOT EXISTS {table}_slots ON {table} USING gin (slots) WITH (fastupdate = off);
             ANALYZE {table}"
        ))?;
        Ok(())
    }

    /// Every code within a radius of one query, in the rows that `rows` leaves.
    fn within_one(&mut self, query: &Code, radius_bits: u32, most: usize) -> Result<Neighbours, EngineError> {
        let probes = probes(query, radius_bits);
        let rows = match probes {
            Some(_) => "slots && $4",
            None => "$4::int4[] IS NULL",
        };
        let statement = format!(
            "SELECT id, distance, count(*) OVER () FROM
               (SELECT id, bit_count(code # $1::text::bit(256))::int4 AS distance FROM {} WHERE {rows}
                AND bit_count(code # $1::text::bit(256)) <= $2) AS near
             ORDER BY distance, id LIMIT $3",
            self.table
        );
        let radius = i64::from(radius_bits);
        // One row at least, for it bears the count.
        let limit = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
        let mut asked = self.client.transaction()?;
        if probes.is_some() {
            // The planner takes probes for common values and would read all rows, in several processes.
            asked.batch_execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0",
            )?;
        }
        let found = asked.query(&statement, &[&bits(query), &radius, &limit, &probes])?;
        asked.commit()?;
        let total = match found.first() {
            Some(row) => row.try_get::<_, i64>(2)?,
            None => 0,
        };
        Ok(Neighbours {
            hits: found.iter().take(most).map(hit).collect::<Result<_, _>>()?,
            total: u64::try_from(total).unwrap_or(0),
        })
    }
}

/// Two that append at once would give the same ids.
fn lock(all: &mut Transaction<'_>, table: &str) -> Result<(), EngineError> {
    Ok(all.batch_execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))?)
}

/// Adds codes behind those there are, of which the table is locked.
fn append(all: &mut Transaction<'_>, table: &str, codes: &[Code]) -> Result<(), EngineError> {
    let there: i64 = all
        .query_one(
            &format!("SELECT coalesce(max(id) + 1::int8, 0) FROM {table}"),
            &[],
        )?
        .try_get(0)?;
    let there = u64::try_from(there).unwrap_or(0);
    let codes_then = there.saturating_add(u64::try_from(codes.len()).unwrap_or(u64::MAX));
    if i32::try_from(codes_then).is_err() {
        return Err(EngineError::Full { codes: codes_then });
    }
    let mut copy = all.copy_in(&format!("COPY {table} (id, code, slots) FROM STDIN"))?;
    for (id, code) in (there..).zip(codes) {
        let slots: Vec<String> = slots(code).map(|slot| slot.to_string()).collect();
        let line = format!("{id}\t{}\t{{{}}}\n", bits(code), slots.join(","));
        copy.write_all(line.as_bytes())?;
    }
    copy.finish()?;
    Ok(())
}

impl NearIndex for PostgresIndex {
    type Error = EngineError;

    fn insert(&mut self, codes: &[Code]) -> Result<(), EngineError> {
        let table = &self.table;
        let mut all = self.client.transaction()?;
        lock(&mut all, table)?;
        append(&mut all, table, codes)?;
        all.commit()?;
        self.finish()
    }

    fn codes(&mut self) -> Result<u64, EngineError> {
        let row = self
            .client
            .query_one(&format!("SELECT count(*) FROM {}", self.table), &[])?;
        Ok(u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
    }

    fn within(
        &mut self,
        queries: &[Code],
        radius_bits: u32,
        most: usize,
    ) -> Result<Vec<Neighbours>, EngineError> {
        let each = queries.iter();
        each.map(|query| self.within_one(query, radius_bits, most))
            .collect()
    }

    fn nearest(&mut self, queries: &[Code], most: usize) -> Result<Vec<Vec<Hit>>, EngineError> {
        let found = self.within(queries, 256, most)?;
        Ok(found.into_iter().map(|one| one.hits).collect())
    }
}

/// A row as a hit.
fn hit(row: &Row) -> Result<Hit, EngineError> {
    let number = |at: usize| row.try_get::<_, i32>(at).map(i32::cast_unsigned);
    Ok(Hit {
        id: number(0)?,
        distance_bits: number(1)?,
    })
}

/// The server's own words, which its library keeps apart from its error.
fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => told.message().to_owned(),
        None => error
            .source()
            .map_or_else(|| error.to_string(), |why| format!("{error}: {why}")),
    }
}

/// A code as PostgreSQL writes bits.
fn bits(code: &Code) -> String {
    let ones = (0..8 * code.len()).map(|bit| {
        code.get(bit / 8)
            .is_some_and(|byte| byte << (bit % 8) & 0x80 != 0)
    });
    ones.map(|one| if one { '1' } else { '0' }).collect()
}

/// The code's 16 slices of 16 bits.
fn keys(code: &Code) -> impl Iterator<Item = u16> {
    code.as_chunks::<2>()
        .0
        .iter()
        .map(|slice| u16::from_be_bytes(*slice))
}

/// What the index holds of a code.
fn slots(code: &Code) -> impl Iterator<Item = i32> {
    (0..)
        .zip(keys(code))
        .map(|(slot, key)| slot << 16 | i32::from(key))
}

/// What a code within a radius has in one slot at least; `None` where comparing all rows is faster.
///
/// Slots are given budgets: if the sum of all budgets and one each is the radius and one, no near code is beyond all of them (the
/// general pigeonhole principle, see `similar::index`).
fn probes(query: &Code, radius_bits: u32) -> Option<Vec<i32>> {
    if radius_bits > PROBED_MAX {
        return None;
    }
    let (each, more) = ((radius_bits + 1) / SLOTS, (radius_bits + 1) % SLOTS);
    let mut out = Vec::new();
    for (slot, key) in (0_u16..).zip(keys(query)) {
        let share = each + u32::from(u32::from(slot) < more);
        let near = (0..=u16::MAX).filter(|flips| flips.count_ones() < share);
        out.extend(near.map(|flips| i32::from(slot) << 16 | i32::from(key ^ flips)));
    }
    Some(out)
}

/// Farther than this all rows are compared sooner: within 48 bits, of a million rows, 0.14 s against 0.8.
pub const PROBED_MAX: u32 = 31;
/// PostgreSQL cuts names at 63 bytes, and the index has a longer one.
pub const TABLE_NAME_MAX: usize = 50;
const SLOTS: u32 = 16;

#[cfg(test)]
#[allow(
    clippy::print_stderr,
    reason = "tests may say what they skipped and how long it took"
)]
mod tests {
    use super::*;
    use crate::similar::index::tests::conforms;

    #[test]
    fn probes_are_as_many_as_the_budgets_allow() {
        let probes = |radius| probes(&[0; 32], radius).map(|all| all.len());
        assert_eq!(probes(0), Some(1));
        assert_eq!(probes(15), Some(16));
        assert_eq!(probes(31), Some(16 * 17));
        assert_eq!(probes(20), Some(16 + 5 * 16));
        assert_eq!(probes(32), None);
    }

    #[test]
    fn a_table_has_a_plain_name() {
        for name in ["", "1a", "a;b", "A", "a b", &"a".repeat(51)] {
            let refused = PostgresIndex::open(&Server::new("host=/nowhere", name)).err();
            assert!(matches!(refused, Some(EngineError::Name { .. })), "{name}");
        }
        let gone = PostgresIndex::open(&Server::new("host=/nowhere user=nobody", "codes"))
            .err()
            .unwrap();
        assert!(
            gone.to_string().starts_with("PostgreSQL: error connecting"),
            "{gone}"
        );
    }

    /// Against a real server: `tests/judges/postgres.sh`. Without one there is nothing to ask.
    #[test]
    fn a_server_answers_as_memory_does() {
        let Ok(connection) = std::env::var("BYLINE_POSTGRES") else {
            eprintln!("BYLINE_POSTGRES names no server: not asked");
            return;
        };
        let table = format!("codes_{}", std::process::id());
        conforms(PostgresIndex::open(&Server::new(&connection, &table)).unwrap());
        let mut again = PostgresIndex::open(&Server::new(&connection, &table)).unwrap();
        assert!(again.codes().unwrap() > 0, "a second connection sees them");
        again
            .client
            .batch_execute(&format!("DROP TABLE {table}"))
            .unwrap();
    }

    /// `BYLINE_CODES=1000000 tests/judges/postgres.sh` prints how long so many codes take.
    #[test]
    fn many_codes_are_found_through_the_index() {
        let size = std::env::var("BYLINE_CODES")
            .ok()
            .and_then(|size| size.parse().ok());
        let (Ok(connection), Some(size)) = (std::env::var("BYLINE_POSTGRES"), size) else {
            eprintln!("BYLINE_POSTGRES and BYLINE_CODES are not set: not asked");
            return;
        };
        let code = |id: u64| *crate::base::Digest::of(&id.to_be_bytes()).as_bytes();
        let table = format!("many_{}", std::process::id());
        let mut index = PostgresIndex::open(&Server::new(&connection, &table)).unwrap();
        let codes: Vec<Code> = (0..size).map(code).collect();
        let start = std::time::Instant::now();
        index.insert(&codes).unwrap();
        eprintln!("{size} codes in {:.1} s", start.elapsed().as_secs_f64());
        for radius in [PROBED_MAX, 64] {
            let mut times = Vec::new();
            for (at, wanted) in (0..size).step_by(usize::try_from(size / 21).unwrap()).zip(0..) {
                let mut query = code(at);
                query[wanted % 32] ^= 0xff;
                let start = std::time::Instant::now();
                let found = index.within(&[query], radius, 5).unwrap();
                times.push(start.elapsed());
                let nearest = (found[0].hits[0].distance_bits, u64::from(found[0].hits[0].id));
                assert_eq!((nearest, found[0].total), ((8, at), 1));
            }
            times.sort_unstable();
            let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
            eprintln!(
                "within {radius} bits: median {median:.1?}, slowest {most:.1?} of {}",
                times.len()
            );
        }
        index
            .client
            .batch_execute(&format!("DROP TABLE {table}"))
            .unwrap();
    }
}
