//! The codes of a ledger asked for on a PostgreSQL server instead of beside the ledger: feature `postgres`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::alike::{self, Alike, CodesNear, HITS_MAX, Nears, Wanted};
use crate::app::engine::{CodeTable, EngineError, PROBED_MAX, Server, fault};
use crate::app::{Error, ledger_open};
use crate::ledger::{LeafIndex, LookupMode};
use crate::similar::chance::Likeness;
use crate::store::codes::Codes;
use crate::store::ledger_file::LedgerFile;

/// A table that was compared with the ledger.
pub(super) struct Elsewhere {
    table: Mutex<CodeTable>,
    /// What the table does not hold yet, in a sentence.
    behind: Option<String>,
}

impl Elsewhere {
    /// Connects, and compares.
    ///
    /// # Errors
    /// When the server cannot be asked, or its table is of another log or another history.
    pub(super) fn open(ledger: &LedgerFile, server: &Server) -> Result<(Self, Alike), Error> {
        if ledger.header().mode == LookupMode::Private {
            return Err(fault(&EngineError::Private));
        }
        let mut table = CodeTable::open(server).map_err(|error| fault(&error))?;
        let filled = table.filled(ledger).map_err(|error| fault(&error))?;
        let size = ledger.size();
        let behind = (filled.size < size).then(|| {
            format!(
                "entries {} to {}, which table `{}` does not hold yet: byline ledger index",
                filled.size.0,
                size.0.saturating_sub(1),
                server.table
            )
        });
        let alike = Alike::elsewhere(filled.pictures, filled.registrations);
        let table = Mutex::new(table);
        Ok((Self { table, behind }, alike))
    }

    /// What cannot be searched for, in sentences.
    pub(super) fn gaps(&self, alike: &Alike) -> Vec<String> {
        let mut gaps = alike.gaps();
        gaps.extend(self.behind.clone());
        gaps
    }

    /// As `Alike::near`, within the radius of related pictures; where something is nearer than [`PROBED_MAX`], only that, which the
    /// server's index finds without reading all rows. Says so.
    ///
    /// # Errors
    /// When the server gives no answer, or an entry found cannot be read.
    pub(super) fn near(
        &self,
        (ledger, path): (&LedgerFile, &Path),
        wanted: &Wanted,
        most: usize,
    ) -> Result<(Nears, Option<String>), Error> {
        for radius_bits in [PROBED_MAX, Likeness::Related.radius_bits()] {
            let found = self.found(ledger, wanted, radius_bits);
            let found = found.map_err(|error| fault(&error))?;
            let nears = alike::judged(ledger, wanted, &found, most);
            let nears = nears.map_err(|error| ledger_open::fault(path, &error))?;
            if radius_bits == PROBED_MAX && nears.shown.is_empty() {
                continue;
            }
            let is_near = radius_bits == PROBED_MAX;
            return Ok((nears, is_near.then(|| NEARER.to_owned())));
        }
        Ok((Nears::default(), None))
    }

    fn found(
        &self,
        ledger: &LedgerFile,
        wanted: &Wanted,
        radius_bits: u32,
    ) -> Result<Vec<CodesNear>, EngineError> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let found = table.within(&wanted.codes(), radius_bits, HITS_MAX)?;
        let kinds = u32::try_from(Codes::KINDS.len()).unwrap_or(1);
        let picture = |id: u32| i32::try_from(id / kinds).unwrap_or(i32::MAX);
        let hits = found.iter().flat_map(|near| &near.hits);
        let mut pictures: Vec<i32> = hits.map(|hit| picture(hit.id)).collect();
        pictures.sort_unstable();
        pictures.dedup();
        let entries: BTreeMap<i32, LeafIndex> = table.entries(&pictures)?.into_iter().collect();
        let place = |id: u32| {
            let index = entries
                .get(&picture(id))
                .filter(|index| index.0 < ledger.size().0)?;
            let kind = Codes::KINDS.get(usize::try_from(id % kinds).ok()?)?;
            Some((*index, *kind))
        };
        let placed = found.iter().map(|near| CodesNear {
            hits: near
                .hits
                .iter()
                .filter_map(|hit| place(hit.id).map(|(index, kind)| (hit.distance_bits, index, kind)))
                .collect(),
            total: near.total,
        });
        Ok(placed.collect())
    }
}

const NEARER: &str = "pictures that differ in more than 31 of 256 details, as nearer ones were found";
