//! How much of what there is to see in a registered picture a picture laid over it shows, too.
//!
//! Tones of a field go together wherever both have the same bright and dark halves, as about the edge of a frame that two pictures
//! share. So each place where something is to see counts alike here, however strong it is: a frame is few of them.

/// Cells along a side.
pub(super) const SIDE: usize = 32;
/// Tones over two cells differ at least so much, of 255, where there is something to see: the sketch rounds to 16.
const SEEN: f64 = 28.0;
/// Slopes about a cell go together at least so well, -1 to 1, where both show the same.
const TOGETHER: f64 = 0.75;

/// The tones of a cell: of the picture laid over the registered one, and of that.
pub(super) type Cell = Option<[f64; 2]>;

/// How much of what there is to see is carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Cells in which the registered picture has something to see.
    pub textured: u32,
    /// In how many of those the other shows the same.
    pub carried: u32,
}

impl Carried {
    /// Of [`SIDE`] x [`SIDE`] cells, rows from the top.
    pub(super) fn of(cells: &[Cell]) -> Self {
        let slopes: Vec<Option<[Slope; 2]>> = (0..SIDE * SIDE)
            .map(|cell| Some([slope(cells, cell, 0)?, slope(cells, cell, 1)?]))
            .collect();
        let mut found = Self {
            textured: 0,
            carried: 0,
        };
        for (cell, pair) in slopes.iter().enumerate() {
            if pair.is_some_and(|[_, there]| there.dot(there) >= SEEN * SEEN) {
                found.textured += 1;
                found.carried += u32::from(goes_together(&slopes, cell));
            }
        }
        found
    }

    /// The part that is carried, percent; 100 where there is nothing to see.
    #[must_use]
    pub const fn percent(&self) -> u32 {
        match self.carried.saturating_mul(100).checked_div(self.textured) {
            Some(percent) => percent,
            None => 100,
        }
    }
}

/// By how much tones rise over two cells, to the right and down.
#[derive(Clone, Copy)]
struct Slope(f64, f64);

impl Slope {
    fn dot(self, other: Self) -> f64 {
        self.0 * other.0 + self.1 * other.1
    }
}

/// `None` at the edge, and beside what only one of the pictures shows.
fn slope(cells: &[Cell], cell: usize, which: usize) -> Option<Slope> {
    let (x, y) = (cell % SIDE, cell / SIDE);
    let is_inner = |at: usize| (1..SIDE - 1).contains(&at);
    if !is_inner(x) || !is_inner(y) {
        return None;
    }
    let at = |cell: usize| Some(cells.get(cell)?.as_ref()?[which]);
    Some(Slope(
        at(cell + 1)? - at(cell - 1)?,
        at(cell + SIDE)? - at(cell - SIDE)?,
    ))
}

/// Whether the slopes of a cell and of those that touch it are those of the other picture, but for contrast.
fn goes_together(slopes: &[Option<[Slope; 2]>], cell: usize) -> bool {
    let (mut both, mut heres, mut theres) = (0.0, 0.0, 0.0);
    for row in [cell - SIDE, cell, cell + SIDE] {
        for [here, there] in slopes[row - 1..=row + 1].iter().flatten() {
            both += here.dot(*there);
            heres += here.dot(*here);
            theres += there.dot(*there);
        }
    }
    both >= TOGETHER * (heres * theres).sqrt()
}
