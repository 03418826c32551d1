//! Which points of two pictures look alike, and how many of them agree on how one lies over the other.

use crate::base::local::{LocalPoint, LocalPrint};

/// Two looks that differ in more bits are not of one place.
const DISTANCE_MAX: u32 = 26;
/// So many bits nearer than the second best.
const MARGIN: u32 = 4;
/// Least ratio of the two scales of a picture that was squeezed.
const SQUEEZE_MAX: f64 = 1.7;
/// A copy may be so many times as large or small.
const SCALE_MAX: f64 = 8.0;

/// Where places of one picture lie in another: `x' = a x + b y + c`, `y' = d x + e y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    across: [f64; 3],
    down: [f64; 3],
}

impl Affine {
    /// A place.
    #[must_use]
    pub fn of(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let along = |[a, b, c]: [f64; 3]| a * x + b * y + c;
        (along(self.across), along(self.down))
    }

    /// From which place this leads to a place; `None` where it leads from many.
    #[must_use]
    pub fn back(&self, place: (f64, f64)) -> Option<(f64, f64)> {
        let (across, down) = (self.across, self.down);
        let (x, y) = (place.0 - across[2], place.1 - down[2]);
        let determinant = self.determinant();
        let solved = (
            (down[1] * x - across[1] * y) / determinant,
            (across[0] * y - down[0] * x) / determinant,
        );
        (determinant.abs() > f64::EPSILON).then_some(solved)
    }

    /// How many times as large things become, in the mean of both directions.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.determinant().abs().sqrt()
    }

    /// By how many degrees things are turned, clockwise when positive.
    #[must_use]
    pub fn turned_degrees(&self) -> f64 {
        let ([a, b, _], [d, e, _]) = (self.across, self.down);
        libm::atan2(d - b, a + e).to_degrees()
    }

    fn determinant(&self) -> f64 {
        self.across[0] * self.down[1] - self.across[1] * self.down[0]
    }

    /// Whether a copy can have been made so: turned, resized, squeezed a little.
    fn is_plain(&self) -> bool {
        let ([a, b, _], [d, e, _]) = (self.across, self.down);
        let (sum, determinant) = (a * a + b * b + d * d + e * e, self.determinant());
        let scale = self.scale();
        // The two singular values have this product and these squares.
        let bound = SQUEEZE_MAX + 1.0 / SQUEEZE_MAX;
        determinant > 0.0 && sum <= bound * determinant && scale < SCALE_MAX && scale > 1.0 / SCALE_MAX
    }
}

/// Two points that look alike.
#[derive(Clone, Copy)]
struct Pair {
    registered: (f64, f64),
    seen: (f64, f64),
    /// Sixteenths of an octave, seen to registered.
    growth: i32,
    /// 256ths of a turn.
    turn: u8,
}

/// The points that agree, and on what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// How many points of the registered picture.
    pub points: u32,
    /// From its canonical places to those of the picture seen.
    pub place: Affine,
    /// The box about them in the registered picture, pixels of its canonical luma: left, right and top, bottom.
    pub about: [(f64, f64); 2],
}

/// How many points of two pictures agree; `None` when fewer than three do.
pub(super) fn agreement(registered: &LocalPrint, seen: &[LocalPoint]) -> Option<Agreement> {
    let pairs = pairs(&registered.points, seen);
    let first = pairs
        .iter()
        .map(|pair| agreeing(&pairs, pair))
        .max_by_key(Vec::len)
        .filter(|agreeing| agreeing.len() >= LEAST)?;
    let mut place = similarity(&first)?;
    for tolerance in [16.0, 10.0] {
        place = similarity(&within(&pairs, &place, tolerance))?;
    }
    let mut found = within(&pairs, &place, 10.0);
    if found.len() >= AFFINE_LEAST {
        for _ in 0..2 {
            let Some(better) = affine(&found).filter(Affine::is_plain) else {
                break;
            };
            let nearer = within(&pairs, &better, 6.0);
            if nearer.len() < AFFINE_LEAST {
                break;
            }
            (place, found) = (better, nearer);
        }
    }
    (found.len() >= LEAST && place.is_plain()).then(|| Agreement {
        points: u32::try_from(found.len()).unwrap_or(u32::MAX),
        place,
        about: about(&found),
    })
}

fn about(pairs: &[Pair]) -> [(f64, f64); 2] {
    let span = |of: fn(&Pair) -> f64| {
        pairs
            .iter()
            .map(of)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), at| {
                (least.min(at), most.max(at))
            })
    };
    [span(|pair| pair.registered.0), span(|pair| pair.registered.1)]
}

const LEAST: usize = 3;
/// Six numbers of an affine map want more pairs than the four of a similarity.
const AFFINE_LEAST: usize = 8;

