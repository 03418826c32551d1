//! The codes of a ledger in PostgreSQL: derived, filled batch by batch, each of them whole or not at all.
//!
//! ```text
//! NAME            four codes for each picture, in the order of the log (see `store::codes`): picture = id / 4
//! NAME_pictures   picture int4, entry int8: where the picture's registration stands
//! NAME_ledger     one row: origin, entries and registrations covered, root hash over those entries
//! ```
//!
//! A table goes with one log and one history of it: both are compared before anything is added or asked.

use postgres::GenericClient;

use super::{EngineError, PostgresIndex, Server, append, lock};
use crate::ledger::{LeafIndex, TreeSize};
use crate::similar::index::{Code, NearIndex as _, Neighbours};
use crate::store::codes::Codes;
use crate::store::ledger_file::LedgerFile;

/// The codes of a ledger on a server.
pub(in crate::app) struct CodeTable {
    index: PostgresIndex,
}

/// What a table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Filled {
    /// Entries covered.
    pub(in crate::app) size: TreeSize,
    /// Registrations among them.
    pub(in crate::app) registrations: u64,
    /// Those with codes.
    pub(in crate::app) pictures: u64,
}

impl CodeTable {
    /// Connects, and makes the tables where there are none.
    pub(in crate::app) fn make(server: &Server) -> Result<Self, EngineError> {
        let mut index = PostgresIndex::open(server)?;
        let table = &index.table;
        index.client.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {table}_pictures (picture int4 PRIMARY KEY, entry int8 NOT NULL);
             CREATE TABLE IF NOT EXISTS {table}_ledger (one bool PRIMARY KEY DEFAULT true CHECK (one), origin text NOT NULL,
               entries int8 NOT NULL, registrations int8 NOT NULL, root text NOT NULL)"
        ))?;
        Ok(Self { index })
    }

    /// Connects to tables that are there.
    pub(in crate::app) fn open(server: &Server) -> Result<Self, EngineError> {
        let index = PostgresIndex::connect(server)?;
        Ok(Self { index })
    }

    /// What the tables hold of a ledger.
    ///
    /// # Errors
    /// [`EngineError::Table`] when there are none, or they are of another log, or of another history of it.
    pub(in crate::app) fn filled(&mut self, ledger: &LedgerFile) -> Result<Filled, EngineError> {
        let (table, client) = (&self.index.table, &mut self.index.client);
        let is_there = client.query_one("SELECT to_regclass($1 || '_ledger') IS NOT NULL", &[table])?;
        if !is_there.try_get::<_, bool>(0)? {
            return Err(wrong(table, "does not hold the codes of a ledger yet"));
        }
        filled(client, table, ledger)
    }

    /// Adds the codes that a ledger has and the tables lack; tells how far it is after each batch.
    pub(in crate::app) fn fill(
        &mut self,
        ledger: &LedgerFile,
        codes: &Codes,
        told: &mut dyn FnMut(Filled),
    ) -> Result<Filled, EngineError> {
        loop {
            let now = self.add(ledger, codes)?;
            told(now);
            if now.size >= codes.size() {
                self.index.finish()?;
                return Ok(now);
            }
        }
    }

    /// Adds one batch.
    fn add(&mut self, ledger: &LedgerFile, codes: &Codes) -> Result<Filled, EngineError> {
        let table = &self.index.table;
        let mut all = self.index.client.transaction()?;
        lock(&mut all, table)?;
        let before = filled(&mut all, table, ledger)?;
        let batch = Batch::after(before, codes).ok_or_else(|| wrong(table, DIFFERS))?;
        append(&mut all, table, batch.codes)?;
        let numbers: Vec<i32> = (before.pictures..)
            .take(batch.entries.len())
            .filter_map(|number| i32::try_from(number).ok())
            .collect();
        all.execute(
            &format!("INSERT INTO {table}_pictures SELECT * FROM unnest($1::int4[], $2::int8[])"),
            &[&numbers, &batch.entries],
        )?;
        let root = ledger.root_at(batch.then.size);
        let root = root.map_err(|_| wrong(table, DIFFERS))?.hex();
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        all.execute(
            &format!(
                "INSERT INTO {table}_ledger (origin, entries, registrations, root) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (one) DO UPDATE SET entries = excluded.entries, registrations = excluded.registrations,
                   root = excluded.root"
            ),
            &[
                &ledger.header().origin().as_str(),
                &number(batch.then.size.0),
                &number(batch.then.registrations),
                &root,
            ],
        )?;
        all.commit()?;
        Ok(batch.then)
    }

    /// Every code within a radius of each query, as places in the log.
    pub(in crate::app) fn within(
        &mut self,
        queries: &[Code],
        radius_bits: u32,
        most: usize,
    ) -> Result<Vec<Neighbours>, EngineError> {
        self.index.within(queries, radius_bits, most)
    }

    /// Where the registrations of pictures stand.
    pub(in crate::app) fn entries(&mut self, pictures: &[i32]) -> Result<Vec<(i32, LeafIndex)>, EngineError> {
        let table = &self.index.table;
        let rows = self.index.client.query(
            &format!("SELECT picture, entry FROM {table}_pictures WHERE picture = ANY($1)"),
            &[&pictures],
        )?;
        let each = rows.iter().map(|row| {
            let entry: i64 = row.try_get(1)?;
            Ok((
                row.try_get(0)?,
                LeafIndex(u64::try_from(entry).unwrap_or(u64::MAX)),
            ))
        });
        each.collect()
    }
}

