//! A comparison as a picture: the newer one in grey, what differs in red, the parts in frames.

use super::{Comparison, HIGH, SIDE};
use crate::asset::pixels::Rgb8;
use crate::asset::raster::{self, Raster};

/// Longest side of a heat map, pixels.
const LONGEST: u32 = 512;

/// The heat map: where cells differ by [`HIGH`] or more red is full, parts that count as changed stand in a frame.
#[must_use]
pub fn heat_map(now: &Rgb8, comparison: &Comparison) -> Option<Rgb8> {
    let size = raster::fit_to(now.width, now.height, LONGEST);
    let stored = Raster {
        width: now.width,
        height: now.height,
        channels: 3,
        samples: now.samples.clone(),
    };
    let shown = raster::resize(&stored, size)?;
    let (width, height) = (raster::index(size.0), raster::index(size.1));
    let mut samples = Vec::with_capacity(shown.samples.len());
    for (place, &[r, g, b]) in shown.samples.as_chunks::<3>().0.iter().enumerate() {
        let (x, y) = (place % width, place / width);
        let cell = y * SIDE / height * SIDE + x * SIDE / width;
        let heat = comparison.differences.get(cell).copied().unwrap_or(0);
        let is_changed = comparison.changed.get(cell).copied().unwrap_or(false);
        let grey = raster::luma(r, g, b) / 2 + 64;
        samples.extend(coloured(grey, heat, is_changed));
    }
    let mut made = Rgb8 {
        width: size.0,
        height: size.1,
        samples,
    };
    for region in &comparison.regions {
        let left = region.x * width / SIDE;
        let top = region.y * height / SIDE;
        let right = ((region.x + region.width) * width).div_ceil(SIDE).min(width);
        let bottom = ((region.y + region.height) * height).div_ceil(SIDE).min(height);
        frame(&mut made, width, (left, top), (right, bottom));
    }
    Some(made)
}

/// Grey under red: as much as the cell differs, and at least half where it counts as changed.
fn coloured(grey: u8, heat: u8, is_changed: bool) -> [u8; 3] {
    let full = super::whole(HIGH);
    let heat = usize::from(heat).min(full) * 200 / full;
    let heat = if is_changed { heat.max(100) } else { heat / 2 };
    let mix = |from: u8, to: usize| {
        let mixed = (usize::from(from) * (255 - heat) + to * heat) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    [mix(grey, 255), mix(grey, 24), mix(grey, 24)]
}

fn frame(picture: &mut Rgb8, width: usize, (left, top): (usize, usize), (right, bottom): (usize, usize)) {
    for y in top..bottom {
        for x in left..right {
            let edge = x < left + 2 || y < top + 2 || x + 2 >= right || y + 2 >= bottom;
            let at = 3 * (y * width + x);
            if let Some(pixel) = picture.samples.get_mut(at..at + 3).filter(|_| edge) {
                pixel.copy_from_slice(&[255, 230, 0]);
            }
        }
    }
}
