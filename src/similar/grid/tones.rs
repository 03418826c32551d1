//! By how much tones were changed, told of the cells before and after.

use super::cells::{Cells, small};
use super::{ToneChange, hundredths};

/// A level so near black or white, and a colour so near grey, is where curves of tones begin and end.
const ENDS: f32 = 8.0;
/// Tones of a cell that differ by so much were changed, levels.
const SEEN: f32 = 3.0;
/// Colours, levels, of which a picture has more is not grey.
const COLOURED: f32 = 2.0;
/// Most that is told, per cent.
const MOST: f32 = 900.0;

/// A cell before and after.
type Pair = ([f32; 3], [f32; 3]);

fn pairs<'a>(before: &'a Cells, after: &'a Cells) -> impl Iterator<Item = Pair> + Clone + 'a {
    before
        .0
        .iter()
        .zip(&after.0)
        .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
}

/// How far luma and the two colour differences were moved, in the mean.
pub(super) fn moved(before: &Cells, after: &Cells) -> [f32; 3] {
    let mut sums = [0.0f32; 3];
    let mut count = 0;
    for (a, b) in pairs(before, after) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (b - a).abs();
        }
        count += 1;
    }
    sums.map(|sum| sum / small(count.max(1)))
}

/// In how much of what is neither black nor white tones were changed, per cent.
pub(super) fn toned_percent(before: &Cells, after: &Cells) -> usize {
    let is_between = |[luma, blue, red]: &[f32; 3]| {
        (ENDS..=255.0 - ENDS).contains(luma) || blue.abs().max(red.abs()) > ENDS
    };
    let (mut between, mut toned) = (0usize, 0usize);
    for (a, b) in pairs(before, after).filter(|(a, _)| is_between(a)) {
        between += 1;
        let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        toned += usize::from(far >= SEEN);
    }
    (toned * 100).checked_div(between).unwrap_or(0)
}

/// In how much of what stands out from its neighbours this was made stronger or weaker, per cent.
pub(super) fn sharper_percent(before: &Cells, after: &Cells) -> usize {
    let soft = before.blurred();
    let (mut out, mut sharper) = (0usize, 0usize);
    for ((a, b), soft) in before.0.iter().zip(&after.0).zip(&soft.0) {
        if let (Some(a), Some(b), Some(soft)) = (a, b, soft)
            && (a[0] - soft[0]).abs() >= ENDS
        {
            out += 1;
            sharper += usize::from((a[0] - b[0]).abs() >= SEEN);
        }
    }
    (sharper * 100).checked_div(out).unwrap_or(0)
}

/// The change in numbers.
pub(super) fn change(before: &Cells, after: &Cells) -> ToneChange {
    let pairs = pairs(before, after);
    let count = small(pairs.clone().count().max(1));
    let mean = |of: &dyn Fn(&Pair) -> f32| pairs.clone().map(|pair| of(&pair)).sum::<f32>() / count;
    let (old, new) = (mean(&|pair| pair.0[0]), mean(&|pair| pair.1[0]));
    let spread = (
        mean(&|pair| (pair.0[0] - old).powi(2)).sqrt(),
        mean(&|pair| (pair.1[0] - new).powi(2)).sqrt(),
    );
    let colour = (
        mean(&|pair| pair.0[1].hypot(pair.0[2])),
        mean(&|pair| pair.1[1].hypot(pair.1[2])),
    );
    let percent =
        |(from, to): (f32, f32)| hundredths((to / from.max(f32::MIN_POSITIVE) - 1.0).min(MOST / 100.0));
    ToneChange {
        lighter: hundredths((new - old) / 100.0),
        contrast: percent(spread),
        saturation: (colour.0 >= COLOURED).then(|| percent(colour)),
    }
}
