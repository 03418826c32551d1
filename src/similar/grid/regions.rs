//! Which cells count as changed, and the parts they make.

use super::cells::{SIDE, around};
use super::{CELLS, CLUSTER, HIGH, LOW};

/// A part of the picture, in cells of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Changed cells in it.
    pub cells: usize,
}

/// Cells over [`HIGH`], and touching cells over [`LOW`] that are [`CLUSTER`] or that touch one over [`HIGH`]; both times `slack`.
pub(super) fn changed(distances: &[f32], slack: f32) -> Vec<bool> {
    let over: Vec<bool> = distances.iter().map(|one| *one >= LOW * slack).collect();
    let mut changed = vec![false; CELLS];
    for group in groups(&over) {
        if group.len() >= CLUSTER || group.iter().any(|cell| distances[*cell] >= HIGH * slack) {
            for cell in group {
                changed[cell] = true;
            }
        }
    }
    changed
}

/// The boxes around changed cells that lie at most one cell apart, largest first.
pub(super) fn regions(changed: &[bool]) -> Vec<Region> {
    let near: Vec<bool> = (0..CELLS)
        .map(|cell| changed[cell] || around(cell).any(|other| changed[other]))
        .collect();
    let mut found: Vec<Region> = groups(&near)
        .into_iter()
        .filter_map(|group| {
            let cells: Vec<usize> = group.into_iter().filter(|cell| changed[*cell]).collect();
            let columns = || cells.iter().map(|cell| cell % SIDE);
            let rows = || cells.iter().map(|cell| cell / SIDE);
            let (x, y) = (columns().min()?, rows().min()?);
            Some(Region {
                x,
                y,
                width: columns().max()? + 1 - x,
                height: rows().max()? + 1 - y,
                cells: cells.len(),
            })
        })
        .collect();
    found.sort_by_key(|region| (std::cmp::Reverse(region.cells), region.y, region.x));
    found
}

/// Set cells that touch, by side or corner.
fn groups(set: &[bool]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; CELLS];
    let mut groups = Vec::new();
    for start in 0..CELLS {
        if seen[start] || !set[start] {
            continue;
        }
        seen[start] = true;
        let mut group = vec![start];
        let mut next = 0;
        while let Some(cell) = group.get(next).copied() {
            next += 1;
            for other in around(cell) {
                if set[other] && !seen[other] {
                    seen[other] = true;
                    group.push(other);
                }
            }
        }
        groups.push(group);
    }
    groups
}
