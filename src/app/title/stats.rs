//! Counts of a ledger: by kind, by source type, by key, by month.

use std::collections::BTreeMap;

use super::desk::Desk;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::base::Untrusted;
use crate::keys::KeyId;
use crate::ledger::{EntryBody, LeafIndex};
use crate::report::title::{Count, KeyCount, StatsReport};

/// Counts every entry.
pub fn stats(app: &App, choice: &LedgerChoice) -> Result<StatsReport, Error> {
    let mut desk = Desk::read(app, choice)?;
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut sources: BTreeMap<String, u64> = BTreeMap::new();
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    let mut keys: BTreeMap<KeyId, u64> = BTreeMap::new();
    let size = desk.ledger.size().0;
    app.progress.start(size, "counting entries");
    for index in 0..size {
        let entry = desk.entry(LeafIndex(index))?;
        count(&mut kinds, entry.body().kind().to_owned());
        if let EntryBody::AssetRegister(body) = entry.body() {
            count(&mut sources, body.source.term().to_owned());
        }
        count(&mut months, entry.time().rfc3339().chars().take(7).collect());
        count(&mut keys, entry.signer());
        app.progress.reach(index);
    }
    app.progress.finish();
    desk.learn(keys.keys())?;
    // Who rotates keys is one signer.
    let mut signers: BTreeMap<KeyId, u64> = BTreeMap::new();
    for (key, entries) in &keys {
        let count = signers.entry(desk.names.identity(key)).or_default();
        *count = count.saturating_add(*entries);
    }
    let mut keys: Vec<KeyCount> = signers
        .iter()
        .map(|(key, count)| KeyCount {
            who: desk.names.who(key),
            count: *count,
        })
        .collect();
    keys.sort_by_key(|one| std::cmp::Reverse(one.count));
    Ok(StatsReport {
        schema: "stats-report.v1",
        ledger: Untrusted::new(desk.path.to_string_lossy()),
        origin: Untrusted::new(desk.ledger.header().origin().as_str()),
        tree_size: size,
        time: Some(desk.ledger.last_commit().rfc3339()),
        kinds: most_first(kinds),
        source_types: most_first(sources),
        keys,
        months: months
            .into_iter()
            .map(|(what, count)| Count { what, count })
            .collect(),
    })
}

fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, of: K) {
    let count = counts.entry(of).or_default();
    *count = count.saturating_add(1);
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts
        .into_iter()
        .map(|(what, count)| Count { what, count })
        .collect();
    counts.sort_by_key(|one| std::cmp::Reverse(one.count));
    counts
}