/// What comes next into the tables.
struct Batch<'a> {
    codes: &'a [Code],
    entries: Vec<i64>,
    then: Filled,
}

impl<'a> Batch<'a> {
    /// The codes behind those that are there; `None` where the ledger has other pictures among the entries covered.
    fn after(before: Filled, codes: &'a Codes) -> Option<Self> {
        let from = usize::try_from(before.pictures).ok()?;
        let entry = |picture: usize| codes.place(picture.checked_mul(KINDS)?).map(|(entry, _)| entry.0);
        let is_before = |picture: usize| entry(picture).is_none_or(|entry| entry < before.size.0);
        if from > codes.pictures() || (from > 0 && !is_before(from - 1)) {
            return None;
        }
        let to = codes.pictures().min(from.checked_add(PICTURES_A_BATCH)?);
        if from < to && entry(from)? < before.size.0 {
            return None;
        }
        let entries = (from..to).map(|picture| i64::try_from(entry(picture)?).ok());
        let entries: Vec<i64> = entries.collect::<Option<_>>()?;
        // The last batch covers also what comes behind the last picture.
        let size = if to == codes.pictures() {
            codes.size()
        } else {
            TreeSize(entry(to)?)
        };
        Some(Self {
            codes: codes
                .bits()
                .get(from.checked_mul(KINDS)?..to.checked_mul(KINDS)?)?,
            entries,
            then: Filled {
                size,
                registrations: if size == codes.size() {
                    codes.registrations()
                } else {
                    before.registrations
                },
                pictures: u64::try_from(to).ok()?,
            },
        })
    }
}

/// What the one row says; nothing yet, where there is none.
fn filled(client: &mut impl GenericClient, table: &str, ledger: &LedgerFile) -> Result<Filled, EngineError> {
    let found = client.query_opt(
        &format!("SELECT origin, entries, registrations, root FROM {table}_ledger"),
        &[],
    )?;
    let Some(row) = found else {
        return Ok(Filled::default());
    };
    let number = |at: usize| {
        row.try_get::<_, i64>(at)
            .map(|count| u64::try_from(count).unwrap_or(0))
    };
    if row.try_get::<_, &str>(0)? != ledger.header().origin().as_str() {
        return Err(wrong(table, "holds the codes of another ledger"));
    }
    let size = TreeSize(number(1)?);
    let root = ledger.root_at(size).map(|root| root.hex()).ok();
    if root.as_deref() != Some(row.try_get::<_, &str>(3)?) {
        return Err(wrong(table, DIFFERS));
    }
    let pictures = client.query_one(&format!("SELECT count(*) FROM {table}_pictures"), &[])?;
    Ok(Filled {
        size,
        registrations: number(2)?,
        pictures: u64::try_from(pictures.try_get::<_, i64>(0)?).unwrap_or(0),
    })
}

fn wrong(table: &str, why: &'static str) -> EngineError {
    EngineError::Table {
        table: table.to_owned(),
        why,
    }
}

const KINDS: usize = Codes::KINDS.len();
/// Pictures whose codes go in one transaction: some seconds, and what an interruption costs.
const PICTURES_A_BATCH: usize = 16_384;
const DIFFERS: &str = "holds the codes of another history of this ledger";