fn pairs(registered: &[LocalPoint], seen: &[LocalPoint]) -> Vec<Pair> {
    // For each point of the registered picture the nearest that chose it.
    let mut chosen: Vec<Option<(u32, &LocalPoint)>> = vec![None; registered.len()];
    for point in seen {
        let (mut best, mut second, mut at) = (u32::MAX, u32::MAX, 0);
        for (number, other) in registered.iter().enumerate() {
            let distance = point.distance_bits(other);
            if distance < best {
                (second, best, at) = (best, distance, number);
            } else if distance < second {
                second = distance;
            }
        }
        if best > DISTANCE_MAX || second < best + MARGIN {
            continue;
        }
        if let Some(place) = chosen.get_mut(at)
            && place.is_none_or(|(distance, _)| best < distance)
        {
            *place = Some((best, point));
        }
    }
    let at = |point: &LocalPoint| (f64::from(point.x) / 16.0, f64::from(point.y) / 16.0);
    let pair = |(here, other): (&LocalPoint, Option<(u32, &LocalPoint)>)| {
        let (_, point) = other?;
        Some(Pair {
            registered: at(here),
            seen: at(point),
            growth: i32::from(point.size) - i32::from(here.size),
            turn: point.turn.wrapping_sub(here.turn),
        })
    };
    registered.iter().zip(chosen).filter_map(pair).collect()
}

/// The pairs that lie where one pair, taken for the truth, would put them.
fn agreeing(pairs: &[Pair], truth: &Pair) -> Vec<Pair> {
    let scale = libm::exp2(f64::from(truth.growth) / 16.0);
    let (sine, cosine) = libm::sincos(f64::from(truth.turn) * std::f64::consts::TAU / 256.0);
    let agrees = |pair: &&Pair| {
        let turned = pair.turn.wrapping_sub(truth.turn);
        if (pair.growth - truth.growth).abs() > 10 || turned.min(turned.wrapping_neg()) > 20 {
            return false;
        }
        let (x, y) = (
            (pair.registered.0 - truth.registered.0) * scale,
            (pair.registered.1 - truth.registered.1) * scale,
        );
        let (right, below) = (
            truth.seen.0 + x * cosine - y * sine - pair.seen.0,
            truth.seen.1 + x * sine + y * cosine - pair.seen.1,
        );
        let reach = 8.0 + 0.15 * (x * x + y * y).sqrt();
        right * right + below * below <= reach * reach
    };
    pairs.iter().filter(agrees).copied().collect()
}

fn within(pairs: &[Pair], place: &Affine, tolerance: f64) -> Vec<Pair> {
    let near = |pair: &&Pair| {
        let (x, y) = place.of(pair.registered);
        let (right, below) = (x - pair.seen.0, y - pair.seen.1);
        right * right + below * below <= tolerance * tolerance
    };
    pairs.iter().filter(near).copied().collect()
}

/// The least-squares similarity.
fn similarity(pairs: &[Pair]) -> Option<Affine> {
    let (from, to) = (
        mean(pairs, |pair| pair.registered)?,
        mean(pairs, |pair| pair.seen)?,
    );
    let (mut square, mut along, mut across) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (x, y) = (pair.registered.0 - from.0, pair.registered.1 - from.1);
        let (u, v) = (pair.seen.0 - to.0, pair.seen.1 - to.1);
        square += x * x + y * y;
        along += x * u + y * v;
        across += x * v - y * u;
    }
    if square <= 0.0 {
        return None;
    }
    let (a, b) = (along / square, across / square);
    Some(Affine {
        across: [a, -b, to.0 - a * from.0 + b * from.1],
        down: [b, a, to.1 - b * from.0 - a * from.1],
    })
}

/// The least-squares affine map; `None` when all pairs lie on a line.
fn affine(pairs: &[Pair]) -> Option<Affine> {
    let (from, to) = (
        mean(pairs, |pair| pair.registered)?,
        mean(pairs, |pair| pair.seen)?,
    );
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    let (mut xu, mut yu, mut xv, mut yv) = (0.0, 0.0, 0.0, 0.0);
    for pair in pairs {
        let (x, y) = (pair.registered.0 - from.0, pair.registered.1 - from.1);
        let (u, v) = (pair.seen.0 - to.0, pair.seen.1 - to.1);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        (xu, yu, xv, yv) = (xu + x * u, yu + y * u, xv + x * v, yv + y * v);
    }
    let determinant = xx * yy - xy * xy;
    if determinant <= 1e-3 * (xx + yy) * (xx + yy) {
        return None;
    }
    let solve = |p: f64, q: f64| ((p * yy - q * xy) / determinant, (q * xx - p * xy) / determinant);
    let ((a, b), (d, e)) = (solve(xu, yu), solve(xv, yv));
    Some(Affine {
        across: [a, b, to.0 - a * from.0 - b * from.1],
        down: [d, e, to.1 - d * from.0 - e * from.1],
    })
}

fn mean(pairs: &[Pair], place: impl Fn(&Pair) -> (f64, f64)) -> Option<(f64, f64)> {
    let count = f64::from(u32::try_from(pairs.len()).ok().filter(|count| *count > 0)?);
    let sum = pairs
        .iter()
        .map(place)
        .fold((0.0, 0.0), |(x, y), (u, v)| (x + u, y + v));
    Some((sum.0 / count, sum.1 / count))
}
