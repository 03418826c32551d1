//! The segments of a JPEG up to and between its scans (ITU-T T.81 annex B).

use super::ScanError;
use super::huffman::Definition;
use crate::base::limits::{PIXELS_MAX, SIDE_MAX};

/// What SOF says.
pub(super) struct Frame {
    pub(super) progressive: bool,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: Vec<Component>,
    /// Greatest horizontal and vertical sampling factor.
    pub(super) factors: (u8, u8),
}

/// One component of SOF.
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) horizontal: u8,
    pub(super) vertical: u8,
    pub(super) table: u8,
}

/// What SOS says.
pub(super) struct ScanHeader {
    pub(super) parts: Vec<Part>,
    /// First and last coefficient of the zigzag.
    pub(super) band: (u8, u8),
    /// Successive approximation: bit position before (0 for the first pass) and now.
    pub(super) approximation: (u8, u8),
}

/// One component of SOS.
pub(super) struct Part {
    /// Index into the components of the frame.
    pub(super) component: usize,
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// Tables and settings as the segments read so far leave them.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) quant: [Option<Box<[u16; 64]>>; 4],
    pub(super) dc: [Option<Definition>; 4],
    pub(super) ac: [Option<Definition>; 4],
    pub(super) restart_interval: u16,
    /// The colour transform of an Adobe APP14 segment.
    pub(super) adobe: Option<u8>,
    pub(super) jfif: bool,
}

/// The place of the next marker from `at` on: its code and where its parameters begin.
pub(super) fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match bytes.get(at + 1)? {
            0 => at += 2,
            0xff => at += 1,
            code => return Some((*code, at + 2)),
        }
    }
}

/// The parameters of the segment at `at` and where the next begins.
pub(super) fn segment(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let end = at.checked_add(length)?;
    Some((bytes.get(at + 2..end)?, end))
}

