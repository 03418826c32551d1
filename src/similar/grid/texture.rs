//! Whether what agrees of two pictures is something to see, and not the plain ground, margin or frame that any two may share.

use super::cells::{CELLS, Cells, around};

/// Luma changes at least so much over two cells, levels, where there is something to see: re-encoding makes a third of it.
const TEXTURED: f32 = 6.0;
/// Slopes about a cell that go together less, -1 to 1, are of something else.
const TOGETHER: f32 = 0.6;
/// So much weaker, or stronger, slopes are of something else.
const WEAKER: f32 = 0.2;

/// The cells where there is something to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Texture {
    /// In the older picture.
    pub old: usize,
    /// In the newer one.
    pub new: usize,
    /// In both, and the same.
    pub carried: usize,
}

impl Texture {
    /// The part of the picture with less to see that the other shows, too, per cent; 100 where there is nothing to see.
    #[must_use]
    pub const fn percent(&self) -> usize {
        let least = if self.old < self.new { self.old } else { self.new };
        match (self.carried * 100).checked_div(least) {
            Some(percent) if percent < 100 => percent,
            _ => 100,
        }
    }
}

/// Looks at all cells that both pictures show.
pub(super) fn texture(old: &Cells, new: &Cells, changed: &[bool]) -> Texture {
    let slopes: Vec<Option<[(f32, f32); 2]>> = (0..CELLS)
        .map(|cell| Some([old.slope(cell)?, new.slope(cell)?]))
        .collect();
    let size = |slope: (f32, f32)| slope.0.hypot(slope.1);
    let mut found = Texture::default();
    for (cell, pair) in slopes.iter().enumerate() {
        let Some([then, now]) = pair else { continue };
        let (old, new) = (size(*then) >= TEXTURED, size(*now) >= TEXTURED);
        found.old += usize::from(old);
        found.new += usize::from(new);
        if (old || new) && !changed[cell] && goes_together(&slopes, cell) {
            found.carried += 1;
        }
    }
    found
}

/// Whether the slopes of a cell and those that touch it are the same in both pictures, but for contrast.
fn goes_together(slopes: &[Option<[(f32, f32); 2]>], cell: usize) -> bool {
    let (mut both, mut olds, mut news) = (0.0f32, 0.0f32, 0.0f32);
    for [then, now] in around(cell).filter_map(|near| slopes.get(near).copied().flatten()) {
        both += then.0 * now.0 + then.1 * now.1;
        olds += then.0 * then.0 + then.1 * then.1;
        news += now.0 * now.0 + now.1 * now.1;
    }
    let (weaker, stronger) = (olds.min(news), olds.max(news));
    both >= TOGETHER * (olds * news).sqrt() && weaker >= WEAKER * WEAKER * stronger
}
