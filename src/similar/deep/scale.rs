//! One picture at many scales: blurred step by step, halved at every octave.
//!
//! Only `+ - * /` of f32, in one order, and the exponentials of `libm`: the same values on every machine with IEEE arithmetic.

use crate::asset::pixels::Luma;

/// Grey values, rows from the top.
#[derive(Clone)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

/// Blurred copies of one size, each `2^(1/3)` wider than the one before.
pub(super) struct Octave {
    /// Pixels of the canonical luma in one of these.
    pub(super) step: f32,
    pub(super) levels: Vec<Plane>,
}

/// Scales between an octave and the next.
pub(super) const SCALES: usize = 3;
/// Blur of the first level of an octave, pixels.
pub(super) const SIGMA: f32 = 1.6;
/// What the camera or the resampling left.
const SIGMA_BEFORE: f32 = 0.5;
/// Octaves end where a side has fewer pixels than this.
const SIDE_MIN: usize = 16;
const OCTAVES_MAX: usize = 5;

/// The octaves of a picture, finest first.
pub(super) fn octaves(luma: &Luma) -> Vec<Octave> {
    let Some(base) = plane(luma) else {
        return Vec::new();
    };
    let mut step = 1.0;
    let mut found = Vec::new();
    let mut kernels = Vec::new();
    let mut sigma = SIGMA;
    let third = libm::exp2f(1.0 / 3.0);
    for _ in 0..SCALES + 2 {
        let next = sigma * third;
        kernels.push(kernel((next * next - sigma * sigma).sqrt()));
        sigma = next;
    }
    let mut first = blurred(
        &base,
        &kernel((SIGMA * SIGMA - SIGMA_BEFORE * SIGMA_BEFORE).sqrt()),
    );
    while found.len() < OCTAVES_MAX && first.width.min(first.height) >= SIDE_MIN {
        let mut levels = vec![first];
        for kernel in &kernels {
            if let Some(last) = levels.last() {
                levels.push(blurred(last, kernel));
            }
        }
        let Some(double) = levels.get(SCALES) else { break };
        first = every_second(double);
        found.push(Octave { step, levels });
        step *= 2.0;
    }
    found
}

fn plane(luma: &Luma) -> Option<Plane> {
    let (width, height) = (
        usize::try_from(luma.width).ok()?,
        usize::try_from(luma.height).ok()?,
    );
    (width.checked_mul(height)? == luma.samples.len()).then(|| Plane {
        width,
        height,
        values: luma.samples.iter().map(|sample| f32::from(*sample)).collect(),
    })
}

/// Every second pixel of every second row: what is blurred that far has no more to say.
fn every_second(plane: &Plane) -> Plane {
    let (width, height) = (plane.width / 2, plane.height / 2);
    let rows = plane
        .values
        .chunks_exact(plane.width.max(1))
        .step_by(2)
        .take(height);
    Plane {
        width,
        height,
        values: rows
            .flat_map(|row| row.iter().step_by(2).take(width).copied())
            .collect(),
    }
}

/// The middle and one side of a Gaussian, summing to one over both sides.
fn kernel(sigma: f32) -> Vec<f32> {
    let mut half = vec![1.0f32];
    let mut sum = 1.0;
    let mut at = 1.0;
    while at <= sigma * 3.0 {
        let value = libm::expf(-at * at / (2.0 * sigma * sigma));
        half.push(value);
        sum += 2.0 * value;
        at += 1.0;
    }
    half.iter().map(|value| value / sum).collect()
}

/// Blurred in both directions; beyond an edge stands the pixel at the edge.
fn blurred(from: &Plane, kernel: &[f32]) -> Plane {
    let (width, height, reach) = (from.width, from.height, kernel.len() - 1);
    let mut padded = vec![0.0f32; width + 2 * reach];
    let mut across = vec![0.0f32; width * height];
    for (row, out) in from
        .values
        .chunks_exact(width)
        .zip(across.chunks_exact_mut(width))
    {
        padded[reach..reach + width].copy_from_slice(row);
        padded[..reach].fill(row[0]);
        padded[reach + width..].fill(row[width - 1]);
        weigh(out, kernel, |offset| {
            (
                &padded[reach - offset..][..width],
                &padded[reach + offset..][..width],
            )
        });
    }
    let mut values = vec![0.0f32; width * height];
    let row = |y: usize| &across[y * width..][..width];
    for (y, out) in values.chunks_exact_mut(width).enumerate() {
        weigh(out, kernel, |offset| {
            (row(y.saturating_sub(offset)), row((y + offset).min(height - 1)))
        });
    }
    Plane {
        width,
        height,
        values,
    }
}

/// The weighted sum of lines at both sides of a middle one.
fn weigh<'a>(out: &mut [f32], kernel: &[f32], lines: impl Fn(usize) -> (&'a [f32], &'a [f32])) {
    for (value, middle) in out.iter_mut().zip(lines(0).0) {
        *value = middle * kernel[0];
    }
    for (offset, weight) in kernel.iter().enumerate().skip(1) {
        let (one, other) = lines(offset);
        for ((value, a), b) in out.iter_mut().zip(one).zip(other) {
            *value += (a + b) * weight;
        }
    }
}