impl Settings {
    /// Takes a DQT, DHT, DRI, APP0 or APP14 segment; others mean nothing to pixels.
    pub(super) fn take(&mut self, code: u8, body: &[u8]) -> Result<(), ScanError> {
        match code {
            0xdb => self
                .quantisation(body)
                .ok_or(ScanError::Damaged("quantisation table")),
            0xc4 => self.huffman(body).ok_or(ScanError::Damaged("Huffman table")),
            0xdd => {
                let [high, low, ..] = *body else {
                    return Err(ScanError::Damaged("restart interval"));
                };
                self.restart_interval = u16::from_be_bytes([high, low]);
                Ok(())
            }
            0xe0 => {
                self.jfif |= body.starts_with(b"JFIF\0");
                Ok(())
            }
            0xee => {
                if body.starts_with(b"Adobe") {
                    self.adobe = body.get(11).copied();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Option<()> {
        while let [head, rest @ ..] = body {
            let mut table = Box::new([0u16; 64]);
            if head >> 4 == 0 {
                let values = rest.first_chunk::<64>()?;
                *table = values.map(u16::from);
                body = &rest[64..];
            } else {
                let values = rest.first_chunk::<128>()?.as_chunks::<2>().0;
                for (step, value) in table.iter_mut().zip(values) {
                    *step = u16::from_be_bytes(*value);
                }
                body = &rest[128..];
            }
            *self.quant.get_mut(usize::from(head & 15))? = Some(table);
        }
        Some(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Option<()> {
        while let [head, rest @ ..] = body {
            let counts = *rest.first_chunk::<16>()?;
            let total = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
            let symbols = rest
                .get(16..16 + total)
                .filter(|symbols| symbols.len() <= 256)?
                .to_vec();
            let tables = if head >> 4 == 0 {
                &mut self.dc
            } else {
                &mut self.ac
            };
            *tables.get_mut(usize::from(head & 15))? = Some(Definition { counts, symbols });
            body = &rest[16 + total..];
        }
        Some(())
    }
}

impl Frame {
    /// Reads SOF0, SOF1 or SOF2; nothing is allocated for a picture beyond the limits.
    pub(super) fn parse(code: u8, body: &[u8]) -> Result<Self, ScanError> {
        let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = body else {
            return Err(ScanError::Damaged("frame header"));
        };
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        // Height 0 announces DNL behind the first scan, which no known encoder writes.
        if precision != 8 || height == 0 || !matches!(count, 1 | 3 | 4) {
            return Err(ScanError::Unsupported);
        }
        if width == 0 || rest.len() < usize::from(count) * 3 {
            return Err(ScanError::Damaged("frame header"));
        }
        if u64::from(width) * u64::from(height) > PIXELS_MAX || u32::from(width.max(height)) > SIDE_MAX {
            return Err(ScanError::TooLarge {
                width: u32::from(width),
                height: u32::from(height),
                limit_pixels: PIXELS_MAX,
            });
        }
        let mut components = Vec::with_capacity(4);
        for &[id, factors, table] in rest.as_chunks::<3>().0.iter().take(usize::from(count)) {
            // A single component is coded block by block whatever its factors say (T.81 A.2.2).
            let (horizontal, vertical) = if count == 1 {
                (1, 1)
            } else {
                (factors >> 4, factors & 15)
            };
            if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) || table > 3 {
                return Err(ScanError::Damaged("frame header"));
            }
            components.push(Component {
                id,
                horizontal,
                vertical,
                table,
            });
        }
        let most = |of: fn(&Component) -> u8| components.iter().map(of).max().unwrap_or(1);
        let factors = (
            most(|component| component.horizontal),
            most(|component| component.vertical),
        );
        Ok(Self {
            progressive: code == 0xc2,
            width,
            height,
            components,
            factors,
        })
    }

    /// The frame, unless it is progressive and its coefficients, two bytes each, would take more than `budget` bytes.
    pub(super) fn within(self, budget: u64) -> Result<Self, ScanError> {
        let (wide, high) = self.mcus();
        let of_mcu = |component: &Component| 128 * usize::from(component.horizontal * component.vertical);
        let needed = wide * high * self.components.iter().map(of_mcu).sum::<usize>();
        let pixels = u64::from(self.width) * u64::from(self.height);
        match u64::try_from(needed).unwrap_or(u64::MAX) {
            needed if self.progressive && needed > budget => Err(ScanError::TooLarge {
                width: u32::from(self.width),
                height: u32::from(self.height),
                limit_pixels: budget / needed.div_ceil(pixels.max(1)),
            }),
            _ => Ok(self),
        }
    }

    /// Samples of a component, at full size.
    pub(super) fn samples_of(&self, component: &Component) -> (usize, usize) {
        let share = |side: u16, factor: u8, most: u8| {
            (usize::from(side) * usize::from(factor)).div_ceil(usize::from(most))
        };
        (
            share(self.width, component.horizontal, self.factors.0),
            share(self.height, component.vertical, self.factors.1),
        )
    }

    /// Blocks of a component, without those that only fill up MCUs.
    pub(super) fn blocks_of(&self, component: &Component) -> (usize, usize) {
        let (width, height) = self.samples_of(component);
        (width.div_ceil(8), height.div_ceil(8))
    }

    /// MCUs of an interleaved scan.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let count = |side: u16, factor: u8| usize::from(side).div_ceil(8 * usize::from(factor));
        (
            count(self.width, self.factors.0),
            count(self.height, self.factors.1),
        )
    }
}

impl ScanHeader {
    /// Reads SOS against the frame.
    pub(super) fn parse(body: &[u8], frame: &Frame) -> Result<Self, ScanError> {
        let damaged = ScanError::Damaged("scan header");
        let [count, rest @ ..] = body else {
            return Err(damaged);
        };
        let count = usize::from(*count);
        let (Some(selectors), Some(&[from, to, bits])) = (
            rest.get(..count * 2),
            rest.get(count * 2..).and_then(<[u8]>::first_chunk::<3>),
        ) else {
            return Err(damaged);
        };
        let mut parts = Vec::with_capacity(4);
        for &[id, tables] in selectors.as_chunks::<2>().0 {
            let component = frame.components.iter().position(|component| component.id == id);
            let Some(component) = component else {
                return Err(damaged);
            };
            let twice = parts.iter().any(|part: &Part| part.component == component);
            if twice || tables & 15 > 3 || tables >> 4 > 3 {
                return Err(damaged);
            }
            parts.push(Part {
                component,
                dc: usize::from(tables >> 4),
                ac: usize::from(tables & 15),
            });
        }
        if parts.is_empty() {
            return Err(damaged);
        }
        Ok(Self {
            parts,
            band: (from, to),
            approximation: (bits >> 4, bits & 15),
        })
    }
}
