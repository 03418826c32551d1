//! What the components of a JPEG mean, and the small pictures made of their planes.

use super::header::{Frame, Settings};
use super::{Plane, Scan};
use crate::asset::raster::{self, Raster};

/// The colour model, by what the file says (JFIF, Adobe APP14) or, where it says nothing, by its component ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    /// 255 means no ink, as Adobe writes.
    CmykInverted,
    YcckInverted,
}

impl Colour {
    pub(super) fn of(frame: &Frame, settings: &Settings) -> Self {
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        match (ids.as_slice(), settings.adobe) {
            ([_], _) => Self::Grey,
            ([_, _, _], Some(0)) => Self::Rgb,
            ([b'R', b'G', b'B'], None) if !settings.jfif => Self::Rgb,
            ([_, _, _], _) => Self::YCbCr,
            (_, Some(2)) => Self::YcckInverted,
            (_, Some(_)) => Self::CmykInverted,
            (_, None) => Self::Cmyk,
        }
    }

    /// The number in the pixel digest.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Grey => 0,
            Self::YCbCr => 1,
            Self::Rgb => 2,
            Self::Cmyk => 3,
            Self::CmykInverted => 4,
            Self::YcckInverted => 5,
        }
    }

    /// Whether the first component is the luma of the picture.
    pub(super) const fn luma_alone(self) -> bool {
        matches!(self, Self::Grey | Self::YCbCr)
    }

    /// One pixel of the components, of which a grey picture has one and others ignore the fourth.
    fn rgb(self, [a, b, c, k]: [u8; 4]) -> [u8; 3] {
        match self {
            Self::Grey => [a, a, a],
            Self::YCbCr => ycc(a, b, c),
            Self::Rgb => [a, b, c],
            Self::Cmyk => [a, b, c].map(|ink| product(255 - ink, 255 - k)),
            Self::CmykInverted => [a, b, c].map(|light| product(light, k)),
            Self::YcckInverted => ycc(a, b, c).map(|ink| product(255 - ink, k)),
        }
    }
}

/// JFIF 1.02 section 3, in 16-bit fixed point.
///
/// Every sum stays below 2^26, so nothing wraps; saying so lets the compiler work on many pixels at once.
fn ycc(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let y = (i32::from(y) << 16) | (1 << 15);
    let (cb, cr) = (i32::from(cb).wrapping_sub(128), i32::from(cr).wrapping_sub(128));
    let byte = |sum: i32| (sum >> 16).clamp(0, 255).to_le_bytes()[0];
    let (red, blue) = (cr.wrapping_mul(91_881), cb.wrapping_mul(116_130));
    let green = cb.wrapping_mul(22_554).wrapping_add(cr.wrapping_mul(46_802));
    [
        byte(y.wrapping_add(red)),
        byte(y.wrapping_sub(green)),
        byte(y.wrapping_add(blue)),
    ]
}

/// The product of two lights in 0..=255, rounded.
fn product(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255).to_le_bytes()[0]
}

impl Scan {
    /// The luma at the given size.
    pub(in crate::asset) fn luma(&self, size: (u32, u32)) -> Option<Raster> {
        let first = self.planes.first()?.cropped()?;
        if self.colour.luma_alone() {
            return raster::resize(&first, size);
        }
        let colour = self.preview((first.width, first.height), None)?;
        raster::resize(&raster::luma_of_rgb(&colour), size)
    }

    /// The picture in colour at the given size; `luma` is what [`Scan::luma`] gave for the same size, if it was asked.
    pub(in crate::asset) fn preview(
        &self,
        (width, height): (u32, u32),
        luma: Option<&Raster>,
    ) -> Option<Raster> {
        let luma =
            luma.filter(|luma| self.colour.luma_alone() && (luma.width, luma.height) == (width, height));
        let mut planes = Vec::with_capacity(4);
        for (index, plane) in self.planes.iter().enumerate() {
            planes.push(match luma.filter(|_| index == 0) {
                Some(luma) => luma.samples.clone(),
                None => raster::resize(&plane.cropped()?, (width, height))?.samples,
            });
        }
        let count = raster::index(width) * raster::index(height);
        let mut samples = Vec::with_capacity(3 * count);
        match planes.as_slice() {
            [a] => samples.extend(a.iter().flat_map(|a| [*a, *a, *a])),
            [y, cb, cr] if self.colour == Colour::YCbCr => {
                samples.resize(3 * count, 0);
                let (pixels, _) = samples.as_chunks_mut::<3>();
                for (pixel, ((y, cb), cr)) in pixels.iter_mut().zip(y.iter().zip(cb).zip(cr)) {
                    *pixel = ycc(*y, *cb, *cr);
                }
            }
            [a, b, c] => {
                for ((a, b), c) in a.iter().zip(b).zip(c) {
                    samples.extend(self.colour.rgb([*a, *b, *c, 0]));
                }
            }
            [a, b, c, k] => {
                for (((a, b), c), k) in a.iter().zip(b).zip(c).zip(k) {
                    samples.extend(self.colour.rgb([*a, *b, *c, *k]));
                }
            }
            _ => return None,
        }
        Some(Raster {
            width,
            height,
            channels: 3,
            samples,
        })
    }
}

impl Plane {
    /// The plane without what only fills up its blocks.
    fn cropped(&self) -> Option<Raster> {
        let (width, height) = (u32::try_from(self.width).ok()?, u32::try_from(self.height).ok()?);
        let mut samples = Vec::with_capacity(self.width * self.height);
        for row in self.samples.chunks(self.stride).take(self.height) {
            samples.extend_from_slice(row.get(..self.width)?);
        }
        Some(Raster {
            width,
            height,
            channels: 1,
            samples,
        })
    }
}
