//! Progressive scans: each brings a band of coefficients, or one more bit of them (ITU-T T.81 annex G).

use super::State;
use super::bits::Bits;
use super::header::{Part, ScanHeader, Settings};
use super::huffman::{Kind, Table};

/// Decodes one scan; `None` when its data ends early or makes no sense. What was decoded stays.
pub(super) fn decode(
    state: &mut State,
    header: &ScanHeader,
    settings: &Settings,
    bits: &mut Bits,
) -> Option<()> {
    let (from, to) = header.band;
    let (high, low) = header.approximation;
    if from > to || to > 63 || low > 13 || (high > 0 && high != low + 1) || (from == 0 && to != 0) {
        return None;
    }
    match (from, header.parts.as_slice()) {
        (0, parts) => dc_scan(state, parts, settings, bits, (high == 0, low)),
        (_, [part]) => {
            let table = Table::new(settings.ac[part.ac].as_ref()?, Kind::Bare)?;
            let band = Band {
                table,
                from: usize::from(from),
                to: usize::from(to),
                low: u32::from(low),
                run: 0,
            };
            ac_scan(state, part, band, bits, (high == 0, settings.restart_interval))
        }
        _ => None,
    }
}

/// Counts down to restart markers.
struct Restarts {
    interval: usize,
    left: usize,
}

impl Restarts {
    fn new(interval: u16) -> Self {
        Self {
            interval: usize::from(interval),
            left: usize::from(interval),
        }
    }

    /// Before each MCU: `Some(true)` when an interval begins here, `None` when its marker is missing.
    fn step(&mut self, bits: &mut Bits) -> Option<bool> {
        if self.interval == 0 {
            return Some(false);
        }
        let due = self.left == 0;
        if due {
            if !bits.restart() {
                return None;
            }
            self.left = self.interval;
        }
        self.left -= 1;
        Some(due)
    }
}

fn dc_scan(
    state: &mut State,
    parts: &[Part],
    settings: &Settings,
    bits: &mut Bits,
    (first, low): (bool, u8),
) -> Option<()> {
    let mut lanes = Vec::with_capacity(4);
    for part in parts {
        let component = &state.frame.components[part.component];
        let table = match (first, &settings.dc[part.dc]) {
            (true, definition) => Some(Table::new(definition.as_ref()?, Kind::Bare)?),
            (false, _) => None,
        };
        let size = if parts.len() == 1 {
            (1, 1)
        } else {
            (component.horizontal, component.vertical)
        };
        lanes.push((
            part.component,
            table,
            0i32,
            (usize::from(size.0), usize::from(size.1)),
        ));
    }
    let mcus = match parts {
        [part] => state.frame.blocks_of(&state.frame.components[part.component]),
        _ => state.frame.mcus(),
    };
    let mut restarts = Restarts::new(settings.restart_interval);
    for y in 0..mcus.1 {
        for x in 0..mcus.0 {
            if restarts.step(bits)? {
                for lane in &mut lanes {
                    lane.2 = 0;
                }
            }
            for (slot, table, prediction, (across, down)) in &mut lanes {
                let slot = state.slots[*slot].as_mut()?;
                for place in 0..*across * *down {
                    let (column, row) = (x * *across + place % *across, y * *down + place / *across);
                    let block = slot.stored.get_mut(row * slot.stored_wide + column)?;
                    match table {
                        Some(table) => block[0] = first_dc(bits, table, prediction, low)?,
                        None => block[0] |= i16::from(bits.bit()) << low,
                    }
                }
            }
        }
        if bits.overrun() {
            return None;
        }
    }
    Some(())
}

fn first_dc(bits: &mut Bits, table: &Table, prediction: &mut i32, low: u8) -> Option<i16> {
    bits.fill();
    let size = table.symbol(bits).filter(|size| *size <= 15)?;
    *prediction += bits.signed(u32::from(size));
    i16::try_from(i64::from(*prediction) << low).ok()
}

/// An AC scan: its table, its coefficients, its bit, and how many blocks are still to have nothing.
struct Band {
    table: Table,
    from: usize,
    to: usize,
    low: u32,
    run: u32,
}

fn ac_scan(
    state: &mut State,
    part: &Part,
    mut band: Band,
    bits: &mut Bits,
    (first, interval): (bool, u16),
) -> Option<()> {
    let (wide, high) = state.frame.blocks_of(&state.frame.components[part.component]);
    let slot = state.slots[part.component].as_mut()?;
    let stride = slot.stored_wide;
    let mut restarts = Restarts::new(interval);
    for row in slot.stored.chunks_exact_mut(stride.max(1)).take(high) {
        for block in row.iter_mut().take(wide) {
            if restarts.step(bits)? {
                band.run = 0;
            }
            let mut local = *bits;
            if first {
                band.first(&mut local, block)?;
            } else {
                band.refine(&mut local, block)?;
            }
            *bits = local;
        }
        if bits.overrun() {
            return None;
        }
    }
    Some(())
}

impl Band {
    /// T.81 G.1.2.2.
    #[inline]
    fn first(&mut self, bits: &mut Bits, block: &mut [i16; 64]) -> Option<()> {
        if self.run > 0 {
            self.run -= 1;
            return Some(());
        }
        let mut k = self.from;
        while k <= self.to {
            bits.fill();
            let symbol = self.table.symbol(bits)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size > 0 {
                k += run;
                let value = i64::from(bits.signed(size)) << self.low;
                *block.get_mut(k).filter(|_| k <= self.to)? = i16::try_from(value).ok()?;
                k += 1;
            } else if run == 15 {
                k += 16;
            } else {
                self.run = Self::end_of_band(bits, symbol >> 4)? - 1;
                break;
            }
        }
        Some(())
    }

    /// How many blocks, this one included, have nothing more.
    fn end_of_band(bits: &mut Bits, size: u8) -> Option<u32> {
        bits.fill();
        let more = u32::try_from(bits.take(u32::from(size))).ok()?;
        Some((1u32 << size) + more)
    }

    /// T.81 G.1.2.3: one more bit for what is not 0 yet, and what becomes not 0 now.
    #[inline]
    fn refine(&mut self, bits: &mut Bits, block: &mut [i16; 64]) -> Option<()> {
        let mut k = self.from;
        if self.run == 0 {
            while k <= self.to {
                bits.fill();
                let symbol = self.table.symbol(bits)?;
                let (mut zeros, size) = (symbol >> 4, symbol & 15);
                let fresh = match size {
                    0 if zeros < 15 => {
                        self.run = Self::end_of_band(bits, zeros)?;
                        break;
                    }
                    0 => 0,
                    1 => (if bits.bit() { 1i16 } else { -1 }) << self.low,
                    _ => return None,
                };
                while k <= self.to {
                    let value = &mut block[k];
                    if *value != 0 {
                        self.more(bits, value)?;
                    } else if zeros == 0 {
                        *value = fresh;
                        k += 1;
                        break;
                    } else {
                        zeros -= 1;
                    }
                    k += 1;
                }
            }
        }
        if self.run > 0 {
            for value in block[k..=self.to].iter_mut().filter(|value| **value != 0) {
                self.more(bits, value)?;
            }
            self.run -= 1;
        }
        Some(())
    }

    fn more(&self, bits: &mut Bits, value: &mut i16) -> Option<()> {
        if bits.bit() {
            let step = 1i16 << self.low;
            *value = value.checked_add(if *value < 0 { -step } else { step })?;
        }
        Some(())
    }
}
