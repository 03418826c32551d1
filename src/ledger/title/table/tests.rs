use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::*;
use crate::ledger::spill::attic::Attic;

fn row(n: u32) -> Row {
    let mut asset_id = [0; 16];
    asset_id[..4].copy_from_slice(&n.to_le_bytes());
    let mut leaf = [7; 32];
    leaf[..4].copy_from_slice(&n.to_le_bytes());
    Row {
        leaf: LeafHash::from_bytes(leaf),
        asset_id,
        index: LeafIndex(3 * u64::from(n)),
        key: KeyNo::from_number(n % 5),
        mining: [None, Some(Mining::None), Some(Mining::Allowed)][n as usize % 3],
    }
}

/// Every row is found by its asset id and by its index, and nothing else is.
fn holds(table: &Table, rows: u32) {
    assert_eq!(table.len(), rows);
    for n in (0..rows).step_by(97).chain(rows.saturating_sub(2)..rows) {
        assert_eq!(table.find(&row(n).asset_id), Some(row(n)), "{n}");
        assert_eq!(table.at(row(n).index), Some(row(n)), "{n}");
        assert_eq!(table.at(LeafIndex(3 * u64::from(n) + 1)), None);
    }
    let mut all = Vec::new();
    while let Some(last) = table.some(all.len() as u32, 999).last() {
        let from = all.len() as u32;
        all.extend(table.some(from, 999));
        assert_eq!(all.last(), Some(last));
    }
    assert!(all.iter().copied().eq((0..rows).map(row)));
    assert_eq!(table.find(&row(rows).asset_id), None);
    assert_eq!(table.at(row(rows).index), None);
}

const ROWS: u32 = 2 * LATEST_MAX as u32 + 1000;

#[test]
fn rows_are_found_in_memory_and_in_the_room_alike() {
    let (mut here, mut there) = (Table::default(), Table::in_room(Arc::new(Attic::default())));
    for n in 0..ROWS {
        here.add(row(n), true);
        there.add(row(n), true);
        if n < 300 {
            holds(&here, n + 1);
            holds(&there, n + 1);
        }
    }
    holds(&here, ROWS);
    holds(&there, ROWS);
    assert_eq!(there.rows.latest.len(), 1000);
    assert_eq!(there.rows.outside_len, 2 * LATEST_MAX as u32);
    assert!(here.take_failure().is_none() && there.take_failure().is_none());
}

#[test]
fn of_one_asset_id_the_first_registration_is_found() {
    let mut table = Table::default();
    table.add(row(1), true);
    let again = Row {
        index: LeafIndex(9),
        ..row(1)
    };
    table.add(again, false);
    assert_eq!(table.find(&row(1).asset_id), Some(row(1)));
    assert_eq!(table.at(LeafIndex(9)), Some(again));
}

#[test]
fn a_room_that_fails_is_told_once_by_whoever_asks() {
    let attic = Attic::default();
    let is_gone = attic.is_gone.clone();
    let mut table = Table::in_room(Arc::new(attic));
    for n in 0..LATEST_MAX as u32 + 5 {
        table.add(row(n), true);
    }
    is_gone.store(true, Ordering::Relaxed);
    assert_eq!(
        table.find(&row(LATEST_MAX as u32 + 1).asset_id),
        Some(row(LATEST_MAX as u32 + 1))
    );
    assert!(table.take_failure().is_none());
    assert_eq!(table.find(&row(1).asset_id), None);
    assert!(table.take_failure().is_some() && table.take_failure().is_none());
    assert_eq!(table.some(0, 9), []);
    assert!(table.take_failure().is_some());
    // Nor can more be put there; what is in memory stays there.
    for n in LATEST_MAX as u32 + 5..3 * LATEST_MAX as u32 {
        table.add(row(n), true);
    }
    assert!(table.take_failure().is_some());
}

#[test]
fn a_registration_takes_few_bytes_of_memory() {
    let mut slots = Slots::default();
    for n in 0..400_000u32 {
        slots.insert(&row(n).asset_id, RowNo(n));
        if n > 300_000 && n % 1000 == 0 {
            let places: usize = slots.parts.iter().map(|part| part.slots.capacity()).sum();
            let bytes = places * size_of::<Slot>() + PARTS * size_of::<Part>();
            assert!(bytes <= 14 * n as usize, "{bytes} for {n}");
        }
    }
    assert!(size_of::<Row>() <= ROW_LEN);
}

proptest! {
    #[test]
    fn a_row_survives_its_bytes(leaf: [u8; 32], asset_id: [u8; 16], index: u64, key: u32, n in 0u32..3) {
        let row = Row {
            leaf: LeafHash::from_bytes(leaf),
            asset_id,
            index: LeafIndex(index),
            key: KeyNo::from_number(key),
            mining: row(n).mining,
        };
        let mut bytes = Vec::new();
        row.write(&mut bytes);
        prop_assert_eq!(Row::read(bytes.as_slice().try_into().unwrap()), Some(row));
    }
}
